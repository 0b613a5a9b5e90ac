"""Every way a text file can be wrong ends in an error, a question, a repair or a note; no row is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.preparation.canonical import digest_of
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.tables import columns_in, read_table
from tests.preparation.table_files import (
    GOOD,
    HEADER,
    HEADER_LINE,
    SPECIES,
    opendocument,
    parquet,
    read,
    text_file,
    workbook,
)

# What a text file can be: its bytes, and all that must be said about it (level, key, rows, column).
# The outcomes are those of a catalogue of bad inputs that was written before the reader; its numbers are in the names.
TEXT_FILES = {
    "clean": (GOOD, set()),
    "EN-01 byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), set()),
    "EN-01 byte order mark before a quoted name": ('\ufeff"species_id"' + GOOD[10:], set()),
    "line ends of Windows": (GOOD.replace("\n", "\r\n"), set()),
    "line ends of old Macs": (GOOD.replace("\n", "\r"), set()),
    "blank lines at the end": (GOOD + "\n\n,,,,\n", set()),
    "EN-06 UTF-16, little end first": (GOOD.encode("utf-16"), {("repair", "encoding", (), "")}),
    "EN-06 UTF-16, big end first": (b"\xfe\xff" + GOOD.encode("utf-16-be"), {("repair", "encoding", (), "")}),
    "TB-16 UTF-16 without its mark": (GOOD.encode("utf-16-le"), {("error", "nul", (1,), "")}),
    "TB-16 a NUL in row 3": (GOOD.replace("B2", "B\0"), {("error", "nul", (3,), "species_id")}),
    "TB-16 a NUL below a text of two lines": (
        GOOD.replace("B1", '"B\n1"').replace("VU", "V\0U"), {("error", "nul", (3,), "category")}
    ),
    "TB-16 a control character": (GOOD.replace("VU", "V\x07U"), {("error", "control_character", (3,), "category")}),
    "EN-02 Windows letters": (
        GOOD.replace("Birds", "Aves de Córdoba").encode("cp1252"), {("question", "which_encoding", (), "")}
    ),
    "EN-02 a letter cut in two": (GOOD.encode() + b"B3,Birds,2010,\xc3", {
        ("question", "which_encoding", (), ""), ("error", "cut_off", (4,), ""), ("flag", "short_rows", (4,), ""),
        ("error", "not_in_list", (4,), "category"),
    }),
    "TB-05 semicolons": (GOOD.replace(",", ";"), {("repair", "delimiter", (), "")}),
    "TB-05 tabs": (GOOD.replace(",", "\t"), {("repair", "delimiter", (), "")}),
    "TB-05 bars": (GOOD.replace(",", "|"), {("repair", "delimiter", (), "")}),
    "TB-06 semicolons and decimal commas": (
        GOOD.replace(",", ";").replace(".", ","),
        {("repair", "delimiter", (), ""), ("repair", "decimal_comma", (2, 3), "range_share")},
    ),
    "TB-06 a line that tells the delimiter": (
        "sep=;\n" + GOOD.replace(",", ";"), {("repair", "delimiter", (), ""), ("repair", "header_found", (), "")}
    ),
    "TB-04 no line end": (GOOD[:-1], {("error", "cut_off", (3,), "")}),
    "TB-09 the same name twice": (GOOD.replace("range_share", "year"), {("error", "header_repeated", (1,), "year")}),
    "TB-09 the same name but for case and spaces": (
        GOOD.replace("range_share", " Year "),
        {("error", "header_repeated", (1,), "year"), ("error", "header_repeated", (1,), "Year")},
    ),
    "TB-10 names in other spelling": (
        GOOD.replace("species_id", " Species ID ").replace("category", "CATEGORY"),
        {("repair", "columns_renamed", (), "")},
    ),
    "TB-10 a name that is not known": (
        GOOD.replace("category", "menace"),
        {("error", "missing_column", (), "category"), ("flag", "unused_columns", (), "")},
    ),
    "TB-11 columns too many": (
        GOOD.replace("range_share", "remark"), {("flag", "unused_columns", (), "")}
    ),
    "a column without a name": (
        GOOD.replace("year,", ",year,").replace("Birds,", "Birds,x,"), {("flag", "unnamed_columns", (), "")}
    ),
    "TB-12 the same key, the same row": (
        GOOD + "B1,Birds,2010,LC,0.5\n", {("repair", "identical_rows", (4,), "")}
    ),
    "TB-12 the same key, another value": (
        GOOD + "B1,Birds,2010,EN,0.5\n", {("error", "duplicate_key", (2, 4), "species_id")}
    ),
    "TB-14 no byte": ("", {("error", "empty", (), "")}),
    "TB-14 header only": (HEADER_LINE + "\n", {("error", "empty", (), "")}),
    "TB-14 header and blank rows": (HEADER_LINE + "\n\n,,,,\n  ,,,,\n", {("error", "empty", (), "")}),
    "TB-15 a quotation mark never closed": (
        GOOD.replace("B2,Birds", 'B2,"Birds'), {("error", "unclosed_quote", (3,), "")}
    ),
    "TB-15 in the first row": ('"' + GOOD, {("error", "unclosed_quote", (1,), "")}),
    "TB-15 text after a quotation mark": (GOOD.replace("B1,Birds", 'B1,"Bi"rds'), {("error", "stray_quote", (2,), "")}),
    "two quotation marks that swallow a row": (
        GOOD.replace("B1", '"B1').replace("B2", 'B2"') + "B3,Birds,2010,LC,1\nB4,Birds,2010,LC,1\n",
        {("question", "swallowed_rows", (2,), ""), ("repair", "trimmed", (2,), "species_id")},
    ),
    "TB-17 a web page": ("<!DOCTYPE html>\n<html><body>404</body></html>\n", {("error", "web_page", (), "")}),
    "TB-17 an answer in XML": ('<?xml version="1.0"?>\n<Error>AccessDenied</Error>\n', {("error", "web_page", (), "")}),
    "TB-17 an answer in JSON": ('{"error": "not found",\n"species_id": 1}\n', {("error", "json_text", (), "")}),
    "TB-18 a pointer to data": (
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", {("error", "lfs_pointer", (), "")}
    ),
    "XL-14 an old workbook named csv": (b"\xd0\xcf\x11\xe0" + bytes(99), {("error", "disguised", (), "")}),
    "XL-14 a zip archive named csv": (b"PK\x03\x04" + bytes(99), {("error", "disguised", (), "")}),
    "prose": ("Dear colleagues,\nplease find attached\n", {("error", "header_not_found", (), "")}),
    "XL-07 a title above": ("Red List of birds\n\n" + GOOD, {("repair", "header_found", (), "")}),
    "XL-07 blank rows inside": (
        GOOD.replace("B2", "\n\nB2"), {("repair", "blank_rows", (3, 4), "")}
    ),
    "XL-07 a second table below": (
        GOOD + "\n" + GOOD.replace("2010", "2020"),
        {
            ("repair", "blank_rows", (4,), ""), ("error", "header_again", (5,), ""),
            ("error", "not_a_year", (5,), "year"),
            ("error", "not_in_list", (5,), "category"), ("error", "not_a_number", (5,), "range_share"),
        },
    ),
    "fewer cells than names": (
        GOOD.replace(",0.25", ""), {("flag", "short_rows", (3,), "")}
    ),
    "a line end lost after the names": (
        GOOD.replace("range_share\nB1", "range_shareB1"),
        {("flag", "short_rows", (2,), ""), ("flag", "unused_columns", (), "")},
    ),
    "more cells than names": (
        GOOD.replace("0.25", "0,25"), {("error", "extra_cells", (3,), "")}
    ),
    "XL-11 as many rows as the old kind of workbook holds": (
        HEADER_LINE + "\n" + "".join(f"B{at},Birds,2010,LC,\n" for at in range(65_535)),
        {("error", "row_limit", (65_536,), "")},
    ),
    "one row more than that": (HEADER_LINE + "\n" + "".join(f"B{at},Birds,2010,LC,\n" for at in range(65_536)), set()),
    "one row less": (HEADER_LINE + "\n" + "".join(f"B{at},Birds,2010,LC,\n" for at in range(65_534)), set()),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXT_FILES)
def test_a_text_file_ends_in_exactly_what_is_to_be_said(tmp_path, name):
    content, expected = TEXT_FILES[name]
    assert read(text_file(tmp_path, content))[1] == expected


def test_tabs_are_expected_in_a_tsv(tmp_path):
    assert read(text_file(tmp_path, GOOD.replace(",", "\t"), "species.tsv"))[1] == set()


def test_rows_are_counted_as_the_spreadsheet_shows_them(tmp_path):
    """A remark of three lines is one row; blank lines are rows."""
    content = f'{HEADER_LINE},remark\nB1,Birds,2010,LC,0.5,"one\ntwo\nthree"\n\nB2,Birds,20x0,LC,7,\n'
    table, found = read(text_file(tmp_path, content))
    assert list(table.index) == [2, 4]
    assert {("error", "not_a_year", (4,), "year"), ("error", "above_maximum", (4,), "range_share")} <= found


def test_everything_wrong_in_a_file_is_said_at_once(tmp_path):
    content = f"{HEADER_LINE}\n,Birds,10,XX,7\nB2,Birds,2010,VU,abc\nB2,Birds,2010,VU,0.1,extra\n"
    assert read(text_file(tmp_path, content))[1] == {
        ("error", "required", (2,), "species_id"),
        ("error", "two_digit_year", (2,), "year"),
        ("error", "not_in_list", (2,), "category"),
        ("error", "above_maximum", (2,), "range_share"),
        ("error", "not_a_number", (3,), "range_share"),
        ("error", "extra_cells", (4,), ""),
        ("error", "duplicate_key", (3, 4), "species_id"),
    }


@pytest.mark.parametrize("cut", range(1, len("B2,Birds,2010,VU,0.25\n") + 1))
def test_a_file_cut_off_anywhere_in_its_last_row_never_passes(tmp_path, cut):
    """TB-04: a number that lost its last digits is still a number."""
    _, found = read(text_file(tmp_path, GOOD[:-cut]))
    whole_rows = cut == len("B2,Birds,2010,VU,0.25\n")
    assert any(level in ("error", "question") for level, *_ in found) != whole_rows


def test_a_file_somebody_found_whole_needs_no_line_end(tmp_path):
    assert read(text_file(tmp_path, GOOD[:-1]), TableMapping(complete=True))[1] == set()


def test_an_encoding_that_was_named_is_not_asked_for(tmp_path):
    path = text_file(tmp_path, GOOD.replace("Birds", "Pájaros").encode("cp1252"))
    table, found = read(path, TableMapping(encoding="cp1252"))
    assert found == set()
    assert set(table["taxonomic_group"]) == {"Pájaros"}


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1252", "Área de Conservação Guanacaste"), ("cp1250", "Želva bahenní žije v tůních"),
        ("cp1251", "Птицы Дальнего Востока"), ("cp1256", "الطيور المائية في الأهوار"), ("gb18030", "鸟类和哺乳动物"),
    ],
)  # fmt: skip
def test_letters_that_can_be_read_in_two_ways_are_asked_for_with_a_sample(tmp_path, encoding, words):
    """EN-02: nothing is computed until somebody has looked at the names."""
    content = GOOD.replace("Birds", words).encode(encoding)
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    (tmp_path / "species.csv").write_bytes(content)
    raw = read_table(tmp_path / "species.csv", SPECIES, TableMapping())
    (issue,) = [one for one in raw.issues if one.key == "check.which_encoding"]
    assert issue.level == "question"
    # The right reading is among those shown, with words to know it by.
    assert next(word for word in words.split() if not word.isascii()) in issue.sentence()


@pytest.mark.parametrize("encoding", ["nonsense", "rot13", "base64", "idna", "a\0b"])
def test_an_encoding_that_does_not_fit_is_refused_in_words(tmp_path, encoding):
    path = text_file(tmp_path, GOOD.replace("Birds", "Pájaros").encode("cp1252"))
    assert ("error", "not_encoding") in {one[:2] for one in read(path, TableMapping(encoding=encoding))[1]}


def test_mapping_overrules_what_would_be_found(tmp_path):
    content = "Liste\nid;Groupe;An;Cat\nspecies_id;taxonomic_group;year;category\nB1;Aves;2010;LC\n"
    columns = {"species_id": "id", "taxonomic_group": "Groupe", "year": "An", "category": "Cat"}
    _, found = read(text_file(tmp_path, content), TableMapping(columns=columns, header_row=2, delimiter=";"))
    # Row 3 is data then, and cannot be: a mapping is obeyed, never improved.
    assert ("error", "not_a_year", (3,), "An") in found


def test_columns_are_known_without_a_schema(tmp_path):
    assert columns_in(text_file(tmp_path, "Title\n" + GOOD)) == HEADER
    assert columns_in(workbook(tmp_path, [[None], HEADER, ["B1"]])) == HEADER


names = st.text(st.characters(categories=["L"], max_codepoint=0x5FF), min_size=1, max_size=8)
categories = st.sampled_from(SPECIES.field("category").enum)
shares = st.none() | st.floats(0, 1).map(lambda share: round(share, 6))
tables = st.lists(st.tuples(names, categories, shares), min_size=1, max_size=6).map(
    lambda rows: [(f"id-{at}", f"gr {name}", 1990 + at, *rest) for at, (name, *rest) in enumerate(rows)]
)


def as_text_file(path: Path, rows: list[tuple], mark: str, comma: bool = False) -> Path:
    """Written by hand, not by the module under test or a csv writer of the same library."""

    def cell(value: object) -> str:
        # The shortest decimal notation: 1e-06 has no comma to put in place of its point.
        said = "" if value is None else f"{value:.6f}" if isinstance(value, float) else str(value)
        return said.replace(".", ",") if comma and isinstance(value, float) else said

    lines = [mark.join(HEADER)] + [mark.join(map(cell, row)) for row in rows]
    path.write_bytes(("\n".join(lines) + "\n").encode("utf-8"))
    return path


@settings(max_examples=25)
@given(rows=tables)
def test_one_table_in_seven_formats_is_one_table(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("seven")
    with_names = [HEADER, *map(list, rows)]
    paths = [
        as_text_file(folder / "a.csv", rows, ","), as_text_file(folder / "b.csv", rows, ";", comma=True),
        as_text_file(folder / "c.tsv", rows, "\t"), workbook(folder, with_names, name="d.xlsx"),
        workbook(folder, with_names, name="e.xlsm"), opendocument(folder, with_names, name="f.ods"),
        parquet(folder, with_names, name="g.parquet"),
    ]  # fmt: skip
    read_in = [read(path)[0] for path in paths]
    first = read_in[0]
    cells = first[HEADER].astype(object)
    assert list(cells.where(first.notna(), None).itertuples(index=False, name=None)) == rows
    for other in read_in[1:]:
        assert first.equals(other)
        assert list(first.index) == list(other.index)
    assert len({digest_of(table) for table in read_in}) == 1


@settings(max_examples=25)
@given(rows=tables, data=st.data())
def test_the_order_of_rows_does_not_change_the_digest_but_a_value_does(tmp_path_factory, rows, data):
    folder = tmp_path_factory.mktemp("order")
    mixed = data.draw(st.permutations(rows))
    one = read(as_text_file(folder / "a.csv", rows, ","))[0]
    other = read(as_text_file(folder / "b.csv", mixed, ","))[0]
    assert digest_of(one) == digest_of(other)
    at = data.draw(st.integers(0, len(rows) - 1))
    changed = [(*row[:2], row[2] + 100, *row[3:]) if number == at else row for number, row in enumerate(rows)]
    assert digest_of(read(as_text_file(folder / "c.csv", changed, ","))[0]) != digest_of(one)


@settings(max_examples=40)
@given(
    content=st.binary(max_size=200)
    | st.text(max_size=120).map(lambda words: f"{HEADER_LINE}\n{words}".encode("utf-8", "replace"))
)
def test_any_bytes_are_read_or_refused_in_words(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("species.csv", "species.tsv", "species.xlsx"):
        read(text_file(folder, content, name))


pieces = st.sampled_from(["", " ", "B1", "Birds", "2010", "LC", "0.5", "1,5", "-", "\u200b", "é", "#N/A", "x" * 30])


@settings(max_examples=40)
@given(rows=st.lists(st.lists(pieces, min_size=1, max_size=7), min_size=1, max_size=8))
def test_every_row_that_holds_something_is_in_the_table_under_its_own_number(tmp_path_factory, rows):
    """Whatever is wrong with the cells, a row is either in the table or the file is refused as empty."""
    folder = tmp_path_factory.mktemp("rows")
    quoted = [";".join(f'"{cell}"' for cell in row) for row in rows]
    path = text_file(folder, "\n".join([HEADER_LINE.replace(",", ";"), *quoted]) + "\n")
    table, found = read(path)
    filled = [number for number, row in enumerate(rows, 2) if any(cell.strip() for cell in row)]
    if filled:
        assert list(table.index) == filled
    else:
        assert ("error", "empty", (), "") in found
