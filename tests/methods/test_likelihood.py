"""Profile likelihood: ends where the rise is half a chi-square quantile, and open ends where it never is."""

from __future__ import annotations

import math

import pytest

from gbf_workbench.methods.likelihood import ProfileInterval, allowed_rise, profile_interval

Z95, Z68 = 1.959964, 0.994458
FAR = (-1e6, 1e6)


def test_the_allowed_rise_is_half_the_square_of_the_normal_quantile():
    assert allowed_rise(0.95) == pytest.approx(Z95**2 / 2, rel=1e-6)
    assert allowed_rise(0.68) == pytest.approx(Z68**2 / 2, rel=1e-5)
    assert allowed_rise(0.0) == 0


@pytest.mark.parametrize("step", [0.01, 0.4, 5.0, 100.0])
@pytest.mark.parametrize(("confidence", "times"), [(0.95, Z95), (0.68, Z68)])
def test_a_parabola_has_the_interval_of_the_normal_law_whatever_the_first_step(step, confidence, times):
    # A mean of 3 with a standard error of 2: −log L = (x − 3)² / 8, here with a minimum of 7.
    found = profile_interval(lambda at: 7 + (at - 3) ** 2 / 8, 3.0, 7.0, confidence, step=step, limits=FAR)
    assert (found.lower, found.upper) == (
        pytest.approx(3 - 2 * times, abs=1e-4),
        pytest.approx(3 + 2 * times, abs=1e-4),
    )
    assert not found.lower_open
    assert not found.upper_open


def test_the_two_ends_of_a_lopsided_profile_are_found_each_for_itself():
    # −log L of an exponential mean m after one event at 1 is 1/m + ln m; its ends solve 1/m + ln m = 1 + 1.9207.
    found = profile_interval(lambda m: 1 / m + math.log(m), 1.0, 1.0, 0.95, step=0.1, limits=(1e-3, 1e3))

    def halved(low: float, high: float) -> float:
        side = 1 / low + math.log(low) > 1 + Z95**2 / 2
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if (1 / middle + math.log(middle) > 1 + Z95**2 / 2) == side else (low, middle)
        return low

    assert found.lower == pytest.approx(halved(0.1, 1.0), abs=2e-3)
    assert found.upper == pytest.approx(halved(1.0, 100.0), rel=2e-3)
    assert (found.lower_open, found.upper_open) == (False, False)


def test_an_end_lies_where_the_profile_crosses_and_not_where_it_was_last_looked_at():
    looked: list[float] = []

    def profile(at: float) -> float:
        looked.append(at)
        return at**2 / 2

    found = profile_interval(profile, 0.0, 0.0, 0.95, step=0.4, limits=FAR)
    assert found.upper == pytest.approx(Z95, abs=3e-3)
    # Down and up alike: 0.4, then twice as far each time, 0.4 + 0.8 and 0.4 + 0.8 + 1.6.
    assert [at for at in looked if at > 0][:3] == pytest.approx([0.4, 1.2, 2.8])
    assert [at for at in looked if at < 0][:3] == pytest.approx([-0.4, -1.2, -2.8])


def test_each_end_is_open_by_itself_and_is_then_its_limit():
    falls = profile_interval(lambda at: max(-at, 0.0) * 2, 0.0, 0.0, 0.95, step=0.5, limits=(-4, 3))
    assert (falls.upper, falls.lower_open, falls.upper_open) == (3, False, True)
    assert falls.lower == pytest.approx(-(Z95**2) / 4, rel=2e-3)
    assert profile_interval(lambda at: 0.0, 1.0, 0.0, 0.95, step=0.5, limits=(-4, 3)) == ProfileInterval(
        -4, 3, True, True
    )


def test_a_value_that_rises_by_just_what_is_allowed_is_not_ruled_out():
    just = allowed_rise(0.95)
    found = profile_interval(lambda at: just if abs(at) >= 2 else 0.0, 0.0, 0.0, 0.95, step=2.0, limits=(-2, 2))
    assert found == ProfileInterval(-2, 2, True, True)
    more = profile_interval(lambda at: 1.01 * just if abs(at) >= 2 else 0.0, 0.0, 0.0, 0.95, step=2.0, limits=(-2, 2))
    assert (more.lower_open, more.upper_open) == (False, False)


def test_a_profile_that_dips_below_the_minimum_given_does_no_harm():
    found = profile_interval(lambda at: (at - 1) ** 2 / 2, 0.0, 0.5, 0.95, step=0.5, limits=FAR)
    # Where (x − 1)² / 2 = 0.5 + 1.9207.
    assert found.upper == pytest.approx(1 + math.sqrt(1 + Z95**2), abs=5e-3)
    assert found.lower == pytest.approx(1 - math.sqrt(1 + Z95**2), abs=5e-3)


def test_a_search_without_limits_gives_up_after_sixty_doublings_and_leaves_the_end_open():
    found = profile_interval(lambda at: 0.0, 0.0, 0.0, 0.95, step=1.0, limits=(-math.inf, math.inf))
    # 1 + 2 + 4 + …, sixty terms.
    assert (found.lower, found.upper) == (pytest.approx(-(2**60)), pytest.approx(2**60))
    assert (found.lower_open, found.upper_open) == (True, True)


def test_an_interval_is_closed_unless_it_is_said_to_be_open():
    assert ProfileInterval(1.0, 2.0) == ProfileInterval(1.0, 2.0, lower_open=False, upper_open=False)
