"""Extent accounts in the manner of the SEEA: what there was, what was added and taken away, what there is now.

Everything follows from one table: how much lay under each sequence of classes, one class a date (``CrossTable``).
Two of its dates give a change matrix M, where M[i, j] is what was class i at the opening and class j at the closing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import geopandas

#: Relative slack of the identities: areas are sums of many rounded numbers.
SLACK = 1e-9


@dataclass(frozen=True)
class CrossTable:
    """How much lay under each sequence of classes, one class a date.

    Attributes
    ----------
    years : tuple of int
        The T dates, in order.
    codes : ndarray, shape (N, T)
        The N sequences that occur. Only places mapped at every date are in here.
    counts : ndarray of int64, shape (N,)
        Pixels, or parts of polygons, under each sequence.
    areas_km2 : ndarray of float, shape (N,)
        Area under each sequence [km2].
    dropped_km2 : tuple of float
        For each date the area [km2] mapped then but not at every other date: counted at no date, because a place
        without data would otherwise look like a loss or a gain.
    """

    years: tuple[int, ...]
    codes: np.ndarray = field(repr=False)
    counts: np.ndarray = field(repr=False)
    areas_km2: np.ndarray = field(repr=False)
    dropped_km2: tuple[float, ...] = ()

    def renamed(self, names: Sequence[Mapping[Any, str]]) -> CrossTable:
        """The same table under other class names, one mapping a date; sequences that become equal are added up.

        Raises
        ------
        KeyError
            If a class has no name at its date.
        """
        named = pd.DataFrame({t: [names[t][code] for code in self.codes[:, t]] for t in range(len(self.years))})
        return CrossTable(self.years, *add_up(named, self.counts, self.areas_km2), self.dropped_km2)

    def matrix(self, opening: int, closing: int, classes: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
        """Change matrix between two of the dates, as areas [km2] and as counts, in the given order of classes."""
        first, last = (self.codes[:, self.years.index(year)] for year in (opening, closing))
        areas = change_matrix(first, last, self.areas_km2, classes)
        return areas, change_matrix(first, last, self.counts, classes)


def add_up(labels: pd.DataFrame, counts: np.ndarray, areas: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts and areas summed over equal rows of labels, rows in sorted order.

    Returns
    -------
    codes, counts, areas : ndarray of shapes (N, T), (N,), (N,)

    >>> codes, counts, areas = add_up(pd.DataFrame({0: [2, 1, 2]}), np.array([1, 1, 4]), np.array([0.5, 0.5, 2.0]))
    >>> codes.tolist(), counts.tolist(), areas.tolist()
    ([[1], [2]], [1, 5], [0.5, 2.5])
    """
    columns = list(labels.columns)
    both = pd.DataFrame({"n": np.asarray(counts, np.int64), "km2": np.asarray(areas, float)})
    summed = both.groupby([labels[column].to_numpy() for column in columns], sort=True).sum()
    codes = [np.asarray(summed.index.get_level_values(level)) for level in range(len(columns))]
    return np.stack(codes, axis=1), summed["n"].to_numpy(), summed["km2"].to_numpy()


def change_matrix(opening: Any, closing: Any, values: Any, classes: Sequence[Any]) -> np.ndarray:
    """Square matrix from a long list of changes: rows are classes at the opening, columns at the closing.

    Parameters
    ----------
    opening, closing : array_like, shape (N,)
        Class of each entry at the two dates.
    values : array_like, shape (N,)
        Areas [km2] or counts; integers stay integers.
    classes : sequence
        Order of rows and columns.

    Raises
    ------
    KeyError
        If an entry has a class that is not among ``classes``.

    Examples
    --------
    >>> change_matrix(["wood", "wood", "field"], ["wood", "field", "field"], [5, 2, 3], ["wood", "field"])
    array([[5, 2],
           [0, 3]])
    """
    place = {name: number for number, name in enumerate(classes)}
    values = np.asarray(values)
    matrix = np.zeros((len(place), len(place)), values.dtype)
    np.add.at(matrix, ([place[one] for one in opening], [place[one] for one in closing]), values)
    return matrix


def extent_account(matrix: np.ndarray, classes: Sequence[Any]) -> pd.DataFrame:
    """The extent account of one period.

    Parameters
    ----------
    matrix : ndarray, shape (C, C)
        Change matrix, in any unit.
    classes : sequence of length C

    Returns
    -------
    DataFrame
        Indexed by class: ``opening, additions, reductions, net, closing, unchanged``.

    Raises
    ------
    ValueError
        If the matrix is negative or not finite, or an identity of the account does not hold.

    Notes
    -----
    O_j = sum_k M[j, k]; C_j = sum_i M[i, j]; additions_j = C_j - M[j, j]; reductions_j = O_j - M[j, j] (SEEA
    Ecosystem Accounting, chapter 4). Additions and reductions are not split into managed and unmanaged. Two maps alone
    cannot tell a change of the land from a change of the mapping; where it is known, ``reappraised`` takes it apart.

    Examples
    --------
    >>> extent_account(np.array([[5, 2], [0, 3]]), ["wood", "field"])
           opening  additions  reductions  net  closing  unchanged
    wood         7          0           2   -2        5          5
    field        3          2           0    2        5          3
    """
    unchanged = np.diag(matrix)
    opening, closing = matrix.sum(axis=1), matrix.sum(axis=0)
    account = pd.DataFrame(
        {
            "opening": opening, "additions": _gained(matrix), "reductions": _gained(matrix.T),
            "net": closing - opening, "closing": closing, "unchanged": unchanged,
        },
        index=list(classes),
    )  # fmt: skip
    _assert_identities(account, matrix)
    return account


def _gained(matrix: np.ndarray) -> np.ndarray:
    """Column sums off the diagonal, added up rather than subtracted, so that no change is exactly 0."""
    moved = matrix.copy()
    np.fill_diagonal(moved, 0)
    return moved.sum(axis=0)


def _assert_identities(account: pd.DataFrame, matrix: np.ndarray) -> None:
    total = matrix.sum()
    if not np.isfinite(total) or (matrix < 0).any():
        raise ValueError("a change matrix holds finite areas of zero or more")
    slack = SLACK * float(total)
    balance = account["opening"] + account["additions"] - account["reductions"] - account["closing"]
    identities = {
        "opening + additions - reductions = closing": np.abs(balance).max(),
        "sum of openings = accounting area": abs(account["opening"].sum() - total),
        "sum of closings = accounting area": abs(account["closing"].sum() - total),
        "sum of net changes = 0": abs(account["net"].sum()),
    }
    broken = [name for name, gap in identities.items() if not gap <= slack]
    if broken:
        raise ValueError(f"the extent account does not balance: {'; '.join(broken)}")


def reappraised(table: CrossTable, steps: np.ndarray, opening: int, closing: int) -> CrossTable:
    """What changed its class between two of the dates only because a later map was better.

    Parameters
    ----------
    table : CrossTable
    steps : ndarray of bool, shape (N, T - 1)
        Whether the change from each date to the next is no change of the land.
    opening, closing : int
        Two of the years of the table, the earlier one first.

    Returns
    -------
    CrossTable
        Sequences of which every change between the two dates is a reappraisal, if there is one.

    Examples
    --------
    >>> codes = np.array([["wood", "marsh"], ["wood", "field"], ["wood", "wood"]])
    >>> table = CrossTable((2000, 2010), codes, np.ones(3, int), np.ones(3))
    >>> reappraised(table, np.array([[True], [False], [True]]), 2000, 2010).codes.tolist()
    [['wood', 'marsh']]
    """
    first, last = table.years.index(opening), table.years.index(closing)
    changed = table.codes[:, first + 1 : last + 1] != table.codes[:, first:last]
    chosen = changed.any(axis=1) & (steps[:, first:last] | ~changed).all(axis=1)
    return CrossTable(table.years, table.codes[chosen], table.counts[chosen], table.areas_km2[chosen])


def assert_continuous(earlier: pd.DataFrame, later: pd.DataFrame) -> None:
    """Refuse two accounts of which the second does not open as the first closes.

    Raises
    ------
    ValueError
        Naming the classes, with both areas.
    """
    slack = SLACK * float(earlier["closing"].sum())
    apart = (later["opening"].reindex(earlier.index) - earlier["closing"]).abs()
    if len(later) != len(earlier) or not (apart <= slack).all():
        raise ValueError(f"the later account does not open as the earlier closes: {apart[~(apart <= slack)].to_dict()}")


def change_components(matrix: np.ndarray, classes: Sequence[Any]) -> pd.DataFrame:
    """Gain and loss of each class taken apart into quantity, exchange and shift.

    Quantity is the net change; exchange is what two classes swap with each other in different places; shift is what
    a class gives to some and takes from others, beyond swapping.

    Parameters
    ----------
    matrix : ndarray, shape (C, C)
    classes : sequence of length C

    Returns
    -------
    DataFrame
        Indexed by class: ``gain, loss, persistence, quantity, exchange, shift``.

    Notes
    -----
    quantity_j = |gain_j - loss_j|; exchange_j = 2 * sum_i min(M[i, j], M[j, i]) over i other than j;
    shift_j = gain_j + loss_j - quantity_j - exchange_j.

    References
    ----------
    Pontius & Santacruz 2014, doi:10.1080/2150704X.2014.969814.

    Examples
    --------
    >>> change_components(np.array([[5, 2], [1, 3]]), ["wood", "field"])[["quantity", "exchange", "shift"]]
           quantity  exchange  shift
    wood          1         2      0
    field         1         2      0
    """
    gain, loss = _gained(matrix), _gained(matrix.T)
    exchange = 2 * _gained(np.minimum(matrix, matrix.T))
    quantity = np.abs(gain - loss)
    # Areas are rounded: a shift of nothing may come out a hair below nothing.
    shift = np.maximum(gain + loss - quantity - exchange, 0)
    parts = {"gain": gain, "loss": loss, "persistence": np.diag(matrix)}
    return pd.DataFrame({**parts, "quantity": quantity, "exchange": exchange, "shift": shift}, index=list(classes))


def overall_change(components: pd.DataFrame) -> dict[str, float]:
    """The components over all classes; what one class loses another gains, so each change is counted once.

    >>> overall_change(change_components(np.array([[5, 2], [1, 3]]), ["wood", "field"]))
    {'quantity': 1.0, 'exchange': 2.0, 'shift': 0.0, 'persistence': 8.0}
    """
    halves = {name: float(components[name].sum()) / 2 for name in ("quantity", "exchange", "shift")}
    return {**halves, "persistence": float(components["persistence"].sum())}


def natural_change(matrix: np.ndarray, natural: Sequence[bool]) -> dict[str, Any]:
    """Gross and net change of the natural classes taken together; what moves among them is no change.

    Parameters
    ----------
    matrix : ndarray, shape (C, C)
    natural : sequence of bool, length C

    Returns
    -------
    dict
        ``opening, loss, recovery, net, closing`` in the unit of the matrix.

    >>> change = natural_change(np.array([[5, 2, 1], [0, 3, 0], [4, 0, 2]]), [True, True, False])
    >>> {name: int(value) for name, value in change.items()}
    {'opening': 11, 'loss': 1, 'recovery': 4, 'net': 3, 'closing': 14}
    """
    kept = np.asarray(natural, bool)
    loss, recovery = matrix[np.ix_(kept, ~kept)].sum(), matrix[np.ix_(~kept, kept)].sum()
    opening = matrix[kept].sum()
    return {
        "opening": opening, "loss": loss, "recovery": recovery, "net": recovery - loss,
        "closing": opening - loss + recovery,
    }  # fmt: skip


def cross_table(
    years: Sequence[int], codes: np.ndarray, mapped: np.ndarray, counts: np.ndarray, areas_km2: np.ndarray
) -> CrossTable:
    """Keep what is mapped at every date; of the rest only its area at each date.

    Parameters
    ----------
    years : sequence of int, length T
    codes : ndarray, shape (N, T)
        Class at each date, anything where there is none.
    mapped : ndarray of bool, shape (N, T)
        Whether there is a class.
    counts, areas_km2 : ndarray, shape (N,)
    """
    whole = mapped.all(axis=1)
    dropped = tuple(float(areas_km2[~whole & at].sum()) for at in mapped.T)
    summed = add_up(pd.DataFrame(codes[whole]), counts[whole], areas_km2[whole])
    return CrossTable(tuple(int(year) for year in years), *summed, dropped)


def cross_tabulate_polygons(polygons: geopandas.GeoDataFrame) -> tuple[CrossTable, dict[int, float]]:
    """How much lay under each sequence of classes on maps of polygons, by laying the dates over each other.

    Parameters
    ----------
    polygons : GeoDataFrame
        Valid polygons in an ellipsoidal equal-area CRS, with columns ``year`` and ``class_code``.

    Returns
    -------
    CrossTable
        ``counts`` are the parts into which the outlines of all dates cut each other.
    overlaps : dict
        Year to the area [km2] that more than one polygon of that year covers; it goes to the class that comes first.

    Raises
    ------
    ValueError
        If the projection does not keep areas.
    """
    from gbf_workbench.methods.areas import partition_areas

    cut = partition_areas(polygons.geometry, {})
    years, date = np.unique(polygons["year"].to_numpy(np.int64), return_inverse=True)
    classes, number = np.unique(polygons["class_code"].to_numpy(object), return_inverse=True)
    none = len(classes)
    first = np.full((len(cut.areas_km2), len(years)), none)
    covers = np.zeros(first.shape, np.int64)
    at = (cut.piece, date[cut.site])
    np.minimum.at(first, at, number[cut.site])
    np.add.at(covers, at, 1)
    overlaps = {int(year): float(cut.areas_km2[covers[:, t] > 1].sum()) for t, year in enumerate(years)}
    codes = np.append(classes, None)[first]
    return cross_table(years, codes, covers > 0, np.ones(len(first), np.int64), cut.areas_km2), overlaps
