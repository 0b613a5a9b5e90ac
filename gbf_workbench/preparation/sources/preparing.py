"""From a source to a table in the country folder: downloaded once, pinned to a release, its origin written down."""

from __future__ import annotations

import importlib
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gbf_workbench.errors import Issue, problem
from gbf_workbench.locales import text
from gbf_workbench.preparation.sources import stores
from gbf_workbench.preparation.sources.catalogue import Source, source_of
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.origins import (
    SourceRecord,
    public_url,
    read_records,
    recorded_sources,
    sha256,
    write_records,
)
from gbf_workbench.preparation.sources.service_codes import iso2_of, number_of

if TYPE_CHECKING:
    import geopandas

    from gbf_workbench.preparation.country import Country

#: What to ask for to get the newest release although another one is recorded.
LATEST = "latest"
#: Options that every source understands.
COMMON = ("address", "country", "service_code")
#: Values of these variables are names rather than secrets, and may be ordinary words.
_NAMES_ONLY = ("GBIF_USER",)
Fetch = Callable[[Connection, Path], str]


@dataclass(frozen=True)
class Prepared:
    """What ``prepare`` did: files written, and what was found on the way."""

    paths: tuple[Path, ...]
    issues: tuple[Issue, ...]


@dataclass
class Job:
    """One source, one country folder, and what was asked for; the modules of the sources work with it."""

    source: Source
    country: Country
    code: str
    options: Mapping[str, str]
    release: str = ""
    pack: Path | None = None
    say: Callable[[str], None] = print
    sleep: Callable[[float], None] = time.sleep
    issues: list[Issue] = field(default_factory=list)
    #: What was downloaded for this job, one entry for each question to the service.
    entries: list[stores.Entry] = field(default_factory=list)
    #: Licence and citation of the very data set, where it has its own.
    about: dict[str, str] = field(default_factory=dict)

    def option(self, name: str) -> str:
        """What was asked for, else the usual."""
        return self.options.get(name) or str(self.source.options[name].get("default", ""))

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """An option that must be one of some words."""
        value = self.option(name)
        if value not in choices:
            raise problem("sources.option_choice", column=name, value=value, choices=", ".join(choices))
        return value

    def iso2(self) -> str:
        """The country's two letters, or what the service is said to call it."""
        return self.options.get("service_code") or iso2_of(self.code)

    def number(self) -> str:
        """The country's number of three digits (UN M49), or what the service is said to call it."""
        return self.options.get("service_code") or number_of(self.code)

    # --- what is downloaded -----------------------------------------------------------------------------------

    def raw(
        self, fetch: Fetch, *, per_country: bool = True, asked: Mapping[str, str] | None = None,
        tokens: Sequence[str] | None = None, address: str = "", release: str = "",
    ) -> Path:  # fmt: skip
        """Folder with the files as the source gave them: from the pack, the cache, or the service.

        Parameters
        ----------
        fetch : callable
            Downloads into the folder it is given and returns the name of the release, or "" where there is none.
        per_country : bool
            Whether the answer is of one country; the same files serve all countries otherwise.
        asked : mapping, optional
            The options that change what is downloaded; all that were given unless said.
        tokens : sequence of str, optional
            Environment variables that are needed, where not all of the source's are.
        address : str
            Another address than the source's usual one.
        release : str
            The release it must be, where it belongs to something that was downloaded before.
        """
        if asked is None:
            asked = {name: value for name, value in self.options.items() if name not in COMMON}
        if per_country:
            asked = {**asked, "service_code": self.options.get("service_code", "")}
        key = stores.key_of(self.code if per_country else "", asked)
        store = self.pack or stores.cache_folder()
        recorded = self._recorded(key)
        wanted = release or self.release or (recorded.release if recorded else "") or self.source.release
        held = stores.entries(store, self.source.name, key)
        fitting = [one for one in held if wanted in ("", one.release) or (self.pack and wanted == LATEST)]
        if fitting:
            entry = self._unchanged(fitting[0])
            self.say(text("sources.from_store", release=entry.release, day=entry.retrieved_at[:10]))
        elif self.pack:
            there = ", ".join(one.release for one in held) or "–"
            raise problem(
                "sources.not_in_pack", source=self.source.said("title"), value=str(self.pack), releases=there,
                question=key, steps=self.source.steps(),
            )  # fmt: skip
        else:
            entry = self._downloaded(fetch, store, key, self.connection(tokens, address))
        self._refuse_other_release(entry, recorded, wanted)
        self.entries.append(entry)
        return entry.folder

    def _unchanged(self, entry: stores.Entry) -> stores.Entry:
        if changed := entry.changed():
            raise problem("sources.store_damaged", value=", ".join(changed), file=str(entry.folder))
        return entry

    def _downloaded(self, fetch: Fetch, store: Path, key: str, service: Connection) -> stores.Entry:
        folder = stores.unfinished(store, self.source.name, key)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        release = fetch(service, folder) or now[:10]
        files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != stores.FILE)
        urls = service.came_from
        write_records(
            folder, [self._record(path, release, now, urls.get(path.name, service.address)) for path in files]
        )
        placed = stores.finish(folder, store, self.source.name, release, key)
        return stores.Entry(placed, release, now, read_records(placed))

    def _record(self, path: Path, release: str, now: str, address: str, **more: Any) -> SourceRecord:
        one = self.source
        citation = one.citation.replace("{release}", release).replace("{year}", now[:4]).replace("{day}", now[:10])
        said = {"licence": one.licence, "citation": citation, **self.about}
        return SourceRecord(
            file=path.name, source=one.name, title=one.title, release=release, url=public_url(address), **said,
            terms=one.terms, redistribution=one.redistribution, retrieved_at=now, size=path.stat().st_size,
            sha256=sha256(path), **more,
        )  # fmt: skip

    def connection(self, tokens: Sequence[str] | None = None, address: str = "") -> Connection:
        """A connection to the service with the user's own credentials, taken from the environment."""
        needed = self.source.tokens if tokens is None else tokens
        held = {name: os.environ.get(name, "").strip() for name in needed}
        if missing := [name for name, value in held.items() if not value]:
            raise problem(
                "sources.token_missing", source=self.source.said("title"), names=", ".join(missing),
                steps=self.source.steps(),
            )  # fmt: skip
        secrets = {name: value for name, value in held.items() if name not in _NAMES_ONLY}
        return Connection(
            self.source, self.options.get("address") or address or self.source.address, secrets, self.sleep
        )

    def _recorded(self, key: str) -> SourceRecord | None:
        """What an earlier download of the same thing left in the country folder."""
        for record in recorded_sources(self.country.folder):
            if record.source == self.source.name and any(part.get("key") == key for part in record.made_from):
                return record
        return None

    def _refuse_other_release(self, entry: stores.Entry, recorded: SourceRecord | None, wanted: str) -> None:
        """Data that changed behind the user's back would change numbers without a word."""
        if wanted in ("", LATEST):
            return
        digests = {}
        if recorded and recorded.release == wanted:
            key = entry.folder.name
            digests = {part["file"]: part.get("sha256") for part in recorded.made_from if part.get("key") == key}
        same = all(record.sha256 == digests.get(name, record.sha256) for name, record in entry.records.items())
        # Where a service names no release, the day stands for it: the same content is the same on every day.
        if same and (digests or entry.release == wanted):
            return
        raise problem(
            "sources.other_release", source=self.source.said("title"), value=wanted, found=entry.release,
            day=recorded.retrieved_at[:10] if recorded else "–",
        )  # fmt: skip

    # --- what is written --------------------------------------------------------------------------------------

    def write_table(self, table: str, rows: Sequence[Mapping[str, Any]], name: str = "") -> list[Path]:
        """Write a table with these rows wherever indicators look for it; without rows nothing is written."""
        import pandas as pd

        if not rows:
            return self.nothing()
        words = pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")
        return self.write_file(table, name or f"{table}.csv", lambda path: path.write_text(words, encoding="utf-8"))

    def write_layer(self, table: str, layer: geopandas.GeoDataFrame, name: str = "") -> list[Path]:
        """Write a layer as a GeoPackage wherever indicators look for it; without features nothing is written."""
        if not len(layer):
            return self.nothing()
        return self.write_file(table, name or f"{table}.gpkg", lambda path: _write_layer(layer, path))

    def copy_file(self, table: str, path: Path, name: str = "") -> list[Path]:
        """Put a downloaded file where indicators look for it."""
        import shutil

        return self.write_file(table, name or path.name, lambda to: shutil.copyfile(path, to))

    def nothing(self) -> list[Path]:
        """The source has nothing on this: no fault, but said."""
        title = self.source.said("title")
        self.issues.append(Issue("flag", "sources.nothing", {"source": title, "code": self.code or "–"}))
        return []

    def write_file(self, table: str, name: str, write: Callable[[Path], Any]) -> list[Path]:
        """Write a file wherever indicators look for it, whole or not at all, and its origin beside it."""
        written = []
        places = [folder / name for folder in self._places(table)]
        for path in places:
            self._refuse_yours(path)
        for path in places:
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_name(f"new-{path.name}")
            try:
                write(new)
                os.replace(new, path)
            finally:
                new.unlink(missing_ok=True)
            self._write_down(path)
            written.append(path)
        return written

    def _places(self, table: str) -> list[Path]:
        """Folders of the indicators that read the table; what none reads goes to ``downloads/<source>``."""
        from gbf_workbench.preparation.frame import LAYERS

        base = self.country.folder
        if table.removeprefix("frame_") in LAYERS and table.startswith("frame_"):
            return [base / "frame"]
        reading = [
            self.country.folder_of(spec) for spec in self.country.specs()
            if not spec.folder and any(role.table == table and not role.of_frame for role in spec.inputs.values())
        ]  # fmt: skip
        return list(dict.fromkeys(reading)) or [base / "downloads" / self.source.name]

    def _refuse_yours(self, path: Path) -> None:
        """Never write over what somebody made or changed."""
        record = read_records(path.parent).get(path.name)
        ours = record is not None and record.source == self.source.name
        if path.exists() and not (ours and sha256(path) == record.sha256):
            raise problem("sources.yours", file=path.name)
        twins = [one.name for one in path.parent.glob(f"{path.stem}.*") if one != path and one.suffix != ".yml"]
        if twins and path.parent.parent.name != "downloads":
            raise problem("sources.yours", file=", ".join(sorted(twins)))

    def _write_down(self, path: Path) -> None:
        raw = tuple(
            {"file": name, "key": entry.folder.name, "url": one.url, "size": one.size, "sha256": one.sha256}
            for entry in self.entries for name, one in entry.records.items()
        )  # fmt: skip
        first = self.entries[0]
        url = max(first.records.values(), key=lambda one: one.size).url
        write_records(path.parent, [self._record(path, first.release, first.retrieved_at, url, made_from=raw)])


def prepare(
    name: str, folder: str | Path, *, release: str = "", pack: str | Path | None = None,
    options: Mapping[str, str] | None = None, say: Callable[[str], None] = print,
    sleep: Callable[[float], None] = time.sleep,
) -> Prepared:  # fmt: skip
    """Fill tables of a country folder from a source.

    Parameters
    ----------
    name : str
        Name of the source.
    folder : str or Path
        Country folder.
    release : str
        The release to use; without it the one that is recorded in the folder, else the newest there is in the
        cache, else the newest of the service. ``latest`` always asks the service.
    pack : str or Path, optional
        A folder laid out as the cache; the service is then never asked.
    options : mapping
        What else to ask for; every source has its own, and ``country``, ``service_code`` and ``address``.
    say : callable
        Told what happens, one line at a time.

    Raises
    ------
    WorkbenchError
        If it cannot be had, with the steps to get it by hand.
    """
    from gbf_workbench.preparation.country import open_country

    source, country = source_of(name), open_country(folder)
    given = dict(options or {})
    if unknown := sorted(set(given) - set(source.options) - set(COMMON)):
        raise problem("sources.option_unknown", value=unknown[0], choices=", ".join([*source.options, *COMMON]))
    code = given.get("country") or country.code
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise problem("sources.no_country", value=code[:40])
    if pack is not None and not Path(pack).is_dir():
        raise problem("check.folder_missing", value=str(pack))
    job = Job(source, country, code, given, release, Path(pack) if pack else None, say, sleep)
    module = importlib.import_module(f"gbf_workbench.preparation.sources.{source.module}")
    try:
        paths = getattr(module, source.module)(job)
    except OSError as fault:
        # A full disk, a cache that cannot be written to, a folder that is a file.
        raise problem("sources.unwritable", reason=fault.strerror or type(fault).__name__) from None
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        # The service sent something of another shape than its documentation says; the cause is kept for developers.
        said = f"{type(fault).__name__}: {' '.join(str(fault).split())[:100]}"
        title = source.said("title")
        raise problem("sources.unexpected", source=title, reason=said, steps=source.steps()) from fault
    if paths:
        say(text("sources.terms", licence=source.licence, terms=source.said("terms")))
        issues = [Issue("flag", "sources.not_to_pass_on", {"source": source.said("title")})]
        job.issues += issues if source.redistribution == "forbidden" else []
    return Prepared(tuple(paths), tuple(job.issues))


def options_of(words: Sequence[str]) -> dict[str, str]:
    """Options as they are written on the command line.

    >>> options_of(["year=2021", "bbox=1,2,3,4"])
    {'year': '2021', 'bbox': '1,2,3,4'}
    """
    found = {}
    for word in words:
        name, mark, value = word.partition("=")
        if not (name and mark and value):
            raise problem("sources.option_form", value=word)
        found[name] = value
    return found


def _write_layer(layer: geopandas.GeoDataFrame, path: Path) -> None:
    layer.to_file(path, driver="GPKG", layer=path.stem.removeprefix("new-"), engine="pyogrio")
