"""Maps of classes brought onto one grid: each cell takes a class that is there, never a mean of classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.errors import Issue
from gbf_workbench.methods.rasters import EMPTY, RasterSource, grid_difference, open_geotiff, strips
from gbf_workbench.preparation.class_copies import class_copy
from gbf_workbench.preparation.raster_cells import Tally
from gbf_workbench.preparation.raster_files import faults
from gbf_workbench.preparation.raster_grids import content_of

if TYPE_CHECKING:
    from rasterio.windows import Window

#: The only ways to resample classes: the class at the middle of the cell, or the one that covers most of it.
WAYS = ("nearest", "mode")
#: Cells that are more than this many times as long as others are not brought onto their grid.
_MOST_UNLIKE = 2.0
#: A middle this close to the border of two cells is on it, so that rounding does not decide between them.
_ON_BORDER = 1e-6
#: GDAL works out places between others that are this part of a cell off at most.
_EXACT = 1e-3


def align(sources: Sequence[RasterSource], refused: Callable[[str], bool]) -> tuple[list[RasterSource], list[Issue]]:
    """Bring maps onto the grid of the oldest of them.

    Parameters
    ----------
    sources : sequence of RasterSource
    refused : callable
        Whether an expert has refused the repair with a key; such maps stay as they are.

    Returns
    -------
    list of RasterSource
        By year; aligned copies lie beside the copies they were made from.
    list of Issue
        A repair for each map that was aligned, an error for each that cannot be.
    """
    first, *others = sorted(sources, key=lambda one: one.year)
    aligned, issues = [first], []
    for other in others:
        difference = grid_difference(first, other)
        if difference is None:
            aligned.append(other)
            continue
        one, issue = _aligned(other, first, difference, refused)
        aligned.append(one)
        issues.append(issue)
    return aligned, issues


def _aligned(
    other: RasterSource, first: RasterSource, difference: Issue, refused: Callable[[str], bool]
) -> tuple[RasterSource, Issue]:
    unlike = _times_as_long(other, first)
    if np.isnan(unlike):
        return other, _apart(other, first)
    if not unlike <= _MOST_UNLIKE * (1 + 1e-6):
        values = {"other": first.name, "times": unlike}
        return other, Issue("error", "rasters.grids_unlike", values, file=other.name)
    key = difference.key.replace(".grids_", ".aligned_")
    if refused(key):
        return other, difference
    try:
        moved = resample_classes(other, first)
    except (*faults(), OSError) as fault:
        reason = " ".join(str(fault).split())
        return other, Issue("error", "rasters.not_copied", {"reason": reason}, file=other.name)
    if not moved.codes:
        return other, _apart(other, first)
    said = {"before": _grid_in_words(other), "after": _grid_in_words(first)}
    return moved, Issue("repair", key, difference.values, file=other.name, **said)


def _apart(other: RasterSource, first: RasterSource) -> Issue:
    return Issue("error", "rasters.grids_apart", {"other": first.name}, file=other.name)


def _grid_in_words(source: RasterSource) -> str:
    import pyproj

    a, _, c, _, e, f = source.transform
    rows, columns = source.shape
    return f"{pyproj.CRS(source.crs).name}; {c:.10g}, {f:.10g}; {abs(a):.8g} × {abs(e):.8g}; {rows} × {columns}"


def _times_as_long(other: RasterSource, first: RasterSource) -> float:
    """How many times as long the cells of one map are as those of another; not a number where they never meet."""
    import pyproj

    a, _, c, _, e, f = other.transform
    rows, columns = other.shape
    x, y = c + a * columns / 2, f + e * rows / 2
    ends_x, ends_y = x + a * np.array([-0.5, 0.5, 0, 0]), y + e * np.array([0, 0, -0.5, 0.5])
    one, two = pyproj.CRS(other.crs), pyproj.CRS(first.crs)
    same = one.equals(two, ignore_axis_order=True)
    if not same:
        ends_x, ends_y = pyproj.Transformer.from_crs(one, two, always_xy=True).transform(ends_x, ends_y)
    sides = np.hypot(np.diff(ends_x)[[0, 2]], np.diff(ends_y)[[0, 2]])
    ratio = sides / np.abs(np.array(first.transform)[[0, 4]])
    # Cells in degrees are narrower towards the poles, so between systems only their size can be compared.
    ratio = ratio if same else np.sqrt(ratio.prod())
    # So far away that a cell has no length left, as damaged places are, no map has anything in common with another.
    if not (np.isfinite(ratio) & (ratio > 0)).all():
        return float("nan")
    return float(np.max(np.maximum(ratio, 1 / ratio)))


def resample_classes(source: RasterSource, grid: RasterSource, how: str = "nearest") -> RasterSource:
    """Lay a map of classes on the grid of another.

    Parameters
    ----------
    source : RasterSource
    grid : RasterSource
        Only its ``crs``, ``transform`` and ``shape`` are used.
    how : {"nearest", "mode"}

    Returns
    -------
    RasterSource
        A copy beside that of ``source``; cells that it does not reach have no data.

    Raises
    ------
    ValueError
        If the way would make a new number out of several classes, as bilinear and average do.

    Notes
    -----
    A mean of the classes 1 and 3 is 2, which is another ecosystem.
    """
    if how not in WAYS:
        raise ValueError(f"classes can be resampled by {' or '.join(WAYS)} only, not by {how}")
    tally = Tally(EMPTY)
    with class_copy(source.path.parent, grid.crs, grid.transform, grid.shape, "int32", EMPTY) as copy:
        for window, classes in _strips_on(source, grid, how):
            tally.add(classes)
            copy.write(window, classes)
        content = content_of(source.year, grid.crs, grid.transform, grid.shape, tally.digest)
        path = copy.finish(f"map_{source.year}_{content[:16]}.tif")
    return replace(
        source, path=path, crs=grid.crs, transform=grid.transform, shape=grid.shape, nodata=EMPTY, codes=tally.codes,
        content=content, band=1,
    )  # fmt: skip


def _strips_on(source: RasterSource, grid: RasterSource, how: str) -> Iterator[tuple[Window, np.ndarray]]:
    import pyproj

    one, two = pyproj.CRS(source.crs), pyproj.CRS(grid.crs)
    if how == "nearest" and one.equals(two, ignore_axis_order=True):
        return _picked(source, grid, 2 * np.pi / one.axis_info[0].unit_conversion_factor if one.is_geographic else 0)
    return _warped(source, grid, how)


def _picked(source: RasterSource, grid: RasterSource, turn: float) -> Iterator[tuple[Window, np.ndarray]]:
    """Strips of the grid with the class at the middle of each cell, where rows and columns stay rows and columns."""
    from rasterio.windows import Window

    a, _, c, _, e, f = source.transform
    across, _, west, _, down, north = grid.transform
    x = west + across * (np.arange(grid.shape[1]) + 0.5)
    if turn:
        # Longitudes may be counted from -180 in one map and from 0 in the other.
        x = c + (x - c + abs(a) * _ON_BORDER) % turn - abs(a) * _ON_BORDER
    columns = np.floor((x - c) / a + _ON_BORDER).astype(np.int64)
    reached = (columns >= 0) & (columns < source.shape[1])
    with open_geotiff(source.path) as dataset:
        for window in strips(grid.shape):
            y = north + down * (window.row_off + np.arange(window.height) + 0.5)
            rows = np.floor((y - f) / e + _ON_BORDER).astype(np.int64)
            inside = (rows >= 0) & (rows < source.shape[0])
            classes = np.full((window.height, grid.shape[1]), EMPTY, np.int32)
            if inside.any() and reached.any():
                top, bottom = rows[inside].min(), rows[inside].max() + 1
                stored = dataset.read(source.band, window=Window(0, int(top), source.shape[1], int(bottom - top)))
                taken = stored[np.ix_(rows[inside] - top, columns[reached])].astype(np.int32)
                if source.nodata is not None:
                    taken[taken == source.nodata] = EMPTY
                classes[np.ix_(inside, reached)] = taken
            yield window, classes


def _warped(source: RasterSource, grid: RasterSource, how: str) -> Iterator[tuple[Window, np.ndarray]]:
    """Strips of the grid as GDAL warps them."""
    from affine import Affine
    from rasterio.enums import Resampling
    from rasterio.vrt import WarpedVRT

    with (
        open_geotiff(source.path) as dataset,
        WarpedVRT(
            dataset, crs=grid.crs, transform=Affine(*grid.transform), height=grid.shape[0], width=grid.shape[1],
            resampling=Resampling[how], src_nodata=source.nodata, nodata=EMPTY, dtype="int32", tolerance=_EXACT,
        ) as warped,
    ):  # fmt: skip
        for window in strips(grid.shape):
            yield window, warped.read(1, window=window)
