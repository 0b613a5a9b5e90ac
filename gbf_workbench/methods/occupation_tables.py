"""Shares of people from published tables: who is counted in which class, and what a suppressed cell forbids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.occupations import LISTED, TOO_SHORT, matched, nested

_NOTES = "indicators.traditional_occupations.notes"
#: Columns that make a class of people; empty in all of them is everybody.
CLASSES = ("indigenous", "sex", "age_group", "area_type", "region")

Class = tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A number of persons, or why there is none (``missing``, ``suppressed``); its standard error where known."""

    persons: float
    status: str
    error: float = np.nan


@dataclass(frozen=True)
class Counted:
    """Traditional and all workers of one class, and the traditional ones by occupation."""

    listed: Cell
    base: Cell
    occupations: Mapping[str, Cell]


def counted(table: pd.DataFrame, listed: pd.DataFrame, doubts: Doubts) -> dict[Class, Counted]:
    """The classes of one year of the table ``occupation_counts``.

    Parameters
    ----------
    table : DataFrame
        ``isco_code`` (empty for all occupations together), the columns of ``CLASSES``, ``persons``, ``standard_error``,
        ``value_status``.
    listed : DataFrame
        Traditional occupations.
    doubts : Doubts

    Raises
    ------
    WorkbenchError
        If a class holds an occupation and one that is a part of it.
    """
    keys = pd.MultiIndex.from_frame(table[list(CLASSES)].astype(object).fillna(""))
    isco = table["isco_code"].astype(object)
    found = matched(listed, isco)
    numbers, classes = keys.factorize()
    made: dict[Class, Counted] = {}
    for number, name in enumerate(classes):
        of_class = numbers == number
        whole = of_class & isco.isna().to_numpy()
        parts = of_class & isco.notna().to_numpy()
        if pair := nested(isco[parts].tolist()):
            rows = tuple(int(row) for row in table.index[parts & isco.isin(pair).to_numpy()])
            raise problem(
                f"{_NOTES}.levels_mixed", table="occupation_counts", column="isco_code", value=pair[1], rows=rows,
                within=pair[0],
            )  # fmt: skip
        doubts.add("flag", "code_too_short", count=int((found.kinds[parts] == TOO_SHORT).sum()))
        hits = parts & (found.kinds == LISTED)
        by_title = {str(t): _sum(table[hits & (found.titles == t)]) for t in dict.fromkeys(found.titles[hits])}
        base = _sum(table[whole])
        if not whole.any() and parts.any():
            base = _sum(table[parts])
            doubts.add("flag", "base_added", count=1)
        # A row that is not there is not known; nobody wrote a zero.
        part = _sum(table[hits]) if hits.any() else Cell(np.nan, "missing")
        made[tuple(map(str, name))] = Counted(part, base, by_title)
    return made


def _sum(rows: pd.DataFrame) -> Cell:
    """Persons of rows together; one suppressed or missing row leaves no sum."""
    for status in ("suppressed", "missing"):
        if rows["value_status"].eq(status).any():
            return Cell(np.nan, status)
    if rows.empty:
        return Cell(np.nan, "missing")
    errors = rows["standard_error"].astype("Float64").astype(float)
    status = "estimated" if rows["value_status"].eq("estimated").any() else "measured"
    return Cell(float(rows["persons"].astype(float).sum()), status, float(np.sqrt((errors**2).sum(skipna=False))))


def share_of_counts(part: Cell, base: Cell, confidence: float) -> tuple[float, float, float]:
    """Share with limits from published standard errors; limits are not a number where there are none.

    Notes
    -----
    SE(X/Y)² = (SE(X)² − p²·SE(Y)²)/Y² for X that is a part of Y; with the plus sign where that would be negative. A
    base without an error of its own is taken as known.

    Examples
    --------
    >>> share_of_counts(Cell(50.0, "measured", 10.0), Cell(200.0, "measured", 0.0), 0.95)[0]
    0.25
    """
    value = part.persons / base.persons
    spread = base.error if np.isfinite(base.error) else 0.0
    square = part.error**2 - (value * spread) ** 2
    square = square if square >= 0 else part.error**2 + (value * spread) ** 2
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * np.sqrt(square) / base.persons
    if not np.isfinite(half):
        return value, float("nan"), float("nan")
    return value, max(value - half, 0.0), min(value + half, 1.0)
