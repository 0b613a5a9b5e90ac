"""21.1 counted with csv and loops."""

from __future__ import annotations

import csv
from pathlib import Path


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """All numbers of 2024."""
    own, year = folder / "biodiversity_information_for_monitoring", 2024
    found: dict[tuple[int, str, str, str], float] = {}
    states = {}
    information = [row for row in _rows(own / "monitoring_information.csv") if row["availability"] != "not relevant"]
    for row in information:
        state = row["availability"]
        if state == "national current" and row["latest_year"] and year - int(row["latest_year"]) > 5:
            state = "national partial"
        states[row["indicator"]] = state
    national = {code for code, state in states.items() if state.startswith("national")}
    found[year, "", "", "%"] = 100 * len(national) / len(states)
    binary = {code for code in states if code.endswith(".b")}
    for name, codes in (("Binary", binary), ("Headline", set(states) - binary)):
        found[year, "Kind of indicator", name, "%"] = 100 * len(codes & national) / len(codes)
    worth = {"none": 0, "global only": 1, "national partial": 2, "national current": 3}
    for state in worth:
        total = sum(one == state for one in states.values())
        found[year, "Information at hand", state.capitalize(), "indicators"] = total
    found[year, "Points", "", "points"] = 100 * sum(worth[one] for one in states.values()) / (3 * len(states))
    for column, name in (("method_compliant", "After the agreed method"), ("findable_open", "Findable and open"),
                         ("traditional_knowledge", "Holds traditional knowledge")):  # fmt: skip
        yes = sum(row[column].lower() == "true" for row in information if row["indicator"] in national)
        found[year, "Quality of national data", name, "indicators"] = yes
    works = [
        s
        for s in _rows(own / "monitoring_schemes.csv")
        if int(s["started"]) <= year and int(s["ended"] or year) >= year
    ]
    found[year, "Monitoring schemes", "At work", "schemes"] = len(works)
    for realm in ("Terrestrial", "Freshwater", "Marine"):
        here = sum(s["realm"] in (realm, "Several") for s in works)
        found[year, "Monitoring schemes", realm, "schemes"] = here
    for column in ("fair", "care"):
        kept = sum(s[column].lower() == "true" for s in works)
        found[year, "Monitoring schemes", column.upper(), "schemes"] = kept
    targets = [
        row["traditional_knowledge"].lower() == "true" for row in _rows(own / "traditional_knowledge_targets.csv")
    ]
    found[year, "Traditional knowledge", "National targets", "%"] = 100 * sum(targets) / len(targets)
    return found
