"""Many shapes of all kinds in one layer: each comes out as it would by itself, however they are worked on together."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import MultiPoint, MultiPolygon, Point, Polygon, box

from tests.preparation.layer_files import CRS, read, reserves, said, write

SIDE = 0.02


def star(east: float, north: float, corners: int, size: float) -> Polygon:
    """An outline that turns once around its middle, and not at all evenly."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = size * (1 + 0.4 * np.sin(7 * angle))
    return Polygon(np.column_stack([east + radius * np.cos(angle), north + radius * np.sin(angle)]))


def comb(east: float, north: float) -> Polygon:
    """An outline that is sound though it does not turn always the same way."""
    teeth = [(east + SIDE * x / 8, north + SIDE * (x % 2)) for x in range(8)]
    return Polygon([*teeth, (east + SIDE, north - SIDE), (east, north - SIDE)])


def shape(at: int) -> object:
    east, north = 30 + 0.1 * (at % 50), 0.1 * (at // 50)
    kinds = (
        lambda: star(east, north, 3 + at % 60, SIDE),
        lambda: comb(east, north),
        lambda: box(east, north, east + SIDE, north + SIDE).difference(box(east, north, east + 0.01, north + 0.01)),
        lambda: star(east, north, 40, SIDE).difference(star(east, north, 12, SIDE / 4)),
        lambda: MultiPolygon([star(east, north, 9, SIDE / 4), box(east + SIDE, north, east + 2 * SIDE, north + SIDE)]),
        lambda: Point(east, north),
        lambda: MultiPoint([(east, north), (east + SIDE, north)]),
        lambda: Polygon([(east, north, 5.0), (east + SIDE, north, 6.0), (east, north + SIDE, 7.0)]),
    )
    return kinds[at % len(kinds)]()


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_shapes_of_all_kinds_come_out_where_proj_puts_each_of_them(tmp_path, ending):
    drawn = [shape(at) for at in range(2_500)]
    layer, issues = read(write(reserves(drawn, status_year=2000), tmp_path, ending))
    assert said(issues) == []
    into_plane = Transformer.from_crs(4326, CRS, always_xy=True).transform
    for at, (was, found) in enumerate(zip(drawn, layer.geometry, strict=True), start=1):
        wanted = shapely.transform(shapely.force_2d(was), into_plane, interleaved=False)
        assert shapely.equals_exact(found, wanted, 1e-6), at
    assert layer.index.tolist() == list(range(1, 2_501))


def test_one_outline_among_many_with_a_long_edge_follows_the_ground_and_the_others_stay(tmp_path):
    drawn = [star(30 + 0.1 * at, 0, 12, SIDE) for at in range(30)]
    drawn[7] = box(20, 40, 25, 41)
    layer, _ = read(write(reserves(drawn), tmp_path, "gpkg"))
    corners = shapely.get_num_coordinates(layer.geometry.to_numpy())
    assert (np.delete(corners, 7) == 13).all()
    assert corners[7] > 100


def test_outlines_that_are_nearly_the_same_are_found_as_if_every_pair_were_laid_over_each_other(tmp_path):
    random = np.random.default_rng(3)
    firsts = [star(1e6 + 3_000 * at, 0, 15, 1_000) for at in range(120)]
    moves = 10 ** random.uniform(-1, 1.5, (120, 2)) * random.choice([-1, 1], (120, 2))
    seconds = [shapely.affinity.translate(one, *move) for one, move in zip(firsts, moves, strict=True)]
    # A hole changes the area and not the place.
    seconds[:20] = [one.difference(one.centroid.buffer(size)) for size, one in enumerate(seconds[:20], start=80)]
    shapes = np.array([*firsts, *seconds], dtype=object)
    # Each of the first is far from all but its own second.
    one, other = shapes[:120], shapes[120:]
    share = shapely.area(shapely.intersection(one, other)) / shapely.area(shapely.union(one, other))
    wanted = {(at + 121,) for at in np.flatnonzero(share > 0.99).tolist()}
    assert 20 < len(wanted) < 50
    _, issues = read(write(reserves(shapes, CRS, status_year=2000), tmp_path, "gpkg"))
    assert {found.rows for found in issues if found.key == "layer.nearly_same"} == wanted


def test_a_long_run_of_features_without_a_shape_leaves_those_after_it_as_they_are(tmp_path):
    drawn = [None] * 1_100 + [box(30, 0, 30 + SIDE, SIDE)]
    layer, issues = read(write(reserves(drawn, status_year=2000), tmp_path, "gpkg"))
    assert said(issues) == [("error", "layer.no_geometry", tuple(range(1, 1_101)))]
    into_plane = Transformer.from_crs(4326, CRS, always_xy=True).transform
    assert shapely.equals_exact(
        layer.geometry.iloc[-1], shapely.transform(drawn[-1], into_plane, interleaved=False), 1e-6
    )
