"""Rows told apart by some of their columns without looking at each: as one number of 64 bits for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.preparation.side_by_side import side_by_side
from gbf_workbench.preparation.text_bytes import TextBytes, coded, of_texts, stretches

if TYPE_CHECKING:
    import pyarrow as pa

_MIX = np.uint64(0x9E3779B97F4A7C15)
_NOTHING = np.uint64(0x5851F42D4C957F2D)
_SHIFT = np.uint64(29)
#: Which bits of eight bytes belong to a text of which so many bytes are left.
_OF_LENGTH = np.array([256**left - 1 for left in range(9)], dtype=np.uint64)
#: Rows by which is judged whether a column repeats a few texts.
_SAMPLE = 2000


class RowCodes:
    """Numbers for the rows of one table, each column looked at once.

    Parameters
    ----------
    table : DataFrame
        Must not change while its codes are used.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        self._known: dict[str, np.ndarray] = {}

    def of(self, name: str) -> np.ndarray:
        """A number for each cell of a column: cells that are equal have the same one, others hardly ever."""
        if name not in self._known:
            self._known[name] = self._numbers(self.table[name])
        return self._known[name]

    def _numbers(self, column: pd.Series) -> np.ndarray:
        if column.dtype == "str" and len(column):
            return _of_texts(column)
        if column.dtype.kind in "Mm":
            return column.to_numpy().astype("M8[s]").astype(np.int64).view(np.uint64)
        if not pd.api.types.is_numeric_dtype(column.dtype):
            return pd.factorize(column, use_na_sentinel=False)[0].astype(np.uint64)
        # Minus nought and nought are one number with two faces.
        numbers = (column.to_numpy(dtype=np.float64, na_value=0.0) + 0.0).view(np.uint64)
        return np.where(column.isna().to_numpy(), _NOTHING, numbers) if column.hasnans else numbers

    def together(self, names: Sequence[str]) -> np.ndarray:
        """A number for each row; an empty cell is a value like others."""
        found = np.zeros(len(self.table), dtype=np.uint64)
        for name in names:
            found = _mixed(found, self.of(name))
        return found

    def groups(self, names: Sequence[str]) -> np.ndarray:
        """For each row the number (from 0) of its group of rows that agree in these columns."""
        if not names:
            return np.zeros(len(self.table), dtype=np.int64)
        return pd.factorize(self.together(names))[0].astype(np.int64)

    def repeated(self, names: Sequence[str]) -> np.ndarray:
        """Which rows agree with another one in these columns, for sure."""
        numbers = self.together(names)
        ordered = np.sort(numbers)
        again = ordered[1:][ordered[1:] == ordered[:-1]]
        if not len(again):
            return np.zeros(len(numbers), dtype=bool)
        likely = np.isin(numbers, again)
        likely[likely] = self.table.loc[:, list(names)][likely].duplicated(keep=False).to_numpy()
        return likely


def repeats_few(column: pd.Series) -> bool:
    """Whether a column seems to repeat few values, as years and classes do."""
    import pyarrow as pa

    if len(column) <= _SAMPLE:
        return True
    places = np.linspace(0, len(column) - 1, _SAMPLE).astype(np.int64)
    if column.dtype != "str":
        return len(pd.unique(column.array.take(places))) < _SAMPLE // 10
    # Arrow would join all pieces of a column to take a few of its rows.
    chunks = of_texts(column).chunks
    ends = np.cumsum([len(chunk) for chunk in chunks])
    shares = np.split(places, np.searchsorted(places, ends[:-1]))
    here = zip(chunks, shares, ends, strict=True)
    some = pa.chunked_array([chunk.take(share - (end - len(chunk))) for chunk, share, end in here])
    return len(some.unique()) < _SAMPLE // 10


def _mixed(found: np.ndarray, more: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        found = found ^ more
        found *= _MIX
    found ^= found >> _SHIFT
    return found


def _of_texts(column: pd.Series) -> np.ndarray:
    arrow = of_texts(column)
    if repeats_few(column):
        return coded(arrow)[0].astype(np.uint64)
    return np.concatenate(side_by_side(_of_stretch, stretches(arrow), len(arrow)))


def _of_stretch(arrow: pa.Array) -> np.ndarray:
    """Numbers from the bytes of texts, eight at a time."""
    text = TextBytes(arrow)
    padded = np.zeros(len(text.bytes) + 16, dtype=np.uint8)
    padded[: len(text.bytes)] = text.bytes
    # Eight bytes from any place on, as one number: the array overlaps itself.
    words = np.ndarray(shape=(len(padded) - 7,), dtype="<u8", buffer=padded, strides=(1,))
    start, left = text.start, text.lengths
    found = left.astype(np.uint64) * _MIX
    rows: np.ndarray | slice = slice(None)
    while len(start):
        found[rows] = _mixed(found[rows], words[start] & _OF_LENGTH[np.minimum(left, 8)])
        going = left > 8
        if not going.any():
            break
        if not going.all():
            rows = np.flatnonzero(going) if isinstance(rows, slice) else rows[going]
            start, left = start[going], left[going]
        start, left = start + 8, left - 8
    return found if text.null is None else np.where(text.null, _NOTHING, found)
