"""Red Lists as numbers: categories as weights, changes of knowledge carried back, species gathered into kinds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.methods.doubts import Doubts

#: Equal steps from Least Concern to extinct (Butchart et al. 2007); DD, NE and NA have no weight.
WEIGHTS = {"LC": 0, "NT": 1, "VU": 2, "EN": 3, "CR": 4, "CR(PE)": 5, "CR(PEW)": 5, "RE": 5, "EW": 5, "EX": 5}
EXTINCT = 5
_NOTES = "indicators.red_list_index.notes"
_LIST, _COUNTS = "red_list_assessments", "red_list_counts"


@dataclass(frozen=True)
class Group:
    """A taxonomic group as kinds of species: all with the same weights at all dates and the same share of range.

    ``weights`` has the shape (kinds, dates). Where only counts are known, ``per_date`` holds them, shape
    (dates, kinds), and ``weights`` one date for each kind of category.
    """

    name: str
    years: np.ndarray
    weights: np.ndarray
    counts: np.ndarray
    shares: np.ndarray
    unknown: int = 0
    per_date: np.ndarray | None = None

    @property
    def size(self) -> int:
        """Number of species the index of the group rests on."""
        return int(self.counts.sum()) + self.unknown


def groups_of_species(
    table: pd.DataFrame, weighting: str, dd_rule: str, incomplete: str, extinct_at_start: str, doubts: Doubts
) -> list[Group]:
    """The groups of a species list, back-cast and with the same species at every date.

    Parameters
    ----------
    table : DataFrame
        ``species_id, taxonomic_group, year, category, reason_for_change, range_share``.
    weighting, dd_rule, incomplete, extinct_at_start : str
        As in ``red_list_index``.
    doubts : Doubts
        What has to be said is added here.

    Raises
    ------
    WorkbenchError
        If species lack dates, changes lack reasons, or shares of range are missing.
    """
    wrong = [*_moved(table), *_alike(table, _LIST)]
    moved = bool(wrong)
    if weighting == "range_share" and table["range_share"].isna().any():
        lacking = _rows(table.index[table["range_share"].isna()])
        wrong.append(_issue("error", "range_share_missing", "range_share", lacking))
    wrong += _unexplained(table, doubts)
    kept, short = _complete(_without_not_applicable(table, doubts), incomplete, doubts)
    # A species that stands in two groups lacks dates in both for that reason alone.
    wrong += [] if moved else short
    if wrong:
        raise WorkbenchError(*wrong)
    if gone := sorted(set(table["taxonomic_group"]) - set(kept["taxonomic_group"])):
        doubts.add("flag", "no_species", group=", ".join(gone))
    groups = []
    for name, part in kept.groupby("taxonomic_group", sort=True):
        try:
            groups.append(_group_of(str(name), part, weighting, dd_rule, extinct_at_start, doubts))
        except WorkbenchError as refused:
            wrong += refused.issues
    if wrong:
        raise WorkbenchError(*wrong)
    if not groups:
        raise problem(f"{_NOTES}.no_species", group=", ".join(sorted(set(table["taxonomic_group"]))))
    return groups


def _rows(index: pd.Index) -> tuple[int, ...]:
    return tuple(sorted(int(row) for row in index))


def _issue(level: str, key: str, column: str, rows: tuple[int, ...], **values: Any) -> Issue:
    values = {"count": len(rows), **values}
    return Issue(level, f"{_NOTES}.{key}", values, table=_LIST, column=column, rows=rows)


def _moved(table: pd.DataFrame) -> list[Issue]:
    """Species that stand in one group at one date and in another at another: each index would lose them."""
    groups = table.groupby("species_id")["taxonomic_group"].transform("nunique")
    moved = table[groups > 1]
    if moved.empty:
        return []
    names = sorted(set(moved["species_id"].astype("str")))
    said = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return [_issue("error", "moved", "taxonomic_group", _rows(moved.index), count=len(names), names=said)]


def _alike(table: pd.DataFrame, name: str) -> list[Issue]:
    """Names of groups that differ only in capitals: two groups of half the species each would come of a slip."""
    written: dict[str, set[str]] = {}
    for group in table["taxonomic_group"].unique():
        written.setdefault(str(group).casefold(), set()).add(str(group))
    return [
        Issue("question", f"{_NOTES}.groups_alike", {"names": ", ".join(sorted(names))}, table=name,
              column="taxonomic_group", rows=_rows(table.index[table["taxonomic_group"].isin(names)]))
        for names in written.values() if len(names) > 1
    ]  # fmt: skip


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by species and date, with the category before beside each."""
    ordered = table.sort_values(["taxonomic_group", "species_id", "year"], kind="stable")
    same = ordered["species_id"].eq(ordered["species_id"].shift()) & ordered["taxonomic_group"].eq(
        ordered["taxonomic_group"].shift()
    )
    return ordered.assign(before=ordered["category"].shift().where(same))


def _changed(ordered: pd.DataFrame) -> pd.Series:
    """Where the weight changed between two dates that both have one."""
    now, before = ordered["category"].map(WEIGHTS), ordered["before"].map(WEIGHTS)
    return now.notna() & before.notna() & (now != before)


def _unexplained(table: pd.DataFrame, doubts: Doubts) -> list[Issue]:
    """A question where some changes of category have a reason and others none."""
    ordered = _in_order(table)
    changed = _changed(ordered)
    unexplained = changed & ordered["reason_for_change"].isna()
    if ordered["reason_for_change"].isna().all():
        # A list without the column is one that was back-cast already, as IUCN's own is; that has to be said.
        doubts.add("flag", "taken_as_genuine", count=int(changed.sum()))
    elif unexplained.any():
        return [_issue("question", "reason_missing", "reason_for_change", _rows(ordered.index[unexplained]))]
    return []


def _without_not_applicable(table: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """Leave out NA at any date and NE at the last, as the guidelines do; an earlier NE is a missing assessment."""
    key = [table["taxonomic_group"], table["species_id"]]
    applicable = ~table["category"].eq("NA").groupby(key).transform("any")
    doubts.add("flag", "not_applicable", count=_species(table[~applicable]))
    kept = table[applicable]
    evaluated = kept[kept["category"] != "NE"]
    last = kept.loc[kept.groupby(["taxonomic_group", "species_id"])["year"].idxmax()] if len(kept) else kept
    gone = set(last.loc[last["category"] == "NE", "species_id"])
    doubts.add("flag", "not_evaluated", count=len(gone))
    return evaluated[~evaluated["species_id"].isin(gone)]


def _species(table: pd.DataFrame) -> int:
    return len(table[["taxonomic_group", "species_id"]].drop_duplicates())


def _complete(table: pd.DataFrame, rule: str, doubts: Doubts) -> tuple[pd.DataFrame, list[Issue]]:
    """The same species at every date of their group, as the index demands; a question where they are not."""
    dates = table.groupby("taxonomic_group")["year"].transform("nunique")
    own = table.groupby(["taxonomic_group", "species_id"])["year"].transform("nunique")
    short = table[own < dates]
    count = _species(short)
    if not count or rule == "back_cast":
        doubts.add("repair", "incomplete_back_cast", count=count)
        return table, []
    if rule == "exclude":
        doubts.add("repair", "incomplete_excluded", count=count)
        return table[own == dates], []
    years = ", ".join(str(year) for year in sorted(table["year"].unique()))
    return table, [_issue("question", "incomplete", "year", _rows(short.index), count=count, years=years)]


def _group_of(
    name: str, part: pd.DataFrame, weighting: str, dd_rule: str, extinct_at_start: str, doubts: Doubts
) -> Group:
    years = np.sort(part["year"].unique().astype(int))
    # As objects, because filling sideways goes through texts species by species.
    category = part.pivot(index="species_id", columns="year", values="category").astype(object).bfill(axis=1)
    # A species that vanishes from later lists keeps its last category there; it was asked about before.
    category = category.ffill(axis=1).sort_index()
    reason = part.pivot(index="species_id", columns="year", values="reason_for_change").reindex(category.index)
    deficient = category.eq("DD").any(axis=1)
    lost = category[years[0]].eq("RE") & ~deficient
    if extinct_at_start == "include":
        lost[:] = False
    doubts.add("flag", "regionally_extinct", count=int(lost.sum()))
    doubts.add("flag", "dd_resampled" if dd_rule == "resample" else "dd_excluded", count=int(deficient.sum()))
    counted = category[~deficient & ~lost]
    if counted.empty:
        raise problem(f"{_NOTES}.no_species", group=name)
    weights = _back_cast(counted, reason.loc[counted.index], doubts)
    latest = part.sort_values("year").groupby("species_id")["range_share"].last()
    shares = (
        latest.reindex(counted.index).to_numpy(dtype=float) if weighting == "range_share" else np.ones(len(counted))
    )
    if not shares.sum() > 0:
        raise problem(f"{_NOTES}.no_range", table=_LIST, column="range_share", group=name)
    unknown = int(deficient.sum()) if dd_rule == "resample" else 0
    return _in_kinds(name, years, weights, shares, unknown)


def _back_cast(category: pd.DataFrame, reason: pd.DataFrame, doubts: Doubts) -> np.ndarray:
    """Weights at all dates from the latest list backwards: genuine changes taken back, others held."""
    recorded = category.apply(lambda column: column.map(WEIGHTS)).to_numpy(dtype=float)
    genuine = ~reason.eq("non-genuine").to_numpy(dtype=bool, na_value=False)
    return carried_back(recorded, genuine, doubts)


def carried_back(recorded: np.ndarray, genuine: np.ndarray, doubts: Doubts) -> np.ndarray:
    """Weights as they would have been known at each date: the latest hold, and only genuine changes are taken back.

    Parameters
    ----------
    recorded : array of float, shape (units, dates)
        Weights as recorded, 0 to 5.
    genuine : array of bool, shape (units, dates)
        Whether the change since the date before is a real one.
    doubts : Doubts
        Says how many changes were carried back, and how many weights would have left the scale.

    Examples
    --------
    >>> carried_back(np.array([[0.0, 2.0], [0.0, 2.0]]), np.array([[True, True], [True, False]]), Doubts()).tolist()
    [[0.0, 2.0], [2.0, 2.0]]
    """
    out = recorded.copy()
    held = clipped = 0
    for at in range(recorded.shape[1] - 2, -1, -1):
        step = recorded[:, at + 1] - recorded[:, at]
        held += int(((step != 0) & ~genuine[:, at + 1]).sum())
        back = out[:, at + 1] - np.where(genuine[:, at + 1], step, 0)
        out[:, at] = np.clip(back, 0, EXTINCT)
        clipped += int((out[:, at] != back).sum())
    doubts.add("repair", "back_cast", count=held)
    doubts.add("flag", "clipped", count=clipped)
    return out


def _in_kinds(name: str, years: np.ndarray, weights: np.ndarray, shares: np.ndarray, unknown: int) -> Group:
    """Species with equal weights and share become one kind; the order of rows no longer matters."""
    kinds, counts = np.unique(np.column_stack([weights, shares]), axis=0, return_counts=True)
    return Group(name, years, kinds[:, :-1], counts, kinds[:, -1], unknown)


def groups_of_counts(
    table: pd.DataFrame, weighting: str, dd_rule: str, extinct_at_start: str, doubts: Doubts
) -> list[Group]:
    """The groups of numbers of species by category; every group whose numbers do not fit is named.

    Parameters
    ----------
    table : DataFrame
        ``taxonomic_group, year, category, species_count``.

    Raises
    ------
    WorkbenchError
        If the number of species of a group differs between dates.
    """
    if weighting == "range_share":
        raise problem(f"{_NOTES}.range_share_list", table=_COUNTS)
    groups, wrong = [], _alike(table, _COUNTS)
    for name, part in table.groupby("taxonomic_group", sort=True):
        wide = part.pivot(index="year", columns="category", values="species_count").sort_index().astype(float).fillna(0)
        try:
            groups.append(_group_of_counts(str(name), wide, dd_rule, extinct_at_start, doubts))
        except WorkbenchError as refused:
            wrong += refused.issues
    if wrong:
        raise WorkbenchError(*wrong)
    if any(len(group.years) > 1 for group in groups):
        doubts.add("flag", "counts_independent")
    return groups


def _group_of_counts(name: str, wide: pd.DataFrame, dd_rule: str, extinct_at_start: str, doubts: Doubts) -> Group:
    left_out = Counter({key: int(wide[key].iloc[-1]) for key in ("NA", "NE") if key in wide})
    doubts.add("flag", "not_applicable", count=left_out["NA"])
    doubts.add("flag", "not_evaluated", count=left_out["NE"])
    deficient = wide["DD"] if "DD" in wide else pd.Series(0.0, index=wide.index)
    _refuse_unequal(name, deficient, "dd_differs")
    doubts.add("flag", "dd_resampled" if dd_rule == "resample" else "dd_excluded", count=int(deficient.iloc[0]))
    counted = wide.reindex(columns=list(WEIGHTS)).fillna(0)
    _refuse_unequal(name, counted.sum(axis=1), "different_totals")
    if extinct_at_start == "exclude":
        lost = int(counted["RE"].iloc[0])
        if (counted["RE"] < lost).any():
            said = ", ".join(f"{year}: {int(number)}" for year, number in counted["RE"].items())
            raise problem(f"{_NOTES}.extinct_returned", table=_COUNTS, group=name, totals=said)
        doubts.add("flag", "regionally_extinct", count=lost)
        counted["RE"] -= lost
    per_date = counted.to_numpy(dtype=np.int64)
    if not per_date[0].sum():
        raise problem(f"{_NOTES}.no_species", group=name)
    weights = np.array(list(WEIGHTS.values()), dtype=float)
    unknown = int(deficient.iloc[0]) if dd_rule == "resample" else 0
    years = wide.index.to_numpy(dtype=int)
    return Group(name, years, weights[:, None], per_date[-1], np.ones(len(WEIGHTS)), unknown, per_date)


def _refuse_unequal(name: str, totals: pd.Series, key: str) -> None:
    if totals.nunique() > 1:
        said = ", ".join(f"{year}: {int(total)}" for year, total in totals.items())
        raise problem(f"{_NOTES}.{key}", table=_COUNTS, group=name, totals=said)
