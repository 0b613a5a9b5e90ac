"""Set-up does what the README promises: two commands, one lock, nothing but Python needed before."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gbf_workbench import install

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
README = ROOT / "README.md"

DEMO = "python3 -m gbf_workbench.install demo"
TEST = "python3 -m gbf_workbench.install test"
#: Nothing that is stored may be larger [bytes]; what a program can make is made on demand.
LARGEST = 1_000_000


def pinned(lock: str) -> dict[str, Requirement]:
    lines = [line.rstrip(" \\") for line in lock.splitlines() if line and line[0] not in "# "]
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, lines)}


def version_of(pin: Requirement) -> str:
    (only,) = pin.specifier
    assert only.operator == "=="
    return only.version


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    if listed.returncode or not listed.stdout:
        pytest.skip("not a git checkout, so what is stored cannot be listed")
    return [path for name in listed.stdout.split("\0")[:-1] if (path := ROOT / name).is_file()]


# The lock


def test_the_lock_names_no_host() -> None:
    assert "://" not in LOCK
    assert not re.search(r"(?m)^\s*-", re.sub(r"(?m)^ +--hash=sha256:[0-9a-f]{64}( \\)?$", "", LOCK))


def test_every_pin_carries_hashes_and_stands_once() -> None:
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", LOCK)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert len(blocks) == len(pinned(LOCK))


def test_the_lock_fulfils_what_the_project_asks_for() -> None:
    groups = PROJECT["dependency-groups"]
    asked = [Requirement(one) for one in [*PROJECT["project"]["dependencies"], *groups["build"], *groups["test"]]]
    pins = pinned(LOCK)
    unmet = [str(one) for one in asked if version_of(pins[canonicalize_name(one.name)]) not in one.specifier]
    assert unmet == []


def test_the_upper_part_of_the_lock_is_complete_without_the_tests_own_packages() -> None:
    """Walk through what each installed package says it needs, from the project's own list."""
    from importlib.metadata import requires

    pins = pinned(install.pins("demo"))
    wanted = [Requirement(one) for one in PROJECT["project"]["dependencies"]]
    seen, missing = set(), set()
    while wanted:
        one = wanted.pop()
        key = (canonicalize_name(one.name), *sorted(one.extras))
        if key in seen:
            continue
        seen.add(key)
        if key[0] not in pins:
            missing.add(key[0])
            continue
        for need in map(Requirement, requires(one.name) or ()):
            extras = one.extras or {""}
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras):
                wanted.append(need)
    assert missing == set()
    assert not {"pytest", "hypothesis", "playwright"} & set(pins)


def test_the_supported_pythons_are_told_alike_everywhere() -> None:
    oldest, newest = install.OLDEST, install.NEWEST
    asked = Requirement(f"gbf-workbench{PROJECT['project']['requires-python']}").specifier
    minors = [minor for minor in range(30) if f"3.{minor}.0" in asked]
    assert minors == list(range(oldest[1], newest[1] + 1))
    binder = re.fullmatch(r"python-3\.(\d+)\n", (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8"))
    assert int(binder[1]) in minors


# The two commands


def test_the_readme_holds_the_two_commands_and_ci_takes_its_own_from_there() -> None:
    lines = [line.strip() for line in README.read_text(encoding="utf-8").splitlines()]
    assert (lines.count(DEMO), lines.count(TEST)) == (1, 1)
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    pattern = TEST.replace(".", r"\.")
    assert f"command=$(sed -nE 's/^ *({pattern}) *$/\\1/p' README.md | head -n 1)" in ci


def test_the_command_starts_where_nothing_is_installed() -> None:
    # -S hides every installed package, as on a fresh machine.
    command = [sys.executable, "-S", "-E", "-s", "-W", "error", "-m", "gbf_workbench.install", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "{demo,test}" in done.stdout


def test_a_python_that_will_not_do_is_told_in_one_sentence(monkeypatch, capsys) -> None:
    monkeypatch.setattr(install.sys, "version_info", (3, 10, 2))
    monkeypatch.setattr(install.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None)
    assert install.main(["demo"]) == 2
    assert capsys.readouterr().err == (
        "This is Python 3.10; the workbench needs Python 3.11 to 3.14. "
        "This machine has one: python3.12 -m gbf_workbench.install demo\n"
    )


def test_a_32_bit_python_is_told_so() -> None:
    assert "32-bit" in install.objection((3, 12, 0), bits=32)


@pytest.fixture
def started(monkeypatch, tmp_path: Path) -> list[list[str]]:
    """Commands that an installation into an empty folder would start; none of them is."""
    commands: list[list[str]] = []

    class Done:
        returncode = 0

    def record(command: list[object], **_: object) -> type[Done]:
        commands.append([str(part) for part in command])
        return Done

    monkeypatch.setattr(install, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(install.subprocess, "run", record)
    monkeypatch.setattr(install.venv, "create", lambda *_, **__: None)
    return commands


def installs(commands: list[list[str]]) -> list[list[str]]:
    return [command for command in commands if "install" in command]


def test_what_is_installed_already_is_not_installed_again(started) -> None:
    install.install("demo")
    first = len(installs(started))
    install.install("demo")
    assert (first, len(installs(started))) == (2, 2)


def test_an_environment_with_the_tests_serves_the_demo_too(started) -> None:
    install.install("test")
    install.install("demo")
    assert len(installs(started)) == 2


def test_an_environment_of_the_demo_is_completed_for_the_tests(started) -> None:
    install.install("demo")
    install.install("test")
    assert len(installs(started)) == 4


def test_a_changed_lock_makes_the_environment_anew(started, monkeypatch, tmp_path: Path) -> None:
    install.install("demo")
    (install.ENVIRONMENT / "left over").touch()
    changed = tmp_path / "lock.txt"
    changed.write_text(LOCK.replace("==1", "==2", 1), encoding="utf-8")
    monkeypatch.setattr(install, "LOCK", changed)
    install.install("demo")
    assert not (install.ENVIRONMENT / "left over").exists()


def test_an_installation_that_was_broken_off_is_begun_anew(started, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(install, "_install_pins", broken)
        with pytest.raises(KeyboardInterrupt):
            install.install("demo")
    install.install("demo")
    assert len(installs(started)) == 2


def test_an_environment_of_somebody_else_is_left_alone(started) -> None:
    install.ENVIRONMENT.mkdir()
    (install.ENVIRONMENT / "theirs").touch()
    with pytest.raises(SystemExit, match="this program did not make"):
        install.install("demo")
    assert (install.ENVIRONMENT / "theirs").exists()


def test_pins_are_installed_as_they_stand(started) -> None:
    install.install("demo")
    pins, project = installs(started)
    assert {"--no-deps", "--require-hashes"} <= set(pins)
    assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(project)


def test_downloaded_packages_serve_where_there_is_no_internet(started, tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    install.install("demo", str(tmp_path / "wheels"))
    for command in installs(started):
        assert command[command.index("--find-links") + 1] == str(tmp_path / "wheels")
        assert "--no-index" in command


def test_a_folder_of_packages_that_is_not_there_is_named(started, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such wheels"):
        install.install("demo", str(tmp_path / "no such wheels"))


def test_a_failed_download_ends_in_a_sentence_and_is_tried_again_next_time(started, monkeypatch) -> None:
    class Failed:
        returncode = 1

    with monkeypatch.context() as patch:
        patch.setattr(install, "_pip", lambda: ["pip"])
        patch.setattr(install.subprocess, "run", lambda *_, **__: Failed)
        with pytest.raises(SystemExit, match="could not be installed"):
            install.install("demo")
    install.install("demo")
    assert len(installs(started)) == 2


def test_what_stands_after_the_dashes_goes_to_pytest(started) -> None:
    assert install.main(["test", "--", "-k", "lock"]) == 0
    assert started[-1][1:] == ["-m", "pytest", *install.TWO_AT_A_TIME, "-k", "lock"]


def test_the_demo_runs_the_sample_country(started, capsys) -> None:
    assert install.main(["demo"]) == 0
    assert Path(started[-1][0]).stem == "gbf"
    assert started[-1][1:] == ["demo", "--out", "gbf_demo"]


def test_the_systems_pip_serves_where_python_brings_none(monkeypatch) -> None:
    class Failed:
        returncode = 1

    monkeypatch.setattr(install.subprocess, "run", lambda *_, **__: Failed)
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda _: True)
    assert install._pip() == [sys.executable, "-m", "pip", "--python", str(install.program("python"))]
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit, match="has no pip"):
        install._pip()


# What .ci/run asks of the tests

TWO_CHECKS = """\
import pytest

def test_held_against_others(verify):
    pass

def test_left_out(verify):
    pytest.skip("no reason at all")

@pytest.mark.slow
def test_slow():
    pass
"""


@pytest.fixture
def outcome(tmp_path: Path):
    """Run tests beside a copy of our conftest, the way .ci/run does, and return exit code and output."""
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests")
    settings = '[tool.pytest.ini_options]\ntestpaths = ["tests"]\nmarkers = ["slow: minutes", "verify: others"]\n'
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")

    def run(tests: str, **environment: str) -> tuple[int, str]:
        (tmp_path / "tests" / "test_it.py").write_text(tests, encoding="utf-8")
        others = {name: value for name, value in os.environ.items() if not name.startswith("GBF_")}
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
        asked = {**others, "GBF_VERIFY": str(tmp_path), "PYTHONPATH": str(ROOT), **environment}
        done = subprocess.run(command, cwd=tmp_path, env=asked, capture_output=True, text=True)
        return done.returncode, done.stdout

    return run


def test_a_check_left_out_is_a_failure_where_it_must_run(outcome) -> None:
    code, said = outcome(TWO_CHECKS, GBF_REQUIRE_VERIFY="1")
    assert code == 1
    assert "must run here, but: Skipped: no reason at all" in said
    assert "Checks against the results of others: 1 ran" in said


def test_a_check_left_out_elsewhere_is_told_and_no_failure(outcome) -> None:
    code, said = outcome(TWO_CHECKS)
    assert code == 0
    assert "1 passed, 1 skipped, 1 deselected" in said


def test_slow_tests_run_when_every_test_is_asked_for(outcome) -> None:
    code, said = outcome(TWO_CHECKS, GBF_ALL_TESTS="1")
    assert (code, "2 passed, 1 skipped" in said) == (0, True)


def test_a_run_without_one_check_fails_where_they_must_run(outcome) -> None:
    code, said = outcome("def test_of_ours():\n    pass\n", GBF_REQUIRE_VERIFY="1")
    assert code == 1
    assert "none ran, but they must run here" in said


# Binder


def test_repo2docker_reads_the_same_environment() -> None:
    program = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in said
    assert "./binder/postBuild" in said
    assert "binder/start" in said


def test_binder_opens_the_start_notebook() -> None:
    settings = json.loads((ROOT / "binder" / "jupyter_server_config.json").read_text(encoding="utf-8"))
    opened = settings["LabApp"]["default_url"].removeprefix("/lab/tree/")
    assert (ROOT / opened).is_file()


def test_what_binder_runs_may_be_run() -> None:
    for name in ("postBuild", "start"):
        script = ROOT / "binder" / name
        assert script.read_bytes().startswith(b"#!/bin/bash\n")
        assert b"\r" not in script.read_bytes()
        assert os.name == "nt" or os.access(script, os.X_OK)


def assert_start_notebook_and_apps_open(checkout: Path, environment: dict[str, str]) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    command = ["binder/start", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.token="]
    log = checkout / "server.log"
    with log.open("w", encoding="utf-8") as said:
        server = subprocess.Popen(command, cwd=checkout, env=environment, stdout=said, stderr=said)
    try:
        with fetched(f"http://127.0.0.1:{port}/", log) as opened:
            assert opened.geturl().endswith("/lab/tree/notebooks/00_start.ipynb")
        with fetched(f"http://127.0.0.1:{port}/voila/render/notebooks/A-3_red_list_index.ipynb", log) as app:
            assert b"jupyter-config-data" in app.read()
    finally:
        server.terminate()
        server.wait(timeout=60)


def fetched(address: str, log: Path):
    """The page at this address of a server that may still be starting."""
    until = time.monotonic() + 180
    while True:
        try:
            return urllib.request.urlopen(address, timeout=180)
        except OSError:
            if time.monotonic() > until:
                pytest.fail(f"no answer from {address}:\n{log.read_text(encoding='utf-8')}")
            time.sleep(0.5)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Binder is Linux")
def test_binders_files_make_a_working_environment_of_an_empty_one(tmp_path: Path) -> None:
    """The steps of repo2docker in their order: the lock by plain pip, then postBuild, then start."""
    checkout, place = tmp_path / "checkout", tmp_path / "environment"
    shutil.copytree(
        ROOT, checkout, ignore=shutil.ignore_patterns(".venv", ".git", "gbf_demo", "__pycache__", ".hypothesis")
    )
    venv.create(place, with_pip=True)
    environment = {**os.environ, "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("VIRTUAL_ENV", None)

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    try:
        run("pip", "install", "--quiet", "--no-compile", "-r", "binder/requirements.txt")
        run("binder/postBuild")
        assert "No broken requirements" in run("pip", "check")
        assert "doctor" in run("gbf", "--help")
        assert_start_notebook_and_apps_open(checkout, environment)
    finally:
        shutil.rmtree(place)


# What is stored


def test_nothing_large_is_stored() -> None:
    large = {
        str(path.relative_to(ROOT)): path.stat().st_size for path in tracked_files() if path.stat().st_size > LARGEST
    }
    assert large == {}


def test_nothing_is_stored_that_a_program_leaves_behind() -> None:
    debris = {".venv", "gbf_demo", "__pycache__", ".ipynb_checkpoints", ".hypothesis", ".pytest_cache", "uv.lock"}
    assert [str(path) for path in tracked_files() if debris & set(path.relative_to(ROOT).parts)] == []


def test_the_top_level_holds_what_newcomers_expect_and_nothing_else() -> None:
    expected = set(
        "notebooks gbf_workbench training data_samples tests binder pyproject.toml README.md LICENSE CHANGELOG.md "
        "CONTRIBUTING.md CITATION.cff".split()
    )
    top = {path.relative_to(ROOT).parts[0] for path in tracked_files()}
    assert {name for name in top if not name.startswith(".")} == expected


def test_the_version_is_told_alike_everywhere() -> None:
    import gbf_workbench

    version = PROJECT["project"]["version"]
    assert gbf_workbench.__version__ == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
