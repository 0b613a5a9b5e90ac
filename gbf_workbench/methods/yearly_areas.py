"""Areas under shapes that come and go with the years, every place counted once in each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.methods.areas import Partition, leading_sites, part_areas_km2

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Until after all years.
FOREVER = 10**6


def areas_by_year(
    partition: Partition,
    since: NDArray[np.int64],
    until: NDArray[np.int64],
    years: NDArray[np.int64],
    rank: NDArray[np.int64],
    part_of: Callable[[NDArray[np.int64]], NDArray[np.int64]],
    parts: int,
) -> NDArray[np.float64]:
    """Area of each part in each year, where every place belongs to the shape that leads there.

    Parameters
    ----------
    partition : Partition
        Pieces into which the shapes cut the plane.
    since, until : array of int, shape (shapes,)
        First and last year in which each shape counts.
    years : array of int, shape (years,)
        Increasing.
    rank : array of int, shape (shapes,)
        Place of each shape in the order of precedence, each place once; the lowest leads.
    part_of : callable
        From the leading shape of each piece (-1 for none) to the part each piece belongs to (-1 for none).
    parts : int

    Returns
    -------
    array of float, shape (years, parts)
        Areas [km²]; the parts of a year never overlap.

    Examples
    --------
    Two squares of 100 km² that share a half; the second goes after 2020:

    >>> import geopandas as gpd, shapely
    >>> from gbf_workbench.methods.areas import partition_areas
    >>> shapes = gpd.GeoSeries([shapely.box(0, 0, 1e4, 1e4), shapely.box(5e3, 0, 15e3, 1e4)], crs="EPSG:6933")
    >>> cut = partition_areas(shapes, {})
    >>> since, until, years = np.array([2020, 2019]), np.array([9999, 2020]), np.arange(2019, 2022)
    >>> areas_by_year(cut, since, until, years, np.arange(2), lambda lead: np.minimum(lead, 0), 1).ravel().tolist()
    [100.0, 150.0, 100.0]
    """
    out = np.zeros((len(years), parts))
    active, before = np.zeros(len(since), bool), None
    for at, year in enumerate(years):
        active = (since <= year) & (year <= until)
        # Most years bring nothing new, and a change of the active shapes is the only thing that moves an area.
        if before is not None and (active == before).all():
            out[at] = out[at - 1]
            continue
        out[at] = part_areas_km2(partition, part_of(leading_sites(partition, rank, active)), parts)
        before = active
    return out


def distinct_by_year(
    ids: pd.Series,
    member: NDArray[np.bool_],
    since: NDArray[np.int64],
    until: NDArray[np.int64],
    years: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Distinct identifiers of each part that count in each year.

    Parameters
    ----------
    ids : Series, shape (shapes,)
    member : array of bool, shape (shapes, parts)
        Which shapes belong to which part.
    since, until, years
        As in ``areas_by_year``.

    Returns
    -------
    array of int, shape (years, parts)

    Examples
    --------
    >>> year = np.array([2020])
    >>> distinct_by_year(pd.Series(["a", "a", "b"]), np.ones((3, 1), bool), year.repeat(3), year.repeat(3), year)
    array([[2]])
    """
    number = pd.factorize(ids)[0]
    out = np.zeros((len(years), member.shape[1]), dtype=np.int64)
    for at, year in enumerate(years):
        active = (since <= year) & (year <= until)
        for part in range(member.shape[1]):
            out[at, part] = len(np.unique(number[active & member[:, part]]))
    return out


def ranked(*keys: NDArray[np.generic]) -> NDArray[np.int64]:
    """Place of each shape in an order of several keys, the first the most important; ties go by position.

    >>> ranked(np.array([1, 0, 0]), np.array([5, 9, 7])).tolist()
    [2, 1, 0]
    """
    rank = np.empty(len(keys[0]), dtype=np.int64)
    rank[np.lexsort((np.arange(len(rank)), *keys[::-1]))] = np.arange(len(rank))
    return rank
