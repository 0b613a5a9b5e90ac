"""How each file of an indicator was read: sheet, header row, encoding, delimiter, coordinate system, size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gbf_workbench.catalogue.specs import IndicatorSpec
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.locales import text
from gbf_workbench.preparation.country import Country
from gbf_workbench.preparation.inputs import Inputs, find_files
from gbf_workbench.preparation.mapping import TableMapping, read_mapping
from gbf_workbench.preparation.reader.process import run
from gbf_workbench.preparation.schema import schema_of

_SHOWN = ("sheet", "layer", "encoding", "delimiter", "header_row", "rows", "features", "columns", "crs", "size")


@dataclass(frozen=True)
class FileReading:
    """One file, the role it has, and how it was read; ``facts`` is empty where it could not be read."""

    path: Path
    role: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def line(self, language: str | None = None) -> str:
        """All of it in one line."""
        said = [str(self.facts.get("kind") or self.path.suffix[1:].upper())]
        said += [text(f"reading.{name}", language, value=self.facts[name]) for name in _SHOWN if self.facts.get(name)]
        return " · ".join(said)


def file_readings(spec: IndicatorSpec, country: Country, inputs: Inputs | None = None) -> list[FileReading]:
    """How every file that was found for an indicator is read; nothing is raised for what a file holds.

    Parameters
    ----------
    spec : IndicatorSpec
    country : Country
    inputs : Inputs, optional
        What was read already; maps are described from it.
    """
    try:
        files = find_files(spec, country)
        mappings = read_mapping(country.folder_of(spec))
    except WorkbenchError:
        return []
    found = []
    for role, paths in files.items():
        one = spec.inputs[role]
        mapping = country.frame.layers[role] if one.of_frame else mappings.get(one.table, TableMapping())
        maps = (
            {source.file: source for source in (inputs.contents.get(role, ()) if inputs else ())}
            if _is_map(one)
            else {}
        )
        for path in paths:
            facts = _of_map(maps.get(path.name)) if _is_map(one) else _of_file(path, one.table, mapping)
            found.append(FileReading(path, role, facts))
    return found


def _is_map(role: Any) -> bool:
    return schema_of(role.table).kind == "raster"


def _of_file(path: Path, table: str, mapping: TableMapping) -> Mapping[str, Any]:
    try:
        facts, _ = run("reading", path, schema=schema_of(table), mapping=mapping)
    except WorkbenchError:
        # What is wrong with the file is said with everything that was found.
        return {}
    return facts


def _of_map(source: Any) -> Mapping[str, Any]:
    if source is None:
        return {}
    import pyproj

    known = pyproj.CRS(source.crs).to_authority(min_confidence=70)
    name = ":".join(known) if known else pyproj.CRS(source.crs).name
    return {"kind": "", "crs": name, "size": f"{source.shape[1]} × {source.shape[0]}"}
