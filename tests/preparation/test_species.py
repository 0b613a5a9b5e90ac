"""Scientific names: one spelling whatever stands around them, ranks and doubts, synonyms by the country's own list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.pipeline import check, load
from gbf_workbench.preparation.species import are_scientific_names, scientific_name
from tests.bad_inputs.case import Rows, Table, csv_bytes, make_country, put_tables
from tests.bad_inputs.red_list import _HEADER

AUTHORS = [
    "L.", "(L.) Medik.", "Linnaeus, 1758", "(Linnaeus, 1758)", "Müller Arg.", "Hook. f. & Thomson", "d'Orbigny, 1840",
    "(Houtt.) Ronse Decr.", "vander Linden 1825", "de Vries ex Aiton", "auct. non L.",
]  # fmt: skip
WORDS = st.text("abcdefghiklmnoprstuv", min_size=4, max_size=12)
GENERA = WORDS.map(str.capitalize)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Panthera leo (Linnaeus, 1758)", "Panthera leo"),
        ("Quercus robur L.", "Quercus robur"),
        ("QUERCUS ROBUR L.", "Quercus robur"),
        ("PANTHERA LEO (LINNAEUS, 1758)", "Panthera leo"),
        ("panthera leo", "Panthera leo"),
        ("Panthera_leo", "Panthera leo"),
        ("_Panthera leo_", "Panthera leo"),
        ("*Panthera leo*", "Panthera leo"),
        ("<i>Panthera leo</i> (Linnaeus)", "Panthera leo"),
        ("Panthera\u00a0leo", "Panthera leo"),
        ("  Panthera   leo. ", "Panthera leo"),
        ("†Raphus cucullatus", "Raphus cucullatus"),
        ("Isoëtes lacustris L.", "Isoetes lacustris"),
        ("Capsella bursa-pastoris (L.) Medik.", "Capsella bursa-pastoris"),
        ("Polygonia c-album", "Polygonia c-album"),
        ("Anopheles (Cellia) gambiae Giles, 1902", "Anopheles gambiae"),
        ("Aeshna affinis vander Linden 1820", "Aeshna affinis"),
        ("Carex flava L. s.str.", "Carex flava"),
        ("Mentha x piperita L.", "Mentha × piperita"),
        ("Mentha ×piperita", "Mentha × piperita"),
        ("X Cupressocyparis leylandii", "×Cupressocyparis leylandii"),
        ("Rosa canina L. f. ex Aiton", "Rosa canina"),
    ],
)
def test_a_species_has_one_spelling(written: str, name: str):
    found = scientific_name(written)
    assert (found.name, found.rank, found.doubt) == (name, "species", "")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Testudo graeca soussensis", "Testudo graeca soussensis"),
        ("Testudo graeca ssp. soussensis Pieh", "Testudo graeca subsp. soussensis"),
        ("Quercus robur L. subsp. robur", "Quercus robur subsp. robur"),
        ("Rosa canina L. f. alba", "Rosa canina f. alba"),
        ("Fallopia japonica var. japonica (Houtt.) Ronse Decr.", "Fallopia japonica var. japonica"),
        ("Hedera helix L. 'Baltica'", "Hedera helix 'Baltica'"),
    ],
)
def test_what_is_below_the_species_is_seen_with_its_rank(written: str, name: str):
    found = scientific_name(written)
    assert (found.name, found.rank) == (name, "infraspecific")


@pytest.mark.parametrize(
    ("written", "rank", "doubt"),
    [
        ("Testudo", "genus", ""), ("Orchidaceae", "genus", ""), ("Testudo sp.", "genus", "unnamed"),
        ("Testudo sp. 2", "genus", "unnamed"), ("Testudo spp.", "genus", "unnamed"), ("Quercus L.", "genus", ""),
        ("Rubus fruticosus agg.", "group", ""), ("Rubus gr. fruticosus", "group", "unnamed"),
        ("Larus argentatus/cachinnans", "group", ""), ("Salix alba x S. fragilis", "formula", ""),
        ("Testudo cf. graeca", "species", "uncertain"), ("Testudo aff. graeca", "species", "uncertain"),
        ("Testudo graeca?", "species", "uncertain"), ("P. leo", "", "abbreviated"), ("Лев", "", "no_name"),
        ("XAR-0001", "", "no_name"), ("12", "", "no_name"), ("", "", "no_name"), ("n/a", "", "no_name"),
        ("P\u0430nthera leo", "species", "look_alike"),
    ],
)  # fmt: skip
def test_what_is_not_one_species_for_sure_says_why_and_keeps_its_words(written: str, rank: str, doubt: str):
    found = scientific_name(written)
    assert (found.rank, found.doubt) == (rank, doubt)
    assert found.name == ("Panthera leo" if doubt == "look_alike" else written.replace(" x ", " × "))


@given(GENERA, WORDS, st.sampled_from(AUTHORS))
def test_an_author_never_changes_the_name(genus: str, epithet: str, author: str):
    alone, signed = scientific_name(f"{genus} {epithet}"), scientific_name(f"{genus} {epithet} {author}")
    if alone.rank == "species":
        assert (signed.name, signed.rank, signed.doubt) == (alone.name, alone.rank, alone.doubt)
        assert signed.authorship == author


@given(st.text(max_size=40))
def test_any_text_can_be_read_and_reading_it_again_changes_nothing(text: str):
    once = scientific_name(text)
    again = scientific_name(once.name)
    assert again.name == once.name
    assert again.rank == once.rank


@given(
    GENERA, WORDS, WORDS, st.sampled_from(["", " subsp. ", " ssp. ", " var. ", " "]), st.sampled_from([*AUTHORS, ""])
)
def test_a_normal_name_stays_as_it_is(genus: str, epithet: str, lower: str, mark: str, author: str):
    once = scientific_name(f"{genus} {epithet}{mark + lower if mark else ''} {author}")
    again = scientific_name(once.name)
    assert (again.name, again.rank, again.authorship or "") == (once.name, once.rank, again.authorship)


def test_marks_of_rank_do_not_tell_two_names_apart():
    assert len({scientific_name(one).key for one in ("Aus bus subsp. cus", "Aus bus cus L.", "AUS BUS SSP. CUS")}) == 1


def test_identifiers_and_everyday_names_are_not_taken_for_scientific_names():
    assert are_scientific_names(["Testudo graeca", "Quercus ilex L.", "Exempla minor", "Testudo sp."])
    assert not are_scientific_names(["Red fox", "Brown bear", "Wolf", "White-tailed eagle", "Elk"])
    assert not are_scientific_names(["F1", "F2", "F3"])
    assert not are_scientific_names(["XAR-0001", "Testudo graeca", "XAR-0002"])


# -- in tables ---------------------------------------------------------------------------------------------------------


def assessments(*names: str) -> Table:
    rows = [[f"F{at}", name, "Frogs", 2010, "LC", "", "national"] for at, name in enumerate(names, 1)]
    return Table("red_list_assessments", [_HEADER, *rows])


def found(folder: Path, table: Table, code: str = "A.3", **country: Any) -> tuple[Issue, ...]:
    place = make_country(folder / "country", country)
    put_tables(place, code, [table])
    return check(code, place)


def test_spellings_are_put_right_in_one_line_with_before_and_after(tmp_path: Path):
    (one,) = found(tmp_path, assessments("Exempla alpina L.", "EXEMPLA MINOR", "Exempla rara", "Exempla_vaga"))
    assert (one.level, one.key, one.rows, one.column) == ("repair", "check.name_spelling", (2, 3, 5), "scientific_name")
    assert (one.before, one.after) == ("Exempla alpina L.", "Exempla alpina")
    assert "EXEMPLA MINOR → Exempla minor, Exempla_vaga → Exempla vaga" in one.sentence("en")


def test_an_expert_may_keep_a_spelling(tmp_path: Path):
    word = {"issue": "check.name_spelling", "name": "A. Botanist", "date": "2026-01-31", "reason": "as printed"}
    table = assessments("Exempla alpina L.", "Exempla minor")
    (one,) = found(tmp_path, Table(table.name, table.rows, {"overrules": [word]}))
    assert (one.level, one.key) == ("flag", "check.overruled")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Testudo sp.", "not_a_species"), ("Testudo", "not_a_species"), ("Testudo graeca soussensis", "not_a_species"),
        ("Rubus fruticosus agg.", "not_a_species"), ("Testudo cf. graeca", "species_uncertain"),
        ("T. graeca", "genus_abbreviated"), ("Черепаха", "not_a_name"), ("Test\u0443do graeca", "look_alike"),
    ],
)  # fmt: skip
def test_what_is_no_species_is_an_error_with_its_row_and_can_be_settled(tmp_path: Path, name: str, key: str):
    table = assessments("Exempla alpina", name, "Exempla rara")
    (one,) = found(tmp_path / "asked", table)
    assert (one.level, one.key, one.rows, one.value) == ("error", f"check.{key}", (3,), name)
    told = {"classes": {"scientific_name": {name: "Testudo graeca"}}}
    assert not found(tmp_path / "told", Table(table.name, table.rows, told))


def test_rows_that_somebody_looked_at_may_stay(tmp_path: Path):
    table = assessments("Exempla alpina", "Testudo graeca soussensis")
    assert not found(tmp_path, Table(table.name, table.rows, {"keep_rows": [3]}))


def named_only(*names: str) -> Table:
    """A list that has no identifiers but names."""
    rows = [[name, "Frogs", 2010, "LC", "national"] for name in names]
    return Table("red_list_assessments", [["species_id", "taxonomic_group", "year", "category", "scope"], *rows])


def test_names_in_place_of_identifiers_are_looked_at_too(tmp_path: Path):
    (one,) = found(tmp_path / "rank", named_only("Exempla alpina", "Testudo graeca", "Testudo sp.", "Quercus ilex"))
    assert (one.level, one.key, one.rows, one.value) == ("error", "check.not_a_species", (4,), "Testudo sp.")
    assert not found(tmp_path / "words", named_only("Red fox", "Wolf", "Black-footed ferret", "Elk"))


def test_one_species_with_and_without_its_author_is_named_with_both_rows(tmp_path: Path):
    same = found(tmp_path / "same", named_only("Exempla alpina", "Exempla alpina L.", "Testudo graeca"))
    assert [(one.key, one.rows) for one in same if one.level == "error"] == [("check.under_two_names", (2, 3))]
    table = named_only("Exempla alpina", "Exempla alpina L.", "Testudo graeca")
    table.rows[2][3] = "EN"
    differ = found(tmp_path / "differ", table)
    assert [(one.key, one.rows) for one in differ if one.level == "error"] == [("check.duplicate_key", (2, 3))]


def test_lists_of_alien_species_may_hold_other_ranks(tmp_path: Path):
    header = ["scientific_name", "first_year", "establishment"]
    names = ["Exempla aliena", "Salix alba × S. fragilis", "Testudo sp.", "Testudo graeca subsp. alba"]
    rows = [[name, 1990 + at, "established"] for at, name in enumerate(names)]
    issues = found(tmp_path, Table("alien_species_first_records", [header, *rows]), "6.1")
    assert not [one for one in issues if one.stops]


def test_a_published_list_of_names_is_read_without_a_false_alarm(verify: Path):
    listed = pd.read_csv(verify / "species" / "redlist_flanders_odonata_2006.csv", dtype=str)
    names = [scientific_name(one) for one in listed["scientificName"]]
    assert [one.name for one in names] == [" ".join(one.split()[:2]) for one in listed["scientificName"]]
    assert {(one.rank, one.doubt) for one in names} == {("species", "")}


# -- synonyms ----------------------------------------------------------------------------------------------------------

NAMES: Rows = [
    ["scientificName", "acceptedNameUsage", "taxonomicStatus"],
    ["Exempla alpina L.", "", "accepted"],
    ["Exempla vetusta (L.) Auct.", "Exempla alpina L.", "SYNONYM"],
    ["Exempla antiqua", "Exempla vetusta", "synonym"],
    ["Exempla minor", "Exempla minor", "accepted"],
    ["Exempla duplex", "Exempla minor", "synonym"],
    ["Exempla duplex", "Exempla alpina", "synonym"],
    ["Exempla rotunda", "Exempla rotata", "synonym"],
    ["Exempla rotata", "Exempla rotunda", "synonym"],
]


def with_names(
    folder: Path, table: Table, names: Rows = NAMES, file: str = "names.csv", **words: Any
) -> tuple[Sequence[Issue], Path]:
    said = {"file": file, "source": "Museum, 2024", **words}
    country = make_country(folder / "country", {"checklist": said})
    (country / file).write_bytes(csv_bytes(names, "," if file.endswith("csv") else "\t"))
    put_tables(country, "A.3", [table])
    return check("A.3", country), country


@pytest.mark.parametrize("file", ["names.csv", "names.tsv", "taxon.txt"])
def test_synonyms_are_replaced_in_one_line_that_lists_them(tmp_path: Path, file: str):
    table = assessments("Exempla minor", "Exempla vetusta")
    issues, country = with_names(tmp_path, table, file=file)
    assert [(one.level, one.key, one.rows) for one in issues] == [("repair", "check.synonym_replaced", (3,))]
    assert "Exempla vetusta → Exempla alpina" in issues[0].sentence("en")
    assert load("A.3", country)["species_assessments"]["scientific_name"].tolist() == [
        "Exempla minor",
        "Exempla alpina",
    ]


def test_synonyms_of_synonyms_lead_to_the_name_in_use(tmp_path: Path):
    _, country = with_names(tmp_path, assessments("Exempla antiqua", "Exempla minor"))
    assert load("A.3", country)["species_assessments"]["scientific_name"][2] == "Exempla alpina"


def test_accepted_names_may_be_given_by_their_number(tmp_path: Path):
    header = ["scientificName", "taxonID", "acceptedNameUsageID"]
    names = [header, ["Exempla alpina", "1", "1"], ["Exempla vetusta", "2", "1"]]
    issues, _ = with_names(tmp_path, assessments("Exempla vetusta", "Exempla alpina"), names)
    # Both rows are one species now, and it would count twice.
    assert [(one.level, one.key.rpartition(".")[2]) for one in issues] == [
        ("error", "one_identifier"), ("repair", "synonym_replaced")
    ]  # fmt: skip
    assert "Exempla vetusta → Exempla alpina" in issues[1].sentence("en")


def test_names_that_the_list_knows_pass_without_a_word(tmp_path: Path):
    issues, _ = with_names(tmp_path, assessments("Exempla minor", "Exempla alpina"))
    assert not issues


def test_near_names_are_offered_and_not_taken(tmp_path: Path):
    issues, country = with_names(tmp_path, assessments("Exempla alpinna", "Quercus ilex"))
    said = {one.value: one for one in issues}
    assert said["Exempla alpinna"].key == "check.name_not_listed_near"
    assert "Exempla alpina" in said["Exempla alpinna"].sentence("en")
    assert said["Quercus ilex"].key == "check.name_not_listed"
    assert {one.level for one in issues} == {"flag"}
    assert load("A.3", country)["species_assessments"]["scientific_name"].tolist() == [
        "Exempla alpinna",
        "Quercus ilex",
    ]


@pytest.mark.parametrize(("name", "level"), [("Exempla duplex", "check.synonym_open"), ("Exempla rotunda", "")])
def test_a_synonym_of_two_names_or_in_a_circle_stays(tmp_path: Path, name: str, level: str):
    issues, country = with_names(tmp_path, assessments(name, "Exempla minor"))
    assert [one.key for one in issues] == ([level] if level else [])
    assert load("A.3", country)["species_assessments"]["scientific_name"][2] == name


def test_two_synonyms_of_one_species_in_one_table_are_named_with_both_rows(tmp_path: Path):
    issues, _ = with_names(tmp_path, named_only("Exempla alpina", "Exempla vetusta", "Exempla minor"))
    assert [(one.key, one.rows) for one in issues if one.level == "error"] == [("check.under_two_names", (2, 3))]


def test_an_expert_may_keep_a_synonym(tmp_path: Path):
    word = {"issue": "check.synonym_replaced", "name": "A. Botanist", "date": "2026-01-31", "reason": "national usage"}
    table = assessments("Exempla vetusta", "Exempla minor")
    issues, _ = with_names(tmp_path, Table(table.name, table.rows, {"overrules": [word]}))
    assert [(one.level, one.key) for one in issues] == [("flag", "check.overruled")]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("names.csv", "checklist"), ({"file": "names.csv"}, "source"), ({"source": "x"}, "file"),
        ({"file": "names.csv", "source": "x", "colums": {}}, "colums"),
        ({"file": "names.csv", "source": "x", "columns": {"genus": "G"}}, "genus"),
    ],
)  # fmt: skip
def test_a_broken_word_about_the_checklist_is_named_as_country_yml(tmp_path: Path, said: Any, reason: str):
    country = make_country(tmp_path / "country", {"checklist": said})
    with pytest.raises(WorkbenchError) as refused:
        check("A.3", country)
    assert {one.file for one in refused.value.issues} == {"country.yml"}
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("file", "key"), [("nowhere.csv", "check.file_missing"), ("../out.csv", "check.outside_folder")]
)
def test_a_checklist_that_is_not_there_stops_with_its_name(tmp_path: Path, file: str, key: str):
    country = make_country(tmp_path / "country", {"checklist": {"file": file, "source": "x"}})
    put_tables(country, "A.3", [assessments("Exempla alpina", "Exempla minor")])
    assert [one.key for one in check("A.3", country) if one.level == "error"] == [key]
