"""C.2 a second time: a list of deliveries, counted one by one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.second_opinions._money import rows


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    found: Counter[tuple[int, str, str, str]] = Counter()
    kinds: dict[int, Counter[str]] = {}
    for one in rows(folder / "non_monetary_benefits", "non_monetary_benefits"):
        for year in range(int(one["year"]), int(one["last_year"] or one["year"]) + 1):
            kinds.setdefault(year, Counter())[one["benefit_type"]] += 1
            for kind, part in (("", ""), ("Kind of benefit", one["benefit_type"]), ("Instrument", one["instrument"])):
                found[year, kind, part, "benefits"] += 1
            if one["indigenous_local"]:
                part = "Indigenous peoples and local communities"
                found[year, "Received by", part, "benefits"] += int(one["indigenous_local"] == "yes")
    numbers: dict[tuple[int, str, str, str], float] = {key: float(value) for key, value in found.items()}
    first = kinds[min(kinds)]
    for year, here in kinds.items():
        change = [100 * (here[kind] - before) / before for kind, before in first.items()]
        numbers[year, "Average change since the base year", "Kinds of benefit", "%"] = sum(change) / len(change)
    return numbers
