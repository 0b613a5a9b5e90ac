"""10.2 Sustainable forest management: five figures, a fixed denominator, zeros, gaps and lights."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.indicators.sustainable_forest_management import sustainable_forest_management

DEFAULTS = {name: one.default for name, one in spec_of("10.2").parameters.items()}
CHANGE, BIOMASS = "Change of forest area", "Above-ground biomass"
PROTECTED, MANAGED, CERTIFIED = "Forest in protected areas", "Forest under management plans", "Certified forest"


def forests(**columns: list) -> pd.DataFrame:
    """A table by year; the years are 2000, 2010, 2015 and 2020 unless given."""
    return pd.DataFrame({"year": [2000, 2010, 2015, 2020]} | columns)


def computed(table: pd.DataFrame, **settings: object) -> pd.DataFrame:
    return sustainable_forest_management(table, **{**DEFAULTS, **settings})


def row(rows: pd.DataFrame, name: str, year: int, kind: str = "Part") -> pd.Series:
    found = rows[(rows["disaggregation_type"] == kind) & (rows["disaggregation"] == name) & (rows["year"] == year)]
    assert len(found) == 1, (name, year, kind)
    return found.iloc[0]


def test_the_rate_is_compound_and_not_the_difference_divided_by_the_end_or_the_start():
    rows = computed(forests(forest_area_1000ha=[100.0, 100.0, 90.0, 50.0]))
    assert row(rows, CHANGE, 2020)["value"] == pytest.approx((0.5**0.1 - 1) * 100)
    # The same loss over its end area would be −10, over its start area −5 per cent a year.
    assert row(rows, CHANGE, 2020)["value"] not in (pytest.approx(-10), pytest.approx(-5))
    assert row(rows, CHANGE, 2010)["value"] == 0


def test_the_denominator_stays_the_forest_of_2015():
    table = forests(forest_area_1000ha=[100.0, 100.0, 80.0, 40.0], protected_forest_1000ha=[8.0, 8.0, 8.0, 8.0])
    rows = computed(table)
    # Divided by the forest of each year the share would double from 10 to 20 % although nothing was protected.
    assert row(rows, PROTECTED, 2020)["value"] == pytest.approx(10)
    assert row(rows, PROTECTED, 2020, "Progress")["value"] == pytest.approx(1)


def test_without_2015_there_is_no_share_and_the_others_stand():
    table = pd.DataFrame({"year": [2010, 2020], "forest_area_1000ha": [9.0, 9.0], "managed_forest_1000ha": [1.0, 2.0]})
    rows = computed(table)
    assert row(rows, MANAGED, 2020)["note"] == "no_2015"
    assert row(rows, CHANGE, 2020)["value"] == 0


def test_a_zero_is_a_value_and_its_ratio_is_not():
    table = forests(
        forest_area_1000ha=[10.0] * 4, protected_forest_1000ha=[0.0, 0.0, 0.0, 2.0], certified_1000ha=[0.0] * 4
    )
    rows = computed(table, lights=True)
    assert row(rows, PROTECTED, 2010)["value"] == 0
    gained = row(rows, PROTECTED, 2020, "Progress")
    assert (gained["value_status"], gained["note"]) == ("not_applicable", "from_zero;green")
    stayed = row(rows, CERTIFIED, 2020, "Progress")
    assert (stayed["value_status"], stayed["note"]) == ("not_applicable", "stayed_zero")


def test_what_is_not_known_is_missing_and_not_zero():
    rows = computed(forests(forest_area_1000ha=[10.0] * 4))
    for name in (BIOMASS, PROTECTED, MANAGED, CERTIFIED):
        assert (row(rows, name, 2020)["value_status"], row(rows, name, 2020)["note"]) == ("missing", "part_missing")


def test_a_country_without_forest_has_no_rate():
    rows = computed(forests(forest_area_1000ha=[0.0] * 4, protected_forest_1000ha=[0.0] * 4))
    assert row(rows, CHANGE, 2020)["note"] == "no_forest"
    assert row(rows, PROTECTED, 2020)["note"] == "no_forest"
    assert row(computed(forests(forest_area_1000ha=[0.0, 0.0, 0.0, 1.0])), CHANGE, 2020)["note"] == "from_zero"


def test_more_plans_than_forest_is_held_at_100_but_progress_is_not():
    rows = computed(forests(forest_area_1000ha=[100.0] * 4, managed_forest_1000ha=[50.0, 100.0, 110.0, 150.0]))
    assert (row(rows, MANAGED, 2020)["value"], row(rows, MANAGED, 2020)["note"]) == (100, "capped")
    assert row(rows, MANAGED, 2020, "Progress")["value"] == pytest.approx(1.5)


def test_forest_certified_twice_counts_once():
    table = forests(
        certified_fsc_1000ha=[None, 5.0, 5.0, 6.0], certified_pefc_1000ha=[None, 4.0, None, 6.0],
        certified_both_1000ha=[None, 3.0, None, 6.0], certified_1000ha=[2.0, 9.0, 7.0, None],
        forest_area_1000ha=[10.0] * 4,
    )  # fmt: skip
    rows = computed(table)
    assert [row(rows, CERTIFIED, year)["value"] for year in (2000, 2010, 2015, 2020)] == [2, 6, 7, 6]
    assert row(rows, CERTIFIED, 2015, "Progress")["value"] == pytest.approx(7 / 6)
    assert [(one["key"], one["values"]["years"]) for one in rows.attrs["doubts"]] == [("certified_differs", "2010")]


@pytest.mark.parametrize(
    ("areas", "light"),
    [((100, 100, 100, 101), "green"), ((100, 100, 100, 100), "green"), ((100, 90, 89, 88), "yellow"),
     ((100, 99, 90, 80), "red"), ((100, 110, 90, 80), "red"), ((None, 100, 90, 80), "")],
)  # fmt: skip
def test_lights_of_change_compare_with_the_baseline(areas: tuple, light: str):
    table = forests(forest_area_1000ha=pd.array(areas, dtype="Float64"))
    found = row(computed(table, lights=True), CHANGE, 2020)
    assert found.get("note") in ([light] if light else [None, "", float("nan")]) or found["note"] != found["note"]


def test_lights_of_ratios_call_one_per_cent_a_change_and_are_off_unless_asked_for():
    table = forests(forest_area_1000ha=[10.0] * 4, biomass_t_per_ha=[100.0, 100.0, 101.0, 99.0])
    rows = computed(table, lights=True)
    assert row(rows, BIOMASS, 2015, "Progress")["note"] == "green"
    assert row(rows, BIOMASS, 2020, "Progress")["note"] == "red"
    steady = forests(forest_area_1000ha=[10.0] * 4, biomass_t_per_ha=[100.0, 100.0, 100.9, 99.1])
    assert row(computed(steady, lights=True), BIOMASS, 2020, "Progress")["note"] == "yellow"
    assert row(computed(table), BIOMASS, 2020, "Progress")["note"] == ""


def test_biomass_of_the_nearest_year_is_taken_only_where_asked_and_is_estimated():
    table = forests(forest_area_1000ha=[10.0] * 4, biomass_t_per_ha=[120.0, 100.0, 90.0, None])
    assert computed(table).query("disaggregation == @BIOMASS and year == 2020").empty
    rows = computed(table, biomass_gaps="nearest_year")
    assert (row(rows, BIOMASS, 2020)["value"], row(rows, BIOMASS, 2020)["value_status"]) == (90, "estimated")
    assert row(rows, BIOMASS, 2015)["value_status"] == "measured"


def test_an_estimated_2015_makes_all_shares_estimated():
    status = ["measured", "measured", "estimated", "measured"]
    table = forests(forest_area_1000ha=[10.0] * 4, protected_forest_1000ha=[1.0] * 4, value_status=status)
    rows = computed(table)
    assert row(rows, PROTECTED, 2020)["value_status"] == "estimated"
    assert row(rows, CHANGE, 2020)["value_status"] == "measured"


def test_there_is_no_overall_value():
    rows = computed(forests(forest_area_1000ha=[10.0] * 4))
    assert "" not in set(rows["disaggregation_type"])


@given(st.floats(0.01, 1000))
def test_the_unit_of_area_changes_certified_areas_only(factor: float):
    table = forests(
        forest_area_1000ha=[10.0, 9.0, 8.0, 7.0],
        protected_forest_1000ha=[1.0, 2, 3, 3],
        certified_1000ha=[1.0, 2, 3, 4],
    )
    larger = table.assign(**{name: table[name] * factor for name in table if name.endswith("ha")})
    one, other = computed(table), computed(larger)
    area = one["unit"] == "1000 ha"
    assert other["value"].where(~area).tolist() == pytest.approx(one["value"].where(~area).tolist(), nan_ok=True)
    assert other["value"][area].tolist() == pytest.approx((one["value"][area] * factor).tolist())


def test_a_report_that_ends_in_2010_has_its_baseline_once_and_else_says_what_lacks():
    table = pd.DataFrame({"year": [2000, 2010, 2015], "forest_area_1000ha": [10.0, 9.0, None]})
    only = computed(table[:2])
    assert row(only, CHANGE, 2010)["value"] == pytest.approx((0.9**0.1 - 1) * 100)
    assert row(computed(table[1:2]), CHANGE, 2010)["note"] == "no_later_year"
    longer = computed(table)
    assert (row(longer, CHANGE, 2010)["value_status"], row(longer, CHANGE, 2015)["note"]) == (
        "measured",
        "no_later_year",
    )
    assert row(computed(table[:1]), CHANGE, 2000)["note"] == "no_2010"


def test_years_in_which_certified_areas_differ_are_named_once_wherever_they_are():
    part = pd.DataFrame({
        "year": [2010, 2015, 2020], "forest_area_1000ha": 10.0, "certified_fsc_1000ha": [5.0, 5.0, 200.0],
        "certified_pefc_1000ha": 4.0, "certified_both_1000ha": [3.0, 3.0, 3.0], "certified_1000ha": [6.0, 9.0, 202.0],
    })  # fmt: skip
    table = pd.concat([part.assign(territory=one) for one in (None, "inside")], ignore_index=True)
    table.loc[3, "certified_1000ha"] = 1.0
    # 2015 differs in both, 2010 inside; 201 for 202 is rounding.
    [said] = computed(table).attrs["doubts"]
    assert (said["key"], said["values"]) == ("certified_differs", {"count": 2, "years": "2010, 2015"})
