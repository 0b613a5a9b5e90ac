"""Species with trends of their own, of which some are counted for some of the years, with errors of counting."""

from __future__ import annotations

import numpy as np

from gbf_workbench.indicators.living_planet_index import _index_rows
from gbf_workbench.methods.abundance_index import Part

HOW = {"missing": "renormalise", "bootstrap": "species", "replicates": 500, "confidence": 0.95}
MEAN = -0.01
#: Species, years, spread of the species' own trends, of years, of counting (logarithms), series with other ends.
WORLDS = {
    "20 species, series of different length": (20, 20, 0.03, 0.1, 0.1, True),
    "30 whole series": (30, 25, 0.03, 0.1, 0.1, False),
    "counts that err much": (60, 25, 0.0, 0.05, 0.2, True),
}


def trials(rng: np.random.Generator, count: int) -> list[tuple[str, int, int]]:
    """The truth is the mean trend of all species that the counted ones were drawn from, in the last year."""
    found = []
    for name, world in WORLDS.items():
        held = 0
        for _ in range(count):
            changes = _world(rng, *world)
            years = np.arange(world[1] + 1)
            last = [
                row for row in _index_rows([Part("", changes, 1.0)], years, HOW, rng, "", "") if row["unit"] == "index"
            ]
            truth = 10 ** (MEAN * (last[-1]["year"] - last[0]["year"]))
            held += last[-1]["lower"] <= truth <= last[-1]["upper"]
        found.append((name, count, held))
    return found


def _world(
    rng: np.random.Generator, species: int, years: int, trends: float, noise: float, errors: float, gaps: bool
) -> np.ndarray:
    own = rng.normal(MEAN, trends, species)[:, None]
    counts = rng.normal(0, errors, (species, years + 1))
    changes = own + rng.normal(0, noise, (species, years)) + np.diff(counts, axis=1)
    if gaps:
        first = rng.integers(0, years // 2, species)[:, None]
        last = first + rng.integers(years // 3, years, species)[:, None]
        year = np.arange(years)
        changes[(year < first) | (year >= last)] = np.nan
    return changes
