"""D.1 a second time: one pass over the activities, one dictionary."""

from __future__ import annotations

from pathlib import Path

from tests.second_opinions._money import Money, add, rows

FLOWS = {"11", "13", "14", "19", "60"}
WAYS = {"A02", "B01", "B03", "B031", "B032", "B033", "B04", "C01", "D01", "D02", "E01"}


def _significant(table: list[dict[str, str]], provider: str, year: int) -> float:
    best, share = -1, 0.4
    for row in table:
        since = int(row.get("first_year") or 0)
        if row["provider"] == provider and best < since <= year:
            best, share = since, float(row["significant_share"])
    return share


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    own = folder / "international_public_funding"
    table, money = rows(own, "provider_coefficients"), Money(own)
    kept = [one for one in rows(own, "development_finance")
            if one["flow_code"] in FLOWS and one["modality"] in WAYS and one["disbursement"]]  # fmt: skip
    base = money.newest("USD", {int(one["year"]) for one in kept})
    found: dict[tuple[int, str, str, str], float] = {}
    screened: dict[int, float] = {}
    whole: dict[int, float] = {}
    for one in kept:
        year, amount, marker = int(one["year"]), float(one["disbursement"]), one["biodiversity_marker"]
        if marker == "" and one["purpose_code"] == "41030":
            marker = "2"
        weight = {"2": 1.0, "1": _significant(table, one["provider"], year)}.get(marker, 0.0)
        whole[year] = whole.get(year, 0.0) + abs(amount)
        screened[year] = screened.get(year, 0.0) + (abs(amount) if marker else 0.0)
        if marker:
            add(found, (year, "", ""), money.ways(amount * weight, year, "USD", base))
        most = amount * (weight if marker else 1.0)
        add(found, (year, "Range", "Activities not screened count whole"), {"USD": most})
        if marker in ("1", "2"):
            name = {"2": "Principal objective", "1": "Significant objective"}[marker]
            for way, factor in (("Weighted", weight), ("Unweighted", 1.0)):
                add(found, (year, f"{way} by objective", name), {"USD": amount * factor})
                add(found, (year, "Both objectives", way), {"USD": amount * factor})
            add(found, (year, "Provider", one["provider"]), {"USD": amount * weight})
            add(found, (year, "Recipient", one["recipient"]), {"USD": amount * weight})
    for year, size in whole.items():
        found[year, "Screened for biodiversity", "Share of the money", "%"] = 100 * screened[year] / size
    for one in rows(own, "multilateral_contributions"):
        imputed = float(one["amount"]) * float(one["biodiversity_share"])
        add(found, (int(one["year"]), "Imputed from core contributions", "All agencies"), {"USD": imputed})
    return found
