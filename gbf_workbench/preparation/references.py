"""What stands between tables: values of one that have to be found in another, counted on both sides."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.methods.joins import unmatched
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.schema import ForeignKey, TableSchema, schema_of

_MOST_APART = 50
_MOST_NAMES = 8


def reference_issues(tables: Mapping[str, pd.DataFrame], mappings: Mapping[str, TableMapping]) -> Iterator[Issue]:
    """Rows whose partner in another table is missing, for all tables of an indicator that are there.

    Parameters
    ----------
    tables : mapping of DataFrame
        Checked tables by the names of their schemas.
    mappings : mapping of TableMapping
        Their words of ``mapping.yml``: ``unmatched`` names values that may stay without a partner.
    """
    for name, table in tables.items():
        schema, mapping = schema_of(name), mappings.get(name, TableMapping())
        for key in schema.foreign_keys:
            if key.table in tables:
                other = mappings.get(key.table, TableMapping())
                yield from key_issues(table, schema, tables[key.table], key, mapping, other)


def key_issues(
    table: pd.DataFrame, schema: TableSchema, there: pd.DataFrame, key: ForeignKey, mapping: TableMapping,
    other: TableMapping,
) -> Iterator[Issue]:  # fmt: skip
    """What one foreign key finds: values without partner, rows without value, and partners that nobody names."""
    if not all(name in table for name in key.fields) or not all(name in there for name in key.reference):
        return
    column = mapping.columns.get(key.fields[0], key.fields[0])
    needed = [name for name in key.fields if schema.field(name).required]
    blank = table[list(key.fields)].isna().any(axis=1)
    if needed and blank.any():
        rows = _rows(table.index[blank])
        yield Issue("error", "check.reference_blank", {"other": key.table}, schema.name, column=column, rows=rows)
    found = unmatched(table, there, list(key.fields), list(key.reference))
    accepted = set(mapping.unmatched.get(key.fields[0], ()))
    known = sorted({_said(one) for one in found.right_values})
    lacking = {value: rows for value, rows in found.left.items() if _said(value) not in accepted}
    for number, (value, rows) in enumerate(lacking.items()):
        last = number == _MOST_APART - 1 and len(lacking) > _MOST_APART
        at = _rows(row for some in list(lacking.values())[number:] for row in some) if last else _rows(rows)
        said = {
            "other": key.table, "field": key.fields[0], "number": len(lacking), "total": found.left_total,
            "names": _listed(lacking), "near": _near(_said(value), known),
        }  # fmt: skip
        shown = _said(value) + (" …" if last else "")
        yield Issue("error", "check.reference_missing", said, schema.name, column=column, value=shown, rows=at)
        if last:
            break
    accepted_there = set(other.unmatched.get(key.reference[0], ()))
    unused = {value: rows for value, rows in found.right.items() if _said(value) not in accepted_there}
    if unused:
        said = {"other": schema.name, "number": len(unused), "total": found.right_total, "names": _listed(unused)}
        said |= {"field": key.reference[0]}
        at = _rows(row for rows in unused.values() for row in rows)
        there_column = other.columns.get(key.reference[0], key.reference[0])
        yield Issue("flag", "check.reference_unused", said, key.table, column=there_column, rows=at)


def _rows(rows: object) -> tuple[int, ...]:
    return tuple(sorted({int(row) for row in rows}))  # type: ignore[attr-defined]


def _said(value: object) -> str:
    return ", ".join(as_text(one) for one in value) if isinstance(value, tuple) else as_text(value)


def _listed(values: Mapping[object, object]) -> str:
    names = [_said(value) for value in list(values)[:_MOST_NAMES]]
    return "; ".join(names) + (" …" if len(values) > _MOST_NAMES else "")


def _near(value: str, known: list[str]) -> str:
    """The values that look most like one, to be offered and never taken."""
    lower = {one.casefold(): one for one in known}
    alike = difflib.get_close_matches(value.casefold(), lower, n=3, cutoff=0.75)
    return ", ".join(lower[one] for one in alike) or "–"
