"""What a map leaves open of the country, and what it shows outside, is said in square kilometres."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from gbf_workbench.preparation import rasters
from gbf_workbench.preparation.map_differences import coverage, map_differences

EQUAL_AREA = "EPSG:6933"


def map_of(folder, cells, grid, crs=EQUAL_AREA):
    path = folder / "map.tif"
    made = {"count": 1, "height": cells.shape[0], "width": cells.shape[1], "dtype": "uint8", "nodata": 0}
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=Affine(*grid), **made) as file:
        file.write(cells.astype("uint8"), 1)
    source, issues = rasters.read_raster(path, 2020, into=folder)
    assert issues == []
    return source


def layer(*boxes, crs=EQUAL_AREA):
    return gpd.GeoDataFrame(geometry=[shapely.box(*box) for box in boxes], crs=crs).to_crs(EQUAL_AREA)


KM = (1000.0, 0, 5e6, 0, -1000.0, -1e6)


def box(west, north, east, south):
    """A box by columns and rows of the map."""
    return 5e6 + 1e3 * west, -1e6 - 1e3 * south, 5e6 + 1e3 * east, -1e6 - 1e3 * north


def test_open_land_and_what_is_mapped_outside_are_measured(tmp_path):
    cells = np.ones((20, 30))
    cells[:4] = 0
    source = map_of(tmp_path, cells, KM)
    land, sea = layer(box(5, 2, 20, 18)), layer(box(20, 0, 26, 20))
    found = coverage(source, land, sea)
    assert found.land == pytest.approx(15 * 14)
    assert found.open_land == pytest.approx(15 * 2)
    assert found.sea == pytest.approx(6 * 16)
    assert found.elsewhere == pytest.approx(30 * 16 - 15 * 14 - 6 * 16)
    said = {issue.key: issue.values["km2"] for issue in map_differences(source, land, sea)}
    assert said == {"rasters.mapped_outside": pytest.approx(174), "rasters.land_left_open": pytest.approx(30)}
    assert next(issue.key for issue in map_differences(source, land, None)) == "rasters.mapped_beyond_land"
    assert all("km²" in issue.sentence() and issue.file == "map.tif" for issue in map_differences(source, land, sea))


def test_a_map_of_just_the_country_is_passed_without_a_word(tmp_path):
    cells = np.zeros((20, 30))
    cells[2:18, 5:20] = 1
    source = map_of(tmp_path, cells, KM)
    assert map_differences(source, layer(box(5, 2, 20, 18)), None) == []
    assert map_differences(source, None, None) == []


def test_land_beyond_the_extent_of_the_map_is_open_too(tmp_path):
    source = map_of(tmp_path, np.ones((20, 30)), KM)
    found = coverage(source, layer(box(10, 5, 40, 15)), None)
    assert found.land == pytest.approx(200)
    assert found.open_land == pytest.approx(100)


@pytest.mark.parametrize("west", [170.0, -190.0])
def test_a_country_on_both_sides_of_180_degrees_is_one_country(tmp_path, west):
    # Twenty degrees around 180, mapped in one piece; the frame is cut in two by its projection.
    grid = (0.5, 0, west, 0, -0.5, 5.0)
    source = map_of(tmp_path, np.ones((10, 40)), grid, crs="EPSG:4326")
    land = layer((172.0, 1.0, 180.0, 4.0), (-180.0, 1.0, -173.0, 4.0), crs="EPSG:4326")
    found = coverage(source, land, None)
    whole = land.area.sum() / 1e6
    assert found.land == pytest.approx(whole, rel=1e-3)
    assert found.open_land == pytest.approx(0, abs=1e-6)
    assert found.elsewhere == pytest.approx(whole * (20 * 5 - 15 * 3) / 45, rel=2e-3)
