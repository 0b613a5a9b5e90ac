"""The order in which Aruvia is made: first the island, then one folder for each theme, then the ministry's files."""

from __future__ import annotations

import argparse
import importlib
import zlib
from pathlib import Path

import numpy as np

from make_aruvia import frame, land_cover, people, protected_areas, raw_maps, raw_tables, species, terrain
from make_aruvia.made import Made
from make_aruvia.writing import write_text

SEED = 20260101
CODE = "XAR"
FOLDER = Path(__file__).resolve().parent.parent / "aruvia"

COUNTRY_FILE = """\
format: 1
code: XAR
name: {en: Aruvia, fr: Aruvie, es: Aruvia, ar: أروفيا}
languages: [en, fr, es, ar]
reporting_year: 2024
frame:
  crs: EPSG:6933
  land:
    file: frame/land.gpkg
    source: Invented boundary made for teaching; no real country.
  sea:
    file: frame/sea.gpkg
    source: Invented sea made for teaching; no real maritime boundary.
  provinces:
    file: frame/provinces.gpkg
    name_column: name
    source: Invented provinces made for teaching; no real country.
settings: {}
workbook: {first_year: 2020}
"""

RAW_README = """\
# Aruvia as a ministry would send it

The same invented facts as in the folders above, in files as they arrive by e-mail. For lessons and tests: what is wrong
in each file is listed here. `data_samples/make_aruvia.py` makes the files and this list.
"""


def stream(seed: int, theme: str) -> np.random.Generator:
    """Random numbers of one theme; a theme added later does not move the numbers of the others."""
    return np.random.default_rng([seed, zlib.crc32(theme.encode())])


def themes() -> list[str]:
    """Names of the modules in ``themes/``: each writes the folder of the indicator whose slug it has."""
    return sorted(path.stem for path in (Path(__file__).parent / "themes").glob("[a-z]*.py"))


def make(out: Path, seed: int = SEED) -> None:
    """Write the whole country folder to ``out``."""
    grid = terrain.make_grid()
    outline = frame.make_frame(grid, stream(seed, "coast"), stream(seed, "provinces"))
    relief = terrain.make_relief(grid, outline.land, stream(seed, "relief"))
    settled = people.settle(grid, relief, stream(seed, "people"))
    sites = protected_areas.make_sites(outline, grid, relief, settled, stream(seed, "protected_areas"))
    maps = land_cover.make_maps(grid, relief, settled, stream(seed, "land_cover"))
    assessments = species.make_assessments(stream(seed, "species"))

    write_text(out / "country.yml", COUNTRY_FILE)
    frame.write(out / "frame", outline)
    protected_areas.write(out / "protected_area_coverage", sites)
    land_cover.write(out / "natural_ecosystem_extent", grid, maps)
    species.write(out / "red_list_index", assessments)
    made = Made(grid, outline, relief, settled, sites, maps, assessments)
    for theme in themes():
        importlib.import_module(f"make_aruvia.themes.{theme}").write(out / theme, made, stream(seed, theme))

    raw = out / "raw"
    faults = raw_tables.write_red_list(raw, assessments, stream(seed, "raw/red_list"))
    faults |= raw_maps.write_sites(raw, sites, stream(seed, "raw/protected_areas"))
    faults |= raw_maps.write_land_cover(raw, grid, maps)
    faults |= raw_maps.write_provinces(raw, outline)
    listed = "".join(
        f"\n## {name}\n\n" + "".join(f"- {fault}\n" for fault in found) for name, found in sorted(faults.items())
    )
    write_text(raw / "README.md", RAW_README + listed)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make Aruvia, the invented country of the lessons and tests.")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write to (default: data_samples/aruvia)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"start of the random numbers (default: {SEED})")
    given = parser.parse_args()
    make(given.out, given.seed)
