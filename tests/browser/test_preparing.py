"""Preparing data in a real browser: a bad file in, its marked copy out, a suggestion taken, and the finding is gone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

pytestmark = pytest.mark.browser

BAD = """Nummer;Groupe;Année;Catégorie;Portée
S1;Oiseaux;2000;Vulnerabel;nationale
S2;Oiseaux;2OO0;LC;nationale
S1;Oiseaux;2010;VU;nationale
S2;Oiseaux;2010;LC;nationale
"""


@pytest.fixture
def page(open_app: Callable[[str], Any]) -> Any:
    """The page as somebody meets it who types `gbf app`."""
    return open_app("01_prepare_data")


def bring(page: Any, path: Path) -> None:
    page.get_by_role("button", name="Choose files").set_input_files([str(path)])


def errors(page: Any) -> str:
    found = page.locator(".gbf-issues.gbf-error")
    return found.first.inner_text() if found.count() else ""


def downloaded(page: Any, button: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).first.click()
    return Path(download.value.path()).read_bytes()


def test_a_bad_file_is_mended_step_by_step_until_the_clean_tables_can_be_taken_away(page: Any, tmp_path: Path):
    path = tmp_path / "oiseaux.csv"
    path.write_text(BAD, encoding="utf-8")
    bring(page, path)
    page.wait_for_function("[...document.querySelectorAll('.gbf-error')].some(e => e.innerText.includes('2OO0'))")
    assert "row 3" in errors(page)
    assert "species_id" in errors(page)
    # How the file was read stands on the page.
    assert "column names in row 1" in page.inner_text("body")

    book = openpyxl.load_workbook(io.BytesIO(downloaded(page, "Findings, marked in your table")))
    cell = book.worksheets[1].cell(3, 3)
    assert cell.value == "2OO0"
    assert cell.fill.fill_type == "solid"
    assert "year" in cell.comment.text

    # The class is suggested and ticked; the column is chosen from those of the file.
    assert "“Vulnerabel”" in page.inner_text("body")
    columns = page.locator("select", has_text="It is the column “Nummer”")
    old = columns.element_handle()
    page.get_by_role("button", name="Save and check again").first.click()
    # Every control is made again from what is known now.
    old.wait_for_element_state("hidden")
    columns.wait_for()
    assert "Vulnerabel" not in errors(page)
    assert "species_id" in errors(page)
    columns.select_option(label="It is the column “Nummer”")
    page.get_by_role("button", name="Save and check again").last.click()
    page.wait_for_function(
        "![...document.querySelectorAll('.gbf-error')].some(e => e.innerText.includes('species_id'))"
    )
    assert "2OO0" in errors(page), "what stands in the file itself has to be mended there"

    mended = tmp_path / "mended" / "oiseaux.csv"
    mended.parent.mkdir()
    mended.write_text(BAD.replace("2OO0", "2000").replace("Vulnerabel", "VU").replace("Nummer", "species_id"), "utf-8")
    bring(page, mended)
    page.get_by_role("button", name="Download the clean tables").wait_for()
    assert errors(page) == ""
    with zipfile.ZipFile(io.BytesIO(downloaded(page, "Download the clean tables"))) as archive:
        names = set(archive.namelist())
        table = archive.read("red_list_index/red_list_assessments.csv").decode()
    assert {"country.yml", "red_list_index/record.json"} <= names
    assert table.splitlines()[1] == "S1,Oiseaux,2000,VU,national"
