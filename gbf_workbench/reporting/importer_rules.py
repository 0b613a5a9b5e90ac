"""What the Convention's online reporting tool makes of a workbook: its rules once more, to prove numbers by.

The tool reads an upload in the browser of the person who reports. It reads the first sheet only, compares nine
column names by their place, keeps the rows whose year is a number and whose unit and value are not empty, and takes
each value through JavaScript's ``parseFloat``, which reads as far as it can and drops the rest without a word:
``12,5`` becomes 12. This module does the same, drops included. It reads the stored cells and not what a spreadsheet
library makes of them, so that it shares nothing with what writes our workbooks.

References
----------
Source code of the tool (github.com/scbd/online-reporting-tool, state of 30 April 2026) and of the library it reads
workbooks with (read-excel-file 5.8); ECMA-262, ``parseFloat`` and ``Number``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.reader.asking import read_book
from gbf_workbench.preparation.spreadsheets import places_of
from gbf_workbench.preparation.stored_cells import Book, Cell, NumberFormat

#: The nine columns, in the order in which the tool wants them.
COLUMNS = (
    "Indicator code", "Indicator", "Does this data row represent a disaggregation", "Disaggregation type",
    "Disaggregation", "Year", "Unit", "Value", "Footnote",
)  # fmt: skip

#: Columns of ``ImportedRows.accepted``; ``row`` is the row of the spreadsheet.
ACCEPTED = (
    "row", "code", "has_disaggregation", "disaggregation_type", "disaggregation", "year", "unit", "value", "footnote",
)  # fmt: skip

#: A cell that the tool takes for a date, so for neither a number nor a text.
DATE = object()

#: What JavaScript's ``trim`` takes away at both ends of a text.
SPACES = "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"

_DECIMAL = r"[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
_DECIMAL_START, _DECIMAL_WHOLE = re.compile(_DECIMAL), re.compile(_DECIMAL)
_DATE_IDS = frozenset({14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 30, 36, 45, 46, 47, 50, 57})
_DATE_WORDS = frozenset({"ss", "mm", "h", "hh", "am", "pm", "d", "dd", "m", "mmm", "mmmm", "yy", "yyyy", "e"})


class CannotReadError(Exception):
    """The tool's reader stops at this cell; the person sees that nothing happens."""


@dataclass(frozen=True)
class ImportedRows:
    """What the tool would keep of a workbook.

    Attributes
    ----------
    accepted : DataFrame
        ``ACCEPTED`` columns; the value is the number that the tool would store, not the one that was meant.
    failed : list of int
        Rows shown to the person as failed: no year, unit or value.
    unused : list of int
        Rows that belong to another indicator, or to none.
    refused : str or None
        Key of the reason why nothing at all is read.
    """

    accepted: pd.DataFrame
    failed: list[int] = field(default_factory=list)
    unused: list[int] = field(default_factory=list)
    refused: str | None = None


def parse_float(words: str) -> float:
    """A number the way JavaScript's ``parseFloat`` reads it: as far as it goes, NaN where it does not begin.

    >>> parse_float("12,5"), parse_float("1 234"), parse_float("  .5e1 km2"), parse_float("1e"), parse_float("<5")
    (12.0, 1.0, 5.0, 1.0, nan)
    """
    found = _DECIMAL_START.match(words.lstrip(SPACES))
    return float(found[0]) if found else math.nan


def seen_value(cell: Cell | None) -> Any:
    """What the tool's reader makes of a stored cell: None, a float, a text without outer spaces, a bool, or ``DATE``.

    Raises
    ------
    CannotReadError
        If the reader stops here and with it the whole upload.
    """
    if cell is None or cell.kind == "z":
        return None
    if cell.kind == "n":
        return None if cell.text is None else _seen_number(cell.text, cell.format)
    if cell.kind in ("s", "str", "inlineStr") and cell.text is not None:
        return cell.text.strip(SPACES) or None
    if cell.kind == "b" and cell.text in ("0", "1"):
        return cell.text == "1"
    if cell.kind == "e":
        return f"#ERROR_{cell.text}"
    if cell.kind == "d":
        return None if cell.text is None else DATE
    # An empty text stored in the cell itself, which several libraries write for a blank, ends up here too.
    raise CannotReadError


def _seen_number(words: str, shown: NumberFormat) -> Any:
    said = words.strip(SPACES)
    # A formula whose result was never stored has an empty number, and that is zero to JavaScript.
    if said and not _DECIMAL_WHOLE.fullmatch(said):
        raise CannotReadError
    if is_date_format(shown):
        return DATE
    return float(said or 0)


def is_date_format(shown: NumberFormat) -> bool:
    """Whether the tool's reader takes a number shown in this way for a date.

    >>> is_date_format(NumberFormat(14)), is_date_format(NumberFormat(164, "yyyy")), is_date_format(NumberFormat(1))
    (True, True, False)
    """
    if shown.id in _DATE_IDS:
        return True
    template = re.sub(r";@$", "", re.sub(r"^\[\$-414\]", "", shown.code.lower()))
    return bool(shown.code) and all(word in _DATE_WORDS for word in re.split(r"[^a-z0-9_]+", template))


def read_as_importer(path: str | Path, code: str) -> ImportedRows:
    """Read a workbook as the reporting tool would for the indicator with this code.

    Parameters
    ----------
    path : str or Path
    code : str
        ``3.1``, ``A.2``, or the identifier of a national indicator.

    Returns
    -------
    ImportedRows
    """
    try:
        rows = _rows_of(read_book(path))
        if not _header_is_right(rows):
            return _nothing("workbook.importer.header")
        return _sorted_out(rows, code)
    except WorkbenchError as refused:
        return _nothing(refused.issues[0].key)
    except CannotReadError:
        return _nothing("workbook.importer.cannot_read")


def _nothing(reason: str) -> ImportedRows:
    return ImportedRows(pd.DataFrame(columns=list(ACCEPTED)), refused=reason)


def _rows_of(book: Book) -> list[dict[int, Any]]:
    """Rows from the first on, as values by column; those after the last row with a value are left out."""
    if book.is_strict or not book.sheets:
        raise CannotReadError
    sheet = book.sheets[0]
    values = {(cell.row, cell.column): seen_value(cell) for cell in sheet.cells}
    last_row, last_column = 0, 0
    if sheet.dimension:
        # What lies outside the size that the sheet claims to have is not looked at.
        _, _, last_row, last_column = places_of(sheet.dimension)
    elif values:
        last_row, last_column = (max(place) for place in zip(*values, strict=True))
    rows: dict[int, dict[int, Any]] = {}
    for (row, column), value in values.items():
        if value is not None and row <= last_row and column <= last_column:
            rows.setdefault(row, {})[column] = value
    if not rows:
        raise CannotReadError
    return [rows.get(row, {}) for row in range(1, max(rows) + 1)]


def _header_is_right(rows: list[dict[int, Any]]) -> bool:
    said = [_as_text(rows[0].get(place)).lower() for place in range(1, len(COLUMNS) + 1)]
    return said == [name.lower() for name in COLUMNS]


def _sorted_out(rows: list[dict[int, Any]], code: str) -> ImportedRows:
    accepted, failed, unused = [], [], []
    for number, row in enumerate(rows[1:], start=2):
        kept = _formatted(number, row)
        year_is_number = isinstance(row.get(6), float)
        if not _is_code(row.get(1), code):
            unused.append(number)
        elif year_is_number and row.get(7) is not None and row.get(8) is not None:
            accepted.append(kept)
        else:
            failed.append(number)
    table = pd.DataFrame(accepted, columns=list(ACCEPTED))
    if accepted and all(year.is_integer() and abs(year) < 2**53 for year in table["year"]):
        table["year"] = table["year"].astype("int64")
    return ImportedRows(table, failed, unused)


def _is_code(value: Any, code: str) -> bool:
    # The tool compares with ==, which turns a text into a number where the other side is one: 3.1 equals "3.1".
    if isinstance(value, float):
        return bool(_DECIMAL_WHOLE.fullmatch(code)) and float(code) == value
    return isinstance(value, str) and value == code


def _formatted(number: int, row: dict[int, Any]) -> tuple[Any, ...]:
    answer = row.get(3)
    if answer is not None and not isinstance(answer, str):
        raise CannotReadError
    breakdown = (_as_text(row.get(4)), _as_text(row.get(5)))
    value, unit, footnote = row.get(8), _as_text(row.get(7)), _as_text(row.get(9))
    # + 0.0 because a number passes through its text, and the text of minus zero is 0.
    read = value + 0.0 if isinstance(value, float) else parse_float(value) if isinstance(value, str) else math.nan
    return (number, _as_text(row.get(1)), (answer or "").lower() == "yes", *breakdown, row.get(6), unit, read, footnote)


def _as_text(value: Any) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else ""
