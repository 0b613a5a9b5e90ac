"""What arrives in the country folder passes the checks, is the user's own when changed, and is written down."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from gbf_workbench.doors.cli import main
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import schema_names, schema_of
from gbf_workbench.preparation.sources.catalogue import REDISTRIBUTION, sources
from gbf_workbench.preparation.sources.origins import recorded_sources
from gbf_workbench.preparation.sources.preparing import prepare
from gbf_workbench.preparation.tables import read_table
from tests.preparation.sources.conftest import make_country
from tests.preparation.sources.local_service import LocalService
from tests.preparation.sources.services import CASES, TOKENS, Case, World

BY_NAME = {case.name: case for case in CASES}
Serve = Callable[..., LocalService]


def run(case: Case, service: LocalService, country: Path, **options: str) -> list[Path]:
    asked = {**case.asked(service.address), **options}
    return list(prepare(case.name, country, options=asked, say=lambda line: None, sleep=lambda pause: None).paths)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))


def stopping(path: Path, table: str) -> list[str]:
    schema = schema_of(table)
    _, issues = check_table(read_table(path, schema, TableMapping()), schema, TableMapping())
    return [issue.line() for issue in issues if issue.stops]


def test_protected_areas_pass_the_check_and_become_a_coverage_layer(serve: Serve, country: Path, capsys):
    import geopandas
    from shapely.geometry import box

    run(BY_NAME["protected_planet"], serve(BY_NAME["protected_planet"]), country)
    (country / "frame").mkdir()
    geopandas.GeoDataFrame(geometry=[box(9, 4, 17, 7)], crs=4326).to_file(country / "frame" / "land.gpkg")
    with (country / "country.yml").open("a") as file:
        file.write("frame: {land: {file: frame/land.gpkg, source: invented}, sea: none}\n")
    main(["check", "3.1", str(country)])
    said = capsys.readouterr()
    assert "Error" not in said.err, said.err
    layer = geopandas.read_file(country / "protected_area_coverage" / "protected_areas.gpkg")
    # 53 sites on two pages; each fifth is an OECM: numbers 0, 5, … 50.
    assert layer["site_type"].value_counts().to_dict() == {"PA": 42, "OECM": 11}
    assert set(layer["status_year"]) == {1998}
    assert layer["name"].iloc[0] == "Site 0"
    assert set(layer["iucn_category"]) == {"II"}


def test_the_old_names_of_the_interface_are_understood_too(serve: Serve, country: Path):
    import json

    import geopandas

    def old(reply):
        sites = json.loads(reply.body)["protected_areas"]
        for one in sites:
            one["wdpa_id"], one["wdpa_pid"] = one.pop("site_id"), one.pop("site_pid")
            del one["site_type"], one["name_english"], one["realm"]
        reply.body = json.dumps({"protected_areas": sites}).encode()
        return reply

    service = serve(BY_NAME["protected_planet"])
    service.always = old
    run(BY_NAME["protected_planet"], service, country)
    layer = geopandas.read_file(country / "protected_area_coverage" / "protected_areas.gpkg")
    assert layer["site_id"].iloc[0] == "1000"
    assert layer["site_type"].value_counts().to_dict() == {"PA": 42, "OECM": 11}


@pytest.mark.parametrize("names", [("SITE_ID", "SITE_PID", "SITE_TYPE"), ("WDPAID", "WDPA_PID", "PA_DEF")])
def test_the_monthly_archive_is_read_with_the_names_of_its_month(names: tuple[str, ...], country: Path):
    """Points and outlines come in archives inside the archive; either set of names passes the check."""
    import geopandas
    from shapely.geometry import Point, box

    from tests.preparation.sources.local_service import as_file, not_found
    from tests.preparation.sources.services import zipped

    kind = "PA" if names[2] == "SITE_TYPE" else "1"
    fixed = {"NAME": "Park", "STATUS": "Designated", "STATUS_YR": 1998, "REP_AREA": 4.0, "ISO3": "XAR"}
    parts = {}
    for at, (word, shape) in enumerate({"points": Point(20, 1), "polygons": box(20, 1, 20.1, 1.1)}.items()):
        layer = geopandas.GeoDataFrame(
            [{names[0]: 7 + at, names[1]: str(7 + at), names[2]: kind, **fixed}], geometry=[shape], crs=4326
        )
        layer.to_file(country.parent / f"{word}.shp", engine="pyogrio")
        inner = {f"WDPA-{word}__{p.suffix[1:]}": p.read_bytes() for p in sorted(country.parent.glob(f"{word}.*"))}
        parts[f"WDPA_Nov2025_shp_{at}__zip"] = zipped(**inner)
    content = zipped(**parts)
    path = "/current/WDPA_WDOECM_Nov2025_Public_XAR_shp.zip"
    service = LocalService(lambda asked, _: as_file(content) if asked.path == path else not_found()).start()
    run(BY_NAME["protected_planet"], service, country, way="download", month="Nov2025")
    service.stop()
    found = country / "protected_area_coverage" / "protected_areas.gpkg"
    layer = geopandas.read_file(found)
    assert sorted(layer.geom_type) == ["Point", "Polygon"]
    assert names[0] in layer
    assert [record.release for record in recorded_sources(country)] == ["Nov2025"]


def test_red_list_assessments_pass_the_check_with_groups_and_possibly_extinct_species(serve: Serve, country: Path):
    run(BY_NAME["iucn_red_list"], serve(BY_NAME["iucn_red_list"]), country)
    path = country / "red_list_index" / "red_list_assessments.csv"
    assert stopping(path, "red_list_assessments") == []
    found = {row["species_id"]: row for row in rows(path)}
    # 120 of 130 species are mammals or birds; species 4 is no longer recognised.
    assert len(found) == 119
    assert found["2"]["category"] == "CR(PE)"
    assert {row["taxonomic_group"] for row in found.values()} == {"Mammals", "Birds"}
    assert {(row["year"], row["scope"]) for row in found.values()} == {("2025", "global")}
    assert "4" not in found


def test_values_of_the_un_and_the_world_bank_pass_the_check(serve: Serve, country: Path):
    path = run(BY_NAME["un_sdg"], serve(BY_NAME["un_sdg"]), country)[0]
    assert stopping(path, "indicator_values") == []
    found = {(row["year"], row["disaggregation"]): row for row in rows(path)}
    assert found["1993", ""]["value"] == "0.1993"
    assert found["1994", "MTN"]["value_status"] == "missing"
    assert found["1993", ""]["upper"] == "0.95"
    assert len(found) == 7
    path = run(BY_NAME["world_bank"], serve(BY_NAME["world_bank"]), country)[0]
    values = rows(path)
    # 103 years on three pages, one of them without a value.
    assert len(values) == 102
    assert values[-1] == {"year": "2098", "value": "101"}


def test_deflators_and_pesticides_become_tables_that_pass_the_check(serve: Serve, country: Path):
    service = serve(BY_NAME["world_bank"])
    paths = run(BY_NAME["world_bank"], service, country, currency="FJD")
    prices = next(path for path in paths if path.stem == "deflators")
    assert stopping(prices, "deflators") == []
    assert rows(prices)[-1]["price_index"] == "101"
    paths = run(BY_NAME["faostat"], serve(BY_NAME["faostat"]), country)
    used = next(path for path in paths if path.stem == "pesticide_use_by_type")
    assert stopping(used, "pesticide_use_by_type") == []
    # Neither the total (9 t) nor a part of the herbicides (2 t) is a type of its own.
    assert [(row["pesticide_type"], row["mass_t"]) for row in rows(used)] == [("herbicide", "6.0"), ("other", "3.0")]


def test_a_checklist_passes_the_check_and_gives_first_records(serve: Serve, country: Path):
    paths = run(BY_NAME["gbif"], serve(BY_NAME["gbif"]), country)
    listed = next(path for path in paths if path.stem == "alien_species_checklist")
    assert stopping(listed, "alien_species_checklist") == []
    assert [row["invasive"] for row in rows(listed)] == ["yes", ""]
    first = next(path for path in paths if path.stem == "alien_species_first_records")
    assert stopping(first, "alien_species_first_records") == []
    assert [row["first_year"] for row in rows(first)] == ["1987"]
    record = next(one for one in recorded_sources(country) if one.file.endswith("checklist.csv"))
    assert record.citation == "A. Author (2025). GRIIS - Aruvia."
    assert "by/4.0" in record.licence


def test_a_cube_is_ordered_once_waited_for_and_passes_the_check(serve: Serve, country: Path):
    service = serve(BY_NAME["gbif"])
    service.spoils, service.faults = lambda asked: asked.path.endswith(".zip"), []
    # The computer is switched off while GBIF prepares; the next call waits for the same order.
    waited: list[float] = []

    def sleep(pause: float) -> None:
        waited.append(pause)
        if len(waited) == 1:
            raise KeyboardInterrupt

    options = {"address": service.address, "what": "cube", "service_code": "XA"}
    with pytest.raises(KeyboardInterrupt):
        prepare("gbif", country, options=options, say=lambda line: None, sleep=sleep)
    path = prepare("gbif", country, options=options, say=lambda line: None, sleep=sleep).paths[0]
    assert len(service.world.orders) == 1
    assert service.world.orders[0]["format"] == "SQL_TSV_ZIP"
    assert "countryCode = 'XA'" in service.world.orders[0]["sql"]
    assert stopping(path, "occurrence_cube") == []
    record = recorded_sources(country)[0]
    assert "10.15468/dl.abc123" in record.citation
    text = b"".join(one.read_bytes() for one in country.parent.rglob("*") if one.is_file())
    assert TOKENS["GBIF_PWD"].encode() not in text
    assert b"a.reader" not in text


def test_a_boundary_is_written_but_never_taken_without_a_word(serve: Serve, country: Path, capsys):
    service = serve(BY_NAME["natural_earth"])
    before = (country / "country.yml").read_text()
    assert main(["prepare", "natural_earth", str(country), "--option", f"address={service.address}"]) == 0
    said = capsys.readouterr().out
    assert "country.yml" in said
    assert (country / "country.yml").read_text() == before
    line = next(line for line in said.splitlines() if "frame/land.gpkg, source" in line)
    layer = yaml.safe_load(line.split(" -  ")[1])
    assert layer == {"land": {"file": "frame/land.gpkg", "source": layer["land"]["source"]}}


def test_a_map_is_joined_from_its_tiles_and_cut_to_the_box(serve: Serve, country: Path):
    import rasterio

    path = run(BY_NAME["esa_worldcover"], serve(BY_NAME["esa_worldcover"]), country)[0]
    with rasterio.open(path) as joined:
        assert [round(side, 6) for side in joined.bounds] == [1, 0.5, 5, 2.5]
        band = joined.read(1)
    # The tile from 0° to 3° holds class 10, the one from 3° to 6° class 20.
    assert (band == 10).sum() == 20 * 20
    assert (band == 20).sum() == 20 * 20


def test_the_box_of_a_map_is_found_from_the_frame_on_both_sides_of_180_degrees(country: Path):
    import geopandas
    from shapely.geometry import box

    from gbf_workbench.preparation.country import open_country
    from gbf_workbench.preparation.sources.catalogue import source_of
    from gbf_workbench.preparation.sources.land_cover import _boxes
    from gbf_workbench.preparation.sources.preparing import Job

    (country / "frame").mkdir()
    shapes = [box(177, -19, 180, -16), box(-180, -18, -179, -17)]
    geopandas.GeoDataFrame(geometry=shapes, crs=4326).to_file(country / "frame" / "land.gpkg")
    with (country / "country.yml").open("a") as file:
        file.write("frame: {land: {file: frame/land.gpkg, source: invented}}\n")
    job = Job(source_of("esa_worldcover"), open_country(country), "XAR", {})
    east, west = sorted(_boxes(job), reverse=True)
    assert east == pytest.approx((177, -19, 180, -16), abs=0.02)
    assert west == pytest.approx((-180, -18, -179, -17), abs=0.02)


def test_a_table_the_user_changed_is_never_written_over(serve: Serve, country: Path):
    case = BY_NAME["world_bank"]
    service = serve(case)
    path = run(case, service, country)[0]
    path.write_text("year,value\n2020,1\n", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="does not write over"):
        run(case, service, country)
    assert path.read_text() == "year,value\n2020,1\n"
    own = make_country(country.parent / "own", "XAR", "Aruvia")
    (own / "red_list_index").mkdir()
    (own / "red_list_index" / "red_list_assessments.xlsx").write_bytes(b"mine")
    with pytest.raises(WorkbenchError, match=r"red_list_assessments\.xlsx"):
        run(BY_NAME["iucn_red_list"], serve(BY_NAME["iucn_red_list"]), own)


def test_a_changed_file_in_cache_or_pack_is_refused(serve: Serve, country: Path, cache: Path):
    case = BY_NAME["world_bank"]
    service = serve(case)
    run(case, service, country)
    raw = next(cache.rglob("values.json"))
    raw.write_text("[]", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="no longer as they were downloaded"):
        run(case, service, country)


def test_a_release_that_is_asked_for_by_name_must_be_the_one_that_comes(serve: Serve, country: Path):
    case = BY_NAME["un_sdg"]
    service = serve(case, World(release="3"))
    asked = case.asked(service.address)
    with pytest.raises(WorkbenchError, match=r"2025\.Q2\.G\.03"):
        prepare("un_sdg", country, release="2025.Q2.G.01", options=asked, say=lambda line: None)
    assert prepare("un_sdg", country, release="2025.Q2.G.03", options=asked, say=lambda line: None).paths


def test_a_record_holds_the_very_address_without_the_credential(serve: Serve, country: Path):
    service = serve(BY_NAME["protected_planet"])
    run(BY_NAME["protected_planet"], service, country, token_in="parameter")
    url = recorded_sources(country)[0].url
    asked = "v4/protected_areas/search?country=XAR&with_geometry=true&page=1&per_page=50"
    assert url == f"{service.address}/{asked}"


def test_a_group_of_another_release_is_not_mixed_with_the_country(serve: Serve, tmp_path: Path, country: Path):
    case = BY_NAME["iucn_red_list"]
    service = serve(case)
    run(case, service, country)
    service.world.release = "2"
    later = make_country(tmp_path / "later", "XBR", "Bruvia")
    prepare(
        case.name, later, options=case.asked(service.address, other=True), say=lambda line: None, sleep=lambda s: None
    )
    record = next(one for one in recorded_sources(later))
    assert record.release == "2025-2"
    groups = [asked for asked in service.asked if asked.path.endswith("/mammals")]
    # Two pages of the first release, and two of the second.
    assert len(groups) == 4


def test_the_same_content_on_another_day_is_the_recorded_release(
    serve: Serve, country: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Services without named releases: the day of the download stands for one."""
    case = BY_NAME["oecd"]
    service = serve(case)
    run(case, service, country)
    record = country / "downloads" / "oecd" / "sources.yml"
    day = recorded_sources(country)[0].release
    record.write_text(record.read_text().replace(f"release: '{day}'", "release: '2025-01-31'"), encoding="utf-8")
    assert recorded_sources(country)[0].release == "2025-01-31"
    monkeypatch.setenv("GBF_CACHE", str(tmp_path / "elsewhere"))
    assert run(case, service, country)


def test_a_token_sent_the_older_way_is_seen_nowhere_either(serve: Serve, country: Path, capfd, caplog):
    caplog.set_level("DEBUG")
    service = serve(BY_NAME["protected_planet"])
    run(BY_NAME["protected_planet"], service, country, token_in="parameter")
    assert {asked.query["token"] for asked in service.asked} == {TOKENS["PROTECTED_PLANET_TOKEN"]}
    text = b"".join(one.read_bytes() for one in country.parent.rglob("*") if one.is_file()).decode("latin-1")
    out = capfd.readouterr()
    assert TOKENS["PROTECTED_PLANET_TOKEN"] not in text + out.out + out.err + caplog.text


def test_data_that_may_not_be_passed_on_say_so_in_their_record(serve: Serve, country: Path):
    for name in ("protected_planet", "iucn_red_list", "world_bank"):
        run(BY_NAME[name], serve(BY_NAME[name]), country)
    said = {record.source: record.redistribution for record in recorded_sources(country)}
    assert said == {"protected_planet": "forbidden", "iucn_red_list": "forbidden", "world_bank": "allowed"}


def test_a_missing_token_is_named_with_the_steps_by_hand(
    serve: Serve, country: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    monkeypatch.delenv("IUCN_REDLIST_TOKEN")
    service = serve(BY_NAME["iucn_red_list"])
    words = ["prepare", "iucn_red_list", str(country), "--option", f"address={service.address}"]
    assert main([*words, "--option", "service_code=XA"]) == 2
    said = capsys.readouterr().err
    assert "IUCN_REDLIST_TOKEN" in said
    assert "(1) Make an account" in said
    assert service.asked == []


def test_the_list_of_sources_says_what_each_is_for_and_what_it_needs(serve: Serve, country: Path, capsys):
    assert main(["prepare"]) == 0
    said = capsys.readouterr().out
    for name in sources():
        assert f"{name}: " in said
    assert "Needs credentials in: IUCN_REDLIST_TOKEN" in said
    assert said.count("Tried against the real service: never") == len(sources())
    assert "is in the cache" not in said
    run(BY_NAME["world_bank"], serve(BY_NAME["world_bank"]), country)
    main(["prepare"])
    assert "release 2026-01-01 is in the cache" in capsys.readouterr().out


def test_wrong_words_are_answered_with_the_right_ones(country: Path, capsys):
    assert main(["prepare", "wdpa", str(country)]) == 2
    assert "protected_planet" in capsys.readouterr().err
    assert main(["prepare", "oecd", str(country), "--option", "colour=red"]) == 2
    assert "first_year" in capsys.readouterr().err
    assert main(["prepare", "oecd", str(country), "--option", "dataset"]) == 2
    assert "name=value" in capsys.readouterr().err
    assert main(["prepare", "oecd", str(country), "--option", "dataset=pine"]) == 2
    assert "Developer API" in capsys.readouterr().err
    assert main(["prepare", "oecd"]) == 2
    nameless = country.parent / "nameless"
    nameless.mkdir()
    assert main(["prepare", "oecd", str(nameless)]) == 2
    assert "country=XXX" in capsys.readouterr().err


@pytest.mark.parametrize("name", list(sources()))
def test_every_source_tells_what_somebody_has_to_know(name: str):
    from gbf_workbench.catalogue import load_edition

    one = sources()[name]
    assert one.tried_against_service == "never"
    assert one.redistribution in REDISTRIBUTION
    assert len(one.by_hand) >= 2
    assert one.address.startswith("https://")
    assert all(code in load_edition() for code in one.indicators)
    assert set(one.tables) <= set(schema_names())
    for part in ("title", "gives", "licence", "citation", "terms", "size", "rate_limit", "last_checked"):
        assert getattr(one, part), part


def test_asking_for_help_loads_no_library_that_talks_to_services():
    import subprocess
    import sys

    script = (
        "import sys\nfrom gbf_workbench.doors.cli import main\n"
        "try: main(['prepare', '--help'])\nexcept SystemExit: pass\n"
        "print([name for name in ('pystac_client', 'requests', 'geopandas', 'rasterio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_a_cache_that_cannot_be_written_to_is_told_in_words(
    serve: Serve, country: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "full").write_text("a file, no folder")
    monkeypatch.setenv("GBF_CACHE", str(tmp_path / "full"))
    with pytest.raises(WorkbenchError, match="GBF_CACHE"):
        run(BY_NAME["world_bank"], serve(BY_NAME["world_bank"]), country)


def test_an_indicator_names_only_sources_that_know_of_it():
    from gbf_workbench.catalogue.specs import specs

    named = {
        (name, spec.code)
        for spec in specs().values()
        for way in spec.ways
        for name in way.sources
        if spec.slug != "questionnaire"
    }
    assert named
    assert {(name, code) for name, code in named if code not in sources()[name].indicators} == set()
