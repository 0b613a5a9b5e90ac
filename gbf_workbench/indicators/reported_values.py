"""A country's own indicator: its values are checked and passed on, never worked out here."""

from __future__ import annotations

import pandas as pd

from gbf_workbench.errors import WorkbenchError, problem

_NOTES = "indicators.reported_values.notes"
_WITH_NUMBER = ("measured", "estimated")


def reported_values(values: pd.DataFrame) -> pd.DataFrame:
    """Pass on the rows a country gives for its own indicator.

    Parameters
    ----------
    values : DataFrame
        ``year, value, disaggregation_type, disaggregation, lower, upper, n, value_status``; an empty status means
        measured where there is a value and missing where there is none.

    Returns
    -------
    DataFrame
        The same rows.

    Raises
    ------
    WorkbenchError
        If a status contradicts its value, or an interval does not hold it.

    Examples
    --------
    >>> rows = pd.DataFrame({"year": [2020, 2021], "value": [4.0, None]}).reindex(
    ...     columns=["year", "value", "disaggregation_type", "disaggregation", "lower", "upper", "n", "value_status"]
    ... )
    >>> reported_values(rows)["value_status"].tolist()
    ['measured', 'missing']
    """
    out = values.copy()
    there = out["value"].notna()
    implied = pd.Series(["measured" if one else "missing" for one in there], index=out.index)
    out["value_status"] = out["value_status"].where(out["value_status"].notna(), implied)
    wrong = []
    contradicted = out["value_status"].isin(_WITH_NUMBER) != there
    if contradicted.any():
        wrong += _refusal("status_broken", "value_status", out[contradicted])
    half = out["lower"].notna() != out["upper"].notna()
    around_nothing = out["lower"].notna() & ~there
    outside = (out["lower"] > out["value"]) | (out["upper"] < out["value"])
    broken = half | around_nothing | outside.fillna(False).astype(bool)
    if broken.any():
        wrong += _refusal("interval_broken", "lower", out[broken])
    if wrong:
        raise WorkbenchError(*wrong)
    texts = ["disaggregation_type", "disaggregation"]
    for name in texts:
        out[name] = ["" if pd.isna(said) else said for said in out[name]]
    return out


def _refusal(key: str, column: str, rows: pd.DataFrame) -> tuple:
    at = tuple(int(row) for row in rows.index)
    return problem(f"{_NOTES}.{key}", table="indicator_values", column=column, rows=at, count=len(at)).issues
