"""How a country's own files, columns and classes answer to the tables of the workbench: a small readable file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from gbf_workbench.errors import problem

FILE = "mapping.yml"
_SURPRISING = {f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "timestamp")}
_PLAIN_BOOL = re.compile(r"^(?:true|false|True|False)$")
_PLAIN_INT = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")


@dataclass(frozen=True)
class Unpivot:
    """Columns that are really values: each named column becomes rows, its name going to one field, its cells to another."""

    names: str
    values: str
    columns: Mapping[str, Any]


@dataclass(frozen=True)
class TableMapping:
    """What ``mapping.yml`` says of one table; everything left out is found by name.

    Attributes
    ----------
    file, files : str, mapping of year to str
        The file to use, or one file for each year where the table is a series of maps.
    sheet, layer, header_row, encoding, delimiter, decimal_mark, band, nodata
        How to read it, where the finding of the workbench is to be overruled.
    columns : mapping
        Field of the schema to column of the file.
    constants : mapping
        Field of the schema to one value for all rows.
    classes : mapping
        Field to a mapping of the file's classes to the values of the schema.
    unpivot : Unpivot, optional
    """

    file: str = ""
    files: Mapping[int, str] = field(default_factory=dict)
    sheet: str = ""
    layer: str = ""
    header_row: int = 0
    encoding: str = ""
    delimiter: str = ""
    decimal_mark: str = ""
    band: int = 0
    nodata: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    classes: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    unpivot: Unpivot | None = None


def read_mapping(folder: Path) -> dict[str, TableMapping]:
    """Read ``mapping.yml`` of an indicator's folder; an absent file maps nothing.

    Raises
    ------
    WorkbenchError
        If the file is not what is described here.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    raw = read_user_yaml(path, "check.mapping_broken")
    tables = raw.get("tables")
    if not isinstance(tables, dict) or set(raw) - {"format", "tables"}:
        raise problem("check.mapping_broken", file=FILE, reason="it needs the one heading “tables”")
    return {str(name): _read_table(name, one) for name, one in tables.items()}


def _read_table(name: str, raw: Any) -> TableMapping:
    known = {one.name for one in fields(TableMapping)}
    if not isinstance(raw, dict) or (unknown := set(raw) - known):
        said = f"{name}: {', '.join(sorted(map(str, unknown)))}" if isinstance(raw, dict) else str(name)
        raise problem("check.mapping_broken", file=FILE, reason=f"unknown words: {said}")
    given = dict(raw)
    try:
        if "unpivot" in given:
            given["unpivot"] = Unpivot(**given["unpivot"])
        if "files" in given:
            given["files"] = {int(year): str(file) for year, file in given["files"].items()}
    except (TypeError, ValueError, AttributeError) as fault:
        raise problem("check.mapping_broken", file=FILE, reason=f"{name}: {fault}") from None
    return TableMapping(**given)


def read_user_yaml(path: Path, key: str) -> dict[str, Any]:
    """A YAML file somebody wrote by hand, as a mapping, or an error with this key that says what is wrong."""
    import yaml

    class TextLoader(yaml.SafeLoader):
        """YAML without its surprises: NO stays the text NO, 1:30 stays a text."""

    TextLoader.yaml_implicit_resolvers = {
        first: [(tag, rule) for tag, rule in rules if tag not in _SURPRISING]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    TextLoader.add_implicit_resolver("tag:yaml.org,2002:bool", _PLAIN_BOOL, list("tfTF"))
    TextLoader.add_implicit_resolver("tag:yaml.org,2002:int", _PLAIN_INT, list("-+0123456789"))
    try:
        raw = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=TextLoader)  # noqa: S506 - derived from SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise problem(key, file=path.name, reason=" ".join(str(fault).split())) from None
    if not isinstance(raw, dict):
        raise problem(key, file=path.name, reason="it is not a list of headings")
    return raw
