"""A country folder: what its files say is understood or refused in words, and nothing outside of it is ever read."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gbf_workbench as gbf
from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.country import open_country
from gbf_workbench.preparation.inputs import find_files, read_inputs
from gbf_workbench.preparation.mapping import TableMapping, read_mapping
from gbf_workbench.preparation.reader.contents import refuse_misnamed
from gbf_workbench.preparation.schema import schema_of

COUNTRY = "code: FJI\nname: {en: Fiji}\n"
SPECIES = (
    "species_id,taxonomic_group,year,category,reason_for_change,scope\n"
    "B1,Birds,2010,LC,,national\nB1,Birds,2020,VU,genuine,national\n"
)
RLI = spec_of("A.3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A country with one good table."""
    (tmp_path / "fiji" / "red_list_index").mkdir(parents=True)
    (tmp_path / "fiji" / "country.yml").write_text(COUNTRY)
    (tmp_path / "fiji" / "red_list_index" / "red_list_assessments.csv").write_text(SPECIES)
    return tmp_path / "fiji"


def write_mapping(folder: Path, words: str | bytes) -> None:
    path = folder / "red_list_index" / "mapping.yml"
    path.write_bytes(words if isinstance(words, bytes) else words.encode())


def said(folder: Path) -> set[tuple[str, str]]:
    """Level and key of all that is said about the data of the Red List Index; anything but words fails the test."""
    try:
        issues = gbf.check("A.3", folder)
    except WorkbenchError as refused:
        issues = refused.issues
    for issue in issues:
        assert issue.line()
        assert issue.remedy() or not issue.stops
    return {(issue.level, issue.key.removeprefix("check.")) for issue in issues}


def test_a_good_folder_says_nothing(folder):
    assert said(folder) == set()


def test_the_subfolder_alone_is_the_same(folder):
    one, other = (gbf.load("A.3", place)["species_assessments"] for place in (folder, folder / "red_list_index"))
    assert one.equals(other)


def test_a_slug_folder_outside_of_any_country_is_read(tmp_path):
    (tmp_path / "red_list_assessments.csv").write_text(SPECIES)
    assert len(gbf.load("A.3", tmp_path)["species_assessments"]) == 2


def test_a_folder_that_is_not_there_is_said(tmp_path):
    assert said(tmp_path / "nowhere") == {("error", "folder_missing")}
    (tmp_path / "file").write_text("")
    assert said(tmp_path / "file") == {("error", "folder_missing")}


# --- Files ------------------------------------------------------------------------------------------------------------


def test_a_table_in_two_files_is_an_error_not_a_choice(folder):
    (folder / "red_list_index" / "red_list_assessments.tsv").write_text(SPECIES.replace(",", "\t"))
    assert ("error", "several_files") in said(folder)


@pytest.mark.parametrize(
    "name", ["red_list_assessment.csv", "Red_List_Counts.csv", "old_red_list_counts.xls", "species.ods"]
)
def test_a_file_that_was_not_used_is_said(folder, name):
    (folder / "red_list_index" / name).write_text("x")
    assert said(folder) == {("flag", "unused_files")}


def test_an_untouched_template_beside_the_data_does_not_stop_the_calculation(folder):
    group, count = (field.example for field in schema_of("red_list_group_sizes").fields)
    (folder / "red_list_index" / "red_list_group_sizes.csv").write_text(
        f"taxonomic_group,species_count\n{group},{count}\n"
    )
    assert said(folder) == {("flag", "example_row")}
    tables = gbf.load("A.3", folder)
    assert "group_sizes" not in tables.inputs.contents
    assert "group_sizes" not in tables.inputs.files


@pytest.mark.parametrize("where", ["a file", "the folder of the indicator"])
def test_a_link_that_leads_out_of_the_folder_is_not_followed(folder, tmp_path, where):
    """HX-01, HX-07: a canary outside must never be read."""
    outside = tmp_path / "secret"
    outside.mkdir()
    (outside / "red_list_assessments.csv").write_text(SPECIES.replace("B1", "canary"))
    own = folder / "red_list_index"
    (own / "red_list_assessments.csv").unlink()
    if where == "a file":
        (own / "red_list_assessments.csv").symlink_to(outside / "red_list_assessments.csv")
    else:
        own.rmdir()
        own.symlink_to(outside)
    country = open_country(folder)
    inputs = read_inputs(country.spec("A.3"), country)
    assert inputs.contents == {}
    assert "check.outside_folder" in {issue.key for issue in inputs.issues}


def test_a_link_inside_the_folder_is_followed(folder):
    table = folder / "red_list_index" / "red_list_assessments.csv"
    table.rename(folder / "data.csv")
    table.symlink_to(folder / "data.csv")
    assert said(folder) == set()


@pytest.mark.parametrize(
    "name",
    [
        "../../secret.csv", "/etc/passwd", "x/../../../secret.csv", "..", ".", "no such file.csv", "a\0b.csv",
        "x" * 5000, "loop.csv", "//secret.csv", "~/secret.csv", "file:///etc/passwd", "/vsicurl/http://127.0.0.1/x.csv",
    ],
)  # fmt: skip
def test_a_name_in_a_mapping_never_leads_out_of_the_folder(folder, name):
    (folder.parent / "secret.csv").write_text(SPECIES.replace("B1", "canary"))
    os.symlink("loop.csv", folder / "red_list_index" / "loop.csv")
    quoted = name.replace("\0", "\\0")
    write_mapping(folder, f'tables:\n  red_list_assessments: {{file: "{quoted}"}}\n')
    found = said(folder)
    assert found & {("error", "outside_folder"), ("error", "file_missing")}
    assert gbf_contents(folder) == {}


def gbf_contents(folder: Path) -> dict:
    country = open_country(folder)
    return dict(read_inputs(country.spec("A.3"), country).contents)


def test_a_mapped_file_may_lie_anywhere_in_its_folder(folder):
    (folder / "red_list_index" / "raw").mkdir()
    (folder / "red_list_index" / "red_list_assessments.csv").rename(folder / "red_list_index" / "raw" / "oiseaux.csv")
    write_mapping(folder, "tables:\n  red_list_assessments: {file: raw/oiseaux.csv}\n")
    assert said(folder) == set()


def test_a_file_that_cannot_be_read_is_said(monkeypatch, tmp_path):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(WorkbenchError) as caught:
        refuse_misnamed(tmp_path / "table.csv")
    assert [issue.key for issue in caught.value.issues] == ["check.unreadable"]
    assert "Permission denied" in str(caught.value)


# --- mapping.yml ------------------------------------------------------------------------------------------------------

#: Each of these must be refused as a broken mapping.
BROKEN_MAPPINGS = {
    "empty": "",
    "a list": "- 1\n- 2\n",
    "a word": "tables",
    "no tables": "format: 1\n",
    "tables are a list": "tables: [red_list_assessments]\n",
    "another heading": "tables: {}\nfiles: {}\n",
    "a table that is not known": "tables: {red_list: {file: x.csv}}\n",
    "a number for a table": "tables: {1: 2}\n",
    "a word that is not known": "tables: {red_list_assessments: {colums: {year: An}}}\n",
    "a column that is not known": "tables: {red_list_assessments: {columns: {yaer: An}}}\n",
    "a constant that is not known": "tables: {red_list_assessments: {constants: {yaer: 2020}}}\n",
    "a class that is not known": "tables: {red_list_assessments: {classes: {cat: {a: LC}}}}\n",
    "columns as a list": "tables: {red_list_assessments: {columns: [year]}}\n",
    "a list for a column": "tables: {red_list_assessments: {columns: {year: [a, b]}}}\n",
    "a list for a constant": "tables: {red_list_assessments: {constants: {year: [1, 2]}}}\n",
    "a list for a file": "tables: {red_list_assessments: {file: [a.csv, b.csv]}}\n",
    "classes without values": "tables: {red_list_assessments: {classes: {category: LC}}}\n",
    "two delimiters": "tables: {red_list_assessments: {delimiter: ;;}}\n",
    "a quotation mark as delimiter": "tables: {red_list_assessments: {delimiter: '\"'}}\n",
    "a decimal mark that is none": "tables: {red_list_assessments: {decimal_mark: x}}\n",
    "row zero": "tables: {red_list_assessments: {header_row: 0}}\n",
    "a row below zero": "tables: {red_list_assessments: {header_row: -3}}\n",
    "a truth value for a row": "tables: {red_list_assessments: {header_row: true}}\n",
    "a word for whole": "tables: {red_list_assessments: {complete: perhaps}}\n",
    "half an unpivot": "tables: {red_list_assessments: {unpivot: {names: year}}}\n",
    "an unpivot into nothing": "tables: {red_list_assessments: {unpivot: {names: a, values: b, columns: {x: 1}}}}\n",
    "an unpivot of a word": "tables: {red_list_assessments: {unpivot: year}}\n",
    "files for a table": "tables: {red_list_assessments: {files: {2020: a.csv}}}\n",
    "a file that is no year": "tables: {red_list_assessments: {files: {next: a.csv}}}\n",
    "a heading twice": "tables: {red_list_assessments: {file: a.csv, file: b.csv}}\n",
    "something that stands for something else": "a: &a [1]\ntables: {red_list_assessments: {file: *a}}\n",
    "broken brackets": "tables: {red_list_assessments: {file: a.csv\n",
    "a tab": "tables:\n\tred_list_assessments: {}\n",
    "a code to run": "tables: !!python/object/apply:os.system [true]\n",
    "a type before a word": "tables: !!int word\n",
    "a date that is none": "tables: !!timestamp word\n",
    "a truth that is none": "tables: !!bool word\n",
    "very deep": "tables: " + "[" * 3000 + "]" * 3000 + "\n",
    "letters of another encoding": b"tables: {red_list_assessments: {file: \xe9.csv}}\n",
    "a NUL": b"tables: \0\n",
    "two documents": "tables: {}\n---\ntables: {}\n",
    "far too long": "# " + "x" * 1_100_000 + "\ntables: {}\n",
}


@pytest.mark.parametrize("name", BROKEN_MAPPINGS)
def test_a_mapping_that_cannot_be_understood_is_refused_whole(folder, name):
    write_mapping(folder, BROKEN_MAPPINGS[name])
    assert said(folder) == {("error", "mapping_broken")}


def test_a_folder_named_like_the_mapping_is_refused(folder):
    (folder / "red_list_index" / "mapping.yml").mkdir()
    assert said(folder) == {("error", "mapping_broken")}


def test_names_that_multiply_are_refused_before_they_do(folder):
    """The billion laughs: forty lines that would become more text than any memory holds."""
    lines = ["a0: &a0 lol"] + [f"a{at}: &a{at} [*a{at - 1}, *a{at - 1}, *a{at - 1}]" for at in range(1, 40)]
    began = time.monotonic()
    write_mapping(folder, "\n".join(lines) + "\ntables: {red_list_assessments: {file: *a39}}\n")
    assert said(folder) == {("error", "mapping_broken")}
    (folder / "country.yml").write_text("\n".join(lines) + "\ncode: *a39\n")
    assert said(folder) == {("error", "country_broken")}
    assert time.monotonic() - began < 20


def test_numbers_and_truth_values_may_name_columns_and_classes(folder):
    write_mapping(
        folder,
        "tables:\n  red_list_assessments:\n    columns: {category: 2020}\n    classes: {category: {1: LC, no: VU}}\n",
    )
    (folder / "red_list_index" / "red_list_assessments.csv").write_text(
        "species_id,taxonomic_group,year,2020,reason_for_change,scope\n"
        "B1,Birds,2010,1,,national\nB1,Birds,2020,no,genuine,national\n"
    )
    assert gbf.load("A.3", folder)["species_assessments"]["category"].tolist() == ["LC", "VU"]


def test_a_column_the_file_does_not_have_is_said_with_those_it_has(folder):
    write_mapping(folder, "tables: {red_list_assessments: {columns: {category: Kategorie}}}\n")
    with pytest.raises(WorkbenchError, match="Kategorie") as refused:
        gbf.load("A.3", folder)
    assert "taxonomic_group" in str(refused.value)


def test_no_mapping_maps_nothing(tmp_path):
    assert read_mapping(tmp_path) == {}


# --- country.yml ------------------------------------------------------------------------------------------------------

BROKEN_COUNTRIES = {
    "empty": "",
    "a list": "- code\n",
    "no name": "code: FJI\n",
    "a code in small letters": "code: fji\nname: Fiji\n",
    "a number for a code": "code: 123\nname: Fiji\n",
    "no code": "name: Fiji\n",
    "a heading that is not known": COUNTRY + "frames: {}\n",
    "a heading that is a number": COUNTRY + "1: 2\n",
    "a name without English": "code: FJI\nname: {fr: Fidji}\n",
    "a list for a name": "code: FJI\nname: {en: [Fiji]}\n",
    "a number for a name": "code: FJI\nname: {en: 1}\n",
    "a later format": COUNTRY + "format: 2\n",
    "a word for a frame": COUNTRY + "frame: land.gpkg\n",
    "a frame layer that is not known": COUNTRY + "frame: {lakes: {file: a.gpkg}}\n",
    "a frame layer without a file": COUNTRY + "frame: {land: {source: x}}\n",
    "a list for a frame file": COUNTRY + "frame: {land: {file: [a, b]}}\n",
    "a frame with a word too many": COUNTRY + "frame: {land: {file: a.gpkg, colour: red}}\n",
    "a frame column that is not known": COUNTRY + "frame: {provinces: {file: a.gpkg, columns: {title: X}}}\n",
    "a coordinate system that is none": COUNTRY + "frame: {crs: banana}\n",
    "a coordinate system in degrees": COUNTRY + "frame: {crs: EPSG:4326}\n",
    "settings as a list": COUNTRY + "settings: [1]\n",
    "settings without names": COUNTRY + "settings: {red_list_index: 5}\n",
    "a year that is none": COUNTRY + "reporting_year: soon\n",
    "a year of two digits": COUNTRY + "reporting_year: 24\n",
    "national indicators as a word": COUNTRY + "national_indicators: hedgerows\n",
    "the code twice": COUNTRY + "code: TON\n",
    "broken": "code: [FJI\n",
}


@pytest.mark.parametrize("name", BROKEN_COUNTRIES)
def test_a_country_file_that_cannot_be_understood_is_refused(folder, name):
    (folder / "country.yml").write_text(BROKEN_COUNTRIES[name], encoding="utf-8")
    found = said(folder)
    assert found
    assert found <= {("error", "country_broken"), ("error", "country_code")}


def test_a_country_file_is_never_half_understood(folder):
    """All that is wrong is said at once."""
    (folder / "country.yml").write_text("code: fiji\nname: []\nreporting_year: x\nframe: []\nfoo: 1\n")
    with pytest.raises(WorkbenchError) as refused:
        open_country(folder)
    assert len(refused.value.issues) == 5


def test_headings_without_anything_below_are_as_if_they_were_not_there(folder):
    (folder / "country.yml").write_text(
        COUNTRY + "settings:\nframe:\nworkbook:\nnational_indicators:\nreporting_year:\n"
    )
    country = open_country(folder)
    assert (country.reporting_year, country.frame.layers, country.settings) == (0, {}, {})


def test_codes_that_yaml_takes_for_something_else_stay_codes(folder):
    """NO is Norway's, not a refusal; a code is never a truth value."""
    (folder / "country.yml").write_text("code: NOR\nname: {en: NO, fr: ON}\n")
    assert open_country(folder).names == {"en": "NO", "fr": "ON"}


def test_the_column_with_the_names_of_provinces_can_be_named_in_two_ways(folder):
    (folder / "country.yml").write_text(COUNTRY + "frame: {provinces: {file: a.gpkg, name_column: NOM}}\n")
    one = open_country(folder).frame.layers["provinces"]
    (folder / "country.yml").write_text(COUNTRY + "frame: {provinces: {file: a.gpkg, columns: {name: NOM}}}\n")
    assert one == open_country(folder).frame.layers["provinces"] == TableMapping(file="a.gpkg", columns={"name": "NOM"})


@pytest.mark.parametrize("file", ["../out.gpkg", "/etc/passwd", "missing.gpkg", "a\\0b.gpkg"])
def test_a_frame_never_leads_out_of_the_folder(folder, file):
    (folder / "country.yml").write_text(COUNTRY + f'frame: {{land: {{file: "{file}"}}}}\n')
    country = open_country(folder)
    with pytest.raises(WorkbenchError) as refused:
        find_files(spec_of("A.2"), country)
    assert {issue.key for issue in refused.value.issues} <= {"check.outside_folder", "check.file_missing"}


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3000)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["FJI", "en"])
)
headings = st.sampled_from(
    "format code name languages reporting_year frame settings workbook national_indicators tables file files sheet "
    "header_row columns constants classes missing unpivot names values land provinces crs year category "
    "red_list_assessments red_list_index delimiter encoding decimal_mark complete".split()
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(headings | scalars, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=40)
@given(country=trees, mapping=trees)
def test_whatever_somebody_writes_into_the_two_files_is_answered_in_words(tmp_path_factory, country, mapping):
    import yaml

    folder = tmp_path_factory.mktemp("any")
    (folder / "red_list_index").mkdir()
    (folder / "red_list_index" / "red_list_assessments.csv").write_text(SPECIES)
    write_mapping(folder, yaml.dump({"tables": {"red_list_assessments": mapping}}, allow_unicode=True))
    said(folder)
    filled = {**{"code": "FJI", "name": "Fiji"}, **(country if isinstance(country, dict) else {"settings": country})}
    (folder / "country.yml").write_text(yaml.dump(filled, allow_unicode=True), encoding="utf-8")
    said(folder)
