"""What is particular to one source: orders, checksums beside files, joined extracts, flows that moved, pointers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.sources.preparing import Prepared, prepare
from gbf_workbench.preparation.sources.stores import unfinished
from tests.preparation.sources.local_service import LocalService, Reply
from tests.preparation.sources.services import CASES

BY_NAME = {case.name: case for case in CASES}
Serve = Callable[..., LocalService]


def ask(name: str, service: LocalService, country: Path, release: str = "", **options: str) -> Prepared:
    asked = {**BY_NAME[name].asked(service.address), **options}
    return prepare(name, country, release=release, options=asked, say=lambda line: None, sleep=lambda pause: None)


def test_records_of_gbif_are_ordered_by_country_and_kept_as_they_came(serve: Serve, country: Path):
    service = serve(BY_NAME["gbif"])
    path = ask("gbif", service, country, what="occurrences", service_code="XA", taxon="212").paths[0]
    predicates = service.world.orders[0]["predicate"]["predicates"]
    assert {one["key"]: one["value"] for one in predicates} == {
        "COUNTRY": "XA", "HAS_COORDINATE": "true", "HAS_GEOSPATIAL_ISSUE": "false", "TAXON_KEY": "212",
    }  # fmt: skip
    assert service.world.orders[0]["format"] == "SIMPLE_CSV"
    assert path.read_text(encoding="utf-8").startswith("year\teqdgccellcode")


def test_an_order_that_gbif_could_not_prepare_is_told(serve: Serve, country: Path):
    service = serve(BY_NAME["gbif"])
    service.spoils = lambda asked: asked.path.startswith("/v1/occurrence/download/00")
    service.always = lambda reply: replace(reply, body=json.dumps({"status": "FAILED"}).encode())
    with pytest.raises(WorkbenchError, match="FAILED"):
        ask("gbif", service, country, what="cube", service_code="XA")


def test_an_order_that_takes_long_is_told_and_not_waited_for_for_ever(serve: Serve, country: Path):
    service = serve(BY_NAME["gbif"])
    service.spoils = lambda asked: asked.path.startswith("/v1/occurrence/download/00")
    service.always = lambda reply: replace(reply, body=json.dumps({"status": "PREPARING"}).encode())
    with pytest.raises(WorkbenchError, match="not ordered twice"):
        ask("gbif", service, country, what="cube", service_code="XA")
    assert len(service.world.orders) == 1


def test_nothing_but_two_letters_gets_into_a_query(serve: Serve, country: Path):
    service = serve(BY_NAME["gbif"])
    with pytest.raises(WorkbenchError):
        ask("gbif", service, country, what="cube", service_code="X' OR '1'='1")
    assert service.world.orders == []


def test_the_checklist_of_a_country_is_found_by_its_name_or_asked_for(serve: Serve, country: Path):
    service = serve(BY_NAME["gbif"])
    assert ask("gbif", service, country, dataset="", service_code="Aruvia").paths
    with pytest.raises(WorkbenchError, match="dataset="):
        ask("gbif", service, country, dataset="", service_code="uvia")


def test_an_extract_is_compared_with_the_checksum_beside_it(serve: Serve, country: Path, cache: Path):
    service = serve(BY_NAME["openstreetmap"])
    service.spoils = lambda asked: asked.path.endswith(".md5")
    service.always = lambda reply: Reply(b"0123456789abcdef0123456789abcdef  aruvia-latest-free.shp.zip\n")
    with pytest.raises(WorkbenchError, match="published checksum"):
        ask("openstreetmap", service, country)
    assert list(cache.rglob("*.zip*")) == []


def test_the_smallest_extract_with_the_country_is_taken_and_a_day_can_be_pinned(serve: Serve, country: Path):
    service = serve(BY_NAME["openstreetmap"])
    path = ask("openstreetmap", service, country, release="250101").paths[0]
    assert path.name == "aruvia-250101-free.shp.zip"
    assert not any("both" in asked.path for asked in service.asked)


def test_a_pointer_in_place_of_a_boundary_is_refused(serve: Serve, country: Path):
    service = serve(BY_NAME["official_boundaries"])
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 123\n"
    service.always = lambda reply: replace(reply, body=pointer)
    with pytest.raises(WorkbenchError, match="git-lfs"):
        ask("official_boundaries", service, country)


def test_the_licence_of_a_boundary_is_its_own(serve: Serve, country: Path):
    from gbf_workbench.preparation.sources.origins import recorded_sources

    ask("official_boundaries", serve(BY_NAME["official_boundaries"]), country)
    record = recorded_sources(country)[0]
    assert record.licence == "Creative Commons Attribution 3.0"
    assert "Survey of Aruvia (2021)" in record.citation
    assert record.release == "XAR-ADM0-1"


def test_a_provider_of_aid_asks_by_the_other_dimension(serve: Serve, country: Path):
    service = serve(BY_NAME["oecd"])
    assert not ask("oecd", service, country, role="donor").paths
    assert service.asked[0].path.endswith("/XAR..1000..2.10...V._T..")
    assert service.asked[0].query["startPeriod"] == "2010"


def test_a_flow_can_be_given_as_the_data_explorer_shows_it(serve: Serve, country: Path):
    service = serve(BY_NAME["oecd"])
    asked = {"dataset": "pse", "flow": "OECD.TAD.ARP,DSD_X@DF_X,1.0", "key": "A.{country}.B"}
    with pytest.raises(WorkbenchError, match="no such data"):
        ask("oecd", service, country, **asked)
    assert service.asked[0].path == "/public/rest/data/OECD.TAD.ARP,DSD_X@DF_X,1.0/A.XAR.B"
    with pytest.raises(WorkbenchError, match="AGENCY,DATASET,VERSION"):
        ask("oecd", service, country, **{**asked, "flow": "../../etc"})


def test_the_sea_of_obis_must_be_named(serve: Serve, country: Path):
    service = serve(BY_NAME["obis"])
    with pytest.raises(WorkbenchError, match="areaid"):
        ask("obis", service, country, areaid="")


def test_a_series_in_several_units_asks_which_one_is_meant(serve: Serve, country: Path):
    service = serve(BY_NAME["un_sdg"])
    spoilt = iter(range(100))

    def mixed(reply: Reply) -> Reply:
        unit = b'"Units": "HA"' if next(spoilt) else b'"Units": "PERCENT"'
        return replace(reply, body=reply.body.replace(b'"Units": "INDEX"', unit))

    service.always = mixed
    with pytest.raises(WorkbenchError, match="HA, PERCENT"):
        ask("un_sdg", service, country)
    assert ask("un_sdg", service, country, unit="HA").paths


def test_a_series_nobody_knows_is_told(serve: Serve, country: Path):
    with pytest.raises(WorkbenchError, match="EN_NO_SUCH"):
        ask("un_sdg", serve(BY_NAME["un_sdg"]), country, series="EN_NO_SUCH")
    with pytest.raises(WorkbenchError, match="not valid"):
        ask("world_bank", serve(BY_NAME["world_bank"]), country, series="NO.SUCH")


def test_a_country_on_both_sides_of_180_degrees_gets_a_map_for_each(serve: Serve, country: Path):
    """Tiles lie between 0° and 9° here, so only the side that has some gets a map."""
    service = serve(BY_NAME["esa_worldcover"])
    ended = ask("esa_worldcover", service, country, bbox="170,0.5,2,2.5")
    assert {path.name for path in ended.paths if path.suffix == ".tif"} == {"ecosystem_maps_2021_part2.tif"}


def test_an_unfinished_download_of_yesterday_is_begun_anew(cache: Path):
    folder = unfinished(cache, "obis", "XAR")
    (folder / "half.part").write_bytes(b"x")
    assert (unfinished(cache, "obis", "XAR") / "half.part").exists()
    os.utime(folder, (0, 0))
    assert not (unfinished(cache, "obis", "XAR") / "half.part").exists()
