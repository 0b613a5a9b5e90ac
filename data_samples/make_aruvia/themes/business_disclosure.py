"""Reports of Aruvia's companies on nature, 2018 to 2024: few at first, a group with daughters, some small ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

#: Sector with the number of large companies of each kind.
_SECTORS = {
    "A": ("large", 6), "B": ("large", 3), "C": ("large", 8), "D": ("large", 2), "F": ("large", 4), "G": ("large", 5),
    "H": ("transnational", 3), "I": ("transnational", 6), "K": ("financial institution", 9),
}  # fmt: skip
_WORDS = ("Blue", "Island", "Royal", "Northern", "First", "Harbour", "Coral", "United", "Old Town")
_TRADES = {"A": "Fisheries", "B": "Quarries", "C": "Foods", "D": "Power", "F": "Builders", "G": "Stores", "H": "Lines",
           "I": "Hotels", "K": "Bank"}  # fmt: skip
_YES = {True: "yes", False: "no"}


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Reports by company and year, and how many companies there are."""
    rows, numbers, at = [], [], 0
    for sector, (kind, many) in _SECTORS.items():
        for place in range(many + (1 if sector in "CG" else 0)):
            at += 1
            own = {"company_id": f"XAR{at:06d}", "company_name": f"{_WORDS[place]} {_TRADES[sector]}", "parent_id": "",
                   "sector": sector, "kind": kind if place < many else "smaller"}  # fmt: skip
            if sector == "A" and place in (1, 2):
                own["parent_id"] = f"XAR{at - place:06d}"
            if sector == "G" and place == 0:
                own["kind"] = ""
            willing = rng.uniform(0.2, 1.1)
            for year in range(2018, 2025):
                chance = willing * (year - 2016) / 9
                parts = [bool(rng.random() < one * chance) for one in (1.1, 0.7, 0.9)]
                if any(parts):
                    said = dict(
                        zip(("discloses_risks", "discloses_dependencies", "discloses_impacts"), parts, strict=True)
                    )
                    rows.append(own | {"year": year} | {name: _YES[there] for name, there in said.items()}
                                | {"framework": str(rng.choice(["TNFD", "GRI 101", "ESRS E4", ""]))})  # fmt: skip
    for year in range(2018, 2025):
        numbers += [(year, sector, many) for sector, (_, many) in _SECTORS.items()]
        numbers.append((year, "", sum(many for _, many in _SECTORS.values())))
    write_table(folder / "company_disclosures.csv", pd.DataFrame(rows))
    columns = ["year", "sector", "company_count"]
    write_table(folder / "company_numbers.csv", pd.DataFrame(numbers, columns=columns))
