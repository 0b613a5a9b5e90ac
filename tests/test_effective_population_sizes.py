"""A.4: which populations are large, what a species' share is, and what a country's mean rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.effective_population_sizes import effective_population_sizes
from gbf_workbench.methods.genetic_diversity import effective_sizes
from gbf_workbench.methods.statistics import score_limits, share_interval

DEFAULTS = {"ne_nc_ratio": 0.1, "ratio_low": 0.1, "ratio_high": 0.3, "weighting": "species",
            "lost_populations": "count", "dates": "each_year", "confidence": 0.95}  # fmt: skip


def populations(*rows: dict[str, object]) -> pd.DataFrame:
    """Populations of one species and year, where a row does not say otherwise."""
    base = {"species": "Exempla alpina", "year": 2024}
    return pd.DataFrame([{**base, "population": f"p{at}", **row} for at, row in enumerate(rows)])


def assessments(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([{"species": "Exempla alpina", "year": 2024, **row} for row in rows])


def rows_of(listed=None, assessed=None, ratios=None, **settings: object) -> pd.DataFrame:
    return effective_population_sizes(listed, assessed, ratios, **{**DEFAULTS, **settings})


def value(rows: pd.DataFrame, kind: str = "", name: str = "", unit: str = "proportion", year: int = 2024) -> float:
    at = rows[(rows["disaggregation_type"] == kind) & (rows["disaggregation"] == name) & (rows["unit"] == unit)]
    return float(at.set_index("year").loc[year, "value"])


def doubts(rows: pd.DataFrame) -> dict[str, int]:
    return {one["key"]: one["values"].get("count") for one in rows.attrs["doubts"]}


@pytest.mark.parametrize(("cells", "large"), [
    ({"ne": 500}, 0), ({"ne": 500.1}, 1), ({"nc": 5000}, 0), ({"nc": 5001}, 1), ({"ne": 499, "nc": 99999}, 0),
    ({"nc": 100, "nc_class": "more than 5000 by much"}, 0), ({"nc_class": "range includes 5000"}, 1),
    ({"nc_class": "less than 5000"}, 0), ({"nc": 2000, "ne_nc_ratio": 0.3}, 1), ({"nc_upper": 4000}, 0),
    ({"nc_lower": 5001}, 1), ({"ne_lower": 501, "ne_upper": 900}, 1),
])  # fmt: skip
def test_a_population_is_large_only_above_500_and_dna_comes_before_counts_before_classes(cells, large):
    assert value(rows_of(populations(cells))) == large


def test_a_size_that_may_lie_on_both_sides_is_left_out_and_shown_in_the_cases():
    rows = rows_of(populations({"ne_lower": 400, "ne_upper": 600}, {"ne": 800}))
    assert value(rows) == 1
    assert value(rows, "Worst and best case", "Worst case") == 0.5
    assert value(rows, "Worst and best case", "Best case") == 1


def test_a_class_on_the_threshold_falls_on_either_side_in_the_cases():
    rows = rows_of(populations({"nc_class": "range includes 5000"}, {"nc_class": "less than 5000 by much"}))
    assert [value(rows, "Worst and best case", f"{case} case") for case in ("Worst", "Best")] == [0, 0.5]


def test_a_species_of_which_nothing_is_known_is_missing_and_not_0():
    rows = rows_of(populations({"nc": None}, {"species": "Exempla marina", "nc": 9000}))
    assert value(rows) == 1
    one = rows[(rows["disaggregation_type"] == "Species") & (rows["disaggregation"] == "Exempla alpina")].iloc[0]
    assert (one["value_status"], one["note"]) == ("missing", "none_known")
    assert doubts(rows)["no_sizes"] == 1


def test_lost_populations_stay_in_the_denominator_where_the_peer_leaves_them_out():
    table = populations({"nc": 9000, "populations_lost": 3})
    assert value(rows_of(table)) == 0.25
    assert value(rows_of(table, lost_populations="leave_out")) == 1
    assert value(rows_of(table), "Populations maintained", "All species") == 0.25


def test_a_population_of_size_0_is_one_of_the_lost_ones_and_not_one_more():
    rows = rows_of(populations({"nc": 9000, "populations_lost": 2}, {"nc": 0, "populations_lost": 2}))
    assert value(rows) == pytest.approx(1 / 3)
    assert value(rows, "Populations maintained", "All species") == pytest.approx(1 / 3)
    assert doubts(rows)["size_zero"] == 1


def test_living_populations_without_a_size_do_not_make_a_0_of_the_lost_ones():
    told = {"n_extant_populations": 4, "n_extinct_populations": 2, "n_populations_sized": 0,
            "n_populations_above_500": 0}  # fmt: skip
    rows = rows_of(None, assessments(told))
    assert np.isnan(value(rows))
    assert value(rows, "Populations maintained", "All species") == pytest.approx(4 / 6)
    gone = rows_of(None, assessments({**told, "n_extant_populations": 0}))
    assert value(gone) == 0


def test_unknown_losses_are_said_and_no_share_of_populations_kept_is_given():
    rows = rows_of(populations({"nc": 9000}))
    assert np.isnan(value(rows, "Populations maintained", "All species"))
    assert doubts(rows)["lost_unknown"] == 1


def test_several_assessments_of_one_species_are_averaged_before_the_country_is():
    table = populations(
        {"assessment": "a", "nc": 9000}, {"assessment": "b", "nc": 9000}, {"assessment": "b", "nc": 10},
        {"species": "Exempla marina", "nc": 10},
    )  # fmt: skip
    rows = rows_of(table)
    assert value(rows, "Species", "Exempla alpina") == 0.75
    # The mean over assessments, as the peer has it, would be (1 + 0.5 + 0) / 3.
    assert value(rows) == 0.375
    assert value(rows, "Worst and best case", "Best case") == 0.5


def test_ratios_of_the_species_come_before_those_of_its_group_before_the_one_for_all():
    table = populations(
        {"nc": 2000}, {"species": "Exempla marina", "nc": 2000}, {"species": "Exempla rara", "nc": 2000}
    )
    groups = assessments(*({"species": f"Exempla {one}", "taxonomic_group": "Fishes"} for one in ("alpina", "marina")))
    ratios = pd.DataFrame({"taxon": ["Fishes", "Exempla alpina", "Ferns"], "ratio": [0.3, 0.2, 0.5]})
    rows = rows_of(table, groups, ratios)
    assert [value(rows, "Species", f"Exempla {one}") for one in ("alpina", "marina", "rara")] == [0, 1, 0]
    assert doubts(rows)["ratio_unused"] == 1


def test_pooled_populations_median_and_weights_are_other_numbers_than_the_mean_of_species():
    numbers = [("alpina", 10, 1, "Fishes", 0.2), ("marina", 2, 2, "Fishes", 0.6), ("rara", 1, 1, "Ferns", 0.2)]
    table = assessments(*(
        {"species": f"Exempla {name}", "n_populations_sized": sized, "n_populations_above_500": above,
         "n_extant_populations": sized, "n_extinct_populations": 0, "taxonomic_group": group, "range_share": share}
        for name, sized, above, group, share in numbers
    ))  # fmt: skip
    rows = rows_of(None, table)
    assert value(rows) == pytest.approx(2.1 / 3)
    assert value(rows, "Other summaries", "All populations together") == pytest.approx(4 / 13)
    assert value(rows, "Other summaries", "Median of species") == 1
    assert value(rows, "Other summaries", "Mean of groups") == pytest.approx((0.55 + 1) / 2)
    assert value(rows, "Other summaries", "By share of the range") == pytest.approx(0.2 * 0.1 + 0.6 + 0.2)
    assert value(rows_of(None, table, weighting="groups")) == pytest.approx(0.775)
    assert value(rows_of(None, table, weighting="range_share")) == pytest.approx(0.82)


@pytest.mark.parametrize(("weighting", "key"), [("groups", "group_needed"), ("range_share", "range_needed")])
def test_weights_that_are_not_known_are_asked_for_by_name(weighting, key):
    with pytest.raises(WorkbenchError) as refused:
        rows_of(populations({"nc": 9000}), weighting=weighting)
    [issue] = refused.value.issues
    assert issue.key.endswith(key)
    assert "Exempla alpina" in issue.sentence()
    assert issue.remedy()


def test_shares_of_the_range_that_are_all_0_weigh_nothing_and_are_refused():
    told = {"n_populations_sized": 1, "n_populations_above_500": 1, "range_share": 0.0}
    with pytest.raises(WorkbenchError) as refused:
        rows_of(None, assessments(told), weighting="range_share")
    assert refused.value.issues[0].key.endswith("no_range")


def test_the_trend_holds_the_same_species_and_the_totals_need_not():
    first = [{"species": f"Exempla {one}", "year": 2014, "nc": nc} for one, nc in (("alpina", 9000), ("marina", 9000))]
    last = [{"species": f"Exempla {one}", "nc": nc} for one, nc in (("alpina", 9000), ("marina", 10), ("rara", 10))]
    rows = rows_of(populations(*first, *last))
    assert value(rows) == pytest.approx(1 / 3)
    assert value(rows, "Trend", "Species of all dates") == 0.5
    assert value(rows, "Trend", "Change since the first date") == -0.5
    assert doubts(rows)["species_differ"] == 1
    together = rows_of(populations({"year": 2020, "nc": 9000}, *last[1:]), dates="latest_together")
    assert value(together) == pytest.approx(1 / 3)


def test_species_followed_with_dna_are_counted_once_and_silence_is_no_no():
    told = [("alpina", "a", True), ("alpina", "b", True), ("marina", "a", False), ("rara", "a", None)]
    rows = rows_of(None, assessments(*(
        {"species": f"Exempla {name}", "assessment": way, "genetic_monitoring": said} for name, way, said in told
    )))  # fmt: skip
    assert value(rows, unit="species") == 1
    assert rows.loc[rows["unit"] == "species", "n"].tolist() == [2]
    assert doubts(rows)["monitoring_unknown"] == 1


def test_populations_ex_situ_do_not_count():
    rows = rows_of(populations({"nc": 9000}, {"nc": 10, "origin": "ex situ"}, {"nc": 10, "origin": None}))
    assert value(rows) == 0.5
    assert doubts(rows)["ex_situ"] == 1


def test_the_list_of_populations_goes_before_numbers_and_a_difference_is_said():
    told = {"n_extant_populations": 3, "n_extinct_populations": 1, "n_populations_sized": 3,
            "n_populations_above_500": 3}  # fmt: skip
    rows = rows_of(populations({"nc": 9000}, {"nc": 10}), assessments(told))
    assert value(rows) == pytest.approx(1 / 3)
    assert value(rows, "Populations maintained", "All species") == 0.75
    assert doubts(rows)["numbers_differ"] == 1


def test_an_interval_needs_two_species_and_one_of_equal_shares_has_width():
    assert np.isnan(rows_of(populations({"nc": 9000}))["lower"].iloc[0])
    # Wilson's limits for 0 of n are 0 and z² / (n + z²).
    low, high = share_interval(np.zeros(2), np.ones(2), 0.95)
    assert (low, high) == pytest.approx((0, 1.96**2 / (2 + 1.96**2)), abs=1e-4)
    assert score_limits(0.5, 1e12, 1.96) == pytest.approx((0.5, 0.5), abs=1e-5)


@given(st.lists(st.tuples(st.floats(0, 20_000), st.floats(0.05, 1)), min_size=1, max_size=8))
def test_the_cases_enclose_the_value_and_order_does_not_matter(adults):
    table = populations(*({"nc": nc, "nc_lower": nc * share, "nc_upper": nc / share} for nc, share in adults))
    rows = rows_of(table)
    if not np.isnan(value(rows)):
        worst, best = (value(rows, "Worst and best case", f"{case} case") for case in ("Worst", "Best"))
        assert worst <= value(rows) <= best
    turned = effective_sizes(table.iloc[::-1], None, pd.Series(dtype=object), ratio=0.1, ratio_low=0.1, ratio_high=0.3)
    straight = effective_sizes(table, None, pd.Series(dtype=object), ratio=0.1, ratio_low=0.1, ratio_high=0.3)
    pd.testing.assert_frame_equal(turned.sort_index(), straight)


def counted(*rows: tuple) -> pd.DataFrame:
    """Assessments ``(species, year, sized, above[, group[, share of range]])`` without any losses."""
    names = ["species", "year", "n_populations_sized", "n_populations_above_500", "taxonomic_group", "range_share"]
    table = pd.DataFrame([(*row, None, None)[:6] for row in rows], columns=names)
    return table.assign(n_extant_populations=table["n_populations_sized"], n_extinct_populations=0)


def test_groups_weigh_the_same_in_each_year_and_only_by_species_with_a_share():
    table = counted(("a", 2020, 1, 1, "X"), ("b", 2020, 1, 0, "Y"), ("a", 2024, 2, 2, "X"), ("b", 2024, 2, 0, "X"),
                    ("c", 2024, 2, 0, "X"), ("d", 2024, 4, 3, "Y"), ("e", 2024, 0, 0, "Y"))  # fmt: skip
    rows = rows_of(None, table, weighting="groups")
    assert value(rows, year=2020) == pytest.approx(0.5)
    assert value(rows) == pytest.approx((1 / 3 + 3 / 4) / 2)
    assert value(rows, "Taxonomic group", "X") == pytest.approx(1 / 3)
    assert value(rows, "Other summaries", "Mean of groups") == pytest.approx((1 / 3 + 3 / 4) / 2)


def test_a_group_that_is_not_known_is_needed_only_for_a_species_that_counts():
    table = counted(("a", 2024, 1, 1, "X", 0.5), ("b", 2024, 0, 0))
    for weighting in ("groups", "range_share"):
        assert value(rows_of(None, table, weighting=weighting)) == 1
    rows = rows_of(None, counted(("a", 2024, 1, 1, "X", 0.5), ("b", 2024, 1, 1)))
    assert doubts(rows)["group_missing"] == 1
    assert not {"Mean of groups", "By share of the range"} & set(rows["disaggregation"])


@pytest.mark.parametrize(("count", "dots"), [(8, False), (9, True)])
def test_species_without_a_group_are_named_up_to_eight(count, dots):
    with pytest.raises(WorkbenchError) as refused:
        rows_of(None, counted(*((f"s{at}", 2024, 1, 1) for at in range(count))), weighting="groups")
    names = ", ".join(f"s{at}" for at in range(8)) + (" …" if dots else "")
    assert refused.value.issues[0].values == {"count": count, "names": names}


def test_a_species_of_no_range_counts_for_nothing_by_range_and_is_not_among_them():
    rows = rows_of(None, counted(("a", 2024, 1, 1, "X", 0.4), ("b", 2024, 1, 0, "X", 0.0)), weighting="range_share")
    total = rows[(rows["disaggregation_type"] == "") & (rows["unit"] == "proportion")].iloc[0]
    assert (total["value"], total["n"], total["note"]) == (1, 1, "one_species")
    with pytest.raises(WorkbenchError):
        rows_of(None, counted(("a", 2020, 1, 1, "X", 0.4), ("b", 2024, 1, 0, "X", 0.0)), weighting="range_share")


def test_a_species_shows_the_numbers_behind_its_share():
    rows = rows_of(populations({"nc": 9000}, {"nc": 10, "populations_lost": 2}))
    own = rows[rows["disaggregation_type"] == "Species"].set_index("unit")
    assert own.loc["proportion", ["value", "n"]].tolist() == [0.25, 4]
    assert own.loc["populations above 500", ["value", "n"]].tolist() == [1, 4]
    cases = rows[rows["disaggregation_type"] == "Worst and best case"]
    assert cases[["lower", "upper"]].isna().all(axis=None)


def test_how_sizes_are_known_is_counted_by_year():
    rows = rows_of(populations({"ne": 9}, {"nc": 9}, {"nc": 9}, {"nc": None}, {"nc": 9, "year": 2020}))
    own = rows[rows["disaggregation_type"] == "How sizes are known"]
    assert {(r["year"], r["disaggregation"]): (r["value"], r["n"]) for r in own.to_dict("records")} == {
        (2020, "Number of adults"): (1, 1), (2024, "Genetic estimate"): (1, 1), (2024, "Number of adults"): (2, 2),
        (2024, "Not known"): (1, 1)}  # fmt: skip


def test_the_trend_needs_two_dates_and_a_species_of_both_and_leaves_out_those_never_known():
    rows = rows_of(None, counted(("a", 2014, 2, 2), ("a", 2024, 2, 1), ("b", 2014, 2, 1), ("b", 2024, 2, 1),
                                 ("c", 2024, 1, 1), ("d", 2014, 0, 0), ("d", 2024, 0, 0)))  # fmt: skip
    assert doubts(rows)["species_differ"] == 1
    trend = rows[rows["disaggregation_type"] == "Trend"]
    assert trend["value"].tolist() == [0.75, 0.5, -0.25]
    assert trend["year"].tolist() == [2014, 2024, 2024]
    assert trend["n"].tolist() == [2, 2, 2]
    low, high = share_interval(np.array([0.25, 0.5]), np.ones(2), 0.95)
    assert trend.iloc[2][["lower", "upper"]].tolist() == pytest.approx([2 * low - 1, 2 * high - 1])
    apart = rows_of(None, counted(("a", 2014, 2, 2), ("b", 2024, 2, 1)))
    assert "Trend" not in set(apart["disaggregation_type"])
    assert doubts(apart)["species_differ"] == 2


def test_the_newest_of_both_tables_stand_together_under_the_newest_year():
    listed = populations({"species": "a", "year": 2018, "nc": 9000}, {"species": "a", "year": 2010, "nc": 10})
    told = counted(("a", 2015, 1, 0), ("b", 2020, 1, 0), ("b", 2012, 1, 1))
    rows = rows_of(listed, told, dates="latest_together")
    assert value(rows, year=2020) == 0.5
    assert set(rows["year"]) == {2020}


def test_group_and_range_are_those_of_the_newest_row_that_has_them():
    table = counted(("a", 2024, 1, 1, None, None), ("a", 2020, 1, 1, "Y", 0.5), ("a", 2010, 1, 1, "X", 0.1))
    rows = rows_of(None, table, weighting="groups")
    assert set(rows.loc[rows["disaggregation_type"] == "Taxonomic group", "disaggregation"]) == {"Y"}


def test_numbers_of_an_assessment_fill_in_what_the_list_does_not_know():
    listed = populations({"species": "a", "assessment": "x", "nc": 9000})
    told = counted(("a", 2024, 1, 1), ("b", 2024, 4, 1)).assign(n_extinct_populations=1)
    rows = rows_of(listed, told)
    # The word for the way of assessing stands in the list only; the loss it tells of holds for both.
    assert value(rows, "Species", "a") == 0.5
    assert value(rows, "Species", "b") == 0.2
    assert "numbers_differ" not in doubts(rows)
    assert "lost_unknown" not in doubts(rows)


def test_species_followed_with_dna_are_counted_by_group_and_year():
    told = counted(("a", 2020, 1, 1, "X"), ("a", 2024, 1, 1, "X"), ("b", 2024, 1, 1, "Y"), ("c", 2024, 1, 1, "Y"))
    rows = rows_of(None, told.assign(genetic_monitoring=[True, True, False, True]))
    assert value(rows, unit="species", year=2020) == 1
    assert value(rows, unit="species") == 2
    assert [value(rows, "Taxonomic group", name, "species") for name in "XY"] == [1, 1]
    assert "monitoring_unknown" not in doubts(rows)
    assert "species" not in set(rows_of(None, told)["unit"])
