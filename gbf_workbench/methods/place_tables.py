"""Coverage seen from the places: areas of importance, evaluated sites and ecosystem types, as tidy rows by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.methods.areas import Partition, areas_km2
from gbf_workbench.methods.covered_places import COMPLETE, NEVER, NONE, covered_km2, covered_since
from gbf_workbench.methods.joins import unmatched
from gbf_workbench.methods.legends import class_code, read_legend
from gbf_workbench.methods.protected_sites import Doubt, doubt

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

#: How the mean of the official indicator of these places is called, and the classes of their coverage.
PLACES = "Key Biodiversity Areas"
COVERED = ("Complete (98 % and more)", "In part", "None (2 % and less)")


def _series(
    kind: str, part: str, years: NDArray[np.int64], values: NDArray[np.float64], unit: str, n: int | NDArray[np.int64]
) -> pd.DataFrame:
    """One figure in every year; where it is missing nothing is protected yet."""
    known = np.isfinite(values)
    return pd.DataFrame({
        "year": years, "disaggregation_type": kind, "disaggregation": part, "value": values, "unit": unit, "n": n,
        "value_status": np.where(known, "measured", "not_applicable"), "note": np.where(known, "", "nothing_yet"),
    })  # fmt: skip


def place_rows(
    sites: gpd.GeoDataFrame, since: NDArray[np.int64], places: gpd.GeoDataFrame, years: NDArray[np.int64]
) -> list[pd.DataFrame]:
    """The mean of the percentages of all places, as if each were as large as any other, and how many are covered.

    Parameters
    ----------
    sites, places : GeoDataFrame
        In one equal-area projection; places with ``kba_id``, optionally ``realm``.
    since : array of int, shape (sites,)
        Year from which each site counts.
    years : array of int

    References
    ----------
    United Nations, metadata of SDG indicators 14.5.1, 15.1.2 and 15.4.1, https://unstats.un.org/sdgs/metadata/.
    """
    whole = places.dissolve("kba_id")
    percent = 100 * covered_km2(sites.geometry, whole.geometry, since, years) / areas_km2(whole.geometry)
    tables = [_series(PLACES, "Mean coverage", years, percent.mean(axis=1), "%", len(whole))]
    if "realm" in whole:
        for realm in sorted(whole["realm"].dropna().unique()):
            chosen = (whole["realm"] == realm).to_numpy(dtype=bool, na_value=False)
            mean = percent[:, chosen].mean(axis=1)
            tables.append(_series(f"{PLACES}, by realm", realm, years, mean, "%", int(chosen.sum())))
    full, bare = percent >= COMPLETE, percent <= NONE
    for part, counted in zip(COVERED, (full, ~full & ~bare, bare), strict=True):
        number = counted.sum(axis=1)
        tables.append(_series(f"{PLACES}, by coverage", part, years, number.astype(float), "places", number))
    return tables


def evaluated_rows(
    sites: gpd.GeoDataFrame, partition: Partition, inside: NDArray[np.bool_], since: NDArray[np.int64],
    evaluations: pd.DataFrame, years: NDArray[np.int64],
) -> list[pd.DataFrame]:  # fmt: skip
    """Area of the sites whose management was evaluated, alone and as a share of all that is covered.

    Parameters
    ----------
    sites : GeoDataFrame
        With ``site_id``; parcels of a site take part in its evaluation.
    partition : Partition
        Of the sites.
    inside : array of bool, shape (pieces,)
        Pieces that count.
    since : array of int, shape (sites,)
        Year from which each site counts.
    evaluations : DataFrame
        ``site_id, year``.
    years : array of int
    """
    first = evaluations.groupby(evaluations["site_id"].astype("str"))["year"].min()
    evaluated = np.maximum(since, sites["site_id"].map(first).fillna(NEVER).to_numpy(dtype=np.int64))
    covered = [covered_since(partition, one)[inside] for one in (since, evaluated)]
    areas = partition.areas_km2[inside]
    every, part = (np.array([areas[one <= year].sum() for year in years]) for one in covered)
    n = np.array([sites.loc[evaluated <= year, "site_id"].nunique() for year in years])
    share = np.divide(100 * part, every, out=np.full(len(years), np.nan), where=every > 0)
    kind, name = "Management effectiveness", "Evaluated"
    shares = _series(kind, name, years, share, "% of protected area", n)
    return [shares, _series(kind, name, years, part, "km2", n)]


def unmatched_evaluations(evaluations: pd.DataFrame, protected_areas: pd.DataFrame) -> list[Doubt]:
    """Evaluations of sites that are not in the layer, as a flag."""
    evaluated, sites = (table.astype({"site_id": "str"}) for table in (evaluations, protected_areas))
    left = unmatched(evaluated, sites, ["site_id"]).left
    return [doubt("flag", "evaluations_unmatched", count=len(left), names=", ".join(map(str, left)))] if left else []


def later_evaluations(evaluations: pd.DataFrame, last: int) -> list[Doubt]:
    """Evaluations after the last year of the series, which do not count in it, as a flag."""
    count = int((evaluations["year"] > last).sum())
    return [doubt("flag", "evaluations_later", count=count, last=str(last))] if count else []


def ecosystem_rows(
    sites: gpd.GeoDataFrame, since: NDArray[np.int64], polygons: gpd.GeoDataFrame, types: pd.DataFrame | None,
    years: NDArray[np.int64],
) -> list[pd.DataFrame]:  # fmt: skip
    """How much of each ecosystem type is covered, in % and km².

    Parameters
    ----------
    sites, polygons : GeoDataFrame
        In one equal-area projection; polygons with ``class_code`` and ``year``, of which the newest that is not
        younger than the series is used.
    since : array of int, shape (sites,)
        Year from which each site counts.
    types : DataFrame or None
        Names of the classes; without it the codes stand.
    years : array of int
    """
    dates = sorted(set(polygons["year"].astype(int)))
    date = max((one for one in dates if one <= years[-1]), default=dates[0])
    here = polygons[polygons["year"] == date]
    names = [class_code(code) for code in here["class_code"]]
    if types is not None:
        legend = read_legend(types, [date]).names[0]
        names = [legend.get(code, code) for code in names]
    whole = here.assign(name=names).dissolve("name")
    areas = areas_km2(whole.geometry)
    km2 = covered_km2(sites.geometry, whole.geometry, since, years)
    tables = []
    for at, name in enumerate(whole.index):
        tables.append(_series("Ecosystem type", name, years, 100 * km2[:, at] / areas[at], "%", None))
        tables.append(_series("Ecosystem type", name, years, km2[:, at], "km2", None))
    return tables
