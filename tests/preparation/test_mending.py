"""What helps to mend a table: findings marked in a copy of it, and suggestions that wait for somebody's word."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from gbf_workbench.doors.cli import main
from gbf_workbench.pipeline import check
from gbf_workbench.preparation.country import open_country
from gbf_workbench.preparation.mapping import TableMapping, read_mapping
from gbf_workbench.preparation.mending import LIST, marked_files, suggested
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.preparation.suggestions import confirm, suggestions
from tests.bad_inputs.case import Table, make_country, own_folder, put_tables

GOOD = [
    ["species_id", "taxonomic_group", "year", "category", "reason_for_change", "range_share", "scope"],
    ["B1", "Birds", "2010", "LC", "", "0.5", "national"],
    ["B2", "Birds", "2010", "VU", "", "0.25", "national"],
    ["B1", "Birds", "2020", "NT", "genuine", "0.5", "national"],
    ["B2", "Birds", "2020", "VU", "", "0.25", "national"],
]
NAME = "red_list_assessments"


@pytest.fixture
def country(tmp_path: Path) -> Path:
    return make_country(tmp_path / "country")


def _spoilt() -> list[list[str]]:
    rows = [list(row) for row in GOOD]
    rows[2][3] = "=XX"
    rows[4][2] = "soon"
    return rows


def _marked(folder: Path, ending: str) -> openpyxl.Workbook:
    opened = open_country(folder)
    made = marked_files(opened.spec("A.3"), opened, check("A.3", folder), "en")
    assert set(made) == {LIST, f"{NAME}_marked.xlsx"}
    return openpyxl.load_workbook(io.BytesIO(made[f"{NAME}_marked.xlsx"]))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_offending_cells_are_marked_in_a_copy_of_the_users_own_table(country: Path, ending: str):
    put_tables(country, "A.3", [Table(NAME, _spoilt() if ending == "csv" else [
        [cell.replace("=XX", "XX") for cell in row] for row in _spoilt()
    ])], ending)  # fmt: skip
    book = _marked(country, ending)
    sheet = book.worksheets[1]
    marked = {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fill_type == "solid"}
    assert marked == {"D3", "C5"}
    assert "soon" in sheet["C5"].comment.text
    assert sheet["A1"].value == "species_id"
    assert sheet["C4"].value in ("2020", 2020)


def test_a_text_that_looks_like_a_formula_stays_a_text_in_the_copy(country: Path):
    put_tables(country, "A.3", [Table(NAME, _spoilt())])
    book = _marked(country, "csv")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert book.worksheets[1]["D3"].value == "=XX"


def test_the_list_in_front_says_place_reason_and_remedy_of_each_finding(country: Path):
    put_tables(country, "A.3", [Table(NAME, _spoilt())])
    issues = check("A.3", country)
    front = _marked(country, "csv").worksheets[0]
    rows = [[cell.value for cell in row] for row in front.iter_rows(min_row=2)]
    assert len(rows) == len(issues)
    assert [row[3] for row in rows if row[4] == "year"] == ["5"]
    assert all(row[8] for row in rows)


def test_a_workbook_keeps_its_other_sheets_and_its_macros_go(country: Path):
    own = own_folder(country, "A.3")
    book = openpyxl.Workbook()
    for row in _spoilt():
        book.active.append(["'=XX" if cell == "=XX" else cell for cell in row])
    book.create_sheet("Notes")["A1"] = "from the museum"
    book.save(own / f"{NAME}.xlsx")
    marked = _marked(country, "xlsx")
    assert marked["Notes"]["A1"].value == "from the museum"
    assert marked.vba_archive is None


FRENCH = [
    ["Espèce", "Groupe taxo", "Année éval.", "Cat_LR", "Portée"],
    ["Aus bus", "Oiseaux", "2010", "Préoccupation mineure (LC)", "national"],
    ["Aus cus", "Oiseaux", "2010", "Menacée", "national"],
    ["Aus bus", "Oiseaux", "2020", "Préoccupation mineure (LC)", "national"],
    ["Aus cus", "Oiseaux", "2020", "Menacée", "national"],
]


def _table(tmp_path: Path, rows: list[list[str]]) -> Path:
    path = tmp_path / "liste.csv"
    path.write_text("\n".join(";".join(row) for row in rows) + "\n", encoding="utf-8")
    return path


def test_columns_of_another_name_are_suggested_by_name_and_content(tmp_path: Path):
    found = suggestions(_table(tmp_path, FRENCH), schema_of(NAME), TableMapping())
    meant = {one.written: one.field for one in found if one.kind == "column"}
    assert meant["Groupe taxo"] == "taxonomic_group"
    assert meant["Année éval."] == "year"
    assert meant["Cat_LR"] == "category"


def test_a_class_that_is_only_part_of_a_known_one_is_not_ticked_beforehand(tmp_path: Path):
    mapping = TableMapping(columns={"category": "Cat_LR"})
    found = {one.written: one for one in suggestions(_table(tmp_path, FRENCH), schema_of(NAME), mapping)}
    assert (found["Préoccupation mineure (LC)"].meant, found["Préoccupation mineure (LC)"].likely) == ("LC", True)
    # "Threatened" is not "Near Threatened", however alike the words are.
    assert not found["Menacée"].likely
    assert found["Menacée"].count == 2


def test_nothing_is_suggested_of_a_table_that_is_known(country: Path):
    put_tables(country, "A.3", [Table(NAME, GOOD)])
    opened = open_country(country)
    assert suggested(opened.spec("A.3"), opened) == {}


def test_what_is_confirmed_is_written_and_what_stood_there_stays(tmp_path: Path):
    (tmp_path / "mapping.yml").write_text(f"tables: {{{NAME}: {{constants: {{scope: national}}}}}}\n")
    found = suggestions(_table(tmp_path, FRENCH), schema_of(NAME), TableMapping())
    confirm(tmp_path, NAME, [one for one in found if one.likely], "liste.csv")
    read = read_mapping(tmp_path)[NAME]
    assert read.constants == {"scope": "national"}
    assert read.columns["taxonomic_group"] == "Groupe taxo"
    assert read.file == "liste.csv"


def test_the_command_line_suggests_and_writes_only_when_it_is_told_to(country: Path, capsys: pytest.CaptureFixture):
    own = own_folder(country, "A.3")
    (own / f"{NAME}.csv").write_bytes(_table(country, FRENCH).read_bytes())
    assert main(["map", "A.3", str(country)]) == 0
    assert not (own / "mapping.yml").exists()
    assert "Groupe taxo" in capsys.readouterr().out
    assert main(["map", "A.3", str(country), "--write"]) == 0
    assert read_mapping(own)[NAME].columns["year"] == "Année éval."


def test_check_writes_the_findings_into_a_folder(country: Path, tmp_path: Path):
    put_tables(country, "A.3", [Table(NAME, _spoilt())])
    assert main(["check", "A.3", str(country), "--out", str(tmp_path / "found")]) == 2
    assert {path.name for path in (tmp_path / "found").iterdir()} == {LIST, f"{NAME}_marked.xlsx"}
