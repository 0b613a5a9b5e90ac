"""No value of ours is farther from a value of others than its comparison allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verification import module_of, names


@pytest.mark.parametrize("name", names())
def test_our_values_are_those_of_others(name: str, verify: Path, tmp_path: Path) -> None:
    rows = module_of(name).compared(verify, tmp_path)
    assert rows
    assert not [row for row in rows if not row.holds]
