"""Records, richness, evenness and occupancy counted record by record; rarefaction by whole-number fractions."""

from __future__ import annotations

import csv
import math
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path

import yaml

SLUG = "species_occurrence_records"


def _chance_of_none(count: int, of: int, size: int) -> Fraction:
    """Chance that none of ``count`` things is among ``size`` drawn of ``of``."""
    return Fraction(math.comb(of - count, size), math.comb(of, size))


def _coverage(counts: list[int], size: int) -> float:
    total = sum(counts)
    if size == total:
        once, twice = counts.count(1), counts.count(2)
        if not once:
            return 1.0
        if twice:
            return 1 - once / total * (total - 1) * once / ((total - 1) * once + 2 * twice)
        return 1 - once / total * ((total - 1) * (once - 1) / ((total - 1) * (once - 1) + 2) if once > 1 else 1.0)
    return float(
        1 - sum(Fraction(c, total) * Fraction(math.comb(total - c, size), math.comb(total - 1, size)) for c in counts)
    )


def _richness(counts: list[int], size: int) -> float:
    return float(sum(1 - _chance_of_none(c, sum(counts), size) for c in counts))


def _equal(counts: list[int], wanted: float) -> float | None:
    if _coverage(counts, sum(counts)) < wanted:
        return None
    before = (0.0, 0.0)
    for size in range(1, sum(counts) + 1):
        now = (_coverage(counts, size), _richness(counts, size))
        if now[0] >= wanted:
            return before[1] + (wanted - before[0]) / (now[0] - before[0]) * (now[1] - before[1])
        before = now
    return None


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """All numbers of the total, effort, richness, evenness, occupancy and cells."""
    told = (yaml.safe_load((folder / "country.yml").read_text(encoding="utf-8")).get("settings") or {}).get(SLUG, {})
    start, wanted = told.get("first_year", 1970), told.get("coverage", 0.9)
    with (folder / SLUG / "occurrence_cube.csv").open(encoding="utf-8", newline="") as file:
        records = [row | {"year": int(row["year"]), "n": int(row["occurrences"])} for row in csv.DictReader(file)]
    start = min(row["year"] for row in records if row["year"] >= start)
    newest = max(row["year"] for row in records)
    out: dict[tuple[int, str, str, str], float] = {}
    for year in range(start, newest + 1):
        own = [row for row in records if row["year"] == year]
        out[year, "", "", "records"] = sum(row["n"] for row in records if row["year"] <= year)
        out[year, "Records of the year", "", "records"] = sum(row["n"] for row in own)
        out[year, "Survey effort", "Cells with records", "cells"] = len({row["cell_code"] for row in own})
        ever = {row["species_key"] for row in records if row["year"] <= year}
        out[year, "Species richness", "Ever seen", "species"] = len(ever)
        if not own:
            continue
        tally: Counter[str] = Counter()
        places = defaultdict(set)
        for row in own:
            tally[row["species_key"]] += row["n"]
            places[row["species_key"]].add(row["cell_code"])
        counts = list(tally.values())
        total, number = sum(counts), len(counts)
        out[year, "Survey effort", "Sample coverage", "fraction"] = _coverage(counts, total)
        out[year, "Species richness", "Observed", "species"] = number
        equal = _equal(counts, wanted)
        if equal is not None:
            out[year, "Species richness", "At equal coverage", "species"] = equal
        squares = sum((c / total) ** 2 for c in counts)
        out[year, "Effective number of species", "Very common species (order 2)", "species"] = 1 / squares
        if number > 1:
            entropy = -sum(c / total * math.log(c / total) for c in counts)
            out[year, "Evenness", "Pielou", "index"] = entropy / math.log(number)
            out[year, "Evenness", "Williams", "index"] = 1 - math.sqrt(max((number * squares - 1) / (number - 1), 0))
        visited = len({row["cell_code"] for row in own})
        shares = [len(cells) / visited for cells in places.values()]
        out[year, "Occupancy", "Mean of the species seen", "fraction"] = sum(shares) / len(shares)
    cells = defaultdict(set)
    for row in records:
        cells[row["cell_code"]].add(row["species_key"])
    out |= {(newest, "Grid cell", cell, "species"): len(species) for cell, species in cells.items()}
    return out
