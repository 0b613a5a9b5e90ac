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

from gbf_workbench.methods.ecosystem_maps import Measure, measure_polygons, measure_rasters
from gbf_workbench.methods.ranges import (
    fewest_squares,
    hull_km2,
    local_plane,
    occupied_squares,
    pieces_of_points,
    pieces_of_shape,
    placements,
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
