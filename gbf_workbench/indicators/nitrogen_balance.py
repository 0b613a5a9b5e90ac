"""7.CY.1 Nitrogen balance: what comes to agricultural land and is not harvested can be lost to water and air."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.nitrogen_budgets import (
    BUDGETS,
    WHOLE,
    Account,
    Place,
    accounts,
    areas_of_table,
    flows_of_quantities,
    flows_of_table,
    listed,
    only_cropland,
)

_KG_PER_T = 1000.0


def nitrogen_balance(
    flows: pd.DataFrame | None,
    quantities: pd.DataFrame | None,
    coefficients: pd.DataFrame | None,
    areas: pd.DataFrame,
    *,
    budget: str,
    left_out: list[str],
    confidence: float,
) -> pd.DataFrame:
    """Nitrogen that is left on agricultural land after the harvest, per hectare and in all.

    Parameters
    ----------
    flows : DataFrame or None
        ``year, flow, item, province, land_type, nitrogen_t, value_status`` [t N].
    quantities, coefficients : DataFrame or None
        ``year, flow, item, province, land_type, quantity, unit`` and ``flow, item, kg_n_per_unit, unit,
        standard_error_kg`` [kg N per unit]; used where there are no flows.
    areas : DataFrame
        ``year, province, land_type, area_ha`` [ha].
    budget : {"agricultural_land", "cropland"}
        Which flows and which land are counted.
    left_out : list of str
        Flows that are not counted in any year; any other flow that is missing leaves its year without a balance.
    confidence : float
        Of the interval from standard errors of coefficients, 0 to 1.

    Returns
    -------
    DataFrame
        Balance [kg N/ha, t N] of the country, of provinces and of land types; nitrogen use efficiency [%]; flows,
        inputs and outputs [t N].

    Raises
    ------
    WorkbenchError
        If an amount is below 0, a quantity has no coefficient or one of another unit, or no flow is left to count.

    Notes
    -----
    balance = inputs − outputs, efficiency = 100 · outputs / inputs, with manure as production − withdrawals + change of
    stocks + imports. Sums of parts are taken of nitrogen and of area, and then divided. The balance is linear in the
    coefficients, so with independent errors s its standard error is √Σ (s · quantity)².

    References
    ----------
    Eurostat and OECD 2013, Nutrient Budgets, Methodology and Handbook; Ludemann et al. 2024,
    doi:10.5194/essd-16-525-2024.

    Examples
    --------
    >>> table = pd.DataFrame([(2020, "mineral fertiliser", 90.0), (2020, "crop harvest", 60.0)],
    ...                      columns=["year", "flow", "nitrogen_t"])
    >>> others = [flow for flow in BUDGETS["agricultural_land"].flows if flow not in set(table["flow"])]
    >>> rows = nitrogen_balance(
    ...     table, None, None, pd.DataFrame({"year": [2020], "area_ha": [1000.0]}), budget="agricultural_land",
    ...     left_out=others, confidence=0.95,
    ... )
    >>> rows.loc[rows["disaggregation_type"] == "", ["value", "unit"]].to_numpy().tolist()
    [[30.0, 'kg N/ha'], [30.0, 't N']]
    """
    from scipy.special import ndtri

    doubts = Doubts()
    chosen = BUDGETS[budget].without(left_out)
    gone = [flow for flow in BUDGETS[budget].flows if flow in left_out]
    doubts.add("flag", "left_out", count=len(gone), names=", ".join(gone))
    if flows is not None:
        doubts.add("flag", "both_tables", count=int(quantities is not None))
        table = flows_of_table(flows)
    else:
        table = flows_of_quantities(quantities, coefficients, doubts)
    land = areas_of_table(areas)
    if budget == "cropland":
        table = only_cropland(table, "nitrogen_quantities" if flows is None else "nitrogen_flows")
        land = only_cropland(land, "agricultural_areas")
    found = accounts(table, land, chosen, doubts)
    _say(found, doubts)
    shown = {place for (place, _), one in found.items() if not one.missing} | {WHOLE}
    width = float(ndtri((1 + confidence) / 2))
    out = pd.DataFrame(
        row for (place, year), one in found.items() if place in shown
        for row in (*_balance_rows(year, place, one, width), *(_part_rows(year, one) if place == WHOLE else ()))
    )  # fmt: skip
    out.attrs["doubts"] = list(doubts)
    return out


def _say(found: dict[tuple[Place, int], Account], doubts: Doubts) -> None:
    """Which balances there are not, and which are below 0."""
    without = {year: one.missing for (place, year), one in found.items() if place == WHOLE and one.missing}
    names = listed(f"{year}: {', '.join(flows)}" for year, flows in without.items())
    doubts.add("flag", "years_without", count=len(without), names=names)
    named = {place for (place, _), one in found.items() if one.flows} - {WHOLE}
    parts = sorted("".join(one) for one in named - {place for (place, _), one in found.items() if not one.missing})
    doubts.add("flag", "parts_without", count=len(parts), names=listed(parts))
    below = [f"{''.join(place)} {year}".strip() for (place, year), one in found.items() if one.balance < 0]
    doubts.add("flag", "below", count=len(below), names=listed(below))


def _balance_rows(year: int, place: Place, one: Account, width: float) -> Iterator[dict[str, Any]]:
    """Balance per hectare and in all, and efficiency, of one place."""
    province, land_type = place
    kind = "Province" if province else "Land type" if land_type else ""
    about = {"year": year, "disaggregation_type": kind, "disaggregation": province or land_type.capitalize()}
    about |= {"n": len(one.flows), **_status(one)}
    per_hectare = _KG_PER_T / one.area_ha if one.area_ha > 0 else np.nan
    for unit, scale in (("kg N/ha", per_hectare), ("t N", 1.0)):
        row = about | {"value": one.balance * scale, "unit": unit}
        if not one.missing and np.isnan(scale):
            row |= _nothing("no_land" if one.area_ha == 0 else "area_unknown", applies=one.area_ha != 0)
        elif np.isfinite(one.error) and not one.missing:
            gap = width * one.error * scale
            row |= {"lower": row["value"] - gap, "upper": row["value"] + gap}
        yield row
    of = f"Nitrogen use efficiency by {kind.lower()}" if kind else "Nitrogen use efficiency"
    row = about | {"disaggregation_type": of, "unit": "%"}
    if one.missing or one.inputs > 0:
        yield row | {"value": 100 * one.outputs / one.inputs}
    else:
        yield row | {"value": np.nan} | _nothing("no_inputs", applies=False)


def _status(one: Account) -> dict[str, str]:
    """What the numbers of an account are, and what has to be said of them."""
    if one.missing:
        return {"value_status": "suppressed" if one.withheld else "missing", "note": "flows_missing"}
    note = "mining" if one.balance < 0 else ""
    return {"value_status": "estimated" if one.estimated else "measured", "note": note}


def _nothing(note: str, *, applies: bool) -> dict[str, Any]:
    return {"value_status": "missing" if applies else "not_applicable", "note": note}


def _part_rows(year: int, one: Account) -> Iterator[dict[str, Any]]:
    """The flows of the country that are known, and the sums of the sides of which all are."""
    sums = [("Inputs and outputs", "Inputs", one.inputs), ("Inputs and outputs", "Outputs", one.outputs)]
    for kind, name, tonnes in [*(("Flow", flow.capitalize(), known) for flow, known in one.flows.items()), *sums]:
        if np.isfinite(tonnes):
            about = {"year": year, "disaggregation_type": kind, "disaggregation": name, "unit": "t N"}
            yield about | {"value": tonnes, "value_status": "estimated" if one.estimated else "measured"}
