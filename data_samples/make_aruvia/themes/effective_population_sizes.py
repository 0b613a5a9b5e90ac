"""Sizes of populations: some counted, some from DNA, most only as a class; assessed in 2014 and 2024."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.names import place_names
from make_aruvia.writing import write_table

YEARS = (2014, 2024)
#: Species of each group that are looked at, and the last of them in 2024 only.
CHOSEN = {"Birds": 14, "Amphibians": 12, "Freshwater fishes": 10, "Cycads": 6}
LATER = 5
#: Typical number of adults of one population, by category of the Red List.
ADULTS = {"LC": 4500, "NT": 3000, "VU": 1500, "EN": 700, "CR": 200}
RATIOS = (("Birds", 0.18, 0.1, 0.3), ("Amphibians", 0.1, 0.05, 0.2), ("Cycads", 0.25, 0.15, 0.35))
_LOSS = {"LC": 0.02, "NT": 0.05, "VU": 0.1, "EN": 0.16, "CR": 0.25}
_CLASSES = ((20_000, "more than 5000 by much"), (5_600, "more than 5000"), (4_400, "range includes 5000"),
            (900, "less than 5000"), (0, "less than 5000 by much"))  # fmt: skip


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Populations with their sizes, species with their numbers, ratios by group."""
    populations: list[dict[str, object]] = []
    species: list[dict[str, object]] = []
    newest = made.assessments[made.assessments["year"] == YEARS[-1]]
    newest = newest[newest["category"].isin(list(ADULTS))]
    for group, number in CHOSEN.items():
        known = newest[newest["taxonomic_group"] == group]
        chosen = known.iloc[np.sort(rng.choice(len(known), number, replace=False))]
        for place, one in enumerate(chosen.to_dict("records")):
            years = YEARS[1:] if place % 9 == LATER else YEARS
            _one_species(one, years, rng, populations, species)
    write_table(folder / "population_sizes.csv", pd.DataFrame(populations))
    write_table(folder / "genetic_assessments.csv", pd.DataFrame(species))
    names = ["taxon", "ratio", "ratio_lower", "ratio_upper"]
    write_table(folder / "ne_nc_ratios.csv", pd.DataFrame(RATIOS, columns=names).assign(source="Expert workshop 2023"))


def _one_species(
    one: dict[str, object],
    years: tuple[int, ...],
    rng: np.random.Generator,
    populations: list[dict[str, object]],
    species: list[dict[str, object]],
) -> None:
    category, name = str(one["category"]), one["scientific_name"]
    places = place_names(rng, int(rng.integers(2, 9)))
    sizes = ADULTS[category] * rng.lognormal(0, 1.1, len(places))
    how = rng.choice(["counted", "dna", "class", "unknown"], len(places), p=[0.36, 0.14, 0.4, 0.1])
    lost = int(rng.random() < _LOSS[category])
    followed = bool(rng.random() < 0.2)
    for year in years:
        if year > years[0]:
            stay = rng.random(len(places)) >= _LOSS[category]
            stay[0] = True
            lost += int((~stay).sum())
            places, sizes, how = [p for p, s in zip(places, stay, strict=True) if s], sizes[stay], how[stay]
            sizes = sizes * rng.lognormal(-0.1, 0.2, len(sizes))
        for place, size, known in zip(places, sizes, how, strict=True):
            cells = _cells(float(size), str(known), rng)
            populations.append({"species": name, "population": place, "year": year, **cells, "populations_lost": lost})
        species.append({
            "species": name, "year": year, "taxonomic_group": one["taxonomic_group"],
            "n_extant_populations": len(places), "n_extinct_populations": lost,
            "genetic_monitoring": "yes" if followed and year == YEARS[-1] else "no", "range_share": one["range_share"],
        })  # fmt: skip


def _cells(adults: float, known: str, rng: np.random.Generator) -> dict[str, object]:
    """What a team would know of a population with so many adults."""
    cells = dict.fromkeys(("ne", "ne_lower", "ne_upper", "nc", "nc_lower", "nc_upper", "nc_class"), "")
    if known == "counted":
        number = max(1, round(adults))
        cells |= {"nc": number, "nc_lower": round(0.8 * number), "nc_upper": round(1.25 * number)}
    elif known == "dna":
        size = max(2, round(adults * rng.uniform(0.08, 0.3)))
        cells |= {"ne": size, "ne_lower": round(0.6 * size), "ne_upper": round(1.8 * size)}
    elif known == "class":
        cells["nc_class"] = next(name for least, name in _CLASSES if adults >= least)
    return cells
