"""First records of alien species as what they are: species that came earlier and were found only later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gbf_workbench.methods.likelihood import ProfileInterval, allowed_rise, profile_interval

#: Beyond this many years since arrival the lag term has long been saturated; keeps it a finite number.
_LONGEST_LAG = 700.0


@dataclass(frozen=True)
class Arrivals:
    """Arrivals that grow or shrink steadily, and the chance that a species is found in a year once it is there.

    Attributes
    ----------
    years : int
        Number of consecutive years, the first one being 1.
    effort : ndarray, shape (years,), or None
        Survey effort by year; without it the chance of being found changes with the calendar year.
    lag : bool
        Whether the chance also changes with the years since arrival.
    """

    years: int
    effort: np.ndarray | None = None
    lag: bool = True

    @property
    def covariate(self) -> np.ndarray:
        """What the chance of being found follows, shape (years,)."""
        return np.arange(1.0, self.years + 1) if self.effort is None else np.asarray(self.effort, dtype=float)

    def since(self) -> np.ndarray:
        """Years since arrival, rows: year of arrival, columns: year; negative where not yet arrived."""
        at = np.arange(self.years)
        return at[None, :] - at[:, None]


def arrival_rates(parameters: np.ndarray, years: int) -> np.ndarray:
    """Modelled arrivals exp(b0 + b1·s) in each year s = 1…years [species per year], shape (years,)."""
    return np.exp(parameters[0] + parameters[1] * np.arange(1.0, years + 1))


def discovery_rates(parameters: np.ndarray, model: Arrivals) -> np.ndarray:
    """Expected number of new records by year.

    Parameters
    ----------
    parameters : ndarray, shape (5,) or (4,)
        b0, b1 of the arrivals; g0, g1 and, with a lag, g2 of the chance of being found.
    model : Arrivals

    Returns
    -------
    ndarray, shape (years,)
        λ_t = Σ_{s≤t} μ_s·π(s,t)·Π_{s≤u<t} (1 − π(s,u)) with μ_s = exp(b0 + b1·s) and
        logit π(s,t) = g0 + g1·x_t + g2·exp(t − s), where x_t is the year's number or its effort.

    References
    ----------
    Solow and Costello 2004, doi:10.1890/03-3102. With effort: Buba et al. 2024, doi:10.1111/geb.13859.

    Examples
    --------
    One species arrives each year and half of those present are found each year:

    >>> discovery_rates(np.zeros(5), Arrivals(3)).tolist()
    [0.5, 0.75, 0.875]
    """
    found, _ = _found(parameters, model)
    return arrival_rates(parameters, model.years) @ found


def _found(parameters: np.ndarray, model: Arrivals) -> tuple[np.ndarray, np.ndarray]:
    """Chance to be found in a year for the first time, and in a year at all; rows: arrival, columns: year."""
    from scipy.special import expit, log_expit

    since = model.since()
    chance = parameters[2] + parameters[3] * np.broadcast_to(model.covariate, since.shape)
    if model.lag:
        chance = chance + parameters[4] * np.exp(np.clip(since, 0, _LONGEST_LAG))
    there = since >= 0
    missed = np.where(there, log_expit(-chance), 0.0)
    before = np.concatenate([np.zeros((model.years, 1)), np.cumsum(missed, axis=1)[:, :-1]], axis=1)
    return np.where(there, np.exp(before + log_expit(chance)), 0.0), np.where(there, expit(chance), 0.0)


def negative_log_likelihood(parameters: np.ndarray, records: np.ndarray, model: Arrivals) -> float:
    """Poisson negative log-likelihood of the yearly records without its factorial term.

    >>> round(negative_log_likelihood(np.zeros(5), np.array([1, 0, 1]), Arrivals(3)), 6)
    2.951679
    """
    from scipy.special import xlogy

    with np.errstate(divide="ignore"):
        rates = discovery_rates(parameters, model)
        return float(np.sum(rates - xlogy(np.asarray(records, dtype=float), rates)))


@dataclass(frozen=True)
class Growth:
    """What the records say of the arrivals behind them.

    Attributes
    ----------
    parameters : ndarray, shape (4,) or (5,)
        b0, b1, g0, g1 and, with a lag, g2 where the likelihood is highest.
    minimum : float
        Negative log-likelihood there, without the factorial term.
    interval : ProfileInterval
        Of b1, the yearly growth of the logarithm of arrivals.
    near : ndarray
        b1 of all different solutions found from other starts that the data bear nearly as well.
    """

    parameters: np.ndarray
    minimum: float
    interval: ProfileInterval
    near: np.ndarray


#: Where fits begin: growth over all years, then g0, g1 over all years, g2; one for each kind of optimum met so far.
_STARTS = np.array([
    (0.0, -1.0, 0.0, 0.01), (1.0, -3.0, 1.0, 0.01), (2.0, 0.0, -1.0, -0.05), (-1.0, -4.0, 4.0, 0.01),
    (1.0, -9.0, 0.0, 2.0), (2.0, -9.0, -9.0, 2.0), (1.0, -6.0, 2.0, -0.05), (3.0, -3.0, -2.0, 0.0),
])  # fmt: skip
#: Logits beyond ±10 are certainty for all that yearly counts can tell.
_WIDEST = 10.0
#: Two solutions are one where all their scaled parameters are this near.
_SAME = 0.05


class _Search:
    """The likelihood in parameters of like size: growth over all years, then the chances to be found.

    The level of the arrivals is not searched: whatever the rest, it is best where the expected records add up to
    those that were made.
    """

    def __init__(self, records: np.ndarray, model: Arrivals) -> None:
        self.records, self.model = np.asarray(records, dtype=float), model
        self.total = float(self.records.sum())
        since = model.since()
        self.there = since >= 0
        self.terms = [np.ones(model.years), model.covariate]
        if model.lag:
            self.terms.append(np.exp(np.clip(since, 0, _LONGEST_LAG)))
        widest = max(float(np.abs(model.covariate).max()), 1e-12)
        self.scale = np.array([1 / model.years, 1.0, 1 / widest, 1.0])[: 3 + model.lag]
        self.starts = _STARTS[:, : 3 + model.lag]

    def _rates(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        own = at * self.scale
        first, chance = _found(np.concatenate([[0.0], own]), self.model)
        # Counted back from the last year, the arrivals of a fast growth stay finite numbers.
        arrivals = np.exp(own[0] * np.arange(1.0 - self.model.years, 1.0))
        return arrivals, first, chance, np.maximum(arrivals @ first, 1e-300)

    def parameters(self, at: np.ndarray) -> np.ndarray:
        """b0, b1, g… of a place in the search."""
        own = at * self.scale
        level = np.log(self.total / self._rates(at)[3].sum()) - own[0] * self.model.years
        return np.concatenate([[level], own])

    def value(self, at: np.ndarray) -> tuple[float, np.ndarray]:
        """Negative log-likelihood and its slope."""
        arrivals, first, chance, rates = self._rates(at)
        times = self.total / rates.sum()
        pull = times - self.records / rates
        slope = [pull @ ((arrivals * np.arange(1.0 - self.model.years, 1.0)) @ first)]
        for term in self.terms:
            moved = np.where(self.there, term, 0.0)
            slope.append(pull @ (arrivals @ (first * (moved - np.cumsum(chance * moved, axis=1)))))
        return self.total - float(self.records @ np.log(times * rates)), np.array(slope) * self.scale

    def best(self, starts: np.ndarray, growth: float | None = None) -> list[tuple[float, np.ndarray]]:
        """Solutions from all starts, the best one first; the growth may be held."""
        from scipy.optimize import minimize

        limits = [(-_WIDEST, _WIDEST)] * len(self.scale)
        if growth is not None:
            limits[0] = (growth, growth)
        low, high = np.array(limits).T
        found = [
            minimize(self.value, np.clip(start, low, high), jac=True, method="L-BFGS-B", bounds=limits)
            for start in np.atleast_2d(starts)
        ]
        # Where a search gives up in the middle of a step, the value it states is not that of its place.
        return sorted(((self.value(one.x)[0], one.x) for one in found), key=lambda one: one[0])


def growth_of_arrivals(records: np.ndarray, model: Arrivals, confidence: float) -> Growth:
    """Fit the model from several starts, with an interval of the growth by profile likelihood.

    The likelihood is nearly flat: more arrivals and better searching explain the same records, so a single fit, or the
    curvature at its optimum, says little. Each flat valley is followed to its ends; the interval holds them all.

    Parameters
    ----------
    records : ndarray of int, shape (years,)
        New records in consecutive years, those without any included; not all of them 0.
    model : Arrivals
    confidence : float
        0 to 1.

    Returns
    -------
    Growth
    """
    search = _Search(records, model)
    solutions = search.best(search.starts)
    while True:
        minimum, at = solutions[0]
        near = _different([place for value, place in solutions if value - minimum < allowed_rise(confidence)])
        followed = [_profiled(search, minimum, place, confidence) for place in near]
        deepest = min((low for _, low in followed), key=lambda one: one[0])
        if deepest[0] > minimum - 1e-3:
            break
        # A profile came upon a deeper optimum: everything is measured from there.
        solutions = sorted([deepest, *solutions], key=lambda one: one[0])
    interval = _together([one for one, _ in followed], model.years)
    return Growth(search.parameters(at), minimum, interval, np.array([place[0] for place in near]) / model.years)


def _different(places: list[np.ndarray]) -> list[np.ndarray]:
    kept: list[np.ndarray] = []
    for place in places:
        if all(np.abs(place - other).max() > _SAME for other in kept):
            kept.append(place)
    return kept


def _profiled(
    search: _Search, minimum: float, at: np.ndarray, confidence: float
) -> tuple[ProfileInterval, tuple[float, np.ndarray]]:
    """The profile of the growth along the valley that a solution lies in, and the deepest place met there."""
    known = {float(at[0]): (search.value(at)[0], at)}

    def profile(held: float) -> float:
        if held not in known:
            nearest = min(known, key=lambda one: abs(one - held))
            known[held] = search.best(known[nearest][1], held)[0]
        return known[held][0]

    limits = (-_WIDEST, _WIDEST)
    interval = profile_interval(profile, float(at[0]), minimum, confidence, step=0.4, limits=limits)
    return interval, min(known.values(), key=lambda one: one[0])


def _together(intervals: list[ProfileInterval], years: int) -> ProfileInterval:
    """What any of the valleys holds; growth over all years becomes growth by year."""
    low = min(intervals, key=lambda one: one.lower)
    high = max(intervals, key=lambda one: one.upper)
    return ProfileInterval(low.lower / years, high.upper / years, low.lower_open, high.upper_open)
