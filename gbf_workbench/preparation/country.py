"""The country folder: who the country is, its frame, its settings, and where the data of each indicator lie."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gbf_workbench.catalogue import Edition, national_indicators, with_national
from gbf_workbench.catalogue.specs import (
    IndicatorSpec,
    binary_spec,
    national_spec,
    spec_of,
    specs,
)
from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.locales import PACKAGE
from gbf_workbench.preparation.frame import FILE, Frame, read_frame
from gbf_workbench.preparation.mapping import TableMapping, read_user_yaml, table_mapping
from gbf_workbench.preparation.numerals import is_year

#: The made-up country that the lessons, the demo and the tests work with.
SAMPLE = PACKAGE.parent / "data_samples" / "aruvia"
#: Stands for the code of a country nobody has named yet.
NO_COUNTRY = "XXX"
_HEADINGS = {
    "format",
    "code",
    "name",
    "languages",
    "reporting_year",
    "frame",
    "settings",
    "workbook",
    "national_indicators",
    "checklist",
}


@dataclass(frozen=True)
class Country:
    """A country folder, read. ``frame`` holds what all indicators share, so that their totals agree."""

    folder: Path
    code: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    reporting_year: int = 0
    frame: Frame = field(default_factory=Frame)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    workbook: Mapping[str, Any] = field(default_factory=dict)
    national_indicators: tuple[Mapping[str, Any], ...] = ()
    checklist: TableMapping | None = None

    def name(self, language: str | None = None) -> str:
        """The country's name in the language, else in English, else its code."""
        from gbf_workbench.locales import current_language

        return self.names.get(current_language(language)) or self.names.get("en") or self.code

    @property
    def edition(self) -> Edition:
        """The catalogue with the country's own indicators in it."""
        return with_national(None, national_indicators(self.national_indicators))

    def specs(self) -> list[IndicatorSpec]:
        """Everything that can be computed for this country: the Framework's order, then its own indicators."""
        own = [one for one in self.edition.indicators() if one.kind == "national"]
        return [*specs().values(), *(national_spec(one.code, one.unit) for one in own)]

    def every_spec(self) -> list[IndicatorSpec]:
        """Everything that can be computed, the questionnaires last."""
        binary = [binary_spec(one.code) for one in self.edition.indicators() if one.kind == "binary"]
        return [*self.specs(), *binary]

    def spec(self, code: str) -> IndicatorSpec:
        """The spec with this code or slug, or an error that names what there is."""
        for spec in self.specs():
            if code.lower() in (spec.code.lower(), spec.slug) and not (spec.folder and code == spec.slug):
                return spec
        return spec_of(code)

    def folder_of(self, spec: IndicatorSpec) -> Path:
        """Where the data of an indicator lie; the folder of one indicator alone is accepted too."""
        inside = self.folder / (spec.folder or spec.slug)
        return self.folder if not inside.is_dir() and not (self.folder / FILE).exists() else inside


def open_country(folder: str | Path) -> Country:
    """Read a country folder, or the subfolder of one indicator inside or outside of one.

    Raises
    ------
    WorkbenchError
        With everything that is wrong in ``country.yml``, or if there is no such folder.
    """
    path = Path(folder)
    if not path.is_dir():
        raise problem("check.folder_missing", value=str(folder))
    path = path.resolve()
    # A link that leads nowhere is a file somebody believes to be there.
    if os.path.lexists(path / FILE):
        return read_country(path)
    if (path.parent / FILE).exists():
        return read_country(path.parent)
    return Country(path)


def read_country(folder: Path) -> Country:
    """Read ``country.yml`` of a folder that has one."""
    raw = read_user_yaml(folder / FILE, "check.country_broken")
    wrong: list[Issue] = []
    if unknown := set(map(str, raw)) - _HEADINGS:
        wrong.append(_broken(f"unknown headings: {', '.join(sorted(unknown))}"))
    if raw.get("format", 1) != 1:
        wrong.append(_broken("“format” must be 1; this folder was made for another version of the workbench"))
    code = raw.get("code", "")
    if not isinstance(code, str) or not re.fullmatch(r"[A-Z]{3}", code):
        wrong.append(Issue("error", "check.country_code", value=str(code)[:40], file=FILE, column="code"))
    for heading, kind in (("frame", dict), ("settings", dict), ("workbook", dict), ("national_indicators", list)):
        if not isinstance(raw.get(heading, kind()), kind):
            wrong.append(_broken(f"“{heading}” has the wrong form"))
            raw[heading] = kind()
    names, settings = _read_names(raw, wrong), _read_settings(raw, wrong)
    year = raw.get("reporting_year", 0)
    if year and not is_year(year):
        wrong.append(_broken("“reporting_year” must be a year"))
    for word, value in raw.get("workbook", {}).items():
        if word not in ("first_year", "last_year") or not is_year(value):
            wrong.append(_broken(f"workbook: “{word}: {value}” is not a first_year or last_year with a year"))
    frame = read_frame(raw.get("frame", {}), wrong)
    checklist = _read_checklist(raw.get("checklist"), wrong)
    if wrong:
        raise WorkbenchError(*wrong)
    return Country(
        folder, code, names, int(year), frame, settings, raw.get("workbook", {}),
        tuple(raw.get("national_indicators", ())), checklist,
    )  # fmt: skip


def _read_checklist(raw: Any, wrong: list[Issue]) -> TableMapping | None:
    """Where the checklist of names lies, and how it is to be read."""
    if raw is None:
        return None
    if not isinstance(raw, dict) or not raw.get("file") or not str(raw.get("source") or "").strip():
        wrong.append(_broken("checklist: it needs a file and its source"))
        return None
    given = {word: value for word, value in raw.items() if word != "source"}
    try:
        return table_mapping("species_checklist", given, file=FILE, key="check.country_broken")
    except WorkbenchError as refused:
        wrong += refused.issues
        return None


def _read_names(raw: Mapping[str, Any], wrong: list[Issue]) -> dict[str, str]:
    names = raw.get("name", {})
    names = {"en": names} if isinstance(names, str) else names
    written = isinstance(names, dict) and all(isinstance(one, str) for pair in names.items() for one in pair)
    if not written or not names.get("en"):
        wrong.append(_broken("it needs the country's name in English under “name”"))
        return {}
    return names


def _read_settings(raw: Mapping[str, Any], wrong: list[Issue]) -> dict[str, Mapping[str, Any]]:
    """Settings by indicator; whether a setting exists is known only where the indicator is computed."""
    settings = raw.get("settings", {})
    found = {str(slug): own for slug, own in settings.items() if own is not None}
    for slug, own in found.items():
        if not isinstance(own, dict) or not all(isinstance(name, str) for name in own):
            wrong.append(_broken(f"settings: “{slug}” needs names of settings with values"))
    return found


def _broken(reason: str) -> Issue:
    return Issue("error", "check.country_broken", {"reason": reason}, file=FILE)
