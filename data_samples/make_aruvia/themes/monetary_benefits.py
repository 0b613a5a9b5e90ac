"""What came in for Aruvia's genetic resources: a few contracts since 2013, royalties since 2018."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.economy import dollar_prices, write_prices
from make_aruvia.made import Made
from make_aruvia.writing import write_table

#: Agreement, instrument, kind, beneficiary, first and last year, usual size [USD], part of peoples and communities.
_AGREEMENTS = (
    ("MAT-003", "Nagoya Protocol", "Access fee", "Competent authority", 2013, 2023, 1_800, 0.0),
    ("MAT-007", "Nagoya Protocol", "Royalty", "National trust fund", 2018, 2023, 26_000, 0.4),
    ("MAT-011", "Nagoya Protocol", "Milestone payment", "Hill communities", 2016, 2020, 12_000, 1.0),
    ("MAT-015", "Nagoya Protocol", "Research funding", "National university", 2019, 2023, 9_000, None),
    ("SMTA-2", "Plant Treaty", "Licence fee", "Gene bank", 2014, 2023, 5_500, 0.0),
    ("CF-1", "Cali Fund", "Multilateral payment", "State", 2023, 2023, 15_000, 0.5),
)  # fmt: skip


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Receipts, one promise, and prices."""
    rows = []
    for agreement, instrument, kind, beneficiary, first, last, size, share in _AGREEMENTS:
        for year in range(first, last + 1):
            rows.append({
                "receipt_id": f"R-{year}-{len(rows) + 1:03d}", "agreement_id": agreement, "instrument": instrument,
                "year": year, "amount": f"{round(size * rng.lognormal(0, 0.35), -2):.0f}", "currency": "USD",
                "price_basis": "current", "benefit_type": kind, "beneficiary": beneficiary,
                "indigenous_local_share": "" if share is None else share, "payment_status": "received",
            })  # fmt: skip
    rows.append(rows[-1] | {"receipt_id": "R-2023-DUE", "amount": "120000", "payment_status": "promised"})
    write_table(folder / "monetary_benefits.csv", pd.DataFrame(rows))
    write_prices(folder, {"USD": dollar_prices()})
