"""Rivers of Aruvia, sampled at their mouths every month or only now and then, and the sea seen from above."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.names import place_names
from make_aruvia.writing import write_table

YEARS = (2016, 2018, 2020, 2022, 2023)
#: Area [km²], mean discharge [m³/s], mg/L of nitrogen, phosphorus, silica, samples in a year, coast.
_RIVERS = (
    (3420, 61, 2.6, 0.16, 4.1, 12, "North Coast"), (2180, 44, 1.7, 0.08, 5.2, 12, "North Coast"),
    (1650, 29, 4.8, 0.31, 3.0, 12, "East Coast"), (1240, 26, 1.1, 0.05, 6.4, 12, "South Coast"),
    (870, 14, 3.4, 0.12, 3.9, 12, "South Coast"), (410, 7, 0.7, 0.03, 5.8, 6, "East Coast"),
)  # fmt: skip
_LIMIT = {"nitrogen": 0.05, "phosphorus": 0.02, "silica": 0.1}


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Basins, samples and deviations of chlorophyll."""
    names = [f"{name} River" for name in place_names(rng, len(_RIVERS))]
    listed = enumerate(zip(names, _RIVERS, strict=True), 1)
    basins = pd.DataFrame(
        [(f"RB-{at:02d}", name, area, 1.0, coast) for at, (name, (area, *_, coast)) in listed],
        columns=["basin_id", "name", "basin_area_km2", "share_in_country", "sub_region"],
    )
    write_table(folder / "river_basins.csv", basins)
    rows = [
        row
        for at, river in enumerate(_RIVERS, 1)
        for year in YEARS
        for row in _samples(f"RB-{at:02d}", river, year, rng)
    ]
    columns = ["basin_id", "date", "nutrient", "concentration_mg_per_l", "below_loq", "loq_mg_per_l", "expressed_as"]
    write_table(folder / "nutrient_samples.csv", pd.DataFrame(rows, columns=[*columns, "discharge_m3_per_s"]))
    write_table(folder / "chlorophyll_deviations.csv", _chlorophyll(rng))


def _samples(basin: str, river: tuple[object, ...], year: int, rng: np.random.Generator) -> list[tuple[object, ...]]:
    _, flow, nitrogen, phosphorus, silica, number, _ = river
    grows = 1 + 0.012 * (year - YEARS[0])
    levels = {"nitrogen": nitrogen * grows, "phosphorus": phosphorus * grows, "silica": silica}
    rows: list[tuple[object, ...]] = []
    for month in range(1, 13, 12 // number):
        day = pd.Timestamp(year, month, int(rng.integers(5, 25)))
        water = flow * (1 + 0.55 * np.cos(2 * np.pi * (month - 2) / 12)) * rng.lognormal(0, 0.25)
        for nutrient, level in levels.items():
            found = round(float(level * rng.lognormal(0, 0.3)), 3)
            low, limit = found < _LIMIT[nutrient], _LIMIT[nutrient]
            said = ("" if low else found, "yes" if low else "no", limit)
            rows.append((basin, day.date().isoformat(), nutrient, *said, "element", round(float(water), 1)))
    return rows


def _chlorophyll(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for year in YEARS:
        for month in range(1, 13):
            for coast, cells in (("North Coast", 2100), ("East Coast", 1600), ("South Coast", 1900)):
                seen = int(cells * rng.uniform(0.3, 0.95))
                share = 1.1 + 5 * rng.gamma(2.0, 0.5) * (1.6 if month in (2, 3, 4) else 0.8)
                rows.append((year, month, coast, round(float(min(share, 60)), 2), seen))
    return pd.DataFrame(rows, columns=["year", "month", "sub_region", "high_share_percent", "cells_with_data"])
