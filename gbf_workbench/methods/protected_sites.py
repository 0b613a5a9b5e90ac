"""Which records of a protected-area layer count, as Protected Planet publishes it, each rule with what it left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.methods.projections import circles_of_area, require_equal_area

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

#: IUCN management categories in the order in which overlaps are given to them.
CATEGORIES = ("Ia", "Ib", "II", "III", "IV", "V", "VI", "Not Reported", "Not Applicable", "Not Assigned")
NOT_REPORTED = "Not Reported"
#: Reported areas this many times off the outlines, in the median of enough sites, are in another unit (1 km² = 100 ha).
_FAR, _ENOUGH = 50, 3

#: The oldest reserves in law are of the Middle Ages.
_FIRST_YEAR = 1000

_NOTES = "indicators.protected_area_coverage.notes"
_ALWAYS = -(10**6)

Doubt = dict[str, Any]


def countable_sites(
    protected_areas: gpd.GeoDataFrame, *, statuses: Sequence[str], excluded_designations: Sequence[str]
) -> tuple[gpd.GeoDataFrame, list[Doubt]]:
    """Apply the published rules one after the other; a record is left out under the first rule that meets it.

    Parameters
    ----------
    protected_areas : GeoDataFrame
        Columns ``site_id``, ``site_type`` (PA or OECM), ``status``; and where known ``site_pid``, ``designation``,
        ``iucn_category``, ``status_year`` (0 or empty: not known), ``reported_area_km2`` [km²], ``governance_type``.
        Valid polygons or points, in an ellipsoidal equal-area projection.
    statuses : sequence of str
        Legal statuses that count.
    excluded_designations : sequence of str
        Designations that do not count.

    Returns
    -------
    sites : GeoDataFrame
        Polygons in the order of their identifiers, with ``site_id``, ``oecm`` (bool), ``category``, ``governance``,
        ``year`` (float, NaN where not known). Points have become circles of their reported area on the ground.
    doubts : list of dict
        What each rule left out or changed: number of records and their own areas [km²], overlaps not removed.

    Raises
    ------
    WorkbenchError
        If a year is no year, or if there are points and the reported areas are, by the outlines of other sites, not in
        km².

    Notes
    -----
    The rules and their order: status, designation, missing geometry, points without area, points to circles
    (UNEP-WCMC, Calculating protected area and OECM coverage; Hanson 2022, doi:10.21105/joss.04594).
    """
    require_equal_area(protected_areas.crs)
    _refuse_short_years(protected_areas)
    table, doubts = protected_areas.reset_index(drop=True), []
    wanted = {_plain(one): one for one in excluded_designations}
    status = _texts(table, "status")
    designation = _texts(table, "designation").map(lambda said: wanted.get(_plain(said), ""))
    empty = table.geometry.isna() | table.geometry.is_empty
    point = table.geom_type.isin(["Point", "MultiPoint"])
    area = _numbers(table, "reported_area_km2")
    own = pd.Series(np.where(point, area.fillna(0.0), table.area / 1e6), index=table.index).fillna(0.0)
    left_out = pd.Series(False, index=table.index)
    rules = [
        *(("status_left_out", {"status": one or NOT_REPORTED}, status == one)
          for one in sorted(set(status) - set(statuses))),
        *(("designation_left_out", {"designation": one}, designation == one)
          for one in sorted(set(designation) - {""})),
        ("no_geometry", {}, empty),
        ("points_without_area", {}, point & ~(area > 0)),
    ]  # fmt: skip
    for key, values, hit in rules:
        hit = hit & ~left_out
        if hit.any():
            doubts.append(doubt("repair", key, count=int(hit.sum()), km2=float(own[hit].sum()), **values))
        left_out |= hit
    unmeasured = empty | (point & ~(area > 0))
    if left_out.all() and (lost := int((unmeasured & status.isin(statuses) & (designation == "")).sum())):
        # Nothing is known of their area, and that is not the same as no protected area.
        raise problem(f"{_NOTES}.no_area_known", table="protected_areas", count=lost)
    circles = point & ~left_out
    if circles.any():
        _refuse_other_unit(area / own.where(~point & ~left_out))
        doubts.append(doubt("repair", "points_as_circles", count=int(circles.sum()), km2=float(own[circles].sum())))
    return _tidy_sites(table[~left_out], area[~left_out]), doubts


def _refuse_short_years(table: pd.DataFrame) -> None:
    """Refuse years of two digits, which would begin the series in antiquity."""
    year = _numbers(table, "status_year")
    short = year[(year > 0) & (year < _FIRST_YEAR)]
    if len(short):
        raise WorkbenchError(*_year_issues("check.not_a_year", short))


def refuse_years_to_come(protected_areas: pd.DataFrame, statuses: Sequence[str]) -> None:
    """Refuse sites that count from a year that has not come, so that no series runs on into the future by itself.

    Raises
    ------
    WorkbenchError
        With the rows of each such year.
    """
    year = _numbers(protected_areas, "status_year")
    ahead = year[(year > date.today().year) & _texts(protected_areas, "status").isin(statuses)]
    if len(ahead):
        raise WorkbenchError(*_year_issues("areas.future_year", ahead))


def _year_issues(key: str, years: pd.Series) -> list[Issue]:
    return [
        Issue("error", key, table="protected_areas", column="status_year", value=f"{value:g}",
              rows=tuple(int(row) for row in same.index))
        for value, same in years.groupby(years)
    ]  # fmt: skip


def _refuse_other_unit(ratio: pd.Series) -> None:
    """Refuse reported areas that cannot be km², judged by the sites whose outline is known."""
    known = ratio[np.isfinite(ratio) & (ratio > 0)]
    if len(known) >= _ENOUGH and not 1 / _FAR <= known.median() <= _FAR:
        raise problem("areas.reported_unit", count=len(known), ratio=float(known.median()))


def _tidy_sites(table: gpd.GeoDataFrame, reported: pd.Series) -> gpd.GeoDataFrame:
    import geopandas as gpd

    shapes = table.geometry.copy()
    point = shapes.geom_type.isin(["Point", "MultiPoint"])
    if point.any():
        shapes[point] = circles_of_area(shapes[point], reported[point].to_numpy())
    category = _texts(table, "iucn_category").replace("", NOT_REPORTED)
    if unknown := sorted(set(category) - set(CATEGORIES)):
        raise ValueError(f"unknown IUCN categories {unknown}; expected {CATEGORIES}")
    year = _numbers(table, "status_year")
    sites = gpd.GeoDataFrame(
        {
            "site_id": _texts(table, "site_id"),
            "parcel": _texts(table, "site_pid"),
            "oecm": _texts(table, "site_type") == "OECM",
            "category": category,
            "governance": _texts(table, "governance_type").replace("", NOT_REPORTED),
            "year": year.where(year > 0),
        },
        geometry=shapes,
        crs=table.crs,
    )
    return sites.sort_values(["site_id", "parcel"], kind="stable", ignore_index=True)


def years_of_series(year: pd.Series, first_year: int, last_year: int) -> NDArray[np.int64]:
    """Every year of the series, without gaps."""
    if not last_year and year.isna().all():
        raise problem(f"{_NOTES}.no_year")
    last = last_year or int(year.max())
    known = year[year <= last]
    first = first_year or (last if known.empty else int(known.min()))
    if first > last:
        raise problem(f"{_NOTES}.years_reversed", first=str(first), last=str(last))
    return np.arange(first, last + 1)


def counting_from(year: pd.Series, years: NDArray[np.int64], unknown_year: str) -> NDArray[np.int64]:
    """Year from which each site counts."""
    unknown = {"from_start": _ALWAYS, "latest_only": int(years[-1])}[unknown_year]
    return year.fillna(unknown).to_numpy().astype(np.int64)


def sites_so_far(
    member: NDArray[np.bool_], site_id: pd.Series, counted_from: NDArray[np.int64], years: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Distinct sites of each part that count by each year, shape (years, parts)."""
    site, known = pd.factorize(site_id)
    so_far = np.empty((len(years), member.shape[1]), dtype=np.int64)
    for part, belongs in enumerate(member.T):
        since = np.full(len(known), years[-1] + 1)
        np.minimum.at(since, site[belongs], counted_from[belongs])
        so_far[:, part] = np.searchsorted(np.sort(since), years, side="right")
    return so_far


def repeated_outlines(sites: gpd.GeoDataFrame) -> int:
    """How many sites have exactly the outline of another site."""
    outline = sites.geometry.normalize().to_wkb()
    return int(sites.groupby(outline)["site_id"].nunique().sub(1).sum())


def doubt(level: str, key: str, **values: Any) -> Doubt:
    """One finding of a calculation, as the result carries it."""
    return {"level": level, "key": key, "values": values}


def _texts(table: pd.DataFrame, column: str) -> pd.Series:
    """A column as stripped text, empty where there is nothing or no such column."""
    if column not in table:
        return pd.Series("", index=table.index, dtype="str")
    return table[column].astype("str").where(table[column].notna(), "").str.strip()


def _numbers(table: pd.DataFrame, column: str) -> pd.Series:
    if column not in table:
        return pd.Series(np.nan, index=table.index)
    return pd.to_numeric(table[column]).astype("float64")


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())
