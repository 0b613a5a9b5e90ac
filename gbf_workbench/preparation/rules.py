"""Conditions over several columns or rows of a table, by the words a schema uses for them.

A rule is a mapping with the word ``rule`` and what belongs to it:

    order           fields: [a, b, …]       a ≤ b ≤ …, where they are filled; a < b < … with strict: true
    any_of          fields: [a, b, …]       at least one is filled; unless: {c: […]} says so of rows that hold none
    together        fields: [a, b, …]       all are filled, or none; with: […] only where one of these is
    required_if     field, when: {b: […]}   filled where b has one of these values
    forbidden_if    field, when: {b: […]}   empty where b has one of these values
    one_value       field                   the same value in all rows; or, with within: […], in all rows of one thing
    no_return       field, from: […], by, of: […], when: {b: […]}   what had one of these values keeps it at later
                                            dates; only rows count where b has one of these values
    same_set        by, of: […]             the same things at each value of ``by``
    at_most         fields: […], of         the sum of the fields is not above ``of``
    adds_up         parts: […], to or of    the sum of the parts is this number, or that column, within one per cent
    decided         field, lower, upper, threshold   where the field is empty, its range is on one side of a threshold;
                                            unless: […] are filled, which decide it too
    explained       field, change, of: […], by   some reason in the field where ``change`` differs between two dates of
                                            one thing; values ``apart: […]`` are no state that could change

and may have ``level`` (``error``, ``question`` or ``flag``) and ``key`` with a text of its own (``says``, ``remedy``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.schema import TableSchema

Rule = Mapping[str, Any]
_MOST_NAMES = 8
_MOST_APART = 50
#: Parts that were rounded one by one add up to a little more or less than the whole.
_ROUNDED = 0.01


def rule_issues(
    table: pd.DataFrame, schema: TableSchema, names: Mapping[str, str], unknown: Iterable[str] = ()
) -> Iterator[Issue]:
    """What the rules of a schema find.

    Parameters
    ----------
    table : DataFrame
        Converted; the index is the row a spreadsheet shows.
    schema : TableSchema
    names : mapping
        What the user calls each field.
    unknown : iterable of str
        Fields that somebody was asked for and does not know.
    """
    if table.empty:
        return
    for rule in schema.rules:
        check = _RULES[rule["rule"]]
        own = "says" in rule
        key = f"tables.{schema.name}.rules.{rule['key']}" if own else f"check.rule_{rule['rule']}"
        for column, rows, value, said in check(table, rule, names, frozenset(unknown)):
            at = tuple(sorted({int(row) for row in rows}))
            yield Issue(rule.get("level", "error"), key, said, column=names.get(column, column), value=value, rows=at)


Found = Iterator[tuple[str, pd.Index, str, dict[str, Any]]]


def _of(table: pd.DataFrame, name: str) -> pd.Series:
    """A column, or one with nothing in it."""
    return table[name] if name in table else pd.Series(pd.NA, index=table.index, dtype="Float64")


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    column = _of(table, name)
    if column.dtype.kind == "M":
        return np.where(column.isna(), np.nan, column.to_numpy().astype("datetime64[D]").astype(float))
    return column.to_numpy(dtype=float, na_value=np.nan)


def _filled(table: pd.DataFrame, fields: Iterable[str]) -> np.ndarray:
    return np.column_stack([_of(table, name).notna().to_numpy() for name in fields])


def _named(fields: Iterable[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(name, name) for name in fields)


def _shown(value: Any) -> str:
    if value is None or value is pd.NA or value != value:
        return "–"
    return str(value.date()) if isinstance(value, pd.Timestamp) else as_text(value)


def _values(table: pd.DataFrame, wrong: np.ndarray, fields: Iterable[str]) -> str:
    """The cells of the first row that is wrong."""
    at = int(np.flatnonzero(wrong)[0])
    said = ", ".join(_shown(_of(table, name).iloc[at]) for name in fields)
    return said + (" …" if wrong.sum() > 1 else "")


def _order(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], _: frozenset[str]) -> Found:
    fields = rule["fields"]
    numbers = [_numbers(table, name) for name in fields]
    wrong = np.zeros(len(table), dtype=bool)
    with np.errstate(invalid="ignore"):
        for at, low in enumerate(numbers):
            for high in numbers[at + 1 :]:
                wrong |= low >= high if rule.get("strict") else low > high
    if wrong.any():
        yield fields[0], table.index[wrong], _values(table, wrong, fields), {"names": _named(fields, names)}


def _any_of(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], _: frozenset[str]) -> Found:
    wrong = ~_filled(table, rule["fields"]).any(axis=1)
    if "unless" in rule:
        wrong &= ~_when(table, rule["unless"])
    if wrong.any():
        yield rule["fields"][0], table.index[wrong], "", {"names": _named(rule["fields"], names)}


def _together(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], _: frozenset[str]) -> Found:
    filled = _filled(table, rule["fields"])
    # A unit or a currency may stand in all rows, with nothing in some of them.
    wrong = _filled(table, rule.get("with", rule["fields"])).any(axis=1) & ~filled.all(axis=1)
    if wrong.any():
        said = {"names": _named(rule["fields"], names)}
        yield rule["fields"][0], table.index[wrong], _values(table, wrong, rule["fields"]), said


def _when(table: pd.DataFrame, conditions: Mapping[str, Any]) -> np.ndarray:
    """Rows that meet all conditions."""
    meets = np.ones(len(table), dtype=bool)
    for name, wanted in conditions.items():
        values = {_comparable(one) for one in (wanted if isinstance(wanted, list | tuple) else [wanted])}
        column = _of(table, name)
        if not column.notna().any():
            return np.zeros(len(table), dtype=bool)
        coded, different = pd.factorize(column)
        fits = np.array([_comparable(one) in values for one in different] + [False])
        meets &= fits[coded]
    return meets


def _comparable(value: Any) -> str:
    return as_text(value).casefold()


def _in_words(conditions: Mapping[str, Any], names: Mapping[str, str]) -> str:
    said = []
    for name, wanted in conditions.items():
        values = wanted if isinstance(wanted, list | tuple) else [wanted]
        said.append(f"{names.get(name, name)} = {' / '.join(as_text(one) for one in values)}")
    return ", ".join(said)


def _required_if(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], unknown: frozenset[str]) -> Found:
    if rule["field"] in unknown:
        return
    wrong = _when(table, rule["when"]) & _of(table, rule["field"]).isna().to_numpy()
    if wrong.any():
        said = {"names": names.get(rule["field"], rule["field"]), "when": _in_words(rule["when"], names)}
        yield rule["field"], table.index[wrong], "", said


def _forbidden_if(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], _: frozenset[str]) -> Found:
    wrong = _when(table, rule["when"]) & _of(table, rule["field"]).notna().to_numpy()
    if wrong.any():
        said = {"names": names.get(rule["field"], rule["field"]), "when": _in_words(rule["when"], names)}
        yield rule["field"], table.index[wrong], _values(table, wrong, [rule["field"]]), said


def _one_value(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], _: frozenset[str]) -> Found:
    if "within" in rule:
        yield from _one_value_within(table, rule, names)
        return
    column = _of(table, rule["field"])
    # That all are alike is the usual case, and quickly seen.
    if not pd.isna(first := column.iloc[0]) and column.eq(first).all():
        return
    counts = column.value_counts()
    if len(counts) < 2:
        return
    said = ", ".join(f"{as_text(value)} ({count})" for value, count in counts.iloc[:_MOST_NAMES].items())
    rarer = (column.notna() & column.ne(counts.index[0])).to_numpy(dtype=bool, na_value=False)
    yield rule["field"], table.index[rarer], as_text(counts.index[1]), {"names": said}


def _one_value_within(table: pd.DataFrame, rule: Rule, names: Mapping[str, str]) -> Found:
    """Several values of a field in rows that are about one thing, one finding for each thing."""
    field, within = rule["field"], [name for name in rule["within"] if name in table]
    if field not in table or rule["within"][0] not in within or table[within[0]].isna().all():
        return
    known = table[[*within, field]].dropna(subset=[within[0], field])
    thing_of = known.groupby(within, sort=False, dropna=False).ngroup().to_numpy()
    counts = known[field].groupby(thing_of).nunique()
    for one in counts.index[counts > 1][:_MOST_APART]:
        found = known[thing_of == one]
        shown = [_shown(value) for value in found[field].unique()[:_MOST_NAMES]]
        thing = ", ".join(_shown(value) for value in found[within].iloc[0] if not pd.isna(value))
        yield field, found.index, shown[0], {"names": " / ".join(shown), "thing": thing}


def _no_return(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], _: frozenset[str]) -> Found:
    """Things that leave a state which nothing leaves, where no reason is given that makes it no change at all."""
    field, by = rule["field"], rule["by"]
    counts = _when(table, rule["when"])
    if not counts.any():
        return
    # Rows of a table that was turned share their number, so places are counted here.
    placed = table[[*rule["of"], by, field]].reset_index(drop=True)
    known = placed.dropna().sort_values(by, kind="stable")
    before = known.groupby(rule["of"], sort=False)[field].shift()
    back = known.index[before.isin(rule["from"]) & ~known[field].isin(rule["from"])]
    back = back[counts[back]]
    if len(back):
        yield field, table.index[back], _shown(placed[field].iloc[back[0]]), {"names": _named(rule["of"], names)}


def _same_set(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], _: frozenset[str]) -> Found:
    by, of = rule["by"], [name for name in rule["of"] if name in table]
    if by not in table or not of:
        return
    things = table[[by, *of]].dropna(subset=[by]).drop_duplicates()
    dates = things[by].nunique()
    counts = things.groupby(of, sort=False, dropna=False)[by].nunique()
    short = counts[counts < dates]
    if short.empty:
        return
    at = pd.MultiIndex.from_frame(table[of]) if len(of) > 1 else pd.Index(table[of[0]])
    wrong = at.isin(short.index)
    shown = [
        ", ".join(map(_shown, one)) if isinstance(one, tuple) else _shown(one) for one in short.index[:_MOST_NAMES]
    ]
    said = {
        "names": "; ".join(shown) + (" …" if len(short) > _MOST_NAMES else ""),
        "number": len(short),
        "dates": dates,
    }
    yield of[0], table.index[wrong], shown[0], {**said, "by": names.get(by, by)}


def _sum(table: pd.DataFrame, fields: Iterable[str]) -> np.ndarray:
    """Sums over the filled columns of each row; NaN where none is filled."""
    parts = np.column_stack([_numbers(table, name) for name in fields])
    return np.where(np.isnan(parts).all(axis=1), np.nan, np.nansum(parts, axis=1))


def _at_most(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], _: frozenset[str]) -> Found:
    parts, whole = _sum(table, rule["fields"]), _numbers(table, rule["of"])
    with np.errstate(invalid="ignore"):
        wrong = parts > whole * (1 + 1e-9)
    if wrong.any():
        fields = [*rule["fields"], rule["of"]]
        said = {"names": _named(rule["fields"], names), "whole": names.get(rule["of"], rule["of"])}
        yield rule["fields"][0], table.index[wrong], _values(table, wrong, fields), said


def _adds_up(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], _: frozenset[str]) -> Found:
    fields = rule["parts"]
    parts = np.column_stack([_numbers(table, name) for name in fields]).sum(axis=1)
    whole = _numbers(table, rule["of"]) if "of" in rule else np.full(len(table), float(rule["to"]))
    with np.errstate(invalid="ignore"):
        wrong = np.abs(parts - whole) > _ROUNDED * np.abs(whole) + 1e-9
    if wrong.any():
        total = names.get(rule["of"], rule["of"]) if "of" in rule else as_text(rule["to"])
        yield (
            fields[0],
            table.index[wrong],
            _values(table, wrong, fields),
            {"names": _named(fields, names), "whole": total},
        )


def _decided(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], unknown: frozenset[str]) -> Found:
    """Ranges that reach over a threshold, so that their thing lies on neither side of it for sure."""
    if rule["field"] in unknown:
        return
    empty = ~_filled(table, [rule["field"], *rule.get("unless", ())]).any(axis=1)
    low, high = _numbers(table, rule["lower"]), _numbers(table, rule["upper"])
    known = ~(np.isnan(low) & np.isnan(high))
    low, high = np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)
    wrong = empty & known & (low <= rule["threshold"]) & (high > rule["threshold"])
    if wrong.any():
        said = {"number": int(wrong.sum()), "threshold": rule["threshold"], "field": rule["field"]}
        yield rule["field"], table.index[wrong], _values(table, wrong, [rule["lower"], rule["upper"]]), said


def _explained(table: pd.DataFrame, rule: Rule, names: Mapping[str, str], unknown: frozenset[str]) -> Found:
    """Changes between two dates, where nobody gives a reason for any of them."""
    field, change = rule["field"], rule["change"]
    if field in unknown or _of(table, field).notna().any():
        return
    known = table[[*rule["of"], rule["by"], change]].dropna()
    known = known[~known[change].isin(rule.get("apart", ()))].sort_values(rule["by"], kind="stable")
    before = known.groupby(rule["of"], sort=False)[[change, rule["by"]]].shift()
    later = before[rule["by"]].notna() & before[rule["by"]].ne(known[rule["by"]])
    changed = later & before[change].ne(known[change])
    if changed.any():
        yield field, known.index[changed], "", {"number": int(changed.sum())}


_RULES: dict[str, Callable[[pd.DataFrame, Rule, Mapping[str, str], frozenset[str]], Found]] = {
    "order": _order, "any_of": _any_of, "together": _together, "required_if": _required_if,
    "forbidden_if": _forbidden_if, "one_value": _one_value, "same_set": _same_set, "at_most": _at_most,
    "adds_up": _adds_up, "no_return": _no_return, "decided": _decided, "explained": _explained,
}  # fmt: skip
