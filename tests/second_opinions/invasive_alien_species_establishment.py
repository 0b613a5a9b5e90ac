"""New alien species by year, counted one species after the other."""

from __future__ import annotations

import csv
from pathlib import Path

import yaml

SLUG = "invasive_alien_species_establishment"
#: The model of arrivals has its own checks; here it would only cost time.
SETTINGS = {"detection": "none"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _year(row: dict[str, str], start: int) -> int | None:
    if not row["first_year"]:
        return None
    first = int(row["first_year"])
    last = int(row["last_possible_year"] or first)
    if last < 1492:
        return None
    if last < start:
        return last
    return None if last - first >= 10 else (first + last) // 2


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Counts, cumulative numbers, breakdowns and means of invasive species that are established."""
    told = (yaml.safe_load((folder / "country.yml").read_text(encoding="utf-8")).get("settings") or {}).get(SLUG, {})
    start, base = told.get("first_year", 1970), told.get("baseline_start", 2005)
    found: dict[str, list[tuple[int, str, dict[str, str]]]] = {}
    invasive = set()
    newest = max(int(row["year"]) for row in _rows(folder / SLUG / "survey_effort.csv"))
    for row in _rows(folder / SLUG / "alien_species_first_records.csv"):
        if row["establishment"] != "established":
            continue
        year = _year(row, start)
        if year is None:
            continue
        if row["invasive"] == "yes":
            invasive.add(row["scientific_name"])
        newest = max(newest, year)
        found.setdefault(row["scientific_name"], []).append((year, row["region"], row))
    first = {name: min(records, key=lambda one: one[:2]) for name, records in found.items() if name in invasive}
    out: dict[tuple[int, str, str, str], float] = {}
    for year in range(start, newest + 1):
        new = [row for at, _, row in first.values() if at == year]
        out[year, "", "", "species per year"] = len(new)
        out[year, "", "", "species"] = sum(at <= year for at, _, _ in first.values())
        for name in {row["taxonomic_group"] for _, _, row in first.values()}:
            out[year, "Taxonomic group", name, "species per year"] = sum(row["taxonomic_group"] == name for row in new)
        stowaways = sum(row["pathway"] == "stowaway" for row in new)
        out[year, "Pathway", "Transport stowaway", "species per year"] = stowaways
        out[year, "Habitat", "Freshwater", "species per year"] = sum(row["habitat"] == "freshwater" for row in new)
        for place in {place for records in found.values() for _, place, _ in records}:
            number = sum(
                min((at for at, where, _ in found[name] if where == place), default=0) == year
                for name in invasive & set(found)
            )
            if place and any(where == place for name in first for _, where, _ in found[name]):
                out[year, "Region", place, "species per year"] = number
    rate = "species per year"
    before = [out[year, "", "", rate] for year in range(max(base, start), 2020)]
    after = [out[year, "", "", rate] for year in range(2020, newest + 1)]
    out[2019, "Period", "Baseline", rate] = sum(before) / len(before)
    out[newest, "Period", "Years of the target", rate] = sum(after) / len(after)
    change = out[newest, "Period", "Years of the target", rate] / out[2019, "Period", "Baseline", rate] - 1
    out[newest, "Change since the baseline", "", "%"] = 100 * change
    return out
