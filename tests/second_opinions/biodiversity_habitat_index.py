"""The habitat index as a product of powers, cell after cell, without a logarithm."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

SLUG = "biodiversity_habitat_index"


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Index of the country and of its parts, and the share of the area it rests on."""
    with (folder / SLUG / "habitat_condition_cells.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    groups: dict[tuple[int, str, str], list[tuple[float, float]]] = defaultdict(list)
    areas: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for cell in cells:
        year, area = int(cell["year"]), float(cell["area_km2"])
        areas[year][1] += area
        if not cell["habitat_indicator"] or float(cell["habitat_indicator"]) == 0:
            continue
        areas[year][0] += area
        one = float(cell["habitat_indicator"]), area / float(cell["similarity_sum"])
        groups[year, "", ""].append(one)
        for column, kind in (("province", "Province"), ("ecosystem_type", "Ecosystem type")):
            if cell.get(column):
                groups[year, kind, cell[column]].append(one)
    out = {(year, "Area the index rests on", "", "%"): 100 * part / whole for year, (part, whole) in areas.items()}
    for (year, kind, part), own in groups.items():
        weight, product = sum(one for _, one in own), 1.0
        for habitat, one in own:
            product *= habitat ** (one / weight)
        out[year, kind, part, "index"] = product
    return out
