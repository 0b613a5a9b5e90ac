"""A.CT.4 Biodiversity Habitat Index: what is left of the habitat of all kinds of places, rare kinds counting more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.habitat_scores import habitat_index, usable

_NOTES = "indicators.biodiversity_habitat_index.notes"
_BREAKDOWNS = {"province": "Province", "ecosystem_type": "Ecosystem type"}


def biodiversity_habitat_index(habitat_cells: pd.DataFrame) -> pd.DataFrame:
    """Habitat indicators of grid cells as an index of the country and of its parts.

    Parameters
    ----------
    habitat_cells : DataFrame
        ``cell_id, year, area_km2, habitat_indicator, similarity_sum, province, ecosystem_type``; one row for each cell
        and year.

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, n, value_status, note``. Total and parts in ``index``
        [0–1], and the share of the area that the index rests on [%].

    Raises
    ------
    WorkbenchError
        If no cell of any year has both numbers.

    References
    ----------
    Hoskins et al. 2020, doi:10.1016/j.envsoft.2020.104806; data and regional summary: doi:10.25919/tt2t-h452.

    Examples
    --------
    >>> cells = pd.DataFrame(
    ...     [("a", 2020, 1.0, 0.25, 2.0), ("b", 2020, 1.0, 1.0, 2.0)],
    ...     columns=["cell_id", "year", "area_km2", "habitat_indicator", "similarity_sum"],
    ... )
    >>> biodiversity_habitat_index(cells).value.tolist()
    [0.5, 100.0]
    """
    doubts = Doubts()
    cells = habitat_cells.sort_values(["year", "cell_id"])
    numbers = {name: cells[name].astype("Float64").astype(float) for name in _NUMBERS}
    cells = cells.assign(**numbers, _usable=usable(*(numbers[name].to_numpy() for name in _NUMBERS)))
    if not cells["_usable"].any():
        raise problem(f"{_NOTES}.no_cells", table="habitat_condition_cells", column="habitat_indicator")
    doubts.add("flag", "zero_left_out", count=int((cells["habitat_indicator"] == 0).sum()))
    unknown = cells["habitat_indicator"].isna() | ~(cells["similarity_sum"] > 0)
    doubts.add("flag", "unknown_left_out", count=int((unknown & (cells["habitat_indicator"] != 0)).sum()))
    _say_of_change(cells, doubts)
    rows = _rows(cells, "", "")
    for column, kind in _BREAKDOWNS.items():
        if column in cells:
            for part, own in cells.dropna(subset=column).groupby(cells[column].astype(object), sort=True):
                rows += _rows(own, kind, str(part))
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


_NUMBERS = ("habitat_indicator", "similarity_sum", "area_km2")


def _rows(cells: pd.DataFrame, kind: str, part: str) -> list[dict[str, Any]]:
    rows = []
    for year, own in cells.groupby("year", sort=True):
        value = habitat_index(*(own[name].to_numpy() for name in _NUMBERS))
        about = {"year": int(year), "disaggregation_type": kind, "disaggregation": part}
        if np.isnan(value):
            rows.append(
                {**about, "value": value, "unit": "index", "n": 0, "value_status": "missing", "note": "no_cells_here"}
            )
        else:
            rows.append({**about, "value": value, "unit": "index", "n": int(own["_usable"].sum())})
        area = own["area_km2"].sum()
        if kind == "" and area > 0:
            share = 100 * own.loc[own["_usable"], "area_km2"].sum() / area
            rows.append({**about, "disaggregation_type": "Area the index rests on", "value": float(share), "unit": "%"})
    return rows


def _say_of_change(cells: pd.DataFrame, doubts: Doubts) -> None:
    """Cells that count in one year and not in another move the index without any change of habitat."""
    used = cells[cells["_usable"]].groupby("year")["cell_id"].agg(frozenset)
    differing = len(frozenset().union(*used) - frozenset.intersection(*used))
    doubts.add("flag", "cells_differ", count=differing)
