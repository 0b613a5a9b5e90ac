"""How many species, how evenly, and how much of what is there has been seen: numbers of records by species."""

from __future__ import annotations

import numpy as np


def hill_number(counts: np.ndarray, order: float) -> float:
    """Effective number of species: how many equally common ones would be as diverse.

    Parameters
    ----------
    counts : ndarray, shape (species,)
        Records of each species; zeros do not count.
    order : float
        0 counts all species alike, 1 weighs them by how common they are, 2 looks at the common ones.

    References
    ----------
    Hill 1973, doi:10.2307/1934352.

    Examples
    --------
    >>> [round(hill_number(np.array([4, 4, 2]), q), 4) for q in (0, 1, 2)]
    [3.0, 2.8717, 2.7778]
    """
    share = _shares(counts)
    if order == 1:
        return float(np.exp(-np.sum(share * np.log(share))))
    return float(np.sum(share**order) ** (1 / (1 - order)))


def _shares(counts: np.ndarray) -> np.ndarray:
    there = np.asarray(counts, dtype=float)
    there = there[there > 0]
    return there / there.sum()


def pielou(counts: np.ndarray, pool: int) -> float:
    """Evenness −Σ p·ln p / ln S; not a number where S is 1.

    Parameters
    ----------
    counts : ndarray, shape (species,)
    pool : int
        S, the number of species that might have been seen.

    References
    ----------
    Pielou 1966, doi:10.1016/0022-5193(66)90013-0.

    >>> round(pielou(np.array([3, 1]), 2), 4)
    0.8113
    """
    share = _shares(counts)
    return float(-np.sum(share * np.log(share)) / np.log(pool)) if pool > 1 else float("nan")


def williams(counts: np.ndarray, pool: int) -> float:
    """Evenness 1 − √((S·Σ p² − 1) / (S − 1)); not a number where S is 1.

    Parameters
    ----------
    counts : ndarray, shape (species,)
    pool : int
        S, the number of species that might have been seen.

    References
    ----------
    Kvålseth 2015, doi:10.1186/s40064-015-0944-4, where it is traced to Williams 1977.

    >>> williams(np.array([3, 1]), 2)
    0.5
    """
    share = _shares(counts)
    if pool <= 1:
        return float("nan")
    # Rounding may put a perfectly even community a hair below 0.
    return float(1 - np.sqrt(max((pool * np.sum(share**2) - 1) / (pool - 1), 0.0)))


def sample_coverage(counts: np.ndarray) -> float:
    """Estimated share of all individuals that belong to species which were seen, from species seen once or twice.

    References
    ----------
    Chao and Jost 2012, doi:10.1890/11-1952.1, equation 4a.

    Examples
    --------
    Two of four records are species seen once, one species was seen twice: 1 − 2/4 · 6/8.

    >>> sample_coverage(np.array([2, 1, 1]))
    0.625
    """
    counts = np.asarray(counts)
    total, once, twice = int(counts.sum()), int((counts == 1).sum()), int((counts == 2).sum())
    if not once:
        return 1.0
    if twice:
        unseen = (total - 1) * once / ((total - 1) * once + 2 * twice)
    else:
        unseen = (total - 1) * (once - 1) / ((total - 1) * (once - 1) + 2) if once > 1 else 1.0
    return float(1 - once / total * unseen)


def _left_out(counts: np.ndarray, size: int) -> np.ndarray:
    """Chance that a draw of so many records without replacement holds none of each species."""
    from scipy.special import gammaln

    counts, total = np.asarray(counts, dtype=float), float(np.sum(counts))
    rest = total - counts - size
    fits = rest >= 0
    logs = gammaln(total - counts + 1) - gammaln(np.where(fits, rest, 0) + 1)
    logs = logs + gammaln(total - size + 1) - gammaln(total + 1)
    return np.where(fits, np.exp(logs), 0.0)


def rarefied_richness(counts: np.ndarray, size: int) -> float:
    """Expected number of species among ``size`` of the records drawn without replacement.

    References
    ----------
    Hurlbert 1971, doi:10.2307/1934145.

    >>> round(rarefied_richness(np.array([2, 1, 1]), 2), 4)
    1.8333
    """
    counts = np.asarray(counts)
    return float(np.sum(1 - _left_out(counts[counts > 0], size)))


def rarefied_coverage(counts: np.ndarray, size: int) -> float:
    """Expected coverage of ``size`` of the records; of all of them, the sample's own.

    References
    ----------
    Chao and Jost 2012, doi:10.1890/11-1952.1, equation 4b.

    Examples
    --------
    One record of four: 1 − (2/4 · 2/3 + 2 · 1/4 · 3/3).

    >>> round(rarefied_coverage(np.array([2, 1, 1]), 1), 4)
    0.1667
    """
    from scipy.special import gammaln

    counts = np.asarray(counts, dtype=float)
    counts, total = counts[counts > 0], float(counts.sum())
    if size >= total:
        return sample_coverage(counts)
    rest = total - counts - size
    fits = rest >= 0
    logs = gammaln(total - counts + 1) - gammaln(np.where(fits, rest, 0) + 1) + gammaln(total - size) - gammaln(total)
    return float(1 - np.sum(counts / total * np.where(fits, np.exp(logs), 0.0)))


def richness_at_coverage(counts: np.ndarray, coverage: float) -> float:
    """Expected number of species among as many records as have the given coverage.

    Samples of equal coverage are equally complete, whatever the effort; samples of equal size are not.

    Parameters
    ----------
    counts : ndarray, shape (species,)
    coverage : float
        0 to 1.

    Returns
    -------
    float
        Not a number where the sample itself does not reach the coverage: nothing is extrapolated.

    References
    ----------
    Chao and Jost 2012, doi:10.1890/11-1952.1.

    >>> round(richness_at_coverage(np.array([2, 1, 1]), 0.625), 4), richness_at_coverage(np.array([2, 1, 1]), 0.9)
    (3.0, nan)
    """
    counts = np.asarray(counts)
    if not counts.sum() or sample_coverage(counts) < coverage:
        return float("nan")
    low, high = 0, int(counts.sum())
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if rarefied_coverage(counts, middle) >= coverage else (middle, high)
    below = rarefied_coverage(counts, low) if low else 0.0
    above = rarefied_coverage(counts, high)
    part = (coverage - below) / (above - below) if above > below else 1.0
    fewer = rarefied_richness(counts, low) if low else 0.0
    return fewer + part * (rarefied_richness(counts, high) - fewer)
