"""Living Planet Index: two example sets, index and species by the chain method, smooth curves, bootstrap limits."""

from __future__ import annotations

import csv
from pathlib import Path

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.population_trends import Rules, species_changes
from gbf_workbench.pipeline import load
from tests.verification import Compared, computed, country_folder

PEER = "rlpi 0.1.1 (R package of the Zoological Society of London)"
MAPPING = """\
tables:
  population_series:
    file: {file}
    missing: {{value: []}}
    columns: {{species: Binomial, population: ID, year: year, value: popvalue}}
"""
#: The search for the smoothness of one of 118 series ends in another valley than the peer's.
CURVES = {"herps": (1e-6, "six digits of a search that ends by a tolerance"),
          "aves": (1e-2, "one series of 98 has another smoothness")}  # fmt: skip
NOISE = "two bootstraps, of 1,000 and 5,000 draws; the widest limits have a standard error of 6 %"


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every year of both sets by both models, every change of every species, every limit."""
    source, found = verify / "LPI", []
    for name in ("herps", "aves"):
        file = source / f"input_Afrotropical_{name}_pops.txt"
        country = country_folder(folder / name, "living_planet_index", [file], MAPPING.format(file=file.name))
        chain = source / f"expected_afrotropical_{name}_chain.csv"
        found += _index(chain, country, f"{name}, chain", "chain", (1e-12, ""))
        found += _index(source / f"expected_afrotropical_{name}_gam.csv", country, f"{name}, gam", "gam", CURVES[name])
        found += _species(source / f"expected_species_lambda_chain_Afrotropical_{name}.csv", country, name)
    return found + _limits(source / "expected_afrotropical_aves_chain_CI_1000boot.csv", folder / "aves")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _index(path: Path, country: Path, said: str, model: str, allowed: tuple[float, str]) -> list[Compared]:
    totals = computed("A.CT.10", country, model=model, replicates=100).totals.set_index("year")["value"]
    found = []
    for row in _rows(path):
        # Before the first change the peer gives 1, after the last one its last value; we give nothing there.
        year = min(int(row["year"]), totals.index.max())
        ours = 1.0 if year < totals.index.min() else totals[year]
        found.append(Compared(f"{said}, {row['year']}", ours, float(row["LPI_final"]), *allowed))
    return found


def _species(path: Path, country: Path, said: str) -> list[Compared]:
    series = load("A.CT.10", country)["populations"]
    rules = Rules("chain", "one_percent", 2, 100.0, 1.0, 1970, int(series["year"].max()))
    ours = species_changes(series, rules, Doubts())
    found = []
    for row in _rows(path):
        name = row["Binomial"].replace("_", " ")
        for year in (column for column in row if column.isdigit() and column != "1970"):
            theirs = float("nan") if row[year] == "NA" else float(row[year])
            # Changes of 1e-16 are rounding: their share says nothing.
            mine = float(ours.loc[name, int(year)])
            found.append(Compared(f"{said}, {name}, {year}", mine + 1, theirs + 1, 1e-12))
    return found


def _limits(path: Path, country: Path) -> list[Compared]:
    totals = computed("A.CT.10", country, bootstrap="within_years").totals.set_index("year")
    found = []
    for row in _rows(path):
        year = min(int(row["year"]), totals.index.max())
        for end, theirs in (("lower", "CI_low"), ("upper", "CI_high")):
            ours = float(totals.loc[year, end])
            found.append(Compared(f"aves, {end} limit, {row['year']}", ours, float(row[theirs]), 0.15, NOISE))
    return found
