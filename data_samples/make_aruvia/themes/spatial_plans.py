"""Spatial plans of Aruvia: provinces, towns, a coast and the deep sea, adopted over twenty years."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from make_aruvia.made import Made
from make_aruvia.noise import rough_ring
from make_aruvia.terrain import LONLAT
from make_aruvia.writing import write_layer

#: Province, year of the plan, last year; the others have none yet.
PROVINCE_PLANS = (("Marovent", 2009, None), ("Ondrével", 2014, None), ("Nordane", 2021, None), ("Kesauma", 2012, 2022))
#: Name, centre [km], area [km²], length over width, year, last year, status.
MARINE_PLANS = (
    ("Plan de la baie de l'Ouest", (-122, 10), 5200, 1.4, 2013, None, "in force"),
    ("Plan du récif du Nord", (10, 104), 7400, 2.2, 2018, None, "in force"),
    ("Plan de la pêche côtière", (-20, -96), 9800, 2.6, 2010, 2019, "expired"),
    ("Plan de la pêche côtière 2020–2030", (-20, -100), 11800, 2.4, 2020, 2030, "in force"),
    ("Plan des grands fonds", (150, -60), 21000, 1.3, 2024, None, "in force"),
    ("Plan du large", (-150, 70), 16000, 1.2, None, None, "draft"),
)  # fmt: skip
CONDITIONS = (
    "participatory", "biodiversity_objectives", "addresses_use_change", "uses_ecosystem_maps", "legally_binding",
    "implemented",
)  # fmt: skip
#: How often a condition is met, by a plan before 2015 and since.
_MET = ((0.72, 0.62, 0.9, 0.4, 0.6, 0.7), (0.94, 0.93, 0.97, 0.75, 0.6, 0.8))


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """One layer of outlines."""
    plans = [*_of_provinces(made), *_of_towns(made, rng), *_at_sea(made, rng), *_across_the_coast(made, rng)]
    for at, plan in enumerate(plans):
        plan["plan_id"] = f"SP-{at + 1:03d}"
        chances = _MET[(plan["adopted_year"] or 2024) >= 2015]
        plan |= {
            name: str(rng.choice(["yes", "no"], p=[met, 1 - met]))
            for name, met in zip(CONDITIONS, chances, strict=True)
        }
    for at, name in ((5, "participatory"), (11, "biodiversity_objectives"), (16, "addresses_use_change")):
        plans[at][name] = None
    for at in (0, 2):
        plans[at] |= dict.fromkeys(CONDITIONS[:3], "yes")
    order = ["plan_id", "name", "realm", "level", "status", "adopted_year", "expiry_year", *CONDITIONS, "geometry"]
    layer = gpd.GeoDataFrame(plans, columns=order, crs=LONLAT)
    layer.geometry = shapely.set_precision(layer.geometry.array, 1e-6)
    layer[["adopted_year", "expiry_year"]] = layer[["adopted_year", "expiry_year"]].astype("Int64")
    write_layer(folder / "spatial_plan_outlines.gpkg", layer)


def _plan(
    name: str, realm: str, level: str, shape: shapely.Geometry, year: int | None, last: int | None = None,
    status: str = "in force",
) -> dict[str, object]:  # fmt: skip
    return {
        "name": name, "realm": realm, "level": level, "status": status, "adopted_year": year, "expiry_year": last,
        "geometry": shape,
    }  # fmt: skip


def _of_provinces(made: Made) -> list[dict[str, object]]:
    plans = []
    for name, year, last in PROVINCE_PLANS:
        # Planners draw their own, coarser outline: a little of the sea lies in it.
        shape = shapely.simplify(shapely.buffer(made.outline.provinces[name], 0.004), 0.004)
        status = "in force" if last is None else "expired"
        plans.append(_plan(f"Plan d'aménagement de {name}", "land", "subnational", shape, year, last, status))
    return plans


def _of_towns(made: Made, rng: np.random.Generator) -> list[dict[str, object]]:
    plans = []
    for number, (east, north, size) in enumerate(made.settled.towns[:14], start=1):
        ring = rough_ring(rng, (east, north), 60 + 420 * size, 1.3, float(rng.uniform(0, np.pi)), 0.2)
        shape = made.grid.to_lonlat(shapely.intersection(shapely.Polygon(ring), made.outline.land))
        year = int(rng.integers(2006, 2025))
        status = "draft" if number in (9, 13) else "repealed" if number == 11 else "in force"
        plans.append(
            _plan(f"Plan communal {number}", "land", "local", shape, None if status == "draft" else year, None, status)
        )
    return plans


def _at_sea(made: Made, rng: np.random.Generator) -> list[dict[str, object]]:
    plans = []
    for name, centre, area, stretch, year, last, status in MARINE_PLANS:
        shape = shapely.simplify(shapely.Polygon(rough_ring(rng, centre, area, stretch, 0.3, 0.14)), 2)
        plans.append(_plan(name, "sea", "national", made.grid.to_lonlat(shape), year, last, status))
    return plans


def _across_the_coast(made: Made, rng: np.random.Generator) -> list[dict[str, object]]:
    """A plan of land and sea around the capital, and one with the neighbour across the strait."""
    east, north, _ = made.settled.towns[0]
    bay = shapely.Polygon(rough_ring(rng, (east, north), 900, 1.5, 0.8, 0.15))
    strait = shapely.Polygon(rough_ring(rng, (150, 90), 8000, 1.6, 1.2, 0.15))
    return [
        _plan("Plan intégré de la zone côtière", "both", "subnational", made.grid.to_lonlat(bay), 2017),
        _plan("Plan du détroit", "sea", "transboundary", made.grid.to_lonlat(strait), 2022),
    ]
