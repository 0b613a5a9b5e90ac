"""The frame: one boundary for all indicators, its parts by the country's own choice, in every shape a country has."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import MultiPolygon, Polygon, box

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.pipeline import check, compute
from gbf_workbench.preparation.country import read_country
from gbf_workbench.results import Result
from tests.bad_inputs.case import covers, make_country, own_folder
from tests.conftest import ROOT

HOME, AWAY = box(0, 0, 1, 1), box(5, 5, 6, 7)
PARK = box(0.2, 0.2, 0.6, 0.6)


def km2(shape: Any) -> float:
    """Area on the ellipsoid along geodesics, by another library than the one that computes."""
    return sum(abs(Geod(ellps="WGS84").geometry_area_perimeter(one)[0]) for one in shapely.get_parts(shape)) / 1e6


def layer(**parts: Any) -> gpd.GeoDataFrame:
    """Shapes with their part; the country itself is written ``own``."""
    names = ["" if name == "own" else name.replace("_", " ") for name in parts]
    return gpd.GeoDataFrame({"part": names}, geometry=list(parts.values()), crs=4326)


def country(
    folder: Path,
    frame: Mapping[str, Any],
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    park: Any = PARK,
    code: str = "XAR",
) -> Path:
    place = make_country(folder / "country", {"code": code, "frame": dict(frame)})
    (place / "frame").mkdir()
    for name, one in layers.items():
        one.to_file(place / "frame" / f"{name}.gpkg", engine="pyogrio")
    about = {"site_id": ["S1"], "name": ["Park"], "site_type": ["PA"], "status": ["Designated"],
             "designation": ["National Park"], "status_year": [2001]}  # fmt: skip
    sites = gpd.GeoDataFrame(about, geometry=[park], crs=4326)
    sites.to_file(own_folder(place, "3.1") / "protected_areas.gpkg", engine="pyogrio")
    return place


def file(name: str, **more: Any) -> dict[str, Any]:
    return {"file": f"frame/{name}.gpkg", "source": "Survey of 2020", **more}


def value(result: Result, part: str, unit: str) -> float:
    rows = result.data[(result.data["year"] == result.data["year"].max()) & (result.data["unit"] == unit)]
    kind = {"": "", "Land and inland waters": "Realm", "Coastal and marine": "Realm"}.get(part, "Province")
    rows = rows[(rows["disaggregation"] == part) & (rows["disaggregation_type"] == kind)]
    return float(rows["value"].iloc[0])


def keys(issues: Any) -> list[str]:
    return [one.key for one in issues]


def one_of(issues: Any, key: str) -> Issue:
    (found,) = [one for one in issues if one.key == key]
    return found


# -- what counts as the country --------------------------------------------------------------------------------------


@covers("CC-11")
def test_a_country_with_and_without_its_territories_has_two_results_that_say_so(tmp_path: Path):
    results = {}
    for choice in ("in", "out"):
        frame = {"land": file("land"), "parts": {"GUF": choice}}
        results[choice] = compute("3.1", country(tmp_path / choice, frame, {"land": layer(own=HOME, GUF=AWAY)}))
    home, away, park = km2(HOME), km2(AWAY), km2(PARK)
    assert value(results["out"], "", "%") == pytest.approx(100 * park / home, rel=1e-3)
    assert value(results["in"], "", "%") == pytest.approx(100 * park / (home + away), rel=1e-3)
    said = {choice: one_of(one.issues, "frame.parts_chosen").sentence("en") for choice, one in results.items()}
    assert "counted French Guiana (GUF)" in said["in"]
    assert "left out French Guiana (GUF)" in said["out"]
    assert results["in"].provenance.recipe != results["out"].provenance.recipe


@covers("CC-11")
def test_an_open_part_is_asked_with_what_it_does_to_the_area(tmp_path: Path):
    frame = {"land": file("land")}
    issues = check("3.1", country(tmp_path, frame, {"land": layer(own=HOME, GUF=AWAY)}))
    one = one_of(issues, "frame.parts_open")
    assert (one.level, one.column, one.rows, one.file) == ("question", "part", (2,), "country.yml")
    assert f"{100 * km2(AWAY) / km2(HOME):+.1f} %" in one.sentence("en")
    assert "parts: {GUF: in}" in one.remedy("en")


@pytest.mark.parametrize("said", ["GUF", "French Guiana", "Guyane française"])
@pytest.mark.parametrize("written", ["GUF", "French_Guiana"])
def test_a_part_is_known_by_its_code_and_by_its_name(tmp_path: Path, said: str, written: str):
    frame = {"land": file("land"), "parts": {said: "out"}}
    issues = check("3.1", country(tmp_path, frame, {"land": layer(**{"own": HOME, written: AWAY})}))
    assert keys(issues) == ["frame.parts_chosen"]


def test_a_disputed_part_has_a_name_of_its_own_and_counts_as_the_country_says(tmp_path: Path):
    land = layer(own=HOME, North_Shore=AWAY)
    shares = {}
    for choice in ("in", "out"):
        frame = {"land": file("land"), "parts": {"North Shore": choice}}
        shares[choice] = value(compute("3.1", country(tmp_path / choice, frame, {"land": land})), "", "%")
    assert shares["out"] / shares["in"] == pytest.approx((km2(HOME) + km2(AWAY)) / km2(HOME), rel=1e-3)


@pytest.mark.parametrize("own", ["NPL", "Nepal", "Népal"])
def test_a_boundary_that_names_only_the_country_asks_nothing(tmp_path: Path, own: str):
    issues = check("3.1", country(tmp_path, {"land": file("land")}, {"land": layer(**{own: HOME})}, code="NPL"))
    assert not issues


def test_a_boundary_in_one_piece_of_a_country_with_territories_is_asked_about(tmp_path: Path):
    def issues(name: str, **frame: Any) -> tuple[Issue, ...]:
        said = {"land": file("land"), **frame}
        return check("3.1", country(tmp_path / name, said, {"land": layer(FRA=HOME)}, code="FRA"))

    asked = one_of(issues("open"), "frame.territories_open")
    assert (asked.level, asked.column) == ("question", "territories")
    assert "Réunion (REU)" in asked.sentence("en")
    assert keys(issues("in", territories="in")) == ["frame.territories_in"]
    assert keys(issues("out", territories="out")) == ["frame.territories_out"]


# -- seas ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "sea"), [("NPL", {}), ("XAR", {"sea": "none"})])
def test_a_country_without_a_coast_has_no_marine_part_and_no_doubt_about_it(tmp_path: Path, code: str, sea: dict):
    result = compute("3.1", country(tmp_path, {"land": file("land"), **sea}, {"land": layer(own=HOME)}, code=code))
    assert not result.issues
    marine = result.data[result.data["disaggregation"].str.startswith("Coastal and marine")]
    assert len(marine)
    assert set(marine["value_status"]) == {"not_applicable"}
    assert marine["value"].isna().all()
    assert value(result, "", "%") == value(result, "Land and inland waters", "%")


def test_a_coastal_country_that_forgot_its_sea_is_told(tmp_path: Path):
    result = compute("3.1", country(tmp_path, {"land": file("land")}, {"land": layer(own=HOME)}, code="KEN"))
    assert [one.level for one in result.issues if one.key.endswith("no_sea")] == ["flag"]


# -- shapes of countries ---------------------------------------------------------------------------------------------


def test_a_country_across_180_degrees_adds_up_with_its_provinces(tmp_path: Path):
    west, east = box(178, -18, 180, -16), box(-180, -18, -179, -16)
    land = layer(own=MultiPolygon([west, east]))
    provinces = gpd.GeoDataFrame({"name": ["West", "East"]}, geometry=[west, east], crs=4326)
    park = MultiPolygon([box(179.5, -17.5, 180, -17), box(-180, -17.5, -179.75, -17)])
    frame = {"land": file("land"), "sea": "none", "provinces": file("provinces")}
    result = compute("3.1", country(tmp_path, frame, {"land": land, "provinces": provinces}, park=park))
    assert value(result, "", "km2") == pytest.approx(km2(park), rel=1e-3)
    assert value(result, "", "%") == pytest.approx(100 * km2(park) / (km2(west) + km2(east)), rel=1e-3)
    parts = value(result, "West", "km2"), value(result, "East", "km2")
    assert sum(parts) == pytest.approx(value(result, "", "km2"), rel=1e-9)
    assert parts[0] == pytest.approx(2 * parts[1], rel=1e-6)


def test_islands_count_together(tmp_path: Path):
    islands = [box(lon, 0, lon + 0.1, 0.1) for lon in (0.0, 3.0, 7.5)]
    land = gpd.GeoDataFrame({"part": ["", None, "XAR"]}, geometry=islands, crs=4326)
    result = compute("3.1", country(tmp_path, {"land": file("land"), "sea": "none"}, {"land": land}, park=islands[1]))
    assert value(result, "", "%") == pytest.approx(100 / 3, rel=1e-6)


def test_an_enclave_is_not_part_of_the_country(tmp_path: Path):
    hole = box(0.4, 0.4, 0.6, 0.6)
    land = layer(own=Polygon(HOME.exterior.coords, [hole.exterior.coords]))
    result = compute(
        "3.1", country(tmp_path, {"land": file("land"), "sea": "none"}, {"land": land}, park=box(0.2, 0.2, 0.42, 0.42))
    )
    inside = shapely.difference(box(0.2, 0.2, 0.42, 0.42), hole)
    assert value(result, "", "km2") == pytest.approx(km2(inside), rel=1e-3)
    assert value(result, "", "%") == pytest.approx(100 * km2(inside) / (km2(HOME) - km2(hole)), rel=1e-3)
    assert any(one.key.endswith("outside_frame") for one in result.issues)


def test_a_state_of_two_square_kilometres_works(tmp_path: Path):
    tiny, park = box(7.41, 43.72, 7.428, 43.7325), box(7.412, 43.722, 7.418, 43.727)
    assert 1.9 < km2(tiny) < 2.1
    frame = {"land": file("land", km2=2.0), "sea": "none"}
    result = compute("3.1", country(tmp_path, frame, {"land": layer(own=tiny)}, park=park))
    assert value(result, "", "%") == pytest.approx(100 * km2(park) / km2(tiny), rel=1e-3)


# -- figures and sources ---------------------------------------------------------------------------------------------


def test_an_official_area_that_differs_is_told_in_square_kilometres(tmp_path: Path):
    frame = {"land": file("land", km2=10_000), "sea": "none"}
    issues = check("3.1", country(tmp_path, frame, {"land": layer(own=HOME)}))
    one = one_of(issues, "frame.official_area")
    assert one.level == "flag"
    assert one.values["difference"] == pytest.approx(km2(HOME) - 10_000, rel=1e-3)
    assert one.values["percent"] == pytest.approx(100 * (km2(HOME) / 10_000 - 1), rel=1e-3)


def test_an_official_area_within_a_hundredth_passes_without_a_word(tmp_path: Path):
    frame = {"land": file("land", km2=1.005 * km2(HOME)), "sea": "none"}
    assert not check("3.1", country(tmp_path, frame, {"land": layer(own=HOME)}))


def test_a_boundary_without_a_source_is_told(tmp_path: Path):
    frame = {"land": {"file": "frame/land.gpkg"}, "sea": "none"}
    one = one_of(check("3.1", country(tmp_path, frame, {"land": layer(own=HOME)})), "frame.no_source")
    assert (one.level, one.file) == ("flag", "country.yml")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ({"land": "frame/land.gpkg"}, "land"),
        ({"land": {"source": "x"}}, "file"),
        ({"lnad": {"file": "frame/land.gpkg"}}, "lnad"),
        ({"land": file("land", colums={"part": "x"})}, "colums"),
        ({"land": file("land", columns={"parts": "x"})}, "parts"),
        ({"land": file("land", km2="big")}, "km2"),
        ({"land": file("land", km2=-5)}, "km2"),
        ({"land": file("land", km2=True)}, "km2"),
        ({"crs": "EPSG:4326"}, "EPSG:4326"),
        ({"crs": "EPSG:3857"}, "Mercator"),
        ({"crs": "nonsense"}, "nonsense"),
        ({"parts": ["GUF"]}, "parts"),
        ({"parts": {"GUF": "yes"}}, "parts"),
        ({"territories": "maybe"}, "territories"),
        ({"sea": "nothing"}, "sea"),
        ([1, 2], "frame"),
    ],
)
def test_a_broken_frame_is_named_as_country_yml(tmp_path: Path, frame: Any, reason: str):
    make_country(tmp_path, {"frame": frame})
    with pytest.raises(WorkbenchError) as refused:
        read_country(tmp_path)
    assert {(one.level, one.key, one.file) for one in refused.value.issues} == {
        ("error", "check.country_broken", "country.yml")
    }
    assert reason in str(refused.value)
    assert "mapping.yml" not in str(refused.value)


def test_all_that_is_wrong_with_a_frame_is_told_at_once(tmp_path: Path):
    make_country(tmp_path, {"frame": {"crs": "EPSG:4326", "parts": {"A": "?"}, "territories": "?", "land": {}}})
    with pytest.raises(WorkbenchError) as refused:
        read_country(tmp_path)
    assert len(refused.value.issues) == 4


# -- one frame for all indicators ------------------------------------------------------------------------------------


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "data_samples" / "aruvia", tmp_path / "aruvia"))


def _base(result: Result, part: str) -> float:
    """What a percentage is taken of, from the area and the percentage."""
    return 100 * value(result, part, "km2") / value(result, part, "%")


def test_totals_of_land_sea_and_provinces_agree_between_indicators(sample: Path):
    coverage = compute("3.1", sample)
    land = gpd.read_file(sample / "frame" / "land.gpkg").to_crs("EPSG:6933").area.sum() / 1e6
    sea = gpd.read_file(sample / "frame" / "sea.gpkg").to_crs("EPSG:6933").area.sum() / 1e6
    assert _base(coverage, "Land and inland waters") == pytest.approx(land, rel=1e-5)
    assert _base(coverage, "Coastal and marine") == pytest.approx(sea, rel=1e-5)
    provinces = coverage.data[(coverage.data["disaggregation_type"] == "Province") & (coverage.data["unit"] == "km2")]
    last = provinces[provinces["year"] == provinces["year"].max()]
    assert last["value"].sum() == pytest.approx(value(coverage, "Land and inland waters", "km2"), rel=1e-6)
    # The account of ecosystems says how the maps differ from the land, and so how large it takes the land to be.
    said = " ".join(one.sentence("en") for one in compute("A.2", sample).issues)
    assert f"the land of the country {_base(coverage, 'Land and inland waters'):,.0f} km²" in said
