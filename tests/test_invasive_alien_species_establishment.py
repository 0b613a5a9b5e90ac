"""6.1 in detail: who counts, in which year, and what the records say of the arrivals behind them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators import invasive_alien_species_establishment as indicator
from gbf_workbench.indicators.invasive_alien_species_establishment import invasive_alien_species_establishment
from gbf_workbench.methods.counts import rate_interval, ratio_interval
from gbf_workbench.methods.establishment import (
    Arrivals,
    Growth,
    discovery_rates,
    growth_of_arrivals,
    negative_log_likelihood,
)
from gbf_workbench.methods.likelihood import ProfileInterval, profile_interval
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


def of_counts(table: dict[str, list], **changed: object) -> pd.DataFrame:
    return invasive_alien_species_establishment(
        None, pd.DataFrame(table), None, None, None, **(SETTINGS | {"baseline_start": 1990} | changed)
    )


def test_the_series_ends_where_it_is_told_to_and_not_before_it_begins():
    found = [{"scientific_name": name, "first_year": year} for name, year in (("A", 1999), ("B", 2000), ("C", 2003))]
    assert series(of_list(found, last_year=2001)) == {2000: 1, 2001: 0}
    assert series(of_list(found, last_year=2000), unit="species") == {2000: 2}
    with pytest.raises(WorkbenchError) as refused:
        of_list(found, last_year=1999)
    assert refused.value.issues[0].key.endswith("empty_window")


def test_years_of_counts_before_the_series_count_only_among_those_of_all_years():
    rows = of_counts({"year": [1998, 1999, 2000, 2001], "new_species": [3, 4, 1, 2]})
    assert series(rows) == {2000: 1, 2001: 2}
    assert series(rows, unit="species") == {2000: 8, 2001: 10}
    later = of_counts({"year": [2003, 2004], "new_species": [5, 1], "new_invasive_species": [2, None]})
    assert series(later) == {2003: 5, 2004: 1}
    assert series(later, unit="species") == {2003: 5, 2004: 6}
    parts = [series(later, "Species counted", f"{one} alien species") for one in ("Established", "Invasive")]
    assert (parts[0], parts[1][2003], math.isnan(parts[1][2004])) == ({2003: 5, 2004: 1}, 2, True)
    with pytest.raises(WorkbenchError, match="invasive"):
        of_counts({"year": [2000], "new_species": [1]}, species="invasive")


def test_a_year_nobody_counted_is_missing_and_leaves_no_running_total():
    rows = of_counts({"year": [2000, 2001, 2002], "new_species": [1, None, 3]})
    gap = rows[(rows["year"] == 2001) & (rows["unit"] == RATE) & (rows["disaggregation_type"] == "")].iloc[0]
    assert (gap["value_status"], gap["note"], math.isnan(gap["value"])) == ("missing", "not_counted", True)
    assert series(rows, unit="species") == {}
    # The mean is that of the two years counted.
    assert series(rows, "Mean of the decade", "2000–2002") == {2002: 2}


def test_decades_end_with_nine_and_those_at_the_ends_say_what_they_hold():
    found = [
        {"scientific_name": f"A{at}", "first_year": year} for at, year in enumerate((1998, 2000, 2000, 2009, 2011))
    ]
    rows = of_list(found, first_year=1998)
    decades = rows[rows["disaggregation_type"] == "Mean of the decade"].set_index("disaggregation")
    assert decades["value"].to_dict() == {"1998–1999": 0.5, "2000–2009": 0.3, "2010–2011": 0.5}
    assert decades["n"].tolist() == [1, 3, 1]
    assert decades["year"].tolist() == [1999, 2009, 2011]


def test_a_baseline_of_which_years_are_missing_says_so_and_one_without_any_compares_nothing():
    found = [{"scientific_name": f"A{year}", "first_year": year} for year in range(2000, 2013)]
    assert "short_baseline" not in said(of_list(found))
    assert said(of_list(found, baseline_start=1999))["short_baseline"] == {"first": "2000", "start": "1999"}
    none = of_list(found, baseline_start=1980, baseline_end=1999)
    assert said(none)["no_comparison"] == {"start": "1980", "end": "1999", "target": "2010"}
    assert series(none, "Period", "Years of the target") == {2012: 1}
    assert "Period" in set(of_list(found, target_start=2013)["disaggregation_type"])


def test_the_interval_of_a_change_rests_on_numbers_and_years():
    found = [{"scientific_name": f"A{at}", "first_year": 2000 + at} for at in range(10)]
    found += [{"scientific_name": f"B{at}", "first_year": 2011} for at in range(4)]
    [change] = of_list(found).query("unit == '%'").to_dict("records")
    low, high = ratio_interval(10, 10, 4, 2, 0.95)
    assert (change["value"], change["n"]) == (pytest.approx(100), 14)
    assert (change["lower"], change["upper"]) == (pytest.approx(100 * (low - 1)), pytest.approx(100 * (high - 1)))


def test_years_without_effort_are_counted_and_effort_of_groups_adds_up_where_there_is_no_total():
    effort = pd.DataFrame([(2000, "Plants", 2.0), (2000, "Insects", 3.0), (2002, "Plants", 1.0)],
                          columns=["year", "taxonomic_group", "effort"]).assign(effort_unit="days")  # fmt: skip
    found = [{"scientific_name": "A", "first_year": 2001}]
    rows = of_list(found, effort)
    assert series(rows, "Survey effort", "", "days") == {2000: 5, 2002: 1}
    assert said(rows)["effort_gaps"] == {"count": 1}
    total = pd.DataFrame({"year": [2000], "taxonomic_group": [None], "effort": [9.0], "effort_unit": "days"})
    both = of_list(found, pd.concat([effort, total]))
    assert series(both, "Survey effort", "", "days") == {2000: 9}


def test_a_species_of_two_habitats_counts_in_both_and_one_without_is_not_stated():
    found = [{"scientific_name": "A", "first_year": 2000, "habitat": "marine | Freshwater"},
             {"scientific_name": "B", "first_year": 2000, "habitat": None}]  # fmt: skip
    rows = of_list(found)
    own = rows[rows["disaggregation_type"] == "Habitat"].set_index("disaggregation")["value"]
    assert own.to_dict() == {"Marine": 1, "Freshwater": 1, "Not stated": 1}


GROWTH = math.log(1.1)


def fitted(monkeypatch: pytest.MonkeyPatch, count: int = 15, *, years: int = 15, effort: pd.DataFrame | None = None,
           low: float = -0.02, high: float = 0.3, opened: bool = False, near: tuple[float, ...] = (GROWTH,),
           **changed: object) -> tuple[pd.DataFrame, list]:  # fmt: skip
    """Rows of a model whose fit is given, and what it was fitted to; half of those present are found each year."""
    calls = []

    def fit(records: np.ndarray, model: Arrivals, confidence: float) -> Growth:
        calls.append((records.tolist(), model, confidence))
        parameters = np.array([0.0, GROWTH, 0.0, 0.0, 0.0][: 4 + model.lag])
        return Growth(parameters, 0.0, ProfileInterval(low, high, opened, False), np.array(near))

    monkeypatch.setattr(indicator, "growth_of_arrivals", fit)
    found = [{"scientific_name": f"A{at}", "first_year": 2000} for at in range(count)]
    return of_list(found, effort, last_year=1999 + years, **({"detection": "lag"} | changed)), calls


def test_what_is_modelled_is_the_yearly_numbers_and_growth_is_a_percentage_with_its_limits(monkeypatch):
    rows, [(records, model, confidence)] = fitted(monkeypatch)
    assert (records, model.years, model.effort, model.lag, confidence) == ([15.0] + [0.0] * 14, 15, None, True, 0.95)
    [growth] = rows[rows["unit"] == "% per year"].to_dict("records")
    assert [growth[name] for name in ("value", "lower", "upper")] == pytest.approx(
        [10, 100 * (math.exp(-0.02) - 1), 100 * (math.exp(0.3) - 1)])  # fmt: skip
    assert (growth["year"], growth["n"], growth["value_status"]) == (2014, 15, "estimated")
    course = rows[rows["disaggregation_type"] == "Modelled arrivals, first year is 1"].set_index("year")
    assert course["value"].tolist() == pytest.approx([1.1**at for at in range(15)])
    assert course.loc[2002, ["lower", "upper"]].tolist() == pytest.approx([math.exp(-0.04), math.exp(0.6)])
    # Of 1.1 that come half are found; of 0.55 left and 1.21 new ones half the year after.
    assert [series(rows, "Modelled new records")[year] for year in (2000, 2001)] == pytest.approx([0.55, 0.88])
    assert said(rows)["growth_uncertain"] == {"low": "-2.0", "high": "35.0"}
    assert "flat_likelihood" not in said(rows)


def test_ten_species_in_fifteen_years_are_modelled_and_fewer_are_not(monkeypatch):
    assert len(fitted(monkeypatch, 10)[1]) == 1
    for count, years in ((9, 15), (10, 14)):
        rows, calls = fitted(monkeypatch, count, years=years)
        assert calls == []
        assert said(rows)["too_few_for_model"] == {"species": 10, "years": 15}
    assert fitted(monkeypatch, detection="none")[1] == []


def test_effort_is_modelled_relative_to_its_mean_and_must_be_there_for_every_year(monkeypatch):
    effort = pd.DataFrame({"year": range(2000, 2015), "effort": [1.0] * 14 + [16.0], "effort_unit": "days"})
    for detection, lag in (("effort", False), ("effort_and_lag", True)):
        _, [(_, model, _)] = fitted(monkeypatch, effort=effort, detection=detection)
        assert (model.effort.tolist(), model.lag) == ([0.5] * 14 + [8.0], lag)
    assert fitted(monkeypatch, effort=effort)[1][0][1].effort is None
    for broken in (effort[:-1], effort.assign(effort=0.0), None):
        with pytest.raises(WorkbenchError, match="effort"):
            fitted(monkeypatch, effort=broken, detection="effort")


def test_a_growth_is_undetermined_where_an_end_is_open_uncertain_around_0_and_otherwise_just_said(monkeypatch):
    opened = said(fitted(monkeypatch, opened=True)[0])
    assert ("growth_undetermined" in opened, "growth_uncertain" in opened) == (True, False)
    for low, high in ((0.0, 0.3), (0.01, 0.3), (-0.3, 0.0)):
        assert not {"growth_undetermined", "growth_uncertain"} & set(said(fitted(monkeypatch, low=low, high=high)[0]))
    flat = said(fitted(monkeypatch, near=(0.0, GROWTH, math.log(0.9)))[0])["flat_likelihood"]
    assert flat == {"number": 3, "least": "-10.0", "most": "10.0"}
    # Limits that a search found a little beside the estimate are drawn out to it.
    rows, _ = fitted(monkeypatch, low=0.2, high=0.3)
    assert rows.loc[rows["unit"] == "% per year", "lower"].tolist() == pytest.approx([10])
