"""The spec of an indicator: what it needs, what can be set, how it was checked; found by its file, never registered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from gbf_workbench.errors import problem
from gbf_workbench.locales import PACKAGE, has_text, label, read_yaml, text

FOLDER = PACKAGE / "indicators"
MATURITY = ("reproduced", "hand-checked", "provisional")
TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list[str]": list}


@dataclass(frozen=True)
class Role:
    """One table a calculation can use: its schema, and whether it belongs to the country's frame."""

    name: str
    table: str
    of_frame: bool = False


@dataclass(frozen=True)
class Parameter:
    """One setting of a calculation: its type, its default, and what may be chosen."""

    name: str
    type: str
    default: Any
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def read(self, value: Any) -> Any:
        """The value as its type, or an error that says what is allowed.

        Numbers arriving as text (a command line, a form) are accepted; a truth value is never taken for a number.
        """
        try:
            said = _as_type(value, self.type)
        except ValueError:
            raise problem("use.parameter_type", column=self.name, value=str(value), type=self.type) from None
        many = said if isinstance(said, list) else [said]
        if self.choices and (wrong := [one for one in many if one not in self.choices]):
            allowed = ", ".join(map(str, self.choices))
            raise problem("use.parameter_choice", column=self.name, value=str(wrong[0]), choices=allowed)
        low, high = self.minimum, self.maximum
        if (low is not None and said < low) or (high is not None and said > high):
            limits = {"low": "–" if low is None else str(low), "high": "–" if high is None else str(high)}
            raise problem("use.parameter_range", column=self.name, value=str(said), **limits)
        return said


def _as_type(value: Any, kind: str) -> Any:
    if kind == "list[str]":
        parts = re.split(r"\s*;\s*", value.strip()) if isinstance(value, str) else value
        if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
            raise ValueError
        return [part for part in parts if part]
    if kind == "bool":
        known = {"true": True, "yes": True, "false": False, "no": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in known:
            return known[value.lower()]
        raise ValueError
    if isinstance(value, bool) or (kind == "str" and not isinstance(value, str)):
        raise ValueError
    if kind == "int" and isinstance(value, float) and not value.is_integer():
        raise ValueError
    return TYPES[kind](value)


@dataclass(frozen=True)
class Way:
    """One way to an indicator: which tables it needs, how long it usually takes, and who has the data.

    ``name`` is ``full``, ``simple`` (for a team with few data) or ``global`` (global data that the country validates);
    ``sources`` are names of data sources of the workbench that can fill the tables.
    """

    name: str
    needs: tuple[str, ...]
    weeks: tuple[float, float]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class IndicatorSpec:
    """What the workbench knows of one indicator; its names come from the catalogue by ``code``.

    ``folder`` is where its data lie in a country folder if that is not the slug: a country's own indicators share one
    slug, and each has a folder of its own. ``file`` is the spec file it was read from.
    """

    slug: str
    code: str
    unit: str
    inputs: Mapping[str, Role]
    alternatives: tuple[tuple[str, ...], ...]
    parameters: Mapping[str, Parameter]
    method: Mapping[str, str]
    maturity: str
    evidence: str
    shortfall: str = ""
    route: str = "standard"
    chart: Mapping[str, Any] = field(default_factory=dict)
    map: Mapping[str, Any] = field(default_factory=dict)
    ways: tuple[Way, ...] = ()
    folder: str = ""
    file: Path = FOLDER

    def said(self, part: str, language: str | None = None) -> str:
        """A text of this spec (``summary``, ``uncertainty.text``, ``parameters.seed.help``) in the language."""
        return text(f"indicators.{self.slug}.{part}", language)

    def evidence_said(self, language: str | None = None) -> str:
        """What the method was held against and, below *reproduced*, why that is less than a result of others."""
        at = f"indicators.{self.slug}"
        written = {"evidence": self.evidence, "shortfall": self.shortfall}
        # A spec that lies elsewhere than in the package is not translated.
        said = (text(f"{at}.{p}", language) if has_text(f"{at}.{p}") else words for p, words in written.items())
        return " ".join(words.strip() for words in said if words)

    def label(self, words: str, language: str | None = None) -> str:
        """One of its fixed labels in the language; other words come back as they are."""
        return label(words, self.slug, language)

    def settings(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """All parameters with the given ones in place of their defaults; everything wrong is said at once."""
        from gbf_workbench.errors import Issue, WorkbenchError

        given = dict(given or {})
        wrong: list[Issue] = []
        for name in sorted(set(given) - set(self.parameters)):
            known = ", ".join(self.parameters)
            wrong.append(Issue("error", "use.parameter_unknown", {"code": self.code, "choices": known}, column=name))
        values: dict[str, Any] = {}
        for name, parameter in self.parameters.items():
            try:
                values[name] = parameter.read(given.get(name, parameter.default))
            except WorkbenchError as refused:
                wrong += refused.issues
        if wrong:
            raise WorkbenchError(*wrong)
        return values

    @property
    def file_stem(self) -> str:
        """Name of its notebook: ``A-3_red_list_index``, ``03-1_protected_area_coverage``."""
        if self.slug == NATIONAL and self.folder:
            return f"national-{self.code[:8]}_{self.slug}"
        if "." not in self.code:
            return f"{self.code}_{self.slug}"
        goal, number = self.code.split(".", 1)
        return f"{goal.zfill(2) if goal.isdigit() else goal}-{number}_{self.slug}"


#: The calculation that a country's own indicators go through; it has no code of the Framework.
NATIONAL = "reported_values"


#: The answers to the questions of all binary indicators, which share one table.
QUESTIONNAIRE = "questionnaire"


@cache
def specs() -> Mapping[str, IndicatorSpec]:
    """What can be computed, by slug, in the order of the Framework: goals, then targets."""
    found = [read_spec(path) for path in FOLDER.glob("*.yml") if path.stem not in (NATIONAL, QUESTIONNAIRE)]
    return {spec.slug: spec for spec in sorted(found, key=lambda spec: framework_order(spec.code))}


@cache
def binary_spec(code: str) -> IndicatorSpec:
    """The spec of a binary indicator: the answers of the country to its questions."""
    return replace(read_spec(FOLDER / f"{QUESTIONNAIRE}.yml"), code=code, folder=f"{QUESTIONNAIRE}s")


def specs_of(code: str) -> tuple[IndicatorSpec, ...]:
    """The calculations there are for an indicator of the catalogue."""
    from gbf_workbench.catalogue.edition import load_edition

    if code in load_edition().questionnaires:
        return (binary_spec(code),)
    return tuple(spec for spec in specs().values() if spec.code == code)


def framework_order(code: str) -> tuple[Any, ...]:
    """Sort key that puts goals A–D before targets 1–23 and numbers in order.

    >>> sorted(["10.1", "A.2", "3.1", "3.CT.2", "3.b"], key=framework_order)
    ['A.2', '3.1', '3.b', '3.CT.2', '10.1']
    """
    goal, *rest = code.split(".")
    kinds = {"b": 1, "CT": 2, "CY": 3}
    kind = kinds.get(rest[0], 0) if rest else 9
    numbers = tuple(int(part) for part in rest if part.isdigit())
    return (goal.isdigit(), int(goal) if goal.isdigit() else 0, goal, kind, numbers)


def national_spec(code: str, unit: str) -> IndicatorSpec:
    """The spec of a country's own indicator, whose values the country itself has worked out."""
    return replace(read_spec(FOLDER / f"{NATIONAL}.yml"), code=code, unit=unit, folder=f"national/{code}")


def read_spec(path: Path) -> IndicatorSpec:
    """Read one spec file; a broken one is a fault of the package and raises ``ValueError``."""
    raw = read_yaml(path)
    if raw["maturity"] not in MATURITY:
        raise ValueError(f"{path.name}: maturity must be one of {MATURITY}")
    inputs = {
        name: Role(name, one["table"], of_frame=one.get("from") == "frame") for name, one in raw["inputs"].items()
    }
    parameters = {name: _read_parameter(name, one) for name, one in (raw.get("parameters") or {}).items()}
    return IndicatorSpec(
        slug=path.stem, code=str(raw["code"]), unit=raw["unit"], inputs=inputs,
        alternatives=tuple(tuple(one) for one in raw["alternatives"]), parameters=parameters,
        method=raw["method"], maturity=raw["maturity"], evidence=raw["evidence"],
        shortfall=raw.get("shortfall", ""),
        route=raw.get("route", "standard"), chart=raw.get("chart", {}), map=raw.get("map", {}),
        ways=tuple(_read_way(name, one) for name, one in raw.get("ways", {}).items()), file=path,
    )  # fmt: skip


def _read_way(name: str, raw: Mapping[str, Any]) -> Way:
    if name not in ("full", "simple", "global"):
        raise ValueError(f"{name} is no way to an indicator")
    return Way(name, tuple(raw["needs"]), tuple(raw["weeks"]), tuple(raw.get("sources", ())))


def _read_parameter(name: str, raw: Mapping[str, Any]) -> Parameter:
    if raw["type"] not in TYPES:
        raise ValueError(f"parameter {name}: type must be one of {sorted(TYPES)}")
    return Parameter(
        name, raw["type"], raw["default"], tuple(raw.get("choices", ())), raw.get("minimum"), raw.get("maximum")
    )


def spec_of(code_or_slug: str) -> IndicatorSpec:
    """The spec with this code or slug, or an error that names what there is."""
    from gbf_workbench.catalogue.edition import load_edition

    known = specs()
    if code_or_slug in known:
        return known[code_or_slug]
    for spec in known.values():
        if spec.code.lower() == code_or_slug.lower():
            return spec
    for one in load_edition().indicators():
        if one.kind == "binary" and one.code.lower() == code_or_slug.lower():
            return binary_spec(one.code)
    there = ", ".join(f"{spec.code} ({slug})" for slug, spec in known.items())
    raise problem("use.not_computable", value=code_or_slug, choices=there)
