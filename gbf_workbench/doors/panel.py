"""One panel for every indicator: the same cells are a lesson with controls, an app, and a silent page of a batch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from gbf_workbench.catalogue import Indicator, load_edition
from gbf_workbench.catalogue.specs import QUESTIONNAIRE, IndicatorSpec, spec_of
from gbf_workbench.doors.views import Views, in_batch, paragraph
from gbf_workbench.errors import Issue, WorkbenchError, problem, sorted_issues
from gbf_workbench.locales import current_language, text
from gbf_workbench.pipeline import Tables, compute
from gbf_workbench.preparation.country import SAMPLE, open_country
from gbf_workbench.preparation.inputs import read_inputs
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.reporting import pages
from gbf_workbench.reporting.charts import described, draw
from gbf_workbench.reporting.files import save_issues
from gbf_workbench.reporting.maps import draw_map
from gbf_workbench.reporting.outputs import save_all
from gbf_workbench.reporting.wording import setting_shown
from gbf_workbench.results import Result


def open_panel(
    code: str, folder: str = "", out: str = "", language: str = "", settings: Mapping[str, Any] | None = None
) -> Panel:
    """Open the panel of an indicator.

    Parameters
    ----------
    code : str
        Code or slug.
    folder : str
        Country folder to begin with; empty waits for files to be brought.
    out : str
        Folder for the result files; empty writes none.
    language : str
        Empty takes ``GBF_LANGUAGE``.
    settings : mapping
        Parameters of the calculation.

    Raises
    ------
    WorkbenchError
        If the code, the language or a setting is unknown; data that cannot be used are shown, not raised.
    """
    spec = open_country(folder).spec(code) if folder and Path(folder).is_dir() else spec_of(code)
    return Panel(spec, folder, out, current_language(language or None), dict(settings or {}))


class Panel(Views):
    """State of one calculation and the views that show it; a change of state renews every view."""

    def __init__(self, spec: IndicatorSpec, folder: str, out: str, language: str, settings: dict[str, Any]) -> None:
        super().__init__(language)
        self.spec, self.folder, self.out = spec, folder, out
        # Only what differs from the defaults was chosen here; the rest is left to the country's own settings.
        asked = spec.settings(settings)
        self.chosen = {name: value for name, value in asked.items() if value != spec.parameters[name].default}
        self.tables: Tables | None = None
        self.result: Result | None = None
        self.issues: tuple[Issue, ...] = ()
        self.message = ""
        self.recompute()

    def recompute(self) -> None:
        """Read, check and compute anew; what was there before is gone even if this fails."""
        self.tables = self.result = None
        self.issues, self.message = (), ""
        if self.folder:
            try:
                self._compute()
            except WorkbenchError as refused:
                self.issues = sorted_issues([*self.issues, *(i for i in refused.issues if i not in self.issues)])
                if self.out and in_batch():
                    # The batch sees of a kernel only its last words; what it found has to reach the record whole.
                    save_issues(self.issues, Path(self.out), self.language)
            except Exception as fault:
                from gbf_workbench.doors.session import sentences

                self.message = " ".join(sentences(fault, self.language))
        self.renew()

    def _compute(self) -> None:
        country = open_country(self.folder)
        inputs = read_inputs(self.spec, country)
        self.issues = sorted_issues(inputs.issues)
        if inputs.usable:
            self.tables = Tables(self.spec, country, inputs)
            self.result = compute(self.spec.code, self.tables, **self.chosen)
            self.issues = self.result.issues

    def turn_to(self, code: str) -> None:
        """Show another indicator with the same data: of the questionnaires, another one."""
        self.spec = spec_of(code)
        self.recompute()

    def clear(self, message: str = "") -> None:
        """Show nothing but a message: what was shown belongs to data that are no longer current."""
        self.folder, self.tables, self.result, self.issues, self.message = "", None, None, (), message
        self.renew()

    def clear_result(self) -> None:
        """Take the number away while a setting is not usable; the data stay."""
        self.result, self.message = None, text("panel.setting_refused", self.language)
        self.renew()

    def needed(self) -> Result:
        """The result, or a refusal where there is none to give a file of."""
        if self.result is None:
            raise problem("panel.no_result")
        return self.result

    def page(self) -> str:
        """The state of the panel as one page that needs no other file."""
        name = self._indicator().said("name", self.language)
        views = [f"<h1>{escape(self.spec.code)} {escape(name)}</h1>", self._about_html(), self._data_html()]
        views += [pages.result_html(self.needed(), self.language), self._chart_html(), self._map_html()]
        return pages.whole_page(
            f"{self.spec.code} {self.tables.country.name(self.language)}", "\n".join(views), self.language
        )

    def set(self, **settings: Any) -> None:
        """Change settings and compute anew."""
        self.chosen.update(settings)
        self.recompute()

    def example(self) -> Panel:
        """The sample country with the default settings, which the lessons quote; this panel where it shows just that.

        A trainee who turns a notebook to other data keeps lessons that hold, and is told whose numbers they are.
        """
        if self.folder and Path(self.folder).resolve() == SAMPLE and not self.chosen:
            return self
        sample = open_panel(self.spec.code, str(SAMPLE), language=self.language)
        self.show(
            lambda: paragraph(text("panel.example", self.language, country=open_country(SAMPLE).name(self.language)))
        )
        return sample

    # -- views ---------------------------------------------------------------------------------------------

    def about(self) -> None:
        """What the indicator is, and how well its method is checked."""
        if self.spec.slug == QUESTIONNAIRE and not in_batch():
            from gbf_workbench.doors.controls import questionnaire_control

            questionnaire_control(self)
        self.show(lambda: f"<style>{pages.style()}</style>{self._about_html()}")

    def data(self) -> None:
        """Choose or bring data; see in plain words what is wrong with them."""
        if not in_batch():
            from gbf_workbench.doors.bringing import bring_data

            bring_data(self)
        self.show(self._data_html)

    def settings(self) -> None:
        """Change the options of the calculation."""
        if not in_batch():
            from gbf_workbench.doors.controls import settings_controls

            settings_controls(self)
        self.show(self._settings_html)

    def number(self) -> None:
        """The result: number, interval, doubts, table."""
        self.show(lambda: pages.result_html(self.result, self.language) if self.result else self._nothing())

    def chart(self) -> None:
        """The chart."""
        self.show(self._chart_html)

    def map(self) -> None:
        """The map, where the data have a place."""
        self.show(self._map_html)

    def downloads(self) -> None:
        """The files: in a batch they are written, elsewhere they can be downloaded as well.

        Raises
        ------
        WorkbenchError
            If files were asked for and there is no result to write.
        """
        if self.out:
            if self.result is None:
                raise WorkbenchError(*self.issues) if self.issues else problem("panel.no_result")
            written = save_all(self.result, self.tables, self.out, self.language)
            names = [[path.name] for path in written]
            self.show(lambda: pages.plain_table([text("panel.files", self.language)], names))
        if not in_batch():
            from gbf_workbench.doors.controls import download_controls

            download_controls(self)

    def _indicator(self) -> Indicator:
        edition = self.tables.country.edition if self.tables else load_edition()
        return edition.indicator(self.spec.code)

    def _about_html(self) -> str:
        if self.spec.folder and not self.tables:
            return self._nothing()
        return pages.about_html(self.spec, self._indicator(), self.language)

    def _nothing(self) -> str:
        said = self.message or text("panel.no_result", self.language)
        return f'<p class="gbf-{"bad" if self.message else "small"}" role="status">{escape(said)}</p>'

    def _data_html(self) -> str:
        if not self.folder or (self.message and not self.tables):
            return self._nothing()
        parts = [pages.issues_html(self.issues, self.language)]
        if self.tables:
            for role, content in self.tables.inputs.contents.items():
                title = schema_of(self.spec.inputs[role].table).title(self.language)
                parts.append(preview(content, title, self.language))
        return "\n".join(parts)

    def _settings_html(self) -> str:
        """The settings in force, for a page that nobody can click."""
        if not in_batch() or not self.result:
            return ""
        rows = [
            [
                self.spec.said(f"parameters.{name}.help", self.language),
                setting_shown(self.spec, name, value, self.language),
            ]
            for name, value in self.result.provenance.parameters.items()
        ]
        return pages.plain_table([text("panel.setting", self.language), text("columns.value", self.language)], rows)

    def _chart_html(self) -> str:
        if not self.result:
            return self._nothing()
        return pages.figure_html(draw(self.result, self.language), described(self.result, self.language))

    def _map_html(self) -> str:
        figure = draw_map(self.tables, self.language) if self.result else None
        if figure is None:
            return ""
        name = self.tables.country.name(self.language)
        words = text("map.described", self.language, name=self._indicator().said("name", self.language), country=name)
        return pages.figure_html(figure, words)


def preview(content: Any, title: str, language: str) -> str:
    """The first rows of a table or layer as it was understood, or the maps there are."""
    if isinstance(content, tuple):
        rows = [[str(one.year), f"{one.shape[1]} × {one.shape[0]}", _crs_name(one.crs)] for one in content]
        names = [text(f"panel.maps.{name}", language) for name in ("year", "size", "crs")]
        return pages.plain_table(names, rows, title)
    return pages.preview_html(content, title, language)


def _crs_name(crs: str) -> str:
    """The code of a coordinate system where it has one, else its name."""
    import pyproj

    known = pyproj.CRS(crs)
    named = known.to_authority(min_confidence=70)
    return ":".join(named) if named else known.name


def sample_folders() -> dict[str, Path]:
    """Country folders to choose from: those in ``GBF_DATA`` and the sample beside the package, by name."""
    from gbf_workbench.locales import PACKAGE

    roots = [Path(one) for one in os.environ.get("GBF_DATA", "").split(os.pathsep) if one]
    roots.append(PACKAGE.parent / "data_samples")
    found = {}
    for root in roots:
        for path in sorted([root, *root.glob("*")]):
            if (path / "country.yml").is_file():
                found.setdefault(path.name, path)
    return found
