"""What can be asked of the separate process: the loaders, each with the look at the content that comes before it."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gbf_workbench import preparation
from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.preparation.checklists import Checklist
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.tables import SUFFIXES as TABLE_SUFFIXES

Found = tuple[Any, list[Issue]]


def table(
    folder: Path, path: Path, schema: TableSchema, mapping: TableMapping, checklist: Checklist | None = None
) -> Found:
    """A checked table, its species named as in the country's checklist."""
    from gbf_workbench.preparation.checks import check_table
    from gbf_workbench.preparation.reader.contents import refuse_misnamed
    from gbf_workbench.preparation.tables import read_table

    refuse_misnamed(path)
    return check_table(read_table(path, schema, mapping), schema, mapping, checklist)


def layer(
    folder: Path, path: Path, schema: TableSchema, mapping: TableMapping, crs: str, most_points: int, **frame: Any
) -> Found:
    """A checked layer in the coordinate system of the frame, held against its ``land`` and ``sea`` where given."""
    from gbf_workbench.preparation.reader.contents import refuse_misnamed
    from gbf_workbench.preparation.reader.sizes import refuse_large_layer
    from gbf_workbench.preparation.vectors import read_layer

    refuse_misnamed(path)
    refuse_large_layer(path, most_points)
    return read_layer(path, schema, mapping, crs, **frame)


def raster(folder: Path, path: Path, year: int, mapping: TableMapping) -> Found:
    """A checked map of classes."""
    from gbf_workbench.preparation.rasters import read_raster
    from gbf_workbench.preparation.reader.contents import refuse_misnamed

    refuse_misnamed(path)
    return read_raster(path, year, mapping, into=folder)


def reading(folder: Path, path: Path, schema: TableSchema, mapping: TableMapping) -> Found:
    """How a table or layer was read, by the names of what there is to say."""
    from gbf_workbench.preparation.reader.contents import refuse_misnamed
    from gbf_workbench.preparation.tables import read_table
    from gbf_workbench.preparation.vectors import reading_of_layer

    refuse_misnamed(path)
    if schema.kind == "vector":
        return reading_of_layer(path, schema, mapping), []
    how = read_table(path, schema, mapping).reading
    return asdict(how) if how else {}, []


def columns(folder: Path, path: Path) -> Found:
    """Names of the columns of a table or of the attributes of a layer."""
    from gbf_workbench.preparation.reader.contents import refuse_misnamed
    from gbf_workbench.preparation.tables import columns_in

    refuse_misnamed(path)
    return columns_in(path), []


def suggest(folder: Path, path: Path, schema: TableSchema, mapping: TableMapping) -> Found:
    """What columns and classes of a table may mean, as plain values."""
    from gbf_workbench.preparation.reader.contents import refuse_misnamed
    from gbf_workbench.preparation.suggestions import suggestions

    refuse_misnamed(path)
    return [asdict(one) for one in suggestions(path, schema, mapping)], []


def marked(
    folder: Path, path: Path, into: Path, issues: list[Issue], mapping: TableMapping, name: str, language: str
) -> Found:
    """A copy of a table with the findings marked in it, written to ``into``."""
    from gbf_workbench.preparation.marking import marked_workbook
    from gbf_workbench.preparation.reader.contents import refuse_misnamed
    from gbf_workbench.preparation.spreadsheets import refuse_hostile_xlsx

    refuse_misnamed(path)
    # This one reads a workbook by another library, without the look of the first reader.
    if path.suffix.lower() == ".xlsx" and (refusal := refuse_hostile_xlsx(path)):
        raise WorkbenchError(refusal)
    (into / "marked.xlsx").write_bytes(marked_workbook(path, issues, mapping, name=name, language=language))
    return None, []


def book(folder: Path, path: Path) -> Found:
    """The cells of a workbook as stored."""
    from gbf_workbench.preparation.stored_cells import read_book

    return read_book(path), []


def country_root(folder: Path, path: Path) -> Found:
    """Where in a zip archive a country folder begins, as text; None where there is none."""
    from gbf_workbench.preparation.reader.archives import country_root

    found = country_root(path)
    return found if found is None else found.as_posix(), []


def country(folder: Path, path: Path, into: Path) -> Found:
    """Unpack a zipped country folder."""
    from gbf_workbench.preparation.reader.archives import unpack_country

    return None, unpack_country(path, into)


def protections(folder: Path, path: Path, canary: Path) -> Found:
    """What keeps the child from a file it was not given and from the network, found out by trying."""
    from gbf_workbench.preparation.reader.trial import tried

    return tried(canary), []


JOBS: dict[str, Callable[..., Found]] = {
    one.__name__: one
    for one in (table, layer, raster, reading, columns, suggest, marked, book, country_root, country, protections)
}

_TABLES = (
    "pandas", "pyarrow.compute", "pyarrow.csv", "pyarrow.ipc", "pyarrow.pandas_compat", "pyarrow.vendored.version",
    "charset_normalizer", "python_calamine", "defusedxml.sax", "defusedxml.expatreader", "defusedxml.ElementTree",
    "sqlite3", "zipfile", "lzma", "encodings.utf_8_sig", "yaml",
)  # fmt: skip
_LAYERS = ("pyproj", "geopandas.io.file", "geopandas.io.arrow", "pyogrio.geopandas", "pyarrow.parquet", "shapely")
_RASTERS = ("rasterio.windows", "rasterio.features", "rasterio.warp")


def modules_for(job: str, path: Path) -> tuple[str, ...]:
    """Modules that the template should have loaded before it forks the child for this."""
    own = tuple(f"{preparation.__name__}.{one.name}" for one in pkgutil.iter_modules(preparation.__path__))
    readers = tuple(f"{preparation.__name__}.reader.{name}" for name in ("archives", "contents", "sizes", "wire"))
    if job == "marked":
        return (*_TABLES, *own, *readers, "openpyxl", "openpyxl.comments", "openpyxl.reader.drawings")
    if job == "raster":
        return (*_TABLES, *own, *readers, "pyproj", *_RASTERS)
    if job == "layer" or (job in ("columns", "reading", "suggest") and path.suffix.lower() not in TABLE_SUFFIXES):
        return (*_TABLES, *own, *readers, *_LAYERS)
    return (*_TABLES, *own, *readers)
