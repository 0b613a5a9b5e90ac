"""A pack holds what a laptop without internet needs, and nothing that may not be passed on."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from gbf_workbench.doors.packing import PLATFORMS, pack, pins_for
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.install import pins
from tests.bad_inputs.case import make_country

ROOT = Path(__file__).resolve().parents[2]


def _no_wheels(into: Path, platform: str, python: str) -> None:
    (into / f"one-1.0-{platform}-{python}.whl").write_bytes(b"wheel")


@pytest.fixture
def country(tmp_path: Path) -> Path:
    folder = make_country(tmp_path / "country")
    own = folder / "protected_area_coverage"
    own.mkdir()
    (own / "protected_areas.csv").write_text("bought data\n")
    (own / "own.csv").write_text("own data\n")
    record = {"source": "protected_planet", "title": "Protected Planet", "redistribution": "forbidden", "terms": "Own."}
    said = {"format": 1, "files": {"protected_areas.csv": record}}
    (own / "sources.yml").write_text(yaml.safe_dump(said))
    return folder


def _names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_a_pack_has_data_notebooks_software_wheels_and_says_how_to_start(country: Path, tmp_path: Path):
    made = pack(country, tmp_path / "pack.zip", "linux-x86_64", "3.12", download=_no_wheels)
    names = _names(made.path)
    assert {
        "gbf_pack/START.txt", "gbf_pack/country/country.yml", "gbf_pack/country/protected_area_coverage/own.csv",
        "gbf_pack/notebooks/00_start.ipynb", "gbf_pack/gbf_workbench/install.py", "gbf_pack/binder/requirements.txt",
        "gbf_pack/pyproject.toml", "gbf_pack/wheels/one-1.0-linux-x86_64-3.12.whl",
    } <= names  # fmt: skip
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_data_that_may_not_be_passed_on_stay_out_and_that_is_said(country: Path, tmp_path: Path):
    made = pack(country, tmp_path / "pack.zip", "linux-x86_64", download=_no_wheels)
    assert "gbf_pack/country/protected_area_coverage/protected_areas.csv" not in _names(made.path)
    assert [(issue.level, issue.file) for issue in made.issues] == [
        ("flag", "protected_area_coverage/protected_areas.csv")
    ]
    own = pack(country, tmp_path / "own.zip", "linux-x86_64", own_use=True, download=_no_wheels)
    assert "gbf_pack/country/protected_area_coverage/protected_areas.csv" in _names(own.path)


def test_a_token_of_the_environment_is_nowhere_in_a_pack(
    country: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("IUCN_REDLIST_TOKEN", "s3cret-t0ken")
    made = pack(country, tmp_path / "pack.zip", "linux-x86_64", download=_no_wheels)
    with zipfile.ZipFile(made.path) as archive:
        assert not [name for name in archive.namelist() if b"s3cret-t0ken" in archive.read(name)]


def test_links_that_lead_out_of_the_folder_are_not_packed(country: Path, tmp_path: Path):
    (tmp_path / "private.txt").write_text("private")
    (country / "link.txt").symlink_to(tmp_path / "private.txt")
    made = pack(country, tmp_path / "pack.zip", "linux-x86_64", download=_no_wheels)
    assert "gbf_pack/country/link.txt" not in _names(made.path)


def test_an_unknown_kind_of_laptop_is_refused_with_the_known_ones(country: Path, tmp_path: Path):
    with pytest.raises(WorkbenchError) as refused:
        pack(country, tmp_path / "pack.zip", "amiga", download=_no_wheels)
    assert all(name in refused.value.lines()[0] for name in PLATFORMS)
    assert not (tmp_path / "pack.zip").exists()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_pins_are_those_of_the_laptop_and_not_of_this_machine(platform: str):
    said = pins_for(platform, "3.12")
    assert ("pywinpty==" in said) == platform.startswith("windows")
    assert ("appnope==" in said) == platform.startswith("macos")
    assert " ; " not in said
    whole = pins("demo")
    for line in said.splitlines():
        assert line.strip().rstrip("\\").strip() in whole


def test_the_software_of_a_pack_starts_from_its_own_folder(country: Path, tmp_path: Path):
    made = pack(country, tmp_path / "pack.zip", "linux-x86_64", download=_no_wheels)
    with zipfile.ZipFile(made.path) as archive:
        archive.extractall(tmp_path / "laptop")
    home = tmp_path / "laptop" / "gbf_pack"
    done = subprocess.run([sys.executable, "-m", "gbf_workbench.install", "demo", "--wheels", "nowhere"],
                          cwd=home, capture_output=True, text=True)  # fmt: skip
    assert done.returncode
    assert "nowhere" in done.stderr
    shutil.rmtree(home)
