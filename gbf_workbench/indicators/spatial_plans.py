"""1.1 Spatial plans: the share of land and of sea under plans in force that include biodiversity, each place once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.areas import Partition, areas_km2, part_areas_km2, partition_areas, site_areas_km2
from gbf_workbench.methods.cells import numbers, texts
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.spatial_plans import INCLUDES, NOTES, Plans, plans_in_force
from gbf_workbench.methods.yearly_areas import areas_by_year, distinct_by_year, ranked

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

LAND, SEA = 0, 1
REALMS = ("Land", "Sea")
INCLUSION = ("Include biodiversity", "Include it in part", "Conditions not known", "Do not include it")
LEVELS = {"national": "National", "subnational": "Subnational", "local": "Local", "transboundary": "Transboundary"}
_SQUARE_METRE = 1e-6
_COLUMNS = ["year", "disaggregation_type", "disaggregation", "km2", "base", "n", "status", "note"]


def spatial_plans(
    plans: gpd.GeoDataFrame | None,
    plan_areas: pd.DataFrame | None,
    land: gpd.GeoDataFrame | None,
    sea: gpd.GeoDataFrame | None,
    provinces: gpd.GeoDataFrame | None,
    *,
    mandatory: list[str],
    first_year: int,
    last_year: int,
) -> pd.DataFrame:
    """Share and area of land and sea under spatial plans that include biodiversity, year by year.

    Parameters
    ----------
    plans : GeoDataFrame or None
        Table ``spatial_plan_outlines``, in an ellipsoidal equal-area projection.
    plan_areas : DataFrame or None
        Table ``spatial_plan_areas`` [km²]; used where there are no outlines.
    land, sea, provinces : GeoDataFrame or None
        The frame. A sea without a feature is that of a country that has no coast.
    mandatory : list of str
        Conditions that a plan has to meet to include biodiversity.
    first_year, last_year : int
        Ends of the series; 0 for the first year of a plan and the latest year in the data.

    Returns
    -------
    DataFrame
        Rows in % and km²: total, by realm, province and level, and all plans in force by how far they include
        biodiversity. Realms and the kinds of plans add up; levels overlap.

    Raises
    ------
    WorkbenchError
        If outlines come without the land of the country, a plan in force has no year, or no condition is set.

    Notes
    -----
    P_t = 100 · area(union of plans that count in t ∩ realm) / area(realm). A plan for land counts on land only, one for
    the sea at sea only. The total is of land and sea together, never the mean of their percentages.

    References
    ----------
    Decision 16/31 of the Conference of the Parties, annex, indicator 1.1.
    """
    doubts = Doubts()
    if not mandatory:
        raise problem(f"{NOTES}.no_conditions", column="mandatory")
    if plans is None:
        out = _of_areas(plan_areas, sea, first_year, last_year, doubts)
    else:
        doubts.add("flag", "both_tables", count=int(plan_areas is not None))
        out = _of_outlines(plans, land, sea, provinces, mandatory, (first_year, last_year), doubts)
    rows = _rows(pd.DataFrame(out, columns=_COLUMNS))
    rows.attrs["doubts"] = list(doubts)
    return rows


def _rows(found: pd.DataFrame) -> pd.DataFrame:
    """The same areas in % of what they are a part of, and in km²."""
    known = found["status"] == "measured"
    base = found["base"].where(found["base"] > 0)
    km2 = found.assign(value=found["km2"].where(known), unit="km2", value_status=found["status"])
    share = found.assign(value=(100 * found["km2"] / base).where(known), unit="%")
    share["value_status"] = np.where(known & base.isna(), "not_applicable", found["status"])
    share["note"] = np.where(known & base.isna(), "no_area", found["note"])
    columns = ["year", "disaggregation_type", "disaggregation", "value", "unit", "n", "value_status", "note"]
    return pd.concat([share, km2], ignore_index=True)[columns]


# -- from outlines ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Frame:
    """The pieces of the country, with only the plans that may decide about each of them."""

    partition: Partition
    realm: NDArray[np.int64]
    province: NDArray[np.int64]
    province_names: tuple[str, ...]
    has_sea: bool
    landlocked: bool

    @property
    def realms_km2(self) -> NDArray[np.float64]:
        return part_areas_km2(self.partition, self.realm, 2)


def _of_outlines(
    layer: gpd.GeoDataFrame, land: gpd.GeoDataFrame | None, sea: gpd.GeoDataFrame | None,
    provinces: gpd.GeoDataFrame | None, mandatory: list[str], ends: tuple[int, int], doubts: Doubts,
) -> list[dict[str, object]]:  # fmt: skip
    if land is None:
        raise problem(f"{NOTES}.no_land", table="frame_land")
    years = _years(layer, *ends)
    plans = plans_in_force(layer, mandatory, int(years[-1]), doubts)
    frame = _frame(plans, land, sea, provinces, doubts)
    rows: list[dict[str, object]] = []
    for one in _breakdowns(plans, frame):
        rows += _measured(one, plans, frame, years)
    if not frame.has_sea:
        note = "landlocked" if frame.landlocked else "no_sea"
        rows += [_row(year, "Realm", "Sea", np.nan, np.nan, 0, "not_applicable", note) for year in years]
        doubts.add("flag", "no_sea", count=int(not frame.landlocked))
    return rows


def _years(layer: gpd.GeoDataFrame, first: int, last: int) -> NDArray[np.int64]:
    counting = texts(layer, "status").isin(["in force", "expired"])
    adopted = numbers(layer, "adopted_year")[counting].dropna()
    if not last and adopted.empty:
        raise problem(f"{NOTES}.no_year")
    last = last or int(adopted.max())
    first = first or (last if adopted.empty else min(int(adopted.min()), last))
    if first > last:
        raise problem(f"{NOTES}.years_reversed", first=str(first), last=str(last))
    return np.arange(first, last + 1)


def _frame(
    plans: Plans, land: gpd.GeoDataFrame, sea: gpd.GeoDataFrame | None, provinces: gpd.GeoDataFrame | None,
    doubts: Doubts,
) -> _Frame:  # fmt: skip
    none = land.geometry.iloc[:0]
    given = {"land": land, "sea": sea, "provinces": provinces}
    zones = {name: none if layer is None else layer.geometry for name, layer in given.items()}
    cut = partition_areas(plans.table.geometry, zones)
    at = cut.zones
    realm = np.where(at["land"] >= 0, LAND, np.where(at["sea"] >= 0, SEA, -1))
    own = plans.table["realm"].map({"land": LAND, "sea": SEA, "both": -1}).to_numpy(np.int64)
    # A plan has no say outside its realm: it is taken off the pieces there.
    fits = (realm[cut.piece] >= 0) & ((own[cut.site] < 0) | (own[cut.site] == realm[cut.piece]))
    lost = ~fits & (realm[cut.piece] >= 0)
    beyond = float(cut.areas_km2[np.setdiff1d(cut.piece[lost], cut.piece[fits])].sum())
    doubts.add("flag", "other_realm", count=int(beyond > _SQUARE_METRE), km2=beyond)
    kept = replace(cut, piece=cut.piece[fits], site=cut.site[fits])
    names = [] if provinces is None else texts(provinces, "name").tolist()
    known = tuple(sorted(set(names)))
    code = np.array([known.index(name) for name in names] + [-1], dtype=np.int64)
    province = np.where(realm >= 0, code[at["provinces"]], -1)
    added = float(areas_km2(plans.table.geometry).sum())
    once = float(cut.areas_km2[np.unique(cut.piece)].sum())
    doubts.add("flag", "overlaps_counted_once", count=int(added - once > _SQUARE_METRE), km2=once, added_km2=added)
    has_sea = sea is not None and not sea.empty
    return _Frame(kept, realm, province, known, has_sea, sea is not None and sea.empty)


@dataclass(frozen=True)
class _Breakdown:
    """One figure or division: which plans it is of, and the part of each piece by the plan that leads there."""

    kind: str
    parts: tuple[str, ...]
    chosen: NDArray[np.bool_]
    part_of: Callable[[NDArray[np.int64]], NDArray[np.int64]]
    member: NDArray[np.bool_]
    base_km2: NDArray[np.float64]


def _breakdowns(plans: Plans, frame: _Frame) -> list[_Breakdown]:
    count, whole = len(plans.table), np.array([frame.realms_km2.sum()])
    includes, every = plans.inclusion == INCLUDES, np.ones(count, dtype=bool)

    def where(place: NDArray[np.int64]) -> Callable[[NDArray[np.int64]], NDArray[np.int64]]:
        return lambda lead: np.where(lead >= 0, place, -1)

    def present(place: NDArray[np.int64], parts: int) -> NDArray[np.bool_]:
        return site_areas_km2(frame.partition, count, place, parts) > 0

    country = np.where(frame.realm >= 0, 0, -1)
    here = present(country, 1)
    found = [_Breakdown("", ("",), includes, where(country), here, whole)]
    realms = (LAND, SEA) if frame.has_sea else (LAND,)
    for at in realms:
        place = np.where(frame.realm == at, 0, -1)
        found.append(
            _Breakdown("Realm", (REALMS[at],), includes, where(place), present(place, 1), frame.realms_km2[[at]])
        )
    if names := frame.province_names:
        found.append(
            _Breakdown("Province", names, includes, where(frame.province), present(frame.province, len(names)),
                       part_areas_km2(frame.partition, frame.province, len(names)))
        )  # fmt: skip
    for level, said in LEVELS.items():
        own = (plans.table["level"] == level).to_numpy()
        if own.any():
            found.append(_Breakdown("Level", (said,), includes & own, where(country), here & own[:, None], whole))
    by_plan = np.append(plans.inclusion, -1)
    member = here & (plans.inclusion[:, None] == np.arange(len(INCLUSION)))
    found.append(
        _Breakdown("Plans in force", INCLUSION, every, lambda lead: by_plan[lead], member, whole.repeat(len(INCLUSION)))
    )
    return found


def _measured(one: _Breakdown, plans: Plans, frame: _Frame, years: NDArray[np.int64]) -> list[dict[str, object]]:
    """Every year and part of one breakdown."""
    # Plans that are not chosen are never in force, which takes them off every year.
    until = np.where(one.chosen, plans.until, plans.since - 1)
    rank = ranked(plans.inclusion, plans.since)
    km2 = areas_by_year(frame.partition, plans.since, until, years, rank, one.part_of, len(one.parts))
    n = distinct_by_year(plans.table["plan_id"], one.member, plans.since, until, years)
    return [
        _row(year, one.kind, part, km2[at, place], one.base_km2[place], n[at, place])
        for at, year in enumerate(years)
        for place, part in enumerate(one.parts)
    ]


def _row(
    year: int, kind: str, part: str, km2: float, base: float, n: int, status: str = "measured", note: str = ""
) -> dict[str, object]:
    values = (int(year), kind, part, float(km2), float(base), n, status, note)
    return dict(zip(_COLUMNS, values, strict=True))


# -- from areas that somebody has added up ------------------------------------------------------------------------


def _of_areas(
    table: pd.DataFrame, sea: gpd.GeoDataFrame | None, first: int, last: int, doubts: Doubts
) -> list[dict[str, object]]:
    landlocked = sea is not None and sea.empty
    rows = pd.DataFrame(
        {
            "year": table["year"].astype("int64"),
            "realm": texts(table, "realm").str.capitalize(),
            "province": texts(table, "province"),
            "inclusive": numbers(table, "area_inclusive_km2"),
            "planned": numbers(table, "area_under_plans_km2"),
            "total": numbers(table, "total_area_km2"),
        }
    )
    rows = rows[(rows["year"] >= first) & (rows["year"] <= (last or rows["year"].max()))]
    if rows.empty:
        raise problem(f"{NOTES}.no_year")
    doubts.add("flag", "areas_as_given")
    national = _national(rows, doubts)
    found: list[dict[str, object]] = []
    for (year, realm), own in national.groupby(["year", "realm"]):
        found += _summed(year, "Realm", realm, own)
    for (year, name), own in rows[rows["province"] != ""].groupby(["year", "province"]):
        found += _summed(year, "Province", name, own)[:1]
    for year, own in national.groupby("year"):
        if len(own) == 2 or landlocked:
            found += _summed(year, "", "", own)
        else:
            note = f"one_realm_only|name={own['realm'].iloc[0]}"
            found.append(_row(year, "", "", np.nan, np.nan, 0, "missing", note))
    return found


def _national(rows: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """One row for each year and realm: that of the whole country, or the sum of its provinces."""
    key = ["year", "realm"]
    whole = rows[rows["province"] == ""]
    parts = rows[rows["province"] != ""]
    parts = parts[~parts.set_index(key).index.isin(whole.set_index(key).index)]
    doubts.add("flag", "provinces_added", count=len(parts.drop_duplicates(key)))
    summed = parts.groupby(key, as_index=False)[["inclusive", "planned", "total"]].agg(
        lambda one: one.sum(skipna=False)
    )
    return pd.concat([whole[[*key, "inclusive", "planned", "total"]], summed], ignore_index=True)


def _summed(year: int, kind: str, part: str, own: pd.DataFrame) -> list[dict[str, object]]:
    """The figure of one part, and for the country also how much lies under any plan in force."""
    base, n = own["total"].sum(), len(own)
    found = [_row(year, kind, part, own["inclusive"].sum(), base, n)]
    planned = own["planned"].sum(skipna=False)
    if not kind and np.isfinite(planned):
        found.append(_row(year, "Plans in force", INCLUSION[0], own["inclusive"].sum(), base, n))
        found.append(_row(year, "Plans in force", "Other plans", planned - own["inclusive"].sum(), base, n))
    return found
