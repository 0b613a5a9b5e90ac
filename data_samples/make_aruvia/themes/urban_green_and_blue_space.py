"""Green and blue space of Aruvia's eight largest towns, at two dates, and where their people live."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from make_aruvia.made import Made
from make_aruvia.names import place_names
from make_aruvia.noise import rough_ring
from make_aruvia.terrain import LONLAT
from make_aruvia.writing import write_layer

YEARS = (2015, 2023)
CITIES = 8
#: Kind of space, colour, functional group, how many to a town, size [km²], who may enter, with which chance.
KINDS = (
    ("park", "green", "T7.4", 6, (0.05, 0.5), (("public", 0.85), ("fee", 0.05), ("", 0.1))),
    ("wood", "green", "T1.1", 2, (0.2, 1.0), (("public", 0.7), ("private", 0.3))),
    ("garden", "green", "T7.4", 3, (0.03, 0.15), (("private", 0.5), ("customers", 0.1), ("", 0.4))),
    ("golf course", "green", "T7.4", 1, (0.4, 0.9), (("fee", 1.0),)),
    ("lake", "blue", "F2.2", 2, (0.06, 0.5), (("public", 0.9), ("", 0.1))),
    ("beach", "blue", "MT1.3", 1, (0.05, 0.2), (("public", 1.0),)),
)  # fmt: skip
_HOMES = 45


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Outlines of towns and spaces, and points where people live."""
    names = place_names(rng, CITIES)
    towns = sorted(made.settled.towns, key=lambda town: -town[2])[:CITIES]
    rings = [_ring(rng, town[:2], 16 + 90 * town[2]) for town in towns]
    built, spaces, homes = [], [], []
    for number, (town, ring, name) in enumerate(zip(towns, rings, names, strict=True), start=1):
        people = round(260_000 * town[2], -2)
        for year, grown in zip(YEARS, (0.84, 1.0), strict=True):
            outline = shapely.affinity.scale(ring, grown**0.5, grown**0.5, origin=town[:2])
            outline = shapely.intersection(outline, made.outline.land)
            about = {"city_id": f"C-{number:02d}", "name": name, "year": year, "population": people * grown}
            built.append(about | {"geometry": outline})
        spaces += _spaces(ring, town, made, rng)
        homes.append(_homes(ring, town, people, made, rng))
    for at, space in enumerate(spaces, start=1):
        space["space_id"] = f"{100 + at}"
    order = ["space_id", "space_type", "kind", "access", "year", "get_code", "geometry"]
    _write(folder / "built_up_areas.geojson", gpd.GeoDataFrame(built, geometry="geometry"), made)
    layer = gpd.GeoDataFrame(spaces, columns=order)
    layer["year"] = layer["year"].astype("Int64")
    _write(folder / "green_and_blue_spaces.geojson", layer, made)
    _write(folder / "population_points.geojson", pd.concat(homes, ignore_index=True), made)


def _ring(rng: np.random.Generator, place: tuple[float, float], area: float) -> shapely.Geometry:
    return shapely.Polygon(rough_ring(rng, place, area, 1.3, float(rng.uniform(0, np.pi)), 0.18)[::2])


def _spaces(
    ring: shapely.Geometry, town: tuple[float, float, float], made: Made, rng: np.random.Generator
) -> list[dict[str, object]]:
    """Spaces in and around a town; parks laid out since the first map carry the year of the second."""
    reach, found = float(np.sqrt(shapely.area(ring) / np.pi)), []
    shore = shapely.boundary(made.outline.land)
    for kind, colour, code, count, areas, doors in KINDS:
        for _ in range(int(rng.poisson(count * (0.6 + town[2])))):
            away, turn = reach * np.sqrt(rng.random()) * 1.05, rng.uniform(0, 2 * np.pi)
            place = (town[0] + away * np.cos(turn), town[1] + away * np.sin(turn))
            if kind == "beach":
                along = shapely.line_locate_point(shore, shapely.Point(place))
                place = shapely.get_coordinates(shapely.line_interpolate_point(shore, along))[0]
            elif not shapely.contains_xy(made.outline.land, *place):
                continue
            area = float(np.exp(rng.uniform(*np.log(areas))))
            shape = shapely.Polygon(rough_ring(rng, place, area, 1.4, turn, 0.2)[::2])
            access = str(rng.choice([one for one, _ in doors], p=[chance for _, chance in doors]))
            later = kind == "park" and rng.random() < 0.2
            found.append({
                "space_type": colour, "kind": kind, "access": access or None, "year": 2023 if later else None,
                "get_code": code, "geometry": shape,
            })  # fmt: skip
    return found


def _homes(
    ring: shapely.Geometry, town: tuple[float, float, float], people: float, made: Made, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Points with people, denser towards the middle of the town."""
    reach = float(np.sqrt(shapely.area(ring) / np.pi))
    away, turn = 1.3 * reach * rng.random(3 * _HOMES), rng.uniform(0, 2 * np.pi, 3 * _HOMES)
    points = shapely.points(town[0] + away * np.cos(turn), town[1] + away * np.sin(turn))
    inside = shapely.contains(shapely.intersection(ring, made.outline.land), points)
    points = points[inside][:_HOMES]
    share = rng.dirichlet(np.full(len(points), 4.0))
    return gpd.GeoDataFrame({"persons": np.round(people * share).astype(int)}, geometry=points)


def _write(path: Path, layer: gpd.GeoDataFrame, made: Made) -> None:
    shapes = [shapely.set_precision(made.grid.to_lonlat(shape), 1e-5) for shape in layer.geometry]
    layer = gpd.GeoDataFrame(layer.drop(columns="geometry"), geometry=shapes, crs=LONLAT)
    write_layer(path, layer, COORDINATE_PRECISION=5)
