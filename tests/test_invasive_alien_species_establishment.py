"""6.1 in detail: who counts, in which year, and what the records say of the arrivals behind them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.invasive_alien_species_establishment import invasive_alien_species_establishment
from gbf_workbench.methods.counts import rate_interval, ratio_interval
from gbf_workbench.methods.establishment import (
    Arrivals,
    discovery_rates,
    growth_of_arrivals,
    negative_log_likelihood,
)
from gbf_workbench.methods.likelihood import profile_interval
from gbf_workbench.pipeline import compute, load

SETTINGS = {
    "species": "established", "unknown_establishment": "exclude", "span_year": "middle", "longest_span": 10,
    "first_year": 2000, "last_year": 0, "baseline_start": 2000, "baseline_end": 2009, "target_start": 2010,
    "detection": "none", "confidence": 0.95,
}  # fmt: skip
RATE = "species per year"


def of_list(rows: list[dict[str, object]], effort: pd.DataFrame | None = None, **changed: object) -> pd.DataFrame:
    table = pd.DataFrame([{"establishment": "established", **row} for row in rows])
    columns = ["scientific_name", "region", "first_year", "last_possible_year", "establishment", "invasive",
               "taxonomic_group", "pathway", "habitat"]  # fmt: skip
    table = table.reindex(columns=columns)
    return invasive_alien_species_establishment(table, None, None, None, effort, **(SETTINGS | changed))


def series(rows: pd.DataFrame, kind: str = "", part: str = "", unit: str = RATE) -> dict[int, float]:
    own = rows[(rows["disaggregation_type"] == kind) & (rows["disaggregation"] == part) & (rows["unit"] == unit)]
    return dict(zip(own["year"], own["value"], strict=True))


def said(rows: pd.DataFrame) -> dict[str, dict[str, object]]:
    return {one["key"]: one["values"] for one in rows.attrs["doubts"]}


def test_every_year_of_the_series_is_there_and_a_year_without_a_species_is_zero():
    rows = of_list([{"scientific_name": "A", "first_year": 2001}, {"scientific_name": "B", "first_year": 2004}])
    assert series(rows) == {2000: 0, 2001: 1, 2002: 0, 2003: 0, 2004: 1}


def test_a_species_counts_once_in_the_country_and_once_in_each_region():
    found = [
        {"scientific_name": "A", "region": "N", "first_year": 2003},
        {"scientific_name": "A", "region": "S", "first_year": 2001},
    ]
    rows = of_list(found)
    assert series(rows) == {2000: 0, 2001: 1, 2002: 0, 2003: 0}
    assert series(rows, "Region", "N")[2003] == 1


@pytest.mark.parametrize("status", ["casual", "cultivated", "eradicated", "extinct", "absent", "unknown"])
def test_what_is_not_established_does_not_count(status: str):
    found = [
        {"scientific_name": "A", "first_year": 2001},
        {"scientific_name": "B", "first_year": 2001, "establishment": status},
    ]
    assert series(of_list(found))[2001] == 1


def test_unknown_states_count_where_the_country_says_so():
    found = [
        {"scientific_name": "A", "first_year": 2001},
        {"scientific_name": "B", "first_year": 2001, "establishment": "unknown"},
    ]
    assert series(of_list(found, unknown_establishment="include"))[2001] == 2


@pytest.mark.parametrize(("rule", "year"), [("first", 2002), ("middle", 2004), ("last", 2007)])
def test_a_span_of_years_goes_where_the_rule_says(rule: str, year: int):
    found = [{"scientific_name": "A", "first_year": 2002, "last_possible_year": 2007}]
    rows = of_list(found, span_year=rule, last_year=2010)
    assert [at for at, value in series(rows).items() if value] == [year]


def test_a_span_too_wide_gives_no_year_but_one_that_ended_before_the_series_came_before():
    found = [
        {"scientific_name": "A", "first_year": 1990, "last_possible_year": 2003},
        {"scientific_name": "B", "first_year": 1900, "last_possible_year": 1950},
        {"scientific_name": "C", "last_possible_year": 1849},
        {"scientific_name": "D", "first_year": 2001},
        {"scientific_name": "E"},
        {"scientific_name": "F", "first_year": 1300},
    ]
    rows = of_list(found)
    assert series(rows, unit="species") == {2000: 2, 2001: 3}
    assert said(rows)["span_too_wide"]["count"] == 1
    assert said(rows)["undated"] == {"count": 1, "total": 6}
    assert said(rows)["before_1492"]["count"] == 1


def test_invasive_species_are_a_part_and_unmarked_ones_are_said():
    found = [
        {"scientific_name": name, "first_year": 2001, "invasive": mark}
        for name, mark in zip("ABC", (True, False, None), strict=True)
    ]
    rows = of_list(found, species="invasive")
    assert series(rows)[2001] == 1
    assert series(rows, "Species counted", "Established alien species")[2001] == 3
    assert said(rows)["invasive_unknown"]["count"] == 1


def test_a_list_that_marks_no_species_is_asked_about():
    with pytest.raises(WorkbenchError, match=r"marked.*species"):
        of_list([{"scientific_name": "A", "first_year": 2001}], species="invasive")


def test_a_list_without_a_single_year_gives_no_number():
    with pytest.raises(WorkbenchError, match="first record"):
        of_list([{"scientific_name": "A"}])


def test_years_of_survey_after_the_last_record_are_real_zeros():
    effort = pd.DataFrame({"year": [2000, 2001, 2002], "effort": [5.0, 5.0, 7.0], "effort_unit": "days"})
    rows = of_list([{"scientific_name": "A", "first_year": 2001}], effort)
    assert series(rows) == {2000: 0, 2001: 1, 2002: 0}
    assert series(rows, "Survey effort", "", "days")[2002] == 7
    assert "no_effort" not in said(rows)


def test_a_missing_year_in_a_table_of_counts_is_not_taken_for_zero():
    counts = pd.DataFrame({"year": [2000, 2002], "new_species": [1, 2]})
    with pytest.raises(WorkbenchError, match="2001"):
        invasive_alien_species_establishment(None, counts, None, None, None, **SETTINGS)


def test_groups_of_a_table_of_counts_add_up_where_there_is_no_total():
    counts = pd.DataFrame(
        [(2000, "Plants", 1), (2000, "Insects", 2), (2001, "Plants", 0), (2001, "Insects", 4)],
        columns=["year", "taxonomic_group", "new_species"],
    )
    rows = invasive_alien_species_establishment(None, counts, None, None, None, **SETTINGS)
    assert series(rows) == {2000: 3, 2001: 4}
    assert series(rows, "Taxonomic group", "Insects") == {2000: 2, 2001: 4}


def test_a_cube_with_a_checklist_gives_first_records_by_calendar_year():
    cube = pd.DataFrame(
        [(2000, "1", 9), (2003, "1", 4), (2002, "2", 1), (2002, "77", 50), (2004, "2", 1)],
        columns=["year", "species_key", "occurrences"],
    )
    checklist = pd.DataFrame({"species_key": ["1", "2", "3"], "taxon_rank": ["species", "species", "genus"]})
    rows = invasive_alien_species_establishment(None, None, checklist, cube, None, **SETTINGS)
    # A peer gives 1/(731/365.25) for 2002, as no record was made in 2001, and drops 2000, its first year.
    assert series(rows) == {2000: 1, 2001: 0, 2002: 1, 2003: 0, 2004: 0}
    assert series(rows, "Survey effort", "", "occurrence records")[2002] == 51
    assert said(rows)["higher_rank"]["count"] == 1


def test_the_change_since_the_baseline_compares_rates_and_not_numbers():
    found = [{"scientific_name": f"A{at}", "first_year": 2000 + at} for at in range(10)] + [
        {"scientific_name": "B", "first_year": 2011}
    ]
    rows = of_list(found)
    assert series(rows, "Period", "Baseline") == {2009: 1.0}
    assert series(rows, "Period", "Years of the target") == {2011: 0.5}
    assert series(rows, "Change since the baseline", "", "%") == {2011: pytest.approx(-50)}


def test_a_baseline_of_zero_gives_no_change_in_per_cent():
    rows = of_list([{"scientific_name": "B", "first_year": 2011}])
    [change] = rows[rows["disaggregation_type"] == "Change since the baseline"].to_dict("records")
    assert change["value_status"] == "not_applicable"


def test_doubling_all_species_doubles_every_count():
    found = [
        {"scientific_name": name, "first_year": year}
        for name, year in zip("ABCD", (1990, 2001, 2001, 2005), strict=True)
    ]
    once, twice = (
        series(of_list(found)),
        series(of_list(found + [{**one, "scientific_name": one["scientific_name"] * 2} for one in found])),
    )
    assert twice == {year: 2 * value for year, value in once.items()}


def test_limits_of_a_zero_and_of_a_ratio_are_those_worked_by_hand():
    low, high = rate_interval(np.array([0]), 2.0, 0.95)
    assert (low[0], high[0]) == (0, pytest.approx(-math.log(0.05) / 2))
    low, high = ratio_interval(10, 10, 10, 10, 0.95)
    assert low * high == pytest.approx(1)
    assert ratio_interval(0, 10, 3, 10, 0.95)[1] == math.inf
    assert ratio_interval(3, 10, 0, 10, 0.95)[0] == 0


def slow_rates(parameters: list[float], years: int) -> list[float]:
    """λ by the definition, one product after the other."""
    b0, b1, g0, g1, g2 = parameters
    chance = lambda s, t: 1 / (1 + math.exp(-(g0 + g1 * t + g2 * math.exp(t - s))))  # noqa: E731
    return [
        sum(
            math.exp(b0 + b1 * s) * chance(s, t) * math.prod(1 - chance(s, u) for u in range(s, t))
            for s in range(1, t + 1)
        )
        for t in range(1, years + 1)
    ]


@pytest.mark.parametrize("parameters", [[0, 0, 0, 0, 0], [-1, 0.02, -2, 0.05, 0.01], [0.5, -0.1, 1, -0.2, -0.1]])
def test_expected_records_are_those_of_the_definition(parameters: list[float]):
    model = Arrivals(9)
    assert discovery_rates(np.array(parameters, float), model) == pytest.approx(slow_rates(parameters, 9), rel=1e-12)


def test_with_effort_the_chance_follows_the_effort():
    half = discovery_rates(np.array([0.0, 0.0, -1.0, 1.0]), Arrivals(3, np.array([1.0, 1.0, 1.0]), lag=False))
    assert half == pytest.approx([0.5, 0.75, 0.875])


def test_the_likelihood_of_a_year_without_records_is_its_expectation():
    assert negative_log_likelihood(np.zeros(5), np.array([0]), Arrivals(1)) == pytest.approx(0.5)


def test_the_interval_of_growth_holds_all_growths_that_fit_as_well():
    truth, model = np.array([1.6, 0.05, -2.0, 0.8]), Arrivals(20, np.linspace(0.5, 1.5, 20), lag=False)
    records = np.round(discovery_rates(truth, model))
    found = growth_of_arrivals(records, model, 0.95)
    assert found.minimum <= negative_log_likelihood(truth, records, model)
    assert found.interval.lower <= 0.05 <= found.interval.upper
    assert negative_log_likelihood(found.parameters, records, model) == pytest.approx(found.minimum)


def test_a_profile_that_never_rises_has_an_open_end():
    found = profile_interval(lambda at: max(at, 0.0) * 2, 0.0, 0.0, 0.95, step=0.5, limits=(-4, 4))
    assert (found.lower, found.lower_open, found.upper_open) == (-4, True, False)
    assert found.upper == pytest.approx(0.9604, rel=2e-3)


def test_a_model_that_wants_effort_is_not_run_without_it():
    found = [{"scientific_name": f"A{at}", "first_year": 2000 + at} for at in range(16)]
    with pytest.raises(WorkbenchError, match="effort"):
        of_list(found, detection="effort")


def test_few_species_are_not_modelled():
    assert "too_few_for_model" in said(of_list([{"scientific_name": "A", "first_year": 2001}], detection="lag"))


def test_years_as_lists_of_species_write_them_are_read(tmp_path: Path):
    folder = tmp_path / "invasive_alien_species_establishment"
    folder.mkdir()
    (tmp_path / "country.yml").write_text("format: 1\ncode: XAR\nname: {en: Any}\n", encoding="utf-8")
    years = {"prima": "1970s", "secunda": "<1850", "tertia": "1988-1990", "quarta": "before 1972", "quinta": "1995"}
    lines = ["scientific_name,first_year,establishment"]
    lines += [f"Exempla {name},{year},established" for name, year in years.items()]
    (folder / "alien_species_first_records.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    tables = load("6.1", tmp_path)
    ends = tables["first_records"].set_index("scientific_name")[["first_year", "last_possible_year"]]
    assert ends.loc["Exempla prima"].tolist() == [1970, 1979]
    assert ends["last_possible_year"].fillna(0).tolist() == [1979, 1849, 1990, 1971, 0]
    rows = compute("6.1", tables, species="established", first_year=1960).data
    found = rows[(rows["disaggregation_type"] == "") & (rows["unit"] == RATE) & (rows["value"] > 0)]
    assert found["year"].tolist() == [1974, 1989, 1995]
    cumulative = rows[(rows["unit"] == "species") & (rows["year"] == 1995)]
    # That of before 1850 came before the series; that of before 1972 may have come in it, so nobody can place it.
    assert cumulative["value"].tolist() == [4]
