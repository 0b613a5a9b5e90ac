"""From cells to a checked table: every problem of the file at once, in the user's own rows and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.preparation import numerals
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import Field, TableSchema
from gbf_workbench.preparation.tables import WHITE_SPACE, RawTable, column_of

_DTYPES = {"string": "str", "integer": "Int64", "year": "Int64", "number": "Float64", "boolean": "boolean"}
_YES_NO = {"yes": True, "true": True, "no": False, "false": False, "oui": True, "non": False, "sí": True, "si": True}
_SPREADSHEET_ERRORS = {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"}
_MOST_ROWS_APART = 50


def check_table(raw: RawTable, schema: TableSchema, mapping: TableMapping) -> tuple[pd.DataFrame, list[Issue]]:
    """Convert a raw table by its schema.

    Returns
    -------
    DataFrame
        The schema's columns with the schema's types; the index is the spreadsheet row. Cells that could not be
        converted are missing in it, and each has its issue.
    list of Issue
        Everything found, placed in file, sheet, row and column.
    """
    issues = list(raw.issues)
    found = {name: _source_column(name, raw, schema, mapping, issues) for name in schema.names}
    renamed = [f"{own} → {name}" for name, own in found.items() if own not in (None, name) and name not in mapping.columns]
    if renamed:
        issues.append(Issue("repair", "check.columns_renamed", {"names": ", ".join(renamed)}))
    if mapping.unpivot:
        table = _unpivoted(raw, schema, mapping, found, issues)
    else:
        table = _converted(raw.data, schema, mapping, found, issues)
    _report_unused(raw, mapping, found, issues)
    issues += _key_issues(table, schema)
    placed = [issue.placed(file=raw.file, sheet=raw.sheet, table=schema.name) for issue in issues]
    return table, placed


def _source_column(
    name: str, raw: RawTable, schema: TableSchema, mapping: TableMapping, issues: list[Issue]
) -> str | None:
    columns = list(raw.data.columns)
    made = mapping.unpivot and name in (mapping.unpivot.names, mapping.unpivot.values)
    if name in mapping.constants or made:
        return None
    column = column_of(name, columns, schema, mapping)
    if column is not None and column not in columns:
        stripped = {one.strip(): one for one in columns}
        if column not in stripped:
            issues.append(Issue("error", "check.mapping_column", {"found": ", ".join(columns)}, column=column))
            return None
        column = stripped[column]
    if column is None and schema.field(name).required:
        issues.append(Issue("error", "check.missing_column", {"found": ", ".join(columns)}, column=name))
    return column


def _converted(
    data: pd.DataFrame, schema: TableSchema, mapping: TableMapping, found: dict[str, str | None], issues: list[Issue]
) -> pd.DataFrame:
    columns = {}
    for one in schema.fields:
        if one.name in mapping.constants:
            cells = pd.Series([mapping.constants[one.name]] * len(data), index=data.index, dtype=object)
            columns[one.name] = convert(cells, one, mapping, one.name, issues)
        elif found[one.name] is not None:
            columns[one.name] = convert(data[found[one.name]], one, mapping, found[one.name], issues)
        elif not (mapping.unpivot and one.name in (mapping.unpivot.names, mapping.unpivot.values)):
            columns[one.name] = pd.Series([None] * len(data), index=data.index).astype(_DTYPES[one.type])
    return pd.DataFrame(columns, index=data.index)


def _unpivoted(
    raw: RawTable, schema: TableSchema, mapping: TableMapping, found: dict[str, str | None], issues: list[Issue]
) -> pd.DataFrame:
    """One block of rows for each of the columns that are really values."""
    turn = mapping.unpivot
    fixed = _converted(raw.data, schema, mapping, found, issues)
    blocks = []
    for column, meaning in turn.columns.items():
        if column not in raw.data:
            there = ", ".join(raw.data.columns)
            issues.append(Issue("error", "check.mapping_column", {"found": there}, column=str(column)))
            continue
        names = pd.Series([meaning] * len(raw.data), index=raw.data.index, dtype=object)
        block = fixed.copy()
        block[turn.names] = convert(names, schema.field(turn.names), mapping, turn.names, issues)
        block[turn.values] = convert(raw.data[column], schema.field(turn.values), mapping, str(column), issues)
        blocks.append(block)
    return pd.concat(blocks)[schema.names] if blocks else fixed.reindex(columns=schema.names)


def convert(cells: pd.Series, one: Field, mapping: TableMapping, column: str, issues: list[Issue]) -> pd.Series:
    """One column as its type; what cannot be converted becomes missing and an issue.

    Each different cell is looked at once, so a long column costs what its different values cost.
    """
    rows_of = _rows_by_value(cells)
    reader = _Column(one, mapping, column, rows_of, issues)
    meaning = {key: reader.read(value) for key, (value, _) in rows_of.items()}
    out = pd.Series([meaning[_key(value)] for value in cells], index=cells.index, dtype=object)
    reader.finish()
    if one.required and (empty := tuple(int(row) for row in cells.index[[_key(v)[1] is None for v in cells]])):
        issues.append(Issue("error", "check.required", rows=tuple(sorted(set(empty))), column=column))
    return out.astype(_DTYPES[one.type])


def _key(value: Any) -> tuple[str, Any]:
    # 1, 1.0 and True are equal to Python but not to a reader of the file.
    if isinstance(value, str):
        return ("str", value) if value.strip() else ("", None)
    return ("", None) if value is None or value != value else (type(value).__name__, value)


def _rows_by_value(cells: pd.Series) -> dict[tuple[str, Any], tuple[Any, list[int]]]:
    found: dict[tuple[str, Any], tuple[Any, list[int]]] = {}
    for row, value in zip(cells.index, cells, strict=True):
        key = _key(value)
        found.setdefault(key, (None if key[1] is None else value, []))[1].append(int(row))
    return found


class _Column:
    """Reads the different values of one column, gathering what is wrong by kind."""

    def __init__(self, one: Field, mapping: TableMapping, column: str, rows_of: dict, issues: list[Issue]) -> None:
        self.field, self.column, self.rows_of, self.issues = one, column, rows_of, issues
        self.classes = {str(k): v for k, v in mapping.classes.get(one.name, {}).items()}
        self.known = {value.casefold(): value for value in one.enum}
        self.known.update({str(k).casefold(): v for k, v in one.synonyms.items()})
        texts = [value for value, _ in rows_of.values() if isinstance(value, str)]
        self.mark = mapping.decimal_mark or numerals.decimal_mark(texts)
        self.commas: list[str] = []

    def say(self, level: str, key: str, value: Any, **values: Any) -> None:
        rows = tuple(self.rows_of[_key(value)][1])
        self.issues.append(Issue(level, key, values, column=self.column, value=str(value), rows=rows))

    def read(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, str):
            if value.strip() in _SPREADSHEET_ERRORS:
                return self.say("error", "check.error_value", value)
            tidy = WHITE_SPACE.sub(" ", value).strip(" ")
            if tidy != value and self.field.type == "string":
                self.say("repair", "check.trimmed", value)
        else:
            tidy = value
        return self._by_type()(value, tidy)

    def _by_type(self) -> Callable[[Any, Any], Any]:
        kind = self.field.type
        readers = {"string": self._string, "boolean": self._boolean, "number": self._number}
        return readers.get(kind, self._whole)

    def _string(self, value: Any, tidy: Any) -> str | None:
        if isinstance(tidy, bool):
            tidy = str(tidy).lower()
        said = numerals.as_text(tidy)
        if self.classes:
            if said not in self.classes:
                return self.say("error", "check.class_unknown", value)
            said = self.classes[said]
        if not self.field.enum and not self.field.synonyms:
            return said
        if said in self.field.enum:
            return said
        meant = self.known.get(said.casefold())
        if meant is None and self.field.enum:
            return self.say("error", "check.not_in_list", value, choices=", ".join(self.field.enum))
        if meant is not None:
            self.say("repair", "check.synonym", value, meant=meant)
        return said if meant is None else meant

    def _boolean(self, value: Any, tidy: Any) -> bool | None:
        if isinstance(tidy, bool):
            return tidy
        meant = _YES_NO.get(str(tidy).casefold())
        return self.say("error", "check.not_a_boolean", value) if meant is None else meant

    def _number(self, value: Any, tidy: Any) -> float | None:
        if isinstance(tidy, bool | date | datetime):
            return self.say("error", "check.not_a_number", value)
        if isinstance(tidy, int | float):
            return self._within(value, float(tidy))
        reading = numerals.read_number(tidy, self.mark)
        if reading is numerals.AMBIGUOUS:
            return self.say("question", "check.ambiguous_number", value)
        if reading is None:
            return self.say("error", "check.not_a_number", value)
        if numerals.has_decimal_comma(tidy, self.mark):
            self.commas.append(value)
        return self._within(value, reading)

    def _whole(self, value: Any, tidy: Any) -> int | None:
        if self.field.type == "year":
            if not numerals.is_year(tidy):
                return self.say("error", "check.not_a_year", value)
            return self._within(value, int(float(tidy)))
        reading = self._number(value, tidy)
        if reading is None or float(reading).is_integer():
            return None if reading is None else int(reading)
        return self.say("error", "check.not_an_integer", value)

    def _within(self, value: Any, reading: Any) -> Any:
        low, high = self.field.minimum, self.field.maximum
        if low is not None and reading < low:
            return self.say("error", "check.below_minimum", value, limit=numerals.as_text(low))
        if high is not None and reading > high:
            return self.say("error", "check.above_maximum", value, limit=numerals.as_text(high))
        return reading

    def finish(self) -> None:
        """One line for all decimal commas of the column: they are one habit, not many mistakes."""
        if self.commas:
            rows = tuple(sorted(row for value in self.commas for row in self.rows_of[_key(value)][1]))
            meant = repr(numerals.read_number(self.commas[0].strip(), self.mark))
            at = {"column": self.column, "value": self.commas[0], "rows": rows}
            self.issues.append(Issue("repair", "check.decimal_comma", {"meant": meant}, **at))


def _report_unused(raw: RawTable, mapping: TableMapping, found: dict[str, str | None], issues: list[Issue]) -> None:
    used = {column for column in found.values() if column} | set(mapping.unpivot.columns if mapping.unpivot else ())
    if names := [column for column in raw.data.columns if column not in used]:
        issues.append(Issue("flag", "check.unused_columns", {"names": ", ".join(names)}))


def _key_issues(table: pd.DataFrame, schema: TableSchema) -> Iterable[Issue]:
    key = [name for name in schema.primary_key if name in table]
    if not key:
        return
    needed = [name for name in key if schema.field(name).required]
    # An empty cell that may be empty is a value too: two national totals of one year are one too many.
    whole = table[table[needed].notna().all(axis=1)]
    again = whole[whole.duplicated(key, keep=False)]
    for number, (value, rows) in enumerate(again.groupby(key, sort=False, dropna=False)):
        if number == _MOST_ROWS_APART:
            # Beyond this a list per row helps nobody; the rest are named together.
            rest = again.groupby(key, sort=False, dropna=False).ngroup() >= _MOST_ROWS_APART
            at = tuple(sorted({int(row) for row in again.index[rest]}))
            yield Issue("error", "check.duplicate_key", {"names": " + ".join(key)}, column=key[0], rows=at)
            return
        at = tuple(sorted(int(row) for row in rows.index))
        said = ", ".join(str(part) for part in value if not pd.isna(part))
        yield Issue("error", "check.duplicate_key", {"names": " + ".join(key)}, column=key[0], value=said, rows=at)
