"""18.1 a second time: each instrument asked in each year whether it is in force."""

from __future__ import annotations

from pathlib import Path

from tests.second_opinions._money import add, rows

#: The sample country reports for this year; a folder without a reporting year ends with its data.
REPORTING = 2024


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    own = folder / "positive_incentives"
    listed, money = rows(own, "incentive_instruments"), rows(own, "incentive_revenues")
    first = min(int(one["introduced"]) for one in listed)
    ends = [int(one[name]) for one in listed for name in ("introduced", "ended") if one[name]]
    last = max([*ends, *(int(one["year"]) for one in money)])
    if "reporting_year" in (folder / "country.yml").read_text(encoding="utf-8"):
        last = REPORTING
    found: dict[tuple[int, str, str, str], float] = {}
    kinds = {one["instrument_id"]: one["instrument_type"] for one in listed}
    for year in range(first, last + 1):
        found[year, "", "", "instruments"] = 0.0
        for one in listed:
            there = int(one["introduced"]) <= year and (not one["ended"] or int(one["ended"]) > year)
            add(found, (year, "", ""), {"instruments": float(there)})
            add(found, (year, "Kind of incentive", one["instrument_type"]), {"instruments": float(there)})
    for one in money:
        year, amount = int(one["year"]), {one["currency"]: float(one["amount"])}
        add(found, (year, "Money", "All instruments with figures"), amount)
        add(found, (year, "Money by kind of incentive", kinds[one["instrument_id"]]), amount)
        if one["earmarked_share"]:
            aside = float(one["amount"]) * float(one["earmarked_share"])
            add(found, (year, "Money", "Set aside for biodiversity"), {one["currency"]: aside})
    return found
