"""Types on maps: legends by year, maps of another place, and what a cell or an outline adds to area and extent."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.ecosystem_maps import (
    Cells,
    Measure,
    _extent,
    _lower_left,
    _plane_around,
    _plane_of_shapes,
    class_key,
    measure_polygons,
    measure_rasters,
    measured_types,
    refuse_elsewhere,
)
from tests.test_red_list_of_ecosystems import source

PLANE = "EPSG:6933"
LEGEND = pd.DataFrame({
    "class_code": ["1", "02", "3"], "name": ["Wood", "Bog", "Field"],
    "natural": ["Natural", "Seminatural", "Not natural"],
})  # fmt: skip


def how(**changed: object) -> Measure:
    usual = {"plane": PLANE, "square_km": 10.0, "rule": "none", "number": 1, "round_cells": False, "seed": 1}
    return Measure(**{**usual, **changed})


def layer(*rows: tuple, column: str = "name") -> gpd.GeoDataFrame:
    """Outlines from ``(name or code, year, west, south, east, north)`` in kilometres."""
    shapes = [shapely.box(*(1e3 * edge for edge in row[2:])) for row in rows]
    return gpd.GeoDataFrame({column: [r[0] for r in rows], "year": [r[1] for r in rows]}, geometry=shapes, crs=PLANE)


def refusal(work: object, *given: object) -> Issue:
    with pytest.raises(WorkbenchError) as stopped:
        work(*given)
    [issue] = stopped.value.issues
    return issue


def rows_of(table: pd.DataFrame) -> dict[tuple[str, int], list[float]]:
    """Area, extent and squares by type and year."""
    assert table.columns.tolist() == ["name", "year", "km2", "eoo_km2", "aoo"]
    return {(name, year): numbers for name, year, *numbers in table.to_numpy(dtype=object).tolist()}


def is_near(table: pd.DataFrame, expected: dict[tuple[str, int], list[float]]) -> bool:
    found = rows_of(table)
    return found.keys() == expected.keys() and all(found[one] == pytest.approx(expected[one]) for one in expected)


@pytest.mark.parametrize(("code", "key"), [
    ("01", "1"), (1, "1"), (1.0, "1"), (" 1 ", "1"), ("1.5", "1.5"), ("T1a", "T1a"), ("-3.0", "-3"), ("inf", "inf"),
])  # fmt: skip
def test_a_whole_number_is_the_same_class_however_it_is_written(code, key):
    assert class_key(code) == key


def test_without_maps_nothing_is_measured_and_without_a_legend_it_is_said(tmp_path: Path):
    doubts = Doubts()
    assert measured_types(None, None, LEGEND, how(), doubts) == (None, None)
    assert doubts == []
    assert measured_types((source(tmp_path, [[1]], 2020),), None, None, how(), doubts) == (None, None)
    assert [one["key"] for one in doubts] == ["no_legend"]


def test_maps_of_both_kinds_are_refused(tmp_path: Path):
    both = (source(tmp_path, [[1]], 2020),), layer(("1", 2020, 0, 0, 1, 1), column="class_code")
    assert refusal(measured_types, *both, LEGEND, how(), Doubts()).key.endswith(".both_kinds_of_map")


def test_natural_and_seminatural_types_are_measured_under_their_identifiers(tmp_path: Path):
    maps, doubts = (source(tmp_path, [[1, 2, 2, 3]], 2020),), Doubts()
    mapped, legend = measured_types(maps, None, LEGEND.assign(ecosystem_id=["W", None, "F"]), how(), doubts)
    assert is_near(mapped, {("Bog", 2020): [2, 2, 1], ("W", 2020): [1, 1, 1]})
    assert legend[["ecosystem_id", "name"]].to_numpy().tolist() == [["W", "Wood"], ["Bog", "Bog"]]
    assert doubts == []


def test_a_legend_of_one_year_is_for_the_map_of_that_year_only(tmp_path: Path):
    maps = (source(tmp_path, [[1, 1, 1, 2]], 2000), source(tmp_path, [[1, 1, 1, 2]], 2020))
    years = pd.concat([LEGEND.assign(year=2000), LEGEND.assign(year=2020, class_code=["2", "1", "3"])])
    mapped, _ = measured_types(maps, None, years, how(), Doubts())
    assert {key: row[0] for key, row in rows_of(mapped).items()} == pytest.approx({
        ("Wood", 2000): 3, ("Bog", 2000): 1, ("Wood", 2020): 1, ("Bog", 2020): 3,
    })  # fmt: skip


def test_polygons_are_named_by_the_legend_of_their_year_and_others_are_refused():
    outlines = layer(("1", 2000, 0, 0, 2, 1), ("1.0", 2020, 0, 0, 2, 1), ("3", 2020, 2, 0, 9, 1), column="class_code")
    years = pd.concat([LEGEND.assign(year=2000), LEGEND.assign(year=2020, class_code=["2", "1", "3"])])
    mapped, _ = measured_types(None, outlines, years, how(), Doubts())
    found = {key: row[0] for key, row in rows_of(mapped).items() if row[0]}
    assert found == pytest.approx({("Wood", 2000): 2, ("Bog", 2020): 2})
    issue = refusal(measured_types, None, outlines, years[years["year"] == 2000], how(), Doubts())
    assert (issue.table, issue.value, issue.values) == ("ecosystem_types", "1, 3", {"year": 2020})


def coverage(tmp_path: Path, before: list, after: list) -> list[dict]:
    doubts = Doubts()
    maps = (source(tmp_path, before, 2000), source(tmp_path, after, 2020))
    measured_types(maps, None, LEGEND, how(), doubts)
    return list(doubts)


def test_maps_one_of_which_covers_less_by_more_than_a_thousandth_are_spoken_of(tmp_path: Path):
    whole = np.resize([1, 3], (10, 100))
    one_less, two_less = whole.copy(), whole.copy()
    one_less[0, 0] = 0
    two_less[0, :2] = 0
    assert coverage(tmp_path, whole, whole) == []
    # Exactly a thousandth is not more.
    assert coverage(tmp_path, whole, one_less) == []
    [said] = coverage(tmp_path, two_less, whole)
    assert (said["key"], said["values"]) == ("coverage_differs", {"percent": pytest.approx(0.2)})


def test_maps_of_one_type_have_no_cells_to_compare(tmp_path: Path):
    assert coverage(tmp_path, [[1, 1, 1]], [[1, 1, 0]]) == []
    assert len(coverage(tmp_path, [[1, 1, 3]], [[1, 1, 0]])) == 1


@pytest.mark.parametrize(("box", "touches"), [
    # The map goes from 5,000 to 5,002 km east and 1,001 to 1,000 km south.
    ((5002, -1001, 5010, -1000), True), ((5003, -1001, 5010, -1000), False),
    ((4990, -1001, 5000, -1000), True), ((4990, -1001, 4999, -1000), False),
    ((5000, -1000, 5002, -990), True), ((5000, -999, 5002, -990), False),
    ((5000, -1010, 5002, -1001), True), ((5000, -1010, 5002, -1002), False),
    ((4990, -1010, 5010, -990), True),
])  # fmt: skip
def test_a_map_has_to_touch_the_country(tmp_path: Path, box: tuple, touches: bool):
    land, outline = layer(("x", 0, *box)), layer(("x", 0, 5000, -1001, 5002, -1000))
    for maps, polygons in (((source(tmp_path, [[1, 1]], 2020),), None), (None, outline)):
        if touches:
            refuse_elsewhere(maps, polygons, land)
        else:
            assert refusal(refuse_elsewhere, maps, polygons, land).key.endswith(".elsewhere")


def test_without_a_country_or_a_map_nothing_is_elsewhere():
    land = layer(("x", 0, 0, 0, 1, 1))
    refuse_elsewhere(None, layer(("x", 0, 50, 50, 51, 51)), None)
    refuse_elsewhere(None, None, land)


def test_cells_are_whole_squares_or_the_circles_in_them(tmp_path: Path):
    # Two cells of 1 km in opposite corners of 3 × 2 km.
    maps = [source(tmp_path, [[1, 0, 0], [0, 0, 1]], 2020)]
    whole, circles = (measure_rasters(maps, [{1: "Wood"}], how(round_cells=one)) for one in (False, True))
    # The box less two triangles of 2 × 1 km; and a circle with a band one wide between middles √5 apart.
    assert rows_of(whole)["Wood", 2020] == pytest.approx([2, 4, 1])
    assert rows_of(circles)["Wood", 2020] == pytest.approx([2, np.pi / 4 + np.sqrt(5), 1], rel=1e-4)


def test_classes_of_one_name_are_one_type_and_a_type_without_cells_has_nothing(tmp_path: Path):
    maps = [source(tmp_path, [[0] * 4, [1, 0, 2, 3]], 2020), source(tmp_path, [[0] * 4, [3, 0, 9, 1]], 2021)]
    names = {1: "Wood", 2: "Wood", 9: "Dune"}
    assert is_near(measure_rasters(maps, [names, names], how()), {
        ("Wood", 2020): [2, 3, 1], ("Dune", 2020): [0, 0, 0], ("Wood", 2021): [1, 1, 1], ("Dune", 2021): [1, 1, 1],
    })  # fmt: skip


def test_a_type_of_the_legend_that_no_map_shows_has_not_collapsed(tmp_path: Path):
    maps, names = [source(tmp_path, [[1]], year) for year in (2000, 2020)], {1: "Wood", 9: "Dune"}
    assert set(measure_rasters(maps, [names, names], how())["name"]) == {"Wood"}


def test_a_type_has_no_area_of_0_in_a_year_whose_legend_does_not_have_it(tmp_path: Path):
    maps = [source(tmp_path, [[1, 2]], 2000), source(tmp_path, [[1, 1]], 2020)]
    found = measure_rasters(maps, [{1: "Wood", 2: "Bog"}, {1: "Wood"}], how())
    drawn = layer(("Wood", 2000, 0, 0, 1, 1), ("Bog", 2000, 1, 0, 2, 1), ("Wood", 2020, 0, 0, 2, 1))
    expected = {("Bog", 2000): [1, 1, 1], ("Wood", 2000): [1, 1, 1], ("Wood", 2020): [2, 2, 1]}
    assert is_near(found, expected)
    assert is_near(measure_polygons(drawn, how(), {2000: {"Wood", "Bog"}, 2020: {"Wood"}}), expected)


def test_a_type_is_lost_where_the_later_polygons_are_all_of_others():
    drawn = layer(("1", 2000, 0, 0, 1, 1), ("3", 2020, 0, 0, 1, 1), column="class_code")
    mapped, _ = measured_types(None, drawn, LEGEND, how(), Doubts())
    assert is_near(mapped, {("Wood", 2000): [1, 1, 1], ("Wood", 2020): [0, 0, 0]})


def test_a_square_is_occupied_from_a_hundredth_of_it_on(tmp_path: Path):
    # 21 cells of 950 m: 0.9 km² in the last square, less than 1 km², and two in the first.
    cells = np.zeros((1, 21), int)
    cells[0, [0, 1, -1]] = 1
    maps = [source(tmp_path, cells, 2020, size=950.0)]
    assert [measure_rasters(maps, [{1: "a"}], how(rule=rule))["aoo"].item() for rule in ("square", "none")] == [1, 2]


def test_cells_have_their_true_areas_wherever_on_the_plane_they_lie(tmp_path: Path):
    # A cell of 100 km that ends 500 km east of the middle of its zone.
    maps = [source(tmp_path, [[3, 1]], 2020, crs="EPSG:32633", at=(800e3, 100e3), size=100e3)]
    ring = shapely.segmentize(shapely.box(900e3, 0, 1000e3, 100e3), 1e3)
    to_degrees = pyproj.Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True).transform
    geodesic = abs(
        pyproj.Geod(ellps="WGS84").geometry_area_perimeter(shapely.transform(ring, to_degrees, interleaved=False))[0]
    )
    area, _, _ = rows_of(measure_rasters(maps, [{1: "a"}], how(plane="")))["a", 2020]
    assert area == pytest.approx(geodesic / 1e6, rel=5e-4)


def test_the_plane_is_laid_around_the_middle_of_what_is_mapped(tmp_path: Path):
    degrees = source(tmp_path, [[1, 3], [3, 3]], 2020, crs="EPSG:4326", at=(10.0, 60.0), size=2.0)
    # The lower right cell has its middle at 13° east and 57° north.
    planes = [
        _plane_around(degrees, [{"a": Cells(np.array([1]), np.array([1]))}]),
        _plane_of_shapes(gpd.GeoDataFrame(geometry=[shapely.box(12, 56, 14, 58)], crs="EPSG:4326")),
    ]
    for plane in planes:
        assert [one.value for one in plane.coordinate_operation.params[:2]] == [57, 13]


def test_the_grid_begins_at_the_lower_left_corner_of_the_map(tmp_path: Path):
    # 12 km wide and 11 km high, in squares of 10 km from the lower left: four corners, four squares.
    cells = np.zeros((11, 12), int)
    cells[[0, 0, -1, -1], [0, -1, 0, -1]] = 1
    assert rows_of(measure_rasters([source(tmp_path, cells, 2020)], [{1: "a"}], how()))["a", 2020] == [4, 132, 4]
    # The tenth row and column from below belong to the first square, the eleventh do not.
    for row, column, expected in ((1, 9, 1), (0, 9, 2), (1, 10, 2), (0, 10, 2)):
        cells = np.zeros((11, 12), int)
        cells[-1, 0] = cells[row, column] = 1
        found = measure_rasters([source(tmp_path, cells, 2020)], [{1: "a"}], how())
        assert found["aoo"].item() == expected


def test_a_map_in_degrees_is_measured_around_what_is_mapped(tmp_path: Path):
    # One degree by one below 60° north, in a map that reaches to 79°.
    cells = np.full((20, 20), 3)
    cells[-1, 0] = 1
    maps = [source(tmp_path, cells, 2020, crs="EPSG:4326", at=(10.0, 79.0), size=1.0)]
    area, extent, _ = rows_of(measure_rasters(maps, [{1: "a"}], how(plane="")))["a", 2020]
    # 111.2 km by 111.2 km × cos 59.5°, on the ellipsoid a little larger; the hull lacks the bows of the parallels.
    assert area == pytest.approx(111.2**2 * np.cos(np.radians(59.5)), rel=0.01)
    assert extent == pytest.approx(area, rel=0.01)


def test_where_nothing_is_mapped_there_is_no_plane(tmp_path: Path):
    for plane in ("", PLANE):
        issue = refusal(measure_rasters, [source(tmp_path, [[2]], 2020)], [{1: "a"}], how(plane=plane))
        assert (issue.key.rpartition(".")[2], issue.table) == ("nothing_mapped", "ecosystem_maps")
    issue = refusal(measure_polygons, layer((None, 2020, 0, 0, 1, 1)), how())
    assert (issue.key.rpartition(".")[2], issue.table) == ("nothing_mapped", "ecosystem_polygons")


@pytest.mark.parametrize(("a", "b", "lowest"), [(1, -1, 0), (1, 1, -1000), (-1, -1, -2000), (-1, 1, -3000)])
def test_on_a_turned_plane_any_corner_may_be_the_lowest(tmp_path: Path, a: int, b: int, lowest: float):
    # Two cells of 1 km beside each other, the upper left corner at 0, 0.
    two = source(tmp_path, [[1, 1]], 2020, at=(0.0, 0.0))
    assert _lower_left(two, lambda x, y: (a * x + b * y, 5 - a * x - b * y))[0] == lowest
    assert _lower_left(two, lambda x, y: (x * 0 + 7, a * x + b * y)) == (7, lowest)


def test_on_a_slanting_plane_the_radius_is_that_of_half_a_cell_along_its_row(tmp_path: Path):
    two = source(tmp_path, [[1, 1]], 2020, at=(0.0, 0.0))
    first = Cells(np.array([0]), np.array([0]))
    for project in (lambda x, y: (x + y, y), lambda x, y: (x - 3 * y, y), lambda x, y: (9_000 - x, y)):
        assert _extent(two, first, project, True) == pytest.approx(np.pi / 4, rel=1e-4)


def test_outlines_of_a_type_are_joined_and_each_year_stands_alone():
    found = measure_polygons(layer(
        ("a", 2000, 0, 0, 10, 10), ("a", 2000, 5, 0, 20, 10), ("a", 2020, 30, 20, 31, 21), (None, 2020, 0, 0, 5, 5),
        ("b", 2020, 10, 10, 12, 11),
    ), how())  # fmt: skip
    assert is_near(found, {
        ("a", 2000): [200, 200, 2], ("a", 2020): [1, 1, 1], ("b", 2000): [0, 0, 0], ("b", 2020): [2, 2, 1],
    })  # fmt: skip


def test_the_squares_of_outlines_begin_at_the_lower_left_corner_of_all_of_them():
    found = measure_polygons(layer((None, 2020, 0, 0, 1, 1), ("a", 2020, 8, 12, 12, 15)), how())
    assert rows_of(found)["a", 2020] == pytest.approx([12, 12, 2])
    # Touched squares count only where that is asked for.
    touching = layer(("a", 2020, 0, 0, 10, 10))
    assert [measure_polygons(touching, how(rule=rule))["aoo"].item() for rule in ("none", "touched")] == [1, 4 + 5]


def test_outlines_in_degrees_are_measured_around_them():
    box = gpd.GeoDataFrame({"name": ["a"], "year": [2020]}, geometry=[shapely.box(10, 60, 10.1, 60.1)], crs="EPSG:4326")
    area, extent, _ = rows_of(measure_polygons(box, how(plane="")))["a", 2020]
    assert area == pytest.approx(11.12**2 * np.cos(np.radians(60.05)), rel=0.01)
    assert extent == pytest.approx(area)
