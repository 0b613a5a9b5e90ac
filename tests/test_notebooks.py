"""One document, three doors: run as it stands, with other parameters, in another language."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient import NotebookClient

from gbf_workbench.catalogue.specs import IndicatorSpec, read_yaml, spec_of, specs
from gbf_workbench.doors.making import heading_texts
from gbf_workbench.doors.notebooks import notebook_folder, notebook_of, page_of, translated
from gbf_workbench.doors.panel import open_panel
from gbf_workbench.errors import WorkbenchError

ROOT = Path(__file__).resolve().parent.parent
WORKED = ROOT / "data_samples" / "worked" / "red_list_index"


def test_the_start_notebook_runs_from_top_to_bottom_and_shows_a_number():
    path = notebook_folder() / "00_start.ipynb"
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    page = page_of(notebook, "Start", "en")
    assert re.search(r"0\.\d{3} index in 2024", page)
    assert "<img" in page


def test_the_lines_of_python_in_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"\n\n((?:    .*\n)+)", readme[readme.index("**Compute.**") :])[1]
    monkeypatch.chdir(ROOT)
    code = textwrap.dedent(block).replace('"out"', repr(str(tmp_path / "out")))
    exec(compile(code, "README.md", "exec"), {})
    assert (tmp_path / "out" / "result.json").is_file()


def test_papermill_alone_gives_a_notebook_that_every_viewer_can_show(tmp_path: Path):
    out = tmp_path / "out.ipynb"
    parameters = {"folder": str(WORKED), "out": str(tmp_path / "files"), "replicates": 200}
    papermill.execute_notebook(
        notebook_of(spec_of("A.3")), out, parameters, kernel_name="python3", progress_bar=False, cwd=str(tmp_path)
    )
    page = page_of(nbformat.read(out, as_version=4), "A.3", "en")
    assert "0.450 index in 2010" in page
    assert (tmp_path / "files" / "A-3_red_list_index_upload.xlsx").is_file()


def test_a_batch_without_usable_data_stops_at_the_files_with_the_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GBF_DOOR", "batch")
    empty = tmp_path / "empty"
    empty.mkdir()
    panel = open_panel("A.3", str(empty), out=str(tmp_path / "out"))
    with pytest.raises(WorkbenchError):
        panel.downloads()
    assert not (tmp_path / "out").exists()


def test_a_value_that_is_the_default_leaves_the_setting_to_the_country():
    panel = open_panel("A.3", str(WORKED), settings={"replicates": 10000, "confidence": 0.9})
    assert panel.chosen == {"confidence": 0.9}
    assert panel.result.provenance.parameters["confidence"] == 0.9


def test_an_unknown_setting_of_a_notebook_is_refused_before_anything_is_read():
    with pytest.raises(WorkbenchError):
        open_panel("A.3", str(WORKED), settings={"replicats": 5})


@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_a_notebook_in_another_language_keeps_its_code_and_loses_its_english(language: str):
    notebook = nbformat.read(notebook_of(spec_of("3.1")), as_version=4)
    other = translated(notebook, language)
    for ours, theirs in zip(notebook.cells, other.cells, strict=True):
        if ours.cell_type == "code":
            assert ours.source == theirs.source
        elif ours.id not in ("title",):
            assert ours.source != theirs.source
    assert notebook.cells[2].source.startswith("## The indicator")


@pytest.mark.parametrize("spec", specs().values(), ids=lambda one: one.slug)
def test_a_notebook_says_of_its_method_what_every_other_page_says(spec: IndicatorSpec):
    cells = nbformat.read(notebook_of(spec), as_version=4).cells
    said = {cell.source.partition("\n\n")[2].strip() for cell in cells if cell.source.startswith("## ")}
    missing = [name for name, words in heading_texts(read_yaml(spec.file)).items() if words.strip() not in said]
    assert missing == []
