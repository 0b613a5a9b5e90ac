"""Preparing data without writing a program: questions answered, columns named, rows typed, clean files taken away."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import ipywidgets
import openpyxl
import pytest
import yaml

import gbf_workbench as gbf
from gbf_workbench.catalogue import indicator
from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.doors.bringing import Desk
from gbf_workbench.doors.forms import checked_rows, rows_as_csv, rows_in_template
from gbf_workbench.doors.panel import Panel
from gbf_workbench.doors.preparing import Preparation, open_preparation, shared_classes
from gbf_workbench.doors.preparing_controls import (
    indicator_options,
    mapping_controls,
    question_controls,
    suggestion_controls,
)
from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.pipeline import load
from gbf_workbench.preparation.answers import WORDS, question_of
from gbf_workbench.preparation.canonical import digest_of
from gbf_workbench.preparation.country import Country
from gbf_workbench.preparation.dictionary import dictionary_csv, dictionary_rules, dictionary_workbook
from gbf_workbench.preparation.mapping import table_mapping
from gbf_workbench.preparation.schema import schema_names, schema_of
from gbf_workbench.reporting.dictionary_page import dictionary_page

TABLE = "red_list_assessments"
HEAD = "species_id,taxonomic_group,year,category,range_share,scope"
GOOD = [
    "S1,Frogs,2000,LC,0.5,national", "S2,Frogs,2000,VU,0.25,national",
    "S1,Frogs,2010,LC,0.5,national", "S2,Frogs,2010,VU,0.25,national",
]  # fmt: skip


def country(folder: Path, text: str, name: str = f"{TABLE}.csv", mapping: dict | None = None) -> Path:
    """A country folder with one table of the Red List Index."""
    own = folder / "country" / "red_list_index"
    own.mkdir(parents=True)
    (own.parent / "country.yml").write_text("format: 1\ncode: XAR\nname: {en: Aruvia}\n", encoding="utf-8")
    (own / name).write_text(text, encoding="utf-8")
    if mapping:
        (own / "mapping.yml").write_text(yaml.safe_dump({"tables": {TABLE: mapping}}), encoding="utf-8")
    return own.parent


def opened(folder: Path, *rows: str, head: str = HEAD, **more) -> Preparation:
    return open_preparation("A.3", str(country(folder, "\n".join([head, *rows]) + "\n", **more)), language="en")


def widgets(parts: list, kind: type) -> list:
    """All widgets of a kind, however deep."""
    found = []
    for one in parts:
        found += [one] if isinstance(one, kind) else []
        found += widgets(list(getattr(one, "children", ())), kind)
    return found


def press(parts: list, words: str) -> None:
    next(one for one in widgets(parts, ipywidgets.Button) if words in one.description).click()


# --- Questions -------------------------------------------------------------------------------------------------------

#: One finding of each kind with an answer somebody might choose, and what has to stand in mapping.yml then.
ANSWERED = [
    (Issue("question", "check.cut_off", table=TABLE), "whole", {"complete": True}),
    (Issue("question", "check.ambiguous_number", table=TABLE), "comma", {"decimal_mark": ","}),
    (Issue("question", "check.which_encoding", table=TABLE), "Cyrillic", {"encoding": "cp1251"}),
    (Issue("question", "check.which_sheet", {"names": "Data, Old"}, TABLE), "Old", {"sheet": "Old"}),
    (Issue("question", "check.date_ambiguous", table=TABLE), "Month first", {"date_order": "mdy"}),
    (Issue("question", "check.fiscal_year", table=TABLE), "second", {"fiscal_year": "second"}),
    (Issue("question", "check.stand_in", {"field": "range_share"}, TABLE, value="-9"), "Yes",
     {"missing": {"range_share": ["-9"]}}),
    (Issue("question", "check.stand_in", {"field": "range_share"}, TABLE, value="-9"), "No",
     {"missing": {"range_share": []}}),
    (Issue("question", "check.total_row", table=TABLE, rows=(9,)), "leave", {"leave_out_rows": [9]}),
    (Issue("question", "check.total_row", table=TABLE, rows=(9,)), "keep", {"keep_rows": [9]}),
    (Issue("error", "check.missing_column", {"field": "year"}, TABLE, column="year"), "Jahr",
     {"columns": {"year": "Jahr"}}),
    (Issue("question", "check.asked_for", {"field": "scope"}, TABLE), "global", {"constants": {"scope": "global"}}),
    (Issue("question", "check.asked_for", {"field": "scope"}, TABLE), "not known", {"unknown": ["scope"]}),
    (Issue("question", f"tables.{TABLE}.rules.changes_explained", table=TABLE), "not known",
     {"unknown": ["reason_for_change"]}),
    (Issue("question", "check.rule_decided", {"field": "year"}, TABLE), "not known", {"unknown": ["year"]}),
    (Issue("error", "check.reference_missing", {"field": "year"}, TABLE, value="7"), "7",
     {"unmatched": {"year": ["7"]}}),
    (Issue("question", "check.share_in_fractions", {"field": "range_share"}, TABLE), "%",
     {"units": {"range_share": "%"}}),
    (Issue("error", "layer.no_crs_likely", {"likely": "WGS 84 (EPSG:4326)"}, "protected_areas"), "EPSG",
     {"crs": "EPSG:4326"}),
    (Issue("error", "layer.swapped_axes", table="protected_areas"), "wrong way", {"swap_axes": True}),
    (Issue("question", "layer.which_layer", {"names": "a, b"}, "protected_areas"), "b", {"layer": "b"}),
    (Issue("question", "rasters.which_band", {"count": 3}, "ecosystem_maps"), "Number 2", {"band": 2}),
    (Issue("question", "rasters.which_variable", {"choices": "lc, qa"}, "ecosystem_maps"), "lc", {"variable": "lc"}),
    (Issue("question", "rasters.is_it_nodata", table="ecosystem_maps", value="0"), "means no data", {"nodata": 0}),
    (Issue("error", "check.country_group", table=TABLE, rows=(3, 8)), "leave", {"leave_out_rows": [3, 8]}),
    (Issue("question", "check.country_na", {"field": "species_id"}, TABLE, value="NA"), "NAM",
     {"classes": {"species_id": {"NA": "NAM"}}}),
]  # fmt: skip


@pytest.mark.parametrize(("issue", "words", "written"), ANSWERED, ids=lambda one: getattr(one, "key", str(one)[:24]))
def test_every_kind_of_question_has_an_answer_that_mapping_understands(issue: Issue, words: str, written: dict):
    question = question_of(issue, ["Jahr", "Wert"], "en")
    added = next(more for said, more in question.answers if words in said)
    assert added == written
    table_mapping(issue.table, dict(added))


def test_what_is_not_in_the_list_can_be_typed():
    question = question_of(Issue("error", "layer.no_crs", table="protected_areas"), language="en")
    assert question.answers == ()
    assert question.typed(" EPSG:32745 ") == {"crs": "EPSG:32745"}
    band = question_of(Issue("question", "rasters.which_layer", {"count": 99}, "ecosystem_maps"))
    assert band.typed("71") == {"band": 71}


def test_every_remedy_that_names_a_word_of_the_mapping_has_a_control():
    from gbf_workbench.locales import texts

    words = {"complete", "decimal_mark", "encoding", "sheet", "date_order", "fiscal_year", "leave_out_rows", "units",
             "unmatched", "swap_axes", "crs", "nodata", "band", "variable", "missing"}  # fmt: skip
    named = {
        key.removesuffix(".remedy") for key, said in texts("en").items()
        if key.endswith(".remedy") and key.startswith(("check.", "layer.", "rasters.")) and "mapping.yml" in said
        and any(f"`{word}: " in said or f"({word})" in said for word in words)
    }  # fmt: skip
    assert named - set(WORDS) == set()


def test_a_question_of_a_brought_file_is_answered_at_the_desk_and_the_answer_can_be_taken_back(tmp_path: Path):
    path = tmp_path / "frogs.csv"
    path.write_text("\n".join([HEAD, *GOOD])[:-3], encoding="utf-8")
    panel = Panel(spec_of("A.3"), "", "", "en", {})
    desk = Desk(panel, ipywidgets.VBox())
    desk.receive((SimpleNamespace(path=path, name="frogs.csv"),))
    choice = next(w for w in widgets(desk.box.children, ipywidgets.Dropdown) if "whole" in str(w.options))
    choice.value = 0
    assert desk.arrivals[0].answers == {"complete": True}
    assert "check.cut_off" not in {issue.key for issue in panel.issues}
    press(desk.box.children, "complete")
    assert desk.arrivals[0].answers == {}
    assert "check.cut_off" in {issue.key for issue in panel.issues}


def test_answers_are_saved_together_and_the_data_are_checked_again(tmp_path: Path):
    rows = [row.rpartition(",")[0].replace("0.25", "-9999") for row in GOOD]
    page = opened(tmp_path, *rows, head=HEAD.rpartition(",")[0])
    assert {issue.key for issue in page.issues if issue.stops} >= {
        "check.stand_in",
        f"tables.{TABLE}.fields.scope.question",
    }
    controls = question_controls(page)
    for choice in widgets(controls, ipywidgets.Dropdown):
        wanted = "“national” in all rows" if "national" in str(choice.options) else "Yes, “-9999”"
        choice.value = next(at for said, at in choice.options if wanted in said)
    press(controls, "Save")
    assert [issue for issue in page.issues if issue.stops] == []
    assert page.words()[TABLE] == {"constants": {"scope": "national"}, "missing": {"range_share": ["-9999"]}}


# --- Columns and classes ---------------------------------------------------------------------------------------------


def test_a_suggestion_that_is_ticked_is_written_and_one_that_is_not_is_left(tmp_path: Path):
    rows = [row.replace("VU", "Vulnerabel") for row in GOOD]
    page = opened(tmp_path, *rows, head=HEAD.replace("species_id", "Code of the species"))
    controls = suggestion_controls(page)
    ticks = widgets(controls, ipywidgets.Checkbox)
    assert len(ticks) == 2
    ticks[0].value, ticks[1].value = False, True
    press(controls, "Save")
    assert page.words()[TABLE] == {"classes": {"category": {"Vulnerabel": "VU"}}}


def test_choosing_another_meaning_in_the_list_counts_as_a_tick(tmp_path: Path):
    page = opened(tmp_path, *(row.replace("VU", "Gefährdete Art") for row in GOOD))
    controls = suggestion_controls(page)
    choice = widgets(controls, ipywidgets.Dropdown)[0]
    choice.value = "VU"
    assert widgets(controls, ipywidgets.Checkbox)[0].value
    press(controls, "Save")
    assert page.tables is not None
    assert set(page.tables["species_assessments"]["category"]) == {"LC", "VU"}


def test_several_national_classes_that_become_one_are_named(tmp_path: Path):
    mapping = table_mapping(TABLE, {"classes": {"category": {"A1": "VU", "A2": "VU", "B": "LC"}}})
    (said,) = shared_classes({TABLE: mapping}, "en")
    assert "A1, A2" in said
    assert "“VU”" in said
    assert "B" not in said.replace("“", "").split("A2")[1].split("They")[0]


def test_a_broken_mapping_is_refused_and_the_old_one_stays(tmp_path: Path):
    page = opened(tmp_path, *GOOD)
    page.settle(TABLE, {"complete": True})
    before = page.mapping()
    with pytest.raises(WorkbenchError, match="colums"):
        page.rewrite(f"tables: {{{TABLE}: {{colums: {{year: Jahr}}}}}}")
    assert page.mapping() == before


def test_a_word_can_be_taken_back_and_the_question_is_there_again(tmp_path: Path):
    page = opened(tmp_path, *(row.rpartition(",")[0] for row in GOOD), head=HEAD.rpartition(",")[0])
    page.settle(TABLE, {"constants": {"scope": "national"}})
    assert page.tables is not None
    press(mapping_controls(page), "constants")
    assert page.words() == {TABLE: {}}
    assert f"tables.{TABLE}.fields.scope.question" in {issue.key for issue in page.issues}


def test_what_is_said_about_a_shipped_sample_leaves_the_sample_as_it_is():
    page = open_preparation("A.3", str(Path(gbf.__file__).parents[1] / "data_samples" / "aruvia"))
    sample = Path(page.folder)
    before = sorted(path.name for path in sample.rglob("*"))
    page.settle(TABLE, {"complete": True})
    assert "complete: true" in page.mapping()
    assert sorted(path.name for path in sample.rglob("*")) == before
    shutil.rmtree(page.folder)


def test_an_expert_overrules_a_note_with_name_date_and_reason(tmp_path: Path):
    page = opened(tmp_path, *(f"{row},x" for row in GOOD), head=f"{HEAD},office")
    flag = next(issue for issue in page.issues if issue.level == "flag")
    words = {"issue": flag.key, "name": "A. Botanist", "date": "2026-03-31", "reason": "Only for the archive."}
    page.settle(TABLE, {"overrules": [words]})
    assert [issue.key for issue in page.issues if issue.level == "flag"] == ["check.overruled"]
    assert "Only for the archive." in page._repairs_html()


# --- Which indicators ------------------------------------------------------------------------------------------------


def test_all_headline_and_binary_indicators_can_be_prepared_in_the_order_of_the_framework():
    codes = [code for _, code in indicator_options(Country(Path()), "en")]
    kinds = [indicator(code).kind for code in codes]
    assert len(codes) == len(set(codes))
    assert (kinds.count("headline"), kinds.count("binary")) == (27, 15)
    assert codes.index("A.1") < codes.index("B.1") < codes.index("1.1") < codes.index("10.1")


def test_the_same_files_are_looked_at_again_for_another_indicator(tmp_path: Path):
    path = tmp_path / "frogs.csv"
    path.write_text("\n".join([HEAD, *GOOD]) + "\n", encoding="utf-8")
    page = open_preparation("A.1", "", language="en")
    page.desk = Desk(page, ipywidgets.VBox(), asks=False)
    page.desk.receive((SimpleNamespace(path=path, name="frogs.csv"),))
    page.turn_to("A.3")
    assert page.tables is not None
    assert page.readings[0].line("en").startswith("CSV")


# --- Typing rows -----------------------------------------------------------------------------------------------------


def typed() -> list[dict[str, str]]:
    return [dict(zip(HEAD.split(","), row.split(","), strict=True)) for row in GOOD]


def test_rows_typed_into_the_form_are_the_same_table_as_their_file(tmp_path: Path):
    schema = schema_of(TABLE)
    by_form, issues = checked_rows(typed(), schema)
    assert issues == []
    for name, content in {"csv": rows_as_csv(typed(), schema), "xlsx": rows_in_template(typed(), schema, "en")}.items():
        folder = country(tmp_path / name, "", name=f"{TABLE}.{name}")
        (folder / "red_list_index" / f"{TABLE}.{name}").write_bytes(content)
        by_file = load("A.3", folder)["species_assessments"]
        assert digest_of(by_file) == digest_of(by_form)
        assert list(by_file.index) == list(by_form.index) == [2, 3, 4, 5]


def test_a_wrong_row_is_said_with_the_row_of_the_file_and_is_not_taken(tmp_path: Path):
    from gbf_workbench.doors.forms import Form

    form = Form(open_preparation("A.3", "", language="en"), schema_of(TABLE))
    for row in [*typed()[:1], {**typed()[1], "year": "2O00"}]:
        for name, value in row.items():
            form.fields[name].value = value
        form.add()
    assert [row["species_id"] for row in form.rows] == ["S1"]
    assert "row 3" in form.said.value
    assert "“2O00” is not a year" in form.said.value
    assert form.fields["year"].value == "2O00"
    form.remove(0)
    assert form.rows == []


def test_typed_rows_count_as_a_brought_file():
    from gbf_workbench.doors.forms import Form

    page = open_preparation("A.3", "", language="en")
    page.desk = Desk(page, ipywidgets.VBox(), asks=False)
    form = Form(page, schema_of(TABLE))
    form.rows = typed()
    form.use()
    assert len(page.tables["species_assessments"]) == 4
    assert page.issues == ()


def test_a_row_like_the_example_of_the_schema_is_data_where_somebody_typed_it():
    schema = schema_of(TABLE)
    example = {one.name: str(one.example) for one in schema.fields}
    table, _ = checked_rows([example], schema)
    assert len(table) == 1


# --- What can be taken away ------------------------------------------------------------------------------------------


def test_the_findings_of_one_table_are_one_workbook_with_the_cell_marked(tmp_path: Path):
    name, content = opened(tmp_path, *GOOD[:3], GOOD[3].replace("2010", "2O10")).findings()
    assert name == f"{TABLE}_marked.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(content))
    cell = book.worksheets[1].cell(5, 3)
    assert cell.value == "2O10"
    assert cell.fill.start_color.rgb.endswith("F4B6B6")
    assert "not a year" in cell.comment.text


def test_clean_files_are_read_as_what_they_were_made_from_and_say_how(tmp_path: Path):
    rows = [
        row.replace("VU", "Vulnerabel").replace(".", ",").replace(",", ";", 4).replace("national", "") for row in GOOD
    ]
    rows = [";".join([*row.split(";")[:4], row.split(";")[4].rstrip(",")]) for row in rows]
    mapping = {
        "columns": {"species_id": "Nr"}, "constants": {"scope": "national"}, "file": "Liste.csv",
        "classes": {"category": {"Vulnerabel": "VU"}},
    }  # fmt: skip
    head = "Nr;Groupe;Année;Catégorie;Part de l'aire"
    folder = country(tmp_path, "\n".join([head, *rows]) + "\n", name="Liste.csv", mapping=mapping)
    tables, clean = load("A.3", folder), tmp_path / "clean"
    gbf.save_clean(tables, clean)
    assert gbf.check("A.3", clean) == ()
    written = list(csv.reader((clean / "red_list_index" / f"{TABLE}.csv").read_text(encoding="utf-8").splitlines()))
    assert written[1] == ["S1", "Frogs", "2000", "LC", "0.5", "national"]
    record = json.loads((clean / "red_list_index" / "record.json").read_text(encoding="utf-8"))
    assert record["answers"][TABLE]["classes"] == {"category": {"Vulnerabel": "VU"}}
    assert {"file": "Liste.csv", "role": "species_assessments"}.items() <= record["sources"][0].items()
    assert any(one["before"] or one["reason"] for one in record["repairs"])


def test_a_number_that_could_be_a_thousand_stays_what_it_is_in_the_clean_file(tmp_path: Path):
    own = tmp_path / "country" / spec_of("5.1").slug
    own.mkdir(parents=True)
    (own.parent / "country.yml").write_text("format: 1\ncode: XAR\nname: {en: Aruvia}\n", encoding="utf-8")
    table = "fish_stock_assessments"
    (own / f"{table}.csv").write_text("stock_id,year,b_bmsy\nT1,2020,1.234\nT2,2020,1.571\n", encoding="utf-8")
    page = open_preparation("5.1", str(own.parent), language="en")
    page.settle(table, {"decimal_mark": "."})
    asked = [issue.key for issue in page.issues if issue.stops]
    assert asked == [], page.issues
    page.save(tmp_path / "clean")
    stocks = next(one for one in load("5.1", tmp_path / "clean").inputs.contents.values())
    assert list(stocks["b_bmsy"]) == [1.234, 1.571]


def test_clean_files_never_take_the_place_of_the_files_they_are_made_from(tmp_path: Path):
    folder = country(tmp_path, "\n".join([HEAD, *GOOD]) + "\n")
    with pytest.raises(WorkbenchError, match="cannot be written into the folder"):
        gbf.save_clean(load("A.3", folder), folder)


def test_the_command_line_writes_the_same_clean_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from gbf_workbench.doors.cli import main

    folder = country(tmp_path, "\n".join([HEAD, *GOOD]) + "\n")
    assert main(["clean", "A.3", str(folder), "--out", str(tmp_path / "clean")]) == 0
    assert "record.json" in capsys.readouterr().out
    assert gbf.check("A.3", tmp_path / "clean") == ()


# --- The data dictionary ---------------------------------------------------------------------------------------------


def test_the_dictionary_has_a_row_for_every_column_of_every_table_in_all_its_forms():
    schemas = [schema_of(name) for name in schema_names()]
    rows = list(csv.DictReader(io.StringIO(dictionary_csv(schemas, "en").decode("utf-8-sig"))))
    assert [(row["Table"], row["Column"]) for row in rows] == [(s.name, f) for s in schemas for f in s.names]
    assert all(row["What belongs here"] and row["Type"] for row in rows)
    book = openpyxl.load_workbook(io.BytesIO(dictionary_workbook(schemas, "en")))
    assert len(book.sheetnames) == len(schemas)
    page = dictionary_page(schemas, "en")
    assert all(f"<code>{name}</code>" in page for name in schema_names())


def test_the_dictionary_says_what_must_hold_between_columns():
    said = " ".join(dictionary_rules(schema_of(TABLE), "en"))
    assert "species_id + year" in said
    assert "scope is the same in all rows." in said
    assert "reason_for_change says why" in said
    every = [line for name in schema_names() for line in dictionary_rules(schema_of(name), "en")]
    assert not [line for line in every if "{" in line or "  " in line]


def test_classes_of_a_layer_are_suggested_as_those_of_a_table_are(tmp_path: Path):
    import geopandas as gpd

    sample = Path(gbf.__file__).parents[1] / "data_samples" / "aruvia"
    shutil.copytree(sample / "frame", tmp_path / "frame")
    shutil.copy(sample / "country.yml", tmp_path)
    own = tmp_path / "protected_area_coverage"
    own.mkdir()
    sites = gpd.read_file(sample / own.name / "protected_areas.gpkg").head(5)
    sites["status"] = "designated site"
    sites.to_file(own / "protected_areas.gpkg")
    page = open_preparation("3.1", str(tmp_path), language="en")
    (one,) = page.suggestions["protected_areas"]
    assert (one.written, one.meant, one.count) == ("designated site", "Designated", 5)
    controls = suggestion_controls(page)
    widgets(controls, ipywidgets.Checkbox)[0].value = True
    press(controls, "Save")
    assert page.tables is not None
    assert "EPSG:4326" in page.readings[0].line("en") or "EPSG:4326" in " ".join(r.line("en") for r in page.readings)


def test_a_file_that_cannot_be_opened_is_said_on_the_page_and_nothing_old_stays(tmp_path: Path):
    page = opened(tmp_path, *GOOD)
    page.desk = Desk(page, ipywidgets.VBox(), asks=False)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing")
    page.desk.receive((SimpleNamespace(path=broken, name="broken.xlsx"),))
    assert page.tables is None
    assert page.message or any(issue.stops for issue in page.issues)
    page.turn_to("A.1")
    assert page.tables is None


# --- Readiness -------------------------------------------------------------------------------------------------------


def test_the_page_of_readiness_shows_one_state_at_a_time_and_is_written_where_nobody_watches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GBF_DOOR", "batch")
    folder = country(tmp_path, "\n".join([HEAD, *GOOD]) + "\n")
    page = gbf.open_readiness(str(folder), str(tmp_path / "out"), "en")
    assert len(page.ready) == 27 + 15
    page._only("computable")
    assert "A.3" in page._table_html()
    assert "D.2" not in page._table_html()
    page.downloads()
    written = (tmp_path / "out" / "readiness.html").read_text(encoding="utf-8")
    assert "A.3" in written
    assert "D.2" in written


def test_the_page_of_readiness_says_what_is_wrong_with_a_folder_and_shows_no_old_table(tmp_path: Path):
    page = gbf.open_readiness(str(country(tmp_path, "\n".join([HEAD, *GOOD]) + "\n")), "", "en")
    page.take(str(tmp_path / "nowhere"))
    assert page.ready == []
    assert "does not exist" in page._table_html()
