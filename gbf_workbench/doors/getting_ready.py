"""The page that says what a country could compute today: every indicator with its state and the next step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gbf_workbench.doors import session
from gbf_workbench.doors.asking import WIDE
from gbf_workbench.doors.views import Views, in_batch, paragraph
from gbf_workbench.errors import WorkbenchError, problem
from gbf_workbench.locales import current_language, text
from gbf_workbench.preparation.country import Country, open_country
from gbf_workbench.preparation.readiness import STATES, Readiness, readiness
from gbf_workbench.reporting import pages
from gbf_workbench.reporting.files import unwritable_in_words, whole_file
from gbf_workbench.reporting.readiness_page import readiness_html, readiness_page

PAGE = "readiness.html"


def open_readiness(folder: str = "", out: str = "", language: str = "") -> ReadinessPage:
    """Open the page that says what a country could compute today.

    Parameters
    ----------
    folder : str
        Country folder to begin with; empty waits for one to be chosen.
    out : str
        Folder for the page as a file; empty writes none.
    language : str
        Empty takes ``GBF_LANGUAGE``.
    """
    return ReadinessPage(folder, out, current_language(language or None))


class ReadinessPage(Views):
    """The readiness of one country, and the views that show it."""

    def __init__(self, folder: str, out: str, language: str) -> None:
        super().__init__(language)
        self.out, self.state = out, ""
        self.take(folder)

    def take(self, folder: str) -> None:
        """Look at a country folder."""
        self.country: Country | None = None
        self.ready: list[Readiness] = []
        self.message = text("ready.choose", self.language)
        if folder:
            try:
                country = open_country(folder)
                self.ready, self.country = readiness(country), country
            except WorkbenchError as refused:
                self.message = " ".join(refused.lines(self.language))
        self.renew()

    def choose(self) -> None:
        """Choose a country folder, or bring one as an archive; choose the state to show."""
        self.show(lambda: f"<style>{pages.style()}</style>")
        if not in_batch():
            self._choosers()

    def _choosers(self) -> None:
        import ipywidgets
        from IPython.display import display

        from gbf_workbench.doors.panel import sample_folders
        from gbf_workbench.doors.upload import Upload

        folders = {name: str(path) for name, path in sample_folders().items()}
        now = str(self.country.folder.resolve()) if self.country else ""
        start = next((name for name, path in folders.items() if str(Path(path).resolve()) == now), None)
        layout = ipywidgets.Layout(**WIDE)
        wide = {"layout": layout, "style": {"description_width": "initial"}}
        options = [(text("panel.own_files", self.language), ""), *folders.items()]
        chosen = ipywidgets.Dropdown(
            options=options, value=folders.get(start or "", ""),
            description=text("panel.country", self.language), **wide,
        )  # fmt: skip
        chosen.observe(lambda change: self.take(change["new"]), names="value")
        states = [(text(f"ready.state.{state}", self.language), state) for state in STATES]
        state = ipywidgets.Dropdown(
            options=[(text("ready.every_state", self.language), ""), *states], value="",
            description=text("ready.column.state", self.language), **wide,
        )  # fmt: skip
        state.observe(lambda change: self._only(change["new"]), names="value")
        upload = Upload(
            on_start=lambda: None, on_files=self._receive, on_failed=self._fail, multiple=False, extensions=(".zip",),
            label=text("ready.bring", self.language), language=self.language,
        )  # fmt: skip
        display(ipywidgets.VBox([chosen, upload, state]))

    def _only(self, state: str) -> None:
        self.state = state
        self.renew()

    def _receive(self, files: tuple[Any, ...]) -> None:
        from gbf_workbench.doors.arrivals import is_country_archive, unpack_country

        (file,) = files
        if not is_country_archive(file.path, file.name):
            self._fail(text("ready.no_country", self.language, name=file.name))
            return
        import shutil

        place = session.folder() / "ready"
        shutil.rmtree(place, ignore_errors=True)
        self.take(str(unpack_country(file.path, place)))

    def _fail(self, said: str) -> None:
        self.country, self.ready, self.message = None, [], said
        self.renew()

    def table(self) -> None:
        """The table of all indicators, or of those in one state."""
        self.show(self._table_html)

    def _table_html(self) -> str:
        if self.country is None:
            return paragraph(self.message)
        shown = [one for one in self.ready if self.state in ("", one.state)]
        return readiness_html(shown, self.country, self.language)

    def downloads(self) -> None:
        """The page as a file: written where ``out`` names a folder, and to be downloaded where somebody can.

        Raises
        ------
        WorkbenchError
            If a file was asked for and there is no country to write of.
        """
        if self.out:
            if self.country is None:
                raise problem("ready.choose")
            with unwritable_in_words(), whole_file(Path(self.out) / PAGE) as path:
                path.write_bytes(self._page())
            self.show(lambda: pages.plain_table([text("panel.files", self.language)], [[PAGE]]))
        self.show_controls(self._button)

    def _button(self) -> list[Any]:
        from gbf_workbench.doors.upload import Download

        if self.country is None:
            return []
        return [Download(text("panel.download.page", self.language), lambda: PAGE, self._page, language=self.language)]

    def _page(self) -> bytes:
        return readiness_page(self.ready, self.country, self.language).encode()
