"""What may be entered into a cell: the list or the limits that a spreadsheet holds it to, and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gbf_workbench.locales import number, text
from gbf_workbench.preparation.code_lists import code_list
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.schema import Field

if TYPE_CHECKING:
    from openpyxl.worksheet.datavalidation import DataValidation

YES_NO = ("yes", "no")
#: Spreadsheet programs refuse a file whose texts for a check are longer.
LONGEST_TITLE, LONGEST_MESSAGE = 32, 255
#: Longer lists are named by their title.
_MOST_NAMED = 30


def choices_for(one: Field) -> tuple[str, ...]:
    """Values to choose from, if there is a list of them."""
    if one.type == "boolean":
        return YES_NO
    return (*one.enum, *(code_list(one.codes).values if one.codes else ()))


def entry_check(one: Field, choices_at: str, language: str | None) -> DataValidation | None:
    """The check of a column; ``choices_at`` is where the values of its list stand, if it has one."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if choices_at:
        check = DataValidation(type="list", formula1=choices_at, allow_blank=True)
        said = text("templates.error.list", language)
    elif one.type in ("string", "date") or _takes_more_than_numbers(one):
        # Dates come in many forms, and the check of the table reads them all.
        return None
    else:
        low, high = (1000, 9999) if one.type == "year" else (None, None)
        low = low if one.minimum is None else one.minimum
        high = high if one.maximum is None else one.maximum
        operator, first, second = _bounds(low, high)
        kind = "decimal" if one.type == "number" else "whole"
        check = DataValidation(type=kind, operator=operator, formula1=first, formula2=second, allow_blank=True)
        said = text(f"templates.error.{one.type}", language, allowed=_range(one, language))
    check.errorTitle = text("templates.error.title", language)[:LONGEST_TITLE]
    check.error = said[:LONGEST_MESSAGE]
    check.showErrorMessage = True
    return check


def _takes_more_than_numbers(one: Field) -> bool:
    """Whether ranges (50-100), spans (2018-2020) or fiscal years (2020/21) may be typed where numbers are."""
    return bool(one.bounds or one.period_end or one.format == "fiscal_year")


def _bounds(low: float | None, high: float | None) -> tuple[str, str, str | None]:
    if low is not None and high is not None:
        return "between", as_text(low), as_text(high)
    if high is not None:
        return "lessThanOrEqual", as_text(high), None
    # A check needs a bound; this one lets every number pass and no text.
    return "greaterThanOrEqual", "-1E+300" if low is None else as_text(low), None


def _range(one: Field, language: str | None) -> str:
    """The limits of a number in words, or what goes without saying where there are none."""

    def shown(limit: float) -> str:
        return as_text(limit) if one.type == "year" else number(limit, language)

    if one.minimum is not None and one.maximum is not None:
        return text("templates.from_to", language, low=shown(one.minimum), high=shown(one.maximum))
    if one.minimum is not None:
        return text("templates.from", language, low=shown(one.minimum))
    if one.maximum is not None:
        return text("templates.to", language, high=shown(one.maximum))
    return text("templates.any_year" if one.type == "year" else "templates.error.any", language)


def allowed_words(one: Field, language: str | None) -> str:
    """Kind and limits of a column's values, or the list of them."""
    choices = choices_for(one)
    if len(choices) > _MOST_NAMED:
        return text("templates.from_list", language, name=code_list(one.codes).title)
    if choices:
        return ", ".join(choices)
    kind = text(f"templates.kind.{one.type}", language)
    limited = one.minimum is not None or one.maximum is not None
    return f"{kind}, {_range(one, language)}" if limited else kind
