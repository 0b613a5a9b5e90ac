"""6.1 Rate of invasive alien species establishment: new species by year, and the arrivals behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.counts import rate_interval, ratio_interval
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.establishment import Arrivals, arrival_rates, discovery_rates, growth_of_arrivals
from gbf_workbench.methods.first_records import TRAITS, counted, dated, established, first_of, listed, observed, yearly

_NOTES = "indicators.invasive_alien_species_establishment.notes"
_BREAKDOWNS = {"taxonomic_group": "Taxonomic group", "pathway": "Pathway", "habitat": "Habitat", "region": "Region"}
_WORDS = {
    "release": "Release in nature", "escape": "Escape from confinement", "contaminant": "Transport contaminant",
    "stowaway": "Transport stowaway", "corridor": "Corridor", "unaided": "Unaided", "unknown": "Unknown pathway",
    "terrestrial": "Terrestrial", "freshwater": "Freshwater", "marine": "Marine", "brackish": "Brackish",
}  # fmt: skip
_NOT_STATED = "Not stated"
_RATE = "species per year"
#: Five parameters are not to be had from less.
_FEWEST_SPECIES, _FEWEST_YEARS = 10, 15


def invasive_alien_species_establishment(
    first_records: pd.DataFrame | None,
    yearly_counts: pd.DataFrame | None,
    checklist: pd.DataFrame | None,
    occurrence_cube: pd.DataFrame | None,
    survey_effort: pd.DataFrame | None,
    *,
    species: str,
    unknown_establishment: str,
    span_year: str,
    longest_span: int,
    first_year: int,
    last_year: int,
    baseline_start: int,
    baseline_end: int,
    target_start: int,
    detection: str,
    confidence: float,
) -> pd.DataFrame:
    """New established alien species by year, with the growth of the arrivals behind them.

    Parameters
    ----------
    first_records : DataFrame or None
        ``scientific_name, region, first_year, last_possible_year, establishment, invasive, taxonomic_group, pathway,
        habitat``.
    yearly_counts : DataFrame or None
        ``year, taxonomic_group, pathway, new_species, new_invasive_species``; used where there is no list.
    checklist, occurrence_cube : DataFrame or None
        ``scientific_name, species_key, …`` and ``year, species_key, species, occurrences``; used without the others.
    survey_effort : DataFrame or None
        ``year, taxonomic_group, effort, effort_unit``.
    species : {"invasive", "established"}
        Whose national numbers are given.
    unknown_establishment : {"exclude", "include"}
    span_year : {"first", "middle", "last"}
    longest_span : int
        [years]
    first_year, last_year : int
        The series; a ``last_year`` of 0 is the newest year that has a record or effort.
    baseline_start, baseline_end, target_start : int
        Years whose mean rates are compared.
    detection : {"lag", "effort", "effort_and_lag", "none"}
        What the chance to be found follows in the model of arrivals.
    confidence : float
        0 to 1.

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, lower, upper, n, value_status, note``. Every year of
        the series is there, with 0 where no species was new.

    Raises
    ------
    WorkbenchError
        If nothing can be dated, years of a table of counts are missing, or nobody has marked invasive species.

    References
    ----------
    McGeoch et al. 2023, doi:10.1111/conl.12981. Solow and Costello 2004, doi:10.1890/03-3102. Buba et al. 2024,
    doi:10.1111/geb.13859.

    Examples
    --------
    >>> counts = pd.DataFrame({"year": [2019, 2020, 2021], "new_species": [2.0, 0.0, 1.0]})
    >>> rows = invasive_alien_species_establishment(
    ...     None, counts, None, None, None, species="established", unknown_establishment="exclude", span_year="middle",
    ...     longest_span=10, first_year=2019, last_year=0, baseline_start=2005, baseline_end=2019, target_start=2020,
    ...     detection="none", confidence=0.95,
    ... )
    >>> rows[(rows.disaggregation_type == "") & (rows.unit == "species per year")].value.tolist()
    [2.0, 0.0, 1.0]
    """
    doubts = Doubts()
    effort = _effort_of(survey_effort, occurrence_cube if first_records is None and yearly_counts is None else None)
    if first_records is None and yearly_counts is not None:
        totals, parts, before = _from_counts(yearly_counts, species, first_year, last_year, effort)
    else:
        records = listed(first_records) if first_records is not None else observed(occurrence_cube, checklist, doubts)
        records = dated(
            established(records, unknown_establishment, doubts), span_year, longest_span, first_year, doubts
        )
        if records.empty:
            raise problem(f"{_NOTES}.nothing_dated", table="alien_species_first_records", column="first_year")
        window = _window(records["year"], effort, first_year, last_year)
        totals, parts, before = _from_records(records, species, window, doubts)
    doubts.add("flag", "recent_years")
    rows = _count_rows(totals, parts, before, confidence)
    rows += _decade_rows(totals, confidence) + _period_rows(
        totals, (baseline_start, baseline_end, target_start), confidence, doubts
    )
    rows += _effort_rows(effort, totals.index, doubts)
    rows += _model_rows(totals, effort, detection, confidence, doubts)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _effort_of(survey_effort: pd.DataFrame | None, cube: pd.DataFrame | None) -> pd.Series | None:
    """Effort by year, with its unit as name; the records of a cube are its own effort."""
    if survey_effort is not None:
        whole = survey_effort
        if "taxonomic_group" in whole and (plain := whole["taxonomic_group"].isna()).any():
            whole = whole[plain]
        return whole.groupby("year")["effort"].sum(min_count=1).rename(str(whole["effort_unit"].iloc[0]))
    if cube is not None:
        return cube.groupby("year")["occurrences"].sum().rename("occurrence records")
    return None


def _window(years: pd.Series, effort: pd.Series | None, first: int, last: int) -> np.ndarray:
    newest = max(int(years.max()), int(effort.index.max()) if effort is not None else 0)
    end = last or newest
    if end < first:
        raise problem(f"{_NOTES}.empty_window", column="first_year", first=str(first), last=str(end))
    return np.arange(first, end + 1)


def _from_counts(
    table: pd.DataFrame, species: str, first: int, last: int, effort: pd.Series | None
) -> tuple[pd.Series, dict[str, pd.DataFrame], int]:
    column = {"invasive": "new_invasive_species", "established": "new_species"}[species]
    if column not in table or table[column].isna().all():
        raise problem(f"{_NOTES}.not_marked", level="question", table="alien_species_counts", column=column)
    total, parts = counted(table, column)
    window = _window(pd.Series(total.index), None, max(first, int(total.index.min())), last)
    before = int(total[total.index < window[0]].sum())
    named = {_BREAKDOWNS[name]: part.reindex(window) for name, part in parts.items()}
    other = "new_invasive_species" if species == "established" else "new_species"
    if other in table and table[other].notna().any():
        both = {column: total, other: counted(table, other)[0]}
        named["Species counted"] = _both(both["new_species"], both["new_invasive_species"]).reindex(window)
    return total.reindex(window), named, before


def _both(every: pd.Series, invasive: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"Established alien species": every, "Invasive alien species": invasive})


def _from_records(
    records: pd.DataFrame, species: str, window: np.ndarray, doubts: Doubts
) -> tuple[pd.Series, dict[str, pd.DataFrame], int]:
    """Yearly totals, breakdowns as tables of years by parts, and how many species came before the window."""
    every = first_of(records)
    known = every["invasive"].notna()
    if species == "invasive":
        if not known.any():
            raise problem(f"{_NOTES}.not_marked", level="question", column="invasive")
        doubts.add("flag", "invasive_unknown", count=int((~known).sum()))
    marked = every["invasive"].fillna(False).astype(bool)
    chosen = every[marked] if species == "invasive" else every
    total = pd.Series(yearly(chosen["year"], window), index=window).astype("Float64")
    parts = {_BREAKDOWNS[trait]: _by(chosen, trait, window) for trait in TRAITS if chosen[trait].notna().any()}
    if records["region"].notna().any():
        regional = first_of(records[records["taxon"].isin(chosen["taxon"])], "region")
        parts["Region"] = _by(regional, "region", window)
    if known.any():
        both = (pd.Series(yearly(one["year"], window), index=window) for one in (every, every[marked]))
        parts["Species counted"] = _both(*both)
    return total, parts, int((chosen["year"] < window[0]).sum())


def _by(records: pd.DataFrame, trait: str, window: np.ndarray) -> pd.DataFrame:
    """Yearly numbers of each part; a species that lives in two habitats counts in both."""
    named = records.assign(_part=records[trait].fillna(_NOT_STATED).astype(str).str.split("|")).explode("_part")
    named["_part"] = named["_part"].str.strip().map(lambda one: _WORDS.get(one.casefold(), one))
    groups = sorted(named.groupby("_part"))
    return pd.DataFrame({name: yearly(part["year"], window) for name, part in groups}, index=window)


def _row(year: int, value: float, unit: str, kind: str = "", part: str = "", **rest: Any) -> dict[str, Any]:
    return {
        "year": int(year),
        "disaggregation_type": kind,
        "disaggregation": part,
        "value": value,
        "unit": unit,
        **rest,
    }


def _count_rows(
    totals: pd.Series, parts: Mapping[str, pd.DataFrame], before: int, confidence: float
) -> list[dict[str, Any]]:
    series = {("", ""): totals}
    series |= {(kind, _WORDS.get(str(p), str(p))): table[p] for kind, table in parts.items() for p in table}
    rows = []
    for (kind, part), numbers in series.items():
        values = numbers.astype("Float64")
        low, high = rate_interval(values.fillna(0).to_numpy(dtype=float), 1.0, confidence)
        for at, (year, value) in enumerate(values.items()):
            if pd.isna(value):
                rows.append(_row(year, np.nan, _RATE, kind, part, value_status="missing", note="not_counted"))
                continue
            interval = {"lower": low[at], "upper": high[at], "n": int(value)}
            rows.append(_row(year, int(value), _RATE, kind, part, **interval))
    if totals.notna().all():
        rows += [_row(y, int(v), "species", n=int(v)) for y, v in (totals.cumsum() + before).items()]
    return rows


def _mean_row(totals: pd.Series, years: range, kind: str, part: str, confidence: float) -> dict[str, Any] | None:
    """The mean rate of the years of a period that are in the series, with the years it really rests on."""
    own = totals[(totals.index >= years.start) & (totals.index < years.stop)].dropna()
    if own.empty:
        return None
    number = int(own.sum())
    low, high = rate_interval(np.array([number]), float(len(own)), confidence)
    value = {"value": number / len(own), "lower": float(low[0]), "upper": float(high[0]), "n": number}
    return _row(int(own.index.max()), unit=_RATE, kind=kind, part=part, **value)


def _decade_rows(totals: pd.Series, confidence: float) -> list[dict[str, Any]]:
    rows = []
    for start in range(int(totals.index.min()) // 10 * 10, int(totals.index.max()) + 1, 10):
        first, last = max(start, int(totals.index.min())), min(start + 9, int(totals.index.max()))
        rows.append(_mean_row(totals, range(first, last + 1), "Mean of the decade", f"{first}–{last}", confidence))
    return [row for row in rows if row]


def _period_rows(
    totals: pd.Series, years: tuple[int, int, int], confidence: float, doubts: Doubts
) -> list[dict[str, Any]]:
    """Mean rates of the baseline and of the years of the target, and the change between them."""
    start, end, target = years
    base = _mean_row(totals, range(start, end + 1), "Period", "Baseline", confidence)
    later = _mean_row(totals, range(target, int(totals.index.max()) + 1), "Period", "Years of the target", confidence)
    if base is None or later is None:
        doubts.add("flag", "no_comparison", start=str(start), end=str(end), target=str(target))
        return [row for row in (base, later) if row]
    if totals.index.min() > start:
        doubts.add("flag", "short_baseline", first=str(totals.index.min()), start=str(start))
    about = {"unit": "%", "kind": "Change since the baseline", "part": "", "n": base["n"] + later["n"]}
    if not base["n"]:
        change = _row(later["year"], np.nan, **about, value_status="not_applicable", note="baseline_zero")
        return [base, later, change]
    lengths = [int(totals[(totals.index >= a) & (totals.index <= b)].notna().sum()) for a, b in
               ((start, end), (target, int(totals.index.max())))]  # fmt: skip
    low, high = ratio_interval(base["n"], lengths[0], later["n"], lengths[1], confidence)
    value = 100 * (later["value"] / base["value"] - 1)
    return [base, later, _row(later["year"], value, **about, lower=100 * (low - 1), upper=100 * (high - 1))]


def _effort_rows(effort: pd.Series | None, window: pd.Index, doubts: Doubts) -> list[dict[str, Any]]:
    if effort is None:
        doubts.add("flag", "no_effort")
        return []
    own = effort.reindex(window)
    doubts.add("flag", "effort_gaps", count=int(own.isna().sum()))
    return [_row(year, float(value), str(effort.name), "Survey effort") for year, value in own.dropna().items()]


def _model_rows(
    totals: pd.Series, effort: pd.Series | None, detection: str, confidence: float, doubts: Doubts
) -> list[dict[str, Any]]:
    """Growth of the arrivals behind the records, their course, and the records the model expects."""
    if detection == "none":
        return []
    years = totals.index.to_numpy()
    if totals.isna().any() or totals.sum() < _FEWEST_SPECIES or len(years) < _FEWEST_YEARS:
        doubts.add("flag", "too_few_for_model", species=_FEWEST_SPECIES, years=_FEWEST_YEARS)
        return []
    searched = None
    if detection != "lag":
        searched = effort.reindex(years) if effort is not None else None
        if searched is None or searched.isna().any() or not searched.mean() > 0:
            raise problem(f"{_NOTES}.effort_missing", table="survey_effort", column="effort")
        searched = (searched / searched.mean()).to_numpy(dtype=float)
    model = Arrivals(len(years), searched, lag=detection != "effort")
    found = growth_of_arrivals(totals.to_numpy(dtype=float), model, confidence)
    _say_of_fit(found, doubts)
    slope, low, high = found.parameters[1], found.interval.lower, found.interval.upper
    low, high = min(low, slope), max(high, slope)
    expected = discovery_rates(found.parameters, model)
    course = arrival_rates(np.array([0.0, slope]), len(years)) / np.exp(slope)
    rows = []
    for at, year in enumerate(years):
        about = {"value_status": "estimated", "n": int(totals.sum())}
        rows.append(_row(year, float(expected[at]), _RATE, "Modelled new records", "", **about))
        span = {"lower": float(np.exp(low * at)), "upper": float(np.exp(high * at))}
        rows.append(_row(year, float(course[at]), "index", "Modelled arrivals, first year is 1", "", **span, **about))
    percent = {"lower": 100 * np.expm1(low), "upper": 100 * np.expm1(high), "value_status": "estimated"}
    rows.append(
        _row(years[-1], 100 * np.expm1(slope), "% per year", "Growth of arrivals", "", n=int(totals.sum()), **percent)
    )
    return rows


def _say_of_fit(found: Any, doubts: Doubts) -> None:
    low, high = 100 * np.expm1(found.interval.lower), 100 * np.expm1(found.interval.upper)
    said = {"low": f"{low:.1f}", "high": f"{high:.1f}"}
    if found.interval.lower_open or found.interval.upper_open:
        doubts.add("flag", "growth_undetermined", **said)
    elif low < 0 < high:
        doubts.add("flag", "growth_uncertain", **said)
    if len(found.near) > 1:
        doubts.add("flag", "flat_likelihood", number=len(found.near), least=f"{100 * np.expm1(found.near.min()):.1f}",
                   most=f"{100 * np.expm1(found.near.max()):.1f}")  # fmt: skip
