"""The sheets of a workbook as cells, with what a reader of the values alone would take for empty or overlook."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.preparation.grid import NO_RESULT, Cells, SheetCells
from gbf_workbench.preparation.links import Link, links_in_xlsx
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.numerals import Percent
from gbf_workbench.preparation.opendocument import read_ods
from gbf_workbench.preparation.spreadsheets import refuse_hostile_xlsx

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

#: First cell of the sheet that explains a template of ours; such a sheet holds no data.
GUIDE_MARK = "GBF Workbench"
#: Programs and other files inside a workbook.
_NO_DATA = re.compile(r"^xl/(?:vbaProject\.bin|(?:embeddings|activeX|macrosheets)/.+)$")
#: Errors, formulas and hidden rows: where a sheet holds none of them, its values are all there is to know.
_ODD = re.compile(rb"""\bt\s*=\s*["']e["']|<(?:[\w.-]+:)?f[\s/>]|\bhidden\s*=\s*["'](?:1|true)|vertAlign|\x00""")


@dataclass(frozen=True)
class Book:
    """The sheets of a workbook that hold anything, by name, and what is to be said about the whole of it."""

    sheets: Mapping[str, SheetCells]
    links: tuple[Link, ...] = ()
    issues: tuple[Issue, ...] = ()


def read_workbook(path: Path, shown: str) -> Book:
    """The sheets that hold anything; those that explain our templates are left out.

    Raises
    ------
    WorkbenchError
        If the file is no workbook, is not safe to open, or is empty.
    """
    suffix = path.suffix.lower()
    issues: list[Issue] = []
    if suffix == ".ods" and _is_archive(path):
        found, links = read_ods(path, shown)
    elif suffix == ".xls" and _is_archive(path):
        raise problem("check.disguised", file=shown, value=suffix, found="XLSX, ODS, ZIP")
    else:
        found, links, issues = _read_xlsx(path, shown)
    filled = {name: one for name, one in found.items() if any(cell is not None for row in one.rows for cell in row)}
    tables = {name: one for name, one in filled.items() if not _is_guide(one.rows)}
    if not tables:
        raise problem("check.empty", file=shown)
    return Book(tables, links, tuple(issues))


def _is_archive(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK"
    except OSError as fault:
        raise problem("check.unreadable", file=path.name, reason=str(fault.strerror)) from None


def _read_xlsx(path: Path, shown: str) -> tuple[dict[str, SheetCells], tuple[Link, ...], list[Issue]]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    if refusal := refuse_hostile_xlsx(path):
        raise WorkbenchError(refusal.placed(file=shown))
    found: dict[str, SheetCells] = {}
    try:
        book = CalamineWorkbook.from_path(str(path))
        visible = {one.name: one.visible == SheetVisibleEnum.Visible for one in book.sheets_metadata}
        for name in book.sheet_names:
            one = book.get_sheet_by_name(name)
            rows = [[_cell(value) for value in row] for row in one.to_python(skip_empty_area=False)]
            found[name] = SheetCells(name, rows, _merged(one), not visible.get(name, True))
    except (CalamineError, ValueError, OverflowError) as fault:
        raise problem("check.unreadable", file=shown, reason=str(fault)) from None
    return _with_oddities(path, found), links_in_xlsx(path), _left_aside(path, shown)


def _left_aside(path: Path, shown: str) -> list[Issue]:
    """Programs and other files inside a workbook, which nobody runs or opens here."""
    with zipfile.ZipFile(path) as archive:
        names = [one for one in archive.namelist() if _NO_DATA.search(one)]
    return [Issue("flag", "check.macros", {"names": ", ".join(names[:5])}, file=shown)] if names else []


def _is_guide(rows: Cells) -> bool:
    return bool(rows and rows[0]) and rows[0][0] == GUIDE_MARK


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.strip() else None
    return value


def _merged(sheet: CalamineSheet) -> tuple[tuple[int, int, int, int], ...]:
    return tuple((*first, *last) for first, last in sheet.merged_cell_ranges or ())


def _with_oddities(path: Path, sheets: Mapping[str, SheetCells]) -> dict[str, SheetCells]:
    """The sheets with errors and unfinished formulas in the cells that the reader of values gave as empty."""
    with zipfile.ZipFile(path) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        odd = any(_ODD.search(archive.read(name)) for name in parts) or _may_raise_digits(archive)
        if not odd and not _may_show_otherwise(archive):
            return dict(sheets)
    from gbf_workbench.preparation.stored_cells import RAISED, read_book, shown_with_zeros, shows_percent

    found, raised = dict(sheets), set("".join(map(chr, RAISED.values())))
    for stored in read_book(path).sheets:
        one = found.get(stored.name)
        if one is None:
            continue
        rows = one.rows
        for cell in stored.cells:
            unfinished = cell.formula and not cell.text and cell.kind != "str"
            if cell.kind == "e" or unfinished:
                _put(rows, cell.row - 1, cell.column - 1, NO_RESULT if unfinished else cell.text)
            elif cell.kind == "n" and cell.text and shows_percent(cell.format):
                _put(rows, cell.row - 1, cell.column - 1, Percent(cell.text))
            elif cell.kind == "n" and cell.text and (padded := shown_with_zeros(cell.format, cell.text)):
                _put(rows, cell.row - 1, cell.column - 1, padded)
            elif cell.kind in ("s", "richStr") and cell.text and not raised.isdisjoint(cell.text):
                _put(rows, cell.row - 1, cell.column - 1, cell.text)
        found[stored.name] = SheetCells(
            one.name, rows, one.merged, one.hidden, stored.hidden_rows, stored.hidden_columns
        )
    return found


def _may_raise_digits(archive: zipfile.ZipFile) -> bool:
    """Whether some text has raised letters, such as the mark of a footnote."""
    return "xl/sharedStrings.xml" in archive.namelist() and b"vertAlign" in archive.read("xl/sharedStrings.xml")


def _may_show_otherwise(archive: zipfile.ZipFile) -> bool:
    """Whether some cells may be shown as per cent, by one of the two formats for it or an own one, or with zeros."""
    styles = archive.read("xl/styles.xml") if "xl/styles.xml" in archive.namelist() else b""
    own = styles.partition(b"<cellXfs")[2].partition(b"</cellXfs>")[0]
    made = styles.partition(b"</numFmts>")[0]
    percent = b'numFmtId="9"' in own or b'numFmtId="10"' in own or b"%" in made
    return percent or re.search(rb"""formatCode=["']00+["']""", made) is not None


def counts_from_1904(path: Path) -> bool:
    """Whether a workbook counts its days from 1904, as those of old Macintosh programs do."""
    if not _is_archive(path):
        return False
    with zipfile.ZipFile(path) as archive:
        book = archive.read("xl/workbook.xml") if "xl/workbook.xml" in archive.namelist() else b""
    return re.search(rb"""\bdate1904\s*=\s*["'](?:1|true)["']""", book) is not None


def _put(rows: Cells, row: int, column: int, value: Any) -> None:
    while len(rows) <= row:
        rows.append([])
    rows[row] += [None] * (column + 1 - len(rows[row]))
    rows[row][column] = value


def chosen_sheet(
    sheets: Mapping[str, SheetCells], shown: str, mapping: TableMapping, score: Callable[[Cells], int]
) -> tuple[SheetCells, list[Issue]]:
    """The sheet with the table: the one that ``mapping.yml`` names, else the visible one with the most known columns.

    Raises
    ------
    WorkbenchError
        If there is no sheet of that name, or if more than one could be meant.
    """
    if mapping.sheet:
        # A space behind a name, or an accent in another form, is nothing that anybody sees.
        from gbf_workbench.preparation.tables import as_name

        named = [name for name in sheets if as_name(name) == as_name(mapping.sheet)]
        if not named:
            raise problem("check.sheet_missing", file=shown, value=mapping.sheet, found=", ".join(sheets))
        return sheets[mapping.sheet if mapping.sheet in sheets else named[0]], []
    visible = [one for one in sheets.values() if not one.hidden] or list(sheets.values())
    scores = {one.name: score(one.rows) for one in visible}
    best = max(scores.values())
    likely = [name for name, known in scores.items() if known == best]
    if best and len(likely) > 1:
        raise problem("check.which_sheet", level="question", file=shown, names=", ".join(likely))
    others = ", ".join(name for name in sheets if name != likely[0])
    issues = [Issue("flag", "check.several_sheets", {"names": others}, file=shown, value=likely[0])] if others else []
    return sheets[likely[0]], issues
