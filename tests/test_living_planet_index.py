"""Living Planet Index: changes, not sizes; species, not individuals; and curves only where they fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.living_planet_index import living_planet_index
from gbf_workbench.methods.abundance_index import Part, combined, drawn_means, index_of, means_of, without_each
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.population_trends import Rules, species_changes
from gbf_workbench.methods.smoothing import residual_freedom, thin_plate_smooth
from gbf_workbench.methods.statistics import bca_interval, expanded_interval

DEFAULTS = {"reference_year": 2000, "model": "chain", "zeros": "one_percent", "cap": 1.0, "minimum_values": 2,
            "longest_gap": 100.0, "weighting": "species", "missing_groups": "renormalise", "bootstrap": "species",
            "replicates": 100, "confidence": 0.95, "seed": 1}  # fmt: skip
RULES = Rules("chain", "one_percent", 2, 100.0, 1.0, 2000, 2020)


def series(**populations: dict[int, float]) -> pd.DataFrame:
    """Counts by year of populations called ``<species>_<population>``, with the species' first letter as its group."""
    rows = [
        (name.split("_")[0], name, year, value, name[0].upper(), "marine" if name[0] == "b" else "terrestrial")
        for name, counts in populations.items()
        for year, value in counts.items()
    ]
    return pd.DataFrame(rows, columns=["species", "population", "year", "value", "taxonomic_group", "realm"])


def rows_of(table: pd.DataFrame, weights: pd.DataFrame | None = None, **settings: object) -> pd.DataFrame:
    return living_planet_index(table, weights, **{**DEFAULTS, **settings})


def line(rows: pd.DataFrame, kind: str = "", name: str = "") -> dict[int, float]:
    own = rows[(rows["disaggregation_type"] == kind) & (rows["disaggregation"] == name) & (rows["unit"] == "index")]
    return own.set_index("year")["value"].to_dict()


def doubts(rows: pd.DataFrame) -> dict[str, int]:
    return {one["key"]: one["values"].get("count") for one in rows.attrs["doubts"]}


def changes(table: pd.DataFrame, **rules: object) -> pd.DataFrame:
    return species_changes(table, Rules(**{**RULES.__dict__, **rules}), Doubts())


def test_halving_and_doubling_leave_the_index_where_it_was_whatever_the_sizes():
    rows = rows_of(series(a_1={2000: 1_000_000, 2001: 500_000}, b_1={2000: 2, 2001: 4}))
    assert line(rows) == pytest.approx({2000: 1, 2001: 1})


def test_years_between_counts_have_the_same_factor_each():
    assert line(rows_of(series(a_1={2000: 80, 2003: 10}))) == pytest.approx(
        {2000: 1, 2001: 0.5, 2002: 0.25, 2003: 0.125}
    )


def test_populations_are_averaged_before_species():
    table = series(a_1={2000: 1, 2001: 2}, a_2={2000: 1, 2001: 2}, a_3={2000: 1, 2001: 2}, b_1={2000: 2, 2001: 1})
    assert line(rows_of(table))[2001] == pytest.approx(1)


def test_a_change_before_the_reference_year_does_not_count_but_a_line_across_it_does():
    assert line(rows_of(series(a_1={1990: 7, 1998: 16, 2002: 4}))) == pytest.approx({2000: 1, 2001: 2**-0.5, 2002: 0.5})


def test_a_zero_raises_the_whole_series_by_a_hundredth_of_the_mean_of_the_others():
    table = series(a_1={2000: 150, 2001: 50, 2002: 0})
    found = changes(table, cap=100.0).iloc[0]
    assert found[2001] == pytest.approx(np.log10(51 / 151))
    assert found[2002] == pytest.approx(np.log10(1 / 51))
    # Adding to the zeros only, as is often done, would leave the first change at a third.
    assert found[2001] != pytest.approx(np.log10(1 / 3))
    assert changes(table, zeros="leave_out").iloc[0].dropna().to_dict() == pytest.approx({2001: np.log10(1 / 3)})
    assert changes(series(a_1={2000: 0, 2001: 0})).iloc[0].dropna().tolist() == [0]


def test_no_population_changes_by_more_than_the_cap_in_a_year():
    table = series(a_1={2000: 1, 2001: 1000, 2002: 1})
    assert changes(table).iloc[0].dropna().tolist() == [1, -1]
    assert changes(table, cap=0.5).iloc[0].dropna().tolist() == [0.5, -0.5]


def test_a_series_of_one_value_or_with_long_gaps_is_left_out():
    table = series(a_1={2000: 1}, b_1={2000: 1, 2010: 2, 2020: 2}, c_1={2000: 4, 2001: 2})
    found = changes(table, longest_gap=20 / 3)
    assert found.index.tolist() == ["c"]
    assert doubts(rows_of(table))["too_short"] == 1


def test_a_year_without_counts_is_missing_and_not_0():
    table = series(a_1={2000: 4, 2001: None, 2002: 1})
    assert line(rows_of(table))[2001] == pytest.approx(0.5)
    assert doubts(rows_of(table))["values_missing"] == 1
    gap = rows_of(series(a_1={2000: 2, 2001: 1}, b_1={2003: 1, 2004: 2}))
    still = gap[(gap["disaggregation_type"] == "") & gap["year"].isin([2002, 2003])]
    assert still["value"].tolist() == pytest.approx([0.5, 0.5])
    assert still["value_status"].tolist() == ["estimated", "estimated"]
    assert still["n"].tolist() == [0, 0]


def test_the_index_begins_with_the_first_change_and_not_with_years_nobody_counted():
    rows = rows_of(series(a_1={2005: 2, 2006: 1}))
    assert line(rows) == pytest.approx({2005: 1, 2006: 0.5})
    assert "starts_later" in doubts(rows)


def test_nothing_long_enough_is_refused_with_a_remedy():
    with pytest.raises(WorkbenchError) as refused:
        rows_of(series(a_1={2000: 1}))
    [issue] = refused.value.issues
    assert issue.key.endswith("no_series")
    assert "2000" in issue.sentence()
    assert issue.remedy()


TWO = series(ax_1={2000: 2, 2001: 1, 2002: 1}, ay_1={2000: 2, 2001: 1, 2002: 1}, az_1={2000: 2, 2001: 1, 2002: 1},
             b_1={2000: 1, 2001: 4})  # fmt: skip


def test_groups_may_weigh_the_same_or_by_a_table():
    half, four = np.log10(0.5), np.log10(4)
    assert line(rows_of(TWO))[2001] == pytest.approx(10 ** ((3 * half + four) / 4))
    assert line(rows_of(TWO, weighting="groups"))[2001] == pytest.approx(10 ** ((half + four) / 2))
    table = pd.DataFrame({"taxonomic_group": ["A", "B", "C"], "weight": [30.0, 10.0, 60.0]})
    rows = rows_of(TWO, table, weighting="table")
    assert line(rows)[2001] == pytest.approx(10 ** ((3 * half + four) / 4))
    assert doubts(rows)["weight_unused"] == 1
    realms = pd.DataFrame({"realm": ["terrestrial", "marine"], "taxonomic_group": ["A", "B"], "weight": [5.0, 2.0],
                           "realm_weight": [1.0, 3.0]})  # fmt: skip
    assert line(rows_of(TWO, realms, weighting="table"))[2001] == pytest.approx(10 ** ((half + 3 * four) / 4))
    assert line(rows_of(TWO), "Realm", "marine")[2001] == pytest.approx(4)


def test_the_weight_of_a_group_without_a_change_goes_to_the_others_where_the_peer_loses_it():
    table = pd.concat([TWO, series(ax_2={2001: 4, 2002: 2})], ignore_index=True)
    right = line(rows_of(table, weighting="groups"))
    lost = line(rows_of(table, weighting="groups", missing_groups="unchanged"))
    step = np.log10(0.5) / 2 / 3
    assert right[2002] / right[2001] == pytest.approx(10**step)
    assert lost[2002] / lost[2001] == pytest.approx(10 ** (step / 2))


@pytest.mark.parametrize(("table", "weights", "key"), [
    (TWO.assign(taxonomic_group=None), None, "group_needed"), (TWO, None, "weights_needed"),
    (TWO, pd.DataFrame({"taxonomic_group": ["A"], "weight": [1.0]}), "weight_missing"),
])  # fmt: skip
def test_weights_that_are_missing_are_asked_for(table, weights, key):
    with pytest.raises(WorkbenchError) as refused:
        rows_of(table, weights, weighting="table")
    assert refused.value.issues[0].key.endswith(key)
    assert refused.value.issues[0].remedy()


def test_one_species_has_no_interval_and_the_first_year_none_to_speak_of():
    assert np.isnan(rows_of(series(a_1={2000: 2, 2001: 1}))["lower"]).all()
    rows = rows_of(TWO)
    first = rows[(rows["disaggregation_type"] == "") & (rows["year"] == 2000)].iloc[0]
    assert (first["lower"], first["value"], first["upper"]) == (1, 1, 1)


@pytest.mark.parametrize("bootstrap", ["species", "species_bca", "within_years"])
def test_an_interval_holds_its_value_and_does_not_depend_on_the_order_of_rows(bootstrap):
    rng = np.random.default_rng(3)
    table = series(**{f"{'ab'[at % 2]}{at}_1": dict(zip(range(2000, 2011), rng.lognormal(3, 0.4, 11), strict=True))
                      for at in range(8)})  # fmt: skip
    rows = rows_of(table, bootstrap=bootstrap)
    index = rows[rows["unit"] == "index"]
    assert ((index["lower"] <= index["value"]) & (index["value"] <= index["upper"])).all()
    assert (index["upper"] > index["lower"]).sum() > 20
    pd.testing.assert_frame_equal(rows, rows_of(table.iloc[::-1], bootstrap=bootstrap), rtol=1e-12)


def test_years_drawn_by_themselves_make_a_lasting_trend_look_surer_than_it_is():
    own = np.linspace(-0.2, 0.2, 20)
    part = Part("", np.repeat(own[:, None], 25, axis=1), 1.0)
    rng = np.random.default_rng(1)
    whole, split = (drawn_means([part], 2000, how, rng)[:, 0].sum(axis=1).std() for how in ("species", "within_years"))
    assert whole == pytest.approx(25 * own.std() / np.sqrt(20), rel=0.1)
    assert split == pytest.approx(5 * own.std() / np.sqrt(20), rel=0.1)


def test_leaving_out_each_species_is_what_it_says():
    changes_of = np.array([[1.0, np.nan], [3.0, 2.0]])
    parts = [Part("a", changes_of, 0.5), Part("b", np.array([[5.0, 5.0]]), 0.5)]
    left = without_each(parts)
    assert left[0, 0].tolist() == [3, 2]
    assert left[1, 0, 0] == 1
    assert np.isnan(left[1, 0, 1])
    assert np.isnan(left[2, 1]).all()
    assert combined(means_of(parts), np.array([0.5, 0.5]), "renormalise").tolist() == [3.5, 3.5]


def test_bootstrap_limits_are_those_of_their_formulas():
    rng = np.random.default_rng(0)
    drawn = rng.normal(0, 1, 200_000)
    # No bias and no skewness: BCa is the percentile interval.
    low, high = bca_interval(drawn, np.array(0.0), np.array([-1.0, 0.0, 1.0]), 0.95)
    assert (float(low), float(high)) == pytest.approx((-1.96, 1.96), abs=0.03)
    # Expanded by sqrt(n / (n - 1)) * t: for five units 2.776 * 1.118.
    low, high = expanded_interval(drawn, 5, 0.95)
    assert (float(low), float(high)) == pytest.approx((-3.10, 3.10), abs=0.1)
    # A value above all samples, and samples that are all the same.
    assert np.isfinite(bca_interval(drawn, np.array(9.0), np.array([1.0, 1.0]), 0.95)).all()


def test_a_curve_through_a_straight_line_is_the_line_and_noise_is_as_good_as_flat():
    year = np.arange(2000.0, 2012.0)
    curve = thin_plate_smooth(year, 0.1 * year, 6, np.array([2005.5]))
    assert curve.predicted[0] == pytest.approx(200.55)
    noise = np.array([1, -1, 0.5, -0.4, 0.7, -0.9, 0.2, -0.3, 0.8, -0.6, 0.4, -0.4])
    assert residual_freedom(year, noise) == pytest.approx(1, abs=0.01)
    assert residual_freedom(year, np.sin(year)) > 2


def test_a_smooth_curve_is_used_from_six_values_on_and_said_to_be_provisional():
    rng = np.random.default_rng(5)
    counts = dict(zip(range(2000, 2020), np.exp(5 - 0.05 * np.arange(20) + rng.normal(0, 0.3, 20)), strict=True))
    short = {2000: 8, 2001: 16, 2002: 8, 2003: 4, 2004: 2}
    rows = rows_of(series(a_1=counts, b_1=short), model="gam")
    said = next(one for one in rows.attrs["doubts"] if one["key"] == "smoothed")
    assert said["values"] == {"count": 1, "total": 2}
    assert "gam_near" in doubts(rows)
    assert np.diff(list(line(rows, "Taxonomic group", "A").values())).std() < 0.05
    assert line(rows, "Taxonomic group", "B") == pytest.approx(
        line(rows_of(series(b_1=short))) | dict.fromkeys(range(2005, 2020), 0.25)
    )


@given(st.lists(st.floats(0.1, 1e6), min_size=2, max_size=12), st.floats(1e-3, 1e3))
def test_the_unit_of_a_series_does_not_matter(counts, factor):
    first = series(a_1=dict(enumerate(counts, 2000)))
    pd.testing.assert_frame_equal(changes(first), changes(first.assign(value=first["value"] * factor)), atol=1e-9)


def test_the_mean_yearly_change_is_that_of_a_steady_factor_and_realms_have_none():
    rows = rows_of(series(a_1={2000: 80, 2003: 10}, b_1={2000: 80, 2003: 10}))
    change = rows[rows["disaggregation_type"] == "Mean yearly change"].set_index("disaggregation")
    # Half as many each year.
    assert change["value"].to_dict() == pytest.approx({"All species": -50, "A": -50, "B": -50})
    assert change["n"].to_dict() == {"All species": 2, "A": 1, "B": 1}
    assert set(change["year"]) == {2003}
    assert change.loc["All species", ["lower", "upper"]].tolist() == pytest.approx([-50, -50])
    assert change.loc[["A", "B"], ["lower", "upper"]].isna().all(axis=None)
    assert set(rows.loc[rows["disaggregation_type"] == "Realm", "unit"]) == {"index"}


def test_a_species_told_of_two_groups_is_in_that_of_most_rows_and_of_two_alike_in_the_first():
    table = series(a_1={2000: 1, 2001: 2, 2002: 4}, b_1={2000: 4, 2001: 2})
    table["taxonomic_group"] = ["X", "Y", "Y", "Q", "P"]
    rows = rows_of(table)
    assert set(rows.loc[rows["disaggregation_type"] == "Taxonomic group", "disaggregation"]) == {"P", "Y"}
    assert next(one["values"] for one in rows.attrs["doubts"] if one["key"] == "in_two") == {
        "count": 1, "column": "taxonomic_group"}  # fmt: skip
    assert "in_two" not in doubts(rows_of(TWO))


def test_years_of_one_to_four_species_are_counted_and_five_are_enough():
    five = {f"a{at}_1": {2000: 1, 2001: 2} for at in range(5)}
    assert "few_species" not in doubts(rows_of(series(**five)))
    # The reference year has all five, the year after five, the next four, and then nobody counts.
    longer = {name: own | ({2002: 2} if name != "a0_1" else {}) for name, own in five.items()}
    rows = rows_of(series(**longer, b_1={2000: None, 2005: None}))
    assert doubts(rows)["few_species"] == 1
    assert "starts_later" not in doubts(rows)


@pytest.mark.parametrize(("count", "dots"), [(8, False), (9, True)])
def test_species_without_a_group_are_named_up_to_eight(count, dots):
    table = series(**{f"a{at}_1": {2000: 1, 2001: 2} for at in range(count)}).assign(taxonomic_group=None)
    with pytest.raises(WorkbenchError) as refused:
        rows_of(table, weighting="groups")
    names = ", ".join(f"a{at}" for at in range(8)) + (" …" if dots else "")
    assert refused.value.issues[0].values == {"count": count, "names": names}


def test_a_table_may_weigh_groups_within_realms_and_unnamed_realms_are_one():
    halves, fours = np.log10(0.5), np.log10(4)
    plain = pd.DataFrame({"realm": [None, None], "taxonomic_group": ["A", "B"], "weight": [1.0, 3.0],
                          "realm_weight": [None, None]})  # fmt: skip
    assert line(rows_of(TWO, plain, weighting="table"))[2001] == pytest.approx(10 ** ((halves + 3 * fours) / 4))
    both = TWO.assign(realm="marine")
    realms = pd.DataFrame({"realm": ["marine", "marine", "terrestrial"], "taxonomic_group": ["A", "B", "A"],
                           "weight": [2.0, 3.0, 5.0], "realm_weight": [0.5, 0.5, 0.5]})  # fmt: skip
    rows = rows_of(both, realms, weighting="table")
    assert line(rows)[2001] == pytest.approx(10 ** ((2 * halves + 3 * fours) / 5))
    assert doubts(rows)["weight_unused"] == 1


def test_the_interval_of_drawn_species_is_widened_for_those_seen_in_a_year_on_average():
    rng = np.random.default_rng(7)
    counts = {f"a{at}_1": dict(zip(range(2000, 2003), rng.lognormal(3, 0.5, 3), strict=True)) for at in range(3)}
    table = series(**counts, a3_1={2000: 5.0, 2001: 9.0})
    rows = rows_of(table, replicates=4000)
    row = rows[(rows["disaggregation_type"] == "") & (rows["year"] == 2002)].iloc[0]
    # Four species change in 2001 and three in 2002: three and a half on average.
    own = changes(table, last=2002)
    part = Part("", own.to_numpy(), 1.0)
    drawn = index_of(drawn_means([part], 4000, "species", np.random.default_rng(1))[:, 0])
    low, high = expanded_interval(drawn, 3.5, 0.95)
    assert (row["lower"], row["upper"]) == pytest.approx((low[-1], high[-1]), rel=0.05)
    assert row["n"] == 3


def test_a_realm_without_a_weight_beside_others_with_one_weighs_one():
    realms = pd.DataFrame({"realm": ["terrestrial", "marine"], "taxonomic_group": ["A", "B"], "weight": [5.0, 2.0],
                           "realm_weight": [None, 3.0]})  # fmt: skip
    rows = rows_of(TWO, realms, weighting="table")
    assert line(rows)[2001] == pytest.approx(10 ** ((np.log10(0.5) + 3 * np.log10(4)) / 4))
