"""15.1 Business disclosure: how many large companies and financial institutions say what they do to nature."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.money import missing_rows

_NOTES = "indicators.business_disclosure.notes"
UNIT = "companies"
PARTS = {"discloses_risks": "Risks", "discloses_dependencies": "Dependencies", "discloses_impacts": "Impacts"}
_SMALLER = "smaller"


def business_disclosure(
    disclosures: pd.DataFrame | None, company_numbers: pd.DataFrame | None, *, groups: bool
) -> pd.DataFrame:
    """Companies that disclose risks, dependencies and impacts, by year and sector.

    Parameters
    ----------
    disclosures : DataFrame or None
        Reports (table ``company_disclosures``); one row for each company and year.
    company_numbers : DataFrame or None
        ``year, sector, company_count, disclosing_count``; how many companies there are, and without a list of reports
        how many of them disclose.
    groups : bool
        Whether a parent company and its daughters count as one.

    Returns
    -------
    DataFrame
        Rows of the tidy result [number], and shares of all such companies [%].

    Raises
    ------
    WorkbenchError
        If a parent company is its own daughter, or if neither table says how many disclose.

    Notes
    -----
    A company counts in year t if one public report on that year covers risks and dependencies and impacts. Only large
    and transnational companies and financial institutions count; of a group, one report is enough.

    References
    ----------
    CBD/COP/16/INF/3/Rev.1, indicator 15.1. SDG indicator metadata 12.6.1, for what counts as a report.

    Examples
    --------
    >>> numbers = pd.DataFrame({"year": [2023], "sector": [None], "company_count": [40], "disclosing_count": [10]})
    >>> business_disclosure(None, numbers, groups=True)[["value", "unit"]].values.tolist()
    [[10.0, 'companies'], [25.0, '%']]
    """
    doubts = Doubts()
    if disclosures is None:
        rows = _rows_of_numbers(company_numbers, doubts)
    else:
        rows = _rows_of_reports(disclosures, groups, doubts)
    if company_numbers is not None:
        rows += _share_rows(rows, company_numbers, doubts)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _heads(reports: pd.DataFrame) -> pd.Series:
    """The company at the head of the group that each report belongs to."""
    above = {
        str(one): str(parent)
        for one, parent in zip(reports["company_id"], reports["parent_id"], strict=True)
        if isinstance(parent, str) and parent and parent != one
    }
    found = {}
    for company in reports["company_id"].astype(str):
        at, seen = company, {company}
        while at in above:
            at = above[at]
            if at in seen:
                rows = tuple(int(row) for row in reports.index[reports["company_id"].astype(str).isin(seen)])
                raise problem(
                    f"{_NOTES}.circle", table="company_disclosures", column="parent_id", rows=rows, value=company
                )
            seen.add(at)
        found[company] = at
    return reports["company_id"].astype(str).map(found)


def _row(year: int, kind: str, part: str, value: float, unit: str = UNIT, n: float | None = None) -> dict[str, Any]:
    return {
        "year": int(year), "disaggregation_type": kind, "disaggregation": part, "value": float(value), "unit": unit,
        "n": int(value if n is None else n),
    }  # fmt: skip


def _rows_of_reports(table: pd.DataFrame, groups: bool, doubts: Doubts) -> list[dict[str, Any]]:
    """Numbers from the list of reports, each group of companies once a year."""
    reports = table.assign(head=_heads(table) if groups else table["company_id"].astype(str))
    kind = reports["kind"].fillna("").astype(str)
    doubts.add("flag", "smaller_left_out", count=int((kind == _SMALLER).sum()))
    doubts.add("flag", "kind_unknown", count=int((kind == "").sum()))
    own = reports[~kind.isin([_SMALLER, ""])]
    doubts.add("flag", "one_report_of_a_group", count=len(own) - len(own.drop_duplicates(["head", "year"])))
    years = sorted({int(year) for year in reports["year"]})
    whole = own[own[list(PARTS)].astype(bool).all(axis=1)]
    rows = _counted(whole, years, "", pd.Series("", index=whole.index), [""])
    rows += missing_rows(years, years, UNIT, "no_report")
    for column, part in PARTS.items():
        there = own[own[column].astype(bool)]
        rows += _counted(there, years, "Part", pd.Series(part, index=there.index), [part])
    sector = _of_heads(own, "sector").fillna("Not stated")
    rows += _counted(whole, years, "Sector", sector[whole.index], sorted(set(sector)))
    kinds = _of_heads(own, "kind")
    rows += _counted(whole, years, "Kind of company", kinds[whole.index], sorted(set(kinds)))
    if (kind == "").any():
        most = reports[(kind != _SMALLER) & reports[list(PARTS)].astype(bool).all(axis=1)]
        for word, chosen in (("do not count", whole), ("count", most)):
            name = f"Companies of unknown kind {word}"
            rows += _counted(chosen, years, "Range", pd.Series(name, index=chosen.index), [name])
    return rows


def _counted(
    reports: pd.DataFrame, years: list[int], kind: str, part: pd.Series, names: list[str]
) -> list[dict[str, Any]]:
    """Numbers of different groups by year and part; a year of the list without any is a measured 0."""
    sizes = reports.groupby([reports["year"].astype(int), part])["head"].nunique()
    return [_row(year, kind, name, sizes.get((year, name), 0)) for name in names for year in years]


def _of_heads(own: pd.DataFrame, column: str) -> pd.Series:
    """A property of each group in its year, so that parts add up: that of its head, else of its first company."""
    first = own.assign(is_head=own["company_id"].astype(str) == own["head"])
    first = first.sort_values(["is_head", "company_id"], ascending=[False, True])
    known = first[first[column].notna()].groupby(["head", "year"])[column].first()
    keys = pd.MultiIndex.from_frame(own[["head", "year"]])
    return pd.Series(known.reindex(keys).to_numpy(dtype=object), index=own.index)


def _whole_years(numbers: pd.DataFrame, column: str) -> dict[int, float]:
    """A number for all sectors of each year: the row without a sector, else the sum of the sectors."""
    found = {}
    for year, part in numbers.groupby(numbers["year"].astype(int)):
        together = part.loc[part["sector"].isna(), column]
        values = together if len(together) else part[column]
        found[int(year)] = float(values.astype(float).sum(skipna=False))
    return found


def _rows_of_numbers(numbers: pd.DataFrame, doubts: Doubts) -> list[dict[str, Any]]:
    """Numbers that somebody else has counted."""
    if numbers["disclosing_count"].isna().all():
        raise problem(f"{_NOTES}.nobody_counted", table="company_numbers", column="disclosing_count")
    doubts.add("flag", "counted_elsewhere")
    rows = []
    for year, value in _whole_years(numbers, "disclosing_count").items():
        missing = {"value": np.nan, "n": np.nan, "value_status": "missing", "note": "not_counted"}
        rows.append(_row(year, "", "", value) if value == value else {**_row(year, "", "", 0), **missing})
    known = numbers[numbers["sector"].notna() & numbers["disclosing_count"].notna()]
    return rows + [_row(one.year, "Sector", one.sector, one.disclosing_count) for one in known.itertuples()]


def _share_rows(rows: list[dict[str, Any]], numbers: pd.DataFrame, doubts: Doubts) -> list[dict[str, Any]]:
    """Disclosing companies as a share of all such companies of the year and sector."""
    sizes = {(year, ""): size for year, size in _whole_years(numbers, "company_count").items()}
    named = numbers[numbers["sector"].notna()]
    sizes |= {(int(one.year), str(one.sector)): float(one.company_count) for one in named.itertuples()}
    found = []
    for row in rows:
        size = sizes.get((row["year"], row["disaggregation"]), np.nan)
        if row["disaggregation_type"] not in ("", "Sector") or not size > 0 or row["value"] != row["value"]:
            continue
        doubts.add("flag", "more_than_all", count=int(row["value"] > size))
        if row["value"] <= size:
            kind, part = row["disaggregation_type"], row["disaggregation"]
            found.append(_row(row["year"], kind, part, 100 * row["value"] / size, "%", size))
    return found
