"""The questionnaires: every answer kept as it was given, counted, never turned into a score; doubts said."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import yaml

import gbf_workbench as gbf
from gbf_workbench.catalogue.edition import load_edition
from gbf_workbench.doors.batch import run
from gbf_workbench.indicators.questionnaire import questionnaire
from gbf_workbench.locales import PACKAGE, label
from gbf_workbench.reporting.agreement import disagreements
from gbf_workbench.results import COLUMNS

SAMPLE = Path(__file__).resolve().parent.parent / "data_samples" / "aruvia"
QUESTIONS = yaml.safe_load((PACKAGE / "catalogue/editions/16-31/questions.yml").read_text(encoding="utf-8"))
CODES = sorted(QUESTIONS["questionnaires"])


@pytest.fixture
def answered(tmp_path: Path):
    """Makes a country folder from answers by question."""

    def make(answers: dict[str, str], country: str = "reporting_year: 2024\n") -> Path:
        own = tmp_path / "questionnaires"
        own.mkdir(exist_ok=True)
        (tmp_path / "country.yml").write_text(f"format: 1\ncode: XAR\nname: {{en: X}}\n{country}", encoding="utf-8")
        with (own / "questionnaire_answers.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["question", "version", "answer", "evidence"])
            writer.writerows([question, "16-31", answer, "Act 1"] for question, answer in answers.items())
        return tmp_path

    return make


def vector(data: pd.DataFrame, question: str) -> dict[str, float]:
    rows = data[data["disaggregation_type"] == f"Question, {question}"]
    return dict(zip(rows["disaggregation"], rows["value"], strict=True))


@pytest.mark.parametrize("code", CODES)
def test_the_answers_of_the_sample_come_back_one_by_one_and_counted(code: str):
    with (SAMPLE / "questionnaires" / "questionnaire_answers.csv").open(encoding="utf-8", newline="") as file:
        given = {row["question"]: row["answer"].split("; ") for row in csv.DictReader(file) if row["indicator"] == code}
    data = gbf.compute(code, SAMPLE).data
    asked = {one["number"]: one for one in QUESTIONS["questionnaires"][code]["questions"] if one["type"] != "text"}
    single = [n for n in given if n in asked and set(asked[n]["options"]) <= {"no", "underDevelopment", "partially",
              "fully", "yes", "notApplicable"}]  # fmt: skip
    counts = Counter(given[number][0] for number in single)
    ours = data[data["disaggregation_type"] == "Answer"]
    assert {k: v for k, v in zip(ours["disaggregation"], ours["value"], strict=True) if v} == counts
    for number in set(given) & set(asked):
        chosen = {option for option, value in vector(data, number).items() if value == 1}
        assert chosen == set(given[number]) - {"unknown"}


def test_several_answers_are_each_one_and_the_others_zero(answered):
    data = gbf.compute("5.b", answered({"5.1": "For terrestrial species; For marine species"})).data
    assert vector(data, "5.1") == {
        "terrestrialSpecies": 1, "freshwaterSpecies": 0, "marineSpecies": 1, "internationalTrade": 0, "none": 0,
    }  # fmt: skip


def test_an_answer_nobody_knows_is_no_no(answered):
    result = gbf.compute("6.b", answered({"6.1": "fully", "6.2": "Not known", "6.3": "no"}))
    newest = result.latest
    assert (newest["value"], newest["n"]) == (2, 3)
    assert all(value != value for value in vector(result.data, "6.2").values())
    counts = result.data[result.data["disaggregation_type"] == "Answer"].set_index("disaggregation")["value"]
    assert counts[["no", "unknown", "fully", "partially"]].tolist() == [1, 1, 1, 0]
    assert "indicators.questionnaire.notes.not_known" in {issue.key for issue in result.issues}


def test_a_question_that_another_answer_closes_is_not_applicable_and_counts_nowhere(answered):
    answers = {"1": "yes", "1.1(a)": "no", "1.1(b)": "no", "1.1(c)": "unknown", "1.2": "none"}
    result = gbf.compute("1.b", answered(answers))
    closed = result.data[result.data["disaggregation_type"].isin(["Question, 1.1(c)", "Question, 1.2"])]
    assert set(closed["value_status"]) == {"not_applicable"}
    assert (result.latest["value"], result.latest["n"]) == (3, 3)


def test_without_a_year_the_answers_are_refused_with_the_word_that_is_missing(answered):
    with pytest.raises(gbf.WorkbenchError) as refused:
        gbf.compute("6.b", answered({"6.1": "fully", "6.2": "no", "6.3": "no"}, country=""))
    [issue] = refused.value.issues
    assert issue.key == "indicators.questionnaire.notes.no_year"
    assert "reporting_year" in issue.remedy()


def test_the_order_of_rows_changes_neither_recipe_nor_numbers(answered):
    answers = {"6.1": "fully", "6.2": "no", "6.3": "partially"}
    one = gbf.compute("6.b", answered(answers))
    two = gbf.compute("6.b", answered(dict(reversed(answers.items()))))
    assert one.recipe == two.recipe
    pd.testing.assert_frame_equal(one.data, two.data)


def test_every_answer_has_the_label_of_the_catalogue():
    for value, said in QUESTIONS["option_labels"].items():
        assert label(value, "questionnaire", "en") == said


def rows(*said: tuple[str, str, str, float, str]) -> pd.DataFrame:
    table = pd.DataFrame(said, columns=["indicator", "disaggregation_type", "disaggregation", "value", "unit"])
    return table.assign(year=2024).reindex(columns=list(COLUMNS))


@pytest.mark.parametrize(("share", "differs"), [(40.0, True), (95.0, False)])
def test_an_answer_that_a_number_speaks_against_is_said(share: float, differs: bool):
    data = rows(
        ("1.b", "Question, 1.1(a)", "fully", 1.0, "1"), ("1.1", "", "", 50.0, "%"),
        ("1.1", "Realm", "Land", share, "%"), ("1.1", "Realm", "Land", 1234.0, "km2"),
    )  # fmt: skip
    found = list(disagreements(data, load_edition()))
    assert [issue.key for issue in found] == ["agreement.differs"] * differs
    if differs:
        assert "40" in found[0].sentence()
        assert "1.1(a)" in found[0].sentence()


def test_the_rules_of_agreement_name_questions_answers_and_indicators_that_exist():
    edition = load_edition()
    numbers = {q.number: {o.value for o in q.options} for one in edition.questionnaires.values() for q in one.questions}
    listed = yaml.safe_load((PACKAGE / "catalogue/editions/16-31/agreement.yml").read_text(encoding="utf-8"))
    for rule in listed:
        assert set(rule["answers"]) <= numbers[rule["question"]]
        assert edition.indicator(rule["indicator"]).code == rule["indicator"]


def test_a_batch_computes_the_questionnaires_that_were_begun_and_no_other(answered, tmp_path: Path):
    folder = answered({"6.1": "fully", "6.2": "no", "6.3": "no"})
    ended = run(folder, tmp_path / "out", only=["6.b"])
    assert [(unit.spec.code, unit.state) for unit in ended.units] == [("6.b", "ok")]
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "Target 6" in page


SCALE = "no;underDevelopment;partially;fully;yes;notApplicable"


def asked(*said: tuple[str, str | None, str, bool]) -> pd.DataFrame:
    return questionnaire(pd.DataFrame(said, columns=["question", "answer", "options", "asked"]), last_year=2024)


def test_an_unanswered_question_is_counted_as_such_and_a_text_as_nothing():
    out = asked(
        ("1", None, SCALE, True), ("2", "yes", SCALE, True), ("3", "a;b", "a;b;c", True), ("4", "words", "", True)
    )
    assert out.loc[0, ["value", "n"]].tolist() == [2, 3]
    assert out.attrs["doubts"] == [{"level": "flag", "key": "not_answered", "values": {"count": 1}}]
    counts = out[out["disaggregation_type"] == "Answer"].set_index("disaggregation")
    # Several answers at once are not counted with those of which one is chosen.
    assert counts["value"].to_dict() == {**dict.fromkeys(SCALE.split(";"), 0.0), "yes": 1.0, "unanswered": 1.0}
    assert set(counts["n"]) == {2}
    assert vector(out, "3") == {"a": 1, "b": 1, "c": 0}
    assert set(out.loc[out["disaggregation_type"] == "Question, 3", "n"]) == {1}
    unanswered = out[out["disaggregation_type"] == "Question, 1"]
    assert (set(unanswered["value_status"]), set(unanswered["note"])) == ({"missing"}, {"unanswered"})
    assert "Question, 4" not in set(out["disaggregation_type"])


def test_where_every_question_is_closed_there_is_nothing_to_count():
    with pytest.raises(gbf.WorkbenchError) as refused:
        asked(("1", None, SCALE, False), ("2", "words", "", True))
    assert refused.value.issues[0].key == "indicators.questionnaire.notes.nothing_asked"
