"""Counts of animal populations from 1985 on: some every year, most with gaps, a few that ended at 0."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.names import place_names
from make_aruvia.writing import write_table

LAST = 2023
#: Species counted, mean yearly change, realm and unit of each group.
GROUPS = {
    "Birds": (24, -0.006, "terrestrial", "breeding pairs"),
    "Amphibians": (13, -0.028, "freshwater", "individuals"),
    "Freshwater fishes": (15, -0.018, "freshwater", "catch per unit effort"),
}


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Series of populations, and the number of species of each group as its weight."""
    rows: list[dict[str, object]] = []
    listed = made.assessments.drop_duplicates("species_id")
    for group, (number, trend, realm, unit) in GROUPS.items():
        names = listed.loc[(listed["taxonomic_group"] == group) & (listed["category"] != "NA"), "scientific_name"]
        for name in np.sort(rng.choice(names.to_numpy(dtype=str), number, replace=False)):
            own = rng.normal(trend, 0.025)
            for place in place_names(rng, int(rng.integers(1, 4))):
                about = {"species": name, "population": place}
                more = {"unit": unit, "taxonomic_group": group, "realm": realm}
                rows += [{**about, **cells, **more} for cells in _series(own, unit, rng)]
    write_table(folder / "population_series.csv", pd.DataFrame(rows))
    sizes = listed["taxonomic_group"].value_counts()
    weights = [(realm, group, sizes[group], 1) for group, (_, _, realm, _) in GROUPS.items()]
    columns = ["realm", "taxonomic_group", "weight", "realm_weight"]
    write_table(folder / "living_planet_weights.csv", pd.DataFrame(weights, columns=columns))


def _series(trend: float, unit: str, rng: np.random.Generator) -> list[dict[str, object]]:
    """Years and counts of one population; at least three."""
    first = int(rng.integers(1985, 2006))
    years = np.arange(first, LAST + 1)
    steps = rng.normal(trend, 0.12, len(years))
    sizes = rng.lognormal(4.6, 1.0) * np.exp(np.cumsum(steps)) * rng.lognormal(0, 0.12, len(years))
    often = rng.choice([1.0, 0.5, 0.25], p=[0.3, 0.4, 0.3])
    seen = rng.random(len(years)) < often
    seen[[0, len(years) // 2, -1 - int(rng.integers(0, 4))]] = True
    digits = 1 if unit == "catch per unit effort" else 0
    if rng.random() < 0.03:
        sizes[-6:] = 0
    return [{"year": int(y), "value": round(float(s), digits) if digits else round(float(s))}
            for y, s in zip(years[seen], sizes[seen], strict=True)]  # fmt: skip
