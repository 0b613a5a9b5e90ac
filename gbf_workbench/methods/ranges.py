"""Extent of occurrence and area of occupancy: the hull around all places of a type, and the squares it lies in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

#: The grid of squares is moved by whole tenths of a square, so that each place is looked up once for all placements.
STEPS = 10
MOST_PLACEMENTS = STEPS**2
#: Less than this part of a square is rounding of the outlines and no occurrence.
_ROUNDING = 1e-6
#: Part of the area that the least occupied squares may hold together and be left out (rule of version 2).
_BOTTOM = 0.01

RULES = ("bottom", "square", "none", "touched")


@dataclass(frozen=True)
class Pieces:
    """Where a type lies: its area in each small square of a grid, ten of which make the side of a square.

    Attributes
    ----------
    column, row : array of int, shape (pieces,)
        Place in the grid of small squares, counted from its lower left corner.
    km2 : array of float, shape (pieces,)
        Area of the type there [km²]; 0 where it only touches the edge.
    step : float
        Side of a small square [m].
    """

    column: NDArray[np.int64]
    row: NDArray[np.int64]
    km2: NDArray[np.float64]
    step: float


def local_plane(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> pyproj.CRS:
    """An ellipsoidal equal-area plane around some places, in which straight lines are nearly the shortest ways.

    Parameters
    ----------
    longitude, latitude : array of float, shape (n,)
        In degrees, on either side of the antimeridian.

    Examples
    --------
    >>> plane = local_plane(np.array([179.0, -177.0]), np.array([-18.0, -16.0]))
    >>> [int(one.value) for one in plane.coordinate_operation.params[:2]]
    [-17, -179]
    """
    import pyproj

    east, north = np.radians(longitude), np.radians(latitude)
    ball = np.array([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])
    x, y, z = ball.mean(axis=1)
    # Whole degrees, so that a few more places do not move the grid.
    middle, height = round(float(np.degrees(np.arctan2(y, x)))), round(float(np.degrees(np.arctan2(z, np.hypot(x, y)))))
    return pyproj.CRS.from_proj4(f"+proj=laea +lat_0={height} +lon_0={middle} +datum=WGS84 +units=m +type=crs")


def named_plane(name: str) -> pyproj.CRS:
    """The plane that somebody wants to measure in.

    Raises
    ------
    WorkbenchError
        If it is no projected coordinate system in metres.
    """
    import pyproj

    try:
        plane = pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError:
        plane = None
    if plane is None or not plane.is_projected or any(axis.unit_conversion_factor != 1 for axis in plane.axis_info):
        raise problem("indicators.red_list_of_ecosystems.notes.plane_unknown", column="measured_in", value=name)
    return plane


def hull_km2(points: NDArray[np.float64], around: float = 0.0) -> float:
    """Area of the convex hull of points on a plane [km²]: the extent of occurrence.

    Parameters
    ----------
    points : array of float, shape (n, 2)
        In metres.
    around : float
        Radius of the circle that each point stands for [m].

    Examples
    --------
    >>> hull_km2(np.array([[0, 0], [3000, 0], [0, 2000], [500, 500]]))
    3.0
    """
    import shapely

    hull = shapely.convex_hull(shapely.multipoints(points))
    # Enough corners for a difference far below one in a million of any extent that matters.
    return float(hull.buffer(around, quad_segs=256).area if around else hull.area) / 1e6


def pieces_of_points(
    x: NDArray[np.float64], y: NDArray[np.float64], km2: NDArray[np.float64], corner: tuple[float, float], side: float
) -> Pieces:
    """Places that count where their middle is, as the cells of a map.

    Parameters
    ----------
    x, y : array of float, shape (n,)
        Middles on the plane [m].
    km2 : array of float, shape (n,)
    corner : tuple of float
        Lower left corner of the grid [m].
    side : float
        Side of a square [m].
    """
    step = side / STEPS
    places = pd.DataFrame({"column": _place(x, corner[0], step), "row": _place(y, corner[1], step), "km2": km2})
    return joined_pieces(places, step)


def joined_pieces(places: pd.DataFrame, step: float) -> Pieces:
    """Pieces from rows ``column, row, km2``; those in the same small square are added up."""
    summed = places.groupby(["column", "row"], sort=True)["km2"].sum()
    column, row = (summed.index.get_level_values(name).to_numpy(dtype=np.int64) for name in ("column", "row"))
    return Pieces(column, row, summed.to_numpy(dtype=float), step)


def _place(at: NDArray[np.float64], start: float, step: float) -> NDArray[np.int64]:
    # A middle on an edge belongs to the square above or right of it, whatever rounding did to the edge.
    return np.floor((at - start) / step + 1e-9).astype(np.int64)


def pieces_of_shape(shape: Any, corner: tuple[float, float], side: float, *, touched: bool = False) -> Pieces:
    """An outline cut along the small squares: halved again and again, so that squares it fills are never cut.

    Parameters
    ----------
    shape : shapely Polygon or MultiPolygon
        Valid, on the plane [m].
    corner, side
        As in ``pieces_of_points``.
    touched : bool
        Whether to add the small squares that it touches without lying in them.

    Examples
    --------
    >>> import shapely
    >>> pieces = pieces_of_shape(shapely.box(0, 0, 1500, 1000), (0, 0), 10_000)
    >>> pieces.column.tolist(), pieces.km2.tolist()
    ([0, 1], [1.0, 0.5])
    """
    step = side / STEPS
    west, south, east, north = shape.bounds
    first = (int(np.floor((west - corner[0]) / step)) - 1, int(np.floor((south - corner[1]) / step)) - 1)
    reach = max(east - corner[0] - first[0] * step, north - corner[1] - first[1] * step) / step
    size = 1 << int(np.ceil(np.log2(reach + 1)))
    waiting, found = [(shape, *first, size)], []
    while waiting:
        part, column, row, size = waiting.pop()
        if size == 1 or part.area >= (size * step) ** 2 * (1 - 1e-12):
            places = np.indices((size, size)).reshape(2, -1)
            km2 = np.full(size * size, part.area / 1e6 / size**2)
            found.append(pd.DataFrame({"column": places[0] + column, "row": places[1] + row, "km2": km2}))
            continue
        waiting += _quarters(part, column, row, size // 2, corner, step)
    pieces = joined_pieces(pd.concat(found), step)
    return _with_touched(pieces, shape, corner) if touched else pieces


def _quarters(
    part: Any, column: int, row: int, half: int, corner: tuple[float, float], step: float
) -> list[tuple[Any, int, int, int]]:
    """The four quarters of a window in which something of a part lies."""
    import shapely

    quarters = []
    for across, up in ((0, 0), (half, 0), (0, half), (half, half)):
        piece = part.intersection(_square(column + across, row + up, corner, step, half))
        areas = [one for one in shapely.get_parts(piece) if one.area > 0]
        if areas:
            quarters.append((shapely.multipolygons(polygons_in(areas)), column + across, row + up, half))
    return quarters


def polygons_in(parts: Iterable[Any]) -> list[Any]:
    """The polygons of some geometries, without the lines and points among them."""
    import shapely

    return [one for part in parts for one in shapely.get_parts(part) if one.geom_type == "Polygon"]


def _square(column: int, row: int, corner: tuple[float, float], step: float, size: int = 1) -> Any:
    import shapely

    west, south = corner[0] + column * step, corner[1] + row * step
    return shapely.box(west, south, west + size * step, south + size * step)


def _with_touched(pieces: Pieces, shape: Any, corner: tuple[float, float]) -> Pieces:
    """The pieces and, with no area, their neighbours that the outline reaches."""
    import shapely

    own = set(zip(pieces.column.tolist(), pieces.row.tolist(), strict=True))
    near = {(c + dc, r + dr) for c, r in own for dc in (-1, 0, 1) for dr in (-1, 0, 1)} - own
    reached = [place for place in sorted(near)
               if shapely.dwithin(shape, _square(*place, corner, pieces.step), _ROUNDING * pieces.step)]  # fmt: skip
    places = pd.DataFrame({"column": pieces.column, "row": pieces.row, "km2": pieces.km2})
    more = pd.DataFrame(reached, columns=["column", "row"], dtype=np.int64).assign(km2=0.0)
    return joined_pieces(pd.concat([places, more]), pieces.step)


def placements(number: int, seed: int) -> NDArray[np.int64]:
    """Where the grid is laid: at its corner first, then moved by tenths of a square at random, never twice alike.

    Returns
    -------
    array of int, shape (number, 2)
        Columns and rows of small squares it is moved by.

    Examples
    --------
    >>> placements(1, seed=1).tolist()
    [[0, 0]]
    """
    every = np.indices((STEPS, STEPS)).reshape(2, -1).T
    order = np.random.default_rng(seed).permutation(np.arange(1, len(every)))
    return every[np.concatenate([[0], order])[:number]]


def occupied_squares(pieces: Pieces, moved: NDArray[np.int64], rule: str) -> int:
    """Number of squares that a type occupies with the grid in one place.

    Parameters
    ----------
    pieces : Pieces
    moved : array of int, shape (2,)
        Small squares by which the grid is moved to the right and up.
    rule : {"bottom", "square", "none", "touched"}
        ``bottom``: without the least occupied squares that together hold less than 1 % of the area. ``square``:
        without those of which less than 1 % is occupied. ``none``: all. ``touched``: also those only touched.

    References
    ----------
    IUCN 2024, Guidelines 2.0, doi:10.2305/CJDF9122.

    Examples
    --------
    >>> pieces = pieces_of_points(np.array([1.0, 11.0, 21.0]), np.zeros(3), np.array([50, 49.5, 0.5]), (0, 0), 10)
    >>> [occupied_squares(pieces, np.zeros(2, int), rule) for rule in ("bottom", "none")]
    [2, 3]
    """
    column, row = (pieces.column - moved[0]) // STEPS, (pieces.row - moved[1]) // STEPS
    _, square = np.unique(column * (np.ptp(row) + 1) + row - row.min(), return_inverse=True)
    held = np.bincount(square, weights=pieces.km2)
    if rule == "touched":
        return len(held)
    whole = (STEPS * pieces.step) ** 2 / 1e6
    held = np.sort(held[held > _ROUNDING * whole])[::-1]
    if rule == "square":
        return int((held >= _BOTTOM * whole * (1 - 1e-9)).sum())
    if rule == "none" or not len(held):
        return len(held)
    # Squares go as long as what is kept stays above 99 %: a square is needed where those before it are not enough.
    before = np.cumsum(held) - held
    return int((before <= (1 - _BOTTOM) * held.sum() * (1 + 1e-9)).sum())


def fewest_squares(pieces: Pieces, grids: NDArray[np.int64], rule: str) -> int:
    """Area of occupancy: the fewest squares over all placements of the grid."""
    return min(occupied_squares(pieces, moved, rule) for moved in grids)
