"""The apps in a real browser: a visitor brings files, sees what happened, and leaves nothing behind."""

from __future__ import annotations

import hashlib
import http.client
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from gbf_workbench.locales import text

from .conftest import Server, eventually, start_server, stop_server

pytestmark = pytest.mark.browser

SMALL = b"species,category\nNamibia,NA\n"


def status(server: Server, path: str, host: str = "") -> int:
    parts = urlsplit(server.address)
    asked = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    asked.request("GET", path, headers={"Host": host or parts.netloc})
    code = asked.getresponse().status
    asked.close()
    return code


def fetched(server: Server, notebook: str) -> str:
    """A page as it is sent, without a browser that would use it."""
    with urllib.request.urlopen(f"{server.address}voila/render/{notebook}", timeout=60) as sent:
        return sent.read().decode()


def shown(page: Any) -> str:
    return page.inner_text(".gbf-result").strip()


def bring(page: Any, file: Path | list[Path], awaited: str) -> None:
    page.get_by_role("button", name="Choose files").set_input_files(file)
    page.wait_for_function(
        "([box, text]) => document.querySelector(box).innerText.includes(text)", arg=[".gbf-upload", awaited]
    )


def pid(page: Any) -> int:
    return int(re.search(r"pid (\d+)", page.inner_text("#rendered_cells"))[1])


def test_the_front_page_lists_every_notebook_and_starts_no_calculation(
    server: Server, visit: Callable[..., Any]
) -> None:
    page = visit(server.address, alive=False)
    names = page.locator(".gbf-card h3").all_inner_texts()
    assert names == ["Exchange of files", "A fault of ours", "Refused data"]
    assert page.get_attribute("html", "lang") == "en"
    assert server.calculations() == []
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    page.close()


def test_a_file_goes_in_and_out_whole_and_leaves_with_the_page_that_knows_no_secret(
    server: Server, visit: Callable[..., Any], tmp_path: Path
) -> None:
    small, large = tmp_path / "list.csv", tmp_path / "map.tif"
    small.write_bytes(SMALL)
    large.write_bytes(bytes(range(256)) * 56_000)
    page = visit(server.address + "voila/render/exchange.ipynb")
    process = psutil.Process(pid(page))
    known = page.inner_text("#rendered_cells")
    assert "door app" in known
    assert "DATABASE_URL" not in known
    assert "TOKEN" not in known

    bring(page, small, "list.csv is here (28 bytes)")
    page.wait_for_function("document.querySelector('.gbf-result').innerText.startsWith('28 ')")
    assert shown(page) == f"28 {hashlib.sha256(SMALL).hexdigest()} file_1.csv"
    with page.expect_download() as download:
        page.get_by_role("button", name="Take it back").click()
    assert download.value.suggested_filename == "back.csv"
    assert Path(download.value.path()).read_bytes() == SMALL

    bring(page, large, "map.tif is here (14.3 MB)")
    page.wait_for_function("document.querySelector('.gbf-result').innerText.startsWith('14336000 ')")
    assert hashlib.sha256(large.read_bytes()).hexdigest() in shown(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Take it back").click()
    assert Path(download.value.path()).read_bytes() == large.read_bytes()

    page.get_by_role("button", name="Choose files").focus()
    with page.expect_file_chooser():
        page.keyboard.press("Space")
    (session,) = (one for one in server.sessions() if f"-{process.pid}-" in one.name)
    assert session.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in session.glob("upload-*/*")] == ["file_1.tif"]  # nothing is left of the first
    page.evaluate("document.dispatchEvent(new CustomEvent('gbf:beat', {detail: {number: 1e6}}))")
    page.get_by_text("The connection to the calculation was lost").wait_for()  # beats are missing: so are messages
    assert not page.locator(".gbf-result").is_visible()
    page.close()
    assert eventually(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
    assert eventually(lambda: not session.exists())


@pytest.fixture(scope="module")
def exchange(server: Server, visit: Callable[..., Any]) -> Any:
    """A page that the following tests use one after the other."""
    return visit(server.address + "voila/render/exchange.ipynb")


@pytest.fixture
def loaded(exchange: Any, tmp_path: Path) -> Any:
    """That page, showing a result for a good file."""
    good = tmp_path / "good.csv"
    good.write_bytes(SMALL)
    exchange.set_viewport_size({"width": 1280, "height": 900})
    bring(exchange, good, "good.csv is here")
    exchange.wait_for_function("document.querySelector('.gbf-result').innerText.startsWith('28 ')")
    return exchange


def test_a_file_that_is_not_taken_is_named_and_the_old_result_goes(loaded: Any, tmp_path: Path) -> None:
    def refused(names: list[str], size: int, said: str) -> None:
        files = [tmp_path / name for name in names]
        for file in files:
            file.write_bytes(b"x" * size)
        bring(loaded, files, said)
        loaded.wait_for_function("document.querySelector('.gbf-result').innerText.trim() == 'no data'")
        assert loaded.locator(".gbf-upload.gbf-failed").count() == 1

    refused(["large.csv"], 20_000_001, "large.csv is too large: 20 MB, and at most 20 MB are accepted")
    refused(["empty.xlsx"], 0, "empty.xlsx is empty")
    refused(["notes.html"], 5, "notes.html is not of a kind that can be read here")
    refused(["<img src=x onerror=window.XSS=1>.exe"], 5, "<img src=x onerror=window.XSS=1>.exe is not of a kind")
    refused(["areas.shp", "areas.dbf"], 5, "areas.dbf is one part of a shapefile")
    assert loaded.evaluate("window.XSS") is None
    good = tmp_path / "again.csv"
    good.write_bytes(SMALL)
    bring(loaded, good, "again.csv is here")


def test_a_result_computed_for_an_older_file_is_never_shown_under_the_new_one(loaded: Any, tmp_path: Path) -> None:
    newer = tmp_path / "newer.csv"
    newer.write_bytes(SMALL * 2)
    loaded.get_by_role("button", name="Be busy").click()
    loaded.get_by_role("button", name="Choose files").set_input_files(newer)
    assert loaded.locator(".gbf-upload-status").inner_text().startswith("Waiting until the calculation is free")
    assert not loaded.locator(".gbf-result").is_visible()
    loaded.wait_for_function("document.querySelector('.gbf-upload').innerText.includes('newer.csv is here')")
    loaded.wait_for_function("document.querySelector('.gbf-result').innerText.startsWith('56 ')")


def test_a_fault_behind_a_button_is_said_without_its_details(loaded: Any, server: Server) -> None:
    loaded.get_by_role("button", name="Stumble").click()
    banner = loaded.get_by_role("alert")
    banner.get_by_text("Something went wrong in the workbench").wait_for()
    incident = re.search(r"incident (\w{6})", banner.inner_text())[1]
    assert "ZeroDivision" not in loaded.content()
    assert eventually(lambda: f"incident {incident}" in server.log.read_text())
    assert "ZeroDivisionError" in server.log.read_text()
    loaded.get_by_role("button", name="Close this message").click()
    assert shown(loaded).startswith("28 ")


@pytest.mark.parametrize("writing", ["ltr", "rtl"])
def test_a_telephone_needs_no_sideways_scrolling(loaded: Any, writing: str) -> None:
    loaded.set_viewport_size({"width": 400, "height": 800})
    loaded.evaluate("writing => document.documentElement.dir = writing", writing)
    assert loaded.evaluate("document.documentElement.scrollWidth") == 400
    assert loaded.evaluate("document.documentElement.scrollHeight") < 3000
    loaded.evaluate("document.documentElement.dir = 'ltr'")


def test_a_killed_calculation_is_said_and_takes_its_results_with_it(loaded: Any, server: Server) -> None:
    process = psutil.Process(pid(loaded))
    process.kill()
    banner = loaded.get_by_text("The connection to the calculation was lost. Nothing shown here is valid any more.")
    banner.wait_for(timeout=25000)
    assert not loaded.locator(".gbf-result").is_visible()
    assert loaded.get_by_role("button", name="Reload the page").is_visible()
    assert eventually(lambda: not any(f"-{process.pid}-" in one.name for one in server.sessions()))
    assert server.calculations() == []  # no empty one took its place


def test_refused_data_are_explained_and_our_own_faults_are_numbered(server: Server) -> None:
    page = fetched(server, "refused.ipynb")
    assert "<p>Error: There is no notebook in the folder “&lt;b&gt;bold&lt;/b&gt;”." in page
    page = fetched(server, "faulty.ipynb")
    assert re.search(r"Something went wrong in the workbench, not in your data \(incident \w{6}\)", page)
    assert "secret_name" not in page
    assert "never shown" not in page


@pytest.mark.covers("HX-15")
@pytest.mark.parametrize(
    "path",
    [
        "/exchange.ipynb", "/voila/files/exchange.ipynb", "/voila/files/secret.csv", "/voila/files/picture.png",
        "/voila/files/report.svg", "/voila/files/outputs/report.svg", "/voila/files/report.html",
        "/voila/tree", "/voila/tree/secret.csv", "/voila/api/contents/", "/api/contents/secret.csv", "/api/kernels",
        "/voila/render/secret.csv", "/voila/render/../secret.csv", "/voila/render/%2e%2e%2fnotebooks%2fexchange.ipynb",
        "/voila/static/../../notebooks/secret.csv", "/voila/render/nothing.ipynb", "/login",
    ],
)  # fmt: skip
def test_no_file_and_no_list_of_files_can_be_fetched(server: Server, path: str) -> None:
    assert status(server, path) in (403, 404)


@pytest.mark.parametrize(
    ("host", "code"), [("evil.example", 403), ("127.0.0.1.evil.example:80", 403), ("localhost", 200)]
)
def test_a_request_under_a_foreign_name_is_refused(server: Server, host: str, code: int) -> None:
    assert status(server, "/", host) == code
    assert status(server, "/voila/static/voila.js", host) == code


def test_who_is_away_loses_the_session_and_who_comes_late_the_room_and_ctrl_c_ends_all(
    visit: Callable[..., Any], tmp_path: Path
) -> None:
    server = start_server(tmp_path, language="ar", idle_minutes=0.1, alone=2, rooms=2)
    try:
        page = visit(server.address + "voila/render/exchange.ipynb")
        fetched(server, "refused.ipynb")  # asked for and never used, as by a browser that crashed
        assert status(server, "/voila/render/refused.ipynb") == 503
        assert (page.get_attribute("html", "lang"), page.get_attribute("html", "dir")) == ("ar", "rtl")
        page.get_by_text(text("apps.ended", "ar", minutes=0.1)).wait_for(timeout=40000)
        assert not page.locator(".gbf-result").is_visible()
        assert eventually(lambda: server.calculations() == [] and server.sessions() == [])
        assert eventually(lambda: status(server, "/voila/render/refused.ipynb") == 200)
        left = [psutil.Process(one) for one in server.calculations()]
    finally:
        ended = stop_server(server)
    assert ended == 0
    assert left
    assert eventually(lambda: not any(one.is_running() for one in left))
    assert list(server.temporary.glob("gbf-apps-*")) == []
