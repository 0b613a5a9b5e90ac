"""The true area of every cell of a map: by formula where there is one, else interpolated between close points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gbf_workbench.errors import problem

if TYPE_CHECKING:
    import pyproj

    from gbf_workbench.methods.rasters import RasterSource

#: Between the points of a coarse grid the ratio of true to drawn area is taken as linear: wrong by 4e-9 over 1 km,
#: by 4e-7 over 10 km, which it takes a country of 4,000 km to reach.
COARSE_METRES = 1_000.0
COARSE_MOST = 400

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
