"""Reading a table as it was sent: every cell as it stands, with the row the spreadsheet shows, nothing guessed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.preparation.delimited import Cells, csv_cells
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.sheets import NO_RESULT, SheetCells, chosen_sheet, link_issues, read_sheets
from gbf_workbench.preparation.spreadsheets import column_letters

SUFFIXES = (".csv", ".tsv", ".xlsx")
_HEADER_SEARCH = 25
#: Rows that the old and the new kind of workbook can hold; a table of just so many was probably cut off.
_ROW_LIMITS = (65_536, 1_048_576)


@dataclass(frozen=True)
class RawTable:
    """Cells as they were sent; the index is the row the spreadsheet shows.

    Attributes
    ----------
    data : DataFrame
        One column for each name of the header, in the order of the file; the index holds row numbers as integers. A
        column is of the dtype ``str`` (backed by Arrow, NaN where a cell is empty) if every cell that is filled is
        text, as in all CSV and TSV files; otherwise it is of the dtype ``object`` and holds what each cell of the
        spreadsheet holds (text, number, date, truth value, ``NO_RESULT``), None where the cell is empty. A column of a
        Parquet file may be of any dtype of numbers or dates. A cell is empty if there is nothing in it but white space.
    file, sheet : str
    issues : list of Issue
    """

    data: pd.DataFrame
    file: str
    sheet: str = ""
    issues: list[Issue] = field(default_factory=list)


def read_table(path: Path, schema: TableSchema, mapping: TableMapping, name: str = "") -> RawTable:
    """Read one CSV, TSV or XLSX file.

    Parameters
    ----------
    path : Path
    schema : TableSchema
        Its column names and their aliases are what the header row is known by.
    mapping : TableMapping
        Overrules what would be found: sheet, header row, encoding, delimiter.
    name : str
        The name to show for the file, where it is not the file's own.

    Raises
    ------
    WorkbenchError
        If no rows can be got from the file.
    """
    shown = name or path.name
    names = known_names(schema, mapping)
    score = _scorer(names)
    if path.suffix.lower() == ".xlsx":
        sheet, issues = chosen_sheet(read_sheets(path, shown), shown, mapping, score)
        issues += link_issues(path)
    else:
        rows, issues = csv_cells(path, shown, mapping, score)
        sheet = SheetCells("", rows)
    raw = RawTable(pd.DataFrame(), shown, sheet.name, issues)
    try:
        return _with_header(sheet, schema, mapping, raw)
    except WorkbenchError as refused:
        raise WorkbenchError(*(i.placed(file=shown, sheet=sheet.name) for i in (*issues, *refused.issues))) from None


def plain(words: Any) -> str:
    """A name without case, accents, spaces and punctuation, to compare names of columns by.

    >>> plain("  Année d'évaluation ")
    'anneedevaluation'
    """
    letters = unicodedata.normalize("NFKD", str(words)).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def known_names(schema: TableSchema, mapping: TableMapping) -> set[str]:
    """All names a header row can be recognised by, in their plain form."""
    names = {plain(name) for one in schema.fields for name in (one.name, *one.aliases)}
    mapped = [*mapping.columns.values(), *(mapping.unpivot.columns if mapping.unpivot else ())]
    return (names | {plain(name) for name in mapped}) - {""}


def columns_in(path: Path) -> list[str]:
    """Names in the header of a table or the attributes of a layer; none for a file of another kind.

    Raises
    ------
    WorkbenchError
        If the file cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        from gbf_workbench.preparation.vectors import attributes_in

        return attributes_in(path)
    if suffix == ".xlsx":
        cells = max((one.rows for one in read_sheets(path, path.name).values()), key=len)
    else:
        cells, _ = csv_cells(path, path.name, TableMapping())
    # Without a schema the header is the first row that is filled from side to side.
    widest = max((sum(c is not None for c in row) for row in cells[:_HEADER_SEARCH]), default=0)
    header = next((row for row in cells[:_HEADER_SEARCH] if sum(c is not None for c in row) == widest), [])
    return [as_name(cell) for cell in header if cell is not None]


def as_name(cell: Any) -> str:
    """A cell of the header row as the name of a column."""
    return "" if cell is None or cell is NO_RESULT else WHITE_SPACE.sub(" ", visible(as_text(cell))).strip()


def _scorer(names: set[str]) -> Callable[[Cells], int]:
    return lambda cells: _header_score(cells, names)[0]


def _header_score(cells: Cells, names: set[str]) -> tuple[int, int]:
    """How many cells of the best row are names we know, and which row (0-based) it is."""
    scored = [(len({plain(as_name(c)) for c in row} & names), -at) for at, row in enumerate(cells[:_HEADER_SEARCH])]
    best, at = max(scored, default=(0, 0))
    return best, -at


def _with_header(sheet: SheetCells, schema: TableSchema, mapping: TableMapping, raw: RawTable) -> RawTable:
    """Find the header row and put the rows below it under its names."""
    cells = sheet.rows
    score, at = _header_score(cells, known_names(schema, mapping))
    if mapping.header_row:
        at = mapping.header_row - 1
    elif not score:
        expected = ", ".join(schema.names)
        filled = any(cell is not None for row in cells for cell in row)
        raise problem("check.header_not_found" if filled else "check.empty", expected=expected)
    if at >= len(cells):
        raise problem("check.empty")
    if at and not mapping.header_row:
        raw.issues.append(Issue("repair", "check.header_found", {"row": at + 1, "above": at}))
    header = _header(sheet, at)
    _fill_merged(sheet, at, header, schema, mapping, raw.issues)
    body = [(row, number) for number, row in enumerate(cells[at + 1 :], at + 2) if any(c is not None for c in row)]
    if not body:
        raise problem("check.empty")
    data = _square(header, body)
    odd = [*_row_issues(sheet, header, body, mapping), *_unnamed_issues(data, len(header))]
    placed = [issue.placed(file=raw.file, sheet=raw.sheet) for issue in (*raw.issues, *odd)]
    named = data.loc[:, [bool(name) for name in header]]
    return RawTable(named, raw.file, raw.sheet, placed)


def _header(sheet: SheetCells, at: int) -> list[str]:
    """The names in the header row; a name merged over several rows counts, one merged over columns cannot be told."""
    header = [as_name(cell) for cell in sheet.rows[at]]
    for top, left, bottom, right in sheet.merged:
        if top <= at <= bottom and left < len(header):
            if right > left:
                name = as_name(sheet.rows[top][left])
                raise problem("check.merged_header", column=name or column_letters(left + 1), rows=(at + 1,))
            header[left] = as_name(sheet.rows[top][left])
    while header and not header[-1]:
        header.pop()
    again = Counter(plain(name) or name for name in header if name)
    twice = sorted({name for name in header if name and again[plain(name) or name] > 1})
    if twice:
        raise WorkbenchError(*(Issue("error", "check.header_repeated", column=name, rows=(at + 1,)) for name in twice))
    return header


def _fill_merged(
    sheet: SheetCells, at: int, header: list[str], schema: TableSchema, mapping: TableMapping, issues: list[Issue]
) -> None:
    """Write a label merged over rows into each of them; anything else that is merged is refused."""
    labels = [
        one for one in schema.fields
        if one.name in schema.primary_key or (one.type == "string" and one.required and not one.enum)
    ]  # fmt: skip
    fillable = {column_of(one.name, header, schema, mapping) for one in labels} - {None}
    for top, left, bottom, right in sheet.merged:
        cells = sheet.rows
        if top <= at or left >= len(header) or top >= len(cells) or left >= len(cells[top]) or cells[top][left] is None:
            continue
        place = {"column": header[left] or column_letters(left + 1), "rows": tuple(range(top + 1, bottom + 2))}
        if right > left or header[left] not in fillable:
            issues.append(Issue("error", "check.merged_cells", value=as_text(cells[top][left]), **place))
            continue
        issues.append(Issue("repair", "check.merged_filled", value=as_text(cells[top][left]), **place))
        for row in cells[top + 1 : bottom + 1]:
            if any(cell is not None for cell in row):
                row += [None] * (left + 1 - len(row))
                row[left] = cells[top][left]


def _row_issues(
    sheet: SheetCells, header: list[str], body: list[tuple[list[Any], int]], mapping: TableMapping
) -> list[Issue]:
    """What is odd about whole rows: too long, the header once more, blank, hidden, or as many as a program can hold."""
    issues = []
    numbers = [number for _, number in body]
    if long := tuple(number for row, number in body if any(c is not None for c in row[len(header) :])):
        issues.append(Issue("error", "check.extra_cells", rows=long))
    # Rows of a sheet are all of one length; in a text file a short one may be what is left of a longer one.
    if not sheet.name and (short := tuple(number for row, number in body if len(row) < len(header))):
        issues.append(Issue("flag", "check.short_rows", rows=short))
    if again := tuple(number for row, number in body if [as_name(c) for c in row[: len(header)]] == header):
        issues.append(Issue("error", "check.header_again", rows=again))
    if blank := tuple(sorted(set(range(numbers[0], numbers[-1])) - set(numbers))):
        issues.append(Issue("repair", "check.blank_rows", rows=blank))
    if hidden := tuple(sorted(set(sheet.hidden_rows) & set(numbers))):
        issues.append(Issue("flag", "check.hidden_rows", rows=hidden))
    if numbers[-1] in _ROW_LIMITS and not mapping.complete:
        issues.append(Issue("error", "check.row_limit", {"limit": numbers[-1]}, rows=(numbers[-1],)))
    return issues


def _square(header: list[str], body: list[tuple[list[Any], int]]) -> pd.DataFrame:
    width = len(header)
    square = np.empty((len(body), width), dtype=object)
    for at_row, (row, _) in enumerate(body):
        square[at_row, : min(width, len(row))] = row[:width]
    return pd.DataFrame(square, columns=header, index=[number for _, number in body], dtype=object)


def _unnamed_issues(data: pd.DataFrame, width: int) -> list[Issue]:
    """Columns that hold something but have no name."""
    unnamed = [at for at in range(width) if not data.columns[at] and data.iloc[:, at].notna().any()]
    names = ", ".join(column_letters(at + 1) for at in unnamed)
    return [Issue("flag", "check.unnamed_columns", {"names": names})] if names else []


def column_of(name: str, columns: list[str], schema: TableSchema, mapping: TableMapping) -> str | None:
    """The file's column for a field: as mapped, else of the same name, else of a name it is known by."""
    if name in mapping.columns:
        return mapping.columns[name]
    by_plain = {plain(column): column for column in reversed(columns)}
    for candidate in (name, *schema.field(name).aliases):
        if plain(candidate) in by_plain:
            return by_plain[plain(candidate)]
    return None


WHITE_SPACE = re.compile(r"[\s\u00a0\u2007\u202f]+")
#: Characters nobody sees: controls, direction marks, soft hyphens, zero-width spaces, byte order marks.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0e-\\x1b\\x7f-\\x84\\x86-\\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
#: Joiners shape letters of Arabic and Indic scripts; beside Latin letters they are strays.
_JOINERS = re.compile("(?<![^\\x00-\\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\\x00-\\x7f])")


def visible(words: str) -> str:
    r"""A text without characters nobody sees, its accents in one form, so that what looks equal is equal.

    >>> visible("KEN\u200f"), visible("Co\u0302te") == "C\u00f4te"
    ('KEN', True)
    """
    if words.isascii() and words.isprintable():
        return words
    return unicodedata.normalize("NFC", _JOINERS.sub("", _UNSEEN.sub("", words)))
