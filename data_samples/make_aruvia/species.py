"""The national Red List: invented species of four groups, assessed at up to three dates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.names import species_names
from make_aruvia.writing import write_table

COLUMNS = [
    "species_id", "scientific_name", "taxonomic_group", "year", "category", "reason_for_change", "range_share", "scope"
]  # fmt: skip
_LADDER = ("LC", "NT", "VU", "EN", "CR", "CR(PE)")


@dataclass(frozen=True)
class Group:
    """A group of species: how many, when assessed, how threatened at first, how fast it fares worse or better.

    ``worse`` and ``better`` are chances of one real step between two dates, ``learned`` of a change by new knowledge.
    """

    name: str
    species: int
    years: tuple[int, ...]
    first: tuple[float, ...]
    unknown: float
    endemic: float
    worse: float
    better: float
    learned: float


GROUPS = (
    Group("Birds", 168, (2004, 2014, 2024), (0.70, 0.11, 0.10, 0.055, 0.03, 0.005), 0.01, 0.22, 0.055, 0.014, 0.03),
    Group("Amphibians", 92, (2004, 2014, 2024), (0.40, 0.12, 0.19, 0.18, 0.10, 0.01), 0.12, 0.62, 0.12, 0.012, 0.05),
    Group("Freshwater fishes", 124, (2004, 2014, 2024), (.58, .11, .15, .10, .06, 0), 0.14, 0.34, 0.08, 0.012, 0.06),
    Group("Cycads", 38, (2014, 2024), (0.22, 0.18, 0.24, 0.20, 0.16, 0.0), 0.0, 0.68, 0.10, 0.03, 0.03),
)  # fmt: skip
#: Birds that only pass through: the guidelines have them Not Applicable.
_PASSING = 7
#: Birds gone from the country before the first date, still found elsewhere; one more went for good between dates.
_GONE_BEFORE, _DIED_OUT = 2, 1


def make_assessments(rng: np.random.Generator) -> pd.DataFrame:
    """One row for each species and date, sorted by species and year."""
    rows: list[tuple[object, ...]] = []
    number = 0
    for group in GROUPS:
        for place, name in enumerate(species_names(rng, group.name, group.species)):
            number += 1
            history, share = _history(rng, group), _range_share(rng, group.endemic)
            if group.name == "Birds":
                history, share = _bird_fate(place * 29 % group.species, history, share)
            for year, (category, reason) in zip(group.years, history, strict=True):
                rows.append((f"XAR-{number:04d}", name, group.name, year, category, reason, share, "national"))
    return pd.DataFrame(rows, columns=COLUMNS)


def _history(rng: np.random.Generator, group: Group) -> list[tuple[str, str]]:
    """Categories and reasons at each date of one species."""
    step = int(rng.choice(len(_LADDER), p=group.first))
    known = rng.random() >= group.unknown
    history = [(_LADDER[step] if known else "DD", "")]
    for _ in group.years[1:]:
        chance, reason = rng.random(), ""
        if chance < group.learned:
            reason, was = "non-genuine", history[-1][0]
            known = not known if not known else rng.random() > 0.12
            step = int(np.clip(step + rng.choice((-1, 1)), 0, 4)) if was != "DD" else step
        elif known and chance < group.learned + group.worse and step < 5:
            # The last step, to Possibly Extinct, is rarer than the others.
            step += 1 if step < 4 or rng.random() < 0.35 else 0
            reason = "genuine"
        elif known and chance > 1 - group.better and 0 < step < 5:
            step, reason = step - 1, "genuine"
        category = _LADDER[step] if known else "DD"
        history.append((category, reason if category != history[-1][0] else ""))
    return history


def _range_share(rng: np.random.Generator, endemic: float) -> float:
    """Part of the range in the country: all of it for endemics, mostly little for the others."""
    if rng.random() < endemic:
        return 1.0
    return round(float(np.clip(rng.beta(0.6, 4.5), 0.001, 0.95)), 3)


def _bird_fate(place: int, history: list[tuple[str, str]], share: float) -> tuple[list[tuple[str, str]], float]:
    if place < _PASSING:
        return [("NA", "")] * len(history), min(share, 0.002)
    if place < _PASSING + _GONE_BEFORE:
        return [("RE", "")] * len(history), min(share, 0.12)
    if place < _PASSING + _GONE_BEFORE + _DIED_OUT:
        return [("CR(PE)", ""), ("CR(PE)", ""), ("EX", "genuine")], 1.0
    return history, share


def write(folder: Path, assessments: pd.DataFrame) -> None:
    """The table as CSV."""
    write_table(folder / "red_list_assessments.csv", assessments)
