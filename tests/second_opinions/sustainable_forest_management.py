"""10.2 a second time: cell by cell, with logarithms in place of roots."""

from __future__ import annotations

import csv
import math
from pathlib import Path

_KINDS = {
    "": ("Part", "Progress"),
    "inside": ("Inside traditional territories", "Progress inside traditional territories"),
    "outside": ("Outside traditional territories", "Progress outside traditional territories"),
}


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Every figure and ratio."""
    cells: dict[tuple[str, int, str], float] = {}
    with (folder / "sustainable_forest_management" / "forest_resources.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for name, cell in row.items():
                if cell and name not in ("year", "territory", "value_status"):
                    cells[row["territory"], int(row["year"]), name] = float(cell)
    found: dict[tuple[int, str, str, str], float] = {}
    for place in {place for place, _, _ in cells}:
        found |= _of_place(_KINDS[place], {(year, name): cell for (p, year, name), cell in cells.items() if p == place})
    return found


def _of_place(kinds: tuple[str, str], cells: dict[tuple[int, str], float]) -> dict[tuple[int, str, str, str], float]:
    part, progress = kinds
    years = sorted({year for year, _ in cells})
    forest = {year: cells[year, "forest_area_1000ha"] for year in years}
    found = {}
    for start, end in [(2000, 2010), *((2010, year) for year in years if year > 2010)]:
        if start in forest:
            rate = 100 * math.expm1((math.log(forest[end]) - math.log(forest[start])) / (end - start))
            found[end, part, "Change of forest area", "% per year"] = rate
    levels = {
        ("Above-ground biomass", "t/ha"): {
            y: cells[y, "biomass_t_per_ha"] for y in years if (y, "biomass_t_per_ha") in cells
        },
        ("Certified forest", "1000 ha"): {y: c for y in years if (c := _certified(y, cells)) is not None},
    }
    for name, column in (("protected areas", "protected_forest_1000ha"), ("management plans", "managed_forest_1000ha")):
        full = ("Forest in " if name == "protected areas" else "Forest under ") + name
        levels[full, "%"] = {y: 100 * cells[y, column] / forest[2015] for y in years if (y, column) in cells}
    for (name, unit), series in levels.items():
        before = None
        for year, level in series.items():
            found[year, part, name, unit] = min(level, 100.0) if name.endswith("plans") else level
            base = before if name == "Certified forest" else series.get(2010) if year > 2010 else None
            if base:
                found[year, progress, name, "ratio"] = level / base
            before = level
    return found


def _certified(year: int, cells: dict[tuple[int, str], float]) -> float | None:
    parts = [cells.get((year, f"certified_{name}_1000ha")) for name in ("fsc", "pefc", "both")]
    if None in parts:
        return cells.get((year, "certified_1000ha"))
    return parts[0] + parts[1] - parts[2]
