"""Records of restoration: which count and from when, each rule at its limit, and degraded areas added up once."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.restoration import (
    counted_records,
    degraded_area,
    refuse_without_year,
    restoration_records,
)

NOTES = "indicators.area_under_restoration.notes."
SQUARE = shapely.box(0, 0, 1000, 1000)


def sites(*rows):
    usual = {"status": "under way", "start_year": 2020, "geometry": SQUARE}
    table = [{"site_id": f"m{at}", **usual, **row} for at, row in enumerate(rows)]
    return gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:6933")


def areas(*rows):
    usual = {"status": "under way", "start_year": 2020, "area_ha": 10.0}
    return pd.DataFrame([{"site_id": f"n{at}", **usual, **row} for at, row in enumerate(rows)])


def counted(layer, table, baseline=2020, last=2022, started_before="continued"):
    """What counts, as site to first year and area, and what was said."""
    doubts = Doubts()
    kept = counted_records(restoration_records(layer, table)[0], baseline, last, started_before, doubts)
    rows = zip(kept["site_id"], kept["start"], kept["area_ha"].fillna(-1), strict=True)
    return sorted(rows), {one["key"]: one["values"] for one in doubts}


def refused(call, *given):
    with pytest.raises(WorkbenchError) as stopped:
        call(*given)
    return [(one.key.removeprefix(NOTES), one.table, one.column, one.rows) for one in stopped.value.issues]


# --- records -------------------------------------------------------------------------------------------------------


def test_records_of_both_tables_are_in_one_and_only_polygons_are_mapped():
    layer = sites({"site_id": "d"}, {"site_id": "b", "geometry": shapely.Point(1, 1)},
                  {"site_id": "c", "geometry": shapely.Polygon()}, {"site_id": "e", "geometry": None},
                  {"site_id": "f", "geometry": shapely.MultiPolygon([SQUARE])})  # fmt: skip
    records, outlines = restoration_records(layer, areas({"site_id": "a", "realm": " land "}))
    assert records["site_id"].tolist() == ["a", "b", "c", "d", "e", "f"]
    assert records["mapped"].tolist() == [False, False, False, True, False, True]
    assert records["table"].tolist() == ["restoration_areas"] + ["restoration_sites"] * 5
    assert records["row"].tolist() == [0, 1, 2, 0, 3, 4]
    assert records.index.tolist() == list(range(6))
    assert records["realm"].tolist() == ["land", "", "", "", "", ""]
    assert (outlines[3].equals(SQUARE), outlines[0], outlines.crs) == (True, None, layer.crs)


def test_without_a_layer_there_are_no_outlines_and_without_a_table_no_areas():
    records, outlines = restoration_records(None, areas({}))
    assert (records["mapped"].tolist(), outlines) == ([False], None)
    records, outlines = restoration_records(sites({}), None)
    assert (records["mapped"].tolist(), len(outlines)) == ([True], 1)


def test_the_order_of_rows_does_not_matter_even_where_only_outlines_differ():
    rows = [{"site_id": "a", "geometry": shapely.box(0, 0, side, 1)} for side in (3, 1, 2)]
    one, other = (restoration_records(sites(*order), None)[1] for order in (rows, rows[::-1]))
    assert [shape.area for shape in one] == [shape.area for shape in other]


def test_work_that_has_begun_in_no_year_or_in_one_to_come_is_refused_table_by_table():
    now = date.today().year
    layer = sites({"start_year": np.nan}, {"start_year": np.nan, "status": "planned"}, {"start_year": now})
    records, _ = restoration_records(layer, areas({"status": "completed", "start_year": np.nan}, {}))
    assert refused(refuse_without_year, records, 2022) == [
        ("no_start_year", "restoration_areas", "start_year", (0,)),
        ("no_start_year", "restoration_sites", "start_year", (0,)),
    ]
    ahead, _ = restoration_records(layer.iloc[[2]], areas({"start_year": now + 1}))
    assert refused(refuse_without_year, ahead, 0) == [("not_begun_yet", "restoration_areas", "start_year", (0,))]
    # Somebody who sets the last year has said where the series ends.
    refuse_without_year(ahead, now)
    refuse_without_year(ahead.iloc[[0]], 0)


# --- rules ---------------------------------------------------------------------------------------------------------


def test_each_rule_takes_its_records_once_and_says_how_many_and_how_large():
    layer = sites({"site_id": "on"}, {"status": "planned", "start_year": 2030, "area_ha": 1.0},
                  {"status": "failed", "area_ha": 2.0}, {"status": "failed", "area_ha": 3.0},
                  {"start_year": 2023, "area_ha": 4.0}, {"site_id": "edge", "start_year": 2022},
                  {"start_year": 2010, "end_year": 2019, "area_ha": 5.0, "status": "completed"},
                  {"site_id": "just", "start_year": 2010, "end_year": 2020},
                  {"geometry": shapely.Point(0, 0), "start_year": 2021})  # fmt: skip
    kept, said = counted(layer, None)
    assert [(name, start) for name, start, _ in kept] == [("edge", 2022), ("just", 2010), ("on", 2020)]
    assert said == {
        "planned_left_out": {"count": 1, "ha": 1.0},
        "failed_left_out": {"count": 2, "ha": 5.0},
        "after_last_year": {"count": 1, "ha": 4.0, "last": "2022"},
        "before_baseline": {"count": 1, "ha": 5.0, "baseline": "2020"},
        "no_area": {"count": 1, "ha": 0.0},
    }


def test_where_all_counts_nothing_is_said():
    assert counted(sites({}), areas({})) == ([("m0", 2020, -1), ("n0", 2020, 10)], {})


def test_work_begun_before_the_baseline_is_left_out_if_asked_for_and_work_of_that_year_is_not():
    layer = sites({"start_year": 2019}, {"start_year": 2020})
    assert [name for name, *_ in counted(layer, None)[0]] == ["m0", "m1"]
    kept, said = counted(layer, None, started_before="left_out")
    assert [name for name, *_ in kept] == ["m1"]
    assert said["before_baseline"]["count"] == 1


def test_completed_work_of_before_the_baseline_without_an_end_is_said_to_have_gone_on():
    done = {"status": "completed", "start_year": 2019}
    layer = sites(done, {**done, "end_year": 2021}, {**done, "status": "under way"}, {**done, "start_year": 2020})
    kept, said = counted(layer, None)
    assert len(kept) == 4
    assert said == {"end_not_known": {"count": 1, "baseline": "2020"}}


def test_where_all_work_that_would_count_has_no_known_area_nothing_is_known():
    unknown = {"area_ha": np.nan}
    stopped = [("no_area_known", "", "", ())]
    assert refused(counted, None, areas(unknown, {"status": "planned"})) == stopped
    assert [name for name, *_ in counted(None, areas(unknown, {}))[0]] == ["n1"]
    # Work that does not count in these years is a true zero, whether its area is known or not.
    assert counted(None, areas({"status": "planned", **unknown}))[0] == []
    assert counted(None, areas({"start_year": 2023, **unknown}))[0] == []
    assert counted(None, areas({"start_year": 2010, "end_year": 2019, **unknown}))[0] == []
    assert counted(None, areas({"status": "failed", **unknown}))[0] == []


def test_a_site_reported_twice_counts_from_its_first_year_with_its_largest_area():
    twice = {"site_id": "A", "area_ha": 8.0}
    table = areas({"site_id": "A", "area_ha": 5.0, "start_year": 2020}, {**twice, "start_year": 2022},
                  {**twice, "start_year": 2021}, {"site_id": "B", "area_ha": 0.0})  # fmt: skip
    kept, said = counted(None, table)
    assert kept == [("A", 2020, 8), ("B", 2020, 0)]
    assert said == {"reported_twice": {"count": 2}}


def test_of_two_records_of_a_site_that_are_as_large_the_older_one_says_what_is_done_there():
    table = areas({"site_id": "A", "governance": "later", "start_year": 2022},
                  {"site_id": "A", "governance": "older", "start_year": 2021})  # fmt: skip
    for rows in (table, table.iloc[::-1]):
        kept = counted_records(restoration_records(None, rows)[0], 2020, 2022, "continued", Doubts())
        assert kept[["governance", "start"]].values.tolist() == [["older", 2021]]


def test_a_reported_area_of_a_site_with_an_outline_is_not_added_and_outlines_are_all_kept():
    layer = sites({"site_id": "A"}, {"site_id": "A", "geometry": shapely.box(0, 0, 5, 5)},
                  {"site_id": "F", "status": "failed"})  # fmt: skip
    kept, said = counted(layer, areas({"site_id": "A"}, {"site_id": "F", "area_ha": 3.0}))
    assert kept == [("A", 2020, -1), ("A", 2020, -1), ("F", 2020, 3)]
    assert said["mapped_already"] == {"count": 1}
    assert "reported_twice" not in said


# --- degraded areas ------------------------------------------------------------------------------------------------


def degraded(*rows, year=2020):
    table = pd.DataFrame(rows, columns=["realm", "get_code", "degraded_area_ha"]).assign(year=2020)
    other = pd.DataFrame({"realm": ["land"], "get_code": ["T9"], "degraded_area_ha": [999.0], "year": [2015]})
    return degraded_area(pd.concat([table, other]), year)


def test_a_row_of_a_whole_realm_stands_for_it_and_otherwise_its_parts_are_added():
    found = degraded(("land", None, 100.0), ("land", "T1", 30.0), ("land", "T2.1", 5.0), ("inland waters", "F1", 7.0),
                     ("inland waters", "F2.2", 1.0))  # fmt: skip
    assert found == {
        ("realm", "land"): 100, ("realm", "inland waters"): 8, ("", ""): 108,
        ("biome", "T1"): 30, ("biome", "T2"): 5, ("biome", "F1"): 7, ("biome", "F2"): 1,
        ("group", "T2.1"): 5, ("group", "F2.2"): 1,
    }  # fmt: skip
    assert degraded(year=2015) == {("realm", "land"): 999, ("", ""): 999, ("biome", "T9"): 999}


def test_a_group_is_added_to_its_biome_only_in_a_realm_that_does_not_list_the_biome():
    found = degraded(
        ("land", "T1", 30.0), ("land", "T1.1", 20.0), ("land", "T1.2", 4.0), ("coast and sea", "T1.1", 2.0)
    )
    assert (found["realm", "land"], found["realm", "coast and sea"], found["", ""]) == (30, 2, 32)
    assert found["biome", "T1"] == 32
    assert (found["group", "T1.1"], found["group", "T1.2"]) == (22, 4)
    assert ("group", "T1") not in found
