"""Coverage of protected areas and OECMs with one union for each year and part, in a conic plane of its own."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml

#: The frame's plane is a cylinder: edges that are straight in one plane bend a little in the other. Points are circles,
#: drawn with corners.
TOLERANCE = 2e-4
#: Outlines cut in two planes leave crumbs along a shore, other ones in each [m²].
CRUMB = 1_000
COUNTING = ("Designated", "Inscribed", "Established")
BIOSPHERE = "UNESCO-MAB Biosphere Reserve"
CATEGORIES = ("Ia", "Ib", "II", "III", "IV", "V", "VI", "Not Reported", "Not Applicable", "Not Assigned")
#: Names of the world's database.
OLD_NAMES = {
    "SITE_ID": "site_id", "SITE_PID": "site_pid", "STATUS": "status", "DESIG_ENG": "designation",
    "SITE_TYPE": "site_type", "IUCN_CAT": "iucn_category", "STATUS_YR": "status_year",
    "REP_AREA": "reported_area_km2", "GOV_TYPE": "governance_type",
}  # fmt: skip


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Areas and shares by year, realm, type and province; in the last year also what was brought beside the sites."""
    west, south, east, north = gpd.read_file(folder / "frame/land.gpkg").to_crs(4326).total_bounds
    third = (north - south) / 6
    plane = (
        f"+proj=aea +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +lat_1={south + third} "
        f"+lat_2={north - third} +datum=WGS84"
    )

    def layer(path: Path) -> gpd.GeoDataFrame:
        table = gpd.read_file(path)
        table.geometry = table.geometry.segmentize(0.005 if table.crs.is_geographic else 500)
        return table.to_crs(plane)

    land = layer(folder / "frame/land.gpkg").union_all()
    sea = shapely.difference(layer(folder / "frame/sea.gpkg").union_all(), land)
    country = shapely.union(land, sea)
    realms = {"Land and inland waters": land, "Coastal and marine": sea}
    provinces = layer(folder / "frame/provinces.gpkg").dissolve("name").geometry
    own = folder / "protected_area_coverage"
    sites = _sites(layer(own / "protected_areas.gpkg"))
    first, last = int(sites["year"].min()), int(sites["year"].max())
    settings = yaml.safe_load((folder / "country.yml").read_text(encoding="utf-8")).get("settings") or {}
    assert not settings.get("protected_area_coverage"), "written for the settings that come with the indicator"

    found: dict[tuple[int, str, str, str], float] = {}
    figures: list[tuple[str, str, float, float]] = []
    for year in range(first, last + 1):
        if year in (first, last) or (sites["year"] == year).any():
            now = sites[~(sites["year"] > year)]
            every, parks = now.union_all(), now[~now["oecm"]].union_all()
            figures = _figures(every, parks, realms, country, provinces)
            if year == last:
                figures += _led(now, country, "category", "IUCN category")
                figures += _led(now, country, "governance", "Governance type")
        for kind, name, area, whole in figures:
            if area < CRUMB:
                continue
            found[year, kind, name, "km2"] = area / 1e6
            found[year, kind, name, "%"] = 100 * area / whole
    if (own / "key_biodiversity_areas.geojson").is_file():
        found |= _of_places(layer(own / "key_biodiversity_areas.geojson"), every, last)
    if (own / "management_evaluations.csv").is_file():
        known = pd.read_csv(own / "management_evaluations.csv", dtype={"site_id": "str"})
        looked_at = sites[sites["site_id"].isin(known["site_id"])].union_all().intersection(country)
        found[last, "Management effectiveness", "Evaluated", "km2"] = looked_at.area / 1e6
        share = 100 * looked_at.area / every.intersection(country).area
        found[last, "Management effectiveness", "Evaluated", "% of protected area"] = share
    return found


def _of_places(places: gpd.GeoDataFrame, every, year: int) -> dict[tuple[int, str, str, str], float]:
    """Mean of the percentages of the places, one by one."""
    percent = [100 * shapely.intersection(place, every).area / place.area for place in places.geometry]
    kind = "Key Biodiversity Areas"
    found = {(year, kind, "Mean coverage", "%"): sum(percent) / len(percent)}
    for realm in set(places["realm"]):
        own = [one for one, said in zip(percent, places["realm"], strict=True) if said == realm]
        found[year, f"{kind}, by realm", realm, "%"] = sum(own) / len(own)
    full, bare = sum(one >= 98 for one in percent), sum(one <= 2 for one in percent)
    for name, number in (("Complete (98 % and more)", full), ("None (2 % and less)", bare)):
        found[year, f"{kind}, by coverage", name, "places"] = number
    found[year, f"{kind}, by coverage", "In part", "places"] = len(percent) - full - bare
    return found


def _sites(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Sites that count, points as circles, the leading ones first."""
    table = table.rename(columns=OLD_NAMES)
    counts = table["status"].isin(COUNTING) & (table["designation"] != BIOSPHERE)
    point = table.geom_type == "Point"
    sites = table[counts & ~(point & table["reported_area_km2"].isna())].copy()
    radius = np.sqrt(sites["reported_area_km2"] * 1e6 / np.pi)
    circles = sites.geometry.buffer(radius, quad_segs=64)
    sites.geometry = sites.geometry.where(sites.geom_type != "Point", circles)
    sites["oecm"] = sites["site_type"] == "OECM"
    sites["year"] = sites["status_year"].where(sites["status_year"] > 0)
    sites["category"] = sites["iucn_category"].fillna("Not Reported")
    for column in ("governance_type", "site_pid"):
        if column not in sites:
            sites[column] = None
    sites["governance"] = sites["governance_type"].fillna("Not Reported")
    sites["place"] = sites["category"].map(CATEGORIES.index)
    return sites.sort_values(["place", "year", "site_id", "site_pid"], na_position="last")


def _figures(every, parks, realms: dict, country, provinces: gpd.GeoSeries) -> list[tuple[str, str, float, float]]:
    def row(kind: str, name: str, covered, place) -> tuple[str, str, float, float]:
        return kind, name, shapely.intersection(covered, place).area, place.area

    more = shapely.difference(every, parks)
    rows = [row("", "", every, country), row("Type", "PA", parks, country), row("Type", "OECM", more, country)]
    for name, place in realms.items():
        rows += [row("Realm", name, every, place), row("Realm and type", f"{name}, PA", parks, place)]
        rows.append(row("Realm and type", f"{name}, OECM", more, place))
    return rows + [row("Province", name, every, place) for name, place in provinces.items()]


def _led(now: pd.DataFrame, country, column: str, kind: str) -> list[tuple[str, str, float, float]]:
    """Sites laid down in their order, each taking what is still free."""
    taken, areas = shapely.Polygon(), {}
    for shape, name in zip(now.geometry, now[column], strict=True):
        here = shapely.intersection(shape, country)
        areas[name] = areas.get(name, 0.0) + shapely.difference(here, taken).area
        taken = shapely.union(taken, here)
    if set(areas) == {"Not Reported"}:
        return []
    return [(kind, name, area, country.area) for name, area in areas.items()]
