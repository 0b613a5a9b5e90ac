"""Readiness is read from the data: what can be computed today, what is missing, and where to get it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gbf_workbench.doors.cli import main
from gbf_workbench.preparation.country import open_country
from gbf_workbench.preparation.readiness import STATES, readiness
from gbf_workbench.preparation.sources.catalogue import sources
from gbf_workbench.reporting.readiness_page import readiness_page, readiness_rows
from tests.bad_inputs.case import Table, make_country, put_tables

ROOT = Path(__file__).resolve().parents[2]
ARUVIA = ROOT / "data_samples" / "aruvia"


def _states(folder: Path) -> dict[str, str]:
    return {one.spec.code: one.state for one in readiness(open_country(folder))}


def _part_of_sample(where: Path, *slugs: str) -> Path:
    """The sample country with the data of a few indicators."""
    folder = where / "country"
    folder.mkdir()
    for name in ("country.yml", "frame", *slugs):
        (shutil.copytree if (ARUVIA / name).is_dir() else shutil.copy)(ARUVIA / name, folder / name)
    return folder


def test_every_headline_and_binary_indicator_is_judged_in_the_order_of_the_framework(tmp_path: Path):
    found = readiness(open_country(make_country(tmp_path / "empty")))
    assert len(found) == 27 + 15
    assert {one.state for one in found} == {"absent"}
    assert [one.spec.code for one in found][:3] == ["A.1", "A.2", "A.3"]


@pytest.mark.slow
def test_the_sample_country_can_compute_every_indicator_and_questionnaire():
    states = _states(ARUVIA)
    assert len(states) == 27 + 15
    assert {code: state for code, state in states.items() if state != "computable"} == {}


def test_a_table_with_an_error_is_to_mend_and_a_part_of_the_tables_is_incomplete(tmp_path: Path):
    folder = _part_of_sample(tmp_path, "red_list_index", "natural_ecosystem_extent", "protected_area_coverage")
    put_tables(folder, "A.3", [Table("red_list_assessments", [["species_id", "year"], ["a", "soon"]])])
    (folder / "natural_ecosystem_extent" / "ecosystem_types.csv").unlink()
    states = _states(folder)
    assert states["A.3"] == "to_mend"
    assert states["A.2"] in ("partial", "to_mend")
    assert states["3.1"] == "computable"


def test_what_is_missing_comes_with_a_way_sources_time_and_whom_to_ask(tmp_path: Path):
    country = open_country(make_country(tmp_path / "empty"))
    known = set(sources())
    for one, row in zip(readiness(country), readiness_rows(readiness(country), country, "en"), strict=True):
        code, _, _, way, missing, _, time, asks = row
        assert all((way, missing, time, asks)), code
        assert one.way.weeks[0] <= one.way.weeks[1]
        assert set(one.way.sources) <= known, code


def test_the_page_and_the_command_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture):
    folder = _part_of_sample(tmp_path, "red_list_index", "sustainable_fish_stocks")
    assert main(["ready", str(folder), "--out", str(tmp_path / "ready.html")]) == 0
    said = capsys.readouterr().out
    page = (tmp_path / "ready.html").read_text(encoding="utf-8")
    assert "42 indicators: 2 can be computed" in said
    assert "42 indicators: 2 can be computed" in page
    assert page == readiness_page(readiness(open_country(folder)), open_country(folder), "en")
    assert set(STATES) == {"computable", "to_mend", "partial", "absent"}
