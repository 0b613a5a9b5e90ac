"""Money a second time, in plain Python: rows of a file, levels of prices, what a currency was worth."""

from __future__ import annotations

import csv
from pathlib import Path


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    """Rows of a table of the indicator; none where there is no file."""
    path = folder / f"{name}.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Money:
    """Amounts at the prices of a year and in dollars, looked up row by row."""

    def __init__(self, folder: Path):
        self.levels = {(r["currency"], int(r["year"])): float(r["price_index"]) for r in rows(folder, "deflators")}
        self.rates = {(r["currency"], int(r["year"])): float(r["rate"]) for r in rows(folder, "exchange_rates")}

    def newest(self, currency: str, years: set[int]) -> int:
        """The newest of the years with a level of prices; 0 without one."""
        return max((year for year in years if (currency, year) in self.levels), default=0)

    def ways(self, amount: float, year: int, currency: str, base: int) -> dict[str, float]:
        """The amount as it was paid, at the prices of the base year, and in dollars of that year."""
        found = {currency: amount}
        if base and (currency, year) in self.levels:
            real = amount / self.levels[currency, year] * self.levels[currency, base]
            found[f"{currency}, prices of {base}"] = real
            if (currency, base) in self.rates:
                found[f"USD, prices of {base}"] = real / self.rates[currency, base]
        return found


def add(numbers: dict, key: tuple, ways: dict[str, float]) -> None:
    """Add an amount in all its units to (year, kind, part)."""
    for unit, value in ways.items():
        numbers[(*key, unit)] = numbers.get((*key, unit), 0.0) + value
