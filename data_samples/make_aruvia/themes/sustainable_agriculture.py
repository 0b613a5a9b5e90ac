"""A farm survey of Aruvia in two years: villages drawn in each province, a few farms in each, some answers missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

_YEARS = {2020: -0.12, 2023: -0.05}
_FARMS = 6
#: Villages drawn in each province, and how many there are.
_VILLAGES = {"Marovent": (12, 210), "Haute-Talvore": (8, 120), "Ondrével": (10, 180), "Nordane": (8, 140)}
_OTHERS = (7, 90)
_SYSTEMS = {"crops": 0.55, "livestock": 0.15, "mixed": 0.30}
_RIGHTS = ("document with name or right to sell or bequeath", "document without name", "none")
#: Columns whose answers are sometimes missing.
_ASKED = ("output_value", "profitable_years", "largest_product_share", "degraded_soil_ha", "food_insecurity", "tenure")


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """One row for each farm asked."""
    rows = []
    for year, better in _YEARS.items():
        for number, province in enumerate(made.outline.provinces, 1):
            drawn, there = _VILLAGES.get(province, _OTHERS)
            for village in range(1, drawn + 1):
                lean = float(rng.normal(better, 0.12))
                about = {
                    "year": year,
                    "stratum": f"P{number}",
                    "cluster": f"P{number}-{village:02d}",
                    "region": province,
                }
                for farm in range(1, _FARMS + 1):
                    weight = round(there / drawn * float(rng.integers(30, 60)) / _FARMS, 1)
                    name = f"{number}{village:02d}{farm}"
                    rows.append({**about, "holding_id": name, "weight": weight, **_farm(rng, lean)})
    table = pd.DataFrame(rows)
    for column in _ASKED:
        silent = rng.random(len(table)) < 0.03
        table[column] = table[column].astype(object).mask(silent, "")
    table.loc[table["output_value"] == "", "currency"] = ""
    write_table(folder / "farm_holdings.csv", table)


def _farm(rng: np.random.Generator, lean: float) -> dict[str, object]:
    """One farm; ``lean`` moves all its chances."""
    company = rng.random() < 0.04
    system = str(rng.choice(list(_SYSTEMS), p=list(_SYSTEMS.values())))
    area = round(float(rng.lognormal(2.2 if company else 0.9, 0.7)) * (3 if system == "livestock" else 1), 1) + 0.1
    worth = {"crops": 900, "livestock": 350, "mixed": 600}[system]

    def likely(chance: float) -> str:
        return "yes" if rng.random() < np.clip(chance + lean, 0.02, 0.98) else "no"

    def level(words: tuple[str, ...], chances: tuple[float, ...]) -> str:
        return words[int(np.searchsorted(np.cumsum(chances), min(max(rng.random() - lean, 0), 0.999)))]

    irrigates = rng.random() < 0.3
    sprays, feeds = likely(0.55 - lean), likely(0.6 - lean)
    return {
        "sector": "non-household" if company else "household",
        "production_system": system,
        "agricultural_area_ha": round(area, 1),
        "output_value": int(area * worth * rng.lognormal(lean, 0.45)),
        "currency": "USD",
        "profitable_years": int(rng.binomial(3, np.clip(0.7 + lean, 0, 1))),
        "has_credit": likely(0.5),
        "has_insurance": likely(0.25),
        "largest_product_share": round(float(rng.uniform(0.3, 1)), 2),
        "degraded_soil_ha": round(area * max(float(rng.normal(0.12 - lean / 2, 0.15)), 0), 1) if area > 0.3 else 0,
        "irrigated_area_ha": round(area * float(rng.uniform(0.05, 0.6)), 1) if irrigates else 0,
        "water_availability": level(("stable", "declining", "not known"), (0.6, 0.3, 0.1))
        if irrigates
        else "not applicable",
        "water_body_effective": likely(0.5) if irrigates else "",
        "uses_fertiliser": feeds,
        "fertiliser_measures": int(rng.binomial(8, np.clip(0.45 + lean, 0, 1))) if feeds == "yes" else "",
        "uses_pesticides": sprays,
        "uses_hazardous_pesticides": likely(0.12 - 2 * lean) if sprays == "yes" else "no",
        "pesticide_health_measures": int(rng.binomial(3, np.clip(0.75 + lean, 0, 1))) if sprays == "yes" else "",
        "pesticide_environment_measures": int(rng.binomial(7, np.clip(0.5 + lean, 0, 1))) if sprays == "yes" else "",
        "biodiversity_criteria": int(rng.binomial(6, np.clip(0.15 + lean / 3, 0, 1))),
        "unskilled_pay": level(("no hired labour", "above", "equal", "below"), (0.6, 0.2, 0.1, 0.1)),
        "food_insecurity": "not applicable"
        if company
        else level(("mild or none", "moderate", "severe"), (0.7, 0.2, 0.1)),
        "tenure": level(_RIGHTS, (0.62, 0.2, 0.18)),
    }
