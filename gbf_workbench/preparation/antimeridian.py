"""Shapes in degrees around the 180° meridian: read the short way round, and cut where the map is cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gbf_workbench.preparation.territory import Territory

_HALF, _TURN = 180.0, 360.0


@dataclass(frozen=True)
class Cut:
    """Shapes cut at the 180° meridian, and by position which were wide, which ran on, and which cannot be told.

    Attributes
    ----------
    shapes : array of geometries
        No further than 180 degrees from the middle of the map; the array that was given where nothing changed.
    crossing : array of int
        Drawn from one side of the map to the other, the long way round.
    beyond : array of int
        Running on beyond 180 or -180.
    unclear : array of int
        Wider than half the globe in a way that has more than one reading, or none.
    """

    shapes: NDArray[np.object_]
    crossing: NDArray[np.int64]
    beyond: NDArray[np.int64]
    unclear: NDArray[np.int64]


def cut_at_180(shapes: NDArray[np.object_], territory: Territory | None = None, middle: float = 0.0) -> Cut:
    """Bring shapes in degrees onto one map of the globe, which is cut open opposite to its middle.

    An outline with an edge over more than half of the globe was drawn by a program that knows no globe: the edge is
    meant the short way, over the 180° meridian. So it is read where this gives an outline narrower than half the
    globe, unless the country lies where the outline is drawn and not where it would then be. An outline around the
    whole globe without such an edge is one of a polar region, and stays.

    Parameters
    ----------
    shapes : array of geometries, shape (n,)
        Longitude and latitude; None where there is none.
    territory : Territory, optional
        The country, where its land is known.
    middle : float
        Longitude [degrees] in the middle of the map.
    """
    import shapely

    bounds = shapely.bounds(shapes)
    runs_on = (bounds[:, 0] < -_HALF) | (bounds[:, 2] > _HALF)
    off_the_map = (bounds[:, 0] < middle - _HALF) | (bounds[:, 2] > middle + _HALF)
    crossing, beyond, unclear = [], [], []
    out = shapes
    for at in np.flatnonzero(runs_on | off_the_map | (bounds[:, 2] - bounds[:, 0] > _HALF)):
        parts = shapely.get_parts(shapes[at])
        read = [_the_short_way(part, territory) if _is_wide(part) else part for part in parts]
        if any(one is None for one in read):
            unclear.append(at)
            continue
        turned = any(one is not part for one, part in zip(read, parts, strict=True))
        if turned or off_the_map[at]:
            out = shapes.copy() if out is shapes else out
            out[at] = _brought_back(read, middle)
        if turned:
            crossing.append(at)
        elif runs_on[at]:
            beyond.append(at)
    return Cut(out, *(np.array(found, dtype=np.int64) for found in (crossing, beyond, unclear)))


def _is_wide(part: object) -> bool:
    west, _, east, _ = part.bounds
    return part.geom_type == "Polygon" and east - west > _HALF


def _the_short_way(part: object, territory: Territory | None) -> object | None:
    """An outline with every edge taken the short way; itself where none is long, None where it cannot be told."""
    import shapely

    rings = [part.exterior, *part.interiors]
    if not any(_has_long_edge(shapely.get_coordinates(ring)) for ring in rings):
        return part
    unrolled = [_unrolled(shapely.get_coordinates(ring)) for ring in rings]
    if any(one is None for one in unrolled):
        return None
    first = unrolled[0][:, 0].min()
    # Holes are put on the turn of the globe that the outline is on.
    shell, *holes = [one - [_TURN * np.floor((one[:, 0].min() - first) / _TURN), 0] for one in unrolled]
    outline = shapely.Polygon(shell, holes)
    short = shapely.make_valid(outline, method="structure", keep_collapsed=False)
    west, _, east, _ = short.bounds if not short.is_empty else (0, 0, _TURN, 0)
    if east - west >= _HALF or short.area == 0:
        return None
    return None if territory is not None and _only_as_drawn(part, short, territory) else short


def _has_long_edge(places: NDArray[np.float64]) -> bool:
    """Whether an edge goes over more than half of the globe, other than along a pole, where that is one place."""
    step = np.abs(np.diff(places[:, 0])) > _HALF
    polar = np.abs(places[:, 1]) >= 90
    return bool((step & ~(polar[:-1] & polar[1:])).any())


def _unrolled(places: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """A ring with longitudes that run on; None where it then does not close, so goes around a pole."""
    steps = np.diff(places[:, 0])
    steps -= _TURN * np.round(steps / _TURN)
    longitude = places[0, 0] + np.concatenate([[0.0], np.cumsum(steps)])
    if abs(longitude[-1] - longitude[0]) > 1e-6:
        return None
    # What was exact stays exact: only whole turns are added to the numbers of the file.
    turns = np.round((longitude - places[:, 0]) / _TURN)
    return np.column_stack([places[:, 0] + _TURN * turns, places[:, 1]])


def _only_as_drawn(drawn: object, short: object, territory: Territory) -> bool:
    """Whether the country lies where the outline is drawn, and not where it would lie the short way round."""
    import shapely

    boxes = np.concatenate([territory.boxes + np.array([turn, 0, turn, 0]) for turn in (-_TURN, 0, _TURN)])
    country = shapely.STRtree(shapely.box(*boxes.T))
    at_drawn, at_short = (len(country.query(one, predicate="intersects")) > 0 for one in (drawn, short))
    return at_drawn and not at_short


def _brought_back(parts: list[object], middle: float) -> object:
    """Parts cut where the map is cut, and each piece put where it lies on the map."""
    import shapely

    shapes = np.array(parts, dtype=object)
    has_area = shapely.area(shapes).sum() > 0
    pieces = []
    for turn in (-2, -1, 0, 1, 2):
        west = middle + _TURN * turn - _HALF
        inside = shapely.get_parts(shapely.intersection(shapes, shapely.box(west, -91, west + _TURN, 91)))
        kept = inside[shapely.area(inside) > 0 if has_area else ~shapely.is_empty(inside)]
        pieces.append(shapely.transform(kept, lambda xy, by=_TURN * turn: xy - [by, 0]))
    return shapely.union_all(np.concatenate(pieces))
