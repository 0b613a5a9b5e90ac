"""Habitat scores worked out one species after the other."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

SLUG = "species_habitat_index"
#: The reference year is the default.
_THEN = 2001


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Plain and weighed index, by group, by species."""
    table = _rows(folder / SLUG / "species_habitat_areas.csv")
    then = {row["scientific_name"]: row for row in table if int(row["year"]) == _THEN}
    share = {
        row["scientific_name"]: float(row["habitat_in_country_km2"]) / float(row["global_range_km2"])
        for row in _rows(folder / SLUG / "species_stewardship.csv")
    }
    by_year: dict[int, list[tuple[str, str, float]]] = defaultdict(list)
    out: dict[tuple[int, str, str, str], float] = {}
    for row in table:
        name, year, first = row["scientific_name"], int(row["year"]), then[row["scientific_name"]]
        area = float(row["habitat_area_km2"]) / float(first["habitat_area_km2"])
        tied = float(row["edge_distance_m"]) / float(first["edge_distance_m"]) if area else 0.0
        score = 50 * (area + tied)
        by_year[year].append((name, row["taxonomic_group"], score))
        out[year, "Species", name, "%"] = score
        out[year, "Area score of species", name, "%"] = 100 * area
    for year, found in by_year.items():
        out[year, "", "", "%"] = sum(score for *_, score in found) / len(found)
        weight = sum(share[name] for name, *_ in found)
        out[year, "Weighed by stewardship", "", "%"] = sum(share[name] * score for name, _, score in found) / weight
        for group in {group for _, group, _ in found}:
            own = [score for _, of, score in found if of == group]
            out[year, "Taxonomic group", group, "%"] = sum(own) / len(own)
    return out
