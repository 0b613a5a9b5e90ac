"""The outline of the country: land, provinces that tile it, and the sea around it, all sharing the same vertices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from contourpy import contour_generator

from make_aruvia.noise import DECIMALS, rough_line
from make_aruvia.terrain import LONLAT, Grid
from make_aruvia.writing import write_layer

LAND_KM2, SEA_KM2 = 18_000, 150_000
_SMALLEST_ISLET = 0.8
_FAR = 400.0
#: Centre east and north, and radius [km] of the rounds the islands grow from.
_MAIN = (
    (-78, -26, 15), (-64, -10, 27), (-44, 6, 31), (-30, -18, 24), (-12, 18, 30), (-6, -22, 26), (12, 4, 32),
    (26, 34, 22), (34, 4, 30), (44, -22, 16), (54, 22, 27), (74, 34, 16), (72, 4, 16),
)  # fmt: skip
_ISLES = (
    (-106, -56, 10), (-114, -74, 4), (-92, -70, 6), (104, 62, 11), (118, 50, 5), (112, 79, 6), (92, 80, 4),
    (-104, 48, 7), (98, -44, 8), (86, -58, 4), (-116, -38, 3), (122, 68, 3),
)  # fmt: skip
#: Gulfs cut into the main island, in the same measures.
_GULFS = ((16, -50, 21), (22, -30, 9), (-70, 32, 15), (-58, 22, 6), (62, -8, 6), (82, -14, 10), (-10, 56, 7))
#: Borders on the main island [km]: two from shore to shore, one between them, one from the second to the east shore.
_BORDERS = (((-40, 60), (-34, 20), (-36, -60)), ((34, 75), (28, 20), (36, -60)))
_BRANCHES = (((-36, 4), (0, 2), (29, 10)), ((31, 12), (60, 14), (120, -4)))
#: Names with the region they belong to, given by a point inside it [km].
PROVINCES = (
    ("Marovent", (-70, -10)),
    ("Haute-Talvore", (0, 30)),
    ("Ondrével", (0, -25)),
    ("Nordane", (60, 32)),
    ("Kesauma", (55, 0)),
)
ISLES_NAME = "Îles Séranes"


@dataclass(frozen=True)
class Outline:
    """Land, sea and provinces in degrees, and the land again in kilometres of the grid."""

    land_lonlat: shapely.Geometry
    sea_lonlat: shapely.Geometry
    provinces: dict[str, shapely.Geometry]
    land: shapely.Geometry
    sea: shapely.Geometry


def make_frame(grid: Grid, coast: np.random.Generator, borders: np.random.Generator) -> Outline:
    """Draw coast, provinces and sea, and cut them from one net of lines so that they fit without a gap."""
    islands = _draw_coast(grid, coast)
    lines = _draw_borders(borders)
    everything = _draw_sea(islands)
    near = shapely.buffer(islands, 2)
    borders_ashore = [shapely.intersection(line, near) for line in lines]
    net = [shapely.boundary(islands), *borders_ashore, shapely.boundary(everything)]
    noded = shapely.union_all([grid.to_lonlat(line) for line in net], grid_size=10.0**-DECIMALS)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = grid.to_km(shapely.point_on_surface(faces))
    on_land = shapely.contains_xy(islands, shapely.get_x(inside), shapely.get_y(inside))
    names = _name_faces(islands, lines, inside)
    provinces = {
        name: _joined(faces[on_land & (names == name)]) for name in [*(name for name, _ in PROVINCES), ISLES_NAME]
    }
    land, sea = _joined(faces[on_land]), _joined(faces[~on_land])
    return Outline(land, sea, provinces, grid.to_km(land), grid.to_km(sea))


def _joined(faces: np.ndarray) -> shapely.Geometry:
    joined = shapely.coverage_union_all(faces)
    return shapely.normalize(shapely.multipolygons(shapely.get_parts(joined)))


def _draw_coast(grid: Grid, rng: np.random.Generator) -> shapely.Geometry:
    """Islands as all ground above the level that leaves the wanted area dry."""
    swell = grid.noise(rng, 48, 7, 0.56)
    main = np.minimum(_heap(grid, _MAIN) + 3, -_heap(grid, _GULFS)) + 7 * swell
    ground = np.maximum(main, _heap(grid, _ISLES) - 5.5 + 4.5 * swell)
    ground = np.round(ground, DECIMALS)
    cells = round(LAND_KM2 / (abs(grid.transform.a * grid.transform.e) / 1e6))
    level = np.partition(ground.ravel(), -cells)[-cells]
    rings = contour_generator(grid.u, grid.v, ground).lines(level + 10.0**-DECIMALS / 2)
    # A lake's shore is a ring too; the union below swallows it, so lakes count as land.
    islands = np.array([shapely.Polygon(ring) for ring in rings if len(ring) > 3 and (ring[0] == ring[-1]).all()])
    islands = shapely.union_all(islands[shapely.area(islands) >= _SMALLEST_ISLET])
    return shapely.make_valid(shapely.simplify(islands, 0.06))


def _heap(grid: Grid, rounds: tuple[tuple[float, float, float], ...]) -> np.ndarray:
    """Rounds melted together: kilometres inside (positive) or outside of their common edge."""
    return 3 * np.log(sum(np.exp((r - np.hypot(grid.u - u, grid.v - v)) / 3) for u, v, r in rounds))


def _draw_borders(rng: np.random.Generator) -> list[shapely.Geometry]:
    borders = [rough_line(rng, np.array(points), 0.13, 1.2) for points in _BORDERS]
    bends = np.concatenate(borders)
    (west, *middle, east), (start, *out) = _BRANCHES
    branches = [
        rough_line(rng, np.array([_nearest(bends, west), *middle, _nearest(bends, east)]), 0.13, 1.2),
        rough_line(rng, np.array([_nearest(bends, start), *out]), 0.13, 1.2),
    ]
    # Straight on to far beyond the sea, so that the lines part the whole map and not only the land.
    north, east = np.array([0, _FAR]), np.array([_FAR, 0])
    lines = [np.vstack([line[0] + north, line, line[-1] - north]) for line in borders]
    lines += [branches[0], np.vstack([branches[1], branches[1][-1] + east])]
    return [shapely.LineString(line) for line in lines]


def _nearest(points: np.ndarray, place: tuple[float, float]) -> np.ndarray:
    return points[np.hypot(*(points - place).T).argmin()]


def _draw_sea(islands: shapely.Geometry) -> shapely.Geometry:
    """Everything within the distance of the islands that gives the sea its size."""
    near, far = 50.0, 400.0
    while far - near > 0.05:
        reach = (near + far) / 2
        size = shapely.area(shapely.buffer(shapely.convex_hull(islands), reach)) - shapely.area(islands)
        near, far = (reach, far) if size < SEA_KM2 else (near, reach)
    return shapely.simplify(shapely.buffer(shapely.convex_hull(islands), near, quad_segs=24), 0.3)


def _name_faces(islands: shapely.Geometry, lines: list[shapely.Geometry], inside: np.ndarray) -> np.ndarray:
    """The province of each face, by a point inside it: regions on and close to the main island, else the isles."""
    cut = shapely.union_all([shapely.boundary(shapely.box(-_FAR, -_FAR, _FAR, _FAR)), *lines])
    regions = shapely.get_parts(shapely.polygonize(shapely.get_parts(cut)))
    parts = shapely.get_parts(islands)
    close = shapely.distance(parts[shapely.area(parts).argmax()], inside) < 14
    names = np.full(len(inside), ISLES_NAME, dtype=object)
    for name, place in PROVINCES:
        region = regions[shapely.contains_xy(regions, *place)][0]
        names[close & shapely.contains(region, inside)] = name
    return names


def write(folder: Path, outline: Outline) -> None:
    """Three layers in degrees."""
    layers = {
        "land": {"geometry": [outline.land_lonlat]},
        "sea": {"geometry": [outline.sea_lonlat]},
        "provinces": {"name": list(outline.provinces), "geometry": list(outline.provinces.values())},
    }
    for layer, columns in layers.items():
        write_layer(folder / f"{layer}.gpkg", gpd.GeoDataFrame(columns, crs=LONLAT))
