"""9.2 Traditional occupations: which share of the people who work does so in occupations called traditional."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.occupation_tables import CLASSES, Cell, Class, Counted, counted, share_of_counts
from gbf_workbench.methods.occupations import LISTED, NOT_STATED, TOO_SHORT, matched
from gbf_workbench.methods.surveys import Design, design_of, share

_NOTES = "indicators.traditional_occupations.notes"
_KINDS = {
    "indigenous": "Indigenous peoples and local communities", "sex": "Sex", "age_group": "Age",
    "area_type": "Urban or rural", "region": "Region",
}  # fmt: skip
_INDIGENOUS = {"yes": "Indigenous or local community", "no": "Others", "not stated": "Not stated"}
_AGES = (15, 25, 35, 45, 55, 65)
#: Fewer persons than this make a share that says little about anybody else.
_FEW = 30

Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class People:
    """Persons of working age of one year, and masks of shape (n,) over them."""

    table: pd.DataFrame
    design: Design
    working: np.ndarray
    base: np.ndarray
    main: np.ndarray
    any_job: np.ndarray
    titles: np.ndarray
    not_stated: np.ndarray


def traditional_occupations(
    persons: pd.DataFrame | None,
    occupation_counts: pd.DataFrame | None,
    traditional_list: pd.DataFrame,
    *,
    base: str,
    own_use: str,
    who: str,
    minimum_age: int,
    break_points: float,
    confidence: float,
) -> pd.DataFrame:
    """Percentage of the population in traditional occupations.

    Parameters
    ----------
    persons : DataFrame or None
        Table ``occupation_survey``: one row for each person and year; rows without consent are withheld.
    occupation_counts : DataFrame or None
        Table ``occupation_counts``: numbers of persons as published; used where there are no persons.
    traditional_list : DataFrame
        ``isco_code, national_occupation, title``.
    base : {"working", "working_age"}
        Of whom the percentage is taken: those who work, or everybody of working age.
    own_use : {"include", "exclude"}
        Whether those who only produce for their own use work.
    who : {"everyone", "indigenous"}
        Whether all who are in traditional occupations count, or only those of indigenous peoples and local communities.
    minimum_age : int
        [years]
    break_points : float
        Change between two surveys [percentage points] beyond which a break is suspected.
    confidence : float

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, lower, upper, n, value_status, note`` [%].

    Raises
    ------
    WorkbenchError
        If nobody is left to count, or published tables mix levels of the classification.

    Notes
    -----
    P = 100·Σw[traditional]/Σw[base]. Who has not stated an occupation stays in the base.

    References
    ----------
    ILO 2012, ISCO-08 vol. 1; resolution I of the 19th International Conference of Labour Statisticians, 2013; errors:
    Lumley 2010, doi:10.1002/9780470580066.

    Examples
    --------
    >>> listed = pd.DataFrame({"isco_code": ["6340"], "national_occupation": [None], "title": ["Gatherers"]})
    >>> names = ["year", "isco_code", *CLASSES, "persons", "standard_error", "value_status", "own_use_included"]
    >>> rest = (None,) * len(CLASSES)
    >>> made = [(2020, None, *rest, 200, None, "measured", True), (2020, "6340", *rest, 50, None, "measured", True)]
    >>> rows = traditional_occupations(
    ...     None, pd.DataFrame(made, columns=names), listed, base="working", own_use="include", who="everyone",
    ...     minimum_age=15, break_points=10.0, confidence=0.95,
    ... )
    >>> rows["value"].tolist()[:2]
    [25.0, 50.0]
    """
    doubts = Doubts()
    if "agreed_with" in traditional_list:
        doubts.add("flag", "not_agreed", count=int(traditional_list["agreed_with"].isna().sum()))
    rows: list[dict[str, Any]] = []
    if persons is not None:
        if occupation_counts is not None:
            doubts.add("flag", "both_tables")
        persons = _counted_persons(persons, minimum_age, doubts)
        own_included = {}
        for year, part in persons.groupby("year", sort=True):
            people = _people(part, traditional_list, base, own_use, who, doubts)
            own_included[int(year)] = bool((people.working & part["employment_status"].eq("own-use producer")).any())
            rows += _rows_of_people(int(year), people, base, confidence)
    else:
        own_included = {int(y): bool(p["own_use_included"].any()) for y, p in occupation_counts.groupby("year")}
        doubts.add("flag", "own_use_inside", count=sum(own_included.values()) if own_use == "exclude" else 0)
        for year, part in occupation_counts.groupby("year", sort=True):
            rows += _rows_of_counts(int(year), counted(part, traditional_list, doubts), base, who, confidence)
    _say_breaks(rows, own_included, break_points, doubts)
    out = pd.DataFrame(rows).drop(columns="standard_error", errors="ignore")
    out.attrs["doubts"] = list(doubts)
    return out


def _counted_persons(persons: pd.DataFrame, minimum_age: int, doubts: Doubts) -> pd.DataFrame:
    """Persons of working age who agreed."""
    agreed = persons["consent"].to_numpy(dtype=bool, na_value=False)
    doubts.add("flag", "withheld", count=int((~agreed).sum()))
    old_enough = persons["age"].ge(minimum_age).to_numpy(dtype=bool, na_value=False)
    kept = persons[agreed & old_enough]
    if kept.empty:
        raise problem(f"{_NOTES}.nobody", table="occupation_survey", age=minimum_age)
    return kept


def _people(table: pd.DataFrame, listed: pd.DataFrame, base: str, own_use: str, who: str, doubts: Doubts) -> People:
    doing = table["employment_status"]
    working = doing.eq("employed").to_numpy(dtype=bool)
    if own_use == "include":
        working = working | doing.eq("own-use producer").to_numpy(dtype=bool)
    first = matched(listed, table["isco_code"], table["national_occupation"])
    second = matched(listed, table["second_isco_code"])
    counts = table["indigenous"].eq("yes").to_numpy(dtype=bool, na_value=False) if who == "indigenous" else True
    main = working & (first.kinds == LISTED) & counts
    not_stated = working & (first.kinds == NOT_STATED)
    doubts.add("flag", "not_stated", count=int(not_stated.sum()))
    doubts.add("flag", "code_too_short", count=int((working & (first.kinds == TOO_SHORT)).sum()))
    design = design_of(table, weight="weight", stratum="stratum", cluster="cluster", unit="household_id")
    _say_design(table, design, doubts)
    return People(
        table, design, working, working if base == "working" else np.ones(len(table), dtype=bool), main,
        main | (working & (second.kinds == LISTED) & counts), first.titles, not_stated,
    )  # fmt: skip


def _say_design(table: pd.DataFrame, design: Design, doubts: Doubts) -> None:
    unplanned = table[["stratum", "cluster"]].isna().all(axis=None)
    doubts.add("flag", "lonely_strata", count=0 if unplanned else design.lonely)
    doubts.add("flag", "full_count" if table["weight"].eq(1).all() else "no_design", count=int(unplanned))


def _rows_of_people(year: int, people: People, base: str, confidence: float) -> Rows:
    """All rows of one survey."""

    def row(kind: str, name: str, part: np.ndarray, whole: np.ndarray) -> dict[str, Any]:
        found = share((part & whole).astype(float), whole.astype(float), people.design, confidence)
        about = {"year": year, "disaggregation_type": kind, "disaggregation": name, "unit": "%", "n": found.n}
        if not found.n:
            return about | {"value": np.nan, "value_status": "missing", "note": "nobody_in_base"}
        limits = {"value": 100 * found.value, "lower": 100 * found.lower, "upper": 100 * found.upper}
        error = {"standard_error": 100 * found.standard_error}
        return about | limits | error | {"note": "few_persons" if found.n < _FEW else "", "value_status": "measured"}

    everybody = np.ones(len(people.table), dtype=bool)
    total = row("", "", people.main, people.base)
    weighed = float(people.design.weights @ people.main)
    yield total
    yield {"year": year, "disaggregation_type": "", "value": weighed, "unit": "persons", "n": int(people.main.sum())}
    if np.isfinite(error := total.get("standard_error", np.nan)):
        about = {"year": year, "disaggregation_type": "Standard error", "unit": "percentage points"}
        yield {**about, "value": error, "n": total["n"]}
    yield row("Jobs", "Main job", people.main, people.base)
    if people.table["second_isco_code"].notna().any():
        yield row("Jobs", "Main or second job", people.any_job, people.base)
    yield row("Base", "People who work", people.main, people.working)
    yield row("Base", "People of working age", people.main, everybody)
    yield row("Occupation not stated", "Not stated", people.not_stated, people.base)
    for title in sorted(set(people.titles[people.main])):
        yield row("Occupation", title, people.main & (people.titles == title), people.base)
    for kind, names in _groups(people.table).items():
        for name in dict.fromkeys(sorted(set(names) - {""})):
            yield row(kind, name, people.main, people.base & (names == name))


def _groups(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """The class of each person in each breakdown; empty where it is not known."""
    ages = table["age"].to_numpy(dtype=float)
    bounds = [*_AGES[1:], None]
    names = [f"{low}–{high - 1}" if high else f"{low}+" for low, high in zip(_AGES, bounds, strict=True)]
    places = np.searchsorted(_AGES, ages, side="right") - 1
    of_age = np.array([names[at] if at >= 0 else "" for at in places], dtype=object)
    found = {_KINDS["age_group"]: of_age}
    for column in ("indigenous", "sex", "area_type", "region"):
        words = table[column].astype(object).where(table[column].notna(), "")
        found[_KINDS[column]] = (
            words.map(lambda one: _INDIGENOUS.get(one, one)) if column == "indigenous" else words
        ).to_numpy()
    return found


def _rows_of_counts(year: int, classes: Mapping[Class, Counted], base: str, who: str, confidence: float) -> Rows:
    """One row for each class of people that the tables have."""
    everybody: Class = ("",) * len(CLASSES)
    for name, one in {everybody: Counted(_NONE, _NONE, {}), **classes}.items():
        about = {"year": year, "unit": "%", **_kind(name)}
        part = one.listed
        if who == "indigenous" and not name[0]:
            part = classes[("yes", *name[1:])].listed if ("yes", *name[1:]) in classes else _NONE
        elif who == "indigenous" and name[0] != "yes":
            part = Cell(0.0, "measured")
        if base == "working_age":
            yield about | {"value": np.nan, "value_status": "missing", "note": "base_not_in_table"}
            continue
        yield about | _share_row(part, one.base, confidence)
        if name == everybody:
            yield about | {"unit": "persons", "value": part.persons, "value_status": part.status}
            for title, cell in one.occupations.items() if who == "everyone" else ():
                row = _share_row(cell, one.base, confidence)
                yield about | row | {"disaggregation_type": "Occupation", "disaggregation": title}


_NONE = Cell(np.nan, "missing")


def _kind(name: Class) -> dict[str, str]:
    """Kind and name of the breakdown that a class is a part of."""
    filled = [(column, word) for column, word in zip(CLASSES, name, strict=True) if word]
    words = [_INDIGENOUS[word] if column == "indigenous" else word for column, word in filled]
    kinds = " and ".join(_KINDS[column].lower() if at else _KINDS[column] for at, (column, _) in enumerate(filled))
    return {"disaggregation_type": kinds, "disaggregation": ", ".join(words)}


def _share_row(part: Cell, base: Cell, confidence: float) -> dict[str, Any]:
    for status in ("suppressed", "missing"):
        if status in (part.status, base.status):
            return {"value": np.nan, "value_status": status, "note": f"cell_{status}"}
    if base.persons == 0:
        return {"value": np.nan, "value_status": "not_applicable", "note": "nobody_in_base"}
    value, low, high = share_of_counts(part, base, confidence)
    status = "estimated" if "estimated" in (part.status, base.status) else "measured"
    return {"value": 100 * value, "lower": 100 * low, "upper": 100 * high, "value_status": status, "note": ""}


def _say_breaks(
    rows: list[dict[str, Any]], own_included: Mapping[int, bool], break_points: float, doubts: Doubts
) -> None:
    """Years between which the definition, or the percentage by more than people change their work, moved."""
    totals = [row for row in rows if row["disaggregation_type"] == "" and row["unit"] == "%"]
    known = [(row["year"], row["value"]) for row in totals if row["value"] == row["value"]]
    for (year, before), (next_year, after) in pairwise(known):
        values = {"first": str(year), "second": str(next_year), "before": before, "after": after}
        if own_included[year] != own_included[next_year]:
            doubts.append({"level": "flag", "key": "definition_break", "values": values})
        elif abs(after - before) > break_points:
            doubts.append({"level": "flag", "key": "jump", "values": values})
