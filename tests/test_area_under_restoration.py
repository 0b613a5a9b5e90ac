"""Area under restoration: cells counted one by one, each rule by itself, and the ways an area is counted twice."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.area_under_restoration import area_under_restoration
from gbf_workbench.methods.restoration import degraded_area

USUAL = {"baseline_year": 2020, "last_year": 2022, "started_before": "continued"}
NOTES = "indicators.area_under_restoration.notes."


def box(west, south, east, north):
    """A rectangle given in kilometres."""
    return shapely.box(1000 * west, 1000 * south, 1000 * east, 1000 * north)


def sites(*rows):
    """Sites under way since 2020 unless a row says otherwise."""
    usual = {"status": "under way", "start_year": 2020, "end_year": np.nan, "area_ha": np.nan, "realm": "land"}
    table = [{"site_id": str(at), **usual, **row} for at, row in enumerate(rows)]
    return gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:6933")


def areas(*rows):
    usual = {"status": "under way", "start_year": 2020, "end_year": np.nan, "realm": "land"}
    return pd.DataFrame([{"site_id": f"n{at}", **usual, **row} for at, row in enumerate(rows)])


def layer(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs="EPSG:6933")


def degraded(*rows):
    return pd.DataFrame(rows, columns=["year", "realm", "get_code", "degraded_area_ha"])


def computed(layer=None, table=None, base=None, land=None, sea=None, **changed):
    return area_under_restoration(layer, table, base, land, sea, **{**USUAL, **changed})


def value(out, year=2022, kind="", part="", unit="ha"):
    rows = out[(out["disaggregation_type"] == kind) & (out["disaggregation"] == part) & (out["unit"] == unit)]
    return rows.loc[rows["year"] == year, "value"].item()


def doubts(out):
    return {one["key"]: one["values"] for one in out.attrs["doubts"]}


def refused(*tables, **changed):
    with pytest.raises(WorkbenchError) as stopped:
        computed(*tables, **changed)
    return [(issue.key.removeprefix(NOTES), issue.rows) for issue in stopped.value.issues]


# --- squares of one kilometre, counted one by one ------------------------------------------------------------------

side = st.integers(0, 5)
drawn_site = st.fixed_dictionaries({
    "corners": st.tuples(side, side, st.integers(1, 3), st.integers(1, 3)),
    "status": st.sampled_from(["under way", "completed", "planned", "failed"]),
    "start_year": st.integers(2018, 2023),
    "end_year": st.sampled_from([np.nan, 2019, 2030]),
    "governance": st.sampled_from([None, "private", "shared"]),
})  # fmt: skip


def squares(corners):
    west, south, wide, high = corners
    return {(x, y) for x in range(west, west + wide) for y in range(south, south + high)}


@settings(max_examples=20)
@given(drawn=st.lists(drawn_site, min_size=1, max_size=6))
def test_every_year_is_the_squares_that_some_counting_site_covers(drawn):
    rows = [{**one, "geometry": box(x, y, x + w, y + h)} for one in drawn for x, y, w, h in [one["corners"]]]
    out = computed(sites(*rows).drop(columns="corners"))
    for year in (2020, 2021, 2022):
        counting = [
            one for one in drawn
            if one["status"] in ("under way", "completed") and one["start_year"] <= year and one["end_year"] != 2019
        ]  # fmt: skip
        covered = set().union(*(squares(one["corners"]) for one in counting))
        assert value(out, year) == pytest.approx(100 * len(covered))
        governance = out[(out["disaggregation_type"] == "Governance") & (out["year"] == year)]
        if len(governance):
            assert governance["value"].sum() == pytest.approx(value(out, year), abs=1e-6)
            for name in ("private", "shared"):
                own = [one for one in counting if one["governance"] == name]
                other = [one for one in counting if one["governance"] not in (None, name)]
                alone = set().union(*(squares(one["corners"]) for one in own)) - set().union(
                    *(squares(one["corners"]) for one in other)
                )
                found = governance.loc[governance["disaggregation"] == name.capitalize(), "value"].sum()
                assert found >= 100 * len(alone) - 1e-6


@settings(max_examples=8)
@given(drawn=st.lists(drawn_site, min_size=2, max_size=5), seed=st.integers(0, 99))
def test_order_of_rows_a_cut_and_a_record_that_does_not_count_change_nothing(drawn, seed):
    rows = [{**one, "geometry": box(x, y, x + w, y + h)} for one in drawn for x, y, w, h in [one["corners"]]]
    table = sites(*rows).drop(columns="corners")
    plain = computed(table)
    pd.testing.assert_frame_equal(plain, computed(table.sample(frac=1, random_state=seed)))
    west, south, east, north = table.geometry.iloc[0].bounds
    middle = (west + east) / 2
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    cut = pd.concat([table.iloc[[0, 0]].set_geometry(halves, crs=table.crs), table.iloc[1:]])
    pd.testing.assert_frame_equal(plain, computed(cut), rtol=1e-12)
    promised = sites({"site_id": "more", "geometry": box(0, 0, 90, 90), "status": "planned"})
    pd.testing.assert_frame_equal(plain, computed(pd.concat([table, promised])))


# --- rules ---------------------------------------------------------------------------------------------------------


def test_summing_programmes_counts_a_place_twice_and_the_union_does_not():
    table = sites({"geometry": box(0, 0, 2, 1)}, {"geometry": box(1, 0, 3, 1)})
    assert table.area.sum() / 1e4 == 400
    out = computed(table)
    assert value(out) == pytest.approx(300)
    assert doubts(out)["overlaps_counted_once"] == {"ha": pytest.approx(300), "added_ha": pytest.approx(400)}


def test_areas_without_outline_are_added_once_for_each_site_and_shown_apart():
    table = sites({"site_id": "A", "geometry": box(0, 0, 1, 1)},
                  {"site_id": "B", "geometry": shapely.Point(0, 0), "area_ha": 40, "start_year": 2021})  # fmt: skip
    more = areas({"site_id": "A", "area_ha": 100}, {"site_id": "B", "area_ha": 55, "start_year": 2022},
                 {"site_id": "C", "area_ha": 0.0})  # fmt: skip
    out = computed(table, more)
    assert [value(out, year) for year in (2020, 2021, 2022)] == pytest.approx([100, 155, 155])
    assert value(out, kind="Kind of record", part="Area reported, no outline") == 55
    assert doubts(out)["mapped_already"]["count"] == doubts(out)["reported_twice"]["count"] == 1


def test_a_failed_site_leaves_all_years_and_a_planned_one_never_enters():
    table = sites({"geometry": box(0, 0, 1, 1)}, {"geometry": box(1, 0, 2, 1), "status": "failed", "area_ha": 100},
                  {"geometry": box(2, 0, 3, 1), "status": "planned", "start_year": np.nan})  # fmt: skip
    out = computed(table)
    assert [value(out, year) for year in (2020, 2021, 2022)] == pytest.approx([100, 100, 100])
    assert doubts(out)["failed_left_out"] == {"count": 1, "ha": 100.0}


def test_nothing_begun_is_a_true_zero_and_an_unknown_area_is_not():
    out = computed(None, areas({"status": "planned", "area_ha": 10}))
    assert value(out) == 0
    assert out.loc[out["disaggregation_type"] == "", "value_status"].eq("measured").all()
    assert refused(None, areas({"area_ha": np.nan})) == [("no_area_known", ())]


def test_sites_begun_before_the_baseline_count_if_work_went_on_or_never():
    table = sites({"geometry": box(0, 0, 1, 1), "start_year": 2015, "end_year": 2019, "status": "completed"},
                  {"geometry": box(1, 0, 2, 1), "start_year": 2015, "end_year": 2020, "status": "completed"},
                  {"geometry": box(2, 0, 3, 1), "start_year": 2015, "status": "completed"},
                  {"geometry": box(3, 0, 4, 1), "start_year": 2021})  # fmt: skip
    out = computed(table)
    assert [value(out, year) for year in (2020, 2021)] == pytest.approx([200, 300])
    assert doubts(out)["before_baseline"]["count"] == doubts(out)["end_not_known"]["count"] == 1
    strict = computed(table, started_before="left_out")
    assert [value(strict, year) for year in (2020, 2021)] == pytest.approx([0, 100])


def test_the_baseline_is_that_of_the_degraded_areas_unless_set():
    table = sites({"geometry": box(0, 0, 1, 1), "start_year": 2017})
    base = degraded((2019, "land", None, 500.0), (2015, "land", None, 900.0))
    out = computed(table, None, base, baseline_year=0)
    assert out["year"].min() == 2015
    assert value(out, unit="%") == pytest.approx(100 / 9)
    assert value(computed(table, None, base), unit="%") == pytest.approx(20)


def test_a_realm_without_degraded_area_leaves_the_national_share_missing():
    table = sites({"geometry": box(0, 0, 1, 1)}, {"geometry": box(1, 0, 2, 1), "realm": "coast and sea"})
    out = computed(table, None, degraded((2020, "land", None, 400.0)))
    assert value(out, kind="Realm", part="Land", unit="%") == pytest.approx(25)
    total = out[(out["disaggregation_type"] == "") & (out["unit"] == "%")]
    assert total["value"].isna().all()
    assert set(total["note"]) == {"degraded_incomplete|names=Coast and sea"}
    both = computed(table, None, degraded((2020, "land", None, 400.0), (2020, "coast and sea", None, 0.0)))
    assert value(both, unit="%") == pytest.approx(50)
    sea = both[(both["disaggregation"] == "Coast and sea") & (both["unit"] == "%")]
    assert set(sea["value_status"]) == {"not_applicable"}


def test_a_functional_group_is_a_part_of_its_biome_and_of_its_realm():
    rows = degraded((2020, "land", "T1", 100.0), (2020, "land", "T1.1", 60.0), (2020, "land", "T4.2", 7.0),
                    (2020, "coast and sea", None, 30.0), (2020, "coast and sea", "MFT1.2", 20.0))  # fmt: skip
    found = degraded_area(rows, 2020)
    assert found["realm", "land"] == 107
    assert found["", ""] == 137
    assert (found["biome", "T1"], found["biome", "T4"], found["group", "T1.1"]) == (100, 7, 60)


def test_what_lies_outside_the_country_counts_only_where_the_boundary_is_not_known():
    table = sites({"geometry": box(0, 0, 4, 1), "realm": None})
    both = {"land": layer(box(0, 0, 1, 1)), "sea": layer(box(1, 0, 3, 1))}
    out = computed(table, **both)
    assert value(out) == pytest.approx(300)
    assert value(out, kind="Realm", part="Land") == pytest.approx(100)
    assert value(out, kind="Realm", part="Coast and sea") == pytest.approx(200)
    assert doubts(out)["outside_frame"]["ha"] == pytest.approx(100)
    assert value(computed(table, land=both["land"])) == pytest.approx(400)


def test_doubled_sides_give_four_times_the_area():
    table = sites({"geometry": box(0, 0, 2, 1)}, {"geometry": box(1, 0, 3, 2)})
    doubled = table.set_geometry(table.scale(2, 2, origin=(0, 0)))
    assert value(computed(doubled)) == pytest.approx(4 * value(computed(table)))


def test_what_forbids_a_number_is_said_with_its_rows():
    table = sites({"geometry": box(0, 0, 1, 1), "start_year": np.nan})
    assert refused(table) == [("no_start_year", (0,))]
    ahead = sites({"geometry": box(0, 0, 1, 1), "start_year": 2090})
    assert refused(ahead, last_year=0) == [("not_begun_yet", (0,))]
    assert doubts(computed(ahead))["after_last_year"]["count"] == 1
    assert refused(None, areas({"status": "planned", "area_ha": 1}), last_year=0) == [("no_year", ())]
    assert refused(table.assign(start_year=2020), baseline_year=2030) == [("years_reversed", ())]


# --- what is shown and said ----------------------------------------------------------------------------------------


def test_a_plain_site_raises_no_doubt_but_that_nothing_says_where_the_country_ends_or_what_is_degraded():
    out = computed(sites({"geometry": box(0, 0, 1, 1)}))
    assert set(doubts(out)) == {"not_clipped", "no_degraded_areas"}
    assert out.index.tolist() == list(range(len(out)))
    assert set(out["disaggregation_type"]) == {"", "Realm"}
    assert out["n"].tolist() == [1 if one in ("", "Land") else 0 for one in out["disaggregation"]]
    clipped = computed(sites({"geometry": box(0, 0, 1, 1)}), land=layer(box(0, 0, 1, 1)), sea=layer())
    assert set(doubts(clipped)) == {"no_degraded_areas"}


def test_what_nobody_knows_is_a_part_of_its_own_in_all_years_if_it_has_an_area_in_any():
    table = sites({"geometry": box(0, 0, 2, 1), "governance": "shared", "get_code": "T1.2"},
                  {"geometry": box(1, 0, 4, 1), "start_year": 2022, "get_code": "T4"})  # fmt: skip
    out = computed(table, areas({"area_ha": 7.0, "governance": "private", "get_code": "T1"}))
    assert [value(out, year, "Governance", "Not known") for year in (2020, 2021, 2022)] == pytest.approx([0, 0, 200])
    assert [value(out, part=part, kind="Governance") for part in ("Shared", "Private")] == pytest.approx([200, 7])
    # Where sites overlap, the older one keeps the place; a functional group is a part of its biome.
    assert [value(out, part=part, kind="Biome") for part in ("T1", "T4")] == pytest.approx([207, 200])
    assert value(out, kind="Ecosystem functional group", part="T1.2") == pytest.approx(200)
    assert value(out, kind="Ecosystem functional group", part="Not known") == pytest.approx(207)
    # All unknown is hidden under the sites that are known.
    hidden = computed(sites({"geometry": box(0, 0, 2, 1), "governance": "shared"}, {"geometry": box(0, 0, 1, 1)}))
    assert set(hidden.loc[hidden["disaggregation_type"] == "Governance", "disaggregation"]) == {"Shared"}


def test_more_than_is_degraded_is_said_and_exactly_all_of_it_is_not():
    table, reported = sites({"geometry": box(0, 0, 1, 1)}), areas({"area_ha": 50.0}, {"area_ha": 25.0})
    assert doubts(computed(table, reported))["reported_added"] == {"count": 2, "ha": 75.0}
    all_of_it = computed(None, reported, degraded((2020, "land", None, 75.0)))
    assert value(all_of_it, unit="%") == 100
    assert "more_than_degraded" not in doubts(all_of_it)
    # In three years, for the whole and for its realm.
    more = computed(None, reported, degraded((2020, "land", None, 74.0)))
    assert doubts(more)["more_than_degraded"] == {"count": 6}
