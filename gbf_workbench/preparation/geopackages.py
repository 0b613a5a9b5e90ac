"""Cells of a GeoPackage that hold something else than their column promises; SQLite keeps what it is given."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

#: What does not fit into a column, by GDAL's name of its type.
_LARGEST = {"OFTInteger": 2**31 - 1, "OFTInteger64": 2**63 - 1}
_WHOLE = "(typeof({0}) NOT IN ('integer', 'null') OR {0} NOT BETWEEN -{1} - 1 AND {1})"
_REAL = "typeof({0}) NOT IN ('integer', 'real', 'null')"
_DAY = "({0} IS NOT NULL AND {0} NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*')"
_DATES = ("OFTDate", "OFTDateTime")


def odd_cells(path: Path, layer: str, about: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    """Column, feature (both from 0) and text of cells that are not what their column promises.

    The library would take what it can of them: 12 of “12,5”, 0 of “none”, 2001 of 2001.5.

    Parameters
    ----------
    path : Path
    layer : str
    about : mapping
        What pyogrio says of the layer: ``fields`` and ``ogr_types``.
    """
    tests = {
        number: _test(_quoted(str(name)), kind)
        for number, (name, kind) in enumerate(zip(about["fields"], about["ogr_types"], strict=True))
    }
    tests = {number: test for number, test in tests.items() if test}
    if not tests:
        return []
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        base.text_factory = lambda content: content.decode("utf-8", "replace")
        try:
            base.execute("PRAGMA temp_store = MEMORY")
            odd = f"SELECT 1 FROM {_quoted(layer)} WHERE {' OR '.join(tests.values())} LIMIT 1"  # noqa: S608 - quoted
            if base.execute(odd).fetchone():
                return _found(base, layer, about["fields"], tests)
        except sqlite3.DatabaseError:
            # Damaged, or a view that only GDAL understands: the reading itself says so.
            return []
    return []


def _test(column: str, kind: str) -> str:
    if kind in _LARGEST:
        return _WHOLE.format(column, _LARGEST[kind])
    if kind == "OFTReal":
        return _REAL.format(column)
    return _DAY.format(column) if kind in _DATES else ""


def _found(
    base: sqlite3.Connection, layer: str, names: Sequence[Any], tests: Mapping[int, str]
) -> list[tuple[int, int, str]]:
    wanted = ", ".join(f"{test}, CAST({_quoted(str(names[number]))} AS TEXT)" for number, test in tests.items())
    found = []
    kind = base.execute("SELECT type FROM sqlite_master WHERE lower(name) = lower(?)", (layer,)).fetchone()
    # GDAL goes by the number of the row; an index would give another order.
    order = "ORDER BY rowid" if kind == ("table",) else ""
    every = f"SELECT {wanted} FROM {_quoted(layer)} {order}"  # noqa: S608 - quoted
    for row, cells in enumerate(base.execute(every)):
        pairs = zip(tests, cells[::2], cells[1::2], strict=True)
        found += [(number, row, str(stored).strip()) for number, is_odd, stored in pairs if is_odd]
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
