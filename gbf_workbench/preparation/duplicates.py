"""Rows that stand twice: the same row again is left out, rows that contradict each other are shown with both values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.mapping import TableMapping, overruled, overruled_flag
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.row_codes import RowCodes
from gbf_workbench.preparation.schema import TableSchema

_MOST_APART = 50
_MOST_VALUES = 5


def without_repeats(
    codes: RowCodes, schema: TableSchema, mapping: TableMapping, names: dict[str, str], issues: list[Issue],
    written: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The table without rows that are the same as an earlier one, where its rows are told apart by a key.

    Parameters
    ----------
    codes : RowCodes
        Of the converted table.
    names : dict of str
        What the user calls each field.
    written : DataFrame, optional
        Cells as the file has them, of those columns of the key whose names were put right: one thing under two names is
        no mere repeat.
    """
    table = codes.table
    key = [name for name in schema.primary_key if name in table]
    if not key:
        again = codes.repeated(list(table.columns))
        if again.any():
            issues.append(Issue("flag", "check.same_rows", rows=_rows(table.index[again])))
        return table
    needed = [name for name in key if schema.field(name).required]
    # An empty cell that may be empty is a value too: two national totals of one year are one too many.
    doubled = codes.repeated(key)
    if doubled.any():
        doubled &= table[needed].notna().all(axis=1).to_numpy()
    if not doubled.any():
        return table
    among = table[doubled]
    same = among.duplicated(keep="first").to_numpy()
    issues += _under_two_names(among, key, names, written) if same.any() and written is not None else ()
    if same.any():
        places = np.flatnonzero(doubled)[same]
        noted = Issue(
            "repair", "check.identical_rows", {"names": _in_words(key, names)}, rows=_rows(table.index[places])
        )
        if word := overruled(mapping, noted.key, "", noted.rows):
            issues.append(overruled_flag(word, noted))
        else:
            issues.append(noted)
            table = table.iloc[np.setdiff1d(np.arange(len(table)), places)]
            among = among[~same]
    issues += _contradictions(among[among.duplicated(key, keep=False)], key, names)
    return table


def _under_two_names(
    among: pd.DataFrame, key: list[str], names: dict[str, str], written: pd.DataFrame
) -> Iterator[Issue]:
    """One error for each group of equal rows that the file tells apart by name."""
    said = written.reindex(among.index).astype("str")
    for _, rows in among.groupby(list(among.columns), sort=False, dropna=False):
        for name in said:
            spelt = list(dict.fromkeys(said[name].loc[rows.index]))
            if len(spelt) > 1:
                values = {"names": " / ".join(spelt), "meant": as_text(rows[name].iloc[0])}
                yield Issue(
                    "error", "check.under_two_names", values, column=names[name], value=spelt[0],
                    rows=_rows(rows.index),
                )  # fmt: skip
                break


def _contradictions(among: pd.DataFrame, key: list[str], names: dict[str, str]) -> Iterator[Issue]:
    """One error for each key with rows that differ; beyond fifty the rest are named together."""
    groups = among.groupby(key, sort=False, dropna=False)
    said = {"names": _in_words(key, names)}
    for number, (value, rows) in enumerate(groups):
        if number == _MOST_APART:
            rest = _rows(among.index[groups.ngroup() >= _MOST_APART])
            yield Issue("error", "check.duplicate_keys", said, column=names[key[0]], rows=rest)
            return
        shown = ", ".join(as_text(part) for part in value if not pd.isna(part))
        column, values = _difference(rows, key)
        found = {**said, "different": names.get(column, column), "values": values}
        yield Issue(
            "error", "check.duplicate_key" if column else "check.duplicate_rows", found, column=names[key[0]],
            value=shown, rows=_rows(rows.index),
        )  # fmt: skip


def _difference(rows: pd.DataFrame, key: list[str]) -> tuple[str, str]:
    """The first column in which rows of one key differ, and what stands there."""
    for name in rows.columns:
        if name not in key and rows[name].nunique(dropna=False) > 1:
            values = ["–" if pd.isna(one) else as_text(one) for one in rows[name].iloc[:_MOST_VALUES]]
            return name, " / ".join(values) + (" …" if len(rows) > _MOST_VALUES else "")
    return "", ""


def not_unique(table: pd.DataFrame, schema: TableSchema, names: dict[str, str]) -> Iterator[Issue]:
    """Values that stand more than once in a column that holds each of them once."""
    for one in schema.fields:
        if not one.unique or one.name not in table or (one.name,) == schema.primary_key:
            continue
        filled = table[table[one.name].notna()]
        again = filled[RowCodes(filled).repeated([one.name])]
        groups = again.groupby(one.name, sort=False)
        for number, (value, rows) in enumerate(groups):
            if number == _MOST_APART:
                rest = _rows(again.index[groups.ngroup() >= _MOST_APART])
                yield Issue("error", "check.not_unique", column=names[one.name], rows=rest)
                break
            yield Issue(
                "error", "check.not_unique", column=names[one.name], value=as_text(value), rows=_rows(rows.index)
            )


def _in_words(key: list[str], names: dict[str, str]) -> str:
    return " + ".join(names.get(name, name) for name in key)


def _rows(index: pd.Index) -> tuple[int, ...]:
    return tuple(sorted({int(row) for row in index}))
