"""A.4: published and invented populations at two ratios, row by row."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from gbf_workbench.methods.genetic_diversity import effective_sizes
from gbf_workbench.pipeline import load
from tests.verification import Compared, computed, country_folder

PEER = "Ginko-Rfun (R functions of the Coalition for Conservation Genetics)"
SLUG = "effective_population_sizes"
NAMES = {"Point and range": "Punctum spatium"}
MAPPING = """\
tables:
  population_sizes:
    file: input_ne500_populations.csv
    constants: {year: 2024}
    missing: {nc: []}
    unknown: [populations_lost]
    classes: {species: {Point and range: Punctum spatium}}
"""
BASES = {"genetic data": "Genetic estimate", "NcPoint ratio": "Number of adults", "NcRange ratio": "Class of size",
         "": "Not known"}  # fmt: skip


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Each number and each word of the four files."""
    source = verify / "A.4"
    country_folder(folder, SLUG, [source / "input_ne500_populations.csv"], MAPPING)
    found = []
    for ratio in (0.1, 0.3):
        found += _populations(source / f"expected_transform_to_Ne_ratio{ratio}.csv", folder, ratio)
        found += _species(source / f"expected_indicatorNe_ratio{ratio}.csv", folder, ratio)
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(cell: str) -> float:
    return float(cell) if cell not in ("", "NA") else float("nan")


def _populations(path: Path, folder: Path, ratio: float) -> list[Compared]:
    table = load("A.4", folder)["populations"]
    how = {"ratio": ratio, "ratio_low": ratio, "ratio_high": ratio}
    # Without genetic sizes the limits are those of the adults alone.
    adults = table.drop(columns=[one for one in table if one in ("ne", "ne_lower", "ne_upper")])
    both = [effective_sizes(one, None, pd.Series(dtype=object), **how) for one in (table, adults)]
    sizes, of_adults = (one.set_index([table["species"], table["population"]]) for one in both)
    found = []
    for row in _rows(path):
        at = (NAMES.get(row["taxon"], row["taxon"]), row["population"])
        said = f"ratio {ratio}, {row['taxon']} {row['population']}"
        found += [
            Compared(f"{said}, effective size", sizes.loc[at, "ne"], _number(row["Ne_combined"]), 1e-12),
            Compared(f"{said}, effective size from adults", sizes.loc[at, "ne_of_adults"],
                     _number(row["Ne_from_Nc"]), 1e-12),
            Compared(f"{said}, basis as the peer's (1 = yes)",
                     float(sizes.loc[at, "basis"] == BASES[row["Ne_calculated_from"]]), 1.0, 0.0),
        ]  # fmt: skip
        for ours, theirs in (("low", "NeLower_from_Nc"), ("high", "NeUpper_from_Nc")):
            if row[theirs]:
                found.append(Compared(f"{said}, {ours}", of_adults.loc[at, ours], _number(row[theirs]), 1e-12))
    return found


def _species(path: Path, folder: Path, ratio: float) -> list[Compared]:
    data = computed("A.4", folder, ne_nc_ratio=ratio).data
    data = data[data["disaggregation_type"] == "Species"]
    share = data[data["unit"] == "proportion"].set_index("disaggregation")
    above = data[data["unit"] == "populations above 500"].set_index("disaggregation")["value"]
    listed = load("A.4", folder)["populations"].groupby("species").size()
    found = []
    for row in _rows(path):
        name, said = NAMES.get(row["taxon"], row["taxon"]), f"ratio {ratio}, {row['taxon']}"
        sized = share.loc[name, "n"]
        found += [
            Compared(f"{said}, share", share.loc[name, "value"], _number(row["indicatorNe"]), 1e-12),
            Compared(f"{said}, populations", float(listed[name]), _number(row["n_pops"]), 0.0),
            Compared(f"{said}, of known size", float(0 if pd.isna(sized) else sized), _number(row["n_pops_Ne_data"]),
                     0.0),
            Compared(f"{said}, above 500", float(above.get(name, 0)), _number(row["n_pops_more_500"]), 0.0),
        ]  # fmt: skip
    return found
