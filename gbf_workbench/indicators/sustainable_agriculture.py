"""10.1 Productive and sustainable agriculture: the area that the weakest of eleven parts leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.farm_ratings import GREEN, PARTS, UNKNOWN, YELLOW, farm_ratings
from gbf_workbench.methods.imputation import Pooled, donors_of, drawn, pooled
from gbf_workbench.methods.surveys import (
    Design,
    design_of,
    effective_size,
    interval_of_share,
    lowest_share,
    shares_of,
)

_NOTES = "indicators.sustainable_agriculture.notes"
_CODES = {"green": GREEN, "not applicable": GREEN, "yellow": YELLOW, "red": 0, "missing": UNKNOWN}
NAMES = dict(
    zip(
        PARTS,
        (
            "Output per hectare", "Net farm income", "Risk mitigation", "Soil degradation", "Water availability",
            "Fertiliser management", "Pesticide management", "Biodiversity practices", "Pay of workers",
            "Food insecurity", "Land tenure",
        ),
        strict=True,
    )
)  # fmt: skip
_ALIKE = ["region", "sector", "production_system"]
_LEVELS = {"desirable": "Desirable", "at_least_acceptable": "At least acceptable"}


@dataclass(frozen=True)
class Farms:
    """Holdings of one year: areas [ha], sampling design, and ratings of shape (imputations, holdings, 11)."""

    table: pd.DataFrame
    area: np.ndarray
    design: Design
    ratings: np.ndarray
    taken: np.ndarray

    def base(self, members: np.ndarray | bool = True) -> np.ndarray:
        """Area of some of the holdings [ha], 0 for the others."""
        return self.area * members

    def size(self, members: np.ndarray | bool = True) -> int:
        """How many of them count."""
        return int(((self.base(members) > 0) & (self.design.weights > 0)).sum())


@dataclass(frozen=True)
class Asked:
    """Positions of the parts that apply to the country and of those among them that have ratings; level; confidence."""

    wanted: list[int]
    rated: list[int]
    level: str
    confidence: float


def sustainable_agriculture(
    holdings: pd.DataFrame | None,
    scores: pd.DataFrame | None,
    shares: pd.DataFrame | None,
    *,
    level: str,
    organic_schemes: bool,
    not_applicable_parts: list[str],
    imputations: int,
    donors: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Share of the agricultural area under productive and sustainable agriculture.

    Parameters
    ----------
    holdings : DataFrame or None
        Table ``farm_holdings``: one row for each holding and year, areas [ha].
    scores : DataFrame or None
        ``year, holding_id, sub_indicator, rating``: ratings that take the place of those from the answers.
    shares : DataFrame or None
        ``year, sub_indicator, sector, green_percent, yellow_percent, red_percent`` [%]; without holdings.
    level : {"at_least_acceptable", "desirable"}
        Which level is the national value; all are given.
    organic_schemes : bool
    not_applicable_parts : list of str
        Numbers of parts that do not apply to the country.
    imputations : int
        Completed sets, for ratings that are missing.
    donors : int
        Similar holdings among which a missing rating is drawn.
    confidence : float
    seed : int

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, lower, upper, n, value_status, note`` [% of area].

    Raises
    ------
    WorkbenchError
        If parts are named that there are not, or criteria are met that the country does not have.

    Notes
    -----
    With d_n, a_n, u_n the shares of the weighted area that are green, yellow and red in part n: desirable = min_n d_n,
    at least acceptable = min_n (d_n + a_n), unsustainable = 1 − min_n (d_n + a_n). No holding is rated over all parts.

    References
    ----------
    FAO, metadata of SDG indicator 2.4.1, 16 December 2022.

    Examples
    --------
    >>> parts = [(2023, n, None, 70.0, 20.0, 10.0) for n in range(1, 11)] + [(2023, 11, None, 40.0, 15.0, 45.0)]
    >>> names = ["year", "sub_indicator", "sector", "green_percent", "yellow_percent", "red_percent"]
    >>> table = pd.DataFrame(parts, columns=names)
    >>> rows = sustainable_agriculture(
    ...     None, None, table, level="desirable", organic_schemes=True, not_applicable_parts=[], imputations=20,
    ...     donors=5, confidence=0.95, seed=1,
    ... )
    >>> float(rows.loc[rows["disaggregation_type"] == "", "value"].iloc[0])
    40.0
    """
    doubts = Doubts()
    wanted = _wanted(not_applicable_parts)
    if holdings is None:
        rows = _rows_of_shares(shares, wanted, level)
    else:
        if shares is not None:
            doubts.add("flag", "both_tables")
        rng = np.random.default_rng(seed)
        rows = []
        for year, part in holdings.groupby("year", sort=True):
            farms = _farms(part, scores, organic_schemes, wanted, imputations, donors, rng, doubts)
            rated = [at for at in wanted if (farms.ratings[:, :, at] != UNKNOWN).all()]
            rows += _rows_of_farms(int(year), farms, Asked(wanted, rated, level, confidence))
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _wanted(left_out: list[str]) -> list[int]:
    """Positions of the parts that apply to the country."""
    if unknown := [one for one in left_out if not one.strip().isdigit() or int(one) not in PARTS]:
        raise problem(f"{_NOTES}.no_such_part", column="not_applicable_parts", value=unknown[0])
    return [part - 1 for part in PARTS if part not in {int(one) for one in left_out}]


def _farms(
    table: pd.DataFrame,
    scores: pd.DataFrame | None,
    organic_schemes: bool,
    wanted: list[int],
    imputations: int,
    donors: int,
    rng: np.random.Generator,
    doubts: Doubts,
) -> Farms:
    """The holdings of one year with all their ratings, missing ones drawn from similar holdings."""
    if not organic_schemes and (wrong := table["biodiversity_criteria"].gt(5)).any():
        rows = tuple(int(row) for row in table.index[wrong])
        raise problem(f"{_NOTES}.six_criteria", table="farm_holdings", column="biodiversity_criteria", rows=rows)
    table = table.sort_values("holding_id", kind="stable")
    area = table["agricultural_area_ha"].to_numpy(dtype=float)
    doubts.add("flag", "no_area", count=int((area <= 0).sum()))
    rated = farm_ratings(table, organic_schemes=organic_schemes)
    rated = _with_scores(rated, table, scores)
    counted = (area > 0) & (table["weight"].to_numpy(dtype=float) > 0)
    open_ones = (rated == UNKNOWN) & counted[:, None]
    filled = _filled(rated, table, wanted, imputations, donors, rng)
    design = design_of(table, weight="weight", stratum="stratum", cluster="cluster", unit="holding_id")
    _say_of_design(table, design, doubts)
    known = [at for at in wanted if not open_ones[:, at].all()]
    doubts.add("flag", "imputed", count=int(open_ones[:, known].sum()))
    return Farms(table, area, design, filled, open_ones)


def _with_scores(rated: np.ndarray, table: pd.DataFrame, scores: pd.DataFrame | None) -> np.ndarray:
    """Ratings that were made elsewhere, in place of those from the answers."""
    if scores is None:
        return rated
    own = scores[scores["year"].isin(table["year"].unique()) & scores["holding_id"].isin(table["holding_id"])]
    place = pd.Series(np.arange(len(table)), index=table["holding_id"])
    rated = rated.copy()
    at = place.loc[own["holding_id"]].to_numpy(), own["sub_indicator"].to_numpy(dtype=int) - 1
    rated[at] = own["rating"].map(_CODES).to_numpy(dtype=int)
    return rated


def _filled(
    rated: np.ndarray, table: pd.DataFrame, wanted: list[int], imputations: int, donors: int, rng: np.random.Generator
) -> np.ndarray:
    """Completed ratings, shape (imputations, holdings, 11); one set where nothing is missing."""
    similar = table.assign(size=np.log(table["agricultural_area_ha"].astype(float).clip(lower=0.01)))
    found = {
        at: donors_of(similar, _ALIKE, ["size"], pd.Series(rated[:, at] != UNKNOWN), donors)
        for at in wanted
        if (rated[:, at] == UNKNOWN).any()
    }
    if not any(found.values()):
        return rated[None]
    weights = table["weight"].to_numpy(dtype=float)
    sets = np.repeat(rated[None], imputations, axis=0)
    for at, of in found.items():
        for holding, donor in drawn(of, weights, imputations, rng).items():
            sets[:, holding, at] = rated[donor, at]
    return sets


def _say_of_design(table: pd.DataFrame, design: Design, doubts: Doubts) -> None:
    unplanned = table[["stratum", "cluster"]].isna().all(axis=None)
    doubts.add("flag", "lonely_strata", count=0 if unplanned else design.lonely)
    doubts.add("flag", "full_count" if table["weight"].eq(1).all() else "no_design", count=int(unplanned))


def _rows_of_farms(year: int, farms: Farms, asked: Asked) -> Iterator[dict[str, Any]]:
    """All rows of one year: the whole, its levels and parts, and the whole by sector, production system and region."""
    everything = np.ones(len(farms.area), dtype=bool)
    found = _pooled(farms, everything, asked.rated)
    levels = {key: _lowest_row(farms, everything, found, replace(asked, level=key)) for key in _LEVELS}
    for kind, name, row in [("", "", levels[asked.level]), *_by_level(levels)]:
        yield {"year": year, "disaggregation_type": kind, "disaggregation": name, **row}
    for row in _part_rows(farms, found, asked):
        yield {"year": year, **row}
    for kind, column in (("Sector", "sector"), ("Production system", "production_system"), ("Region", "region")):
        for name in sorted(farms.table[column].dropna().unique()):
            members = farms.table[column].eq(name).to_numpy(dtype=bool, na_value=False)
            row = _lowest_row(farms, members, _pooled(farms, members, asked.rated), asked)
            yield {"year": year, "disaggregation_type": kind, "disaggregation": str(name), **row}


def _by_level(levels: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The levels, and what is not even acceptable as the rest to 100 %."""
    for key, name in _LEVELS.items():
        yield "Level", name, levels[key]
    row = levels["at_least_acceptable"]
    limits = {"lower": 100 - row["upper"], "upper": 100 - row["lower"]} if "lower" in row else {}
    yield "Level", "Unsustainable", {**row, "value": 100 - row["value"], **limits}


def _pooled(farms: Farms, members: np.ndarray, rated: list[int]) -> Pooled:
    """Shares of the members' area that are green, then at least yellow, in each rated part."""
    base = farms.base(members)
    if not rated or not farms.size(members):
        return Pooled(np.array([]), np.empty((0, 0)), np.array([]))
    found = []
    for one in farms.ratings[:, :, rated]:
        parts = np.hstack([one >= GREEN, one >= YELLOW]) * base[:, None]
        found.append(shares_of(parts, base, farms.design))
    values, spreads = (np.array(one) for one in zip(*found, strict=True))
    return pooled(values, spreads, farms.design.degrees_of_freedom((base > 0) & (farms.design.weights > 0)))


def _lowest_row(farms: Farms, members: np.ndarray, found: Pooled, asked: Asked) -> dict[str, Any]:
    """The weakest part of some holdings, or why there is none."""
    row = {"unit": "%", "n": farms.size(members)}
    if len(asked.rated) < len(asked.wanted) or not row["n"]:
        return row | _nothing("parts_missing" if row["n"] else "no_farms")
    half = slice(0, len(asked.rated)) if asked.level == "desirable" else slice(len(asked.rated), None)
    units = effective_size(farms.base(members), farms.design)
    low = lowest_share(found.values[half], found.covariance[half, half], found.freedom[half], units, asked.confidence)
    guessed = farms.taken[members][:, asked.rated].any()
    return row | {
        "value": 100 * low.value, "lower": 100 * low.lower, "upper": 100 * low.upper,
        "value_status": "estimated" if guessed else "measured", "note": f"weakest_{asked.rated[low.which] + 1}",
    }  # fmt: skip


def _nothing(note: str) -> dict[str, Any]:
    return {"value": np.nan, "value_status": "missing", "note": note}


def _part_rows(farms: Farms, found: Pooled, asked: Asked) -> Iterator[dict[str, Any]]:
    """Each part by itself: how much of the area is green, yellow and red, and how much of it was filled in."""
    units, count = effective_size(farms.base(), farms.design), len(asked.rated)
    weighed = farms.design.weights * farms.area
    for at in asked.wanted:
        about = {"disaggregation": NAMES[at + 1], "unit": "%", "n": farms.size()}
        if at not in asked.rated:
            yield about | _nothing("part_missing") | {"disaggregation_type": "Part: desirable"}
            continue
        place, taken = asked.rated.index(at), farms.taken[:, at]
        about["value_status"] = "estimated" if taken.any() else "measured"
        # Shares of green, of yellow and of red as sums of the shares of green and of at least yellow.
        for kind, start, terms in (("desirable", 0, (1, 0)), ("acceptable", 0, (-1, 1)), ("unsustainable", 1, (0, -1))):
            pick, terms = [place, count + place], np.array(terms)
            value = float(start + found.values[pick] @ terms)
            spread = float(terms @ found.covariance[np.ix_(pick, pick)] @ terms)
            freedom = float(found.freedom[pick].min())
            low, high = interval_of_share(min(max(value, 0.0), 1.0), spread, freedom, units, asked.confidence)
            limits = {"value": 100 * value, "lower": 100 * low, "upper": 100 * high}
            yield about | limits | {"disaggregation_type": f"Part: {kind}"}
        share = 100 * float(weighed[taken].sum() / weighed.sum())
        yield about | {"disaggregation_type": "Part: filled in", "value": share, "value_status": "measured"}


def _rows_of_shares(shares: pd.DataFrame, wanted: list[int], level: str) -> list[dict[str, Any]]:
    """Rows from shares that were worked out before, which carry no sampling error."""
    rows: list[dict[str, Any]] = []
    named = shares["sector"].astype(object).where(shares["sector"].notna(), "")
    for (year, sector), part in shares.groupby([shares["year"], named], sort=True):
        green = part.set_index("sub_indicator")["green_percent"].astype(float)
        red = part.set_index("sub_indicator")["red_percent"].astype(float)
        rows += [{"year": int(year), "unit": "%", **row} for row in _share_rows(str(sector), green, red, wanted, level)]
    whole = {row["year"] for row in rows if row["disaggregation_type"] == ""}
    lacking = sorted({int(year) for year in shares["year"]} - whole)
    return rows + [
        {"year": year, "unit": "%", "disaggregation_type": "", **_nothing("sectors_only")} for year in lacking
    ]


def _share_rows(
    sector: str, green: pd.Series, red: pd.Series, wanted: list[int], level: str
) -> Iterator[dict[str, Any]]:
    parts = [at + 1 for at in wanted]
    there = [part for part in parts if part in green.index]
    levels = {key: _nothing("parts_missing") for key in _LEVELS}
    if there == parts:
        for key, values in zip(_LEVELS, (green, 100 - red), strict=True):
            weakest = values.loc[there].idxmin()
            levels[key] = {"value": float(values[weakest]), "value_status": "measured", "note": f"weakest_{weakest}"}
    if sector:
        yield levels[level] | {"disaggregation_type": "Sector", "disaggregation": sector}
        return
    for kind, name, row in [("", "", levels[level]), *_by_level(levels)]:
        yield row | {"disaggregation_type": kind, "disaggregation": name}
    for part in parts:
        if part not in there:
            yield _nothing("part_missing") | {"disaggregation_type": "Part: desirable", "disaggregation": NAMES[part]}
            continue
        shares = (green[part], 100 - green[part] - red[part], red[part])
        for kind, value in zip(("desirable", "acceptable", "unsustainable"), shares, strict=True):
            about = {"disaggregation_type": f"Part: {kind}", "disaggregation": NAMES[part]}
            yield about | {"value": float(value), "value_status": "measured"}
