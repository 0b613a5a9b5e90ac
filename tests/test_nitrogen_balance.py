"""7.CY.1 in detail: what makes a balance unknown, how parts make the whole, mined soils, and errors of coefficients."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.nitrogen_balance import nitrogen_balance
from gbf_workbench.methods.nitrogen_budgets import BUDGETS

NOTES = "indicators.nitrogen_balance.notes."
ALL = BUDGETS["agricultural_land"].flows
#: Tonnes of nitrogen; inputs 100 + 60 − 5 − 2 + 1 + 3 + 20 + 15 + 1 = 193, outputs 90 + 40 + 6 = 136.
WHOLE = dict(zip(ALL, (100.0, 60.0, 5.0, -2.0, 1.0, 3.0, 20.0, 15.0, 1.0, 90.0, 40.0, 6.0), strict=True))
FEW = ("mineral fertiliser", "crop harvest")
OTHERS = [flow for flow in ALL if flow not in FEW]


def flows_of(year=2020, province="", land_type="", status="measured", **changed):
    tonnes = {**WHOLE, **{name.replace("_", " "): value for name, value in changed.items()}}
    rows = [(year, flow, "", province, land_type, value, status) for flow, value in tonnes.items()]
    columns = ["year", "flow", "item", "province", "land_type", "nitrogen_t", "value_status"]
    return pd.DataFrame(rows, columns=columns)


def land(*rows):
    return pd.DataFrame(rows, columns=["year", "province", "land_type", "area_ha"])


def computed(flows=None, areas=None, quantities=None, coefficients=None, **changed):
    areas = land((2020, None, None, 1000.0)) if areas is None else areas
    wished = {"budget": "agricultural_land", "left_out": [], "confidence": 0.95, **changed}
    return nitrogen_balance(flows, quantities, coefficients, areas, **wished)


def row(out, unit="kg N/ha", kind="", part="", year=2020):
    rows = out[(out["disaggregation_type"] == kind) & (out["disaggregation"] == part) & (out["unit"] == unit)]
    [one] = rows[rows["year"] == year].to_dict("records")
    return one


def doubts(out):
    return {one["key"]: one["values"] for one in out.attrs["doubts"]}


def simple(*rows, few=True, errors=(0.0, 0.5), **changed):
    """Fertiliser and maize with their coefficients: 460 kg and 15 kg N per tonne."""
    columns = ["year", "flow", "item", "province", "quantity", "unit"]
    table = pd.DataFrame(rows, columns=columns)
    own = pd.DataFrame({"flow": FEW, "item": ["Urea", "Maize"], "kg_n_per_unit": [460.0, 15.0], "unit": "t",
                        "standard_error_kg": errors})  # fmt: skip
    return computed(quantities=table, coefficients=own, left_out=OTHERS if few else [], **changed)


UREA, MAIZE = (2020, FEW[0], "Urea", None, 100.0, "t"), (2020, FEW[1], "Maize", None, 2000.0, "t")


def test_the_balance_is_inputs_less_outputs_with_manure_taken_away_and_put_in_store():
    out = computed(flows_of())
    assert row(out, "t N")["value"] == pytest.approx(193 - 136)
    assert row(out)["value"] == pytest.approx(57)
    assert row(out, "%", "Nitrogen use efficiency")["value"] == pytest.approx(100 * 136 / 193)
    assert row(out, "t N", "Inputs and outputs", "Inputs")["value"] == pytest.approx(193)
    assert row(out, "t N", "Flow", "Manure stock change")["value"] == -2
    assert row(out, "t N", "Flow", "Manure stock change")["value_status"] == "measured"
    assert (row(out)["n"], row(out)["value_status"]) == (12, "measured")
    assert "lower" not in out
    assert not out.attrs["doubts"]


@pytest.mark.parametrize("flow", ALL)
def test_a_missing_flow_leaves_no_balance_and_a_zero_is_a_value(flow):
    table = flows_of()
    empty = table.assign(nitrogen_t=table["nitrogen_t"].where(table["flow"] != flow))
    for without in (table[table["flow"] != flow], empty):
        out = computed(without)
        assert {(one["value_status"], one["note"]) for one in (row(out), row(out, "t N"))} == {
            ("missing", "flows_missing")
        }
        assert doubts(out)["years_without"] == {"count": 1, "names": f"2020: {flow}"}
        assert (out["disaggregation_type"] == "Flow").sum() == 11
        named = computed(without, left_out=[flow])
        zero = computed(table.assign(nitrogen_t=table["nitrogen_t"].where(table["flow"] != flow, 0.0)))
        assert row(named)["value"] == pytest.approx(row(zero)["value"])
        assert doubts(named)["left_out"] == {"count": 1, "names": flow}
        assert "left_out" not in doubts(zero)


def test_an_item_that_is_not_known_makes_its_flow_unknown():
    more = flows_of().iloc[[9]].assign(item="Maize", nitrogen_t=None)
    assert row(computed(pd.concat([flows_of(), more], ignore_index=True)))["value_status"] == "missing"


def test_a_flow_left_out_is_left_out_where_it_is_known_too():
    two = pd.concat([flows_of(), flows_of(2021)], ignore_index=True).drop(index=7)
    out = computed(two, land((2020, None, None, 1000.0), (2021, None, None, 1000.0)), left_out=[ALL[7]])
    assert row(out)["value"] == row(out, year=2021)["value"] == pytest.approx(57 - 15)


def test_a_secret_flow_withholds_the_balance():
    table = flows_of()
    table.loc[0, ["nitrogen_t", "value_status"]] = [None, "suppressed"]
    assert row(computed(table))["value_status"] == "suppressed"
    both = pd.concat([table.assign(province="North"), flows_of(province="South"), flows_of(2021, "South")])
    out = computed(both.reset_index(drop=True), land((2020, "North", None, 10.0), (2020, "South", None, 10.0)))
    assert row(out)["value_status"] == "suppressed"
    assert row(out, kind="Province", part="South")["value_status"] == "measured"
    assert row(out, year=2021)["value_status"] == "missing"


def test_the_country_is_the_sum_of_nitrogen_over_the_sum_of_area_and_not_a_mean_of_provinces():
    table = pd.concat([flows_of(province="North"), flows_of(province="South", mineral_fertiliser=0.0)])
    areas = land((2020, "North", None, 1000.0), (2020, "South", None, 4000.0))
    out = computed(table.reset_index(drop=True), areas)
    assert row(out, kind="Province", part="North")["value"] == pytest.approx(57)
    assert row(out, kind="Province", part="South")["value"] == pytest.approx(-43 / 4)
    assert row(out)["value"] == pytest.approx((57 - 43) / 5)
    assert row(out)["value"] != pytest.approx((57 - 43 / 4) / 2)
    efficiency = row(out, "%", "Nitrogen use efficiency by province", "South")
    assert efficiency["value"] == pytest.approx(100 * 136 / 93)


def test_a_province_that_lacks_in_one_year_makes_that_year_unknown_and_not_smaller():
    table = pd.concat(
        [flows_of(2020, "North"), flows_of(2020, "South"), flows_of(2021, "North"), flows_of(2021, "South").iloc[1:]],
        ignore_index=True,
    )
    areas = land(*((year, name, None, 500.0) for year in (2020, 2021) for name in ("North", "South")))
    out = computed(table, areas)
    assert row(out)["value"] == pytest.approx(114)
    assert row(out, year=2021)["value_status"] == "missing"
    assert row(out, kind="Province", part="North", year=2021)["value"] == pytest.approx(114)
    assert row(computed(table, areas.iloc[:3]), year=2021)["value_status"] == "missing"


def test_provinces_and_land_types_are_both_summed_from_their_cells():
    cells = [("North", "cropland"), ("North", "permanent grassland"), ("South", "cropland")]
    table = pd.concat([flows_of(province=p, land_type=t) for p, t in cells], ignore_index=True)
    out = computed(table, land(*((2020, p, t, 100.0) for p, t in cells)))
    assert row(out, "t N")["value"] == pytest.approx(3 * 57)
    assert row(out, "t N", "Province", "North")["value"] == pytest.approx(2 * 57)
    assert row(out, "t N", "Land type", "Cropland")["value"] == pytest.approx(2 * 57)
    assert row(out, kind="Land type", part="Permanent grassland")["value"] == pytest.approx(570)


def test_a_row_of_the_whole_country_stands_and_a_sum_that_differs_is_named():
    parts = pd.concat([flows_of(province=name) for name in ("North", "South")], ignore_index=True)
    fits = pd.concat([parts, flows_of().assign(nitrogen_t=lambda one: 2 * one["nitrogen_t"])], ignore_index=True)
    assert "sums_differ" not in doubts(computed(fits))
    other = pd.concat([parts, flows_of()], ignore_index=True)
    assert row(computed(other), "t N")["value"] == pytest.approx(57)
    assert doubts(computed(other))["sums_differ"]["count"] == 12


def test_the_row_of_a_province_stands_before_the_sum_of_its_cells():
    cells = [flows_of(province="North", land_type=one) for one in ("cropland", "permanent grassland")]
    north = flows_of(province="North").assign(nitrogen_t=lambda one: 5 * one["nitrogen_t"])
    out = computed(pd.concat([*cells, north], ignore_index=True))
    assert row(out, "t N")["value"] == pytest.approx(5 * 57)
    assert row(out, "t N", "Land type", "Cropland")["value"] == pytest.approx(57)
    # Each flow of the country and each of the province.
    assert doubts(out)["sums_differ"]["count"] == 2 * 12


def test_a_province_of_which_few_flows_are_known_is_named_and_not_shown():
    some = flows_of(province="North").iloc[9:]
    out = computed(pd.concat([flows_of(), some], ignore_index=True))
    assert set(out["disaggregation_type"]).isdisjoint({"Province"})
    assert doubts(out)["parts_without"]["names"] == "North"


def test_mined_soil_is_reported_below_zero_and_named():
    out = computed(flows_of(mineral_fertiliser=0.0))
    assert (row(out)["value"], row(out)["note"]) == (pytest.approx(-43), "mining")
    assert row(out, "%", "Nitrogen use efficiency")["value"] > 100
    assert doubts(out)["below"] == {"count": 1, "names": "2020"}
    half = computed(flows_of(mineral_fertiliser=43.5))
    assert (row(half, "t N")["value"], row(half, "t N")["note"]) == (pytest.approx(0.5), "")
    assert "below" not in doubts(half)
    even = computed(flows_of(mineral_fertiliser=43.0))
    assert (row(even)["value"], row(even)["note"]) == (pytest.approx(0), "")


def test_no_land_no_known_area_and_no_input_are_three_things():
    none, unknown = (computed(flows_of(), land((2020, None, None, area))) for area in (0.0, None))
    assert (row(none)["value_status"], row(none)["note"]) == ("not_applicable", "no_land")
    assert (row(unknown)["value_status"], row(unknown)["note"]) == ("missing", "area_unknown")
    assert row(unknown, "t N")["value"] == pytest.approx(57)
    little = flows_of().assign(nitrogen_t=lambda table: table["nitrogen_t"] / 1000)
    assert row(computed(little), "%", "Nitrogen use efficiency")["value"] == pytest.approx(100 * 136 / 193)
    nothing = computed(flows_of(**dict.fromkeys((flow.replace(" ", "_") for flow in ALL), 0.0)))
    assert row(nothing)["value"] == 0
    assert row(nothing, "%", "Nitrogen use efficiency")["value_status"] == "not_applicable"


def test_the_cropland_budget_counts_its_own_flows_on_cropland_alone():
    table = pd.concat([flows_of(land_type="cropland"), flows_of(land_type="permanent grassland")], ignore_index=True)
    table.loc[len(table)] = [2020, "manure applied", "", "", "cropland", 30.0, "estimated"]
    areas = land((2020, None, "cropland", 500.0), (2020, None, "permanent grassland", 500.0))
    out = computed(table, areas, budget="cropland")
    assert row(out)["value"] == pytest.approx((100 + 30 + 20 + 15 - 90) / 0.5)
    assert row(out)["value_status"] == "estimated"
    assert set(out["disaggregation_type"]).isdisjoint({"Land type"})
    assert doubts(out)["other_flows"]["count"] == 8
    assert doubts(computed(table, areas))["other_flows"]["names"] == "manure applied"
    # Of two flows left out, one is not in this budget anyway.
    fewer = computed(table, areas, budget="cropland", left_out=["manure imports", "biological fixation"])
    assert doubts(fewer)["left_out"] == {"count": 1, "names": "biological fixation"}


def test_the_flows_of_the_cropland_of_the_world_lead_to_its_balance_within_their_rounding():
    # Mineral fertiliser, manure applied, fixation, deposition, harvest, balance [kg N/ha], rounded to two digits:
    # Ludemann et al. 2024, doi:10.5194/essd-16-525-2024. On 1,000 ha a tonne is a kilogram per hectare.
    published = {1961: (7.7, 13, 7.8, 5.3, 20, 14), 2020: (69, 17, 25, 10, 66, 54)}
    rounding = {1961: 3 * 0.05 + 3 * 0.5, 2020: 6 * 0.5}
    rows = [(year, flow, "cropland", value) for year, values in published.items()
            for flow, value in zip(BUDGETS["cropland"].flows, values[:5], strict=True)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["year", "flow", "land_type", "nitrogen_t"])
    out = computed(table, land(*((year, None, "cropland", 1000.0) for year in published)), budget="cropland")
    for year, values in published.items():
        assert row(out, year=year)["value"] == pytest.approx(values[-1], abs=rounding[year])


@settings(max_examples=25, deadline=None)
@given(factor=st.floats(0.1, 50), share=st.floats(0.05, 0.95))
def test_a_country_twice_as_large_has_the_same_balance_per_hectare_and_items_may_be_split(factor, share):
    table = flows_of()
    larger = computed(table.assign(nitrogen_t=factor * table["nitrogen_t"]), land((2020, None, None, factor * 1000)))
    assert row(larger)["value"] == pytest.approx(57, rel=1e-9)
    split = pd.concat([table.assign(item=name, nitrogen_t=part * table["nitrogen_t"])
                       for name, part in (("A", share), ("B", 1 - share))], ignore_index=True)  # fmt: skip
    assert row(computed(split.iloc[::-1]))["value"] == pytest.approx(57, rel=1e-9)


def test_quantities_take_the_coefficients_of_the_country_and_the_interval_their_errors():
    out = simple(UREA, MAIZE)
    assert row(out, "t N")["value"] == pytest.approx(46 - 30)
    assert row(out, "t N")["upper"] == pytest.approx(16 + 1.959964, rel=1e-6)
    assert row(out)["lower"] == pytest.approx(16 - 1.959964, rel=1e-6)
    assert row(out)["value_status"] == "estimated"
    narrow = simple(UREA, MAIZE, confidence=0.5)
    assert row(narrow, "t N")["upper"] == pytest.approx(16 + 0.674490, rel=1e-6)


def test_one_coefficient_errs_the_same_way_in_all_its_rows_and_two_err_apart():
    halves = [(*MAIZE[:3], name, 1000.0, "t") for name in ("North", "South")]
    out = simple(UREA, *halves)
    assert row(out, "t N")["upper"] - row(out, "t N")["value"] == pytest.approx(1.959964, rel=1e-6)
    both = simple(UREA, MAIZE, errors=(20.0, 0.5))
    assert row(both, "t N")["upper"] - row(both, "t N")["value"] == pytest.approx(1.959964 * 5**0.5, rel=1e-6)


def test_a_coefficient_without_an_error_leaves_no_interval_and_is_named():
    out = simple(UREA, MAIZE, errors=(None, 0.5))
    assert "lower" not in out
    assert doubts(out)["some_errors"]["count"] == 1
    assert "some_errors" not in doubts(simple(UREA, MAIZE, errors=(None, None)))


def test_a_coefficient_that_nothing_uses_and_tables_beside_flows_are_named():
    own = pd.DataFrame({"flow": [*FEW, FEW[1]], "item": ["Urea", "Maize", "Rye"], "kg_n_per_unit": 1.0, "unit": "T"})
    table = pd.DataFrame([UREA, MAIZE], columns=["year", "flow", "item", "province", "quantity", "unit"])
    out = computed(quantities=table, coefficients=own, left_out=OTHERS)
    assert doubts(out)["idle_coefficients"] == {"count": 1, "names": "crop harvest, Rye"}
    both = computed(flows_of(), quantities=table, coefficients=own)
    assert row(both)["value"] == pytest.approx(57)
    assert "both_tables" in doubts(both)


def test_what_forbids_a_number_is_said_with_its_rows_and_its_remedy():
    rye = (*MAIZE[:2], "Rye", *MAIZE[3:])
    cases = [
        (lambda: simple(UREA, rye), "join.unmatched", (1,)),
        (lambda: simple(UREA, (*MAIZE[:5], "head")), f"{NOTES}other_unit", (1,)),
        (lambda: simple(UREA, (*MAIZE[:4], -1.0, "t")), f"{NOTES}below_zero", (1,)),
        (lambda: computed(flows_of(crop_harvest=-1.0)), f"{NOTES}below_zero", (9,)),
        (lambda: computed(flows_of(), left_out=list(ALL[:9])), f"{NOTES}nothing_left", ()),
        (lambda: computed(flows_of(), left_out=list(ALL[9:])), f"{NOTES}nothing_left", ()),
        (lambda: computed(flows_of().iloc[:2], left_out=list(ALL[:2])), f"{NOTES}none_counted", ()),
        (lambda: computed(flows_of(), budget="cropland"), f"{NOTES}no_cropland", ()),
        (lambda: computed(flows_of(land_type="cropland"), budget="cropland"), f"{NOTES}no_cropland", ()),
    ]
    for call, key, rows in cases:
        with pytest.raises(WorkbenchError) as stopped:
            call()
        assert [(one.key, one.rows) for one in stopped.value.issues] == [(key, rows)]
        assert stopped.value.issues[0].remedy()
