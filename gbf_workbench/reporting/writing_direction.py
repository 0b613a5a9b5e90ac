"""Which parts of a text run from right to left, for Word has to be told piece by piece."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

#: A mark without width that counts as a left-to-right letter.
LEFT_TO_RIGHT = "\u200e"


def stretches(words: str, leftwards: bool) -> list[tuple[str, bool]]:
    """Cut a text into stretches that are written in one direction.

    Parameters
    ----------
    words : str
    leftwards : bool
        Whether the paragraph runs from right to left, and with it all that has no direction of its own.

    Returns
    -------
    list of (str, bool)
        Each stretch and whether it runs from right to left. Code and file names stay whole, digits in them included.

    >>> stretches("قائمة A.3 جديدة", True)
    [('قائمة ', True), ('A.3', False), (' جديدة', True)]
    >>> stretches("A sentence of its own.", True)
    [('A sentence of its own.', False)]
    """
    pieces = [part for token in re.split(r"(\s+)", words) for part in _cut(token) if part]
    turned = [_runs_left(piece) for piece in pieces]
    known = [at for at, way in enumerate(turned) if way is not None]
    if known and not any(turned):
        # A text in the other script altogether keeps even its full stop; only spaces around it belong to what it joins.
        ends = {0, len(pieces) - 1}
        turned = [None if at in ends and piece.isspace() else False for at, piece in enumerate(pieces)]
    for before, after in pairwise(known):
        if turned[before] == turned[after]:
            turned[before:after] = [turned[before]] * (after - before)
    found: list[tuple[str, bool]] = []
    for piece, way in zip(pieces, turned, strict=True):
        way = leftwards if way is None else way
        if found and found[-1][1] == way:
            found[-1] = (found[-1][0] + piece, way)
        else:
            found.append((piece, way))
    return found


def _cut(token: str) -> tuple[str, ...]:
    """A word with the marks around it apart, for these belong to the sentence."""
    inner = token.strip(".,;:!?()[]“”«»،؛؟…")
    at = token.find(inner) if inner else 0
    return (token[:at], inner, token[at + len(inner) :]) if inner else (token,)


def _runs_left(word: str) -> bool | None:
    """True for a word with right-to-left letters, False for one with others, None for one without letters."""
    ways = {unicodedata.bidirectional(letter) for letter in word}
    return True if ways & {"R", "AL"} else False if "L" in ways else None


def held_together(words: str) -> str:
    """Left-to-right text whose digits and marks at either end stay with it in programs that go by letters alone."""
    ends = [unicodedata.bidirectional(letter) == "L" for letter in (words[0], words[-1])]
    return f"{'' if ends[0] else LEFT_TO_RIGHT}{words}{'' if ends[1] else LEFT_TO_RIGHT}"
