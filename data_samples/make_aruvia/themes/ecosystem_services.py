"""What people in Aruvia take from nature: an account of eight services, some of them valued in money."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from make_aruvia.made import Made
from make_aruvia.writing import write_table

YEARS = (2015, 2018, 2020, 2022, 2023)
#: Service, class, unit, amount in 2015, yearly growth, price, suppliers with their shares, users with theirs.
_SERVICES = (
    ("Wild fish", "Provisioning", "t", 8400, -0.021, 1900,
     {"Coral reefs": 0.4, "Mangrove": 0.2, "Shelf": 0.4}, {"Households": 0.55, "Fishing": 0.3, "Exports": 0.15}),
    ("Wood", "Provisioning", "m3", 61000, 0.012, 74,
     {"Lowland rainforest": 0.7, "Montane rainforest": 0.3}, {"Forestry": 0.8, "Households": 0.2}),
    ("Water supply", "Provisioning", "million m3", 210, 0.008, None,
     {"Montane rainforest": 0.6, "Freshwater wetland": 0.4}, {"Households": 0.3, "Agriculture": 0.7}),
    ("Carbon retained", "Regulating", "1000 t C", 5200, -0.006, None,
     {"Lowland rainforest": 0.5, "Montane rainforest": 0.35, "Mangrove": 0.15}, {"Government": 1.0}),
    ("Nursery for fish", "Regulating", "million fry", 46, -0.018, None,
     {"Mangrove": 1.0}, {"Coral reefs": 0.35, "Fishing": 0.65}),
    ("Soil held back", "Regulating", "1000 t", 3900, -0.009, None,
     {"Montane rainforest": 0.6, "Savanna": 0.4}, {"Agriculture": 1.0}),
    ("Visits to nature", "Cultural", "1000 visits", 310, 0.034, 21000,
     {"Coral reefs": 0.5, "Montane rainforest": 0.5}, {"Households": 0.6, "Exports": 0.4}),
    ("Sacred groves kept", "Cultural", "groves", 48, -0.004, None,
     {"Lowland rainforest": 1.0}, {"Households": 1.0}),
)  # fmt: skip
_GET = {
    "Lowland rainforest": "T1.1", "Montane rainforest": "T1.3", "Savanna": "T4.2", "Mangrove": "MFT1.2",
    "Freshwater wetland": "TF1.4", "Coral reefs": "M1.3", "Shelf": "M1.7",
}  # fmt: skip


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Supply and use of each service; the two sides of a year add up to the same."""
    rows = []
    for name, kind, unit, amount, growth, price, suppliers, users in _SERVICES:
        for year in YEARS:
            total = round(amount * (1 + growth) ** (year - YEARS[0]) * rng.lognormal(0, 0.02), 1)
            about = {"year": year, "service": name, "service_class": kind, "unit": unit}
            for supplier, part in _split(total, suppliers):
                inside = {"indigenous_territory": "yes" if supplier == "Lowland rainforest" else "no"}
                where = {"side": "supply", "ecosystem_type": supplier, "get_code": _GET[supplier]} | inside
                rows.append(about | where | {"quantity": part} | _money(part, price))
            rows += [about | {"side": "use", "user": user, "quantity": part} for user, part in _split(total, users)]
    order = ["year", "service", "service_class", "side", "ecosystem_type", "get_code", "indigenous_territory", "user"]
    columns = [*order, "quantity", "unit", "value", "currency", "price_basis", "base_year"]
    table = pd.DataFrame(rows, columns=columns).astype({"base_year": "Int64", "value": "Int64"})
    write_table(folder / "ecosystem_service_flows.csv", table)


def _money(quantity: float, price: float | None) -> dict[str, object]:
    if price is None:
        return {}
    return {"value": round(quantity * price), "currency": "USD", "price_basis": "constant", "base_year": 2020}


def _split(total: float, shares: dict[str, float]) -> list[tuple[str, float]]:
    """Parts with one decimal that add up to the total."""
    *most, last = shares
    parts = {name: round(total * shares[name], 1) for name in most}
    return [*parts.items(), (last, round(total - sum(parts.values()), 1))]
