"""The life of the process that reads one file: limits first, then the reading, then one answer in plain data."""

from __future__ import annotations

import json
import os
import pickle
import sys
import tempfile
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.reader import confinement, jobs, limits, wire

REQUEST, ANSWER, COMPLAINTS = "request", "answer.json", "complaints.txt"
_MOST_WARNINGS = 100
#: What the system and the libraries look up themselves: time zones, number of processors, coordinate systems.
_SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/proj", "/usr/share/gdal",
    "/usr/share/zoneinfo", "/etc/localtime", "/etc/ld.so.cache", "/dev/urandom", "/proc/cpuinfo", "/proc/meminfo",
    "/sys/devices/system/cpu",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What is to be done with one file, and what for that may be read and written."""

    job: str
    arguments: Mapping[str, Any]
    readable: tuple[Path, ...]
    writable: tuple[Path, ...]
    listable: tuple[Path, ...]
    limits: limits.Limits


def work(folder: Path) -> None:
    """Do what the request in the folder says, under its limits, and leave the answer there."""
    # The one object that crosses between processes, and it goes this way only: from the calculation to its child.
    request: Request = pickle.loads((folder / REQUEST).read_bytes())  # noqa: S301
    tempfile.tempdir = str(folder)
    os.environ["CPL_TMPDIR"] = str(folder)
    limits.apply(request.limits)
    writable = (folder, *request.writable, Path("/dev/null"))
    confinement.confine((*_program(), *request.readable), writable, request.listable)
    answer = _answer(request, folder)
    made = folder / f"{ANSWER}.part"
    made.write_text(json.dumps(answer), encoding="utf-8")
    made.replace(folder / ANSWER)


def _program() -> list[Path]:
    """Where Python, its packages and the workbench itself lie."""
    package = Path(limits.__file__).resolve().parents[2]
    found = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_exec_prefix), package, *map(Path, _SYSTEM)]
    # The folder the workbench was found in may be a whole checkout with data in it.
    return found + [Path(place) for place in sys.path if Path(place).resolve() != package.parent]


def _answer(request: Request, folder: Path) -> dict[str, Any]:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            content, issues = jobs.JOBS[request.job](folder, **request.arguments)
            answer = {"content": wire.send(content, folder), "issues": wire.plain_of(list(issues))}
        except WorkbenchError as refused:
            answer = {"refused": wire.plain_of(list(refused.issues))}
        except MemoryError:
            answer = {"memory": True}
        except Exception as fault:
            # A thread that finds no room for its stack fails with an error that is not one of memory.
            if isinstance(fault, RuntimeError) and "start new thread" in str(fault):
                return {"memory": True, "warnings": []}
            answer = {"fault": f"{type(fault).__name__}: {fault}"[:500], "trace": traceback.format_exc()[-10_000:]}
    answer["warnings"] = list({_warning(one): None for one in warned})[:_MOST_WARNINGS]
    return answer


def _warning(one: warnings.WarningMessage) -> tuple[str, str, str, str, int]:
    return str(one.message)[:2000], one.category.__module__, one.category.__qualname__, one.filename, one.lineno


def main(folder: str) -> None:
    """Read one file in a fresh process, where processes cannot be forked."""
    with Path(folder, COMPLAINTS).open("wb") as complaints:
        os.dup2(complaints.fileno(), 2)
    work(Path(folder))
