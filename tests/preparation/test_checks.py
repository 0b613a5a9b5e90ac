"""Values people write: read in the one way they can be meant, asked for where there are two, refused otherwise."""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.preparation import numerals
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.mapping import TableMapping, Unpivot
from gbf_workbench.preparation.schema import Field, TableSchema, schema_of
from gbf_workbench.preparation.tables import RawTable
from gbf_workbench.preparation.texts import choices_of

LETTERS = TableSchema(
    "letters", "table",
    (
        Field("name", required=True), Field("number", "number"), Field("count", "integer", minimum=0),
        Field("share", "number", minimum=0, maximum=1), Field("sure", "boolean"), Field("year", "year", minimum=1950),
        Field("category", enum=("LC", "VU", "CR", "NA", "DD"), synonyms={"Vulnerable": "VU", "CR (PE)": "CR"}),
    ),
    ("name",),
)  # fmt: skip


def check(mapping: TableMapping | None = None, schema: TableSchema = LETTERS, **columns: list):
    """The checked table and what was said (level, key, rows, column) of columns given as lists of cells."""
    cells = {name: [None if value == "" else value for value in values] for name, values in columns.items()}
    rows = max(map(len, cells.values()))
    if schema is LETTERS:
        cells.setdefault("name", [f"n{at}" for at in range(rows)])
    data = pd.DataFrame(cells, dtype=object, index=range(2, rows + 2))
    table, issues = check_table(RawTable(data, "f.csv"), schema, mapping or TableMapping())
    gone = {row for issue in issues if issue.key == "check.identical_rows" for row in issue.rows}
    assert list(table.index) == [row for row in data.index if row not in gone]
    for issue in issues:
        assert issue.sentence()
        assert issue.remedy() or not issue.stops
    return table, {(issue.level, issue.key.removeprefix("check."), issue.rows, issue.column) for issue in issues}


def values(column: pd.Series) -> list:
    return [None if missing else value for value, missing in zip(column.tolist(), column.isna(), strict=True)]


# What stands in a column of numbers → its numbers (None: missing), and what is to be said.
NUMBERS = {
    "NU-01 decimal commas": (["1,5", "12,75"], [1.5, 12.75], {("repair", "decimal_comma", (2, 3), "number")}),
    "NU-01 one group of three digits": (["1,234"], [None], {("question", "ambiguous_number", (2,), "number")}),
    "NU-01 a comma between thousands and a decimal point": (
        ["1,234.5"], [1234.5], {("repair", "thousands", (2,), "number")}
    ),
    "NU-01 the column shows what the comma means": (
        ["1,234", "0,5"], [1.234, 0.5], {("repair", "decimal_comma", (2, 3), "number")}
    ),
    "NU-02 points that could be thousands": (
        ["1.234", "2.500"], [None, None],
        {("question", "ambiguous_number", (2,), "number"), ("question", "ambiguous_number", (3,), "number")},
    ),
    "NU-02 points between thousands": (
        ["1.234.567", "1.234"], [1234567, 1234], {("repair", "thousands", (2, 3), "number")}
    ),
    "a group that begins with zero is none": (["0.904"], [0.904], set()),
    "columns that contradict themselves": (
        ["0.5", "0,7", "1,234"], [0.5, 0.7, None],
        {("repair", "decimal_comma", (3,), "number"), ("question", "ambiguous_number", (4,), "number")},
    ),
    **{
        f"NU-03 {name} between thousands": ([f"1{mark}234"], [1234], {("repair", "thousands", (2,), "number")})
        for name, mark in {
            "space": " ", "no-break space": "\u00a0", "narrow no-break space": "\u202f", "thin space": "\u2009",
            "apostrophe": "'", "typographic apostrophe": "’",
        }.items()
    },
    "two numbers in one cell": (["12 34"], [None], {("error", "not_a_number", (2,), "number")}),
    "half a grouping": (["1234 567"], [None], {("error", "not_a_number", (2,), "number")}),
    **{
        f"NU-10 {words}": ([words], [None], {("error", "not_finite", (2,), "number")})
        for words in ("inf", "-inf", "1e999", "Infinity", "1" + "0" * 400)
    },
    "NU-10 a number beyond numbers from a program": (
        [math.inf, 10**400], [None, None],
        {("error", "not_finite", (2,), "number"), ("error", "not_finite", (3,), "number")},
    ),
    "NU-13 a number that stands for none": (["-9999", "3"], [None, 3], {("question", "stand_in", (2,), "number")}),
    "NU-13 the same as a decimal": ([-9999.0, 3], [None, 3], {("question", "stand_in", (2,), "number")}),
    "NU-13 a number that may stand for none": (["999"], [999], {("flag", "perhaps_stand_in", (2,), "number")}),
    **{
        f"NU-13 {words}": ([words], [None], {("question", "stand_in", (2,), "number")})
        for words in ("n.d.", "..", "-", "NULL", "None", "N/A", "nan", "?")
    },
    "NU-14 a zero is a number, a blank is none": (["0", ""], [0, None], set()),
    "NU-15 a word for yes": (["yes", "oui"], [None, None], {
        ("error", "not_a_number", (2,), "number"), ("error", "not_a_number", (3,), "number")
    }),
    "a true minus sign": (["\u22125"], [-5], set()),
    "direction marks around a number": (["\u200f12\u200e"], [12], set()),
    "digits of another script": (["١٢٣"], [123], {("repair", "other_digits", (2,), "number")}),
    "a unit in the cell": (["12 ha"], [None], {("error", "not_a_number", (2,), "number")}),
    "NU-08 a per cent sign": (["45%"], [None], {("error", "not_a_number", (2,), "number")}),
    "brackets for minus": (["(5)"], [None], {("error", "not_a_number", (2,), "number")}),
    "an exponent": (["1e3", "1.5E-2"], [1000, 0.015], set()),
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_read_as_it_can_only_be_meant(name):
    written, expected, said = NUMBERS[name]
    table, found = check(number=written)
    assert values(table["number"]) == expected
    assert found == said


# Column → cells → values, and what is to be said.
OTHERS = {
    "DT-03 a year of two digits": ("year", ["68"], [None], {("error", "two_digit_year", (2,), "year")}),
    "DT-04 spans in a column of single years": (
        "year", ["2018-2020", "1990s"], [None] * 2, {("error", "year_span", (row,), "year") for row in (2, 3)},
    ),
    "DT-04 a year that is not quite sure, and half a year": (
        "year", ["c. 2015", "2020.5"], [2015, None],
        {("repair", "about_year", (2,), "year"), ("error", "not_a_year", (3,), "year")},
    ),
    "a fiscal year in a column of calendar years": (
        "year", ["2020/21"], [None], {("error", "two_digit_year", (2,), "year")}
    ),
    "a year as text, number and decimal": ("year", ["2020", 2020, 2020.0], [2020, 2020, 2020], set()),
    "NU-13 a year that stands for none": ("year", ["-9999"], [None], {("question", "stand_in", (2,), "year")}),
    "NU-12 a year before its limit": (
        "year", ["1949", "1950"], [None, 1950], {("error", "below_minimum", (2,), "year")}
    ),
    "NU-12 a share at and beyond its limits": (
        "share", ["0", "1", "-0.01", "1.01"], [0, 1, None, None],
        {("error", "below_minimum", (4,), "share"), ("error", "above_maximum", (5,), "share")},
    ),
    "NU-08 shares and per cent in one column": (
        "share", ["0.45", "45"], [0.45, None], {("error", "above_maximum", (3,), "share")}
    ),
    "a count with decimals": ("count", ["2.5", 2.5], [None, None], {
        ("error", "not_an_integer", (2,), "count"), ("error", "not_an_integer", (3,), "count")
    }),
    "a count beyond what can be counted": (
        "count", ["99999999999999999999"], [None], {("error", "above_maximum", (2,), "count")}
    ),
    "a count below zero": ("count", ["-3"], [None], {("error", "below_minimum", (2,), "count")}),
    "QA-01 yes and no in four languages": (
        "sure", ["Yes", "oui", "sí", "نعم", "NO", "non", "لا", True], [True] * 4 + [False] * 3 + [True], set()
    ),
    "QA-01 a yes with conditions": ("sure", ["yes but"], [None], {("error", "not_a_boolean", (2,), "sure")}),
    "QA-02 no answer is not no": ("sure", ["", "unknown"], [None, None], {("question", "stand_in", (3,), "sure")}),
    "CC-02 NA, blank, n/a, DD and another word": (
        "category", ["NA", "", "n/a", "DD", "NE"], ["NA", None, None, "DD", None],
        {("question", "stand_in", (4,), "category"), ("error", "not_in_list", (6,), "category")},
    ),
    "RL-01 another way to write a category": (
        "category", ["vu", "Vulnerable", "CR (PE)"], ["VU", "VU", "CR"],
        {("repair", "synonym", (row,), "category") for row in (2, 3, 4)},
    ),
    "RL-03 a letter of another script": (
        "category", ["СR"], [None], {("error", "look_alike", (2,), "category")}
    ),
    "RL-03 a space, and an asterisk": (
        "category", ["VU ", "CR*"], ["VU", None],
        {("repair", "trimmed", (2,), "category"), ("error", "not_in_list", (3,), "category")},
    ),
    "EN-05 letters nobody sees": (
        "name", ["KEN\u200f", "KEN\u200b2", "so\u00adft"], ["KEN", "KEN2", "soft"],
        {("repair", "unseen", (2, 3, 4), "name")},
    ),
    "TB-16 control characters": ("name", ["A\x07B", "\x1b"], ["AB", None], {
        ("repair", "unseen", (2,), "name"), ("error", "required", (3,), "name")
    }),
    "EN-05 joiners that shape letters stay": ("name", ["می\u200cخواهم"], ["می\u200cخواهم"], set()),
    "EN-04 accents in two forms": (
        "name", ["Co\u0302te"], ["C\u00f4te"], {("repair", "unseen", (2,), "name")}
    ),
    "spaces of all kinds": (
        "name", ["\u00a0Aves ", "Ara  ararauna", "x\ny"], ["Aves", "Ara ararauna", "x y"],
        {("repair", "trimmed", (2, 3, 4), "name")},
    ),
    "a cell of letters nobody sees is empty": (
        "name", ["\u200b\u200f", "x"], [None, "x"], {("error", "required", (2,), "name")}
    ),
    "NU-13 a dash for a name": ("name", ["-", "x"], [None, "x"], {("question", "stand_in", (2,), "name")}),
    "CC-12 a total among its parts": (
        "name", ["Birds", "Total"], ["Birds", "Total"], {("error", "total_row", (3,), "name")}
    ),
    "one group that is all there is": ("name", ["All"], ["All"], set()),
    "XL-02 a spreadsheet error": ("number", ["#DIV/0!"], [None], {("error", "error_value", (2,), "number")}),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_a_cell_is_read_repaired_asked_for_or_refused(name):
    column, written, expected, said = OTHERS[name]
    table, found = check(**{column: written})
    assert values(table[column]) == expected
    assert found == said


def test_many_mistakes_of_one_kind_are_all_counted_in_few_lines():
    """The first fifty values have a line each, the rest share one; no row is left out."""
    _, found = check(number=[f"x{at}" for at in range(500)])
    assert len(found) == 50
    assert {row for _, _, rows, _ in found for row in rows} == set(range(2, 502))
    _, found = check(name=[f" n{at}" for at in range(500)])
    assert found == {("repair", "trimmed", tuple(range(2, 502)), "name")}


def test_doubled_keys_are_all_named():
    names = [f"n{at // 2}" for at in range(400)]
    _, found = check(name=names, number=list(range(400)))
    assert {level for level, _, _, _ in found} == {"error"}
    assert {row for _, _, rows, _ in found for row in rows} == set(range(2, 402))


# --- What mapping.yml says -------------------------------------------------------------------------------------------


def test_a_decimal_mark_that_was_named_settles_the_question():
    assert values(check(TableMapping(decimal_mark=","), number=["1.234"])[0]["number"]) == [1234]
    assert values(check(TableMapping(decimal_mark="."), number=["1.234"])[0]["number"]) == [1.234]


def test_values_named_as_missing_are_missing_and_an_empty_list_says_there_are_none():
    table, found = check(TableMapping(missing={"number": ("-9999", "n.d.")}), number=["-9999", "n.d.", "3"])
    assert values(table["number"]) == [None, None, 3]
    assert found == set()
    table, found = check(TableMapping(missing={"number": ()}), number=["-9999", "999"])
    assert values(table["number"]) == [-9999, 999]
    assert found == set()


def test_a_value_named_as_missing_is_still_needed_where_one_is_needed():
    assert check(TableMapping(missing={"name": ("?",)}), name=["?"])[1] == {("error", "required", (2,), "name")}


def test_classes_translate_and_a_class_without_counterpart_is_named():
    mapping = TableMapping(classes={"category": {"Menacée": "VU", "1": "LC"}})
    table, found = check(mapping, category=["Menacée", 1.0, "Éteinte"])
    assert values(table["category"]) == ["VU", "LC", None]
    assert found == {("error", "class_unknown", (4,), "category")}


def test_naming_one_class_leaves_the_values_of_the_list_what_they_are():
    table, found = check(TableMapping(classes={"category": {"Menacée": "VU"}}), category=["Menacée", "LC"])
    assert values(table["category"]) == ["VU", "LC"]
    assert found == set()


def test_a_constant_fills_its_column_and_is_checked_like_a_cell():
    table, found = check(TableMapping(constants={"year": 1900, "category": "LC"}), number=["1"])
    assert values(table["category"]) == ["LC"]
    assert found == {("error", "below_minimum", (2,), "year")}


def test_columns_that_are_values_become_rows():
    mapping = TableMapping(unpivot=Unpivot("year", "number", {"in 2000": 2000, "in  2010": 2010}))
    schema = TableSchema("wide", "table", LETTERS.fields, ("name", "year"))
    wide = {"name": ["a", "b"], "in 2000": [1, "x"], "in 2010": [3, 4]}
    raw = RawTable(pd.DataFrame(wide, index=[2, 3], dtype=object), "f.csv")
    table, issues = check_table(raw, schema, mapping)
    found = zip(table.index, table["name"], table["year"], values(table["number"]), strict=True)
    assert set(found) == {(2, "a", 2000, 1), (3, "b", 2000, None), (2, "a", 2010, 3), (3, "b", 2010, 4)}
    assert [(issue.key, issue.rows, issue.column) for issue in issues] == [("check.not_a_number", (3,), "in 2000")]


def test_columns_of_several_fields_become_rows_of_the_same_name():
    also = {"category": {"c 2000": 2000, "c 2020": 2020}}
    mapping = TableMapping(unpivot=Unpivot("year", "number", {"n 2000": 2000, "n 2010": 2010}, also))
    schema = TableSchema("wide", "table", LETTERS.fields, ("name", "year"))
    wide = {"name": ["a"], "n 2000": [1], "n 2010": [3], "c 2000": ["LC"], "c 2020": ["VU"]}
    table, issues = check_table(RawTable(pd.DataFrame(wide, index=[2], dtype=object), "f.csv"), schema, mapping)
    found = zip(table["year"], values(table["number"]), values(table["category"]), strict=True)
    assert list(found) == [(2000, 1, "LC"), (2010, 3, None), (2020, None, "VU")]
    assert issues == []


# --- Properties ------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(value=st.floats(-1e15, 1e15, allow_nan=False), digits=st.integers(0, 6))
def test_a_number_written_in_any_national_way_is_that_number_or_asked_for(value, digits):
    """Against Python's own formatting."""
    plain = f"{value:,.{digits}f}"
    number = float(plain.replace(",", ""))
    writings = {
        ".": plain, ",": plain.translate(str.maketrans(",.", ".,")), "": plain.replace(",", ""),
        " ": plain.replace(",", " "), ", ": plain.translate(str.maketrans(",.", "\u202f,")),
    }  # fmt: skip
    for mark, words in writings.items():
        reading = numerals.read_number(words)
        assert reading == number or reading is numerals.AMBIGUOUS
        if mark.strip() in (".", ","):
            assert numerals.read_number(words, mark.strip()) == number


def _is_blank(cell: object) -> bool:
    """Nothing that could be seen."""
    shows = isinstance(cell, str) and any(letter.isprintable() and not letter.isspace() for letter in cell)
    return cell is None or cell != cell or (isinstance(cell, str) and not shows)


texts = st.text(max_size=12) | st.sampled_from(["-9999", "n/a", "1,234", "#N/A", "Total", "yes", "2020", "VU", "007"])


@settings(max_examples=40)
@given(cells=st.lists(texts | st.floats() | st.integers() | st.booleans() | st.none(), min_size=1, max_size=6))
def test_each_cell_becomes_a_value_or_is_blank_or_is_named(cells):
    for field in LETTERS.fields:
        table, found = check(**{field.name: cells})
        named = {row for level, _, rows, column in found if level in ("error", "question") for row in rows if column}
        cell_of = dict(enumerate(cells, 2))
        for row, value in zip(table.index, values(table[field.name]), strict=True):
            cell = cell_of[row]
            assert value is not None or row in named or (_is_blank(cell) and not field.required)


def test_frictionless_finds_the_same_cells_wrong(tmp_path):
    """A second opinion on types and constraints, from the validator whose vocabulary the schemas use."""
    frictionless = pytest.importorskip("frictionless")
    rows = [
        ["species_id", "taxonomic_group", "year", "category", "range_share", "scope"],
        ["B1", "Birds", "2010", "LC", "0.5", "national"],
        ["B2", "Birds", "1949", "LC", "0.5", "national"],
        ["B3", "Birds", "2010", "XX", "0.5", "national"],
        ["B4", "Birds", "2010", "LC", "1000", "national"],
        ["B5", "", "2010", "LC", "abc", "national"],
        ["B1", "Birds", "2010", "VU", "", "national"],
        ["B7", "Birds", "year", "EN", "-1", "national"],
    ]
    path = tmp_path / "species.csv"
    path.write_text("\n".join(map(",".join, rows)) + "\n", encoding="utf-8")
    theirs = _frictionless_errors(frictionless, path, rows[0])
    data = pd.DataFrame(
        [[c or None for c in row] for row in rows[1:]], columns=rows[0], index=range(2, 9), dtype=object
    )
    _, issues = check_table(RawTable(data, path.name), schema_of("red_list_assessments"), TableMapping())
    ours = {(row, issue.column) for issue in issues if issue.stops for row in issue.rows}
    # A doubled key is named with both of its rows here, with the second one there.
    assert ours - {(2, "species_id"), (7, "species_id")} == theirs - {(7, None)}
    assert (7, None) in theirs


def _frictionless_errors(frictionless, path: Path, header: list[str]) -> set[tuple[int, str | None]]:
    schema = schema_of("red_list_assessments")
    fields = []
    for name in header:
        one = schema.field(name)
        limits = {
            "minimum": one.minimum,
            "maximum": one.maximum,
            "enum": list(choices_of(one).values) or None,
            "required": one.required,
        }
        kind = "integer" if one.type == "year" else one.type
        fields.append({"name": name, "type": kind, "constraints": {k: v for k, v in limits.items() if v is not None}})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        resource = frictionless.Resource(
            path=path.name, basepath=str(path.parent),
            schema=frictionless.Schema.from_descriptor({"fields": fields, "primaryKey": list(schema.primary_key)}),
        )  # fmt: skip
        report = resource.validate()
    return {(error.row_number, getattr(error, "field_name", None)) for error in report.task.errors}
