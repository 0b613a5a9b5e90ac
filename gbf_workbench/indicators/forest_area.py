"""A.CY.1 Forest area: the share of the land that is forest, from the country's own report or from its maps."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.cells import numbers, texts
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.legends import named, read_legend
from gbf_workbench.methods.rasters import cross_tabulate
from gbf_workbench.methods.statistics import between_years

if TYPE_CHECKING:
    import geopandas as gpd

    from gbf_workbench.methods.rasters import RasterSource

NOTES = "indicators.forest_area.notes"
PLACES = {"inside": "Inside", "outside": "Outside"}
_KHA_PER_KM2 = 0.1
_WORTH_SAYING = 1e-3


def forest_area(
    forest_resources: pd.DataFrame | None,
    forest_maps: tuple[RasterSource, ...] | None,
    forest_classes: pd.DataFrame | None,
    land: gpd.GeoDataFrame | None,
    *,
    forest_groups: list[str],
    interpolate: bool,
) -> pd.DataFrame:
    """Forest as a share of the land, with its area and its yearly change.

    Parameters
    ----------
    forest_resources : DataFrame or None
        ``year, forest_area_1000ha, land_area_1000ha``, optionally ``territory`` and ``value_status``.
    forest_maps : tuple of RasterSource or None
        Maps of classes on one grid; used where there is no table.
    forest_classes : DataFrame or None
        Legend of the maps with ``get_code``.
    land : GeoDataFrame or None
        Land of the country, for the share where maps are used; without it the mapped area.
    forest_groups : list of str
        Functional groups and biomes of the Global Ecosystem Typology that are forest.
    interpolate : bool
        Whether years between two reporting years get an estimate on the straight line between them.

    Returns
    -------
    DataFrame
        Rows in % (the total) and in 1000 ha by year; in and outside of traditional territories; yearly rate of change
        between reporting years in % per year.

    Raises
    ------
    WorkbenchError
        If the forest is larger than the land, or no class of the maps is forest.

    Notes
    -----
    share_t = 100 · F_t / L_t; rate = 100 · ((F_t2 / F_t1)^(1/(t2 − t1)) − 1). Forest and land are interpolated between
    reporting years only, never beyond the first and the last, and never between maps.

    References
    ----------
    FAO, metadata of SDG indicator 15.1.1; FAO 2023, Terms and definitions of the Global Forest Resources Assessment.

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2010, 2020], "forest_area_1000ha": [50.0, 40.0], "land_area_1000ha": 100.0})
    >>> rows = forest_area(table, None, None, None, forest_groups=[], interpolate=True)
    >>> rows.query("disaggregation_type == '' and unit == '%' and year == 2015")["value"].round(9).tolist()
    [45.0]
    """
    doubts = Doubts()
    if forest_resources is not None:
        doubts.add("flag", "both_kinds", count=int(forest_maps is not None))
        series = _reported(forest_resources, doubts)
    else:
        series = _mapped(forest_maps, forest_classes, land, forest_groups, doubts)
    if (more := series[series["forest"] > series["land"] * (1 + 1e-9)]).size:
        rows = tuple(int(row) for row in more["row"] if row >= 0)
        raise problem(f"{NOTES}.more_than_land", table="forest_resources", column="forest_area_1000ha", rows=rows)
    between = interpolate and forest_resources is not None
    rows = [row for place, own in series.groupby("place") for row in _rows(place, own, between)]
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _reported(table: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """Forest and land [1000 ha] of the reporting years; the country is the sum of inside and outside where it lacks."""
    series = pd.DataFrame(
        {
            "year": table["year"].astype("int64"),
            "place": texts(table, "territory"),
            "forest": numbers(table, "forest_area_1000ha"),
            "land": numbers(table, "land_area_1000ha"),
            "status": texts(table, "value_status").replace("", "measured"),
            "row": table.index,
        }
    )
    if (told := series["forest"].notna()).any():
        # The table serves other indicators too: a row without forest area is no report of it.
        series = series[told]
    parts = series[(series["place"] != "") & ~series["year"].isin(series.loc[series["place"] == "", "year"])]
    whole = parts[parts.groupby("year")["place"].transform("nunique") == len(PLACES)]
    doubts.add("flag", "parts_added", count=int(whole["year"].nunique()))
    summed = whole.groupby("year", as_index=False).agg(
        forest=("forest", "sum"), land=("land", lambda one: one.sum(skipna=False)), status=("status", "min"),
        row=("row", "min"),
    )  # fmt: skip
    series = pd.concat([series, summed.assign(place="")], ignore_index=True)
    doubts.add("flag", "no_land_area", count=int((series["land"].isna() & (series["place"] == "")).sum()))
    return series.sort_values(["place", "year"], ignore_index=True)


def _mapped(
    maps: tuple[RasterSource, ...], classes: pd.DataFrame, land: gpd.GeoDataFrame | None, groups: list[str],
    doubts: Doubts,
) -> pd.DataFrame:  # fmt: skip
    """Forest [1000 ha] from maps; the land is that of the frame, or what all maps cover."""
    table = cross_tabulate(maps)
    legend = read_legend(classes, table.years)
    table = named(table, legend)
    code = legend.types["get_code"]
    forest = code.isin(groups) | code.str.split(".").str[0].isin(groups)
    present = [name for name in legend.types.index if (table.codes == name).any()]
    if not forest[present].any():
        raise problem(f"{NOTES}.no_forest_class", table="ecosystem_types", column="get_code", groups=", ".join(groups))
    doubts.add("flag", "classes_counted", count=1, names=", ".join(sorted(forest[present].index[forest[present]])))
    uncoded = [name for name in present if not code[name]]
    doubts.add("flag", "classes_without_code", count=len(uncoded), names=", ".join(uncoded))
    mapped = float(table.areas_km2.sum())
    whole = mapped if land is None else float(land.geometry.area.sum()) / 1e6
    doubts.add("flag", "share_of_mapped" if land is None else "waters_in_land")
    if abs(mapped - whole) > _WORTH_SAYING * whole:
        doubts.add("flag", "not_all_mapped", km2=whole - mapped, percent=100 * (whole - mapped) / whole)
    is_forest = forest.to_dict()
    areas = [
        sum(km2 for name, km2 in zip(table.codes[:, at], table.areas_km2, strict=True) if is_forest[name])
        for at in range(len(table.years))
    ]
    return pd.DataFrame(
        {
            "year": table.years, "place": "", "forest": np.array(areas) * _KHA_PER_KM2, "land": whole * _KHA_PER_KM2,
            "status": "measured", "row": -1,
        }
    )  # fmt: skip


def _rows(place: str, own: pd.DataFrame, interpolate: bool) -> Iterable[dict[str, Any]]:
    """Every year of one place, reported or in between, and the rate of change of each period."""
    kind = ("Indigenous and traditional territories", PLACES[place]) if place else ("", "")
    years = own["year"].to_numpy()
    wanted = np.arange(years[0], years[-1] + 1) if interpolate else years
    known = dict(zip(years, own["status"], strict=True))
    forest, land = (_between(years, own[name].to_numpy(float), wanted) for name in ("forest", "land"))
    share = 100 * forest / np.where(land > 0, land, np.nan)
    for unit, values in (("%", share), ("1000 ha", forest)):
        for year, value in zip(wanted, values, strict=True):
            yield _row(year, kind, value, unit, known.get(year, "estimated"), "" if year in known else "interpolated")
    for (opening, before), (closing, after) in pairwise(zip(years, own["forest"], strict=True)):
        status = "estimated" if "estimated" in (known[opening], known[closing]) else "measured"
        rate = 100 * ((after / before) ** (1 / (closing - opening)) - 1) if before > 0 else np.nan
        name = f"Yearly rate of change, {opening}–{closing}"
        yield _row(closing, (name, kind[1]), rate, "% per year", status, "", "no_forest_before")


def _between(years: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Values on the lines between reports; a report keeps its own where the next one is missing."""
    found = between_years(years, values, wanted)
    found[np.searchsorted(wanted, years)] = values
    return found


def _row(
    year: int, kind: tuple[str, str], value: float, unit: str, status: str, note: str, lacking: str = "no_land"
) -> dict[str, Any]:
    if not np.isfinite(value):
        status, note = ("not_applicable" if lacking == "no_forest_before" else "missing"), lacking
    return {
        "year": int(year), "disaggregation_type": kind[0], "disaggregation": kind[1], "value": float(value),
        "unit": unit, "value_status": status, "note": note,
    }  # fmt: skip
