"""Files without a clock: written twice, they are the same byte for byte."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio

from make_aruvia.terrain import MAP_CRS, Grid

_DATE = "2026-01-01"
NODATA = 255


def write_text(path: Path, said: str, encoding: str = "utf-8") -> None:
    """A text with line ends that do not depend on the machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(said.encode(encoding))


def write_table(path: Path, table: pd.DataFrame, encoding: str = "utf-8", **how: str) -> None:
    """A CSV file; ``how`` goes to pandas."""
    write_text(path, table.to_csv(index=False, lineterminator="\n", **how), encoding)


def write_layer(path: Path, layer: gpd.GeoDataFrame, **how: object) -> None:
    """A vector layer in the format its name says, in place of an older one; ``how`` goes to pyogrio."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{_DATE}T00:00:00.000Z"})
    try:
        pyogrio.write_dataframe(layer, path, **({"SPATIAL_INDEX": "NO"} if path.suffix == ".gpkg" else {}) | how)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_map(path: Path, cells: np.ndarray, grid: Grid | None = None, **profile: object) -> None:
    """A compressed GeoTIFF; shape (rows, columns) or (bands, rows, columns). The grid is a country's own if given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bands = cells if cells.ndim == 3 else cells[None]
    count, height, width = bands.shape
    made = {"driver": "GTiff", "dtype": cells.dtype, "count": count, "height": height, "width": width}
    made |= {"compress": "deflate", "predictor": 2, "zlevel": 9, "tiled": True}
    if grid is not None:
        made |= {"crs": MAP_CRS, "transform": grid.transform, "nodata": NODATA}
    with rasterio.open(path, "w", **(made | profile)) as file:
        file.write(bands)


def write_zip(path: Path, members: dict[str, bytes]) -> None:
    """A ZIP archive whose members carry no hour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(_member(name), content, compresslevel=9)


def forget_the_hour(path: Path) -> None:
    """Give a workbook written by openpyxl fixed dates, inside and out."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    stamp = rf"\g<1>{_DATE}T00:00:00Z\g<2>".encode()
    core = "docProps/core.xml"
    members[core] = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)", stamp, members[core])
    write_zip(path, members)


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
