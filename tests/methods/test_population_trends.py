"""Series of populations: which are long enough, what a zero becomes, and when a curve stands in for straight lines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.population_trends import Rules, species_changes
from gbf_workbench.methods.smoothing import thin_plate_smooth

RULES = {"model": "chain", "zeros": "one_percent", "minimum_values": 2, "longest_gap": 100.0, "cap": 1.0,
         "first": 2000, "last": 2010}  # fmt: skip


def found(counts: dict[str, dict[int, float | None]], **rules: object) -> tuple[pd.DataFrame, dict[str, dict]]:
    """Changes of populations called ``<species>.<population>``, and what is said of them."""
    rows = [(*name.split("."), year, value) for name, own in counts.items() for year, value in own.items()]
    doubts = Doubts()
    table = pd.DataFrame(rows, columns=["species", "population", "year", "value"]).astype({"value": float})
    return species_changes(table, Rules(**{**RULES, **rules}), doubts), {one["key"]: one["values"] for one in doubts}


def changes(counts: dict[str, dict[int, float | None]], **rules: object) -> dict[int, float]:
    return found(counts, **rules)[0].iloc[0].dropna().to_dict()


def test_there_is_a_column_for_each_year_after_the_first_and_a_row_for_each_species():
    table, said = found({"b.1": {2000: 1, 2001: 2}, "a.1": {2003: 1, 2004: 2}})
    assert table.columns.tolist() == list(range(2001, 2011))
    assert table.index.tolist() == ["a", "b"]
    assert table.index.name == "species"
    assert said == {}


def test_a_change_is_that_of_the_decimal_logarithm_and_the_same_in_each_year_between_counts():
    assert changes({"a.1": {2001: 1, 2003: 10, 2004: 1}}) == pytest.approx({2002: 0.5, 2003: 0.5, 2004: -1})


def test_years_before_the_first_and_after_the_last_are_cut_off_and_a_species_seen_only_there_has_no_row():
    table, _ = found({"a.1": {1998: 1, 2002: 16}, "b.1": {1990: 1, 2000: 2}, "c.1": {2009: 1, 2012: 8}})
    assert table.index.tolist() == ["a", "c"]
    step = np.log10(2)
    assert table.loc["a"].dropna().to_dict() == pytest.approx({2001: step, 2002: step})
    assert table.loc["c"].dropna().to_dict() == pytest.approx({2010: step})


def test_a_species_is_the_mean_of_those_of_its_populations_that_were_counted_in_the_year():
    table = {"a.1": {2000: 1, 2001: 10}, "a.2": {2000: 1, 2001: 1, 2002: 10}}
    assert changes(table) == pytest.approx({2001: 0.5, 2002: 1.0})


def test_rows_may_come_in_any_order_and_populations_of_one_name_belong_to_their_species():
    table, _ = found({"a.1": {2002: 100, 2000: 1, 2001: 10}, "b.1": {2001: 1, 2000: 10}})
    assert table.loc["a", [2001, 2002]].tolist() == pytest.approx([1, 1])
    assert table.loc["b", 2001] == pytest.approx(-1)


def test_the_cap_holds_both_ways_and_a_change_of_just_the_cap_is_left():
    table = {"a.1": {2000: 1, 2001: 100, 2002: 1, 2003: 10**0.5}}
    assert changes(table, cap=0.5) == pytest.approx({2001: 0.5, 2002: -0.5, 2003: 0.5})
    assert changes(table, cap=3.0) == pytest.approx({2001: 2, 2002: -2, 2003: 0.5})


def test_a_series_of_just_the_fewest_values_is_used_and_one_of_fewer_is_counted_as_too_short():
    table = {"a.1": {2000: 1, 2001: 1, 2002: 1}, "b.1": {2000: 1, 2001: 1}, "c.1": {2000: 1, 2001: None, 2002: 1}}
    kept, said = found(table, minimum_values=3)
    assert kept.index.tolist() == ["a"]
    assert said == {"too_short": {"count": 2}, "values_missing": {"count": 1}}


def test_as_many_years_per_value_as_the_longest_gap_are_too_many():
    # Ten years and two values: five years per value.
    table = {"a.1": {2000: 1, 2010: 2}}
    assert found(table, longest_gap=5.01)[1] == {}
    kept, said = found(table, longest_gap=5.0)
    assert (len(kept), said) == (0, {"too_short": {"count": 1}})


def test_a_zero_raises_all_values_by_a_hundredth_of_the_mean_of_those_that_are_none():
    kept, said = found({"a.1": {2000: 0, 2001: 100, 2002: 300}, "b.1": {2000: 1, 2001: 2}}, cap=9.0)
    # The mean of 100 and 300 is 200, a hundredth of it 2.
    assert kept.loc["a", [2001, 2002]].tolist() == pytest.approx([np.log10(102 / 2), np.log10(302 / 102)])
    assert kept.loc["b", 2001] == pytest.approx(np.log10(2))
    assert said == {"zeros_one_percent": {"count": 1}}


def test_a_series_of_zeros_does_not_change_and_one_without_its_zeros_may_be_too_short():
    assert changes({"a.1": {2000: 0, 2001: 0, 2002: 0}}) == {2001: 0, 2002: 0}
    kept, said = found({"a.1": {2000: 0, 2001: 4, 2002: 0}, "b.1": {2000: 1, 2001: 0, 2002: 4}}, zeros="leave_out")
    assert kept.index.tolist() == ["b"]
    assert kept.loc["b", [2001, 2002]].tolist() == pytest.approx([np.log10(2)] * 2)
    assert said == {"zeros_leave_out": {"count": 2}, "too_short": {"count": 1}}


#: Noise that falls into no shape, here around a line of −5 % a year.
NOISE = [0.21, -0.34, 0.12, 0.08, -0.27, 0.31, -0.15, 0.02, -0.22, 0.28, -0.11]


def noisy(*years: int) -> dict[int, float]:
    return {year: float(np.exp(5 - 0.05 * (year - 2000) + NOISE[at])) for at, year in enumerate(years)}


def test_a_curve_is_used_from_six_values_on_and_the_others_stay_straight_lines():
    table = {"a.1": noisy(2000, 2001, 2003, 2005, 2007, 2008), "b.1": noisy(*range(2000, 2005)),
             "c.1": noisy(*range(2000, 2011))}  # fmt: skip
    curved, said = found(table, model="gam")
    straight, nothing = found(table)
    assert said == {"smoothed": {"count": 2, "total": 3}}
    assert nothing == {}
    pd.testing.assert_series_equal(curved.loc["b"], straight.loc["b"])
    # Noise without a shape leaves the straight line of least squares, which has the same step in every year.
    for name in "ac":
        own = table[f"{name}.1"]
        slope = np.polyfit(list(own), np.log10(list(own.values())), 1)[0]
        assert curved.loc[name].dropna().tolist() == pytest.approx([slope] * (max(own) - 2000), abs=1e-4)


def test_a_curve_that_leaves_a_shape_behind_is_not_used():
    # Half as many functions as values are too few for a cycle of five years in twelve, which remains as a whole.
    cycle = {1999 + at: float(np.exp(np.sin(2 * np.pi * at / 5))) for at in range(12)}
    table, said = found({"a.1": cycle}, model="gam", cap=9.0)
    assert said == {}
    assert table.loc["a"].tolist() == pytest.approx(np.diff(np.log10(list(cycle.values())))[1:].tolist())


def test_a_curve_has_half_as_many_functions_as_there_are_values():
    cycle = {2000 + at: float(np.exp(np.sin(2 * np.pi * at / 8))) for at in range(10)}
    table, said = found({"a.1": cycle}, model="gam", cap=9.0)
    assert said == {"smoothed": {"count": 1, "total": 1}}
    year = np.array(list(cycle), dtype=float)
    curve = thin_plate_smooth(year, np.log(list(cycle.values())), 5, year)
    assert table.loc["a"].dropna().tolist() == pytest.approx((np.diff(curve.predicted) / np.log(10)).tolist())


def test_nothing_long_enough_leaves_a_table_without_rows():
    table, said = found({"a.1": {2000: 1}})
    assert (len(table), said) == (0, {"too_short": {"count": 1}})
