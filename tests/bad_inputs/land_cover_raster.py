"""Bad maps of classes: other grids, classes nobody knows, damage, pictures, and numbers that are no classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
import yaml
from affine import Affine
from rasterio.enums import Resampling
from rasterio.warp import reproject

from tests.bad_inputs.case import Case, Finding, Variant, csv_bytes, own_folder

CODE = "A.2"
WEST, NORTH, SIDE = 5e6, -1e6, 1000.0
GRID = Affine(SIDE, 0, WEST, 0, -SIDE, NORTH)
EQUAL_AREA = "EPSG:6933"
_random = np.random.default_rng(11)
#: Patches of five cells; every class is met, and no class surrounds the map.
CELLS = np.kron(_random.integers(1, 5, (12, 16)), np.ones((5, 5), int)).astype("uint8")
LATER = np.where(CELLS == 1, 3, CELLS).astype("uint8")
LATER[:5] = CELLS[:5]
LEGEND = [["class_code", "name", "natural"], ["1", "Wood", "Natural"], ["2", "Marsh", "Natural"],
          ["3", "Pasture", "Seminatural"], ["4", "Field", "Not natural"]]  # fmt: skip

Writer = Callable[[Path], None]


def tif(cells: Any = CELLS, **more: Any) -> Writer:
    """Writes a GeoTIFF; further words go to rasterio, ``then`` is done with the finished file."""
    then = more.pop("then", None)

    def write(path: Path) -> None:
        bands = cells if np.ndim(cells) == 3 else np.asarray(cells)[None]
        made = {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2], "dtype": bands.dtype}
        made |= {"crs": EQUAL_AREA, "transform": GRID, "nodata": None} | more
        with rasterio.open(path, "w", driver="GTiff", **made) as file:
            file.write(bands)
        if then:
            then(path)

    return write


def netcdf(cells: Any = CELLS, kind: str = "NC4", **more: Any) -> Writer:
    """Writes a NetCDF file by way of a GeoTIFF."""

    def write(path: Path) -> None:
        first = path.with_suffix(".first")
        tif(cells, **more)(first)
        rasterio.shutil.copy(first, path, driver="netCDF", FORMAT=kind)
        first.unlink()

    return write


def cloud(cells: Any = CELLS, then: Callable[[Path], None] | None = None, **more: Any) -> Writer:
    """Writes a cloud-optimised GeoTIFF."""

    def write(path: Path) -> None:
        first = path.with_suffix(".first")
        tif(cells, **more)(first)
        rasterio.shutil.copy(first, path, driver="COG", compress="deflate", blocksize=128)
        first.unlink()
        if then:
            then(path)

    return write


def put(
    maps: Mapping[int, Writer], country: Path, legend: Sequence[Sequence[Any]] = LEGEND, ending: str = ".tif",
    **words: Any,
) -> None:  # fmt: skip
    """Maps by year, their legend, and words for mapping.yml."""
    own = own_folder(country, CODE)
    for year, write in maps.items():
        write(own / f"ecosystem_maps_{year}{ending}")
    (own / "ecosystem_types.csv").write_bytes(csv_bytes([list(row) for row in legend]))
    if words:
        said = yaml.safe_dump({"tables": {"ecosystem_maps": words}})
        (own / "mapping.yml").write_text(said, encoding="utf-8")


def variant(label: str, maps: Mapping[int, Writer], *finds: Finding, **more: Any) -> Variant:
    return Variant(label, partial(_put, maps, more), finds)


def _put(maps: Mapping[int, Writer], more: Mapping[str, Any], country: Path) -> None:
    put(maps, country, **more)


def twin(maps: Mapping[int, Writer], **more: Any) -> Callable[[Path], None]:
    return partial(_put, maps, more)


def found(level: str, key: str, value: str = "", *says: str) -> Finding:
    return Finding(level, f"rasters.{key}", value=value, says=says)


# -- RS-01 -------------------------------------------------------------------------------------------------------


def moved(across: float, down: float, side: float = SIDE) -> Affine:
    return Affine(side, 0, WEST + across * SIDE, 0, -side, NORTH - down * SIDE)


def in_degrees(cells: np.ndarray) -> Writer:
    """The cells as somebody else would map them: in degrees, cells of about the same size."""
    to, shape = Affine(0.009, 0, 51.7, 0, -0.009, -7.8), (70, 100)
    out = np.zeros(shape, "uint8")
    reproject(cells, out, src_transform=GRID, src_crs=EQUAL_AREA, dst_transform=to, dst_crs="EPSG:4326",
              resampling=Resampling.nearest)  # fmt: skip
    return tif(out, crs="EPSG:4326", transform=to, nodata=0)


FIRST = {2000: tif()}
RS_01 = Case(
    "RS-01", "two dates on different grids", CODE,
    (
        variant("shifted by a row", {**FIRST, 2020: tif(LATER, transform=moved(0, 1))},
                found("repair", "aligned_place", "", "ecosystem_maps_2000.tif", "nearest")),
        variant("shifted by half a cell", {**FIRST, 2020: tif(LATER, transform=moved(0.5, -0.5))},
                found("repair", "aligned_place")),
        variant("smaller extent", {**FIRST, 2020: tif(LATER[:40, :60])}, found("repair", "aligned_shape")),
        variant("larger extent", {**FIRST, 2020: tif(np.pad(LATER, 4, mode="edge"), transform=moved(-4, -4))},
                found("repair", "aligned_place")),
        variant("cells half as long", {**FIRST, 2020: tif(np.kron(LATER, np.ones((2, 2), "uint8")),
                transform=moved(0, 0, SIDE / 2))}, found("repair", "aligned_cell")),
        variant("in degrees", {**FIRST, 2020: in_degrees(LATER)}, found("repair", "aligned_crs", "", "WGS 84")),
    ),
    twin({**FIRST, 2020: tif(LATER, transform=Affine(SIDE + 1e-9, 0, WEST - 1e-6, 0, -SIDE, NORTH))}),
)  # fmt: skip
RS_01_UNLIKE = Case(
    "RS-01", "cells more than twice as long", CODE,
    (
        variant("three times", {**FIRST, 2020: tif(LATER[::3, ::3], transform=moved(0, 0, 3 * SIDE))},
                found("error", "grids_unlike", "", "ecosystem_maps_2000.tif")),
        variant("a fifth", {2000: tif(LATER[::5, ::5], transform=moved(0, 0, 5 * SIDE)), 2020: tif()},
                found("error", "grids_unlike")),
        variant("another country", {**FIRST, 2020: tif(LATER, transform=moved(900, 0))},
                found("error", "grids_apart")),
    ),
    twin({**FIRST, 2020: tif(np.ascontiguousarray(LATER[::-1]),
                             transform=Affine(SIDE, 0, WEST, 0, SIDE, NORTH - 60 * SIDE))}),
)  # fmt: skip

# -- RS-02 to RS-04 ----------------------------------------------------------------------------------------------


def with_rim(value: int, kind: str = "uint8", wide: int = 8) -> np.ndarray:
    cells = CELLS.astype(kind)
    cells[:wide], cells[-wide:], cells[:, :wide], cells[:, -wide:] = value, value, value, value
    return cells


def is_it_nodata(value: int, answer: str = "") -> Finding:
    return found("question", "is_it_nodata", str(value), "km²", f"nodata: {answer or value}")


RS_02 = Case(
    "RS-02", "no-data value not declared", CODE,
    (
        variant("0", {2020: tif(with_rim(0))}, is_it_nodata(0)),
        variant("255", {2020: tif(with_rim(255), compress="lzw")}, is_it_nodata(255)),
        variant("-9999", {2020: tif(with_rim(-9999, "int16"))}, is_it_nodata(-9999)),
        variant("127 in the middle", {2020: netcdf(np.where(CELLS == 4, 127, CELLS).astype("uint8"))},
                is_it_nodata(127), ending=".nc", legend=LEGEND[:4]),
        variant("any value all around", {2020: tif(with_rim(33))}, is_it_nodata(33)),
        variant("beside another that is declared", {2020: tif(np.where(CELLS == 2, 255, with_rim(0)).astype("uint8"),
                nodata=255)}, found("question", "is_it_nodata", "0", "nodata: [0, 255]")),
    ),
    twin({2000: tif(), 2020: tif(with_rim(0), nodata=0)}),
)  # fmt: skip
RS_02_ANSWERED = Case(
    "RS-02", "no-data value answered for one of two", CODE,
    (
        variant("0 of 0 and 255", {2020: tif(np.where(CELLS == 2, 255, with_rim(0)).astype("uint8"))},
                is_it_nodata(255, "[0, 255]"), nodata=0),
        variant("255 of 0 and 255", {2020: tif(np.where(CELLS == 2, 255, with_rim(0)).astype("uint8"))},
                is_it_nodata(0, "[0, 255]"), nodata=255),
        variant("-1 of -1 and 127", {2020: tif(np.where(CELLS == 2, 127, with_rim(-1, "int16")).astype("int16"))},
                is_it_nodata(127, "[-1, 127]"), nodata=[-1]),
    ),
    twin({2020: tif(np.where(CELLS == 2, 255, with_rim(0)).astype("uint8"))}, nodata=[0, 255],
         legend=[row for row in LEGEND if row[0] != "2"]),
)  # fmt: skip


def spotted(*values: int) -> np.ndarray:
    """Each value in twelve cells in the middle of the map."""
    cells = CELLS.copy()
    for number, value in enumerate(values):
        cells[20 + 3 * number : 22 + 3 * number, 30:36] = value
    return cells


RS_03 = Case(
    "RS-03", "classes that are not in the legend", CODE,
    (
        variant("one", {2020: tif(spotted(77))}, found("error", "not_in_legend", "77", "77 (12.0 km²)")),
        variant("two", {2020: tif(spotted(77, 81), nodata=0)},
                found("error", "not_in_legend", "77, 81", "77 (12.0 km²), 81 (12.0 km²)")),
        variant("at the later date only", {2000: netcdf(), 2020: netcdf(spotted(9))},
                found("error", "not_in_legend", "9", "2020"), ending=".nc"),
        variant("one missing from the legend", {2000: tif(), 2020: tif(LATER)},
                found("error", "not_in_legend", "4"), legend=LEGEND[:4]),
    ),
    twin({2000: tif(), 2020: tif(spotted(77))}, legend=[*LEGEND, ["77", "Lava", "Natural"]]),
)  # fmt: skip


def dated(year: int, codes: Sequence[int]) -> list[list[str]]:
    return [[str(code), *row[1:], str(year)] for code, row in zip(codes, LEGEND[1:], strict=True)]


HEAD = [[*LEGEND[0], "year"]]
RENUMBERED = (CELLS + 10).astype("uint8")
RS_04 = Case(
    "RS-04", "a legend that changed between the dates", CODE,
    (
        variant("a class the older legend lacks", {2015: tif(spotted(12)), 2020: tif(RENUMBERED)},
                found("error", "not_in_legend", "12", "2015"),
                legend=[*HEAD, *dated(2015, (1, 2, 3, 4)), *dated(2020, (11, 12, 13, 14))]),
        variant("no legend of the newer date", {2015: tif(), 2020: tif(RENUMBERED)},
                found("error", "no_legend_of_year", "", "2020", "2015"),
                legend=[*HEAD, *dated(2015, (1, 2, 3, 4))]),
        variant("the legend of the other date", {2015: tif(RENUMBERED), 2020: tif()},
                found("error", "not_in_legend", "11, 12, 13, 14", "2015"),
                legend=[*HEAD, *dated(2015, (1, 2, 3, 4)), *dated(2020, (1, 2, 3, 4))]),
    ),
    twin({2015: tif(), 2020: tif(RENUMBERED)},
         legend=[*HEAD, *dated(2015, (1, 2, 3, 4)), *dated(2020, (11, 12, 13, 14))]),
)  # fmt: skip

# -- RS-07, RS-08 ------------------------------------------------------------------------------------------------


def floating(value: float, kind: str = "float32", at: tuple[int, int] = (30, 40)) -> np.ndarray:
    cells = CELLS.astype(kind)
    cells[at] = value
    return cells


RS_07 = Case(
    "RS-07", "decimals that are no classes", CODE,
    (
        variant("2.4", {2020: tif(floating(2.4, "float64"))}, found("error", "decimals", "2.4")),
        variant("in the last cell", {2020: tif(floating(1.5, at=(59, 79)), compress="deflate", tiled=True,
                blockxsize=16, blockysize=16)}, found("error", "decimals", "1.5")),
        variant("in a NetCDF", {2020: netcdf(floating(3.25))}, found("error", "decimals", "3.25"), ending=".nc"),
    ),
    twin({2020: tif(CELLS.astype("float32"), nodata=-9999)}),
)  # fmt: skip
RS_07_ROUNDED = Case(
    "RS-07", "whole numbers but for rounding", CODE,
    (
        variant("2.9999998", {2020: tif(floating(2.9999998))}, found("repair", "rounded", "2.999999762")),
        variant("1.0000000001", {2020: tif(floating(1.0000000001, "float64"))}, found("repair", "rounded")),
        variant("in a NetCDF", {2020: netcdf(floating(4.0000005))}, found("repair", "rounded"), ending=".nc"),
    ),
    twin({2020: netcdf(CELLS.astype("float64"), nodata=-1)}, ending=".nc"),
)  # fmt: skip


def averaged(how: Resampling) -> np.ndarray:
    """The map with cells 0.7 times as long, and values in between where classes met."""
    out, to = np.zeros((85, 114), "uint8"), moved(0, 0, 0.7 * SIDE)
    reproject(CELLS, out, src_transform=GRID, src_crs=EQUAL_AREA, dst_transform=to, dst_crs=EQUAL_AREA, resampling=how)
    return np.clip(out, 1, 4)


AVERAGED = {"transform": moved(0, 0, 0.7 * SIDE)}
RS_08 = Case(
    "RS-08", "classes that were averaged", CODE,
    (
        variant("bilinear", {2020: tif(averaged(Resampling.bilinear), **AVERAGED)}, found("flag", "class_mix")),
        variant("cubic spline", {2020: tif(averaged(Resampling.cubic_spline), compress="lzw", **AVERAGED)},
                found("flag", "class_mix")),
        variant("at one of two dates", {2000: netcdf(averaged(Resampling.nearest), **AVERAGED),
                2020: netcdf(averaged(Resampling.bilinear), **AVERAGED)}, found("flag", "class_mix"), ending=".nc"),
    ),
    twin({2020: tif(averaged(Resampling.nearest), **AVERAGED)}),
)  # fmt: skip

# -- RS-11 -------------------------------------------------------------------------------------------------------

LARGE = np.kron(_random.integers(1, 5, (100, 120)), np.ones((3, 3), int)).astype("uint8")
TILES = {"tiled": True, "blockxsize": 64, "blockysize": 64}


def cut(share: float, *, filled: bool = False) -> Callable[[Path], None]:
    def then(path: Path) -> None:
        content = path.read_bytes()
        keep = int(len(content) * share)
        path.write_bytes(content[:keep] + bytes(len(content) - keep) * filled)

    return then


def flipped(x: int, y: int) -> Callable[[Path], None]:
    """Changes forty bytes in the middle of a block."""

    def then(path: Path) -> None:
        with rasterio.open(path) as file:
            start, size = (int(file.get_tag_item(f"BLOCK_{it}_{x}_{y}", "TIFF", bidx=1)) for it in ("OFFSET", "SIZE"))
        content = bytearray(path.read_bytes())
        middle = start + size // 2
        content[middle : middle + 40] = bytes(byte ^ 0x5A for byte in content[middle : middle + 40])
        path.write_bytes(content)

    return then


RS_11 = Case(
    "RS-11", "a damaged file", CODE,
    (
        variant("cut, strips", {2020: tif(LARGE, then=cut(0.6))}, found("error", "damaged", "", "(1, ")),
        variant("cut, LZW", {2020: tif(LARGE, compress="lzw", then=cut(0.8))}, found("error", "damaged")),
        variant("cut, COG", {2020: cloud(LARGE, then=cut(0.9))}, found("error", "damaged")),
        variant("flipped, deflate tiles", {2020: tif(LARGE, compress="deflate", then=flipped(3, 2), **TILES)},
                found("error", "damaged", "(4, 3)")),
        variant("flipped, deflate strips", {2020: tif(LARGE, compress="deflate", blockysize=20, then=flipped(0, 7))},
                found("error", "damaged", "(1, 8)")),
        variant("end of zeros, strips", {2000: tif(LARGE), 2020: tif(LARGE, nodata=0, then=cut(0.43, filled=True))},
                found("error", "ends_in_zeros")),
        variant("end of zeros, tiles", {2020: tif(LARGE, then=cut(0.57, filled=True), **TILES)},
                found("error", "ends_in_zeros")),
    ),
    twin({2000: tif(LARGE, nodata=0, **TILES),
          2020: cloud(np.where(np.arange(300)[:, None] < 170, LARGE, 0), nodata=0)}),
)  # fmt: skip


RS_11_NETCDF = Case(
    "RS-11", "a NetCDF file that was cut off", CODE,
    (
        variant("NetCDF 3", {2020: lambda path: (netcdf(LARGE, "NC")(path), cut(0.5)(path))},
                found("error", "cut_off", "", "bytes"), ending=".nc"),
        variant("NetCDF 3, large", {2020: lambda path: (netcdf(LARGE, "NC2")(path), cut(0.93)(path))},
                found("error", "cut_off"), ending=".nc"),
        variant("NetCDF 4", {2020: lambda path: (netcdf(LARGE, "NC4")(path), cut(0.5)(path))},
                found("error", "unreadable"), ending=".nc"),
        variant("NetCDF 3, end of zeros", {2020: lambda path: (netcdf(LARGE, "NC")(path), cut(0.5, filled=True)(path))},
                found("error", "ends_in_zeros"), ending=".nc"),
    ),
    twin({2000: netcdf(LARGE, "NC2"), 2020: netcdf(LARGE, "NC")}, ending=".nc"),
)  # fmt: skip

# -- RS-12, RS-14, RS-16, RS-18 ----------------------------------------------------------------------------------


def picture(bands: int) -> np.ndarray:
    return np.stack([(CELLS * (40 + 10 * number)).astype("uint8") for number in range(bands)])


def coloured(path: Path) -> None:
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {code: (code * 50, 90, 255 - code * 50, 255) for code in range(1, 5)})


RS_12 = Case(
    "RS-12", "a picture of a map", CODE,
    (
        variant("red, green, blue", {2020: tif(picture(3), photometric="RGB")}, found("error", "picture")),
        variant("with transparency", {2020: tif(picture(4), photometric="RGB", alpha="YES")},
                found("error", "picture")),
        variant("packed as a photograph", {2020: tif(picture(3), photometric="YCBCR", compress="jpeg")},
                found("error", "picture")),
    ),
    twin({2020: tif(then=coloured)}),
)  # fmt: skip
RS_12_BANDS = Case(
    "RS-12", "many bands", CODE,
    (
        variant("twelve", {2020: tif(np.stack([CELLS] * 12), photometric="MINISBLACK")},
                found("question", "which_band", "", "12", "mapping.yml")),
        variant("three without colours", {2020: tif(picture(3), photometric="MINISBLACK")},
                found("question", "which_band", "", "3")),
        variant("two with decimals", {2020: tif(np.stack([CELLS, CELLS / 7]).astype("float32"))},
                found("question", "which_band", "", "2")),
    ),
    twin({2020: tif(np.stack([picture(1)[0], CELLS]), photometric="MINISBLACK")}, band=2),
)  # fmt: skip


def written_nodata(text: bytes) -> Callable[[Path], None]:
    """Puts another text into the tag that names the no-data value."""

    def then(path: Path) -> None:
        content = path.read_bytes()
        assert content.count(b"111\x00") == 1
        path.write_bytes(content.replace(b"111\x00", text + bytes(4 - len(text))))

    return then


def hollow(value: float, kind: str = "float32") -> np.ndarray:
    cells = CELLS.astype(kind)
    cells[10:20, 10:20] = value
    return cells


RS_14 = Case(
    "RS-14", "no data that the type cannot hold, or written in two ways", CODE,
    (
        variant("NaN beside -9999", {2020: tif(hollow(np.nan), nodata=-9999)},
                found("repair", "not_numbers", "NaN", "100")),
        variant("infinity", {2020: tif(hollow(np.inf, "float64"), nodata=np.nan, compress="lzw")},
                found("repair", "not_numbers", "", "100")),
        variant("NaN and nothing declared", {2000: tif(), 2020: tif(hollow(np.nan), tiled=True, blockxsize=32,
                blockysize=32)}, found("repair", "not_numbers", "NaN", "100")),
        variant("-99 in bytes", {2020: tif(nodata=111, then=written_nodata(b"-99"))},
                found("repair", "nodata_outside_type", "-99", "0 to 255")),
        variant("999 in bytes", {2020: tif(nodata=111, compress="deflate", then=written_nodata(b"999"))},
                found("repair", "nodata_outside_type", "999")),
    ),
    twin({2000: tif(hollow(np.nan), nodata=np.nan), 2020: tif(hollow(-9999), nodata=-9999)}),
)  # fmt: skip


def huge(**more: Any) -> Writer:
    """A map of 200,000 by 200,000 cells of which nothing, or nearly nothing, is stored."""

    def write(path: Path) -> None:
        made = {"count": 1, "height": 200_000, "width": 200_000, "dtype": "uint8", "crs": EQUAL_AREA}
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            transform=Affine(10, 0, WEST, 0, -10, NORTH),
            nodata=0,
            SPARSE_OK=True,
            **(made | more),
        ):
            pass  # fmt: skip

    return write


RS_16 = Case(
    "RS-16", "a huge map in a small file", CODE,
    (
        variant("tiles", {2020: huge(tiled=True, blockxsize=4096, blockysize=4096)},
                found("error", "too_large", "", "40,000,000,000")),
        variant("packed strips", {2020: huge(compress="deflate", blockysize=200_000, height=100_000)},
                found("error", "too_large")),
        variant("wide types", {2020: huge(dtype="float64", BIGTIFF="YES", tiled=True, blockxsize=2048,
                blockysize=2048)}, found("error", "too_large")),
    ),
    twin({2020: tif(LARGE, compress="deflate", nodata=0)}),
)  # fmt: skip


def signed(code: int) -> np.ndarray:
    return np.where(CELLS == 2, code, CELLS.astype(int)).astype("int16")


RS_18 = Case(
    "RS-18", "codes read with a sign", CODE,
    (
        variant("-4", {2020: tif(signed(-4))}, found("error", "negative", "-4")),
        variant("65000 as -536", {2020: tif(signed(-536), compress="lzw")},
                found("error", "negative", "-536", "65000")),
        variant("in a NetCDF", {2020: netcdf(signed(-30000), nodata=0)}, found("error", "negative", "-30000", "35536"),
                ending=".nc"),
    ),
    twin({2020: tif(np.where(CELLS == 2, 65000, CELLS.astype(int)).astype("uint16"), nodata=0)},
         legend=[*LEGEND[:2], ["65000", "Marsh", "Natural"], *LEGEND[3:]]),
)  # fmt: skip

CASES = [
    RS_01, RS_01_UNLIKE, RS_02, RS_02_ANSWERED, RS_03, RS_04, RS_07, RS_07_ROUNDED, RS_08, RS_11, RS_11_NETCDF, RS_12,
    RS_12_BANDS, RS_14, RS_16, RS_18,
]  # fmt: skip
