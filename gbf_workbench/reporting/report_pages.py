"""One indicator in the report: its number, its pictures, and everything a reader must know before passing it on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gbf_workbench.catalogue import Edition
from gbf_workbench.catalogue.specs import IndicatorSpec
from gbf_workbench.errors import Issue
from gbf_workbench.locales import has_text, note, number, source_texts, text
from gbf_workbench.pipeline import Tables
from gbf_workbench.reporting.charts import as_bytes, described, draw
from gbf_workbench.reporting.maps import boundary_note, draw_map
from gbf_workbench.reporting.pages import SHA_LENGTH
from gbf_workbench.reporting.word_parts import Paper, add_heading, add_picture, add_table, add_text, unbroken
from gbf_workbench.reporting.wording import (
    confidence_shown,
    headline,
    interval_shown,
    maturity_line,
    maturity_shown,
    remark,
    unit_shown,
    value_shown,
)
from gbf_workbench.results import Result

MOST_ROWS = 12
#: Rows up to which further breakdowns are added to that of the chart.
FURTHER_ROWS = 8
MOST_DOUBTS = 12
MOST_NAMES = 8
_PART_SHARES = {
    "kind": 4, "label": 5, "year": 1.3, "value": 2, "unit": 1.3,
    "interval": 2.8, "n": 1.5, "status": 2, "note": 4.5,
}  # fmt: skip
PICTURE_CM = 13.5
#: Height of a picture as it is drawn, flat enough for chart and map on one page.
PICTURE_INCHES = 3.9


@dataclass(frozen=True)
class Chapter:
    """What the page of an indicator is made of; its tables are let go before the next is computed."""

    result: Result
    chart: bytes | None
    map: bytes | None
    boundary: str


def chapter_of(result: Result, tables: Tables, language: str) -> Chapter:
    """Draw the pictures of a result; a chart without anything on it is none."""
    chart, drawn = draw(result, language), draw_map(tables, language)
    for figure in filter(None, (chart, drawn)):
        figure.set_figheight(PICTURE_INCHES)
    *sources, disclaimer = boundary_note(tables, language).splitlines()
    return Chapter(
        result,
        as_bytes(chart) if chart.axes[0].has_data() else None,
        as_bytes(drawn) if drawn is not None else None,
        f"{' '.join(sources)}\n{disclaimer}",
    )


def shown_code(spec: IndicatorSpec) -> str:
    """The code as it fits into a table; a country's own indicators have one of 36 letters."""
    return spec.code[:8] if spec.folder else spec.code


def doubts_of(result: Result, language: str) -> list[str]:
    """All doubts of a result as sentences: those of the method, then what was found in the data."""
    at = f"indicators.{result.spec.slug}.doubts."
    known = [text(key, language) for key in source_texts() if key.startswith(at)]
    of_method = [text("report.page_of.of_method", language, doubt=one) for one in known]
    return of_method + [issue.line(language) for issue in result.issues]


def add_chapter(paper: Paper, chapter: Chapter, edition: Edition, country: str) -> None:
    """The page of an indicator; it begins on a new one."""
    result, language = chapter.result, paper.language
    indicator = edition.indicator(result.spec.code)
    name = indicator.said("name", language)
    add_heading(paper, f"{shown_code(result.spec)} {name}", new_page=True)
    add_text(paper, _serves(result.spec, edition, language), "Small", keep=True)
    _add_number(paper, result)
    _add_pictures(paper, chapter, name, country)
    _add_reading(paper, result.spec)
    _add_breakdown(paper, result)
    _add_method(paper, result)
    _add_sources(paper, result)
    _add_doubts(paper, result)


def _serves(spec: IndicatorSpec, edition: Edition, language: str) -> str:
    indicator = edition.indicator(spec.code)
    said = []
    for role, aims in indicator.roles.items():
        for code in aims:
            kind = text("catalogue.target" if code.startswith("T") else "catalogue.goal", language)
            parts = {"kind": kind, "code": code.removeprefix("T"), "title": edition.aims[code].said("title", language)}
            said.append(text("report.page_of.aim", language, role=text(f"catalogue.kinds.{role}", language), **parts))
    serves = text("report.page_of.serves", language, aims="; ".join(said)) if said else ""
    own = text("report.page_of.own_code", language, code=spec.code) if spec.folder else ""
    return " ".join(filter(None, [serves, own]))


def _add_number(paper: Paper, result: Result) -> None:
    language = paper.language
    add_text(paper, headline(result, language), "Number", keep=True)
    estimated = bool(result.latest) and result.latest["value_status"] == "estimated"
    said = [text("report.page_of.estimated", language) if estimated else "", remark(result, language)]
    if any(said):
        add_text(paper, " ".join(filter(None, said)), keep=True)
    add_text(paper, maturity_line(result, language), "Small")
    add_text(paper, result.spec.said("summary", language))


def _add_pictures(paper: Paper, chapter: Chapter, name: str, country: str) -> None:
    language, spec = paper.language, chapter.result.spec
    facts = {"code": shown_code(spec), "country": country, "recipe": chapter.result.recipe}
    if chapter.chart is None:
        add_text(paper, text("report.page_of.no_chart", language))
    else:
        caption = text("report.page_of.chart", language, **facts)
        add_picture(paper, chapter.chart, PICTURE_CM, words=described(chapter.result, language), caption=caption)
    if chapter.map is not None:
        words = text("map.described", language, name=name, country=country)
        caption = f"{text('report.page_of.map', language, **facts)}\n{chapter.boundary}"
        add_picture(paper, chapter.map, PICTURE_CM, words=words, caption=caption)


def _add_reading(paper: Paper, spec: IndicatorSpec) -> None:
    language = paper.language
    parts = [part for part in ("says", "says_not") if has_text(f"indicators.{spec.slug}.reading.{part}")]
    if parts:
        add_heading(paper, text("report.page_of.reading", language), 2)
    for part in parts:
        add_text(paper, spec.said(f"reading.{part}", language), lead=text(f"report.page_of.{part}", language))


def _add_breakdown(paper: Paper, result: Result) -> None:
    """The newest values of the breakdowns there is room for, and the names of all others."""
    language, spec = paper.language, result.spec
    newest, left_out = _newest_parts(result)
    shown = set(newest["disaggregation_type"])
    others = [kind for kind in dict.fromkeys(result.data["disaggregation_type"]) if kind and kind not in shown]
    if not newest.empty:
        add_heading(paper, text("report.page_of.breakdown", language), 2)
        rows = [_part_line(result, row, language) for row in newest.to_dict("records")]
        caption, numeric = text("report.page_of.breakdown_caption", language), ("year", "value", "interval", "n")
        add_table(paper, "report.page_of.columns", _PART_SHARES, rows, caption=caption, numeric=numeric)
    if left_out:
        kind = spec.label(spec.chart["by"], language)
        add_text(paper, text("report.page_of.left_out", language, kind=kind, count=left_out), "Small")
    if others:
        names = "; ".join(spec.label(str(one), language) for one in others[:MOST_NAMES])
        said = text("report.page_of.other_breakdowns", language, names=names)
        add_text(paper, said if len(others) <= MOST_NAMES else f"{said.removesuffix('.')} …", "Small")


def _newest_parts(result: Result) -> tuple[pd.DataFrame, int]:
    """The breakdown of the chart, its largest parts first, then others that fit whole; how many parts were left out.

    Not every part has a value in the last year, so the newest row of each is taken.
    """
    data, spec = result.data, result.spec
    by, unit = spec.chart.get("by", ""), spec.chart.get("unit", spec.unit)
    newest = data[data["disaggregation_type"] != ""].sort_values("year", kind="stable")
    newest = newest.drop_duplicates(["disaggregation_type", "disaggregation", "unit"], keep="last")
    newest = newest.sort_values(["value", "disaggregation"], ascending=[False, True], kind="stable")
    chosen = newest[(newest["disaggregation_type"] == by) & (newest["unit"] == unit)]
    room, parts = FURTHER_ROWS - len(chosen), [chosen.head(MOST_ROWS)]
    rest = newest[(newest["disaggregation_type"] != by) & (newest["unit"] == spec.unit)]
    for _, part in sorted(rest.groupby("disaggregation_type"), key=lambda one: (len(one[1]), one[0])):
        if len(part) > room:
            break
        parts.append(part)
        room -= len(part)
    return pd.concat(parts), max(0, len(chosen) - MOST_ROWS)


def _part_line(result: Result, row: dict[str, Any], language: str) -> list[str]:
    """A line of the table; that a value was measured goes without saying."""
    spec = result.spec
    status = "" if row["value_status"] == "measured" else text(f"status.{row['value_status']}", language)
    counted = "" if pd.isna(row["n"]) else number(int(row["n"]), language)
    return [
        spec.label(row["disaggregation_type"], language), spec.label(row["disaggregation"], language),
        str(row["year"]), value_shown(row, language), unit_shown(row["unit"], language),
        unbroken(interval_shown(row, language)), counted, status, note(row["note"], spec.slug, language),
    ]  # fmt: skip


def _add_method(paper: Paper, result: Result) -> None:
    language, spec = paper.language, result.spec
    add_heading(paper, text("report.page_of.computed", language), 2)
    add_text(paper, confidence_shown(result, language), lead=text("report.page_of.interval", language))
    method = {
        name: _said_or_written(spec, f"method.{name}", written, language) for name, written in spec.method.items()
    }
    said = text("report.page_of.method_text", language, **method)
    add_text(paper, said, lead=text("report.page_of.method", language))
    maturity = f"{maturity_shown(spec.maturity, language)}. {spec.evidence_said(language)}"
    add_text(paper, maturity, lead=text("report.page_of.maturity", language))
    other = _other_settings(result, language)
    said = text(f"report.page_of.settings_{'other' if other else 'default'}", language)
    add_text(paper, said, lead=text("report.page_of.settings", language), keep=bool(other))
    for setting in other:
        add_text(paper, setting, "List Bullet")
    add_text(paper, text("page.recipe", language, recipe=result.recipe))


def _said_or_written(spec: IndicatorSpec, part: str, written: str, language: str) -> str:
    """A part of the spec in the language where it is translated, else as it is written there."""
    return spec.said(part, language) if has_text(f"indicators.{spec.slug}.{part}") else written


def _other_settings(result: Result, language: str) -> list[str]:
    """Settings that are not the proposed ones, with their values as they are written in ``country.yml``."""
    said = []
    for name, value in result.provenance.parameters.items():
        default = result.spec.parameters[name].default
        if value != default:
            shown = {"value": _setting_shown(value, language), "default": _setting_shown(default, language)}
            known = f"parameters.{name}.help"
            help_text = _said_or_written(result.spec, known, "", language)
            said.append(text("report.page_of.setting", language, name=name, help=help_text, **shown).strip())
    return said


def _setting_shown(value: Any, language: str) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value)) or text("report.page_of.nothing", language)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _add_sources(paper: Paper, result: Result) -> None:
    language = paper.language
    add_heading(paper, text("report.page_of.data", language), 2)
    rows = []
    for file in result.provenance.inputs:
        title = text(f"tables.{result.spec.inputs[file.role].table}.title", language)
        said = [file.name, file.origin.get("citation", ""), file.origin.get("licence", "")]
        rows.append([title, ". ".join(filter(None, said)), file.sha256[:SHA_LENGTH]])
    shares = {"table": 4.5, "file": 9, "sha256": 3.5}
    caption = text("report.page_of.data_caption", language)
    add_table(paper, "report.page_of.file_columns", shares, rows, caption=caption)


def _add_doubts(paper: Paper, result: Result) -> None:
    language = paper.language
    add_heading(paper, text("report.page_of.doubts", language), 2)
    of_method = len(doubts_of(result, language)) - len(result.issues)
    shown = [*doubts_of(result, language)[:of_method], *(issue.line(language) for issue in _varied(result.issues))]
    for doubt in shown:
        add_text(paper, doubt, "List Bullet")
    if not shown:
        add_text(paper, text("report.page_of.no_doubts", language))
    if len(result.issues) > MOST_DOUBTS:
        add_text(paper, text("report.page_of.more_doubts", language, count=len(result.issues) - MOST_DOUBTS))


def _varied(issues: tuple[Issue, ...]) -> list[Issue]:
    """As many findings as fit, in their order; one of each kind goes before a second of the same."""
    met: Counter[str] = Counter()
    ranked = []
    for at, issue in enumerate(issues):
        ranked.append((met[issue.key], at))
        met[issue.key] += 1
    return [issues[at] for at in sorted(at for _, at in sorted(ranked)[:MOST_DOUBTS])]
