"""Series of populations as yearly changes of their species: interpolated or smoothed, on a logarithmic scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.smoothing import residual_freedom, thin_plate_smooth

#: A smooth curve needs so many values; it is kept if a curve through its residuals is as good as flat.
SMOOTHED_FROM, FLAT = 6, 0.01


@dataclass(frozen=True)
class Rules:
    """How a series becomes yearly changes; see ``living_planet_index``."""

    model: str
    zeros: str
    minimum_values: int
    longest_gap: float
    cap: float
    first: int
    last: int


def species_changes(series: pd.DataFrame, rules: Rules, doubts: Doubts) -> pd.DataFrame:
    """Yearly changes of each species: means over its populations.

    Parameters
    ----------
    series : DataFrame
        ``species, population, year, value``; one row for each population and year.
    rules : Rules
    doubts : Doubts

    Returns
    -------
    DataFrame
        One row for each species with a change, sorted; a column for each year after the first; change of the decimal
        logarithm against the year before, missing outside the series.

    References
    ----------
    Collen et al. 2009, doi:10.1111/j.1523-1739.2008.01117.x.
    """
    years = range(rules.first + 1, rules.last + 1)
    kept = series.dropna(subset=["value"]).sort_values(["species", "population", "year"], kind="stable")
    doubts.add("flag", "values_missing", count=len(series) - len(kept))
    changes: dict[tuple[str, str], np.ndarray] = {}
    short = with_zeros = smoothed = 0
    for (species, population), own in kept.groupby(["species", "population"], sort=True):
        year, value = own["year"].to_numpy(dtype=float), own["value"].to_numpy(dtype=float)
        if (value == 0).any():
            with_zeros += 1
            year, value = _without_zeros(year, value, rules.zeros)
        if len(year) < rules.minimum_values or (year[-1] - year[0]) / len(year) >= rules.longest_gap:
            short += 1
            continue
        logs, smooth = _yearly_logs(year, np.log(value), rules.model)
        smoothed += smooth
        found = pd.Series(np.diff(logs) / np.log(10), index=np.arange(int(year[0]) + 1, int(year[-1]) + 1))
        changes[species, population] = found.reindex(years).clip(-rules.cap, rules.cap).to_numpy()
    doubts.add("flag", "too_short", count=short)
    doubts.add("flag", f"zeros_{rules.zeros}", count=with_zeros)
    doubts.add("flag", "smoothed", count=smoothed, total=len(changes))
    index = pd.MultiIndex.from_tuples(list(changes), names=["species", "population"])
    table = pd.DataFrame(list(changes.values()), index=index, columns=list(years), dtype=float)
    return table.groupby("species", sort=True).mean().dropna(how="all")


def _without_zeros(year: np.ndarray, value: np.ndarray, rule: str) -> tuple[np.ndarray, np.ndarray]:
    """A series that has logarithms: raised by a hundredth of the mean of what is not 0, or without the zeros."""
    there = value > 0
    if rule == "leave_out":
        return year[there], value[there]
    return year, value + (0.01 * value[there].mean() if there.any() else 1e-17)


def _yearly_logs(year: np.ndarray, logs: np.ndarray, model: str) -> tuple[np.ndarray, bool]:
    """Logarithms in every year from the first to the last, and whether they come from a smooth curve."""
    every = np.arange(year[0], year[-1] + 1)
    if model == "gam" and len(year) >= SMOOTHED_FROM:
        curve = thin_plate_smooth(year, logs, round(len(year) / 2), every)
        if abs(residual_freedom(year, logs - curve.fitted) - 1) < FLAT:
            return curve.predicted, True
    return np.interp(every, year, logs), False
