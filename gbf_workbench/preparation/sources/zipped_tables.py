"""Tables of the whole world that come zipped: the rows of one country are taken out without unpacking the rest."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from gbf_workbench.errors import problem


def rows_of(archive: Path, member: str, column: str, value: str) -> list[dict[str, str]]:
    """Rows of a zipped CSV table in which a column holds a value.

    Parameters
    ----------
    archive : Path
    member : str
        What the name of the table holds, in small letters; releases put their day and number into it.
    column, value : str
        Leading zeros and apostrophes of numbers do not matter.

    Raises
    ------
    WorkbenchError
        If the archive holds no such table, or the table no such column.
    """
    wanted = plain_code(value)
    with zipfile.ZipFile(archive) as packed:
        named = [name for name in packed.namelist() if member in name.lower() and name.lower().endswith(".csv")]
        if not named:
            raise problem("sources.member_missing", file=archive.name, value=member)
        for encoding in ("utf-8-sig", "latin-1"):
            try:
                return list(_rows(packed, named[0], encoding, column, wanted))
            except UnicodeDecodeError:
                # Older tables are written in Latin-1; every byte is a letter there.
                continue
    raise AssertionError("unreachable")


def _rows(packed: zipfile.ZipFile, name: str, encoding: str, column: str, wanted: str) -> Iterator[dict[str, str]]:
    with packed.open(name) as raw:
        reader = csv.DictReader(io.TextIOWrapper(raw, encoding=encoding, newline=""))
        if column not in (reader.fieldnames or ()):
            found = ", ".join(map(str, reader.fieldnames or ()))
            raise problem("sources.column_renamed", file=name, column=column, found=found)
        yield from (row for row in reader if plain_code(row[column]) == wanted)


def plain_code(code: str) -> str:
    """A code without what spreadsheets put before numbers.

    >>> plain_code("'004"), plain_code("FJI")
    ('4', 'FJI')
    """
    bare = (code or "").strip().lstrip("'")
    return bare.lstrip("0") or "0" if bare.isdigit() else bare
