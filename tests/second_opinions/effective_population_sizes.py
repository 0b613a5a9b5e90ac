"""Share of large populations with loops and fractions."""

from __future__ import annotations

import csv
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from statistics import mean, median

ADULTS = {"more than 5000 by much": 10000, "more than 5000": 5500, "range includes 5000": 5001,
          "less than 5000": 4050, "less than 5000 by much": 500}  # fmt: skip


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _size(row: dict[str, str], ratio: Fraction) -> Fraction | None:
    if row["ne"]:
        return Fraction(row["ne"])
    if row["nc"]:
        return Fraction(row["nc"]) * ratio
    return ADULTS[row["nc_class"]] * ratio if row["nc_class"] else None


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """Totals, groups, species, populations kept and species monitored with DNA."""
    own = folder / "effective_population_sizes"
    ratios = {row["taxon"]: Fraction(row["ratio"]) for row in _rows(own / "ne_nc_ratios.csv")}
    species = _rows(own / "genetic_assessments.csv")
    groups = {row["species"]: row["taxonomic_group"] for row in species}
    sizes = defaultdict(list)
    for row in _rows(own / "population_sizes.csv"):
        ratio = ratios.get(row["species"], ratios.get(groups[row["species"]], Fraction(1, 10)))
        sizes[row["species"], int(row["year"])].append(_size(row, ratio))
    shares, pairs, kept, dna = (defaultdict(dict) for _ in range(4))
    for row in species:
        name, year = row["species"], int(row["year"])
        listed = sizes.get((name, year))
        if listed is None:
            large, sized = int(row["n_populations_above_500"]), int(row["n_populations_sized"])
        else:
            large, sized = sum(s is not None and s > 500 for s in listed), sum(s is not None for s in listed)
        living, lost = int(row["n_extant_populations"]), int(row["n_extinct_populations"])
        kept[year][name] = Fraction(living, living + lost)
        if sized:
            shares[year][name], pairs[year][name] = Fraction(large, sized + lost), (large, sized + lost)
        if row["genetic_monitoring"]:
            dna[year][name] = row["genetic_monitoring"] == "yes"
    out = {}
    for year, own_shares in shares.items():
        out[year, "", "", "proportion"] = mean(own_shares.values())
        out[year, "", "", "species"] = sum(dna[year].values())
        out[year, "Populations maintained", "All species", "proportion"] = mean(kept[year].values())
        out[year, "Other summaries", "Median of species", "proportion"] = median(own_shares.values())
        out[year, "Other summaries", "All populations together", "proportion"] = Fraction(
            sum(a for a, _ in pairs[year].values()), sum(b for _, b in pairs[year].values())
        )
        weights = {row["species"]: Fraction(row["range_share"]) for row in species if int(row["year"]) == year}
        out[year, "Other summaries", "By share of the range", "proportion"] = sum(
            share * weights[name] for name, share in own_shares.items()
        ) / sum(weights[name] for name in own_shares)
        for group in sorted(set(groups.values())):
            inside = [share for name, share in own_shares.items() if groups[name] == group]
            out[year, "Taxonomic group", group, "proportion"] = mean(inside)
            inside = [share for name, share in kept[year].items() if groups[name] == group]
            out[year, "Populations maintained", group, "proportion"] = mean(inside)
        for name, share in own_shares.items():
            out[year, "Species", name, "proportion"] = share
            out[year, "Species", name, "populations above 500"] = pairs[year][name][0]
    years = sorted(shares)
    if len(years) > 1:
        same = set.intersection(*(set(shares[year]) for year in years))
        for year in years:
            out[year, "Trend", "Species of all dates", "proportion"] = mean(shares[year][name] for name in same)
        change = mean(shares[years[-1]][name] - shares[years[0]][name] for name in same)
        out[years[-1], "Trend", "Change since the first date", "proportion"] = change
    return {key: float(value) for key, value in out.items()}
