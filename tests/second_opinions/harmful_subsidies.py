"""18.2 a second time: each programme followed through its years."""

from __future__ import annotations

from pathlib import Path

from tests.second_opinions._money import Money, add, rows


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    own = folder / "harmful_subsidies"
    money, table = Money(own), rows(own, "support_amounts")
    base = money.newest("XAF", {int(one["year"]) for one in table})
    found: dict[tuple[int, str, str, str], float] = {}
    for programme in rows(own, "support_programmes"):
        mine = {int(o["year"]): float(o["amount"]) for o in table if o["programme_id"] == programme["programme_id"]}
        for year, amount in mine.items():
            harm = amount * float(programme["harmful_share"])
            if amount < 0 and programme["support_type"] == "Market price support":
                add(found, (year, "Apart", "Hidden taxes, negative"), {"XAF": harm})
                continue
            add(found, (year, "", ""), money.ways(harm, year, "XAF", base))
            add(found, (year, "Sector", programme["sector"]), {"XAF": harm})
            add(found, (year, "Kind of support", programme["support_type"]), {"XAF": harm})
        if programme["reform_year"]:
            at = int(programme["reform_year"])
            before = mine[max(year for year in mine if year < at)] * float(programme["harmful_share"])
            add(
                found, (at, "Ended or reformed, by its worth before", programme["reform"].capitalize()), {"XAF": before}
            )
    unit = f"XAF, prices of {base}"
    years = sorted(key[0] for key in found if key[1:] == ("", "", unit))
    for year in years[1:]:
        fell = found[years[0], "", "", unit] - found[year, "", "", unit]
        found[year, "Reduction since the first year", "", unit] = fell
    return found
