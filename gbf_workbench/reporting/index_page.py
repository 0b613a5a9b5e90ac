"""The front page of a batch: every indicator with its number, its files, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from gbf_workbench.locales import text
from gbf_workbench.preparation.country import Country
from gbf_workbench.reporting.pages import badge, plain_table, whole_page
from gbf_workbench.reporting.wording import headline_of

_FILES = ("{stem}.html", "{stem}_upload.xlsx", "result.csv", "chart.png", "{stem}.ipynb")


def index_html(country: Country, units: Iterable[Any], language: str | None = None) -> str:
    """The page; ``units`` have ``spec, state, seconds, reason, folder, record``."""
    edition = country.edition
    units = list(units)
    title = text("index.title", language, country=country.name(language))
    counts = {state: sum(unit.state == state for unit in units) for state in ("ok", "failed", "lacking")}
    checked = sum(unit.state == "checked" for unit in units)
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(text('index.counts', language, **counts))}</p>"]
    if checked:
        parts.append(f"<p>{escape(text('index.only_checked', language, count=checked))}</p>")
    if counts["failed"]:
        parts.append(f'<p class="gbf-bad">{escape(text("index.some_failed", language))}</p>')
    for unit in (one for one in units if one.state == "ok"):
        parts.append(_card(unit, edition.indicator(unit.spec.code).said("name", language), language))
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


def _card(unit: Any, name: str, language: str | None) -> str:
    stem = unit.spec.file_stem
    files = [file.format(stem=stem) for file in _FILES]
    labels = ("page", "workbook", "table", "chart", "notebook")
    links = " ".join(
        f'<a href="{stem}/{file}">{escape(text(f"index.file.{label}", language))}</a>'
        for file, label in zip(files, labels, strict=True)
        if (unit.folder / file).is_file()
    )
    return (
        f"<section><h2>{escape(unit.spec.code)} · {escape(name)}</h2>"
        f'<p class="gbf-number">{escape(headline_of(unit.spec, unit.record["data"], language))}</p>'
        f'{badge(unit.spec.maturity, language)}<p class="gbf-links">{links}</p></section>'
    )
