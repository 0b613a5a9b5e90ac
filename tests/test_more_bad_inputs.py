"""Further faults of tables that people bring: each ends in one of the four outcomes, and its near-twin in silence."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from gbf_workbench.pipeline import check
from gbf_workbench.preparation.countries import country_reading
from gbf_workbench.preparation.numerals import read_number
from tests.bad_inputs import country_codes, finance, population_size, questionnaire, red_list
from tests.bad_inputs.case import Table, make_country, own_folder, put_tables
from tests.bad_inputs.dates import BASINS, SAMPLES
from tests.bad_inputs.numbers_units import SITES
from tests.bad_inputs.species import HEADER, NAME, ROWS

Said = set[tuple[str, str, tuple[int, ...], str]]


def _said(code: str, folder: Path, tables: Sequence[Table], ending: str = "csv") -> Said:
    """What is said about tables: level, key, rows, column."""
    put_tables(make_country(folder), code, tables, ending)
    found = check(code, folder)
    for issue in found:
        assert issue.sentence()
        assert issue.remedy() or not issue.stops
    return {(one.level, one.key.removeprefix("check."), one.rows, one.column) for one in found}


def _with(table: Table, column: str, *values: Any) -> Table:
    """The table with other values in a column, from its first row on."""
    rows = [list(row) for row in table.rows]
    for row, value in zip(rows[1:], values, strict=False):
        row[rows[0].index(column)] = value
    return Table(table.name, rows)


def _and(table: Table, *rows: list[Any]) -> Table:
    return Table(table.name, [*table.rows, *rows])


@pytest.mark.parametrize("mark", ['"', "-", "🇫🇷", "*", "〃", "les"])
def test_a_sign_is_no_country(mark: str):
    assert country_reading(mark).kind == "unknown"


@pytest.mark.parametrize(("words", "code"), [("EL", "GRC"), ("ＦＲＡ", "FRA"), ("nam", "NAM"), ("El Salvador", "SLV")])
def test_a_country_is_known_in_other_letters_and_with_an_article(words: str, code: str):
    assert country_reading(words).code == code


def test_a_ditto_mark_for_a_country_is_asked_about(tmp_path: Path):
    given = country_codes.contributions("FRA", "〃", "KEN", "NAM", "XAR")
    assert ("question", "stand_in", (3,), "provider") in _said("D.1", tmp_path, [given, country_codes._TOTALS])


@pytest.mark.parametrize(("words", "number"), [("1,00,000", 100000), ("12,34,567.5", 1234567.5), ("1250.-", None)])
def test_numbers_in_lakhs_are_read_and_a_dash_for_cents_is_no_minus(words: str, number: float | None, tmp_path: Path):
    assert read_number(words) == number
    said = _said("2.1", tmp_path, [_with(SITES, "area_ha", words)])
    wanted = ("repair", "thousands") if number else ("error", "not_a_number")
    assert said == {(*wanted, (2,), "area_ha")}


def test_digits_of_another_script_are_read_and_said(tmp_path: Path):
    assert _said("2.1", tmp_path, [_with(SITES, "area_ha", "٣٤٠", 75)]) == {("repair", "other_digits", (2,), "area_ha")}


@pytest.mark.parametrize("year", [2563, 1441, 1399])
def test_a_year_of_another_calendar_is_refused(year: int, tmp_path: Path):
    table = _with(red_list.GOOD, "year", year)
    assert ("error", "other_calendar", (2,), "year") in _said("A.3", tmp_path, [table])


DAYS = {
    "2565-05-14": "error other_calendar", "1443-10-14": "error other_calendar", "9999-12-31": "error above_maximum",
    "2099-01-01": "flag future", "2022-05-14T23:30:00Z": "repair time_left_out", "2022-05-14T00:00:00Z": "",
    "٢٠٢٢-٠٥-١٤": "repair other_digits", "14 мая 2022": "",
}  # fmt: skip


@pytest.mark.parametrize("words", DAYS)
def test_a_day_that_cannot_be_meant_or_loses_its_hour_is_said(words: str, tmp_path: Path):
    wanted = {(*DAYS[words].split(), (2,), "date")} if DAYS[words] else set()
    assert _said("7.1", tmp_path, [_with(SAMPLES, "date", words), BASINS]) == wanted


def test_a_year_to_come_is_doubtful_where_something_was_observed_and_not_in_a_plan(tmp_path: Path):
    ahead = datetime.date.today().year + 9
    seen = _with(red_list.GOOD, "year", *[2010] * 3, *[ahead] * 3)
    assert _said("A.3", tmp_path / "seen", [seen]) == {("flag", "future", (5, 6, 7), "year")}
    assert _said("2.1", tmp_path / "plan", [_with(SITES, "end_year", ahead)]) == set()


LETTERS = {
    "CÃ´te": "error spoilt_letters", "CÃƒÂ´te": "error spoilt_letters", "РЎРѕРІС‹": "error spoilt_letters",
    "C&ocirc;te": "error spoilt_letters", "C\ufffdte": "error lost_letters", "C?te": "flag perhaps_lost_letters",
    "Côte": "", "CITÉ’S": "", "Совы и её": "", "طيور": "", "Oiseaux & co": "",
}  # fmt: skip


@pytest.mark.parametrize("words", LETTERS)
def test_letters_that_were_spoilt_on_the_way_are_noticed(words: str, tmp_path: Path):
    table = _with(red_list.GOOD, "taxonomic_group", *[words] * 6)
    wanted = {(*LETTERS[words].split(), (2, 3, 4, 5, 6, 7), "taxonomic_group")} if LETTERS[words] else set()
    assert _said("A.3", tmp_path, [table]) == wanted


def test_spoilt_letters_of_an_author_do_not_stop_a_name(tmp_path: Path):
    table = _with(red_list.GOOD, "scientific_name", "Exempla alpina (LacepÃ¨de, 1802)")
    said = _said("A.3", tmp_path, [table])
    assert {(level, key) for level, key, *_ in said} == {("flag", "spoilt_letters"), ("repair", "name_spelling")}


def _of_workbook(folder: Path, change: Callable[[Any], None]) -> Said:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    change(book.active)
    content = io.BytesIO()
    book.save(content)
    (own_folder(make_country(folder), "A.3") / f"{NAME}.xlsx").write_bytes(content.getvalue())
    return {(one.level, one.key.removeprefix("check."), one.rows, one.column) for one in check("A.3", folder)}


def test_a_hidden_column_is_said(tmp_path: Path):
    def hide(sheet: Any) -> None:
        sheet.column_dimensions["D"].hidden = True

    assert _of_workbook(tmp_path, hide) == {("flag", "hidden_columns", (), "category")}


def test_a_raised_footnote_does_not_become_a_digit(tmp_path: Path):
    def note(sheet: Any) -> None:
        sheet["E2"] = CellRichText("0.5", TextBlock(InlineFont(vertAlign="superscript"), "1"))

    assert _of_workbook(tmp_path, note) == {("error", "not_a_number", (2,), "range_share")}


def test_an_identifier_keeps_the_zeros_that_its_cell_shows(tmp_path: Path):
    def number(sheet: Any) -> None:
        for row in range(2, 8):
            sheet.cell(row, 1).value = f"0{row // 2}" if row < 4 else row // 2
            sheet.cell(row, 1).number_format = "00"

    assert HEADER[0] == "species_id"
    assert _of_workbook(tmp_path, number) == set()


def test_one_species_under_two_identifiers_is_refused(tmp_path: Path):
    again = [["F9", "Exempla alpina", "Frogs", year, "EN", "", "national"] for year in (2010, 2020)]
    said = _said("A.3", tmp_path, [_and(red_list.GOOD, *again)])
    rule = "tables.red_list_assessments.rules.one_identifier"
    assert {("error", rule, (2, 8), "species_id"), ("error", rule, (5, 9), "species_id")} <= said


@pytest.mark.parametrize(("reason", "refused"), [("genuine", True), ("non-genuine", False)])
def test_what_is_extinct_does_not_come_back(reason: str, refused: bool, tmp_path: Path):
    found = [["F9", "Exempla sola", "Frogs", 2010, "EX", "", "national"]]
    found += [["F9", "Exempla sola", "Frogs", 2020, "CR", reason, "national"]]
    said = _said("A.3", tmp_path, [_and(red_list.GOOD, *found)])
    assert said == (
        {("error", "tables.red_list_assessments.rules.no_way_back", (9,), "category")} if refused else set()
    )


def test_sizes_of_populations_that_contradict_each_other_are_said(tmp_path: Path):
    rules = "tables.population_sizes.rules."
    lost = _said("A.4", tmp_path / "lost", [_with(population_size.GOOD, "populations_lost", 1, 2)])
    assert lost == {("error", f"{rules}one_number_lost", (2, 3, 4), "populations_lost")}
    mixed = _said("A.4", tmp_path / "mixed", [_with(population_size.GOOD, "nc", 300)])
    assert mixed == {("flag", f"{rules}effective_below_adults", (2,), "ne")}
    none = _said("A.4", tmp_path / "none", [_with(population_size.GOOD, "ne", 0)])
    assert none == {("flag", "below_usual", (2,), "ne")}
    rows = [[*population_size.GOOD.rows[0]], ["Exempla alpina", "North", 2020, "50-100", 20, 100, "", 0]]
    both = _said("A.4", tmp_path / "both", [Table("population_sizes", rows)])
    assert both == {("error", "given_twice", (2,), "ne_lower"), ("repair", "range_read", (2,), "ne")}


def test_a_price_index_of_two_bases_is_refused(tmp_path: Path):
    bases = [["XAF", 2020, 100, 2020], ["XAF", 2021, 85, 2024], ["USD", 2020, 100, 2020], ["USD", 2021, 104, 2020]]
    index = Table("deflators", [["currency", "year", "price_index", "base_year"], *bases])
    said = _said("D.2", tmp_path, [finance._SPENT, index])
    assert ("error", "tables.deflators.rules.one_base", (2, 3), "base_year") in said


@pytest.mark.parametrize("name", ["rs-1", "RS–1", "rs 1"])
def test_a_key_in_two_spellings_is_asked_about(name: str, tmp_path: Path):
    site = [name, "completed", 2010, 2014, 340]
    assert _said("2.1", tmp_path / "alike", [_and(SITES, site)]) == {("question", "alike_keys", (2, 7), "site_id")}
    kept = Table(SITES.name, _and(SITES, site).rows, {"keep_rows": [2, 7]})
    assert _said("2.1", tmp_path / "kept", [kept]) == set()


def test_a_dash_is_no_evidence(tmp_path: Path):
    said = _said("13.b", tmp_path, [_with(questionnaire._GOOD, "evidence", "Act 12", "-")])
    assert said == {("flag", "questionnaire.no_evidence", (3,), "evidence")}


@pytest.mark.parametrize(("name", "doubtful"), [("Parks total", True), ("Total: parks", True), ("Totality", False)])
def test_a_name_that_speaks_of_a_total_is_pointed_out(name: str, doubtful: bool, tmp_path: Path):
    said = _said("D.2", tmp_path, [_with(finance._SPENT, "department", name)])
    assert said == ({("flag", "perhaps_total", (2,), "department")} if doubtful else set())
