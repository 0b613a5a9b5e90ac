"""Habitat scores: what 100 is, what is left out and said, and which cells enter an index."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.habitat_scores import habitat_index, scores_of_areas, scores_of_table, usable

NAMES = ["scientific_name", "year", "habitat_area_km2", "edge_distance_m"]


def of_areas(*rows: tuple, year: int = 2001, **more: object) -> tuple[dict[tuple, tuple], dict[str, dict]]:
    """Scores by species and year, and what was said."""
    doubts = Doubts()
    made = scores_of_areas(pd.DataFrame(rows, columns=NAMES).assign(**more), year, doubts)
    scores = {
        (s, y): (a, c) for s, y, a, c in made[["species", "year", "area", "connectivity"]].itertuples(index=False)
    }
    return scores, {one["key"]: one["values"] for one in doubts}


def test_both_scores_are_per_cent_of_the_reference_year_and_earlier_years_are_left_out():
    scores, said = of_areas(("A", 2000, 90.0, 10.0), ("A", 2001, 50.0, 200.0), ("A", 2020, 60.0, 50.0))
    assert scores == {("A", 2001): (100, 100), ("A", 2020): (120, 25)}
    assert said == {}


def test_where_no_habitat_is_left_both_scores_are_0_whatever_stands_for_its_edge():
    rows = [("A", 2001, 50.0, 200.0), ("A", 2020, 0.0, np.nan), ("A", 2021, 0.0, 300.0)]
    scores, _ = of_areas(*rows)
    assert (scores["A", 2020], scores["A", 2021]) == ((0, 0), (0, 0))


def test_an_edge_that_was_not_measured_or_was_nothing_leaves_no_connectivity():
    rows = [("A", 2001, 5.0, 20.0), ("A", 2020, 5.0, np.nan), ("B", 2001, 5.0, 0.0), ("B", 2020, 5.0, 7.0)]
    scores, said = of_areas(*rows)
    assert scores["A", 2020] == (100, pytest.approx(np.nan, nan_ok=True))
    assert np.isnan([scores["B", 2001][1], scores["B", 2020][1]]).all()
    assert said == {}


def test_without_any_edges_there_are_areas_only():
    made = scores_of_areas(pd.DataFrame([("A", 2001, 5.0, 1.0)], columns=NAMES).drop(columns=NAMES[3]), 2001, Doubts())
    assert made["area"].tolist() == [100]
    assert made["connectivity"].isna().all()
    assert made["group"].isna().all()


def test_species_without_the_reference_year_or_without_habitat_then_are_counted_once_each():
    scores, said = of_areas(
        ("A", 2001, 1.0, 1.0), ("B", 2010, 1.0, 1.0), ("B", 2020, 1.0, 1.0), ("C", 2001, 0.0, 0.0),
        ("C", 2020, 3.0, 1.0), ("D", 2000, 1.0, 1.0),
    )  # fmt: skip
    assert set(scores) == {("A", 2001)}
    assert said == {"reference_missing": {"count": 2, "year": "2001"}, "no_habitat_then": {"count": 1}}


def test_a_reference_year_that_no_species_has_is_refused_by_its_name():
    with pytest.raises(WorkbenchError) as refused:
        of_areas(("A", 2001, 1.0, 1.0), year=2002)
    [issue] = refused.value.issues
    assert (issue.table, issue.column, issue.values["year"]) == ("species_habitat_areas", "year", "2002")


def of_table(*rows: tuple, **more: object) -> tuple[pd.DataFrame, dict[str, int]]:
    doubts = Doubts()
    table = pd.DataFrame(rows, columns=["scientific_name", "year", "score", "value"]).assign(**more)
    return scores_of_table(table, doubts), {one["key"]: one["values"]["count"] for one in doubts}


def test_scores_of_others_stand_as_they_are_and_what_is_not_there_is_unknown():
    made, said = of_table(("A", 2020, "area", 80.0), ("A", 2020, "connectivity", 60.0), ("B", 2020, "area", 50.0))
    assert made.set_index("species")[["year", "area", "connectivity"]].to_dict("index") == {
        "A": {"year": 2020, "area": 80, "connectivity": 60},
        "B": {"year": 2020, "area": 50, "connectivity": pytest.approx(np.nan, nan_ok=True)},
    }
    assert made["group"].isna().all()
    assert said == {}


@pytest.mark.parametrize(("combined", "count"), [(70.0, 0), (70.009, 0), (69.991, 0), (70.011, 1), (69.989, 1)])
def test_a_combined_score_may_be_rounded_to_two_digits(combined: float, count: int):
    own = [("A", 2020, "area", 80.0), ("A", 2020, "connectivity", 60.0), ("A", 2020, "combined", combined)]
    made, said = of_table(*own, ("B", 2020, "combined", 1.0))
    assert said.get("combined_differs", 0) == count
    assert made["area"].tolist() == pytest.approx([80, np.nan], nan_ok=True)


def test_a_hundredth_is_not_too_much():
    own = [("A", 2020, "area", 0.0), ("A", 2020, "connectivity", 0.0), ("A", 2020, "combined", 0.01)]
    assert of_table(*own)[1] == {}


def test_the_group_of_a_species_is_the_first_that_is_given():
    rows = [("A", 2020, "area", 1.0), ("A", 2020, "connectivity", 1.0), ("B", 2020, "area", 1.0)]
    made, _ = of_table(*rows, taxonomic_group=[None, "birds", None])
    assert made["group"].iloc[0] == "birds"
    assert made["group"].isna().tolist() == [False, True]


def test_the_index_weighs_by_area_over_similarity():
    # Weights 6/2 = 3 and 1/1 = 1: (¼³·1)^¼.
    found = habitat_index(np.array([0.25, 1.0]), np.array([2.0, 1.0]), np.array([6.0, 1.0]))
    assert found == pytest.approx(0.25**0.75)


@pytest.mark.parametrize(
    ("indicator", "similarity", "area", "enters"),
    [
        (0.5, 1.0, 1.0, True), (1e-9, 1e-9, 1e-9, True), (0.0, 1.0, 1.0, False), (0.5, 0.0, 1.0, False),
        (0.5, 1.0, 0.0, False), (-0.1, 1.0, 1.0, False), (0.5, -1.0, 1.0, False), (0.5, 1.0, -1.0, False),
        (np.nan, 1.0, 1.0, False), (0.5, np.nan, 1.0, False), (0.5, 1.0, np.nan, False), (0.5, np.inf, 1.0, False),
    ],
)  # fmt: skip
def test_a_cell_enters_the_index_with_all_its_numbers_above_0(
    indicator: float, similarity: float, area: float, enters: bool
):
    cell = [np.array([one]) for one in (indicator, similarity, area)]
    assert usable(*cell).tolist() == [enters]
    assert habitat_index(*cell) == pytest.approx(indicator if enters else np.nan, nan_ok=True)
