"""`python tests/benchmarks/ratios.py`: what the workbench costs beside a peer, both measured in this run.

Ratios are printed, never asserted: a timed test fails on a busy machine and passes on a fast one.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMES = 5


def median_seconds(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(TIMES):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent)


def imported(module: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True, cwd=ROOT)


def coverage() -> tuple[Callable[[], object], Callable[[], object]]:
    """Every year, type, realm, province and category at once, against one dissolve by geopandas."""
    import gbf_workbench as gbf

    tables = gbf.load("3.1", ROOT / "data_samples" / "aruvia")
    sites = tables["protected_areas"]
    return lambda: gbf.compute("3.1", tables), lambda: sites.buffer(0).union_all()


def extent() -> tuple[Callable[[], object], Callable[[], object]]:
    """The full account over three dates, against a crosstab by pandas of two of them."""
    import pandas as pd

    import gbf_workbench as gbf

    tables = gbf.load("A.2", ROOT / "data_samples" / "aruvia")
    first, *_, last = tables["ecosystem_maps"]

    def peer() -> object:
        flat = [[block.ravel() for _, block in one.blocks()] for one in (first, last)]
        early, late = (pd.Series([value for block in one for value in block]) for one in flat)
        return pd.crosstab(early, late)

    return lambda: gbf.compute("A.2", tables), peer


def main() -> None:
    """Print one line for each comparison."""
    rows = [("import gbf_workbench / import pandas", imported("gbf_workbench"), imported("pandas"))]
    rows.append(("3.1, all breakdowns and years / one geopandas union", *coverage()))
    rows.append(("A.2, three dates, full account / one pandas crosstab", *extent()))
    for name, ours, peer in rows:
        mine, theirs = median_seconds(ours), median_seconds(peer)
        print(f"{name}: {mine / theirs:.2f}  ({mine:.3f} s / {theirs:.3f} s, median of {TIMES})")


if __name__ == "__main__":
    main()
