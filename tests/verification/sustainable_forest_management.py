"""10.2: FAO's Forest Resources Assessment, every country by itself from the one wide table."""

from __future__ import annotations

import csv
from pathlib import Path

from gbf_workbench.results import Result
from tests.verification import Compared, computed, country_folder, value_of

PEER = (
    "FAO, Global Forest Resources Assessment 2020: figures of 126 countries; the rates of change as FAO published "
    "them, shares of forest 2015, ratios and lights worked from its metadata."
)
_STEMS = {
    "forest_area_1000ha": "forest_kha", "biomass_t_per_ha": "agb_tha", "protected_forest_1000ha": "protected_kha",
    "managed_forest_1000ha": "mgmtplan_kha", "certified_1000ha": "cert_kha",
}  # fmt: skip
_CHANGE, _BIOMASS = "Change of forest area", "Above-ground biomass"
_PROTECTED, _MANAGED, _CERTIFIED = "Forest in protected areas", "Forest under management plans", "Certified forest"
#: Column of the peer: year, kind of row, figure and unit of ours.
_VALUES = {
    "si1_rate_2000_2010_pct": (2010, "Part", _CHANGE, "% per year"),
    "si1_rate_2010_2020_pct": (2020, "Part", _CHANGE, "% per year"),
    "si2_agb_2020": (2020, "Part", _BIOMASS, "t/ha"),
    "si2_ratio_2020_2010": (2020, "Progress", _BIOMASS, "ratio"),
    "si3_protected_pct_2020": (2020, "Part", _PROTECTED, "%"),
    "si3_ratio": (2020, "Progress", _PROTECTED, "ratio"),
    "si4_mgmtplan_pct_2020": (2020, "Part", _MANAGED, "%"),
    "si4_ratio": (2020, "Progress", _MANAGED, "ratio"),
    "si5_cert_kha_2022": (2022, "Part", _CERTIFIED, "1000 ha"),
    "si5_ratio_2022_2021": (2022, "Progress", _CERTIFIED, "ratio"),
}
_LIGHTS = {
    "si1_light": "si1_rate_2010_2020_pct", "si2_ratio_2020_2010_light": "si2_ratio_2020_2010",
    "si3_ratio_light": "si3_ratio", "si4_ratio_light": "si4_ratio",
    "si5_ratio_2022_2021_light": "si5_ratio_2022_2021",
}  # fmt: skip
_COLOURS = {"red": 1.0, "yellow": 2.0, "green": 3.0}


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every value and light of every country."""
    source = verify / "10.2" / "inputs_by_country.csv"
    with source.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (verify / "10.2" / "expected_by_country.csv").open(encoding="utf-8") as file:
        expected = {row["iso3"]: row for row in csv.DictReader(file)}
    found = []
    for at, row in enumerate(rows, 2):
        others = [other for other in range(2, len(rows) + 2) if other != at]
        mapping = _mapping(source.name, list(row), others)
        country_folder(folder, "sustainable_forest_management", [source], mapping)
        result = computed("10.2", folder, lights=True)
        found += _of_country(row["country"], result, expected[row["iso3"]])
    return found


def _mapping(file: str, columns: list[str], others: list[int]) -> str:
    """The columns of each figure by year; the rows of other countries stay out."""
    turned = {}
    for name, stem in _STEMS.items():
        years = [column.rsplit("_", 1) for column in columns if column.startswith(f"{stem}_")]
        turned[name] = "{" + ", ".join(f"{start}_{year}: {year}" for start, year in years) + "}"
    first = "forest_area_1000ha"
    also = "".join(f"        {name}: {said}\n" for name, said in turned.items() if name != first)
    return f"""\
tables:
  forest_resources:
    file: {file}
    leave_out_rows: {others}
    complete: true
    decimal_mark: "."
    unpivot:
      names: year
      values: {first}
      columns: {turned[first]}
      also:
{also}"""


def _of_country(country: str, result: Result, expected: dict[str, str]) -> list[Compared]:
    found = []
    for column, place in _VALUES.items():
        # A ratio from zero to something is no number; the peer calls it infinite.
        theirs = float(expected[column] or "nan")
        theirs = float("nan") if theirs == float("inf") else theirs
        found.append(Compared(f"{country}: {column}", value_of(result, *place), theirs, 1e-12))
    for column, of in _LIGHTS.items():
        ours, theirs = _light(result, *_VALUES[of]), _COLOURS.get(expected[column], float("nan"))
        found.append(Compared(f"{country}: {column}", ours, theirs, 0))
    return found


def _light(result: Result, year: int, kind: str, name: str, unit: str) -> float:
    data = result.data
    row = data[(data["year"] == year) & (data["disaggregation_type"] == kind) & (data["disaggregation"] == name)]
    notes = row.loc[row["unit"] == unit, "note"].str.split(";").sum() or []
    return next((worth for colour, worth in _COLOURS.items() if colour in notes), float("nan"))
