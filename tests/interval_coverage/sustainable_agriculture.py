"""10.1: farms of drawn villages, with one clearly weakest part, with two that are nearly as weak, with answers missing.

With parts that are equally weak the interval may hold the truth more often than it says; those worlds keep it from
holding it less often.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.indicators.sustainable_agriculture import sustainable_agriculture

#: Probability that a farm is red in parts 2 to 5; what is worse in one is worse in all of a village.
_WORLDS = {
    "one weakest part": ((0.35, 0.15, 0.12, 0.1), 0.0),
    "two parts close together": ((0.35, 0.32, 0.12, 0.1), 0.0),
    "a sixth of the answers missing": ((0.35, 0.15, 0.12, 0.1), 0.16),
}
_PARTS = (2, 9, 10, 11)
_LEFT_OUT = [str(part) for part in range(1, 12) if part not in _PARTS]
_VILLAGES, _FARMS = 24, 12


def trials(rng: np.random.Generator, count: int) -> list[tuple[str, int, int]]:
    """How often the interval of the area that is at least acceptable holds its true share."""
    defaults = {name: one.default for name, one in spec_of("10.1").parameters.items()}
    found = []
    for world, (chances, missing) in _WORLDS.items():
        held = 0
        for _ in range(count):
            table = _survey(rng, np.array(chances), missing)
            more = {"not_applicable_parts": _LEFT_OUT, "seed": int(rng.integers(2**31))}
            rows = sustainable_agriculture(table, None, None, **defaults | more)
            total = rows[rows["disaggregation_type"] == ""].iloc[0]
            held += total["lower"] <= 100 * (1 - max(chances)) <= total["upper"]
        found.append((world, count, held))
    return found


def _survey(rng: np.random.Generator, chances: np.ndarray, missing: float) -> pd.DataFrame:
    """Villages of two strata; a farm is green or red, with chances that differ between villages."""
    size = _VILLAGES * _FARMS
    village = np.repeat(np.arange(_VILLAGES), _FARMS)
    # A beta distribution keeps the mean exactly, whatever the spread between villages.
    tied = 14.0
    own = rng.beta(chances * tied, (1 - chances) * tied, size=(_VILLAGES, len(chances)))
    red = rng.random((size, len(chances))) < own[village]
    table = pd.DataFrame({
        "year": 2023, "holding_id": np.arange(size).astype(str), "weight": rng.uniform(20, 60, size),
        "stratum": np.where(village < _VILLAGES // 2, "A", "B"), "cluster": village.astype(str), "region": None,
        "sector": "household", "production_system": "crops", "agricultural_area_ha": rng.lognormal(1.0, 0.5, size),
        "biodiversity_criteria": 3,
    })  # fmt: skip
    silent = rng.random(red.shape) < missing
    answers = {
        "profitable_years": (3, 0), "unskilled_pay": ("above", "below"), "food_insecurity": ("mild or none", "severe"),
        "tenure": ("document with name or right to sell or bequeath", "none"),
    }  # fmt: skip
    for at, (name, (good, bad)) in enumerate(answers.items()):
        told = pd.Series(np.where(red[:, at], bad, good)).astype(object)
        table[name] = told.mask(silent[:, at], None)
    return table
