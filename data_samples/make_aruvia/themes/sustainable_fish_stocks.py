"""The national list of fish stocks, assessed in every year from 2012 to 2023 where anybody did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.names import species_names
from make_aruvia.writing import write_table

YEARS = tuple(range(2012, 2024))
STOCKS = 34
AREAS = ("51", "57")
METHODS = {1: "Statistical catch-at-age model", 2: "Surplus production model", 3: "Catch per unit effort"}


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """One row for each stock and year; what nobody assessed is unknown."""
    names = species_names(rng, "Freshwater fishes", 22)
    rows: list[dict[str, object]] = []
    for number in range(STOCKS):
        rows += _one_stock(f"AR-{number + 1:02d}", str(rng.choice(names)), rng)
    write_table(folder / "fish_stock_assessments.csv", pd.DataFrame(rows))


def _one_stock(code: str, name: str, rng: np.random.Generator) -> list[dict[str, object]]:
    tier = int(rng.choice([1, 2, 3], p=[0.25, 0.4, 0.35]))
    area = str(rng.choice(AREAS, p=[0.65, 0.35]))
    known_from = int(rng.choice([2012, 2016, 2020, 9999], p=[0.55, 0.12, 0.1, 0.23]))
    biomass, usual = rng.lognormal(-0.05, 0.45), rng.lognormal(0.02, 0.35)
    landings = rng.lognormal(7, 1.3)
    rows: list[dict[str, object]] = []
    for year in YEARS:
        biomass *= np.exp(0.18 * np.log(usual / biomass) + rng.normal(0, 0.07))
        landings *= np.exp(rng.normal(-0.01, 0.12))
        row: dict[str, object] = {
            "stock_id": code, "year": year, "scientific_name": name, "fao_area": area, "status": "unknown",
            "b_bmsy": "", "f_fmsy": "", "tier": "", "method": "", "landings_t": round(landings),
        }  # fmt: skip
        if year >= known_from:
            row |= {"tier": tier, "method": METHODS[tier], "status": "sustainable" if biomass >= 0.8 else "overfished"}
        if year >= known_from and tier < 3:
            row |= {"b_bmsy": round(biomass, 2), "f_fmsy": round(0.9 / biomass**0.5, 2), "status": ""}
        rows.append(row)
    return rows
