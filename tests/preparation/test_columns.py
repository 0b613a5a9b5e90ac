"""Columns as a whole: the quick road and the careful one agree, and no number changes without a word."""

from __future__ import annotations

import unicodedata
from datetime import date
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.columns import Source, convert
from gbf_workbench.preparation.mapping import Overrule, TableMapping
from gbf_workbench.preparation.numerals import Percent
from gbf_workbench.preparation.row_codes import RowCodes
from gbf_workbench.preparation.schema import Field, schema_of
from gbf_workbench.preparation.tables import read_table
from gbf_workbench.preparation.units import factor

FIELDS = {
    "number": Field("f", "number"),
    "area": Field("f", "number", minimum=0, unit="km2"),
    "share": Field("f", "number", minimum=0, maximum=1, format="fraction"),
    "percent": Field("f", "number", minimum=0, maximum=100, format="percent"),
    "count": Field("f", "integer", minimum=0, format="count"),
    "size": Field("f", "number", minimum=0, format="count", bounds=("low", "high"), missing_values=("-7",)),
    "year": Field("f", "year", minimum=1900, maximum=2100, required=True),
    "name": Field("f", required=True),
    "words": Field("f"),
    "class": Field("f", enum=("LC", "VU"), synonyms={"Vulnerable": "VU"}),
    "day": Field("f", "date"),
    "soft": Field("f", "number", soft_minimum=1, soft_maximum=100),
}


def read(
    cells: list, field: Field, mapping: TableMapping | None = None, *, quick: bool = True, text: bool = False, **source
) -> tuple[dict[str, list], list[Issue]]:
    """Values of a column, of the fields beside it, and what was said."""
    rows = range(2, len(cells) + 2)
    column = pd.Series(cells, index=rows, dtype="str" if text else object)
    issues: list[Issue] = []
    made = convert(column, field, Source("f", mapping or TableMapping(), **source), issues, quick=quick)
    plain = {
        name: [None if gone else value for value, gone in zip(one.tolist(), one.isna(), strict=True)]
        for name, one in made.items()
    }
    return plain, issues


def told(issues: list[Issue]) -> set[tuple[str, str, tuple[int, ...]]]:
    return {(one.level, one.key.removeprefix("check."), one.rows) for one in issues}


plain_texts = st.sampled_from(
    [
        "0",
        "1",
        "12",
        "0.5",
        "0.25",
        "1.5",
        "45",
        "2015",
        "2020",
        "1234.5",
        "1.234",
        "12.345",
        "0.904",
        "-3",
        "999",
        "9999",
        "-1",
        "-9999",
        "007",
        "LC",
        "Birds",
        "",
        "-0",
        ".5",
        "5.",
        "1.2.3",
        "1-2",
        "--1",
        "150",
        "1e3",
        "9007199254740993",
        "123456789012345678",
        "2022-05-14",
    ]
)
odd_texts = st.sampled_from(
    [
        "1,5",
        "1,234",
        "1 234",
        "50-100",
        "<500",
        "45%",
        "n/a",
        "#N/A",
        " Birds",
        "A\u200bB",
        "Côte",
        "Co\u0302te",
        "VU ",
        "Vulnerable",
        "c. 2015",
        "1990s",
        "١٢",
        "½",
        "5²",
        "03/04/2020",
        "13/04/2020",
        "44695",
        "-",
        "?",
        "Total",
        "—",
        "\ufffd",
    ]
)
any_text = plain_texts | odd_texts | st.text(alphabet="0123456789.-, aZé\u00a0\u200b٣", max_size=6)


@settings(max_examples=150)
@given(
    cells=st.lists(st.none() | any_text, min_size=1, max_size=7),
    name=st.sampled_from(sorted(FIELDS)),
    mark=st.sampled_from(["", "", ".", ","]),
    text=st.booleans(),
)
@example(cells=["1.234", "0,5"], name="number", mark="", text=True)
@example(cells=["1.234", "12.345"], name="percent", mark="", text=True)
@example(cells=["1.200", "430.5"], name="size", mark="", text=True)
def test_the_quick_road_gives_what_the_careful_one_gives(cells, name, mark, text):
    mapping = TableMapping(decimal_mark=mark)
    quickly, carefully = (read(cells, FIELDS[name], mapping, quick=quick, text=text) for quick in (True, False))
    assert quickly[0] == carefully[0]
    key = lambda one: (one.level, one.key, one.rows, one.value, str(sorted(one.values.items())))  # noqa: E731
    assert sorted(quickly[1], key=key) == sorted(carefully[1], key=key)


@settings(max_examples=60)
@given(cells=st.lists(st.floats() | st.integers(-(10**18), 10**18) | st.none(), min_size=1, max_size=6))
@pytest.mark.parametrize("name", ["number", "area", "count", "year"])
def test_the_numbers_of_a_spreadsheet_take_both_roads_to_the_same_end(name, cells):
    quickly, carefully = (read(cells, FIELDS[name], quick=quick) for quick in (True, False))
    assert quickly[0] == carefully[0]
    assert told(quickly[1]) == told(carefully[1])


def honest(words: str) -> float | None:
    """What a text means to everybody: digits of any script with their own decimal mark, or nothing that is sure."""
    seen = words.replace("\u200b", "").replace("\u2212", "-").replace("\u066b", ".")
    written = "".join(str(unicodedata.digit(one)) if unicodedata.category(one) == "Nd" else one for one in seen.strip())
    try:
        return float(written) if "_" not in written else None
    except ValueError:
        return None


def with_digits_of(zero: str) -> dict[int, str]:
    return {ord("0") + at: chr(ord(zero) + at) for at in range(10)}


MUTATIONS = {
    "marks swapped": lambda s: s.translate(str.maketrans(".,", ",.")),
    "a comma between thousands": lambda s: f"{float(s):,.10g}",
    "a space before the last three": lambda s: f"{s[:-3]} {s[-3:]}",
    "a no-break space": lambda s: f"{s[:1]}\u00a0{s[1:]}",
    "outer spaces": lambda s: f"  {s}\t",
    "a minus": lambda s: f"-{s}",
    "a true minus": lambda s: f"\u2212{s}",
    "a plus": lambda s: f"+{s}",
    "a minus behind": lambda s: f"{s}-",
    "brackets": lambda s: f"({s})",
    "an exponent": lambda s: f"{s}e3",
    "a decimal exponent": lambda s: f"{float(s):.6e}",
    "Arabic digits": lambda s: s.translate(with_digits_of("٠")),
    "Arabic digits and mark": lambda s: s.translate(with_digits_of("٠")).replace(".", "٫"),
    "Devanagari digits": lambda s: s.translate(with_digits_of("०")),
    "full-width digits": lambda s: s.translate(with_digits_of("\uff10")),
    "a full-width point": lambda s: s.replace(".", "\uff0e"),
    "a superscript": lambda s: f"{s}²",
    "a fraction": lambda s: f"{s}½",
    "a per cent sign": lambda s: f"{s}%",
    "a letter O": lambda s: s.replace("0", "O"),
    "a unit": lambda s: f"{s} ha",
    "two points": lambda s: f"{s}.5",
    "an underscore": lambda s: f"1_{s}",
    "a zero-width space": lambda s: f"{s[:1]}\u200b{s[1:]}",
    "an approximation": lambda s: f"~{s}",
    "a limit": lambda s: f"<{s}",
    "a hexadecimal number": lambda s: f"0x{s}",
}


@settings(max_examples=40)
@given(
    value=st.one_of(
        st.integers(0, 10**7).map(str), st.decimals(0, 10**6, places=2).map(str), st.decimals(0, 999, places=3).map(str)
    )
)
@pytest.mark.parametrize("how", MUTATIONS)
@pytest.mark.parametrize("name", ["number", "area", "share", "percent", "size"])
def test_no_number_changes_without_a_word(how, name, value):
    """A spoiled cell is what everybody reads in it, or its row is named."""
    words = MUTATIONS[how](value)
    found, issues = read(["0.5", words, "0.25"], FIELDS[name], text=True)
    number = found["f"][1]
    named = any(3 in one.rows for one in issues)
    if number is None:
        assert named
    elif number != honest(words):
        assert named, f"{words!r} became {number!r} without a word"
    assert found["f"][0] == 0.5
    assert found["f"][2] == 0.25


def test_digits_beyond_what_a_computer_keeps_are_not_taken_for_a_count():
    found, issues = read(["9007199254740993"], FIELDS["count"], text=True)
    assert found["f"] == [None]
    assert told(issues) == {("error", "above_maximum", (2,))}


# --- Stand-ins, shares, limits ----------------------------------------------------------------------------------------


NUMBERS = {
    "999 among its neighbours is a number": ("area", ["998", "999", "1003"], [998, 999, 1003], set()),
    "999 far above all others is asked about": (
        "area",
        ["12", "999", "14"],
        [12, None, 14],
        {("question", "stand_in", (3,))},
    ),
    "-1 where nothing is below zero is asked about": (
        "area",
        ["12", "-1"],
        [12, None],
        {("question", "stand_in", (3,))},
    ),
    "-1 among numbers of both signs is one": ("number", ["-3", "-1", "2"], [-3, -1, 2], set()),
    "-1 among small parts is a change": ("number", ["0.5", "2", "-1"], [0.5, 2, -1], set()),
    "a word of the schema for nothing is nothing": ("size", ["-7", "3"], [None, 3], set()),
    "NA where R wrote it": ("number", ["NA", "3"], [None, 3], {("question", "stand_in", (2,))}),
    "small per cent among small ones": ("percent", ["0.4", "1.5", "3"], [0.4, 1.5, 3], set()),
    "one part among per cent": ("percent", ["0.45", "45"], [0.45, 45], {("error", "share_mixed", (2, 3))}),
    "whole per cent": ("percent", ["1", "45", "100", "0"], [1, 45, 100, 0], set()),
    "all of them below one per cent": (
        "percent",
        ["0.4", "0.5", "0.6"],
        [0.4, 0.5, 0.6],
        {("question", "share_in_fractions", (2, 3, 4))},
    ),
    "per cent in place of parts": ("share", ["45", "12"], [None, None], {("error", "share_in_percent", (2, 3))}),
    "more than a hundred parts": ("share", ["145"], [None], {("error", "above_maximum", (2,))}),
    "a per cent sign in a column of parts": ("share", ["45%"], [0.45], {("repair", "percent_sign", (2,))}),
    "a per cent sign in a column of per cent": ("percent", ["45 %"], [45], {("repair", "percent_sign", (2,))}),
    "cells shown as per cent": (
        "percent",
        [Percent(0.45), Percent(0.07)],
        [45, 7],
        {("repair", "percent_format", (2, 3))},
    ),
    "cells shown as per cent among plain parts": ("share", [Percent(0.45), 0.5], [0.45, 0.5], set()),
    "three decimals that can be nothing else": ("percent", ["12.345", "45.100"], [12.345, 45.1], set()),
    "possible but odd": (
        "soft",
        ["0.5", "7", "200"],
        [0.5, 7, 200],
        {("flag", "below_usual", (2,)), ("flag", "above_usual", (4,))},
    ),
    "a range": ("size", ["50-100", "7"], [None, 7], {("repair", "range_read", (2,))}),
    "an impossible range": ("size", ["100-50"], [None], {("question", "range_unclear", (2,))}),
    "a range that may be thousands": ("size", ["<5,000"], [None], {("error", "count_with_mark", (2,))}),
}


@pytest.mark.parametrize("what", NUMBERS)
def test_the_whole_column_tells_what_a_number_means(what):
    name, cells, expected, said = NUMBERS[what]
    found, issues = read(cells, FIELDS[name])
    assert found["f"] == expected
    assert told(issues) == said
    assert all(one.sentence() and (one.remedy() or not one.stops) for one in issues)


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("50-100", 50, 100),
        ("50 – 100", 50, 100),
        ("from 5", None, None),
        ("< 500", 0, 500),
        ("less than 500", 0, 500),
        ("moins de 500", 0, 500),
        (">1000", 1000, None),
        ("more than 1000", 1000, None),
        ("10+", 10, None),
    ],
)
def test_a_range_fills_the_columns_for_its_ends(words, low, high):
    found, issues = read([words], FIELDS["size"])
    assert found["f"] == [None]
    assert found.get("low", [None]) == [low]
    assert found.get("high", [None]) == [high]
    assert len(issues) == 1


def test_a_unit_named_in_the_mapping_converts_exactly_and_limits_hold_in_the_unit_of_the_schema():
    field = Field("f", "number", minimum=0, maximum=10, unit="km2")
    found, issues = read(["150", "1200"], field, unit="ha")
    assert found["f"] == [1.5, None]
    assert told(issues) == {("error", "above_maximum", (3,))}


@given(st.sampled_from(["km2", "ha", "m2", "acre"]), st.sampled_from(["km2", "ha", "m2", "acre"]))
def test_units_there_and_back_are_where_they_were(one, other):
    assert factor(one, other) * factor(other, one) == Fraction(1)


def test_the_international_acre_is_4046_8564224_square_metres():
    assert factor("acre", "m2") == Fraction("4046.8564224")


# --- Dates and years --------------------------------------------------------------------------------------------------


DAYS = {
    "the ISO form": (["2020-04-03", "2020/4/3", "20200403"], ["2020-04-03"] * 3, set()),
    "cells that are dates": ([date(2020, 4, 3)], ["2020-04-03"], set()),
    "names of months": (
        ["3 April 2020", "3 avril 2020", "3 de abril de 2020", "April 3, 2020", "3 апреля 2020 г.", "2020年4月3日"],
        ["2020-04-03"] * 6,
        set(),
    ),
    "nothing shows the order": (["03/04/2020"], [None], {("question", "date_ambiguous", (2,))}),
    "day and month are the same": (["04/04/2020"], ["2020-04-04"], set()),
    "one date shows the order": (
        ["03/04/2020", "13/04/2020"],
        ["2020-04-03", "2020-04-13"],
        {("repair", "date_order_found", (2, 3))},
    ),
    "month first": (["04/13/2020"], ["2020-04-13"], {("repair", "date_order_found", (2,))}),
    "two orders": (
        ["13/04/2020", "04/13/2020"],
        [None, None],
        {("error", "date_orders_mixed", (2,)), ("error", "date_orders_mixed", (3,))},
    ),
    "the number of a day": ([43831, "43831"], ["2020-01-01"] * 2, {("repair", "date_serial", (2, 3))}),
    "no day": (
        ["2020-02-30", "2019", "60", "soon"],
        [None] * 4,
        {("error", "not_a_date", (at,)) for at in (2, 3, 4, 5)},
    ),
    "two digits": (["01/02/68"], [None], {("error", "two_digit_year", (2,))}),
    "a word for none": (["n.d."], [None], {("question", "stand_in", (2,))}),
}


@pytest.mark.parametrize("what", DAYS)
def test_a_day_is_read_as_it_can_only_be_meant(what):
    cells, expected, said = DAYS[what]
    found, issues = read(cells, FIELDS["day"])
    assert [None if one is None else str(one.date()) for one in found["f"]] == expected
    assert told(issues) == said


def test_a_workbook_of_1904_counts_its_days_from_there():
    """Four years and a day lie between the two counts: 42369 there is 43831 here."""
    found, _ = read([42369], FIELDS["day"], counts_from_1904=True)
    assert str(found["f"][0].date()) == "2020-01-01"


def test_the_order_that_the_mapping_names_settles_the_question_and_must_fit():
    found, issues = read(["03/04/2020"], FIELDS["day"], TableMapping(date_order="mdy"))
    assert str(found["f"][0].date()) == "2020-03-04"
    assert told(issues) == {("repair", "date_order_found", (2,))}
    found, issues = read(["13/04/2020"], FIELDS["day"], TableMapping(date_order="mdy"))
    assert found["f"] == [None]
    assert told(issues) == {("error", "not_a_date", (2,))}


def test_a_span_of_years_fills_the_column_for_its_end():
    field = Field("f", "year", period_end="until")
    found, issues = read(["2018-2020", "1990s", "2016"], field)
    assert found == {"f": [2018, 1990, 2016], "until": [2020, 1999, None]}
    assert told(issues) == {("repair", "period_read", (2, 3))}


@pytest.mark.parametrize("words", ["2020/21", "FY21", "2020-2021", "FY2021", "2020/2021"])
def test_a_fiscal_year_counts_for_the_year_that_the_mapping_names(words):
    field = Field("f", "year", format="fiscal_year")
    assert told(read([words], field)[1]) == {("error", "fiscal_year", (2,))}
    for which, year in (("first", 2020), ("second", 2021)):
        found, issues = read([words], field, TableMapping(fiscal_year=which))
        assert found["f"] == [year]
        assert told(issues) == {("repair", "fiscal_year_read", (2,))}


# --- Overrules --------------------------------------------------------------------------------------------------------


def test_a_repair_that_an_expert_overruled_is_not_made_in_the_rows_that_were_named():
    word = Overrule("check.trimmed", "A. Person", "2026-03-31", "The space is part of the code.", rows=(2,))
    found, issues = read([" a", " a", "b"], FIELDS["words"], TableMapping(overrules=(word,)))
    assert found["f"] == [" a", "a", "b"]
    assert told(issues) == {("flag", "overruled", (2,)), ("repair", "trimmed", (3,))}


def test_a_number_whose_repair_was_overruled_is_no_number():
    word = Overrule("check.decimal_comma", "A. Person", "2026-03-31", "The comma is a slip.")
    found, issues = read(["1,5"], FIELDS["number"], TableMapping(overrules=(word,)))
    assert found["f"] == [None]
    assert told(issues) == {("flag", "overruled", (2,)), ("error", "not_a_number", (2,))}


# --- What a workbook knows of its cells -------------------------------------------------------------------------------


def test_cells_that_a_workbook_shows_as_per_cent_are_per_cent(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["year", "sub_indicator", "sector", "green_percent", "yellow_percent", "red_percent"])
    for number, share in enumerate((0.45, 0.07, 1), 1):
        book.active.append([2022, number, "household", share, 35, 20])
        book.active.cell(number + 1, 4).number_format = "0%" if number < 3 else "0.0%"
    book.save(tmp_path / "t.xlsx")
    schema = schema_of("sustainable_agriculture_shares")
    table, issues = check_table(read_table(tmp_path / "t.xlsx", schema, TableMapping()), schema, TableMapping())
    assert table["green_percent"].tolist() == [45, 7, 100]
    assert ("repair", "percent_format", (2, 3, 4)) in told(issues)


def test_the_days_of_a_workbook_of_1904_are_counted_from_there(tmp_path):
    import openpyxl
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["basin_id", "date", "nutrient", "expressed_as", "discharge_m3_per_s"])
    book.active.append(["a", 42369, "nitrogen", "element", 3.5])
    book.save(tmp_path / "t.xlsx")
    schema = schema_of("nutrient_samples")
    table, _ = check_table(read_table(tmp_path / "t.xlsx", schema, TableMapping()), schema, TableMapping())
    assert str(table["date"].iloc[0].date()) == "2020-01-01"


# --- Long columns -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd", [[], ["1.234"], ["0,7", "1.234"], ["", "-3.5"], ["150", "1e3", "12 345"], ["1.2.3"], ["5."]]
)
@pytest.mark.parametrize("name", ["number", "area", "percent", "size", "count"])
def test_a_long_column_of_numbers_is_read_as_a_short_one(name, odd):
    cells = [f"{at % 977}.{at % 89:02d}" for at in range(7000)] + odd
    if name == "count":
        cells = [str(at % 3989) for at in range(7000)] + odd
    quickly, carefully = (read(cells, FIELDS[name], quick=quick, text=True) for quick in (True, False))
    assert quickly[0] == carefully[0]
    assert told(quickly[1]) == told(carefully[1])


def test_a_long_column_of_few_values_is_read_as_a_short_one():
    cells = ["2010", "2020", "c. 2015", ""] * 2000
    found, issues = read(cells, Field("f", "year"), text=True)
    assert found["f"][:4] == [2010, 2020, 2015, None]
    assert told(issues) == {("repair", "about_year", tuple(range(4, 8002, 4)))}


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.none() | st.text(max_size=20), st.none() | st.floats(allow_nan=False)), min_size=1, max_size=8
    )
)
def test_rows_that_agree_are_found_as_pandas_finds_them(rows):
    table = pd.DataFrame(rows, columns=["a", "b"])
    table["a"] = table["a"].astype("str")
    table["b"] = table["b"].astype("Float64")
    expected = table.duplicated(keep=False).to_numpy()
    assert RowCodes(table).repeated(["a", "b"]).tolist() == expected.tolist()
