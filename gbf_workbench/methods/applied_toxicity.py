"""Masses of pesticides weighed by what they do to a group of species; groups are never added."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts

_NOTES = "indicators.pesticides_in_the_environment.notes"
#: Units that are brought to another before anything is compared: unit, factor.
_BROUGHT_TO = {"mg/L": ("µg/L", 1000.0)}
#: Water whose concentrations are given in µg/L.
WATERS = ("surface water", "groundwater", "coastal water")


def in_one_unit(thresholds: pd.DataFrame) -> pd.DataFrame:
    """Thresholds with one unit for each group of species.

    Parameters
    ----------
    thresholds : DataFrame
        ``cas_number, species_group, threshold, threshold_unit``.

    Raises
    ------
    WorkbenchError
        If a group has thresholds in units that cannot be brought to one.
    """
    brought = thresholds["threshold_unit"].map(lambda unit: _BROUGHT_TO.get(unit, (unit, 1.0)))
    out = thresholds.assign(
        threshold=thresholds["threshold"] * brought.str[1].astype(float), threshold_unit=brought.str[0]
    )
    for group, units in out.groupby("species_group")["threshold_unit"].unique().items():
        if len(units) > 1:
            said = {"group": str(group), "units": ", ".join(sorted(units))}
            raise problem(f"{_NOTES}.units_of_group", table="pesticide_thresholds", column="threshold_unit", **said)
    return out


def applied_toxicity(use: pd.DataFrame, thresholds: pd.DataFrame, missing: str, doubts: Doubts) -> pd.DataFrame:
    """For each use and group of species the mass over the threshold, as far as there is one.

    Parameters
    ----------
    use : DataFrame
        ``year, cas_number, substance, pesticide_type, sector, mass_kg``.
    thresholds : DataFrame
        ``cas_number, species_group, threshold, threshold_unit``, one unit for each group.
    missing : {"leave_out", "median_of_type"}
        What is done with a substance without a threshold in a group: nothing, or the median threshold of the substances
        of its type in that group.
    doubts : Doubts

    Returns
    -------
    DataFrame
        One row for each row of use and group: the columns of use, ``species_group, unit, toxicity`` [kg per unit of the
        threshold], nan without a threshold.

    References
    ----------
    Schulz et al. 2021, doi:10.1126/science.abe1148.
    """
    units = thresholds.groupby("species_group")["threshold_unit"].first()
    known = thresholds.set_index(["cas_number", "species_group"])["threshold"]
    parts = []
    for group, unit in units.items():
        own = use["cas_number"].map(known.xs(group, level="species_group"))
        if missing == "median_of_type":
            own = own.fillna(_median_of_type(use, own))
        parts.append(use.assign(species_group=group, unit=unit, toxicity=use["mass_kg"] / own))
    table = pd.concat(parts, ignore_index=True)
    bare = table["toxicity"].isna() & (table["mass_kg"] > 0)
    names = sorted(
        {str(s) if s == s and s else str(c) for s, c in table.loc[bare, ["substance", "cas_number"]].to_numpy()}
    )
    doubts.add(
        "flag", "no_threshold", count=len(names), names=", ".join(names[:20]) + (" …" if len(names) > 20 else "")
    )
    if missing == "median_of_type":
        doubts.add("flag", "thresholds_imputed")
    return table


def _median_of_type(use: pd.DataFrame, own: pd.Series) -> pd.Series:
    """Median threshold of the different substances of each row's type."""
    different = use.assign(threshold=own).drop_duplicates("cas_number").dropna(subset=["threshold"])
    return use["pesticide_type"].map(different.groupby("pesticide_type")["threshold"].median())


def site_verdicts(samples: pd.DataFrame, thresholds: pd.DataFrame, mixture: str) -> pd.DataFrame:
    """For each site and year whether a concentration is above the lowest threshold of the groups that live in water.

    Parameters
    ----------
    samples : DataFrame
        ``site_id, date, cas_number, concentration_ug_per_l, below_loq, loq_ug_per_l`` of waters.
    thresholds : DataFrame
        ``cas_number, threshold`` [µg/L], the lowest of each substance.
    mixture : {"each", "sum"}
        Whether a site is above once one substance is, or once the quotients of a day add up to more than 1.

    Returns
    -------
    DataFrame
        ``site_id, year, above, unsure, quotient``: ``unsure`` where nothing is above but a limit of quantification lies
        above its threshold, so that it cannot be told; ``quotient`` is the highest that was measured.
    """
    threshold = samples["cas_number"].map(thresholds.set_index("cas_number")["threshold"])
    rows = samples.assign(threshold=threshold, day=pd.to_datetime(samples["date"])).dropna(subset=["threshold"])
    low = rows["below_loq"].fillna(False).astype(bool) & rows["concentration_ug_per_l"].isna()
    rows["quotient"] = (rows["concentration_ug_per_l"] / rows["threshold"]).mask(low, 0.0)
    rows["unsure"] = low & (rows["loq_ug_per_l"] > rows["threshold"])
    rows["year"] = rows["day"].dt.year
    by_day = rows.groupby(["site_id", "year", "day"], as_index=False)
    daily = by_day.agg(quotient=("quotient", "max" if mixture == "each" else "sum"), unsure=("unsure", "any"))
    found = daily.groupby(["site_id", "year"], as_index=False).agg(
        quotient=("quotient", "max"), unsure=("unsure", "any")
    )
    above = found["quotient"] > 1
    return found.assign(above=above, unsure=found["unsure"] & ~above)


def against_base_years(series: pd.Series, first: int, last: int) -> tuple[pd.Series, list[int]]:
    """A yearly series as an index whose mean over the base years is 100, and the base years it has values in.

    Examples
    --------
    >>> against_base_years(pd.Series({2015: 2.0, 2016: 6.0, 2022: 2.0}), 2010, 2020)[0].tolist()
    [50.0, 150.0, 50.0]
    """
    base = [int(year) for year in series.index if first <= year <= last]
    mean = series.loc[base].mean() if base else np.nan
    return (100.0 * series / mean if mean > 0 else series * np.nan), base
