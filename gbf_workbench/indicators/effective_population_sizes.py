"""A.4 Populations with an effective size above 500: how many populations keep their genetic diversity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.genetic_diversity import (
    KEY,
    effective_sizes,
    shares_of_species,
    species_of_assessments,
    species_of_populations,
)
from gbf_workbench.methods.joins import unmatched
from gbf_workbench.methods.statistics import share_interval

_NOTES = "indicators.effective_population_sizes.notes"
Row = dict[str, Any]


def effective_population_sizes(
    populations: pd.DataFrame | None,
    genetic_assessments: pd.DataFrame | None,
    ratios: pd.DataFrame | None,
    *,
    ne_nc_ratio: float,
    ratio_low: float,
    ratio_high: float,
    weighting: str,
    lost_populations: str,
    dates: str,
    confidence: float,
) -> pd.DataFrame:
    """Share of populations with an effective size above 500, populations kept, and species monitored with DNA.

    Parameters
    ----------
    populations : DataFrame or None
        ``species, population, year, assessment, ne, ne_lower, ne_upper, nc, nc_lower, nc_upper, nc_class,
        ne_nc_ratio, populations_lost, origin`` [individuals]; one row for each population and date.
    genetic_assessments : DataFrame or None
        ``species, year, assessment, taxonomic_group, n_extant_populations, n_extinct_populations,
        n_populations_sized, n_populations_above_500, genetic_monitoring, range_share``.
    ratios : DataFrame or None
        ``taxon, ratio, ratio_lower, ratio_upper`` of species or taxonomic groups.
    ne_nc_ratio, ratio_low, ratio_high : float
        Effective size for one adult where nothing else is known, and the range for best and worst case [0–1].
    weighting : {"species", "groups", "range_share"}
    lost_populations : {"count", "leave_out"}
    dates : {"each_year", "latest_together"}
    confidence : float
        Of the interval, 0 to 1.

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, lower, upper, n, value_status, note``. Total, groups,
        species and cases in ``proportion`` [0–1]; species monitored with DNA in ``species``.

    Raises
    ------
    WorkbenchError
        If the chosen weights are not known for every species.

    Notes
    -----
    For a species, the share is (living populations with Ne > 500) / (living populations with a known size + populations
    lost); for the country, the mean over species. Several assessments of one species are averaged first.

    References
    ----------
    Hoban et al. 2023, doi:10.1111/conl.12953; Mastretta-Yanes et al. 2024, doi:10.1111/ele.14461.

    Examples
    --------
    >>> table = pd.DataFrame({"species": ["Exempla alpina"] * 3 + ["Exempla marina"], "population": list("abca"),
    ...                       "year": 2024, "nc": [8000, 5000, None, 900]})
    >>> rows = effective_population_sizes(
    ...     table, None, None, ne_nc_ratio=0.1, ratio_low=0.1, ratio_high=0.3, weighting="species",
    ...     lost_populations="count", dates="each_year", confidence=0.95,
    ... )
    >>> rows.loc[rows["disaggregation_type"] == "", ["value", "n"]].values.tolist()
    [[0.25, 2.0]]
    """
    doubts = Doubts()
    if dates == "latest_together":
        populations, genetic_assessments = _latest(populations, genetic_assessments)
    about = _about_species(populations, genetic_assessments)
    counts, bases = [], pd.DataFrame(columns=["year", "basis"])
    if populations is not None:
        sizes = effective_sizes(
            populations, ratios, about["group"], ratio=ne_nc_ratio, ratio_low=ratio_low, ratio_high=ratio_high
        )
        _say_of_ratios(ratios, about, doubts)
        bases = sizes[["basis"]].assign(year=populations["year"])
        counts.append(species_of_populations(populations, sizes, doubts))
    if genetic_assessments is not None:
        counts.append(species_of_assessments(genetic_assessments))
    together = _one_of_both(counts, doubts)
    species = shares_of_species(together, lost_as_zero=lost_populations == "count")
    species = species.join(about, on="species").assign(equal=1.0)
    doubts.add("flag", "lost_unknown", count=int(together.groupby(["species", "year"])["lost"].max().isna().sum()))
    doubts.add("flag", "no_sizes", count=int(species["share"].isna().sum()))
    doubts.add("flag", "group_missing", count=int(about["group"].isna().sum()))
    species["weight"] = _weights(species, weighting)
    rows = [row for _, part in species.groupby("year") for row in _year_rows(part, confidence)]
    rows += _trend_rows(species, confidence, doubts)
    rows += _basis_rows(bases)
    if genetic_assessments is not None:
        rows += _monitoring_rows(genetic_assessments, about, doubts)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _latest(*tables: pd.DataFrame | None) -> Iterator[pd.DataFrame | None]:
    """The newest rows of each species, all under the newest year."""
    there = pd.concat([table[["species", "year"]] for table in tables if table is not None])
    own = there.groupby("species")["year"].max()
    for table in tables:
        if table is None:
            yield None
        else:
            newest = table[table["year"].eq(table["species"].map(own))]
            yield newest.assign(year=there["year"].max())


def _about_species(populations: pd.DataFrame | None, assessments: pd.DataFrame | None) -> pd.DataFrame:
    """Taxonomic group and share of the range by species, as the newest row has them."""
    tables = [table for table in (populations, assessments) if table is not None]
    names = pd.Index(sorted({name for table in tables for name in table["species"]}), name="species")
    out = pd.DataFrame({"group": pd.Series(None, index=names, dtype=object), "range": np.nan}, index=names)
    for name, column in (("group", "taxonomic_group"), ("range", "range_share")):
        if assessments is not None and column in assessments:
            known = assessments.dropna(subset=[column]).sort_values("year", kind="stable")
            out[name] = known.groupby("species")[column].last().reindex(names)
    return out.astype({"group": object, "range": float})


def _say_of_ratios(ratios: pd.DataFrame | None, about: pd.DataFrame, doubts: Doubts) -> None:
    if ratios is None:
        return
    names = pd.DataFrame({"taxon": [*about.index, *about["group"].dropna().unique()]})
    lost = unmatched(ratios[["taxon"]], names, ["taxon"]).left
    doubts.add("flag", "ratio_unused", count=len(lost), names=", ".join(map(str, lost)))


def _one_of_both(counts: list[pd.DataFrame], doubts: Doubts) -> pd.DataFrame:
    """Sizes from the list of populations where a species has one, and numbers that only the assessment knows."""
    if len(counts) == 1:
        return counts[0]
    both = counts[0].merge(counts[1], on=KEY, how="outer", suffixes=("", "_told"), indicator="from")
    listed = both["from"] != "right_only"
    differ = listed & both["sized_told"].notna() & both["above"].ne(both["above_told"])
    doubts.add("flag", "numbers_differ", count=int(differ.sum()))
    for name in ("sized", "above", "decidable", "low_above", "high_above"):
        both[name] = both[name].where(listed, both[f"{name}_told"])
    for name in ("extant", "lost"):
        both[name] = both[f"{name}_told"].fillna(both[name])
    # A word for the way of assessing stands in one table only, more often than not.
    both["lost"] = both["lost"].fillna(both.groupby(["species", "year"])["lost"].transform("max"))
    return both[counts[0].columns]


def _weights(species: pd.DataFrame, weighting: str) -> pd.Series:
    """What each species weighs in the national value of its year."""
    counted = species["share"].notna()
    if weighting == "species":
        return species["equal"]
    column = "group" if weighting == "groups" else "range"
    if (counted & species[column].isna()).any():
        lacking = sorted(species.loc[counted & species[column].isna(), "species"].unique())
        said = ", ".join(lacking[:8]) + (" …" if len(lacking) > 8 else "")
        raise problem(f"{_NOTES}.{column}_needed", table="genetic_assessments", count=len(lacking), names=said)
    if weighting == "groups":
        return 1 / species[counted].groupby(["year", "group"])["species"].transform("size")
    if not species[counted].groupby("year")["range"].sum().gt(0).all():
        raise problem(f"{_NOTES}.no_range", table="genetic_assessments", column="range_share")
    return species["range"]


def _mean_row(part: pd.DataFrame, column: str, weight: str, confidence: float, **rest: Any) -> Row:
    """Weighted mean over the species with a value."""
    known = part[part[column].notna() & part[weight].gt(0)]
    about = {"year": int(part["year"].iloc[0]), "unit": "proportion", "n": len(known), **rest}
    if known.empty:
        return {**about, "value": np.nan, "value_status": "missing", "note": "none_known"}
    values, weights = known[column].to_numpy(), known[weight].to_numpy(dtype=float)
    low, high = share_interval(values, weights, confidence)
    note = "one_species" if len(known) == 1 else ""
    value = min(max(float(weights @ values / weights.sum()), 0.0), 1.0)
    return {**about, "value": value, "lower": low, "upper": high, "note": note}


def _year_rows(part: pd.DataFrame, confidence: float) -> Iterator[Row]:
    """All rows of the species of one year."""
    yield {"disaggregation_type": "", "disaggregation": "", **_mean_row(part, "share", "weight", confidence)}
    groups = list(part.groupby("group", sort=True))
    for name, own in groups:
        about = {"disaggregation_type": "Taxonomic group", "disaggregation": str(name)}
        yield {**about, **_mean_row(own, "share", "equal", confidence)}
    for name, own in [("All species", part), *groups]:
        about = {"disaggregation_type": "Populations maintained", "disaggregation": str(name)}
        yield {**about, **_mean_row(own, "kept", "equal", confidence)}
    for name, column in (("Worst case", "worst"), ("Best case", "best")):
        row = _mean_row(part, column, "weight", confidence)
        row |= {"lower": np.nan, "upper": np.nan}
        yield {"disaggregation_type": "Worst and best case", "disaggregation": name, **row}
    yield from _summary_rows(part, confidence)
    yield from _species_rows(part)


def _summary_rows(part: pd.DataFrame, confidence: float) -> Iterator[Row]:
    """Other ways to bring the species into one number, of which none replaces another."""
    known = part[part["share"].notna()]
    if known.empty:
        return
    about = {"disaggregation_type": "Other summaries"}
    yield {**about, "disaggregation": "Mean of species", **_mean_row(known, "share", "equal", confidence)}
    pooled = known.assign(share=known["above"] / known["total"])
    row = _mean_row(pooled, "share", "total", confidence)
    yield {**about, "disaggregation": "All populations together", **row}
    row = {"year": int(part["year"].iloc[0]), "unit": "proportion", "n": len(known)}
    yield {**about, "disaggregation": "Median of species", "value": float(known["share"].median()), **row}
    if known["group"].notna().all():
        sizes = known.assign(each=1 / known.groupby("group")["species"].transform("size"))
        yield {**about, "disaggregation": "Mean of groups", **_mean_row(sizes, "share", "each", confidence)}
    if known["range"].notna().all() and known["range"].sum() > 0:
        yield {**about, "disaggregation": "By share of the range", **_mean_row(known, "share", "range", confidence)}


def _species_rows(part: pd.DataFrame) -> Iterator[Row]:
    """Each species with the numbers behind its share."""
    for one in part.to_dict("records"):
        about = {"year": int(one["year"]), "disaggregation_type": "Species", "disaggregation": one["species"]}
        if np.isnan(one["share"]):
            yield {**about, "value": np.nan, "unit": "proportion", "value_status": "missing", "note": "none_known"}
            continue
        about["n"] = round(one["total"])
        yield {**about, "value": one["share"], "unit": "proportion"}
        yield {**about, "value": one["above"], "unit": "populations above 500"}


def _trend_rows(species: pd.DataFrame, confidence: float, doubts: Doubts) -> Iterator[Row]:
    """The mean of those species only that have a value at every date, and its change from the first to the last."""
    wide = species.pivot(index="species", columns="year", values="share")
    if wide.shape[1] < 2:
        return
    same = wide.dropna()
    doubts.add("flag", "species_differ", count=len(wide.dropna(how="all")) - len(same))
    if same.empty:
        return
    about = {"disaggregation_type": "Trend", "unit": "proportion", "n": len(same)}
    for year in same:
        low, high = share_interval(same[year].to_numpy(), np.ones(len(same)), confidence)
        yield {**about, "year": int(year), "disaggregation": "Species of all dates",
               "value": float(same[year].mean()), "lower": low, "upper": high}  # fmt: skip
    change = (same.iloc[:, -1] - same.iloc[:, 0]).to_numpy()
    # Changes lie between -1 and 1; halved and moved they are shares, for which the interval is made.
    low, high = (2 * limit - 1 for limit in share_interval((change + 1) / 2, np.ones(len(same)), confidence))
    yield {**about, "year": int(same.columns[-1]), "disaggregation": "Change since the first date",
           "value": float(change.mean()), "lower": low, "upper": high}  # fmt: skip


def _basis_rows(bases: pd.DataFrame) -> Iterator[Row]:
    """How many populations have their size from where."""
    for (year, basis), number in bases.groupby(["year", "basis"], sort=True).size().items():
        yield {"year": int(year), "disaggregation_type": "How sizes are known", "disaggregation": basis,
               "value": float(number), "unit": "populations", "n": int(number)}  # fmt: skip


def _monitoring_rows(assessments: pd.DataFrame, about: pd.DataFrame, doubts: Doubts) -> Iterator[Row]:
    """Species of which at least one population is followed over time with DNA; each counts once."""
    if "genetic_monitoring" not in assessments:
        return
    told = assessments.dropna(subset=["genetic_monitoring"])
    silent = set(assessments["species"]) - set(told["species"])
    doubts.add("flag", "monitoring_unknown", count=len(silent))
    each = told.astype({"genetic_monitoring": bool}).groupby(["species", "year"])["genetic_monitoring"].any()
    each = each.reset_index().join(about["group"], on="species")
    for year, part in each.groupby("year"):
        kinds = [("", "", part), *(("Taxonomic group", str(name), own) for name, own in part.groupby("group"))]
        for kind, name, own in kinds:
            yield {"year": int(year), "disaggregation_type": kind, "disaggregation": name,
                   "value": float(own["genetic_monitoring"].sum()), "unit": "species", "n": len(own)}  # fmt: skip
