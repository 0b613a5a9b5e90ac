"""What can be asked of the separate process: the loaders, each with the look at the content that comes before it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.tables import SUFFIXES as TABLE_SUFFIXES

Found = tuple[Any, list[Issue]]


def table(folder: Path, path: Path, schema: TableSchema, mapping: TableMapping) -> Found:
    """A checked table."""
    from gbf_workbench.preparation.checks import check_table
    from gbf_workbench.preparation.reader.contents import refuse_misnamed
    from gbf_workbench.preparation.tables import read_table

    refuse_misnamed(path)
    return check_table(read_table(path, schema, mapping), schema, mapping)


def layer(folder: Path, path: Path, schema: TableSchema, mapping: TableMapping, crs: str, most_points: int) -> Found:
    """A checked layer in the coordinate system of the frame."""
    from gbf_workbench.preparation.reader.contents import refuse_misnamed
    from gbf_workbench.preparation.reader.sizes import refuse_large_layer
    from gbf_workbench.preparation.vectors import read_layer

    refuse_misnamed(path)
    refuse_large_layer(path, most_points)
    return read_layer(path, schema, mapping, crs)


def raster(folder: Path, path: Path, year: int, mapping: TableMapping) -> Found:
    """A checked map of classes."""
    from gbf_workbench.preparation.rasters import read_raster
    from gbf_workbench.preparation.reader.contents import refuse_misnamed

    refuse_misnamed(path)
    return read_raster(path, year, band=mapping.band, nodata=mapping.nodata)


def columns(folder: Path, path: Path) -> Found:
    """Names of the columns of a table or of the attributes of a layer."""
    from gbf_workbench.preparation.reader.contents import refuse_misnamed
    from gbf_workbench.preparation.tables import columns_in

    refuse_misnamed(path)
    return columns_in(path), []


def country_root(folder: Path, path: Path) -> Found:
    """Where in a zip archive a country folder begins; None where there is none."""
    from gbf_workbench.preparation.reader.archives import country_root

    return country_root(path), []


def country(folder: Path, path: Path, into: Path) -> Found:
    """Unpack a zipped country folder."""
    from gbf_workbench.preparation.reader.archives import unpack_country

    return None, unpack_country(path, into)


def protections(folder: Path, outside: Path) -> Found:
    """What the child is kept from, found out by trying."""
    from gbf_workbench.preparation.reader.trial import tried

    return tried(outside), []


JOBS: dict[str, Callable[..., Found]] = {
    one.__name__: one for one in (table, layer, raster, columns, country_root, country, protections)
}

_TABLES = ("pandas", "pyarrow.ipc", "gbf_workbench.preparation.checks", "gbf_workbench.preparation.reader.contents")
_LAYERS = ("geopandas", "pyogrio", "gbf_workbench.preparation.vectors", "gbf_workbench.preparation.reader.sizes")
_RASTERS = ("rasterio", "gbf_workbench.preparation.rasters")


def needs(job: str, path: Path) -> tuple[str, ...]:
    """Modules that the template should have loaded before it forks the child for this."""
    suffix = path.suffix.lower()
    if job == "raster":
        return (*_TABLES, *_RASTERS)
    if job == "layer" or (job == "columns" and suffix not in TABLE_SUFFIXES):
        return (*_TABLES, *_LAYERS)
    return (*_TABLES, "python_calamine", "defusedxml.sax") if suffix not in (".csv", ".tsv") else _TABLES
