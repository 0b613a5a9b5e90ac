"""Supply and use of services: both sides are equal, what ecosystems take is not counted again, bases and means."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.service_accounts import against_base, final_supply, geometric_mean


def flows(*rows: tuple[str, str | None, float | None], service: str = "Fry", year: int = 2020) -> pd.DataFrame:
    """(supply of an ecosystem or use of a user, its name, quantity)."""
    made = [
        {"year": year, "service": service, "unit": "t", "side": side, "quantity": quantity,
         "ecosystem_type": name if side == "supply" else None, "user": name if side == "use" else None}
        for side, name, quantity in rows
    ]  # fmt: skip
    return pd.DataFrame(made).astype({"quantity": float, "ecosystem_type": "str", "user": "str"})


def together(*tables: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True)


def final(table: pd.DataFrame, gap: float = 0.1) -> tuple[list[float], dict[str, dict[str, object]]]:
    doubts = Doubts()
    found = final_supply(table, gap, doubts)
    assert (found["side"] == "supply").all()
    return found["quantity"].tolist(), {one["key"]: one["values"] for one in doubts}


def test_supply_that_people_use_stays_as_it_is_and_nothing_is_said():
    table = flows(("supply", "Reef", 3.0), ("use", "Fishery", 5.0), ("supply", "Lagoon", 2.0))
    assert final(table) == ([3.0, 2.0], {})


def test_what_ecosystems_use_is_taken_from_each_supply_in_the_same_part():
    table = flows(("supply", "Mangrove", 40), ("supply", "Reef", 10), ("use", "Reef", 20), ("use", "Fishery", 30))
    assert final(table) == ([24.0, 6.0], {"intermediate": {"count": 1, "names": "Fry"}})


def test_an_ecosystem_is_known_as_user_however_its_name_is_written_and_through_any_service_it_supplies():
    other = flows(("supply", "REEF", 7.0), ("use", "People", 7.0), service="Fish")
    table = together(flows(("supply", "Mangrove", 8.0), ("use", "Reef", 2.0), ("use", None, 6.0)), other)
    assert final(table) == ([6.0, 7.0], {"intermediate": {"count": 1, "names": "Fry"}})


def test_each_service_unit_and_year_is_an_account_of_its_own():
    years = together(flows(("supply", "Reef", 8.0), ("use", "Reef", 4.0), ("use", "People", 4.0)),
                     flows(("supply", "Reef", 8.0), ("use", "People", 8.0), year=2021))  # fmt: skip
    assert final(years) == ([4.0, 8.0], {"intermediate": {"count": 1, "names": "Fry"}})
    units = together(flows(("supply", "Reef", 8.0), ("use", "People", 8.0)),
                     flows(("supply", "Reef", 1.0), ("use", "Reef", 1.0)).assign(unit="m3"))  # fmt: skip
    assert final(units)[0] == [8.0, 0.0]


def test_supply_without_use_is_whole_and_said_each_time_with_its_service_once():
    table = together(flows(("supply", "Reef", 8.0)), flows(("supply", "Reef", 9.0), year=2021),
                     flows(("supply", "Reef", 1.0), service="Fish"))  # fmt: skip
    assert final(table) == ([8.0, 9.0, 1.0], {"no_use": {"count": 3, "names": "Fish, Fry"}})


def test_a_quantity_that_is_not_known_is_no_row_of_supply_and_no_use():
    table = flows(("supply", "Reef", 8.0), ("supply", "Lagoon", None), ("use", "People", 8.0), ("use", "Lagoon", None))
    assert final(table) == ([8.0], {})
    assert final(flows(("supply", "Reef", 8.0), ("use", "People", None)))[1].keys() == {"no_use"}


def test_supply_of_zero_stays_zero():
    assert final(flows(("supply", "Reef", 0.0), ("use", "Reef", 0.0))) == ([0.0], {})


def test_rounding_that_lets_ecosystems_take_more_than_there_is_leaves_zero_and_not_less():
    assert final(flows(("supply", "Reef", 100.0), ("use", "Reef", 100.5)), gap=1.0)[0] == [0.0]


@pytest.mark.parametrize(
    ("supply", "use", "gap", "allowed"),
    [
        ([100.0], [101.0], 1.0, True), ([100.0], [99.0], 1.0, True), ([100.0], [101.01], 1.0, False),
        ([100.0], [98.99], 1.0, False), ([0.1, 0.2], [0.3], 0.0, True), ([1.0], [1.0001], 0.0, False),
        ([0.0], [0.0], 0.0, True), ([0.0], [0.001], 5.0, False),
    ],
)  # fmt: skip
def test_supply_and_use_may_differ_by_the_gap_itself_and_by_the_last_digit_of_a_sum(
    supply: list[float], use: list[float], gap: float, allowed: bool
):
    table = flows(*(("supply", "Reef", one) for one in supply), *(("use", "People", one) for one in use))
    if allowed:
        assert final(table, gap)[0] == supply
        return
    with pytest.raises(WorkbenchError):
        final(table, gap)


def test_every_account_that_does_not_close_is_named_with_the_rows_of_its_own_supply():
    table = together(
        flows(("supply", "Reef", 1.0), ("use", "People", 1.0)), flows(("supply", "Reef", 2.0), ("use", "People", 3.0),
                                                                    ("supply", "Lagoon", 4.0), year=2021),
        flows(("supply", "Reef", 5.0), ("use", "People", 9.0), service="Fish"),
        flows(("supply", "Reef", 5.0), ("use", "People", 5.0), service="Fish").assign(unit="m3"),
    )  # fmt: skip
    with pytest.raises(WorkbenchError) as refused:
        final(table)
    found = {(one.values["service"], one.values["year"], one.rows): one.values for one in refused.value.issues}
    assert found == {
        ("Fish", "2020", (5,)): {"service": "Fish", "year": "2020", "unit": "t", "supply": 5.0, "use": 9.0},
        ("Fry", "2021", (2, 4)): {"service": "Fry", "year": "2021", "unit": "t", "supply": 6.0, "use": 3.0},
    }


def test_the_base_is_the_wanted_year_else_the_nearest_and_of_two_the_earlier():
    series = pd.Series({2010: 4.0, 2018: 10.0, 2022: 5.0})
    assert against_base(series, 2018)[1] == 2018
    assert against_base(series, 2021)[1] == 2022
    assert against_base(series, 1990)[1] == 2010
    index, base = against_base(series, 2020)
    assert (index.tolist(), base) == ([40.0, 100.0, 50.0], 2018)


@pytest.mark.parametrize("value", [0.0, np.nan, -1.0])
def test_a_base_that_is_not_above_zero_gives_no_index(value: float):
    index, base = against_base(pd.Series({2020: value, 2021: 3.0}), 2020)
    assert (index.isna().all(), index.index.tolist(), base) == (True, [2020, 2021], 2020)


def test_the_mean_is_the_root_of_the_product_and_of_equals_it_is_them_to_the_last_digit():
    assert geometric_mean(np.array([100.0, 800.0, 100.0])) == pytest.approx(200.0)
    assert geometric_mean(np.array([100.0] * 7)) == 100.0
    assert geometric_mean(np.array([37.0])) == 37.0


def test_one_zero_makes_the_mean_zero():
    assert geometric_mean(np.array([0.0, 0.0])) == geometric_mean(np.array([5.0, 0.0, 1e300])) == 0.0
