"""7.1: both nutrients, low potentials that are no zeros, samples below the limit, and what is not measured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gbf_workbench as gbf
from gbf_workbench.indicators.coastal_eutrophication import coastal_eutrophication
from gbf_workbench.methods.nutrient_loads import icep, loads_of_samples

AREAS = {"A": 1000.0, "B": 3000.0}
flux = st.floats(0, 50)


def basins(**shares: float) -> pd.DataFrame:
    rows = [(name, area, shares.get(name, np.nan), None, name) for name, area in AREAS.items()]
    return pd.DataFrame(rows, columns=["basin_id", "basin_area_km2", "share_in_country", "sub_region", "name"])


def loads(*fluxes: tuple[str, str, float], year: int = 2020, **more: object) -> pd.DataFrame:
    """Loads that give these fluxes [kg per km² and day]."""
    rows = [(b, year, n, f * AREAS[b] * 365.25 / 1000, "element", "measured") for b, n, f in fluxes]
    table = pd.DataFrame(rows, columns=["basin_id", "year", "nutrient", "load_t", "expressed_as", "value_status"])
    return table.assign(**more)


def whole(basin: str, nitrogen: float, phosphorus: float, silica: float) -> list[tuple[str, str, float]]:
    return [(basin, "nitrogen", nitrogen), (basin, "phosphorus", phosphorus), (basin, "silica", silica)]


def computed(given: pd.DataFrame | None, samples: pd.DataFrame | None = None, **more: object) -> pd.DataFrame:
    settings = {"below_limit": "half", "fewest_samples": 12} | more
    return coastal_eutrophication(basins(), given, samples, None, **settings)


def value(rows: pd.DataFrame, kind: str = "", name: str = "") -> float:
    there = rows["disaggregation_type"].fillna("") if "disaggregation_type" in rows else ""
    names = rows["disaggregation"].fillna("") if "disaggregation" in rows else ""
    [found] = rows.loc[(there == kind) & (names == name), "value"]
    return float(found)


@given(flux, flux, flux)
def test_the_smaller_index_is_that_of_the_nutrient_that_limits(nitrogen: float, phosphorus: float, silica: float):
    by_n, by_p = (float(one[0]) for one in icep(np.array([nitrogen]), np.array([phosphorus]), np.array([silica])))
    official = by_n if nitrogen / 14 < 16 * phosphorus / 31 else by_p
    assert min(by_n, by_p) == pytest.approx(official, abs=1e-9)


def test_a_basin_at_the_redfield_ratios_has_an_index_of_zero():
    rows = computed(loads(*whole("A", 16 * 14, 31, 20 * 28)))
    assert value(rows) == pytest.approx(0, abs=1e-9)
    assert value(rows, "Index above 0", "Basins") == 0


def test_basins_weigh_by_their_area_and_only_the_part_in_the_country_counts():
    given_loads = loads(*whole("A", 10, 1, 5), *whole("B", 4, 1, 0))
    index_a, index_b = (1 / 31 - 5 / 560) * 1272, 4 / 224 * 1272
    assert value(computed(given_loads)) == pytest.approx((index_a + 3 * index_b) / 4)
    shared = coastal_eutrophication(basins(B=1 / 3), given_loads, None, None, below_limit="half", fewest_samples=1)
    assert value(shared) == pytest.approx((index_a + index_b) / 2)


def test_a_nutrient_that_was_not_measured_is_no_zero():
    rows = computed(loads(*whole("A", 10, 1, 5), ("B", "nitrogen", 9.0), ("B", "phosphorus", 2.0)))
    assert value(rows) == pytest.approx((1 / 31 - 5 / 560) * 1272)
    keys = {one["key"]: one["values"] for one in rows.attrs["doubts"]}
    assert keys["nutrient_missing"]["names"] == "B"
    assert keys["basin_without"]["names"] == "B"


def test_without_any_whole_basin_the_missing_nutrient_is_asked_for():
    with pytest.raises(gbf.WorkbenchError) as refused:
        computed(loads(("A", "nitrogen", 9.0), ("A", "phosphorus", 2.0)))
    assert "silica" in refused.value.issues[0].remedy()


def test_nitrate_is_counted_as_the_nitrogen_in_it_and_never_as_phosphorus():
    element = loads(*whole("A", 4, 1, 0))
    nitrate = element.copy()
    nitrate.loc[0, ["load_t", "expressed_as"]] = [element.loc[0, "load_t"] * 62.004 / 14.007, "NO3"]
    assert value(computed(nitrate)) == pytest.approx(value(computed(element)), rel=1e-9)
    wrong = element.assign(expressed_as=["element", "NO3", "element"])
    with pytest.raises(gbf.WorkbenchError) as refused:
        computed(wrong)
    [issue] = refused.value.issues
    assert (issue.column, issue.value, issue.rows) == ("expressed_as", "NO3", (1,))


def samples(levels: dict[str, float | None], days: list[str], flow: float = 10.0) -> pd.DataFrame:
    rows = [
        ("A", day, nutrient, level, level is None, 0.4, "element", flow)
        for day in days for nutrient, level in levels.items()
    ]  # fmt: skip
    names = ["basin_id", "date", "nutrient", "concentration_mg_per_l", "below_loq", "loq_mg_per_l", "expressed_as"]
    return pd.DataFrame(rows, columns=[*names, "discharge_m3_per_s"])


def test_the_days_of_the_samples_add_up_to_the_year_leap_day_and_all():
    for year, days in ((2019, 365), (2020, 366)):
        table = samples({"nitrogen": 2.0}, [f"{year}-01-20", f"{year}-03-02", f"{year}-11-30"])
        made = loads_of_samples(table.assign(mg_per_l=table["concentration_mg_per_l"]))
        # 2 g/m³ x 10 m³/s all year long.
        assert made["load_t"].tolist() == pytest.approx([2 * 10 * 86400 * days / 1e6])


def test_many_samples_in_one_season_do_not_outweigh_the_rest_of_the_year():
    flood = [f"2020-03-{day:02d}" for day in range(1, 31)]
    seldom = [f"2020-{month:02d}-15" for month in (1, 6, 9, 12)]
    table = pd.concat([samples({"nitrogen": 5.0}, flood), samples({"nitrogen": 1.0}, seldom)])
    made = loads_of_samples(table.assign(mg_per_l=table["concentration_mg_per_l"]))
    plain_mean = (30 * 5 + 4 * 1) / 34 * 10 * 86400 * 366 / 1e6
    assert made["load_t"].iloc[0] < 0.5 * plain_mean
    assert made["gap"].iloc[0] == 92


def test_what_lies_below_the_limit_is_shown_with_its_range():
    days = [f"2020-{month:02d}-15" for month in range(1, 13)]
    table = samples({"nitrogen": 3.0, "phosphorus": None, "silica": 1.0}, days)
    rows = computed(None, table)
    kind = "Concentrations below the limit"
    low, high = value(rows, kind, "At zero"), value(rows, kind, "At the limit")
    assert low < value(rows) < high
    assert value(rows) == pytest.approx((low + high) / 2)
    assert {"below_limit_half"} <= {one["key"] for one in rows.attrs["doubts"]}
    assert value(computed(None, table, below_limit="zero")) == pytest.approx(low)


def test_a_number_that_is_given_although_it_is_below_the_limit_is_not_said_to_be_replaced():
    days = [f"2020-{month:02d}-15" for month in range(1, 13)]
    table = samples({"nitrogen": 3.0, "phosphorus": 0.1, "silica": 1.0}, days)
    plain, low = computed(None, table), computed(None, table.assign(below_loq=table["nutrient"].eq("phosphorus")))
    pd.testing.assert_frame_equal(plain, low)
    assert [one["key"] for one in low.attrs["doubts"]] == [one["key"] for one in plain.attrs["doubts"]]


@pytest.mark.parametrize(("number", "status"), [(12, "measured"), (11, "estimated")])
def test_a_load_from_few_samples_is_an_estimate(number: int, status: str):
    days = [f"2020-{month:02d}-15" for month in range(1, number + 1)]
    rows = computed(None, samples({"nitrogen": 3.0, "phosphorus": 0.2, "silica": 1.0}, days))
    assert rows["value_status"].iloc[0] == status


def test_the_classes_hold_each_basin_once():
    rows = computed(loads(*whole("A", 10, 1, 5), *whole("B", 10, 0.2, 30)))
    classes = rows[rows["disaggregation_type"] == "Class"].set_index("disaggregation")["value"]
    assert classes.to_dict() == {"Low": 1, "Low to medium": 0, "Medium to high": 0, "High": 0, "Extremely high": 1}


def months(**columns: object) -> pd.DataFrame:
    table = pd.DataFrame({"year": 2020, "month": [1, 1, 2], "sub_region": ["N", "S", "N"], **columns})
    return table


def test_shares_of_the_sea_are_brought_together_by_cells_and_months_under_cloud_are_said():
    table = months(high_share_percent=[10.0, 40.0, 5.0], cells_with_data=[300, 100, 50])
    rows = coastal_eutrophication(None, None, None, table, below_limit="half", fewest_samples=12)
    # January: (10 % of 300 + 40 % of 100) / 400 = 17.5 %; February 5 %; mean of the months 11.25 %.
    assert value(rows, "Unusual chlorophyll", "All of the sea") == pytest.approx(11.25)
    assert set(rows["value_status"]) == {"estimated"}
    clouded = months(high_share_percent=[10.0, np.nan, 5.0], cells_with_data=[300, 0, 50])
    rows = coastal_eutrophication(None, None, None, clouded, below_limit="half", fewest_samples=12)
    assert [one["key"] for one in rows.attrs["doubts"]] == ["months_without"]


def chlorophyll(table: pd.DataFrame) -> pd.DataFrame:
    return coastal_eutrophication(None, None, None, table, below_limit="half", fewest_samples=12)


@pytest.mark.parametrize(("number", "status"), [(12, None), (11, "estimated")])
def test_a_year_of_the_sea_has_twelve_months(number: int, status: str | None):
    table = pd.DataFrame({"year": 2020, "month": range(1, number + 1), "sub_region": None, "high_share_percent": 4.0,
                          "cells_with_data": np.nan})  # fmt: skip
    [found] = chlorophyll(table).to_dict("records")
    assert (found["value"], found["n"], found.get("value_status")) == (4, number, status)
    assert found.get("note") == (f"months|count={number}" if status else None)


def test_without_cells_parts_of_the_sea_are_not_brought_together_and_a_row_of_the_whole_sea_is_taken():
    table = months(high_share_percent=[10.0, 40.0, 5.0], cells_with_data=[300, 100, np.nan])
    rows = chlorophyll(table)
    assert set(rows["disaggregation"]) == {"N", "S"}
    assert [one["key"] for one in rows.attrs["doubts"]] == ["no_cells"]
    given_whole = pd.concat([table, table[:1].assign(sub_region=None, high_share_percent=11.0)])
    rows = chlorophyll(given_whole)
    assert value(rows, "Unusual chlorophyll", "All of the sea") == 11
    assert rows.attrs["doubts"] == []


def said(rows: pd.DataFrame) -> dict[str, dict[str, object]]:
    return {one["key"]: one["values"] for one in rows.attrs["doubts"]}


@pytest.mark.parametrize(("last", "count"), [("09-30", 0), ("09-29", 3)])
def test_more_than_92_days_without_a_sample_are_said_for_each_load(last: str, count: int):
    # From 30 September to 31 December it is 92 days, from the day before one more.
    days = [f"2021-{day}" for day in ("02-10", "05-10", "08-05", last)]
    level = {"nitrogen": 3.0, "phosphorus": 0.2, "silica": 1.0}
    found = said(computed(None, samples(level, ["2021-01-01", *days, "2021-12-31"]), fewest_samples=6))
    assert found.get("long_gap", {}).get("count", 0) == count


def test_few_samples_are_counted_with_the_number_asked_for():
    level = {"nitrogen": 3.0, "phosphorus": 0.2, "silica": 1.0}
    table = samples(level, [f"2021-{month:02d}-15" for month in range(1, 13)])
    assert said(computed(None, table, fewest_samples=13))["few_samples"] == {"count": 3, "fewest": 13}
    assert "few_samples" not in said(computed(None, table, fewest_samples=12))


def test_a_load_that_is_given_stands_before_samples_and_an_estimated_one_is_unsure():
    level = {"nitrogen": 300.0, "phosphorus": 20.0, "silica": 0.0}
    table = samples(level, [f"2020-{month:02d}-15" for month in range(1, 13)])
    own = loads(*whole("A", 10, 1, 5))
    rows = computed(own, table)
    assert value(rows) == pytest.approx(value(computed(own)))
    assert rows["value_status"].iloc[0] == "measured"
    assert computed(own.assign(value_status="estimated"), table)["value_status"].iloc[0] == "estimated"


@pytest.mark.parametrize(
    ("index", "name"),
    [(-5.1, "Low"), (-4.9, "Low to medium"), (-0.1, "Low to medium"), (0.0, "Medium to high"), (0.9, "Medium to high"),
     (1.1, "High"), (4.9, "High"), (5.1, "Extremely high")],
)  # fmt: skip
def test_the_limits_of_the_classes_are_those_of_aqueduct(index: float, name: str):
    # Without silica the index is 1272/31 of the flux of phosphorus; silica takes 1272/560 of its own away.
    rows = computed(loads(*whole("A", 1e3, max(index, 0) * 31 / 1272, max(-index, 0) * 560 / 1272)))
    classes = rows[rows["disaggregation_type"] == "Class"].set_index("disaggregation")["value"]
    assert classes[classes > 0].to_dict() == {name: 1}
    assert value(rows, "Index above 0", "Basins") == (100 if index > 0 else 0)
    limits = rows[rows["disaggregation_type"] == "Limiting nutrient"].set_index("disaggregation")["value"]
    assert limits.to_dict() == {"Nitrogen": 0, "Phosphorus": 1}
