"""From cells to a checked table: every problem of the file at once, in the user's own rows and words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.alike_keys import alike_key_issues, alike_label_issues
from gbf_workbench.preparation.amounts import amount_issues, scale_in_heading
from gbf_workbench.preparation.checklists import Checklist, with_accepted_names
from gbf_workbench.preparation.columns import DTYPES, Source, convert
from gbf_workbench.preparation.duplicates import not_unique, without_repeats
from gbf_workbench.preparation.mapping import TableMapping, overruled, overruled_flag
from gbf_workbench.preparation.money import RATES, check_rates
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.quantities import unit_of
from gbf_workbench.preparation.questionnaires import TABLE as ANSWERS
from gbf_workbench.preparation.questionnaires import check_answers
from gbf_workbench.preparation.row_codes import RowCodes
from gbf_workbench.preparation.rules import rule_issues
from gbf_workbench.preparation.schema import Field, TableSchema
from gbf_workbench.preparation.side_by_side import side_by_side
from gbf_workbench.preparation.species_cells import may_hold_names
from gbf_workbench.preparation.tables import RawTable, as_name, column_of, visible
from gbf_workbench.preparation.totals import total_issues
from gbf_workbench.preparation.units import MONEY, factor, kind_of, unit_in_heading, unit_named

_MASKED: dict[str, tuple[Any, Any]] = {
    "Int64": (pd.arrays.IntegerArray, np.int64), "Float64": (pd.arrays.FloatingArray, np.float64),
    "boolean": (pd.arrays.BooleanArray, np.bool_),
}  # fmt: skip


@dataclass
class _Work:
    """One table on its way: where its fields come from, and what is said about it."""

    raw: RawTable
    schema: TableSchema
    mapping: TableMapping
    found: dict[str, str | None]
    issues: list[Issue]

    def convert(self, cells: pd.Series, one: Field, column: str, *, is_value: bool = True) -> dict[str, pd.Series]:
        unit = self._unit(one, column) if is_value else ""
        source = Source(column, self.mapping, one.name in self.schema.primary_key, unit, self.raw.counts_from_1904)
        made = convert(cells, one, source, self.issues)
        if scale_in_heading(column, one) and one.name not in self.mapping.units:
            self.issues.append(Issue("error", "check.scaled_heading", {"field": one.name}, column=column))
        if unit and unit != unit_of(one):
            values = {"unit": unit, "wanted": unit_of(one)}
            rows = _rows(made[one.name].index[made[one.name].notna()])
            self.issues.append(Issue("repair", "check.unit_converted", values, column=column, rows=rows))
        return made

    def _unit(self, one: Field, column: str) -> str:
        """The unit of a column's numbers: as ``mapping.yml`` says, else as its name says, else that of the schema."""
        wanted, said = unit_of(one), self.mapping.units.get(one.name, "")
        if not kind_of(wanted) and said in ("", wanted):
            return ""
        # The zeros of money stand in no name of a column alone: “amount in 1000” is asked about.
        heading = "" if wanted == MONEY else unit_in_heading(column)
        there = unit_named(said) if said else heading
        if (said and not there) or (there and factor(there, wanted) is None):
            values = {"unit": said or heading, "wanted": wanted, "field": one.name}
            self.issues.append(Issue("error", "check.unit_unknown", values, column=column, value=said or heading))
            return ""
        if not there and one.name in self.mapping.columns and wanted != MONEY:
            values = {"wanted": wanted, "field": one.name}
            self.issues.append(Issue("flag", "check.unit_assumed", values, column=column))
        made = Issue("repair", "check.unit_converted", {"unit": there, "wanted": wanted}, column=column)
        if there and there != wanted and (word := overruled(self.mapping, made.key, column)):
            self.issues.append(overruled_flag(word, made))
            return ""
        return there


def check_table(
    raw: RawTable, schema: TableSchema, mapping: TableMapping, checklist: Checklist | None = None
) -> tuple[pd.DataFrame, list[Issue]]:
    """Convert a raw table by its schema, with accepted names in place of synonyms where there is a checklist.

    Returns
    -------
    DataFrame
        The schema's columns with the schema's types; the index is the spreadsheet row. Cells that could not be
        converted are missing in it, and each has its issue.
    list of Issue
        Everything found, placed in file, sheet, row and column.
    """
    issues = list(raw.issues)
    raw = _without_left_out(raw, schema, mapping, issues)
    found = {name: _source_column(name, raw, schema, mapping, issues) for name in schema.names}
    taken = {name: own for name, own in found.items() if own not in (None, name) and name not in mapping.columns}
    if renamed := [f"{own} → {name}" for name, own in taken.items()]:
        issues.append(Issue("repair", "check.columns_renamed", {"names": ", ".join(renamed)}))
    if _holds_example(raw, schema, mapping, found):
        issues.append(Issue("flag", "check.example_row", rows=(int(raw.data.index[0]),)))
        raw = replace(raw, data=raw.data.iloc[1:])
    work = _Work(raw, schema, mapping, found, issues)
    table = _unpivoted(work) if mapping.unpivot else _converted(work)
    _report_unused(work)
    names = {one.name: found[one.name] or one.name for one in schema.fields}
    issues += _questions(table, schema, mapping, names)
    if checklist:
        table = with_accepted_names(table, schema, mapping, names, checklist, issues)
    if schema.kind == "table":
        codes = RowCodes(table)
        issues += total_issues(codes, schema, mapping, names)
        table = without_repeats(codes, schema, mapping, names, issues, _written_names(work))
        alike = list(alike_key_issues(table, schema, mapping, names))
        asked = {row for issue in alike for row in issue.rows}
        # Answers are words of a list of each question, known in any spelling.
        if schema.name != ANSWERS:
            alike += alike_label_issues(table, schema, mapping, names, asked)
        issues += alike
    issues += not_unique(table, schema, names)
    issues += rule_issues(table, schema, names, mapping.unknown)
    issues += amount_issues(table, schema, mapping, names)
    table, more = _by_subject(table, schema, names)
    issues += more
    placed = [issue.placed(file=raw.file, sheet=raw.sheet, table=schema.name) for issue in issues]
    return table, [_as_overruled(issue, mapping) for issue in placed]


def _by_subject(table: pd.DataFrame, schema: TableSchema, names: Mapping[str, str]) -> tuple[pd.DataFrame, list[Issue]]:
    """What can be said only with knowledge of the subject: rates of exchange, questionnaires."""
    if schema.name == RATES:
        return table, check_rates(table, names)
    return check_answers(table, names) if schema.name == ANSWERS else (table, [])


def _as_overruled(issue: Issue, mapping: TableMapping) -> Issue:
    """A flag that an expert has accepted gives way to his or her word."""
    if issue.level != "flag" or issue.key == "check.overruled":
        return issue
    word = overruled(mapping, issue.key, issue.column, issue.rows)
    return overruled_flag(word, issue) if word else issue


def _rows(index: pd.Index) -> tuple[int, ...]:
    return tuple(np.unique(index.to_numpy(dtype=np.int64)).tolist())


def _without_left_out(raw: RawTable, schema: TableSchema, mapping: TableMapping, issues: list[Issue]) -> RawTable:
    """The table without the rows that ``mapping.yml`` says are no data."""
    named = {"leave_out_rows": mapping.leave_out_rows, "keep_rows": mapping.keep_rows}
    for word, rows in named.items():
        if rows and (absent := sorted(set(rows) - set(raw.data.index))):
            issues.append(Issue("error", "check.mapping_rows", {"word": word}, value=", ".join(map(str, absent))))
    if not mapping.leave_out_rows or schema.kind != "table":
        return raw
    out = raw.data.index.isin(mapping.leave_out_rows)
    issues.append(Issue("repair", "check.rows_left_out", rows=_rows(raw.data.index[out])))
    return replace(raw, data=raw.data[~out])


def _holds_example(raw: RawTable, schema: TableSchema, mapping: TableMapping, found: Mapping[str, str | None]) -> bool:
    """Whether the first row is the example of an empty template; further down it can only be data."""
    examples = [one for one in schema.fields if one.example is not None]
    if schema.kind != "table" or mapping.unpivot or not examples or raw.data.empty:
        return False
    if int(raw.data.index[0]) in mapping.keep_rows:
        return False
    first = raw.data.iloc[:1]
    for one in examples:
        if found[one.name] is None:
            return False
        example = pd.Series([one.example], index=first.index, dtype=object)
        meant = convert(example, one, Source(one.name), [])[one.name]
        there = convert(first[found[one.name]], one, Source(one.name, mapping), [])[one.name]
        if there.isna().any() or meant.iloc[0] != there.iloc[0]:
            return False
    return True


def _source_column(
    name: str, raw: RawTable, schema: TableSchema, mapping: TableMapping, issues: list[Issue]
) -> str | None:
    columns = list(raw.data.columns)
    made = mapping.unpivot and name in mapping.unpivot.fields
    if name in mapping.constants or name in mapping.numbered or made:
        return None
    column = column_of(name, columns, schema, mapping)
    if column is not None and column not in columns:
        column = as_name(column)
        if column not in columns:
            there = ", ".join(columns)
            issues.append(Issue("error", "check.mapping_column", {"found": there}, column=mapping.columns[name]))
            return None
    if column is None and schema.field(name).required:
        key = _own_words(schema, schema.field(name)) or "check.missing_column"
        issues.append(Issue("error", key, {"found": ", ".join(columns), "field": name}, column=name))
    return column


def _converted(work: _Work) -> pd.DataFrame:
    """All fields of the table; what a field fills beside itself goes where there is nothing."""
    columns: dict[str, pd.Series] = {}
    beside: dict[str, pd.Series] = {}
    turn, index = work.mapping.unpivot, work.raw.data.index
    turned = set(turn.fields) - set(work.mapping.constants) if turn else set()
    fields = [one for one in work.schema.fields if one.name not in turned]
    found = side_by_side(lambda one: _of_field(work, one), fields, len(index))
    for one, (made, issues) in zip(fields, found, strict=True):
        work.issues += issues
        columns[one.name] = made.pop(one.name)
        beside |= made
    for name, values in beside.items():
        own, values = columns[name], values.astype(columns[name].dtype)
        work.issues += _given_twice(own, values, work.schema.field(name), work.found[name] or name)
        columns[name] = own.where(own.notna(), values)
    return pd.DataFrame(columns, index=index, copy=False)


def _of_field(work: _Work, one: Field) -> tuple[dict[str, pd.Series], list[Issue]]:
    """One field and what it fills beside itself, and what is said about it."""
    data, own = work.raw.data, replace(work, issues=[])
    if one.name in work.mapping.constants:
        cells = pd.Series([work.mapping.constants[one.name]] * len(data), index=data.index, dtype=object)
        return own.convert(cells, one, one.name), own.issues
    if one.name in work.mapping.numbered:
        cells = pd.Series([str(row) for row in data.index], index=data.index, dtype=object)
        return own.convert(cells, one, one.name), own.issues
    if (column := work.found[one.name]) is not None:
        return own.convert(data[column], one, column), own.issues
    return {one.name: _nothing(one, data.index)}, []


def _given_twice(own: pd.Series, values: pd.Series, one: Field, column: str) -> Iterator[Issue]:
    """An end of a range that stands in its own column and, otherwise, in the cell that holds the range."""
    # Of “<500” the lower end is only the least that can be, which says nothing against a better one.
    least = np.nan if one.minimum is None else one.minimum
    differ = own.notna() & values.notna() & own.ne(values) & values.ne(least)
    twice = differ.to_numpy(dtype=bool, na_value=False)
    if twice.any():
        said = {"other": as_text(values[twice].iloc[0])}
        there, rows = as_text(own[twice].iloc[0]), _rows(own.index[twice])
        yield Issue("error", "check.given_twice", said, column=column, value=there, rows=rows)


def _written_names(work: _Work) -> pd.DataFrame | None:
    """Cells of the key as the file has them, where their names were put right: countries and species."""
    key = [work.schema.field(name) for name in work.schema.primary_key]
    named = [one.name for one in key if one.codes == "countries" or may_hold_names(one)]
    found = {name: work.raw.data[work.found[name]] for name in named if work.found[name] in work.raw.data}
    return pd.DataFrame(found) if found else None


def _nothing(one: Field, index: pd.Index) -> pd.Series:
    dtype = DTYPES[one.type]
    if dtype in _MASKED:
        # Three times as fast as to let pandas find out that nothing is there.
        array, kind = _MASKED[dtype]
        return pd.Series(array(np.zeros(len(index), dtype=kind), np.ones(len(index), dtype=bool)), index=index)
    if dtype != "str":
        return pd.Series(index=index, dtype=dtype)
    import pyarrow as pa

    nothing = pa.nulls(len(index), pa.large_string())
    return pd.Series(pd.StringDtype(na_value=np.nan).__from_arrow__(nothing), index=index)


def _unpivoted(work: _Work) -> pd.DataFrame:
    """One block of rows for each of the columns that are really values."""
    turn, data = work.mapping.unpivot, work.raw.data
    fixed = _converted(work)
    blocks, empty = [], 0
    for written in turn.sources:
        if as_name(written) not in data:
            there = ", ".join(data.columns)
            work.issues.append(Issue("error", "check.mapping_column", {"found": there}, column=written))
    for meaning, columns in turn.blocks:
        there = {name: column for name, written in columns.items() if (column := as_name(written)) in data}
        if not there:
            continue
        names = pd.Series([meaning] * len(data), index=data.index, dtype=object)
        block = fixed.copy()
        for name in turn.fields:
            block[name] = _nothing(work.schema.field(name), data.index)
        held = _held(work, {name: data[column] for name, column in there.items()})
        empty += int((~held).sum())
        block, rows = block[held], data[held]
        cells = [(turn.names, names[held], turn.names)]
        cells += [(name, rows[column], column) for name, column in there.items()]
        for name, values, own in cells:
            for field, made in work.convert(values, work.schema.field(name), own).items():
                block[field] = made
        blocks.append(block)
    if empty:
        work.issues.append(Issue("flag", "check.cells_without_row", {"count": empty}))
    return pd.concat(blocks)[work.schema.names] if blocks else fixed.reindex(columns=work.schema.names)


def _held(work: _Work, cells: Mapping[str, pd.Series]) -> np.ndarray:
    """Which rows of a wide table say something there: an empty cell is no row where each row needs its value."""
    if not any(work.schema.field(name).required for name in cells):
        return np.ones(len(work.raw.data), dtype=bool)
    held = np.zeros(len(work.raw.data), dtype=bool)
    for name, values in cells.items():
        blank = {"", *map(str, work.mapping.missing.get(name, work.schema.field(name).missing_values))}
        texts = values.astype(object).where(values.notna(), "").map(lambda cell: visible(str(cell)).strip())
        held |= ~texts.isin(blank).to_numpy()
    return held


def _report_unused(work: _Work) -> None:
    used: set[Any] = {column for column in work.found.values() if column}
    turn = work.mapping.unpivot
    used |= {as_name(column) for column in turn.sources} if turn else set()
    if names := [column for column in work.raw.data.columns if column not in used]:
        work.issues.append(Issue("flag", "check.unused_columns", {"names": ", ".join(names)}))


def _questions(
    table: pd.DataFrame, schema: TableSchema, mapping: TableMapping, names: Mapping[str, str]
) -> list[Issue]:
    """What is asked because a column has nothing in it that changes what the result means."""
    asked = []
    for one in schema.fields:
        if not one.ask or one.name in mapping.unknown or table[one.name].notna().any():
            continue
        key = _own_words(schema, one) or "check.asked_for"
        asked.append(Issue("question", key, {"field": one.name}, column=names[one.name]))
    return asked


def _own_words(schema: TableSchema, one: Field) -> str:
    """Key of the question by which a schema asks for a column itself, or an empty text."""
    from gbf_workbench.locales import has_text

    key = f"tables.{schema.name}.fields.{one.name}.question"
    return key if has_text(key) else ""
