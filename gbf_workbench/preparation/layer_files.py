"""Opening the file of a layer: attributes as they stand, shapes as they are drawn, whatever format they came in."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.preparation.dbase import AS_BYTES
from gbf_workbench.preparation.geopackages import odd_cells
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.tables import known_names, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

#: GDAL's names of the formats that are let in; every other driver stays closed.
DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".json": "GeoJSON", ".fgb": "FlatGeobuf"}
PARQUET = (".parquet", ".geoparquet")
_SEVERAL = (list, dict, tuple, np.ndarray)
#: Features that are taken from the file at once.
_BATCH = 8_192
#: Codes of shapes with curves in well-known binary; thousands only say that there are heights or measures.
_CURVED = (8, 9, 10, 11, 12, 13, 14)


@dataclass(frozen=True)
class LayerFile:
    """A layer as it was sent.

    Attributes
    ----------
    cells : DataFrame
        The attributes; the index is the number of the feature, counted from 1.
    shapes : array of shapely geometries
        None where there is no shape or one that cannot be built.
    crs : CRS or None
        What the file says of its coordinate system.
    layer : str
        Name of the layer in a file that has several.
    issues : list of Issue
    """

    cells: pd.DataFrame
    shapes: NDArray[np.object_]
    crs: CRS | None
    layer: str = ""
    issues: list[Issue] = field(default_factory=list)


def open_layer(path: Path, mapping: TableMapping, shown: str, schema: TableSchema | None = None) -> LayerFile:
    """Read one layer of a file.

    Parameters
    ----------
    path : Path
        A file whose content is known to be what its name says.
    mapping : TableMapping
        ``layer`` names the layer where there are several.
    shown : str
        Name to show for the file.
    schema : TableSchema, optional
        What the layer is known by where several could be meant.

    Raises
    ------
    WorkbenchError
        If it cannot be read, holds nothing, or holds several layers that could be meant.
    """
    return _open_parquet(path, shown) if path.suffix.lower() in PARQUET else _open_gdal(path, mapping, shown, schema)


def _open_gdal(path: Path, mapping: TableMapping, shown: str, schema: TableSchema | None) -> LayerFile:
    import pyogrio

    try:
        layers = [str(one) for one in pyogrio.list_layers(path)[:, 0]]
        if mapping.layer and mapping.layer not in layers:
            raise problem("check.mapping_column", file=shown, column=mapping.layer, found=", ".join(layers))
        if not layers:
            raise problem("check.empty", file=shown)
        chosen = mapping.layer or _chosen_layer(path, layers, schema, shown)
        if path.suffix.lower() == ".fgb":
            _refuse_damage(path, chosen)
        opened = _stream(path, chosen, shown)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError) as fault:
        raise WorkbenchError(_why_unreadable(path, " ".join(str(fault).split()), shown)) from None
    if len(layers) > 1 and not mapping.layer:
        others = ", ".join(one for one in layers if one != chosen)
        opened.issues.append(Issue("flag", "layer.several_layers", {"names": others}, value=chosen))
    return opened


def _why_unreadable(path: Path, reason: str, shown: str) -> Issue:
    from gbf_workbench.preparation.geojson_files import cut_off_issue

    cut = cut_off_issue(path) if path.suffix.lower() in (".json", ".geojson") else None
    reason = reason.replace(str(path), shown).replace(str(path.resolve()), shown)
    return (cut or Issue("error", "check.unreadable", {"reason": reason})).placed(file=shown)


def _chosen_layer(path: Path, layers: list[str], schema: TableSchema | None, shown: str) -> str:
    """The layer named like the table, else the one with the most known columns; where that is no one, it is asked."""
    import pyogrio

    if schema is None or len(layers) == 1:
        return layers[0]
    if schema.name in layers:
        return schema.name
    names = known_names(schema, TableMapping())
    scores = {one: len(names & {plain(field) for field in pyogrio.read_info(path, one)["fields"]}) for one in layers}
    likely = [one for one in layers if scores[one] == max(scores.values())]
    if len(likely) > 1:
        raise problem("layer.which_layer", level="question", file=shown, names=", ".join(likely))
    return likely[0]


def _stream(path: Path, layer: str, shown: str) -> LayerFile:
    """Take the features in batches: while one is read, the shapes of the one before are built."""
    import pyarrow
    import pyogrio

    letters = AS_BYTES if path.suffix.lower() == ".shp" else None
    shapes: list[Any] = []
    with (
        warnings.catch_warnings(),
        pyogrio.open_arrow(path, layer=layer, use_pyarrow=True, batch_size=_BATCH, encoding=letters) as (meta, reader),
        ThreadPoolExecutor(1) as builder,
        ThreadPoolExecutor(1) as looker,
    ):
        # Cells that are no numbers are taken as they are stored; shapes that cannot be built are named by their row.
        warnings.filterwarnings("ignore", "Value .* parsed incompletely|OGRGeoJSON")
        if meta["geometry_type"] is None:
            raise problem("layer.no_geometry_column", file=shown)
        name = meta["geometry_name"] or "wkb_geometry"
        attributes = []
        is_database = path.suffix.lower() == ".gpkg"
        odd = looker.submit(odd_cells, path, layer, meta) if is_database else None
        for batch in _batches(reader):
            shapes.append(builder.submit(_built, batch.column(name)))
            attributes.append(batch.drop_columns([name]))
        built = [one.result() for one in shapes]
    issues = []
    if any(one is None for one in built):
        # GDAL itself draws curves as short straight edges, but only where it hands over feature by feature.
        whole = pyogrio.read_dataframe(path, layer=layer, columns=[], on_invalid="ignore").geometry.to_numpy()
        issues.append(Issue("repair", "layer.curves", rows=_curved_rows(built, whole)))
    else:
        whole = np.concatenate([np.empty(0, dtype=object), *built])
    if not len(whole):
        raise problem("check.empty", file=shown)
    table = pyarrow.Table.from_batches(attributes)
    fields = [str(one) for one in meta["fields"]]
    cells = _as_cells(table.select(fields), len(whole))
    for column, row, stored in odd.result() if odd else ():
        cells.iat[row, column] = stored
    return LayerFile(cells, whole, as_crs(meta["crs"]), layer, issues)


def _refuse_damage(path: Path, layer: str) -> None:
    """Go through the features one by one: in batches, what cannot be parsed of one is left empty without a word."""
    import pyogrio

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Value .* parsed incompletely")
        pyogrio.raw.read(path, layer=layer, read_geometry=False)


def _batches(reader: Any) -> Iterator[Any]:
    import pyarrow
    import pyogrio

    try:
        yield from reader
    except (pyarrow.ArrowException, OSError) as fault:
        raise pyogrio.errors.DataSourceError(str(fault)) from None


def _built(column: Any) -> NDArray[np.object_] | None:
    """Shapes from well-known binary; nothing at all where some are curved, which GEOS cannot build."""
    import shapely

    packed = column.to_numpy(zero_copy_only=False)
    try:
        # Coordinates that are no numbers are told of later, by the row.
        with np.errstate(invalid="ignore"):
            return shapely.from_wkb(packed, on_invalid="ignore")
    except NotImplementedError:
        return None


def _curved_rows(built: list[Any], whole: NDArray[np.object_]) -> tuple[int, ...]:
    """Features in the batches that hold curves; a batch is short enough to name as one."""
    rows: list[int] = []
    start = 1
    for one in built:
        size = len(one) if one is not None else min(_BATCH, len(whole) - start + 1)
        rows += range(start, start + size) if one is None else ()
        start += size
    return tuple(rows)


def _as_cells(table: Any, count: int) -> pd.DataFrame:
    """The attributes as cells, None where there is nothing; equal texts are kept once."""
    cells = table.to_pandas(
        ignore_metadata=True, date_as_object=True, integer_object_nulls=True, deduplicate_objects=True
    )
    cells.index = pd.RangeIndex(1, count + 1)
    cells = cells.astype(object)
    for name in cells.columns[cells.isna().any().to_numpy()]:
        cells[name] = cells[name].where(cells[name].notna(), None)
    return _lists_as_texts(cells, table)


def _lists_as_texts(cells: pd.DataFrame, table: Any) -> pd.DataFrame:
    """Cells that hold several values, as the one text a spreadsheet would show."""
    import pyarrow.types as kinds

    for at, name in enumerate(table.column_names):
        if kinds.is_nested(table.schema.field(at).type):
            cells[name] = pd.Series(map(_as_text, table.column(at).to_pylist()), index=cells.index, dtype=object)
    return cells


def _as_text(cell: Any) -> Any:
    """Several values in one cell as a text; any other cell as it is."""
    if not isinstance(cell, _SEVERAL):
        return cell
    return json.dumps(
        cell, ensure_ascii=False, default=lambda one: one.tolist() if hasattr(one, "tolist") else str(one)
    )


def as_crs(said: Any) -> CRS | None:
    """A coordinate system from what a file says, None where it says nothing that is understood."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if not said:
        return None
    try:
        crs = CRS.from_user_input(said)
    except CRSError:
        return None
    # GeoPackage writes “undefined” as a system of its own.
    return None if crs.name.casefold().startswith("undefined") or crs.is_engineering else crs


def _open_parquet(path: Path, shown: str) -> LayerFile:
    import geopandas
    import pyarrow
    from pyproj.exceptions import CRSError

    try:
        with np.errstate(invalid="ignore"):
            layer = geopandas.read_parquet(path)
    except (ValueError, CRSError, pyarrow.ArrowException, OSError, KeyError, TypeError) as fault:
        key = "layer.no_geometry_column" if "geo metadata" in str(fault).casefold() else "check.unreadable"
        reason = " ".join(str(fault).split()).replace(str(path), shown)
        raise problem(key, file=shown, reason=reason[:200]) from None
    if layer.empty:
        raise problem("check.empty", file=shown)
    shapes = layer.geometry.to_numpy()
    spare = [name for name in layer.columns if str(layer[name].dtype) == "geometry"]
    cells = pd.DataFrame(layer.drop(columns=spare)).astype(object).reset_index(drop=True)
    cells = cells.where(cells.notna(), None)
    for at, name in enumerate(cells.columns):
        if cells[name].map(lambda one: isinstance(one, _SEVERAL)).any():
            cells.isetitem(at, cells[name].map(_as_text))
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    cells.columns = [str(name) for name in cells.columns]
    return LayerFile(cells, np.asarray(shapes, dtype=object), layer.crs)
