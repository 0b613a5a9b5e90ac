"""Rates between two maps and what they come to in 50 years: losses, gains, and what is wholly lost."""

from __future__ import annotations

from math import inf, log

import pytest

from gbf_workbench.methods.ecosystem_change import WINDOW, Decline


def test_criterion_a_looks_at_fifty_years():
    assert WINDOW == 50


def test_the_absolute_rate_is_area_per_year_and_a_gain_is_negative():
    assert Decline(100.0, 80.0, 20).absolute == 1.0
    assert Decline(80.0, 100.0, 10).absolute == -2.0
    assert Decline(80.0, 80.0, 7).absolute == 0.0


def test_the_proportional_rate_is_the_share_of_what_is_left_that_goes_each_year():
    # A quarter is left after two years: half goes each year.
    assert Decline(100.0, 25.0, 2).proportional == pytest.approx(50)
    # Four times as much after two years: it doubles each year.
    assert Decline(25.0, 100.0, 2).proportional == pytest.approx(-100)
    assert Decline(10.0, 0.0, 5).proportional == 100


def test_the_annual_rate_is_that_of_continuous_growth():
    assert Decline(100.0, 25.0, 2).annual == pytest.approx(-100 * log(2))
    assert Decline(25.0, 100.0, 2).annual == pytest.approx(100 * log(2))
    assert Decline(3.0, 3.0, 2).annual == 0
    assert Decline(100.0, 0.5, 1).annual == pytest.approx(-100 * log(200))
    assert Decline(10.0, 0.0, 5).annual == -inf


def test_area_goes_on_in_a_straight_line_until_nothing_is_left():
    change = Decline(100.0, 60.0, 20)
    # 2 km² a year.
    assert [change.area_after(years, "absolute") for years in (0, 20, 49, 50, 51)] == [100, 60, 2, 0, 0]
    assert Decline(60.0, 100.0, 20).area_after(50, "absolute") == 160


def test_area_goes_on_at_a_constant_share_and_never_ends():
    change = Decline(100.0, 25.0, 2)
    assert [change.area_after(years, "proportional") for years in (0, 1, 2, 4)] == pytest.approx([100, 50, 25, 6.25])
    assert Decline(10.0, 0.0, 5).area_after(50, "proportional") == 0


@pytest.mark.parametrize(("criterion", "percent"), [
    # 1 km² a year, 50 in all: of 130 before the second map, of 80 at it, of 100 at the first.
    ("A1", 100 * 50 / 130), ("A2a", 100 * 50 / 80), ("A2b", 50),
])  # fmt: skip
def test_a_straight_loss_is_a_share_of_what_there_is_when_the_fifty_years_begin(criterion, percent):
    assert Decline(100.0, 80.0, 20).loss(criterion, "absolute") == pytest.approx(percent)


def test_no_more_than_everything_is_lost():
    # 4 km² a year would be 200 km² in 50 years.
    change = Decline(100.0, 60.0, 10)
    assert [change.loss(one, "absolute") for one in ("A1", "A2a", "A2b")] == pytest.approx([100 * 200 / 260, 100, 100])
    # 2 km² a year are exactly the 100 km² of the first map.
    assert Decline(100.0, 60.0, 20).loss("A2b", "absolute") == 100


def test_at_a_constant_share_the_loss_is_the_same_for_every_fifty_years():
    # Half in 25 years is three quarters in 50.
    change = Decline(100.0, 50.0, 25)
    assert [change.loss(one, "proportional") for one in ("A1", "A2a", "A2b")] == pytest.approx([75, 75, 75])
    assert Decline(50.0, 100.0, 25).loss("A1", "proportional") == pytest.approx(-300)


@pytest.mark.parametrize("how", ["absolute", "proportional"])
@pytest.mark.parametrize("criterion", ["A1", "A2a", "A2b"])
def test_what_is_gone_is_lost_wholly_and_what_stays_not_at_all(criterion, how):
    assert Decline(10.0, 0.0, 20).loss(criterion, how) == 100
    assert Decline(10.0, 10.0, 20).loss(criterion, how) == 0
    # Less than a square kilometre is not nothing.
    assert Decline(10.0, 0.5, 50).loss("A2b", how) == pytest.approx(95)


def test_a_gain_drawn_back_to_nothing_is_no_share_of_it():
    # 2 km² a year: 100 km² fifty years ago less than 101 leave 1, less than 100 nothing, and 99 would be below it.
    assert Decline(81.0, 101.0, 10).loss("A1", "absolute") == pytest.approx(-100 * 100 / 1)
    assert Decline(80.0, 100.0, 10).loss("A1", "absolute") == -inf
    assert Decline(79.0, 99.0, 10).loss("A1", "absolute") == -inf
    assert Decline(80.0, 100.0, 10).loss("A2a", "absolute") == -100
    assert Decline(80.0, 100.0, 10).loss("A2b", "absolute") == -125
