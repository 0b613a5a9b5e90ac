"""Area under restoration worked out with one union for each year and part, in a plane of its own."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
import yaml

#: The frame's plane is cylindrical; edges that are straight in one plane bend a little in the other.
TOLERANCE = 2e-5
REALMS = {"land": "Land", "inland waters": "Inland waters", "coast and sea": "Coast and sea"}
QUALITIES = {"realm": "Realm", "activity": "Type of restoration activity", "governance": "Governance",
             "territory": "Indigenous and traditional territories"}  # fmt: skip


def _plane(folder: Path) -> str:
    west, south, east, north = gpd.read_file(folder / "frame/land.gpkg").to_crs(4326).total_bounds
    return f"+proj=laea +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +datum=WGS84"


def _layer(path: Path, plane: str) -> gpd.GeoDataFrame:
    layer = gpd.read_file(path)
    if layer.crs.is_geographic:
        layer.geometry = layer.geometry.segmentize(0.002)
    else:
        layer.geometry = layer.geometry.segmentize(200)
    return layer.to_crs(plane)


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Hectares by year and part, and the national percentage."""
    own, plane = folder / "area_under_restoration", _plane(folder)
    land, sea = (_layer(folder / f"frame/{name}.gpkg", plane).union_all() for name in ("land", "sea"))
    degraded = pd.read_csv(own / "degraded_areas.csv")
    whole = degraded[degraded["get_code"].isna()].set_index("realm")["degraded_area_ha"]
    first = int(degraded["year"].min())
    last = yaml.safe_load((folder / "country.yml").read_text(encoding="utf-8"))["reporting_year"]

    sites = _layer(own / "restoration_sites.gpkg", plane)
    table = pd.read_csv(own / "restoration_areas.csv")
    sites, table = (_counting(one, first, last) for one in (sites, table))
    is_drawn = sites.geom_type.isin(["Polygon", "MultiPolygon"])
    drawn, points = sites[is_drawn].copy(), sites[~is_drawn]
    drawn.geometry = drawn.intersection(shapely.union(land, sea))
    number_only = pd.concat([pd.DataFrame(points.drop(columns="geometry")), table], ignore_index=True)
    number_only = number_only[~number_only["site_id"].isin(set(drawn["site_id"]))]
    number_only = number_only.sort_values("area_ha", ascending=False).drop_duplicates("site_id")

    found: dict[tuple[int, str, str, str], float] = {}
    for year in range(first, last + 1):
        mapped = shapely.union_all(drawn[drawn["start_year"] <= year].geometry.array).area / 1e4
        reported = number_only.loc[number_only["start_year"] <= year, "area_ha"].sum()
        found[year, "", "", "ha"] = mapped + reported
        found[year, "", "", "%"] = 100 * (mapped + reported) / whole.sum()
        found[year, "Kind of record", "Mapped", "ha"] = mapped
        for column, kind in QUALITIES.items():
            found |= _parts(drawn, number_only, column, kind, year, (land, sea))
    return found


def _counting(table, first: int, last: int):
    begun = table["status"].isin(["under way", "completed"]) & (table["start_year"] <= last)
    ended = table["end_year"] < first if "end_year" in table else False
    return table[begun & ~ended]


def _parts(drawn, number_only, column: str, kind: str, year: int, places: tuple) -> dict:
    """Outlines laid down one after the other, each taking what is still free."""
    here = drawn[drawn["start_year"] <= year]
    here = here.assign(unknown=here[column].isna()).sort_values(["unknown", "start_year", "site_id"])
    taken, areas = shapely.Polygon(), {}
    for _, site in here.iterrows():
        free = shapely.difference(site.geometry, taken)
        taken = shapely.union(taken, site.geometry)
        if site["unknown"] and column == "realm":
            for name, place in zip(("land", "coast and sea"), places, strict=True):
                areas[name] = areas.get(name, 0) + shapely.intersection(free, place).area / 1e4
        elif not site["unknown"]:
            areas[site[column]] = areas.get(site[column], 0) + free.area / 1e4
    if column in number_only:
        more = number_only[number_only["start_year"] <= year].groupby(column)["area_ha"].sum()
        for name, area in more.items():
            areas[name] = areas.get(name, 0) + area
    said = {name: REALMS.get(name, name) if column != "governance" else name.capitalize() for name in areas}
    return {(year, kind, said[name], "ha"): area for name, area in areas.items()}
