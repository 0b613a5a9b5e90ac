"""Amounts that are not what they seem: thousands in one year and units in the next, or money that was gone by then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.code_lists import code_list
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.schema import Field, TableSchema

#: Thousands or millions, in words, as zeros, or as a letter before the code of a currency.
_SCALED = re.compile(
    r"thousand|million|billion|milli(?:er|ard)s|(?<![a-z])(?:miles|mil|millones|millardos|k|mn|mio|mrd|bn)(?![a-z])|тыс|млн|млрд"
    r"|[千万亿]|ألف|آلاف|الاف|مليون|ملايين|مليار|(?<!\d)1?['’ .,]?000(?!\d)|(?<![a-z])k[a-z]{3,4}(?![a-z])|kha|mha",
    re.IGNORECASE,
)
#: How far lines that stay what they are may move from one year to the next, beside a factor of a thousand or a million.
_MOVES = 3.0
_FACTORS = (1e3, 1e6)
#: Beyond so many rows lines are looked at one by one no more.
_MOST = 100_000
_SHOWN = 30


def scale_in_heading(column: str, one: Field) -> bool:
    """Whether the name of a column says that its numbers are thousands or millions.

    >>> money = Field("amount", "number", unit="currency")
    >>> [scale_in_heading(name, money) for name in ("Montant (milliers)", "amount '000", "kXAF", "amount 2000")]
    [True, True, True, False]
    """
    full = bool(one.unit) and not _SCALED.search(one.unit)
    return one.type in ("number", "integer") and full and _SCALED.search(column) is not None


def amount_issues(
    table: pd.DataFrame, schema: TableSchema, mapping: TableMapping, names: Mapping[str, str]
) -> Iterator[Issue]:
    """Questions about amounts of money by year.

    Parameters
    ----------
    table : DataFrame
        Converted; the index is the row a spreadsheet shows.
    names : mapping
        What the user calls each field.
    """
    amounts = [one for one in schema.fields if one.unit == "currency" and one.name in table]
    if not amounts or "year" not in table:
        return
    for one in amounts if len(table) <= _MOST else []:
        yield from _scales(table, one, mapping, names)
    if "currency" in table and schema.field("currency").codes == "currencies":
        yield from _withdrawn(table, mapping, names)


def _scales(table: pd.DataFrame, one: Field, mapping: TableMapping, names: Mapping[str, str]) -> Iterator[Issue]:
    """Years in which every line that another year has too is about a thousand or a million times as small."""
    labels = [name for name in table if table[name].dtype == "str" and table[name].notna().any()]
    known = table[table["year"].notna() & table[one.name].gt(0).fillna(False)]
    if not labels or known["year"].nunique() < 2:
        return
    lines = known.groupby([*labels, "year"], dropna=False)[one.name].sum().unstack("year")
    years = sorted(lines.columns)
    for before, after in pairwise(years):
        ratio = (lines[before] / lines[after]).dropna().to_numpy(dtype=float)
        small = after if ratio.size and np.median(ratio) > 1 else before
        by = ratio if small == after else 1 / ratio
        factor = next((f for f in _FACTORS if ((by > f / _MOVES) & (by < f * _MOVES)).all()), 0)
        rows = tuple(int(row) for row in known.index[known["year"] == small])
        if len(by) < 2 or not factor or set(rows) <= set(mapping.keep_rows):
            continue
        values = {"year": str(small), "other": str(before if small == after else after), "ratio": f"{factor:,.0f}"}
        shown = as_text(float(table.loc[rows[0], one.name]))
        yield _asked("check.scale_between_years", values, names.get(one.name, one.name), shown, rows)


def _withdrawn(table: pd.DataFrame, mapping: TableMapping, names: Mapping[str, str]) -> Iterator[Issue]:
    """Amounts in a currency that was no longer in use in their year: the one after it is worth many times as much."""
    until = code_list("currencies").until
    last = table["currency"].map(until).astype("Float64")
    late = (table["year"] > last).fillna(False).to_numpy(dtype=bool) & ~table.index.isin(mapping.keep_rows)
    for code, found in table[late].groupby("currency"):
        rows = tuple(int(row) for row in found.index)
        values = {"until": str(until[code]), "year": str(int(found["year"].max()))}
        yield _asked("check.currency_withdrawn", values, names.get("currency", "currency"), str(code), rows)


def _asked(key: str, values: Mapping[str, str], column: str, value: str, rows: tuple[int, ...]) -> Issue:
    listed = ", ".join(map(str, rows[:_SHOWN])) + (", …" if len(rows) > _SHOWN else "")
    return Issue("question", key, {**values, "listed": listed}, column=column, value=value, rows=rows)
