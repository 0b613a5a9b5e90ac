"""The checked inputs as clean files: read again they give the same content, and a record says what was done to it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd
import yaml

from gbf_workbench import __version__
from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.preparation.canonical import digest_of
from gbf_workbench.preparation.country import FILE as COUNTRY
from gbf_workbench.preparation.country import NO_COUNTRY, Country, open_country
from gbf_workbench.preparation.entries import YES_NO
from gbf_workbench.preparation.inputs import RECORD, Inputs, read_inputs
from gbf_workbench.preparation.mapping import FILE as MAPPING
from gbf_workbench.preparation.mapping import TableMapping, read_mapping, read_user_yaml
from gbf_workbench.preparation.quantities import is_share, unit_of
from gbf_workbench.preparation.schema import TableSchema, schema_of

if TYPE_CHECKING:
    from gbf_workbench.catalogue.specs import IndicatorSpec

#: 1.234 is a number with decimals in one half of the world and a thousand in the other.
_TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")


class Checked(Protocol):
    """Checked inputs with what they belong to, as ``pipeline.load`` gives them."""

    spec: IndicatorSpec
    country: Country
    inputs: Inputs


def save_clean(tables: Checked, folder: str | Path) -> list[Path]:
    """Write checked inputs as the files of a country folder, under the names of their schemas.

    Parameters
    ----------
    tables : Checked
        What ``pipeline.load`` gave.
    folder : path
        Made if needed; what was written there of other indicators stays.

    Returns
    -------
    list of Path
        Tables as CSV, layers as GeoPackage in the coordinate system of the frame, maps as GeoTIFF, a ``mapping.yml``
        only for answers that belong to the data, and ``record.json`` with the sources, repairs, answers and overrules.

    Raises
    ------
    WorkbenchError
        If the files cannot be written, or would not be read as what they were written from.
    """
    spec, country, into = tables.spec, tables.country, Path(folder)
    if into.resolve() == country.folder.resolve():
        raise problem("prepare.clean_same_folder", file=into.name)
    own = into / (spec.folder or spec.slug)
    written: list[Path] = []
    try:
        for home in (own, into / "frame"):
            home.mkdir(parents=True, exist_ok=True)
        words: dict[str, dict[str, Any]] = {}
        mappings = read_mapping(country.folder_of(spec))
        for role, content in tables.inputs.contents.items():
            one = spec.inputs[role]
            if one.of_frame:
                written += _write_layer(content, schema_of(one.table), into / "frame" / f"{role}.gpkg", role)
                continue
            mapping = mappings.get(one.table, TableMapping())
            written += _write(content, schema_of(one.table), own)
            if kept := _kept_words(content, schema_of(one.table), mapping):
                words[one.table] = kept
        written.append(_write_country(country, into))
        written += _write_mapping(own, words)
        (own / RECORD).write_text(json.dumps(_record(tables), ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as fault:
        raise problem("templates.cannot_write", file=into.name, reason=fault.strerror or str(fault)) from None
    _compare(tables, into)
    return [*written, own / RECORD]


def _write(content: Any, schema: TableSchema, own: Path) -> Iterator[Path]:
    if schema.kind == "raster":
        for source in content:
            path = own / f"{schema.name}_{source.year}.tif"
            shutil.copyfile(source.path, path)
            yield path
    elif schema.kind == "vector":
        yield from _write_layer(content, schema, own / f"{schema.name}.gpkg", schema.name)
    else:
        path = own / f"{schema.name}.csv"
        as_written(content, schema).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
        yield path


def as_written(table: pd.DataFrame, schema: TableSchema) -> pd.DataFrame:
    """A checked table as the texts that stand for it in a file; empty where nothing is known.

    Columns that hold nothing at all are left out, unless they are needed.
    """
    columns = {}
    for one in schema.fields:
        cells = table[one.name]
        if cells.notna().any() or one.required:
            columns[one.name] = [_as_text(cell) for cell in cells.astype(object).where(cells.notna(), None)]
    return pd.DataFrame(columns, dtype=object)


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return YES_NO[0] if cell else YES_NO[1]
    if isinstance(cell, float):
        # repr keeps every bit; a whole number needs no “.0”.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return cell.date().isoformat() if hasattr(cell, "date") else str(cell)


def _write_layer(layer: Any, schema: TableSchema, path: Path, name: str) -> Iterator[Path]:
    import geopandas

    named = {one.name: as_written(layer, schema)[one.name] for one in schema.fields if layer[one.name].notna().any()}
    cells = pd.DataFrame(
        {
            one.name: layer[one.name].to_numpy() if one.type in ("integer", "number", "year") else named[one.name]
            for one in schema.fields if one.name in named
        }
    )  # fmt: skip
    path.unlink(missing_ok=True)
    made = geopandas.GeoDataFrame(_as_nulls(cells), geometry=layer.geometry.to_numpy(), crs=layer.crs)
    made.to_file(path, driver="GPKG", layer=name, engine="pyogrio", geometry_type="Unknown")
    yield path


def _as_nulls(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.apply(lambda column: column.where(column != "", None) if column.dtype == object else column)


def _kept_words(content: Any, schema: TableSchema, mapping: TableMapping) -> dict[str, Any]:
    """What ``mapping.yml`` has to go on saying of a table, because it is about the data and not about the old file."""
    kept: dict[str, Any] = {}
    if mapping.unknown:
        kept["unknown"] = list(mapping.unknown)
    if mapping.unmatched:
        kept["unmatched"] = {name: list(values) for name, values in mapping.unmatched.items()}
    if none := {name: [] for name, values in mapping.missing.items() if not values}:
        kept["missing"] = none
    if shares := {name: unit_of(schema.field(name)) for name in mapping.units if is_share(schema.field(name))}:
        kept["units"] = shares
    if mapping.complete:
        kept["complete"] = True
    if isinstance(content, tuple):
        return kept
    new_rows = _new_rows(content, schema)
    if rows := [new for row in mapping.keep_rows for new in new_rows.get(row, ())]:
        kept["keep_rows"] = rows
    if mapping.overrules:
        kept["overrules"] = [_overrule(asdict(one), new_rows, schema, mapping) for one in mapping.overrules]
    if schema.kind == "table" and _has_number_of_two_meanings(content, schema):
        kept["decimal_mark"] = "."
    return kept


def _new_rows(content: pd.DataFrame, schema: TableSchema) -> dict[int, list[int]]:
    """The rows of the clean file that each row of the old one has become; a layer counts without a header."""
    first = 2 if schema.kind == "table" else 1
    found: dict[int, list[int]] = {}
    for at, row in enumerate(content.index, first):
        found.setdefault(int(row), []).append(at)
    return found


def _overrule(
    raw: dict[str, Any], new_rows: Mapping[int, list[int]], schema: TableSchema, mapping: TableMapping
) -> dict[str, Any]:
    rows = [new for row in raw["rows"] for new in new_rows.get(row, ())]
    field = next((name for name, column in mapping.columns.items() if column == raw["column"]), raw["column"])
    return {name: value for name, value in {**raw, "column": field, "rows": rows}.items() if value}


def _has_number_of_two_meanings(table: pd.DataFrame, schema: TableSchema) -> bool:
    numbers = [one.name for one in schema.fields if one.type == "number"]
    return any(_TWO_WAYS.fullmatch(_as_text(cell)) for name in numbers for cell in table[name].dropna().astype(object))


def _write_country(country: Country, into: Path) -> Path:
    """``country.yml`` again, its layers under their clean names; those nobody has cleaned yet are left out."""
    there = country.folder / COUNTRY
    raw = read_user_yaml(there, "check.country_broken") if there.exists() else {}
    raw = {"format": 1, "code": country.code or NO_COUNTRY, "name": dict(country.names) or {"en": NO_COUNTRY}} | raw
    frame = {name: value for name, value in (raw.get("frame") or {}).items() if name not in country.frame.layers}
    for name in country.frame.layers:
        if (into / "frame" / f"{name}.gpkg").exists():
            frame[name] = {"file": f"frame/{name}.gpkg", "source": country.frame.sources.get(name, "")}
    raw["frame"] = frame
    said = {name: value for name, value in raw.items() if value not in ({}, None)}
    (into / COUNTRY).write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return into / COUNTRY


def _write_mapping(own: Path, words: Mapping[str, Any]) -> list[Path]:
    path = own / MAPPING
    path.unlink(missing_ok=True)
    if not words:
        return []
    path.write_text(yaml.safe_dump({"tables": words}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return [path]


def _record(tables: Checked) -> dict[str, Any]:
    """What the clean files were made from and what was done on the way, as plain data."""
    spec, country, inputs = tables.spec, tables.country, tables.inputs
    home = country.folder_of(spec)
    mapping = read_user_yaml(home / MAPPING, "check.mapping_broken") if (home / MAPPING).exists() else {}
    answers = dict(mapping.get("tables") or {})
    overrules = [{"table": name, **one} for name, words in answers.items() for one in words.get("overrules", ())]
    return {
        "format": 1, "indicator": spec.code, "area": country.code or NO_COUNTRY,
        "software": f"gbf-workbench {__version__}",
        "sources": [
            {"role": role, "file": path.name, "sha256": inputs.sha256.get(path, "")}
            for role, paths in inputs.files.items() for path in paths
        ],
        "content": {role: digest_of(content) for role, content in inputs.contents.items()},
        "answers": answers, "overrules": overrules,
        "repairs": [issue.record("en") for issue in inputs.issues if issue.level == "repair"],
        "notes": [issue.record("en") for issue in inputs.issues if issue.level == "flag"],
    }  # fmt: skip


def _compare(tables: Checked, into: Path) -> None:
    """Read the clean files again and refuse them where they are not what they were written from."""
    country = open_country(into)
    again = read_inputs(country.spec(tables.spec.code), country)
    wrong = [issue for issue in again.issues if issue.level in ("error", "question")]
    if wrong:
        raise WorkbenchError(*wrong)
    before = {role: digest_of(content) for role, content in tables.inputs.contents.items()}
    after = {role: digest_of(content) for role, content in again.contents.items()}
    differing = [role for role, digest in before.items() if after.get(role) != digest]
    if differing:
        found = [Issue("error", "prepare.clean_differs", file=tables.spec.inputs[role].table) for role in differing]
        raise WorkbenchError(*found)
