"""Sizes of populations as effective sizes: genetic estimates first, then adults times a ratio, then classes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.methods.doubts import Doubts

#: A population above this keeps its genetic diversity; exactly this size does not (Hoban et al. 2023).
THRESHOLD = 500
#: For each class the number of adults that stands for it, the lowest and the highest.
CLASSES = {
    "more than 5000 by much": (10_000, 10_000, np.inf),
    "more than 5000": (5_500, 5_001, 10_000),
    "range includes 5000": (5_001, 500, 10_000),
    "less than 5000": (4_050, 500, 4_999),
    "less than 5000 by much": (500, 0, 500),
}
#: How the effective size of a population is known, surest first.
GENETIC, ADULTS, CLASS, UNKNOWN = "Genetic estimate", "Number of adults", "Class of size", "Not known"
KEY = ["species", "year", "assessment"]


def effective_sizes(
    populations: pd.DataFrame,
    ratios: pd.DataFrame | None,
    groups: pd.Series,
    *,
    ratio: float,
    ratio_low: float,
    ratio_high: float,
) -> pd.DataFrame:
    """Effective size of each population with how it is known and how low or high it may be.

    Parameters
    ----------
    populations : DataFrame
        ``species, population, year, assessment, ne, ne_lower, ne_upper, nc, nc_lower, nc_upper, nc_class,
        ne_nc_ratio`` [individuals; ratio 0–1].
    ratios : DataFrame or None
        ``taxon, ratio, ratio_lower, ratio_upper`` [0–1]; a taxon is a species or a taxonomic group.
    groups : Series
        Taxonomic group by species.
    ratio, ratio_low, ratio_high : float
        Ratio of effective size to adults where neither row nor taxon has one, and the range it may lie in [0–1].

    Returns
    -------
    DataFrame
        Index of ``populations``; ``ne`` (missing where it cannot be told), ``ne_of_adults`` (adults or class times the
        ratio, whether it is used or not), ``basis``, ``low`` and ``high`` (missing where nothing is known).

    References
    ----------
    Hoban et al. 2023, doi:10.1111/conl.12953; Mastretta-Yanes et al. 2024, doi:10.1111/ele.14461.

    Examples
    --------
    >>> one = pd.DataFrame({"species": ["Exempla alpina"] * 3, "ne": [None, 80, None], "nc": [5001, 9000, None],
    ...                     "nc_class": [None, None, "less than 5000"]})
    >>> sizes = effective_sizes(one, None, pd.Series(dtype=object), ratio=0.1, ratio_low=0.1, ratio_high=0.3)
    >>> sizes["ne"].tolist(), sizes["basis"].tolist()
    ([500.1, 80.0, 405.0], ['Number of adults', 'Genetic estimate', 'Class of size'])
    """
    point, low, high = _ratios_of(populations, ratios, groups, (ratio, ratio_low, ratio_high))
    ne, ne_low, ne_high = _with_limits(populations, "ne")
    nc, nc_low, nc_high = _with_limits(populations, "nc")
    limits = populations["nc_class"].map(CLASSES) if "nc_class" in populations else pd.Series(index=populations.index)
    classed = np.array([one if isinstance(one, tuple) else (np.nan,) * 3 for one in limits], dtype=float).reshape(-1, 3)
    none = np.full(len(populations), np.nan)
    choices = [
        (GENETIC, ne, ne_low, ne_high),
        (GENETIC, _decided(ne_low, ne_high), ne_low, ne_high),
        (ADULTS, nc * point, nc_low * low, nc_high * high),
        (ADULTS, _decided(nc_low * point, nc_high * point), nc_low * low, nc_high * high),
        (CLASS, classed[:, 0] * point, classed[:, 1] * low, classed[:, 2] * high),
    ]
    told = [~np.isnan(size) for _, size, _, _ in choices]
    # Limits on both sides of 500 are all there is where nothing else is known.
    choices += [(UNKNOWN, none, ne_low, ne_high), (UNKNOWN, none, nc_low * low, nc_high * high)]
    told += [~np.isnan(ne_low), ~np.isnan(nc_low)]
    size, lower, upper = (np.select(told, [choice[at] for choice in choices], np.nan) for at in (1, 2, 3))
    basis = np.select(told, [np.full(len(none), name) for name, *_ in choices], UNKNOWN)
    of_adults = np.where(np.isnan(nc), classed[:, 0], nc) * point
    out = {"ne": size, "ne_of_adults": of_adults, "basis": basis, "low": lower, "high": upper}
    return pd.DataFrame(out, index=populations.index)


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    if name not in table:
        return np.full(len(table), np.nan)
    return pd.to_numeric(table[name]).to_numpy(dtype=float, na_value=np.nan)


def _with_limits(table: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A size with its limits; a limit that is not given is the size itself, or without one the widest."""
    size, low, high = (_numbers(table, column) for column in (name, f"{name}_lower", f"{name}_upper"))
    ranged = ~np.isnan(low) | ~np.isnan(high)
    low = np.where(np.isnan(low), np.where(np.isnan(size) & ranged, 0.0, size), low)
    high = np.where(np.isnan(high), np.where(np.isnan(size) & ranged, np.inf, size), high)
    return size, low, high


def _decided(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """A size for limits that lie on one side of the threshold: the limit that is nearer to it."""
    return np.where(low > THRESHOLD, low, np.where(high <= THRESHOLD, high, np.nan))


def _ratios_of(
    populations: pd.DataFrame, ratios: pd.DataFrame | None, groups: pd.Series, default: tuple[float, float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ratio, lowest and highest ratio of each population: its own, its species', its group's, the one for all."""
    ratio, low, high = default
    found = np.tile([ratio, min(ratio, low), max(ratio, high)], (len(populations), 1))
    if ratios is not None:
        columns = np.column_stack([_numbers(ratios, name) for name in ("ratio", "ratio_lower", "ratio_upper")])
        columns[:, 1:] = np.where(np.isnan(columns[:, 1:]), columns[:, :1], columns[:, 1:])
        known = pd.DataFrame(columns, index=ratios["taxon"].astype(str))
        for names in (populations["species"].map(groups), populations["species"]):
            own = known.reindex(names.astype(str)).to_numpy()
            found = np.where(np.isnan(own), found, own)
    own = _numbers(populations, "ne_nc_ratio")[:, None]
    return tuple(np.where(np.isnan(own), found, own).T)


def species_of_populations(populations: pd.DataFrame, sizes: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """Numbers of populations of each species, year and assessment.

    Parameters
    ----------
    populations : DataFrame
        As for ``effective_sizes``, and ``populations_lost, origin``.
    sizes : DataFrame
        What ``effective_sizes`` gave for them.
    doubts : Doubts

    Returns
    -------
    DataFrame
        ``species, year, assessment`` and numbers of populations: ``extant, lost`` (missing where not known), ``sized,
        above`` (living, known size; more than 500), ``decidable, low_above, high_above`` (with known limits; above 500
        at the lowest and at the highest).
    """
    table = pd.DataFrame({name: populations[name] for name in ("species", "year")})
    table["assessment"] = populations["assessment"].fillna("").astype(str) if "assessment" in populations else ""
    gone = sizes["ne"].eq(0)
    table["extant"], table["gone"] = ~gone, gone
    table["sized"], table["above"] = sizes["ne"].notna() & ~gone, sizes["ne"].gt(THRESHOLD)
    table["decidable"] = sizes["low"].notna() & ~gone
    table["low_above"] = sizes["low"].gt(THRESHOLD) & ~gone
    table["high_above"] = sizes["high"].gt(THRESHOLD) & ~gone
    table["lost"] = _numbers(populations, "populations_lost")
    if "origin" in populations:
        kept = populations["origin"].ne("ex situ").fillna(True).astype(bool)
        doubts.add("flag", "ex_situ", count=int((~kept).sum()))
        table = table[kept]
    doubts.add("flag", "size_zero", count=int(table["gone"].sum()))
    counts = table.groupby(KEY, sort=True)
    found = counts[["extant", "gone", "sized", "above", "decidable", "low_above", "high_above"]].sum().astype(float)
    # A population with size 0 in the list is one of those lost, not one more.
    found["lost"] = counts["lost"].max().combine(found["gone"].where(found["gone"] > 0), np.fmax)
    return found.drop(columns="gone").reset_index()


def species_of_assessments(assessments: pd.DataFrame) -> pd.DataFrame:
    """The same numbers where a species has only numbers of populations; there are no limits, so both cases agree.

    Parameters
    ----------
    assessments : DataFrame
        ``species, year, assessment, n_extant_populations, n_extinct_populations, n_populations_sized,
        n_populations_above_500``.
    """
    out = pd.DataFrame({name: assessments[name].to_numpy() for name in ("species", "year")})
    given = assessments["assessment"].fillna("").astype(str) if "assessment" in assessments else ""
    out["assessment"] = np.asarray(given)
    for name, column in (("extant", "n_extant_populations"), ("lost", "n_extinct_populations"),
                         ("sized", "n_populations_sized"), ("above", "n_populations_above_500")):  # fmt: skip
        out[name] = _numbers(assessments, column)
    out["decidable"], out["low_above"], out["high_above"] = out["sized"], out["above"], out["above"]
    return out.sort_values(KEY, kind="stable", ignore_index=True)


def shares_of_species(counts: pd.DataFrame, *, lost_as_zero: bool) -> pd.DataFrame:
    """Shares of each species and assessment, then their mean for each species and year.

    Parameters
    ----------
    counts : DataFrame
        What ``species_of_populations`` or ``species_of_assessments`` gave.
    lost_as_zero : bool
        Whether lost populations stay in the denominator.

    Returns
    -------
    DataFrame
        ``species, year, above, total, share, worst, best, kept`` [populations; 0–1]; missing where it cannot be told.
    """
    table = counts.copy()
    lost = table["lost"].fillna(0) if lost_as_zero else 0.0
    # With living populations of which none has a size, the lost ones alone would make a 0 of what nobody knows.
    told = table["sized"].gt(0) | (table["extant"].eq(0) & table["lost"].gt(0) & lost_as_zero)
    table["total"] = (table["sized"].fillna(0) + lost).where(told)
    table["above"] = table["above"].fillna(0).where(told)
    bounded = (table["decidable"].fillna(0) + lost).where(told | table["decidable"].gt(0))
    table["share"] = table["above"] / table["total"]
    table["worst"], table["best"] = table["low_above"] / bounded, table["high_above"] / bounded
    everything = table["extant"] + table["lost"]
    table["kept"] = (table["extant"] / everything).where(everything > 0)
    grouped = table.groupby(["species", "year"], sort=True)
    found = grouped[["above", "total", "share", "kept"]].mean()
    found["worst"], found["best"] = grouped["worst"].min(), grouped["best"].max()
    return found.reset_index()
