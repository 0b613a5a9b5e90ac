"""Files beside a map that other programs heed: only the map itself is read, so what they would change is said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from gbf_workbench.errors import Issue
from gbf_workbench.methods.rasters import RasterSource

_MOST_BYTES = 1 << 20
#: What a program may have noted of a map that changes what its cells mean or where they lie; statistics do not.
_CHANGES = re.compile(rb"<(NoDataValue|SRS|GeoTransform|GCPList|Offset|Scale)\b")
#: Parts of a cell by which a place in a world file may differ from that in the map.
_SAME_PLACE = 1e-3


def sidecar_issues(path: Path, source: RasterSource | None) -> list[Issue]:
    """A flag that names the files beside a map that say something else than the map.

    Parameters
    ----------
    path : Path
    source : RasterSource or None
        The map as it was read; None where it could not be.
    """
    found = [one.name for one in _beside(path) if _says_something_else(one, source)]
    return [Issue("flag", "rasters.beside", {"names": ", ".join(found)}, file=path.name)] if found else []


def _beside(path: Path) -> Iterable[Path]:
    worlds = (path.with_suffix(one) for one in (".tfw", ".tifw", ".wld"))
    likely = (*(path.with_name(path.name + one) for one in (".msk", ".aux.xml")), *worlds)
    return (one for one in likely if one.is_file() and (one.suffix == ".msk" or one.stat().st_size <= _MOST_BYTES))


def _says_something_else(path: Path, source: RasterSource | None) -> bool:
    if path.suffix == ".msk":
        return True
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return bool(_CHANGES.search(content)) if path.suffix == ".xml" else not _same_place(content, source)


def _same_place(content: bytes, source: RasterSource | None) -> bool:
    """Whether a world file puts the map where it says itself that it lies; one that cannot be read says nothing."""
    try:
        across, down_x, across_y, down, x, y = (float(one) for one in content.split()[:6])
    except ValueError:
        return True
    if source is None:
        return False
    a, _, c, _, e, f = source.transform
    rows, columns = source.shape
    # The middle of the map is the same whichever corner the numbers count from.
    said = (across, down, x + across * (columns - 1) / 2, y + down * (rows - 1) / 2)
    own = (a, e, c + a * columns / 2, f + e * rows / 2)
    off = np.abs(np.abs(said) - np.abs(own)) if max(abs(down_x), abs(across_y)) == 0 else np.array([np.inf])
    return bool((off <= _SAME_PLACE * max(abs(a), abs(e))).all())
