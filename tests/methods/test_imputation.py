"""Missing answers: who lends one, how often, and what it adds to the error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.methods.imputation import donors_of, drawn, pooled

FARMS = pd.DataFrame({
    "system": ["crops", "crops", "mixed", "crops", "mixed"], "ha": [1.0, 2.0, 2.0, 9.0, 2.0],
})  # fmt: skip


def test_the_nearest_unit_is_the_donor_and_those_without_an_answer_never_are():
    known = pd.Series([True, False, True, True, False])
    # Row 1 (crops, 2 ha): row 0 differs by 1/8 of the range, row 3 by 7/8, row 2 by the system.
    assert donors_of(FARMS, ["system"], ["ha"], known, 1) == {1: np.array([0]), 4: np.array([2])}


def test_units_equally_near_are_all_donors():
    known = pd.Series([True, False, True, True, False])
    found = donors_of(FARMS.assign(ha=1.0, system="crops"), ["system"], ["ha"], known, 1)
    assert found[1].tolist() == [0, 2, 3]


def test_without_any_answer_there_is_no_donor():
    assert donors_of(FARMS, ["system"], [], pd.Series([False] * 5), 3) == {}


def test_a_missing_class_is_a_class():
    table = pd.DataFrame({"system": ["crops", None, None]})
    assert donors_of(table, ["system"], [], pd.Series([True, True, False]), 1) == {2: np.array([1])}


def test_donors_are_drawn_in_proportion_to_their_weight():
    found = drawn({2: np.array([0, 1])}, np.array([3.0, 1.0, 1.0]), 20_000, np.random.default_rng(1))
    # The mean of U/(U + V) for exponential U, V with means 3 and 1: 3/2 − (3/4)·ln 3 = 0.676.
    assert np.mean(found[2] == 0) == pytest.approx(1.5 - 0.75 * np.log(3), abs=0.02)


def test_a_donor_without_weight_is_drawn_only_where_there_is_no_other():
    weights = np.array([0.0, 1.0, 1.0])
    assert set(drawn({2: np.array([0, 1])}, weights, 500, np.random.default_rng(1))[2]) == {1}
    assert set(drawn({2: np.array([0])}, weights, 5, np.random.default_rng(1))[2]) == {0}


def test_rubins_rules_by_hand():
    found = pooled(np.array([[0.4], [0.5], [0.6]]), np.full((3, 1, 1), 0.01), 1e9)
    # Between: 0.01; total: 0.01 + 4/3 · 0.01; share λ = (4/300)/(7/300) = 4/7; df = 2/λ² = 6.125.
    assert found.values[0] == pytest.approx(0.5)
    assert found.covariance[0, 0] == pytest.approx(7 / 300)
    assert found.freedom[0] == pytest.approx(6.125, rel=1e-6)


def test_with_nothing_missing_the_sets_are_equal_and_nothing_is_added():
    found = pooled(np.full((5, 2), 0.3), np.tile(np.diag([0.01, 0.02]), (5, 1, 1)), 30)
    assert found.covariance.tolist() == np.diag([0.01, 0.02]).tolist()
    assert found.freedom == pytest.approx((31 / 33 * 30,) * 2)
    assert pooled(np.array([[0.3]]), np.array([[[0.01]]]), 30).freedom.tolist() == [30]


def test_classes_count_one_each_and_measures_their_share_of_the_range():
    farms = pd.DataFrame({"system": ["a", "b", "a", "a"], "owner": ["x", "x", "y", "x"], "ha": [0.3, 0.5, 0.5, 0.5]})
    known = pd.Series([True, True, True, False])
    # From the last: 0.2/0.2 = 1 to the first, 1 to the second (system), 1 to the third (owner).
    assert donors_of(farms, ["system", "owner"], ["ha"], known, 1)[3].tolist() == [0, 1, 2]
    # Half the range is nearer than another class.
    halved = farms.assign(ha=[0.3, 0.5, 0.5, 0.4])
    assert donors_of(halved, ["system", "owner"], ["ha"], known, 1)[3].tolist() == [0]
    wide = pd.DataFrame({"system": ["a", "b", "b"], "ha": [0.0, 100.0, 100.0]})
    assert donors_of(wide, ["system"], ["ha"], pd.Series([True, True, False]), 1)[2].tolist() == [1]


@pytest.mark.parametrize(("nearest", "expected"), [(1, [1]), (2, [0, 1]), (3, [0, 1, 2]), (9, [0, 1, 2])])
def test_as_many_are_donors_as_were_asked_for_and_there_are(nearest, expected):
    farms = pd.DataFrame({"ha": [1.0, 2.0, 9.0, 3.0]})
    assert donors_of(farms, [], ["ha"], pd.Series([True, True, True, False]), nearest)[3].tolist() == expected


def test_each_unit_draws_from_its_own_donors_and_the_same_seed_draws_the_same():
    donors = {5: np.array([1, 3]), 6: np.array([4])}
    one, two = (drawn(donors, np.ones(7), 200, np.random.default_rng(7)) for _ in range(2))
    assert (set(one[5]), set(one[6])) == ({1, 3}, {4})
    assert one[5].tolist() == two[5].tolist()
    assert drawn({}, np.ones(3), 4, np.random.default_rng(1)) == {}


def test_two_estimates_pool_with_their_covariance_and_a_value_that_varies_only_between_has_no_freedom():
    found = pooled(np.array([[1.0, 0.0], [3.0, 4.0]]), np.array([np.diag([2.0, 0.0]), np.diag([4.0, 0.0])]), 10)
    # Within: diag(3, 0); between: [[2, 4], [4, 8]]; total: within + 1.5 · between.
    assert found.values.tolist() == [2.0, 2.0]
    assert found.covariance.tolist() == [[6.0, 6.0], [6.0, 12.0]]
    # λ = 3/6; of complete data (11/13) · 10 · (1 − λ) = 55/13; 1/(λ²/(2 − 1) + 13/55) = 220/107.
    assert found.freedom == pytest.approx([220 / 107, 0.0])
