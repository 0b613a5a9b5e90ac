"""Red List of the ecosystems of Aruvia: two assessments, what was measured for them, and maps of the land types."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.land_cover import LOWLAND, MANGROVE, MONTANE, SAVANNA, WETLAND, types_table
from make_aruvia.made import Made
from make_aruvia.writing import write_map, write_table

#: Type, functional group, group, categories of 2014 and 2024, reason for the change, main threat, and its class on the
#: maps or else its area in both years [km²].
TYPES = (
    ("Lowland rainforest", "T1.1", "Forests", "NT", "VU", "genuine", "2", LOWLAND),
    ("Montane rainforest", "T1.3", "Forests", "LC", "VU", "non-genuine", "11", MONTANE),
    ("Savanna", "T4.2", "Grasslands", "EN", "EN", "", "2", SAVANNA),
    ("Mangrove", "MFT1.2", "Coasts", "VU", "EN", "genuine", "1", MANGROVE),
    ("Freshwater wetland", "TF1.4", "Inland waters", "EN", "EN", "", "7", WETLAND),
    ("Coral reef", "M1.3", "Coasts", "VU", "EN", "genuine", "11", (412.0, 371.0)),
    ("Seagrass meadow", "M1.1", "Coasts", "VU", "VU", "", "9", (188.0, 160.0)),
    ("Mountain stream", "F1.1", "Inland waters", "LC", "NT", "genuine", "3", (64.0, 63.5)),
    ("Coastal lagoon", "FM1.3", "Inland waters", "EN", "CR", "genuine", "9", (11.2, 7.9)),
    ("Limestone cave", "S1.1", "Caves", "DD", "DD", "", "", (None, None)),
    ("Rocky shore", "MT1.1", "Coasts", "LC", "LC", "", "6", (22.0, 22.0)),
    ("Sandy beach", "MT1.3", "Coasts", "LC", "NT", "genuine", "1", (17.5, 15.1)),
    ("Seasonal lake", "F2.3", "Inland waters", "CO", "CO", "", "7", (0.0, 0.0)),
)
#: Place in the list of types, criterion, category: what experts judged without a measurement in the tables below.
CRITERIA = (
    (1, "A1", "LC"), (2, "A1", "LC"), (3, "D2b", "NT"), (4, "A1", "EN"), (5, "A1", "EN"), (6, "A1", "LC"),
    (7, "A1", "VU"), (8, "A1", "NT"), (9, "D1", "VU"), (10, "A1", "DD"), (10, "B1", "DD"), (11, "A1", "LC"),
    (12, "A1", "NT"), (13, "A3", "CO"),
)  # fmt: skip
#: Place, criterion, variable, extent and severity [%].
DECLINES = (
    (1, "A3", "", 45, None), (2, "A3", "", 8, None), (3, "A3", "", 41, None), (4, "A3", "", 52, None),
    (5, "A3", "", 72, None), (7, "A3", "", 30, None), (13, "A3", "", 100, None),
    (1, "D1", "Large fruit eaters", 60, 55), (2, "C2a", "Cloud cover", 85, 35), (3, "D1", "Native grazers", 45, 40),
    (6, "C1", "Heat stress", 90, 55), (6, "D1", "Coral cover", 70, 60), (8, "C1", "Water temperature", 40, 20),
    (8, "D1", "Migrating fishes", 30, 30),
)  # fmt: skip
#: Place, decline, threats, locations, sudden collapse, extent of occurrence [km²] and squares where there is no map.
RESTRICTIONS = (
    (1, True, True, 30, False, None, None), (2, False, False, 12, False, None, None),
    (3, True, True, 25, False, None, None), (4, True, True, 14, False, None, None),
    (5, True, True, 9, False, None, None), (6, True, True, 8, False, 27_100, 58),
    (7, True, True, 11, False, 30_400, 41), (9, True, True, 2, True, 930, 2),
    (11, False, False, 25, False, 32_800, 88), (12, False, False, 18, False, 31_900, 63),
)  # fmt: skip
YEARS = (2014, 2024)
SOURCE = "Liste rouge des écosystèmes d'Aruvia"


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Assessments, criteria, measurements, and the maps of 2000 and 2020 with their legend."""
    write_table(folder / "ecosystem_assessments.csv", _assessments(made, rng))
    criteria = pd.DataFrame(CRITERIA, columns=["ecosystem_id", "criterion", "category"])
    write_table(folder / "ecosystem_criteria.csv", _identified(criteria))
    declines = pd.DataFrame(
        DECLINES, columns=["ecosystem_id", "criterion", "variable", "extent_percent", "severity_percent"]
    ).astype({"severity_percent": "Int64"})
    write_table(folder / "ecosystem_declines.csv", _identified(declines))
    names = ["ecosystem_id", "continuing_decline", "future_threats", "locations", "sudden_collapse"]
    known = pd.DataFrame(RESTRICTIONS, columns=[*names, "eoo_km2", "aoo_squares"])
    known = known.astype({"eoo_km2": "Int64", "aoo_squares": "Int64"}).replace({True: "yes", False: "no"})
    write_table(folder / "ecosystem_restrictions.csv", _identified(known, dated=False))
    for year in (2000, 2020):
        write_map(folder / f"ecosystem_maps_{year}.tif", made.maps[year], made.grid)
    legend = types_table()
    # Fields left a few years ago are a stage of the forest or savanna to come, and no type to assess.
    legend.loc[legend["name"] == "Old fields", "natural"] = "Not natural"
    classes = {one[-1]: _identifier(place) for place, one in enumerate(TYPES, 1)}
    write_table(folder / "ecosystem_types.csv", legend.assign(ecosystem_id=legend["class_code"].map(classes)))


def _identifier(place: int) -> str:
    return f"XAR-E{place:02d}"


def _identified(table: pd.DataFrame, *, dated: bool = True) -> pd.DataFrame:
    table["ecosystem_id"] = table["ecosystem_id"].map(_identifier)
    if dated:
        table.insert(1, "year", YEARS[1])
    return table


def _assessments(made: Made, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for place, (name, get_code, group, *categories, reason, threat, where) in enumerate(TYPES, 1):
        protected, territories = rng.uniform(0.08, 0.45), rng.uniform(0, 0.3)
        for at, (year, area) in enumerate(zip(YEARS, _areas(made, where), strict=True)):
            rows.append({
                "ecosystem_id": _identifier(place), "ecosystem_name": name, "year": year, "scope": "national",
                "category": categories[at], "reason_for_change": reason if at else "",
                "area_km2": _rounded(area), "protected_area_km2": _rounded(area, protected * (0.8 + 0.2 * at)),
                "territories_area_km2": _rounded(area, territories), "get_code": get_code, "ecosystem_group": group,
                "main_threat": threat, "source": f"{SOURCE} {year}",
            })  # fmt: skip
    return pd.DataFrame(rows)


def _areas(made: Made, where: object) -> tuple[float | None, ...]:
    """Area at the two assessments [km²]: between the maps of 2010 and 2020, and that of 2020."""
    if isinstance(where, tuple):
        return where
    cell = abs(made.grid.transform.a * made.grid.transform.e) / 1e6
    before, after = (cell * np.count_nonzero(made.maps[year] == where) for year in (2010, 2020))
    return 0.6 * before + 0.4 * after, after


def _rounded(area: float | None, share: float = 1.0) -> float | None:
    return None if area is None else round(float(area * share), 1)
