"""D.2 Domestic public funding: what the State itself spends on biodiversity, line by line and each with its share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.money import Purse, missing_rows, open_purse, yearly_rows
from gbf_workbench.methods.public_spending import (
    BIODIVERSITY,
    bodies_without_spending,
    departments,
    of_stage,
    planned,
    shares,
)

_NOTES = "indicators.domestic_public_funding.notes"
_KINDS = {
    "Level of government": "level", "Ministry": "ministry", "Programme": "programme", "Economic type": "economic_type",
}  # fmt: skip
_RATIOS = {"total_expenditure": "% of public spending", "gdp": "% of GDP"}


def domestic_public_funding(
    expenditure: pd.DataFrame | None,
    attributions: pd.DataFrame | None,
    function_totals: pd.DataFrame | None,
    public_finance_totals: pd.DataFrame | None,
    exchange_rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    *,
    stage: str,
    whole_function: bool,
    currency: str,
    prices: str,
    base_year: int,
) -> pd.DataFrame:
    """Attributed public spending by year, and what share of the budget and of the economy that is.

    Parameters
    ----------
    expenditure : DataFrame or None
        Lines of spending (table ``public_expenditure``) [currency]; lines that look alike are all counted.
    attributions : DataFrame or None
        Shares by ministry, department or programme, for lines without one of their own.
    function_totals : DataFrame or None
        ``year, cofog, stage, amount``; used where there are no lines.
    public_finance_totals : DataFrame or None
        ``year, total_expenditure, gdp`` [currency].
    exchange_rates, deflators : DataFrame or None
    stage : {"best", "spent", "revised budget", "original budget"}
    whole_function : bool
        Whether lines of COFOG 05.4 that have no share count whole.
    currency, prices, base_year
        See ``methods.money.open_purse``.

    Returns
    -------
    DataFrame
        Rows of the tidy result: totals in all units [currency] and as shares [%], breakdowns in that of the headline.

    Raises
    ------
    WorkbenchError
        If no line has a share, if there is no function 05.4, or if money cannot be brought together.

    Notes
    -----
    D2_t = Σ_l E_l,t · a_l over the lines of one stage, without transfers to other levels and without aid received.

    References
    ----------
    UNDP 2018, The BIOFIN Workbook. UN Statistics Division 2000, Classifications of Expenditure According to Purpose.

    Examples
    --------
    >>> totals = pd.DataFrame({"year": [2023], "cofog": ["05.4"], "stage": ["spent"], "amount": [5.0],
    ...                        "currency": ["USD"], "price_basis": ["current"], "base_year": [None]})
    >>> domestic_public_funding(None, None, totals, None, None, None, stage="best", whole_function=True, currency="",
    ...                         prices="as_given", base_year=0)[["year", "value", "unit"]].values.tolist()
    [[2023, 5.0, 'USD']]
    """
    doubts = Doubts()
    money = {"rates": exchange_rates, "deflators": deflators, "currency": currency, "prices": prices,
             "base_year": base_year, "doubts": doubts}  # fmt: skip
    if expenditure is not None:
        if function_totals is not None:
            doubts.add("flag", "both_tables")
        rows, purse = _of_lines(expenditure, attributions, stage, whole_function, money)
    else:
        rows, purse = _of_functions(function_totals, stage, money)
    headline = purse.units[0].name
    if public_finance_totals is not None:
        rows += _ratio_rows(rows, public_finance_totals, purse)
    out = pd.DataFrame(rows)
    out.attrs |= {"doubts": list(doubts), "unit": headline}
    return out


def _of_lines(
    table: pd.DataFrame, attributions: pd.DataFrame | None, stage: str, whole_function: bool, money: dict[str, Any]
) -> tuple[list[dict[str, Any]], Purse]:
    """Rows from the lines of the budget."""
    doubts = money["doubts"]
    kept = of_stage(table, stage, "public_expenditure", doubts)
    if stage == "best":
        lacking = bodies_without_spending(table, kept)
        said = ", ".join(lacking[:5]) + (" …" if len(lacking) > 5 else "")
        doubts.add("flag", "bodies_without_spending", count=len(lacking), names=said)
    share, category = shares(kept, attributions, whole_function, doubts)
    if share.isna().all():
        raise problem(f"{_NOTES}.nothing_judged", table="public_expenditure", column="attribution")
    purse = open_purse(kept, **money)
    amounts = purse.amounts(kept)
    abroad, handed_on = (kept[name].fillna(False).astype(bool) for name in ("foreign_funded", "transfer"))
    own = ~abroad & ~handed_on
    _say_of_unknown(kept, own, share, amounts, doubts)
    lines = kept.assign(share=share, category=category, planned=planned(kept))
    rows = _total_rows(lines[own], amounts[own])
    headline = amounts[[purse.units[0].name]]
    rows += _part_rows(lines[own], headline[own])
    rows += _left_out_rows(lines, headline, {"Paid with money from abroad": abroad & ~handed_on,
                                             "Transfers to other levels of government": handed_on})  # fmt: skip
    return rows, purse


def _say_of_unknown(
    kept: pd.DataFrame, own: pd.Series, share: pd.Series, amounts: pd.DataFrame, doubts: Doubts
) -> None:
    unjudged = own & share.isna()
    money = amounts.iloc[:, 0]
    percent = round(float(100 * money[unjudged].abs().sum() / max(money[own].abs().sum(), 1e-300)), 2)
    doubts.add("flag", "unjudged", count=int(unjudged.sum()), percent=percent)
    transfers, levels = int(kept["transfer"].fillna(False).sum()), kept["level"].nunique()
    doubts.add("flag", "transfers_left_out" if levels > 1 else "transfers_of_one_level", count=transfers)
    if levels > 1 and kept["transfer"].isna().all():
        doubts.add("flag", "transfers_unknown")
    doubts.add("flag", "abroad_left_out", count=int(kept["foreign_funded"].fillna(False).sum()))
    doubts.add("flag", "abroad_unknown", count=int((own & kept["foreign_funded"].isna() & ~(share == 0)).sum()))


def _weighed(lines: pd.DataFrame, amounts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lines somebody has judged and their money times their share."""
    judged = lines["share"].notna()
    return lines[judged], amounts[judged].mul(lines.loc[judged, "share"], axis=0)


def _total_rows(lines: pd.DataFrame, amounts: pd.DataFrame) -> list[dict[str, Any]]:
    """National rows in all units, and between which limits they lie while lines wait to be judged."""
    judged, money = _weighed(lines, amounts)
    headline = str(amounts.columns[0])
    rows = yearly_rows(money, judged["year"])
    budgets = set(lines.loc[lines["planned"], "year"])
    for row in rows:
        row["note"] = "budget" if row["year"] in budgets else ""
    rows += missing_rows(judged["year"], lines["year"], headline, "no_judged_line")
    if lines["share"].isna().any():
        most = amounts.mul(lines["share"].fillna(1.0), axis=0)[[headline]]
        rows += yearly_rows(money[[headline]], judged["year"], "Range", "Lines without a share count nothing")
        rows += yearly_rows(most, lines["year"], "Range", "Lines without a share count whole")
    return rows


def _part_rows(lines: pd.DataFrame, amounts: pd.DataFrame) -> list[dict[str, Any]]:
    """Breakdowns, each of which adds up to the total."""
    judged, money = _weighed(lines, amounts)
    parts = {kind: judged[name] for kind, name in _KINDS.items()}
    parts |= {"Department": departments(judged), "Category of biodiversity spending": judged["category"]}
    whole = np.where(judged["share"] == 1, "Wholly for biodiversity", "In part for biodiversity")
    parts["Purpose"] = pd.Series(whole, index=judged.index)
    rows = []
    for kind, part in parts.items():
        if part.notna().any():
            rows += yearly_rows(money, judged["year"], kind, part.astype(object).where(part.notna(), "Not stated"))
    return rows


def _left_out_rows(lines: pd.DataFrame, amounts: pd.DataFrame, reasons: dict[str, pd.Series]) -> list[dict[str, Any]]:
    """What would have been added but for transfers and aid."""
    rows = []
    for name, mask in reasons.items():
        judged, money = _weighed(lines[mask], amounts[mask])
        rows += yearly_rows(money, judged["year"], "Left out", name)
    return rows


def _of_functions(table: pd.DataFrame, stage: str, money: dict[str, Any]) -> tuple[list[dict[str, Any]], Purse]:
    """Rows from totals by function of government: a lower bound."""
    doubts = money["doubts"]
    own = table[table["cofog"] == BIODIVERSITY]
    if own.empty:
        raise problem(f"{_NOTES}.no_function", table="spending_by_function", column="cofog")
    kept = of_stage(own, stage, "spending_by_function", doubts)
    doubts.add("flag", "lower_bound")
    purse = open_purse(kept, **money)
    rows = yearly_rows(purse.amounts(kept), kept["year"])
    budgets = set(kept.loc[planned(kept), "year"])
    for row in rows:
        row["note"] = "function_only;budget" if row["year"] in budgets else "function_only"
    return rows + missing_rows(kept["year"], table["year"], purse.units[0].name, "no_function_year"), purse


def _ratio_rows(rows: list[dict[str, Any]], totals: pd.DataFrame, purse: Purse) -> list[dict[str, Any]]:
    """The national number as a share of all public spending and of gross domestic product of the same year."""
    headline = purse.units[0].name
    spent = {row["year"]: row for row in rows if row["unit"] == headline and not row["disaggregation_type"]}
    found = []
    for column, unit in _RATIOS.items():
        known = totals[totals[column].notna()].sort_values("currency")
        sizes = purse.amounts(known, column)[headline].groupby(known["year"].astype(int)).first()
        for year, row in spent.items():
            size = sizes.get(year, np.nan)
            if size == size and size > 0 and row["value"] == row["value"]:
                found.append({**row, "value": 100 * row["value"] / float(size), "unit": unit})
    return found
