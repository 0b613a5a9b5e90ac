"""Reading a column of countries: codes stay, one country's name becomes its code, everything else is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gbf_workbench.errors import rows_in_words
from gbf_workbench.preparation import numerals
from gbf_workbench.preparation.countries import CountryReading, country_name, country_reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gbf_workbench.preparation.columns import Column

#: The code list that stands for these readings in a schema.
LIST = "countries"


def read_country(column: Column, said: str, stand_ins: Iterable[str]) -> str | None:
    """The alpha-3 code of the country a cell means; refused where that is not beyond doubt.

    Parameters
    ----------
    column : Column
    said : str
        The cell as text.
    stand_ins : iterable of str
        What people write for “no value”; of these “na” is looked at by itself, for it is Namibia's code too.
    """
    said = str(column.classes.get(said, said))
    if said.casefold() == "na" and not column.settled and not _has_codes_of_two_letters(column):
        return column.refuse("country_na", "question", field=column.field.name)
    found = country_reading(said)
    if found.kind == "code":
        return found.code
    if found.kind == "converted":
        converted = column.findings.repair("check.country_converted", column.at, found.code)
        return found.code if converted else said
    if set(column.findings.rows_of(column.at)) <= set(column.mapping.keep_rows):
        # Somebody looked at these rows and wants them as they are, such as money that went to a region.
        return said
    if found.kind == "unknown" and column.stands_in(said, stand_ins):
        return column.ask_what_is_meant()
    return _refused(column, said, found)


def _has_codes_of_two_letters(column: Column) -> bool:
    """Whether the other cells of the column are alpha-2 codes."""
    others = {str(one).strip() for one in column.findings.different.values if isinstance(one, str)}
    others = {one for one in others if one.casefold() != "na"}
    of_two = [one for one in others if len(one) == 2 and country_reading(one).kind == "converted"]
    return 2 * len(of_two) > len(others)


def _refused(column: Column, said: str, found: CountryReading) -> None:
    named = [_named(code) for code in found.candidates]
    code = found.candidates[0] if len(named) == 1 else "…"
    values = {"field": column.field.name, "choices": ", ".join(named), "code": code}
    if found.kind == "look_alike":
        letters = " ".join(sorted({letter for letter in said if letter.isalpha() and not letter.isascii()}))
        return column.refuse("look_alike", meant=found.candidates[0], letters=letters)
    if found.kind == "former" and len(named) == 1:
        if beside := _rows_of_country(column, found.candidates[0]):
            return column.refuse("country_former_twice", **values, beside=rows_in_words(beside))
        return column.refuse("country_former", **values)
    if found.kind == "former":
        return column.refuse("country_split", **values)
    if found.kind in ("shared", "group"):
        rows = ", ".join(map(str, column.findings.rows_of(column.at)[:12]))
        return column.refuse(f"country_{found.kind}", **values, rows=rows)
    return column.refuse("country_unknown" if named else "country_not_known", **values)


def _rows_of_country(column: Column, code: str) -> tuple[int, ...]:
    """Rows of the column that mean this country beyond doubt."""
    rows: set[int] = set()
    for at, one in enumerate(column.findings.different.values):
        if one is not None and country_reading(numerals.as_text(one)).code == code:
            rows |= set(column.findings.rows_of(at))
    return tuple(sorted(rows))


def _named(code: str) -> str:
    name = country_name(code)
    return code if name == code else f"{code} ({name})"
