"""Penalised regression splines of one variable whose smoothness is found by generalised cross-validation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Smooth:
    """A fitted curve: its values where it was asked for, at the data, and its effective degrees of freedom."""

    predicted: np.ndarray
    fitted: np.ndarray
    freedom: float


def thin_plate_smooth(x: np.ndarray, y: np.ndarray, basis: int, wanted: np.ndarray) -> Smooth:
    """A thin-plate regression spline with a basis of few functions.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        All x differ.
    basis : int
        Number of functions, at least 3, at most n.
    wanted : ndarray, shape (w,)
        Where the curve is asked for.

    References
    ----------
    Wood 2003, doi:10.1111/1467-9868.00374.

    Examples
    --------
    >>> years = np.arange(2000.0, 2008.0)
    >>> thin_plate_smooth(years, 3 + 0.5 * years, 4, np.array([2003.5])).predicted.round(6).tolist()
    [1004.75]
    """
    centre = x.mean()
    values, vectors = np.linalg.eigh(_radial(x, x))
    largest = np.argsort(-np.abs(values))[:basis]
    values, vectors = values[largest], vectors[:, largest]
    plane = np.column_stack([np.ones_like(x), x - centre])
    # Wiggles hold no straight line: the null space of the constraint that says so.
    free = np.linalg.qr(vectors.T @ plane, mode="complete")[0][:, 2:]
    functions = np.column_stack([vectors @ (values[:, None] * free), plane])
    # Functions of equal size, so that the search begins at the same place whatever the unit of x.
    size = np.sqrt((functions**2).mean(axis=0))
    penalty = np.zeros((basis, basis))
    penalty[:-2, :-2] = free.T @ (values[:, None] * free)
    at = np.column_stack([_radial(wanted, x) @ vectors @ free, np.ones_like(wanted), wanted - centre])
    return _fit(*_centred(functions / size, penalty / np.outer(size, size), at / size), y, weight=1.0)


def residual_freedom(x: np.ndarray, residuals: np.ndarray) -> float:
    """Effective degrees of freedom of a curve through residuals; 1 where they hold nothing but noise.

    A cubic regression spline with a knot at each x whose straight part is penalised too, found with the degrees of
    freedom counted 1.4 times.

    Parameters
    ----------
    x, residuals : ndarray, shape (n,)
        Increasing x.

    References
    ----------
    Collen et al. 2009, doi:10.1111/j.1523-1739.2008.01117.x; Wood 2017, doi:10.1201/9781315370279, section 5.3.1.
    """
    step = np.diff(x)
    n = len(x)
    bend = np.zeros((n - 2, n))
    band = np.zeros((n - 2, n - 2))
    for at in range(n - 2):
        bend[at, at : at + 3] = 1 / step[at], -1 / step[at] - 1 / step[at + 1], 1 / step[at + 1]
        band[at, at] = (step[at] + step[at + 1]) / 3
        if at < n - 3:
            band[at, at + 1] = band[at + 1, at] = step[at + 1] / 6
    values, vectors = np.linalg.eigh(bend.T @ np.linalg.solve(band, bend))
    values[1], values[0] = 0.1 * values[2], 0.01 * values[2]
    whole = (vectors * values) @ vectors.T
    return _fit(*_centred(np.eye(n), whole, np.eye(n)), residuals, weight=1.4).freedom


def _radial(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a[:, None] - b[None, :]) ** 3 / 12


def _centred(functions: np.ndarray, penalty: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same curves as a mean, which is not penalised, and a part that sums to 0 over the data."""
    free = np.linalg.qr(functions.sum(axis=0)[:, None], mode="complete")[0][:, 1:]
    around = np.zeros_like(penalty)
    around[1:, 1:] = free.T @ penalty @ free
    return (*(np.column_stack([np.ones(len(one)), one @ free]) for one in (functions, at)), around)


def _fit(design: np.ndarray, at: np.ndarray, penalty: np.ndarray, y: np.ndarray, *, weight: float) -> Smooth:
    """The penalised fit in the nearest valley of generalised cross-validation.

    The search begins where data and penalty weigh about the same and goes downhill. The score may have several valleys,
    and with as many functions as data one that leads to no smoothing at all. ``weight`` multiplies the degrees of
    freedom.
    """
    q, r = np.linalg.qr(design)
    inner = np.linalg.solve(r.T, np.linalg.solve(r.T, penalty).T)
    stiff, turned = np.linalg.eigh((inner + inner.T) / 2)
    stiff = np.where(stiff > 1e-12 * stiff[-1], stiff, 0.0)
    seen = turned.T @ (q.T @ y)
    left = max(float(y @ y - seen @ seen), 0.0) if design.shape[1] < len(y) else 0.0

    def kept(strength: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(strength)[:, None] * stiff)

    def score(strength: np.ndarray) -> np.ndarray:
        share = kept(strength)
        room = len(y) - weight * share.sum(axis=1)
        return (left + ((seen * (1 - share)) ** 2).sum(axis=1)) / room**2

    grid = _first_strength(design, penalty) + np.arange(-30, 30, 0.01)
    found = score(grid)
    place = len(grid) // 2
    while (best := max(place - 1, 0) + int(np.argmin(found[max(place - 1, 0) : place + 2]))) != place:
        place = best
    for _ in range(3):
        grid = np.linspace(grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)], 101)
        place = int(np.argmin(score(grid)))
    share = kept(grid[[place]])[0]
    coefficients = np.linalg.solve(r, turned @ (share * seen))
    return Smooth(at @ coefficients, design @ coefficients, float(share.sum()))


def _first_strength(design: np.ndarray, penalty: np.ndarray) -> float:
    """Logarithm of a strength at which the data keep about four tenths of the penalised functions, by tens."""
    data, stiff = (design**2).sum(axis=0), np.diag(penalty)
    bent = stiff > 1e-12 * np.abs(penalty).max()
    data, stiff = data[bent], stiff[bent]
    strength = data.mean() / stiff.mean()
    while (data / (data + strength * stiff)).mean() > 0.4:
        strength *= 10
    while (data / (data + strength * stiff)).mean() < 0.4:
        strength /= 10
    return float(np.log(strength))
