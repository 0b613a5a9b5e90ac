"""The batch beside the command line, on the files of others; tests/verification holds the numbers against theirs."""

from __future__ import annotations

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


@pytest.mark.slow
def test_a_batch_gives_the_numbers_of_the_command_line_to_the_last_digit(verify: Path, tmp_path: Path):
    cases = {"A.3": red_list_folder, "3.1": coverage_folder, "A.2": extent_folder}
    for code, make in cases.items():
        folder = make(verify, tmp_path / code)
        alone = computed(code, folder, tmp_path / f"{code}-compute")
        ended = run(folder, tmp_path / f"{code}-run", only=[code])
        assert [unit.state for unit in ended.units] == ["ok"]
        assert by_key(ended.units[0].folder / "result.json") == alone
