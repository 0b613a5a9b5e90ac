"""Coverage of protected areas and OECMs: each piece of land and sea is counted once, whatever lies on top of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.areas import (
    Partition,
    areas_km2,
    leading_sites,
    part_areas_km2,
    partition_areas,
    site_areas_km2,
)
from gbf_workbench.methods.place_tables import (
    ecosystem_rows,
    evaluated_rows,
    later_evaluations,
    place_rows,
    unmatched_evaluations,
)
from gbf_workbench.methods.protected_sites import (
    CATEGORIES,
    NOT_REPORTED,
    Doubt,
    countable_sites,
    counting_from,
    doubt,
    refuse_years_to_come,
    repeated_outlines,
    sites_so_far,
    years_of_series,
)

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

NOTES = "indicators.protected_area_coverage.notes"
LAND, SEA = 0, 1
REALMS = ("Land and inland waters", "Coastal and marine")
TYPES = ("PA", "OECM")
#: A site lies in a part of the country if at least this share of it does; less is two maps that differ at a border.
_PRESENT = 1e-6
_SQUARE_METRE = 1e-6


def protected_area_coverage(
    protected_areas: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame | None,
    sea: gpd.GeoDataFrame | None,
    provinces: gpd.GeoDataFrame | None,
    key_biodiversity_areas: gpd.GeoDataFrame | None,
    management_evaluations: pd.DataFrame | None,
    ecosystem_polygons: gpd.GeoDataFrame | None,
    ecosystem_types: pd.DataFrame | None,
    *,
    statuses: list[str],
    excluded_designations: list[str],
    first_year: int,
    last_year: int,
    unknown_year: str,
) -> pd.DataFrame:
    """Share and area of land and sea under protected areas and OECMs, for every year of a series.

    Parameters
    ----------
    protected_areas : GeoDataFrame
        One row a site or parcel (table ``protected_areas``), valid, in an ellipsoidal equal-area projection.
    land, sea : GeoDataFrame or None
        Land with inland waters, and territorial sea with exclusive economic zone. Land wins where they overlap. A sea
        without a feature is that of a country that has no coast.
    provinces : GeoDataFrame or None
        Subdivisions with their ``name``; each is measured against its own polygons.
    key_biodiversity_areas : GeoDataFrame or None
        Places with ``kba_id``, optionally ``realm``; features of one identifier are one place.
    management_evaluations : DataFrame or None
        ``site_id, year`` of evaluations of management.
    ecosystem_polygons, ecosystem_types : GeoDataFrame, DataFrame or None
        A map of ecosystems with ``class_code`` and ``year``, and the names of its classes; the newest map that is not
        younger than the series is used.
    statuses, excluded_designations : list of str
        Which legal statuses count, and which designations do not.
    first_year, last_year : int
        Ends of the series; 0 for the first year known and the latest year in the data.
    unknown_year : str
        ``from_start``: sites without a year count in every year; ``latest_only``: in the last year only.

    Returns
    -------
    DataFrame
        Rows in % and in km². Types, realms, categories and governance types each add up to the total:
        OECMs are what they add to protected areas, and where categories overlap the strictest counts.

    Raises
    ------
    WorkbenchError
        If no year can be found for the series, if it would run on into the future, or if no site lies in the country.

    References
    ----------
    UNEP-WCMC, Calculating protected area and OECM coverage, https://www.protectedplanet.net;
    Hanson 2022, wdpar, doi:10.21105/joss.04594.
    """
    if not last_year:
        refuse_years_to_come(protected_areas, statuses)
    sites, doubts = countable_sites(protected_areas, statuses=statuses, excluded_designations=excluded_designations)
    years = years_of_series(sites["year"], first_year, last_year)
    since = counting_from(sites["year"], years, unknown_year)
    frame = _frame(sites, land, sea, provinces)
    states = _states(sites, frame.partition, since, years)
    tables = [_rows(one, frame, sites, since, states, years) for one in _breakdowns(sites, frame)]
    doubts += _doubts(sites, frame, since, years)
    if key_biodiversity_areas is not None:
        tables += place_rows(sites, since, key_biodiversity_areas, years)
    if management_evaluations is not None:
        tables += evaluated_rows(sites, frame.partition, frame.inside, since, management_evaluations, years)
        doubts += unmatched_evaluations(management_evaluations, protected_areas)
        doubts += later_evaluations(management_evaluations, int(years[-1]))
    if ecosystem_polygons is not None:
        tables += ecosystem_rows(sites, since, ecosystem_polygons, ecosystem_types, years)
    out = pd.concat(tables, ignore_index=True)
    out.attrs["doubts"] = doubts
    return out


@dataclass(frozen=True)
class _Frame:
    """The pieces of the country: realm and province of each, and what the percentages are taken of."""

    partition: Partition
    realm: NDArray[np.int64]
    province: NDArray[np.int64]
    province_names: tuple[str, ...]
    provinces_km2: float
    has_land: bool
    has_sea: bool
    landlocked: bool

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Pieces that the country's figures count; all of them where its land is not known."""
        return self.realm >= 0 if self.has_land else np.ones(len(self.realm), dtype=bool)

    @property
    def realms_km2(self) -> NDArray[np.float64]:
        return np.where([self.has_land, self.has_sea], part_areas_km2(self.partition, self.realm, 2), np.nan)

    @property
    def country_km2(self) -> float:
        return float(np.nansum(self.realms_km2)) if self.has_land else np.nan


def _frame(
    sites: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame | None,
    sea: gpd.GeoDataFrame | None,
    provinces: gpd.GeoDataFrame | None,
) -> _Frame:
    none = sites.geometry.iloc[:0]
    given = {"land": land, "sea": sea, "provinces": provinces}
    layers = {name: none if layer is None else layer.geometry for name, layer in given.items()}
    partition = partition_areas(sites.geometry, layers)
    at = partition.zones
    realm = np.where(at["land"] >= 0, LAND, np.where(at["sea"] >= 0, SEA, -1))
    names = np.array([], dtype=str) if provinces is None else provinces["name"].astype("str").to_numpy()
    known = tuple(sorted(set(names)))
    code = np.array([known.index(name) for name in names] + [-1], dtype=np.int64)
    frame = _Frame(
        partition, realm, code[at["provinces"]], known, float(areas_km2(layers["provinces"]).sum()),
        land is not None, sea is not None and not sea.empty, sea is not None and sea.empty,
    )  # fmt: skip
    covered = np.isin(np.arange(len(realm)), partition.piece)
    if frame.has_land and len(sites) and not (covered & frame.inside).any():
        raise problem(f"{NOTES}.nothing_inside", table="protected_areas", count=len(sites))
    return frame


@dataclass(frozen=True)
class _State:
    """What covers each piece from one year on: the leading site (-1 for none), and whether a PA does."""

    lead: NDArray[np.int64]
    pa: NDArray[np.bool_]


def _states(
    sites: gpd.GeoDataFrame, partition: Partition, counted_from: NDArray[np.int64], years: NDArray[np.int64]
) -> dict[int, _State]:
    """The state of every piece in the years in which something changes, the first year included."""
    strictness = sites["category"].map(CATEGORIES.index).to_numpy()
    older = sites["year"].fillna(np.inf).to_numpy()
    rank = np.empty(len(sites), dtype=np.int64)
    rank[np.lexsort((np.arange(len(sites)), older, strictness))] = np.arange(len(sites))
    changes = np.union1d(np.clip(counted_from, years[0], None), years[:1])
    states = {}
    for year in changes[changes <= years[-1]]:
        active = counted_from <= year
        lead = leading_sites(partition, rank, active)
        pa = leading_sites(partition, rank, active & ~sites["oecm"].to_numpy()) >= 0
        states[int(year)] = _State(lead, pa)
    return states


@dataclass(frozen=True)
class _Breakdown:
    """One way to divide the covered area: its parts, which part a piece falls to, and what a percentage is taken of."""

    kind: str
    parts: tuple[str, ...]
    part_of: Callable[[_State], NDArray[np.int64]]
    member: NDArray[np.bool_]
    base_km2: NDArray[np.float64]
    #: Parts that cannot be measured in any unit, with the reason.
    without: dict[int, tuple[str, str]] = field(default_factory=dict)
    in_percent: bool = True


def _breakdowns(sites: gpd.GeoDataFrame, frame: _Frame) -> list[_Breakdown]:
    own = site_areas_km2(frame.partition, len(sites))[:, None]

    def present(part: NDArray[np.int64], parts: int) -> NDArray[np.bool_]:
        return site_areas_km2(frame.partition, len(sites), part, parts) > _PRESENT * own

    inside, country = frame.inside, np.array([frame.country_km2])
    here = present(np.where(inside, 0, -1), 1)
    realms = present(frame.realm, 2)
    of_type = np.column_stack([~sites["oecm"], sites["oecm"]])
    found = [
        _Breakdown("", ("",), lambda s: np.where((s.lead >= 0) & inside, 0, -1), here, country),
        _Breakdown("Realm", REALMS, lambda s: np.where(s.lead >= 0, frame.realm, -1), realms, frame.realms_km2,
                   _without_realms(frame)),
        _Breakdown("Type", TYPES, _types_in(inside), here & of_type, country.repeat(2)),
    ]  # fmt: skip
    for realm in np.flatnonzero([frame.has_land, frame.has_sea]):
        names = tuple(f"{REALMS[realm]}, {kind}" for kind in TYPES)
        base = frame.realms_km2[[realm, realm]]
        found.append(
            _Breakdown("Realm and type", names, _types_in(frame.realm == realm), realms[:, [realm]] & of_type, base)
        )
    if frame.province_names:
        count = len(frame.province_names)
        found.append(
            _Breakdown("Province", frame.province_names, lambda s: np.where(s.lead >= 0, frame.province, -1),
                       present(frame.province, count), part_areas_km2(frame.partition, frame.province, count))
        )  # fmt: skip
    found.append(_by_leading_site("IUCN category", sites["category"], CATEGORIES, here, frame))
    if (sites["governance"] != NOT_REPORTED).any():
        found.append(_by_leading_site("Governance type", sites["governance"], (), here, frame))
    outside = np.where(inside, -1, 0)
    if (member := present(outside, 1)).any():
        found.append(
            _Breakdown("Frame", ("Outside land and sea",), lambda s: np.where(s.lead >= 0, outside, -1), member,
                       np.array([np.nan]), in_percent=False)
        )  # fmt: skip
    return found


def _types_in(place: NDArray[np.bool_]) -> Callable[[_State], NDArray[np.int64]]:
    return lambda s: np.where((s.lead >= 0) & place, _type(s), -1)


def _type(state: _State) -> NDArray[np.int64]:
    return np.where(state.pa, 0, 1)


def _without_realms(frame: _Frame) -> dict[int, tuple[str, str]]:
    """Why a realm has no figures."""
    without = {}
    if not frame.has_land:
        without[LAND] = ("missing", "no_land")
    if not frame.has_sea:
        # A country with its land but no sea is taken to have no coast; without either, nothing is known.
        no_map = ("not_applicable", "no_sea") if frame.has_land else ("missing", "no_frame")
        without[SEA] = ("not_applicable", "landlocked") if frame.landlocked else no_map
    return without


def _by_leading_site(
    kind: str, values: pd.Series, order: tuple[str, ...], here: NDArray[np.bool_], frame: _Frame
) -> _Breakdown:
    """Divide the covered area by a quality of the site that leads each piece."""
    present = set(values)
    parts = tuple(one for one in order if one in present) or tuple(sorted(present))
    code = np.append(values.map({part: place for place, part in enumerate(parts)}).to_numpy(dtype=np.int64), -1)
    member = here & (code[:-1, None] == np.arange(len(parts)))
    inside, country = frame.inside, np.repeat(frame.country_km2, len(parts))
    return _Breakdown(kind, parts, lambda s: np.where(inside, code[s.lead], -1), member, country)


def _rows(
    one: _Breakdown, frame: _Frame, sites: gpd.GeoDataFrame, counted_from: NDArray[np.int64],
    states: dict[int, _State], years: NDArray[np.int64],
) -> pd.DataFrame:  # fmt: skip
    """Every year and part of one breakdown, in % and in km²."""
    count = len(one.parts)
    at_change = np.array([part_areas_km2(frame.partition, one.part_of(state), count) for state in states.values()])
    km2 = at_change[np.searchsorted(np.array(list(states)), years, side="right") - 1]
    so_far = sites_so_far(one.member, sites["site_id"], counted_from, years)
    why_not = [one.without.get(part, ("measured", "")) for part in range(count)]
    tables = []
    if one.in_percent:
        base = np.where(one.base_km2 > 0, one.base_km2, np.nan)
        no_base = [("missing", "no_land") if np.isnan(size) else ("not_applicable", "no_area") for size in one.base_km2]
        reasons = [without if known or without[0] != "measured" else reason
                   for without, reason, known in zip(why_not, no_base, base > 0, strict=True)]  # fmt: skip
        tables.append(_table(one, years, 100 * km2 / base, "%", so_far, reasons))
    tables.append(_table(one, years, km2, "km2", so_far, why_not))
    return pd.concat(tables, ignore_index=True)


def _table(
    one: _Breakdown, years: NDArray[np.int64], values: NDArray[np.float64], unit: str, so_far: NDArray[np.int64],
    why_not: list[tuple[str, str]],
) -> pd.DataFrame:  # fmt: skip
    status, note = (np.array([reason[at] for reason in why_not], dtype=object) for at in (0, 1))
    rows = {
        "year": np.repeat(years, len(one.parts)),
        "disaggregation_type": one.kind,
        "disaggregation": np.tile(np.array(one.parts, dtype=object), len(years)),
        "value": np.where(status == "measured", values, np.nan).ravel(),
        "unit": unit,
        "n": so_far.ravel(),
        "value_status": np.tile(status, len(years)),
        "note": np.tile(note, len(years)),
    }
    return pd.DataFrame(rows)


def _doubts(
    sites: gpd.GeoDataFrame, frame: _Frame, counted_from: NDArray[np.int64], years: NDArray[np.int64]
) -> list[Doubt]:
    """What a reader must know beside the figures, with the area it concerns."""
    partition, last = frame.partition, int(years[-1])
    counted = counted_from <= last

    def km2(pieces: NDArray[np.bool_]) -> float:
        return float(partition.areas_km2[pieces].sum())

    def covered_by(chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        covered = np.zeros(len(partition.areas_km2), dtype=bool)
        covered[partition.piece[chosen[partition.site]]] = True
        return covered

    found: list[Doubt] = []
    unknown, covered = sites["year"].isna().to_numpy(), covered_by(counted)
    if unknown.any():
        dated = covered_by(counted & ~unknown)
        found.append(doubt("flag", "unknown_year", count=int(unknown.sum()), km2=km2(covered_by(unknown)),
                           only_km2=km2(covered & ~dated)))  # fmt: skip
    if (~counted).any():
        later = areas_km2(sites.geometry[~counted])
        found.append(doubt("flag", "after_last_year", count=len(later), km2=float(later.sum()), last=str(last)))
    once, added = km2(covered), float(areas_km2(sites.geometry[counted]).sum())
    if added - once > _SQUARE_METRE:
        found.append(doubt("flag", "overlaps_counted_once", km2=once, added_km2=added))
    if same := repeated_outlines(sites[counted]):
        found.append(doubt("flag", "same_outline", count=same))
    return found + _frame_doubts(frame, covered, km2)


def _frame_doubts(frame: _Frame, covered: NDArray[np.bool_], km2: Callable[[NDArray[np.bool_]], float]) -> list[Doubt]:
    at, total = frame.partition.zones, km2(covered)
    if not frame.has_land:
        found = [doubt("flag", "no_land")]
    else:
        found = [] if frame.has_sea or frame.landlocked else [doubt("flag", "no_sea")]
        areas = {
            "outside_frame": covered & ~frame.inside,
            "land_sea_overlap": (at["land"] >= 0) & (at["sea"] >= 0),
        }
        if frame.province_names:
            areas["outside_provinces"] = covered & (frame.realm == LAND) & (frame.province < 0)
        for key, pieces in areas.items():
            if (size := km2(pieces)) > _SQUARE_METRE:
                found.append(doubt("flag", key, km2=size, percent=100 * size / total if total else 0.0))
    if (twice := frame.provinces_km2 - km2(frame.province >= 0)) > _SQUARE_METRE + 1e-9 * frame.provinces_km2:
        found.append(doubt("flag", "provinces_overlap", km2=twice))
    return found
