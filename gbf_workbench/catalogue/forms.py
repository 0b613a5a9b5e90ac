"""The forms of the national report: sections, fields, the choices they offer, and the classes of detailed tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gbf_workbench.catalogue.framework import Worded


@dataclass(frozen=True)
class Term(Worded):
    """One choice of a vocabulary (a level of progress, a source of data).

    ``name`` is what is stored or shown by the reporting tool; ``identifier`` is empty where it is not known.
    """

    own_words = ("label", "meaning", "needs")

    vocabulary: str
    name: str
    label: str = ""
    identifier: str = ""
    ordinal: int | None = None
    meaning: str = ""
    needs: str = ""
    identifier_start: str = ""
    edition: str = ""

    @property
    def text_key(self) -> str:
        """Where its translations are kept."""
        return f"terms.{self.vocabulary}.{self.name}"


@dataclass(frozen=True)
class FormField(Worded):
    """One field of a record of the reporting tool.

    Attributes
    ----------
    shown_if : mapping of field to values
        It is asked for when each of these fields has one of these values.
    vocabulary, domain : str
        The choices as kept here, or the thesaurus domain that holds them.
    """

    own_words = ("label", "note")

    form: str
    name: str
    label: str
    type: str
    mandatory: bool
    many: bool = False
    vocabulary: str = ""
    domain: str = ""
    shown_if: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    personal_data: bool = False
    note: str = ""
    derived: str = ""
    hints: tuple[str, ...] = ()
    edition: str = ""

    @property
    def text_key(self) -> str:
        """Where its translations are kept."""
        return f"fields.{self.form}.{self.name}"

    def shown(self, values: Mapping[str, Any]) -> bool:
        """Whether it is asked for, given the values of the other fields."""
        return all(values.get(name) in allowed for name, allowed in self.shown_if.items())


@dataclass(frozen=True)
class Section(Worded):
    """A section of the report; ``per`` says how many entries it has."""

    own_words = ("title", "per", "precondition")

    id: str
    number: str
    title: str
    per: str
    fields: tuple[FormField, ...]
    precondition: str = ""
    edition: str = ""

    @property
    def text_key(self) -> str:
        """Where its translations are kept."""
        return f"report.{self.id}"


@dataclass(frozen=True)
class CodeItem:
    """A class of a code list. ``as_printed`` is its spelling in the templates of the reporting tool."""

    code: str
    name: str
    as_printed: str
    parent: str = ""


@dataclass(frozen=True)
class DisaggregationType:
    """A way to break an indicator down in its detailed table; ``code_list`` is ``free_text`` where there is no list."""

    label: str
    as_printed: str
    code_list: str


def read_terms(name: str, raw: Mapping[str, Any], edition: str) -> tuple[Term, ...]:
    """The choices of a vocabulary."""
    known = ({key: value for key, value in one.items() if value is not None} for one in raw["terms"])
    return tuple(Term(name, **{"label": one["name"], **one}, edition=edition) for one in known)


def read_fields(form: str, raw: list[Mapping[str, Any]], edition: str) -> tuple[FormField, ...]:
    """The fields of a section or record."""
    found = []
    for one in raw:
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in one.items()}
        conditions = {name: tuple(values) for name, values in given.pop("shown_if", {}).items()}
        found.append(FormField(form, **given, shown_if=conditions, edition=edition))
    return tuple(found)


def read_sections(raw: list[Mapping[str, Any]], edition: str) -> tuple[Section, ...]:
    """The sections of the report."""
    return tuple(
        Section(**{**one, "fields": read_fields(one["id"], one["fields"], edition)}, edition=edition) for one in raw
    )


def read_code_list(raw: Mapping[str, Any]) -> tuple[CodeItem, ...]:
    """The classes of a list; a class without a code has its name for one.

    >>> read_code_list({"printed": "{code} {name}", "items": [{"code": "T1", "name": "Forests"}]})
    (CodeItem(code='T1', name='Forests', as_printed='T1 Forests', parent=''),)
    """
    pattern = raw.get("printed", "{name}")
    found = []
    for one in raw["items"]:
        code = one.get("code", one["name"])
        printed = one.get("as_printed") or pattern.format(code=code, name=one["name"])
        found.append(CodeItem(code, one["name"], printed, one.get("parent", "")))
    return tuple(found)
