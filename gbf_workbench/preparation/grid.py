"""The cells of a file or sheet as a rectangle whose rows are counted as a spreadsheet program counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.preparation.side_by_side import side_by_side
from gbf_workbench.preparation.text_bytes import TextBytes, stretches

if TYPE_CHECKING:
    import pyarrow as pa

Cells = list[list[Any]]

_SPACE, _BEYOND_ASCII = 32, 128
#: First bytes, in UTF-8, of all characters that are white space (and of others).
_MAY_BEGIN_SPACE = np.isin(np.arange(256), [*range(33), 0xC2, 0xE1, 0xE2, 0xE3])


class _Unfinished(Enum):
    """One value and no other, the same one also where it has passed from one process to another."""

    NO_RESULT = "formula without a result"


#: What stands in a cell whose formula was never worked out.
NO_RESULT = _Unfinished.NO_RESULT


@dataclass(frozen=True)
class SheetCells:
    """One sheet.

    Attributes
    ----------
    rows : list of list
        Text, number, date or truth value as stored; None where a cell is empty; ``NO_RESULT`` for a formula without a
        stored result; the text of a spreadsheet error such as ``#N/A``.
    merged : tuple of (first row, first column, last row, last column)
        Counted from 0, as ``rows`` are.
    hidden_rows, hidden_columns : tuple of int
        As the spreadsheet counts.
    """

    name: str
    rows: Cells
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()

    def grid(self) -> Grid:
        """Its cells as a rectangle."""
        hidden = {"hidden_rows": self.hidden_rows, "hidden_columns": self.hidden_columns}
        return grid_of_rows(self.rows, sheet=self.name, merged=self.merged, **hidden)


@dataclass(frozen=True)
class Grid:
    """All cells of one sheet or text file.

    Attributes
    ----------
    cells : DataFrame, shape (rows, columns)
        Index 1, 2, 3 …; columns 0, 1, 2 …. A column of nothing but texts has the dtype ``str``, any other ``object``.
    sheet : str
        Empty where the file has no sheets.
    merged : tuple of (first row, first column, last row, last column)
        Positions counted from 0.
    hidden_rows, hidden_columns : tuple of int
    lengths : ndarray of int, optional
        Cells that each row of a text file has, where they are not all as many as there are columns.
    """

    cells: pd.DataFrame
    sheet: str = ""
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    lengths: np.ndarray | None = None

    def top(self, most: int) -> Cells:
        """The first rows as lists, None where a cell is empty."""
        return as_lists(self.cells.iloc[:most])

    def row(self, position: int) -> list[Any]:
        """The cells of one row, None where a cell is empty; an empty list where there is no such row."""
        rows = as_lists(self.cells.iloc[position : position + 1]) if position >= 0 else []
        return rows[0] if rows else []

    def filled(self, rows: slice, column: int, value: Any) -> Grid:
        """The same with a value in one column of those of the rows that hold anything."""
        cells = self.cells.astype({column: object})
        chosen = np.zeros(len(cells), dtype=bool)
        chosen[rows] = cells.iloc[rows].notna().any(axis=1)
        cells.loc[chosen, column] = value
        return replace(self, cells=cells)


def as_lists(cells: pd.DataFrame) -> Cells:
    """Rows as lists, None where a cell is empty."""
    columns = [[None if value is None or value != value else value for value in cells[name]] for name in cells]
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def grid_of_rows(rows: Cells, **more: Any) -> Grid:
    """A grid from the rows of a spreadsheet, which may differ in length."""
    width = max(map(len, rows), default=0)
    columns = ([row[at] if at < len(row) else None for row in rows] for at in range(width))
    cells = pd.DataFrame({at: typed(column) for at, column in enumerate(columns)})
    cells.index = pd.RangeIndex(1, len(rows) + 1)
    return Grid(cells, **more)


def typed(values: Sequence[Any]) -> Any:
    """A column of ``str`` where every value is a text or None, else of ``object`` with the values as they are."""
    if all(value is None or type(value) is str for value in values):
        return pd.array(values, dtype="str")
    return np.fromiter(values, dtype=object, count=len(values))


def grid_of_texts(table: pa.Table, lengths: np.ndarray | None = None) -> Grid:
    """A grid from columns of text without empty ones; a cell with nothing but white space counts as empty too."""
    columns = side_by_side(_without_blanks, table.columns, table.num_rows)
    dtype = pd.StringDtype(na_value=np.nan)
    cells = pd.DataFrame({at: dtype.__from_arrow__(column) for at, column in enumerate(columns)}, copy=False)
    cells.index = pd.RangeIndex(1, table.num_rows + 1)
    return Grid(cells, lengths=lengths)


def _without_blanks(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not _may_be_blank(column):
        return column
    blank = pc.equal(pc.binary_length(pc.utf8_trim_whitespace(column)), 0)
    return pc.if_else(blank, pa.scalar(None, column.type), column)


def _may_be_blank(column: pa.ChunkedArray) -> bool:
    """Whether a cell begins with what may be white space; trimming all of them would cost far more."""
    return any(_may_begin_with_space(part) for part in stretches(column))


def _may_begin_with_space(arrow: pa.Array) -> bool:
    text = TextBytes(arrow)
    # Most columns hold no such byte anywhere.
    if not len(text.bytes) or (text.bytes.min() > _SPACE and text.bytes.max() < _BEYOND_ASCII):
        return False
    return bool(_MAY_BEGIN_SPACE[text.at_start()[text.filled]].any())
