"""Areas of classes corrected by places that were checked: what a map confuses is counted where it belongs."""

from __future__ import annotations

import numpy as np


def adjusted_areas(mapped_km2: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stratified estimate of the area of each class, with its standard error.

    Places are drawn at random within each mapped class, and their true class is looked up on the ground or in images.

    Parameters
    ----------
    mapped_km2 : ndarray, shape (mapped classes,)
        Area of each class on the map [km2].
    places : ndarray of int, shape (mapped classes, true classes)
        Number of places checked, by class on the map and true class; two or more in each mapped class.

    Returns
    -------
    areas, errors : ndarray, shape (true classes,)
        Estimated areas and their standard errors [km2].

    Raises
    ------
    ValueError
        If a mapped class has fewer than two places.

    Notes
    -----
    p_ij = W_i n_ij / n_i; A_j = A sum_i p_ij; SE(A_j) = A sqrt(sum_i W_i² q_ij (1 - q_ij) / (n_i - 1)), where W_i is
    the share of the map in class i and q_ij = n_ij / n_i. Counting pixels is biased wherever one class is taken for
    another more often than the reverse; this is not.

    References
    ----------
    Olofsson et al. 2014, equations 9 to 11, doi:10.1016/j.rse.2014.02.015.

    Examples
    --------
    The example of the paper, with areas in pixels; forest loss is the first class:

    >>> mapped = np.array([200_000, 150_000, 3_200_000, 6_450_000])
    >>> places = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
    >>> areas, errors = adjusted_areas(mapped, places)
    >>> round(float(areas[0])), round(1.96 * float(errors[0]))
    (235086, 68418)
    """
    mapped, places = np.asarray(mapped_km2, dtype=float), np.asarray(places, dtype=float)
    checked = places.sum(axis=1, keepdims=True)
    if not (checked >= 2).all():
        raise ValueError("a mapped class has fewer than two checked places")
    shares = places / checked
    errors = np.sqrt(mapped**2 @ (shares * (1 - shares) / (checked - 1)))
    return mapped @ shares, errors
