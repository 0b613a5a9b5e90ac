"""A server of the apps with notebooks of the tests' own, and a browser that tells of every request."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-dev-shm-usage",
]  # fmt: skip

#: A page that shows what it got, and gives it back.
EXCHANGE = """
import os, time
import ipywidgets
from IPython.display import display
from gbf_workbench.doors.upload import Download, Upload

shown = ipywidgets.HTML("nothing yet")
shown.add_class("gbf-result")
got = []

def start():
    got.clear()
    shown.value = ""

def receive(files):
    got.extend(files)
    shown.value = " ".join(f"{file.size} {file.sha256} {file.path.name}" for file in files)

def fail(said):
    shown.value = "no data"

def content():
    return b"".join(file.path.read_bytes() for file in got)

upload = Upload(on_start=start, on_files=receive, on_failed=fail, limit_mb=20)
download = Download("Take it back", lambda: "back.csv", content)
busy = ipywidgets.Button(description="Be busy")
busy.on_click(lambda _: (time.sleep(3), setattr(shown, "value", "computed for the old file")))
fault = ipywidgets.Button(description="Stumble")
fault.on_click(lambda _: 1 / 0)
display(ipywidgets.VBox([upload, shown, ipywidgets.HBox([download, busy, fault])]))
print("pid", os.getpid(), "door", os.environ["GBF_DOOR"], "knows", *sorted(os.environ))
"""
REFUSED = 'from gbf_workbench.errors import problem\nraise problem("apps.no_notebooks", value="<b>bold</b>")'
FAULTY = 'secret_name = "never shown"\nraise RuntimeError(secret_name)'
SCRIPT = """
import json, sys
from pathlib import Path
from gbf_workbench.doors import apps
more = json.loads(sys.argv[2])
apps.ALONE, apps.ROOMS = more.pop("alone", apps.ALONE), more.pop("rooms", apps.ROOMS)
apps.serve(notebooks=Path(sys.argv[1]), port=0, open_browser=False, **more)
"""


@dataclass
class Server:
    """A running server: its address, its process, its log and the folder its sessions lie in."""

    address: str
    process: subprocess.Popen[str]
    log: Path
    temporary: Path

    def calculations(self) -> list[int]:
        """Process ids of the calculations that run now."""
        running = []
        for one in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):  # it may end while we look
                if "ipykernel_launcher" in " ".join(one.cmdline()):
                    running.append(one.pid)
        return running

    def sessions(self) -> list[Path]:
        """The private folders there are now."""
        return list(self.temporary.glob("gbf-apps-*/gbf-session-*"))


def write_notebook(folder: Path, name: str, title: str, *codes: str) -> None:
    cells = [
        nbformat.v4.new_markdown_cell(f"# {title}\n\nSome words about it."),
        *map(nbformat.v4.new_code_cell, codes),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / name)


def start_server(folder: Path, **more: Any) -> Server:
    """Start the apps over notebooks of the tests and files that nobody may fetch."""
    notebooks, temporary, log = folder / "notebooks", folder / "temporary", folder / "log.txt"
    notebooks.mkdir()
    temporary.mkdir()
    write_notebook(notebooks, "exchange.ipynb", "Exchange of files", EXCHANGE)
    write_notebook(notebooks, "refused.ipynb", "Refused data", REFUSED)
    write_notebook(notebooks, "faulty.ipynb", "A fault of ours", FAULTY)
    (notebooks / "secret.csv").write_text("species,place\n")
    (notebooks / "picture.png").write_bytes(b"\x89PNG")
    environment = {
        **os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT), "DATABASE_URL": "secret", "MY_TOKEN": "secret",
    }  # fmt: skip
    with log.open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(notebooks), json.dumps(more)],
            stdout=subprocess.PIPE, stderr=err, text=True, env=environment, cwd=folder,
        )  # fmt: skip
    line = process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert address, f"the server said {line!r}: {log.read_text()}"
    return Server(address[0], process, log, temporary)


def stop_server(server: Server) -> int:
    """Press Ctrl-C and wait for the end."""
    server.process.send_signal(signal.SIGINT)
    try:
        return server.process.wait(30)
    finally:
        server.process.kill()
        server.process.wait()
        server.process.stdout.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser_path: str) -> Iterator[Server]:
    """The apps as people use them."""
    running = start_server(tmp_path_factory.mktemp("apps"))
    yield running
    stop_server(running)


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Any]:
    """A browser without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install playwright")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=browser_path, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page and wait until it is alive; in the end no request may have left this computer."""
    hosts: set[str | None] = set()
    context = browser.new_context(accept_downloads=True)

    def note(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("blob", "data"):
            hosts.add(parts.hostname)

    def open_page(address: str, *, alive: bool = True) -> Any:
        page = context.new_page()
        page.set_default_timeout(60000)
        page.on("websocket", note)
        page.goto(address, timeout=60000)
        if alive:
            page.wait_for_selector("body:not(.gbf-starting)")
        return page

    context.on("request", note)
    yield open_page
    context.close()
    assert hosts == {"127.0.0.1"}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory, browser_path: str) -> Iterator[Server]:
    """`gbf app` as it is typed."""
    folder = tmp_path_factory.mktemp("apps")
    log = folder / "log.txt"
    with log.open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "gbf_workbench.doors.cli", "app", "--port", "0", "--no-browser"],
            stdout=subprocess.PIPE, stderr=err, text=True, cwd=ROOT, env={**os.environ, "TMPDIR": str(folder)},
        )  # fmt: skip
    line = process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert address, f"the server said {line!r}: {log.read_text()}"
    yield Server(address[0], process, log, folder)
    stop_server(Server(address[0], process, log, folder))


@pytest.fixture
def open_app(apps: Server, visit: Callable[..., Any]) -> Iterator[Callable[[str], Any]]:
    """Open the page of a notebook, and close it when the test is over."""
    pages = []

    def opened(stem: str) -> Any:
        page = visit(f"{apps.address}voila/render/{stem}.ipynb")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()


def eventually(true: Callable[[], Any], seconds: float = 30.0) -> bool:
    """Whether something becomes true within some time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return bool(true())
