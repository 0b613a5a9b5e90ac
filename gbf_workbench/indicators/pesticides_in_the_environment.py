"""7.2 Pesticides: how toxic what is applied is to each group of species, and where waters hold more than is safe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.methods.applied_toxicity import (
    WATERS,
    against_base_years,
    applied_toxicity,
    in_one_unit,
    site_verdicts,
)
from gbf_workbench.methods.doubts import Doubts

#: Share of the toxicity of a group that the substances named make up [%].
_NAMED = 90.0
_IN_WATER = ("aquatic invertebrates", "fish", "aquatic plants")
_KG_PER_T = 1000.0


def pesticides_in_the_environment(
    use: pd.DataFrame | None,
    thresholds: pd.DataFrame | None,
    concentrations: pd.DataFrame | None,
    use_by_type: pd.DataFrame | None,
    *,
    base_first: int,
    base_last: int,
    aggregate: str,
    missing_threshold: str,
    mixture: str,
) -> pd.DataFrame:
    """Total applied toxicity by group of species, and sites with concentrations above a threshold.

    Parameters
    ----------
    use : DataFrame or None
        ``year, cas_number, substance, pesticide_type, sector, mass_kg, value_status`` [kg].
    thresholds : DataFrame or None
        ``cas_number, species_group, threshold, threshold_unit``.
    concentrations : DataFrame or None
        ``site_id, date, cas_number, matrix, concentration_ug_per_l, below_loq, loq_ug_per_l, region`` [µg/L].
    use_by_type : DataFrame or None
        ``year, pesticide_type, mass_t, cropland_ha``; says nothing of toxicity.
    base_first, base_last : int
        Base years; their mean is 100.
    aggregate : {"none", "mean_of_groups"}
        Whether the groups are brought into one national index.
    missing_threshold : {"leave_out", "median_of_type"}
    mixture : {"each", "sum"}

    Returns
    -------
    DataFrame
        Index by group of species (mean of the base years = 100), with the parts by type, sector and substance that add
        up to it; mass with a threshold [%]; sites above a threshold [%]; mass by type [t] and per cropland [kg/ha].

    Raises
    ------
    WorkbenchError
        If the thresholds of a group are in units that cannot be compared.

    Notes
    -----
    TAT_g = Σ m / RTL_g, a relative measure in the unit of the thresholds of its group: groups are never added.

    References
    ----------
    Schulz et al. 2021, doi:10.1126/science.abe1148.

    Examples
    --------
    >>> use = pd.DataFrame({
    ...     "year": [2015, 2022], "cas_number": "50-29-3", "substance": "X", "pesticide_type": "insecticide",
    ...     "sector": None, "mass_kg": [10.0, 5.0], "value_status": "sold",
    ... })
    >>> limits = pd.DataFrame(
    ...     {"cas_number": ["50-29-3"], "species_group": ["fish"], "threshold": [2.0], "threshold_unit": ["µg/L"]}
    ... )
    >>> rows = pesticides_in_the_environment(
    ...     use, limits, None, None, base_first=2010, base_last=2020, aggregate="none", missing_threshold="leave_out",
    ...     mixture="each",
    ... )
    >>> rows.loc[rows["disaggregation_type"] == "Group of species", "value"].tolist()
    [100.0, 50.0]
    """
    doubts, rows = Doubts(), []
    limits = None if thresholds is None else in_one_unit(thresholds)
    if use is not None and limits is not None:
        table = applied_toxicity(_told(use, doubts), limits, missing_threshold, doubts)
        rows += _toxicity_rows(table, base_first, base_last, aggregate, doubts)
    if concentrations is not None and limits is not None:
        rows += _site_rows(concentrations, limits, mixture, doubts)
    if use_by_type is not None:
        rows += _mass_rows(use_by_type)
        if use is None:
            doubts.add("flag", "mass_only")
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _told(use: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """Uses whose mass is told; a mass that is kept secret is no zero."""
    secret = use["value_status"] == "suppressed"
    doubts.add("flag", "secret", count=int(secret.sum()))
    return use[~secret]


def _toxicity_rows(
    table: pd.DataFrame, first: int, last: int, aggregate: str, doubts: Doubts
) -> Iterator[dict[str, Any]]:
    indices: dict[str, pd.Series] = {}
    without = []
    for group, part in table.groupby("species_group", sort=True):
        name = str(group).capitalize()
        measured = part.dropna(subset=["toxicity"])
        yearly = measured.groupby("year")["toxicity"].sum()
        index, base = against_base_years(yearly, first, last)
        for year, toxicity in yearly.items():
            about = {"disaggregation_type": "Total applied toxicity", "disaggregation": name}
            yield {"year": year, **about, "value": float(toxicity), "unit": f"kg/({part['unit'].iloc[0]})"}
        yield from _covered(part, name)
        if index.isna().all():
            without.append(name)
            continue
        indices[name] = index
        for year, value in index.items():
            number = int(measured.loc[measured["year"] == year, "cas_number"].nunique())
            yield {
                "year": year,
                "disaggregation_type": "Group of species",
                "disaggregation": name,
                "value": value,
                "n": number,
            }
        yield from _parts(measured, name, 100.0 / yearly.loc[base].mean())
    doubts.add("flag", "no_base", count=len(without), names=", ".join(without), first=first, last=last)
    if aggregate == "mean_of_groups" and indices:
        yield from _mean_of_groups(pd.DataFrame(indices), doubts)


def _mean_of_groups(table: pd.DataFrame, doubts: Doubts) -> Iterator[dict[str, Any]]:
    """The mean of the indices of all groups, in the years in which each has one."""
    doubts.add("flag", "mean_is_experimental")
    for year, row in table.dropna().iterrows():
        yield {"year": year, "disaggregation_type": "", "disaggregation": "", "value": float(row.mean()), "n": len(row)}


def _covered(part: pd.DataFrame, name: str) -> Iterator[dict[str, Any]]:
    """Share of the mass that has a threshold in the group."""
    for year, one in part.groupby("year", sort=True):
        about = {"disaggregation_type": "Mass with a threshold", "disaggregation": name, "unit": "%"}
        mass = one["mass_kg"].sum()
        if mass > 0:
            share = 100.0 * one.loc[one["toxicity"].notna(), "mass_kg"].sum() / mass
            yield {"year": year, **about, "value": float(share), "n": int(one["cas_number"].nunique())}
        else:
            yield {"year": year, **about, "value": np.nan, "value_status": "not_applicable", "note": "no_use"}


def _parts(measured: pd.DataFrame, name: str, scale: float) -> Iterator[dict[str, Any]]:
    """What types, sectors and, in the newest year, the substances that matter most put into the index of a group."""
    for kind, column in (("Pesticide type", "pesticide_type"), ("Sector", "sector")):
        named = measured[column].astype("object").where(measured[column].notna(), "Not told")
        if measured[column].notna().any():
            summed = measured.groupby([named.rename("part"), "year"])["toxicity"].sum()
            for (part, year), toxicity in summed.items():
                about = {"disaggregation_type": f"{kind}, {name}", "disaggregation": str(part)}
                yield {"year": year, **about, "value": float(toxicity * scale)}
    newest = measured["year"].max()
    called = measured["substance"].astype("object").where(measured["substance"].notna(), measured["cas_number"])
    last = measured[measured["year"] == newest].assign(part=called)
    ordered = last.groupby("part")["toxicity"].sum().sort_values(ascending=False, kind="stable")
    before = ordered.cumsum() - ordered
    for part, toxicity in ordered[before < _NAMED / 100 * ordered.sum()].items():
        about = {"disaggregation_type": f"Substance, {name}", "disaggregation": str(part)}
        yield {"year": newest, **about, "value": float(toxicity * scale)}


def _site_rows(
    concentrations: pd.DataFrame, limits: pd.DataFrame, mixture: str, doubts: Doubts
) -> Iterator[dict[str, Any]]:
    """Share of the sites of a year with a concentration above a threshold; the range counts the unsure ones too."""
    water = concentrations[concentrations["matrix"].isin(WATERS)]
    doubts.add("flag", "no_water", count=len(concentrations) - len(water))
    aquatic = limits[limits["species_group"].isin(_IN_WATER) & (limits["threshold_unit"] == "µg/L")]
    lowest = aquatic.groupby("cas_number", as_index=False)["threshold"].min()
    bare = sorted(set(water["cas_number"]) - set(lowest["cas_number"]))
    doubts.add("flag", "not_compared", count=len(bare), names=", ".join(bare))
    regions = water.dropna(subset=["region"]).drop_duplicates("site_id").set_index("site_id")["region"]
    verdicts = site_verdicts(water, lowest, mixture)
    doubts.add("flag", "limit_too_high", count=int(verdicts["unsure"].sum()))
    for year, part in verdicts.groupby("year", sort=True):
        yield {"year": year, **_share(part, "Sites above a threshold", "All waters")}
        for region, one in part.groupby(part["site_id"].map(regions), sort=True):
            yield {"year": year, **_share(one, "Sites above a threshold", str(region))}


def _share(part: pd.DataFrame, kind: str, name: str) -> dict[str, Any]:
    low, high = 100.0 * part["above"].mean(), 100.0 * (part["above"] | part["unsure"]).mean()
    about = {"disaggregation_type": kind, "disaggregation": name, "unit": "%"}
    return {**about, "value": float(low), "lower": float(low), "upper": float(high), "n": len(part)}


def _mass_rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in table.itertuples(index=False):
        about = {"disaggregation_type": "Mass applied", "disaggregation": str(row.pesticide_type), "unit": "t"}
        yield {"year": row.year, **about, "value": float(row.mass_t)}
    for year, part in table.groupby("year", sort=True):
        land = part["cropland_ha"].dropna().unique()
        about = {"disaggregation_type": "Mass applied", "disaggregation": "All types"}
        yield {"year": year, **about, "unit": "t", "value": float(part["mass_t"].sum()), "n": len(part)}
        if len(land) == 1 and land[0] > 0:
            rate = float(part["mass_t"].sum() * _KG_PER_T / land[0])
            yield {"year": year, **about, "unit": "kg/ha", "value": rate, "n": len(part)}
