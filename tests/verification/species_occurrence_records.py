"""Richness by year and by cell and evenness of a cube of mammals; two cubes as they are downloaded."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd

from tests.verification import Compared, computed, country_folder, value_of

PEER = "R b3gbi 0.9.4"
_SLUG = "species_occurrence_records"
_CUBE = "input_denmark_mammals_cube.csv.gz"
_MAMMALS = """\
tables:
  occurrence_cube:
    file: input_denmark_mammals_cube.csv
    columns: {year: year, cell_code: cellCode, species_key: taxonKey, species: scientificName, occurrences: obs}
"""
_RAW = "tables:\n  occurrence_cube: {{file: {name}, columns: {{cell_code: {cell}}}}}\n"


def compared(verify: Path, folder: Path) -> list[Compared]:
    """All years, all cells, both measures of evenness."""
    own = verify / "cubes"
    unpacked = folder / "unpacked" / "input_denmark_mammals_cube.csv"
    unpacked.parent.mkdir(parents=True, exist_ok=True)
    unpacked.write_bytes(gzip.decompress((own / _CUBE).read_bytes()))
    place = country_folder(folder / "mammals", _SLUG, [unpacked], _MAMMALS)
    result = computed("21.CY.2", place, first_year=1970, evenness_pool="series")
    rows = []
    for one in pd.read_csv(own / "expected_b3gbi_obs_richness_ts_denmark_1970_2024.csv").itertuples():
        ours = value_of(result, one.year, "Species richness", "Observed", "species")
        rows.append(Compared(f"richness {one.year}", ours, one.diversity_val, 0.0))
    for one in pd.read_csv(own / "expected_b3gbi_obs_richness_map_denmark_1862_2024.csv").itertuples():
        ours = value_of(result, 2024, "Grid cell", one.cellCode, "species")
        rows.append(Compared(f"richness of cell {one.cellCode}", ours, one.diversity_val, 0.0))
    for one in pd.read_csv(own / "expected_b3gbi_evenness_denmark_1970_2024.csv").itertuples():
        ours = {name: value_of(result, one.year, "Evenness", name, "index") for name in ("Pielou", "Williams")}
        rows += [
            Compared(f"Pielou {one.year}", ours["Pielou"], one.pielou, 1e-12),
            Compared(f"Williams {one.year}", ours["Williams"], one.williams, 1e-12),
            Compared(f"records {one.year}", value_of(result, one.year, "Records of the year"), one.total_occ, 0.0),
            Compared(f"richness beside evenness {one.year}",
                     value_of(result, one.year, "Species richness", "Observed", "species"), one.richness_in_year, 0.0),
        ]  # fmt: skip
    return rows + _raw(own, folder)


def _raw(own: Path, folder: Path) -> list[Compared]:
    """Cubes in the formats of a download: every record that has a year is read."""
    rows = []
    for name, cell in (
        ("denmark_mammals_cube_eqdgc.csv", "eqdgccellcode"),
        ("montenegro_bryophytes_cube_eea.csv", "eeacellcode"),
    ):
        table = pd.read_csv(own / name, sep="\t")
        place = country_folder(folder / cell, _SLUG, [own / name], _RAW.format(name=name, cell=cell))
        result = computed("21.CY.2", place, first_year=1492)
        dated = table[table["year"].notna()]
        newest = int(dated["year"].max())
        rows.append(Compared(f"records of {name}", value_of(result, newest), float(dated["occurrences"].sum()), 0.0))
        ours = value_of(result, newest, "Species richness", "Ever seen", "species")
        rows.append(Compared(f"species of {name}", ours, float(dated["specieskey"].nunique()), 0.0))
    return rows
