"""9.1 a second time: row by row, for tables in which all groups are told apart or none."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

_USES = {
    "fishing": "Fishing", "gathering": "Gathering", "logging": "Logging", "hunting": "Hunting",
    "non-extractive": "Non-extractive use",
}  # fmt: skip
_USERS = {"indigenous peoples and local communities": "Indigenous peoples and local communities", "others": "Others"}


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Every benefit by use, by users and by region."""
    found: dict[tuple[int, str, str, str], float] = defaultdict(float)
    with (folder / "wild_species_benefits" / "wild_species_uses.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["value_status"] != "suppressed"]
    for row in rows:
        year, use = int(row["year"]), _USES[row["use_type"]]
        for benefit, unit, value in _benefits(row):
            for ending in ("", " whether sustainable or not"):
                if row["sustainable"] != "yes" and not ending:
                    continue
                found[year, f"{benefit}{ending}", use, unit] += value
                if benefit != "Quantity":
                    found[year, f"{benefit}{ending}", "All uses", unit] += value
            if row["sustainable"] == "yes" and benefit != "Quantity":
                for kind, name in (("users", _USERS.get(row["user_group"])), ("region", row["region"])):
                    if name:
                        found[year, f"{benefit} by {kind}", name, unit] += value
    return dict(found)


def _benefits(row: dict) -> list[tuple[str, str, float]]:
    quantity, own, price = (float(row[name] or "nan") for name in ("quantity", "quantity_own_use", "price_per_unit"))
    made = [("People engaged", "persons", float(row["people_engaged"] or "nan"))]
    unit, factor = (row["quantity_unit"], 1.0) if row["quantity_unit"] != "kg" else ("t", 0.001)
    made.append(("Quantity", unit, quantity * factor))
    made += [("Gross value", "USD", quantity * price), ("Subsistence value", "USD", own * price)]
    return [one for one in made if one[2] == one[2]]
