"""7.1 sample by sample, with dates counted day by day and the nutrient that limits asked for first."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from statistics import mean

UNIT = "kg C per km2 and day"
Loads = dict[tuple[str, int], dict[str, float]]


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _from_samples(rows: list[dict[str, str]], low_at: float) -> Loads:
    taken: dict[tuple[str, str, int], dict[date, float]] = defaultdict(dict)
    for row in rows:
        low = row["below_loq"] == "yes"
        level = low_at * float(row["loq_mg_per_l"]) if low else float(row["concentration_mg_per_l"])
        day = date.fromisoformat(row["date"])
        taken[row["basin_id"], row["nutrient"], day.year][day] = level * float(row["discharge_m3_per_s"])
    loads: Loads = defaultdict(dict)
    for (basin, nutrient, year), samples in taken.items():
        tonnes, day = 0.0, date(year, 1, 1)
        while day.year == year:
            # Half-way days belong half to the sample before and half to the one after.
            near = min(abs((day - one).days) for one in samples)
            tonnes += mean(grams for one, grams in samples.items() if abs((day - one).days) == near) * 86400 / 1e6
            day += timedelta(days=1)
        loads[basin, year][nutrient] = tonnes
    return loads


def _index(flux: dict[str, float]) -> tuple[float, float, float]:
    nitrogen, phosphorus, silica = flux["nitrogen"], flux["phosphorus"], flux["silica"]
    by_n = (nitrogen / (14 * 16) - silica / (28 * 20)) * 106 * 12
    by_p = (phosphorus / 31 - silica / (28 * 20)) * 106 * 12
    limited_by_nitrogen = (nitrogen / 14) < 16 * (phosphorus / 31)
    return (by_n if limited_by_nitrogen else by_p), by_n, by_p


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """National figures, basins, nutrients, shares above 0, and chlorophyll."""
    own = folder / "coastal_eutrophication"
    basins = {row["basin_id"]: row for row in _rows(own / "river_basins.csv")}
    loads: Loads = _from_samples(_rows(own / "nutrient_samples.csv"), 0.5)
    for row in _rows(own / "nutrient_loads.csv"):
        loads[row["basin_id"], int(row["year"])][row["nutrient"]] = float(row["load_t"])
    found: dict[tuple[int, str, str, str], float] = {}
    for year in sorted({year for _, year in loads}):
        parts = []
        for (basin, when), load in loads.items():
            if when != year or len(load) < 3:
                continue
            area = float(basins[basin]["basin_area_km2"])
            flux = {name: tonnes * 1000 / 365.25 / area for name, tonnes in load.items()}
            parts.append((basins[basin]["name"], area * float(basins[basin]["share_in_country"] or 1), *_index(flux)))
            found[year, "Basin", basins[basin]["name"], UNIT] = parts[-1][2]
        whole = sum(part[1] for part in parts)
        for kind, name, at in (("", "", 2), ("Nutrient", "Nitrogen", 3), ("Nutrient", "Phosphorus", 4)):
            found[year, kind, name, UNIT] = sum(part[1] * part[at] for part in parts) / whole
        above = [part for part in parts if part[2] > 0]
        found[year, "Index above 0", "Basins", "%"] = 100 * len(above) / len(parts)
        found[year, "Index above 0", "Area of the basins", "%"] = 100 * sum(part[1] for part in above) / whole
    return found | _chlorophyll(_rows(own / "chlorophyll_deviations.csv"))


def _chlorophyll(rows: list[dict[str, str]]) -> dict[tuple[int, str, str, str], float]:
    above: dict[tuple[int, int], float] = defaultdict(float)
    cells: dict[tuple[int, int], float] = defaultdict(float)
    for row in rows:
        if row["high_share_percent"]:
            at = int(row["year"]), int(row["month"])
            above[at] += float(row["high_share_percent"]) * float(row["cells_with_data"])
            cells[at] += float(row["cells_with_data"])
    years = {year for year, _ in cells}
    shares = {year: mean(above[at] / cells[at] for at in cells if at[0] == year) for year in years}
    return {(year, "Unusual chlorophyll", "All of the sea", "%"): share for year, share in shares.items()}
