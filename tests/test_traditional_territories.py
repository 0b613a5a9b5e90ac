"""Traditional territories: what consent withholds, rights that come with the years, and cells inside and outside."""

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
from gbf_workbench.indicators.traditional_territories import traditional_territories
from gbf_workbench.methods.inside_outside import cross_tabulate_by_zone
from gbf_workbench.methods.land_use_change import loss_figures
from gbf_workbench.methods.rasters import RasterSource

CRS, EMPTY = "EPSG:6933", 255
CLASSES = pd.DataFrame({"class_code": ["1", "2"], "name": ["Wood", "Field"], "natural": ["Natural", "Not natural"]})
NOTES = "indicators.traditional_territories.notes."


def box(west, south, east, north):
    """A rectangle given in kilometres."""
    return shapely.box(1000 * west, 1000 * south, 1000 * east, 1000 * north)


def outlines(*rows):
    usual = {"consent": True, "may_be_shown": True, "tenure_status": "titled", "recognised_year": 2015}
    table = [{"territory_id": f"T{at}", "name": f"People {at}", **usual, **row} for at, row in enumerate(rows)]
    return gpd.GeoDataFrame(table, geometry="geometry", crs=CRS)


def written(folder: Path, year: int, cells: list[list[int]]) -> RasterSource:
    """A map of cells of one kilometre, its north-west corner at x 0 and y = number of rows."""
    array = np.array(cells, dtype=np.uint8)
    transform, path = Affine(1000, 0, 0, 0, -1000, 1000 * len(cells)), folder / f"map_{year}.tif"
    profile = {"height": len(cells), "width": len(cells[0]), "count": 1, "dtype": "uint8", "nodata": EMPTY}
    with rasterio.open(path, "w", "GTiff", crs=CRS, transform=transform, **profile) as file:
        file.write(array, 1)
    values, counts = np.unique(array[array != EMPTY], return_counts=True)
    codes = dict(zip(values.tolist(), counts.tolist(), strict=True))
    wkt = rasterio.crs.CRS.from_string(CRS).to_wkt()
    return RasterSource(path, year, wkt, tuple(transform)[:6], array.shape, EMPTY, codes)


@pytest.fixture
def maps(tmp_path):
    """Two rows of six cells; until 2020 two woods in the west and one in the east become fields."""
    before = [[1, 1, 1, 1, 1, 2], [1, 1, 1, 1, 1, 1]]
    after = [[2, 2, 1, 1, 2, 2], [1, 1, 1, 1, 1, 1]]
    return tuple(written(tmp_path, year, cells) for year, cells in ((2010, before), (2020, after)))


def computed(layer=None, maps=None, tenure=None, land_use=None, people=None, land=None, **changed):
    classes = None if maps is None else CLASSES
    given = {"first_year": 2014, "last_year": 2020, **changed}
    return traditional_territories(layer, maps, classes, tenure, land_use, people, land, **given)


def row(out, kind="", part="", unit="ha", year=2020):
    rows = out[(out["disaggregation_type"] == kind) & (out["disaggregation"] == part) & (out["unit"] == unit)]
    [one] = rows[rows["year"] == year].to_dict("records")
    return one


def doubts(out):
    return {one["key"]: one["values"] for one in out.attrs["doubts"]}


WEST, EAST = box(0, 0, 3, 2), box(3, 0, 5, 2)
LOSS = "Loss of natural land {}, 2010–2020"


def test_losses_are_of_cells_whose_middle_lies_inside_or_outside(maps):
    out = computed(outlines({"geometry": WEST}), maps)
    assert row(out, LOSS.format("inside territories"))["value"] == pytest.approx(200)
    assert row(out, LOSS.format("inside territories"), unit="%")["value"] == pytest.approx(100 * 2 / 6)
    yearly = row(out, LOSS.format("inside territories"), unit="% per year")["value"]
    assert 100 * (1 - (1 - yearly / 100) ** 10) == pytest.approx(100 * 2 / 6)
    assert row(out, LOSS.format("outside territories"))["value"] == pytest.approx(100)
    assert row(out, LOSS.format("in the whole country"))["value"] == pytest.approx(300)
    assert row(out, "Change inside territories, 2010–2020", "Wood → Field")["value"] == pytest.approx(200)


def test_a_territory_without_consent_is_withheld_everywhere_and_cannot_be_got_by_difference(maps):
    layer = outlines({"geometry": WEST}, {"geometry": EAST, "consent": False})
    out = computed(layer, maps)
    alone = computed(layer.iloc[:1], maps)
    assert row(out)["value"] == row(alone)["value"] == pytest.approx(600)
    apart = row(out, "Withheld by their peoples")
    assert (apart["value_status"], apart["n"]) == ("suppressed", 1)
    assert np.isnan(apart["value"])
    outside = row(out, LOSS.format("outside territories"))
    assert (outside["value_status"], outside["note"]) == ("suppressed", "by_difference")
    assert not out["disaggregation_type"].str.startswith("Land use outside").any()
    assert "People 1" not in out["disaggregation"].to_list()
    whole, named = (row(one, LOSS.format("in the whole country"))["value"] for one in (out, alone))
    assert whole == pytest.approx(named)


def test_nobody_consenting_is_suppressed_and_not_zero(maps):
    out = computed(outlines({"geometry": WEST, "consent": False}, {"geometry": EAST, "consent": None}))
    total = out[out["disaggregation_type"] == ""]
    assert set(total["value_status"]) == {"suppressed"}
    assert total["value"].isna().all()
    assert "Tenure" not in set(out["disaggregation_type"])


def test_a_territory_not_to_be_shown_counts_in_totals_and_the_others_do_not_give_it_away():
    three = outlines({"geometry": WEST}, {"geometry": EAST, "may_be_shown": False},
                     {"geometry": box(5, 0, 6, 2), "may_be_shown": False})  # fmt: skip
    kind = "Indigenous and traditional territories"
    out = computed(three)
    assert row(out)["value"] == pytest.approx(1200)
    assert out.loc[out["disaggregation_type"] == kind, "disaggregation"].tolist() == ["People 0"]
    two = computed(three.iloc[:2])
    assert kind not in set(two["disaggregation_type"])
    assert "one_hidden" in doubts(two)


def test_overlapping_claims_count_once_for_the_strongest_right_and_are_listed():
    layer = outlines({"geometry": box(0, 0, 2, 2), "tenure_status": "claimed"}, {"geometry": box(1, 0, 3, 2)})
    out = computed(layer)
    assert row(out)["value"] == pytest.approx(600)
    assert row(out, "Tenure", "Titled")["value"] == pytest.approx(400)
    assert row(out, "Tenure", "Claimed")["value"] == pytest.approx(200)
    assert row(out, "Overlapping claims", "People 0 × People 1")["value"] == pytest.approx(200)
    hidden = computed(layer.assign(may_be_shown=[True, False]))
    assert "Overlapping claims" not in set(hidden["disaggregation_type"])
    assert doubts(hidden)["overlapping_claims"] == {"count": 1, "ha": pytest.approx(200)}


def test_a_right_counts_from_its_recognition_and_as_a_claim_before():
    out = computed(outlines({"geometry": WEST}, {"geometry": EAST, "recognised_year": np.nan}))
    assert [row(out, "Recognised by law", year=year)["value"] for year in (2014, 2015)] == pytest.approx([400, 1000])
    assert row(out, "Tenure", "Claimed", year=2014)["value"] == pytest.approx(600)


@settings(max_examples=10)
@given(seed=st.integers(0, 999), strip=st.sampled_from([1, 7, 10_000]))
def test_zones_share_out_every_cell_once_whatever_the_strips(tmp_path_factory, seed, strip):
    rng = np.random.default_rng(seed)
    folder = tmp_path_factory.mktemp("maps")
    cells = [rng.choice([1, 2, EMPTY], (5, 6), p=[0.5, 0.4, 0.1]) for _ in range(2)]
    sources = [written(folder, year, one.tolist()) for year, one in zip((2000, 2010), cells, strict=True)]
    corners = rng.integers(0, 5, (2, 2))
    zones = [gpd.GeoSeries([box(x, y, x + 2, y + 2)], crs=CRS) for x, y in corners]
    tables = cross_tabulate_by_zone(sources, zones, strip_pixels=strip)
    mapped = (cells[0] != EMPTY) & (cells[1] != EMPTY)
    left = mapped.copy()
    for (x, y), table in zip(corners, tables, strict=False):
        here = np.zeros((5, 6), bool)
        here[max(0, 5 - y - 2) : 5 - y, x : x + 2] = True
        here &= left
        left &= ~here
        for i, j in ((1, 1), (1, 2), (2, 1), (2, 2)):
            expected = int((here & (cells[0] == i) & (cells[1] == j)).sum())
            counted = table.counts[(table.codes == [i, j]).all(axis=1)].sum() if len(table.counts) else 0
            assert counted == expected
    assert sum(int(table.counts.sum()) for table in tables) == int(mapped.sum())


def test_row_order_and_a_territory_in_two_parts_change_nothing(maps):
    layer = outlines({"geometry": WEST}, {"geometry": EAST, "tenure_status": "claimed"})
    plain = computed(layer, maps)
    pd.testing.assert_frame_equal(plain, computed(layer.iloc[::-1], maps[::-1]))
    halves = [box(0, 0, 3, 1), box(0, 1, 3, 2)]
    cut = pd.concat([layer.iloc[[0, 0]].set_geometry(halves, crs=CRS), layer.iloc[1:]])
    pd.testing.assert_frame_equal(plain, computed(cut, maps), rtol=1e-12)


def test_tables_without_outlines_withhold_a_sum_of_which_a_part_is_withheld():
    table = pd.DataFrame({"year": [2020, 2020, 2021, 2021], "tenure_status": ["titled", "claimed"] * 2,
                          "area_ha": [300.0, 100.0, 300.0, 0.0], "consent": [True, False, True, True],
                          "value_status": ["measured"] * 4})  # fmt: skip
    out = computed(tenure=table)
    assert row(out)["value_status"] == row(out, "Tenure", "Claimed")["value_status"] == "suppressed"
    assert row(out, "Recognised by law")["value"] == 300
    assert row(out, "Recognised by law", unit="%")["value_status"] == "suppressed"
    assert row(out, year=2021)["value"] == 300
    assert row(out, "Recognised by law", unit="%", year=2021)["value"] == 100


def test_areas_by_class_give_net_losses_and_a_missing_class_leaves_none():
    table = pd.DataFrame({"year": [2010, 2010, 2020, 2020], "land_use": ["Wood", "Field"] * 2,
                          "natural": ["Natural", "Not natural"] * 2, "location": "inside",
                          "area_ha": [100.0, 10.0, 81.0, 29.0], "consent": True,
                          "value_status": "measured"})  # fmt: skip
    out = computed(land_use=table)
    kind = "Net loss of natural land inside territories, 2010–2020"
    assert row(out, kind)["value"] == pytest.approx(19)
    assert row(out, kind, unit="% per year")["value"] == pytest.approx(100 * (1 - 0.81**0.1))
    assert row(out)["value"] == 110
    partly = table.assign(area_ha=[100, 10, np.nan, 29], value_status=["measured", "measured", "missing", "measured"])
    lacking = computed(land_use=partly)
    assert row(lacking, kind)["value_status"] == "missing"


def test_people_are_counted_together_and_never_averaged():
    table = pd.DataFrame({"year": 2020, "sex": ["female", "male"], "adults": [400, 600], "consent": True,
                          "adults_with_documents": [100, 300], "adults_feeling_secure": [220, np.nan]})  # fmt: skip
    out = computed(people=table)
    assert row(out, "People with documents of their rights", unit="%")["value"] == pytest.approx(40)
    assert row(out, "People who feel secure in their rights", unit="%")["value_status"] == "missing"
    held = computed(people=table.assign(consent=[True, False]))
    assert row(held, "People with documents of their rights", "Female", "%")["value"] == pytest.approx(25)
    assert row(held, "People with documents of their rights", unit="%")["value_status"] == "suppressed"


def test_nothing_natural_has_no_share_and_a_gain_is_a_negative_loss():
    assert np.isnan(loss_figures(0.0, 0.0, 10)["%"])
    assert loss_figures(-10.0, 100.0, 10)["% per year"] < 0


def test_what_forbids_a_number_is_said():
    layer = outlines({"geometry": WEST, "recognised_year": np.nan})
    for changed, key in (({"first_year": 0, "last_year": 0}, "no_year"), ({"first_year": 2050}, "years_reversed")):
        with pytest.raises(WorkbenchError) as stopped:
            computed(layer, **changed)
        assert [one.key for one in stopped.value.issues] == [NOTES + key]
        assert stopped.value.issues[0].remedy()


def test_a_plain_territory_raises_no_doubt_and_each_kind_of_tenure_has_its_share(maps):
    layer = outlines({"geometry": WEST}, {"geometry": EAST, "tenure_status": "claimed", "recognised_year": np.nan})
    out = computed(layer, land=outlines({"geometry": box(0, 0, 8, 2)}))
    assert doubts(out) == {}
    shares = [row(out, "Tenure", one, "%")["value"] for one in ("Titled", "Recognised use right", "Claimed", "Unknown")]
    assert shares == pytest.approx([60, 0, 40, 0])
    assert row(out, "Recognised by law", unit="%")["value"] == pytest.approx(60)
    assert row(out, "Share of the land of the country", unit="%")["value"] == pytest.approx(100 * 10 / 16)
    assert row(out)["n"] == 2
    assert set(doubts(computed(layer, maps[:1]))) == {"cells_by_middle", "one_map"}
    assert set(doubts(computed(layer, maps))) == {"cells_by_middle"}


def test_a_series_runs_from_the_first_map_or_recognition_to_the_latest_unless_told_otherwise(maps):
    layer = outlines({"geometry": WEST, "recognised_year": 2022}, {"geometry": EAST, "recognised_year": 2008})

    def years(*given, first=0, last=0):
        out = computed(layer, *given, first_year=first, last_year=last)
        found = sorted(set(out.loc[out["disaggregation_type"] == "", "year"]))
        assert found == list(range(found[0], found[-1] + 1))
        return found[0], found[-1]

    assert years() == (2008, 2022)
    assert years(maps) == (2010, 2022)
    assert years(maps, first=2015, last=2018) == (2015, 2018)
    assert years(last=2005) == (2005, 2005)
