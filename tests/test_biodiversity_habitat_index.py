"""A.CT.4 in detail: the same cells in both sums, and what the weights mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.biodiversity_habitat_index import biodiversity_habitat_index
from gbf_workbench.methods.habitat_scores import habitat_index

COLUMNS = ["cell_id", "year", "area_km2", "habitat_indicator", "similarity_sum", "province"]
CELLS = [("a", 2020, 1.0, 0.25, 2.0, "N"), ("b", 2020, 1.0, 1.0, 2.0, "N"), ("c", 2020, 2.0, 0.5, 1.0, "S")]


def of(rows: list[tuple]) -> pd.DataFrame:
    return biodiversity_habitat_index(pd.DataFrame(rows, columns=COLUMNS))


def value(rows: pd.DataFrame, kind: str = "", part: str = "", year: int = 2020) -> float:
    own = rows[(rows["disaggregation_type"] == kind) & (rows["disaggregation"] == part) & (rows["year"] == year)]
    [found] = own["value"]
    return float(found)


def said(rows: pd.DataFrame) -> dict[str, dict[str, object]]:
    return {one["key"]: one["values"] for one in rows.attrs["doubts"]}


def peer(rows: list[tuple]) -> float:
    """As a script of others does it: a cell without a value is left out above and stays below."""
    table = pd.DataFrame(rows, columns=COLUMNS)
    weight = table["area_km2"] / table["similarity_sum"]
    above = (weight * np.log(table["habitat_indicator"].replace(0, np.nan))).sum()
    return float(np.exp(above / weight.sum()))


def test_cells_without_a_value_do_not_make_a_country_look_better():
    blank = [*CELLS, ("d", 2020, 3.0, np.nan, 1.0, "S"), ("e", 2020, 3.0, 0.0, 1.0, "S")]
    assert value(of(blank)) == pytest.approx(value(of(CELLS))) == pytest.approx(0.5)
    assert peer(CELLS) == pytest.approx(0.5)
    # With nothing known of two thirds of the weight, the peer's number moves towards a whole habitat.
    assert peer(blank) == pytest.approx(np.exp(-3 * np.log(2) / 9))
    assert peer(blank) > 0.79


def test_zero_and_unknown_cells_are_told_apart():
    rows = of(
        [*CELLS, ("d", 2020, 1.0, np.nan, 1.0, "S"), ("e", 2020, 1.0, 0.0, 1.0, "S"), ("f", 2020, 1.0, 0.4, 0.0, "S")]
    )
    assert said(rows)["zero_left_out"]["count"] == 1
    assert said(rows)["unknown_left_out"]["count"] == 2
    assert value(rows, "Area the index rests on") == pytest.approx(100 * 4 / 7)


def test_a_part_without_a_known_cell_has_no_number():
    rows = of([*CELLS, ("d", 2020, 1.0, np.nan, 1.0, "W")])
    [west] = rows[rows["disaggregation"] == "W"].to_dict("records")
    assert (west["value_status"], west["n"]) == ("missing", 0)


def test_parts_stand_in_the_order_of_their_names():
    turned = [(name, year, *rest, {"N": "S", "S": "N"}[part]) for name, year, *rest, part in CELLS]
    rows = of(turned)
    assert rows.loc[rows["disaggregation_type"] == "Province", "disaggregation"].tolist() == ["N", "S"]


def test_a_country_without_a_known_cell_is_refused():
    with pytest.raises(WorkbenchError, match="similarities"):
        of([("a", 2020, 1.0, np.nan, 2.0, "N")])


def test_rare_kinds_of_places_weigh_more_than_common_ones():
    common, rare = ("a", 2020, 1.0, 1.0, 10.0, "N"), ("b", 2020, 1.0, 0.5, 1.0, "N")
    assert value(of([common, rare])) == pytest.approx(0.5 ** (1 / 1.1))


def test_a_cell_split_in_two_leaves_the_index_as_it_was():
    split = [("a1", 2020, 0.4, 0.25, 2.0, "N"), ("a2", 2020, 0.6, 0.25, 2.0, "N"), *CELLS[1:]]
    assert value(of(split)) == pytest.approx(value(of(CELLS)))


def test_a_cell_that_counts_in_one_year_only_is_said():
    later = [(name, 2021, *rest) for name, _, *rest in CELLS[:2]]
    assert said(of([*CELLS, *later]))["cells_differ"]["count"] == 1
    assert "cells_differ" not in said(of([*CELLS, *((name, 2021, *rest) for name, _, *rest in CELLS)]))


def test_cells_without_a_doubt_leave_nothing_to_say_and_rows_have_units_and_numbers():
    rows = of(CELLS)
    assert said(rows) == {}
    assert rows[["disaggregation_type", "disaggregation", "unit", "n"]].fillna(0).to_numpy().tolist() == [
        ["", "", "index", 3], ["Area the index rests on", "", "%", 0], ["Province", "N", "index", 2],
        ["Province", "S", "index", 1],
    ]  # fmt: skip


def test_a_cell_is_either_zero_or_unknown():
    blank = [
        ("d", 2020, 1.0, 0.0, np.nan, "S"),
        ("e", 2020, 1.0, np.nan, np.nan, "S"),
        ("f", 2020, 1.0, 0.3, -1.0, "S"),
    ]
    assert {key: one["count"] for key, one in said(of([*CELLS, *blank])).items()} == {
        "zero_left_out": 1, "unknown_left_out": 2,
    }  # fmt: skip


def test_years_and_their_areas_stand_apart_and_a_year_without_area_has_no_share():
    later = [(name, 2021, area, 0.5, *rest) for name, _, area, _, *rest in CELLS]
    rows = of([*CELLS, *later, ("d", 2021, 4.0, 0.0, 1.0, "S"), ("a", 2022, 0.0, 0.5, 1.0, "N")])
    assert value(rows, "Area the index rests on", year=2021) == pytest.approx(50)
    assert value(rows, year=2021) == pytest.approx(0.5)
    assert rows.loc[rows["year"] == 2022, "value_status"].tolist() == ["missing", "missing"]
    # A year without an index has nothing that could differ.
    assert "cells_differ" not in said(rows)


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.1, 100), st.floats(0.1, 10)), min_size=1, max_size=12))
def test_the_index_lies_between_its_cells_and_scales_away(cells: list[tuple[float, float, float]]):
    h, d, a = (np.array(one) for one in zip(*cells, strict=True))
    index = habitat_index(h, d, a)
    assert h.min() - 1e-9 <= index <= h.max() + 1e-9
    assert habitat_index(h, 3 * d, 7 * a) == pytest.approx(index)
    assert habitat_index(np.full(len(h), 0.3), d, a) == pytest.approx(0.3)
