"""Restoration of Aruvia: planting and regrowth on old fields, mangroves, rivers, some of it only promised."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from make_aruvia.land_cover import CROPLAND, MANGROVE, OLD_FIELDS, PASTURE, WETLAND
from make_aruvia.made import Made
from make_aruvia.names import place_names
from make_aruvia.noise import rough_ring
from make_aruvia.terrain import LONLAT
from make_aruvia.writing import write_layer, write_table

#: Programme, classes of the map it works on, how many sites, their size [km²], first years, realm, functional group,
#: activity, governance.
PROGRAMMES = (
    ("Reboisement national", (PASTURE, OLD_FIELDS), 18, (4, 45), (2010, 2024), "land", "T1.1", "Tree planting",
     "government"),
    ("Montagnes vertes", (OLD_FIELDS, PASTURE), 10, (3, 25), (2013, 2023), "land", "T1.3",
     "Assisted natural regeneration", "shared"),
    ("Terres des communautés", (CROPLAND, PASTURE), 14, (1, 14), (2016, 2024), "land", "T4.2", "Agroforestry",
     "indigenous peoples and local communities"),
    ("Mangroves vivantes", (MANGROVE,), 9, (0.5, 6), (2011, 2024), "coast and sea", "MFT1.2",
     "Restoration of vegetation cover", "shared"),
    ("Eaux claires", (WETLAND, CROPLAND), 8, (0.5, 8), (2015, 2024), "inland waters", "TF1.4",
     "Wetland construction or rehabilitation", "government"),
)  # fmt: skip
TERRITORIES = ("Peuple du haut Talvore", "Communautés de Kesauma", "Gens des récifs")
#: Degraded in 2015 [ha], by realm and functional group.
DEGRADED = (
    ("land", "", 214_000), ("land", "T1.1", 96_000), ("land", "T1.3", 31_000), ("land", "T4.2", 48_000),
    ("inland waters", "", 6_800), ("coast and sea", "", 11_500), ("coast and sea", "MFT1.2", 4_200),
)  # fmt: skip
_LAST = 2024


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Outlines and points, areas without outline, and what was degraded in the base year."""
    sites = [site for programme in PROGRAMMES for site in _of_programme(programme, made, rng)]
    for name, site in zip(place_names(rng, len(sites)), sites, strict=True):
        site["name"] = name
    layer = gpd.GeoDataFrame(_with_twins(sites, rng), crs=LONLAT)
    layer.insert(0, "site_id", [site_id or f"RS-{at + 1:03d}" for at, site_id in enumerate(layer.pop("twin_of"))])
    layer[["start_year", "end_year"]] = layer[["start_year", "end_year"]].astype("Int64")
    write_layer(folder / "restoration_sites.gpkg", layer, geometry_type="Unknown")
    write_table(folder / "restoration_areas.csv", _without_outline(layer, rng))
    degraded = pd.DataFrame(DEGRADED, columns=["realm", "get_code", "degraded_area_ha"])
    degraded.insert(0, "year", 2015)
    write_table(folder / "degraded_areas.csv", degraded.assign(source="Rapport sur la dégradation des terres 2016"))


def _of_programme(programme: tuple, made: Made, rng: np.random.Generator) -> list[dict[str, object]]:
    title, classes, count, areas, years, realm, get_code, activity, governance = programme
    rows, columns = np.nonzero(np.isin(made.maps[2010], classes))
    protected = shapely.union_all(made.sites[made.sites.geom_type != "Point"].geometry.array)
    sites = []
    for _ in range(count):
        pick = rng.integers(len(rows))
        centre = (float(made.grid.east[columns[pick]]), float(made.grid.north[rows[pick]]))
        area = float(np.exp(rng.uniform(*np.log(areas))))
        ring = rough_ring(rng, centre, area, rng.uniform(1, 2), rng.uniform(0, np.pi), 0.25)
        shape = shapely.Polygon(ring)
        if realm != "coast and sea":
            shape = shapely.intersection(shape, made.outline.land)
        start = int(rng.integers(years[0], years[1] + 1))
        status = _status(start, rng)
        place = shapely.point_on_surface(made.grid.to_lonlat(shape))
        community = governance.startswith("indigenous")
        sites.append({
            "name": "", "programme": title, "status": status, "start_year": start,
            "end_year": start + int(rng.integers(3, 9)) if status == "completed" else None,
            "area_ha": round(float(100 * shapely.area(shape) * rng.normal(1, 0.03)), 0), "realm": realm,
            "get_code": get_code, "activity": activity,
            "protection": "protected area" if shapely.contains(protected, place) else "neither",
            "territory": str(rng.choice(TERRITORIES)) if community else None, "governance": governance,
            "geometry": made.grid.to_lonlat(shape),
        })  # fmt: skip
        if status == "completed":
            sites[-1]["end_year"] = min(sites[-1]["end_year"], _LAST)
    return sites


def _status(start: int, rng: np.random.Generator) -> str:
    """What became of a site; young ones may still be promises, old ones may be done or lost."""
    draw = rng.random()
    if start >= 2022 and draw < 0.3:
        return "planned"
    if start <= 2019:
        return "failed" if draw < 0.12 else "completed" if draw < 0.45 else "under way"
    return "under way"


def _with_twins(sites: list[dict[str, object]], rng: np.random.Generator) -> list[dict[str, object]]:
    """Two sites that stand under a second programme too, and three of which only a point is known."""
    for at in (3, 21, 45):
        sites[at]["geometry"] = shapely.set_precision(shapely.point_on_surface(sites[at]["geometry"]), 1e-6)
    sites = [{"twin_of": "", **site} for site in sites]
    for at in (7, 30):
        moved = shapely.affinity.translate(sites[at]["geometry"], 0.01, 0)
        shape = shapely.set_precision(shapely.intersection(sites[at]["geometry"], moved), 1e-6)
        twin = {**sites[at], "twin_of": f"RS-{at + 1:03d}", "programme": "Fonds climat", "geometry": shape}
        sites.append(twin | {"area_ha": round(sites[at]["area_ha"] * float(rng.uniform(0.5, 0.7)), 0)})
    return sites


def _without_outline(layer: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Small sites of one fund, known by their area only; one of them is in the layer as well."""
    count = 11
    start = np.sort(rng.integers(2014, 2025, count))
    table = pd.DataFrame({
        "site_id": [f"PF-{at + 1:02d}" for at in range(count)], "name": place_names(rng, count),
        "programme": "Petits fonds", "status": np.where(start < 2018, "completed", "under way"), "start_year": start,
        "end_year": np.where(start < 2018, start + 4, 0), "area_ha": np.round(rng.uniform(4, 120, count), 1),
        "realm": rng.choice(["land", "inland waters"], count, p=[0.8, 0.2]), "get_code": "",
        "activity": rng.choice(["Tree planting", "Agroforestry", "Control of invasive species"], count),
        "protection": "neither", "governance": rng.choice(["private", "shared"], count),
    })  # fmt: skip
    table["end_year"] = table["end_year"].astype("Int64").where(table["end_year"] > 0)
    known = layer[(layer.geom_type != "Point") & (layer["status"] == "under way")].iloc[0]
    again = {name: known[name] for name in ("site_id", "name", "status", "start_year", "area_ha", "realm", "get_code")}
    more = {"programme": "Petits fonds", "activity": known["activity"], "protection": "neither", "governance": "shared"}
    return pd.concat([table, pd.DataFrame([again | more])], ignore_index=True)
