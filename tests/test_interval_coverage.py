"""The stated 95 % intervals hold the truth of simulated worlds in 93 to 97 of 100 cases."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from tests.interval_coverage.__main__ import NAMES

#: Fits that take long are drawn less often; 1,000 worlds tell 95 from 93 of 100 still.
_FEWER = {"invasive_alien_species_establishment": 1_000}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_interval_covers_what_it_says(name: str):
    simulated = importlib.import_module(f"tests.interval_coverage.{name}")
    trials = simulated.trials(np.random.default_rng(20260101), _FEWER.get(name, 2_000))
    assert trials
    for world, drawn, held in trials:
        assert 0.93 <= held / drawn <= 0.97, f"{world}: {held} of {drawn}"
