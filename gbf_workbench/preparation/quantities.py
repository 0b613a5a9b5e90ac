"""Reading cells of numbers: decimal marks, counts, shares, ranges and units, each in the one way it can be meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gbf_workbench.preparation import numerals
from gbf_workbench.preparation.schema import Field
from gbf_workbench.preparation.texts import WORDS
from gbf_workbench.preparation.units import kind_of, unit_named

if TYPE_CHECKING:
    from gbf_workbench.preparation.columns import Column

#: Numbers that stand for "no value" in many files, and those that can well be true.
STAND_INS = {"-99", "-999", "-9999", "-99999", "-3.4028234663852886e+38", "-3.4028235e+38", "-1.7976931348623157e+308"}
PERHAPS = {"999", "9999", "99999", "999999", "-1", "-9"}
#: From here on a whole number cannot be told from the next one.
MOST_WHOLE = 2**53

_NUMBER = r"([+-]?\d[\d.,'’\s\u00a0\u2009\u202f]*)"
_BETWEEN = re.compile(rf"{_NUMBER}\s*(?:[-–—‑]|to|à|a|до|至|إلى|and|et|y)\s*{_NUMBER}", re.IGNORECASE)
_BELOW = re.compile(
    r"(?:<=?|≤|less than|fewer than|below|under|at most|up to|moins de|menos de|menor que|أقل من|少于|менее|до)\s*"
    rf"{_NUMBER}",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    rf"(?:>=?|≥|more than|over|above|at least|plus de|más de|mas de|mayor que|أكثر من|多于|более|от)\s*{_NUMBER}"
    rf"|{_NUMBER}\s*\+",
    re.IGNORECASE,
)
_WITH_UNIT = re.compile(rf"{_NUMBER}\s*([^\d\s.,+-].*)")
_PER_CENT = re.compile(r"(.*\d)\s*[%٪％]")


def is_share(one: Field) -> bool:
    """Whether a column holds parts of a whole, as per cent or as fractions."""
    return one.format in ("percent", "fraction") or one.unit == "%"


def unit_of(one: Field) -> str:
    """The unit that the numbers of a column have in the schema."""
    if is_share(one):
        return "fraction" if one.format == "fraction" else "%"
    return one.unit


def is_counted(one: Field) -> bool:
    """Whether a column holds numbers of things, which have no part of a thing behind a mark."""
    return one.type == "integer" or one.format == "count"


def proved_by_limits(texts: Iterable[str], one: Field, factor: Fraction) -> set[str]:
    """The decimal marks that ambiguous texts prove because their other reading lies outside what can be.

    >>> percent = Field("cover", "number", minimum=0, maximum=100)
    >>> proved_by_limits(["12.345", "7"], percent, Fraction(1))
    {'.'}
    """
    proved = set()
    if one.minimum is None and one.maximum is None:
        return proved
    for words in texts:
        if numerals.read_number(words) is numerals.AMBIGUOUS:
            possible = [mark for mark in ".," if fits(numerals.read_number(words, mark), one, factor)]
            proved |= set(possible) if len(possible) == 1 else set()
    return proved


def fits(number: float | None, one: Field, factor: Fraction) -> bool:
    """Whether a number of the file lies within the limits of its column, which are those of the schema's unit."""
    if number is None:
        return False
    scaled = number * factor.numerator / factor.denominator
    return (one.minimum is None or scaled >= one.minimum) and (one.maximum is None or scaled <= one.maximum)


def read_quantity(column: Column, tidy: Any) -> float | None:
    """A number in the unit of the schema."""
    if isinstance(tidy, bool | date | time | timedelta):
        return column.refuse("not_a_number")
    if isinstance(tidy, str):
        number = _from_text(column, tidy)
    elif isinstance(tidy, numerals.Percent) and is_share(column.field):
        number = _from_percent_format(column, tidy)
    else:
        number = numerals.finite(tidy)
        if number is None:
            return column.refuse("not_finite")
    if number is None:
        return None
    said = numerals.as_text(number)
    if said in column.missing:
        return column.leave_blank()
    if column.stands_in(said, STAND_INS):
        return column.ask_what_is_meant()
    if column.stands_in(said, PERHAPS):
        column.doubtful[column.at] = number
        return None
    return column.within(column.scaled(number))


def read_integer(column: Column, tidy: Any) -> int | None:
    """A whole number."""
    reading = read_quantity(column, tidy)
    return None if reading is None else whole(column, reading)


def whole(column: Column, reading: float) -> int | None:
    """A number of the schema's unit as a whole number, or what is wrong with it."""
    if not float(reading).is_integer():
        return column.refuse("not_an_integer")
    if abs(reading) >= MOST_WHOLE:
        return column.refuse("above_maximum", limit=str(MOST_WHOLE))
    return int(reading)


def _from_percent_format(column: Column, shown: numerals.Percent) -> float | None:
    """A cell that a spreadsheet stores as 0.45 and shows as 45 %."""
    column.signed.add(column.at)
    if column.unit != "%":
        return float(shown)
    number = float(Fraction(repr(float(shown))) * 100)
    return (
        number
        if column.findings.repair("check.percent_format", column.at, number, meant=repr(number))
        else float(shown)
    )


def _from_text(column: Column, words: str) -> float | None:
    """A number of the column's unit from text; what is no number is said."""
    sign = _PER_CENT.fullmatch(words) if is_share(column.field) else None
    reading = _understood(column, sign.group(1) if sign else words)
    if not isinstance(reading, numerals.Reading) or numerals.finite(reading.value) is None:
        return _otherwise(column, words, reading)
    number = reading.value
    if sign:
        column.signed.add(column.at)
        number = number if column.unit == "%" else float(Fraction(repr(number)) / 100)
    return number if _noted(column, reading, number, signed=bool(sign)) else column.refuse("not_a_number")


def _understood(column: Column, words: str) -> Any:
    strict = column.field.format == "count" and not column.mapping.decimal_mark and "," not in words
    # A count has no decimals: 1.200 is one thousand and more, or a slip, whatever the other cells show.
    if strict and numerals.understand(words, "") is numerals.AMBIGUOUS:
        return numerals.AMBIGUOUS
    return numerals.understand(words, column.mark)


def _noted(column: Column, reading: numerals.Reading, number: float, *, signed: bool) -> bool:
    """Say how a text was understood; False where an expert forbids it."""
    meant = repr(number)
    if signed:
        return column.findings.repair("check.percent_sign", column.at, meant, meant=meant)
    if reading.decimal_comma:
        return column.findings.repair("check.decimal_comma", column.at, meant, meant=meant)
    if reading.thousands:
        return column.findings.repair("check.thousands", column.at, meant, meant=meant)
    said = column.findings.different.values[column.at]
    if isinstance(said, str) and numerals.has_other_digits(said):
        return column.findings.repair("check.other_digits", column.at, meant, meant=meant)
    return True


def _otherwise(column: Column, words: str, reading: Any) -> float | None:
    """What a text is that is not simply a number."""
    if reading is numerals.AMBIGUOUS:
        return _ambiguous(column, words)
    if column.stands_in(words, WORDS):
        return column.ask_what_is_meant()
    if numerals.is_beyond(words):
        return column.refuse("not_finite")
    if column.field.bounds:
        return _range(column, words)
    if column.field.below and (low := _BELOW.fullmatch(words)):
        return _below_limit(column, words, low.group(1).strip())
    if column.field.unit == "currency" and (plain := numerals.as_bracketed(words)):
        number = numerals.read_number(plain, column.mark)
        if number is numerals.AMBIGUOUS:
            return _ambiguous(column, plain)
        if number is not None and column.findings.repair("check.brackets_minus", column.at, number, meant=repr(number)):
            return number
    if (found := _WITH_UNIT.fullmatch(words)) and kind_of(column.unit):
        return _with_unit(column, words, found.group(1).strip(), unit_named(found.group(2)))
    return column.refuse("not_a_number")


def _ambiguous(column: Column, words: str) -> None:
    small, large = numerals.both_ways(words.rstrip("%٪％ "))
    if is_counted(column.field):
        return column.refuse("count_with_mark", meant=large)
    return column.refuse("ambiguous_number", "question", one=small, other=large)


def _with_unit(column: Column, words: str, digits: str, unit: str) -> float | None:
    """A number with its unit in the cell: as the column's, or a contradiction."""
    number = numerals.read_number(digits, column.mark)
    if number is numerals.AMBIGUOUS:
        return _ambiguous(column, digits)
    if number is None or not unit:
        return column.refuse("not_a_number")
    if unit != column.unit:
        return column.refuse("unit_contradiction", unit=unit, wanted=column.unit, field=column.field.name)
    made = column.findings.repair("check.unit_in_cell", column.at, number, meant=repr(number), unit=unit)
    return number if made else column.refuse("not_a_number")


def _below_limit(column: Column, words: str, digits: str) -> None:
    """A limit in place of a number, as laboratories write what they could not measure."""
    number = numerals.read_number(digits, column.mark)
    if number is numerals.AMBIGUOUS:
        return _ambiguous(column, digits)
    if number is None or column.within(limit := column.scaled(number)) is None:
        return column.refuse("not_a_number")
    said = numerals.as_text(limit)
    if not column.findings.repair("check.below_limit_read", column.at, words, limit=said):
        return column.refuse("not_a_number")
    for name, one in zip(column.field.below, (1, limit), strict=True):
        column.put(name, one)
    return None


def _range(column: Column, words: str) -> None:
    """A range or a limit in place of a number goes into the columns for its ends."""
    ends = _ends(words)
    if ends is None:
        return column.refuse("range_unclear", "question", field=column.field.name)
    numbers = [None if one is None else numerals.read_number(one, column.mark) for one in ends]
    if any(one is numerals.AMBIGUOUS for one in numbers):
        at = next(i for i, one in enumerate(numbers) if one is numerals.AMBIGUOUS)
        return _ambiguous(column, ends[at])
    low, high = (None if one is None else column.scaled(one) for one in numbers)
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        return column.refuse("range_unclear", "question", field=column.field.name)
    if low is None and column.field.minimum is not None:
        low = float(column.field.minimum)
    if any(one is not None and column.within(one) is None for one in (low, high)):
        return None
    said = [("–" if one is None else numerals.as_text(one)) for one in (low, high)]
    if not column.findings.repair("check.range_read", column.at, " … ".join(said), lower=said[0], upper=said[1]):
        return column.refuse("not_a_number")
    for name, one in zip(column.field.bounds, (low, high), strict=True):
        if one is not None:
            column.put(name, one)
    return None


def _ends(words: str) -> tuple[str | None, str | None] | None:
    """Lower and upper end of a range as they are written.

    >>> _ends("50-100"), _ends("< 500"), _ends("more than 1000"), _ends("hundreds")
    (('50', '100'), (None, '500'), ('1000', None), None)
    """
    if found := _BETWEEN.fullmatch(words):
        return found.group(1).strip(), found.group(2).strip()
    if found := _BELOW.fullmatch(words):
        return None, found.group(1).strip()
    if found := _ABOVE.fullmatch(words):
        return (found.group(1) or found.group(2)).strip(), None
    return None
