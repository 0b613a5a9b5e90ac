"""Columns of text as the bytes in which Arrow keeps them, a stretch of rows at a time.

A stretch is long enough that two threads seldom wait for each other, and short enough to need little memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 2**17


class TextBytes:
    """A stretch of a column as one array of bytes, with the place where each text begins and ends.

    Parameters
    ----------
    arrow : pa.Array of large_string
    """

    def __init__(self, arrow: pa.Array) -> None:
        _, offsets, data = arrow.buffers()
        places = np.frombuffer(offsets, dtype=np.int64)[arrow.offset : arrow.offset + len(arrow) + 1]
        whole = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
        self.bytes = whole[int(places[0]) : int(places[-1])]
        self._places = places
        self.null = arrow.is_null().to_numpy(zero_copy_only=False) if arrow.null_count else None

    @cached_property
    def start(self) -> np.ndarray:
        """Where each row begins."""
        return self._places[:-1] - self._places[0]

    @cached_property
    def end(self) -> np.ndarray:
        """Where each row ends."""
        return self._places[1:] - self._places[0]

    @cached_property
    def lengths(self) -> np.ndarray:
        """How many bytes each row has."""
        return self._places[1:] - self._places[:-1]

    @cached_property
    def filled(self) -> np.ndarray:
        """Which rows hold anything."""
        return self.lengths > 0

    def count_of(self, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How many of the chosen bytes each row holds, and where its first one is (anywhere where it holds none)."""
        places = np.flatnonzero(which)
        if not len(places):
            return np.zeros(len(self.start), dtype=np.int32), self.start
        if len(places) == len(self.start) and (places >= self.start).all() and (places < self.end).all():
            return np.ones(len(places), dtype=np.int32), places
        first = np.searchsorted(places, self.start)
        return np.searchsorted(places, self.end) - first, places[np.minimum(first, len(places) - 1)]

    def at_start(self) -> np.ndarray:
        """The first byte of each row; of an empty one whatever follows."""
        return self.bytes[np.minimum(self.start, len(self.bytes) - 1)]

    def at_end(self) -> np.ndarray:
        """The last byte of each row."""
        return self.bytes[np.maximum(self.end - 1, 0)]


def as_arrow(cells: pd.Series) -> pa.ChunkedArray | None:
    """Cells that are all text as Arrow keeps them, with long offsets; None for a column that holds anything else."""
    import pyarrow as pa

    if cells.dtype == object:
        if pd.api.types.infer_dtype(cells, skipna=True) not in ("string", "empty"):
            return None
        try:
            return pa.chunked_array([pa.array(cells, type=pa.large_string(), from_pandas=True)])
        except (pa.ArrowInvalid, UnicodeError):
            # Half a character, as a damaged file may hold, is no text to Arrow.
            return None
    return of_texts(cells) if pd.api.types.is_string_dtype(cells.dtype) else None


def of_texts(column: pd.Series) -> pa.ChunkedArray:
    """The same for a column of a dtype of texts, copied only where it is kept in another way."""
    import pyarrow as pa

    found = pa.array(column.array)
    found = found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])
    return found if pa.types.is_large_string(found.type) else found.cast(pa.large_string())


def stretches(arrow: pa.ChunkedArray) -> Iterator[pa.Array]:
    """The rows of a column in order, so many at a time as can be looked at together; none are empty."""
    for chunk in arrow.chunks:
        for start in range(0, len(chunk), _ROWS_AT_ONCE):
            yield chunk.slice(start, _ROWS_AT_ONCE)


def coded(arrow: pa.ChunkedArray) -> tuple[np.ndarray, pa.Array]:
    """For each row the position of its text among the different ones, and these; an empty cell is one of them."""
    import pyarrow as pa

    parts = list(stretches(arrow))
    if not parts:
        return np.zeros(0, dtype=np.int32), pa.array([], arrow.type)
    # One year or country stands in very many rows on end, of which one tells all.
    short = [part.slice(0, 1) if _is_one_text(part) else part for part in parts]
    found = pa.chunked_array(short).dictionary_encode(null_encoding="encode")
    codes = [one.indices.to_numpy(zero_copy_only=False) for one in found.chunks]
    whole = [one if len(one) == len(part) else one.repeat(len(part)) for one, part in zip(codes, parts, strict=True)]
    # All pieces share the one dictionary of the whole.
    return np.concatenate(whole), found.chunk(0).dictionary


def _is_one_text(arrow: pa.Array) -> bool:
    """Whether all rows of a stretch hold the same text."""
    if arrow.null_count or arrow[0] != arrow[-1]:
        return arrow.null_count == len(arrow)
    text = TextBytes(arrow)
    width = int(text.lengths[0])
    return bool((text.lengths == width).all() and (text.bytes[width:] == text.bytes[: len(text.bytes) - width]).all())
