"""Whether the classes of a map lie as only a mean leaves them: thin seams of classes in between along every border."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from gbf_workbench.methods.rasters import EMPTY

#: Runs looked at in each strip: enough to tell, and no cost beside reading.
_MOST_RUNS = 200_000
_THIN = 2
_FEWEST_SEAMS = 50
_FEWEST_PAIRS, _SEAMS_OF_A_PAIR = 2, 5


@dataclass
class ClassMix:
    """What lies between unlike neighbours along the rows of a map.

    Attributes
    ----------
    seams : Counter
        Pair of classes to how often a thin stretch of a class whose number lies between theirs parts them.
    other, wide, direct : int
        Thin stretches of a class that is not between its neighbours; wide stretches of one that is; borders without
        anything between classes at least two apart.
    """

    seams: Counter[tuple[int, int]] = field(default_factory=Counter)
    other: int = 0
    wide: int = 0
    direct: int = 0

    def add(self, values: np.ndarray, lengths: np.ndarray, rows: np.ndarray) -> None:
        """Look at the runs of a strip: their classes, lengths and rows."""
        values, lengths, rows = values[:_MOST_RUNS], lengths[:_MOST_RUNS], rows[:_MOST_RUNS]
        filled = values != EMPTY
        meeting = (rows[1:] == rows[:-1]) & filled[1:] & filled[:-1]
        self.direct += int((meeting & (np.abs(np.diff(values)) >= 2)).sum())
        left, middle, right = values[:-2], values[1:-1], values[2:]
        parted = meeting[1:] & meeting[:-1] & (left != right)
        low, high = np.minimum(left, right), np.maximum(left, right)
        between = (low < middle) & (middle < high)
        thin = lengths[1:-1] <= _THIN
        self.other += int((parted & thin & ~between).sum())
        self.wide += int((parted & ~thin & between).sum())
        chosen = parted & thin & between
        pairs, counts = np.unique(np.stack([low[chosen], high[chosen]]), axis=1, return_counts=True)
        self.seams.update({(int(a), int(b)): int(n) for a, b, n in zip(*pairs, counts, strict=True)})

    @property
    def impossible(self) -> bool:
        """Whether so many borders of so many pairs have a seam that chance or a zonation do not explain it.

        Where classes have their numbers by chance, a thin stretch lies between its neighbours once in three times, and
        most borders have none. Where they follow each other in nature, as from shore to mountain, most stretches are
        wide.
        """
        seams = self.seams.total()
        pairs = sum(count >= _SEAMS_OF_A_PAIR for count in self.seams.values())
        return (
            seams >= _FEWEST_SEAMS
            and pairs >= _FEWEST_PAIRS
            and seams > 2 * self.other
            and seams > 2 * self.wide
            and seams > 0.3 * self.direct
        )
