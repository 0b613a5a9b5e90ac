"""Money: kept as it was paid, freed of inflation, and only then brought to another currency, by one year's rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts

_INVERSE = "reference per currency"


@dataclass(frozen=True)
class Unit:
    """A currency with the year whose prices it is counted in; 0 for the prices of each year itself."""

    currency: str
    prices_of: int = 0

    @property
    def name(self) -> str:
        """As it stands beside a number: ``USD``, or ``USD, prices of 2020``."""
        return f"{self.currency}, prices of {self.prices_of}" if self.prices_of else self.currency


@dataclass(frozen=True)
class Purse:
    """The units that the amounts of an indicator are shown in, that of its headline first.

    Attributes
    ----------
    units : tuple of Unit
    rates : mapping
        (currency, other, year) to units of the other for one of the currency.
    prices : mapping
        (currency, year) to the level of prices, on any base.
    """

    units: tuple[Unit, ...]
    rates: Mapping[tuple[str, str, int], float]
    prices: Mapping[tuple[str, int], float]

    def factor(self, unit: Unit, currency: str, year: int, base: int = 0) -> float:
        """What an amount is multiplied by: out of inflation in its own currency first, then converted once.

        Parameters
        ----------
        unit : Unit
        currency : str
        year : int
            Year of the amount.
        base : int
            Year whose prices the amount is in; 0 for those of its own year.

        Returns
        -------
        float
            Not a number where a price level or a rate of exchange is not known.
        """
        since, to = base or year, unit.prices_of or year
        growth = 1.0
        if since != to:
            growth = self.prices.get((currency, to), np.nan) / self.prices.get((currency, since), np.nan)
        return growth * self.worth(currency, unit.currency, to)

    def worth(self, currency: str, other: str, year: int) -> float:
        """Units of another currency that one of this bought in the year, directly or through a third."""
        if currency == other:
            return 1.0
        if (currency, other, year) in self.rates:
            return self.rates[currency, other, year]
        third = {b for a, b, at in self.rates if (a, at) == (currency, year)}
        through = sorted(one for one in third if (one, other, year) in self.rates)
        if not through:
            return np.nan
        return self.rates[currency, through[0], year] * self.rates[through[0], other, year]

    def amounts(self, table: pd.DataFrame, column: str = "amount") -> pd.DataFrame:
        """A column of amounts in all units.

        Parameters
        ----------
        table : DataFrame
            ``year, currency, price_basis, base_year`` and the column.

        Returns
        -------
        DataFrame
            Rows and index of the table, a column for each unit; missing where it cannot be worked out.
        """
        keys = _keys(table)
        known = {
            key: [self.factor(unit, *key) for unit in self.units]
            for key in set(keys.itertuples(index=False, name=None))
        }
        factors = np.array([known[key] for key in keys.itertuples(index=False, name=None)]).reshape(-1, len(self.units))
        values = factors * table[column].to_numpy(dtype=float, na_value=np.nan)[:, None]
        return pd.DataFrame(values, index=table.index, columns=[unit.name for unit in self.units])


def _keys(table: pd.DataFrame) -> pd.DataFrame:
    """Currency, year and year of prices of each row."""
    constant = table["price_basis"].eq("constant").fillna(False).to_numpy(dtype=bool)
    base = np.where(constant, table["base_year"].astype(float).fillna(0), 0).astype(int)
    keys = {"currency": table["currency"].astype(str), "year": table["year"].astype(int), "base": base}
    return pd.DataFrame(keys, index=table.index)


def open_purse(
    table: pd.DataFrame,
    rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    *,
    currency: str,
    prices: str,
    base_year: int,
    doubts: Doubts,
) -> Purse:
    """The units for a table of amounts: as they were paid, at constant prices, and those in the reference currency.

    Parameters
    ----------
    table : DataFrame
        ``year, currency, price_basis, base_year`` of the amounts the headline is made of.
    rates, deflators : DataFrame or None
        The tables ``exchange_rates`` and ``deflators``.
    currency : str
        Currency of the headline; empty for that of the amounts or, where they have several, that of the rates.
    prices : {"as_given", "constant"}
        Prices of the headline.
    base_year : int
        Year of constant prices; 0 takes that of the amounts, else the newest year with all that is needed.
    doubts : Doubts

    Returns
    -------
    Purse

    Raises
    ------
    WorkbenchError
        If the headline cannot be had in that currency or at those prices.

    Notes
    -----
    Real amount = nominal amount · P(base) / P(year), in its own currency; converted amount = real amount · rate(base).
    Converting first would let the moves of the rates into the trend.

    Examples
    --------
    >>> paid = pd.DataFrame({"year": [2020, 2021], "amount": [100.0, 121.0], "currency": "XAF",
    ...                      "price_basis": "current", "base_year": None})
    >>> prices = pd.DataFrame({"currency": "XAF", "year": [2020, 2021], "price_index": [100.0, 110.0]})
    >>> purse = open_purse(paid, None, prices, currency="", prices="as_given", base_year=2020, doubts=Doubts())
    >>> purse.amounts(paid).round(6).to_dict("list")
    {'XAF': [100.0, 121.0], 'XAF, prices of 2020': [100.0, 110.0]}
    """
    keys = _keys(table)
    open_to = Purse((), _both_ways(rates), _levels(deflators))
    references = [] if rates is None else sorted(rates["reference_currency"].astype(str).unique())
    held = sorted(keys["currency"].unique())
    main = currency or (held[0] if len(held) == 1 or not references else references[0])
    base = int(keys["base"].max())
    given = Unit(main, base)
    year = base_year or base or _newest_year(open_to, keys, main)
    units = [given] + (
        [Unit(main, year)] if year and year != base and _reached(open_to, Unit(main, year), keys) else []
    )
    if prices == "constant" and (not year or units[-1].prices_of != year):
        raise problem("money.no_constant_prices", table="deflators", value=str(base_year or ""))
    chosen = units[-1] if prices == "constant" else given
    if lacking := _years_without_rate(open_to, chosen, keys):
        raise problem("money.no_rate", table="exchange_rates", value=main, years=", ".join(map(str, lacking)))
    others = [Unit(one, units[-1].prices_of) for one in references if one != main and units[-1].prices_of]
    units += [one for one in others if np.isfinite(open_to.worth(main, one.currency, one.prices_of))]
    _say(open_to, chosen, keys, held, doubts)
    ordered = [chosen] + [one for one in units if one != chosen]
    return Purse(tuple(ordered), open_to.rates, open_to.prices)


def _both_ways(rates: pd.DataFrame | None) -> dict[tuple[str, str, int], float]:
    known: dict[tuple[str, str, int], float] = {}
    for row in [] if rates is None else rates.itertuples(index=False):
        a, b, year, rate = str(row.currency), str(row.reference_currency), int(row.year), float(row.rate)
        # “Currency per reference”: how many of the currency one of the reference buys.
        worth = rate if row.direction == _INVERSE else 1 / rate
        known[a, b, year], known[b, a, year] = worth, 1 / worth
    return known


def _levels(deflators: pd.DataFrame | None) -> dict[tuple[str, int], float]:
    rows = [] if deflators is None else deflators.itertuples(index=False)
    return {(str(row.currency), int(row.year)): float(row.price_index) for row in rows}


def _reached(purse: Purse, unit: Unit, keys: pd.DataFrame) -> bool:
    """Whether any amount can be had in the unit."""
    return any(np.isfinite(purse.factor(unit, *key)) for key in _different(keys))


def _different(keys: pd.DataFrame) -> list[tuple[Any, ...]]:
    return sorted(set(keys.itertuples(index=False, name=None)))


def _newest_year(purse: Purse, keys: pd.DataFrame, main: str) -> int:
    """The newest year of the amounts that has a price level, and a rate, for each of their currencies; else 0."""
    for year in sorted(keys["year"].unique(), reverse=True):
        currencies = keys["currency"].unique()
        if all((one, year) in purse.prices and np.isfinite(purse.worth(one, main, int(year))) for one in currencies):
            return int(year)
    return 0


def _years_without_rate(purse: Purse, unit: Unit, keys: pd.DataFrame) -> list[int]:
    years = {unit.prices_of or year for one, year, _ in _different(keys)
             if not np.isfinite(purse.worth(one, unit.currency, unit.prices_of or year))}  # fmt: skip
    return sorted(years)


def _say(purse: Purse, chosen: Unit, keys: pd.DataFrame, held: list[str], doubts: Doubts) -> None:
    """What a reader has to know of the money in the headline."""
    if not chosen.prices_of and held != [chosen.currency]:
        doubts.add("flag", "money.rates_of_each_year", currency=chosen.currency)
    lacking = sorted({year for one, year, base in _different(keys)
                      if not np.isfinite(purse.factor(chosen, one, year, base))})  # fmt: skip
    if lacking:
        doubts.add("flag", "money.prices_unknown", years=", ".join(map(str, lacking)))


def yearly_rows(
    values: pd.DataFrame, years: pd.Series, kind: str = "", parts: pd.Series | str = "", **more: Any
) -> list[dict[str, Any]]:
    """Sums by part, year and unit; a sum with an amount that is not known in a unit is missing in that unit.

    Parameters
    ----------
    values : DataFrame
        Amounts, a column for each unit.
    years : Series of int
        Year of each row of ``values``.
    kind : str
        Kind of breakdown.
    parts : Series or str
        Part that each row belongs to, or one for all.
    **more
        Further columns, such as ``note``.

    Returns
    -------
    list of dict
        Rows of the tidy result.

    Examples
    --------
    >>> rows = yearly_rows(pd.DataFrame({"USD": [1.0, 2.0]}), pd.Series([2020, 2020]))
    >>> rows[0]["value"], rows[0]["n"]
    (3.0, 2)
    """
    named = parts if isinstance(parts, pd.Series) else pd.Series(parts, index=values.index)
    groups = values.groupby([named.astype(str), years.astype(int)], sort=True)
    unknown = values.isna().groupby([named.astype(str), years.astype(int)], sort=True).any()
    totals, sizes = groups.sum().mask(unknown), groups.size()
    return [
        {
            "year": year, "disaggregation_type": kind, "disaggregation": part, "value": float(value), "unit": unit,
            "n": int(sizes[part, year]), "value_status": "measured" if value == value else "missing", **more,
        }
        for unit in totals for (part, year), value in totals[unit].items()
    ]  # fmt: skip


def missing_rows(known: Iterable[int], spanned: Iterable[int], unit: str, note: str) -> list[dict[str, Any]]:
    """Rows without a number for the years of a span of which there is none: not counted is not zero.

    >>> [row["year"] for row in missing_rows([2018, 2020], [2018, 2021], "USD", "not_counted")]
    [2019, 2021]
    """
    there, years = {int(year) for year in known}, [int(year) for year in spanned]
    gaps = [year for year in range(min(years), max(years) + 1) if year not in there] if years else []
    about = {"disaggregation_type": "", "disaggregation": "", "value": np.nan, "value_status": "missing"}
    return [{"year": year, "unit": unit, "note": note, **about} for year in gaps]
