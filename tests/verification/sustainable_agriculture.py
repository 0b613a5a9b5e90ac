"""10.1: a country of four rated holdings, with the answer that others worked from them."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.verification import Compared, computed, country_folder, value_of

PEER = "Four rated holdings with shares and levels worked by hand from the metadata of SDG indicator 2.4.1."

_PARTS = (
    "Output per hectare", "Net farm income", "Risk mitigation", "Soil degradation", "Water availability",
    "Fertiliser management", "Pesticide management", "Biodiversity practices", "Pay of workers", "Food insecurity",
    "Land tenure",
)  # fmt: skip
#: Shares of green, yellow and red as its note gives them [%].
_SHARES = (
    (80, 20, 0), (70, 30, 0), (40, 20, 40), (70, 0, 30), (60, 40, 0), (80, 20, 0), (70, 30, 0), (70, 30, 0),
    (100, 0, 0), (60, 40, 0), (70, 30, 0),
)  # fmt: skip
_LEVELS = {"Desirable": 40, "At least acceptable": 60, "Unsustainable": 40}


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every share and level."""
    source = verify / "10.1" / "hand_example.csv"
    with source.open(encoding="utf-8") as file:
        columns = next(csv.reader(file))[2:]
    turned = ", ".join(f"{name}: {name.removeprefix('si')}" for name in columns)
    mapping = f"""\
tables:
  farm_holdings:
    file: {source.name}
    columns: {{holding_id: holding, agricultural_area_ha: area_ha}}
    constants: {{year: 2023, weight: 1, sector: household, production_system: mixed}}
  farm_scores:
    file: {source.name}
    columns: {{holding_id: holding}}
    constants: {{year: 2023}}
    unpivot: {{names: sub_indicator, values: rating, columns: {{{turned}}}}}
"""
    result = computed("10.1", country_folder(folder, "sustainable_agriculture", [source], mapping))
    found = [
        Compared(f"{name} %", value_of(result, 2023, "Level", name), theirs, 1e-12) for name, theirs in _LEVELS.items()
    ]
    for name, theirs in zip(_PARTS, _SHARES, strict=True):
        for kind, share in zip(("desirable", "acceptable", "unsustainable"), theirs, strict=True):
            ours = value_of(result, 2023, f"Part: {kind}", name)
            found.append(Compared(f"{name}, {kind} %", ours, share, 1e-12))
    return found
