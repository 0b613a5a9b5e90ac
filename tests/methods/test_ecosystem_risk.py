"""Thresholds of the Red List of Ecosystems, indices of what remains, and rates of decline."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from gbf_workbench.methods import ecosystem_risk
from gbf_workbench.methods.ecosystem_change import Decline
from gbf_workbench.methods.ecosystem_risk import (
    by_locations,
    by_loss,
    by_range,
    by_severity,
    mean_remaining,
    milder,
    risk_index,
    worst,
)


@pytest.mark.parametrize(("percent", "criterion", "category"), [
    (29.99, "A1", "LC"), (30, "A1", "VU"), (50, "A2b", "EN"), (80, "A2a", "CR"), (100, "A1", "CO"), (100, "A2b", "CR"),
    (49.99, "A3", "LC"), (50, "A3", "VU"), (70, "A3", "EN"), (90, "A3", "CR"), (100, "A3", "CO"), (-40, "A1", "LC"),
])  # fmt: skip
def test_a_loss_of_area_has_the_category_of_its_threshold(percent: float, criterion: str, category: str):
    assert by_loss(percent, criterion) == category


@pytest.mark.parametrize(("extent", "severity", "criterion", "category"), [
    (80, 80, "C1", "CR"), (79, 80, "C1", "EN"), (80, 50, "D1", "EN"), (50, 79, "D1", "VU"), (30, 80, "C2a", "VU"),
    (80, 30, "C2b", "VU"), (29, 100, "C1", "LC"), (100, 29, "D1", "LC"), (90, 90, "C3", "CR"), (70, 90, "D3", "EN"),
    (90, 70, "C3", "EN"), (70, 70, "C3", "VU"), (50, 90, "D3", "VU"), (90, 50, "D3", "VU"), (80, 80, "D3", "VU"),
    (69, 69, "D3", "LC"),
])  # fmt: skip
def test_extent_and_severity_together_make_the_category(extent, severity, criterion, category):
    assert by_severity(extent, severity, criterion) == category


@pytest.mark.parametrize(("percent", "criterion", "category"), [
    (100, "A1", "CO"), (100, "A3", "CO"), (90, "A3", "CR"), (80, "A2a", "CR"), (50, "A1", "EN"), (30, "A2b", "VU"),
])  # fmt: skip
def test_a_loss_that_rounding_left_a_billionth_below_its_threshold_reaches_it(percent, criterion, category):
    assert by_loss(percent - 1e-9, criterion) == category
    assert by_loss(percent - 1e-6, criterion) != category


@pytest.mark.parametrize(("extent", "severity"), [(80 - 1e-9, 80), (80, 80 - 1e-9), (80 - 1e-9, 80 - 1e-9)])
def test_extent_and_severity_that_rounding_left_a_billionth_below_reach_theirs(extent, severity):
    assert by_severity(extent, severity, "C1") == "CR"
    assert by_severity(extent - 1e-6, severity - 1e-6, "C1") == "VU"


def test_every_step_of_risk_weighs_one_more_and_what_is_not_known_weighs_nothing():
    assert ecosystem_risk.WEIGHTS == {"LC": 0, "NT": 1, "VU": 2, "EN": 3, "CR": 4, "CO": 5}
    assert ecosystem_risk.COLLAPSED == 5
    # What has collapsed is no longer threatened.
    assert ecosystem_risk.THREATENED == ("VU", "EN", "CR")


def test_of_categories_the_worst_is_the_nearest_to_collapse():
    steps = ["NE", "DD", "LC", "NT", "VU", "EN", "CR", "CO"]
    for mild, bad in pairwise(steps):
        assert (worst([bad, mild]), worst([mild, bad]), milder(bad, mild), milder(mild, bad)) == (bad, bad, mild, mild)


@pytest.mark.parametrize(("criterion", "limits"), [("B1", (2_000, 20_000, 50_000)), ("B2", (2, 20, 50))])
def test_a_range_as_large_as_the_limit_is_within_it(criterion, limits):
    expected = ["CR", "EN", "VU"]
    assert [by_range(limit, criterion, True, None, None) for limit in limits] == expected
    assert [by_range(limit + 0.5, criterion, True, None, None) for limit in limits] == [*expected[1:], "LC"]


def test_as_many_places_as_the_limit_are_few():
    # The range alone would be Critically Endangered.
    found = [by_range(1, "B2", False, False, places) for places in (0, 1, 2, 5, 6, 10, 11)]
    assert found == ["CR", "CR", "EN", "EN", "VU", "VU", "LC"]


def test_a_small_range_is_open_as_long_as_one_condition_is():
    for conditions in [(None, False, 11), (False, None, 11), (False, False, None), (None, None, 11)]:
        assert by_range(15_000, "B1", *conditions) is None
    assert by_range(15_000, "B1", False, False, 11) == "LC"
    # Few places are enough, whatever is not known of the rest.
    assert by_range(15_000, "B1", None, None, 10) == "VU"


def test_fewer_than_five_places_need_one_event_that_could_end_them():
    assert [by_locations(places, True) for places in (1, 4, 4.5, 5, 6)] == ["VU", "VU", "VU", "LC", "LC"]
    assert (by_locations(5, None), by_locations(4, None), by_locations(None, None)) == ("LC", None, None)
    assert (by_locations(None, False), by_locations(None, True)) == ("LC", None)


def test_the_index_weighs_each_kind_by_its_number_at_each_date_and_in_each_draw():
    weights = np.array([[0, 0], [0, 5], [3, 3]])
    assert risk_index(np.array([1, 1, 2]), weights).tolist() == pytest.approx([1 - 6 / 20, 1 - 11 / 20])
    drawn = risk_index(np.array([[4, 0, 0], [0, 4, 0], [1, 1, 2]]), weights)
    np.testing.assert_allclose(drawn, [[1, 1], [1, 0], [0.7, 0.45]])


def test_what_remains_may_be_more_than_there_was():
    assert mean_remaining(np.array([2.0, 0.5])) == pytest.approx(1)
    assert mean_remaining(np.array([0.25])) == pytest.approx(0.25)
    assert mean_remaining(np.array([1.0, 0.0])) == pytest.approx(0.5)


def test_a_small_range_alone_is_no_category():
    # Others call 1,500 km² Critically Endangered; without a decline, a threat or few places it is none.
    assert by_range(1_500, "B1", False, False, 40) == "LC"
    assert by_range(1_500, "B1", None, None, None) is None
    assert by_range(1_500, "B1", True, None, None) == "CR"
    assert by_range(1_500, "B1", None, True, None) == "CR"
    # Few places have thresholds of their own, and both must be met.
    assert [by_range(2, "B2", False, False, places) for places in (1, 5, 10, 11)] == ["CR", "EN", "VU", "LC"]
    assert by_range(45, "B2", False, False, 1) == "VU"
    assert by_range(0, "B2", None, None, None) == "CO"
    assert by_range(51, "B2", True, True, 1) == "LC"


def test_a_type_that_is_wholly_lost_pulls_the_area_index_down():
    shares = np.array([1.0, 0.5, 0.0, 0.0])
    root = np.sqrt(1.0 * 0.5)
    assert mean_remaining(shares) == pytest.approx(root * 2 / 4)
    # Published code counts all types as above zero, so that lost ones cost nothing.
    assert mean_remaining(shares) < root
    assert mean_remaining(np.zeros(3)) == 0


def test_rates_between_two_maps_are_those_of_the_formulas():
    change = Decline(200.0, 128.0, 2)
    assert change.absolute == 36
    assert change.proportional == pytest.approx(20)
    assert change.annual == pytest.approx(100 * np.log(0.8))
    # In a straight line nothing is left after 6 years; at a constant share a third is after 5.
    assert change.area_after(50, "absolute") == 0
    assert change.area_after(5, "proportional") == pytest.approx(200 * 0.8**5)
    gone, new = Decline(10.0, 0.0, 10), Decline(10.0, 100.0, 10)
    assert (gone.loss("A1", "absolute"), gone.proportional, gone.annual) == (100, 100, -np.inf)
    assert new.loss("A2a", "absolute") == -450
    assert new.loss("A1", "absolute") == -np.inf
