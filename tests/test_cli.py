"""The command line: what it prints, what it writes, and the exit code a script can trust."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gbf_workbench.doors.cli import main

ROOT = Path(__file__).resolve().parent.parent
WORKED = ROOT / "data_samples" / "worked" / "red_list_index"


@pytest.fixture
def country(tmp_path: Path) -> Path:
    """A copy of the worked example that a test may spoil."""
    return Path(shutil.copytree(WORKED, tmp_path / "country"))


def spoil(country: Path, old: str, new: str) -> None:
    path = country / "red_list_index" / "red_list_assessments.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_find_and_describe_answer_in_words(capsys: pytest.CaptureFixture[str]):
    assert main(["find", "red", "list", "--kind", "headline"]) == 0
    said = capsys.readouterr().out
    assert "A.3" in said
    assert "A.1" in said
    assert "5.CT.1" not in said
    assert main(["describe", "3.1"]) == 0
    assert "GBF-INDICATOR-3.1" in capsys.readouterr().out


def test_compute_writes_the_tidy_rows_and_the_record(country: Path, tmp_path: Path):
    assert main(["compute", "A.3", str(country), "--out", str(tmp_path / "out")]) == 0
    with (tmp_path / "out" / "result.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "indicator", "area", "year", "disaggregation_type", "disaggregation", "value", "unit",
        "lower", "upper", "n", "value_status", "note",
    ]  # fmt: skip
    record = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert record["recipe"] == record["provenance"]["recipe"]
    assert len(record["recipe"]) == 12
    assert [one["name"] for one in record["provenance"]["inputs"]] == ["red_list_index/red_list_assessments.csv"]
    by_key = {(r["year"], r["disaggregation_type"]): r["value"] for r in record["data"]}
    assert {float(r["value"]) for r in rows if r["year"] == "2010"} >= {by_key[2010, ""]}


def test_wrong_data_say_every_problem_on_the_error_stream_and_exit_with_2(
    country: Path, capsys: pytest.CaptureFixture[str]
):
    spoil(country, "S1,Frogs,2000,LC", "S1,Frogs,MM,LC")
    spoil(country, "S2,Frogs,2010,VU", "S2,Frogs,2010,Vulnerabel")
    assert main(["compute", "A.3", str(country)]) == 2
    said = capsys.readouterr().err
    assert "row 2" in said
    assert "MM" in said
    assert "row 5" in said
    assert "Vulnerabel" in said
    assert main(["check", "A.3", str(country)]) == 2


@pytest.mark.parametrize(
    "words",
    [
        ["compute", "A.9", str(WORKED)],
        ["compute", "A.3", "/no/such/folder"],
        ["run", str(WORKED), "--only", "A.3", "B.9"],
        ["--language", "xx", "find"],
        ["find", "--language", "xx"],
        ["compute"],
        ["check"],
    ],
)
def test_wrong_use_exits_with_2_and_never_with_a_traceback(words: list[str], capsys: pytest.CaptureFixture[str]):
    try:
        code = main(words)
    except SystemExit as left:  # argparse leaves in its own way
        code = left.code
    assert code == 2
    said = capsys.readouterr().err
    assert said
    assert "Traceback" not in said


def test_a_mistyped_setting_in_country_yml_stops_the_batch_before_it_begins(
    country: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (country / "country.yml").write_text(
        "format: 1\ncode: XAR\nname: {en: X}\nsettings:\n  red_list_index: {replicats: 5}\n", encoding="utf-8"
    )
    assert main(["run", str(country), "--out", str(tmp_path / "out")]) == 2
    assert "replicats" in capsys.readouterr().err


def test_a_batch_shows_what_ran_failed_and_lacked_data_and_exits_with_1(country: Path, tmp_path: Path):
    own = country / "protected_area_coverage"
    own.mkdir()
    (own / "protected_areas.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    out = tmp_path / "out"
    assert main(["run", str(country), "--out", str(out)]) == 1
    with (out / "summary.csv").open(encoding="utf-8", newline="") as file:
        states = {row["indicator"]: (row["state"], row["reason"]) for row in csv.DictReader(file)}
    assert states["A.3"] == ("ok", "")
    assert states["A.2"][0] == "lacking"
    assert states["3.1"][0] == "failed"
    assert "protected_areas.geojson" in states["3.1"][1]
    done = out / "A-3_red_list_index"
    assert {path.name for path in done.iterdir()} == {
        "A-3_red_list_index.ipynb", "A-3_red_list_index.html", "A-3_red_list_index_upload.xlsx",
        "result.csv", "result.json", "chart.png",
    }  # fmt: skip
    failed = out / "03-1_protected_area_coverage"
    assert [path.name for path in failed.iterdir()] == ["issues.json"]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "A-3_red_list_index/A-3_red_list_index.html" in page
    assert "http://" not in page
    assert "https://" not in page
    assert not list(out.glob(".*"))


def test_a_page_of_a_batch_holds_no_code_and_loads_nothing(country: Path, tmp_path: Path):
    out = tmp_path / "out"
    assert main(["run", str(country), "--out", str(out), "--only", "A.3"]) == 0
    page = (out / "A-3_red_list_index" / "A-3_red_list_index.html").read_text(encoding="utf-8")
    assert "open_panel" not in page
    assert "<script" not in page
    assert 'src="http' not in page
    assert 'href="http' not in page
    assert "0.450 index in 2010" in page


def test_checking_a_workbook_made_elsewhere_finds_what_its_importer_would_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    from openpyxl import Workbook

    book = Workbook()
    header = [
        "Indicator code", "Indicator", "Does this data row represent a disaggregation", "Disaggregation type",
        "Disaggregation", "Year", "Unit", "Value", "Footnote",
    ]  # fmt: skip
    book.active.append(header)
    book.active.append(["3.1", "Coverage", "No", None, None, 2020, "%", 12.5, None])
    path = tmp_path / "made_elsewhere.xlsx"
    book.save(path)
    assert main(["check", "--workbook", str(path)]) == 0
    book.active.append(["3.1", "Coverage", "No", None, None, 2021, "%", "12,5", None])
    book.save(path)
    assert main(["check", "--workbook", str(path)]) == 2
    said = capsys.readouterr().err
    assert "12,5" in said
    assert "row 3" in said


def test_importing_the_package_costs_next_to_nothing():
    asked = "import gbf_workbench, sys; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert "gbf_workbench" in loaded
    assert not {"numpy", "pandas", "geopandas", "matplotlib", "yaml", "ipywidgets", "papermill"} & set(loaded)


def test_a_report_without_a_single_number_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "country.yml").write_text("format: 1\ncode: XAR\nname: {en: X}\n", encoding="utf-8")
    assert main(["report", str(tmp_path), "--out", str(tmp_path / "report.docx")]) == 1
    assert main(["run", str(tmp_path), "--out", str(tmp_path / "out")]) == 1


def test_mistyped_years_of_the_workbook_are_refused(country: Path, capsys: pytest.CaptureFixture[str]):
    (country / "country.yml").write_text(
        "format: 1\ncode: XAR\nname: {en: X}\nworkbook: {frist_year: 2020, last_year: soon}\n", encoding="utf-8"
    )
    assert main(["check", "A.3", str(country)]) == 2
    said = capsys.readouterr().err
    assert "frist_year" in said
    assert "soon" in said
