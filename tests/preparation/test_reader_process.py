"""A file is read in a process of its own: the same table comes back, and what goes wrong there costs one sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely.geometry import MultiPolygon, Point, box

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.pipeline import check, compute
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.reader import process, scratch, template, wire
from gbf_workbench.preparation.reader.limits import environment, limits_for
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.preparation.tables import read_table
from tests.bad_inputs.case import covers

ROOT = Path(__file__).resolve().parents[2]
WORKED = ROOT / "data_samples" / "worked"
SPECIES = WORKED / "red_list_index/red_list_index/red_list_assessments.csv"
SITES = WORKED / "protected_area_coverage/protected_area_coverage/protected_areas.gpkg"
TABLE = {"schema": schema_of("red_list_assessments"), "mapping": TableMapping()}
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs the template process of Linux")


def read(path: Path) -> pd.DataFrame:
    return process.run("table", path, **TABLE)[0]


def refusal(path: Path) -> Issue:
    with pytest.raises(WorkbenchError) as caught:
        read(path)
    (issue,) = caught.value.issues
    assert issue.file == path.name
    assert issue.level == "error"
    assert issue.sentence("en")
    assert issue.remedy("en")
    return issue


def species_rows(count: int) -> str:
    rows = (f"S{n},Frogs,{year},LC,,national\n" for n in range(count // 2) for year in (2000, 2010))
    return "species_id,taxonomic_group,year,category,reason_for_change,scope\n" + "".join(rows)


@pytest.fixture
def long_table(tmp_path: Path) -> Path:
    """A table that takes seconds to read."""
    path = tmp_path / "long.csv"
    path.write_text(species_rows(100_000), encoding="utf-8")
    return path


def children() -> list[psutil.Process]:
    """The processes that read for this one now."""
    return psutil.Process(template.start().pid).children()


def until(true: Callable[[], object], patience: float = 20.0) -> None:
    ends = time.monotonic() + patience
    while not true():
        assert time.monotonic() < ends, "it never happened"
        time.sleep(0.01)


# What comes back


def test_a_table_comes_back_as_if_it_had_been_read_here():
    here, issues_here = check_table(read_table(SPECIES, **TABLE), **TABLE)
    there, issues_there = process.run("table", SPECIES, **TABLE)
    assert_frame_equal(here, there, check_exact=True)
    assert issues_here == issues_there


def test_a_fresh_process_gives_the_same_where_none_can_be_forked(monkeypatch):
    forked = read(SPECIES)
    monkeypatch.setattr(process, "FORKS", False)
    assert_frame_equal(forked, read(SPECIES), check_exact=True)


def columns() -> st.SearchStrategy[pd.Series]:
    integers = st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3)
    numbers = st.lists(st.none() | st.floats(allow_nan=False), min_size=3, max_size=3)
    texts = st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=3, max_size=3)
    truths = st.lists(st.none() | st.booleans(), min_size=3, max_size=3)
    kinds = {"Int64": integers, "Float64": numbers, "str": texts, "boolean": truths}
    made = [values.map(lambda v, kind=kind: pd.Series(v, dtype=kind)) for kind, values in kinds.items()]
    dates = st.lists(st.none() | st.dates(), min_size=3, max_size=3)
    return st.one_of(
        *made,
        dates.map(lambda v: pd.Series(v, dtype=object)),
        dates.map(lambda v: pd.Series(np.array(v, dtype="datetime64[s]"))),
    )


@settings(max_examples=40)
@given(st.lists(columns(), min_size=1, max_size=4))
def test_every_type_of_a_checked_table_survives_the_way(tmp_path_factory, made: list[pd.Series]):
    table = pd.concat(made, axis=1)
    table.columns = [f"column {at}" for at in range(len(made))]
    table.index = [2, 3, 7]
    folder = tmp_path_factory.mktemp("way")
    there = wire.receive(wire.send(table, folder), folder)
    assert_frame_equal(table, there, check_exact=True)


def test_a_layer_keeps_shapes_that_are_missing_or_empty_and_its_system(tmp_path: Path):
    shapes = [Point(1, 2), None, MultiPolygon(), box(0, 0, 1, 1)]
    layer = gpd.GeoDataFrame({"name": pd.Series(list("abcd"), dtype="str")}, geometry=shapes, crs="EPSG:6933")
    layer.index = [1, 2, 3, 4]
    there = wire.receive(wire.send(layer, tmp_path), tmp_path)
    assert there.crs == layer.crs
    assert there.geometry.isna().tolist() == [False, True, False, False]
    assert [shape and shape.wkt for shape in there.geometry] == [shape and shape.wkt for shape in layer.geometry]
    assert there.index.tolist() == [1, 2, 3, 4]


def test_findings_come_back_as_they_were_sent():
    sent = [
        Issue("repair", "check.trimmed", {"names": "a", "many": (1, 2), "n": np.int64(3)}, rows=(2, 4), column="x",
              before="KEN ", after="KEN"),
    ]  # fmt: skip
    assert wire.whole_of(wire.plain_of(sent)) == [replace(sent[0], values={**sent[0].values, "n": 3})]


def test_a_map_is_a_copy_of_ours_that_outlives_the_reading(tmp_path: Path):
    country = WORKED / "natural_ecosystem_extent"
    spec = spec_of("A.2")
    from gbf_workbench.preparation.country import open_country
    from gbf_workbench.preparation.inputs import read_inputs

    found = read_inputs(spec, open_country(country))
    maps = next(content for content in found.contents.values() if isinstance(content, tuple))
    again = read_inputs(spec, open_country(country))
    for one in maps:
        assert one.path.is_relative_to(scratch.scratch())
        assert one.path.is_file()
    copies = [one.path for content in again.contents.values() if isinstance(content, tuple) for one in content]
    assert copies == [one.path for one in maps], "a map that is read twice lies there once"


def test_warnings_in_the_process_are_said_here(tmp_path: Path):
    with pytest.warns(RuntimeWarning, match="overflow"):
        process._warn_again([["overflow met", "builtins", "RuntimeWarning", "somewhere.py", 3]])
    with pytest.warns(UserWarning, match="nobody knows"):
        process._warn_again([["a kind nobody knows", "os", "system", "somewhere.py", 3]])
    with warnings.catch_warnings(record=True) as none:
        warnings.simplefilter("ignore")
        process._warn_again([["overflow met", "builtins", "RuntimeWarning", "somewhere.py", 3]])
    assert none == []


# What goes wrong


def test_a_file_that_needs_more_memory_than_allowed_costs_one_sentence(monkeypatch, long_table: Path):
    little = replace(limits_for(0), memory=30 * 2**20)
    monkeypatch.setattr(process, "limits_for", lambda size: little)
    assert refusal(long_table).key == "reader.memory"
    monkeypatch.undo()
    assert len(read(SPECIES)) > 0


def test_a_file_that_takes_too_long_costs_one_sentence_and_no_process_stays(monkeypatch, long_table: Path):
    monkeypatch.setattr(process, "limits_for", lambda size: replace(limits_for(0), wall=0.3))
    assert refusal(long_table).key == "reader.time"
    if template.FORKS:
        until(lambda: not children())


@linux
def test_a_file_that_takes_too_much_of_the_processor_costs_one_sentence(monkeypatch, long_table: Path):
    long_table.write_text(species_rows(2_000_000), encoding="utf-8")
    monkeypatch.setattr(process, "limits_for", lambda size: replace(limits_for(0), cpu=1))
    assert refusal(long_table).key == "reader.time"


def test_memory_and_time_are_watched_where_the_system_does_not(monkeypatch, long_table: Path):
    monkeypatch.setattr(process, "FORKS", False)
    monkeypatch.setattr(process, "_PROGRAM", 2**20)
    monkeypatch.setattr(process, "limits_for", lambda size: replace(limits_for(0), memory=2**40 if size < 0 else 2**24))
    assert refusal(long_table).key == "reader.memory"
    monkeypatch.setattr(process, "limits_for", lambda size: replace(limits_for(0), wall=0.2))
    assert refusal(long_table).key == "reader.time"


def during(path: Path, do: Callable[[], None]) -> list[Issue | pd.DataFrame]:
    """Read a long table, do something meanwhile, and give what became of the reading."""
    found: list[Issue | pd.DataFrame] = []

    def reading() -> None:
        try:
            found.append(read(path))
        except WorkbenchError as refused:
            found.extend(refused.issues)

    template.start()
    thread = threading.Thread(target=reading)
    thread.start()
    until(children)
    time.sleep(0.2)
    do()
    thread.join()
    return found


@linux
@pytest.mark.parametrize(("blow", "key"), [(signal.SIGSEGV, "reader.crashed"), (signal.SIGKILL, "reader.memory")])
def test_a_reader_that_breaks_down_costs_one_sentence(long_table: Path, blow: int, key: str):
    (issue,) = during(long_table, lambda: children()[0].send_signal(blow))
    assert (issue.key, issue.file) == (key, long_table.name)
    assert len(read(SPECIES)) > 0


@linux
def test_a_template_that_is_killed_is_started_again_in_the_middle_of_a_reading(long_table: Path):
    (table,) = during(long_table, lambda: psutil.Process(template.start().pid).kill())
    assert len(table) == 100_000


def test_a_reading_goes_on_while_another_one_is_refused(long_table: Path, tmp_path: Path):
    (tmp_path / "bad.csv").write_bytes(b"MZ\x00\x00\x01 a program")
    (table,) = during(long_table, lambda: refusal(tmp_path / "bad.csv"))
    assert len(table) == 100_000


def test_two_threads_read_at_the_same_time():
    expected = read(SPECIES)
    found: list[pd.DataFrame] = []
    threads = [threading.Thread(target=lambda: found.extend(read(SPECIES) for _ in range(5))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20
    for table in found:
        assert_frame_equal(expected, table)


def test_nothing_stays_on_the_disk_after_a_reading():
    read(SPECIES)
    assert list(scratch.scratch().glob("job-*")) == []


# Changes while a file is read


@pytest.fixture
def country(tmp_path: Path) -> Path:
    """A country with a long table."""
    own = tmp_path / "land" / "red_list_index"
    own.mkdir(parents=True)
    (own.parent / "country.yml").write_text("code: XAR\nname: {en: Aruvia}\n", encoding="utf-8")
    (own / "red_list_assessments.csv").write_text(species_rows(20_000), encoding="utf-8")
    return own.parent


@pytest.fixture
def restless(country: Path) -> Iterator[Path]:
    """Its table while somebody keeps changing it."""
    path = country / "red_list_index/red_list_assessments.csv"
    done = threading.Event()

    def change() -> None:
        number = 0
        while not done.wait(0.005):
            number += 1
            os.utime(path, ns=(number, number))

    thread = threading.Thread(target=change)
    thread.start()
    yield country
    done.set()
    thread.join()


@covers("FX-08")
def test_a_file_that_changes_while_it_is_read_is_an_error(restless: Path):
    (issue,) = [one for one in check("A.3", restless) if one.stops and one.key.startswith("reader.")]
    assert (issue.level, issue.key, issue.file) == ("error", "reader.changed", "red_list_assessments.csv")
    assert issue.remedy("en")


@covers("FX-08")
def test_a_file_that_is_only_looked_at_meanwhile_is_not_changed(country: Path):
    path = country / "red_list_index/red_list_assessments.csv"
    done = threading.Event()
    thread = threading.Thread(target=lambda: [path.read_bytes() for _ in iter(lambda: done.wait(0.01), True)])
    thread.start()
    try:
        assert [one for one in check("A.3", country) if one.stops] == []
    finally:
        done.set()
        thread.join()


@covers("FX-08", "JA-07")
def test_the_record_of_a_result_names_what_was_read_and_not_what_lies_there_later(country: Path):
    import hashlib

    import gbf_workbench as gbf

    path = country / "red_list_index/red_list_assessments.csv"
    tables = gbf.load("A.3", country)
    read_then = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text(species_rows(10), encoding="utf-8")
    assert [one.sha256 for one in compute("A.3", tables).provenance.inputs] == [read_then]
    assert [one.sha256 for one in compute("A.3", country).provenance.inputs] != [read_then]


# The life of the processes


SCRIPT = """
import sys, time
print("side effect")
from pathlib import Path
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.reader.process import run
from gbf_workbench.preparation.reader.scratch import scratch
from gbf_workbench.preparation.schema import schema_of
schema = schema_of("red_list_assessments")
print(len(run("table", Path(sys.argv[1]), schema=schema, mapping=TableMapping())[0]), flush=True)
"""


def started(tmp_path: Path, path: Path, more: str = "", as_text: bool = False) -> subprocess.Popen:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT + textwrap.dedent(more), encoding="utf-8")
    how = ["-c", script.read_text(encoding="utf-8")] if as_text else [str(script)]
    return subprocess.Popen(
        [sys.executable, *how, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "GBF_SESSIONS": str(tmp_path)},
    )  # fmt: skip


@pytest.mark.parametrize("as_text", [False, True], ids=["a script", "python -c"])
def test_a_script_without_a_guard_is_not_run_again(tmp_path: Path, as_text: bool):
    with started(tmp_path, SPECIES, as_text=as_text) as process_:
        out, err = process_.communicate(timeout=60)
    assert out.split() == ["side", "effect", "10"], err
    assert err == ""
    assert list(tmp_path.glob(f"{scratch.PREFIX}*")) == []


@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL", "SIGTERM"])
@linux
def test_no_process_and_no_file_outlives_the_one_that_reads(tmp_path: Path, long_table: Path, how: str):
    with started(tmp_path, long_table) as process_:
        try:
            until(lambda: [one for one in psutil.Process(process_.pid).children(recursive=True) if one.name()][1:])
            own = psutil.Process(process_.pid).children(recursive=True)
            process_.send_signal(getattr(signal, how))
            process_.communicate(timeout=20)
        finally:
            process_.kill()
    until(lambda: not [one for one in own if one.is_running() and one.status() != psutil.STATUS_ZOMBIE])
    if how == "SIGINT":
        assert list(tmp_path.glob(f"{scratch.PREFIX}*")) == []
    scratch.sweep(tmp_path, scratch.PREFIX)
    assert list(tmp_path.glob(f"{scratch.PREFIX}*")) == []


def test_folders_of_calculations_that_are_gone_are_swept_and_others_stay(tmp_path: Path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / f"{scratch.PREFIX}{gone.pid}-abc"
    living = tmp_path / f"{scratch.PREFIX}{os.getpid()}-abc"
    other = tmp_path / "somebody-else-1"
    for one in (left, living, other):
        one.mkdir()
    assert scratch.sweep(tmp_path, scratch.PREFIX) == [left]
    assert sorted(tmp_path.iterdir()) == sorted([living, other])


def test_a_notebook_reads_without_being_run_again(tmp_path: Path):
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=120)
    said: list[str] = []

    def heard(message: dict) -> None:
        content = message["content"]
        if message["msg_type"] == "stream" and content["name"] == "stdout":
            said.append(content["text"])
        assert message["msg_type"] != "error", content

    code = f"import sys; sys.argv = ['', {str(SPECIES)!r}]; sys.path.insert(0, {str(ROOT)!r})\n{SCRIPT}"
    try:
        client.execute_interactive(code, timeout=120, output_hook=heard, store_history=False)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert "".join(said).split() == ["side", "effect", "10"]


# Walls


def test_the_process_knows_no_secrets(monkeypatch, tmp_path: Path):
    given = {"IUCN_TOKEN": "secret", "PATH": "/bin", "https_proxy": "http://x", "GDAL_DATA": "/g", "LC_ALL": "C.UTF-8"}
    kept = environment(tmp_path, given)
    assert "secret" not in kept.values()
    assert "https_proxy" not in kept
    assert (kept["PATH"], kept["GDAL_DATA"], kept["LC_ALL"]) == ("/bin", "/g", "C.UTF-8")
    assert kept["PROJ_NETWORK"] == "OFF"


def test_the_walls_are_as_high_as_this_system_can_build_them():
    held = process.protections()
    if sys.platform == "linux" and Path("/sys/kernel/security").exists():
        assert held == ["files", "network"]
    assert set(held) <= {"files", "network"}


def test_limits_grow_with_the_file_and_end_at_the_machine():
    small, larger, huge = (limits_for(size) for size in (10, 10**9, 10**13))
    assert small.memory < larger.memory <= huge.memory <= psutil.virtual_memory().total
    assert small.cpu < larger.cpu < huge.cpu
    assert small.wall >= small.cpu
