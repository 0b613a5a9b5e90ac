"""B.1: supply is use, what ecosystems take is not counted twice, units are not added, and a lost service shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gbf_workbench as gbf
from gbf_workbench.indicators.ecosystem_services import ecosystem_services

FLOWS = [
    "year", "service", "service_class", "side", "ecosystem_type", "get_code", "indigenous_territory", "user",
    "quantity", "unit", "value", "currency", "price_basis", "base_year",
]  # fmt: skip


def computed(flows: pd.DataFrame | None = None, totals: pd.DataFrame | None = None, **more: object) -> pd.DataFrame:
    settings = {
        "base_year": 2020, "equal": "services", "largest_gap": 0.1, "currency": "", "prices": "as_given",
        "price_year": 0,
    }  # fmt: skip
    return ecosystem_services(flows, totals, None, None, **(settings | more))


def totals(*rows: tuple[int, str, float | None], unit: str = "t", kinds: dict[str, str] | None = None) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["year", "service", "quantity"]).assign(unit=unit)
    return table.assign(service_class=[(kinds or {}).get(one, "Provisioning") for one in table["service"]])


def flows(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """(supply of an ecosystem or use of a user, its name, quantity) of one service in 2020."""
    made = [
        {"year": 2020, "service": "Fry", "service_class": "Regulating", "side": side, "unit": "t", "quantity": quantity,
         "ecosystem_type" if side == "supply" else "user": name}
        for side, name, quantity in rows
    ]  # fmt: skip
    return pd.DataFrame(made).reindex(columns=FLOWS).astype({"get_code": "str"})


def value(rows: pd.DataFrame, year: int, kind: str = "", name: str = "", unit: str = "index") -> float:
    filled = rows.reindex(columns=["year", "disaggregation_type", "disaggregation", "value", "unit"])
    filled = filled.fillna({"disaggregation_type": "", "disaggregation": "", "unit": "index"})
    chosen = (filled["year"] == year) & (filled["disaggregation_type"] == kind) & (filled["disaggregation"] == name)
    [found] = filled.loc[chosen & (filled["unit"] == unit), "value"]
    return float(found)


def doubts(rows: pd.DataFrame) -> set[str]:
    return {one["key"] for one in rows.attrs["doubts"]}


def test_a_service_that_is_lost_brings_the_index_to_zero_and_is_not_outweighed():
    rows = computed(totals=totals((2020, "Fish", 10), (2022, "Fish", 0), (2020, "Wood", 10), (2022, "Wood", 1000)))
    assert value(rows, 2022) == 0
    assert value(rows, 2022, "Service", "Wood") == 10_000


def test_a_service_that_was_not_measured_is_left_out_and_the_year_is_marked():
    rows = computed(totals=totals((2020, "Fish", 10), (2022, "Fish", 5), (2020, "Wood", 10), (2022, "Wood", None)))
    assert value(rows, 2022) == 50
    marked = rows[(rows["year"] == 2022) & rows["disaggregation_type"].isna()]
    assert marked["value_status"].tolist() == ["estimated"]


@given(st.floats(1e-3, 1e6))
def test_the_unit_of_a_service_does_not_move_the_index(factor: float):
    given_rows = [(2020, "Fish", 10.0), (2022, "Fish", 5.0), (2020, "Wood", 4.0), (2022, "Wood", 6.0)]
    other = [(year, name, x * factor if name == "Fish" else x) for year, name, x in given_rows]
    assert value(computed(totals=totals(*given_rows)), 2022) == pytest.approx(
        value(computed(totals=totals(*other)), 2022)
    )


def test_classes_can_weigh_the_same_whatever_they_hold():
    kinds = {"Fish": "Provisioning", "Wood": "Provisioning", "Visits": "Cultural"}
    table = totals(
        (2020, "Fish", 1), (2022, "Fish", 4), (2020, "Wood", 1), (2022, "Wood", 4), (2020, "Visits", 1),
        (2022, "Visits", 1), kinds=kinds,
    )  # fmt: skip
    assert value(computed(totals=table), 2022) == pytest.approx(100 * 16 ** (1 / 3))
    assert value(computed(totals=table, equal="classes"), 2022) == pytest.approx(200)


def test_what_another_ecosystem_takes_is_not_counted_as_a_gift_to_people():
    table = flows(("supply", "Mangrove", 40), ("supply", "Reef", 5), ("use", "Reef", 9), ("use", "Fishery", 36))
    rows = computed(table)
    assert value(rows, 2020, "Service", "Fry", "t") == pytest.approx(36)
    assert value(rows, 2020, "Ecosystem type, Fry", "Mangrove", "t") == pytest.approx(32)
    assert "intermediate" in doubts(rows)


@pytest.mark.parametrize(("use", "allowed"), [(40.0, True), (40.03, True), (40.05, False), (0.0, False)])
def test_supply_and_use_may_differ_by_rounding_and_no_more(use: float, allowed: bool):
    table = flows(("supply", "Mangrove", 40), ("use", "Fishery", use))
    table.index = [2, 3]
    if allowed:
        assert value(computed(table), 2020) == 100
        return
    with pytest.raises(gbf.WorkbenchError) as refused:
        computed(table)
    [issue] = refused.value.issues
    assert (issue.key.rsplit(".", 1)[-1], issue.rows, issue.values["supply"]) == ("unbalanced", (2,), 40)
    assert issue.remedy()


def test_supply_without_any_use_is_said():
    assert "no_use" in doubts(computed(flows(("supply", "Mangrove", 40))))


def test_two_units_of_one_service_are_refused_and_never_added():
    table = pd.concat([totals((2020, "Fish", 10)), totals((2022, "Fish", 5), unit="kg")], ignore_index=True)
    with pytest.raises(gbf.WorkbenchError) as refused:
        computed(totals=table)
    [issue] = refused.value.issues
    assert (issue.values["units"], issue.value, issue.table) == ("kg, t", "kg", "ecosystem_service_totals")
    table = flows(("supply", "Reef", 5), ("use", "People", 5))
    with pytest.raises(gbf.WorkbenchError) as refused:
        computed(pd.concat([table, table.assign(unit="kg")], ignore_index=True))
    assert refused.value.issues[0].table == "ecosystem_service_flows"


def test_the_nearest_year_is_the_base_where_the_wanted_one_has_no_value():
    rows = computed(totals=totals((2012, "Fish", 10), (2017, "Fish", 8), (2024, "Fish", 4)))
    assert value(rows, 2017) == 100
    assert value(rows, 2024) == 50
    assert "other_base" in doubts(rows)


def test_a_service_that_was_zero_in_its_base_year_has_no_index_but_its_quantities():
    rows = computed(totals=totals((2020, "Fish", 10), (2022, "Fish", 5), (2020, "Wood", 0), (2022, "Wood", 6)))
    assert value(rows, 2022) == 50
    assert value(rows, 2022, "Service", "Wood", "t") == 6
    assert "zero_base" in doubts(rows)


def test_if_every_service_is_zero_in_its_base_year_it_is_said_what_to_do():
    with pytest.raises(gbf.WorkbenchError) as refused:
        computed(totals=totals((2020, "Fish", 0), (2022, "Fish", 5)))
    assert "base_year" in refused.value.issues[0].remedy()


def test_money_is_summed_over_services_valued_in_every_year_only():
    rows = [
        {"year": year, "service": name, "service_class": "Provisioning", "side": "supply", "ecosystem_type": "Reef",
         "quantity": 1.0, "unit": "t", "value": money, "currency": "USD", "price_basis": "constant", "base_year": 2020}
        for year, name, money in ((2020, "Fish", 10), (2022, "Fish", 12), (2022, "Pearls", 500))
    ]  # fmt: skip
    found = computed(pd.DataFrame(rows).reindex(columns=FLOWS).astype({"base_year": "Int64", "get_code": "str"}))
    unit = "USD, prices of 2020"
    assert value(found, 2022, "Value in money", "Services valued in every year", unit) == 12
    assert value(found, 2022, "Value in money", "Pearls", unit) == 500
    assert "not_always_valued" in doubts(found)
    assert np.isfinite(found["value"]).all()


def test_where_there_is_an_account_and_totals_the_account_counts_and_it_is_said():
    both = computed(flows(("supply", "Reef", 5), ("use", "Fishery", 5)), totals((2020, "Other", 1)))
    assert value(both, 2020, "Service", "Fry", "t") == 5
    assert doubts(both) == {"both_tables"}
    assert doubts(computed(totals=totals((2020, "Fish", 1)))) == set()
    assert doubts(computed(flows(("supply", "Reef", 5), ("use", "Fishery", 5)))) == set()


def test_a_service_that_is_all_taken_by_ecosystems_with_a_hair_of_rounding_is_zero_and_not_below():
    table = flows(("supply", "Mangrove", 100), ("use", "Mangrove", 100.09))
    with pytest.raises(gbf.WorkbenchError):
        computed(table)
    two = pd.concat([table, flows(("supply", "Reef", 7), ("use", "Fishery", 7)).assign(service="Fish")])
    assert value(computed(two.reset_index(drop=True)), 2020, "Service", "Fry", "t") == 0


def test_each_mean_says_how_many_services_of_how_many_it_is_of():
    kinds = {"Fish": "Provisioning", "Wood": "Provisioning", "Visits": "Cultural"}
    rows = computed(totals=totals(
        (2020, "Fish", 1), (2022, "Fish", 4), (2020, "Wood", 1), (2020, "Visits", 1), (2022, "Visits", 1), kinds=kinds,
    ))  # fmt: skip
    overall = rows[rows["disaggregation_type"].isna()]
    assert overall["n"].tolist() == [3, 2]
    assert overall["note"].tolist() == ["", "fewer_services|count=2|every=3"]
    classes = rows[rows["disaggregation_type"].eq("Class of service") & rows["year"].eq(2022)]
    assert classes["disaggregation"].tolist() == ["Provisioning", "Cultural"]
    assert classes["value_status"].tolist() == ["estimated", "measured"]
    assert (rows.loc[rows["disaggregation_type"].eq("Service"), "n"] == 1).all()


def test_places_are_the_biome_the_group_and_whether_they_are_traditional_territories():
    table = flows(("supply", "Mangrove", 4), ("supply", "Reef", 8), ("supply", "Lagoon", 16), ("use", "Fishery", 28))
    table = table.assign(get_code=["MFT1.2", "M1.3", "M1", None], indigenous_territory=[True, False, True, None])
    rows = computed(table)
    found = rows[rows["unit"] == "t"]
    by_kind = {
        kind.partition(",")[0]: dict(
            zip(part["disaggregation"], zip(part["value"], part["n"], strict=True), strict=True)
        )
        for kind, part in found.groupby("disaggregation_type")
    }
    assert by_kind["Biome"] == {"M1": (24, 2), "MFT1": (4, 1)}
    assert by_kind["Functional group"] == {"M1.3": (8, 1), "MFT1.2": (4, 1)}
    assert by_kind["Traditional territories"] == {"Inside": (20, 2), "Outside": (8, 1)}


def test_money_is_of_supply_only_and_where_no_service_was_always_valued_there_is_no_sum():
    rows = [
        {"year": year, "service": name, "service_class": "Provisioning", "side": side, "ecosystem_type": "Reef",
         "user": "People", "quantity": 1.0, "unit": "t", "value": money, "currency": "USD", "price_basis": "current"}
        for year, name, money in ((2020, "Fish", 10), (2022, "Pearls", 500)) for side in ("supply", "use")
    ]  # fmt: skip
    table = pd.DataFrame(rows).reindex(columns=FLOWS).astype({"base_year": "Int64", "get_code": "str"})
    found = computed(table)
    assert value(found, 2020, "Value in money", "Fish", "USD") == 10
    assert "Services valued in every year" not in found["disaggregation"].tolist()
    [said] = [one["values"] for one in found.attrs["doubts"] if one["key"] == "not_always_valued"]
    assert said == {"count": 2, "names": "Fish, Pearls"}
