"""Penalised splines against the same splines solved slowly: by their equations, and as natural cubic splines."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.interpolate import CubicSpline, make_smoothing_spline
from scipy.optimize import brentq

from gbf_workbench.methods.smoothing import residual_freedom, thin_plate_smooth

X = np.array([0.0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 12, 13])
NOISE = np.array([0.21, -0.34, 0.12, 0.08, -0.27, 0.31, -0.15, 0.02, -0.22, 0.28, -0.11, 0.07])
WAVE = np.sin(X / 2) + 0.3 * NOISE
WANTED = np.array([0.5, 4.0, 8.0, 12.5])
Solved = tuple[np.ndarray, np.ndarray, float]


def solved(x: np.ndarray, y: np.ndarray, basis: int, wanted: np.ndarray, strength: float) -> Solved:
    """Predicted and fitted values and degrees of freedom, from Wood's equations with their side condition."""
    centre = x.mean()
    radial = np.abs(x[:, None] - x[None, :]) ** 3 / 12
    values, vectors = np.linalg.eigh(radial)
    chosen = sorted(range(len(x)), key=lambda at: -abs(values[at]))[:basis]
    diagonal, base = np.diag(values[chosen]), vectors[:, chosen]
    line = np.column_stack([np.ones_like(x), x - centre])
    design = np.hstack([base @ diagonal, line])
    side = np.hstack([line.T @ base, np.zeros((2, 2))])
    normal = design.T @ design
    normal[:basis, :basis] += strength * diagonal
    whole = np.block([[normal, side.T], [side, np.zeros((2, 2))]])
    of_y = np.linalg.solve(whole, np.vstack([design.T, np.zeros((2, len(x)))]))[: basis + 2]
    there = np.hstack([(np.abs(wanted[:, None] - x[None, :]) ** 3 / 12) @ base,
                       np.column_stack([np.ones_like(wanted), wanted - centre])])  # fmt: skip
    return there @ of_y @ y, design @ of_y @ y, float(np.trace(design @ of_y))


def strength_for(freedom: float, freedom_at: Callable[[float], float]) -> float:
    return float(np.exp(brentq(lambda log: freedom_at(np.exp(log)) - freedom, -20, 25, xtol=1e-12)))


@pytest.mark.parametrize("basis", [4, 6, 9])
@pytest.mark.parametrize("x", [X, X * 7 + 1950], ids=["small", "moved and stretched"])
def test_a_curve_with_few_functions_is_that_of_its_equations_in_a_valley_of_cross_validation(basis, x):
    wanted = x[0] + WANTED * (x[1] - x[0])
    found = thin_plate_smooth(x, WAVE, basis, wanted)
    assert 2.1 < found.freedom < basis
    strength = strength_for(found.freedom, lambda at: solved(x, WAVE, basis, wanted, at)[2])
    predicted, fitted, _ = solved(x, WAVE, basis, wanted, strength)
    assert found.predicted == pytest.approx(predicted, abs=1e-6)
    assert found.fitted == pytest.approx(fitted, abs=1e-6)

    def score(times: float) -> float:
        _, fitted, freedom = solved(x, WAVE, basis, wanted, strength * times)
        return float(((WAVE - fitted) ** 2).sum() / (len(x) - freedom) ** 2)

    assert score(1.0) < min(score(0.99), score(1.01))


def test_with_as_many_functions_as_values_the_curve_is_the_natural_cubic_smoothing_spline():
    found = thin_plate_smooth(X, WAVE, len(X), WANTED)
    units = np.eye(len(X))

    def freedom_at(strength: float) -> float:
        return sum(make_smoothing_spline(X, unit, lam=strength)(X)[at] for at, unit in enumerate(units))

    spline = make_smoothing_spline(X, WAVE, lam=strength_for(found.freedom, freedom_at))
    assert 3 < found.freedom < len(X) - 1
    assert found.fitted == pytest.approx(spline(X), abs=1e-5)
    assert found.predicted == pytest.approx(spline(WANTED), abs=1e-5)


@pytest.mark.parametrize("basis", [3, 6])
def test_values_without_a_shape_have_the_straight_line_of_least_squares(basis):
    found = thin_plate_smooth(X, NOISE, basis, WANTED)
    slope, level = np.polyfit(X, NOISE, 1)
    assert found.freedom == pytest.approx(2, abs=1e-3)
    assert found.predicted == pytest.approx(level + slope * WANTED, abs=1e-4)
    assert found.fitted == pytest.approx(level + slope * X, abs=1e-4)


def test_the_unit_of_the_values_and_their_level_pass_through():
    once, other = thin_plate_smooth(X, WAVE, 6, WANTED), thin_plate_smooth(X, 40 - 3 * WAVE, 6, WANTED)
    assert other.predicted == pytest.approx(40 - 3 * once.predicted, abs=1e-6)
    assert other.freedom == pytest.approx(once.freedom, abs=1e-5)


def cubic_penalty(x: np.ndarray) -> np.ndarray:
    """∫ f''² of the natural cubic spline through values at the knots; its second derivative is straight in between."""
    bends = np.array([CubicSpline(x, one, bc_type="natural")(x, 2) for one in np.eye(len(x))])
    total = np.zeros((len(x), len(x)))
    for at, step in enumerate(np.diff(x)):
        a, b = bends[:, at], bends[:, at + 1]
        total += step / 3 * (np.outer(a, a) + np.outer(b, b) + (np.outer(a, b) + np.outer(b, a)) / 2)
    return total


def slow_freedoms(x: np.ndarray, y: np.ndarray, turn: float) -> np.ndarray:
    """Degrees of freedom in each valley; level and slope are penalised by 0.01 and 0.1 of the least bend.

    Any turn of level and slope against each other has no bend, so the two directions are a matter of chance.
    """
    count = len(x)
    values, vectors = np.linalg.eigh(cubic_penalty(x))
    level, slope = np.ones(count) / np.sqrt(count), (x - x.mean()) / np.linalg.norm(x - x.mean())
    vectors[:, 0] = np.cos(turn) * level + np.sin(turn) * slope
    vectors[:, 1] = np.cos(turn) * slope - np.sin(turn) * level
    values[0], values[1] = 0.01 * values[2], 0.1 * values[2]
    # The mean is free: what is left of each vector is penalised without it.
    around = np.linalg.svd(np.ones((1, count)))[2][1:].T
    own, axes = np.linalg.eigh(around.T @ ((vectors * values) @ vectors.T) @ around)
    seen = axes.T @ around.T @ y
    share = 1 / (1 + np.exp(np.arange(-20, 22, 0.005))[:, None] * own)
    freedom = 1 + share.sum(axis=1)
    score = ((seen * (1 - share)) ** 2).sum(axis=1) / (count - 1.4 * freedom) ** 2
    valley = (score[1:-1] < score[:-2]) & (score[1:-1] < score[2:]) & (1.4 * freedom[1:-1] < count)
    return freedom[1:-1][valley]


@pytest.mark.parametrize(
    "y", [NOISE + 0.02 * X, WAVE, np.where(X > 5, 1.0, -1.0) + 0.1 * NOISE], ids=["slope", "wave", "step"]
)
@pytest.mark.parametrize("unit", [1.0, 7.0])
def test_the_freedom_of_residuals_is_that_of_a_cubic_spline_whose_straight_part_is_penalised_too(y, unit):
    found = residual_freedom(X * unit, y)
    near = []
    for turn in np.linspace(0, np.pi / 2, 4):
        valleys = slow_freedoms(X * unit, y, turn)
        near.append(valleys[np.argmin(abs(valleys - found))])
    assert found > 1.05
    assert min(near) - 0.002 < found < max(near) + 0.002


def test_noise_is_as_good_as_flat_whatever_its_unit():
    assert residual_freedom(X, NOISE) == pytest.approx(1, abs=1e-4)
    assert residual_freedom(X, 1000 * NOISE) == pytest.approx(1, abs=1e-4)
    assert residual_freedom(X, -5 * WAVE) == pytest.approx(residual_freedom(X, WAVE), abs=1e-4)


@pytest.mark.parametrize("count", [6, 7])
def test_with_few_yearly_values_the_search_begins_beyond_the_pole_and_ends_without_smoothing(count):
    # Degrees of freedom counted 1.4 times exceed the number of values from 5 of 7 on; it begins on that side.
    assert residual_freedom(np.arange(float(count)), NOISE[:count]) == pytest.approx(count, abs=1e-3)
    assert residual_freedom(np.arange(8.0), NOISE[:8]) == pytest.approx(1, abs=1e-3)
