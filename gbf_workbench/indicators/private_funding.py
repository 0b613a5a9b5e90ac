"""D.3 Private funding: money of foundations, companies and households for biodiversity; not counted is not 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.money import missing_rows, open_purse, yearly_rows

#: Sources that the indicator names; every other instrument belongs to the last class.
SOURCES = (
    "International philanthropy", "Mobilised by bilateral finance", "Mobilised by multilateral finance",
    "Biodiversity offsets", "Payments for ecosystem services", "Domestic donations", "Private benefit-sharing",
)  # fmt: skip
OTHER = "Other instruments"


def private_funding(
    flows: pd.DataFrame | None,
    yearly_totals: pd.DataFrame | None,
    exchange_rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    *,
    currency: str,
    prices: str,
    base_year: int,
) -> pd.DataFrame:
    """Private funding by year, source and origin.

    Parameters
    ----------
    flows : DataFrame or None
        Payments (table ``private_finance_flows``) [currency], each with its share for biodiversity [1].
    yearly_totals : DataFrame or None
        ``year, instrument, amount``; used where there are no payments.
    exchange_rates, deflators : DataFrame or None
    currency, prices, base_year
        See ``methods.money.open_purse``.

    Returns
    -------
    DataFrame
        Rows of the tidy result [currency].

    Raises
    ------
    WorkbenchError
        If money cannot be brought together.

    Notes
    -----
    D3_t = Σ_k P_k,t · s_k over payments k with the share s_k for biodiversity. A payment whose share is not known is
    not counted; a source without an amount in a year is missing in it, and the total is of the sources counted.

    References
    ----------
    CBD/COP/16/INF/3/Rev.1, indicator D.3. OECD, Measuring private finance mobilised by official development finance.

    Examples
    --------
    >>> totals = pd.DataFrame({"year": 2021, "instrument": ["Biodiversity offsets", "Bonds"], "amount": [3.0, 4.0],
    ...                        "currency": "USD", "price_basis": "current", "base_year": None})
    >>> rows = private_funding(None, totals, None, None, currency="", prices="as_given", base_year=0)
    >>> rows[["disaggregation", "value"]].values.tolist()[:3]
    [['', 7.0], ['Biodiversity offsets', 3.0], ['Other instruments', 4.0]]
    """
    doubts = Doubts()
    if flows is not None and yearly_totals is not None:
        doubts.add("flag", "both_tables")
    table = yearly_totals.assign(biodiversity_share=1.0, origin=None) if flows is None else flows
    purse = open_purse(
        table, exchange_rates, deflators, currency=currency, prices=prices, base_year=base_year, doubts=doubts
    )
    share = table["biodiversity_share"].astype(float)
    amounts = purse.amounts(table)
    unit = purse.units[0].name
    known, years = share.notna(), table["year"].astype(int)
    money = amounts[known].mul(share[known], axis=0)
    rows = yearly_rows(money, years[known])
    rows += missing_rows(years[known], years, unit, "no_source_counted")
    source = table["instrument"].where(table["instrument"].isin(SOURCES), OTHER)
    rows += _source_rows(money[[unit]], years[known], source[known], doubts)
    rows += yearly_rows(money[[unit]], years[known], "Instrument", table.loc[known, "instrument"])
    if table["origin"].notna().any():
        origin = table.loc[known, "origin"].astype(object).fillna("Not stated")
        rows += yearly_rows(money[[unit]], years[known], "Origin", origin)
    if not known.all():
        doubts.add("flag", "share_unknown", count=int((~known).sum()))
        most = amounts[[unit]].mul(share.fillna(1.0), axis=0)
        rows += yearly_rows(money[[unit]], years[known], "Range", "Payments without a share count nothing")
        rows += yearly_rows(most, years, "Range", "Payments without a share count whole")
    if flows is not None:
        doubts.add("flag", "looks_twice", count=_looking_twice(flows))
    out = pd.DataFrame(rows)
    out.attrs |= {"doubts": list(doubts), "unit": unit}
    return out


def _source_rows(money: pd.DataFrame, years: pd.Series, source: pd.Series, doubts: Doubts) -> list[dict[str, Any]]:
    """Sums by source; a source that was counted in another year of the series is missing where it was not."""
    unit = str(money.columns[0])
    rows = yearly_rows(money, years, "Funding source", source)
    there = {(row["year"], row["disaggregation"]) for row in rows}
    counted = sorted({name for _, name in there})
    gaps = [(year, name) for year in sorted(set(years)) for name in counted if (year, name) not in there]
    if gaps:
        doubts.add("flag", "sources_differ", years=", ".join(sorted({str(year) for year, _ in gaps})))
    if lacking := [name for name in (*SOURCES, OTHER) if name not in counted]:
        doubts.add("flag", "sources_unknown", names=", ".join(lacking))
    about = {"disaggregation_type": "Funding source", "value": np.nan, "value_status": "missing"}
    return rows + [
        {"year": year, "disaggregation": name, "unit": unit, "note": "source_not_counted", **about}
        for year, name in gaps
    ]


def _looking_twice(flows: pd.DataFrame) -> int:
    """Payments that are alike in all but number and instrument: perhaps one payment seen from two registers."""
    alike = ["payer", "recipient", "year", "amount", "currency"]
    named = flows[flows[["payer", "recipient"]].notna().all(axis=1)]
    return int((named.duplicated(alike, keep=False) & ~named.duplicated([*alike, "instrument"], keep=False)).sum())
