"""Putting tables together without losing or doubling a row: what has no partner is counted on both sides."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from gbf_workbench.errors import problem


@dataclass(frozen=True)
class Unmatched:
    """What two tables do not share.

    Attributes
    ----------
    left, right : mapping of value to rows
        Values of the key (tuples where it has several columns) that only one of them has, with their rows.
    left_total, right_total : int
        How many different values each has.
    right_values : tuple
        All values on the right.
    """

    left: Mapping[Hashable, tuple[int, ...]] = field(default_factory=dict)
    right: Mapping[Hashable, tuple[int, ...]] = field(default_factory=dict)
    left_total: int = 0
    right_total: int = 0
    right_values: tuple[Hashable, ...] = ()


def unmatched(left: pd.DataFrame, right: pd.DataFrame, on: Sequence[str], to: Sequence[str] = ()) -> Unmatched:
    """Values of a key that stand in one of two tables only; rows with an empty key are in neither.

    Parameters
    ----------
    left, right : DataFrame
    on, to : sequence of str
        Columns of the key on the left and, where they are called otherwise, on the right.

    Examples
    --------
    >>> people = pd.DataFrame({"district": ["North", "South"], "people": [5, 7]})
    >>> found = unmatched(pd.DataFrame({"district": ["North", "East"]}), people, ["district"])
    >>> found.left, found.right
    ({'East': (1,)}, {'South': (1,)})
    """
    mine, theirs = _keys(left, on), _keys(right, to or on)
    own, other = mine.unique(), theirs.unique()
    only_left, only_right = mine[~mine.isin(other)], theirs[~theirs.isin(own)]
    return Unmatched(_rows(only_left), _rows(only_right), len(own), len(other), tuple(other))


def _keys(table: pd.DataFrame, on: Sequence[str]) -> pd.Series:
    """The key of each row that has one."""
    filled = table[list(on)].dropna()
    if len(on) == 1:
        return filled[on[0]].astype(object)
    return pd.Series(list(filled.itertuples(index=False, name=None)), index=filled.index, dtype=object)


def _rows(keys: pd.Series) -> dict[Hashable, tuple[int, ...]]:
    found: dict[Hashable, list[int]] = {}
    for row, value in keys.items():
        found.setdefault(value, []).append(int(row))  # type: ignore[call-overload]
    return {value: tuple(rows) for value, rows in found.items()}


def joined(
    left: pd.DataFrame, right: pd.DataFrame, on: Sequence[str], *, table: str, other: str, partial: bool = False
) -> pd.DataFrame:
    """The rows of one table with the columns of another: as many rows as before, each with its one partner.

    Parameters
    ----------
    left, right : DataFrame
        Both hold the columns ``on``; on the right each value stands once.
    on : sequence of str
    table, other : str
        What the tables are called, for the message.
    partial : bool
        Whether rows of ``left`` may stay without a partner; the new columns are then empty in them.

    Returns
    -------
    DataFrame
        Rows and index of ``left``.

    Raises
    ------
    WorkbenchError
        If a key is empty, stands twice on the right, or has no partner.
    """
    for name, one in ((table, left), (other, right)):
        blank = one[list(on)].isna().any(axis=1)
        if blank.any():
            raise problem(
                "join.blank", table=name, column=on[0], rows=_numbers(one.index[blank]), count=int(blank.sum())
            )
    if (again := right.duplicated(list(on), keep=False)).any():
        raise problem("join.doubled", table=other, column=on[0], rows=_numbers(right.index[again]))
    found = unmatched(left, right, on)
    if found.left and not partial:
        names = ", ".join(str(value) for value in list(found.left)[:8]) + (" …" if len(found.left) > 8 else "")
        rows = _numbers(row for rows in found.left.values() for row in rows)
        values = {"number": len(found.left), "total": found.left_total, "names": names, "other": other}
        raise problem(
            "join.unmatched", table=table, column=on[0], value=str(next(iter(found.left))), rows=rows, **values
        )
    # A column of the same name would come back twice under new names.
    return left.join(right.set_index(list(on)), on=list(on), validate="many_to_one")


def _numbers(rows: object) -> tuple[int, ...]:
    return tuple(sorted({int(row) for row in rows}))  # type: ignore[attr-defined]


def sums(table: pd.DataFrame, by: Sequence[str], value: str, *, of: str) -> pd.Series:
    """Sums of a column by group, which together are the sum of the whole.

    A group of nothing but missing values is missing, not 0.

    Parameters
    ----------
    table : DataFrame
    by : sequence of str
    value : str
    of : str
        What the table is called, for the message.

    Raises
    ------
    WorkbenchError
        If rows with a value have no group, so that the parts would not add up to the whole.

    Examples
    --------
    >>> areas = pd.DataFrame({"region": ["N", "N", "S"], "km2": [1.0, 2.0, None]})
    >>> sums(areas, ["region"], "km2", of="areas").tolist()
    [3.0, nan]
    """
    lost = table[list(by)].isna().any(axis=1) & table[value].notna()
    if lost.any():
        parts, whole = table.loc[~lost, value].sum(), table[value].sum()
        raise problem(
            "join.parts_lost", table=of, column=by[0], rows=_numbers(table.index[lost]), count=int(lost.sum()),
            parts=f"{float(parts):.10g}", whole=f"{float(whole):.10g}",
        )  # fmt: skip
    return table.groupby(list(by), sort=True)[value].sum(min_count=1)


@dataclass(frozen=True)
class CoveredMean:
    """A mean with how much of what it stands for it rests on."""

    value: float
    n: int
    total: int


def covered_mean(values: pd.Series, minimum: int, *, table: str) -> CoveredMean:
    """The mean of what is known, if that is enough.

    Parameters
    ----------
    values : Series of float
        One value for each thing the mean stands for; missing where it is not known.
    minimum : int
        Fewest known values a mean may rest on.
    table : str
        What the table is called, for the message.

    Raises
    ------
    WorkbenchError
        If fewer values are known.

    Examples
    --------
    >>> covered_mean(pd.Series([1.0, None, 3.0]), 2, table="species")
    CoveredMean(value=2.0, n=2, total=3)
    """
    known = values[values.notna()]
    if len(known) < max(minimum, 1):
        raise problem(
            "join.too_few", table=table, column=str(values.name or ""), rows=_numbers(values.index[values.isna()]),
            n=len(known), total=len(values), minimum=minimum,
        )  # fmt: skip
    return CoveredMean(float(known.astype(float).mean()), len(known), len(values))
