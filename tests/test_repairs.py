"""What a repair did to the number is known, shown where it matters, and an expert may overrule it by name."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
import yaml

from gbf_workbench.pipeline import check, compute
from gbf_workbench.reporting.files import save
from tests.bad_inputs.case import Table, make_country, own_folder, put_tables

ROWS = [
    ["species_id", "taxonomic_group", "year", "category", "reason_for_change", "range_share", "scope"],
    *[[f"B{n}", "Birds", str(year), category, reason, "", "national"]
      for n in range(1, 6) for year, category, reason in ((2010, "LC", ""), (2020, "LC", ""))],
]  # fmt: skip
OLD = "LR/cd"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten assessments, one of them in a category of 1994 that stands for Near Threatened."""
    country = make_country(tmp_path / "country")
    rows = [list(row) for row in ROWS]
    rows[2][3], rows[2][4] = OLD, "genuine"
    put_tables(country, "A.3", [Table("red_list_assessments", rows)])
    return country


def _overrule(folder: Path, code: str, table: str, **word: object) -> None:
    said = {"issue": "", "name": "A. Expert", "date": "2026-03-31", "reason": "Seen in the field book.", **word}
    own = own_folder(folder, code)
    name = next(path.name for path in own.iterdir() if path.stem == table)
    (own / "mapping.yml").write_text(yaml.safe_dump({"tables": {table: {"file": name, "overrules": [said]}}}))


def test_the_effect_of_a_repair_is_recorded_and_shown_beside_the_number(folder: Path, tmp_path: Path):
    result = compute("A.3", folder, replicates=100)
    (effect,) = [one for one in result.repairs if one.repair.rows == (3,)]
    # Read as NT the index is 1 - 1/25; without the repair the category is not known, and there is no index at all.
    assert effect.value == pytest.approx(0.96)
    assert effect.without is None
    (shown,) = [issue for issue in result.issues if issue.key == "findings.effect_none"]
    assert shown.level == "flag"
    assert effect.repair.sentence("fr") in shown.sentence("fr")
    save(result, tmp_path / "out")
    record = json.loads((tmp_path / "out" / "result.json").read_text())
    assert {"value", "without", "change", "key", "table", "rows"} <= set(record["repairs"][0])


def _square(x: float, y: float, side: float) -> shapely.Polygon:
    return shapely.box(x, y, x + side, y + side)


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """Two sites of 100 km² each, one of them twice."""
    country = make_country(tmp_path / "country", {
        "frame": {"land": {"file": "land.gpkg", "source": "Made for a test."}, "sea": "none"},
    })  # fmt: skip
    gpd.GeoDataFrame(geometry=[_square(0, 0, 100_000)], crs="EPSG:6933").to_file(country / "land.gpkg")
    sites = gpd.GeoDataFrame(
        {"site_id": ["1", "2", "2"], "name": ["A", "B", "B"], "site_type": "PA", "status": "Designated",
         "status_year": [2000, 2001, 2001]},
        geometry=[_square(0, 0, 10_000), _square(50_000, 0, 10_000), _square(50_000, 0, 10_000)], crs="EPSG:6933",
    )  # fmt: skip
    sites.to_file(own_folder(country, "3.1") / "protected_areas.gpkg")
    return country


def test_a_repair_that_changes_nothing_is_recorded_and_not_shown_beside_the_number(layer: Path):
    result = compute("3.1", layer)
    duplicates = [one for one in result.repairs if one.repair.rows and 3 in one.repair.rows]
    assert [one.change for one in duplicates] == [0.0]
    assert not [issue for issue in result.issues if issue.key.startswith("findings.effect")]


def test_an_expert_may_overrule_a_repair_and_the_record_says_who_when_and_why(layer: Path):
    (repair,) = [issue for issue in check("3.1", layer) if issue.level == "repair" and 3 in issue.rows]
    _overrule(layer, "3.1", "protected_areas", issue=repair.key)
    result = compute("3.1", layer)
    (said,) = [issue for issue in result.issues if issue.key == "check.overruled"]
    assert [said.values[word] for word in ("name", "date", "why")] == [
        "A. Expert", "2026-03-31", "Seen in the field book.",
    ]  # fmt: skip
    # What was overruled is said in the language of the reader, not only in that of the run.
    for language in ("en", "fr", "ar"):
        assert repair.sentence(language) in said.sentence(language)
    assert not [issue for issue in result.issues if issue.key == repair.key]


@pytest.mark.parametrize("missing", ["name", "date", "reason"])
def test_an_overrule_without_name_date_or_reason_is_refused(folder: Path, missing: str):
    _overrule(folder, "A.3", "red_list_assessments", issue="check.synonym", **{missing: ""})
    (issue,) = [one for one in check("A.3", folder) if one.level == "error"]
    assert missing in issue.sentence("en")


def test_before_and_after_of_a_repair_are_in_its_record(folder: Path):
    (repair,) = [issue for issue in check("A.3", folder) if issue.level == "repair" and issue.rows == (3,)]
    record = repair.record("en")
    assert (record["before"], record["after"]) == (OLD, "NT")
