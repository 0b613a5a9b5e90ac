"""Taxes, fees and payments in Aruvia that favour biodiversity, and what they raise where that is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.economy import CURRENCY, YEARS, price_levels, write_money
from make_aruvia.made import Made
from make_aruvia.writing import write_table

#: Name, kind, introduced, ended, purpose, law, size [million, 2020], set aside, first year with figures.
_INSTRUMENTS = (
    ("Entrance fee of the parks", "Fee or charge", 1994, None, "Pays for the upkeep of the parks",
     "Parks Act", 180, 1, 2010),
    ("Hunting licence", "Fee or charge", 1987, None, "Keeps the harvest small", "Game Act", 14, 0.5, 2012),
    ("Mooring fee on reefs", "Fee or charge", 2008, None, "Pays for buoys that spare corals", "Ports Act", 36, 1, 2011),
    ("Timber royalty", "Tax", 2001, None, "Raises the price of felled wood", "Forest Act", 240, 0.1, 2010),
    ("Tax on pesticides", "Tax", 2017, None, "Makes pesticides dearer", "Finance Act 2017", 65, 0, 2018),
    ("Tax on plastic bags", "Tax", 2012, 2021, "Replaced by a ban", "Finance Act 2012", 22, 0, 2013),
    ("Grants for hedges", "Subsidy", 2015, None, "Pays for hedges and field margins", "Farm Act", 48, 1, 2016),
    ("Quotas for spiny lobster", "Tradable permit", 2011, None, "Caps the catch", "Fisheries Act", None, None, None),
    ("Payments for forest springs", "Payment for ecosystem services", 2014, None, "Keeps forest above springs",
     "Water Act", 60, 1, 2014),
    ("Payments for turtle beaches", "Payment for ecosystem services", 2020, None, "Rewards nests that hatch",
     "Decree 8", None, None, None),
    ("Wetland offsets", "Offset", 2016, None, "Makes up for lost wetlands", "Planning Act", 95, 1, 2017),
)  # fmt: skip


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Instruments, their money, prices and rates."""
    prices, listed, money = price_levels(), [], []
    for number, one in enumerate(_INSTRUMENTS, start=1):
        name, kind, introduced, ended, purpose, law, size, aside, first = one
        own = f"XAR-{number:02d}"
        listed.append((own, name, kind, introduced, "" if ended is None else ended, purpose, law))
        for year in YEARS[:-1]:
            if size is not None and first <= year and (ended is None or year <= ended):
                amount = size * prices[year] / 100 * rng.lognormal(0.02 * (year - 2020), 0.08) * 1e6
                money.append((own, year, f"{round(amount, -4):.0f}", CURRENCY, "current", aside))
    columns = ["instrument_id", "name", "instrument_type", "introduced", "ended", "purpose", "legal_basis"]
    write_table(folder / "incentive_instruments.csv", pd.DataFrame(listed, columns=columns))
    columns = ["instrument_id", "year", "amount", "currency", "price_basis", "earmarked_share"]
    write_table(folder / "incentive_revenues.csv", pd.DataFrame(money, columns=columns))
    write_money(folder)
