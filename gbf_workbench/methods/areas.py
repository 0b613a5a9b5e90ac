"""Areas under overlapping shapes: the plane is cut into pieces once, and every sum follows from one exact table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.errors import problem
from gbf_workbench.methods.projections import require_equal_area

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

#: What a site may differ from the sum of its pieces: a share of its area, and metres along its outline.
_SHARE, _ALONG = 1e-9, 1e-5


@dataclass(frozen=True)
class Partition:
    """The pieces into which the outlines of sites and zones cut the plane; pieces never overlap.

    Attributes
    ----------
    areas_km2 : array of float, shape (pieces,)
        Area of each piece [km²].
    piece, site : array of int, shape (pairs,)
        Which piece lies in which site, both by position; ordered by piece, then by site.
    zones : mapping of str to array of int, shape (pieces,)
        For each layer of zones the position of the zone a piece lies in, -1 outside of all. Where zones of one
        layer overlap, the first one counts, so that zones of a layer add up without double counting.
    """

    areas_km2: NDArray[np.float64]
    piece: NDArray[np.int64]
    site: NDArray[np.int64]
    zones: Mapping[str, NDArray[np.int64]]


def areas_km2(shapes: gpd.GeoSeries) -> NDArray[np.float64]:
    """Area of each shape [km²], on the ellipsoid.

    Raises
    ------
    ValueError
        If the coordinate system is not an ellipsoidal equal-area projection.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> areas_km2(gpd.GeoSeries([shapely.box(0, 0, 10_000, 10_000)], crs="EPSG:6933")).tolist()
    [100.0]
    """
    require_equal_area(shapes.crs)
    return shapes.area.to_numpy() / 1e6


def partition_areas(sites: gpd.GeoSeries, zones: Mapping[str, gpd.GeoSeries]) -> Partition:
    """Cut the plane along every outline and say of each piece which sites cover it and which zone it lies in.

    Parameters
    ----------
    sites : GeoSeries of Polygon or MultiPolygon
        Valid shapes that may overlap, touch, repeat, in an ellipsoidal equal-area projection.
    zones : mapping of str to GeoSeries
        Layers of valid shapes in the same projection; a layer may be empty.

    Returns
    -------
    Partition
        Pieces that lie in at least one site or zone.

    Raises
    ------
    ValueError
        If the projection does not keep areas, or the layers are not all in the same one.
    WorkbenchError
        If the pieces of a site do not add up to the site, which happens only when its outline is not valid.

    Notes
    -----
    The union of all outlines is computed once in floating point (OverlayNG, which falls back to snapping where rounding
    would tangle lines), turned into faces, and each face is placed by a point inside it. Union, intersection and
    difference of any choice of sites then are sums over faces, so breakdowns add up to the last digits.

    Examples
    --------
    Two squares of 100 km² that share a half, in one zone that holds the first:

    >>> import geopandas as gpd, shapely
    >>> sites = gpd.GeoSeries([shapely.box(0, 0, 1e4, 1e4), shapely.box(5e3, 0, 15e3, 1e4)], crs="EPSG:6933")
    >>> cut = partition_areas(sites, {"land": sites.iloc[:1]})
    >>> sorted(cut.areas_km2.tolist()), len(cut.piece)
    ([50.0, 50.0, 50.0], 4)
    >>> float(cut.areas_km2[cut.zones["land"] == 0].sum())
    100.0
    """
    import shapely

    for layer in (sites, *zones.values()):
        require_equal_area(layer.crs)
        if layer.crs != sites.crs:
            raise ValueError(f"layers in different projections: {layer.crs.name}, {sites.crs.name}")
    layers = [layer.to_numpy() for layer in (sites, *zones.values())]
    faces = _faces(np.concatenate(layers))
    within = shapely.STRtree(shapely.point_on_surface(faces))
    located = [within.query(layer, predicate="contains") for layer in layers]
    (site, piece), *placed = located
    kept = np.unique(np.concatenate([face for _, face in located]))
    position = np.zeros(len(faces), dtype=np.int64)
    position[kept] = np.arange(len(kept))
    order = np.lexsort((site, piece))
    partition = Partition(
        areas_km2=shapely.area(faces[kept]) / 1e6,
        piece=position[piece[order]],
        site=site[order].astype(np.int64),
        zones={name: _first_zone(position[face], zone, len(kept))
               for name, (zone, face) in zip(zones, placed, strict=True)},
    )  # fmt: skip
    _refuse_loss(partition, sites)
    return partition


def _faces(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The polygons between all outlines."""
    import shapely

    lines = shapely.union_all(shapely.boundary(shapes))
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))


def _first_zone(piece: NDArray[np.int64], zone: NDArray[np.int64], pieces: int) -> NDArray[np.int64]:
    """Position of the first zone that holds each piece, -1 where none does."""
    found = np.full(pieces, -1, dtype=np.int64)
    last_first = np.argsort(-zone, kind="stable")
    found[piece[last_first]] = zone[last_first]
    return found


def _refuse_loss(partition: Partition, sites: gpd.GeoSeries) -> None:
    own = areas_km2(sites)
    lost = np.abs(site_areas_km2(partition, len(sites)) - own)
    allowed = _SHARE * own + _ALONG * sites.length.to_numpy() / 1e6
    if (bad := lost > allowed).any():
        raise problem("areas.lost", count=int(bad.sum()), km2=float(lost[bad].sum()))


def site_areas_km2(
    partition: Partition, sites: int, within: NDArray[np.int64] | None = None, parts: int = 1
) -> NDArray[np.float64]:
    """Area of each site, whole or in each part of the plane.

    Parameters
    ----------
    partition : Partition
    sites : int
        How many sites there are.
    within : array of int, shape (pieces,), optional
        Part that each piece belongs to, -1 for none.
    parts : int
        How many parts there are.

    Returns
    -------
    array of float
        Areas [km²], shape (sites,) without ``within``, else (sites, parts).
    """
    weights = partition.areas_km2[partition.piece]
    if within is None:
        return np.bincount(partition.site, weights, minlength=sites)
    part = within[partition.piece]
    kept = part >= 0
    cell = partition.site[kept] * parts + part[kept]
    return np.bincount(cell, weights[kept], minlength=sites * parts).reshape(sites, parts)


def leading_sites(
    partition: Partition, rank: NDArray[np.int64], active: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """For each piece the covering site that comes first, so that overlaps are counted for one site only.

    Parameters
    ----------
    partition : Partition
    rank : array of int, shape (sites,)
        Place of each site in the order of precedence, each place once; the lowest leads.
    active : array of bool, shape (sites,), optional
        Which sites to look at; all without it.

    Returns
    -------
    array of int, shape (pieces,)
        Position of the leading site, -1 where no active site covers the piece.
    """
    last = len(rank)
    places = np.full(len(partition.areas_km2), last, dtype=np.int64)
    kept = slice(None) if active is None else active[partition.site]
    np.minimum.at(places, partition.piece[kept], rank[partition.site[kept]])
    site_at = np.append(np.argsort(rank), -1)
    return site_at[places]


def part_areas_km2(partition: Partition, part: NDArray[np.int64], parts: int) -> NDArray[np.float64]:
    """Sum of the pieces in each part [km²].

    Parameters
    ----------
    partition : Partition
    part : array of int, shape (pieces,)
        Part that each piece belongs to, -1 for none.
    parts : int
        How many parts there are.
    """
    kept = part >= 0
    return np.bincount(part[kept], partition.areas_km2[kept], minlength=parts)
