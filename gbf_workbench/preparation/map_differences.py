"""Where a map of classes and the country's frame do not agree, in square kilometres on the ground."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.errors import Issue
from gbf_workbench.methods.pixel_areas import pixel_areas
from gbf_workbench.methods.rasters import RasterSource, runs
from gbf_workbench.preparation.antimeridian import cut_at_180

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray

_ELSEWHERE, _LAND, _SEA = 0, 1, 2
#: Differences from this share of the land on are said; less is the width of a line.
_WORTH_SAYING = 1e-3
#: A map that covers so much of the land is meant to cover all of it.
_WALL_TO_WALL = 0.5
#: Straight lines [m] of the frame are bent by the map's projection; between corners this close they are not.
_STRAIGHT = 20_000


@dataclass(frozen=True)
class Coverage:
    """What a map covers of a country [km2], each cell counted where its middle lies.

    Attributes
    ----------
    land, sea, elsewhere : float
        Cells with a class on land, in the sea of the country, and outside of both.
    open_land : float
        Land of the country without a class, in and beyond the extent of the map.
    """

    land: float
    sea: float
    elsewhere: float
    open_land: float


def coverage(source: RasterSource, land: gpd.GeoDataFrame, sea: gpd.GeoDataFrame | None) -> Coverage | None:
    """Measure what a map covers of a country and of what is around it.

    Parameters
    ----------
    source : RasterSource
    land, sea : GeoDataFrame
        The frame, in its equal-area projection.

    Returns
    -------
    Coverage or None
        None where the frame cannot be drawn in the projection of the map.
    """
    import pyproj
    from affine import Affine
    from rasterio.features import rasterize

    crs = pyproj.CRS(source.crs)
    layers = [(_SEA, sea), (_LAND, land)]
    drawn = {code: _drawn_on(layer, crs) for code, layer in layers if layer is not None and len(layer)}
    if any(shapes is None for shapes in drawn.values()):
        return None
    shapes = [(shape, code) for code, parts in drawn.items() for shape in parts]
    cuts, area_of = pixel_areas(source)
    sums = np.zeros((2, 3))
    for window, classes in source.blocks():
        grid = Affine(*source.transform) @ Affine.translation(0, window.row_off)
        place = rasterize(shapes, out_shape=classes.shape, transform=grid, fill=_ELSEWHERE, dtype="uint8")
        starts, lengths = runs([classes, place], cuts)
        rows, left = np.divmod(starts, classes.shape[1])
        areas = np.nan_to_num(lengths * area_of(rows + window.row_off + 0.5, left + lengths / 2))
        filled = (classes.ravel()[starts] != source.nodata).astype(int) if source.nodata is not None else 1
        np.add.at(sums, (filled, place.ravel()[starts]), areas)
    open_land = sums[0, _LAND]
    if not _reaches_around(source, drawn[_LAND]):
        open_land = max(open_land, float(land.geometry.area.sum()) / 1e6 - sums[1, _LAND])
    return Coverage(sums[1, _LAND], sums[1, _SEA], sums[1, _ELSEWHERE], float(open_land))


def map_differences(source: RasterSource, land: gpd.GeoDataFrame | None, sea: gpd.GeoDataFrame | None) -> list[Issue]:
    """What a map shows outside of the country, and what it leaves open of the land.

    Parameters
    ----------
    source : RasterSource
        Checked.
    land, sea : GeoDataFrame or None
        The frame. Nothing can be said without the land.

    Returns
    -------
    list of Issue
        Flags, with areas [km²] in ``values``.
    """
    found = coverage(source, land, sea) if land is not None and len(land) else None
    if found is None:
        return []
    whole = found.land + found.open_land
    return [issue.placed(file=source.name) for issue in _said(found, whole, sea is not None and len(sea) > 0)]


def _said(found: Coverage, whole: float, has_sea: bool) -> Iterator[Issue]:
    if found.elsewhere > _WORTH_SAYING * whole:
        key = "rasters.mapped_outside" if has_sea else "rasters.mapped_beyond_land"
        yield Issue("flag", key, {"km2": found.elsewhere, "percent": 100 * found.elsewhere / whole})
    if found.land >= _WALL_TO_WALL * whole and found.open_land > _WORTH_SAYING * whole:
        values = {"km2": found.open_land, "percent": 100 * found.open_land / whole}
        yield Issue("flag", "rasters.land_left_open", values)


def _drawn_on(layer: gpd.GeoDataFrame, crs: pyproj.CRS) -> NDArray[np.object_] | None:
    """Polygons in the coordinate system of a map; in degrees also a turn further east and west."""
    import shapely

    shapes = layer.geometry.segmentize(_STRAIGHT).to_crs(crs).to_numpy()
    if not np.isfinite(shapely.bounds(shapes)).all():
        return None
    if not crs.is_geographic or crs.axis_info[0].unit_name != "degree":
        return shapes
    cut = cut_at_180(shapes)
    if len(cut.unclear):
        return None
    turned = [shapely.transform(cut.shapes, lambda xy, by=turn: xy + np.array([by, 0])) for turn in (-360, 360)]
    return np.concatenate([cut.shapes, *turned])


def _reaches_around(source: RasterSource, land: NDArray[np.object_]) -> bool:
    """Whether the land, or one turn of it, lies within the extent of a map."""
    import shapely

    a, _, c, _, e, f = source.transform
    extent = shapely.box(c, f + e * source.shape[0], c + a * source.shape[1], f).buffer(max(abs(a), abs(e)))
    parts = shapely.get_parts(land)
    inside = shapely.area(parts[shapely.covers(extent, parts)]).sum()
    turns = 3 if len(parts) and shapely.bounds(parts)[:, 2].max() - shapely.bounds(parts)[:, 0].min() > 540 else 1
    return bool(inside >= (1 - 1e-9) * shapely.area(parts).sum() / turns)
