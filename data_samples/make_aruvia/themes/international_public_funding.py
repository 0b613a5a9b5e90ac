"""Aid that Aruvia received from 2010 to 2023, as providers report it: markers, refunds and what nobody screened."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.economy import dollar_prices, write_prices
from make_aruvia.made import Made
from make_aruvia.writing import write_table

YEARS = range(2010, 2024)
#: Invented providers: activities a year, usual size [USD], own share of significant activities.
PROVIDERS = (
    ("Northmark", 5, 900_000, 0.4), ("Westria", 4, 650_000, 1.0), ("Isles of Orr", 3, 400_000, 0.3),
    ("Great Plains Union", 3, 1_100_000, None),
)  # fmt: skip
#: Purposes with the chances of the markers 2, 1 and 0.
PURPOSES = {
    "41030": (0.9, 0.1, 0.0), "31220": (0.2, 0.5, 0.3), "31320": (0.1, 0.5, 0.4), "14030": (0.0, 0.15, 0.85),
    "31120": (0.05, 0.35, 0.6), "11220": (0.0, 0.0, 1.0), "21020": (0.0, 0.05, 0.95),
}  # fmt: skip
_CHANCES = (0.14, 0.14, 0.12, 0.16, 0.18, 0.14, 0.12)


def _activity(rng: np.random.Generator, number: int, year: int, provider: str, size: float) -> dict[str, object]:
    purpose = str(rng.choice(list(PURPOSES), p=_CHANCES))
    marker = str(rng.choice(["2", "1", "0"], p=PURPOSES[purpose]))
    # Fewer and fewer activities stay unscreened.
    if rng.random() < 0.22 - 0.013 * (year - 2010):
        marker = ""
    paid = round(size * 1.03 ** (year - 2010) * rng.lognormal(-0.3, 0.7), -3)
    if number % 41 == 0:
        paid = -round(0.05 * paid, -3)
    flow = str(rng.choice(["11", "13", "14"], p=[0.78, 0.15, 0.07]))
    return {
        "activity_id": f"{year}{number:05d}", "provider": provider, "recipient": "Aruvia", "year": year,
        "flow_code": flow, "modality": str(rng.choice(["C01", "D02", "B03"], p=[0.7, 0.2, 0.1])),
        "purpose_code": purpose, "biodiversity_marker": marker, "commitment": f"{abs(paid) * 1.2:.0f}",
        "disbursement": f"{paid:.0f}", "currency": "USD", "price_basis": "current",
    }  # fmt: skip


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Activities, shares of the providers and prices in dollars."""
    rows: list[dict[str, object]] = []
    for year in YEARS:
        for provider, several, size, _ in PROVIDERS:
            rows += [_activity(rng, len(rows) + at + 1, year, provider, size) for at in range(several)]
        # Budget support has no purpose of its own and is no funding of biodiversity.
        rows.append(_activity(rng, len(rows) + 1, year, "Northmark", 5_000_000) | {"modality": "A01"})
    write_table(folder / "development_finance.csv", pd.DataFrame(rows))
    shares = [(name, share, "Report of the provider") for name, _, _, share in PROVIDERS if share is not None]
    table = pd.DataFrame(shares, columns=["provider", "significant_share", "source"])
    write_table(folder / "provider_coefficients.csv", table)
    write_prices(folder, {"USD": dollar_prices()})
