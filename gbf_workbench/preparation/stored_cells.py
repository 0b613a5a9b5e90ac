"""What stands in an Excel workbook, cell by cell as the file stores it, before any program interprets it."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.spreadsheets import (
    LINKS,
    Elements,
    Extent,
    in_plain_words,
    local_name,
    open_archive,
    refuse_hostile_xlsx,
    sheet_parts,
    tree_of,
    walk,
)

#: Digits to the small raised ones that a footnote has.
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class NumberFormat(NamedTuple):
    """How a cell shows its number: the built-in id, and the code where the workbook defines its own."""

    id: int = 0
    code: str = ""


def shows_percent(one: NumberFormat) -> bool:
    """Whether a cell shows its number times a hundred, with a per cent sign."""
    return one.id in (9, 10) or "%" in one.code


def shown_with_zeros(one: NumberFormat, number: str) -> str:
    """A whole number with the leading zeros that its cell shows, or an empty text where it shows none.

    >>> shown_with_zeros(NumberFormat(164, "000"), "7"), shown_with_zeros(NumberFormat(), "7")
    ('007', '')
    """
    padded = re.fullmatch(r"0{2,}", one.code) and re.fullmatch(r"\d+", number)
    return number.zfill(len(one.code)) if padded else ""


class Cell(NamedTuple):
    """One cell as stored: its kind in the file's own words (``n s str inlineStr b e d``), its text or None if empty.

    Formatted text typed into the cell itself (not shared) has the kind ``richStr``, which is ours.
    """

    row: int
    column: int
    kind: str
    text: str | None
    format: NumberFormat
    formula: bool


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells in the order of the file, and what a reader of the values alone would not notice."""

    name: str
    hidden: bool
    cells: tuple[Cell, ...] = ()
    dimension: str = ""
    merged: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Book:
    """The sheets of a workbook in the order of its tabs."""

    sheets: tuple[Sheet, ...]
    has_macros: bool = False
    is_strict: bool = False


def read_book(path: str | Path) -> Book:
    """All sheets of a workbook, as stored; refuses what ``refuse_hostile_xlsx`` refuses.

    Raises
    ------
    WorkbenchError
        If the file is not a workbook that can be opened safely.
    """
    path = Path(path)
    if issue := refuse_hostile_xlsx(path):
        raise WorkbenchError(issue)
    with in_plain_words(path), open_archive(path) as archive:
        formats, strings = _number_formats(archive), _shared_strings(archive)
        sheets = []
        for name, hidden, part in sheet_parts(archive):
            reader = _Cells(name, strings, formats)
            if part:
                walk(archive, part, reader)
            sheets.append(reader.sheet(hidden))
        links = tree_of(archive, LINKS)
        strict = any(link.get("Type", "").startswith("http://purl.oclc.org/ooxml/") for link in links)
        return Book(tuple(sheets), "xl/vbaProject.bin" in archive.namelist(), strict)


def _number_formats(archive: zipfile.ZipFile) -> list[NumberFormat]:
    if "xl/styles.xml" not in archive.namelist():
        return []
    codes: dict[str, str] = {}
    formats: list[NumberFormat] = []
    for one in tree_of(archive, "xl/styles.xml"):
        if local_name(one.tag) == "numFmt":
            codes[one.get("numFmtId", "")] = one.get("formatCode", "")
        elif local_name(one.tag) == "cellXfs":
            ids = [xf.get("numFmtId", "0") for xf in one]
            formats = [NumberFormat(int(number), codes.get(number, "")) for number in ids]
    return formats


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    reader = _Strings("")
    if "xl/sharedStrings.xml" in archive.namelist():
        walk(archive, "xl/sharedStrings.xml", reader)
    return reader.strings


def _raised(content: str, before: list[str]) -> str:
    """Raised digits behind a number as such, for the mark of a footnote must not become one of its digits."""
    return content.translate(RAISED) if "".join(before)[-1:].isdigit() else content


class _Strings(Elements):
    """Collects the texts that the cells share; reading aids (phonetic runs) are no part of a text."""

    def __init__(self, sheet: str) -> None:
        super().__init__(sheet)
        self.strings: list[str] = []
        self.pieces: list[str] = []
        self.is_text = self.is_phonetic = self.is_raised = False

    def begin(self, name, attrs):
        self.is_phonetic = self.is_phonetic or name == "rPh"
        self.is_text = name == "t" and not self.is_phonetic
        self.is_raised = self.is_raised or (name == "vertAlign" and attrs.get("val") == "superscript")

    def characters(self, content):
        if self.is_text:
            self.pieces.append(_raised(content, self.pieces) if self.is_raised else content)

    def end(self, name):
        self.is_text = False
        if name == "r":
            self.is_raised = False
        if name == "rPh":
            self.is_phonetic = False
        elif name == "si":
            self.strings.append("".join(self.pieces))
            self.pieces = []


class _Cells(Extent):
    """Collects the cells of a sheet."""

    def __init__(self, sheet: str, strings: list[str], formats: list[NumberFormat]) -> None:
        super().__init__(sheet)
        self.strings, self.formats = strings, formats
        self.found: list[Cell] = []
        self.facts: dict[str, list] = {"dimension": [], "merged": [], "hidden_rows": [], "hidden_columns": []}
        self.kind, self.style, self.pieces = "n", 0, None
        self.has_formula = self.is_text = self.is_phonetic = self.is_raised = False

    def begin(self, name, attrs):
        super().begin(name, attrs)
        self.is_text = name == "v" or (name == "t" and not self.is_phonetic)
        if self.is_text:
            self.pieces = self.pieces or []
        elif name == "c":
            self.kind, self.style, self.pieces = attrs.get("t") or "n", int(attrs.get("s") or 0), None
            self.has_formula = self.is_phonetic = self.is_raised = False
        elif name == "vertAlign":
            self.is_raised = attrs.get("val") == "superscript"
        elif name == "f":
            self.has_formula = True
        elif name == "r" and self.kind == "inlineStr":
            self.kind = "richStr"
        elif name == "rPh":
            self.is_phonetic = True
        else:
            self._note(name, attrs)

    def _note(self, name: str, attrs) -> None:
        if name == "mergeCell":
            self.facts["merged"].append(attrs.get("ref", ""))
        elif name == "dimension":
            self.facts["dimension"].append(attrs.get("ref", ""))
        elif attrs.get("hidden") in ("1", "true"):
            if name == "row":
                self.facts["hidden_rows"].append(self.row)
            elif name == "col":
                self.facts["hidden_columns"] += range(int(attrs["min"]), min(int(attrs["max"]), 16384) + 1)

    def characters(self, content):
        if self.is_text:
            self.pieces.append(_raised(content, self.pieces) if self.is_raised else content)

    def end(self, name):
        self.is_text = False
        if name == "r":
            self.is_raised = False
        if name == "rPh":
            self.is_phonetic = False
        elif name == "c":
            text = None if self.pieces is None else "".join(self.pieces)
            if self.kind == "s" and text is not None:
                text = self.strings[int(text)]
            shown = self.formats[self.style] if self.style < len(self.formats) else NumberFormat()
            self.found.append(Cell(self.row, self.column, self.kind, text, shown, self.has_formula))

    def sheet(self, hidden: bool) -> Sheet:
        """What was found."""
        facts = {name: tuple(found) for name, found in self.facts.items() if name != "dimension"}
        return Sheet(self.sheet_name, hidden, tuple(self.found), "".join(self.facts["dimension"][:1]), **facts)
