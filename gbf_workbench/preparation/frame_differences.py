"""Where a layer and the country's frame do not agree, in square kilometres, so that nobody has to guess why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.territory import Territory, territory_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

#: Share of a layer that may lie outside of the country before it is taken to be somewhere else.
MOST_OUTSIDE = 0.05
#: Share from which on two maps of different detail are the likely reason.
_COARSE = 0.02
#: Less than this share is the width of a line.
_LINE = 1e-5
#: A layer that covers so much of the land is meant to cover all of it.
_WALL_TO_WALL = 0.9
_M2_PER_KM2 = 1e6


@dataclass(frozen=True)
class Outside:
    """How much of a layer lies outside of the country.

    Attributes
    ----------
    km2 : array of float, shape (n,)
        Area of each feature outside [km²]; 0 for points.
    wholly : array of bool, shape (n,)
        Which features have nothing in the country at all.
    total_km2 : float
        Area of all features, each by itself.
    """

    km2: NDArray[np.float64]
    wholly: NDArray[np.bool_]
    total_km2: float


def outside(shapes: NDArray[np.object_], territory: Territory) -> Outside:
    """Measure what lies outside of land and sea, or of the land where the sea is not known.

    Parameters
    ----------
    shapes : array of geometries, shape (n,)
        Valid, in the projection of the frame; None counts as inside.
    territory : Territory
    """
    import shapely

    areas = shapely.area(shapes) / _M2_PER_KM2
    km2, wholly = np.zeros(len(shapes)), np.zeros(len(shapes), dtype=bool)
    inside = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    tree = shapely.STRtree(shapes)
    inside[tree.query(territory.parts, predicate="covers")[1]] = True
    rest = np.flatnonzero(~inside)
    if len(rest):
        shapely.prepare(territory.whole)
        covered = shapely.covers(territory.whole, shapes[rest])
        rest = rest[~covered]
        # An outline that an expert wanted left as it is may be one that cannot be cut.
        sound = shapely.is_valid(shapes[rest])
        rest = rest[sound]
        wholly[rest] = ~shapely.intersects(territory.whole, shapes[rest])
        km2[rest] = shapely.area(shapely.difference(shapes[rest], territory.whole)) / _M2_PER_KM2
    return Outside(km2, wholly, float(areas.sum()))


def outside_issue(
    shapes: NDArray[np.object_], rows: NDArray[np.int64], territory: Territory, shared: NDArray[np.bool_] | None = None
) -> Issue | None:
    """An error where a layer lies, in good part, somewhere else than the country.

    Where the sea is not known, only what lies farther from the land than any sea can reach is held against the layer.
    The part abroad of what is ``shared`` with other countries by its own word is not.
    """
    import shapely

    found = outside(shapes, territory)
    far = found.wholly
    if shared is not None:
        found.km2[shared & ~far] = 0.0
    if not territory.has_sea and far.any():
        bounds = shapely.bounds(shapes[far])
        middles = (bounds[:, :2] + bounds[:, 2:]) / 2
        far = far.copy()
        far[far] = ~territory.holds(middles, territory.crs)
    km2 = found.km2.sum() if territory.has_sea else (shapely.area(shapes[far]) / _M2_PER_KM2).sum()
    by_area = km2 / found.total_km2 if found.total_km2 > 0 else 0.0
    by_count = far.sum() / max(len(shapes), 1)
    if max(by_area, by_count) <= MOST_OUTSIDE:
        return None
    named = np.flatnonzero(found.km2 > _LINE * found.total_km2) if not far.any() else np.flatnonzero(far)
    share, key = by_area, "layer.outside_country"
    if by_area <= MOST_OUTSIDE:
        share, key = by_count, "layer.features_outside"
    values = {"percent": f"{100 * share:.3g}", "km2": float(km2)}
    return Issue("error", key, values, rows=tuple(int(row) for row in rows[named]))


def frame_differences(
    layer: gpd.GeoDataFrame, land: gpd.GeoDataFrame | None, sea: gpd.GeoDataFrame | None
) -> list[Issue]:
    """What lies outside of the country, and what a layer that is meant to cover the land leaves open.

    Parameters
    ----------
    layer : GeoDataFrame
        Checked; its index is the row.
    land, sea : GeoDataFrame or None
        The frame, in the same projection. Nothing can be said without the land.

    Returns
    -------
    list of Issue
        Flags, with areas [km²] in ``values``.
    """
    territory = territory_of(land, sea)
    if territory is None or not len(layer):
        return []
    shapes = layer.geometry.to_numpy()
    return [*_outside_flags(shapes, layer.index.to_numpy(), territory), *_gap_flags(shapes, territory_of(land, None))]


def _outside_flags(shapes: NDArray[np.object_], rows: NDArray[np.int64], territory: Territory) -> list[Issue]:
    found = outside(shapes, territory)
    size, total = float(found.km2.sum()), found.total_km2
    named = tuple(int(row) for row in rows[found.wholly | (found.km2 > _LINE * max(total, 1e-12))])
    if not named:
        return []
    share = size / total if total > 0 else 0.0
    values = {"km2": size, "percent": f"{100 * share:.2g}"}
    if share > _COARSE:
        return [Issue("flag", "layer.coarse_boundary", values, rows=named)]
    return [Issue("flag", "layer.partly_outside" if territory.has_sea else "layer.beyond_land", values, rows=named)]


def _gap_flags(shapes: NDArray[np.object_], land: Territory | None) -> list[Issue]:
    """Land that is left open by a layer that covers nearly all of it."""
    import shapely

    whole = float(shapely.area(land.whole)) / _M2_PER_KM2 if land else 0.0
    polygons = shapes[shapely.area(shapes) > 0]
    if not whole or shapely.area(polygons).sum() / _M2_PER_KM2 < _WALL_TO_WALL * whole:
        return []
    covered = shapely.union_all(polygons[shapely.is_valid(polygons)])
    open_km2 = float(shapely.area(shapely.difference(land.whole, covered))) / _M2_PER_KM2
    share = open_km2 / whole
    if not _LINE < share <= 1 - _WALL_TO_WALL:
        return []
    return [Issue("flag", "layer.land_left_open", {"km2": open_km2, "percent": f"{100 * share:.2g}"})]
