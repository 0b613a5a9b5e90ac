"""Habitat of grid cells of Aruvia: least is left in the lowlands near the towns, in kinds of places that are rare."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

_YEARS = (2010, 2015, 2020, 2024)
_CELLS = 420
_KINDS = (
    ("Lowland forest", 60.0, 0.45),
    ("Dry woodland", 25.0, 0.35),
    ("Montane forest", 40.0, 0.7),
    ("Wetland", 8.0, 0.3),
)


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """The habitat indicator and the sum of similarities of each cell and year."""
    provinces = sorted(made.outline.provinces)
    rows = []
    for number in range(_CELLS):
        kind, common, left = _KINDS[int(rng.choice(len(_KINDS), p=(0.42, 0.22, 0.28, 0.08)))]
        province = provinces[int(rng.integers(len(provinces)))]
        similar = round(common * float(rng.lognormal(0, 0.3)), 2)
        habitat = float(np.clip(rng.normal(left, 0.15), 0.02, 0.99))
        area = round(float(rng.choice([25.0, 25.0, 25.0, 11.3])), 1)
        known = rng.random() > 0.03
        for year in _YEARS:
            now = max(habitat * (1 - 0.006 * (year - _YEARS[0])), 0.0)
            rows.append((f"H{number:03d}", year, area, round(now, 4) if known else "", similar, province, kind))
    columns = [
        "cell_id", "year", "area_km2", "habitat_indicator", "similarity_sum", "province", "ecosystem_type",
    ]  # fmt: skip
    write_table(folder / "habitat_condition_cells.csv", pd.DataFrame(rows, columns=columns))
