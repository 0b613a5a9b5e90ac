"""B.1 with loops and products: what people use of each service, against 2020 or the year nearest to it."""

from __future__ import annotations

import csv
from collections import defaultdict
from math import prod
from pathlib import Path

Found = dict[tuple[int, str, str, str], float]


def values(folder: Path) -> Found:
    """Indices overall, by class and service; quantities; values in money as they are given."""
    path = folder / "ecosystem_services" / "ecosystem_service_flows.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    ecosystems = {row["ecosystem_type"] for row in rows if row["side"] == "supply"}
    people: dict[tuple[str, int], float] = defaultdict(float)
    about: dict[str, tuple[str, str]] = {}
    money: dict[tuple[str, int], float] = defaultdict(float)
    for row in rows:
        service, year = row["service"], int(row["year"])
        about[service] = row["service_class"], row["unit"]
        # What people take is counted from the side of use here, not of supply.
        if row["side"] == "use" and row["user"] not in ecosystems:
            people[service, year] += float(row["quantity"])
        if row["value"]:
            money[service, year] += float(row["value"])
    found: Found = {}
    index: dict[tuple[str, int], float] = {}
    for service, (_, unit) in about.items():
        years = sorted(year for name, year in people if name == service)
        base = min(years, key=lambda year: (abs(year - 2020), year))
        for year in years:
            index[service, year] = 100 * people[service, year] / people[service, base]
            found[year, "Service", service, "index"] = index[service, year]
            found[year, "Service", service, unit] = people[service, year]
    for year in {year for _, year in index}:
        for kind in ("", "Provisioning", "Regulating", "Cultural"):
            part = [x for (name, when), x in index.items() if when == year and kind in ("", about[name][0])]
            if part:
                found[year, "Class of service" if kind else "", kind, "index"] = prod(part) ** (1 / len(part))
    for (service, year), value in money.items():
        found[year, "Value in money", service, "USD, prices of 2020"] = value
    return found
