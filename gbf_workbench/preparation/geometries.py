"""Shapes as they were drawn become whole shapes in the plane of the frame; every change is counted and told."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gbf_workbench.methods.projections import central_meridian
from gbf_workbench.preparation.antimeridian import cut_at_180
from gbf_workbench.preparation.outlines import (
    Corners,
    corners_of,
    longest_edges,
    made_sound,
    moved,
    sound,
)
from gbf_workbench.preparation.planes import Project, projection

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from gbf_workbench.preparation.territory import Territory

#: Longest straight edge left [degrees, metres]: a longer one is not straight in another projection. A hair more than a
#: round number, so that the last digit of a file does not decide into how many pieces a round edge is cut.
_LONGEST = {"degrees": 0.1 + 1e-7, "metres": 10_000.01}
#: Half of the way round the Earth [m], in a projection of the whole of it.
_HALF_ROUND = 17_000_000
#: Farther [m] from the middle of the map than any place on Earth.
_FARTHEST = 1e8
#: Shapes that are worked on at once: few enough for the fast memory of the processor.
_CHUNK = 1_024
_M2_PER_KM2 = 1e6


@dataclass(frozen=True)
class Changes:
    """What happened to which shapes, by position.

    Attributes
    ----------
    repaired : array of int
        Outlines that were not sound; ``drawn``, ``enclosed`` and ``after`` are their areas [km²] as the coordinates
        say, as the lines enclose them, and as they are now.
    crossing, beyond, unclear : array of int
        See ``antimeridian.Cut``; ``crossing_km2`` has the areas before and after, shape (n, 2).
    no_number : array of int
        With a coordinate that is no number.
    lost : array of int
        That the frame's coordinate system cannot show.
    """

    repaired: NDArray[np.int64]
    drawn: NDArray[np.float64]
    enclosed: NDArray[np.float64]
    after: NDArray[np.float64]
    crossing: NDArray[np.int64]
    crossing_km2: NDArray[np.float64]
    beyond: NDArray[np.int64]
    unclear: NDArray[np.int64]
    no_number: NDArray[np.int64]
    lost: NDArray[np.int64]


@dataclass(frozen=True)
class Way:
    """How shapes get from the plane they were drawn in to the plane of the frame.

    Attributes
    ----------
    source, target : CRS
    territory : Territory or None
    as_drawn : callable
        Says of a repair's key and a position whether an expert wants the shape left as it is.
    """

    source: CRS
    target: CRS
    territory: Territory | None
    as_drawn: Callable[[str, int], bool]

    @cached_property
    def stays(self) -> bool:
        """Whether the shapes are in the frame's system already."""
        return self.source.equals(self.target)

    @cached_property
    def project(self) -> Project:
        """From x and y as drawn to x and y in the plane of the frame."""
        return projection(self.source, self.target)


def to_frame(shapes: NDArray[np.object_], way: Way) -> Changes:
    """Bring shapes into the plane of the frame, in place.

    Parameters
    ----------
    shapes : array of geometries, shape (n,)
        As drawn; afterwards valid and in the frame's system, None where there is no shape or one without a place.
        The array is changed rather than copied, because a national layer fills the memory once already.
    way : Way
    """
    starts = range(0, len(shapes), _CHUNK)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda at: _chunk_to_frame(shapes, at, way), starts))
    names = Changes.__dataclass_fields__
    empty = {name: np.empty((0, 2) if name == "crossing_km2" else 0, dtype=_dtype(name)) for name in names}
    return Changes(**{name: np.concatenate([empty[name], *(one[name] for one in found)]) for name in names})


def _dtype(name: str) -> type:
    return float if name in ("drawn", "enclosed", "after", "crossing_km2") else np.int64


def _chunk_to_frame(shapes: NDArray[np.object_], at: int, way: Way) -> dict[str, Any]:
    """One run of shapes, in place, and what happened to them."""
    import shapely

    own = shapes[at : at + _CHUNK]
    if shapely.has_z(own).any() or shapely.has_m(own).any():
        own[:] = shapely.force_2d(own)
    many = shapely.get_num_geometries(own) == 1
    single = np.flatnonzero(many & (shapely.get_type_id(own) > 3))
    own[single] = shapely.get_geometry(own[single], 0)
    corners = corners_of(own)
    no_number = np.zeros(len(own), dtype=bool)
    if not np.isfinite(corners.places).all():
        numbers = np.isfinite(corners.places).all(axis=0)
        no_number[corners.row] = ~np.logical_and.reduceat(numbers, corners.start)
        own[no_number] = None
        corners = corners_of(own)
    drawn = own.copy()
    on_map, cut = _cut(drawn, way, at)
    if on_map is not drawn:
        own[:] = on_map
        corners = corners_of(own)
    broken = ~sound(own, corners)
    broken[broken] = [not way.as_drawn("layer.repaired_geometry", at + one) for one in np.flatnonzero(broken)]
    done = {"no_number": np.flatnonzero(no_number), **cut, **_repair(own, np.flatnonzero(broken), way)}
    changed = broken | _straighten(own, corners, broken, way)
    done["lost"] = _project(own, corners, changed, way)
    done["after"] = shapely.area(own[done["repaired"]]) / _M2_PER_KM2
    done["crossing_km2"] = _areas_before_and_after(drawn, own, done["crossing"], way)
    places = ("repaired", "crossing", "beyond", "unclear", "no_number", "lost")
    return done | {name: done[name] + at for name in places}


def _cut(shapes: NDArray[np.object_], way: Way, at: int) -> tuple[NDArray[np.object_], dict[str, Any]]:
    """Shapes in degrees on one map of the globe; those in a plane as they are."""
    nothing = np.empty(0, dtype=np.int64)
    if not way.source.is_geographic:
        return shapes, {"crossing": nothing, "beyond": nothing, "unclear": nothing}
    cut = cut_at_180(shapes, way.territory, central_meridian(way.target))
    spared = [one for one in cut.crossing if way.as_drawn("layer.crosses_180", at + int(one))]
    if spared:
        cut.shapes[spared] = shapes[spared]
    crossing = np.setdiff1d(cut.crossing, spared)
    return cut.shapes, {"crossing": crossing, "beyond": cut.beyond, "unclear": cut.unclear}


def _repair(shapes: NDArray[np.object_], broken: NDArray[np.int64], way: Way) -> dict[str, Any]:
    import shapely

    before = shapes[broken]
    after, enclosed = made_sound(before)
    shapes[broken] = after
    # The enclosed area is in the square of the file's unit; its ratio to the repaired one is not.
    size = shapely.area(after)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(size > 0, enclosed / size, 1.0)
    return {"repaired": broken, "drawn": _areas(before, way), "enclosed": ratio * _areas(after, way)}


def _areas(shapes: NDArray[np.object_], way: Way) -> NDArray[np.float64]:
    """Areas of shapes in the plane of the frame [km²], whatever is wrong with them."""
    import shapely

    if not len(shapes):
        return np.empty(0)
    moved = shapely.transform(shapes, way.project, interleaved=False)
    return np.abs(np.nan_to_num(shapely.area(moved), nan=0.0, posinf=0.0, neginf=0.0)) / _M2_PER_KM2


def _areas_before_and_after(
    drawn: NDArray[np.object_], own: NDArray[np.object_], rows: NDArray[np.int64], way: Way
) -> NDArray[np.float64]:
    import shapely

    return np.column_stack([_areas(drawn[rows], way), shapely.area(own[rows]) / _M2_PER_KM2])


def _straighten(
    shapes: NDArray[np.object_], corners: Corners, changed: NDArray[np.bool_], way: Way
) -> NDArray[np.bool_]:
    """Put corners into long edges, because what is straight on one map is not on another; says into which shapes."""
    import shapely

    if way.stays:
        return np.zeros(len(shapes), dtype=bool)
    most = _LONGEST["degrees" if way.source.is_geographic else "metres"]
    long = changed | (longest_edges(corners) > most)
    shapes[long] = shapely.segmentize(shapes[long], most)
    return long


def _project(shapes: NDArray[np.object_], corners: Corners, changed: NDArray[np.bool_], way: Way) -> NDArray[np.int64]:
    """Shapes into the plane of the frame; gives back those that it cannot show, which become None."""
    import shapely

    if not way.stays:
        drawn = shapes.copy() if way.source.is_projected else shapes
        shapes[:] = moved(shapes, corners, changed, way.project)
        torn = np.flatnonzero(_is_torn(shapes)) if way.source.is_projected else ()
        if len(torn):
            shapes[torn] = _by_way_of_degrees(drawn[torn], way)
    # No projection of the Earth reaches farther; infinite and missing numbers fail the comparison too.
    lost = np.flatnonzero(~(np.abs(shapely.bounds(shapes)) < _FARTHEST).all(axis=1))
    lost = lost[~(shapely.is_missing(shapes[lost]) | shapely.is_empty(shapes[lost]))]
    shapes[lost] = None
    return lost


def _is_torn(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which shapes have a part that reaches from one edge of the map to the other."""
    import shapely

    bounds = shapely.bounds(shapes)
    torn = bounds[:, 2] - bounds[:, 0] > _HALF_ROUND
    for at in np.flatnonzero(torn):
        west, _, east, _ = shapely.bounds(shapely.get_parts(shapes[at])).T
        torn[at] = (east - west > _HALF_ROUND).any()
    return torn


def _by_way_of_degrees(shapes: NDArray[np.object_], way: Way) -> NDArray[np.object_]:
    """Shapes drawn on a map that is cut open elsewhere: cut where the frame's map is cut."""
    import shapely

    degrees = way.target.geodetic_crs
    in_degrees = shapely.transform(shapes, projection(way.source, degrees), interleaved=False)
    cut = cut_at_180(in_degrees, None, central_meridian(way.target)).shapes
    return shapely.transform(cut, projection(degrees, way.target), interleaved=False)
