"""Which records of restoration count, and from when; each rule says what it left out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.methods.cells import numbers, texts
from gbf_workbench.methods.doubts import Doubts

if TYPE_CHECKING:
    import geopandas as gpd

NOTES = "indicators.area_under_restoration.notes"
BEGUN = ("under way", "completed")
QUALITIES = ("realm", "get_code", "activity", "protection", "territory", "governance")


def restoration_records(
    sites: gpd.GeoDataFrame | None, reported_areas: pd.DataFrame | None
) -> tuple[pd.DataFrame, gpd.GeoSeries | None]:
    """Records of both tables in one, in the order of their identifiers, and the outlines of those that have one.

    Parameters
    ----------
    sites : GeoDataFrame or None
        Table ``restoration_sites``; outlines in an equal-area projection, or points.
    reported_areas : DataFrame or None
        Table ``restoration_areas``.

    Returns
    -------
    records : DataFrame
        ``site_id, status, start, end, area_ha, mapped`` and ``QUALITIES``; index 0…n-1, ``row`` is the user's row.
    outlines : GeoSeries or None
        One shape for each record; None without a layer.
    """
    tables = []
    if sites is not None:
        mapped = sites.geom_type.isin(["Polygon", "MultiPolygon"]) & ~sites.geometry.is_empty
        tables.append(_tidy(sites, "restoration_sites").assign(mapped=mapped.to_numpy(), outline=sites.geometry.array))
    if reported_areas is not None:
        tables.append(_tidy(reported_areas, "restoration_areas").assign(mapped=False, outline=None))
    # Every value takes part in the order, so that the numbers are the same whatever the order of the rows.
    records = pd.concat(tables, ignore_index=True)
    order = records.drop(columns=["outline", "row"]).astype("str")
    order["outline"] = [shape.wkb if shape is not None else b"" for shape in records["outline"]]
    records = records.loc[order.sort_values(list(order.columns), kind="stable").index].reset_index(drop=True)
    outlines = records.pop("outline")
    return records, None if sites is None else _series(outlines, sites)


def _series(outlines: pd.Series, sites: gpd.GeoDataFrame) -> gpd.GeoSeries:
    import geopandas as gpd

    return gpd.GeoSeries(outlines.to_numpy(), crs=sites.crs)


def _tidy(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "site_id": texts(table, "site_id").to_numpy(),
            "status": texts(table, "status").to_numpy(),
            "start": numbers(table, "start_year").to_numpy(),
            "end": numbers(table, "end_year").to_numpy(),
            "area_ha": numbers(table, "area_ha").to_numpy(),
            **{quality: texts(table, quality).to_numpy() for quality in QUALITIES},
            "table": name,
            "row": table.index.to_numpy(),
        }
    )


def refuse_without_year(records: pd.DataFrame, last_year: int) -> None:
    """Refuse sites where work has begun but nobody knows when, or only in years to come.

    Raises
    ------
    WorkbenchError
        With the rows, table by table.
    """
    begun = records["status"].isin(BEGUN)
    wrong = {"no_start_year": begun & records["start"].isna()}
    if not last_year:
        # A series whose end nobody has set must not run on into the future by itself.
        wrong["not_begun_yet"] = begun & (records["start"] > date.today().year)
    issues = [
        Issue("error", f"{NOTES}.{key}", table=table, column="start_year", rows=tuple(int(row) for row in rows["row"]))
        for key, hit in wrong.items()
        for table, rows in records[hit].groupby("table")
    ]
    if issues:
        raise WorkbenchError(*issues)


def counted_records(
    records: pd.DataFrame, baseline: int, last: int, started_before: str, doubts: Doubts
) -> pd.DataFrame:
    """The records that count in some year from the baseline on.

    Parameters
    ----------
    records : DataFrame
        What ``restoration_records`` gives.
    baseline, last : int
        First and last year of the series.
    started_before : {"continued", "left_out"}
        Whether sites begun before the baseline count if work went on into it.
    doubts : Doubts
        Takes what each rule left out.

    Returns
    -------
    DataFrame
        Rows of ``records`` with their index.

    Notes
    -----
    The rules and their order: planned; failed; begun after the last year; ended before the baseline; neither outline
    nor area; site mapped in another record; site reported twice.
    """
    begun = records["status"].isin(BEGUN)
    early = records["start"] < baseline
    over = (records["end"] < baseline) if started_before == "continued" else early
    rules = {
        "planned_left_out": records["status"] == "planned",
        "failed_left_out": records["status"] == "failed",
        "after_last_year": begun & (records["start"] > last),
        "before_baseline": begun & over,
        "no_area": ~records["mapped"] & records["area_ha"].isna(),
    }
    counts = begun & ~rules["after_last_year"] & ~rules["before_baseline"]
    left_out = pd.Series(False, index=records.index)
    for key, hit in rules.items():
        now = hit & ~left_out
        said = {"count": int(now.sum()), "ha": float(records.loc[now, "area_ha"].sum())}
        doubts.add("flag", key, **said, **_year(key, baseline, last))
        left_out |= now
    kept = records[~left_out]
    unmeasured = int((rules["no_area"] & counts).sum())
    if kept.empty and unmeasured:
        raise problem(f"{NOTES}.no_area_known", count=unmeasured)
    unknown_end = early[kept.index] & (kept["status"] == "completed") & kept["end"].isna()
    doubts.add("flag", "end_not_known", count=int(unknown_end.sum()), baseline=str(baseline))
    return _once(kept, doubts)


def _year(key: str, baseline: int, last: int) -> dict[str, str]:
    return {"after_last_year": {"last": str(last)}, "before_baseline": {"baseline": str(baseline)}}.get(key, {})


def _once(kept: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """Sites of which only the area is known, each once, and only if no outline of it counts already."""
    reported = kept[~kept["mapped"]]
    drawn = reported["site_id"].isin(kept.loc[kept["mapped"], "site_id"])
    doubts.add("flag", "mapped_already", count=int(drawn.sum()))
    reported = reported[~drawn]
    # The largest record stands for the site; it counts from the first year in which any of them does.
    largest = reported.sort_values(["site_id", "area_ha", "start"], ascending=[True, False, True], kind="stable")
    one = largest.drop_duplicates("site_id").sort_index()
    one = one.assign(start=one["site_id"].map(reported.groupby("site_id")["start"].min()))
    doubts.add("flag", "reported_twice", count=len(reported) - len(one))
    return pd.concat([kept[kept["mapped"]], one])


def degraded_area(table: pd.DataFrame, year: int) -> dict[tuple[str, str], float]:
    """Degraded areas of one base year, whole and by realm, biome and functional group.

    Parameters
    ----------
    table : DataFrame
        ``year, realm, get_code, degraded_area_ha``; a row without code stands for the whole realm.
    year : int
        Base year.

    Returns
    -------
    dict
        (kind, part) to hectares; kinds are ``""``, ``realm``, ``biome`` and ``group``.

    Examples
    --------
    >>> table = pd.DataFrame({"year": 2020, "realm": ["land", "land"], "get_code": ["T1", "T1.1"],
    ...                       "degraded_area_ha": [100.0, 60.0]})
    >>> degraded_area(table, 2020)[("realm", "land")]
    100.0
    """
    rows = table[table["year"] == year]
    code = texts(rows, "get_code")
    biome = code.str.split(".").str[0]
    area, realm = numbers(rows, "degraded_area_ha"), texts(rows, "realm")
    listed = set(zip(realm[(code != "") & (code == biome)], code[(code != "") & (code == biome)], strict=True))
    # A functional group is a part of its biome: where both stand in the table, only the biome is added up.
    inside = np.array([one in listed for one in zip(realm, biome, strict=True)], bool) & (code != biome).to_numpy()
    found: dict[tuple[str, str], float] = {}
    for name in sorted(set(realm)):
        whole = area[(realm == name) & (code == "")]
        found["realm", name] = float(whole.sum() if len(whole) else area[(realm == name) & ~inside].sum())
    found["", ""] = float(sum(found.values()))
    for name in sorted(set(biome) - {""}):
        found["biome", name] = float(area[(biome == name) & ~inside].sum())
    for name in sorted(set(code[code != biome]) - {""}):
        found["group", name] = float(area[code == name].sum())
    return found
