"""D.3 Private funding: what a user would miss if it broke."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.private_funding import private_funding
from tests.money_tables import PLAIN, said, table, values


def flows(*rows: dict[str, Any], **same: Any) -> pd.DataFrame:
    known = {"year": 2022, "instrument": "Bonds", "amount": 100, "biodiversity_share": 1}
    numbered = ({"transaction_id": str(at), **row} for at, row in enumerate(rows))
    return table("private_finance_flows", *numbered, **{**known, **same})


def funding(payments: pd.DataFrame | None, *others: pd.DataFrame | None, **settings: Any) -> pd.DataFrame:
    return private_funding(payments, *[*others, *[None] * (3 - len(others))], **{**PLAIN, **settings})


def test_a_payment_counts_with_its_share_and_one_paid_back_is_taken_off():
    rows = funding(flows({}, {"biodiversity_share": 0.2}, {"amount": -30}))
    assert values(rows) == {(2022, ""): 90}


def test_an_unknown_share_is_a_range_and_no_zero():
    rows = funding(flows({}, {"biodiversity_share": None, "amount": 50}))
    assert values(rows) == {(2022, ""): 100}
    assert values(rows, "Range") == {
        (2022, "Payments without a share count nothing"): 100, (2022, "Payments without a share count whole"): 150,
    }  # fmt: skip
    assert np.isnan(values(funding(flows({"biodiversity_share": None}, {"year": 2023})))[2022, ""])


def test_a_source_without_a_number_is_not_known_and_is_named():
    offset = {"instrument": "Biodiversity offsets"}
    rows = funding(flows(offset, {"year": 2023, **offset}, {"year": 2023}, {"year": 2025, **offset}))
    sources = values(rows, "Funding source")
    assert np.isnan(sources[2022, "Other instruments"])
    assert sources[2023, "Other instruments"] == 100
    assert np.isnan(values(rows)[2024, ""])
    assert said(rows)["sources_differ"] == {"years": "2022, 2025"}
    assert "Domestic donations" in said(rows)["sources_unknown"]["names"]


def test_sources_and_origins_add_up_to_the_whole():
    rows = funding(flows({"origin": "domestic"}, {"origin": "international", "amount": 7}, {"instrument": "Insurance"}))
    for kind in ("Funding source", "Instrument", "Origin"):
        assert sum(values(rows, kind).values()) == values(rows)[2022, ""] == 207
    assert values(rows, "Funding source") == {(2022, "Other instruments"): 207}


def test_one_payment_in_two_registers_is_doubted_but_two_of_one_register_are_two():
    twice = {"payer": "P", "recipient": "R"}
    assert "looks_twice" not in said(funding(flows(twice, twice)))
    rows = funding(flows(twice, {**twice, "instrument": "Impact investment"}))
    assert said(rows)["looks_twice"] == {"count": 2}
    assert values(rows) == {(2022, ""): 200}


def test_yearly_totals_are_the_simple_route_and_zero_is_a_number():
    known = {"Bonds": 0, "Domestic donations": 4}
    totals = table(
        "private_finance_totals", *({"instrument": one, "amount": amount} for one, amount in known.items()), year=2022
    )
    rows = funding(None, totals)
    assert values(rows) == {(2022, ""): 4}
    assert values(rows, "Funding source")[2022, "Other instruments"] == 0


def test_two_currencies_without_a_rate_are_not_added():
    with pytest.raises(WorkbenchError) as refused:
        funding(flows({}, {"currency": "EUR"}))
    assert refused.value.issues[0].key == "money.no_rate"


def test_doubling_every_payment_doubles_the_number_and_order_does_not_matter():
    payments = flows(*({"amount": 10.7 * at, "biodiversity_share": at / 9, "year": 2020 + at % 3} for at in range(9)))
    doubled = pd.concat([payments, payments])
    assert values(funding(doubled)) == pytest.approx(
        {key: 2 * value for key, value in values(funding(payments)).items()}
    )
    assert values(funding(payments.iloc[::-1])) == pytest.approx(values(funding(payments)))


def test_where_there_are_payments_and_totals_the_payments_count_and_it_is_said():
    totals = table("private_finance_totals", {"year": 2022, "instrument": "Bonds", "amount": 4})
    both = funding(flows({}), totals)
    assert values(both) == {(2022, ""): 100}
    assert "both_tables" in said(both)
    for alone in (funding(flows({})), funding(None, totals)):
        assert set(said(alone)) == {"sources_unknown"}


def test_where_no_payment_says_its_origin_there_is_no_breakdown_by_it():
    assert values(funding(flows({}, {})), "Origin") == {}
    assert values(funding(flows({"origin": "domestic"}, {})), "Origin") == {
        (2022, "domestic"): 100, (2022, "Not stated"): 100,
    }  # fmt: skip
    assert values(funding(flows({})), "Range") == {}


def test_payments_whose_payer_or_recipient_is_not_known_are_not_held_for_one():
    both = [{"payer": "P"}, {"payer": "P", "instrument": "Insurance"}]
    assert "looks_twice" not in said(funding(flows(*both)))
    once = {"payer": "P", "recipient": "R"}
    three = [once, once, {**once, "instrument": "Insurance"}, {**once, "amount": 99, "instrument": "Insurance"}]
    # The two of one register are two; the one of the other may be either of them.
    assert said(funding(flows(*three)))["looks_twice"] == {"count": 1}


def test_a_source_that_is_known_in_all_years_leaves_no_gap():
    rows = funding(flows({}, {"year": 2023}))
    assert "sources_differ" not in said(rows)
    assert "source_not_counted" not in rows.get("note", pd.Series(dtype=str)).tolist()
    gaps = funding(flows({}, {"year": 2023, "instrument": "Biodiversity offsets"}))
    assert gaps["note"].tolist().count("source_not_counted") == 2
