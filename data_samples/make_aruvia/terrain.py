"""The lie of the land: the grid all maps share, heights, rivers and rain."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import Transformer
from rasterio.features import rasterize
from rasterio.transform import Affine

from make_aruvia.noise import DECIMALS, fractal_noise

MAP_CRS, LONLAT = "EPSG:6933", "EPSG:4326"
#: The middle of the island: open Indian Ocean, more than 1,200 km from any land.
CENTRE = (84.3, -14.2)
CELL = 300.0
_HALF_WIDTH, _HALF_HEIGHT = 132.0, 92.0
#: A cylindrical equal-area map stretches west-east and squeezes south-north away from its 30° parallels.
_STRETCH = np.cos(np.radians(30)) / np.cos(np.radians(CENTRE[1]))
#: The backbone of the main island, west to east [km].
RIDGE = ((-66, -6), (-38, 6), (-10, 4), (16, 14), (44, 8), (66, 18))


@dataclass(frozen=True)
class Grid:
    """The cells of all maps; ``east`` of columns and ``north`` of rows are true kilometres from the island's middle."""

    transform: Affine
    shape: tuple[int, int]
    east: np.ndarray
    north: np.ndarray
    origin: tuple[float, float]

    @property
    def u(self) -> np.ndarray:
        """Kilometres east, for every cell."""
        return np.broadcast_to(self.east, self.shape)

    @property
    def v(self) -> np.ndarray:
        """Kilometres north, for every cell."""
        return np.broadcast_to(self.north[:, None], self.shape)

    def noise(self, rng: np.random.Generator, wavelength: float, octaves: int, gain: float = 0.5) -> np.ndarray:
        """Fractal noise on the cells, with its widest waves in kilometres."""
        return fractal_noise(rng, self.east, self.north, wavelength, octaves, gain)

    def to_map(self, places: np.ndarray) -> np.ndarray:
        """Kilometres to metres of the map projection; shape (n, 2)."""
        return np.asarray(places) * [1000 * _STRETCH, 1000 / _STRETCH] + self.origin

    def to_lonlat(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """Kilometres to degrees, kept to about 0.1 m."""
        back = Transformer.from_crs(MAP_CRS, LONLAT, always_xy=True)
        return shapely.transform(
            geometry, lambda places: np.round(np.column_stack(back.transform(*self.to_map(places).T)), DECIMALS)
        )

    def to_km(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """Degrees to kilometres."""
        forth = Transformer.from_crs(LONLAT, MAP_CRS, always_xy=True)

        def moved(places: np.ndarray) -> np.ndarray:
            return (np.column_stack(forth.transform(*places.T)) - self.origin) / [1000 * _STRETCH, 1000 / _STRETCH]

        return shapely.transform(geometry, moved)

    def cover(self, geometry: shapely.Geometry) -> np.ndarray:
        """Cells whose middle lies in a geometry given in kilometres."""
        on_map = shapely.transform(geometry, self.to_map)
        return rasterize([(on_map, 1)], self.shape, transform=self.transform, dtype="uint8").astype(bool)

    def distance_to(self, geometry: shapely.Geometry, where: np.ndarray) -> np.ndarray:
        """Kilometres from the cells chosen by ``where`` to the nearest point of lines or points; elsewhere 0."""
        pieces = _segments(geometry)
        tree = shapely.STRtree(pieces)
        points = shapely.points(self.u[where], self.v[where])
        nearest = tree.query_nearest(points, all_matches=False)[1]
        away = np.zeros(self.shape)
        away[where] = shapely.distance(points, pieces[nearest])
        return np.round(away, DECIMALS)


def _segments(geometry: shapely.Geometry) -> np.ndarray:
    parts = shapely.get_parts(geometry)
    if shapely.get_type_id(parts[0]) == 0:
        return parts
    places, line = shapely.get_coordinates(parts, return_index=True)
    same = line[:-1] == line[1:]
    return shapely.linestrings(np.stack([places[:-1][same], places[1:][same]], axis=1))


def placed(west: float, north: float, size: float) -> Affine:
    """The transform of a map of square cells, by its north-west corner."""
    return Affine(size, 0.0, west, 0.0, -size, north)


def make_grid() -> Grid:
    """The empty grid around the island."""
    middle = Transformer.from_crs(LONLAT, MAP_CRS, always_xy=True).transform(*CENTRE)
    origin = (round(middle[0] / CELL) * CELL, round(middle[1] / CELL) * CELL)
    columns = 2 * int(_HALF_WIDTH * 1000 * _STRETCH / CELL)
    rows = 2 * int(_HALF_HEIGHT * 1000 / _STRETCH / CELL)
    transform = placed(origin[0] - columns / 2 * CELL, origin[1] + rows / 2 * CELL, CELL)
    east = (np.arange(columns) - columns / 2 + 0.5) * CELL / 1000 / _STRETCH
    north = (rows / 2 - np.arange(rows) - 0.5) * CELL / 1000 * _STRETCH
    return Grid(transform, (rows, columns), east, north, origin)


@dataclass(frozen=True)
class Relief:
    """What nature gave, cell by cell; 0 at sea.

    Attributes
    ----------
    land : ndarray of bool
    coast, height, slope, flow, rain, shelter : ndarray
        Distance to the sea [km], height [m], slope [m/km], area drained [cells], rain [mm a year], and the share of
        land within a few kilometres (high in bays).
    """

    land: np.ndarray
    coast: np.ndarray
    height: np.ndarray
    slope: np.ndarray
    flow: np.ndarray
    rain: np.ndarray
    shelter: np.ndarray


def make_relief(grid: Grid, land: shapely.Geometry, rng: np.random.Generator) -> Relief:
    """Heights from the distance to coast and ridge, rivers from the heights, rain from the south-east."""
    on_land = grid.cover(land)
    coast = grid.distance_to(shapely.boundary(land), on_land)
    ridge = grid.distance_to(shapely.multilinestrings([RIDGE]), on_land)
    folds = 1 - np.clip(np.abs(grid.noise(rng, 26, 6, 0.55)) / 2, 0, 1)
    hills = grid.noise(rng, 15, 6, 0.5) / 2
    mountains = 1550 * np.exp(-((ridge / 13) ** 2)) * folds**2 * np.clip(coast / 9, 0, 1)
    uplands = 26 * coast**0.85 * (1 + 0.9 * hills) + 260 * np.clip(hills, 0, None) * np.clip(coast / 6, 0, 1)
    height = np.where(on_land, np.round(2 + np.clip(mountains + uplands, 0, None), DECIMALS), 0)
    filled, flow = _drain(height, on_land)
    rise, run = np.gradient(filled)
    slope = np.round(np.hypot(rise, run) / (CELL / 1000), DECIMALS)
    wind = grid.noise(rng, 45, 4)
    rain = 1750 + 7.5 * grid.u - 9.5 * grid.v + 0.45 * filled + 130 * wind
    return Relief(on_land, coast, filled, slope, flow, np.round(rain, DECIMALS), _share_around(on_land, 9))


def _drain(height: np.ndarray, land: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Heights without pits, and the number of cells that drain through each cell.

    Cells are taken from the sea upwards, each draining to the one it was reached from (Barnes et al. 2014,
    doi:10.1016/j.cageo.2013.04.024).
    """
    rows, columns = height.shape
    level = np.where(land, height, 0).ravel().tolist()
    waiting = [(0.0, int(cell)) for cell in np.flatnonzero(~land & _touches(land))]
    heapq.heapify(waiting)
    known = (~land).ravel().tolist()
    downstream, order = [-1] * len(level), []
    around = (-1, 1, -columns, columns, -columns - 1, -columns + 1, columns - 1, columns + 1)
    while waiting:
        here_level, here = heapq.heappop(waiting)
        order.append(here)
        for step in around:
            there = here + step
            if not known[there]:
                known[there] = True
                level[there] = max(level[there], here_level + 0.02)
                downstream[there] = here
                heapq.heappush(waiting, (level[there], there))
    flow = [1] * len(level)
    for cell in reversed(order):
        if downstream[cell] >= 0:
            flow[downstream[cell]] += flow[cell]
    flow_map = np.where(land, np.array(flow).reshape(rows, columns), 0)
    return np.round(np.array(level).reshape(rows, columns), DECIMALS), flow_map


def _touches(land: np.ndarray) -> np.ndarray:
    grown = land.copy()
    grown[1:] |= land[:-1]
    grown[:-1] |= land[1:]
    wide = grown.copy()
    wide[:, 1:] |= grown[:, :-1]
    wide[:, :-1] |= grown[:, 1:]
    return wide


def _share_around(mask: np.ndarray, reach: int) -> np.ndarray:
    """Share of True cells in the square of ``2 * reach + 1`` cells around each cell."""
    side = 2 * reach + 1
    sums = np.pad(mask.astype(float), ((reach + 1, reach), (reach + 1, reach))).cumsum(0).cumsum(1)
    return (sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]) / side**2
