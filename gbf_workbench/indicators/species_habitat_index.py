"""A.CT.3 Species Habitat Index: how much suitable habitat species have left, and how well it hangs together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.habitat_scores import scores_of_areas, scores_of_table
from gbf_workbench.methods.joins import unmatched
from gbf_workbench.methods.statistics import percentile_interval

_SCORES = {"area": "Area", "connectivity": "Connectivity"}


def species_habitat_index(
    habitat_areas: pd.DataFrame | None,
    habitat_scores: pd.DataFrame | None,
    stewardship: pd.DataFrame | None,
    *,
    reference_year: int,
    incomplete_species: str,
    replicates: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Mean habitat score of species, plain and weighed by the country's part of their range.

    Parameters
    ----------
    habitat_areas : DataFrame or None
        ``scientific_name, taxonomic_group, year, habitat_area_km2, edge_distance_m``.
    habitat_scores : DataFrame or None
        ``scientific_name, taxonomic_group, year, score, value`` [%]; used where there are no areas.
    stewardship : DataFrame or None
        ``scientific_name, habitat_in_country_km2, global_range_km2``.
    reference_year : int
        Year that is 100; scores come with their own.
    incomplete_species : {"available", "exclude"}
        Whether species that lack years count in the years they have, or not at all.
    replicates : int
        Bootstrap replicates.
    confidence : float
        Share of the replicates inside the interval, 0 to 1.
    seed : int

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, lower, upper, n, value_status, note``. The national
        number is the plain mean over species of (area score + connectivity score) / 2 [%].

    References
    ----------
    Map of Life, Species Habitat Index, mol.org/indicators/habitat.

    Examples
    --------
    >>> areas = pd.DataFrame(
    ...     [("Exempla prima", 2001, 100.0, 500.0), ("Exempla prima", 2020, 80.0, 300.0)],
    ...     columns=["scientific_name", "year", "habitat_area_km2", "edge_distance_m"],
    ... )
    >>> rows = species_habitat_index(
    ...     areas, None, None, reference_year=2001, incomplete_species="available", replicates=100, confidence=0.95,
    ...     seed=1,
    ... )
    >>> rows[rows.disaggregation_type == ""].value.tolist()
    [100.0, 70.0]
    """
    doubts = Doubts()
    if habitat_areas is not None:
        if habitat_scores is not None:
            doubts.add("flag", "both_tables")
        scores = scores_of_areas(habitat_areas, reference_year, doubts)
    else:
        scores = scores_of_table(habitat_scores, doubts)
    scores = _whole(scores, incomplete_species, doubts)
    weights = _weights(stewardship, scores, doubts)
    draw = _Draw(sorted(scores["species"].unique()), replicates, confidence, seed)
    rows: list[dict[str, Any]] = []
    rows += _mean_rows(scores.assign(value=scores["combined"]), None, draw, "", "")
    for name, part in _SCORES.items():
        rows += _mean_rows(scores.assign(value=scores[name]), None, draw, "Score", part)
    if weights is not None:
        weighed = scores.assign(value=scores["combined"])[scores["species"].isin(weights.index)]
        rows += _mean_rows(weighed, weights, draw, "Weighed by stewardship", "")
    for group, own in scores.dropna(subset="group").groupby("group", sort=True):
        rows += _mean_rows(own.assign(value=own["combined"]), None, draw, "Taxonomic group", str(group))
    rows += _species_rows(scores)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _whole(scores: pd.DataFrame, incomplete: str, doubts: Doubts) -> pd.DataFrame:
    """Scores with both parts; species that lack years as the setting says."""
    both = scores["area"].notna() & scores["connectivity"].notna()
    doubts.add("flag", "one_score_only", count=int((~both).sum()))
    scores = scores[both].assign(combined=lambda table: (table["area"] + table["connectivity"]) / 2)
    short = scores.groupby("species")["year"].transform("nunique") < scores["year"].nunique()
    number = scores.loc[short, "species"].nunique()
    doubts.add("flag", f"incomplete_{incomplete}", count=int(number))
    return scores[~short] if incomplete == "exclude" else scores


def _weights(stewardship: pd.DataFrame | None, scores: pd.DataFrame, doubts: Doubts) -> pd.Series | None:
    """Part of each species' range that lies in the country."""
    if stewardship is None:
        return None
    table = stewardship.assign(species=stewardship["scientific_name"].astype(str))
    found = unmatched(scores[["species"]], table, ["species"])
    doubts.add("flag", "no_stewardship", count=len(found.left), names=", ".join(map(str, list(found.left)[:8])))
    known = table.set_index("species")
    share = known["habitat_in_country_km2"].astype(float) / known["global_range_km2"].astype(float).replace(0, np.nan)
    doubts.add("flag", "no_range", count=int(share.isna().sum()))
    return share[share > 0]


class _Draw:
    """Species drawn anew with replacement; the same draws for every year, so that years differ by habitat alone."""

    def __init__(self, species: list[str], replicates: int, confidence: float, seed: int) -> None:
        self.species, self.confidence = species, confidence
        rng = np.random.default_rng(seed)
        self.times = rng.multinomial(len(species), np.full(len(species), 1 / max(len(species), 1)), size=replicates)

    def interval(self, own: pd.DataFrame, weights: np.ndarray) -> tuple[float, float]:
        """Limits of the weighted mean of the species of one year."""
        at = [self.species.index(name) for name in own["species"]]
        drawn = self.times[:, at] * weights
        total = drawn.sum(axis=1)
        means = (drawn @ own["value"].to_numpy())[total > 0] / total[total > 0]
        low, high = percentile_interval(means, self.confidence)
        return float(low), float(high)


def _mean_rows(
    table: pd.DataFrame, weights: pd.Series | None, draw: _Draw, kind: str, part: str
) -> list[dict[str, Any]]:
    rows = []
    for year, own in table.sort_values("species").groupby("year", sort=True):
        weight = np.ones(len(own)) if weights is None else weights[own["species"]].to_numpy()
        value = float(own["value"].to_numpy() @ weight / weight.sum())
        low, high = draw.interval(own, weight)
        about = {"disaggregation_type": kind, "disaggregation": part, "unit": "%", "n": len(own)}
        rows.append({"year": int(year), "value": value, "lower": min(low, value), "upper": max(high, value), **about})
    return rows


def _species_rows(scores: pd.DataFrame) -> list[dict[str, Any]]:
    kinds = {"combined": "Species", "area": "Area score of species", "connectivity": "Connectivity score of species"}
    return [
        {"year": int(row["year"]), "disaggregation_type": kind, "disaggregation": row["species"], "unit": "%", "n": 1,
         "value": float(row[name])}
        for row in scores.to_dict("records") for name, kind in kinds.items()
    ]  # fmt: skip
