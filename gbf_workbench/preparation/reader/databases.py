"""Whether an SQLite database is a GeoPackage that keeps to itself: some tables and views open any file when read."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from gbf_workbench.errors import problem

#: Where a database says what it is for, and what GeoPackages of all versions say there.
_PURPOSE, _GEOPACKAGE = slice(68, 72), (b"GPKG", b"GP10", b"GP11")
_VIRTUAL = re.compile(r"create\s+virtual\s+table.*?using\s+[\"'`\[]?(\w+)", re.IGNORECASE | re.DOTALL)
#: Virtual tables that live in the database itself: the index of places, and indexes of words.
_HARMLESS = {"rtree", "fts3", "fts4", "fts5"}
#: Steps of the database after which a view is taken for one that never ends; one of a million rows needs a third.
_MOST_STEPS, _STEPS_AT_ONCE = 30_000_000, 1_000_000
_REACHING = re.compile(
    r"\b(load_extension|readfile|writefile|fts3_tokenizer|virtualogr|ogr_\w+|gdal_\w+)\s*\(|\battach\b", re.IGNORECASE
)


def kind_of_database(path: Path, head: bytes) -> str:
    """``geopackage`` or, for every other purpose, ``database``.

    Raises
    ------
    WorkbenchError
        If it is a GeoPackage with tables, views or triggers that open other files or may never end, or one that is
        damaged.
    """
    if head[_PURPOSE] not in _GEOPACKAGE:
        return "database"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            made = base.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    except sqlite3.DatabaseError as fault:
        raise problem("check.unreadable", file=path.name, reason=str(fault)) from None
    for kind, name, sql in made:
        if _reaches_out(kind, str(sql)):
            raise problem("reader.reaches_out", file=path.name, value=str(name)[:80])
    if endless := _endless_view(path, [str(name) for kind, name, _ in made if kind == "view"]):
        raise problem("reader.endless", file=path.name, value=endless[:80])
    names = {str(name).lower() for _, name, _ in made}
    return "geopackage" if "gpkg_contents" in names else "database"


def _reaches_out(kind: str, sql: str) -> bool:
    if found := _VIRTUAL.search(sql):
        return found[1].lower() not in _HARMLESS
    if re.match(r"\s*create\s+virtual", sql, re.IGNORECASE):
        return True
    return kind in ("view", "trigger") and bool(_REACHING.search(sql))


def _endless_view(path: Path, names: list[str]) -> str:
    """The first view whose rows do not come to an end, because it is made from itself or of too many others."""
    steps = 0

    def step() -> bool:
        nonlocal steps
        steps += _STEPS_AT_ONCE
        return steps > _MOST_STEPS

    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        # The process that reads may write nowhere.
        base.execute("PRAGMA temp_store = MEMORY")
        base.set_progress_handler(step, _STEPS_AT_ONCE)
        for name in names:
            quoted = name.replace('"', '""')
            # One that asks for what only GDAL knows is left to GDAL.
            with suppress(sqlite3.DatabaseError):
                base.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()  # noqa: S608 - quoted
            if steps > _MOST_STEPS:
                return name
    return ""
