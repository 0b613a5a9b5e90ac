"""Every way a map file can be wrong ends in one stated verdict, never in a number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine

from gbf_workbench.methods.rasters import EMPTY
from gbf_workbench.preparation import rasters
from gbf_workbench.preparation.map_checks import check_maps
from gbf_workbench.preparation.mapping import TableMapping

UPRIGHT = Affine(1000.0, 0.0, 5e6, 0.0, -1000.0, -1e6)
CLASSES = np.array([[1, 1, 2], [2, 3, 3]], "uint8")


def write(path: Path, cells=CLASSES, **more) -> Path:
    cells = np.asarray(cells)
    bands = cells if cells.ndim == 3 else cells[None]
    made = {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2], "dtype": cells.dtype}
    made |= {"crs": "EPSG:6933", "transform": UPRIGHT, "nodata": None}
    with rasterio.open(path, "w", driver="GTiff", **(made | more)) as file:
        file.write(bands)
    return path


def read_raster(path, year, most_pixels=rasters.MOST_PIXELS, **words):
    """The loader, with the words of mapping.yml and a folder for its copy."""
    into = path.parent / "copies"
    into.mkdir(exist_ok=True)
    return rasters.read_raster(path, year, TableMapping(**words), into=into, most_pixels=most_pixels)


def verdicts(path, **more):
    source, issues = read_raster(path, 2020, **more)
    for issue in issues:
        assert issue.file == path.name
        assert issue.sentence()
        assert issue.remedy() or not issue.stops
    assert (source is None) == any(issue.stops for issue in issues)
    return [(issue.level, issue.key.removeprefix("rasters.")) for issue in issues]


def legend(*codes, **more):
    return pd.DataFrame({"class_code": list(codes), **more})


def test_a_sound_map_is_read_without_a_word(tmp_path):
    source, issues = read_raster(write(tmp_path / "map.tif", nodata=3), 2020)
    assert issues == []
    assert (source.year, source.shape, source.nodata, source.codes) == (2020, (2, 3), 3, {1: 2, 2: 2})
    assert source.transform == (1000.0, 0.0, 5e6, 0.0, -1000.0, -1e6)
    ((window, block),) = source.blocks()
    assert (window.height, window.width) == (2, 3)
    assert block.tolist() == CLASSES.tolist()


@pytest.mark.parametrize(
    "content",
    [
        '<VRTDataset rasterXSize="1" rasterYSize="1">'
        '<VRTRasterBand dataType="Byte" band="1" subClass="VRTRawRasterBand">'
        '<SourceFilename relativetoVRT="0">{secret}</SourceFilename></VRTRasterBand></VRTDataset>',
        "<GDAL_WMS><Service name='TMS'><ServerUrl>http://127.0.0.1/</ServerUrl></Service></GDAL_WMS>",
        '{{"type": "gdal_streamed_alg", "command_line": "gdal raster convert {secret}"}}',
        "\x89PNG\r\n\x1a\n",
        "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n3 4\n",
        "I",
    ],
)
def test_a_file_that_is_no_geotiff_never_reaches_the_library(tmp_path, content):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    path = tmp_path / "map.tif"
    path.write_text(content.format(secret=secret), encoding="latin-1")
    assert verdicts(path) == [("error", "not_a_map")]


def test_a_map_with_sidecars_is_read_from_its_own_bytes_only(tmp_path):
    path = write(tmp_path / "map.tif", nodata=3)
    before = read_raster(path, 2020)[0].codes
    (tmp_path / "map.tif.aux.xml").write_text(
        '<PAMDataset><PAMRasterBand band="1"><NoDataValue>1</NoDataValue></PAMRasterBand></PAMDataset>'
    )
    assert read_raster(path, 2020)[0].codes == before


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    (tmp_path / "map.tif").write_bytes(b"")
    assert verdicts(tmp_path / "map.tif") == [("error", "empty_file")]


def test_a_file_that_only_begins_like_a_tiff_is_unreadable(tmp_path):
    (tmp_path / "map.tif").write_bytes(b"II*\x00" + bytes(50))
    assert verdicts(tmp_path / "map.tif") == [("error", "unreadable")]


@pytest.mark.parametrize("compress", [None, "lzw", "deflate"])
@pytest.mark.parametrize("tiled", [True, False])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_file_that_was_cut_off_is_damaged(tmp_path, compress, tiled, share):
    cells = np.random.default_rng(1).integers(1, 200, (300, 400)).astype("uint8")
    profile = {"compress": compress} if compress else {}
    profile |= {"tiled": True, "blockxsize": 128, "blockysize": 128} if tiled else {}
    whole = write(tmp_path / "whole.tif", cells, nodata=255, **profile).read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: int(len(whole) * share)])
    assert verdicts(tmp_path / "cut.tif") == [("error", "damaged")]


def test_flipped_bytes_in_a_compressed_map_are_damage_or_other_content(tmp_path):
    cells = np.random.default_rng(1).integers(1, 5, (300, 400)).astype("uint8")
    path = write(tmp_path / "map.tif", cells, nodata=255, compress="deflate")
    sound = read_raster(path, 2020)[0].content
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 40] = bytes(40)
    path.write_bytes(content)
    source, issues = read_raster(path, 2020)
    assert [issue.key for issue in issues] == ["rasters.damaged"] if source is None else source.content != sound


def test_blocks_that_were_never_written_are_not_taken_for_zeros(tmp_path):
    profile = {"tiled": True, "blockxsize": 16, "blockysize": 16, "SPARSE_OK": True, "width": 32, "height": 32}
    made = {"driver": "GTiff", "count": 1, "dtype": "uint8", "crs": "EPSG:6933", "transform": UPRIGHT}
    for nodata, verdict in ((None, [("error", "blocks_missing")]), (0, [])):
        path = tmp_path / f"sparse{nodata}.tif"
        with rasterio.open(path, "w", nodata=nodata, **made, **profile) as file:
            file.write(np.ones((16, 16), "uint8"), 1, window=rasterio.windows.Window(0, 0, 16, 16))
        assert verdicts(path) == verdict
    assert read_raster(path, 2020)[0].codes == {1: 256}


def test_a_map_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    made = {
        "driver": "GTiff",
        "count": 1,
        "dtype": "uint8",
        "crs": "EPSG:6933",
        "transform": UPRIGHT,
        "SPARSE_OK": True,
    }
    shape = {"width": 200_000, "height": 200_000, "tiled": True, "blockxsize": 4096, "blockysize": 4096}
    with rasterio.open(tmp_path / "map.tif", "w", **made, **shape):
        pass
    assert verdicts(tmp_path / "map.tif") == [("error", "too_large")]
    assert verdicts(write(tmp_path / "small.tif", nodata=0), most_pixels=5) == [("error", "too_large")]


@pytest.mark.parametrize("bands", [3, 4])
def test_a_picture_of_a_map_is_no_map(tmp_path, bands):
    path = write(tmp_path / "map.tif", np.ones((bands, 2, 3), "uint8"), photometric="RGB")
    assert verdicts(path) == [("error", "picture")]


def test_a_map_with_a_colour_table_is_a_map(tmp_path):
    path = write(tmp_path / "map.tif", nodata=0)
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {1: (0, 90, 0, 255), 2: (90, 90, 0, 255)})
    assert verdicts(path) == []


def test_of_several_bands_one_must_be_named(tmp_path):
    path = write(tmp_path / "map.tif", np.stack([CLASSES, CLASSES + 10]), photometric="MINISBLACK", nodata=0)
    assert verdicts(path) == [("question", "which_band")]
    assert verdicts(path, band=3) == [("error", "no_such_band")]
    source, _ = read_raster(path, 2020, band=2)
    assert sorted(source.codes) == [11, 12, 13]
    assert next(source.blocks())[1].tolist() == (CLASSES + 10).tolist()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"transform": Affine(1000.0, 5.0, 5e6, 5.0, -1000.0, -1e6)}, "rotated"),
        ({"transform": Affine(1000.0, 0.0, 5e6, 0.0, -1000.0, -1e6), "crs": "EPSG:4326"}, "crs_contradicted"),
        ({"transform": Affine(0.1, 0.0, 30.0, 0.0, -0.1, 5.0)}, "crs_contradicted"),
        ({"crs": 'LOCAL_CS["site grid",UNIT["metre",1]]'}, "crs_not_earth"),
    ],
)
def test_a_map_must_say_where_it_lies(tmp_path, change, key):
    assert verdicts(write(tmp_path / "map.tif", nodata=0, **change)) == [("error", key)]


def test_a_map_without_a_coordinate_system_is_asked_about_and_the_answer_used(tmp_path):
    path = write(tmp_path / "map.tif", nodata=0, crs=None)
    assert verdicts(path) == [("question", "no_crs")]
    assert verdicts(path, crs="EPSG:6933") == []
    told = write(tmp_path / "told.tif", nodata=0)
    assert read_raster(path, 2020, crs="EPSG:6933")[0].content == read_raster(told, 2020)[0].content


def test_a_map_without_a_place_says_so_in_our_words(tmp_path):
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = write(tmp_path / "map.tif", nodata=0, transform=None)
    assert verdicts(path) == [("error", "no_place")]


def test_whole_numbers_stored_as_decimals_are_rounded_and_others_refused(tmp_path):
    cells = CLASSES.astype("float64")
    assert verdicts(write(tmp_path / "whole.tif", cells, nodata=-9999)) == []
    cells[0, 0], cells[1, 2] = 2.9999998, np.nan
    path = write(tmp_path / "near.tif", cells, nodata=-9999)
    assert verdicts(path) == [("repair", "rounded"), ("repair", "not_numbers")]
    source, _ = read_raster(path, 2020)
    assert source.codes == {1: 1, 2: 2, 3: 2}
    assert next(source.blocks())[1].tolist() == [[3, 1, 2], [2, 3, EMPTY]]
    cells[0, 1] = 2.4
    assert verdicts(write(tmp_path / "far.tif", cells, nodata=-9999)) == [("error", "decimals")]
    cells[0, 1] = 1e12
    assert verdicts(write(tmp_path / "huge.tif", cells, nodata=-9999)) == [("error", "decimals")]


@pytest.mark.parametrize("nodata", [-9999.0, -3.4028234663852886e38, np.nan, None])
def test_what_is_declared_empty_or_is_no_number_is_no_class(tmp_path, nodata):
    cells = CLASSES.astype("float32")
    cells[0, 0] = np.inf
    cells[0, 1] = np.nan if nodata is None else nodata
    source, (issue,) = read_raster(write(tmp_path / "map.tif", cells, nodata=nodata), 2020)
    assert (issue.level, issue.key) == ("repair", "rasters.not_numbers")
    assert issue.values["count"] == (2 if nodata is None else 1)
    assert source.codes == {2: 2, 3: 2}
    assert source.nodata == EMPTY


def test_numbers_too_large_for_a_class_are_refused(tmp_path):
    assert verdicts(write(tmp_path / "map.tif", np.array([[1, 2**31]], "uint32"))) == [("error", "decimals")]
    assert verdicts(write(tmp_path / "no.tif", np.array([[1, 2**32 - 1]], "uint32"), nodata=2**32 - 1)) == []


def test_a_map_without_any_class_is_refused(tmp_path):
    assert verdicts(write(tmp_path / "map.tif", np.zeros((2, 2), "uint8"), nodata=0)) == [("error", "nothing_mapped")]


def test_the_content_is_the_same_however_the_file_is_stored(tmp_path):
    cells = np.random.default_rng(2).integers(0, 4, (70, 90))
    ways = [
        ("uint8", 0, {}), ("int16", 0, {"compress": "lzw"}), ("float32", 0, {}), ("int32", 0, {"compress": "deflate"}),
        ("uint8", 0, {"tiled": True, "blockxsize": 16, "blockysize": 32}),
    ]  # fmt: skip
    found = set()
    for number, (kind, nodata, profile) in enumerate(ways):
        path = write(tmp_path / f"{number}.tif", cells.astype(kind), nodata=nodata, **profile)
        found.add(read_raster(path, 2020)[0].content)
    other_empty = np.where(cells == 0, 255, cells).astype("uint8")
    found.add(read_raster(write(tmp_path / "other.tif", other_empty, nodata=255), 2020)[0].content)
    assert len(found) == 1
    assert read_raster(tmp_path / "0.tif", 2021)[0].content not in found
    cells[5, 5] = (cells[5, 5] + 1) % 4
    assert read_raster(write(tmp_path / "changed.tif", cells.astype("uint8"), nodata=0), 2020)[0].content not in found


def checked(*maps, of):
    sources = [read_raster(path, year)[0] for path, year in maps]
    _, issues = check_maps(sources, of)
    for issue in issues:
        assert issue.sentence()
        assert issue.remedy() or not issue.stops
    return [(issue.level, issue.key.removeprefix("rasters."), issue.file) for issue in issues]


@pytest.mark.parametrize("value", [0, 255])
def test_a_value_that_may_mean_no_data_is_asked_about(tmp_path, value):
    cells = CLASSES.copy()
    cells[0, 0] = value
    path = write(tmp_path / "map.tif", cells)
    assert checked((path, 2020), of=legend("1", "2", "3")) == [("question", "is_it_nodata", "map.tif")]
    assert read_raster(path, 2020, nodata=(value,))[0].codes == {1: 1, 2: 2, 3: 2}


@pytest.mark.parametrize("value", [-9999, -99])
def test_a_negative_value_that_may_mean_no_data_is_asked_about_too(tmp_path, value):
    path = write(tmp_path / "map.tif", np.array([[1, value]], "int16"))
    assert checked((path, 2020), of=legend("1")) == [("question", "is_it_nodata", "map.tif")]


def test_values_outside_the_legend_are_listed_with_their_areas(tmp_path):
    source, _ = read_raster(write(tmp_path / "map.tif", nodata=0), 2020)
    _, (issue,) = check_maps([source], legend("1"))
    assert issue.key == "rasters.not_in_legend"
    assert "2 (2.0 km²), 3 (2.0 km²)" in issue.sentence()


def test_a_map_without_a_no_data_value_is_fine_if_the_legend_knows_all_its_classes(tmp_path):
    assert checked((write(tmp_path / "map.tif"), 2020), of=legend("1", "2", "3")) == []


def test_a_class_that_is_also_no_data_is_refused(tmp_path):
    path = write(tmp_path / "map.tif", nodata=3)
    assert checked((path, 2020), of=legend("1", "2", "3"))[0] == ("error", "nodata_in_legend", "map.tif")


def test_classes_of_the_legend_that_no_map_shows_are_said(tmp_path):
    early, late = write(tmp_path / "a.tif", nodata=0), write(tmp_path / "b.tif", np.minimum(CLASSES, 2), nodata=0)
    assert checked((early, 2000), (late, 2020), of=legend("1", "2", "3")) == []
    found = checked((early, 2000), (late, 2020), of=legend("1", "2", "3", "4"))
    assert found == [("flag", "legend_unused", "b.tif")]


def test_a_legend_of_its_own_year_is_used_for_that_map_only(tmp_path):
    early, late = write(tmp_path / "a.tif", nodata=0), write(tmp_path / "b.tif", CLASSES + 10, nodata=0)
    by_year = legend("1", "2", "3", "11", "12", "13", year=[2000] * 3 + [2020] * 3)
    assert checked((early, 2000), (late, 2020), of=by_year) == []
    assert checked((early, 2020), (late, 2000), of=by_year)[0][1] == "not_in_legend"
