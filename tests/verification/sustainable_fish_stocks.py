"""5.1: published percentages of all stocks, and the share of the assessed ones that follows from them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from tests.verification import Compared, computed, country_folder, value_of

PEER = "Office for National Statistics (SDG 14.4.1)"
FILE = "uk_ons_14-4-1.csv"
BEGIN = "Proportion of fish stocks"
#: The peer classes the same stocks twice: by their level, and by how they are fished.
LEVELS = {
    f"{BEGIN} within biologically sustainable levels": "sustainable",
    f"{BEGIN} that are not within biologically sustainable levels": "overfished",
    f"{BEGIN} where biologically sustainable status is unknown": "unknown",
}
FISHING = {
    f"{BEGIN} that are not fully exploited": "underfished",
    f"{BEGIN} that are fully exploited": "maximally sustainably fished",
    f"{BEGIN} that are overexploited": "overfished",
    f"{BEGIN} with unknown level of exploitation": "unknown",
}
STATES = {"overfished": "Outside sustainable levels", "unknown": "Unknown"}
ROUNDED = "one of the peer's three percentages is rounded to three decimals"


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every year of both classings: the peer's own denominator, the official one, and the other shares."""
    source = verify / "5.1" / FILE
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [
        *_of_one_classing(rows, LEVELS, source, folder / "levels"),
        *_of_one_classing(rows, FISHING, source, folder / "fishing"),
    ]
    result = computed("5.1", folder / "levels")
    all_stocks = value_of(result, 2019, unit="% of all stocks")
    return [
        *found,
        Compared("2019, of all stocks: 33 of 57", all_stocks, 100 * 33 / 57, 1e-12),
        Compared("2019, of assessed stocks: 33 of 44", value_of(result, 2019), 75.0, 1e-5, ROUNDED),
    ]


def _of_one_classing(
    rows: list[dict[str, str]], classes: dict[str, str], source: Path, folder: Path
) -> Iterator[Compared]:
    others = [line for line, row in enumerate(rows, start=2) if row["Series"] not in classes]
    mapping = (
        f"tables:\n  fish_stock_counts:\n    file: {FILE}\n    leave_out_rows: {others}\n"
        "    columns: {year: Year, status: Series, stock_share: Value}\n    units: {stock_share: '%'}\n"
        "    classes:\n      status:\n" + "".join(f"        {name}: {status}\n" for name, status in classes.items())
    )
    result = computed("5.1", country_folder(folder, "sustainable_fish_stocks", [source], mapping))
    peer: dict[int, dict[str, float]] = {}
    for row in rows:
        if row["Series"] in classes:
            peer.setdefault(int(row["Year"]), {})[classes[row["Series"]]] = float(row["Value"])
    for year, shares in sorted(peer.items()):
        within = sum(share for status, share in shares.items() if status not in STATES)
        said = f"{folder.name}, {year}"
        unit = "% of all stocks"
        yield Compared(f"{said}, within, of all stocks", value_of(result, year, unit=unit), within, 1e-12)
        official = 100 * within / (within + shares["overfished"])
        yield Compared(f"{said}, within, of assessed stocks", value_of(result, year), official, 1e-12)
        for status, name in STATES.items():
            ours = value_of(result, year, "Status", name, unit)
            yield Compared(f"{said}, {name}, of all stocks", ours, shares[status], 1e-12)
