"""Open space in cities: squares counted one by one, and people near a space by distances along the ground."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from gbf_workbench.methods.urban_spaces import covered_areas, people_near

PLANE = "EPSG:6933"


def shapes(*boxes):
    """Rectangles given in kilometres."""
    return gpd.GeoSeries([shapely.box(*(1000 * side for side in box)) for box in boxes], crs=PLANE)


# --- areas ---------------------------------------------------------------------------------------------------------


def test_each_city_has_its_area_and_what_each_kind_covers_of_it_every_place_once():
    cities = shapes((0, 0, 4, 4), (3, 0, 6, 4), (50, 0, 51, 1))
    spaces = shapes((90, 0, 95, 5), (0, 0, 2, 2), (1, 1, 3, 3), (2, 0, 5, 1), (0, 0, 1, 1))
    kinds = {
        "all": np.ones(5, bool), "none": np.zeros(5, bool), "far": np.arange(5) == 0, "two": np.arange(5) == 3,
        "corner": np.arange(5) == 4,
    }  # fmt: skip
    areas, covered = covered_areas(cities, spaces, kinds)
    assert areas.tolist() == pytest.approx([16, 12, 1])
    assert {kind: km2.tolist() for kind, km2 in covered.items()} == {
        # 4 + 4 - 1, and of the strip 2 to 5 what lies in each city; the squares overlap in one cell only.
        "all": pytest.approx([7 + 2, 2, 0]), "none": [0, 0, 0], "far": [0, 0, 0], "two": pytest.approx([2, 2, 0]),
        "corner": pytest.approx([1, 0, 0]),
    }  # fmt: skip


def test_a_city_without_any_space_near_it_is_measured_with_nothing_covered():
    areas, covered = covered_areas(shapes((0, 0, 1, 1)), shapes((5, 5, 6, 6)), {"green": np.array([True])})
    assert (areas.tolist(), covered["green"].tolist()) == ([1], [0])
    areas, covered = covered_areas(shapes((0, 0, 1, 1)), shapes(), {"green": np.zeros(0, bool)})
    assert (areas.tolist(), covered["green"].tolist()) == ([1], [0])


def test_projections_that_do_not_keep_areas_are_refused():
    city = gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs="EPSG:4326")
    with pytest.raises(ValueError, match="equal-area"):
        covered_areas(city, city, {})
    with pytest.raises(ValueError, match="equal-area"):
        people_near(city, city, city, np.ones(1), 400.0)


# --- people --------------------------------------------------------------------------------------------------------


def on_the_ground(longitude, latitude, places):
    """Points at (bearing, metres) from a place."""
    found = [Geod(ellps="WGS84").fwd(longitude, latitude, *place)[:2] for place in places]
    return gpd.GeoSeries.from_xy(*zip(*found, strict=True), crs="EPSG:4326").to_crs(PLANE)


@pytest.mark.parametrize("latitude", [0.0, -45.0, 68.0])
@pytest.mark.parametrize("bearing", [0, 90, 180, 270])
def test_a_space_outside_the_city_is_near_on_every_side_by_metres_on_the_ground(latitude, bearing):
    centre = on_the_ground(10.0, latitude, [(0, 0)])
    city = gpd.GeoSeries([on_the_ground(10.0, latitude, [(turn, 1000) for turn in range(360)]).union_all().convex_hull],
                         crs=PLANE)  # fmt: skip
    park = on_the_ground(10.0, latitude, [(bearing, 1300)])
    homes = on_the_ground(10.0, latitude, [(bearing, 904), (bearing, 896), (bearing + 180, 990), (0, 0)])
    spaces = gpd.GeoSeries(park.buffer(0.1), crs=PLANE)
    found = people_near(city, spaces, homes, np.array([1.0, 10, 100, 1000]), 400.0)
    assert found.to_dict("list") == {"persons": [1111.0], "near": [1.0]}
    assert centre.within(city.iloc[0]).item()


def test_the_limit_itself_is_near_and_the_nearest_of_several_spaces_counts():
    city, homes = shapes((-5, -5, 5, 5)), gpd.GeoSeries.from_xy([0.0, 0.0], [0.0, 3000.0], crs=PLANE)
    spaces = shapes((1, 0, 2, 1), (-4, -4, -3, -3), (1.2, 3, 2, 4))
    wgs = [gpd.GeoSeries.from_xy([0.0, x], [y, y], crs=PLANE).to_crs("EPSG:4326") for x, y in ((1000, 0), (1200, 3000))]
    far = [Geod(ellps="WGS84").inv(one.x[0], one.y[0], one.x[1], one.y[1])[2] for one in wgs]
    for distance, near in ((far[0] * 0.999, 0), (far[0] * 1.001, 1), (far[1] * 1.001, 3)):
        found = people_near(city, spaces, homes, np.array([1.0, 2.0]), distance)
        assert (found["persons"].item(), found["near"].item()) == (3, near)


def test_each_city_counts_its_own_people_and_those_of_none_count_nowhere():
    cities = shapes((0, 0, 2, 2), (10, 0, 12, 2), (20, 0, 22, 2))
    homes = gpd.GeoSeries.from_xy([11_000.0, 1000, 500, 15_000], [1000.0, 1000, 500, 0], crs=PLANE, index=[9, 8, 7, 6])
    spaces = shapes((11, 1, 12, 2), (0.4, 0.4, 0.6, 0.6))
    found = people_near(cities, spaces, homes, np.array([1.0, 10, 100, 1000]), 100.0)
    assert found.to_dict("list") == {"persons": [110, 1, 0], "near": [100, 1, 0]}
    nowhere = people_near(cities, shapes((90, 0, 91, 1)), homes, np.array([1.0, 10, 100, 1000]), 100.0)
    assert nowhere.to_dict("list") == {"persons": [110, 1, 0], "near": [0, 0, 0]}
    assert people_near(cities, spaces, homes.iloc[:0], np.zeros(0), 100.0)["persons"].tolist() == [0, 0, 0]


def test_people_of_a_cell_live_at_its_middle():
    city, cells = shapes((0, 0, 2, 2)), shapes((1, 1, 2.9, 2), (1, 0, 3.1, 1))
    found = people_near(city, shapes((1.9, 1.4, 2, 1.6), (0.9, 0.4, 1.1, 0.6)), cells, np.array([5.0, 7.0]), 100.0)
    # The middle of the second lies outside of the city, that of the first within the limit of a space.
    assert found.to_dict("list") == {"persons": [5], "near": [5]}


def test_cities_without_a_row_are_an_empty_table():
    found = people_near(shapes(), shapes((0, 0, 1, 1)), shapes((0, 0, 1, 1)), np.ones(1), 100.0)
    assert (len(found), list(found.columns)) == (0, ["persons", "near"])
