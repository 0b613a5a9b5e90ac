"""Cutting delimited text into records: quickly where every row is plain, carefully where anything is odd."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.errors import problem
from gbf_workbench.preparation.grid import Grid, grid_of_texts
from gbf_workbench.preparation.spreadsheets import MOST_BYTES

if TYPE_CHECKING:
    import pyarrow as pa

#: Cells of header times rows that are still read; a row of commas must not take the memory of the machine.
MOST_PLACES = 20_000_000
#: A field may be long (a remark); a quotation mark never closed must not swallow the memory.
LONGEST_CELL = 1_000_000
_ROWS_AT_ONCE = 20_000
_BYTES_AT_ONCE = 2**18
_QUOTE, _LINE_FEED, _RETURN = b'"'[0], b"\n"[0], b"\r"[0]


def cut(content: bytes, mark: str, shown: str) -> Grid:
    """All records of a text in UTF-8; the n-th is the n-th row that a spreadsheet program shows.

    Raises
    ------
    WorkbenchError
        If a quotation mark is never closed or stands where none can, or if there are too many cells.
    """
    return cut_quickly(content, mark) or cut_carefully(content.decode("utf-8"), mark, shown)


def cut_quickly(content: bytes, mark: str) -> Grid | None:
    """All records, or None where a row is longer or shorter than the first, or anything else is not plain."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    content = _without_last_breaks(content)
    width = _cells_in_first_row(content, mark)
    has_quotes, has_returns = b'"' in content, b"\r" in content
    if not width or content.startswith(b"\xef\xbb\xbf"):
        return None
    if has_returns and content.count(b"\r") != content.count(b"\r\n"):
        return None
    if has_quotes and not _quotes_are_plain(content, mark):
        return None
    names = [f"f{at}" for at in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(content),
            read_options=arrow_csv.ReadOptions(column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=mark, double_quote=True, newlines_in_values=has_quotes, ignore_empty_lines=False
            ),
            # Whoever has cut a text has read it as UTF-8 before.
            convert_options=arrow_csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.large_string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if width * table.num_rows > MOST_PLACES or _has_endless_cell(table):
        return None
    return grid_of_texts(table)


def _without_last_breaks(content: bytes) -> bytes:
    """Blank lines at the end are no rows; looking at the last two first spares copying the whole."""
    if not content.endswith((b"\n\n", b"\n\r\n")):
        return content
    return content.rstrip(b"\r\n") + b"\n"


def _cells_in_first_row(content: bytes, mark: str) -> int:
    first = content[: content.find(b"\n") + 1 or None]
    if len(first) > LONGEST_CELL or not first.strip():
        return 0
    try:
        rows = list(csv.reader(io.StringIO(first.decode("utf-8"), newline=""), delimiter=mark, strict=True))
    except csv.Error:
        return 0
    return len(rows[0]) if len(rows) == 1 else 0


def _has_endless_cell(table: pa.Table) -> bool:
    """Whether a cell is longer than is read; only a piece of a column that is as long as that needs a closer look."""
    import pyarrow.compute as pc

    chunks = (chunk for column in table.columns for chunk in column.chunks if chunk.nbytes > LONGEST_CELL)
    return any((pc.max(pc.binary_length(chunk)).as_py() or 0) > LONGEST_CELL for chunk in chunks)


def _quotes_are_plain(content: bytes, mark: str) -> bool:
    """Whether each text in quotation marks fills its cell from end to end, with those inside it written twice.

    Every second mark then ends a text: before each that begins one stands the end of a cell or of a text (a mark
    written twice), after each that ends one likewise.
    """
    letters = np.frombuffer(content, dtype=np.uint8)
    before, after = np.zeros(256, dtype=bool), np.zeros(256, dtype=bool)
    before[[ord(mark), _QUOTE, _LINE_FEED]] = after[[ord(mark), _QUOTE, _LINE_FEED, _RETURN]] = True
    is_open = 0
    # Piece by piece, so that what is looked at stays in the fast memory of the processor.
    for start in range(0, len(letters), _BYTES_AT_ONCE):
        quotes = np.flatnonzero(letters[start : start + _BYTES_AT_ONCE] == _QUOTE) + start
        begin, end = quotes[is_open::2], quotes[1 - is_open :: 2]
        left, right = begin[begin > 0] - 1, end[end < len(letters) - 1] + 1
        if not (before[letters[left]].all() and after[letters[right]].all()):
            return False
        is_open = (is_open + len(quotes)) % 2
    return not is_open


def cut_carefully(words: str, mark: str, shown: str) -> Grid:
    """All records, whatever their lengths.

    Raises
    ------
    WorkbenchError
        As ``cut``.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=mark, strict=True)
    pieces: list[tuple[int, list[pa.Array]]] = []
    lengths: list[int] = []
    rows: list[list[str]] = []
    width = 0
    try:
        for row in reader:
            rows.append(row)
            lengths.append(len(row))
            width = max(width, len(row))
            if width * len(lengths) > MOST_PLACES:
                raise problem("check.too_large", file=shown, limit=MOST_BYTES // 2**20)
            if len(rows) == _ROWS_AT_ONCE:
                pieces.append((len(rows), _columns(rows)))
                rows.clear()
    except csv.Error as fault:
        at = (len(lengths) + 1,)
        if "unexpected end" in str(fault) or "field limit" in str(fault):
            raise problem("check.unclosed_quote", file=shown, rows=at) from None
        raise problem("check.stray_quote", file=shown, rows=at) from None
    pieces.append((len(rows), _columns(rows)))
    return grid_of_texts(_joined(pieces, width), _if_uneven(lengths))


def _columns(rows: Iterable[list[str]]) -> list[pa.Array]:
    import pyarrow as pa

    return [pa.array([cell or None for cell in column], pa.large_string()) for column in zip_longest(*rows)]


def _joined(pieces: list[tuple[int, list[pa.Array]]], width: int) -> pa.Table:
    import pyarrow as pa

    columns = {}
    for at in range(width):
        parts = [one[at] if at < len(one) else pa.nulls(count, pa.large_string()) for count, one in pieces]
        columns[f"f{at}"] = pa.chunked_array(parts, pa.large_string())
    return pa.table(columns)


def _if_uneven(lengths: list[int]) -> np.ndarray | None:
    counts = np.array(lengths, dtype=np.int64)
    return counts if len(counts) and (counts != counts[0]).any() else None
