"""From the cells of one column to values of its type; what is wrong with them is gathered by kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.preparation import numerals
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import Field
from gbf_workbench.preparation.sheets import NO_RESULT
from gbf_workbench.preparation.tables import WHITE_SPACE, visible

DTYPES = {"string": "str", "integer": "Int64", "year": "Int64", "number": "Float64", "boolean": "boolean"}
_YES_NO = {
    "yes": True, "true": True, "oui": True, "sí": True, "si": True, "نعم": True,
    "no": False, "false": False, "non": False, "لا": False,
}  # fmt: skip
_SPREADSHEET_ERRORS = {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"}
#: Numbers that stand for "no value" in many files; those that can well be true are used and said.
_STAND_INS, _PERHAPS = {"-99", "-999", "-9999", "-99999"}, {"999", "9999", "99999", "999999"}
_MARKS = {"-", "--", "–", "—", ".", "..", "...", "?", "n/a", "#n/a", "null"}
_WORDS = _MARKS | {"n.d.", "n.a.", "nd", "n/d", "s/d", "s.d.", "nil", "none", "nan", "unknown"}
#: Names of rows that add up the others.
_TOTALS = {
    "total", "totals", "subtotal", "sub-total", "grand total", "all", "all groups", "sum", "world", "totaux",
    "sous-total", "total général", "somme", "ensemble", "monde", "totales", "total general", "todos", "suma", "mundo",
    "المجموع", "الإجمالي", "العالم", "итого", "всего", "总计", "合计", "小计",
}  # fmt: skip
#: Cyrillic and Greek letters that look like Latin ones.
_LOOK_ALIKES = str.maketrans("АВСЕНІЈКМОРЅТХУасеіјорѕхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABCEHIJKMOPSTXYaceijopsxyABEZHIKMNOPTYX")
#: Beyond these whole numbers, and identifiers stored as numbers, lose their last digits.
_MOST_WHOLE, _MOST_DIGITS = 2**53, 10**15
_MOST_APART = 50


def convert(
    cells: pd.Series, one: Field, mapping: TableMapping, column: str, issues: list[Issue], *, is_key: bool = False
) -> pd.Series:
    """One column as its type; what cannot be converted becomes missing and an issue.

    Each different cell is looked at once, so a long column costs what its different values cost.
    """
    keys = [_key(value) for value in cells]
    rows_of: dict[Any, tuple[Any, list[int]]] = {}
    for key, row, value in zip(keys, cells.index, cells, strict=True):
        rows_of.setdefault(key, (None if key is None else value, []))[1].append(int(row))
    reader = _Column(one, mapping, rows_of, names_rows=is_key or one.required)
    meaning = {key: reader.read(key, value) for key, (value, _) in rows_of.items()}
    if one.required:
        for key in reader.blank:
            reader.say("error", "check.required", key)
    issues += reader.issues(column)
    out = pd.Series([meaning[key] for key in keys], index=cells.index, dtype=object)
    return out.astype(DTYPES[one.type])


def _key(value: Any) -> Any:
    """What tells one cell from another: 1, 1.0 and True are equal to Python but not to a reader of the file."""
    if isinstance(value, str):
        return value if visible(value).strip() else None
    if value is None:
        return None
    if not isinstance(value, int | float | date | time | timedelta):
        return (type(value).__name__, repr(value))
    return None if value != value else (type(value).__name__, value)


class _Column:
    """Reads the different values of one column, gathering what is to be said by kind."""

    def __init__(self, one: Field, mapping: TableMapping, rows_of: dict, *, names_rows: bool) -> None:
        self.field, self.rows_of, self.names_rows = one, rows_of, names_rows
        self.classes = {visible(str(k)): v for k, v in mapping.classes.get(one.name, {}).items()}
        self.missing = mapping.missing.get(one.name)
        self.known = {value.casefold(): value for value in one.enum}
        self.known.update({str(k).casefold(): v for k, v in one.synonyms.items()})
        texts = [visible(value) for value, _ in rows_of.values() if isinstance(value, str)]
        self.mark = mapping.decimal_mark or numerals.decimal_mark(WHITE_SPACE.sub(" ", words) for words in texts)
        self.found: dict[tuple[str, str], list[tuple[Any, dict[str, Any]]]] = {}
        self.key: Any = None
        self.blank: list[Any] = []

    def say(self, level: str, issue: str, key: Any, **values: Any) -> None:
        self.found.setdefault((level, issue), []).append((key, values))

    def read(self, key: Any, value: Any) -> Any:
        """The value of one cell, or None."""
        if key is None:
            return self.blank.append(key)
        self.key = key
        if value is NO_RESULT:
            return self.refuse("formula_without_value")
        tidy = self._tidy(value) if isinstance(value, str) else value
        if isinstance(tidy, str) and tidy in _SPREADSHEET_ERRORS and tidy not in (self.missing or ()):
            return self.refuse("error_value")
        if self.missing and numerals.as_text(tidy) in self.missing:
            return self.blank.append(key)
        return self._by_type()(tidy)

    def refuse(self, issue: str, level: str = "error", **values: Any) -> None:
        """Say what is wrong with the cell at hand; it counts as missing."""
        self.say(level, f"check.{issue}", self.key, **values)

    def _tidy(self, value: str) -> str:
        seen = visible(value)
        tidy = WHITE_SPACE.sub(" ", seen).strip(" ")
        if self.field.type == "string":
            if seen != value:
                self.say("repair", "check.unseen", self.key)
            if tidy != seen:
                self.say("repair", "check.trimmed", self.key)
        return tidy

    def _by_type(self) -> Callable[[Any], Any]:
        readers = {"string": self._string, "boolean": self._boolean, "number": self._number, "year": self._year}
        return readers.get(self.field.type, self._integer)

    def _stands_in(self, said: str, words: set[str]) -> bool:
        """Whether this is what people write for “no value”, and nobody has said what it means here."""
        return self.missing is None and said.casefold() in words

    def _ask_what_is_meant(self) -> None:
        return self.refuse("stand_in", "question", field=self.field.name)

    def _string(self, tidy: Any) -> str | None:
        if isinstance(tidy, date | time | timedelta):
            return self.refuse("date_in_text")
        said = str(tidy).lower() if isinstance(tidy, bool) else numerals.as_text(tidy)
        if self.classes:
            if said not in self.classes:
                return self.refuse("class_unknown")
            said = self.classes[said]
        if said in self.field.enum:
            return said
        meant = self.known.get(said.casefold())
        if meant is not None:
            self.say("repair", "check.synonym", self.key, meant=meant)
            return meant
        if self.field.enum:
            return self._not_in_list(said)
        if self.names_rows and self._stands_in(said, _MARKS):
            return self._ask_what_is_meant()
        if self.names_rows and said.casefold() in _TOTALS and len(self.rows_of) > 1:
            self.say("question", "check.total_row", self.key)
        return said

    def _not_in_list(self, said: str) -> None:
        if self._stands_in(said, _WORDS):
            return self._ask_what_is_meant()
        looks = self.known.get(said.translate(_LOOK_ALIKES).casefold())
        if looks is not None:
            letters = " ".join(sorted({letter for letter in said if letter.translate(_LOOK_ALIKES) != letter}))
            return self.refuse("look_alike", meant=looks, letters=letters)
        return self.refuse("not_in_list", choices=", ".join(self.field.enum))

    def _boolean(self, tidy: Any) -> bool | None:
        if isinstance(tidy, bool):
            return tidy
        said = str(tidy).casefold()
        if said not in _YES_NO and self._stands_in(said, _WORDS):
            return self._ask_what_is_meant()
        return _YES_NO[said] if said in _YES_NO else self.refuse("not_a_boolean")

    def _number(self, tidy: Any) -> float | None:
        if isinstance(tidy, bool | date | time | timedelta):
            return self.refuse("not_a_number")
        if isinstance(tidy, str):
            reading = numerals.read_number(tidy, self.mark)
            if reading is numerals.AMBIGUOUS:
                return self.refuse("ambiguous_number", "question")
        else:
            reading = numerals.finite(tidy)
        if reading is None:
            stands_in = self._stands_in(str(tidy), _WORDS)
            return self._ask_what_is_meant() if stands_in else self.refuse("not_a_number")
        if self._stands_in(numerals.as_text(reading), _STAND_INS):
            return self._ask_what_is_meant()
        if self._stands_in(numerals.as_text(reading), _PERHAPS):
            self.say("flag", "check.perhaps_stand_in", self.key)
        if isinstance(tidy, str):
            meant = repr(reading)
            if numerals.has_decimal_comma(tidy, self.mark):
                self.say("repair", "check.decimal_comma", self.key, meant=meant)
            elif numerals.has_thousands_mark(tidy, self.mark):
                self.say("repair", "check.thousands", self.key, meant=meant)
        return self._within(reading)

    def _year(self, tidy: Any) -> int | None:
        if not numerals.is_year(tidy):
            stands_in = self._stands_in(numerals.as_text(tidy), _WORDS | _STAND_INS)
            return self._ask_what_is_meant() if stands_in else self.refuse("not_a_year")
        return self._within(int(float(tidy)))

    def _integer(self, tidy: Any) -> int | None:
        reading = self._number(tidy)
        if reading is None:
            return None
        if not float(reading).is_integer():
            return self.refuse("not_an_integer")
        if abs(reading) > _MOST_WHOLE:
            return self.refuse("above_maximum", limit=str(_MOST_WHOLE))
        return int(reading)

    def _within(self, reading: Any) -> Any:
        low, high = self.field.minimum, self.field.maximum
        if low is not None and reading < low:
            return self.refuse("below_minimum", limit=numerals.as_text(low))
        if high is not None and reading > high:
            return self.refuse("above_maximum", limit=numerals.as_text(high))
        return reading

    def _identifiers(self) -> None:
        """Identifiers kept partly as numbers may have lost leading zeros; very long ones have lost digits."""
        cells = {k: v for k, (v, _) in self.rows_of.items() if k is not None and not isinstance(v, bool)}
        numbers = [key for key, value in cells.items() if isinstance(value, int | float)]
        texts = [value.strip() for value in cells.values() if isinstance(value, str)]
        zeros = any(re.fullmatch(r"0\d+", words) for words in texts)
        for key in numbers:
            if abs(cells[key]) >= _MOST_DIGITS:
                self.say("error", "check.digits_lost", key)
            elif zeros:
                self.say("error", "check.zeros_lost", key)
            elif texts:
                self.say("flag", "check.number_in_text", key)

    def issues(self, column: str) -> list[Issue]:
        """One line for each value that stops the calculation, one for each habit that was put right or is noted."""
        if self.field.type == "string" and self.names_rows and not self.field.enum:
            self._identifiers()
        said = []
        for (level, issue), cases in self.found.items():
            apart = _MOST_APART if level in ("error", "question") or issue == "check.synonym" else 1
            for group in [[case] for case in cases[: apart - 1]] + [cases[apart - 1 :]]:
                if group:
                    said.append(self._issue(level, issue, column, group))
        return said

    def _issue(self, level: str, issue: str, column: str, group: list[tuple[Any, dict[str, Any]]]) -> Issue:
        rows = tuple(sorted({row for key, _ in group for row in self.rows_of[key][1]}))
        shown = self.rows_of[group[0][0]][0]
        shown = "" if shown is None or shown is NO_RESULT else numerals.as_text(shown)
        more = " …" if len(group) > 1 else ""
        return Issue(level, issue, group[0][1], column=column, value=shown[:80] + more, rows=rows)
