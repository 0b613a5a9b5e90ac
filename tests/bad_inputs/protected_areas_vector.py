"""Bad layers of protected areas: places that cannot be, outlines that cross themselves, files cut off, sites twice."""

from __future__ import annotations

import json
import shutil
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from tests.bad_inputs.case import Case, Finding, Variant, own_folder

CODE = "3.1"
TABLE = "protected_areas"
LAND, SEA = box(37, -2, 39, 0), box(39, -2, 40, 0)
FRAME = {"frame": {name: {"file": f"frame/{name}.gpkg", "source": "Invented"} for name in ("land", "sea")}}
FORMATS = ("gpkg", "geojson", "zip")
_SHORT = {"status_year": "STATUS_YR", "designation": "DESIG_ENG", "reported_area_km2": "REP_AREA"}

Layer = gpd.GeoDataFrame
#: A layer to write, or what writes something else into the folder of the indicator.
Written = Layer | Callable[[Path], None]


def good(land: Any = LAND, count: int = 8) -> Layer:
    """Reserves of a fifth of a degree in a row across the country, none touching another."""
    west, south, east, _ = land.bounds
    step = (east - west) / count
    shapes = [box(west + n * step + 0.01, south + 0.1, west + n * step + 0.2, south + 0.4) for n in range(count)]
    return gpd.GeoDataFrame(
        {
            "site_id": [f"S{n}" for n in range(1, count + 1)],
            "name": [f"Reserve {n}" for n in range(1, count + 1)],
            "site_type": ["PA", "OECM"] * (count // 2),
            "status": "Designated",
            "designation": "National Park",
            "status_year": list(range(2001, 2001 + count)),
        },
        geometry=shapes,
        crs=4326,
    )


def write(layer: Layer, own: Path, ending: str, stem: str = TABLE, **options: Any) -> None:
    """The layer under the name of its table."""
    path = own / f"{stem}.{ending}"
    with warnings.catch_warnings():
        # Names that a shapefile cuts are what is tried here.
        warnings.simplefilter("ignore")
        if ending == "parquet":
            layer.to_parquet(path)
        elif ending == "zip":
            shapes = own.parent.parent / "packing"
            shapes.mkdir(exist_ok=True)
            layer.to_file(shapes / f"{stem}.shp", engine="pyogrio", ENCODING="UTF-8", **options)
            pack(path, shapes)
        else:
            layer.to_file(path, engine="pyogrio", **options)


def pack(path: Path, folder: Path, without: Sequence[str] = (), cut: Mapping[str, float] | None = None) -> None:
    """Zip a shapefile, without some of its parts or with some cut off, and take its folder away."""
    with zipfile.ZipFile(path, "w") as archive:
        for one in sorted(folder.iterdir()):
            content = one.read_bytes()
            content = content[: int(len(content) * (cut or {}).get(one.suffix, 1))]
            if one.suffix not in without:
                archive.writestr(one.name, content)
    shutil.rmtree(folder)


def short(layer: Layer) -> Layer:
    """With the names of the world database, which fit into a shapefile."""
    return layer.rename(columns=_SHORT)


def write_frame(country: Path, land: Any = LAND, sea: Any = SEA) -> None:
    (country / "frame").mkdir()
    for name, shape in (("land", land), ("sea", sea)):
        gpd.GeoDataFrame(geometry=[shape], crs=4326).to_file(country / "frame" / f"{name}.gpkg", engine="pyogrio")


def case(
    entry: str, name: str, bad: Callable[[Layer, int], Written], finds: Callable[[int], Sequence[Finding]], *,
    base: Layer | None = None, twin: Layer | None = None, endings: Sequence[str] = FORMATS, land: Any = LAND,
    sea: Any = SEA, mapping: Mapping[str, Any] | None = None, computed: bool = False,
) -> Case:  # fmt: skip
    """A fault in the first feature, in the middle one with columns turned round, and in the last, each in a format.

    ``bad`` gets a copy of the good layer and the position to spoil; ``finds`` gets the row as a table shows it.
    """
    layer = good(land) if base is None else base

    def filled(what: Written, ending: str) -> Callable[[Path], None]:
        def write_country(country: Path) -> None:
            own = own_folder(country, CODE)
            write_frame(country, land, sea)
            if isinstance(what, gpd.GeoDataFrame):
                write(short(what) if ending == "zip" else what, own, ending)
            else:
                what(own)
            if mapping:
                (own / "mapping.yml").write_text(yaml.safe_dump({"tables": {TABLE: mapping}}), encoding="utf-8")

        return write_country

    variants = []
    for at, ending in zip((0, len(layer) // 2, len(layer) - 1), endings, strict=True):
        what = bad(layer.copy(), at)
        if at == len(layer) // 2 and isinstance(what, gpd.GeoDataFrame):
            columns = [name for name in what.columns if name != "geometry"]
            what = what[[*reversed(columns), "geometry"]]
        label = f"{ending}, feature {at + 1}"
        variants.append(Variant(label, filled(what, ending), tuple(finds(at + 1))))
    return Case(entry, name, CODE, tuple(variants), filled(layer if twin is None else twin, "gpkg"), computed, FRAME)


def shape_at(make: Callable[[Any], Any]) -> Callable[[Layer, int], Layer]:
    """A fault that is one shape, made from the one that was there."""

    def bad(layer: Layer, at: int) -> Layer:
        shapes = layer.geometry.to_numpy().copy()
        with np.errstate(invalid="ignore"):
            shapes[at] = make(shapes[at])
        return layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs))

    return bad


def found(level: str, key: str, **more: Any) -> Callable[[int], list[Finding]]:
    return lambda row: [Finding(level, key, (row,), **more)]


def anywhere(level: str, key: str, **more: Any) -> Callable[[int], list[Finding]]:
    """For a fault of the whole layer."""
    return lambda row: [Finding(level, key, **more)]


def crossed(shape: Any) -> Polygon:
    """The square as a bow tie."""
    west, south, east, north = shape.bounds
    return Polygon([(west, south), (east, north), (east, south), (west, north)])


def holed_beyond(shape: Any) -> Polygon:
    """A square with a hole that reaches out of it: it can be read in two ways."""
    west, south, east, north = shape.bounds
    middle = (west + east) / 2
    return Polygon(shape.exterior, [box(middle, south + 0.05, east + 0.02, north - 0.05).exterior])


def spiked(shape: Any) -> Polygon:
    west, south, east, north = shape.bounds
    return Polygon([(west, south), (east, south), (east, north), (east, north + 0.05), (east, north), (west, north)])


def moved(by: tuple[float, float], crs: Any = None) -> Callable[[Layer, int], Layer]:
    """The whole layer somewhere else, its first feature in another place each time."""

    def bad(layer: Layer, at: int) -> Layer:
        turned = pd.concat([layer.iloc[at:], layer.iloc[:at]], ignore_index=True)
        return turned.set_geometry(turned.translate(*by))

    return bad


def labelled(true: Any, said: Any) -> Callable[[Layer, int], Layer]:
    """Coordinates of one system under the name of another."""
    return lambda layer, at: layer.to_crs(true).set_crs(said, allow_override=True)


def swapped(layer: Layer, at: int) -> Layer:
    return layer.set_geometry(shapely.transform(layer.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=layer.crs)


def some_outside(share: float) -> Callable[[Layer, int], Layer]:
    """One feature of an area that is this share of all lies in the neighbour's country."""

    def bad(layer: Layer, at: int) -> Layer:
        height = share / (1 - share) * shapely.area(layer.geometry.drop(index=at).to_numpy()).sum() / 0.19
        return shape_at(lambda shape: box(43, -1, 43.19, -1 + height))(layer, at)

    return bad


def unnamed_crs(crs: Any) -> Callable[[Layer, int], Written]:
    """A shapefile without its .prj; the second of three is not packed."""

    def bad(layer: Layer, at: int) -> Written:
        def write_all(own: Path) -> None:
            folder = own.parent.parent / "packing"
            folder.mkdir()
            short(layer).to_crs(crs).to_file(folder / f"{TABLE}.shp", engine="pyogrio")
            if at == len(layer) // 2:
                (folder / f"{TABLE}.prj").unlink()
                for one in folder.iterdir():
                    shutil.move(one, own / one.name)
                folder.rmdir()
            else:
                pack(own / f"{TABLE}.zip", folder, without=[".prj"])

        return write_all

    return bad


def packed(without: Sequence[str] = (), cut: Mapping[str, float] | None = None) -> Callable[[Layer, int], Written]:
    """A zipped shapefile with a part missing or cut off."""

    def bad(layer: Layer, at: int) -> Written:
        def write_all(own: Path) -> None:
            folder = own.parent.parent / "packing"
            folder.mkdir()
            moved_first = pd.concat([layer.iloc[at:], layer.iloc[:at]], ignore_index=True)
            short(moved_first).to_file(folder / f"{TABLE}.shp", engine="pyogrio")
            pack(own / f"{TABLE}.zip", folder, without, cut)

        return write_all

    return bad


def cut_geojson(layer: Layer, at: int) -> Written:
    """A GeoJSON file that ends in the middle of this feature."""

    def write_all(own: Path) -> None:
        path = own / f"{TABLE}.geojson"
        layer.to_file(path, engine="pyogrio")
        words = path.read_text(encoding="utf-8")
        begins = [n for n in range(len(words)) if words.startswith('{ "type": "Feature",', n)]
        path.write_text(words[: begins[at] + 150], encoding="utf-8")

    return write_all


def named_crs(layer: Layer, at: int) -> Written:
    """A GeoJSON file in metres that says so in the old way."""

    def write_all(own: Path) -> None:
        content = json.loads(layer.iloc[at:].to_crs(32737).to_json(drop_id=True))
        content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32737"}}
        (own / f"{TABLE}.geojson").write_text(json.dumps(content), encoding="utf-8")

    return write_all


def twice(again: Callable[[Any], Any], **values: Any) -> Callable[[Layer, int], Layer]:
    """The feature once more at the end, perhaps written in another way or with other values."""

    def bad(layer: Layer, at: int) -> Layer:
        copy = layer.iloc[[at]].assign(**values)
        copy = copy.set_geometry([again(copy.geometry.iloc[0])], crs=layer.crs)
        return pd.concat([layer, copy], ignore_index=True)

    return bad


def reversed_ring(shape: Any) -> Polygon:
    return Polygon(list(shape.exterior.coords)[::-1])


def begun_elsewhere(shape: Any) -> MultiPolygon:
    ring = list(shape.exterior.coords)[:-1]
    return MultiPolygon([Polygon(ring[2:] + ring[:2])])


def value_at(column: str, value: Any) -> Callable[[Layer, int], Layer]:
    """A fault that is one cell."""

    def bad(layer: Layer, at: int) -> Layer:
        layer[column] = layer[column].astype(object)
        layer.loc[at, column] = value
        return layer

    return bad


def long_named(layer: Layer, at: int) -> Written:
    """A shapefile whose writer cut the names of the schema to ten letters."""

    def write_all(own: Path) -> None:
        turned = pd.concat([layer.iloc[at:], layer.iloc[:at]], ignore_index=True)
        write(turned.assign(reported_area_km2=12.5), own, "zip")

    return write_all


NOTES = "indicators.protected_area_coverage.notes"
FIJI_LAND = MultiPolygon([box(178, -19, 180, -15), box(-180, -19, -178.5, -15)])
FIJI_SEA = MultiPolygon([box(175, -19, 178, -15), box(-178.5, -19, -177, -15)])
FIJI = gpd.GeoDataFrame(
    pd.concat([good(box(178, -19, 179.8, -15), 6), good(box(-179.9, -18, -178.6, -16), 2)], ignore_index=True)
)
FIJI["site_id"] = [f"S{n}" for n in range(1, 9)]
COAST = box(37, -2, 38.99, 0)

CASES = [
    case("PA-01", "a bow tie", shape_at(crossed), found("repair", "layer.repaired_geometry")),
    case("PA-01", "a spike", shape_at(spiked), found("repair", "layer.repaired_geometry")),
    case("PA-01", "two readings", shape_at(holed_beyond), found("error", "layer.two_readings")),
    case("PA-03", "in metres", unnamed_crs(32737), anywhere("error", "layer.no_crs_likely", says=("UTM zone 37S", "crs: EPSG:32737"))),  # noqa: E501
    case("PA-03", "in degrees", unnamed_crs(4326), anywhere("error", "layer.no_crs_likely", says=("crs: EPSG:4326",))),
    case("PA-05", "metres called degrees", labelled(32737, 4326), anywhere("error", "layer.crs_contradicted", says=("EPSG:4326",)), endings=("gpkg", "parquet", "zip")),  # noqa: E501
    case("PA-05", "degrees called metres", labelled(4326, 32737), anywhere("error", "layer.crs_contradicted", says=("37S",)), endings=("gpkg", "parquet", "zip")),  # noqa: E501
    case("PA-06", "axes exchanged", swapped, anywhere("error", "layer.swapped_axes", says=("swap_axes: true",))),
    case("PA-07", "a wrong zone", labelled(32737, 32736), anywhere("error", "layer.outside_country", says=("100 %",)), endings=("gpkg", "parquet", "zip")),  # noqa: E501
    case("PA-07", "without the minus", moved((-76.5, 0)), anywhere("error", "layer.outside_country")),
    case("PA-07", "a tenth of the area", some_outside(0.1), found("error", "layer.outside_country", says=("10 %",))),
    case("PA-08", "drawn the long way round", shape_at(lambda shape: Polygon([(179, -18), (-179, -18), (-179, -16), (179, -16)])), found("repair", "layer.crosses_180"), base=FIJI, land=FIJI_LAND, sea=FIJI_SEA),  # noqa: E501
    case("PA-08", "running on beyond 180", shape_at(lambda shape: box(179, -18, 181, -16)), found("repair", "layer.split_at_180"), base=FIJI, land=FIJI_LAND, sea=FIJI_SEA),  # noqa: E501
    *(
        case("PA-10", f"{part} cut off", packed(cut={part: share}), anywhere("error", "layer.member_cut", value=part))
        for part, share in ((".shp", 0.5), (".shx", 0.7), (".dbf", 0.9))
    ),
    *(
        case("PA-11", f"without {part}", packed(without=[part]), anywhere("error", "layer.members_missing", says=(f"{TABLE}{part}",)))  # noqa: E501
        for part in (".shp", ".shx", ".dbf")[1:]
    ),
    case("PA-14", "a line", shape_at(lambda shape: LineString(shape.exterior.coords[:3])), found("repair", "layer.left_out"), endings=("gpkg", "geojson", "parquet")),  # noqa: E501
    case("PA-14", "a collection", shape_at(lambda shape: GeometryCollection([shape, Point(38, -1)])), found("repair", "layer.collection"), endings=("gpkg", "geojson", "parquet")),  # noqa: E501
    case("PA-16", "not a number", shape_at(lambda shape: Polygon([(38, -1), (38.1, -1), (38.1, np.nan)])), found("error", "layer.no_number"), endings=("gpkg", "parquet", "gpkg")),  # noqa: E501
    case("PA-16", "without end", shape_at(lambda shape: Polygon([(38, -1), (38.1, -1), (38.1, np.inf)])), found("error", "layer.no_number"), endings=("gpkg", "parquet", "gpkg")),  # noqa: E501
    case("PA-17", "the other way round", twice(reversed_ring), lambda row: [Finding("repair", "layer.same_feature", (9,), says=(f"row {row}",))]),  # noqa: E501
    case("PA-17", "begun elsewhere", twice(begun_elsewhere), lambda row: [Finding("repair", "layer.same_feature", (9,))], endings=("gpkg", "geojson", "parquet")),  # noqa: E501
    case("PA-17", "nearly the same", twice(lambda shape: shapely.affinity.translate(shape, 1e-8, 0), site_id="S99"), lambda row: [Finding("flag", "layer.nearly_same", (9,), says=(f"row {row}",))], endings=("gpkg", "parquet", "zip")),  # noqa: E501
    *(
        case("PA-18", status, value_at("status", status), anywhere("repair", f"{NOTES}.status_left_out"), computed=True)
        for status in ("Proposed", "Not Reported")
    ),
    case("PA-18", "a biosphere reserve", value_at("designation", "UNESCO-MAB Biosphere Reserve"), anywhere("repair", f"{NOTES}.designation_left_out"), computed=True),  # noqa: E501
    case("PA-18", "unknown status", value_at("status", "Abolished"), lambda row: [Finding("error", "check.not_in_list", (row,), value="Abolished")]),  # noqa: E501
    case("PA-21", "a coast of other detail", shape_at(lambda shape: box(39.98, -1.5, 40.0075, -0.5)), found("flag", "layer.partly_outside")),  # noqa: E501
    case("PA-21", "more than two in a hundred", shape_at(lambda shape: box(39.9, -1.5, 40.015, -0.5)), found("flag", "layer.coarse_boundary")),  # noqa: E501
    case("PA-23", "names of ten letters", long_named, lambda row: [
        Finding("error", "layer.cut_name", column="reported_a", says=("reported_area_km2: reported_a",)),
        Finding("error", "layer.cut_name", column="status_yea"),
    ]),
    case("PA-24", "cut off", cut_geojson, lambda row: [Finding("error", "layer.cut_off", (row,), says=(f"feature {row}",))], endings=("geojson",) * 3),  # noqa: E501
    case("PA-24", "its own coordinate system", named_crs, anywhere("flag", "layer.crs_member"), endings=("geojson",) * 3),  # noqa: E501
    case("PA-27", "a year to come", value_at("status_year", 2099), lambda row: [Finding("error", "areas.future_year", (row,), value="2099")], computed=True),  # noqa: E501
    *(
        case("PA-27", f"year {label}", value_at("status_year", year), anywhere("flag", f"{NOTES}.unknown_year"), computed=True)  # noqa: E501
        for label, year in (("0", 0), ("blank", None))
    ),
]  # fmt: skip
