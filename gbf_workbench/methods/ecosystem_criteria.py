"""Categories of ecosystem types criterion by criterion: from tables, measured declines, restricted ranges and maps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.ecosystem_change import Decline
from gbf_workbench.methods.ecosystem_risk import by_locations, by_loss, by_range, by_severity, worst

KEY = ["ecosystem_id", "year", "criterion"]
#: The squares that the thresholds of criterion B2 are made for [km].
STANDARD_SQUARE_KM = 10
#: The parts of criterion A that two maps speak of.
_RECENT_LOSS = ("A1", "A2a", "A2b")


def known_declines(declines: pd.DataFrame | None, doubts: Doubts) -> pd.DataFrame | None:
    """Rows that have their numbers; a cell that is not known is no loss of 0.

    Parameters
    ----------
    declines : DataFrame or None
        As ``red_list_of_ecosystems`` takes it.
    doubts : Doubts
        Says how many rows lack the extent or, under C and D, the severity.
    """
    if declines is None:
        return None
    severe = declines["criterion"].str.startswith("A") | declines["severity_percent"].notna()
    known = declines["extent_percent"].notna() & severe
    doubts.add("flag", "not_measured", count=int((~known).sum()), names=listed(declines.loc[~known, "ecosystem_id"]))
    return declines[known] if known.any() else None


def of_declines(declines: pd.DataFrame) -> pd.DataFrame:
    """Categories under criteria A, C and D from measured declines.

    Parameters
    ----------
    declines : DataFrame
        ``ecosystem_id, year, criterion, extent_percent, severity_percent``; several rows where there are several
        variables.

    Returns
    -------
    DataFrame
        ``ecosystem_id, year, criterion, category``, the worst over the variables.
    """
    found = [
        by_loss(float(row.extent_percent), row.criterion) if row.criterion.startswith("A")
        else by_severity(float(row.extent_percent), float(row.severity_percent), row.criterion)
        for row in declines.itertuples()
    ]  # fmt: skip
    table = declines[KEY].assign(category=found)
    return table.groupby(KEY, sort=True)["category"].agg(worst).reset_index()


def mapped_changes(mapped: pd.DataFrame) -> dict[str, Decline]:
    """The change of each type from the first map to the last; none for types the first map does not show."""
    changes = {}
    for name, part in mapped.sort_values("year").groupby("name"):
        first, last = part.iloc[0], part.iloc[-1]
        if len(part) > 1 and first["km2"] > 0:
            changes[str(name)] = Decline(float(first["km2"]), float(last["km2"]), float(last["year"] - first["year"]))
    return changes


def of_maps(
    mapped: pd.DataFrame | None, restrictions: pd.DataFrame | None, year: int, how: str, square_km: float,
    doubts: Doubts,
) -> pd.DataFrame:  # fmt: skip
    """Categories under criteria A and B from maps and from what is known of restricted ranges.

    Parameters
    ----------
    mapped : DataFrame or None
        ``name, year, km2, eoo_km2, aoo``, as ``ecosystem_maps`` measures them.
    restrictions : DataFrame or None
        ``ecosystem_id, continuing_decline, future_threats, locations, sudden_collapse, eoo_km2, aoo_squares``.
    year : int
        Date the categories are for.
    how : {"absolute", "proportional"}
        How the change between the maps is drawn out to 50 years.
    square_km : float
        Side of the squares that ``aoo`` counts.
    doubts : Doubts
        Says how many types have a small range of which no condition is known.

    Returns
    -------
    DataFrame
        ``ecosystem_id, year, criterion, category``.
    """
    rows = []
    changes = mapped_changes(mapped) if mapped is not None else {}
    for name in sorted(set() if mapped is None else set(mapped["name"])):
        # A type of which no change is known is in the list all the same.
        change = changes.get(name)
        rows += [(name, one, "NE" if change is None else by_loss(change.loss(one, how), one)) for one in _RECENT_LOSS]
    rows += _restricted(mapped, restrictions, square_km, doubts)
    table = pd.DataFrame(rows, columns=["ecosystem_id", "criterion", "category"])
    return table.assign(year=year)[[*KEY, "category"]]


def _restricted(
    mapped: pd.DataFrame | None, restrictions: pd.DataFrame | None, square_km: float, doubts: Doubts
) -> Iterator[tuple[str, str, str]]:
    """Criterion B for every type that has a map or a row of its own."""
    newest = {} if mapped is None else mapped.sort_values("year").groupby("name").last().to_dict("index")
    known = {} if restrictions is None else restrictions.set_index("ecosystem_id").to_dict("index")
    open_ones = set()
    for name in sorted({*newest, *known}):
        told = {key: None if pd.isna(value) else value for key, value in known.get(name, {}).items()}
        measured = newest.get(name, {})
        squares = measured.get("aoo") if square_km == STANDARD_SQUARE_KM else None
        squares = told.get("aoo_squares") if squares is None else squares
        sizes = {"B1": measured.get("eoo_km2", told.get("eoo_km2")), "B2": squares}
        conditions = (told.get("continuing_decline"), told.get("future_threats"), told.get("locations"))
        found = {one: by_range(size, one, *conditions) for one, size in sizes.items() if size is not None}
        if None in found.values():
            # The other part alone would call a type safe of which half is not known.
            open_ones.add(name)
            found = {}
        found["B3"] = by_locations(told.get("locations"), told.get("sudden_collapse"))
        yield from ((name, one, category) for one, category in found.items() if category is not None)
    doubts.add("flag", "conditions_unknown", count=len(open_ones), names=listed(open_ones))


def joined_criteria(criteria: pd.DataFrame | None, measured: list[pd.DataFrame], doubts: Doubts) -> pd.DataFrame:
    """One category for each type, date and criterion; what experts wrote goes before what was measured.

    Parameters
    ----------
    criteria : DataFrame or None
        ``ecosystem_id, year, criterion, category``.
    measured : list of DataFrame
        The same from measurements, the better first.
    doubts : Doubts
        Says in how many cases the table and the measurements differ.

    Examples
    --------
    >>> table = pd.DataFrame([("a", 2024, "A1", "VU")], columns=["ecosystem_id", "year", "criterion", "category"])
    >>> both = joined_criteria(table, [table.assign(category="EN")], Doubts())
    >>> both["category"].tolist()
    ['VU']
    """
    empty = pd.DataFrame(columns=[*KEY, "category"])
    own = empty if criteria is None else criteria[[*KEY, "category"]]
    derived = pd.concat([empty, *measured]).drop_duplicates(KEY)
    both = own.merge(derived, on=KEY, suffixes=("", "_measured"))
    apart = both[(both["category"] != both["category_measured"]) & (both["category_measured"] != "NE")]
    doubts.add("flag", "criteria_apart", count=len(apart), names=listed(apart["ecosystem_id"]))
    return pd.concat([own, derived]).drop_duplicates(KEY)


def remaining_shares(
    declines: pd.DataFrame | None, criteria: pd.DataFrame | None, mapped: pd.DataFrame | None
) -> pd.DataFrame:
    """What remains of each type: of its area (for the Ecosystem Area Index) and of its health (Ecosystem Health Index).

    Parameters
    ----------
    declines, criteria : DataFrame or None
        Types that experts called DD or NE under a criterion are left out of it.
    mapped : DataFrame or None

    Returns
    -------
    DataFrame
        ``index, window, ecosystem_id, year, share``: 1 − loss, and 1 − extent × severity, of criteria C and D the lower
        and of several variables the lowest.
    """
    found = []
    if declines is not None:
        extent = declines["extent_percent"].astype(float) / 100
        severity = declines["severity_percent"].astype(float).fillna(100) / 100
        left = declines[KEY].assign(share=(1 - extent * severity).clip(lower=0))
        if criteria is not None:
            silent = criteria.loc[criteria["category"].isin(["DD", "NE"]), KEY]
            left = left.merge(silent, on=KEY, how="left", indicator=True).query("_merge == 'left_only'")
        area = left["criterion"].str.startswith("A")
        window = left["criterion"].where(area, "C" + left["criterion"].str[1:] + "/D" + left["criterion"].str[1:])
        found.append(left.assign(index=np.where(area, "Ecosystem Area Index", "Ecosystem Health Index"), window=window))
    for name, change in (mapped_changes(mapped) if mapped is not None else {}).items():
        # A type that the legend of the first or last map does not have has a window of its own.
        first, last = mapped.loc[mapped["name"].astype(str) == name, "year"].agg(["min", "max"])
        one = {"index": "Ecosystem Area Index", "window": f"{first}–{last}", "share": change.after / change.before}
        found.append(pd.DataFrame([{**one, "ecosystem_id": name, "year": int(last)}]))
    by = ["index", "window", "ecosystem_id", "year"]
    if not found:
        return pd.DataFrame(columns=[*by, "share"])
    return pd.concat(found).groupby(by, sort=True)["share"].min().reset_index()


def listed(names: Any) -> str:
    """Some names in one line, the first few of them.

    >>> listed(["b", "a", "b"])
    'a, b'
    """
    said = sorted({str(name) for name in names})
    return ", ".join(said[:8]) + (" …" if len(said) > 8 else "")
