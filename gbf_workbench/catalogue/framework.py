"""What the Framework is made of: goals, targets, their elements and thresholds, and the indicators that serve them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from gbf_workbench import locales

#: Kinds of indicator in the order of their weight; the last one is a country's own.
KINDS = ("headline", "binary", "component", "complementary", "national")
#: Which way an indicator should go; ``by_part`` and ``by_context`` say that no one answer fits.
DIRECTIONS = ("increase", "decrease", "maintain_or_increase", "by_part", "by_context")
#: How far the official method is, from ready to not begun.
METHOD_STATUS = ("available", "in_outline", "partly", "testing", "under_development")


def language_wanted(language: str | None) -> str:
    """Code of the language asked for, else ``GBF_LANGUAGE``, else English; names come in more languages than screens.

    >>> language_wanted("pt_BR")
    'pt'
    """
    return (language or os.environ.get("GBF_LANGUAGE") or "en").replace("_", "-").split("-")[0].lower()


class Worded:
    """A noun of an edition whose texts can be said in several languages.

    A text is taken from the edition in the language asked for, else from the texts of that language under
    ``editions.<edition>.<text key>.<part>``, else from the edition in English. So a translation edits no edition.
    """

    edition: str
    #: The parts that are in our own words, and so are there to be translated; names and titles are official.
    own_words: ClassVar[tuple[str, ...]] = ()

    @property
    def text_key(self) -> str:
        """Where translations of this noun are kept."""
        raise NotImplementedError

    def english(self) -> dict[str, str]:
        """Its own words in English, under the keys of their translations."""
        parts = {part: getattr(self, part) for part in self.own_words}
        return {f"editions.{self.edition}.{self.text_key}.{part}": said for part, said in parts.items() if said}

    def said(self, part: str, language: str | None = None) -> str:
        """One of its texts (``name``, ``title``, ``definition``, ``text`` …) in the language."""
        known = getattr(self, part)
        by_language = {"en": known} if isinstance(known, str) else known
        wanted = language_wanted(language)
        if wanted in by_language:
            return by_language[wanted]
        key = f"editions.{self.edition}.{self.text_key}.{part}"
        kept = locales.texts(wanted).get(key, "") if wanted in locales.languages() else ""
        return kept or by_language.get("en") or next(iter(by_language.values()), "")


@dataclass(frozen=True)
class SdgLink:
    """An indicator of the Sustainable Development Goals that is the same, or near, and how sure that is."""

    code: str
    note: str = ""
    confidence: str = ""


@dataclass(frozen=True)
class Indicator(Worded):
    """One indicator of the monitoring framework, or one of the country's own.

    Attributes
    ----------
    code : str
        The code of the Convention (``3.1``, ``A.CT.4``); a national indicator has a UUID.
    kind : str
        Its home kind, one of ``KINDS``.
    name : mapping of language to str
        Official names; ``name_doubts`` says where a language departs from the English.
    roles : mapping of role to goals and targets
        What it serves and as what. An indicator can have another role away from home, so ask this, not the letters.
    unit : str
        Empty where the sources name none.
    value_range : tuple of two float or None
        Least and greatest possible value; None on a side without limit.
    confidence : mapping
        How sure single facts are.
    """

    own_words = (
        "short_name", "definition", "computation", "unit_note", "custodian_note", "method_note", "disaggregation_note",
        "ort_identifier_note",
    )  # fmt: skip

    code: str
    kind: str
    name: Mapping[str, str]
    edition: str = ""
    short_name: str = ""
    name_doubts: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ort_identifier: str = ""
    ort_identifier_note: str = ""
    custodian: tuple[str, ...] = ()
    custodian_note: str = ""
    unit: str = ""
    unit_note: str = ""
    units_alternative: tuple[str, ...] = ()
    value_type: str = ""
    value_range: tuple[float | None, float | None] | None = None
    desired_direction: str = ""
    definition: str = ""
    computation: str = ""
    method_status: str = ""
    method_note: str = ""
    disaggregations: tuple[str, ...] = ()
    disaggregation_note: str = ""
    sdg: tuple[SdgLink, ...] = ()
    detailed_template: bool = False
    uri: str = ""
    metadata_url: str = ""
    metadata_url_note: str = ""
    confidence: Mapping[str, str] = field(default_factory=dict)

    @property
    def text_key(self) -> str:
        """Where its translations are kept."""
        return f"indicators.{self.code}"

    @property
    def serves(self) -> tuple[str, ...]:
        """Codes of all goals and targets it serves in any role, each once."""
        return tuple(dict.fromkeys(aim for aims in self.roles.values() for aim in aims))

    def roles_for(self, aim: str) -> tuple[str, ...]:
        """As what it serves a goal or target; 20.CT.1 serves T20 in two roles."""
        return tuple(role for role, aims in self.roles.items() if aim in aims)


@dataclass(frozen=True)
class Element(Worded):
    """One part of a goal or target, to see which parts a national target covers; our reading, not an official list."""

    own_words = ("text",)

    id: str
    text: str
    edition: str = ""

    @property
    def text_key(self) -> str:
        """Where its translations are kept."""
        return f"elements.{self.id}"


@dataclass(frozen=True)
class Threshold:
    """A number or a state that a goal or target names, and by when."""

    metric: str
    value: float | None = None
    unit: str = ""
    comparator: str = ""
    change: str = ""
    by: int | None = None


@dataclass(frozen=True)
class Goal(Worded):
    """A goal for 2050 (``A``) or, with its section, a target for 2030 (``T3``)."""

    own_words = ("summary",)

    code: str
    title: Mapping[str, str]
    long_title: Mapping[str, str]
    horizon: int
    ort_identifier: str
    summary: str
    elements: tuple[Element, ...]
    edition: str = ""
    ort_identifiers_also: tuple[str, ...] = ()
    uri: str = ""
    thresholds: tuple[Threshold, ...] = ()

    @property
    def text_key(self) -> str:
        """Where its translations are kept."""
        return f"aims.{self.code}"


@dataclass(frozen=True)
class Target(Goal):
    """A target for 2030."""

    section: str = ""

    @property
    def number(self) -> int:
        """Its number, 1 to 23."""
        return int(self.code.removeprefix("T"))


@dataclass(frozen=True)
class Consideration(Worded):
    """One of the considerations for implementation in section C of the Framework."""

    own_words = ("title",)

    letter: str
    title: str
    edition: str = ""
    ort_identifier: str = ""
    confidence: str = ""

    @property
    def text_key(self) -> str:
        """Where its translations are kept."""
        return f"considerations.{self.letter}"


def read_indicator(raw: Mapping[str, Any], edition: str, uri: str = "") -> Indicator:
    """An indicator from its record in ``indicators.yml``; ``uri`` is the pattern of the edition."""
    given = dict(raw)
    links = tuple(SdgLink(**link) for link in given.pop("sdg", ()))
    roles = {role: tuple(aims) for role, aims in given.pop("roles").items()}
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return Indicator(**plain, edition=edition, roles=roles, sdg=links, uri=uri.format(code=given["code"]))


def read_aim(raw: Mapping[str, Any], edition: str, noun: type[Goal]) -> Goal:
    """A goal or target from its record in ``framework.yml``."""
    given = dict(raw)
    elements = tuple(Element(**one, edition=edition) for one in given.pop("elements", ()))
    thresholds = tuple(Threshold(**one) for one in given.pop("thresholds", ()))
    also = tuple(given.pop("ort_identifiers_also", ()))
    return noun(**given, edition=edition, elements=elements, thresholds=thresholds, ort_identifiers_also=also)
