"""Choosing and bringing data in a panel: a folder, or files with a word on what each of them is."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from gbf_workbench.preparation.schema import schema_of

if TYPE_CHECKING:
    from gbf_workbench.doors.panel import Panel
    from gbf_workbench.doors.upload import UploadedFile

#: Questions about a file that one word of ``mapping.yml`` answers: the word, and the answers to choose from.
ANSWERS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "check.cut_off": ("complete", (True,)),
    "check.ambiguous_number": ("decimal_mark", (".", ",")),
    "check.which_encoding": (
        "encoding",
        ("cp1252", "utf-8", "cp1250", "cp1251", "cp1253", "cp1254", "cp1256", "mac_roman", "gb18030"),
    ),
}


def bring_data(panel: Panel) -> None:
    """Show the choice of a country folder, the field to bring files, and what each file was taken for."""
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
    desk = Desk(panel, brought)

    def choose(change: Any) -> None:
        brought.children = ()
        if change["new"] == own:
            panel.clear(text("panel.bring", panel.language))
        else:
            panel.folder = folders[change["new"]]
            panel.recompute()

    def started() -> None:
        choice.unobserve(choose, names="value")
        choice.value = own
        choice.observe(choose, names="value")
        brought.children = ()
        panel.clear(text("panel.arriving", panel.language))

    choice.observe(choose, names="value")
    upload = Upload(on_start=started, on_files=desk.receive, on_failed=panel.clear, language=panel.language)
    display(ipywidgets.VBox([choice, upload, brought]))


def _resolved(path: str) -> str:
    return str(Path(path).resolve())


class Desk:
    """The files that were brought, what they are taken for, and the controls to say otherwise."""

    def __init__(self, panel: Panel, box: Any) -> None:
        self.panel, self.box = panel, box
        self.arrivals: list[Arrival] = []
        self.code = ""

    def receive(self, files: tuple[UploadedFile, ...]) -> None:
        """Take files that arrived whole: a zipped country folder is opened, other files are recognised."""
        where = session.folder() / "brought"
        try:
            if len(files) == 1 and is_country_archive(files[0].path, files[0].name):
                self.arrivals = []
                self.panel.folder = str(unpack_country(files[0].path, _fresh(where)))
                self.panel.recompute()
                return
            self.arrivals = [recognised(self.panel.spec, one.path, one.name) for one in files]
        except WorkbenchError as refused:
            self.arrivals = []
            self.panel.clear(" ".join(refused.lines(self.panel.language)))
            return
        self.use()

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

        table = self.panel.spec.inputs[one.role].table if one.role else ""
        open_ones = [
            i.column for i in self.panel.issues
            if i.key == "check.missing_column" and i.table == table and one.role
        ]  # fmt: skip
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
        """A choice for each question about this file that a word of ``mapping.yml`` answers."""
        import ipywidgets

        if not one.role:
            return []
        table, language = self.panel.spec.inputs[one.role].table, self.panel.language
        asked = {i.key for i in self.panel.issues if i.table == table}
        controls = []
        for key, (word, answers) in ANSWERS.items():
            if key not in asked and word not in one.answers:
                continue
            options = [(text("panel.no_column", language), None)]
            options += [(text("panel.answer.yes", language) if a is True else str(a), a) for a in answers]
            control = ipywidgets.Dropdown(
                options=options,
                value=one.answers.get(word),
                description=text(f"panel.answer.{word}", language),
                style={"description_width": "initial"},
            )
            control.observe(self._answered(at, word), names="value")
            controls.append(control)
        return controls

    def _answered(self, at: int, word: str) -> Any:
        def answered(change: Any) -> None:
            answers = {**self.arrivals[at].answers, word: change["new"]}
            kept = {key: answer for key, answer in answers.items() if answer is not None}
            self.arrivals[at] = replace(self.arrivals[at], answers=kept)
            self.use()

        return answered

    def _change(self, at: int, what: str) -> Any:
        def changed(change: Any) -> None:
            fresh = {"columns": {}} if what == "role" else {}
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
