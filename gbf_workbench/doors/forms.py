"""A form made from a schema, for people without a spreadsheet: one row at a time, checked as every other table is."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from gbf_workbench.doors import session
from gbf_workbench.doors.asking import WIDE
from gbf_workbench.doors.upload import Download
from gbf_workbench.errors import Issue, sorted_issues
from gbf_workbench.locales import text
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.code_lists import code_list
from gbf_workbench.preparation.entries import allowed_words, choices_for
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.quantities import unit_of
from gbf_workbench.preparation.schema import Field, TableSchema, schema_of
from gbf_workbench.preparation.tables import RawTable
from gbf_workbench.preparation.templates import template
from gbf_workbench.reporting.pages import issues_html, plain_table

if TYPE_CHECKING:
    from gbf_workbench.doors.preparing import Preparation

Row = Mapping[str, str]


def checked_rows(rows: Sequence[Row], schema: TableSchema) -> tuple[pd.DataFrame, list[Issue]]:
    """What was typed, checked as the file would be that is made of it: the first row typed is row 2 of the file.

    Parameters
    ----------
    rows : sequence of mapping
        Field to what was typed; empty where nothing was.
    schema : TableSchema
    """
    columns = _columns(rows, schema)
    cells = {name: [row.get(name, "").strip() or None for row in rows] for name in columns}
    data = pd.DataFrame(cells, index=range(2, len(rows) + 2), columns=columns).astype("str")
    data = data.where(pd.DataFrame(cells, index=data.index, columns=columns).notna())
    # What somebody types is no example that was left standing.
    return check_table(RawTable(data, f"{schema.name}.csv"), schema, TableMapping(keep_rows=(2,) if rows else ()))


def _columns(rows: Sequence[Row], schema: TableSchema) -> list[str]:
    return [one.name for one in schema.fields if one.required or any(row.get(one.name, "").strip() for row in rows)]


def rows_as_csv(rows: Sequence[Row], schema: TableSchema) -> bytes:
    """What was typed as a file."""
    columns = _columns(rows, schema)
    cells = [[row.get(name, "").strip() for name in columns] for row in rows]
    return pd.DataFrame(cells, columns=columns).to_csv(index=False, lineterminator="\n").encode("utf-8")


def rows_in_template(rows: Sequence[Row], schema: TableSchema, language: str | None = None) -> bytes:
    """What was typed in the spreadsheet that ``gbf start`` writes, in place of its example."""
    book = template(schema, language)
    sheet = book[schema.name]
    for at, one in enumerate(schema.fields, 1):
        for number, row in enumerate(rows, 2):
            cell = sheet.cell(number, at)
            # Given to the call above, an empty value would leave the example standing.
            cell.value = _typed_value(row.get(one.name, "").strip(), one)
            cell.protection = copy(sheet.cell(2, at).protection)
        if not rows:
            sheet.cell(2, at).value = None
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _typed_value(said: str, one: Field) -> Any:
    if one.type in ("integer", "year") and said.isdigit() and not (len(said) > 1 and said[0] == "0"):
        return int(said)
    return said or None


class Form:
    """The rows somebody has typed so far, and the fields for the next one."""

    def __init__(self, page: Preparation, schema: TableSchema) -> None:
        import ipywidgets

        self.page, self.schema, self.language = page, schema, page.language
        self.rows: list[dict[str, str]] = []
        self.fields = {one.name: self._field(one) for one in schema.fields}
        self.said = ipywidgets.HTML()
        self.said.add_class("gbf-result")
        self.list = ipywidgets.VBox()
        self.box = ipywidgets.VBox([*self._labelled(), self._buttons(), self.said, self.list])
        self._renew()

    def _field(self, one: Field) -> Any:
        import ipywidgets

        layout = ipywidgets.Layout(**WIDE)
        if choices := choices_for(one):
            titles = code_list(one.codes).titles if one.codes else {}
            words = [(f"{each} – {titles[each]}" if titles.get(each, each) != each else each, each) for each in choices]
            return ipywidgets.Dropdown(options=[(text("panel.no_column", self.language), ""), *words], layout=layout)
        return ipywidgets.Text(continuous_update=False, layout=layout, placeholder=allowed_words(one, self.language))

    def _labelled(self) -> list[Any]:
        """Each field under its title, unit and note; a note beside it would be cut off on a telephone."""
        import ipywidgets

        parts: list[Any] = []
        for one in self.schema.fields:
            title = self.schema.column_title(one.name, self.language)
            unit = f" [{escape(unit_of(one))}]" if unit_of(one) and unit_of(one) not in title else ""
            star = (
                f' <span class="gbf-bad">{escape(text("prepare.form.needed", self.language))}</span>'
                if one.required
                else ""
            )
            note = escape(self.schema.column_description(one.name, self.language))
            head = f'<p class="gbf-option"><strong>{escape(title)}</strong>{unit}{star}<br>{note}</p>'
            self.fields[one.name].tooltip = title
            parts += [ipywidgets.HTML(head), self.fields[one.name]]
        return parts

    def _buttons(self) -> Any:
        import ipywidgets

        add = ipywidgets.Button(description=text("prepare.form.add", self.language), button_style="primary")
        add.on_click(lambda _: self.add())
        use = ipywidgets.Button(description=text("prepare.form.use", self.language))
        use.on_click(lambda _: self.use())
        name = self.schema.name
        kinds = {
            "xlsx": lambda: rows_in_template(self.rows, self.schema, self.language),
            "csv": lambda: rows_as_csv(self.rows, self.schema),
        }
        downloads = [
            Download(
                text(f"prepare.form.{end}", self.language),
                lambda end=end: f"{name}.{end}",
                make,
                language=self.language,
            )
            for end, make in kinds.items()
        ]
        for button in (add, use):
            button.layout.width = "auto"
        return ipywidgets.HBox([add, use, *downloads], layout=ipywidgets.Layout(flex_flow="row wrap"))

    def typed(self) -> dict[str, str]:
        """What stands in the fields now."""
        return {name: str(field.value or "").strip() for name, field in self.fields.items()}

    def add(self) -> None:
        """Take the row if it is right by itself; what is wrong is said, and the fields stay as they are."""
        row = self.typed()
        if not any(row.values()):
            return
        # By itself: what stands between rows is said of the whole list, and may be mended by the next one.
        _, issues = checked_rows([row], self.schema)
        if own := [replace(one, rows=(len(self.rows) + 2,)) for one in issues if one.level == "error" and one.rows]:
            self.said.value = issues_html(sorted_issues(own), self.language)
            return
        self.rows.append(row)
        for field in self.fields.values():
            field.value = ""
        self._renew()

    def remove(self, at: int) -> None:
        """Take a row away."""
        del self.rows[at]
        self._renew()

    def use(self) -> None:
        """Let the rows count as a file that was brought."""
        if self.rows:
            folder = session.folder() / "typed"
            folder.mkdir(mode=0o700, exist_ok=True)
            path = folder / f"{self.schema.name}.csv"
            path.write_bytes(rows_as_csv(self.rows, self.schema))
            self.page.desk.add(path, path.name)

    def _renew(self) -> None:
        import ipywidgets

        _, issues = checked_rows(self.rows, self.schema) if self.rows else (None, [])
        self.said.value = issues_html(sorted_issues(issues), self.language) if self.rows else ""
        shown = [name for name in self.schema.names if any(row[name] for row in self.rows)]
        heads = [text("columns.row", self.language), *(self.schema.column_title(name, self.language) for name in shown)]
        cells = [[str(at), *(row[name] for name in shown)] for at, row in enumerate(self.rows, 2)]
        parts: list[Any] = [ipywidgets.HTML(plain_table(heads, cells))] if self.rows else []
        for at in range(len(self.rows)):
            button = ipywidgets.Button(
                description=text("prepare.form.remove", self.language, row=at + 2),
                layout=ipywidgets.Layout(width="auto"),
            )
            button.on_click(lambda _, at=at: self.remove(at))
            parts.append(button)
        self.list.children = tuple(parts)


def form_controls(page: Preparation) -> list[Any]:
    """The form of each table of an indicator; layers and maps cannot be typed."""
    import ipywidgets

    tables = [schema_of(r.table) for r in page.spec.inputs.values() if schema_of(r.table).kind == "table"]
    if not tables:
        return [ipywidgets.HTML(f'<p class="gbf-small">{escape(text("prepare.form.none", page.language))}</p>')]
    forms: dict[str, Form] = {}
    place = ipywidgets.VBox()

    def open_form(name: str) -> None:
        forms.setdefault(name, Form(page, schema_of(name)))
        place.children = (forms[name].box,)

    options = [(schema.title(page.language), schema.name) for schema in tables]
    choice = ipywidgets.Dropdown(
        options=[(text("panel.no_column", page.language), ""), *options], value="", layout=ipywidgets.Layout(**WIDE),
        description=text("prepare.form.table", page.language), style={"description_width": "initial"},
    )  # fmt: skip
    choice.observe(lambda change: open_form(change["new"]) if change["new"] else None, names="value")
    return [choice, place]
