"""One file at a time: carried on after a cut, compared with its checksum, never half there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from gbf_workbench import __version__
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.sources.catalogue import source_of
from gbf_workbench.preparation.sources.connection import Connection, user_agent
from gbf_workbench.preparation.sources.downloads import download, pages
from gbf_workbench.preparation.sources.origins import SourceRecord, public_url, recorded_sources, write_records
from tests.preparation.sources.local_service import LocalService, Reply, as_file, as_json

CONTENT = os.urandom(200_000)


@pytest.fixture
def service() -> Iterator[LocalService]:
    """A service with one file, ``/data.bin``."""
    one = LocalService(lambda asked, address: as_file(CONTENT, '"v1"')).start()
    yield one
    one.stop()


def connect(service: LocalService, waited: list[float] | None = None, **secrets: str) -> Connection:
    return Connection(source_of("fishstat"), service.address, secrets, (waited if waited is not None else []).append)


def bytes_sent(service: LocalService) -> list[str]:
    return [asked.headers.get("Range", "") for asked in service.asked]


def test_a_download_that_was_cut_off_goes_on_where_it_stopped(service: LocalService, tmp_path: Path):
    service.faults = [lambda reply: replace(reply, cut=120_000)]
    path = download(connect(service), "data.bin", tmp_path / "data.bin")
    assert path.read_bytes() == CONTENT
    first, second = bytes_sent(service)
    assert first == ""
    # A little of what is there already is asked for again, to see that it is the same file.
    assert 100_000 < int(second.removeprefix("bytes=").rstrip("-")) < 120_000
    assert [one.name for one in tmp_path.iterdir()] == ["data.bin"]


def test_a_later_call_goes_on_where_an_earlier_one_gave_up(service: LocalService, tmp_path: Path):
    service.faults = [lambda reply: replace(reply, cut=150_000)] + [lambda reply: Reply(b"no", 500)] * 5
    with pytest.raises(WorkbenchError):
        download(connect(service), "data.bin", tmp_path / "data.bin")
    assert not (tmp_path / "data.bin").exists()
    service.asked.clear()
    download(connect(service), "data.bin", tmp_path / "data.bin")
    assert (tmp_path / "data.bin").read_bytes() == CONTENT
    assert int(bytes_sent(service)[0].removeprefix("bytes=").rstrip("-")) > 100_000


def test_the_rest_of_another_file_is_never_joined_to_the_beginning_of_the_first(tmp_path: Path):
    """The file was replaced between the cut and the next try, by a service without and one with version marks."""
    other = os.urandom(200_000)
    for tags in (('"v1"', '"v2"'), ("", "")):
        held = {"content": CONTENT, "tag": tags[0]}
        one = LocalService(lambda asked, address, held=held: as_file(held["content"], held["tag"])).start()
        if not tags[0]:
            one.always = lambda reply: replace(reply, headers={})
        one.faults = [lambda reply: replace(reply, cut=120_000)] + [lambda reply: Reply(b"no", 500)] * 5
        with pytest.raises(WorkbenchError):
            download(connect(one), "data.bin", tmp_path / f"data{len(tags[0])}.bin")
        held.update(content=other, tag=tags[1])
        path = download(connect(one), "data.bin", tmp_path / f"data{len(tags[0])}.bin")
        one.stop()
        assert path.read_bytes() == other


def test_a_service_that_knows_no_parts_sends_the_whole_once_more(service: LocalService, tmp_path: Path):
    service.faults = [lambda reply: replace(reply, cut=90_000, ranges=False)]
    service.always = lambda reply: replace(reply, ranges=False)
    assert download(connect(service), "data.bin", tmp_path / "data.bin").read_bytes() == CONTENT


def test_a_file_that_became_shorter_is_downloaded_from_the_beginning(service: LocalService, tmp_path: Path):
    (tmp_path / "data.bin.part").write_bytes(os.urandom(300_000))
    assert download(connect(service), "data.bin", tmp_path / "data.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_a_file_that_differs_from_its_checksum_is_thrown_away(kind: str, service: LocalService, tmp_path: Path):
    right = hashlib.new(kind, CONTENT).hexdigest()
    assert download(connect(service), "data.bin", tmp_path / "right.bin", digest=right.upper()).exists()
    with pytest.raises(WorkbenchError, match="published checksum"):
        download(connect(service), "data.bin", tmp_path / "wrong.bin", digest=right[::-1])
    assert [one.name for one in tmp_path.iterdir()] == ["right.bin"]


def test_what_is_there_already_is_not_downloaded_again(service: LocalService, tmp_path: Path):
    for _ in range(2):
        download(connect(service), "data.bin", tmp_path / "data.bin")
    assert len(service.asked) == 1


def test_progress_is_told_in_plain_lines(service: LocalService, tmp_path: Path):
    said: list[str] = []
    download(connect(service), "data.bin", tmp_path / "data.bin", say=said.append)
    assert said[-1] == "data.bin: 0.2 of 0.2 MB"


def test_an_empty_file_and_half_an_archive_are_refused(tmp_path: Path):
    one = LocalService(
        lambda asked, address: Reply(b"" if "empty" in asked.path else b"PK\x03\x04" + bytes(99))
    ).start()
    with pytest.raises(WorkbenchError, match="empty file"):
        download(connect(one), "empty.csv", tmp_path / "empty.csv")
    with pytest.raises(WorkbenchError, match="cut off"):
        download(connect(one), "half.zip", tmp_path / "half.zip")
    one.stop()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["seconds", "date", "none", "nonsense"])
def test_the_pause_a_service_asks_for_is_kept_in_every_form(form: str, service: LocalService, tmp_path: Path):
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    headers = {"seconds": {"Retry-After": "40"}, "date": {"Retry-After": later}, "none": {}}.get(
        form, {"Retry-After": "soon"}
    )
    service.faults = [lambda reply: Reply(b"", 429, headers)]
    waited: list[float] = []
    download(connect(service, waited), "data.bin", tmp_path / "data.bin")
    assert (37 <= waited[0] <= 41) if form in ("seconds", "date") else waited[0] == 2.0


def test_a_long_block_is_told_instead_of_waited_for(service: LocalService, tmp_path: Path):
    service.faults = [lambda reply: Reply(b"60 downloads per hour", 429, {"Retry-After": "3600"})]
    waited: list[float] = []
    with pytest.raises(WorkbenchError, match="about 60 minutes"):
        download(connect(service, waited), "data.bin", tmp_path / "data.bin")
    assert waited == []


def test_the_workbench_says_who_it_is_and_whom_to_write_to(monkeypatch: pytest.MonkeyPatch):
    assert user_agent() == f"gbf-workbench/{__version__}"
    monkeypatch.setenv("GBF_CONTACT", "data@environment.example\r\nX-Evil: 1 Ж")
    assert user_agent() == f"gbf-workbench/{__version__} (data@environment.example X-Evil: 1 )"


def test_credentials_go_to_the_host_of_the_service_only_and_never_in_the_clear(service: LocalService):
    other = LocalService(lambda asked, address: as_json([])).start()
    asking = connect(service, TOKEN="hush-hush")
    asking.headers["Authorization"] = "Bearer hush-hush"
    asking.ask("data.bin")
    asking.json(f"{other.address}/list")
    other.stop()
    assert service.asked[0].headers["Authorization"] == "Bearer hush-hush"
    assert "Authorization" not in other.asked[0].headers
    with pytest.raises(WorkbenchError, match="not encrypted"):
        Connection(source_of("fishstat"), "http://data.example", {"TOKEN": "hush-hush"})
    for address in ("file:///etc/passwd", "ftp://data.example", "data.example", ""):
        with pytest.raises(WorkbenchError, match="address"):
            Connection(source_of("fishstat"), address, {})


def test_a_credential_is_cut_out_of_what_a_service_sends(tmp_path: Path):
    one = LocalService(lambda asked, address: as_json({"next": "https://x/?token=a%2Bb%2Fsecret&p=a+b/secret"})).start()
    answer, _ = connect(one, TOKEN="a+b/secret").json("list")
    one.stop()
    assert answer == {"next": "https://x/?token=***&p=***"}
    assert public_url("https://u:p@x.org/a?api_key=1&sig=2&country=XAR") == "https://x.org/a?country=XAR"


def test_records_of_a_folder_and_below_are_read_back_as_they_were_written(tmp_path: Path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    one = SourceRecord(
        "a.csv", "s", "S", "1", "https://x", "CC0", "Ä (2020)", "none", "forbidden", "2026-01-01", 3, "f" * 64
    )
    two = SourceRecord("b.csv", "t", made_from=({"file": "raw.json", "sha256": "e" * 64},))
    write_records(tmp_path / "deep" / "er", [one])
    write_records(tmp_path / "deep" / "er", [two])
    found = recorded_sources(tmp_path)
    assert [record.file for record in found] == ["deep/er/a.csv", "deep/er/b.csv"]
    assert replace(found[0], file="a.csv") == one
    assert replace(found[1], file="b.csv") == two


def test_a_broken_record_is_told_and_not_passed_over(tmp_path: Path):
    (tmp_path / "sources.yml").write_text("files: [1, 2]\n", encoding="utf-8")
    with pytest.raises(WorkbenchError, match=r"sources\.yml"):
        recorded_sources(tmp_path)


def paged(contents: dict[int, list[str]]) -> LocalService:
    """A service with pages of two records."""
    return LocalService(lambda asked, address: as_json(contents[int(asked.query["page"])]))


def collect(service: LocalService, folder: Path) -> list[str]:
    asking = connect(service)

    def ask(page: int) -> tuple[list[str], bool]:
        records, _ = asking.json("list", {"page": page})
        return records, len(records) < 2

    return json.loads(pages(asking, "all.json", folder, ask).read_text(encoding="utf-8"))


def test_pages_that_are_there_are_not_asked_for_again(tmp_path: Path):
    service = paged({1: ["a", "b"], 2: ["c", "d"], 3: ["e"]}).start()
    service.spoils = lambda asked: asked.query["page"] == "3"
    service.faults = [lambda reply: Reply(b"", 404)]
    with pytest.raises(WorkbenchError):
        collect(service, tmp_path)
    assert not (tmp_path / "all.json").exists()
    service.asked.clear()
    assert collect(service, tmp_path) == ["a", "b", "c", "d", "e"]
    service.stop()
    # The first page is looked at once more, to see that nothing has changed.
    assert [asked.query["page"] for asked in service.asked] == ["1", "3"]
    assert [one.name for one in tmp_path.iterdir()] == ["all.json"]


def test_pages_of_two_releases_are_never_mixed(tmp_path: Path):
    contents = {1: ["a", "b"], 2: ["c", "d"], 3: ["e"]}
    service = paged(contents).start()
    service.spoils = lambda asked: asked.query["page"] == "3"
    service.faults = [lambda reply: Reply(b"", 404)]
    with pytest.raises(WorkbenchError):
        collect(service, tmp_path)
    contents.update({1: ["A", "B"], 2: ["C", "D"], 3: ["E"]})
    assert collect(service, tmp_path) == ["A", "B", "C", "D", "E"]
    service.stop()


def test_names_that_are_no_utf_8_are_refused_and_not_changed(tmp_path: Path):
    service = LocalService(lambda asked, address: Reply('["Curaçao"]'.encode("latin-1"))).start()
    with pytest.raises(WorkbenchError, match="no data"):
        connect(service).json("list")
    service.stop()
