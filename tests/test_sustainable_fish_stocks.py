"""5.1: two denominators that never mix, and what is not known of unknown stocks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.sustainable_fish_stocks import sustainable_fish_stocks
from gbf_workbench.methods.statistics import list_interval

DEFAULTS = {"biomass_threshold": 0.8, "both_given": "biomass", "confidence": 0.95}
OF_ALL = "% of all stocks"


def stocks(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([{"stock_id": f"s{at}", "year": 2023, **row} for at, row in enumerate(rows)])


def counts(numbers: dict[str, object], column: str = "stock_count", **more: object) -> pd.DataFrame:
    return pd.DataFrame([{"year": 2023, "status": status, column: n, **more} for status, n in numbers.items()])


def rows_of(listed=None, counted=None, **settings: object) -> pd.DataFrame:
    return sustainable_fish_stocks(listed, counted, **{**DEFAULTS, **settings})


def row(rows: pd.DataFrame, kind: str = "", name: str = "", unit: str = "%", year: int = 2023) -> pd.Series:
    found = rows[(rows["disaggregation_type"] == kind) & (rows["disaggregation"] == name) & (rows["unit"] == unit)]
    return found.set_index("year").loc[year]


def doubts(rows: pd.DataFrame) -> dict[str, int]:
    return {one["key"]: one["values"].get("count") for one in rows.attrs["doubts"]}


@pytest.mark.parametrize(("biomass", "within"), [(0.79, 0), (0.8, 100), (1.0, 100), (1.3, 100), (0.0, 0)])
def test_a_stock_at_the_threshold_is_within(biomass, within):
    assert row(rows_of(stocks({"b_bmsy": biomass})))["value"] == within


def test_the_strict_level_stands_beside_and_moves_nothing():
    rows = rows_of(stocks({"b_bmsy": 0.9}, {"b_bmsy": 1.0}, {"status": "sustainable"}, {"status": "underfished"}))
    assert row(rows)["value"] == 100
    strict = row(rows, "Strict level", "Biomass at BMSY or above")
    assert (strict["value"], strict["n"]) == (pytest.approx(200 / 3), 3)
    assert doubts(rows)["strict_unknown"] == 1
    assert row(rows_of(stocks({"b_bmsy": 0.9}, {"b_bmsy": 1.0}), biomass_threshold=1.0))["value"] == 50


def test_unknown_stocks_are_in_the_second_denominator_only():
    rows = rows_of(None, counts({"sustainable": 33, "overfished": 11, "unknown": 13}))
    assert (row(rows)["value"], row(rows)["n"]) == (75, 44)
    of_all = row(rows, unit=OF_ALL)
    assert (of_all["value"], of_all["n"]) == (pytest.approx(100 * 33 / 57), 57)
    # A peer publishes 57.89 % under the name of the indicator; that is the other unit here, and never the headline.
    assert not (rows[rows["unit"] == "%"]["value"].round(2).eq(57.89) & rows["disaggregation_type"].eq("")).any()


def test_the_shares_at_the_ends_are_those_with_all_unknown_stocks_on_one_side():
    rows = rows_of(stocks({"b_bmsy": 1}, {"b_bmsy": 0.1}, {"status": "unknown"}, {"status": None}))
    ends = [row(rows, "If unknown stocks were known", f"All of them {side}")["value"] for side in ("outside", "within")]
    assert ends == [25, 75]
    assert (row(rows)["lower"], row(rows)["upper"]) == (25, 75)


def test_a_list_without_unknown_stocks_has_an_interval_without_width():
    one = row(rows_of(stocks({"b_bmsy": 1}, {"b_bmsy": 0.1})))
    assert (one["lower"], one["value"], one["upper"]) == (50, 50, 50)


def test_a_list_of_unknown_stocks_only_has_no_share():
    rows = rows_of(stocks({"status": "unknown"}))
    assert (row(rows)["value_status"], row(rows)["note"]) == ("missing", "none_assessed")
    assert np.isnan(row(rows)["value"])


def test_biomass_goes_before_a_status_of_another_definition_and_the_difference_is_said():
    # Where “overfished” is a biomass below half of BMSY, a stock at 0.6 is not overfished and yet not within.
    table = stocks({"b_bmsy": 0.6, "status": "sustainable"}, {"b_bmsy": 1.1, "status": "sustainable"})
    rows = rows_of(table)
    assert row(rows)["value"] == 50
    assert doubts(rows)["status_differs"] == 1
    assert row(rows_of(table, both_given="status"))["value"] == 100


def test_landings_weigh_by_tonnes_and_leave_the_unknown_out_of_the_first_share():
    table = stocks({"b_bmsy": 1, "landings_t": 10.0}, {"b_bmsy": 0.1, "landings_t": 30.0},
                   {"status": "unknown", "landings_t": 60.0}, {"b_bmsy": 1, "landings_t": None})  # fmt: skip
    rows = rows_of(table)
    within = row(rows, "Landings", "From stocks within sustainable levels", "% of landings of assessed stocks")
    assert (within["value"], within["n"]) == (25, 2)
    assert row(rows, "Landings", "From stocks of unknown state", "% of landings")["value"] == 60
    assert doubts(rows)["landings_missing"] == 1
    none = rows_of(stocks({"b_bmsy": 1, "landings_t": 0.0}))
    assert "Landings" not in set(none["disaggregation_type"])


def test_areas_tiers_and_classes_split_the_stocks_without_loss():
    rows = rows_of(stocks(
        {"b_bmsy": 1.21, "fao_area": "34", "tier": 1}, {"b_bmsy": 0.5, "fao_area": "34", "tier": 2},
        {"status": "overfished", "fao_area": "47", "tier": None}, {"status": "unknown", "fao_area": "47"},
    ))  # fmt: skip
    assert [row(rows, "FAO fishing area", area)["value"] for area in ("34", "47")] == [50, 0]
    assert row(rows, "FAO fishing area", "47", OF_ALL)["n"] == 2
    tiers = rows[rows["disaggregation_type"] == "Tier"].set_index("disaggregation")
    assert tiers["value"].to_dict() == {"Tier 1": 100, "Tier 2": 0, "Tier not given": 0}
    classes = rows[rows["disaggregation_type"] == "Class"].set_index("disaggregation")["value"]
    assert classes.to_dict() == {"Underfished": 1, "Overfished": 2, "Unknown": 1}


def test_the_trend_holds_the_stocks_of_all_years_only():
    first = stocks({"b_bmsy": 0.5}, {"status": "unknown"}).assign(year=2013)
    rows = rows_of(pd.concat([first, stocks({"b_bmsy": 0.6}, {"b_bmsy": 1.0})], ignore_index=True))
    assert [row(rows, year=year)["value"] for year in (2013, 2023)] == [0, 50]
    trend = [row(rows, "Trend", "Stocks assessed in every year", year=year)["value"] for year in (2013, 2023)]
    assert trend == [0, 0]
    assert doubts(rows)["stocks_differ"] == 1


def test_percentages_give_both_denominators_without_an_interval():
    rows = rows_of(None, counts({"sustainable": 57.9, "overfished": 19.3, "unknown": 22.8}, "stock_share"))
    assert row(rows)["value"] == pytest.approx(100 * 57.9 / 77.2)
    assert row(rows, unit=OF_ALL)["value"] == 57.9
    assert row(rows)["note"] == "no_numbers"
    unknown = rows_of(None, counts({"unknown": 100.0}, "stock_share"))
    assert row(unknown)["value_status"] == "missing"


@pytest.mark.parametrize(("table", "key"), [
    (counts({"sustainable": 57.9, "overfished": 19.3}, "stock_share"), "shares_sum"),
    (counts({"sustainable": 57.9, "overfished": 42.1}, "stock_share", fao_area="34"), "numbers_missing"),
    (counts({"sustainable": 5, "overfished": None}), "numbers_missing"),
])  # fmt: skip
def test_percentages_that_are_no_shares_of_one_whole_are_refused_with_a_remedy(table, key):
    with pytest.raises(WorkbenchError) as refused:
        rows_of(None, table)
    [issue] = refused.value.issues
    assert issue.key.endswith(key)
    assert issue.remedy()
    assert "2023" in issue.sentence()


def test_areas_add_up_to_the_total_or_it_is_said():
    areas = pd.concat([counts({"sustainable": 2, "overfished": 1}, fao_area=area) for area in ("34", "47")])
    assert row(rows_of(None, areas))["n"] == 6
    total = counts({"sustainable": 4, "overfished": 3}, fao_area=None)
    rows = rows_of(None, pd.concat([areas, total], ignore_index=True))
    assert (row(rows)["n"], doubts(rows)["areas_differ"]) == (7, 1)


def test_a_status_beside_its_own_classes_is_asked_after():
    assert doubts(rows_of(None, counts({"sustainable": 2, "underfished": 2})))["classes_overlap"] == 1
    assert "classes_overlap" not in doubts(rows_of(None, counts({"sustainable": 2, "overfished": 2})))


def test_a_list_goes_before_numbers():
    rows = rows_of(stocks({"b_bmsy": 1}), counts({"overfished": 9}))
    assert row(rows)["value"] == 100
    assert "both_tables" in doubts(rows)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 40))
def test_the_limits_are_the_middle_of_the_beta_binomial_distribution(within, outside, unknown):
    if not within + outside:
        return
    low, high = list_interval(within, outside, unknown, 0.95)
    assert within / (within + outside + unknown) <= low <= high <= 1 - outside / (within + outside + unknown)
    draws = betabinom(unknown, within + 0.5, outside + 0.5)
    steps = [k for k in range(unknown + 1) if 0.025 <= draws.cdf(k) - draws.pmf(k) / 2 <= 0.975]
    if steps:
        whole = within + outside + unknown
        assert (low, high) == pytest.approx(((within + steps[0]) / whole, (within + steps[-1]) / whole))


def test_states_are_counted_and_shown_as_shares_of_all_stocks():
    rows = rows_of(None, counts({"sustainable": 3, "overfished": 1, "unknown": 4}))
    own = rows[rows["disaggregation_type"] == "Status"]
    numbers = own[own["unit"] == "stocks"].set_index("disaggregation")["value"].to_dict()
    shares = own[own["unit"] == OF_ALL].set_index("disaggregation")["value"].to_dict()
    names = ("Within sustainable levels", "Outside sustainable levels", "Unknown")
    assert numbers == dict(zip(names, (3, 1, 4), strict=True))
    assert shares == dict(zip(names, (37.5, 12.5, 50), strict=True))
    ends = rows[rows["disaggregation_type"] == "If unknown stocks were known"].set_index("disaggregation")
    assert ends["value"].to_dict() == {"All of them outside": 37.5, "All of them within": 87.5}
    assert ends["n"].tolist() == [8, 8]


@pytest.mark.parametrize("total", [99.0, 101.0])
def test_percentages_may_be_one_away_from_100_by_rounding_and_no_more(total):
    rows = rows_of(None, counts({"sustainable": total - 40, "overfished": 40.0}, "stock_share"))
    assert row(rows)["value"] == pytest.approx(100 * (total - 40) / total)
    states = rows[rows["disaggregation_type"] == "Status"].set_index("disaggregation")["value"]
    assert states.tolist() == [total - 40, 40, 0]
    for far in (total - 0.01, total + 0.01):
        if abs(far - 100) > 1:
            with pytest.raises(WorkbenchError):
                rows_of(None, counts({"sustainable": far - 40, "overfished": 40.0}, "stock_share"))


def test_areas_that_agree_with_the_total_or_stand_without_one_are_not_said():
    areas = pd.concat([counts({"sustainable": 2, "overfished": 1}, fao_area=area) for area in ("34", "47")])
    same = counts({"sustainable": 4, "overfished": 2}, fao_area=None)
    rows = rows_of(None, pd.concat([areas, same], ignore_index=True))
    assert "areas_differ" not in doubts(rows)
    assert row(rows)["n"] == 6
    assert row(rows, "FAO fishing area", "34")["value"] == pytest.approx(200 / 3)
    assert "Status" not in set(rows.loc[rows["disaggregation_type"] == "FAO fishing area", "disaggregation"])
    assert not {"areas_differ", "classes_overlap"} & set(doubts(rows_of(None, areas)))


def test_landings_of_stocks_with_none_count_for_nothing_and_are_not_among_those_that_landed():
    rows = rows_of(stocks({"b_bmsy": 1, "landings_t": 30.0}, {"b_bmsy": 1, "landings_t": 0.0},
                          {"b_bmsy": 0.1, "landings_t": 10.0}, {"status": "unknown", "landings_t": 0.0}))  # fmt: skip
    within = row(rows, "Landings", "From stocks within sustainable levels", "% of landings of assessed stocks")
    assert (within["value"], within["n"]) == (75, 2)
    unknown = row(rows, "Landings", "From stocks of unknown state", "% of landings")
    assert (unknown["value"], unknown["n"]) == (0, 2)
    only = rows_of(stocks({"status": "unknown", "landings_t": 5.0}))
    assert row(only, "Landings", "From stocks of unknown state", "% of landings")["value"] == 100
    assert "From stocks within sustainable levels" not in set(only["disaggregation"])


def test_tiers_are_of_assessed_stocks_only_and_a_list_without_them_has_none():
    rows = rows_of(stocks({"b_bmsy": 1, "tier": 1}, {"b_bmsy": 0.1, "tier": 1}, {"status": "unknown", "tier": 2}))
    tiers = rows[rows["disaggregation_type"] == "Tier"]
    assert tiers[["disaggregation", "value", "n"]].to_numpy().tolist() == [["Tier 1", 50, 2]]
    assert "Tier" not in set(rows_of(stocks({"b_bmsy": 1, "tier": None}))["disaggregation_type"])
    assert "both_tables" not in doubts(rows)


def test_a_part_of_which_no_stock_is_assessed_has_none_behind_its_missing_share():
    one = row(rows_of(stocks({"status": "unknown"})))
    assert (one["n"], one["value_status"]) == (0, "missing")


def test_parts_come_in_the_order_of_their_names_whatever_that_of_the_rows():
    rows = rows_of(stocks({"b_bmsy": 1.3, "fao_area": "47", "tier": 2}, {"b_bmsy": 0.5, "fao_area": "34", "tier": 1}))
    order = rows.groupby("disaggregation_type", sort=False)["disaggregation"].unique()
    assert order["Class"].tolist() == ["Overfished", "Underfished"]
    assert order["FAO fishing area"].tolist() == ["34", "47"]
    assert order["Tier"].tolist() == ["Tier 1", "Tier 2"]


def test_one_percentage_that_is_missing_is_refused_and_not_taken_for_zero():
    with pytest.raises(WorkbenchError) as refused:
        rows_of(None, counts({"sustainable": 60.0, "overfished": 40.0, "unknown": None}, "stock_share"))
    assert refused.value.issues[0].key.endswith("numbers_missing")
