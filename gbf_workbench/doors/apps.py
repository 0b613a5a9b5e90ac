"""Every notebook as an app: Voila behind a front page of our own, closed to the network and tidy when people leave."""

from __future__ import annotations

import ipaddress
import logging
import os
import shutil
import signal
import tempfile
import threading
import time
import webbrowser
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.netutil import bind_sockets
from tornado.routing import Matcher, Rule
from tornado.web import HTTPError, RequestHandler, authenticated
from traitlets import Dict, Unicode
from traitlets.config import Config
from voila.app import Voila
from voila.handler import BaseVoilaHandler
from voila.tornado.handler import TornadoVoilaHandler

from gbf_workbench.catalogue.edition import load_edition
from gbf_workbench.catalogue.specs import specs
from gbf_workbench.doors import session
from gbf_workbench.errors import problem
from gbf_workbench.locales import current_language, direction, text

TEMPLATES = Path(__file__).parent / "templates"
ROOMS = 20  # pages that may be open at once; each takes a process of 100-200 MB
SWEEP = 3.0  # [s] between two looks after ended calculations
ALONE = 180.0  # [s] a calculation may stay without its page; a tab that sleeps keeps its connection
ROOT_PREFIX = "gbf-apps-"
#: What a page's code may know of the server's environment. Anything else may be a secret.
KEPT_VARIABLES = frozenset(
    """PATH HOME USER LANG LANGUAGE TZ TMPDIR TEMP TMP VIRTUAL_ENV CONDA_PREFIX LD_LIBRARY_PATH DYLD_LIBRARY_PATH
    PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE PYTHONUTF8 PYTHONHASHSEED GDAL_DATA PROJ_DATA PROJ_LIB FONTCONFIG_PATH
    OMP_NUM_THREADS OPENBLAS_NUM_THREADS MPLCONFIGDIR XDG_CACHE_HOME XDG_CONFIG_HOME SYSTEMROOT WINDIR COMSPEC PATHEXT
    APPDATA LOCALAPPDATA PROGRAMDATA USERPROFILE NUMBER_OF_PROCESSORS GBF_DATA""".split()
)
#: Widgets that pages use; other extensions of JupyterLab stay out, and with them whatever they would fetch.
EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]
#: The browser itself keeps every request of a page on this computer.
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' blob: data: ws://127.0.0.1:* ws://localhost:*",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
)
NATIONAL_PREFIX = "national_"
BEGIN = "from gbf_workbench.doors.session import begin\n\nbegin()"


def serve(
    *, notebooks: Path, language: str | None = None, port: int = 8866, address: str = "127.0.0.1",
    open_browser: bool = True, idle_minutes: float = 30,
) -> None:  # fmt: skip
    """Open the apps on this computer and stay until Ctrl-C; then no calculation and no uploaded file is left.

    Parameters
    ----------
    notebooks : Path
        Folder of the notebooks, one page each.
    language : str, optional
        Language of the pages; else ``GBF_LANGUAGE``, else English.
    port : int
        Port to listen on; 0 takes a free one, and so does a port in use.
    address : str
        An address of this computer only: the pages have no login.
    open_browser : bool
        Whether to open the front page in the browser.
    idle_minutes : float
        Minutes without a key, click or scroll after which a page's session is ended [min].

    Raises
    ------
    WorkbenchError
        If the folder holds no notebook, the language is unknown, or the address can be reached from outside.
    """
    logging.basicConfig(level=logging.ERROR)  # the servers under Voila warn of every refused request
    logging.getLogger("traitlets").addFilter(is_news)
    spoken = current_language(language)
    if not any(notebooks.glob("*.ipynb")):
        raise problem("apps.no_notebooks", value=str(notebooks))
    if not is_local(address):
        raise problem("apps.not_local", value=address)
    # Started behind a script, a program is told to ignore Ctrl-C; this one has files to delete when it is stopped.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    temporary = Path(tempfile.gettempdir())
    session.sweep(temporary, ROOT_PREFIX)
    root = Path(tempfile.mkdtemp(prefix=f"{ROOT_PREFIX}{os.getpid()}-", dir=temporary))
    try:
        words = page_words(spoken, idle_minutes)
        apps = Apps(config=settings(notebooks, words, port, address, root), sessions=str(root), words=words)
        apps.kernel_environment = kept(os.environ) | {
            "GBF_DOOR": "app", "GBF_LANGUAGE": spoken, "GBF_SESSIONS": str(root),
            "GBF_IDLE_MINUTES": str(idle_minutes), "IPYTHONDIR": str(root / "ipython"),
        }  # fmt: skip
        apps.show_front_page = open_browser
        apps.initialize(argv=[])
        apps.start()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(text("apps.closed", spoken), flush=True)


def is_news(record: logging.LogRecord) -> bool:
    """Whether a line of the log says more than a page has said already."""
    return f"'ename': '{session.Said.__name__}'" not in record.getMessage()


def is_local(host: str) -> bool:
    """Whether a host is this computer, by address or as ``localhost``; any other name could be made to point here.

    >>> is_local("127.0.0.1"), is_local("[::1]"), is_local("gbf.example")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def kept(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that are passed on to the pages' code."""
    return {name: value for name, value in environment.items() if name.upper() in KEPT_VARIABLES or name[:3] == "LC_"}


def settings(notebooks: Path, words: Mapping[str, Any], port: int, address: str, root: Path) -> Config:
    """How Voila and the servers under it are set; what they write lies under ``root``."""
    config = Config()
    config.Voila.update(
        root_dir=str(notebooks.resolve()), connection_dir_root=str(root), ip=address, port=port,
        open_browser=False, log_level="ERROR",
        config_file_paths=[],  # a voila.py in the current folder would be run
        tornado_settings={
            "headers": {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"},
            "websocket_max_message_size": 10 * 2**20,
            "ws_ping_interval": 0,  # the heartbeat keeps the line open
        },
    )  # fmt: skip
    config.VoilaConfiguration.update(
        template="base", allow_template_override="NO", allow_theme_override="NO", file_allowlist=[],
        extension_allowlist=EXTENSIONS, multi_kernel_manager_class=PrivateKernels,
        prelaunch_hook=partial(prepared, language=words["language"]), resources={"page": dict(words)},
        show_tracebacks=True,  # of which session.begin leaves only sentences
    )  # fmt: skip
    config.VoilaExecutor.update(iopub_timeout=60, startup_timeout=120)
    config.KernelManager.autorestart = False  # an empty calculation in place of a dead one would look alive
    # The second net: the heartbeat counts as activity, so this takes only those whose heartbeat has stopped.
    config.MappingKernelManager.update(cull_idle_timeout=900, cull_interval=60, cull_connected=True)
    return config


def page_words(language: str, idle_minutes: float) -> dict[str, Any]:
    """What the template of a page says."""
    keys = (
        "product", "skip", "home", "noscript", "starting", "step", "connecting", "reload", "close", "lost",
        "broken_off", "stopped",
    )  # fmt: skip
    said = {key: text(f"apps.{key}", language) for key in keys}
    said["ended"] = text("apps.ended", language, minutes=idle_minutes)
    return {"language": language, "direction": direction(language), "said": said}


def prepared(_: Any, notebook: Any, cwd: str, *, language: str) -> Any:
    """The notebook as a page runs it: in the page's language, its session opened before anything else."""
    from gbf_workbench.doors.notebooks import translated, without_lesson

    spoken = translated(notebook, language)
    spoken.metadata["title"] = heading(spoken)
    spoken.cells = without_lesson(spoken.cells)
    spoken.cells.insert(0, nbformat.v4.new_code_cell(BEGIN, metadata={"silent": True}))
    return spoken


def heading(notebook: Any) -> str:
    """The first heading of a notebook, or an empty text.

    >>> cell = nbformat.v4.new_markdown_cell("# 3.1 Protected areas" + chr(10) + "What it says")
    >>> heading(nbformat.v4.new_notebook(cells=[cell]))
    '3.1 Protected areas'
    """
    lines = (line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), "")


def cards(notebooks: Path, language: str) -> dict[str, list[dict[str, str]]]:
    """What the front page offers: the indicators in the Framework's order, and the other notebooks before them."""
    from gbf_workbench.doors.notebooks import translated

    names = load_edition()
    by_file = {f"{spec.file_stem}.ipynb": spec for spec in specs().values()}
    files = sorted(path.name for path in notebooks.glob("*.ipynb"))
    indicators = [
        {
            "file": file, "code": spec.code, "name": names.indicator(spec.code).said("name", language),
            "summary": spec.said("summary", language), "maturity": spec.maturity,
        }
        for file, spec in by_file.items() if file in files
    ]  # fmt: skip
    others = []
    # A country's own indicator needs to be told which; its notebook is for a batch and for JupyterLab.
    for file in (file for file in files if file not in by_file and not file.startswith(NATIONAL_PREFIX)):
        notebook = translated(nbformat.read(notebooks / file, as_version=4), language)
        others.append({"file": file, "name": heading(notebook) or file.removesuffix(".ipynb")})
    return {"indicators": indicators, "others": others}


class PrivateKernels(AsyncMappingKernelManager):
    """Calculations that are told what they need to know, not everything the server knows."""

    async def start_kernel(self, *, env: Mapping[str, str], **more: Any) -> str:
        """Start one; Voila offers it the server's whole environment in ``env``."""
        environment = dict(self.parent.kernel_environment)
        # It would greet each visitor's calculation with a warning about its own sockets.
        quiet = ["--IPKernelApp.log_level=ERROR"]
        return await super().start_kernel(env=environment, extra_arguments=quiet, **more)


class Foreign(Matcher):
    """Requests under a name that is not this computer's: a web site may have made its own name point here."""

    def match(self, request: Any) -> dict[str, Any] | None:
        """Take the request away from the pages if its Host is foreign."""
        return None if is_local(request.host_name) else {}


class Refused(RequestHandler):
    """The answer to a request that is not for us."""

    def prepare(self) -> None:
        """Refuse before anything is read."""
        raise HTTPError(403)


class Missing(BaseVoilaHandler):
    """The answer to an address that is not there."""

    def get(self) -> None:
        """Say so."""
        raise HTTPError(404)


class FrontPage(BaseVoilaHandler):
    """The list of what there is; it starts no calculation."""

    def initialize(self, notebooks: Path, language: str, **more: Any) -> None:
        """Take what the page needs."""
        super().initialize(**more)
        self.offered = partial(cards, notebooks, language)

    @authenticated
    def get(self) -> None:
        """Show the page."""
        self.write(self.render_template("front.html", **self.offered()))


class Page(TornadoVoilaHandler):
    """One notebook as a page."""

    @authenticated
    async def get(self, path: str | None = None) -> None:
        """Start its calculation and send what it shows, unless all rooms are taken."""
        if len(self.kernel_manager.list_kernel_ids()) >= ROOMS:
            raise HTTPError(503)
        # Reading the token sets the cookie a page must show to end its calculation when it leaves.
        _ = self.xsrf_token
        await super().get(path)


class Apps(Voila):
    """Voila with a front page, no other door into the folder, and an eye on what has ended."""

    sessions = Unicode()
    words = Dict()

    def setup_template_dirs(self) -> None:
        """Look for templates in ours first."""
        super().setup_template_dirs()
        self.template_paths.insert(0, str(TEMPLATES))

    def init_settings(self) -> dict[str, Any]:
        """Let templates of whole pages speak."""
        found = super().init_settings()
        found["voila_jinja2_env"].globals.update(page=self.words, text=partial(text, language=self.words["language"]))
        return found

    def init_handlers(self) -> list[Any]:
        """Serve pages, their calculations and the parts of Voila itself; no folder, no file, no tree."""
        shut = ("/voila/tree", "/voila/files", "/voila/render", "/voila/api/contents", "/login", "/logout")
        kept = [one for one in super().init_handlers() if one[0] != "/" and not one[0].startswith(shut)]
        common = {"voila_configuration": self.voila_configuration}
        pages = {**common, "template_paths": self.template_paths, "config": self.config}
        front = {**common, "notebooks": Path(self.root_dir), "language": self.words["language"]}
        ours = [("/", FrontPage, front), (r"/voila/render/([\w.-]+\.ipynb)", Page, pages), ("/.*", Missing, common)]
        return kept + ours

    def listen(self) -> None:
        """Listen on this computer, say where, and stay until stopped."""
        self.app.default_router.rules.insert(0, Rule(Foreign(), Refused))
        try:
            sockets = bind_sockets(self.port, self.ip)
        except OSError:
            sockets = bind_sockets(0, self.ip)
        HTTPServer(self.app, max_body_size=2**20).add_sockets(sockets)
        self.port = sockets[0].getsockname()[1]
        self.alone: dict[str, float] = {}
        PeriodicCallback(self.look_after, SWEEP * 1000).start()
        address = f"http://{self.ip}:{self.port}/"
        print(text("apps.address", self.words["language"], address=address), flush=True)
        if self.show_front_page:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        self.ioloop = IOLoop.current()
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    async def look_after(self) -> None:
        """End calculations whose page is gone, forget those that ended, and delete the files of both."""
        for kernel in list(self.kernel_manager.list_kernel_ids()):
            # Its page may end it while we look.
            with suppress(KeyError, HTTPError):
                if not await self.kernel_manager.get_kernel(kernel).is_alive():
                    await self.kernel_manager.shutdown_kernel(kernel, now=True)
                elif self.is_left(kernel, time.monotonic()):
                    await self.kernel_manager.shutdown_kernel(kernel)
        session.sweep(Path(self.sessions))

    def is_left(self, kernel: str, now: float) -> bool:
        """Whether a calculation has long had no page and nothing to do."""
        model = self.kernel_manager.kernel_model(kernel)
        if model["connections"] or model["execution_state"] == "busy":
            self.alone.pop(kernel, None)
            return False
        return now - self.alone.setdefault(kernel, now) > ALONE
