"""Faults of tables seen in files of ministries: each in three shapes, beside a near-twin that passes in silence."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely.geometry import Point, Polygon, box

from gbf_workbench.pipeline import check
from gbf_workbench.preparation.countries import country_reading
from gbf_workbench.preparation.numerals import read_number
from gbf_workbench.preparation.outlines import made_sound
from gbf_workbench.preparation.species import scientific_name
from tests.bad_inputs import country_codes, finance, questionnaire, red_list
from tests.bad_inputs.case import Table, csv_bytes, make_country, own_folder, put_tables
from tests.bad_inputs.dates import BASINS, SAMPLES
from tests.bad_inputs.numbers_units import HOLDINGS, SITES

Said = set[tuple[str, str, tuple[int, ...], str]]


def _said(code: str, folder: Path, *tables: Table, ending: str = "csv") -> Said:
    """What is said about tables: level, key, rows, column."""
    put_tables(make_country(folder), code, tables, ending)
    return _heard(code, folder)


def _heard(code: str, folder: Path) -> Said:
    found = check(code, folder)
    for issue in found:
        assert issue.sentence()
        assert issue.remedy() or not issue.stops
    return {(one.level, one.key.removeprefix("check."), one.rows, one.column) for one in found}


def _with(table: Table, column: str, values: dict[int, Any]) -> Table:
    """The table with other values in a column, by the row that a spreadsheet shows."""
    rows = [list(row) for row in table.rows]
    for row, value in values.items():
        rows[row - 1][rows[0].index(column)] = value
    return Table(table.name, rows, table.mapping)


# -- dates and years ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["00/05/2022", "05/00/2022", "05.00.2022"])
def test_a_day_or_month_of_nought_is_no_date(words: str, tmp_path: Path):
    said = _said("7.1", tmp_path, _with(SAMPLES, "date", {2: words}), BASINS)
    assert said == {("error", "not_a_date", (2,), "date")}


@pytest.mark.parametrize(("words", "row"), [("1899-12-30", 2), ("1900-01-01", 4), ("1970-01-01", 6)])
def test_the_first_day_of_a_program_is_asked_about_and_answered(words: str, row: int, tmp_path: Path):
    table = _with(SAMPLES, "date", {row: words})
    assert _said("7.1", tmp_path / "asked", table, BASINS) == {("question", "stand_in", (row,), "date")}
    near = {row: words, 2 if row != 2 else 3: f"{int(words[:4]) + 1}-06-03"}
    assert _said("7.1", tmp_path / "near", _with(SAMPLES, "date", near), BASINS) == set()


@pytest.mark.parametrize(("cell", "ending"), [
    (datetime.datetime(1905, 7, 2), "xlsx"), ("1905-07-02", "csv"), (datetime.date(1905, 7, 12), "xlsx"),
])  # fmt: skip
def test_a_year_that_is_shown_as_a_day_is_asked_about(cell: Any, ending: str, tmp_path: Path):
    said = _said("A.3", tmp_path, _with(red_list.GOOD, "year", {3: cell}), ending=ending)
    assert ("question", "year_as_day", (3,), "year") in said


def test_the_year_of_another_day_is_taken(tmp_path: Path):
    said = _said("A.3", tmp_path, _with(red_list.GOOD, "year", {3: datetime.datetime(2010, 7, 2)}), ending="xlsx")
    assert said == {("repair", "year_of_date", (3,), "year")}


@pytest.mark.parametrize(("cell", "ending"), [(40179, "xlsx"), ("40179", "csv"), (43831.0, "xlsx")])
def test_a_day_that_is_kept_as_a_number_is_no_year(cell: Any, ending: str, tmp_path: Path):
    said = _said("A.3", tmp_path, _with(red_list.GOOD, "year", {2: cell}), ending=ending)
    assert ("error", "day_as_year", (2,), "year") in said


@pytest.mark.parametrize(("ahead", "doubtful"), [(51, True), (54, True), (70, True), (4, False)])
def test_years_far_beyond_any_plan_are_pointed_out(ahead: int, doubtful: bool, tmp_path: Path):
    year = datetime.date.today().year + ahead
    said = _said("D.2", tmp_path, _with(finance._SPENT, "year", {2: year}))
    assert said == ({("flag", "future", (2,), "year")} if doubtful else set())


# -- numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "number"), [(".5", 0.5), ("-.25", -0.25), (",5", 0.5), ("5,", None), (".", None)])
def test_a_number_may_begin_with_its_mark_and_not_end_with_a_comma(words: str, number: float | None):
    assert read_number(words) == number


def test_a_number_without_its_nought_passes_in_silence(tmp_path: Path):
    assert _said("2.1", tmp_path, _with(SITES, "area_ha", {2: ".5"})) == set()


@pytest.mark.parametrize(("weight", "row"), [(0, 2), (0.0, 4), ("0", 5)])
def test_a_weight_of_nought_is_pointed_out(weight: Any, row: int, tmp_path: Path):
    said = _said("10.1", tmp_path / "nought", _with(HOLDINGS, "weight", {row: weight}))
    assert ("flag", "below_usual", (row,), "weight") in said
    scaled = _said("10.1", tmp_path / "scaled", _with(HOLDINGS, "weight", {row: 0.35}))
    assert not {one for one in scaled if one[3] == "weight"}


# -- names -------------------------------------------------------------------------------------------------------

NO_SPECIES = {
    "Exempla alpina / borealis": "group", "Exempla alpina, Exempla minor": "group",
    "Exempla alpina & E. minor": "group", "Exempla alpina 2": "group", "Exempla alpina (3)": "group",
    "Exempla alpina cv. Gold": "infraspecific",
}  # fmt: skip


@pytest.mark.parametrize("words", NO_SPECIES)
def test_of_two_names_in_one_cell_none_is_taken(words: str):
    assert scientific_name(words).rank == NO_SPECIES[words]


@pytest.mark.parametrize("author", [
    "(L.) Mill., 1768", "Smith, Jones & Baker ex Diels", "Hook. f. & Thomson", "Linnaeus, 1758", "L. 1753",
    "Fischer, Meyer van den Berg 1804",
])  # fmt: skip
def test_authors_are_set_aside_as_ever(author: str):
    found = scientific_name(f"Exempla alpina {author}")
    assert (found.name, found.rank, found.doubt) == ("Exempla alpina", "species", "")


@pytest.mark.parametrize(("words", "code"), [("Upper Volta", "BFA"), ("Ceylon", "LKA"), ("Germany, Fed. Rep.", "DEU")])
def test_former_names_of_countries_are_known(words: str, code: str):
    assert country_reading(words).code == code


@pytest.mark.parametrize("words", ["FRA*", "FRA¹", "FRA (2)"])
def test_a_code_with_a_footnote_is_offered_and_not_taken(words: str, tmp_path: Path):
    assert country_reading(words).candidates == ("FRA",)
    table = country_codes.contributions(words, "DEU", "KEN", "NAM", "XAR")
    said = _said("D.1", tmp_path, table, country_codes._TOTALS)
    assert ("error", "country_unknown", (2,), "provider") in said


@pytest.mark.parametrize(("words", "row"), [("FROGS", 2), ("frogs", 4), ("Frogs*", 7)])
def test_a_group_in_two_spellings_is_asked_about_and_answered(words: str, row: int, tmp_path: Path):
    table = _with(red_list.GOOD, "taxonomic_group", {row: words})
    asked = {("question", "alike_labels", (row,), "taxonomic_group")}
    assert _said("A.3", tmp_path / "asked", table) == asked
    assert _said("A.3", tmp_path / "kept", Table(table.name, table.rows, {"keep_rows": [row]})) == set()
    other = _with(red_list.GOOD, "taxonomic_group", {2: "Toads", 5: "Toads"})
    assert _said("A.3", tmp_path / "other", other) == set()


@pytest.mark.parametrize("words", ["F1*", "F1¹", "f1"])
def test_an_identifier_with_a_footnote_at_one_date_is_asked_about(words: str, tmp_path: Path):
    said = _said("A.3", tmp_path, _with(red_list.GOOD, "species_id", {5: words}))
    assert ("question", "alike_labels", (5,), "species_id") in said


@pytest.mark.parametrize("words", ["C%C3%B4te", "C=C3=B4te", "%D9%86%D8%B9%D9%85"])
def test_letters_written_out_as_bytes_are_spoilt(words: str, tmp_path: Path):
    table = _with(red_list.GOOD, "taxonomic_group", dict.fromkeys(range(2, 8), words))
    assert _said("A.3", tmp_path / "spoilt", table) == {
        ("error", "spoilt_letters", (2, 3, 4, 5, 6, 7), "taxonomic_group")
    }
    right = _with(red_list.GOOD, "taxonomic_group", dict.fromkeys(range(2, 8), "50% = half"))
    assert _said("A.3", tmp_path / "right", right) == set()


@pytest.mark.parametrize("words", ["Vulnerable?", "Vulnerable*", "Near Threatened¹"])
def test_a_category_with_a_mark_is_not_simply_that_category(words: str, tmp_path: Path):
    said = _said("A.3", tmp_path, _with(red_list.GOOD, "category", {3: words}))
    assert ("error", "not_in_list", (3,), "category") in said


@pytest.mark.parametrize("words", ["Yes*", "Yes?", "Yes¹"])
def test_an_answer_with_a_mark_is_not_simply_that_answer(words: str, tmp_path: Path):
    said = _said("13.b", tmp_path / "marked", _with(questionnaire._GOOD, "answer", {5: words}))
    assert ("error", "questionnaire.not_an_answer", (5,), "answer") in said
    assert _said("13.b", tmp_path / "plain", _with(questionnaire._GOOD, "answer", {5: "Yes"})) == set()


# -- money -------------------------------------------------------------------------------------------------------


def _spent(*more: Sequence[Any]) -> Table:
    return Table("public_expenditure", [*finance._SPENT.rows, *map(list, more)])


@pytest.mark.parametrize("words", ["Insgesamt", "Toplam", "合計", "Tổng cộng", "جمع کل"])
def test_a_total_in_yet_another_language_is_found_by_its_name(words: str, tmp_path: Path):
    said = _said("D.2", tmp_path, _spent([2021, "Environment", words, "spent", 40005, "XAF", "current", ""]))
    assert said == {("error", "total_row", (8,), "department")}


@pytest.mark.parametrize(("words", "is_part"), [
    ("of which: rangers", True), ("dont personnel", True), ("в том числе: егеря", True), ("Donthis valley", False),
])  # fmt: skip
def test_what_a_part_of_another_row_is_for_counts_twice(words: str, is_part: bool, tmp_path: Path):
    said = _said("D.2", tmp_path, _spent([2021, "Environment", words, "spent", 41250, "XAF", "current", ""]))
    assert said == ({("error", "part_row", (8,), "department")} if is_part else set())


@pytest.mark.parametrize(("by", "rows"), [(1e3, (5, 6, 7)), (1e6, (5, 6, 7)), (1e-3, (2, 3, 4))])
def test_thousands_in_one_of_two_years_are_asked_about_and_answered(by: float, rows: tuple[int, ...], tmp_path: Path):
    table = _with(finance._SPENT, "amount", {row: finance._SPENT.rows[row - 1][4] / by for row in (5, 6, 7)})
    asked = {("question", "scale_between_years", rows, "amount")}
    assert {one for one in _said("D.2", tmp_path / "asked", table, ending="xlsx") if one[0] == "question"} == asked
    kept = Table(table.name, table.rows, {"keep_rows": list(rows)})
    assert not {one for one in _said("D.2", tmp_path / "kept", kept, ending="xlsx") if one[0] == "question"}
    grown = _with(finance._SPENT, "amount", {row: finance._SPENT.rows[row - 1][4] * 40 for row in (5, 6, 7)})
    assert _said("D.2", tmp_path / "grown", grown) == set()


@pytest.mark.parametrize("heading", ["amount (thousands)", "Montant en milliers", "kXAF", "amount_million"])
def test_a_heading_of_thousands_is_refused_where_it_is_mapped(heading: str, tmp_path: Path):
    rows = [[heading if cell == "amount" else cell for cell in finance._SPENT.rows[0]], *finance._SPENT.rows[1:]]
    said = _said("D.2", tmp_path / "scaled", Table("public_expenditure", rows, {"columns": {"amount": heading}}))
    assert ("error", "scaled_heading", (), heading) in said
    rows = [["Paid 2020" if cell == heading else cell for cell in rows[0]], *rows[1:]]
    plain = Table("public_expenditure", rows, {"columns": {"amount": "Paid 2020"}})
    assert _said("D.2", tmp_path / "plain", plain) == set()


@pytest.mark.parametrize("code", ["DEM", "BYR", "ZWD"])
def test_a_currency_that_was_gone_by_then_is_asked_about(code: str, tmp_path: Path):
    every = range(2, 8)
    late = _with(finance._SPENT, "currency", dict.fromkeys(every, code))
    assert _said("D.2", tmp_path / "late", late) == {("question", "currency_withdrawn", tuple(every), "currency")}
    then = _with(_with(late, "year", dict.fromkeys((2, 3, 4), 2000)), "year", dict.fromkeys((5, 6, 7), 2001))
    assert _said("D.2", tmp_path / "then", then) == set()


# -- files and maps ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["red_list_assessments.xlsb", "red_list_assessments.txt", "old.numbers"])
def test_a_file_of_a_kind_that_is_not_read_is_named(name: str, tmp_path: Path):
    own = own_folder(make_country(tmp_path), "A.3")
    (own / "red_list_assessments.csv").write_bytes(csv_bytes(red_list.GOOD.rows))
    (own / name).write_bytes(b"PK\x03\x04")
    assert _heard("A.3", tmp_path) == {("flag", "unread_formats", (), "")}
    (own / name).unlink()
    (own / "Report of the unit.txt").write_text("Thanks to all", encoding="utf-8")
    assert _heard("A.3", tmp_path) == set()


SQUARE = box(0, 0, 10, 10)


@pytest.mark.parametrize("hole", [box(20, 0, 24, 4), box(-5, 0, -1, 4), Point(30, 30).buffer(3)])
def test_a_hole_beside_its_outline_gives_no_land(hole: Polygon):
    beside, within = Polygon(SQUARE.exterior, [hole.exterior]), Polygon(SQUARE.exterior, [box(2, 2, 4, 4).exterior])
    built, enclosed = made_sound(_array(beside, within))
    assert built[0].area > enclosed[0] == pytest.approx(100)
    assert built[1].area == enclosed[1] == pytest.approx(96)


def _array(*shapes: Any) -> np.ndarray:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


@pytest.mark.parametrize(("words", "letters"), [("Añu", "cp437"), ("Żaba", "cp1250"), ("Añu", "mac_roman")])
def test_each_reading_of_unknown_letters_is_shown(words: str, letters: str, tmp_path: Path):
    own = own_folder(make_country(tmp_path), "A.3")
    table = csv_bytes(red_list.GOOD.rows).decode().replace("Frogs", words)
    (own / "red_list_assessments.csv").write_bytes(table.encode(letters))
    asked = [issue for issue in check("A.3", tmp_path) if issue.key == "check.which_encoding"]
    assert len(asked) == 1
    assert "“”" not in asked[0].sentence()
