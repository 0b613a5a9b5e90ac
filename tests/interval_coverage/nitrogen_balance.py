"""7.CY.1: countries whose true coefficients are known, and which take coefficients that miss them by their errors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.indicators.nitrogen_balance import nitrogen_balance
from gbf_workbench.methods.nitrogen_budgets import BUDGETS

#: Flow, items, kg N in a unit, thousands of units, standard error as a share of the coefficient.
_WORLDS = {
    "one uncertain coefficient": (("mineral fertiliser", 1, 460, 20, 0.0), ("crop harvest", 1, 15, 300, 0.1)),
    "many crops and animals": (
        ("mineral fertiliser", 3, 300, 10, 0.01), ("manure production", 6, 40, 90, 0.15),
        ("biological fixation", 4, 60, 30, 0.2), ("crop harvest", 12, 18, 80, 0.05),
    ),
}  # fmt: skip


def trials(rng: np.random.Generator, count: int) -> list[tuple[str, int, int]]:
    """How often the interval of the balance holds the true balance."""
    found = []
    for world, parts in _WORLDS.items():
        left_out = sorted(set(BUDGETS["agricultural_land"].flows) - {flow for flow, *_ in parts})
        table = _countries(rng, parts, count)
        sign = np.where(table["flow"] == "crop harvest", -1, 1)
        true = (sign * table["quantity"] * table["kg_n_per_unit"]).groupby(table["year"]).sum() / 1000
        own = table.assign(kg_n_per_unit=table["kg_n_per_unit"] + rng.normal(0, table["standard_error_kg"]))
        areas = pd.DataFrame({"year": true.index, "area_ha": 100_000.0})
        out = nitrogen_balance(None, table, own, areas, budget="agricultural_land", left_out=left_out, confidence=0.95)
        total = out[(out["disaggregation_type"] == "") & (out["unit"] == "t N")].set_index("year")
        held = (total["lower"] <= true) & (true <= total["upper"])
        found.append((world, count, int(held.sum())))
    return found


def _countries(
    rng: np.random.Generator, parts: tuple[tuple[str, int, float, float, float], ...], count: int
) -> pd.DataFrame:
    """Quantities beside the true coefficients; each year is a country with items, and so coefficients, of its own."""
    rows = [
        (year, flow, f"{flow} {year} {at}", kg * rng.lognormal(0, 0.2), 1000 * number * rng.lognormal(0, 0.5), share)
        for year in range(count) for flow, items, kg, number, share in parts for at in range(items)
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["year", "flow", "item", "kg_n_per_unit", "quantity", "share"])
    return table.assign(unit="t", standard_error_kg=table["share"] * table["kg_n_per_unit"])
