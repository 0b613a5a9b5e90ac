"""Cells of a workbook that take their value from another workbook, whose present values nobody can know here."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.spreadsheets import Extent, column_letters, in_plain_words, sheet_parts, tree_of, walk

_LINK_PART = re.compile(r"xl/externalLinks/([^/]+)\.xml")
_REFERENCE = re.compile(r"(?<![\w\]])\[(\d+)\]")
_MOST_NAMED = 5


class Link(NamedTuple):
    """A cell (counted from 1) with a formula that refers to the other workbook; row 0 where no cell does."""

    sheet: str
    row: int
    column: int
    book: str


def links_in_xlsx(path: Path) -> tuple[Link, ...]:
    """All cells that refer to other workbooks; a workbook that no cell refers to is told without a cell."""
    with in_plain_words(path), zipfile.ZipFile(path) as archive:
        parts = [found for name in archive.namelist() if (found := _LINK_PART.fullmatch(name))]
        if not parts:
            return ()
        books = [_target(archive, part[0], part[1]) for part in sorted(parts, key=_number)]
        found: list[Link] = []
        for name, _, part in sheet_parts(archive):
            if part:
                reader = _Formulas(name, books)
                walk(archive, part, reader)
                found += reader.found
    used = {one.book for one in found}
    return (*found, *(Link("", 0, 0, book) for book in books if book not in used))


def _number(part: re.Match[str]) -> tuple[int, str]:
    digits = re.findall(r"\d+", part[1])
    return int(digits[-1]) if digits else 0, part[1]


def _target(archive: zipfile.ZipFile, part: str, name: str) -> str:
    """The name of the other workbook, without its folders."""
    relations = f"xl/externalLinks/_rels/{posixpath.basename(part)}.rels"
    if relations in archive.namelist():
        targets = [one.get("Target") for one in tree_of(archive, relations) if one.get("Target")]
        if targets:
            return re.split(r"[/\\]", unquote(targets[0]))[-1]
    return name


class _Formulas(Extent):
    """Collects the cells whose formula refers to another workbook by its number, also where cells share a formula."""

    def __init__(self, sheet: str, books: list[str]) -> None:
        super().__init__(sheet)
        self.books, self.found = books, []
        self.shared: dict[str, list[str]] = {}
        self.formula: list[str] | None = None
        self.group = ""

    def begin(self, name, attrs):
        super().begin(name, attrs)
        if name == "f":
            self.formula, self.group = [], attrs.get("si", "")

    def characters(self, content):
        if self.formula is not None:
            self.formula.append(content)

    def end(self, name):
        if name != "f" or self.formula is None:
            return
        numbers = [int(one) for one in _REFERENCE.findall("".join(self.formula))]
        named = [self.books[number - 1] for number in numbers if 0 < number <= len(self.books)]
        if self.group:
            named = self.shared.setdefault(self.group, named)
        self.found += [Link(self.sheet_name, self.row, self.column, book) for book in dict.fromkeys(named)]
        self.formula = None


def link_issues(links: Iterable[Link], sheet: str) -> list[Issue]:
    """What is to be said about the sheet that is read: its cells with their other workbooks, else the workbooks."""
    links = list(links)
    own = [one for one in links if one.sheet == sheet]
    books = dict.fromkeys(one.book for one in own or links)
    names = ", ".join(books)
    if own:
        cells = list(dict.fromkeys(f"{column_letters(one.column)}{one.row}" for one in own))
        said = ", ".join(cells[:_MOST_NAMED]) + (" …" if len(cells) > _MOST_NAMED else "")
        rows = tuple(sorted({one.row for one in own}))
        return [Issue("flag", "check.external_cells", {"number": len(cells), "names": names}, value=said, rows=rows)]
    return [Issue("flag", "check.external_links", {"number": len(books), "names": names})] if links else []
