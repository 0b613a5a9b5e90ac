"""The one path from a country folder to a result; every door walks it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gbf_workbench.catalogue.specs import IndicatorSpec
from gbf_workbench.errors import Issue, WorkbenchError, sorted_issues
from gbf_workbench.preparation.canonical import digest_of
from gbf_workbench.preparation.country import FILE as COUNTRY_FILE
from gbf_workbench.preparation.country import Country, open_country
from gbf_workbench.preparation.inputs import Inputs, read_inputs
from gbf_workbench.preparation.mapping import Overrule
from gbf_workbench.preparation.sources.origins import read_records
from gbf_workbench.provenance import InputFile, sha256_of, write_down
from gbf_workbench.results import RepairEffect, Result, tidy

#: Repairs that only say how a file was read, or do what ``mapping.yml`` says: they cannot be left out.
READING = frozenset({
    "archive.junk", "check.blank_rows", "check.columns_renamed", "check.delimiter", "check.encoding",
    "check.header_found", "check.rows_left_out", "check.table_found", "layer.axes_swapped", "layer.collection",
    "layer.curves", "layer.split_at_180",
})  # fmt: skip


@dataclass(frozen=True)
class Tables:
    """The checked inputs of one indicator for one country, ready to be computed from."""

    spec: IndicatorSpec
    country: Country
    inputs: Inputs
    #: What would be there without a repair, by table and key of the repair; filled when it is asked for.
    unrepaired: dict[tuple[str, str], Tables | None] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, role: str) -> Any:
        return self.inputs.contents[role]

    def __contains__(self, role: object) -> bool:
        return role in self.inputs.contents

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Repairs and flags, worst first."""
        return sorted_issues(self.inputs.issues)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{role} ({len(content)})" for role, content in self.inputs.contents.items())
        return f"<Tables {self.spec.code} {self.country.code}: {sizes}; {len(self.issues)} notes>"


def check(code: str, folder: str | Path) -> tuple[Issue, ...]:
    """Everything that is to be said about the data of an indicator, worst first; nothing is computed.

    Parameters
    ----------
    code : str
        Code or slug of the indicator.
    folder : path
        A country folder, or the subfolder of the indicator.
    """
    country = open_country(folder)
    spec = country.spec(code)
    return sorted_issues([*_settings_issues(spec, country), *read_inputs(spec, country).issues])


def load(code: str, folder: str | Path) -> Tables:
    """The checked tables of an indicator.

    Raises
    ------
    WorkbenchError
        With all problems at once, if one of them forbids a number.
    """
    country = open_country(folder)
    spec = country.spec(code)
    inputs = read_inputs(spec, country)
    if not inputs.usable:
        raise WorkbenchError(*inputs.issues)
    return Tables(spec, country, inputs)


def compute(code: str, tables: Tables | str | Path, **parameters: Any) -> Result:
    """Compute an indicator.

    Parameters
    ----------
    code : str
        Code or slug.
    tables : Tables or path
        What ``load`` gave, or the folder to load from.
    **parameters
        In place of the country's settings and the defaults of the spec.

    Returns
    -------
    Result

    Raises
    ------
    WorkbenchError
        If data or parameters cannot be used.
    """
    if not isinstance(tables, Tables):
        tables = load(code, tables)
    spec = tables.spec
    if unknown := unknown_settings(tables.country):
        raise WorkbenchError(*unknown)
    settings = settings_for(spec, tables.country, parameters)
    shaped, unit, doubts = _numbers(tables, settings)
    digests = {role: digest_of(content) for role, content in tables.inputs.contents.items()}
    provenance = write_down(spec, tables.country.code, settings, _input_files(tables), digests)
    result = Result(replace(spec, unit=unit), shaped, provenance, sorted_issues([*tables.issues, *doubts]))
    effects = tuple(_effects(result, tables, settings))
    shown = [issue for effect in effects if (issue := effect.issue()) is not None]
    return replace(result, repairs=effects, issues=sorted_issues([*result.issues, *shown]))


def _numbers(tables: Tables, settings: Mapping[str, Any]) -> tuple[pd.DataFrame, str, list[Issue]]:
    """The tidy rows of the science, the unit of its headline and its doubts."""
    spec, contents = tables.spec, tables.inputs.contents
    try:
        data = science_of(spec)(*(contents.get(role) for role in spec.inputs), **settings)
    except WorkbenchError as refused:
        raise WorkbenchError(*(_in_its_file(issue, tables) for issue in refused.issues)) from None
    doubts = [_doubt(spec, one) for one in data.attrs.get("doubts", ())]
    # Money comes in the currency of the country: its unit is known only with the data.
    unit = data.attrs.get("unit", spec.unit)
    return tidy(pd.DataFrame(data), indicator=spec.code, area=tables.country.code, unit=unit), unit, doubts


def _effects(result: Result, tables: Tables, settings: Mapping[str, Any]) -> Iterator[RepairEffect]:
    """For each kind of repair in each table, the newest national value with it and without it."""
    repairs = {(i.table, i.key): i for i in reversed(tables.issues) if i.level == "repair" and i.key not in READING}
    for (table, key), issue in repairs.items():
        if (table, key) not in tables.unrepaired:
            tables.unrepaired[table, key] = _without(issue, tables)
        other = tables.unrepaired[table, key]
        if other is None:
            continue
        without: float | None = None
        if other.inputs.usable:
            with suppress(WorkbenchError):
                rows, _, _ = _numbers(other, settings)
                without = (replace(result, data=rows).latest or {}).get("value")
        yield RepairEffect(issue, (result.latest or {}).get("value"), without)


def _without(repair: Issue, tables: Tables) -> Tables | None:
    """The tables as they would be had a repair not been made; None where it is one of those that cannot be left out."""
    word = Overrule(repair.key, name="–", date="", reason="")
    inputs = read_inputs(tables.spec, tables.country, {repair.table: word})
    if any(issue.key == repair.key and issue.table == repair.table for issue in inputs.issues):
        return None
    return Tables(tables.spec, tables.country, inputs)


def unknown_settings(country: Country) -> list[Issue]:
    """An error for each heading of the country's settings that is no indicator, so that none is passed over."""
    slugs = sorted({spec.slug for spec in country.every_spec()})
    return [
        Issue("error", "use.settings_unknown", {"choices": ", ".join(slugs)}, file=COUNTRY_FILE, column=name)
        for name in sorted(set(country.settings) - set(slugs))
    ]


def _settings_issues(spec: IndicatorSpec, country: Country) -> list[Issue]:
    """What is wrong with the settings in ``country.yml``."""
    try:
        settings_for(spec, country, {})
    except WorkbenchError as refused:
        return [*unknown_settings(country), *refused.issues]
    return unknown_settings(country)


def _in_its_file(issue: Issue, tables: Tables) -> Issue:
    """A problem of the science with the file of its table, where the table came from one file."""
    for role, paths in tables.inputs.files.items():
        if tables.spec.inputs[role].table == issue.table and len(paths) == 1:
            return issue.placed(file=paths[0].name)
    return issue


def settings_for(spec: IndicatorSpec, country: Country, given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters in order of precedence: those given, those of ``country.yml``, the defaults."""
    own = dict(country.settings.get(spec.slug, {}))
    if "last_year" in spec.parameters and country.reporting_year:
        own.setdefault("last_year", country.reporting_year)
    try:
        return spec.settings({**own, **given})
    except WorkbenchError as refused:
        said = (one if one.column in given else one.placed(file=COUNTRY_FILE) for one in refused.issues)
        raise WorkbenchError(*said) from None


def science_of(spec: IndicatorSpec) -> Callable[..., pd.DataFrame]:
    """The function that computes an indicator, found by its name."""
    module = importlib.import_module(f"gbf_workbench.indicators.{spec.slug}")
    return getattr(module, spec.slug)


def _doubt(spec: IndicatorSpec, one: Mapping[str, Any]) -> Issue:
    # What several indicators say stands with the workbench's own texts, under a key with a dot.
    key = one["key"] if "." in one["key"] else f"indicators.{spec.slug}.notes.{one['key']}"
    return Issue(one["level"], key, one.get("values", {}), table=one.get("table", ""))


def _origin(path: Path) -> dict[str, str]:
    """Source, release, licence and citation of a file that was brought from a data source; nothing for any other."""
    record = read_records(path.parent).get(path.name)
    words = ("source", "release", "licence", "citation", "url", "retrieved_at")
    return {word: getattr(record, word) for word in words} if record else {}


def _input_files(tables: Tables) -> list[InputFile]:
    root = tables.country.folder
    found = []
    for role, paths in tables.inputs.files.items():
        for path in paths:
            name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
            # What was read counts, not what may lie there by now.
            digest = tables.inputs.sha256.get(path) or sha256_of(path)
            found.append(InputFile(role, name, digest, path.stat().st_size, _origin(path)))
    return found
