"""Traditional territories worked out cell by cell and with unions, without a word of the workbench's own."""

from __future__ import annotations

import itertools
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
import yaml

TOLERANCE = 2e-5
PLANE = "EPSG:6933"
STRENGTH = ("titled", "recognised use right", "claimed")


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Area and tenure by year, land use and its losses inside and outside, people with documents."""
    own = folder / "traditional_territories"
    shapes = gpd.read_file(next(own.glob("traditional_territory_outlines.*")))
    # Long edges of degrees are not straight on the plane.
    shapes.geometry = shapes.geometry.segmentize(0.002 if shapes.crs.is_geographic else 200)
    shapes = shapes.to_crs(PLANE)
    paths = sorted(own.glob("ecosystem_maps_*.tif"))
    maps = {int(path.stem[-4:]): path for path in paths}
    settings = yaml.safe_load((folder / "country.yml").read_text(encoding="utf-8"))
    first = settings["settings"].get("traditional_territories", {}).get("first_year") or min(maps)
    found: dict[tuple[int, str, str, str], float] = {}
    for year in range(first, settings["reporting_year"] + 1):
        right = shapes["tenure_status"].mask(
            shapes["recognised_year"].notna() & (shapes["recognised_year"] > year), "claimed"
        )
        taken = shapely.Polygon()
        for kind in STRENGTH:
            area = shapely.union_all(shapes[right == kind].geometry.array)
            found[year, "Tenure", kind.capitalize(), "ha"] = shapely.difference(area, taken).area / 1e4
            taken = shapely.union(taken, area)
        found[year, "", "", "ha"] = taken.area / 1e4
    return found | _land_use(own, maps, shapes) | _people(own)


def _land_use(own: Path, maps: dict[int, Path], shapes: gpd.GeoDataFrame) -> dict[tuple[int, str, str, str], float]:
    legend = pd.read_csv(own / "ecosystem_types.csv").set_index("class_code")
    cells = {}
    for year, path in maps.items():
        with rasterio.open(path) as file:
            cells[year], transform, empty = file.read(1), file.transform, file.nodata
    rows, columns = next(iter(cells.values())).shape
    x, y = np.meshgrid(
        transform.c + transform.a * (np.arange(columns) + 0.5), transform.f + transform.e * (np.arange(rows) + 0.5)
    )
    inside = shapely.contains_xy(shapely.union_all(shapes.geometry.array), x, y)
    mapped = np.all([one != empty for one in cells.values()], axis=0)
    cell_ha = abs(transform.a * transform.e) / 1e4
    natural = {year: np.isin(one, legend.index[legend["natural"] != "Not natural"]) for year, one in cells.items()}
    found = {}
    places = {"inside territories": inside, "outside territories": ~inside, "in the whole country": inside | ~inside}
    for place, here in places.items():
        for year, one in cells.items():
            if place != "in the whole country":
                for code, name in legend["name"].items():
                    found[year, f"Land use {place}", name, "ha"] = cell_ha * int((mapped & here & (one == code)).sum())
        for opening, closing in itertools.pairwise(sorted(cells)):
            was, now = (natural[year] & mapped & here for year in (opening, closing))
            kind = f"Loss of natural land {place}, {opening}–{closing}"
            share = 100 * int((was & ~now).sum()) / int(was.sum())
            found[closing, kind, "", "ha"] = cell_ha * int((was & ~now).sum())
            found[closing, kind, "", "%"] = share
            found[closing, kind, "", "% per year"] = 100 * (1 - (1 - share / 100) ** (1 / (closing - opening)))
    return found


def _people(own: Path) -> dict[tuple[int, str, str, str], float]:
    table = pd.read_csv(own / "tenure_security.csv")
    kind = "People with documents of their rights"
    found = {}
    for year, part in table.groupby("year"):
        found[year, kind, "", "%"] = 100 * part["adults_with_documents"].sum() / part["adults"].sum()
    return found
