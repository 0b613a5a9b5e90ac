"""Maps of classes on a grid, walked in strips: what lay where at every date, counted and measured on the ellipsoid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.methods.accounts import CrossTable, add_up, cross_table

if TYPE_CHECKING:
    import pyproj
    from rasterio.io import DatasetReader
    from rasterio.windows import Window

#: Stands for "no data" where the stored value cannot be kept as a class.
EMPTY = -(2**31)
#: Pixels read at once; memory depends on this and the width of the map, never on its height.
STRIP_PIXELS = 1 << 22
#: Between the points of a coarse grid the ratio of true to drawn area is taken as linear: wrong by 4e-9 over 1 km,
#: by 4e-7 over 10 km, which it takes a country of 4,000 km to reach.
COARSE_METRES = 1_000.0
COARSE_MOST = 400
#: Grids are the same if their corners lie within this part of a cell.
SAME_PLACE = 1e-3


@dataclass(frozen=True)
class RasterSource:
    """A checked map of classes on the disk: where it lies, its grid, and the classes found in it.

    Attributes
    ----------
    path : Path
        A GeoTIFF.
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

    def blocks(self, pixels: int = STRIP_PIXELS) -> Iterator[tuple[Window, np.ndarray]]:
        """Strips of the map from top to bottom, as (window, integer array)."""
        with open_geotiff(self.path) as dataset:
            for window in strips(self.shape, pixels):
                yield window, whole_classes(dataset.read(self.band, window=window), dataset.nodata, self.nodata)


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


def whole_classes(stored: np.ndarray, declared: float | None, nodata: int | None) -> np.ndarray:
    """Stored values as integers: decimals are rounded, what is declared empty or is not finite becomes ``nodata``.

    >>> whole_classes(np.array([1.0, 2.9999998, np.nan, -9e30]), -9e30, 255)
    array([  1,   3, 255, 255], dtype=int32)
    """
    if stored.dtype.kind != "f":
        return stored
    empty = ~np.isfinite(stored)
    if declared is not None:
        empty |= stored == declared
    whole = np.rint(np.where(empty, 0, stored)).astype(np.int32)
    if nodata is not None:
        whole[empty] = nodata
    return whole


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
    issues = [difference for other in sources[1:] if (difference := _difference(sources[0], other))]
    years = [source.year for source in sources]
    for number, source in enumerate(sources):
        if source.year in years[:number]:
            values = {"other": sources[years.index(source.year)].path.name, "year": source.year}
            issues.append(Issue("error", "rasters.same_year", values, file=source.path.name))
    return issues


def _difference(first: RasterSource, other: RasterSource) -> Issue | None:
    """The first way in which the grid of a map differs from that of another, or None."""
    import pyproj

    def said(key: str, here: str, there: str) -> Issue:
        return Issue("error", key, {"other": first.path.name, "here": here, "there": there}, file=other.path.name)

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


AreaRule = Callable[[np.ndarray, np.ndarray], Any]


def pixel_areas(source: RasterSource, how: str = "ellipsoid") -> tuple[np.ndarray | None, AreaRule]:
    """Area of the pixels of a map.

    Parameters
    ----------
    source : RasterSource
        Only its ``crs``, ``transform`` and ``shape`` are used.
    how : {"ellipsoid", "grid"}

    Returns
    -------
    cuts : ndarray or None
        Columns between which the area of a pixel is linear along a row, so that a run times the area at its middle
        is the area of the run.
    area_of : callable
        (row, column), counted from the outer edges, to the area of a pixel there [km2].

    Notes
    -----
    An equal-area projection has one area for all pixels. In longitude and latitude a row has one area, exact by the
    authalic formula. Any other projection has the cell on the plane times the ratio of true to drawn area, worked
    out on a coarse grid and taken as linear in between.
    """
    import pyproj

    crs = pyproj.CRS(source.crs)
    a, _, _, _, e, _ = source.transform
    if crs.is_geographic:
        if how == "grid":
            raise problem("rasters.grid_in_degrees", table="ecosystem_maps")
        by_row = row_areas(crs, source.transform, source.shape[0])
        return None, lambda rows, _: by_row[rows.astype(np.int64)]
    drawn = abs(a * e) * _metres(crs) ** 2 / 1e6
    if how == "grid":
        return None, lambda rows, _: drawn
    step, ratio = _coarse_ratio(crs, source)
    known = ratio[np.isfinite(ratio)]
    if known.size and (np.abs(known - 1) < 1e-6).all():
        return None, lambda rows, _: drawn
    cuts = np.arange(0, source.shape[1], step)
    return cuts, lambda rows, columns: drawn * _between(ratio, rows / step, columns / step)


def _metres(crs: pyproj.CRS) -> float:
    return crs.axis_info[0].unit_conversion_factor


def authalic(crs: pyproj.CRS, sine: np.ndarray) -> tuple[np.ndarray, float]:
    """What the area between equator and a latitude is proportional to, from the sine of that latitude.

    Returns
    -------
    q : ndarray
        q(lat) = (1 - e²) [sin lat / (1 - e² sin² lat) + artanh(e sin lat) / e]: a strip of dλ radians has the area
        a² q dλ / 2.
    a : float
        Semi-major axis [m].

    References
    ----------
    Snyder 1987, Map Projections: A Working Manual, equation 3-12, doi:10.3133/pp1395.
    """
    shape = crs.ellipsoid
    a, b = shape.semi_major_metre, shape.semi_minor_metre
    e2 = 1 - (b / a) ** 2
    if e2 == 0:
        return 2 * sine, a
    e = np.sqrt(e2)
    return (1 - e2) * (sine / (1 - e2 * sine**2) + np.arctanh(e * sine) / e), a


def row_areas(crs: pyproj.CRS, transform: Sequence[float], rows: int) -> np.ndarray:
    """Exact area [km2] of one pixel in each row of a grid in longitude and latitude.

    >>> import pyproj
    >>> row_areas(pyproj.CRS("EPSG:4326"), (1, 0, 0, 0, -1, 1), 2).round(4)
    array([12308.4639, 12308.4639])
    """
    radians = crs.axis_info[0].unit_conversion_factor
    a, _, _, _, e, f = transform
    latitudes = np.clip((f + e * np.arange(rows + 1)) * radians, -np.pi / 2, np.pi / 2)
    q, axis = authalic(crs, np.sin(latitudes))
    return np.abs(np.diff(q)) * axis**2 / 2 * abs(a) * radians / 1e6


def _coarse_ratio(crs: pyproj.CRS, source: RasterSource) -> tuple[int, np.ndarray]:
    """Every how many pixels, and the ratio of true to drawn area there."""
    a, _, c, _, e, f = source.transform
    rows, columns = source.shape
    by_distance = COARSE_METRES / (max(abs(a), abs(e)) * _metres(crs))
    step = int(max(1, by_distance, np.ceil(max(rows, columns) / COARSE_MOST)))
    down, across = (np.arange(-(-size // step) + 1) * step for size in (rows, columns))
    x, y = np.meshgrid(c + a * across, f + e * down)
    return step, true_to_drawn(crs, x, y)


def true_to_drawn(crs: pyproj.CRS, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Ratio of area on the ellipsoid to area on the map plane, at points of a projected CRS.

    Parameters
    ----------
    crs : pyproj.CRS
    x, y : ndarray
        In the unit of the CRS.

    Returns
    -------
    ndarray
        Not a number where the projection is not defined.

    Notes
    -----
    Differences of the position on the authalic sphere, which has the areas of the ellipsoid and no seam at the
    poles or the antimeridian. The areal scale that PROJ gives is not used: projections it only has as a sphere
    (Mollweide, Robinson, Web Mercator) claim to be true on the ellipsoid and are wrong by up to 0.7 %.
    """
    import pyproj

    project = pyproj.Proj(crs)
    step = 100.0 / _metres(crs)
    top, axis = authalic(crs, np.array(1.0))

    def on_sphere(east: np.ndarray, north: np.ndarray) -> np.ndarray:
        longitude, latitude = project(east, north, inverse=True, radians=True)
        longitude, latitude = (np.where(np.isfinite(angle), angle, np.nan) for angle in (longitude, latitude))
        height = authalic(crs, np.sin(latitude))[0] / top
        across = np.sqrt(np.maximum(0, 1 - height**2))
        return np.stack([across * np.cos(longitude), across * np.sin(longitude), height], axis=-1)

    def slope(at: Callable[[float], np.ndarray]) -> np.ndarray:
        return (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / 1200.0

    east = slope(lambda by: on_sphere(x + by, y))
    north = slope(lambda by: on_sphere(x, y + by))
    return np.linalg.norm(np.cross(east, north), axis=-1) * axis**2 * float(top) / 2


def _between(grid: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Values between the points of a grid, linear in both directions."""
    i, j = np.floor(down).astype(np.int64), np.floor(across).astype(np.int64)
    u, v = down - i, across - j
    upper = grid[i, j] * (1 - v) + grid[i, j + 1] * v
    lower = grid[i + 1, j] * (1 - v) + grid[i + 1, j + 1] * v
    return upper * (1 - u) + lower * u
