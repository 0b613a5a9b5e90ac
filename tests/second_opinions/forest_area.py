"""Forest area worked out row by row."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Share and area of every year, and the rate of change of every period."""
    reports: dict[int, list[tuple[float, float]]] = {}
    whole: set[int] = set()
    with (folder / "forest_area" / "forest_resources.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            year, areas = int(row["year"]), (float(row["forest_area_1000ha"]), float(row["land_area_1000ha"]))
            if not row["territory"]:
                whole.add(year)
                reports[year] = [areas]
            elif year not in whole:
                reports.setdefault(year, []).append(areas)
    known = {year: tuple(sum(part) for part in zip(*parts, strict=True)) for year, parts in reports.items()}
    found: dict[tuple[int, str, str, str], float] = {}
    years = sorted(known)
    for year in range(years[0], years[-1] + 1):
        before = max(one for one in years if one <= year)
        after = min(one for one in years if one >= year)
        way = (year - before) / (after - before) if after > before else 0.0
        forest, land = (one + way * (two - one) for one, two in zip(known[before], known[after], strict=True))
        found[year, "", "", "1000 ha"] = forest
        found[year, "", "", "%"] = 100 * forest / land
    for opening, closing in itertools.pairwise(years):
        ratio = known[closing][0] / known[opening][0]
        rate = 100 * (ratio ** (1 / (closing - opening)) - 1)
        found[closing, f"Yearly rate of change, {opening}–{closing}", "", "% per year"] = rate
    return found
