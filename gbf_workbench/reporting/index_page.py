"""The front page of a batch: every indicator with its number, its files, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape
from typing import Any

from gbf_workbench.catalogue.edition import Edition
from gbf_workbench.errors import Issue
from gbf_workbench.locales import text
from gbf_workbench.preparation.country import Country
from gbf_workbench.reporting.pages import badge, plain_table, whole_page
from gbf_workbench.reporting.wording import headline_of

_FILES = ("{stem}.html", "{stem}_upload.xlsx", "result.csv", "chart.png", "{stem}.ipynb")


def index_html(
    country: Country, units: Iterable[Any], language: str | None = None, disagreements: Iterable[Issue] = ()
) -> str:
    """The page: first what was computed, by goal and target in the Framework's order, then what became of every unit.

    Parameters
    ----------
    country : Country
    units : iterable
        With ``spec, state, seconds, reason, folder, record``.
    language : str, optional
    disagreements : iterable of Issue
        Where answers and numbers of the country cannot both be right.
    """
    edition = country.edition
    units = list(units)
    title = text("index.title", language, country=country.name(language))
    counts = {state: sum(unit.state == state for unit in units) for state in ("ok", "failed", "lacking")}
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(text('index.counts', language, **counts))}</p>"]
    if counts["failed"]:
        parts.append(f'<p class="gbf-bad">{escape(text("index.some_failed", language))}</p>')
    if found := list(disagreements):
        said = "".join(f"<li>{escape(one.sentence(language))} {escape(one.remedy(language))}</li>" for one in found)
        parts.append(f"<h2>{escape(text('index.disagreements', language))}</h2><ul>{said}</ul>")
    parts += _by_aim(units, edition, language)
    parts.append(f"<h2>{escape(text('index.all', language))}</h2>")
    rows = [
        [
            unit.spec.code,
            edition.indicator(unit.spec.code).said("name", language),
            text(f"index.state.{unit.state}", language),
            unit.reason,
        ]
        for unit in units
    ]
    parts.append(plain_table([text(f"index.column.{c}", language) for c in ("code", "name", "state", "reason")], rows))
    parts.append(
        '<p class="gbf-links"><a href="results.csv">results.csv</a> <a href="summary.csv">summary.csv</a></p>'
        f'<p class="gbf-small">{escape(text("index.foot", language))}</p>'
    )
    return whole_page(title, "\n".join(parts), language)


def _by_aim(units: list[Any], edition: Edition, language: str | None) -> Iterator[str]:
    """A section for each goal and target that a computed indicator belongs to; the country's own come last."""
    homes: dict[str, list[Any]] = {}
    for unit in (one for one in units if one.state == "ok"):
        homes.setdefault(_home(unit.spec.code, edition), []).append(unit)
    for code in (*edition.aims, ""):
        if code not in homes:
            continue
        heading = text("index.own", language)
        if code:
            kind = "target" if code.startswith("T") else "goal"
            aim = edition.aims[code]
            heading = text(f"index.{kind}", language, code=code.removeprefix("T"), title=aim.said("title", language))
        yield f"<h2>{escape(heading)}</h2>"
        for unit in homes[code]:
            yield _card(unit, edition.indicator(unit.spec.code).said("name", language), language)


def _home(code: str, edition: Edition) -> str:
    """The goal or target whose number or letter a code begins with; none for a country's own."""
    begins = code.split(".")[0]
    return next((aim for aim in (begins, f"T{begins}") if aim in edition.aims), "")


def _card(unit: Any, name: str, language: str | None) -> str:
    stem = unit.spec.file_stem
    spec = replace(unit.spec, unit=unit.record["unit"])
    files = [file.format(stem=stem) for file in _FILES]
    labels = ("page", "workbook", "table", "chart", "notebook")
    links = " ".join(
        f'<a href="{stem}/{file}">{escape(text(f"index.file.{label}", language))}</a>'
        for file, label in zip(files, labels, strict=True)
        if (unit.folder / file).is_file()
    )
    return (
        f"<section><h3>{escape(unit.spec.code)} · {escape(name)}</h3>"
        f'<p class="gbf-number">{escape(headline_of(spec, unit.record["data"], language))}</p>'
        f'{badge(unit.spec.maturity, language)}<p class="gbf-links">{links}</p></section>'
    )
