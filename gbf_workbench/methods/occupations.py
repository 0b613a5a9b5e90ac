"""Which occupations a country calls traditional, by codes of any length."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

#: What a code can be: on the list, not on it, too short to tell, or not stated.
LISTED, OTHER, TOO_SHORT, NOT_STATED = 1, 0, -1, -2


@dataclass(frozen=True)
class Matched:
    """For each code whether it is listed (see the constants) and, where it is, the title it is listed under."""

    kinds: np.ndarray
    titles: np.ndarray


def matched(listed: pd.DataFrame, isco: pd.Series, national: pd.Series | None = None) -> Matched:
    """Hold codes against a list of traditional occupations.

    Parameters
    ----------
    listed : DataFrame
        ``isco_code, national_occupation, title``; a short ISCO code stands for all occupations below it.
    isco : Series of str
        ISCO-08 codes with one to four digits.
    national : Series of str, optional
        Codes of the country's own classification, with the same index; they have to be listed as they are, and come
        first.

    Returns
    -------
    Matched
        Arrays of the length of ``isco``. Of several listed codes the longest counts.

    Examples
    --------
    >>> listed = pd.DataFrame({"isco_code": ["63", "6222"], "national_occupation": [None, None], "title": ["a", "b"]})
    >>> matched(listed, pd.Series(["6340", "6221", "62", None])).kinds.tolist()
    [1, 0, -1, -2]
    """
    by_national = _titles(listed, "national_occupation")
    by_isco = _titles(listed, "isco_code")
    own = pd.Series(None, index=isco.index, dtype=object) if national is None else national.astype(object)
    # Surveys are long and codes few: each pair of codes is looked up once.
    pairs = pd.MultiIndex.from_arrays([isco.astype(object).fillna(""), own.fillna("")])
    numbers, known = pairs.factorize()
    found = [_one(str(code), str(word), by_isco, by_national) for code, word in known]
    kinds = np.array([kind for kind, _ in found], dtype=int)
    titles = np.array([title for _, title in found], dtype=object)
    return Matched(kinds[numbers], titles[numbers])


def _titles(listed: pd.DataFrame, column: str) -> dict[str, str]:
    there = listed[listed[column].notna()]
    return dict(zip(there[column].astype(str), there["title"].astype(str), strict=True))


def _one(code: str, word: str, by_isco: dict[str, str], by_national: dict[str, str]) -> tuple[int, str]:
    if word in by_national:
        return LISTED, by_national[word]
    for length in range(len(code), 0, -1):
        if code[:length] in by_isco:
            return LISTED, by_isco[code[:length]]
    if code and any(longer.startswith(code) for longer in by_isco):
        return TOO_SHORT, ""
    return (OTHER if code or word else NOT_STATED), ""


def nested(codes: list[str]) -> tuple[str, str] | None:
    """Two codes of which one holds the other, if there are any.

    >>> nested(["63", "6222", "6340"])
    ('63', '6340')
    """
    ordered = sorted(set(codes))
    return next(((a, b) for a, b in pairwise(ordered) if b.startswith(a)), None)
