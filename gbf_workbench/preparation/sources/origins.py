"""Where a file came from: source, release, licence and checksum, written beside it and read by all who pass it on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

#: The file in a folder that tells where the files beside it came from.
FILE = "sources.yml"
#: Names of query parameters that may hold a credential.
_SECRET_PARAMETERS = {"token", "key", "apikey", "api_key", "access_token", "password", "pwd", "sig", "signature"}


@dataclass(frozen=True)
class SourceRecord:
    """Where one file came from.

    Attributes
    ----------
    file : str
        Path of the file below the folder that was searched.
    source, title : str
        Name and title of the source.
    release : str
        Which state of the source it is, as the source names it; else the day it was downloaded.
    url : str
        Address without credentials.
    licence, citation, terms : str
    redistribution : str
        ``allowed``, ``forbidden``, or ``ask``: whether the file may be given to others.
    retrieved_at : str
        When it was downloaded (UTC, ISO 8601).
    size : int
        Length [bytes].
    sha256 : str
    made_from : tuple of mapping
        For a table that we made: ``file``, ``url``, ``size`` and ``sha256`` of each file that was downloaded for it.
    """

    file: str
    source: str
    title: str = ""
    release: str = ""
    url: str = ""
    licence: str = ""
    citation: str = ""
    terms: str = ""
    redistribution: str = "ask"
    retrieved_at: str = ""
    size: int = 0
    sha256: str = ""
    made_from: tuple[Mapping[str, Any], ...] = ()


def recorded_sources(folder: str | Path) -> list[SourceRecord]:
    """All records in a folder and below it, in the order of the files.

    Examples
    --------
    >>> recorded_sources("data_samples/aruvia")
    []
    """
    base, found = Path(folder), []
    for path in sorted(base.rglob(FILE)):
        below = path.parent.relative_to(base).as_posix()
        for record in read_records(path.parent).values():
            found.append(_moved(record, record.file if below == "." else f"{below}/{record.file}"))
    return sorted(found, key=lambda record: record.file)


def _moved(record: SourceRecord, file: str) -> SourceRecord:
    from dataclasses import replace

    return replace(record, file=file)


def read_records(folder: Path) -> dict[str, SourceRecord]:
    """The records of the files in one folder, by name of the file; a file we cannot read records nothing.

    Raises
    ------
    WorkbenchError
        If ``sources.yml`` is there and is not what we write.
    """
    from gbf_workbench.errors import problem
    from gbf_workbench.preparation.mapping import read_user_yaml

    path = folder / FILE
    if not path.is_file():
        return {}
    raw = read_user_yaml(path, "sources.record_broken")
    files = raw.get("files", {})
    known = {one.name for one in fields(SourceRecord)} - {"file"}
    found = {}
    try:
        for name, one in files.items():
            given = {word: value for word, value in one.items() if word in known}
            given["made_from"] = tuple(dict(part) for part in given.get("made_from", ()))
            found[str(name)] = SourceRecord(file=str(name), **{"source": "", **given})
    except (AttributeError, TypeError, ValueError):
        raise problem("sources.record_broken", file=FILE, reason="files") from None
    return found


def write_records(folder: Path, records: Iterable[SourceRecord]) -> Path:
    """Add records to those of a folder; a file's new record takes the place of its old one."""
    import yaml

    kept = read_records(folder)
    kept.update({record.file: record for record in records})
    files = {}
    for name in sorted(kept):
        said = asdict(kept[name])
        said.pop("file")
        said["made_from"] = [dict(part) for part in said["made_from"]]
        files[name] = {word: value for word, value in said.items() if value not in ("", [], 0)}
    path = folder / FILE
    new = path.with_name(FILE + ".new")
    new.write_text(
        yaml.safe_dump({"format": 1, "files": files}, allow_unicode=True, sort_keys=False, width=110), "utf-8"
    )
    os.replace(new, path)
    return path


def sha256(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def public_url(url: str) -> str:
    """An address as it may be shown: without user, password and anything that looks like a credential.

    >>> public_url("https://me:secret@example.org/a?token=123&page=2")
    'https://example.org/a?page=2'
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    shown = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _SECRET_PARAMETERS]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(shown), ""))
