"""A.CT.10 Living Planet Index: how the sizes of many populations change on average."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.abundance_index import Part, combined, drawn_means, index_of, means_of, without_each
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.joins import unmatched
from gbf_workbench.methods.population_trends import Rules, species_changes
from gbf_workbench.methods.statistics import bca_interval, expanded_interval, percentile_interval

_NOTES = "indicators.living_planet_index.notes"
#: With fewer species a year hangs on each of them.
_FEW = 5
Row = dict[str, Any]


def living_planet_index(
    populations: pd.DataFrame,
    group_weights: pd.DataFrame | None,
    *,
    reference_year: int,
    model: str,
    zeros: str,
    cap: float,
    minimum_values: int,
    longest_gap: float,
    weighting: str,
    missing_groups: str,
    bootstrap: str,
    replicates: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Mean change of population sizes since a reference year, and by taxonomic group and realm.

    Parameters
    ----------
    populations : DataFrame
        ``species, population, year, value, taxonomic_group, realm``; one row for each population and year counted.
    group_weights : DataFrame or None
        ``realm, taxonomic_group, weight, realm_weight``; needed for ``weighting="table"``.
    reference_year : int
        Year in which the index is 1.
    model : {"chain", "gam"}
    zeros : {"one_percent", "leave_out"}
    cap : float
        Largest change of a population in one year [decimal logarithm].
    minimum_values : int
        Fewest values of a series.
    longest_gap : float
        Series with as many years per value or more are left out [years].
    weighting : {"species", "groups", "table"}
    missing_groups : {"renormalise", "unchanged"}
    bootstrap : {"species", "species_bca", "within_years"}
    replicates : int
    confidence : float
        Of the interval, 0 to 1.
    seed : int

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, lower, upper, n, value_status, note``. Total, groups
        and realms in ``index`` (1 in the reference year); mean yearly change in ``% per year``.

    Raises
    ------
    WorkbenchError
        If no series is long enough, or weights are missing.

    Notes
    -----
    For each population, d_t = log10 N_t − log10 N_(t−1), held within ±cap; species and groups are means of them, and
    I_t = I_(t−1)·10^(d_t).

    References
    ----------
    Collen et al. 2009, doi:10.1111/j.1523-1739.2008.01117.x; McRae et al. 2017, doi:10.1371/journal.pone.0169156.

    Examples
    --------
    >>> table = pd.DataFrame({"species": ["Exempla alpina"] * 2 + ["Exempla marina"] * 2, "population": 1,
    ...                       "year": [2000, 2001] * 2, "value": [100, 50, 10, 20]})
    >>> rows = living_planet_index(
    ...     table, None, reference_year=2000, model="chain", zeros="one_percent", cap=1.0, minimum_values=2,
    ...     longest_gap=100.0, weighting="species", missing_groups="renormalise", bootstrap="species", replicates=100,
    ...     confidence=0.95, seed=1,
    ... )
    >>> rows.loc[rows["disaggregation_type"] == "", "value"].round(6).tolist()
    [1.0, 1.0]
    """
    doubts = Doubts()
    last = int(populations["year"].max())
    rules = Rules(model, zeros, minimum_values, longest_gap, cap, reference_year, last)
    changes = species_changes(populations, rules, doubts)
    if changes.empty:
        raise problem(f"{_NOTES}.no_series", table="population_series", column="value", reference=str(reference_year))
    if model == "gam":
        doubts.add("flag", "gam_near")
    about = _about_species(populations, changes.index, doubts)
    parts = _parts(changes, about, weighting, group_weights, doubts)
    rng = np.random.default_rng(seed)
    how = {"missing": missing_groups, "bootstrap": bootstrap, "replicates": replicates, "confidence": confidence}
    years = np.arange(reference_year, last + 1)
    rows = _index_rows(parts, years, how, rng, "", "")
    few = sum(0 < row["n"] < _FEW for row in rows if row["unit"] == "index")
    doubts.add("flag", "starts_later", count=int(rows[0]["year"] > reference_year), year=str(rows[0]["year"]))
    for kind, column in (("Taxonomic group", "taxonomic_group"), ("Realm", "realm")):
        for name, own in changes.groupby(about[column], sort=True):
            rows += _index_rows([Part(str(name), own.to_numpy(), 1.0)], years, how, rng, kind, str(name))
    doubts.add("flag", "few_species", count=few)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _about_species(populations: pd.DataFrame, species: pd.Index, doubts: Doubts) -> pd.DataFrame:
    """Taxonomic group and realm of each species: those of most of its rows."""
    out = pd.DataFrame(index=species)
    for column in ("taxonomic_group", "realm"):
        there = populations if column in populations else populations.assign(**{column: None})
        known = there.dropna(subset=[column])
        counts = known.groupby(["species", column]).size().reset_index(name="rows")
        most = counts.sort_values(["rows", column], ascending=[False, True]).drop_duplicates("species")
        out[column] = most.set_index("species")[column].astype(object).reindex(species)
        doubts.add("flag", "in_two", count=int(counts["species"].duplicated().any()), column=column)
    return out


def _parts(
    changes: pd.DataFrame, about: pd.DataFrame, weighting: str, weights: pd.DataFrame | None, doubts: Doubts
) -> list[Part]:
    """Species that weigh together, and what they weigh."""
    if weighting == "species":
        return [Part("", changes.to_numpy(), 1.0)]
    if about["taxonomic_group"].isna().any():
        lacking = sorted(map(str, about.index[about["taxonomic_group"].isna()]))
        said = ", ".join(lacking[:8]) + (" …" if len(lacking) > 8 else "")
        raise problem(f"{_NOTES}.group_needed", table="population_series", column="taxonomic_group",
                      count=len(lacking), names=said)  # fmt: skip
    if weighting == "groups":
        groups = list(changes.groupby(about["taxonomic_group"], sort=True))
        return [Part(str(name), own.to_numpy(), 1 / len(groups)) for name, own in groups]
    return _parts_of_table(changes, about, weights, doubts)


def _parts_of_table(
    changes: pd.DataFrame, about: pd.DataFrame, weights: pd.DataFrame | None, doubts: Doubts
) -> list[Part]:
    """Groups within realms, with the weights of a table: within a realm, and of the realm."""
    if weights is None:
        raise problem(f"{_NOTES}.weights_needed", table="group_weights")
    table = weights.assign(realm=weights["realm"].fillna("") if "realm" in weights else "")
    on = ["realm", "taxonomic_group"] if table["realm"].ne("").any() else ["taxonomic_group"]
    keys = about[on].fillna("").astype(str)
    found = unmatched(keys.drop_duplicates(ignore_index=True), table[on].astype(str), on)
    if found.left:
        names = ", ".join(", ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in found.left)
        raise problem(f"{_NOTES}.weight_missing", table="living_planet_weights", column="weight", names=names)
    doubts.add("flag", "weight_unused", count=len(found.right))
    used = table[table[on].astype(str).apply(tuple, axis=1).isin(set(keys.apply(tuple, axis=1)))]
    within = used["weight"] / used.groupby("realm")["weight"].transform("sum")
    of_realm = used["realm_weight"].fillna(1.0) if "realm_weight" in used else pd.Series(1.0, index=used.index)
    share = within * of_realm / of_realm.groupby(used["realm"]).first().sum()
    shares = dict(zip(used[on].astype(str).apply(tuple, axis=1), share, strict=True))
    groups = changes.groupby([keys[name] for name in on], sort=True)
    return [Part(", ".join(name), own.to_numpy(), float(shares[name])) for name, own in groups]


def _index_rows(
    parts: list[Part], years: np.ndarray, how: dict[str, Any], rng: np.random.Generator, kind: str, name: str
) -> list[Row]:
    """The index in every year with its interval, and the mean yearly change of all species and of groups."""
    weights = np.array([part.weight for part in parts])
    changes = combined(means_of(parts), weights, how["missing"])
    # Before the first known change there is nothing that could have stayed at 1.
    start = int(np.argmax(~np.isnan(changes)))
    parts = [Part(part.name, part.changes[:, start:], part.weight) for part in parts]
    years, changes = years[start:], changes[start:]
    values = index_of(changes)
    species = sum(len(part.changes) for part in parts)
    drawn_by = "within_years" if how["bootstrap"] == "within_years" else "species"
    drawn = index_of(combined(drawn_means(parts, how["replicates"], drawn_by, rng), weights, how["missing"]))
    if how["bootstrap"] == "within_years" or species < 2:
        low, high = percentile_interval(drawn, how["confidence"])
    elif how["bootstrap"] == "species":
        # Species that are seen in a few years only count for less than one.
        seen = sum(part.seen.sum(axis=0) for part in parts)
        low, high = expanded_interval(drawn, max(2.0, float(seen[seen > 0].mean())), how["confidence"])
    else:
        left = index_of(combined(without_each(parts), weights, how["missing"]))
        low, high = bca_interval(drawn, values, left, how["confidence"])
    low, high = np.minimum(low, values), np.maximum(high, values)
    seen = np.concatenate([[species], sum(part.seen.sum(axis=0) for part in parts)])
    known = np.concatenate([[True], ~np.isnan(changes)])
    rows: list[Row] = []
    bounded = species > 1
    for at, year in enumerate(years):
        note = "" if known[at] else "no_change_known"
        rows.append({
            "year": int(year), "disaggregation_type": kind, "disaggregation": name, "value": float(values[at]),
            "unit": "index", "lower": float(low[at]) if bounded else np.nan,
            "upper": float(high[at]) if bounded else np.nan, "n": int(seen[at]),
            "value_status": "estimated" if note else "measured", "note": note,
        })  # fmt: skip
    span = len(years) - 1
    if kind != "Realm":
        value, lower, upper = (float(100 * (one[-1] ** (1 / span) - 1)) for one in (values, low, high))
        rows.append({
            "year": int(years[-1]), "disaggregation_type": "Mean yearly change",
            "disaggregation": name or "All species", "value": value, "unit": "% per year",
            "lower": lower if bounded else np.nan, "upper": upper if bounded else np.nan, "n": species,
            "value_status": "measured", "note": "",
        })  # fmt: skip
    return rows
