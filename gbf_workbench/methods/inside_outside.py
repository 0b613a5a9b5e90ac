"""How much of each class of maps lies inside shapes and outside of them, at every date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.errors import WorkbenchError, problem
from gbf_workbench.methods.accounts import CrossTable, add_up, cross_table
from gbf_workbench.methods.pixel_areas import pixel_areas
from gbf_workbench.methods.rasters import EMPTY, STRIP_PIXELS, RasterSource, grid_issues, runs

if TYPE_CHECKING:
    import geopandas as gpd
    from rasterio.windows import Window


def cross_tabulate_by_zone(
    sources: Sequence[RasterSource], zones: Sequence[gpd.GeoSeries], *, strip_pixels: int = STRIP_PIXELS
) -> list[CrossTable]:
    """How much lay under each sequence of classes, one table for each zone and a last one for the rest of the map.

    Parameters
    ----------
    sources : sequence of RasterSource
        On one grid, each of another year.
    zones : sequence of GeoSeries
        Shapes of each zone, with their coordinate system. A cell belongs to the first zone that holds its middle.
    strip_pixels : int
        Pixels read at once; it changes no result.

    Returns
    -------
    list of CrossTable, length zones + 1
        Cells without data at any date are in none. Areas are those on the ellipsoid [km²].

    Raises
    ------
    WorkbenchError
        If the maps are not on one grid, or the projection gives mapped pixels no area.
    """
    if issues := grid_issues(sources):
        raise WorkbenchError(*issues)
    sources = sorted(sources, key=lambda source: source.year)
    first, placed = sources[0], [zone.to_crs(sources[0].crs).to_numpy() for zone in zones]
    cuts, area_of = pixel_areas(first)
    parts = []
    for strip in zip(*(source.blocks(strip_pixels) for source in sources), strict=True):
        window, arrays = strip[0][0], [array for _, array in strip]
        zone = _zone_of_cells(placed, first, window)
        starts, lengths = runs([*arrays, zone], cuts)
        rows, left = np.divmod(starts, first.shape[1])
        areas = lengths * area_of(rows + window.row_off + 0.5, left + lengths / 2)
        labels = [_marked(array.ravel()[starts], source) for array, source in zip(arrays, sources, strict=True)]
        if (np.isnan(areas) & np.any([label != EMPTY for label in labels], axis=0)).any():
            raise problem("rasters.beyond_projection", table="ecosystem_maps")
        parts.append(add_up(pd.DataFrame(dict(enumerate([*labels, zone.ravel()[starts]]))), lengths, areas))
    codes, counts, areas = (np.concatenate(one) for one in zip(*parts, strict=True))
    years, where = [source.year for source in sources], codes[:, -1]
    tables = []
    for number in range(len(zones) + 1):
        here = where == number
        classes = codes[here, :-1]
        tables.append(cross_table(years, classes, classes != EMPTY, counts[here], areas[here]))
    return tables


def _zone_of_cells(zones: Sequence[np.ndarray], grid: RasterSource, window: Window) -> np.ndarray:
    """Number of the first zone that holds the middle of each cell of a strip, the number of zones where none does."""
    from rasterio.features import rasterize
    from rasterio.transform import Affine

    a, b, c, d, e, f = grid.transform
    transform = Affine(a, b, c, d, e, f + e * window.row_off)
    out = np.full((window.height, window.width), len(zones), dtype=np.int32)
    # Later shapes are drawn over earlier ones, so the first zone comes last.
    order = reversed(range(len(zones)))
    shapes = [(shape, number) for number in order for shape in zones[number] if not shape.is_empty]
    if shapes:
        rasterize(shapes, out=out, transform=transform)
    return out


def _marked(values: np.ndarray, source: RasterSource) -> np.ndarray:
    whole = values.astype(np.int64)
    return whole if source.nodata is None else np.where(whole == source.nodata, EMPTY, whole)
