"""Whether an Excel workbook is safe to open, found out by reading it as a stream that no file can make endless."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from gbf_workbench.errors import Issue, WorkbenchError, problem

MOST_CELLS = 1_000_000
#: Last row times last column. Readers that build the whole rectangle need gigabytes for one cell at its far corner.
MOST_PLACES = 5_000_000
MOST_ELEMENTS = 4 * MOST_CELLS
MOST_BYTES = 300 * 2**20
MOST_BYTES_OF_A_TREE = 20 * 2**20
MOST_RATIO = 200
MOST_PARTS = 5_000
#: Below this size a high compression ratio is harmless, and ordinary for a sheet of equal rows.
RATIO_MATTERS_FROM = 2**20

BOOK, LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_OLE_START = bytes.fromhex("d0cf11e0a1b11ae1")
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def column_letters(number: int) -> str:
    """The name of a column.

    >>> column_letters(1), column_letters(28), column_letters(16384)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def place_of(reference: str) -> tuple[int, int]:
    """Row and column of a cell reference.

    >>> place_of("XFD1048576")
    (1048576, 16384)
    """
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise ValueError(f"not a cell reference: {reference!r}")
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(found[2]), column


def places_of(reference: str) -> tuple[int, int, int, int]:
    """First row, first column, last row and last column of a range.

    >>> places_of("B2:C9"), places_of("D4")
    ((2, 2, 9, 3), (4, 4, 4, 4))
    """
    first, _, last = reference.partition(":")
    return *place_of(first), *place_of(last or first)


def refuse_hostile_xlsx(path: str | Path) -> Issue | None:
    """Say why a file must not be opened as a workbook, or None when it is safe to do so.

    Refused are files of another kind (old ``.xls``, HTML, text, OpenDocument, with a password), incomplete files,
    archives that unpack to far more than they weigh, unsafe XML, sheets with too many cells, and sheets with a stray
    cell so far out that a reader of the whole rectangle would take the memory of the machine. The check reads the file
    as a stream and needs little memory itself.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Issue or None
        An error with the name of the file and, for a stray cell, its sheet and address.
    """
    path = Path(path)
    try:
        with in_plain_words(path):
            _refuse_other_kinds(path)
            with open_archive(path) as archive:
                _refuse_endless_parts(archive)
    except WorkbenchError as refused:
        return refused.issues[0]
    return None


@contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while a workbook is read into one sentence about the file."""
    try:
        yield
    except WorkbenchError as refused:
        raise WorkbenchError(*(issue.placed(file=path.name) for issue in refused.issues)) from None
    except _BROKEN as broken:
        unsafe = type(broken).__module__.startswith("defusedxml")
        raise problem(f"workbook.file.{'unsafe_xml' if unsafe else 'broken'}", file=path.name) from None


# A hostile file can make zipfile, zlib, expat and int() fail in all these ways; none of them may show as a traceback.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, SAXException, SyntaxError, LookupError, ValueError, RuntimeError, OSError,
)  # fmt: skip


def _refuse_other_kinds(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise problem("workbook.file.not_found") from None
    except OSError:
        raise problem("workbook.file.cannot_open") from None
    if not head:
        raise problem("workbook.file.empty")
    if head.startswith(_OLE_START):
        encrypted = path.stat().st_size < MOST_BYTES and _OLE_ENCRYPTED in path.read_bytes()
        raise problem(f"workbook.file.{'encrypted' if encrypted else 'old_xls'}")
    if not head.startswith(b"PK"):
        raise problem(f"workbook.file.{_kind_of_text(head)}")


def _kind_of_text(head: bytes) -> str:
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if plain.startswith(b"<"):
        return "html"
    # Text in UTF-16 has a NUL at every second place and a mark in front; other files with NUL are no text.
    is_text = head.startswith((b"\xff\xfe", b"\xfe\xff")) or not any(byte < 9 for byte in head)
    return "csv" if is_text and not plain.startswith(b"%pdf") else "other"


def open_archive(path: Path) -> zipfile.ZipFile:
    """The archive that an .xlsx file is, unless it is another kind of archive or a bomb."""
    archive = zipfile.ZipFile(path)
    try:
        _refuse_other_archives(archive)
        _refuse_bomb(archive)
    except BaseException:
        archive.close()
        raise
    return archive


def _refuse_other_archives(archive: zipfile.ZipFile) -> None:
    names, parts = archive.namelist(), archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise problem("workbook.file.encrypted")
    if BOOK not in names or LINKS not in names:
        is_other_workbook = "xl/workbook.bin" in names or "content.xml" in names
        raise problem(f"workbook.file.{'other_workbook' if is_other_workbook else 'other'}")
    # Two parts of one name would let two readers see two different workbooks.
    known = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if len(names) != len(set(names)) or any(part.compress_type not in known for part in parts):
        raise problem("workbook.file.broken")


def _refuse_bomb(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    largest = max(parts, key=lambda part: part.file_size).filename
    too_dense = [p.filename for p in parts if p.file_size > max(RATIO_MATTERS_FROM, MOST_RATIO * p.compress_size)]
    if too_dense or len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise problem("workbook.file.bomb", value=too_dense[0] if too_dense else largest)


def _refuse_endless_parts(archive: zipfile.ZipFile) -> None:
    sheets = {part: name for name, _, part in sheet_parts(archive) if part}
    elements = 0
    for part in archive.namelist():
        if part.endswith((".xml", ".rels")):
            name = sheets.get(part, "")
            reader = Extent(name) if part in sheets else Elements(name)
            walk(archive, part, reader)
            elements += reader.elements
            if elements > MOST_ELEMENTS:
                raise problem("workbook.file.too_many_cells", sheet=name, most=MOST_CELLS)


def tree_of(archive: zipfile.ZipFile, part: str) -> Iterator:
    """The elements of one of the small parts of a workbook."""
    from defusedxml.ElementTree import fromstring

    # Only sheets and shared texts grow with the data, and those are streamed.
    if archive.getinfo(part).file_size > MOST_BYTES_OF_A_TREE:
        raise problem("workbook.file.bomb", value=part)
    return fromstring(archive.read(part), forbid_dtd=True).iter()


def local_name(name: str) -> str:
    """The name of an element without its namespace."""
    return name.rpartition("}")[2]


def sheet_parts(archive: zipfile.ZipFile) -> list[tuple[str, bool, str]]:
    """Name, whether hidden, and part of each sheet; a chart on a tab of its own has no part."""
    parts = {}
    for link in tree_of(archive, LINKS):
        if link.get("Type", "").endswith("/worksheet"):
            target = link.get("Target", "")
            parts[link.get("Id")] = target[1:] if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    found = []
    for one in tree_of(archive, BOOK):
        if local_name(one.tag) == "sheet":
            link = next((value for name, value in one.items() if name.endswith("}id")), None)
            part = parts.get(link, "")
            if part and part not in archive.namelist():
                raise problem("workbook.file.broken")
            found.append((one.get("name", ""), one.get("state", "visible") != "visible", part))
    return found


def walk(archive: zipfile.ZipFile, part: str, handler: ContentHandler) -> None:
    """Give a handler the elements of a part, one after the other, without keeping them."""
    from defusedxml import sax

    with archive.open(part) as source:
        sax.parse(source, handler, forbid_dtd=True)


class Elements(ContentHandler):
    """Counts what it is given, and stops when that is no longer a table."""

    def __init__(self, sheet: str) -> None:
        super().__init__()
        self.sheet_name = sheet
        self.elements = 0

    def startElement(self, name, attrs):
        """Count, then ``begin``; the name is the one that SAX asks for."""
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise problem("workbook.file.too_many_cells", sheet=self.sheet_name, most=MOST_CELLS)
        self.begin(name.rpartition(":")[2], attrs)

    def endElement(self, name):
        """Say ``end``."""
        self.end(name.rpartition(":")[2])

    def begin(self, name: str, attrs) -> None:
        """What to do where an element begins; its prefix is taken off."""

    def end(self, name: str) -> None:
        """What to do where an element ends."""


class Extent(Elements):
    """Follows the cells of a sheet and refuses one that lies too far out."""

    def __init__(self, sheet: str) -> None:
        super().__init__(sheet)
        self.row = self.column = self.cells = self.last_row = self.last_column = self.merged_places = 0

    def begin(self, name, attrs):
        """Follow a cell, a row, or what the sheet says about its size."""
        if name == "c":
            reference = attrs.get("r")
            self.row, self.column = place_of(reference) if reference else (self.row, self.column + 1)
            self.cells += 1
            self._reach(self.row, self.column)
        elif name == "row":
            self.row, self.column = int(attrs.get("r") or self.row + 1), 0
        elif name in ("dimension", "mergeCell") and attrs.get("ref"):
            first_row, first_column, row, column = places_of(attrs["ref"])
            if name == "mergeCell":
                self.merged_places += (row - first_row + 1) * (column - first_column + 1)
            self._reach(row, column)

    def _reach(self, row: int, column: int) -> None:
        self.last_row, self.last_column = max(row, self.last_row), max(column, self.last_column)
        if self.cells > MOST_CELLS:
            raise problem("workbook.file.too_many_cells", sheet=self.sheet_name, most=MOST_CELLS)
        if max(self.last_row * self.last_column, self.merged_places) > MOST_PLACES:
            address = f"{column_letters(column)}{row}"
            raise problem("workbook.file.stray_cell", sheet=self.sheet_name, value=address)
