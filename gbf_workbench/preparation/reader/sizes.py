"""How large a layer is, told from its directory before it is loaded, so that no layer takes the machine's memory."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gbf_workbench.errors import problem
from gbf_workbench.preparation.reader.limits import MOST_OF_MACHINE, machine_memory

#: Bytes that two coordinates take in a file of numbers, and at least in a file of text.
_BINARY, _TEXT = 16, 12
#: Bytes of memory for each point of an outline while it is read, mended and projected.
_MEMORY = 150
_LEAST = 1_000_000
_LENGTHS = "SELECT sum(length({})) FROM {}"


def most_points() -> int:
    """Points of outlines in one layer that this machine has the memory for."""
    return max(_LEAST, int(MOST_OF_MACHINE * machine_memory() / _MEMORY))


def refuse_large_layer(path: Path, most: int) -> None:
    """Refuse a layer with more points than are allowed, without reading them.

    Raises
    ------
    WorkbenchError
    """
    points = points_in(path)
    if points > most:
        raise problem("reader.too_many_points", file=path.name, count=points, limit=most)


def points_in(path: Path) -> int:
    """About how many points the outlines of a layer have, from the sizes of their stored forms."""
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        return _in_geopackage(path)
    if suffix in (".parquet", ".geoparquet"):
        return _in_parquet(path)
    return path.stat().st_size // (_TEXT if suffix in (".geojson", ".json") else _BINARY)


def _in_geopackage(path: Path) -> int:
    # A length is stored beside the outline, which need not be read for it.
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        try:
            places = base.execute("SELECT column_name, table_name FROM gpkg_geometry_columns").fetchall()
            sizes = [base.execute(_LENGTHS.format(*map(_quoted, place))).fetchone()[0] for place in places]
        except sqlite3.DatabaseError:
            # Damaged: the reader of layers says so, and its memory is limited.
            return 0
    return max((size or 0 for size in sizes), default=0) // _BINARY


def _quoted(name: str) -> str:
    return '"' + str(name).replace('"', '""') + '"'


def _in_parquet(path: Path) -> int:
    import pyarrow.parquet

    try:
        facts = pyarrow.parquet.ParquetFile(path).metadata
    except (OSError, ValueError):
        return 0
    groups = (facts.row_group(at) for at in range(facts.num_row_groups))
    return sum(group.total_byte_size for group in groups) // _BINARY
