"""Plans in force: which count and when, what is said of the others, and how far each includes biodiversity."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.spatial_plans import IN_PART, INCLUDES, NOT_AT_ALL, NOT_KNOWN, inclusion_of, plans_in_force

CONDITIONS = ["binding", "participatory", "implemented"]
SQUARE = shapely.box(0, 0, 1000, 1000)


def plans(*rows):
    """Plans in force since 2020 that meet all conditions unless a row says otherwise."""
    usual = {"status": "in force", "adopted_year": 2020, "expiry_year": np.nan, "realm": "land", "geometry": SQUARE}
    usual |= dict.fromkeys(CONDITIONS, True)
    return gpd.GeoDataFrame(
        [{"plan_id": f"P{at:02d}", **usual, **row} for at, row in enumerate(rows)], geometry="geometry", crs="EPSG:6933"
    )


def computed(layer, last=2022):
    doubts = Doubts()
    found = plans_in_force(layer, CONDITIONS, last, doubts)
    return found, {one["key"]: (one["values"]["count"], one["values"]["names"]) for one in doubts}


def test_each_combination_of_answers_has_the_inclusion_that_the_rule_gives_it():
    combinations = list(itertools.product([True, False, None], repeat=3))
    table = pd.DataFrame(combinations, columns=CONDITIONS)
    for said, found in zip(combinations, inclusion_of(table, CONDITIONS), strict=True):
        if all(said):
            expected = INCLUDES
        elif False not in said:
            expected = NOT_KNOWN
        else:
            expected = IN_PART if True in said else NOT_AT_ALL
        assert found == expected, said


def test_a_condition_of_which_there_is_no_column_is_not_known():
    table = pd.DataFrame({"binding": [True, False]})
    assert inclusion_of(table, ["binding", "implemented"]).tolist() == [NOT_KNOWN, NOT_AT_ALL]
    assert inclusion_of(table, ["binding"]).tolist() == [INCLUDES, NOT_AT_ALL]


def test_a_plan_counts_in_its_years_and_nothing_is_said_where_there_is_nothing_to_say():
    found, said = computed(plans({"plan_id": "b", "expiry_year": 2022}, {"plan_id": "a", "adopted_year": 2022},
                                 {"plan_id": "c", "status": "expired", "expiry_year": 2021}))  # fmt: skip
    assert said == {}
    assert found.table["plan_id"].tolist() == ["a", "b", "c"]
    assert found.since.tolist() == [2022, 2020, 2020]
    assert (found.until[0] > 9999, found.until[1:].tolist()) == (True, [2022, 2021])
    assert found.inclusion.tolist() == [INCLUDES] * 3


def test_plans_that_do_not_count_are_listed_under_their_reason():
    rows = [
        {"status": "draft", "adopted_year": np.nan}, {"status": "repealed", "name": "Old law"}, {"status": "expired"},
        {"status": "expired", "adopted_year": np.nan, "expiry_year": 2021}, {"geometry": None},
        {"geometry": shapely.Polygon()}, {"adopted_year": 2023}, {"expiry_year": 2021},
        {"status": "draft", "name": " "}, {"status": "draft", "geometry": None},
    ]  # fmt: skip
    found, said = computed(plans(*rows))
    assert said == {
        "drafts": (3, "P00, P08, P09"), "repealed": (1, "Old law"), "expired_without_years": (2, "P02, P03"),
        "no_outline": (2, "P04, P05"), "not_yet": (1, "P06"), "no_longer": (1, "P07"),
    }  # fmt: skip
    assert found.table["plan_id"].tolist() == ["P06", "P07"]


def test_only_plans_of_the_last_year_are_said_to_be_partial_or_not_known():
    part, unknown = {"binding": False}, {"binding": None}
    layer = plans({**part, "name": "Half"}, unknown, {**unknown, "expiry_year": 2022}, {**part, "expiry_year": 2021},
                  {**part, "adopted_year": 2023}, {**unknown, "adopted_year": 2022}, {})  # fmt: skip
    found, said = computed(layer)
    assert said["partial_plans"] == (1, "Half")
    assert said["conditions_not_known"] == (3, "P01, P02, P05")
    assert found.inclusion.tolist() == [IN_PART, NOT_KNOWN, NOT_KNOWN, IN_PART, IN_PART, NOT_KNOWN, INCLUDES]


def test_plans_of_one_name_are_counted_one_by_one_and_parts_of_one_plan_once():
    towns = [{"plan_id": f"T{at}", "name": "Local plan", "status": "draft"} for at in range(30)]
    _, said = computed(plans(*towns, {**towns[0], "geometry": shapely.box(5000, 0, 6000, 1000)}))
    assert said["drafts"] == (30, "Local plan")
    half = {"name": "Local plan", "binding": False}
    _, said = computed(plans({"plan_id": "A", **half}, {"plan_id": "B", **half}, {"plan_id": "B", **half}))
    assert said["partial_plans"] == (2, "Local plan")


def test_twelve_plans_are_named_and_more_are_counted():
    _, said = computed(plans(*[{"status": "draft"}] * 12))
    assert said["drafts"] == (12, ", ".join(f"P{at:02d}" for at in range(12)))
    _, more = computed(plans(*[{"status": "draft"}] * 13))
    assert more["drafts"] == (13, said["drafts"][1] + " …")


def test_a_plan_in_force_without_a_year_is_refused_with_its_rows():
    layer = plans({}, {"adopted_year": np.nan}, {"adopted_year": np.nan, "status": "draft"}, {"adopted_year": np.nan})
    with pytest.raises(WorkbenchError) as refused:
        computed(layer)
    [issue] = refused.value.issues
    assert issue.key == "indicators.spatial_plans.notes.no_adopted_year"
    assert (issue.table, issue.column, issue.rows) == ("spatial_plan_outlines", "adopted_year", (1, 3))


def test_parts_of_a_plan_are_in_one_order_whatever_the_order_of_the_rows():
    rows = [{"plan_id": "A", "geometry": shapely.box(0, 0, side, 1)} for side in (3, 1, 2)] + [{"plan_id": "0"}]
    one, other = (computed(plans(*order))[0].table for order in (rows, rows[::-1]))
    assert one.geometry.area.tolist() == other.geometry.area.tolist()
    assert one["plan_id"].tolist() == ["0", "A", "A", "A"]
    assert one.index.tolist() == [0, 1, 2, 3]
