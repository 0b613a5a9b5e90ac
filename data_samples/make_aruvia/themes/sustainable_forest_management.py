"""What Aruvia reports of its forests: the whole country, and inside and outside traditional territories."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

#: Forest [1000 ha], biomass [t/ha], protected and managed forest, FSC, PEFC, both [1000 ha], by year.
_WHOLE = {
    2000: (612.4, 131.0, 48.1, 121.0, 0.0, 0.0, 0.0),
    2010: (574.9, 126.5, 61.7, 168.4, 12.3, 0.0, 0.0),
    2015: (559.2, 125.1, 70.2, 190.3, 21.8, 6.4, 2.1),
    2016: (557.6, 124.9, 70.2, 193.0, 22.6, 8.0, 2.6),
    2020: (551.8, 124.6, 82.9, 214.6, 25.0, 14.9, 5.5),
    2024: (549.1, 125.3, 90.4, 221.7, 23.4, 19.2, 7.0),
}
_NAMES = (
    "forest_area_1000ha", "biomass_t_per_ha", "protected_forest_1000ha", "managed_forest_1000ha",
    "certified_fsc_1000ha", "certified_pefc_1000ha", "certified_both_1000ha",
)  # fmt: skip
_ESTIMATED = (2000, 2016)


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """One row a year for the country, and from 2010 on one for each side of the territories."""
    rows = []
    for year, numbers in _WHOLE.items():
        status = "estimated" if year in _ESTIMATED else "measured"
        rows.append({"year": year, "territory": "", **dict(zip(_NAMES, numbers, strict=True)), "value_status": status})
        if year < 2010 or year in _ESTIMATED:
            continue
        inside = _inside(numbers, year, rng)
        outside = [round(whole - part, 1) for whole, part in zip((numbers[0], *numbers[2:4]), inside, strict=True)]
        for place, parts in (("inside", inside), ("outside", outside)):
            names = (_NAMES[0], *_NAMES[2:4])
            rows.append(
                {"year": year, "territory": place, **dict(zip(names, parts, strict=True)), "value_status": status}
            )
    write_table(folder / "forest_resources.csv", pd.DataFrame(rows).sort_values(["territory", "year"]))


def _inside(numbers: tuple[float, ...], year: int, rng: np.random.Generator) -> list[float]:
    """Territories hold a growing part of what forest is left, and fewer plans."""
    part = 0.24 + (year - 2010) * 0.0012
    return [
        round(float(numbers[at]) * (factor * part + float(rng.normal(0, 0.002))), 1)
        for at, factor in ((0, 1), (2, 1.4), (3, 0.5))
    ]
