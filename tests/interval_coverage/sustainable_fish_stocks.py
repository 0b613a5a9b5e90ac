"""National lists of stocks of which some, chosen by nothing that has to do with their state, were assessed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.indicators.sustainable_fish_stocks import sustainable_fish_stocks

#: Stocks listed and assessed.
WORLDS = {"57 stocks, 44 assessed": (57, 44), "57 stocks, 20 assessed": (57, 20), "30 stocks, 15 assessed": (30, 15),
          "120 stocks, 60 assessed": (120, 60), "200 stocks, 150 assessed": (200, 150)}  # fmt: skip


def trials(rng: np.random.Generator, count: int) -> list[tuple[str, int, int]]:
    """The truth is the share of the whole list; how many stocks are within differs from world to world."""
    return [(name, count, _held(rng, count, *world)) for name, world in WORLDS.items()]


def _held(rng: np.random.Generator, count: int, listed: int, assessed: int) -> int:
    good = rng.binomial(listed, rng.uniform(0.15, 0.9, count))
    seen = rng.hypergeometric(good, listed - good, assessed)
    numbers = np.column_stack([seen, assessed - seen, np.full(count, listed - assessed)])
    table = pd.DataFrame({
        "year": np.repeat(np.arange(count), 3), "status": ["sustainable", "overfished", "unknown"] * count,
        "stock_count": numbers.ravel(),
    })  # fmt: skip
    rows = sustainable_fish_stocks(None, table, biomass_threshold=0.8, both_given="biomass", confidence=0.95)
    rows = rows[(rows["disaggregation_type"] == "") & (rows["unit"] == "%")].sort_values("year")
    truth = 100 * good / listed
    return int(((rows["lower"] <= truth + 1e-9) & (truth <= rows["upper"] + 1e-9)).sum())
