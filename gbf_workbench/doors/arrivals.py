"""Files that somebody brought: what each of them probably is, and the country folder they make together."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from gbf_workbench.catalogue.specs import IndicatorSpec
from gbf_workbench.errors import WorkbenchError, problem
from gbf_workbench.preparation.answers import merged
from gbf_workbench.preparation.column_names import names_of
from gbf_workbench.preparation.country import FILE as COUNTRY
from gbf_workbench.preparation.country import NO_COUNTRY
from gbf_workbench.preparation.inputs import suffixes_of
from gbf_workbench.preparation.mapping import FILE as MAPPING
from gbf_workbench.preparation.reader.asking import columns_in
from gbf_workbench.preparation.reader.process import run
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.preparation.tables import plain

#: Names of devices, which Windows gives to no file whatever its ending.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)


@dataclass(frozen=True)
class Arrival:
    """One file that was brought, and what it is taken for.

    ``role`` is empty while nobody knows; ``year`` is 0 where the table is no series of maps. ``answers`` are words of
    ``mapping.yml`` that answer a question about the file.
    """

    path: Path
    name: str
    role: str = ""
    year: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)


def recognised(spec: IndicatorSpec, path: Path, name: str) -> Arrival:
    """The likeliest role of a file: by its name, else by the names of its columns, else by its kind alone."""
    suffix = Path(name).suffix.lower()
    fitting = [role for role, one in spec.inputs.items() if suffix in suffixes_of(schema_of(one.table).kind)]
    stem = plain(Path(name).stem)
    years = [int(year) for year in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", Path(name).stem)]
    for role in fitting:
        if schema_of(spec.inputs[role].table).kind == "raster":
            return Arrival(path, name, role, years[-1] if years else 0)
    for role in fitting:
        if stem in (plain(role), plain(spec.inputs[role].table)):
            return Arrival(path, name, role)
    alone = len(fitting) == 1
    try:
        columns = {plain(column) for column in columns_in(path)}
    except WorkbenchError:
        # Where it can be one thing only, what is wrong with it is said with everything else.
        if not alone:
            raise
        columns = set()
    scores = {role: _likeness(spec.inputs[role].table, columns) for role in fitting}
    best = max(scores, key=lambda role: scores[role], default="")
    return Arrival(path, name, best if best and (scores[best] > 0 or alone) else "")


def _likeness(table: str, columns: set[str]) -> float:
    """Share of the needed columns that are there, plus the share of the file's columns that are known."""
    fields = schema_of(table).fields
    there = [{plain(name) for name in names_of(schema_of(table), one.name)} & columns for one in fields]
    needed = [bool(found) for one, found in zip(fields, there, strict=True) if one.required]
    known = set().union(*there)
    return (sum(needed) / len(needed) if needed else 0) + (len(known) / len(columns) if columns else 0)


def is_country_archive(path: Path, name: str) -> bool:
    """Whether a file is a zipped country folder; one that cannot be opened is none."""
    if not name.lower().endswith(".zip"):
        return False
    try:
        root, _ = run("country_root", path, shown=name)
    except WorkbenchError:
        return False
    return root is not None


def unpack_country(path: Path, into: Path) -> Path:
    """Unpack a zipped country folder; a name that leads out of it refuses the whole archive."""
    into.mkdir(parents=True, mode=0o700)
    run("country", path, into=into)
    return into


def make_country(spec: IndicatorSpec, arrivals: Iterable[Arrival], into: Path, code: str = "") -> Path:
    """A country folder with the files that were brought, each under the name its owner gave it.

    Parameters
    ----------
    arrivals : iterable of Arrival
        Those without a role are left out.
    into : Path
        Made anew.
    code : str
        ISO 3166-1 alpha-3; empty gives ``NO_COUNTRY``.

    Returns
    -------
    Path
    """
    shutil.rmtree(into, ignore_errors=True)
    own = into / (spec.folder or spec.slug)
    own.mkdir(parents=True, mode=0o700)
    known = [one for one in arrivals if one.role]
    tables: dict[str, dict[str, Any]] = {}
    frame: dict[str, dict[str, Any]] = {}
    for at, one in enumerate(known, 1):
        role = spec.inputs[one.role]
        home = into / "frame" if role.of_frame else own
        home.mkdir(exist_ok=True, mode=0o700)
        file = _placed(one, home, at)
        if role.of_frame:
            frame[one.role] = {"file": f"frame/{file}", "source": one.name}
            frame[one.role] |= _words(one)
        elif schema_of(role.table).kind == "raster":
            series = tables.setdefault(role.table, {"files": {}})
            _add_map(series["files"], one, file)
            # What is said of one map of a series is said of all of them.
            series |= merged(series, _words(one))
        else:
            tables[role.table] = {"file": file, **_words(one)}
    country = {"format": 1, "code": code or NO_COUNTRY, "name": {"en": code or NO_COUNTRY}}
    (into / COUNTRY).write_text(_as_yaml(country | ({"frame": frame} if frame else {})), encoding="utf-8")
    (own / MAPPING).write_text(_as_yaml({"tables": tables}), encoding="utf-8")
    return into


def _words(one: Arrival) -> dict[str, Any]:
    """What was said about a file, in the words of ``mapping.yml``."""
    return merged(one.answers, {"columns": dict(one.columns)} if one.columns else {})


def _add_map(files: dict[int, str], one: Arrival, file: str) -> None:
    if one.year in files or not one.year:
        raise problem("panel.year_missing" if not one.year else "panel.year_twice", file=one.name, year=str(one.year))
    files[one.year] = file


def _placed(one: Arrival, home: Path, at: int) -> str:
    """The file under its owner's name where every system can have a file of that name, else under a number."""
    safe = re.sub(r"[^\w.\- ]", "_", unicodedata.normalize("NFC", one.name)).strip(" ")
    taken = {path.name.casefold() for path in home.iterdir()}
    if not _is_possible(safe) or safe.casefold() in taken:
        safe = f"file_{at}{Path(one.name).suffix.lower()}"
    shutil.copyfile(one.path, home / safe)
    return safe


def _is_possible(name: str) -> bool:
    """Whether Windows, macOS and Linux can all have a file of this name, and a command line too.

    >>> [_is_possible(name) for name in ("aires.csv", "aux.csv", "保护区.csv", "x" * 300 + ".csv", "a.", "-x.csv")]
    [True, False, True, False, False, False]
    """
    reserved = _RESERVED.fullmatch(name.partition(".")[0].strip())
    return bool(name.strip("._ ")) and not (reserved or name[0] in "-." or name[-1] in ". " or len(name.encode()) > 150)


def _as_yaml(content: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False)


def columns_of(arrival: Arrival) -> list[str]:
    """Names of the columns of a file that was brought, as far as it can be read."""
    try:
        return columns_in(arrival.path)
    except WorkbenchError:
        return []
