"""The table of a shapefile as its bytes stand: which letters it is written in, and numbers that are none."""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.errors import Issue, problem
from gbf_workbench.preparation.delimited import foreign_words, readings_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

#: How GDAL is told to hand over the bytes of texts as they are, one letter for each.
AS_BYTES = "ISO-8859-1"
_HEADER, _FIELD, _END = 32, 32, 0x0D
_DELETED, _FIRST_FOREIGN = ord("*"), 0x80
_ROWS_AT_ONCE = 1 << 16
#: Letters by the mark of the language in the header (dBASE); 0x57 means no more than “of this computer”.
_BY_MARK = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x1F: "cp852", 0x26: "cp866", 0x4D: "gb18030",
    0x4E: "cp949", 0x4F: "cp950", 0x50: "cp874", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866",
    0x78: "cp950", 0x79: "cp949", 0x7A: "gb18030", 0x7B: "cp932", 0x7C: "cp874", 0x7D: "cp1255", 0x7E: "cp1256",
    0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
#: What may stand in a column of numbers or of dates; stars are how nothing is written there.
_FITTING = {
    "N": re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|\*+|"),
    "D": re.compile(rb"\d{8}|\*+|0+|"),
}
_FITTING["F"] = _FITTING["N"]


@dataclass(frozen=True)
class _Column:
    name: bytes
    kind: str
    start: int
    width: int


@dataclass(frozen=True)
class Dbase:
    """A table of dBASE, opened but not loaded.

    Attributes
    ----------
    mark : int
        What the header says of the language.
    columns : tuple
    records : array of bytes, shape (n, width)
        As stored, without those that are marked as deleted.
    """

    mark: int
    columns: tuple[_Column, ...]
    records: NDArray[np.uint8]

    def cells(self, column: _Column) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Bytes of a column, shape (n, width), in pieces with the position of their first record."""
        for at in range(0, len(self.records), _ROWS_AT_ONCE):
            piece = self.records[at : at + _ROWS_AT_ONCE, column.start : column.start + column.width]
            yield at, np.ascontiguousarray(piece)


def open_dbase(path: Path) -> Dbase:
    """The table in a .dbf file whose length is known to be right.

    Source: dBASE III and IV, description of the header and of the fields.
    """
    with path.open("rb") as file:
        head = file.read(_HEADER)
        count, size, width = struct.unpack("<IHH", head[4:12])
        fields = file.read(size - _HEADER)
    columns, start = [], 1
    for at in range(0, len(fields) - _FIELD + 1, _FIELD):
        if fields[at] == _END:
            break
        one = _Column(fields[at : at + 11].split(b"\0")[0], chr(fields[at + 11]), start, fields[at + 16])
        # A text may be longer than one byte can say.
        one = _Column(one.name, "C", start, one.width + 256 * fields[at + 17]) if one.kind == "C" else one
        columns.append(one)
        start += one.width
    if not count or not width or start > width:
        return Dbase(head[29], (), np.empty((0, 1), dtype=np.uint8))
    records = np.memmap(path, dtype=np.uint8, mode="r", offset=size, shape=(count, width))
    deleted = records[:, 0] == _DELETED
    return Dbase(head[29], tuple(columns), records[~deleted] if deleted.any() else records)


def letters_of(table: Dbase, said: str, mapping_word: str, shown: str) -> tuple[str, list[Issue]]:
    """Name of the letters the texts are written in, and the question where it is not known.

    Parameters
    ----------
    table : Dbase
    said : str
        What the .cpg file says; empty where there is none.
    mapping_word : str
        The word ``encoding`` of the mapping.
    shown : str
        Name to show for the file.

    Raises
    ------
    WorkbenchError
        If the word of the mapping is not what the texts are written in.
    """
    texts = list(_foreign_texts(table))
    if mapping_word:
        if not _fits(texts, mapping_word):
            raise problem("check.not_encoding", file=shown, encoding=mapping_word)
        return mapping_word, []
    named = codec_of(said) or _BY_MARK.get(table.mark, "")
    if not texts or (named and _fits(texts, named)):
        return named or "utf-8", []
    if _fits(texts, "utf-8"):
        return "utf-8", []
    readings = readings_of(b"\n".join(text for text, _ in texts[:10_000]))
    samples = {name: ", ".join(foreign_words(one)) for name, one in readings.items()}
    likely, sample = next(iter(samples.items()))
    values = {"readings": "; ".join(f"{name}: “{words}”" for name, words in samples.items()), "encoding": likely}
    return likely, [Issue("question", "layer.which_encoding", values, value=sample, file=shown)]


def codec_of(said: str) -> str:
    """The letters that a .cpg file names, empty where it is no name that is known.

    >>> codec_of("UTF-8"), codec_of("1252"), codec_of("ANSI 1256"), codec_of("88595"), codec_of("?")
    ('utf-8', 'cp1252', 'cp1256', 'iso8859-5', '')
    """
    words = said.strip().lower().removeprefix("ansi").removeprefix("oem").strip()
    words = re.sub(r"^(?:iso[-_ ]?)?8859[-_]?(\d{1,2})$", r"iso8859-\1", words)
    if words.isdigit():
        words = "utf-8" if words == "65001" else f"cp{words}"
    try:
        return codecs.lookup(words).name if words else ""
    except LookupError:
        return ""


def _foreign_texts(table: Dbase) -> Iterator[tuple[bytes, bool]]:
    """Different texts and names of columns beyond ASCII, and whether they fill all the room there is."""
    yield from ((column.name, len(column.name) == 10) for column in table.columns if not column.name.isascii())
    seen: set[bytes] = set()
    for column in table.columns:
        for _, cells in table.cells(column) if column.kind == "C" else ():
            foreign = cells[(cells >= _FIRST_FOREIGN).any(axis=1)]
            own = {row.tobytes() for row in foreign} - seen
            seen |= own
            yield from ((text.rstrip(b" \0"), text[-1:] not in b" \0") for text in sorted(own))


def _fits(texts: list[tuple[bytes, bool]], name: str) -> bool:
    """Whether the bytes can be these letters; the last one of a text that fills its room may be cut in two."""
    try:
        decoder = codecs.getincrementaldecoder(name)
        for text, is_full in texts:
            decoder().decode(text, final=not is_full)
    except (ValueError, LookupError):
        return False
    return True


def in_letters(cells: pd.DataFrame, name: str) -> pd.DataFrame:
    """Cells that were handed over ``AS_BYTES``, in the letters they are written in."""

    @cache
    def read(words: str) -> str:
        return words if words.isascii() else words.encode("latin-1").decode(name, "ignore")

    for column in cells.columns:
        if any(isinstance(one, str) and not one.isascii() for one in cells[column].unique()):
            cells[column] = [read(one) if isinstance(one, str) else one for one in cells[column]]
    return cells.set_axis([read(str(one)) for one in cells.columns], axis=1)


def odd_cells(table: Dbase) -> Iterator[tuple[int, int, str]]:
    """Column, record (both from 0) and text of cells that are not what their column promises.

    The library would take what it can of them: 12 of “12,5”, 0 of “none”.
    """
    for number, column in enumerate(table.columns):
        if column.kind not in _FITTING:
            continue
        fitting = _FITTING[column.kind]
        for at, cells in table.cells(column):
            stored = cells.view(f"S{column.width}").ravel().tolist()
            odd = {one for one in set(stored) if not fitting.fullmatch(one.strip(b" \0"))}
            for row, one in enumerate(stored) if odd else ():
                if one in odd:
                    yield number, at + row, one.decode("ascii", "replace").strip(" \0")
