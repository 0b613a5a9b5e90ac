"""Files that somebody brought lie under names every system can have, and zipped country folders open with care."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.doors.arrivals import Arrival, is_country_archive, make_country, recognised, unpack_country
from gbf_workbench.errors import WorkbenchError
from tests.bad_inputs.case import covers

RLI = spec_of("A.3")
ROLE = "species_assessments"
ROWS = "species_id,taxonomic_group,year,category\nS1,Frogs,2000,LC\n"


def placed(folder: Path, *names: str) -> list[str]:
    """The names under which files with these names come to lie in a country folder."""
    source = folder / "source.csv"
    source.write_text(ROWS, encoding="utf-8")
    country = make_country(RLI, [Arrival(source, name, ROLE) for name in names], folder / "country")
    own = country / RLI.slug
    return sorted(path.name for path in own.iterdir() if path.name != "mapping.yml")


@covers("FX-06")
@pytest.mark.parametrize(
    "name",
    [
        "aux.csv", "CON.csv", "nul.tar.csv", "com1.csv", "LPT9.csv", "a:b.csv", "x" * 300 + ".csv", "区" * 90 + ".csv",
        "../../etc/passwd", ".csv", "...", "trailing.csv.", "-rf.csv", "a\x00b.csv", 'quo"te.csv', "a\nb.csv",
        "~/x.csv",
    ],
)  # fmt: skip
def test_a_name_that_some_system_cannot_have_is_not_used(tmp_path: Path, name: str):
    (given_name,) = placed(tmp_path, name)
    assert len(given_name.encode()) <= 150
    assert not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)", given_name)
    assert not set(given_name) & set('<>:"/\\|?*\0\n')
    assert given_name[0] not in "-."
    assert given_name[-1] not in ". "


@covers("FX-06")
@pytest.mark.parametrize("name", ["aires protégées 2024.csv", "保护区.csv", "المحميات.csv", "a-b_c.d.csv"])
def test_a_good_name_in_any_script_stays(tmp_path: Path, name: str):
    assert placed(tmp_path, name) == [name]


@covers("FX-06")
def test_names_that_differ_in_capitals_or_accents_only_do_not_meet(tmp_path: Path):
    found = placed(tmp_path, "Frogs.csv", "frogs.csv", "caf\u00e9.csv", "cafe\u0301.csv")
    assert len(found) == 4
    assert len({name.casefold() for name in found}) == 4


@covers("FX-06")
@given(st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=3))
def test_whatever_the_names_each_file_finds_its_place(tmp_path_factory: pytest.TempPathFactory, names: list[str]):
    folder = tmp_path_factory.mktemp("names")
    found = placed(folder, *(name + ".csv" for name in names))
    assert len(found) == len(names)
    assert all((folder / "country" / RLI.slug / name).read_text(encoding="utf-8") == ROWS for name in found)


def test_a_file_that_can_only_be_one_table_is_taken_for_it_even_where_it_cannot_be_read(tmp_path: Path):
    path = tmp_path / "anything.gpkg"
    path.write_bytes(b"<OGRVRTDataSource/>")
    spec = spec_of("3.1")
    layers = [name for name, role in spec.inputs.items() if "frame" not in role.table]
    assert recognised(spec, path, "protected_areas.gpkg").role in layers


def country_zip(path: Path, root: str = "aruvia/", **more: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{root}country.yml", "code: XAR\nname: {en: Aruvia}\n")
        archive.writestr(f"{root}red_list_index/red_list_assessments.csv", ROWS)
        for name, content in more.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("root", ["", "aruvia/", "my land/"])
def test_a_zipped_country_folder_is_known_and_unpacked(tmp_path: Path, root: str):
    path = country_zip(tmp_path / "a.zip", root)
    assert is_country_archive(path, "a.zip")
    folder = unpack_country(path, tmp_path / "into")
    assert (folder / "red_list_index/red_list_assessments.csv").read_text(encoding="utf-8") == ROWS
    assert (folder / "country.yml").is_file()


def test_junk_of_a_mac_does_not_hide_a_country(tmp_path: Path):
    junk = {"__MACOSX/aruvia/._country.yml": "x", "aruvia/.DS_Store": "x"}
    path = country_zip(tmp_path / "a.zip", **junk)
    folder = unpack_country(path, tmp_path / "into")
    assert not list(folder.rglob(".*"))


@covers("HX-07")
@pytest.mark.parametrize("name", ["../x.csv", "aruvia/../../x.csv", "/x.csv", "..\\x.csv", "C:/x.csv"])
def test_a_country_folder_with_a_name_that_leads_out_is_refused_whole(tmp_path: Path, name: str):
    path = country_zip(tmp_path / "a.zip", **{name: "x"})
    with pytest.raises(WorkbenchError) as caught:
        unpack_country(path, tmp_path / "into")
    assert [(issue.key, issue.value) for issue in caught.value.issues] == [("archive.unsafe_name", name)]
    assert not [one for one in tmp_path.rglob("*") if one.suffix in (".csv", ".yml")]


def test_an_archive_that_is_damaged_is_no_country(tmp_path: Path):
    path = country_zip(tmp_path / "a.zip")
    path.write_bytes(path.read_bytes()[:-30])
    assert not is_country_archive(path, "a.zip")


@covers("HX-11")
def test_what_is_exported_holds_no_formula_and_its_numbers_stay():
    import csv
    import io

    import pandas as pd

    from gbf_workbench.reporting.files import csv_text

    starts = ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]
    table = pd.DataFrame({"note": [*starts, "plain"], "value": [-1.5, 2.0, 0.1, -3.0, 4.0, 5.0, 6.0]})
    rows = list(csv.DictReader(io.StringIO(csv_text(table), newline="")))
    assert [row["note"] for row in rows] == [*(f"'{one}" for one in starts[:-1]), "'\n=1", "plain"]
    assert [float(row["value"]) for row in rows] == table["value"].tolist()
