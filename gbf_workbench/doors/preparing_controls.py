"""The controls of the page on which data are prepared; each is made again from the state whenever the state changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gbf_workbench.catalogue import load_edition
from gbf_workbench.catalogue.specs import IndicatorSpec
from gbf_workbench.doors.asking import WIDE, question_control, taken_back_control
from gbf_workbench.doors.bringing import bring_data
from gbf_workbench.doors.forms import form_controls
from gbf_workbench.doors.preparing import shared_classes
from gbf_workbench.doors.upload import Download
from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.locales import text
from gbf_workbench.pipeline import READING
from gbf_workbench.preparation import answers
from gbf_workbench.preparation.answers import question_of
from gbf_workbench.preparation.country import Country, open_country
from gbf_workbench.preparation.dictionary import dictionary_csv, dictionary_workbook
from gbf_workbench.preparation.entries import choices_for
from gbf_workbench.preparation.reader.asking import columns_in
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.preparation.suggestions import Suggestion, confirm
from gbf_workbench.reporting.dictionary_page import dictionary_page

if TYPE_CHECKING:
    from gbf_workbench.doors.preparing import Preparation

#: An overrule that names more rows than this is one of the whole column.
_MOST_ROWS = 200


def _layout(**more: Any) -> Any:
    import ipywidgets

    return ipywidgets.Layout(**WIDE, **more)


def _html(words: str, kind: str = "option") -> Any:
    import ipywidgets

    return ipywidgets.HTML(f'<p class="gbf-{kind}">{escape(words)}</p>')


def _doing(said: Any, do: Callable[[], None], language: str) -> Callable[[Any], None]:
    """What a button does; a refusal is said beside it."""

    def pressed(_: Any) -> None:
        said.value = ""
        try:
            do()
        except WorkbenchError as refused:
            lines = "<br>".join(map(escape, refused.lines(language)))
            said.value = f'<span class="gbf-bad" role="alert">{lines}</span>'

    return pressed


def _button(label: str, said: Any, do: Callable[[], None], language: str) -> Any:
    import ipywidgets

    button = ipywidgets.Button(description=label, button_style="primary", layout=_layout(align_self="flex-start"))
    button.on_click(_doing(said, do, language))
    return button


# -- what you have -----------------------------------------------------------------------------------------------


def choosing(page: Preparation) -> None:
    """Show the choice of the indicator, of the data, the form to type them into, and the data dictionary."""
    import ipywidgets
    from IPython.display import display

    country = open_country(page.folder) if page.folder and Path(page.folder).is_dir() else Country(Path())
    options = indicator_options(country, page.language)
    codes = {code for _, code in options}
    choice = ipywidgets.Dropdown(
        options=options, value=page.spec.code if page.spec.code in codes else None, layout=_layout(),
        description=text("prepare.indicator", page.language), style={"description_width": "initial"},
    )  # fmt: skip
    choice.observe(lambda change: page.turn_to(change["new"]), names="value")
    display(choice)
    page.desk = bring_data(page, asks=False)
    shown: dict[str, Any] = {}

    def more() -> list[Any]:
        # The form stays as it is while somebody fills it in; only another indicator has another form.
        if shown.get("spec") != page.spec:
            parts = [ipywidgets.VBox(form_controls(page)), ipywidgets.VBox(_dictionary(page))]
            titles = (text("prepare.form.title", page.language), text("dictionary.title", page.language))
            shown.update(spec=page.spec, box=ipywidgets.Accordion(parts, titles=titles, layout=_layout()))
        return [shown["box"]]

    page.show_controls(more)


def indicator_options(country: Country, language: str) -> list[tuple[str, str]]:
    """Every indicator that data can be prepared for, in the Framework's order, then the country's own."""
    edition = country.edition
    order = {one.code: at for at, one in enumerate(edition.indicators())}
    known = {spec.code: spec for spec in country.every_spec() if spec.ways or spec.folder.startswith("national/")}
    return [(_named(known[code], country, language), code) for code in sorted(known, key=lambda code: order[code])]


def _named(spec: IndicatorSpec, country: Country, language: str) -> str:
    names = country.edition if spec.code in country.edition else load_edition()
    return f"{spec.code} {names.indicator(spec.code).said('name', language)}"


def _dictionary(page: Preparation) -> list[Any]:
    schemas = [schema_of(role.table) for role in page.spec.inputs.values() if not role.of_frame]
    language = page.language
    kinds: dict[str, Callable[[], bytes]] = {
        "html": lambda: dictionary_page(schemas, language).encode(),
        "xlsx": lambda: dictionary_workbook(schemas, language),
        "csv": lambda: dictionary_csv(schemas, language),
    }
    buttons = [
        Download(
            text(f"dictionary.download.{end}", language),
            lambda end=end: f"data_dictionary.{end}",
            make,
            language=language,
        )
        for end, make in kinds.items()
    ]
    return [_html(text("dictionary.lead", language)), *buttons]


# -- what was found ----------------------------------------------------------------------------------------------


def findings_button(page: Preparation) -> list[Any]:
    """A button that gives the findings, marked in the user's own files."""
    if not page.issues or page.country is None:
        return []
    made: dict[str, bytes] = {}

    def name() -> str:
        made.clear()
        called, content = page.findings()
        made[called] = content
        return called

    label = text("findings.download", page.language)
    return [Download(label, name, lambda: next(iter(made.values())), language=page.language)]


# -- columns and classes -----------------------------------------------------------------------------------------


def suggestion_controls(page: Preparation) -> list[Any]:
    """A tick box and a drop-down list for each suggestion; the likely ones are ticked."""
    import ipywidgets

    if not any(page.suggestions.values()):
        return [_html(text("suggest.nothing", page.language), "small")] if page.tables else []
    said, merging = ipywidgets.HTML(), ipywidgets.HTML()
    rows: dict[str, list[tuple[Suggestion, Any, Any]]] = {}

    def ticked() -> dict[str, list[Suggestion]]:
        return {
            table: [_as_chosen(one, choice.value) for one, tick, choice in found if tick.value and choice.value]
            for table, found in rows.items()
        }

    def renew(_: Any = None) -> None:
        chosen = [one for found in ticked().values() for one in found]
        lines = shared_classes(page.mappings(), page.language, chosen)
        merging.value = "".join(f'<p class="gbf-option">{escape(line)}</p>' for line in lines)

    parts: list[Any] = []
    for table, found in page.suggestions.items():
        rows[table] = [(one, *_tick_and_choice(one, table, page.language, renew)) for one in found]
        for one, tick, choice in rows[table]:
            # A sentence stands above its controls: beside them it would be cut off on a telephone.
            said_above = _html(_tick_words(one, table, page.language))
            parts.append(ipywidgets.VBox([said_above, ipywidgets.HBox([tick, choice])]))
    renew()

    def save() -> None:
        _confirm(page, ticked())

    return [
        _html(text("prepare.suggestions", page.language), "small"), *parts, merging,
        _button(text("prepare.save", page.language), said, save, page.language), said,
    ]  # fmt: skip


def _tick_and_choice(one: Suggestion, table: str, language: str, renew: Callable[[Any], None]) -> tuple[Any, Any]:
    import ipywidgets

    tick = ipywidgets.Checkbox(
        one.likely,
        description=text("prepare.tick.take", language),
        indent=False,
        layout=ipywidgets.Layout(width="auto"),
    )
    schema = schema_of(table)
    if one.kind == "column":
        names = [(f"{schema.column_title(name, language)} ({name})", name) for name in schema.names]
        value = one.field
    else:
        names, value = [(each, each) for each in choices_for(schema.field(one.field))], one.meant
    options = [(text("panel.no_column", language), ""), *names]
    choice = ipywidgets.Dropdown(options=options, value=value, layout=_layout(flex="1 1 auto", min_width="0"))

    def chosen(change: Any) -> None:
        # Whoever chooses something means it.
        tick.value = bool(change["new"])
        renew(change)

    choice.observe(chosen, names="value")
    tick.observe(renew, names="value")
    return tick, choice


def _tick_words(one: Suggestion, table: str, language: str) -> str:
    if one.kind == "column":
        values = {"written": one.written, "percent": round(100 * one.likeness)}
        return text("prepare.tick.column", language, **values, why=text(f"suggest.why.{one.why}", language))
    title = schema_of(table).column_title(one.field, language)
    return text("prepare.tick.class", language, written=one.written, title=title, count=one.count)


def _as_chosen(one: Suggestion, value: str) -> Suggestion:
    return replace(one, field=value, meant=value) if one.kind == "column" else replace(one, meant=value)


def _confirm(page: Preparation, chosen: Mapping[str, list[Suggestion]]) -> None:
    def write(home: Path) -> Path:
        path = home
        for table, found in chosen.items():
            if found:
                path = confirm(home, table, found)
        return path

    if any(chosen.values()):
        page.change(write)


def mapping_controls(page: Preparation) -> list[Any]:
    """The mapping as a file, and a field to write it oneself."""
    import ipywidgets

    words, language = page.mapping(), page.language
    if not page.folder:
        return []
    said = ipywidgets.HTML()
    field = ipywidgets.Textarea(words or "tables: {}\n", rows=12, layout=ipywidgets.Layout(width="auto"))
    field.add_class("gbf-code")
    save = _button(text("prepare.save", language), said, lambda: page.rewrite(field.value), language)
    own = ipywidgets.Accordion(
        [ipywidgets.VBox([field, save, said])], titles=(text("prepare.mapping_own", language),), layout=_layout()
    )
    download = Download(
        text("prepare.mapping_download", language),
        lambda: "mapping.yml",
        lambda: page.mapping().encode(),
        language=language,
    )
    return [download, _take_back_controls(page), own] if words else [own]


def _take_back_controls(page: Preparation) -> Any:
    """A button for each word that stands in the mapping, but for those that say which file it is."""
    import ipywidgets

    try:
        said = [(table, word) for table, words in page.words().items() for word in words or ()]
    except WorkbenchError:
        said = []
    buttons = [
        taken_back_control(
            word, lambda t=table, w=word: page.change(lambda home: answers.take_back(home, t, w)), page.language
        )
        for table, word in said if word not in ("file", "files")
    ]  # fmt: skip
    return ipywidgets.HBox(buttons, layout=ipywidgets.Layout(flex_flow="row wrap"))


# -- questions ---------------------------------------------------------------------------------------------------


def question_controls(page: Preparation) -> list[Any]:
    """A control for each finding that a word of ``mapping.yml`` settles; the others are named."""
    import ipywidgets

    language = page.language
    stopping = [issue for issue in page.issues if issue.stops]
    if not stopping:
        return [_html(text("prepare.no_questions", language), "ok")] if page.folder else []
    own = {role.table for role in page.spec.inputs.values() if not role.of_frame}
    columns = _columns_of(page)
    asked = [question_of(i, columns.get(i.table, ()), language) for i in stopping if i.table in own]
    questions = [one for one in asked if one]
    given: dict[int, tuple[str, Mapping[str, Any]]] = {}
    said = ipywidgets.HTML()

    def answered(at: int, table: str) -> Callable[[Mapping[str, Any]], None]:
        return lambda more: given.update({at: (table, more)})

    controls = [
        question_control(one, answered(at, one.issue.table), language) for at, one in enumerate(questions)
    ]  # fmt: skip

    def save() -> None:
        page.settle_all([answer for answer in given.values() if answer[1]])

    parts: list[Any] = []
    if left := len(stopping) - len(questions):
        parts.append(_html(text("prepare.to_mend", language, count=left), "small"))
    if controls:
        parts += [*controls, _button(text("prepare.save", language), said, save, language), said]
    return parts


def _columns_of(page: Preparation) -> dict[str, list[str]]:
    """Names of the columns of each table in which one is sought."""
    sought = {i.table for i in page.issues if i.key == "check.missing_column" or i.key.endswith(".question")}
    found = {}
    for one in page.readings:
        table = page.spec.inputs[one.role].table
        if table in sought:
            try:
                found[table] = columns_in(one.path)
            except WorkbenchError:
                found[table] = []
    return found


# -- repairs and overrules ---------------------------------------------------------------------------------------


def overrule_controls(page: Preparation) -> list[Any]:
    """An expert's word against a repair or a flag, with name, date and reason."""
    import ipywidgets

    language = page.language
    own = {role.table for role in page.spec.inputs.values() if not role.of_frame}
    open_ones = [i for i in page.issues if _can_be_overruled(i) and i.table in own]
    if not open_ones:
        return []
    said = ipywidgets.HTML()
    labels = [(one.line(language)[:160], at) for at, one in enumerate(open_ones)]
    which = ipywidgets.Dropdown(options=labels, layout=_layout())
    fields = {
        name: ipywidgets.Text(
            date.today().isoformat() if name == "date" else "", description=text(f"prepare.overrule.{name}", language),
            style={"description_width": "initial"}, layout=_layout(),
        )
        for name in ("name", "date", "reason")
    }  # fmt: skip

    def save() -> None:
        issue = open_ones[which.value]
        words: dict[str, Any] = {"issue": issue.key, **{name: field.value.strip() for name, field in fields.items()}}
        words |= {"column": issue.column} if issue.column else {}
        words |= {"rows": list(issue.rows)} if 0 < len(issue.rows) <= _MOST_ROWS else {}
        page.settle(issue.table, {"overrules": [words]})

    button = _button(text("prepare.overrule.save", language), said, save, language)
    box = ipywidgets.VBox([_html(text("prepare.overrule.lead", language)), which, *fields.values(), button, said])
    return [ipywidgets.Accordion([box], titles=(text("prepare.overrule.title", language),), layout=_layout())]


def _can_be_overruled(issue: Issue) -> bool:
    return issue.level in ("repair", "flag") and issue.key not in READING and issue.key != "check.overruled"


# -- the clean tables --------------------------------------------------------------------------------------------


def clean_button(page: Preparation) -> list[Any]:
    """A button that gives the clean files."""
    if page.tables is None:
        return []
    name = f"clean_{page.spec.file_stem}.zip"
    label = text("prepare.clean_download", page.language)
    return [Download(label, lambda: name, page.clean_archive, language=page.language)]
