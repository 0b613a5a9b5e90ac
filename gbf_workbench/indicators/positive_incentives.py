"""18.1 Positive incentives: how many instruments in force favour biodiversity, and what money they move."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.money import missing_rows, open_purse, yearly_rows

_NOTES = "indicators.positive_incentives.notes"
UNIT = "instruments"


def positive_incentives(
    instruments: pd.DataFrame | None,
    revenues: pd.DataFrame | None,
    yearly_counts: pd.DataFrame | None,
    exchange_rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    *,
    first_year: int,
    last_year: int,
    currency: str,
    prices: str,
    base_year: int,
) -> pd.DataFrame:
    """Instruments in force at the end of each year by kind, and the money of those that have figures.

    Parameters
    ----------
    instruments : DataFrame or None
        Table ``incentive_instruments``: ``instrument_id, instrument_type, introduced, ended``.
    revenues : DataFrame or None
        ``instrument_id, year, amount`` [currency], ``earmarked_share`` [1].
    yearly_counts : DataFrame or None
        ``year, instrument_type, instrument_count``; used where there is no list of instruments.
    exchange_rates, deflators : DataFrame or None
    first_year, last_year : int
        Ends of the series; 0 for the first year of an instrument and the last year in the data.
    currency, prices, base_year
        See ``methods.money.open_purse``.

    Returns
    -------
    DataFrame
        Rows of the tidy result [number], the money of the instruments [currency] and how many have figures [%].

    Raises
    ------
    WorkbenchError
        If the series ends before it begins, or if money cannot be brought together.

    Notes
    -----
    An instrument is in force in year t if it was introduced in t or before and had not ended by the end of t. Money
    that is not known makes no instrument less; the share with figures says of how many it is known.

    References
    ----------
    OECD, Policy Instruments for the Environment (PINE) database. SDG indicator metadata 15.a.1, part b.

    Examples
    --------
    >>> counts = pd.DataFrame({"year": 2021, "instrument_type": ["Tax", "Offset"], "instrument_count": [3, 0]})
    >>> rows = positive_incentives(None, None, counts, None, None, first_year=0, last_year=0, currency="",
    ...                            prices="as_given", base_year=0)
    >>> rows[["disaggregation", "value"]].values.tolist()
    [['', 3.0], ['Offset', 0.0], ['Tax', 3.0]]
    """
    doubts = Doubts()
    if instruments is not None:
        if yearly_counts is not None:
            doubts.add("flag", "both_tables")
        years = _span(instruments, revenues, first_year, last_year)
        force = _in_force(instruments, years)
        rows = _count_rows(instruments, force)
        if revenues is not None:
            rows += _money_rows(instruments, revenues, force, exchange_rates, deflators,
                                {"currency": currency, "prices": prices, "base_year": base_year}, doubts)  # fmt: skip
        doubts.add("flag", "same_name", count=_same_names(instruments))
    else:
        rows = _rows_of_counts(yearly_counts)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _span(instruments: pd.DataFrame, revenues: pd.DataFrame | None, first: int, last: int) -> list[int]:
    """Years of the series."""
    seen = [*instruments["introduced"], *instruments["ended"].dropna()]
    seen += [] if revenues is None else [*revenues["year"]]
    start, end = first or int(instruments["introduced"].min()), last or int(max(seen))
    if start > end:
        raise problem(f"{_NOTES}.years_reversed", table="incentive_instruments", first=str(start), last=str(end))
    return list(range(start, end + 1))


def _in_force(instruments: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """Whether each instrument is in force at the end of each year; shape (instruments, years)."""
    since = instruments["introduced"].to_numpy(dtype=float)[:, None]
    until = instruments["ended"].astype(float).fillna(np.inf).to_numpy()[:, None]
    year = np.array(years)[None, :]
    return pd.DataFrame((since <= year) & (until > year), index=instruments["instrument_id"].astype(str), columns=years)


def _row(year: int, kind: str, part: str, value: float) -> dict[str, Any]:
    return {
        "year": year, "disaggregation_type": kind, "disaggregation": part, "value": float(value), "unit": UNIT,
        "n": int(value),
    }  # fmt: skip


def _count_rows(instruments: pd.DataFrame, force: pd.DataFrame) -> list[dict[str, Any]]:
    """Numbers in force, in all and by kind; a kind of the list with none in force is a measured 0."""
    kinds = instruments["instrument_type"].astype(str).to_numpy()
    rows = [_row(year, "", "", force[year].sum()) for year in force]
    for kind in sorted(set(kinds)):
        rows += [_row(year, "Kind of incentive", kind, force.loc[kinds == kind, year].sum()) for year in force]
    return rows


def _rows_of_counts(counts: pd.DataFrame) -> list[dict[str, Any]]:
    parts = counts.groupby([counts["year"].astype(int), counts["instrument_type"]])["instrument_count"].sum()
    rows = [_row(year, "", "", value) for year, value in parts.groupby(level=0).sum().items()]
    rows += missing_rows(counts["year"], counts["year"], UNIT, "not_counted")
    return rows + [_row(year, "Kind of incentive", kind, value) for (year, kind), value in parts.items()]


def _money_rows(
    instruments: pd.DataFrame, revenues: pd.DataFrame, force: pd.DataFrame, rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None, settings: dict[str, Any], doubts: Doubts,
) -> list[dict[str, Any]]:  # fmt: skip
    """Money raised or spent by the instruments in force that have figures, and how many of them have."""
    known = instruments.set_index(instruments["instrument_id"].astype(str))
    kind = known["instrument_type"]
    number, years = revenues["instrument_id"].astype(str), revenues["year"].astype(int)
    inside = years.isin(force.columns)
    # An instrument that ended within the year still raised money in it, though it no longer counts at its end.
    since, until = number.map(known["introduced"]).astype(float), number.map(known["ended"]).astype(float)
    active = inside & (since <= years) & (until.isna() | (until >= years))
    doubts.add("flag", "money_out_of_force", count=int((inside & ~active).sum()))
    if not active.any():
        return []
    table = revenues[active]
    purse = open_purse(table, rates, deflators, doubts=doubts, **settings)
    money, at = purse.amounts(table), years[active]
    headline = money[[purse.units[0].name]]
    rows = yearly_rows(money, at, "Money", "All instruments with figures")
    rows += yearly_rows(headline, at, "Money by kind of incentive", number[active].map(kind))
    share = table["earmarked_share"].astype(float)
    if share.notna().any():
        set_aside = headline[share.notna()].mul(share.dropna(), axis=0)
        rows += yearly_rows(set_aside, at[share.notna()], "Money", "Set aside for biodiversity")
        doubts.add("flag", "earmark_unknown", count=int(share.isna().sum()))
    in_force = [bool(force.at[one, year]) for one, year in zip(number[active], at, strict=True)]
    with_figures = number[active][in_force].groupby(at[in_force]).nunique()
    totals = force.sum()
    about = {"disaggregation_type": "Instruments with figures of money", "disaggregation": "", "unit": "%"}
    return rows + [
        {"year": int(year), "value": 100 * float(with_figures.get(year, 0)) / int(size), "n": int(size), **about}
        for year, size in totals.items()
        if size and at.min() <= year <= at.max()
    ]


def _same_names(instruments: pd.DataFrame) -> int:
    """Instruments of one kind whose names differ in nothing but capitals: perhaps one that was listed twice."""
    named = instruments.assign(plain=instruments["name"].astype(str).str.casefold().str.split().str.join(" "))
    return int(named.duplicated(["plain", "instrument_type", "introduced"], keep=False).sum())
