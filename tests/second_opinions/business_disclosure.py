"""15.1 a second time: sets of groups of companies, year by year."""

from __future__ import annotations

from pathlib import Path

from tests.second_opinions._money import rows

ALL = ("discloses_risks", "discloses_dependencies", "discloses_impacts")


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    own = folder / "business_disclosure"
    reports = rows(own, "company_disclosures")
    parents = {one["company_id"]: one["parent_id"] for one in reports}

    def head(company: str) -> str:
        return head(parents[company]) if parents.get(company) else company

    found: dict[tuple[int, str, str, str], float] = {}
    for year in sorted({int(one["year"]) for one in reports}):
        here = [one for one in reports if int(one["year"]) == year and one["kind"] != "smaller"]
        known = [one for one in here if one["kind"]]
        whole = {head(one["company_id"]) for one in known if all(one[name] == "yes" for name in ALL)}
        perhaps = {head(one["company_id"]) for one in here if all(one[name] == "yes" for name in ALL)}
        found[year, "", "", "companies"] = float(len(whole))
        found[year, "Range", "Companies of unknown kind do not count", "companies"] = float(len(whole))
        found[year, "Range", "Companies of unknown kind count", "companies"] = float(len(perhaps))
        for name in ALL:
            those = {head(one["company_id"]) for one in known if one[name] == "yes"}
            found[year, "Part", name.removeprefix("discloses_").capitalize(), "companies"] = float(len(those))
        for one in rows(own, "company_numbers"):
            if int(one["year"]) == year and not one["sector"]:
                found[year, "", "", "%"] = 100 * len(whole) / int(one["company_count"])
    return found
