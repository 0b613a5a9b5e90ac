"""Choosing and bringing data in a panel: a folder, or files with a word on what each of them is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gbf_workbench.doors import session
from gbf_workbench.doors.arrivals import (
    Arrival,
    columns_of,
    is_country_archive,
    make_country,
    recognised,
    unpack_country,
)
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.locales import text
from gbf_workbench.preparation.answers import merged, question_of
from gbf_workbench.preparation.schema import schema_of

if TYPE_CHECKING:
    from gbf_workbench.catalogue.specs import IndicatorSpec
    from gbf_workbench.doors.upload import UploadedFile
    from gbf_workbench.errors import Issue


class Brings(Protocol):
    """A page that data can be brought to: the panel of an indicator, or the page on which data are prepared."""

    spec: IndicatorSpec
    language: str
    folder: str
    issues: tuple[Issue, ...]

    def recompute(self) -> None:
        """Read and check anew."""

    def clear(self, message: str = "") -> None:
        """Show nothing but a message."""


def bring_data(panel: Brings, *, asks: bool = True) -> Desk:
    """Show the choice of a country folder, the field to bring files, and what each file was taken for.

    Parameters
    ----------
    panel : Panel or Preparation
    asks : bool
        Whether questions about columns and cells are asked right here; else the page has a place of its own for them.
    """
    import ipywidgets
    from IPython.display import display

    from gbf_workbench.doors.panel import sample_folders
    from gbf_workbench.doors.upload import Upload

    folders = {name: str(path) for name, path in sample_folders().items()}
    if panel.folder and str(Path(panel.folder).resolve()) not in map(_resolved, folders.values()):
        folders = {Path(panel.folder).name: panel.folder, **folders}
    own = text("panel.own_files", panel.language)
    start = next(
        (name for name, path in folders.items() if panel.folder and _resolved(path) == _resolved(panel.folder)), own
    )
    choice = ipywidgets.Dropdown(
        options=[*folders, own], value=start, description=text("panel.country", panel.language),
        style={"description_width": "initial"},
    )  # fmt: skip
    brought = ipywidgets.VBox()
    desk = Desk(panel, brought, asks=asks)

    def choose(change: Any) -> None:
        desk.forget()
        if change["new"] == own:
            panel.clear(text("panel.bring", panel.language))
        else:
            panel.folder = folders[change["new"]]
            panel.recompute()

    def started() -> None:
        choice.unobserve(choose, names="value")
        choice.value = own
        choice.observe(choose, names="value")
        desk.forget()
        panel.clear(text("panel.arriving", panel.language))

    choice.observe(choose, names="value")
    upload = Upload(on_start=started, on_files=desk.receive, on_failed=panel.clear, language=panel.language)
    display(ipywidgets.VBox([choice, upload, brought]))
    return desk


def _resolved(path: str) -> str:
    return str(Path(path).resolve())


class Desk:
    """The files that were brought, what they are taken for, and the controls to say otherwise."""

    def __init__(self, panel: Brings, box: Any, *, asks: bool = True) -> None:
        self.panel, self.box, self.asks = panel, box, asks
        self.arrivals: list[Arrival] = []
        self.code = ""

    def forget(self) -> None:
        """Leave nothing of files that were brought before."""
        self.arrivals, self.box.children = [], ()

    def receive(self, files: tuple[UploadedFile, ...]) -> None:
        """Take files that arrived whole: a zipped country folder is opened, other files are recognised."""
        where = session.folder() / "brought"
        try:
            if len(files) == 1 and is_country_archive(files[0].path, files[0].name):
                self.forget()
                self.panel.folder = str(unpack_country(files[0].path, _fresh(where)))
                self.panel.recompute()
                return
        except WorkbenchError as refused:
            self.forget()
            self.panel.clear(" ".join(refused.lines(self.panel.language)))
            return
        self._recognise(self.panel.spec, [Arrival(one.path, one.name) for one in files])

    def add(self, path: Path, name: str) -> None:
        """Take one more file, in place of one of the same name."""
        others = [one for one in self.arrivals if one.name != name]
        self._recognise(self.panel.spec, [*others, Arrival(path, name)])

    def turn_to(self, spec: IndicatorSpec) -> None:
        """Look at the same files as those of another indicator."""
        self._recognise(spec, [replace(one, role="", columns={}, answers={}) for one in self.arrivals])

    def _recognise(self, spec: IndicatorSpec, arrivals: list[Arrival]) -> None:
        """Find the role of each file that has none, and use them."""
        try:
            found = [one if one.role else recognised(spec, one.path, one.name) for one in arrivals]
        except WorkbenchError as refused:
            self.forget()
            self.panel.clear(" ".join(refused.lines(self.panel.language)))
            return
        self.arrivals = found
        self.use()

    def learn(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        """Remember what ``mapping.yml`` says now, so that it stays when a file gets another role."""
        for at, one in enumerate(self.arrivals):
            words = dict(tables.get(self.panel.spec.inputs[one.role].table, {})) if one.role else {}
            columns = words.pop("columns", {})
            answers = {word: value for word, value in words.items() if word not in ("file", "files")}
            self.arrivals[at] = replace(one, columns=columns, answers=answers)

    def use(self) -> None:
        """Make the country folder of what is known now, compute, and ask what is still open."""
        try:
            self.panel.folder = str(
                make_country(self.panel.spec, self.arrivals, session.folder() / "brought", self.code)
            )
        except WorkbenchError as refused:
            self.panel.clear(" ".join(refused.lines(self.panel.language)))
        else:
            self.panel.recompute()
        self.box.children = tuple(self._controls())

    def _controls(self) -> list[Any]:
        import ipywidgets

        language, spec = self.panel.language, self.panel.spec
        roles = [(schema_of(one.table).title(language), role) for role, one in spec.inputs.items()]
        rows: list[Any] = []
        for at, one in enumerate(self.arrivals):
            named = ipywidgets.HTML(f"<strong>{escape(one.name)}</strong>")
            role = ipywidgets.Dropdown(
                options=[(text("panel.not_used", language), ""), *roles], value=one.role,
                description=text("panel.taken_for", language), style={"description_width": "initial"},
            )  # fmt: skip
            role.observe(self._change(at, "role"), names="value")
            parts = [named, role]
            if one.role and schema_of(spec.inputs[one.role].table).kind == "raster":
                year = ipywidgets.BoundedIntText(one.year, min=0, max=2100, description=text("columns.year", language))
                year.observe(self._change(at, "year"), names="value")
                parts.append(year)
            rows.append(ipywidgets.HBox(parts, layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center")))
            if self.asks and one.role:
                rows += [*self._column_controls(at, one), *self._answer_controls(at, one)]
        code = ipywidgets.Text(
            self.code,
            description=text("panel.code", language),
            continuous_update=False,
            style={"description_width": "initial"},
        )
        code.observe(self._coded, names="value")
        return [*rows, code]

    def _column_controls(self, at: int, one: Arrival) -> list[Any]:
        """A choice for each needed column that was not found in this file, and for those chosen before."""
        import ipywidgets

        table = self.panel.spec.inputs[one.role].table
        open_ones = [i.column for i in self.panel.issues if i.key == "check.missing_column" and i.table == table]
        controls = []
        for name in dict.fromkeys([*one.columns, *open_ones]):
            options = [(text("panel.no_column", self.panel.language), ""), *((c, c) for c in columns_of(one))]
            title = schema_of(table).column_title(name, self.panel.language)
            control = ipywidgets.Dropdown(
                options=options, value=one.columns.get(name, ""), style={"description_width": "initial"},
                description=text("panel.column_for", self.panel.language, name=title),
            )  # fmt: skip
            control.observe(self._column_chosen(at, name), names="value")
            controls.append(control)
        return controls

    def _answer_controls(self, at: int, one: Arrival) -> list[Any]:
        """A control for each finding about this file that a word of ``mapping.yml`` settles, and for those settled."""
        from gbf_workbench.doors.asking import question_control, taken_back_control

        table, language = self.panel.spec.inputs[one.role].table, self.panel.language
        settled = [taken_back_control(word, self._taken_back(at, word), language) for word in one.answers]
        if any(other.role == one.role for other in self.arrivals[:at]):
            # What is said of one map of a series is said of all of them.
            return settled
        asked = [i for i in self.panel.issues if i.stops and i.table == table and i.key != "check.missing_column"]
        questions = [question_of(issue, language=language) for issue in asked]
        return settled + [question_control(each, self._answered(at), language) for each in questions if each]

    def _answered(self, at: int) -> Callable[[Mapping[str, Any]], None]:
        def answered(more: Mapping[str, Any]) -> None:
            self.arrivals[at] = replace(self.arrivals[at], answers=merged(self.arrivals[at].answers, more))
            self.use()

        return answered

    def _taken_back(self, at: int, word: str) -> Callable[[], None]:
        def taken_back() -> None:
            kept = {name: value for name, value in self.arrivals[at].answers.items() if name != word}
            self.arrivals[at] = replace(self.arrivals[at], answers=kept)
            self.use()

        return taken_back

    def _change(self, at: int, what: str) -> Any:
        def changed(change: Any) -> None:
            fresh = {"columns": {}, "answers": {}} if what == "role" else {}
            self.arrivals[at] = replace(self.arrivals[at], **{what: change["new"]}, **fresh)
            self.use()

        return changed

    def _column_chosen(self, at: int, name: str) -> Any:
        def chosen(change: Any) -> None:
            columns = {**self.arrivals[at].columns, name: change["new"]}
            kept = {key: column for key, column in columns.items() if column}
            self.arrivals[at] = replace(self.arrivals[at], columns=kept)
            self.use()

        return chosen

    def _coded(self, change: Any) -> None:
        self.code = change["new"].strip().upper()
        self.use()


def _fresh(folder: Path) -> Path:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    return folder
