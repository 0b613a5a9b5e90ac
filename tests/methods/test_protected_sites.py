"""Which protected areas count: each rule at its limit, units and years that are refused, and sites counted by year."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.protected_sites import (
    countable_sites,
    counting_from,
    refuse_years_to_come,
    repeated_outlines,
    sites_so_far,
    years_of_series,
)

NOTES = "indicators.protected_area_coverage.notes."
#: 100 km², and a place without an outline.
SQUARE, POINT = shapely.box(0, 0, 10_000, 10_000), shapely.Point(500_000, 500_000)
RULES = {"statuses": ["Designated"], "excluded_designations": ["Biosphere Reserve"]}


def records(*rows, **usual):
    """Designated parks with an outline of 100 km² unless a row says otherwise."""
    usual = {"site_type": "PA", "status": "Designated", "geometry": SQUARE, **usual}
    table = [{"site_id": f"S{at}", **usual, **row} for at, row in enumerate(rows)]
    return gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:6933")


def counted(table, **rules):
    """Identifiers of the sites that count, and what was said of the others."""
    sites, doubts = countable_sites(table, **{**RULES, **rules})
    return sites["site_id"].tolist(), [(one["key"], one["values"]) for one in doubts]


def refused(call, *given, **rules):
    with pytest.raises(WorkbenchError) as stopped:
        call(*given, **rules)
    return [(one.key.removeprefix(NOTES), one.values, one.rows) for one in stopped.value.issues]


def test_sites_that_count_are_tidied_and_nothing_is_said():
    table = records({"site_id": " b ", "site_pid": "2", "iucn_category": "II", "status_year": 1999},
                    {"site_id": "b", "site_pid": "1", "site_type": "OECM", "status_year": 0},
                    {"site_id": "a", "governance_type": "Shared", "status_year": 1000})  # fmt: skip
    sites, doubts = countable_sites(table, **RULES)
    assert doubts == []
    assert sites[["site_id", "parcel"]].values.tolist() == [["a", ""], ["b", "1"], ["b", "2"]]
    assert sites["oecm"].tolist() == [False, True, False]
    assert sites["category"].tolist() == ["Not Reported", "Not Reported", "II"]
    assert sites["governance"].tolist() == ["Shared", "Not Reported", "Not Reported"]
    assert sites["year"].fillna(-1).tolist() == [1000, -1, 1999]
    assert (sites.area == 1e8).all()


def test_a_record_is_left_out_under_the_first_rule_that_meets_it():
    table = records({}, {"status": "Proposed", "designation": "Biosphere Reserve", "geometry": None}, {"status": None},
                    {"designation": " biosphere  RESERVE"}, {"designation": "Biosphere Reserve", "geometry": POINT},
                    {"geometry": shapely.Polygon()}, {"geometry": POINT}, {"status": "Proposed"})  # fmt: skip
    kept, said = counted(table)
    assert kept == ["S0"]
    assert said == [
        ("status_left_out", {"count": 1, "km2": 100.0, "status": "Not Reported"}),
        ("status_left_out", {"count": 2, "km2": 100.0, "status": "Proposed"}),
        ("designation_left_out", {"count": 2, "km2": 100.0, "designation": "Biosphere Reserve"}),
        ("no_geometry", {"count": 1, "km2": 0.0}),
        ("points_without_area", {"count": 1, "km2": 0.0}),
    ]


@pytest.mark.parametrize("area", [0.0, np.nan])
def test_a_point_of_no_area_is_left_out_and_one_of_less_than_a_square_kilometre_is_drawn(area):
    kept, said = counted(records({}, {"geometry": POINT, "reported_area_km2": area}))
    assert (kept, said) == (["S0"], [("points_without_area", {"count": 1, "km2": 0.0})])
    small = records({}, {"geometry": POINT, "reported_area_km2": 0.5},
                    {"geometry": shapely.MultiPoint([POINT]), "reported_area_km2": 0.25})  # fmt: skip
    sites, doubts = countable_sites(small, **RULES)
    assert (sites.area / 1e6).tolist() == pytest.approx([100, 0.5, 0.25])
    assert [(one["key"], one["values"]) for one in doubts] == [("points_as_circles", {"count": 2, "km2": 0.75})]


def test_where_only_sites_without_a_known_area_would_count_nothing_is_known():
    lost = records({"geometry": POINT}, {"geometry": None}, {"geometry": POINT, "reported_area_km2": 0},
                   {"status": "Proposed", "geometry": POINT}, {"designation": "Biosphere Reserve", "geometry": None},
                   {"status": "Proposed"})  # fmt: skip
    assert refused(countable_sites, lost, **RULES) == [("no_area_known", {"count": 3}, ())]
    # One that is measured makes the others a loss that is said; none that would count is no protected area.
    assert counted(pd.concat([lost, records({"site_id": "M"})]))[0] == ["M"]
    assert counted(lost.iloc[3:])[0] == []
    # An area of half a square kilometre is known.
    assert counted(lost.assign(reported_area_km2=0.5).iloc[:1])[0] == ["S0"]


def with_points(*ratios):
    """Outlines whose reported areas are so many times their own, and a point."""
    return records(*({"reported_area_km2": 100 * ratio} for ratio in ratios),
                   {"site_id": "P", "geometry": POINT, "reported_area_km2": 7.0})  # fmt: skip


@pytest.mark.parametrize(("ratio", "fits"), [(50, True), (50.1, False), (0.02, True), (0.0199, False), (1, True)])
def test_reported_areas_fifty_times_off_in_the_median_are_in_another_unit(ratio, fits):
    table = with_points(0.0001, ratio, 9000)
    if fits:
        assert counted(table)[0] == ["P", "S0", "S1", "S2"]
    else:
        [(key, values, _)] = refused(countable_sites, table, **RULES)
        assert (key, values) == ("areas.reported_unit", {"count": 3, "ratio": pytest.approx(ratio)})


def test_units_are_judged_by_three_sites_that_count_and_only_where_there_are_points():
    assert counted(with_points(100, 100))[0] == ["P", "S0", "S1"]
    assert counted(with_points(100, 100, 0))[0] == ["P", "S0", "S1", "S2"]
    assert counted(with_points(100, 100, 100).iloc[:3])[0] == ["S0", "S1", "S2"]
    assert counted(with_points(100, 100, 100).assign(status=["Proposed"] + ["Designated"] * 3))[0] == ["P", "S1", "S2"]
    assert [key for key, *_ in refused(countable_sites, with_points(100, 100, 100), **RULES)] == ["areas.reported_unit"]


def test_categories_outside_the_list_are_refused():
    with pytest.raises(ValueError, match="unknown IUCN categories"):
        countable_sites(records({"iucn_category": "VII"}), **RULES)


def test_years_of_two_or_three_digits_are_refused_with_the_rows_of_each():
    table = records({"status_year": 99}, {"status_year": 0}, {"status_year": 999}, {"status_year": 99}, {})
    found = refused(countable_sites, table.set_axis([10, 11, 12, 13, 14]), **RULES)
    assert [(key, rows) for key, _, rows in found] == [("check.not_a_year", (10, 13)), ("check.not_a_year", (12,))]
    assert refused(countable_sites, records({"status_year": 1}), **RULES)[0][2] == (0,)


def test_years_that_have_not_come_are_refused_where_the_site_would_count():
    now = date.today().year
    table = records({"status_year": now}, {"status_year": now + 1}, {"status_year": now + 1, "status": "Proposed"})
    assert [(key, rows) for key, _, rows in refused(refuse_years_to_come, table, ["Designated"])] == [
        ("areas.future_year", (1,))
    ]
    refuse_years_to_come(table.iloc[[0, 2]], ["Designated"])


@pytest.mark.parametrize(
    ("years", "first", "last", "expected"),
    [
        ([2003, np.nan, 2001], 0, 0, [2001, 2002, 2003]),
        ([2003, 2001], 0, 2002, [2001, 2002]),
        ([2003, 2001], 0, 2001, [2001]),
        ([2003, 2001], 2000, 0, [2000, 2001, 2002, 2003]),
        ([2003, 2001], 2003, 0, [2003]),
        ([2003], 0, 1990, [1990]),
        ([np.nan], 0, 1990, [1990]),
        ([np.nan], 1989, 1990, [1989, 1990]),
    ],
)
def test_a_series_has_every_year_from_the_first_to_the_last(years, first, last, expected):
    assert years_of_series(pd.Series(years), first, last).tolist() == expected


def test_a_series_without_a_year_or_that_ends_before_it_begins_is_refused():
    assert refused(years_of_series, pd.Series([np.nan]), 2000, 0) == [("no_year", {}, ())]
    said = {"first": "2004", "last": "2003"}
    assert refused(years_of_series, pd.Series([2003.0]), 2004, 0) == [("years_reversed", said, ())]


def test_sites_without_a_year_count_in_all_years_or_in_the_last():
    year, years = pd.Series([2001.0, np.nan]), np.arange(2000, 2004)
    first, unknown = counting_from(year, years, "from_start")
    assert first == 2001
    assert unknown < 0
    assert counting_from(year, years, "latest_only").tolist() == [2001, 2003]


def test_each_site_is_counted_once_in_each_part_from_its_first_parcel_on():
    member = np.array([[True, False], [True, True], [True, False], [False, True]])
    since, ids = np.array([2002, 2001, 2004, -5]), pd.Series(["A", "A", "B", "C"])
    so_far = sites_so_far(member, ids, since, np.arange(2000, 2004))
    assert so_far.tolist() == [[0, 1], [1, 2], [1, 2], [1, 2]]


def test_an_outline_that_another_site_has_too_is_counted_however_it_is_drawn():
    turned = shapely.Polygon([(10_000, 10_000), (0, 10_000), (0, 0), (10_000, 0)])
    other = shapely.box(0, 0, 10_000, 10_001)
    rows = (
        {"site_id": "A", "geometry": SQUARE},
        {"site_id": "A", "geometry": SQUARE},
        {"site_id": "B", "geometry": other},
    )
    assert repeated_outlines(records(*rows)) == 0
    assert repeated_outlines(records(*rows, {"site_id": "C", "geometry": turned}, {"site_id": "D"})) == 2
