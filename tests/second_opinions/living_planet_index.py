"""Living Planet Index with dictionaries and loops, by the chain method."""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import pairwise
from math import log10
from pathlib import Path
from statistics import mean

import yaml


def _changes(points: dict[int, float]) -> dict[int, float]:
    """Capped change of each year of a series, along straight lines between the logarithms."""
    if 0 in points.values():
        there = [value for value in points.values() if value]
        more = 0.01 * mean(there) if there else 1e-17
        points = {year: value + more for year, value in points.items()}
    years = sorted(points)
    found = {}
    for before, after in pairwise(years):
        slope = (log10(points[after]) - log10(points[before])) / (after - before)
        for year in range(before + 1, after + 1):
            found[year] = max(-1.0, min(1.0, slope))
    return found


def _line(species: list[dict[int, float]], first: int, last: int) -> dict[int, float]:
    """Index from the year before the first known change."""
    level, line = 1.0, {}
    for year in range(first + 1, last + 1):
        own = [changes[year] for changes in species if year in changes]
        if own and not line:
            line[year - 1] = 1.0
        if own:
            level *= 10 ** mean(own)
        if line:
            line[year] = level
    return line


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """The index of all species, of groups and realms, and the mean yearly change."""
    settings = yaml.safe_load((folder / "country.yml").read_text(encoding="utf-8")).get("settings") or {}
    first = settings.get("living_planet_index", {}).get("reference_year", 1970)
    with (folder / "living_planet_index" / "population_series.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    series, about = defaultdict(dict), {}
    for row in rows:
        series[row["species"], row["population"]][int(row["year"])] = float(row["value"])
        about[row["species"]] = (row["taxonomic_group"], row["realm"])
    last = max(year for points in series.values() for year in points)
    by_species = defaultdict(list)
    for (name, _), points in series.items():
        if len(points) >= 2:
            by_species[name].append(_changes(points))
    species = {}
    for name, populations in by_species.items():
        years = {year for changes in populations for year in changes}
        species[name] = {
            year: mean(changes[year] for changes in populations if year in changes) for year in sorted(years)
        }
    kinds = [("", "", list(species.values()))]
    for at, kind in enumerate(("Taxonomic group", "Realm")):
        for part in {one[at] for one in about.values()}:
            kinds.append((kind, part, [changes for name, changes in species.items() if about[name][at] == part]))
    out = {}
    for kind, part, own in kinds:
        line = _line(own, first, last)
        out |= {(year, kind, part, "index"): level for year, level in line.items()}
        if kind != "Realm":
            change = 100 * (line[last] ** (1 / (len(line) - 1)) - 1)
            out[last, "Mean yearly change", part or "All species", "% per year"] = change
    return out
