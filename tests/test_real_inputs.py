"""Real files of offices and museums load with the right outcome, and sums of their rows are those they published."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.errors import Issue
from gbf_workbench.pipeline import check, compute, load
from gbf_workbench.preparation.country import open_country
from gbf_workbench.preparation.inputs import read_inputs
from tests.bad_inputs.case import make_country, own_folder
from tests.peers import coverage_folder


def _brought(folder: Path, code: str, source: Path, table: str, words: Mapping[str, Any]) -> Path:
    """A country folder with one file as it was published, and what its owner says of it."""
    make_country(folder)
    own = own_folder(folder, code)
    content = source.read_bytes()
    name = source.name.removesuffix(".gz")
    (own / name).write_bytes(gzip.decompress(content) if source.suffix == ".gz" else content)
    said = {"tables": {table: {"file": name, "complete": True, **words}}}
    (own / "mapping.yml").write_text(yaml.safe_dump(said), encoding="utf-8")
    return folder


def _table(folder: Path, code: str, table: str) -> tuple[Any, list[Issue]]:
    """The checked table, and what was said about it alone."""
    spec = spec_of(code)
    inputs = read_inputs(spec, open_country(folder))
    role = next(name for name, one in spec.inputs.items() if one.table == table)
    return inputs.contents.get(role), [issue for issue in inputs.issues if issue.table == table and issue.file]


@pytest.fixture
def budget(verify: Path, tmp_path: Path) -> Path:
    """Budget lines of a ministry of finance, 16,799 of them, with thousands marks and genuine duplicates."""
    words = {
        "columns": {"amount": "Value", "stage": "Budget Type", "ministry": "Ministry", "department": "Department"},
        "constants": {"currency": "VUV", "price_basis": "current"},
    }
    source = verify / "D.2" / "vnso_full_government-financial-statistics.csv"
    return _brought(tmp_path / "country", "D.2", source, "public_expenditure", words)


def test_a_real_budget_gives_every_published_cell(budget: Path, verify: Path):
    table, found = _table(budget, "D.2", "public_expenditure")
    assert not [issue for issue in found if issue.stops]
    assert len(table) == 16_799
    millions: dict[tuple[str, int, str], float] = defaultdict(float)
    for row in table.itertuples():
        millions[row.department, int(row.year), row.stage] += row.amount / 1e6
    stages = {"Original Budget": "original budget", "Actual Spent": "spent"}
    with (verify / "D.2" / "published_government-financial-statistics.csv").open(encoding="utf-8-sig") as file:
        published = {
            (" ".join(row["Department"].split()), int(row["Year"]), stages[row["Series"].strip()]): float(row["Value"])
            for row in csv.DictReader(file)
            if row["Department"] and row["Value"]
        }
    # Some departments have another name in the one file than in the other.
    shared = published.keys() & millions.keys()
    assert len(shared) == 3033
    wrong = {cell: millions[cell] for cell in shared if abs(millions[cell] - published[cell]) > 1}
    assert wrong == {}


def test_rows_of_a_budget_that_are_the_same_are_kept_and_said(budget: Path):
    _, found = _table(budget, "D.2", "public_expenditure")
    same = [issue for issue in found if issue.level == "flag" and "same" in issue.sentence("en").lower()]
    assert len(same) == 1
    assert len(same[0].rows) >= 265


def test_a_real_red_list_asks_for_what_it_lacks_and_knows_its_categories(verify: Path, tmp_path: Path):
    source = verify / "species" / "redlist_flanders_odonata_2006.csv"
    constants = {"scope": "national", "taxonomic_group": "Dragonflies", "year": 2006}
    folder = _brought(tmp_path / "c", "A.3", source, "red_list_assessments", {"constants": constants})
    table, found = _table(folder, "A.3", "red_list_assessments")
    assert not [issue for issue in found if issue.stops], [issue.line() for issue in found]
    with source.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    meant = {"Least Concern (LC)": "LC", "Data Deficient (DD)": "DD", "Critically Endangered (CR)": "CR",
             "Vulnerable (VU)": "VU", "Regionally Extinct (RE)": "RE", "Not Evaluated (NE)": "NE",
             "Endangered (EN)": "EN", "Near Threatened (NT)": "NT"}  # fmt: skip
    assert list(table["category"]) == [meant[row["threatStatus"]] for row in rows]


def test_without_a_word_on_year_and_scope_a_red_list_is_not_taken(verify: Path, tmp_path: Path):
    source = verify / "species" / "redlist_flanders_odonata_2006.csv"
    folder = _brought(tmp_path / "c", "A.3", source, "red_list_assessments", {})
    lacking = {issue.column for issue in check("A.3", folder) if issue.level == "error"}
    assert {"scope", "year", "taxonomic_group"} <= lacking


def test_a_real_occurrence_cube_loads_row_by_row(verify: Path, tmp_path: Path):
    source = verify / "6.1" / "input_portugal_cube_griis_species.csv.gz"
    folder = _brought(tmp_path / "c", "6.1", source, "occurrence_cube", {"columns": {"year": "yearmonth"}})
    table, found = _table(folder, "6.1", "occurrence_cube")
    assert not [issue for issue in found if issue.stops], [issue.line() for issue in found]
    with gzip.open(source, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(table) == len(rows)
    assert int(table["occurrences"].sum()) == sum(int(float(row["occurrences"])) for row in rows)
    assert list(table["year"]) == [int(row["yearmonth"][:4]) for row in rows]


def test_a_real_checklist_names_its_two_contradictions_and_loads_once_they_are_settled(verify: Path, tmp_path: Path):
    source = verify / "6.1" / "griis_costa_rica.csv"
    folder = _brought(tmp_path / "c", "6.1", source, "alien_species_checklist", {})
    _, found = _table(folder, "6.1", "alien_species_checklist")
    # Two species stand there with and without author, once as invasive and once not.
    assert sorted({row for issue in found if issue.stops for row in issue.rows}) == [392, 393, 429, 430]
    words = {"leave_out_rows": [392, 429]}
    settled = _brought(tmp_path / "settled", "6.1", source, "alien_species_checklist", words)
    table, found = _table(settled, "6.1", "alien_species_checklist")
    assert not [issue for issue in found if issue.stops], [issue.line() for issue in found]
    with source.open(encoding="utf-8-sig") as file:
        rows = [
            tuple(value for name, value in row.items() if name not in ("id", "taxonID")) for row in csv.DictReader(file)
        ]
    assert len(table) == len(set(rows)) - 2


def test_real_polygons_of_protected_areas_load_and_the_invented_regions_are_covered(verify: Path, tmp_path: Path):
    folder = coverage_folder(verify, tmp_path)
    found = check("3.1", folder)
    assert not [issue for issue in found if issue.stops], [issue.line() for issue in found]
    layer = load("3.1", folder)["protected_areas"]
    assert layer.geometry.is_valid.all()
    covered = compute("3.1", folder).data
    assert covered.loc[covered["disaggregation_type"] == "Province", "value"].max() > 1000
