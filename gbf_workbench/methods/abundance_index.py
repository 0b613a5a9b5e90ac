"""Yearly changes of species brought together into one change of many, with how far it depends on the species."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Numbers drawn at once; bounds the memory whatever the number of replicates.
_DRAWN_AT_ONCE = 5_000_000


@dataclass(frozen=True)
class Part:
    """Species that weigh together: their yearly changes, shape (species, years), missing where there is none."""

    name: str
    changes: np.ndarray
    weight: float

    @property
    def seen(self) -> np.ndarray:
        """Where a species has a change, as 1 and 0."""
        return (~np.isnan(self.changes)).astype(float)


def index_of(changes: np.ndarray) -> np.ndarray:
    """Index that is 1 before the first change; changes (..., years) → (..., years + 1).

    >>> index_of(np.log10([2.0, 0.5])).tolist()
    [1.0, 2.0, 1.0]
    """
    steps = np.cumsum(np.nan_to_num(changes), axis=-1)
    return 10 ** np.concatenate([np.zeros((*steps.shape[:-1], 1)), steps], axis=-1)


def combined(means: np.ndarray, weights: np.ndarray, missing: str) -> np.ndarray:
    """Weighted mean over the parts of their changes.

    Parameters
    ----------
    means : ndarray, shape (..., parts, years)
        Missing where a part has no species.
    weights : ndarray, shape (parts,)
        Sum 1.
    missing : {"renormalise", "unchanged"}
        Whether the other parts stand for one without a change, or it counts as not having changed.

    Returns
    -------
    ndarray, shape (..., years)
        Missing where no part has a change.
    """
    there = ~np.isnan(means)
    shares = weights[:, None] * there
    total = (shares * np.nan_to_num(means)).sum(axis=-2)
    known = shares.sum(axis=-2)
    whole = known if missing == "renormalise" else (known > 0).astype(float)
    return np.divide(total, whole, out=np.full(total.shape, np.nan), where=known > 0)


def means_of(parts: list[Part]) -> np.ndarray:
    """Mean change of the species of each part, shape (parts, years)."""
    return np.stack([_weighed(np.ones((1, len(part.changes))), part)[0] for part in parts])


def _weighed(counts: np.ndarray, part: Part) -> np.ndarray:
    """Means with species counted so many times; counts (n, species) → (n, years)."""
    number = counts @ part.seen
    total = counts @ np.nan_to_num(part.changes)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


def without_each(parts: list[Part]) -> np.ndarray:
    """Means of the parts without each species in turn, shape (species, parts, years)."""
    whole = means_of(parts)
    found = []
    for at, part in enumerate(parts):
        number = part.seen.sum(axis=0) - part.seen
        total = np.nansum(part.changes, axis=0) - np.nan_to_num(part.changes)
        left = np.broadcast_to(whole, (len(part.changes), *whole.shape)).copy()
        left[:, at] = np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
        found.append(left)
    return np.concatenate(found)


def drawn_means(parts: list[Part], replicates: int, how: str, rng: np.random.Generator) -> np.ndarray:
    """Bootstrap of the parts' mean changes, shape (replicates, parts, years).

    Parameters
    ----------
    parts : list of Part
    replicates : int
    how : {"species", "within_years"}
        Whole species with all their years, which keeps what hangs together over time; or the changes of each year by
        themselves, as if a species' changes had nothing to do with each other.
    rng : numpy.random.Generator
    """
    columns = [_drawn_species(part, replicates, rng) if how == "species" else _drawn_years(part, replicates, rng)
               for part in parts]  # fmt: skip
    return np.stack(columns, axis=1)


def _drawn_species(part: Part, replicates: int, rng: np.random.Generator) -> np.ndarray:
    number = len(part.changes)
    block = max(1, _DRAWN_AT_ONCE // number)
    found = []
    for start in range(0, replicates, block):
        size = min(block, replicates - start)
        counts = rng.multinomial(number, np.full(number, 1 / number), size=size).astype(float)
        found.append(_weighed(counts, part))
    return np.concatenate(found)


def _drawn_years(part: Part, replicates: int, rng: np.random.Generator) -> np.ndarray:
    out = np.full((replicates, part.changes.shape[1]), np.nan)
    for year in range(out.shape[1]):
        known = part.changes[~np.isnan(part.changes[:, year]), year]
        if len(known):
            own = Part(part.name, known[:, None], 1.0)
            out[:, year] = _drawn_species(own, replicates, rng)[:, 0]
    return out
