"""Labour force surveys of Aruvia: places drawn in town and country, households, and persons of ten years and more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

_YEARS = (2012, 2017, 2023)
_PLACES, _HOUSEHOLDS = 3, 7
#: Share of traditional work in the country; it falls slowly.
_TRADITIONAL = {2012: 0.36, 2017: 0.33, 2023: 0.30}
_LIST = (
    ("6340", "", "Subsistence fishers, hunters, trappers and gatherers", "Council of Communities of Aruvia"),
    ("6310", "", "Subsistence crop farmers", "Council of Communities of Aruvia"),
    ("6222", "", "Inland and coastal waters fishery workers", "Council of Communities of Aruvia"),
    ("7317", "", "Handicraft workers in wood, basketry and related materials", "Council of Communities of Aruvia"),
    ("3230", "", "Traditional and complementary medicine associate professionals", ""),
)
_OTHERS = ("5223", "9111", "2341", "8322", "7112", "4110", "5120", "6111")


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """The survey and the list of occupations."""
    rows = []
    for year in _YEARS:
        for number, province in enumerate(made.outline.provinces, 1):
            for area in ("urban", "rural"):
                for place in range(1, _PLACES + 1):
                    where = {"stratum": f"{number}{area[0].upper()}", "cluster": f"{number}{area[0].upper()}{place}"}
                    rows += _place(rng, year, number, province, area, where)
    write_table(folder / "occupation_survey.csv", pd.DataFrame(rows))
    names = ["isco_code", "national_occupation", "title", "agreed_with"]
    write_table(folder / "traditional_occupation_list.csv", pd.DataFrame(_LIST, columns=names))


def _place(
    rng: np.random.Generator, year: int, number: int, province: str, area: str, where: dict[str, str]
) -> list[dict[str, object]]:
    """The persons of the households of one place."""
    weight = round(float(rng.uniform(90, 260)), 1)
    chance = _TRADITIONAL[year] * (0.25 if area == "urban" else 1.35) * float(rng.uniform(0.7, 1.3))
    rows = []
    for household in range(1, _HOUSEHOLDS + 1):
        native = bool(rng.random() < (0.12 if area == "urban" else 0.42))
        consent = "no" if rng.random() < 0.02 else "yes"
        for person in range(1, int(rng.integers(2, 4))):
            about = {"year": year, "household_id": f"{where['cluster']}-{household}", "person_id": person}
            rows.append({**about, "consent": consent, "weight": weight, **where, **_person(rng, native, chance)})
            rows[-1] |= {"area_type": area, "region": province}
    return rows


def _person(rng: np.random.Generator, native: bool, chance: float) -> dict[str, object]:
    works = rng.random() < 0.68
    traditional = works and rng.random() < chance * (1.8 if native else 0.8)
    own_use = traditional and rng.random() < 0.35
    code, second = "", ""
    if traditional:
        code = (
            "6310"
            if own_use
            else str(rng.choice(["6340", "6310", "6222", "7317", "3230"], p=[0.3, 0.3, 0.2, 0.15, 0.05]))
        )
    elif works:
        code = "" if rng.random() < 0.03 else str(rng.choice(_OTHERS))
        second = "6340" if rng.random() < 0.08 else ""
    idle = "unemployed" if rng.random() < 0.2 else "outside the labour force"
    return {
        "age": int(rng.integers(10, 80)),
        "sex": "female" if rng.random() < 0.51 else "male",
        "indigenous": "not stated" if rng.random() < 0.02 else "yes" if native else "no",
        "employment_status": "own-use producer" if own_use else "employed" if works else idle,
        "isco_code": code,
        "second_isco_code": second,
    }
