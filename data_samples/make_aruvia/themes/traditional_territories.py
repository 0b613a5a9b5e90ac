"""Territories of Aruvia's peoples: titled, used by right, claimed; some are not to be shown by themselves."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from make_aruvia import land_cover
from make_aruvia.made import Made
from make_aruvia.noise import rough_ring
from make_aruvia.terrain import LONLAT
from make_aruvia.writing import write_layer, write_table

#: Name, centre [km], area [km²], length over width, tenure, year of recognition, consent, may be shown.
TERRITORIES = (
    ("Peuple du haut Talvore", (-8, 22), 620, 1.7, "titled", 2004, "yes", "yes"),
    ("Gens des collines", (8, 24), 380, 1.3, "recognised use right", 2013, "yes", "yes"),
    ("Communautés de Kesauma", (58, -4), 300, 1.5, "recognised use right", 2019, "yes", "yes"),
    ("Gens de la savane", (-36, -20), 450, 1.6, "claimed", None, "yes", "yes"),
    ("Peuple des sources", (24, 34), 260, 1.2, "claimed", None, "yes", "yes"),
    ("Familles de Marovent", (-62, -6), 210, 1.4, "titled", 2016, "yes", "no"),
    ("Gens de Nordane", (62, 28), 180, 1.5, "claimed", None, "yes", "no"),
    ("Peuple des îles", (-92, -70), 90, 1.2, "recognised use right", 2008, "yes", "no"),
)  # fmt: skip
#: Year, sex, adults, of them with documents, of them who feel secure.
PEOPLE = (
    (2018, "female", 21_400, 5_300, 9_800), (2018, "male", 20_700, 8_900, 11_200),
    (2023, "female", 22_900, 7_600, 11_900), (2023, "male", 22_100, 10_300, 12_600),
)  # fmt: skip


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Outlines, the maps of the country with their legend, and a survey."""
    rows = []
    for number, (name, centre, area, stretch, tenure, year, consent, shown) in enumerate(TERRITORIES, start=1):
        ring = rough_ring(rng, centre, area, stretch, float(rng.uniform(0, np.pi)), 0.2)
        shape = shapely.intersection(shapely.Polygon(ring), made.outline.land)
        rows.append({
            "territory_id": f"TT-{number:02d}", "name": name, "consent": consent, "may_be_shown": shown,
            "tenure_status": tenure, "recognised_year": year, "people": name,
            "geometry": shapely.set_precision(made.grid.to_lonlat(shape), 1e-5),
        })  # fmt: skip
    layer = gpd.GeoDataFrame(rows, crs=LONLAT)
    layer["recognised_year"] = layer["recognised_year"].astype("Int64")
    write_layer(folder / "traditional_territory_outlines.geojson", layer, COORDINATE_PRECISION=5)
    land_cover.write(folder, made.grid, made.maps)
    people = pd.DataFrame(PEOPLE, columns=["year", "sex", "adults", "adults_with_documents", "adults_feeling_secure"])
    write_table(folder / "tenure_security.csv", people.assign(consent="yes"))
