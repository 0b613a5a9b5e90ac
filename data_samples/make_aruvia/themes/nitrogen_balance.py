"""Nitrogen on the fields and pastures of Aruvia: a surplus where fertiliser is sold, and mined soils on the isles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.frame import ISLES_NAME, PROVINCES
from make_aruvia.land_cover import CROPLAND, PASTURE
from make_aruvia.made import Made
from make_aruvia.terrain import CELL
from make_aruvia.writing import write_table

YEARS = (2010, 2015, 2018, 2019, 2020, 2021, 2022, 2023)
#: Fertiliser bought against the mean, and share of the land, of the provinces in their order.
_BOUGHT = (1.5, 0.9, 1.2, 1.0, 0.6, 0.15)
_SHARES = (0.27, 0.12, 0.24, 0.18, 0.16, 0.03)
#: kg N for each hectare of cropland and of grassland, whether it follows what is bought and what is harvested.
_FLOWS = {
    "mineral fertiliser": (54.0, 7.0, "bought"), "manure production": (22.0, 46.0, ""),
    "manure withdrawals": (1.4, 0.6, ""), "manure stock change": (0.1, 0.0, "stocks"),
    "manure imports": (0.0, 0.0, ""), "other organic fertiliser": (1.1, 0.0, "bought"),
    "biological fixation": (9.0, 6.0, "harvested"), "atmospheric deposition": (5.5, 5.5, ""),
    "seed and planting material": (0.8, 0.0, ""), "crop harvest": (57.0, 0.0, "harvested"),
    "fodder harvest and grazing": (6.0, 48.0, "harvested"), "crop residues removed": (5.0, 0.0, "harvested"),
}  # fmt: skip


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Flows by province and land type, and the areas they are on, which follow the maps."""
    names = [*(name for name, _ in PROVINCES), ISLES_NAME]
    flows, areas = [], []
    for year in YEARS:
        weather = {name: rng.lognormal(0, 0.04) for name in names}
        # Fertiliser became dear after 2020, and less of it was bought.
        bought = 1 + 0.02 * (min(year, 2020) - 2010) - 0.06 * max(year - 2020, 0)
        for at, (land_type, code) in enumerate((("cropland", CROPLAND), ("permanent grassland", PASTURE))):
            for name, share, taste in zip(names, _SHARES, _BOUGHT, strict=True):
                hectares = int(round(share * _mapped(made, code, year), -1))
                areas.append((year, name, land_type, hectares))
                for flow, (*per_hectare, follows) in _FLOWS.items():
                    scale = {"bought": bought * taste, "harvested": weather[name] * (0.9 + 0.1 * taste), "stocks": 0.0}
                    kg = per_hectare[at] * scale.get(follows, rng.lognormal(0, 0.02))
                    kg += rng.normal(0, per_hectare[at]) if follows == "stocks" else 0
                    # A zero without the sign that rounding can leave.
                    tonnes = round(float(kg * hectares / 1000), 1) + 0.0
                    status = "measured" if flow == "mineral fertiliser" else "estimated"
                    flows.append((year, flow, name, land_type, tonnes, status))
    columns = ["year", "flow", "province", "land_type", "nitrogen_t", "value_status"]
    write_table(folder / "nitrogen_flows.csv", pd.DataFrame(flows, columns=columns))
    names = ["year", "province", "land_type", "area_ha"]
    write_table(folder / "agricultural_areas.csv", pd.DataFrame(areas, columns=names))


def _mapped(made: Made, code: int, year: int) -> float:
    """Hectares of a class of the maps, on the line between the maps of 2010 and 2020, and the last one after."""
    before, after = (float((made.maps[one] == code).sum()) * CELL**2 / 1e4 for one in (2010, 2020))
    return before + (after - before) * (min(year, 2020) - 2010) / 10
