"""A.1 again: type by type in plain loops, every corner of every cell for the hull, one grid of squares."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
import shapely

SETTINGS = {"placements": 1}
WORTH = {"LC": 0, "NT": 1, "VU": 2, "EN": 3, "CR": 4, "CO": 5}
Key = tuple[int, str, str, str]


def values(folder: Path) -> dict[Key, float]:
    """Index, groups, categories, areas, indices of what remains, and what the maps show."""
    own = folder / "red_list_of_ecosystems"
    assessed = _table(own / "ecosystem_assessments.csv")
    out = _indices(assessed)
    for row in assessed:
        year = int(row["year"])
        kind = (year, "Category", row["category"])
        out[(*kind, "ecosystem types")] = out.get((*kind, "ecosystem types"), 0) + 1
        if row["area_km2"]:
            out[(*kind, "km2")] = out.get((*kind, "km2"), 0) + float(row["area_km2"])
    out.update(_remaining(_table(own / "ecosystem_declines.csv")))
    if (own / "ecosystem_types.csv").exists():
        names = {row["ecosystem_id"]: row["ecosystem_name"] for row in assessed}
        out.update(_maps(own, names))
    return out


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _indices(assessed: list[dict[str, str]]) -> dict[Key, float]:
    years = sorted({int(row["year"]) for row in assessed})
    category = {(row["ecosystem_id"], int(row["year"])): row for row in assessed}
    risk: dict[str, list[float]] = {}
    for one in {row["ecosystem_id"] for row in assessed}:
        rows = [category[one, year] for year in years]
        if any(row["category"] not in WORTH for row in rows):
            continue
        now = [WORTH[rows[-1]["category"]]]
        for before, after in zip(reversed(rows[:-1]), reversed(rows[1:]), strict=True):
            step = WORTH[after["category"]] - WORTH[before["category"]]
            now.insert(0, now[0] - (0 if after["reason_for_change"] == "non-genuine" else step))
        risk[one] = now
    out: dict[Key, float] = {}
    for at, year in enumerate(years):
        groups = defaultdict(list)
        for one, weights in risk.items():
            code = category[one, year]["get_code"]
            for place in (("", ""), ("Biome", code.split(".")[0]), ("Ecosystem functional group", code)):
                groups[place].append(weights[at])
        for (kind, name), found in groups.items():
            out[year, kind, name, "index"] = 1 - sum(found) / (5 * len(found))
    out[years[-1], "Change of the index", f"{years[0]}–{years[-1]}", "index"] = (
        out[years[-1], "", "", "index"] - out[years[0], "", "", "index"]
    )
    return out


def _remaining(declines: list[dict[str, str]]) -> dict[Key, float]:
    left: dict[tuple[int, str, str], dict[str, float]] = defaultdict(dict)
    for row in declines:
        number = row["criterion"][1:]
        area = row["criterion"].startswith("A")
        part = 1 - float(row["extent_percent"]) / 100 * (1 if area else float(row["severity_percent"]) / 100)
        kind = ("Ecosystem Area Index", f"A{number}") if area else ("Ecosystem Health Index", f"C{number}/D{number}")
        held = left[int(row["year"]), *kind]
        held[row["ecosystem_id"]] = min(part, held.get(row["ecosystem_id"], part))
    out = {}
    for key, shares in left.items():
        there = [one for one in shares.values() if one > 0]
        product = math.prod(there) ** (1 / len(there)) if there else 0.0
        out[(*key, "index")] = product * len(there) / len(shares)
    return out


def _maps(own: Path, names: dict[str, str]) -> dict[Key, float]:
    legend = {int(row["class_code"]): names[row["ecosystem_id"]]
              for row in _table(own / "ecosystem_types.csv") if row["natural"] != "Not natural"}  # fmt: skip
    paths = {int(path.stem[-4:]): path for path in own.glob("ecosystem_maps_*.tif")}
    cells = {}
    for year, path in paths.items():
        with rasterio.open(path) as file:
            grid, affine, crs = file.read(1), file.transform, file.crs.to_wkt()
        cells[year] = {name: np.nonzero(grid == code) for code, name in legend.items()}
        rows, columns = grid.shape
    plane = pyproj.Transformer.from_crs(crs, _around(cells, affine, crs), always_xy=True)
    corner = np.min(
        [plane.transform(*_at(affine, *at)) for at in ((0, 0), (columns, 0), (0, rows), (columns, rows))], axis=0
    )
    out: dict[Key, float] = {}
    for year, found in cells.items():
        for name, (row, column) in found.items():
            # The maps are in an ellipsoidal equal-area projection: all cells have one area.
            out[year, "Ecosystem type", name, "km2"] = len(row) * abs(affine.a * affine.e) / 1e6
            corners = np.concatenate([
                np.column_stack(plane.transform(*_at(affine, column + right, row + down)))
                for right in (0, 1) for down in (0, 1)
            ])  # fmt: skip
            out[year, "Extent of occurrence", name, "km2"] = shapely.MultiPoint(corners).convex_hull.area / 1e6
            x, y = plane.transform(*_at(affine, column + 0.5, row + 0.5))
            out[year, "Area of occupancy", name, "squares"] = _squares(x - corner[0], y - corner[1])
    first, last = min(paths), max(paths)
    product, number = 1.0, 0
    for name in legend.values():
        before, after = (out[year, "Ecosystem type", name, "km2"] for year in (first, last))
        number, product = number + 1, product * after / before
        yearly = 1 - math.exp(math.log(after / before) / (last - first))
        out[last, f"Proportional rate of decline, {first}–{last}", name, "% per year"] = 100 * yearly
        out[last, f"Absolute rate of decline, {first}–{last}", name, "km2 per year"] = (before - after) / (last - first)
        loss = 100 * (1 - (1 - yearly) ** 50)
        out[last, "Loss over 50 years at a constant proportional rate, A1", name, "%"] = loss
    out[last, "Ecosystem Area Index", f"{first}–{last}", "index"] = product ** (1 / number)
    return out


def _at(affine: Any, column: Any, row: Any) -> tuple[Any, Any]:
    return affine.c + affine.a * column, affine.f + affine.e * row


def _around(cells: dict, affine: Any, crs: str) -> pyproj.CRS:
    """Equal-area plane around the whole degrees next to the middle of all cells."""
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    found = [to_degrees.transform(*_at(affine, column, row)) for one in cells.values() for row, column in one.values()]
    longitude, latitude = (np.concatenate([pair[at] for pair in found]) for at in (0, 1))
    middle = round(float((longitude.min() + longitude.max()) / 2)), round(float((latitude.min() + latitude.max()) / 2))
    return pyproj.CRS(f"+proj=laea +lat_0={middle[1]} +lon_0={middle[0]} +datum=WGS84")


def _squares(x: np.ndarray, y: np.ndarray) -> int:
    """Squares of 10 km without the least ones that together hold less than 1 % of the cells."""
    held: dict[tuple[int, int], int] = defaultdict(int)
    for place in zip((x // 10_000).astype(int).tolist(), (y // 10_000).astype(int).tolist(), strict=True):
        held[place] += 1
    counts, kept = sorted(held.values()), sum(held.values())
    whole = kept
    while 100 * (kept - counts[0]) > 99 * whole:
        kept -= counts.pop(0)
    return len(counts)
