"""D.3 a second time: one pass over the payments, one dictionary."""

from __future__ import annotations

from pathlib import Path

from tests.second_opinions._money import Money, add, rows

NAMED = (
    "International philanthropy",
    "Mobilised by bilateral finance",
    "Mobilised by multilateral finance",
    "Biodiversity offsets",
    "Payments for ecosystem services",
    "Domestic donations",
    "Private benefit-sharing",
)


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    own = folder / "private_funding"
    money = Money(own)
    table = rows(own, "private_finance_flows")
    years = {int(one["year"]) for one in table}
    base = max((year for year in years if ("USD", year) in money.levels), default=0)
    found: dict[tuple[int, str, str, str], float] = {}
    for one in table:
        year, amount, currency, share = (
            int(one["year"]),
            float(one["amount"]),
            one["currency"],
            one["biodiversity_share"],
        )
        paid = amount if currency == "USD" else amount / money.rates[currency, year]
        ways = {"USD": paid}
        if base:
            real = amount * money.levels[currency, base] / money.levels[currency, year]
            ways[f"USD, prices of {base}"] = real if currency == "USD" else real / money.rates[currency, base]
        add(found, (year, "Range", "Payments without a share count whole"), {"USD": paid * float(share or 1)})
        if share:
            ways = {unit: value * float(share) for unit, value in ways.items()}
            add(found, (year, "", ""), ways)
            for kind, part in (
                ("Funding source", one["instrument"] if one["instrument"] in NAMED else "Other instruments"),
                ("Instrument", one["instrument"]),
                ("Origin", one["origin"]),
                ("Range", "Payments without a share count nothing"),
            ):
                add(found, (year, kind, part), {"USD": ways["USD"]})
    if all(one["biodiversity_share"] for one in table):
        found = {key: value for key, value in found.items() if key[1] != "Range"}
    return found
