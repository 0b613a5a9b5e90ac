"""Traditional territories: whose consent there is, how the law holds them, and where claims lie on each other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.methods.areas import Partition, leading_sites, part_areas_km2, partition_areas
from gbf_workbench.methods.cells import answers, numbers, texts
from gbf_workbench.methods.yearly_areas import ranked

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

#: Kinds of tenure in the order in which overlaps are given to them; the first two are recognised by law.
TENURE = ("titled", "recognised use right", "claimed", "unknown")
_RECOGNISED, _CLAIMED = 2, 2
_HA = 100.0
_SQUARE_METRE = 1e-4


@dataclass(frozen=True)
class Territories:
    """Territories whose people consent, and what is held back.

    Attributes
    ----------
    table : GeoDataFrame
        ``territory_id, label, shown, tenure, recognised``, in the order of the identifiers.
    withheld : GeoSeries
        Outlines without consent; they go into no figure.
    withheld_count : int
        How many territories those are.
    """

    table: gpd.GeoDataFrame
    withheld: gpd.GeoSeries
    withheld_count: int

    @property
    def hidden_count(self) -> int:
        """Territories that count in national figures only."""
        return int(self.table.loc[~self.table["shown"], "territory_id"].nunique())


def consenting(layer: gpd.GeoDataFrame) -> Territories:
    """Territories of the table ``traditional_territory_outlines`` by consent.

    A territory of several features needs the consent, and the leave to be shown, for each of them; an empty answer is
    none.
    """
    table = layer[~(layer.geometry.isna() | layer.geometry.is_empty)].copy()
    table["territory_id"] = texts(table, "territory_id")
    for column, source in (("agreed", "consent"), ("shown", "may_be_shown")):
        yes = answers(table, source) == 1
        table[column] = yes.groupby(table["territory_id"]).transform("all")
    name = texts(table, "name")
    alone = name.map(table.groupby(name)["territory_id"].nunique()) == 1
    table["label"] = name.where((name != "") & alone, table["territory_id"])
    table["tenure"] = texts(table, "tenure_status").map(TENURE.index)
    table["recognised"] = numbers(table, "recognised_year")
    table["shape"] = table.geometry.to_wkb(hex=True)
    table = table.sort_values(["territory_id", "tenure", "recognised", "shape"], kind="stable")
    withheld = table[~table["agreed"]]
    kept = table.loc[table["agreed"], ["territory_id", "label", "shown", "tenure", "recognised", table.geometry.name]]
    return Territories(kept.reset_index(drop=True), withheld.geometry, int(withheld["territory_id"].nunique()))


def cut_territories(territories: Territories, land: gpd.GeoDataFrame | None) -> Partition:
    """The pieces into which territories, and the land of the country where it is known, cut the plane."""
    shapes = territories.table.geometry
    return partition_areas(shapes, {"land": shapes.iloc[:0] if land is None else land.geometry})


def tenure_by_year(territories: Territories, partition: Partition, years: NDArray[np.int64]) -> NDArray[np.float64]:
    """Area under each kind of tenure in each year, overlapping claims once.

    Parameters
    ----------
    territories : Territories
    partition : Partition
        What ``cut_territories`` gives.
    years : array of int, shape (years,)

    Returns
    -------
    array of float, shape (years, 4)
        [ha] in the order of ``TENURE``. A right counts from the year in which it was recognised, before it as a claim;
        one without a year counts in every year. Overlaps go to the strongest right.
    """
    table = territories.table
    now, since = table["tenure"].to_numpy(np.int64), table["recognised"].fillna(-np.inf).to_numpy()
    everyone, out = np.ones(len(table), bool), np.zeros((len(years), len(TENURE)))
    for at, year in enumerate(years):
        code = np.where((now < _RECOGNISED) & (since > year), _CLAIMED, now)
        lead = leading_sites(partition, ranked(code), everyone)
        out[at] = _HA * part_areas_km2(partition, np.append(code, -1)[lead], len(TENURE))
    return out


def overlapping_claims(territories: Territories, partition: Partition) -> pd.DataFrame:
    """Pairs of territories that lie on each other.

    Returns
    -------
    DataFrame
        ``first, second`` (labels), ``shown`` (whether both may be shown by themselves) and ``ha``.
    """
    table, found = territories.table, {}
    ids = table["territory_id"].to_numpy()
    pairs = pd.DataFrame({"piece": partition.piece, "id": ids[partition.site]}).drop_duplicates()
    several = pairs[pairs.duplicated("piece", keep=False)]
    for piece, own in several.groupby("piece")["id"]:
        for pair in combinations(sorted(own), 2):
            found[pair] = found.get(pair, 0.0) + _HA * partition.areas_km2[piece]
    about = table.drop_duplicates("territory_id").set_index("territory_id")
    rows = [
        {"first": about["label"][one], "second": about["label"][two],
         "shown": bool(about["shown"][one] and about["shown"][two]), "ha": float(ha)}
        for (one, two), ha in sorted(found.items()) if ha > _SQUARE_METRE
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["first", "second", "shown", "ha"])


def territory_areas(territories: Territories, partition: Partition) -> pd.Series:
    """Area of each territory that may be shown by itself [ha], by label; overlaps count for each of them.

    Empty where exactly one other is not to be shown: the national figure less the others would show it.
    """
    table = territories.table
    if territories.hidden_count == 1:
        return pd.Series(dtype=float)
    areas: dict[str, float] = {}
    for label in sorted(set(table.loc[table["shown"], "label"])):
        own = np.isin(partition.site, np.flatnonzero(table["label"] == label))
        areas[label] = _HA * float(partition.areas_km2[np.unique(partition.piece[own])].sum())
    return pd.Series(areas, dtype=float)
