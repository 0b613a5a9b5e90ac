"""Where downloads are kept: the cache of this computer, or a data pack that came on a stick."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gbf_workbench.preparation.sources.origins import FILE, SourceRecord, read_records, sha256

#: After this time an unfinished download is begun anew: the service may have another release by then [s].
_STALE = 24 * 3600
_UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Entry:
    """What one question to a source brought: files in ``<store>/<source>/<release>/<key>/`` with their records."""

    folder: Path
    release: str
    retrieved_at: str
    records: Mapping[str, SourceRecord]

    def changed(self) -> list[str]:
        """Files that are no longer what was downloaded."""
        return [
            name for name, record in self.records.items()
            if not (self.folder / name).is_file() or sha256(self.folder / name) != record.sha256
        ]  # fmt: skip


def cache_folder() -> Path:
    """The folder named by ``GBF_CACHE``, else the user's cache."""
    if named := os.environ.get("GBF_CACHE"):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("gbf-workbench", appauthor=False)


def key_of(country: str, options: Mapping[str, str]) -> str:
    """Name of a question: the country and what was asked for beyond the usual.

    >>> key_of("XAR", {"series": "ER_RSK_LST", "year": ""})
    'XAR_series-ER_RSK_LST'
    """
    import hashlib

    asked = [f"{name}-{value}" for name, value in sorted(options.items()) if value]
    words = "_".join([country or "world", *asked])
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", words).strip(".-")
    if plain == words and len(words) <= 80:
        return words
    return f"{plain[:60]}_{hashlib.sha256(words.encode()).hexdigest()[:8]}"


def entries(store: Path, source: str, key: str) -> list[Entry]:
    """What a store holds in answer to a question, the newest first."""
    found = []
    for path in (store / source).glob(f"*/{key}/{FILE}") if (store / source).is_dir() else ():
        if path.parent.parent.name == _UNFINISHED:
            continue
        records = read_records(path.parent)
        first = next(iter(records.values()), None)
        if first is not None:
            found.append(Entry(path.parent, first.release, first.retrieved_at, records))
    return sorted(found, key=lambda one: one.retrieved_at, reverse=True)


def releases(store: Path) -> dict[str, list[str]]:
    """For each source the releases a store holds."""
    found: dict[str, set[str]] = {}
    for path in store.glob(f"*/*/*/{FILE}") if store.is_dir() else ():
        if path.parts[-3] != _UNFINISHED:
            found.setdefault(path.parts[-4], set()).add(path.parts[-3])
    return {source: sorted(names) for source, names in sorted(found.items())}


def unfinished(store: Path, source: str, key: str) -> Path:
    """Folder to download into; what an earlier try left there today is carried on from."""
    folder = store / source / _UNFINISHED / key
    if folder.is_dir() and time.time() - folder.stat().st_mtime > _STALE:
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def finish(folder: Path, store: Path, source: str, release: str, key: str) -> Path:
    """Give a finished download its place."""
    to = store / source / as_folder(release) / key
    to.parent.mkdir(parents=True, exist_ok=True)
    if to.exists():
        shutil.rmtree(to)
    os.replace(folder, to)
    return to


def as_folder(release: str) -> str:
    """The name of a release as the name of a folder.

    >>> as_folder("2025.Q4.G.01"), as_folder("v1 / beta")
    ('2025.Q4.G.01', 'v1-beta')
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", release).strip(".-")[:60] or "unnamed"
