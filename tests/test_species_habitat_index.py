"""A.CT.3 in detail: what counts as lost, species that lack years, and what the weights do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.species_habitat_index import species_habitat_index

SETTINGS = {"reference_year": 2001, "incomplete_species": "available", "replicates": 400, "confidence": 0.95, "seed": 1}
ROWS = [("A", 2001, 100.0, 500.0), ("A", 2020, 80.0, 300.0), ("B", 2001, 50.0, 100.0), ("B", 2020, 50.0, 100.0)]


def of(rows: list[tuple], ranges: list[tuple] | None = None, **changed: object) -> pd.DataFrame:
    areas = pd.DataFrame(rows, columns=["scientific_name", "year", "habitat_area_km2", "edge_distance_m"])
    columns = ["scientific_name", "habitat_in_country_km2", "global_range_km2"]
    stewardship = None if ranges is None else pd.DataFrame(ranges, columns=columns)
    return species_habitat_index(areas, None, stewardship, **(SETTINGS | changed))


def series(rows: pd.DataFrame, kind: str = "", part: str = "") -> dict[int, float]:
    own = rows[(rows["disaggregation_type"] == kind) & (rows["disaggregation"] == part)]
    return dict(zip(own["year"], own["value"], strict=True))


def said(rows: pd.DataFrame) -> dict[str, dict[str, object]]:
    return {one["key"]: one["values"] for one in rows.attrs["doubts"]}


def test_the_index_is_the_mean_over_species_of_the_mean_of_both_scores():
    assert series(of(ROWS)) == {2001: 100.0, 2020: pytest.approx((70 + 100) / 2)}


def test_habitat_that_is_gone_counts_as_nothing_although_it_has_no_edge():
    gone = [*ROWS, ("C", 2001, 10.0, 50.0), ("C", 2020, 0.0, np.nan)]
    assert series(of(gone))[2020] == pytest.approx((70 + 100 + 0) / 3)


def test_a_species_without_habitat_in_the_reference_year_is_left_out_and_said():
    rows = of([*ROWS, ("C", 2001, 0.0, 0.0), ("C", 2020, 10.0, 50.0)])
    assert series(rows) == series(of(ROWS))
    assert said(rows)["no_habitat_then"]["count"] == 1


def test_a_species_without_the_reference_year_is_left_out_and_said():
    rows = of([*ROWS, ("C", 2020, 10.0, 50.0)])
    assert series(rows) == series(of(ROWS))
    assert said(rows)["reference_missing"]["count"] == 1


def test_habitat_whose_edge_nobody_measured_is_no_zero():
    rows = of([*ROWS, ("C", 2001, 10.0, 50.0), ("C", 2020, 10.0, np.nan)])
    assert series(rows)[2020] == pytest.approx(85)
    assert said(rows)["one_score_only"]["count"] == 1


def test_without_any_row_of_the_reference_year_the_year_is_named():
    with pytest.raises(WorkbenchError, match="2005"):
        of(ROWS, reference_year=2005)


def test_species_that_lack_years_change_what_a_year_holds_unless_they_are_left_out():
    table = [*ROWS, ("A", 2010, 90.0, 400.0)]
    assert series(of(table)) == {2001: 100, 2010: pytest.approx(85), 2020: pytest.approx(85)}
    assert series(of(table, incomplete_species="exclude"))[2020] == pytest.approx(70)


def test_the_weighed_index_looks_at_the_species_that_live_mostly_here():
    ranges = [("A", 10.0, 1000.0), ("B", 50.0, 50.0)]
    weighed = series(of(ROWS, ranges), "Weighed by stewardship")[2020]
    assert weighed == pytest.approx((0.01 * 70 + 1 * 100) / 1.01)


def test_the_size_of_ranges_alone_changes_nothing():
    ranges = [("A", 10.0, 1000.0), ("B", 50.0, 50.0)]
    larger = [(name, 7 * here, 7 * there) for name, here, there in ranges]
    kind = "Weighed by stewardship"
    assert series(of(ROWS, ranges), kind) == pytest.approx(series(of(ROWS, larger), kind))


def test_a_species_without_a_range_is_not_weighed_as_nothing_but_left_out():
    rows = of(ROWS, [("A", 10.0, 1000.0)])
    assert series(rows, "Weighed by stewardship")[2020] == pytest.approx(70)
    assert said(rows)["no_stewardship"] == {"count": 1, "names": "B"}


def test_the_same_species_twice_under_two_names_leaves_the_index_as_it_was():
    twice = [*ROWS, *((name * 2, *rest) for name, *rest in ROWS)]
    assert series(of(twice)) == pytest.approx(series(of(ROWS)))


def test_the_unit_of_areas_and_distances_does_not_matter():
    assert series(of([(n, y, a * 100, d / 1000) for n, y, a, d in ROWS])) == pytest.approx(series(of(ROWS)))


def test_the_interval_does_not_depend_on_the_order_of_rows():
    one, two = of(ROWS), of(ROWS[::-1])
    pd.testing.assert_frame_equal(
        one.sort_values(["disaggregation_type", "disaggregation", "year"], ignore_index=True),
        two.sort_values(["disaggregation_type", "disaggregation", "year"], ignore_index=True),
    )


def test_all_species_are_at_100_in_the_reference_year_without_doubt():
    [row] = of(ROWS).query("disaggregation_type == '' and year == 2001").to_dict("records")
    assert (row["lower"], row["upper"]) == (100, 100)


def test_a_combined_score_that_is_not_the_mean_is_said_and_not_used():
    scores = pd.DataFrame(
        [("A", 2020, "area", 80.0), ("A", 2020, "connectivity", 60.0), ("A", 2020, "combined", 75.0)],
        columns=["scientific_name", "year", "score", "value"],
    )
    rows = species_habitat_index(None, scores, None, **SETTINGS)
    assert series(rows)[2020] == 70
    assert said(rows)["combined_differs"]["count"] == 1


def test_species_with_one_score_only_in_a_year_are_counted_by_rows_and_species_without_years_once():
    table = [*ROWS, ("A", 2010, 90.0, 400.0), ("C", 2001, 5.0, 5.0), ("C", 2020, 5.0, np.nan)]
    rows = of(table)
    assert said(rows) == {"one_score_only": {"count": 1}, "incomplete_available": {"count": 2}}
    assert said(of(ROWS)) == {}


def test_ranges_that_are_not_there_are_said_and_eight_species_named():
    ranges = [("B", 50.0, 50.0), ("D", 5.0, 0.0), ("E", 0.0, 9.0)]
    rows = of([*ROWS, *((name, 2001, 1.0, 1.0) for name in "DEFGHIJKLMN")], ranges)
    assert said(rows)["no_stewardship"] == {"count": 10, "names": "A, F, G, H, I, J, K, L"}
    assert said(rows)["no_range"] == {"count": 1}
    own = rows[rows["disaggregation_type"] == "Weighed by stewardship"]
    # E has a range without any of it here, which is known and weighs nothing.
    assert own["n"].tolist() == [1, 1]


def test_scores_of_both_kinds_groups_and_species_have_rows_of_their_own():
    areas = pd.DataFrame(ROWS, columns=["scientific_name", "year", "habitat_area_km2", "edge_distance_m"])
    areas["taxonomic_group"] = ["birds", "birds", None, None]
    rows = species_habitat_index(areas, None, None, **SETTINGS)
    assert series(rows, "Score", "Area")[2020] == pytest.approx(90)
    assert series(rows, "Score", "Connectivity")[2020] == pytest.approx(80)
    assert series(rows, "Taxonomic group", "birds") == {2001: 100, 2020: pytest.approx(70)}
    kinds = ("Species", "Area score of species", "Connectivity score of species")
    assert [series(rows, kind, "A")[2020] for kind in kinds] == pytest.approx([70, 80, 60])
    assert set(rows.loc[rows["disaggregation_type"].isin(kinds), "n"]) == {1}


def test_limits_are_those_of_species_drawn_with_replacement_and_weighed():
    rows = of(ROWS, [("A", 1.0, 4.0), ("B", 3.0, 4.0)])
    # Two species: a quarter of the draws holds one of them only, so limits of 95 % are the scores of single species.
    for kind, mean in (("", 85), ("Weighed by stewardship", 0.25 * 70 + 0.75 * 100)):
        [own] = rows[(rows["disaggregation_type"] == kind) & (rows["year"] == 2020)].to_dict("records")
        assert [own["lower"], own["value"], own["upper"], own["n"]] == pytest.approx([70, mean, 100, 2])
    # A is not in every draw: where it is not, there is no mean.
    alone = of(ROWS, [("A", 1.0, 4.0)]).query("disaggregation_type == 'Weighed by stewardship' and year == 2020")
    assert alone[["lower", "upper"]].to_numpy().tolist() == [[70, 70]]


def test_years_follow_each_other_although_the_first_species_has_only_the_last():
    both = [("A", 2020), ("B", 2010), ("B", 2020)]
    scores = pd.DataFrame([(*one, kind, 50.0) for one in both for kind in ("area", "connectivity")],
                          columns=["scientific_name", "year", "score", "value"])  # fmt: skip
    assert list(series(species_habitat_index(None, scores, None, **SETTINGS))) == [2010, 2020]


def test_areas_come_before_scores_that_others_worked_out_and_that_is_said():
    areas = pd.DataFrame(ROWS, columns=["scientific_name", "year", "habitat_area_km2", "edge_distance_m"])
    scores = pd.DataFrame([("A", 2020, "area", 1.0)], columns=["scientific_name", "year", "score", "value"])
    rows = species_habitat_index(areas, scores, None, **SETTINGS)
    assert series(rows)[2020] == pytest.approx(85)
    assert set(said(rows)) == {"both_tables"}
