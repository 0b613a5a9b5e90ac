"""The controls of a panel: one for each setting, made from the spec; and the buttons that give the files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from gbf_workbench.catalogue.edition import load_edition
from gbf_workbench.catalogue.specs import Parameter
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.locales import text
from gbf_workbench.reporting.charts import as_bytes, draw
from gbf_workbench.reporting.files import csv_text
from gbf_workbench.reporting.outputs import save_workbook, workbook_name

if TYPE_CHECKING:
    from gbf_workbench.doors.panel import Panel


def settings_controls(panel: Panel) -> None:
    """Show one control for each setting, with its help, folded away until it is wanted."""
    import ipywidgets
    from IPython.display import display

    said = ipywidgets.HTML()
    rows: list[Any] = []
    for parameter in panel.spec.parameters.values():
        help_text = panel.spec.said(f"parameters.{parameter.name}.help", panel.language)
        control = _control(panel, parameter)
        control.observe(_changed(panel, parameter, said), names="value")
        # The sentence stands above its control: beside it, either of them would be cut off on a telephone.
        control.tooltip = help_text
        rows += [ipywidgets.HTML(f'<p class="gbf-option">{escape(help_text)}</p>'), control]
    box = ipywidgets.Accordion([ipywidgets.VBox([*rows, said])], titles=(text("panel.settings", panel.language),))
    display(box)


def questionnaire_control(panel: Panel) -> None:
    """Show the choice of the questionnaire: all of them share one table and one page."""
    import ipywidgets
    from IPython.display import display

    edition = load_edition()
    options = [
        (f"{code} {edition.indicator(code).said('name', panel.language)}", code) for code in edition.questionnaires
    ]
    layout = ipywidgets.Layout(width="auto", max_width="46rem")
    control = ipywidgets.Dropdown(options=options, value=panel.spec.code, layout=layout)
    control.observe(lambda change: panel.turn_to(change["new"]), names="value")
    label = ipywidgets.HTML(f'<p class="gbf-option">{escape(text("panel.questionnaire", panel.language))}</p>')
    display(ipywidgets.VBox([label, control]))


def _control(panel: Panel, parameter: Parameter) -> Any:
    """The control that fits the type; each shows the value in force."""
    import ipywidgets

    value = panel.chosen.get(parameter.name, parameter.default)
    if panel.result:
        value = panel.result.provenance.parameters[parameter.name]
    common = {"layout": ipywidgets.Layout(width="auto", max_width="46rem")}
    if parameter.type == "bool":
        return ipywidgets.Checkbox(value, indent=False, **common)
    if parameter.choices and parameter.type != "list[str]":
        options = [(_choice(panel, parameter.name, one), one) for one in parameter.choices]
        return ipywidgets.Dropdown(options=options, value=value, **common)
    if parameter.type == "list[str]" and parameter.choices:
        options = [(_choice(panel, parameter.name, one), one) for one in parameter.choices]
        return ipywidgets.SelectMultiple(options=options, value=tuple(value), **common)
    said = "; ".join(value) if isinstance(value, list) else str(value)
    return ipywidgets.Text(said, continuous_update=False, **common)


def _choice(panel: Panel, name: str, value: Any) -> str:
    return panel.spec.said(f"parameters.{name}.choices.{value}", panel.language)


def _changed(panel: Panel, parameter: Parameter, said: Any) -> Callable[[Any], None]:
    def renew(change: Any) -> None:
        value = list(change["new"]) if isinstance(change["new"], tuple) else change["new"]
        try:
            read = parameter.read(value)
        except WorkbenchError as refused:
            panel.clear_result()
            said.value = "<br>".join(
                f'<span class="gbf-bad">{escape(line)}</span>' for line in refused.lines(panel.language)
            )
            return
        said.value = ""
        panel.set(**{parameter.name: read})

    return renew


def download_controls(panel: Panel) -> None:
    """Show one button for each file; it is made when it is asked for, from the result shown at that moment."""
    import ipywidgets
    from IPython.display import display

    from gbf_workbench.doors.upload import Download

    kinds = {
        "workbook": (lambda: workbook_name(panel.needed()), lambda: _workbook(panel)),
        "csv": (lambda: f"{panel.spec.file_stem}.csv", lambda: _csv(panel)),
        "figure": (lambda: f"{panel.spec.file_stem}.png", lambda: as_bytes(draw(panel.needed(), panel.language))),
        "page": (lambda: f"{panel.spec.file_stem}.html", lambda: _page(panel)),
        "all": (lambda: f"{panel.spec.file_stem}.zip", lambda: _archive(panel)),
    }
    buttons = [
        Download(text(f"panel.download.{kind}", panel.language), name, make, language=panel.language)
        for kind, (name, make) in kinds.items()
    ]
    display(ipywidgets.HBox(buttons, layout=ipywidgets.Layout(flex_flow="row wrap")))


def _workbook(panel: Panel) -> bytes:
    with TemporaryDirectory(prefix="gbf-") as folder:
        return save_workbook(panel.needed(), panel.tables, Path(folder) / "upload.xlsx", panel.language).read_bytes()


def _csv(panel: Panel) -> bytes:
    # The mark at the start lets spreadsheet programs see that it is UTF-8.
    return ("\ufeff" + csv_text(panel.needed().data, panel.spec.slug)).encode("utf-8")


def _page(panel: Panel) -> bytes:
    return panel.page().encode("utf-8")


def _archive(panel: Panel) -> bytes:
    from gbf_workbench.reporting.outputs import save_all

    packed = io.BytesIO()
    with TemporaryDirectory(prefix="gbf-") as folder, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in save_all(panel.needed(), panel.tables, folder, panel.language):
            archive.write(path, path.name)
        archive.writestr(f"{panel.spec.file_stem}.html", panel.page())
    return packed.getvalue()
