"""Maps walked in strips, against slow second ways: a counter in plain Python, and areas from PROJ's own tools."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.rasters import (
    RasterSource,
    bounds_in,
    cross_tabulate,
    grid_difference,
    runs,
    same_year_issues,
    strips,
)

EQUAL_AREA = "EPSG:6933"


def source_at(
    path: Path, cells, year=2000, crs=EQUAL_AREA, grid=(1000.0, 0.0, 5e6, 0.0, -1000.0, -1e6), nodata=None, **more
):
    """A map on the disk, and the source that stands for it, made without the loader."""
    cells = np.asarray(cells)
    made = {"count": 1, "height": cells.shape[0], "width": cells.shape[1], "dtype": cells.dtype, "nodata": nodata}
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=Affine(*grid), **(made | more)) as file:
        file.write(cells, 1)
    return RasterSource(path, year, pyproj.CRS(crs).to_wkt(), grid, cells.shape, nodata, {})


def as_dict(table):
    return {tuple(int(code) for code in row): int(n) for row, n in zip(table.codes, table.counts, strict=True)}


def geodesic_km2(crs, west, south, east, north, ellipsoid="WGS84", points=400):
    """Area of a rectangle of the map plane, by PROJ's geodesic polygon with densely set corners."""
    t = np.linspace(0, 1, points)
    x = np.concatenate(
        [west + (east - west) * t, np.full(points, east), east - (east - west) * t, np.full(points, west)]
    )
    y = np.concatenate(
        [np.full(points, south), south + (north - south) * t, np.full(points, north), north - (north - south) * t]
    )
    x, y = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
    return abs(pyproj.Geod(ellps=ellipsoid).polygon_area_perimeter(x, y)[0]) / 1e6


@st.composite
def map_series(draw):
    dates, rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 6)), draw(st.integers(1, 8))
    values = st.lists(st.integers(0, 3), min_size=rows * columns, max_size=rows * columns)
    return [np.array(draw(values), "uint8").reshape(rows, columns) for _ in range(dates)]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("maps")


@settings(max_examples=40)
@given(series=map_series(), strip=st.integers(1, 60))
def test_counts_are_those_of_a_counter_whatever_the_strips(folder, series, strip):
    sources = [source_at(folder / f"{n}.tif", cells, 2000 + n, nodata=0) for n, cells in enumerate(series)]
    table = cross_tabulate(sources, strip_pixels=strip)
    pixels = list(zip(*(cells.ravel().tolist() for cells in series), strict=True))
    assert as_dict(table) == dict(Counter(one for one in pixels if all(one)))
    assert dict(zip(map(tuple, table.codes.tolist()), table.areas_km2.tolist(), strict=True)) == pytest.approx(
        as_dict(table)
    )
    for date, dropped in enumerate(table.dropped_km2):
        assert dropped == pytest.approx(sum(1 for one in pixels if one[date] and not all(one)))


@settings(max_examples=20)
@given(series=map_series(), strip=st.integers(1, 60), how=st.sampled_from(["EPSG:32636", "EPSG:4326", "ESRI:54009"]))
def test_areas_do_not_depend_on_the_strips(folder, series, strip, how):
    grid = (0.5, 0.0, 30.0, 0.0, -0.5, 40.0) if how == "EPSG:4326" else (9000.0, 0.0, 4e5, 0.0, -9000.0, 4e6)
    sources = [source_at(folder / f"s{n}.tif", cells, 2000 + n, how, grid, 0) for n, cells in enumerate(series)]
    whole, parts = cross_tabulate(sources), cross_tabulate(sources, strip_pixels=strip)
    assert as_dict(whole) == as_dict(parts)
    np.testing.assert_allclose(whole.areas_km2, parts.areas_km2, rtol=1e-12)


def test_the_published_change_matrices_come_out_cell_by_cell_and_in_km2(verify):
    sources = []
    for year in (1985, 1991, 1999):
        path = verify / "A.2" / f"lu_pie_{year}.tif"
        with rasterio.open(path) as file:
            sources.append(RasterSource(path, year, file.crs.to_wkt(), tuple(file.transform)[:6], file.shape, 255, {}))
    table = cross_tabulate(sources, pixel_area="grid")
    for closing in (1991, 1999):
        expected = pd.read_csv(verify / "A.2" / f"expected_crosstab_pie_1985_{closing}.csv")
        areas, cells = table.matrix(1985, closing, [1, 2, 3])
        found = {(i + 1, j + 1): (cells[i, j], areas[i, j]) for i in range(3) for j in range(3)}
        for was, now, count, area in expected.itertuples(index=False):
            got = found.pop((was, now))
            assert got[0] == count
            assert got[1] == pytest.approx(area, rel=1e-9)
        assert all(count == 0 for count, _ in found.values())


def test_true_areas_of_a_conformal_map_are_cells_divided_by_the_areal_scale_of_proj(verify):
    path = verify / "A.2" / "lu_pie_1999.tif"
    with rasterio.open(path) as file:
        cells, grid, crs = file.read(1), tuple(file.transform)[:6], file.crs.to_wkt()
    table = cross_tabulate([RasterSource(path, 1999, crs, grid, cells.shape, 255, {})])
    row, column = np.nonzero(cells != 255)
    project = pyproj.Proj(crs)
    places = project(grid[2] + grid[0] * (column + 0.5), grid[5] + grid[4] * (row + 0.5), inverse=True)
    true = abs(grid[0] * grid[4]) / 1e6 / project.get_factors(*places).areal_scale
    expected = [true[cells[row, column] == code].sum() for code in (1, 2, 3)]
    np.testing.assert_allclose(table.areas_km2, expected, rtol=1e-8)


@pytest.mark.parametrize("crs", ["ESRI:54009", "EPSG:3857", "ESRI:54030"])
@pytest.mark.parametrize("latitude", [3, 46, 68])
def test_projections_that_are_spheres_to_proj_still_give_areas_on_the_ellipsoid(tmp_path, crs, latitude):
    x, y = pyproj.Proj(crs)(20, latitude)
    cells = np.ones((40, 50), "uint8")
    source = source_at(tmp_path / "map.tif", cells, crs=crs, grid=(2000.0, 0.0, x, 0.0, -2000.0, y))
    expected = geodesic_km2(crs, x, y - 80_000, x + 100_000, y)
    assert cross_tabulate([source]).areas_km2.sum() == pytest.approx(expected, rel=3e-6)


def test_an_equal_area_map_has_one_area_for_all_cells_drawn_or_true(tmp_path):
    cells = np.arange(12, dtype="int16").reshape(3, 4)
    upward = source_at(tmp_path / "up.tif", cells, grid=(30.0, 0.0, 1e6, 0.0, 20.0, 3e6))
    for how in ("ellipsoid", "grid"):
        assert (cross_tabulate([upward], pixel_area=how).areas_km2 == 0.0006).all()


def test_feet_are_feet(tmp_path):
    source = source_at(
        tmp_path / "feet.tif", np.ones((1, 1), "uint8"), crs="EPSG:2249", grid=(100.0, 0, 8e5, 0, -100.0, 2.9e6)
    )
    assert cross_tabulate([source], pixel_area="grid").areas_km2[0] == pytest.approx((100 * 1200 / 3937) ** 2 / 1e6)
    assert cross_tabulate([source]).areas_km2[0] == pytest.approx((100 * 1200 / 3937) ** 2 / 1e6, rel=2e-4)


def test_long_runs_are_measured_along_their_whole_length(tmp_path):
    cells = np.ones((3, 4000), "uint8")
    # All east of the central meridian, so that what is wrong on one side is not made good by the other.
    grid = (100.0, 0.0, 6e5, 0.0, -100.0, 1e6)
    source = source_at(tmp_path / "wide.tif", cells, crs="EPSG:32636", grid=grid)
    x = grid[2] + 100 * (np.arange(4000) + 0.5)
    project = pyproj.Proj("EPSG:32636")
    y = 1e6 - np.array([50.0, 150.0, 250.0])
    places = project(*np.meshgrid(x, y), inverse=True)
    expected = (0.01 / project.get_factors(*places).areal_scale).sum()
    assert cross_tabulate([source]).areas_km2.sum() == pytest.approx(expected, rel=2e-8)


def test_pixels_beyond_the_edge_of_a_projection_are_refused_unless_empty(tmp_path):
    grid = (1e6, 0.0, -18e6, 0.0, -1e6, 9e6)
    cells = np.zeros((18, 36), "uint8")
    cells[8:10, 16:20] = 1
    inside = source_at(tmp_path / "in.tif", cells, crs="ESRI:54009", grid=grid, nodata=0)
    assert cross_tabulate([inside]).counts.tolist() == [8]
    cells[0, 0] = 1
    outside = source_at(tmp_path / "out.tif", cells, crs="ESRI:54009", grid=grid, nodata=0)
    with pytest.raises(WorkbenchError, match="projection"):
        cross_tabulate([outside])


def test_maps_are_taken_in_the_order_of_their_years(tmp_path):
    late = source_at(tmp_path / "late.tif", np.full((1, 1), 2, "uint8"), 2020)
    early = source_at(tmp_path / "early.tif", np.full((1, 1), 1, "uint8"), 2000)
    table = cross_tabulate([late, early])
    assert table.years == (2000, 2020)
    assert table.codes.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"crs": "ESRI:54034"}, "rasters.grids_crs"),
        ({"grid": (1000.5, 0.0, 5e6, 0.0, -1000.0, -1e6)}, "rasters.grids_cell"),
        ({"grid": (1000.0, 0.0, 5e6, 0.0, -1000.0, -1e6 - 1000)}, "rasters.grids_place"),
        ({"grid": (1000.0, 0.0, 5e6 + 500, 0.0, -1000.0, -1e6)}, "rasters.grids_place"),
        ({"grid": (1000.0, 0.0, 5e6, 0.0, 1000.0, -1e6 - 5000)}, "rasters.grids_cell"),
        ({"cells": np.ones((4, 5), "uint8")}, "rasters.grids_shape"),
        ({"year": 2000}, "rasters.same_year"),
    ],
)
def test_maps_on_other_grids_are_refused_and_never_resampled(tmp_path, change, key):
    first = source_at(tmp_path / "a.tif", np.ones((5, 5), "uint8"), 2000)
    other = source_at(tmp_path / "b.tif", **{"cells": np.ones((5, 5), "uint8"), "year": 2020, **change})
    with pytest.raises(WorkbenchError) as refused:
        cross_tabulate([first, other])
    assert [(issue.key, issue.file) for issue in refused.value.issues] == [(key, "b.tif")]


def test_grids_written_with_other_rounding_are_the_same(tmp_path):
    first = source_at(tmp_path / "a.tif", np.ones((5, 5), "uint8"), 2000)
    moved = (1000.0 + 1e-7, 0.0, 5e6 + 1e-4, 0.0, -1000.0, -1e6)
    other = source_at(tmp_path / "b.tif", np.ones((5, 5), "uint8"), 2020, grid=moved)
    assert cross_tabulate([first, other]).counts.tolist() == [25]


def test_classes_of_unequal_storage_types_meet(tmp_path):
    early = source_at(tmp_path / "a.tif", np.array([[200, 0]], "uint8"), 2000, nodata=0)
    late = source_at(tmp_path / "b.tif", np.array([[10, 200]], "int16"), 2020, nodata=-1)
    table = cross_tabulate([early, late])
    assert as_dict(table) == {(200, 10): 1}
    assert table.dropped_km2 == (0.0, 1.0)


def test_no_place_in_common_gives_an_empty_table(tmp_path):
    early = source_at(tmp_path / "a.tif", np.array([[1, 0]], "uint8"), 2000, nodata=0)
    late = source_at(tmp_path / "b.tif", np.array([[0, 1]], "uint8"), 2020, nodata=0)
    table = cross_tabulate([early, late])
    assert table.codes.shape == (0, 2)
    assert table.dropped_km2 == (1.0, 1.0)


def test_bounds_in_another_system_hold_the_map(tmp_path):
    source = source_at(tmp_path / "a.tif", np.ones((2, 2), "uint8"), crs="EPSG:4326", grid=(1.0, 0, 30.0, 0, -1.0, 2.0))
    x, y = pyproj.Proj(EQUAL_AREA)([30, 32], [0, 2])
    np.testing.assert_allclose(bounds_in(source, EQUAL_AREA), (x[0], y[0], x[1], y[1]), rtol=1e-9, atol=1e-3)


def test_bounds_are_the_same_for_a_map_drawn_upwards_and_there_are_none_where_the_system_cannot_hold_it():
    down = grid_only(grid=(1.0, 0, 30.0, 0, -1.0, 2.0), shape=(2, 3), crs="EPSG:4326")
    upward = grid_only(grid=(-1.0, 0, 33.0, 0, 1.0, 0.0), shape=(2, 3), crs="EPSG:4326")
    assert bounds_in(down, "EPSG:4326") == bounds_in(upward, "EPSG:4326") == (30, 0, 33, 2)
    behind = grid_only(grid=(1.0, 0, 150.0, 0, -1.0, 2.0), shape=(2, 3), crs="EPSG:4326")
    assert bounds_in(behind, "+proj=gnom +lat_0=0 +lon_0=0") is None


def grid_only(year=2000, grid=(1000.0, 0.0, 5e6, 0.0, -1000.0, -1e6), shape=(5, 5), crs=EQUAL_AREA, name="map.tif"):
    """A map of which only the grid is looked at."""
    return RasterSource(Path(name), year, pyproj.CRS(crs).to_wkt(), grid, shape, None, {})


@pytest.mark.parametrize(
    ("grid", "shape", "said"),
    [
        # A thousandth of a cell is the same place, by corner and at the far end of the longer or the shorter side.
        ((1000.0, 0.0, 5e6 + 1, 0.0, -1000.0, -1e6 - 1), (5, 5), None),
        ((1000.0, 0.0, 5e6 + 1.1, 0.0, -1000.0, -1e6), (5, 5), ("grids_place", "0.0011", "-0")),
        ((1000.0, 0.0, 5e6, 0.0, -1000.0, -1e6 + 250), (5, 5), ("grids_place", "0", "-0.25")),
        ((1000.1, 0.0, 5e6, 0.0, -1000.0, -1e6), (5, 9), None),
        ((1000.12, 0.0, 5e6, 0.0, -1000.0, -1e6), (5, 9), ("grids_cell", "1000.12 × 1000", "1000 × 1000")),
        ((1000.0, 0.0, 5e6, 0.0, -1000.15, -1e6), (5, 9), None),
        ((1000.0, 0.0, 5e6, 0.0, -1000.25, -1e6), (5, 9), ("grids_cell", "1000 × 1000.25", "1000 × 1000")),
    ],
)
def test_grids_are_the_same_to_a_thousandth_of_a_cell_at_their_corners(grid, shape, said):
    found = grid_difference(grid_only(shape=shape), grid_only(2020, grid, shape))
    if said is None:
        assert found is None
    else:
        assert (found.key, found.values["here"], found.values["there"]) == ("rasters." + said[0], *said[1:])


def test_grids_of_other_systems_or_sizes_say_what_each_is():
    first = grid_only(name="first.tif")
    other = grid_difference(first, grid_only(crs="EPSG:32636", name="other.tif"))
    assert (other.key, other.file, other.values["other"]) == ("rasters.grids_crs", "other.tif", "first.tif")
    assert other.values["here"] == "WGS 84 / UTM zone 36N"
    size = grid_difference(first, grid_only(shape=(4, 5)))
    assert (size.key, size.values["here"], size.values["there"]) == ("rasters.grids_shape", "4 × 5", "5 × 5")


def test_each_map_of_a_year_that_came_before_is_named_with_the_first_one():
    maps = [grid_only(year, name=f"{at}.tif") for at, year in enumerate((2000, 2010, 2000, 2000))]
    found = [(one.file, one.values) for one in same_year_issues(maps)]
    assert found == [("2.tif", {"other": "0.tif", "year": 2000}), ("3.tif", {"other": "0.tif", "year": 2000})]
    assert same_year_issues(maps[:2]) == []


def test_strips_are_whole_rows_and_at_least_one():
    for shape, pixels, rows in (((5, 4), 8, [(0, 2), (2, 2), (4, 1)]), ((2, 4), 3, [(0, 1), (1, 1)])):
        found = [(one.col_off, one.width, one.row_off, one.height) for one in strips(shape, pixels)]
        assert found == [(0, shape[1], *one) for one in rows]


def test_runs_end_where_any_map_changes_at_the_end_of_a_row_and_at_cuts():
    one, other = np.array([[1, 1, 1, 1, 2], [2, 2, 2, 2, 2]]), np.array([[5, 5, 6, 6, 6], [6, 6, 6, 6, 6]])
    assert [part.tolist() for part in runs([one, other])] == [[0, 2, 4, 5], [2, 2, 1, 5]]
    assert [part.tolist() for part in runs([other], np.array([0, 3]))] == [[0, 2, 3, 5, 8], [2, 1, 2, 3, 2]]


def test_a_map_in_which_no_value_means_empty_keeps_every_value_and_has_the_name_of_the_users_file(tmp_path):
    source = source_at(tmp_path / "a.tif", np.array([[0, 255]], "uint8"))
    assert as_dict(cross_tabulate([source])) == {(0,): 1, (255,): 1}
    assert source.name == "a.tif"
    assert RasterSource(**(vars(source) | {"file": "ours.tif"})).name == "ours.tif"
