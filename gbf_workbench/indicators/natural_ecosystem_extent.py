"""How much of the country is natural, what became of it, and what took its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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
    reappraised,
)  # fmt: skip
from gbf_workbench.methods.accuracy import adjusted_areas
from gbf_workbench.methods.legends import NATURAL, Legend, class_code, named, read_legend
from gbf_workbench.methods.rasters import RasterSource, bounds_in, cross_tabulate

if TYPE_CHECKING:
    import geopandas as gpd

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
_REAPPRAISED = {"additions": "Upward reappraisals", "reductions": "Downward reappraisals"}
_GET_CODE = re.compile(r"[A-Z]{1,3}[0-9]{1,2}(\.[0-9]{1,2})?")
#: A place mapped at one date only, or a difference from the country's area, is said from this share on.
_WORTH_SAYING = 1e-3
_BEYOND_ROUNDING = 1e-6
#: Standard errors on each side of an adjusted extent: 95 % of a normal distribution.
_SIDES = 1.96
_COLUMNS = ["year", "disaggregation_type", "disaggregation", "value", "unit", "n", "lower", "upper"]


def natural_ecosystem_extent(
    ecosystem_maps: tuple[RasterSource, ...] | None,
    ecosystem_polygons: gpd.GeoDataFrame | None,
    ecosystem_types: pd.DataFrame,
    land: gpd.GeoDataFrame | None,
    sea: gpd.GeoDataFrame | None,
    map_accuracy: pd.DataFrame | None,
    ecosystem_reappraisals: pd.DataFrame | None,
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
    map_accuracy : DataFrame or None
        ``year, class_code, reference_class, place_count``: places checked, by class on the map and true class.
    ecosystem_reappraisals : DataFrame or None
        ``class_before, class_after``, optionally ``closing_year``: differences of the maps that are no change of the
        land.
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
        realm; the extent account, change matrix and components of change of each period [km2]; with checked places
        the extents corrected by them, with 95 % limits.

    Raises
    ------
    WorkbenchError
        If the legend does not explain the maps, the maps share no place, or polygons overlap too much.

    Notes
    -----
    Share = natural and semi-natural extent / accounting area x 100. The accounting area is what all maps cover.
    Extents, change matrix and components are those of the maps, reappraisals included; additions, reductions and the
    change of natural extent are without them.

    References
    ----------
    United Nations 2021, SEEA Ecosystem Accounting, chapter 4; Olofsson et al. 2014, doi:10.1016/j.rse.2014.02.015.
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
    legend = _legend(ecosystem_types, table.years)
    adjusted = [] if map_accuracy is None else list(_adjusted_rows(table, legend, map_accuracy))
    table = named(table, legend)
    steps = None if ecosystem_reappraisals is None else _reappraised_steps(table, legend, ecosystem_reappraisals)
    present = [name for name in legend.types.index if (table.codes == name).any()]
    legend = Legend(legend.names, legend.types.loc[present])
    rows = [
        *_extent_rows(table, legend),
        *_index_rows(table, legend, reference_year),
        *_account_rows(table, legend, steps),
        *adjusted,
    ]
    out = pd.DataFrame(rows, columns=_COLUMNS)
    out["value_status"] = np.where(out["value"].isna(), "not_applicable", "measured")
    out.loc[out["lower"].notna(), "value_status"] = "estimated"
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
    whole = polygons.assign(class_code=[class_code(code) for code in polygons["class_code"]])
    table, overlaps = cross_tabulate_polygons(whole)
    doubts = []
    for (year, shared), dropped in zip(overlaps.items(), table.dropped_km2, strict=True):
        mapped = float(table.areas_km2.sum()) + dropped
        if 100 * shared > allowed * mapped:
            raise _refusal("overlap", year=year, km2=shared, percent=100 * shared / mapped, table="ecosystem_polygons")
        if shared > _BEYOND_ROUNDING * mapped:
            doubts.append(_doubt("overlap_small", year=year, km2=shared))
    return table, doubts


def _legend(types: pd.DataFrame, years: Sequence[int]) -> Legend:
    """The legend by date; whatever contradicts itself is refused."""
    codes = set(types["get_code"].dropna().astype("str")) if "get_code" in types else set()
    if bad := sorted(code for code in codes if code and not _GET_CODE.fullmatch(code)):
        raise _refusal("get_code_form", table="ecosystem_types", column="get_code", value=", ".join(bad))
    return read_legend(types, years)


def _row(year: int, kind: str, name: str, value: float, unit: str = "km2", n: int | None = None) -> dict[str, Any]:
    return {
        "year": year, "disaggregation_type": kind, "disaggregation": name, "value": float(value), "unit": unit, "n": n,
    }  # fmt: skip


def _extents(table: CrossTable, legend: Legend, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Area [km2] and count of each type at a date."""
    areas, counts = table.matrix(year, year, list(legend.types.index))
    return np.diag(areas), np.diag(counts)


def _extent_rows(table: CrossTable, legend: Legend) -> Iterable[dict[str, Any]]:
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


def _breakdowns(legend: Legend) -> list[tuple[str, str, np.ndarray]]:
    """Kind, name and mask of each part of natural extent that is reported."""
    natural = legend.is_natural
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


def _index_rows(table: CrossTable, legend: Legend, reference: int) -> Iterable[dict[str, Any]]:
    """Natural extent where that of the reference year is 100."""
    year_zero = reference or table.years[0]
    if year_zero not in table.years:
        raise _refusal("no_reference", column="reference_year", value=str(reference), choices=_listed(table.years))
    natural = legend.is_natural
    extents = {year: _extents(table, legend, year)[0][natural].sum() for year in table.years}
    for year, extent in extents.items():
        value = 100 * extent / extents[year_zero] if extents[year_zero] > 0 else np.nan
        yield _row(year, f"Index of natural extent, {year_zero} = 100", "", value, "index")


def _listed(names: Iterable[Any]) -> str:
    return ", ".join(map(str, names))


def _account_rows(table: CrossTable, legend: Legend, steps: np.ndarray | None) -> Iterable[dict[str, Any]]:
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
        yield from _period_rows(table, legend, steps, opening, closing)


def _period_rows(
    table: CrossTable, legend: Legend, steps: np.ndarray | None, opening: int, closing: int
) -> Iterable[dict[str, Any]]:
    types, years = list(legend.types.index), f"{opening}–{closing}"
    areas, counts = table.matrix(opening, closing, types)
    real, moved = areas, counts
    if steps is not None:
        revised = reappraised(table, steps, opening, closing).matrix(opening, closing, types)
        real, moved = areas - revised[0], counts - revised[1]
        yield from _reappraisal_rows(legend, revised, closing, years)
    account, units = (_account(*both, types) for both in ((areas, real), (counts, moved)))
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
    change, cells = (natural_change(matrix, legend.is_natural) for matrix in (real, moved))
    for name, words in _NATURAL_CHANGE.items():
        n = None if name == "net" else int(cells[name])
        yield _row(closing, f"Natural change, {years}", words, change[name], n=n)


def _account(mapped: np.ndarray, real: np.ndarray, types: list[str]) -> pd.DataFrame:
    """Opening and closing extent as mapped, additions and reductions of the land itself."""
    account = extent_account(mapped, types)
    return account.assign(**extent_account(real, types)[["additions", "reductions"]])


def _reappraisal_rows(
    legend: Legend, revised: tuple[np.ndarray, np.ndarray], closing: int, years: str
) -> Iterable[dict[str, Any]]:
    """What the better map gave to and took from each type, and natural extent in all."""
    types = list(legend.types.index)
    account, units = (extent_account(matrix, types) for matrix in revised)
    for column, kind in _REAPPRAISED.items():
        for name in types:
            yield _row(closing, f"{kind}, {years}", name, account.at[name, column], n=int(units.at[name, column]))
    change = natural_change(revised[0], legend.is_natural)
    yield _row(closing, f"Natural change, {years}", "Reappraisal of natural extent", change["net"])


def _reappraised_steps(table: CrossTable, legend: Legend, listed: pd.DataFrame) -> np.ndarray:
    """Whether the change of each sequence from one date to the next is in the list, shape (N, T - 1)."""
    steps = np.zeros((len(table.codes), len(table.years) - 1), dtype=bool)
    closing = listed["closing_year"] if "closing_year" in listed else pd.Series(pd.NA, index=listed.index)
    for at, year in enumerate(table.years[1:]):
        valid = listed[closing.isna() | (closing == year).fillna(False).astype(bool)]
        before = _named_classes(valid["class_before"], legend.names[at], table.years[at], "ecosystem_reappraisals")
        after = _named_classes(valid["class_after"], legend.names[at + 1], year, "ecosystem_reappraisals")
        pairs = set(zip(before, after, strict=True))
        steps[:, at] = [
            (was, now) in pairs for was, now in zip(table.codes[:, at], table.codes[:, at + 1], strict=True)
        ]
    return steps


def _named_classes(codes: Iterable[Any], names: dict[str, str], year: int, table: str) -> list[str]:
    """Names of the classes of another table than the legend."""
    codes = [class_code(code) for code in codes]
    if unknown := sorted(set(codes) - set(names)):
        raise _refusal("class_unknown", year=year, table=table, value=", ".join(unknown))
    return [names[code] for code in codes]


def _adjusted_rows(coded: CrossTable, legend: Legend, checked: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """Extents corrected by checked places, the strata being the classes of the map."""
    for year, part in checked.groupby("year"):
        if year not in coded.years:
            raise _refusal("no_map_checked", table="map_accuracy", value=str(year), choices=_listed(coded.years))
        names = legend.names[coded.years.index(year)]
        drawn = [class_code(code) for code in part["class_code"]]
        _named_classes(drawn, names, year, "map_accuracy")
        found = _named_classes(part["reference_class"], names, year, "map_accuracy")
        places = part["place_count"].groupby([drawn, found]).sum().unstack(fill_value=0).astype(int)
        mapped = (
            pd.Series(coded.areas_km2)
            .groupby([class_code(one) for one in coded.codes[:, coded.years.index(year)]])
            .sum()
        )
        places = places.reindex(mapped.index, fill_value=0)
        if few := [names[code] for code in mapped.index if places.loc[code].sum() < 2]:
            raise _refusal("too_few_places", year=year, table="map_accuracy", value=", ".join(few))
        natural = legend.types.loc[places.columns, "natural"].isin(NATURAL).to_numpy()
        together = places.loc[:, natural].sum(axis=1)
        both = pd.DataFrame({"": together, "other": places.sum(axis=1) - together})
        for name, row in _estimates(mapped, places).items():
            yield {"year": year, "disaggregation_type": "Adjusted extent", "disaggregation": name, "unit": "km2", **row}
        row, about = _estimates(mapped, both)[""], {"year": year, "disaggregation_type": "Adjusted natural extent"}
        yield {**about, "disaggregation": "", "unit": "km2", **row}
        share = {limit: 100 * row[limit] / mapped.sum() for limit in ("value", "lower", "upper")}
        yield {**about, "disaggregation": "", "unit": "%", **row, **share}


def _estimates(mapped: pd.Series, places: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Estimate, limits and number of places of each true class."""
    areas, errors = adjusted_areas(mapped.to_numpy(), places.to_numpy())
    return {
        name: {"value": area, "lower": max(0.0, area - _SIDES * error),
               "upper": min(float(mapped.sum()), area + _SIDES * error), "n": int(places[name].sum())}
        for name, area, error in zip(places.columns, areas, errors, strict=True)
    }  # fmt: skip


def _doubt(key: str, **values: Any) -> dict[str, Any]:
    return {"level": "flag", "key": key, "values": values}


def _doubts(table: CrossTable, legend: Legend, land: Any, sea: Any) -> Iterable[dict[str, Any]]:
    yield _doubt("map_error")
    total = float(table.areas_km2.sum())
    for year, dropped in zip(table.years, table.dropped_km2, strict=True):
        if dropped > _BEYOND_ROUNDING * total:
            yield _doubt("dropped", year=year, km2=dropped, percent=100 * dropped / (total + dropped))
    if len(table.years) == 1:
        yield _doubt("one_date")
    natural = legend.types[legend.is_natural]
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
