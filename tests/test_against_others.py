"""The whole path held against the results of others: their files as they are, a mapping, `gbf compute`, `gbf run`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from gbf_workbench.doors.batch import run
from gbf_workbench.doors.cli import main
from tests.peers import coverage_folder, extent_folder, red_list_folder

Rows = dict[tuple[int, str, str, str], dict[str, Any]]


def computed(code: str, folder: Path, out: Path) -> Rows:
    """Rows of ``result.json`` after ``gbf compute``, by year, breakdown, class and unit."""
    assert main(["compute", code, str(folder), "--out", str(out)]) == 0
    return by_key(out / "result.json")


def by_key(path: Path) -> Rows:
    rows = json.loads(path.read_text(encoding="utf-8"))["data"]
    return {(r["year"], r["disaggregation_type"], r["disaggregation"], r["unit"]): r for r in rows}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_red_list_index_of_the_global_lists(verify: Path, tmp_path: Path):
    ours = computed("A.3", red_list_folder(verify, tmp_path / "country"), tmp_path / "out")
    expected = table(verify / "A.3" / "expected_rli_by_group_year.csv")
    assert len(expected) == 13
    for row in expected:
        value = ours[int(row["year"]), "Taxonomic group", row["group"], "index"]["value"]
        assert value == pytest.approx(float(row["rli_excluding_dd"]), abs=1e-12)


def test_the_coverage_that_wdpar_gives(verify: Path, tmp_path: Path):
    ours = computed("3.1", coverage_folder(verify, tmp_path / "country"), tmp_path / "out")
    peer = {r["quantity"]: float(r["value"]) for r in table(verify / "3.1" / "expected_wdpar_mexico.csv")}
    year = max(key[0] for key in ours)
    union = ours[year, "", "", "km2"]["value"]
    # Circles for points and a grid of 1 m make the peer's areas differ by up to 0.05 %.
    assert union == pytest.approx(peer["dissolved_km2"], rel=5e-4)
    for region in ("61", "143", "772"):
        share = ours[year, "Province", region, "%"]["value"]
        assert share == pytest.approx(peer[f"region{region}_protected_pct"], rel=5e-4)
        area = ours[year, "Province", region, "km2"]["value"]
        assert area == pytest.approx(peer[f"region{region}_protected_km2"], rel=5e-4)
    categories = {
        key[2]: row["value"] for key, row in ours.items() if key[:2] == (year, "IUCN category") and key[3] == "km2"
    }
    for name, value in categories.items():
        assert value == pytest.approx(peer[f"erased_IUCN_{name}"], rel=5e-4)
    assert len(categories) == 5
    assert sum(categories.values()) == pytest.approx(union, rel=1e-12)


@pytest.mark.parametrize(("pixel_area", "tolerance"), [("grid", 1e-9), ("ellipsoid", 2e-4)])
def test_the_change_matrices_of_three_maps(verify: Path, tmp_path: Path, pixel_area: str, tolerance: float):
    folder = extent_folder(verify, tmp_path / "country", pixel_area=pixel_area)
    ours = computed("A.2", folder, tmp_path / "out")
    names = {"1": "Forest", "2": "Built", "3": "Other"}
    compared = 0
    for closing in (1991, 1999):
        expected = table(verify / "A.2" / f"expected_crosstab_pie_1985_{closing}.csv")
        found = {
            key[2]: row for key, row in ours.items() if key[:2] == (closing, f"Change, 1985–{closing}") and row["n"]
        }
        for row in expected:
            pair = f"{names[row['from_1985']]} → {names[row[f'to_{closing}']]}"
            assert found[pair]["n"] == int(row["cells"])
            assert found[pair]["value"] == pytest.approx(float(row["area_km2"]), rel=tolerance)
            compared += 1
        assert len(found) == len(expected)
    assert compared == 8 + 9


def test_quantity_exchange_and_shift_as_differ_gives_them(verify: Path, tmp_path: Path):
    ours = computed("A.2", extent_folder(verify, tmp_path / "country"), tmp_path / "out")
    parts = {key[2]: row["n"] for key, row in ours.items() if key[1] == "Change component, 1985–1999"}
    assert parts == {"Quantity": 6333, "Exchange": 1642, "Shift": 603}


def test_a_batch_gives_the_numbers_of_the_command_line_to_the_last_digit(verify: Path, tmp_path: Path):
    cases = {"A.3": red_list_folder, "3.1": coverage_folder, "A.2": extent_folder}
    for code, make in cases.items():
        folder = make(verify, tmp_path / code)
        alone = computed(code, folder, tmp_path / f"{code}-compute")
        ended = run(folder, tmp_path / f"{code}-run", only=[code])
        assert [unit.state for unit in ended.units] == ["ok"]
        assert by_key(ended.units[0].folder / "result.json") == alone
