"""10.2 Sustainable forest management: five figures, each by itself and never brought into one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.methods.doubts import Doubts

_FROM, _BASE, _DENOMINATOR = 2000, 2010, 2015
_CHANGE, _BIOMASS = "Change of forest area", "Above-ground biomass"
_PROTECTED, _MANAGED, _CERTIFIED = "Forest in protected areas", "Forest under management plans", "Certified forest"
#: Where the forest is: the kind of the rows of the five figures, and of their progress.
_PLACES = {
    "": ("Part", "Progress"),
    "inside": ("Inside traditional territories", "Progress inside traditional territories"),
    "outside": ("Outside traditional territories", "Progress outside traditional territories"),
}
#: A ratio within one per cent of 1 is called steady.
_STEADY = 0.01
#: Certified areas are rounded by those who publish them.
_ROUNDED = 0.005

Rows = Iterator[dict[str, Any]]


def sustainable_forest_management(forest_resources: pd.DataFrame, *, biomass_gaps: str, lights: bool) -> pd.DataFrame:
    """The five figures of forest management, and how each has moved.

    Parameters
    ----------
    forest_resources : DataFrame
        Table ``forest_resources``: one row a year and territory; areas [1000 ha], biomass [t/ha].
    biomass_gaps : {"leave", "nearest_year"}
        Whether a year without biomass takes that of the nearest year.
    lights : bool
        Whether green, yellow or red stands beside each movement.

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, value_status, note``; no national total, because the
        five are never added.

    Notes
    -----
    1. ((AF_t / AF_2010)^(1/(t−2010)) − 1)·100 [% per year], beside the same for 2000–2010. 2. Biomass [t/ha].
    3. 100·protected_t / AF_2015 [%]. 4. 100·managed_t / AF_2015 [%], 100 at most. 5. Certified area [1000 ha]. The
    denominator stays that of 2015, so that the figure moves with protection and not with forest loss. Progress: 2–4
    as a ratio to 2010 (before the cap), 5 to the year reported before.

    References
    ----------
    FAO, metadata of SDG indicator 15.2.1, 15 December 2023.

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2000, 2010, 2015, 2020], "forest_area_1000ha": [100.0, 100.0, 80.0, 50.0]})
    >>> table["protected_forest_1000ha"] = [8.0, 8.0, 8.0, 8.0]
    >>> rows = sustainable_forest_management(table, biomass_gaps="leave", lights=False)
    >>> last = rows[(rows["year"] == 2020) & (rows["disaggregation_type"] == "Part")].set_index("disaggregation")
    >>> last["value"].dropna().round(3).to_dict()
    {'Change of forest area': -6.697, 'Forest in protected areas': 10.0}
    """
    rows: list[dict[str, Any]] = []
    for place, kinds in _PLACES.items():
        part = forest_resources[_texts(forest_resources, "territory").eq(place)]
        if not part.empty:
            # The nearest year can only be looked up among plain numbers.
            part = part.astype({"year": "int64"}).set_index("year").sort_index()
            rows += _rows_of_place(part, kinds, biomass_gaps, lights)
    doubts = Doubts()
    years = sorted({int(year) for year in forest_resources.loc[_certified_differs(forest_resources), "year"]})
    doubts.add("flag", "certified_differs", count=len(years), years=", ".join(map(str, years)))
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _texts(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table:
        return pd.Series("", index=table.index, dtype=object)
    return table[name].astype(object).where(table[name].notna(), "")


def _numbers(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table:
        return pd.Series(np.nan, index=table.index)
    return table[name].astype("Float64").astype(float)


def _rows_of_place(table: pd.DataFrame, kinds: tuple[str, str], biomass_gaps: str, lights: bool) -> Rows:
    """All rows of the whole country, or of the forest inside or outside territories."""
    forest = _numbers(table, "forest_area_1000ha").dropna()
    guessed = {int(year) for year in table.index[_texts(table, "value_status").eq("estimated")]}
    newest = int(table.index.max())
    biomass, filled = _biomass(table, forest, biomass_gaps)
    protected = _of_2015(_numbers(table, "protected_forest_1000ha"), forest)
    managed = _of_2015(_numbers(table, "managed_forest_1000ha"), forest)
    of_parts = [
        (_CHANGE, "% per year", _change_rows(forest, guessed, newest, lights)),
        (_BIOMASS, "t/ha", _level_rows(biomass, guessed | filled, newest)),
        (_PROTECTED, "%", _level_rows(protected, _with_base(guessed), newest)),
        (_MANAGED, "%", _level_rows(managed, _with_base(guessed), newest, most=100.0)),
        (_CERTIFIED, "1000 ha", _level_rows(_certified(table), guessed, newest)),
    ]
    of_progress = [
        (_BIOMASS, _to_base(biomass, guessed | filled, lights)),
        (_PROTECTED, _to_base(protected, guessed, lights)),
        (_MANAGED, _to_base(managed, guessed, lights)),
        (_CERTIFIED, _to_year_before(_certified(table), guessed, lights)),
    ]
    for name, unit, rows in of_parts:
        for row in rows:
            yield {"disaggregation_type": kinds[0], "disaggregation": name, "unit": unit, **row}
    for name, rows in of_progress:
        for row in rows:
            yield {"disaggregation_type": kinds[1], "disaggregation": name, "unit": "ratio", **row}


def _with_base(guessed: set[int]) -> set[int] | None:
    """Years whose share of the forest of 2015 is estimated; None where that of 2015 is, and so all are."""
    return None if _DENOMINATOR in guessed else guessed


def _status(estimated: bool) -> str:
    return "estimated" if estimated else "measured"


def _missing(year: int, note: str) -> dict[str, Any]:
    return {"year": year, "value": np.nan, "value_status": "missing", "note": note}


def _undefined(year: int, note: str) -> dict[str, Any]:
    return {"year": year, "value": np.nan, "value_status": "not_applicable", "note": note}


def _change_rows(forest: pd.Series, guessed: set[int], newest: int, lights: bool) -> Rows:
    """Yearly change from 2000 to 2010, which is the baseline, and from 2010 to each later year."""
    has_baseline = {_FROM, _BASE} <= set(forest.index)
    if _BASE not in forest.index:
        yield _missing(newest, "no_2010")
    elif forest.index.max() == _BASE and not (has_baseline and newest == _BASE):
        yield _missing(newest, "no_later_year")
    before = np.nan
    if has_baseline:
        row = _rate(forest, _FROM, _BASE, guessed)
        before = row["value"]
        yield row
    if _BASE in forest.index:
        for year in forest.index[forest.index > _BASE]:
            row = _rate(forest, _BASE, int(year), guessed)
            if lights and (light := _light_of_change(row["value"], before)):
                row["note"] = light
            yield row


def _rate(forest: pd.Series, start: int, end: int, guessed: set[int]) -> dict[str, Any]:
    first, last = float(forest[start]), float(forest[end])
    if first == 0:
        return _undefined(end, "from_zero" if last else "no_forest")
    value = ((last / first) ** (1 / (end - start)) - 1) * 100
    return {"year": end, "value": value, "value_status": _status(bool({start, end} & guessed))}


def _light_of_change(now: float, before: float) -> str:
    """Green where forest does not shrink, yellow where it shrinks more slowly than before, else red."""
    if now >= 0:
        return "green"
    return "" if np.isnan([now, before]).any() else "yellow" if now > before else "red"


def _biomass(table: pd.DataFrame, forest: pd.Series, gaps: str) -> tuple[pd.Series, set[int]]:
    """Biomass by year [t/ha], and the years that took it from the nearest one."""
    known = _numbers(table, "biomass_t_per_ha").dropna()
    lacking = {int(year) for year in forest.index} - {int(year) for year in known.index}
    if gaps == "leave" or known.empty or not lacking:
        return known, set()
    return known.reindex(sorted({*known.index, *lacking}), method="nearest"), lacking


def _of_2015(areas: pd.Series, forest: pd.Series) -> pd.Series | str:
    """Shares of the forest of 2015 [%] by year, or the note that says why there are none."""
    if _DENOMINATOR not in forest.index:
        return "no_2015"
    if forest[_DENOMINATOR] == 0:
        return "no_forest"
    return 100 * areas.dropna() / float(forest[_DENOMINATOR])


def _by_schemes(table: pd.DataFrame) -> pd.Series:
    """Forest certified by either scheme, without what both count [1000 ha]."""
    fsc, pefc = _numbers(table, "certified_fsc_1000ha"), _numbers(table, "certified_pefc_1000ha")
    return fsc + pefc - _numbers(table, "certified_both_1000ha")


def _certified(table: pd.DataFrame) -> pd.Series:
    """Certified forest by year [1000 ha]: both schemes together, or the total as it was given."""
    parts = _by_schemes(table)
    return parts.where(parts.notna(), _numbers(table, "certified_1000ha")).dropna()


def _certified_differs(table: pd.DataFrame) -> pd.Series:
    """Whether the total that was given is another than that of the schemes."""
    given = _numbers(table, "certified_1000ha")
    return (_by_schemes(table) - given).abs() > _ROUNDED * given


def _level_rows(values: pd.Series | str, guessed: set[int] | None, newest: int, most: float = np.inf) -> Rows:
    """One row a year with a value; where there is none, one that says so."""
    if isinstance(values, str) or values.empty:
        note = values if isinstance(values, str) else "part_missing"
        yield _undefined(newest, note) if note == "no_forest" else _missing(newest, note)
        return
    for year, value in values.items():
        status = _status(guessed is None or year in guessed)
        note = "capped" if value > most else ""
        yield {"year": int(year), "value": min(float(value), most), "value_status": status, "note": note}


def _to_base(values: pd.Series | str, guessed: set[int], lights: bool) -> Rows:
    """Each later year as a ratio to 2010."""
    if not isinstance(values, str) and _BASE in values.index:
        for year in values.index[values.index > _BASE]:
            yield _ratio(values, _BASE, int(year), guessed, lights)


def _to_year_before(values: pd.Series, guessed: set[int], lights: bool) -> Rows:
    """Each year as a ratio to the one reported before it."""
    for before, year in zip(values.index, values.index[1:], strict=False):
        yield _ratio(values, int(before), int(year), guessed, lights)


def _ratio(values: pd.Series, base: int, year: int, guessed: set[int], lights: bool) -> dict[str, Any]:
    """A ratio; from zero to something is no number but better, and from zero to zero says nothing."""
    first, last = float(values[base]), float(values[year])
    if first == 0:
        return _undefined(year, "stayed_zero" if last == 0 else "from_zero;green" if lights else "from_zero")
    value = last / first
    light = "green" if value >= 1 + _STEADY else "red" if value <= 1 - _STEADY else "yellow"
    status = _status(bool({base, year} & guessed))
    return {"year": year, "value": value, "value_status": status, "note": light if lights else ""}
