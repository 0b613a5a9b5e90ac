"""22.1 Traditional territories: how land use changes there and who holds them, only as their peoples consent."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.accounts import CrossTable, natural_change
from gbf_workbench.methods.cells import answers, numbers, texts
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.inside_outside import cross_tabulate_by_zone
from gbf_workbench.methods.land_use_change import loss_figures
from gbf_workbench.methods.legends import NATURAL, Legend, named, read_legend
from gbf_workbench.methods.territories import (
    TENURE,
    Territories,
    consenting,
    cut_territories,
    overlapping_claims,
    tenure_by_year,
    territory_areas,
)

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gbf_workbench.methods.rasters import RasterSource

NOTES = "indicators.traditional_territories.notes"
RECOGNISED = ("titled", "recognised use right")
PLACES = {"inside": "inside territories", "outside": "outside territories"}
_HA = 100.0
#: Why a row has no number, the gravest reason first.
_WHY = {"suppressed": "no_consent", "missing": "part_missing"}


def traditional_territories(
    territories: gpd.GeoDataFrame | None,
    land_use_maps: tuple[RasterSource, ...] | None,
    land_use_classes: pd.DataFrame | None,
    tenure_areas: pd.DataFrame | None,
    land_use_areas: pd.DataFrame | None,
    tenure_security: pd.DataFrame | None,
    land: gpd.GeoDataFrame | None,
    *,
    first_year: int,
    last_year: int,
) -> pd.DataFrame:
    """Area, tenure and change of land use of traditional territories.

    Parameters
    ----------
    territories : GeoDataFrame or None
        Table ``traditional_territory_outlines``, in an ellipsoidal equal-area projection.
    land_use_maps : tuple of RasterSource or None
        Maps of classes on one grid, in the order of their years.
    land_use_classes : DataFrame or None
        Legend of the maps, with what is natural.
    tenure_areas, land_use_areas : DataFrame or None
        Tables ``territory_tenure`` and ``territory_land_use`` [ha]; used where there are no outlines, or no maps.
    tenure_security : DataFrame or None
        Adults with documents and adults who feel secure.
    land : GeoDataFrame or None
        Land of the country, to take a share of.
    first_year, last_year : int
        Ends of the series of tenure; 0 for the first map, else the first recognition, and for the latest year.

    Returns
    -------
    DataFrame
        Area of the territories in ha (the total), by tenure; share recognised by law; classes of land use and their
        changes inside and outside; loss of natural land in ha, % and % per year; people with secure rights in %.

    Raises
    ------
    WorkbenchError
        If no year can be found, or the legend does not explain the maps.

    Notes
    -----
    Territories without consent are neither inside nor outside: they are in no figure. While there are any, the figures
    outside are suppressed, because they and the national map would give what is withheld by difference.

    References
    ----------
    Decision 16/31 of the Conference of the Parties, annex, indicator 22.1; SDG indicators 1.4.2 and 5.a.1 for people.
    """
    doubts = Doubts()
    rows: list[dict[str, Any]] = []
    if territories is not None:
        doubts.add("flag", "both_tenure", count=int(tenure_areas is not None))
        known = consenting(territories)
        years = _years(known, land_use_maps, first_year, last_year)
        rows += _of_outlines(known, land, years, doubts)
        if land_use_maps is not None and land_use_classes is not None:
            rows += _of_maps(known, land_use_maps, land_use_classes, doubts)
    elif tenure_areas is not None:
        rows += _of_tenure_table(tenure_areas)
    if land_use_areas is not None:
        mapped = any(row["disaggregation_type"].startswith("Land use") for row in rows)
        doubts.add("flag", "both_land_use", count=int(mapped))
        if not mapped:
            rows += _of_land_use_table(land_use_areas, with_total=not rows)
    if tenure_security is not None:
        rows += _of_people(tenure_security)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _row(
    year: int, kind: str, name: str, value: float, unit: str = "ha", n: int | None = None, status: str = "measured",
    note: str = "",
) -> dict[str, Any]:  # fmt: skip
    if status == "measured" and not np.isfinite(value):
        status, note = "not_applicable", "nothing_natural"
    return {
        "year": int(year), "disaggregation_type": kind, "disaggregation": name,
        "value": float(value) if status in ("measured", "estimated") else np.nan,
        "unit": unit, "n": n, "value_status": status, "note": note,
    }  # fmt: skip


# -- outlines -------------------------------------------------------------------------------------------------------


def _years(known: Territories, maps: tuple[RasterSource, ...] | None, first: int, last: int) -> NDArray[np.int64]:
    mapped = [one.year for one in maps or ()]
    recognised = known.table["recognised"].dropna().astype(int).tolist()
    if not last and not mapped + recognised:
        raise problem(f"{NOTES}.no_year")
    last = last or max(mapped + recognised)
    first = first or min([*(mapped or recognised), last])
    if first > last:
        raise problem(f"{NOTES}.years_reversed", first=str(first), last=str(last))
    return np.arange(first, last + 1)


def _of_outlines(
    known: Territories, land: gpd.GeoDataFrame | None, years: NDArray[np.int64], doubts: Doubts
) -> Iterable[dict[str, Any]]:
    """Area by tenure and year, territories that may be shown, and claims that overlap."""
    doubts.add("flag", "withheld", count=known.withheld_count)
    doubts.add("flag", "hidden", count=known.hidden_count)
    last, count = int(years[-1]), int(known.table["territory_id"].nunique())
    if known.withheld_count:
        # Nothing is said of a year here but that something is held back: a number would be the area of its people.
        yield _row(last, "Withheld by their peoples", "", np.nan, n=known.withheld_count, status="suppressed",
                   note="no_consent")  # fmt: skip
    if not count:
        for year in years:
            yield _row(year, "", "", np.nan, n=0, status="suppressed", note="no_consent")
        return
    cut = cut_territories(known, land)
    by_year = tenure_by_year(known, cut, years)
    for year, areas in zip(years, by_year, strict=True):
        yield from _tenure_rows(int(year), dict(zip(TENURE, areas, strict=True)), count)
    if land is not None:
        at_land = cut.zones["land"] >= 0
        held = np.isin(np.arange(len(at_land)), cut.piece)
        share = 100 * cut.areas_km2[at_land & held].sum() / cut.areas_km2[at_land].sum()
        yield _row(last, "Share of the land of the country", "", share, "%", count)
    areas = territory_areas(known, cut)
    doubts.add("flag", "one_hidden", count=int(known.hidden_count == 1))
    for label, ha in areas.items():
        yield _row(last, "Indigenous and traditional territories", label, ha, n=1)
    claims = overlapping_claims(known, cut)
    shown = claims[claims["shown"]]
    for one in shown.itertuples():
        yield _row(last, "Overlapping claims", f"{one.first} × {one.second}", one.ha, n=2)
    doubts.add("flag", "overlapping_claims", count=len(claims), ha=float(claims["ha"].sum()))


def _tenure_rows(year: int, areas: dict[str, float], count: int | None) -> Iterable[dict[str, Any]]:
    """Total, kinds of tenure, and the share that the law recognises."""
    total, recognised = sum(areas.values()), sum(areas.get(one, 0.0) for one in RECOGNISED)
    yield _row(year, "", "", total, n=count)
    for name, ha in areas.items():
        yield _row(year, "Tenure", name.capitalize(), ha)
        if total > 0:
            yield _row(year, "Tenure", name.capitalize(), 100 * ha / total, "%")
    yield _row(year, "Recognised by law", "", recognised)
    if total > 0:
        yield _row(year, "Recognised by law", "", 100 * recognised / total, "%")


# -- maps -----------------------------------------------------------------------------------------------------------


def _of_maps(
    known: Territories, maps: tuple[RasterSource, ...], classes: pd.DataFrame, doubts: Doubts
) -> Iterable[dict[str, Any]]:
    """Classes and their changes in the territories, and outside of them where that shows nothing withheld."""
    zones = [known.table.geometry, known.withheld]
    tables = cross_tabulate_by_zone(maps, zones)
    years = tables[0].years
    legend = read_legend(classes, years)
    inside, withheld, outside = (named(table, legend) for table in tables)
    doubts.add("flag", "cells_by_middle")
    doubts.add("flag", "one_map", count=int(len(years) == 1))
    yield from _place_rows(inside, legend, "inside territories")
    if known.withheld_count:
        for opening, closing in pairwise(years):
            for unit in ("ha", "%", "% per year"):
                yield _row(closing, f"Loss of natural land outside territories, {opening}–{closing}", "", np.nan, unit,
                           status="suppressed", note="by_difference")  # fmt: skip
    else:
        yield from _place_rows(outside, legend, "outside territories")
    for opening, closing in pairwise(years):
        # The whole map is known to everybody, so it gives away nothing.
        whole = sum(
            table.matrix(opening, closing, list(legend.types.index))[0] for table in (inside, withheld, outside)
        )
        yield from _loss_rows(whole, legend, "in the whole country", opening, closing)


def _place_rows(table: CrossTable, legend: Legend, place: str) -> Iterable[dict[str, Any]]:
    types = list(legend.types.index)
    for year in table.years:
        extent = _HA * np.diag(table.matrix(year, year, types)[0])
        cells = np.diag(table.matrix(year, year, types)[1])
        for name, ha, n in zip(types, extent, cells, strict=True):
            yield _row(year, f"Land use {place}", name, ha, n=int(n))
    for opening, closing in pairwise(table.years):
        areas, cells = table.matrix(opening, closing, types)
        for i, was in enumerate(types):
            for j, now in enumerate(types):
                if cells[i, j]:
                    yield _row(closing, f"Change {place}, {opening}–{closing}", f"{was} → {now}", _HA * areas[i, j],
                               n=int(cells[i, j]))  # fmt: skip
        yield from _loss_rows(areas, legend, place, opening, closing)


def _loss_rows(matrix: np.ndarray, legend: Legend, place: str, opening: int, closing: int) -> Iterable[dict[str, Any]]:
    """Natural land that was converted, and the same with what came back taken off."""
    change = natural_change(_HA * matrix, legend.is_natural)
    figures = {"Loss of natural land": change["loss"], "Net loss of natural land": -change["net"]}
    for words, lost in figures.items():
        for unit, value in loss_figures(float(lost), float(change["opening"]), closing - opening).items():
            yield _row(closing, f"{words} {place}, {opening}–{closing}", "", value, unit)


# -- tables that the peoples or a registry have added up ------------------------------------------------------------


def _status(table: pd.DataFrame) -> pd.Series:
    """What may be said of each row: without consent it is suppressed, whatever stands in it."""
    status = texts(table, "value_status").replace("", "measured")
    return status.mask(answers(table, "consent") != 1, "suppressed")


def _whole(own: pd.DataFrame) -> tuple[float, str, str]:
    """Sum of rows with its status; one part held back or lacking leaves no sum."""
    for status, note in _WHY.items():
        if (own["status"] == status).any():
            return np.nan, status, note
    return float(own["ha"].sum()), "estimated" if (own["status"] == "estimated").any() else "measured", ""


def _of_tenure_table(table: pd.DataFrame) -> Iterable[dict[str, Any]]:
    rows = pd.DataFrame(
        {"year": table["year"], "tenure": texts(table, "tenure_status"), "ha": numbers(table, "area_ha")}
    )
    rows["status"] = _status(table)
    for year, own in rows.groupby("year"):
        total, status, note = _whole(own)
        yield _row(year, "", "", total, status=status, note=note)
        for one in own.itertuples():
            yield _row(
                year, "Tenure", one.tenure.capitalize(), one.ha, status=one.status, note=_WHY.get(one.status, "")
            )
        held, also, why = _whole(own[own["tenure"].isin(RECOGNISED)])
        yield _row(year, "Recognised by law", "", held, status=also, note=why)
        share = 100 * held / total if total > 0 else np.nan
        if np.isfinite(share) or status in _WHY:
            yield _row(year, "Recognised by law", "", share, "%", status=status, note=note)


def _of_land_use_table(table: pd.DataFrame, with_total: bool) -> Iterable[dict[str, Any]]:
    rows = pd.DataFrame(
        {
            "year": table["year"].astype("int64"),
            "land_use": texts(table, "land_use"),
            "place": texts(table, "location").map(PLACES),
            "natural": texts(table, "natural").isin(NATURAL),
            "ha": numbers(table, "area_ha"),
            "status": _status(table),
        }
    )
    for one in rows.sort_values(["year", "place", "land_use"]).itertuples():
        why = _WHY.get(one.status, "")
        yield _row(one.year, f"Land use {one.place}", one.land_use, one.ha, status=one.status, note=why)
    for place, own in rows.groupby("place"):
        years = sorted(set(own["year"]))
        if with_total and place == PLACES["inside"]:
            for year in years:
                total, status, note = _whole(own[own["year"] == year])
                yield _row(year, "", "", total, status=status, note=note)
        natural = {year: _whole(own[(own["year"] == year) & own["natural"]]) for year in years}
        for opening, closing in pairwise(years):
            yield from _net_rows(natural[opening], natural[closing], place, opening, closing)


def _net_rows(
    before: tuple[float, str, str], after: tuple[float, str, str], place: str, opening: int, closing: int
) -> Iterable[dict[str, Any]]:
    """Net loss between two years; areas by class do not tell what was lost and came back elsewhere."""
    worst = next((one for status in _WHY for one in (before, after) if one[1] == status), None)
    status, note = worst[1:] if worst else ("measured", "")
    lost = before[0] - after[0]
    for unit, value in loss_figures(lost, before[0], closing - opening).items():
        words = f"Net loss of natural land {place}, {opening}–{closing}"
        yield _row(closing, words, "", value, unit, status=status, note=note)


def _of_people(table: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """Adults with documents and adults who feel secure, by sex and together, in % of adults."""
    rows = pd.DataFrame(
        {
            "year": table["year"].astype("int64"),
            "sex": texts(table, "sex"),
            "adults": numbers(table, "adults"),
            "People with documents of their rights": numbers(table, "adults_with_documents"),
            "People who feel secure in their rights": numbers(table, "adults_feeling_secure"),
            "agreed": answers(table, "consent") == 1,
        }
    )
    for year, own in rows.groupby("year"):
        parts = [own[own["sex"] == sex] for sex in sorted(set(own["sex"]))]
        if "" not in set(own["sex"]):
            parts.append(own.assign(sex=""))
        for part in parts:
            sex = part["sex"].iloc[0].capitalize()
            for words in rows.columns[3:5]:
                secure, adults = part[words].sum(skipna=False), part["adults"].sum()
                if not part["agreed"].all():
                    yield _row(year, words, sex, np.nan, "%", status="suppressed", note="no_consent")
                elif np.isnan(secure):
                    yield _row(year, words, sex, np.nan, "%", status="missing", note="part_missing")
                elif adults > 0:
                    yield _row(year, words, sex, 100 * secure / adults, "%", n=int(adults))
