"""Empty spreadsheets: they can be filled in without a manual, and what they hold of ours never counts as data."""

from __future__ import annotations

import csv
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

import gbf_workbench as gbf
from gbf_workbench.catalogue.specs import binary_spec, specs
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.locales import languages
from gbf_workbench.preparation import templates
from gbf_workbench.preparation.code_lists import code_list
from gbf_workbench.preparation.inputs import read_inputs
from gbf_workbench.preparation.schema import Field, TableSchema, schema_names, schema_of
from gbf_workbench.preparation.templates import start, template

TABLES = [name for name in schema_names() if schema_of(name).kind == "table"]
BIRDS = [
    ("B1", "Aves", 2010, "LC", None, "national"), ("B2", "Aves", 2010, "VU", None, "national"),
    ("B1", "Aves", 2020, "NT", "genuine", "national"), ("B2", "Aves", 2020, "VU", None, "national"),
]  # fmt: skip


def place(check) -> object:
    """The one range a rule holds for."""
    (area,) = check.sqref.ranges
    return area


def keys(issues) -> list[str]:
    return [issue.key.removeprefix("check.") for issue in issues]


def fill_in(path: Path, rows: list[tuple], first_row: int = 3) -> None:
    """Type species as a person would: into the sheet that is open, below the header."""
    book = load_workbook(path)
    sheet = book.active
    at = {cell.value: cell.column for cell in sheet[1]}
    names = ("species_id", "taxonomic_group", "year", "category", "reason_for_change", "scope")
    for number, row in enumerate(rows, first_row):
        for name, value in zip(names, row, strict=True):
            sheet.cell(number, at[name], value)
    book.save(path)


def opened(schema: TableSchema, language: str | None = None):
    """The template as a program that did not make it sees it."""
    content = BytesIO()
    template(schema, language).save(content)
    return load_workbook(content)


def test_every_indicator_can_be_started_from_its_code(tmp_path):
    for slug, spec in specs().items():
        folder = tmp_path / slug
        written = start(spec.code, folder)
        kinds = {schema_of(role.table).kind for role in spec.inputs.values()}
        expected = {"country.yml"} | {
            f"{slug}/{role.table}.xlsx" for role in spec.inputs.values() if schema_of(role.table).kind == "table"
        }
        expected |= {f"{slug}/README_{slug}.md"} if kinds - {"table"} else set()
        assert {path.relative_to(folder.resolve()).as_posix() for path in map(Path.resolve, written)} == expected
        assert all(path.stat().st_size for path in written)


def test_the_country_file_it_writes_can_be_read_and_says_what_to_change(tmp_path):
    gbf.start("A.3", tmp_path)
    words = (tmp_path / "country.yml").read_text(encoding="utf-8")
    assert "code: XXX" in words
    assert "ISO 3166-1 alpha-3" in words
    with pytest.raises(WorkbenchError) as refused:
        gbf.load("A.3", tmp_path)
    assert "no_data" in keys(refused.value.issues)
    # With its “#” taken away the frame is what the workbench reads.
    (tmp_path / "country.yml").write_text(words.replace("# frame:", "frame:").replace("#   ", "  "), encoding="utf-8")
    assert set(templates.open_country(tmp_path).frame.layers) == {"land", "sea", "provinces", "reference_areas"}


def test_a_country_that_is_there_keeps_its_own_file(tmp_path):
    own = "format: 1\ncode: FJI\nname: {en: Fiji}\n"
    (tmp_path / "country.yml").write_text(own)
    written = start("A.3", tmp_path)
    assert (tmp_path / "country.yml").read_text() == own
    assert "country.yml" not in [path.name for path in written]


def test_a_national_indicator_gets_its_table_in_its_own_folder(tmp_path):
    code = "6a1c2b1e-0b1f-4a53-9b87-0e7a8bb0a111"
    (tmp_path / "country.yml").write_text(
        f"code: FJI\nname: Fiji\nnational_indicators:\n  - {{code: {code}, name: Hedgerows, unit: km}}\n"
    )
    (written,) = start(code, tmp_path)
    assert written.relative_to(tmp_path.resolve()).as_posix() == f"national/{code}/indicator_values.xlsx"


@pytest.mark.parametrize("there", ["red_list_index/red_list_counts.xlsx", "red_list_index/red_list_assessments.csv"])
def test_nothing_is_written_where_a_file_would_be_lost_or_doubled(tmp_path, there):
    (tmp_path / there).parent.mkdir()
    (tmp_path / there).write_text("mine")
    with pytest.raises(WorkbenchError) as refused:
        start("A.3", tmp_path)
    assert Path(there).name in str(refused.value)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(there).name]
    assert (tmp_path / there).read_text() == "mine"


def test_a_second_start_names_every_file_that_is_there(tmp_path):
    start("A.3", tmp_path)
    with pytest.raises(WorkbenchError) as refused:
        start("red_list_index", tmp_path)
    for name in ("red_list_assessments.xlsx", "red_list_counts.xlsx", "red_list_group_sizes.xlsx"):
        assert name in str(refused.value)


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path):
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(WorkbenchError, match="could not be written"):
        start("A.3", tmp_path / "taken")


def test_an_unknown_indicator_writes_nothing(tmp_path):
    with pytest.raises(WorkbenchError):
        start("99.9", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_template_filled_in_below_its_example_passes_the_check(tmp_path):
    start("A.3", tmp_path)
    fill_in(tmp_path / "red_list_index" / "red_list_assessments.xlsx", BIRDS)
    issues = gbf.check("A.3", tmp_path)
    assert {issue.level for issue in issues} == {"flag"}
    # One for each of the three tables, and nothing else: no “several sheets”, no “unused columns”.
    assert keys(issues) == ["example_row"] * 3
    assert {issue.rows for issue in issues} == {(2,)}
    table = gbf.load("A.3", tmp_path)["species_assessments"]
    assert list(table.index) == [3, 4, 5, 6]
    assert table["species_id"].tolist() == ["B1", "B2", "B1", "B2"]


def test_a_template_whose_example_was_written_over_says_nothing(tmp_path):
    start("A.3", tmp_path)
    fill_in(tmp_path / "red_list_index" / "red_list_assessments.xlsx", BIRDS, first_row=2)
    said = [issue for issue in gbf.check("A.3", tmp_path) if issue.table == "red_list_assessments"]
    assert said == []


def test_templates_nobody_filled_in_count_as_absent(tmp_path):
    start("A.3", tmp_path)
    country = templates.open_country(tmp_path)
    inputs = read_inputs(country.spec("A.3"), country)
    assert inputs.contents == {}
    assert inputs.files == {}
    assert sorted(keys(inputs.issues)) == ["example_row"] * 3 + ["no_data"]


#: Tables that belong to no indicator of the catalogue.
_OF_NONE = ("indicator_values", "species_checklist")


@pytest.mark.parametrize("name", [name for name in TABLES if name not in _OF_NONE])
def test_the_example_is_known_again_in_a_csv_of_another_country(tmp_path, name):
    """Saved from the template by a program that writes decimal commas and semicolons."""
    known = [*specs().values(), binary_spec("5.b")]
    start_of = {role.table: spec for spec in known for role in spec.inputs.values()}
    schema, spec = schema_of(name), start_of[name]
    cells = ["" if f.example is None else str(f.example).replace(".", ",", f.type == "number") for f in schema.fields]
    home = tmp_path / (spec.folder or spec.slug)
    home.mkdir()
    with (home / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([schema.names, cells])
    issues = gbf.check(spec.code, tmp_path)
    assert ("example_row", name) in [(i.key.removeprefix("check."), i.table) for i in issues]


def test_a_row_like_the_example_further_down_is_data(tmp_path):
    folder = tmp_path / "red_list_index"
    folder.mkdir()
    group, count = (field.example for field in schema_of("red_list_group_sizes").fields)
    (folder / "red_list_group_sizes.csv").write_text(f"taxonomic_group,species_count\nMammals,5899\n{group},{count}\n")
    counts = "taxonomic_group,year,category,species_count,scope\nBirds,2024,LC,3,national\n"
    (folder / "red_list_counts.csv").write_text(counts)
    tables = gbf.load("A.3", tmp_path)
    assert tables.inputs.contents["group_sizes"]["taxonomic_group"].tolist() == ["Mammals", group]


@pytest.mark.parametrize("name", TABLES)
def test_a_template_has_all_names_in_row_1_each_with_a_note(name):
    schema = schema_of(name)
    sheet = opened(schema).active
    assert sheet.title == name
    assert [cell.value for cell in sheet[1]] == schema.names
    for cell, field in zip(sheet[1], schema.fields, strict=True):
        assert cell.font.bold
        note = cell.comment.text
        assert schema.column_title(field.name) in note
        assert schema.column_description(field.name) in note
        assert all(value in note for value in field.enum)
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize("name", TABLES)
def test_names_are_locked_and_every_other_cell_is_free(name):
    sheet = opened(schema_of(name)).active
    width = len(schema_of(name).fields)
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert all(cell.protection.locked for cell in sheet[1])
    assert not any(cell.protection.locked for cell in sheet[2])
    free = [one for one in sheet.column_dimensions.values() if not one.protection.locked]
    assert sum(one.max - one.min + 1 for one in free) == 16_384
    assert len(free) >= width


@pytest.mark.parametrize("name", TABLES)
def test_lists_offer_exactly_the_values_that_are_allowed(name):
    schema = schema_of(name)
    book = opened(schema)
    lists = {place(check).min_col: check for check in book.active.data_validations.dataValidation}
    for at, field in enumerate(schema.fields, 1):
        typed = bool(field.bounds or field.period_end or field.format == "fiscal_year")
        if field.enum or field.codes or field.type == "boolean":
            sheet, _, area = lists[at].formula1.rpartition("!")
            cells = book[sheet.strip("'")][area.replace("$", "")]
            listed = code_list(field.codes).values if field.codes else ()
            allowed = ["yes", "no"] if field.type == "boolean" else [*field.enum, *listed]
            assert [cell[0].value for cell in cells] == allowed
        elif typed or field.type == "date":
            # More than a number may be typed: 50-100, 2018-2020, 2020/21.
            assert at not in lists
        elif field.type == "year":
            assert (lists[at].type, float(lists[at].formula1)) == ("whole", field.minimum)
            assert str(int(field.maximum)) in lists[at].error
        elif field.type in ("number", "integer"):
            assert lists[at].type == ("decimal" if field.type == "number" else "whole")
        else:
            assert at not in lists
            assert book.active.column_dimensions[get_column_letter(at)].number_format == "@"
    for check in lists.values():
        assert place(check).min_row == 2
        assert place(check).max_row >= 1000
        assert check.showErrorMessage
        assert len(check.errorTitle) <= 32
        assert len(check.error) <= 255


def test_bounds_of_one_side_only_and_none_are_checked_too():
    fields = (
        Field("low", "integer", minimum=1), Field("high", "number", maximum=9.5), Field("free", "number"),
        Field("sure", "boolean", example=True), Field("when", "year"),
    )  # fmt: skip
    # The texts of a schema that is not on the disk are those of one that is.
    schema = TableSchema("indicator_values", "table", fields)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TableSchema, "column_title", lambda self, name, language=None: name)
        patch.setattr(TableSchema, "column_description", lambda self, name, language=None: "")
        book = opened(schema)
    rules = {
        book.active.cell(1, place(check).min_col).value: (check.type, check.operator, check.formula1)
        for check in book.active.data_validations.dataValidation
    }
    assert rules["low"] == ("whole", "greaterThanOrEqual", "1")
    assert rules["high"] == ("decimal", "lessThanOrEqual", "9.5")
    assert rules["free"] == ("decimal", "greaterThanOrEqual", "-1E+300")
    assert rules["when"] == ("whole", "between", "1000")
    assert rules["sure"][0] == "list"
    assert book.active["D2"].value == "yes"


def test_the_sheet_about_the_table_explains_every_column():
    schema = schema_of("red_list_assessments")
    _, about = opened(schema).worksheets
    words = [str(cell.value) for row in about.iter_rows() for cell in row if cell.value is not None]
    assert schema.title() in words
    for field in schema.fields:
        assert field.name in words
        assert schema.column_description(field.name) in words
    assert "species_id + year" in " ".join(words)


@pytest.mark.parametrize("language", languages())
def test_a_template_can_be_opened_in_every_language(language):
    """Spreadsheet programs refuse longer names of sheets and longer messages."""
    for name in TABLES:
        book = opened(schema_of(name), language)
        assert all(len(sheet.title) <= 31 for sheet in book)
        assert [sheet.sheet_view.rightToLeft for sheet in book] == [language == "ar"] * 2
        assert [cell.value for cell in book.active[1]] == schema_of(name).names
        for check in book.active.data_validations.dataValidation:
            assert len(check.errorTitle) <= 32
            assert len(check.error) <= 255


def test_the_example_loses_its_grey_when_it_is_written_over():
    schema = schema_of("red_list_counts")
    sheet = opened(schema).active
    ((area, (rule,)),) = [(one.sqref, one.rules) for one in sheet.conditional_formatting]
    assert str(area) == "A2:E2"
    group, year, category, count, scope = (field.example for field in schema.fields)
    assert rule.formula == [f'AND($A$2="{group}",$B$2={year},$C$2="{category}",$D$2={count},$E$2="{scope}")']
    assert rule.dxf.font.i


def test_layers_and_maps_are_listed_with_the_names_they_must_have(tmp_path):
    start("A.2", tmp_path)
    words = (tmp_path / "natural_ecosystem_extent" / "README_natural_ecosystem_extent.md").read_text(encoding="utf-8")
    for said in ("ecosystem_maps_<year>.tif", "ecosystem_polygons.gpkg", "frame/land.gpkg", "`class_code`", "`year`"):
        assert said in words


def test_the_command_line_names_what_it_wrote(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "gbf_workbench.doors.cli", "start", "A.3", str(tmp_path / "new")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.count("written: ") == 4
    assert (tmp_path / "new" / "red_list_index" / "red_list_assessments.xlsx").is_file()
