"""Shapefiles as bytes, written by a geographic library that knows nothing of the workbench."""

from __future__ import annotations

import tempfile
from pathlib import Path


def members(name: str, columns: tuple[str, str], shapes: list[tuple[str, str, dict]]) -> dict[str, bytes]:
    """Members of an archive with one shapefile; dots in names are written as two underscores."""
    import geopandas
    from shapely.geometry import shape

    rows = [{columns[0]: code, columns[1]: said} for code, said, _ in shapes]
    layer = geopandas.GeoDataFrame(rows, geometry=[shape(one) for _, _, one in shapes], crs="EPSG:4326")
    with tempfile.TemporaryDirectory() as folder:
        layer.to_file(Path(folder) / f"{name}.shp", engine="pyogrio")
        return {path.name.replace(".", "__"): path.read_bytes() for path in sorted(Path(folder).iterdir())}
