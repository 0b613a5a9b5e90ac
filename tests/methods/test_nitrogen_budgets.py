"""Nitrogen budgets: what is an amount, which parts make a place, whose error is known, and what is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.nitrogen_budgets import (
    BUDGETS,
    WHOLE,
    Budget,
    Places,
    accounts,
    areas_of_table,
    flows_of_quantities,
    flows_of_table,
    listed,
    only_cropland,
)

BUDGET = Budget({"fertiliser": 1, "withdrawals": -1}, ("harvest",))
NORTH, SOUTH, CROPS, GRASS = ("North", ""), ("South", ""), ("", "cropland"), ("", "permanent grassland")
NORTH_CROPS, NORTH_GRASS = ("North", "cropland"), ("North", "permanent grassland")
SOUTH_CROPS = ("South", "cropland")


def table(of: list[tuple]) -> pd.DataFrame:
    """One flow of one year in the places that are given with their value."""
    rows = [(2020, "harvest", *place, value) for place, value in of]
    return pd.DataFrame(rows, columns=["year", "flow", "province", "land_type", "value"])


def total(place: tuple[str, str], *of: tuple, others: tuple = ()) -> float | None:
    """The harvest of a place from that of others, of which the country may have more than have a harvest."""
    places = Places(table(list(of)), [*(one for one, _ in of), *others])
    rows = places.rows(2020, "harvest", place)
    return None if rows is None else float(places.values[rows].sum())


def flows(*rows: tuple, **more: object) -> pd.DataFrame:
    """Flow and tonnes of nitrogen in 2020."""
    given = pd.DataFrame(rows, columns=["flow", "nitrogen_t"]).assign(**{"year": 2020, **more})
    return flows_of_table(given)


def land(*rows: tuple) -> pd.DataFrame:
    return areas_of_table(pd.DataFrame(rows, columns=["year", "province", "land_type", "area_ha"]))


def account(given: pd.DataFrame, areas: pd.DataFrame | None = None, place=WHOLE, doubts: Doubts | None = None):
    areas = land((2020, None, None, 10.0)) if areas is None else areas
    return accounts(given, areas, BUDGET, Doubts() if doubts is None else doubts)[place, 2020]


def refused(call) -> object:
    with pytest.raises(WorkbenchError) as caught:
        call()
    [issue] = caught.value.issues
    return issue


@pytest.mark.parametrize(
    ("place", "of", "expected"),
    [
        (WHOLE, [(NORTH, 1.0), (SOUTH, 2.0)], 3.0),
        (WHOLE, [(CROPS, 1.0), (GRASS, 4.0)], 5.0),
        (WHOLE, [(WHOLE, 9.0), (NORTH, 1.0)], 9.0),
        (WHOLE, [(NORTH_CROPS, 1.0), (NORTH_GRASS, 2.0), (SOUTH_CROPS, 4.0)], 7.0),
        (WHOLE, [(NORTH, None), (SOUTH, 2.0)], None),
        (WHOLE, [(NORTH_CROPS, 1.0), (NORTH_GRASS, None), (SOUTH_CROPS, 4.0)], None),
        (NORTH, [(NORTH_CROPS, 1.0), (NORTH_GRASS, 2.0), (SOUTH_CROPS, 4.0)], 3.0),
        (CROPS, [(NORTH_CROPS, 1.0), (NORTH_GRASS, 2.0), (SOUTH_CROPS, 4.0)], 5.0),
        (NORTH, [(WHOLE, 9.0)], None),
        (NORTH_CROPS, [(NORTH, 9.0)], None),
    ],
)  # fmt: skip
def test_a_place_is_its_own_row_or_the_sum_of_all_its_parts(place, of, expected):
    assert total(place, *of) == expected


def test_a_province_that_is_not_divided_and_one_that_is_make_the_country_together():
    cells = [(SOUTH, 4.0), (NORTH_CROPS, 1.0), (NORTH_GRASS, 2.0)]
    assert total(WHOLE, *cells) == 7.0
    assert total(NORTH, *cells) == 3.0
    # How much of the South is cropland, nobody said.
    assert total(CROPS, *cells) is None
    assert total(WHOLE, *cells[1:], others=(SOUTH,)) is None


def test_a_land_type_that_is_not_divided_and_one_that_is_make_the_country_together():
    cells = [(GRASS, 4.0), (NORTH_CROPS, 1.0), (SOUTH_CROPS, 2.0)]
    assert total(WHOLE, *cells) == 7.0
    assert total(CROPS, *cells) == 3.0
    # How much grassland the North has, nobody said.
    assert total(NORTH, *cells) is None
    assert total(WHOLE, *cells[1:], others=(GRASS,)) is None


def test_a_part_that_is_named_anywhere_has_to_be_there():
    assert total(WHOLE, (NORTH, 1.0), others=(SOUTH,)) is None
    assert total(WHOLE, (NORTH, 1.0), others=(WHOLE,)) == 1.0
    assert total(NORTH, (NORTH_CROPS, 1.0), others=(NORTH_GRASS,)) is None


@pytest.mark.parametrize(("whole", "differ"), [(100.0, 0), (99.01, 0), (99.0, 1), (101.02, 1), (0.0, 1)])
def test_sums_differ_by_more_than_one_per_cent_of_the_figure_that_was_used(whole, differ):
    of = [(WHOLE, whole), (NORTH, 40.0), (SOUTH, 60.0)]
    assert Places(table(of), [one for one, _ in of]).sums_differ() == differ


def test_sums_differ_by_exactly_one_per_cent_no_more():
    of = [(WHOLE, 100.0), (NORTH, 41.0), (SOUTH, 60.0)]
    assert Places(table(of), [one for one, _ in of]).sums_differ() == 0


def test_a_budget_loses_flows_but_neither_all_inputs_nor_all_outputs():
    assert BUDGET.flows == ("fertiliser", "withdrawals", "harvest")
    assert BUDGET.without(["fertiliser"]) == Budget({"withdrawals": -1}, ("harvest",))
    for left_out in (["fertiliser", "withdrawals"], ["harvest"]):
        issue = refused(lambda left_out=left_out: BUDGET.without(left_out))
        assert (issue.key.rpartition(".")[2], issue.column) == ("nothing_left", "left_out")


def test_only_manure_withdrawals_are_taken_away_from_what_comes_in():
    for name, inputs, outputs in (("agricultural_land", 9, 3), ("cropland", 4, 1)):
        signs = BUDGETS[name].inputs
        assert (len(signs), len(BUDGETS[name].outputs)) == (inputs, outputs)
        assert {flow: sign for flow, sign in signs.items() if sign != 1} == (
            {"manure withdrawals": -1} if name == "agricultural_land" else {}
        )


def test_an_account_adds_inputs_takes_away_withdrawals_and_outputs():
    one = account(flows(("fertiliser", 100.0), ("withdrawals", 30.0), ("harvest", 50.0), ("harvest", 5.0)))
    assert (one.inputs, one.outputs, one.balance, one.area_ha) == (70.0, 55.0, 15.0, 10.0)
    assert (one.missing, one.withheld, one.estimated) == ((), False, False)
    assert one.flows == {"fertiliser": 100.0, "withdrawals": 30.0, "harvest": 55.0}
    assert np.isnan(one.error)


def test_a_flow_without_a_row_leaves_its_side_unknown_and_the_other_known():
    one = account(flows(("fertiliser", 100.0), ("withdrawals", 30.0)))
    assert (one.missing, one.inputs) == (("harvest",), 70.0)
    assert np.isnan(one.outputs)
    assert np.isnan(one.balance)


def test_one_estimated_flow_makes_the_account_estimated():
    mixed = flows(("fertiliser", 1.0), ("withdrawals", 0.0), ("harvest", 1.0),
                  value_status=["measured", "estimated", None])  # fmt: skip
    assert account(mixed).estimated


def test_withheld_is_a_place_of_which_a_flow_that_lacks_is_secret_in_that_year():
    rows = [("fertiliser", None), ("withdrawals", 0.0), ("harvest", 1.0)] * 2
    status = ["suppressed", None, None, None, None, None]
    provinces = ["North"] * 3 + ["South"] * 3
    given = flows(*rows, province=provinces, value_status=status)
    assert account(given).withheld
    assert account(given, place=NORTH).withheld
    # In the South the same flow is just not known.
    assert (account(given, place=SOUTH).withheld, account(given, place=SOUTH).missing) == (False, ("fertiliser",))


def test_a_secret_of_another_year_or_of_a_flow_that_is_known_withholds_nothing():
    rows = [("fertiliser", None), ("withdrawals", 0.0), ("harvest", 1.0)]
    later = flows(*rows, *rows, year=[2020] * 3 + [2019] * 3, value_status=[None] * 3 + ["suppressed", None, None])
    found = accounts(later, land((2020, None, None, 10.0)), BUDGET, Doubts())
    assert (found[WHOLE, 2019].withheld, found[WHOLE, 2020].withheld) == (True, False)
    assert not account(flows(*rows, value_status=[None, None, "suppressed"])).withheld


def test_places_come_country_first_and_every_year_has_an_account():
    rows = [("fertiliser", 1.0), ("withdrawals", 0.0), ("harvest", 1.0)] * 2
    given = flows(*rows, province=["South"] * 3 + ["North"] * 3, year=[2021] * 3 + [2020] * 3)
    found = accounts(given, land((2020, "North", "cropland", 1.0)), BUDGET, Doubts())
    assert list(found) == [(place, year) for place in (WHOLE, NORTH, SOUTH, CROPS) for year in (2020, 2021)]
    assert found[SOUTH, 2020].missing == BUDGET.flows
    assert found[NORTH, 2020].area_ha == 1.0
    assert np.isnan(found[SOUTH, 2021].area_ha)


def test_flows_of_no_budget_are_named_and_not_counted_and_nothing_is_said_of_the_others():
    doubts = Doubts()
    whole = [("fertiliser", 1.0), ("withdrawals", 0.0), ("harvest", 1.0)]
    account(flows(*whole), doubts=doubts)
    assert doubts == []
    account(flows(*whole, ("wind", 1.0), ("dust", 1.0)), doubts=doubts)
    assert [(one["key"], one["values"]) for one in doubts] == [("other_flows", {"count": 2, "names": "dust, wind"})]
    assert refused(lambda: account(flows(("wind", 1.0)))).column == "budget"


def test_areas_that_do_not_add_up_are_said_like_flows():
    doubts = Doubts()
    given = flows(("fertiliser", 1.0), ("withdrawals", 0.0), ("harvest", 1.0))
    areas = land((2020, None, None, 10.0), (2020, "North", None, 5.0))
    assert account(given, areas, doubts=doubts).area_ha == 10.0
    assert [(one["key"], one["values"]) for one in doubts] == [("sums_differ", {"count": 1})]


def test_only_the_change_of_stocks_may_be_below_zero_and_zero_is_an_amount():
    assert flows(("manure stock change", -1.0), ("harvest", 0.0))["value"].tolist() == [0.0, -1.0]
    issue = refused(lambda: flows(("manure stock change", -1.0), ("harvest", -0.1), ("fertiliser", -5.0)))
    assert (issue.rows, issue.table, issue.column) == ((1, 2), "nitrogen_flows", "nitrogen_t")


QUANTITIES = pd.DataFrame({
    "year": 2020, "flow": ["harvest", "fertiliser"], "item": ["Maize", "Urea"], "quantity": [2000.0, 100.0],
    "unit": ["t", "T"],
})  # fmt: skip
COEFFICIENTS = pd.DataFrame({
    "flow": ["fertiliser", "harvest"], "item": ["Urea", "Maize"], "kg_n_per_unit": [460.0, 15.0], "unit": ["t", "t"],
    "standard_error_kg": [20.0, 0.5],
})  # fmt: skip


def test_quantities_become_tonnes_with_the_error_of_their_coefficient():
    doubts = Doubts()
    found = flows_of_quantities(QUANTITIES, COEFFICIENTS, doubts).set_index("flow")
    assert found["value"].to_dict() == {"fertiliser": 46.0, "harvest": 30.0}
    assert found["error"].to_dict() == {"fertiliser": 2.0, "harvest": 1.0}
    assert set(found["status"]) == {"estimated"}
    assert doubts == []


def test_a_coefficient_errs_once_in_all_its_rows_and_two_err_apart():
    twice = pd.concat([QUANTITIES, QUANTITIES[:1]], ignore_index=True)
    given = pd.concat([flows_of_quantities(twice, COEFFICIENTS, Doubts()), flows(("withdrawals", 0.0))])
    given["error"] = given["error"].fillna(0.0)
    # Harvest 1 + 1, as one coefficient, and fertiliser 2: √(2² + 2²).
    assert account(given.reset_index(drop=True)).error == pytest.approx(8**0.5)


def test_errors_that_only_some_tell_are_counted_and_none_at_all_is_a_choice():
    some, none = Doubts(), Doubts()
    flows_of_quantities(QUANTITIES, COEFFICIENTS.assign(standard_error_kg=[None, 0.5]), some)
    flows_of_quantities(QUANTITIES, COEFFICIENTS.assign(standard_error_kg=None), none)
    assert [(one["key"], one["values"]) for one in some] == [("some_errors", {"count": 1})]
    assert none == []


def test_another_unit_is_refused_with_both_units():
    issue = refused(lambda: flows_of_quantities(QUANTITIES, COEFFICIENTS.assign(unit=["t", "kg"]), Doubts()))
    assert (issue.rows, issue.column, issue.table) == ((0,), "unit", "nitrogen_quantities")
    assert issue.values["names"] == "Maize: t / kg"


def test_cropland_becomes_all_the_land_and_has_to_be_there():
    given = pd.DataFrame({"land_type": ["cropland", "permanent grassland", ""], "value": [1.0, 2.0, 3.0]})
    assert only_cropland(given, "nitrogen_flows").to_dict("list") == {"land_type": [""], "value": [1.0]}
    issue = refused(lambda: only_cropland(given[1:], "nitrogen_flows"))
    assert (issue.table, issue.column) == ("nitrogen_flows", "land_type")


def test_a_name_is_listed_once_and_eight_at_most():
    assert listed([]) == ""
    assert listed(["b", "a", "b"]) == "b; a"
    assert listed("abcdefghh") == "a; b; c; d; e; f; g; h"
    assert listed("abcdefghi") == "a; b; c; d; e; f; g; h …"
