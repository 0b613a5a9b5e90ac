"""The template of the reading processes: it has loaded everything, sees no file, and forks one child for each."""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import warnings
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from gbf_workbench.preparation.reader import child, confinement

#: How often [s] it looks whether the calculation it serves is still there.
_LOOK = 5.0
_MOST_MESSAGE = 65_536
#: The plane most frames are in.
_PLANE = "EPSG:6933"


def main(control: str) -> None:
    """Serve requests that come through a socket until the other side is gone, however it went."""
    # What concerns the calculation in a terminal is for the calculation to pass on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Server(socket.socket(fileno=int(control))).serve()


class Server:
    """One loop without threads: requests in, children out, and each child's end told where it was asked for."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.waiting: dict[int, socket.socket] = {}
        self.selector = selectors.DefaultSelector()
        self.parent = os.getppid()

    def serve(self) -> None:
        """Take what comes until the calculation is gone."""
        woken, wake = socket.socketpair()
        wake.setblocking(False)
        woken.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector.register(self.control, selectors.EVENT_READ)
        self.selector.register(woken, selectors.EVENT_READ)
        try:
            while os.getppid() == self.parent:
                for key, _ in self.selector.select(_LOOK):
                    if key.fileobj is self.control:
                        if not self.begin():
                            return
                    elif key.fileobj is woken:
                        woken.recv(4096)
                        self.bury()
                    else:
                        self.abandon(key.data)
        finally:
            for pid in self.waiting:
                os.kill(pid, signal.SIGKILL)

    def begin(self) -> bool:
        """Take one request; False once nobody is left to ask."""
        message, given, *_ = socket.recv_fds(self.control, _MOST_MESSAGE, 1)
        if not message:
            return False
        asked = json.loads(message)
        asking = socket.socket(fileno=given[0])
        load(asked["modules"])
        with suppress(Exception):
            learn(asked["table"])
        with warnings.catch_warnings():
            # The allocator of pyarrow keeps a thread of its own, and knows what to do with it here.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if not pid:
            self.read(Path(asked["folder"]))
        self.waiting[pid] = asking
        self.selector.register(asking, selectors.EVENT_READ, pid)
        return True

    def read(self, folder: Path) -> None:
        """What the child does; it never comes back."""
        code = 1
        try:
            confinement.die_with_parent()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            complaints = os.open(folder / child.COMPLAINTS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(complaints, 1)
            os.dup2(complaints, 2)
            # Sockets of the template would be a way out.
            os.closerange(3, 1024)
            child.work(folder)
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    def bury(self) -> None:
        """Take note of children that have ended, and tell how."""
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if asking := self.waiting.pop(pid, None):
                self.selector.unregister(asking)
                told = {"code": os.waitstatus_to_exitcode(status), "peak": used.ru_maxrss * 1024}
                with suppress(OSError):
                    asking.sendall(json.dumps(told).encode())
                asking.close()

    def abandon(self, pid: int) -> None:
        """End a child whose answer nobody waits for any more."""
        asking = self.waiting[pid]
        self.selector.unregister(asking)
        del self.waiting[pid]
        asking.close()
        os.kill(pid, signal.SIGKILL)


def load(modules: Iterable[str]) -> None:
    """Import what a kind of reading needs, once for all children to come."""
    new = [name for name in modules if name not in sys.modules]
    for name in new:
        # What cannot be loaded is the child's to say, if it needs it.
        with suppress(Exception):
            importlib.import_module(name)
    if "pyogrio.geopandas" in new:
        _rehearse()
    if new:
        # What all children share is not to be looked at again by the collector, which would copy it.
        gc.collect()
        gc.freeze()


@cache
def learn(table: str) -> None:
    """Have at hand what the workbench itself knows of a table: its columns in all languages, its lists of codes."""
    from gbf_workbench.preparation.code_lists import code_list
    from gbf_workbench.preparation.column_names import names_of
    from gbf_workbench.preparation.schema import schema_names, schema_of

    if table not in schema_names():
        return
    schema = schema_of(table)
    for one in schema.fields:
        names_of(schema, one.name)
        if one.codes:
            code_list(one.codes)


def _rehearse() -> None:
    """Have the usual coordinate systems at hand: children inherit what was looked up, and it takes a tenth of a second.

    Nothing of anybody's is read here, and nothing starts a thread, which would be missing in the children.
    """
    import geopandas
    import pyogrio
    import shapely

    pyogrio.list_drivers()
    square = geopandas.GeoSeries([shapely.box(0, 0, 1, 1)], crs="EPSG:4326")
    geopandas.GeoDataFrame({"a": [1]}, geometry=square.segmentize(0.1).to_crs(_PLANE).make_valid()).area.sum()
