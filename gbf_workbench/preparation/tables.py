"""Reading a table as it was sent: every cell as it stands, with the row the spreadsheet shows, nothing guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.preparation.column_names import column_in_another_unit, names_of
from gbf_workbench.preparation.delimited import read_delimited
from gbf_workbench.preparation.grid import NO_RESULT, Cells, Grid
from gbf_workbench.preparation.links import link_issues
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.sheets import chosen_sheet, counts_from_1904, read_workbook

SUFFIXES = (".csv", ".tsv", ".xlsx", ".xlsm", ".ods", ".parquet", ".xls")
_WORKBOOKS = (".xlsx", ".xlsm", ".ods", ".xls")
HEADER_SEARCH = 25


@dataclass(frozen=True)
class Reading:
    """How a file was read, for people to see: what was found out, or named in ``mapping.yml``.

    Attributes
    ----------
    kind : str
        ``CSV``, ``XLSX`` …
    header_row, rows, columns : int
        Row of the column names; how many rows of data below it and columns with a name.
    sheet, encoding, delimiter : str
        Empty where the kind of file has none.
    """

    kind: str
    header_row: int = 1
    rows: int = 0
    columns: int = 0
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""

    def line(self, language: str | None = None) -> str:
        """All of it in one line."""
        from gbf_workbench.locales import text

        said = [self.kind]
        said += [text(f"reading.{name}", language, value=getattr(self, name)) for name in _SHOWN if getattr(self, name)]
        return " · ".join(said)


_SHOWN = ("sheet", "encoding", "delimiter", "header_row", "rows", "columns")


@dataclass(frozen=True)
class RawTable:
    """Cells as they were sent; the index is the row the spreadsheet shows.

    Attributes
    ----------
    data : DataFrame
        One column for each name of the header, in the order of the file; the index holds row numbers as integers. A
        column is of the dtype ``str`` (backed by Arrow, NaN where a cell is empty) if every cell that is filled is
        text, as in all CSV and TSV files; otherwise it is of the dtype ``object`` and holds what each cell of the
        spreadsheet or Parquet file holds (text, number, date, truth value, ``NO_RESULT``), None where the cell is
        empty. A cell is empty if there is nothing in it but white space.
    file, sheet : str
    issues : list of Issue
    reading : Reading, optional
        How the file was read; None for what is no table file.
    counts_from_1904 : bool
        Whether the workbook counts its days from 1904.
    """

    data: pd.DataFrame
    file: str
    sheet: str = ""
    issues: list[Issue] = field(default_factory=list)
    reading: Reading | None = None
    counts_from_1904: bool = False


def read_table(path: Path, schema: TableSchema, mapping: TableMapping, name: str = "") -> RawTable:
    """Read one table file.

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
    # The names of columns, which a header is known by, are told here.
    from gbf_workbench.preparation.headers import with_header

    shown = name or path.name
    suffix = path.suffix.lower()
    score = _scorer(known_names(schema, mapping))
    grid, issues, how = _read(path, suffix, shown, mapping, score)
    issues += _idle_words(suffix, mapping)
    raw = RawTable(pd.DataFrame(), shown, grid.sheet, issues, Reading(suffix[1:].upper(), sheet=grid.sheet, **how))
    try:
        found = with_header(grid, schema, mapping, raw)
        return replace(found, counts_from_1904=suffix in (".xlsx", ".xlsm") and counts_from_1904(path))
    except WorkbenchError as refused:
        raise WorkbenchError(*(i.placed(file=shown, sheet=grid.sheet) for i in (*issues, *refused.issues))) from None


def _read(
    path: Path, suffix: str, shown: str, mapping: TableMapping, score: Callable[[Cells], int]
) -> tuple[Grid, list[Issue], dict[str, str]]:
    if suffix in _WORKBOOKS:
        book = read_workbook(path, shown)
        sheet, issues = chosen_sheet(book.sheets, shown, mapping, score)
        return sheet.grid(), [*book.issues, *issues, *link_issues(book.links, sheet.name)], {}
    if suffix == ".parquet":
        from gbf_workbench.preparation.parquet_tables import read_parquet

        return read_parquet(path, shown), [], {}
    found = read_delimited(path, shown, mapping, score)
    return found.grid, list(found.issues), {"encoding": found.encoding, "delimiter": found.delimiter}


def _idle_words(suffix: str, mapping: TableMapping) -> list[Issue]:
    """Words of ``mapping.yml`` about something that this kind of file does not have."""
    of_text, of_sheets = ("encoding", "delimiter"), ("sheet",)
    idle = of_text if suffix in _WORKBOOKS else (*of_text, *of_sheets) if suffix == ".parquet" else of_sheets
    said = [f"{word}: {getattr(mapping, word)}" for word in idle if getattr(mapping, word)]
    return [Issue("flag", "check.idle_words", {"names": ", ".join(said)}, value=suffix)] if said else []


def plain(words: Any) -> str:
    """A name without case, accents, spaces and punctuation, to compare names of columns by.

    >>> plain("  Année d'évaluation ")
    'anneedevaluation'
    """
    return _plain(str(words))


@lru_cache(2**14)
def _plain(words: str) -> str:
    letters = unicodedata.normalize("NFKD", words).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def known_names(schema: TableSchema, mapping: TableMapping) -> set[str]:
    """All names a header row can be recognised by, in their plain form."""
    names = {plain(name) for one in schema.fields for name in names_of(schema, one.name)}
    mapped = [*mapping.columns.values(), *(mapping.unpivot.sources if mapping.unpivot else ())]
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
    return widest_row(path, TableMapping())[1]


def all_cells(path: Path, mapping: TableMapping) -> Cells:
    """Every cell of a table file, row for row as a spreadsheet shows them; None where a cell is empty."""
    grid, _, _ = _read(path, path.suffix.lower(), path.name, mapping, lambda rows: len(rows))
    return grid.top(len(grid.cells))


def widest_row(path: Path, mapping: TableMapping) -> tuple[int, list[str]]:
    """The likely header of a table nobody knows: the first row filled from side to side (from 1), and its names."""
    grid, _, _ = _read(path, path.suffix.lower(), path.name, mapping, lambda rows: len(rows))
    filled = [[cell for cell in row if cell is not None] for row in grid.top(HEADER_SEARCH)]
    widest = max(map(len, filled), default=0)
    found = ((at, row) for at, row in enumerate(filled, 1) if len(row) == widest)
    at, row = next(found, (1, []))
    return at, [as_name(cell) for cell in row]


def as_name(cell: Any) -> str:
    """A cell of the header row as the name of a column."""
    return "" if cell is None or cell is NO_RESULT else WHITE_SPACE.sub(" ", visible(as_text(cell))).strip()


def _scorer(names: set[str]) -> Callable[[Cells], int]:
    return lambda cells: header_score(cells, names)[0]


def header_score(cells: Cells, names: set[str]) -> tuple[int, int]:
    """How many cells of the best row are names we know, and which row (0-based) it is."""
    scored = [(len({plain(as_name(c)) for c in row} & names), -at) for at, row in enumerate(cells[:HEADER_SEARCH])]
    best, at = max(scored, default=(0, 0))
    return best, -at


def column_of(name: str, columns: list[str], schema: TableSchema, mapping: TableMapping) -> str | None:
    """The file's column for a field: as mapped, else of a name it is known by, else of one with another unit."""
    if name in mapping.columns:
        return mapping.columns[name]
    by_plain = {plain(column): column for column in reversed(columns)}
    for candidate in names_of(schema, name):
        if plain(candidate) in by_plain:
            return by_plain[plain(candidate)]
    return column_in_another_unit(name, columns, schema)


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
