"""Risk of collapse of ecosystem types: categories by the thresholds of the Red List of Ecosystems, and indices."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

#: From what says least to what says worst: a type has the worst category of its criteria.
ORDER = ("NE", "DD", "LC", "NT", "VU", "EN", "CR", "CO")
WEIGHTS = {"LC": 0, "NT": 1, "VU": 2, "EN": 3, "CR": 4, "CO": 5}
COLLAPSED = 5
THREATENED = ("VU", "EN", "CR")

#: Shares lost or degraded [%] from which a type is VU, EN, CR: in 50 years, and since about 1750.
_RECENT, _HISTORICAL = (30, 50, 80), (50, 70, 90)
_EOO_KM2 = (50_000, 20_000, 2_000)
_AOO_SQUARES = (50, 20, 2)
_LOCATIONS = (10, 5, 1)
#: “A very small number of locations (generally fewer than 5)”.
_FEW_LOCATIONS = 5
#: Rounding of a share [%], so that a loss of exactly 30 % is one.
_HAIR = 1e-9


def worst(categories: Iterable[str]) -> str:
    """The worst of some categories; NE where there is none.

    >>> worst(["LC", "DD", "EN"]), worst([])
    ('EN', 'NE')
    """
    return max(categories, key=ORDER.index, default="NE")


def milder(one: str, other: str) -> str:
    """The milder of two categories.

    >>> milder("CR", "VU")
    'VU'
    """
    return min(one, other, key=ORDER.index)


def by_loss(percent: float, criterion: str) -> str:
    """Category for a loss of area under criterion A.

    Parameters
    ----------
    percent : float
        Share of the area that is lost [%]; a gain is negative.
    criterion : str
        ``A3`` has thresholds of its own. Only what is observed can have collapsed, not what is foretold (A2).

    Examples
    --------
    >>> by_loss(50, "A1"), by_loss(50, "A3"), by_loss(29.9, "A1"), by_loss(100, "A1"), by_loss(100, "A2a")
    ('EN', 'VU', 'LC', 'CO', 'CR')
    """
    if percent >= 100 - _HAIR and criterion in ("A1", "A3"):
        return "CO"
    return _reached(percent, _thresholds(criterion))


def by_severity(extent: float, severity: float, criterion: str) -> str:
    """Category for degradation under criterion C or D: how much of the area it affects, and how severely.

    Parameters
    ----------
    extent : float
        Share of the area affected [%].
    severity : float
        Relative severity: how far the variable went from its state at the start to that of collapse [%].
    criterion : str
        ``C3`` and ``D3`` have thresholds of their own.

    Notes
    -----
    With thresholds l < m < h: CR needs h and h; EN h and m either way; VU h and l either way, or m and m.

    Examples
    --------
    >>> [by_severity(*pair, "C1") for pair in [(80, 80), (50, 80), (80, 50), (50, 50), (30, 80), (80, 30), (50, 49)]]
    ['CR', 'EN', 'EN', 'VU', 'VU', 'VU', 'LC']
    """
    low, middle, high = _thresholds(criterion)
    pairs = {
        "CR": [(high, high)],
        "EN": [(middle, high), (high, middle)],
        "VU": [(middle, middle), (low, high), (high, low)],
    }
    for category, needed in pairs.items():
        if any(extent >= e - _HAIR and severity >= s - _HAIR for e, s in needed):
            return category
    return "LC"


def by_range(
    size: float, criterion: str, decline: bool | None, threats: bool | None, locations: float | None
) -> str | None:
    """Category for a small range under criterion B1 or B2; a small range alone is none.

    Parameters
    ----------
    size : float
        Extent of occurrence [km²] for B1, number of occupied squares for B2.
    criterion : {"B1", "B2"}
    decline : bool or None
        (a) A continuing decline of extent, environment or biotic interactions; None: not known.
    threats : bool or None
        (b) Threats that are likely to bring such a decline within 20 years.
    locations : float or None
        (c) Number of threat-defined locations; it has thresholds of its own.

    Returns
    -------
    str or None
        None where the range is small and it is not known whether a condition is met.

    Examples
    --------
    >>> by_range(15_000, "B1", True, None, None), by_range(15_000, "B1", False, False, 30)
    ('EN', 'LC')
    >>> by_range(1_500, "B1", False, False, 4), by_range(15_000, "B1", None, None, None)
    ('EN', None)
    """
    limits = _EOO_KM2 if criterion == "B1" else _AOO_SQUARES
    small = "CO" if size == 0 else _within(size, limits)
    if small in ("LC", "CO") or decline or threats:
        return small
    few = None if locations is None else milder(small, _within(locations, _LOCATIONS))
    if few is not None and few != "LC":
        return few
    return None if decline is None or threats is None or few is None else "LC"


def by_locations(locations: float | None, sudden: bool | None) -> str | None:
    """Category under criterion B3: very few locations that one event could bring to collapse; never worse than VU.

    >>> by_locations(3, True), by_locations(3, False), by_locations(30, True), by_locations(3, None)
    ('VU', 'LC', 'LC', None)
    """
    if locations is not None and locations >= _FEW_LOCATIONS:
        return "LC"
    if sudden is None or (locations is None and sudden):
        return None
    return "VU" if sudden else "LC"


def _thresholds(criterion: str) -> tuple[int, int, int]:
    return _HISTORICAL if criterion.endswith("3") else _RECENT


def _reached(value: float, thresholds: tuple[float, ...]) -> str:
    return ("LC", "VU", "EN", "CR")[sum(value >= one - _HAIR for one in thresholds)]


def _within(value: float, limits: tuple[float, ...]) -> str:
    return ("LC", "VU", "EN", "CR")[sum(value <= one for one in limits)]


def risk_index(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Red List Index of Ecosystems of numbers of types by kind.

    Parameters
    ----------
    counts : ndarray, shape (..., kinds)
    weights : ndarray, shape (kinds, dates)
        0 (Least Concern) to 5 (Collapsed).

    Returns
    -------
    ndarray, shape (..., dates)
        1 − Σ weight / (5 × number).

    References
    ----------
    Rowland et al. 2020, doi:10.1111/conl.12680.

    Examples
    --------
    >>> risk_index(np.array([2, 1, 1]), np.array([[0], [2], [4]])).round(6)
    array([0.7])
    """
    return 1 - (counts @ weights) / (COLLAPSED * counts.sum(axis=-1, keepdims=True))


def mean_remaining(shares: np.ndarray) -> float:
    """Geometric mean of what remains of each type, times the share of the types of which anything remains.

    Without that factor a type that is lost wholly would leave the index as if it had never been.

    Parameters
    ----------
    shares : ndarray, shape (types,)
        Part that remains, 0 or more; above 1 where there was a gain.

    References
    ----------
    Rowland et al. 2020, doi:10.1111/conl.12680: Ecosystem Area Index and Ecosystem Health Index.

    Examples
    --------
    >>> mean_remaining(np.array([0.5, 0.5])), mean_remaining(np.array([0.5, 0.5, 0.0, 0.0]))
    (0.5, 0.25)
    """
    left = shares[shares > 0]
    if not len(left):
        return 0.0
    return float(np.exp(np.log(left).mean()) * len(left) / len(shares))
