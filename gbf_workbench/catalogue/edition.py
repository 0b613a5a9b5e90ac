"""One edition of the monitoring framework: the facts of one decision, read from one folder, part by part as needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from gbf_workbench.catalogue import forms
from gbf_workbench.catalogue.framework import (
    KINDS,
    Consideration,
    Goal,
    Indicator,
    Target,
    Worded,
    language_wanted,
    read_aim,
    read_indicator,
)
from gbf_workbench.catalogue.questionnaires import Question, Questionnaire, read_questionnaire
from gbf_workbench.catalogue.specs import framework_order
from gbf_workbench.errors import WorkbenchError, problem
from gbf_workbench.locales import read_yaml

FOLDER = Path(__file__).parent / "editions"
DEFAULT_EDITION = "16-31"


@dataclass(frozen=True, eq=False)
class Edition:
    """The facts of one edition. Each part is read when it is first asked for.

    Attributes
    ----------
    folder : Path
        Where its files lie; its name is the name of the edition.
    national : tuple of Indicator
        The country's own indicators that stand beside the official ones.
    """

    folder: Path
    national: tuple[Indicator, ...] = ()

    @property
    def name(self) -> str:
        """Name of the edition, such as ``16-31``."""
        return self.folder.name

    def part(self, name: str) -> Mapping[str, Any]:
        """One of its files as it is written; an edition need not have each. Callers must not change it."""
        path = self.folder / f"{name}.yml"
        return read_yaml(path) if path.exists() else {}

    @cached_property
    def about(self) -> Mapping[str, Any]:
        """Decision, dates, licence, sources, counts and open points."""
        return self.part("edition")

    def title(self, language: str | None = None) -> str:
        """What the edition is called."""
        titles = self.about.get("title", {})
        return titles.get(language_wanted(language)) or titles.get("en") or self.name

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        """The goals for 2050."""
        return tuple(read_aim(one, self.name, Goal) for one in self.part("framework")["goals"])

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """The targets for 2030."""
        return tuple(read_aim(one, self.name, Target) for one in self.part("framework")["targets"])

    @cached_property
    def aims(self) -> Mapping[str, Goal]:
        """Goals and targets by code."""
        return {aim.code: aim for aim in (*self.goals, *self.targets)}

    @cached_property
    def considerations(self) -> tuple[Consideration, ...]:
        """The considerations of section C."""
        raw = self.part("framework").get("considerations", {}).get("items", ())
        return tuple(Consideration(**one, edition=self.name) for one in raw)

    @cached_property
    def _by_code(self) -> Mapping[str, Indicator]:
        raw = self.part("indicators")
        uri = raw.get("meta", {}).get("uri", "")
        official = [read_indicator(one, self.name, uri) for one in raw["indicators"]]
        official.sort(key=lambda one: framework_order(one.code))
        return {one.code: one for one in (*official, *self.national)}

    def indicators(self, kind: str | None = None, *, aim: str | None = None) -> tuple[Indicator, ...]:
        """Indicators in the order of the Framework, the country's own last.

        Parameters
        ----------
        kind : str, optional
            One of ``KINDS``: the home kind, or with ``aim`` the role played there.
        aim : str, optional
            Code of a goal or target (``A``, ``T3``) that they serve in any role.
        """
        if kind is not None and kind not in KINDS:
            raise problem("catalogue.unknown_kind", value=str(kind), choices=", ".join(KINDS))
        found = self._by_code.values()
        if aim is None:
            return tuple(one for one in found if kind in (None, one.kind))
        return tuple(one for one in found if kind in one.roles_for(aim) or (kind is None and one.roles_for(aim)))

    @cached_property
    def _folded(self) -> Mapping[str, str]:
        return {code.casefold(): code for code in self._by_code}

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and code.strip().casefold() in self._folded

    def indicator(self, code: str) -> Indicator:
        """The indicator with this code, in capitals or not; an unknown one is answered with those near it."""
        found = self._folded.get(str(code).strip().casefold())
        if found is None:
            raise self.unknown(str(code))
        return self._by_code[found]

    def unknown(self, code: str) -> WorkbenchError:
        """What to answer to a code that is not known: the codes near it."""
        near = get_close_matches(code.casefold(), self._folded, n=5, cutoff=0.6)
        if not near:
            return problem("catalogue.unknown_word", value=code)
        return problem("catalogue.unknown_code", value=code, choices=", ".join(self._folded[one] for one in near))

    @cached_property
    def _by_identifier(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        named = [(aim.code, (aim.ort_identifier, *aim.ort_identifiers_also)) for aim in self.aims.values()]
        named += [(one.code, (one.ort_identifier,)) for one in self._by_code.values()]
        for code, identifiers in named:
            for identifier in filter(None, identifiers):
                found[identifier.upper()] = (*found.get(identifier.upper(), ()), code)
        return found

    def by_identifier(self, identifier: str) -> tuple[str, ...]:
        """All codes that share an identifier of the reporting tool; none if it is unknown.

        >>> load_edition().by_identifier("GBF-INDICATOR-219"), load_edition().by_identifier("GBF-TARGET-012")
        (('8.CY.2', '8.CY.3'), ('T12',))
        """
        return self._by_identifier.get(identifier.strip().upper(), ())

    @cached_property
    def questionnaires(self) -> Mapping[str, Questionnaire]:
        """The binary questionnaires by code of their indicator."""
        raw = self.part("questions")
        labels = raw.get("option_labels", {})
        known = raw.get("questionnaires", {}).items()
        return {code: read_questionnaire(code, one, labels, self.name) for code, one in known}

    def questions(self, code: str) -> tuple[Question, ...]:
        """All questions of a binary indicator; none if the indicator has no questionnaire."""
        found = self.questionnaires.get(self.indicator(code).code)
        return found.questions if found else ()

    def code_list(self, name: str) -> tuple[forms.CodeItem, ...]:
        """The classes of one code list, such as ``get_biomes``."""
        lists = self.part("code_lists").get("lists", {})
        if name not in lists:
            raise problem("catalogue.unknown_list", value=name, choices=", ".join(lists))
        return forms.read_code_list(lists[name])

    def disaggregation_types(self, code: str) -> tuple[forms.DisaggregationType, ...]:
        """How the detailed table of an indicator can be broken down; none if it has no such table."""
        raw = self.part("code_lists").get("types_by_indicator", {}).get(self.indicator(code).code, ())
        return tuple(
            forms.DisaggregationType(one["label"], one.get("as_printed", one["label"]), one["list"]) for one in raw
        )

    @cached_property
    def report_sections(self) -> tuple[forms.Section, ...]:
        """The sections of the national report with their fields."""
        return forms.read_sections(self.part("report_template").get("report", {}).get("sections", []), self.name)

    def english(self) -> dict[str, str]:
        """Everything in our own words, in English, under the keys that a language file translates it by."""
        template = self.part("report_template")
        nouns: list[Worded] = [*self.indicators(), *self.aims.values(), *self.considerations, *self.report_sections]
        nouns += [element for aim in self.aims.values() for element in aim.elements]
        nouns += [one for section in self.report_sections for one in section.fields]
        nouns += [one for name, record in template.items() if "fields" in record for one in self.record_fields(name)]
        nouns += [term for name in template.get("vocabularies", ()) for term in self.vocabulary(name)]
        asked = [one for questionnaire in self.questionnaires.values() for one in questionnaire.questions]
        nouns += [*asked, *(option for question in asked for option in question.options)]
        return {key: said for noun in nouns for key, said in noun.english().items()}

    def record_fields(self, record: str) -> tuple[forms.FormField, ...]:
        """The fields of another record: ``indicator_data``, ``national_target``, ``nbsap`` and so on."""
        raw = self.part("report_template")
        if "fields" not in raw.get(record, ()):
            known = ", ".join(name for name, one in raw.items() if "fields" in one)
            raise problem("catalogue.unknown_list", value=record, choices=known)
        return forms.read_fields(record, raw[record]["fields"], self.name)

    def vocabulary(self, name: str) -> tuple[forms.Term, ...]:
        """The choices of a vocabulary of the report, such as ``level_of_progress``."""
        known = self.part("report_template").get("vocabularies", {})
        if name not in known:
            raise problem("catalogue.unknown_list", value=name, choices=", ".join(known))
        return forms.read_terms(name, known[name], self.name)


def editions(root: Path = FOLDER) -> tuple[str, ...]:
    """Names of the editions in a folder, found by listing it.

    >>> "16-31" in editions()
    True
    """
    return tuple(sorted(path.parent.name for path in root.glob("*/edition.yml")))


def load_edition(edition: Edition | str | Path | None = None, root: Path = FOLDER) -> Edition:
    """An edition by its name (``16-31`` or ``16/31``) or by its folder; without either the one in force.

    Editions of one's own can lie in another folder, ``root``.

    >>> load_edition("16/31").indicator("3.1").ort_identifier
    'GBF-INDICATOR-3.1'
    """
    if isinstance(edition, Edition):
        return edition
    if isinstance(edition, Path):
        return _opened(edition.resolve())
    name = (edition or DEFAULT_EDITION).replace("/", "-")
    if name not in editions(root):
        raise problem("catalogue.unknown_edition", value=name, choices=", ".join(editions(root)))
    return _opened((root / name).resolve())


@cache
def _opened(folder: Path) -> Edition:
    return Edition(folder)


def with_national(edition: Edition | str | Path | None, national: Iterable[Indicator]) -> Edition:
    """The edition with a country's own indicators beside the official ones; everything else finds them there."""
    return replace(load_edition(edition), national=tuple(national))
