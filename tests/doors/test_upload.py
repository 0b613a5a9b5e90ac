"""What a page may send is anybody's guess: an upload takes whole files and nothing else."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.doors import session, upload
from gbf_workbench.doors.upload import Download, Upload
from gbf_workbench.errors import problem


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(session, "folder", lambda: tmp_path)
    return tmp_path


class Visit:
    """An upload field, what it called, and what it said to its page."""

    def __init__(self, **more: Any) -> None:
        self.calls: list[Any] = []
        self.said: list[dict[str, Any]] = []
        self.field = Upload(
            on_start=lambda: self.calls.append("start"),
            on_files=lambda files: self.calls.append(files),
            on_failed=lambda said: self.calls.append(said),
            **more,
        )
        self.field.send = lambda content, buffers=None: self.said.append(content)

    def start(self, *files: tuple[Any, Any], upload_id: str = "a") -> None:
        named = [{"name": name, "size": size} for name, size in files]
        self.send({"kind": "start", "id": upload_id, "files": named})

    def piece(self, content: bytes, at: Any, upload_id: str = "a") -> None:
        self.send({"kind": "piece", "id": upload_id, "at": at}, [memoryview(content)])

    def send(self, message: Any, pieces: list[memoryview] | None = None) -> None:
        self.field._handle_custom_msg(message, pieces or [])


@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=4), seed=st.integers(0, 1000))
def test_whatever_the_sizes_files_arrive_whole_and_in_order(sizes: list[int], seed: int) -> None:
    contents = [random.Random(seed + at).randbytes(size) for at, size in enumerate(sizes)]
    visit = Visit()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upload, "PIECE", 16)
        visit.start(*((f"{at}.csv", size) for at, size in enumerate(sizes)))
        while (asked := visit.said[-1])["kind"] == "go":
            visit.piece(contents[asked["file"]][asked["at"] : asked["at"] + 16], asked["at"])
    start, files = visit.calls
    assert start == "start"
    assert [file.path.read_bytes() for file in files] == contents
    assert [file.sha256 for file in files] == [hashlib.sha256(content).hexdigest() for content in contents]


@pytest.mark.covers("HX-13", "FX-06")
@pytest.mark.parametrize(
    ("name", "shown", "ending"),
    [
        ("../../etc/passwd.csv", "passwd.csv", ".csv"),
        ("C:\\Users\\me\\Sites 2024.XLSX", "Sites 2024.XLSX", ".xlsx"),
        ("gpj.\u202egpkg.csv", "gpj.gpkg.csv", ".csv"),
        ("CON.csv", "CON.csv", ".csv"),
        ("\x00a\nb.csv", "ab.csv", ".csv"),
        ("区" * 300 + ".csv", "区" * 116 + ".csv", ".csv"),
    ],
)
def test_the_name_a_file_brings_is_shown_but_never_used(name: str, shown: str, ending: str, folder: Path) -> None:
    visit = Visit()
    visit.start((name, 1))
    visit.piece(b"x", 0)
    (file,) = visit.calls[-1]
    assert file.name == shown
    assert file.path.name == f"file_1{ending}"
    assert file.path.resolve().is_relative_to(folder)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.covers("HX-13")
@pytest.mark.parametrize(
    "files",
    [
        [("a.exe", 1)],
        [("a", 1)],
        [("a.csv.html", 1)],
        [("a.csv", 0)],
        [("a.csv", -1)],
        [("a.csv", True)],
        [("a.csv", 1.5)],
        [("a.csv", "1")],
        [(None, 1)],
        [("a.csv", 2_000_001)],
        [("a.csv", 1_000_001), ("b.csv", 1_000_000)],
        [("a.csv", 1)] * 21,
        [],
    ],
)
def test_what_is_refused_is_said_and_leaves_nothing(files: list[tuple[Any, Any]], folder: Path) -> None:
    visit = Visit(limit_mb=2)
    visit.start(("good.csv", 1))
    visit.piece(b"x", 0)
    visit.start(*files, upload_id="b")
    assert [one["kind"] for one in visit.said[-2:]] == ["done", "failed"]
    assert visit.calls[-2:] == ["start", visit.said[-1]["said"]]
    assert visit.calls[-1].endswith(".")
    assert list(folder.iterdir()) == []  # the good file is not current any more


@pytest.mark.parametrize(
    ("content", "at"),
    [(b"123456", 0), (b"", 0), (b"1", 1), (b"1", -1), (b"1", "0"), (b"1", None), (b"1", False)],
)
def test_a_piece_that_does_not_fit_ends_the_upload(content: bytes, at: Any, folder: Path) -> None:
    visit = Visit()
    visit.start(("a.csv", 5))
    visit.piece(content, at)
    assert visit.calls == ["start", "a.csv did not arrive completely. There is no file now; please choose it again."]
    visit.piece(b"12345", 0)
    assert len(visit.calls) == 2
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("message", [None, [], "start", {}, {"kind": 7}, {"kind": "piece"}, {"kind": "start"}])
def test_nonsense_is_survived(message: Any) -> None:
    visit = Visit()
    visit.send(message)
    visit.start(("a.csv", 1))
    visit.piece(b"x", 0)
    assert visit.calls[-1][0].size == 1


def test_the_last_of_two_uploads_wins_and_late_pieces_of_the_first_are_nothing(folder: Path) -> None:
    visit = Visit()
    visit.start(("first.csv", 4), upload_id="first")
    visit.piece(b"12", 0, "first")
    visit.start(("second.csv", 4), upload_id="second")
    visit.piece(b"34", 2, "first")
    visit.piece(b"abcd", 0, "second")
    start, again, (file,) = visit.calls
    assert (start, again, file.name) == ("start", "start", "second.csv")
    assert [one.read_bytes() for one in folder.glob("*/*")] == [b"abcd"]


@pytest.mark.parametrize(("kind", "said"), [("cancel", "cancelled"), ("unreadable", "could not be read")])
def test_the_visitor_or_the_computer_can_break_an_upload_off(kind: str, said: str, folder: Path) -> None:
    visit = Visit()
    visit.start(("a.csv", 4))
    visit.piece(b"12", 0)
    visit.send({"kind": kind, "id": "a"})
    assert said in visit.calls[-1]
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_said_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 8 * 10**8, 200_999_999))
    visit = Visit()
    visit.start(("a.csv", 1_000_000))
    assert visit.calls[-1] == "There is not enough free space on this computer for a.csv (1 MB)."


def test_a_disk_that_fills_up_on_the_way_is_said(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(upload._Arrival, "take", full)
    visit = Visit()
    visit.start(("a.csv", 4))
    visit.piece(b"1234", 0)
    assert visit.calls[-1].startswith("There is not enough free space")
    assert list(folder.iterdir()) == []


def test_what_the_panel_refuses_is_said_at_the_field() -> None:
    visit = Visit()

    def refuse(_: Any) -> None:
        raise problem("apps.no_notebooks", value="x")

    visit.field._on_files = refuse
    visit.start(("a.csv", 1))
    visit.piece(b"x", 0)
    assert visit.said[-1]["kind"] == "failed"
    assert visit.calls[-1].startswith("There is no notebook in the folder “x”.")


def taken(field: Download, wanted: str = "a") -> tuple[dict[str, Any], bytes]:
    """Play the page: ask for the file, then for each of its pieces."""
    said: list[tuple[dict[str, Any], list[bytes]]] = []
    field.send = lambda content, buffers=None: said.append((content, buffers or []))
    field._handle_custom_msg({"kind": "want", "id": wanted}, [])
    first, content = said[0][0], b""
    while first["kind"] == "have" and len(content) < first["file"]["size"]:
        field._handle_custom_msg({"kind": "next", "id": wanted, "at": len(content)}, [])
        content += bytes(said[-1][1][0])
    return first, content


@pytest.mark.parametrize("size", [0, 1, upload.PIECE, upload.PIECE + 1, 3 * upload.PIECE])
def test_a_download_of_any_size_is_whole(size: int) -> None:
    wanted = random.Random(size).randbytes(size)
    first, content = taken(Download("Table", lambda: "table.csv", lambda: wanted))
    assert content == wanted
    assert first["file"] == {"name": "table.csv", "type": "text/csv", "size": size}


def test_a_download_that_cannot_be_made_says_why() -> None:
    def refuse() -> bytes:
        raise problem("apps.no_notebooks", value="x")

    first, content = taken(Download("Table", lambda: "table.csv", refuse))
    assert (first["kind"], content) == ("failed", b"")
    assert first["said"].startswith("There is no notebook in the folder “x”.")


def test_what_is_disabled_does_nothing_whatever_the_page_says() -> None:
    field = Download("Table", lambda: "table.csv", lambda: b"x", disabled=True)
    said: list[Any] = []
    field.send = lambda content, buffers=None: said.append(content)
    field._handle_custom_msg({"kind": "want", "id": "a"}, [])
    assert said == []
    visit = Visit(disabled=True)
    visit.start(("a.csv", 1))
    assert visit.calls == []
