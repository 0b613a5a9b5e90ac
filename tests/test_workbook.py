"""The workbook for the reporting tool: numbers arrive unchanged, and the faults of other workbooks are found."""

from __future__ import annotations

import io
import math
import random
import re
import struct
import time
import tracemalloc
import zipfile
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.spreadsheets import refuse_hostile_xlsx
from gbf_workbench.reporting.importer_rules import parse_float, read_as_importer
from gbf_workbench.reporting.value_texts import kind_of_value_text
from gbf_workbench.reporting.workbook import left_out_rows, prove_arrival, workbook_rows, write_workbook
from gbf_workbench.reporting.workbook_check import check_workbook
from gbf_workbench.results import tidy

HEADER = [
    "Indicator code", "Indicator", "Does this data row represent a disaggregation", "Disaggregation type",
    "Disaggregation", "Year", "Unit", "Value", "Footnote",
]  # fmt: skip
CODES = {"3.1", "A.2", "A.3", "2.1", "10.1", "3.b"}


def result_of(data, *, code="3.1", unit="%", maturity="hand-checked", **provenance):
    """A result as far as the workbook looks at it."""
    shaped = tidy(pd.DataFrame(data), indicator=code, area="XAR", unit=unit)
    spec = SimpleNamespace(
        code=code, slug="an_indicator", unit=unit, maturity=maturity, label=lambda words, language=None: words
    )
    facts = {"parameters": {}, "computed_at": "2026-11-22T10:11:12+00:00", **provenance}
    return SimpleNamespace(spec=spec, data=shaped, provenance=SimpleNamespace(**facts), recipe="0123456789ab")


def written(tmp_path, data, *, name="Cover of protected areas", language="en", **options):
    result_options = {key: options.pop(key) for key in ("code", "unit", "maturity", "parameters") if key in options}
    path = tmp_path / "upload.xlsx"
    return write_workbook(result_of(data, **result_options), path, indicator_name=name, language=language, **options)


# --- the numbers arrive -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        # ECMA-262: leading white space goes, then the longest prefix that is a StrDecimalLiteral, else NaN.
        ("12", 12.0), ("12.5", 12.5), ("12,5", 12.0), ("1 234", 1.0), ("1,234.5", 1.0), ("12 %", 12.0),
        ("<5", math.nan), ("n/a", math.nan), ("", math.nan), ("   7", 7.0),
        ("\u00a0\ufeff\u20037", 7.0), (".5", 0.5), ("5.", 5.0),
        (".", math.nan), ("-", math.nan), ("+3", 3.0), ("-3", -3.0), ("--3", math.nan), ("1e3", 1000.0), ("1e", 1.0),
        ("1e+", 1.0), ("1E-2x", 0.01), ("-.5e1km", -5.0), ("e3", math.nan), ("0x1A", 0.0), ("1_000", 1.0),
        ("Infinity", math.inf), ("-Infinityx", -math.inf), ("infinity", math.nan), ("NaN", math.nan),
        ("1e400", math.inf), ("\u0663", math.nan), ("\u22125", math.nan), ("1.2.3", 1.2), ("$5", math.nan),
        ("5e-324", 5e-324), ("true", math.nan), ("\u200b5", math.nan),
    ],
)  # fmt: skip
def test_parse_float_follows_the_rule_of_ecmascript(words, expected):
    assert struct.pack("d", parse_float(words)) == struct.pack("d", expected)


# What a workbook can hold: no control characters, no half letters; the reader takes off outer spaces.
LABELS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp", "Cf")), min_size=1, max_size=40)
DANGEROUS = st.sampled_from(
    ["=cmd|' /C calc'!A0", "=1+1", "+1+1", "-2+3", "@SUM(A1)", "#N/A", "#DIV/0!", "TRUE", "3.1", "1e5", "2024-01-01",
     "غابات", "=غ", "森林", "Año <b>&amp;</b>", "'quoted", '"', "_x0041_", "a  b", "a\nb", "🦜", "]]>", "{=1}"]
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(DANGEROUS | LABELS, st.floats(allow_nan=False, allow_infinity=False)),
        min_size=1,
        max_size=60,
        unique_by=lambda row: row[0],
    )
)
def test_any_number_and_any_label_arrive_unchanged(tmp_path, rows):
    data = {
        "year": 2024, "disaggregation_type": "Kind", "disaggregation": [label for label, _ in rows],
        "value": [value for _, value in rows],
    }  # fmt: skip
    path = written(tmp_path, data)

    arrived = read_as_importer(path, "3.1").accepted
    got = dict(zip(arrived["disaggregation"], arrived["value"], strict=True))
    # Minus zero is the one number that a text cannot carry; it is zero.
    expected = {label: value or 0.0 for label, value in rows}
    assert got.keys() == expected.keys()
    assert all(struct.pack("d", got[label]) == struct.pack("d", expected[label]) for label in expected)
    cells = [cell for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}


def test_numbers_stand_in_the_file_with_all_their_digits(tmp_path):
    values = [0.1 + 0.2, 1 / 3, 2 / 3, 1e-7, 123456789.123456789, 5e-324, 1.7976931348623157e308, -2.5, 0.0, 1e22]
    path = written(tmp_path, {"year": list(range(2020, 2030)), "value": values})
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    stored = re.findall(r'<c r="H(\d+)"[^>]* t="n"[^>]*><v>([^<]*)</v>', sheet)
    assert [float(text) for _, text in stored] == values
    assert sheet.count("<f") == 0


def test_the_nine_columns_stand_in_order_with_numbers_as_numbers_and_all_else_as_text(tmp_path):
    data = {
        "year": 2024, "disaggregation_type": ["", "Realm"], "disaggregation": ["", "Land"], "value": [0.0, 31.5],
    }  # fmt: skip
    sheet = openpyxl.load_workbook(written(tmp_path, data)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == HEADER
    assert rows[1][:8] == ["3.1", "Cover of protected areas", "No", None, None, 2024, "%", 0]
    assert rows[2][:8] == ["3.1", "Cover of protected areas", "Yes", "Realm", "Land", 2024, "%", 31.5]
    types = ["".join(cell.data_type for cell in row[:8]) for row in sheet.iter_rows(min_row=2)]
    assert types == ["sssnnnsn", "sssssnsn"]


def test_a_kind_of_breakdown_without_a_class_gets_one_because_the_tool_wants_both(tmp_path):
    data = {"year": 2024, "disaggregation_type": ["", "Index"], "disaggregation": "", "value": [1.0, 2.0]}
    path = written(tmp_path, data)
    arrived = read_as_importer(path, "3.1").accepted
    assert arrived[["has_disaggregation", "disaggregation"]].to_numpy().tolist() == [[False, ""], [True, "All"]]
    assert check_workbook(path, known_codes=CODES) == []


def test_the_identifier_of_a_national_indicator_is_a_code(tmp_path):
    code = "0B7A3E4C-1111-4222-8333-123456789ABC"
    arrived = read_as_importer(written(tmp_path, {"year": [2024], "value": [1.5]}, code=code), code)
    assert arrived.accepted["code"].tolist() == [code]


def test_zero_missing_not_applicable_and_suppressed_stay_four_things(tmp_path):
    data = {
        "year": [2021, 2022, 2023, 2024], "value": [0.0, np.nan, np.nan, np.nan],
        "value_status": ["measured", "missing", "not_applicable", "suppressed"],
    }  # fmt: skip
    path = written(tmp_path, data)
    arrived = read_as_importer(path, "3.1")
    assert arrived.accepted[["year", "value"]].to_numpy().tolist() == [[2021, 0.0]]
    assert arrived.failed == arrived.unused == []
    left_out = openpyxl.load_workbook(path)["Not uploaded"]
    reasons = {row[0]: row[5] for row in left_out.iter_rows(min_row=2, values_only=True)}
    assert reasons == {
        2022: "There is no number for it (missing).",
        2023: "It does not apply (not applicable); this is not zero.",
        2024: "The number is withheld (suppressed).",
    }


def test_a_result_without_numbers_is_a_workbook_without_rows_and_with_all_reasons(tmp_path):
    path = written(tmp_path, {"year": [2023, 2024], "value": [np.nan] * 2, "value_status": ["missing", "suppressed"]})
    assert read_as_importer(path, "3.1").refused is None
    assert len(read_as_importer(path, "3.1").accepted) == 0
    assert openpyxl.load_workbook(path)["Not uploaded"].max_row == 3
    nothing = written(tmp_path, {"year": [], "value": []})
    assert openpyxl.load_workbook(nothing).sheetnames == ["Data"]


def test_a_suppressed_number_leaves_no_trace_of_its_interval(tmp_path):
    data = {"year": [2024], "value": [np.nan], "lower": [0.123456], "upper": [0.654321], "value_status": ["suppressed"]}
    archive = zipfile.ZipFile(written(tmp_path, data))
    inside = b"".join(archive.read(part) for part in archive.namelist())
    assert b"0.123" not in inside
    assert b"0.654" not in inside


def test_years_before_the_first_are_listed_and_a_red_list_index_may_start_earlier(tmp_path):
    data = {"year": [1988, 2019, 2020, 2024], "value": [0.9, 0.8, 0.7, 0.6]}
    path = written(tmp_path, data, unit="index")
    assert read_as_importer(path, "3.1").accepted["year"].tolist() == [2020, 2024]
    rows = list(openpyxl.load_workbook(path).worksheets[1].iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[4]) for row in rows] == [(1988, 0.9), (2019, 0.8)]
    all_years = written(tmp_path, data, unit="index", first_year=None, last_year=2020)
    assert read_as_importer(all_years, "3.1").accepted["year"].tolist() == [1988, 2019, 2020]


def test_every_row_of_a_result_is_either_uploaded_or_listed():
    data = {
        "year": [2019, 2020, 2020, 2021, 2020, 2020], "value": [1.0, 2.0, 20.0, np.nan, 4.0, 5.0],
        "unit": ["%", "%", "km2", "%", "km2", "km2"], "disaggregation_type": ["", "", "", "", "Realm", "Realm"],
        "disaggregation": ["", "", "", "", "Land", "Sea"],
        "value_status": ["measured", "measured", "measured", "missing", "measured", "estimated"],
    }  # fmt: skip
    result = result_of(data)
    sent = workbook_rows(result.data, code="3.1", name="x", unit="%", first_year=2020)
    kept_back = left_out_rows(result, "en", 2020)
    assert len(sent) + len(kept_back) == 6
    # A series in the unit of the indicator is reported in that unit alone; a series without it keeps its own.
    assert sent[["Disaggregation", "Unit", "Value"]].to_numpy().tolist() == [
        ["", "%", 2.0], ["Land", "km2", 4.0], ["Sea", "km2", 5.0],
    ]  # fmt: skip
    assert sorted(kept_back["value"].dropna()) == [1.0, 20.0]


def test_a_footnote_says_interval_status_maturity_and_recipe(tmp_path):
    data = {"year": [2024], "value": [0.58], "lower": [0.55], "upper": [0.61], "value_status": ["estimated"]}
    path = written(tmp_path, data, unit="index", maturity="provisional", parameters={"confidence": 0.95})
    assert read_as_importer(path, "3.1").accepted["footnote"].tolist() == [
        "95% interval 0.550 to 0.610. Estimated value. Provisional method. Recipe 0123456789ab."
    ]
    plain = written(tmp_path, {"year": [2024], "value": [0.58]})
    assert read_as_importer(plain, "3.1").accepted["footnote"].tolist() == ["Recipe 0123456789ab."]


def test_equal_results_are_equal_files_whenever_they_are_written(tmp_path):
    data = {"year": [2023, 2024], "value": [1.5, np.nan], "value_status": ["measured", "missing"]}
    first = written(tmp_path, data).read_bytes()
    time.sleep(2.1)  # the clock of an archive ticks every two seconds
    assert written(tmp_path, data).read_bytes() == first
    properties = openpyxl.load_workbook(io.BytesIO(first)).properties
    assert properties.created.isoformat() == properties.modified.isoformat() == "2026-11-22T10:11:12"


def test_classes_that_would_have_the_same_name_are_refused():
    data = {"year": 2024, "disaggregation_type": "Realm", "disaggregation": ["Sea", "Ocean"], "value": [1.0, 2.0]}
    with pytest.raises(WorkbenchError) as refused:
        workbook_rows(result_of(data).data, code="3.1", name="x", unit="%", label=lambda words: words and "Mer")
    assert refused.value.issues[0].key == "workbook.same_label"


def test_characters_that_a_workbook_cannot_hold_are_shown_as_such(tmp_path):
    data = {
        "year": 2024,
        "disaggregation_type": " Kind\u00a0",
        "disaggregation": ["a\x00b", "c\r\nd"],
        "value": [1.0, 2.0],
    }
    arrived = read_as_importer(written(tmp_path, data), "3.1").accepted
    assert set(arrived["disaggregation"]) == {"a\ufffdb", "c\nd"}
    assert set(arrived["disaggregation_type"]) == {"Kind"}


def test_the_proof_notices_a_last_digit(tmp_path):
    path = written(tmp_path, {"year": [2024], "value": [0.1 + 0.2]})
    rows = workbook_rows(result_of({"year": [2024], "value": [0.3]}).data, code="3.1", name="x", unit="%")
    with pytest.raises(RuntimeError, match="Value"):
        prove_arrival(path, rows, "3.1")
    with pytest.raises(RuntimeError, match="would not take"):
        prove_arrival(path, rows, "3.2")


def test_our_own_workbook_has_nothing_to_mend(tmp_path):
    data = {
        "year": [2015, 2022, 2024, 2024], "value": [1.0, 30.1, np.nan, 12.5],
        "value_status": ["measured", "estimated", "missing", "measured"],
        "disaggregation_type": ["", "", "", "Realm"], "disaggregation": ["", "", "", "=Land"],
    }  # fmt: skip
    assert check_workbook(written(tmp_path, data), known_codes=CODES, value_range=(0, 100)) == []


# --- what the tool makes of other workbooks ---------------------------------------------------------------------------


def row(value=30.5, year=2024, *, code="3.1", answer="No", kind=None, name=None, unit="%", note=None):
    return [code, "Cover of protected areas", answer, kind, name, year, unit, value, note]


def land(value=30.5, year=2024, **other):
    return row(value, year, **{"answer": "Yes", "kind": "Realm", "name": "Land", **other})


def made(tmp_path, rows, *, header=HEADER, edit=None, above=()):
    """A workbook made by hand; blanks are left out, as spreadsheet programs do."""
    book = openpyxl.Workbook()
    for number, cells in enumerate([*above, header, *rows], start=1):
        for place, value in enumerate(cells, start=1):
            if value is not None:
                book.active.cell(number, place, value)
    if edit:
        edit(book)
    path = tmp_path / "theirs.xlsx"
    book.save(path)
    return path


def test_the_tool_accepts_fails_and_leaves_aside_rows_as_its_code_says(tmp_path):
    rows = [
        row(1.5), row(None), row("n/a", 2023), row(2.0, "2022"), row(3.0, 2021, unit=None), row(4.0, 2020, code="A.2"),
        land("12,5", 2019), land(True, 2018), land(9, 2017, answer="Oui"), row(7.5, 2016, code=3.1),
    ]  # fmt: skip
    read = read_as_importer(made(tmp_path, rows, header=[words.upper() for words in HEADER]), "3.1")
    assert read.refused is None
    assert read.accepted["row"].tolist() == [2, 4, 8, 9, 10, 11]
    assert read.accepted["value"].tolist()[:1] == [1.5]
    assert read.accepted["value"].isna().tolist() == [False, True, False, True, False, False]
    assert read.accepted["value"][2] == 12.0
    assert read.accepted["has_disaggregation"].tolist() == [False, False, True, True, False, False]
    assert read.failed == [3, 5, 6]
    assert read.unused == [7]


def test_the_tool_refuses_or_stops_without_a_word(tmp_path):
    def reason(**how):
        return read_as_importer(made(tmp_path, [row()], **how), "3.1").refused

    assert reason() is None
    assert reason(header=["Indicator_code", *HEADER[1:]]) == "workbook.importer.header"
    assert reason(header=HEADER[:3] + HEADER[4:]) == "workbook.importer.header"
    assert reason(header=["Code de l’indicateur", *HEADER[1:]]) == "workbook.importer.header"
    assert reason(above=[["Title"]]) == "workbook.importer.header"
    boolean = made(tmp_path, [row(answer=False)])
    assert read_as_importer(boolean, "3.1").refused == "workbook.importer.cannot_read"
    # pandas stores a blank as an empty text, at which the tool's reader stops.
    theirs = tmp_path / "pandas.xlsx"
    pd.DataFrame([row(note=None), row(2.5, 2023)], columns=HEADER).to_excel(theirs, index=False)
    assert read_as_importer(theirs, "3.1").refused == "workbook.importer.cannot_read"
    assert "workbook.unreadable_cell" in {issue.key for issue in check_workbook(theirs, known_codes=CODES)}


def test_a_formula_that_was_never_computed_becomes_zero(tmp_path):
    path = made(tmp_path, [row("=B2*C2")])
    assert read_as_importer(path, "3.1").accepted["value"].tolist() == [0.0]


@pytest.mark.parametrize("format_code", ["yyyy", "dd/mm/yyyy", "mmm yyyy"])
def test_a_year_shown_as_a_date_is_no_number_to_the_tool(tmp_path, format_code):
    def as_date(book):
        book.active["F2"].number_format = format_code

    path = made(tmp_path, [row()], edit=as_date)
    assert read_as_importer(path, "3.1").failed == [2]
    assert keys_of(check_workbook(path, known_codes=CODES)) == [("workbook.year_date", (2,))]


# --- the faults of other workbooks ------------------------------------------------------------------------------------


def keys_of(issues):
    return [(issue.key, issue.rows) for issue in issues]


def assert_readable(issues):
    """Each finding has a sentence, and those that stop have a remedy."""
    for issue in issues:
        assert "{" not in issue.line("en")
        assert issue.remedy("en") or not issue.stops


VALUE_TEXTS = [
    ("12,5", "error", "decimal_comma"), ("0,123", "error", "decimal_comma"), (",5", "error", "decimal_comma"),
    ("1 234", "error", "thousands_space"), ("1\u00a0234,5", "error", "thousands_space"),
    ("1\u202f234", "error", "thousands_space"), ("1'234", "error", "thousands_space"),
    ("1,234.5", "error", "thousands_comma"), ("1,234,567", "error", "thousands_comma"),
    ("1.234.567", "error", "thousands_point"), ("1.234,5", "error", "thousands_point"),
    ("1,234", "question", "comma_unclear"), ("<5", "error", "less_than"), ("≥ 10", "error", "less_than"),
    ("n/a", "error", "no_number"), ("N/A", "error", "no_number"), ("-", "error", "no_number"),
    ("…", "error", "no_number"),
    ("12 %", "error", "percent"), ("12%", "error", "percent"), ("−5", "error", "minus_sign"),
    ("(5)", "error", "minus_sign"), ("١٢٫٥", "error", "other_digits"), ("12 km2", "error", "unit_in_cell"),
    ("12.5ha", "error", "unit_in_cell"), ("12*", "error", "cut"), ("5-6", "error", "cut"), ("1_000", "error", "cut"),
    ("about five", "error", "not_a_number"), ("nan", "error", "no_number"), ("Infinity", "error", "not_a_number"),
    ("[Please select]", "error", "placeholder"), ("12.5", "flag", "as_text"), (" 1e3 ", "flag", "as_text"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "level", "kind"), VALUE_TEXTS)
def test_a_text_in_the_value_column_is_named_for_what_it_is(tmp_path, words, level, kind):
    issues = check_workbook(made(tmp_path, [row(), row(words, 2023)]), known_codes=CODES)
    assert [(issue.level, issue.key, issue.rows, issue.column) for issue in issues] == [
        (level, f"workbook.value_{kind}", (3,), "Value")
    ]
    assert issues[0].value == words.strip()
    assert_readable(issues)


@settings(max_examples=300, deadline=None)
@given(words=st.text(max_size=12) | st.from_regex(r"[ +-]?[0-9., '%]{1,9}", fullmatch=True))
def test_only_texts_that_arrive_whole_are_let_through(words):
    if kind_of_value_text(words) == "as_text":
        # Python reads the whole text or nothing; JavaScript as far as it goes.
        assert float(words.strip("\ufeff\u00a0 ")) == parse_float(words)


def edit_cell(place, value):
    def edit(book):
        book.active[place] = value

    return edit


def set_format(place, code):
    def edit(book):
        book.active[place].number_format = code

    return edit


def error_in_value(book):
    book.active["H2"] = "#N/A"
    book.active["H3"] = "#DIV/0!"


def merge(reference):
    return lambda book: book.active.merge_cells(reference)


def hide_row(book):
    book.active.row_dimensions[3].hidden = True


def hide_column(book):
    book.active.column_dimensions["I"].hidden = True


def data_on_second_sheet(book):
    book.create_sheet("Cover", 0)["A1"] = "Report of a country"


def hidden_cover(book):
    book.create_sheet("Cover", 0).sheet_state = "hidden"


def hidden_table(book):
    book.active.sheet_state = "hidden"
    book.active = book.create_sheet("Notes")


def second_table(book):
    copy = book.create_sheet("Copy")
    for number, cells in enumerate([HEADER, row()], start=1):
        for place, value in enumerate(cells, start=1):
            copy.cell(number, place, value)


def hidden_notes(book):
    book.create_sheet("Notes").sheet_state = "veryHidden"


FRENCH = [
    "Code de l'indicateur", "Indicateur", "Cette ligne de données représente-t-elle une désagrégation ?",
    "Type de désagrégation", "Désagrégation", "Année", "Unité", "Valeur", "Note de bas de page",
]  # fmt: skip
TWO = [row(), row(29.0, 2023)]
FAULTS = {
    # name: (rows, how it is made, [(level, key, column, rows)])
    "blank value": ([row(), row(None, 2023)], {}, [("question", "value_blank", "Value", (3,))]),
    "blank beside zero": ([row(0), row("  ", 2023)], {}, [("question", "value_blank", "Value", (3,))]),
    "truth value": ([row(True)], {}, [("error", "value_boolean", "Value", (2,))]),
    "value turned into a date": (
        TWO, {"edit": set_format("H3", "dd/mm/yyyy")}, [("error", "value_date", "Value", (3,))]),
    "percent format": (
        [row(0.305)], {"edit": set_format("H2", "0.0%")}, [("question", "value_percent_format", "Value", (2,))]),
    "built-in percent format": (
        [row(0.305)], {"edit": set_format("H2", "0%")}, [("question", "value_percent_format", "Value", (2,))]),
    "out of range": ([row(30), row(130, 2023)], {}, [("error", "value_out_of_range", "Value", (3,))]),
    "error values": (
        TWO, {"edit": error_in_value},
        [("error", "error_value", "Value", (2,)), ("error", "error_value", "Value", (3,))]),
    "formula without result": ([row("=B2*C2")], {}, [("error", "formula_without_value", "Value", (2,))]),
    "year as text": ([row(year="2024"), row(1, "FY 2023")], {}, [("error", "year_text", "Year", (2, 3))]),
    "year with decimals": ([row(year=2024.5)], {}, [("error", "year_decimal", "Year", (2,))]),
    "year of two digits": ([row(year=24), row(1, 20231)], {}, [("error", "year_absurd", "Year", (2, 3))]),
    "no year": ([row(year=None)], {}, [("error", "year_blank", "Year", (2,))]),
    "no unit": ([row(unit=None), row(29, 2023, unit=" \u00a0")], {}, [("error", "unit_blank", "Unit", (2, 3))]),
    "unit turned into a date": (
        [row(unit=45000)], {"edit": set_format("G2", "mmm-yy")}, [("error", "unit_date", "Unit", (2,))]),
    "mixed units": (
        [row(), row(3000, 2023, unit="km2"), land(), land(1, 2023)], {}, [("error", "units_mixed", "Unit", (2, 3))]),
    "unknown code": ([row(code="99.9")], {}, [("error", "code_unknown", "Indicator code", (2,))]),
    "code with a trailing zero": ([row(code="3.10")], {}, [("error", "code_spelling", "Indicator code", (2,))]),
    "code in the wrong case": ([row(code="a.3")], {}, [("error", "code_spelling", "Indicator code", (2,))]),
    "code with a Cyrillic letter": ([row(code="А.3")], {}, [("error", "code_spelling", "Indicator code", (2,))]),
    "code with a comma": ([row(code="3,1")], {}, [("error", "code_spelling", "Indicator code", (2,))]),
    "code as a number": ([row(code=3.1)], {}, [("flag", "code_number", "Indicator code", (2,))]),
    "code with spaces": ([row(code="\u00a03.1 ")], {}, [("flag", "code_spaces", "Indicator code", (2,))]),
    "code as a date": (
        [row(code=45294)], {"edit": set_format("A2", "d.m")}, [("error", "code_date", "Indicator code", (2,))]),
    "no code": ([row(), row(1, 2023, code=None)], {}, [("error", "code_blank", "Indicator code", (3,))]),
    "national indicator": (
        [row(code="0B7A3E4C-1111-4222-8333-123456789ABC")], {}, [("flag", "code_national", "Indicator code", (2,))]),
    "mixed codes": ([*TWO, row(1, 2022, code="A.2")], {}, [("error", "codes_mixed", "Indicator code", (4,))]),
    "answer as truth value": (
        [row(answer=False), land(answer=True)], {},
        [("error", "answer_not_text", HEADER[2], (2,)), ("error", "answer_not_text", HEADER[2], (3,))]),
    "answer in French": (
        [row(), land(answer="Oui"), land(1, 2023, answer="Oui")], {}, [("error", "answer_wrong", HEADER[2], (3, 4))]),
    "no answer": ([row(answer=None)], {}, [("flag", "answer_blank", HEADER[2], (2,))]),
    "no answer but a class": ([land(answer=None)], {}, [("error", "answer_blank_with_class", HEADER[2], (2,))]),
    "total with a class": ([row(kind="Realm", name="Land")], {}, [
        ("error", "total_with_class", "Disaggregation", (2,)),
        ("error", "total_with_class", "Disaggregation type", (2,))]),
    "disaggregation without class": ([land(name=None)], {}, [("error", "class_missing", "Disaggregation", (2,))]),
    "disaggregation without type": ([land(kind=None)], {}, [("error", "class_missing", "Disaggregation type", (2,))]),
    "class turned into a date": (
        [land(name=45000)], {"edit": set_format("E2", "mmm-yy")}, [("error", "class_date", "Disaggregation", (2,))]),
    "hint of a template": (
        [land(name="[Please select the disaggregation]")], {}, [("error", "placeholder", "Disaggregation", (2,))]),
    "same row twice": ([row(), land(1), row(29.0), land(2, name=" land")], {}, [
        ("error", "duplicate_row", "", (2, 4)), ("error", "duplicate_row", "", (3, 5))]),
    "blank row inside": ([row(), [], row(29.0, 2023)], {}, [("flag", "blank_row", "", (3,))]),
    "rows of the template left empty": (
        [row(), ["3.1", "Cover", None, None, None, 2023]], {}, [("flag", "row_unfilled", "", (3,))]),
    "merged cells": ([row(), row(29.0, 2023, unit=None)], {"edit": merge("G2:G3")}, [
        ("error", "merged", "", (2, 3)), ("error", "unit_blank", "Unit", (3,))]),
    "hidden row": (TWO, {"edit": hide_row}, [("flag", "hidden_rows", "", (3,))]),
    "hidden column": (TWO, {"edit": hide_column}, [("flag", "hidden_column", "Footnote", ())]),
    "title above the header": (TWO, {"above": [["Report"], []]}, [("error", "header_not_first_row", "", (3,))]),
    "header misspelt": (
        TWO, {"header": ["Indicator_code", *HEADER[1:]]}, [("error", "header_wrong", "Indicator code", (1,))]),
    "header in French": (
        TWO, {"header": FRENCH}, [("error", "header_language", column, (1,)) for column in HEADER]),
    "header nobody knows": (
        TWO, {"header": [*HEADER[:2], "Split?", *HEADER[3:]]}, [("error", "header_wrong", HEADER[2], (1,))]),
    "column missing": (
        [one[:3] + one[4:] for one in TWO], {"header": HEADER[:3] + HEADER[4:]},
        [("error", "header_missing", "Disaggregation type", (1,))]),
    "columns in another order": (
        [[*one[:5], one[7], one[6], one[5], one[8]] for one in TWO],
        {"header": [*HEADER[:5], "Value", "Unit", "Year", "Footnote"]}, [("error", "header_order", "", (1,))]),
    "table begins in column B": (
        [[None, *one] for one in TWO], {"header": [None, *HEADER]}, [("error", "header_order", "", (1,))]),
    "a tenth column": (
        [[*one, 1.5] for one in TWO], {"header": [*HEADER, "Lower limit"]},
        [("error", "extra_column", "Lower limit", ())]),
    "no rows": ([], {}, [("error", "no_rows", "", ())]),
    "table on the second sheet": (TWO, {"edit": data_on_second_sheet}, [("error", "not_first_sheet", "", ())]),
    "hidden sheet in front": (TWO, {"edit": hidden_cover}, [("error", "hidden_first_sheet", "", ())]),
    "the table itself hidden": (TWO, {"edit": hidden_table}, [("flag", "hidden_table", "", ())]),
    "second table": (TWO, {"edit": second_table}, [("error", "another_table", "", ())]),
    "hidden sheet behind": (TWO, {"edit": hidden_notes}, [("flag", "hidden_sheet", "", ())]),
    "no table at all": ([["a", "b"]], {"header": ["x", "y"]}, [("error", "no_table", "", ())]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_with_its_rows_and_nothing_else_is(tmp_path, fault):
    rows, how, expected = FAULTS[fault]
    path = made(tmp_path, rows, **how)
    issues = check_workbook(
        path, known_codes=CODES.__contains__, value_range=(0, 100) if fault == "out of range" else None
    )
    found = [(issue.level, issue.key.removeprefix("workbook."), issue.column, issue.rows) for issue in issues]
    assert sorted(found) == sorted(expected)
    assert {issue.file for issue in issues} == {"theirs.xlsx"}
    assert_readable(issues)


def test_all_faults_are_said_at_once_and_equal_ones_together(tmp_path):
    rows = [row(f"{number},5", 1600 + number) for number in range(400)]
    rows += [row("<5", 2001), row("n/a", 2002), row(5.0, 2003, unit=None), row(6.0, 2004, answer="Si")]
    issues = check_workbook(made(tmp_path, rows), known_codes=CODES)
    assert keys_of(issues) == [
        ("workbook.value_decimal_comma", tuple(range(2, 402))),
        ("workbook.value_less_than", (402,)),
        ("workbook.value_no_number", (403,)),
        ("workbook.unit_blank", (404,)),
        ("workbook.answer_wrong", (405,)),
    ]


ODD = [
    None, "", " ", 0, -1.5, 5e-324, True, False, "12,5", "1 234", "<5", "n/a", "12.5", "1e3", "2024", 2024.5, "Oui",
    "yes", "NO", "[Please select]", "A.2", 3.1, "3.10", " 3.1", "=1+1", "#N/A", "٣", "km2", "%", "\u200b",
]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8), st.sampled_from(ODD)), min_size=1, max_size=3))
def test_what_passes_the_check_arrives_as_it_stands(tmp_path, changes):
    rows = [row(1.5), row(0, 2023), land(0.1), land(2 / 3, 2023)]
    for line, place, value in changes:
        rows[line][place] = value
    path = made(tmp_path, rows)
    issues = check_workbook(path, known_codes=CODES)
    arrived = read_as_importer(path, "3.1")
    if any(issue.stops for issue in issues):
        return
    set_aside = {number for issue in issues if issue.key == "workbook.row_unfilled" for number in issue.rows}
    kept = [(number, one) for number, one in enumerate(rows, start=2) if number not in set_aside]
    assert arrived.refused is None
    # openpyxl, which made this file, stores 16 digits of a number; what it stored is what arrives.
    assert arrived.accepted["value"].tolist() == [float(f"{float(one[7]):.16g}") for _, one in kept]
    assert arrived.accepted["row"].tolist() == [number for number, _ in kept]
    assert arrived.accepted["year"].tolist() == [one[5] for _, one in kept]


# --- files that are no workbook, or should not be opened --------------------------------------------------------------


def test_files_of_another_kind_are_named_for_what_they_are(tmp_path):
    good = made(tmp_path, TWO).read_bytes()
    encrypted_zip = bytearray(good)
    encrypted_zip[good.rfind(b"PK\x01\x02") + 8] |= 1
    other_zip, open_document = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(other_zip, "w") as archive:
        archive.writestr("data.csv", "a,b")
    with zipfile.ZipFile(open_document, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
    contents = {
        "empty": b"",
        "csv": ";".join(HEADER).encode() + b"\n",
        "html": b"\n <!DOCTYPE html><html><table><tr><td>3.1</td></tr></table></html>",
        "old_xls": ole,
        "encrypted": ole + "EncryptedPackage".encode("utf-16-le"),
        "other": other_zip.getvalue(),
        "other_workbook": open_document.getvalue(),
    }
    for kind, content in contents.items():
        path = tmp_path / "sent.xlsx"
        path.write_bytes(content)
        assert keys_of(check_workbook(path, known_codes=CODES)) == [(f"workbook.file.{kind}", ())]
        assert_readable(check_workbook(path, known_codes=CODES))
        assert read_as_importer(path, "3.1").refused == f"workbook.file.{kind}"
    (tmp_path / "locked.xlsx").write_bytes(bytes(encrypted_zip))
    assert refuse_hostile_xlsx(tmp_path / "locked.xlsx").key == "workbook.file.encrypted"
    (tmp_path / "utf16.xlsx").write_bytes("Année;Valeur\n".encode("utf-16"))
    assert refuse_hostile_xlsx(tmp_path / "utf16.xlsx").key == "workbook.file.csv"
    (tmp_path / "picture.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    assert refuse_hostile_xlsx(tmp_path / "picture.xlsx").key == "workbook.file.other"
    assert refuse_hostile_xlsx(tmp_path / "nowhere.xlsx").key == "workbook.file.not_found"
    assert refuse_hostile_xlsx(tmp_path).key == "workbook.file.cannot_open"


def test_a_workbook_cut_anywhere_is_damaged_and_never_a_traceback(tmp_path):
    whole = made(tmp_path, TWO).read_bytes()
    for share in range(1, 20):
        path = tmp_path / "cut.xlsx"
        path.write_bytes(whole[: len(whole) * share // 20])
        assert refuse_hostile_xlsx(path).key == "workbook.file.broken"


def changed(tmp_path, part, change):
    """A good workbook with one part of its archive changed."""
    good = made(tmp_path, TWO)
    path = tmp_path / "changed.xlsx"
    with zipfile.ZipFile(good) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            inside = before.read(name)
            after.writestr(name, change(inside) if name == part else inside)
    return path


SHEET = "xl/worksheets/sheet1.xml"
PARTS = (SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    part=st.sampled_from(PARTS),
    places=st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
    pieces=st.lists(
        st.sampled_from([b"", b"0", b"-1", b"9" * 30, b'"', b"<c>", b"ZZ9", b"\xff", b"&#1;", b"n", b"s", b"b"])
    ),
)
def test_damage_inside_a_workbook_gives_findings_or_rows_but_no_traceback(tmp_path, part, places, pieces):
    def damaged(inside):
        for place, piece in zip(places, pieces, strict=False):
            at = place % len(inside)
            inside = inside[:at] + piece + inside[at + 1 :]
        return inside

    path = changed(tmp_path, part, damaged)
    check_workbook(path, known_codes=CODES)
    read_as_importer(path, "3.1")


REPLACEMENTS = {
    "a stray cell": (
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>', "XFD1048576"),
    "a stray cell far below": (b"</sheetData>", b'<row r="900000"><c r="I900000"/></row></sheetData>', "I900000"),
    "a size that is claimed": (b'ref="A1:I3"', b'ref="A1:XFD1048576"', "XFD1048576"),
    "a merged range": (
        b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="K1:XFD9999"/></mergeCells>', "XFD9999"),
}  # fmt: skip


@pytest.mark.parametrize("what", REPLACEMENTS)
def test_something_far_out_is_named_quickly_and_without_taking_the_memory(tmp_path, what):
    old, new, address = REPLACEMENTS[what]
    path = changed(tmp_path, SHEET, lambda inside: inside.replace(old, new))
    tracemalloc.start()
    issue = refuse_hostile_xlsx(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (issue.key, issue.value, issue.sheet) == ("workbook.file.stray_cell", address, "Sheet")
    assert peak < 20 * 2**20
    assert_readable([issue])


def test_too_many_cells_are_refused_while_they_are_counted(tmp_path):
    many = b"".join(b"<row>%s</row>" % (b"<c/>" * 5000) for _ in range(220))
    noise = b"<!-- %s -->" % random.Random(1).randbytes(20_000).hex().encode()
    path = changed(tmp_path, SHEET, lambda inside: inside.replace(b"</sheetData>", many + b"</sheetData>" + noise))
    issue = refuse_hostile_xlsx(path)
    assert issue.key == "workbook.file.too_many_cells"
    assert "1,000,000" in issue.sentence("en")


def test_bombs_and_unsafe_xml_are_refused(tmp_path):
    bomb = changed(tmp_path, SHEET, lambda inside: inside + b" " * 30_000_000)
    assert refuse_hostile_xlsx(bomb).key == "workbook.file.bomb"
    entity = b'<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet'
    laughs = changed(tmp_path, SHEET, lambda inside: inside.replace(b"<worksheet", entity, 1))
    assert refuse_hostile_xlsx(laughs).key == "workbook.file.unsafe_xml"
    outside = b'<!DOCTYPE w SYSTEM "file:///etc/hostname"><workbook'
    reaching = changed(tmp_path, "xl/workbook.xml", lambda inside: inside.replace(b"<workbook", outside, 1))
    assert refuse_hostile_xlsx(reaching).key == "workbook.file.unsafe_xml"


def test_a_size_that_leaves_rows_out_is_found(tmp_path):
    path = changed(tmp_path, SHEET, lambda inside: inside.replace(b'ref="A1:I3"', b'ref="A1:I2"'))
    assert [issue.key for issue in check_workbook(path, known_codes=CODES)] == ["workbook.dimension"]
    assert read_as_importer(path, "3.1").accepted["row"].tolist() == [2]


def test_a_stored_result_of_a_formula_is_used_and_said(tmp_path):
    def computed(inside):
        for place in ("H2", "H3"):
            cell = f'<c r="{place}"><f>1+{place[1]}</f><v>{place[1]}.5</v></c>'
            inside = re.sub(rb'<c r="%s"[^>]*>.*?</c>' % place.encode(), cell.encode(), inside)
        return inside

    path = changed(tmp_path, SHEET, computed)
    issues = check_workbook(path, known_codes=CODES)
    assert keys_of(issues) == [("workbook.formula", (2, 3))]
    assert_readable(issues)
    assert read_as_importer(path, "3.1").accepted["value"].tolist() == [2.5, 3.5]


def test_a_strict_workbook_and_macros_are_named(tmp_path):
    kinds = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    strict = changed(
        tmp_path, "xl/_rels/workbook.xml.rels",
        lambda inside: inside.replace(kinds, b"http://purl.oclc.org/ooxml/officeDocument/relationships/"),
    )  # fmt: skip
    assert [issue.key for issue in check_workbook(strict, known_codes=CODES)] == ["workbook.strict"]
    with_macros = made(tmp_path, TWO)
    with zipfile.ZipFile(with_macros, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert [issue.key for issue in check_workbook(with_macros, known_codes=CODES)] == ["workbook.macros"]


def test_shared_and_formatted_texts_are_read(tmp_path):
    # What Excel itself writes: texts in a table of their own, some of them with formats and reading aids.
    texts = b"".join([
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">',
        b"<si><t>3.1</t></si>",
        b"<si><r><t>12</t></r><r><rPr><b/></rPr><t>,5</t></r><rPh sb='0' eb='1'><t>x</t></rPh></si>",
        b"</sst>",
    ])  # fmt: skip
    path = tmp_path / "shared.xlsx"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    with zipfile.ZipFile(made(tmp_path, TWO)) as before, zipfile.ZipFile(path, "w") as after:
        for name in before.namelist():
            inside = before.read(name).decode()
            if name == SHEET:
                inside = re.sub(r'<c r="A2"[^>]*>.*?</c>', '<c r="A2" t="s"><v>0</v></c>', inside)
                inside = re.sub(r'<c r="H2"[^>]*>.*?</c>', '<c r="H2" t="s"><v>1</v></c>', inside)
            if name == "xl/_rels/workbook.xml.rels":
                link = f'<Relationship Id="rId77" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
                inside = inside.replace("</Relationships>", link)
            if name != "xl/sharedStrings.xml":
                after.writestr(name, inside)
        after.writestr("xl/sharedStrings.xml", texts)
    issues = check_workbook(path, known_codes=CODES)
    assert [(issue.key, issue.value, issue.rows) for issue in issues] == [
        ("workbook.value_decimal_comma", "12,5", (2,))
    ]
    assert read_as_importer(path, "3.1").accepted["value"].tolist() == [12.0, 29.0]
