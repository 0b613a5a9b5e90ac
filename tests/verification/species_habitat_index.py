"""Scores of two species and the index of both, as the authors of the GEO BON tool have them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.verification import Compared, computed, country_folder, value_of

PEER = "BON in a Box, scripts of the Species Habitat Index"
_SLUG = "species_habitat_index"
_ONE, _OTHER = "Myrmecophaga tridactyla_SHS_table_tidy.tsv", "Ateles fusciceps_SHS_table_tidy.tsv"
_SCORES = """\
tables:
  species_habitat_scores:
    file: {name}
    columns: {{scientific_name: sci_name, year: Year, score: Score, value: Values}}
"""
#: The peer's test of its arithmetic lends one species the range of another.
_RANGES = """\
  species_stewardship:
    file: df_aoh_areas.tsv
    columns: {habitat_in_country_km2: area_aoh, global_range_km2: area_range_map, scientific_name: sci_name}
    classes: {scientific_name: {Saguinus oedipus: Myrmecophaga tridactyla}}
"""
_KINDS = {
    "AS": "Area score of species", "HS": "Area score of species", "CS": "Connectivity score of species",
    "SHS": "Species",
}  # fmt: skip


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every score of every species and year, and every index."""
    own, rows = verify / "SHI", []
    for name in (_ONE, _OTHER):
        place = country_folder(folder / name[:5], _SLUG, [own / name], _SCORES.format(name=name))
        result = computed("A.CT.3", place)
        for one in pd.read_csv(own / name, sep="\t").itertuples():
            ours = value_of(result, one.Year, _KINDS[one.Score], one.sci_name)
            rows.append(Compared(f"{one.sci_name} {one.Score} {one.Year}", ours, one.Values, 1e-12))
    return rows + _both(own, folder / "both")


def _both(own: Path, folder: Path) -> list[Compared]:
    """The two files one under the other, as the peer binds them."""
    lines = [(own / name).read_text(encoding="utf-8").splitlines() for name in (_ONE, _OTHER)]
    bound = folder / "bound" / "both.tsv"
    bound.parent.mkdir(parents=True, exist_ok=True)
    bound.write_text("\n".join([*lines[0], *lines[1][1:]]) + "\n", encoding="utf-8")
    mapping = _SCORES.format(name="both.tsv") + _RANGES
    result = computed("A.CT.3", country_folder(folder, _SLUG, [bound, own / "df_aoh_areas.tsv"], mapping))
    rows = []
    rounded = "the peer rounds to two digits"
    for one in pd.read_csv(own / "expected_SHI_two_species.csv").itertuples():
        steward = value_of(result, one.Year, "Weighed by stewardship")
        number = result.totals.set_index("year")["n"]
        rows += [
            Compared(f"SHI {one.Year}", value_of(result, one.Year), one.SHI, 0.0051 / one.SHI, rounded),
            Compared(f"steward SHI {one.Year}", steward, one.Steward_SHI, 0.0051 / one.Steward_SHI, rounded),
            Compared(f"species {one.Year}", float(number[one.Year]), float(one.n), 0.0),
        ]
    return rows
