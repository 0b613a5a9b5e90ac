"""Benefits other than money that Aruvia received for its genetic resources, 2012 to 2023."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

KINDS = {
    "Sharing of results": 1.5, "Joint research": 1.2, "Joint publication": 2.2, "Education and training": 2.0,
    "Technology transfer": 0.6, "Capacity building": 1.0, "Admittance to collections": 0.5,
}  # fmt: skip
_TAKERS = (("National university", "no"), ("National museum", "no"), ("Hill communities", "yes"), ("Gene bank", ""))


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """One row for each benefit; joint research runs for two years."""
    rows = []
    for year in range(2012, 2024):
        for kind, usual in KINDS.items():
            for _ in range(int(rng.poisson(usual * 1.06 ** (year - 2012)))):
                taker, theirs = _TAKERS[int(rng.choice(4, p=[0.4, 0.25, 0.25, 0.1]))]
                by_treaty = taker == "Gene bank"
                rows.append({
                    "benefit_id": f"B-{len(rows) + 1:03d}",
                    "agreement_id": "SMTA-2" if by_treaty else f"MAT-{int(rng.integers(1, 16)):03d}",
                    "instrument": "Plant Treaty" if by_treaty else "Nagoya Protocol", "year": year,
                    "last_year": min(year + 1, 2023) if kind == "Joint research" else "", "benefit_type": kind,
                    "beneficiary": taker, "indigenous_local": theirs,
                })  # fmt: skip
    write_table(folder / "non_monetary_benefits.csv", pd.DataFrame(rows))
