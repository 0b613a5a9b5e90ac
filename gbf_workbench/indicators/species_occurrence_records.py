"""21.CY.2 Growth in species occurrence records, with what may be read from them when effort stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.diversity import hill_number, pielou, richness_at_coverage, sample_coverage, williams
from gbf_workbench.methods.doubts import Doubts

_NOTES = "indicators.species_occurrence_records.notes"
#: More cells than this are a map, not a table of results.
_MOST_CELLS = 5000
#: A rank correlation from here on is said.
_FOLLOWS = 0.5


def species_occurrence_records(
    occurrence_cube: pd.DataFrame,
    *,
    first_year: int,
    evenness_pool: str,
    occupancy_of: str,
    coverage: float,
) -> pd.DataFrame:
    """Records by year with the effort behind them, and richness, evenness and occupancy.

    Parameters
    ----------
    occurrence_cube : DataFrame
        ``year, cell_code, species_key, species, occurrences``; one row for each species, year and cell.
    first_year : int
        Older records only count among those of all years.
    evenness_pool : {"year", "series"}
        Whether evenness is measured against the species of the year or of all years of the series.
    occupancy_of : {"visited", "ever_occupied", "all"}
        Cells that occupancy is a share of: those with any record in the year, those in which the species was ever
        seen, or all of the cube.
    coverage : float
        Sample coverage [0–1] at which the richness of years is compared.

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, n, value_status, note``. The national number is that
        of all records up to the year.

    Raises
    ------
    WorkbenchError
        If no record lies in the series.

    References
    ----------
    Chao and Jost 2012, doi:10.1890/11-1952.1.

    Examples
    --------
    >>> cube = pd.DataFrame(
    ...     [(2019, "a", "1", 3), (2019, "b", "2", 1), (2020, "a", "1", 5)],
    ...     columns=["year", "cell_code", "species_key", "occurrences"],
    ... )
    >>> rows = species_occurrence_records(
    ...     cube, first_year=2019, evenness_pool="year", occupancy_of="visited", coverage=0.9,
    ... )
    >>> rows[rows.disaggregation_type == ""].value.tolist()
    [4.0, 9.0]
    >>> rows[(rows.disaggregation_type == "Species richness") & (rows.disaggregation == "Observed")].value.tolist()
    [2.0, 1.0]
    """
    doubts = Doubts()
    undated = occurrence_cube["year"].isna()
    doubts.add("flag", "undated", count=int(occurrence_cube.loc[undated, "occurrences"].sum()))
    cube = occurrence_cube[~undated].assign(year=lambda table: table["year"].astype(int))
    series = cube[cube["year"] >= first_year]
    if series.empty:
        raise problem(f"{_NOTES}.no_records", table="occurrence_cube", column="year", first=str(first_year))
    years = range(int(series["year"].min()), int(series["year"].max()) + 1)
    by_species = _counts(series, years)
    rows = [*_record_rows(cube, by_species), *_effort_rows(series, by_species)]
    rows += [*_richness_rows(cube, by_species, coverage, doubts), *_evenness_rows(by_species, evenness_pool)]
    rows += [*_occupancy_rows(cube, series, occupancy_of), *_cell_rows(cube, doubts)]
    out = pd.DataFrame(rows)
    _say_of_effort(by_species, doubts)
    out.attrs["doubts"] = list(doubts)
    return out


def _counts(series: pd.DataFrame, years: range) -> pd.DataFrame:
    """Records of each species (columns) in each year (rows); a year without any is a row of zeros."""
    wide = series.pivot_table(index="year", columns="species_key", values="occurrences", aggfunc="sum", fill_value=0)
    return wide.reindex(years, fill_value=0)


def _row(year: int, value: float, unit: str, kind: str = "", part: str = "", **rest: Any) -> dict[str, Any]:
    row = {"year": int(year), "disaggregation_type": kind, "disaggregation": part, "unit": unit, "value": float(value)}
    return row | rest


def _gap(year: int, unit: str, kind: str, part: str, note: str, status: str = "missing") -> dict[str, Any]:
    return _row(year, np.nan, unit, kind, part, value_status=status, note=note)


def _record_rows(cube: pd.DataFrame, by_species: pd.DataFrame) -> Iterator[dict[str, Any]]:
    before = int(cube.loc[cube["year"] < by_species.index[0], "occurrences"].sum())
    for year, number in by_species.sum(axis=1).items():
        before += int(number)
        yield _row(year, before, "records", n=before)
        yield _row(year, number, "records", "Records of the year", n=int(number))


def _effort_rows(series: pd.DataFrame, by_species: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """How many cells have a record of any species, and how complete the year's sample is."""
    cells = series.groupby("year")["cell_code"].nunique().reindex(by_species.index, fill_value=0)
    for year, number in cells.items():
        yield _row(year, number, "cells", "Survey effort", "Cells with records")
        counts = by_species.loc[year].to_numpy()
        if not counts.sum():
            yield _gap(year, "fraction", "Survey effort", "Sample coverage", "no_records_in_year")
            continue
        yield _row(year, sample_coverage(counts), "fraction", "Survey effort", "Sample coverage", n=int(counts.sum()))


def _richness_rows(
    cube: pd.DataFrame, by_species: pd.DataFrame, coverage: float, doubts: Doubts
) -> Iterator[dict[str, Any]]:
    first_seen = cube.groupby("species_key")["year"].min()
    kind, equal = "Species richness", "At equal coverage"
    short = 0
    for year in by_species.index:
        counts = by_species.loc[year].to_numpy()
        yield _row(year, int((first_seen <= year).sum()), "species", kind, "Ever seen")
        if not counts.sum():
            # Nobody looked, or nobody told: that is not a country without species.
            yield from (_gap(year, "species", kind, part, "no_records_in_year") for part in ("Observed", equal))
            yield from (_gap(year, "species", "Effective number of species", p, "no_records_in_year") for p in _ORDERS)
            continue
        about = {"n": int(counts.sum())}
        yield _row(year, int((counts > 0).sum()), "species", kind, "Observed", **about)
        for part, order in _ORDERS.items():
            yield _row(year, hill_number(counts, order), "species", "Effective number of species", part, **about)
        comparable = richness_at_coverage(counts, coverage)
        if np.isnan(comparable):
            short += 1
            yield _gap(year, "species", kind, equal, "coverage_too_low")
        else:
            yield _row(year, comparable, "species", kind, equal, value_status="estimated", **about)
    doubts.add("flag", "years_not_comparable", count=short, coverage=coverage)


_ORDERS = {"Common species (order 1)": 1, "Very common species (order 2)": 2}


def _evenness_rows(by_species: pd.DataFrame, pool: str) -> Iterator[dict[str, Any]]:
    everything = int((by_species.sum() > 0).sum())
    for year in by_species.index:
        counts = by_species.loc[year].to_numpy()
        number = everything if pool == "series" else int((counts > 0).sum())
        for name, measure in (("Pielou", pielou), ("Williams", williams)):
            if not counts.sum():
                yield _gap(year, "index", "Evenness", name, "no_records_in_year")
            elif number < 2:
                yield _gap(year, "index", "Evenness", name, "one_species", "not_applicable")
            else:
                yield _row(year, measure(counts, number), "index", "Evenness", name, n=int(counts.sum()))


def _occupancy_rows(cube: pd.DataFrame, series: pd.DataFrame, of: str) -> Iterator[dict[str, Any]]:
    """Share of cells with a species: the mean of the species of each year, and each species in the newest year."""
    own = series.groupby(["year", "species_key"])["cell_code"].nunique()
    visited = series.groupby("year")["cell_code"].nunique()
    ever = cube.groupby("species_key")["cell_code"].nunique()
    everywhere = cube["cell_code"].nunique()
    years, species = own.index.get_level_values(0), own.index.get_level_values(1)
    base = {"visited": visited.reindex(years), "ever_occupied": ever.reindex(species), "all": everywhere}[of]
    share = own / (base if of == "all" else base.to_numpy())
    for year, mean in share.groupby(level=0).mean().items():
        yield _row(year, mean, "fraction", "Occupancy", "Mean of the species seen", n=int((years == year).sum()))
    newest = int(years.max())
    names = cube.dropna(subset="species").groupby("species_key")["species"].min() if "species" in cube else {}
    called = {str(key): str(names.get(key, key)) for key in share.loc[newest].index}
    # One name under two keys would be the same number twice.
    twice = {name for name in called.values() if list(called.values()).count(name) > 1}
    for key, value in share.loc[newest].items():
        name = called[str(key)]
        yield _row(newest, value, "fraction", "Occupancy of species", f"{name} ({key})" if name in twice else name)


def _cell_rows(cube: pd.DataFrame, doubts: Doubts) -> Iterator[dict[str, Any]]:
    """Species ever seen in each cell."""
    richness = cube.groupby("cell_code")["species_key"].nunique()
    if len(richness) > _MOST_CELLS:
        doubts.add("flag", "too_many_cells", count=len(richness))
        return
    records = cube.groupby("cell_code")["occurrences"].sum()
    for cell, number in richness.items():
        yield _row(int(cube["year"].max()), number, "species", "Grid cell", str(cell), n=int(records[cell]))


def _say_of_effort(by_species: pd.DataFrame, doubts: Doubts) -> None:
    """Richness that rises where records rise says something of the observers."""
    records, richness = by_species.sum(axis=1), (by_species > 0).sum(axis=1)
    there = records > 0
    doubts.add("flag", "years_without_records", count=int((~there).sum()))
    if there.sum() < 5 or records[there].nunique() < 2 or richness[there].nunique() < 2:
        return
    # Rounded, because a correlation of just a half comes out a little below it.
    follows = round(float(np.corrcoef(records[there].rank(), richness[there].rank())[0, 1]), 12)
    if follows >= _FOLLOWS:
        doubts.add("flag", "richness_follows_effort", correlation=f"{follows:.2f}")
