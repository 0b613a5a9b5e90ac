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
