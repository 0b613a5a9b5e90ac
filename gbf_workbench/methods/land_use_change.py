"""What became of natural land over the years, from maps or from areas by class."""

from __future__ import annotations

import numpy as np


def yearly_rate(share: float, years: float) -> float:
    """Yearly rate that loses a share in so many years.

    Parameters
    ----------
    share : float
        Share lost over the period [%].
    years : float

    Returns
    -------
    float
        [% per year]; negative where there was a gain.

    Notes
    -----
    100 · (1 − (1 − share/100)^(1/years)), so that the rates of two periods follow each other without a jump.

    Examples
    --------
    >>> round(yearly_rate(19.0, 2), 9)
    10.0
    """
    return 100 * (1 - (1 - share / 100) ** (1 / years))


def loss_figures(lost: float, natural: float, years: float) -> dict[str, float]:
    """A loss of natural land by unit: in ha, as a share of what was natural, and as a yearly rate.

    Parameters
    ----------
    lost, natural : float
        Lost over the period, and natural at its opening, in one unit of area.
    years : float
        Length of the period.

    Returns
    -------
    dict
        ``ha``, ``%`` and ``% per year``; the shares are not a number where nothing was natural.

    >>> loss_figures(19.0, 100.0, 2)["% per year"].__round__(9)
    10.0
    """
    share = 100 * lost / natural if natural > 0 else np.nan
    return {"ha": lost, "%": share, "% per year": yearly_rate(share, years)}
