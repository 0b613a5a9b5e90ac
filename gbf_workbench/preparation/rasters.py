"""Reading a map of classes: a GeoTIFF and nothing else, every pixel looked at once before anything is counted."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.methods.rasters import EMPTY, RasterSource, grid_issues, open_geotiff, runs, strips

if TYPE_CHECKING:
    import pyproj
    from rasterio.io import DatasetReader

#: TIFF and BigTIFF, in both orders of bytes.
_MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
MOST_PIXELS = 4_000_000_000
#: Decimals this close to a whole number are rounded, others are no classes.
_WHOLE = 1e-6
_MOST_NAMED = 20


def read_raster(
    path: Path, year: int, *, band: int = 0, nodata: int | None = None, most_pixels: int = MOST_PIXELS
) -> tuple[RasterSource | None, list[Issue]]:
    """Check one map of classes, reading all of it once.

    Parameters
    ----------
    path : Path
    year : int
        Year the map shows.
    band : int
        Band that holds the classes, from 1; 0 if the file has only one.
    nodata : int, optional
        Value that means no data, where the file does not say it or says it wrongly.
    most_pixels : int
        Maps with more pixels are refused.

    Returns
    -------
    RasterSource or None
        None if an error or a question stands.
    list of Issue
        Everything found, placed in the file.
    """
    source, issues = None, _file_issues(path)
    if not issues:
        import rasterio

        try:
            # A map without a place is an issue of ours, not a warning of the library.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
                with open_geotiff(path) as dataset:
                    source, issues = _checked(dataset, path, year, band, nodata, most_pixels)
        except rasterio.errors.RasterioError as fault:
            issues = [Issue("error", "rasters.unreadable", {"reason": " ".join(str(fault).split())})]
    placed = [issue.placed(file=path.name) for issue in issues]
    return (None if any(issue.stops for issue in placed) else source), placed


def _file_issues(path: Path) -> list[Issue]:
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        return [Issue("error", "rasters.empty_file")]
    # GDAL opens by content: text that describes another file must not reach it under the name of a map.
    return [] if head in _MAGIC else [Issue("error", "rasters.not_a_tiff")]


def _checked(
    dataset: DatasetReader, path: Path, year: int, band: int, nodata: int | None, most: int
) -> tuple[RasterSource | None, list[Issue]]:
    issues = _content_issues(dataset, band, most)
    if any(issue.stops for issue in issues):
        return None, issues
    issues += _grid_issues(dataset)
    band = band or 1
    missing = _missing_blocks(dataset, band)
    declared = dataset.nodata
    if missing and declared is None:
        return None, [*issues, Issue("error", "rasters.blocks_missing", {"count": missing})]
    if missing:
        issues.append(Issue("flag", "rasters.blocks_empty", {"count": missing}))
    empty = _empty_value(dataset, band) if nodata is None else nodata
    counts, digest, found = _walk(dataset, band, empty)
    issues += found
    codes = {value: pixels for value, pixels in counts.items() if value != empty}
    if not codes and not found:
        issues.append(Issue("error", "rasters.nothing_mapped"))
    if any(issue.stops for issue in issues):
        return None, issues
    crs = dataset.crs.to_wkt()
    content = _content(year, crs, dataset.transform, dataset.shape, digest)
    grid = tuple(float(part) for part in dataset.transform[:6])
    said = nodata is not None or declared is not None or empty in counts
    return RasterSource(path, year, crs, grid, dataset.shape, empty if said else None, codes, content, band), issues


def _content_issues(dataset: DatasetReader, band: int, most: int) -> list[Issue]:
    """Whether the bands are one map of classes of a size that can be read."""
    pixels = dataset.width * dataset.height
    if pixels * dataset.count > most:
        return [Issue("error", "rasters.too_large", {"count": pixels * dataset.count, "limit": most})]
    if {"red", "green", "blue"} <= {one.name for one in dataset.colorinterp}:
        return [Issue("error", "rasters.picture")]
    if dataset.count > 1 and not band:
        return [Issue("question", "rasters.which_band", {"count": dataset.count})]
    if band > dataset.count:
        return [Issue("error", "rasters.no_such_band", {"count": dataset.count}, value=str(band))]
    kind = np.dtype(dataset.dtypes[(band or 1) - 1]).kind
    return [] if kind in "iuf" else [Issue("error", "rasters.complex")]


def _grid_issues(dataset: DatasetReader) -> list[Issue]:
    """Whether the map says where on Earth it lies, on rows and columns that run along the axes."""
    import pyproj

    a, b, _, d, e, _ = dataset.transform[:6]
    issues = []
    if dataset.transform.is_identity:
        issues.append(Issue("error", "rasters.no_place"))
    elif b or d or not a or not e:
        issues.append(Issue("error", "rasters.rotated"))
    if dataset.crs is None:
        return [*issues, Issue("error", "rasters.no_crs")]
    crs = pyproj.CRS(dataset.crs.to_wkt())
    if not (crs.is_geographic or crs.is_projected):
        return [*issues, Issue("error", "rasters.crs_not_earth", {"crs": crs.name})]
    return issues or _extent_issues(dataset, crs)


def _extent_issues(dataset: DatasetReader, crs: pyproj.CRS) -> list[Issue]:
    """Metres labelled as degrees, and degrees labelled as metres: the two mistakes that make areas vanish."""
    a, _, c, _, e, f = dataset.transform[:6]
    across, down = sorted((c, c + a * dataset.width)), sorted((f, f + e * dataset.height))
    slack = max(abs(a), abs(e)) / 100
    if crs.is_geographic:
        turn = 2 * np.pi / crs.axis_info[0].unit_conversion_factor
        wrong = max(-down[0], down[1]) > turn / 4 + slack or across[1] - across[0] > turn + slack
    else:
        wrong = max(map(abs, across + down)) <= 360
    extent = ", ".join(f"{one:.6g}" for one in (across[0], down[0], across[1], down[1]))
    return [Issue("error", "rasters.crs_contradicted", {"crs": crs.name, "extent": extent})] if wrong else []


def _missing_blocks(dataset: DatasetReader, band: int) -> int:
    """How many blocks were never written: where a disk was full, such a file opens again and reads as zeros."""
    high, wide = dataset.block_shapes[band - 1]
    places = ((x, y) for y in range(-(-dataset.height // high)) for x in range(-(-dataset.width // wide)))
    return sum(dataset.get_tag_item(f"BLOCK_OFFSET_{x}_{y}", "TIFF", bidx=band) is None for x, y in places)


def _empty_value(dataset: DatasetReader, band: int) -> int:
    """Value that stands for no data once the classes are whole numbers."""
    whole = np.dtype(dataset.dtypes[band - 1]).kind != "f"
    declared = dataset.nodata
    return int(declared) if whole and declared is not None and float(declared).is_integer() else EMPTY


def _walk(dataset: DatasetReader, band: int, empty: int) -> tuple[dict[int, int], str, list[Issue]]:
    """Number of pixels with each class, digest of all classes, and what was found while reading."""
    import rasterio

    counts: dict[int, int] = {}
    digest, rounded = hashlib.sha256(), 0
    for window in strips(dataset.shape):
        try:
            stored = dataset.read(band, window=window)
        except rasterio.errors.RasterioIOError:
            lines = f"{window.row_off + 1}–{window.row_off + window.height}"
            return counts, "", [Issue("error", "rasters.damaged", {"lines": lines})]
        near, far = _no_classes(stored, dataset.nodata, empty)
        if far:
            return counts, "", [Issue("error", "rasters.decimals", value=", ".join(f"{one:.10g}" for one in far))]
        rounded += near
        whole = whole_classes(stored, dataset.nodata, empty)
        starts, lengths = runs([whole])
        values = whole.ravel()[starts]
        # Runs end with their row, so the same map gives the same bytes however it is stored or walked.
        marked = np.stack([np.where(values == empty, EMPTY, values.astype(np.int64)), lengths], axis=1)
        digest.update(marked.astype("<i4").tobytes())
        for value, pixels in pd.Series(lengths).groupby(values).sum().items():
            counts[int(value)] = counts.get(int(value), 0) + int(pixels)
    found = [Issue("repair", "rasters.rounded", {"count": rounded})] if rounded else []
    return dict(sorted(counts.items())), digest.hexdigest(), found


def whole_classes(stored: np.ndarray, declared: float | None, nodata: int | None) -> np.ndarray:
    """Stored values as integers: decimals are rounded, what is declared empty or is not finite becomes ``nodata``."""
    if stored.dtype.kind != "f":
        return stored
    empty = ~np.isfinite(stored)
    if declared is not None:
        empty |= stored == declared
    whole = np.rint(np.where(empty, 0, stored)).astype(np.int32)
    if nodata is not None:
        whole[empty] = nodata
    return whole


def _no_classes(stored: np.ndarray, declared: float | None, empty: int) -> tuple[int, list[float]]:
    """How many values are whole but for rounding, and up to three that are not whole or too large for a class."""
    if stored.dtype.kind != "f":
        if stored.dtype.itemsize < 4 or stored.dtype == np.int32:
            return 0, []
        beyond = stored[((stored >= -EMPTY) | (stored.astype(np.int64) < EMPTY)) & (stored != empty)]
        return 0, np.unique(beyond)[:3].tolist()
    values = stored[np.isfinite(stored)]
    if declared is not None:
        values = values[values != declared]
    away = np.abs(values - np.rint(values))
    far = (away > _WHOLE * np.maximum(1, np.abs(values))) | (np.abs(values) >= -EMPTY)
    return int(((away > 0) & ~far).sum()), np.unique(values[far])[:3].tolist()


def _content(year: int, crs: str, transform: Any, shape: tuple[int, int], digest: str) -> str:
    import pyproj

    known = pyproj.CRS(crs)
    named = known.to_json_dict().get("id")
    place = f"{named['authority']}:{named['code']}" if named else known.to_wkt()
    grid = "|".join([str(year), place, *(repr(float(part)) for part in transform[:6]), *map(str, shape)])
    return hashlib.sha256(f"{grid}|{digest}".encode()).hexdigest()


def check_maps(sources: Sequence[RasterSource], legend: pd.DataFrame | None) -> list[Issue]:
    """Check the maps of one role against each other and against their legend.

    Parameters
    ----------
    sources : sequence of RasterSource
    legend : DataFrame or None
        With a column ``class_code`` and, where maps differ in their classes, ``year``.

    Returns
    -------
    list of Issue
        Placed in the files of the maps.
    """
    issues = grid_issues(sources)
    if legend is None:
        return issues
    for source in sources:
        listed = legend_codes(legend, source.year)
        issues += [issue.placed(file=source.path.name) for issue in _legend_issues(source, listed)]
    met = {code for source in sources for code in source.codes}
    listed = {code for source in sources for code in legend_codes(legend, source.year)}
    if unused := sorted(listed - met):
        issues.append(Issue("flag", "rasters.legend_unused", {"names": _named(unused)}, file=sources[-1].path.name))
    return issues


def legend_codes(legend: pd.DataFrame, year: int) -> set[int]:
    """Codes that the legend lists for the map of a year; codes that are no whole numbers cannot be in a map.

    >>> sorted(legend_codes(pd.DataFrame({"class_code": ["1", "2.0", "F"]}), 2020))
    [1, 2]
    """
    rows = legend
    if "year" in legend:
        rows = legend[legend["year"].isna() | (legend["year"] == year)]
    read = pd.to_numeric(rows["class_code"].astype("str"), errors="coerce").astype("float64").dropna()
    return {int(code) for code in read if code.is_integer()}


def _legend_issues(source: RasterSource, listed: set[int]) -> Iterable[Issue]:
    unknown = {code: pixels for code, pixels in source.codes.items() if code not in listed}
    pixels = source.shape[0] * source.shape[1]
    if source.nodata is not None and source.nodata in listed:
        yield Issue("error", "rasters.nodata_in_legend", value=str(source.nodata))
    if source.nodata is None and len(unknown) == 1:
        ((code, count),) = unknown.items()
        yield Issue("question", "rasters.is_it_nodata", {"percent": 100 * count / pixels}, value=str(code))
    elif unknown:
        said = _named(f"{code} ({count:,} pixels)" for code, count in unknown.items())
        yield Issue("error", "rasters.not_in_legend", {"names": said})
    elif source.nodata is None:
        yield Issue("flag", "rasters.no_nodata")


def _named(names: Iterable[Any]) -> str:
    said = [str(name) for name in names]
    return ", ".join(said[:_MOST_NAMED]) + (" …" if len(said) > _MOST_NAMED else "")
