"""Forest of Aruvia as its report to FAO gives it, a little more than the maps show, because young planting counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.land_cover import LOWLAND, MANGROVE, MONTANE, PLANTATION
from make_aruvia.made import Made
from make_aruvia.terrain import CELL
from make_aruvia.writing import write_table

#: Reporting years before, between and after the maps: share of the way from one map to the next.
YEARS = {1990: -0.8, 2000: 0.0, 2010: 1.0, 2015: 1.55, 2020: 2.0, 2023: 2.25}
LAND_KHA = 1_776.0


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """The table of forest resources: forest and land, the last figure estimated."""
    forest = [LOWLAND, MONTANE, MANGROVE, PLANTATION]
    mapped = [np.isin(cells, forest).sum() * CELL**2 / 1e7 for _, cells in sorted(made.maps.items())]
    steps = np.array([*YEARS.values()])
    # Before the first map and after the last one the line goes on as steep as it was.
    steep = (mapped[1] - mapped[0], mapped[2] - mapped[1])
    kha = np.where(steps < 1, mapped[0] + steps * steep[0], mapped[1] + (steps - 1) * steep[1])
    planted = np.linspace(6, 21, len(steps)) + rng.normal(0, 0.6, len(steps))
    table = pd.DataFrame({
        "year": list(YEARS), "territory": "", "forest_area_1000ha": np.round(kha + planted, 1),
        "land_area_1000ha": LAND_KHA,
        "value_status": ["estimated" if year in (1990, 2023) else "measured" for year in YEARS],
    })  # fmt: skip
    write_table(folder / "forest_resources.csv", table)
