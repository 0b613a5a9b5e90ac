"""Spatial plans: cells counted one by one, the calendar of plans, their conditions, land plans drawn over the sea."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.spatial_plans import spatial_plans

CONDITIONS = ["participatory", "biodiversity_objectives"]
USUAL = {"mandatory": CONDITIONS, "first_year": 2020, "last_year": 2022}
NOTES = "indicators.spatial_plans.notes."


def box(west, south, east, north):
    """A rectangle given in kilometres."""
    return shapely.box(1000 * west, 1000 * south, 1000 * east, 1000 * north)


def plans(*rows):
    """Plans for land in force since 2020 that meet both conditions, unless a row says otherwise."""
    usual = {"realm": "land", "level": "national", "status": "in force", "adopted_year": 2020, "expiry_year": np.nan}
    usual |= dict.fromkeys(CONDITIONS, True)
    table = [{"plan_id": str(at), "name": f"Plan {at}", **usual, **row} for at, row in enumerate(rows)]
    return gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:6933")


def layer(*shapes, names=()):
    return gpd.GeoDataFrame({"name": list(names)} if names else {}, geometry=list(shapes), crs="EPSG:6933")


LAND, SEA, NO_SEA = layer(box(0, 0, 6, 6)), layer(box(6, 0, 10, 6)), layer()


def computed(table, land=LAND, sea=SEA, provinces=None, **changed):
    return spatial_plans(table, None, land, sea, provinces, **{**USUAL, **changed})


def of_areas(*rows, sea=None, **changed):
    columns = ["year", "realm", "province", "area_under_plans_km2", "area_inclusive_km2", "total_area_km2"]
    table = pd.DataFrame(rows, columns=columns)
    return spatial_plans(None, table, None, sea, None, **{**USUAL, "first_year": 0, **changed})


def value(out, year=2022, kind="", part="", unit="%"):
    rows = out[(out["disaggregation_type"] == kind) & (out["disaggregation"] == part) & (out["unit"] == unit)]
    return rows.loc[rows["year"] == year, "value"].item()


def doubts(out):
    return {one["key"]: one["values"] for one in out.attrs["doubts"]}


def refused(call, *given, **changed):
    with pytest.raises(WorkbenchError) as stopped:
        call(*given, **changed)
    return [(issue.key.removeprefix(NOTES), issue.rows) for issue in stopped.value.issues]


side = st.integers(0, 8)
answer = st.sampled_from([True, False, None])
drawn_plan = st.fixed_dictionaries({
    "corners": st.tuples(side, st.integers(0, 4), st.integers(1, 4), st.integers(1, 3)),
    "realm": st.sampled_from(["land", "sea", "both"]),
    "status": st.sampled_from(["in force", "draft", "expired", "repealed"]),
    "adopted_year": st.integers(2018, 2023),
    "expiry_year": st.sampled_from([np.nan, 2021, 2030]),
    "participatory": answer,
    "biodiversity_objectives": answer,
})  # fmt: skip


@settings(max_examples=25)
@given(drawn=st.lists(drawn_plan, min_size=1, max_size=6))
def test_every_year_is_the_cells_whose_plans_may_decide_and_are_in_force(drawn):
    rows = [{**one, "geometry": box(x, y, x + w, y + h)} for one in drawn for x, y, w, h in [one["corners"]]]
    out = computed(plans(*rows).drop(columns="corners"))
    for year in (2020, 2021, 2022):
        count = {"Include biodiversity": 0, "Include it in part": 0, "Conditions not known": 0, "Do not include it": 0}
        land = sea = 0
        for x in range(10):
            for y in range(6):
                realm, best = "land" if x < 6 else "sea", 9
                for one in drawn:
                    west, south, wide, high = one["corners"]
                    ended = one["expiry_year"] == 2021 and year > 2021
                    dated = one["status"] == "expired" and one["expiry_year"] in (2021, 2030)
                    if ((one["status"] == "in force" or dated) and one["adopted_year"] <= year and not ended
                            and one["realm"] in (realm, "both")
                            and west <= x < west + wide and south <= y < south + high):  # fmt: skip
                        said = [one[name] for name in CONDITIONS]
                        rank = (
                            0 if all(said) else 1 if False in said and True in said else 2 if False not in said else 3
                        )
                        best = min(best, rank)
                if best < 4:
                    count[list(count)[best]] += 1
                land, sea = land + (best == 0 and x < 6), sea + (best == 0 and x >= 6)
        for part, cells in count.items():
            assert value(out, year, "Plans in force", part, "km2") == pytest.approx(cells, abs=1e-9)
        assert value(out, year) == pytest.approx(100 * (land + sea) / 60, abs=1e-9)
        assert value(out, year, "Realm", "Land") == pytest.approx(100 * land / 36, abs=1e-9)
        assert value(out, year, "Realm", "Sea") == pytest.approx(100 * sea / 24, abs=1e-9)


def test_row_order_and_a_cut_plan_change_nothing_and_a_draft_counts_nowhere():
    table = plans({"geometry": box(0, 0, 4, 4)}, {"geometry": box(2, 2, 8, 5), "realm": "both", "level": "local"})
    plain = computed(table)
    pd.testing.assert_frame_equal(plain, computed(table.iloc[::-1]))
    halves = [box(0, 0, 2, 4), box(2, 0, 4, 4)]
    cut = pd.concat([table.iloc[[0, 0]].set_geometry(halves, crs=table.crs), table.iloc[1:]])
    pd.testing.assert_frame_equal(plain, computed(cut), rtol=1e-12)
    draft = plans({"plan_id": "D", "geometry": box(0, 0, 10, 6), "realm": "both", "status": "draft"})
    pd.testing.assert_frame_equal(plain, computed(pd.concat([table, draft])))


def test_summing_plans_counts_a_place_twice_and_the_union_does_not():
    out = computed(plans({"geometry": box(0, 0, 4, 3)}, {"geometry": box(2, 0, 6, 3)}))
    assert value(out, kind="Realm", part="Land") == pytest.approx(50)
    assert doubts(out)["overlaps_counted_once"] == {
        "count": 1,
        "km2": pytest.approx(18),
        "added_km2": pytest.approx(24),
    }


def test_a_plan_for_land_never_counts_at_sea():
    out = computed(plans({"geometry": box(0, 0, 10, 6)}))
    assert value(out, kind="Realm", part="Land") == pytest.approx(100)
    assert value(out, kind="Realm", part="Sea") == 0
    assert value(out) == pytest.approx(60)
    assert doubts(out)["other_realm"]["km2"] == pytest.approx(24)


def test_a_plan_for_the_sea_never_counts_on_land_and_what_another_plan_decides_there_is_not_lost():
    table = plans({"geometry": box(0, 0, 10, 6), "realm": "sea"}, {"geometry": box(0, 0, 2, 6)})
    out = computed(table)
    assert value(out, kind="Realm", part="Sea") == pytest.approx(100)
    assert value(out, kind="Realm", part="Land") == pytest.approx(100 * 12 / 36)
    assert doubts(out)["other_realm"] == {"count": 1, "km2": pytest.approx(36 - 12)}


def test_a_plan_is_in_force_from_its_adoption_to_the_end_of_its_last_year():
    out = computed(plans({"geometry": box(0, 0, 6, 6), "adopted_year": 2021, "expiry_year": 2021}))
    assert [value(out, year, "Realm", "Land") for year in (2020, 2021, 2022)] == pytest.approx([0, 100, 0])
    assert doubts(out)["no_longer"]["names"] == "Plan 0"


def test_the_conditions_are_a_setting_and_unknown_ones_are_listed_not_counted():
    table = plans({"geometry": box(0, 0, 3, 6)}, {"geometry": box(3, 0, 6, 6), "participatory": None})
    out = computed(table)
    assert value(out, kind="Realm", part="Land") == pytest.approx(50)
    assert doubts(out)["conditions_not_known"] == {"count": 1, "names": "Plan 1"}
    assert value(computed(table, mandatory=CONDITIONS[1:]), kind="Realm", part="Land") == pytest.approx(100)
    assert value(computed(table, mandatory=["implemented"]), kind="Realm", part="Land") == 0
    assert refused(computed, table, mandatory=[]) == [("no_conditions", ())]


def test_only_drafts_are_a_true_zero():
    out = computed(plans({"geometry": box(0, 0, 6, 6), "status": "draft", "adopted_year": np.nan}))
    assert value(out) == 0
    assert set(out["value_status"]) == {"measured"}


def test_a_country_without_coast_has_no_figure_of_the_sea_rather_than_zero():
    out = computed(plans({"geometry": box(0, 0, 3, 6)}), sea=NO_SEA)
    assert value(out) == pytest.approx(50)
    sea = out[out["disaggregation"] == "Sea"]
    assert set(sea["value_status"]) == {"not_applicable"}
    assert set(sea["note"]) == {"landlocked"}


def test_provinces_are_measured_against_themselves():
    two = layer(box(0, 0, 2, 6), box(2, 0, 6, 6), names=["West", "East"])
    out = computed(plans({"geometry": box(0, 0, 3, 6)}), provinces=two)
    assert [value(out, kind="Province", part=name) for name in ("West", "East")] == pytest.approx([100, 25])


def test_areas_without_outlines_are_summed_before_they_are_divided():
    out = of_areas((2022, "land", None, 500, 400, 1000), (2022, "sea", None, np.nan, 100, 9000))
    assert value(out) == pytest.approx(5)
    assert value(out, kind="Realm", part="Land") == pytest.approx(40)
    assert "Plans in force" not in set(out["disaggregation_type"])


def test_provinces_stand_in_for_a_country_row_and_one_realm_is_no_total():
    rows = [(2022, "land", "A", 50, 20, 100), (2022, "land", "B", 50, 40, 300)]
    out = of_areas(*rows)
    assert value(out, kind="Realm", part="Land") == pytest.approx(15)
    assert value(out, kind="Province", part="B") == pytest.approx(40 / 3)
    assert np.isnan(value(out))
    landlocked = of_areas(*rows, sea=NO_SEA)
    assert value(landlocked) == pytest.approx(15)
    assert value(landlocked, kind="Plans in force", part="Other plans", unit="km2") == pytest.approx(40)


def test_what_forbids_a_number_is_said_with_its_rows():
    table = plans({"geometry": box(0, 0, 1, 1), "adopted_year": np.nan})
    assert refused(computed, table) == [("no_adopted_year", (0,))]
    assert refused(computed, table, land=None) == [("no_land", ())]
    assert refused(computed, table, first_year=2030) == [("years_reversed", ())]
    assert refused(computed, table.assign(status="draft"), last_year=0) == [("no_year", ())]
    assert refused(of_areas, (2019, "land", None, 1, 1, 1), first_year=2020) == [("no_year", ())]


def test_a_plain_plan_raises_no_doubt_and_its_rows_are_counted_through():
    out = computed(plans({"geometry": box(0, 0, 6, 6), "realm": "both"}))
    assert doubts(out) == {}
    assert out.index.tolist() == list(range(len(out)))
    assert set(doubts(computed(plans({"geometry": box(0, 0, 6, 6)}), sea=None))) == {"no_sea"}


def test_a_province_hidden_under_another_has_no_percentage_but_a_country_of_half_a_square_kilometre_has():
    two = layer(box(0, 0, 4, 6), box(1, 1, 2, 2), names=["Whole", "Hidden"])
    out = computed(plans({"geometry": box(0, 0, 6, 6)}), provinces=two)
    hidden = out[(out["disaggregation"] == "Hidden") & (out["unit"] == "%")]
    assert set(zip(hidden["value_status"], hidden["note"], strict=True)) == {("not_applicable", "no_area")}
    assert value(out, kind="Province", part="Hidden", unit="km2") == 0
    small = computed(plans({"geometry": box(0, 0, 1, 1)}), land=layer(box(0, 0, 1, 0.5)), sea=NO_SEA)
    assert value(small) == pytest.approx(100)
    assert value(small, unit="km2") == pytest.approx(0.5)


def test_a_series_ends_with_the_latest_year_unless_told_otherwise():
    table = plans({"geometry": box(0, 0, 3, 6), "adopted_year": 2018},
                  {"geometry": box(3, 0, 6, 6), "adopted_year": 2021, "status": "expired", "expiry_year": 2022},
                  {"geometry": box(3, 0, 6, 6), "adopted_year": 2030, "status": "draft"})  # fmt: skip
    assert sorted(set(computed(table, first_year=0, last_year=0)["year"])) == [2018, 2019, 2020, 2021]
    assert sorted(set(computed(table, first_year=0, last_year=2016)["year"])) == [2016]
    rows = [(year, realm, None, 5, 4, 10) for year in (2019, 2020, 2022) for realm in ("land", "sea")]
    assert sorted(set(of_areas(*rows, last_year=0)["year"])) == [2019, 2020, 2022]
    assert sorted(set(of_areas(*rows, first_year=2020, last_year=2021)["year"])) == [2020]


def test_levels_overlap_and_sites_are_counted_where_they_lie():
    table = plans({"geometry": box(0, 0, 3, 6), "level": "local"}, {"geometry": box(0, 0, 6, 6)},
                  {"geometry": box(0, 0, 1, 6), "level": "local", "participatory": False},
                  {"geometry": box(50, 0, 51, 1)})  # fmt: skip
    out = computed(table)
    assert [value(out, kind="Level", part=part) for part in ("Local", "National")] == pytest.approx([30, 60])
    n = out[(out["year"] == 2022) & (out["unit"] == "km2")].set_index(["disaggregation_type", "disaggregation"])["n"]
    assert (n["", ""], n["Level", "Local"], n["Realm", "Sea"]) == (2, 1, 0)
    assert n["Plans in force", "Include it in part"] == 1
