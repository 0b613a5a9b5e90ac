"""Extent of occurrence and area of occupancy: cells against outlines, planes far from the equator."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods import ranges
from gbf_workbench.methods.ecosystem_maps import Measure, measure_polygons, measure_rasters
from gbf_workbench.methods.ranges import (
    fewest_squares,
    hull_km2,
    joined_pieces,
    local_plane,
    named_plane,
    occupied_squares,
    pieces_of_points,
    pieces_of_shape,
    placements,
    polygons_in,
)
from tests.test_red_list_of_ecosystems import source

HERE = np.zeros(2, dtype=int)


def how(**changed: object) -> Measure:
    usual = {"plane": "EPSG:6933", "square_km": 10.0, "rule": "bottom", "number": 1, "round_cells": False, "seed": 1}
    return Measure(**{**usual, **changed})


def test_polygons_and_cells_of_the_same_places_agree(tmp_path: Path):
    rng = np.random.default_rng(3)
    cells = (rng.random((40, 30)) < 0.2).astype(int)
    shapes = [shapely.box(5e6 + 1e3 * c, -1e6 - 1e3 * (r + 1), 5e6 + 1e3 * (c + 1), -1e6 - 1e3 * r)
              for r, c in np.argwhere(cells)]  # fmt: skip
    layer = gpd.GeoDataFrame({"name": "Wood", "year": 2020}, geometry=shapes, index=range(len(shapes)), crs="EPSG:6933")
    for rule in ("bottom", "square", "none"):
        drawn = measure_polygons(layer, how(rule=rule))
        mapped = measure_rasters([source(tmp_path, cells, 2020)], [{1: "Wood"}], how(rule=rule))
        drawn_aoo, mapped_aoo = drawn["aoo"].item(), mapped["aoo"].item()
        assert drawn[["km2", "eoo_km2"]].iloc[0].tolist() == pytest.approx(mapped[["km2", "eoo_km2"]].iloc[0].tolist())
        # The corner of the grid is that of the map or of the outlines.
        assert abs(drawn_aoo - mapped_aoo) <= (0 if cells[-1].any() and cells[:, 0].any() else 4)


def test_cutting_a_polygon_in_two_changes_nothing():
    whole = shapely.Point(0, 0).buffer(23_000)
    west = whole.intersection(shapely.box(-1e5, -1e5, 3_210, 1e5))
    parts = [west, whole.difference(west)]
    frames = [gpd.GeoDataFrame({"name": "a", "year": 2020}, geometry=one, index=range(len(one)), crs="EPSG:6933")
              for one in ([whole], parts, parts[::-1])]  # fmt: skip
    first, *others = [measure_polygons(frame, how(plane="", number=35)) for frame in frames]
    for other in others:
        pd.testing.assert_frame_equal(first, other, rtol=1e-9)


def test_an_outline_that_only_touches_a_square_does_not_occupy_it():
    box = shapely.box(0, 0, 10_000, 10_000)
    pieces = pieces_of_shape(box, (0, 0), 10_000, touched=True)
    assert occupied_squares(pieces, HERE, "none") == 1
    # An overlay that takes every intersection, points and edges too, counts the eight neighbours.
    assert occupied_squares(pieces, HERE, "touched") == 9


def test_squares_are_dropped_only_while_more_than_99_percent_of_the_area_is_kept():
    x = np.arange(100) * 10_000.0 + 5_000
    equal = pieces_of_points(x, np.zeros(100), np.ones(100), (0, 0), 10_000)
    # Without one of a hundred equal squares exactly 99 % are left, which is not more.
    assert occupied_squares(equal, HERE, "bottom") == 100
    last_less = pieces_of_points(x, np.zeros(100), np.append(np.ones(99), 0.9), (0, 0), 10_000)
    assert occupied_squares(last_less, HERE, "bottom") == 99
    assert occupied_squares(last_less, HERE, "square") == 99


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(2, 60))
def test_more_placements_never_find_more_squares_and_order_does_not_matter(seed: int, number: int):
    rng = np.random.default_rng(seed)
    x, y, km2 = rng.uniform(0, 6e4, number), rng.uniform(0, 6e4, number), rng.uniform(0.1, 1, number)
    order = rng.permutation(number)
    pieces = pieces_of_points(x, y, km2, (0, 0), 10_000)
    turned = pieces_of_points(x[order], y[order], km2[order], (0, 0), 10_000)
    few, many = placements(5, seed), placements(35, seed)
    assert len(np.unique(many, axis=0)) == 35
    assert fewest_squares(pieces, many, "none") <= fewest_squares(pieces, few, "none")
    assert fewest_squares(pieces, few, "bottom") <= fewest_squares(pieces, few, "none")
    assert fewest_squares(turned, many, "bottom") == fewest_squares(pieces, many, "bottom")


def test_a_range_across_the_antimeridian_is_as_large_as_anywhere_else(tmp_path: Path):
    def extent(middle: float) -> float:
        ring = [((middle + a + 180) % 360 - 180, b) for a, b in ((-1, -17), (1, -17), (1, -16), (-1, -16))]
        shapes = [shapely.Point(*place).buffer(0.05) for place in ring]
        layer = gpd.GeoDataFrame({"name": "a", "year": 2020}, geometry=shapes, index=range(4), crs="EPSG:4326")
        return measure_polygons(layer.to_crs("EPSG:6933"), how(plane=""))["eoo_km2"].item()

    assert extent(180) == pytest.approx(extent(20), rel=1e-9)
    assert extent(180) == pytest.approx(2.1 * 1.1 * 111.3**2 * np.cos(np.radians(16.5)), rel=0.02)


def test_the_hull_is_measured_in_true_areas_far_from_the_equator():
    # A square degree at 60° north: a plane of another kind would make it up to four times as large.
    lon, lat = np.array([10.0, 11, 11, 10]), np.array([60.0, 60, 61, 61])
    to_plane = pyproj.Transformer.from_crs("EPSG:4326", local_plane(lon, lat), always_xy=True)
    geodesic = abs(pyproj.Geod(ellps="WGS84").polygon_area_perimeter(lon, lat)[0]) / 1e6
    assert hull_km2(np.column_stack(to_plane.transform(lon, lat))) == pytest.approx(geodesic, rel=1e-4)


@pytest.mark.parametrize("name", ["EPSG:4326", "EPSG:2263", "somewhere", ""])
def test_a_plane_is_projected_and_in_metres(name: str):
    # Degrees, feet, and no coordinate system at all.
    with pytest.raises(WorkbenchError) as stopped:
        named_plane(name)
    [issue] = stopped.value.issues
    assert (issue.key.rpartition(".")[2], issue.column, issue.value) == ("plane_unknown", "measured_in", name)


def test_a_plane_in_metres_is_taken():
    assert named_plane("EPSG:6933") == pyproj.CRS("EPSG:6933")


def test_a_local_plane_has_its_middle_at_the_whole_degree_nearest_to_the_places():
    def middle(longitude: list, latitude: list) -> list:
        plane = local_plane(np.array(longitude), np.array(latitude))
        return [one.value for one in plane.coordinate_operation.params[:2]]

    assert middle([10.0, 11.2], [50.0, 50.0]) == [50, 11]
    assert middle([-70.0], [-33.4]) == [-33, -70]
    # Places all around the north pole have it in their middle.
    assert middle([0.0, 90, 180, 270], [80.0] * 4)[0] == 90


def test_a_hull_of_points_and_of_circles():
    corners = np.array([[0, 0], [4000, 0], [4000, 3000], [0, 3000], [1000, 1000]])
    assert hull_km2(corners) == 12
    # Two bands of 4 and two of 3 km, a quarter of a circle at each corner.
    assert hull_km2(corners, around=1000) == pytest.approx(12 + 14 + np.pi, rel=1e-5)
    assert hull_km2(corners[:1], around=2000) == pytest.approx(4 * np.pi, rel=1e-5)
    assert hull_km2(corners[:2]) == 0


def squares_of(pieces) -> dict[tuple[int, int], float]:
    return {(c, r): km2 for c, r, km2 in zip(pieces.column.tolist(), pieces.row.tolist(), pieces.km2, strict=True)}


def test_points_lie_in_small_squares_counted_from_the_corner_and_an_edge_belongs_above_and_right():
    # Squares of 100 m make small ones of 10 m.
    x, y = np.array([1000, 1009.9, 1010, 1029.9999999999]), np.array([-500, -491, -490, -500.1])
    pieces = pieces_of_points(x, y, np.array([1.0, 2, 4, 8]), (1000, -500), 100)
    assert pieces.step == 10
    assert squares_of(pieces) == {(0, 0): 3, (1, 1): 4, (3, -1): 8}
    whole = joined_pieces(pd.DataFrame({"column": [2, 1, 2], "row": [5, 5, 5], "km2": [1.0, 2, 3]}), 10.0)
    assert (squares_of(whole), whole.step) == ({(1, 5): 2, (2, 5): 4}, 10)


@pytest.mark.parametrize("corner", [(0, 0), (2500, 7500), (-3e6, 4e6), (4e6, -3e6)])
def test_an_outline_gives_each_small_square_what_lies_in_it(corner: tuple):
    # Small squares of 1 km; from 0.5 to 6.25 km and 1 to 4.5 km right of and above the corner.
    box = shapely.box(corner[0] + 500, corner[1] + 1000, corner[0] + 6250, corner[1] + 4500)
    across, up = [0.5, 1, 1, 1, 1, 1, 0.25], [0, 1, 1, 1, 0.5]
    expected = {(c, r): w * h for c, w in enumerate(across) for r, h in enumerate(up) if h}
    found = squares_of(pieces_of_shape(box, corner, 10_000))
    assert {place: km2 for place, km2 in found.items() if km2 > 1e-9} == pytest.approx(expected)
    below = pieces_of_shape(shapely.affinity.translate(box, -20_000, -9_000), corner, 10_000)
    assert {place: km2 for place, km2 in squares_of(below).items() if km2 > 1e-9} == pytest.approx(
        {(c - 20, r - 9): km2 for (c, r), km2 in expected.items()}
    )


def test_a_large_outline_fills_its_squares_and_a_hole_leaves_them_empty():
    ring = shapely.box(0, 0, 16_000, 16_000).difference(shapely.box(4_000, 4_000, 8_000, 12_000))
    found = squares_of(pieces_of_shape(ring, (0, 0), 10_000))
    assert found == pytest.approx({
        (c, r): 1.0 for c in range(16) for r in range(16) if not (4 <= c < 8 and 4 <= r < 12)
    })  # fmt: skip


def test_touched_squares_are_those_beside_an_edge_or_a_corner_and_have_no_area():
    one = squares_of(pieces_of_shape(shapely.box(0, 0, 1000, 1000), (0, 0), 10_000, touched=True))
    assert one == pytest.approx({(c, r): float(c == r == 0) for c in (-1, 0, 1) for r in (-1, 0, 1)})
    # One small square of 1 km and half of the next.
    found = squares_of(pieces_of_shape(shapely.box(0, 0, 1500, 1000), (0, 0), 10_000, touched=True))
    around = {(c, r) for c in (-1, 0, 1) for r in (-1, 0, 1)} | {(1, -1), (1, 1)}
    assert set(found) == around
    assert {place: km2 for place, km2 in found.items() if km2} == pytest.approx({(0, 0): 1, (1, 0): 0.5})


def test_only_polygons_are_kept_of_what_an_outline_falls_into():
    box, line = shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (1, 1)])
    mixed = shapely.GeometryCollection([box, line, shapely.Point(0, 0)])
    assert polygons_in([mixed, line, shapely.MultiPolygon([box])]) == [box, box]


def test_placements_are_the_corner_and_then_others_by_chance_at_most_a_hundred():
    assert ranges.MOST_PLACEMENTS == 100
    every = placements(100, seed=4)
    assert (every[0].tolist(), len(placements(1000, seed=4))) == ([0, 0], 100)
    assert sorted(map(tuple, every.tolist())) == [(c, r) for c in range(10) for r in range(10)]
    np.testing.assert_array_equal(placements(7, seed=4), every[:7])
    assert placements(7, seed=5).tolist() != every[:7].tolist()


def test_squares_are_counted_with_the_grid_where_it_was_moved():
    # Small squares 9 and 10, 29 and 30 of a row, and one at row 10: squares of ten.
    step = 1000.0
    x = (np.array([9, 10, 29, 30, 30]) + 0.5) * step
    pieces = pieces_of_points(x, np.array([0.5, 0.5, 0.5, 0.5, 10.5]) * step, np.ones(5), (0, 0), 10 * step)
    counted = [occupied_squares(pieces, np.array(moved), "none") for moved in ((0, 0), (9, 0), (0, 1), (5, 5))]
    # From 0: columns 0, 1, 2, 3 and another row; from 9: 0, 0, 2, 2; from 5: 0, 0, 2, 2, with rows -1 and 0.
    assert counted == [5, 3, 5, 3]
    assert fewest_squares(pieces, np.array([[0, 0], [5, 5]]), "none") == 3


def test_a_hundredth_of_a_square_occupies_it_and_a_millionth_is_rounding():
    middles = np.arange(4) * 10_000.0 + 500
    pieces = pieces_of_points(middles, np.zeros(4), np.array([1.0, 0.999, 0.9e-4, 1.1e-4]), (0, 0), 10_000)
    found = {rule: occupied_squares(pieces, HERE, rule) for rule in ("square", "none", "touched", "bottom")}
    # Of 2 km² the last two squares hold less than a hundredth together.
    assert found == {"square": 1, "none": 3, "touched": 4, "bottom": 2}
    dust = pieces_of_points(middles[:1], np.zeros(1), np.array([0.9e-4]), (0, 0), 10_000)
    assert [occupied_squares(dust, HERE, rule) for rule in ("bottom", "square", "none", "touched")] == [0, 0, 0, 1]
