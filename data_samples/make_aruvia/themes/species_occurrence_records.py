"""Records of birds of Aruvia: the same birds every year, ever more people who write them down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

_YEARS = range(2006, 2025)
_SPECIES, _CELLS = 42, 36


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """The cube: records by year, cell and species."""
    birds = made.assessments[made.assessments["taxonomic_group"] == "Birds"]
    names = birds["scientific_name"].drop_duplicates().to_numpy()[:_SPECIES]
    keys = 9_100_000 + np.arange(len(names)) * 37
    common = rng.lognormal(0, 1.5, len(names))
    near_town = rng.lognormal(0, 1.0, _CELLS)
    lives = rng.random((len(names), _CELLS)) < np.clip(0.15 + 0.12 * np.log1p(common), 0.05, 0.8)[:, None]
    rows = []
    for year in _YEARS:
        wanted = 90 * np.exp(0.1 * (year - _YEARS[0])) * (0.55 if year == 2020 else 1.0)
        mean = common[:, None] * near_town[None, :] * lives
        seen = rng.poisson(mean * wanted / mean.sum())
        for species, cell in zip(*np.nonzero(seen), strict=True):
            rows.append((year, f"XA{cell:02d}", keys[species], names[species], seen[species, cell]))
    columns = ["year", "cell_code", "species_key", "species", "occurrences"]
    write_table(folder / "occurrence_cube.csv", pd.DataFrame(rows, columns=columns))
