"""The budget of Aruvia: accounts of 2010 to 2023, budgets since 2020, shares by department for the mixed ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.economy import CURRENCY, YEARS, gross_domestic_product, price_levels, write_money
from make_aruvia.made import Made
from make_aruvia.writing import write_table

#: Accounts are closed up to this year; the year after has a budget only.
CLOSED, FIRST_BUDGET = 2023, 2020


@dataclass(frozen=True)
class Programme:
    """A line of the budget: real spending in 2010 [million], real yearly growth, its share and category."""

    level: str
    ministry: str
    department: str
    name: str
    size: float
    growth: float
    share: float | None
    category: str
    cofog: str = ""
    abroad: bool = False
    transfer: bool = False
    since: int = 2010


PROGRAMMES = (
    Programme("central", "Environment", "Parks service", "Terrestrial parks", 820, 0.035, 1, "protected_areas", "05.4"),
    Programme("central", "Environment", "Parks service", "Marine parks", 240, 0.06, 1, "protected_areas", "05.4"),
    Programme("central", "Environment", "Parks service", "Coral reef project", 310, -0.01, 1, "restoration", "05.4",
              True),
    Programme("central", "Environment", "Nature secretariat", "Strategy and monitoring", 95, 0.03, 1,
              "planning_finance"),
    Programme("central", "Environment", "Nature secretariat", "Grants to communes", 130, 0.02, 1, "protected_areas", "",
              False, True),
    Programme("central", "Environment", "Pollution control", "Waste and waste water", 640, 0.04, None, "", "05.1"),
    Programme("central", "Forests", "Forest service", "Forest management", 560, 0.01, None, "", "04.2"),
    Programme("central", "Forests", "Forest service", "Replanting", 110, 0.08, 1, "restoration", "", since=2014),
    Programme("central", "Agriculture", "Extension service", "Agroforestry", 180, 0.03, None, "", "04.2"),
    Programme("central", "Agriculture", "Plant protection", "Invasive species", 75, 0.05, None, "", "04.2"),
    Programme("central", "Fisheries", "Coast guard", "Patrols", 290, 0.02, None, "", "04.2"),
    Programme("central", "Education", "National museum", "Collections and research", 88, 0.01, None, "", "08.2"),
    Programme("central", "Works", "Roads", "Wildlife crossings", 40, 0.0, None, "", "04.5", since=2019),
    Programme("local", "Communes", "Green spaces", "Communal reserves", 125, 0.02, 1, "protected_areas"),
)  # fmt: skip
SHARES = (
    ("Environment", "Pollution control", "", 0.15, "pollution", "Part that keeps rivers and reefs alive"),
    ("Forests", "", "", 0.35, "sustainable_use", "One of three aims of the forest law"),
    ("Agriculture", "Extension service", "Agroforestry", 0.4, "sustainable_use", "Review of 2021"),
    ("Agriculture", "Plant protection", "", 0.5, "biosafety", "Half of the cases are wild plants"),
    ("Fisheries", "Coast guard", "Patrols", 0.2, "sustainable_use", "Hours at sea in reserves"),
    ("Education", "National museum", "", 0.6, "awareness_knowledge", "Staff of the natural history wing"),
)  # fmt: skip
_PARTS = {"payroll": 0.62, "operations": 0.38}


def _lines(rng: np.random.Generator) -> pd.DataFrame:
    prices, rows = price_levels(), []
    for year in YEARS:
        for one in PROGRAMMES:
            real = one.size * (1 + one.growth) ** (year - 2010) * prices[year] / 100 * 1e6
            for part, share in _PARTS.items():
                plan = real * share * rng.uniform(0.98, 1.06)
                spent = plan * rng.uniform(0.88, 1.01)
                said = {
                    "original budget": plan if year >= FIRST_BUDGET else None,
                    "spent": spent if year <= CLOSED else None,
                }
                for stage, amount in said.items():
                    if amount is not None and year >= one.since:
                        rows.append(_row(one, year, part, stage, round(amount, -3)))
    return pd.DataFrame(rows)


def _row(one: Programme, year: int, part: str, stage: str, amount: float) -> dict[str, object]:
    return {
        "year": year, "level": one.level, "ministry": one.ministry, "department": one.department,
        "programme": one.name, "economic_type": part, "stage": stage, "amount": f"{amount:.0f}",
        "currency": CURRENCY, "price_basis": "current", "cofog": one.cofog,
        "attribution": "" if one.share is None else one.share, "biofin_category": one.category,
        "foreign_funded": "yes" if one.abroad else "no", "transfer": "yes" if one.transfer else "no",
    }  # fmt: skip


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Lines, shares, size of budget and economy, prices and rates."""
    write_table(folder / "public_expenditure.csv", _lines(rng))
    columns = ["ministry", "department", "programme", "attribution", "biofin_category", "reason"]
    write_table(folder / "spending_attributions.csv", pd.DataFrame(SHARES, columns=columns))
    product = gross_domestic_product()
    sizes = [(year, f"{0.235 * gdp:.0f}", f"{gdp:.0f}", CURRENCY, "current") for year, gdp in product.items()]
    columns = ["year", "total_expenditure", "gdp", "currency", "price_basis"]
    write_table(folder / "public_finance_totals.csv", pd.DataFrame(sizes, columns=columns))
    write_money(folder)
