"""Reading numbers the way people write them, and knowing when that cannot be known."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

#: What ``read_number`` gives where 1.234 may be one thousand or one and a bit.
AMBIGUOUS = object()

#: Space, no-break space, thin and narrow spaces, apostrophes: marks between thousands that cannot be decimal marks.
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u2009\u202f'’\u066c]\d{3})+(?!\d)")
_SPACES = re.compile(r"[ \u00a0\u2009\u202f'’\u066c]")
_PLAIN = re.compile(r"[+-]?\d+(?:[eE][+-]?\d+)?")
#: “.5” is what many programs write for 0.5; of “5,” something was cut off.
_ONE_MARK = re.compile(r"[+-]?(\d+(?=\.|,\d)|(?=[.,]\d))([.,])(\d*)(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?")
#: Lakhs and crores: groups of two digits before the last three, which no decimal comma leaves.
_BY_TWOS = re.compile(r"[+-]?\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?")
#: The decimal mark that is written with Arabic digits can be nothing else.
_ARABIC = re.compile(r"[+-]?\d+\u066b\d+")
_BRACKETED = re.compile(r"\(\s*(\d[^()]*?)\s*\)|(\d(?:[^()-]*\d)?)\s*-")


class Percent(float):
    """A number that a spreadsheet shows as per cent: 0.45 where people see 45 %."""


class Reading(NamedTuple):
    """A number and what had to be understood to read it."""

    value: float
    decimal_comma: bool = False
    thousands: bool = False


def read_number(words: str, mark: str = "") -> Any:
    """A number from text.

    Parameters
    ----------
    words : str
    mark : {"", ".", ","}
        The decimal mark where it is known; without it a text that can be read in two ways is ``AMBIGUOUS``.

    Returns
    -------
    float, None or AMBIGUOUS
        None where it is no number at all, or none that is finite.

    >>> read_number("1 234,5"), read_number("1,234,567"), read_number("0.904"), read_number("1e999")
    (1234.5, 1234567.0, 0.904, None)
    >>> read_number("1.234") is AMBIGUOUS, read_number("1.234", "."), read_number("1.234", ",")
    (True, 1.234, 1234.0)
    """
    reading = understand(words, mark)
    return finite(reading.value) if isinstance(reading, Reading) else reading


def finite(value: float) -> float | None:
    """The number, or None where it is infinite or too large to be kept.

    >>> finite(3), finite(float("inf")), finite(10**400)
    (3.0, None, None)
    """
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def is_beyond(words: str) -> bool:
    """Whether a text is a number that no computer keeps: infinite, or too large.

    >>> is_beyond("1e999"), is_beyond("-inf"), is_beyond("1e9"), is_beyond("many")
    (True, True, False, False)
    """
    if words.strip().lstrip("+-−").casefold() in ("inf", "infinity", "∞"):
        return True
    reading = understand(words, ".")
    return isinstance(reading, Reading) and math.isinf(reading.value)


def understand(words: str, mark: str) -> Any:
    """A ``Reading`` of a text, ``AMBIGUOUS``, or None where it is no number."""
    said, spaced = _without_spaces(words)
    if _PLAIN.fullmatch(said):
        return Reading(float(said), thousands=spaced)
    if _ARABIC.fullmatch(said):
        return Reading(float(said.replace("\u066b", ".")), thousands=spaced)
    if one := _ONE_MARK.fullmatch(said):
        whole, found, digits = one.groups()
        could_group = len(digits) == 3 and 1 <= len(whole) <= 3 and not spaced and not _is_zero(whole[0])
        if could_group and not mark and "e" not in said.lower():
            return AMBIGUOUS
        if could_group and mark and found != mark:
            return Reading(float(said.replace(found, "")), thousands=True)
        return Reading(float(said.replace(",", ".")), found == ",", spaced) if mark in ("", found) else None
    if grouped := _GROUPED.fullmatch(said):
        thousands = grouped.group(1)
        if mark == thousands:
            return None
        comma = thousands == "." and "," in said
        return Reading(float(said.replace(thousands, "").replace(",", ".")), comma, True)
    if mark != "," and _BY_TWOS.fullmatch(said):
        return Reading(float(said.replace(",", "")), thousands=True)
    return None


def has_other_digits(words: str) -> bool:
    """Whether a text has digits of another script than the Latin ones.

    >>> has_other_digits("٣٤٠"), has_other_digits("340")
    (True, False)
    """
    return not words.isascii() and any(letter.isdecimal() and not letter.isascii() for letter in words)


def _is_zero(digit: str) -> bool:
    # A group does not begin with zero in any script.
    return int(digit) == 0


def _without_spaces(words: str) -> tuple[str, bool]:
    said = words.strip().replace("\u2212", "-")
    tight = _SPACED.sub(lambda found: _SPACES.sub("", found.group()), said)
    return tight, tight != said


def decimal_mark(texts: Iterable[str], *, also: Iterable[str] = ()) -> str:
    """The decimal mark that the other numbers of the column prove, or none where they prove nothing or both.

    Parameters
    ----------
    texts : iterable of str
    also : iterable of {".", ","}
        Marks that are proved already by cells not among ``texts``.

    >>> decimal_mark(["1.234", "0.5"]), decimal_mark(["1.234", "7"]), decimal_mark(["1.234,5", "1.234"])
    ('.', '', ',')
    """
    proved = set(also)
    for words in texts:
        said, _ = _without_spaces(words)
        if (one := _ONE_MARK.fullmatch(said)) and read_number(words) is not AMBIGUOUS:
            proved.add(one.group(2))
        elif (grouped := _GROUPED.fullmatch(said)) and not _ONE_MARK.fullmatch(said):
            proved.add("," if grouped.group(1) == "." else ".")
        elif _BY_TWOS.fullmatch(said):
            proved.add(".")
    return proved.pop() if len(proved) == 1 else ""


def both_ways(words: str) -> tuple[str, str]:
    """The two numbers an ambiguous text can mean: with decimals, and as thousands.

    >>> both_ways("1.234"), both_ways("12,500")
    (('1.234', '1234'), ('12.5', '12500'))
    """
    said, _ = _without_spaces(words)
    point, comma = read_number(said, "."), read_number(said, ",")
    small, large = sorted((point, comma), key=abs)
    return as_text(small), as_text(large)


def as_bracketed(words: str) -> str | None:
    """The plain form of a negative number as bookkeepers write it, None where it is not written so.

    >>> as_bracketed("(1 234)"), as_bracketed("5-"), as_bracketed("-5"), as_bracketed("1250.-")
    ('-1 234', '-5', None, None)
    """
    found = _BRACKETED.fullmatch(words.strip().replace("\u2212", "-"))
    return f"-{found.group(1) or found.group(2)}" if found else None


def is_year(value: Any) -> bool:
    """Whether a cell is a year of four digits.

    >>> is_year("2024"), is_year(2024.0), is_year("24"), is_year("2024-25")
    (True, True, False, False)
    """
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return float(value).is_integer() and 1000 <= value <= 9999
    # Digits of other scripts count too; a year does not begin with zero in any of them.
    is_text = isinstance(value, str) and re.fullmatch(r"\d{4}(?:\.0)?", value.strip()) is not None
    return is_text and float(value) >= 1000


def as_text(value: Any) -> str:
    """A cell as text; a whole number that a spreadsheet keeps as 7.0 is 7.

    >>> as_text(7.0), as_text("7.0"), as_text(2.5)
    ('7', '7.0', '2.5')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
