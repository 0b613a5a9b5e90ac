"""Whether the walls around the reading process hold on this machine, found out from inside by leaning on them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path


def tried(outside: Path) -> list[str]:
    """Names of the protections that hold for the present process: ``files`` and ``network``.

    Parameters
    ----------
    outside : Path
        A file that exists and that this process has no business to open.
    """
    walls = {"files": lambda: outside.open("rb").close(), "network": _speak}
    return [name for name, lean in walls.items() if _held(lean)]


def _held(lean: Callable[[], object]) -> bool:
    try:
        lean()
    except OSError:
        return True
    return False


def _speak() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
