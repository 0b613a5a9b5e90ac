"""One map in every kind of file gives the same classes and the same digest; what a file leaves open is asked."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from affine import Affine
from scipy.io import netcdf_file

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.preparation import rasters
from gbf_workbench.preparation.country import read_country
from gbf_workbench.preparation.inputs import read_inputs
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.raster_times import year_of
from tests.bad_inputs.case import make_country, own_folder

CELLS = np.random.default_rng(5).integers(0, 5, (60, 80)).astype("uint8")
WEST, NORTH, STEP = 30.0, 5.0, 0.1


def read(path: Path, year: int = 2020, **words):
    into = path.parent / "copies"
    into.mkdir(exist_ok=True)
    return rasters.read_raster(path, year, TableMapping(**words), into=into)


def verdicts(path: Path, year: int = 2020, **words):
    source, issues = read(path, year, **words)
    for issue in issues:
        assert issue.file == path.name
        assert "{" not in issue.sentence()
        assert issue.remedy() or not issue.stops
    assert (source is None) == any(issue.stops for issue in issues)
    return [(issue.level, issue.key.removeprefix("rasters.")) for issue in issues]


def geotiff(path: Path, cells=CELLS, west=WEST, north=NORTH, step=STEP, **more) -> Path:
    made = {"count": 1, "height": cells.shape[0], "width": cells.shape[1], "dtype": cells.dtype, "nodata": 0}
    made |= {"crs": "EPSG:4326", "transform": Affine(step, 0, west, 0, -step, north)}
    with rasterio.open(path, "w", driver="GTiff", **(made | more)) as file:
        file.write(cells, 1)
    return path


def netcdf3(
    path: Path, variables, *, times=None, units="days since 1970-01-01", rising=False, crs=True, west=WEST
) -> Path:
    """NetCDF 3 written by SciPy: each variable as (name, cells, attributes), latitudes falling unless said."""
    rows, columns = np.asarray(variables[0][1]).shape[-2:]
    with netcdf_file(path, "w") as file:
        latitude = NORTH - STEP * (np.arange(rows) + 0.5)
        axes = {"lat": (latitude[::-1] if rising else latitude, "degrees_north", "latitude")}
        axes["lon"] = (west + STEP * (np.arange(columns) + 0.5), "degrees_east", "longitude")
        for name, (values, unit, standard) in axes.items():
            file.createDimension(name, len(values))
            axis = file.createVariable(name, "f8", (name,))
            axis[:], axis.units, axis.standard_name = values, unit, standard
        if times is not None:
            file.createDimension("time", len(times))
            axis = file.createVariable("time", "f8", ("time",))
            axis[:], axis.units = times, units
        if crs:
            grid = file.createVariable("crs", "i4", ())
            grid.grid_mapping_name, grid.semi_major_axis = "latitude_longitude", 6378137.0
            grid.inverse_flattening, grid.longitude_of_prime_meridian = 298.257223563, 0.0
            grid.crs_wkt = rasterio.crs.CRS.from_epsg(4326).to_wkt()
        for name, cells, attributes in variables:
            cells = np.asarray(cells)
            kind = "i1" if cells.dtype == np.uint8 else cells.dtype
            made = file.createVariable(name, kind, ("time",) * (times is not None) + ("lat", "lon"))
            made[:] = (cells[..., ::-1, :] if rising else cells).astype(kind)
            if crs:
                made.grid_mapping = "crs"
            for word, value in attributes.items():
                setattr(made, word, value)
    return path


EMPTY_0 = {"_FillValue": np.int8(0)}


def in_every_kind(folder: Path):
    """The same map, once in each kind of file."""
    plain = geotiff(folder / "plain.tif")
    yield plain
    yield geotiff(folder / "big.tif", BIGTIFF="YES", compress="lzw", tiled=True, blockxsize=16, blockysize=32)
    yield geotiff(folder / "other_bytes.tif", CELLS.astype("int16"), ENDIANNESS="BIG", compress="deflate")
    yield geotiff(folder / "decimals.tif", CELLS.astype("float32"))
    cloud = folder / "cloud.tif"
    rasterio.shutil.copy(plain, cloud, driver="COG", compress="deflate", blocksize=128, overview_resampling="nearest")
    yield cloud
    for kind in ("NC", "NC2", "NC4", "NC4C"):
        made = folder / f"{kind}.nc"
        rasterio.shutil.copy(plain, made, driver="netCDF", FORMAT=kind)
        yield made
    yield netcdf3(folder / "classic.nc", [("lc", CELLS, EMPTY_0)])
    yield netcdf3(folder / "rising.nc", [("lc", CELLS, EMPTY_0)], rising=True)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        masked = geotiff(folder / "masked.tif", np.where(CELLS == 0, 77, CELLS).astype("uint8"), nodata=None)
        with rasterio.open(masked, "r+") as file:
            file.write_mask(CELLS != 0)
    yield masked
    upside = {"transform": Affine(STEP, 0, WEST, 0, STEP, NORTH - STEP * len(CELLS))}
    yield geotiff(folder / "south_up.tif", np.ascontiguousarray(CELLS[::-1]), **upside)
    yield geotiff(folder / "south_up_tiles.tif", np.ascontiguousarray(CELLS[::-1]), tiled=True, blockxsize=16,
                  blockysize=16, **upside)  # fmt: skip


def test_the_same_map_in_every_kind_of_file_has_the_same_counts_and_digest(tmp_path):
    codes, counts = np.unique(CELLS[CELLS != 0], return_counts=True)
    expected = dict(zip(codes.tolist(), counts.tolist(), strict=True))
    contents = {}
    for path in in_every_kind(tmp_path):
        source, issues = read(path)
        assert [issue.line() for issue in issues] == [], path.name
        assert source.codes == expected, path.name
        contents[path.name] = source.content
        whole = np.concatenate([block for _, block in source.blocks()])
        assert (np.where(whole == source.nodata, 0, whole) == CELLS).all(), path.name
        assert source.file == path.name
    assert len(set(contents.values())) == 1, contents


def test_what_comes_after_never_needs_the_users_file_again(tmp_path):
    path = geotiff(tmp_path / "map.tif")
    source, _ = read(path)
    path.unlink()
    assert next(source.blocks())[1].shape == CELLS.shape
    assert source.path.parent == tmp_path / "copies"
    assert [one.name for one in source.path.parent.iterdir()] == [source.path.name]


def test_nothing_unfinished_is_left_of_a_map_that_is_refused(tmp_path):
    geotiff(tmp_path / "map.tif", CELLS.astype("float32") + 0.5)
    assert verdicts(tmp_path / "map.tif") == [("error", "decimals")]
    assert list((tmp_path / "copies").iterdir()) == []


def test_longitudes_from_0_to_360_are_read_as_they_are(tmp_path):
    flat = geotiff(tmp_path / "east.tif", west=200.0)
    assert verdicts(flat) == []
    made = netcdf3(tmp_path / "east.nc", [("lc", CELLS, EMPTY_0)], west=200.0)
    assert read(flat)[0].content == read(made)[0].content


def test_classes_above_127_in_a_netcdf_without_unsigned_types_are_read_without_sign(tmp_path):
    marks = {"_Unsigned": "true", "_FillValue": np.int8(-56), "flag_meanings": "wood marsh"}
    marks["flag_values"] = np.array([-46, -36], "i1")
    cells = np.array([[210, 220], [200, 210]], "uint8")
    source, issues = read(netcdf3(tmp_path / "map.nc", [("lc", cells, marks)]))
    assert issues == []
    assert source.codes == {210: 2, 220: 1}
    assert source.meanings == {210: "wood", 220: "marsh"}


def test_degrees_without_a_coordinate_system_are_taken_as_wgs_84_and_it_is_said(tmp_path):
    path = netcdf3(tmp_path / "map.nc", [("lc", CELLS, EMPTY_0)], crs=False)
    source, (issue,) = read(path)
    assert (issue.level, issue.key, issue.after) == ("repair", "rasters.crs_assumed", "EPSG:4326")
    assert source.content == read(geotiff(tmp_path / "map.tif"))[0].content
    assert verdicts(path, crs="EPSG:4326") == []


def test_of_several_variables_one_must_be_named_unless_only_one_lists_its_classes(tmp_path):
    more = [("lc", CELLS, EMPTY_0), ("quality", CELLS.astype("float32") / 7, {}), ("passes", CELLS.astype("i2"), {})]
    path = netcdf3(tmp_path / "map.nc", more)
    assert verdicts(path) == [("question", "which_variable")]
    assert "lc, quality, passes" in read(path)[1][0].sentence()
    assert verdicts(path, variable="lc") == []
    assert verdicts(path, variable="land") == [("error", "no_such_variable")]
    listed = EMPTY_0 | {"flag_values": np.array([1, 2, 3, 4], "i1"), "flag_meanings": "a b c d"}
    clear = netcdf3(tmp_path / "clear.nc", [("lc", CELLS, listed), *more[1:]])
    assert verdicts(clear) == []
    assert read(clear)[0].content == read(path, variable="lc")[0].content


def test_of_several_years_the_one_asked_for_is_taken(tmp_path):
    later = np.where(CELLS == 1, 2, CELLS).astype("uint8")
    days = [(np.datetime64(f"{year}-06-30") - np.datetime64("1970-01-01")).astype(int) for year in (2015, 2020)]
    path = netcdf3(tmp_path / "map.nc", [("lc", np.stack([CELLS, later]), EMPTY_0)], times=days)
    assert read(path, 2015)[0].content == read(geotiff(tmp_path / "old.tif"), 2015)[0].content
    assert read(path, 2020)[0].content == read(geotiff(tmp_path / "new.tif", later), 2020)[0].content
    assert verdicts(path, 2018) == [("question", "other_year")]
    assert "2015, 2020" in read(path, 2018)[1][0].sentence()


def test_one_netcdf_may_stand_for_several_years_in_the_country_folder(tmp_path):
    later = np.where(CELLS == 1, 2, CELLS).astype("uint8")
    own = own_folder(make_country(tmp_path / "country"), "A.2")
    netcdf3(own / "cover.nc", [("lc", np.stack([CELLS, later]), EMPTY_0)], times=[2015, 2020], units="year")
    (own / "mapping.yml").write_text("tables: {ecosystem_maps: {files: {2015: cover.nc, 2020: cover.nc}}}")
    names = [f"{code},{name},Natural" for code, name in enumerate(("Wood", "Marsh", "Fen", "Heath"), 1)]
    (own / "ecosystem_types.csv").write_text("class_code,name,natural\n" + "\n".join(names) + "\n")
    inputs = read_inputs(spec_of("A.2"), read_country(tmp_path / "country"))
    assert inputs.issues == ()
    early, late = inputs.contents["ecosystem_maps"]
    assert (early.year, late.year) == (2015, 2020)
    assert 1 in early.codes
    assert 1 not in late.codes


@pytest.mark.parametrize(
    ("times", "units", "verdict"),
    [
        ([2015, 2020], "year", []),
        ([2020], "a number of no year", []),
        ([0, 1], "epoch", [("question", "which_layer")]),
        ([18262, 18300], "days since 1970-01-01", [("question", "several_layers_of_year")]),
        ([16436], "days since 1970-01-01", [("question", "other_year")]),
    ],
)
def test_which_layer_is_meant_is_asked_where_the_times_do_not_tell(tmp_path, times, units, verdict):
    cells = np.stack([CELLS] * len(times))
    path = netcdf3(tmp_path / "map.nc", [("lc", cells, EMPTY_0)], times=times, units=units)
    assert verdicts(path) == verdict
    assert verdicts(path, band=1) == []
    assert verdicts(path, band=9) == [("error", "no_such_band")]


@pytest.mark.parametrize(
    ("value", "units", "calendar", "year"),
    [
        ("0", "days since 2000-01-01", "standard", 2000),
        ("364.9", "days since 2001-1-1 00:00:00", "standard", 2001),
        ("365", "days since 2001-1-1 00:00:00", "standard", 2002),
        ("-1", "hours since 2000-01-01 00:00", "gregorian", 1999),
        ("7300", "days since 2000-01-01", "noleap", 2020),
        ("7200", "days since 2000-01-01", "360_day", 2020),
        ("20", "years since 2000-01-01", "standard", 2020),
        ("251", "months since 2000-01-01", "standard", 2020),
        ("1577836800", "seconds since 1970-01-01", "standard", 2020),
        ("2020", "", "standard", 2020),
        ("20", "", "standard", None),
        ("20", "fortnights since 2000-01-01", "standard", None),
        ("1e99", "days since 2000-01-01", "standard", None),
        ("nan", "days since 2000-01-01", "standard", None),
    ],
)
def test_times_of_netcdf_files_are_understood(value, units, calendar, year):
    assert year_of(value, units, calendar) == year


def test_the_missing_value_of_a_netcdf_counts_beside_its_fill_value(tmp_path):
    marks = {"_FillValue": np.int32(0), "missing_value": np.int32(4)}
    source, issues = read(netcdf3(tmp_path / "map.nc", [("lc", CELLS.astype("i4"), marks)]))
    assert issues == []
    assert set(source.codes) == {1, 2, 3}
    assert source.empties == (0, 4)


def test_values_with_a_scale_are_measurements(tmp_path):
    path = netcdf3(tmp_path / "map.nc", [("lc", CELLS.astype("i2"), {"scale_factor": 0.5})])
    assert verdicts(path) == [("error", "scaled")]


def test_a_netcdf_of_a_table_or_one_without_a_grid_is_refused(tmp_path):
    with netcdf_file(tmp_path / "map.nc", "w") as file:
        file.createDimension("site", 4)
        file.createVariable("count", "i4", ("site",))[:] = np.arange(4)
    assert [level for level, _ in verdicts(tmp_path / "map.nc")] == ["error"]


def test_a_file_that_only_begins_like_a_netcdf_is_unreadable(tmp_path):
    for start in (b"CDF\x01", b"CDF\x05", b"\x89HDF\r\n\x1a\n"):
        (tmp_path / "map.nc").write_bytes(start + bytes(500))
        assert [level for level, _ in verdicts(tmp_path / "map.nc")] == ["error"]


def test_an_alpha_band_says_where_there_is_no_data(tmp_path):
    path = tmp_path / "map.tif"
    made = {"driver": "GTiff", "count": 2, "height": 60, "width": 80, "dtype": "uint8", "crs": "EPSG:4326"}
    with rasterio.open(
        path, "w", transform=Affine(STEP, 0, WEST, 0, -STEP, NORTH), alpha="YES", photometric="MINISBLACK", **made
    ) as file:
        file.write(np.where(CELLS == 0, 3, CELLS).astype("uint8"), 1)
        file.write(np.where(CELLS == 0, 0, 255).astype("uint8"), 2)
    assert verdicts(path) == []
    assert read(path)[0].content == read(geotiff(tmp_path / "plain.tif"))[0].content


def test_overviews_inside_the_file_are_passed_over(tmp_path):
    path = geotiff(tmp_path / "map.tif")
    before = read(path)[0].content
    with rasterio.open(path, "r+") as file:
        file.build_overviews([2, 4], rasterio.enums.Resampling.nearest)
    assert verdicts(path) == []
    assert read(path)[0].content == before


def test_a_file_of_several_pages_is_refused(tmp_path):
    path, pages = geotiff(tmp_path / "map.tif"), geotiff(tmp_path / "pages.tif")
    assert verdicts(pages) == []
    rasterio.shutil.copy(path, pages, driver="GTiff", APPEND_SUBDATASET="YES")
    assert verdicts(pages) == [("error", "several_pages")]


#: HDF5 files made with h5py that name a file beside them, packed by zlib and written in base 85.
POINTING = {
    "values in another file, new layout": (
        "c-rgqaB<`1lHy|K;9!7(|4{Iq5yCfsiZ9I(_4W5~31VWXU=l)B2m@S93_vYxybM5!DJOX|%s_Vrs)3|EePAarGB7f#FfcGNF*341"
        "rEt;AJPeEi93VG=00#pr(3Q+w>>5B57(k+o4Ev!T<v_Dc07`QJeap-U^Ce7_p@v~Vf$;MU%RO8j13+vEs2J2E4EGsP)fT5F7p0cy"
        "C1vJ8_y8NzH8c"
    ),
    "values in another file, old layout": (
        "c-rgqaB<`1lHy_j0S*oZ76t(ZWbhvfHn5`dVe$!3nh{EOK<O1sFmXn(oCH){5NbZUx{x4OSCH!eXaHtU1`CAdU>F4>5qP*d27u@Y"
        "C?A$ePcWgX%SlE}j~*1-%gDe6F^dt#*MQJW5CLei#7Q#)T?$euzyUJ?l7d-*G>Ff{1TlymXf7kv8c>cgz>(fz{^o$@C}u`jP7y#;"
        "89>u`kU-1#0W7HMic^z|QcLubGV>t(U_XBskiTI5QD7cT)8qgECLcP&"
    ),
    "a link to another file": (
        "c-rgqaB<`1lHy|K;9!7(|4^_Q$~S=0Q$xeL{XJZQm>4RUgpd`&02dPjBLf4Q7y|<%hXYeiG9Lp&acXi=YKdNkDT96m1A`p{g<xBZ+5-UcawVD"
    ),
}


@pytest.mark.parametrize("kind", POINTING)
def test_a_netcdf_that_takes_its_content_from_other_files_never_reaches_the_library(tmp_path, kind):
    (tmp_path / "secret.bin").write_bytes(bytes([1, 2] * 8))
    path = tmp_path / "map.nc"
    path.write_bytes(zlib.decompress(base64.b85decode(POINTING[kind])))
    assert verdicts(path) == [("error", "other_files")]
