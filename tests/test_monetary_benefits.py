"""C.1 Monetary benefits: what a user would miss if it broke."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.monetary_benefits import BENEFICIARIES, monetary_benefits
from tests.money_tables import PLAIN, said, table, values


def receipts(*rows: dict[str, Any], **same: Any) -> pd.DataFrame:
    known = {"year": 2022, "instrument": "Nagoya Protocol", "amount": 100, "indigenous_local_share": 0}
    numbered = ({"receipt_id": str(at), **row} for at, row in enumerate(rows))
    return table("monetary_benefits", *numbered, **{**known, **same})


def totals(*rows: dict[str, Any]) -> pd.DataFrame:
    return table("monetary_benefit_totals", *rows, year=2022)


def benefits(payments: pd.DataFrame | None, *others: pd.DataFrame | None) -> pd.DataFrame:
    return monetary_benefits(payments, *[*others, *[None] * (3 - len(others))], **PLAIN)


def theirs(rows: pd.DataFrame, year: int = 2022) -> list[Any]:
    row = rows[(rows["disaggregation"] == BENEFICIARIES) & (rows["year"] == year)].iloc[0]
    return [row["value"], row.get("lower", np.nan), row.get("upper", np.nan), row["value_status"]]


def test_promises_are_no_receipts():
    rows = benefits(receipts({}, {"payment_status": "promised"}, {"payment_status": "received", "amount": 5}))
    assert values(rows) == {(2022, ""): 105}
    assert said(rows)["promised_left_out"] == {"count": 1}
    with pytest.raises(WorkbenchError) as refused:
        benefits(receipts({"payment_status": "promised"}))
    assert "0" in refused.value.issues[0].remedy()


def test_a_year_without_a_receipt_is_missing_and_a_receipt_of_0_is_0():
    rows = benefits(receipts({}, {"year": 2024, "amount": 0}))
    assert np.isnan(values(rows)[2023, ""])
    assert values(rows)[2024, ""] == 0


def test_the_part_of_peoples_and_communities_is_known_lies_between_limits_or_is_missing():
    half = {"indigenous_local_share": 0.5}
    assert theirs(benefits(receipts(half, {})))[0::3] == [50, "measured"]
    unknown = {"indigenous_local_share": None, "amount": 30}
    assert theirs(benefits(receipts(half, unknown))) == [50, 50, 80, "estimated"]
    assert theirs(benefits(receipts(unknown)))[3] == "missing"


def test_instruments_and_kinds_add_up_to_the_whole():
    rows = benefits(receipts({"benefit_type": "Royalty"}, {"instrument": "Cali Fund", "amount": 7}))
    assert values(rows, "Kind of benefit") == {(2022, "Royalty"): 100, (2022, "Not stated"): 7}
    assert sum(values(rows, "Instrument").values()) == 107


def test_a_total_of_all_instruments_is_not_added_to_its_parts():
    both = totals({"amount": 100, "indigenous_local_amount": 40}, {"amount": 60, "instrument": "Plant Treaty"})
    rows = benefits(None, both)
    assert values(rows) == {(2022, ""): 100}
    assert values(rows, "Instrument") == {(2022, "Plant Treaty"): 60}
    assert theirs(rows)[0] == 40
    parts = totals({"amount": 10, "instrument": "Cali Fund"}, {"amount": 60, "instrument": "Plant Treaty"})
    assert values(benefits(None, parts)) == {(2022, ""): 70}


def test_parts_above_their_whole_are_refused_with_their_rows():
    with pytest.raises(WorkbenchError) as refused:
        benefits(None, totals({"amount": 50}, {"amount": 60, "instrument": "Plant Treaty"}))
    [issue] = refused.value.issues
    assert issue.rows == (0, 1)
    assert issue.remedy()


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from([None, 0.0, 0.3, 1.0])), min_size=1, max_size=6))
def test_the_part_never_exceeds_the_whole(rows: list[tuple[int, float | None]]):
    found = benefits(receipts(*({"amount": amount, "indigenous_local_share": share} for amount, share in rows)))
    value, low, high, status = theirs(found)
    whole = values(found)[2022, ""]
    if status == "estimated":
        assert 0 <= low <= value <= high <= whole + 1e-9
    elif status == "measured":
        assert 0 <= value <= whole + 1e-9


def test_an_amount_that_is_not_known_in_the_unit_leaves_no_limits_and_is_no_unknown_share():
    payments = receipts({}, {"currency": "EUR"}, {"year": 2023}, indigenous_local_share=0.5)
    rates = table("exchange_rates", *({"year": year, "currency": "EUR", "reference_currency": "USD", "rate": 1}
                                      for year in (2022, 2023)), direction="currency per reference")  # fmt: skip
    levels = [{"currency": "USD", "year": 2022}, {"currency": "USD", "year": 2023}, {"currency": "EUR", "year": 2023}]
    rows = monetary_benefits(payments, None, rates, table("deflators", *levels, price_index=100),
                             currency="USD", prices="constant", base_year=2023)  # fmt: skip
    assert theirs(rows)[3] == "missing"
    assert theirs(rows, 2023)[::3] == [50, "measured"]
    assert set(said(rows)) == {"money.prices_unknown"}


def test_parts_may_be_as_much_as_their_whole_and_a_whole_in_two_currencies_is_one():
    rows = benefits(None, totals({"amount": 60}, {"amount": 60, "instrument": "Plant Treaty"}))
    assert values(rows) == {(2022, ""): 60}
    assert values(benefits(None, totals({"amount": 0}))) == {(2022, ""): 0}
    with pytest.raises(WorkbenchError):
        benefits(None, totals({"amount": 0}, {"amount": 0.5, "instrument": "Plant Treaty"}))
    # The whole lacks the part in euros, of which the level of prices is not known, so nothing can be above it.
    two = totals({"amount": 50}, {"amount": 50, "currency": "EUR"}, {"amount": 60, "instrument": "Plant Treaty"})
    rates = table("exchange_rates", {"year": 2022, "currency": "EUR", "reference_currency": "USD", "rate": 1},
                  {"year": 2023, "currency": "EUR", "reference_currency": "USD", "rate": 1},
                  direction="currency per reference")  # fmt: skip
    levels = table("deflators", {"year": 2022}, {"year": 2023}, currency="USD", price_index=100)
    found = monetary_benefits(None, two, rates, levels, currency="USD", prices="constant", base_year=2023)
    assert np.isnan(values(found)[2022, ""])


def test_money_paid_back_leaves_its_limits_in_order():
    rows = benefits(receipts({"indigenous_local_share": 0.5}, {"amount": -20, "indigenous_local_share": None}))
    assert theirs(rows) == [50, 30, 50, "estimated"]


def test_instruments_that_are_not_stated_are_named_so_and_where_none_is_there_is_no_breakdown():
    assert values(benefits(receipts({}, {"instrument": None})), "Instrument") == {
        (2022, "Nagoya Protocol"): 100, (2022, "Not stated"): 100,
    }  # fmt: skip
    rows = benefits(receipts({"instrument": None}), totals({"amount": 1}))
    assert values(rows, "Instrument") == values(rows, "Kind of benefit") == {}
    assert set(said(rows)) == {"both_tables"}
