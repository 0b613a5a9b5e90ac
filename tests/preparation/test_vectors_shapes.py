"""Shapes of a layer: what is repaired, what is left out, what is counted once, and what stays as an expert wants it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from gbf_workbench.preparation.outlines import corners_of, sound
from tests.preparation.layer_files import CRS, frame, keys, read, reserves, said, write

KM = 1000.0
BOW_TIE = Polygon([(0, 0), (KM, KM), (KM, 0), (0, KM)])
SQUARE = box(5 * KM, 0, 6 * KM, KM)


def km2(layer) -> list[float]:
    return (layer.area / 1e6).tolist()


# Outlines that are not sound. Areas by hand, in squares of 1 km.
@pytest.mark.parametrize(
    ("shape", "area"),
    [
        (BOW_TIE, 0.5),
        (Polygon([(0, 0), (0, KM), (KM, 0), (KM, KM)]), 0.5),
        (Polygon([(0, 0), (KM, 0), (KM, KM), (2 * KM, KM), (KM, KM), (0, KM)]), 1.0),
        (MultiPolygon([box(0, 0, KM, KM), box(0, 0, KM, KM)]), 1.0),
        (MultiPolygon([box(0, 0, KM, KM), box(KM / 2, 0, 1.5 * KM, KM)]), 1.5),
        (Polygon(box(0, 0, KM, KM).exterior, [box(0, 0, KM, KM).exterior]), 1.0),
        (Polygon(box(200, 200, 800, 800).exterior, [box(0, 0, KM, KM).exterior]), 0.64),
    ],
    ids=[
        "bow tie",
        "bow tie drawn otherwise",
        "spike",
        "ring twice",
        "parts overlap",
        "hole is outline",
        "rings exchanged",
    ],
)
@pytest.mark.parametrize("ending", ["gpkg", "fgb", "parquet"])
def test_an_outline_that_is_not_sound_is_repaired_to_what_it_encloses(tmp_path, shape, area, ending):
    layer, issues = read(write(reserves([SQUARE, shape], CRS), tmp_path, ending))
    assert said(issues) == [("repair", "layer.repaired_geometry", (2,))]
    assert sorted(km2(layer)) == pytest.approx(sorted([1.0, area]))
    (repair,) = (one for one in issues if one.key == "layer.repaired_geometry")
    assert float(repair.after) == pytest.approx(area)


def test_an_outline_that_can_be_read_in_two_ways_is_an_error_with_both_areas(tmp_path):
    # A hole that reaches out of its outline: 0.9 without what lies outside, 1.0 with it.
    hole = box(500, 500, 1500, 700)
    _, issues = read(
        write(reserves([SQUARE, Polygon(box(0, 0, KM, KM).exterior, [hole.exterior])], CRS), tmp_path, "gpkg")
    )
    (error,) = (one for one in issues if one.stops)
    assert (error.key, error.rows, error.before, error.after) == ("layer.two_readings", (2,), "1", "0.9")


def test_an_outline_without_any_area_is_an_error(tmp_path):
    flat = Polygon([(0, 0), (KM, KM), (2 * KM, 2 * KM)])
    _, issues = read(write(reserves([SQUARE, flat], CRS), tmp_path, "gpkg"))
    assert said(issues, "error") == [("error", "layer.collapsed_geometry", (2,))]


def test_an_expert_may_overrule_a_repair_and_the_record_says_who(tmp_path):
    word = {
        "issue": "layer.repaired_geometry",
        "name": "B. Keeper",
        "date": "2026-03-01",
        "reason": "Drawn so",
        "rows": [2],
    }
    layer, issues = read(write(reserves([SQUARE, BOW_TIE], CRS), tmp_path, "gpkg"), overrules=[word])
    assert said(issues) == [("flag", "check.overruled", (2,))]
    assert "B. Keeper" in next(one for one in issues if one.key == "check.overruled").sentence("en")
    assert not layer.is_valid.iloc[1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=7, unique=True))
def test_the_quick_look_at_outlines_never_passes_one_that_crosses_itself(corners):
    shapes = np.array([Polygon(corners)], dtype=object)
    assert sound(shapes, corners_of(shapes)).tolist() == shapely.is_valid(shapes).tolist()


# Kinds


def test_lines_are_left_out_and_listed_while_outlines_and_points_stay(tmp_path):
    lines = [LineString([(0, 0), (KM, KM * n)]) for n in (1, 2)]
    layer, issues = read(write(reserves([SQUARE, lines[0], Point(0, 0), lines[1]], CRS), tmp_path, "gpkg"))
    assert said(issues) == [("repair", "layer.left_out", (2, 4))]
    assert layer.index.tolist() == [1, 3]


@pytest.mark.parametrize("ending", ["gpkg", "geojson"])
def test_of_a_collection_the_outlines_are_kept(tmp_path, ending):
    mixed = GeometryCollection([box(10, 0, 10.1, 0.1), Point(10, 0), LineString([(10, 0), (11, 1)])])
    layer, issues = read(write(reserves([box(11, 0, 11.1, 0.1), mixed]), tmp_path, ending))
    assert said(issues) == [("repair", "layer.collection", (2,))]
    assert layer.area.iloc[0] == pytest.approx(layer.area.iloc[1])


def test_a_layer_of_lines_alone_is_refused(tmp_path):
    _, issues = read(write(reserves([LineString([(0, 0), (KM, KM)])] * 2, CRS), tmp_path, "gpkg"))
    assert said(issues, "error") == [("error", "layer.wrong_geometry", (1, 2))]


def test_points_are_no_land(tmp_path):
    _, issues = read(write(reserves([SQUARE, Point(KM, KM)], CRS), tmp_path, "gpkg"), table="frame_land")
    assert ("repair", "layer.left_out", (2,)) in said(issues)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e308])
@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_a_coordinate_that_is_no_number_is_named(tmp_path, number, ending):
    with np.errstate(invalid="ignore"):
        odd = Polygon([(0, 0), (KM, 0), (KM, number), (0, KM)])
    _, issues = read(write(reserves([SQUARE, odd, box(0, 0, KM, KM)], CRS), tmp_path, ending))
    (error,) = (one for one in issues if one.stops)
    assert error.rows == (2,)
    assert error.key == ("layer.outside_the_map" if number == 1e308 else "layer.no_number")


# Twice


def again(shape):
    """The same square: the same, the other way round, begun elsewhere."""
    ring = list(shape.exterior.coords)[:-1]
    return [shape, Polygon(ring[::-1]), Polygon(ring[2:] + ring[:2]), MultiPolygon([shape])]


@pytest.mark.parametrize("way", range(4))
@pytest.mark.parametrize("ending", ["gpkg", "geojson", "parquet"])
def test_a_feature_that_stands_twice_is_counted_once(tmp_path, way, ending):
    shapes = [box(10, 0, 11, 1), box(12, 0, 13, 1), again(box(10, 0, 11, 1))[way]]
    same = reserves(shapes, site_id=["A", "B", "A"], name=["N", "M", "N"], status_year=[2000, 2001, 2000])
    layer, issues = read(write(same, tmp_path, ending))
    assert said(issues) == [("repair", "layer.same_feature", (3,))]
    assert layer.index.tolist() == [1, 2]


def test_the_same_outline_under_another_name_or_moved_by_a_millimetre_is_flagged(tmp_path):
    shapes = [SQUARE, SQUARE, shapely.affinity.translate(SQUARE, 0.001, 0)]
    layer, issues = read(write(reserves(shapes, CRS), tmp_path, "gpkg"))
    assert len(layer) == 3
    assert said(issues) == [("flag", "layer.nearly_same", rows) for rows in ((2,), (3,), (3,))]


def test_parcels_of_one_site_and_neighbours_are_no_duplicates(tmp_path):
    shapes = [SQUARE, box(6 * KM, 0, 7 * KM, KM), box(5 * KM, 0, 6 * KM, 1.02 * KM)]
    _, issues = read(write(reserves(shapes, CRS, site_id=["A"] * 3, site_pid=["A1", "A2", "A3"]), tmp_path, "gpkg"))
    assert said(issues) == []


def test_an_expert_may_keep_a_feature_that_stands_twice(tmp_path):
    same = reserves([SQUARE, SQUARE], CRS, site_id=["A", "A"], name=["N", "N"], status_year=[2000, 2000])
    word = {"issue": "layer.same_feature", "name": "B. Keeper", "date": "2026-03-01", "reason": "Two laws"}
    layer, issues = read(write(same, tmp_path, "gpkg"), overrules=[word])
    assert len(layer) == 2
    assert ("flag", "check.overruled", (2,)) in said(issues)


# The 180° meridian. Areas of boxes on WGS 84 between parallels, in closed form.


def box_km2(width: float, south: float, north: float) -> float:
    """Area of a box of some degrees of longitude between two parallels [km²], by the integral over the ellipsoid."""
    radius, flattening = 6378.137, 1 / 298.257223563
    e = np.sqrt(flattening * (2 - flattening))

    def q(latitude):
        s = np.sin(np.radians(latitude))
        return s / (1 - (e * s) ** 2) + np.arctanh(e * s) / e

    return np.radians(width) * radius**2 * (1 - e**2) / 2 * (q(north) - q(south))


COUNTRIES = {
    "Fiji": ((177, -20, -178, -15), 5, (-20, -15)),
    "Russia": ((19.6, 41, -169, 82), 171.4, (41, 82)),
    "United States": ((172, 18, -66, 72), 122, (18, 72)),
    "New Zealand": ((166, -48, -176, -34), 18, (-48, -34)),
    "Kiribati": ((169, -12, -150, 5), 41, (-12, 5)),
}


def test_the_box_of_fiji_has_its_published_area():
    assert box_km2(2, -18, -16) == pytest.approx(47_140, rel=1e-3)


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("crs", [CRS, "+proj=cea +lat_ts=30 +lon_0=180 +ellps=WGS84"])
def test_an_outline_drawn_the_long_way_round_is_cut_at_180_degrees(tmp_path, country, crs):
    (west, south, east, north), width, _ = COUNTRIES[country]
    drawn = box(west, south, east, north)
    layer, issues = read(write(reserves([drawn]), tmp_path, "gpkg"), frame_crs=crs)
    assert said(issues) == [("repair", "layer.crosses_180", (1,))]
    assert layer.is_valid.all()
    assert km2(layer) == pytest.approx([box_km2(width, south, north)], rel=1e-4)


def test_pieces_on_both_sides_of_180_degrees_need_no_word_and_a_turn_too_far_is_noted(tmp_path):
    pieces = MultiPolygon([box(179, -18, 180, -16), box(-180, -18, -179, -16)])
    for number, (shape, expected) in enumerate([(pieces, []), (box(179, -18, 181, -16), ["layer.split_at_180"])]):
        layer, issues = read(write(reserves([shape]), tmp_path / str(number), "gpkg"))
        assert keys(issues) == expected
        assert km2(layer) == pytest.approx([47_136.48], rel=1e-6)


def test_a_map_of_the_pacific_is_not_torn_and_needs_no_word(tmp_path):
    pacific = reserves([box(179, -18, 181, -16)]).to_crs("+proj=cea +lon_0=180")
    layer, issues = read(write(pacific, tmp_path, "gpkg"))
    assert said(issues) == []
    assert km2(layer) == pytest.approx([47_136.48], rel=1e-6)


def test_an_outline_around_the_pole_is_kept_and_one_that_leads_nowhere_is_asked_about(tmp_path):
    polar = Polygon([(-180, -90), (180, -90), (180, -70), (0, -70), (-180, -70)])
    layer, issues = read(write(reserves([polar]), tmp_path / "polar", "gpkg"))
    assert said(issues) == []
    assert km2(layer) == pytest.approx([box_km2(360, -90, -70)], rel=1e-4)
    lost = Polygon([(-60, -80), (60, -80), (179, -80), (-170, -81)])
    assert said(read(write(reserves([lost]), tmp_path / "lost", "gpkg"))[1]) == [
        ("question", "layer.round_the_globe", (1,))
    ]


def test_the_country_decides_where_a_wide_outline_is_meant(tmp_path):
    path = write(reserves([box(-100, 0, 100, 1)]), tmp_path, "gpkg")
    africa, pacific = frame(box(-20, -5, 40, 5)), frame(MultiPolygon([box(150, -5, 180, 5), box(-180, -5, -120, 5)]))
    assert ("question", "layer.round_the_globe", (1,)) in said(read(path, land=africa)[1])
    assert ("repair", "layer.crosses_180", (1,)) in said(read(path, land=pacific)[1])
