"""Layers in every format: the same content is the same layer, and what is broken is named."""

from __future__ import annotations

import json
import shutil
import sqlite3
import struct
import warnings
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.canonical import digest_of
from tests.preparation.layer_files import FORMATS, attributes, keys, read, reserves, said, write

SQUARES = [box(10, 0, 10.5, 0.5), box(11, 1, 11.25, 1.5), box(10.5, 1.5, 10.75, 1.75)]


def refused(path: Path, **words) -> tuple:
    with pytest.raises(WorkbenchError) as caught:
        read(path, **words)
    return caught.value.issues


thousandths = st.integers(0, 400)


@st.composite
def outlines(draw):
    """Boxes, single and in pairs, with corners on thousandths of a degree, so that every format keeps them exactly."""
    shapes = []
    for _ in range(draw(st.integers(1, 6))):
        west, south, wide, high = draw(thousandths), draw(thousandths), draw(thousandths), draw(thousandths)
        one = box((10_000 + west) / 1000, south / 1000, (10_001 + west + wide) / 1000, (south + high + 1) / 1000)
        if draw(st.booleans()):
            one = MultiPolygon([one, shapely.affinity.translate(one, 3)])
        shapes.append(one)
    return shapes


# A failing example is not made smaller: each costs six files.
@settings(
    max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(shapes=outlines(), turned=st.booleans())
def test_the_same_layer_in_any_format_is_the_same_content(tmp_path, shapes, turned):
    layer = reserves(shapes)
    layer = layer.iloc[::-1] if turned else layer
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    digests = {ending: digest_of(read(write(layer, folder / ending, ending))[0]) for ending in FORMATS}
    assert len(set(digests.values())) == 1, digests


@pytest.mark.parametrize("ending", FORMATS)
def test_a_plain_layer_comes_whole_and_without_a_word(tmp_path, ending):
    layer, issues = read(write(reserves(SQUARES), tmp_path, ending))
    assert said(issues) == []
    assert layer["name"].tolist() == ["Réserve 1", "Réserve 2", "Réserve 3"] or ending == "fgb"
    # A quarter of a square degree at the equator, on the ellipsoid: 12,308.5 km² a degree.
    assert layer.area.max() / 1e6 == pytest.approx(12_308.5 / 4, rel=1e-3)
    assert layer.crs == "EPSG:6933"


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "parquet", "zip"])
def test_heights_measures_and_mixed_kinds_of_polygons_change_nothing(tmp_path, ending):
    raised = [shapely.force_3d(one, 7) for one in SQUARES]
    raised[1] = MultiPolygon([raised[1]])
    plain, _ = read(write(reserves(SQUARES), tmp_path / "plain", "gpkg"))
    layer, issues = read(write(reserves(raised), tmp_path / "raised", ending))
    assert said(issues) == []
    assert digest_of(layer) == digest_of(plain)


def test_a_circle_made_of_curves_is_drawn_with_straight_lines_and_said(tmp_path):
    path = write(reserves([box(0, 0, 1000, 1000), box(2000, 0, 3000, 1000)], 6933), tmp_path, "gpkg")
    ring = struct.pack("<BII10d", 1, 8, 5, 5000, 0, 6000, 1000, 7000, 0, 6000, -1000, 5000, 0)
    circle = b"GP\x00\x01" + struct.pack("<i", 6933) + struct.pack("<BII", 1, 10, 1) + ring
    with closing(sqlite3.connect(path)) as base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute("UPDATE reserves SET geom = ? WHERE fid = 2", (circle,))
        base.commit()
    layer, issues = read(path)
    assert keys(issues) == ["layer.curves"]
    # A circle of radius 1 km.
    assert (layer.area / 1e6).tolist() == pytest.approx([1, 3.14159], rel=1e-3)


@pytest.mark.parametrize("feature", [1, 2, 3])
def test_a_damaged_cell_of_a_flatgeobuf_file_never_becomes_an_empty_one(tmp_path, feature):
    path = write(
        reserves([box(at, 0, at + 1, 1) for at in range(3)], name=["Alpha", "Bravo", "Gamma"]), tmp_path, "fgb"
    )
    name = ("Alpha", "Bravo", "Gamma")[feature - 1].encode()
    # Before each text stand the number of its column and its length; there is no column of such a number.
    column_and_length = struct.pack("<HI", 1, 5) + name
    content = path.read_bytes()
    assert content.count(column_and_length) == 1
    path.write_bytes(content.replace(column_and_length, struct.pack("<HI", 999, 5) + name))
    (issue,) = refused(path)
    assert issue.key == "check.unreadable"


def test_a_file_without_shapes_is_refused_in_words(tmp_path):
    attributes(reserves(SQUARES)).to_parquet(tmp_path / "table.parquet")
    assert [one.key for one in refused(tmp_path / "table.parquet")] == ["layer.no_geometry_column"]


def test_an_empty_layer_is_refused(tmp_path):
    assert [one.key for one in refused(write(reserves([]), tmp_path, "gpkg"))] == ["check.empty"]


# Shapefiles


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_shapefile_cut_off_anywhere_is_refused(tmp_path, part, tenth):
    path = write(reserves(SQUARES), tmp_path, "shp").with_suffix(part)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * tenth // 10])
    (issue, *_) = refused(path.with_suffix(".shp"))
    assert (issue.key, issue.value) == ("layer.member_cut", part)
    assert f"{len(content) * tenth // 10:,}" in issue.sentence("en")


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_without_one_of_its_files_names_it(tmp_path, part):
    path = write(reserves(SQUARES), tmp_path, "shp")
    path.with_suffix(part).unlink()
    (issue,) = refused(path)
    assert (issue.key, issue.values["names"]) == ("layer.members_missing", f"reserves{part}")


def test_files_of_two_shapefiles_do_not_pass_as_one(tmp_path):
    path = write(reserves(SQUARES), tmp_path / "a", "shp")
    other = write(reserves(SQUARES[:2]), tmp_path / "b", "shp")
    shutil.copy(other.with_suffix(".dbf"), path.with_suffix(".dbf"))
    (issue,) = refused(path)
    assert (issue.key, issue.values) == ("layer.members_differ", {"shapes": 3, "records": 2})


def write_cut(layer: gpd.GeoDataFrame, path: Path) -> None:
    """A shapefile whose writer cuts long names, and warns of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer.to_file(path, engine="pyogrio", ENCODING="UTF-8")


def test_names_cut_to_ten_letters_are_asked_about_and_answered_by_the_mapping(tmp_path):
    layer = reserves(SQUARES, reported_area_km2=[1.0, 2.0, 3.0])
    path = tmp_path / "reserves.shp"
    write_cut(layer, path)
    _, issues = read(path)
    asked = {one.column: one.values["meant"] for one in issues if one.key == "layer.cut_name"}
    assert asked == {"reported_a": "reported_area_km2", "status_yea": "status_year"}
    answers = {"reported_area_km2": "reported_a", "status_year": "status_yea"}
    answered, issues = read(path, columns=answers, units={"reported_area_km2": "km2"})
    assert said(issues) == []
    assert answered["reported_area_km2"].tolist() == [1, 2, 3]


def test_two_long_names_that_collide_are_both_asked_about(tmp_path):
    layer = reserves(SQUARES, governance_type=["a"] * 3, governance_level=["b"] * 3)
    path = tmp_path / "reserves.shp"
    write_cut(layer.rename(columns={"status_year": "STATUS_YR"}), path)
    _, issues = read(path)
    assert {one.column for one in issues if one.key == "layer.cut_name"} == {"governance", "governan_1"}


def test_a_text_as_long_as_a_shapefile_allows_is_flagged(tmp_path):
    names = ["x" * 254, "x" * 200, "short"]
    with_long = reserves(SQUARES, name=names)
    _, issues = read(write(with_long, tmp_path, "shp"))
    assert said(issues) == [("flag", "layer.cut_text", (1,))]


# GeoJSON


@pytest.mark.parametrize("share", [0.35, 0.5, 0.61, 0.8, 0.93])
def test_a_geojson_that_ends_in_the_middle_says_in_which_feature(tmp_path, share):
    path = write(reserves([box(10 + n / 100, 0, 10 + n / 100 + 0.005, 1) for n in range(40)]), tmp_path, "geojson")
    words = path.read_text(encoding="utf-8")
    kept = words[: int(len(words) * share)]
    path.write_text(kept, encoding="utf-8")
    # Every feature begins with the same words, so those begun are counted without reading JSON.
    begun = kept.count('"type": "Feature",')
    (issue,) = refused(path)
    assert issue.key == "layer.cut_off"
    assert issue.values["number"] in (begun, begun + 1)


def test_a_geojson_that_is_wrong_in_the_middle_is_not_called_cut_off(tmp_path):
    path = write(reserves(SQUARES), tmp_path, "geojson")
    path.write_text(path.read_text(encoding="utf-8").replace('"R2"', "R2", 1), encoding="utf-8")
    assert [one.key for one in refused(path)] == ["check.unreadable"]


def test_a_geojson_that_names_its_own_coordinate_system_is_read_in_it_with_a_note(tmp_path):
    plain, _ = read(write(reserves(SQUARES), tmp_path, "geojson"))
    local = reserves(SQUARES).to_crs(32632)
    content = json.loads(local.to_json(drop_id=True))
    content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32632"}}
    path = tmp_path / "local.geojson"
    path.write_text(json.dumps(content), encoding="utf-8")
    layer, issues = read(path)
    assert said(issues) == [("flag", "layer.crs_member", ())]
    assert layer.area.sum() == pytest.approx(plain.area.sum(), rel=1e-4)


def test_a_geojson_that_names_longitude_and_latitude_is_no_news(tmp_path):
    path = write(reserves(SQUARES), tmp_path, "geojson")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert said(read(path)[1]) == []


def test_a_shape_that_cannot_be_built_is_named_by_its_row(tmp_path):
    content = json.loads(reserves([*SQUARES, Polygon()]).iloc[:3].to_json())
    content["features"][1]["geometry"] = None
    path = tmp_path / "reserves.geojson"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert said(read(path)[1]) == [("error", "layer.no_geometry", (2,))]


def test_a_layer_in_an_unusual_but_true_coordinate_system_is_taken(tmp_path):
    here, _ = read(write(reserves(SQUARES), tmp_path, "gpkg"))
    for number, crs in enumerate(("EPSG:3857", "ESRI:54009", "EPSG:4258", "+proj=laea +lat_0=1 +lon_0=11")):
        there = gpd.GeoDataFrame(reserves(SQUARES)).to_crs(crs)
        layer, issues = read(write(there, tmp_path / str(number), "gpkg"))
        assert said(issues) == []
        assert layer.area.sum() == pytest.approx(here.area.sum(), rel=1e-3)
