"""Places of importance for biodiversity, drawn before most sites were, and evaluations of how sites are managed."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from make_aruvia.made import Made
from make_aruvia.noise import rough_ring
from make_aruvia.terrain import LONLAT
from make_aruvia.writing import write_layer, write_table

#: Designation of the sites near which such places lie, and the realm of those places, with how many there are.
NEAR = (("National Park", "Terrestrial", 6), ("Marine Park", "Marine", 4), ("Ramsar", "Freshwater", 2))
#: The method of evaluation by the period in which it was in use.
METHODS = {(2006, 2014): "METT 3", (2015, 2023): "METT 4"}


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Outlines of the places, and the evaluations of about a third of the sites, some of them twice."""
    rows = []
    for designation, realm, number in NEAR:
        near = made.sites[made.sites["designation"].str.startswith(designation) & (made.sites["status"] != "Proposed")]
        chosen = near[near.geom_type != "Point"].iloc[:number]
        rows += [
            _place(made, name, shape, realm, rng) for name, shape in zip(chosen["name"], chosen.geometry, strict=True)
        ]
    layer = gpd.GeoDataFrame(rows, crs=LONLAT)
    layer.insert(0, "kba_id", [f"KBA-{number:02d}" for number in range(1, len(layer) + 1)])
    write_layer(folder / "key_biodiversity_areas.geojson", layer, COORDINATE_PRECISION=5)
    write_table(folder / "management_evaluations.csv", _evaluations(made.sites, rng))


def _place(made: Made, name: str, site: shapely.Geometry, realm: str, rng: np.random.Generator) -> dict[str, object]:
    """A place that lies across the edge of the site it was named after."""
    plane = gpd.GeoSeries([site], crs=LONLAT).to_crs("EPSG:6933").iloc[0]
    middle, side = plane.centroid, float(np.sqrt(plane.area))
    east, north = rng.normal(0, 0.22 * side, 2)
    ring = rough_ring(rng, (middle.x + east, middle.y + north), plane.area * rng.uniform(0.3, 3.0), 1.4, 0.5, 0.2)
    shape = gpd.GeoSeries([shapely.simplify(shapely.Polygon(ring), 300)], crs="EPSG:6933").to_crs(LONLAT).iloc[0]
    return {"name": name, "realm": realm, "geometry": shapely.set_precision(shape, 1e-5)}


def _evaluations(sites: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    known = sites[(sites["status"] == "Designated") & sites["status_year"].between(1, 2014)]
    chosen = sorted(rng.choice(known["site_id"].unique(), size=30, replace=False))
    rows = []
    for at, site in enumerate(chosen):
        for (first, last), method in METHODS.items():
            # Every other site was evaluated in one period only.
            if at % 2 == 0 or (first < 2015) == (at % 4 == 1):
                rows.append((site, int(rng.integers(first, last + 1)), method))
    return pd.DataFrame(rows, columns=["site_id", "year", "method"])
