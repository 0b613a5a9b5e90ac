"""18.2 Harmful subsidies: the value of support that is held to harm biodiversity, each programme counted once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.joins import joined
from gbf_workbench.methods.money import Purse, missing_rows, open_purse, yearly_rows

_ENDED = {"eliminated": "Eliminated", "phased out": "Phased out", "reformed": "Reformed"}
_HIDDEN_TAX = "Market price support"


def harmful_subsidies(
    programmes: pd.DataFrame | None,
    amounts: pd.DataFrame | None,
    sector_totals: pd.DataFrame | None,
    exchange_rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    *,
    currency: str,
    prices: str,
    base_year: int,
) -> pd.DataFrame:
    """Harmful support by year, sector and kind, with what was ended or reformed.

    Parameters
    ----------
    programmes : DataFrame or None
        Table ``support_programmes`` with the share held to be harmful [1].
    amounts : DataFrame or None
        ``programme_id, year, amount`` [currency].
    sector_totals : DataFrame or None
        ``year, sector, amount`` [currency]; used where there are no programmes.
    exchange_rates, deflators : DataFrame or None
    currency, prices, base_year
        See ``methods.money.open_purse``.

    Returns
    -------
    DataFrame
        Rows of the tidy result [currency]. Hidden taxes (negative market price support) stand apart with their sign.

    Raises
    ------
    WorkbenchError
        If an amount has no programme, or if money cannot be brought together.

    Notes
    -----
    H_t = Σ_k S_k,t · h_k over programmes k with the share h_k held to be harmful. A programme that was eliminated or
    phased out and has no amount afterwards is 0 there; any other that lacks an amount is not known, and then the total
    is of the programmes counted. The reduction H_first − H_t is given only where both years know the same programmes.

    References
    ----------
    CBD/COP/16/INF/3/Rev.1, indicator 18.2. OECD, Identifying and assessing subsidies and other incentives harmful to
    biodiversity, doi:10.1787/3e9118d3-en.

    Examples
    --------
    >>> totals = pd.DataFrame({"year": [2021, 2021], "sector": ["Fisheries", "Water"], "amount": [3.0, 4.0],
    ...                        "currency": "USD", "price_basis": "current", "base_year": None})
    >>> rows = harmful_subsidies(None, None, totals, None, None, currency="", prices="as_given", base_year=0)
    >>> rows[["disaggregation", "value"]].values.tolist()[:3]
    [['', 7.0], ['Fisheries', 3.0], ['Water', 4.0]]
    """
    doubts = Doubts()
    if amounts is not None and programmes is not None:
        if sector_totals is not None:
            doubts.add("flag", "both_tables")
        table = _with_programmes(amounts, programmes, doubts)
    else:
        table = sector_totals.assign(
            harmful_share=1.0, support_type=None, programme_id=sector_totals["sector"], reform=None, reform_year=np.nan
        )
    purse = open_purse(
        table, exchange_rates, deflators, currency=currency, prices=prices, base_year=base_year, doubts=doubts
    )
    unit = purse.units[0].name
    hidden = table["amount"].astype(float).lt(0) & table["support_type"].eq(_HIDDEN_TAX).fillna(False)
    money = purse.amounts(table).mul(table["harmful_share"].astype(float), axis=0)
    years = table["year"].astype(int)
    counted, own = money[~hidden], table[~hidden]
    rows = yearly_rows(counted, years[~hidden])
    rows += missing_rows(years[~hidden], years, unit, "not_counted")
    rows += yearly_rows(counted[[unit]], years[~hidden], "Sector", own["sector"])
    if own["support_type"].notna().any():
        kinds = own["support_type"].astype(object).fillna("Not stated")
        rows += yearly_rows(counted[[unit]], years[~hidden], "Kind of support", kinds)
    rows += yearly_rows(money.loc[hidden, [unit]], years[hidden], "Apart", "Hidden taxes, negative")
    rows += _reform_rows(own, counted[unit], unit)
    rows += _reduction_rows(table, money.where(~hidden, 0.0), purse, doubts)
    out = pd.DataFrame(rows)
    out.attrs |= {"doubts": list(doubts), "unit": unit}
    return out


def _with_programmes(amounts: pd.DataFrame, programmes: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """Each amount with the sector, kind, share and reform of its programme."""
    columns = ["programme_id", "sector", "support_type", "harmful_share", "reform", "reform_year"]
    named = programmes["name"].astype(str).str.casefold().str.split().str.join(" ")
    doubts.add("flag", "same_name", count=int(named.duplicated(keep=False).sum()))
    without = programmes[~programmes["programme_id"].isin(amounts["programme_id"])]
    names = ", ".join(sorted(without["name"].astype(str))[:5]) + (" …" if len(without) > 5 else "")
    doubts.add("flag", "programmes_without_amount", count=len(without), names=names)
    return joined(amounts, programmes[columns], ["programme_id"], table="support_amounts", other="support_programmes")


def _reform_rows(table: pd.DataFrame, money: pd.Series, unit: str) -> list[dict[str, Any]]:
    """What programmes that were ended or reformed were worth in the last year before, in the year of the reform."""
    found: dict[tuple[int, str], list[float]] = {}
    for _, part in table[table["reform"].isin(list(_ENDED))].groupby("programme_id"):
        at, kind = int(part["reform_year"].iloc[0]), _ENDED[part["reform"].iloc[0]]
        before = part[part["year"] < at].sort_values("year")
        if len(before):
            found.setdefault((at, kind), []).append(float(money[before.index[-1]]))
    about = {"disaggregation_type": "Ended or reformed, by its worth before", "unit": unit}
    return [
        {"year": year, "disaggregation": kind, "value": float(sum(worth)), "n": len(worth), **about}
        for (year, kind), worth in sorted(found.items())
        if np.isfinite(worth).all()
    ]


def _known(table: pd.DataFrame, years: list[int]) -> dict[int, frozenset[str]]:
    """The programmes whose support is known in each year: by an amount, or by having ended."""
    known = {year: set(table.loc[table["year"] == year, "programme_id"].astype(str)) for year in years}
    gone = table[table["reform"].isin(["eliminated", "phased out"])].drop_duplicates("programme_id")
    for name, at in zip(gone["programme_id"].astype(str), gone["reform_year"].astype(float), strict=True):
        for year in years:
            if year >= at:
                known[year].add(name)
    return {year: frozenset(names) for year, names in known.items()}


def _reduction_rows(table: pd.DataFrame, money: pd.DataFrame, purse: Purse, doubts: Doubts) -> list[dict[str, Any]]:
    """How much less harmful support there is than in the first year, where the same programmes are known."""
    years = sorted({int(year) for year in table["year"]})
    if not years:
        return []
    known = _known(table, years)
    everyone = frozenset().union(*known.values())
    partial = [year for year in years if known[year] != everyone]
    if partial:
        doubts.add("flag", "programmes_differ", years=", ".join(map(str, partial)))
    at_constant = [unit.name for unit in purse.units if unit.prices_of and unit.currency == purse.units[0].currency]
    unit = at_constant[0] if at_constant else purse.units[0].name
    totals = money[unit].groupby(table["year"].astype(int)).agg(lambda one: one.sum(skipna=False))
    about = {"disaggregation_type": "Reduction since the first year", "disaggregation": "", "unit": unit}
    return [
        {"year": year, "value": float(totals[years[0]] - totals[year]), "n": len(known[year]), **about}
        for year in years[1:]
        if known[year] == known[years[0]] and np.isfinite(totals[year]) and np.isfinite(totals[years[0]])
    ]
