"""Pieces of HTML that say a result: number, table, findings, figure; every word of the user's own is escaped."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import LEVELS, Issue
from gbf_workbench.locales import current_language, direction, note, number, text
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.reporting.wording import (
    confidence_shown,
    headline,
    interval_shown,
    maturity_shown,
    remark,
    unit_shown,
    value_shown,
)
from gbf_workbench.results import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gbf_workbench.catalogue import Indicator
    from gbf_workbench.catalogue.specs import IndicatorSpec

SHA_LENGTH = 12
#: Rows of one breakdown that a page shows; the files hold all.
_MOST_ROWS = 30
_COLUMNS = ("year", "disaggregation", "value", "unit", "interval", "n", "status", "note")


def result_html(result: Result, language: str | None = None) -> str:
    """A result as it shows itself: headline, what the interval is, maturity, doubts, all rows."""
    spec = result.spec
    parts = [
        f'<div class="gbf-result"><p class="gbf-number">{escape(headline(result, language))}</p>',
        f'<p class="gbf-small">{escape(remark(result, language))} {escape(confidence_shown(result, language))}</p>',
        badge(spec.maturity, language),
        issues_html(result.issues, language),
        table_html(result, language),
        f'<p class="gbf-recipe">{escape(text("page.recipe", language, recipe=result.recipe))}</p>',
        inputs_html(result, language) + "</div>",
    ]
    return "\n".join(parts)


def inputs_html(result: Result, language: str | None = None) -> str:
    """Which files the number comes from, told apart by size and the first letters of their SHA-256."""
    said = [
        text("page.input", language, name=one.name, kilobytes=one.size / 1000, sha256=one.sha256[:SHA_LENGTH])
        for one in result.provenance.inputs
    ]
    return f'<p class="gbf-small">{"<br>".join(map(escape, said))}</p>'


def badge(maturity: str, language: str | None = None) -> str:
    """The maturity of a method as a mark with words in it, for colour alone says nothing to some."""
    return f'<p><span class="gbf-badge gbf-{maturity}">{escape(maturity_shown(maturity, language))}</span></p>'


def about_html(spec: IndicatorSpec, indicator: Indicator, language: str | None = None) -> str:
    """What an indicator is, in a few lines: unit, what it serves, method, how well that is checked."""
    facts = [("unit", unit_shown(spec.unit or indicator.unit, language)), ("serves", ", ".join(indicator.serves))]
    method = f"{spec.said('method.name', language)} {spec.method['version']} ({spec.method['source']})"
    maturity = f"{maturity_shown(spec.maturity, language)}. {spec.evidence_said(language)}"
    facts += [("method", method), ("maturity", maturity)]
    rows = [[text(f"about.{key}", language), said] for key, said in facts if said]
    return plain_table([], rows) + badge(spec.maturity, language)


def table_html(result: Result, language: str | None = None) -> str:
    """The rows of a result by breakdown, each group folded under its name; the newest years stand first."""
    groups = []
    for kind, part in result.data.groupby("disaggregation_type", sort=False):
        title = result.spec.label(str(kind), language) if kind else text("page.national", language)
        # The indicator's own unit first, then others; of each the newest first.
        foreign = part["unit"] != result.spec.unit
        ordered = part.assign(_foreign=foreign).sort_values(["_foreign", "unit", "year"], ascending=[True, True, False])
        rows = [_row_of(result, row, language) for row in ordered.head(_MOST_ROWS).to_dict("records")]
        columns = [text(f"columns.{name}", language) for name in _COLUMNS]
        opened = "" if kind else " open"
        left = text("page.rows_left", language, count=len(part) - len(rows)) if len(part) > len(rows) else ""
        groups.append(
            f"<details{opened}><summary>{escape(title)} ({number(len(part), language)})</summary>"
            f'{plain_table(columns, rows)}<p class="gbf-small">{escape(left)}</p></details>'
        )
    return "\n".join(groups)


def _row_of(result: Result, row: dict[str, Any], language: str | None) -> list[str]:
    units = "–" if pd.isna(row["n"]) else number(int(row["n"]), language)
    return [
        str(row["year"]), result.spec.label(row["disaggregation"], language) or text("page.all", language),
        value_shown(row, language), unit_shown(row["unit"], language), interval_shown(row, language) or "–", units,
        text(f"status.{row['value_status']}", language), note(row["note"], result.spec.slug, language),
    ]  # fmt: skip


def plain_table(columns: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table of texts; it scrolls by itself where the page is narrow."""
    cells = "".join(f'<th scope="col">{escape(one)}</th>' for one in columns)
    head = f"<thead><tr>{cells}</tr></thead>" if cells else ""
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="gbf-scroll"><table class="gbf-table">{said}{head}<tbody>{body}</tbody></table></div>'


def issues_html(issues: Iterable[Issue], language: str | None = None) -> str:
    """Findings by severity, each with its place, reason and remedy."""
    found = list(issues)
    if not found:
        return f'<p class="gbf-ok">{escape(text("page.no_issues", language))}</p>'
    parts = []
    for level in LEVELS:
        own = [issue for issue in found if issue.level == level]
        if not own:
            continue
        items = "".join(_issue_item(issue, language) for issue in own)
        opened = " open" if level in ("error", "question") else ""
        title = text(f"page.issues.{level}", language, count=len(own))
        parts.append(
            f'<details class="gbf-issues gbf-{level}"{opened}>'
            f"<summary>{escape(title)}</summary><ul>{items}</ul></details>"
        )
    return "\n".join(parts)


def _issue_item(issue: Issue, language: str | None) -> str:
    place = issue.place(language)
    remedy = issue.remedy(language)
    said = f"<strong>{escape(place)}</strong>: " if place else ""
    mend = f' <em class="gbf-remedy">{escape(remedy)}</em>' if remedy else ""
    return f"<li>{said}{escape(issue.sentence(language))}{mend}</li>"


def figure_html(figure: Figure, words: str, caption: str = "") -> str:
    """A figure with its description for those who do not see it."""
    from gbf_workbench.reporting.charts import as_bytes

    coded = base64.b64encode(as_bytes(figure)).decode()
    said = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure class="gbf-figure"><img src="data:image/png;base64,{coded}" alt="{escape(words)}">{said}</figure>'


def preview_html(table: pd.DataFrame, title: str, language: str | None = None, most: int = 5) -> str:
    """The first rows of a table as it was understood."""
    shown = table.drop(columns="geometry", errors="ignore").head(most)
    filled = shown.loc[:, shown.notna().any()]
    caption = text("page.preview", language, title=title, count=len(table))
    if filled.columns.empty:
        return f'<p class="gbf-small">{escape(caption)}</p>'
    rows = [
        [str(at), *("" if pd.isna(v) else _cell_shown(v, language) for v in row)]
        for at, row in zip(filled.index, filled.itertuples(index=False), strict=True)
    ]
    table_shown = plain_table([text("columns.row", language), *map(str, filled.columns)], rows, caption)
    return f'<div class="gbf-preview">{table_shown}</div>'


def _cell_shown(value: Any, language: str | None) -> str:
    """A cell as it was understood: whole numbers without a point, yes and no in words, dates without an hour."""
    if isinstance(value, bool | np.bool_):
        return text("columns.yes" if value else "columns.no", language)
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else as_text(value)


def style() -> str:
    """The style sheet of the pieces above."""
    return _css("style.css")


@cache
def _css(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def whole_page(title: str, body: str, language: str | None = None) -> str:
    """A page that needs no other file and loads nothing from anywhere."""
    code = current_language(language)
    return (
        f'<!doctype html>\n<html lang="{code}" dir="{direction(code)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data: 'self'; "
        "style-src 'unsafe-inline'\">\n"
        f"<style>\n{_css('page.css')}{style()}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
