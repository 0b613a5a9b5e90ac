"""Shares from samples: against sums by hand, a slow second way, and what must not change them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gbf_workbench.methods.surveys import (
    Design,
    design_of,
    interval_of_share,
    lowest_share,
    share,
    shares_of,
)


def a_sample(seed: int, strata: int = 3, clusters: int = 4, each: int = 5) -> tuple[np.ndarray, np.ndarray, Design]:
    rng = np.random.default_rng(seed)
    number = np.repeat(np.arange(strata * clusters), each)
    size = len(number)
    design = Design(rng.uniform(1, 9, size), number // clusters, number)
    return (rng.random(size) < 0.4).astype(float), rng.integers(0, 2, size).astype(float), design


def slow_variance(part: np.ndarray, whole: np.ndarray, design: Design) -> float:
    """The same sum, stratum by stratum and cluster by cluster."""
    weights = design.weights
    total = sum(weights * whole)
    ratio = sum(weights * part) / total
    variance = 0.0
    for stratum in set(design.strata):
        inside = design.strata == stratum
        sums = []
        for cluster in set(design.clusters[inside]):
            own = design.clusters == cluster
            sums.append(sum(weights[own] * (part[own] - ratio * whole[own])) / total)
        mean = sum(sums) / len(sums)
        variance += len(sums) / (len(sums) - 1) * sum((one - mean) ** 2 for one in sums)
    return variance


@pytest.mark.parametrize("seed", range(4))
def test_the_error_is_that_of_a_slow_sum_over_strata_and_clusters(seed: int):
    chosen, whole, design = a_sample(seed)
    part = chosen * whole
    values, covariance = shares_of(part[:, None], whole, design)
    assert values[0] == pytest.approx(sum(design.weights * part) / sum(design.weights * whole))
    assert covariance[0, 0] == pytest.approx(slow_variance(part, whole, design), rel=1e-12)


def test_a_simple_random_sample_has_the_textbook_error():
    # p(1 − p)/(n − 1) = 0.3 · 0.7 / 99.
    part = (np.arange(100) < 30).astype(float)
    found = share(part, np.ones(100), Design(np.full(100, 7.0), np.zeros(100, dtype=int), np.arange(100)), 0.95)
    assert found.standard_error == pytest.approx((0.3 * 0.7 / 99) ** 0.5)
    half = stats.t.ppf(0.975, 99) * found.standard_error / 0.21
    assert found.lower == pytest.approx(1 / (1 + np.exp(-(np.log(3 / 7) - half))))
    assert found.n == 100


def test_people_of_one_household_alike_tell_no_more_than_the_household():
    part = np.array([1.0, 0, 0, 1, 1, 0])
    single = Design(np.ones(6), np.zeros(6, dtype=int), np.arange(6))
    fourfold = Design(np.ones(24), np.zeros(24, dtype=int), np.repeat(np.arange(6), 4))
    _, one = shares_of(part[:, None], np.ones(6), single)
    _, four = shares_of(np.repeat(part, 4)[:, None], np.ones(24), fourfold)
    assert four[0, 0] == pytest.approx(one[0, 0])


def test_a_domain_keeps_clusters_in_which_nobody_belongs_to_it():
    chosen, _, design = a_sample(1)
    inside = (design.clusters % 4 != 0).astype(float)
    _, with_all = shares_of((chosen * inside)[:, None], inside, design)
    kept = inside > 0
    fewer = Design(design.weights[kept], design.strata[kept], pd.factorize(design.clusters[kept])[0])
    _, without = shares_of(chosen[kept][:, None], np.ones(kept.sum()), fewer)
    assert with_all[0, 0] != pytest.approx(without[0, 0])
    assert with_all[0, 0] == pytest.approx(slow_variance(chosen * inside, inside, design))


def test_a_stratum_with_one_cluster_is_said_and_makes_the_error_no_smaller():
    part, whole = np.array([1.0, 0, 1, 0, 1]), np.ones(5)
    design = Design(np.ones(5), np.array([0, 0, 0, 0, 1]), np.arange(5))
    assert design.lonely == 1
    assert design.degrees_of_freedom(np.ones(5, dtype=bool)) == 3
    _, covariance = shares_of(part[:, None], whole, design)
    # z = (y − 0.6)/5: in stratum 0 the mean of z is −0.02, in all it is 0.
    first = 4 / 3 * sum(((y - 0.6) / 5 + 0.02) ** 2 for y in part[:4])
    assert covariance[0, 0] == pytest.approx(first + ((1 - 0.6) / 5) ** 2)


def test_one_cluster_alone_gives_a_value_without_an_interval():
    found = share(
        np.array([1.0, 0]), np.ones(2), Design(np.ones(2), np.zeros(2, dtype=int), np.zeros(2, dtype=int)), 0.95
    )
    assert found.value == 0.5
    assert np.isnan([found.standard_error, found.lower, found.upper]).all()


def test_nobody_in_the_base_is_no_share_and_not_zero():
    found = share(np.zeros(3), np.zeros(3), Design(np.ones(3), np.zeros(3, dtype=int), np.arange(3)), 0.95)
    assert np.isnan(found.value)
    assert found.n == 0


def test_a_share_of_nought_has_the_exact_limit_of_the_units_asked():
    found = share(np.zeros(50), np.ones(50), Design(np.ones(50), np.zeros(50, dtype=int), np.arange(50)), 0.95)
    # None of 50: 1 − 0.025^(1/50).
    assert (found.lower, found.value) == (0, 0)
    assert found.upper == pytest.approx(1 - 0.025 ** (1 / 50))


@given(st.floats(0, 1), st.floats(1e-9, 0.2), st.integers(1, 200), st.floats(2, 5000))
def test_an_interval_holds_its_value_and_stays_within_0_and_1(
    value: float, variance: float, freedom: int, units: float
):
    low, high = interval_of_share(value, variance, freedom, units, 0.95)
    assert 0 <= low <= value <= high <= 1


@given(st.integers(0, 50), st.floats(0.5, 20))
def test_weights_count_as_shares_of_their_sum_only(seed: int, factor: float):
    chosen, whole, design = a_sample(seed)
    larger = Design(design.weights * factor, design.strata, design.clusters)
    one, other = share(chosen * whole, whole, design, 0.9), share(chosen * whole, whole, larger, 0.9)
    assert [other.value, other.lower, other.upper] == pytest.approx([one.value, one.lower, one.upper])


def test_clusters_numbered_anew_in_each_stratum_are_different_clusters():
    rows = pd.DataFrame({"w": 1.0, "s": ["a", "a", "b", "b"], "c": ["1", "2", "1", "2"], "id": list("wxyz")})
    design = design_of(rows, weight="w", stratum="s", cluster="c", unit="id")
    assert len(set(design.clusters)) == 4
    assert design.lonely == 0


def test_without_clusters_each_unit_is_one_and_an_empty_stratum_is_a_stratum():
    rows = pd.DataFrame({"w": 1.0, "s": [None, None, "b"], "c": [None, None, "x"], "id": ["x", "x", "z"]})
    design = design_of(rows, weight="w", stratum="s", cluster="c", unit="id")
    assert design.clusters[0] == design.clusters[1] != design.clusters[2]
    assert design.strata[0] == design.strata[1] != design.strata[2]


def test_the_lowest_of_far_apart_shares_has_its_own_interval():
    covariance = np.diag([4e-4, 4e-4])
    found = lowest_share(np.array([0.9, 0.5]), covariance, np.array([40.0, 40.0]), 2000, 0.95)
    assert (found.lower, found.upper) == interval_of_share(0.5, 4e-4, 40, 2000, 0.95)
    assert found.which == 1


def test_the_lowest_of_shares_without_an_error_has_no_limits():
    found = lowest_share(np.array([0.9, 0.5]), np.full((2, 2), np.nan), np.zeros(2), 1, 0.95)
    assert (found.value, found.which) == (0.5, 1)
    assert np.isnan([found.lower, found.upper]).all()


def test_close_shares_widen_the_upper_limit_only():
    covariance, freedom = np.diag([4e-4] * 4), np.full(4, 40.0)
    alone = lowest_share(np.array([0.9, 0.9, 0.9, 0.5]), covariance, freedom, 2000, 0.95)
    close = lowest_share(np.array([0.501, 0.502, 0.503, 0.5]), covariance, freedom, 2000, 0.95)
    assert close.lower == alone.lower
    # Four may be the lowest, so 5 % of error are shared by four upper limits.
    assert close.upper == interval_of_share(0.5, 4e-4, 40, 2000, 0.975)[1]
