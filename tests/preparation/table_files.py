"""Table files to read, written by hand, and what the workbench says of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pandas as pd
from openpyxl import Workbook

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import Field, TableSchema
from gbf_workbench.preparation.tables import read_table

#: A schema of their own, so that these tests say what a reader does and not what a table of today asks for.
SPECIES = TableSchema(
    name="species",
    kind="table",
    fields=(
        Field("species_id", required=True, aliases=("taxon_id",)),
        Field("scientific_name"),
        Field("taxonomic_group", required=True, aliases=("group",)),
        Field("year", "year", required=True, minimum=1950, maximum=2100),
        Field("category", required=True, enum=("LC", "NT", "VU", "EN", "CR", "EX")),
        Field("range_share", "number", minimum=0, maximum=1),
    ),
    primary_key=("species_id", "year"),
)
HEADER = ["species_id", "taxonomic_group", "year", "category", "range_share"]
ROWS = [HEADER, ["B1", "Birds", 2010, "LC", 0.5], ["B2", "Birds", 2010, "VU", 0.25]]
HEADER_LINE = ",".join(HEADER)
GOOD = f"{HEADER_LINE}\nB1,Birds,2010,LC,0.5\nB2,Birds,2010,VU,0.25\n"

Said = set[tuple[str, str, tuple[int, ...], str]]


def read(path: Path, mapping: TableMapping | None = None) -> tuple[pd.DataFrame | None, Said]:
    """The checked table, or None where there is none, and what was said: level, key, rows, column."""
    mapping = mapping or TableMapping()
    try:
        table, issues = check_table(read_table(path, SPECIES, mapping), SPECIES, mapping)
    except WorkbenchError as refused:
        table, issues = None, refused.issues
    for issue in issues:
        assert issue.file == path.name
        assert issue.sentence()
        assert issue.remedy() or not issue.stops
    return table, {(issue.level, issue.key.removeprefix("check."), issue.rows, issue.column) for issue in issues}


def text_file(folder: Path, content: str | bytes, name: str = "species.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def workbook(
    folder: Path, *sheets: Iterable[list], name: str = "species.xlsx", change: Callable[[Workbook], None] | None = None
) -> Path:
    """A workbook with one sheet for each list of rows; ``change`` gets it before it is saved."""
    book = Workbook()
    book.remove(book.active)
    for at, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"S{at}")
        for row in rows:
            sheet.append(row)
    if change:
        change(book)
    book.save(folder / name)
    return folder / name


_ODS_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def opendocument(
    folder: Path, *sheets: Iterable[list], name: str = "species.ods", cells: Mapping[str, str] | None = None,
    row_attributes: Mapping[int, str] | None = None, hidden: Iterable[int] = (),
) -> Path:  # fmt: skip
    """An OpenDocument spreadsheet of the parts that the standard asks for.

    ``cells`` are elements to put in place of the cell at an address of the first sheet (``B3``); ``row_attributes``
    those of its rows; ``hidden`` the numbers of sheets that are hidden.
    """
    tables = []
    for number, rows in enumerate(sheets, 1):
        own, attributes = (cells or {}, row_attributes or {}) if number == 1 else ({}, {})
        lines = []
        for at, row in enumerate(rows, 1):
            inner = "".join(own.get(f"{chr(65 + place)}{at}", _ods_cell(value)) for place, value in enumerate(row))
            lines.append(f"<table:table-row {attributes.get(at, '')}>{inner}</table:table-row>")
        style = "off" if number in hidden else "on"
        tables.append(f'<table:table table:name="S{number}" table:style-name="{style}">{"".join(lines)}</table:table>')
    styles = "".join(
        f'<style:style style:name="{style}" style:family="table"><style:table-properties table:display="{shown}"/>'
        "</style:style>"
        for style, shown in (("on", "true"), ("off", "false"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS_NAMES} office:version="1.3" '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
        f"{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind, zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return folder / name


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value!r}"'
    elif isinstance(value, str):
        kind = 'office:value-type="string"'
    else:
        kind = f'office:value-type="date" office:date-value={quoteattr(value.isoformat())}'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def parquet(folder: Path, rows: list[list], name: str = "species.parquet") -> Path:
    """The rows, of which the first holds the names, as a Parquet file with the type of its values for each column."""
    import pyarrow as pa
    import pyarrow.parquet

    header, *body = rows
    columns = {name: pa.array([row[at] for row in body]) for at, name in enumerate(header)}
    pa.parquet.write_table(pa.table(columns), folder / name)
    return folder / name


def spoiled(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """A workbook with one of its parts rewritten."""
    content = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            words = old.read(name)
            new.writestr(name, change(words.decode()).encode() if name == part else words)
    path.write_bytes(content.getvalue())
    return path


def with_parts(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """A workbook with further parts."""
    with zipfile.ZipFile(path, "a") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path
