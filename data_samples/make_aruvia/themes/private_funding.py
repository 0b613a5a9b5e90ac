"""Private money for nature in Aruvia: payments since 2012, some sources counted only lately, one share not known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.economy import CURRENCY, dollar_prices, dollars, price_levels, write_money, write_prices
from make_aruvia.made import Made
from make_aruvia.writing import write_table

#: Source, origin, payer, recipient, real size in 2020 [million], first year counted, yearly growth, share.
_SOURCES = (
    ("International philanthropy", "international", "Blue Horizon Foundation", "Reef Trust", 210, 2012, 0.04, 1.0),
    ("International philanthropy", "international", "Old Forest Fund", "Friends of the Hills", 120, 2015, 0.02, 1.0),
    ("Biodiversity offsets", "domestic", "Port authority", "Wetland Trust", 95, 2016, 0.05, 1.0),
    ("Payments for ecosystem services", "domestic", "Water company", "Upland communes", 60, 2014, 0.06, 0.5),
    ("Domestic donations", "domestic", "Members", "Friends of the Hills", 25, 2012, 0.03, 1.0),
    ("Mobilised by bilateral finance", "international", "Coffee growers", "Shade Coffee Project", 80, 2018, 0.03, 0.4),
    ("Bonds", "international", "Holders of the blue bond", "Ministry of Finance", 700, 2021, 0.0, 0.2),
    ("Sustainable commodities", "international", "Spice importers", "Growers’ union", 45, 2019, 0.08, None),
)  # fmt: skip
LAST = 2023


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Payments, prices and rates."""
    prices, rows = price_levels(), []
    for source, origin, payer, recipient, size, first, growth, share in _SOURCES:
        for year in range(first, LAST + 1):
            amount = size * (1 + growth) ** (year - 2020) * prices[year] / 100 * rng.lognormal(0, 0.18) * 1e6
            rows.append({
                "transaction_id": f"P-{year}-{len(rows) + 1:03d}", "instrument": source, "origin": origin,
                "payer": payer, "recipient": recipient, "year": year, "amount": f"{round(amount, -3):.0f}",
                "currency": CURRENCY, "price_basis": "current", "biodiversity_share": "" if share is None else share,
            })  # fmt: skip
    refund = {"transaction_id": "P-2022-REFUND", "amount": "-4000000", "year": 2022}
    rows.append(next(row for row in rows if row["payer"] == "Port authority" and row["year"] == 2022) | refund)
    # One foundation pays in dollars in one year.
    gift = next(row for row in rows if row["payer"] == "Old Forest Fund" and row["year"] == 2019)
    gift |= {"amount": f"{float(gift['amount']) / dollars()[2019]:.0f}", "currency": "USD"}
    write_table(folder / "private_finance_flows.csv", pd.DataFrame(rows))
    write_money(folder)
    write_prices(folder, {CURRENCY: price_levels(), "USD": dollar_prices()})
