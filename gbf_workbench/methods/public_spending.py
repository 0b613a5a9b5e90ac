"""Lines of a budget: which stage of it counts, what stays out, and which share of each line is for biodiversity."""

from __future__ import annotations

import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts

#: COFOG group whose main purpose is biodiversity.
BIODIVERSITY = "05.4"
SPENT = "spent"
#: What is taken for a year, the best first; spending that was not said to be either stands last.
_STAGES = (SPENT, "revised budget", "original budget", "")
_NOTES = "indicators.domestic_public_funding.notes"
#: Columns that a share can be given for; the rightmost that is filled in makes a row the more particular.
_KEYS = ("ministry", "department", "programme")


def of_stage(lines: pd.DataFrame, stage: str, table: str, doubts: Doubts) -> pd.DataFrame:
    """The lines of one stage in each year, so that no amount counts as planned and as spent.

    Parameters
    ----------
    lines : DataFrame
        ``year, stage`` and whatever else.
    stage : {"best", "spent", "revised budget", "original budget"}
        ``best`` takes what was spent and, for years without it, the newest budget.
    table : str
        What the table is called, for the message.
    doubts : Doubts

    Returns
    -------
    DataFrame
        A selection of the rows.

    Raises
    ------
    WorkbenchError
        If no line is of the stage.
    """
    said = lines["stage"].fillna("").astype(str)
    if stage != "best":
        if not (said == stage).any():
            raise problem(f"{_NOTES}.no_such_stage", table=table, column="stage", value=stage)
        return lines[said == stage]
    rank = said.map(_STAGES.index)
    kept = lines[rank == rank.groupby(lines["year"]).transform("min")]
    if years := sorted({int(year) for year in kept.loc[planned(kept), "year"]}):
        doubts.add("flag", "budget_years", years=", ".join(map(str, years)))
    doubts.add("flag", "stage_unknown", count=int((said[kept.index] == "").sum()))
    return kept


def planned(lines: pd.DataFrame) -> pd.Series:
    """Whether each line is of a budget; what was not said to be planned or spent is taken for spending."""
    return lines["stage"].fillna("").astype(str).str.contains("budget")


def bodies_without_spending(lines: pd.DataFrame, kept: pd.DataFrame) -> list[str]:
    """Ministries that have a budget and no spending in a year for which spending was taken."""
    spent = kept[kept["stage"] == SPENT]
    there = set(zip(spent["year"], spent["ministry"].fillna(""), strict=True))
    budget = lines[lines["year"].isin(spent["year"].unique()) & planned(lines)]
    lacking = {(year, body) for year, body in zip(budget["year"], budget["ministry"].fillna(""), strict=True)
               if (year, body) not in there}  # fmt: skip
    return [f"{body or '–'} {int(year)}" for year, body in sorted(lacking)]


def shares(
    lines: pd.DataFrame, attributions: pd.DataFrame | None, whole_function: bool, doubts: Doubts
) -> tuple[pd.Series, pd.Series]:
    """The share of each line that is for biodiversity, and its category of biodiversity spending.

    The line's own share comes first, then that of the most particular row of ``attributions`` that fits, then 1 for
    lines of the function whose main purpose is biodiversity. What nobody has judged stays missing.

    Parameters
    ----------
    lines : DataFrame
        ``ministry, department, programme, cofog, attribution, biofin_category``.
    attributions : DataFrame or None
        ``ministry, department, programme, attribution, biofin_category``; an empty cell stands for any.
    whole_function : bool
        Whether lines of COFOG 05.4 without a share count whole.
    doubts : Doubts

    Returns
    -------
    shares : Series of float [1], missing where nobody has judged
    categories : Series of str or missing
    """
    share = lines["attribution"].astype(float)
    category = lines["biofin_category"].astype(object)
    if attributions is not None:
        judged, kind = _looked_up(lines, attributions, doubts)
        share, category = share.fillna(judged), category.where(category.notna(), kind)
    if whole_function:
        by_function = share.isna() & (lines["cofog"] == BIODIVERSITY)
        doubts.add("flag", "whole_by_function", count=int(by_function.sum()))
        share = share.mask(by_function, 1.0)
    return share, category


def _looked_up(lines: pd.DataFrame, table: pd.DataFrame, doubts: Doubts) -> tuple[pd.Series, pd.Series]:
    """Share and category of the most particular row that fits each line."""
    share = pd.Series(float("nan"), index=lines.index)
    category = pd.Series(None, index=lines.index, dtype=object)
    used: set[int] = set()
    given = table[list(_KEYS)].notna()
    # From programme down to ministry: what is said of a programme stands over what is said of its ministry.
    order = sorted(set(given.itertuples(index=False, name=None)), key=lambda one: one[::-1], reverse=True)
    for pattern in order:
        keys = [key for key, there in zip(_KEYS, pattern, strict=True) if there]
        rows = table[(given == list(pattern)).all(axis=1)]
        known = {tuple(row[key] for key in keys): at for at, row in rows.iterrows()}
        fits = pd.Series([known.get(tuple(one)) for one in lines[keys].to_numpy(dtype=object)], index=lines.index)
        used |= set(fits.dropna().astype(int))
        given_here = fits.map(table["attribution"].astype(float)).astype(float)
        if "programme" in keys:
            # A share of a whole ministry is there to be overruled by a line; one of its own programme is not.
            differs = (lines["attribution"].astype(float) - given_here).abs() > 1e-9
            doubts.add("flag", "shares_differ", count=int(differs.sum()))
        fresh = fits.notna() & share.isna()
        share[fresh] = given_here[fresh]
        category[fresh] = fits[fresh].map(table["biofin_category"].astype(object))
    unused = table[~table.index.isin(used)]
    names = sorted({" / ".join(str(part) for part in row if part == part) for row in unused[list(_KEYS)].to_numpy()})
    doubts.add("flag", "shares_unused", count=len(names), names=", ".join(names[:5]) + (" …" if len(names) > 5 else ""))
    return share, category


def departments(lines: pd.DataFrame) -> pd.Series:
    """Name of each line's department, with its ministry where two ministries have one of that name in a year."""
    name, ministry = lines["department"].astype(object), lines["ministry"].fillna("").astype(object)
    twice = ministry.groupby([lines["year"], name]).transform("nunique") > 1
    shared = name.isin(set(name[twice.fillna(False)]))
    return name.where(~shared, name + " (" + ministry.replace("", "–") + ")")
