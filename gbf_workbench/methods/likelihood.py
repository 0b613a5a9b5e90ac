"""Profile likelihood: which values of one quantity the data bear, whatever the other parameters are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_MOST_STEPS = 60
#: An end is found to this share of its distance from the estimate.
_EXACT = 1e-3


@dataclass(frozen=True)
class ProfileInterval:
    """An interval by profile likelihood; an end is open where the data do not rule out any value up to its limit."""

    lower: float
    upper: float
    lower_open: bool = False
    upper_open: bool = False


def allowed_rise(confidence: float) -> float:
    """How far the negative log-likelihood may lie over its minimum inside the interval of one quantity.

    >>> round(allowed_rise(0.95), 4)
    1.9207
    """
    from scipy.special import chdtri

    return float(chdtri(1, 1 - confidence)) / 2


def profile_interval(
    profile: Callable[[float], float],
    estimate: float,
    minimum: float,
    confidence: float,
    *,
    step: float,
    limits: tuple[float, float],
) -> ProfileInterval:
    """All values whose profile of the negative log-likelihood lies within half a chi-square quantile of its minimum.

    Parameters
    ----------
    profile : callable
        Value of the quantity → negative log-likelihood minimised over everything else.
    estimate, minimum : float
        Where the likelihood is highest, and the negative log-likelihood there.
    confidence : float
        0 to 1.
    step : float
        First step away from the estimate; it doubles until the end is passed.
    limits : (float, float)
        The search ends there, and the interval is open.

    Returns
    -------
    ProfileInterval

    References
    ----------
    Venzon and Moolgavkar 1988, doi:10.2307/2347496.

    Examples
    --------
    Ten events in a year; −log L of a rate r is r − 10·ln r:

    >>> import math
    >>> def events(rate):
    ...     return rate - 10 * math.log(rate)
    >>> found = profile_interval(events, 10.0, events(10.0), 0.95, step=1.0, limits=(1e-9, 1e3))
    >>> round(found.lower, 2), round(found.upper, 2)
    (5.01, 17.54)
    """
    allowed = allowed_rise(confidence)
    lower, lower_open = _end(profile, estimate, minimum, allowed, -step, limits[0])
    upper, upper_open = _end(profile, estimate, minimum, allowed, step, limits[1])
    return ProfileInterval(lower, upper, lower_open, upper_open)


def _end(
    profile: Callable[[float], float], estimate: float, minimum: float, allowed: float, step: float, limit: float
) -> tuple[float, bool]:
    """Where the profile has risen by what is allowed on one side, and whether the limit came first."""
    from scipy.optimize import brentq

    def over(at: float) -> float:
        # The root of the rise is nearly straight, so that few steps find where it passes.
        rise = profile(at) - minimum
        return (rise**0.5 if rise > 0 else 0.0) - allowed**0.5

    inside, outside = estimate, estimate
    for _ in range(_MOST_STEPS):
        outside = max(outside + step, limit) if step < 0 else min(outside + step, limit)
        if over(outside) > 0:
            exact = abs(outside - estimate) * _EXACT
            return float(brentq(over, inside, outside, xtol=exact)), False
        if outside == limit:
            return limit, True
        inside, step = outside, 2 * step
    return outside, True
