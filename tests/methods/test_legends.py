"""Legends of maps: one code is one class however it is stored, and nothing is guessed where the legend is silent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.methods.accounts import CrossTable
from gbf_workbench.methods.legends import class_code, named, read_legend


def legend_of(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{"natural": "Natural", **row} for row in rows])


def refused(types: pd.DataFrame, *years: int, **more: Any) -> Issue:
    with pytest.raises(WorkbenchError) as found:
        read_legend(types, years, **more)
    [issue] = found.value.issues
    assert issue.remedy()
    return issue


WOOD, FIELD = {"class_code": 1, "name": "Wood"}, {"class_code": 2, "name": "Field", "natural": "Not natural"}


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        (1, "1"), (1.0, "1"), ("01", "1"), (" 1 ", "1"), ("1.", "1"), ("1.00", "1"), ("+1", "1"), (0, "0"),
        ("-0", "0"), (-3.0, "-3"), (1.5, "1.5"), ("1.10", "1.10"), ("a1", "a1"), ("T1.1", "T1.1"), ("", ""),
        ("3_1", "3_1"), ("1E3", "1E3"), ("inf", "inf"), ("nan", "nan"), (2**53 + 1, "9007199254740993"),
        (np.int16(7), "7"), (np.float32(7), "7"), ("1 2", "1 2"), ("1.0.0", "1.0.0"),
    ],
)  # fmt: skip
def test_only_whole_numbers_are_read_as_numbers(stored: Any, code: str):
    assert class_code(stored) == code


def test_a_legend_without_years_holds_at_every_date():
    legend = read_legend(legend_of(FIELD, WOOD), [2000, 2010])
    assert legend.names == ({"1": "Wood", "2": "Field"},) * 2
    assert legend.types.index.tolist() == ["Field", "Wood"]
    assert legend.is_natural.tolist() == [False, True]
    assert legend.types.loc["Wood", ["get_code", "realm"]].tolist() == ["", ""]


def test_semi_natural_is_natural_and_what_is_not_said_is_not():
    rows = legend_of({**WOOD, "natural": "Seminatural"}, FIELD, {"class_code": 3, "name": "Heath", "natural": None})
    assert read_legend(rows, [2000]).is_natural.tolist() == [False, False, True]


def test_a_row_with_a_year_holds_at_that_date_and_one_without_at_all():
    types = legend_of({**WOOD, "year": None}, {**FIELD, "year": 2000}, {**FIELD, "class_code": 9, "year": 2010})
    legend = read_legend(types, [2000, 2010, 2020])
    assert legend.names == ({"1": "Wood", "2": "Field"}, {"1": "Wood", "9": "Field"}, {"1": "Wood"})
    assert len(legend.types) == 2


def test_a_code_may_mean_another_class_at_another_date_but_not_two_at_one():
    types = legend_of({**WOOD, "year": 2000}, {"class_code": "01", "name": "Heath", "year": 2010})
    assert read_legend(types, [2000, 2010]).names == ({"1": "Wood"}, {"1": "Heath"})
    issue = refused(types.assign(year=2010), 2000, 2010, table="forest_types")
    assert (issue.key.rsplit(".", 1)[-1], issue.table, issue.column) == ("class_twice", "forest_types", "class_code")
    assert (issue.value, issue.values["year"]) == ("1", 2010)
    assert issue.value == refused(types.assign(year=[None, 2010]).astype({"year": "Int64"}), 2010).value
    # A date for which no map is read is of no matter.
    assert read_legend(types.assign(year=2010), [2000]).names == ({},)


def test_all_codes_that_stand_twice_are_named_once():
    issue = refused(legend_of(WOOD, FIELD, WOOD, FIELD, WOOD, {"class_code": 3, "name": "Heath"}), 2000)
    assert issue.value == "1, 2"


@pytest.mark.parametrize("other", [{"natural": "Seminatural"}, {"get_code": "T1.1"}, {"realm": "Marine"}])
def test_one_name_is_one_type_in_all_its_rows(other: dict[str, str]):
    same = {"get_code": "T7.1", "realm": "Terrestrial"}
    rows = [{**WOOD, **same}, {**WOOD, **same, "class_code": 3}, {**FIELD, **same}]
    assert len(read_legend(legend_of(*rows), [2000]).types) == 2
    issue = refused(legend_of(*rows, {**WOOD, **same, "class_code": 4, **other}), 2000)
    assert (issue.key.rsplit(".", 1)[-1], issue.column, issue.value) == ("name_contradicted", "name", "Wood")
    assert issue.table == "ecosystem_types"


def cross(codes: list[list[Any]], counts: list[int], dropped: tuple[float, ...] = (0.0, 0.0)) -> CrossTable:
    shaped = np.array(codes, dtype=object).reshape(len(counts), 2)
    return CrossTable((2000, 2010), shaped, np.array(counts), np.array(counts) / 10, dropped)


def test_a_cross_table_by_names_adds_up_what_has_one_name():
    types = legend_of(WOOD, FIELD, {"class_code": 3, "name": "Wood"})
    found = named(cross([[1, 2], [3, 2.0], ["01", "1"]], [1, 2, 4], (0.5, 0.25)), read_legend(types, [2000, 2010]))
    assert found.codes.tolist() == [["Wood", "Field"], ["Wood", "Wood"]]
    assert found.counts.tolist() == [3, 4]
    assert found.areas_km2.tolist() == pytest.approx([0.3, 0.4])
    assert (found.years, found.dropped_km2) == ((2000, 2010), (0.5, 0.25))


def test_codes_of_a_map_that_its_legend_does_not_hold_are_refused_with_the_date():
    types = legend_of({**WOOD, "year": None}, {**FIELD, "year": 2000})
    legend = read_legend(types, [2000, 2010])
    assert named(cross([[2, 1]], [1]), legend).codes.tolist() == [["Field", "Wood"]]
    with pytest.raises(WorkbenchError) as found:
        named(cross([[1, 2], [1, 7], [2, 1]], [1, 1, 1]), legend)
    [issue] = found.value.issues
    assert (issue.key.rsplit(".", 1)[-1], issue.value, issue.values["year"]) == ("not_in_legend", "2, 7", 2010)
    assert issue.table == "ecosystem_types"


def test_maps_without_a_common_place_stay_empty():
    empty = cross([], [], (2.0, 3.0))
    found = named(empty, read_legend(legend_of(WOOD), [2000, 2010]))
    assert (len(found.codes), found.dropped_km2) == (0, (2.0, 3.0))
