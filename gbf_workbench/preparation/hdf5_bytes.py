"""Whether an HDF5 file, which every NetCDF 4 file is, would have the library open other files."""

from __future__ import annotations

import mmap
import re
import struct
from pathlib import Path

#: A link that may lead to another file: version 1, flags of which the fourth says that a kind follows, kind 64.
_LINK = re.compile(rb"\x01([\x08-\x1f])\x40", re.DOTALL)
_MOST_NAME = 4096


def names_other_files(path: Path) -> bool:
    """Whether values are stored in, or links lead to, files beside this one.

    The library would read any file that it is told of, and take its bytes for a map. The three ways are looked for in
    the bytes as the format lays them out: lists of external files, external links, and packed heaps, which no program
    writes but in which links could be hidden.

    References
    ----------
    HDF5 File Format Specification 3.0, IV.A.2.g (link), IV.A.2.h (external data files), III.G (fractal heap).
    """
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return (
            any(_is_list_of_files(content, at) for at in _found(content, b"HEAP"))
            or any(_is_link(content, found.start(), found[1][0]) for found in _LINK.finditer(content))
            or any(content[at + 7 : at + 9].strip(b"\0") for at in _found(content, b"FRHP\0"))
        )


def _found(content: mmap.mmap, wanted: bytes) -> list[int]:
    places, at = [], content.find(wanted)
    while at >= 0:
        places.append(at)
        at = content.find(wanted, at + 1)
    return places


def _is_list_of_files(content: mmap.mmap, heap: int) -> bool:
    """Whether a heap of names belongs to a list of files: version 1, slots, slots in use, address of the heap."""
    for at in _found(content, struct.pack("<Q", heap)):
        if at < 8:
            continue
        version, slots, used = struct.unpack("<IHH", content[at - 8 : at])
        if version == 1 and 0 < used <= slots:
            return True
    return False


def _is_link(content: mmap.mmap, at: int, flags: int) -> bool:
    """Whether these bytes go on as a link to another file does: its name, then a file and a place in it."""
    at += 3 + 8 * bool(flags & 4) + bool(flags & 16)
    wide = 1 << (flags & 3)
    length = int.from_bytes(content[at : at + wide], "little")
    at += wide
    if not 0 < length <= _MOST_NAME:
        return False
    name, size = content[at : at + length], int.from_bytes(content[at + length : at + length + 2], "little")
    told = content[at + length + 2 : at + length + 2 + size]
    return b"\0" not in name and len(told) == size > 3 and told[0] == 0 and told[1:].count(b"\0") == 2 and told[-1] == 0
