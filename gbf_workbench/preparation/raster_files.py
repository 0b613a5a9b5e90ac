"""Opening a map of classes: GeoTIFF or NetCDF by name of the driver, one band or variable of it, turned north up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.hdf5_bytes import names_other_files
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.raster_times import Step, step_of
from gbf_workbench.preparation.tiff_bytes import nodata_as_written

if TYPE_CHECKING:
    from rasterio.io import DatasetReader
    from rasterio.windows import Window

_HDF5 = b"\x89HDF"
#: First bytes of TIFF and BigTIFF in both orders of bytes, of NetCDF 3 and of HDF5, which NetCDF 4 is.
_STARTS = {
    "GTiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "netCDF": (b"CDF\x01", b"CDF\x02", b"CDF\x05", _HDF5),
}
#: What the file says is kept: no other files beside it, no longitudes counted anew.
_SETTINGS = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_NETCDF_CENTERLONG_180": "NO"}
_PICTURE = {"red", "green", "blue"}


@dataclass(frozen=True)
class OpenMap:
    """One band of an open file, as the map of classes it is taken for.

    Attributes
    ----------
    dataset : DatasetReader
    band : int
        From 1.
    nodata : tuple of float
        Stored values that mean no data, in the type of the file.
    masked : bool
        Whether a mask or an alpha band says where there is no data.
    meanings : dict
        Class code to its name, where the file names its classes.
    """

    dataset: DatasetReader
    band: int
    nodata: tuple[float, ...] = ()
    masked: bool = False
    meanings: dict[int, str] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.dataset.shape

    @property
    def dtype(self) -> np.dtype:
        """Type as stored."""
        return np.dtype(self.dataset.dtypes[self.band - 1])

    @property
    def south_up(self) -> bool:
        """Whether the first row of the file is the southernmost."""
        return self.dataset.transform.e > 0

    @property
    def east_first(self) -> bool:
        """Whether the first column of the file is the easternmost."""
        return self.dataset.transform.a < 0

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """The grid with north up and west first, as in ``RasterSource``."""
        a, _, c, _, e, f = self.dataset.transform[:6]
        rows, columns = self.shape
        return abs(a), 0.0, float(min(c, c + a * columns)), 0.0, -abs(e), float(max(f, f + e * rows))

    @property
    def kept_as_stored(self) -> bool:
        """Whether the stored values can go to the copy as they are."""
        small = self.dtype.kind in "iu" and (self.dtype.itemsize < 4 or self.dtype == np.int32)
        return small and not self.masked and len(self.nodata) <= 1

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray | None]:
        """Stored values and, where there is a mask, which cells are empty by it; north up, west first."""
        turn = (slice(None, None, -1 if self.south_up else 1), slice(None, None, -1 if self.east_first else 1))
        stored = self.dataset.read(self.band, window=window)[turn]
        if not self.masked:
            return stored, None
        return stored, self.dataset.read_masks(self.band, window=window)[turn] == 0


def driver_for(path: Path) -> tuple[str, list[Issue]]:
    """Name of the driver by the first bytes; GDAL goes by content, and text could describe another file."""
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        return "", [Issue("error", "rasters.empty_file")]
    found = next((driver for driver, starts in _STARTS.items() if head in starts), "")
    if found == "netCDF" and head == _HDF5 and names_other_files(path):
        return "", [Issue("error", "rasters.other_files")]
    return found, [] if found else [Issue("error", "rasters.not_a_map")]


def faults() -> tuple[type[Exception], ...]:
    """What the libraries raise over a file whose head is damaged."""
    from pyproj.exceptions import ProjError
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import RasterioError

    return RasterioError, CPLE_BaseError, ProjError, ValueError, OverflowError


@contextmanager
def open_map(path: Path, driver: str, year: int, mapping: TableMapping, most: int) -> Iterator[Any]:
    """One band of a file, as ``(OpenMap or None, list of Issue)``; nothing of it is read yet.

    Raises
    ------
    rasterio.errors.RasterioError
        If the file cannot be opened.
    """
    import rasterio

    with rasterio.Env(**_SETTINGS):
        file = rasterio.open(path.resolve(), driver=driver)
    with file:
        if driver == "GTiff":
            yield _tiff_map(file, path, mapping, most)
            return
        name, issues = _variable(file, path, mapping)
        if name is None:
            yield None, issues
            return
        with rasterio.Env(**_SETTINGS), _subset(file, path, name) as variable:
            yield _netcdf_map(variable, year, mapping, most)


def _size_issues(dataset: DatasetReader, cells: int, most: int) -> list[Issue]:
    return [Issue("error", "rasters.too_large", {"count": cells, "limit": most})] if cells > most else []


def _tiff_map(dataset: DatasetReader, path: Path, mapping: TableMapping, most: int) -> tuple[Any, list[Issue]]:
    if found := _size_issues(dataset, dataset.width * dataset.height * dataset.count, most):
        return None, found
    if len(dataset.subdatasets) > 1:
        return None, [Issue("error", "rasters.several_pages", {"count": len(dataset.subdatasets)})]
    kinds = [one.name for one in dataset.colorinterp]
    if set(kinds) >= _PICTURE:
        return None, [Issue("error", "rasters.picture")]
    bands = [number for number, kind in enumerate(kinds, 1) if kind != "alpha"]
    if mapping.band > dataset.count:
        return None, [Issue("error", "rasters.no_such_band", {"count": dataset.count}, value=str(mapping.band))]
    if len(bands) != 1 and not mapping.band:
        return None, [Issue("question", "rasters.which_band", {"count": dataset.count})]
    band = mapping.band or bands[0]
    written = _numbers(nodata_as_written(path), np.dtype("f8")) if dataset.nodatavals[band - 1] is None else []
    return _band_map(dataset, band, mapping, written, {})


def _variable(file: DatasetReader, path: Path, mapping: TableMapping) -> tuple[str | None, list[Issue]]:
    """Which variable of a NetCDF file holds the classes; an empty name where it has only one."""
    names = [one.rsplit(":", 1)[-1] for one in file.subdatasets]
    only = file.tags(1).get("NETCDF_VARNAME", "") if file.count else ""
    known = names or [only] * bool(file.count)
    if not known:
        return None, [Issue("error", "rasters.no_variable")]
    if mapping.variable:
        if mapping.variable in known:
            return mapping.variable if names else "", []
        values = {"choices": ", ".join(known)}
        return None, [Issue("error", "rasters.no_such_variable", values, value=mapping.variable)]
    if not names:
        return "", []
    # The conventions for NetCDF mark a variable of categories by listing its values.
    listing = [name for name in names if _lists_its_values(file, path, name)]
    if len(listing) == 1:
        return listing[0], []
    return None, [Issue("question", "rasters.which_variable", {"choices": ", ".join(names)})]


def _lists_its_values(file: DatasetReader, path: Path, name: str) -> bool:
    with _subset(file, path, name) as variable:
        return variable.count > 0 and "flag_meanings" in variable.tags(1)


@contextmanager
def _subset(file: DatasetReader, path: Path, name: str) -> Iterator[DatasetReader]:
    import rasterio

    if not name:
        yield file
        return
    with rasterio.Env(**_SETTINGS):
        variable = rasterio.open(f'NETCDF:"{path.resolve()}":{name}', driver="netCDF")
    with variable:
        yield variable


def _netcdf_map(dataset: DatasetReader, year: int, mapping: TableMapping, most: int) -> tuple[Any, list[Issue]]:
    if found := _size_issues(dataset, dataset.width * dataset.height, most):
        return None, found
    steps = [dataset.tags(number) for number in dataset.indexes]
    step: Step = step_of(steps, dataset.tags(), year, mapping.band)
    if step.issues:
        return None, list(step.issues)
    tags, kind = steps[step.band - 1], np.dtype(dataset.dtypes[step.band - 1])
    listed, names = _numbers(tags.get("flag_values", ""), kind), tags.get("flag_meanings", "").split()
    meanings = {int(code): name for code, name in zip(listed, names, strict=False) if code.is_integer()}
    whole = len(meanings) == len(names) == len(listed)
    missing = _numbers(tags.get("missing_value", ""), kind)
    return _band_map(dataset, step.band, mapping, missing, meanings if whole else {})


def _numbers(text: str, kind: np.dtype) -> list[float]:
    """Numbers as GDAL writes those of an attribute; NetCDF 3 has no unsigned types, so 210 may be written as -46."""
    found = []
    for one in text.strip("{}").split(","):
        try:
            number = float(one)
        except ValueError:
            return []
        found.append(number + 2.0 ** (8 * kind.itemsize) if kind.kind == "u" and number < 0 else number)
    return found


def _band_map(
    dataset: DatasetReader, band: int, mapping: TableMapping, written: list[float], meanings: dict[int, str]
) -> tuple[OpenMap | None, list[Issue]]:
    from rasterio.enums import MaskFlags

    kind = np.dtype(dataset.dtypes[band - 1])
    if kind.kind not in "iuf":
        return None, [Issue("error", "rasters.complex")]
    scale, offset = dataset.scales[band - 1], dataset.offsets[band - 1]
    if (scale, offset) != (1.0, 0.0):
        return None, [Issue("error", "rasters.scaled", {"scale": f"{scale:g}", "offset": f"{offset:g}"})]
    nodata, issues = _nodata(dataset.nodatavals[band - 1], written, kind, mapping)
    flags = dataset.mask_flag_enums[band - 1]
    masked = MaskFlags.per_dataset in flags or MaskFlags.alpha in flags
    return OpenMap(dataset, band, nodata, masked, meanings), issues


def _nodata(
    declared: float | None, written: list[float], kind: np.dtype, mapping: TableMapping
) -> tuple[tuple[float, ...], list[Issue]]:
    """Values that mean no data: those somebody answered, else those of the file; and those the type cannot hold."""
    if mapping.nodata:
        wanted = [float(one) for one in mapping.nodata]
    else:
        wanted = [declared] if declared is not None else []
        wanted += [one for one in written if one not in wanted]
    kept = tuple(one for one in wanted if _fits(one, kind))
    limits = np.iinfo(kind) if kind.kind in "iu" else None
    issues = [
        Issue("repair", "rasters.nodata_outside_type", {"low": int(limits.min), "high": int(limits.max)},
              value=f"{one:.10g}", before=f"{one:.10g}")
        for one in wanted if one not in kept and limits is not None
    ]  # fmt: skip
    return kept, issues


def _fits(value: float, kind: np.dtype) -> bool:
    """Whether a cell of this type can hold the value."""
    if kind.kind == "f":
        return True
    limits = np.iinfo(kind)
    return bool(np.isfinite(value)) and value.is_integer() and limits.min <= value <= limits.max
