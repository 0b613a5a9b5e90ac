"""Red Lists of Ecosystems as tables: types with their categories, from whichever tables and maps there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.ecosystem_criteria import KEY, joined_criteria, listed, of_declines, of_maps
from gbf_workbench.methods.ecosystem_risk import WEIGHTS, worst
from gbf_workbench.methods.joins import unmatched
from gbf_workbench.methods.red_lists import carried_back

_NOTES = "indicators.red_list_of_ecosystems.notes"
#: Letters before the number of a code of the Global Ecosystem Typology.
REALMS = {
    "T": "Terrestrial", "F": "Freshwater", "M": "Marine", "S": "Subterranean", "TF": "Terrestrial-freshwater",
    "FM": "Freshwater-marine", "MT": "Marine-terrestrial", "MFT": "Marine-freshwater-terrestrial",
    "SF": "Subterranean-freshwater", "SM": "Subterranean-marine",
}  # fmt: skip
#: What a table of assessments says of a type at a date, beside its category.
_STATE = ("reason_for_change", "area_km2", "protected_area_km2", "territories_area_km2", "main_threat")
_ABOUT = ("name", "get_code", "ecosystem_group", "region")


@dataclass(frozen=True)
class RiskList:
    """Ecosystem types with their categories.

    Attributes
    ----------
    categories : DataFrame
        Index ``(ecosystem_id, year)``; ``overall`` and the criteria that were used (``A`` … ``E``), as categories;
        where known ``reason_for_change, area_km2, protected_area_km2, territories_area_km2, main_threat``.
    types : DataFrame
        Index ``ecosystem_id``; ``name, get_code, ecosystem_group, region``, as texts, empty where not known.
    """

    categories: pd.DataFrame
    types: pd.DataFrame

    @property
    def years(self) -> list[int]:
        """Dates of the assessments, in order."""
        return sorted({int(year) for year in self.categories.index.get_level_values("year")})

    @property
    def criteria(self) -> list[str]:
        """The criteria that were used."""
        return [name for name in "ABCDE" if name in self.categories]

    def of(self, year: int) -> pd.DataFrame:
        """Categories of one date with what is known of the types, by type."""
        return self.categories.xs(year, level="year").join(self.types)


def assembled(
    assessments: pd.DataFrame | None, criteria: pd.DataFrame | None, declines: pd.DataFrame | None,
    restrictions: pd.DataFrame | None, mapped: pd.DataFrame | None, legend: pd.DataFrame | None, *, drawn_out: str,
    square_km: float, doubts: Doubts,
) -> RiskList:  # fmt: skip
    """The list of all that is known: tables of categories, measured declines, and maps.

    Parameters
    ----------
    assessments, criteria, declines, restrictions : DataFrame or None
        As ``red_list_of_ecosystems`` takes them.
    mapped, legend : DataFrame or None
        As ``ecosystem_maps`` gives them.
    drawn_out, square_km
        As in ``of_maps``.
    doubts : Doubts

    Raises
    ------
    WorkbenchError
        If a table speaks of types that the list does not have.
    """
    tables = {"ecosystem_assessments": assessments, "ecosystem_criteria": criteria, "ecosystem_declines": declines}
    there = {name: table for name, table in tables.items() if table is not None}
    known = next((table["ecosystem_id"] for table in there.values()), None)
    _refuse_strangers(dict(list(there.items())[1:]), known)
    every = known if mapped is None else pd.concat([known, mapped["name"]])
    _refuse_strangers({} if restrictions is None else {"ecosystem_restrictions": restrictions}, every)
    own = mapped
    if mapped is not None and known is not None:
        apart = mapped.loc[~mapped["name"].isin(known), "name"]
        doubts.add("flag", "mapped_apart", count=apart.nunique(), names=listed(apart))
        own = mapped[mapped["name"].isin(known)]
    # Categories from maps are those of the newest list or, where there is none, of the newest map.
    year = max(int(table["year"].max()) for table in (there.values() if there else [mapped]))
    measured = [] if declines is None else [of_declines(declines)]
    measured.append(of_maps(own, restrictions, year, drawn_out, square_km, doubts))
    judged = joined_criteria(criteria, measured, doubts)
    return risk_list(assessments, judged, types_of(list(there.values()), legend), doubts)


def _refuse_strangers(tables: Mapping[str, pd.DataFrame], known: pd.Series | None) -> None:
    """Refuse rows about types that are in no list: a slip in an identifier would make a type of its own."""
    for table, rows in tables.items():
        found = unmatched(rows, pd.DataFrame({"ecosystem_id": known}), ["ecosystem_id"])
        if found.left:
            at = tuple(sorted(row for one in found.left.values() for row in one))
            values = {"count": len(found.left), "names": listed(found.left)}
            raise problem(f"{_NOTES}.strangers", table=table, column="ecosystem_id", rows=at, **values)


def risk_list(
    assessments: pd.DataFrame | None, categories: pd.DataFrame, types: pd.DataFrame, doubts: Doubts
) -> RiskList:
    """The list with the worst category over the criteria, or the overall one where it was assessed.

    Parameters
    ----------
    assessments : DataFrame or None
        ``ecosystem_id, year, category`` and what else is known of each type and date.
    categories : DataFrame
        ``ecosystem_id, year, criterion, category``.
    types : DataFrame
        Index ``ecosystem_id``, as in ``RiskList``.
    doubts : Doubts
        Says how many overall categories are not the worst of their criteria.
    """
    lettered = categories.assign(criterion=categories["criterion"].str[0])
    wide = lettered.groupby(KEY)["category"].agg(worst).unstack("criterion")
    used = list(wide.columns)
    # A type that nobody looked at under a criterion has not been evaluated under it.
    overall = wide.fillna("NE").agg(worst, axis=1) if used else pd.Series(dtype=object)
    if assessments is None:
        return RiskList(wide.fillna("NE").assign(overall=overall), types)
    own = assessments.set_index(["ecosystem_id", "year"])
    both = own.join(wide)
    own_worst = overall.reindex(both.index)
    # DD and NE say nothing of the risk, so they do not contradict an expert.
    apart = own_worst.notna() & ~own_worst.isin(["DD", "NE"]) & (own_worst != both["category"])
    names = both.index.get_level_values("ecosystem_id")[apart.to_numpy(dtype=bool)]
    doubts.add("flag", "overall_apart", count=len(names), names=listed(names))
    both[used] = both[used].fillna("NE")
    more = [name for name in _STATE if name in both]
    return RiskList(both.rename(columns={"category": "overall"})[["overall", *used, *more]], types)


def types_of(tables: list[pd.DataFrame], legend: pd.DataFrame | None) -> pd.DataFrame:
    """What is known of each type, from the first table that says it; of a table the latest row counts.

    Parameters
    ----------
    tables : list of DataFrame
        With ``ecosystem_id`` and perhaps ``ecosystem_name, get_code, ecosystem_group, region``.
    legend : DataFrame or None
        ``ecosystem_id, name, get_code`` of the mapped types.

    Returns
    -------
    DataFrame
        Index ``ecosystem_id``; ``name, get_code, ecosystem_group, region``. ``name`` is the identifier where types have
        no names, or share one.
    """
    every = [table.sort_values("year") for table in tables] + ([] if legend is None else [legend])
    found = pd.DataFrame(index=pd.Index([], name="ecosystem_id"), columns=list(_ABOUT), dtype=object)
    for table in every:
        said = table.rename(columns={"ecosystem_name": "name"}).reindex(columns=["ecosystem_id", *_ABOUT])
        found = found.combine_first(said.astype(object).groupby("ecosystem_id").last())
    found = found.reindex(columns=list(_ABOUT)).fillna("").astype(str)
    unclear = found["name"].eq("") | found["name"].duplicated(keep=False)
    return found.assign(name=found["name"].mask(unclear, pd.Series(found.index, index=found.index).astype(str)))


def of_counts(counts: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """A list without names from numbers of types by category.

    Parameters
    ----------
    counts : DataFrame
        ``year, get_code, category, type_count, area_km2``; a row without a code stands for all types together.
    doubts : Doubts
        Says where the functional groups do not add up to all types, and that numbers give no trend.

    Returns
    -------
    DataFrame
        As ``ecosystem_assessments``. Where only totals are given types have no code. The area of a row is shared by
        its types.

    Raises
    ------
    WorkbenchError
        If the functional groups of a year hold other numbers than the row for all types.
    """
    filled = counts.assign(code=counts["get_code"].fillna(""))
    parts, totals = filled[filled["code"] != ""], filled[filled["code"] == ""]
    apart = _sums_apart(parts, totals)
    if apart:
        raise problem(f"{_NOTES}.counts_apart", table="ecosystem_category_counts", column="type_count", said=apart)
    # Where a year has groups they say more than its totals.
    kept = pd.concat([parts, totals[~totals["year"].isin(parts["year"])]]).sort_values(["year", "code", "category"])
    number = kept["type_count"].astype(int)
    rows = kept.loc[np.repeat(kept.index.to_numpy(), number.to_numpy())]
    area = pd.to_numeric(rows["area_km2"]).astype(float) / number.loc[rows.index].to_numpy()
    doubts.add("flag", "counts_no_trend", count=int(kept["year"].nunique() > 1))
    place = rows.groupby(["year", "code", "category"]).cumcount().astype(str)
    named = rows["code"] + "|" + rows["category"].astype(str) + "|" + place
    return pd.DataFrame({
        "ecosystem_id": named, "year": rows["year"].astype(int), "category": rows["category"], "area_km2": area,
        "get_code": rows["code"],
    }).reset_index(drop=True)  # fmt: skip


def _sums_apart(parts: pd.DataFrame, totals: pd.DataFrame) -> str:
    """Years and categories whose groups do not add up to the number for all types, where a year has both."""
    by = ["year", "category"]
    both = set(parts["year"]) & set(totals["year"])
    summed = [table[table["year"].isin(both)].groupby(by)["type_count"].sum() for table in (totals, parts)]
    # A category that only one of them has makes the other's numbers fractions.
    whole, added = (one.astype(int) for one in summed[0].align(summed[1], fill_value=0))
    differ = whole != added
    return "; ".join(f"{year} {name}: {whole[year, name]} / {added[year, name]}" for year, name in whole.index[differ])


def groupings(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Groups that types are reported by: name of the group of each type, empty where it has none.

    Parameters
    ----------
    rows : DataFrame
        As ``RiskList.of`` gives it.
    """
    code = rows["get_code"]
    numbered = code.str.contains(r"\d")
    threat = rows["main_threat"].astype(object) if "main_threat" in rows else pd.Series(np.nan, index=rows.index)
    return {
        "Realm": code.str.extract(r"^([A-Z]+)", expand=False).map(REALMS).fillna(""),
        "Biome": code.str.split(".").str[0].where(numbered, ""),
        "Ecosystem functional group": code.where(code.str.contains(".", regex=False), ""),
        "Group of ecosystem types": rows["ecosystem_group"],
        "Region": rows["region"],
        "Main threat": ("Threat " + threat.astype(str)).where(threat.notna(), ""),
    }


def comparable_weights(found: RiskList, rule: str, doubts: Doubts) -> pd.DataFrame:
    """Weights by type and date with which dates can be compared: the same types, and genuine changes only.

    Parameters
    ----------
    found : RiskList
    rule : {"ask", "exclude", "as_assessed"}
        What is done with types that lack a date; ``as_assessed`` keeps all types of each date as they were recorded.
    doubts : Doubts
        Says what was left out and carried back.

    Returns
    -------
    DataFrame
        Rows by ``ecosystem_id``, a column for each date; missing where a type has no category that counts, which is
        only with ``as_assessed`` or a single date.

    Raises
    ------
    WorkbenchError
        If types lack a date and it was not said what to do, or some changes have a reason and others none.
    """
    category = found.categories["overall"].astype(object).unstack("year")
    category = category.reindex(columns=found.years).sort_index()
    weighed = category.apply(lambda column: column.map(WEIGHTS)).astype(float)
    if len(found.years) == 1 or rule == "as_assessed":
        return weighed
    same = _same_types(weighed, category.notna(), rule, doubts)
    carried = _carried(found.categories, weighed.loc[same], doubts)
    return pd.DataFrame(carried, index=same, columns=weighed.columns)


def _same_types(weighed: pd.DataFrame, there: pd.DataFrame, rule: str, doubts: Doubts) -> pd.Index:
    """Types with a category that counts at every date; a question where some lack a date."""
    short = ~there.all(axis=1) & weighed.notna().any(axis=1)
    silent = there.all(axis=1) & weighed.isna().any(axis=1)
    if short.any() and rule == "ask":
        values = {"count": int(short.sum()), "names": listed(short.index[short]), "years": listed(weighed.columns)}
        raise WorkbenchError(Issue("question", f"{_NOTES}.incomplete", values, table="ecosystem_assessments"))
    doubts.add("repair", "incomplete_excluded", count=int(short.sum()), names=listed(short.index[short]))
    doubts.add("flag", "silent_excluded", count=int(silent.sum()), names=listed(silent.index[silent]))
    same = weighed.index[weighed.notna().all(axis=1)]
    if same.empty:
        raise problem(f"{_NOTES}.no_common_types")
    return same


def _carried(categories: pd.DataFrame, weighed: pd.DataFrame, doubts: Doubts) -> np.ndarray:
    """Weights at all dates with genuine changes only."""
    recorded = weighed.to_numpy(dtype=float)
    reasons = pd.Series(np.nan, index=categories.index, dtype=object)
    if "reason_for_change" in categories:
        reasons = categories["reason_for_change"].astype(object)
    reasons = reasons.unstack("year").reindex(index=weighed.index, columns=weighed.columns)
    changed = np.diff(recorded, axis=1) != 0
    unexplained = changed & reasons.isna().to_numpy()[:, 1:]
    if reasons.isna().to_numpy().all():
        doubts.add("flag", "taken_as_genuine", count=int(changed.sum()))
    elif unexplained.any():
        names = weighed.index[unexplained.any(axis=1)]
        values = {"count": int(unexplained.sum()), "names": listed(names)}
        where = {"table": "ecosystem_assessments", "column": "reason_for_change"}
        raise WorkbenchError(Issue("question", f"{_NOTES}.reason_missing", values, **where))
    return carried_back(recorded, ~reasons.eq("non-genuine").to_numpy(), doubts)
