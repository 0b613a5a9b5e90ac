"""From a country folder to the checked inputs of one indicator, with everything that was found on the way."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.preparation.checklists import SUFFIX as OTHER_SUFFIX
from gbf_workbench.preparation.checklists import TABLE as NAMES
from gbf_workbench.preparation.checklists import Checklist, checklist_of
from gbf_workbench.preparation.country import Country
from gbf_workbench.preparation.frame import FILE as COUNTRY_FILE
from gbf_workbench.preparation.frame import counted_parts, is_landlocked, no_sea
from gbf_workbench.preparation.map_sidecars import sidecar_issues
from gbf_workbench.preparation.mapping import FILE as MAPPING
from gbf_workbench.preparation.mapping import Overrule, TableMapping, overruled, overruled_flag, read_mapping
from gbf_workbench.preparation.money import check_currencies
from gbf_workbench.preparation.questionnaires import TABLE as ANSWERS
from gbf_workbench.preparation.questionnaires import of_indicator
from gbf_workbench.preparation.reader.files import Watched
from gbf_workbench.preparation.reader.process import run
from gbf_workbench.preparation.reader.sizes import most_points
from gbf_workbench.preparation.references import reference_issues
from gbf_workbench.preparation.schema import TableSchema, schema_of
from gbf_workbench.preparation.species_cells import may_hold_names
from gbf_workbench.preparation.tables import SUFFIXES as TABLE_SUFFIXES
from gbf_workbench.preparation.vectors import SUFFIXES as LAYER_SUFFIXES

if TYPE_CHECKING:
    from gbf_workbench.catalogue.specs import IndicatorSpec, Role

#: What a clean folder says of its own making; no data.
RECORD = "record.json"
RASTER_SUFFIXES = (".tif", ".tiff", ".nc", ".nc4")
#: Years a map can show, as for maps made of polygons.
_FIRST_YEAR, _LAST_YEAR = 1800, 2100
_SUFFIXES = {"table": TABLE_SUFFIXES, "vector": LAYER_SUFFIXES, "raster": RASTER_SUFFIXES}
#: Data that are not read here: archives, databases, and what other programs make of tables and layers.
_OTHER_DATA = {
    ".xls", ".xlsb", ".xltx", ".numbers", ".dta", ".sav", ".rds", ".sas7bdat", ".accdb", ".jp2", ".asc",
    ".ods", ".7z", ".rar", ".gz", ".tar", ".tgz", ".kml", ".kmz", ".gml", ".gdb", ".mdb", ".sqlite", ".tab",
    ".vrt", ".img",
}  # fmt: skip
#: Documents lie beside data with good reason, unless they bear the name of a table.
_DOCUMENTS = {".txt", ".dat", ".doc", ".docx", ".odt", ".rtf", ".pdf", ".html", ".jpg", ".png"}


def suffixes_of(kind: str) -> tuple[str, ...]:
    """Endings of the files a kind of table can be read from."""
    return _SUFFIXES[kind]


@dataclass(frozen=True)
class Inputs:
    """What was found for an indicator.

    Attributes
    ----------
    contents : mapping
        Role to table, layer or maps; only the roles there is a file for.
    files : mapping
        Role to the files it came from.
    issues : tuple of Issue
    sha256 : mapping
        File to the SHA-256 of what was read from it.
    """

    contents: Mapping[str, Any]
    files: Mapping[str, tuple[Path, ...]]
    issues: tuple[Issue, ...]
    sha256: Mapping[Path, str] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """Whether a number may be computed from them."""
        return not any(issue.stops for issue in self.issues)


def find_files(spec: IndicatorSpec, country: Country) -> dict[str, tuple[Path, ...]]:
    """The files each role of an indicator would be read from, without opening them.

    Raises
    ------
    WorkbenchError
        If ``mapping.yml`` is broken or names files that are not there, or a table has two files.
    """
    folder = country.folder_of(spec)
    mappings = read_mapping(folder)
    known = {role.table for role in spec.inputs.values()}
    if unknown := set(mappings) - known:
        said = ", ".join(sorted(unknown))
        raise problem("check.mapping_broken", file=MAPPING, reason=f"unknown tables: {said}; known: {', '.join(known)}")
    found, wrong = {}, []
    for role in spec.inputs.values():
        try:
            paths = _frame_files(role, country) if role.of_frame else _own_files(role, country, folder, mappings)
        except WorkbenchError as refused:
            wrong += refused.issues
            continue
        if paths:
            found[role.name] = paths
    if wrong:
        raise WorkbenchError(*wrong)
    return found


def has_data(spec: IndicatorSpec, country: Country) -> bool:
    """Whether the folder holds anything of the indicator's own, complete or not."""
    return any(not spec.inputs[role].of_frame for role in find_files(spec, country))


def _frame_files(role: Role, country: Country) -> tuple[Path, ...]:
    layer = country.frame.layers.get(role.name)
    return (_inside(country, country.folder, layer.file, role.table),) if layer else ()


def _own_files(role: Role, country: Country, folder: Path, mappings: Mapping[str, TableMapping]) -> tuple[Path, ...]:
    schema, mapping = schema_of(role.table), mappings.get(role.table, TableMapping())
    if bool(mapping.files or mapping.file) and bool(mapping.files) != (schema.kind == "raster"):
        word = "files, with a year for each" if schema.kind == "raster" else "file"
        raise problem("check.mapping_broken", file=MAPPING, table=role.table, reason=f"{role.table} needs {word}")
    if mapping.files:
        return tuple(_inside(country, folder, name, role.table) for _, name in sorted(mapping.files.items()))
    if mapping.file:
        return (_inside(country, folder, mapping.file, role.table),)
    if not folder.is_dir():
        return ()
    suffixes = suffixes_of(schema.kind)
    here = sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes and path.is_file())
    is_raster = schema.kind == "raster"
    own = [path for path in here if (_year_of(path, role.table) if is_raster else path.stem == role.table)]
    if len(own) > 1 and not is_raster:
        raise problem("check.several_files", table=role.table, names=", ".join(path.name for path in own))
    for path in own:
        # A link in the folder may lead out of it too.
        _inside(country, folder, path.name, role.table)
    return tuple(own)


def _year_of(path: Path, table: str) -> int:
    """The year in ``<table>_<year>.tif``, 0 if it is not named so."""
    year = path.stem.removeprefix(f"{table}_")
    return int(year) if path.stem.startswith(f"{table}_") and re.fullmatch(r"\d{4}", year) else 0


def _inside(country: Country, folder: Path, name: str, table: str) -> Path:
    """A file below the country folder; a name or link that leads out of it is refused, a missing one said."""
    try:
        path = (folder / name).resolve()
        inside, there = path.is_relative_to(country.folder.resolve()), path.is_file()
    except (OSError, ValueError, RuntimeError):
        # A name no file can have: too long, with a NUL, or a link that leads to itself.
        inside, there = True, False
    if not inside:
        raise problem("check.outside_folder", file=name[:80], value=name[:80], table=table)
    if not there:
        raise problem("check.file_missing", file=name[:80], table=table, names=name[:80])
    return path


def read_inputs(spec: IndicatorSpec, country: Country, without: Mapping[str, Overrule] | None = None) -> Inputs:
    """Read and check everything the folder holds for an indicator; nothing is raised for what a file holds.

    Each file is opened in a separate process with limits (see ``reader.process``), never in this one.

    Parameters
    ----------
    spec : IndicatorSpec
    country : Country
    without : mapping of table to Overrule, optional
        Repairs not to make, beyond those that ``mapping.yml`` overrules.
    """
    try:
        files = find_files(spec, country)
    except WorkbenchError as refused:
        return Inputs({}, {}, refused.issues)
    contents: dict[str, Any] = {}
    digests: dict[Path, str] = {}
    used = dict(files)
    issues: list[Issue] = []
    mappings = read_mapping(country.folder_of(spec))
    if "sea" in spec.inputs and spec.inputs["sea"].of_frame and is_landlocked(country.code, country.frame):
        contents["sea"] = no_sea(country.frame)
    named = any(may_hold_names(one) for role in files for one in schema_of(spec.inputs[role].table).fields)
    checklist = _checklist(country, digests, issues) if named else None
    # The frame comes first, because the other layers are held against it.
    for role, paths in sorted(files.items(), key=lambda one: not spec.inputs[one[0]].of_frame):
        table = spec.inputs[role].table
        mapping = country.frame.layers[role] if spec.inputs[role].of_frame else mappings.get(table, TableMapping())
        if without and table in without:
            mapping = replace(mapping, overrules=(*mapping.overrules, without[table]))
        try:
            held = {} if spec.inputs[role].of_frame else {name: contents.get(name) for name in ("land", "sea")}
            content, found = _read(paths, schema_of(table), mapping, country, digests, held, checklist)
        except WorkbenchError as refused:
            found = list(refused.issues)
        else:
            if spec.inputs[role].of_frame and not any(issue.stops for issue in found):
                content, more = counted_parts(content, role, country.code, country.frame)
                found += [issue.placed(file=COUNTRY_FILE) for issue in more]
            if table == ANSWERS:
                content, found = of_indicator(content, found, spec.code)
            if isinstance(content, tuple) or len(content):
                contents[role] = content
            else:
                # A template nobody has filled in: only its example was there, and was left out.
                del used[role]
        issues += [issue.placed(table=table) for issue in found]
    issues += _map_issues(spec, contents, mappings)
    issues += _between_tables(spec, contents, used, mappings)
    issues += _currency_issues(spec, contents, used, mappings)
    issues += _unused_files(country.folder_of(spec), files, {role.table for role in spec.inputs.values()})
    issues += _missing(spec, used)
    return Inputs(contents, used, tuple(issues), digests)


def _read(
    paths: tuple[Path, ...],
    schema: TableSchema,
    mapping: TableMapping,
    country: Country,
    digests: dict[Path, str],
    held: Mapping[str, Any],
    checklist: Checklist | None = None,
) -> tuple[Any, list[Issue]]:
    """One input from its files; ``held`` is what a layer is held against, the country's land and sea."""
    suffixes = suffixes_of(schema.kind)
    # A text that somebody names as a table is one; by itself it may be anybody's notes.
    named = (OTHER_SUFFIX,) if schema.kind == "table" and mapping.file else ()
    if wrong := [path for path in paths if path.suffix.lower() not in (*suffixes, *named)]:
        raise problem("check.file_kind", file=wrong[0].name, value=wrong[0].suffix, choices=", ".join(suffixes))
    if schema.kind == "table":
        more = {"checklist": checklist} if checklist and any(map(may_hold_names, schema.fields)) else {}
        return _read_one("table", paths[0], digests, schema=schema, mapping=mapping, **more)
    if schema.kind == "vector":
        more = {"schema": schema, "mapping": mapping, "crs": country.frame.crs, "most_points": most_points(), **held}
        return _read_one("layer", paths[0], digests, **more)
    years = sorted(mapping.files) or [_year_of(path, schema.name) for path in paths]
    maps, issues = [], []
    for path, year in zip(paths, years, strict=True):
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            key, limit = ("below_minimum", _FIRST_YEAR) if year < _FIRST_YEAR else ("above_maximum", _LAST_YEAR)
            issues.append(Issue("error", f"check.{key}", {"limit": str(limit)}, file=path.name, value=str(year)))
            continue
        try:
            one, found = _read_one("raster", path, digests, year=year, mapping=mapping)
        except WorkbenchError as refused:
            one, found = None, list(refused.issues)
        issues += [*found, *_unless_accepted(sidecar_issues(path, one), mapping)]
        maps += [one] if one is not None else []
    return tuple(sorted(maps, key=lambda one: one.year)), issues


def _unless_accepted(flags: list[Issue], mapping: TableMapping) -> list[Issue]:
    """Flags, or what the record says of those that an expert has accepted."""
    words = [(one, overruled(mapping, one.key)) for one in flags]
    return [one if word is None else overruled_flag(word, one) for one, word in words]


def _checklist(country: Country, digests: dict[Path, str], issues: list[Issue]) -> Checklist | None:
    """The names that the country uses, if it has a checklist; what is wrong with it is added to ``issues``."""
    if country.checklist is None:
        return None
    schema = schema_of(NAMES)
    try:
        path = _inside(country, country.folder, country.checklist.file, NAMES)
        if path.suffix.lower() not in (*TABLE_SUFFIXES, OTHER_SUFFIX):
            choices = ", ".join((*TABLE_SUFFIXES, OTHER_SUFFIX))
            raise problem("check.file_kind", file=path.name, value=path.suffix, choices=choices)
        table, found = _read_one("table", path, digests, schema=schema, mapping=country.checklist)
    except WorkbenchError as refused:
        issues += [issue.placed(table=NAMES) for issue in refused.issues]
        return None
    # Its own names are tidied as they are read; only what stops is worth a line in every indicator.
    issues += [issue.placed(table=NAMES) for issue in found if issue.stops]
    return None if any(issue.stops for issue in found) else checklist_of(table)


def _read_one(job: str, path: Path, digests: dict[Path, str], **arguments: Any) -> tuple[Any, list[Issue]]:
    """One file by a separate process, watched for changes meanwhile."""
    with Watched(path) as watched:
        content, issues = run(job, path, beside=watched.beside, **arguments)
    digests[path] = watched.sha256
    return content, issues


def _unused_files(folder: Path, files: Mapping[str, tuple[Path, ...]], tables: set[str]) -> list[Issue]:
    """Data files of the indicator's folder that no table was read from: a misspelt name, or another kind of file."""
    used = {os.path.realpath(path) for paths in files.values() for path in paths}
    endings = {suffix for suffixes in _SUFFIXES.values() for suffix in suffixes} | _OTHER_DATA
    # A folder or a link that leads nowhere is not read either, and looks like data in a file manager.
    here = sorted(path for path in folder.iterdir()) if folder.is_dir() else []
    named = [path for path in here if path.suffix.lower() in _DOCUMENTS and path.stem.lower() in tables]
    data = [*named, *(path for path in here if path.suffix.lower() in endings and path.name != RECORD)]
    left = [path for path in data if os.path.realpath(path) not in used]
    own = {suffix for table in tables for suffix in _SUFFIXES[schema_of(table).kind]}
    issues = []
    for key, of_own_kind in (("unused_files", True), ("unread_formats", False)):
        if found := [path.name for path in left if (path.suffix.lower() in own) == of_own_kind]:
            issues.append(Issue("flag", f"check.{key}", {"names": ", ".join(found)}))
    return issues


def _map_issues(spec: IndicatorSpec, contents: dict[str, Any], mappings: Mapping[str, TableMapping]) -> list[Issue]:
    """What stands between the maps of one role, and between them and their legend; maps are brought onto one grid."""
    issues: list[Issue] = []
    legends = {role.table: contents[name] for name, role in spec.inputs.items() if name in contents}
    for name, role in spec.inputs.items():
        schema = schema_of(role.table)
        if schema.kind == "raster" and contents.get(name):
            from gbf_workbench.preparation.map_checks import check_maps

            legend = legends.get(schema.legend)
            contents[name], found = check_maps(contents[name], legend, mappings.get(role.table))
            if not any(issue.stops for issue in found):
                from gbf_workbench.preparation.map_differences import map_differences

                frame = contents.get("land"), contents.get("sea")
                found += [issue for source in contents[name] for issue in map_differences(source, *frame)]
            issues += [issue.placed(table=role.table) for issue in found]
    return issues


def _currency_issues(
    spec: IndicatorSpec, contents: Mapping[str, Any], used: Mapping[str, tuple[Path, ...]], mappings: Mapping[str, Any]
) -> list[Issue]:
    """Amounts that the tables of exchange rates cannot bring to one currency."""
    names = {role.name: role.table for role in spec.inputs.values() if schema_of(role.table).kind == "table"}
    files = {table: used[role][0].name for role, table in names.items() if role in used}
    found = check_currencies({table: contents[role] for role, table in names.items() if role in contents}, mappings)
    return [issue.placed(file=files[issue.table]) for issue in found]


def _between_tables(
    spec: IndicatorSpec, contents: Mapping[str, Any], files: Mapping[str, tuple[Path, ...]],
    mappings: Mapping[str, TableMapping],
) -> list[Issue]:  # fmt: skip
    """Values of one table that have to be found in another one of the indicator."""
    roles = [role for role in spec.inputs.values() if role.name in contents and schema_of(role.table).kind == "table"]
    tables = {role.table: contents[role.name] for role in roles}
    names = {role.table: files[role.name][0].name for role in roles}
    return [issue.placed(file=names[issue.table]) for issue in reference_issues(tables, mappings)]


def _missing(spec: IndicatorSpec, files: Mapping[str, Any]) -> list[Issue]:
    """An issue if none of the alternative sets of tables is complete; it names the set that lacks least."""
    lacking = [[role for role in roles if role not in files] for roles in spec.alternatives]
    if not all(lacking):
        return []
    if not any(not spec.inputs[role].of_frame for role in files):
        needed = " / ".join(" + ".join(spec.inputs[role].table for role in roles) for roles in spec.alternatives)
        return [Issue("error", "check.no_data", {"code": spec.code, "needed": needed})]
    issues = []
    for role in min(lacking, key=len):
        schema = schema_of(spec.inputs[role].table)
        ending = "_<year>" if schema.kind == "raster" else ""
        names = " / ".join(f"{schema.name}{ending}{suffix}" for suffix in suffixes_of(schema.kind))
        issues.append(Issue("error", "check.file_missing", {"names": names}, table=schema.name))
    return issues
