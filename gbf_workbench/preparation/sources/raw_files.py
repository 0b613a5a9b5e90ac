"""Reading back what was downloaded: lists of records, and layers inside archives."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gbf_workbench.errors import problem

if TYPE_CHECKING:
    import geopandas

_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_MAGIC = b"\x00\x00\x27\x0a"
_LARGEST_UNPACKED = 4_000_000_000


def records_in(path: Path) -> list[Any]:
    """The records of a file that ``downloads.pages`` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def layers_in(archive: Path) -> list[geopandas.GeoDataFrame]:
    """All shapefiles of an archive, and of the archives in it (large downloads come in parts), in WGS 84.

    Raises
    ------
    WorkbenchError
        If there is none, or it unpacks to more than anybody would publish.
    """
    import geopandas

    layers = []
    with tempfile.TemporaryDirectory(prefix="gbf-") as unpacked:
        for path in _shapefiles(archive, Path(unpacked)):
            with path.open("rb") as file:
                if file.read(4) != _MAGIC:
                    raise problem("layer.zip_content", file=archive.name, reason="it holds no shapefile")
            layer = geopandas.read_file(path, engine="pyogrio")
            layers.append(layer.to_crs(4326) if layer.crs else layer.set_crs(4326))
    if not layers:
        raise problem("sources.member_missing", file=archive.name, value=".shp")
    return layers


def _shapefiles(archive: Path, into: Path) -> list[Path]:
    """Unpack shapefiles under names of our own; nothing else leaves the archive."""
    found: list[Path] = []
    with zipfile.ZipFile(archive) as packed:
        if sum(one.file_size for one in packed.infolist()) > _LARGEST_UNPACKED:
            raise problem("layer.zip_content", file=archive.name, reason="it unpacks to more than 4 GB")
        for number, member in enumerate(sorted(packed.namelist())):
            suffix, stem = Path(member).suffix.lower(), member[: -len(Path(member).suffix)]
            if suffix == ".zip":
                inner = into / f"part{number}.zip"
                _unpack(packed, member, inner)
                below = into / f"part{number}"
                below.mkdir()
                found += _shapefiles(inner, below)
            if suffix != ".shp":
                continue
            for end in _SHAPEFILE:
                twin = next((one for one in packed.namelist() if one.lower() == f"{stem}{end}".lower()), "")
                if twin:
                    _unpack(packed, twin, into / f"layer{number}{end}")
            found.append(into / f"layer{number}.shp")
    return found


def _unpack(packed: zipfile.ZipFile, member: str, to: Path) -> None:
    with packed.open(member) as inside, to.open("wb") as out:
        shutil.copyfileobj(inside, out)
