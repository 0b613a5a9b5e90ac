"""The tables of money, benefits, companies, incentives and information, and the questionnaires, can be filled in."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
import yaml
from openpyxl import load_workbook

import gbf_workbench as gbf
from gbf_workbench.catalogue import load_edition
from gbf_workbench.catalogue.specs import IndicatorSpec, binary_spec, spec_of
from gbf_workbench.doors import batch
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.locales import PACKAGE, source_texts
from gbf_workbench.preparation import money
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.code_lists import code_list
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.questionnaires import (
    TABLE,
    answer_label,
    answers_by_key,
    answers_to,
    check_answers,
    questions_of,
    read_answer,
)
from gbf_workbench.preparation.schema import schema_names, schema_of
from gbf_workbench.preparation.sources.catalogue import sources
from gbf_workbench.preparation.tables import plain, read_table
from gbf_workbench.preparation.templates import start
from gbf_workbench.preparation.units import unit_named

CODES = ("B.1", "C.1", "C.2", "D.1", "D.2", "D.3", "15.1", "18.1", "18.2", "21.1")
BINARY = (
    "B.b",
    "1.b",
    "5.b",
    "6.b",
    "8.b",
    "9.b",
    "12.b",
    "13.b",
    "14.b",
    "15.b",
    "16.b",
    "17.b",
    "20.b",
    "22.b",
    "23.b",
)
SPECS = [*map(spec_of, CODES), binary_spec("1.b")]
TABLES = sorted({role.table for spec in SPECS for role in spec.inputs.values()})
QUESTIONS = questions_of(load_edition())
every_table = pytest.mark.parametrize("name", TABLES)
every_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.code)


def raw(name: str) -> dict:
    return yaml.safe_load((PACKAGE / "preparation" / "schemas" / f"{name}.yml").read_text(encoding="utf-8"))


def written(value: object) -> str:
    return (
        ""
        if value is None
        else {True: "yes", False: "no"}.get(value, str(value))
        if isinstance(value, bool)
        else str(value)
    )


def answers(*rows: tuple, first_row: int = 2) -> pd.DataFrame:
    """Answers as they come out of the reader: question, answer, and evidence where there is one."""
    wide = [{"question": q, "answer": a, "evidence": (more or ["Act 1"])[0]} for q, a, *more in rows]
    table = pd.DataFrame(wide, index=range(first_row, first_row + len(rows)), dtype="str")
    columns = [one.name for one in schema_of(TABLE).fields]
    return table.assign(version=load_edition().name).reindex(columns=columns).astype("str")


def keys(issues) -> list[str]:
    return [issue.key.removeprefix("questionnaire.") for issue in issues]


@every_table
def test_the_example_of_a_table_passes_its_own_check(name, tmp_path: Path):
    schema, path = schema_of(name), tmp_path / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(schema.names)
        out.writerow([written(one.example) for one in schema.fields])
    kept = TableMapping(keep_rows=(2,))
    table, issues = check_table(read_table(path, schema, kept), schema, kept)
    assert [issue.line() for issue in issues] == []
    assert len(table) == 1
    for one in schema.fields:
        assert table[one.name].notna().all() == (one.example is not None), one.name


@every_table
def test_each_column_is_explained_and_goes_by_names_of_its_own(name):
    taken: dict[str, str] = {}
    for one in raw(name)["fields"]:
        assert one["title"], one["name"]
        assert one["description"], one["name"]
        for words in {plain(one["name"]), *map(plain, one.get("aliases", ()))}:
            assert taken.setdefault(words, one["name"]) == one["name"], f"{words}: {taken[words]} or {one['name']}"
        if one.get("ask"):
            assert f"tables.{name}.fields.{one['name']}.question" in source_texts()


@every_table
def test_code_lists_units_and_rules_name_what_there_is(name):
    schema = schema_of(name)
    for one in schema.fields:
        if one.codes:
            assert one.example is None or str(one.example) in code_list(one.codes).values, one.name
        assert one.unit in ("", "currency") or unit_named(one.unit), one.name
        assert set(one.synonyms.values()) <= set(one.enum), one.name
        assert not set(map(str, one.synonyms)) & set(one.enum), one.name
        for other in (*one.bounds, *filter(None, [one.period_end])):
            assert other in schema.names
    for rule in schema.rules:
        named = [rule.get("field"), rule.get("of"), *rule.get("fields", ()), *rule.get("when", ())]
        assert set(filter(None, named)) <= set(schema.names), rule
        for field, values in rule.get("when", {}).items():
            assert set(values) <= set(schema.field(field).enum), rule
    for key in schema.foreign_keys:
        assert set(key.fields) <= set(schema.names)
        assert set(key.reference) <= set(schema_of(key.table).names)


@every_table
def test_amounts_of_money_have_a_currency_and_say_which_prices(name):
    schema = schema_of(name)
    if any(one.unit == "currency" for one in schema.fields):
        assert schema.field("currency").codes == "currencies"
        assert schema.field("price_basis").enum == ("current", "constant")
        assert any(rule["rule"] == "required_if" and rule["field"] == "base_year" for rule in schema.rules)
        optional = {schema.field(one).required for one in ("currency", "price_basis")} == {False}
        # A currency may stand in every row, a value never without it.
        together = {"rule": "together", "fields": ["value", "currency", "price_basis"], "with": ["value"]}
        assert not optional or together in schema.rules


@every_spec
def test_an_indicator_says_what_it_needs_from_whom_and_how_long_it_takes(spec: IndicatorSpec):
    assert {role.table for role in spec.inputs.values()} <= set(schema_names())
    assert all(set(roles) <= set(spec.inputs) for roles in spec.alternatives)
    assert spec.ways[0].name == "full"
    assert {"full", "simple"} <= {way.name for way in spec.ways}
    for way in spec.ways:
        assert set(way.needs) <= set(spec.inputs)
        # What a way needs is enough: it holds one of the sets of tables.
        assert any(set(roles) <= set(way.needs) for roles in spec.alternatives)
        assert 0 < way.weeks[0] <= way.weeks[1]
        assert set(way.sources) <= set(sources())
        assert all(spec.said(f"ways.{way.name}.{part}") for part in ("gives", "asks"))
    assert all(spec.said(part) for part in ("summary", "reading.find_data", "reading.without_data"))


@pytest.mark.parametrize("code", CODES)
def test_an_indicator_can_be_started_with_a_spreadsheet_for_each_table(code, tmp_path: Path):
    spec = spec_of(code)
    names = {path.name for path in start(code, tmp_path)}
    assert names == {"country.yml", *(f"{role.table}.xlsx" for role in spec.inputs.values())}


def test_a_list_of_codes_can_be_chosen_from_in_the_spreadsheet_with_what_each_code_means(tmp_path: Path):
    start("D.2", tmp_path)
    book = load_workbook(tmp_path / "domestic_public_funding" / "spending_by_function.xlsx")
    sheet, about = book.worksheets
    at = {cell.value: cell.column_letter for cell in sheet[1]}
    (check,) = [one for one in sheet.data_validations.dataValidation if str(one.sqref).startswith(f"{at['cofog']}2")]
    cells = about[check.formula1.split("!")[1].replace("$", "")]
    offered = {row[0].value: about.cell(row[0].row, row[0].column + 1).value for row in cells}
    assert list(offered) == list(code_list("cofog").values)
    assert offered["05.4"] == "Protection of biodiversity and landscape"


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_every_question_has_its_row_and_its_own_list_of_answers(language, tmp_path: Path):
    (_, path) = start("5.b", tmp_path, language=language)
    sheet, about = load_workbook(path).worksheets
    names = [cell.value for cell in sheet[1]]
    rows = {row[0].value: dict(zip(names, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(2)}
    assert next(iter(rows)) == "5.1"
    assert set(rows) == set(QUESTIONS)
    assert sum(one.in_decision for _, one in QUESTIONS.values()) >= 71
    lists = {str(one.sqref): one for one in sheet.data_validations.dataValidation}
    for row, (number, said) in enumerate(rows.items(), 2):
        code, question = QUESTIONS[number]
        assert (said["indicator"], said["version"]) == (code, load_edition().name)
        assert said["wording"] == question.said("text", language)
        assert not said["answer"]
        check = lists.get(f"E{row}")
        assert (check is None) == (question.type == "text")
        if check is not None:
            cells = about[check.formula1.split("!")[1].replace("$", "")]
            assert [one[0].value for one in cells] == [
                answer_label(question, one, language) for one in answers_to(question)
            ]


@pytest.mark.parametrize("number", QUESTIONS)
def test_a_question_accepts_each_of_its_own_answers_in_each_language(number):
    question = QUESTIONS[number][1]
    for answer in answers_to(question):
        for language in ("en", "fr", "es", "ar"):
            said = answer_label(question, answer, language)
            read = read_answer(question, said)
            assert read.fault == ""
            assert read.chosen == ((said,) if question.type == "text" else (answer,))
            assert not read.synonym


IN_SIX_LANGUAGES = {
    "yes": ("yes", "oui", "sí", "نعم", "是", "да"),
    "no": ("no", "Non", "لا", "否", "нет"),
    "notApplicable": ("n/a", "sans objet", "no aplica", "لا ينطبق", "不适用", "неприменимо"),
    "unknown": ("unknown", "inconnu", "desconocido", "غير معروف", "未知", "неизвестно"),
}


@pytest.mark.parametrize(("said", "meant"), [(one, code) for code, words in IN_SIX_LANGUAGES.items() for one in words])
def test_yes_no_not_known_and_not_applicable_are_understood_in_six_languages(said, meant):
    assert read_answer(QUESTIONS["13.4"][1], said).chosen == (meant,)


@pytest.mark.parametrize("said", ["partly", "en partie", "en parte", "جزئيا", "部分", "частично"])
def test_partly_is_understood_in_six_languages_and_written_down_as_a_repair(said):
    table, issues = check_answers(answers(("6.1", said), ("6.2", "no"), ("6.3", "no")))
    assert table["answer"].tolist() == ["partially", "no", "no"]
    assert [(one.level, one.before, one.after, one.rows) for one in issues] == [("repair", said, "partially", (2,))]


def test_a_template_that_was_filled_in_passes_without_a_word(tmp_path: Path):
    (_, path) = start("5.b", tmp_path, language="fr")
    book = load_workbook(path)
    sheet = book.worksheets[0]
    chosen = [answer_label(QUESTIONS["5.1"][1], one, "fr") for one in ("marineSpecies", "terrestrialSpecies")]
    sheet["E2"], sheet["F2"] = "; ".join(chosen), "Loi 12 de 2019"
    book.save(path)
    assert [issue.line() for issue in gbf.check("5.b", tmp_path)] == []
    table = gbf.load("5.b", tmp_path)["answers"]
    assert table["answer"].tolist() == ["terrestrialSpecies;marineSpecies"]
    # The other questionnaires were not begun: that is no answer, and no fault either.
    assert keys(gbf.check("14.b", tmp_path)) == ["check.no_data"]


def test_a_second_questionnaire_is_filled_in_where_the_first_one_is(tmp_path: Path):
    (_, path) = start("1.b", tmp_path)
    before = path.read_bytes()
    with pytest.raises(WorkbenchError, match=r"Fill in the rows of 22\.b"):
        start("22.b", tmp_path)
    assert path.read_bytes() == before


def test_numbers_of_questions_are_known_however_they_are_punctuated():
    for words in ("1.1(a)", "1_1_a", "1.1 a", "Q1.1(a)", "question 1.1 (A)"):
        table, issues = check_answers(answers((words, "fully")))
        assert (table["question"].tolist(), table["indicator"].tolist()) == (["1.1(a)"], ["1.b"])
        assert "unknown_question" not in keys(issues)


def test_a_question_that_does_not_exist_or_stands_twice_is_an_error():
    _, issues = check_answers(answers(("1.9", "fully"), ("6.1", "no"), ("6_1", "fully"), ("6.2", "no"), ("6.3", "no")))
    found = {issue.key: issue for issue in issues if issue.level == "error"}
    assert found["questionnaire.unknown_question"].rows == (2,)
    assert found["questionnaire.question_twice"].rows == (3, 4)


def test_a_question_is_not_missed_where_another_answer_closes_it():
    inland = [("1", "yes"), ("1.1(a)", "no"), ("1.1(b)", "no"), ("1.1(c)", None), ("1.2", None)]
    assert keys(check_answers(answers(*inland))[1]) == []
    coastal = [("1", "no"), *inland[1:]]
    _, issues = check_answers(answers(*coastal))
    assert [(one.level, one.key, one.rows) for one in issues] == [("error", "questionnaire.unanswered", (5,))]


def test_an_answer_to_a_closed_question_is_kept_and_said():
    rows = [("1", "yes"), ("1.1(a)", "no"), ("1.1(b)", "no"), ("1.1(c)", "fully"), ("1.2", None)]
    table, issues = check_answers(answers(*rows))
    assert [(one.level, one.key, one.rows) for one in issues] == [("flag", "questionnaire.not_asked", (5,))]
    assert table["answer"].tolist()[3] == "fully"


def test_rows_that_are_not_there_count_as_unanswered_and_are_named():
    _, issues = check_answers(answers(("6.1", "no")))
    assert [(one.level, one.key, one.values["names"]) for one in issues] == [
        ("flag", "questionnaire.no_row", "6.2, 6.3")
    ]


def test_unknown_and_unanswered_are_never_a_no():
    rows = [("6.1", "unknown"), ("6.2", "unanswered"), ("6.3", "no")]
    table, issues = check_answers(answers(*rows))
    assert issues == []
    assert table["answer"].tolist() == ["unknown", "unanswered", "no"]
    assert answers_by_key(table) == {"6_3": "no"}


def test_none_of_the_above_cannot_stand_beside_others():
    _, issues = check_answers(answers(("5.1", "none; marineSpecies")))
    assert [(one.key, one.rows) for one in issues if one.level == "error"] == [("questionnaire.alone", (2,))]


def test_the_indicator_is_found_by_the_question_and_held_against_it():
    table = answers(("6.1", "no"), ("6.2", "no"), ("6.3", "no")).assign(indicator=["6.b", None, "8.b"]).astype("str")
    checked, issues = check_answers(table)
    assert checked["indicator"].tolist() == ["6.b"] * 3
    assert [(one.key, one.rows) for one in issues] == [("questionnaire.other_indicator", (4,))]


@pytest.mark.parametrize("said", ["16-31", "16/31", "CBD/COP/DEC/16/31", "Decision 16/31"])
def test_the_edition_is_known_by_its_number_and_its_name(said):
    _, issues = check_answers(answers(("5.1", "none")).assign(version=said).astype("str"))
    assert issues == []


def rates(*rows: tuple) -> pd.DataFrame:
    names = ["currency", "reference_currency", "year", "rate", "direction"]
    return pd.DataFrame(rows, columns=names, index=range(2, 2 + len(rows)))


def test_a_rate_is_believed_within_five_times_what_is_known_of_the_currency():
    good = [("XAF", "USD", 2020, one, "currency per reference") for one in (130, 575.6, 3000)]
    good += [
        ("XAF", "USD", 2020, 0.0018, "reference per currency"),
        ("ARS", "USD", 2005, 2.9, "currency per reference"),
    ]
    good += [
        ("ARS", "USD", 2024, 915, "currency per reference"),
        ("XAF", "EUR", 2020, 655.957, "currency per reference"),
    ]
    # Of a currency with nothing known nothing is said.
    good += [("VES", "USD", 2021, 3.2e6, "currency per reference")]
    assert money.check_rates(rates(*good), {}) == []
    bad = [("XAF", "USD", 2020, 0.0016, "currency per reference"), ("XAF", "USD", 2021, 100, "currency per reference")]
    found = money.check_rates(rates(*bad), {"rate": "Cours"})
    assert [(one.key, one.rows, one.column) for one in found] == [
        ("money.rate_inverted", (2,), "Cours"), ("money.rate_out_of_scale", (3,), "Cours")
    ]  # fmt: skip


def test_every_rate_of_reference_is_of_a_listed_currency():
    known = yaml.safe_load(money.MAGNITUDES.read_text(encoding="utf-8"))
    assert known["source"]
    assert set(known["per_usd"]) <= set(code_list("currencies").values)


def test_two_currencies_can_stand_together_where_each_year_has_a_rate():
    spent = pd.DataFrame({"currency": ["XAF", "USD", "XAF"], "year": [2020, 2021, 2021]}, index=[2, 3, 4])
    known = rates(
        ("XAF", "USD", 2020, 575.6, "currency per reference"), ("XAF", "USD", 2021, 554.5, "currency per reference")
    )
    assert money.check_currencies({"public_expenditure": spent, "exchange_rates": known}, {}) == []
    (found,) = money.check_currencies({"public_expenditure": spent, "exchange_rates": known[:1]}, {})
    assert (found.key, found.rows, found.value) == ("money.rate_missing", (4,), "XAF")
    (found,) = money.check_currencies({"public_expenditure": spent}, {})
    assert (found.level, found.key, found.rows) == ("error", "money.currencies_mixed", (3,))


def test_a_batch_names_the_questionnaires_that_were_begun_and_no_others(tmp_path: Path):
    home = tmp_path / "country" / "questionnaires"
    home.mkdir(parents=True)
    facts = "format: 1\ncode: XAR\nname: {en: Aruvia}\nreporting_year: 2024\n"
    (tmp_path / "country" / "country.yml").write_text(facts, encoding="utf-8")
    (home / f"{TABLE}.csv").write_text(
        "question,version,answer,evidence\n5.1,16-31,marineSpecies,Act 1\n6.1,16-31,,\n", encoding="utf-8"
    )
    units = batch.run(tmp_path / "country", tmp_path / "out", language="en").units
    assert [(unit.spec.code, unit.state) for unit in units if unit.spec.code.endswith(".b")] == [("5.b", "ok")]
