"""From cells to a checked table: every problem of the file at once, in the user's own rows and words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.columns import DTYPES, convert
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.tables import RawTable, as_name, column_of

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
    taken = {name: own for name, own in found.items() if own not in (None, name) and name not in mapping.columns}
    if renamed := [f"{own} → {name}" for name, own in taken.items()]:
        issues.append(Issue("repair", "check.columns_renamed", {"names": ", ".join(renamed)}))
    if _holds_example(raw, schema, mapping, found):
        issues.append(Issue("flag", "check.example_row", rows=(int(raw.data.index[0]),)))
        raw = replace(raw, data=raw.data.iloc[1:])
    if mapping.unpivot:
        table = _unpivoted(raw, schema, mapping, found, issues)
    else:
        table = _converted(raw.data, schema, mapping, found, issues)
    _report_unused(raw, mapping, found, issues)
    issues += _key_issues(table, schema)
    placed = [issue.placed(file=raw.file, sheet=raw.sheet, table=schema.name) for issue in issues]
    return table, placed


def _holds_example(raw: RawTable, schema: TableSchema, mapping: TableMapping, found: dict[str, str | None]) -> bool:
    """Whether the first row is the example of an empty template; further down it can only be data."""
    examples = [one for one in schema.fields if one.example is not None]
    if schema.kind != "table" or mapping.unpivot or not examples or raw.data.empty:
        return False
    first = raw.data.iloc[:1]
    for one in examples:
        if found[one.name] is None:
            return False
        example = pd.Series([one.example], index=first.index, dtype=object)
        meant = convert(example, one, TableMapping(), "", [])
        there = convert(first[found[one.name]], one, mapping, "", [])
        if there.isna().any() or meant.iloc[0] != there.iloc[0]:
            return False
    return True


def _source_column(
    name: str, raw: RawTable, schema: TableSchema, mapping: TableMapping, issues: list[Issue]
) -> str | None:
    columns = list(raw.data.columns)
    made = mapping.unpivot and name in (mapping.unpivot.names, mapping.unpivot.values)
    if name in mapping.constants or made:
        return None
    column = column_of(name, columns, schema, mapping)
    if column is not None and column not in columns:
        column = as_name(column)
        if column not in columns:
            there = ", ".join(columns)
            issues.append(Issue("error", "check.mapping_column", {"found": there}, column=mapping.columns[name]))
            return None
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
        elif (column := found[one.name]) is not None:
            is_key = one.name in schema.primary_key
            columns[one.name] = convert(data[column], one, mapping, column, issues, is_key=is_key)
        elif not (mapping.unpivot and one.name in (mapping.unpivot.names, mapping.unpivot.values)):
            columns[one.name] = pd.Series([None] * len(data), index=data.index).astype(DTYPES[one.type])
    return pd.DataFrame(columns, index=data.index)


def _unpivoted(
    raw: RawTable, schema: TableSchema, mapping: TableMapping, found: dict[str, str | None], issues: list[Issue]
) -> pd.DataFrame:
    """One block of rows for each of the columns that are really values."""
    turn = mapping.unpivot
    fixed = _converted(raw.data, schema, mapping, found, issues)
    blocks = []
    for written, meaning in turn.columns.items():
        column = as_name(written)
        if column not in raw.data:
            there = ", ".join(raw.data.columns)
            issues.append(Issue("error", "check.mapping_column", {"found": there}, column=written))
            continue
        names = pd.Series([meaning] * len(raw.data), index=raw.data.index, dtype=object)
        block = fixed.copy()
        block[turn.names] = convert(names, schema.field(turn.names), mapping, turn.names, issues)
        block[turn.values] = convert(raw.data[column], schema.field(turn.values), mapping, column, issues)
        blocks.append(block)
    return pd.concat(blocks)[schema.names] if blocks else fixed.reindex(columns=schema.names)


def _report_unused(raw: RawTable, mapping: TableMapping, found: dict[str, str | None], issues: list[Issue]) -> None:
    used = {column for column in found.values() if column}
    used |= {as_name(column) for column in mapping.unpivot.columns} if mapping.unpivot else set()
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
