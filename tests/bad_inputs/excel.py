"""Workbooks whose cells are not what they seem: formulas, errors, merged cells, stray tables, other kinds of files."""

from __future__ import annotations

from collections.abc import Callable

from openpyxl import Workbook

from tests.bad_inputs.case import Case, Finding, Rows
from tests.bad_inputs.species import HEADER, ROWS, Write, case, changed, file, table, text, turned
from tests.bad_inputs.workbooks import LIMIT, linked, long_text, long_workbook, with_part

Change = Callable[[Workbook], None]


def cells(**values: object) -> Change:
    """Puts values into cells of the first sheet."""

    def change(book: Workbook) -> None:
        for address, value in values.items():
            book.worksheets[0][address] = value

    return change


def merged(*areas: str) -> Change:
    def change(book: Workbook) -> None:
        for area in areas:
            book.worksheets[0].merge_cells(area)

    return change


def ods(rows: Rows = ROWS, **how: object) -> Write:
    return table("ods", rows, **how)


def ods_cell(attributes: str, words: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{words}</text:p></table:table-cell>"


UNFINISHED = "check.formula_without_value"
FORMULAS = [
    case(
        "XL-01",
        "a formula that was never worked out",
        {
            "xlsx": (table("xlsx", change=cells(E3="=E2*1")), [Finding("error", UNFINISHED, (3,), "range_share")]),
            "xlsm, columns turned": (
                table("xlsm", turned(ROWS), change=cells(D7="=B2")),
                [Finding("error", UNFINISHED, (7,), "category")],
            ),
            "ods": (
                ods(cells={"E2": '<table:table-cell table:formula="of:=[.E3]*1"/>'}),
                [Finding("error", UNFINISHED, (2,), "range_share")],
            ),
        },
        ods(cells={"E2": ods_cell('table:formula="of:=1/2" office:value-type="float" office:value="0.5"', "0.5")}),
    ),
    case(
        "XL-02",
        "an error in place of a value",
        {
            f"{error} in {address}": (
                table("xlsx", change=cells(**{address: error})),
                [
                    Finding(
                        "error", "check.error_value", (int(address[1:]),), HEADER[ord(address[0]) - 65], error, (error,)
                    )
                ],
            )
            for error, address in (
                ("#DIV/0!", "E2"),
                ("#N/A", "E4"),
                ("#REF!", "D7"),
                ("#VALUE!", "C3"),
                ("#NAME?", "A2"),
                ("#NUM!", "E7"),
                ("#NULL!", "B5"),
            )
        }
        | {
            "#DIV/0! in an OpenDocument spreadsheet, columns turned": (
                ods(
                    turned(ROWS),
                    cells={
                        "C4": ods_cell(
                            'table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"', "#DIV/0!"
                        )
                    },
                ),
                [Finding("error", "check.error_value", (4,), "range_share", "#DIV/0!")],
            ),
            "an error that only LibreOffice has": (
                ods(cells={"E4": ods_cell('office:value-type="string" calcext:value-type="error"', "Err:502")}),
                [Finding("error", "check.error_value", (4,), "range_share", "#VALUE!")],
            ),
        },
        table("xlsx", changed(1, "taxonomic_group", "Birds #1")),
    ),
]

WIDE: Rows = [
    ["species_id", "taxonomic_group", "Category", None, "scope"],
    [None, None, 2010, 2020, None],
    ["B-01", "Birds", "LC", "NT", "national"],
    ["B-02", "Birds", "VU", "EN", "national"],
]
SPREAD: Rows = [
    ["species_id", "taxonomic_group", None, None, None, "scope"],
    [None, None, "year", "category", "range_share", None],
    *[[*row[:5], row[6]] for row in ROWS[1:]],
]
TWO_ROWS = "check.two_header_rows"
HEADERS = [
    case(
        "XL-03",
        "names merged or spread over two rows",
        {
            "merged over two columns": (
                table("xlsx", WIDE, change=merged("C1:D1")),
                [Finding("error", "check.merged_header", (1,), "Category", "C1:D1", ("Category_2010, Category_2020",))],
            ),
            "the same in an OpenDocument spreadsheet": (
                ods(
                    WIDE,
                    cells={
                        "C1": ods_cell('table:number-columns-spanned="2" office:value-type="string"', "Category"),
                        "D1": "<table:covered-table-cell/>",
                    },
                ),
                [Finding("error", "check.merged_header", (1,), "Category", "C1:D1", ("Category_2010, Category_2020",))],
            ),
            "years below a wide name": (
                table("xlsx", WIDE),
                [Finding("error", TWO_ROWS, (1, 2), says=("Category_2010, Category_2020",))],
            ),
            "the same as text": (
                file("csv", text(WIDE)),
                [Finding("error", TWO_ROWS, (1, 2), says=("Category_2010, Category_2020",))],
            ),
            "half of the names in each row": (
                table("xlsx", SPREAD),
                [Finding("error", TWO_ROWS, (1, 2), says=("species_id", "category"))],
            ),
        },
        table("xlsx"),
    ),
    case(
        "XL-04",
        "a label merged over its rows",
        {
            "xlsx": (
                table("xlsx", change=merged("B2:B5")),
                [Finding("repair", "check.merged_filled", (2, 3, 4, 5), "taxonomic_group", "Birds", ("B2:B5",))],
            ),
            "xlsx, columns turned": (
                table("xlsx", turned(ROWS), change=merged("G4:G5")),
                [Finding("repair", "check.merged_filled", (4, 5), "species_id", "B-02", ("G4:G5",))],
            ),
            "ods": (
                ods(
                    cells={
                        "B6": ods_cell('table:number-rows-spanned="2" office:value-type="string"', "Mammals"),
                        "B7": "<table:covered-table-cell/>",
                    }
                ),
                [Finding("repair", "check.merged_filled", (6, 7), "taxonomic_group", "Mammals", ("B6:B7",))],
            ),
        },
        table("xlsx", [*ROWS], change=merged("J1:K2")),
    ),
    case(
        "XL-04",
        "a value merged over rows",
        {
            "xlsx": (
                table("xlsx", change=merged("E2:E3")),
                [Finding("error", "check.merged_cells", (2, 3), "range_share", "0.5", ("E2:E3",))],
            ),
            "xlsx, columns turned": (
                table("xlsx", turned(ROWS), change=merged("D6:D7")),
                [Finding("error", "check.merged_cells", (6, 7), "category", "CR", ("D6:D7",))],
            ),
            "ods": (
                ods(
                    cells={
                        "E4": ods_cell(
                            'table:number-rows-spanned="2" office:value-type="float" office:value="0.25"', "0.25"
                        ),
                        "E5": "<table:covered-table-cell/>",
                    }
                ),
                [Finding("error", "check.merged_cells", (4, 5), "range_share", "0.25", ("E4:E5",))],
            ),
        },
        ods(),
    ),
]


def moved(rows: Rows, down: int, right: int, title: str = "Red List") -> Rows:
    """The table further down and to the right, below a title."""
    width = right + len(rows[0])
    above = [[None] * width for _ in range(down)]
    if down:
        above[0][right] = title
    return [*above, *([*[None] * right, *row] for row in rows)]


BLANK = [None] * len(HEADER)
OTHER = [["station", "observer", "place", "weather", "hour", "note", "by"], ["S1", "A", "P", "rain", 3, "x", "y"]]
PLACES = [
    case(
        "XL-07",
        "a table that begins elsewhere",
        {
            "xlsx at C4": (
                table("xlsx", moved(ROWS, 3, 2)),
                [Finding("repair", "check.header_found", value="C4:I10", says=("C4:I10", "row 4"))],
            ),
            "ods at B2": (
                ods(moved(ROWS, 1, 1)),
                [Finding("repair", "check.header_found", value="B2:H8", says=("B2:H8",))],
            ),
            "xlsx at D1, columns turned": (
                table("xlsx", moved(turned(ROWS), 0, 3)),
                [Finding("repair", "check.table_found", value="D1:J7", says=("D1:J7",))],
            ),
            "text below a title": (
                file("csv", "Red List of birds\n\n" + text()),
                [Finding("repair", "check.header_found", value="A3:G9", says=("A3:G9",))],
            ),
        },
        table("xlsx"),
    ),
    case(
        "XL-07",
        "blank rows inside",
        {
            ending: (table(ending, [*ROWS[:at], BLANK, *ROWS[at:]]), [Finding("repair", "check.blank_rows", (at + 1,))])
            for ending, at in (("xlsx", 2), ("ods", 4), ("csv", 6))
        },
        file("csv", text([*ROWS, BLANK, BLANK])),
    ),
    case(
        "XL-07",
        "a second table below",
        {
            "of the same columns": (
                table("xlsx", [*ROWS, BLANK, *[[*row] for row in ROWS]]),
                [Finding("error", "check.header_again", (9,))],
            ),
            "of other columns": (table("xlsx", [*ROWS, BLANK, *OTHER]), [Finding("error", "check.second_table", (9,))]),
            "of other columns, ods, columns turned": (
                ods([*turned(ROWS), BLANK, BLANK, *turned(OTHER)]),
                [Finding("error", "check.second_table", (10,))],
            ),
            "of the same columns, as text": (
                file("csv", text([*ROWS, BLANK, *ROWS])),
                [Finding("error", "check.header_again", (9,))],
            ),
        },
        table("xlsx"),
    ),
]

IDS = [
    case(
        "XL-08",
        "numbers among the texts of an identifier",
        {
            "zeros in front": (
                table(
                    "xlsx",
                    [[*("007" if cell == "B-01" else 7 if cell == "M-01" else cell for cell in row)] for row in ROWS],
                ),
                [Finding("error", "check.zeros_lost", (6, 7), "species_id", "7")],
            ),
            "seventeen digits, columns turned": (
                table("xlsx", turned(changed(3, "species_id", 12345678901234567))),
                [Finding("error", "check.digits_lost", (4,), "species_id")],
            ),
            "zeros in front, ods": (
                ods(
                    [[*("0012" if cell == "B-02" else 12 if cell == "B-01" else cell for cell in row)] for row in ROWS]
                ),
                [Finding("error", "check.zeros_lost", (2, 3), "species_id", "12")],
            ),
        },
        table(
            "xlsx", [[*("007" if cell == "B-01" else "7" if cell == "M-01" else cell for cell in row)] for row in ROWS]
        ),
    ),
]

ROWS_LOST = [
    case(
        "XL-11",
        "as many rows as an old workbook holds",
        {
            "csv": (
                file("csv", lambda: long_text(LIMIT, ",")),
                [Finding("error", "check.row_limit", (LIMIT,), says=("65,536",))],
            ),
            "tsv": (file("tsv", lambda: long_text(LIMIT, "\t")), [Finding("error", "check.row_limit", (LIMIT,))]),
            "xlsx": (file("xlsx", lambda: long_workbook(LIMIT)), [Finding("error", "check.row_limit", (LIMIT,))]),
        },
        file("csv", lambda: long_text(LIMIT + 1, ",")),
    ),
]

OTHERS = [
    case(
        "XL-14",
        "another kind of file with the name of a workbook",
        {
            "a web page named xls": (
                file("xls", "<html><table><tr><td>species_id</td></tr></table></html>"),
                [Finding("error", "workbook.file.html", says=("web page", ".xlsx"))],
            ),
            "text named xlsx": (file("xlsx", text()), [Finding("error", "workbook.file.csv", says=("plain text",))]),
            "text named ods": (
                file("ods", text(turned(ROWS))),
                [Finding("error", "workbook.file.csv", says=("plain text",))],
            ),
            "a PDF named xlsx": (
                file("xlsx", b"%PDF-1.7\n" + bytes(range(32, 127)) * 20),
                [Finding("error", "reader.is_pdf")],
            ),
        },
        table("ods"),
    ),
]


LINK = 'table:formula="of:=[\'file:///C:/My%20data/budget.ods\'#$S1.E2]" office:value-type="float" office:value="0.5"'
ASIDE: list[Case] = [
    case(
        "XL-15",
        "cells taken from another workbook",
        {
            "xlsx": (
                linked("xlsx", ROWS, "E2", "E3"),
                [Finding("flag", "check.external_cells", (2, 3), value="E2, E3", says=("2 cells", "budget.xlsx"))],
            ),
            "xlsm, columns turned": (
                linked("xlsm", turned(ROWS), "C7"),
                [Finding("flag", "check.external_cells", (7,), value="C7", says=("1 cell", "budget.xlsx"))],
            ),
            "ods": (
                ods(cells={"E2": ods_cell(LINK, "0.5")}),
                [Finding("flag", "check.external_cells", (2,), value="E2", says=("budget.ods",))],
            ),
        },
        ods(cells={"E2": ods_cell('table:formula="of:=[$S1.E3]" office:value-type="float" office:value="0.5"', "0.5")}),
    ),
    case(
        "XL-17",
        "macros and embedded files",
        {
            "macros": (with_part("xlsm", "xl/vbaProject.bin"), [Finding("flag", "check.macros", says=("ignored",))]),
            "macros, columns turned": (
                with_part("xlsm", "xl/vbaProject.bin", turned(ROWS)),
                [Finding("flag", "check.macros")],
            ),
            "an embedded file": (
                with_part("xlsx", "xl/embeddings/oleObject1.bin"),
                [Finding("flag", "check.macros", says=("oleObject1",))],
            ),
        },
        table("xlsm"),
    ),
]

CASES = [*FORMULAS, *HEADERS, *PLACES, *IDS, *ROWS_LOST, *OTHERS, *ASIDE]
