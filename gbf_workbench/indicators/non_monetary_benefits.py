"""C.2 Non-monetary benefits: results, training, technology and joint work delivered in return for genetic resources."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.money import missing_rows

_NOTES = "indicators.non_monetary_benefits.notes"
BENEFICIARIES = "Indigenous peoples and local communities"
UNIT = "benefits"


def non_monetary_benefits(
    benefits: pd.DataFrame | None, yearly_counts: pd.DataFrame | None, *, count: str, base_year: int
) -> pd.DataFrame:
    """Number of benefits by year, kind, instrument and beneficiary, and their average change.

    Parameters
    ----------
    benefits : DataFrame or None
        Table ``non_monetary_benefits``; one that runs over years counts once in each of them.
    yearly_counts : DataFrame or None
        ``year, benefit_type, instrument, benefit_count, indigenous_local_count``; used where there is no list.
    count : {"benefits", "agreements"}
        Whether benefits are counted, or agreements with at least one benefit of the kind.
    base_year : int
        Year the average change refers to; 0 for the first.

    Returns
    -------
    DataFrame
        Rows of the tidy result [number], and the average change of the kinds of benefit [%].

    Raises
    ------
    WorkbenchError
        If agreements are to be counted and are not known, or if there is nothing for the base year.

    Notes
    -----
    Average change of year t = mean over kinds k with N_k,base > 0 of 100 · (N_k,t / N_k,base − 1).

    References
    ----------
    CBD/COP/16/INF/3/Rev.1, indicator C.2. Nagoya Protocol, annex.

    Examples
    --------
    >>> counts = pd.DataFrame({"year": [2021, 2022], "benefit_type": "Joint research", "instrument": None,
    ...                        "benefit_count": [4, 6], "indigenous_local_count": [1, None]})
    >>> rows = non_monetary_benefits(None, counts, count="benefits", base_year=0)
    >>> rows.loc[rows["disaggregation_type"] == "", "value"].tolist()
    [4.0, 6.0]
    """
    doubts = Doubts()
    if benefits is not None:
        if yearly_counts is not None:
            doubts.add("flag", "both_tables")
        table = _delivered(benefits, count)
    elif count == "agreements":
        raise problem(f"{_NOTES}.counts_have_no_agreements", table="non_monetary_benefit_counts")
    else:
        table = _of_counts(yearly_counts)
    years = table["year"]
    rows = _count_rows(table, "", pd.Series("", index=table.index))
    rows += missing_rows(years, years, UNIT, "no_benefit")
    rows += _count_rows(table, "Kind of benefit", table["benefit_type"])
    if table["instrument"].notna().any():
        rows += _count_rows(table, "Instrument", table["instrument"].astype(object).fillna("Not stated"))
    rows += _their_rows(table, benefits is not None, doubts)
    rows += _change_rows(table, base_year, benefits is not None, doubts)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _delivered(benefits: pd.DataFrame, count: str) -> pd.DataFrame:
    """One row for each benefit and year of delivery: ``year, benefit_type, instrument, key, theirs, weight``."""
    if count == "agreements" and benefits["agreement_id"].isna().any():
        rows = tuple(int(row) for row in benefits.index[benefits["agreement_id"].isna()])
        raise problem(
            f"{_NOTES}.agreement_missing",
            table="non_monetary_benefits",
            column="agreement_id",
            rows=rows,
            count=len(rows),
        )
    spans = [
        range(int(first), int(first if pd.isna(last) else last) + 1)
        for first, last in zip(benefits["year"], benefits["last_year"], strict=True)
    ]
    key = "agreement_id" if count == "agreements" else "benefit_id"
    table = pd.DataFrame({
        "benefit_type": benefits["benefit_type"].astype(object), "instrument": benefits["instrument"].astype(object),
        "key": benefits[key].astype(object), "theirs": benefits["indigenous_local"].astype(object), "weight": 1.0,
        "year": spans,
    })  # fmt: skip
    return table.explode("year", ignore_index=True).astype({"year": int})


def _of_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Yearly counts in the shape of single benefits: how many stands in ``weight``."""
    number, theirs = counts["benefit_count"].astype(float), counts["indigenous_local_count"].astype(float)
    about = {"year": counts["year"].astype(int), "benefit_type": counts["benefit_type"].astype(object),
             "instrument": counts["instrument"].astype(object)}  # fmt: skip
    together = counts["instrument"].isna()
    whole = together.groupby([about["year"], about["benefit_type"]]).transform("any")
    table = pd.DataFrame(about | {"weight": number, "theirs": theirs, "key": counts.index.astype(str)})
    # All instruments together stand for the year; the parts are in them already.
    return table[together | ~whole]


def _count_rows(table: pd.DataFrame, kind: str, part: pd.Series) -> list[dict[str, Any]]:
    """Numbers of different keys by year and part, each times its weight."""
    once = table.assign(part=part).drop_duplicates(["year", "part", "key"])
    return [
        {
            "year": int(year), "disaggregation_type": kind, "disaggregation": str(name), "value": float(value),
            "unit": UNIT, "n": int(value),
        }
        for (year, name), value in once.groupby(["year", "part"])["weight"].sum().items()
    ]  # fmt: skip


def _their_rows(table: pd.DataFrame, listed: bool, doubts: Doubts) -> list[dict[str, Any]]:
    """Benefits that reached indigenous peoples and local communities, between limits where it is not known of all."""
    rows = []
    for year, part in table.groupby("year"):
        known = part[part["theirs"].notna()]
        if listed:
            value = float(known.loc[known["theirs"].astype(bool), "key"].nunique())
            # An agreement may have benefits of both kinds; it is doubtful only if none is known to be theirs.
            sure = set(known.loc[known["theirs"].astype(bool), "key"])
            more = float(len(set(part.loc[part["theirs"].isna(), "key"]) - sure))
        else:
            value, more = (
                float(known["theirs"].astype(float).sum()),
                float(part.loc[part["theirs"].isna(), "weight"].sum()),
            )
        about = {"year": int(year), "disaggregation_type": "Received by", "disaggregation": BENEFICIARIES, "unit": UNIT}
        if known.empty:
            rows.append({**about, "value": np.nan, "value_status": "missing", "note": "nobody_knows"})
        elif more:
            rows.append({**about, "value": value, "lower": value, "upper": value + more, "value_status": "estimated",
                         "note": "known_in_part"})  # fmt: skip
        else:
            rows.append({**about, "value": value})
    doubts.add("flag", "beneficiary_unknown", count=int(table["theirs"].isna().sum()))
    return rows


def _change_rows(table: pd.DataFrame, base_year: int, listed: bool, doubts: Doubts) -> list[dict[str, Any]]:
    """Mean over the kinds of benefit of their change since the base year, each kind with the same weight."""
    once = table.drop_duplicates(["year", "benefit_type", "key"])
    wide = once.pivot_table(index="year", columns="benefit_type", values="weight", aggfunc="sum")
    if listed:
        # A list holds what there was: a kind that is not in it was not delivered. Counts say their zeros.
        wide = wide.fillna(0.0)
    base = base_year or int(wide.index.min())
    if base not in wide.index:
        there = ", ".join(map(str, wide.index))
        raise problem(f"{_NOTES}.no_base_year", column="base_year", value=str(base), years=there)
    used = wide.columns[wide.loc[base] > 0]
    doubts.add("flag", "kinds_without_base", count=len(wide.columns) - len(used), year=base)
    change = 100 * (wide[used] / wide.loc[base, used] - 1)
    about = {"disaggregation_type": "Average change since the base year", "disaggregation": "Kinds of benefit"}
    about |= {"unit": "%", "n": len(used)}
    return [
        {"year": int(year), "value": float(value), **about}
        if value == value
        else {"year": int(year), "value": np.nan, "value_status": "missing", "note": "kind_not_counted", **about}
        for year, value in change.mean(axis=1, skipna=False).items()
        if len(used)
    ]
