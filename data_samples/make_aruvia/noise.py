"""Roughness: gradient noise for surfaces, midpoint displacement for lines."""

from __future__ import annotations

import numpy as np

#: Fields are rounded so that the last bit of a processor's exponential never decides about a pixel or a coast.
DECIMALS = 6


def fractal_noise(
    rng: np.random.Generator, east: np.ndarray, north: np.ndarray, wavelength: float, octaves: int, gain: float = 0.5
) -> np.ndarray:
    """Sum of gradient noise over octaves, each half as wide and ``gain`` times as high; mean 0, spread about 1.

    Parameters
    ----------
    east, north : ndarray
        Middles of columns and rows [km]; the answer has one value for each pair, shape (rows, columns).
    wavelength : float
        Width of the widest waves [km].
    """
    total, spread = np.zeros((len(north), len(east))), 0.0
    for octave in range(octaves):
        total += gain**octave * _gradient_noise(rng, east * 2**octave / wavelength, north * 2**octave / wavelength)
        spread += (0.25 * gain**octave) ** 2
    return np.round(total / np.sqrt(spread), DECIMALS)


def _gradient_noise(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    left, low = int(np.floor(x.min())), int(np.floor(y.min()))
    angle = rng.uniform(0, 2 * np.pi, (int(y.max()) - low + 3, int(x.max()) - left + 3))
    slope_x, slope_y = np.cos(angle), np.sin(angle)
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    dx, dy = x - column, (y - row)[:, None]
    fade_x, fade_y = (t**3 * (t * (6 * t - 15) + 10) for t in (dx, dy))

    def corner(right: int, up: int) -> np.ndarray:
        rows, columns = row - low + up, column - left + right
        return slope_x[rows][:, columns] * (dx - right) + slope_y[rows][:, columns] * (dy - up)

    below, above = corner(0, 0), corner(0, 1)
    below += fade_x * (corner(1, 0) - below)
    above += fade_x * (corner(1, 1) - above)
    return below + fade_y * (above - below)


def rough_line(rng: np.random.Generator, points: np.ndarray, roughness: float, step: float) -> np.ndarray:
    """A line roughened by moving midpoints sideways until no piece is longer than ``step``; shape (n, 2).

    Parameters
    ----------
    roughness : float
        Standard deviation of a midpoint's move, as a share of the length of its piece.
    """
    line = np.asarray(points, dtype=float)
    while np.hypot(*np.diff(line, axis=0).T).max() > step:
        along = np.diff(line, axis=0)
        aside = np.column_stack([-along[:, 1], along[:, 0]])
        middle = line[:-1] + along / 2 + aside * rng.normal(0, roughness, (len(along), 1))
        finer = np.empty((2 * len(line) - 1, 2))
        finer[0::2], finer[1::2] = line, middle
        line = finer
    return np.round(line, DECIMALS)


def rough_ring(
    rng: np.random.Generator, centre: tuple[float, float], area: float, stretch: float, tilt: float, roughness: float
) -> np.ndarray:
    """A rough oval of the given area [km²] around a centre; never crosses itself. Shape (n, 2), not closed.

    Parameters
    ----------
    stretch : float
        Length over width.
    tilt : float
        Direction of the long axis [rad].
    """
    count = int(np.clip(2 ** np.round(np.log2(6 * np.sqrt(area) + 12)), 16, 128))
    radius = np.ones(count)
    step = count // 4
    radius[::step] += rng.normal(0, roughness, 4)
    while step > 1:
        half, ends = step // 2, np.append(radius[::step], radius[0])
        radius[half::step] = (ends[:-1] + ends[1:]) / 2 + rng.normal(0, roughness * step / count * 2, count // step)
        step = half
    radius = np.clip(radius, 0.35, 1.8)
    turn = np.arange(count) * 2 * np.pi / count
    radius *= np.sqrt(area / (0.5 * np.sin(2 * np.pi / count) * np.sum(radius * np.roll(radius, -1))))
    x, y = radius * np.cos(turn) * np.sqrt(stretch), radius * np.sin(turn) / np.sqrt(stretch)
    cos, sin = np.cos(tilt), np.sin(tilt)
    return np.round(np.column_stack([centre[0] + cos * x - sin * y, centre[1] + sin * x + cos * y]), DECIMALS)
