"""21.CY.2 in detail: effort beside richness, zero against nothing known, rarefaction against every possible draw."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.species_occurrence_records import species_occurrence_records
from gbf_workbench.methods.diversity import (
    hill_number,
    pielou,
    rarefied_coverage,
    rarefied_richness,
    richness_at_coverage,
    sample_coverage,
    williams,
)

SETTINGS = {"first_year": 2000, "evenness_pool": "year", "occupancy_of": "visited", "coverage": 0.5}


def of(rows: list[tuple], **changed: object) -> pd.DataFrame:
    cube = pd.DataFrame(rows, columns=["year", "cell_code", "species_key", "occurrences"])
    return species_occurrence_records(cube, **(SETTINGS | changed))


def series(rows: pd.DataFrame, kind: str, part: str = "") -> dict[int, float]:
    own = rows[(rows["disaggregation_type"] == kind) & (rows["disaggregation"] == part)]
    return dict(zip(own["year"], own["value"], strict=True))


def said(rows: pd.DataFrame) -> dict[str, dict[str, object]]:
    return {one["key"]: one["values"] for one in rows.attrs["doubts"]}


def test_a_year_without_records_has_no_richness_rather_than_none():
    rows = of([(2000, "a", "1", 2), (2002, "a", "1", 3)])
    observed = series(rows, "Species richness", "Observed")
    assert (observed[2000], observed[2002]) == (1, 1)
    assert np.isnan(observed[2001])
    assert series(rows, "Records of the year")[2001] == 0
    assert said(rows)["years_without_records"]["count"] == 1


def test_records_without_a_year_are_left_out_and_counted():
    rows = of([(2000, "a", "1", 2), (None, "a", "2", 5)])
    assert series(rows, "")[2000] == 2
    assert said(rows)["undated"]["count"] == 5


def test_a_cube_by_months_is_summed_by_year():
    rows = of([(2000, "a", "1", 2), (2000, "a", "1", 3), (2000, "b", "1", 1)])
    assert series(rows, "Records of the year")[2000] == 6
    assert series(rows, "Survey effort", "Cells with records")[2000] == 2


def test_cells_are_counted_once_and_not_once_for_each_row():
    # A peer counts rows in place of different cells.
    rows = of([(2000, "a", "1", 2), (2000, "a", "1", 3), (2000, "b", "2", 1)])
    assert series(rows, "Occupancy", "Mean of the species seen")[2000] == 0.5


@pytest.mark.parametrize(("of_what", "share"), [("visited", 1.0), ("ever_occupied", 0.5), ("all", 1 / 3)])
def test_occupancy_is_a_share_of_the_cells_chosen(of_what: str, share: float):
    found = [(2000, "a", "1", 1), (2000, "b", "1", 1), (2000, "c", "2", 1), (2001, "a", "1", 1)]
    assert series(of(found, occupancy_of=of_what), "Occupancy", "Mean of the species seen")[2001] == pytest.approx(
        share
    )


def test_more_records_of_the_same_community_are_not_more_species_at_equal_coverage():
    rng, common = np.random.default_rng(3), np.geomspace(1, 0.01, 40)
    rows = []
    for year, number in ((2000, 200), (2001, 3000)):
        counts = rng.multinomial(number, common / common.sum())
        rows += [(year, "a", str(at), int(count)) for at, count in enumerate(counts) if count]
    table = of(rows, coverage=0.85)
    observed, equal = (series(table, "Species richness", part) for part in ("Observed", "At equal coverage"))
    assert observed[2001] > 1.25 * observed[2000]
    assert equal[2001] == pytest.approx(equal[2000], rel=0.1)


def test_richness_that_follows_effort_is_said():
    rows = [(2000 + at, "a", str(number), 1) for at in range(6) for number in range(at + 1)]
    assert "richness_follows_effort" in said(of(rows))


def test_a_series_that_begins_after_the_last_record_is_refused():
    with pytest.raises(WorkbenchError, match="2030"):
        of([(2000, "a", "1", 2)], first_year=2030)


def test_one_species_has_no_evenness():
    rows = of([(2000, "a", "1", 2)])
    assert set(rows.loc[rows["disaggregation_type"] == "Evenness", "value_status"]) == {"not_applicable"}


def test_evenness_against_the_species_of_the_series_is_lower():
    found = [(2000, "a", "1", 2), (2000, "a", "2", 2), (2001, "a", "3", 1)]
    assert series(of(found), "Evenness", "Pielou")[2000] == pytest.approx(1)
    against_all = series(of(found, evenness_pool="series"), "Evenness", "Pielou")[2000]
    assert against_all == pytest.approx(np.log(2) / np.log(3))


def every_draw(counts: list[int], size: int) -> tuple[float, float]:
    """Mean number of species over all draws, and the mean chance that the next record is of a species drawn."""
    records = [species for species, count in enumerate(counts) for _ in range(count)]
    draws = list(combinations(range(len(records)), size))
    species = [len({records[at] for at in draw}) for draw in draws]
    covered = []
    for draw in draws:
        rest = [at for at in range(len(records)) if at not in draw]
        seen = {records[at] for at in draw}
        covered.append(sum(records[at] in seen for at in rest) / len(rest))
    return float(np.mean(species)), float(np.mean(covered))


@pytest.mark.parametrize("counts", [[2, 1, 1], [4, 3, 1], [5, 1, 1, 1], [2, 2, 2]])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_rarefaction_is_the_mean_over_all_draws(counts: list[int], size: int):
    species, covered = every_draw(counts, size)
    assert rarefied_richness(np.array(counts), size) == pytest.approx(species)
    assert rarefied_coverage(np.array(counts), size) == pytest.approx(covered)


@given(st.lists(st.integers(1, 60), min_size=2, max_size=25))
def test_effective_numbers_fall_with_their_order_and_evenness_lies_between_0_and_1(found: list[int]):
    counts = np.array(found)
    numbers = [hill_number(counts, order) for order in (0, 1, 2)]
    assert numbers[0] == pytest.approx(len(found))
    assert numbers[0] + 1e-9 >= numbers[1] >= numbers[2] - 1e-9 >= 1 - 1e-8
    for measure in (pielou, williams):
        assert -1e-9 <= measure(counts, len(found)) <= 1 + 1e-9
        assert measure(counts * 3, len(found)) == pytest.approx(measure(counts, len(found)))


@given(st.lists(st.integers(1, 40), min_size=2, max_size=15))
def test_richness_at_the_own_coverage_is_the_richness_seen(found: list[int]):
    counts = np.array(found)
    own = sample_coverage(counts)
    if own >= rarefied_coverage(counts, counts.sum() - 1) and own > 0:
        assert richness_at_coverage(counts, own) <= len(found) + 1e-9


def test_coverage_of_species_all_seen_once_is_never_taken_for_complete():
    assert sample_coverage(np.array([1])) == 0
    assert sample_coverage(np.array([1, 1, 1])) == pytest.approx(1 - 4 / 6)
    assert sample_coverage(np.array([5, 4])) == 1


def test_records_before_the_series_count_among_those_of_all_years_and_species_once_seen_stay():
    rows = of([(1990, "a", "1", 7), (2000, "a", "2", 2), (2001, "b", "2", 1)])
    assert series(rows, "") == {2000: 9, 2001: 10}
    assert series(rows, "Records of the year") == {2000: 2, 2001: 1}
    assert series(rows, "Species richness", "Ever seen") == {2000: 2, 2001: 2}
    assert series(rows, "Species richness", "Observed") == {2000: 1, 2001: 1}
    assert series(of([(1999, "a", "1", 7), (2000, "a", "1", 1)], first_year=1999), "") == {1999: 7, 2000: 8}


def test_species_of_the_newest_year_go_by_name_and_by_key_where_two_share_one():
    rows = [(2000, "a", "1", 1, "Una"), (2001, "a", "1", 1, "Una"), (2001, "b", "2", 1, "Duo"),
            (2001, "a", "3", 1, "Duo"), (2001, "a", "4", 1, None)]  # fmt: skip
    cube = pd.DataFrame(rows, columns=["year", "cell_code", "species_key", "occurrences", "species"])
    out = species_occurrence_records(cube, **SETTINGS)
    own = out[out["disaggregation_type"] == "Occupancy of species"]
    assert dict(zip(own["disaggregation"], own["value"], strict=True)) == {
        "Una": 0.5, "Duo (2)": 0.5, "Duo (3)": 0.5, "4": 0.5}  # fmt: skip
    assert set(own["year"]) == {2001}
    means = out[(out["disaggregation_type"] == "Occupancy")].set_index("year")["n"]
    assert means.to_dict() == {2000: 1, 2001: 4}


def test_cells_show_all_species_ever_seen_and_too_many_are_no_table(monkeypatch):
    found = [(1990, "a", "1", 2), (2000, "a", "2", 3), (2001, "b", "2", 4)]
    cells = of(found).query("disaggregation_type == 'Grid cell'")
    assert cells[["year", "disaggregation", "value", "n"]].to_numpy().tolist() == [[2001, "a", 2, 5], [2001, "b", 1, 4]]
    monkeypatch.setattr("gbf_workbench.indicators.species_occurrence_records._MOST_CELLS", 2)
    assert "too_many_cells" not in said(of(found))
    monkeypatch.setattr("gbf_workbench.indicators.species_occurrence_records._MOST_CELLS", 1)
    assert said(of(found))["too_many_cells"] == {"count": 2}
    assert "Grid cell" not in set(of(found)["disaggregation_type"])


def of_richness(*years: tuple[int, int]) -> pd.DataFrame:
    """One year after the other with so many species and records."""
    rows = []
    for at, (species, records) in enumerate(years):
        rows += [(2000 + at, "a", str(one), 1) for one in range(1, species)]
        rows += [(2000 + at, "a", "0", records - species + 1)] if records else []
    return of(rows)


def test_richness_is_said_to_follow_effort_from_five_years_and_a_rank_correlation_of_a_half():
    # Ranks 1 2 3 4 5 against 1 2 3 4 5, against each other by 0.5 (Σd² = 10) and by 0.4 (Σd² = 12).
    steady = [(at, 10 * at) for at in range(1, 6)]
    assert said(of_richness(*steady))["richness_follows_effort"] == {"correlation": "1.00"}
    assert "richness_follows_effort" not in said(of_richness(*steady[:4]))
    half = [(species, 10 * at) for at, species in enumerate((3, 2, 1, 5, 4), 1)]
    assert said(of_richness(*half))["richness_follows_effort"] == {"correlation": "0.50"}
    less = [(species, 10 * at) for at, species in enumerate((1, 5, 2, 3, 4), 1)]
    assert "richness_follows_effort" not in said(of_richness(*less))


@pytest.mark.parametrize(
    "years", [[(2, 10)] * 5, [(2, 10 * at) for at in range(1, 6)], [(at, 9) for at in range(1, 6)]]
)
def test_nothing_follows_what_does_not_change(years: list[tuple[int, int]]):
    assert "richness_follows_effort" not in said(of_richness(*years))


def test_a_year_whose_sample_covers_too_little_is_counted_and_others_are_estimated():
    rows = of([(2000, "a", "1", 1), (2000, "a", "2", 1), (2001, "a", "1", 6), (2001, "a", "2", 6)], coverage=0.9)
    equal = rows[rows["disaggregation"] == "At equal coverage"].set_index("year")
    assert equal["value_status"].to_dict() == {2000: "missing", 2001: "estimated"}
    assert equal.loc[2000, "note"] == "coverage_too_low"
    assert said(rows)["years_not_comparable"] == {"count": 1, "coverage": 0.9}


@pytest.mark.parametrize(("count", "shown"), [(5000, True), (5001, False)])
def test_five_thousand_cells_are_still_a_table(count: int, shown: bool):
    rows = of([(2000, f"c{at}", "1", 1) for at in range(count)])
    assert ("Grid cell" in set(rows["disaggregation_type"])) == shown
    assert ("too_many_cells" in said(rows)) != shown


def test_of_two_spellings_of_one_species_the_first_by_alphabet_is_shown():
    cube = pd.DataFrame([(2000, "a", "1", 1, "Una minor"), (2000, "b", "1", 1, "Una major")],
                        columns=["year", "cell_code", "species_key", "occurrences", "species"])  # fmt: skip
    rows = species_occurrence_records(cube, **SETTINGS)
    assert rows.loc[rows["disaggregation_type"] == "Occupancy of species", "disaggregation"].tolist() == ["Una major"]


def test_a_year_with_a_single_record_is_one_with_records():
    rows = of([(2000, "a", "1", 1), (2002, "a", "1", 1)])
    assert said(rows)["years_without_records"]["count"] == 1
