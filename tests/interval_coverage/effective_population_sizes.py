"""Countries that look at some species of many: most species at 0, or few populations, or few species."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.indicators.effective_population_sizes import effective_population_sizes

SETTINGS = {"ne_nc_ratio": 0.1, "ratio_low": 0.1, "ratio_high": 0.3, "weighting": "species",
            "lost_populations": "count", "dates": "each_year", "confidence": 0.95}  # fmt: skip
#: Share of species without any large population, mean share of the others, species looked at.
WORLDS = {
    "most species at 0, 60 species": (0.6, 0.5, 60),
    "most species at 0, 15 species": (0.6, 0.5, 15),
    "nearly all species at 0, 30 species": (0.8, 0.5, 30),
    "shares of all kinds, 25 species": (0.0, 0.4, 25),
    "few species": (0.3, 0.6, 10),
}


def trials(rng: np.random.Generator, count: int) -> list[tuple[str, int, int]]:
    """The truth is the mean of all species that the ones looked at were drawn from."""
    return [(name, count, _held(rng, count, *world)) for name, world in WORLDS.items()]


def _held(rng: np.random.Generator, count: int, none: float, mean: float, number: int) -> int:
    # One year for each world, so that one call makes all intervals.
    year = np.repeat(np.arange(count), number)
    populations = 1 + rng.poisson(4, len(year))
    chance = np.where(rng.random(len(year)) < none, 0.0, rng.beta(2 * mean, 2 * (1 - mean), len(year)))
    table = pd.DataFrame({
        "species": np.tile([f"Exempla {at}" for at in range(number)], count), "year": year,
        "n_extant_populations": populations, "n_extinct_populations": 0, "n_populations_sized": populations,
        "n_populations_above_500": rng.binomial(populations, chance),
    })  # fmt: skip
    rows = effective_population_sizes(None, table, None, **SETTINGS)
    rows = rows[(rows["disaggregation_type"] == "") & (rows["unit"] == "proportion")]
    truth = (1 - none) * mean
    return int(((rows["lower"] <= truth) & (truth <= rows["upper"])).sum())
