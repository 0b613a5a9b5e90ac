"""How a country's own files, columns and classes answer to the tables of the workbench: a small readable file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from gbf_workbench.errors import Issue, problem
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.schema import schema_names, schema_of

FILE = "mapping.yml"
_SURPRISING = {f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "timestamp")}
_PLAIN_BOOL = re.compile(r"^(?:true|false|True|False)$")
_PLAIN_INT = re.compile(r"^[-+]?(?:0|[1-9][0-9]{0,17})$")
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Unpivot:
    """Columns that are really values: each becomes rows, its name going to one field, its cells to another.

    ``also`` are further fields, each with its columns, whose cells stand in the rows of the same name.
    """

    names: str
    values: str
    columns: Mapping[str, Any]
    also: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that it fills."""
        return (self.names, self.values, *self.also)

    @property
    def sources(self) -> tuple[str, ...]:
        """All columns that it takes."""
        return (*self.columns, *(column for columns in self.also.values() for column in columns))

    @property
    def blocks(self) -> list[tuple[Any, dict[str, str]]]:
        """For each name the column of each field."""
        found = [(meaning, {self.values: column}) for column, meaning in self.columns.items()]
        for field_name, columns in self.also.items():
            for column, meaning in columns.items():
                same = (block for known, block in found if known == meaning and field_name not in block)
                block = next(same, None)
                if block is None:
                    found.append((meaning, {field_name: column}))
                else:
                    block[field_name] = column
        return found


@dataclass(frozen=True)
class Overrule:
    """A named expert's word against a repair, which is then not made, or a flag, which is then accepted."""

    issue: str
    name: str
    date: str
    reason: str
    column: str = ""
    rows: tuple[int, ...] = ()


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
    numbered : tuple of str
        Fields that no column holds, in which each row stands for itself: they take the number of the row.
    classes : mapping
        Field to a mapping of the file's classes to the values of the schema.
    missing : mapping
        Field to the values that stand for “no value”; an empty list says that no value does.
    complete : bool
        Whether somebody has looked at the end of the file and found it whole.
    unpivot : Unpivot, optional
    crs, swap_axes, variable
        For a layer or map: its coordinate system where the file names none; whether x and y are the wrong way round;
        the variable of a NetCDF file.
    date_order : str
        ``dmy``, ``mdy`` or ``ymd``, where dates can be read in two ways.
    fiscal_year : str
        ``first`` or ``second``: which calendar year a fiscal year such as 2020/21 counts for.
    units : mapping
        Field to the unit its numbers have in the file.
    unknown : tuple of str
        Fields somebody was asked for and does not know.
    unmatched : mapping
        Field to the values that may stay without a partner in another table.
    leave_out_rows, keep_rows : tuple of int
        Rows that are no data (a total), and rows that look like it and are.
    overrules : tuple of Overrule
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
    nodata: tuple[int, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    numbered: tuple[str, ...] = ()
    classes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    complete: bool = False
    unpivot: Unpivot | None = None
    crs: str = ""
    swap_axes: bool = False
    variable: str = ""
    date_order: str = ""
    fiscal_year: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    unmatched: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    leave_out_rows: tuple[int, ...] = ()
    keep_rows: tuple[int, ...] = ()
    overrules: tuple[Overrule, ...] = ()


def overruled(mapping: TableMapping, key: str, column: str = "", rows: Iterable[int] = ()) -> Overrule | None:
    """The expert's word against the repair or flag with this key in this column and these rows, if there is one.

    A word without column or rows holds for all of them; one with rows holds where it names every row asked for.
    """
    for one in mapping.overrules:
        where = not one.column or one.column == column
        if one.issue == key and where and (not one.rows or (rows and set(rows) <= set(one.rows))):
            return one
    return None


def overruled_flag(one: Overrule, issue: Issue) -> Issue:
    """What the record says in place of a repair that was not made or a flag that was accepted."""
    values = {"name": one.name, "date": one.date, "why": one.reason, "about": issue.quoted()}
    return Issue("flag", "check.overruled", values, issue.table, issue.file, issue.sheet, issue.column, rows=issue.rows)


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
    return {str(name): table_mapping(str(name), one) for name, one in tables.items()}


def table_mapping(table: str, raw: Any, *, file: str = FILE, key: str = "check.mapping_broken") -> TableMapping:
    """What somebody wrote about one table, every word of it understood or refused.

    Raises
    ------
    WorkbenchError
        With ``key`` and the reason.
    """
    known = {one.name for one in fields(TableMapping)}
    try:
        if not isinstance(raw, dict):
            raise ValueError("it needs headings")
        given = {str(word): value for word, value in raw.items() if value is not None}
        if unknown := set(given) - known:
            raise ValueError(f"unknown words: {', '.join(sorted(unknown))}")
        read = {word: _READERS.get(word, _text)(value) for word, value in given.items()}
        if both := sorted(set(read.get("columns", ())) & set(read.get("constants", ()))):
            raise ValueError(f"“{both[0]}” has both a column and a constant")
        _refuse_unknown_fields(table, read)
    except ValueError as fault:
        raise problem(key, file=file, reason=f"{table}: {fault}") from None
    return TableMapping(**read)


_WORDS_OF_FIELDS = ("columns", "constants", "numbered", "classes", "missing", "units", "unknown", "unmatched")


def _refuse_unknown_fields(table: str, read: Mapping[str, Any]) -> None:
    if table not in schema_names():
        return
    named = [name for word in _WORDS_OF_FIELDS for name in read.get(word, ())]
    if turn := read.get("unpivot"):
        named += turn.fields
    names = schema_of(table).names
    if unknown := [name for name in named if name not in names]:
        raise ValueError(f"unknown columns of the table: {', '.join(unknown)}; known: {', '.join(names)}")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise ValueError(f"“{_short(value)}” should be a text")
    return as_text(value)


def _short(value: Any) -> str:
    return str(value)[:40]


def _value(value: Any) -> Any:
    if not isinstance(value, str | int | float):
        raise ValueError(f"“{_short(value)}” should be one value")
    return value


def _mapping(value: Any, reader: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"“{_short(value)}” should be headings with values")
    return {_text(name): reader(one) for name, one in value.items()}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(one) for one in value) if isinstance(value, list) else (_text(value),)


def _years(value: Any) -> dict[int, str]:
    found = _mapping(value, _text)
    if wrong := [year for year in found if not re.fullmatch(r"[12][0-9]{3}", year)]:
        raise ValueError(f"“{_short(wrong[0])}” is not a year")
    names = list(found.values())
    # A NetCDF file may hold the maps of many years, which it tells apart itself.
    single = [name for name in names if not name.lower().endswith((".nc", ".nc4"))]
    if again := [name for name in single if single.count(name) > 1]:
        raise ValueError(f"“{_short(again[0])}” stands for more than one year")
    return {int(year): file for year, file in found.items()}


def _position(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"“{_short(value)}” should be 1, 2, 3 …")
    return value


def _whole(value: Any) -> int:
    # What programs write for no data may be as large as -3.4028234663852886e+38.
    if isinstance(value, str | float) and re.fullmatch(r"-?\d+(\.\d+)?(e\+?\d+)?", str(value).lower()):
        value = int(float(value)) if float(value).is_integer() else value
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"“{_short(value)}” should be a whole number")
    return value


def _one_of(*choices: str) -> Any:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"“{_short(value)}” is not one of {' '.join(map(repr, choices))}")
        return value

    return read


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"“{_short(value)}” should be true or false")
    return value


def _unpivot(value: Any) -> Unpivot:
    if not isinstance(value, dict) or set(value) - {"also"} != {"names", "values", "columns"}:
        raise ValueError("unpivot needs names, values and columns")
    also = _mapping(value.get("also", {}), lambda one: _mapping(one, _value))
    turn = Unpivot(_text(value["names"]), _text(value["values"]), _mapping(value["columns"], _value), also)
    if len(set(turn.fields)) < len(turn.fields):
        raise ValueError("unpivot needs two different columns for names and values")
    return turn


def _rows(value: Any) -> tuple[int, ...]:
    return tuple(_position(one) for one in (value if isinstance(value, list) else [value]))


def _overrules(value: Any) -> tuple[Overrule, ...]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError("overrules should be a list, each with issue, name, date and reason")
    return tuple(_overrule(one) for one in value)


def _overrule(raw: Mapping[str, Any]) -> Overrule:
    needed = ("issue", "name", "date", "reason")
    if missing := [word for word in needed if not str(raw.get(word) or "").strip()]:
        raise ValueError(f"an overrule needs {', '.join(missing)}")
    if unknown := set(raw) - {*needed, "column", "rows"}:
        raise ValueError(f"unknown words in an overrule: {', '.join(sorted(map(str, unknown)))}")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(raw["date"])):
        raise ValueError(f"the date of an overrule should look like 2026-03-31, not “{_short(raw['date'])}”")
    return Overrule(
        *(_text(raw[word]) if word != "date" else str(raw[word]) for word in needed),
        _text(raw.get("column", "")), _rows(raw["rows"]) if raw.get("rows") else (),
    )  # fmt: skip


_READERS = {
    "files": _years,
    "header_row": _position,
    "band": _position,
    "nodata": lambda value: tuple(_whole(one) for one in (value if isinstance(value, list) else [value])),
    "delimiter": _one_of(",", ";", "\t", "|"),
    "decimal_mark": _one_of(".", ","),
    "columns": lambda value: _mapping(value, _text),
    "constants": lambda value: _mapping(value, _value),
    "numbered": _texts,
    "classes": lambda value: _mapping(value, lambda one: _mapping(one, _text)),
    "missing": lambda value: _mapping(value, _texts),
    "complete": _truth,
    "unpivot": _unpivot,
    "swap_axes": _truth,
    "date_order": _one_of("dmy", "mdy", "ymd"),
    "fiscal_year": _one_of("first", "second"),
    "units": lambda value: _mapping(value, _text),
    "unknown": _texts,
    "unmatched": lambda value: _mapping(value, _texts),
    "leave_out_rows": _rows,
    "keep_rows": _rows,
    "overrules": _overrules,
}


def read_user_yaml(path: Path, key: str) -> dict[str, Any]:
    """A YAML file somebody wrote by hand, as a mapping, or an error with this key that says what is wrong."""
    import yaml

    class TextLoader(yaml.SafeLoader):
        """YAML without its surprises: NO stays the text NO, 1:30 a text, and nothing stands for something else."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise ValueError("names with * that stand for something else are not used here")
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            written = [one.value for one, _ in node.value if isinstance(one, yaml.ScalarNode)]
            if twice := [name for name in written if written.count(name) > 1]:
                raise ValueError(f"“{_short(twice[0])}” stands twice")
            return super().construct_mapping(node, deep)

    TextLoader.yaml_implicit_resolvers = {
        first: [(tag, rule) for tag, rule in rules if tag not in _SURPRISING]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    TextLoader.add_implicit_resolver("tag:yaml.org,2002:bool", _PLAIN_BOOL, list("tfTF"))
    TextLoader.add_implicit_resolver("tag:yaml.org,2002:int", _PLAIN_INT, list("-+0123456789"))
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is too long to be written by hand")
        raw = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=TextLoader)  # noqa: S506 - derived from SafeLoader
    except RecursionError:
        raise problem(key, file=path.name, reason="too many things inside each other") from None
    except (yaml.YAMLError, OSError, ValueError, LookupError, TypeError, AttributeError) as fault:
        # A tag such as !!int before a word makes the parser itself fail in any of these ways.
        raise problem(key, file=path.name, reason=" ".join(str(fault).split())) from None
    if not isinstance(raw, dict):
        raise problem(key, file=path.name, reason="it needs headings with values")
    return {name: value for name, value in raw.items() if value is not None}
