"""Multiple imputation: missing answers taken from donors alike, several times over, and what that adds to the error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Pooled:
    """Estimates of several completed data sets brought together.

    Attributes
    ----------
    values : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
        Within and between the completed sets.
    freedom : ndarray, shape (k,)
        Degrees of freedom of each value.
    """

    values: np.ndarray
    covariance: np.ndarray
    freedom: np.ndarray


def donors_of(
    table: pd.DataFrame, classes: Sequence[str], measures: Sequence[str], known: pd.Series, nearest: int
) -> dict[int, np.ndarray]:
    """The units most alike to each unit without an answer.

    Parameters
    ----------
    table : DataFrame, shape (n, …)
        Rows in an order that does not depend on how the file was sorted.
    classes, measures : sequence of str
        Columns in which alike units are equal, or near to each other; a missing class is a class.
    known : Series of bool, shape (n,)
        Which units have the answer and can be donors.
    nearest : int
        How many donors; all that are as near as the last of them are taken too.

    Returns
    -------
    dict of int to ndarray of int
        Position of each unit without an answer to the positions of its donors; nothing if no unit has an answer.

    Notes
    -----
    Gower's distance: the mean over the columns of 1 for different classes and of |a − b|/range for measures.

    References
    ----------
    Gower 1971, doi:10.2307/2528823. Andridge and Little 2010, doi:10.1111/j.1751-5823.2010.00103.x.

    Examples
    --------
    >>> farms = pd.DataFrame({"system": ["crops", "crops", "mixed"], "ha": [1.0, 9.0, 2.0]})
    >>> donors_of(farms, ["system"], ["ha"], pd.Series([True, True, False]), 1)
    {2: array([0])}
    """
    has = known.to_numpy(dtype=bool)
    if not has.any():
        return {}
    codes = [pd.factorize(table[name].astype(object), use_na_sentinel=False)[0] for name in classes]
    scaled = []
    for name in measures:
        values = table[name].to_numpy(dtype=float)
        span = np.nanmax(values) - np.nanmin(values)
        scaled.append(values / span if span > 0 else np.zeros(len(values)))
    givers, found = np.flatnonzero(has), {}
    for at in np.flatnonzero(~has):
        distance = np.zeros(len(givers))
        for code in codes:
            distance += code[givers] != code[at]
        for values in scaled:
            distance += np.abs(values[givers] - values[at])
        last = np.partition(distance, min(nearest, len(givers)) - 1)[min(nearest, len(givers)) - 1]
        # Equal distances differ by rounding; a donor must not depend on that.
        found[int(at)] = givers[distance <= last + 1e-9]
    return found


def drawn(
    donors: dict[int, np.ndarray], weights: np.ndarray, count: int, rng: np.random.Generator
) -> dict[int, np.ndarray]:
    """For each unit without an answer one donor in each of ``count`` completed sets.

    Parameters
    ----------
    donors : dict
        As from ``donors_of``.
    weights : ndarray, shape (n,)
        Survey weights: a donor that stands for more units is drawn more often.
    count : int
    rng : numpy.random.Generator

    Returns
    -------
    dict of int to ndarray of int, shape (count,)

    Notes
    -----
    The chances are drawn anew for each completed set (Bayesian bootstrap), so that the sets differ as much as they
    should (proper imputation).

    Examples
    --------
    >>> drawn({2: np.array([0])}, np.ones(3), 4, np.random.default_rng(1))
    {2: array([0, 0, 0, 0])}
    """
    # Donors without weight are drawn only where there are no others.
    chances = rng.standard_exponential((count, len(weights))) * np.maximum(weights, 1e-12)
    found = {}
    for at, of in donors.items():
        reached = np.cumsum(chances[:, of], axis=1)
        wanted = rng.random(count) * reached[:, -1]
        found[at] = of[np.minimum((reached <= wanted[:, None]).sum(axis=1), len(of) - 1)]
    return found


def pooled(values: np.ndarray, covariances: np.ndarray, freedom: float) -> Pooled:
    """Rubin's rules with the degrees of freedom of a finite sample.

    Parameters
    ----------
    values : ndarray, shape (m, k)
        Estimates from the m completed sets.
    covariances : ndarray, shape (m, k, k)
        Their sampling covariances.
    freedom : float
        Degrees of freedom if nothing were missing.

    References
    ----------
    Rubin 1987, doi:10.1002/9780470316696. Barnard and Rubin 1999, doi:10.1093/biomet/86.4.948.

    Examples
    --------
    >>> found = pooled(np.array([[0.4], [0.6]]), np.full((2, 1, 1), 0.01), 50)
    >>> float(found.values[0]), round(float(found.covariance[0, 0]), 3)
    (0.5, 0.04)
    """
    count = len(values)
    within = covariances.mean(axis=0)
    mean = values.mean(axis=0)
    if count < 2:
        return Pooled(mean, within, np.full(values.shape[1], float(freedom)))
    apart = values - mean
    between = apart.T @ apart / (count - 1)
    total = within + (1 + 1 / count) * between
    share = np.zeros(len(mean))
    np.divide((1 + 1 / count) * np.diag(between), np.diag(total), out=share, where=np.diag(total) > 0)
    observed = (freedom + 1) / (freedom + 3) * freedom * (1 - share)
    with np.errstate(divide="ignore"):
        found = 1 / (share**2 / (count - 1) + 1 / observed)
    return Pooled(mean, total, found)
