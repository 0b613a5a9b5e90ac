"""What only the whole of a column of numbers can tell: stand-ins for “no value”, per cent among parts, odd sizes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.errors import rows_in_words
from gbf_workbench.preparation import numerals
from gbf_workbench.preparation.quantities import is_share, whole

if TYPE_CHECKING:
    from gbf_workbench.preparation.columns import Column

#: A number such as 999 is taken for real where others of its column come near it.
_NEAR = 1 / 3
#: Below this no percentage of a column speaks against parts of one beside it.
_SURELY_PERCENT = 10
#: Years that plans and budgets look ahead.
_AHEAD = 30


def settle(column: Column, numbers: np.ndarray) -> None:
    """Decide on numbers that can stand for “no value” but can well be true; ``numbers`` is filled in."""
    if not column.doubtful:
        return
    others = numbers[~np.isnan(numbers)]
    for at, raw in column.doubtful.items():
        column.at = at
        number = column.scaled(raw)
        if _looks_odd(column, number, others):
            column.ask_what_is_meant()
            continue
        reading = column.within(number)
        if reading is not None and column.field.type == "integer":
            reading = whole(column, reading)
        if reading is None:
            continue
        places = column.findings.different.places_of(at)
        numbers[places] = reading
        if raw > 0 and not len(others) and len(column.doubtful) == 1 and len(places) == 1:
            column.findings.say("flag", "check.perhaps_stand_in", at)


def _looks_odd(column: Column, number: float, others: np.ndarray) -> bool:
    """Whether a number stands apart from all others of its column as a stand-in does."""
    if number < 0:
        low = column.field.minimum
        if low is not None:
            return number < low
        # One negative number among whole ones above zero; parts of one can well change their sign.
        return len(others) > 1 and others.min() >= 1
    if not len(others):
        return any(len(column.findings.different.places_of(at)) > 1 for at in column.doubtful)
    return bool(np.abs(others).max() < number * _NEAR)


def may_be_percent(column: Column, reading: float) -> bool:
    """Whether a part above the whole could be written as per cent."""
    top = column.field.maximum
    return column.field.format == "fraction" and top is not None and top <= 1 and reading <= 100 * top


def say_of_shares(column: Column, numbers: np.ndarray) -> None:
    """Parts of a whole written in two ways in one column, or in the way the column is not meant for."""
    one = column.field
    known = numbers[~np.isnan(numbers)]
    fractions = one.format == "fraction"
    if not is_share(one) or not len(known) or (fractions and known.max() <= 1):
        return
    signed = np.zeros(len(numbers), dtype=bool)
    for at in column.signed:
        signed[column.findings.different.places_of(at)] = True
    with np.errstate(invalid="ignore"):
        if fractions:
            small, large = (numbers > 0) & (numbers <= 1) & ~signed, numbers > 1
            large &= numbers > (one.maximum if one.maximum is not None else np.inf)
        else:
            small, large = (numbers > 0) & (numbers <= 1) & ~signed, (numbers > 1) | (signed & (numbers > 0))
    answered = one.name in column.mapping.units
    if fractions and large.any():
        key = "share_mixed" if small.any() else "share_in_percent"
        _say(column, "error", key, large, small, numbers)
        numbers[large] = np.nan
    elif not fractions and not answered and small.any() and (numbers[small] < 1).any():
        if large.any() and numbers[large].max() > _SURELY_PERCENT:
            _say(column, "error", "share_mixed", large, small, numbers)
        elif not large.any() and small.sum() > 2:
            _say(column, "question", "share_in_fractions", large, small, numbers)


def _say(column: Column, level: str, key: str, large: np.ndarray, small: np.ndarray, numbers: np.ndarray) -> None:
    rows = column.findings.rows
    told = small if small.any() else large
    values = {
        "field": column.field.name, "small_rows": rows_in_words(rows[small].tolist()),
        "large_rows": rows_in_words(rows[large].tolist()),
        "small": numerals.as_text(float(numbers[small][0])) if small.any() else "",
        "large": numerals.as_text(float(numbers[large][0])) if large.any() else "",
    }  # fmt: skip
    shown = numerals.as_text(float(numbers[told][0]))
    column.findings.say_of_all(level, f"check.{key}", rows[small | large], shown, **values)


def say_of_soft_limits(column: Column, numbers: np.ndarray) -> None:
    """Numbers that are possible but worth a second look."""
    one = column.field
    with np.errstate(invalid="ignore"):
        if one.soft_minimum is not None and (low := numbers < one.soft_minimum).any():
            negative = one.unit == "currency" and one.soft_minimum == 0
            key = "negative_amounts" if negative else "below_usual"
            values = {"total": float(numbers[low].sum())} if negative else {}
            _flag(column, key, low, numbers, limit=numerals.as_text(one.soft_minimum), **values)
        if one.soft_maximum is not None and (high := numbers > one.soft_maximum).any():
            _flag(column, "above_usual", high, numbers, limit=numerals.as_text(one.soft_maximum))


def say_of_years(column: Column, numbers: np.ndarray) -> None:
    """Years that have not come yet, where the column tells of what was."""
    # A plan reaches some years ahead; far beyond them lie years of another calendar, such as 2080 in Nepal.
    last = date.today().year + (_AHEAD if column.field.future else 0)
    if (later := numbers > last).any():
        _flag(column, "future", later, numbers)


def _flag(column: Column, key: str, which: np.ndarray, numbers: np.ndarray, **values: object) -> None:
    rows = column.findings.rows[which]
    more = " …" if len(rows) > 1 else ""
    column.findings.say_of_all(
        "flag", f"check.{key}", rows, numerals.as_text(float(numbers[which][0])) + more, **values
    )
