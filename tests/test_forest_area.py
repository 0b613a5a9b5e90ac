"""Forest area: between reports and not beyond, inside and outside, maps by their codes, and faults of reports."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.forest_area import forest_area
from gbf_workbench.methods.rasters import RasterSource

USUAL = {"forest_groups": ["T1", "MFT1.2"], "interpolate": True}
NOTES = "indicators.forest_area.notes."
LEGEND = pd.DataFrame({"class_code": ["1", "2", "3", "4"], "name": ["Rain forest", "Mangrove", "Field", "Heath"],
                       "natural": "Natural", "get_code": ["T1.1", "MFT1.2", "T7.1", None]})  # fmt: skip


def reported(*rows):
    return pd.DataFrame(rows, columns=["year", "territory", "forest_area_1000ha", "land_area_1000ha"])


def computed(table=None, maps=None, land=None, **changed):
    legend = None if maps is None else LEGEND
    return forest_area(table, maps, legend, land, **{**USUAL, **changed})


def row(out, year, unit="%", kind="", part=""):
    rows = out[(out["disaggregation_type"] == kind) & (out["disaggregation"] == part) & (out["unit"] == unit)]
    [one] = rows[rows["year"] == year].to_dict("records")
    return one


def doubts(out):
    return {one["key"]: one["values"] for one in out.attrs["doubts"]}


def written(folder: Path, year: int, cells: list[list[int]]) -> RasterSource:
    """A map of cells of one square kilometre."""
    array, transform = np.array(cells, dtype=np.uint8), Affine(1000, 0, 0, 0, -1000, 1000 * len(cells))
    path = folder / f"map_{year}.tif"
    profile = {"height": len(cells), "width": len(cells[0]), "count": 1, "dtype": "uint8", "nodata": 255}
    with rasterio.open(path, "w", "GTiff", crs="EPSG:6933", transform=transform, **profile) as file:
        file.write(array, 1)
    wkt = rasterio.crs.CRS.from_string("EPSG:6933").to_wkt()
    return RasterSource(path, year, wkt, tuple(transform)[:6], array.shape, 255, {})


def test_years_between_reports_are_estimated_and_nothing_is_drawn_beyond_them():
    out = computed(reported((2010, None, 50, 100), (2020, None, 40, 100)))
    assert sorted(set(out["year"])) == list(range(2010, 2021))
    assert row(out, 2015)["value"] == pytest.approx(45)
    assert (row(out, 2015)["value_status"], row(out, 2015)["note"]) == ("estimated", "interpolated")
    assert row(out, 2020)["value_status"] == "measured"
    only = computed(reported((2010, None, 50, 100), (2020, None, 40, 100)), interpolate=False)
    assert sorted(set(only["year"])) == [2010, 2020]


def test_forest_and_land_are_interpolated_and_then_divided():
    out = computed(reported((2010, None, 50, 100), (2012, None, 10, 10)))
    assert row(out, 2011)["value"] == pytest.approx(100 * 30 / 55)
    assert row(out, 2011)["value"] != pytest.approx((50 + 100) / 2)


@settings(max_examples=40)
@given(before=st.floats(1, 1000), after=st.floats(1, 1000), years=st.integers(1, 30))
def test_the_yearly_rate_leads_from_one_report_to_the_next(before, after, years):
    land = max(before, after)
    out = computed(reported((2000, None, before, land), (2000 + years, None, after, land)))
    rate = row(out, 2000 + years, "% per year", f"Yearly rate of change, 2000–{2000 + years}")["value"]
    assert before * (1 + rate / 100) ** years == pytest.approx(after, rel=1e-9)


def test_inside_and_outside_make_the_country_only_where_both_are_there():
    out = computed(reported((2010, "inside", 20, 40), (2010, "outside", 10, 60), (2015, "inside", 18, 40)))
    assert row(out, 2010)["value"] == pytest.approx(30)
    assert row(out, 2015, kind="Indigenous and traditional territories", part="Inside")["value"] == pytest.approx(45)
    assert not ((out["disaggregation_type"] == "") & (out["year"] == 2015)).any()
    own = computed(reported((2010, None, 33, 100), (2010, "inside", 20, 40), (2010, "outside", 10, 60)))
    assert row(own, 2010)["value"] == pytest.approx(33)


def test_no_forest_is_zero_and_no_land_is_missing():
    out = computed(reported((2010, None, 0, 100), (2020, None, 0, None)))
    assert row(out, 2010)["value"] == 0
    assert row(out, 2020)["value_status"] == "missing"
    assert row(out, 2020, "1000 ha")["value"] == 0
    rate = row(out, 2020, "% per year", "Yearly rate of change, 2010–2020")
    assert (rate["value_status"], rate["note"]) == ("not_applicable", "no_forest_before")


def test_order_of_rows_changes_nothing_and_doubled_areas_change_no_share():
    table = reported((2000, None, 60, 100), (2010, None, 50, 100), (2015, None, 52, 100))
    plain = computed(table)
    pd.testing.assert_frame_equal(plain, computed(table.iloc[::-1]))
    twice = computed(table.assign(forest_area_1000ha=2 * table["forest_area_1000ha"], land_area_1000ha=200))
    share = plain["unit"] != "1000 ha"
    pd.testing.assert_frame_equal(plain[share], twice[share])


def test_forest_on_maps_is_what_its_code_says_and_the_land_is_that_of_the_country(tmp_path):
    maps = (
        written(tmp_path, 2010, [[1, 1, 2, 3], [1, 4, 3, 255]]),
        written(tmp_path, 2020, [[1, 3, 2, 3], [1, 4, 3, 1]]),
    )
    out = computed(maps=maps)
    # The last cell has no data in 2010 and is left out of both maps.
    assert row(out, 2010)["value"] == pytest.approx(100 * 4 / 7)
    assert row(out, 2020, "1000 ha")["value"] == pytest.approx(0.3)
    assert doubts(out)["classes_counted"]["names"] == "Mangrove, Rain forest"
    assert doubts(out)["classes_without_code"]["names"] == "Heath"
    assert sorted(set(out["year"])) == [2010, 2020], "maps are never interpolated"
    assert set(doubts(out)) == {"classes_counted", "classes_without_code", "share_of_mapped"}
    land = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 5000, 2000)], crs="EPSG:6933")
    held = computed(maps=maps, land=land)
    assert row(held, 2010)["value"] == pytest.approx(40)
    assert doubts(held)["not_all_mapped"]["km2"] == pytest.approx(3)
    assert row(computed(maps=maps, forest_groups=["T1.1"]), 2020)["value"] == pytest.approx(200 / 7)


def test_what_forbids_a_number_is_said_with_its_rows(tmp_path):
    table = reported((2010, None, 50, 100), (2020, None, 120, 100))
    maps = (written(tmp_path, 2010, [[3, 4]]),)
    for call, key, rows in ((lambda: computed(table), "more_than_land", (1,)),
                            (lambda: computed(maps=maps), "no_forest_class", ())):  # fmt: skip
        with pytest.raises(WorkbenchError) as stopped:
            call()
        assert [(one.key, one.rows) for one in stopped.value.issues] == [(NOTES + key, rows)]
        assert stopped.value.issues[0].remedy()


def test_a_part_whose_forest_is_not_known_leaves_no_country_and_is_no_zero():
    for land in (60, None):
        out = computed(reported((2010, "inside", 20, 40), (2010, "outside", None, land), (2015, None, 30, 100)))
        assert set(out.loc[out["disaggregation_type"] == "", "year"]) == {2015}
        assert set(out["disaggregation"]) == {"", "Inside"}
        assert "parts_added" not in doubts(out)


def test_a_row_without_forest_is_no_report_and_the_parts_stand_in_for_it():
    out = computed(reported((2010, None, 20, 100), (2015, None, None, 100), (2020, None, 30, 100)))
    assert (row(out, 2015)["value"], row(out, 2015)["note"]) == (pytest.approx(25), "interpolated")
    assert row(out, 2020, "% per year", "Yearly rate of change, 2010–2020")["value_status"] == "measured"
    rows = reported((2010, None, None, 100), (2010, "inside", 20, 40), (2010, "outside", 10, 60))
    assert row(computed(rows), 2010)["value"] == pytest.approx(30)
    assert doubts(computed(rows))["parts_added"] == {"count": 1}
    nothing = computed(reported((2010, None, None, 100)))
    assert set(nothing["value_status"]) == {"missing"}


@pytest.mark.parametrize(
    ("status", "rate"),
    [(("measured", "measured"), "measured"), (("estimated", None), "estimated"), ((None, "estimated"), "estimated")],
)
def test_a_rate_is_estimated_where_one_of_its_reports_is(status, rate):
    table = reported((2010, None, 50, 100), (2020, None, 40, 100)).assign(value_status=status)
    assert row(computed(table), 2020, "% per year", "Yearly rate of change, 2010–2020")["value_status"] == rate


def test_parts_added_are_estimated_where_one_is_and_need_both_areas_of_land():
    table = reported((2010, "inside", 20, 40), (2010, "outside", 10, None)).assign(
        value_status=["measured", "estimated"]
    )
    out = computed(table)
    assert (row(out, 2010, "1000 ha")["value"], row(out, 2010, "1000 ha")["value_status"]) == (30, "estimated")
    assert (row(out, 2010)["value_status"], row(out, 2010)["note"]) == ("missing", "no_land")
    assert doubts(out) == {"parts_added": {"count": 1}, "no_land_area": {"count": 1}}
