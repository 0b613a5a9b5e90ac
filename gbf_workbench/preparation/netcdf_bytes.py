"""How long a file of NetCDF 3 must be by its own head: where it was cut off, the library reads zeros in silence."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import BinaryIO

_TAGS = {"dimensions": 10, "variables": 11, "attributes": 12}
#: Bytes of each type of the format, by its number.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8}
_MOST_ITEMS, _MOST_DIMENSIONS = 100_000, 1024


def missing_bytes(path: Path) -> int:
    """How many bytes a file lacks; 0 for one that is whole, is not NetCDF 3, or has a head that cannot be read.

    Parameters
    ----------
    path : Path

    References
    ----------
    NetCDF Classic Format Specification, https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html
    """
    with path.open("rb") as file:
        magic = file.read(4)
        if magic[:3] != b"CDF" or magic[3:] not in (b"\x01", b"\x02", b"\x05"):
            return 0
        try:
            return max(0, _Head(file, magic[3]).needed() - path.stat().st_size)
        except (struct.error, ValueError, KeyError, OverflowError, IndexError):
            # The library says what is wrong with it.
            return 0


class _Head:
    """The head of a file, read from front to back."""

    def __init__(self, file: BinaryIO, version: int) -> None:
        self.file = file
        self.count = ">q" if version == 5 else ">i"
        self.offset = ">i" if version == 1 else ">q"

    def number(self, form: str = "") -> int:
        form = form or self.count
        return struct.unpack(form, self.file.read(struct.calcsize(form)))[0]

    def items(self, kind: str) -> range:
        """Numbers of the items of a list; an absent list has none."""
        tag, count = self.number(">i"), self.number()
        if tag not in (0, _TAGS[kind]) or not 0 <= count <= _MOST_ITEMS:
            raise ValueError(kind)
        return range(count)

    def skip(self, size: int) -> None:
        if size < 0:
            raise ValueError(size)
        self.file.seek(_padded(size), 1)

    def skip_attributes(self) -> None:
        for _ in self.items("attributes"):
            self.skip(self.number())
            size = _SIZES[self.number(">i")]
            self.skip(size * self.number())

    def needed(self) -> int:
        """Bytes from the start of the file to the end of the last variable."""
        records = self.number()
        sides = []
        for _ in self.items("dimensions"):
            self.skip(self.number())
            sides.append(self.number())
        self.skip_attributes()
        variables = [self.variable(sides) for _ in self.items("variables")]
        fixed = [begin + size for begin, size, by_record in variables if not by_record]
        by_record = [(begin, size) for begin, size, of_record in variables if of_record]
        # A file that was still being written counts its records as -1.
        if not by_record or records <= 0:
            return max(fixed, default=0)
        # A single variable of records is not padded between them.
        whole = by_record[0][1] if len(by_record) == 1 else sum(_padded(size) for _, size in by_record)
        return max([*fixed, *(begin + (records - 1) * whole + size for begin, size in by_record)])

    def variable(self, sides: list[int]) -> tuple[int, int, bool]:
        """Where a variable begins, how many bytes it (or one record of it) takes, whether it is stored by records."""
        self.skip(self.number())
        rank = self.number()
        if not 0 <= rank <= _MOST_DIMENSIONS:
            raise ValueError(rank)
        shape = [sides[self.number()] for _ in range(rank)]
        self.skip_attributes()
        size = _SIZES[self.number(">i")]
        self.number()
        begin = self.number(self.offset)
        # The dimension of records has no length in the head.
        by_record = bool(shape) and shape[0] == 0
        return begin, size * math.prod(shape[1:] if by_record else shape), by_record


def _padded(size: int) -> int:
    return -(-size // 4) * 4
