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


def test_a_unit_is_named_by_its_currency_and_by_its_prices_where_they_are_constant():
    assert (Unit("USD").name, Unit("USD", 2020).name) == ("USD", "USD, prices of 2020")


def test_constant_prices_of_a_year_that_cannot_be_reached_are_refused_and_not_those_of_another():
    money = paid((2020, 100, "USD"), price_basis="constant", base_year=2015)
    with pytest.raises(WorkbenchError) as refused:
        open_purse(money, None, None, currency="", prices="constant", base_year=2021, doubts=Doubts())
    [issue] = refused.value.issues
    assert (issue.key, issue.table, issue.value) == ("money.no_constant_prices", "deflators", "2021")
    # Those the amounts are in already need no index, whether the year is named or not.
    for year in (0, 2015):
        purse = open_purse(money, None, None, currency="", prices="constant", base_year=year, doubts=Doubts())
        assert purse.units == (Unit("USD", 2015),)


def test_the_year_of_prices_is_the_newest_with_a_level_and_a_rate_for_each_currency():
    money = paid((2020, 1, "USD"), (2021, 1, "EUR"), (2022, 1, "USD"))
    both = [(one, year, 100.0) for one in ("USD", "EUR") for year in (2020, 2021, 2022)]

    def units(deflators: pd.DataFrame, *years: int) -> list[str]:
        doubts = Doubts()
        purse = open_purse(money, rates(*(("EUR", year, 1) for year in years)), deflators, **PLAIN, doubts=doubts)
        assert [one["key"] for one in doubts] == ["money.rates_of_each_year"]
        return [one.name for one in purse.units]

    assert units(levels(*both), 2020, 2021, 2022) == ["USD", "USD, prices of 2022"]
    assert units(levels(*both[:-1]), 2020, 2021, 2022) == ["USD", "USD, prices of 2021"]
    assert units(levels(*both), 2021) == ["USD", "USD, prices of 2021"]
    # There are euros in 2021 alone.
    with pytest.raises(WorkbenchError) as refused:
        units(levels(*both), 2020, 2022)
    assert (refused.value.issues[0].value, refused.value.issues[0].values["years"]) == ("USD", "2021")


def test_without_a_year_that_has_all_there_are_no_constant_prices():
    money = paid((2020, 1, "USD"), (2021, 1, "USD"))
    purse = open_purse(money, None, levels(("USD", 2019, 100)), **PLAIN, doubts=Doubts())
    assert purse.units == (Unit("USD"),)
    # Prices of a year outside the amounts can be asked for, but not reached without a level of the amounts' own years.
    asked = PLAIN | {"base_year": 2019}
    assert open_purse(money, None, levels(("USD", 2019, 100)), **asked, doubts=Doubts()).units == (Unit("USD"),)
    some = levels(("USD", 2019, 100), ("USD", 2021, 125))
    purse = open_purse(money, None, some, **asked, doubts=Doubts())
    assert purse.units == (Unit("USD"), Unit("USD", 2019))
    assert purse.amounts(money)["USD, prices of 2019"].tolist()[1] == 0.8


def test_the_currency_of_one_currency_is_its_own_though_there_are_rates_and_without_rates_the_first():
    money, doubts = paid((2020, 1, "XAF")), Doubts()
    assert open_purse(money, rates(("XAF", 2020, 4)), None, **PLAIN, doubts=doubts).units == (Unit("XAF"),)
    assert list(doubts) == []
    with pytest.raises(WorkbenchError) as refused:
        open_purse(paid((2020, 1, "XAF"), (2020, 1, "EUR")), None, None, **PLAIN, doubts=Doubts())
    assert refused.value.issues[0].value == "EUR"


def test_amounts_at_constant_prices_of_one_year_need_the_rate_of_that_year_alone_and_it_is_not_doubted():
    money, doubts = paid((2020, 100, "XAF"), (2022, 150, "XAF"), price_basis="constant", base_year=2015), Doubts()
    purse = open_purse(money, rates(("XAF", 2015, 4)), None, **(PLAIN | {"currency": "USD"}), doubts=doubts)
    assert purse.units == (Unit("USD", 2015),)
    assert purse.amounts(money)["USD, prices of 2015"].tolist() == [25, 37.5]
    assert list(doubts) == []


def test_another_currency_is_shown_at_constant_prices_only_and_only_with_a_rate_of_their_year():
    money, index = paid((2020, 1, "XAF"), (2021, 1, "XAF")), levels(("XAF", 2020, 1), ("XAF", 2021, 1))
    with_rate = open_purse(money, rates(("XAF", 2021, 2)), index, **PLAIN, doubts=Doubts())
    assert with_rate.units == (Unit("XAF"), Unit("XAF", 2021), Unit("USD", 2021))
    without = open_purse(money, rates(("XAF", 2020, 2)), index, **PLAIN, doubts=Doubts())
    assert without.units == (Unit("XAF"), Unit("XAF", 2021))
    # A rate below one is a rate.
    weak = open_purse(money, rates(("XAF", 2021, 2), direction="reference per currency"), index,
                      **PLAIN, doubts=Doubts())  # fmt: skip
    assert weak.units == with_rate.units
    assert weak.amounts(money)["USD, prices of 2021"].tolist() == [2, 2]


def test_where_constant_prices_are_the_headline_they_stand_first_and_each_unit_once():
    money, index = paid((2020, 50, "XAF"), (2021, 50, "XAF")), levels(("XAF", 2020, 50), ("XAF", 2021, 100))
    constant = PLAIN | {"prices": "constant"}
    purse = open_purse(money, rates(("XAF", 2021, 2)), index, **constant, doubts=Doubts())
    assert purse.units == (Unit("XAF", 2021), Unit("XAF"), Unit("USD", 2021))
    assert purse.amounts(money).iloc[0].tolist() == [100, 50, 50]


def test_amounts_keep_their_index_and_those_that_are_not_known_stay_so():
    money = paid((2020, 3, "USD"), (2020, 5, "EUR"), (2021, 7, "EUR")).set_index(pd.Index([7, 3, 5]))
    money.loc[7, "amount"] = pd.NA
    purse = Purse((Unit("USD"),), {("EUR", "USD", 2020): 2.0}, {})
    found = purse.amounts(money)["USD"]
    assert found.index.tolist() == [7, 3, 5]
    assert (found[3], found.isna().tolist()) == (10, [True, False, True])
    assert purse.amounts(money[:0]).shape == (0, 1)


def test_a_price_basis_that_is_not_said_is_current_and_its_base_year_of_no_matter():
    money = paid((2020, 8, "USD"), price_basis=None, base_year=2015)
    assert open_purse(money, None, None, **PLAIN, doubts=Doubts()).units == (Unit("USD"),)
    mixed = pd.concat([money, paid((2020, 8, "USD"), price_basis="constant", base_year=2015)], ignore_index=True)
    doubts = Doubts()
    purse = open_purse(mixed, None, levels(("USD", 2015, 1), ("USD", 2020, 2)), **PLAIN, doubts=doubts)
    assert purse.amounts(mixed)["USD, prices of 2015"].tolist() == [4, 8]
    assert list(doubts) == []


def test_a_third_currency_leads_on_only_in_the_same_year_and_the_first_by_name_is_taken():
    known = {("A", "C", 2020): 2.0, ("C", "B", 2020): 3.0, ("A", "D", 2020): 5.0, ("D", "B", 2020): 7.0,
             ("A", "C", 2021): 2.0, ("C", "B", 2022): 3.0}  # fmt: skip
    purse = Purse((), known, {})
    assert purse.worth("A", "B", 2020) == 6.0
    assert pd.isna(purse.worth("A", "B", 2021))
    assert pd.isna(purse.worth("A", "B", 2022))
    assert purse.worth("A", "A", 1999) == 1.0


def test_sums_are_by_part_year_and_unit_with_their_numbers_and_what_else_is_said():
    amounts = pd.DataFrame({"USD": [1.0, 2.0, 4.0, 8.0], "EUR": [1.0, 1.0, 1.0, None]}, index=[4, 3, 2, 1])
    parts, years = pd.Series(["b", "a", "b", "b"], index=amounts.index), pd.Series([2021, 2020, 2020, 2021],
                                                                                    index=amounts.index)  # fmt: skip
    rows = yearly_rows(amounts, years, "Kind", parts, note="x")
    found = [(row["unit"], row["disaggregation"], row["year"], row["n"], row["value_status"]) for row in rows]
    assert found == [
        ("USD", "a", 2020, 1, "measured"), ("USD", "b", 2020, 1, "measured"), ("USD", "b", 2021, 2, "measured"),
        ("EUR", "a", 2020, 1, "measured"), ("EUR", "b", 2020, 1, "measured"), ("EUR", "b", 2021, 2, "missing"),
    ]  # fmt: skip
    assert [row["value"] for row in rows[:5]] == [2, 4, 9, 1, 1]
    assert {(row["disaggregation_type"], row["note"]) for row in rows} == {("Kind", "x")}
    assert yearly_rows(amounts[:0], years[:0]) == []


def test_gaps_lie_between_the_first_and_the_last_year_of_the_span():
    assert missing_rows([], [], "USD", "note") == []
    assert missing_rows([2020], [2020], "USD", "note") == []
    rows = missing_rows([2020], [2022, 2020, 2019], "USD", "note")
    assert [row["year"] for row in rows] == [2019, 2021, 2022]
    assert {(row["unit"], row["note"], row["value_status"]) for row in rows} == {("USD", "note", "missing")}
    assert all(pd.isna(row["value"]) for row in rows)
