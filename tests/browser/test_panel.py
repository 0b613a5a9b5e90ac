"""The indicators as apps in a real browser: real files in, the very numbers of the command line out."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gbf_workbench.pipeline import compute
from gbf_workbench.reporting.importer_rules import read_as_importer
from tests.peers import coverage_folder, extent_folder

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def bring(page: Any, *files: Path) -> None:
    page.get_by_role("button", name="Choose files").set_input_files([str(one) for one in files])


def number(page: Any, pattern: str) -> str:
    """The headline once it matches."""
    page.wait_for_function(
        "(p) => [...document.querySelectorAll('.gbf-number')].some(e => new RegExp(p).test(e.innerText))", arg=pattern
    )
    return page.inner_text(".gbf-number")


def downloaded(page: Any, button: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return Path(download.value.path()).read_bytes()


def rows_of(content: bytes) -> dict[tuple[str, ...], tuple[str, ...]]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    key, rest = (
        ("year", "disaggregation_type", "disaggregation", "unit"),
        ("value", "lower", "upper", "n", "value_status"),
    )
    return {tuple(r[k] for k in key): tuple(r[k] for k in rest) for r in rows}


def expected_rows(code: str, folder: Path) -> dict[tuple[str, ...], tuple[str, ...]]:
    from gbf_workbench.reporting.files import csv_text

    return rows_of(csv_text(compute(code, folder).data).encode())


def test_maps_that_are_brought_give_the_numbers_of_the_command_line_to_the_last_digit(
    open_app: Callable[[str], Any], verify: Path, tmp_path: Path
):
    folder = extent_folder(verify, tmp_path)
    own = folder / "natural_ecosystem_extent"
    page = open_app("A-2_natural_ecosystem_extent")
    number(page, r"in 2020$")
    bring(page, *sorted(own.glob("*.tif")), own / "ecosystem_types.csv")
    assert number(page, "in 1999$").startswith("61.73")
    assert rows_of(downloaded(page, "Table (CSV)")) == expected_rows("A.2", folder)


def test_outlines_that_are_brought_with_a_word_on_what_they_are_give_the_same_numbers(
    open_app: Callable[[str], Any], verify: Path, tmp_path: Path
):
    folder = coverage_folder(verify, tmp_path)
    page = open_app("03-1_protected_area_coverage")
    number(page, r"in 2024$")
    regions = folder / "frame" / "input_regions_mexico.gpkg"
    bring(page, folder / "protected_area_coverage" / "input_wdpa_like_mexico.gpkg", regions)
    number(page, "^No national total")
    page.locator("select", has_text="not used").nth(1).select_option(label="Provinces")
    page.locator("select", has_text="(choose)").select_option(label="OBJECTID")
    page.get_by_text("Province (").first.wait_for()
    assert rows_of(downloaded(page, "Table (CSV)")) == expected_rows("3.1", folder)
    workbook = tmp_path / "upload.xlsx"
    workbook.write_bytes(downloaded(page, "Workbook"))
    assert read_as_importer(workbook, "3.1").refused is None


def test_a_bad_table_is_explained_by_row_and_column_and_the_old_number_goes(
    open_app: Callable[[str], Any], tmp_path: Path
):
    bad = tmp_path / "species.csv"
    bad.write_text(
        "species_id,taxonomic_group,year,category,scope\nA,Birds,2010,VU,national\n"
        "B,Birds,2010,vulnerble,national\nC,Birds,20x0,LC,national\n",
        encoding="utf-8",
    )
    page = open_app("A-3_red_list_index")
    number(page, r"in 2024")
    bring(page, bad)
    said = page.locator(".gbf-issues.gbf-error")
    said.wait_for()
    words = said.inner_text()
    assert "row 3" in words
    assert "vulnerble" in words
    assert "row 4" in words
    assert "20x0" in words
    assert page.locator(".gbf-number").count() == 0
    page.get_by_role("button", name="Table (CSV)").click()
    page.get_by_text("There is no result").first.wait_for()


def test_an_option_changes_the_number_and_a_wrong_one_takes_it_away(open_app: Callable[[str], Any]):
    page = open_app("A-3_red_list_index")
    before = number(page, "in 2024")
    page.get_by_text("Options of the calculation").click()
    page.locator("select", has_text="Mean of the groups").select_option(index=1)
    page.wait_for_function("(old) => document.querySelector('.gbf-number')?.innerText !== old", arg=before)
    after = number(page, "in 2024")
    assert after != before
    field = page.locator("input[type=text]").filter(visible=True)
    chosen = next(one for one in field.all() if one.input_value() == "10000")
    chosen.fill("many")
    chosen.press("Enter")
    page.get_by_text("cannot be “many”").wait_for()
    assert page.locator(".gbf-number").count() == 0


def test_names_that_would_be_code_are_shown_as_words(open_app: Callable[[str], Any], tmp_path: Path):
    evil = "<img src=x onerror=window.XSS=1>"
    table = tmp_path / "red_list_assessments.csv"
    table.write_text(
        f"species_id,taxonomic_group,year,category,scope\nA,{evil},2010,VU,national\nB,{evil},2010,{evil},national\n",
        encoding="utf-8",
    )
    page = open_app("A-3_red_list_index")
    number(page, "in 2024")
    bring(page, table)
    page.locator(".gbf-issues.gbf-error").wait_for()
    table.write_text(f"species_id,taxonomic_group,year,category,scope\nA,{evil},2010,VU,national\n", encoding="utf-8")
    bring(page, table)
    number(page, "in 2010")
    assert page.evaluate("window.XSS") is None
    assert evil in page.content().replace("&lt;", "<").replace("&gt;", ">")


@pytest.mark.parametrize("width", [1280, 400])
def test_no_page_needs_sideways_scrolling(open_app: Callable[[str], Any], width: int):
    page = open_app("A-2_natural_ecosystem_extent")
    page.set_viewport_size({"width": width, "height": 900})
    number(page, "in 2020$")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
