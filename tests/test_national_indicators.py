"""A country's own indicator goes through check, compute, batch and workbook like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

import gbf_workbench as gbf
from gbf_workbench.doors.batch import run
from gbf_workbench.reporting.importer_rules import read_as_importer

CODE = "3f0c6f1e-5d0b-4c57-9e0e-0d5c2f1b7a11"


@pytest.fixture
def country(tmp_path: Path) -> Path:
    """A country with one indicator of its own and nothing else."""
    (tmp_path / "country.yml").write_text(
        "format: 1\ncode: XAR\nname: {en: Aruvia, fr: Aruvie}\n"
        "national_indicators:\n"
        f"  - {{code: {CODE}, name: {{en: Length of hedgerows, fr: Longueur des haies}}, unit: km}}\n",
        encoding="utf-8",
    )
    own = tmp_path / "national" / CODE
    own.mkdir(parents=True)
    (own / "indicator_values.csv").write_text(
        "year,value,disaggregation_type,disaggregation,lower,upper,value_status\n"
        "2020,120,,,110,130,\n2021,0,,,,,\n2022,,,,,,suppressed\n2021,0,Province,North,,,\n",
        encoding="utf-8",
    )
    return tmp_path


def test_its_values_are_passed_on_and_zero_missing_and_withheld_stay_apart(country: Path):
    data = gbf.compute(CODE, country).data
    assert set(data["indicator"]) == {CODE}
    assert set(data["unit"]) == {"km"}
    totals = data[data["disaggregation_type"] == ""].set_index("year")
    assert totals.loc[2020, ["value", "lower", "upper"]].tolist() == [120, 110, 130]
    assert totals.loc[2021, "value"] == 0
    assert totals.loc[2021, "value_status"] == "measured"
    assert totals.loc[2022, "value_status"] == "suppressed"


def test_it_runs_in_a_batch_and_its_workbook_carries_its_uuid(country: Path, tmp_path: Path):
    ended = run(country, tmp_path / "out", only=[CODE])
    [unit] = ended.units
    assert (unit.state, unit.reason) == ("ok", "")
    [workbook] = unit.folder.glob("*.xlsx")
    rows = read_as_importer(workbook, CODE)
    assert rows.refused is None
    assert rows.accepted["value"].tolist() == [120, 0, 0]
    assert "Longueur des haies" not in unit.folder.joinpath("result.csv").read_text(encoding="utf-8")


def test_two_totals_for_one_year_are_named_by_row(country: Path):
    path = country / "national" / CODE / "indicator_values.csv"
    path.write_text("year,value\n2020,1\n2020,2\n", encoding="utf-8")
    [issue] = [one for one in gbf.check(CODE, country) if one.stops]
    assert issue.key == "check.duplicate_key"
    assert issue.rows == (2, 3)


def test_an_interval_that_does_not_hold_its_value_is_refused(country: Path):
    path = country / "national" / CODE / "indicator_values.csv"
    path.write_text("year,value,lower,upper\n2020,1,2,3\n2021,1,0,\n", encoding="utf-8")
    with pytest.raises(gbf.WorkbenchError) as refused:
        gbf.compute(CODE, country)
    assert refused.value.issues[0].rows == (2, 3)


def test_a_code_that_is_no_uuid_is_refused_with_all_that_is_wrong(tmp_path: Path):
    (tmp_path / "country.yml").write_text(
        "format: 1\ncode: XAR\nname: {en: A}\nnational_indicators:\n  - {code: 12, name: {en: X}}\n", encoding="utf-8"
    )
    with pytest.raises(gbf.WorkbenchError) as refused:
        gbf.compute("A.3", tmp_path)
    assert len(refused.value.issues) >= 2
