"""Bad inputs that mean harm: files that point elsewhere, bombs, and names that lead out of their folder."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path

import yaml

from tests.bad_inputs.case import Case, Finding, Table, Variant, own_folder, put_tables, xlsx_bytes

WORKED = Path(__file__).resolve().parents[2] / "data_samples" / "worked"
#: Stands for a file that is none of theirs, and for a service in the network of the ministry.
SECRET = Path(__file__).resolve()
SERVICE = "http://127.0.0.1:9/secret"

#: The worked example's own names for what its columns hold.
_NAMES = {
    "SITE_ID": "site_id", "NAME": "name", "SITE_TYPE": "site_type", "STATUS": "status", "DESIG_ENG": "designation",
    "IUCN_CAT": "iucn_category", "STATUS_YR": "status_year", "REP_AREA": "reported_area_km2",
}  # fmt: skip


def country_of(code: str) -> Mapping[str, object]:
    """Headings of the worked example of an indicator."""
    slug = {"3.1": "protected_area_coverage", "A.2": "natural_ecosystem_extent"}[code]
    said = yaml.safe_load((WORKED / slug / "country.yml").read_text(encoding="utf-8"))
    return {name: said[name] for name in ("frame", "reporting_year") if name in said}


@cache
def sites():
    """Protected areas about which there is nothing to say."""
    import geopandas

    layer = geopandas.read_file(WORKED / "protected_area_coverage/protected_area_coverage/protected_areas.gpkg")
    return layer.rename(columns=_NAMES).drop(index=4).reset_index(drop=True)


def put_frame(folder: Path) -> None:
    """The frame of the worked example of protected areas."""
    shutil.copytree(WORKED / "protected_area_coverage/frame", folder / "frame", dirs_exist_ok=True)


@cache
def shapefile_parts() -> Mapping[str, bytes]:
    """The files of a good shapefile, by name; names of columns are cut by the format, so two are left out."""
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        few = sites()[["site_id", "name", "site_type", "status", "geometry"]]
        few[few.geom_type != "Point"].to_file(Path(place, "areas.shp"), engine="pyogrio", encoding="utf-8")
        return {path.name: path.read_bytes() for path in sorted(Path(place).iterdir())}


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive with these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def layer(ending: str, content: bytes | Callable[[], bytes]) -> Callable[[Path], None]:
    """Writes a layer of protected areas into a country folder."""

    def write(folder: Path) -> None:
        put_frame(folder)
        made = content if isinstance(content, bytes) else content()
        (own_folder(folder, "3.1") / f"protected_areas.{ending}").write_bytes(made)

    return write


def good_layer(ending: str) -> Callable[[Path], None]:
    """Writes the good layer in a format."""

    def write(folder: Path) -> None:
        put_frame(folder)
        made, how = (sites().to_crs(4326), {"RFC7946": "YES"}) if ending == "geojson" else (sites(), {})
        made.to_file(own_folder(folder, "3.1") / f"protected_areas.{ending}", **how)

    return write


def layer_case(
    entry: str, name: str, variants: Mapping[str, tuple[str, bytes | Callable[[], bytes], Finding]],
    twin: Callable[[Path], None],
) -> Case:  # fmt: skip
    """A case of layers in files of other kinds: what is in the file, its ending, what must be found."""
    made = [Variant(label, layer(ending, content), (find,)) for label, (ending, content, find) in variants.items()]
    return Case(entry, name, "3.1", tuple(made), twin, country=country_of("3.1"))


# -- files that point elsewhere ------------------------------------------------------------------------------------


def vrt(source: str) -> bytes:
    """A file of GDAL that reads its rows from another place."""
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{source}</SrcDataSource>'
        "<SrcSQL>SELECT * FROM x</SrcSQL></OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


def commands(line: str) -> bytes:
    """A file of GDAL from 3.11 on that is a list of commands."""
    return json.dumps(
        {"type": "gdal_streamed_alg", "command_line": line, "relative_paths_relative_to_this_file": False}
    ).encode()


def linked_geojson(system: Mapping[str, object]) -> bytes:
    """GeoJSON whose coordinate system lies elsewhere."""
    whole = json.loads(sites().to_crs(4326).to_json())
    return json.dumps({**whole, "crs": dict(system)}).encode()


def database(kind: str, name: str, sql: str, is_geopackage: bool = True) -> bytes:
    """A database with a table, view or trigger that its writer's own SQLite did not have to understand."""
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "x.gpkg")
        if is_geopackage:
            sites().to_file(path)
        with closing(sqlite3.connect(path)) as base:
            base.execute("CREATE TABLE IF NOT EXISTS plain (a)")
            base.execute("PRAGMA writable_schema = ON")
            of_table = "plain" if kind == "trigger" else name
            base.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, 0, ?)", (kind, name, of_table, sql))
            base.commit()
        return path.read_bytes()


_IS_POINTER = Finding("error", "reader.is_pointer", says=("data",))
_IS_COMMANDS = Finding("error", "reader.is_commands")
_VIRTUAL = f"CREATE VIRTUAL TABLE secret USING VirtualOGR('CSV:{SECRET}')"


def _pointers() -> Case:
    parts = shapefile_parts()
    inside = zipped({**parts, "areas.shp": vrt(f"CSV:{SECRET}")})
    spoilt = b"\xef\xbb\xbf\n <!-- a map -->\n" + vrt(str(SECRET))
    return layer_case("HX-01", "a pointer to another file", {
        "geojson": ("geojson", vrt(f"CSV:{SECRET}"), _IS_POINTER),
        "geopackage": ("gpkg", vrt(str(SECRET)), _IS_POINTER),
        "shapefile": ("shp", b'<?xml version="1.0"?>\n' + vrt(f"CSV:{SECRET}"), _IS_POINTER),
        "zipped shapefile": ("zip", inside, _IS_POINTER),
        "after a mark and a remark": ("json", spoilt, _IS_POINTER),
        "raster": ("geojson", b'<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>', _IS_POINTER),
    }, good_layer("gpkg"))  # fmt: skip


def _lists_of_commands() -> Case:
    lines = {
        "reads a file": f"gdal vector pipeline ! read {SECRET} ! write streamed",
        "reads a table": f"gdal vector pipeline ! read CSV:{SECRET} ! sql 'SELECT * FROM x'",
        "asks a service": f"gdal vector pipeline ! read /vsicurl/{SERVICE}",
        "writes a file": f"gdal vector pipeline ! read {SECRET} ! write /tmp/x.gpkg",
    }
    made = {name: ("geojson", commands(line), _IS_COMMANDS) for name, line in lines.items()}
    hidden = json.dumps(
        {"features": [], "x": {"command_line": "x", "type": "gdal_streamed_alg"}, "type": "FeatureCollection"}
    )
    made["inside a collection"] = ("json", hidden.encode(), _IS_COMMANDS)
    return layer_case("HX-03", "commands instead of data", made, good_layer("geojson"))


def _databases() -> Case:
    reaches = Finding("error", "reader.reaches_out", value="secret")
    return layer_case("HX-04", "a database that opens files", {
        "no geopackage": ("gpkg", lambda: database("table", "secret", _VIRTUAL, is_geopackage=False),
                          Finding("error", "reader.is_database")),
        "a geopackage with a virtual table": ("gpkg", lambda: database("table", "secret", _VIRTUAL), reaches),
        "in odd writing": ("gpkg", lambda: database("table", "secret", "create  VIRTUAL\n table secret\tusing \"virtualogr\" ('x')"), reaches),  # noqa: E501
        "a view that asks GDAL": ("gpkg", lambda: database("view", "secret", f"CREATE VIEW secret AS SELECT ogr_datasource_load_layers('{SECRET}')"), reaches),  # noqa: E501
        "a trigger that loads": ("gpkg", lambda: database("trigger", "secret", "CREATE TRIGGER secret AFTER INSERT ON plain BEGIN SELECT load_extension('x'); END"), reaches),  # noqa: E501
    }, good_layer("gpkg"))  # fmt: skip


def _services() -> Case:
    link = Finding("error", "reader.link")
    wms = f'<GDAL_WMS><Service name="WMS"><ServerUrl>{SERVICE}</ServerUrl></Service></GDAL_WMS>'.encode()
    wfs = f"<OGRWFSDataSource><URL>{SERVICE}</URL></OGRWFSDataSource>".encode()
    linked = linked_geojson({"type": "link", "properties": {"href": SERVICE, "type": "proj4"}})
    named = linked_geojson({"type": "name", "properties": {"name": f"{SERVICE}.wkt"}})
    return layer_case("HX-05", "a web service instead of data", {
        "WFS": ("gpkg", wfs, _IS_POINTER),
        "WMS": ("geojson", wms, _IS_POINTER),
        "a pointer to the network": ("geojson", vrt(f"/vsicurl/{SERVICE}"), _IS_POINTER),
        "a system to be fetched": ("geojson", linked, link),
        "a system with an address for a name": ("json", named, link),
        "cut off after the link": ("geojson", b'{"type": "FeatureCollection", ' + linked[linked.index(b'"crs"'):-1] + b', "features": [{', link),  # noqa: E501
    }, good_layer("geojson"))  # fmt: skip


# -- archives and workbooks ------------------------------------------------------------------------------------------


def with_link(members: Mapping[str, bytes], name: str) -> bytes:
    """An archive in which one more member is a link."""
    packed = io.BytesIO(zipped(members))
    with zipfile.ZipFile(packed, "a") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, str(SECRET))
    return packed.getvalue()


def _unsafe_names() -> Case:
    parts = shapefile_parts()
    names = ["../../areas.txt", "/etc/areas.txt", "..\\..\\areas.txt", "C:\\areas.txt", "areas/../../x.txt"]
    made = {
        name: ("zip", zipped({**parts, name: b"x"}), Finding("error", "archive.unsafe_name", value=name))
        for name in names
    }
    linked = Finding("error", "archive.unsafe_name", value="areas.qix")
    return layer_case(
        "HX-07", "names that lead out", {**made, "a link": ("zip", with_link(parts, "areas.qix"), linked)},
        layer("zip", zipped(parts)),
    )  # fmt: skip


_CHANGE = {(0, 2010): ("NT", "genuine")}
SPECIES = Table(
    "red_list_assessments",
    [
        ["species_id", "scientific_name", "taxonomic_group", "year", "category", "reason_for_change", "range_share",
         "scope"],
        *(
            [f"S{n}", f"Rana prima{'abcd'[n]}", "Frogs", year, *_CHANGE.get((n, year), ("LC", None)), 0.5, "national"]
            for n in range(4) for year in (2000, 2010)
        ),
    ],
)  # fmt: skip


def spoilt_workbook(part: str, spoil: Callable[[str], str]) -> bytes:
    """The good workbook with one of its parts changed."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(SPECIES.rows))) as old, zipfile.ZipFile(changed, "w") as new:
        assert part in old.namelist()
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, spoil(content.decode()) if name == part else content, zipfile.ZIP_DEFLATED)
    return changed.getvalue()


def workbook(content: Callable[[], bytes]) -> Callable[[Path], None]:
    """Writes a workbook of species."""
    return lambda folder: (own_folder(folder, "A.3") / "red_list_assessments.xlsx").write_bytes(content()) and None


def _good_workbook(folder: Path) -> None:
    put_tables(folder, "A.3", [SPECIES], "xlsx")


SHEET = "xl/worksheets/sheet1.xml"


def doctype(entities: str, use: str) -> Callable[[str], str]:
    """Puts entities before a part and one of them into its first text."""

    def spoil(words: str) -> str:
        rest = words.rpartition("?>")[2]
        return f'<?xml version="1.0"?><!DOCTYPE x [{entities}]>{rest}'.replace("<v>", f"<v>&{use};", 1)

    return spoil


def _entities() -> Case:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    outside = f'<!ENTITY x SYSTEM "file://{SECRET}">'
    asked = f'<!ENTITY x SYSTEM "{SERVICE}">'
    unsafe = (Finding("error", "workbook.file.unsafe_xml"),)
    variants = (
        Variant("billion laughs", workbook(lambda: spoilt_workbook(SHEET, doctype(laughs, "a9"))), unsafe),
        Variant("a file", workbook(lambda: spoilt_workbook(SHEET, doctype(outside, "x"))), unsafe),
        Variant("a service", workbook(lambda: spoilt_workbook("xl/workbook.xml", doctype(asked, "x"))), unsafe),
    )
    return Case("HX-09", "entities", "A.3", variants, _good_workbook)


def stray(reference: str) -> bytes:
    """A workbook with one cell far from its table."""
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    cell = f'<row r="{row}"><c r="{reference}"><v>1</v></c></row></sheetData>'
    return spoilt_workbook(SHEET, lambda words: words.replace("</sheetData>", cell))


def _stray_cells() -> Case:
    def variant(reference: str) -> Variant:
        find = Finding("error", "workbook.file.stray_cell", value=reference, says=(reference,))
        return Variant(reference, workbook(lambda: stray(reference)), (find,))

    variants = tuple(map(variant, ("XFD1048576", "H1048576", "XFD400")))
    return Case("XL-12", "one cell far away", "A.3", variants, _good_workbook)


CASES = [
    _pointers(), _lists_of_commands(), _databases(), _services(), _unsafe_names(), _entities(), _stray_cells(),
]  # fmt: skip
