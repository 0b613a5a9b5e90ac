"""10.1 a second time: holding by holding, rule by rule, with plain conditions."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

_SENT = "document with name or right to sell or bequeath"
_NAMES = (
    "Output per hectare", "Net farm income", "Risk mitigation", "Soil degradation", "Water availability",
    "Fertiliser management", "Pesticide management", "Biodiversity practices", "Pay of workers", "Food insecurity",
    "Land tenure",
)  # fmt: skip


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Shares of complete parts, and levels that no missing rating could change; drawn donors have no second opinion."""
    years = defaultdict(list)
    with (folder / "sustainable_agriculture" / "farm_holdings.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            years[int(row["year"])].append(row)
    found: dict[tuple[int, str, str, str], float] = {}
    for year, rows in years.items():
        best = _references(rows)
        rated = [(row, _rated(row, best)) for row in rows]
        for part, name in enumerate(_NAMES):
            if all(colours[part] for _, colours in rated):
                green, yellow, red = _percent(rated, part)
                found[year, "Part: desirable", name, "%"] = green
                found[year, "Part: acceptable", name, "%"] = yellow
                found[year, "Part: unsustainable", name, "%"] = red
        found |= _levels(year, rated)
        for kind, column in (("Sector", "sector"), ("Production system", "production_system"), ("Region", "region")):
            for name in {row[column] for row in rows}:
                some = [(row, colours) for row, colours in rated if row[column] == name]
                if (level := 100 - _worst(some)) == level:
                    found[year, kind, name, "%"] = level
    return found


def _levels(year: int, rated: list) -> dict[tuple[int, str, str, str], float]:
    worst = _worst(rated)
    assert worst == worst, "a missing rating could change the level"
    found = {(year, "Level", "Unsustainable", "%"): worst}
    found[year, "", "", "%"] = found[year, "Level", "At least acceptable", "%"] = 100 - worst
    turned = [(row, [{"Y": "R", "R": "R", "G": "G", "": ""}[one] for one in colours]) for row, colours in rated]
    found[year, "Level", "Desirable", "%"] = 100 - _worst(turned)
    return found


def _worst(rated: list) -> float:
    """The largest red share of any part; not a number where a part with missing ratings could have a larger one."""
    complete = [part for part in range(11) if all(colours[part] for _, colours in rated)]
    worst = max(_percent(rated, part)[2] for part in complete)
    darkest = [(row, [one or "R" for one in colours]) for row, colours in rated]
    return worst if worst >= max(_percent(darkest, part)[2] for part in range(11)) else float("nan")


def _percent(rated: list, part: int) -> tuple[float, float, float]:
    sums = dict.fromkeys("GYR", 0.0)
    for row, colours in rated:
        sums[colours[part]] += float(row["weight"]) * float(row["agricultural_area_ha"])
    whole = sum(sums.values())
    return 100 * sums["G"] / whole, 100 * sums["Y"] / whole, 100 * sums["R"] / whole


def _references(rows: list) -> dict[str, float]:
    """Output per hectare that nine tenths of the holdings of each system, by weight, do not exceed."""
    found = {}
    for system in {row["production_system"] for row in rows}:
        of_it = [row for row in rows if row["production_system"] == system and row["output_value"]]
        pairs = sorted((float(r["output_value"]) / float(r["agricultural_area_ha"]), float(r["weight"])) for r in of_it)
        whole, reached = sum(weight for _, weight in pairs), 0.0
        for each, weight in pairs:
            reached += weight
            if reached >= 0.9 * whole - 1e-9:
                found[system] = each
                break
    return found


def _rated(row: dict, best: dict[str, float]) -> list[str]:
    area = float(row["agricultural_area_ha"])
    return [
        _output(row, area, best), _income(row), _risk(row), _soil(row, area), _water(row, area), _fertiliser(row),
        _pesticides(row), _diversity(row), _pay(row), _food(row), _tenure(row),
    ]  # fmt: skip


def _output(row: dict, area: float, best: dict[str, float]) -> str:
    if not row["output_value"]:
        return ""
    part = float(row["output_value"]) / area / best[row["production_system"]]
    return "G" if part > 2 / 3 - 1e-9 else "Y" if part > 1 / 3 - 1e-9 else "R"


def _income(row: dict) -> str:
    return {"": "", "3": "G", "2": "Y", "1": "Y", "0": "R"}[row["profitable_years"].removesuffix(".0")]


def _risk(row: dict) -> str:
    sure = (row["has_credit"] == "yes") + (row["has_insurance"] == "yes")
    if not row["largest_product_share"]:
        return "G" if sure == 2 else ""
    return "RYGG"[sure + (float(row["largest_product_share"]) <= 0.66)]


def _soil(row: dict, area: float) -> str:
    if not row["degraded_soil_ha"]:
        return ""
    percent = round(100 * float(row["degraded_soil_ha"]) / area, 9)
    return "G" if percent < 10 else "R" if percent > 50 else "Y"


def _water(row: dict, area: float) -> str:
    if round(100 * float(row["irrigated_area_ha"]) / area, 9) < 10 or row["water_availability"] == "stable":
        return "G"
    return "Y" if row["water_body_effective"] == "yes" else "R"


def _fertiliser(row: dict) -> str:
    if row["uses_fertiliser"] == "no":
        return "G"
    return "RRYYGGGGG"[int(float(row["fertiliser_measures"]))]


def _pesticides(row: dict) -> str:
    if row["uses_pesticides"] == "no":
        return "G"
    if row["uses_hazardous_pesticides"] == "yes":
        return "R"
    health, nature = float(row["pesticide_health_measures"]), float(row["pesticide_environment_measures"])
    if health == 3 and nature >= 4:
        return "G"
    return "Y" if health >= 2 and nature >= 2 else "R"


def _diversity(row: dict) -> str:
    return "RYYGGGG"[int(row["biodiversity_criteria"])]


def _pay(row: dict) -> str:
    return {"above": "G", "no hired labour": "G", "equal": "Y", "below": "R"}[row["unskilled_pay"]]


def _food(row: dict) -> str:
    if row["sector"] == "non-household":
        return "G"
    return {"": "", "mild or none": "G", "moderate": "Y", "severe": "R"}[row["food_insecurity"]]


def _tenure(row: dict) -> str:
    return {"": "", _SENT: "G", "document without name": "Y", "none": "R"}[row["tenure"]]
