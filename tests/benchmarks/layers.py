"""`python tests/benchmarks/layers.py [MB]`: what checking a national layer costs beside pyogrio's own reading of it.

The layer is made for the purpose, as a GeoPackage of the size given (200 MB without one). Time and memory are those of
separate processes; the memory is what comes on top of the libraries. Checking uses several processors where they are
free, and pyogrio one: the time of all processors says what is left of the ratio where they are not. Ratios are printed,
never asserted: a timed test fails on a busy machine and passes on a fast one.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMES = 3
CORNERS = 60
#: Bytes of a feature besides its corners, of 16 bytes each.
_OTHER = 150

_MEASURE = """
import resource, sys, time
import geopandas, pyogrio, shapely
from pathlib import Path
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.preparation.vectors import read_layer

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

path = Path(sys.argv[1])
schema = schema_of("protected_areas")
read_layer(Path(sys.argv[3]), schema, TableMapping(), "EPSG:6933")
before, started, worked = peak(), time.perf_counter(), time.process_time()
if sys.argv[2] == "pyogrio":
    table = pyogrio.read_dataframe(path)
else:
    table, _ = read_layer(path, schema, TableMapping(), "EPSG:6933")
print(time.perf_counter() - started, time.process_time() - worked, (peak() - before) / 1024)
"""


def make(path: Path, megabytes: float) -> int:
    """Write a layer of irregular sites of ``CORNERS`` corners, and say how many there are."""
    import geopandas as gpd
    import numpy as np
    import shapely

    count = max(10, int(megabytes * 1e6 / (16 * CORNERS + _OTHER)))
    random = np.random.default_rng(7)
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    radius = 0.02 * (1 + 0.3 * random.uniform(-1, 1, (count, CORNERS)))
    east, north = random.uniform(33, 41, (count, 1)), random.uniform(-4, 4, (count, 1))
    corners = np.stack([east + radius * np.cos(angle), north + radius * np.sin(angle)], axis=-1)
    columns = {
        "site_id": [f"S{one}" for one in range(count)],
        "name": [f"Reserve {one}" for one in range(count)],
        "site_type": random.choice(["PA", "OECM"], count),
        "status": random.choice(["Designated", "Proposed"], count),
        "iucn_category": random.choice(["II", "IV", "Not Reported"], count),
        "status_year": random.integers(1950, 2024, count),
        "reported_area_km2": random.uniform(1, 100, count).round(2),
    }
    layer = gpd.GeoDataFrame(columns, geometry=shapely.polygons(corners), crs=4326)
    layer.to_file(path, engine="pyogrio")
    return count


def measured(path: Path, small: Path, way: str) -> tuple[float, float, float]:
    """Seconds, seconds of all processors, and megabytes that one way of reading takes, in a process of its own."""
    command = [sys.executable, "-c", _MEASURE, str(path), way, str(small)]
    done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
    seconds, worked, megabytes = map(float, done.stdout.split())
    return seconds, worked, megabytes


def main() -> None:
    """Print the ratios of time and of memory."""
    size = float(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder, "layer.gpkg"), Path(folder, "small.gpkg")
        # In a process of its own: the peak of memory of a parent counts as that of its children too.
        with ProcessPoolExecutor(1, get_context("spawn")) as maker:
            count, _ = maker.map(make, (path, small), (size, 0))
        runs = {way: [measured(path, small, way) for _ in range(TIMES)] for way in ("pyogrio", "ours")}
        real = path.stat().st_size / 1e6
    theirs, ours = (
        tuple(statistics.median(one) for one in zip(*runs[way], strict=True)) for way in ("pyogrio", "ours")
    )
    print(f"{count} features of {CORNERS} corners, {real:.0f} MB, median of {TIMES}")
    print(f"checking / pyogrio.read_dataframe: {ours[0] / theirs[0]:.2f}  ({ours[0]:.2f} s / {theirs[0]:.2f} s)")
    print(f"the same in time of processors: {ours[1] / theirs[1]:.2f}  ({ours[1]:.2f} s / {theirs[1]:.2f} s)")
    print(f"peak memory / the table in memory: {ours[2] / theirs[2]:.2f}  ({ours[2]:.0f} MB / {theirs[2]:.0f} MB)")


if __name__ == "__main__":
    main()
