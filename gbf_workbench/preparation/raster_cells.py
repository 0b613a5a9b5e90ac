"""Every cell of a map looked at once: how many of each class, one digest of all, and what cannot be a class."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.methods.rasters import EMPTY, STRIP_PIXELS, runs
from gbf_workbench.preparation.class_mix import ClassMix

if TYPE_CHECKING:
    from rasterio.windows import Window

    from gbf_workbench.preparation.class_copies import ClassCopy
    from gbf_workbench.preparation.raster_files import OpenMap

#: Decimals this close to a whole number are rounded, others are no classes.
_WHOLE = 1e-6
#: Bytes read at once; more would not fit beside GDAL's own cache where memory is limited.
_MOST_BYTES = 1 << 26
MOST_NAMED = 20


@dataclass
class Tally:
    """Counts and digest of the classes met so far, strip by strip from the north.

    Attributes
    ----------
    empty : int
        Stands for no data in the strips.
    counts : dict
        Value to number of cells, with ``empty``.
    """

    empty: int
    counts: dict[int, int] = field(default_factory=dict)
    mix: ClassMix = field(default_factory=ClassMix)
    _digest: Any = field(default_factory=hashlib.sha256)

    def add(self, classes: np.ndarray) -> None:
        """Count one strip of whole rows."""
        starts, lengths = runs([classes])
        values = classes.ravel()[starts].astype(np.int64)
        marked = np.where(values == self.empty, EMPTY, values)
        # Runs end with their row, so the same map gives the same bytes however it is stored or walked.
        self._digest.update(np.stack([marked, lengths], axis=1).astype("<i4").tobytes())
        for value, pixels in pd.Series(lengths).groupby(values).sum().items():
            self.counts[int(value)] = self.counts.get(int(value), 0) + int(pixels)
        self.mix.add(marked, lengths, starts // classes.shape[1])

    @property
    def digest(self) -> str:
        """SHA-256 of all classes so far."""
        return self._digest.hexdigest()

    @property
    def codes(self) -> dict[int, int]:
        """Class to number of cells, ascending, without no data."""
        return {value: pixels for value, pixels in sorted(self.counts.items()) if value != self.empty}


@dataclass
class Findings:
    """What was met in the cells that is no class.

    Attributes
    ----------
    damaged : list of tuple
        Column and row among the blocks, counted from 1, of those that cannot be read; at most twenty.
    rounded, not_numbers, zeros : int
        Cells a hair away from a whole number, cells that are no finite number though that is not what marks no data,
        and cells stored as zero.
    example : float
        The first of the rounded values.
    decimals : list of float
        Up to three values that can be no class.
    """

    damaged: list[tuple[int, int]] = field(default_factory=list)
    rounded: int = 0
    example: float = 0.0
    not_numbers: int = 0
    zeros: int = 0
    decimals: list[float] = field(default_factory=list)

    @property
    def stop(self) -> bool:
        """Whether the rest of the map need not be counted."""
        return bool(self.damaged or self.decimals)


def walk(opened: OpenMap, tally: Tally, copy: ClassCopy) -> Findings:
    """Read a map once, from north to south and west to east, into counts, digest and copy."""
    from rasterio.errors import RasterioIOError

    found = Findings()
    for window, below in _windows(opened):
        try:
            stored, masked = opened.read(window)
        except RasterioIOError:
            found.damaged += _damaged_blocks(opened, window)
        if len(found.damaged) >= MOST_NAMED:
            break
        if found.damaged:
            continue
        for top, height in _pieces(*stored.shape):
            piece = slice(top, top + height)
            classes = _classes(stored[piece], None if masked is None else masked[piece], opened, found)
            if found.decimals:
                return found
            tally.add(classes)
            copy.write(_window(below.row_off + top, classes.shape), classes)
    found.damaged = sorted(set(found.damaged))[:MOST_NAMED]
    return found


def _window(top: int, shape: tuple[int, ...]) -> Window:
    from rasterio.windows import Window

    return Window(0, top, shape[1], shape[0])


def _windows(opened: OpenMap) -> Iterator[tuple[Window, Window]]:
    """Windows over whole rows of blocks, as they lie in the file and as they lie counted from the north."""
    rows, columns = opened.shape
    high = opened.dataset.block_shapes[opened.band - 1][0]
    most = max(1, min(_MOST_BYTES // opened.dtype.itemsize, 4 * STRIP_PIXELS) // columns)
    height = max(1, STRIP_PIXELS // columns)
    # Whole rows of blocks are unpacked once; where even one is too large for that, some are unpacked more than once.
    height = -(-height // high) * high if high <= most else most
    height = min(height, max(most // high * high, 1) if high <= most else most)
    tops = range(0, rows, height)
    for top in reversed(tops) if opened.south_up else tops:
        size = min(height, rows - top)
        yield _window(top, (size, columns)), _window(rows - top - size if opened.south_up else top, (size, columns))


def _pieces(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    height = max(1, STRIP_PIXELS // columns)
    return ((top, min(height, rows - top)) for top in range(0, rows, height))


def _damaged_blocks(opened: OpenMap, window: Window) -> list[tuple[int, int]]:
    """Column and row, from 1, of the blocks of a window that cannot be read."""
    from rasterio.errors import RasterioIOError
    from rasterio.windows import Window

    high, wide = opened.dataset.block_shapes[opened.band - 1]
    rows, columns = opened.shape
    found = []
    for y in range(window.row_off // high, -(-(window.row_off + window.height) // high)):
        for x in range(-(-columns // wide)):
            width, height = min(wide, columns - x * wide), min(high, rows - y * high)
            try:
                opened.dataset.read(opened.band, window=Window(x * wide, y * high, width, height))
            except RasterioIOError:
                found.append((x + 1, y + 1))
            if len(found) >= MOST_NAMED:
                return found
    # A fault that comes and goes, as on a network drive, is a fault all the same.
    return found or [(1, window.row_off // high + 1)]


def _classes(stored: np.ndarray, masked: np.ndarray | None, opened: OpenMap, found: Findings) -> np.ndarray:
    """A strip as whole numbers in the type of the copy; values that can be no class are noted."""
    found.zeros += int((stored == 0).sum())
    if opened.kept_as_stored:
        return stored
    empty = np.isin(stored, opened.nodata) if masked is None else masked | np.isin(stored, opened.nodata)
    if stored.dtype.kind == "f":
        finite = np.isfinite(stored)
        declared = np.isnan(stored) if any(np.isnan(one) for one in opened.nodata) else False
        found.not_numbers += int((~finite & ~empty & ~declared).sum())
        empty |= ~finite
    whole = _whole(stored, empty, found)
    whole[empty] = EMPTY
    return whole


def _whole(stored: np.ndarray, empty: np.ndarray, found: Findings) -> np.ndarray:
    """Values that are not empty as integers of 32 bits."""
    filled = np.where(empty, 0, stored)
    beyond = (filled >= -EMPTY) | (filled <= EMPTY)
    if stored.dtype.kind != "f":
        found.decimals = np.unique(filled[beyond])[:3].tolist()
        return filled.astype(np.int32)
    nearest = np.rint(filled)
    away = np.abs(filled - nearest)
    far = beyond | (away > _WHOLE * np.maximum(1, np.abs(filled)))
    found.decimals = np.unique(filled[far])[:3].tolist()
    near = (away > 0) & ~far
    if near.any() and not found.rounded:
        found.example = float(filled[near][0])
    found.rounded += int(near.sum())
    return np.where(far, 0, nearest).astype(np.int32)
