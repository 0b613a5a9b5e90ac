"""A.3: lists of species drawn from a world of many like them, one date or two, one group or several.

Lists of fewer species than these are not in here: their intervals are too narrow, and the result says so.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.indicators.red_list_index import red_list_index

CATEGORIES = ("LC", "NT", "VU", "EN", "CR", "EX")
STEPS = np.arange(6)
#: Chances of the categories, most species safe and most species threatened.
SAFE = np.array([0.79, 0.08, 0.06, 0.04, 0.02, 0.01])
THREATENED = np.array([0.15, 0.20, 0.25, 0.19, 0.20, 0.01])
#: Chances that a species gets worse by 0, 1 or 2 steps between two dates, or better by one.
MOVES = {0: 0.80, 1: 0.13, 2: 0.03, -1: 0.04}
REPLICATES = 1_000


def trials(rng: np.random.Generator, count: int) -> list[tuple[str, int, int]]:
    """How often the interval of the index, or of its mean yearly change, holds the truth of the world."""
    return [
        ("one group of 120 species, most of them safe", count, _groups(rng, count, SAFE, 120)),
        ("one group of 100 species, most of them threatened", count, _groups(rng, count, THREATENED, 100)),
        ("three groups together", count, _together(rng, count)),
        ("yearly change of a list of 150 species", count, _changes(rng, count)),
    ]


def _rows(species: pd.DataFrame | None, counts: pd.DataFrame | None, rng: np.random.Generator) -> pd.DataFrame:
    defaults = {name: one.default for name, one in spec_of("A.3").parameters.items()}
    more = {"replicates": REPLICATES, "seed": int(rng.integers(2**31))}
    return red_list_index(species, counts, None, **defaults | more)


def _held(rows: pd.DataFrame, truth: float) -> int:
    return int(((rows["lower"] <= truth) & (truth <= rows["upper"])).sum())


def _truth(chances: np.ndarray) -> float:
    return 1 - float(chances @ STEPS) / 5


def _counted(drawn: dict[str, np.ndarray]) -> pd.DataFrame:
    rows = [(name, 2020, one, int(n)) for name, of in drawn.items() for one, n in zip(CATEGORIES, of, strict=True)]
    return pd.DataFrame(rows, columns=["taxonomic_group", "year", "category", "species_count"])


def _groups(rng: np.random.Generator, count: int, chances: np.ndarray, size: int) -> int:
    # One group for each world, so that one call makes all intervals.
    drawn = {f"Group {at}": rng.multinomial(size, chances) for at in range(count)}
    rows = _rows(None, _counted(drawn), rng)
    return _held(rows[rows["disaggregation_type"] == "Taxonomic group"], _truth(chances))


def _together(rng: np.random.Generator, count: int) -> int:
    kinds = {"Birds": (SAFE, 400), "Frogs": (THREATENED, 80), "Palms": ((SAFE + THREATENED) / 2, 150)}
    truth = float(np.mean([_truth(chances) for chances, _ in kinds.values()]))
    held = 0
    for _ in range(count):
        rows = _rows(None, _counted({name: rng.multinomial(n, p) for name, (p, n) in kinds.items()}), rng)
        held += _held(rows[rows["disaggregation_type"] == ""], truth)
    return held


def _changes(rng: np.random.Generator, count: int) -> int:
    size = 150
    first = rng.choice(STEPS, p=(SAFE + THREATENED) / 2, size=count * size)
    last = np.clip(first + rng.choice([*MOVES], p=[*MOVES.values()], size=count * size), 0, 5)
    table = pd.DataFrame({
        "species_id": np.tile(np.arange(count * size), 2).astype(str),
        "taxonomic_group": np.tile(np.repeat([f"Group {at}" for at in range(count)], size), 2),
        "year": np.repeat([2010, 2020], count * size), "reason_for_change": "genuine", "range_share": np.nan,
        "category": np.array(CATEGORIES, dtype=object)[np.concatenate([first, last])],
    })  # fmt: skip
    chances = (SAFE + THREATENED) / 2
    moved = sum(
        chance * p * (np.clip(step + move, 0, 5) - step)
        for step, p in zip(STEPS, chances, strict=True)
        for move, chance in MOVES.items()
    )
    rows = _rows(table, None, rng)
    changes = rows[(rows["disaggregation_type"] == "Mean yearly change") & (rows["disaggregation"] != "All groups")]
    return _held(changes, -float(moved) / 5 / 10)
