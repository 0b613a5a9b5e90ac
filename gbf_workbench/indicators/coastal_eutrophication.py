"""7.1 Index of coastal eutrophication: whether rivers feed harmful blooms, basin by basin and for the whole coast."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import WorkbenchError, problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.nutrient_loads import (
    as_element,
    below_limit_without_value,
    concentrations,
    fluxes,
    icep,
    loads_of_samples,
)

_NOTES = "indicators.coastal_eutrophication.notes"
_UNIT = "kg C per km2 and day"
#: Upper limits of the classes of the index, as World Resources Institute's Aqueduct draws them [kg C per km² and day].
_CLASSES = (("Low", -5.0), ("Low to medium", 0.0), ("Medium to high", 1.0), ("High", 5.0), ("Extremely high", np.inf))
_BELOW = {"zero": 0.0, "half": 0.5, "limit": 1.0}
_MONTHS = 12
#: A time without a sample [days] that can hide a flood season.
_LONG_GAP = 92


def coastal_eutrophication(
    basins: pd.DataFrame | None,
    nutrient_loads: pd.DataFrame | None,
    nutrient_samples: pd.DataFrame | None,
    chlorophyll_deviations: pd.DataFrame | None,
    *,
    below_limit: str,
    fewest_samples: int,
) -> pd.DataFrame:
    """Index of coastal eutrophication potential (ICEP) from loads or samples, and deviations of chlorophyll.

    Parameters
    ----------
    basins : DataFrame or None
        ``basin_id, basin_area_km2, share_in_country, sub_region, name``.
    nutrient_loads : DataFrame or None
        ``basin_id, year, nutrient, load_t, expressed_as, value_status`` [t per year].
    nutrient_samples : DataFrame or None
        ``basin_id, date, nutrient, concentration_mg_per_l, below_loq, loq_mg_per_l, expressed_as,
        discharge_m3_per_s``; used for basins and years without a load.
    chlorophyll_deviations : DataFrame or None
        ``year, month, sub_region, high_share_percent, cells_with_data``.
    below_limit : {"half", "zero", "limit"}
        What a concentration below the limit of quantification is taken as.
    fewest_samples : int
        Samples of a year below which a load counts as estimated and is said to be unsure.

    Returns
    -------
    DataFrame
        Mean index, weighed by area, of all basins with the three nutrients; by basin, part of the coast and nutrient
        [kg C per km² and day]; basins and basin area with an index above 0 [%]; basins by limiting nutrient and class
        [basins]; mean share of the sea with unusual chlorophyll [%].

    Raises
    ------
    WorkbenchError
        If a compound does not hold its nutrient, or no basin has all three nutrients in any year.

    Notes
    -----
    ICEP = (min(N/224, P/31) - Si/560) x 1272 with fluxes in kg per km² and day. A negative index is a low potential and
    no zero. The mean weighed by area is the surplus of carbon of all basins over their area.

    References
    ----------
    United Nations, metadata of SDG indicator 14.1.1, 2021. Garnier et al. 2010, doi:10.1007/s10533-010-9462-x.

    Examples
    --------
    >>> loads = pd.DataFrame({
    ...     "basin_id": "R", "year": 2020, "nutrient": ["nitrogen", "phosphorus", "silica"],
    ...     "load_t": [3652.5, 365.25, 1826.25], "expressed_as": "element", "value_status": "measured",
    ... })
    >>> basins = pd.DataFrame({"basin_id": ["R"], "basin_area_km2": [1000.0], "share_in_country": [1.0],
    ...                        "sub_region": [None], "name": ["River"]})
    >>> rows = coastal_eutrophication(basins, loads, None, None, below_limit="half", fewest_samples=12)
    >>> rows.loc[rows["disaggregation_type"].isna(), "value"].round(3).tolist()
    [29.675]
    """
    doubts, rows = Doubts(), []
    if basins is not None and (nutrient_loads is not None or nutrient_samples is not None):
        table = _indices(
            basins, _all_loads(nutrient_loads, nutrient_samples, below_limit, fewest_samples, doubts), doubts
        )
        rows += _index_rows(table)
        if nutrient_samples is not None:
            rows += _range_by_limit(basins, nutrient_loads, nutrient_samples, fewest_samples)
    if chlorophyll_deviations is not None:
        rows += _chlorophyll_rows(chlorophyll_deviations, doubts)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _all_loads(
    loads: pd.DataFrame | None, samples: pd.DataFrame | None, below_limit: str, fewest: int, doubts: Doubts
) -> pd.DataFrame:
    """Loads of the elements, given or worked out from samples; a given one stands before one worked out."""
    parts, wrong = [], []
    if loads is not None:
        tonnes, found = as_element(loads, "load_t", "nutrient_loads")
        wrong += found
        parts.append(loads.assign(load_t=tonnes, sure=loads["value_status"] != "estimated"))
    if samples is not None:
        given = samples.assign(mg_per_l=concentrations(samples, _BELOW[below_limit]))
        given["mg_per_l"], found = as_element(given, "mg_per_l", "nutrient_samples")
        wrong += found
        if not wrong:
            made = loads_of_samples(given)
            made["sure"] = made["samples"] >= fewest
            doubts.add("flag", "few_samples", count=int((~made["sure"]).sum()), fewest=fewest)
            doubts.add("flag", "long_gap", count=int((made["gap"] > _LONG_GAP).sum()), days=_LONG_GAP)
            parts.append(made)
    if wrong:
        raise WorkbenchError(*wrong)
    low = 0 if samples is None else below_limit_without_value(samples).sum()
    doubts.add("flag", f"below_limit_{below_limit}", count=int(low))
    every = pd.concat(parts, ignore_index=True)[["basin_id", "year", "nutrient", "load_t", "sure"]]
    return every.drop_duplicates(["basin_id", "year", "nutrient"], keep="first")


def _indices(basins: pd.DataFrame, loads: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """One row for each basin and year with all three nutrients: its indices, its weight and where it lies."""
    about = basins.set_index("basin_id")
    flux = fluxes(loads, about["basin_area_km2"])
    whole = flux.dropna()
    lacking = flux.index.difference(whole.index)
    names = ", ".join(dict.fromkeys(map(str, lacking.get_level_values("basin_id"))))
    doubts.add("flag", "nutrient_missing", count=len(lacking), names=names)
    if whole.empty:
        raise problem(f"{_NOTES}.no_whole_basin", table="nutrient_loads", column="nutrient")
    silent = sorted(map(str, set(about.index) - set(whole.index.get_level_values("basin_id"))))
    doubts.add("flag", "basin_without", count=len(silent), names=", ".join(silent))
    nitrogen, phosphorus = icep(*(whole[one].to_numpy() for one in whole.columns))
    table = whole.reset_index()[["basin_id", "year"]].assign(nitrogen=nitrogen, phosphorus=phosphorus)
    table["index"] = np.minimum(nitrogen, phosphorus)
    table["limits"] = np.where(nitrogen < phosphorus, "Nitrogen", "Phosphorus")
    inside = (about["basin_area_km2"] * about["share_in_country"].fillna(1.0)).reindex(table["basin_id"]).to_numpy()
    sure = loads.groupby(["basin_id", "year"])["sure"].all()
    table["sure"] = sure.reindex(pd.MultiIndex.from_frame(table[["basin_id", "year"]])).to_numpy()
    named = about["name"].fillna(pd.Series(about.index, about.index)).astype(str)
    same = named.duplicated(keep=False)
    named[same] = named[same] + " (" + named.index[same].astype(str) + ")"
    return table.assign(
        km2=inside, basin=named.reindex(table["basin_id"]).to_numpy(),
        coast=about["sub_region"].reindex(table["basin_id"]).to_numpy(),
    ).sort_values(["year", "basin_id"], ignore_index=True)  # fmt: skip


def _weighed(part: pd.DataFrame, column: str = "index") -> dict[str, Any]:
    value = float((part[column] * part["km2"]).sum() / part["km2"].sum())
    status = "measured" if part["sure"].all() else "estimated"
    note = "" if part["sure"].all() else "unsure_loads"
    return {"value": value, "n": len(part), "value_status": status, "note": note}


def _index_rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for year, part in table.groupby("year", sort=True):
        yield {"year": year, **_weighed(part)}
        for name, one in part.groupby("basin", sort=True):
            yield {"year": year, "disaggregation_type": "Basin", "disaggregation": name, **_weighed(one)}
        for name, one in part[part["coast"].notna()].groupby("coast", sort=True):
            yield {"year": year, "disaggregation_type": "Part of the coast", "disaggregation": name, **_weighed(one)}
        for column in ("nitrogen", "phosphorus"):
            about = {"disaggregation_type": "Nutrient", "disaggregation": column.capitalize()}
            yield {"year": year, **about, **_weighed(part, column)}
        above = part["index"] > 0
        shares = {"Basins": above.mean(), "Area of the basins": part.loc[above, "km2"].sum() / part["km2"].sum()}
        for name, share in shares.items():
            about = {"disaggregation_type": "Index above 0", "disaggregation": name, "unit": "%"}
            yield {"year": year, **about, "value": 100.0 * float(share), "n": len(part)}
        yield from _counted(int(year), part)


def _counted(year: int, part: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Basins by the nutrient that limits, and by class of the index."""
    for name in ("Nitrogen", "Phosphorus"):
        about = {"disaggregation_type": "Limiting nutrient", "disaggregation": name, "unit": "basins"}
        yield {"year": year, **about, "value": float((part["limits"] == name).sum()), "n": len(part)}
    low = -np.inf
    for name, high in _CLASSES:
        inside = (part["index"] >= low) & (part["index"] < high)
        about = {"disaggregation_type": "Class", "disaggregation": name, "unit": "basins"}
        yield {"year": year, **about, "value": float(inside.sum()), "n": len(part)}
        low = high


def _range_by_limit(
    basins: pd.DataFrame, loads: pd.DataFrame | None, samples: pd.DataFrame, fewest: int
) -> Iterator[dict[str, Any]]:
    """The mean index with all concentrations below the limit at zero, and at the limit."""
    if not below_limit_without_value(samples).any():
        return
    for choice, name in (("zero", "At zero"), ("limit", "At the limit")):
        table = _indices(basins, _all_loads(loads, samples, choice, fewest, Doubts()), Doubts())
        for year, part in table.groupby("year", sort=True):
            about = {"disaggregation_type": "Concentrations below the limit", "disaggregation": name}
            yield {"year": year, **about, **_weighed(part)}


def _chlorophyll_rows(table: pd.DataFrame, doubts: Doubts) -> list[dict[str, Any]]:
    """Mean of the months of a year, as the metadata define it; months under cloud are left out and said."""
    clear = table.dropna(subset=["high_share_percent"])
    doubts.add("flag", "months_without", count=len(table) - len(clear))
    parts = [(str(name), one) for name, one in clear[clear["sub_region"].notna()].groupby("sub_region", sort=True)]
    whole = clear[clear["sub_region"].isna()]
    if not whole.empty:
        parts.append(("All of the sea", whole))
    elif clear["cells_with_data"].notna().all():
        parts.append(("All of the sea", _sea_by_month(clear)))
    else:
        doubts.add("flag", "no_cells")
    rows = []
    for name, part in parts:
        for year, months in part.groupby("year", sort=True):
            about = {"disaggregation_type": "Unusual chlorophyll", "disaggregation": name, "unit": "%"}
            row = {"year": year, **about, "value": float(months["high_share_percent"].mean()), "n": len(months)}
            if len(months) < _MONTHS:
                row |= {"value_status": "estimated", "note": f"months|count={len(months)}"}
            rows.append(row)
    return rows


def _sea_by_month(clear: pd.DataFrame) -> pd.DataFrame:
    """The whole sea month by month: cells above the threshold over cells with data, not a mean of shares."""
    cells = clear.assign(above=clear["high_share_percent"] * clear["cells_with_data"])
    summed = cells.groupby(["year", "month"], as_index=False)[["above", "cells_with_data"]].sum()
    return summed.assign(high_share_percent=summed["above"] / summed["cells_with_data"])
