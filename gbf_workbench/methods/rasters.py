"""Maps of classes on a grid, walked in strips: what lay where at every date, counted and measured on the ellipsoid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.methods.accounts import CrossTable, add_up, cross_table
from gbf_workbench.methods.pixel_areas import pixel_areas

if TYPE_CHECKING:
    from rasterio.io import DatasetReader
    from rasterio.windows import Window

#: Stands for "no data" where the stored value cannot be kept as a class.
EMPTY = -(2**31)
#: Pixels read at once; memory depends on this and the width of the map, never on its height.
STRIP_PIXELS = 1 << 22
#: Grids are the same if their corners lie within this part of a cell.
SAME_PLACE = 1e-3


@dataclass(frozen=True)
class RasterSource:
    """A checked map of classes on the disk: where it lies, its grid, and the classes found in it.

    Attributes
    ----------
    path : Path
        A GeoTIFF that the workbench wrote itself, whatever kind of file the map came in.
    year : int
    crs : str
        Well-known text.
    transform : tuple of float
        a, b, c, d, e, f of x = a * column + b * row + c, y = d * column + e * row + f; b and d are 0.
    shape : tuple of int
        Rows, columns.
    nodata : int or None
        Value in the blocks where there is no data.
    codes : dict
        Class code to number of pixels, ascending; without nodata.
    content : str
        SHA-256 of year, grid and classes: the same for the same map whatever the type, compression or tiling.
    band : int
        Band of the file, from 1.
    file : str
        Name of the user's file.
    meanings : dict
        Class code to its name, where the file itself names its classes.
    empties : tuple of int
        Values that mean no data in the user's file.
    """

    path: Path
    year: int
    crs: str
    transform: tuple[float, float, float, float, float, float]
    shape: tuple[int, int]
    nodata: int | None
    codes: dict[int, int] = field(hash=False)
    content: str = ""
    band: int = 1
    file: str = ""
    meanings: dict[int, str] = field(default_factory=dict, hash=False)
    empties: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """What people call the file."""
        return self.file or self.path.name

    def blocks(self, pixels: int = STRIP_PIXELS) -> Iterator[tuple[Window, np.ndarray]]:
        """Strips of the map from top to bottom, as (window, integer array)."""
        with open_geotiff(self.path) as dataset:
            for window in strips(self.shape, pixels):
                yield window, dataset.read(self.band, window=window)


@contextmanager
def open_geotiff(path: Path) -> Iterator[DatasetReader]:
    """Open a file as GeoTIFF and as nothing else: GDAL goes by content, and other formats can point to other files."""
    import rasterio

    # Sidecar files are not looked for, so that the one file whose hash is recorded says everything. Several maps are
    # read in turns, so the setting may last only until each is open.
    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"):
        dataset = rasterio.open(path.resolve(), driver="GTiff")
    with dataset:
        yield dataset


def strips(shape: tuple[int, int], pixels: int = STRIP_PIXELS) -> Iterator[Window]:
    """Windows over whole rows, each of about ``pixels`` pixels and at least one row."""
    from rasterio.windows import Window

    rows, columns = shape
    height = max(1, pixels // columns)
    for top in range(0, rows, height):
        yield Window(0, top, columns, min(height, rows - top))


def runs(arrays: Sequence[np.ndarray], cuts: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Stretches of a row in which no array changes its value: their starts in the flat array, and their lengths.

    Maps are patchy, so there are far fewer runs than pixels. ``cuts`` are columns at which a run always ends.

    >>> starts, lengths = runs([np.array([[1, 1, 2], [2, 2, 2]])])
    >>> starts.tolist(), lengths.tolist()
    ([0, 2, 3], [2, 1, 3])
    """
    changes = np.zeros(arrays[0].shape, bool)
    changes[:, 0] = True
    for array in arrays:
        changes[:, 1:] |= array[:, 1:] != array[:, :-1]
    if cuts is not None:
        changes[:, cuts] = True
    starts = np.flatnonzero(changes)
    return starts, np.diff(starts, append=changes.size)


def grid_issues(sources: Sequence[RasterSource]) -> list[Issue]:
    """Why maps cannot be laid over each other cell by cell; they are never moved or resampled in silence."""
    differences = [grid_difference(sources[0], other) for other in sources[1:]]
    return [one for one in differences if one] + same_year_issues(sources)


def same_year_issues(sources: Sequence[RasterSource]) -> list[Issue]:
    """An error for each map of a year that another map shows already."""
    issues = []
    years = [source.year for source in sources]
    for number, source in enumerate(sources):
        if source.year in years[:number]:
            values = {"other": sources[years.index(source.year)].name, "year": source.year}
            issues.append(Issue("error", "rasters.same_year", values, file=source.name))
    return issues


def grid_difference(first: RasterSource, other: RasterSource) -> Issue | None:
    """The first way in which the grid of a map differs from that of another, as an error, or None."""
    import pyproj

    def said(key: str, here: str, there: str) -> Issue:
        return Issue("error", key, {"other": first.name, "here": here, "there": there}, file=other.name)

    one, two = pyproj.CRS(other.crs), pyproj.CRS(first.crs)
    if not one.equals(two, ignore_axis_order=True):
        return said("rasters.grids_crs", one.name, two.name)
    theirs, ours = np.array(other.transform), np.array(first.transform)
    rows, columns = first.shape
    stretch = np.abs(theirs[[0, 4]] / ours[[0, 4]] - 1) * (columns, rows)
    if (stretch > SAME_PLACE).any():
        sizes = (f"{abs(grid[0]):.8g} × {abs(grid[4]):.8g}" for grid in (theirs, ours))
        return said("rasters.grids_cell", *sizes)
    moved = (theirs[[2, 5]] - ours[[2, 5]]) / ours[[0, 4]]
    if (np.abs(moved) > SAME_PLACE).any():
        return said("rasters.grids_place", f"{moved[0]:.4g}", f"{moved[1]:.4g}")
    if first.shape != other.shape:
        return said("rasters.grids_shape", *(" × ".join(map(str, shape)) for shape in (other.shape, first.shape)))
    return None


def cross_tabulate(
    sources: Sequence[RasterSource], *, pixel_area: str = "ellipsoid", strip_pixels: int = STRIP_PIXELS
) -> CrossTable:
    """How much lay under each sequence of classes, in one pass over any number of dates.

    Parameters
    ----------
    sources : sequence of RasterSource
        On one grid, each of another year.
    pixel_area : {"ellipsoid", "grid"}
        True area on the ellipsoid, or the size of a cell as drawn on the map plane.
    strip_pixels : int
        Pixels read at once; it changes no result.

    Returns
    -------
    CrossTable
        Counts are exact. A pixel without data at any date is dropped from all dates.

    Raises
    ------
    WorkbenchError
        If the maps are not on one grid, two are of one year, or the projection gives mapped pixels no area.
    """
    if issues := grid_issues(sources):
        raise WorkbenchError(*issues)
    sources = sorted(sources, key=lambda source: source.year)
    cuts, area_of = pixel_areas(sources[0], pixel_area)
    columns = sources[0].shape[1]
    total = None
    for strip in zip(*(source.blocks(strip_pixels) for source in sources), strict=True):
        top, arrays = strip[0][0].row_off, [array for _, array in strip]
        starts, lengths = runs(arrays, cuts)
        rows, left = np.divmod(starts, columns)
        areas = lengths * area_of(rows + top + 0.5, left + lengths / 2)
        labels = [_empty_marked(array.ravel()[starts], source) for array, source in zip(arrays, sources, strict=True)]
        if (np.isnan(areas) & np.any([label != EMPTY for label in labels], axis=0)).any():
            raise problem("rasters.beyond_projection", table="ecosystem_maps")
        summed = add_up(pd.DataFrame(dict(enumerate(labels))), lengths, areas)
        total = summed if total is None else _merged(total, summed)
    codes, counts, areas = total
    return cross_table([source.year for source in sources], codes, codes != EMPTY, counts, areas)


def _empty_marked(values: np.ndarray, source: RasterSource) -> np.ndarray:
    whole = values.astype(np.int64)
    return whole if source.nodata is None else np.where(whole == source.nodata, EMPTY, whole)


def _merged(one: tuple[np.ndarray, ...], other: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    codes, counts, areas = (np.concatenate(pair) for pair in zip(one, other, strict=True))
    return add_up(pd.DataFrame(codes), counts, areas)


def bounds_in(source: RasterSource, crs: Any) -> tuple[float, float, float, float] | None:
    """West, south, east and north edge of a map in another coordinate system, None where it cannot hold the map."""
    from rasterio.errors import CRSError
    from rasterio.warp import transform_bounds

    a, _, c, _, e, f = source.transform
    across, down = sorted((c, c + a * source.shape[1])), sorted((f, f + e * source.shape[0]))
    try:
        edges = transform_bounds(source.crs, str(crs), across[0], down[0], across[1], down[1])
    except CRSError:
        return None
    return edges if np.isfinite(edges).all() else None
