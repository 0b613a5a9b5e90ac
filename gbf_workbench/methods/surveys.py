"""Shares from sample surveys, with intervals that know the weights, strata and clusters of the sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Below so many effective units on the rarer side the logit interval is no longer sure, and the exact one is taken.
_FEW = 5.0
_NOTHING = 1e-9


@dataclass(frozen=True)
class Design:
    """How n units came into a sample.

    Attributes
    ----------
    weights : ndarray of float, shape (n,)
        How many units of the population each stands for.
    strata : ndarray of int, shape (n,)
        Number of the stratum, from 0.
    clusters : ndarray of int, shape (n,)
        Number of the primary sampling unit over all strata, from 0.
    """

    weights: np.ndarray
    strata: np.ndarray
    clusters: np.ndarray

    @property
    def stratum_of_cluster(self) -> np.ndarray:
        """The stratum of each cluster, shape (clusters,)."""
        found = np.zeros(int(self.clusters.max(initial=-1)) + 1, dtype=int)
        found[self.clusters] = self.strata
        return found

    @property
    def lonely(self) -> int:
        """Strata that one cluster alone stands for, so that nothing tells how they vary inside."""
        sizes = np.bincount(self.stratum_of_cluster)
        return int((sizes == 1).sum())

    def degrees_of_freedom(self, used: np.ndarray) -> int:
        """Clusters minus strata among the units used (mask of shape (n,))."""
        return len(np.unique(self.clusters[used])) - len(np.unique(self.strata[used]))


@dataclass(frozen=True)
class Estimate:
    """A share with its sampling error.

    ``standard_error``, ``lower`` and ``upper`` are not a number where there are no two clusters to compare.
    """

    value: float
    standard_error: float
    lower: float
    upper: float
    n: int


def design_of(table: pd.DataFrame, *, weight: str, stratum: str, cluster: str, unit: str) -> Design:
    """The design that columns of a table describe.

    Parameters
    ----------
    table : DataFrame
        One row a unit.
    weight, stratum, cluster : str
        Columns; empty cells of ``stratum`` are one stratum.
    unit : str
        Column that takes the place of the cluster where that is empty, such as the household.

    Examples
    --------
    >>> rows = pd.DataFrame({"w": [1.0, 2.0, 2.0], "s": ["a", "a", "b"], "c": ["1", None, "1"], "id": ["x", "y", "z"]})
    >>> design = design_of(rows, weight="w", stratum="s", cluster="c", unit="id")
    >>> design.strata.tolist(), len(set(design.clusters.tolist()))
    ([0, 0, 1], 3)
    """
    strata = table[stratum].astype(object).where(table[stratum].notna(), "")
    named = table[cluster].notna()
    clusters = table[cluster].astype(object).where(named, table[unit].astype(object))
    # A cluster's number often starts anew in each stratum, and a unit may be called as a cluster is.
    keys = pd.MultiIndex.from_arrays([strata.astype(str), named, clusters.astype(str)])
    return Design(
        table[weight].to_numpy(dtype=float),
        pd.factorize(strata.astype(str), sort=True)[0],
        pd.factorize(keys, sort=True)[0],
    )


def shares_of(parts: np.ndarray, whole: np.ndarray, design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Weighted shares Σw·y/Σw·x and their sampling covariance, by Taylor linearisation.

    Parameters
    ----------
    parts : ndarray, shape (n, k)
        y of k shares: what of ``whole`` belongs to the part, 0 outside of it.
    whole : ndarray, shape (n,)
        x: 1 (or an area) in the base of the share, 0 outside of it. Units outside stay in, because how many units of a
        cluster fall into the base is left to chance too.
    design : Design

    Returns
    -------
    (ndarray, shape (k,)), (ndarray, shape (k, k))
        Not a number where nothing is in the base; the covariance also where there are not two clusters in all.

    Notes
    -----
    z_i = w_i (y_i − R x_i) / Σw x, summed by cluster; V = Σ_h n_h/(n_h − 1) Σ_c (z_hc − z̄_h)². The one cluster of a
    stratum is held against the mean of all clusters, which makes the error rather too large than too small.

    References
    ----------
    Lumley 2010, Complex Surveys, doi:10.1002/9780470580066. Wolter 2007, doi:10.1007/978-0-387-35099-8.

    Examples
    --------
    >>> design = Design(np.ones(4), np.zeros(4, dtype=int), np.arange(4))
    >>> value, covariance = shares_of(np.array([[1.0], [0], [0], [1]]), np.ones(4), design)
    >>> float(value[0]), round(float(covariance[0, 0]), 6)
    (0.5, 0.083333)
    """
    weights = design.weights
    total = float(weights @ whole)
    k = parts.shape[1]
    if total <= 0:
        return np.full(k, np.nan), np.full((k, k), np.nan)
    values = (weights @ parts) / total
    linear = weights[:, None] * (parts - whole[:, None] * values) / total
    of_cluster = design.stratum_of_cluster
    count = len(of_cluster)
    if count < 2:
        return values, np.full((k, k), np.nan)
    sums, sizes = _sums_by(design.clusters, linear), np.bincount(of_cluster)
    means = _sums_by(of_cluster, sums) / sizes[:, None]
    alone = sizes[of_cluster] == 1
    centre = np.where(alone[:, None], sums.mean(axis=0), means[of_cluster])
    scale = np.where(alone, 1.0, sizes[of_cluster] / np.maximum(sizes[of_cluster] - 1, 1))
    apart = (sums - centre) * np.sqrt(scale)[:, None]
    return values, apart.T @ apart


def _sums_by(numbers: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Sums of rows with the same number; every number from 0 on occurs."""
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], np.arange(numbers.max() + 1))
    return np.add.reduceat(rows[order], starts, axis=0)


def share(part: np.ndarray, whole: np.ndarray, design: Design, confidence: float) -> Estimate:
    """One weighted share with its design-based interval.

    Parameters
    ----------
    part, whole : ndarray, shape (n,)
        As in ``shares_of``; a share of people has 0 and 1, a share of area areas.
    design : Design
    confidence : float

    Examples
    --------
    >>> design = Design(np.ones(40), np.zeros(40, dtype=int), np.arange(40))
    >>> found = share((np.arange(40) < 10) * 1.0, np.ones(40), design, 0.95)
    >>> found.value, round(found.lower, 3), round(found.upper, 3)
    (0.25, 0.136, 0.413)
    """
    values, covariance = shares_of(np.asarray(part, dtype=float)[:, None], np.asarray(whole, dtype=float), design)
    used = (np.asarray(whole) > 0) & (design.weights > 0)
    variance = float(covariance[0, 0])
    low, high = interval_of_share(
        float(values[0]), variance, design.degrees_of_freedom(used), effective_size(whole, design), confidence
    )
    return Estimate(float(values[0]), float(np.sqrt(variance)), low, high, int(used.sum()))


def effective_size(whole: np.ndarray, design: Design) -> float:
    """How many equal units the units of a base are worth: (Σw·x)²/Σ(w·x)² (Kish)."""
    weighed = design.weights * whole
    return float(weighed.sum() ** 2 / (weighed @ weighed)) if weighed.any() else 0.0


def interval_of_share(
    value: float, variance: float, freedom: float, units: float, confidence: float
) -> tuple[float, float]:
    """Limits of a share that stay between 0 and 1.

    On the logit scale with the t distribution; where fewer than a handful of effective units lie on one side, and at 0
    and 1, the exact binomial limits of the effective number of units (Korn and Graubard).

    Parameters
    ----------
    value, variance : float
    freedom : float
        Degrees of freedom.
    units : float
        Effective number of units if nothing were clustered; the number that clustering leaves is never taken as larger.
    confidence : float

    Returns
    -------
    float, float
        Not a number where the variance is, or no degree of freedom is left.

    References
    ----------
    Korn and Graubard 1998, Survey Methodology 24(2):193–201 (12-001-X). Dean and Pagano 2015,
    doi:10.1093/jssam/smv024.
    """
    from scipy import stats

    if not np.isfinite([value, variance]).all() or freedom < 1:
        return float("nan"), float("nan")
    tail = (1 - confidence) / 2
    quantile = float(stats.t.ppf(1 - tail, freedom))
    at_end = variance <= 0 or value <= 0 or value >= 1
    simple = units if at_end else min(units, value * (1 - value) / variance)
    if not at_end and simple * min(value, 1 - value) >= _FEW:
        half = quantile * np.sqrt(variance) / (value * (1 - value))
        centre = np.log(value / (1 - value))
        return float(1 / (1 + np.exp(half - centre))), float(1 / (1 + np.exp(-half - centre)))
    ordinary = float(stats.t.ppf(1 - tail, max(units - 1, 1)))
    size = simple * (ordinary / quantile) ** 2
    hits, others = size * value, size * (1 - value)
    # Next to nothing is nothing: the distribution has no limits there.
    low = 0.0 if hits < _NOTHING else float(stats.beta.ppf(tail, hits, others + 1))
    high = 1.0 if others < _NOTHING else float(stats.beta.ppf(1 - tail, hits + 1, others))
    return min(low, value), max(high, value)


@dataclass(frozen=True)
class Lowest:
    """The lowest of several shares, with its interval, and which of them it is (from 0)."""

    value: float
    lower: float
    upper: float
    which: int


def lowest_share(
    values: np.ndarray, covariance: np.ndarray, freedom: np.ndarray, units: float, confidence: float
) -> Lowest:
    """The lowest of several shares from one sample, with an interval for the lowest true share.

    Parameters
    ----------
    values : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
    freedom : ndarray, shape (k,)
    units : float
        As for ``interval_of_share``.
    confidence : float

    Notes
    -----
    The lowest of several estimates lies below the lowest true share on average, the more so the more of them are close
    together. The upper limit is therefore the lowest upper limit of all that could be the lowest (within two standard
    errors of the difference), widened for their number (Bonferroni). The lower limit, that of the lowest itself, then
    hardly ever fails, so the whole of the error may lie on the upper side. With one clear lowest share this is its own
    interval.

    Examples
    --------
    >>> found = lowest_share(np.array([0.8, 0.4]), np.diag([1e-4, 1e-4]), np.array([60, 60]), 4000, 0.95)
    >>> found.value, found.which, round(found.upper, 3)
    (0.4, 1, 0.42)
    """
    which = int(np.argmin(values))
    value, spread = float(values[which]), np.diag(covariance)
    own = spread[which], float(freedom[which])
    low, _ = interval_of_share(value, *own, units, confidence)
    apart = np.sqrt(np.maximum(spread + spread[which] - 2 * covariance[:, which], 0))
    # Without an error none is clearly higher, and none has a limit.
    close = np.flatnonzero(~(values - value > 2 * apart))
    wider = 1 - (1 - confidence) * min(1.0, 2 / len(close))
    uppers = [interval_of_share(float(values[i]), spread[i], float(freedom[i]), units, wider)[1] for i in close]
    return Lowest(value, low, float(np.min(uppers)), which)
