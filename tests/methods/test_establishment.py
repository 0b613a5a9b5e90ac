"""Arrivals behind first records: expected numbers by their definition, and fits whose answer is known beforehand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gbf_workbench.methods.establishment import (
    Arrivals,
    _different,
    arrival_rates,
    discovery_rates,
    growth_of_arrivals,
    negative_log_likelihood,
)

#: Half the chi-square quantile of one quantity at 95 %.
ALLOWED = 1.9207294


def slow_rates(parameters: list[float], covariate: list[float], lag: bool) -> list[float]:
    """λ by the definition, one product after the other."""
    b0, b1, g0, g1, *rest = parameters

    def chance(came: int, year: int) -> float:
        since = rest[0] * math.exp(year - came) if lag else 0.0
        return 1 / (1 + math.exp(-(g0 + g1 * covariate[year - 1] + since)))

    return [
        sum(
            math.exp(b0 + b1 * came) * chance(came, year) * math.prod(1 - chance(came, at) for at in range(came, year))
            for came in range(1, year + 1)
        )
        for year in range(1, len(covariate) + 1)
    ]


def test_arrivals_grow_by_the_same_factor_from_the_first_year_on():
    assert arrival_rates(np.array([math.log(3), math.log(2)]), 4).tolist() == pytest.approx([6, 12, 24, 48])
    assert Arrivals(3).since().tolist() == [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]


def test_without_effort_the_chance_follows_the_year_and_with_it_the_effort():
    assert Arrivals(3).covariate.tolist() == [1, 2, 3]
    assert Arrivals(3, np.array([5, 0, 7])).covariate.tolist() == [5, 0, 7]


@pytest.mark.parametrize("effort", [None, [0.5, 2.0, 0.0, 1.0, 1.5]], ids=["year", "effort"])
@pytest.mark.parametrize("lag", [True, False])
@pytest.mark.parametrize("parameters", [[-1, 0.3, -1.5, 0.4, 0.02], [0.5, -0.2, 1, -0.7, -0.3]])
def test_expected_records_are_those_of_the_definition(parameters, lag, effort):
    model = Arrivals(5, None if effort is None else np.array(effort), lag)
    own = parameters if lag else parameters[:4]
    expected = slow_rates(own, effort or [1, 2, 3, 4, 5], lag)
    assert discovery_rates(np.array(own), model).tolist() == pytest.approx(expected, rel=1e-10)


def test_nothing_is_found_that_has_not_come_and_nobody_is_found_twice():
    # Nearly all are found in the year they come, so records are arrivals; a chance near 0 finds nearly none.
    sure = discovery_rates(np.array([0.0, math.log(2), 30.0, 0.0]), Arrivals(4, np.ones(4), lag=False))
    assert sure.tolist() == pytest.approx([2, 4, 8, 16])
    never = discovery_rates(np.array([0.0, math.log(2), -30.0, 0.0]), Arrivals(4, np.ones(4), lag=False))
    assert max(never) < 1e-10


def test_a_lag_over_centuries_stays_a_finite_number():
    rates = discovery_rates(np.array([0.0, 0.0, 0.0, 0.0, 0.0]), Arrivals(720))
    assert rates[-1] == pytest.approx(1)


def test_the_likelihood_is_that_of_poisson_without_its_factorial():
    # Half of one arrival is found: expected 0.5, then 0.75.
    expected = 1.25 - 2 * math.log(0.5) - 3 * math.log(0.75)
    assert negative_log_likelihood(np.zeros(5), np.array([2, 3]), Arrivals(2)) == pytest.approx(expected)
    assert negative_log_likelihood(np.zeros(5), np.array([0, 0]), Arrivals(2)) == pytest.approx(1.25)
    # Records where none can be expected are impossible, none where none can be are sure.
    gone = np.array([-2000.0, 0.0, 0.0, 0.0])
    assert negative_log_likelihood(gone, np.array([1]), Arrivals(1, lag=False)) == math.inf
    assert negative_log_likelihood(gone, np.array([0]), Arrivals(1, lag=False)) == 0


def rise(ratio: float, first: int, second: int) -> float:
    """Of −log L of two Poisson numbers where the second is expected to be so many times the first."""
    whole = first + second
    best = first * math.log(first / whole) + second * math.log(second / whole)
    return best - first * math.log(1 / (1 + ratio)) - second * math.log(ratio / (1 + ratio))


def end(first: int, second: int, low: float, high: float) -> float:
    """The ratio between two at which the rise is what is allowed, by halving."""
    starts_over = rise(low, first, second) > ALLOWED
    for _ in range(80):
        middle = (low + high) / 2
        if (rise(middle, first, second) > ALLOWED) == starts_over:
            low = middle
        else:
            high = middle
    return low


def test_two_years_of_equal_effort_bear_just_the_growths_that_can_be_worked_out():
    # With one chance p to be found, records grow by (1 − p) + exp(b1): between exp(b1), where all are found at once,
    # and 1 + exp(b1), where hardly any is. Every b1 from ln(14) to ln(15) fits 2 and 30 records exactly.
    found = growth_of_arrivals(np.array([2, 30]), Arrivals(2, np.ones(2), lag=False), 0.95)
    assert found.minimum == pytest.approx(32 - 2 * math.log(2) - 30 * math.log(30), abs=1e-4)
    assert math.log(14) - 0.01 < found.parameters[1] < math.log(15) + 0.01
    assert ((found.near > math.log(14) - 0.02) & (found.near < math.log(15) + 0.02)).all()
    assert (found.interval.lower_open, found.interval.upper_open) == (False, False)
    assert found.interval.upper == pytest.approx(math.log(end(2, 30, 15, 1000)), abs=0.01)
    assert found.interval.lower == pytest.approx(math.log(end(2, 30, 1.0, 15) - 1), abs=0.01)


def test_a_fit_expects_as_many_records_as_were_made_and_its_minimum_is_that_of_its_parameters():
    model = Arrivals(4, np.array([1.0, 3.0, 2.0, 1.0]), lag=False)
    found = growth_of_arrivals(np.array([1, 5, 4, 2]), model, 0.95)
    assert discovery_rates(found.parameters, model).sum() == pytest.approx(12)
    assert negative_log_likelihood(found.parameters, np.array([1, 5, 4, 2]), model) == pytest.approx(found.minimum)


def test_numbers_that_a_lag_or_effort_could_explain_as_well_leave_both_ends_open():
    # Two chances of two years make any ratio of records out of any growth; logits end at ten over all years.
    for model in (Arrivals(2, np.array([1.0, 2.0]), lag=False), Arrivals(2)):
        interval = growth_of_arrivals(np.array([3, 4]), model, 0.95).interval
        assert (interval.lower_open, interval.upper_open) == (True, True)
        assert (interval.lower, interval.upper) == (-5, 5)


def test_the_unit_of_effort_does_not_matter_to_what_it_may_explain():
    model = Arrivals(2, np.array([0.001, 0.002]), lag=False)
    found = growth_of_arrivals(np.array([1, 1]), model, 0.95)
    # Two records a year apart fit as well as they can: 2 − 2·1·ln 1.
    assert found.minimum == pytest.approx(2)
    assert (found.interval.lower, found.interval.upper) == (-5, 5)
    assert found.near.size > 0


def test_solutions_are_different_where_any_parameter_is_more_than_a_twentieth_away():
    places = [np.array(one) for one in ([0.0, 0.0], [0.05, -0.05], [0.0, 0.06], [1.0, 0.0], [1.04, 0.04], [0.0, 0.1])]
    assert [one.tolist() for one in _different(places)] == [[0, 0], [0, 0.06], [1, 0]]


def test_one_end_may_be_open_and_the_other_not():
    # Numbers that are alike fit arrivals that ended, found slowly: 1 + exp(b1) goes to 1.
    interval = growth_of_arrivals(np.array([3, 5]), Arrivals(2, np.ones(2), lag=False), 0.95).interval
    assert (interval.lower_open, interval.upper_open, interval.lower) == (True, False, -5)
    assert interval.upper == pytest.approx(math.log(end(3, 5, 5 / 3, 1000)), abs=0.01)


def test_the_interval_of_a_longer_series_is_that_of_a_search_of_the_whole_grid():
    records, effort = np.array([1, 6, 5, 4, 17, 14]), np.array([1.0, 3, 2, 1, 3, 2])
    found = growth_of_arrivals(records, Arrivals(6, effort, lag=False), 0.95)
    growth, base, slope = np.meshgrid(np.linspace(-10, 10, 121) / 6, np.linspace(-10, 10, 81),
                                      np.linspace(-10, 10, 81) / 3, indexing="ij")  # fmt: skip
    # Those who are there and not yet found, year by year.
    hidden, rates = 0.0, []
    for at, own in enumerate(effort):
        hidden = hidden + np.exp(growth * at)
        chance = 1 / (1 + np.exp(-(base + slope * own)))
        rates.append(hidden * chance)
        hidden = hidden * (1 - chance)
    whole = records.sum()
    share = np.array(rates) / np.sum(rates, axis=0)
    worth = whole - (records[:, None, None, None] * np.log(whole * share)).sum(axis=0)
    profile = worth.min(axis=(1, 2))
    assert profile.min() - 0.05 < found.minimum <= profile.min()
    borne = growth[profile - found.minimum < ALLOWED, 0, 0]
    width = 20 / 120 / 6
    assert found.interval.lower == pytest.approx(borne.min(), abs=1.5 * width)
    assert found.interval.upper == pytest.approx(borne.max(), abs=1.5 * width)
    assert borne.min() - 1e-9 <= found.parameters[1] <= borne.max() + 1e-9
    assert (found.interval.lower_open, found.interval.upper_open) == (False, False)
