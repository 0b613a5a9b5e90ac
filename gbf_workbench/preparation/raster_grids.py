"""Where on Earth a map says it lies, whether that can be true, and the digest of the map with its place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.layer_files import as_crs
from gbf_workbench.preparation.mapping import TableMapping

if TYPE_CHECKING:
    import pyproj
    from rasterio.io import DatasetReader

_DEGREES = "EPSG:4326"
_AXES_IN_DEGREES = (("degrees_north", "degree_north"), ("degrees_east", "degree_east"))


def settled_place(
    dataset: DatasetReader, mapping: TableMapping, refused: Callable[[str], bool]
) -> tuple[pyproj.CRS | None, list[Issue]]:
    """The coordinate system of a map and everything that is wrong with its grid.

    Parameters
    ----------
    dataset : DatasetReader
    mapping : TableMapping
        Its word ``crs`` answers where the file names none.
    refused : callable
        Whether an expert has refused the repair with a key.

    Returns
    -------
    pyproj.CRS or None
        None if an error or a question stands.
    list of Issue
    """
    issues = _upright_issues(dataset)
    crs, found = _settled_crs(dataset, mapping, refused)
    issues += found
    if crs is None:
        return None, issues
    if not (crs.is_geographic or crs.is_projected):
        return None, [*issues, Issue("error", "rasters.crs_not_earth", {"crs": crs.name})]
    if not any(issue.stops for issue in issues):
        issues += _extent_issues(dataset, crs)
    return (None if any(issue.stops for issue in issues) else crs), issues


def _upright_issues(dataset: DatasetReader) -> list[Issue]:
    a, b, _, d, e, _ = dataset.transform[:6]
    if dataset.transform.is_identity:
        return [Issue("error", "rasters.no_place")]
    upright = a and e and not b and not d and np.isfinite(dataset.transform[:6]).all()
    return [] if upright else [Issue("error", "rasters.rotated")]


def _settled_crs(
    dataset: DatasetReader, mapping: TableMapping, refused: Callable[[str], bool]
) -> tuple[pyproj.CRS | None, list[Issue]]:
    import pyproj

    said = pyproj.CRS(dataset.crs.to_wkt()) if dataset.crs is not None else None
    if mapping.crs:
        answered = as_crs(mapping.crs)
        if answered is None:
            return None, [Issue("error", "layer.unknown_crs", value=mapping.crs, column="crs")]
        if said is not None and not answered.equals(said, ignore_axis_order=True):
            # A word left over from another file may not turn one system into another in silence.
            return answered, [
                Issue("flag", "layer.crs_overruled", {"said": said.name}, value=mapping.crs, column="crs")
            ]
        return answered, []
    if said is not None:
        return said, []
    if _axes_in_degrees(dataset) and not refused("rasters.crs_assumed"):
        return pyproj.CRS(_DEGREES), [Issue("repair", "rasters.crs_assumed", value=_DEGREES, after=_DEGREES)]
    return None, [Issue("question", "rasters.no_crs")]


def _axes_in_degrees(dataset: DatasetReader) -> bool:
    """Whether a NetCDF file calls its axes degrees of latitude and longitude, though it names no coordinate system."""
    units = {value.strip().lower() for name, value in dataset.tags().items() if name.endswith("#units")}
    return dataset.driver == "netCDF" and all(units & set(names) for names in _AXES_IN_DEGREES)


def _extent_issues(dataset: DatasetReader, crs: pyproj.CRS) -> list[Issue]:
    """Metres labelled as degrees, and degrees labelled as metres: the two mistakes that make areas vanish."""
    a, _, c, _, e, f = dataset.transform[:6]
    across, down = sorted((c, c + a * dataset.width)), sorted((f, f + e * dataset.height))
    slack = max(abs(a), abs(e)) / 100
    if crs.is_geographic:
        turn = 2 * np.pi / crs.axis_info[0].unit_conversion_factor
        wrong = max(-down[0], down[1]) > turn / 4 + slack or across[1] - across[0] > turn + slack
        wrong |= max(-across[0], across[1]) > turn + slack
    else:
        wrong = max(map(abs, across + down)) <= 360
    extent = ", ".join(f"{one:.6g}" for one in (across[0], down[0], across[1], down[1]))
    return [Issue("error", "rasters.crs_contradicted", {"crs": crs.name, "extent": extent})] if wrong else []


def content_of(year: int, crs: str, transform: Sequence[float], shape: tuple[int, int], digest: str) -> str:
    """SHA-256 of a map: the same whatever file it came in."""
    # Formats that keep the middles of cells give corners and sizes that differ in the last digits.
    grid = "|".join([str(year), _named(crs), *(f"{float(part) + 0.0:.9g}" for part in transform), *map(str, shape)])
    return hashlib.sha256(f"{grid}|{digest}".encode()).hexdigest()


def _named(crs: str) -> str:
    import pyproj

    known: Any = pyproj.CRS(crs)
    named = known.to_authority(min_confidence=100)
    if named is None:
        return known.to_wkt()
    # Degrees east and north, or north and east: GDAL reads maps in either as the same.
    return _DEGREES if named == ("OGC", "CRS84") else ":".join(named)
