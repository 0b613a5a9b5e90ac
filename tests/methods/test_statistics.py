"""Resampling, limits of shares and series: against closed forms, roots of their equations and urns drawn by hand."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats

from gbf_workbench.methods import statistics
from gbf_workbench.methods.statistics import (
    bca_interval,
    between_years,
    expanded_interval,
    list_interval,
    percentile_interval,
    resampled_counts,
    score_limits,
    share_interval,
)

NORMAL = NormalDist()


def drawn(counts: list[int], replicates: int, **more: int) -> list[np.ndarray]:
    return list(resampled_counts(np.array(counts), replicates, np.random.default_rng(3), **more))


@pytest.mark.parametrize(("at_once", "sizes"), [(6, [3, 3, 1]), (1, [1] * 7), (14, [7]), (100, [7])])
def test_blocks_hold_all_replicates_and_no_more_numbers_than_fit(
    at_once: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(statistics, "_DRAWN_AT_ONCE", at_once)
    blocks = drawn([2, 3], 7)
    assert [one.shape for one in blocks] == [(size, 2) for size in sizes]
    assert {int(row.sum()) for one in blocks for row in one} == {5}


def test_a_single_kind_takes_one_number_for_each_replicate(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(statistics, "_DRAWN_AT_ONCE", 6)
    assert [one.tolist() for one in drawn([5], 7)] == [[[5]] * 6, [[5]]]


def test_a_kind_without_units_is_never_drawn_and_unknown_units_join_the_known_kinds():
    [without] = drawn([4, 0], 5)
    assert without.tolist() == [[4, 0]] * 5
    [joined] = drawn([4, 0], 5, unknown=3)
    assert joined.tolist() == [[7, 0]] * 5


@pytest.mark.parametrize(
    ("counts", "unknown", "variance"),
    # Eight units of which a quarter are of the first kind: 8·¼·¾. With four of them unknown, p = (1 + B)/8 with B
    # binomial of 4 and ¼: 8·E[p(1 − p)] + Var(8p) = 8·(¼ − 1/16 − 0.75/64) + 0.75.
    [([2, 6], 0, 1.5), ([1, 3], 4, 2.15625)],
)
def test_the_first_kind_varies_as_a_binomial_number_and_more_where_units_are_unknown(
    counts: list[int], unknown: int, variance: float
):
    [rows] = drawn(counts, 40_000, unknown=unknown)
    assert rows[:, 0].mean() == pytest.approx(2, abs=0.04)
    assert rows[:, 0].var() == pytest.approx(variance, abs=0.07)


def test_percentiles_are_taken_of_each_column():
    samples = np.column_stack([np.arange(11.0), 10 * np.arange(11.0)])
    low, high = percentile_interval(samples, 0.8)
    assert low.tolist() == pytest.approx([1, 10])
    assert high.tolist() == pytest.approx([9, 90])


def test_the_limits_of_two_units_are_moved_out_by_the_law_of_cauchy():
    # With one degree of freedom the lower quartile of t is −1; √(2/1) times that is −√2.
    low, high = expanded_interval(np.arange(100_001.0), 2, 0.5)
    tail = 100_000 * NORMAL.cdf(-(2**0.5))
    assert float(low) == pytest.approx(tail)
    assert float(high) == pytest.approx(100_000 - tail)
    columns = np.column_stack([np.arange(11.0), 10 * np.arange(11.0)])
    assert expanded_interval(columns, 2, 0.5)[1].tolist() == pytest.approx([10 - tail / 1e4, 100 - tail / 1e3])


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_corrected_limits_are_those_of_another_program(confidence: float):
    units = np.array([1.0, 2.0, 2.5, 4.0, 4.5, 9.0, 17.0])
    other = stats.bootstrap(
        (units,), np.mean, method="BCa", n_resamples=3000, confidence_level=confidence, rng=np.random.default_rng(1)
    )
    low, high = bca_interval(other.bootstrap_distribution, units.mean(), (units.sum() - units) / 6, confidence)
    assert (float(low), float(high)) == pytest.approx(tuple(other.confidence_interval))


def test_without_bias_and_skew_corrected_limits_are_percentiles():
    samples = np.arange(101.0)
    low, high = bca_interval(samples, np.array(50.0), np.array([49.0, 51.0]), 0.9)
    assert (float(low), float(high)) == pytest.approx((5, 95))
    # Units that all leave the same behind have no skew either, and nothing is divided by their spread.
    low, high = bca_interval(samples, np.array(50.0), np.array([50.0, 50.0]), 0.9)
    assert (float(low), float(high)) == pytest.approx((5, 95))


@pytest.mark.parametrize(("value", "share"), [(10.0, 0.875), (-10.0, 0.125)])
def test_a_value_beyond_all_samples_is_corrected_as_if_by_half_a_sample(value: float, share: float):
    low, high = bca_interval(np.arange(4.0), np.array(value), np.array([1.0, 1.0]), 0.5)
    shift = NORMAL.inv_cdf(share)
    wanted = [3 * NORMAL.cdf(2 * shift + NORMAL.inv_cdf(side)) for side in (0.25, 0.75)]
    assert [float(low), float(high)] == pytest.approx(wanted)


def test_several_statistics_are_corrected_one_by_one_and_one_that_never_varies_is_itself():
    chance = np.random.default_rng(2)
    samples, without = chance.gamma(2, size=(200, 2, 2)), chance.gamma(2, size=(5, 2, 2))
    samples[:, 1, 1] = 7.0
    value = np.array([[1.0, 2.0], [3.0, 7.0]])
    low, high = bca_interval(samples, value, without, 0.9)
    for at in np.ndindex(2, 2):
        own = bca_interval(samples[:, *at], value[at], without[:, *at], 0.9)
        assert (low[at], high[at]) == pytest.approx((float(own[0]), float(own[1])))
    assert (low[1, 1], high[1, 1]) == (7, 7)


@pytest.mark.parametrize(("share", "number", "quantile"), [(0.75, 44, 1.96), (0.1, 7.5, 2.6), (0.5, 1, 1)])
def test_score_limits_are_the_proportions_that_lie_just_so_many_errors_away(
    share: float, number: float, quantile: float
):
    low, high = score_limits(share, number, quantile)
    assert low < share < high
    for one in (low, high):
        assert abs(share - one) == pytest.approx(quantile * (one * (1 - one) / number) ** 0.5)


def test_score_limits_of_none_and_of_all():
    # p = z²/n·(1 − p): with n = 12 and z = 2 a quarter.
    assert score_limits(0.0, 12, 2.0) == (0, pytest.approx(0.25))
    assert score_limits(1.0, 12, 2.0) == (pytest.approx(0.75), 1)


@pytest.mark.parametrize(
    ("values", "weights", "effective", "freedom"),
    [
        # No spread: as many as there are. Whole farms: p(1 − p)/s² with s² = 4/3·(4·¼)/16. Nothing is estimated of
        # the spread in either, so the quantile is the normal one.
        ([0.5] * 4, [1] * 4, 4, np.inf),
        ([0, 1, 0, 1], [1] * 4, 3, np.inf),
        # s² = 4/3·4·(1/16)/16 = 1/48, so 12; 1 − 4/12 of the spread is estimated: 3/(2/3) degrees of freedom.
        ([0.25, 0.75, 0.25, 0.75], [2] * 4, 12, 4.5),
        # Of weights 1 and 2: number 1/(1/9 + 4/9) = 1.8, mean 0.5, s² = 2·(1/9·0.04 + 4/9·0.01) = 0.16/9.
        ([0.3, 0.6], [1, 2], 0.25 / (0.16 / 9), 1 / (1 - 1.8 / (0.25 / (0.16 / 9)))),
    ],
)  # fmt: skip
def test_the_spread_between_units_says_how_many_draws_they_are_worth(
    values: list[float], weights: list[float], effective: float, freedom: float
):
    found = share_interval(np.array(values, dtype=float), np.array(weights, dtype=float), 0.9)
    quantile = NORMAL.inv_cdf(0.95) if np.isinf(freedom) else float(stats.t.ppf(0.95, freedom))
    mean = float(np.average(values, weights=weights))
    assert found == pytest.approx(score_limits(mean, effective, quantile), rel=1e-6)


def test_one_unit_alone_has_no_limits_and_units_without_weight_are_none():
    assert np.isnan(share_interval(np.array([0.5]), np.ones(1), 0.9)).all()
    assert np.isnan(share_interval(np.array([0.5, 1.0]), np.array([2.0, 0.0]), 0.9)).all()
    three = share_interval(np.array([0.3, 0.6, 1.0]), np.array([1.0, 2.0, 0.0]), 0.9)
    assert three == share_interval(np.array([0.3, 0.6]), np.array([1.0, 2.0]), 0.9)


def test_shares_of_all_or_nothing_keep_their_own_end():
    assert share_interval(np.ones(3), np.array([0.1, 0.2, 0.7]), 0.9)[1] == 1
    assert share_interval(np.zeros(3), np.array([0.1, 0.2, 0.7]), 0.9)[0] == 0


def urn(within: int, outside: int, unknown: int) -> np.ndarray:
    """Chance of each number within, one unknown unit drawn after the other; each makes its like more likely."""
    chance = {0: 1.0}
    for drawn_before in range(unknown):
        after: dict[int, float] = dict.fromkeys(range(drawn_before + 2), 0.0)
        for number, one in chance.items():
            p = (within + 0.5 + number) / (within + outside + 1 + drawn_before)
            after[number + 1] += one * p
            after[number] += one * (1 - p)
        chance = after
    return np.array(list(chance.values()))


@pytest.mark.parametrize(
    ("within", "outside", "unknown", "confidence"),
    [(33, 11, 13, 0.95), (0, 4, 9, 0.9), (5, 0, 30, 0.8), (2, 3, 1, 0.9)],
)
def test_unknown_units_are_drawn_from_an_urn(within: int, outside: int, unknown: int, confidence: float):
    chance = urn(within, outside, unknown)
    tail = (1 - confidence) / 2
    kept = [k for k in range(unknown + 1) if tail <= chance[:k].sum() + chance[k] / 2 <= 1 - tail]
    whole = within + outside + unknown
    found = list_interval(within, outside, unknown, confidence)
    assert found == pytest.approx(((within + kept[0]) / whole, (within + kept[-1]) / whole))


def test_a_list_without_unknown_units_is_known_and_a_single_step_is_the_likelier():
    assert list_interval(3, 1, 0, 0.95) == (0.75, 0.75)
    # The tenth is within with 9.5/10; the middles of the steps, 0.025 and 0.525, both lie outside of 0.49 to 0.51.
    assert list_interval(9, 0, 1, 0.02) == (1, 1)
    assert list_interval(0, 9, 1, 0.02) == (0, 0)


def test_years_between_are_on_the_line_and_years_of_the_series_as_they_are():
    values = np.array([[1.0, 3.0, 0.0], [10.0, 30.0, 50.0]])
    found = between_years(np.array([2000, 2004, 2014]), values, np.array([2000, 2001, 2004, 2009, 2014]))
    assert found.tolist() == [[1, 1.5, 3, 1.5, 0], [10, 15, 30, 40, 50]]


@pytest.mark.parametrize("wanted", [[1999, 2005], [2005, 2011]])
def test_no_year_beyond_the_ends_is_made_up(wanted: list[int]):
    with pytest.raises(ValueError, match="outside"):
        between_years(np.array([2000, 2010]), np.array([1.0, 2.0]), np.array(wanted))


def test_a_series_of_one_year_has_that_year():
    assert between_years(np.array([2000]), np.array([[4.0], [5.0]]), np.array([2000, 2000])).tolist() == [
        [4, 4], [5, 5]
    ]  # fmt: skip
