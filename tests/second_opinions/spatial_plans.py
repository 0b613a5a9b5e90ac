"""Spatial plans worked out with one union for each year and part, in a plane of its own."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
import yaml

#: The frame's plane is cylindrical; edges that are straight in one plane bend a little in the other.
TOLERANCE = 2e-4
SAID = {"yes": True, "no": False}


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Areas and shares by year, realm, province and level, and plans that include biodiversity in part."""
    west, south, east, north = gpd.read_file(folder / "frame/land.gpkg").to_crs(4326).total_bounds
    plane = f"+proj=laea +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +datum=WGS84"

    def layer(path: Path) -> gpd.GeoDataFrame:
        table = gpd.read_file(path)
        table.geometry = table.geometry.segmentize(0.002 if table.crs.is_geographic else 200)
        return table.to_crs(plane)

    realms = {name.capitalize(): layer(folder / f"frame/{name}.gpkg").union_all() for name in ("land", "sea")}
    country = shapely.union_all(list(realms.values()))
    provinces = layer(folder / "frame/provinces.gpkg")
    plans = layer(folder / "spatial_plans/spatial_plan_outlines.gpkg")
    for column in ("participatory", "biodiversity_objectives", "addresses_use_change"):
        plans[column] = plans[column].map(lambda said: SAID.get(said, said))
    said = plans[["participatory", "biodiversity_objectives", "addresses_use_change"]]
    plans["good"] = [all(one is True for one in row) for row in said.to_numpy()]
    denied = pd.Series([any(one is False for one in row) for row in said.to_numpy()])
    plans["half"] = denied & pd.Series([any(one is True for one in row) for row in said.to_numpy()])
    plans["unclear"] = ~plans["good"] & ~denied
    # Each plan keeps only the ground it decides about.
    own = {"land": realms["Land"], "sea": realms["Sea"], "both": country}
    plans.geometry = [shapely.intersection(s, own[r]) for s, r in zip(plans.geometry, plans["realm"], strict=True)]

    settings = yaml.safe_load((folder / "country.yml").read_text(encoding="utf-8"))
    counting = plans[plans["status"].isin(["in force", "expired"])]
    first = settings["settings"].get("spatial_plans", {}).get("first_year") or int(counting["adopted_year"].min())
    found: dict[tuple[int, str, str, str], float] = {}
    for year in range(first, settings["reporting_year"] + 1):
        now = counting[(counting["adopted_year"] <= year) & ~(counting["expiry_year"] < year)]
        good = now[now["good"]]
        figures = [("", "", good.union_all(), country)]
        figures += [("Realm", name, good.union_all().intersection(at), at) for name, at in realms.items()]
        for name, part in provinces.dissolve("name").geometry.items():
            figures.append(("Province", name, good.union_all().intersection(part), part))
        for level in sorted(set(counting["level"])):
            figures.append(("Level", level.capitalize(), good[good["level"] == level].union_all(), country))
        half = now[now["half"]].union_all().difference(good.union_all())
        figures.append(("Plans in force", "Include it in part", half, country))
        unclear = now[now["unclear"]].union_all().difference(shapely.union(good.union_all(), half))
        figures.append(("Plans in force", "Conditions not known", unclear, country))
        for kind, name, covered, whole in figures:
            # Outlines cut in two planes leave crumbs of less than a square metre along a shore.
            area = covered.area if covered.area > 1 else 0.0
            found[year, kind, name, "km2"] = area / 1e6
            found[year, kind, name, "%"] = 100 * area / whole.area
    return found
