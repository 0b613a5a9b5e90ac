"""How fast an ecosystem type shrinks between two maps, and what that means for 50 years."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log

#: Years that criteria A1, A2a and A2b look at.
WINDOW = 50


@dataclass(frozen=True)
class Decline:
    """The change of one area [km²] into another in some years.

    Attributes
    ----------
    before, after : float
        Areas [km²]; ``before`` is above 0.
    years : float

    Notes
    -----
    Two ways to draw a change out: the same area each year (``absolute``) or the same share of what is left each year
    (``proportional``). Losses are positive.

    References
    ----------
    Puyravaud 2003, doi:10.1016/S0378-1127(02)00335-3; IUCN 2024, Guidelines 2.0, doi:10.2305/CJDF9122.

    Examples
    --------
    >>> change = Decline(100.0, 80.0, 20)
    >>> change.absolute, round(change.proportional, 4), round(change.annual, 4)
    (1.0, 1.1095, -1.1157)
    >>> round(change.area_after(50, "absolute"), 6), round(change.area_after(50, "proportional"), 6)
    (50.0, 57.24334)
    """

    before: float
    after: float
    years: float

    @property
    def absolute(self) -> float:
        """Absolute rate of decline [km² per year]."""
        return (self.before - self.after) / self.years

    @property
    def proportional(self) -> float:
        """Proportional rate of decline [% per year]."""
        return 100 * (1 - self._kept)

    @property
    def annual(self) -> float:
        """Annual rate of change [% per year], negative for a loss; minus infinity where nothing is left."""
        return 100 * log(self.after / self.before) / self.years if self.after > 0 else -inf

    @property
    def _kept(self) -> float:
        """Part of the area that is there a year later."""
        return (self.after / self.before) ** (1 / self.years)

    def area_after(self, years: float, how: str) -> float:
        """Area [km²] so many years after the first map, if it goes on as between the maps."""
        if how == "absolute":
            return max(0.0, self.before - self.absolute * years)
        return self.before * self._kept**years

    def loss(self, criterion: str, how: str) -> float:
        """Loss [%] in the 50 years that a criterion looks at; a gain is negative.

        Parameters
        ----------
        criterion : {"A1", "A2a", "A2b"}
            The 50 years before the second map, after it, or from the first map on.
        how : {"absolute", "proportional"}

        Examples
        --------
        >>> change = Decline(100.0, 80.0, 20)
        >>> [round(change.loss(one, "absolute"), 4) for one in ("A1", "A2a", "A2b")]
        [38.4615, 62.5, 50.0]
        """
        if self.after == 0:
            return 100.0
        if how == "proportional":
            return 100 * (1 - self._kept**WINDOW)
        lost = self.absolute * WINDOW
        opening = {"A1": self.after + lost, "A2a": self.after, "A2b": self.before}[criterion]
        if opening <= 0:
            # Drawn back in a straight line a type that grew may come from nothing: no loss, and no share of one.
            return -inf
        return 100 * min(1.0, lost / opening)
