"""The Red List Index species by species, in loops over the lines of the list."""

from __future__ import annotations

import csv
from pathlib import Path

WORTH = {"LC": 0, "NT": 1, "VU": 2, "EN": 3, "CR": 4, "CR(PE)": 5, "CR(PEW)": 5, "RE": 5, "EW": 5, "EX": 5}


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Index of each group and of all groups, with the mean change per year."""
    species: dict[str, dict[int, dict[str, str]]] = {}
    group_of: dict[str, str] = {}
    with (folder / "red_list_index" / "red_list_assessments.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            species.setdefault(line["species_id"], {})[int(line["year"])] = line
            group_of[line["species_id"]] = line["taxonomic_group"]
    found: dict[tuple[int, str, str, str], float] = {}
    series: dict[str, dict[int, float]] = {}
    for group in sorted(set(group_of.values())):
        lists = [dates for name, dates in species.items() if group_of[name] == group]
        years = sorted({year for dates in lists for year in dates})
        tracks = [one for one in (_track(dates, years) for dates in lists) if one is not None]
        series[group] = {}
        for at, year in enumerate(years):
            lost = sum(track[at] for track in tracks)
            series[group][year] = found[year, "Taxonomic group", group, "index"] = 1 - lost / (5 * len(tracks))
        found |= _change(series[group], group)
    first = max(min(one) for one in series.values())
    last = min(max(one) for one in series.values())
    together = {}
    for year in sorted({year for one in series.values() for year in one if first <= year <= last}):
        together[year] = sum(_between(one, year) for one in series.values()) / len(series)
        found[year, "", "", "index"] = together[year]
    return found | (_change(together, "All groups") if len(series) > 1 else {})


def _track(dates: dict[int, dict[str, str]], years: list[int]) -> list[int] | None:
    """Weights of one species at all dates, or nothing where it does not count."""
    categories = [dates[year]["category"] for year in years]
    if {"DD", "NA"} & set(categories) or categories[-1] == "NE" or categories[0] == "RE":
        return None
    worth = [WORTH[category] for category in categories]
    track = [worth[-1]]
    for at in range(len(years) - 1, 0, -1):
        real = dates[years[at]]["reason_for_change"] != "non-genuine"
        step = worth[at] - worth[at - 1] if real else 0
        track.insert(0, min(5, max(0, track[0] - step)))
    return track


def _between(series: dict[int, float], year: int) -> float:
    before = max(one for one in series if one <= year)
    after = min(one for one in series if one >= year)
    if before == after:
        return series[year]
    return series[before] + (series[after] - series[before]) * (year - before) / (after - before)


def _change(series: dict[int, float], name: str) -> dict[tuple[int, str, str, str], float]:
    first, last = min(series), max(series)
    change = (series[last] - series[first]) / (last - first)
    return {(last, "Mean yearly change", name, "index per year"): change}
