"""Files into a page and out of it: piece by piece, counted, said aloud when it fails, and never a wrong old file."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import anywidget
import traitlets

from gbf_workbench.doors import session
from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.locales import text
from gbf_workbench.preparation.inputs import suffixes_of

#: What the readers can read; a shapefile comes zipped, because its parts belong together.
EXTENSIONS = tuple(
    dict.fromkeys(end for kind in ("table", "vector", "raster") for end in suffixes_of(kind) if end != ".shp")
)
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx")
LIMIT_MB = 500.0
MOST_FILES = 20
SPARE_MB = 200.0  # what must stay free on the disk after an upload
PATIENCE = 120.0  # [s] without a piece after which an upload is given up
PIECE = 2**20  # [bytes] well below what any of the servers lets through at once

#: Around a list such as ``.csv .tsv`` these keep its dots in place in a text that runs from right to left.
LEFT_TO_RIGHT, AS_BEFORE = "\u2066", "\u2069"


@dataclass(frozen=True)
class UploadedFile:
    """A file that arrived whole: where it lies, what its owner calls it, its size [bytes] and SHA-256."""

    path: Path
    name: str
    size: int
    sha256: str


@dataclass
class _Arrival:
    """A file on its way into the session's folder."""

    path: Path
    name: str
    size: int
    received: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    stream: BinaryIO | None = None

    def take(self, piece: memoryview) -> None:
        if self.stream is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            self.stream = os.fdopen(os.open(self.path, flags, 0o600), "wb")
        self.stream.write(piece)
        self.digest.update(piece)
        self.received += len(piece)
        if self.received == self.size:
            self.stream.close()

    def whole(self) -> UploadedFile:
        return UploadedFile(self.path, self.name, self.size, self.digest.hexdigest())


def shown_name(name: str) -> str:
    r"""A file name fit to be shown: without folders, control characters and marks that turn text around.

    >>> shown_name("../../etc/pass\u202ewd.csv")
    'passwd.csv'
    """
    last = re.split(r"[\\/]", name)[-1]
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return "".join(sign for sign in last if unicodedata.category(sign) not in hidden).strip()[-120:]


def size_in_words(size: int, language: str | None = None) -> str:
    """A size [bytes] for people.

    >>> size_in_words(14_300_000, "en")
    '14.3 MB'
    """
    unit, many = ("mb", 1e6) if size >= 1e5 else ("kb", 1e3) if size >= 1e3 else ("bytes", 1)
    return text(f"apps.size.{unit}", language, size=round(size / many, 1))


class Upload(anywidget.AnyWidget):
    """A field to choose files, which arrive piece by piece in the session's private folder.

    Parameters
    ----------
    on_start : callable
        Called without arguments as soon as something is chosen: whatever is shown of older files must go.
    on_files : callable
        Called with a tuple of ``UploadedFile`` once all chosen files have arrived whole.
    on_failed : callable
        Called with a sentence when they have not; the files of an earlier upload are gone as well.
    label : str, optional
        What to choose, in the visitor's words.
    multiple : bool
        Whether several files may be chosen together.
    limit_mb : float
        Size of all files together [MB, 10^6 bytes].
    extensions : tuple of str
        The kinds of file to accept, with their dot.
    """

    _esm = Path(__file__).with_name("upload.js").read_text(encoding="utf-8")
    _css = Path(__file__).with_name("upload.css").read_text(encoding="utf-8")
    label = traitlets.Unicode().tag(sync=True)
    formats = traitlets.Unicode().tag(sync=True)
    multiple = traitlets.Bool().tag(sync=True)
    disabled = traitlets.Bool().tag(sync=True)
    piece = traitlets.Int(PIECE).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(
        self, *, on_start: Callable[[], None], on_files: Callable[[tuple[UploadedFile, ...]], None],
        on_failed: Callable[[str], None], label: str = "", multiple: bool = True, limit_mb: float = LIMIT_MB,
        extensions: tuple[str, ...] = EXTENSIONS, language: str | None = None, **more: Any,
    ) -> None:  # fmt: skip
        self._on_start, self._on_files, self._on_failed = on_start, on_files, on_failed
        self._limit_mb, self._extensions, self._language = limit_mb, extensions, language
        self._id = ""
        self._place: Path | None = None
        self._arrivals: list[_Arrival] = []
        self._alarm: asyncio.TimerHandle | None = None
        super().__init__(
            label=label or self._text("label_many" if multiple else "label"), multiple=multiple,
            formats=self._text("formats", formats=f"{LEFT_TO_RIGHT}{' '.join(extensions)}{AS_BEFORE}", limit=limit_mb),
            words={key: self._text(key) for key in ("drop", "busy", "slow", "progress", "cancel")}, **more,
        )  # fmt: skip
        self.on_msg(lambda _, message, pieces: self._hear(message, pieces))

    def _text(self, key: str, **values: Any) -> str:
        return text(f"apps.upload.{key}", self._language, **values)

    def _size(self, size: int) -> str:
        return size_in_words(size, self._language)

    @property
    def _awaited(self) -> _Arrival | None:
        return next((file for file in self._arrivals if file.received < file.size), None)

    def _hear(self, message: Any, pieces: list[memoryview]) -> None:
        # Whatever the page sends is the visitor's doing: nothing in it is taken for granted.
        kind = message.get("kind") if isinstance(message, dict) else None
        if kind == "start" and not self.disabled:
            self._start(message)
        elif kind is not None and message.get("id") == self._id and (file := self._awaited):
            if kind == "piece":
                self._take(file, message.get("at"), pieces)
            else:
                key = "unreadable" if kind == "unreadable" else "cancelled"
                self._fail(self._text(key, name=file.name))

    def _start(self, message: dict[str, Any]) -> None:
        self._forget()
        self._id = str(message.get("id"))[:64]
        try:
            self._on_start()
            chosen = self._checked(message.get("files"))
        except Exception as error:
            self._fail(" ".join(_sentences(error, self._language)))
            return
        self._place = Path(tempfile.mkdtemp(prefix="upload-", dir=session.folder()))
        self._arrivals = [
            _Arrival(self._place / f"file_{number}{Path(name).suffix.lower()}", name, size)
            for number, (name, size) in enumerate(chosen, 1)
        ]
        self._ask()

    def _checked(self, files: Any) -> list[tuple[str, int]]:
        """Names and sizes of the files to come, or a refusal that names everything against them."""
        most = MOST_FILES if self.multiple else 1
        if not isinstance(files, list) or not files:
            raise problem("apps.upload.no_file")
        if len(files) > most:
            raise problem("apps.upload.too_many", count=len(files), limit=most)
        chosen = []
        for one in files:
            name, size = (one.get("name"), one.get("size")) if isinstance(one, dict) else (None, None)
            if not isinstance(name, str) or type(size) is not int or size < 0:
                raise problem("apps.upload.protocol")
            chosen.append((shown_name(name), size))
        if issues := [issue for name, size in chosen for issue in self._against(name, size)]:
            raise WorkbenchError(*issues)
        names, total = ", ".join(name for name, _ in chosen), sum(size for _, size in chosen)
        if total > self._limit_mb * 1e6:
            raise problem("apps.upload.too_large", name=names, limit=self._limit_mb, size=self._size(total))
        if total + SPARE_MB * 1e6 > shutil.disk_usage(session.folder()).free:
            raise problem("apps.upload.no_space", name=names, size=self._size(total))
        return chosen

    def _against(self, name: str, size: int) -> tuple[Issue, ...]:
        ending = Path(name).suffix.lower()
        if ending in SHAPEFILE_PARTS:
            return problem("apps.upload.shapefile_part", name=name).issues
        if ending not in self._extensions:
            formats = f"{LEFT_TO_RIGHT}{', '.join(self._extensions)}{AS_BEFORE}"
            return problem("apps.upload.wrong_format", name=name, formats=formats).issues
        return () if size else problem("apps.upload.empty", name=name).issues

    def _take(self, file: _Arrival, at: Any, pieces: list[memoryview]) -> None:
        piece = memoryview(pieces[0]).cast("B") if len(pieces) == 1 else memoryview(b"")
        if type(at) is not int or at != file.received or not 0 < len(piece) <= min(PIECE, file.size - at):
            self._fail(self._text("incomplete", name=file.name))
            return
        try:
            file.take(piece)
        except OSError:
            self._fail(self._text("no_space", name=file.name, size=self._size(file.size)))
            return
        self._ask()

    def _ask(self) -> None:
        """Ask for the next piece: one at a time, so that a slow disk or a busy calculation slows the page down."""
        self._hush()
        file = self._awaited
        if file is None:
            self._finish()
            return
        number = self._arrivals.index(file)
        self.send({"kind": "go", "id": self._id, "file": number, "at": file.received, "name": file.name})
        with suppress(RuntimeError):  # no event loop, no alarm: then nothing can arrive later either
            self._alarm = asyncio.get_running_loop().call_later(PATIENCE, self._give_up)

    def _finish(self) -> None:
        files = tuple(file.whole() for file in self._arrivals)
        try:
            if any(file.path.stat().st_size != file.size for file in files):
                raise problem("apps.upload.incomplete", name=", ".join(file.name for file in files))
            said = " ".join(self._text("done", name=file.name, size=self._size(file.size)) for file in files)
            self.send({"kind": "done", "id": self._id, "said": said})
            self._on_files(files)
        except Exception as error:
            self._fail(" ".join(_sentences(error, self._language)))

    def _give_up(self) -> None:
        if file := self._awaited:
            self._fail(self._text("stalled", name=file.name))

    def _fail(self, said: str) -> None:
        self._forget()
        self.send({"kind": "failed", "id": self._id, "said": said})
        self._on_failed(said)

    def _hush(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _forget(self) -> None:
        """Leave nothing of the last upload, half or whole."""
        self._hush()
        for file in self._arrivals:
            if file.stream is not None:
                file.stream.close()
        if self._place is not None:
            shutil.rmtree(self._place, ignore_errors=True)
        self._arrivals, self._place = [], None


class Download(anywidget.AnyWidget):
    """A button that makes a file when it is pressed and hands it to the browser.

    Parameters
    ----------
    label : str
        What the button says.
    name : callable
        Called when the button is pressed; returns the name of the file, whose ending says what it is.
    make : callable
        Called then; returns the content (bytes). What it or ``name`` raises is said beside the button.
    """

    _esm = Path(__file__).with_name("download.js").read_text(encoding="utf-8")
    _css = Path(__file__).with_name("upload.css").read_text(encoding="utf-8")
    label = traitlets.Unicode().tag(sync=True)
    disabled = traitlets.Bool().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(
        self, label: str, name: Callable[[], str], make: Callable[[], bytes], *,
        language: str | None = None, **more: Any,
    ) -> None:  # fmt: skip
        self._name, self._make, self._language = name, make, language
        self._id, self._content = "", b""
        words = {key: text(f"apps.download.{key}", language) for key in ("preparing", "incomplete")}
        super().__init__(label=label, words=words, **more)
        self.on_msg(lambda _, message, __: self._hear(message))

    def _hear(self, message: Any) -> None:
        kind = message.get("kind") if isinstance(message, dict) else None
        if kind == "want" and not self.disabled:
            self._begin(str(message.get("id"))[:64])
        elif kind == "next" and message.get("id") == self._id and type(at := message.get("at")) is int and at >= 0:
            piece = self._content[at : at + PIECE]
            if at + PIECE >= len(self._content):
                self._content = b""
            self.send({"kind": "piece", "id": self._id, "at": at}, buffers=[piece])

    def _begin(self, wanted: str) -> None:
        self._id, self._content = wanted, b""
        try:
            name, content = self._name(), self._make()
        except Exception as error:
            self.send({"kind": "failed", "id": wanted, "said": " ".join(_sentences(error, self._language))})
            return
        self._content = content
        said = text("apps.download.done", self._language, name=name, size=size_in_words(len(content), self._language))
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = {"name": name, "type": kind, "size": len(content)}
        self.send({"kind": "have", "id": wanted, "file": file, "said": said})


def _sentences(error: Exception, language: str | None) -> list[str]:
    """What to say about an error; one line each, without its level and place, which are plain from where it stands."""
    if isinstance(error, WorkbenchError):
        return [f"{issue.sentence(language)} {issue.remedy(language)}".strip() for issue in error.issues]
    return session.sentences(error, language)
