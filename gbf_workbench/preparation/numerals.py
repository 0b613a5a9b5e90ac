"""Reading numbers the way people write them, and knowing when that cannot be known."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

#: What ``read_number`` gives where 1.234 may be one thousand or one and a bit.
AMBIGUOUS = object()

#: Space, no-break space, thin and narrow spaces, apostrophes: marks between thousands that cannot be decimal marks.
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?!\d)")
_SPACES = re.compile(r"[ \u00a0\u2009\u202f'’]")
_PLAIN = re.compile(r"[+-]?\d+(?:[eE][+-]?\d+)?")
_ONE_MARK = re.compile(r"[+-]?(\d+)([.,])(\d*)(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?")


class _Reading(NamedTuple):
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
    reading = _read(words, mark)
    if reading is None or reading is AMBIGUOUS:
        return reading
    return finite(reading.value)


def finite(value: float) -> float | None:
    """The number, or None where it is infinite or too large to be kept.

    >>> finite(3), finite(float("inf")), finite(10**400)
    (3.0, None, None)
    """
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _read(words: str, mark: str) -> Any:
    said, spaced = _without_spaces(words)
    if _PLAIN.fullmatch(said):
        return _Reading(float(said), thousands=spaced)
    if one := _ONE_MARK.fullmatch(said):
        whole, found, digits = one.groups()
        could_group = len(digits) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0") and not spaced
        if could_group and not mark and "e" not in said.lower():
            return AMBIGUOUS
        if could_group and mark and found != mark:
            return _Reading(float(said.replace(found, "")), thousands=True)
        return _Reading(float(said.replace(",", ".")), found == ",", spaced) if mark in ("", found) else None
    if grouped := _GROUPED.fullmatch(said):
        thousands = grouped.group(1)
        if mark == thousands:
            return None
        comma = thousands == "." and "," in said
        return _Reading(float(said.replace(thousands, "").replace(",", ".")), comma, True)
    return None


def _without_spaces(words: str) -> tuple[str, bool]:
    said = words.strip().replace("\u2212", "-")
    tight = _SPACED.sub(lambda found: _SPACES.sub("", found.group()), said)
    return tight, tight != said


def decimal_mark(texts: Iterable[str]) -> str:
    """The decimal mark that the other numbers of the column prove, or none where they prove nothing or both.

    >>> decimal_mark(["1.234", "0.5"]), decimal_mark(["1.234", "7"]), decimal_mark(["1.234,5", "1.234"])
    ('.', '', ',')
    """
    proved = set()
    for words in texts:
        said, _ = _without_spaces(words)
        if (one := _ONE_MARK.fullmatch(said)) and read_number(words) is not AMBIGUOUS:
            proved.add(one.group(2))
        elif (grouped := _GROUPED.fullmatch(said)) and not _ONE_MARK.fullmatch(said):
            proved.add("," if grouped.group(1) == "." else ".")
    return proved.pop() if len(proved) == 1 else ""


def has_decimal_comma(words: str, mark: str) -> bool:
    """Whether the text was read with a comma as its decimal mark.

    >>> has_decimal_comma("0,5", ""), has_decimal_comma("1,234", ".")
    (True, False)
    """
    reading = _read(words, mark)
    return isinstance(reading, _Reading) and reading.decimal_comma


def has_thousands_mark(words: str, mark: str) -> bool:
    """Whether marks between thousands were taken out of the text to read it.

    >>> has_thousands_mark("1 234", ""), has_thousands_mark("1,234", "."), has_thousands_mark("1234.5", "")
    (True, True, False)
    """
    reading = _read(words, mark)
    return isinstance(reading, _Reading) and reading.thousands


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
