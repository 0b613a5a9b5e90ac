"""Money: the order of steps, the direction of rates, and what is missing stays missing."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.money import Purse, Unit, missing_rows, open_purse, yearly_rows
from tests.money_tables import PLAIN, table


def paid(*amounts: tuple[int, float, str], **same: object) -> pd.DataFrame:
    rows = ({"year": year, "amount": amount, "currency": one} for year, amount, one in amounts)
    return table("private_finance_flows", *rows, transaction_id="1", **same)


def rates(*rows: tuple[str, int, float], direction: str = "currency per reference") -> pd.DataFrame:
    made = ({"currency": one, "reference_currency": "USD", "year": year, "rate": rate} for one, year, rate in rows)
    return table("exchange_rates", *made, direction=direction)


def levels(*rows: tuple[str, int, float]) -> pd.DataFrame:
    return table("deflators", *({"currency": one, "year": year, "price_index": p} for one, year, p in rows))


def test_amounts_are_freed_of_inflation_before_they_are_converted_by_the_rate_of_one_year():
    money = paid((2020, 100, "XAF"), (2022, 150, "XAF"))
    purse = open_purse(
        money, rates(("XAF", 2020, 4), ("XAF", 2022, 8)), levels(("XAF", 2020, 50), ("XAF", 2022, 100)),
        **PLAIN, doubts=Doubts(),
    )  # fmt: skip
    found = purse.amounts(money)
    assert found["XAF"].tolist() == [100, 150]
    assert found["XAF, prices of 2022"].tolist() == [200, 150]
    # 200/8 and 150/8; by the rates of their own years they would be 25 and 18.75 as well as 100/4 = 25 nominal.
    assert found["USD, prices of 2022"].tolist() == [25, 18.75]


@pytest.mark.parametrize(("direction", "rate"), [("currency per reference", 4.0), ("reference per currency", 0.25)])
def test_a_rate_is_read_in_its_direction(direction: str, rate: float):
    purse = open_purse(
        paid((2020, 100, "XAF")), rates(("XAF", 2020, rate), direction=direction), None,
        currency="USD", prices="as_given", base_year=0, doubts=Doubts(),
    )  # fmt: skip
    assert purse.amounts(paid((2020, 100, "XAF")))["USD"].tolist() == [25]


def test_several_currencies_meet_in_that_of_the_rates_and_a_third_leads_from_one_to_the_other():
    money = paid((2020, 100, "XAF"), (2020, 10, "EUR"), (2020, 1, "USD"))
    doubts = Doubts()
    table_of_rates = rates(("XAF", 2020, 4), ("EUR", 2020, 0.5))
    purse = open_purse(money, table_of_rates, None, **PLAIN, doubts=doubts)
    assert purse.amounts(money)["USD"].tolist() == [25, 20, 1]
    assert doubts[0]["key"] == "money.rates_of_each_year"
    in_euro = open_purse(money, table_of_rates, None, **(PLAIN | {"currency": "EUR"}), doubts=Doubts())
    assert in_euro.amounts(money)["EUR"].tolist() == [12.5, 10, 0.5]


def test_constant_amounts_stay_in_their_prices_and_can_be_moved_to_another_year():
    money = paid((2020, 100, "USD"), (2021, 100, "USD"), price_basis="constant", base_year=2015)
    alone = open_purse(money, None, None, **PLAIN, doubts=Doubts())
    assert alone.amounts(money).to_dict("list") == {"USD, prices of 2015": [100, 100]}
    moved = open_purse(
        money, None, levels(("USD", 2015, 80), ("USD", 2021, 100)), currency="", prices="constant", base_year=2021,
        doubts=Doubts(),
    )  # fmt: skip
    assert moved.units[0] == Unit("USD", 2021)
    assert moved.amounts(money)["USD, prices of 2021"].tolist() == [125, 125]


def test_a_year_without_a_price_level_is_missing_and_said():
    money, doubts = paid((2020, 100, "USD"), (2021, 100, "USD")), Doubts()
    purse = open_purse(
        money, None, levels(("USD", 2021, 100)), currency="", prices="constant", base_year=0, doubts=doubts
    )
    rows = yearly_rows(purse.amounts(money), money["year"])
    assert [row["value_status"] for row in rows if row["unit"] == "USD, prices of 2021"] == ["missing", "measured"]
    assert doubts[0] == {"level": "flag", "key": "money.prices_unknown", "values": {"years": "2020"}}


def test_constant_prices_without_an_index_and_a_currency_without_a_rate_are_refused_with_a_remedy():
    for settings, key in (({"prices": "constant"}, "no_constant_prices"), ({"currency": "USD"}, "no_rate")):
        with pytest.raises(WorkbenchError) as refused:
            open_purse(paid((2020, 1, "XAF")), None, None, **(PLAIN | settings), doubts=Doubts())
        [issue] = refused.value.issues
        assert issue.key == f"money.{key}"
        assert issue.remedy()


def test_a_sum_with_an_unknown_part_is_unknown_and_a_year_between_is_missing_not_zero():
    amounts = pd.DataFrame({"USD": [1.0, None, 0.0]})
    rows = yearly_rows(amounts, pd.Series([2020, 2020, 2022]))
    assert [row["value_status"] for row in rows] == ["missing", "measured"]
    assert rows[1]["value"] == 0
    assert [row["year"] for row in missing_rows([2020, 2022], [2020, 2022], "USD", "note")] == [2021]


@given(st.floats(0.01, 1e6), st.floats(0.01, 1e6), st.floats(0.01, 1e6))
def test_there_and_back_is_where_it_began(first: float, second: float, rate: float):
    purse = Purse((), {("A", "B", 2020): rate, ("B", "A", 2020): 1 / rate}, {("A", 2020): first, ("A", 2021): second})
    assert purse.factor(Unit("A", 2021), "A", 2020) * purse.factor(Unit("A", 2020), "A", 2021) == pytest.approx(1)
    assert purse.worth("A", "B", 2020) * purse.worth("B", "A", 2020) == pytest.approx(1)
