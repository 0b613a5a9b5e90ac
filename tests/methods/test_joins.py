"""Putting tables together and summing them up: nothing is lost, doubled, or called nought that is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.joins import covered_mean, joined, sums
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
