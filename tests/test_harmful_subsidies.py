"""18.2 Harmful subsidies: what a user would miss if it broke."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.harmful_subsidies import harmful_subsidies
from tests.money_tables import PLAIN, said, table, values

REDUCTION, ENDED = "Reduction since the first year", "Ended or reformed, by its worth before"


def programmes(*rows: dict[str, Any]) -> pd.DataFrame:
    numbered = ({"programme_id": str(at), "name": f"N{at}", **row} for at, row in enumerate(rows))
    return table("support_programmes", *numbered, sector="Fisheries", harmful_share=1)


def amounts(*rows: tuple[int, int, float]) -> pd.DataFrame:
    return table("support_amounts", *({"programme_id": str(p), "year": y, "amount": a} for p, y, a in rows))


def support(*tables: pd.DataFrame | None, **settings: Any) -> pd.DataFrame:
    return harmful_subsidies(*[*tables, *[None] * (5 - len(tables))], **{**PLAIN, **settings})


def test_each_programme_counts_with_its_harmful_share():
    rows = support(programmes({}, {"harmful_share": 0.25, "sector": "Water"}, {"harmful_share": 0}),
                   amounts((0, 2020, 10), (1, 2020, 40), (2, 2020, 99)))  # fmt: skip
    assert values(rows) == {(2020, ""): 20}
    assert values(rows, "Sector") == {(2020, "Fisheries"): 10, (2020, "Water"): 10}


def test_a_hidden_tax_stands_apart_and_hides_no_harm():
    both = programmes({}, {"support_type": "Market price support"}, {"support_type": "Tax expenditure"})
    rows = support(both, amounts((0, 2020, 10), (1, 2020, -7), (2, 2020, -1)))
    # Money paid back under another kind of support is taken off; a hidden tax is not.
    assert values(rows) == {(2020, ""): 9}
    assert values(rows, "Apart") == {(2020, "Hidden taxes, negative"): -7}
    # Support of the prices of a market that is above zero, however little, is support.
    little = support(both, amounts((1, 2020, 0.5)))
    assert (values(little), values(little, "Apart")) == ({(2020, ""): 0.5}, {})


def test_an_eliminated_programme_is_0_afterwards_and_makes_a_reduction():
    listed = programmes({}, {"reform": "eliminated", "reform_year": 2021})
    rows = support(listed, amounts((0, 2020, 10), (1, 2020, 5), (0, 2021, 12)))
    assert values(rows) == {(2020, ""): 15, (2021, ""): 12}
    assert values(rows, REDUCTION) == {(2021, ""): 3}
    assert values(rows, ENDED) == {(2021, "Eliminated"): 5}


def test_a_programme_that_lacks_an_amount_is_not_known_and_makes_no_reduction():
    rows = support(programmes({}, {}, {}), amounts((0, 2020, 10), (1, 2020, 5), (0, 2021, 12)))
    assert values(rows, REDUCTION) == {}
    assert said(rows)["programmes_differ"] == {"years": "2021"}
    assert said(rows)["programmes_without_amount"] == {"count": 1, "names": "N2"}


def test_the_reduction_is_real_where_prices_are_known():
    levels = table("deflators", {"year": 2020, "price_index": 100}, {"year": 2021, "price_index": 110}, currency="USD")
    rows = support(programmes({}), amounts((0, 2020, 100), (0, 2021, 110)), None, None, levels)
    # At current prices support seems to grow by 10; freed of inflation nothing changed.
    assert values(rows, REDUCTION, "USD, prices of 2021")[2021, ""] == pytest.approx(0)


def test_a_programme_of_two_inventories_is_doubted():
    rows = support(programmes({"name": "Farm fuel"}, {"name": "farm  FUEL"}), amounts((0, 2020, 1), (1, 2020, 1)))
    assert said(rows)["same_name"] == {"count": 2}


def test_an_amount_without_a_programme_is_refused():
    with pytest.raises(WorkbenchError) as refused:
        support(programmes({}), amounts((0, 2020, 1), (7, 2020, 1)))
    assert refused.value.issues[0].rows == (1,)


def test_totals_by_sector_are_the_simple_route_and_a_sector_that_is_missing_is_no_0():
    totals = table(
        "harmful_support_totals", {"year": 2020, "sector": "Water", "amount": 3},
        {"year": 2020, "sector": "Mining", "amount": 0}, {"year": 2022, "sector": "Water", "amount": 2},
    )  # fmt: skip
    rows = support(None, None, totals)
    assert values(rows)[2020, ""] == 3
    assert np.isnan(values(rows)[2021, ""])
    assert values(rows, REDUCTION) == {}


def test_splitting_a_programme_changes_nothing_and_a_harmless_one_adds_nothing():
    one = support(programmes({}), amounts((0, 2020, 10)))
    two = support(programmes({}, {}, {"harmful_share": 0}), amounts((0, 2020, 4), (1, 2020, 6), (2, 2020, 50)))
    assert values(one) == values(two)


def test_there_is_no_reduction_where_an_amount_of_the_first_year_is_not_known_in_the_unit():
    both = [{"programme_id": one, "year": year, "amount": 10, "currency": money}
            for one, money in (("0", "USD"), ("1", "EUR")) for year in (2020, 2021)]  # fmt: skip
    rates = table("exchange_rates", *({"year": year, "currency": "EUR", "reference_currency": "USD", "rate": 1}
                                      for year in (2020, 2021)), direction="currency per reference")  # fmt: skip
    levels = [{"currency": "USD", "year": 2020}, {"currency": "USD", "year": 2021}, {"currency": "EUR", "year": 2021}]
    given = [programmes({}, {}), table("support_amounts", *both), None, rates]
    # Without a level of 2020 the euros of 2020 are not known at prices of 2021, so 10 - 20 would be no reduction.
    partial = support(*given, table("deflators", *levels, price_index=100))
    assert values(partial, REDUCTION, "USD, prices of 2021") == {}
    levels.append({"currency": "EUR", "year": 2020})
    whole = support(*given, table("deflators", *levels, price_index=100))
    assert values(whole, REDUCTION, "USD, prices of 2021") == {(2021, ""): 0}


def test_a_reform_is_worth_what_its_last_year_before_was_and_without_one_nothing_is_said():
    listed = programmes(
        {"reform": "reformed", "reform_year": 2022}, {"reform": "phased out", "reform_year": 2020},
        {"reform": "reformed", "reform_year": 2022}, {"reform": "goes on", "reform_year": 2022},
    )  # fmt: skip
    rows = support(listed, amounts((0, 2019, 1), (0, 2021, 4), (0, 2020, 2), (0, 2022, 8), (1, 2020, 16),
                                   (2, 2021, 32), (3, 2021, 64)))  # fmt: skip
    assert values(rows, ENDED) == {(2022, "Reformed"): 36}
    assert rows.loc[rows["disaggregation_type"] == ENDED, "n"].tolist() == [2]


def test_kinds_of_support_add_up_where_some_are_known_and_are_left_out_where_none_is():
    some = support(programmes({}, {"support_type": "Tax expenditure"}), amounts((0, 2020, 3), (1, 2020, 4)))
    assert values(some, "Kind of support") == {(2020, "Not stated"): 3, (2020, "Tax expenditure"): 4}
    assert values(support(programmes({}), amounts((0, 2020, 3))), "Kind of support") == {}


def test_where_there_are_programmes_and_totals_the_programmes_count_and_it_is_said():
    totals = table("harmful_support_totals", {"year": 2020, "sector": "Water", "amount": 3})
    both = support(programmes({}), amounts((0, 2020, 10)), totals)
    assert values(both) == {(2020, ""): 10}
    assert "both_tables" in said(both)
    assert said(support(programmes({}), amounts((0, 2020, 10)))) == {}
    assert said(support(None, None, totals)) == {}
    names = said(support(programmes(*[{}] * 7), amounts((6, 2020, 10))))["programmes_without_amount"]
    assert names == {"count": 6, "names": "N0, N1, N2, N3, N4 …"}
