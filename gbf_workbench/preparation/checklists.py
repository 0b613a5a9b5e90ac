"""Synonyms by the country's own checklist: replaced where it names one accepted name; near matches are only offered."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.mapping import TableMapping, overruled, overruled_flag
from gbf_workbench.preparation.schema import Field, TableSchema
from gbf_workbench.preparation.species import are_scientific_names, scientific_name
from gbf_workbench.preparation.species_cells import may_hold_names

TABLE = "species_checklist"
#: Endings a checklist may have beside those of tables: the taxon table of an archive is a text file.
SUFFIX = ".txt"
_MOST_APART = 20
_MOST_CHANGES = 300


@dataclass(frozen=True)
class Checklist:
    """Names of species by their keys (``ScientificName.key``).

    Attributes
    ----------
    names : mapping of str to str
        Key to the name itself, of all names in the list.
    accepted : mapping of str to tuple of str
        Key of a synonym to the names in use; more than one where the list does not agree with itself.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    accepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def checklist_of(table: pd.DataFrame) -> Checklist:
    """The names and synonyms of a checked table ``species_checklist``.

    A name that is both accepted and a synonym of another, as homonyms are once their authors are set aside, stays.
    """
    numbered = table[table["taxon_id"].notna()]
    by_id = dict(zip(numbered["taxon_id"], numbered["scientific_name"], strict=True))
    names: dict[str, str] = {}
    meant: dict[str, dict[str, str]] = {}
    own: set[str] = set()
    for row in table.itertuples():
        if pd.isna(row.scientific_name):
            continue
        key = scientific_name(row.scientific_name).key
        names.setdefault(key, row.scientific_name)
        accepted = row.accepted_name if pd.notna(row.accepted_name) else by_id.get(row.accepted_id)
        to = scientific_name(accepted).key if isinstance(accepted, str) else key
        if to != key:
            names.setdefault(to, accepted)
            meant.setdefault(key, {})[to] = accepted
        elif "synonym" not in str(row.status).casefold():
            own.add(key)
    found = {key: _ends(key, meant) for key in meant if key not in own}
    return Checklist(names, {key: tuple(names[one] for one in ends) for key, ends in found.items() if ends})


def _ends(key: str, meant: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Where synonyms of synonyms lead; names that go round in a circle lead nowhere."""
    ends, seen, open_ones = [], {key}, list(meant[key])
    while open_ones:
        one = open_ones.pop(0)
        if one in seen:
            continue
        seen.add(one)
        open_ones += meant.get(one, ())
        if one not in meant:
            ends.append(one)
    return ends


def with_accepted_names(
    table: pd.DataFrame, schema: TableSchema, mapping: TableMapping, names: Mapping[str, str], checklist: Checklist,
    issues: list[Issue],
) -> pd.DataFrame:  # fmt: skip
    """The table with accepted names in place of synonyms.

    Parameters
    ----------
    table : DataFrame
        Converted by ``schema``; its index is the row a spreadsheet shows.
    names : mapping
        What the user calls each field.
    checklist : Checklist
    issues : list of Issue
        Gets one repair that lists what was replaced, and a flag for each name that the list does not have.
    """
    for one in schema.fields:
        if not may_hold_names(one) or one.name not in table:
            continue
        column = table[one.name]
        different = [str(value) for value in column.dropna().unique()]
        if one.format != "scientific_name" and not are_scientific_names(different):
            continue
        keys = {value: scientific_name(value).key for value in different}
        changes = {value: to for value, key in keys.items() if (to := _accepted(key, one, checklist)) and to != value}
        if changes and (put := _replaced(column, changes, names[one.name], mapping, issues)) is not None:
            table = table.assign(**{one.name: put})
        issues += _unsure(column, keys, one, names[one.name], mapping, checklist)
    return table


def _accepted(key: str, one: Field, checklist: Checklist) -> str:
    """The one name in use of a synonym, if the field takes its rank; else an empty text."""
    ends = checklist.accepted.get(key, ())
    ranks = one.ranks or ("species",)
    return ends[0] if len(ends) == 1 and ("any" in ranks or scientific_name(ends[0]).rank in ranks) else ""


def _replaced(
    column: pd.Series, changes: Mapping[str, str], written: str, mapping: TableMapping, issues: list[Issue]
) -> pd.Series | None:
    at = column.isin(list(changes))
    first = next(iter(changes))
    listed = [f"{old} → {new}" for old, new in changes.items()]
    said = ", ".join(listed[:_MOST_CHANGES]) + (" …" if len(listed) > _MOST_CHANGES else "")
    rows = _rows(column.index[at])
    more = " …" if len(changes) > 1 else ""
    made = Issue("repair", "check.synonym_replaced", {"changes": said}, column=written, value=first + more, rows=rows,
                 before=first, after=changes[first])  # fmt: skip
    if word := overruled(mapping, made.key, written, rows):
        issues.append(overruled_flag(word, made))
        return None
    issues.append(made)
    return column.where(~at, column.map(changes)).astype(column.dtype)


def _unsure(
    column: pd.Series, keys: Mapping[str, str], one: Field, written: str, mapping: TableMapping, checklist: Checklist
) -> Iterator[Issue]:
    """Flags for names that the list does not have, or has several accepted names for."""
    known = sorted(checklist.names)
    absent = [value for value, key in keys.items() if key not in checklist.names]
    for value, key in keys.items():
        ends = checklist.accepted.get(key, ())
        if ends and not _accepted(key, one, checklist):
            values = {"names": ", ".join(ends), "field": one.name}
            yield Issue("flag", "check.synonym_open", values, column=written, value=value, rows=_found(column, [value]))
    for number, value in enumerate(absent):
        if number == _MOST_APART - 1 and len(absent) > _MOST_APART:
            rest = absent[number:]
            values = {"count": len(rest), "names": ", ".join(rest[:_MOST_CHANGES])}
            yield Issue("flag", "check.names_not_listed", values, column=written, rows=_found(column, rest))
            return
        near = [checklist.names[key] for key in difflib.get_close_matches(keys[value], known, n=3, cutoff=0.8)]
        key = "check.name_not_listed_near" if near else "check.name_not_listed"
        values = {"names": ", ".join(near), "field": one.name}
        yield Issue("flag", key, values, column=written, value=value, rows=_found(column, [value]))


def _found(column: pd.Series, values: list[str]) -> tuple[int, ...]:
    return _rows(column.index[column.isin(values)])


def _rows(index: pd.Index) -> tuple[int, ...]:
    return tuple(sorted({int(row) for row in index}))
