"""What careless hands and strange files did to the workbench once, and may not do again."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import yaml
from shapely.geometry import MultiPolygon, Point, Polygon, box

from gbf_workbench.doors import cli
from gbf_workbench.doors.batch import run
from gbf_workbench.doors.making import new_indicator
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.pipeline import check, compute

WORKED = Path(__file__).resolve().parent.parent / "data_samples" / "worked"
SLUGS = {"A.2": "natural_ecosystem_extent", "A.3": "red_list_index", "3.1": "protected_area_coverage"}
SITES = "protected_area_coverage/protected_areas.gpkg"
SPECIES = "red_list_index/red_list_assessments.csv"
TYPES = "natural_ecosystem_extent/ecosystem_types.csv"


@pytest.fixture
def folder(tmp_path: Path):
    """Gives a copy of the worked example of an indicator."""

    def copied(code: str) -> Path:
        into = tmp_path / f"country_{len(list(tmp_path.iterdir()))}"
        shutil.copytree(WORKED / SLUGS[code], into)
        return into

    return copied


def sites() -> gpd.GeoDataFrame:
    return gpd.read_file(WORKED / SLUGS["3.1"] / SITES)


def write_sites(country: Path, layer: gpd.GeoDataFrame, **how) -> Path:
    (country / SITES).unlink(missing_ok=True)
    layer.to_file(country / SITES, **how)
    return country


def with_shape(shape, crs: object = None) -> gpd.GeoDataFrame:
    layer = sites().iloc[[0]]
    return gpd.GeoDataFrame(layer.drop(columns="geometry"), geometry=[shape], crs=crs or layer.crs)


def keys(issues) -> list[str]:
    return [issue.key.rpartition(".")[2] for issue in issues if issue.stops]


def refused(code: str, country: Path, **parameters) -> list[str]:
    with pytest.raises(WorkbenchError) as caught:
        compute(code, country, **parameters)
    return keys(caught.value.issues)


def set_country(country: Path, **headings) -> None:
    path = country / "country.yml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text(encoding="utf-8")), **headings}), encoding="utf-8")


def numbers(code: str, country: Path, **parameters) -> dict[tuple, float]:
    data = compute(code, country, **parameters).data
    by = ["disaggregation_type", "disaggregation", "unit", "year"]
    return data.set_index(by)["value"].to_dict()


# Species lists


def species(country: Path, *old_new: tuple[str, str], more: str = "") -> Path:
    path = country / SPECIES
    words = path.read_text(encoding="utf-8")
    for old, new in old_new:
        assert old in words
        words = words.replace(old, new)
    path.write_text(words + more.replace("\n", ",national\n"), encoding="utf-8")
    return country


def counts(country: Path, rows: str) -> Path:
    (country / SPECIES).unlink()
    path = country / "red_list_index/red_list_counts.csv"
    header = "taxonomic_group,year,category,species_count,scope\n"
    path.write_text(header + rows.replace("\n", ",national\n"), encoding="utf-8")
    return country


def test_shares_of_range_that_are_all_zero_are_refused_by_group(folder):
    rows = "".join(f"Z{n},Toads,{year},LC,,0\n" for n in (1, 2) for year in (2000, 2010))
    assert refused("A.3", species(folder("A.3"), more=rows), weighting="range_share") == ["no_range"]


def test_counts_in_which_extinct_species_return_are_refused(folder):
    rows = "Birds,2000,RE,3\nBirds,2000,LC,3\nBirds,2010,RE,1\nBirds,2010,LC,5\n"
    country = counts(folder("A.3"), rows)
    assert refused("A.3", country) == ["extinct_returned"]
    # LC, LC, LC and three extinct of six: 1 - 15/30.
    assert numbers("A.3", country, regionally_extinct_at_start="include")["", "", "index", 2000] == 0.5


def test_a_species_that_moves_to_another_group_is_named_whatever_the_rule(folder):
    country = species(folder("A.3"), ("S2,Frogs,2010", "S2,Toads,2010"))
    for rule in ("ask", "exclude", "back_cast"):
        assert refused("A.3", country, incomplete_species=rule) == ["moved"]


def test_groups_that_differ_in_capitals_only_are_asked_about(folder):
    assert refused("A.3", species(folder("A.3"), ("S2,Frogs", "S2,frogs"))) == ["alike_labels"]


def test_what_is_wrong_with_a_species_list_is_said_at_once_with_its_file(folder):
    changes = (("S1,Frogs,2010,NT,genuine", "S1,Frogs,2010,NT,"), ("S2,Frogs,2010,VU,,0.5,national\n", ""))
    country = species(folder("A.3"), *changes)
    with pytest.raises(WorkbenchError) as caught:
        compute("A.3", country)
    assert sorted(keys(caught.value.issues)) == ["incomplete", "reason_missing"]
    assert {issue.file for issue in caught.value.issues} == {"red_list_assessments.csv"}


def test_every_group_without_countable_species_is_named(folder):
    rows = "T1,Toads,2000,DD,,\nT1,Toads,2010,DD,,\nN1,Newts,2000,DD,,\nN1,Newts,2010,DD,,\n"
    assert refused("A.3", species(folder("A.3"), more=rows)) == ["no_species", "no_species"]


def test_a_group_of_species_that_are_not_applicable_does_not_vanish_in_silence(folder):
    result = compute("A.3", species(folder("A.3"), more="N1,Newts,2000,NA,,\nN1,Newts,2010,NA,,\n"))
    assert any("Newts" in issue.sentence("en") for issue in result.issues)


def test_the_order_of_rows_and_columns_and_the_kind_of_file_do_not_change_the_recipe(folder):
    recipe = compute("A.3", folder("A.3")).recipe
    country = folder("A.3")
    table = pd.read_csv(country / SPECIES)
    (country / SPECIES).unlink()
    table.iloc[:, ::-1].to_excel((country / SPECIES).with_suffix(".xlsx"), index=False)
    assert compute("A.3", country).recipe == recipe


def test_data_deficient_species_that_are_left_out_change_nothing(folder):
    rows = "".join(f"D{n},Frogs,{year},DD,,1\n" for n in range(9) for year in (2000, 2010))
    assert numbers("A.3", species(folder("A.3"), more=rows)) == numbers("A.3", folder("A.3"))


# Sites and frame


@pytest.mark.parametrize("damage", ["crc", "password"])
def test_a_damaged_or_locked_archive_is_refused_in_a_sentence(folder, damage: str):
    country = folder("3.1")
    (country / SITES).unlink()
    sites().iloc[:3].to_file(country / "a.shp")
    packed = (country / SITES).with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(country.glob("a.*")):
            archive.write(path, path.name)
    content = bytearray(packed.read_bytes())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        if damage == "crc":
            content[at + 16] ^= 1
        else:
            content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    packed.write_bytes(bytes(content))
    assert keys(check("3.1", country)) == ["locked" if damage == "password" else "damaged"]


def test_a_shape_that_cannot_be_built_is_named_by_its_row(folder):
    country = folder("3.1")
    layer = json.loads(sites().to_crs(4326).to_json())
    layer["features"][2]["geometry"] = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}
    (country / SITES).unlink()
    (country / SITES).with_suffix(".geojson").write_text(json.dumps(layer), encoding="utf-8")
    found = [issue for issue in check("3.1", country) if issue.stops]
    # Without it more than 5 % of what is left lies outside the country, which is said as well.
    assert [(issue.key, issue.rows) for issue in found] == [
        ("layer.no_geometry", (3,)), ("layer.outside_country", (5,)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "key"),
    [
        (Point(float("nan"), 3), "layer.no_number"),
        (Polygon([(0, 0), (float("inf"), 0), (1, 1)]), "layer.no_number"),
        (Polygon(), "layer.no_geometry"),
    ],
)
def test_a_shape_without_a_place_is_named_once_and_alone(folder, shape, key: str):
    layer = sites()
    layer.loc[4, "geometry"] = shape
    found = [issue for issue in check("3.1", write_sites(folder("3.1"), layer)) if issue.stops]
    assert [(issue.key, issue.rows) for issue in found] == [(key, (5,))]


def test_a_shape_beyond_the_pole_is_named_by_its_row(folder):
    country = write_sites(folder("3.1"), with_shape(box(0, 89, 10, 90.0005), 4326))
    assert keys(check("3.1", country)) == ["outside_the_map"]


def at_180(country: Path) -> Path:
    """Land from 179 to 181 degrees east, sea one degree on both sides of it."""
    layers = {
        "land": MultiPolygon([box(179, 0, 180, 1), box(-180, 0, -179, 1)]),
        "sea": MultiPolygon([box(178, 0, 179, 1), box(-179, 0, -178, 1)]),
    }
    for name, shape in layers.items():
        (country / f"frame/{name}.gpkg").unlink()
        gpd.GeoDataFrame(geometry=[shape], crs=4326).to_file(country / f"frame/{name}.gpkg")
    frame = {"crs": "EPSG:6933", **{name: {"file": f"frame/{name}.gpkg"} for name in layers}}
    set_country(country, frame=frame)
    return country


def test_a_site_over_the_180_degree_meridian_covers_what_it_covers(folder):
    # One of four degrees of the country.
    country = write_sites(at_180(folder("3.1")), with_shape(box(179.5, 0, 180.5, 1), 4326))
    assert "layer.split_at_180" in [issue.key for issue in check("3.1", country)]
    assert numbers("3.1", country)["", "", "%", 2022] == pytest.approx(25)


def test_a_site_drawn_round_the_globe_is_read_the_short_way_in_a_country_that_lies_there(folder):
    country = write_sites(at_180(folder("3.1")), with_shape(box(-179.5, 0, 179.5, 1), 4326))
    assert "layer.crosses_180" in [issue.key for issue in check("3.1", country)]
    assert numbers("3.1", country)["", "", "%", 2022] == pytest.approx(25)


def test_a_site_in_a_projection_of_the_pacific_is_not_torn_around_the_globe(folder):
    pacific = gpd.GeoSeries([box(-50_000, 1000, 50_000, 90_000)], crs="+proj=cea +lon_0=180")
    country = write_sites(at_180(folder("3.1")), with_shape(pacific[0], pacific.crs))
    assert keys(check("3.1", country)) == []
    # 100 km by 89 km, all of it in the sea or on the land of 180 degrees.
    assert numbers("3.1", country)["", "", "km2", 2022] == pytest.approx(8_900, rel=1e-3)


def test_a_layer_is_chosen_by_its_columns_or_asked_for_never_by_its_place(folder):
    country = folder("3.1")
    junk = gpd.GeoDataFrame({"x": [1]}, geometry=[Point(0, 0)], crs=6933)
    (country / SITES).unlink()
    junk.to_file(country / SITES, layer="aaa")
    sites().to_file(country / SITES, layer="polygons")
    assert keys(check("3.1", country)) == []
    sites().to_file(country / SITES, layer="points")
    assert keys(check("3.1", country)) == ["which_layer"]


def test_a_frame_that_does_not_keep_areas_is_refused(folder):
    country = folder("3.1")
    frame = yaml.safe_load((country / "country.yml").read_text(encoding="utf-8"))["frame"]
    for crs in ("EPSG:32631", "+proj=cea +R=6371000"):
        set_country(country, frame={**frame, "crs": crs})
        assert refused("3.1", country) == ["country_broken"]


def test_years_of_two_digits_are_refused_with_their_rows(folder):
    layer = sites()
    layer["STATUS_YR"] = [98, 5, 2022, 98, 0, 2021, 2022, 2020, 2020]
    with pytest.raises(WorkbenchError) as caught:
        compute("3.1", write_sites(folder("3.1"), layer))
    assert {(issue.value, issue.rows) for issue in caught.value.issues} == {("98", (1, 4)), ("5", (2,))}


def test_coverage_is_not_zero_where_no_area_is_known(folder):
    layer = sites().iloc[[0, 1]]
    country = write_sites(folder("3.1"), layer.set_geometry(layer.centroid).assign(REP_AREA=float("nan")))
    assert refused("3.1", country) == ["no_area_known"]


def test_a_cut_off_or_empty_geopackage_is_not_called_another_kind_of_file(folder):
    country = folder("3.1")
    content = (country / SITES).read_bytes()
    (country / SITES).write_bytes(content[: len(content) // 2])
    assert keys(check("3.1", country)) == ["unreadable"]
    (country / SITES).write_bytes(b"")
    assert keys(check("3.1", country)) == ["empty"]


def test_split_and_doubled_sites_cover_the_same(folder):
    before = numbers("3.1", folder("3.1"))
    layer = sites()
    halves = layer.iloc[[0, 0]].copy()
    halves["geometry"] = [box(0, 0, 7_000, 10_000), box(7_000, 0, 20_000, 10_000)]
    doubled = pd.concat([layer.iloc[1:], halves, layer.iloc[[2]]], ignore_index=True)
    after = numbers("3.1", write_sites(folder("3.1"), doubled))
    assert after == pytest.approx(before)


def test_parts_add_up_to_the_whole_whatever_the_types_are(folder):
    swapped = sites().assign(SITE_TYPE=lambda one: one["SITE_TYPE"].map({"PA": "OECM", "OECM": "PA"}))
    own, other = numbers("3.1", folder("3.1")), numbers("3.1", write_sites(folder("3.1"), swapped))
    for found in (own, other):
        for kind in ("Realm", "Type", "IUCN category"):
            parts = [
                value for (name, _, unit, year), value in found.items() if (name, unit, year) == (kind, "km2", 2022)
            ]
            assert sum(parts) == pytest.approx(found["", "", "km2", 2022])
        provinces = [v for (name, _, unit, year), v in found.items() if (name, unit, year) == ("Province", "km2", 2022)]
        assert sum(provinces) == pytest.approx(found["Realm", "Land and inland waters", "km2", 2022])
    assert other["", "", "km2", 2022] == pytest.approx(own["", "", "km2", 2022])


# Maps, mapping.yml and country.yml


def test_a_year_in_raised_digits_is_no_year_and_the_file_is_named(folder):
    country = folder("A.2")
    maps = country / "natural_ecosystem_extent"
    (maps / "ecosystem_maps_2020.tif").rename(maps / "ecosystem_maps_²⁰²⁰.tif")
    assert any("²⁰²⁰" in issue.sentence("en") for issue in check("A.2", country))


def test_a_map_of_the_far_future_is_refused(folder):
    country = folder("A.2")
    maps = country / "natural_ecosystem_extent"
    (maps / "ecosystem_maps_2020.tif").rename(maps / "ecosystem_maps_9999.tif")
    assert keys(check("A.2", country)) == ["above_maximum"]


@pytest.mark.parametrize(
    "words",
    [
        "ecosystem_maps: {files: {2000: ecosystem_maps_2000.tif, 2010: ecosystem_maps_2000.tif}}",
        "ecosystem_types: {columns: {natural: natural}, constants: {natural: Natural}}",
        "ecosystem_types: {unpivot: {names: name, values: name, columns: {name: a}}}",
    ],
)
def test_a_mapping_that_contradicts_itself_is_refused(folder, words: str):
    country = folder("A.2")
    (country / "natural_ecosystem_extent/mapping.yml").write_text(f"tables:\n  {words}\n", encoding="utf-8")
    assert keys(check("A.2", country)) == ["mapping_broken"]


def test_links_that_lead_nowhere_are_named_and_a_lost_country_file_is_refused(folder):
    country = folder("A.3")
    (country / SPECIES).unlink()
    (country / SPECIES).symlink_to(country / SPECIES)
    assert "check.unused_files" in [issue.key for issue in check("A.3", country)]
    (country / "country.yml").unlink()
    (country / "country.yml").symlink_to(country / "nowhere.yml")
    assert refused("A.3", country) == ["country_broken"]


def test_settings_of_no_indicator_and_mistyped_settings_are_said_by_check_and_compute(folder):
    country = folder("A.3")
    set_country(country, settings={"red_lst_index": {"dd_rule": "resample"}})
    assert keys(check("A.3", country)) == refused("A.3", country) == ["settings_unknown"]
    set_country(country, settings={"red_list_index": {"dd_rule": "maybe", "seed": -1}})
    found = check("A.3", country)
    assert keys(found) == refused("A.3", country) == ["parameter_choice", "parameter_range"]
    assert {issue.file for issue in found} == {"country.yml"}
    assert "None" not in " ".join(issue.sentence("en") for issue in found)


# Results and commands


def test_results_that_cannot_be_written_are_one_sentence(folder, tmp_path: Path, capsys):
    taken = tmp_path / "taken"
    taken.write_text("x", encoding="utf-8")
    for out in (taken, taken / "below", tmp_path / ("a" * 300)):
        assert cli.main(["compute", "A.3", str(folder("A.3")), "--out", str(out)]) == cli.WRONG
        with pytest.raises(WorkbenchError):
            run(folder("A.3"), out, only=["A.3"])
    assert "Traceback" not in capsys.readouterr().err


def test_a_word_of_python_cannot_be_an_indicator(tmp_path: Path):
    with pytest.raises(WorkbenchError):
        new_indicator("1.1", "class", tmp_path)
    assert list(tmp_path.iterdir()) == []
