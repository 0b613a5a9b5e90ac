"""Damage to a map file is said with the block it is in, or has changed what the map shows; it is never passed over."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
import rasterio.shutil
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.preparation import rasters
from gbf_workbench.preparation.tiff_bytes import nodata_as_written, zeros_at_end
from tests.bad_inputs.case import covers

UPRIGHT = Affine(1000.0, 0.0, 5e6, 0.0, -1000.0, -1e6)
CELLS = np.random.default_rng(1).integers(1, 6, (300, 400)).astype("uint8")
STORED = {
    "stripped": {},
    "tiled": {"tiled": True, "blockxsize": 128, "blockysize": 128},
    "LZW": {"compress": "lzw"},
    "LZW tiles": {"compress": "lzw", "tiled": True, "blockxsize": 64, "blockysize": 64},
    "deflate": {"compress": "deflate"},
    "deflate tiles": {"compress": "deflate", "tiled": True, "blockxsize": 128, "blockysize": 128},
}


def write(path: Path, cells=CELLS, **more) -> Path:
    made = {"count": 1, "height": cells.shape[0], "width": cells.shape[1], "dtype": cells.dtype, "nodata": None}
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:6933", transform=UPRIGHT, **(made | more)) as file:
        file.write(cells, 1)
    return path


def read(path: Path):
    into = path.parent / "copies"
    into.mkdir(exist_ok=True)
    return rasters.read_raster(path, 2020, into=into)


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sound")
    made = {kind: write(folder / f"{kind}.tif", **how) for kind, how in STORED.items()}
    rasterio.shutil.copy(made["tiled"], folder / "COG.tif", driver="COG", compress="deflate", blocksize=128)
    for kind in ("NC", "NC4", "NC4C"):
        rasterio.shutil.copy(made["tiled"], folder / f"{kind}.nc", driver="netCDF", FORMAT=kind)
        made[kind] = folder / f"{kind}.nc"
    return made | {"COG": folder / "COG.tif"}


@covers("RS-11")
@pytest.mark.parametrize("kind", [*STORED, "COG"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.999])
def test_a_geotiff_that_was_cut_off_names_blocks_that_cannot_be_read(sound, tmp_path, kind, share):
    whole = sound[kind].read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: int(len(whole) * share)])
    source, (issue,) = read(tmp_path / "cut.tif")
    assert source is None
    assert (issue.level, issue.key) == ("error", "rasters.damaged")
    assert re.match(r"\(\d+, \d+\)", issue.value)
    assert issue.value in issue.sentence()


@pytest.mark.parametrize("kind", ["NC", "NC4", "NC4C"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_netcdf_that_was_cut_off_is_refused(sound, tmp_path, kind, share):
    whole = sound[kind].read_bytes()
    (tmp_path / "cut.nc").write_bytes(whole[: int(len(whole) * share)])
    source, issues = read(tmp_path / "cut.nc")
    assert source is None
    assert [issue.level for issue in issues] == ["error"]


def test_the_block_that_is_damaged_is_the_one_that_is_named(sound, tmp_path):
    content = bytearray(sound["deflate tiles"].read_bytes())
    with rasterio.open(sound["deflate tiles"]) as file:
        where = [int(file.get_tag_item(f"BLOCK_{what}_2_1", "TIFF", bidx=1)) for what in ("OFFSET", "SIZE")]
    content[where[0] + where[1] // 2 : where[0] + where[1] // 2 + 40] = bytes(40)
    (tmp_path / "map.tif").write_bytes(content)
    _, (issue,) = read(tmp_path / "map.tif")
    assert (issue.key, issue.value) == ("rasters.damaged", "(3, 2)")


@settings(max_examples=80)
@given(data=st.data(), kind=st.sampled_from([*STORED, "COG", "NC", "NC4", "NC4C"]))
def test_changed_bytes_end_in_words_or_in_another_digest(sound, data, kind, tmp_path_factory):
    content = bytearray(sound[kind].read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    length = data.draw(st.sampled_from([1, 8, 200]))
    changed = bytes(byte ^ 0x5A for byte in content[at : at + length])
    content[at : at + length] = changed
    path = tmp_path_factory.mktemp("changed") / f"map{sound[kind].suffix}"
    path.write_bytes(content)
    source, issues = read(path)
    assert (source is None) == any(issue.stops for issue in issues)
    if source is not None and not issues:
        # Names of authors and software may change without changing the map.
        same = source.content == read(sound[kind])[0].content
        shown = np.concatenate([block for _, block in source.blocks()])
        assert same == (shown.shape == CELLS.shape and bool((shown == CELLS).all()) and _same_place(source))


def _same_place(source) -> bool:
    near = np.allclose(source.transform, tuple(UPRIGHT)[:6], rtol=1e-9, atol=0)
    return near and pyproj.CRS(source.crs).equals(pyproj.CRS("EPSG:6933"))


@pytest.mark.parametrize("kind", ["uint8", "int16", "float32"])
@pytest.mark.parametrize("how", ["stripped", "tiled"])
@pytest.mark.parametrize("share", [0.2, 0.43, 0.8])
def test_an_end_of_zeros_after_a_full_disk_is_noticed(tmp_path, kind, how, share):
    whole = write(tmp_path / "whole.tif", CELLS.astype(kind), nodata=0, **STORED[how]).read_bytes()
    keep = int(len(whole) * share)
    (tmp_path / "map.tif").write_bytes(whole[:keep] + bytes(len(whole) - keep))
    _, (issue,) = read(tmp_path / "map.tif")
    assert (issue.level, issue.key) == ("error", "rasters.ends_in_zeros")


def test_an_end_of_zeros_is_noticed_among_other_zeros_where_the_disk_ended(tmp_path):
    cells = CELLS.copy()
    cells[:40] = 0
    whole = write(tmp_path / "whole.tif", cells, nodata=0).read_bytes()
    keep = len(whole) // 2 // 4096 * 4096
    (tmp_path / "map.tif").write_bytes(whole[:keep] + bytes(len(whole) - keep))
    assert [issue.key for issue in read(tmp_path / "map.tif")[1]] == ["rasters.ends_in_zeros"]


@pytest.mark.parametrize("how", ["stripped", "tiled"])
def test_a_country_with_nothing_south_of_it_is_no_damage(tmp_path, how):
    ends = [CELLS.copy() for _ in range(4)]
    ends[0][200:] = 0
    ends[1][200:, :] = 0
    ends[1][199, 150:] = 0
    ends[2][-1, -1] = 0
    row, column = np.mgrid[:300, :400]
    ends[3][(row - 140) ** 2 + (column - 200) ** 2 > 120**2] = 0
    for number, cells in enumerate(ends):
        if number == 1:
            # A coast that ends in the middle of a row is no cut, because there is sea elsewhere too.
            cells[:, :5] = 0
        source, issues = read(write(tmp_path / f"{number}.tif", cells, nodata=0, **STORED[how]))
        assert issues == [], number
        assert sum(source.codes.values()) == (cells != 0).sum()


@pytest.mark.parametrize(("big", "order"), [("NO", "LITTLE"), ("NO", "BIG"), ("YES", "LITTLE"), ("YES", "BIG")])
@pytest.mark.parametrize("value", [0, 7, 100, -9999, 65535])
def test_the_no_data_value_is_read_from_the_bytes(tmp_path, big, order, value):
    path = write(tmp_path / "map.tif", CELLS.astype("int32"), nodata=value, BIGTIFF=big, ENDIANNESS=order)
    assert nodata_as_written(path) == str(value)
    none = write(tmp_path / "none.tif", BIGTIFF=big, ENDIANNESS=order)
    assert nodata_as_written(none) == ""


@given(st.binary(max_size=200))
def test_any_bytes_give_a_text_and_never_a_fault(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "map.tif"
    path.write_bytes(b"II*\x00" + content)
    assert isinstance(nodata_as_written(path), str)
    assert zeros_at_end(path) == len(content) - len(content.rstrip(b"\0")) + (not content.strip(b"\0")) * 1


def patched(path: Path, before: bytes, after: bytes) -> Path:
    content = path.read_bytes()
    assert content.count(before) == 1
    path.write_bytes(content.replace(before, after))
    return path


@covers("RS-14")
@pytest.mark.parametrize(("written", "said"), [(b"-99\x00", "-99"), (b"999\x00", "999"), (b"nan\x00", "nan")])
def test_a_no_data_value_that_no_cell_can_hold_is_said(tmp_path, written, said):
    path = patched(write(tmp_path / "map.tif", nodata=111), b"111\x00", written)
    source, (issue,) = read(path)
    assert (issue.level, issue.key, issue.value, issue.before) == ("repair", "rasters.nodata_outside_type", said, said)
    assert "0 to 255" in issue.sentence()
    assert sum(source.codes.values()) == CELLS.size
