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
