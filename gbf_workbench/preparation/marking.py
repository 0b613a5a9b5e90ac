"""The user's own table again, with what was found in it listed in front and marked in the cells it was found in."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gbf_workbench.errors import LEVELS, Issue, rows_in_words, sorted_issues
from gbf_workbench.locales import direction, text
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.tables import all_cells, as_name

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

#: Red, orange, blue, yellow: told apart in print too, because the note beside the cell names the level.
FILLS = {"error": "F4B6B6", "question": "FAD7A0", "repair": "BBD6F2", "flag": "FFF2B3"}
COLUMNS = ("level", "file", "sheet", "rows", "column", "value", "before", "after", "reason", "remedy")
_WIDTHS = (11, 26, 14, 14, 20, 22, 18, 18, 70, 70)
#: More notes than this make a spreadsheet program slow; the list in front has the rest.
_MOST_NOTES = 2000
#: Longer tables are given back as the rows with a finding only.
_MOST_ROWS = 50_000
_HEADER_SEARCH = 60


def findings_workbook(issues: Iterable[Issue], language: str | None = None) -> bytes:
    """The list of everything found, as a workbook of one sheet."""
    from openpyxl import Workbook

    book = Workbook()
    _list_findings(book.active, sorted_issues(issues), language)
    return _as_bytes(book)


def marked_workbook(
    path: Path, issues: Iterable[Issue], mapping: TableMapping, *, name: str = "", language: str | None = None
) -> bytes:
    """A copy of a table file with the offending cells coloured, each with a note on what is wrong and what to do.

    Parameters
    ----------
    path : Path
        A table file; a workbook keeps its sheets and looks, any other file becomes a sheet with the same rows.
    issues : iterable of Issue
        What was found; those of other files are listed, but mark nothing.
    mapping : TableMapping
        How the file is read.
    name : str
        The file's name in the findings, where it is not the file's own.
    language : str, optional

    Returns
    -------
    bytes
        An XLSX workbook whose first sheet lists the findings.

    Raises
    ------
    WorkbenchError
        If the file can no longer be read.
    """
    found = sorted_issues(issues)
    shown = name or path.name
    own = [issue for issue in found if issue.file == shown and issue.rows]
    book = _own_book(path) if path.suffix.lower() == ".xlsx" else _book_of_cells(path, own, mapping)
    notes: dict[tuple[str, int, int], list[Issue]] = defaultdict(list)
    for issue in own:
        sheet = book[issue.sheet] if issue.sheet in book.sheetnames else book.worksheets[0]
        at = _column_of(sheet, issue)
        for row in issue.rows:
            notes[sheet.title, row, at].append(issue)
    _mark(book, notes, language)
    _list_findings(book.create_sheet(_free_title(book, language), 0), found, language)
    book.active = 0
    return _as_bytes(book)


def _own_book(path: Path) -> Workbook:
    from openpyxl import load_workbook

    book = load_workbook(path, keep_vba=False, keep_links=False)
    for sheet in book.worksheets:
        sheet.protection.disable()
    return book


def _book_of_cells(path: Path, own: Sequence[Issue], mapping: TableMapping) -> Workbook:
    """The cells of a text file in a sheet, row for row, so that row numbers stay what the findings say."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    cells = all_cells(path, replace(mapping, complete=True))
    wanted = {row for issue in own for row in issue.rows} if len(cells) > _MOST_ROWS else None
    for number, row in enumerate(cells, 1):
        if wanted is not None and number > _HEADER_SEARCH and number not in wanted:
            continue
        for column, value in enumerate(row, 1):
            if value is not None:
                _write(sheet, number, column, value)
    return book


def _write(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell = sheet.cell(row, column)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)[:32_000] if isinstance(value, str) else value
    if isinstance(value, str):
        # A text that begins like a formula must stay a text.
        cell.data_type = "s"


def _column_of(sheet: Worksheet, issue: Issue) -> int:
    """Number of the column a finding is in; the first one where it is about the whole row."""
    if issue.column:
        for row in sheet.iter_rows(max_row=min(_HEADER_SEARCH, min(issue.rows))):
            for cell in row:
                if cell.value is not None and as_name(cell.value) == issue.column:
                    return cell.column
    return 1


def _mark(book: Workbook, notes: Mapping[tuple[str, int, int], list[Issue]], language: str | None) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    fills = {level: PatternFill("solid", start_color=colour) for level, colour in FILLS.items()}
    for number, ((title, row, column), issues) in enumerate(notes.items()):
        cell = book[title].cell(row, column)
        if isinstance(cell, MergedCell):
            continue
        worst = min(issues, key=lambda one: LEVELS.index(one.level))
        cell.fill = fills[worst.level]
        if number < _MOST_NOTES:
            said = "\n".join(f"{issue.sentence(language)} {issue.remedy(language)}".strip() for issue in issues)
            cell.comment = Comment(said[:2000], "GBF Workbench", width=360, height=120)


def _list_findings(sheet: Worksheet, issues: Sequence[Issue], language: str | None) -> None:
    """One line for each finding, worst first; a click on the row goes to the cell."""
    from openpyxl.styles import Alignment, Font, PatternFill

    if sheet.title == "Sheet":
        sheet.title = text("findings.sheet", language)[:31]
    sheet.sheet_view.rightToLeft = direction(language) == "rtl"
    sheet.append([text(f"findings.column.{name}", language) for name in COLUMNS])
    for cell, width in zip(sheet[1], _WIDTHS, strict=True):
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    for at, issue in enumerate(issues, 2):
        said = {**issue.record(language), "rows": rows_in_words(issue.rows)}
        said["level"] = text(f"issue.level.{issue.level}", language)
        for column, name in enumerate(COLUMNS, 1):
            _write(sheet, at, column, str(said[name]))
            sheet.cell(at, column).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(at, 1).fill = PatternFill("solid", start_color=FILLS[issue.level])
        book = sheet.parent
        if issue.rows and issue.sheet in book.sheetnames:
            sheet.cell(at, 4).hyperlink = f"#'{issue.sheet}'!A{issue.rows[0]}"
    sheet.freeze_panes = "A2"


def _free_title(book: Workbook, language: str | None) -> str:
    title = text("findings.sheet", language)[:28]
    there = {one.casefold() for one in book.sheetnames}
    return next(one for one in (title, *(f"{title} {n}" for n in range(2, 99))) if one.casefold() not in there)


def _as_bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
