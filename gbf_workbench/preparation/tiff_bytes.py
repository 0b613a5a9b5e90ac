"""What the bytes of a TIFF say and the library does not pass on: an odd no-data value, an end that is only zeros."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

_NODATA_TAG = 42113
_MOST_ENTRIES, _MOST_LETTERS, _CHUNK = 4096, 256, 1 << 20
#: Disks hand out space in pieces of this size, so a file that ran out of it ends at a multiple.
_SECTOR = 512
_FEWEST_CELLS = 64


@dataclass(frozen=True)
class Block:
    """A strip or tile: its column and row among the blocks, and its place in the file, None if it was never written."""

    x: int
    y: int
    offset: int | None
    size: int


def blocks_of(dataset: DatasetReader, band: int) -> list[Block]:
    """All blocks of one band of a GeoTIFF."""
    high, wide = dataset.block_shapes[band - 1]

    def said(what: str, x: int, y: int) -> int | None:
        found = dataset.get_tag_item(f"BLOCK_{what}_{x}_{y}", "TIFF", bidx=band)
        return int(found) if found else None

    places = ((x, y) for y in range(-(-dataset.height // high)) for x in range(-(-dataset.width // wide)))
    return [Block(x, y, said("OFFSET", x, y), said("SIZE", x, y) or 0) for x, y in places]


def nodata_as_written(path: Path) -> str:
    """The no-data value as the file has it, even one that its type cannot hold; an empty text where there is none."""
    with path.open("rb") as file:
        try:
            return _nodata_text(file)
        except (struct.error, OSError, ValueError, OverflowError):
            return ""


def _nodata_text(file: BinaryIO) -> str:
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = struct.unpack(f"{order}H", head[2:4])[0] == 43
    (directory,) = struct.unpack(f"{order}Q", head[8:16]) if big else struct.unpack(f"{order}I", head[4:8])
    entry, counter = (f"{order}HHQ", f"{order}Q") if big else (f"{order}HHI", f"{order}H")
    inline = 8 if big else 4
    file.seek(directory)
    (entries,) = struct.unpack(counter, file.read(struct.calcsize(counter)))
    for _ in range(min(entries, _MOST_ENTRIES)):
        tag, _, count = struct.unpack(entry, file.read(struct.calcsize(entry)))
        value = file.read(inline)
        if tag == _NODATA_TAG:
            if count > inline:
                file.seek(struct.unpack(f"{order}{'Q' if big else 'I'}", value)[0])
                value = file.read(min(count, _MOST_LETTERS))
            return value[:count].split(b"\x00")[0].decode("ascii", "replace").strip()
    return ""


def zeros_at_end(path: Path) -> int:
    """How many bytes at the end of a file are zero."""
    at = path.stat().st_size
    size = at
    with path.open("rb") as file:
        while at > 0:
            start = max(0, at - _CHUNK)
            file.seek(start)
            kept = file.read(at - start).rstrip(b"\x00")
            if kept:
                return size - start - len(kept)
            at = start
    return size


def ends_in_zeros(
    path: Path, blocks: Sequence[Block], block_shape: tuple[int, int], shape: tuple[int, int], kind: np.dtype,
    zero_cells: int,
) -> bool:  # fmt: skip
    """Whether an uncompressed map of one band was cut off and its end filled with zeros, as after a full disk.

    Parameters
    ----------
    path : Path
    blocks : sequence of Block
    block_shape, shape : tuple of int
        Rows and columns of a block and of the map.
    kind : dtype
        As stored.
    zero_cells : int
        Cells of the whole map that are zero.

    Notes
    -----
    Zeros at the end of a map are nothing special where zero means no data. They are a cut if they begin in the middle
    of a row and either no other cell of the map is zero, or they begin where a piece of the disk does, right after
    cells that are not zero.
    """
    end = path.stat().st_size - zeros_at_end(path)
    cut = sorted((one.offset, one) for one in blocks if one.offset is not None and one.offset + one.size > end)
    tail, column = 0, 0
    for offset, block in cut:
        first = max(0, -((offset - end) // kind.itemsize))
        cells = _cells_from(first, block, block_shape, shape)
        if cells and not tail:
            column = block.x * block_shape[1] + first % block_shape[1]
        tail += cells
    if not column or tail < max(_FEWEST_CELLS, shape[1] + 1):
        return False
    return tail == zero_cells or (end % _SECTOR == 0 and _filled_before(path, end, kind))


def _cells_from(first: int, block: Block, block_shape: tuple[int, int], shape: tuple[int, int]) -> int:
    """Cells of a block from the given one on that are part of the map and not of what pads the block."""
    high = min(block_shape[0], shape[0] - block.y * block_shape[0])
    wide = min(block_shape[1], shape[1] - block.x * block_shape[1])
    row, column = divmod(first, block_shape[1])
    return max(0, wide - column) * (row < high) + max(0, high - row - 1) * wide


def broken_deflate(path: Path, blocks: Sequence[Block], most: int) -> list[Block]:
    """Blocks packed by deflate whose checksum is wrong: the library unpacks them all the same.

    Parameters
    ----------
    path : Path
    blocks : sequence of Block
    most : int
        Bytes that a block has unpacked; what is longer is broken too.
    """
    broken = []
    with path.open("rb") as file:
        for block in blocks:
            if block.offset is None:
                continue
            file.seek(block.offset)
            packed = file.read(block.size)
            if len(packed) > 1 and packed[0] & 15 == 8 and not int.from_bytes(packed[:2]) % 31:
                unpacking = zlib.decompressobj()
                try:
                    unpacking.decompress(packed, most + 1)
                except zlib.error:
                    broken.append(block)
                    continue
                if not unpacking.eof:
                    broken.append(block)
    return broken


def _filled_before(path: Path, end: int, kind: np.dtype) -> bool:
    """Whether the last cells before the zeros are all something else."""
    with path.open("rb") as file:
        file.seek(max(0, end - _FEWEST_CELLS * kind.itemsize))
        before = np.frombuffer(file.read(end - file.tell()), f"V{kind.itemsize}")
    return before.size == _FEWEST_CELLS and all(any(bytes(cell)) for cell in before)
