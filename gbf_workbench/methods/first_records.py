"""Lists of alien species as dated first records: who counts, in which year, and what cannot be dated."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts

#: Species that came before are archaeophytes and archaeozoa, which lists of alien species leave out.
FIRST_YEAR = 1492
#: What a list says of its species beside name and year.
TRAITS = ("taxonomic_group", "pathway", "habitat")
_COLUMNS = ("taxon", "region", "first", "last", "establishment", "invasive", *TRAITS)
_HIGHER = ("genus", "family", "higher")
_NOTES = "indicators.invasive_alien_species_establishment.notes"


def listed(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a list of first records: ``taxon, region, first, last, establishment, invasive`` and traits.

    ``first`` and ``last`` are the years between which the first record lies, missing where not known.
    """
    renamed = {"scientific_name": "taxon", "first_year": "first", "last_possible_year": "last"}
    out = table.rename(columns=renamed).reindex(columns=list(_COLUMNS)).copy()
    out["last"] = out["last"].fillna(out["first"])
    return _plain(out)


def observed(cube: pd.DataFrame, checklist: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """The species of a checklist with the year of their first occurrence record; columns as ``listed`` gives them.

    Parameters
    ----------
    cube : DataFrame
        ``year, species_key, species``; one row for each species, year and cell.
    checklist : DataFrame
        ``scientific_name, species_key, taxon_rank, invasive, establishment`` and traits; a species is found by its
        key where the list has one, else by its name.
    doubts : Doubts

    Raises
    ------
    WorkbenchError
        If no species of the list is in the cube.
    """
    names = checklist.reindex(columns=["scientific_name", "species_key", "taxon_rank"]).astype(object)
    higher = names["taxon_rank"].isin(_HIGHER)
    doubts.add("flag", "higher_rank", count=int(higher.sum()))
    names, kept = names[~higher], checklist[~higher]
    by_key = cube.groupby(cube["species_key"].astype(str))["year"].min()
    by_name = (
        cube.groupby(cube["species"].astype(object))["year"].min() if "species" in cube else pd.Series(dtype=float)
    )
    year = names["species_key"].map(by_key).fillna(
        names["scientific_name"].where(names["species_key"].isna()).map(by_name)
    )  # fmt: skip
    if year.isna().all():
        raise problem(f"{_NOTES}.nothing_matches", table="alien_species_checklist", column="species_key")
    doubts.add("flag", "not_in_cube", count=int(year.isna().sum()), total=len(year))
    out = kept.reindex(columns=list(_COLUMNS)).copy()
    out["taxon"] = names["scientific_name"].fillna(names["species_key"])
    out["first"] = out["last"] = year.astype(float)
    return _plain(out)


def _plain(out: pd.DataFrame) -> pd.DataFrame:
    """Words as objects and years as floats, so that empty cells compare in one way."""
    for name in ("taxon", "region", "establishment", *TRAITS):
        out[name] = out[name].astype(object).where(out[name].notna(), None)
    for name in ("first", "last"):
        out[name] = out[name].astype("Float64").astype(float)
    out["invasive"] = out["invasive"].astype("boolean")
    return out


def established(records: pd.DataFrame, unknown: str, doubts: Doubts) -> pd.DataFrame:
    """Only species that keep themselves in the wild; ``unknown`` says whether those nobody has judged count."""
    if records["establishment"].isna().all():
        doubts.add("flag", "status_not_said", count=len(records))
        return records
    status = records["establishment"].fillna("unknown")
    open_question = status.eq("unknown")
    doubts.add("flag", f"unknown_status_{unknown}d", count=int(open_question.sum()))
    keep = status.eq("established") | (open_question & (unknown == "include"))
    doubts.add("flag", "not_established", count=int((~keep & ~open_question).sum()))
    return records[keep]


def dated(records: pd.DataFrame, span_year: str, longest_span: int, window_start: int, doubts: Doubts) -> pd.DataFrame:
    """Records with one ``year`` each.

    Parameters
    ----------
    records : DataFrame
        As ``listed`` gives them.
    span_year : {"first", "middle", "last"}
        Which year of a span stands for it; the middle is rounded down.
    longest_span : int
        A span of more years has no year, unless it ended before the window began.
    window_start : int
        First year of the series.
    doubts : Doubts

    Returns
    -------
    DataFrame
        With the column ``year``; without species that have none, and without those from before 1492.
    """
    first, last = records["first"], records["last"].fillna(records["first"])
    old = last < FIRST_YEAR
    doubts.add("flag", "before_1492", count=int(old.sum()))
    middle = np.floor((first + last) / 2)
    year = {"first": first, "middle": middle, "last": last}[span_year]
    early = last < window_start
    wide = (last - first + 1 > longest_span) & ~early
    spanned = (last > first) & ~early & ~wide
    doubts.add("repair", f"span_{span_year}", count=int(spanned.sum()))
    # All that matters of a year before the window is that it lies before.
    year = year.mask(early, last).mask(wide)
    doubts.add("flag", "span_too_wide", count=int(wide.sum()), years=longest_span)
    undated = year.isna() & ~wide & ~old
    doubts.add("flag", "undated", count=int(undated.sum()), total=len(records))
    out = records.assign(year=year)[year.notna() & ~old]
    return out.assign(year=out["year"].astype(int))


def first_of(records: pd.DataFrame, by: str = "") -> pd.DataFrame:
    """The earliest record of each species, in the whole country or in each part of it.

    A species with records in two regions stands once in the country, with what the earliest of them says of it.
    """
    key = ["taxon", by] if by else ["taxon"]
    ordered = records.assign(_place=records["region"].fillna("")).sort_values(
        ["year", "taxon", "_place"], kind="stable"
    )
    invasive = records.groupby("taxon")["invasive"].max()
    firsts = ordered.drop_duplicates(key).drop(columns="_place")
    # A species that does harm anywhere in the country is an invasive one.
    return firsts.assign(invasive=firsts["taxon"].map(invasive).astype("boolean"))


def yearly(years: pd.Series | np.ndarray, window: np.ndarray) -> np.ndarray:
    """Number of records in every year of the window, 0 where there is none.

    >>> yearly(np.array([2001, 2003, 2003]), np.arange(2000, 2005)).tolist()
    [0, 1, 0, 2, 0]
    """
    found = pd.Series(np.asarray(years, dtype=int)).value_counts()
    return found.reindex(window, fill_value=0).to_numpy(dtype=int)


def counted(table: pd.DataFrame, value: str) -> tuple[pd.Series, Mapping[str, pd.DataFrame]]:
    """Yearly totals of a table of counts, and its breakdowns as tables of years by parts.

    Rows without group and pathway are the totals; where there are none, the groups (or else the pathways) add up to
    them. A year of the series that has no row is missing, not 0.

    Raises
    ------
    WorkbenchError
        If years of the series have no row.
    """
    kinds = {name: table[name].notna() for name in ("taxonomic_group", "pathway") if name in table}
    plain = ~np.logical_or.reduce([*kinds.values(), np.zeros(len(table), dtype=bool)])
    parts = {}
    for name, filled in kinds.items():
        alone = filled & ~np.logical_or.reduce(
            [*(o for n, o in kinds.items() if n != name), np.zeros(len(table), bool)]
        )
        if (use := table[alone if alone.any() else filled]).size:
            parts[name] = use.groupby(["year", use[name].astype(object)])[value].sum(min_count=1).unstack()
    total = (
        table[plain].set_index("year")[value] if plain.any() else next(iter(parts.values())).sum(axis=1, min_count=1)
    )
    total = total.sort_index().astype("Float64")
    every = np.arange(int(total.index.min()), int(total.index.max()) + 1)
    if len(gaps := sorted(set(every) - set(total.index))):
        said = ", ".join(map(str, gaps[:8])) + (" …" if len(gaps) > 8 else "")
        raise problem(
            f"{_NOTES}.years_missing", table="alien_species_counts", column="year", years=said, count=len(gaps)
        )
    return total, parts
