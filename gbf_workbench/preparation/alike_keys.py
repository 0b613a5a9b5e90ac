"""Keys and labels that differ only in what people hardly see: one thing that would count twice, or two things."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.row_codes import repeats_few
from gbf_workbench.preparation.schema import TableSchema

_ACCENTS = re.compile("[\u0300-\u036f]")
_APART = re.compile(r"[\s_\-‐‑–—]+")
#: Marks of footnotes behind a name, which people hardly see.
_NOTE = re.compile(r"(?<=\w)[\s(]*(?:[*†‡§]+|[¹²³⁰-⁹]+|[ªº])[\s)]*$")
#: Among more names than this nobody could go through what looks alike.
_MOST = 100_000
_MOST_APART = 50


def alike_key_issues(
    table: pd.DataFrame, schema: TableSchema, mapping: TableMapping, names: Mapping[str, str]
) -> Iterator[Issue]:
    """One question for each key that stands in the table in several spellings.

    Parameters
    ----------
    table : DataFrame
        Converted, without repeated rows; the index is the row a spreadsheet shows.
    names : mapping
        What the user calls each field.
    """
    key = [name for name in schema.primary_key if name in table]
    spelt = {name: forms for name in key if (forms := _forms(table, schema, name))}
    if not spelt:
        return
    plain = table[key].assign(**{name: table[name].map(forms) for name, forms in spelt.items()})
    alike = plain.duplicated(key, keep=False) & ~table.duplicated(key, keep=False)
    alike &= table[list(spelt)].notna().any(axis=1) & ~table.index.isin(mapping.keep_rows)
    for number, (_, rows) in enumerate(plain[alike].groupby(key, sort=False, dropna=False)):
        found = table.loc[rows.index]
        if number == _MOST_APART:
            return
        name = next((name for name in spelt if found[name].nunique() > 1), "")
        if name and len(found) > 1:
            said = list(dict.fromkeys(found[name].dropna()))
            at = tuple(sorted({int(row) for row in rows.index}))
            values = {"other": said[1], "listed": ", ".join(map(str, at))}
            yield Issue("question", "check.alike_keys", values, column=names[name], value=said[0], rows=at)


def alike_label_issues(
    table: pd.DataFrame, schema: TableSchema, mapping: TableMapping, names: Mapping[str, str], asked: set[int]
) -> Iterator[Issue]:
    """One issue for each label that stands in a column in several spellings, so that one group becomes two.

    Parameters
    ----------
    table, names
        As for ``alike_key_issues``.
    asked : set of int
        Rows that were asked about already.
    """
    for one in schema.fields:
        if one.name not in table or one.name in mapping.classes or (one.name,) == schema.primary_key:
            continue
        if one.type != "string" or one.format == "scientific_name" or not repeats_few(table[one.name]):
            continue
        # Where other columns tell the rows apart too, as species do for places, names alike may well be two things.
        is_part = one.name in schema.primary_key and len(schema.primary_key) > 2
        level = "question" if (one.required or one.name in schema.primary_key) and not is_part else "flag"
        # Of what hardly repeats no groups are made: remarks, titles, addresses.
        if level == "flag" and 2 * table[one.name].nunique() > table[one.name].count():
            continue
        for spellings in _spelt_in_several_ways(table, schema, one.name):
            at = tuple(sorted({int(row) for rows in list(spellings.values())[1:] for row in rows}))
            if asked.isdisjoint(at) and not set(at) <= set(mapping.keep_rows):
                usual, other = list(spellings)[:2]
                values = {"other": usual, "listed": ", ".join(map(str, at[:30])) + (", …" if len(at) > 30 else "")}
                yield Issue(level, "check.alike_labels", values, column=names[one.name], value=other, rows=at)


def _spelt_in_several_ways(table: pd.DataFrame, schema: TableSchema, name: str) -> list[dict[str, pd.Index]]:
    """The spellings of each label that has several, the most frequent first, with the rows of each."""
    forms = _forms(table, schema, name)
    plain: dict[str, list[str]] = {}
    for value, form in forms.items():
        plain.setdefault(form, []).append(value)
    found = []
    for several in [ways for ways in plain.values() if len(ways) > 1][:_MOST_APART]:
        rows = {value: table.index[(table[name] == value).to_numpy(dtype=bool, na_value=False)] for value in several}
        found.append(dict(sorted(rows.items(), key=lambda one: -len(one[1]))))
    return found


def _forms(table: pd.DataFrame, schema: TableSchema, name: str) -> dict[str, str]:
    """The plain form of each value of a column, if some values have the same; else nothing."""
    one = schema.field(name)
    if one.type != "string" or one.codes or one.enum:
        return {}
    if len(table) > _MOST and not repeats_few(table[name]):
        return {}
    different = table[name].dropna().unique()
    forms = {value: plain_form(value) for value in different}
    return forms if len(set(forms.values())) < len(forms) else {}


def plain_form(words: str) -> str:
    """A name without capitals, accents and kinds of dashes and spaces.

    >>> plain_form("Río  Norte"), plain_form("RB–1") == plain_form("rb-1"), plain_form("1.1") == plain_form("11")
    ('rio norte', True, False)
    >>> plain_form("RB-1*"), plain_form("RB-1¹"), plain_form("*")
    ('rb 1', 'rb 1', '*')
    """
    letters = _ACCENTS.sub("", unicodedata.normalize("NFKD", _NOTE.sub("", words))).casefold()
    return _APART.sub(" ", letters).strip()
