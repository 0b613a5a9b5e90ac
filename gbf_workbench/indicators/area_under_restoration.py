"""2.1 Area under restoration: every place once, whatever programmes work there; areas without an outline apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.areas import Partition, areas_km2, partition_areas, site_areas_km2
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.restoration import (
    BEGUN,
    NOTES,
    counted_records,
    degraded_area,
    refuse_without_year,
    restoration_records,
)
from gbf_workbench.methods.yearly_areas import FOREVER, areas_by_year, distinct_by_year, ranked

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

REALMS = {"land": "Land", "inland waters": "Inland waters", "coast and sea": "Coast and sea"}
PROTECTION = {
    "protected area": "Protected area",
    "OECM": "Other effective conservation measure",
    "neither": "Neither protected area nor OECM",
}
UNKNOWN = "Not known"
_HA = 100.0
_SQUARE_METRE = 1e-6


def area_under_restoration(
    sites: gpd.GeoDataFrame | None,
    reported_areas: pd.DataFrame | None,
    degraded_areas: pd.DataFrame | None,
    land: gpd.GeoDataFrame | None,
    sea: gpd.GeoDataFrame | None,
    *,
    baseline_year: int,
    last_year: int,
    started_before: str,
) -> pd.DataFrame:
    """Area on which restoration has been under way since the baseline, for every year of a series.

    Parameters
    ----------
    sites : GeoDataFrame or None
        Table ``restoration_sites``: outlines or points, in an ellipsoidal equal-area projection.
    reported_areas : DataFrame or None
        Table ``restoration_areas``: sites of which only the area is known.
    degraded_areas : DataFrame or None
        ``year, realm, get_code, degraded_area_ha``, what the percentages are taken of.
    land, sea : GeoDataFrame or None
        Land with inland waters, and sea; with both, what lies outside of them is not counted.
    baseline_year : int
        First year of the series; 0 takes the base year of the degraded areas, else the first year of a site.
    last_year : int
        0 takes the latest year in which a site began.
    started_before : {"continued", "left_out"}
        Whether sites begun before the baseline count if work went on in that year or later.

    Returns
    -------
    DataFrame
        Rows in ha, cumulative since the baseline, and in % of the degraded area. The parts of each breakdown add up to
        the total, except territories, of which a site may lie in none.

    Raises
    ------
    WorkbenchError
        If a site that has begun has no first year, or no year can be found for the series.

    Notes
    -----
    A_t = area(union of outlines begun by t) + sum of areas without outline begun by t. Overlaps belong to the site
    whose quality is known, then to the older one.

    References
    ----------
    FAO, Framework for Ecosystem Restoration Monitoring (ferm.fao.org).
    """
    doubts = Doubts()
    records, outlines = restoration_records(sites, reported_areas)
    refuse_without_year(records, last_year)
    years, base = _years(records, degraded_areas, baseline_year, last_year)
    kept = counted_records(records, int(years[0]), int(years[-1]), started_before, doubts)
    frame = _frame(kept, outlines, land, sea, doubts)
    degraded = {} if degraded_areas is None else degraded_area(degraded_areas, base)
    out = pd.concat([_rows(one, kept, frame, years) for one in _breakdowns(kept)], ignore_index=True)
    out = pd.concat([out, _shares(out, degraded)], ignore_index=True)
    _say(out, frame, degraded, kept, doubts)
    out.attrs["doubts"] = list(doubts)
    return out


def _years(
    records: pd.DataFrame, degraded_areas: pd.DataFrame | None, baseline: int, last: int
) -> tuple[NDArray[np.int64], int]:
    """Every year of the series, and the base year of the degraded areas."""
    began = records.loc[records["status"].isin(BEGUN), "start"]
    if not last and began.empty:
        raise problem(f"{NOTES}.no_year")
    last = last or int(began.max())
    known = [] if degraded_areas is None else sorted(int(year) for year in degraded_areas["year"].unique())
    first = baseline or (known[0] if known else last if began.empty else min(int(began.min()), last))
    if first > last:
        raise problem(f"{NOTES}.years_reversed", first=str(first), last=str(last))
    base = next((year for year in reversed(known) if year <= first), known[0] if known else 0)
    return np.arange(first, last + 1), base


@dataclass(frozen=True)
class _Frame:
    """The pieces under the outlines, where they lie, and which record each shape of the partition is."""

    partition: Partition
    shapes: pd.DataFrame
    place: NDArray[np.int64]
    inside: NDArray[np.bool_]
    #: All outlines with overlaps counted once, and as often as they occur [ha].
    once_ha: float
    added_ha: float


def _frame(
    kept: pd.DataFrame,
    outlines: gpd.GeoSeries | None,
    land: gpd.GeoDataFrame | None,
    sea: gpd.GeoDataFrame | None,
    doubts: Doubts,
) -> _Frame:
    shapes = kept[kept["mapped"]]
    if shapes.empty:
        none = np.empty(0, np.int64)
        return _Frame(Partition(np.empty(0), none, none, {}), shapes, none, none.astype(bool), 0.0, 0.0)
    drawn = outlines[shapes.index]
    zones = {
        name: drawn.iloc[:0] if layer is None else layer.geometry for name, layer in (("land", land), ("sea", sea))
    }
    partition = partition_areas(drawn, zones)
    at = partition.zones
    place = np.where(at["land"] >= 0, 0, np.where(at["sea"] >= 0, 2, -1))
    covered = np.isin(np.arange(len(place)), partition.piece)
    known = land is not None and sea is not None
    if known:
        outside = float(_HA * partition.areas_km2[covered & (place < 0)].sum())
        if outside > _HA * _SQUARE_METRE:
            doubts.add("flag", "outside_frame", ha=outside)
    else:
        doubts.add("flag", "not_clipped")
    inside = covered & ((place >= 0) | (not known))
    once, added = partition.areas_km2[covered].sum(), areas_km2(drawn).sum()
    return _Frame(partition, shapes, place, inside, float(_HA * once), float(_HA * added))


@dataclass(frozen=True)
class _Breakdown:
    """One way to divide the area: its parts, the part of each record (-1 for none), and its name in degraded areas."""

    kind: str
    parts: tuple[str, ...]
    code: pd.Series
    of: str = ""
    #: Place in ``parts`` of what is not known, -1 where no part stands for it.
    unknown: int = -1


def _breakdowns(kept: pd.DataFrame) -> list[_Breakdown]:
    biome = kept["get_code"].str.split(".").str[0]
    group = kept["get_code"].where(kept["get_code"].str.contains(".", regex=False), "")
    found = [_Breakdown("", ("",), pd.Series(0, index=kept.index))]
    if kept["mapped"].any() and not kept["mapped"].all():
        record = kept["mapped"].map({True: "Mapped", False: "Area reported, no outline"})
        found.append(_coded("Kind of record", record))
    found += [
        _coded("Realm", kept["realm"].map(REALMS).fillna(""), order=tuple(REALMS.values()), of="realm"),
        _coded("Biome", biome, of="biome"),
        _coded("Ecosystem functional group", group, of="group"),
        _coded("Type of restoration activity", kept["activity"]),
        _coded("Protected areas or OECMs", kept["protection"].map(PROTECTION).fillna(""), tuple(PROTECTION.values())),
        _coded("Governance", kept["governance"].str.capitalize()),
        _coded("Indigenous and traditional territories", kept["territory"], rest=False),
    ]
    # A quality that nobody has written down for any site is no breakdown.
    return [one for one in found if one.kind in ("", "Realm") or (one.code != one.unknown).any()]


def _coded(kind: str, values: pd.Series, order: tuple[str, ...] = (), of: str = "", rest: bool = True) -> _Breakdown:
    """A breakdown by a quality; what has none is one part of its own, unless ``rest`` is false."""
    known = order or tuple(sorted(set(values) - {""}))
    parts = (*known, UNKNOWN) if rest and (values == "").any() else known
    places = {part: at for at, part in enumerate(parts)} | {"": len(known) if len(parts) > len(known) else -1}
    return _Breakdown(kind, parts, values.map(places).astype(np.int64), of, places[""])


def _rows(one: _Breakdown, kept: pd.DataFrame, frame: _Frame, years: NDArray[np.int64]) -> pd.DataFrame:
    """Hectares of every year and part of one breakdown."""
    count = len(one.parts)
    code = one.code[frame.shapes.index].to_numpy()
    since = frame.shapes["start"].to_numpy(np.int64)
    rank = ranked((code < 0) | (code == one.unknown), since)
    until = np.full(len(since), FOREVER)
    ha = _HA * areas_by_year(frame.partition, since, until, years, rank, _part_of(one, code, frame), count)
    reported = kept[~kept["mapped"]]
    own = one.code[reported.index].to_numpy()
    for part in range(count):
        begun = years[:, None] >= reported["start"].to_numpy()[own == part]
        ha[:, part] += (begun * reported["area_ha"].to_numpy()[own == part]).sum(axis=1)
    n = _sites(one, kept, frame, years)
    # A part for what is not known is shown where there is something in it.
    shown = [at for at in range(count) if at != one.unknown or ha[:, at].any()]
    parts = np.array(one.parts, dtype=object)[shown]
    return pd.DataFrame(
        {
            "year": np.repeat(years, len(parts)),
            "disaggregation_type": one.kind,
            "disaggregation": np.tile(parts, len(years)),
            "value": ha[:, shown].ravel(),
            "unit": "ha",
            "n": n[:, shown].ravel(),
            "value_status": "measured",
            "note": "",
        }
    )


def _shares(out: pd.DataFrame, degraded: dict[tuple[str, str], float]) -> pd.DataFrame:
    """The same rows in % of the degraded area, where one is known."""
    kinds = {"": "", "Realm": "realm", "Biome": "biome", "Ecosystem functional group": "group"}
    raw = {said: name for name, said in REALMS.items()}
    keys = [
        (kinds.get(kind, "-"), raw.get(part, part))
        for kind, part in zip(out["disaggregation_type"], out["disaggregation"], strict=True)
    ]
    kept = [key in degraded for key in keys]
    rows = out[kept].assign(unit="%")
    base = np.array([degraded[key] for key in keys if key in degraded])
    rows["value"] = 100 * rows["value"] / np.where(base > 0, base, np.nan)
    rows.loc[base == 0, ["value_status", "note"]] = ["not_applicable", "nothing_degraded"]
    # A realm without a degraded area would be counted above the line and not below it.
    realms = out[(out["disaggregation_type"] == "Realm") & (out["value"] > 0)]["disaggregation"]
    if lacking := sorted(one for one in set(realms) - {UNKNOWN} if ("realm", raw[one]) not in degraded):
        whole = rows["disaggregation_type"] == ""
        note = f"degraded_incomplete|names={' + '.join(lacking)}"
        rows.loc[whole, "value"] = np.nan
        rows.loc[whole, ["value_status", "note"]] = ["missing", note]
    return rows


def _part_of(
    one: _Breakdown, code: NDArray[np.int64], frame: _Frame
) -> Callable[[NDArray[np.int64]], NDArray[np.int64]]:
    def part_of(lead: NDArray[np.int64]) -> NDArray[np.int64]:
        part = np.append(code, -1)[lead]
        if one.of == "realm":
            # Where nobody has said it, the frame knows land from sea.
            part = np.where((lead >= 0) & (part == one.unknown) & (frame.place >= 0), frame.place, part)
        return np.where((lead >= 0) & frame.inside, part, -1)

    return part_of


def _sites(one: _Breakdown, kept: pd.DataFrame, frame: _Frame, years: NDArray[np.int64]) -> NDArray[np.int64]:
    """Distinct sites of each part that count by each year; an outline outside the country is none."""
    here = pd.Series(True, index=kept.index)
    if len(frame.shapes):
        where = np.where(frame.inside, 0, -1)
        here[frame.shapes.index] = site_areas_km2(frame.partition, len(frame.shapes), where)[:, 0] > 0
    member = one.code.to_numpy()[:, None] == np.arange(len(one.parts))
    if one.of == "realm" and len(frame.shapes):
        lies = site_areas_km2(frame.partition, len(frame.shapes), frame.place, len(one.parts)) > 0
        drawn = kept["mapped"].to_numpy()
        unsaid = drawn & (one.code == one.unknown).to_numpy()
        member[unsaid] = lies[unsaid[drawn]] | (~lies.any(axis=1, keepdims=True) & member[drawn])[unsaid[drawn]]
    member &= here.to_numpy()[:, None]
    since = kept["start"].to_numpy(np.int64)
    return distinct_by_year(kept["site_id"], member, since, np.full(len(since), FOREVER), years)


def _say(
    out: pd.DataFrame, frame: _Frame, degraded: dict[tuple[str, str], float], kept: pd.DataFrame, doubts: Doubts
) -> None:
    """What a reader must know beside the figures."""
    if frame.added_ha - frame.once_ha > _HA * _SQUARE_METRE:
        doubts.add("flag", "overlaps_counted_once", ha=frame.once_ha, added_ha=frame.added_ha)
    reported = kept[~kept["mapped"]]
    doubts.add("flag", "reported_added", count=len(reported), ha=float(reported["area_ha"].sum()))
    if not degraded:
        doubts.add("flag", "no_degraded_areas")
    whole = out[(out["unit"] == "%") & (out["value"] > 100)]
    doubts.add("flag", "more_than_degraded", count=len(whole))
