"""How much of given places is covered by sites, year by year, each piece of ground counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.methods.areas import Partition, areas_km2, partition_areas

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

#: A year that never comes, for sites that never count.
NEVER = 10**6
#: A place with no more than 2 % left to cover counts as complete, one with no more than 2 % covered as not covered.
COMPLETE, NONE = 98.0, 2.0


def covered_since(partition: Partition, counted_from: NDArray[np.int64]) -> NDArray[np.int64]:
    """First year in which each piece is covered by a site; ``NEVER`` where none covers it.

    Parameters
    ----------
    partition : Partition
    counted_from : array of int, shape (sites,)
        Year from which each site counts.
    """
    since = np.full(len(partition.areas_km2), NEVER)
    np.minimum.at(since, partition.piece, counted_from[partition.site])
    return since


def covered_km2(
    sites: gpd.GeoSeries, places: gpd.GeoSeries, counted_from: NDArray[np.int64], years: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Area of each place that sites cover in each year; places may overlap each other.

    Parameters
    ----------
    sites, places : GeoSeries of Polygon or MultiPolygon
        Valid shapes in the same ellipsoidal equal-area projection.
    counted_from : array of int, shape (sites,)
        Year from which each site counts.
    years : array of int, shape (years,)

    Returns
    -------
    array of float, shape (years, places)
        In km².

    Examples
    --------
    Half of a square is covered from 2000 on, all of it from 2010:

    >>> import geopandas as gpd, shapely
    >>> boxes = [shapely.box(0, 0, 5e3, 1e4), shapely.box(2e3, 0, 1e4, 1e4)]
    >>> sites = gpd.GeoSeries(boxes, crs="EPSG:6933")
    >>> place = gpd.GeoSeries([shapely.box(0, 0, 1e4, 1e4)], crs="EPSG:6933")
    >>> covered_km2(sites, place, np.array([2000, 2010]), np.array([1999, 2000, 2010])).ravel().tolist()
    [0.0, 50.0, 100.0]
    """
    import geopandas as gpd

    both = gpd.GeoSeries([*sites, *places], crs=sites.crs)
    cut, first = partition_areas(both, {}), len(sites)
    from_year = np.concatenate([counted_from, np.full(len(places), NEVER)])
    since, of_place = covered_since(cut, from_year), cut.site >= first
    piece, place = cut.piece[of_place], cut.site[of_place] - first
    covered = [
        np.bincount(place, np.where(since[piece] <= year, cut.areas_km2[piece], 0.0), minlength=len(places))
        for year in years
    ]
    # Pieces are rounded: a place covered wholly must not come out a hair larger than it is.
    return np.minimum(np.array(covered).reshape(len(years), len(places)), areas_km2(places))
