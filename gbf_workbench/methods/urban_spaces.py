"""Open space in cities: which share of each city it covers, and how many people live near it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.methods.areas import partition_areas, site_areas_km2
from gbf_workbench.methods.projections import require_equal_area

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

#: Spaces are looked for in this many times the distance around a city: equal-area planes stretch far from the equator.
_REACH = 5


def covered_areas(
    cities: gpd.GeoSeries, spaces: gpd.GeoSeries, kinds: Mapping[str, NDArray[np.bool_]]
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Area of each city, and how much of it the spaces of each kind cover, every place once.

    Parameters
    ----------
    cities, spaces : GeoSeries
        Valid polygons in one ellipsoidal equal-area projection; both may overlap among themselves.
    kinds : mapping of str to array of bool, shape (spaces,)
        Which spaces are of each kind.

    Returns
    -------
    areas : array of float, shape (cities,)
        [km²]
    covered : dict of str to array of float, shape (cities,)
        [km²]

    Raises
    ------
    ValueError
        If the projection does not keep areas.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> city = gpd.GeoSeries([shapely.box(0, 0, 10_000, 10_000)], crs="EPSG:6933")
    >>> parks = gpd.GeoSeries([shapely.box(0, 0, 5e3, 5e3), shapely.box(0, 0, 5e3, 6e3)], crs="EPSG:6933")
    >>> area, covered = covered_areas(city, parks, {"green": np.array([True, True])})
    >>> area.tolist(), covered["green"].tolist()
    ([100.0], [30.0])
    """
    import geopandas as gpd

    near = np.unique(spaces.sindex.query(cities, predicate="intersects")[1])
    shapes = np.concatenate([cities.to_numpy(), spaces.to_numpy()[near]])
    cut = partition_areas(gpd.GeoSeries(shapes, crs=cities.crs), {})
    count = len(cities)
    areas = site_areas_km2(cut, len(shapes))[:count]
    covered = {}
    for kind, chosen in kinds.items():
        of_kind = np.append(np.zeros(count, bool), chosen[near])
        there = np.full(len(cut.areas_km2), -1)
        there[cut.piece[of_kind[cut.site]]] = 0
        covered[kind] = site_areas_km2(cut, len(shapes), there)[:count, 0]
    return areas, covered


def people_near(
    cities: gpd.GeoSeries, spaces: gpd.GeoSeries, places: gpd.GeoSeries, persons: NDArray[np.float64], distance: float
) -> pd.DataFrame:
    """People of each city, and how many of them live within a distance of a space, as the crow flies.

    Parameters
    ----------
    cities, spaces, places : GeoSeries
        Polygons, polygons, and points where people live (cells count at their middle), in one equal-area projection.
    persons : array of float, shape (places,)
    distance : float
        [m], on the ground.

    Returns
    -------
    DataFrame
        ``persons, near``, one row a city. A space outside the city is as good as one inside.

    Notes
    -----
    Distances are measured in a plane drawn around the middle of each city, in which those of a city are true to less
    than a part in ten thousand; the plane of the frame keeps areas and no distances.
    """
    require_equal_area(cities.crs)
    points = places.centroid
    homes = points.sindex.query(cities, predicate="intersects")
    rows = []
    for number, city in enumerate(cities):
        own = homes[1][homes[0] == number]
        people = persons[own]
        rows.append(
            {
                "persons": float(people.sum()),
                "near": float(people[_is_near(city, spaces, points.iloc[own], distance)].sum()),
            }
        )
    return pd.DataFrame(rows, columns=["persons", "near"], dtype=float)


def _is_near(city: object, spaces: gpd.GeoSeries, homes: gpd.GeoSeries, distance: float) -> NDArray[np.bool_]:
    import geopandas as gpd
    import shapely
    from pyproj import CRS

    close = spaces.iloc[spaces.sindex.query(city, predicate="dwithin", distance=_REACH * distance)]
    if close.empty or homes.empty:
        return np.zeros(len(homes), bool)
    middle = gpd.GeoSeries([shapely.centroid(city)], crs=spaces.crs)
    degrees = middle.to_crs(spaces.crs.geodetic_crs).iloc[0]
    plane = CRS.from_proj4(f"+proj=laea +lat_0={degrees.y} +lon_0={degrees.x} +datum=WGS84 +units=m")
    tree = shapely.STRtree(close.to_crs(plane).to_numpy())
    found = tree.query(homes.to_crs(plane).to_numpy(), predicate="dwithin", distance=distance)[0]
    near = np.zeros(len(homes), bool)
    near[found] = True
    return near
