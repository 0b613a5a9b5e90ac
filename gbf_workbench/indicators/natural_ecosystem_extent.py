"""How much of the country is natural, what became of it, and what took its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import WorkbenchError, problem
from gbf_workbench.methods.accounts import (
    CrossTable,
    assert_continuous,
    change_components,
    cross_tabulate_polygons,
    extent_account,
    natural_change,
    overall_change,
)  # fmt: skip
from gbf_workbench.methods.rasters import RasterSource, bounds_in, cross_tabulate

if TYPE_CHECKING:
    import geopandas as gpd

NATURAL, SEMINATURAL = "Natural", "Seminatural"
_ACCOUNT = {
    "opening": "Opening extent",
    "additions": "Additions",
    "reductions": "Reductions",
    "closing": "Closing extent",
}
_NATURAL_CHANGE = {
    "loss": "Loss of natural extent",
    "recovery": "Recovery of natural extent",
    "net": "Net change of natural extent",
}
_GET_CODE = re.compile(r"[A-Z]{1,3}[0-9]{1,2}(\.[0-9]{1,2})?")
#: A place mapped at one date only, or a difference from the country's area, is said from this share on.
_WORTH_SAYING = 1e-3
_BEYOND_ROUNDING = 1e-6


@dataclass(frozen=True)
class _Legend:
    """Names of the classes at each date, and what is known of each name."""

    names: tuple[dict[str, str], ...]
    types: pd.DataFrame


def natural_ecosystem_extent(
    ecosystem_maps: tuple[RasterSource, ...] | None,
    ecosystem_polygons: gpd.GeoDataFrame | None,
    ecosystem_types: pd.DataFrame,
    land: gpd.GeoDataFrame | None,
    sea: gpd.GeoDataFrame | None,
    *,
    reference_year: int,
    pixel_area: str,
    overlap_allowed: float,
) -> pd.DataFrame:
    """Extent of natural and semi-natural ecosystems, with the extent accounts between all dates.

    Parameters
    ----------
    ecosystem_maps : tuple of RasterSource or None
        Maps of classes on one grid, in the order of their years.
    ecosystem_polygons : GeoDataFrame or None
        Polygons with ``class_code`` and ``year``, in the equal-area CRS of the frame.
    ecosystem_types : DataFrame
        ``class_code``, ``name``, ``natural``; optionally ``get_code``, ``realm``, ``year``.
    land, sea : GeoDataFrame or None
        The frame of the country, to compare the mapped area with.
    reference_year : int
        Date the index of natural extent refers to; 0 is the first.
    pixel_area : {"ellipsoid", "grid"}
        How pixels are measured; of no effect on polygons.
    overlap_allowed : float
        Largest overlap of the polygons of a year [% of the mapped area].

    Returns
    -------
    DataFrame
        Share [%] and extent [km2] of natural and semi-natural ecosystems, by type, biome, functional group and
        realm; the extent account, change matrix and components of change of each period [km2].

    Raises
    ------
    WorkbenchError
        If the legend does not explain the maps, the maps share no place, or polygons overlap too much.

    Notes
    -----
    Share = natural and semi-natural extent / accounting area x 100. The accounting area is what all maps cover.
    """
    if (ecosystem_maps is None) == (ecosystem_polygons is None):
        raise _refusal("both_kinds_of_map")
    if ecosystem_maps is not None:
        _refuse_elsewhere(bounds_in(ecosystem_maps[0], land.crs) if land is not None else None, land)
        table, doubts = cross_tabulate(ecosystem_maps, pixel_area=pixel_area), []
    else:
        _refuse_elsewhere(ecosystem_polygons.total_bounds, land)
        table, doubts = _of_polygons(ecosystem_polygons, overlap_allowed)
    if not table.areas_km2.sum() > 0:
        raise _refusal("nothing_in_common")
    legend = _read_legend(ecosystem_types, table.years)
    table = _named(table, legend)
    present = [name for name in legend.types.index if (table.codes == name).any()]
    legend = _Legend(legend.names, legend.types.loc[present])
    rows = [*_extent_rows(table, legend), *_index_rows(table, legend, reference_year), *_account_rows(table, legend)]
    out = pd.DataFrame(rows, columns=["year", "disaggregation_type", "disaggregation", "value", "unit", "n"])
    out["value_status"] = np.where(out["value"].isna(), "not_applicable", "measured")
    out.attrs["doubts"] = [*doubts, *_doubts(table, legend, land, sea)]
    return out


def _refusal(key: str, **values: Any) -> WorkbenchError:
    return problem(f"indicators.natural_ecosystem_extent.notes.{key}", **values)


def _refuse_elsewhere(bounds: Sequence[float] | None, land: gpd.GeoDataFrame | None) -> None:
    """Refuse maps that do not touch the country: they carry a wrong coordinate system, or are another country's."""
    if land is None or bounds is None:
        return
    west, south, east, north = land.total_bounds
    if bounds[0] > east or bounds[2] < west or bounds[1] > north or bounds[3] < south:
        raise _refusal("elsewhere")


def _of_polygons(polygons: gpd.GeoDataFrame, allowed: float) -> tuple[CrossTable, list[dict[str, Any]]]:
    whole = polygons.assign(class_code=[_code(code) for code in polygons["class_code"]])
    table, overlaps = cross_tabulate_polygons(whole)
    doubts = []
    for (year, shared), dropped in zip(overlaps.items(), table.dropped_km2, strict=True):
        mapped = float(table.areas_km2.sum()) + dropped
        if 100 * shared > allowed * mapped:
            raise _refusal("overlap", year=year, km2=shared, percent=100 * shared / mapped, table="ecosystem_polygons")
        if shared > _BEYOND_ROUNDING * mapped:
            doubts.append(_doubt("overlap_small", year=year, km2=shared))
    return table, doubts


def _code(code: Any) -> str:
    """A class code as text; 1, 1.0 and "01" are the same class, however the file stored it."""
    said = str(code).strip()
    try:
        number = float(said)
    except ValueError:
        return said
    return str(int(number)) if number.is_integer() else said


def _read_legend(types: pd.DataFrame, years: Sequence[int]) -> _Legend:
    """The legend by date, and one row for each name; whatever contradicts itself is refused."""
    rows = types.reset_index(drop=True)
    for column in ("get_code", "realm", "year"):
        if column not in rows:
            rows[column] = None
    rows = rows.assign(class_code=[_code(code) for code in rows["class_code"]])
    for column in ("get_code", "realm"):
        rows[column] = rows[column].astype(object).where(rows[column].notna(), "")
    if bad := sorted({code for code in rows["get_code"] if code and not _GET_CODE.fullmatch(code)}):
        raise _refusal("get_code_form", table="ecosystem_types", column="get_code", value=", ".join(bad))
    known = rows[["name", "natural", "get_code", "realm"]].drop_duplicates()
    if not known["name"].is_unique:
        names = sorted(set(known.loc[known["name"].duplicated(), "name"]))
        raise _refusal("name_contradicted", table="ecosystem_types", column="name", value=", ".join(names))
    return _Legend(tuple(_names_of(rows, year) for year in years), known.set_index("name").sort_index())


def _names_of(rows: pd.DataFrame, year: int) -> dict[str, str]:
    valid = rows[rows["year"].isna() | (rows["year"] == year).fillna(False).astype(bool)]
    if twice := sorted(set(valid.loc[valid["class_code"].duplicated(), "class_code"])):
        raise _refusal("class_twice", year=year, table="ecosystem_types", column="class_code", value=", ".join(twice))
    return dict(zip(valid["class_code"], valid["name"], strict=True))


def _named(table: CrossTable, legend: _Legend) -> CrossTable:
    """The table by name of type instead of class code."""
    codes = np.array([[_code(code) for code in row] for row in table.codes], dtype=object)
    for year, column, names in zip(table.years, codes.T, legend.names, strict=True):
        if unknown := sorted(set(column) - set(names)):
            raise _refusal("not_in_legend", year=year, table="ecosystem_types", value=", ".join(unknown))
    coded = CrossTable(table.years, codes, table.counts, table.areas_km2, table.dropped_km2)
    return coded.renamed(legend.names)


def _row(year: int, kind: str, name: str, value: float, unit: str = "km2", n: int | None = None) -> dict[str, Any]:
    return {
        "year": year, "disaggregation_type": kind, "disaggregation": name, "value": float(value), "unit": unit, "n": n,
    }  # fmt: skip


def _extents(table: CrossTable, legend: _Legend, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Area [km2] and count of each type at a date."""
    areas, counts = table.matrix(year, year, list(legend.types.index))
    return np.diag(areas), np.diag(counts)


def _is_natural(legend: _Legend) -> np.ndarray:
    return legend.types["natural"].isin([NATURAL, SEMINATURAL]).to_numpy()


def _extent_rows(table: CrossTable, legend: _Legend) -> Iterable[dict[str, Any]]:
    """The headline, as a share and in km2, and its breakdowns; only natural and semi-natural types are in them."""
    parts = _breakdowns(legend)
    for year in table.years:
        areas, counts = _extents(table, legend, year)
        for kind, name, chosen in parts:
            extent, n = areas[chosen].sum(), int(counts[chosen].sum())
            yield _row(year, kind, name, 100 * extent / areas.sum(), "%", n)
            yield _row(year, kind, name, extent, n=n)
        for name, area, n in zip(legend.types.index, areas, counts, strict=True):
            yield _row(year, "Ecosystem type", name, area, n=int(n))


def _breakdowns(legend: _Legend) -> list[tuple[str, str, np.ndarray]]:
    """Kind, name and mask of each part of natural extent that is reported."""
    natural = _is_natural(legend)
    code = legend.types["get_code"]
    columns = {
        "Natural or semi-natural ecosystem": legend.types["natural"],
        "Realm": legend.types["realm"],
        "Biome": code.str.split(".").str[0],
        "Ecosystem functional group": code.where(code.str.contains(".", regex=False), ""),
    }
    parts = [("", "", natural)]
    for kind, column in columns.items():
        for name in sorted(set(column[natural]) - {""}):
            parts.append((kind, name, natural & (column == name).to_numpy()))
    return parts


def _index_rows(table: CrossTable, legend: _Legend, reference: int) -> Iterable[dict[str, Any]]:
    """Natural extent where that of the reference year is 100."""
    year_zero = reference or table.years[0]
    if year_zero not in table.years:
        raise _refusal("no_reference", column="reference_year", value=str(reference), choices=_listed(table.years))
    natural = _is_natural(legend)
    extents = {year: _extents(table, legend, year)[0][natural].sum() for year in table.years}
    for year, extent in extents.items():
        value = 100 * extent / extents[year_zero] if extents[year_zero] > 0 else np.nan
        yield _row(year, f"Index of natural extent, {year_zero} = 100", "", value, "index")


def _listed(names: Iterable[Any]) -> str:
    return ", ".join(map(str, names))


def _account_rows(table: CrossTable, legend: _Legend) -> Iterable[dict[str, Any]]:
    """Account, change matrix and components of each period, and of the whole time where there is more than one."""
    types = list(legend.types.index)
    periods = list(pairwise(table.years))
    before = None
    for opening, closing in periods:
        account = extent_account(table.matrix(opening, closing, types)[0], types)
        if before is not None:
            assert_continuous(before, account)
        before = account
    if len(periods) > 1:
        periods.append((table.years[0], table.years[-1]))
    for opening, closing in periods:
        yield from _period_rows(table, legend, opening, closing)


def _period_rows(table: CrossTable, legend: _Legend, opening: int, closing: int) -> Iterable[dict[str, Any]]:
    types, years = list(legend.types.index), f"{opening}–{closing}"
    areas, counts = table.matrix(opening, closing, types)
    account, units = extent_account(areas, types), extent_account(counts, types)
    for column, kind in _ACCOUNT.items():
        for name in types:
            yield _row(closing, f"{kind}, {years}", name, account.at[name, column], n=int(units.at[name, column]))
    for i, was in enumerate(types):
        for j, now in enumerate(types):
            yield _row(closing, f"Change, {years}", f"{was} → {now}", areas[i, j], n=int(counts[i, j]))
    parts = overall_change(change_components(areas, types))
    cells = overall_change(change_components(counts, types))
    for name in ("quantity", "exchange", "shift"):
        yield _row(closing, f"Change component, {years}", name.capitalize(), parts[name], n=int(cells[name]))
    change, moved = (natural_change(matrix, _is_natural(legend)) for matrix in (areas, counts))
    for name, words in _NATURAL_CHANGE.items():
        n = None if name == "net" else int(moved[name])
        yield _row(closing, f"Natural change, {years}", words, change[name], n=n)


def _doubt(key: str, **values: Any) -> dict[str, Any]:
    return {"level": "flag", "key": key, "values": values}


def _doubts(table: CrossTable, legend: _Legend, land: Any, sea: Any) -> Iterable[dict[str, Any]]:
    yield _doubt("map_error")
    total = float(table.areas_km2.sum())
    for year, dropped in zip(table.years, table.dropped_km2, strict=True):
        if dropped > _BEYOND_ROUNDING * total:
            yield _doubt("dropped", year=year, km2=dropped, percent=100 * dropped / (total + dropped))
    if len(table.years) == 1:
        yield _doubt("one_date")
    natural = legend.types[_is_natural(legend)]
    for column, key in (("get_code", "no_get_code"), ("realm", "no_realm")):
        without = natural.index[natural[column] == ""]
        if 0 < len(without) < len(natural):
            yield _doubt(key, names=_listed(without))
    yield from _frame_doubts(total, land, sea)


def _frame_doubts(mapped: float, land: Any, sea: Any) -> Iterable[dict[str, Any]]:
    """How far the mapped area is from the country's land, or from its land and sea if that is nearer."""
    if land is None:
        return
    on_land = float(land.geometry.area.sum()) / 1e6
    wholes = {"frame_land": on_land}
    if sea is not None:
        wholes["frame_land_and_sea"] = on_land + float(sea.geometry.area.sum()) / 1e6
    key, whole = min(wholes.items(), key=lambda one: abs(mapped - one[1]))
    if abs(mapped - whole) > _WORTH_SAYING * whole:
        yield _doubt(key, mapped=mapped, frame=whole, km2=mapped - whole)
