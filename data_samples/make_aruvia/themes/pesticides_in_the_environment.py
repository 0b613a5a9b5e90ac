"""Pesticides sold in Aruvia, invented thresholds of nine substances, and what a few rivers hold of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

YEARS = range(2010, 2024)
#: CAS number, substance, type, sector, kg in 2010, growth; limits of fish, invertebrates [µg/L], bees [µg/bee].
_SUBSTANCES = (
    ("1071-83-6", "Glyphosate", "herbicide", "Maize", 41000, 0.05, 900, 1400, 60),
    ("94-75-7", "2,4-D", "herbicide", "Rice", 9000, 0.01, 800, 1100, 40),
    ("1912-24-9", "Atrazine", "herbicide", "Maize", 6400, -0.06, 60, 110, 45),
    ("52315-07-8", "Cypermethrin", "insecticide", "Vegetables", 700, 0.04, 0.03, 0.004, 0.015),
    ("138261-41-3", "Imidacloprid", "insecticide", "Coffee", 900, -0.03, 900, 0.3, 0.003),
    ("2921-88-2", "Chlorpyrifos", "insecticide", "Bananas", 2600, -0.09, 0.2, 0.02, 0.04),
    ("8018-01-7", "Mancozeb", "fungicide", "Potatoes", 12000, 0.02, 25, 40, None),
    ("131860-33-8", "Azoxystrobin", "fungicide", "Bananas", 1500, 0.06, 28, 21, 30),
    ("20427-59-2", "Copper hydroxide", "fungicide", "Coffee", 15000, 0.0, 6, 4, None),
)
_WATERED = ("52315-07-8", "138261-41-3", "2921-88-2", "1912-24-9")
_LIMITS = {"52315-07-8": 0.01, "138261-41-3": 0.02, "2921-88-2": 0.01, "1912-24-9": 0.05}


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Use by substance, thresholds and concentrations."""
    use, limits = [], []
    for cas, name, kind, sector, mass, growth, *thresholds in _SUBSTANCES:
        for year in YEARS:
            kg = round(mass * (1 + growth) ** (year - 2010) * rng.lognormal(0, 0.06))
            use.append((year, cas, name, kind, sector, kg, "sold"))
        groups = (("fish", "µg/L"), ("aquatic invertebrates", "µg/L"), ("pollinators", "µg/bee"))
        for (group, unit), threshold in zip(groups, thresholds, strict=True):
            if threshold is not None:
                limits.append((cas, name, group, threshold, unit, "Invented for teaching"))
    columns = ["year", "cas_number", "substance", "pesticide_type", "sector", "mass_kg", "value_status"]
    write_table(folder / "pesticide_use.csv", pd.DataFrame(use, columns=columns))
    names = ["cas_number", "substance", "species_group", "threshold", "threshold_unit", "source"]
    write_table(folder / "pesticide_thresholds.csv", pd.DataFrame(limits, columns=names))
    write_table(folder / "pesticide_concentrations.csv", _concentrations(rng))


def _concentrations(rng: np.random.Generator) -> pd.DataFrame:
    called = {cas: name for cas, name, *_ in _SUBSTANCES}
    rows = []
    for site in range(1, 13):
        region = ("Marovent", "Nordane", "Kesauma")[site % 3]
        load = rng.lognormal(0, 0.9)
        for year in (2019, 2021, 2023):
            for month in (4, 9):
                for cas in _WATERED:
                    level = round(float(0.02 * load * rng.lognormal(0, 0.8)), 3)
                    low = level < _LIMITS[cas]
                    said = ("" if low else level, "yes" if low else "no", _LIMITS[cas])
                    rows.append(
                        (f"MS-{site:02d}", f"{year}-{month:02d}-12", cas, called[cas], "surface water", *said, region)
                    )
    columns = ["site_id", "date", "cas_number", "substance", "matrix", "concentration_ug_per_l", "below_loq"]
    return pd.DataFrame(rows, columns=[*columns, "loq_ug_per_l", "region"])
