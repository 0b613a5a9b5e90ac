"""21.1 Biodiversity information for monitoring: what the country can follow each indicator with, and how good it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts

_NOTES = "indicators.biodiversity_information_for_monitoring.notes"
#: From nothing to whole, with the points each is worth where points are asked for.
POINTS = {"none": 0, "global only": 1, "national partial": 2, "national current": 3}
_NATIONAL = ("national partial", "national current")
_QUALITIES = {
    "method_compliant": "After the agreed method",
    "findable_open": "Findable and open",
    "traditional_knowledge": "Holds traditional knowledge",
}
_REALMS = ("Terrestrial", "Freshwater", "Marine")


def biodiversity_information_for_monitoring(
    information: pd.DataFrame,
    schemes: pd.DataFrame | None,
    traditional_knowledge: pd.DataFrame | None,
    *,
    usable: str,
    oldest: int,
    last_year: int,
) -> pd.DataFrame:
    """Share of the indicators that a country can follow with data of its own.

    Parameters
    ----------
    information : DataFrame
        ``indicator, availability, latest_year, method_compliant, findable_open, traditional_knowledge``; one row for
        each headline or binary indicator.
    schemes : DataFrame or None
        ``scheme_id, started, ended, realm, coverage, fair, care``.
    traditional_knowledge : DataFrame or None
        ``national_target, traditional_knowledge``.
    usable : {"national", "current"}
        Whether partial national data count, or current ones alone.
    oldest : int
        Years after which national data are no longer current.
    last_year : int

    Returns
    -------
    DataFrame
        Share of the indicators that apply [%]; by kind of indicator [%]; by information at hand, and of the national
        data how many are open, after the agreed method and hold traditional knowledge [indicators]; points from 0 to
        100; monitoring schemes at work by realm [schemes]; targets that take in traditional knowledge [%].

    Raises
    ------
    WorkbenchError
        If the year is not known or no indicator applies.

    Notes
    -----
    I = 100 · Σ usable / n over the indicators that apply. Points: 100 · Σ score / (3 · n), with 0 none, 1 global data
    only, 2 national data in part, 3 current national data. Data older than ``oldest`` years count as partial.

    References
    ----------
    CBD/COP/DEC/16/31, indicator 21.1; the computation itself is not published in a form that could be followed.

    Examples
    --------
    >>> rows = biodiversity_information_for_monitoring(
    ...     pd.DataFrame({
    ...         "indicator": ["A.3", "5.1"], "availability": ["national current", "none"], "latest_year": [2022, None],
    ...         "method_compliant": [True, None], "findable_open": [True, None], "traditional_knowledge": [None, None],
    ...     }),
    ...     None, None, usable="national", oldest=5, last_year=2024,
    ... )
    >>> rows.loc[rows["disaggregation_type"].isna(), ["value", "n"]].values.tolist()
    [[50.0, 2.0]]
    """
    if not last_year:
        raise problem(f"{_NOTES}.no_year", column="last_year")
    applying = information[information["availability"] != "not relevant"]
    if applying.empty:
        raise problem(f"{_NOTES}.none_applies", column="availability")
    doubts = Doubts()
    doubts.add("flag", "not_relevant", count=len(information) - len(applying))
    states = _states(applying, oldest, last_year, doubts)
    counted = states.isin(_NATIONAL if usable == "national" else _NATIONAL[1:])
    rows: list[dict[str, Any]] = [{"value": 100.0 * counted.mean(), "n": len(counted)}]
    rows += _by_kind(applying["indicator"], counted)
    rows += _by_state(applying, states)
    if schemes is not None:
        rows += _schemes(schemes, last_year)
    if traditional_knowledge is not None:
        share = 100.0 * traditional_knowledge["traditional_knowledge"].astype(float).mean()
        what = {"disaggregation_type": "Traditional knowledge", "disaggregation": "National targets"}
        rows.append({**what, "value": share, "unit": "%", "n": len(traditional_knowledge)})
    out = pd.DataFrame(rows).assign(year=last_year)
    out.attrs["doubts"] = list(doubts)
    return out


def _states(applying: pd.DataFrame, oldest: int, last_year: int, doubts: Doubts) -> pd.Series:
    """What is at hand, with data called current that are too old for it counted as partial."""
    stated_current = applying["availability"] == "national current"
    undated = stated_current & applying["latest_year"].isna()
    old = stated_current & (applying["latest_year"].astype(float) < last_year - oldest)
    doubts.add("flag", "undated", count=int(undated.sum()), names=", ".join(applying.loc[undated, "indicator"]))
    doubts.add("flag", "too_old", count=int(old.sum()), names=", ".join(applying.loc[old, "indicator"]), years=oldest)
    return applying["availability"].mask(old, "national partial")


def _by_kind(codes: pd.Series, counted: pd.Series) -> Iterator[dict[str, Any]]:
    binary = codes.str.endswith(".b")
    further = codes.str.contains(r"\.C[TY]\.")
    for name, chosen in (("Headline", ~binary & ~further), ("Binary", binary), ("Others", further)):
        if chosen.any():
            share = 100.0 * counted[chosen].mean()
            about = {"disaggregation_type": "Kind of indicator", "disaggregation": name}
            yield {**about, "value": share, "n": int(chosen.sum())}


def _by_state(applying: pd.DataFrame, states: pd.Series) -> Iterator[dict[str, Any]]:
    """How many indicators are where, and what is known of the national data."""
    for state in POINTS:
        about = {"disaggregation_type": "Information at hand", "disaggregation": state.capitalize()}
        yield {**about, "value": float((states == state).sum()), "unit": "indicators", "n": len(states)}
    national = applying[states.isin(_NATIONAL)]
    for column, name in _QUALITIES.items():
        known = national[column].dropna().astype(bool)
        about = {"disaggregation_type": "Quality of national data", "disaggregation": name, "unit": "indicators"}
        if len(known) or national.empty:
            yield {**about, "value": float(known.sum()), "n": len(known)}
        else:
            yield {**about, "value": float("nan"), "value_status": "missing", "note": "quality_unknown"}
    points = 100.0 * states.map(POINTS).sum() / (max(POINTS.values()) * len(states))
    yield {"disaggregation_type": "Points", "disaggregation": "", "value": points, "unit": "points", "n": len(states)}


def _schemes(schemes: pd.DataFrame, last_year: int) -> Iterator[dict[str, Any]]:
    """Schemes at work in the year; one that observes several realms counts in each of them, and once in all."""
    works = (schemes["started"] <= last_year) & (schemes["ended"].isna() | (schemes["ended"] >= last_year))
    about = {"disaggregation_type": "Monitoring schemes", "unit": "schemes"}
    yield {**about, "disaggregation": "At work", "value": float(works.sum()), "n": len(schemes)}
    for realm in _REALMS:
        here = works & schemes["realm"].isin([realm, "Several"])
        yield {**about, "disaggregation": realm, "value": float(here.sum()), "n": len(schemes)}
    for column in ("fair", "care"):
        kept = works & (schemes[column] == True)  # noqa: E712 - an answer that is missing is no yes
        yield {**about, "disaggregation": column.upper(), "value": float(kept.sum()), "n": int(works.sum())}
