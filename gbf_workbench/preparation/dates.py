"""Reading dates and years: the order of day and month is found from the whole column, never guessed from one cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from gbf_workbench.preparation import numerals
from gbf_workbench.preparation.texts import WORDS

if TYPE_CHECKING:
    from gbf_workbench.preparation.columns import Column
    from gbf_workbench.preparation.schema import Field

#: Days that a spreadsheet counts as numbers: 1954 to 2119.
_SERIALS = (20_000, 80_000)
_CLOCK = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
#: An hour other than midnight of a clock that stands nowhere else.
_HOUR = re.compile(r"[T ](?!0{1,2}:00(?::00(?:\.0+)?)?(?:Z|UTC|[+-]00:?00)?$)\d{1,2}:\d{2}")
_YEAR_FIRST = re.compile(rf"(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})日?{_CLOCK}")
_COMPACT = re.compile(r"((?:1[6-9]|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})\s*[-/. ]\s*(\d{{1,2}})\s*[-/. ]\s*(\d{{4}}){_CLOCK}")
_TWO_DIGITS = re.compile(r"\d{1,2}\s*[-/. ]\s*(?:\d{1,2}|[^\W\d_]{3,})\s*[-/. ,]\s*'?\d{2}")
_DAY_WORD = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.)?[\s-]+(?:de\s+)?([^\W\d_]+)\.?,?[\s-]+(?:de\s+|del\s+)?(\d{4})(?:\s*г\.?)?"
)
_WORD_DAY = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_MONTHS = (
    "january jan janvier janv enero ene января январь янв يناير",
    "february feb fevrier fevr fev febrero февраля февраль фев فبراير",
    "march mar mars marzo марта март мар مارس",
    "april apr avril avr abril abr апреля апрель апр أبريل ابريل",
    "may mai mayo мая май مايو",
    "june jun juin junio июня июнь июн يونيو",
    "july jul juillet juil julio июля июль июл يوليو",
    "august aug aout agosto ago августа август авг أغسطس اغسطس",
    "september sep sept septembre septiembre setiembre сентября сентябрь сен سبتمبر",
    "october oct octobre octubre октября октябрь окт أكتوبر اكتوبر",
    "november nov novembre noviembre ноября ноябрь ноя نوفمبر",
    "december dec decembre diciembre dic декабря декабрь дек ديسمبر",
)
_MONTH_OF = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}

#: Years of the Solar Hijri (from 1900) and Hijri calendars, and of the Buddhist one (543 ahead).
_OTHER_CALENDARS = ((1279, 1490), (2443, 2643))
#: Days that programs write where a date is empty: the first that spreadsheets and computers count.
_EMPTY_DAYS = {date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1904, 1, 1), date(1970, 1, 1)}
#: Years a column can be about; as the number of a day each lies in 1905.
_YEARS = (1800, 2100)
_DAY_ZERO = date(1899, 12, 30)
_NEAR_YEARS = 5
#: No day of any table lies beyond.
_LAST_YEAR = 2100
_SPAN = re.compile(r"(\d{4})\s*(?:[-–—‑/]|to|à|a|до|至|إلى)\s*(\d{4})")
_SHORT_SPAN = re.compile(r"(\d{4})\s*[-–—‑/]\s*(\d{2})")
_DECADE = re.compile(r"(?:the\s+|années\s+|años\s+|década de\s+)?(\d{3}0)(?:\s*['’]?s|-е|年代)?")
_ABOUT = re.compile(
    r"(?:c\.?|ca\.?|circa|about|approx\.?|around|vers|env\.?|environ|hacia|около|约|حوالي|~|≈)\s*(\d{4})"
)
_BEFORE = re.compile(r"(?:(<)|(≤|<=)|before|pre|avant|antes\s+de|до|قبل)\s*(\d{4})", re.IGNORECASE)
_ISO_DAY = r"(\d{4})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ].*)?"
_WITH_WORD = re.compile(r"(\d{4})\s*(?:年|г\.?|год)")
_FISCAL = re.compile(r"(?:FY|fiscal year|exercice|ejercicio|AF)?\s*(\d{4})\s*[-–—‑/]\s*(\d{2}|\d{4})", re.IGNORECASE)
_FISCAL_SHORT = re.compile(r"(?:FY|AF)\s*['’]?(\d{4}|\d{2})", re.IGNORECASE)


# -- Dates -------------------------------------------------------------------------------------------------------


def order_of(texts: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """The order of day and month that the dates of a column prove, and examples of what proves it.

    Returns
    -------
    str
        ``dmy`` or ``mdy``; ``both`` where the column contradicts itself; empty where nothing proves either.
    tuple of str
        One text for each order that is proved.

    >>> order_of(["03/04/2020", "13/04/2020"]), order_of(["03/04/2020"])[0], order_of(["13/4/2020", "4/13/2020"])[0]
    (('dmy', ('13/04/2020',)), '', 'both')
    """
    proof: dict[str, str] = {}
    for words in texts:
        if found := _YEAR_LAST.fullmatch(words.strip()):
            first, second = int(found.group(1)), int(found.group(2))
            if first > 12 >= second >= 1:
                proof.setdefault("dmy", words)
            elif second > 12 >= first >= 1:
                proof.setdefault("mdy", words)
    order = "both" if len(proof) > 1 else next(iter(proof), "")
    return order, tuple(proof.values())


def read_date(column: Column, tidy: Any) -> date | None:
    """A date from a cell of any kind."""
    if isinstance(tidy, datetime):
        return _whole_day(column, tidy.date(), tidy.time().replace(microsecond=0) != time())
    if isinstance(tidy, date):
        return _within(column, tidy)
    if isinstance(tidy, bool | time | timedelta):
        return column.refuse("not_a_date")
    if isinstance(tidy, int | float) or re.fullmatch(r"\d{5}(?:\.\d+)?", str(tidy)):
        return _serial(column, float(tidy))
    said = str(tidy)
    if (parts := _unmistakable(said)) is not None:
        return _made(column, *parts, has_hour=bool(_HOUR.search(said)))
    if found := _YEAR_LAST.fullmatch(said):
        return _ordered(column, said, *(int(part) for part in found.groups()))
    if _TWO_DIGITS.fullmatch(said):
        return column.refuse("two_digit_year")
    if column.stands_in(said, WORDS):
        return column.ask_what_is_meant()
    return column.refuse("not_a_date")


def _whole_day(column: Column, day: date, has_hour: bool) -> date | None:
    """The day as it is written; an hour, and the zone it is counted in, is left out and that is said."""
    if has_hour and not column.findings.repair("check.time_left_out", column.at, day, meant=str(day)):
        return column.refuse("not_a_date")
    said = column.findings.different.values[column.at]
    if isinstance(said, str) and numerals.has_other_digits(said):
        column.findings.repair("check.other_digits", column.at, day, meant=str(day))
    return _within(column, day)


def _unmistakable(said: str) -> tuple[int, int, int] | None:
    """Year, month and day of a text that can be read in one way only."""
    if found := _YEAR_FIRST.fullmatch(said) or _COMPACT.fullmatch(said):
        year, month, day = found.groups()
        return int(year), int(month), int(day)
    for form, at in ((_DAY_WORD, (3, 2, 1)), (_WORD_DAY, (3, 1, 2))):
        if (found := form.fullmatch(said)) and (month := _month(found.group(at[1]))):
            return int(found.group(at[0])), month, int(found.group(at[2]))
    return None


def _month(word: str) -> int | None:
    lower = word.casefold()
    bare = "".join(one for one in unicodedata.normalize("NFD", lower) if unicodedata.category(one) != "Mn")
    return _MONTH_OF.get(lower) or _MONTH_OF.get(bare)


def _ordered(column: Column, said: str, first: int, second: int, year: int) -> date | None:
    """A date whose day and month stand before its year, in the order of the column."""
    order = column.mapping.date_order if column.mapping.date_order != "ymd" else ""
    if first == second:
        return _made(column, year, first, second)
    if not order and column.date_order[0] == "both":
        return column.refuse("date_orders_mixed", examples=", ".join(column.date_order[1]))
    order = order or column.date_order[0]
    if order:
        month, day = (second, first) if order == "dmy" else (first, second)
        made = _made(column, year, month, day)
        if made is not None and not column.findings.repair("check.date_order_found", column.at, made, meant=str(made)):
            return column.refuse("not_a_date")
        return made
    if max(first, second) > 12 or min(first, second) < 1 or year < 1:
        return column.refuse("not_a_date")
    readings = sorted({date(year, second, first), date(year, first, second)})
    values = {"one": str(readings[0]), "other": str(readings[-1])}
    return column.refuse("date_ambiguous", "question", **values)


def _made(column: Column, year: int, month: int, day: int, *, has_hour: bool = False) -> date | None:
    try:
        return _whole_day(column, date(year, month, day), has_hour)
    except ValueError:
        return column.refuse("not_a_date")


def _serial(column: Column, number: float) -> date | None:
    """A date that a spreadsheet keeps as the number of its day."""
    if not _SERIALS[0] <= number <= _SERIALS[1]:
        if column.stands_in(numerals.as_text(number), {"-9", "-99", "-999", "-9999", "0"}):
            return column.ask_what_is_meant()
        return column.refuse("not_a_date")
    # Day 60 of the usual count is a 29 February 1900 that never was; all numbers taken here lie behind it.
    start = date(1904, 1, 1) if column.source.counts_from_1904 else _DAY_ZERO
    meant = start + timedelta(days=int(number))
    if not column.findings.repair("check.date_serial", column.at, meant, meant=str(meant)):
        return column.refuse("not_a_date")
    return _within(column, meant)


def _within(column: Column, reading: date) -> date | None:
    if _of_another_calendar(reading.year):
        return column.refuse("other_calendar")
    if reading in _EMPTY_DAYS and not column.settled and not _holds_year(column, reading.year):
        return column.ask_what_is_meant()
    if column.field.maximum is None and reading.year > _LAST_YEAR:
        return column.refuse("above_maximum", limit=f"{_LAST_YEAR}-12-31")
    for limit, key, beyond in (
        (column.field.minimum, "below_minimum", lambda edge: reading < edge),
        (column.field.maximum, "above_maximum", lambda edge: reading > edge),
    ):
        if limit is not None and beyond(date.fromisoformat(str(limit))):
            return column.refuse(key, limit=str(limit))
    if reading > date.today() and not column.field.future:
        column.findings.say("flag", "check.future", column.at)
    return reading


def _holds_year(column: Column, year: int) -> bool:
    """Whether another date of the column lies near this year, so that its first day can well be meant."""
    others = (one for at, one in enumerate(column.findings.different.values) if at != column.at)
    years = (int(found.group()) for one in others if (found := re.search(r"(?<!\d)[12]\d{3}(?!\d)", str(one))))
    return any(abs(other - year) <= _NEAR_YEARS for other in years)


# -- Years -------------------------------------------------------------------------------------------------------


def read_year(column: Column, tidy: Any) -> int | None:
    """A year of four digits; a span, a decade or a fiscal year where the column is meant to hold them."""
    said = numerals.as_text(tidy)
    if meant := _year_shown_as_day(column, tidy):
        return column.refuse("year_as_day", "question", meant=meant)
    if meant := _day_kept_as_number(column, tidy):
        return column.refuse("day_as_year", meant=meant)
    if numerals.is_year(tidy) and not (int(float(tidy)) == 9999 and column.stands_in("9999", {"9999"})):
        year = int(float(tidy))
        if _of_another_calendar(year) and not _is_possible(column.field, year):
            return column.refuse("other_calendar")
        if numerals.has_other_digits(said):
            column.findings.repair("check.other_digits", column.at, year, meant=str(year))
        return column.within(year)
    if (found := _WITH_WORD.fullmatch(said)) and not isinstance(tidy, date):
        return column.within(int(found.group(1)))
    if found := _ABOUT.fullmatch(said):
        year = int(found.group(1))
        made = column.findings.repair("check.about_year", column.at, year, meant=str(year))
        return column.within(year) if made else column.refuse("not_a_year")
    if year := _year_of_date(said, column.source.column):
        made = column.findings.repair("check.year_of_date", column.at, year, meant=str(year))
        return column.within(year) if made else column.refuse("not_a_year")
    fiscal = column.field.format == "fiscal_year" or column.mapping.fiscal_year
    if fiscal and (ends := _fiscal_years(said)):
        return _fiscal(column, *ends)
    if ends := _span(said):
        return _period(column, *ends)
    if column.field.period_end and (found := _BEFORE.fullmatch(said)):
        return _not_later(column, int(found.group(3)) - (0 if found.group(2) else 1))
    if re.fullmatch(r"['’]?\d{2}", said) or (_SHORT_SPAN.fullmatch(said) and not isinstance(tidy, date)):
        return column.refuse("two_digit_year")
    stands_in = column.stands_in(said, WORDS | {"-9", "-99", "-999", "-9999", "-99999", "9999", "0"})
    return column.ask_what_is_meant() if stands_in else column.refuse("not_a_year")


def _year_shown_as_day(column: Column, tidy: Any) -> str:
    """The year that a spreadsheet shows as a day of 1905 because its cell has the format of a date, or nothing."""
    if isinstance(tidy, datetime):
        day: date | None = tidy.date()
    elif isinstance(tidy, date):
        day = tidy
    else:
        parts = _unmistakable(tidy) if isinstance(tidy, str) else None
        try:
            day = date(*parts) if parts else None
        except ValueError:
            return ""
    if day is None or day.year != 1905 or column.source.counts_from_1904:
        return ""
    year = (day - _DAY_ZERO).days
    return str(year) if _YEARS[0] <= year <= _YEARS[1] else ""


def _day_kept_as_number(column: Column, tidy: Any) -> str:
    """The day that a number of five digits stands for in a spreadsheet, or nothing."""
    said = numerals.as_text(tidy)
    if isinstance(tidy, bool | date) or not re.fullmatch(r"\d{5}", said, re.ASCII):
        return ""
    number = int(said)
    start = date(1904, 1, 1) if column.source.counts_from_1904 else _DAY_ZERO
    return str(start + timedelta(days=number)) if _SERIALS[0] <= number <= _SERIALS[1] else ""


def _of_another_calendar(year: int) -> bool:
    """Whether a year is one of our time in a calendar whose years are counted otherwise.

    >>> [_of_another_calendar(year) for year in (2563, 1441, 1399, 2020)]
    [True, True, True, False]
    """
    return any(first <= year <= last for first, last in _OTHER_CALENDARS)


def _is_possible(one: Field, year: int) -> bool:
    return (one.minimum is None or year >= one.minimum) and (one.maximum is None or year <= one.maximum)


def _year_of_date(said: str, written: str) -> int:
    """The year of a whole date, or of a month where the column says that it holds months; 0 for anything else.

    >>> _year_of_date("2019-05-03", "date"), _year_of_date("2010-12", "yearmonth"), _year_of_date("2010-12", "year")
    (2019, 2010, 0)
    """
    whole, month = re.fullmatch(_ISO_DAY, said), re.fullmatch(r"(\d{4})-?(0[1-9]|1[0-2])", said)
    found = whole or (month if re.search("month|mois|mes", written.casefold()) else None)
    return int(found.group(1)) if found else 0


def _span(said: str) -> tuple[int, int] | None:
    """First and last year of a span or a decade."""
    if found := _SPAN.fullmatch(said):
        return int(found.group(1)), int(found.group(2))
    if (found := _DECADE.fullmatch(said)) and found.group(1) != said:
        return int(found.group(1)), int(found.group(1)) + 9
    return None


def _period(column: Column, first: int, last: int) -> int | None:
    if not column.field.period_end:
        return column.refuse("year_span", first=str(first), last=str(last))
    if first > last:
        return column.refuse("not_a_year")
    both = f"{first}–{last}"
    if not column.findings.repair("check.period_read", column.at, both, first=str(first), last=str(last)):
        return column.refuse("not_a_year")
    column.put(column.field.period_end, last)
    return column.within(first)


def _not_later(column: Column, last: int) -> None:
    """A year known by its end only: the column itself stays empty."""
    if not column.findings.repair("check.before_year", column.at, str(last), last=str(last)):
        return column.refuse("not_a_year")
    column.put(column.field.period_end, last)
    return None


def _fiscal_years(said: str) -> tuple[int, int] | None:
    """The two calendar years that a fiscal year touches.

    >>> _fiscal_years("2020/21"), _fiscal_years("FY21"), _fiscal_years("2020-2021"), _fiscal_years("2018-2020")
    ((2020, 2021), (2020, 2021), (2020, 2021), None)
    """
    if found := _FISCAL.fullmatch(said):
        first, last = int(found.group(1)), found.group(2)
        second = int(last) if len(last) == 4 else first - first % 100 + int(last)
        second += 100 if second < first else 0
        return (first, second) if second == first + 1 else None
    if found := _FISCAL_SHORT.fullmatch(said):
        year = found.group(1)
        ends = int(year) if len(year) == 4 else 2000 + int(year)
        return ends - 1, ends
    return None


def _fiscal(column: Column, first: int, second: int) -> int | None:
    if not column.mapping.fiscal_year:
        return column.refuse("fiscal_year", first=str(first), second=str(second))
    year = first if column.mapping.fiscal_year == "first" else second
    if not column.findings.repair("check.fiscal_year_read", column.at, year, meant=str(year)):
        return column.refuse("not_a_year")
    return column.within(year)
