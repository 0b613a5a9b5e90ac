"""More layers and maps that were once read wrong in silence, or cost more than a sentence."""

from __future__ import annotations

import json
import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
import yaml

from gbf_workbench.errors import Issue
from gbf_workbench.pipeline import check, load
from gbf_workbench.preparation.dbase import codec_of
from tests.bad_inputs.case import make_country, own_folder
from tests.bad_inputs.land_cover_raster import CELLS, put, tif
from tests.bad_inputs.protected_areas_vector import CODE, FRAME, TABLE, good, pack, short, write, write_frame


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder for layers of protected areas in a country that has a frame."""
    country = make_country(tmp_path / "country", FRAME)
    write_frame(country)
    return own_folder(country, CODE)


def found(own: Path) -> list[Issue]:
    return list(check(CODE, own.parent))


def say(own: Path, **words) -> None:
    (own / "mapping.yml").write_text(yaml.safe_dump({"tables": {TABLE: words}}), encoding="utf-8")


def put_shapefile(own: Path, name: str, letters: str, cells: dict[tuple[int, str], bytes] | None = None) -> None:
    """A zipped shapefile without .cpg, with some cells of its table written over."""
    folder = own.parent / "packing"
    folder.mkdir()
    layer = short(good().assign(name=name, reported_area_km2=701.3))
    layer.to_file(folder / f"{TABLE}.shp", engine="pyogrio", encoding=letters)
    table = folder / f"{TABLE}.dbf"
    content = bytearray(table.read_bytes())
    _, size, width = struct.unpack("<IHH", content[4:12])
    start = 1
    for at in range(32, size - 1, 32):
        column, wide = content[at : at + 11].split(b"\0")[0].decode("ascii"), content[at + 16]
        for (row, wanted), stored in (cells or {}).items():
            if wanted == column:
                place = size + (row - 1) * width + start
                content[place : place + wide] = stored.rjust(wide)
        start += wide
    table.write_bytes(content)
    pack(own / f"{TABLE}.zip", folder, without=[".cpg"])


def names_in(own: Path) -> set[str]:
    return set(load(CODE, own.parent)["protected_areas"]["name"])


@pytest.mark.parametrize(
    ("name", "letters"), [("Forêt de Kélé", "cp1252"), ("محمية طبيعية", "cp1256"), ("自然保护区", "gb18030")]
)
def test_letters_of_a_shapefile_that_does_not_say_them_are_asked_for_and_answered(own, name, letters):
    put_shapefile(own, name, letters)
    asked = [issue for issue in found(own) if issue.stops]
    assert [(one.level, one.key) for one in asked] == [("question", "layer.which_encoding")]
    assert "encoding:" in asked[0].record("en")["remedy"]
    say(own, encoding=letters)
    assert names_in(own) == {name}


@pytest.mark.parametrize("name", ["Forêt de Kélé", "Reserve"])
def test_letters_that_can_be_only_one_thing_are_not_asked_for(own, name):
    put_shapefile(own, name, "utf-8")
    assert names_in(own) == {name}
    assert {issue.key for issue in found(own)} == {"check.columns_renamed"}


def test_an_answer_that_the_letters_contradict_is_refused(own):
    put_shapefile(own, "Forêt de Kélé", "cp1252")
    say(own, encoding="utf-8")
    assert [issue.key for issue in found(own) if issue.stops] == ["check.not_encoding"]


def test_a_file_of_letters_is_understood_in_the_words_of_any_program():
    said = ["UTF-8", "65001", "1252", "ANSI 1251", "ISO-8859-1", "88591", "8859_15", "GB18030", "", "x"]
    meant = ["utf-8", "utf-8", "cp1252", "cp1251", "iso8859-1", "iso8859-1", "iso8859-15", "gb18030", "", ""]
    assert [codec_of(one) for one in said] == meant


def test_cells_of_a_shapefile_that_are_no_numbers_are_not_cut_to_what_looks_like_one(own):
    put_shapefile(
        own, "x", "utf-8", {(2, "REP_AREA"): b"701,3", (3, "STATUS_YR"): b"20 01", (5, "STATUS_YR"): b"none so"}
    )
    issues = {(one.level, one.key, one.rows, one.value) for one in found(own)}
    assert ("repair", "check.decimal_comma", (2,), "701,3") in issues
    assert ("error", "check.not_a_number", (3,), "20 01") in issues
    assert ("error", "check.not_a_number", (5,), "none so") in issues


def test_an_empty_number_of_a_shapefile_is_no_news(own):
    put_shapefile(own, "x", "utf-8", {(2, "REP_AREA"): b"*" * 24, (3, "REP_AREA"): b"", (4, "REP_AREA"): b"7.013E+02"})
    assert {issue.key for issue in found(own)} == {"check.columns_renamed"}
    areas = load(CODE, own.parent)["protected_areas"]["reported_area_km2"].tolist()
    assert [pd.isna(one) for one in areas[:4]] == [False, True, True, False]
    assert areas[3] == 701.3


def put_database(own: Path, *changes: str) -> None:
    path = own / f"{TABLE}.gpkg"
    good().assign(reported_area_km2=701.3).to_file(path, engine="pyogrio", layer=TABLE)
    with closing(sqlite3.connect(path)) as base:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            base.create_function(name, 1, lambda _: 0)
        for one in changes:
            base.execute(one)
        base.commit()


@pytest.mark.parametrize(
    ("change", "level", "key", "value"),
    [
        ("reported_area_km2 = '701,3'", "repair", "check.decimal_comma", "701,3"),
        ("reported_area_km2 = 'much'", "error", "check.not_a_number", "much"),
        ("status_year = 'ca. 1990'", "error", "check.not_a_number", "ca. 1990"),
        ("status_year = 2001.5", "error", "check.not_an_integer", "2001.5"),
    ],
)
def test_cells_of_a_geopackage_that_are_no_numbers_are_not_cut_to_what_looks_like_one(own, change, level, key, value):
    # An index would make SQLite give the rows in another order than GDAL does.
    put_database(own, f"UPDATE {TABLE} SET {change} WHERE fid = 6", "DELETE FROM protected_areas WHERE fid = 2",
                 "CREATE INDEX years ON protected_areas (status_year, reported_area_km2)")  # fmt: skip
    # The second feature is gone, so the sixth is the fifth.
    assert [(one.level, one.key, one.rows, one.value) for one in found(own)] == [(level, key, (5,), value)]


def test_a_geopackage_with_a_view_that_never_ends_costs_one_sentence(own):
    put_database(
        own, "ALTER TABLE protected_areas RENAME TO plain",
        "CREATE VIEW protected_areas AS WITH n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT * FROM n, plain",
    )  # fmt: skip
    assert [(one.key, one.value) for one in found(own)] == [("reader.endless", TABLE)]


def test_a_geopackage_with_a_view_is_fine(own):
    put_database(own, "CREATE VIEW some AS SELECT * FROM protected_areas WHERE fid < 3")
    assert not [issue for issue in found(own) if issue.stops]


def put_geojson(own: Path, change) -> None:
    whole = json.loads(good().to_json(drop_id=True))
    whole.pop("crs", None)
    change(whole)
    (own / f"{TABLE}.geojson").write_text(json.dumps(whole), encoding="utf-8")


def test_a_collection_among_the_features_is_not_left_out_in_silence(own):
    put_geojson(own, lambda whole: whole["features"].insert(2, {"type": "FeatureCollection", "features": []}))
    assert [(one.key, one.rows, one.value) for one in found(own)] == [("reader.no_feature", (3,), "FeatureCollection")]


def test_several_values_in_one_cell_of_a_geoparquet_are_a_text(own):
    good().assign(status_year=[[2001, 2002]] * 8).to_parquet(own / f"{TABLE}.parquet")
    assert {(one.key, one.value) for one in found(own)} == {("check.not_a_number", "[2001, 2002]")}


def test_a_geoparquet_with_a_coordinate_system_that_is_none_is_refused_in_a_sentence(own):
    path = own / f"{TABLE}.parquet"
    good().to_parquet(path)
    table = pyarrow.parquet.read_table(path)
    about = json.loads(table.schema.metadata[b"geo"])
    about["columns"]["geometry"]["crs"] = {"a": 1}
    said = {**table.schema.metadata, b"geo": json.dumps(about).encode()}
    pyarrow.parquet.write_table(table.replace_schema_metadata(said), path)
    assert [one.key for one in found(own)] == ["check.unreadable"]


def test_several_values_in_one_cell_are_a_text(own):
    put_geojson(own, lambda whole: whole["features"][2]["properties"].update(status_year=[2003, 2004]))
    stopped = [issue for issue in found(own) if issue.stops]
    assert ("check.not_a_number", (3,), "[2003, 2004]") in {(one.key, one.rows, one.value) for one in stopped}


@pytest.mark.parametrize("place", ["whole", "feature"])
def test_a_coordinate_system_that_was_not_heeded_is_not_said_to_be(own, place):
    name = "urn:ogc:def:crs:EPSG::999999" if place == "whole" else "EPSG:32737"
    said = {"type": "name", "properties": {"name": name}}
    put_geojson(own, lambda whole: (whole if place == "whole" else whole["features"][2]).update(crs=said))
    assert [(one.level, one.key, one.value) for one in found(own)] == [("error", "layer.crs_not_heeded", name)]
    say(own, crs="EPSG:4326")
    assert not [issue for issue in found(own) if issue.stops]


def test_features_one_to_a_line_are_refused_without_naming_the_folder(own):
    write(good(), own, "geojson")
    path = own / f"{TABLE}.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    path.write_text("\n".join(map(json.dumps, features)), encoding="utf-8")
    said = " ".join(issue.sentence("en") for issue in found(own))
    assert "protected_areas.geojson" in said
    assert str(own) not in said


def test_an_archive_of_another_kind_is_not_passed_over(own):
    write(good(), own, "gpkg")
    (own / "parcels.7z").write_bytes(b"7z\xbc\xaf\x27\x1c")
    assert [(one.key, one.values["names"]) for one in found(own)] == [("check.unread_formats", "parcels.7z")]


# Maps

FILL = float(np.finfo("float32").min)


def of_map(country: Path, write_map, **words) -> list[Issue]:
    shutil.rmtree(country, ignore_errors=True)
    make_country(country)
    put({2020: write_map}, country, **words)
    return [issue for issue in check("A.2", country) if issue.key != "rasters.legend_unused"]


def test_a_number_that_no_class_can_have_is_asked_about_and_answered(tmp_path):
    filled = tif(np.where(CELLS == 2, FILL, CELLS).astype("float32"), nodata=-3.4e38)
    asked = of_map(tmp_path / "a", filled)
    assert [(one.level, one.key) for one in asked] == [("question", "rasters.beyond_classes")]
    assert not of_map(tmp_path / "a", filled, nodata=[float(asked[0].value)])


@pytest.mark.parametrize(
    ("ending", "content", "is_said"),
    [
        (".tfw", "500\n0\n0\n-500\n5000250\n-1000250\n", True),
        (".tfw", "1000.0\n0.0\n0.0\n-1000.0\n5000500.0\n-1000500.0\n", False),
        (".tif.msk", "x", True),
        (".tif.aux.xml", "<PAMDataset><PAMRasterBand><NoDataValue>2</NoDataValue></PAMRasterBand></PAMDataset>", True),
        (".tif.aux.xml", '<PAMDataset><MDI key="STATISTICS_MEAN">2</MDI></PAMDataset>', False),
    ],
)
def test_a_file_beside_a_map_is_told_of_where_it_would_change_the_map(tmp_path, ending, content, is_said):
    def write_both(path: Path) -> None:
        tif()(path)
        path.with_suffix(ending).write_text(content, encoding="utf-8")

    issues = of_map(tmp_path / "a", write_both)
    assert [(one.level, one.key) for one in issues] == [("flag", "rasters.beside")] * is_said
