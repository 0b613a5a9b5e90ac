"""From the cells of one column to values of its type; what is wrong with them is gathered by kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.preparation import dates, numerals, quantities, species_cells, stand_ins, texts
from gbf_workbench.preparation.findings import Different, Findings
from gbf_workbench.preparation.grid import NO_RESULT
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.plain_cells import PlainCells, plain_cells, scale
from gbf_workbench.preparation.schema import Field
from gbf_workbench.preparation.tables import WHITE_SPACE, visible
from gbf_workbench.preparation.text_bytes import as_arrow, coded

if TYPE_CHECKING:
    import pyarrow as pa

DTYPES = {
    "string": "str", "integer": "Int64", "year": "Int64", "number": "Float64", "boolean": "boolean",
    "date": "datetime64[s]",
}  # fmt: skip
_SPREADSHEET_ERRORS = {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
_READERS: dict[str, Callable[[Column, Any], Any]] = {
    "string": texts.read_text, "boolean": texts.read_boolean, "number": quantities.read_quantity,
    "integer": quantities.read_integer, "year": dates.read_year, "date": dates.read_date,
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """Where the cells of a field come from.

    Attributes
    ----------
    column : str
        The user's name of the column.
    mapping : TableMapping
    is_key : bool
        Whether the column tells the rows of the table from each other.
    unit : str
        The unit of its numbers, where it is not that of the schema.
    counts_from_1904 : bool
        Whether the workbook counts its days from 1904.
    """

    column: str
    mapping: TableMapping = field(default_factory=TableMapping)
    is_key: bool = False
    unit: str = ""
    counts_from_1904: bool = False


def convert(
    cells: pd.Series, one: Field, source: Source, issues: list[Issue], *, quick: bool = True
) -> dict[str, pd.Series]:
    """One column as its type; what cannot be converted becomes missing and an issue.

    Parameters
    ----------
    cells : Series
        Objects, or texts as pandas or Arrow keep them; the index is the row a spreadsheet shows.
    one : Field
    source : Source
    issues : list of Issue
        Is added to.
    quick : bool
        Whether plain cells are converted together; the values and findings are the same without.

    Returns
    -------
    dict of Series
        The field, and the fields that it fills beside itself (ends of a range, end of a period).
    """
    column = Column(one, source)
    arrow = as_arrow(cells)
    plain = PlainCells(np.zeros(len(cells), dtype=bool))
    if quick and not column.classes:
        plain = plain_cells(cells, arrow, one, column.missing, column.factor, source.mapping.decimal_mark)
    _decide(column, cells, arrow, plain)
    values = column.findings.different.values
    meaning = [column.read(at, value) for at, value in enumerate(values)]
    numbers = _numbers(column, meaning, plain, len(cells)) if one.type in ("number", "integer", "year") else None
    if numbers is not None and one.type != "year":
        stand_ins.settle(column, numbers)
        stand_ins.say_of_shares(column, numbers)
        stand_ins.say_of_soft_limits(column, numbers)
    elif numbers is not None:
        stand_ins.say_of_years(column, numbers)
    if one.required:
        for at in column.blank:
            column.findings.say("error", "check.required", at)
    if one.type == "string" and column.names_rows and not column.choices.values:
        texts.say_of_identifiers(column)
    issues += column.findings.issues()
    made = _typed_numbers(numbers, cells, one) if numbers is not None else _typed(column, meaning, cells, arrow)
    beside = {name: _beside(column, one, found, len(cells), cells.index) for name, found in column.extras.items()}
    return {one.name: made, **beside}


def _decide(column: Column, cells: pd.Series, arrow: pa.ChunkedArray | None, plain: PlainCells) -> None:
    """Find out from the whole column what its marks and orders mean, and which cells have to be looked at."""
    column.look_at(different_cells(cells, arrow, plain.plain, column.mapping), cells.index)
    if plain.numbers is None:
        return
    waits = np.zeros(0, dtype=bool) if plain.ambiguous is None else plain.ambiguous & plain.plain
    if column.mapping.decimal_mark == ",":
        waits = plain.pointed & plain.plain
    elif column.mark == "" and waits.any() and not plain.proves_point:
        in_question = pd.unique(cells[waits])
        also = quantities.proved_by_limits(in_question, column.field, column.factor)
        if len(marks := also | column.proved) == 1:
            column.mark = marks.pop()
    if plain.proves_point and not column.mapping.decimal_mark:
        column.mark = "" if "," in column.proved else "."
    strict = column.field.format == "count" and not column.mapping.decimal_mark
    if waits.any() and (column.mark != "." or strict):
        plain.plain = plain.plain & ~waits
        mark = column.mark
        column.look_at(different_cells(cells, arrow, plain.plain, column.mapping), cells.index)
        column.mark = mark


def different_cells(
    cells: pd.Series, arrow: pa.ChunkedArray | None, plain: np.ndarray, mapping: TableMapping
) -> Different:
    """The cells that are not plain, each different one once; blank ones together as None."""
    places = np.flatnonzero(~plain)
    if not len(places):
        return Different(places, places, [])
    named = sorted({row for one in mapping.overrules for row in one.rows})
    if arrow is not None and not named:
        codes, values = _encoded(arrow, places)
    else:
        chosen = cells if len(places) == len(cells) else cells.iloc[places]
        apart = chosen.index.isin(named).tolist() if named else [False] * len(chosen)
        at: dict[Any, int] = {}
        values = []
        codes = np.empty(len(places), dtype=np.int64)
        for position, (value, is_named) in enumerate(zip(chosen, apart, strict=True)):
            key = _key(value)
            found = at.setdefault((key, is_named), len(values))
            if found == len(values):
                values.append(None if key is None else value)
            codes[position] = found
    return Different(places, codes, values)


def _encoded(arrow: pa.ChunkedArray, places: np.ndarray) -> tuple[np.ndarray, list[Any]]:
    import pyarrow as pa

    codes, different = coded(arrow if len(places) == len(arrow) else arrow.take(pa.array(places)))
    values = different.to_pylist()
    blank = [at for at, value in enumerate(values) if _key(value) is None]
    if blank:
        values[blank[0]] = None
        codes = np.where(np.isin(codes, blank), blank[0], codes)
        kept = [at for at in range(len(values)) if at not in set(blank[1:])]
        codes = np.searchsorted(kept, codes)
        values = [values[at] for at in kept]
    return codes, values


def _key(value: Any) -> Any:
    """What tells one cell from another: 1, 1.0 and True are equal to Python but not to a reader of the file."""
    if isinstance(value, str):
        return value if visible(value).strip() else None
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if not isinstance(value, int | float | date | time | timedelta):
        return (type(value).__name__, repr(value))
    return None if value != value else (type(value).__name__, value)


class Column:
    """Reads the different values of one column."""

    def __init__(self, one: Field, source: Source) -> None:
        mapping = source.mapping
        self.field, self.source, self.mapping = one, source, mapping
        self.names_rows = source.is_key or one.required
        self.classes = {visible(str(k)): v for k, v in mapping.classes.get(one.name, {}).items()}
        self.settled = one.name in mapping.missing
        self.missing = frozenset(mapping.missing.get(one.name, one.missing_values))
        self.choices = texts.choices_of(one) if one.type == "string" else texts.Choices()
        self.pattern = re.compile(one.pattern) if one.pattern else None
        self.unit = source.unit or quantities.unit_of(one)
        self.factor = _factor(self.unit, quantities.unit_of(one))
        self.extras: dict[str, dict[int, Any]] = {}
        self.doubtful: dict[int, float] = {}
        self.signed: set[int] = set()
        self.blank: list[int] = []
        self.at = 0

    def look_at(self, different: Different, index: pd.Index) -> None:
        """Take these cells as those to be read, and decide from all of them what their marks mean."""
        self.findings = Findings(different, index.to_numpy(dtype=np.int64), self.source.column, self.mapping)
        said = [WHITE_SPACE.sub(" ", visible(one)).strip(" ") for one in different.values if isinstance(one, str)]
        self.mark, self.proved, self.date_order = self.mapping.decimal_mark, set(), ("", ())
        if self.field.type == "date":
            self.date_order = dates.order_of(said)
        elif self.field.type in ("number", "integer") and not self.mark:
            self.proved = _proved_marks(said)
            if not self.proved:
                self.proved = quantities.proved_by_limits(said, self.field, self.factor)
            self.mark = next(iter(self.proved)) if len(self.proved) == 1 else ""

    @cached_property
    def holds_names(self) -> bool:
        """Whether its cells are scientific names."""
        return species_cells.holds_names(self)

    def read(self, at: int, value: Any) -> Any:
        """The value of one cell, or None."""
        self.at = at
        if value is None:
            return self.leave_blank()
        if value is NO_RESULT:
            return self.refuse("formula_without_value")
        tidy = self._tidy(value) if isinstance(value, str) else value
        if isinstance(tidy, str) and tidy.upper() in _SPREADSHEET_ERRORS and tidy not in self.missing:
            return self.refuse("error_value")
        if self.missing and numerals.as_text(tidy) in self.missing:
            return self.leave_blank()
        return _READERS[self.field.type](self, tidy)

    def refuse(self, issue: str, level: str = "error", **values: Any) -> None:
        """Say what is wrong with the cell at hand; it counts as missing."""
        self.findings.say(level, f"check.{issue}", self.at, **values)

    def leave_blank(self) -> None:
        """The cell at hand holds nothing."""
        self.blank.append(self.at)

    def put(self, name: str, value: Any) -> None:
        """Fill another field beside the cell at hand."""
        self.extras.setdefault(name, {})[self.at] = value

    def _tidy(self, value: str) -> str:
        seen = visible(value)
        tidy = WHITE_SPACE.sub(" ", seen).strip(" ")
        if self.field.type == "string":
            if seen != value and not self.findings.repair("check.unseen", self.at, tidy):
                return value
            if tidy != seen and not self.findings.repair("check.trimmed", self.at, tidy):
                return seen
        return tidy

    def stands_in(self, said: str, words: Iterable[str]) -> bool:
        """Whether this is what people write for “no value”, and nobody has said what it means here."""
        return not self.settled and said.casefold() in words

    def ask_what_is_meant(self) -> None:
        """Ask whether the cell at hand stands for “no value”."""
        return self.refuse("stand_in", "question", field=self.field.name)

    def scaled(self, number: float) -> float:
        """A number of the file in the unit of the schema."""
        return scale(number, self.factor)

    def within(self, reading: Any) -> Any:
        """The value if it is not beyond what can be."""
        low, high = self.field.minimum, self.field.maximum
        if low is not None and reading < low:
            return self.refuse("below_minimum", limit=numerals.as_text(low))
        # Parts above the whole are looked at together: they may be per cent.
        if high is not None and reading > high and not stand_ins.may_be_percent(self, reading):
            return self.refuse("above_maximum", limit=numerals.as_text(high))
        return reading


def _proved_marks(said: Iterable[str]) -> set[str]:
    return {mark for words in said if (mark := numerals.decimal_mark([words]))}


def _factor(there: str, wanted: str) -> Fraction:
    from gbf_workbench.preparation.units import factor

    return factor(there, wanted) or Fraction(1)


def _numbers(column: Column, meaning: list[Any], plain: PlainCells, rows: int) -> np.ndarray:
    """All values of a column of numbers in the unit of the schema; NaN where there is none."""
    if plain.numbers is not None and not meaning:
        return scale(plain.numbers, column.factor)
    numbers = np.full(rows, np.nan)
    if plain.numbers is not None:
        numbers[plain.plain] = scale(plain.numbers[plain.plain], column.factor)
    if meaning:
        found = np.array([np.nan if one is None else float(one) for one in meaning])
        numbers[column.findings.different.places] = found[column.findings.different.codes]
    return numbers


def _typed_numbers(numbers: np.ndarray, cells: pd.Series, one: Field) -> pd.Series:
    missing = np.isnan(numbers)
    filled = np.where(missing, 0.0, numbers) if missing.any() else numbers
    array: Any = pd.arrays.FloatingArray(filled, missing)
    if one.type != "number":
        array = pd.arrays.IntegerArray(filled.astype(np.int64), missing)
    return pd.Series(array, index=cells.index)


def _typed(column: Column, meaning: list[Any], cells: pd.Series, arrow: pa.ChunkedArray | None) -> pd.Series:
    """Values that are no numbers; texts that stay as they are are not copied."""
    different = column.findings.different
    if column.field.type == "date":
        found = [None if one is None else datetime(one.year, one.month, one.day) for one in meaning]
        known = np.array([np.datetime64("NaT") if one is None else np.datetime64(one, "s") for one in found], "M8[s]")
        return pd.Series(known[different.codes], index=cells.index, dtype=DTYPES["date"])
    if column.field.type == "string" and arrow is not None:
        return pd.Series(_texts(arrow, meaning, different), index=cells.index)
    out = cells.to_numpy(dtype=object, copy=True)
    out[different.places] = np.array([*meaning, None], dtype=object)[different.codes]
    return pd.Series(out, index=cells.index, dtype=object).astype(DTYPES[column.field.type])


def _texts(arrow: pa.ChunkedArray, meaning: list[Any], different: Different) -> Any:
    import pyarrow as pa

    if len(different.places) and (None in meaning or meaning != different.values):
        meant = pa.array(meaning, type=arrow.type).take(pa.array(different.codes))
        if len(different.places) == len(arrow):
            arrow = meant
        else:
            mask = np.zeros(len(arrow), dtype=bool)
            mask[different.places] = True
            arrow = pa.compute.replace_with_mask(arrow.combine_chunks(), pa.array(mask), meant)
    return pd.StringDtype(na_value=np.nan).__from_arrow__(arrow)


def _beside(column: Column, one: Field, found: dict[int, Any], rows: int, index: pd.Index) -> pd.Series:
    """A field that cells of another one fill."""
    values = np.full(rows, np.nan)
    for at, value in found.items():
        values[column.findings.different.places_of(at)] = value
    return _typed_numbers(
        values, pd.Series(index=index, dtype=float), Field("", "year" if one.period_end else "number")
    )
