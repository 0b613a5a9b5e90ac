"""Reading a map of classes: every cell looked at once, and a clean copy of it left for all that comes after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.errors import Issue
from gbf_workbench.methods.rasters import EMPTY, RasterSource
from gbf_workbench.preparation.class_copies import class_copy
from gbf_workbench.preparation.mapping import TableMapping, overruled, overruled_flag
from gbf_workbench.preparation.netcdf_bytes import missing_bytes
from gbf_workbench.preparation.raster_cells import MOST_NAMED, Findings, Tally, walk
from gbf_workbench.preparation.raster_files import OpenMap, driver_for, faults, open_map
from gbf_workbench.preparation.raster_grids import content_of, settled_place
from gbf_workbench.preparation.tiff_bytes import blocks_of, broken_deflate, ends_in_zeros, zeros_at_end

if TYPE_CHECKING:
    import pyproj

MOST_PIXELS = 4_000_000_000
#: Numbers beyond have no decimals any more, so they cannot come of a measurement or a mean: they stand for nothing.
_LARGEST_COUNTED = 2**53
#: Repairs that an expert can refuse, and what then stands instead.
_INSTEAD = {"rasters.rounded": "rasters.decimals", "rasters.not_numbers": "rasters.decimals"}


def read_raster(
    path: Path, year: int, mapping: TableMapping | None = None, *, into: Path, most_pixels: int = MOST_PIXELS
) -> tuple[RasterSource | None, list[Issue]]:
    """Check one map of classes, reading all of it once, and write a clean copy of it.

    Parameters
    ----------
    path : Path
        GeoTIFF or NetCDF. It is not needed any more afterwards.
    year : int
        Year the map shows.
    mapping : TableMapping, optional
        Its words ``band``, ``variable``, ``nodata``, ``crs`` and ``overrules``.
    into : Path
        Folder that the copy is written into.
    most_pixels : int
        Maps with more pixels are refused.

    Returns
    -------
    RasterSource or None
        The copy, north up and west first; None if an error or a question stands.
    list of Issue
        Everything found, placed in the file.
    """
    mapping = mapping or TableMapping()
    source = None
    driver, issues = driver_for(path)
    if driver:
        try:
            source, issues = _read(path, driver, year, mapping, into, most_pixels)
        except faults() as fault:
            issues = [Issue("error", "rasters.unreadable", {"reason": " ".join(str(fault).split())})]
        except OSError as fault:
            # What cannot be read of the map is caught where it is read; what is left is our own copy.
            issues = [Issue("error", "rasters.not_copied", {"reason": fault.strerror or str(fault)})]
    placed = [_accepted(issue.placed(file=path.name), mapping) for issue in issues]
    return (None if any(issue.stops for issue in placed) else source), placed


def _accepted(issue: Issue, mapping: TableMapping) -> Issue:
    """A flag that an expert has accepted, with his word in its place."""
    word = overruled(mapping, issue.key) if issue.level == "flag" else None
    return overruled_flag(word, issue) if word else issue


def _read(
    path: Path, driver: str, year: int, mapping: TableMapping, into: Path, most: int
) -> tuple[RasterSource | None, list[Issue]]:
    import warnings

    from rasterio.errors import NotGeoreferencedWarning

    def refused(key: str) -> bool:
        return overruled(mapping, key) is not None

    # A map without a place is an issue of ours, not a warning of the library.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with open_map(path, driver, year, mapping, most) as (opened, issues):
            if opened is None:
                return None, issues
            crs, found = settled_place(opened.dataset, mapping, refused)
            issues = [*issues, *found, *_stored_issues(opened, path)]
            if crs is None or any(issue.stops for issue in issues):
                return None, issues
            source, found = _copied(opened, path, year, crs, into, refused)
            return source, [*issues, *found]


def _stored_issues(opened: OpenMap, path: Path) -> list[Issue]:
    """What is wrong with the blocks of a file before any is unpacked, as far as the library would not say it."""
    from rasterio.enums import Compression

    if opened.dataset.driver != "GTiff":
        missing = missing_bytes(path)
        return [Issue("error", "rasters.cut_off", {"count": missing})] if missing else []
    blocks = blocks_of(opened.dataset, opened.band)
    unwritten = sum(block.offset is None for block in blocks)
    # Where a disk was full, such a file opens again and reads as zeros; but a file that names its no-data value may
    # leave out the blocks that hold nothing else.
    if unwritten and opened.dataset.nodatavals[opened.band - 1] is None:
        return [Issue("error", "rasters.blocks_missing", {"count": unwritten})]
    if opened.dataset.compression is not Compression.deflate:
        return []
    high, wide = opened.dataset.block_shapes[opened.band - 1]
    broken = broken_deflate(path, blocks, high * wide * opened.dtype.itemsize * opened.dataset.count)
    return [_damaged([(one.x + 1, one.y + 1) for one in broken])] if broken else []


def _damaged(places: Sequence[tuple[int, int]]) -> Issue:
    names = ", ".join(f"({x}, {y})" for x, y in places[:MOST_NAMED])
    return Issue("error", "rasters.damaged", {"names": names}, value=names)


def _copied(
    opened: OpenMap, path: Path, year: int, crs: pyproj.CRS, into: Path, refused: Callable[[str], bool]
) -> tuple[RasterSource | None, list[Issue]]:
    """The map read from end to end and copied."""
    as_stored = opened.kept_as_stored
    empty = int(opened.nodata[0]) if as_stored and opened.nodata else EMPTY
    nodata = None if as_stored and not opened.nodata else empty
    wkt, kind = crs.to_wkt(), opened.dtype.name if as_stored else "int32"
    tally = Tally(empty)
    with class_copy(into, wkt, opened.transform, opened.shape, kind, nodata) as copy:
        found = walk(opened, tally, copy)
        issues = _cell_issues(found, opened, path, tally, refused)
        if any(issue.stops for issue in issues):
            return None, issues
        content = content_of(year, wkt, opened.transform, opened.shape, tally.digest)
        kept = copy.finish(f"map_{year}_{content[:16]}.tif")
    empties = tuple(int(one) for one in opened.nodata if float(one).is_integer())
    source = RasterSource(
        kept, year, wkt, opened.transform, opened.shape, nodata, tally.codes, content, 1, path.name,
        opened.meanings, empties,
    )  # fmt: skip
    return source, issues


def _cell_issues(
    found: Findings, opened: OpenMap, path: Path, tally: Tally, refused: Callable[[str], bool]
) -> list[Issue]:
    """What the cells say against the map, and what was put right in them."""
    if found.damaged:
        return [_damaged(found.damaged)]
    if found.decimals and min(map(abs, found.decimals)) > _LARGEST_COUNTED:
        known = [f"{one!r}" for one in map(float, (*found.decimals, *opened.nodata)) if np.isfinite(one)]
        values = {"answer": f"[{', '.join(known)}]" if len(known) > 1 else known[0]}
        said = ", ".join(known[: len(found.decimals)])
        return [Issue("question", "rasters.beyond_classes", values, value=said)]
    if found.decimals:
        return [Issue("error", "rasters.decimals", value=", ".join(f"{one:.10g}" for one in found.decimals))]
    if _is_cut(opened, path, found.zeros):
        return [Issue("error", "rasters.ends_in_zeros")]
    issues = []
    if found.rounded:
        near, whole = f"{found.example:.10g}", f"{np.rint(found.example):.0f}"
        issues.append(_repair("rasters.rounded", found.rounded, near, whole, refused))
    if found.not_numbers:
        issues.append(_repair("rasters.not_numbers", found.not_numbers, "NaN", "", refused))
    if not tally.codes:
        issues.append(Issue("error", "rasters.nothing_mapped"))
    if tally.mix.impossible:
        issues.append(Issue("flag", "rasters.class_mix"))
    return issues


def _repair(key: str, count: int, before: str, after: str, refused: Callable[[str], bool]) -> Issue:
    if refused(key):
        return Issue("error", _INSTEAD[key], value=before)
    return Issue("repair", key, {"count": count}, value=before, before=before, after=after)


def _is_cut(opened: OpenMap, path: Path, zeros: int) -> bool:
    """Whether an uncompressed file ends in zeros that are no part of the map."""
    dataset, kind = opened.dataset, opened.dtype
    if dataset.driver == "netCDF":
        beyond = zeros_at_end(path) - zeros * kind.itemsize
        return zeros > opened.shape[1] and zeros % opened.shape[1] > 0 and 0 <= beyond < kind.itemsize + 4
    if dataset.count > 1 or dataset.compression is not None:
        return False
    blocks = blocks_of(dataset, opened.band)
    return ends_in_zeros(path, blocks, dataset.block_shapes[0], opened.shape, kind, zeros)
