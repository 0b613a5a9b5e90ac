"""Coverage of protected areas: against cells counted one by one, rule by rule, and against another program."""

from __future__ import annotations

import random

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators import protected_area_coverage as science
from tests.bad_inputs.case import covers

PLANE = "EPSG:6933"
USUAL = {
    "statuses": ["Designated", "Inscribed", "Established"],
    "excluded_designations": ["UNESCO-MAB Biosphere Reserve"],
    "first_year": 0,
    "last_year": 0,
    "unknown_year": "from_start",
}
STRICTEST_FIRST = ["Ia", "Ib", "II", "III", "IV", "V", "VI", "Not Reported", "Not Applicable", "Not Assigned"]
NOTES = "indicators.protected_area_coverage.notes."


def protected_area_coverage(protected_areas, land, sea, provinces, *more, **chosen):
    """The science with what a test does not give left out."""
    more += (None,) * (4 - len(more))
    return science.protected_area_coverage(protected_areas, land, sea, provinces, *more, **chosen)


def box(west, south, east, north):
    """A rectangle given in kilometres."""
    return shapely.box(1000 * west, 1000 * south, 1000 * east, 1000 * north)


def sites(*rows, crs=PLANE):
    """Designated protected areas of category II of the year 2000 unless a row says otherwise."""
    usual = {"site_type": "PA", "status": "Designated", "designation": "Park", "iucn_category": "II",
             "status_year": 2000, "reported_area_km2": np.nan}  # fmt: skip
    table = pd.DataFrame([{"site_id": str(place), **usual, **row} for place, row in enumerate(rows)])
    return gpd.GeoDataFrame(table, geometry="geometry", crs=crs)


def layer(*shapes, names=()):
    return gpd.GeoDataFrame({"name": list(names)} if names else {}, geometry=list(shapes), crs=PLANE)


def value(out, kind="", part="", unit="km2", year=None):
    rows = out[(out["disaggregation_type"] == kind) & (out["disaggregation"] == part) & (out["unit"] == unit)]
    rows = rows[rows["year"] == (rows["year"].max() if year is None else year)]
    return rows["value"].item()


def doubts(out):
    return {one["key"]: one["values"] for one in out.attrs["doubts"]}


def refused(*tables, **changed):
    with pytest.raises(WorkbenchError) as stopped:
        protected_area_coverage(*tables, **{**USUAL, **changed})
    return [issue.key for issue in stopped.value.issues]


# --- a grid of cells of one square kilometre, counted one by one ---------------------------------------------------

SIZE = 9
LAND, SEA, NORTH, SOUTH = (
    (0, 0, 5, SIZE),
    (4, 0, 8, SIZE),
    (0, 4, 5, SIZE),
    (0, 0, 5, 4),
)  # land and sea overlap by one column
side = st.integers(0, SIZE - 1)
drawn_site = st.fixed_dictionaries(
    {
        "corners": st.tuples(side, side, st.integers(1, SIZE), st.integers(1, SIZE)).map(
            lambda c: (c[0], c[1], min(SIZE, c[0] + c[2]), min(SIZE, c[1] + c[3]))
        ),
        "site_type": st.sampled_from(["PA", "OECM"]),
        "iucn_category": st.sampled_from(["Ia", "II", "VI", "Not Reported"]),
        "status_year": st.sampled_from([0, 2001, 2002, 2004]),
    }
)


def cells(corners):
    west, south, east, north = corners
    return {(x, y) for x in range(west, east) for y in range(south, north)}


def counted_by_cell(drawn, year):
    """Square kilometres of every part, from cells that each ask all sites."""
    count: dict[tuple[str, str], int] = {}
    for cell in cells((0, 0, SIZE, SIZE)):
        over = [one for one in drawn if cell in cells(one["corners"]) and one["status_year"] <= year]
        if not over:
            continue
        realm = "Land and inland waters" if cell in cells(LAND) else "Coastal and marine" if cell in cells(SEA) else ""
        kind = "PA" if any(one["site_type"] == "PA" for one in over) else "OECM"
        category = min((one["iucn_category"] for one in over), key=STRICTEST_FIRST.index)
        parts = (
            [("Province", "North")] if cell in cells(NORTH) else [("Province", "South")] if cell in cells(SOUTH) else []
        )
        if realm:
            parts += [("", ""), ("Realm", realm), ("Type", kind), ("Realm and type", f"{realm}, {kind}"),
                      ("IUCN category", category)]  # fmt: skip
        else:
            parts.append(("Frame", "Outside land and sea"))
        for part in parts:
            count[part] = count.get(part, 0) + 1
    return count


@settings(deadline=None, max_examples=30)
@given(drawn=st.lists(drawn_site, min_size=1, max_size=7).filter(
    lambda drawn: any(cells(one["corners"]) & (cells(LAND) | cells(SEA)) for one in drawn)))  # fmt: skip
def test_every_year_and_part_equals_the_cells_counted_one_by_one(drawn):
    table = sites(*({**one, "geometry": box(*one["corners"])} for one in drawn)).drop(columns="corners")
    frame = layer(box(*LAND)), layer(box(*SEA)), layer(box(*NORTH), box(*SOUTH), names=["North", "South"])
    out = protected_area_coverage(table, *frame, **{**USUAL, "first_year": 2000, "last_year": 2004})
    assert sorted(set(out["year"])) == [2000, 2001, 2002, 2003, 2004]
    counted = {year: counted_by_cell(drawn, year) for year in range(2000, 2005)}
    base = {"Land and inland waters": 45, "Coastal and marine": 27, "North": 25, "South": 20}
    for row in out.itertuples():
        expected = counted[row.year].get((row.disaggregation_type, row.disaggregation), 0)
        if row.unit == "%":
            whole = next((size for name, size in base.items() if row.disaggregation.startswith(name)), 72)
            expected = 100 * expected / whole
        assert row.value == pytest.approx(expected, rel=1e-12, abs=1e-12), row
    known = {(row.disaggregation_type, row.disaggregation) for row in out.itertuples()}
    assert set(counted[2004]) <= known


@settings(deadline=None, max_examples=20)
@given(drawn=st.lists(drawn_site, min_size=1, max_size=6), seed=st.integers(0, 999))
def test_order_of_rows_duplicates_and_cuts_change_no_area(drawn, seed):
    table = sites(*({**one, "geometry": box(*one["corners"])} for one in drawn)).drop(columns="corners")
    arguments = {**USUAL, "last_year": 2004}
    plain = protected_area_coverage(table, None, None, None, **arguments)
    mixed = table.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(plain, protected_area_coverage(mixed, None, None, None, **arguments))
    again = pd.concat([table, table.iloc[[0]]], ignore_index=True)
    middle = table.geometry.iloc[0].centroid.x
    halves = np.array([shapely.box(0, 0, middle, 1e5), shapely.box(middle, 0, 1e5, 1e5)])
    cut = pd.concat(
        [
            table.iloc[[0, 0]].set_geometry(shapely.intersection(table.geometry.iloc[0], halves), crs=PLANE),
            table.iloc[1:],
        ]
    )
    for other in (again, cut):
        out = protected_area_coverage(other, None, None, None, **arguments)
        pd.testing.assert_frame_equal(plain, out, rtol=1e-12, atol=1e-12)


# --- rules, one by one ---------------------------------------------------------------------------------------------


def test_each_rule_leaves_out_what_it_names_and_says_how_much():
    table = sites(
        {"geometry": box(0, 0, 10, 10)},
        {"geometry": box(10, 0, 20, 10), "status": "Proposed"},
        {"geometry": box(20, 0, 30, 10), "status": "Adopted"},
        {"geometry": box(0, 10, 10, 20), "designation": "UNESCO-MAB  biosphere reserve"},
        {"geometry": shapely.Point(1e5, 1e5)},
        {"geometry": shapely.Point(1e5, 1e5), "reported_area_km2": 0},
        {"geometry": shapely.Point(1e5, 1e5), "reported_area_km2": 7},
        {"geometry": None},
    )
    before = table.copy()
    out = protected_area_coverage(table, None, None, None, **USUAL)
    assert value(out) == pytest.approx(107)
    found = [(one["key"], one["values"]["count"], round(one["values"]["km2"], 6))
             for one in out.attrs["doubts"] if one["level"] == "repair"]  # fmt: skip
    assert found == [
        ("status_left_out", 1, 100.0), ("status_left_out", 1, 100.0), ("designation_left_out", 1, 100.0),
        ("no_geometry", 1, 0.0), ("points_without_area", 2, 0.0), ("points_as_circles", 1, 7.0),
    ]  # fmt: skip
    pd.testing.assert_frame_equal(table, before)


def test_a_rule_can_be_switched_off():
    table = sites({"geometry": box(0, 0, 10, 10), "status": "Adopted"},
                  {"geometry": box(10, 0, 20, 10), "designation": "UNESCO-MAB Biosphere Reserve"})  # fmt: skip
    changed = {**USUAL, "statuses": ["Designated", "Adopted"], "excluded_designations": []}
    assert value(protected_area_coverage(table, None, None, None, **changed)) == pytest.approx(200)


def test_an_oecm_counts_only_where_there_is_no_protected_area():
    table = sites({"geometry": box(0, 0, 10, 10)}, {"geometry": box(5, 0, 15, 10), "site_type": "OECM"})
    out = protected_area_coverage(table, layer(box(0, 0, 20, 10)), None, None, **USUAL)
    assert value(out, "Type", "PA", "%") == pytest.approx(50)
    assert value(out, "Type", "OECM", "%") == pytest.approx(25)
    assert value(out, "", "", "%") == pytest.approx(75)


def test_sites_without_a_year_count_from_the_start_or_only_in_the_last_year():
    table = sites({"geometry": box(0, 0, 10, 10), "status_year": 2001},
                  {"geometry": box(10, 0, 20, 10), "status_year": 2003},
                  {"geometry": box(5, 0, 5.5, 10), "status_year": 0},
                  {"geometry": box(20, 0, 30, 10), "status_year": None})  # fmt: skip
    for rule, expected in {"from_start": [200, 200, 300], "latest_only": [100, 100, 300]}.items():
        out = protected_area_coverage(table, None, None, None, **{**USUAL, "unknown_year": rule})
        series = out[(out["disaggregation_type"] == "") & (out["unit"] == "km2")]
        assert series["year"].tolist() == [2001, 2002, 2003]
        assert series["value"].tolist() == pytest.approx(expected)
        assert doubts(out)["unknown_year"] == pytest.approx({"count": 2, "km2": 105, "only_km2": 100})


def test_sites_of_later_years_than_the_series_are_left_out_and_said():
    table = sites({"geometry": box(0, 0, 10, 10)}, {"geometry": box(20, 0, 30, 10), "status_year": 2031})
    out = protected_area_coverage(table, None, None, None, **{**USUAL, "last_year": 2024})
    assert value(out, year=2024) == pytest.approx(100)
    assert doubts(out)["after_last_year"] == {"count": 1, "km2": 100.0, "last": "2024"}


def test_the_number_of_sites_grows_with_the_years_and_counts_parcels_once():
    table = sites({"geometry": box(0, 0, 1, 1), "site_id": "7", "site_pid": "7_A"},
                  {"geometry": box(2, 0, 3, 1), "site_id": "7", "site_pid": "7_B", "status_year": 2002},
                  {"geometry": box(8, 0, 9, 1), "site_id": "8", "status_year": 2002})  # fmt: skip
    out = protected_area_coverage(table, None, None, layer(box(0, 0, 5, 5), names=["West"]), **USUAL)
    total = out[(out["disaggregation_type"] == "") & (out["unit"] == "km2")]
    assert total["n"].tolist() == [1, 1, 2]
    assert out[out["disaggregation_type"] == "Province"]["n"].tolist() == [1, 1, 1] * 2


def test_percentages_come_from_areas_and_are_never_averaged():
    table = sites({"geometry": box(0, 0, 10, 10)})
    frame = layer(box(0, 0, 100, 10)), layer(box(100, 0, 110, 10))
    out = protected_area_coverage(table, *frame, None, **USUAL)
    assert value(out, unit="%") == pytest.approx(100 * 100 / 1100)
    assert value(out, "Realm", "Land and inland waters", "%") == pytest.approx(10)
    assert value(out, "Realm", "Coastal and marine", "%") == 0


def test_without_land_there_is_no_percentage_of_the_country_but_areas_and_provinces_stand():
    table = sites({"geometry": box(0, 0, 10, 10)})
    out = protected_area_coverage(table, None, None, layer(box(0, 0, 20, 20), names=["West"]), **USUAL)
    total = out[(out["disaggregation_type"] == "") & (out["unit"] == "%")]
    assert total["value"].isna().all()
    assert set(total["value_status"]) == {"missing"}
    assert set(total["note"]) == {"no_land"}
    assert value(out) == pytest.approx(100)
    assert value(out, "Province", "West", "%") == pytest.approx(25)
    assert "no_land" in doubts(out)


def test_without_a_sea_the_marine_rows_do_not_apply_and_the_country_is_its_land():
    out = protected_area_coverage(sites({"geometry": box(0, 0, 10, 10)}), layer(box(0, 0, 20, 10)), None, None, **USUAL)
    marine = out[out["disaggregation"] == "Coastal and marine"]
    assert set(marine["value_status"]) == {"not_applicable"}
    assert marine["value"].isna().all()
    assert value(out, unit="%") == pytest.approx(50)
    assert "no_sea" in doubts(out)


@covers("PA-19")
@pytest.mark.parametrize("realm", ["Terrestrial", "Coastal", "Marine"])
def test_a_site_across_the_coast_is_split_by_the_coast_whatever_its_record_says(realm: str):
    # 30 km² on land, 50 km² at sea, 20 km² beyond both: the parts add up to the site.
    table = sites({"geometry": box(7, 0, 17, 10), "realm": realm})
    out = protected_area_coverage(table, layer(box(0, 0, 10, 10)), layer(box(10, 0, 15, 10)), None, **USUAL)
    on_land = value(out, "Realm", "Land and inland waters")
    at_sea = value(out, "Realm", "Coastal and marine")
    outside = value(out, "Frame", "Outside land and sea")
    assert (on_land, at_sea, outside) == pytest.approx((30, 50, 20))
    assert value(out, "Realm", "Land and inland waters", "%") == pytest.approx(30)
    assert value(out, "Realm", "Coastal and marine", "%") == pytest.approx(100)


def test_what_lies_outside_the_country_is_said_and_not_counted():
    table = sites({"geometry": box(0, 0, 10, 10)}, {"geometry": box(-5, 0, 0, 10)})
    out = protected_area_coverage(table, layer(box(0, 0, 20, 10)), None, None, **USUAL)
    assert value(out) == pytest.approx(100)
    assert value(out, "Frame", "Outside land and sea") == pytest.approx(50)
    assert doubts(out)["outside_frame"] == pytest.approx({"km2": 50, "percent": 100 / 3})


def test_provinces_that_overlap_or_leave_a_gap_are_said():
    table = sites({"geometry": box(0, 0, 40, 10)})
    provinces = layer(box(0, 0, 20, 10), box(10, 0, 30, 10), names=["B", "A"])
    out = protected_area_coverage(table, layer(box(0, 0, 40, 10)), None, provinces, **USUAL)
    assert value(out, "Province", "B") + value(out, "Province", "A") == pytest.approx(300)
    assert doubts(out)["provinces_overlap"] == pytest.approx({"km2": 100})
    assert doubts(out)["outside_provinces"]["km2"] == pytest.approx(100)


def test_a_province_hidden_under_another_has_no_percentage():
    provinces = layer(box(0, 0, 20, 10), box(0, 0, 10, 10), names=["A", "B"])
    out = protected_area_coverage(sites({"geometry": box(0, 0, 10, 10)}), None, None, provinces, **USUAL)
    hidden = out[(out["disaggregation"] == "B") & (out["unit"] == "%")]
    assert hidden["value_status"].tolist() == ["not_applicable"]
    assert value(out, "Province", "A", "%") == pytest.approx(50)


def test_features_of_one_province_are_taken_together():
    provinces = layer(box(0, 0, 10, 10), box(20, 0, 30, 10), names=["Isles", "Isles"])
    out = protected_area_coverage(sites({"geometry": box(0, 0, 10, 10)}), None, None, provinces, **USUAL)
    assert value(out, "Province", "Isles", "%") == pytest.approx(50)


def test_where_categories_overlap_the_strictest_leads_in_the_years_it_exists():
    table = sites({"geometry": box(0, 0, 10, 10), "iucn_category": "VI"},
                  {"geometry": box(0, 0, 4, 10), "iucn_category": "Ia", "status_year": 2002},
                  {"geometry": box(8, 0, 12, 10), "iucn_category": None})  # fmt: skip
    out = protected_area_coverage(table, None, None, None, **USUAL)
    assert value(out, "IUCN category", "VI", year=2001) == pytest.approx(100)
    assert value(out, "IUCN category", "VI", year=2002) == pytest.approx(60)
    assert value(out, "IUCN category", "Ia", year=2002) == pytest.approx(40)
    assert value(out, "IUCN category", "Not Reported") == pytest.approx(20)


def test_governance_types_add_up_to_the_total_where_they_are_known():
    table = sites({"geometry": box(0, 0, 10, 10), "governance_type": "Indigenous peoples"},
                  {"geometry": box(5, 0, 15, 10), "governance_type": "Federal agency", "status_year": 1990},
                  {"geometry": box(20, 0, 30, 10), "governance_type": None})  # fmt: skip
    out = protected_area_coverage(table, None, None, None, **USUAL)
    found = {
        part: value(out, "Governance type", part) for part in ("Federal agency", "Indigenous peoples", "Not Reported")
    }
    assert found == pytest.approx({"Federal agency": 100, "Indigenous peoples": 50, "Not Reported": 100})
    assert "Governance type" not in set(protected_area_coverage(
        table.drop(columns="governance_type"), None, None, None, **USUAL)["disaggregation_type"])  # fmt: skip


def test_repeated_outlines_and_overlaps_are_said():
    table = sites({"geometry": box(0, 0, 10, 10)}, {"geometry": shapely.reverse(box(0, 0, 10, 10))})
    out = protected_area_coverage(table, None, None, None, **USUAL)
    assert doubts(out)["same_outline"] == {"count": 1}
    assert doubts(out)["overlaps_counted_once"] == pytest.approx({"km2": 100, "added_km2": 200})


def test_a_country_whose_sites_are_all_left_out_has_a_measured_zero():
    table = sites({"geometry": box(0, 0, 10, 10), "status": "Proposed"})
    out = protected_area_coverage(table, layer(box(0, 0, 20, 10)), None, None, **{**USUAL, "last_year": 2024})
    assert value(out, unit="%") == 0
    assert set(out[out["disaggregation_type"] == ""]["value_status"]) == {"measured"}


# --- refusals ------------------------------------------------------------------------------------------------------


def test_without_any_year_the_last_year_must_be_given():
    table = sites({"geometry": box(0, 0, 10, 10), "status_year": 0})
    assert refused(table, None, None, None) == [NOTES + "no_year"]
    out = protected_area_coverage(table, None, None, None, **{**USUAL, "last_year": 2024})
    assert set(out["year"]) == {2024}


def test_a_series_that_ends_before_it_begins_is_refused():
    table = sites({"geometry": box(0, 0, 10, 10)})
    assert refused(table, None, None, None, first_year=2010) == [NOTES + "years_reversed"]


def test_a_layer_that_lies_wholly_elsewhere_is_refused_instead_of_giving_zero():
    table = sites({"geometry": box(500, 0, 510, 10)})
    assert refused(table, layer(box(0, 0, 20, 10)), None, None) == [NOTES + "nothing_inside"]


def test_reported_areas_in_hectares_are_refused_where_points_would_be_drawn_from_them():
    polygons = [{"geometry": box(10 * i, 0, 10 * i + 3, 3), "reported_area_km2": 900} for i in range(3)]
    point = {"geometry": shapely.Point(1e5, 1e5), "reported_area_km2": 500}
    assert refused(sites(*polygons, point), None, None, None) == ["areas.reported_unit"]
    assert value(protected_area_coverage(sites(*polygons), None, None, None, **USUAL)) == pytest.approx(27)


@pytest.mark.parametrize("crs", ["EPSG:4326", "ESRI:54009"])
def test_layers_whose_areas_are_not_true_never_get_in(crs):
    with pytest.raises(ValueError, match="6933"):
        protected_area_coverage(sites({"geometry": box(0, 0, 1, 1)}, crs=crs), None, None, None, **USUAL)


# --- against another program ---------------------------------------------------------------------------------------

FIELDS = {"SITE_ID": "site_id", "STATUS": "status", "DESIG_ENG": "designation", "SITE_TYPE": "site_type",
          "IUCN_CAT": "iucn_category", "STATUS_YR": "status_year", "REP_AREA": "reported_area_km2"}  # fmt: skip
CLOSE = 5e-4


@pytest.fixture
def reference(verify):
    folder = verify / "3.1"
    table = gpd.read_file(next(folder.glob("input_wdpa_like*.gpkg"))).rename(columns=FIELDS).to_crs(PLANE)
    regions = gpd.read_file(next(folder.glob("input_regions*.gpkg"))).to_crs(PLANE)
    regions["name"] = regions.pop("OBJECTID").astype(int).astype(str)
    published = next(path for path in folder.glob("expected_wdpar*.csv") if "rows" not in path.name)
    return table, regions, pd.read_csv(published).set_index("quantity")["value"]


def test_the_union_and_its_categories_agree_with_wdpar(reference):
    table, _, expected = reference
    out = protected_area_coverage(table, None, None, None, **USUAL)
    last = out[(out["unit"] == "km2") & (out["year"] == out["year"].max())]
    assert last[last["disaggregation_type"] == ""]["n"].item() == expected["n_clean_no_erase"]
    assert value(out) == pytest.approx(expected["dissolved_km2"], rel=CLOSE)
    assert doubts(out)["overlaps_counted_once"]["added_km2"] == pytest.approx(
        expected["sum_area_km2_clean_with_overlap"], rel=CLOSE)  # fmt: skip
    for category in ("Ia", "II", "IV", "VI", "Not Reported"):
        found = value(out, "IUCN category", category)
        assert found == pytest.approx(expected[f"erased_IUCN_{category}"], rel=CLOSE), category
    for kind in ("Type", "IUCN category"):
        assert last[last["disaggregation_type"] == kind]["value"].sum() == pytest.approx(value(out), rel=1e-12)


def test_the_coverage_of_regions_agrees_with_wdpar(reference):
    table, regions, expected = reference
    out = protected_area_coverage(table, None, None, regions, **USUAL)
    for region in regions["name"]:
        assert value(out, "Province", region) == pytest.approx(expected[f"region{region}_protected_km2"], rel=CLOSE)
        found = value(out, "Province", region, "%")
        assert found == pytest.approx(expected[f"region{region}_protected_pct"], rel=CLOSE)
        base = 100 * value(out, "Province", region) / found
        assert base == pytest.approx(expected[f"region{region}_area_km2"], rel=1e-9)


def test_oecms_are_what_they_add_to_the_protected_areas_that_wdpar_finds(reference):
    table, regions, expected = reference
    for region in regions["name"]:
        out = protected_area_coverage(table, regions[regions["name"] == region], None, None, **USUAL)
        union, pa = expected[f"region{region}_protected_km2"], expected[f"region{region}_PA_only_km2"]
        assert value(out, "Type", "PA") == pytest.approx(pa, rel=CLOSE)
        # A difference of two unions is known as well as they are, not better.
        assert value(out, "Type", "OECM") == pytest.approx(union - pa, abs=CLOSE * union)
        assert value(out, "Type", "PA", "%") + value(out, "Type", "OECM", "%") == pytest.approx(value(out, unit="%"))


def test_order_of_a_real_layer_changes_no_digit(reference):
    table, regions, _ = reference
    arguments = None, None, regions
    order = list(range(len(table)))
    random.Random(7).shuffle(order)
    pd.testing.assert_frame_equal(
        protected_area_coverage(table, *arguments, **USUAL),
        protected_area_coverage(table.iloc[order], *arguments, **USUAL),
    )


def kba(*rows):
    table = pd.DataFrame([{"kba_id": name, "realm": realm} for name, realm, _ in rows])
    return gpd.GeoDataFrame(table, geometry=[shape for *_, shape in rows], crs=PLANE)


def test_coverage_of_important_places_is_the_mean_of_their_percentages_and_not_that_of_their_areas():
    table = sites({"geometry": box(0, 0, 10, 10)}, {"geometry": box(5, 0, 10, 20), "status_year": 2005})
    places = kba(
        ("small", "Terrestrial", box(0, 0, 10, 1)),  # 10 km², all covered
        ("large", "Marine", box(0, 0, 10, 20)),  # 200 km², 100 of them covered, 150 from 2005 on
        ("bare", "Marine", box(50, 50, 60, 60)),
    )
    out = protected_area_coverage(table, None, None, None, places, **USUAL)
    mean = {year: value(out, "Key Biodiversity Areas", "Mean coverage", "%", year) for year in (2000, 2005)}
    assert mean == pytest.approx({2000: (100 + 50 + 0) / 3, 2005: (100 + 75 + 0) / 3})
    by_realm = "Key Biodiversity Areas, by realm"
    assert value(out, by_realm, "Terrestrial", "%") == pytest.approx(100)
    assert value(out, by_realm, "Marine", "%") == pytest.approx(37.5)
    counted = out[(out["disaggregation_type"] == "Key Biodiversity Areas, by coverage") & (out["year"] == 2005)]
    assert counted["value"].tolist() == [1, 1, 1]


def test_a_place_is_complete_from_98_percent_on_and_bare_up_to_2():
    table = sites({"geometry": box(0, 0, 98, 1)}, {"geometry": box(200, 0, 202, 1)})
    places = kba(("a", "Marine", box(0, 0, 100, 1)), ("b", "Marine", box(200, 0, 300, 1)))
    more = kba(("c", "Marine", box(0, 0, 101, 1)), ("d", "Marine", box(200, 0, 299, 1)))
    counted = [
        protected_area_coverage(table, None, None, None, one, **USUAL)
        .query("disaggregation_type == 'Key Biodiversity Areas, by coverage'")["value"].tolist()
        for one in (places, more)
    ]  # fmt: skip
    assert counted == [[1, 0, 1], [0, 2, 0]]


def test_features_of_one_important_place_are_one_place():
    table = sites({"geometry": box(0, 0, 10, 10)})
    halves = kba(("a", "Marine", box(0, 0, 10, 10)), ("a", "Marine", box(10, 0, 20, 10)))
    out = protected_area_coverage(table, None, None, None, halves, **USUAL)
    assert value(out, "Key Biodiversity Areas", "Mean coverage", "%") == pytest.approx(50)


def test_evaluated_area_is_a_share_of_the_covered_area_with_overlaps_counted_once():
    table = sites(
        {"geometry": box(0, 0, 10, 10)},
        {"geometry": box(5, 0, 15, 10)},
        {"geometry": box(20, 0, 30, 10), "status_year": 2010},
    )
    said = pd.DataFrame({"site_id": ["0", "2", "2", "77"], "year": [2004, 2003, 2015, 2001]})
    out = protected_area_coverage(table, None, None, None, None, said, **{**USUAL, "last_year": 2011})
    kind = "Management effectiveness", "Evaluated"
    share = {year: value(out, *kind, "% of protected area", year) for year in (2003, 2004, 2010)}
    # Site 0 has 100 of 150 km²; site 2 was evaluated before it was established, and counts from then on.
    assert share == pytest.approx({2003: 0, 2004: 100 * 100 / 150, 2010: 100 * 200 / 250})
    assert doubts(out)["evaluations_unmatched"] == {"count": 1, "names": "77"}


def test_before_anything_is_protected_no_share_of_it_was_evaluated():
    said = pd.DataFrame({"site_id": ["0"], "year": [2001]})
    table = sites({"geometry": box(0, 0, 10, 10), "status_year": 2002})
    out = protected_area_coverage(table, None, None, None, None, said, **{**USUAL, "first_year": 2001})
    rows = out[out["unit"] == "% of protected area"].set_index("year")
    assert rows["value_status"].to_dict() == {2001: "not_applicable", 2002: "measured"}
    assert rows.at[2002, "value"] == pytest.approx(100)


def test_ecosystem_types_are_covered_by_their_newest_map():
    table = sites({"geometry": box(0, 0, 10, 10)}, {"geometry": box(5, 0, 15, 10)})
    shapes = [box(0, 0, 20, 10), box(20, 0, 30, 10), box(0, 0, 30, 10), box(0, 0, 1, 1)]
    types = pd.DataFrame({"class_code": ["1", "2"], "name": ["Wood", "Marsh"], "natural": "Natural"})
    maps = gpd.GeoDataFrame({"class_code": ["1", "2.0", "2", "1"], "year": [2000, 2000, 1990, 2030]},
                            geometry=shapes, crs=PLANE)  # fmt: skip
    out = protected_area_coverage(table, None, None, None, None, None, maps, types, **USUAL)
    assert value(out, "Ecosystem type", "Wood", "%") == pytest.approx(75)
    assert value(out, "Ecosystem type", "Wood") == pytest.approx(150)
    assert value(out, "Ecosystem type", "Marsh", "%") == 0


def test_governance_types_with_overlaps_add_up_to_the_total_in_every_year():
    table = sites(
        {"geometry": box(0, 0, 10, 10), "governance_type": "State", "iucn_category": "II"},
        {"geometry": box(5, 0, 15, 10), "governance_type": "People", "iucn_category": "Ia", "status_year": 2004},
        {"geometry": box(12, 0, 20, 10), "governance_type": None, "status_year": 2006},
    )
    out = protected_area_coverage(table, None, None, None, **USUAL)
    km2 = out[out["unit"] == "km2"]
    for kind in ("Governance type", "IUCN category", "Type"):
        sums = km2[km2["disaggregation_type"] == kind].groupby("year")["value"].sum()
        totals = km2[km2["disaggregation_type"] == ""].set_index("year")["value"]
        pd.testing.assert_series_equal(sums, totals, check_names=False)
    assert value(out, "Governance type", "People") == pytest.approx(100)
