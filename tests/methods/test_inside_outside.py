"""Classes inside and outside of shapes: cells told off one by one, and the ways two grids or a map cannot be used."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from affine import Affine

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.inside_outside import cross_tabulate_by_zone
from gbf_workbench.methods.rasters import EMPTY, RasterSource

PLANE = "EPSG:6933"
#: Cells of one kilometre, the north-west corner at (0, 3) kilometres.
GRID = (1000.0, 0.0, 0.0, 0.0, -1000.0, 3000.0)


def source(folder: Path, year: int, cells, nodata=0, crs=PLANE, grid=GRID) -> RasterSource:
    cells, path = np.asarray(cells, "uint8"), folder / f"{year}.tif"
    made = {"count": 1, "height": cells.shape[0], "width": cells.shape[1], "dtype": "uint8", "nodata": nodata}
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=Affine(*grid), **made) as file:
        file.write(cells, 1)
    return RasterSource(path, year, pyproj.CRS(crs).to_wkt(), grid, cells.shape, nodata, {})


def zone(*boxes, crs=PLANE):
    return gpd.GeoSeries([shapely.box(*(1000 * side for side in box)) for box in boxes], crs=crs)


def said(table):
    """Sequence of classes to cells and square kilometres."""
    rows = zip(table.codes.tolist(), table.counts.tolist(), table.areas_km2.tolist(), strict=True)
    return {tuple(codes): (count, km2) for codes, count, km2 in rows}


BEFORE, AFTER = [[1, 1, 2, 0], [1, 1, 2, 2], [3, 1, 2, 2]], [[1, 2, 2, 1], [1, 2, 2, 2], [3, 1, 1, 0]]


@pytest.mark.parametrize("strip", [1, 8, 1 << 22])
def test_every_cell_is_in_the_first_zone_that_holds_its_middle_or_in_the_rest(tmp_path, strip):
    maps = [source(tmp_path, 2020, AFTER), source(tmp_path, 2010, BEFORE)]
    # The first zone has two shapes; the second lies under the first in part; both leave the third row's first cell.
    zones = [zone((0, 1, 1, 3), (1, 2, 2, 3)), zone((0, 1, 3, 3), (1, 0, 2, 1))]
    first, second, rest = cross_tabulate_by_zone(maps, zones, strip_pixels=strip)
    km2 = pytest.approx
    assert said(first) == {(1, 1): (2, km2(2)), (1, 2): (1, km2(1))}
    assert said(second) == {(1, 1): (1, km2(1)), (1, 2): (1, km2(1)), (2, 2): (2, km2(2))}
    assert said(rest) == {(2, 2): (1, km2(1)), (2, 1): (1, km2(1)), (3, 3): (1, km2(1))}
    assert first.years == second.years == rest.years == (2010, 2020)
    assert first.dropped_km2 == second.dropped_km2 == (0, 0)
    # One cell is empty in 2010 and one in 2020: each was mapped at the other date only.
    assert rest.dropped_km2 == (km2(1), km2(1))


def test_a_cell_is_inside_by_its_middle_however_little_of_it_is_covered(tmp_path):
    maps = [source(tmp_path, 2020, [[1, 1], [1, 1], [1, 1]])]
    inside, outside = cross_tabulate_by_zone(maps, [zone((0.49, 1.49, 0.51, 1.51), (1.51, 0, 2, 3))])
    assert (said(inside), said(outside)) == ({(1,): (1, pytest.approx(1))}, {(1,): (5, pytest.approx(5))})


def test_without_a_zone_or_with_empty_ones_everything_is_the_rest(tmp_path):
    maps = [source(tmp_path, 2020, [[1, 2], [1, 1], [1, 2]])]
    (alone,) = cross_tabulate_by_zone(maps, [])
    nowhere, blank, rest = cross_tabulate_by_zone(maps, [zone(), gpd.GeoSeries([shapely.Polygon()], crs=PLANE)])
    assert said(alone) == said(rest) == {(1,): (4, pytest.approx(4)), (2,): (2, pytest.approx(2))}
    assert said(nowhere) == said(blank) == {}


def test_shapes_in_another_system_are_brought_to_that_of_the_map(tmp_path):
    maps = [source(tmp_path, 2020, [[1, 2], [1, 2], [1, 2]])]
    inside, _ = cross_tabulate_by_zone(maps, [zone((1, 0, 2, 2)).to_crs("EPSG:4326")])
    assert said(inside) == {(2,): (2, pytest.approx(2))}


def test_a_map_in_which_no_value_means_empty_keeps_every_value(tmp_path):
    maps = [source(tmp_path, 2020, [[0, 255]], nodata=None)]
    inside, outside = cross_tabulate_by_zone(maps, [zone((0, 2, 1, 3))])
    assert (list(said(inside)), list(said(outside))) == ([(0,)], [(255,)])
    assert EMPTY < 0


def test_areas_are_those_of_the_latitude_of_each_row_whatever_the_strips(tmp_path):
    degrees = source(tmp_path, 2020, [[1, 1], [2, 2], [3, 3]], crs="EPSG:4326", grid=(1.0, 0, 10.0, 0, -1.0, 60.0))
    west = gpd.GeoSeries([shapely.box(10, 50, 11, 60)], crs="EPSG:4326")
    for strip in (1, 4, 100):
        inside, outside = cross_tabulate_by_zone([degrees], [west], strip_pixels=strip)
        for table in (inside, outside):
            for code, north in ((1, 60), (2, 59), (3, 58)):
                outline = shapely.segmentize(shapely.box(10, north - 1, 11, north), 0.002)
                expected = abs(pyproj.Geod(ellps="WGS84").geometry_area_perimeter(outline)[0]) / 1e6
                assert said(table)[(code,)] == (1, pytest.approx(expected, rel=1e-6))


def test_long_runs_of_cells_are_measured_along_their_whole_length(tmp_path):
    # East of the central meridian the true area of a cell changes from column to column.
    grid, project = (100.0, 0.0, 6e5, 0.0, -100.0, 1e6), pyproj.Proj("EPSG:32636")
    wide = source(tmp_path, 2020, np.ones((2, 3000)), crs="EPSG:32636", grid=grid)
    west = gpd.GeoSeries([shapely.box(6e5, 0, 7e5, 2e6)], crs="EPSG:32636")
    x, y = np.meshgrid(6e5 + 100 * (np.arange(3000) + 0.5), 1e6 - np.array([50.0, 150.0]))
    true = 0.01 / project.get_factors(*project(x, y, inverse=True)).areal_scale
    inside, outside = cross_tabulate_by_zone([wide], [west])
    assert inside.areas_km2.sum() == pytest.approx(true[:, :1000].sum(), rel=2e-8)
    assert outside.areas_km2.sum() == pytest.approx(true[:, 1000:].sum(), rel=2e-8)


def test_maps_on_other_grids_and_mapped_cells_beyond_the_projection_are_refused(tmp_path):
    moved = source(tmp_path, 2010, BEFORE, grid=(1000.0, 0.0, 500.0, 0.0, -1000.0, 3000.0))
    with pytest.raises(WorkbenchError) as refused:
        cross_tabulate_by_zone([moved, source(tmp_path, 2020, AFTER)], [zone((0, 0, 1, 1))])
    assert [issue.key for issue in refused.value.issues] == ["rasters.grids_place"]
    cells = np.zeros((18, 36), "uint8")
    cells[8:10, 16:20] = 1
    world = {"crs": "ESRI:54009", "grid": (1e6, 0.0, -18e6, 0.0, -1e6, 9e6)}
    inside, outside = cross_tabulate_by_zone([source(tmp_path, 2020, cells, **world)], [zone((0, 0, 9000, 9000))])
    assert int(inside.counts.sum() + outside.counts.sum()) == 8
    cells[0, 0] = 1
    with pytest.raises(WorkbenchError) as refused:
        cross_tabulate_by_zone([source(tmp_path, 2021, cells, **world)], [zone((0, 0, 1, 1))])
    assert [issue.key for issue in refused.value.issues] == ["rasters.beyond_projection"]
