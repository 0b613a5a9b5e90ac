"""A.1 Red List of Ecosystems: how near the ecosystem types of a country are to collapse, and where that is going."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.ecosystem_change import WINDOW, Decline
from gbf_workbench.methods.ecosystem_criteria import known_declines, listed, mapped_changes, of_maps, remaining_shares
from gbf_workbench.methods.ecosystem_lists import RiskList, assembled, comparable_weights, groupings, of_counts
from gbf_workbench.methods.ecosystem_maps import Measure, measured_types, refuse_elsewhere
from gbf_workbench.methods.ecosystem_risk import ORDER, THREATENED, WEIGHTS, mean_remaining, risk_index
from gbf_workbench.methods.statistics import percentile_interval, resampled_counts

if TYPE_CHECKING:
    import geopandas as gpd

    from gbf_workbench.methods.rasters import RasterSource

_NOTES = "indicators.red_list_of_ecosystems.notes"
_TYPES, _RISK = "ecosystem types", "risk (0–5)"
_INSIDE = {
    "protected_area_km2": "Protected areas and OECMs",
    "territories_area_km2": "Indigenous and traditional territories",
}
#: Maps closer together than this say little about 50 years.
_SHORT_YEARS = 20

Row = dict[str, Any]


@dataclass(frozen=True)
class _Draws:
    """How intervals are drawn."""

    replicates: int
    confidence: float
    rng: np.random.Generator

    def index(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Index of types with weights (types, dates) at each date, and its replicates (replicates, dates)."""
        kinds, counts = np.unique(weights, axis=0, return_counts=True)
        drawn = [risk_index(block, kinds) for block in resampled_counts(counts, self.replicates, self.rng)]
        return risk_index(counts, kinds), np.concatenate(drawn)

    def limits(self, value: float, drawn: np.ndarray) -> dict[str, float]:
        low, high = percentile_interval(drawn, self.confidence)
        return {"lower": min(float(low), value), "upper": max(float(high), value)}


def red_list_of_ecosystems(
    assessments: pd.DataFrame | None,
    criteria: pd.DataFrame | None,
    declines: pd.DataFrame | None,
    restrictions: pd.DataFrame | None,
    category_counts: pd.DataFrame | None,
    ecosystem_maps: tuple[RasterSource, ...] | None,
    ecosystem_polygons: gpd.GeoDataFrame | None,
    ecosystem_types: pd.DataFrame | None,
    land: gpd.GeoDataFrame | None,
    *,
    incomplete_types: str,
    drawn_out: str,
    squares: str,
    square_km: float,
    placements: int,
    measured_in: str,
    round_cells: bool,
    replicates: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Red List Index of Ecosystems with categories, areas, and what maps say of criteria A and B.

    Parameters
    ----------
    assessments : DataFrame or None
        ``ecosystem_id, year, category`` and where known ``ecosystem_name, reason_for_change, area_km2,
        protected_area_km2, territories_area_km2`` [km²], ``get_code, ecosystem_group, region, main_threat``.
    criteria : DataFrame or None
        ``ecosystem_id, year, criterion, category``, one row for each criterion that was used.
    declines : DataFrame or None
        ``ecosystem_id, year, criterion, extent_percent, severity_percent`` [%]: criteria A, C and D as measured.
    restrictions : DataFrame or None
        ``ecosystem_id, continuing_decline, future_threats, locations, sudden_collapse, eoo_km2, aoo_squares``.
    category_counts : DataFrame or None
        ``year, get_code, category, type_count, area_km2``; used where there is no list.
    ecosystem_maps, ecosystem_polygons : tuple of RasterSource, GeoDataFrame or None
        Maps of one or more dates.
    ecosystem_types : DataFrame or None
        Their legend: ``class_code, name, natural``; ``ecosystem_id, get_code, year`` where needed. Only natural and
        semi-natural types are assessed.
    land : GeoDataFrame or None
        The country, which maps have to touch.
    incomplete_types : {"ask", "exclude", "as_assessed"}
    drawn_out : {"proportional", "absolute"}
    squares : {"bottom", "square", "none", "touched"}
    square_km : float
        Side of the squares of the area of occupancy [km].
    placements : int
        How many placements of the grid are tried.
    measured_in : str
        Coordinate system of areas, extents and squares; empty for a local equal-area one.
    round_cells : bool
        Whether cells of a map stand for circles in the extent of occurrence.
    replicates, confidence, seed
        Of the bootstrap over ecosystem types; the seed also places the grid.

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, lower, upper, n, value_status, note``. Total, criteria
        and groups in ``index`` [0–1]; threatened types [%]; types and areas by category [ecosystem types, km2]; of each
        type its risk [0–5], area, extent of occurrence [km2], area of occupancy [squares], rates and losses.

    Raises
    ------
    WorkbenchError
        If types lack dates, changes lack reasons, identifiers or classes have no partner, or nothing has a category.

    Notes
    -----
    Index = 1 − Σ W(category) / (5 × n), W = 0 (LC) to 5 (CO), without Data Deficient and Not Evaluated types. The
    overall category is the worst over the criteria. Categories that experts wrote go before measured ones.

    References
    ----------
    Keith et al. 2013, doi:10.1371/journal.pone.0062111. IUCN 2024, Guidelines 2.0, doi:10.2305/CJDF9122. Rowland et al.
    2020, doi:10.1111/conl.12680.

    Examples
    --------
    >>> table = pd.DataFrame({"ecosystem_id": ["a", "b"], "year": [2024, 2024], "category": ["LC", "EN"]})
    >>> rows = red_list_of_ecosystems(
    ...     table, None, None, None, None, None, None, None, None, incomplete_types="ask", drawn_out="proportional",
    ...     squares="bottom", square_km=10, placements=35, measured_in="", round_cells=False, replicates=100,
    ...     confidence=0.95, seed=1,
    ... )
    >>> rows.loc[(rows["disaggregation_type"] == "") & (rows["unit"] == "index"), "value"].tolist()
    [0.7]
    """
    doubts = Doubts()
    draws = _Draws(replicates, confidence, np.random.default_rng(seed))
    how = Measure(measured_in, square_km, squares, placements, round_cells, seed)
    refuse_elsewhere(ecosystem_maps, ecosystem_polygons, land)
    mapped, legend = measured_types(ecosystem_maps, ecosystem_polygons, ecosystem_types, how, doubts)
    declines = known_declines(declines, doubts)
    by_name = not (assessments is None and criteria is None and declines is None and mapped is None)
    if not by_name:
        if category_counts is None:
            raise problem(f"{_NOTES}.no_category")
        assessments, incomplete_types = of_counts(category_counts, doubts), "as_assessed"
    elif category_counts is not None:
        doubts.add("flag", "both_tables")
    found = assembled(
        assessments, criteria, declines, restrictions, mapped, legend,
        drawn_out=drawn_out, square_km=square_km, doubts=doubts,
    )  # fmt: skip
    if mapped is None and not found.categories["overall"].isin(list(WEIGHTS)).any():
        raise problem(f"{_NOTES}.no_category")
    weights = comparable_weights(found, incomplete_types, doubts)
    rows = [*_headline_rows(found, weights, draws), *_criterion_rows(found, draws)]
    for year in found.years:
        rows += _date_rows(found, year, weights[year], by_name)
    _say_of_areas(found.of(found.years[-1]), doubts)
    rows += _remaining_rows(remaining_shares(declines, criteria, mapped), found)
    if mapped is not None:
        rows += _map_rows(mapped, found.types["name"])
        _say_of_maps(mapped, drawn_out, doubts)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _row(year: int, kind: str, name: str, value: float, unit: str, n: int | None = None, **more: Any) -> Row:
    there = bool(np.isfinite(value))
    return {
        "year": int(year), "disaggregation_type": kind, "disaggregation": name, "unit": unit, "n": n, "note": "",
        "value": float(value) if there else np.nan, "value_status": "measured" if there else "not_applicable", **more,
    }  # fmt: skip


def _headline_rows(found: RiskList, weights: pd.DataFrame, draws: _Draws) -> Iterator[Row]:
    """The index of each date; where the types are the same at all of several dates, its change too."""
    years = found.years
    if len(years) == 1 or weights.isna().to_numpy().any():
        for year in years:
            yield from _index_of_date(year, weights[year], draws)
        return
    values, drawn = draws.index(weights.to_numpy())
    for at, year in enumerate(years):
        yield _row(year, "", "", values[at], "index", len(weights), **draws.limits(values[at], drawn[:, at]))
        every = found.of(year)["overall"].map(WEIGHTS).dropna().to_numpy(dtype=float)
        if len(every) != len(weights):
            value = risk_index(np.ones(len(every)), every[:, None])[0]
            yield _row(year, "All types of the date", "", value, "index", len(every))
    change, spread = values[-1] - values[0], drawn[:, -1] - drawn[:, 0]
    period = f"{years[0]}–{years[-1]}"
    yield _row(years[-1], "Change of the index", period, change, "index", len(weights), **draws.limits(change, spread))


def _index_of_date(year: int, weights: pd.Series, draws: _Draws) -> Iterator[Row]:
    known = weights.dropna().to_numpy()[:, None]
    if not len(known):
        yield _row(year, "", "", np.nan, "index", 0, value_status="missing", note="none_assessed")
        return
    values, drawn = draws.index(known)
    yield _row(year, "", "", values[0], "index", len(known), **draws.limits(values[0], drawn[:, 0]))


def _criterion_rows(found: RiskList, draws: _Draws) -> Iterator[Row]:
    """The index that each criterion alone would give; of the newest date, as nobody says which changes are real."""
    rows = found.of(found.years[-1])
    for criterion in found.criteria:
        weights = rows[criterion].map(WEIGHTS).dropna().to_numpy(dtype=float)[:, None]
        if len(weights):
            values, drawn = draws.index(weights)
            limits = draws.limits(values[0], drawn[:, 0])
            yield _row(found.years[-1], "Criterion", criterion, values[0], "index", len(weights), **limits)


def _date_rows(found: RiskList, year: int, weights: pd.Series, by_name: bool) -> Iterator[Row]:
    """Categories and areas of a date as they were assessed, and the index of groups of the types that are compared."""
    rows = found.of(year).assign(compared=weights)
    criteria = found.criteria if year == found.years[-1] else []
    yield from _category_rows(year, "Category", None, rows)
    yield from _threatened_rows(year, rows)
    for kind, column in groupings(rows).items():
        for name in sorted(set(column) - {""}):
            yield from _part_rows(year, kind, name, rows[column == name], criteria)
            yield from _category_rows(year, kind, name, rows[column == name])
    for column, kind in _INSIDE.items():
        yield from _inside_rows(year, kind, column, rows)
    for criterion in ("overall", *criteria) if by_name else ():
        kind = "Ecosystem type" if criterion == "overall" else f"Ecosystem type, {criterion}"
        for name, category in zip(rows["name"], rows[criterion], strict=True):
            told = {} if category in WEIGHTS else {"value_status": "missing"}
            yield _row(
                year, kind, name, WEIGHTS.get(category, np.nan), _RISK, note=f"category_{category.lower()}", **told
            )


def _category_rows(year: int, kind: str, part: str | None, rows: pd.DataFrame) -> Iterator[Row]:
    """Number of types in each category, and their area where all of them have one; of groups without the zeros."""
    counts = rows["overall"].value_counts()
    for category in reversed(ORDER):
        n = int(counts.get(category, 0))
        if part is not None:
            if n:
                yield _row(year, f"{kind}, {category}", part, n, _TYPES, n)
            continue
        yield _row(year, kind, category, n, _TYPES, n)
        if "area_km2" in rows and rows["area_km2"].notna().any():
            area = rows.loc[rows["overall"] == category, "area_km2"].astype(float)
            told = {"value_status": "missing", "note": "area_missing"} if area.isna().any() else {}
            yield _row(year, kind, category, np.nan if told else area.sum(), "km2", n, **told)


def _part_rows(year: int, kind: str, name: str, part: pd.DataFrame, criteria: list[str]) -> Iterator[Row]:
    """Index and share of threatened types of a group."""
    weights = {kind: part["compared"], **{f"{kind}, {one}": part[one].map(WEIGHTS) for one in criteria}}
    for here, every in weights.items():
        known = every.dropna()
        if len(known):
            yield _row(year, here, name, 1 - known.mean() / max(WEIGHTS.values()), "index", len(known))
        elif here == kind:
            yield _row(year, kind, name, np.nan, "index", 0, value_status="missing", note="none_assessed")
    assessed = part["overall"].isin(list(WEIGHTS))
    if assessed.any():
        share = 100 * part["overall"].isin(THREATENED).sum() / assessed.sum()
        yield _row(year, kind, name, share, "%", int(assessed.sum()))


def _threatened_rows(year: int, rows: pd.DataFrame) -> Iterator[Row]:
    """Threatened types and threatened area as shares of what was assessed."""
    assessed = rows[rows["overall"].isin(list(WEIGHTS))]
    if assessed.empty:
        return
    threatened = assessed["overall"].isin(THREATENED)
    yield _row(year, "Threatened types", "", 100 * threatened.mean(), "%", len(assessed))
    if "area_km2" not in rows or assessed["area_km2"].isna().all():
        return
    area = assessed["area_km2"].astype(float)
    # A share of what is known only: types without an area are neither above nor below the line.
    known, total = int(area.notna().sum()), area.sum()
    yield _row(year, "Threatened area", "", area[threatened].sum(), "km2", known)
    yield _row(year, "Threatened area", "", 100 * area[threatened].sum() / total if total > 0 else np.nan, "%", known)


def _inside_rows(year: int, kind: str, column: str, rows: pd.DataFrame) -> Iterator[Row]:
    """Types that lie at least in part inside protected areas or territories, and their area there by category."""
    if column not in rows or rows[column].isna().all():
        return
    inside = rows[column].astype(float)
    yield from _part_rows(year, kind, "Types inside", rows[inside > 0], [])
    for category in reversed(ORDER):
        own = inside[rows["overall"] == category].dropna()
        if len(own):
            yield _row(year, kind, category, own.sum(), "km2", len(own))


def _say_of_areas(newest: pd.DataFrame, doubts: Doubts) -> None:
    """Assessed types of the newest date whose areas are not known, where those of others are."""
    assessed = newest[newest["overall"].isin(list(WEIGHTS))]
    columns = {"area_unknown": ["area_km2"], "inside_unknown": list(_INSIDE)}
    for key, wanted in columns.items():
        there = [column for column in wanted if column in assessed and assessed[column].notna().any()]
        lacking = assessed[there].isna().any(axis=1)
        doubts.add("flag", key, count=int(lacking.sum()), names=listed(assessed.index[lacking]))


def _remaining_rows(shares: pd.DataFrame, found: RiskList) -> Iterator[Row]:
    """Ecosystem Area Index and Ecosystem Health Index, whole and by group."""
    for (kind, window, year), part in shares.groupby(["index", "window", "year"]):
        value = mean_remaining(part["share"].to_numpy(dtype=float))
        yield _row(year, kind, window, value, "index", len(part))
        known = part.set_index("ecosystem_id")["share"]
        for by, column in groupings(found.types.reindex(known.index).fillna("")).items():
            for name in sorted(set(column) - {""}):
                own = known[(column == name).to_numpy()].to_numpy(dtype=float)
                yield _row(year, f"{kind} by {by.lower()}, {window}", name, mean_remaining(own), "index", len(own))


def _map_rows(mapped: pd.DataFrame, names: pd.Series) -> Iterator[Row]:
    """Area, extent and occupancy of each mapped type at each date, and its change between dates."""
    for one in mapped.itertuples():
        name = names.get(one.name, one.name)
        yield _row(one.year, "Ecosystem type", name, one.km2, "km2")
        yield _row(one.year, "Extent of occurrence", name, one.eoo_km2, "km2")
        yield _row(one.year, "Area of occupancy", name, one.aoo, "squares")
    years = sorted(set(mapped["year"]))
    periods = list(pairwise(years)) + ([(years[0], years[-1])] if len(years) > 2 else [])
    for first, last in periods:
        both = mapped[mapped["year"].isin([first, last])]
        for identifier, change in mapped_changes(both).items():
            name, period = names.get(identifier, identifier), f"{first}–{last}"
            yield _row(last, f"Loss of area, {period}", name, change.before - change.after, "km2")
            yield _row(last, f"Absolute rate of decline, {period}", name, change.absolute, "km2 per year")
            yield _row(last, f"Proportional rate of decline, {period}", name, change.proportional, "% per year")
            yield _row(last, f"Annual rate of change, {period}", name, change.annual, "% per year")
    for identifier, change in mapped_changes(mapped).items():
        first, last = mapped.loc[mapped["name"].astype(str) == identifier, "year"].agg(["min", "max"])
        yield from _drawn_out_rows(first, last, names.get(identifier, identifier), change)


def _drawn_out_rows(first: int, last: int, name: str, change: Decline) -> Iterator[Row]:
    """What the change from the first map to the last comes to over 50 years, in both ways of drawing it out."""
    for how in ("absolute", "proportional"):
        kind = f"Area at a constant {how} rate, {first + WINDOW}"
        yield _row(last, kind, name, change.area_after(WINDOW, how), "km2", value_status="estimated")
        for criterion in ("A1", "A2a", "A2b"):
            loss = change.loss(criterion, how)
            told = {"value_status": "estimated"} if np.isfinite(loss) else {}
            yield _row(last, f"Loss over 50 years at a constant {how} rate, {criterion}", name, loss, "%", **told)


def _say_of_maps(mapped: pd.DataFrame, drawn_out: str, doubts: Doubts) -> None:
    """What has to be said of categories that come from maps."""
    span = int(mapped["year"].max() - mapped["year"].min())
    doubts.add("flag", "one_map", count=int(span == 0))
    doubts.add("flag", "short_span", count=int(0 < span < _SHORT_YEARS), years=span)
    other = {"absolute": "proportional", "proportional": "absolute"}[drawn_out]
    ways = [of_maps(mapped, None, 0, how, 10, Doubts()) for how in (drawn_out, other)]
    both = [
        one[one["criterion"].str.startswith("A")].set_index(["ecosystem_id", "criterion"])["category"] for one in ways
    ]
    apart = both[0].index[both[0] != both[1]].get_level_values(0)
    doubts.add("flag", "ways_apart", count=apart.nunique(), names=listed(apart))
