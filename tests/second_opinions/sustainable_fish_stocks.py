"""Fish stocks counted one by one."""

from __future__ import annotations

import csv
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

GOOD = {"underfished", "maximally sustainably fished", "sustainable"}


def _within(row: dict[str, str]) -> bool | None:
    if row["b_bmsy"]:
        return Fraction(row["b_bmsy"]) >= Fraction(8, 10)
    return None if row["status"] == "unknown" else row["status"] in GOOD


def _percent(part: list, whole: list) -> float:
    return float(Fraction(100 * len(part), len(whole)))


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Both denominators, areas, tiers, landings, the strict level and the stocks of all years."""
    with (folder / "sustainable_fish_stocks" / "fish_stock_assessments.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    by_year = defaultdict(list)
    for row in rows:
        by_year[int(row["year"])].append({**row, "within": _within(row)})
    out = {}
    for year, stocks in by_year.items():
        for kind, name, own in [("", "", stocks), *(
            ("FAO fishing area", area, [s for s in stocks if s["fao_area"] == area])
            for area in {s["fao_area"] for s in stocks}
        )]:  # fmt: skip
            known = [s for s in own if s["within"] is not None]
            out[year, kind, name, "%"] = _percent([s for s in known if s["within"]], known)
            out[year, kind, name, "% of all stocks"] = _percent([s for s in known if s["within"]], own)
        known = [s for s in stocks if s["within"] is not None]
        for tier in {s["tier"] for s in known}:
            own = [s for s in known if s["tier"] == tier]
            out[year, "Tier", f"Tier {tier}", "%"] = _percent([s for s in own if s["within"]], own)
        measured = [s for s in stocks if s["b_bmsy"]] + [s for s in stocks if not s["b_bmsy"] and s["status"] in
                                                         ("overfished", "underfished")]  # fmt: skip
        strict = [s for s in measured if (float(s["b_bmsy"]) >= 1 if s["b_bmsy"] else s["status"] == "underfished")]
        out[year, "Strict level", "Biomass at BMSY or above", "%"] = _percent(strict, measured)
        landed = {state: sum(float(s["landings_t"]) for s in stocks if s["within"] is state) for state in
                  (True, False, None)}  # fmt: skip
        assessed = landed[True] + landed[False]
        of_assessed = "% of landings of assessed stocks"
        out[year, "Landings", "From stocks within sustainable levels", of_assessed] = 100 * landed[True] / assessed
        out[year, "Landings", "From stocks of unknown state", "% of landings"] = (
            100 * landed[None] / (assessed + landed[None])
        )
        out[year, "Status", "Unknown", "stocks"] = float(len(stocks) - len(known))
    if len(by_year) > 1:
        always = set.intersection(
            *({s["stock_id"] for s in stocks if s["within"] is not None} for stocks in by_year.values())
        )
        for year, stocks in by_year.items():
            own = [s for s in stocks if s["stock_id"] in always]
            at = (year, "Trend", "Stocks assessed in every year", "%")
            out[at] = _percent([s for s in own if s["within"]], own)
    return out
