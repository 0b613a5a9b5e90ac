"""A result belongs to the very bytes it was computed from: another content under the same name is another input."""

from __future__ import annotations

from pathlib import Path

import pytest

import gbf_workbench as gbf
from tests.bad_inputs.case import covers

CODE = "3f0c6f1e-5d0b-4c57-9e0e-0d5c2f1b7a11"
ROWS = "year,value\n2020,120\n2021,125\n"


@pytest.fixture
def country(tmp_path: Path) -> Path:
    (tmp_path / "country.yml").write_text(
        "format: 1\ncode: XAR\nname: {en: Aruvia}\n"
        f"national_indicators:\n  - {{code: {CODE}, name: {{en: Hedgerows}}, unit: km}}\n",
        encoding="utf-8",
    )
    return tmp_path


def put(country: Path, content: str) -> None:
    own = country / "national" / CODE
    own.mkdir(parents=True, exist_ok=True)
    (own / "indicator_values.csv").write_text(content, encoding="utf-8")


@covers("JA-07")
def test_one_changed_byte_under_the_same_name_gives_another_number_and_another_recipe(country: Path):
    put(country, ROWS)
    first = gbf.compute(CODE, country)
    put(country, ROWS.replace("125", "126"))
    second = gbf.compute(CODE, country)
    [was], [now] = first.provenance.inputs, second.provenance.inputs
    assert was.name == now.name
    assert was.name.endswith("indicator_values.csv")
    assert was.sha256 != now.sha256
    assert (first.latest["value"], second.latest["value"]) == (125, 126)
    assert first.recipe != second.recipe


@covers("JA-07")
def test_the_same_content_has_the_same_number_and_recipe_whatever_was_computed_between(country: Path):
    found = []
    for content in (ROWS, ROWS.replace("120", "7"), ROWS):
        put(country, content)
        found.append(gbf.compute(CODE, country))
    assert found[0].recipe == found[2].recipe != found[1].recipe
    assert found[0].data.equals(found[2].data)


@covers("NU-14")
def test_blank_cells_are_no_data_and_never_nought(country: Path):
    put(country, "year,value\n2020,\n2021,0\n2022,7\n")
    totals = gbf.compute(CODE, country).data.set_index("year")
    assert totals["value_status"].to_dict() == {2020: "missing", 2021: "measured", 2022: "measured"}
    assert totals["value"].isna().to_dict() == {2020: True, 2021: False, 2022: False}
    assert totals.loc[2021, "value"] == 0


@covers("NU-10")
@pytest.mark.parametrize("words", ["inf", "1e999"])
def test_no_infinite_number_gets_as_far_as_a_result(country: Path, words: str):
    put(country, f"year,value\n2020,{words}\n2021,5\n")
    [issue] = [one for one in gbf.check(CODE, country) if one.stops]
    assert (issue.key, issue.rows, issue.column, issue.value) == ("check.not_finite", (2,), "value", words)
