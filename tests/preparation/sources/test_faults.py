"""Every source meets the faults of its service: it waits, goes on, or says in words what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.sources.catalogue import sources
from gbf_workbench.preparation.sources.origins import recorded_sources
from gbf_workbench.preparation.sources.preparing import prepare
from tests.preparation.sources.conftest import make_country
from tests.preparation.sources.local_service import LOGIN, LocalService, Reply
from tests.preparation.sources.services import CASES, Case, World

every = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
files = pytest.mark.parametrize("case", [case for case in CASES if case.downloads], ids=lambda case: case.name)
Serve = Callable[..., LocalService]


def get(
    case: Case, service: LocalService, country: Path, waited: list[float] | None = None, **more: object
) -> list[Path]:
    sleep = (waited if waited is not None else []).append
    options = case.asked(service.address, bool(more.pop("other", False)))
    return list(prepare(case.name, country, options=options, say=lambda line: None, sleep=sleep, **more).paths)


def written(case: Case, country: Path) -> Path:
    found = sorted(country.glob(case.wrote)) if "*" in case.wrote else [case.path(country)]
    assert found, case.wrote
    return found[0]


def nothing_is_left(country: Path, cache: Path) -> None:
    """Neither half a table in the country folder nor a finished entry in the cache."""
    assert [path.name for path in country.rglob("*") if path.is_file()] == ["country.yml"]
    assert [path for path in cache.rglob("sources.yml") if "unfinished" not in path.parts] == []


@every
def test_a_source_fills_its_table_and_writes_down_where_it_came_from(case: Case, serve: Serve, country: Path):
    service = serve(case)
    paths = get(case, service, country)
    path = written(case, country)
    assert path in paths
    record = next(one for one in recorded_sources(country) if country / one.file == path)
    assert record.source == case.name
    assert record.licence
    assert record.citation
    assert record.size == path.stat().st_size
    assert record.made_from
    assert all(len(part["sha256"]) == 64 for part in record.made_from)
    agents = {asked.headers["User-Agent"] for asked in service.asked}
    assert len(agents) == 1
    assert agents.pop().startswith("gbf-workbench/")


@every
def test_a_busy_service_is_given_the_time_it_asks_for(case: Case, serve: Serve, country: Path):
    service, waited = serve(case), []
    service.faults = [lambda reply: Reply(b"slow down", 429, {"Retry-After": "17"})]
    get(case, service, country, waited)
    assert written(case, country).exists()
    assert 17.0 in waited


@every
def test_a_service_out_of_order_for_a_moment_is_asked_again_later(case: Case, serve: Serve, country: Path):
    service, waited = serve(case), []
    service.faults = [lambda reply: Reply(b"oops", 503), lambda reply: Reply(b"oops", 502)]
    get(case, service, country, waited)
    assert written(case, country).exists()
    # Each pause after a failure is longer than the one before.
    pauses = [pause for pause in waited if pause >= 2]
    assert pauses[:2] == [2.0, 4.0]


@every
def test_a_service_that_stays_out_of_order_is_named_with_the_steps_by_hand(
    case: Case, serve: Serve, country: Path, cache: Path
):
    service = serve(case)
    service.always = lambda reply: Reply(b"oops", 500)
    with pytest.raises(WorkbenchError) as refused:
        get(case, service, country)
    assert refused.value.issues[0].key == "sources.failing"
    assert "(1)" in str(refused.value)
    nothing_is_left(country, cache)


@every
def test_a_login_page_is_not_taken_for_data(case: Case, serve: Serve, country: Path, cache: Path):
    service = serve(case)
    service.always = lambda reply: Reply(LOGIN, 200, {"Content-Type": "text/html"})
    with pytest.raises(WorkbenchError) as refused:
        get(case, service, country)
    assert refused.value.issues[0].key == "sources.web_page"
    nothing_is_left(country, cache)


@files
def test_a_message_in_place_of_a_file_is_refused(case: Case, serve: Serve, country: Path, cache: Path):
    service = serve(case)
    for words in (b'{"error": "quota exceeded"}', b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"):
        service.always = lambda reply, words=words: replace(reply, body=words, file=False)
        if case.name in ("official_boundaries",) and words.startswith(b"{"):
            continue  # JSON is what a boundary is written in.
        with pytest.raises(WorkbenchError) as refused:
            get(case, service, country)
        assert refused.value.issues[0].key == "sources.other_content", words
    nothing_is_left(country, cache)


@every
def test_a_body_cut_off_once_is_completed_and_the_same_as_without_the_cut(
    case: Case, serve: Serve, tmp_path: Path, country: Path, monkeypatch: pytest.MonkeyPatch
):
    whole = make_country(tmp_path / "whole", "XAR", "Aruvia")
    get(case, serve(case), whole)
    monkeypatch.setenv("GBF_CACHE", str(tmp_path / "other"))
    service = serve(case)
    service.faults = [lambda reply: replace(reply, cut=len(reply.body) // 2)]
    get(case, service, country)
    assert content(written(case, country)) == content(written(case, whole))


@every
def test_a_body_cut_off_again_and_again_is_told(case: Case, serve: Serve, country: Path, cache: Path):
    service = serve(case)
    service.always = lambda reply: replace(reply, cut=min(10, len(reply.body) // 2), ranges=False)
    with pytest.raises(WorkbenchError) as refused:
        get(case, service, country)
    assert refused.value.issues[0].key == "sources.cut_off"
    nothing_is_left(country, cache)


@pytest.mark.parametrize("case", [case for case in CASES if case.renamed[0]], ids=lambda case: case.name)
def test_a_renamed_field_is_named(case: Case, serve: Serve, country: Path):
    service = serve(case)
    old, new = (name.encode() for name in case.renamed)
    service.spoils = lambda asked: True
    service.always = lambda reply: replace(reply, body=reply.body.replace(b'"%s"' % old, b'"%s"' % new)
                                           .replace(b",%s," % old, b",%s," % new))  # fmt: skip
    with pytest.raises(WorkbenchError) as refused:
        get(case, service, country)
    assert refused.value.issues[0].key in ("sources.renamed", "sources.column_renamed")
    assert case.renamed[0] in str(refused.value)
    assert [path.name for path in country.rglob("*") if path.is_file()] == ["country.yml"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("protected_planet", b'"reported_area": "12.5"', b'"reported_area": "n/a"'),
        ("protected_planet", b'"geometry": {', b'"geometry": {"x": '),
        ("un_sdg", b'"timePeriodStart": 19', b'"timePeriodStart": "soon", "y": 19'),
        ("iucn_red_list", b'"assessments": [', b'"assessments": null, "y": ['),
    ],
)
def test_answers_of_another_shape_end_in_a_sentence(name: str, old: bytes, new: bytes, serve: Serve, country: Path):
    case = next(case for case in CASES if case.name == name)
    service = serve(case)
    service.always = lambda reply: replace(reply, body=reply.body.replace(old, new))
    with pytest.raises(WorkbenchError) as refused:
        get(case, service, country)
    assert refused.value.issues[0].key in ("sources.unexpected", "sources.not_json")
    assert "(1)" in str(refused.value)
    assert [path.name for path in country.rglob("*") if path.is_file()] == ["country.yml"]


@every
def test_no_data_for_a_country_is_said_and_is_no_fault(case: Case, serve: Serve, country: Path):
    service = serve(case, World(empty=True))
    if case.name == "openstreetmap":
        with pytest.raises(WorkbenchError, match="no extract"):
            get(case, service, country)
        return
    ended = prepare(
        case.name, country, options=case.asked(service.address), say=lambda line: None, sleep=lambda pause: None
    )
    assert [issue.key for issue in ended.issues if not issue.stops] == ["sources.nothing"]
    assert ended.paths == ()
    assert [path.name for path in country.rglob("*") if path.is_file()] == ["country.yml"]


@every
def test_two_countries_get_their_own_data_from_one_cache(case: Case, serve: Serve, tmp_path: Path, country: Path):
    service = serve(case)
    get(case, service, country)
    second = make_country(tmp_path / "bruvia", "XBR", "Bruvia")
    paths = get(case, service, second, other=True)
    assert paths
    if case.name != "openstreetmap":
        assert content(paths[0]) != content(written(case, country))


@every
def test_what_was_downloaded_once_works_without_internet(
    case: Case, serve: Serve, tmp_path: Path, country: Path, monkeypatch: pytest.MonkeyPatch
):
    service = serve(case)
    get(case, service, country)
    first, asked = content(written(case, country)), len(service.asked)
    again = make_country(tmp_path / "again", "XAR", "Aruvia")
    # Credentials are not needed for what is here already.
    for name in ("PROTECTED_PLANET_TOKEN", "IUCN_REDLIST_TOKEN", "GBIF_PWD"):
        monkeypatch.delenv(name)
    get(case, service, again)
    assert content(written(case, again)) == first
    assert len(service.asked) == asked


@every
def test_a_data_pack_is_used_and_the_service_never_asked(
    case: Case, serve: Serve, tmp_path: Path, cache: Path, country: Path, monkeypatch: pytest.MonkeyPatch
):
    service = serve(case)
    get(case, service, country)
    pack, asked = cache.rename(tmp_path / "pack"), len(service.asked)
    offline = make_country(tmp_path / "offline", "XAR", "Aruvia")
    get(case, service, offline, pack=pack)
    assert content(written(case, offline)) == content(written(case, country))
    assert len(service.asked) == asked
    with pytest.raises(WorkbenchError) as refused:
        get(case, service, make_country(tmp_path / "more", "XAR", "Aruvia"), pack=pack, release="1999")
    assert refused.value.issues[0].key == "sources.not_in_pack"
    assert "(1)" in str(refused.value)


@every
def test_without_internet_and_without_a_cache_the_steps_by_hand_are_told(
    case: Case, serve: Serve, country: Path, cache: Path
):
    service = serve(case)
    service.stop()
    with pytest.raises(WorkbenchError) as refused:
        get(case, service, country)
    said = str(refused.value)
    assert refused.value.issues[0].key == "sources.no_answer"
    assert "no internet" in said
    assert "(1)" in said
    nothing_is_left(country, cache)


@every
def test_data_that_changed_behind_our_back_are_refused_until_they_are_wanted(
    case: Case, serve: Serve, tmp_path: Path, country: Path, monkeypatch: pytest.MonkeyPatch
):
    service = serve(case)
    get(case, service, country)
    before = content(written(case, country))
    # Another computer, with the same country folder and an empty cache, some time later.
    monkeypatch.setenv("GBF_CACHE", str(tmp_path / "elsewhere"))
    service.world.shift, service.world.release = 1, "2"
    with pytest.raises(WorkbenchError) as refused:
        get(case, service, country)
    assert refused.value.issues[0].key == "sources.other_release"
    assert content(written(case, country)) == before
    if case.name not in ("fishstat",):
        get(case, service, country, release="latest")
        if case.name != "natural_earth":
            assert content(written(case, country)) != before


@every
def test_no_credential_is_seen_in_anything_written_or_said(
    case: Case, serve: Serve, tmp_path: Path, country: Path, capfd: pytest.CaptureFixture[str], caplog
):
    caplog.set_level("DEBUG")
    service, said = serve(case), []
    secrets = [*case.secrets, "pa$$word", "YS5yZWFkZXI6"]
    service_title = sources()[case.name].title

    def seen() -> str:
        held = b"".join(path.read_bytes() + str(path).encode() for path in tmp_path.rglob("*") if path.is_file())
        out = capfd.readouterr()
        return held.decode("latin-1") + out.out + out.err + "\n".join(said) + caplog.text

    options = case.asked(service.address)
    prepare(case.name, country, options=options, say=said.append, sleep=lambda pause: None)
    assert [secret for secret in secrets if secret in seen()] == []
    # A service may repeat a wrong token in its refusal, or write it into its answers.
    refusal = " ".join([*case.secrets, "go away"]).encode()
    for fault in (lambda reply: Reply(refusal, 403), lambda reply: Reply(refusal, 500), lambda reply: Reply(refusal)):
        service.always = fault
        # Where a signature is asked for first, nobody could know it before it was given.
        service.spoils = lambda asked: "WorldCover" not in service_title or case.data in asked.path
        with pytest.raises(WorkbenchError) as refused:
            prepare(case.name, country, release="latest", options=options, say=said.append, sleep=lambda pause: None)
        said += [str(refused.value), repr(refused.value.issues), repr(refused.value.__context__)]
    assert [secret for secret in secrets if secret in seen()] == []


def content(path: Path) -> object:
    """What a file says, without the hours that archives and databases note."""
    if path.suffix == ".gpkg":
        import geopandas

        layer = geopandas.read_file(path)
        return layer.drop(columns="geometry").to_csv() + "".join(layer.geometry.to_wkt())
    return path.read_bytes()
