"""The workbench's own copy of a map of classes: tiled, packed without loss, and in its place only once it is whole."""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gbf_workbench.methods.rasters import open_geotiff

if TYPE_CHECKING:
    from rasterio.windows import Window

_TILE = 256


class ClassCopy:
    """A copy that is being written: strips from top to bottom, each remembered by its sum."""

    def __init__(self, path: Path, file: Any) -> None:
        self.path, self._file = path, file
        self._sums: list[tuple[Window, int]] = []

    def write(self, window: Window, classes: np.ndarray) -> None:
        """Write one strip."""
        stored = np.ascontiguousarray(classes, dtype=self._file.dtypes[0])
        self._file.write(stored, 1, window=window)
        self._sums.append((window, zlib.crc32(stored)))

    def finish(self, name: str) -> Path:
        """Give the copy its name once it is safely on the disk and reads back as it was written.

        Raises
        ------
        OSError
            If it reads back otherwise.
        """
        self._file.close()
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        with open_geotiff(self.path) as dataset:
            for window, expected in self._sums:
                if zlib.crc32(np.ascontiguousarray(dataset.read(1, window=window))) != expected:
                    raise OSError(f"{self.path.name} does not read back as it was written: is the disk full?")
        return self.path.replace(self.path.with_name(name))


@contextmanager
def class_copy(
    into: Path, crs: str, transform: Sequence[float], shape: tuple[int, int], dtype: str, nodata: int | None
) -> Iterator[ClassCopy]:
    """Begin a copy in a folder; whatever is not finished is taken away again."""
    import rasterio
    from affine import Affine

    handle, name = tempfile.mkstemp(suffix=".tif", prefix="unfinished_", dir=into)
    os.close(handle)
    path = Path(name)
    try:
        with rasterio.open(
            path, "w", driver="GTiff", count=1, height=shape[0], width=shape[1], dtype=dtype, crs=crs,
            transform=Affine(*transform), nodata=nodata, tiled=True, blockxsize=_TILE, blockysize=_TILE,
            compress="deflate", zlevel=1, bigtiff="if_safer",
        ) as file:  # fmt: skip
            yield ClassCopy(path, file)
    finally:
        path.unlink(missing_ok=True)
