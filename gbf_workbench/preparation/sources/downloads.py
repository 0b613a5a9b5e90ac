"""Large files: downloaded under a name of their own, carried on after a cut, and believed only when they are whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gbf_workbench.locales import number, text
from gbf_workbench.preparation.sources.connection import TRIES, Connection, is_web_page

if TYPE_CHECKING:
    import requests

_BLOCK = 1 << 13
#: Bytes asked for once more when a download is carried on: they must be the same as those we hold.
_OVERLAP = 4096
#: How often progress is told [s].
_EVERY = 5.0
#: How files of a kind begin.
_BEGINS = {
    ".zip": (b"PK\x03\x04", b"PK\x05\x06"), ".tif": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    ".json": (b"{", b"["), ".geojson": (b"{",),
}  # fmt: skip


def download(
    service: Connection, path: str, to: Path, params: Mapping[str, Any] | None = None, *,
    digest: str = "", say: Callable[[str], None] = lambda line: None, headers: Mapping[str, str] | None = None,
) -> Path:  # fmt: skip
    """Download one file; a download that was cut off is carried on, here and in a later call.

    Parameters
    ----------
    service : Connection
    path : str
        Path of the service, or a whole address.
    to : Path
        The file; until it is whole and right its content lies beside it under a name ending in ``.part``.
    digest : str
        Published checksum (SHA-256 or MD5 in hexadecimal), where there is one.
    say : callable
        Told the progress, one line at a time.

    Raises
    ------
    WorkbenchError
        If it cannot be had whole, is something else than its name says, or differs from its checksum.
    """
    if to.exists():
        return to
    part = to.with_name(to.name + ".part")
    to.parent.mkdir(parents=True, exist_ok=True)
    stalled = 0
    while stalled < TRIES:
        before = part.stat().st_size if part.exists() else 0
        if _receive(service, path, part, params, headers, say, to.name):
            break
        gained = part.stat().st_size > before if part.exists() else False
        stalled = 0 if gained else stalled + 1
        service.sleep(2.0**stalled)
    else:
        raise service.problem("sources.cut_off")
    try:
        refuse_other_content(service, part, to.suffix.lower())
        if digest:
            _compare(service, part, digest)
    except BaseException:
        # What is wrong must not be carried on from.
        _forget(part)
        raise
    _notes(part).unlink(missing_ok=True)
    os.replace(part, to)
    service.note(to.name)
    return to


def _receive(
    service: Connection, path: str, part: Path, params: Mapping[str, Any] | None, headers: Mapping[str, str] | None,
    say: Callable[[str], None], name: str,
) -> bool:  # fmt: skip
    """Take in what the service sends; whether that was all of it."""
    import requests
    from urllib3.exceptions import HTTPError

    have = part.stat().st_size if part.exists() else 0
    start = max(0, have - _OVERLAP)
    # Packed on the way, a file would have another length than the one announced.
    asked = {**(headers or {}), "Accept-Encoding": "identity"}
    noted = _read_notes(part)
    if have:
        asked["Range"] = f"bytes={start}-"
        if noted.get("validator"):
            asked["If-Range"] = noted["validator"]
    if have and have == noted.get("total"):
        return True
    answer = service.ask(path, params, stream=True, headers=asked, accept=(416,))
    with answer:
        if answer.status_code == 416:
            # The file is shorter than what we hold: it is another one.
            _forget(part)
            return False
        total = _total(answer)
        try:
            if answer.status_code == 206 and _carries_on(answer, part, start, have, total, noted):
                mode = "ab"
            else:
                if answer.status_code == 206:
                    # Another file by now: from the beginning, in the next round.
                    _forget(part)
                    return False
                have, mode = 0, "wb"
                _note(part, answer, total)
            _write(answer, part, mode, have, total, say, name)
        except (requests.exceptions.ChunkedEncodingError, requests.ConnectionError, requests.Timeout,
                HTTPError):  # fmt: skip
            return False
    return not total or part.stat().st_size == total


def _carries_on(
    answer: requests.Response, part: Path, start: int, have: int, total: int, noted: Mapping[str, Any]
) -> bool:
    """Whether this is the rest of the very file we hold the beginning of."""
    said = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    if not said or int(said[1]) != start or total != noted.get("total", total):
        return False
    with part.open("rb") as file:
        file.seek(start)
        held = file.read(have - start)
    return answer.raw.read(have - start) == held


def _write(
    answer: requests.Response, part: Path, mode: str, have: int, total: int, say: Callable[[str], None], name: str
) -> None:
    told = time.monotonic()
    with part.open(mode) as out:
        for block in answer.iter_content(_BLOCK):
            out.write(block)
            have += len(block)
            if time.monotonic() - told > _EVERY:
                told = time.monotonic()
                say(_progress(name, have, total))
    say(_progress(name, have, total))


def _progress(name: str, have: int, total: int) -> str:
    done = number(have / 1e6, digits=1)
    if not total:
        return text("sources.progress_open", name=name, done=done)
    return text("sources.progress", name=name, done=done, total=number(total / 1e6, digits=1))


def _total(answer: requests.Response) -> int:
    """Length of the whole file, 0 where the service does not say."""
    if answer.status_code == 206:
        said = answer.headers.get("Content-Range", "").rpartition("/")[2]
    else:
        said = answer.headers.get("Content-Length", "")
    return int(said) if said.isdigit() else 0


def _notes(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _note(part: Path, answer: requests.Response, total: int) -> None:
    """Keep what tells later whether the file is still the same one."""
    tag = answer.headers.get("ETag", "")
    validator = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")
    _notes(part).write_text(json.dumps({"validator": validator, "total": total}), encoding="utf-8")


def _read_notes(part: Path) -> dict[str, Any]:
    try:
        return json.loads(_notes(part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _notes(part).unlink(missing_ok=True)


def refuse_other_content(service: Connection, path: Path, suffix: str) -> None:
    """Refuse a page, a message or half an archive that came under the name of data."""
    with path.open("rb") as file:
        head = file.read(2000)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if is_web_page(head):
        raise service.problem("sources.web_page")
    if not start:
        raise service.problem("sources.nothing_came")
    begins = _BEGINS.get(suffix, ())
    message = start.startswith((b"{", b"<")) and suffix not in (".json", ".geojson", ".xml")
    if message or (begins and not start.startswith(begins)):
        words = " ".join(service.hide(head.decode("utf-8", "replace")).split())[:120]
        raise service.problem("sources.other_content", kind=suffix, reason=words)
    if suffix == ".zip" and not _opens(path):
        raise service.problem("sources.cut_off")


def _opens(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(archive.namelist()) and archive.testzip() is None
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return False


def _compare(service: Connection, path: Path, digest: str) -> None:
    kind = "md5" if len(digest) == 32 else "sha256"
    with path.open("rb") as file:
        found = hashlib.file_digest(file, kind).hexdigest()
    if found != digest.lower():
        raise service.problem("sources.checksum", value=found[:12], expected=digest[:12].lower())


def pages(
    service: Connection, name: str, folder: Path, ask: Callable[[int], tuple[list[Any], bool]],
    say: Callable[[str], None] = lambda line: None,
) -> Path:  # fmt: skip
    """All pages of an answer as one file of records; after a cut the pages that are there are not asked for again.

    Parameters
    ----------
    name : str
        The file to write in ``folder``, a JSON list of records.
    ask : callable
        Given the number of a page, from 1, gives its records and whether it is the last.
    """
    to, held = folder / name, folder / f"{name}.pages"
    if to.exists():
        return to
    held.mkdir(parents=True, exist_ok=True)
    page, last = 1, False
    first = _page(held, 1)
    while not last:
        records = _read_page(_page(held, page)) if page > 1 else None
        if records is None:
            records, last = ask(page)
            service.note(name)
            kept = json.dumps([records, last], ensure_ascii=False, sort_keys=True)
            if page == 1 and first.exists() and first.read_text(encoding="utf-8") != kept:
                # The data changed since the cut: pages of two releases must not be mixed.
                shutil.rmtree(held)
                held.mkdir()
            _write_whole(_page(held, page), kept)
        else:
            records, last = records
        say(text("sources.page", name=name, page=page, count=len(records)))
        page += 1
    every = [record for n in range(1, page) for record in _read_page(_page(held, n))[0]]
    _write_whole(to, json.dumps(every, ensure_ascii=False, sort_keys=True, indent=0))
    shutil.rmtree(held)
    return to


def _page(held: Path, page: int) -> Path:
    return held / f"{page:06d}.json"


def _read_page(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write_whole(path: Path, words: str) -> None:
    """Write a file so that it is there whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.write_text(words, encoding="utf-8")
    os.replace(new, path)
