"""Extent of natural ecosystems: a hand-worked case, published matrices, and polygons against cells."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.indicators.natural_ecosystem_extent import natural_ecosystem_extent
from gbf_workbench.locales import text
from gbf_workbench.methods.accuracy import adjusted_areas
from gbf_workbench.preparation.map_checks import check_maps
from gbf_workbench.preparation.rasters import read_raster
from gbf_workbench.results import tidy

WORKED = Path(__file__).parent.parent / "data_samples" / "worked" / "natural_ecosystem_extent"
USUAL = {"reference_year": 0, "pixel_area": "ellipsoid", "overlap_allowed": 0.01}
NOTES = "indicators.natural_ecosystem_extent.notes."
KEY = ["year", "disaggregation_type", "disaggregation", "unit"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("maps")


def map_of(path, cells, year, nodata=0):
    """A map of 1 km² cells."""
    cells = np.asarray(cells, "uint8")
    made = {"count": 1, "height": cells.shape[0], "width": cells.shape[1], "dtype": "uint8", "crs": "EPSG:6933"}
    grid = Affine(1000.0, 0.0, 5e6, 0.0, -1000.0, -1e6)
    with rasterio.open(path, "w", driver="GTiff", transform=grid, nodata=nodata, **made) as file:
        file.write(cells, 1)
    source, issues = read_raster(path, year, into=path.parent)
    assert not issues
    return source


def maps_of(folder, series):
    return tuple(map_of(folder / f"ecosystem_maps_{year}.tif", cells, year) for year, cells in series.items())


def square(row, column, across=1):
    """A rectangle one cell high, where the map has it."""
    return shapely.box(5e6 + 1e3 * column, -1e6 - 1e3 * (row + 1), 5e6 + 1e3 * (column + across), -1e6 - 1e3 * row)


def polygons_of(series):
    """The same cells as polygons."""
    rows = [
        {"year": year, "class_code": str(code), "geometry": square(*place)}
        for year, cells in series.items()
        for place, code in np.ndenumerate(np.asarray(cells))
        if code
    ]
    return gpd.GeoDataFrame(rows, crs="EPSG:6933")


def legend(**changed):
    """Wood and marsh are natural, pasture is semi-natural, field is not."""
    table = {
        "class_code": ["1", "2", "3", "4"],
        "name": ["Wood", "Marsh", "Pasture", "Field"],
        "natural": ["Natural", "Natural", "Seminatural", "Not natural"],
    }
    return pd.DataFrame({**table, **changed})


def compute(maps=None, types=None, *, polygons=None, land=None, sea=None, accuracy=None, better=None, **changed):
    types = legend() if types is None else types
    return natural_ecosystem_extent(maps, polygons, types, land, sea, accuracy, better, **{**USUAL, **changed})


def value(out, kind="", part="", unit="km2", year=None, column="value"):
    rows = out[(out["disaggregation_type"] == kind) & (out["disaggregation"] == part) & (out["unit"] == unit)]
    rows = rows[rows["year"] == (rows["year"].max() if year is None else year)]
    return rows[column].item()


def doubts(out):
    for one in out.attrs["doubts"]:
        assert Issue(one["level"], NOTES + one["key"], one["values"]).sentence()
    return {one["key"]: one["values"] for one in out.attrs["doubts"]}


def refused(*tables, **changed):
    with pytest.raises(WorkbenchError) as stopped:
        compute(*tables, **changed)
    assert str(stopped.value)
    for issue in stopped.value.issues:
        assert issue.remedy()
    return [issue.key.removeprefix(NOTES) for issue in stopped.value.issues]


def test_the_case_worked_by_hand_comes_out_row_by_row(tmp_path):
    own = WORKED / "natural_ecosystem_extent"
    maps = tuple(read_raster(own / f"ecosystem_maps_{year}.tif", year, into=tmp_path)[0] for year in (2000, 2020))
    types = pd.read_csv(own / "ecosystem_types.csv", dtype="str")
    assert check_maps(maps, types) == (maps, [])
    out = compute(maps, types)
    expected = pd.read_csv(WORKED / "expected.csv", keep_default_na=False)
    both = expected.merge(out, on=KEY, how="outer", suffixes=("_by_hand", ""), indicator=True)
    assert (both["_merge"] == "both").all()
    np.testing.assert_allclose(both["value"], both["value_by_hand"], rtol=1e-11)
    assert doubts(out)["dropped"] == {"year": 2000, "km2": pytest.approx(1), "percent": pytest.approx(100 / 24)}
    assert value(out, unit="%", column="n") == 14


THREE = pd.DataFrame(
    {
        "class_code": ["1", "2", "3"],
        "name": ["Forest", "Built", "Other"],
        "natural": ["Natural", "Not natural", "Natural"],
    }
)


@pytest.fixture(scope="module")
def published(verify, folder):
    own = verify / "A.2"
    maps = tuple(read_raster(own / f"lu_pie_{year}.tif", year, into=folder)[0] for year in (1985, 1991, 1999))
    return compute(maps, THREE, pixel_area="grid")


def test_published_change_matrices_come_out_for_each_period_and_the_whole(published, verify):
    names = {1: "Forest", 2: "Built", 3: "Other"}
    for closing in (1991, 1999):
        expected = pd.read_csv(verify / "A.2" / f"expected_crosstab_pie_1985_{closing}.csv")
        kind = f"Change, 1985–{closing}"
        for was, now, cells, area in expected.itertuples(index=False):
            pair = f"{names[was]} → {names[now]}"
            assert value(published, kind, pair, column="n") == cells
            assert value(published, kind, pair) == pytest.approx(area, rel=1e-9)
        rows = published[published["disaggregation_type"] == kind]
        assert len(rows) == 9
        assert rows["n"].sum() == 113_563


def test_published_components_of_change_come_out(published):
    kind = "Change component, 1985–1999"
    found = [value(published, kind, name, column="n") for name in ("Quantity", "Exchange", "Shift")]
    assert found == [6333, 1642, 603]
    persistent = sum(
        value(published, "Change, 1985–1999", f"{one} → {one}", column="n") for one in ("Forest", "Built", "Other")
    )
    assert persistent == 104_985


def test_accounts_follow_each_other(published):
    for name in ("Forest", "Built", "Other"):
        closed = value(published, "Closing extent, 1985–1991", name)
        assert value(published, "Opening extent, 1991–1999", name) == pytest.approx(closed, rel=1e-12)
        assert value(published, "Ecosystem type", name, year=1991) == pytest.approx(closed, rel=1e-12)


def test_true_areas_of_the_published_maps_are_those_of_proj(verify, tmp_path):
    path = verify / "A.2" / "lu_pie_1985.tif"
    out = compute((read_raster(path, 1985, into=tmp_path)[0],), THREE)
    with rasterio.open(path) as file:
        row, column = np.nonzero(file.read(1) != 255)
        (a, _, c, _, e, f), project = tuple(file.transform)[:6], pyproj.Proj(file.crs.to_wkt())
    places = project(c + a * (column + 0.5), f + e * (row + 0.5), inverse=True)
    expected = (abs(a * e) / 1e6 / project.get_factors(*places).areal_scale).sum()
    total = sum(value(out, "Ecosystem type", name) for name in ("Forest", "Built", "Other"))
    assert total == pytest.approx(expected, rel=1e-8)


SERIES = st.lists(
    st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=3, max_size=3), min_size=1, max_size=3
)


@settings(max_examples=15)
@given(grids=SERIES)
def test_polygons_give_the_numbers_of_the_same_cells(folder, grids):
    series = {2000 + 10 * number: cells for number, cells in enumerate(grids)}
    if not any(all(pixel) for pixel in zip(*(np.ravel(cells) for cells in grids), strict=True)):
        return
    if any(not np.any(cells) for cells in grids):
        return
    by_cells, by_polygons = compute(maps_of(folder, series)), compute(polygons=polygons_of(series))
    pd.testing.assert_frame_equal(
        by_cells.drop(columns="n"), by_polygons.drop(columns="n"), rtol=1e-9, atol=1e-9, check_flags=False
    )


@settings(max_examples=15)
@given(grids=SERIES)
def test_breakdowns_add_up_and_the_result_is_tidy(folder, grids):
    series = {2000 + 10 * number: cells for number, cells in enumerate(grids)}
    common = np.all([np.array(cells) > 0 for cells in grids], axis=0)
    if not common.any():
        return
    types = legend(
        get_code=["T1.1", "TF1.2", "T7.5", "T7.1"], realm=["Terrestrial", "Transitional", "Terrestrial", "Terrestrial"]
    )
    out = compute(maps_of(folder, series), types)
    shaped = tidy(out, indicator="A.2", area="XAR", unit="%")
    for year, cells in series.items():
        natural = (np.isin(cells, [1, 2, 3]) & common).sum()
        assert value(out, year=year) == pytest.approx(natural)
        assert value(out, unit="%", year=year) == pytest.approx(100 * natural / common.sum())
        for kind in ("Natural or semi-natural ecosystem", "Realm", "Biome", "Ecosystem functional group"):
            for unit in ("%", "km2"):
                at = (shaped["year"] == year) & (shaped["disaggregation_type"] == kind) & (shaped["unit"] == unit)
                assert shaped.loc[at, "value"].sum() == pytest.approx(value(out, unit=unit, year=year))
    assert shaped["value_status"].isin(["measured", "not_applicable"]).all()


def test_neither_the_order_of_the_legend_nor_of_the_maps_matters(folder):
    maps = maps_of(folder, {2000: [[1, 2, 3], [4, 1, 2]], 2020: [[1, 4, 4], [3, 1, 2]]})
    usual = tidy(compute(maps), indicator="A.2", area="XAR", unit="%")
    turned = tidy(compute(maps[::-1], legend()[::-1]), indicator="A.2", area="XAR", unit="%")
    pd.testing.assert_frame_equal(usual, turned, check_exact=True)


def test_a_cell_of_the_change_matrix_without_change_is_a_measured_zero(folder):
    out = compute(maps_of(folder, {2000: [[1, 4]], 2020: [[1, 4]]}))
    assert value(out, "Change, 2000–2020", "Wood → Field") == 0
    assert value(out, "Change, 2000–2020", "Wood → Field", column="value_status") == "measured"
    assert value(out, "Natural change, 2000–2020", "Loss of natural extent") == 0


def test_one_date_gives_extent_and_says_that_there_is_no_account(folder):
    out = compute(maps_of(folder, {2020: [[1, 4, 4, 4]]}))
    assert value(out, unit="%") == 25
    assert "one_date" in doubts(out)
    assert not out["disaggregation_type"].str.startswith("Change").any()


def test_classes_with_one_name_are_one_type(folder):
    types = legend(name=["Wood", "Wood", "Pasture", "Field"])
    out = compute(maps_of(folder, {2000: [[1, 2, 3, 4]], 2020: [[2, 1, 3, 4]]}), types)
    assert value(out, "Change, 2000–2020", "Wood → Wood") == pytest.approx(2)
    assert value(out, "Change component, 2000–2020", "Exchange") == 0


def test_a_renumbered_legend_gives_no_change_once_it_says_which_year_it_is_for(folder):
    maps = maps_of(folder, {2000: [[1, 2, 3, 4]], 2020: [[4, 3, 2, 1]]})
    both = pd.concat([legend(year=2000), legend(class_code=["4", "3", "2", "1"], year=2020)])
    out = compute(maps, both)
    assert sum(value(out, "Change component, 2000–2020", name) for name in ("Quantity", "Exchange", "Shift")) == 0
    assert refused(maps, pd.concat([legend(), legend(class_code=["4", "3", "2", "1"], year=2020)])) == ["class_twice"]


def test_codes_are_the_same_however_the_file_wrote_them(folder):
    maps = maps_of(folder, {2000: [[1, 2, 3, 4]]})
    usual = compute(maps)
    for codes in ([1, 2, 3, 4], ["1.0", "2.0", "3.0", "4.0"], [" 1", "02", "3", "4 "]):
        pd.testing.assert_frame_equal(compute(maps, legend(class_code=codes)), usual)


def test_the_index_is_relative_to_the_year_asked_for(folder):
    maps = maps_of(folder, {2000: [[1, 1, 1, 4]], 2010: [[1, 1, 4, 4]], 2020: [[1, 4, 4, 4]]})
    first = compute(maps)
    assert [value(first, "Index of natural extent, 2000 = 100", unit="index", year=y) for y in (2000, 2010, 2020)] == [
        100, pytest.approx(200 / 3), pytest.approx(100 / 3),
    ]  # fmt: skip
    second = compute(maps, reference_year=2010)
    assert value(second, "Index of natural extent, 2010 = 100", unit="index", year=2020) == pytest.approx(50)
    assert refused(maps, reference_year=2005) == ["no_reference"]


def test_an_index_of_nothing_does_not_exist(folder):
    out = compute(maps_of(folder, {2000: [[4, 4]], 2020: [[1, 4]]}))
    row = out[out["unit"] == "index"]
    assert row["value"].isna().all()
    assert (row["value_status"] == "not_applicable").all()


def test_three_dates_give_the_whole_time_as_well(folder):
    out = compute(maps_of(folder, {2000: [[1, 1, 4]], 2010: [[4, 1, 4]], 2020: [[1, 1, 4]]}))
    losses = {
        years: value(out, f"Natural change, {years}", "Loss of natural extent")
        for years in ("2000–2010", "2010–2020", "2000–2020")
    }
    assert losses == pytest.approx({"2000–2010": 1, "2010–2020": 0, "2000–2020": 0})


def test_the_country_is_compared_with_what_the_maps_cover(folder):
    def layer(first, last):
        return gpd.GeoDataFrame(geometry=[square(0, first, last - first)], crs="EPSG:6933")

    maps = maps_of(folder, {2020: [[1, 1, 1, 4]]})
    assert set(doubts(compute(maps, land=layer(0, 4)))) == {"map_error", "one_date"}
    land = doubts(compute(maps, land=layer(0, 3)))["frame_land"]
    assert land == pytest.approx({"mapped": 4, "frame": 3, "km2": 1})
    # The sea is taken in only where that comes nearer to what is mapped.
    alone = doubts(compute(maps, land=layer(0, 3), sea=layer(3, 9)))
    assert alone["frame_land"] == pytest.approx({"mapped": 4, "frame": 3, "km2": 1})
    whole = doubts(compute(maps, land=layer(0, 2), sea=layer(2, 5)))["frame_land_and_sea"]
    assert whole == pytest.approx({"mapped": 4, "frame": 5, "km2": -1})
    assert set(doubts(compute(maps, land=layer(0, 2), sea=layer(2, 4)))) == {"map_error", "one_date"}
    assert refused(maps, land=layer(50, 60)) == ["elsewhere"]
    assert refused(polygons=polygons_of({2020: [[1]]}), land=layer(50, 60)) == ["elsewhere"]


def test_overlapping_polygons_are_refused_unless_they_hardly_overlap():
    layer = polygons_of({2000: [[1] * 30], 2020: [[1] * 30]})
    layer.loc[0, "geometry"] = layer.loc[0, "geometry"].buffer(1, join_style="mitre")
    assert refused(polygons=layer, overlap_allowed=0.001) == ["overlap"]
    out = compute(polygons=layer)
    assert doubts(out)["overlap_small"] == {"year": 2000, "km2": pytest.approx(0.001)}
    assert value(out) == pytest.approx(30)


@pytest.mark.parametrize(
    ("types", "key"),
    [
        (legend()[:3], "not_in_legend"),
        (legend(class_code=["1", "2", "3", "3"]), "class_twice"),
        (legend(name=["Wood", "Marsh", "Wood", "Field"]), "name_contradicted"),
        (legend(get_code=["T1.1", "marsh", None, None]), "get_code_form"),
    ],
)
def test_a_legend_that_does_not_explain_the_maps_is_refused(folder, types, key):
    assert refused(maps_of(folder, {2000: [[1, 2, 3, 4]]}), types) == [key]


def test_maps_that_share_no_place_or_come_twice_are_refused(folder):
    assert refused(maps_of(folder, {2000: [[1, 0]], 2020: [[0, 1]]})) == ["nothing_in_common"]
    assert refused(maps_of(folder, {2000: [[1]]}), polygons=polygons_of({2000: [[1]]})) == ["both_kinds_of_map"]


def test_types_missing_from_a_breakdown_are_named(folder):
    types = legend(get_code=["T1.1", None, "T7.5", None], realm=["Terrestrial", "Freshwater", None, None])
    found = doubts(compute(maps_of(folder, {2000: [[1, 2, 3, 4]]}), types))
    assert (found["no_get_code"], found["no_realm"]) == ({"names": "Marsh"}, {"names": "Pasture"})


def test_every_fixed_label_has_its_english_text(published):
    for kind in set(published["disaggregation_type"]) - {""}:
        words = kind.split(", ")[0].lower().replace(" ", "_").replace("-", "_")
        assert text(f"indicators.natural_ecosystem_extent.labels.{words}")


def checked(**changed):
    """Ten places in each class of a map; two places of wood are field, one of field is wood."""
    rows = [("1", "1", 8), ("1", "4", 2), ("4", "4", 9), ("4", "1", 1)]
    table = pd.DataFrame(rows, columns=["class_code", "reference_class", "place_count"])
    return table.assign(**{"year": 2000, **changed})


def test_checked_places_move_area_to_the_class_that_was_found(folder):
    # 60 km² of wood and 40 km² of field on the map.
    out = compute(maps_of(folder, {2000: [[1] * 6 + [4] * 4] * 10}), accuracy=checked())
    # Wood: 60 × 8/10 + 40 × 1/10 = 52 km²; its variance 60² × 0.8 × 0.2 / 9 + 40² × 0.1 × 0.9 / 9 = 64 + 16 = 80.
    assert value(out, "Adjusted extent", "Wood") == pytest.approx(52)
    half = 1.96 * 80**0.5
    assert value(out, "Adjusted extent", "Wood", column="lower") == pytest.approx(52 - half)
    assert value(out, "Adjusted extent", "Wood", column="upper") == pytest.approx(52 + half)
    assert value(out, "Adjusted extent", "Wood", column="n") == 9
    assert value(out, "Adjusted extent", "Field") == pytest.approx(48)
    assert value(out, "Adjusted natural extent", unit="%") == pytest.approx(52)
    assert value(out, "Adjusted natural extent", unit="%", column="upper") == pytest.approx(52 + half)
    # What is counted on the map stays as it is.
    assert value(out, unit="%") == pytest.approx(60)
    assert doubts(out)


def test_the_published_example_of_adjusted_areas_comes_out():
    # Olofsson et al. 2014, tables 8 and 9: areas in pixels, the error of forest loss as printed.
    mapped = np.array([200_000, 150_000, 3_200_000, 6_450_000])
    places = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
    areas, errors = adjusted_areas(mapped, places)
    assert round(areas[0]) == 235_086
    assert round(1.96 * errors[0]) == 68_418
    assert areas.sum() == pytest.approx(mapped.sum())


def test_the_limits_of_an_adjusted_extent_stay_between_nothing_and_the_whole_map(folder):
    # 6 km² of wood and 4 of field, two places checked in each and every second one wrong: 3 + 2 = 5 km² of either,
    # variance 6² × 0.25 + 4² × 0.25 = 13 km⁴, so 7.1 km² on each side.
    table = checked(place_count=1)
    out = compute(maps_of(folder, {2000: [[1] * 6 + [4] * 4]}), accuracy=table)
    row = {one: value(out, "Adjusted extent", "Wood", column=one) for one in ("lower", "value", "upper")}
    assert row == pytest.approx({"lower": 0, "value": 5, "upper": 10})
    assert value(out, "Adjusted natural extent", unit="%", column="upper") == pytest.approx(100)
    assert value(out, "Adjusted extent", "Wood", column="value_status") == "estimated"


def test_a_biome_is_the_part_of_a_code_before_the_first_point(folder):
    types = legend(get_code=["T1.1", "T1.2", "M1", "T7.1"])
    out = compute(maps_of(folder, {2000: [[1, 2, 3, 4]]}), types)
    assert [value(out, "Biome", one) for one in ("T1", "M1")] == pytest.approx([2, 1])
    assert set(out.loc[out["disaggregation_type"] == "Biome", "disaggregation"]) == {"T1", "M1"}
    groups = out[out["disaggregation_type"] == "Ecosystem functional group"]
    assert set(groups["disaggregation"]) == {"T1.1", "T1.2"}
    assert value(out, unit="%", column="n") == 3


def test_natural_types_that_are_confused_with_each_other_leave_natural_extent_as_it_is(folder):
    maps = maps_of(folder, {2000: [[1, 1, 1, 2, 4, 4]]})
    rows = [("1", "1", 5), ("1", "2", 5), ("2", "2", 5), ("2", "1", 5), ("4", "4", 10)]
    table = pd.DataFrame(rows, columns=["class_code", "reference_class", "place_count"]).assign(year=2000)
    out = compute(maps, accuracy=table)
    assert value(out, "Adjusted extent", "Wood") == pytest.approx(2)
    assert [value(out, "Adjusted natural extent", column=one) for one in ("lower", "value", "upper")] == [4, 4, 4]


def test_a_class_of_the_map_without_checked_places_or_a_wrong_year_or_code_is_refused(folder):
    maps = maps_of(folder, {2000: [[1, 2, 4]]})
    assert refused(maps, accuracy=checked()) == ["too_few_places"]
    assert refused(maps, accuracy=checked(year=2001)) == ["no_map_checked"]
    assert refused(maps, accuracy=checked(reference_class="9")) == ["class_unknown"]


def better(*pairs, year=None):
    rows = [(*pair, year) for pair in pairs]
    return pd.DataFrame(rows, columns=["class_before", "class_after", "closing_year"]).astype({"closing_year": "Int64"})


def test_a_difference_that_comes_from_a_better_map_is_no_loss_and_stands_by_itself(folder):
    maps = maps_of(folder, {2000: [[1, 1, 1, 4, 4]], 2010: [[1, 4, 2, 1, 4]]})
    out = compute(maps, better=better(("1", "2"), ("4", "1")))
    kinds = (
        "Opening extent",
        "Additions",
        "Reductions",
        "Upward reappraisals",
        "Downward reappraisals",
        "Closing extent",
    )
    account = [value(out, f"{kind}, 2000–2010", "Wood") for kind in kinds]
    # Wood: one cell became field, one was marsh all the time, and one field was wood all the time.
    assert account == pytest.approx([3, 0, 1, 1, 1, 2])
    natural = [value(out, "Natural change, 2000–2010", name) for name in (
        "Loss of natural extent", "Recovery of natural extent", "Reappraisal of natural extent")]  # fmt: skip
    assert natural == pytest.approx([1, 0, 1])
    assert value(out, "Change, 2000–2010", "Wood → Marsh") == 1
    plain = compute(maps)
    assert value(plain, "Reductions, 2000–2010", "Wood") == 2
    assert not plain["disaggregation_type"].str.contains("reappraisals").any()


def test_a_better_map_of_one_year_revises_that_period_and_the_whole_time_only_where_nothing_else_changed(folder):
    maps = maps_of(folder, {2000: [[1, 1]], 2010: [[2, 2]], 2020: [[2, 4]]})
    out = compute(maps, better=better(("1", "2"), year=2010))
    down = {years: value(out, f"Downward reappraisals, {years}", "Wood", year=int(years[-4:]))
            for years in ("2000–2010", "2010–2020", "2000–2020")}  # fmt: skip
    assert down == {"2000–2010": 2, "2010–2020": 0, "2000–2020": 1}
    assert refused(maps, better=better(("9", "2"))) == ["class_unknown"]


def test_the_same_change_at_another_date_than_the_one_listed_is_one_of_the_land(folder):
    maps = maps_of(folder, {2000: [[1, 1]], 2010: [[2, 1]], 2020: [[2, 2]]})
    listed = better(("1", "2"), year=2010)
    for table, expected in ((listed, [1, 0, 0, 1]), (listed.drop(columns="closing_year"), [1, 0, 1, 0])):
        out = compute(maps, better=table)
        kinds = [
            f"{kind}, {years}"
            for years in ("2000–2010", "2010–2020")
            for kind in ("Downward reappraisals", "Reductions")
        ]
        assert [value(out, kind, "Wood") for kind in kinds] == pytest.approx(expected)
