"""Workbooks and long tables that no library writes: links to other workbooks, macros, as many rows as fit."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from tests.bad_inputs.case import Rows
from tests.bad_inputs.species import ROWS, Write, file
from tests.preparation import table_files

LIMIT = 65_536
LONG_HEADER = ["species_id", "taxonomic_group", "year", "category", "scope"]


def long_text(rows: int, mark: str) -> bytes:
    """A table with so many rows, the header among them."""
    lines = (mark.join([f"B-{at}", "Birds", "2010", "LC", "national"]) for at in range(1, rows))
    return "\n".join([mark.join(LONG_HEADER), *lines, ""]).encode()


def long_workbook(rows: int) -> bytes:
    """The same as a workbook, its sheet written by hand: a library takes a minute for it."""
    texts = "".join(
        f'<c t="inlineStr"><is><t>{word}</t></is></c>' for word in ("{}", "Birds", "2010", "LC", "national")
    )
    body = "".join(f"<row>{texts.format(f'B-{at}')}</row>" for at in range(1, rows))
    with tempfile.TemporaryDirectory() as folder:
        path = table_files.workbook(Path(folder), [LONG_HEADER])
        return table_files.spoiled(
            path, "xl/worksheets/sheet1.xml", lambda sheet: sheet.replace("</sheetData>", f"{body}</sheetData>")
        ).read_bytes()


def linked(ending: str, rows: Rows, *addresses: str) -> Write:
    """A workbook in which these cells take their value from budget.xlsx."""
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" '
        'Target="budget.xlsx" TargetMode="External"/></Relationships>'
    )
    link = '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'

    def with_formulas(sheet: str) -> str:
        for address in addresses:
            sheet, found = re.subn(
                rf'(<c r="{address}"[^>]*>)<v', rf"\1<f>[1]S1!{address}</f><v", sheet, flags=re.DOTALL
            )
            assert found == 1, address
        return sheet

    def content() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = table_files.workbook(Path(folder), rows, name=f"t.{ending}")
            table_files.spoiled(path, "xl/worksheets/sheet1.xml", with_formulas)
            parts = {"externalLinks/externalLink1.xml": link, "externalLinks/_rels/externalLink1.xml.rels": relation}
            return table_files.with_parts(path, {f"xl/{name}": part for name, part in parts.items()}).read_bytes()

    return file(ending, content)


def with_part(ending: str, part: str, rows: Rows = ROWS) -> Write:
    def content() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = table_files.workbook(Path(folder), rows, name=f"t.{ending}")
            return table_files.with_parts(path, {part: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}).read_bytes()

    return file(ending, content)
