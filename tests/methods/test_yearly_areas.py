"""Shapes that come and go: areas and counts of every year against shapes laid out one by one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.methods import yearly_areas
from gbf_workbench.methods.areas import partition_areas
from gbf_workbench.methods.yearly_areas import areas_by_year, distinct_by_year, ranked


def cut(*boxes):
    """The pieces of rectangles given in kilometres."""
    shapes = [shapely.box(*(1000 * side for side in box)) for box in boxes]
    return partition_areas(gpd.GeoSeries(shapes, crs="EPSG:6933"), {})


def test_a_shape_counts_from_its_first_year_to_its_last_and_years_without_a_change_are_like_the_year_before():
    partition = cut((0, 0, 2, 1), (5, 0, 6, 1), (8, 0, 12, 1))
    since, until = np.array([2020, 2022, 2020]), np.array([2021, yearly_areas.FOREVER, 2023])
    years = np.arange(2019, 2026)
    ids = pd.Series(["a", "b", "a"])
    found = areas_by_year(partition, since, until, years, np.arange(3), lambda lead: np.minimum(lead, 0), 1)
    assert found.ravel().tolist() == pytest.approx([0, 6, 6, 5, 5, 1, 1])
    counted = distinct_by_year(ids, np.ones((3, 1), bool), since, until, years)
    assert counted.ravel().tolist() == [0, 1, 1, 2, 2, 1, 1]


def test_what_counts_forever_counts_in_every_year_that_is_written_with_four_digits():
    partition, years = cut((0, 0, 1, 1)), np.array([1000, 2020, 9999])
    bounds = np.array([0]), np.array([yearly_areas.FOREVER])
    assert areas_by_year(partition, *bounds, years, np.arange(1), lambda lead: lead, 1).ravel().tolist() == [1, 1, 1]


def test_two_shapes_that_trade_places_change_the_area_though_as_many_are_active():
    partition = cut((0, 0, 1, 1), (5, 0, 8, 1), (20, 0, 27, 1))
    since, until = np.array([2020, 2021, 2020]), np.array([2020, 2021, 2021])
    found = areas_by_year(partition, since, until, np.array([2020, 2021]), np.arange(3), lambda lead: lead, 3)
    assert found.tolist() == [[1, 0, 7], [0, 3, 7]]


@settings(max_examples=25)
@given(drawn=st.lists(st.tuples(st.integers(0, 8), st.integers(1, 4), st.integers(2018, 2022), st.integers(0, 3),
                                st.integers(0, 2)), min_size=1, max_size=5), data=st.data())  # fmt: skip
def test_every_place_belongs_in_every_year_to_the_active_shape_that_comes_first(drawn, data):
    rank = np.array(data.draw(st.permutations(range(len(drawn)))))
    since = np.array([first for _, _, first, _, _ in drawn])
    until = since + np.array([last for _, _, _, last, _ in drawn])
    part, years = np.array([one for *_, one in drawn] + [-1]), np.arange(2018, 2026)
    partition = cut(*((west, 0, west + wide, 1) for west, wide, *_ in drawn))
    found = areas_by_year(partition, since, until, years, rank, lambda lead: part[lead], 3)
    names = pd.Series([f"{west}" for west, *_ in drawn])
    member = part[:-1, None] == np.arange(3)
    counted = distinct_by_year(names, member, since, until, years)
    for at, year in enumerate(years):
        expected = [0, 0, 0]
        active = [one for one in range(len(drawn)) if since[one] <= year <= until[one]]
        for x in range(12):
            over = [one for one in active if drawn[one][0] <= x < drawn[one][0] + drawn[one][1]]
            if over:
                expected[drawn[min(over, key=lambda one: rank[one])][4]] += 1
        assert found[at].tolist() == pytest.approx(expected)
        assert counted[at].tolist() == [len({drawn[one][0] for one in active if drawn[one][4] == p}) for p in range(3)]


def test_the_first_key_orders_before_the_second_and_ties_go_by_position():
    first, second = np.array([1, 0, 1, 0, 0]), np.array([2.0, 9.0, 1.0, 3.0, 9.0])
    expected = [0] * 5
    for place, one in enumerate(sorted(range(5), key=lambda at: (first[at], second[at], at))):
        expected[one] = place
    assert ranked(first, second).tolist() == expected == [4, 1, 3, 0, 2]
    assert ranked(np.zeros(3)).tolist() == [0, 1, 2]
