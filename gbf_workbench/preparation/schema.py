"""The schema of a table: one file that checks it, makes the spreadsheet to fill in, and explains its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from gbf_workbench.locales import PACKAGE, read_yaml, text

FOLDER = PACKAGE / "preparation" / "schemas"
TYPES = ("string", "integer", "number", "boolean", "year", "date")


@dataclass(frozen=True)
class Field:
    """One column, in the vocabulary of Frictionless Table Schema with a few words of our own.

    Attributes
    ----------
    aliases, synonyms
        Other names the column goes by; other ways to write its values.
    codes : str
        Name of a code list in place of ``enum``.
    unit : str
        Unit of the numbers, as ``km2``, ``ha``, ``%``, ``t``.
    format : str
        What kind of text or number it is: ``identifier``, ``scientific_name``, ``percent``, ``fraction``, ``count``,
        ``fiscal_year``.
    ranks : tuple of str
        For scientific names which ranks are taken: ``species`` (where nothing is said), ``infraspecific`` or ``any``.
        With it identifiers are held to be names where they look like it.
    ask : bool
        Whether it is asked for where there is nothing in it, because leaving it out changes what the result means.
    bounds : tuple of str
        Columns for the lower and upper end where this one holds a range.
    period_end : str
        Column for the last year where this one holds a span of years.
    below : tuple of str
        Columns that say that a value lies below a limit, and which, where this one holds “<0.1”.
    soft_minimum, soft_maximum : float
        Values beyond are possible but worth a second look.
    future : bool
        Whether a year may well lie ahead, as that of a plan or a budget.
    """

    name: str
    type: str = "string"
    required: bool = False
    unique: bool = False
    enum: tuple[str, ...] = ()
    codes: str = ""
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    soft_minimum: float | None = None
    soft_maximum: float | None = None
    unit: str = ""
    format: str = ""
    ranks: tuple[str, ...] = ()
    ask: bool = False
    bounds: tuple[str, ...] = ()
    period_end: str = ""
    below: tuple[str, ...] = ()
    future: bool = False
    aliases: tuple[str, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    missing_values: tuple[str, ...] = ()
    example: Any = None


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values have to be found in columns of another table."""

    fields: tuple[str, ...]
    table: str
    reference: tuple[str, ...]


@dataclass(frozen=True)
class TableSchema:
    """A table, a vector layer or a set of maps that an indicator can use.

    ``rules`` are conditions over several columns or rows; ``rules.py`` says which there are.
    """

    name: str
    kind: str
    fields: tuple[Field, ...] = ()
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
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
    fields = tuple(_read_field(one, _texts(raw.get("missingValues"))) for one in raw.get("fields", ()))
    return TableSchema(
        name=raw["name"], kind=raw["kind"], fields=fields, legend=raw.get("legend", ""),
        primary_key=_texts(raw.get("primaryKey")), geometry=tuple(raw.get("geometry", ())),
        foreign_keys=tuple(_read_foreign_key(one) for one in raw.get("foreignKeys", ())),
        rules=tuple(raw.get("rules", ())),
    )  # fmt: skip


def _texts(one: Any) -> tuple[str, ...]:
    return () if one is None else (one,) if isinstance(one, str) else tuple(one)


def _read_foreign_key(raw: Mapping[str, Any]) -> ForeignKey:
    to = raw["reference"]
    return ForeignKey(_texts(raw["fields"]), to["resource"], _texts(to["fields"]))


def _read_field(raw: Mapping[str, Any], missing: tuple[str, ...]) -> Field:
    if raw.get("type", "string") not in TYPES:
        raise ValueError(f"column {raw['name']}: type must be one of {TYPES}")
    rules = raw.get("constraints", {})
    return Field(
        name=raw["name"], type=raw.get("type", "string"), required=rules.get("required", False),
        unique=rules.get("unique", False), enum=tuple(rules.get("enum", ())), codes=raw.get("codes", ""),
        pattern=rules.get("pattern", ""), minimum=rules.get("minimum"), maximum=rules.get("maximum"),
        soft_minimum=raw.get("soft_minimum"), soft_maximum=raw.get("soft_maximum"), unit=raw.get("unit", ""),
        format=raw.get("format", ""), ranks=_texts(raw.get("ranks")), ask=raw.get("ask", False),
        bounds=_texts(raw.get("bounds")), below=_texts(raw.get("below")),
        period_end=raw.get("period_end", ""), future=raw.get("future", False), aliases=tuple(raw.get("aliases", ())),
        synonyms=raw.get("synonyms", {}), missing_values=_texts(raw.get("missingValues")) or missing,
        example=raw.get("example"),
    )  # fmt: skip
