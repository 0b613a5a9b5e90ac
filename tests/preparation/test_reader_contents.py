"""What a file is, is told by what it holds; a name that says otherwise is answered with what it really is."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.locales import has_text
from gbf_workbench.preparation.reader.contents import kind_of, refuse_misnamed
from gbf_workbench.preparation.reader.jsons import kind_of_json
from tests.bad_inputs import hostile
from tests.bad_inputs.case import covers


def tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"), io.BytesIO())
    return packed.getvalue()


def array() -> bytes:
    out = io.BytesIO()
    np.save(out, np.arange(3))
    return out.getvalue()


#: First bytes of files of each kind, made by the programs that make them or written down from their definitions.
KINDS = {
    "text": [b"a,b\n1,2\n", "é;ü\n".encode("cp1252"), "\ufeffa\tb\n".encode(), "a,b\n".encode("utf-16"), b"BM,MZ\n1,2\n",  # noqa: E501
             b"#!comment\n", b"MZ;Name\n1;2\n"],
    "geojson": [b'{"type": "FeatureCollection", "features": []}', b'\xef\xbb\xbf {"type": "Point", "coordinates": [1, 2]}',  # noqa: E501
                b'{"type":"Feature","geometry":null,"properties":{}}'],
    "json_text": [b'{"error": "not found"}', b'[{"a": 1}]', b'{"type": "Topology", "objects": {}}',
                  b"{broken", b"[" * 100_000 + b'"'],
    "json_broken": [b'{"type": "FeatureCollection", "features": [{"type": "Fea'],
    "commands": [hostile.commands("gdal vector pipeline ! read x"), b"gdal vector pipeline ! read x"],
    "pointer": [hostile.vrt("x"), b"<GDAL_WMS></GDAL_WMS>", b"<OGRWFSDataSource/>", b"<!-- x --><VRTDataset/>",
                b'<?xml version="1.0"?><WMS_Capabilities/>', hostile.vrt("x").decode().encode("utf-16-le"),
                b"<GDALTileIndexDataset/>"],
    "web_page": [b"<!DOCTYPE html><html>404</html>", b"\n<html><body/></html>", b"<table><tr><td>1</td></tr></table>"],
    "access_denied": [b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
    "xml": [b'<?xml version="1.0"?><kml xmlns="x"></kml>', b"<gml:FeatureCollection/>"],
    "picture": [b"\x89PNG\r\n\x1a\n\0", b"\xff\xd8\xff\xe0\0", b"GIF89a\0", b"<svg xmlns='x'/>", b"RIFF\0\0\0\0WEBPVP8 "],  # noqa: E501
    "lfs_pointer": [b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n"],
    "rar": [b"Rar!\x1a\x07\x00\0"], "7z": [b"7z\xbc\xaf\x27\x1c\0\x04"],
    "packed": [gzip.compress(b"a,b\n"), tar()],
    "pdf": [b"%PDF-1.7\n"], "old_office": [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"],
    "program_data": [pickle.dumps({"a": 1}), pickle.dumps([1], protocol=2), array(), b"RDX3\nX\n"],
    "program": [b"MZ\x90\0\x03\0", b"\x7fELF\x02\x01"],
    "zip": [hostile.zipped({"a.csv": b"x"}), hostile.zipped({}), b"PK\x03\x04cut off"],
    "xlsx": [hostile.xlsx_bytes([["a"], [1]])],
    "packed_office": [hostile.zipped({"[Content_Types].xml": b"x", "word/document.xml": b"x"})],
    "other_workbook": [hostile.zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b""})],  # noqa: E501
    "tiff": [b"II*\0\x08\0\0\0", b"MM\0+\0\x08\0\0"], "netcdf": [b"CDF\x01\0", b"\x89HDF\r\n\x1a\n\0"],
    "shapefile": [b"\0\0\x27\x0a\0\0"], "flatgeobuf": [b"fgb\x03fgb\x00"], "parquet": [b"PAR1\x15\x04"],
    "database": [b"SQLite format 3\0" + bytes(84)],
    "empty": [b""], "unknown": [bytes(range(32)) + b"\xfe\xfa\0"],
}  # fmt: skip
CONTENTS = [(kind, at, content) for kind, contents in KINDS.items() for at, content in enumerate(contents)]


@pytest.mark.parametrize(("kind", "at", "content"), CONTENTS, ids=[f"{kind} {at}" for kind, at, _ in CONTENTS])
def test_a_file_is_known_by_its_content_whatever_its_name(tmp_path: Path, kind: str, at: int, content: bytes):
    for name in ("a.csv", "a.gpkg", "a.tif"):
        (tmp_path / name).write_bytes(content)
        assert kind_of(tmp_path / name) == kind


def written(tmp_path: Path, ending: str) -> Path:
    """A good file of a kind, written by the library that others use."""
    path = tmp_path / f"good.{ending}"
    table = pd.DataFrame({"a": [1, 2]})
    if ending in ("gpkg", "geojson", "fgb", "shp"):
        hostile.sites()[hostile.sites().geom_type != "Point"][["name", "geometry"]].to_file(path)
    elif ending == "parquet":
        table.to_parquet(path)
    elif ending == "tif":
        with rasterio.open(
            path, "w", driver="GTiff", height=1, width=1, count=1, dtype="uint8", crs=6933,
            transform=rasterio.Affine(10, 0, 0, 0, -10, 0),
        ) as file:  # fmt: skip
            file.write(np.ones((1, 1, 1), "uint8"))
    elif ending == "xlsx":
        table.to_excel(path)
    else:
        path.write_bytes(hostile.zipped(hostile.shapefile_parts()) if ending == "zip" else b"a,b\n1,2\n")
    return path


GOOD = ("gpkg", "geojson", "fgb", "shp", "parquet", "tif", "xlsx", "zip", "csv", "tsv")


@pytest.mark.parametrize("ending", GOOD)
def test_a_good_file_passes_under_its_own_name(tmp_path: Path, ending: str):
    refuse_misnamed(written(tmp_path, ending))


@pytest.mark.parametrize("ending", GOOD)
@pytest.mark.parametrize("as_ending", [".gpkg", ".geojson", ".shp", ".tif", ".zip", ".fgb", ".parquet"])
def test_a_good_file_under_another_name_is_told_what_it_is_and_what_to_do(tmp_path: Path, ending: str, as_ending: str):
    path = written(tmp_path, ending)
    if kind_of(path) == kind_of(written(tmp_path, as_ending[1:])):
        return
    misnamed = path.with_name(f"misnamed{as_ending}")
    path.rename(misnamed)
    with pytest.raises(WorkbenchError) as caught:
        refuse_misnamed(misnamed)
    (issue,) = caught.value.issues
    assert (issue.level, issue.file) == ("error", misnamed.name)
    assert issue.remedy("en")
    assert "{" not in issue.sentence("en") + issue.remedy("en")


def test_every_kind_has_a_sentence_and_a_remedy():
    said_elsewhere = {"empty", "unknown", "web_page", "access_denied", "lfs_pointer"}
    for kind in set(KINDS) - said_elsewhere | {"geopackage"}:
        assert has_text(f"reader.is_{kind}"), kind
        assert has_text(f"reader.is_{kind}.remedy"), kind


@covers("HX-14")
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".gpkg", ".geojson", ".tif", ".zip", ".parquet"])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_is_refused_by_name_and_never_runs(tmp_path: Path, ending: str, protocol: int):
    class Bomb:
        def __reduce__(self):
            return Path.touch, (tmp_path / "it ran",)

    path = tmp_path / f"a{ending}"
    path.write_bytes(pickle.dumps(Bomb(), protocol=protocol))
    with pytest.raises(WorkbenchError) as caught:
        refuse_misnamed(path)
    assert [issue.key for issue in caught.value.issues] == ["reader.is_program_data"]
    assert not (tmp_path / "it ran").exists()


@given(content=st.binary(max_size=400) | st.sampled_from([one for _, _, one in CONTENTS]).flatmap(
    lambda whole: st.integers(0, len(whole)).map(lambda at: whole[:at])))  # fmt: skip
def test_whatever_the_bytes_it_ends_in_a_kind_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    folder = tmp_path_factory.mktemp("bytes")
    for ending in (".csv", ".gpkg", ".geojson", ".zip", ".tif"):
        path = folder / f"x{ending}"
        path.write_bytes(content)
        try:
            refuse_misnamed(path)
        except WorkbenchError as refused:
            said = [issue.sentence("en") and issue.remedy("en") for issue in refused.issues]
        else:
            said = ["nothing"]
        assert all(said)


def test_a_geopackage_with_its_own_indexes_triggers_and_views_is_good(tmp_path: Path):
    path = written(tmp_path, "gpkg")
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE VIRTUAL TABLE words USING fts5(name)")
        base.execute("CREATE VIEW large AS SELECT * FROM good WHERE name <> 'ogr'")
        base.execute("CREATE TABLE layer_styles (id INTEGER, attached TEXT)")
        base.commit()
    assert kind_of(path) == "geopackage"


def test_a_layer_that_is_open_in_another_program_is_asked_to_be_saved_first(tmp_path: Path):
    path = written(tmp_path, "gpkg")
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("CREATE TABLE unsaved (a)")
        base.commit()
        with pytest.raises(WorkbenchError) as caught:
            refuse_misnamed(path)
    assert [issue.key for issue in caught.value.issues] == ["reader.open_elsewhere"]
    refuse_misnamed(path)
    assert len(gpd.read_file(path, layer="good"))


@pytest.mark.parametrize(
    "name",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "EPSG:4326",
        "http://www.opengis.net/def/crs/EPSG/0/4326",
        "urn:ogc:def:crs:EPSG::4326",
    ],
)
def test_systems_that_are_looked_up_here_are_no_links(tmp_path: Path, name: str):
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(
        {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": name}}, "features": []}
    ), encoding="utf-8")  # fmt: skip
    assert kind_of_json(path) == "geojson"
