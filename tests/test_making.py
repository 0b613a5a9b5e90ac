"""A fourth indicator by the checklist: new files only, and every promise kept at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gbf_workbench.doors.making import new_indicator
from gbf_workbench.errors import WorkbenchError

ROOT = Path(__file__).resolve().parent.parent
PARTS = (
    "gbf_workbench",
    "notebooks",
    "data_samples/worked",
    "tests/test_indicators.py",
    "tests/test_second_opinions.py",
    "tests/second_opinions",
    "tests/conftest.py",
    "pyproject.toml",
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what an indicator touches."""
    for part in PARTS:
        target = tmp_path / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
        else:
            shutil.copyfile(ROOT / part, target)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_new_indicator_touches_no_file_that_was_there_and_keeps_every_promise(checkout: Path):
    before = contents(checkout)
    written = new_indicator("A.CT.1", "ecosystem_integrity", checkout)
    after = contents(checkout)
    assert {name: after[name] for name in before} == before
    assert {path.relative_to(checkout).as_posix() for path in written} == set(after) - set(before)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_indicators.py",
         "tests/test_second_opinions.py", "tests/test_ecosystem_integrity.py",
         "-k", "ecosystem_integrity or spec_has or multiplied"],
        cwd=checkout, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(checkout)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout


def test_nothing_that_exists_is_overwritten(checkout: Path):
    new_indicator("A.CT.1", "ecosystem_integrity", checkout)
    with pytest.raises(WorkbenchError):
        new_indicator("A.CT.1", "ecosystem_integrity", checkout)


def test_an_indicator_that_is_there_gets_no_second_spec(checkout: Path):
    with pytest.raises(WorkbenchError) as refused:
        new_indicator("A.3", "list_of_reds", checkout)
    assert "red_list_index" in refused.value.issues[0].sentence()
    assert not (checkout / "gbf_workbench" / "indicators" / "list_of_reds.yml").exists()


@pytest.mark.parametrize("slug", ["Fish", "fish-stocks", "../fish", "5fish", ""])
def test_a_name_that_is_no_slug_is_refused(checkout: Path, slug: str):
    with pytest.raises(WorkbenchError):
        new_indicator("A.CT.1", slug, checkout)
