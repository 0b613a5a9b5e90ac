"""The sheets of an OpenDocument spreadsheet (.ods) as cells: all that is stored, errors and open formulas included."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from gbf_workbench.errors import problem
from gbf_workbench.preparation.grid import NO_RESULT, Cells, SheetCells
from gbf_workbench.preparation.links import Link
from gbf_workbench.preparation.spreadsheets import (
    MOST_BYTES,
    MOST_CELLS,
    MOST_PARTS,
    MOST_PLACES,
    MOST_RATIO,
    RATIO_MATTERS_FROM,
    Elements,
    column_letters,
    in_plain_words,
    walk,
)

_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_HOURS = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_LINK = re.compile(r"'(?:file|https?)://[^'#]*?([^'/#]+)'#")
#: As many columns as any spreadsheet program holds.
_MOST_COLUMNS = 16_384
#: What LibreOffice calls its errors, in the words of other spreadsheet programs
#: (https://help.libreoffice.org/latest/en-US/text/scalc/05/02140000.html).
_ERRORS = {"Err:503": "#NUM!", "Err:524": "#REF!", "Err:525": "#NAME?", "Err:532": "#DIV/0!"}
#: Elements inside a cell whose texts are none of its own: remarks and drawings.
_ASIDE = {"annotation", "frame", "custom-shape", "g", "control", "rect", "line"}


def read_ods(path: Path, shown: str) -> tuple[dict[str, SheetCells], tuple[Link, ...]]:
    """All sheets by name, and the cells whose formulas refer to other files.

    Raises
    ------
    WorkbenchError
        If the file is no OpenDocument spreadsheet, has a password, is damaged, or unpacks to far more than a table.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError):
        raise problem("workbook.file.broken", file=shown) from None
    with in_plain_words(path), archive:
        _refuse_others(archive, shown)
        reader = _Tables()
        walk(archive, _CONTENT, reader)
    return reader.found, tuple(reader.links)


def _refuse_others(archive: zipfile.ZipFile, shown: str) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if _CONTENT not in names:
        raise problem(
            "check.disguised", file=shown, value=".ods", found="XLSX" if "xl/workbook.xml" in names else "ZIP"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise problem("workbook.file.encrypted", file=shown)
    dense = [p for p in parts if p.file_size > max(RATIO_MATTERS_FROM, MOST_RATIO * p.compress_size)]
    if dense or len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise problem("workbook.file.bomb", file=shown, value=(dense or parts)[0].filename)
    if _MANIFEST in names and b"encryption-data" in archive.read(_MANIFEST):
        raise problem("workbook.file.encrypted", file=shown)
    if len(names) != len(set(names)):
        raise problem("workbook.file.broken", file=shown)


class _Tables(Elements):
    """Collects the cells of all tables; repeated cells are written out only where something follows them."""

    def __init__(self) -> None:
        super().__init__("")
        self.found: dict[str, SheetCells] = {}
        self.links: list[Link] = []
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.depth = self.aside = self.cells = 0
        self.rows: Cells = []
        self.row: list[Any] | None = None
        self.cell: dict[str, str] | None = None
        self.lines: list[str] = []

    def begin(self, name, attrs):
        own = {key.rpartition(":")[2]: value for key, value in attrs.items()}
        if name == "style":
            self.style = own.get("name", "")
        elif name == "table-properties" and own.get("display") == "false":
            self.hidden_styles.add(self.style)
        elif name == "table":
            self._begin_table(own)
        elif self.depth != 1:
            return
        elif name == "table-column":
            first, self.columns = self.columns, self.columns + int(own.get("number-columns-repeated", 1))
            if own.get("visibility") in ("collapse", "filter"):
                self.hidden_columns += range(first + 1, min(self.columns, _MOST_COLUMNS) + 1)
        elif name == "table-row":
            self.row, self.repeat = [], int(own.get("number-rows-repeated", 1))
            self.is_hidden = own.get("visibility") in ("collapse", "filter")
        elif name in ("table-cell", "covered-table-cell"):
            self.cell, self.lines, self.is_covered = _typed_first(attrs), [], name.startswith("covered")
        elif self.cell is not None:
            self._begin_text(name, own)

    def _begin_table(self, own: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1:
            self.sheet_name, self.rows, self.merged, self.hidden_rows = own.get("name", ""), [], [], []
            self.hidden_columns, self.columns = [], 0
            self.is_hidden_sheet, self.pending_rows, self.width = own.get("style-name") in self.hidden_styles, 0, 0

    def _begin_text(self, name: str, own: dict[str, str]) -> None:
        if self.aside or name in _ASIDE:
            self.aside += 1
        elif name == "p":
            self.lines.append("")
        elif self.lines:
            self.lines[-1] += {"s": " " * min(int(own.get("c", 1)), 100), "tab": "\t", "line-break": "\n"}.get(name, "")

    def characters(self, content):
        if self.cell is not None and self.lines and not self.aside:
            self.lines[-1] += content

    def end(self, name):
        if name == "table":
            self.depth -= 1
            if self.depth == 0:
                self.found[self.sheet_name] = SheetCells(
                    self.sheet_name, self.rows, tuple(self.merged), self.is_hidden_sheet, tuple(self.hidden_rows),
                    tuple(self.hidden_columns),
                )  # fmt: skip
        elif self.depth != 1:
            return
        elif self.aside:
            self.aside -= 1
        elif name in ("table-cell", "covered-table-cell") and self.cell is not None:
            self._end_cell()
        elif name == "table-row" and self.row is not None:
            self._end_row()

    def _end_cell(self) -> None:
        cell, self.cell = self.cell, None
        value = None if self.is_covered else _value(cell, "\n".join(self.lines))
        at = sum(count for count, _ in self.row)
        if found := _LINK.search(cell.get("formula", "")):
            place = (len(self.rows) + self.pending_rows + 1, at + 1)
            self.links.append(Link(self.sheet_name, *place, unquote(found[1])))
        down, across = int(cell.get("number-rows-spanned", 1)), int(cell.get("number-columns-spanned", 1))
        if down > 1 or across > 1:
            top = len(self.rows) + self.pending_rows
            self.merged.append((top, at, top + down - 1, at + across - 1))
        self.row.append((int(cell.get("number-columns-repeated", 1)), value))

    def _end_row(self) -> None:
        while self.row and self.row[-1][1] is None:
            self.row.pop()
        pieces, self.row = self.row, None
        if not pieces:
            self.pending_rows += self.repeat
            return
        width = max(self.width, sum(count for count, _ in pieces))
        count = len(self.rows) + self.pending_rows + self.repeat
        if width * count > MOST_PLACES:
            address = f"{column_letters(width)}{count}"
            raise problem("workbook.file.stray_cell", sheet=self.sheet_name, value=address)
        self.width = width
        self.cells += self.repeat * sum(number for number, value in pieces if value is not None)
        if self.cells > MOST_CELLS:
            raise problem("workbook.file.too_many_cells", sheet=self.sheet_name, most=MOST_CELLS)
        self.rows += [[] for _ in range(self.pending_rows)]
        self.pending_rows = 0
        if self.is_hidden:
            self.hidden_rows += range(len(self.rows) + 1, count + 1)
        self.rows += [[value for number, value in pieces for _ in range(number)] for _ in range(self.repeat)]


def _typed_first(attrs) -> dict[str, str]:
    """Attributes without their prefixes; the type that LibreOffice adds is kept, as it alone tells errors apart."""
    own = {}
    for key, value in attrs.items():
        prefix, _, name = key.rpartition(":")
        own["error" if prefix == "calcext" and value == "error" else name] = value
    return own


def _value(cell: dict[str, str], words: str) -> Any:
    """What a cell holds, as its stored type says; NO_RESULT for a formula that was never worked out."""
    if "error" in cell:
        return words if words.startswith("#") else _ERRORS.get(words, "#VALUE!")
    kind = cell.get("value-type", "")
    if kind in ("float", "percentage", "currency"):
        return float(cell["value"])
    if kind == "boolean":
        return cell["boolean-value"] == "true"
    if kind == "date":
        said = cell["date-value"]
        return datetime.fromisoformat(said) if "T" in said else date.fromisoformat(said)
    if kind == "time":
        return _time(cell["time-value"])
    if "formula" in cell and not kind:
        return NO_RESULT
    said = cell.get("string-value", words)
    return said if said.strip() else None


def _time(said: str) -> time | timedelta | str:
    found = _HOURS.fullmatch(said)
    if not found:
        return said
    hours, minutes, seconds = map(int, found.groups())
    return time(hours, minutes, seconds) if hours < 24 else timedelta(hours=hours, minutes=minutes, seconds=seconds)
