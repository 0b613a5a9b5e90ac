"""Which spatial plans are in force, and how far each of them includes biodiversity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.methods.cells import answers, numbers, texts
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.yearly_areas import FOREVER

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

NOTES = "indicators.spatial_plans.notes"
#: How far a plan includes biodiversity, in the order in which a place is given to the plans that lie on it.
INCLUDES, IN_PART, NOT_KNOWN, NOT_AT_ALL = range(4)


@dataclass(frozen=True)
class Plans:
    """Plans that are or were in force.

    Attributes
    ----------
    table : GeoDataFrame
        ``plan_id, name, realm, level`` and outlines, in the order of the identifiers.
    since, until : array of int
        First and last year in which each is in force on 31 December.
    inclusion : array of int
        ``INCLUDES``, ``IN_PART``, ``NOT_KNOWN`` or ``NOT_AT_ALL``.
    """

    table: gpd.GeoDataFrame
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    inclusion: NDArray[np.int64]


def inclusion_of(plans: pd.DataFrame, mandatory: Sequence[str]) -> NDArray[np.int64]:
    """How far each plan includes biodiversity, by the answers to the mandatory conditions.

    Parameters
    ----------
    plans : DataFrame
        A column of yes, no or nothing for each condition.
    mandatory : sequence of str
        Conditions that all have to be met.

    Returns
    -------
    array of int
        ``INCLUDES`` where all are met; ``NOT_KNOWN`` where none is denied but some answer is missing; else ``IN_PART``
        where at least one is met and ``NOT_AT_ALL`` where none is.

    Examples
    --------
    >>> table = pd.DataFrame({"binding": [True, True, True, False], "implemented": [True, False, None, None]})
    >>> inclusion_of(table, ["binding", "implemented"]).tolist()
    [0, 1, 2, 3]
    """
    said = np.column_stack([answers(plans, one).to_numpy() for one in mandatory])
    met, denied, unknown = (said == 1), (said == 0), np.isnan(said)
    found = np.where(met.any(axis=1), IN_PART, NOT_AT_ALL)
    found = np.where(~denied.any(axis=1) & unknown.any(axis=1), NOT_KNOWN, found)
    return np.where(met.all(axis=1), INCLUDES, found)


def plans_in_force(layer: gpd.GeoDataFrame, mandatory: Sequence[str], last: int, doubts: Doubts) -> Plans:
    """The plans that are or were in force, with the years; the others are listed.

    Parameters
    ----------
    layer : GeoDataFrame
        Table ``spatial_plan_outlines``.
    mandatory : sequence of str
        Conditions for including biodiversity.
    last : int
        Last year of the series, to say which plans are listed and not counted.
    doubts : Doubts

    Raises
    ------
    WorkbenchError
        If a plan in force has no year of adoption.

    Notes
    -----
    A plan counts from the year of its adoption to its last year, both on 31 December. Drafts and repealed plans never
    count; expired ones count in the past if their last year is known.
    """
    status, since, until = texts(layer, "status"), numbers(layer, "adopted_year"), numbers(layer, "expiry_year")
    if (bad := (status == "in force") & since.isna()).any():
        rows = tuple(int(row) for row in layer.index[bad])
        raise WorkbenchError(
            Issue("error", f"{NOTES}.no_adopted_year", table="spatial_plan_outlines", column="adopted_year", rows=rows)
        )
    empty = layer.geometry.isna() | layer.geometry.is_empty
    counted = (status == "in force") | ((status == "expired") & since.notna() & until.notna())
    name = texts(layer, "name").where(texts(layer, "name") != "", texts(layer, "plan_id"))
    left_out = {
        "drafts": status == "draft",
        "repealed": status == "repealed",
        "expired_without_years": (status == "expired") & ~counted,
        "no_outline": counted & empty,
        "not_yet": counted & (since > last),
        "no_longer": (status == "in force") & (until < last),
    }
    for key, hit in left_out.items():
        doubts.add("flag", key, **_named(texts(layer, "plan_id")[hit], name[hit]), last=str(last))
    kept = layer[counted & ~empty].copy()
    for column in ("plan_id", "name", "realm", "level"):
        kept[column] = texts(kept, column)
    kept["adopted_year"], kept["expiry_year"] = numbers(kept, "adopted_year"), numbers(kept, "expiry_year")
    kept["inclusion"] = inclusion_of(kept, mandatory)
    # Every value takes part in the order, so that the numbers are the same whatever the order of the rows.
    kept["shape"] = kept.geometry.to_wkb(hex=True)
    order = ["plan_id", "adopted_year", "expiry_year", "realm", "level", "inclusion", "shape"]
    kept = kept.sort_values(order, kind="stable", ignore_index=True)
    since = kept["adopted_year"].to_numpy(np.int64)
    until = kept["expiry_year"].fillna(FOREVER).to_numpy(np.int64)
    plans = Plans(kept, since, until, kept["inclusion"].to_numpy())
    now = (since <= last) & (until >= last)
    label = kept["name"].where(kept["name"] != "", kept["plan_id"])
    for key, kind in (("conditions_not_known", NOT_KNOWN), ("partial_plans", IN_PART)):
        hit = now & (plans.inclusion == kind)
        doubts.add("flag", key, **_named(kept["plan_id"][hit], label[hit]))
    return plans


def _named(ids: pd.Series, labels: pd.Series, most: int = 12) -> dict[str, object]:
    """How many plans, and their names; the parts of a plan share its identifier, and many plans may share a name."""
    names = sorted(set(labels))
    return {"count": ids.nunique(), "names": ", ".join(names[:most]) + (" …" if len(names) > most else "")}
