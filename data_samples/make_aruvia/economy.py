"""Money in Aruvia: its prices, what its currency was worth, the size of its budget and of its economy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from make_aruvia.writing import write_table

CURRENCY = "XAF"
YEARS = tuple(range(2010, 2025))
_PER_DOLLAR = (495, 472, 510, 494, 494, 591, 593, 582, 556, 586, 575, 554, 622, 606, 606)
_INFLATION = (0, 2.4, 2.9, 1.9, 2.1, 2.6, 1.1, 0.9, 1.2, 2.3, 2.6, 2.2, 6.3, 7.0, 4.4)
_GROWTH = (0, 4.1, 4.6, 5.0, 5.3, 3.2, 1.4, 0.8, 2.5, 2.2, -3.8, 1.6, 3.4, 3.1, 3.3)


def price_levels() -> dict[int, float]:
    """Price index by year, 2020 = 100."""
    level, found = 1.0, {}
    for year, percent in zip(YEARS, _INFLATION, strict=True):
        level *= 1 + percent / 100
        found[year] = level
    return {year: round(100 * one / found[2020], 2) for year, one in found.items()}


def dollars() -> dict[int, float]:
    """Units of the currency for one US dollar, by year."""
    return dict(zip(YEARS, map(float, _PER_DOLLAR), strict=True))


def gross_domestic_product() -> dict[int, float]:
    """In the currency, at the prices of each year."""
    level, prices, found = 1.9e12, price_levels(), {}
    for year, percent in zip(YEARS, _GROWTH, strict=True):
        level *= 1 + percent / 100
        found[year] = round(level * prices[year] / 100, -6)
    return found


def dollar_prices() -> dict[int, float]:
    """Price index of the United States dollar by year, 2020 = 100."""
    return {year: round(100 * 1.0185 ** (year - 2020), 2) for year in YEARS}


def write_prices(folder: Path, levels: dict[str, dict[int, float]]) -> None:
    """The table of price indices of some currencies."""
    rows = [(one, year, level, 2020, "Statistics office") for one, by in levels.items() for year, level in by.items()]
    columns = ["currency", "year", "price_index", "base_year", "source"]
    write_table(folder / "deflators.csv", pd.DataFrame(rows, columns=columns))


def write_money(folder: Path) -> None:
    """The tables of the country's prices and of what its currency was worth."""
    write_prices(folder, {CURRENCY: price_levels()})
    rates = [
        (CURRENCY, "USD", year, rate, "currency per reference", "Central bank, yearly mean")
        for year, rate in dollars().items()
    ]
    columns = ["currency", "reference_currency", "year", "rate", "direction", "source"]
    write_table(folder / "exchange_rates.csv", pd.DataFrame(rates, columns=columns))
