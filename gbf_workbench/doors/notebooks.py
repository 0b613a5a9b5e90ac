"""The one document behind every door: its text in the reader's language, its page without code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gbf_workbench.catalogue.specs import IndicatorSpec, read_spec
from gbf_workbench.errors import problem
from gbf_workbench.locales import PACKAGE, current_language, texts

#: In a checkout the notebooks lie beside the package; an installed copy carries them inside.
FOLDERS = (PACKAGE.parent / "notebooks", PACKAGE / "notebooks")


def notebook_folder() -> Path:
    """Where the notebooks lie."""
    for folder in FOLDERS:
        if folder.is_dir():
            return folder
    raise problem("use.no_notebooks", value=str(FOLDERS[0]))


def notebook_of(spec: IndicatorSpec) -> Path:
    """The notebook of an indicator; a country's own indicators share one, and so do the questionnaires."""
    return notebook_folder() / f"{read_spec(spec.file).file_stem}.ipynb"


def translated(notebook: Any, language: str | None = None) -> Any:
    """A copy whose markdown cells are in the language, as far as they are translated.

    A cell is known by its ``id``; a translation has the key ``notebooks.<name>.<id>``, where the name is the one
    that stands in the notebook's metadata (``gbf.name``).
    """
    code = current_language(language)
    name = notebook.metadata.get("gbf", {}).get("name", "")
    known = texts(code)
    out = notebook.copy()
    out["cells"] = [cell.copy() for cell in notebook.cells]
    for cell in out["cells"]:
        if cell["cell_type"] == "markdown":
            keys = (f"notebooks.{name}.{cell['id']}", f"notebooks.template.{cell['id']}")
            cell["source"] = next((known[key] for key in keys if key in known), cell["source"])
    return out


def without_lesson(cells: list[Any]) -> list[Any]:
    """The cells but those tagged ``lesson``, which work through the sample: they know nothing of anybody's own data."""
    return [cell for cell in cells if "lesson" not in cell.metadata.get("tags", ())]


def notebooks_in(language: str) -> Path:
    """The notebooks in a language: the folder itself for English, else copies beside it.

    A copy that is there already is left alone, for somebody may have worked in it.
    """
    own = notebook_folder()
    if language == "en":
        return own
    import nbformat

    folder = own.with_name(f"{own.name}_{language}")
    folder.mkdir(exist_ok=True)
    for path in sorted(own.glob("*.ipynb")):
        if not (folder / path.name).exists():
            nbformat.write(translated(nbformat.read(path, as_version=4), language), folder / path.name)
    return folder


def page_of(notebook: Any, title: str, language: str | None = None) -> str:
    """An executed notebook as one HTML page without code that needs no other file."""
    from gbf_workbench.reporting.pages import whole_page

    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(_markdown(cell.source))
        else:
            parts += [_output(one) for one in cell.get("outputs", ())]
    return whole_page(title, "\n".join(filter(None, parts)), language)


def _markdown(source: str) -> str:
    from nbconvert.filters.markdown import markdown2html_mistune

    return markdown2html_mistune(source)


def _output(output: Any) -> str:
    from html import escape

    data = output.get("data", {})
    readers: list[tuple[str, Callable[[str], str]]] = [
        ("text/html", str),
        ("image/png", lambda coded: f'<img alt="" src="data:image/png;base64,{coded.strip()}">'),
        ("text/markdown", _markdown),
    ]
    for kind, show in readers:
        if kind in data:
            return show(data[kind])
    if output.output_type == "stream" and output.name == "stdout":
        return f"<pre>{escape(output.text)}</pre>"
    return ""
