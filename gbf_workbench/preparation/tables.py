"""Reading a table as it was sent: every cell as it stands, with the row the spreadsheet shows, nothing guessed."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import TableSchema

SUFFIXES = (".csv", ".tsv", ".xlsx")
_DELIMITERS = (",", ";", "\t", "|")
_HEADER_SEARCH = 25


@dataclass(frozen=True)
class RawTable:
    """Cells as they were sent; the index is the row the spreadsheet shows.

    Attributes
    ----------
    data : DataFrame of object
        Text, or what a spreadsheet cell itself holds (number, date, truth value); None where the cell is empty.
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
    if path.suffix.lower() == ".xlsx":
        cells, sheet, issues = _xlsx_cells(path, shown, schema, mapping)
    else:
        cells, issues = _csv_cells(path, shown, mapping)
        sheet = ""
    try:
        return _with_header(cells, schema, mapping, RawTable(pd.DataFrame(), shown, sheet, issues))
    except WorkbenchError as refused:
        raise WorkbenchError(*(i.placed(file=shown, sheet=sheet) for i in (*issues, *refused.issues))) from None


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
    return names | {plain(name) for name in mapped}


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
        cells = max(xlsx_sheets(path, path.name).values(), key=len)
    else:
        cells, _ = _csv_cells(path, path.name, TableMapping())
    # Without a schema the header is the first row that is filled from side to side.
    widest = max((sum(c is not None for c in row) for row in cells[:_HEADER_SEARCH]), default=0)
    header = next((row for row in cells[:_HEADER_SEARCH] if sum(c is not None for c in row) == widest), [])
    return [str(cell).strip() for cell in header if cell is not None]


def _csv_cells(path: Path, shown: str, mapping: TableMapping) -> tuple[list[list[Any]], list[Issue]]:
    content = path.read_bytes()
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") or b"\x00" in content[:4096].replace(b"\xff\xfe", b"")[1::2]:
        if not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise problem("check.disguised", file=shown, value=path.suffix, found=_kind_of(content))
    words, issues = _decoded(content, shown, mapping.encoding)
    mark = mapping.delimiter or _delimiter(words)
    # A field may be long (a remark); a quotation mark never closed must not swallow the memory.
    csv.field_size_limit(10_000_000)
    try:
        rows = list(csv.reader(io.StringIO(words, newline=""), delimiter=mark, strict=True))
    except csv.Error as fault:
        raise problem("check.unreadable", file=shown, reason=str(fault)) from None
    return [[cell if cell.strip() else None for cell in row] for row in rows], issues


def _kind_of(content: bytes) -> str:
    return "XLSX or ZIP" if content.startswith(b"PK") else "XLS" if content.startswith(b"\xd0\xcf") else "binary data"


def _decoded(content: bytes, shown: str, encoding: str) -> tuple[str, list[Issue]]:
    """Text in UTF-8 where it is that; anything else is named in the record, for letters may be wrong."""
    tried = [encoding] if encoding else ["utf-8-sig"]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        tried = ["utf-16"]
    try:
        words = content.decode(tried[0])
    except (UnicodeDecodeError, LookupError):
        if encoding:
            raise problem("check.unreadable", file=shown, reason=f"not {encoding}") from None
        from charset_normalizer import from_bytes

        best = from_bytes(content, cp_isolation=["cp1252", "cp1250", "cp1251", "cp1256", "mac_roman", "gb18030"]).best()
        tried = [best.encoding if best else "cp1252"]
        words = content.decode(tried[0], errors="replace")
    usual = tried[0] in ("utf-8-sig", "utf-8", "ascii") or bool(encoding)
    return words, [] if usual else [Issue("repair", "check.encoding", {"encoding": tried[0]}, file=shown)]


def _delimiter(words: str) -> str:
    """The mark that cuts the most rows into the same number of cells, and into more than one."""
    sample = "\n".join(words.splitlines()[:200])
    scores = {}
    for mark in _DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(sample), delimiter=mark) if row)
        width, rows = max(widths.items(), key=lambda one: (one[0] > 1, one[1] * one[0]), default=(1, 0))
        scores[mark] = (width > 1, rows, width)
    return max(_DELIMITERS, key=lambda mark: scores[mark])


def xlsx_sheets(path: Path, shown: str) -> dict[str, list[list[Any]]]:
    """Cells of the sheets that hold anything, by name of the sheet."""
    from python_calamine import CalamineError, CalamineWorkbook

    from gbf_workbench.preparation.spreadsheets import refuse_hostile_xlsx

    if refusal := refuse_hostile_xlsx(path):
        raise WorkbenchError(refusal.placed(file=shown))
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except CalamineError as fault:
        raise problem("check.unreadable", file=shown, reason=str(fault)) from None
    filled = {name: [[_cell(value) for value in row] for row in cells] for name, cells in sheets.items()}
    filled = {name: cells for name, cells in filled.items() if any(c is not None for row in cells for c in row)}
    if not filled:
        raise problem("check.empty", file=shown)
    return filled


def _xlsx_cells(
    path: Path, shown: str, schema: TableSchema, mapping: TableMapping
) -> tuple[list[list[Any]], str, list[Issue]]:
    sheets = xlsx_sheets(path, shown)
    if mapping.sheet and mapping.sheet not in sheets:
        raise problem("check.mapping_column", file=shown, column=mapping.sheet, found=", ".join(sheets))
    names = known_names(schema, mapping)
    chosen = mapping.sheet or max(sheets, key=lambda name: _header_score(sheets[name], names)[0])
    issues = []
    if len(sheets) > 1 and not mapping.sheet:
        others = ", ".join(name for name in sheets if name != chosen)
        issues.append(Issue("flag", "check.several_sheets", {"names": others}, file=shown, value=chosen))
    return sheets[chosen], chosen, [*issues, *_formula_issues(path, chosen, sheets[chosen])]


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.strip() else None
    return value


def _formula_issues(path: Path, sheet: str, cells: list[list[Any]]) -> list[Issue]:
    """Formulas whose result was never stored: to every reader but a spreadsheet program they look empty."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        if not any(b"<f" in archive.read(name) for name in parts):
            return []
    from openpyxl import load_workbook

    found = []
    for row in load_workbook(path, read_only=True)[sheet].iter_rows():
        for cell in row:
            if cell.data_type == "f" and cells[cell.row - 1][cell.column - 1] is None:
                found.append(cell)
    rows = tuple(sorted({cell.row for cell in found}))
    return [Issue("error", "check.formula_without_value", rows=rows, column=found[0].column_letter)] if found else []


def _header_score(cells: list[list[Any]], names: set[str]) -> tuple[int, int]:
    """How many cells of the best row are names we know, and which row (0-based) it is."""
    scored = [
        (len({plain(c) for c in row if c is not None} & names), -at) for at, row in enumerate(cells[:_HEADER_SEARCH])
    ]
    best, at = max(scored, default=(0, 0))
    return best, -at


def _with_header(cells: list[list[Any]], schema: TableSchema, mapping: TableMapping, raw: RawTable) -> RawTable:
    """Find the header row and put the rows below it under its names."""
    score, at = _header_score(cells, known_names(schema, mapping))
    if mapping.header_row:
        at = mapping.header_row - 1
    elif not score:
        expected = ", ".join(schema.names)
        raise problem("check.header_not_found" if any(map(any, cells)) else "check.empty", expected=expected)
    if at >= len(cells):
        raise problem("check.empty")
    if at and not mapping.header_row:
        raw.issues.append(Issue("repair", "check.header_found", {"row": at + 1, "above": at}))
    header = [str(c).strip() if c is not None else "" for c in cells[at]]
    while header and not header[-1]:
        header.pop()
    if twice := sorted(name for name, n in Counter(header).items() if n > 1 and name):
        raise WorkbenchError(*(Issue("error", "check.header_repeated", column=name, rows=(at + 1,)) for name in twice))
    body = [(row, number) for number, row in enumerate(cells[at + 1 :], at + 2) if any(c is not None for c in row)]
    if not body:
        raise problem("check.empty")
    width = len(header)
    if long := tuple(number for row, number in body if any(c is not None for c in row[width:])):
        raw.issues.append(Issue("error", "check.extra_cells", rows=long))
    square = np.empty((len(body), width), dtype=object)
    for at_row, (row, _) in enumerate(body):
        square[at_row, : min(width, len(row))] = row[:width]
    data = pd.DataFrame(square, columns=header, index=[number for _, number in body], dtype=object)
    placed = [issue.placed(file=raw.file, sheet=raw.sheet) for issue in raw.issues]
    return RawTable(data[[name for name in header if name]], raw.file, raw.sheet, placed)


def column_of(name: str, columns: list[str], schema: TableSchema, mapping: TableMapping) -> str | None:
    """The file's column for a field: as mapped, else of the same name, else of a name it is known by."""
    if name in mapping.columns:
        return mapping.columns[name]
    by_plain = {plain(column): column for column in reversed(columns)}
    for candidate in (name, *schema.field(name).aliases):
        if plain(candidate) in by_plain:
            return by_plain[plain(candidate)]
    return None


WHITE_SPACE = re.compile(r"[\s\u00a0\u2007\u202f\u200b\ufeff]+")
