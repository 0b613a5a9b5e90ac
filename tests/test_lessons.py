"""Lessons run as they are stored, and their exercises know a right answer, a slip, and nonsense from each other."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import combinations
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import gbf_workbench as gbf
from gbf_workbench.doors import lessons
from gbf_workbench.doors.lessons import Verdict, check, seal
from gbf_workbench.errors import WorkbenchError

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "training").glob("*/lesson.ipynb"))
WORTH = {"LC": 0, "NT": 1, "VU": 2, "EN": 3, "CR": 4, "EX": 5}
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.parent.name)


def name_of(path: Path) -> str:
    """Name of a lesson in the names of its exercises: its folder's without the number."""
    return path.parent.name.partition("_")[2]


@cache
def exercises(path: Path) -> dict[str, dict]:
    return yaml.safe_load((path.parent / "exercises.yml").read_text(encoding="utf-8"))


@cache
def solutions(path: Path) -> dict[str, list[tuple[str, float]]]:
    """Of each exercise the verdicts and answers in the tables of the facilitator's notes."""
    said = (ROOT / "training" / "facilitator" / f"{path.parent.name}.md").read_text(encoding="utf-8")
    found = {}
    for part in said.split("\n### ")[1:]:
        rows = re.findall(r"(?m)^\| (−?[\d.]+) \| (\w+) \|", part)
        found[part.split("\n")[0]] = [(verdict, float(value.replace("−", "-"))) for value, verdict in rows]
    return found


def right_answer(path: Path, exercise: str) -> float:
    (value,) = [value for verdict, value in solutions(path)[exercise] if verdict == "right"]
    return value


ALL = [(path, exercise) for path in LESSONS for exercise in exercises(path)]
each_exercise = pytest.mark.parametrize(("path", "exercise"), ALL, ids=[f"{p.parent.name}.{e}" for p, e in ALL])


# The lessons


@each_lesson
def test_a_lesson_run_anew_gives_its_stored_outputs(path: Path) -> None:
    """In a process of its own: the cells of one notebook must not be spread over the workers of a parallel run."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    options = ["--nbval", "--nbval-current-env", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", *options, str(path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


@each_lesson
def test_a_lesson_is_stored_as_readers_and_translators_need_it(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata["gbf"]["name"] == f"lesson_{path.parent.name}"
    assert "CC BY 4.0" in notebook.cells[0].source
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all(len(cell.source.splitlines()) <= 8 for cell in code)
    # Translations are found by the id, so one that a program made up would be lost at the next change.
    assert all(re.fullmatch(r"[a-z][a-z_-]+", cell["id"]) for cell in notebook.cells)


@each_lesson
def test_a_lesson_points_to_files_that_are_there(path: Path) -> None:
    words = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", words) if "://" not in link]
    assert links
    assert [link for link in links if not (path.parent / link).exists()] == []


def verdicts_of(path: Path, answers: dict[str, float]) -> dict[str, Verdict]:
    """Run the code of a lesson with other answers in it and gather what its exercises say."""
    names: dict = {}
    found = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        source = cell.source
        if asked := re.search(rf'check\("{name_of(path)}\.(\w+)", answer\)', source):
            source = re.sub(r"answer = .+", f"answer = {answers[asked[1]]}", source)
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path.name, "exec"), names)
        shown = eval(compile(ast.Expression(last.value), path.name, "eval"), names) if last else None
        if isinstance(shown, Verdict):
            found[asked[1]] = shown
    return found


@each_lesson
def test_a_lesson_with_the_solutions_in_it_is_right_throughout(path: Path, monkeypatch) -> None:
    monkeypatch.chdir(path.parent)
    verdicts = verdicts_of(path, {exercise: right_answer(path, exercise) for exercise in exercises(path)})
    assert {name: verdict.said for name, verdict in verdicts.items()} == dict.fromkeys(
        exercises(path), "That is right."
    )


@each_lesson
def test_the_learners_copy_says_no_right_answer(path: Path) -> None:
    """Only decimals can be looked for: 2 as the number of a sentence says nothing."""
    notebook = nbformat.read(path, as_version=4)
    asked = [re.search(r'answer = \.\.\.\ncheck\("\w+\.(\w+)"', cell.source) for cell in notebook.cells]
    values = [right_answer(path, found[1]) for found in asked if found]
    assert values
    words = json.dumps(notebook, ensure_ascii=False)
    decimals = [re.escape(f"{abs(value):g}") for value in values if not value.is_integer()]
    assert [value for value in decimals if re.search(rf"(?<![\d.]){value}(?!\d)", words)] == []


# The exercises


@each_exercise
def test_every_answer_of_the_facilitators_notes_gets_its_verdict(path: Path, exercise: str) -> None:
    for expected, value in solutions(path)[exercise]:
        verdict = check(f"{name_of(path)}.{exercise}", value)
        assert (verdict.slip or verdict.outcome) == expected, value
        if verdict.slip:
            hint = exercises(path)[exercise]["mistakes"][expected]["hint"].strip()
            assert verdict.said == f"Not yet. {hint}"


@each_exercise
def test_an_exercise_knows_at_least_three_mistakes_and_the_notes_know_them_all(path: Path, exercise: str) -> None:
    mistakes = exercises(path)[exercise]["mistakes"]
    told = [verdict for verdict, _ in solutions(path)[exercise] if verdict != "right"]
    assert len(mistakes) >= 3
    assert {name: len(one["answers"]) for name, one in mistakes.items()} == {name: told.count(name) for name in told}


@each_exercise
def test_no_two_answers_of_an_exercise_can_be_taken_for_each_other(path: Path, exercise: str) -> None:
    apart = 3 * exercises(path)[exercise]["tolerance"]
    near = [pair for pair in combinations(solutions(path)[exercise], 2) if abs(pair[0][1] - pair[1][1]) <= apart]
    assert near == []


@each_exercise
def test_no_hint_gives_the_answer_away(path: Path, exercise: str) -> None:
    one = exercises(path)[exercise]
    for hint in [one["help"], *(mistake["hint"] for mistake in one["mistakes"].values())]:
        numbers = [float(found.replace("−", "-")) for found in re.findall(r"[-−]?\d+(?:\.\d+)?", hint)]
        right = right_answer(path, exercise)
        assert all(abs(number - right) > 2 * one["tolerance"] for number in numbers), hint


@each_exercise
def test_an_answer_may_be_written_in_many_ways(path: Path, exercise: str) -> None:
    value = right_answer(path, exercise)
    written = str(value)
    forms = [
        value, written, f" {written} ", written.replace(".", ","), written.replace("-", "−"), Decimal(written),
        Fraction(written), np.float64(value), np.array(value), np.array([value]), pd.Series([value], index=["x"]),
        pd.Series([value]).astype("Float64").iloc[0],
    ]  # fmt: skip
    assert [form for form in forms if not check(f"{name_of(path)}.{exercise}", form).right] == []


@pytest.mark.parametrize("answer", [None, ..., "", " ", "...", "…"], ids=repr)
def test_no_answer_yet_is_no_mistake(answer: object) -> None:
    assert check("red_list_index.one_list", answer).outcome == "blank"


class Hostile:
    """Fails whatever it is asked."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(name)


NO_NUMBER = [
    (0, 65), [], {}, "about a half", "1,234", "65 %", True, np.bool_(True), 1j, float("nan"), np.inf, 10**400, pd.NA,
    pd.NaT, pd.DataFrame({"value": [0.65]}), pd.Series([0.65, 0.7]), np.zeros(0), object, len, Hostile,
]  # fmt: skip


@pytest.mark.parametrize("answer", NO_NUMBER, ids=range(len(NO_NUMBER)))
def test_what_is_not_one_number_is_told_how_to_write_one(answer: object) -> None:
    verdict = check("red_list_index.one_list", answer)
    assert verdict.outcome == "unreadable"
    assert "12.5" in verdict.said


def test_an_answer_that_fails_when_it_is_asked_is_not_one_number_either() -> None:
    assert check("red_list_index.one_list", Hostile()).outcome == "unreadable"


def test_an_answer_that_tells_nothing_gets_a_general_hint() -> None:
    verdict = check("red_list_index.one_list", 0.123)
    assert (verdict.outcome, verdict.slip) == ("wrong", "")
    assert verdict.said.startswith("Not yet. Write the weight beside each species")


plain = st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary() | st.dates()
anything = st.one_of(
    st.recursive(plain, lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner)),
    st.floats(width=32).map(np.float32), st.complex_numbers(), st.decimals(allow_nan=True), st.fractions(),
    st.lists(st.floats()).map(np.array), st.lists(st.floats() | st.text()).map(pd.Series), st.just(pd.NA),
)  # fmt: skip


@given(answer=anything)
def test_no_answer_is_too_strange_for_a_sentence(answer: object) -> None:
    for exercise in ("one_list", "reading"):
        verdict = check(f"red_list_index.{exercise}", answer)
        assert repr(verdict) == verdict.said != ""
        assert "</p>" in verdict._repr_html_()


@given(share=st.floats(-1, 1), beyond=st.floats(2.001, 1000), sign=st.sampled_from([-1, 1]))
def test_the_tolerance_is_kept_whatever_the_answer(share: float, beyond: float, sign: int) -> None:
    for path, exercise in ALL:
        tolerance, value = exercises(path)[exercise]["tolerance"], right_answer(path, exercise)
        assert check(f"{name_of(path)}.{exercise}", value + share * tolerance).right
        assert not check(f"{name_of(path)}.{exercise}", value + sign * beyond * tolerance).right


@given(value=st.floats(-1e3, 1e3), tolerance=st.sampled_from([0.001, 0.05, 1.0, 10.0]), share=st.floats(-1, 1))
def test_what_is_within_the_tolerance_of_a_sealed_value_is_found(value: float, tolerance: float, share: float) -> None:
    near = lessons._grid_numbers_near(value + share * tolerance, tolerance)
    assert seal(value, "salt", tolerance) in [lessons._digest(number, "salt") for number in near]
    assert near == sorted(near, key=lambda number: abs(number * tolerance - value - share * tolerance))


def test_equal_answers_look_alike_in_no_two_exercises() -> None:
    digests = [
        digest
        for path, exercise in ALL
        for one in [exercises(path)[exercise]]
        for digest in [one["right"], *(answer for mistake in one["mistakes"].values() for answer in mistake["answers"])]
    ]
    assert len(digests) == len(set(digests))


def test_an_exercise_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(WorkbenchError, match=r"no exercise called “red_list_index.ten_lists”.*red_list_index.one_list"):
        check("red_list_index.ten_lists", 1)


def test_a_verdict_is_coloured_and_escaped_in_a_notebook() -> None:
    right, wrong = check("red_list_index.one_list", 0.65), check("red_list_index.one_list", 0.72)
    assert 'class="gbf-ok"' in right._repr_html_()
    assert 'class="gbf-bad"' in wrong._repr_html_()
    assert "&lt;b&gt; &amp;" in Verdict("x.y", "wrong", "", "<b> &", "en")._repr_html_()


def test_hints_are_said_in_the_learners_language(monkeypatch) -> None:
    at = "notebooks.lesson_01_red_list_index.exercises.one_list"
    spoken = {
        f"{at}.mistakes.deficient_counted.hint": "Sans DD.",
        f"{at}.help": "Aide.",
        "lessons.wrong": "Non. {hint}",
    }
    monkeypatch.setattr("gbf_workbench.locales.languages", lambda: ["en", "fr"])
    monkeypatch.setattr("gbf_workbench.locales.texts", lambda code: spoken)
    monkeypatch.setattr(lessons, "texts", lambda code: spoken)
    monkeypatch.setenv("GBF_LANGUAGE", "fr_FR")
    assert check("red_list_index.one_list", "0,72").said == "Non. Sans DD."
    assert check("red_list_index.one_list", "0,123").said == "Non. Aide."


# The first lesson: its numbers redone a slow second way, and by the workbench


def table_of(cell_id: str) -> list[dict[str, str]]:
    """The table that a cell of the lesson shows the learner."""
    cells = {cell["id"]: cell.source for cell in nbformat.read(LESSONS[0], as_version=4).cells}
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in cells[cell_id].splitlines() if line[:1] == "|"]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


def slow_index(categories: list[str]) -> Fraction:
    return 1 - Fraction(sum(WORTH[one] for one in categories), 5 * len(categories))


def test_the_solutions_follow_from_the_tables_of_the_lesson() -> None:
    birds = [row["2020"] for row in table_of("one_list") if row["2020"] != "DD"]
    lizards = [row for row in table_of("two_lists") if "DD" not in (row["2012"], row["2022"])]
    last = slow_index([row["2022"] for row in lizards])
    new_knowledge = "reason for the change"
    first = slow_index([row["2022" if row[new_knowledge].startswith("non") else "2012"] for row in lizards])
    expected = {"one_list": slow_index(birds), "earlier_index": first, "later_index": last}
    expected["yearly_change"] = (last - first) / 10
    assert {name: right_answer(LESSONS[0], name) for name in expected} == pytest.approx(
        {name: float(value) for name, value in expected.items()}, abs=1e-9
    )


def test_the_workbench_solves_the_exercises_of_the_first_lesson(tmp_path: Path) -> None:
    lines = ["species_id,taxonomic_group,year,category,reason_for_change,scope"]
    lines += [f"{row['species']},Birds,2020,{row['2020']},,national" for row in table_of("one_list")]
    for row in table_of("two_lists"):
        reason = row["reason for the change"].partition(":")[0]
        lines += [
            f"l{row['species']},Lizards,2012,{row['2012']},,national",
            f"l{row['species']},Lizards,2022,{row['2022']},{reason},national",
        ]
    (tmp_path / "red_list_index").mkdir()
    (tmp_path / "country.yml").write_text("format: 1\ncode: XAR\nname: {en: Exercise}\n", encoding="utf-8")
    table = tmp_path / "red_list_index" / "red_list_assessments.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = gbf.compute("A.3", tmp_path, replicates=100).data
    value = data.set_index(["disaggregation_type", "disaggregation", "year"])["value"]
    assert check("red_list_index.one_list", value["Taxonomic group", "Birds", 2020]).right
    assert check("red_list_index.earlier_index", value["Taxonomic group", "Lizards", 2012]).right
    assert check("red_list_index.later_index", value["Taxonomic group", "Lizards", 2022]).right
    assert check("red_list_index.yearly_change", value["Mean yearly change", "Lizards", 2022]).right
