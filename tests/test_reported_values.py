"""A country's own values: what a status or an interval may say of them, and that they are passed on as they are."""

from __future__ import annotations

import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.reported_values import reported_values

NOTES = "indicators.reported_values.notes."


def given(*rows: tuple, **more: object) -> pd.DataFrame:
    """Value, limits and status; the rows of the file begin at 2."""
    table = pd.DataFrame(rows, columns=["value", "lower", "upper", "value_status"]).assign(year=2020)
    numbers = {name: table[name].astype("Float64") for name in ("value", "lower", "upper")}
    table = table.assign(disaggregation_type=None, disaggregation=None, n=None, **numbers).assign(**more)
    return table.set_axis(range(2, 2 + len(table)))


def refused(*rows: tuple) -> list[tuple]:
    with pytest.raises(WorkbenchError) as caught:
        reported_values(given(*rows))
    assert all(one.remedy() for one in caught.value.issues)
    assert {one.table for one in caught.value.issues} == {"indicator_values"}
    return [(one.key.removeprefix(NOTES), one.column, one.rows, one.values["count"]) for one in caught.value.issues]


def test_an_empty_status_is_what_the_value_says_and_a_zero_is_a_value():
    rows = [(4.0, None, None, None), (0.0, None, None, None), (None, None, None, None), (1.0, None, None, "estimated")]
    assert reported_values(given(*rows))["value_status"].tolist() == ["measured", "measured", "missing", "estimated"]


@pytest.mark.parametrize("status", ["missing", "not_applicable", "suppressed"])
def test_a_status_without_number_goes_with_an_empty_value_only(status):
    assert reported_values(given((None, None, None, status)))["value_status"].tolist() == [status]
    assert refused((1.0, None, None, status)) == [("status_broken", "value_status", (2,), 1)]


@pytest.mark.parametrize("status", ["measured", "estimated"])
def test_a_status_with_number_needs_its_value(status):
    rows = (1.0, None, None, status), (None, None, None, status), (None, None, None, status)
    assert refused(*rows) == [("status_broken", "value_status", (3, 4), 2)]


@pytest.mark.parametrize(
    ("lower", "upper", "holds"),
    [(4.0, 6.0, True), (5.0, 5.0, True), (5.0, 6.0, True), (4.0, 5.0, True), (5.1, 6.0, False), (4.0, 4.9, False),
     (4.0, None, False), (None, 6.0, False), (None, None, True)],
)  # fmt: skip
def test_an_interval_has_two_limits_that_hold_its_value(lower, upper, holds):
    row = (5.0, lower, upper, None)
    if holds:
        assert reported_values(given(row))[["lower", "upper"]].isna().any(axis=None) == (lower is None)
    else:
        assert refused((5.0, None, None, None), row) == [("interval_broken", "lower", (3,), 1)]


@pytest.mark.parametrize("status", [None, "suppressed"])
def test_there_is_no_interval_around_nothing(status):
    assert refused((None, 4.0, 6.0, status)) == [("interval_broken", "lower", (2,), 1)]


def test_all_that_is_wrong_is_said_at_once():
    both = {("status_broken", "value_status", (2,), 1), ("interval_broken", "lower", (2,), 1)}
    assert set(refused((1.0, 2.0, 3.0, "missing"), (1.0, 0.0, 2.0, None))) == both


def test_the_rows_are_passed_on_and_the_table_of_the_country_stays_as_it_was():
    table = given((4.0, 3.0, 5.0, None), (2.0, None, None, "measured"),
                  disaggregation_type=[None, "Province"], disaggregation=[None, "North"])  # fmt: skip
    before = table.copy()
    out = reported_values(table)
    pd.testing.assert_frame_equal(table, before)
    assert out[["value", "year"]].equals(table[["value", "year"]])
    assert out["disaggregation_type"].tolist() == ["", "Province"]
    assert out["disaggregation"].tolist() == ["", "North"]
