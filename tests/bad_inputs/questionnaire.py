"""Questionnaires: answers that are none, blanks that are not a no, several answers, old editions, missing evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bad_inputs.case import Case, Finding, Rows, Table, Variant, put_tables, set_cell, table_case

_NAME = "questionnaire_answers"
_CODE = "13.b"
_HEAD = ["question", "indicator", "version", "answer", "evidence", "comment"]
_GOOD = Table(_NAME, [
    _HEAD,
    ["13.1", "13.b", "16-31", "Partially", "Act 12 of 2019", ""],
    ["13.2", "13.b", "16-31", "Fully", "Training plan, 2023", ""],
    ["13.3", "13.b", "16-31", "Under development", "", ""],
    ["13.4", "13.b", "16-31", "Yes", "Act 12 of 2019, part 3", ""],
    ["13.5", "13.b", "16-31", "Not known", "", ""],
    ["13.6", "13.b", "16-31", "Not applicable", "", "no such benefits"],
    ["13.7", "13.b", "16-31", "No", "", "planned for 2027"],
])  # fmt: skip
#: The same answers by their codes, and with the three answers that are none.
_TWINS = {
    "codes": {
        "13.1": "partially",
        "13.3": "underDevelopment",
        "13.5": "unknown",
        "13.6": "notApplicable",
        "13.7": "no",
    },
    "three kinds of nothing": {"13.5": "unanswered", "13.6": "notApplicable", "13.7": "unknown"},
}
Finds = Callable[[int], Sequence[Finding]]


def _as_answered(answers: dict[str, str]) -> Table:
    return Table(_NAME, [[*row[:3], answers.get(row[0], row[3]), *row[4:]] for row in _GOOD.rows])


def _one(level: str, key: str, column: str = "", value: str = "", says: tuple[str, ...] = ()) -> Finds:
    return lambda row: [Finding(level, f"questionnaire.{key}", (row,), column, value, says)]


def _case(entry: str, name: str, bad: Callable[[Rows, int], Rows], finds: Finds, twin: str = "") -> Case:
    return table_case(entry, name, _CODE, _GOOD, bad, finds, twin=_as_answered(_TWINS[twin]) if twin else None)


def _each(entry: str, name: str, key: str, cells: Sequence[tuple[str, str]], *says: str) -> Case:
    """One fault in several wordings: question and what stands in its answer, each in another format."""
    variants = []
    for number, (question, said) in enumerate(cells):
        at = [row[0] for row in _GOOD.rows].index(question)
        rows = [list(row) for row in _as_answered({question: said}).rows]
        if number % 2:
            rows = [list(reversed(row)) for row in rows]
        ending = ("csv", "xlsx", "tsv")[number % 3]

        def write(folder: Path, rows: Rows = rows, ending: str = ending) -> None:
            put_tables(folder, _CODE, [Table(_NAME, rows)], ending)

        found = Finding("error", f"questionnaire.{key}", (at + 1,), "answer", said, (question, *says))
        variants.append(Variant(f"{said}, {ending}", write, (found,)))
    return Case(entry, name, _CODE, tuple(variants), lambda folder: put_tables(folder, _CODE, [_GOOD]))


def _without(column: str) -> Callable[[Rows, int], Rows]:
    def bad(rows: Rows, _: int) -> Rows:
        at = rows[0].index(column)
        return [row[:at] + row[at + 1 :] for row in rows]

    return bad


def _nothing_answered(rows: Rows, _: int) -> Rows:
    return [rows[0], *([*row[:3], "", "", ""] for row in rows[1:])]


def _positive_without_evidence(rows: Rows, at: int) -> Rows:
    rows[at][3:5] = ["Yes" if rows[at][0] == "13.4" else "Fully", ""]
    return rows


_FREE = [("13.1", "yes but only parks"), ("13.2", "x"), ("13.3", "1"), ("13.5", "0"), ("13.7", "oui sauf en mer")]

_TWO_ANSWERS = [
    ("13.1", "No; Fully"), ("13.2", "a;c"), ("13.3", "a c"), ("13.4", "ac"), ("13.5", "No Fully"),
    ("13.7", "No, Partially"),
]  # fmt: skip


def _edition(name: str, said: str, key: str = "version") -> Case:
    return _case("QA-04", name, set_cell("version", said), _one("error", key, "version", said, ("16-31",)))


CASES: list[Case] = [
    _each("QA-01", "free text", "not_an_answer", _FREE, "Partially", "Not known"),
    _each(
        "QA-01", "a yes to a question that is answered in steps", "yes_on_scale",
        [("13.1", "Yes"), ("13.2", "Oui"), ("13.3", "نعم"), ("13.6", "是"), ("13.7", "да")], "partially or fully",
    ),
    _each(
        "QA-01", "steps where yes or no is asked", "not_an_answer", [("13.4", one) for one in ("Fully", "partly", "x")]
    ),
    _case(
        "QA-02", "a blank answer", set_cell("answer", ""),
        _one("error", "unanswered", "answer", "", ("1 of 7", "not a no", "Not answered yet")), "three kinds of nothing",
    ),
    _case(
        "QA-02", "nothing answered at all", _nothing_answered,
        lambda _: [Finding("error", "check.no_data", says=("13.b",))],
    ),
    _each("QA-03", "two answers", "several_answers", _TWO_ANSWERS, "one is allowed"),
    _case(
        "QA-04", "no column of the edition", _without("version"),
        lambda _: [Finding("error", "questionnaire.version_missing", column="version", says=("16-31",))], "codes",
    ),
    _edition("no edition in one row", "", "version_missing"),
    _edition("an older edition", "2022-1"),
    _edition("a newer edition", "17-40"),
    _case(
        "QA-06", "positive without evidence", _positive_without_evidence,
        _one("flag", "no_evidence", "evidence", "", ("1 positive",)),
    ),
]  # fmt: skip
