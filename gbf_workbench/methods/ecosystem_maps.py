"""What maps show of each ecosystem type at each date: its area, extent of occurrence and area of occupancy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.pixel_areas import pixel_areas
from gbf_workbench.methods.ranges import (
    STEPS,
    fewest_squares,
    hull_km2,
    joined_pieces,
    local_plane,
    named_plane,
    pieces_of_points,
    pieces_of_shape,
    placements,
    polygons_in,
)
from gbf_workbench.methods.rasters import RasterSource, bounds_in

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray

COLUMNS = ["name", "year", "km2", "eoo_km2", "aoo"]
_NOTES = "indicators.red_list_of_ecosystems.notes"
#: Maps whose cells with data differ by more than this share of them are spoken of.
_WORTH_SAYING = 1e-3
Projector = Callable[[Any, Any], tuple[Any, Any]]


@dataclass(frozen=True)
class Measure:
    """How ranges are measured.

    Attributes
    ----------
    plane : str
        Name of the coordinate system to measure in; empty for a local equal-area one around the mapped types.
    square_km : float
        Side of the squares of the area of occupancy [km].
    rule : str
        Which squares count (see ``ranges.occupied_squares``).
    number : int
        Placements of the grid.
    round_cells : bool
        Whether a cell of a map stands for the circle in it, in the extent of occurrence, and not for the whole cell.
    seed : int
    """

    plane: str
    square_km: float
    rule: str
    number: int
    round_cells: bool
    seed: int

    @property
    def side(self) -> float:
        """Side of a square [m]."""
        return 1000 * self.square_km


@dataclass(frozen=True)
class Cells:
    """The outermost cells of a type on a map: those at the ends of each row and column of the grid."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


def measured_types(
    maps: Sequence[RasterSource] | None, polygons: gpd.GeoDataFrame | None, types: pd.DataFrame | None, how: Measure,
    doubts: Doubts,
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:  # fmt: skip
    """The natural and semi-natural types of maps, measured, and what the legend says of them.

    Parameters
    ----------
    maps, polygons
        Maps of one kind, or none.
    types : DataFrame or None
        The legend: ``class_code, name, natural``; perhaps ``ecosystem_id, get_code, year``.
    how : Measure
    doubts : Doubts

    Returns
    -------
    mapped : DataFrame or None
        As ``measure_rasters`` gives it, with identifiers as names.
    legend : DataFrame or None
        ``ecosystem_id, name, get_code`` of the types.

    Raises
    ------
    WorkbenchError
        If there are maps of both kinds, or polygons of a class that the legend does not list.
    """
    if maps is None and polygons is None:
        return None, None
    if maps is not None and polygons is not None:
        raise problem(f"{_NOTES}.both_kinds_of_map")
    if types is None:
        doubts.add("flag", "no_legend")
        return None, None
    rows = types.reindex(columns=["class_code", "name", "natural", "get_code", "ecosystem_id", "year"])
    identifier = rows["ecosystem_id"].astype(object)
    identifier = identifier.where(identifier.notna(), rows["name"].astype(object))
    rows = rows.assign(class_code=rows["class_code"].map(class_key), ecosystem_id=identifier)
    natural = rows[rows["natural"].isin(["Natural", "Seminatural"])]
    legend = natural.drop_duplicates("ecosystem_id")[["ecosystem_id", "name", "get_code"]]
    if maps is not None:
        _say_of_coverage(maps, doubts)
        names = [{int(code): name for code, name in _valid(natural, source.year).items()} for source in maps]
        return measure_rasters(maps, names, how), legend
    outlines = _named(polygons, rows, natural)
    listed = {int(year): set(_valid(natural, year).values()) for year in polygons["year"].unique()}
    return measure_polygons(outlines, how, listed), legend


def refuse_elsewhere(
    maps: Sequence[RasterSource] | None, polygons: gpd.GeoDataFrame | None, land: gpd.GeoDataFrame | None
) -> None:
    """Refuse maps that do not touch the country: they carry a wrong coordinate system, or are another country's.

    Raises
    ------
    WorkbenchError
    """
    if land is None or (maps is None and polygons is None):
        return
    bounds = bounds_in(maps[0], land.crs) if maps is not None else polygons.total_bounds
    if bounds is None:
        return
    west, south, east, north = land.total_bounds
    if bounds[0] > east or bounds[2] < west or bounds[1] > north or bounds[3] < south:
        raise problem(f"{_NOTES}.elsewhere")


def class_key(code: Any) -> str:
    """A class code as text; 1, 1.0 and "01" are the same class.

    >>> class_key("01"), class_key(1.0), class_key("T1a")
    ('1', '1', 'T1a')
    """
    said = str(code).strip()
    try:
        number = float(said)
    except ValueError:
        return said
    return str(int(number)) if number.is_integer() else said


def _valid(rows: pd.DataFrame, year: int) -> dict[str, str]:
    """Class code to identifier for the map of a year."""
    of_year = rows["year"].isna() | rows["year"].eq(year).fillna(False).astype(bool)
    return dict(zip(rows.loc[of_year, "class_code"], rows.loc[of_year, "ecosystem_id"], strict=True))


def _named(polygons: gpd.GeoDataFrame, rows: pd.DataFrame, natural: pd.DataFrame) -> gpd.GeoDataFrame:
    codes = polygons["class_code"].map(class_key)
    names = pd.Series(None, index=polygons.index, dtype=object)
    for year in sorted({int(year) for year in polygons["year"]}):
        here = polygons["year"].eq(year).to_numpy(dtype=bool)
        if unknown := sorted(set(codes[here]) - set(_valid(rows, year))):
            said = ", ".join(unknown)
            raise problem(f"{_NOTES}.not_in_legend", year=year, table="ecosystem_types", value=said)
        names[here] = codes[here].map(_valid(natural, year))
    return polygons.assign(name=names)


def _say_of_coverage(maps: Sequence[RasterSource], doubts: Doubts) -> None:
    """A place without data at one date looks like a loss; a map of one type has no other cells, so it is not held."""
    if len(maps) < 2 or all(len(source.codes) < 2 for source in maps):
        return
    cells = {source.year: sum(source.codes.values()) for source in maps}
    low, high = min(cells.values()), max(cells.values())
    if high - low > _WORTH_SAYING * high:
        doubts.add("flag", "coverage_differs", percent=100 * (high - low) / high)


def measure_rasters(sources: Sequence[RasterSource], names: Sequence[Mapping[int, str]], how: Measure) -> pd.DataFrame:
    """Area, extent and occupancy of types on maps of cells, each map for itself.

    Parameters
    ----------
    sources : sequence of RasterSource
        On one grid.
    names : sequence of mapping
        For each map the types to measure: class code to name.
    how : Measure

    Returns
    -------
    DataFrame
        ``name, year, km2, eoo_km2`` [km²], ``aoo`` [squares]; a type that is on another map and, though the legend
        has it, not on this one has 0. A type that is on none is not measured: nobody saw it vanish.

    Raises
    ------
    WorkbenchError
        If nothing is mapped, the plane is none, or the projection of the maps gives mapped cells no area.
    """
    import pyproj

    own = pyproj.CRS(sources[0].crs)
    outermost = [_outermost(source, known) for source, known in zip(sources, names, strict=True)]
    seen = {name for one in outermost for name in one}
    if not seen:
        raise problem(f"{_NOTES}.nothing_mapped", table="ecosystem_maps")
    plane = named_plane(how.plane) if how.plane else _plane_around(sources[0], outermost)
    drawn = own.equals(plane, ignore_axis_order=True)
    project = _unchanged if drawn else pyproj.Transformer.from_crs(own, plane, always_xy=True).transform
    corner = _lower_left(sources[0], project)
    grids = placements(how.number, how.seed)
    rows = []
    for source, known, edges in zip(sources, names, outermost, strict=True):
        places = _places(source, known, project, corner, how.side, "grid" if drawn else "ellipsoid")
        for name in sorted(seen.intersection(known.values())):
            pieces = joined_pieces(places[places["name"] == name], how.side / STEPS)
            if not len(pieces.km2):
                rows.append((name, source.year, 0.0, 0.0, 0))
                continue
            eoo = _extent(source, edges[name], project, how.round_cells)
            rows.append((name, source.year, float(pieces.km2.sum()), eoo, fewest_squares(pieces, grids, how.rule)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _unchanged(x: Any, y: Any) -> tuple[Any, Any]:
    return x, y


def _outermost(source: RasterSource, names: Mapping[int, str]) -> dict[str, Cells]:
    """The outermost cells of each type; classes with one name are one type."""
    ends: dict[str, list[NDArray[np.int64]]] = {}
    for window, block in source.blocks():
        for name in set(names.values()):
            there = np.isin(block, [code for code, one in names.items() if one == name])
            rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
            if not len(rows):
                continue
            # The top and bottom of each strip are ends too; more cells than needed do not move a hull.
            west, east = there[rows].argmax(axis=1), there.shape[1] - 1 - there[rows, ::-1].argmax(axis=1)
            north = there[:, columns].argmax(axis=0)
            south = there.shape[0] - 1 - there[::-1, columns].argmax(axis=0)
            down = np.concatenate([rows, rows, north, south]) + window.row_off
            ends.setdefault(name, []).append(np.stack([down, np.concatenate([west, east, columns, columns])]))
    joined = {name: np.unique(np.concatenate(found, axis=1), axis=1) for name, found in ends.items()}
    return {name: Cells(both[0], both[1]) for name, both in joined.items()}


def _at(source: RasterSource, rows: Any, columns: Any) -> tuple[Any, Any]:
    """Coordinates of points of the grid, counted from its outer edges."""
    a, _, c, _, e, f = source.transform
    return c + a * np.asarray(columns), f + e * np.asarray(rows)


def _plane_around(source: RasterSource, outermost: Sequence[Mapping[str, Cells]]) -> pyproj.CRS:
    import pyproj

    every = [cells for one in outermost for cells in one.values()]
    rows, columns = (np.concatenate([getattr(one, name) for one in every]) for name in ("rows", "columns"))
    crs = pyproj.CRS(source.crs)
    to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    return local_plane(*to_degrees.transform(*_at(source, rows + 0.5, columns + 0.5)))


def _lower_left(source: RasterSource, project: Projector) -> tuple[float, float]:
    """The lower left corner of the map on the plane."""
    rows, columns = source.shape
    x, y = project(*_at(source, np.array([0, 0, rows, rows]), np.array([0, columns, 0, columns])))
    return float(np.min(x)), float(np.min(y))


def _extent(source: RasterSource, cells: Cells, project: Projector, round_cells: bool) -> float:
    if round_cells:
        x, y = project(*_at(source, cells.rows + 0.5, cells.columns + 0.5))
        beside, _ = project(*_at(source, cells.rows[:1] + 0.5, cells.columns[:1] + 1.0))
        return hull_km2(np.column_stack([x, y]), around=abs(float(beside[0] - x[0])))
    down = np.concatenate([cells.rows, cells.rows, cells.rows + 1, cells.rows + 1])
    across = np.concatenate([cells.columns, cells.columns + 1, cells.columns, cells.columns + 1])
    return hull_km2(np.column_stack(project(*_at(source, down, across))))


def _places(
    source: RasterSource, names: Mapping[int, str], project: Projector, corner: tuple[float, float], side: float,
    measured: str,
) -> pd.DataFrame:  # fmt: skip
    """Area of each type in each small square: ``name, column, row, km2``."""
    found = [pd.DataFrame({"name": [], "column": [], "row": [], "km2": []})]
    _, area_of = pixel_areas(source, measured)
    for window, block in source.blocks():
        for name in sorted(set(names.values())):
            codes = [code for code, one in names.items() if one == name]
            rows, columns = np.nonzero(np.isin(block, codes))
            if not len(rows):
                continue
            rows = rows + window.row_off + 0.5
            km2 = np.broadcast_to(area_of(rows, columns + 0.5), rows.shape)
            if np.isnan(km2).any():
                raise problem("rasters.beyond_projection", table="ecosystem_maps")
            pieces = pieces_of_points(*project(*_at(source, rows, columns + 0.5)), km2, corner, side)
            found.append(pd.DataFrame({"name": name, "column": pieces.column, "row": pieces.row, "km2": pieces.km2}))
    return pd.concat(found[1:] or found)


def measure_polygons(
    polygons: gpd.GeoDataFrame, how: Measure, listed: Mapping[int, Collection[str]] | None = None
) -> pd.DataFrame:
    """Area, extent and occupancy of types on maps of polygons.

    Parameters
    ----------
    polygons : GeoDataFrame
        ``name`` of the type (empty where none is to be measured), ``year``; valid outlines of all dates.
    how : Measure
        ``round_cells`` is of no meaning here.
    listed : mapping or None
        For each year the types that its legend has; all in every year without.

    Returns
    -------
    DataFrame
        As ``measure_rasters``.
    """
    measured = polygons[polygons["name"].notna()]
    if measured.empty:
        raise problem(f"{_NOTES}.nothing_mapped", table="ecosystem_polygons")
    plane = named_plane(how.plane) if how.plane else _plane_of_shapes(measured)
    west, south, _, _ = polygons.to_crs(plane).total_bounds
    grids = placements(how.number, how.seed)
    if listed is None:
        listed = {int(year): set(measured["name"]) for year in polygons["year"].unique()}
    rows = _measured(measured.to_crs(plane), listed, (float(west), float(south)), grids, how)
    return pd.DataFrame(rows, columns=COLUMNS)


def _plane_of_shapes(shapes: gpd.GeoDataFrame) -> pyproj.CRS:
    import shapely

    corners = shapely.get_coordinates(shapes.to_crs(shapes.crs.geodetic_crs).geometry.to_numpy())
    return local_plane(corners[:, 0], corners[:, 1])


def _measured(
    shapes: gpd.GeoDataFrame, listed: Mapping[int, Collection[str]], corner: tuple[float, float],
    grids: NDArray[np.int64], how: Measure,
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    import shapely

    for name in sorted(set(shapes["name"])):
        # A year in which only other types are drawn is a date of this one too.
        for year in sorted(year for year, names in listed.items() if name in names):
            own = shapes[(shapes["name"] == name) & (shapes["year"] == year)].geometry.to_numpy()
            if not len(own):
                yield name, int(year), 0.0, 0.0, 0
                continue
            # On another plane an outline can cross itself by a rounding.
            whole = shapely.union_all(polygons_in(shapely.make_valid(own)))
            pieces = pieces_of_shape(whole, corner, how.side, touched=how.rule == "touched")
            eoo = hull_km2(shapely.get_coordinates(whole))
            yield name, int(year), float(whole.area) / 1e6, eoo, fewest_squares(pieces, grids, how.rule)
