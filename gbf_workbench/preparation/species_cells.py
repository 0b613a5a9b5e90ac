"""Reading a column of scientific names: one spelling without authors; what is not one species is refused."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from gbf_workbench.preparation import numerals
from gbf_workbench.preparation.schema import Field
from gbf_workbench.preparation.species import ScientificName, are_scientific_names, scientific_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gbf_workbench.preparation.columns import Column

#: Identifiers that are looked at to see whether they are names.
_SAMPLE = 300
_DOUBTS = {"uncertain": "species_uncertain", "abbreviated": "genus_abbreviated", "no_name": "not_a_name"}


def may_hold_names(one: Field) -> bool:
    """Whether a field holds scientific names, or identifiers that may be scientific names."""
    return one.format == "scientific_name" or bool(one.ranks)


def holds_names(column: Column) -> bool:
    """Whether the cells of a column are scientific names: by its schema, or because they look like it."""
    if column.field.format == "scientific_name":
        return True
    if not column.field.ranks:
        return False
    filled = (numerals.as_text(one) for one in column.findings.different.values if isinstance(one, str))
    return are_scientific_names(islice(filled, _SAMPLE))


def read_name(column: Column, said: str, stand_ins: Iterable[str]) -> str | None:
    """The name in one spelling; refused where it is not one species, or not for sure.

    Parameters
    ----------
    column : Column
        Its field says which ranks it takes (``ranks``); only species where it says nothing.
    said : str
        The cell as text.
    stand_ins : iterable of str
        What people write for “no value”.
    """
    said = str(column.classes.get(said, said))
    ranks = column.field.ranks or ("species",)
    found = scientific_name(said)
    if found.doubt == "look_alike":
        letters = " ".join(sorted({letter for letter in said if letter.isalpha() and letter not in found.name}))
        return column.refuse("look_alike", meant=found.name, letters=letters)
    if "any" not in ranks:
        if set(column.findings.rows_of(column.at)) <= set(column.mapping.keep_rows):
            # Somebody looked at these rows and counts them as they are.
            return said
        if found.doubt == "no_name" and column.stands_in(said, stand_ins):
            return column.ask_what_is_meant()
        if key := _reason(found, ranks):
            return column.refuse(key, field=column.field.name)
    elif column.names_rows and column.stands_in(said, stand_ins):
        return column.ask_what_is_meant()
    if found.name == said or not column.findings.repair("check.name_spelling", column.at, found.name):
        return said
    return found.name


def _reason(found: ScientificName, ranks: tuple[str, ...]) -> str:
    """Key of what is wrong with a name where these ranks are taken, or an empty text."""
    if found.rank not in ranks and found.doubt not in ("abbreviated", "no_name"):
        return "not_a_species"
    return _DOUBTS.get(found.doubt, "")
