"""The country folder: who the country is, its frame, its settings, and where the data of each indicator lie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gbf_workbench.catalogue import Edition, national_indicators, with_national
from gbf_workbench.catalogue.specs import IndicatorSpec, national_spec, spec_of, specs
from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.preparation.mapping import TableMapping, read_user_yaml

FILE = "country.yml"
DEFAULT_CRS = "EPSG:6933"
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
}


@dataclass(frozen=True)
class Country:
    """A country folder, read. ``frame`` names the layers all indicators share, so that their totals agree."""

    folder: Path
    code: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    reporting_year: int = 0
    frame: Mapping[str, TableMapping] = field(default_factory=dict)
    frame_sources: Mapping[str, str] = field(default_factory=dict)
    crs: str = DEFAULT_CRS
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    workbook: Mapping[str, Any] = field(default_factory=dict)
    national_indicators: tuple[Mapping[str, Any], ...] = ()

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
    if (path / FILE).exists():
        return read_country(path)
    if (path.parent / FILE).exists():
        return read_country(path.parent)
    return Country(path)


def read_country(folder: Path) -> Country:
    """Read ``country.yml`` of a folder that has one."""
    raw = read_user_yaml(folder / FILE, "check.country_broken")
    wrong: list[Issue] = []
    if unknown := set(raw) - _HEADINGS:
        wrong.append(_broken(f"unknown headings: {', '.join(sorted(unknown))}"))
    code = str(raw.get("code", ""))
    if not re.fullmatch(r"[A-Z]{3}", code):
        wrong.append(Issue("error", "check.country_code", value=code, file=FILE, column="code"))
    names = raw.get("name", {})
    names = {"en": names} if isinstance(names, str) else names
    if not isinstance(names, dict) or not names.get("en"):
        wrong.append(_broken("it needs the country's name in English under “name”"))
        names = {}
    for heading, kind in (("frame", dict), ("settings", dict), ("workbook", dict), ("national_indicators", list)):
        if not isinstance(raw.get(heading, kind()), kind):
            wrong.append(_broken(f"“{heading}” has the wrong form"))
    if not isinstance(raw.get("reporting_year", 0), int):
        wrong.append(_broken("“reporting_year” must be a year"))
    frame = raw.get("frame", {})
    layers, sources = _read_frame(frame if isinstance(frame, dict) else {}, wrong)
    if wrong:
        raise WorkbenchError(*wrong)
    return Country(
        folder, code, names, raw.get("reporting_year", 0), layers, sources, str(frame.get("crs", DEFAULT_CRS)),
        raw.get("settings", {}), raw.get("workbook", {}), tuple(raw.get("national_indicators", ())),
    )  # fmt: skip


def _read_frame(raw: Mapping[str, Any], wrong: list[Issue]) -> tuple[dict[str, TableMapping], dict[str, str]]:
    layers, sources = {}, {}
    for name, one in raw.items():
        if name == "crs":
            continue
        if name not in ("land", "sea", "provinces") or not isinstance(one, dict) or "file" not in one:
            wrong.append(_broken(f"frame: “{name}” needs a file, and must be land, sea or provinces"))
            continue
        given = {key: value for key, value in one.items() if key in ("file", "layer", "columns", "constants")}
        layers[name] = TableMapping(**given)
        sources[name] = str(one.get("source", ""))
    return layers, sources


def _broken(reason: str) -> Issue:
    return Issue("error", "check.country_broken", {"reason": reason}, file=FILE)
