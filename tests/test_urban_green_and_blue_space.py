"""Green and blue space: squares counted one by one, who may enter, means of cities, and people as the crow flies."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.urban_green_and_blue_space import urban_green_and_blue_space

USUAL = {"unknown_access": "apart", "clip_to_land": True, "distance": 400.0}
NOTES = "indicators.urban_green_and_blue_space.notes."


def box(west, south, east, north):
    """A rectangle given in kilometres."""
    return shapely.box(1000 * west, 1000 * south, 1000 * east, 1000 * north)


def layer(*rows, **usual):
    table = [{"city_id": f"C{at}", "space_id": str(at), **usual, **row} for at, row in enumerate(rows)]
    return gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:6933")


def cities(*rows):
    return layer(*rows, year=2023)


def spaces(*rows):
    return layer(*rows, space_type="green", access="public", year=None)


def computed(built, green, people=None, land=None, **changed):
    return urban_green_and_blue_space(built, green, people, None, land, **{**USUAL, **changed})


def of_areas(*rows):
    columns = ["city_id", "year", "built_up_km2", "public_space_km2", "green_km2", "weight"]
    return urban_green_and_blue_space(None, None, None, pd.DataFrame(rows, columns=columns), None, **USUAL)


def value(out, kind="", part="", year=2023):
    rows = out[(out["disaggregation_type"] == kind) & (out["disaggregation"] == part)]
    return rows.loc[rows["year"] == year, "value"].item()


def doubts(out):
    return {one["key"]: one["values"] for one in out.attrs["doubts"]}


side = st.integers(0, 7)
drawn_space = st.fixed_dictionaries({
    "corners": st.tuples(side, side, st.integers(1, 4), st.integers(1, 4)),
    "space_type": st.sampled_from(["green", "blue"]),
    "access": st.sampled_from(["public", "public", "fee", "private", "unknown", None]),
})  # fmt: skip
TOWNS = {"C0": (0, 0, 4, 8), "C1": (3, 2, 8, 8)}  # they share a strip


def squares(west, south, east, north):
    return {(x, y) for x in range(west, east) for y in range(south, north)}


@settings(max_examples=25)
@given(drawn=st.lists(drawn_space, min_size=1, max_size=6))
def test_every_share_is_the_squares_of_the_city_that_a_public_space_covers(drawn):
    placed = [{**one, "corners": (x, y, x + w, y + h)} for one in drawn for x, y, w, h in [one["corners"]]]
    table = spaces(*({**one, "geometry": box(*one["corners"])} for one in placed)).drop(columns="corners")
    out = computed(cities(*({"geometry": box(*town)} for town in TOWNS.values())), table)

    def covered(*doors, colours=("green", "blue")):
        chosen = [one for one in placed if one["access"] in doors and one["space_type"] in colours]
        return set().union(*(squares(*one["corners"]) for one in chosen))

    shares, inside = {}, 0
    for name, town in TOWNS.items():
        own = covered("public") & squares(*town)
        inside += len(own)
        shares[name] = 100 * len(own) / len(squares(*town))
        assert value(out, "City", name) == pytest.approx(shares[name], abs=1e-9)
    assert value(out) == pytest.approx(sum(shares.values()) / 2, abs=1e-9)
    size = sum(len(squares(*town)) for town in TOWNS.values())
    assert value(out, "All cities together") == pytest.approx(100 * inside / size, abs=1e-9)
    blue = [len(covered("public", colours=("blue",)) & squares(*t)) / len(squares(*t)) for t in TOWNS.values()]
    assert value(out, "Green or blue", "Blue") == pytest.approx(50 * sum(blue), abs=1e-9)
    if any(one["access"] in ("unknown", None) for one in placed):
        apart = covered("unknown", None) - covered("public")
        expected = sum(len(apart & squares(*town)) / len(squares(*town)) for town in TOWNS.values())
        assert value(out, "Access", "Not known") == pytest.approx(50 * expected, abs=1e-9)


def test_undissolved_spaces_would_count_a_place_twice():
    green = spaces({"geometry": box(0, 0, 2, 5)}, {"geometry": box(1, 0, 3, 5), "space_type": "blue"})
    out = computed(cities({"geometry": box(0, 0, 10, 10)}), green)
    assert green.area.sum() / 1e6 == 20
    assert value(out) == pytest.approx(15)
    assert doubts(out)["green_and_blue_overlap"]["km2"] == pytest.approx(5)


def test_private_and_paid_spaces_never_count_and_unknown_ones_only_if_chosen():
    doors = ["public", "fee", "customers", "private", "unknown", None]
    green = spaces(*({"geometry": box(at, 0, at + 1, 1), "access": door} for at, door in enumerate(doors)))
    city = cities({"geometry": box(0, 0, 10, 1)})
    assert value(computed(city, green)) == pytest.approx(10)
    counted = computed(city, green, unknown_access="public")
    assert value(counted) == pytest.approx(30)
    assert "Access" not in set(counted["disaggregation_type"])


def test_the_headline_is_the_mean_of_cities_and_weights_are_those_of_the_sample():
    green = spaces({"geometry": box(0, 0, 1, 1)}, {"geometry": box(20, 0, 21, 1)})
    two = [{"geometry": box(0, 0, 2, 1)}, {"geometry": box(20, 0, 30, 1)}]
    out = computed(cities(*two), green)
    assert (value(out), value(out, "All cities together")) == pytest.approx((30, 200 / 12))
    weighed = computed(cities({**two[0], "weight": 1}, {**two[1], "weight": 3}), green)
    assert (value(weighed), value(weighed, "All cities together")) == pytest.approx((20, 400 / 32))
    with pytest.raises(WorkbenchError) as stopped:
        computed(cities({**two[0], "weight": 1}, two[1]), green)
    assert [(one.key, one.rows) for one in stopped.value.issues] == [(NOTES + "weights_incomplete", (1,))]


def test_a_city_without_any_space_is_a_true_zero_and_pulls_the_mean_down():
    green = spaces({"geometry": box(0, 0, 1, 1)})
    out = computed(cities({"geometry": box(0, 0, 2, 1)}, {"geometry": box(9, 9, 10, 10)}), green)
    assert value(out, "City", "C1") == 0
    assert value(out) == pytest.approx(25)


def test_a_built_up_area_ends_where_the_land_ends_unless_told_otherwise():
    city, green = cities({"geometry": box(0, 0, 4, 1)}), spaces({"geometry": box(0, 0, 1, 1)})
    land = layer({"geometry": box(0, 0, 2, 5)})
    out = computed(city, green, land=land)
    assert value(out) == pytest.approx(50)
    assert doubts(out)["outside_land"]["km2"] == pytest.approx(2)
    assert value(computed(city, green, land=land, clip_to_land=False)) == pytest.approx(25)
    with pytest.raises(WorkbenchError) as stopped:
        computed(city, green, land=layer({"geometry": box(50, 0, 52, 5)}))
    assert stopped.value.issues[0].key == NOTES + "no_city"
    assert stopped.value.issues[0].remedy()


def test_order_of_rows_cut_spaces_and_doubled_sides_change_no_share():
    city = cities({"geometry": box(0, 0, 4, 4)}, {"geometry": box(6, 0, 9, 4)})
    green = spaces({"geometry": box(0, 0, 2, 2)}, {"geometry": box(1, 1, 8, 2), "space_type": "blue"})
    plain = computed(city, green)
    pd.testing.assert_frame_equal(plain, computed(city.iloc[::-1], green.iloc[::-1]), rtol=1e-12)
    halves = [box(0, 0, 1, 2), box(1, 0, 2, 2)]
    cut = pd.concat([green.iloc[[0, 0]].set_geometry(halves, crs=green.crs), green.iloc[1:]])
    pd.testing.assert_frame_equal(plain, computed(city, cut), rtol=1e-12)
    twice = [one.set_geometry(one.scale(2, 2, origin=(0, 0))) for one in (city, green)]
    pd.testing.assert_frame_equal(plain, computed(*twice), rtol=1e-12)


def test_spaces_of_one_year_count_in_that_year_only():
    city = layer({"city_id": "A", "year": 2015, "geometry": box(0, 0, 2, 1)},
                 {"city_id": "A", "year": 2023, "geometry": box(0, 0, 2, 1)})  # fmt: skip
    out = computed(
        city, spaces({"geometry": box(0, 0, 1, 1), "year": 2023}, {"geometry": box(1, 0, 2, 1), "year": 2019})
    )
    assert (value(out, year=2015), value(out)) == pytest.approx((0, 50))
    assert doubts(out)["spaces_of_other_years"]["count"] == 1


def test_people_are_near_by_metres_on_the_ground_where_the_plane_of_areas_stretches():
    # At 60° north a kilometre to the east is 1.75 kilometres of this plane, one to the north 0.57.
    centre = gpd.GeoSeries.from_xy([25.0], [60.0], crs=4326).to_crs(6933).iloc[0]
    park = spaces({"geometry": centre.buffer(5)})
    city = cities({"geometry": centre.buffer(5000)})
    places = [Geod(ellps="WGS84").fwd(25.0, 60.0, turn, away)[:2] for turn in (0, 90) for away in (395, 415)]
    homes = gpd.GeoDataFrame({"persons": [1, 10, 100, 1000]}, geometry=gpd.points_from_xy(*zip(*places, strict=True)),
                             crs=4326).to_crs(6933)  # fmt: skip
    out = computed(city, park, homes)
    assert value(out, "People near a public space") == pytest.approx(100 * 101 / 1111)
    assert (homes.distance(centre) < 400).tolist() == [True, True, False, False]
    nobody = computed(city, park, homes.assign(persons=0))
    assert "no_people" in doubts(nobody)
    assert "People near a public space" not in set(nobody["disaggregation_type"])


def test_areas_measured_by_cities_give_the_same_two_figures():
    out = of_areas(("A", 2023, 2.0, 1.0, 0.4, np.nan), ("B", 2023, 10.0, 1.0, 1.0, np.nan))
    assert (value(out), value(out, "All cities together")) == pytest.approx((30, 200 / 12))
    assert (value(out, "Green or blue", "Green"), value(out, "Green or blue", "Blue")) == pytest.approx((15, 15))
    partly = of_areas(("A", 2023, 2.0, 1.0, 0.4, np.nan), ("B", 2023, 10.0, 1.0, np.nan, np.nan))
    green = partly[partly["disaggregation"] == "Green"]
    assert green["value"].isna().all()
    assert set(green["value_status"]) == {"missing"}


def test_a_plain_city_raises_no_doubt_and_small_ones_are_cities_too():
    city, green = cities({"geometry": box(0, 0, 0.5, 0.5)}), spaces({"geometry": box(0, 0, 0.5, 0.25)})
    out = computed(city, green)
    assert doubts(out) == {}
    assert value(out) == value(out, "City", "C0") == pytest.approx(50)
    assert "Access" not in set(out["disaggregation_type"])
    assert out.index.tolist() == list(range(len(out)))


def test_cities_without_an_area_are_named_and_cities_of_other_years_are_said_to_differ():
    land = layer({"geometry": box(0, 0, 2, 5)})
    city = cities(
        {"geometry": box(0, 0, 2, 1)}, {"geometry": box(7, 0, 8, 1)}, {"geometry": box(1, 0, 3, 1), "year": 2015}
    )
    said = doubts(computed(city, spaces({"geometry": box(0, 0, 1, 1)}), land=land))
    assert said["no_built_up_area"] == {"count": 1, "names": "C1"}
    assert said["outside_land"] == {"count": 1, "km2": pytest.approx(2), "percent": pytest.approx(100 * 2 / 5)}
    assert "cities_differ" in said
    same = city.assign(city_id="A").iloc[[0, 2]]
    assert "cities_differ" not in doubts(computed(same, spaces({"geometry": box(0, 0, 1, 1)})))


def test_spaces_left_out_or_of_unknown_access_are_said_with_their_area():
    doors = ["public", "fee", "private", "unknown", None]
    green = spaces(*({"geometry": box(at, 0, at + 1, 1 + at), "access": door} for at, door in enumerate(doors)))
    said = doubts(computed(cities({"geometry": box(0, 0, 9, 9)}), green))
    assert said["not_public"] == {"count": 2, "km2": pytest.approx(2 + 3)}
    assert said["access_unknown"] == {"count": 2, "km2": pytest.approx(4 + 5)}
    assert "green_and_blue_overlap" not in said
    chosen = doubts(computed(cities({"geometry": box(0, 0, 9, 9)}), green, unknown_access="public"))
    assert "access_unknown" not in chosen


def test_each_city_with_people_has_a_share_of_them_and_weights_count_in_the_whole():
    built = [{"geometry": box(9 * at, 0, 9 * at + 2, 2), "weight": weight} for at, weight in enumerate((1, 3, 1))]
    homes = gpd.GeoDataFrame({"persons": [1, 3, 2, 5], "year": [None, None, None, 2015]}, crs="EPSG:6933",
                             geometry=gpd.points_from_xy([100, 1900, 9100, 100], [1000] * 4))  # fmt: skip
    out = computed(
        cities(*built), spaces({"geometry": box(0, 0.9, 0.2, 1.1)}, {"geometry": box(9, 0.9, 9.2, 1.1)}), homes
    )
    kind = "People near a public space"
    people = out[out["disaggregation_type"] == kind].set_index("disaggregation")["value"].to_dict()
    assert people == pytest.approx({"": 100 * (1 + 3 * 2) / (4 + 3 * 2), "C0": 25, "C1": 100})
    assert "no_people" not in doubts(out)
    few = homes.iloc[[0]]
    assert value(computed(cities(built[0]), spaces({"geometry": box(0, 0.9, 0.2, 1.1)}), few), kind) == 100


def test_biomes_and_functional_groups_are_told_apart_by_their_codes():
    codes = ["T1.1", "T1", "F2.2", None]
    green = spaces(*({"geometry": box(at, 0, at + 1, 1), "get_code": code} for at, code in enumerate(codes)))
    out = computed(cities({"geometry": box(0, 0, 10, 1)}), green)
    found = out[out["disaggregation_type"].isin(["Biome", "Ecosystem functional group"])]
    assert dict(zip(found["disaggregation"], found["value"].round(9), strict=True)) == {
        "T1": 20, "F2": 10, "T1.1": 10, "F2.2": 10,
    }  # fmt: skip
