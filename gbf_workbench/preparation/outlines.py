"""Whether outlines are sound, and outlines made sound, so that what their lines enclose stays enclosed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POLYGON = 3


@dataclass(frozen=True)
class Corners:
    """The corners of many shapes in one array, and where each shape begins.

    Attributes
    ----------
    places : array of float, shape (corners, 2)
    start : array of int, shape (shapes,)
        Position of the first corner of each shape that has any.
    row : array of int, shape (shapes,)
        Position of each shape that has any corners.
    """

    places: NDArray[np.float64]
    start: NDArray[np.int64]
    row: NDArray[np.int64]


def corners_of(shapes: NDArray[np.object_]) -> Corners:
    """All corners of the shapes, without heights and measures."""
    import shapely

    count = shapely.get_num_coordinates(shapes)
    row = np.flatnonzero(count)
    start = np.concatenate([[0], np.cumsum(count[row])[:-1]]).astype(np.int64) if len(row) else row
    return Corners(shapely.get_coordinates(shapes), start, row)


def longest_edges(corners: Corners, count: int) -> NDArray[np.float64]:
    """At least the longest edge of each shape along one axis, shape (count,); 0 for points and for nothing."""
    longest = np.zeros(count)
    if len(corners.places) > 1:
        # Column by column: numpy is slow along an axis of two.
        east, north = np.abs(np.diff(corners.places, axis=0)).T
        steps = np.maximum(east, north)
        # From the end of one shape to the start of the next is no edge.
        steps[corners.start[1:] - 1] = 0
        longest[corners.row] = np.maximum.reduceat(np.append(steps, 0.0), corners.start)
    return longest


def sound(shapes: NDArray[np.object_], corners: Corners) -> NDArray[np.bool_]:
    """Which shapes are valid in the sense of OGC Simple Features; those that are missing count as sound.

    An outline that turns once around a point inside, always the same way, cannot cross itself; that is quickly seen of
    many at once. The others are looked at by GEOS.
    """
    import shapely

    fine = shapely.is_missing(shapes)
    simple = (shapely.get_type_id(shapes) == _POLYGON) & (shapely.get_num_interior_rings(shapes) == 0)
    fine[corners.row] |= _turn_once(corners)
    fine &= simple | shapely.is_missing(shapes)
    rest = ~fine
    fine[rest] = shapely.is_valid(shapes[rest])
    return fine


def _turn_once(corners: Corners) -> NDArray[np.bool_]:
    """Which rings go around the middle of their corners once, by steps that all turn the same way."""
    places, start = corners.places, corners.start
    if not len(start):
        return np.zeros(0, dtype=bool)
    size = np.diff(np.append(start, len(places)))
    x, y = (axis - np.repeat(np.add.reduceat(axis, start) / size, size) for axis in np.ascontiguousarray(places.T))
    with np.errstate(over="ignore", invalid="ignore"):
        # Numbers too large to be multiplied are told of elsewhere.
        turn = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
        square = x * x + y * y
    up = np.append((y[:-1] < 0) & (y[1:] >= 0), False)
    last = start + size - 1
    turn[last], up[last] = np.nan, False
    # A turn as small as the rounding of the coordinates proves nothing.
    slack = 1e-9 * np.add.reduceat(square, start) / size
    least, most = np.fmin.reduceat(turn, start), np.fmax.reduceat(turn, start)
    return (size >= 4) & ((least > slack) | (most < -slack)) & (np.add.reduceat(up, start) == 1)


def made_sound(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Outlines rebuilt by structure, and the area that the lines as drawn enclose.

    Returns
    -------
    shapes : array of geometries
        Rings are kept as outlines and holes, crossings become corners, what has no width is dropped.
    enclosed : array of float
        Area enclosed by an odd number of lines, in the square of the unit of the coordinates. Where it is not the area
        of the rebuilt shape, the outline overlaps itself and can be read in two ways.
    """
    import shapely

    built = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    lines = shapely.make_valid(shapes, method="linework")
    # Where a hole takes away all of its outline, the two were exchanged or one ring was written twice.
    nothing_left = (shapely.area(built) == 0) & (shapely.area(lines) > 0)
    built[nothing_left] = shapely.make_valid(lines[nothing_left], method="structure", keep_collapsed=False)
    return built, shapely.area(lines)
