"""Reading a CSV or TSV file as cells: letters, delimiter and last row are found out or asked for, never guessed."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from gbf_workbench.errors import Issue, problem
from gbf_workbench.preparation.grid import Cells, Grid
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.records import cut
from gbf_workbench.preparation.spreadsheets import MOST_BYTES

_DELIMITERS = (",", ";", "\t", "|")
_USUAL = {".csv": ",", ".tsv": "\t"}
_NAMES = {"\t": "TAB"}
_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_WORD = re.compile(r"[^\W\d_]+")
_RUN = re.compile(r"[^\s,;|\"]+")
_CODE_PAGES = ["cp1252", "cp1250", "cp1251", "cp1256", "mac_roman", "shift_jis", "gb18030"]
_AT_ONCE = 2**17


@dataclass(frozen=True)
class Delimited:
    """What a text file holds and how it was read."""

    grid: Grid
    encoding: str
    delimiter: str
    issues: tuple[Issue, ...]


def read_delimited(
    path: Path, shown: str, mapping: TableMapping, score: Callable[[Cells], int] = lambda _: 0
) -> Delimited:
    """All cells of a file, with what is to be said about its letters, its delimiter and its end.

    Parameters
    ----------
    path : Path
    shown : str
        Name to show for the file.
    mapping : TableMapping
    score : callable
        How many known column names the first rows hold; it decides between delimiters.

    Raises
    ------
    WorkbenchError
        If it is no such file, or one that cannot be cut into rows.
    """
    content, encoding, issues = _in_utf_8(_content(path, shown), shown, mapping.encoding)
    _refuse_other_texts(content, shown)
    mark = mapping.delimiter or _delimiter(_first_part(content), score)
    _refuse_control_characters(content, mark, shown)
    if mark != _USUAL.get(path.suffix.lower()) and not mapping.delimiter:
        issues.append(Issue("repair", "check.delimiter", value=_NAMES.get(mark, mark), file=shown))
    grid = cut(content, mark, shown)
    if not mapping.complete:
        issues += _doubts_about_the_end(content, grid, mark, shown)
    return Delimited(grid, encoding, _NAMES.get(mark, mark), tuple(issues))


def _content(path: Path, shown: str) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise problem("check.too_large", file=shown, limit=MOST_BYTES // 2**20)
        content = path.read_bytes()
    except OSError as fault:
        raise problem("check.unreadable", file=shown, reason=str(fault.strerror)) from None
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        found = "XLSX, ZIP" if content.startswith(b"PK") else "XLS"
        raise problem("check.disguised", file=shown, value=path.suffix, found=found)
    return content


def _in_utf_8(content: bytes, shown: str, named: str) -> tuple[bytes, str, list[Issue]]:
    """The text in UTF-8 and the encoding it was in: UTF-8 or, where it says so, UTF-16; anything else is asked for."""
    if named.lower() in ("", "utf-8", "utf8", "utf-8-sig") and not content.startswith(_UTF_16):
        if _is_utf_8(content):
            return content.removeprefix(_MARK), "UTF-8 (BOM)" if content.startswith(_MARK) else "UTF-8", []
        if named:
            raise problem("check.not_encoding", file=shown, encoding=named)
        return _asked_for(content, shown)
    tried = named or "utf-16"
    try:
        words = content.decode(tried).removeprefix("\ufeff").encode("utf-8")
    except (ValueError, LookupError):
        raise problem("check.not_encoding", file=shown, encoding=tried) from None
    shown_as = tried.upper().replace("_", "-")
    found = [] if named else [Issue("repair", "check.encoding", {"encoding": shown_as}, file=shown)]
    return words, shown_as, found


def _is_utf_8(content: bytes) -> bool:
    if content.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        # Piece by piece: the whole as Python text can take four times the memory.
        for at in range(0, len(content), _AT_ONCE):
            decoder.decode(content[at : at + _AT_ONCE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _asked_for(content: bytes, shown: str) -> tuple[bytes, str, list[Issue]]:
    """The likeliest text, with the question which it is."""
    readings = readings_of(content)
    samples = {name: ", ".join(foreign_words(one)) for name, one in readings.items()}
    said = "; ".join(f"{name}: “{sample}”" for name, sample in samples.items())
    likely, sample = next(iter(samples.items()))
    values = {"readings": said, "encoding": likely}
    issue = Issue("question", "check.which_encoding", values, value=sample, file=shown)
    return readings[likely].encode("utf-8", "replace"), likely, [issue]


def readings_of(content: bytes) -> dict[str, str]:
    """The likeliest texts the bytes can be, by encoding; that of Western Windows is always worth a look."""
    from charset_normalizer import from_bytes

    found = from_bytes(content[:1_000_000], cp_isolation=_CODE_PAGES)
    names = dict.fromkeys([*[one.encoding for one in found][:2], _CODE_PAGES[0]])
    readings: dict[str, str] = {}
    for name in names:
        words = content.decode(name, errors="replace")
        if words not in readings.values():
            readings[name] = words
    return readings


def foreign_words(words: str) -> list[str]:
    """The first few different words with letters that depend on the encoding."""
    found: dict[str, None] = {}
    for line in words.splitlines():
        if not line.isascii():
            # In a wrong reading signs may stand where the letters were: then the cell is shown as it would be.
            words_of = _WORD.findall(line), _RUN.findall(line)
            foreign = next((some for one in words_of if (some := [w for w in one if not w.isascii()])), [])
            found |= {word[:30]: None for word in foreign}
        if len(found) >= 5:
            break
    return list(found)[:5]


def _refuse_other_texts(content: bytes, shown: str) -> None:
    """Say what a file really is that was saved in place of a table."""
    head = content[:800].decode("utf-8", "replace").lstrip("\ufeff \t\r\n").lower()
    if head.startswith("<"):
        raise problem("check.web_page", file=shown)
    if head.startswith("version https://git-lfs"):
        raise problem("check.lfs_pointer", file=shown)
    if head.startswith("{") or (head.startswith("[") and head[1:].lstrip()[:1] in ("{", "[", '"')):
        raise problem("check.json_text", file=shown)


def _refuse_control_characters(content: bytes, mark: str, shown: str) -> None:
    """A text has none but line ends and tabs; where there are others it is damaged or no text at all."""
    letters, has_delete = np.frombuffer(content, dtype=np.uint8), b"\x7f" in content
    for start in range(0, len(letters), _AT_ONCE):
        piece = letters[start : start + _AT_ONCE]
        # Between the two ranges that are refused lie the tab and the ends of lines.
        if has_delete or piece.min() < 9 or (piece - 14).min() < 18:
            odd = (piece < 9) | (piece - 14 < 18) | (piece == 127)
            if odd.any():
                place = start + int(odd.argmax())
                break
    else:
        return
    before = content[:place].decode("utf-8", "replace")
    try:
        rows = list(csv.reader(io.StringIO(before + ".", newline=""), delimiter=mark))
    except csv.Error:
        rows = [[]]
    header = next((row for row in rows[:1] if len(rows) > 1), [])
    at = len(rows[-1]) - 1
    column = header[at].strip() if 0 <= at < len(header) else ""
    key, value = ("nul", "") if not content[place] else ("control_character", f"U+{content[place]:04X}")
    raise problem(f"check.{key}", file=shown, rows=(len(rows),), column=column, value=value)


def _first_part(content: bytes) -> str:
    """Whole lines from the beginning, enough to know the delimiter by."""
    if len(content) < 100_000:
        return content.decode("utf-8")
    end = content.find(b"\n", 100_000)
    return content[: end if 0 < end < 1_000_000 else 100_000].decode("utf-8", "ignore")


def _delimiter(sample: str, score: Callable[[Cells], int]) -> str:
    """The mark that shows the most known column names, then the most rows of one width."""
    scores = {}
    for mark in _DELIMITERS:
        try:
            rows = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=mark), 200))
        except csv.Error:
            rows = []
        widths = Counter(len(row) for row in rows if row)
        width, count = max(widths.items(), key=lambda one: (one[0] > 1, one[1] * one[0]), default=(1, 0))
        scores[mark] = (score(rows), width > 1, count, width)
    return max(_DELIMITERS, key=lambda mark: scores[mark])


def _doubts_about_the_end(content: bytes, grid: Grid, mark: str, shown: str) -> list[Issue]:
    """A last row without an end may be cut off; a text in quotes may have swallowed rows."""
    issues = []
    count = len(grid.cells)
    if count > 1 and not content.endswith((b"\n", b"\r")):
        cells = grid.row(count - 1)
        there = cells if grid.lengths is None else cells[: grid.lengths[-1]]
        last = f"{mark} ".join(cell or "" for cell in there)[-80:]
        issues.append(Issue("error", "check.cut_off", value=last, rows=(count,), file=shown))
    swallowed = _rows_with_rows_inside(grid, mark) if b'"' in content else []
    if swallowed:
        issues.append(Issue("question", "check.swallowed_rows", rows=tuple(swallowed), file=shown))
    return issues


def _rows_with_rows_inside(grid: Grid, mark: str) -> list[int]:
    lengths = grid.lengths
    usual = grid.cells.shape[1] if lengths is None else Counter(lengths.tolist()).most_common(1)[0][0]
    found = set()
    for column in grid.cells if usual > 2 else ():
        texts = grid.cells[column]
        for row, cell in texts[texts.str.contains("\n", regex=False, na=False)].items():
            if any(line.count(mark) >= usual - 1 for line in cell.split("\n")[:-1]):
                found.add(row)
    return sorted(found)
