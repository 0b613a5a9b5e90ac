"""9.2 a second time: person by person, from the clean files."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

_AGES = ((15, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 999))
_IPLC = {"yes": "Indigenous or local community", "no": "Others", "not stated": "Not stated"}
_GROUPS: dict[str, Callable[[dict], str]] = {
    "Indigenous peoples and local communities": lambda row: _IPLC.get(row["indigenous"], ""),
    "Sex": lambda row: row["sex"],
    "Urban or rural": lambda row: row["area_type"],
    "Region": lambda row: row["region"],
    "Age": lambda row: _age(int(row["age"])),
}


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Every percentage and the number of persons."""
    own = folder / "traditional_occupations"
    listed = _rows(own / "traditional_occupation_list.csv")
    sums: dict[tuple, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in _rows(own / "occupation_survey.csv"):
        if row["consent"] != "yes" or int(row["age"]) < 15:
            continue
        year, weight = int(row["year"]), float(row["weight"])
        works = row["employment_status"] in ("employed", "own-use producer")
        title = _title(row["isco_code"], row.get("national_occupation", ""), listed) if works else ""
        second = works and bool(_title(row["second_isco_code"], "", listed))
        _add(sums, (year, "Base", "People of working age"), weight, bool(title))
        if not works:
            continue
        for key in (("", ""), ("Jobs", "Main job"), ("Base", "People who work")):
            _add(sums, (year, *key), weight, bool(title))
        _add(sums, (year, "Jobs", "Main or second job"), weight, bool(title) or second)
        nothing = not row["isco_code"] and not row.get("national_occupation", "")
        _add(sums, (year, "Occupation not stated", "Not stated"), weight, nothing)
        for one in listed:
            _add(sums, (year, "Occupation", one["title"]), weight, one["title"] == title)
        for kind, name in _GROUPS.items():
            _add(sums, (year, kind, name(row)), weight, bool(title))
    found = {(*key, "%"): 100 * part / whole for key, (part, whole) in sums.items() if key[2] or not key[1]}
    found |= {(year, "", "", "persons"): sums[year, "", ""][0] for year in {key[0] for key in sums}}
    # An occupation that nobody has is not shown.
    return {key: value for key, value in found.items() if value or key[1] != "Occupation"}


def _rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _add(sums: dict[tuple, list[float]], key: tuple, weight: float, counts: bool) -> None:
    sums[key][0] += weight * counts
    sums[key][1] += weight


def _age(years: int) -> str:
    [(low, high)] = [(low, high) for low, high in _AGES if low <= years <= high]
    return f"{low}+" if high == 999 else f"{low}–{high}"


def _title(isco: str, national: str, listed: list[dict]) -> str:
    """Of the listed codes that hold this one, the longest."""
    if by_name := [one["title"] for one in listed if national and one["national_occupation"] == national]:
        return by_name[0]
    holds = [one for one in listed if one["isco_code"] and isco.startswith(one["isco_code"])]
    return max(holds, key=lambda one: len(one["isco_code"]))["title"] if holds else ""
