"""A session has a folder of its own, ends when nobody is there, and tells a page nothing that belongs in a log."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gbf_workbench.doors import session
from gbf_workbench.doors.session import Attendance
from gbf_workbench.errors import problem

MAKE = """
from gbf_workbench.doors import session
print(session.folder() == session.folder(), session.folder(), flush=True)
input()
"""


def dead_process() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_the_folder_is_private_and_goes_with_its_process(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", MAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "GBF_SESSIONS": str(tmp_path)},
    )  # fmt: skip
    same, place = running.stdout.readline().split(maxsplit=1)
    made = Path(place.strip())
    assert same == "True"
    assert made.parent == tmp_path
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert session.sweep(tmp_path) == []
    (made / "data.csv").write_text("x")
    running.communicate("\n")
    assert running.returncode == 0
    assert not made.exists()


def test_sweeping_takes_what_the_dead_left_and_nothing_else(tmp_path: Path) -> None:
    dead, elsewhere = dead_process(), tmp_path / "elsewhere"
    elsewhere.mkdir()
    left = tmp_path / f"{session.PREFIX}{dead}-abc"
    kept = [tmp_path / f"{session.PREFIX}{os.getpid()}-abc", tmp_path / f"{session.PREFIX}x-abc", tmp_path / "data"]
    for folder in (left, *kept):
        folder.mkdir()
    link = tmp_path / f"{session.PREFIX}{dead}-link"
    link.symlink_to(elsewhere)
    assert session.sweep(tmp_path) == [left]
    assert {one.name for one in tmp_path.iterdir()} == {*(one.name for one in kept), link.name, "elsewhere"}


@pytest.mark.parametrize(
    ("idle", "later", "over"),
    [(0, 60, False), (0, 61, True), (50, 11, True), (50, 9, False), (-5, 9, True), ("0", 9, True), (None, 9, True)],
)
def test_a_session_ends_a_minute_after_the_last_touch(idle: Any, later: float, over: bool) -> None:
    attendance = Attendance(limit=60)
    assert not attendance.over(10_000)  # nobody has come yet
    attendance.seen({"idle": 0}, now=40)
    attendance.seen({"idle": idle}, now=100)
    assert attendance.over(100 + later) == over


def test_a_calculation_under_way_keeps_its_session_and_beats_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[int] = []
    ended = threading.Event()
    waiting: list[Any] = []

    class Page:
        def send(self, message: dict[str, Any]) -> None:
            beats.append(message.get("number"))

    def end(_: Any) -> None:
        ended.set()
        raise SystemExit

    def rest(_: float) -> None:
        clock[0] += 3
        assert len(beats) < 50
        if len(beats) >= 10 and waiting:
            waiting.pop()()  # the calculation is done

    clock = [0.0]
    monkeypatch.setattr(session, "_end", end)
    monkeypatch.setattr(session, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=rest))
    with pytest.raises(SystemExit):
        # The limit is 10 s; the calculation holds the loop for nine beats, the page says nothing.
        session._beat(Page(), Attendance(10, touched=0), waiting.append)
    assert ended.is_set()
    assert beats == list(range(len(beats)))
    assert 13 <= len(beats) <= 15


def test_a_page_is_told_sentences_and_a_number_and_the_log_the_rest(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refused = problem("apps.no_notebooks", value="x")
    assert session.sentences(refused) == refused.lines()
    with pytest.raises(ZeroDivisionError):
        session.sentences(ZeroDivisionError("secret"))
    monkeypatch.setenv("GBF_DOOR", "app")
    with caplog.at_level(logging.ERROR):
        (said,) = session.sentences(ZeroDivisionError("secret"))
    assert "secret" not in said
    assert "ZeroDivisionError: secret" in caplog.text
    assert caplog.text.split("incident ")[1][:6] in said
