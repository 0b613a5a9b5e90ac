"""A.2 beside cross tables of the R package raster and the change components of diffeR, cell by cell."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gbf_workbench.methods.accounts import change_components
from gbf_workbench.results import Result
from tests.peers import extent_folder
from tests.verification import Compared, computed

PEER = "the R packages raster (crosstab) and diffeR (diffTablej), on land use of Plum Island in 1985, 1991 and 1999"
NAMES = {"1": "Forest", "2": "Built", "3": "Other"}
DRAWN = "the peer counts cells as drawn on the map plane; on the ellipsoid they differ by up to 0.003 %"
PARTS = {"Omission": "gain", "Agreement": "persistence", "Comission": "loss"} | {
    name: name.lower() for name in ("Quantity", "Exchange", "Shift")
}


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every cell of both change matrices as a count, as drawn and on the ellipsoid, and all parts of the change."""
    found = []
    for pixel_area, tolerance, why in (("grid", 1e-9, ""), ("ellipsoid", 3e-5, DRAWN)):
        result = computed("A.2", extent_folder(verify, folder / pixel_area, pixel_area=pixel_area))
        for closing in (1991, 1999):
            path = verify / "A.2" / f"expected_crosstab_pie_1985_{closing}.csv"
            found += _matrix(path, result, closing, pixel_area, tolerance, why)
    return found + list(_components(verify / "A.2" / "expected_differ_diffTablej_pie_1985_1999.csv", result))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _changes(result: Result, closing: int) -> dict[str, dict[str, float]]:
    data = result.data[result.data["disaggregation_type"] == f"Change, 1985–{closing}"]
    return {row["disaggregation"]: row for row in data.to_dict("records")}


def _matrix(
    path: Path, result: Result, closing: int, pixel_area: str, tolerance: float, why: str
) -> Iterator[Compared]:
    ours = _changes(result, closing)
    for row in _rows(path):
        pair = f"{NAMES[row['from_1985']]} → {NAMES[row[f'to_{closing}']]}"
        mine, said = ours.pop(pair), f"1985–{closing}, {pair}"
        yield Compared(f"{said}, {pixel_area} [km²]", mine["value"], float(row["area_km2"]), tolerance, why)
        if pixel_area == "grid":
            yield Compared(f"{said} [cells]", mine["n"], float(row["cells"]), 0)
    # What the peer does not list does not occur.
    for pair, row in ours.items():
        yield Compared(f"1985–{closing}, {pair}, {pixel_area} [cells]", row["n"], 0, 0)


def _components(path: Path, result: Result) -> Iterator[Compared]:
    """Gain (the peer's omission), loss (its commission), persistence and the components, by class and in all."""
    names, changes = list(NAMES.values()), _changes(result, 1999)
    counts = np.array([[int(changes[f"{was} → {now}"]["n"]) for now in names] for was in names])
    by_class = change_components(counts, names)
    data = result.data
    account = {
        (row["disaggregation_type"].split(",")[0], row["disaggregation"]): row["n"]
        for row in data[data["disaggregation_type"].str.endswith(", 1985–1999")].to_dict("records")
    }
    for row in _rows(path):
        name = NAMES.get(row["Category"])
        for theirs, ours in PARTS.items():
            if name is not None:
                mine = float(by_class.at[name, ours])
            elif theirs in ("Quantity", "Exchange", "Shift"):
                mine = account["Change component", theirs]
            else:
                mine = float(by_class[ours].sum())
            yield Compared(f"1985–1999, {name or 'all'}, {ours} [cells]", mine, float(row[theirs]), 0)
        if name is not None:
            yield Compared(
                f"1985–1999, {name}, additions [cells]", account["Additions", name], float(row["Omission"]), 0
            )
            taken = account["Reductions", name]
            yield Compared(f"1985–1999, {name}, reductions [cells]", taken, float(row["Comission"]), 0)
