"""The standard sentences around a number: interval, status, maturity, recipe, unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gbf_workbench.locales import direction, has_text, note, number, text
from gbf_workbench.results import Result

if TYPE_CHECKING:
    import pandas as pd

    from gbf_workbench.catalogue.specs import IndicatorSpec


def unit_key(unit: str) -> str:
    """The key under which the languages name a unit."""
    return f"units.{unit.replace('%', 'percent').replace(' ', '_')}"


def unit_shown(unit: str, language: str | None = None) -> str:
    """A unit as people write it: km² for km2, the index by its name, a currency with the year of its prices."""
    if ", prices of " in unit:
        currency, year = unit.split(", prices of ")
        return text("units.prices_of", language, unit=unit_shown(currency, language), year=year)
    key = unit_key(unit)
    return text(key, language) if has_text(key) else unit


def value_shown(row: Mapping[str, Any], language: str | None = None) -> str:
    """The number of a row, or the word for having none.

    The number has as many digits as its interval can bear where it has one.
    """
    if row["value_status"] not in ("measured", "estimated"):
        return text(f"status.{row['value_status']}", language)
    return number(row["value"], language, digits=digits_of(row))


def digits_of(row: Mapping[str, Any]) -> int | None:
    """Decimal places that make sense: an index has three, a small change as many as its size asks for."""
    size = abs(row["value"])
    if row["unit"].startswith("index") and size >= 0.01:
        return 3
    if 0 < size < 0.01:
        # Three digits that count, however small: a tiny number must not read as a measured zero.
        return min(15, 2 - math.floor(math.log10(size)))
    return 2 if row["unit"] == "%" else None


def interval_shown(row: Mapping[str, Any], language: str | None = None) -> str:
    """The interval of a row in words, empty where it has none."""
    if row["lower"] != row["lower"]:
        return ""
    low, high = (number(row[end], language, digits=digits_of(row)) for end in ("lower", "upper"))
    return text("wording.interval", language, low=low, high=high)


def headline(result: Result, language: str | None = None) -> str:
    """The newest national number in one line: value, unit, interval, year; or why there is none."""
    return headline_of(result.spec, result.data, language)


def headline_of(spec: IndicatorSpec, data: pd.DataFrame, language: str | None = None) -> str:
    """As ``headline``, for rows that were read from a file."""
    totals = data[(data["disaggregation_type"] == "") & (data["unit"] == spec.unit)]
    if totals.empty:
        return text("wording.no_total", language)
    row = totals.sort_values("year").iloc[-1].to_dict()
    value, year = value_shown(row, language), str(row["year"])
    more = interval_shown(row, language)
    if row["value_status"] not in ("measured", "estimated"):
        return text("wording.headline_without", language, status=value, year=year)
    return (
        text("wording.headline", language, value=value, unit=unit_shown(row["unit"], language), year=year)
        + f" {more}".rstrip()
    )


def remark(result: Result, language: str | None = None) -> str:
    """What has to be said of the newest national number itself, such as that it was interpolated."""
    row = result.latest
    return note(row["note"], result.spec.slug, language) if row else ""


def confidence_shown(result: Result, language: str | None = None) -> str:
    """What the interval is, or why there is none."""
    return result.spec.said("uncertainty.text", language)


def maturity_shown(maturity: str, language: str | None = None) -> str:
    """How well the method is checked, in a word."""
    return text(f"maturity.{maturity}", language)


def maturity_word(maturity: str, language: str | None = None) -> str:
    """How well the method is checked, in one word."""
    return text(f"catalogue.maturities.{maturity.replace('-', '_')}", language)


def setting_shown(spec: IndicatorSpec, name: str, value: Any, language: str | None = None) -> str:
    """The value of a setting as its meaning in words where it was chosen from a list."""
    if isinstance(value, list | tuple):
        return "; ".join(setting_shown(spec, name, one, language) for one in value)
    key = f"indicators.{spec.slug}.parameters.{name}.choices.{value}"
    if has_text(key):
        return text(key, language)
    return number(value, language) if isinstance(value, float) else str(value)


def maturity_line(result: Result, language: str | None = None) -> str:
    """Code, country, maturity and recipe on one line: what stands under every figure and table."""
    # In a line that runs from right to left, marks keep code and recipe in one piece.
    mark = "\u200e" if direction(language) == "rtl" else ""
    return text(
        "wording.under", language, code=f"{mark}{result.spec.code}{mark}", area=result.provenance.area or "–",
        maturity=maturity_word(result.spec.maturity, language), recipe=f"{mark}{result.recipe}{mark}",
    )  # fmt: skip
