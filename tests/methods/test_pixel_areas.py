"""True areas of cells, against PROJ where it is ellipsoidal, formulas of the ellipsoid, and geodesic polygons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.pixel_areas import pixel_areas, row_areas, true_to_drawn
from gbf_workbench.methods.rasters import RasterSource

UTM = "EPSG:32636"


def grid(crs: str, transform: tuple[float, ...], shape: tuple[int, int]) -> RasterSource:
    """A map that nobody reads: only where its cells lie matters."""
    return RasterSource(Path("map.tif"), 2020, pyproj.CRS(crs).to_wkt(), transform, shape, None, {})


def true_km2(crs: str, x: np.ndarray, y: np.ndarray, drawn_m2: float) -> np.ndarray:
    """Areas of cells drawn at places of a plane, by the areal scale of PROJ."""
    project = pyproj.Proj(crs)
    return drawn_m2 / 1e6 / project.get_factors(*project(x, y, inverse=True)).areal_scale


# --- longitude and latitude ----------------------------------------------------------------------------------------


def test_rows_of_the_whole_globe_add_up_to_the_surface_of_the_ellipsoid():
    flat = 1 / 298.257223563
    a, e = 6378.137, np.sqrt(flat * (2 - flat))
    surface = 2 * np.pi * a**2 * (1 + (1 - e**2) / e * np.arctanh(e))
    assert surface == pytest.approx(510_065_621.7, rel=1e-9)
    for step in (1.0, 0.25):
        rows = row_areas(pyproj.CRS("EPSG:4326"), (step, 0, -180, 0, -step, 90), round(180 / step))
        assert rows.sum() * 360 / step == pytest.approx(surface, rel=1e-12)


@pytest.mark.parametrize("south", [0.0, 44.7, -79.5])
def test_a_cell_in_degrees_has_the_area_of_a_geodesic_polygon(south):
    step = 0.25
    (area,) = row_areas(pyproj.CRS("EPSG:4326"), (step, 0, 30, 0, -step, south + step), 1)
    outline = shapely.segmentize(shapely.box(30, south, 30 + step, south + step), step / 400)
    assert area == pytest.approx(abs(pyproj.Geod(ellps="WGS84").geometry_area_perimeter(outline)[0]) / 1e6, rel=1e-6)


def test_degrees_on_a_sphere_and_grads_are_measured_too():
    sphere = pyproj.CRS("+proj=longlat +R=6371000 +no_defs")
    assert row_areas(sphere, (1, 0, 0, 0, -1, 90), 180).sum() * 360 == pytest.approx(4 * np.pi * 6371.0**2)
    paris = pyproj.CRS("EPSG:4807")
    b = paris.ellipsoid.semi_minor_metre / 1e3
    a = paris.ellipsoid.semi_major_metre / 1e3
    e = np.sqrt(1 - (b / a) ** 2)
    surface = 2 * np.pi * (a**2 + b**2 / e * np.arctanh(e))
    assert row_areas(paris, (1, 0, 0, 0, -1, 100), 200).sum() * 400 == pytest.approx(surface)


def test_beyond_the_poles_there_is_no_area_and_what_lies_before_them_keeps_its_own():
    degrees = pyproj.CRS("EPSG:4326")
    north, south = (row_areas(degrees, (1, 0, 0, 0, step, 90 * -step + step * -2), 4) for step in (-1.0, 1.0))
    assert north[:2].tolist() == south[:2].tolist() == [0, 0]
    assert north[2:] == pytest.approx(row_areas(degrees, (1, 0, 0, 0, -1, 90), 2))
    assert south[2:] == pytest.approx(north[2:])
    assert (north[2:] > 0).all()


def test_every_row_in_degrees_has_its_own_area_and_no_column_needs_a_cut():
    here = (0.5, 0.0, 30.0, 0.0, -0.5, 60.0)
    cuts, area_of = pixel_areas(grid("EPSG:4326", here, (4, 9)))
    rows = row_areas(pyproj.CRS("EPSG:4326"), here, 4)
    assert cuts is None
    assert area_of(np.array([0.5, 3.5, 1.5]), np.array([0.5, 4.0, 8.5])).tolist() == rows[[0, 3, 1]].tolist()
    assert (np.diff(rows) > 0).all()


def test_cells_in_degrees_have_no_size_as_drawn():
    with pytest.raises(WorkbenchError, match="km²") as refused:
        pixel_areas(grid("EPSG:4326", (1.0, 0, 0, 0, -1.0, 2.0), (2, 2)), "grid")
    assert [issue.key for issue in refused.value.issues] == ["rasters.grid_in_degrees"]


# --- planes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["ellipsoid", "grid"])
def test_a_plane_that_keeps_areas_has_one_area_for_all_cells(how):
    cuts, area_of = pixel_areas(grid("EPSG:6933", (30.0, 0.0, 1e6, 0.0, 20.0, 3e6), (3, 4)), how)
    assert cuts is None
    assert area_of(np.array([0.5]), np.array([0.5])) == 0.0006


def test_cells_as_drawn_are_as_large_as_their_sides_in_metres():
    foot = 1200 / 3937
    for crs, metres in ((UTM, 1.0), ("EPSG:2249", foot)):
        cuts, area_of = pixel_areas(grid(crs, (100.0, 0.0, 8e5, 0.0, -50.0, 2.9e6), (2, 2)), "grid")
        assert cuts is None
        assert area_of(np.array([0.5]), np.array([0.5])) == pytest.approx(5000 * metres**2 / 1e6, rel=1e-9)


@pytest.mark.parametrize(("width", "height"), [(100.0, 100.0), (100.0, 370.0), (1700.0, 400.0)])
def test_between_the_points_of_the_coarse_grid_cells_have_the_area_that_proj_gives(width, height):
    shape, west, north = (45, 63), 9.0e5, 6.5e6
    cuts, area_of = pixel_areas(grid(UTM, (width, 0.0, west, 0.0, -height, north), shape))
    rows, columns = (one.ravel() for one in np.mgrid[0.5 : shape[0], 0.5 : shape[1]])
    expected = true_km2(UTM, west + width * columns, north - height * rows, width * height)
    assert np.ptp(expected) / expected.mean() > 1e-4
    np.testing.assert_allclose(area_of(rows, columns), expected, rtol=2e-8)
    assert cuts.tolist() == list(range(0, shape[1], max(1, int(1000 / max(width, height)))))


@pytest.mark.parametrize(
    ("side", "columns", "step"),
    # One kilometre apart; at least one cell; and so far that there are 400 of them at most.
    [(1.0, 3000, 1000), (1000.0, 5, 1), (1500.0, 5, 1), (1000.0, 4000, 10), (1000.0, 4001, 11)],
)
def test_points_of_the_coarse_grid_lie_a_kilometre_apart_or_there_are_four_hundred(side, columns, step):
    cuts, _ = pixel_areas(grid("EPSG:3395", (side, 0.0, 0.0, 0.0, -side, 5e6), (2, columns)))
    assert cuts.tolist() == list(range(0, columns, step))


@pytest.mark.parametrize("crs", ["EPSG:32636", "EPSG:26986", "EPSG:2249", "EPSG:3031", "EPSG:6933", "EPSG:3035"])
def test_ratio_of_true_to_drawn_area_agrees_with_proj_where_proj_is_ellipsoidal(crs):
    project, known = pyproj.Proj(crs), pyproj.CRS(crs).area_of_use
    west, east = (max(known.west, -170), min(known.east, 170))
    longitude, latitude = np.meshgrid(
        np.linspace(west, east, 15)[1:-1], np.linspace(max(known.south, -85), min(known.north, 84), 15)[1:-1]
    )
    factors = project.get_factors(longitude, latitude)
    ratio = true_to_drawn(pyproj.CRS(crs), *project(longitude, latitude))
    np.testing.assert_allclose(ratio * factors.areal_scale, 1, atol=5e-9)


@pytest.mark.parametrize("latitude", [0.0, 33.0, -71.0])
def test_web_mercator_is_measured_by_the_two_radii_of_the_ellipsoid(latitude):
    # A metre to the east is N cos / a on the ground, one to the north M cos / a, with the radii of curvature N and M.
    crs, a, flat = pyproj.CRS("EPSG:3857"), 6378137.0, 1 / 298.257223563
    e2, sine = flat * (2 - flat), np.sin(np.radians(latitude))
    across, along = a / np.sqrt(1 - e2 * sine**2), a * (1 - e2) / (1 - e2 * sine**2) ** 1.5
    x, y = pyproj.Proj(crs)(np.array([-120.0]), np.array([latitude]))
    expected = across * along * (1 - sine**2) / a**2
    assert true_to_drawn(crs, x, y) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("crs", ["EPSG:6931", "EPSG:6932", "ESRI:54034"])
def test_there_is_no_seam_at_the_poles_or_where_longitudes_jump(crs):
    poles = crs != "ESRI:54034"
    x, y = (0.0, 0.0) if poles else pyproj.Proj(crs)(180.0, 40.0)
    across = np.array([-150.0, -50.0, 0.0, 50.0, 150.0]) if poles else np.array([-50.0, 0.0])
    assert true_to_drawn(pyproj.CRS(crs), x + across, y + 0 * across) == pytest.approx(1, rel=2e-6)


def test_where_a_projection_is_not_defined_the_area_is_not_a_number():
    ratio = true_to_drawn(pyproj.CRS("ESRI:54009"), np.array([0.0, 17.9e6]), np.array([0.0, 8.9e6]))
    assert np.isnan(ratio).tolist() == [False, True]
    cuts, area_of = pixel_areas(grid("ESRI:54009", (1e6, 0.0, -18e6, 0.0, -1e6, 9e6), (18, 36)))
    areas = area_of(np.array([0.5, 9.0]), np.array([0.5, 18.0]))
    assert np.isnan(areas).tolist() == [True, False]
    assert len(cuts) == 36
