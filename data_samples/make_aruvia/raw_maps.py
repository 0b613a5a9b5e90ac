"""Maps as they arrive by e-mail: shapefiles with the old names, layers without projection, rasters on other grids."""

from __future__ import annotations

import json
import tempfile
import unicodedata
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject, transform_bounds

from make_aruvia.frame import Outline
from make_aruvia.land_cover import TYPES
from make_aruvia.terrain import LONLAT, MAP_CRS, Grid, placed
from make_aruvia.writing import NODATA, write_layer, write_map, write_table, write_text, write_zip

UTM = "EPSG:32745"
#: Names of the world's database before November 2025, cut by the shapefile to ten letters.
_OLD_NAMES = {
    "site_id": "WDPAID", "site_pid": "WDPA_PID", "site_type": "PA_DEF", "name": "NAME", "designation": "DESIG_ENG",
    "status": "STATUS", "iucn_category": "IUCN_CAT", "status_year": "STATUS_YR", "reported_area_km2": "REP_AREA",
    "governance_type": "GOV_TYPE", "iso3": "ISO3",
}  # fmt: skip
_NATURAL = {"Natural": "sí", "Seminatural": "en parte", "Not natural": "no"}
_COLOURS = ((26, 107, 47), (13, 64, 34), (216, 195, 90), (63, 163, 143), (95, 180, 224), (140, 90, 168),
            (232, 163, 60), (232, 224, 140), (200, 16, 46), (183, 196, 154))  # fmt: skip


def write_sites(raw: Path, sites: gpd.GeoDataFrame, rng: np.random.Generator) -> dict[str, list[str]]:
    """Protected areas, OECMs and points, one file each; what is wrong in them."""
    folder = raw / "protected_areas"
    points = sites.geom_type == "Point"
    areas, oecms = sites[~points & (sites["site_type"] == "PA")], sites[~points & (sites["site_type"] == "OECM")]
    return (
        _write_areas(folder / "areas.zip", areas, rng)
        | _write_oecms(folder / "amce_oecm.zip", oecms)
        | _write_points(folder / "sitios_puntos.csv", sites[points])
    )


def _old_style(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    old = sites.rename(columns=_OLD_NAMES)
    old["PA_DEF"] = (old["PA_DEF"] == "PA").astype(int).astype(str)
    old["WDPAID"] = old["WDPAID"].astype("int64")
    old["PARENT_ISO"] = old["ISO3"]
    return old


def _write_areas(path: Path, sites: gpd.GeoDataFrame, rng: np.random.Generator) -> dict[str, list[str]]:
    old = _old_style(sites).reset_index(drop=True)
    candidates = np.flatnonzero(shapely.get_num_coordinates(old.geometry.to_numpy()) > 30)
    crossed = np.sort(rng.choice(candidates, 5, replace=False))
    for at in crossed:
        old.loc[at, "geometry"] = _crossed(old.geometry[at])
    old = gpd.GeoDataFrame(pd.concat([old, old.iloc[[10]]], ignore_index=True), crs=LONLAT)
    files = _shapefile("AP_Aruvie", old)
    # Without code page and projection: the two small files that get lost first.
    members = {f"areas/{name}": content for name, content in files.items() if name[-3:] not in ("cpg", "prj")}
    junk = {"__MACOSX/areas/._AP_Aruvie.shp": b"\x00\x05\x16\x07" + bytes(60), "areas/.DS_Store": bytes(64)}
    write_zip(path, members | junk)
    numbers = ", ".join(str(number) for number in old["WDPAID"].iloc[crossed])
    return {
        f"protected_areas/{path.name}": [
            "The .prj is missing: the numbers are degrees (EPSG:4326), but nothing says so.",
            "The .cpg is missing: names are UTF-8, but read as Latin-1 (“RÃ©cif”).",
            "Column names of the world database before November 2025; PARENT_ISO3 is cut to ten letters.",
            f"Polygons that cross themselves: WDPAID {numbers}.",
            f"WDPAID {old['WDPAID'].iloc[10]} is there twice.",
            "Files of a Mac beside the data (__MACOSX, .DS_Store).",
        ]
    }


def _crossed(shape: shapely.Geometry) -> shapely.Geometry:
    """The same outline with two neighbouring vertices swapped, so that it crosses itself there."""
    parts = shapely.get_parts(shape)
    largest = int(shapely.area(parts).argmax())
    ring = shapely.get_coordinates(shapely.get_exterior_ring(parts[largest]))
    for at in range(3, len(ring) - 3):
        swapped = ring.copy()
        swapped[[at, at + 1]] = swapped[[at + 1, at]]
        if not shapely.Polygon(swapped).is_valid:
            break
    return shapely.multipolygons([*parts[:largest], shapely.Polygon(swapped), *parts[largest + 1 :]])


def _write_oecms(path: Path, sites: gpd.GeoDataFrame) -> dict[str, list[str]]:
    metres = _old_style(sites).to_crs(UTM)
    metres["geometry"] = shapely.set_precision(metres.geometry.to_numpy(), 0.01)
    metres["REP_AREA"] *= 100
    write_zip(path, _shapefile("AMCE", metres.set_crs(LONLAT, allow_override=True)))
    return {
        f"protected_areas/{path.name}": [
            "The .prj says degrees (EPSG:4326), but the numbers are metres of UTM zone 45 south (EPSG:32745).",
            "REP_AREA holds hectares, not square kilometres.",
            "Column names of the world database before November 2025.",
        ]
    }


def _write_points(path: Path, sites: gpd.GeoDataFrame) -> dict[str, list[str]]:
    east, north = sites.geometry.x.round(5).to_list(), sites.geometry.y.round(5).to_list()
    east[2], north[2] = north[2], east[2]
    area = [f"{value:.1f}".replace(".", ",") if value == value else "n.d." for value in sites["reported_area_km2"]]
    table = pd.DataFrame(
        {
            "código": sites["site_id"], "nombre": sites["name"], "designación": sites["designation"],
            "situación": "Declarada", "año": sites["status_year"].replace(0, -9999), "superficie_km2": area,
            "latitud": north, "longitud": east,
        }
    )  # fmt: skip
    write_table(path, table, "cp1252", sep=";", decimal=",")
    return {
        f"protected_areas/{path.name}": [
            "Semicolons, decimal commas, Windows-1252; headings and status in Spanish.",
            "Row 4 has latitude and longitude swapped.",
            "-9999 stands for a year that is not known, “n.d.” for an area that is not known (row 6).",
        ]
    }


def _shapefile(name: str, layer: gpd.GeoDataFrame) -> dict[str, bytes]:
    """The files of a shapefile, by name."""
    with tempfile.TemporaryDirectory() as folder:
        write_layer(Path(folder) / f"{name}.shp", layer, ENCODING="UTF-8", DBF_DATE_LAST_UPDATE="2026-01-01")
        return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}


def write_land_cover(raw: Path, grid: Grid, maps: dict[int, np.ndarray]) -> dict[str, list[str]]:
    """Three dates, each on another grid and in another form, and a legend; what is wrong in them."""
    folder = raw / "land_cover"
    tens, transform = _moved(grid, np.where(maps[2020] == NODATA, 0, maps[2020] * np.uint8(10)), UTM, 250.0, 0)
    tens[tens.shape[0] // 2, tens.shape[1] // 2 :][:4] = 77
    write_map(folder / "landcover_2020_utm.tif", tens, crs=UTM, transform=transform)
    floats, transform = _moved(grid, maps[2010], LONLAT, 0.003, NODATA)
    unsharp = np.where(floats == NODATA, -9999, floats - 2e-7 * (floats == 3)).astype("float32")
    write_map(folder / "landcover_2010_float.tif", unsharp, crs=LONLAT, transform=transform, nodata=-9999)
    palette = np.full((256, 3), 255, "uint8")
    palette[1 : len(_COLOURS) + 1] = _COLOURS
    picture = np.moveaxis(palette[maps[2000][::3, ::3]], 2, 0)
    write_map(
        folder / "carte_2000.tif",
        picture,
        crs=MAP_CRS,
        transform=placed(grid.transform.c, grid.transform.f, 900),
        photometric="RGB",
    )
    legend = pd.DataFrame(
        {
            "código": [code * 10 for code, *_ in TYPES],
            "clase": _CLASSES,
            "¿natural?": [_NATURAL[natural] for _, _, natural, _ in TYPES],
        }
    )
    write_table(folder / "leyenda_2020.csv", legend, "cp1252", sep=";")
    return {
        "land_cover/landcover_2020_utm.tif": [
            "UTM zone 45 south at 250 m: neither projection nor cells of the other dates.",
            "0 means no data, but the file does not say so.",
            "Classes are ten times those of the other dates, as in leyenda_2020.csv.",
            "Four cells hold 77, which is no class.",
        ],
        "land_cover/landcover_2010_float.tif": [
            "Degrees (EPSG:4326): the area of a cell changes with latitude.",
            "Classes stored as numbers with decimals; class 3 is 2.9999998.",
        ],
        "land_cover/carte_2000.tif": ["A coloured picture in three bands, at 900 m: no classes can be read from it."],
        "land_cover/leyenda_2020.csv": ["Semicolons, Windows-1252, Spanish; codes of 2020 only."],
    }


_CLASSES = (
    "Bosque húmedo de tierras bajas", "Bosque húmedo de montaña", "Sabana", "Manglar", "Humedal de agua dulce",
    "Plantación", "Cultivos anuales", "Pastizal sembrado", "Área urbana", "Campos abandonados",
)  # fmt: skip


def _moved(grid: Grid, cells: np.ndarray, crs: str, size: float, empty: int) -> tuple[np.ndarray, Affine]:
    """The map on another grid, each cell with the class found at its middle."""
    rows, columns = cells.shape
    corner = grid.transform
    bounds = (corner.c, corner.f + rows * corner.e, corner.c + columns * corner.a, corner.f)
    # Edges on whole cells, so that the last bit of a projection library does not move the map.
    left, bottom, right, top = (round(edge / size) for edge in transform_bounds(MAP_CRS, crs, *bounds))
    transform = placed(round(left * size, 6), round(top * size, 6), size)
    moved = np.full((top - bottom, right - left), empty, cells.dtype)
    reproject(
        cells, moved, src_transform=grid.transform, src_crs=MAP_CRS, dst_transform=transform, dst_crs=crs,
        src_nodata=empty, dst_nodata=empty, resampling=Resampling.nearest,
    )  # fmt: skip
    return moved, transform


def write_provinces(raw: Path, outline: Outline) -> dict[str, list[str]]:
    """Provinces drawn for a poster; what is wrong in them."""
    features = []
    for name, shape in outline.provinces.items():
        coarse = shapely.set_precision(shapely.simplify(shape, 0.025, preserve_topology=False), 0.001)
        decomposed = unicodedata.normalize("NFD", name)
        drawn = {
            "type": "Feature",
            "properties": {"Nom": decomposed},
            "geometry": json.loads(shapely.to_geojson(coarse)),
        }
        features.append(json.dumps(drawn, ensure_ascii=False))
    said = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"
    write_text(raw / "frame" / "provinces.geojson", said)
    return {
        "frame/provinces.geojson": [
            "Drawn for a poster: coasts are coarse, provinces leave gaps and overlap, small islands are lost.",
            "Accents are stored as letter and mark (“e” + “´”), so that names do not match those of other files.",
        ]
    }
