"""Layers for tests: invented reserves on squares of degrees, written in every format that is read."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.mapping import TableMapping, table_mapping
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.preparation.vectors import read_layer

CRS = "EPSG:6933"
#: One degree by one degree at 10 degrees of longitude: the land; the sea beside it.
LAND, SEA = box(10, 0, 12, 2), box(12, 0, 13, 2)
FORMATS = ("gpkg", "geojson", "fgb", "parquet", "shp", "zip")
#: Schema names that a shapefile would cut are left to the mapping.
_SHORT = {
    "site_id": "site_id", "name": "name", "site_type": "site_type", "status": "status", "iucn_category": "IUCN_CAT",
    "status_year": "STATUS_YR",
}  # fmt: skip


def reserves(shapes: Sequence[Any], crs: object = 4326, **columns: Any) -> gpd.GeoDataFrame:
    """One reserve for each shape, with all that the schema needs."""
    count = len(shapes)
    own = {
        "site_id": [f"R{one}" for one in range(1, count + 1)],
        "name": [f"Réserve {one}" for one in range(1, count + 1)],
        "site_type": ["PA"] * count,
        "status": ["Designated"] * count,
        "status_year": [2000 + one for one in range(count)],
    }
    return gpd.GeoDataFrame({**own, **columns}, geometry=list(shapes), crs=crs)


def write(layer: gpd.GeoDataFrame, folder: Path, ending: str, stem: str = "reserves") -> Path:
    """The layer in one of ``FORMATS``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.{ending}"
    if ending == "parquet":
        layer.to_parquet(path)
    elif ending == "zip":
        shape = write(layer, folder / "packed", "shp", stem)
        zip_files(path, sorted(shape.parent.glob(f"{stem}.*")))
    else:
        renamed = layer.rename(columns=_SHORT) if ending == "shp" else layer
        more = {"ENCODING": "UTF-8"} if ending == "shp" else {}
        renamed.to_file(path, engine="pyogrio", **more)
    return path


def zip_files(into: Path, paths: Sequence[Path]) -> Path:
    """An archive with the files at its top."""
    with zipfile.ZipFile(into, "w") as archive:
        for one in paths:
            archive.write(one, one.name)
    return into


def read(path: Path, table: str = "protected_areas", **words: Any) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """The layer and what was said of it; words of the mapping, and ``land``, ``sea``, ``crs`` of the frame."""
    crs, frame = words.pop("frame_crs", CRS), {name: words.pop(name, None) for name in ("land", "sea")}
    mapping = table_mapping(table, words) if words else TableMapping()
    return read_layer(path, schema_of(table), mapping, crs, **frame)


def frame(shape: Any, crs: object = 4326) -> gpd.GeoDataFrame:
    """A layer of the frame with one shape, in its plane."""
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries([shape], crs=crs).segmentize(0.1).to_crs(CRS))


def said(issues: Sequence[Issue], *levels: str) -> list[tuple[str, str, tuple[int, ...]]]:
    """Level, last word of the key and rows of everything about the shapes, columns put aside."""
    about = [one for one in issues if one.key not in ("check.columns_renamed", "check.unused_columns")]
    return [(one.level, one.key, one.rows) for one in about if not levels or one.level in levels]


def keys(issues: Sequence[Issue]) -> list[str]:
    """Keys of everything that was said, columns put aside."""
    return [key for _, key, _ in said(issues)]


def attributes(layer: pd.DataFrame) -> pd.DataFrame:
    """The columns besides the shapes."""
    return pd.DataFrame(layer.drop(columns="geometry"))
