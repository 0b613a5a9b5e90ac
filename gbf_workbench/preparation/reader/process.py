"""Reading a file of somebody else's at arm's length: a bomb, a disguise or a crash costs one message, nothing more."""

from __future__ import annotations

import json
import logging
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.methods.rasters import RasterSource
from gbf_workbench.preparation.reader import jobs, wire
from gbf_workbench.preparation.reader.child import ANSWER, COMPLAINTS, REQUEST, Request
from gbf_workbench.preparation.reader.limits import Limits, limits_for
from gbf_workbench.preparation.reader.scratch import scratch
from gbf_workbench.preparation.reader.template import FORKS, Template, command, popen, start

_log = logging.getLogger(__name__)
_MOST_ANSWER = 200 * 2**20
#: How often [s] memory is looked at where the system does not limit it.
_LOOK = 0.1
#: Memory [bytes] of Python and the libraries themselves.
_PROGRAM = 300 * 2**20
#: What the allocators of C, C++ and Rust say before they give up.
_OUT_OF_MEMORY = ("bad_alloc", "memory allocation", "cannot allocate memory", "out of memory", "memoryerror")
#: Libraries whose own kinds of warnings are known here by name.
_WARNING_HOMES = ("builtins", "pandas", "geopandas", "pyogrio", "rasterio", "shapely", "pyproj", "numpy")


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code (negative for a signal), or ``time`` or ``memory`` where it was stopped."""

    code: int
    why: str = ""
    peak: int = 0


def run(
    job: str, path: Path, *, beside: Sequence[Path] = (), into: Path | None = None, shown: str = "", **arguments: Any
) -> tuple[Any, list[Issue]]:
    """Have a separate process do something with one file, under limits, and take over what it found.

    Parameters
    ----------
    job : str
        Name of one of ``jobs.JOBS``.
    path : Path
        The file. Nothing else can be opened by the process where the system has such walls (see ``protections``),
        except ``beside``, the program itself and a folder of its own.
    beside : sequence of Path
        Other parts of the same file, such as the .dbf of a shapefile.
    into : Path, optional
        A folder the process may write to and leave things in.
    shown : str
        What to call the file in messages.
    **arguments
        For the job.

    Returns
    -------
    content, list of Issue

    Raises
    ------
    WorkbenchError
        With what the loader refuses, or with one sentence where the process crashed or reached a limit. Two threads may
        read at the same time. Ctrl-C ends the child.
    """
    shown, path = shown or path.name, path.absolute()
    files = (path, *beside)
    limits = limits_for(sum(one.stat().st_size for one in files if one.is_file()))
    folder = Path(tempfile.mkdtemp(prefix="job-", dir=scratch()))
    try:
        given = {"path": path, **({"into": into} if into else {}), **arguments}
        # The parts of a shapefile are found by their names.
        listable = (path.parent,) if path.suffix.lower() == ".shp" else ()
        request = Request(job, given, files, (into,) if into else (), listable, limits)
        (folder / REQUEST).write_bytes(pickle.dumps(request))
        ended = _forked(folder, request) if FORKS else _fresh(folder, limits)
        answer = _answer(folder, ended, shown)
        _warn_again(answer["warnings"])
        if "refused" in answer:
            raise WorkbenchError(*(one.placed(file=shown) for one in wire.whole_of(answer["refused"])))
        content = wire.receive(answer["content"], folder)
        return _kept(content, folder), wire.whole_of(answer["issues"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def protections() -> list[str]:
    """Walls that hold around a reading on this machine, tried out: ``files``, ``network``.

    Everywhere a reading has a process of its own with limits of memory, time and written bytes. That it can open no
    other file needs Linux 5.13 or newer with Landlock; that it can reach nobody needs Linux with seccomp on x86_64 or
    aarch64. Elsewhere it rests on the look at the content and on the switched-off drivers of GDAL alone.
    """
    with tempfile.TemporaryDirectory(prefix="gbf-trial-") as place:
        own, canary = Path(place, "own"), Path(place, "canary")
        own.touch()
        canary.touch()
        held, _ = run("protections", own, canary=canary)
    return held


def _forked(folder: Path, request: Request) -> Ended:
    """Have the template fork a child, and wait for its end."""
    path = request.arguments["path"]
    for last in (False, True):
        template = start()
        told = _told(template, folder, request)
        if told is not None:
            return told
        # The template itself is gone: stopped by somebody, or by a system without memory. One more try.
        _log.warning("the reading process had to be started again")
        template.stop()
        if last:
            raise problem("reader.not_started", file=path.name, reason=template.complaints())
    raise AssertionError


def _told(template: Template, folder: Path, request: Request) -> Ended | None:
    schema = request.arguments.get("schema")
    modules = jobs.modules_for(request.job, request.arguments["path"])
    try:
        asking = template.ask(folder, modules, schema.name if schema else "")
    except OSError:
        return None
    # However this is left, also by Ctrl-C, the closing of the socket ends the child.
    with asking:
        asking.settimeout(request.limits.wall)
        try:
            told = asking.recv(4096)
        except TimeoutError:
            return Ended(0, "time")
        except OSError:
            return None
    return Ended(**json.loads(told)) if told else None


def _fresh(folder: Path, limits: Limits) -> Ended:
    """Start a process for this file alone, on systems where processes cannot be forked, and watch its memory."""
    import psutil

    process = popen(command("child", str(folder)))
    ends, why = time.monotonic() + limits.wall, ""
    try:
        watched = psutil.Process(process.pid)
        while process.poll() is None and not why:
            try:
                process.wait(_LOOK)
            except subprocess.TimeoutExpired:
                why = "time" if time.monotonic() > ends else why
                if watched.memory_info().rss > limits.memory + _PROGRAM:
                    why = "memory"
    except psutil.NoSuchProcess:
        process.wait()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return Ended(process.returncode, why)


def _answer(folder: Path, ended: Ended, shown: str) -> dict[str, Any]:
    """The answer of a child, or the sentence about why there is none."""
    path = folder / ANSWER
    if not ended.why and ended.code == 0 and path.is_file() and path.stat().st_size <= _MOST_ANSWER:
        answer = json.loads(path.read_text(encoding="utf-8"))
        if "fault" not in answer and "memory" not in answer:
            return answer
        if "fault" in answer:
            # A fault of ours, but no reason to show Python to somebody who brought a file.
            _log.error("reading %s failed\n%s", shown, answer["trace"])
            raise problem("reader.fault", file=shown, reason=answer["fault"])
        ended = Ended(0, "memory")
    complaints = _tail(folder / COMPLAINTS)
    _log.warning("reading %s ended with %s: %s", shown, ended, complaints)
    raise problem(f"reader.{_why(ended, complaints)}", file=shown)


def _why(ended: Ended, complaints: str) -> str:
    if ended.why:
        return ended.why
    if sys.platform != "win32" and ended.code == -signal.SIGXCPU:
        return "time"
    if any(words in complaints.lower() for words in _OUT_OF_MEMORY) or ended.code == -9:
        return "memory"
    return "crashed"


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4000))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _warn_again(warned: Sequence[Sequence[Any]]) -> None:
    """Say here what was warned about there; filters of this process decide what becomes of it."""
    for message, home, name, file, line in warned:
        known = home.partition(".")[0] in _WARNING_HOMES
        kind = getattr(sys.modules.get(home), name, None) if known else None
        is_warning = isinstance(kind, type) and issubclass(kind, Warning)
        warnings.warn_explicit(message, kind if is_warning else UserWarning, file, line)


def _kept(content: Any, folder: Path) -> Any:
    """The content; a map's clean copy is moved to where it stays as long as this process, once for each content."""
    if not isinstance(content, RasterSource) or not content.path.resolve().is_relative_to(folder.resolve()):
        return content
    home = scratch() / "maps" / f"{content.content}_{content.nodata}_{content.band}"
    home.mkdir(parents=True, exist_ok=True)
    place = home / content.path.name
    if not place.exists():
        os.replace(content.path, place)
    return replace(content, path=place)
