"""Putting tables together and summing them up: nothing is lost, doubled, or called nought that is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.joins import covered_mean, joined, sums, unmatched
from tests.bad_inputs.case import covers

PEOPLE = pd.DataFrame({"district": ["North", "South"], "people": [5, 7]}, index=[2, 3])


def refused(call, *arguments, **more) -> object:
    with pytest.raises(WorkbenchError) as caught:
        call(*arguments, **more)
    [issue] = caught.value.issues
    assert issue.level == "error"
    assert issue.sentence()
    assert issue.remedy()
    return issue


@covers("JA-01")
@pytest.mark.parametrize("written", ["East", "north", "North "])
def test_a_row_without_a_partner_is_an_error_that_names_it(written):
    areas = pd.DataFrame({"district": ["North", written]}, index=[2, 9])
    issue = refused(joined, areas, PEOPLE, ["district"], table="areas", other="people")
    assert (issue.rows, issue.column, issue.table) == ((9,), "district", "areas")
    assert f"1 of 2 do not stand in the table “people”: {written}" in issue.sentence()


def test_each_row_keeps_its_place_and_gets_its_one_partner():
    areas = pd.DataFrame({"district": ["South", "North", "South"]}, index=[4, 2, 3])
    found = joined(areas, PEOPLE, ["district"], table="areas", other="people")
    assert found.index.tolist() == [4, 2, 3]
    assert found["people"].tolist() == [7, 5, 7]


def test_rows_may_stay_alone_only_where_that_was_asked_for():
    areas = pd.DataFrame({"district": ["East"]})
    assert joined(areas, PEOPLE, ["district"], table="areas", other="people", partial=True)["people"].isna().all()


@covers("JA-03")
@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_empty_keys_are_refused_and_never_match_each_other(side):
    whole, holed = PEOPLE, pd.DataFrame({"district": ["North", None, None], "people": [1, 2, 3]}, index=[2, 3, 4])
    left = holed if side in ("left", "both") else whole
    right = holed if side in ("right", "both") else whole
    issue = refused(joined, left[["district"]], right, ["district"], table="areas", other="people")
    assert issue.rows == (3, 4)
    assert "2 rows have nothing in “district”" in issue.sentence()


def test_a_partner_that_stands_twice_is_refused_and_not_doubled():
    twice = pd.DataFrame({"district": ["North", "North"], "people": [1, 2]}, index=[2, 3])
    issue = refused(joined, PEOPLE[["district"]], twice, ["district"], table="areas", other="people")
    assert (issue.rows, issue.table) == ((2, 3), "people")


@covers("JA-04")
@pytest.mark.parametrize("blank", [None, np.nan])
def test_parts_that_do_not_make_the_whole_are_an_error(blank):
    table = pd.DataFrame({"region": ["North", blank, blank], "value": [2.0, 3.0, 1.0]}, index=[2, 3, 4])
    issue = refused(sums, table, ["region"], "value", of="areas")
    assert (issue.rows, issue.column) == ((3, 4), "region")
    assert issue.sentence() == "The sum of the parts (2) differs from the whole (6): 2 rows have no “region”."


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(-5, 5)), min_size=1))
def test_sums_by_group_make_the_whole(rows):
    table = pd.DataFrame(rows, columns=["group", "value"]).astype({"value": "Float64"})
    assert sums(table, ["group"], "value", of="t").sum() == table["value"].sum()


@covers("NU-14")
def test_a_group_of_blanks_has_no_sum_and_a_group_of_noughts_has_0():
    table = pd.DataFrame({"year": [2020, 2020, 2021, 2021], "value": [0.0, 0.0, np.nan, np.nan]})
    found = sums(table, ["year"], "value", of="values")
    assert found[2020] == 0
    assert np.isnan(found[2021])


@covers("JA-05")
@pytest.mark.parametrize(("known", "enough"), [(0, False), (1, False), (4, False), (5, True), (10, True)])
def test_a_mean_rests_on_enough_values_or_is_refused(known, enough):
    values = pd.Series([2.0] * known + [None] * (10 - known), name="index", dtype="Float64")
    if enough:
        found = covered_mean(values, 5, table="species")
        assert (found.value, found.n, found.total) == (2.0, known, 10)
        return
    issue = refused(covered_mean, values, 5, table="species")
    assert issue.rows == tuple(range(known, 10))
    assert f"{known} of 10 values; at least 5 are needed" in issue.sentence()


def test_a_mean_names_its_column_and_rests_on_one_value_at_least_even_where_none_is_asked_for():
    assert refused(covered_mean, pd.Series([None], name="index", dtype="Float64"), 1, table="species").column == "index"
    for without in (pd.Series([], dtype=float), pd.Series([np.nan])):
        issue = refused(covered_mean, without, 0, table="species")
        assert (issue.column, issue.values["n"], issue.values["total"]) == ("", 0, len(without))
    assert covered_mean(pd.Series([3.0, np.nan]), 0, table="species").value == 3


def test_what_two_tables_do_not_share_is_counted_on_both_sides_and_blanks_on_neither():
    left = pd.DataFrame({"place": ["N", "E", "E", None]}, index=[2, 3, 4, 5])
    right = pd.DataFrame({"name": ["S", "N", None, "W", "N"]}, index=[2, 3, 4, 5, 6])
    found = unmatched(left, right, ["place"], ["name"])
    assert (found.left, found.right) == ({"E": (3, 4)}, {"S": (2,), "W": (5,)})
    assert (found.left_total, found.right_total, found.right_values) == (2, 3, ("S", "N", "W"))


def test_keys_of_two_columns_match_as_pairs_in_whichever_rows_they_stand():
    left = pd.DataFrame({"flow": ["in", "in", "out"], "item": ["a", "b", "b"]}, index=[2, 3, 4])
    right = pd.DataFrame({"flow": ["out", "in"], "item": ["b", "a"], "kg": [7.0, 5.0]}, index=[8, 9])
    assert unmatched(left, right, ["flow", "item"]).left == {("in", "b"): (3,)}
    assert unmatched(left, right, ["flow", "item"]).right == {}
    found = joined(left.drop(index=3), right, ["flow", "item"], table="use", other="factors")
    assert found["kg"].tolist() == [5.0, 7.0]


def test_a_key_is_blank_where_one_of_its_columns_is():
    left = pd.DataFrame({"flow": ["in", "in"], "item": ["a", None]}, index=[2, 3])
    right = pd.DataFrame({"flow": ["in"], "item": ["a"], "kg": [5.0]}, index=[2])
    issue = refused(joined, left, right, ["flow", "item"], table="use", other="factors")
    assert (issue.rows, issue.table) == ((3,), "use")
    # The pair stands once on the right, though each of its parts stands twice.
    pairs = pd.DataFrame({"flow": ["in", "in", "out"], "item": ["a", "b", "a"], "kg": 1.0})
    assert joined(left[:1], pairs, ["flow", "item"], table="use", other="factors")["kg"].tolist() == [1.0]


def test_eight_without_a_partner_are_named_and_more_are_counted():
    def named(count: int) -> object:
        alone = pd.DataFrame({"district": [f"D{at}" for at in range(count)]})
        return refused(joined, alone, PEOPLE, ["district"], table="areas", other="people")

    eight, nine = named(8), named(9)
    assert eight.values["names"] == "D0, D1, D2, D3, D4, D5, D6, D7"
    assert (nine.values["names"], nine.values["number"], nine.values["total"]) == (eight.values["names"] + " …", 9, 9)
    assert (nine.value, nine.rows) == ("D0", tuple(range(9)))


def test_sums_of_two_columns_are_in_order_and_lose_no_row_of_which_one_is_blank():
    table = pd.DataFrame({"year": [2021, 2020, 2020], "region": ["N", "S", "N"], "value": [1.0, 2.0, 4.0]})
    found = sums(table, ["year", "region"], "value", of="areas")
    assert found.index.tolist() == [(2020, "N"), (2020, "S"), (2021, "N")]
    assert found.tolist() == [4.0, 2.0, 1.0]
    issue = refused(sums, table.assign(region=["N", None, "N"]), ["year", "region"], "value", of="areas")
    assert (issue.rows, issue.values["count"], issue.table) == ((1,), 1, "areas")


def test_a_row_without_group_and_without_value_loses_nothing():
    table = pd.DataFrame({"region": ["N", None], "value": [2.0, None]})
    assert sums(table, ["region"], "value", of="areas").to_dict() == {"N": 2.0}
