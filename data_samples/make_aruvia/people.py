"""Where people live: towns at good harbours and rivers, roads between them, and how strongly land is wanted."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely

from make_aruvia.noise import DECIMALS
from make_aruvia.terrain import Grid, Relief

#: Towns on the coast, then towns inland, and how far from each other they are founded at least [km].
TOWNS = (17, 9)
_APART_KM = (21.0, 15.0)
_COARSE = 5


@dataclass(frozen=True)
class Settled:
    """Towns (place [km] and size, the capital 1), roads, and fields on the grid.

    Attributes
    ----------
    town_distance, road_distance : ndarray
        Kilometres to the nearest town and road; 0 at sea.
    wanted : ndarray
        How strongly the land is wanted for farms; higher is wanted more.
    """

    towns: list[tuple[float, float, float]]
    roads: shapely.Geometry
    town_distance: np.ndarray
    road_distance: np.ndarray
    wanted: np.ndarray


def settle(grid: Grid, relief: Relief, rng: np.random.Generator) -> Settled:
    """Found towns, link those that can be linked by land, and derive the demand for land."""
    cells = _found_towns(grid, relief, rng)
    sizes = np.round(1 / (1 + 0.35 * np.arange(len(cells))), DECIMALS)
    places = [(float(grid.east[column]), float(grid.north[row])) for row, column in cells]
    towns = [(*place, float(size)) for place, size in zip(places, sizes, strict=True)]
    roads = _build_roads(grid, relief, cells)
    to_road = grid.distance_to(roads, relief.land)
    to_town = grid.distance_to(shapely.multipoints(places), relief.land)
    near = 1.3 * np.exp(-to_road / 5) + 0.9 * np.exp(-to_town / 12)
    rough = 0.0035 * relief.slope + 0.0009 * relief.height
    patches = grid.noise(rng, 9, 5, 0.6)
    wanted = np.where(relief.land, near - rough + 0.24 * patches, -np.inf)
    return Settled(towns, roads, to_town, to_road, np.round(wanted, DECIMALS))


def _found_towns(grid: Grid, relief: Relief, rng: np.random.Generator) -> list[tuple[int, int]]:
    """The best places one after the other, each keeping its distance from those before."""
    river = np.log1p(relief.flow) / 9
    harbour = np.exp(-relief.coast / 2.5) * (0.6 + relief.shelter)
    plain = river - relief.slope / 90 - relief.height / 900 + rng.normal(0, 0.25, grid.shape)
    inland = relief.land & (relief.coast > 9) & (relief.height < 900)
    worths = (np.where(relief.land, plain + harbour, -np.inf), np.where(inland, plain, -np.inf))
    found: list[tuple[int, int]] = []
    for worth, count, apart in zip(worths, TOWNS, _APART_KM, strict=True):
        taken = list(found)
        for _ in range(count):
            for row, column in taken:
                worth[np.hypot(grid.u - grid.east[column], grid.v - grid.north[row]) < apart] = -np.inf
            row, column = np.unravel_index(int(worth.argmax()), grid.shape)
            taken = [(int(row), int(column))]
            found += taken
    return found


def _build_roads(grid: Grid, relief: Relief, cells: list[tuple[int, int]]) -> shapely.Geometry:
    """Link each town to the network by the easiest way; a town on an island of its own gets a short street."""
    rows, columns = grid.shape[0] // _COARSE, grid.shape[1] // _COARSE

    def coarse(field: np.ndarray) -> np.ndarray:
        blocks = field[: rows * _COARSE, : columns * _COARSE].reshape(rows, _COARSE, columns, _COARSE)
        return blocks.mean((1, 3))

    effort = 1000 * (1 + coarse(relief.slope) / 25 + coarse(relief.height) / 900)
    cost = np.where(coarse(relief.land) > 0.5, effort, 0).astype(int)
    towns = [(min(row // _COARSE, rows - 1), min(column // _COARSE, columns - 1)) for row, column in cells]
    for town in towns:
        cost[town] = 1000
    linked, lines = {towns[0]}, []
    for town in towns[1:]:
        path = _easiest_way(cost.tolist(), town, linked)
        if not path:
            path = [town, (town[0], town[1] + 1)]
        linked.update(path)
        middle = [(row * _COARSE + _COARSE // 2, column * _COARSE + _COARSE // 2) for row, column in path]
        if len(middle) > 1:
            lines.append(_smoothed(np.array([(grid.u[cell], grid.v[cell]) for cell in middle])))
    return shapely.multilinestrings([shapely.LineString(line) for line in lines])


def _easiest_way(cost: list[list[int]], start: tuple[int, int], goals: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cells from the start to the first goal reached (Dijkstra), or an empty list; a cost of 0 cannot be crossed."""
    best, came, waiting = {start: 0}, {}, [(0, start)]
    while waiting:
        spent, here = heapq.heappop(waiting)
        if here in goals:
            path = [here]
            while path[-1] != start:
                path.append(came[path[-1]])
            return path
        for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)):
            row, column = here[0] + down, here[1] + right
            if not (0 <= row < len(cost) and 0 <= column < len(cost[0])) or not cost[row][column]:
                continue
            total = spent + (cost[here[0]][here[1]] + cost[row][column]) * (7 if down and right else 5)
            if total < best.get((row, column), total + 1):
                best[row, column], came[row, column] = total, here
                heapq.heappush(waiting, (total, (row, column)))
    return []


def _smoothed(line: np.ndarray) -> np.ndarray:
    middle = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4 if len(line) > 2 else line[:0]
    return np.vstack([line[:1], middle, line[-1:]])
