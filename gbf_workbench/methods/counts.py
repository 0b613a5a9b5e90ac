"""Counts of rare events: which yearly rates a number of events may come from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def rate_interval(events: np.ndarray, years: np.ndarray | float, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Mid-P limits of Poisson rates.

    Parameters
    ----------
    events : ndarray of int
        Number of events.
    years : ndarray or float
        Years in which they were counted, broadcast against ``events``.
    confidence : float
        0 to 1.

    Returns
    -------
    lower, upper : ndarray
        [events per year]. The exact limits hold the rate more often than they say; halving the chance of the number
        itself brings them nearer.

    References
    ----------
    Cohen and Yang 1994, doi:10.1002/sim.4780132102.

    Examples
    --------
    >>> low, high = rate_interval(np.array([0, 10]), 1.0, 0.95)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 5.08], [2.996, 17.825])
    """
    events = np.asarray(events, dtype=float)
    tail = (1 - confidence) / 2
    most = events + 20 + 15 * np.sqrt(events + 1)
    upper = _solved(lambda rate: _below(events, rate) - tail, np.zeros_like(events), most)
    lower = _solved(lambda rate: _below(events, rate) - (1 - tail), np.zeros_like(events), most)
    return np.where(events > 0, lower, 0.0) / years, upper / years


def _below(events: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Chance of fewer events than these, with half the chance of exactly these; falls with the rate."""
    from scipy.special import gammaincc

    return (gammaincc(events, rate) + gammaincc(events + 1, rate)) / 2


def _solved(falling: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Where a falling function passes 0 between two limits, element by element."""
    for _ in range(80):
        middle = (low + high) / 2
        above = falling(middle) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2


def ratio_interval(
    before: int, years_before: float, after: int, years_after: float, confidence: float
) -> tuple[float, float]:
    """Mid-P limits of the ratio of two Poisson rates, later by earlier; the upper one may be infinite.

    Given the sum of both, the later number is binomial, which leaves the ratio alone.

    >>> low, high = ratio_interval(30, 15.0, 5, 5.0, 0.95)
    >>> round(low, 2), round(high, 2)
    (0.17, 1.22)
    """
    from scipy.optimize import brentq
    from scipy.special import bdtr

    total, tail = before + after, (1 - confidence) / 2

    def share(height: float) -> float:
        def below(part: float) -> float:
            fewer = float(bdtr(after - 1, total, part)) if after else 0.0
            return (fewer + float(bdtr(after, total, part))) / 2 - height

        return float(brentq(below, 1e-12, 1 - 1e-12))

    def ratio(part: float) -> float:
        return part / (1 - part) * years_before / years_after

    low = ratio(share(1 - tail)) if after else 0.0
    return low, ratio(share(tail)) if before else float("inf")
