"""7.2 with dictionaries: masses over thresholds, and every sample of a site looked at by itself."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from statistics import mean

Found = dict[tuple[int, str, str, str], float]
WATER = {"fish", "aquatic invertebrates", "aquatic plants"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def values(folder: Path) -> Found:
    """Indices and sums of each group, their parts by type, and the share of sites."""
    own = folder / "pesticides_in_the_environment"
    limits: dict[str, dict[str, float]] = defaultdict(dict)
    units: dict[str, str] = {}
    for row in _rows(own / "pesticide_thresholds.csv"):
        factor, unit = (1000, "µg/L") if row["threshold_unit"] == "mg/L" else (1, row["threshold_unit"])
        limits[row["species_group"]][row["cas_number"]] = float(row["threshold"]) * factor
        units[row["species_group"]] = unit
    use = _rows(own / "pesticide_use.csv")
    found: Found = {}
    for group, known in limits.items():
        name = group[0].upper() + group[1:]
        total: dict[int, float] = defaultdict(float)
        by_type: dict[tuple[int, str], float] = defaultdict(float)
        mass: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for row in use:
            year, kg = int(row["year"]), float(row["mass_kg"])
            mass[year][0] += kg
            if row["cas_number"] in known:
                mass[year][1] += kg
                total[year] += kg / known[row["cas_number"]]
                by_type[year, row["pesticide_type"]] += kg / known[row["cas_number"]]
        base = mean(value for year, value in total.items() if 2010 <= year <= 2020)
        for year, value in total.items():
            found[year, "Total applied toxicity", name, f"kg/({units[group]})"] = value
            found[year, "Group of species", name, "index"] = 100 * value / base
            found[year, "Mass with a threshold", name, "%"] = 100 * mass[year][1] / mass[year][0]
        for (year, kind), value in by_type.items():
            found[year, f"Pesticide type, {name}", kind, "index"] = 100 * value / base
    return found | _sites(_rows(own / "pesticide_concentrations.csv"), limits)


def _sites(samples: list[dict[str, str]], limits: dict[str, dict[str, float]]) -> Found:
    above: dict[tuple[int, str], bool] = {}
    for row in samples:
        known = [one[row["cas_number"]] for group, one in limits.items() if group in WATER and row["cas_number"] in one]
        if known:
            at = int(row["date"][:4]), row["site_id"]
            level = float(row["concentration_ug_per_l"] or 0)
            above[at] = above.get(at, False) or level > min(known)
    years = {year for year, _ in above}
    shares = {year: mean(float(x) for (when, _), x in above.items() if when == year) for year in years}
    return {(year, "Sites above a threshold", "All waters", "%"): 100 * share for year, share in shares.items()}
