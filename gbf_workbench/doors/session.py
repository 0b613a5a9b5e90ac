"""One visitor's session: a private folder that goes with the calculation, a heartbeat, an end when nobody is there."""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import shutil
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.locales import text
from gbf_workbench.preparation.reader import scratch

BEAT = 3.0  # [s] between two heartbeats; the page gives up after 15 s without one
FAREWELL = 2.0  # [s] for the last words to reach the page
PREFIX = "gbf-session-"


class Said(Exception):
    """What a page shows instead of a traceback; its traceback lines are the sentences."""


def in_app() -> bool:
    """Whether this calculation serves a page of the apps, rather than JupyterLab or a batch."""
    return os.environ.get("GBF_DOOR") == "app"


@cache
def folder() -> Path:
    """The private folder of this calculation, readable by its owner only and deleted when it ends."""
    root = os.environ.get("GBF_SESSIONS") or tempfile.gettempdir()
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=root))
    atexit.register(_remove, made, os.getpid())
    return made


def _remove(made: Path, owner: int) -> None:
    # A forked worker inherits the exit handler, but the folder is not its own.
    if os.getpid() == owner:
        shutil.rmtree(made, ignore_errors=True)


def sweep(root: Path, prefix: str = PREFIX) -> list[Path]:
    """Delete the folders under ``root`` whose process is gone, and return them (see ``reader.scratch``)."""
    return scratch.sweep(root, prefix)


def sentences(error: BaseException, language: str | None = None) -> list[str]:
    """What to tell a person about an error: its sentences, or an incident number where the fault is ours.

    The details of an incident go to the log of the server, never to the page. Outside the apps a fault of
    ours is raised again, because there it should be seen in full.
    """
    if isinstance(error, WorkbenchError):
        return error.lines(language)
    if not in_app():
        raise error
    return [_incident(error, language)]


def _incident(error: BaseException, language: str | None = None) -> str:
    number = secrets.token_hex(3).upper()
    _log().error("incident %s\n%s", number, "".join(traceback.format_exception(error)))
    return text("apps.fault", language, incident=number)


def _log() -> logging.Logger:
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    return kernel.log if kernel else logging.getLogger(__name__)


def begin() -> None:
    """Open the session of an app's page: folder, heartbeat, and sentences in place of tracebacks.

    The apps run this before the first cell of each notebook. In JupyterLab and in a batch it does nothing.
    """
    from IPython import get_ipython
    from IPython.display import display

    shell = get_ipython()
    if not in_app() or shell is None:
        return
    folder()
    pulse = _pulse()
    _log_instead_of_show(shell)
    shell._showtraceback = partial(_show_sentences, shell._showtraceback, pulse)
    attendance = Attendance(60 * float(os.environ.get("GBF_IDLE_MINUTES", "30")))
    pulse.on_msg(lambda _, message, __: attendance.seen(message, time.monotonic()))
    threading.Thread(target=_beat, args=(pulse, attendance, shell.kernel.io_loop.add_callback), daemon=True).start()
    display(pulse)


def _pulse() -> Any:
    import anywidget

    class Pulse(anywidget.AnyWidget):
        _esm = Path(__file__).with_name("pulse.js").read_text(encoding="utf-8")

    return Pulse()


def _log_instead_of_show(shell: Any) -> None:
    """Send warnings and log lines to the log of the server; a page has no use for them."""
    for handler in shell.kernel.log.handlers:
        handler.setLevel(logging.WARNING)
    logging.basicConfig(handlers=shell.kernel.log.handlers, level=logging.WARNING)
    logging.captureWarnings(True)
    logging.getLogger("Comm").setLevel(logging.ERROR)  # it warns of every answer to a page that has just closed


def _show_sentences(show: Callable[..., None], pulse: Any, _: type, error: Any, __: list[str]) -> None:
    """Take the place of IPython's way to show a traceback."""
    said = error.lines() if isinstance(error, WorkbenchError) else [_incident(error)]
    show(Said, Said(), said)
    # An error in answer to a button has no cell to appear in: without this it would be silent.
    pulse.send({"kind": "fault", "said": " ".join(said)})


@dataclass
class Attendance:
    """When somebody last did something on the page; a calculation under way counts as doing something.

    The time begins with the page's first word. Pages that never say one are left to the server.
    """

    limit: float
    touched: float | None = None

    def seen(self, message: Any, now: float) -> None:
        """Note what the page said: ``idle`` seconds since the last key, click or scroll."""
        idle = message.get("idle") if isinstance(message, dict) else None
        if isinstance(idle, int | float) and not isinstance(idle, bool) and idle >= 0:
            self.touched = max(self.touched or now - idle, now - idle)

    def busy(self, now: float) -> None:
        """Note that the calculation is at work."""
        if self.touched is not None:
            self.touched = now

    def over(self, now: float) -> bool:
        """Whether nobody has done anything for longer than the limit."""
        return self.touched is not None and now - self.touched > self.limit


def _beat(pulse: Any, attendance: Attendance, when_free: Callable[[Callable[[], None]], None]) -> None:
    """Tell the page every few seconds that its calculation lives; end it when nobody uses it any more.

    Beats are counted: a page that misses one has missed messages, and may not believe what it shows.
    """
    free = threading.Event()
    free.set()
    for number in count():
        pulse.send({"kind": "beat", "number": number})
        if free.is_set():
            free.clear()
            when_free(free.set)
        else:
            attendance.busy(time.monotonic())
        if attendance.over(time.monotonic()):
            _end(pulse)
        time.sleep(BEAT)


def _end(pulse: Any) -> None:
    pulse.send({"kind": "ended"})
    time.sleep(FAREWELL)
    shutil.rmtree(folder(), ignore_errors=True)
    # Only this leaves from a thread; the exit handlers have nothing left to do.
    os._exit(0)
