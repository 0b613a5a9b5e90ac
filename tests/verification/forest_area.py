"""Rates of change of forest area: every country of FAO's Forest Resources Assessment by itself."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.verification import Compared, computed, country_folder, value_of

PEER = (
    "FAO, Global Forest Resources Assessment 2020: yearly rates of change of forest area of 126 countries, as "
    "published. The file holds no area of land, so it has no shares to compare."
)
PERIODS = ((2000, 2010), (2010, 2015), (2015, 2020))
_MAPPING = """\
tables:
  forest_resources:
    file: inputs_by_country.csv
    complete: true
    decimal_mark: "."
    leave_out_rows: {others}
    unpivot:
      names: year
      values: forest_area_1000ha
      columns: {{forest_kha_2000: 2000, forest_kha_2010: 2010, forest_kha_2015: 2015, forest_kha_2020: 2020}}
"""


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every published rate of consecutive reporting years."""
    source = verify / "10.2" / "inputs_by_country.csv"
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for at, row in enumerate(rows, start=2):
        others = [other for other in range(2, len(rows) + 2) if other != at]
        country_folder(folder, "forest_area", [source], _MAPPING.format(others=others))
        result = computed("A.CY.1", folder)
        for opening, closing in PERIODS:
            ours = value_of(result, closing, f"Yearly rate of change, {opening}–{closing}", unit="% per year")
            said = row[f"fao_published_rate_{opening}_{closing}"]
            theirs = 100 * float(said) if said else float("nan")
            # A rate near nothing is a difference of nearly equal numbers.
            tolerance = max(1e-12, 1e-13 / abs(theirs)) if theirs else 1e-12
            found.append(Compared(f"{row['country']}, {opening}–{closing} [% per year]", ours, theirs, tolerance))
    return found
