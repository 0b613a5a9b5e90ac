"""5.1 Fish stocks within biologically sustainable levels: of those assessed, and of all that are listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.fish_stocks import WITHIN, judged_stocks
from gbf_workbench.methods.statistics import list_interval

_NOTES = "indicators.sustainable_fish_stocks.notes"
#: How far published percentages may be from 100 in sum, by rounding.
_ROUNDED = 1.0
STATES = ("Within sustainable levels", "Outside sustainable levels", "Unknown")
Row = dict[str, Any]


def sustainable_fish_stocks(
    stock_assessments: pd.DataFrame | None,
    stock_counts: pd.DataFrame | None,
    *,
    biomass_threshold: float,
    both_given: str,
    confidence: float,
) -> pd.DataFrame:
    """Share of fish stocks within biologically sustainable levels, of the assessed ones and of all listed ones.

    Parameters
    ----------
    stock_assessments : DataFrame or None
        ``stock_id, year, fao_area, status, b_bmsy, tier, landings_t`` [t]; one row for each stock and year.
    stock_counts : DataFrame or None
        ``year, fao_area, status, stock_count, stock_share`` [stocks, % of all stocks]; used where there is no list.
    biomass_threshold : float
        Least B/BMSY of a stock within sustainable levels.
    both_given : {"biomass", "status"}
        What counts where a stock has both.
    confidence : float
        Of the interval, 0 to 1.

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, lower, upper, n, value_status, note``. The headline in
        ``%`` (of assessed stocks); the other denominator in ``% of all stocks``.

    Raises
    ------
    WorkbenchError
        If published percentages do not add up to 100.

    Notes
    -----
    P = 100 · within / (within + outside). Stocks of unknown state are in the second denominator only.

    References
    ----------
    FAO, metadata of SDG indicator 14.4.1.

    Examples
    --------
    >>> counts = pd.DataFrame({"year": 2023, "status": ["sustainable", "overfished", "unknown"],
    ...                        "stock_count": [33, 11, 13]})
    >>> rows = sustainable_fish_stocks(None, counts, biomass_threshold=0.8, both_given="biomass", confidence=0.95)
    >>> rows.loc[rows["disaggregation_type"] == "", ["value", "unit"]].round(2).values.tolist()
    [[75.0, '%'], [57.89, '% of all stocks']]
    """
    doubts = Doubts()
    if stock_assessments is None:
        rows = list(_rows_of_counts(stock_counts, confidence, doubts))
    else:
        if stock_counts is not None:
            doubts.add("flag", "both_tables")
        judged = judged_stocks(stock_assessments, threshold=biomass_threshold, first=both_given, doubts=doubts)
        stocks = stock_assessments.drop(columns=["status", "kind"], errors="ignore").join(judged)
        rows = [row for year, part in stocks.groupby("year") for row in _year_rows(int(year), part, confidence, doubts)]
        rows += _trend_rows(stocks, doubts)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _share_rows(counts: tuple[int, int, int], confidence: float, **about: Any) -> Iterator[Row]:
    """The two shares of a list: of the assessed stocks with its interval, and of all."""
    within, outside, unknown = counts
    assessed, listed = within + outside, within + outside + unknown
    if not assessed:
        yield {**about, "value": np.nan, "unit": "%", "n": 0, "value_status": "missing", "note": "none_assessed"}
        return
    value = 100 * within / assessed
    low, high = (100 * limit for limit in list_interval(within, outside, unknown, confidence))
    yield {**about, "value": value, "unit": "%", "lower": min(low, value), "upper": max(high, value), "n": assessed}
    yield {**about, "value": 100 * within / listed, "unit": "% of all stocks", "n": listed}


def _status_rows(year: int, counts: tuple[int, int, int]) -> Iterator[Row]:
    """How many stocks are in each state, and how far the unknown ones could move the share."""
    listed = sum(counts)
    for name, number in zip(STATES, counts, strict=True):
        about = {"year": year, "disaggregation_type": "Status", "disaggregation": name, "n": number}
        yield {**about, "value": float(number), "unit": "stocks"}
        yield {**about, "value": 100 * number / listed, "unit": "% of all stocks"}
    within, _, unknown = counts
    for name, number in (("All of them outside", within), ("All of them within", within + unknown)):
        yield {"year": year, "disaggregation_type": "If unknown stocks were known", "disaggregation": name,
               "value": 100 * number / listed, "unit": "%", "n": listed}  # fmt: skip


def _counts(within: pd.Series) -> tuple[int, int, int]:
    return int(within.eq(1).sum()), int(within.eq(0).sum()), int(within.isna().sum())


def _year_rows(year: int, part: pd.DataFrame, confidence: float, doubts: Doubts) -> Iterator[Row]:
    """All rows of one year of a list of stocks."""
    counts = _counts(part["within"])
    total = {"year": year, "disaggregation_type": "", "disaggregation": ""}
    yield from _share_rows(counts, confidence, **total)
    yield from _status_rows(year, counts)
    for name, own in part.groupby("kind", sort=True):
        yield {"year": year, "disaggregation_type": "Class", "disaggregation": str(name), "value": float(len(own)),
               "unit": "stocks", "n": len(own)}  # fmt: skip
    if "fao_area" in part:
        for name, own in part.groupby("fao_area", sort=True):
            about = {"year": year, "disaggregation_type": "FAO fishing area", "disaggregation": str(name)}
            yield from _share_rows(_counts(own["within"]), confidence, **about)
    yield from _tier_rows(year, part)
    yield from _strict_rows(year, part, doubts)
    yield from _landings_rows(year, part, doubts)


def _tier_rows(year: int, part: pd.DataFrame) -> Iterator[Row]:
    """The share of the stocks assessed in each tier; an unknown stock has none, so there is no interval."""
    assessed = part[part["within"].notna()]
    if "tier" not in assessed or assessed["tier"].isna().all():
        return
    tiers = assessed["tier"].map(lambda tier: "Tier not given" if pd.isna(tier) else f"Tier {int(tier)}")
    for name, own in assessed.groupby(tiers, sort=True):
        yield {"year": year, "disaggregation_type": "Tier", "disaggregation": str(name),
               "value": 100 * float(own["within"].mean()), "unit": "%", "n": len(own)}  # fmt: skip


def _strict_rows(year: int, part: pd.DataFrame, doubts: Doubts) -> Iterator[Row]:
    """The share that reaches the biomass at maximum sustainable yield itself, of the stocks that tell."""
    told = part["strict"].dropna()
    doubts.add("flag", "strict_unknown", count=int((part["within"].notna() & part["strict"].isna()).sum()))
    if len(told):
        yield {"year": year, "disaggregation_type": "Strict level", "disaggregation": "Biomass at BMSY or above",
               "value": 100 * float(told.mean()), "unit": "%", "n": len(told)}  # fmt: skip


def _landings_rows(year: int, part: pd.DataFrame, doubts: Doubts) -> Iterator[Row]:
    """Shares of the landings, by the state of the stocks they come from."""
    if "landings_t" not in part or part["landings_t"].isna().all():
        return
    landed = pd.to_numeric(part["landings_t"]).to_numpy(dtype=float, na_value=np.nan)
    doubts.add("flag", "landings_missing", count=int(np.isnan(landed).sum()))
    state, landed = part["within"].to_numpy(), np.nan_to_num(landed)
    assessed = ~np.isnan(state)
    about = {"year": year, "disaggregation_type": "Landings"}
    if whole := landed[assessed].sum():
        share = 100 * landed[state == 1].sum() / whole
        yield {**about, "disaggregation": "From stocks within sustainable levels", "value": float(share),
               "unit": "% of landings of assessed stocks", "n": int((landed[assessed] > 0).sum())}  # fmt: skip
    if whole := landed.sum():
        yield {**about, "disaggregation": "From stocks of unknown state", "unit": "% of landings",
               "value": float(100 * landed[~assessed].sum() / whole), "n": int((landed > 0).sum())}  # fmt: skip


def _trend_rows(stocks: pd.DataFrame, doubts: Doubts) -> Iterator[Row]:
    """The share of the stocks that were assessed in every year."""
    wide = stocks.pivot(index="stock_id", columns="year", values="within")
    if wide.shape[1] < 2:
        return
    same = wide.dropna()
    doubts.add("flag", "stocks_differ", count=len(wide) - len(same))
    for year in same.columns if len(same) else ():
        yield {"year": int(year), "disaggregation_type": "Trend", "disaggregation": "Stocks assessed in every year",
               "value": 100 * float(same[year].mean()), "unit": "%", "n": len(same)}  # fmt: skip


def _rows_of_counts(table: pd.DataFrame, confidence: float, doubts: Doubts) -> Iterator[Row]:
    """The same shares from numbers of stocks, or from published percentages."""
    areas = table["fao_area"] if "fao_area" in table else pd.Series(None, index=table.index, dtype=object)
    state = np.where(table["status"].isin(WITHIN), 0, np.where(table["status"].eq("overfished"), 1, 2))
    for year, part in table.assign(state=state, area=areas).groupby("year"):
        told = set(part.loc[part["state"].eq(0), "status"])
        doubts.add("flag", "classes_overlap", count=int("sustainable" in told and len(told) > 1))
        whole = part[part["area"].isna()]
        by_area = part[part["area"].notna()]
        total = {"year": int(year), "disaggregation_type": "", "disaggregation": ""}
        yield from _of_counts(int(year), by_area if whole.empty else whole, confidence, total, detailed=True)
        if len(whole) and len(by_area) and _number(whole) != _number(by_area):
            doubts.add("flag", "areas_differ", count=1)
        for name, own in by_area.groupby("area", sort=True):
            about = {"year": int(year), "disaggregation_type": "FAO fishing area", "disaggregation": str(name)}
            yield from _of_counts(int(year), own, confidence, about, detailed=False)


def _number(part: pd.DataFrame) -> float:
    return float(part["stock_count"].sum()) if "stock_count" in part else 0.0


def _of_counts(year: int, part: pd.DataFrame, confidence: float, about: Row, *, detailed: bool) -> Iterator[Row]:
    if "stock_count" in part and part["stock_count"].notna().all():
        sums = part.groupby("state")["stock_count"].sum().reindex(range(3), fill_value=0)
        counts = tuple(int(number) for number in sums)
        yield from _share_rows(counts, confidence, **about)
        if detailed and sum(counts):
            yield from _status_rows(year, counts)
        return
    if not detailed or "stock_share" not in part or part["stock_share"].isna().any() or part["area"].notna().any():
        raise problem(f"{_NOTES}.numbers_missing", table="fish_stock_counts", column="stock_count", year=str(year),
                      rows=tuple(sorted(int(row) for row in part.index)))  # fmt: skip
    shares = part.groupby("state")["stock_share"].sum().reindex(range(3), fill_value=0.0).astype(float)
    if abs(shares.sum() - 100) > _ROUNDED:
        raise problem(f"{_NOTES}.shares_sum", table="fish_stock_counts", column="stock_share", year=str(year),
                      total=f"{shares.sum():.6g}", rows=tuple(sorted(int(row) for row in part.index)))  # fmt: skip
    if shares[0] + shares[1] > 0:
        yield {**about, "value": float(100 * shares[0] / (shares[0] + shares[1])), "unit": "%", "note": "no_numbers"}
    else:
        yield {**about, "value": np.nan, "unit": "%", "value_status": "missing", "note": "none_assessed"}
    yield {**about, "value": float(shares[0]), "unit": "% of all stocks", "note": "no_numbers"}
    for name, share in zip(STATES, shares, strict=True):
        yield {"year": year, "disaggregation_type": "Status", "disaggregation": name, "value": float(share),
               "unit": "% of all stocks", "note": "no_numbers"}  # fmt: skip
