"""9.2: households of drawn places in strata of unequal weight, with common and with rare traditional work."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.indicators.traditional_occupations import traditional_occupations

#: Share in traditional occupations in each of four strata, and persons asked in each of its places.
_WORLDS = {
    "common work": ((0.55, 0.4, 0.3, 0.1), 12),
    "rare work": ((0.08, 0.05, 0.03, 0.02), 20),
    "few places": ((0.5, 0.35, 0.35, 0.2), 10),
}
#: With only six places in a stratum, and strata of weights as unequal as these, it would be 93.5 %.
_PLACES = {"few places": 10}
_WEIGHTS = np.array([40.0, 90.0, 150.0, 220.0])
_LISTED = pd.DataFrame({"isco_code": ["63"], "national_occupation": [None], "title": ["Subsistence"]})


def trials(rng: np.random.Generator, count: int) -> list[tuple[str, int, int]]:
    """How often the interval of the total holds the true percentage."""
    defaults = {name: one.default for name, one in spec_of("9.2").parameters.items()}
    found = []
    for world, (chances, asked) in _WORLDS.items():
        truth = 100 * float(np.array(chances) @ _WEIGHTS / _WEIGHTS.sum())
        held = 0
        for _ in range(count):
            table = _survey(rng, np.array(chances), _PLACES.get(world, 15), asked)
            total = traditional_occupations(table, None, _LISTED, **defaults).iloc[0]
            held += total["lower"] <= truth <= total["upper"]
        found.append((world, count, held))
    return found


def _survey(rng: np.random.Generator, chances: np.ndarray, places: int, asked: int) -> pd.DataFrame:
    """Persons of places whose own share spreads around that of their stratum."""
    stratum = np.repeat(np.arange(len(chances)), places)
    tied = 15.0
    own = rng.beta(chances[stratum] * tied, (1 - chances[stratum]) * tied)
    place = np.repeat(np.arange(len(stratum)), asked)
    hit = rng.random(len(place)) < own[place]
    return pd.DataFrame({
        "year": 2022, "household_id": np.arange(len(place)).astype(str), "person_id": "1", "consent": True,
        "weight": _WEIGHTS[stratum][place], "stratum": stratum[place].astype(str), "cluster": place.astype(str),
        "age": 30, "sex": None, "indigenous": None, "area_type": None, "region": None,
        "employment_status": "employed", "isco_code": np.where(hit, "6310", "5120"), "national_occupation": None,
        "second_isco_code": None,
    })  # fmt: skip
