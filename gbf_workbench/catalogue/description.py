"""Say everything the catalogue knows of one indicator, goal or target on one page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TypeVar

from gbf_workbench.catalogue.edition import Edition, load_edition
from gbf_workbench.catalogue.framework import KINDS, Goal, Indicator, Threshold
from gbf_workbench.catalogue.search import aim_of, find, tables_in_words
from gbf_workbench.catalogue.specs import IndicatorSpec, specs, specs_of
from gbf_workbench.errors import problem
from gbf_workbench.locales import direction, number, text

WIDTH = 110
Lines = tuple[str, ...]
Said = TypeVar("Said", str, Lines)


@dataclass(frozen=True)
class Description:
    """What is known of an indicator, goal or target; shows itself as text in a terminal and as HTML in a notebook.

    Attributes
    ----------
    heading : str
    facts : tuple of (label, text)
        One line each.
    lists : tuple of (heading, lines)
        Elements, questions, calculations and so on.
    """

    heading: str
    facts: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, Lines], ...]
    language: str | None = None

    def __str__(self) -> str:
        lines = [*textwrap.wrap(self.heading, WIDTH), "=" * min(len(self.heading), WIDTH)]
        for label, said in self.facts:
            lines += textwrap.wrap(f"{label}: {said}", WIDTH, subsequent_indent="    ", break_long_words=False)
        for heading, items in self.lists:
            lines += ["", heading]
            for item in items:
                bullet = {"initial_indent": "  - ", "subsequent_indent": "    "}
                lines += textwrap.wrap(item, WIDTH, break_long_words=False, **bullet)
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        facts = "".join(
            f'<tr><th scope="row" style="text-align:start">{escape(label)}</th>'
            f'<td style="text-align:start">{escape(said)}</td></tr>'
            for label, said in self.facts
        )
        lists = "".join(
            f"<h4>{escape(heading)}</h4><ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"
            for heading, items in self.lists
        )
        return (
            f'<section dir="{direction(self.language)}"><h3>{escape(self.heading)}</h3>'
            f"<table><tbody>{facts}</tbody></table>{lists}</section>"
        )


def describe(code: str, language: str | None = None, *, edition: Edition | str | Path | None = None) -> Description:
    """Everything known of an indicator, goal or target.

    Parameters
    ----------
    code : str
        Code, slug or identifier of an indicator; a goal or target (``A``, ``T3``, ``target 3``); or words that fit one
        indicator only.
    language : str, optional
        Language to say it in.
    edition : Edition, str or Path, optional
        Where to look, if not in the edition in force.

    Raises
    ------
    WorkbenchError
        If nothing or more than one thing fits, with what is near.

    Examples
    --------
    >>> print(describe("A.3").heading)
    A.3 Red List Index
    >>> describe("target 3").heading
    'Target 3 Conserve 30% of Land, Waters and Seas'
    """
    known = load_edition(edition)
    said = code.strip()
    if said in specs():
        said = specs()[said].code
    if said in known:
        return _of_indicator(known.indicator(said), known, language)
    if aim := aim_of(said, known):
        return _of_aim(aim, known, language)
    findings = find(said, edition=known)
    fitting = findings.codes if said else ()
    if len(fitting) == 1:
        return _of_indicator(known.indicator(fitting[0]), known, language)
    if fitting:
        choices = ", ".join(fitting[:12]) + (" …" if len(fitting) > 12 else "")
        raise problem("catalogue.several_fit", value=code, choices=choices)
    if findings.near:
        raise problem("catalogue.unknown_code", value=code, choices=", ".join(findings.near))
    raise known.unknown(code)


def _of_indicator(one: Indicator, edition: Edition, language: str | None) -> Description:
    ways = specs_of(one.code)
    lists = [
        ("disaggregations", one.disaggregations),
        ("computed_by", tuple(line for spec in ways for line in _way(spec, language))),
        ("questions", _questions(one, edition, language)),
    ]
    heading = f"{one.code} {one.said('name', language)}"
    facts = _labelled(_facts(one, edition, language), language)
    return Description(heading, facts, _labelled(lists, language), language)


def _labelled(parts: Iterable[tuple[str, Said]], language: str | None) -> tuple[tuple[str, Said], ...]:
    """Parts that say something, with their labels in the language."""
    return tuple((text(f"catalogue.{label}", language), said) for label, said in parts if said)


def _facts(one: Indicator, edition: Edition, language: str | None) -> Iterator[tuple[str, str]]:
    """Label key and text of each fact, in the order of reading."""
    said = one.said
    if one.confidence.get("code"):
        yield "code", text("catalogue.code_provisional", language)
    yield "kind", text(f"catalogue.kinds.{one.kind}", language)
    yield "serves", "; ".join(_role(one, role, edition, language) for role in one.roles)
    yield "unit", _noted(one.unit, one.said("unit_note", language)) or text("catalogue.not_stated", language)
    yield "units_alternative", ", ".join(one.units_alternative)
    yield "value_range", _range(one, language)
    yield "desired_direction", _of_list("directions", one.desired_direction, language)
    yield "definition", said("definition", language)
    yield "computation", said("computation", language)
    status = _of_list("method_statuses", one.method_status, language)
    yield "method_status", _noted(status, said("method_note", language))
    yield "custodian", _noted(", ".join(one.custodian), said("custodian_note", language))
    yield "disaggregation_note", said("disaggregation_note", language)
    yield "ort_identifier", _noted(one.ort_identifier, said("ort_identifier_note", language))
    yield "sdg", ", ".join(_noted(link.code, "; ".join(filter(None, (link.note, link.confidence)))) for link in one.sdg)
    yield "name_doubts", "; ".join(f"{code}: {doubt}" for code, doubt in one.name_doubts.items())
    yield (
        "confidence",
        "; ".join(f"{_of_list('confidences', fact, language)}: {mark}" for fact, mark in one.confidence.items()),
    )
    yield "more", ", ".join(filter(None, (one.uri, one.metadata_url)))
    yield "edition", _noted(edition.title(language), edition.about.get("decision", ""))
    yield "source", "" if one.kind == "national" else edition.about.get("licence", "")


def _role(one: Indicator, role: str, edition: Edition, language: str | None) -> str:
    aims = ", ".join(f"{aim} ({edition.aims[aim].said('title', language)})" for aim in one.roles[role])
    return f"{text(f'catalogue.kinds.{role}', language)} - {aims}" if aims else ""


def _of_list(words: str, value: str, language: str | None) -> str:
    return text(f"catalogue.{words}.{value}", language) if value else ""


def _noted(said: str, note: str) -> str:
    return f"{said} ({note})" if said and note else said or note


def _range(one: Indicator, language: str | None) -> str:
    if one.value_range is None:
        return ""
    low, high = (None if limit is None else number(limit, language) for limit in one.value_range)
    if low is None or high is None:
        return text("catalogue.range_from" if high is None else "catalogue.range_to", language, limit=low or high)
    return text("catalogue.range", language, low=low, high=high)


def _way(spec: IndicatorSpec, language: str | None) -> Iterator[str]:
    """One calculation: what it is, how sure, what it needs, what can be set."""
    yield f"{spec.slug}: {spec.said('summary', language)}"
    method = f"{spec.said('method.name', language)} {spec.method['version']}"
    yield f"{text('catalogue.method', language)}: {_noted(method, str(spec.method.get('source', '')))}"
    maturity = text(f"catalogue.maturities.{spec.maturity.replace('-', '_')}", language)
    yield f"{text('catalogue.maturity', language)}: {maturity} - {spec.evidence_said(language)}"
    yield f"{text('catalogue.inputs', language)}: {tables_in_words(spec, language)}"
    for name, one in spec.parameters.items():
        meant = spec.said(f"parameters.{name}.help", language)
        yield f"{text('catalogue.parameter', language)} {name} = {one.default}: {meant}"


def _questions(one: Indicator, edition: Edition, language: str | None) -> Lines:
    said = []
    numbers = {question.key: question.number for question in edition.questions(one.code)}
    for question in edition.questions(one.code):
        options = " / ".join(option.said("label", language) for option in question.options)
        marks = [] if question.in_decision else [text("catalogue.form_only", language)]
        if question.opened_by:
            opened = ", ".join(numbers[key] for key in question.opened_by)
            marks.append(text("catalogue.opened_by", language, questions=opened))
        said.append(_noted(f"{question.number} {question.said('text', language)} {options}".strip(), "; ".join(marks)))
    return tuple(said)


def _of_aim(aim: Goal, edition: Edition, language: str | None) -> Description:
    word = text("catalogue.target" if aim.code.startswith("T") else "catalogue.goal", language)
    facts = [
        ("long_title", aim.said("long_title", language)),
        ("summary", aim.said("summary", language)),
        ("horizon", str(aim.horizon)),
        ("thresholds", "; ".join(_threshold(one, language) for one in aim.thresholds)),
        ("ort_identifier", ", ".join((aim.ort_identifier, *aim.ort_identifiers_also))),
        ("more", aim.uri),
        ("edition", _noted(edition.title(language), edition.about.get("decision", ""))),
        ("source", edition.about.get("licence", "")),
    ]
    lists = [("elements", tuple(one.said("text", language) for one in aim.elements))]
    for kind in KINDS:
        serving = edition.indicators(kind, aim=aim.code)
        lists.append((f"kinds_many.{kind}", tuple(f"{one.code} {one.said('name', language)}" for one in serving)))
    heading = f"{word} {aim.code.removeprefix('T')} {aim.said('title', language)}"
    return Description(heading, _labelled(facts, language), _labelled(lists, language), language)


def _threshold(one: Threshold, language: str | None) -> str:
    sign = {">=": "≥", "<=": "≤"}.get(one.comparator, one.comparator)
    value = "" if one.value is None else number(one.value, language)
    size = " ".join(filter(None, (sign, value, one.unit, one.change)))
    said = f"{one.metric} {size}".strip()
    return text("catalogue.by_year", language, what=said, year=one.by) if one.by else said
