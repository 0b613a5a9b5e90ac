"""Habitat of species and places as scores: what is left of its area and of its connection, and how places add up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts

_NOTES = "indicators.species_habitat_index.notes"


def scores_of_areas(areas: pd.DataFrame, reference_year: int, doubts: Doubts) -> pd.DataFrame:
    """Area and connectivity scores of species, the reference year being 100.

    Parameters
    ----------
    areas : DataFrame
        ``scientific_name, taxonomic_group, year, habitat_area_km2, edge_distance_m``.
    reference_year : int
    doubts : Doubts
        Species without habitat in the reference year are left out and said.

    Returns
    -------
    DataFrame
        ``species, group, year, area, connectivity`` in per cent, one row for each species and year from the reference
        year on. Where no habitat is left, there is nothing to connect: both scores are 0.

    Raises
    ------
    WorkbenchError
        If no species has a row in the reference year.
    """
    table = pd.DataFrame({
        "species": areas["scientific_name"].astype(str), "year": areas["year"].astype(int),
        "group": areas.get("taxonomic_group"),
        "area": areas["habitat_area_km2"].astype(float),
        "distance": areas["edge_distance_m"].astype("Float64").astype(float) if "edge_distance_m" in areas else np.nan,
    })  # fmt: skip
    table.loc[table["area"] == 0, "distance"] = 0.0
    start = table[table["year"] == reference_year].set_index("species")[["area", "distance"]]
    if start.empty:
        raise problem(f"{_NOTES}.no_reference", table="species_habitat_areas", column="year", year=str(reference_year))
    own = table.join(start.rename(columns={"area": "area_then", "distance": "distance_then"}), on="species")
    lacking = own["area_then"].isna()
    doubts.add("flag", "reference_missing", count=int(own.loc[lacking, "species"].nunique()), year=str(reference_year))
    nothing = own["area_then"] == 0
    doubts.add("flag", "no_habitat_then", count=int(own.loc[nothing, "species"].nunique()))
    own = own[~lacking & ~nothing & (own["year"] >= reference_year)]
    return pd.DataFrame({
        "species": own["species"], "group": own["group"], "year": own["year"],
        "area": 100 * own["area"] / own["area_then"],
        "connectivity": 100 * own["distance"] / own["distance_then"].where(own["distance_then"] > 0),
    })  # fmt: skip


def scores_of_table(scores: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """Scores that others worked out, in the columns of ``scores_of_areas``.

    A combined score that is not the mean of the two beside it is said; it is not used.
    """
    wide = scores.assign(score=scores["score"].astype(str)).pivot_table(
        index=["scientific_name", "year"], columns="score", values="value"
    )
    wide = wide.astype(float).reindex(columns=["area", "connectivity", "combined"]).reset_index()
    apart = (wide["combined"] - (wide["area"] + wide["connectivity"]) / 2).abs() > 0.01
    doubts.add("flag", "combined_differs", count=int(apart.sum()))
    groups = None
    if "taxonomic_group" in scores:
        known = scores.dropna(subset="taxonomic_group").groupby("scientific_name")["taxonomic_group"].first()
        groups = wide["scientific_name"].map(known)
    return pd.DataFrame({
        "species": wide["scientific_name"].astype(str), "group": groups, "year": wide["year"].astype(int),
        "area": wide["area"], "connectivity": wide["connectivity"],
    })  # fmt: skip


def habitat_index(indicator: np.ndarray, similarity: np.ndarray, area: np.ndarray) -> float:
    """Habitat indicators of places as one index: a geometric mean in which common kinds of place weigh less.

    Parameters
    ----------
    indicator : ndarray, shape (cells,)
        What is left of the habitat of each cell, above 0 and up to 1; not a number where not known.
    similarity : ndarray, shape (cells,)
        Sum of the similarity of all cells to this one, above 0.
    area : ndarray, shape (cells,)
        [km²]

    Returns
    -------
    float
        exp(Σ a·ln(h)/d / Σ a/d) over the cells for which h and d are both known and above 0: the same ones in both
        sums. Not a number without any.

    References
    ----------
    Regional summary of the habitat index of CSIRO: doi:10.25919/tt2t-h452; Hoskins et al. 2020,
    doi:10.1016/j.envsoft.2020.104806.

    Examples
    --------
    A third cell of which nothing is known changes nothing:

    >>> h, d, a = np.array([0.25, 1.0, np.nan]), np.array([1.0, 1.0, 1.0]), np.ones(3)
    >>> habitat_index(h, d, a)
    0.5
    """
    valid = usable(indicator, similarity, area)
    if not valid.any():
        return float("nan")
    weight = area[valid] / similarity[valid]
    return float(np.exp(np.sum(weight * np.log(indicator[valid])) / np.sum(weight)))


def usable(indicator: np.ndarray, similarity: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Cells that enter the index: both numbers known and above 0, and an area."""
    with np.errstate(invalid="ignore"):
        return (indicator > 0) & (similarity > 0) & (area > 0) & np.isfinite(similarity)
