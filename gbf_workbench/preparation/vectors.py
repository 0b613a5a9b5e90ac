"""Reading a layer of outlines or points: one coordinate system, whole geometries, every repair written down."""

from __future__ import annotations

import lzma
import tempfile
import zipfile
import zlib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, problem
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.tables import RawTable, known_names, plain

if TYPE_CHECKING:
    import geopandas

SUFFIXES = (".gpkg", ".geojson", ".json", ".zip", ".shp")
_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_LARGEST_UNPACKED = 2_000_000_000
#: How unpacking fails where an archive is damaged, cut off, locked with a password or packed in an unusual way.
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError)
#: Half of the way round the Earth [m], in a projection of the whole of it.
_HALF_ROUND = 17_000_000
#: Longest straight edge left in degrees: a longer one drawn on a globe is not straight in an equal-area plane.
_LONGEST_EDGE = 0.1


def read_layer(
    path: Path, schema: TableSchema, mapping: TableMapping, crs: str, name: str = ""
) -> tuple[geopandas.GeoDataFrame, list[Issue]]:
    """Read, check and project one vector layer.

    Parameters
    ----------
    path : Path
        GeoPackage, GeoJSON, shapefile or a zip archive with one shapefile.
    schema, mapping
        As for a table; ``mapping.layer`` names the layer where there are several.
    crs : str
        The equal-area system of the country's frame; the geometries come back in it [m].

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
    shown = name or path.name
    with tempfile.TemporaryDirectory(prefix="gbf-") as unpacked:
        source = _shapefile_of(path, Path(unpacked), shown) if path.suffix.lower() == ".zip" else path
        _refuse_disguise(source, shown)
        layer, issues = _read(source, mapping, shown, schema)
    raw = RawTable(_as_cells(layer), shown, mapping.layer, issues)
    table, issues = check_table(raw, schema, mapping)
    frame, more = _geometries(layer, schema, crs)
    placed = [issue.placed(file=shown, table=schema.name) for issue in more]
    import geopandas

    return geopandas.GeoDataFrame(table, geometry=frame, crs=crs), [*issues, *placed]


def attributes_in(path: Path) -> list[str]:
    """Names of the attributes of the first layer of a file; none where it is no layer."""
    if path.suffix.lower() not in SUFFIXES:
        return []
    with tempfile.TemporaryDirectory(prefix="gbf-") as unpacked:
        source = _shapefile_of(path, Path(unpacked), path.name) if path.suffix.lower() == ".zip" else path
        _refuse_disguise(source, path.name)
        layer, _ = _read(source, TableMapping(), path.name)
    return [str(name) for name in layer.columns if name != layer.geometry.name]


def _shapefile_of(path: Path, into: Path, shown: str) -> Path:
    """Unpack the one shapefile of an archive under names of our own; nothing else leaves the archive."""
    if not zipfile.is_zipfile(path):
        raise problem("check.disguised", file=shown, value=".zip", found="no archive")
    with zipfile.ZipFile(path) as archive:
        members = [
            one for one in archive.infolist() if not one.is_dir() and not Path(one.filename).name.startswith(".")
        ]
        if sum(one.file_size for one in members) > _LARGEST_UNPACKED or len(members) > 1000:
            raise problem("layer.zip_content", file=shown, reason="it unpacks to more than 2 GB")
        shapes = [one for one in members if one.filename.lower().endswith(".shp")]
        if len(shapes) != 1:
            raise problem("layer.zip_content", file=shown, reason=f"it holds {len(shapes)} shapefiles")
        stem = shapes[0].filename[:-4].lower()
        wanted = {
            one.filename.lower()[len(stem) :]: one for one in members if one.filename.lower().startswith(stem + ".")
        }
        if missing := [end for end in (".shx", ".dbf") if end not in wanted]:
            raise problem("layer.zip_content", file=shown, reason=f"{' and '.join(missing)} missing")
        left = _LARGEST_UNPACKED
        try:
            for end in _SHAPEFILE:
                if end in wanted:
                    left -= _unpack(archive, wanted[end], into / f"layer{end}", left, shown)
        except _BROKEN_ARCHIVE as fault:
            locked = any(one.flag_bits & 1 for one in members)
            reason = "it is locked with a password" if locked else " ".join(str(fault).split())
            raise problem("layer.zip_content", file=shown, reason=reason) from None
    return into / "layer.shp"


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path, most: int, shown: str) -> int:
    """Copy one member, counting the bytes that really come out rather than those announced."""
    size = 0
    with archive.open(member) as packed, to.open("wb") as out:
        while block := packed.read(1 << 20):
            size += len(block)
            if size > most:
                raise problem("layer.zip_content", file=shown, reason="it unpacks to more than 2 GB")
            out.write(block)
    return size


def _refuse_disguise(path: Path, shown: str) -> None:
    """GDAL opens by content, not by name; so the content has to be what the name says before GDAL sees it."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise problem("check.empty", file=shown)
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        fits = head.startswith(b"SQLite format 3\x00") and head[68:72] in (b"GPKG", b"GP10", b"GP11")
        fits = fits and not _reaches_out(path, shown)
    elif suffix == ".shp":
        fits = head.startswith(b"\x00\x00\x27\x0a")
    elif suffix in (".geojson", ".json"):
        fits = _is_geojson(path)
    else:
        raise problem("check.file_kind", file=shown, value=suffix, choices=", ".join(SUFFIXES))
    if not fits:
        raise problem("check.disguised", file=shown, value=suffix, found=head[:16].decode("ascii", "replace"))


def _reaches_out(path: Path, shown: str) -> bool:
    """Whether a database holds virtual tables other than its own indexes: those can open any file."""
    import sqlite3

    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        try:
            found = base.execute("SELECT sql FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'").fetchall()
        except sqlite3.DatabaseError as fault:
            raise problem("check.unreadable", file=shown, reason=str(fault)) from None
    return any("using rtree" not in " ".join(sql.lower().split()) for (sql,) in found)


def _is_geojson(path: Path) -> bool:
    import json

    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("type") in ("FeatureCollection", "Feature")


def _read(
    path: Path, mapping: TableMapping, shown: str, schema: TableSchema | None = None
) -> tuple[geopandas.GeoDataFrame, list[Issue]]:
    import geopandas
    import pyogrio

    try:
        layers = [str(one) for one in pyogrio.list_layers(path)[:, 0]]
        if mapping.layer and mapping.layer not in layers:
            raise problem("check.mapping_column", file=shown, column=mapping.layer, found=", ".join(layers))
        if not layers:
            raise problem("check.empty", file=shown)
        chosen = mapping.layer or _chosen_layer(path, layers, schema, shown)
        # A shape that cannot be built at all comes as none, so that its row is named.
        layer = geopandas.read_file(path, layer=chosen, engine="pyogrio", on_invalid="ignore")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError) as fault:
        raise problem("check.unreadable", file=shown, reason=" ".join(str(fault).split())) from None
    issues = []
    if len(layers) > 1 and not mapping.layer:
        others = ", ".join(one for one in layers if one != chosen)
        issues.append(Issue("flag", "layer.several_layers", {"names": others}, value=chosen))
    if layer.empty:
        raise problem("check.empty", file=shown)
    if not isinstance(layer, geopandas.GeoDataFrame):
        raise problem("layer.no_geometry", file=shown)
    if layer.crs is None:
        raise problem("layer.no_crs", file=shown)
    layer.index = pd.RangeIndex(1, len(layer) + 1)
    return layer, issues


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


def _as_cells(layer: geopandas.GeoDataFrame) -> pd.DataFrame:
    """The attributes as cells, missing ones as None."""
    cells = pd.DataFrame(layer.drop(columns=layer.geometry.name)).astype(object)
    return cells.where(cells.notna(), None)


def _geometries(layer: geopandas.GeoDataFrame, schema: TableSchema, crs: str) -> tuple[Any, list[Issue]]:
    issues = _coordinate_issues(layer)
    if any(issue.stops for issue in issues):
        return layer.geometry.to_numpy(), issues
    issues += _kind_issues(layer, schema)
    layer = layer.set_geometry(layer.geometry.mask(_without_place(layer)))
    whole, repaired = _repaired(layer.geometry)
    if layer.crs.is_geographic:
        whole, crossing = _split_at_180(whole)
        issues += crossing
        whole = whole.segmentize(_LONGEST_EDGE)
    projected = whole.to_crs(crs)
    issues += _projection_issues(layer, projected)
    lost = ~np.isfinite(projected.bounds.to_numpy()).all(axis=1)
    issues += _repair_issues(layer.geometry, projected.mask(lost), repaired, crs)
    return projected, issues


def _split_at_180(shapes: geopandas.GeoSeries) -> tuple[geopandas.GeoSeries, list[Issue]]:
    """Shapes in degrees with no part beyond the 180° meridian, which the plane is cut along.

    Longitudes may run on to 181 or -181; that part is the same place one turn away. An outline wider than half the
    globe can be read in two ways, and is asked about.
    """
    import shapely

    values = shapes.to_numpy().copy()
    parts, row = shapely.get_parts(values, return_index=True)
    bounds = shapely.bounds(parts)
    area = np.isin(shapely.get_type_id(parts), (3, 6))
    wide = np.unique(row[area & (bounds[:, 2] - bounds[:, 0] > 180)])
    issues = []
    if len(wide):
        rows = tuple(int(shapes.index[at]) for at in wide)
        issues.append(Issue("question", "layer.round_the_globe", rows=rows))
    beyond = np.setdiff1d(np.unique(row[area & ((bounds[:, 2] > 180) | (bounds[:, 0] < -180))]), wide)
    for at in beyond:
        turns = [
            shapely.transform(shapely.intersection(values[at], shapely.box(west, -91, west + 360, 91)),
                              lambda xy, west=west: xy - [west + 180, 0])
            for west in (-540, -180, 180)
        ]  # fmt: skip
        kept = [one for one in shapely.get_parts(turns) if one.area > 0]
        values[at] = shapely.union_all(kept)
    if len(beyond):
        issues.append(Issue("repair", "layer.split_at_180", rows=tuple(int(shapes.index[at]) for at in beyond)))
    return type(shapes)(values, index=shapes.index, crs=shapes.crs), issues


def _projection_issues(layer: geopandas.GeoDataFrame, projected: geopandas.GeoSeries) -> list[Issue]:
    """Shapes that the frame's coordinate system cannot show, or that it tears apart at the 180° meridian."""
    import shapely

    values = projected.to_numpy()
    issues = []
    known = ~(shapely.is_missing(values) | shapely.is_empty(values))
    lost = known & ~np.isfinite(shapely.bounds(values)).all(axis=1)
    for row in layer.index[lost]:
        extent = ", ".join(f"{one:.6g}" for one in layer.geometry[row].bounds)
        values_said = {"crs": layer.crs.name, "extent": extent}
        issues.append(Issue("error", "layer.crs_contradicted", values_said, rows=(int(row),)))
    if layer.crs.is_projected:
        parts, at = shapely.get_parts(values, return_index=True)
        bounds = shapely.bounds(parts)
        torn = np.unique(at[bounds[:, 2] - bounds[:, 0] > _HALF_ROUND])
        if len(torn):
            rows = tuple(int(layer.index[one]) for one in torn)
            issues.append(Issue("question", "layer.round_the_globe", rows=rows))
    return issues


def _coordinate_issues(layer: geopandas.GeoDataFrame) -> list[Issue]:
    """Metres labelled as degrees, and degrees labelled as metres: the two mistakes that make areas vanish."""
    placed = layer[~_without_place(layer)]
    if placed.empty:
        return [Issue("error", "layer.no_geometry", rows=tuple(map(int, layer.index)))]
    bounds = placed.total_bounds
    extent = ", ".join(f"{one:.6g}" for one in bounds)
    name = layer.crs.to_string() if len(layer.crs.to_string()) < 40 else layer.crs.name
    too_far = layer.crs.is_geographic and (np.abs(bounds[[0, 2]]).max() > 361 or np.abs(bounds[[1, 3]]).max() > 90.001)
    like_degrees = layer.crs.is_projected and np.abs(bounds).max() <= 360
    if too_far or like_degrees:
        return [Issue("error", "layer.crs_contradicted", {"crs": name, "extent": extent})]
    return []


def _without_place(layer: geopandas.GeoDataFrame) -> np.ndarray:
    """Which features have no geometry, or one with a coordinate that is no number."""
    import shapely

    return ~np.isfinite(shapely.bounds(layer.geometry.to_numpy())).all(axis=1)


def _kind_issues(layer: geopandas.GeoDataFrame, schema: TableSchema) -> list[Issue]:
    issues = []
    absent = _without_place(layer)
    if absent.any():
        issues.append(Issue("error", "layer.no_geometry", rows=tuple(map(int, layer.index[absent]))))
    kinds = layer.geom_type[~absent]
    choices = ", ".join(schema.geometry)
    for kind, rows in kinds[~kinds.isin(schema.geometry)].groupby(kinds).groups.items():
        issues.append(
            Issue("error", "layer.wrong_geometry", {"choices": choices}, value=kind, rows=tuple(map(int, rows)))
        )
    return issues


def _repaired(shapes: geopandas.GeoSeries) -> tuple[geopandas.GeoSeries, np.ndarray]:
    """Valid geometries; crossed outlines are rebuilt by structure, so that no part is cut out of another."""
    import shapely

    broken = ~shapes.is_valid.to_numpy() & ~shapely.is_missing(shapes.to_numpy())
    values = shapes.to_numpy().copy()
    values[broken] = shapely.make_valid(values[broken], method="structure", keep_collapsed=False)
    return type(shapes)(values, index=shapes.index, crs=shapes.crs), broken


def _repair_issues(before: Any, after: Any, repaired: np.ndarray, crs: str) -> list[Issue]:
    from gbf_workbench.locales import number

    issues = []
    areas_before = before[repaired].to_crs(crs).area / 1e6
    for row, was, now in zip(before.index[repaired], areas_before, after[repaired].area / 1e6, strict=True):
        values = {"before": number(abs(was), "en"), "after": number(now, "en")}
        issues.append(Issue("repair", "layer.repaired_geometry", values, rows=(int(row),)))
    polygons = before.geom_type.isin(("Polygon", "MultiPolygon")).to_numpy()
    gone = polygons & (after.area.to_numpy() == 0) & ~before.is_empty.to_numpy()
    if gone.any():
        issues.append(Issue("error", "layer.collapsed_geometry", rows=tuple(map(int, before.index[gone]))))
    return issues
