"""Hostile files open nothing and reach nobody, and cost one message while another reading goes on."""

from __future__ import annotations

import http.server
import io
import os
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
import pytest
import rasterio

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.pipeline import check
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.reader import process
from gbf_workbench.preparation.reader.sizes import most_points, points_in, refuse_large_layer
from gbf_workbench.preparation.schema import schema_of
from tests.bad_inputs import files_archives, hostile
from tests.bad_inputs.case import covers, make_country

CANARY = "canary-that-must-not-sing"
walled = pytest.mark.skipif(
    sys.platform != "linux" or process.protections() != ["files", "network"], reason="this system has no such walls"
)


class _Service(http.server.BaseHTTPRequestHandler):
    hits: list[str]

    def do_GET(self) -> None:
        type(self).hits.append(self.path)
        self.send_response(404)
        self.end_headers()

    do_HEAD = do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def service() -> Iterator[tuple[str, list[str]]]:
    """Address of a service on this computer, and the requests that reached it."""
    handler = type("Handler", (_Service,), {"hits": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/secret", handler.hits
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A file outside of every country folder."""
    path = tmp_path / "outside" / "secret.csv"
    path.parent.mkdir()
    path.write_text(f"name,note\n{CANARY},x\n", encoding="utf-8")
    return path


def without_walls(path: Path, module: str, call: str) -> str:
    """What a program without any of our care gets out of a file: the control of these tests."""
    script = f"import {module}, warnings; warnings.simplefilter('ignore'); print({call})"
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


@covers("HX-01", "HX-03")
def test_the_canary_file_sings_without_walls_and_is_silent_behind_them(canary: Path, tmp_path: Path):
    made = {
        "vrt.geojson": hostile.vrt(str(canary)).replace(b'name="x"', b'name="secret"').replace(
            b"<SrcSQL>SELECT * FROM x</SrcSQL>", b""),
        "commands.geojson": hostile.commands(f"gdal vector pipeline ! read {canary} ! write streamed"),
    }  # fmt: skip
    sang = []
    for name, content in made.items():
        path = tmp_path / name
        path.write_bytes(content)
        sang.append(CANARY in without_walls(path, "pyogrio, sys", "pyogrio.read_dataframe(sys.argv[1]).to_string()"))
        with pytest.raises(WorkbenchError) as caught:
            process.run("columns", path)
        assert CANARY not in str(caught.value)
    assert any(sang), "the canary would not be heard"


@covers("HX-05")
def test_the_service_hears_a_program_without_walls_and_nothing_of_ours(service, tmp_path: Path):
    address, hits = service
    pointer = tmp_path / "a.geojson"
    pointer.write_bytes(hostile.vrt(f"/vsicurl/{address}.geojson"))
    without_walls(pointer, "pyogrio, sys", "pyogrio.read_dataframe(sys.argv[1])")
    assert hits, "the service would not hear"
    hits.clear()
    systems = ({"type": "link", "properties": {"href": address}}, {"type": "name", "properties": {"name": address}})
    contents = [hostile.vrt(f"/vsicurl/{address}.geojson"), *map(hostile.linked_geojson, systems)]
    for at, content in enumerate(contents):
        path = tmp_path / f"{at}.geojson"
        path.write_bytes(content)
        with pytest.raises(WorkbenchError):
            process.run("columns", path)
    assert hits == []


@walled
def test_even_code_inside_the_reading_process_opens_and_reaches_nothing(service, canary: Path, tmp_path: Path):
    """Whatever a broken library could be made to do: the kernel refuses it."""
    address, hits = service
    (tmp_path / "script").mkdir()
    script = tmp_path / "script" / "leans.py"
    script.write_text(
        "import os, socket, subprocess, sys, urllib.request\n"
        "from pathlib import Path\n"
        "from gbf_workbench.preparation.reader.child import _program\n"
        "from gbf_workbench.preparation.reader.confinement import confine\n"
        "canary, address, own, walls = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4] == 'walls'\n"
        "if walls: confine(_program(), [own])\n"
        "def fork():\n"
        "    pid = os.fork()\n"
        "    if not pid: os._exit(0)\n"
        "    os.waitpid(pid, 0)\n"
        "leans = {'read': canary.read_text, 'list': lambda: os.listdir(canary.parent), 'fork': fork,\n"
        "  'write': lambda: canary.with_name('new').write_text('x'), 'link': lambda: os.link(canary, own / 'x'),\n"
        "  'unix': lambda: socket.socket(socket.AF_UNIX), 'net': lambda: socket.create_connection(('127.0.0.1', 9)),\n"
        "  'web': lambda: urllib.request.urlopen(address), 'run': lambda: subprocess.run(['true'])}\n"
        "for name, lean in leans.items():\n"
        "    try: lean()\n"
        "    except PermissionError: print(name, 'refused')\n"
        "    except Exception as fault:\n"
        "        print(name, 'refused' if 'ermission' in str(fault) or 'cross-device' in str(fault) else 'tried')\n"
        "    else: print(name, 'done')\n"
        "(own / 'mine').write_text('x')\n",
        encoding="utf-8",
    )

    def leaning(walls: str) -> dict[str, str]:
        own = tmp_path / walls
        own.mkdir()
        done = subprocess.run(
            [sys.executable, str(script), str(canary), address, str(own), walls], capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}, timeout=60,
        )  # fmt: skip
        assert (own / "mine").exists(), done.stderr
        return dict(line.split() for line in done.stdout.splitlines())

    free = leaning("free")
    assert set(free.values()) == {"done", "tried"}, free
    assert free["read"] == free["fork"] == free["run"] == "done"
    assert hits
    hits.clear()
    assert set(leaning("walls").values()) == {"refused"}
    assert hits == []


GROUPS = {
    "HX": [(case, one) for case in hostile.CASES for one in case.variants[:2]],
    "FX": [(case, one) for case in files_archives.CASES for one in case.variants[:1]],
}


def test_another_reader_goes_on_while_hostile_files_are_refused(tmp_path: Path):
    """One thread reads a good table over and over; no hostile file stops it."""
    good = tmp_path / "good.csv"
    good.write_text("species_id,taxonomic_group,year,category\nS1,Frogs,2000,LC\n", encoding="utf-8")
    arguments = {"schema": schema_of("red_list_assessments"), "mapping": TableMapping()}
    done, lengths, broken = threading.Event(), [], []

    def go_on() -> None:
        while not done.is_set():
            try:
                lengths.append(len(process.run("table", good, **arguments)[0]))
            except BaseException as fault:
                broken.append(fault)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        for at, (case, variant) in enumerate(GROUPS["HX"]):
            folder = make_country(tmp_path / f"{at}", case.country)
            variant.write(folder)
            before = len(lengths)
            assert any(issue.stops for issue in check(case.code, folder))
            while len(lengths) == before:
                time.sleep(0.01)
    finally:
        done.set()
        thread.join()
    assert broken == []
    assert set(lengths) == {1}


@covers("XL-12")
def test_a_bomb_of_five_kilobytes_costs_less_than_300_mb_and_5_s(tmp_path: Path):
    content = hostile.stray("XFD1048576")
    assert len(content) < 8_000
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(content)
    arguments = {"schema": schema_of("red_list_assessments"), "mapping": TableMapping()}
    good = tmp_path / "good.xlsx"
    good.write_bytes(hostile.xlsx_bytes(hostile.SPECIES.rows))
    process.run("table", good, **arguments)
    peaks, done = [], threading.Event()
    own = psutil.Process()

    def watch() -> None:
        while not done.wait(0.002):
            grown = own.memory_info().rss - before
            for one in own.children(recursive=True):
                try:
                    # What a child shares with the template it was forked from it does not cost again.
                    facts = one.memory_full_info()
                    grown += facts.uss if one.ppid() != own.pid else 0
                except psutil.Error:
                    continue
            peaks.append(grown)

    before = own.memory_info().rss
    thread = threading.Thread(target=watch)
    thread.start()
    begin = time.perf_counter()
    with pytest.raises(WorkbenchError) as caught:
        process.run("table", path, **arguments)
    took = time.perf_counter() - begin
    done.set()
    thread.join()
    assert [issue.key for issue in caught.value.issues] == ["workbook.file.stray_cell"]
    assert took < 5
    assert max(peaks, default=0) < 300e6


# Bombs and large files


def unpacked(path: Path, tmp_path: Path) -> str:
    """Key of what is said about an archive as a layer."""
    into = tmp_path / "into"
    into.mkdir(exist_ok=True)
    from gbf_workbench.preparation.reader.archives import unpack_shapefile

    with pytest.raises(WorkbenchError) as caught:
        unpack_shapefile(path, into)
    assert sum(one.stat().st_size for one in into.iterdir()) < 10e6
    return caught.value.issues[0].key


def bomb(said: int | None = None) -> bytes:
    """An archive whose outlines unpack to 300 MB of zeros, and may say that they are fewer."""
    parts = dict(hostile.shapefile_parts())
    packed = bytearray(hostile.zipped({**parts, "areas.shp": bytes(300_000_000)}))
    if said is not None:
        for start, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
            place = packed.find(start)
            while place >= 0:
                name = 46 if start == b"PK\x01\x02" else 30
                if packed[place + name : place + name + 9] == b"areas.shp":
                    packed[place + at : place + at + 4] = said.to_bytes(4, "little")
                place = packed.find(start, place + 4)
    return bytes(packed)


@covers("HX-07")
@pytest.mark.parametrize("said", [None, 1000], ids=["honest", "with a header that lies"])
def test_an_archive_that_unpacks_to_far_more_than_it_weighs_is_refused(tmp_path: Path, said: int | None):
    path = tmp_path / "bomb.zip"
    path.write_bytes(bomb(said))
    assert path.stat().st_size < 1_000_000
    assert unpacked(path, tmp_path) in ("archive.bomb", "archive.damaged")


def test_members_that_share_their_bytes_are_refused(tmp_path: Path):
    """As in D. Fifield's archives: many entries of the directory stand for one packed member."""
    whole = hostile.zipped(dict(hostile.shapefile_parts()))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        first = min(archive.infolist(), key=lambda one: one.header_offset)
        directory = whole[archive.start_dir : whole.rindex(b"PK\x05\x06")]
    entry_length = 46 + len(first.filename)
    entry = bytearray(directory[:entry_length])
    entry[46:47] = b"x"
    end = bytearray(whole[whole.rindex(b"PK\x05\x06") :])
    count = int.from_bytes(end[8:10], "little") + 1
    end[8:10] = end[10:12] = count.to_bytes(2, "little")
    end[12:16] = (len(directory) + len(entry)).to_bytes(4, "little")
    path = tmp_path / "overlap.zip"
    path.write_bytes(whole[: whole.rindex(b"PK\x05\x06")] + bytes(entry) + bytes(end))
    assert unpacked(path, tmp_path) in ("archive.bomb", "archive.damaged")


def test_an_archive_of_too_many_members_is_refused(tmp_path: Path):
    path = tmp_path / "many.zip"
    path.write_bytes(hostile.zipped({f"{n}.txt": b"" for n in range(10_001)}, zipfile.ZIP_STORED))
    assert unpacked(path, tmp_path) == "archive.too_many"


def test_an_archive_of_data_that_pack_well_is_not_a_bomb(tmp_path: Path):
    """A table of blanks packs a thousandfold, and is only dull."""
    from gbf_workbench.preparation.reader.archives import unpack_shapefile

    parts = dict(hostile.shapefile_parts())
    path = tmp_path / "dull.zip"
    path.write_bytes(hostile.zipped({**parts, "areas.cpg": b"UTF-8" + b" " * 5_000_000}))
    assert len(zlib.compress(bytes(5_000_000))) < 5_000_000 / 900
    (tmp_path / "into").mkdir()
    made, issues = unpack_shapefile(path, tmp_path / "into")
    assert made.read_bytes() == parts["areas.shp"]
    assert issues == []


@covers("PA-26")
@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "parquet"])
def test_a_layer_with_more_points_than_fit_is_refused_before_it_is_loaded(tmp_path: Path, ending: str):
    import geopandas
    from shapely import Polygon

    angle = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    circle = Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * 1000)
    layer = geopandas.GeoDataFrame({"a": [1, 2]}, geometry=[circle, circle], crs=6933)
    path = tmp_path / f"large.{ending}"
    layer.to_parquet(path) if ending == "parquet" else layer.to_file(path)
    about = points_in(path)
    # Told from sizes alone: never too few by half, never more than four times too many.
    assert 20_000 < about < 160_000
    refuse_large_layer(path, about)
    with pytest.raises(WorkbenchError) as caught:
        refuse_large_layer(path, about - 1)
    (issue,) = caught.value.issues
    assert (issue.level, issue.key, issue.file) == ("error", "reader.too_many_points", path.name)
    assert issue.remedy("en")


@covers("PA-26")
def test_the_limit_of_points_is_told_in_the_check_and_leaves_a_layer_of_a_gigabyte_on_a_usual_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from gbf_workbench.preparation import inputs

    folder = make_country(tmp_path / "country", hostile.country_of("3.1"))
    hostile.good_layer("gpkg")(folder)
    monkeypatch.setattr(inputs, "most_points", lambda: 20)
    found = [issue for issue in check("3.1", folder) if issue.key == "reader.too_many_points"]
    assert {issue.file for issue in found} >= {"protected_areas.gpkg"}
    assert most_points() >= 1_000_000
    assert most_points() >= min(60_000_000, psutil.virtual_memory().total // 300)


@covers("PA-26")
def test_a_damaged_database_is_not_said_to_be_large(tmp_path: Path):
    path = tmp_path / "half.gpkg"
    hostile.sites().to_file(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    refuse_large_layer(path, 10)
    with closing(sqlite3.connect(tmp_path / "none.gpkg")) as base:
        base.execute("CREATE TABLE a (b)")
    refuse_large_layer(tmp_path / "none.gpkg", 10)


@covers("RS-16")
@pytest.mark.parametrize(("rows", "columns"), [(200_000, 200_000), (1_000, 30_000_000), (30_000_000, 1_000)])
def test_a_raster_of_a_megabyte_that_declares_a_continent_is_refused_at_once(tmp_path: Path, rows: int, columns: int):
    path = tmp_path / "ecosystem_maps_2000.tif"
    place = rasterio.Affine(10, 0, 0, 0, -10, 0)
    tiles = {"tiled": True, "blockxsize": 4096, "blockysize": 4096}
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="uint8", crs=6933, transform=place,
        nodata=0, SPARSE_OK=True, BIGTIFF="YES", **tiles,
    ):  # fmt: skip
        pass
    assert path.stat().st_size < 10_000_000
    begin = time.perf_counter()
    source, issues = process.run("raster", path, year=2000, mapping=TableMapping())
    assert time.perf_counter() - begin < 20
    assert source is None
    assert [(issue.level, issue.key) for issue in issues] == [("error", "rasters.too_large")]
    assert issues[0].remedy("en")
