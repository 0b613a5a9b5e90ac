"""A.1 Red List of Ecosystems: categories by the thresholds, ranges on small maps, indices by hand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

import gbf_workbench as gbf
from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.indicators.red_list_of_ecosystems import red_list_of_ecosystems
from gbf_workbench.preparation.rasters import read_raster
from gbf_workbench.results import tidy

SPEC = spec_of("A.1")
DEFAULTS = {name: one.default for name, one in SPEC.parameters.items()} | {"replicates": 200}
NOTES = "indicators.red_list_of_ecosystems.notes."


def compute(assessments: pd.DataFrame | None = None, **more: object) -> pd.DataFrame:
    roles = {role: more.pop(role, None) for role in SPEC.inputs if role != "assessments"}
    out = red_list_of_ecosystems(assessments, *roles.values(), **{**DEFAULTS, **more})
    tidy(out, indicator="A.1", area="XAR", unit="index")
    return out


def value(out: pd.DataFrame, kind: str = "", part: str = "", unit: str = "index", year: int | None = None) -> float:
    rows = out[(out["disaggregation_type"] == kind) & (out["disaggregation"] == part) & (out["unit"] == unit)]
    return rows.loc[rows["year"] == (rows["year"].max() if year is None else year), "value"].item()


def said(out: pd.DataFrame) -> dict[str, dict]:
    for one in out.attrs["doubts"]:
        assert Issue(one["level"], NOTES + one["key"], one["values"]).sentence()
    return {one["key"]: one["values"] for one in out.attrs["doubts"]}


def refused(*tables: pd.DataFrame, **more: object) -> Issue:
    with pytest.raises(WorkbenchError) as stopped:
        compute(*tables, **more)
    [issue] = stopped.value.issues
    assert issue.sentence()
    assert issue.remedy()
    return issue


def types(rows: list[tuple], **more: object) -> pd.DataFrame:
    """Assessments from ``(id, year, category[, reason])``."""
    names = ["ecosystem_id", "year", "category", "reason_for_change"]
    return pd.DataFrame([(*row, None)[:4] for row in rows], columns=names).assign(**more)


def declines(rows: list[tuple]) -> pd.DataFrame:
    names = ["ecosystem_id", "criterion", "extent_percent", "severity_percent"]
    return pd.DataFrame([(*row, np.nan)[:4] for row in rows], columns=names).assign(year=2024, variable=None)


def judged(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["ecosystem_id", "criterion", "category"]).assign(year=2024)


def test_the_index_is_the_mean_over_the_types_that_have_a_category():
    out = compute(
        types([("a", 2024, "LC"), ("b", 2024, "NT"), ("c", 2024, "CO"), ("d", 2024, "DD"), ("e", 2024, "NE")])
    )
    # 1 - (0 + 1 + 5) / 15
    assert value(out) == pytest.approx(0.6)
    assert value(out, "Threatened types", unit="%") == 0
    assert [value(out, "Category", one, "ecosystem types") for one in ("CO", "DD", "NE", "VU")] == [1, 1, 1, 0]


def test_types_without_a_category_do_not_enter_the_area_index_with_a_loss_of_zero():
    table = types([("a", 2024, "EN"), ("b", 2024, "DD")])
    measured = declines([("a", "A1", 50), ("b", "A1", 0)])
    out = compute(table, declines=measured, criteria=judged([("a", "A1", "EN"), ("b", "A1", "DD")]))
    # Published code compares the name of the column with DD, and gets the root of 0.5 × 1.
    assert value(out, "Ecosystem Area Index", "A1") == pytest.approx(0.5)


def test_the_interval_is_one_of_the_index_and_not_the_spread_of_the_types():
    table = types([(str(i), 2024, "LC" if i < 50 else "CR") for i in range(100)])
    row = compute(table, replicates=2000).query("disaggregation_type == ''").iloc[0]
    # Half the types at 1 and half at 0.2: their quantiles are 0.2 and 1, the index is known to about ±0.08.
    assert row["value"] == pytest.approx(0.6)
    assert 0.5 < row["lower"] < 0.55
    assert 0.65 < row["upper"] < 0.7


def test_the_overall_category_is_the_worst_of_the_criteria():
    known = judged([("a", "A1", "VU"), ("a", "C1", "DD"), ("b", "A1", "NE"), ("b", "B1", "LC"), ("b", "D1", "DD")])
    out = compute(criteria=known, declines=declines([("a", "D1", 80, 80)]))
    notes = out[out["unit"] == "risk (0–5)"].set_index(["disaggregation_type", "disaggregation"])["note"]
    assert notes["Ecosystem type", "a"] == "category_cr"
    assert notes["Ecosystem type", "b"] == "category_lc"
    assert value(out, "Criterion", "A") == pytest.approx(1 - 2 / 5)
    assert value(out, "Criterion", "B") == 1


def test_what_an_expert_wrote_goes_before_what_was_measured_and_is_said():
    table = types([("a", 2024, "VU")])
    out = compute(table, criteria=judged([("a", "A1", "EN")]), declines=declines([("a", "A1", 35)]))
    assert value(out) == pytest.approx(1 - 2 / 5)
    assert said(out)["criteria_apart"]["count"] == 1
    assert said(out)["overall_apart"]["names"] == "a"


def test_a_decline_that_nobody_measured_is_no_decline_of_zero():
    out = compute(
        types([("a", 2024, "VU"), ("b", 2024, "LC")]), declines=declines([("a", "A1", 36), ("b", "A1", np.nan)])
    )
    assert value(out, "Ecosystem Area Index", "A1") == pytest.approx(0.64)
    assert said(out)["not_measured"]["names"] == "b"


def test_functional_groups_are_gathered_into_biomes_and_realms():
    table = types([("a", 2024, "CR"), ("b", 2024, "LC"), ("c", 2024, "LC")]).assign(get_code=["T1.1", "T1", "MFT1.2"])
    out = compute(table)
    assert value(out, "Biome", "T1") == pytest.approx(1 - 4 / 10)
    assert value(out, "Realm", "Terrestrial") == pytest.approx(1 - 4 / 10)
    assert value(out, "Ecosystem functional group", "T1.1") == pytest.approx(1 - 4 / 5)
    assert value(out, "Ecosystem functional group, CR", "T1.1", "ecosystem types") == 1
    assert value(out, "Realm", "Marine-freshwater-terrestrial") == 1


def test_only_genuine_changes_of_types_assessed_at_both_dates_move_the_index():
    table = types([
        ("a", 2014, "LC"), ("a", 2024, "EN", "genuine"), ("b", 2014, "LC"), ("b", 2024, "VU", "non-genuine"),
        ("c", 2014, "CR"), ("c", 2024, "DD"),
    ])  # fmt: skip
    out = compute(table)
    assert value(out, year=2014) == pytest.approx(1 - (0 + 2) / 10)
    assert value(out, year=2024) == pytest.approx(1 - (3 + 2) / 10)
    assert value(out, "Change of the index", "2014–2024") == pytest.approx(-0.3)
    assert value(out, "All types of the date", year=2014) == pytest.approx(1 - 4 / 15)
    assert said(out)["back_cast"]["count"] == 1
    assert said(out)["silent_excluded"]["names"] == "c"


def test_a_type_that_lacks_a_date_is_asked_about_and_can_be_left_out_or_kept():
    table = types([("a", 2014, "LC"), ("a", 2024, "LC"), ("b", 2024, "CR")])
    assert refused(table).level == "question"
    assert value(compute(table, incomplete_types="exclude")) == 1
    kept = compute(table, incomplete_types="as_assessed")
    assert value(kept) == pytest.approx(1 - 4 / 10)
    assert "Change of the index" not in set(kept["disaggregation_type"])


def test_a_reason_that_is_missing_beside_others_is_a_question():
    table = types([("a", 2014, "LC"), ("a", 2024, "EN", "genuine"), ("b", 2014, "LC"), ("b", 2024, "VU")])
    assert refused(table).key == NOTES + "reason_missing"
    out = compute(table.assign(reason_for_change=None))
    assert said(out)["taken_as_genuine"]["count"] == 2


@pytest.mark.parametrize(("key", "tables"), [
    ("no_category", {"assessments": types([("a", 2024, "DD")])}),
    ("no_category", {"assessments": None, "declines": declines([("a", "A1", np.nan)])}),
    ("no_common_types", {"assessments": types([("a", 2014, "DD"), ("a", 2024, "LC")])}),
    ("strangers", {"assessments": types([("a", 2024, "LC")]), "declines": declines([("A", "A1", 10)])}),
])  # fmt: skip
def test_what_forbids_a_number_is_said_with_a_remedy(key: str, tables: dict):
    assert refused(tables.pop("assessments"), **tables).key == NOTES + key


def counts(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["year", "get_code", "category", "type_count", "area_km2"])


def test_numbers_of_types_give_the_index_of_the_list_they_stand_for():
    listed = types([("a", 2024, "LC"), ("b", 2024, "LC"), ("c", 2024, "EN"), ("d", 2024, "DD")])
    table = counts([(2024, None, "LC", 2, 30.0), (2024, None, "EN", 1, 10.0), (2024, None, "DD", 1, None)])
    out = compute(category_counts=table)
    assert value(out) == value(compute(listed)) == pytest.approx(1 - 3 / 15)
    assert value(out, "Threatened area", unit="%") == pytest.approx(25)
    assert not out["disaggregation_type"].str.startswith("Ecosystem type").any()


def test_groups_that_do_not_add_up_to_all_types_are_refused_and_are_not_counted_twice():
    rows = [(2024, "T1.1", "LC", 2, None), (2024, "T4.2", "EN", 1, None), (2024, None, "LC", 2, None)]
    assert value(compute(category_counts=counts([*rows, (2024, None, "EN", 1, None)]))) == pytest.approx(1 - 3 / 15)
    assert refused(category_counts=counts([*rows, (2024, None, "EN", 2, None)])).key == NOTES + "counts_apart"


def test_numbers_of_two_dates_are_no_trend():
    out = compute(category_counts=counts([(2014, None, "LC", 2, None), (2024, None, "EN", 2, None)]))
    assert "counts_no_trend" in said(out)
    assert "Change of the index" not in set(out["disaggregation_type"])


def source(folder: Path, cells: list, year: int, crs: str = "EPSG:6933", at: tuple = (5e6, -1e6), size: float = 1000.0):
    array = np.asarray(cells, "uint8")
    made = {"count": 1, "height": array.shape[0], "width": array.shape[1], "dtype": "uint8", "crs": crs, "nodata": 0}
    path = folder / f"ecosystem_maps_{year}.tif"
    grid = Affine(size, 0.0, at[0], 0.0, -size, at[1])
    with rasterio.open(path, "w", driver="GTiff", transform=grid, **made) as file:
        file.write(array, 1)
    return read_raster(path, year, into=folder)[0]


LEGEND = pd.DataFrame({"class_code": ["1", "2"], "name": ["Wood", "Field"], "natural": ["Natural", "Not natural"]})


def test_two_maps_give_area_extent_squares_and_a_category_by_hand(tmp_path: Path):
    before = source(tmp_path, [[1, 1, 1, 2], [1, 2, 2, 2]], 2000)
    after = source(tmp_path, [[1, 1, 2, 2], [2, 2, 2, 2]], 2020)
    out = compute(ecosystem_maps=(before, after), ecosystem_types=LEGEND, measured_in="EPSG:6933")
    assert value(out, "Ecosystem type", "Wood", "km2", 2000) == pytest.approx(4)
    # Hull of three cells in a row and one below the first: 4 cells and a triangle of 2 × 1 / 2.
    assert value(out, "Extent of occurrence", "Wood", "km2", 2000) == pytest.approx(5)
    assert value(out, "Area of occupancy", "Wood", "squares", 2000) == 1
    # Half in 20 years is 1 - 0.5^2.5 in 50: 82.3 %, Critically Endangered.
    loss = value(out, "Loss over 50 years at a constant proportional rate, A1", "Wood", "%")
    assert loss == pytest.approx(100 * (1 - 0.5**2.5))
    assert value(out, "Criterion", "A") == value(out) == pytest.approx(1 - 4 / 5)
    assert value(out, "Ecosystem Area Index", "2000–2020") == pytest.approx(0.5)
    # In a straight line 5 km² of 7 are lost under A1: 71 %, Endangered.
    assert said(out)["ways_apart"] == {"count": 1, "names": "Wood"}
    assert {"conditions_unknown"} <= set(said(out))


def test_one_map_gives_ranges_and_no_index(tmp_path: Path):
    out = compute(ecosystem_maps=(source(tmp_path, [[1, 2]], 2020),), ecosystem_types=LEGEND)
    row = out[(out["disaggregation_type"] == "") & (out["unit"] == "index")].iloc[0]
    assert (row["value_status"], row["note"]) == ("missing", "none_assessed")
    assert "one_map" in said(out)


def test_conditions_turn_a_small_mapped_range_into_a_category(tmp_path: Path):
    known = pd.DataFrame({
        "ecosystem_id": ["Wood"], "continuing_decline": [True], "future_threats": [None], "locations": [None],
        "sudden_collapse": [None], "eoo_km2": [None], "aoo_squares": [None],
    })  # fmt: skip
    one_map = {"ecosystem_maps": (source(tmp_path, [[1, 2]], 2020),), "ecosystem_types": LEGEND}
    assert value(compute(restrictions=known, **one_map), "Criterion", "B") == pytest.approx(1 - 4 / 5)
    # Squares of another size are not those of the thresholds; the extent still is.
    assert value(compute(restrictions=known, square_km=2.0, **one_map), "Criterion", "B") == pytest.approx(1 - 4 / 5)
    other = known.assign(ecosystem_id="wood")
    assert refused(restrictions=other, **one_map).key == NOTES + "strangers"


def test_maps_that_cannot_be_measured_are_refused(tmp_path: Path):
    maps = (source(tmp_path, [[1, 2]], 2020),)
    field = LEGEND.assign(natural="Not natural")
    assert refused(ecosystem_maps=maps, ecosystem_types=field).key == NOTES + "nothing_mapped"
    plane = {"measured_in": "EPSG:4326"}
    assert refused(ecosystem_maps=maps, ecosystem_types=LEGEND, **plane).key == NOTES + "plane_unknown"
    land = gpd.GeoDataFrame(geometry=[shapely.box(-1e6, 3e6, -9e5, 4e6)], crs="EPSG:6933")
    assert refused(ecosystem_maps=maps, ecosystem_types=LEGEND, land=land).key == NOTES + "elsewhere"
    layer = gpd.GeoDataFrame(
        {"class_code": ["7"], "year": [2020]}, geometry=[shapely.box(0, 0, 1e4, 1e4)], crs="EPSG:6933"
    )
    assert refused(ecosystem_polygons=layer, ecosystem_types=LEGEND).key == NOTES + "not_in_legend"
    both = {"ecosystem_maps": maps, "ecosystem_polygons": layer}
    assert refused(**both, ecosystem_types=LEGEND).key == NOTES + "both_kinds_of_map"


def test_a_type_that_the_first_legend_lacks_is_drawn_out_from_its_own_first_map(tmp_path: Path):
    maps = tuple(source(tmp_path, cells, year) for year, cells in (
        (2000, [[1, 1, 1, 2]]), (2010, [[1, 1, 3, 3]]), (2020, [[1, 2, 2, 3]]),
    ))  # fmt: skip
    late = pd.DataFrame({"class_code": "3", "name": "Bog", "natural": "Natural", "year": [2010, 2020]})
    out = compute(
        ecosystem_maps=maps, ecosystem_types=pd.concat([LEGEND.assign(year=None), late]), drawn_out="absolute"
    )
    # Wood loses 1 km² in 10 years, from 3 in 2000 on; Bog too, from 2 in 2010 on.
    assert value(out, "Area at a constant absolute rate, 2050", "Wood", "km2") == 0
    assert value(out, "Area at a constant proportional rate, 2060", "Bog", "km2") == pytest.approx(2 * 0.5**5)
    windows = {one: value(out, "Ecosystem Area Index", one) for one in ("2000–2020", "2010–2020")}
    assert windows == pytest.approx({"2000–2020": 1 / 3, "2010–2020": 1 / 2})
    assert value(out, "Loss of area, 2000–2010", "Wood", "km2") == pytest.approx(1)
    rows = out[out["disaggregation_type"].str.startswith("Loss over 50 years")]
    assert set(rows["value_status"]) == {"estimated"}


def test_areas_and_shares_by_hand_where_some_are_not_known():
    table = types(
        [("a", 2024, "EN"), ("b", 2024, "LC"), ("c", 2024, "CO"), ("d", 2024, "VU"), ("e", 2024, "DD")],
        area_km2=[30.0, 60.0, 0.0, None, 5.0], protected_area_km2=[3.0, 0.0, None, 4.0, 1.0],
        ecosystem_group=["x", "x", "y", "y", "z"],
    )  # fmt: skip
    out = compute(table)
    # Collapsed types are assessed and not threatened: 2 of 4; d has no area and is in no share of it.
    assert value(out, "Threatened types", unit="%") == 50
    assert value(out, "Threatened area", unit="km2") == 30
    assert value(out, "Threatened area", unit="%") == pytest.approx(100 * 30 / 90)
    assert [value(out, "Category", one, "km2") for one in ("EN", "LC", "CO", "DD")] == [30, 60, 0, 5]
    unknown = out[(out["disaggregation_type"] == "Category") & (out["unit"] == "km2") & (out["disaggregation"] == "VU")]
    assert unknown[["value_status", "note"]].to_numpy().tolist() == [["missing", "area_missing"]]
    assert value(out, "Group of ecosystem types", "x") == pytest.approx(1 - 3 / 10)
    assert value(out, "Group of ecosystem types", "y", "%") == 50
    inside = "Protected areas and OECMs"
    # a, d and e lie inside in part, of which e has no category that counts; b lies outside with all of its area.
    assert value(out, inside, "Types inside") == pytest.approx(1 - (3 + 2) / 10)
    assert [value(out, inside, one, "km2") for one in ("EN", "VU", "LC", "DD")] == [3, 4, 0, 1]
    assert value(compute(table, replicates=50), "Group of ecosystem types", "y") == pytest.approx(1 - 7 / 10)
    assert {key: told["names"] for key, told in said(out).items()} == {"area_unknown": "d", "inside_unknown": "c"}
    nowhere = compute(table.assign(area_km2=0.0))
    row = nowhere[(nowhere["disaggregation_type"] == "Threatened area") & (nowhere["unit"] == "%")].iloc[0]
    assert row["value_status"] == "not_applicable"


def test_maps_less_than_twenty_years_apart_are_said_to_say_little(tmp_path: Path):
    first = source(tmp_path, [[1, 1, 2]], 2000)
    for year, short in ((2019, {"short_span"}), (2020, set())):
        found = said(compute(ecosystem_maps=(first, source(tmp_path, [[1, 1, 2]], year)), ecosystem_types=LEGEND))
        assert {"short_span", "one_map", "ways_apart"} & set(found) == short


CATEGORIES = st.lists(st.sampled_from(["LC", "NT", "VU", "EN", "CR", "CO"]), min_size=1, max_size=12)


@settings(max_examples=12)
@given(CATEGORIES)
def test_doubling_every_type_or_adding_a_data_deficient_one_leaves_the_index(categories: list[str]):
    table = types([(str(i), 2024, one) for i, one in enumerate(categories)])
    index = value(compute(table, replicates=100))
    assert 0 <= index <= 1
    doubled = pd.concat([table, table.assign(ecosystem_id=table["ecosystem_id"] + "x")], ignore_index=True)
    assert value(compute(doubled, replicates=100)) == pytest.approx(index)
    with_dd = pd.concat([table, types([("dd", 2024, "DD")])], ignore_index=True)
    assert value(compute(with_dd, replicates=100)) == pytest.approx(index)


WIDE = "type,group,A,C\nForest,Woods,VU,LC\nForest,Woods,VU,LC\nReef,Sea,NE,CR\n"
MAPPING = """\
tables:
  ecosystem_criteria:
    file: wide.csv
    columns: {ecosystem_group: group}
    numbered: [ecosystem_id]
    constants: {year: 2024}
    unpivot: {names: criterion, values: category, columns: {A: A1, C: C1}}
"""


def test_rows_without_an_identifier_are_types_of_their_own(tmp_path: Path):
    own = tmp_path / "red_list_of_ecosystems"
    own.mkdir()
    (tmp_path / "country.yml").write_text("format: 1\ncode: XAR\nname: {en: Test}\n", encoding="utf-8")
    (own / "wide.csv").write_text(WIDE, encoding="utf-8")
    (own / "mapping.yml").write_text(MAPPING, encoding="utf-8")
    out = gbf.compute("A.1", tmp_path, replicates=100).data
    # Two forests that look alike are two assessments, rows 2 and 3 of the file.
    assert value(out) == pytest.approx(1 - (2 + 2 + 4) / 15)
    assert value(out, "Group of ecosystem types", "Woods") == pytest.approx(1 - 4 / 10)
    assert value(out, "Ecosystem type", "3", "risk (0–5)") == 2
