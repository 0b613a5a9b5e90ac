"""Pieces of the plane against cells counted one by one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.areas import (
    areas_km2,
    leading_sites,
    part_areas_km2,
    partition_areas,
    site_areas_km2,
)

PLANE = "EPSG:6933"
SIZE = 8
QUIET = settings(deadline=None, max_examples=40)

rectangle = st.tuples(
    st.integers(0, SIZE - 1), st.integers(0, SIZE - 1), st.integers(1, SIZE), st.integers(1, SIZE)
).map(lambda r: (r[0], r[1], min(SIZE, r[0] + r[2]), min(SIZE, r[1] + r[3])))


def shapes(*boxes: tuple[float, float, float, float]) -> gpd.GeoSeries:
    """Boxes in kilometres as shapes in the equal-area plane."""
    return gpd.GeoSeries([shapely.box(*(1000 * side for side in box)) for box in boxes], crs=PLANE)


def cells(box: tuple[int, int, int, int]) -> set[tuple[int, int]]:
    """The cells of one square kilometre that a box holds."""
    return {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])}


@QUIET
@given(boxes=st.lists(rectangle, max_size=7), zones=st.lists(rectangle, max_size=3))
def test_any_union_in_any_zone_equals_the_cells_counted_one_by_one(boxes, zones):
    cut = partition_areas(shapes(*boxes), {"zones": shapes(*zones)})
    covered = np.isin(np.arange(len(cut.areas_km2)), cut.piece)
    everything = set().union(*map(cells, boxes)) if boxes else set()
    assert cut.areas_km2[covered].sum() == pytest.approx(len(everything), rel=1e-12, abs=1e-12)
    taken: set[tuple[int, int]] = set()
    for place, zone in enumerate(zones):
        own = cells(zone) - taken
        taken |= own
        inside = cut.zones["zones"] == place
        assert cut.areas_km2[inside].sum() == pytest.approx(len(own), abs=1e-12)
        assert cut.areas_km2[inside & covered].sum() == pytest.approx(len(own & everything), abs=1e-12)
    assert site_areas_km2(cut, len(boxes)).tolist() == pytest.approx([len(cells(box)) for box in boxes])


@QUIET
@given(boxes=st.lists(rectangle, min_size=1, max_size=6), data=st.data())
def test_the_leading_site_of_a_piece_is_the_first_active_one_that_covers_it(boxes, data):
    rank = np.array(data.draw(st.permutations(range(len(boxes)))))
    active = np.array(data.draw(st.lists(st.booleans(), min_size=len(boxes), max_size=len(boxes))), dtype=bool)
    cut = partition_areas(shapes(*boxes), {})
    found = part_areas_km2(cut, leading_sites(cut, rank, active), len(boxes))
    left = [0] * len(boxes)
    for x in range(SIZE):
        for y in range(SIZE):
            over = [site for site, box in enumerate(boxes) if active[site] and (x, y) in cells(box)]
            if over:
                left[min(over, key=lambda site: rank[site])] += 1
    assert found.tolist() == pytest.approx(left, abs=1e-12)


coordinate = st.integers(0, 10**8).map(lambda millimetres: millimetres / 1000)
triangle = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=3).map(shapely.Polygon)


@QUIET
@given(drawn=st.lists(triangle.filter(lambda t: t.is_valid and t.area > 1), min_size=1, max_size=6))
def test_pieces_of_slanted_shapes_add_up_to_each_shape_and_to_their_union(drawn):
    sites = gpd.GeoSeries(drawn, crs=PLANE)
    cut = partition_areas(sites, {})
    allowed = 1e-9 * sites.area + 1e-5 * sites.length
    assert (np.abs(1e6 * site_areas_km2(cut, len(sites)) - sites.area) <= allowed).all()
    union = shapely.unary_union(drawn)
    assert 1e6 * cut.areas_km2.sum() == pytest.approx(union.area, rel=1e-9, abs=1e-4 * union.length)


def test_a_hole_is_not_covered_unless_another_site_fills_it():
    ring = shapely.box(0, 0, 10e3, 10e3) - shapely.box(4e3, 4e3, 6e3, 6e3)
    alone = partition_areas(gpd.GeoSeries([ring], crs=PLANE), {})
    filled = partition_areas(gpd.GeoSeries([ring, shapely.box(3e3, 3e3, 5e3, 5e3)], crs=PLANE), {})
    assert alone.areas_km2.sum() == pytest.approx(96)
    assert filled.areas_km2.sum() == pytest.approx(97)


def test_shapes_shifted_by_less_than_a_millimetre_lose_no_area():
    outline = shapely.Point(1e6, 2e6).buffer(20_000, quad_segs=500)
    shifted = [shapely.transform(outline, lambda xy, by=by: xy + by) for by in (0, 1e-4, 3e-7, 1e-9)]
    sites = gpd.GeoSeries(shifted, crs=PLANE)
    cut = partition_areas(sites, {})
    assert site_areas_km2(cut, 4).tolist() == pytest.approx(areas_km2(sites).tolist(), rel=1e-9)
    assert cut.areas_km2.sum() == pytest.approx(outline.area / 1e6, rel=1e-7)


def test_an_outline_that_crosses_itself_is_refused_instead_of_measured():
    bow_tie = shapely.Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
    with pytest.raises(WorkbenchError) as refused:
        partition_areas(gpd.GeoSeries([bow_tie], crs=PLANE), {})
    assert [issue.key for issue in refused.value.issues] == ["areas.lost"]


def test_layers_in_different_projections_are_refused():
    other = shapes((0, 0, 1, 1)).set_crs("ESRI:54034", allow_override=True)
    with pytest.raises(ValueError, match="different projections"):
        partition_areas(shapes((0, 0, 1, 1)), {"land": other})


def test_shapes_without_a_coordinate_system_are_refused():
    with pytest.raises(ValueError, match="no coordinate system"):
        areas_km2(gpd.GeoSeries([shapely.box(0, 0, 1, 1)]))
