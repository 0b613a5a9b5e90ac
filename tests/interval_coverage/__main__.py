"""``python -m tests.interval_coverage [WORLDS]``: how often the stated 95 % intervals hold the truth."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def main() -> None:
    """Print one line for each simulated world."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    for name in NAMES:
        trials = importlib.import_module(f"tests.interval_coverage.{name}").trials(np.random.default_rng(1), count)
        for world, drawn, held in trials:
            print(f"{name}: {world}: {100 * held / drawn:.1f} % of {drawn}")


if __name__ == "__main__":
    main()
