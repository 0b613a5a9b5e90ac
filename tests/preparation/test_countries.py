"""Names and codes of countries: each means one country or is asked, in six languages, and nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench.errors import Issue
from gbf_workbench.pipeline import check, compute, load
from gbf_workbench.preparation.countries import LANGUAGES, country_codes, country_name, country_reading
from tests.bad_inputs import country_codes as cases
from tests.bad_inputs import red_list
from tests.bad_inputs.case import Table, covers, make_country, put_tables

#: Short names that two areas share in at least one language; they are asked, so they cannot come back as one code.
ASKED = {("COG", "es"), ("MAF", "en"), ("MAF", "fr")}


def of_table(folder: Path, table: Table) -> tuple[Issue, ...]:
    country = make_country(folder / "country")
    put_tables(country, cases.CODE, [table, cases._TOTALS])
    return check(cases.CODE, country)


def providers(folder: Path, *names: str, **mapping: object) -> list[str]:
    country = make_country(folder / "country")
    good = cases.contributions(*names)
    put_tables(country, cases.CODE, [Table(good.name, good.rows, mapping), cases._TOTALS])
    return load(cases.CODE, country)["multilateral_contributions"]["provider"].tolist()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_name_of_every_country_leads_back_to_its_code(language: str):
    wrong = {}
    for code in country_codes():
        found = country_reading(country_name(code, language))
        if (code, language) in ASKED:
            assert (found.kind, code in found.candidates) == ("shared", True)
        elif found.code != code:
            wrong[code] = found
    assert not wrong


def test_every_code_stays_as_it_is():
    assert all(country_reading(code).kind == "code" for code in country_codes())
    assert len(country_codes()) == 250


def test_no_name_means_two_countries():
    meant: dict[str, set[str]] = {}
    for code in country_codes():
        for language in LANGUAGES:
            meant.setdefault(country_name(code, language).casefold(), set()).add(code)
    for name, codes in meant.items():
        if len(codes) > 1:
            assert country_reading(name).kind == "shared", name


@given(st.sampled_from(country_codes()), st.sampled_from(LANGUAGES), st.sampled_from((str.upper, str.lower, str.title)))
def test_capitals_and_spaces_do_not_change_what_a_name_means(code: str, language: str, write):
    name = country_name(code, language)
    assert country_reading(f"  {write(name)} ") == country_reading(name) or write(name) == code


@given(st.text(max_size=30))
def test_any_text_has_a_reading_and_a_code_is_read_as_itself(text: str):
    found = country_reading(text)
    if found.code:
        assert country_reading(found.code).code == found.code
    else:
        assert all(country_reading(one).code == one for one in found.candidates)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Ivory Coast", "CIV"), ("Turkey", "TUR"), ("Türkiye", "TUR"), ("Swaziland", "SWZ"), ("Niger", "NER"),
        ("Georgia", "GEO"), ("Dominica", "DMA"), ("Samoa", "WSM"), ("Guinea", "GIN"), ("Micronesia", "FSM"),
        ("Kosovo", "XKX"), ("Congo, Dem. Rep.", "COD"), ("UK", "GBR"), ("EL", "GRC"), ("004", "AFG"), ("4", "AFG"),
        ("4.0", "AFG"), ("894", "ZMB"), ("276", "DEU"), ("231", "ETH"), ("729", "SDN"), ("xar", "XAR"),
    ],
)  # fmt: skip
def test_what_else_one_country_is_called(words: str, code: str):
    assert country_reading(words).code == code


@pytest.mark.parametrize(
    ("old", "heirs"),
    [
        ("ROM", {"ROU"}), ("ZAR", {"COD"}), ("TMP", {"TLS"}), ("BUR", {"MMR"}), ("SCG", {"SRB", "MNE"}),
        ("YU", {"SRB", "MNE"}), ("ANT", {"CUW", "SXM", "BES"}), ("891", {"SRB", "MNE"}), ("230", {"ETH"}),
        ("280", {"DEU"}), ("200", {"CZE", "SVK"}),
    ],
)  # fmt: skip
def test_an_old_code_or_number_is_offered_its_heirs_and_takes_none(old: str, heirs: set[str]):
    found = country_reading(old)
    assert (found.kind, found.code, set(found.candidates)) == ("former", "", heirs)


@pytest.mark.parametrize("words", ["nan", "Nigeira", "Guinée-Bisau", "Jammu and Kashmir", "Republic of Nowhere", "999"])
def test_what_is_no_name_is_never_taken_for_the_nearest(words: str):
    found = country_reading(words)
    assert (found.kind, found.code) == ("unknown", "")


def test_unions_and_regions_are_no_country():
    names = ["EU", "European Union", "World", "Sub-Saharan Africa", "Latin America", "SIDS"]
    names += [Locale(language).territories["001"] for language in LANGUAGES]
    assert {country_reading(name).kind for name in names} == {"group"}


def test_names_and_codes_of_two_letters_become_codes_in_one_line_that_lists_them(tmp_path: Path):
    issues = of_table(tmp_path, cases.contributions("France", "276", "KE", "مصر"))
    assert [(one.level, one.key, one.rows) for one in issues] == [("repair", "check.country_converted", (2, 3, 4, 5))]
    assert "France → FRA, 276 → DEU, KE → KEN, مصر → EGY" in issues[0].sentence("en")


def test_na_is_namibia_among_codes_of_two_letters(tmp_path: Path):
    assert providers(tmp_path, "FR", "DE", "NA", "KE") == ["FRA", "DEU", "NAM", "KEN"]


@pytest.mark.parametrize("said", ["NA", "na"])
def test_na_is_asked_among_other_codes_and_the_answer_holds(tmp_path: Path, said: str):
    issues = of_table(tmp_path / "asked", cases.contributions("FRA", said, "KEN", "DEU"))
    assert [(one.level, one.key, one.rows, one.value) for one in issues] == [
        ("question", "check.country_na", (3,), said)
    ]
    found = providers(tmp_path / "told", "FRA", said, "KEN", "DEU", classes={"provider": {said: "NAM"}})
    assert found == ["FRA", "NAM", "KEN", "DEU"]


def test_an_old_code_that_was_accepted_counts_for_the_country_of_today(tmp_path: Path):
    assert providers(tmp_path, "ROM", "FRA", classes={"provider": {"ROM": "ROU"}}) == ["ROU", "FRA"]


def test_an_accepted_code_that_makes_a_country_stand_twice_is_an_error_with_both_rows_and_values(tmp_path: Path):
    table = cases.contributions("ROM", "ROU", "FRA")
    (one,) = of_table(tmp_path, Table(table.name, table.rows, {"classes": {"provider": {"ROM": "ROU"}}}))
    assert (one.level, one.key, one.rows) == ("error", "check.duplicate_key", (2, 3))
    assert "1210.5 / 377.25" in one.sentence("en")


def test_one_country_under_two_names_with_the_same_values_is_no_mere_repeat(tmp_path: Path):
    issues = of_table(tmp_path, cases.contributions("Romania", "ROU", amounts=(10.5, 10.5)))
    twice = [one for one in issues if one.level == "error"]
    assert [(one.key, one.rows, one.column) for one in twice] == [("check.under_two_names", (2, 3), "provider")]


def test_a_group_can_be_left_out_or_kept_for_what_it_is(tmp_path: Path):
    assert providers(tmp_path / "out", "FRA", "World", leave_out_rows=[3]) == ["FRA"]
    assert providers(tmp_path / "kept", "FRA", "Africa", keep_rows=[3]) == ["FRA", "Africa"]


@covers("CC-02")
def test_na_blank_no_value_dd_and_ne_are_five_things(tmp_path: Path):
    """NA, DD and NE are categories that are counted apart; a blank is an error, and n/a a question."""
    header, *rows = red_list.GOOD.rows
    more = [["F4", "Exempla major", "NA"], ["F5", "Exempla rara", "DD"], ["F6", "Exempla vaga", "NE"]]
    kept = [
        [one, name, "Frogs", year, category, "", "national"] for year in (2010, 2020) for one, name, category in more
    ]
    country = make_country(tmp_path / "good")
    put_tables(country, "A.3", [Table(red_list._TABLE, [header, *rows, *kept])])
    said = [one.sentence("en") for one in compute("A.3", country).issues]
    assert [text for text in said if "(NA)" in text and text.startswith("1 ")]
    assert [text for text in said if "(NE)" in text and text.startswith("1 ")]
    assert [text for text in said if "Data Deficient" in text and text.startswith("1 ")]
    unclear = [
        [f"F{7 + at}", "Exempla muta", "Frogs", 2020, said, "", "national"] for at, said in enumerate(["", "n/a"])
    ]
    country = make_country(tmp_path / "unclear")
    put_tables(country, "A.3", [Table(red_list._TABLE, [header, *rows, *kept, *unclear])])
    found = {(one.level, one.key, one.rows) for one in check("A.3", country) if one.column == "category"}
    assert found == {("error", "check.required", (14,)), ("question", "check.stand_in", (15,))}
