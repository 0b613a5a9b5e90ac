"""The folder in which the separate processes of one calculation may write, gone when the calculation is."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

PREFIX = "gbf-reader-"


def scratch() -> Path:
    """The folder of this process, made at first use and readable by its owner only."""
    return _folder_of(os.getpid())


@lru_cache(maxsize=1)
def _folder_of(owner: int) -> Path:
    root = Path(os.environ.get("GBF_SESSIONS") or tempfile.gettempdir())
    sweep(root, PREFIX)
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{owner}-", dir=root))
    atexit.register(_remove, made, owner)
    return made


def _remove(made: Path, owner: int) -> None:
    # A forked worker inherits the exit handler, but the folder is not its own.
    if os.getpid() == owner:
        shutil.rmtree(made, ignore_errors=True)


def sweep(root: Path, prefix: str) -> list[Path]:
    """Delete the folders under ``root`` whose process is gone, and return them.

    Only real folders of this user that carry a process id after the prefix are touched.
    """
    import psutil

    gone = []
    for path in root.glob(f"{prefix}*-*"):
        owner = path.name.removeprefix(prefix).split("-")[0]
        if owner.isdigit() and _is_own_folder(path) and not psutil.pid_exists(int(owner)):
            shutil.rmtree(path, ignore_errors=True)
            gone.append(path)
    return gone


def _is_own_folder(path: Path) -> bool:
    if path.is_symlink() or not path.is_dir():
        return False
    return not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()
