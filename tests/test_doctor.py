"""The doctor tells the truth about a machine, in sentences, and says what to do."""

from __future__ import annotations

import errno
import socket
import sys
from pathlib import Path

import pytest

from gbf_workbench import install
from gbf_workbench.doors import doctor as under_test
from gbf_workbench.doors.doctor import Check, doctor, examine
from gbf_workbench.locales import has_text, languages, source_texts, text, texts

STATES = {"state", "script", "ready", "not_ready"}
SENTENCES = sorted(key for key in source_texts() if key.startswith("doctor.") and key.split(".")[1] not in STATES)


def free_memory(monkeypatch: pytest.MonkeyPatch, gigabytes: float) -> None:
    import psutil

    class Memory:
        available = gigabytes * 1e9

    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory)


def test_every_state_that_a_check_reports_has_a_sentence() -> None:
    for check in examine():
        assert has_text(f"doctor.{check.name}.{check.state}")
        assert "{" not in check.sentence("en")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("key", SENTENCES)
def test_translations_name_the_same_values_as_the_english_sentence(key: str, language: str) -> None:
    import re

    names = [set(re.findall(r"{(\w+)}", texts(code)[key])) for code in ("en", language)]
    assert names[0] == names[1]


def test_a_ready_machine_is_told_so_and_the_exit_code_is_zero(monkeypatch, capsys) -> None:
    monkeypatch.setattr(under_test, "examine", lambda: [Check("writing", "ok"), Check("office", "warn")])
    assert doctor("en") == 0
    assert capsys.readouterr().out.splitlines() == [
        "Good: Files can be written into this folder.",
        f"Mind: {text('doctor.office.warn', 'en')}",
        "This machine is ready for a workshop.",
    ]


def test_one_thing_that_does_not_work_makes_the_machine_unready(monkeypatch, capsys) -> None:
    monkeypatch.setattr(under_test, "examine", lambda: [Check("writing", "ok"), Check("browser", "bad")])
    assert doctor("en") == 1
    assert "Not ready: No browser was found." in capsys.readouterr().out


@pytest.mark.parametrize(("gigabytes", "state"), [(0.6, "bad"), (1.9, "warn"), (2.1, "ok")])
def test_little_memory_is_noticed(monkeypatch, gigabytes: float, state: str) -> None:
    free_memory(monkeypatch, gigabytes)
    check = under_test.memory()
    assert check.state == state
    assert f" {gigabytes} GB" in check.sentence("en")


def test_the_fuller_of_two_disks_counts(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(under_test.tempfile, "gettempdir", lambda: str(tmp_path))

    class Usage:
        def __init__(self, free: float) -> None:
            self.free = free

    free = {str(tmp_path): 0.4e9, str(Path.cwd()): 50e9}
    monkeypatch.setattr(under_test.shutil, "disk_usage", lambda folder: Usage(free[str(folder)]))
    check = under_test.disk()
    assert check.state == "bad"
    assert "0.4 GB" in check.sentence("en")


def test_a_folder_that_cannot_be_written_is_named(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    def refuse(**_: object) -> None:
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(under_test.tempfile, "TemporaryFile", refuse)
    check = under_test.writing()
    assert check.state == "bad"
    assert str(tmp_path) in check.sentence("en")


def test_a_machine_without_a_browser_is_not_ready(monkeypatch) -> None:
    monkeypatch.setattr(under_test.shutil, "which", lambda _: None)
    monkeypatch.setattr(under_test, "_places", list)
    assert under_test.browser() == Check("browser", "bad")


def test_a_browser_outside_the_path_is_found_on_windows(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(under_test.sys, "platform", "win32")
    monkeypatch.setattr(under_test.shutil, "which", lambda _: None)
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    for place in under_test._WINDOWS:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    assert under_test.browser().state == "ok"


def test_a_taken_port_is_named_in_digits_without_a_separator(monkeypatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setattr(under_test, "PORTS", (port,))
        check = under_test.ports()
    assert check.state == "warn"
    assert f" {port}," in check.sentence("en")


def test_a_port_just_left_counts_as_free(monkeypatch) -> None:
    with socket.socket() as server, socket.socket() as client:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        client.connect(("127.0.0.1", port))
        accepted, _ = server.accept()
        # The side that closes first keeps the port in the state TIME_WAIT.
        accepted.close()
    monkeypatch.setattr(under_test, "PORTS", (port,))
    assert under_test.ports().state == "ok"


def test_letters_that_no_font_has_are_named(monkeypatch) -> None:
    import matplotlib
    from matplotlib import font_manager

    # DejaVu Sans comes with matplotlib; it has Cyrillic and Arabic letters but no Chinese ones.
    dejavu = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(dejavu)])
    check = under_test.fonts()
    assert check == Check("fonts", "warn", {"missing": ("chinese",)})
    assert "Chinese" in check.sentence("en")


def test_a_broken_font_file_does_not_stop_the_doctor(monkeypatch, tmp_path: Path) -> None:
    from matplotlib import font_manager

    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(broken)])
    assert set(under_test.fonts().values["missing"]) == set(under_test.LETTERS)


def test_packages_that_differ_from_the_lock_are_named(monkeypatch, tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("numpy==0.0.1 \\\n    --hash=sha256:0\nno-such-package==3\nold==1 ; python_version < '3'\n")
    monkeypatch.setattr(install, "LOCK", lock)
    check = under_test.versions()
    assert check.state == "bad"
    assert check.values["count"] == 2
    assert "no-such-package – (3)" in check.sentence("en")


def test_a_lock_that_is_not_there_is_no_reason_to_stop(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(install, "LOCK", tmp_path / "none.txt")
    assert under_test.versions() == Check("versions", "warn")


@pytest.mark.parametrize(("python", "state"), [((3, 10, 13), "bad"), ((3, 11, 0), "ok"), ((3, 15, 0), "bad")])
def test_a_python_the_lock_was_not_made_for_is_refused(monkeypatch, python: tuple[int, ...], state: str) -> None:
    monkeypatch.setattr(under_test.sys, "version_info", python)
    check = under_test.python()
    assert check.state == state
    assert ".".join(map(str, python)) in check.sentence("en")


@pytest.mark.skipif(sys.platform != "linux", reason="says what is true on Linux")
def test_only_linux_counts_as_tried(monkeypatch) -> None:
    assert under_test.system().state == "ok"
    monkeypatch.setattr(under_test.sys, "platform", "darwin")
    assert under_test.system() == Check("system", "warn", {"name": "macOS"})
