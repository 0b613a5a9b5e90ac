"""What is particular to shapefiles: three files that have to agree, and names that are cut to ten letters."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.tables import plain

if TYPE_CHECKING:
    import pandas as pd

#: Files that make up one shapefile, and those of them without which its rows cannot be told.
MEMBERS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
NEEDED = (".shp", ".shx", ".dbf")
_HEADER, _MOST_NAME, _MOST_TEXT = 100, 10, 254
_INDEX_RECORD = 8
#: How GDAL tells apart names that are the same after cutting: a number in place of the last two letters.
_NUMBERED = re.compile(r"^(.{8})(?:_\d|\d\d)$")


def missing_members(names: Iterable[str], stem: str) -> list[str]:
    """Which of the needed files are not among the names, as the user would call them.

    >>> missing_members(["pa.shp", "pa.SHX"], "pa")
    ['pa.dbf']
    """
    there = {name.casefold() for name in names}
    return [f"{stem}{end}" for end in NEEDED if f"{stem}{end}".casefold() not in there]


def members_issue(stem: str, missing: list[str]) -> Issue:
    """What is said where files of a shapefile are not there."""
    return Issue("error", "layer.members_missing", {"names": ", ".join(missing)}, value=f"{stem}.shp")


def loose_members(path: Path) -> dict[str, Path]:
    """The files beside a loose ``.shp`` that belong to it, by ending in small letters."""
    stem = path.stem.casefold()
    here = [one for one in sorted(path.parent.iterdir()) if one.stem.casefold() == stem]
    return {one.suffix.lower(): one for one in here if one.suffix.lower() in MEMBERS}


def cut_off_issues(members: dict[str, Path]) -> list[Issue]:
    """Files that are shorter than their headers say, and counts of features that do not agree.

    Sources: ESRI Shapefile Technical Description (1998), lengths in 16-bit words; dBASE III header.
    """
    issues, counts = [], {}
    for end in (".shp", ".shx", ".dbf"):
        size = members[end].stat().st_size
        with members[end].open("rb") as file:
            head = file.read(_HEADER)
        said, counts[end] = _said_of_dbf(head) if end == ".dbf" else _said_of_shapes(head)
        if end == ".shp":
            counts.pop(end)
        if said is None or size < said:
            values = {"size": size, "said": said if said is not None else "?"}
            issues.append(Issue("error", "layer.member_cut", values, value=end))
    if not issues and counts[".shx"] != counts[".dbf"]:
        values = {"shapes": counts[".shx"], "records": counts[".dbf"]}
        issues.append(Issue("error", "layer.members_differ", values))
    return issues


def _said_of_shapes(head: bytes) -> tuple[int | None, int]:
    """Length [bytes] and, for an index, number of shapes that a .shp or .shx announces."""
    if len(head) < _HEADER:
        return None, 0
    length = 2 * struct.unpack(">i", head[24:28])[0]
    return length, (length - _HEADER) // _INDEX_RECORD


def _said_of_dbf(head: bytes) -> tuple[int | None, int]:
    if len(head) < 32:
        return None, 0
    count, header, record = struct.unpack("<IHH", head[4:12])
    return header + count * record, count


def cut_name_issues(columns: list[str], schema: TableSchema, mapping: TableMapping) -> list[Issue]:
    """Columns of ten letters that may be a longer name of the schema, cut by the format; the user has to say so.

    One that is itself a name the schema goes by is not asked about, nor one that ``mapping.yml`` speaks of.
    """
    names = {one.name: (one.name, *one.aliases) for one in schema.fields}
    known = {plain(name) for own in names.values() for name in own}
    there = {plain(column) for column in columns}
    issues = []
    for column in columns:
        if len(column) != _MOST_NAME or plain(column) in known or column in mapping.columns.values():
            continue
        meant = [
            one for one, own in names.items()
            if one not in mapping.columns and one not in mapping.constants and one not in mapping.unknown
            and not there & {plain(name) for name in own} and any(_is_cut_from(column, name) for name in own)
        ]  # fmt: skip
        if meant:
            values = {"meant": " / ".join(meant), "field": meant[0]}
            issues.append(Issue("error", "layer.cut_name", values, column=column))
    return issues


def _is_cut_from(column: str, name: str) -> bool:
    """Whether a name of ten letters is what is left of a longer one.

    >>> _is_cut_from("protected_", "protected_area_name"), _is_cut_from("protecte_1", "protected_area_type")
    (True, True)
    """
    if len(name) <= _MOST_NAME:
        return False
    numbered = _NUMBERED.match(column)
    begins = name.casefold().startswith(column.casefold())
    return begins or bool(numbered and name.casefold().startswith(numbered[1].casefold()))


def cut_text_issues(cells: pd.DataFrame) -> list[Issue]:
    """Texts that are as long as the format allows, so that their end is probably missing."""
    issues = []
    for name in cells.columns:
        if rows := tuple(int(row) for row, cell in cells[name].items() if _is_full(cell)):
            issues.append(Issue("flag", "layer.cut_text", {"limit": _MOST_TEXT}, column=name, rows=rows))
    return issues


def _is_full(cell: object) -> bool:
    if not isinstance(cell, str) or len(cell) < _MOST_TEXT // 4:
        return False
    # A letter of several bytes is not cut in two, so up to three bytes stay empty.
    return len(cell.encode()) >= (_MOST_TEXT if cell.isascii() else _MOST_TEXT - 3)
