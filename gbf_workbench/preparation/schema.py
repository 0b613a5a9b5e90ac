"""The schema of a table: one file that checks it, makes the spreadsheet to fill in, and explains its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from gbf_workbench.locales import PACKAGE, read_yaml, text

FOLDER = PACKAGE / "preparation" / "schemas"
TYPES = ("string", "integer", "number", "boolean", "year")


@dataclass(frozen=True)
class Field:
    """One column, in the vocabulary of Frictionless Table Schema.

    ``aliases`` are other names the column goes by; ``synonyms`` are other ways to write its values.
    """

    name: str
    type: str = "string"
    required: bool = False
    enum: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    aliases: tuple[str, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    example: Any = None


@dataclass(frozen=True)
class TableSchema:
    """A table, a vector layer or a set of maps that an indicator can use."""

    name: str
    kind: str
    fields: tuple[Field, ...] = ()
    primary_key: tuple[str, ...] = ()
    geometry: tuple[str, ...] = ()
    legend: str = ""

    def field(self, name: str) -> Field:
        """The column with this name."""
        return next(one for one in self.fields if one.name == name)

    @property
    def names(self) -> list[str]:
        """Names of all columns."""
        return [one.name for one in self.fields]

    def title(self, language: str | None = None) -> str:
        """What people call this table."""
        return text(f"tables.{self.name}.title", language)

    def column_title(self, name: str, language: str | None = None) -> str:
        """What people call this column."""
        return text(f"tables.{self.name}.fields.{name}.title", language)

    def column_description(self, name: str, language: str | None = None) -> str:
        """What belongs into this column."""
        return text(f"tables.{self.name}.fields.{name}.description", language)


@cache
def schema_of(name: str) -> TableSchema:
    """The schema with this name; a broken file is a fault of the package and raises ``ValueError``."""
    return read_schema(FOLDER / f"{name}.yml")


def schema_names() -> list[str]:
    """Names of all tables the workbench knows."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def read_schema(path: Path) -> TableSchema:
    """Read one schema file."""
    raw = read_yaml(path)
    fields = tuple(_read_field(one) for one in raw.get("fields", ()))
    key = raw.get("primaryKey", ())
    return TableSchema(
        name=raw["name"], kind=raw["kind"], fields=fields, legend=raw.get("legend", ""),
        primary_key=(key,) if isinstance(key, str) else tuple(key), geometry=tuple(raw.get("geometry", ())),
    )  # fmt: skip


def _read_field(raw: Mapping[str, Any]) -> Field:
    if raw.get("type", "string") not in TYPES:
        raise ValueError(f"column {raw['name']}: type must be one of {TYPES}")
    rules = raw.get("constraints", {})
    return Field(
        name=raw["name"], type=raw.get("type", "string"), required=rules.get("required", False),
        enum=tuple(rules.get("enum", ())), minimum=rules.get("minimum"), maximum=rules.get("maximum"),
        aliases=tuple(raw.get("aliases", ())), synonyms=raw.get("synonyms", {}), example=raw.get("example"),
    )  # fmt: skip
