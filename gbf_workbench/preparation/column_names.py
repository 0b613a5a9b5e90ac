"""Which column of a file holds which field: by its name, its other names, its title in any language, or its stem."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from gbf_workbench.locales import read_yaml
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.units import kind_of, unit_in_heading, unit_named

_GENERAL = Path(__file__).with_suffix(".yml")


def names_of(schema: TableSchema, field: str) -> tuple[str, ...]:
    """All names a column is known by: its own, its aliases, then what it is called in the languages of the workbench.

    A title that two columns of the table share, or that is the name of another one, tells nothing.
    """
    known = tuple((one.name, one.aliases) for one in schema.fields)
    return (field, *schema.field(field).aliases, *_translated(schema.name, known)[field])


@lru_cache(maxsize=256)
def _translated(table: str, fields: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, tuple[str, ...]]:
    from gbf_workbench.preparation.tables import plain

    general = read_yaml(_GENERAL)
    found = {name: [*_titles(table, name), *general.get(name, ())] for name, _ in fields}
    given = {plain(words): name for name, aliases in fields for words in (name, *aliases)}
    shared = Counter(words for titles in found.values() for words in {plain(title) for title in titles})
    return {
        name: tuple(
            title for title in titles
            if plain(title) and shared[plain(title)] == 1 and given.get(plain(title), name) == name
        )
        for name, titles in found.items()
    }  # fmt: skip


def _titles(table: str, field: str) -> list[str]:
    """Titles in all languages, with and without the unit in brackets."""
    from gbf_workbench.preparation.column_titles import TITLES

    titles = TITLES.get((table, field), ())
    return [
        *titles,
        *(bare for title in titles if (bare := re.sub(r"\s*[(（][^()（）]*[)）]\s*$", "", title)) != title),
    ]


def column_in_another_unit(field: str, columns: Sequence[str], schema: TableSchema) -> str | None:
    """The one column whose name is that of a field but for the unit at its end, as ``area_ha`` for ``area_km2``."""
    from gbf_workbench.preparation.tables import plain

    kind = kind_of(schema.field(field).unit)
    if not kind:
        return None
    taken = {plain(name) for one in schema.fields for name in (one.name, *one.aliases)}
    stems = {plain(_without_unit(name)) for name in names_of(schema, field)} - {""}
    others = {
        plain(_without_unit(name))
        for one in schema.fields
        if one.name != field and kind_of(one.unit) == kind
        for name in (one.name, *one.aliases)
    }
    found = [
        column for column in columns
        if kind_of(unit_in_heading(column)) == kind and plain(column) not in taken
        and plain(_without_unit(column)) in stems - others
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _without_unit(name: str) -> str:
    """A name without the unit at its end.

    >>> _without_unit("area_km2"), _without_unit("Superficie (ha)"), _without_unit("area")
    ('area', 'Superficie', 'area')
    """
    bare = re.sub(r"\s*[(\[（][^()\[\]（）]*[)\]）]\s*$", "", name)
    if bare != name:
        return bare
    parts = re.split(r"([\s_,;:/.-]+)", name.strip())
    for size in (3, 1):
        if len(parts) > size + 1 and unit_named("".join(parts[-size:])):
            return "".join(parts[: -size - 1])
    return name
