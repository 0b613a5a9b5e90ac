"""Every way a workbook can be wrong is found, also where its values alone look like an empty cell."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.tables import read_table
from tests.preparation.table_files import ROWS, SPECIES, read, spoiled, with_parts, workbook


def cells(**values):
    """Puts values into cells of the first sheet."""

    def change(book: Workbook) -> None:
        for address, value in values.items():
            book.worksheets[0][address] = value

    return change


def merged(area: str, **values):
    def change(book: Workbook) -> None:
        cells(**values)(book)
        book.worksheets[0].merge_cells(area)

    return change


def hidden_row(book: Workbook) -> None:
    book.worksheets[0].row_dimensions[3].hidden = True


WORKBOOKS = {
    "clean": (None, set()),
    "whole numbers stored as decimals": (cells(C2=2010.0), set()),
    "a year as text": (cells(C2="2010"), set()),
    "a number as text": (cells(E2="0.5"), set()),
    "NU-01 a decimal comma as text": (cells(E2="0,5"), {("repair", "decimal_comma", (2,), "range_share")}),
    "XL-01 a formula never worked out": (
        cells(E3="=0.5/2"), {("error", "formula_without_value", (3,), "range_share")}
    ),
    "XL-01 the same where nobody looks": (
        cells(F1="remark", F2="=A1"), {("flag", "unused_columns", (), "")}
    ),
    **{
        f"XL-02 {error}": (cells(E2=error), {("error", "error_value", (2,), "range_share")})
        for error in ("#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!")
    },
    "XL-03 a name merged over two columns": (
        merged("C1:D1"), {("error", "merged_header", (1,), "year")}
    ),
    "XL-04 a group merged over its rows": (
        merged("B2:B3"), {("repair", "merged_filled", (2, 3), "taxonomic_group")}
    ),
    "XL-04 a number merged over rows": (
        merged("E2:E3"), {("error", "merged_cells", (2, 3), "range_share")}
    ),
    "XL-04 a category merged over rows": (
        merged("D2:D3"), {("error", "merged_cells", (2, 3), "category"), ("error", "required", (3,), "category")}
    ),
    "rows that are hidden": (hidden_row, {("flag", "hidden_rows", (3,), "")}),
    "DT-07 a code changed into a date": (
        cells(A2=date(2020, 3, 1)), {("error", "date_in_text", (2,), "species_id")}
    ),
    "a date in place of a year": (cells(C2=date(2010, 1, 1)), {("repair", "year_of_date", (2,), "year")}),
    "a date in place of a number": (cells(E2=date(2010, 1, 1)), {("error", "not_a_number", (2,), "range_share")}),
    "an hour in place of a number": (cells(E2=time(3, 4)), {("error", "not_a_number", (2,), "range_share")}),
    "NU-15 a truth value in place of a number": (cells(E2=True), {("error", "not_a_number", (2,), "range_share")}),
    "a cell to the right of the table": (cells(H3="why?"), {("error", "extra_cells", (3,), "")}),
    "XL-08 digits beyond what a number keeps": (
        cells(A2=12345678901234567), {("error", "digits_lost", (2,), "species_id")}
    ),
    "XL-08 a number among codes with zeros in front": (
        cells(A2=7, A3="007"), {("error", "zeros_lost", (2,), "species_id")}
    ),
    "XL-08 a number among other codes": (
        cells(A2=7), {("flag", "number_in_text", (2,), "species_id")}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_ends_in_exactly_what_is_to_be_said(tmp_path, name):
    change, expected = WORKBOOKS[name]
    table, found = read(workbook(tmp_path, ROWS, change=change))
    assert found == expected
    assert table is None or list(table.index) == [2, 3]


def test_a_merged_label_stands_in_each_of_its_rows(tmp_path):
    table, _ = read(workbook(tmp_path, ROWS, change=merged("B2:B3")))
    assert table["taxonomic_group"].tolist() == ["Birds", "Birds"]


def test_a_header_merged_over_two_rows_keeps_its_name(tmp_path):
    rows = [
        ["Group", "Species", None, None],
        ["taxonomic_group", "species_id", "year", "category"],
        ["Aves", "B1", 2010, "LC"],
    ]

    def change(book: Workbook) -> None:
        book.worksheets[0].merge_cells("A1:A2")

    table, found = read(workbook(tmp_path, rows, change=change), TableMapping(header_row=2))
    assert table["taxonomic_group"].tolist() == ["Aves"]
    assert found == {("repair", "columns_renamed", (), "")}


def test_a_table_may_start_anywhere(tmp_path):
    """XL-07."""
    rows = [[None] * 7, ["", "", "Red List"], [None, None, *ROWS[0]], *([None, None, *row] for row in ROWS[1:])]
    path = workbook(tmp_path, rows)
    table, found = read(path)
    assert found == {("repair", "header_found", (), "")}
    assert list(table.index) == [4, 5]
    (issue,) = read_table(path, SPECIES, TableMapping()).issues
    assert issue.value == "C3:G5"


def test_a_sheet_without_the_table_is_named_and_left_out(tmp_path):
    table, found = read(workbook(tmp_path, [["Read me"], ["please"]], ROWS))
    assert found == {("flag", "several_sheets", (), "")}
    assert len(table) == 2


def test_two_sheets_that_could_both_be_meant_are_asked_for(tmp_path):
    path = workbook(tmp_path, ROWS, ROWS)
    assert read(path) == (None, {("question", "which_sheet", (), "")})
    assert len(read(path, TableMapping(sheet="S2"))[0]) == 2


def test_a_hidden_sheet_is_never_read_unasked(tmp_path):
    old = [ROWS[0], ["B1", "Birds", 1990, "EX", 0.5]]

    def hide(book: Workbook) -> None:
        book["S1"].sheet_state = "hidden"

    path = workbook(tmp_path, old, ROWS, change=hide)
    table, found = read(path)
    assert found == {("flag", "several_sheets", (), "")}
    assert table["year"].tolist() == [2010, 2010]
    assert read(path, TableMapping(sheet="S1"))[0]["year"].tolist() == [1990]


def test_a_sheet_that_is_not_there_is_said(tmp_path):
    assert read(workbook(tmp_path, ROWS), TableMapping(sheet="Data"))[1] == {("error", "sheet_missing", (), "")}


def linked(path: Path, *formulas: str) -> Path:
    """A workbook with formulas (cell elements of the sheet) that take their values from budget.xlsx."""
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" '
        'Target="file:///C:/My%20data/budget.xlsx" TargetMode="External"/></Relationships>'
    )
    part = '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    with_parts(
        path,
        {
            "xl/externalLinks/externalLink1.xml": part,
            "xl/externalLinks/_rels/externalLink1.xml.rels": relation,
        },
    )

    def change(sheet: str) -> str:
        for cell in formulas:
            address = re.search(r'r="(\w+)"', cell)[1]
            sheet, found = re.subn(f'<c r="{address}".*?</c>', cell, sheet, flags=re.DOTALL)
            assert found == 1
        return sheet

    return spoiled(path, "xl/worksheets/sheet1.xml", change)


def test_cells_taken_from_other_workbooks_are_said_with_their_number_and_the_workbook(tmp_path):
    """XL-15; cells that share one formula count each."""
    path = linked(
        workbook(tmp_path, ROWS),
        '<c r="E2"><f t="shared" ref="E2:E3" si="0">[1]S1!A1</f><v>0.5</v></c>',
        '<c r="E3"><f t="shared" si="0"/><v>0.25</v></c>',
    )
    table, found = read(path)
    assert found == {("flag", "external_cells", (2, 3), "")}
    assert table["range_share"].tolist() == [0.5, 0.25]
    (issue,) = read_table(path, SPECIES, TableMapping()).issues
    assert issue.value == "E2, E3"
    assert "2 cells" in issue.sentence("en")
    assert "(budget.xlsx)" in issue.sentence("en")


def test_a_workbook_that_is_only_named_is_said_too(tmp_path):
    """XL-15."""
    path = linked(workbook(tmp_path, ROWS))
    assert read(path)[1] == {("flag", "external_links", (), "")}


def test_a_column_of_a_table_with_a_number_for_its_name_is_no_other_workbook(tmp_path):
    path = workbook(tmp_path, ROWS)
    cell = '<c r="E2"><f>Table1[1]</f><v>0.5</v></c>'
    spoiled(path, "xl/worksheets/sheet1.xml", lambda sheet: re.sub('<c r="E2".*?</c>', cell, sheet))
    assert read(path)[1] == set()


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/embeddings/oleObject1.bin"])
@pytest.mark.parametrize("name", ["species.xlsm", "species.xlsx"])
def test_macros_and_embedded_files_are_left_aside_and_said(tmp_path, name, part):
    """XL-17."""
    path = with_parts(workbook(tmp_path, ROWS, name=name), {part: b"\xd0\xcf\x11\xe0"})
    table, found = read(path)
    assert found == {("flag", "macros", (), "")}
    assert table["range_share"].tolist() == [0.5, 0.25]


def test_a_workbook_for_macros_that_has_none_is_a_workbook(tmp_path):
    assert read(workbook(tmp_path, ROWS, name="species.xlsm"))[1] == set()


def test_a_formula_with_its_result_is_read(tmp_path):
    """A stored result counts, and an empty text as result is an empty cell, not a formula without one."""
    path = workbook(tmp_path, ROWS, change=cells(E2="=1/2", E3='=IF(1,"","")'))
    stored = {
        "E2": '<c r="E2"><f>1/2</f><v>0.5</v></c>',
        "E3": '<c r="E3" t="str"><f>IF(1,"","")</f><v></v></c>',
    }

    def worked_out(part: str) -> str:
        for address, cell in stored.items():
            part, found = re.subn(f'<c r="{address}".*?</c>', cell, part, flags=re.DOTALL)
            assert found == 1
        return part

    spoiled(path, "xl/worksheets/sheet1.xml", worked_out)
    table, found = read(path)
    assert found == set()
    assert table["range_share"].iloc[0] == 0.5
    assert table["range_share"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<html><table><tr><td>species_id</td></tr></table></html>", b"species_id,year\nB1,2010\n",
        b"%PDF-1.7 " + bytes(50),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"PK\x03\x04" + bytes(99), b"PK\x05\x06" + bytes(18),
    ],
    ids=["empty", "web page", "csv", "pdf", "xls", "broken", "no member"],
)  # fmt: skip
def test_what_is_no_workbook_is_refused_by_what_it_is(tmp_path, content):
    """XL-14."""
    path = tmp_path / "species.xlsx"
    path.write_bytes(content)
    table, found = read(path)
    assert table is None
    assert {level for level, *_ in found} == {"error"}


@pytest.mark.parametrize("left", [4, 22, 100, 1000, -60, -10, -1])
def test_a_workbook_cut_off_is_refused(tmp_path, left):
    """FX-01."""
    path = workbook(tmp_path, ROWS)
    path.write_bytes(path.read_bytes()[:left])
    table, found = read(path)
    assert table is None
    assert [level for level, *_ in found] == ["error"]


def test_an_empty_workbook_is_refused(tmp_path):
    assert read(workbook(tmp_path, []))[1] == {("error", "empty", (), "")}
    assert read(workbook(tmp_path, ROWS[:1]))[1] == {("error", "empty", (), "")}


def test_a_saved_workbook_survives_another_program(tmp_path):
    """Styles, a filter and comments of a person leave the table as it was."""
    path = workbook(tmp_path, ROWS)
    book = load_workbook(path)
    book.active.auto_filter.ref = "A1:E3"
    book.active["A1"].number_format = "@"
    book.create_sheet("Empty")
    book.save(path)
    assert read(path)[1] == set()
