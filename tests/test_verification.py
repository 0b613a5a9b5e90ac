"""No value of ours is farther from a value of others than its comparison allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verification import module_of, names

#: Hundreds of folders, or maps and budgets of a whole country.
_LONG = {
    "domestic_public_funding", "forest_area", "red_list_of_ecosystems", "sustainable_forest_management",
    "urban_green_and_blue_space",
}  # fmt: skip
_NAMES = [pytest.param(name, marks=[pytest.mark.slow] if name in _LONG else []) for name in names()]


@pytest.mark.parametrize("name", _NAMES)
def test_our_values_are_those_of_others(name: str, verify: Path, tmp_path: Path) -> None:
    rows = module_of(name).compared(verify, tmp_path)
    assert rows
    assert not [row for row in rows if not row.holds]
