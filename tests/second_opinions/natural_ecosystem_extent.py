"""Extent of natural ecosystems counted pixel by pixel, each as large as the quadrilateral it is on the ellipsoid."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import combinations
from pathlib import Path

import rasterio
from pyproj import CRS, Geod, Transformer

#: Four straight lines on the ellipsoid instead of two parallels and two meridians.
TOLERANCE = 1e-8
NATURAL = ("Natural", "Seminatural")


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Shares and extents, the account, the change matrix and the components of each period."""
    own = folder / "natural_ecosystem_extent"
    with (own / "ecosystem_types.csv").open(encoding="utf-8", newline="") as file:
        legend = {int(line["class_code"]): line for line in csv.DictReader(file)}
    years = sorted(int(path.stem.rpartition("_")[2]) for path in own.glob("ecosystem_maps_*.tif"))
    sequences = _areas([own / f"ecosystem_maps_{year}.tif" for year in years])
    whole = sum(sequences.values())
    found: dict[tuple[int, str, str, str], float] = {}
    extents = []
    for at, year in enumerate(years):
        extent: Counter[str] = Counter()
        for classes, area in sequences.items():
            extent[legend[classes[at]]["name"]] += area
        extents.append(extent)
        found |= {(year, "Ecosystem type", name, "km2"): area for name, area in extent.items()}
        for kind, name, area in _sums(legend, extent):
            found[year, kind, name, "km2"] = area
            found[year, kind, name, "%"] = 100 * area / whole
        index = 100 * found[year, "", "", "km2"] / found[years[0], "", "", "km2"]
        found[year, f"Index of natural extent, {years[0]} = 100", "", "index"] = index
    for first, last in combinations(range(len(years)), 2):
        if last == first + 1 or (first, last) == (0, len(years) - 1):
            matrix: Counter[tuple[int, int]] = Counter()
            for classes, area in sequences.items():
                matrix[classes[first], classes[last]] += area
            found |= _period(matrix, legend, years[first], years[last])
    if (own / "map_accuracy.csv").is_file():
        found |= _corrected(own / "map_accuracy.csv", legend, years, sequences)
    return found


def _corrected(path: Path, legend: dict, years: list[int], sequences: dict) -> dict[tuple[int, str, str, str], float]:
    """Extents by the class that was found at checked places; a class of the map is shared out as its places are."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = [{key: int(said) for key, said in line.items()} for line in csv.DictReader(file)]
    found: Counter[tuple[int, str, str, str]] = Counter()
    for line in lines:
        at = years.index(line["year"])
        area = sum(one for classes, one in sequences.items() if classes[at] == line["class_code"])
        drawn = [one for one in lines if (one["year"], one["class_code"]) == (line["year"], line["class_code"])]
        share = area * line["place_count"] / sum(one["place_count"] for one in drawn)
        true = legend[line["reference_class"]]
        found[line["year"], "Adjusted extent", true["name"], "km2"] += share
        if true["natural"] in NATURAL:
            found[line["year"], "Adjusted natural extent", "", "km2"] += share
            found[line["year"], "Adjusted natural extent", "", "%"] += 100 * share / sum(sequences.values())
    return dict(found)


def _areas(paths: list[Path]) -> dict[tuple[int, ...], float]:
    """Area [km²] under each sequence of classes, of pixels that all maps have."""
    maps = []
    for path in paths:
        with rasterio.open(path) as file:
            rows, columns = file.shape
            cells, none = file.read(1).tobytes(), int(file.nodata)
            transform, crs = file.transform, file.crs
        maps.append([cells[row * columns : (row + 1) * columns] for row in range(rows)])
    to_degrees = Transformer.from_crs(CRS(crs), CRS(4326), always_xy=True)
    geod, found = Geod(ellps="WGS84"), Counter()
    for row in range(rows):
        # All pixels of a row are equal, because this projection is a cylinder.
        west, north = transform.c, transform.f + transform.e * row
        east, south = west + transform.a, north + transform.e
        corners = [(west, north), (east, north), (east, south), (west, south)]
        longitudes, latitudes = to_degrees.transform(*zip(*corners, strict=True))
        pixel = abs(geod.polygon_area_perimeter(longitudes, latitudes)[0]) / 1e6
        for classes, count in Counter(zip(*(one[row] for one in maps), strict=True)).items():
            if none not in classes:
                found[classes] += count * pixel
    return dict(found)


def _sums(legend: dict[int, dict[str, str]], extent: dict[str, float]) -> list[tuple[str, str, float]]:
    """The natural total and its parts by kind of naturalness, biome and functional group."""
    sums: Counter[tuple[str, str]] = Counter()
    for line in {one["name"]: one for one in legend.values()}.values():
        if line["natural"] in NATURAL:
            area, code = extent[line["name"]], line["get_code"]
            sums["", ""] += area
            sums["Natural or semi-natural ecosystem", line["natural"]] += area
            if line.get("realm"):
                sums["Realm", line["realm"]] += area
            if code:
                sums["Biome", code.split(".")[0]] += area
            if "." in code:
                sums["Ecosystem functional group", code] += area
    return [(kind, name, area) for (kind, name), area in sums.items()]


def _period(matrix: dict[tuple[int, int], float], legend: dict, opening: int, closing: int) -> dict:
    """One period, from the area of each pair of classes."""
    years, pairs = f"{opening}–{closing}", Counter()
    names = sorted({legend[one]["name"] for pair in matrix for one in pair})
    natural = {line["name"]: line["natural"] in NATURAL for line in legend.values()}
    for (was, now), area in matrix.items():
        pairs[legend[was]["name"], legend[now]["name"]] += area
    found, quantity, exchange, changed = {}, 0.0, 0.0, 0.0
    for one in names:
        gained = sum(pairs[other, one] for other in names if other != one)
        lost = sum(pairs[one, other] for other in names if other != one)
        found["Opening extent", one], found["Closing extent", one] = pairs[one, one] + lost, pairs[one, one] + gained
        found["Additions", one], found["Reductions", one] = gained, lost
        quantity, changed = quantity + abs(gained - lost) / 2, changed + gained
        for other in names:
            found["Change", f"{one} → {other}"] = pairs[one, other]
            exchange += min(pairs[one, other], pairs[other, one]) if other != one else 0
    found["Change component", "Quantity"], found["Change component", "Exchange"] = quantity, exchange
    found["Change component", "Shift"] = changed - quantity - exchange
    loss = sum(area for (was, now), area in pairs.items() if natural[was] and not natural[now])
    recovery = sum(area for (was, now), area in pairs.items() if natural[now] and not natural[was])
    found["Natural change", "Loss of natural extent"] = loss
    found["Natural change", "Recovery of natural extent"] = recovery
    found["Natural change", "Net change of natural extent"] = recovery - loss
    return {(closing, f"{kind}, {years}", name, "km2"): area for (kind, name), area in found.items()}
