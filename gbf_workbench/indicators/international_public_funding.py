"""D.1 International public funding: flows marked for biodiversity, weighted and unweighted, never one for the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.money import Purse, missing_rows, open_purse, yearly_rows
from gbf_workbench.methods.rio_markers import (
    PRINCIPAL,
    SIGNIFICANT,
    countable,
    markers,
    significant_shares,
    weights,
)

_NOTES = "indicators.international_public_funding.notes"
_OBJECTIVES = {PRINCIPAL: "Principal objective", SIGNIFICANT: "Significant objective"}
_FLOWS = {"14": "Other official flows", "22": "Other official flows", "30": "Private grants"}


def international_public_funding(
    activities: pd.DataFrame | None,
    provider_coefficients: pd.DataFrame | None,
    multilateral_contributions: pd.DataFrame | None,
    yearly_totals: pd.DataFrame | None,
    exchange_rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    *,
    headline: str,
    significant_share: float,
    measure: str,
    flow_codes: list[str],
    modalities: list[str],
    direction: str,
    currency: str,
    prices: str,
    base_year: int,
) -> pd.DataFrame:
    """International public funding by year, marker, provider and recipient.

    Parameters
    ----------
    activities : DataFrame or None
        Activities of the country as provider or as recipient (table ``development_finance``) [currency].
    provider_coefficients : DataFrame or None
        ``provider, significant_share, first_year``.
    multilateral_contributions : DataFrame or None
        ``provider, agency, year, amount, biodiversity_share``; imputed apart and in no total.
    yearly_totals : DataFrame or None
        ``year, direction, biodiversity_marker, amount``; used where there are no activities.
    exchange_rates, deflators : DataFrame or None
    headline : {"weighted", "unweighted"}
    significant_share : float
        Share of significant activities of providers without a coefficient [1].
    measure : {"disbursement", "commitment"}
    flow_codes, modalities : list of str
        Kinds of flow and of aid that count.
    direction : {"whichever", "given", "received"}
        Which of the yearly totals count.
    currency, prices, base_year
        See ``methods.money.open_purse``.

    Returns
    -------
    DataFrame
        Rows of the tidy result [currency] and the share of the money that was screened [%].

    Raises
    ------
    WorkbenchError
        If nothing is left that counts, if both directions are there and none was chosen, or if money cannot be
        brought together.

    Notes
    -----
    D1_t = Σ_i A_i · c(m_i), with c = 1 for principal, the provider's share for significant, 0 for none; not screened is
    not 0 and is left out. The sum with c = 1 for both is that of SDG 15.a.1 and another number.

    References
    ----------
    OECD DAC, Rio markers for environment: handbook. UN Statistics Division, SDG indicator metadata 15.a.1.

    Examples
    --------
    >>> totals = pd.DataFrame({"year": 2021, "direction": "received", "biodiversity_marker": ["2", "1"],
    ...                        "amount": [10.0, 5.0], "currency": "USD", "price_basis": "current", "base_year": None})
    >>> rows = international_public_funding(
    ...     None, None, None, totals, None, None, headline="weighted", significant_share=0.4, measure="disbursement",
    ...     flow_codes=["11"], modalities=["C01"], direction="whichever", currency="", prices="as_given", base_year=0)
    >>> rows[["disaggregation_type", "disaggregation", "value"]].values.tolist()[:2]
    [['', '', 12.0], ['Weighted by objective', 'Principal objective', 10.0]]
    """
    doubts = Doubts()
    if activities is not None:
        if yearly_totals is not None:
            doubts.add("flag", "both_tables")
        kept = countable(activities, flow_codes, modalities, measure, doubts).rename(columns={measure: "counted"})
        _say_of_sides(kept, doubts)
    else:
        kept = _of_totals(yearly_totals, direction)
    if kept.empty:
        table = "development_finance" if activities is not None else "international_funding_totals"
        raise problem(f"{_NOTES}.nothing_counts", table=table)
    purse = open_purse(
        kept, exchange_rates, deflators, currency=currency, prices=prices, base_year=base_year, doubts=doubts
    )
    kept = kept.assign(marker=markers(kept, doubts))
    if activities is not None:
        share = significant_shares(kept, provider_coefficients, significant_share, doubts)
    else:
        share = pd.Series(significant_share, index=kept.index)
        doubts.add("flag", "one_share", share=significant_share)
    unit = purse.units[0].name
    rows = _marked_rows(kept, purse, share, headline)
    if activities is not None:
        rows += _screening_rows(kept, purse, weights(kept["marker"], share), doubts)
    else:
        _refuse_half_years(rows, kept, doubts)
    if multilateral_contributions is not None:
        rows += _imputed_rows(multilateral_contributions, purse)
    out = pd.DataFrame(rows)
    out.attrs |= {"doubts": list(doubts), "unit": unit}
    return out


def _say_of_sides(kept: pd.DataFrame, doubts: Doubts) -> None:
    """The table should hold the flows of one country: one provider or one recipient."""
    if kept["provider"].nunique() > 1 and kept["recipient"].nunique() > 1:
        doubts.add("flag", "many_sides", providers=kept["provider"].nunique(), recipients=kept["recipient"].nunique())


def _of_totals(table: pd.DataFrame, direction: str) -> pd.DataFrame:
    """Yearly totals of one direction in the shape of activities."""
    there = sorted(table["direction"].unique())
    if direction == "whichever" and len(there) > 1:
        raise problem(
            f"{_NOTES}.both_directions", level="question", table="international_funding_totals", column="direction"
        )
    chosen = there[0] if direction == "whichever" else direction
    empty = {"provider": None, "recipient": None, "flow_code": None, "purpose_code": None}
    return table[table["direction"] == chosen].rename(columns={"amount": "counted"}).assign(**empty)


def _marked_rows(kept: pd.DataFrame, purse: Purse, share: pd.Series, headline: str) -> list[dict[str, Any]]:
    """The headline, and both ways of adding up by objective, provider, recipient and kind of flow."""
    unit = purse.units[0].name
    marked = kept["marker"].isin(list(_OBJECTIVES))
    screened = kept["marker"] != ""
    money = purse.amounts(kept, "counted")
    factors = {"weighted": weights(kept["marker"], share), "unweighted": marked.astype(float)}
    rows = yearly_rows(money[screened].mul(factors[headline][screened], axis=0), kept.loc[screened, "year"])
    sizes = kept[marked].groupby(kept["year"].astype(int)).size()
    for row in rows:
        # What was screened and is not for biodiversity makes a year a measured 0, but is no activity of it.
        row["n"] = int(sizes.get(row["year"], 0))
    rows += missing_rows(kept.loc[screened, "year"], kept["year"], unit, "not_screened_year")
    years, amounts = kept.loc[marked, "year"], money.loc[marked, [unit]]
    objective = kept.loc[marked, "marker"].map(_OBJECTIVES)
    for name, factor in factors.items():
        weighed = amounts.mul(factor[marked], axis=0)
        rows += yearly_rows(weighed, years, f"{name.capitalize()} by objective", objective)
        rows += yearly_rows(weighed, years, "Both objectives", name.capitalize())
    parts = {"Provider": kept["provider"], "Recipient": kept["recipient"], "Kind of flow": _flows(kept["flow_code"])}
    weighed = amounts.mul(factors[headline][marked], axis=0)
    for kind, part in parts.items():
        if part.notna().any():
            rows += yearly_rows(weighed, years, kind, part[marked].astype(object).fillna("Not stated"))
    return rows


def _flows(code: pd.Series) -> pd.Series:
    named = code.map(lambda one: _FLOWS.get(one, "Official development assistance"), na_action="ignore")
    return named.astype(object)


def _screening_rows(kept: pd.DataFrame, purse: Purse, weight: pd.Series, doubts: Doubts) -> list[dict[str, Any]]:
    """How much of the money was screened at all, and between which limits the number lies for what was not."""
    unit = purse.units[0].name
    money = purse.amounts(kept, "counted")[[unit]]
    screened = kept["marker"] != ""
    # Money paid back is as much screened as money paid, so sizes count and not signs.
    size, years = money[unit].abs(), kept["year"].astype(int)
    covered = size.where(screened, 0.0).groupby(years).sum() / size.groupby(years).sum().replace(0, np.nan)
    about = {"disaggregation_type": "Screened for biodiversity", "disaggregation": "Share of the money", "unit": "%"}
    counts = kept.groupby(years).size()
    rows = [
        {"year": int(y), "value": 100 * float(v), "n": int(counts[y]), **about} for y, v in covered.dropna().items()
    ]
    if not screened.all():
        doubts.add("flag", "not_screened", count=int((~screened).sum()))
        limits = {"nothing": weight, "whole": weight.mask(~screened, 1.0)}
        for word, factor in limits.items():
            rows += yearly_rows(money.mul(factor, axis=0), years, "Range", f"Activities not screened count {word}")
    return rows


def _refuse_half_years(rows: list[dict[str, Any]], kept: pd.DataFrame, doubts: Doubts) -> None:
    """A year with only one of the two markers has no total: what nobody wrote down is not 0."""
    there = kept.groupby(kept["year"].astype(int))["marker"].agg(set)
    half = sorted(int(year) for year, found in there.items() if not set(_OBJECTIVES) <= found)
    if half:
        doubts.add("flag", "one_marker", years=", ".join(map(str, half)))
    for row in rows:
        both = row["disaggregation_type"] in ("", "Both objectives")
        if both and row["year"] in half and row["value_status"] == "measured":
            row.update(value=np.nan, value_status="missing", note="one_marker_year")


def _imputed_rows(table: pd.DataFrame, purse: Purse) -> list[dict[str, Any]]:
    """The part of core contributions that their agencies spend on biodiversity; not in the total."""
    money = purse.amounts(table)[[purse.units[0].name]].mul(table["biodiversity_share"].astype(float), axis=0)
    kind = "Imputed from core contributions"
    agencies = yearly_rows(money, table["year"], kind, table["agency"])
    return agencies + yearly_rows(money, table["year"], kind, "All agencies")
