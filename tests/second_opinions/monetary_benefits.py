"""C.1 a second time: one pass over the receipts, one dictionary."""

from __future__ import annotations

from pathlib import Path

from tests.second_opinions._money import Money, add, rows


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    own = folder / "monetary_benefits"
    money = Money(own)
    table = [one for one in rows(own, "monetary_benefits") if one["payment_status"] != "promised"]
    base = money.newest("USD", {int(one["year"]) for one in table})
    found: dict[tuple[int, str, str, str], float] = {}
    theirs: dict[int, list[float]] = {}
    for one in table:
        year, amount = int(one["year"]), float(one["amount"])
        add(found, (year, "", ""), money.ways(amount, year, "USD", base))
        add(found, (year, "Instrument", one["instrument"]), {"USD": amount})
        add(found, (year, "Kind of benefit", one["benefit_type"]), {"USD": amount})
        if one["indigenous_local_share"]:
            theirs.setdefault(year, []).append(amount * float(one["indigenous_local_share"]))
    for year, parts in theirs.items():
        found[year, "Received by", "Indigenous peoples and local communities", "USD"] = sum(parts)
    return found
