"""Projections that keep areas against geodesic areas, and circles on the ground against distances along it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.areas import areas_km2
from gbf_workbench.methods.projections import EQUAL_AREA, central_meridian, circles_of_area, require_equal_area

PLANE = "EPSG:6933"


@pytest.mark.parametrize("name", ["EPSG:4326", "ESRI:54009", "EPSG:3857", "EPSG:32636", "EPSG:3410", "ESRI:54012"])
def test_projections_that_do_not_keep_areas_on_the_ellipsoid_are_refused(name):
    with pytest.raises(ValueError, match="6933"):
        require_equal_area(CRS(name))


@pytest.mark.parametrize(
    ("name", "corner"),
    [
        ("EPSG:6933", (10, -40)),
        ("ESRI:54034", (10, 60)),
        ("EPSG:3035", (10, 50)),
        ("ESRI:102022", (20, -5)),
        ("EPSG:8857", (100, 25)),
        ("ESRI:54008", (-70, -30)),
    ],
)
def test_accepted_projections_agree_with_geodesic_areas(name, corner):
    crs = CRS(name)
    require_equal_area(crs)
    assert crs.coordinate_operation.method_name in EQUAL_AREA
    box = shapely.segmentize(shapely.box(*corner, corner[0] + 1, corner[1] + 1), 0.001)
    flat = gpd.GeoSeries([box], crs=crs.geodetic_crs).to_crs(crs)
    geodesic = abs(crs.get_geod().geometry_area_perimeter(box)[0]) / 1e6
    assert areas_km2(flat)[0] == pytest.approx(geodesic, rel=1e-6)


@pytest.mark.parametrize("latitude", [0, 45, -67])
@pytest.mark.parametrize("name", ["EPSG:6933", "EPSG:8857"])
def test_a_point_becomes_a_circle_on_the_ground_with_the_area_reported(latitude, name):
    centre = gpd.GeoSeries.from_xy([20], [latitude], crs="EPSG:4326")
    circle = circles_of_area(centre.to_crs(name), np.array([400.0]))
    assert areas_km2(circle)[0] == pytest.approx(400, rel=1e-9)
    lon, lat = shapely.get_coordinates(circle.to_crs("EPSG:4326").iloc[0]).T
    _, _, distance = Geod(ellps="WGS84").inv(np.full_like(lon, 20), np.full_like(lat, latitude), lon, lat)
    assert distance / 1000 == pytest.approx(np.sqrt(400 / np.pi), rel=1e-3)


def test_several_points_of_one_site_share_its_area():
    site = gpd.GeoSeries([shapely.MultiPoint([(0, 0), (50_000, 0)])], crs=PLANE)
    circles = circles_of_area(site, np.array([30.0])).iloc[0]
    assert [part.area / 1e6 for part in circles.geoms] == pytest.approx([15, 15])


def test_a_circle_that_would_reach_over_a_pole_is_refused():
    centre = gpd.GeoSeries.from_xy([0], [89.9], crs="EPSG:4326").to_crs(PLANE)
    with pytest.raises(WorkbenchError) as refused:
        circles_of_area(centre, np.array([1_000_000.0]))
    assert [issue.key for issue in refused.value.issues] == ["areas.circle"]


def test_a_circle_at_the_edge_of_the_map_is_cut_in_two_and_keeps_its_area():
    centre = gpd.GeoSeries.from_xy([179.99], [-17], crs="EPSG:4326").to_crs(PLANE)
    circle = circles_of_area(centre, np.array([100.0])).iloc[0]
    assert circle.area / 1e6 == pytest.approx(100, rel=1e-9)
    assert len(circle.geoms) == 2
    west, east = sorted(part.centroid.x for part in circle.geoms)
    assert west == pytest.approx(-east, rel=1e-3)


def test_planes_without_a_system_in_feet_or_conformal_are_refused_each_with_its_reason():
    with pytest.raises(ValueError, match="no coordinate system"):
        require_equal_area(None)
    with pytest.raises(ValueError, match="not in metres"):
        require_equal_area(CRS("+proj=cea +lat_ts=30 +datum=WGS84 +units=us-ft"))
    with pytest.raises(ValueError, match="does not keep areas"):
        require_equal_area(CRS("EPSG:32636"))
    with pytest.raises(ValueError, match="sphere only"):
        require_equal_area(CRS("+proj=cea +lat_ts=30 +R=6371228 +units=m"))


@pytest.mark.parametrize(
    ("name", "degrees"), [(PLANE, 0), ("EPSG:3035", 10), ("ESRI:102022", 25), ("+proj=eqearth +lon_0=150", 150)]
)
def test_a_plane_is_drawn_around_its_central_meridian(name, degrees):
    assert central_meridian(CRS(name)) == degrees


@pytest.mark.parametrize(
    ("name", "longitude", "edge"),
    [(PLANE, 179.99, 180), (PLANE, -179.99, 180), ("+proj=cea +lat_ts=30 +lon_0=150 +datum=WGS84", -30.01, -30)],
)
def test_a_circle_is_cut_where_the_map_is_cut_open_and_its_halves_lie_at_both_edges(name, longitude, edge):
    centre = gpd.GeoSeries.from_xy([longitude], [20.0], crs="EPSG:4326").to_crs(name)
    circle = circles_of_area(centre, np.array([100.0]))
    parts = sorted(circle.iloc[0].geoms, key=lambda part: part.bounds[0])
    (low, high) = (
        gpd.GeoSeries.from_xy([edge + by], [20.0], crs="EPSG:4326").to_crs(name)[0].x for by in (1e-7, -1e-7)
    )
    assert (parts[0].bounds[0], parts[1].bounds[2]) == pytest.approx((low, high), rel=1e-6)
    assert circle.area.item() / 1e6 == pytest.approx(100, rel=1e-9)
    # The centre is a kilometre from the edge, so by far the larger part lies on its own side of the map.
    radius, away = np.sqrt(100 / np.pi), 1.047
    beyond = radius**2 * np.arccos(away / radius) - away * np.sqrt(radius**2 - away**2)
    assert min(part.area for part in parts) / 1e6 == pytest.approx(beyond, rel=5e-3)
    own = parts[0] if centre.iloc[0].x < 0 else parts[1]
    assert own.area / 1e6 == pytest.approx(100 - beyond, rel=5e-3)


def test_circles_keep_the_order_and_the_labels_of_their_points_and_only_those_at_the_edge_are_cut():
    points = gpd.GeoSeries.from_xy([10, 179.99, -60], [50, 0, -20], crs="EPSG:4326", index=[7, 3, 5]).to_crs(PLANE)
    circles = circles_of_area(points, np.array([4.0, 9.0, 16.0]))
    assert circles.index.tolist() == [7, 3, 5]
    assert areas_km2(circles).tolist() == pytest.approx([4, 9, 16], rel=1e-9)
    assert circles.geom_type.tolist() == ["Polygon", "MultiPolygon", "Polygon"]
    assert circles[7].contains(points[7])
    assert circles[5].contains(points[5])
    assert circles.crs == points.crs


def test_a_circle_has_its_corners_at_one_distance_in_every_direction():
    centre = gpd.GeoSeries.from_xy([-170.0], [65.0], crs="EPSG:4326").to_crs(PLANE)
    corners = shapely.get_coordinates(circles_of_area(centre, [900.0]).to_crs("EPSG:4326").iloc[0])[:-1]
    count = len(corners)
    bearing, _, distance = Geod(ellps="WGS84").inv(np.full(count, -170.0), np.full(count, 65.0), *corners.T)
    assert count == 128
    assert np.ptp(distance) < 1e-3
    assert np.sort(bearing % 360).round(6).tolist() == pytest.approx([at * 360 / 128 for at in range(128)], abs=1e-5)
