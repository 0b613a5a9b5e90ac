"""What a country could compute today, as a page: state, what is missing, where to get it, how long, and who to ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from gbf_workbench.locales import number, text
from gbf_workbench.preparation.country import Country
from gbf_workbench.preparation.readiness import STATES, Readiness
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.reporting.pages import plain_table, whole_page

COLUMNS = ("code", "name", "state", "way", "missing", "sources", "time", "asks")


def readiness_rows(found: Sequence[Readiness], country: Country, language: str | None = None) -> list[list[str]]:
    """One row of texts for each indicator, in the order of ``COLUMNS``."""
    return [_row(one, country, language) for one in found]


def readiness_counts(found: Sequence[Readiness], language: str | None = None) -> str:
    """How many indicators are in each state, in one sentence."""
    counts = Counter(one.state for one in found)
    return text("ready.counts", language, all=len(found), **{state: counts[state] for state in STATES})


def readiness_html(found: Sequence[Readiness], country: Country, language: str | None = None) -> str:
    """The table with its legend, as a piece of a page."""
    columns = [text(f"ready.column.{name}", language) for name in COLUMNS]
    legend = [
        f"<li><strong>{escape(text(f'ready.state.{state}', language))}</strong>: "
        f"{escape(text(f'ready.means.{state}', language))}</li>"
        for state in STATES
    ]
    return (
        f"<p>{escape(readiness_counts(found, language))}</p><ul>{''.join(legend)}</ul>"
        f"{plain_table(columns, readiness_rows(found, country, language))}"
        f'<p class="gbf-small">{escape(text("ready.foot", language))}</p>'
    )


def readiness_page(found: Sequence[Readiness], country: Country, language: str | None = None) -> str:
    """The whole page, which needs no other file."""
    title = text("ready.title", language, country=country.name(language))
    body = f"<h1>{escape(title)}</h1>\n{readiness_html(found, country, language)}"
    return whole_page(title, body, language)


def readiness_lines(found: Sequence[Readiness], country: Country, language: str | None = None) -> list[str]:
    """The same for a terminal: one line for each indicator, with the next step below it."""
    lines = []
    for one, row in zip(found, readiness_rows(found, country, language), strict=True):
        code, name, state, way, missing, sources, time, asks = row
        lines.append(f"{code:<6} {state:<12} {name} ({way})")
        steps = {"missing": missing, "sources": sources, "time": time, "asks": asks}
        said = [f"{text(f'ready.column.{key}', language)}: {value}" for key, value in steps.items() if value]
        if one.state != "computable":
            lines += [f"{'':<7}{part}" for part in said]
    return [*lines, readiness_counts(found, language)]


def _row(one: Readiness, country: Country, language: str | None) -> list[str]:
    spec, way = one.spec, one.way
    name = country.edition.indicator(spec.code).said("name", language)
    missing = ", ".join(schema_of(spec.inputs[role].table).title(language) for role in one.missing)
    if one.state == "to_mend":
        missing = text("ready.findings", language, count=sum(issue.stops for issue in one.issues))
    at_work = one.state in ("to_mend", "partial", "absent")
    weeks = text("ready.weeks", language, low=number(way.weeks[0], language), high=number(way.weeks[1], language))
    return [
        spec.code, name, text(f"ready.state.{one.state}", language), text(f"ready.way.{way.name}", language),
        missing, ", ".join(way.sources) if at_work else "", weeks if at_work else "",
        spec.said(f"ways.{way.name}.asks", language) if at_work else "",
    ]  # fmt: skip
