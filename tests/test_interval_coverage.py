"""The stated 95 % intervals hold the truth of simulated worlds in 93 to 97 of 100 cases."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from tests.interval_coverage.__main__ import NAMES


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_interval_covers_what_it_says(name: str):
    trials = importlib.import_module(f"tests.interval_coverage.{name}").trials(np.random.default_rng(20260101), 2_000)
    assert trials
    for world, drawn, held in trials:
        assert 0.93 <= held / drawn <= 0.97, f"{world}: {held} of {drawn}"
