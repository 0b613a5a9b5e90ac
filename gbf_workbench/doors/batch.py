"""The door nobody watches: every indicator of a country folder, judged by its result and never by its notebook."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from gbf_workbench.catalogue.specs import QUESTIONNAIRE, IndicatorSpec
from gbf_workbench.errors import Issue, WorkbenchError, problem, sorted_issues
from gbf_workbench.locales import current_language, text
from gbf_workbench.pipeline import settings_for
from gbf_workbench.preparation.country import Country, open_country
from gbf_workbench.preparation.inputs import has_data, read_inputs
from gbf_workbench.reporting.files import (
    ISSUES,
    csv_text,
    read_issues,
    read_record,
    save_issues,
    unwritable_in_words,
    whole_file,
)
from gbf_workbench.results import COLUMNS

CELL_SECONDS = 3600


@dataclass(frozen=True)
class Unit:
    """What became of one indicator, with the reason in words and what was found in its data.

    ``state`` is ``ok``, ``failed`` or ``lacking`` (no data).
    """

    spec: IndicatorSpec
    state: str
    seconds: float = 0.0
    reason: str = ""
    folder: Path | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Run:
    """A batch that ended: its folder, what became of every indicator, and where answers and numbers disagree."""

    country: Country
    folder: Path
    units: tuple[Unit, ...]
    disagreements: tuple[Issue, ...] = ()

    @property
    def failed(self) -> list[Unit]:
        """The units that should have given a number and did not."""
        return [unit for unit in self.units if unit.state == "failed"]

    @property
    def done(self) -> list[Unit]:
        """The units with a result."""
        return [unit for unit in self.units if unit.state == "ok"]


def run(
    folder: str | Path,
    out: str | Path,
    *,
    only: Iterable[str] = (),
    language: str | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Run:
    """Compute every indicator the folder has data for, through its notebook.

    Parameters
    ----------
    folder : path
        A country folder.
    out : path
        Made if needed; of an earlier run only what is computed again is replaced.
    only : iterable of str
        Codes or slugs; empty takes all.
    settings : mapping of slug to parameters
        In place of the country's own; a name or value that does not exist is refused before anything runs.
    say : callable
        Called with a line of progress.

    Returns
    -------
    Run

    Raises
    ------
    WorkbenchError
        If folder, codes or settings cannot be used at all.
    """
    code = current_language(language)
    country = open_country(folder)
    wanted = _wanted(country, only)
    asked = _checked_settings(wanted, country, settings or {})
    into = Path(out).resolve()
    with unwritable_in_words():
        into.mkdir(parents=True, exist_ok=True)
    units = []
    for at, spec in enumerate(wanted, 1):
        say(text("batch.begins", code, at=at, of=len(wanted), code=spec.code, name=spec.slug))
        unit = _one(spec, country, into, asked[spec.slug], code)
        say(
            text(
                f"batch.{unit.state}",
                code,
                code=spec.code,
                name=spec.slug,
                seconds=round(unit.seconds, 1),
                reason=unit.reason,
            )
        )
        units.append(unit)
    from gbf_workbench.reporting.agreement import disagreements
    from gbf_workbench.reporting.index_page import index_html

    parts = [unit.record["data"] for unit in units if unit.state == "ok"]
    data = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    found = tuple(disagreements(data, country.edition, code))
    ended = Run(country, into, tuple(units), found)
    _write_tables(ended, data)

    with whole_file(into / "index.html") as path:
        path.write_text(index_html(ended.country, ended.units, code, found), encoding="utf-8")
    return ended


def _wanted(country: Country, only: Iterable[str]) -> list[IndicatorSpec]:
    known = country.every_spec()
    by_name = {name.lower(): spec for spec in known for name in (spec.slug, spec.code)}
    chosen = list(only)
    if unknown := [name for name in chosen if name.lower() not in by_name]:
        said = ", ".join(f"{spec.code} ({spec.slug})" for spec in known)
        raise WorkbenchError(*(problem("use.not_computable", value=name, choices=said).issues[0] for name in unknown))
    if chosen:
        return [by_name[name.lower()] for name in dict.fromkeys(chosen)]
    # What lacks data is said of what the Framework asks of everyone, not of questionnaires that were not begun.
    return [spec for spec in known if spec.slug != QUESTIONNAIRE or _has_any(spec, country)]


def _has_any(spec: IndicatorSpec, country: Country) -> bool:
    try:
        # All questionnaires share one table, which says itself which of them were begun.
        shared = spec.slug == QUESTIONNAIRE
        return has_data(spec, country) and (not shared or bool(read_inputs(spec, country).files))
    except WorkbenchError:
        # Something is there, and something is wrong with it: that is said when it is its turn.
        return True


def _checked_settings(
    wanted: list[IndicatorSpec], country: Country, settings: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """All settings of each indicator; every mistyped one, here or in country.yml, is refused before hours are spent."""
    wrong, complete = [], {}
    slugs = {spec.slug for spec in country.every_spec()}
    for name in sorted((set(country.settings) | set(settings)) - slugs):
        wrong += problem("use.settings_unknown", column=name, choices=", ".join(sorted(slugs))).issues
    for spec in wanted:
        try:
            complete[spec.slug] = settings_for(spec, country, settings.get(spec.slug, {}))
        except WorkbenchError as refused:
            wrong += refused.issues
    if wrong:
        raise WorkbenchError(*wrong)
    return complete


def _one(spec: IndicatorSpec, country: Country, into: Path, settings: Mapping[str, Any], language: str) -> Unit:
    """One indicator in a work folder of its own, which takes its name only when its result keeps the contract."""
    try:
        if not has_data(spec, country):
            return Unit(spec, "lacking", reason=text("batch.no_data", language))
        started = time.monotonic()
        # Data that cannot be used cost a reading, not a kernel.
        inputs = read_inputs(spec, country)
    except WorkbenchError as refused:
        return _refused(spec, refused.issues, into, language)
    if not inputs.usable:
        return _refused(spec, sorted_issues(inputs.issues), into, language)
    work = _work_folder(into, spec.file_stem)
    reason = _execute(spec, country, work, settings, language)
    record: Mapping[str, Any] = {}
    if not reason:
        record, reason = _judged(spec, work, settings, language)
    target = into / spec.file_stem
    shutil.rmtree(target, ignore_errors=True)
    if reason:
        # What was done up to the fault is kept under a name that nobody takes for a result.
        record = {"issues": read_issues(work)}
        for path in [one for one in work.iterdir() if one.suffix != ".ipynb" and one.name != ISSUES]:
            path.unlink()
        for path in work.glob("*.ipynb"):
            path.rename(path.with_suffix(".failed.ipynb"))
    os.replace(work, target)
    state = "failed" if reason else "ok"
    return Unit(spec, state, time.monotonic() - started, reason, target, record, sorted_issues(inputs.issues))


def _refused(spec: IndicatorSpec, issues: tuple[Issue, ...], into: Path, language: str) -> Unit:
    """A unit whose data cannot be used; a result of an earlier run must not stand in for it."""
    target = into / spec.file_stem
    shutil.rmtree(target, ignore_errors=True)
    save_issues(issues, target, language)
    said = " ".join(issue.line(language) for issue in issues if issue.stops)
    return Unit(spec, "failed", reason=said, folder=target, issues=issues)


def _work_folder(into: Path, stem: str) -> Path:
    """A new folder for one unit; those of runs that ended before their time are cleared away first."""
    import psutil

    for left in into.glob(f".{stem}.*.work"):
        owner = left.name.split(".")[-2]
        if not owner.isdigit() or not psutil.pid_exists(int(owner)) or int(owner) == os.getpid():
            shutil.rmtree(left, ignore_errors=True)
    work = into / f".{stem}.{os.getpid()}.work"
    work.mkdir()
    return work


def _execute(spec: IndicatorSpec, country: Country, work: Path, settings: Mapping[str, Any], language: str) -> str:
    """Run the notebook; the reason it failed for, or nothing."""
    import nbformat
    import papermill
    from papermill.exceptions import PapermillException

    from gbf_workbench.doors.notebooks import notebook_of, page_of, translated, without_lesson

    source = work / "notebook.ipynb"
    notebook = translated(nbformat.read(notebook_of(spec), as_version=4), language)
    notebook.cells = without_lesson(notebook.cells)
    nbformat.write(notebook, source)
    executed = work / f"{spec.file_stem}.ipynb"
    parameters = {"folder": str(country.folder), "out": str(work), "language": language, **settings}
    if spec.folder:
        parameters["code"] = spec.code
    environment = {"GBF_DOOR": "batch", "GBF_LANGUAGE": language}
    kept = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        papermill.execute_notebook(
            source, executed, parameters, cwd=str(work), kernel_name="python3", progress_bar=False,
            log_output=False, execution_timeout=CELL_SECONDS, config=_transport(),
        )  # fmt: skip
    except PapermillException as fault:
        return _last_words(fault)
    except (RuntimeError, TimeoutError) as fault:
        return text("batch.kernel", language, reason=str(fault).splitlines()[0])
    finally:
        source.unlink(missing_ok=True)
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    title = f"{spec.code} {country.name(language)}"
    page = page_of(nbformat.read(executed, as_version=4), title, language)
    (work / f"{spec.file_stem}.html").write_text(page, encoding="utf-8")
    return ""


def _transport() -> Any:
    """Talk to the kernel through files only this user can open, where the system has such."""
    from traitlets.config import Config

    return Config() if os.name == "nt" else Config(KernelManager={"transport": "ipc"})


def _last_words(fault: Exception) -> str:
    """What a cell said when it failed: our sentences as they are, of a fault of ours its last line."""
    said = getattr(fault, "evalue", "") or str(fault)
    return " ".join(said.split())[:2000] or type(fault).__name__


def _judged(
    spec: IndicatorSpec, work: Path, settings: Mapping[str, Any], language: str
) -> tuple[Mapping[str, Any], str]:
    """The record the notebook wrote, if it is whole and is of what was asked for."""
    path = work / "result.json"
    if not path.is_file():
        return {}, text("batch.no_result", language)
    try:
        record = read_record(path)
    except (ValueError, KeyError) as fault:
        return {}, text("batch.broken_result", language, reason=str(fault))
    echoed = record["provenance"]["parameters"]
    other = [name for name, value in settings.items() if echoed.get(name) != spec.parameters[name].read(value)]
    if record["indicator"] != spec.code or other:
        return {}, text("batch.other_result", language, reason=", ".join(other) or record["indicator"])
    return record, ""


def _write_tables(ended: Run, data: pd.DataFrame) -> None:
    """``results.csv`` with all rows and ``summary.csv`` with what ran, failed or lacked data."""
    with whole_file(ended.folder / "results.csv") as path:
        path.write_text(csv_text(data), encoding="utf-8", newline="")
    rows = [
        {
            "indicator": unit.spec.code, "slug": unit.spec.slug, "state": unit.state, "seconds": round(unit.seconds, 2),
            "recipe": unit.record.get("recipe", ""), "maturity": unit.spec.maturity, "reason": unit.reason,
        }
        for unit in ended.units
    ]  # fmt: skip
    with whole_file(ended.folder / "summary.csv") as path:
        path.write_text(csv_text(pd.DataFrame(rows)), encoding="utf-8", newline="")
