"""Reading a layer of outlines or points: one coordinate system, whole geometries, every repair written down."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.preparation.area_units import area_unit_issues
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.mapping import TableMapping, overruled, overruled_flag
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.tables import RawTable, column_of

if TYPE_CHECKING:
    import geopandas
    import pandas as pd
    from numpy.typing import NDArray
    from pyproj import CRS

    from gbf_workbench.preparation.layer_files import LayerFile
    from gbf_workbench.preparation.territory import Territory

SUFFIXES = (".gpkg", ".geojson", ".json", ".zip", ".shp", ".fgb", ".parquet", ".geoparquet")
#: Features whose place is looked at to find out where a layer lies.
_SAMPLE = 10_000


def read_layer(
    path: Path,
    schema: TableSchema,
    mapping: TableMapping,
    crs: str,
    name: str = "",
    *,
    land: geopandas.GeoDataFrame | None = None,
    sea: geopandas.GeoDataFrame | None = None,
) -> tuple[geopandas.GeoDataFrame, list[Issue]]:
    """Read, check and project one vector layer.

    Parameters
    ----------
    path : Path
        GeoPackage, GeoJSON, GeoParquet, FlatGeobuf, shapefile with its other files beside it, or a zip archive with one
        shapefile. Its content has to be known to be what its name says.
    schema, mapping
        As for a table; ``mapping.layer`` names the layer where there are several, ``mapping.crs`` the coordinate system
        where the file names none, ``mapping.swap_axes`` says that x and y are the wrong way round.
    crs : str
        The equal-area system of the country's frame; the geometries come back in it [m].
    name : str
        Name to show for the file, where it is not the file's own.
    land, sea : GeoDataFrame, optional
        The country's frame, to hold the layer against.

    Returns
    -------
    GeoDataFrame
        The schema's columns; the index is the row an attribute table shows (the first feature is row 1).
    list of Issue

    Raises
    ------
    WorkbenchError
        If the file cannot be opened as what it says it is.
    """
    import geopandas

    shown = name or path.name
    try:
        layer = _opened(path, mapping, shown, schema)
    except WorkbenchError as refused:
        raise WorkbenchError(*(issue.placed(file=shown) for issue in refused.issues)) from None
    from gbf_workbench.preparation.shape_issues import keep_kinds
    from gbf_workbench.preparation.territory import territory_of

    rows = layer.cells.index.to_numpy()
    left_out, issues = keep_kinds(layer.shapes, rows, schema, mapping)
    kept = layer.cells if not left_out.any() or left_out.all() else layer.cells[~left_out]
    layer.issues[:] += issues
    raw = RawTable(kept, shown, layer.layer if len(mapping.layer) else "", layer.issues)
    table, found = check_table(raw, schema, mapping)
    found = [issue for issue in found if not _asked_already(issue, found)]
    shapes = layer.shapes[layer.cells.index.get_indexer(table.index)]
    territory = territory_of(land, sea)
    more = shapes_into_frame(shapes, table.index.to_numpy(), layer.crs, mapping, crs, territory, _shared(table))
    again = np.zeros(len(table), dtype=bool)
    if not any(issue.stops for issue in more):
        from gbf_workbench.preparation.frame_differences import frame_differences
        from gbf_workbench.preparation.same_outlines import repeated

        again, twice = repeated(table, shapes, schema, mapping)
        more += twice
        if again.any():
            table, found = check_table(replace(raw, data=kept.loc[table.index[~again]]), schema, mapping)
    checked = geopandas.GeoDataFrame(table, geometry=shapes[~again], crs=crs)
    if not any(issue.stops for issue in more):
        more += frame_differences(checked, land, sea)
        columns = list(layer.cells.columns)
        names = {field: column_of(field, columns, schema, mapping) or field for field in schema.names}
        more += area_unit_issues(checked, schema, names)
    return checked, [*found, *(_unless_accepted(one, mapping).placed(file=shown, table=schema.name) for one in more)]


def attributes_in(path: Path) -> list[str]:
    """Names of the attributes of the first layer of a file; none where it is no layer."""
    if path.suffix.lower() not in SUFFIXES:
        return []
    return [str(name) for name in _opened(path, TableMapping(), path.name).cells.columns]


def _unless_accepted(issue: Issue, mapping: TableMapping) -> Issue:
    """The finding, or what the record says of a flag that an expert has accepted."""
    word = overruled(mapping, issue.key, issue.column, issue.rows) if issue.level == "flag" else None
    return issue if word is None else overruled_flag(word, issue)


def cells_of_layer(path: Path, schema: TableSchema, mapping: TableMapping) -> pd.DataFrame:
    """The attributes of a layer as they stand; the index is the number of the feature."""
    return _opened(path, mapping, path.name, schema).cells


def reading_of_layer(path: Path, schema: TableSchema, mapping: TableMapping) -> dict[str, Any]:
    """What the file says of a layer: its kind, name, coordinate system, and how many features and attributes it has."""
    layer = _opened(path, mapping, path.name, schema)
    named = layer.crs.to_string() if layer.crs else ""
    return {
        "kind": path.suffix[1:].upper(), "layer": layer.layer, "crs": mapping.crs or named[:60],
        "features": len(layer.cells), "columns": layer.cells.shape[1],
    }  # fmt: skip


def _shared(table: pd.DataFrame) -> NDArray[np.bool_] | None:
    """Which features name several countries, as sites on both sides of a border do."""
    if "iso3" not in table:
        return None
    return table["iso3"].astype("str").str.contains(r"[A-Za-z]{3}\s*[;,/]\s*[A-Za-z]{3}", na=False).to_numpy(dtype=bool)


def _asked_already(issue: Issue, found: list[Issue]) -> bool:
    """Whether a column is called missing although one is there whose name may be its own, cut off."""
    fields = {one.values["field"] for one in found if one.key == "layer.cut_name"}
    return issue.key == "check.missing_column" and issue.column in fields


def _opened(path: Path, mapping: TableMapping, shown: str, schema: TableSchema | None = None) -> LayerFile:
    """The layer as it was sent, with what is to be said of its format."""
    from gbf_workbench.preparation.geojson_files import crs_member_issue
    from gbf_workbench.preparation.layer_files import as_crs, open_layer

    suffix = path.suffix.lower()
    if not path.stat().st_size:
        raise problem("check.empty")
    if suffix in (".zip", ".shp"):
        return _opened_shapefile(path, mapping, shown, schema)
    layer = open_layer(path, mapping, shown, schema)
    if suffix in (".json", ".geojson") and (note := crs_member_issue(path)):
        meant = as_crs(note.value)
        heeded = meant is not None and layer.crs is not None and meant.equals(layer.crs, ignore_axis_order=True)
        layer.issues.append(note if heeded or mapping.crs else replace(note, level="error", key="layer.crs_not_heeded"))
    return layer


def _opened_shapefile(path: Path, mapping: TableMapping, shown: str, schema: TableSchema | None) -> LayerFile:
    from gbf_workbench.preparation import dbase, shapefiles
    from gbf_workbench.preparation.layer_files import open_layer
    from gbf_workbench.preparation.reader.archives import unpack_shapefile
    from gbf_workbench.preparation.reader.contents import refuse_misnamed

    with tempfile.TemporaryDirectory(prefix="gbf-") as unpacked:
        notes: list[Issue] = []
        source = path
        if path.suffix.lower() == ".zip":
            source, notes = unpack_shapefile(path, Path(unpacked), shown)
            refuse_misnamed(source, shown)
        members = shapefiles.loose_members(source)
        if missing := shapefiles.missing_members([one.name for one in members.values()], source.stem):
            raise WorkbenchError(shapefiles.members_issue(source.stem, missing))
        if cut := shapefiles.cut_off_issues(members):
            raise WorkbenchError(*cut)
        table = dbase.open_dbase(members[".dbf"])
        said = members[".cpg"].read_bytes()[:80].decode("ascii", "replace") if ".cpg" in members else ""
        letters, asked = dbase.letters_of(table, said, mapping.encoding, shown)
        # There is one layer in it, whatever the archive calls it.
        layer = open_layer(source, replace(mapping, layer=""), shown, schema)
        for column, row, stored in dbase.odd_cells(table):
            layer.cells.iat[row, column] = stored
        layer = replace(layer, cells=dbase.in_letters(layer.cells, letters))
    notes += asked
    notes += shapefiles.cut_text_issues(layer.cells)
    if schema is not None:
        notes += shapefiles.cut_name_issues(list(layer.cells.columns), schema, mapping)
    layer.issues[:] += notes
    return layer


def shapes_into_frame(
    shapes: NDArray[np.object_],
    rows: NDArray[np.int64],
    said: CRS | None,
    mapping: TableMapping,
    crs: str,
    territory: Territory | None,
    shared: NDArray[np.bool_] | None = None,
) -> list[Issue]:
    """Bring the shapes of a layer into the plane of the frame, in place, and say what there is to say.

    Parameters
    ----------
    shapes : array of geometries, shape (n,)
        As drawn; if no issue stops, valid and in ``crs`` afterwards.
    rows : array of int, shape (n,)
    said : CRS or None
        The coordinate system the file names.
    mapping, crs
        See ``read_layer``.
    territory : Territory or None
    shared : array of bool, shape (n,), optional
        Features that by their own word lie in other countries too.
    """
    import shapely
    from pyproj import CRS

    from gbf_workbench.preparation.coordinate_systems import bounds_of, contradictions, settled_crs
    from gbf_workbench.preparation.frame_differences import outside_issue
    from gbf_workbench.preparation.geometries import Way, to_frame
    from gbf_workbench.preparation.shape_issues import as_drawn_issues, change_issues

    issues: list[Issue] = []
    absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if absent.any():
        issues.append(Issue("error", "layer.no_geometry", rows=tuple(rows[absent].tolist())))
    if mapping.swap_axes:
        shapes[:] = shapely.transform(shapes, lambda xy: xy[:, ::-1])
        issues.append(Issue("repair", "layer.axes_swapped"))
    bounds = shapely.bounds(shapes)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    extent = bounds_of(bounds.reshape(-1, 2))
    middles = ((bounds[:, :2] + bounds[:, 2:]) / 2)[:: max(1, len(bounds) // _SAMPLE)]
    source, found = settled_crs(said, extent, middles, mapping, territory)
    issues += found
    if source is None or not len(bounds):
        return issues + _number_issues(shapes, rows)
    if wrong := contradictions(extent, middles, source, territory):
        return issues + wrong + _number_issues(shapes, rows)
    words: list[tuple[str, int]] = []

    def as_drawn(key: str, at: int) -> bool:
        row = int(rows[at])
        word = overruled(mapping, key, rows=(row,))
        words.extend([(key, row)] if word else [])
        return word is not None

    changes = to_frame(shapes, Way(source, CRS.from_user_input(crs), territory, as_drawn))
    issues += [*as_drawn_issues(words, mapping), *change_issues(changes, shapes, rows)]
    placed = outside_issue(shapes, rows, territory, shared) if territory is not None else None
    return issues + ([placed] if placed else [])


def _number_issues(shapes: NDArray[np.object_], rows: NDArray[np.int64]) -> list[Issue]:
    """Coordinates that are no numbers, in a layer that is not looked at any further."""
    import shapely

    places, at = shapely.get_coordinates(shapes, return_index=True)
    odd: Any = np.unique(at[~np.isfinite(places).all(axis=1)])
    return [Issue("error", "layer.no_number", rows=tuple(rows[odd].tolist()))] if len(odd) else []
