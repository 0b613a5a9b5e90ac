"""Places checked on the newest map: how often it was right, and what it took for what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.land_cover import (
    CROPLAND,
    LOWLAND,
    MANGROVE,
    MONTANE,
    OLD_FIELDS,
    PASTURE,
    PLANTATION,
    SAVANNA,
    SETTLEMENT,
    WETLAND,
)
from make_aruvia.made import Made
from make_aruvia.writing import write_table

#: Of 100 places of a class on the map, how many are something else.
CONFUSED = {
    LOWLAND: {PLANTATION: 5, OLD_FIELDS: 3, MONTANE: 2},
    MONTANE: {LOWLAND: 4},
    SAVANNA: {PASTURE: 8, OLD_FIELDS: 3},
    MANGROVE: {LOWLAND: 4},
    WETLAND: {SAVANNA: 5, CROPLAND: 5},
    PLANTATION: {LOWLAND: 11},
    CROPLAND: {PASTURE: 5, OLD_FIELDS: 3},
    PASTURE: {SAVANNA: 6, CROPLAND: 4},
    SETTLEMENT: {CROPLAND: 6},
    OLD_FIELDS: {CROPLAND: 8, LOWLAND: 6},
}
#: Places checked in most classes, and in the one that covers most.
PLACES, MORE = 60, 140


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """The accuracy matrix of the last map."""
    rows = []
    for mapped, others in CONFUSED.items():
        chances = [1 - sum(others.values()) / 100, *(percent / 100 for percent in others.values())]
        drawn = rng.multinomial(MORE if mapped == LOWLAND else PLACES, chances)
        rows += [(max(made.maps), mapped, true, int(n)) for true, n in zip((mapped, *others), drawn, strict=True) if n]
    table = pd.DataFrame(rows, columns=["year", "class_code", "reference_class", "place_count"])
    write_table(folder / "map_accuracy.csv", table)
