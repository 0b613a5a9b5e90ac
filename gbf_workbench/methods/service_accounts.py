"""Supply and use of ecosystem services: what is supplied is used, what other ecosystems use is not counted twice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.methods.accounts import SLACK
from gbf_workbench.methods.doubts import Doubts

_NOTES = "indicators.ecosystem_services.notes"
_KEY = ["service", "unit", "year"]


def final_supply(flows: pd.DataFrame, largest_gap: float, doubts: Doubts) -> pd.DataFrame:
    """Rows of supply, each with the part of it that people use.

    Parameters
    ----------
    flows : DataFrame
        ``year, service, unit, side, ecosystem_type, user, quantity``.
    largest_gap : float
        Largest difference between supply and use that rounding may make [% of supply].
    doubts : Doubts

    Returns
    -------
    DataFrame
        The rows of supply with their quantity times the part of the service's supply that goes to final users.

    Raises
    ------
    WorkbenchError
        If supply and use of a service differ by more.

    Notes
    -----
    A flow whose user is an ecosystem type is intermediate: it is inside the supply of that ecosystem already.

    References
    ----------
    United Nations et al. 2021, System of Environmental-Economic Accounting - Ecosystem Accounting, chapters 6 and 7.
    """
    supply, use = flows[flows["side"] == "supply"], flows[flows["side"] == "use"]
    measured = supply.dropna(subset=["quantity"])
    supplied = measured.groupby(_KEY)["quantity"].sum()
    used = use.dropna(subset=["quantity"]).groupby(_KEY)["quantity"].sum().reindex(supplied.index)
    _refuse_gaps(supplied, used, measured, largest_gap)
    silent = used.isna()
    doubts.add("flag", "no_use", count=int(silent.sum()), names=_services(supplied.index[silent]))
    ecosystems = {str(name).casefold() for name in supply["ecosystem_type"].dropna()}
    between = use[use["user"].astype("str").str.casefold().isin(ecosystems)].dropna(subset=["quantity"])
    inner = between.groupby(_KEY)["quantity"].sum().reindex(supplied.index).fillna(0.0)
    doubts.add("flag", "intermediate", count=int((inner > 0).sum()), names=_services(supplied.index[inner > 0]))
    with np.errstate(invalid="ignore", divide="ignore"):
        # Rounding may let ecosystems take a little more than there is; nothing below zero reaches people.
        part = (1 - inner / supplied).clip(lower=0.0).where(supplied > 0, 1.0)
    keys = pd.MultiIndex.from_frame(measured[_KEY])
    return measured.assign(quantity=measured["quantity"] * part.reindex(keys).to_numpy())


def _refuse_gaps(supplied: pd.Series, used: pd.Series, measured: pd.DataFrame, largest: float) -> None:
    """An error for each service and year whose use is not its supply, with the rows of the supply."""
    gap = (supplied - used).abs()
    wrong = gap > (largest / 100 + SLACK) * supplied.abs()
    issues = []
    for service, unit, year in supplied.index[wrong.fillna(False)]:
        at = (service, unit, year)
        here = (measured["service"] == service) & (measured["unit"] == unit) & (measured["year"] == year)
        said = {
            "service": service,
            "year": str(year),
            "supply": float(supplied[at]),
            "use": float(used[at]),
            "unit": unit,
        }
        rows = tuple(sorted(int(row) for row in measured.index[here]))
        where = {"table": "ecosystem_service_flows", "column": "quantity", "rows": rows}
        issues.append(Issue("error", f"{_NOTES}.unbalanced", said, **where))
    if issues:
        raise WorkbenchError(*issues)


def _services(index: pd.MultiIndex) -> str:
    return ", ".join(sorted({str(one) for one in index.get_level_values("service")}))


def against_base(series: pd.Series, wanted: int) -> tuple[pd.Series, int]:
    """A yearly series as an index with its base year at 100; the base is the year with a value nearest to the wanted.

    Of two years equally near the earlier one is taken. A base of zero gives no index.

    Examples
    --------
    >>> against_base(pd.Series({2018: 50.0, 2021: 40.0}), 2020)
    (2018    125.0
    2021    100.0
    dtype: float64, 2021)
    """
    base = min(series.index, key=lambda year: (abs(year - wanted), year))
    if not series[base] > 0:
        return pd.Series(np.nan, index=series.index), int(base)
    return 100.0 * series / series[base], int(base)


def geometric_mean(values: np.ndarray) -> float:
    """Geometric mean of indices; zero where one of them is zero: a service that is lost is not outweighed.

    >>> round(geometric_mean(np.array([50.0, 200.0])), 9), geometric_mean(np.array([0.0, 100.0]))
    (100.0, 0.0)
    """
    if (values == 0).any():
        return 0.0
    # Relative to the largest, so that indices that are all 100 have a mean of 100 to the last digit.
    largest = values.max()
    return float(largest * np.exp(np.log(values / largest).mean()))
