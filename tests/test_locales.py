"""Every sentence exists, in every language, with the same blanks to fill in."""

from __future__ import annotations

import csv
import re
import string
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench import locales
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.locales import (
    current_language,
    day,
    digest_of_text,
    label,
    languages,
    number,
    source_texts,
    stamps_of,
    text,
    texts,
    translated_texts,
)
from gbf_workbench.reporting.wording import unit_key, unit_shown

PACKAGE = Path(locales.PACKAGE)
TRANSLATED = [one for one in languages() if one != "en"]
other_languages = pytest.mark.parametrize("language", TRANSLATED)
#: Where a key stands in the code as one word: text("a.b"), problem("a.b"), Issue("error", "a.b").
_KEY = re.compile(r"""(?:\btext\(|\bproblem\(|\bIssue\(\s*"\w+",)\s*"([a-z][a-z_]*(?:\.[a-zA-Z_-]+)+)\"""")


def blanks(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_every_sentence_that_the_code_asks_for_exists():
    known = source_texts()
    asked = {
        (path.relative_to(PACKAGE).as_posix(), key)
        for path in PACKAGE.rglob("*.py")
        for key in _KEY.findall(path.read_text(encoding="utf-8"))
    }
    assert len(asked) > 150
    assert [one for one in sorted(asked) if one[1] not in known] == []


def test_every_english_sentence_can_be_filled_in():
    for key, words in source_texts().items():
        words.format_map(dict.fromkeys(blanks(words), "x"))
        assert not words.endswith(" "), key


@other_languages
def test_a_language_says_everything_that_belongs_to_the_workbench(language: str):
    own = translated_texts(language)
    # A new indicator may wait for its translation; the workbench itself may not.
    started = {key.split(".")[1] for key in own if key.startswith(("indicators.", "tables."))}
    wanted = {
        key for key, words in source_texts().items()
        if words and (not key.startswith(("indicators.", "tables.", "notebooks.")) or key.split(".")[1] in started)
    }  # fmt: skip
    assert sorted(wanted - set(own)) == []


@other_languages
def test_a_translation_has_the_blanks_of_the_english(language: str):
    english = source_texts()
    own = translated_texts(language)
    assert {
        k: (blanks(own[k]), blanks(english[k])) for k in own if k in english and blanks(own[k]) != blanks(english[k])
    } == {}


@other_languages
def test_a_translation_is_of_the_english_of_today(language: str):
    english, stamps = source_texts(), stamps_of(language)
    stale = [
        key for key in translated_texts(language) if key in english and stamps.get(key) != digest_of_text(english[key])
    ]
    assert stale == []


def test_numbers_and_dates_are_shown_in_the_language_of_the_reader():
    assert number(1234567.5, "en", digits=1) == "1,234,567.5"
    assert number(1234567.5, "fr", digits=1) == "1\u202f234\u202f567,5"
    assert number(1234567.5, "es", digits=1) == "1.234.567,5"
    assert number(None, "en") == number(float("nan"), "fr") == "–"
    assert day(date(2026, 2, 28), "es") == "28 de febrero de 2026"


@pytest.mark.parametrize("language", ["en", "fr", "ar", "es"])
@pytest.mark.parametrize("digits", [None, 0, 4])
def test_a_number_out_of_a_damaged_file_is_shown_however_large_it_is(language: str, digits: int | None):
    for value in (1e18, 1.157920892373162e77, -1e308, 10**400, float("inf"), float("-inf")):
        assert 0 < len(number(value, language, digits=digits)) < 20
    assert number(1.157920892373162e77, "en") == "1.158E77"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_a_shown_number_is_near_the_number(value: float):
    shown = number(value, "en").replace(",", "").replace("\u2212", "-")
    assert float(shown) == pytest.approx(value, rel=1e-3, abs=6e-4)


def test_an_unknown_language_names_the_known_ones():
    with pytest.raises(WorkbenchError) as refused:
        current_language("tlh")
    assert "en" in refused.value.lines()[0]


def test_labels_with_years_are_translated_before_the_comma(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(locales, "texts", lambda _: {**texts("en"), "indicators.s.labels.additions": "Ajouts"})
    assert label("Additions, 2000–2010", "s", "en") == "Ajouts, 2000–2010"
    assert label("Some forest of ours", "s", "en") == "Some forest of ours"


def test_a_key_that_does_not_exist_is_a_fault_of_ours():
    with pytest.raises(KeyError):
        text("no.such.key", "en")


def test_units_that_are_words_can_be_said_in_every_language():
    paths = (PACKAGE.parent / "data_samples" / "worked").glob("*/expected.csv")
    lines = (csv.DictReader(path.read_text(encoding="utf-8").splitlines()) for path in paths)
    units = {row["unit"] for rows in lines for row in rows}
    # Symbols are the same everywhere, currencies have codes, and what a country counts has the country's own words.
    units -= {
        "t",
        "t/ha",
        "t N",
        "kg N/ha",
        "kg/(µg/L)",
        "kg/(µg/bee)",
        "1000 ha",
        "1000 fry",
        "individuals",
        "visits",
        "USD",
        "XAF",
        "",
    }
    assert [one for one in sorted(units) if ", prices of " not in one and unit_key(one) not in source_texts()] == []


def test_a_currency_is_named_with_the_year_of_its_prices_in_the_language_of_the_reader():
    assert unit_shown("USD, prices of 2020", "fr") == "USD, prix de 2020"
