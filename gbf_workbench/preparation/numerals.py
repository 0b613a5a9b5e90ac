"""Reading numbers the way people write them, and knowing when that cannot be known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

#: What ``read_number`` gives where 1.234 may be one thousand or one and a bit.
AMBIGUOUS = object()

_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f'’](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"[+-]?\d+(?:[eE][+-]?\d+)?")
_ONE_MARK = re.compile(r"[+-]?(\d+)([.,])(\d*)(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?")


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
        None where it is no number at all.

    >>> read_number("1 234,5"), read_number("1,234,567"), read_number("0.904"), read_number("12 %")
    (1234.5, 1234567.0, 0.904, None)
    >>> read_number("1.234") is AMBIGUOUS, read_number("1.234", "."), read_number("1.234", ",")
    (True, 1.234, 1234.0)
    """
    said = _SPACES.sub("", words.strip()).replace("\u2212", "-")
    spaced = said != words.strip().replace("\u2212", "-")
    if _PLAIN.fullmatch(said):
        return float(said)
    if one := _ONE_MARK.fullmatch(said):
        whole, found, digits = one.groups()
        could_group = len(digits) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0") and not spaced
        if could_group and not mark and "e" not in said.lower():
            return AMBIGUOUS
        if could_group and found != mark:
            return float(said.replace(found, ""))
        return float(said.replace(",", ".")) if mark in ("", found) else None
    if grouped := _GROUPED.fullmatch(said):
        thousands = grouped.group(1)
        if mark == thousands:
            return None
        return float(said.replace(thousands, "").replace(",", "."))
    return None


def decimal_mark(texts: Iterable[str]) -> str:
    """The decimal mark that the other numbers of the column prove, or none where they prove nothing or both.

    >>> decimal_mark(["1.234", "0.5"]), decimal_mark(["1.234", "7"]), decimal_mark(["1.234,5", "1.234"])
    ('.', '', ',')
    """
    proved = set()
    for words in texts:
        said = _SPACES.sub("", words.strip())
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
    return "," in words and (
        mark == "," or (not mark and words.rfind(",") > words.rfind(".") and words.count(",") == 1)
    )


def is_year(value: Any) -> bool:
    """Whether a cell is a year of four digits.

    >>> is_year("2024"), is_year(2024.0), is_year("24"), is_year("2024-25")
    (True, True, False, False)
    """
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return float(value).is_integer() and 1000 <= value <= 9999
    return isinstance(value, str) and re.fullmatch(r"[1-9]\d{3}(?:\.0)?", value.strip()) is not None


def as_text(value: Any) -> str:
    """A cell as text; a whole number that a spreadsheet keeps as 7.0 is 7.

    >>> as_text(7.0), as_text("7.0"), as_text(2.5)
    ('7', '7.0', '2.5')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
