"""One file of a user's while it is read: its other parts, what it held, and whether it stayed as it was."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from gbf_workbench.errors import problem
from gbf_workbench.preparation.shapefiles import loose_members


class Watched:
    """Holds a file to what it was: leaving the block fails if anything about it has changed since entering.

    Attributes
    ----------
    beside : list of Path
        The other parts of a loose shapefile.
    sha256 : str
        Of what was read, once the block is left.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        parts = loose_members(path).values() if path.suffix.lower() == ".shp" else ()
        self.beside = [one for one in parts if one != path]
        self.sha256 = ""

    def __enter__(self) -> Watched:
        self._before = self._state()
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is not None and not issubclass(kind, Exception):
            return
        if kind is None:
            self.sha256 = _digest(self.path)
        # Also where the reading failed: half a file looks like a damaged one.
        if self._state() != self._before:
            raise problem("reader.changed", file=self.path.name) from None

    def _state(self) -> list[Any]:
        found = []
        for path in (self.path, *self.beside):
            try:
                now = os.stat(path)
            except OSError:
                found.append(None)
            else:
                found.append((now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns))
        return found


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
