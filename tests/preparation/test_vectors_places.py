"""Where a layer lies: coordinate systems that are missing, wrong or exchanged, and what lies outside the country."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry import MultiPolygon, Point, box

from gbf_workbench.preparation.canonical import digest_of
from gbf_workbench.preparation.frame_differences import frame_differences
from tests.preparation.layer_files import frame, keys, read, reserves, said, write

LAND, SEA = box(37, -2, 39, 0), box(39, -2, 40, 0)
INSIDE = [box(37 + n / 4, -1, 37.2 + n / 4, -0.8) for n in range(8)]


@pytest.fixture(scope="module")
def country() -> dict:
    return {"land": frame(LAND), "sea": frame(SEA)}


def unlabelled(tmp_path, crs):
    path = write(reserves(INSIDE).to_crs(crs), tmp_path, "shp")
    path.with_suffix(".prj").unlink()
    return path


@pytest.mark.parametrize(("crs", "named"), [(32737, "UTM zone 37S"), (4326, "EPSG:4326"), (3857, "EPSG:3857")])
def test_without_a_coordinate_system_those_that_fit_the_country_are_proposed(tmp_path, country, crs, named):
    (error,) = (one for one in read(unlabelled(tmp_path, crs), **country)[1] if one.stops)
    assert error.key == "layer.no_crs_likely"
    assert named in error.sentence("en")
    # The remedy can be copied into the mapping as it stands.
    assert f"crs: EPSG:{crs}" in error.remedy("en")


def test_without_a_country_only_the_extent_is_said(tmp_path):
    (error,) = (one for one in read(unlabelled(tmp_path, 32737))[1] if one.stops)
    assert error.key == "layer.no_crs"
    assert "y 9,889" in error.sentence("en")


def test_the_mapping_answers_which_coordinate_system_it_is(tmp_path, country):
    plain, _ = read(write(reserves(INSIDE), tmp_path / "plain", "gpkg"))
    answered, issues = read(unlabelled(tmp_path, 4326), crs="EPSG:4326", **country)
    assert said(issues) == []
    assert digest_of(answered) == digest_of(plain)


def test_an_answer_that_is_no_coordinate_system_or_contradicts_the_file_is_not_silent(tmp_path, country):
    assert keys(read(unlabelled(tmp_path / "a", 4326), crs="my grid", **country)[1]) == ["layer.unknown_crs"]
    path = write(reserves(INSIDE), tmp_path / "b", "gpkg")
    assert "layer.crs_overruled" in keys(read(path, crs="EPSG:4258", **country)[1])


@pytest.mark.parametrize(("true", "named"), [(32737, 4326), (4326, 32737), (4326, 3857)])
def test_numbers_that_cannot_be_in_the_system_named_are_refused(tmp_path, true, named):
    layer = reserves(INSIDE).to_crs(true).set_crs(named, allow_override=True)
    (error,) = (one for one in read(write(layer, tmp_path, "gpkg"))[1] if one.stops)
    assert error.key == "layer.crs_contradicted"
    assert f"EPSG:{named}" in error.sentence("en")


@pytest.mark.parametrize("crs", [4326, 32737])
@pytest.mark.parametrize("ending", ["gpkg", "parquet", "zip"])
def test_exchanged_axes_are_told_and_turned_back_by_the_mapping(tmp_path, country, crs, ending):
    true = reserves(INSIDE).to_crs(crs)
    turned = true.set_geometry(shapely.transform(true.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=crs)
    path = write(turned, tmp_path, ending)
    assert said(read(path, **country)[1]) == [("error", "layer.swapped_axes", ())]
    layer, issues = read(path, swap_axes=True, **country)
    assert said(issues) == [("repair", "layer.axes_swapped", ())]
    plain, _ = read(write(true, tmp_path / "true", "gpkg"))
    assert digest_of(layer) == digest_of(plain)


@pytest.mark.parametrize(("share", "key"), [(0.03, "layer.coarse_boundary"), (0.01, "layer.partly_outside")])
def test_a_little_beyond_the_boundary_is_flagged_with_its_area(tmp_path, country, share, key):
    # The last of eight squares of equal height reaches out of the country by this share of all.
    width = 7 * 0.2 * share / (1 - share) + 1e-4
    shapes = [*INSIDE[:7], box(40 - 0.2 + width, -1, 40 + width, -0.8)]
    _, issues = read(write(reserves(shapes), tmp_path, "gpkg"), **country)
    assert said(issues) == [("flag", key, (8,))]
    (flag,) = (one for one in issues if one.key == key)
    # A square degree here has about 12,308 km².
    assert flag.values["km2"] == pytest.approx(width * 0.2 * 12_308, rel=1e-2)


def test_an_expert_may_accept_what_lies_beyond_the_boundary(tmp_path, country):
    shapes = [*INSIDE[:7], box(39.81, -1, 40.01, -0.8)]
    word = {"issue": "layer.partly_outside", "name": "B. Keeper", "date": "2026-03-01", "reason": "Tidal flats"}
    _, issues = read(write(reserves(shapes), tmp_path, "gpkg"), overrules=[word], **country)
    assert said(issues) == [("flag", "check.overruled", (8,))]


@pytest.mark.parametrize("shift", [6, -76, 1.6])
def test_a_layer_that_lies_elsewhere_is_refused_with_the_share_outside(tmp_path, country, shift):
    shapes = [shapely.affinity.translate(one, shift, 0) for one in INSIDE]
    (error,) = (one for one in read(write(reserves(shapes), tmp_path, "gpkg"), **country)[1] if one.stops)
    assert error.key == "layer.outside_country"
    # Of eight, the first seven lie inside when all are moved by 1.6 degrees: to 38.6 … 40.55.
    inside = sum(max(0, min(40, one.bounds[2]) - max(37, one.bounds[0])) for one in shapes) / (8 * 0.2)
    assert error.values["percent"] == f"{100 * (1 - inside):.3g}"


def test_points_are_held_against_the_country_too(tmp_path, country):
    shapes = [*(one.centroid for one in INSIDE[:7]), Point(-37, 1)]
    (error,) = (one for one in read(write(reserves(shapes), tmp_path, "gpkg"), **country)[1] if one.stops)
    assert (error.key, error.rows, error.values["percent"]) == ("layer.features_outside", (8,), "12.5")


def test_without_a_sea_a_marine_layer_is_not_refused(tmp_path, country):
    shapes = [shapely.affinity.translate(one, 3, 0) for one in INSIDE]
    _, issues = read(write(reserves(shapes), tmp_path, "gpkg"), land=country["land"])
    assert not any(one.stops for one in issues)
    far = [shapely.affinity.translate(one, 9, 0) for one in INSIDE]
    _, issues = read(write(reserves(far), tmp_path / "far", "gpkg"), land=country["land"])
    assert "layer.outside_country" in keys(issues)


def test_a_country_on_both_sides_of_180_degrees_holds_its_own_layers(tmp_path):
    land = frame(MultiPolygon([box(178, -19, 180, -15), box(-180, -19, -179, -15)]))
    shapes = [box(178.5, -18, 179, -17), box(-179.9, -18, -179.5, -17), box(179.5, -16.5, 180, -16)]
    _, issues = read(write(reserves(shapes), tmp_path, "gpkg"), land=land, sea=land.iloc[:0])
    assert said(issues) == []
    path = unlabelled(tmp_path / "b", 4326)
    layer = reserves(shapes).to_crs(32701)
    path = write(layer, tmp_path / "c", "shp")
    path.with_suffix(".prj").unlink()
    (error,) = (one for one in read(path, land=land, sea=land.iloc[:0])[1] if one.stops)
    assert "EPSG:32701" in error.sentence("en")


def test_land_that_a_layer_from_border_to_border_leaves_open_is_said_in_km2(country):
    whole = frame(box(37, -2, 38.9, 0))
    (flag,) = frame_differences(whole, country["land"], country["sea"])
    assert flag.key == "layer.land_left_open"
    # A strip of a tenth by two degrees.
    assert flag.values["km2"] == pytest.approx(0.2 * 12_308, rel=1e-2)
    assert frame_differences(country["land"], country["land"], country["sea"]) == []
    assert frame_differences(frame(INSIDE[0]), None, None) == []
