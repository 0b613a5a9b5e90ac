"""Alien species of Aruvia: a few more each decade, found ever sooner because ever more people look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

_GROUPS = {
    "Vascular plants": (62, ("Peregrina", "Advenula", "Hospitella", "Vagantia")),
    "Insects": (41, ("Xenobia", "Migratella", "Exoptera", "Allopsis")),
    "Freshwater fishes": (13, ("Exolanchax", "Novichthys")),
    "Marine invertebrates": (18, ("Ballasta", "Navicola", "Portunella")),
}  # fmt: skip
_EPITHETS = (
    "ambulans", "advecta", "fugitiva", "inopinata", "mercatoria", "navalis", "nova", "portuaria", "sequens", "subita",
    "tarda", "translata", "ubiquista", "vectoria", "viatica", "hortulana", "agricola", "obvia", "novella", "furtiva",
)  # fmt: skip
_PATHWAYS = {
    "Vascular plants": (("escape", "contaminant", "release", "unknown"), (0.55, 0.25, 0.05, 0.15)),
    "Insects": (("contaminant", "stowaway", "unaided", "unknown"), (0.55, 0.25, 0.1, 0.1)),
    "Freshwater fishes": (("release", "escape", "corridor"), (0.6, 0.3, 0.1)),
    "Marine invertebrates": (("stowaway", "contaminant", "unknown"), (0.75, 0.15, 0.1)),
}
_FIRST, _LAST = 1952, 2024


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """The list of first records and the days of survey by year."""
    rows = [row for group in _GROUPS for row in _species(group, made, rng)]
    columns = [
        "scientific_name", "region", "first_year", "last_possible_year", "establishment", "invasive",
        "taxonomic_group", "pathway", "habitat",
    ]  # fmt: skip
    write_table(folder / "alien_species_first_records.csv", pd.DataFrame(rows, columns=columns))
    years = np.arange(1970, 2025)
    days = np.round(40 * np.exp(0.022 * (years - 1970)) * rng.lognormal(0, 0.15, len(years))).astype(int)
    days[years == 2020] = 31
    effort = pd.DataFrame({"year": years, "effort": days, "effort_unit": "survey days"})
    write_table(folder / "survey_effort.csv", effort)


def _species(group: str, made: Made, rng: np.random.Generator) -> list[tuple[object, ...]]:
    count, genera = _GROUPS[group]
    names = [f"{genus} {epithet}" for genus in genera for epithet in _EPITHETS]
    chosen = sorted(rng.choice(names, count, replace=False))
    provinces = sorted(made.outline.provinces)
    return [row for name in chosen for row in _records(name, group, provinces, rng)]


def _records(name: str, group: str, provinces: list[str], rng: np.random.Generator) -> list[tuple[object, ...]]:
    """One row for each province a species was found in, the later ones some years after the first."""
    came = _FIRST + int((_LAST - _FIRST) * rng.beta(1.6, 1.0))
    first = min(came + int(rng.geometric(0.25)), _LAST)
    status = str(rng.choice(["established", "casual", "eradicated", "unknown"], p=[0.84, 0.1, 0.02, 0.04]))
    invasive = str(rng.choice(["yes", "no", ""], p=[0.42, 0.5, 0.08]))
    ways, chances = _PATHWAYS[group]
    traits = (group, str(rng.choice(ways, p=chances)), _habitat(group, rng))
    places = rng.choice(provinces, int(rng.integers(1, 3)), replace=False)
    rows: list[tuple[object, ...]] = []
    for at, place in enumerate(places):
        year = first if at == 0 else first + int(rng.integers(1, 12))
        if year > _LAST:
            continue
        span = _span(year, rng) if at == 0 else (year, "")
        rows.append((name, place, *span, status, invasive, *traits))
    return rows


def _span(year: int, rng: np.random.Generator) -> tuple[object, object]:
    """A year, or for a few species what is left of it: a span, or nothing at all."""
    luck = rng.random()
    if luck < 0.04:
        return "", ""
    if luck < 0.09 and year < 2000:
        return year // 10 * 10, year // 10 * 10 + 9
    if luck < 0.11 and year < 1990:
        return year - 15, year + 10
    return year, ""


def _habitat(group: str, rng: np.random.Generator) -> str:
    if group == "Marine invertebrates":
        return "marine"
    if group == "Freshwater fishes":
        return "freshwater"
    return str(rng.choice(["terrestrial", "freshwater"], p=[0.88, 0.12]))
