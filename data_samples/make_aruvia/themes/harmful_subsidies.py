"""Support in Aruvia that is held to harm nature: fuel, fertiliser, roads; one programme ended, one turned over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.economy import CURRENCY, YEARS, price_levels, write_money
from make_aruvia.made import Made
from make_aruvia.writing import write_table

#: Name, sector, kind, harmful share, reform, its year, size [million, 2020], yearly growth, inventory.
_PROGRAMMES = (
    ("Rebate on diesel for trawlers", "Fisheries", "Tax expenditure", 1, "goes on", None, 420, 0.01,
     "Fisheries review"),
    ("New engines for trawlers", "Fisheries", "Direct transfer", 1, "eliminated", 2021, 150, 0.0,
     "Fisheries review"),
    ("Cheap fertiliser", "Agriculture", "Payment for inputs", 0.6, "goes on", None, 900, 0.02,
     "Farm support review"),
    ("Cheap pesticides", "Agriculture", "Payment for inputs", 1, "phased out", 2019, 260, -0.05,
     "Farm support review"),
    ("Support of the rice price", "Agriculture", "Market price support", 0.5, "goes on", None, 300, 0.0,
     "Farm support review"),
    ("Kerosene below its cost", "Fossil fuels", "Price gap", 0.7, "reformed", 2022, 1100, 0.0, "Energy review"),
    ("Drained land for plantations", "Forestry", "Tax expenditure", 1, "goes on", None, 80, 0.03, "Tax report"),
    ("Roads through reserves", "Transport", "Infrastructure", 0.15, "goes on", None, 700, 0.04, "Budget"),
)  # fmt: skip


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Programmes, their yearly amounts, prices and rates."""
    prices, listed, money = price_levels(), [], []
    for number, one in enumerate(_PROGRAMMES, start=1):
        name, sector, kind, share, reform, at, size, growth, inventory = one
        own = f"S-{number:02d}"
        listed.append((own, name, sector, kind, share, inventory, reform, "" if at is None else at))
        for year in YEARS[:-1]:
            if at is not None and year >= at and reform != "reformed":
                continue
            left = 0.4 if reform == "reformed" and year >= at else 1.0
            amount = left * size * (1 + growth) ** (year - 2010) * prices[year] / 100 * rng.lognormal(0, 0.1) * 1e6
            # A year of dear imports turns the support of a price into a hidden tax.
            sign = -0.3 if kind == "Market price support" and year == 2022 else 1.0
            money.append((own, year, f"{round(sign * amount, -4):.0f}", CURRENCY, "current"))
    columns = ["programme_id", "name", "sector", "support_type", "harmful_share", "inventory", "reform", "reform_year"]
    write_table(folder / "support_programmes.csv", pd.DataFrame(listed, columns=columns))
    columns = ["programme_id", "year", "amount", "currency", "price_basis"]
    write_table(folder / "support_amounts.csv", pd.DataFrame(money, columns=columns))
    write_money(folder)
