"""Three maps of ecosystem types: what would grow there, and what people have made of it by each date."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from make_aruvia.people import Settled
from make_aruvia.terrain import Grid, Relief
from make_aruvia.writing import NODATA, write_map, write_table

#: Class, name, whether natural, functional group of the Global Ecosystem Typology.
TYPES = (
    (1, "Lowland rainforest", "Natural", "T1.1"),
    (2, "Montane rainforest", "Natural", "T1.3"),
    (3, "Savanna", "Natural", "T4.2"),
    (4, "Mangrove", "Natural", "MFT1.2"),
    (5, "Freshwater wetland", "Natural", "TF1.4"),
    (6, "Plantation", "Not natural", "T7.3"),
    (7, "Cropland", "Not natural", "T7.1"),
    (8, "Pasture", "Not natural", "T7.2"),
    (9, "Settlement", "Not natural", "T7.4"),
    (10, "Old fields", "Seminatural", "T7.5"),
)
LOWLAND, MONTANE, SAVANNA, MANGROVE, WETLAND = 1, 2, 3, 4, 5
PLANTATION, CROPLAND, PASTURE, SETTLEMENT, OLD_FIELDS = 6, 7, 8, 9, 10
#: Share of the land farmed or planted at some time up to the year.
FARMED = {2000: 0.235, 2010: 0.285, 2020: 0.318}
#: Share of the farmed land that has been left since the map before; what was left before that has grown back.
LEFT = {2000: 0.02, 2010: 0.025, 2020: 0.04}
TOWN_GROWTH = {2000: 0.9, 2010: 1.0, 2020: 1.11}


def make_maps(grid: Grid, relief: Relief, settled: Settled, rng: np.random.Generator) -> dict[int, np.ndarray]:
    """Class of each cell for each year; 255 outside land and under clouds."""
    wild = _wild(grid, relief, rng)
    edges = rng.normal(0, 0.05, grid.shape)
    wanted = settled.wanted + edges - 0.5 * (wild == MANGROVE) - 0.2 * (wild == WETLAND) - 0.2 * (wild == MONTANE)
    crops = _crop_kinds(grid, relief, wild, rng)
    left_first = grid.noise(rng, 5, 4) - 0.35 * wanted
    sprawl = grid.noise(rng, 4, 4)
    order = np.sort(wanted[relief.land])
    maps, left, grown_back = {}, np.zeros(grid.shape, bool), np.zeros(grid.shape, bool)
    for year, share in FARMED.items():
        # Land cleared since the map before is in use; only older fields can have been left.
        older = relief.land & (wanted > order[int((1 - FARMED.get(year - 10, share)) * len(order))])
        grown_back |= left
        in_use = older & ~grown_back
        left = in_use & (left_first > np.quantile(left_first[in_use], 1 - LEFT[year]))
        farmed = relief.land & (wanted > order[int((1 - share) * len(order))]) & ~grown_back
        cover = np.where(farmed, np.where(left, OLD_FIELDS, crops), wild)
        cover[_built(grid, relief, settled, sprawl, TOWN_GROWTH[year]) & (wild != MONTANE)] = SETTLEMENT
        maps[year] = np.where(relief.land, cover, NODATA).astype("uint8")
    return {year: _clouded(grid, relief, cover, rng) for year, cover in maps.items()}


def _wild(grid: Grid, relief: Relief, rng: np.random.Generator) -> np.ndarray:
    """What grows where nobody has cleared."""
    ragged = grid.noise(rng, 12, 7, 0.62)
    fine = grid.noise(rng, 5, 5, 0.65)
    dry = relief.rain + 170 * ragged - 1650
    cover = np.where(dry < 0, SAVANNA, LOWLAND)
    cover[relief.height + 130 * ragged > 800] = MONTANE
    river = relief.land & (relief.flow > 500)
    to_river = grid.distance_to(shapely.multipoints(np.column_stack([grid.u[river], grid.v[river]])), relief.land)
    plain = (relief.height < 170) & (relief.slope < 32) & (relief.coast > 0.5)
    cover[plain & (to_river + 0.5 * ragged + relief.height / 90 < 1.45 + 0.9 * fine)] = WETLAND
    low = (relief.height < 26) & (relief.coast < 2.6)
    sheltered = relief.shelter + 0.10 * fine + 0.08 * np.exp(-to_river) - 0.09 * relief.coast
    cover[low & (sheltered > 0.60)] = MANGROVE
    return cover


def _crop_kinds(grid: Grid, relief: Relief, wild: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What the land is used for where it is used."""
    estates = grid.noise(rng, 14, 4, 0.5)
    mixed = grid.noise(rng, 6, 5, 0.65)
    kinds = np.full(grid.shape, CROPLAND)
    kinds[(wild == SAVANNA) & (mixed > -0.5)] = PASTURE
    kinds[(relief.slope > 45) & (mixed > -0.2)] = PASTURE
    kinds[np.isin(wild, (LOWLAND, MONTANE)) & (mixed > 0.75)] = PASTURE
    kinds[np.isin(wild, (LOWLAND, WETLAND)) & (estates > 0.75) & (relief.height < 500)] = PLANTATION
    return kinds


def _built(grid: Grid, relief: Relief, settled: Settled, sprawl: np.ndarray, growth: float) -> np.ndarray:
    """Built-up land: around each town by its size, and in drops along the roads."""
    built = np.zeros(grid.shape, bool)
    for u, v, size in settled.towns:
        away = np.hypot(grid.u - u, grid.v - v)
        built |= away + 0.55 * sprawl < 5.2 * np.sqrt(size) * growth - 0.3 - 0.6 * np.clip(settled.road_distance, 0, 3)
    drops = (settled.road_distance < 0.5) & (sprawl > 2.25 - 0.25 * growth)
    return relief.land & (relief.slope < 90) & (built | drops)


def _clouded(grid: Grid, relief: Relief, cover: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A few clouds, each year elsewhere and mostly over the mountains."""
    rough = grid.noise(rng, 8, 5)
    clouded = cover.copy()
    where = np.flatnonzero(relief.height > 500)
    for cell in rng.choice(where, rng.integers(3, 6), replace=False):
        away = np.hypot(grid.u - grid.u.flat[cell], (grid.v - grid.v.flat[cell]) * 1.4)
        clouded[away + 0.9 * rough < rng.uniform(0.9, 2.6)] = NODATA
    return clouded


def types_table() -> pd.DataFrame:
    """The legend of the maps."""
    return pd.DataFrame(TYPES, columns=["class_code", "name", "natural", "get_code"])


def write(folder: Path, grid: Grid, maps: dict[int, np.ndarray]) -> None:
    """One map a year, and their legend."""
    for year, cover in maps.items():
        write_map(folder / f"ecosystem_maps_{year}.tif", cover, grid)
    write_table(folder / "ecosystem_types.csv", types_table())
