"""What the tests of the sources share: local services, a cache of their own, credentials, countries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.preparation.sources.local_service import LocalService
from tests.preparation.sources.services import TOKENS, Case, World

COUNTRY = "format: 1\ncode: {code}\nname: {{en: {name}}}\nreporting_year: 2024\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that only this test knows."""
    monkeypatch.setenv("GBF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for fewer records at once where the real number would only take time."""
    monkeypatch.setattr("gbf_workbench.preparation.sources.obis.PER_PAGE", 50)
    monkeypatch.setattr("gbf_workbench.preparation.sources.world_bank.PER_PAGE", 50)
    monkeypatch.setattr("gbf_workbench.preparation.sources.cbd_reporting.PER_PAGE", 50)


@pytest.fixture
def country(tmp_path: Path) -> Path:
    """A country folder that holds nothing but its name."""
    return make_country(tmp_path / "aruvia", "XAR", "Aruvia")


def make_country(folder: Path, code: str, name: str) -> Path:
    folder.mkdir()
    (folder / "country.yml").write_text(COUNTRY.format(code=code, name=name), encoding="utf-8")
    return folder


@pytest.fixture
def serve() -> Iterator[Callable[..., LocalService]]:
    """Start a service that answers as a case says; its world is ``service.world``."""
    running = []

    def start(case: Case, world: World | None = None) -> LocalService:
        world = world or World()
        service = LocalService(lambda asked, address: case.answer(world, asked, address))
        service.world = world
        service.spoils = lambda asked: case.data in asked.path
        running.append(service.start())
        return service

    yield start
    for service in running:
        service.stop()
