"""Reading a CSV or TSV file as cells: letters, delimiter and last row are found out or asked for, never guessed."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from gbf_workbench.errors import Issue, problem
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.spreadsheets import MOST_BYTES

_DELIMITERS = (",", ";", "\t", "|")
_USUAL = {".csv": ",", ".tsv": "\t"}
_NAMES = {"\t": "TAB"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_WORD = re.compile(r"[^\W\d_]+")
_CODE_PAGES = ["cp1252", "cp1250", "cp1251", "cp1256", "mac_roman", "gb18030"]
#: Cells of header times rows that are still read; a row of commas must not take the memory of the machine.
_MOST_PLACES = 20_000_000

Cells = list[list[Any]]


def csv_cells(
    path: Path, shown: str, mapping: TableMapping, score: Callable[[Cells], int] = lambda _: 0
) -> tuple[Cells, list[Issue]]:
    """All records of a file; the n-th is the n-th row that a spreadsheet program shows.

    Parameters
    ----------
    path : Path
    shown : str
        Name to show for the file.
    mapping : TableMapping
    score : callable
        How many known column names the first rows hold; it decides between delimiters.

    Returns
    -------
    list of list
        Text, or None where a cell is empty.
    list of Issue

    Raises
    ------
    WorkbenchError
        If it is no such file, or one that cannot be cut into rows.
    """
    content = _content(path, shown)
    words, issues = _decoded(content, shown, mapping.encoding)
    _refuse_other_texts(words, shown)
    mark = mapping.delimiter or _delimiter(words, score)
    if mark != _USUAL.get(path.suffix.lower()) and not mapping.delimiter:
        issues.append(Issue("repair", "check.delimiter", value=_NAMES.get(mark, mark), file=shown))
    rows = _records(words, mark, shown)
    if not mapping.complete:
        issues += _doubts_about_the_end(words, rows, mark, shown)
    return [[cell if cell.strip() else None for cell in row] for row in rows], issues


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


def _decoded(content: bytes, shown: str, encoding: str) -> tuple[str, list[Issue]]:
    """Text in UTF-8 where it is that, in UTF-16 where it says so; anything else is asked for."""
    tried = encoding or ("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    issues: list[Issue] = []
    try:
        words = content.decode("utf-8-sig" if tried.lower() in ("utf-8", "utf8") else tried)
        if tried == "utf-16" and not encoding:
            issues = [Issue("repair", "check.encoding", {"encoding": "UTF-16"}, file=shown)]
    except (ValueError, LookupError):
        if encoding or tried == "utf-16":
            raise problem("check.not_encoding", file=shown, encoding=tried) from None
        readings = _readings(content)
        words = next(iter(readings.values()))
        samples = {name: ", ".join(_foreign_words(one)) for name, one in readings.items()}
        said = "; ".join(f"{name}: “{sample}”" for name, sample in samples.items())
        likely, sample = next(iter(samples.items()))
        values = {"readings": said, "encoding": likely}
        issues = [Issue("question", "check.which_encoding", values, value=sample, file=shown)]
    if "\0" in words:
        row = words.count("\n", 0, words.index("\0")) + 1
        raise problem("check.nul", file=shown, rows=(row,))
    return words, issues


def _readings(content: bytes) -> dict[str, str]:
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


def _foreign_words(words: str) -> list[str]:
    """The first few different words with letters that depend on the encoding."""
    found: dict[str, None] = {}
    for line in words.splitlines():
        if not line.isascii():
            found |= {word[:30]: None for word in _WORD.findall(line) if not word.isascii()}
        if len(found) >= 5:
            break
    return list(found)[:5]


def _refuse_other_texts(words: str, shown: str) -> None:
    """Say what a file really is that was saved in place of a table."""
    head = words[:200].lstrip("\ufeff \t\r\n").lower()
    if head.startswith("<"):
        raise problem("check.web_page", file=shown)
    if head.startswith("version https://git-lfs"):
        raise problem("check.lfs_pointer", file=shown)
    if head.startswith("{") or (head.startswith("[") and head[1:].lstrip()[:1] in ("{", "[", '"')):
        raise problem("check.json_text", file=shown)


def _delimiter(words: str, score: Callable[[Cells], int]) -> str:
    """The mark that shows the most known column names, then the most rows of one width."""
    sample = words if len(words) < 100_000 else words[: words.find("\n", 100_000)]
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


def _records(words: str, mark: str, shown: str) -> list[list[str]]:
    # A field may be long (a remark); a quotation mark never closed must not swallow the memory.
    csv.field_size_limit(1_000_000)
    rows: list[list[str]] = []
    width = 0
    try:
        for row in csv.reader(io.StringIO(words, newline=""), delimiter=mark, strict=True):
            rows.append(row)
            width = max(width, len(row))
            if width * len(rows) > _MOST_PLACES:
                raise problem("check.too_large", file=shown, limit=MOST_BYTES // 2**20)
    except csv.Error as fault:
        at = (len(rows) + 1,)
        if "unexpected end" in str(fault) or "field limit" in str(fault):
            raise problem("check.unclosed_quote", file=shown, rows=at) from None
        raise problem("check.stray_quote", file=shown, rows=at) from None
    return rows


def _doubts_about_the_end(words: str, rows: list[list[str]], mark: str, shown: str) -> list[Issue]:
    """A last row without an end may be cut off; a text in quotes may have swallowed rows."""
    issues = []
    if len(rows) > 1 and not words.endswith(("\n", "\r")):
        last = f"{mark} ".join(rows[-1])[-80:]
        issues.append(Issue("question", "check.cut_off", value=last, rows=(len(rows),), file=shown))
    usual = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    swallowed = [
        number
        for number, row in enumerate(rows, 1)
        for cell in row
        if "\n" in cell and usual > 2 and any(line.count(mark) >= usual - 1 for line in cell.split("\n")[:-1])
    ]
    if swallowed:
        issues.append(Issue("question", "check.swallowed_rows", rows=tuple(sorted(set(swallowed))), file=shown))
    return issues
