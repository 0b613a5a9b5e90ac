"""9.1 Benefits from wild species: nothing counted twice, nothing added that has no sum, unknown apart from zero."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gbf_workbench as gbf
from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.indicators.wild_species_benefits import wild_species_benefits

DEFAULTS = {name: one.default for name, one in spec_of("9.1").parameters.items()}
WORKED = Path(__file__).resolve().parent.parent / "data_samples" / "worked" / "wild_species_benefits"
USE = {
    "year": 2022, "use_type": "gathering", "species": "berries", "user_group": None, "sex": None, "region": None,
    "quantity": 10.0, "quantity_unit": "t", "quantity_own_use": 4.0, "price_per_unit": 50.0, "currency": "USD",
    "people_engaged": 7.0, "sustainable": "yes", "value_status": "measured",
}  # fmt: skip
TOTAL = {
    "year": 2022, "use_type": "fishing", "benefit": "gross value", "user_group": None, "value": 100.0, "unit": "USD",
    "sustainable_only": True, "value_status": "measured",
}  # fmt: skip


def computed(*changes: dict, rates: list[dict] | None = None, **given_settings: object) -> pd.DataFrame:
    table = pd.DataFrame([(TOTAL if "benefit" in one else USE) | one for one in changes], dtype=object)
    roles = (None, table) if "benefit" in table else (table, None)
    return wild_species_benefits(*roles, None if rates is None else pd.DataFrame(rates), None,
                                 **{**DEFAULTS, **given_settings})  # fmt: skip


def row(rows: pd.DataFrame, kind: str, name: str = "All uses") -> pd.Series:
    found = rows[(rows["disaggregation_type"] == kind) & (rows["disaggregation"] == name)]
    assert len(found) == 1, (kind, name)
    return found.iloc[0]


def keys(rows: pd.DataFrame) -> set[str]:
    return {one["key"] for one in rows.attrs["doubts"]}


def test_what_is_sold_has_the_market_price_and_what_is_kept_its_part_of_it():
    rows = computed({}, own_use_price=0.5)
    assert row(rows, "Gross value")["value"] == pytest.approx(6 * 50 + 4 * 25)
    assert row(rows, "Subsistence value")["value"] == pytest.approx(100)


def test_a_row_for_all_and_rows_for_its_parts_are_not_added():
    parts = [
        {"sex": sex, "people_engaged": n, "quantity": q} for sex, n, q in (("female", 5.0, 6.0), ("male", 2.0, 4.0))
    ]
    rows = computed({}, *parts)
    assert row(rows, "People engaged")["value"] == 7
    assert row(rows, "Gross value")["value"] == pytest.approx(500)
    assert row(rows, "People engaged by sex", "female")["value"] == 5
    assert row(computed(*parts), "People engaged")["value"] == 7


def test_two_divisions_of_the_same_use_are_not_added_either():
    by_sex = [{"sex": "female", "people_engaged": 5.0}, {"sex": "male", "people_engaged": 2.0}]
    by_region = [{"region": "North", "people_engaged": 4.0}, {"region": "South", "people_engaged": 3.0}]
    rows = computed(*by_sex, *by_region)
    assert row(rows, "People engaged")["value"] == 7
    assert row(rows, "People engaged by region", "North")["value"] == 4


def test_only_uses_known_to_be_sustainable_count_and_the_others_stand_beside_them():
    rows = computed({}, {"species": "pigs", "sustainable": "unknown"}, {"species": "oaks", "sustainable": "no"})
    assert row(rows, "Gross value")["value"] == pytest.approx(500)
    assert row(rows, "Gross value whether sustainable or not")["value"] == pytest.approx(1500)
    assert row(rows, "Gross value by sustainability", "Not known")["value"] == pytest.approx(500)
    assert "nothing_sustainable" not in keys(rows)
    assert "nothing_sustainable" in keys(computed({"sustainable": "unknown"}))


def test_quantities_of_different_units_are_never_added_and_kilograms_are_tonnes():
    rows = computed(
        {}, {"species": "honey", "quantity": 500.0, "quantity_unit": "kg"}, {"quantity_unit": "m3", "species": "x"}
    )
    own = rows[(rows["disaggregation_type"] == "Quantity") & (rows["disaggregation"] == "Gathering")].set_index("unit")
    assert own["value"].to_dict() == {"m3": 10, "t": 10.5}
    assert not (rows["disaggregation_type"].eq("Quantity") & rows["disaggregation"].eq("All uses")).any()


def test_a_use_without_a_price_is_in_no_value_and_that_is_said():
    rows = computed({}, {"species": "yams", "price_per_unit": None, "currency": None})
    found = row(rows, "Gross value")
    assert (found["value"], found["value_status"], found["note"]) == (500, "estimated", "in_part|count=1")
    alone = computed({"price_per_unit": None, "currency": None})
    assert not alone["disaggregation_type"].eq("Gross value").any()


def test_a_measured_zero_is_a_zero():
    rows = computed({"quantity": 0.0, "quantity_own_use": 0.0, "people_engaged": 0.0})
    assert [row(rows, kind)["value"] for kind in ("Gross value", "Subsistence value", "People engaged")] == [0, 0, 0]


def test_suppressed_figures_are_in_no_sum_and_where_there_is_nothing_else_the_sum_is_suppressed():
    hidden = {"species": "rare", "use_type": "hunting", "value_status": "suppressed"}
    rows = computed({}, hidden)
    assert row(rows, "Gross value")["value"] == 500
    assert row(rows, "Gross value", "Hunting")["value_status"] == "suppressed"
    assert "suppressed_left_out" in keys(rows)


def test_people_can_be_added_or_the_largest_number_taken():
    several = [{}, {"species": "yams", "people_engaged": 9.0}, {"use_type": "fishing", "people_engaged": 3.0}]
    assert row(computed(*several), "People engaged")["value"] == 19
    assert row(computed(*several, people="largest"), "People engaged")["value"] == 9


def test_what_is_kept_but_not_known_stays_out_of_the_subsistence_value():
    rows = computed({"quantity_own_use": None})
    assert row(rows, "Gross value")["value"] == 500
    assert not rows["disaggregation_type"].eq("Subsistence value").any()
    assert "own_use_unknown" in keys(rows)


def test_totals_of_all_uses_are_never_called_sustainable():
    rows = computed(
        {"benefit": "gross value"}, {"benefit": "gross value", "sustainable_only": False, "use_type": "hunting"}
    )
    assert row(rows, "Gross value")["value"] == 100
    ending = "Gross value whether sustainable or not"
    assert row(rows, ending, "Hunting")["value"] == 100
    # The row of sustainable uses is a part of totals of all uses and not added to them.
    assert row(rows, ending)["value"] == 100
    assert not (rows["disaggregation_type"].eq(ending) & rows["disaggregation"].eq("Fishing")).any()


def test_totals_in_two_currencies_are_brought_together_by_rates():
    rate = {"currency": "XAF", "reference_currency": "USD", "year": 2022, "rate": 500.0,
            "direction": "currency per reference"}  # fmt: skip
    two = (
        {"benefit": "gross value"},
        {"benefit": "gross value", "use_type": "hunting", "value": 5000.0, "unit": "XAF"},
    )
    assert row(computed(*two, rates=[rate], currency="USD"), "Gross value")["value"] == pytest.approx(110)


def test_a_total_of_money_that_is_not_known_is_missing_in_the_sum_whatever_its_currency():
    rate = {"currency": "XAF", "reference_currency": "USD", "year": 2022, "rate": 500.0,
            "direction": "currency per reference"}  # fmt: skip
    unknown = {"benefit": "gross value", "use_type": "hunting", "value": None, "unit": "XAF", "value_status": "missing"}
    rows = computed({"benefit": "gross value"}, unknown, rates=[rate], currency="USD")
    assert set(rows["unit"]) == {"USD"}
    found = row(rows, "Gross value")
    assert (found["value"], found["value_status"], found["note"]) == (100, "estimated", "in_part|count=1")
    alone = row(rows, "Gross value", "Hunting")
    assert (alone["note"], alone["n"]) == ("all_missing", 0)


def said(rows: pd.DataFrame) -> dict[str, int]:
    return {one["key"]: one["values"].get("count", 1) for one in rows.attrs["doubts"]}


def test_people_are_said_to_be_counted_twice_only_where_several_uses_have_some():
    plain = {"price_per_unit": None, "currency": None}
    assert said(computed(plain)) == {}
    assert said(computed(plain, plain | {"species": "yams", "people_engaged": None})) == {}
    two = (plain, plain | {"species": "yams"})
    assert said(computed(*two)) == {"people_twice": 1}
    assert said(computed(*two, people="largest")) == {}


def test_what_was_left_out_or_is_not_known_is_counted():
    rows = computed(
        {"quantity_own_use": None}, {"species": "b", "quantity_own_use": None, "quantity": None, "quantity_unit": None},
        {"species": "c", "value_status": "suppressed"}, people="largest",
    )  # fmt: skip
    # Of the suppressed use the people, the quantity and both values.
    assert {key: said(rows)[key] for key in ("own_use_unknown", "suppressed_left_out")} == {
        "own_use_unknown": 1, "suppressed_left_out": 4,
    }  # fmt: skip
    assert not {"both_tables", "nothing_sustainable"} & set(said(rows))


def test_a_table_of_totals_beside_the_uses_is_said():
    uses, totals = pd.DataFrame([USE], dtype=object), pd.DataFrame([TOTAL], dtype=object)
    rows = wild_species_benefits(uses, totals, None, None, **DEFAULTS)
    assert "both_tables" in keys(rows)
    assert row(rows, "Gross value")["value"] == pytest.approx(500)


def test_a_sum_of_estimates_is_an_estimate_and_one_of_counts_is_not():
    whole = row(computed({}, {"species": "yams"}), "Gross value")
    assert (whole["value_status"], whole["note"], whole["n"]) == ("measured", "", 2)
    part = row(computed({}, {"species": "yams", "value_status": "estimated"}), "Gross value")
    assert (part["value"], part["value_status"], part["note"], part["n"]) == (pytest.approx(1000), "estimated", "", 2)
    hidden = {"species": "yams", "value_status": "suppressed"}
    assert row(computed({}, hidden), "Gross value")["n"] == 1


def test_the_groups_of_totals_are_shown_and_added_where_there_is_no_row_of_all():
    native = "indigenous peoples and local communities"
    parts = [
        {"benefit": "gross value", "user_group": name, "value": n} for name, n in ((native, 30.0), ("others", 50.0))
    ]
    assert row(computed(*parts), "Gross value")["value"] == 80
    rows = computed({"benefit": "gross value"}, *parts)
    assert row(rows, "Gross value")["value"] == 100
    assert row(rows, "Gross value by users", "Others")["value"] == 50
    assert row(rows, "Gross value by users", "Indigenous peoples and local communities")["value"] == 30


def test_totals_of_people_and_quantities_keep_their_units_beside_money():
    rows = computed(
        {"benefit": "people engaged", "value": 40.0, "unit": "persons"}, {"benefit": "quantity", "unit": "t"},
        {"benefit": "resource rent", "value": -5.0}, {"benefit": "subsistence value", "value_status": "suppressed"},
    )  # fmt: skip
    found = row(rows, "People engaged")
    assert (found["value"], found["unit"]) == (40, "persons")
    assert row(rows, "Quantity", "Fishing")["unit"] == "t"
    assert row(rows, "Resource rent")["value"] == -5
    assert row(rows, "Subsistence value")["value_status"] == "suppressed"


@settings(max_examples=10)
@given(st.randoms(use_true_random=False), st.integers(2, 9))
def test_rows_in_another_order_or_split_by_region_give_the_same_totals(chance: random.Random, pieces: int):
    table = gbf.load("9.1", WORKED)["uses"].copy()
    part = {name: table[name] / pieces for name in ("quantity", "quantity_own_use")}
    split = pd.concat([table.assign(region=f"R{at}", **part) for at in range(pieces)], ignore_index=True)
    split = split.sample(frac=1, random_state=chance.randrange(2**31))
    one, other = (wild_species_benefits(t, None, None, None, **DEFAULTS) for t in (table, split))
    key = ["disaggregation_type", "disaggregation", "unit"]
    money = [frame[frame["unit"] == "USD"].set_index(key)["value"] for frame in (one, other)]
    pd.testing.assert_series_equal(money[0], money[1].reindex(money[0].index))
