"""Whether outlines are sound, and outlines made sound, so that what their lines enclose stays enclosed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gbf_workbench.preparation.planes import Project

_POLYGON = 3


@dataclass(frozen=True)
class Corners:
    """The corners of many shapes in one array, and where each shape begins.

    Attributes
    ----------
    places : array of float, shape (2, corners)
        All x, then all y: numpy is slow along an axis of two.
    start : array of int, shape (shapes,)
        Position of the first corner of each shape that has any.
    row : array of int, shape (shapes,)
        Position of each shape that has any corners.
    single : array of bool, shape (n,)
        Which of all the shapes are an outline of one ring.
    """

    places: NDArray[np.float64]
    start: NDArray[np.int64]
    row: NDArray[np.int64]
    single: NDArray[np.bool_]


def corners_of(shapes: NDArray[np.object_]) -> Corners:
    """All corners of the shapes, without heights and measures."""
    import shapely

    count = shapely.get_num_coordinates(shapes)
    row = np.flatnonzero(count)
    start = np.concatenate([[0], np.cumsum(count[row])[:-1]]).astype(np.int64) if len(row) else row
    single = (shapely.get_type_id(shapes) == _POLYGON) & (shapely.get_num_interior_rings(shapes) == 0) & (count > 0)
    return Corners(np.ascontiguousarray(shapely.get_coordinates(shapes).T), start, row, single)


def longest_edges(corners: Corners) -> NDArray[np.float64]:
    """At least the longest edge of each shape along one axis, shape (n,); 0 for points and for nothing."""
    longest = np.zeros(len(corners.single))
    if corners.places.shape[1] > 1:
        steps = np.maximum(*np.abs(np.diff(corners.places)))
        # From the end of one shape to the start of the next is no edge.
        steps[corners.start[1:] - 1] = 0
        longest[corners.row] = np.maximum.reduceat(np.append(steps, 0.0), corners.start)
    return longest


def _sizes(corners: Corners) -> NDArray[np.int64]:
    """Numbers of corners of the shapes that have any."""
    return np.diff(np.append(corners.start, corners.places.shape[1]))


def moved(
    shapes: NDArray[np.object_], corners: Corners, changed: NDArray[np.bool_], project: Project
) -> NDArray[np.object_]:
    """Shapes with every corner taken elsewhere.

    Parameters
    ----------
    shapes : array of geometries, shape (n,)
    corners : Corners
    changed : array of bool, shape (n,)
        Which shapes have other corners by now. Unchanged outlines of one ring are built anew from numbers, which is
        twice as fast as to change the corners of what is there.
    project : callable
        See ``planes.projection``.
    """
    import shapely

    made = np.empty(len(shapes), dtype=object)
    known = corners.single & ~changed
    taken, size = known[corners.row], _sizes(corners)
    places = corners.places if taken.all() else corners.places[:, np.repeat(taken, size)]
    ends = np.append(0, np.cumsum(size[taken]))
    rings = (ends, np.arange(len(ends)))
    made[known] = shapely.from_ragged_array(shapely.GeometryType.POLYGON, np.column_stack(project(*places)), rings)
    made[~known] = shapely.transform(shapes[~known], project, interleaved=False)
    return made


def sound(shapes: NDArray[np.object_], corners: Corners) -> NDArray[np.bool_]:
    """Which shapes are valid in the sense of OGC Simple Features; those that are missing count as sound.

    An outline that turns once around a point inside, always the same way, cannot cross itself; that is quickly seen of
    many at once. The others are looked at by GEOS.
    """
    import shapely

    fine = shapely.is_missing(shapes)
    fine[corners.row] |= _turn_once(corners)
    fine &= corners.single | shapely.is_missing(shapes)
    rest = ~fine
    fine[rest] = shapely.is_valid(shapes[rest])
    return fine


def _turn_once(corners: Corners) -> NDArray[np.bool_]:
    """Which rings go around the middle of their corners once, by steps that all turn the same way."""
    start, size = corners.start, _sizes(corners)
    if not len(start):
        return np.zeros(0, dtype=bool)
    x, y = (axis - np.repeat(np.add.reduceat(axis, start) / size, size) for axis in corners.places)
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
    enclosed = shapely.area(lines)
    # A hole takes land away; where one beside its outline gave some, nobody knows what it was meant for.
    within = np.where(nothing_left, np.inf, _area_of_shells(shapes))
    return built, np.where(shapely.area(built) > within * (1 + 1e-9), within, enclosed)


def _area_of_shells(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """The area of each shape without its holes; infinite where it has none."""
    import shapely

    area = np.full(len(shapes), np.inf)
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    holed = np.unique(of_shape[shapely.get_num_interior_rings(parts) > 0])
    for at in holed:
        rings = shapely.get_exterior_ring(parts[of_shape == at])
        whole = shapely.multipolygons(shapely.polygons(rings[~shapely.is_missing(rings)]))
        area[at] = shapely.area(shapely.make_valid(whole, method="structure", keep_collapsed=False))
    return area
