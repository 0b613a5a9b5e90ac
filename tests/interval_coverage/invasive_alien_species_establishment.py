"""Worlds in which species arrive, wait and are found as the model says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.indicators.invasive_alien_species_establishment import invasive_alien_species_establishment
from gbf_workbench.methods.establishment import Arrivals, discovery_rates, growth_of_arrivals

_YEARS = 30
_SETTINGS = {
    "species": "established", "unknown_establishment": "exclude", "span_year": "middle", "longest_span": 10,
    "first_year": 1990, "last_year": 0, "baseline_start": 2005, "baseline_end": 2019, "target_start": 2020,
    "detection": "none", "confidence": 0.95,
}  # fmt: skip


def trials(rng: np.random.Generator, count: int) -> list[tuple[str, int, int]]:
    """The yearly rate, the growth of arrivals with effort, and (fewer worlds, as they cost more) with a lag."""
    return [
        _yearly(rng, count // 10),
        _growth("growth of arrivals, effort known", rng, count, effort=True),
        _growth("growth of arrivals, lag", rng, count // 8, effort=False),
    ]


def _yearly(rng: np.random.Generator, count: int) -> tuple[str, int, int]:
    """The rate behind each year's number, over years in which it rises from 2 to 12."""
    rates = np.linspace(2, 12, _YEARS)
    held = 0
    for _ in range(count):
        counts = pd.DataFrame({"year": np.arange(1990, 1990 + _YEARS), "new_species": rng.poisson(rates)})
        rows = invasive_alien_species_establishment(None, counts, None, None, None, **_SETTINGS)
        own = rows[(rows["disaggregation_type"] == "") & (rows["unit"] == "species per year")].sort_values("year")
        held += int(((own["lower"] <= rates) & (rates <= own["upper"])).sum())
    return "yearly rate", count * _YEARS, held


def _growth(world: str, rng: np.random.Generator, count: int, *, effort: bool) -> tuple[str, int, int]:
    held = 0
    for _ in range(count):
        if effort:
            searched = np.clip(0.5 + np.arange(_YEARS) / _YEARS + rng.normal(0, 0.3, _YEARS), 0.05, None)
            model, truth = Arrivals(_YEARS, searched, lag=False), np.array([1.2, 0.025, -3.0, 1.5])
        else:
            model, truth = Arrivals(20), np.array([1.8, 0.03, -2.0, 0.03, 0.01])
        found = growth_of_arrivals(rng.poisson(discovery_rates(truth, model)), model, 0.95)
        held += found.interval.lower <= truth[1] <= found.interval.upper
    return world, count, int(held)
