"""Green and blue space worked out city by city, each in its own zone of the transverse Mercator projection."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely
import yaml

#: The scale of a zone differs over a city by less than this, and shares of one city hardly feel it.
TOLERANCE = 2e-4


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Shares by city and colour, their means, and people near a public space."""
    own = folder / "urban_green_and_blue_space"
    built, spaces, homes = (
        gpd.read_file(next(own.glob(f"{name}.*")))
        for name in ("built_up_areas", "green_and_blue_spaces", "population_points")
    )
    land = gpd.read_file(folder / "frame/land.gpkg")
    settings = yaml.safe_load((folder / "country.yml").read_text(encoding="utf-8")).get("settings", {})
    metres = settings.get("urban_green_and_blue_space", {}).get("distance", 400)
    if "year" not in spaces:
        spaces["year"] = None

    found: dict[tuple[int, str, str, str], float] = {}
    for year, cities in built.groupby("year"):
        here = spaces[spaces["year"].isna() | (spaces["year"] == year)]
        rows = [_of_city(cities.loc[[at]], here, homes, land, metres) for at in cities.index]
        count = len(rows)
        covered, whole = sum(row["covered"] for row in rows), sum(row["whole"] for row in rows)
        found[year, "", "", "%"] = sum(row["share"] for row in rows) / count
        found[year, "All cities together", "", "%"] = 100 * covered / whole
        for colour in ("Green", "Blue"):
            found[year, "Green or blue", colour, "%"] = sum(row[colour] for row in rows) / count
        for name, row in zip(cities["name"], rows, strict=True):
            found[year, "City", name, "%"] = row["share"]
            found[year, "People near a public space", name, "%"] = 100 * row["near"] / row["people"]
        people = sum(row["people"] for row in rows)
        found[year, "People near a public space", "", "%"] = 100 * sum(row["near"] for row in rows) / people
    return found


def _of_city(city, spaces, homes, land, metres: float) -> dict[str, float]:
    plane = city.estimate_utm_crs()

    def moved(layer, densified: float = 0.002):
        step = densified if layer.crs.is_geographic else 200
        return layer.geometry.segmentize(step).to_crs(plane)

    outline = moved(city).iloc[0].intersection(moved(land).union_all())
    public = spaces[spaces["access"] == "public"]
    shapes = moved(public)
    inside = shapely.union_all(shapes.array).intersection(outline)
    row = {"covered": inside.area, "whole": outline.area, "share": 100 * inside.area / outline.area}
    for colour in ("Green", "Blue"):
        own = shapely.union_all(shapes[(public["space_type"] == colour.lower()).to_numpy()].array)
        row[colour] = 100 * own.intersection(outline).area / outline.area
    row["people"] = row["near"] = 0.0
    for place, persons in zip(homes.to_crs(plane).geometry, homes["persons"], strict=True):
        if outline.contains(place):
            row["people"] += persons
            row["near"] += persons * (min(shape.distance(place) for shape in shapes) <= metres)
    return row
