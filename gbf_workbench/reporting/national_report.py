"""A first national report as a Word document: every number of a country folder with all that must be said beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gbf_workbench.catalogue.specs import MATURITY, IndicatorSpec
from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.locales import current_language, day, number, text
from gbf_workbench.pipeline import Tables, compute, load
from gbf_workbench.preparation.country import FILE, Country, open_country
from gbf_workbench.preparation.inputs import has_data
from gbf_workbench.reporting.files import whole_file
from gbf_workbench.reporting.report_pages import Chapter, add_chapter, chapter_of, doubts_of, shown_code
from gbf_workbench.reporting.word_parts import Paper, add_heading, add_table, add_text, as_bytes, new_paper, unbroken
from gbf_workbench.reporting.wording import interval_shown, maturity_shown, maturity_word, unit_shown, value_shown
from gbf_workbench.results import Result

#: Results that were computed already, with the tables they come from, by slug or own code.
Given = Mapping[str, tuple[Result, Tables]]
_MOST_REASONS = 8


@dataclass(frozen=True)
class ReportFile:
    """A report that was written.

    Attributes
    ----------
    path : Path
    done : tuple of str
        Codes of the indicators with a page in it.
    failed : tuple of str
        Each indicator that has data and gave no number: its code and the reasons, ready to be shown.
    """

    path: Path
    done: tuple[str, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class _Findings:
    """What became of every indicator the workbench can compute for a country."""

    country: Country
    chapters: tuple[Chapter, ...]
    failed: tuple[tuple[IndicatorSpec, tuple[str, ...]], ...]
    lacking: tuple[IndicatorSpec, ...]

    def name(self, spec: IndicatorSpec, language: str) -> str:
        return self.country.edition.indicator(spec.code).said("name", language)


def report(
    folder: str | Path,
    out: str | Path | None = None,
    *,
    language: str | None = None,
    results: Given | None = None,
) -> ReportFile:
    """Write a Word document with every indicator that the country folder has data for.

    Parameters
    ----------
    folder : path
        A country folder.
    out : path, optional
        A ``.docx`` file, or a folder to put it in; without it the folder one is in.
    language : str, optional
        Of the document; else ``GBF_LANGUAGE``, else English.
    results : mapping, optional
        Slug (of a country's own indicator its code) to result and tables that were computed already and are taken
        as they are.

    Returns
    -------
    ReportFile
        An indicator whose data cannot be used is named in the document with the reasons, and in ``failed``.

    Raises
    ------
    WorkbenchError
        If the folder or the settings in it cannot be used at all, or the document cannot be written.
    """
    code = current_language(language)
    country = open_country(folder)
    findings = _gather(country, results or {}, code)
    if not (findings.chapters or findings.failed or (country.folder / FILE).exists()):
        raise problem("check.not_a_country_folder", value=str(folder))
    path = _path_of(out, country, code)
    content = _written(findings, code)
    try:
        with whole_file(path) as whole:
            whole.write_bytes(content)
    except OSError as fault:
        raise problem("report.not_written", file=path.name, reason=fault.strerror or str(fault)) from fault
    failed = tuple(f"{spec.code}: {_reasons(said, code)}" for spec, said in findings.failed)
    return ReportFile(path, tuple(chapter.result.spec.code for chapter in findings.chapters), failed)


def _path_of(out: str | Path | None, country: Country, language: str) -> Path:
    into = Path(out) if out is not None else Path.cwd()
    if into.suffix.lower() == ".docx":
        return into.resolve()
    return (into / f"report_{country.code or country.folder.name}_{language}.docx").resolve()


def _gather(country: Country, results: Given, language: str) -> _Findings:
    """Compute what there are data for; what was computed already is held against the country first."""
    known = country.specs()
    _refuse_strangers(country, known, results)
    chapters, failed, lacking = [], [], []
    for spec in known:
        try:
            if _key(spec) not in results and not has_data(spec, country):
                lacking.append(spec)
                continue
            result, tables = results.get(_key(spec)) or _computed(spec, country)
        except WorkbenchError as refused:
            failed.append((spec, tuple(refused.lines(language))))
            continue
        chapters.append(chapter_of(result, tables, language))
    return _Findings(country, tuple(chapters), tuple(failed), tuple(lacking))


def _computed(spec: IndicatorSpec, country: Country) -> tuple[Result, Tables]:
    tables = load(spec.code, country.folder)
    return compute(spec.code, tables), tables


def _key(spec: IndicatorSpec) -> str:
    # A country's own indicators share one slug, so only their codes tell them apart.
    return spec.code if spec.folder else spec.slug


def _refuse_strangers(country: Country, known: list[IndicatorSpec], results: Given) -> None:
    """A mistyped setting and a result of another country or indicator must not pass in silence."""
    wrong: list[Issue] = []
    slugs = {spec.slug for spec in known}
    for name in sorted(set(country.settings) - slugs):
        wrong += problem("use.settings_unknown", column=name, choices=", ".join(sorted(slugs))).issues
    by_key = {_key(spec): spec for spec in known}
    for key, (result, _) in results.items():
        if key not in by_key or by_key[key].code != result.spec.code:
            wrong += problem("use.not_computable", value=key, choices=", ".join(by_key)).issues
        elif result.provenance.area != country.code:
            parts = {"code": result.spec.code, "other": result.provenance.area or "–", "country": country.code or "–"}
            wrong.append(Issue("error", "report.foreign_result", parts))
    if wrong:
        raise WorkbenchError(*wrong)


def _written(findings: _Findings, language: str) -> bytes:
    country = findings.country.name(language) or text("report.no_country", language)
    made = _made(findings.chapters)
    title = text("report.title", language, country=country)
    paper = new_paper(language, title=title, running_head=text("report.header", language, country=country), made=made)
    add_text(paper, title, "Title")
    add_text(paper, text("report.subtitle", language), "Subtitle")
    _add_statement(paper, findings, made)
    _add_reading(paper)
    _add_numbers(paper, findings)
    _add_absent(paper, findings)
    edition = findings.country.edition
    for chapter in findings.chapters:
        add_chapter(paper, chapter, edition, country)
    return as_bytes(paper)


def _made(chapters: tuple[Chapter, ...]) -> datetime:
    """When the newest of the numbers was computed: the only hour that this document knows."""
    hours = [datetime.fromisoformat(chapter.result.provenance.computed_at) for chapter in chapters]
    return max(hours, default=datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _add_statement(paper: Paper, findings: _Findings, made: datetime) -> None:
    """What this document is and is not, and at once what it lacks."""
    from gbf_workbench import __version__

    language = paper.language
    add_text(paper, text("report.statement", language), "Boxed")
    facts = {"day": day(made.date(), language), "edition": findings.country.edition.title(language)}
    add_text(paper, text("report.made", language, version=__version__, **facts), "Small")
    counts = {"ok": len(findings.chapters), "failed": len(findings.failed), "lacking": len(findings.lacking)}
    add_text(paper, text("index.counts", language, **counts))
    if findings.failed:
        codes = ", ".join(shown_code(spec) for spec, _ in findings.failed)
        heading = text("report.absent.heading", language)
        add_text(paper, text("report.failed_named", language, codes=codes, heading=heading), "Boxed")


def _add_reading(paper: Paper) -> None:
    language = paper.language
    add_heading(paper, text("report.read.heading", language))
    for part in ("value", "interval", "maturity", "doubts", "recipe"):
        add_text(paper, text(f"report.read.{part}_text", language), lead=text(f"report.read.{part}", language))
        if part == "maturity":
            for level in MATURITY:
                add_text(paper, maturity_shown(level, language), "List Bullet")


def _add_numbers(paper: Paper, findings: _Findings) -> None:
    """The headline table: one line for each indicator with a result."""
    language = paper.language
    add_heading(paper, text("report.numbers.heading", language))
    if not findings.chapters:
        add_text(paper, text("report.none", language))
        return
    shares = {"code": 1.7, "name": 4.3, "year": 1.4, "value": 2.7, "interval": 3.2, "maturity": 2.4, "doubts": 1.6}
    rows = [_line(chapter.result, findings, language) for chapter in findings.chapters]
    caption, numeric = text("report.numbers.caption", language), ("year", "value", "interval", "doubts")
    add_table(paper, "report.numbers.columns", shares, rows, caption=caption, numeric=numeric)


def _line(result: Result, findings: _Findings, language: str) -> list[str]:
    spec, newest = result.spec, result.latest
    year, value, interval = "–", text("wording.no_total", language), ""
    if newest:
        year, value, interval = (
            str(newest["year"]),
            value_shown(newest, language),
            unbroken(interval_shown(newest, language)),
        )
        if newest["value_status"] in ("measured", "estimated"):
            value = f"{value} {unit_shown(newest['unit'], language)}"
        if newest["value_status"] == "estimated":
            value = text("report.numbers.estimated", language, value=value)
    doubts = number(len(doubts_of(result, language)), language)
    name = findings.name(spec, language)
    return [shown_code(spec), name, year, value, interval or "–", maturity_word(spec.maturity, language), doubts]


def _add_absent(paper: Paper, findings: _Findings) -> None:
    """What has data and failed, with the reasons; then what has no data."""
    language = paper.language
    add_heading(paper, text("report.absent.heading", language))
    if not (findings.failed or findings.lacking):
        add_text(paper, text("report.absent.complete", language))
    heads, shares = "report.absent.columns", {"code": 1.5, "name": 5, "reason": 10.5}
    if findings.failed:
        named = [(shown_code(spec), findings.name(spec, language), said) for spec, said in findings.failed]
        rows = [[code, name, _reasons(said, language)] for code, name, said in named]
        add_table(paper, heads, shares, rows, caption=text("report.absent.failed", language))
    if findings.lacking:
        rows = [[shown_code(spec), findings.name(spec, language), ""] for spec in findings.lacking]
        add_table(paper, heads, shares, rows, caption=text("report.absent.lacking", language))


def _reasons(said: tuple[str, ...], language: str) -> str:
    left = len(said) - _MOST_REASONS
    more = [text("report.absent.more", language, count=left)] if left > 0 else []
    return "\n".join([*said[:_MOST_REASONS], *more])
