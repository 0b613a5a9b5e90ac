"""The loaded template from which reading processes are forked: started once, shared by threads, gone with its user."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from gbf_workbench.preparation.reader.limits import environment
from gbf_workbench.preparation.reader.scratch import scratch

#: Linux forks in milliseconds what took a second to load. The libraries of macOS do not live through a fork, Windows
#: has none: there each file gets a fresh process, which takes a second or two longer.
FORKS = sys.platform == "linux"
_PATIENCE = 5.0
_lock = threading.Lock()
_running: dict[int, Template] = {}


class Template:
    """A process that has loaded the readers, and the socket to ask it through."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._said = scratch() / "template.txt"
        with theirs, self._said.open("wb") as said:
            arguments = command("server", str(theirs.fileno()))
            self._process = popen(arguments, pass_fds=(theirs.fileno(),), stderr=said)
        self._control = ours

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def ask(self, folder: Path, modules: Sequence[str], table: str) -> socket.socket:
        """Ask for a child to do what lies in the folder, with these modules loaded and what is known of this table.

        Returns
        -------
        socket
            Gives the child's end as JSON; closing it ends the child.
        """
        ours, theirs = socket.socketpair()
        message = json.dumps({"folder": str(folder), "modules": list(modules), "table": table}).encode()
        try:
            with theirs, _lock:
                socket.send_fds(self._control, [message], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
        return ours

    def stop(self) -> None:
        """Let it go; it ends its children and then itself."""
        self._control.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def complaints(self) -> str:
        """The last thing it said, for a fault nobody foresaw."""
        lines = self._said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "?"


def start() -> Template:
    """The template of this process, started if there is none."""
    with _lock:
        # A forked worker has inherited the handle, but not the right to use it.
        found = _running.get(os.getpid())
        if found is None or not found.runs:
            found = _running[os.getpid()] = Template()
        return found


@atexit.register
def _stop() -> None:
    if found := _running.pop(os.getpid(), None):
        found.stop()


def command(module: str, argument: str) -> list[str]:
    """How to start Python with one of the modules beside this one, without running anything of the user's."""
    boot = (
        "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
        f"from gbf_workbench.preparation.reader.{module} import main; main(sys.argv[2])"
    )
    return [sys.executable, "-P", "-c", boot, json.dumps(_places()), argument]


def _places() -> list[str]:
    """Where modules are found, but for the folders of scripts and notebooks, in which data may lie under any name."""
    home = str(Path(__file__).resolve().parents[3])
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    left_out = {os.getcwd(), os.path.dirname(os.path.abspath(script)) if script else ""} - {home}
    found = [place for place in sys.path if os.path.isabs(place) and place not in left_out]
    return found if home in found else [home, *found]


def popen(arguments: Sequence[str], stderr: int | object = subprocess.DEVNULL, **more: object) -> subprocess.Popen:
    """Start a process that knows no secrets, and that a Ctrl-C in the terminal does not reach."""
    if sys.platform == "win32":
        more["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        more["start_new_session"] = True
    place = scratch()
    return subprocess.Popen(
        arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr, cwd=place,
        env=environment(place), **more,
    )  # fmt: skip
