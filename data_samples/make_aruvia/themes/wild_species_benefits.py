"""What people of Aruvia have from wild species, by use, users and province; some of it never looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

_YEARS = (2018, 2019, 2020, 2021, 2022, 2023)
#: Use, species, unit, yearly quantity of a province, price, part kept, people per unit, whether it is sustainable.
_USES = (
    ("fishing", "Coastal reef fishes", "t", 180.0, 2100.0, 0.35, 1.1, "yes"),
    ("fishing", "River prawns", "t", 22.0, 5200.0, 0.2, 2.0, "unknown"),
    ("gathering", "Forest honey", "kg", 2400.0, 9.0, 0.5, 0.06, "yes"),
    ("gathering", "Wild yams", "t", 65.0, 340.0, 0.85, 3.5, "yes"),
    ("hunting", "Forest pigs", "individuals", 310.0, 60.0, 0.8, 0.5, "unknown"),
    ("logging", "Ironwood", "m3", 900.0, 140.0, 0.05, 0.1, "no"),
    ("non-extractive", "Cloud forest birds", "visits", 4200.0, 18.0, 0.0, 0.02, "yes"),
)
_USERS = {"indigenous peoples and local communities": 0.4, "others": 0.6}
#: Year in which travel stopped.
_STILL = 2020


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """The uses, and the price index that takes inflation out of their values."""
    rows = []
    for year in _YEARS:
        for province in made.outline.provinces:
            for use, species, unit, much, price, kept, hands, sustainable in _USES:
                level = (
                    much * float(rng.lognormal(0.0, 0.35)) * (0.3 if year == _STILL and use == "non-extractive" else 1)
                )
                for users, part in _USERS.items():
                    quantity = round(level * part, 1)
                    own = round(quantity * kept * (1.3 if users != "others" else 0.8), 1)
                    rows.append({
                        "year": year, "use_type": use, "species": species, "user_group": users, "region": province,
                        "quantity": quantity, "quantity_unit": unit, "quantity_own_use": min(own, quantity),
                        "price_per_unit": round(price * 1.04 ** (year - 2018), 2), "currency": "USD",
                        "people_engaged": round(quantity * hands) if rng.random() > 0.03 else "",
                        "sustainable": sustainable, "value_status": "estimated" if use == "hunting" else "measured",
                    })  # fmt: skip
    write_table(folder / "wild_species_uses.csv", pd.DataFrame(rows))
    index = {year: round(100 * 1.035 ** (year - 2020), 1) for year in _YEARS}
    prices = [("USD", year, level, 2020, "Invented statistics office") for year, level in index.items()]
    names = ["currency", "year", "price_index", "base_year", "source"]
    write_table(folder / "deflators.csv", pd.DataFrame(prices, columns=names))
