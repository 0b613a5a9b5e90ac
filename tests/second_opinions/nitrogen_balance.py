"""Nitrogen balance worked out year by year and place by place, each sum taken anew from the rows."""

from __future__ import annotations

import csv
from pathlib import Path

IN = (
    "mineral fertiliser", "manure production", "manure stock change", "manure imports", "other organic fertiliser",
    "biological fixation", "atmospheric deposition", "seed and planting material",
)  # fmt: skip
GONE = "manure withdrawals"
OUT = ("crop harvest", "fodder harvest and grazing", "crop residues removed")
#: The sample country has all flows by province and land type; the worked example has national ones and leaves some out.
KINDS = {"province": ("Province", "by province"), "land_type": ("Land type", "by land type")}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def flows_of(folder: Path) -> list[dict]:
    """Rows with tonnes of nitrogen, given or from quantities."""
    if (folder / "nitrogen_flows.csv").exists():
        return [{**row, "t": float(row["nitrogen_t"])} for row in rows_of(folder / "nitrogen_flows.csv")]
    own = {
        (one["flow"], one["item"]): float(one["kg_n_per_unit"]) for one in rows_of(folder / "nitrogen_coefficients.csv")
    }
    rows = rows_of(folder / "nitrogen_quantities.csv")
    return [{**row, "t": float(row["quantity"]) * own[row["flow"], row["item"]] / 1000} for row in rows]


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Balances, efficiencies and sums of the country and of its parts."""
    flows = flows_of(folder / "nitrogen_balance")
    areas = rows_of(folder / "nitrogen_balance" / "agricultural_areas.csv")
    found: dict[tuple[int, str, str, str], float] = {}
    for year in sorted({row["year"] for row in flows}):
        own = [row for row in flows if row["year"] == year]
        land = [row for row in areas if row["year"] == year]
        add(found, int(year), "", "", "Nitrogen use efficiency", own, land)
        for column, (kind, by) in KINDS.items():
            # Only a place that has every flow has a balance.
            parts = {row[column] for row in own if row[column]}
            for part in sorted(parts):
                here = [row for row in own if row[column] == part]
                if {row["flow"] for row in here} == {*IN, GONE, *OUT}:
                    named = part if column == "province" else part.capitalize()
                    hectares = [row for row in land if row[column] == part]
                    add(found, int(year), kind, named, f"Nitrogen use efficiency {by}", here, hectares)
        for flow in {row["flow"] for row in own}:
            found[int(year), "Flow", flow.capitalize(), "t N"] = sum(row["t"] for row in own if row["flow"] == flow)
    return found


def add(found: dict, year: int, kind: str, part: str, efficiency: str, flows: list[dict], land: list[dict]) -> None:
    """The numbers of one place."""
    inputs = sum(row["t"] for row in flows if row["flow"] in IN)
    inputs -= sum(row["t"] for row in flows if row["flow"] == GONE)
    outputs = sum(row["t"] for row in flows if row["flow"] in OUT)
    found[year, kind, part, "t N"] = inputs - outputs
    found[year, kind, part, "kg N/ha"] = (inputs - outputs) * 1000 / sum(float(row["area_ha"]) for row in land)
    found[year, efficiency, part, "%"] = 100 * outputs / inputs
    if not kind:
        found[year, "Inputs and outputs", "Inputs", "t N"] = inputs
        found[year, "Inputs and outputs", "Outputs", "t N"] = outputs
