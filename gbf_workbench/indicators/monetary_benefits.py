"""C.1 Monetary benefits: money received for access to genetic resources, with the part of those who keep them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.money import missing_rows, open_purse, yearly_rows

_NOTES = "indicators.monetary_benefits.notes"
BENEFICIARIES = "Indigenous peoples and local communities"


def monetary_benefits(
    receipts: pd.DataFrame | None,
    yearly_totals: pd.DataFrame | None,
    exchange_rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    *,
    currency: str,
    prices: str,
    base_year: int,
) -> pd.DataFrame:
    """Money received under agreements on access and benefit-sharing, by year.

    Parameters
    ----------
    receipts : DataFrame or None
        Payments (table ``monetary_benefits``) [currency].
    yearly_totals : DataFrame or None
        ``year, instrument, amount, indigenous_local_amount``; used where there are no single payments. A row without
        an instrument is all of the year together.
    exchange_rates, deflators : DataFrame or None
    currency, prices, base_year
        See ``methods.money.open_purse``.

    Returns
    -------
    DataFrame
        Rows of the tidy result [currency]. The part of indigenous peoples and local communities lies between
        ``lower`` and ``upper`` where it is not known of all money.

    Raises
    ------
    WorkbenchError
        If no money was received, if parts are more than their whole, or if money cannot be brought together.

    Notes
    -----
    C1_t = Σ of the amounts received in year t, as they came in; what was only promised is not counted.

    References
    ----------
    CBD/COP/16/INF/3/Rev.1, indicator C.1. Nagoya Protocol, annex.

    Examples
    --------
    >>> totals = pd.DataFrame({"year": [2021], "instrument": [None], "amount": [3.0], "indigenous_local_amount": [1.0],
    ...                        "currency": "USD", "price_basis": "current", "base_year": None})
    >>> rows = monetary_benefits(None, totals, None, None, currency="", prices="as_given", base_year=0)
    >>> rows[["disaggregation", "value"]].values.tolist()
    [['', 3.0], ['Indigenous peoples and local communities', 1.0]]
    """
    doubts = Doubts()
    if receipts is not None and yearly_totals is not None:
        doubts.add("flag", "both_tables")
    table = _received(receipts, doubts) if receipts is not None else yearly_totals
    purse = open_purse(
        table, exchange_rates, deflators, currency=currency, prices=prices, base_year=base_year, doubts=doubts
    )
    unit = purse.units[0].name
    amounts, years = purse.amounts(table), table["year"].astype(int)
    whole = _whole(table, amounts[unit]) if receipts is None else pd.Series(True, index=table.index)
    rows = yearly_rows(amounts[whole], years[whole])
    rows += missing_rows(years[whole], years, unit, "no_receipt")
    parts = {"Instrument": table["instrument"]}
    if receipts is not None:
        parts["Kind of benefit"] = table["benefit_type"]
    for kind, part in parts.items():
        named = part.notna() if receipts is None else pd.Series(True, index=table.index)
        if part.notna().any():
            stated = part[named].astype(object).fillna("Not stated")
            rows += yearly_rows(amounts.loc[named, [unit]], years[named], kind, stated)
    if receipts is not None:
        theirs = amounts[unit] * table["indigenous_local_share"].astype(float)
    else:
        theirs = purse.amounts(table, "indigenous_local_amount")[unit]
    rows += _their_rows(amounts.loc[whole, unit], theirs[whole], years[whole], unit, doubts)
    out = pd.DataFrame(rows)
    out.attrs |= {"doubts": list(doubts), "unit": unit}
    return out


def _received(receipts: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """The payments that came in; the table is of such payments, so only what says otherwise is left out."""
    promised = receipts["payment_status"].eq("promised").fillna(False)
    doubts.add("flag", "promised_left_out", count=int(promised.sum()))
    if promised.all():
        raise problem(f"{_NOTES}.only_promised", table="monetary_benefits", column="payment_status")
    return receipts[~promised]


def _whole(table: pd.DataFrame, amounts: pd.Series) -> pd.Series:
    """The rows that make up the year: the one for all instruments together where there is one, else each of them."""
    together, years = table["instrument"].isna(), table["year"].astype(int)
    has_whole = together.groupby(years).transform("any")
    totals = amounts[together].groupby(years[together]).agg(lambda one: one.sum(skipna=False))
    parts = amounts.where(~together).groupby(years).sum(min_count=1)
    wrong = [year for year in totals.dropna().index if parts[year] > totals[year] * (1 + 1e-9)]
    if wrong:
        rows = tuple(int(row) for row in table.index[years.isin(wrong)])
        raise problem(
            f"{_NOTES}.parts_above_whole", table="monetary_benefit_totals", column="amount", rows=rows,
            years=", ".join(map(str, wrong)),
        )  # fmt: skip
    return together | ~has_whole


def _their_rows(
    amounts: pd.Series, theirs: pd.Series, years: pd.Series, unit: str, doubts: Doubts
) -> list[dict[str, Any]]:
    """What reached indigenous peoples and local communities: known for all, between limits, or not known at all."""
    unknown, unpriced = theirs.isna(), amounts.isna()
    doubts.add("flag", "share_unknown", count=int((unknown & ~unpriced).sum()))
    rows = []
    for year in sorted(set(years)):
        here = years == year
        value, more = float(theirs[here].sum()), float(amounts[here & unknown].sum())
        row = {"year": year, "disaggregation_type": "Received by", "disaggregation": BENEFICIARIES, "unit": unit,
               "value": value, "n": int((here & ~unknown).sum()), "value_status": "measured"}  # fmt: skip
        if unknown[here].all() or unpriced[here].any():
            row.update(value=np.nan, value_status="missing", note="nobody_knows")
        elif unknown[here].any():
            row.update(lower=min(value, value + more), upper=max(value, value + more), value_status="estimated",
                       note="share_in_part")  # fmt: skip
        rows.append(row)
    return rows
