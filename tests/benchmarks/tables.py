"""`python tests/benchmarks/tables.py`: what a national-size table costs to read and check, beside pandas in this run.

Ratios are printed, never asserted: a timed test fails on a busy machine and passes on a fast one. Memory is the most
that a fresh process held beyond what its imports take.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = 1_000_000
TIMES = 5
_WORK = """
import sys, threading, time
from pathlib import Path
import pandas, psutil, pyarrow.csv
path = Path(sys.argv[1])
if sys.argv[2] == "pandas":
    work = pandas.read_csv
else:
    from gbf_workbench.preparation.checks import check_table
    from gbf_workbench.preparation.mapping import TableMapping
    from gbf_workbench.preparation.schema import schema_of
    from gbf_workbench.preparation.tables import read_table
    schema, mapping = schema_of("red_list_assessments"), TableMapping(unknown=("reason_for_change",))
    work = lambda path: check_table(read_table(path, schema, mapping), schema, mapping)
    if sys.argv[2] == "read":
        work = lambda path: read_table(path, schema, mapping)
# What is loaded at the first use of a library or a schema is no cost of a table.
work(path.with_name("small.csv"))
process, held, done = psutil.Process(), [], threading.Event()
def watch():
    # Not every system keeps the peak of a process itself.
    while not done.wait(0.005):
        held.append(process.memory_info().rss)
before = process.memory_info().rss
watcher = threading.Thread(target=watch)
watcher.start()
started = time.perf_counter()
found = work(path)
seconds = time.perf_counter() - started
done.set()
watcher.join()
print(seconds, (max(held) - before) / 2**20)
if sys.argv[2] == "check":
    table, issues = found
    assert len(table) == int(sys.argv[3]), len(table)
    assert not [issue for issue in issues if issue.stops], issues
"""


def make_table(path: Path) -> None:
    """Assessments of half a million made-up species at two dates, six columns of text and numbers."""
    import numpy as np
    import pandas as pd

    dice = np.random.default_rng(1)
    half = ROWS // 2
    table = pd.DataFrame({
        "species_id": np.tile([f"SP-{at:07d}" for at in range(half)], 2),
        "taxonomic_group": np.tile(dice.choice(["Birds", "Mammals", "Reef-forming corals"], half), 2),
        "year": np.repeat([2010, 2020], half),
        "category": dice.choice(["LC", "NT", "VU", "EN", "CR", "DD"], ROWS),
        "range_share": np.tile(dice.random(half).round(4), 2),
        "scope": "national",
    })  # fmt: skip
    table.to_csv(path, index=False)
    table.head(100).to_csv(path.with_name("small.csv"), index=False)


def measured(path: Path, what: str) -> tuple[float, float]:
    """Median seconds and megabytes of a few fresh processes."""
    runs = []
    for _ in range(TIMES):
        command = [sys.executable, "-c", _WORK, str(path), what, str(ROWS)]
        done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
        runs.append([float(one) for one in done.stdout.split()])
    seconds, megabytes = zip(*runs, strict=True)
    return statistics.median(seconds), statistics.median(megabytes)


def apart() -> tuple[float, float]:
    """Seconds for a small table in the process that reads files, and for pandas in this one; the best of each."""
    import pandas as pd

    from gbf_workbench.pipeline import load

    folder = ROOT / "data_samples" / "worked" / "red_list_index"
    file = folder / "red_list_index" / "red_list_assessments.csv"
    best = []
    for work in (lambda: load("A.3", folder), lambda: pd.read_csv(file)):
        work()
        took = []
        for _ in range(TIMES):
            started = time.perf_counter()
            work()
            took.append(time.perf_counter() - started)
        best.append(min(took))
    return best[0], best[1]


def main() -> None:
    """Print one line for reading, one for reading with checking, and one for a small table read apart."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "red_list_assessments.csv"
        made = time.perf_counter()
        make_table(path)
        size = path.stat().st_size / 2**20
        print(f"a table of {ROWS:,} rows and {size:.0f} MB, made in {time.perf_counter() - made:.1f} s")
        seconds, megabytes = measured(path, "pandas")
        for name, what in (("read", "read"), ("read and checked", "check")):
            own, held = measured(path, what)
            print(
                f"{name} / pandas.read_csv: time {own / seconds:.2f} ({own:.3f} s / {seconds:.3f} s), "
                f"memory {held / megabytes:.2f} ({held:.0f} MB / {megabytes:.0f} MB), median of {TIMES}"
            )
    own, seconds = apart()
    print(f"a small table apart / pandas.read_csv: time {own / seconds:.0f} ({own:.3f} s / {seconds:.4f} s)")


if __name__ == "__main__":
    main()
