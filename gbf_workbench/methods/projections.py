"""Areas on a plane are true only in an ellipsoidal equal-area projection, so no other is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gbf_workbench.errors import problem

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

#: Methods whose formulas PROJ evaluates on the ellipsoid and that keep areas there.
EQUAL_AREA = frozenset(
    {
        "Lambert Cylindrical Equal Area",
        "Lambert Azimuthal Equal Area",
        "Albers Equal Area",
        "Equal Earth",
        "Sinusoidal",
    }
)
#: Equal-area on a sphere only: on the ellipsoid an area is wrong by up to 0.7 %, depending on latitude.
SPHERICAL = frozenset({"Mollweide", "Eckert IV", "Eckert VI"})
#: Corners of the outline drawn around a point site.
CORNERS = 128


def require_equal_area(crs: CRS | None) -> None:
    """Refuse a coordinate system in which planar areas are not areas on the ground.

    Parameters
    ----------
    crs : pyproj.CRS or None
        Coordinate system of the shapes that are to be measured.

    Raises
    ------
    ValueError
        If there is none, if it is in degrees or not in metres, if its projection does not keep areas, or if it
        keeps them on a sphere only.

    Examples
    --------
    >>> from pyproj import CRS
    >>> require_equal_area(CRS("EPSG:6933"))
    >>> require_equal_area(CRS("EPSG:4326"))
    Traceback (most recent call last):
    ValueError: WGS 84 is in degrees: areas need an equal-area projection such as EPSG:6933
    >>> require_equal_area(CRS("ESRI:54009"))
    Traceback (most recent call last):
    ValueError: World_Mollweide keeps areas on a sphere only, not on the ellipsoid; use EPSG:6933
    """
    if crs is None:
        raise ValueError("the shapes have no coordinate system")
    if not crs.is_projected:
        raise ValueError(f"{crs.name} is in degrees: areas need an equal-area projection such as EPSG:6933")
    method = crs.coordinate_operation.method_name
    if method in SPHERICAL or (crs.ellipsoid and crs.ellipsoid.inverse_flattening == 0):
        raise ValueError(f"{crs.name} keeps areas on a sphere only, not on the ellipsoid; use EPSG:6933")
    if method not in EQUAL_AREA:
        raise ValueError(f"{crs.name} ({method}) does not keep areas; use EPSG:6933")
    if any(axis.unit_conversion_factor != 1 for axis in crs.axis_info):
        raise ValueError(f"{crs.name} is not in metres")


def circles_of_area(points: gpd.GeoSeries, areas_km2: NDArray[np.float64]) -> gpd.GeoSeries:
    """Circles on the ground that have the given areas, drawn in the equal-area plane of the points.

    Parameters
    ----------
    points : GeoSeries of Point or MultiPoint
        Centres, in an ellipsoidal equal-area projection. The area of a MultiPoint is shared equally by its points.
    areas_km2 : array of float, shape (n,)
        Area of each entry [km²], above zero.

    Returns
    -------
    GeoSeries
        Polygons of ``CORNERS`` corners a circle, with the areas asked for; cut in two at the edge of the map.

    Raises
    ------
    WorkbenchError
        If a circle cannot be drawn because it would reach over a pole or around the Earth.

    Notes
    -----
    A circle drawn in a cylindrical equal-area plane has the right area but is an ellipse on the ground, half as wide
    as it is high at 60° of latitude. The corners are therefore put at one geodesic distance from the centre, and that
    distance is corrected until the planar area of the outline is the one asked for.

    Examples
    --------
    >>> import geopandas as gpd
    >>> circle = circles_of_area(gpd.GeoSeries.from_xy([1_000_000], [6_300_000], crs="EPSG:6933"), [25])
    >>> round(circle.area.item() / 1e6, 6)
    25.0
    """
    import geopandas as gpd
    import shapely

    require_equal_area(points.crs)
    centres, owner = shapely.get_parts(points.to_numpy(), return_index=True)
    share = np.bincount(owner, minlength=len(points))
    wanted = np.asarray(areas_km2, dtype=float)[owner] * 1e6 / share[owner]
    drawn = _circles(shapely.get_coordinates(centres), wanted, points.crs)
    off = np.abs(shapely.area(drawn) / wanted - 1) > 1e-6
    if off.any():
        raise problem("areas.circle", count=int(off.sum()), km2=float(wanted[off].max() / 1e6))
    whole = [shapely.union_all(drawn[owner == one]) for one in range(len(points))]
    return gpd.GeoSeries(whole, index=points.index, crs=points.crs)


def _circles(centres: NDArray[np.float64], areas_m2: NDArray[np.float64], crs: CRS) -> NDArray[np.object_]:
    """One outline for each centre, both in the plane [m]."""
    import shapely
    from pyproj import Transformer

    to_plane = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    longitude, latitude = to_plane.transform(*centres.T, direction="INVERSE")
    radius = np.sqrt(areas_m2 / np.pi)
    drawn = np.empty(0, dtype=object)
    for _ in range(3):
        drawn = _outlines(longitude, latitude, radius, crs, to_plane)
        radius = radius * np.sqrt(areas_m2 / shapely.area(drawn))
    return drawn


def _outlines(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64], radius: NDArray[np.float64], crs: CRS, to_plane: Any
) -> NDArray[np.object_]:
    """Outlines at a geodesic distance [m] around centres [degrees], in the plane."""
    import shapely

    middle = central_meridian(crs)
    bearing = np.tile(np.linspace(0, 360, CORNERS, endpoint=False), (len(radius), 1))
    spread = [np.repeat(one, CORNERS).reshape(bearing.shape) for one in (longitude, latitude, radius)]
    east, north, _ = crs.get_geod().fwd(spread[0], spread[1], bearing, spread[2])
    # Counted from the centre of the circle, longitudes do not jump where the map is cut open.
    relative = _turn(spread[0] - middle) + _turn(east - spread[0])

    def flat(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_plane.transform(middle + degrees[:, 0], degrees[:, 1]))

    corners = np.stack([relative, north], axis=-1)
    drawn = shapely.polygons(flat(corners.reshape(-1, 2)).reshape(corners.shape))
    for one in np.flatnonzero(np.abs(relative).max(axis=1) >= 180):
        parts = _cut_at_edge(shapely.polygons(corners[one]))
        drawn[one] = shapely.transform(shapely.multipolygons(parts), flat)
    return drawn


def _cut_at_edge(outline: Any) -> list[Any]:
    """Parts of an outline [degrees from the central meridian], brought back between -180 and 180."""
    import shapely

    parts = []
    for turn in (-360, 0, 360):
        # A hair inside the edge, because the edge itself belongs to both sides of the map.
        part = shapely.intersection(outline, shapely.box(turn - 180 + 1e-9, -90, turn + 180 - 1e-9, 90))
        if part.area > 0:
            parts.append(shapely.transform(part, lambda xy, by=turn: xy - [by, 0]))
    return parts


def _turn(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    return (degrees + 180) % 360 - 180


def central_meridian(crs: CRS) -> float:
    """Longitude [degrees] that a projection is drawn around; it is cut open on the opposite side."""
    named = [one.value for one in crs.coordinate_operation.params if one.name.startswith("Longitude of")]
    return float(named[0])
