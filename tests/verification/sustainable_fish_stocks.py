"""5.1: published percentages of all stocks, and the share of the assessed ones that follows from them."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.verification import Compared, computed, country_folder, value_of

PEER = "Office for National Statistics (SDG 14.4.1)"
FILE = "uk_ons_14-4-1.csv"
SUFFIX = "biologically sustainable levels"
WITHIN = f"Proportion of fish stocks within {SUFFIX}"
OUTSIDE = f"Proportion of fish stocks that are not within {SUFFIX}"
UNKNOWN = "Proportion of fish stocks where biologically sustainable status is unknown"
#: The peer gives one series with three decimals only.
ROUNDED = "one of the peer's three percentages is rounded to three decimals in some years"


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every year: the peer's own denominator, the official one, and the two other shares."""
    source = verify / "5.1" / FILE
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    # The peer's other four series class the same stocks a second time.
    others = [line for line, row in enumerate(rows, start=2) if row["Series"] not in (WITHIN, OUTSIDE, UNKNOWN)]
    mapping = (
        f"tables:\n  fish_stock_counts:\n    file: {FILE}\n    leave_out_rows: {others}\n"
        "    columns: {year: Year, status: Series, stock_share: Value}\n    units: {stock_share: '%'}\n"
        f"    classes:\n      status:\n        {WITHIN}: sustainable\n        {OUTSIDE}: overfished\n"
        f"        {UNKNOWN}: unknown\n"
    )
    result = computed("5.1", country_folder(folder, "sustainable_fish_stocks", [source], mapping))
    peer: dict[int, dict[str, float]] = {}
    for row in rows:
        peer.setdefault(int(row["Year"]), {})[row["Series"]] = float(row["Value"])
    found = []
    for year, shares in sorted(peer.items()):
        official = 100 * shares[WITHIN] / (shares[WITHIN] + shares[OUTSIDE])
        all_stocks = value_of(result, year, unit="% of all stocks")
        found += [
            Compared(f"{year}, of all stocks", all_stocks, shares[WITHIN], 1e-12),
            Compared(f"{year}, of assessed stocks", value_of(result, year), official, 1e-12),
        ]
    newest = max(peer)
    found += [
        Compared(f"{newest}, of all stocks: 33 of 57", value_of(result, newest, unit="% of all stocks"), 100 * 33 / 57,
                 1e-12),
        Compared(f"{newest}, of assessed stocks: 33 of 44", value_of(result, newest), 75.0, 1e-5, ROUNDED),
    ]  # fmt: skip
    return found
