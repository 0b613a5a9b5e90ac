"""Habitat of forest species of Aruvia: most lose some, a few gain, and connection goes before area does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

_YEARS = (2001, 2005, 2010, 2015, 2020, 2023)
_GROUPS = {"Birds": 24, "Amphibians": 18}


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Areas and distances by year, and the part of the range in the country."""
    rows, ranges = [], []
    latest = made.assessments.drop_duplicates("scientific_name", keep="last")
    for group, number in _GROUPS.items():
        for one in latest[latest["taxonomic_group"] == group].head(number).itertuples():
            area, edge = float(rng.lognormal(6, 0.8)), float(rng.lognormal(6.3, 0.4))
            yearly = rng.normal(-0.011, 0.009)
            share = max(float(one.range_share), 0.01)
            ranges.append((one.scientific_name, round(area, 1), round(area / share, 1)))
            for year in _YEARS:
                left = np.exp(yearly * (year - _YEARS[0]) + (rng.normal(0, 0.01) if year > _YEARS[0] else 0))
                rows.append((one.scientific_name, group, year, round(area * left, 1), round(edge * left**1.6, 1)))
    columns = ["scientific_name", "taxonomic_group", "year", "habitat_area_km2", "edge_distance_m"]
    write_table(folder / "species_habitat_areas.csv", pd.DataFrame(rows, columns=columns))
    columns = ["scientific_name", "habitat_in_country_km2", "global_range_km2"]
    write_table(folder / "species_stewardship.csv", pd.DataFrame(ranges, columns=columns))
