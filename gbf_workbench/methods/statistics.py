"""Resampling and series: the statistics that indicators share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

#: Numbers drawn at once; bounds the memory whatever the number of replicates.
_DRAWN_AT_ONCE = 20_000_000


def resampled_counts(
    counts: np.ndarray, replicates: int, rng: np.random.Generator, *, unknown: int = 0
) -> Iterator[np.ndarray]:
    """Bootstrap of units that fall into kinds, drawn on the numbers of each kind.

    Resampling N units with replacement gives each kind a binomially distributed number, all kinds together a
    multinomial one: drawing that directly has the same distribution as drawing unit by unit, at a cost that does
    not depend on N.

    Parameters
    ----------
    counts : ndarray of int, shape (kinds,)
        Units of each known kind.
    replicates : int
    rng : numpy.random.Generator
    unknown : int
        Units of unknown kind; in each replicate they first take the kind of a known unit drawn at random.

    Yields
    ------
    ndarray of int, shape (some replicates, kinds)
        Blocks that together hold all replicates.
    """
    counts = np.asarray(counts, dtype=np.int64)
    known = int(counts.sum())
    block = max(1, _DRAWN_AT_ONCE // max(1, len(counts)))
    for start in range(0, replicates, block):
        size = min(block, replicates - start)
        filled = np.broadcast_to(counts, (size, len(counts)))
        if unknown:
            filled = filled + rng.multinomial(unknown, counts / known, size=size)
        yield rng.multinomial(known + unknown, filled / (known + unknown))


def percentile_interval(samples: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper limits of the central ``confidence`` share of the samples along axis 0.

    >>> low, high = percentile_interval(np.arange(101.0), 0.9)
    >>> round(float(low), 6), round(float(high), 6)
    (5.0, 95.0)
    """
    tail = (1 - confidence) / 2
    low, high = np.quantile(samples, [tail, 1 - tail], axis=0)
    return low, high


def expanded_interval(samples: np.ndarray, units: float, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Percentile limits widened for few units, as a bootstrap of few units is too narrow.

    The quantiles are moved out by what the t distribution and the variance of a bootstrap, which is too small by
    1 − 1/n, ask for (Hesterberg 2015, section 3.3).

    Parameters
    ----------
    samples : ndarray, shape (replicates, ...)
    units : float
        Number of units drawn from, at least 2.
    confidence : float

    References
    ----------
    Hesterberg 2015, doi:10.1080/00031305.2015.1089789.

    Examples
    --------
    >>> low, high = expanded_interval(np.arange(1001.0), 10, 0.9)
    >>> round(float(low)), round(float(high))
    (27, 973)
    """
    from scipy.special import ndtr, stdtrit

    tail = ndtr(np.sqrt(units / (units - 1)) * stdtrit(units - 1, (1 - confidence) / 2))
    low, high = np.quantile(samples, [tail, 1 - tail], axis=0)
    return low, high


def bca_interval(
    samples: np.ndarray, value: np.ndarray, without_one: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Bias-corrected and accelerated bootstrap limits (Efron 1987).

    Parameters
    ----------
    samples : ndarray, shape (replicates, ...)
    value : ndarray, shape (...)
        The statistic of all units.
    without_one : ndarray, shape (units, ...)
        The statistic without each unit in turn.
    confidence : float

    Returns
    -------
    tuple of ndarray
        The value itself where all samples are the same.

    References
    ----------
    Efron 1987, doi:10.1080/01621459.1987.10478410.

    Examples
    --------
    >>> units = np.array([1.0, 2.0, 4.0, 9.0, 4.0])
    >>> drawn = np.random.default_rng(1).choice(units, (20_000, 5)).mean(axis=1)
    >>> low, high = bca_interval(drawn, units.mean(), (units.sum() - units) / 4, 0.9)
    >>> bool(low < 2.6 and 6.2 < high < 6.8)
    True
    """
    from scipy.special import ndtr, ndtri

    value = np.asarray(value, dtype=float)
    below = ((samples < value).mean(axis=0) + (samples <= value).mean(axis=0)) / 2
    # A value beyond all samples would ask for an infinite correction.
    shift = ndtri(np.clip(below, 0.5 / len(samples), 1 - 0.5 / len(samples)))
    gaps = without_one.mean(axis=0) - without_one
    spread = (gaps**2).sum(axis=0)
    skew = np.where(spread > 0, (gaps**3).sum(axis=0) / (6 * np.where(spread > 0, spread, 1) ** 1.5), 0.0)
    limits = []
    for side in ((1 - confidence) / 2, (1 + confidence) / 2):
        at = shift + ndtri(side)
        level = np.ravel(ndtr(shift + at / (1 - skew * at)))
        columns = samples.reshape(len(samples), -1).T
        found = [np.quantile(column, share) for column, share in zip(columns, level, strict=True)]
        limits.append(np.reshape(found, value.shape))
    return limits[0], limits[1]


def share_interval(values: np.ndarray, weights: np.ndarray, confidence: float) -> tuple[float, float]:
    """Limits for the weighted mean of shares of units that stand for more units like them.

    A score interval for a proportion (Wilson 1927) with the effective number of units that the spread between them
    leads to: it holds the stated share of truths where most shares are exactly 0 or 1 and units are few, where limits
    from a bootstrap or from a normal distribution are too narrow.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Shares, 0 to 1.
    weights : ndarray, shape (n,)
        Not negative, not all 0.
    confidence : float
        0 to 1.

    Returns
    -------
    tuple of float
        Both missing for a single unit, which says nothing of the spread.

    References
    ----------
    Wilson 1927, doi:10.1080/01621459.1927.10502953; effective number: Korn and Graubard 1998, Survey Methodology 24.

    Examples
    --------
    >>> low, high = share_interval(np.array([0.0, 0.0, 0.5, 1.0]), np.ones(4), 0.95)
    >>> round(low, 3), round(high, 3)
    (0.092, 0.78)
    """
    from scipy.special import stdtrit

    n = int((np.asarray(weights) > 0).sum())
    if n < 2:
        return np.nan, np.nan
    parts = np.asarray(weights, dtype=float) / np.sum(weights)
    mean = float(np.clip(parts @ values, 0, 1))
    variance = n / (n - 1) * float(parts**2 @ (np.asarray(values) - mean) ** 2)
    number = 1 / float(parts @ parts)
    # Equal shares differ by rounding only; they say of the spread no more than that they are so many.
    effective = mean * (1 - mean) / variance if variance > 1e-12 else number
    # The nearer shares are to yes or no, the more of their spread follows from the mean and need not be estimated.
    estimated = max(1 - number / effective, 1e-9)
    t = float(stdtrit((n - 1) / estimated, 0.5 + confidence / 2))
    return score_limits(mean, effective, t)


def score_limits(share: float, number: float, quantile: float) -> tuple[float, float]:
    """Limits of the score interval of a proportion seen in a number of draws (Wilson 1927).

    >>> low, high = score_limits(0.75, 44, 1.96)
    >>> round(low, 4), round(high, 4)
    (0.6056, 0.8543)
    """
    pull = quantile**2 / number
    centre = (share + pull / 2) / (1 + pull)
    half = quantile * float(np.sqrt(share * (1 - share) / number + pull / (4 * number))) / (1 + pull)
    return min(max(centre - half, 0.0), share), max(min(centre + half, 1.0), share)


def list_interval(within: int, outside: int, unknown: int, confidence: float) -> tuple[float, float]:
    """Limits for the share of a whole list that is within, of which some units are not known.

    The unknown units are drawn as the known ones were: from a proportion of which nothing was known before (Jeffreys'
    prior), so that their number within has a beta-binomial distribution. Limits are its mid-P quantiles. A list
    without unknown units has no room to lie in, and both limits are its share.

    Parameters
    ----------
    within, outside, unknown : int
        Units; at least one is known.
    confidence : float
        0 to 1.

    Returns
    -------
    tuple of float
        Shares of the whole list, 0 to 1.

    References
    ----------
    Brown, Cai and DasGupta 2001, doi:10.1214/ss/1009213286, for the prior and the mid-P limits.

    Examples
    --------
    >>> low, high = list_interval(33, 11, 13, 0.95)
    >>> round(low * 57), round(high * 57)
    (39, 45)
    """
    from scipy.special import betaln, gammaln

    number = np.arange(unknown + 1)
    ways = gammaln(unknown + 1) - gammaln(number + 1) - gammaln(unknown - number + 1)
    a, b = within + 0.5, outside + 0.5
    chance = np.exp(ways + betaln(number + a, unknown - number + b) - betaln(a, b))
    middle = np.cumsum(chance) - chance / 2
    tail = (1 - confidence) / 2
    inside = np.flatnonzero((middle >= tail) & (middle <= 1 - tail))
    # With very few unknown units the middle of the distribution may be a single step.
    low, high = (inside[0], inside[-1]) if len(inside) else (int(np.argmax(chance)),) * 2
    whole = within + outside + unknown
    return float((within + low) / whole), float((within + high) / whole)


def between_years(years: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Linear interpolation along the last axis at years inside the series; never beyond its ends.

    Parameters
    ----------
    years : ndarray, shape (t,)
        Increasing.
    values : ndarray, shape (..., t)
    wanted : ndarray, shape (w,)

    Returns
    -------
    ndarray, shape (..., w)

    Raises
    ------
    ValueError
        If a wanted year lies outside the series.

    >>> between_years(np.array([2000, 2010]), np.array([1.0, 0.5]), np.array([2000, 2004]))
    array([1. , 0.8])
    """
    years, wanted = np.asarray(years), np.asarray(wanted)
    if wanted.min() < years[0] or wanted.max() > years[-1]:
        raise ValueError("a wanted year lies outside the series")
    if len(years) == 1:
        return np.repeat(values, len(wanted), axis=-1)
    after = np.clip(np.searchsorted(years, wanted, side="left"), 1, len(years) - 1)
    share = (wanted - years[after - 1]) / (years[after] - years[after - 1])
    return values[..., after - 1] * (1 - share) + values[..., after] * share
