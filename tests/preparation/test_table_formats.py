"""One table in each format: what the format keeps is kept, what it cannot say is refused, how it was read is shown."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation.grid import NO_RESULT
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.opendocument import read_ods
from gbf_workbench.preparation.tables import columns_in, read_table
from tests.bad_inputs.case import covers
from tests.preparation.table_files import (
    GOOD,
    HEADER,
    HEADER_LINE,
    ROWS,
    SPECIES,
    opendocument,
    parquet,
    read,
    text_file,
    workbook,
)


def raw(path: Path, **mapping: object):
    return read_table(path, SPECIES, TableMapping(**mapping))


# -- OpenDocument ------------------------------------------------------------------------------------------------


values = st.none() | st.text("aB7é鸟 ", min_size=1, max_size=5).filter(str.strip) | st.floats(-1e6, 1e6) | st.dates()


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(st.lists(values, min_size=3, max_size=3), min_size=1, max_size=6))
def test_the_cells_of_an_opendocument_sheet_are_those_that_another_reader_gives(tmp_path_factory, rows):
    rows = [["first", "second", "third"], *rows]
    path = opendocument(tmp_path_factory.mktemp("ods"), rows)
    ours = read_ods(path, path.name)[0]["S1"].rows
    theirs = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    width = max(map(len, theirs))
    filled = [[*row, *[None] * (width - len(row))] for row in ours]
    assert filled == [[None if cell == "" else cell for cell in row] for row in theirs]


def test_repeated_cells_and_rows_of_an_opendocument_sheet_are_written_out(tmp_path):
    cells = {
        "C2": '<table:table-cell table:number-columns-repeated="3" office:value-type="float" office:value="7"/>',
        "A4": '<table:table-cell table:number-columns-repeated="16384"/>',
    }
    attributes = {2: 'table:number-rows-repeated="2"', 4: 'table:number-rows-repeated="1048000"'}
    path = opendocument(tmp_path, [["a", "b"], ["x", None, 0], ["end"], [None]], cells=cells, row_attributes=attributes)
    assert read_ods(path, path.name)[0]["S1"].rows == [
        ["a", "b"], ["x", None, 7.0, 7.0, 7.0], ["x", None, 7.0, 7.0, 7.0], ["end"],
    ]  # fmt: skip


def test_a_repeated_cell_far_away_is_refused_in_words(tmp_path):
    value = '<table:table-cell office:value-type="float" office:value="1"/>'
    far = {"A3": f'<table:table-cell table:number-columns-repeated="16000"/>{value}'}
    path = opendocument(
        tmp_path, [HEADER, [None], [None]], cells=far, row_attributes={2: 'table:number-rows-repeated="1000000"'}
    )
    assert read(path) == (None, {("error", "workbook.file.stray_cell", (), "")})


def test_what_an_opendocument_cell_can_hold_is_read_by_its_type(tmp_path):
    def cell(kind: str, words: str = "") -> str:
        return f"<table:table-cell {kind}>{words}</table:table-cell>"

    cells = {
        "A1": cell('office:value-type="boolean" office:boolean-value="true"', "<text:p>TRUE</text:p>"),
        "B1": cell('office:value-type="percentage" office:value="0.25"', "<text:p>25 %</text:p>"),
        "C1": cell('office:value-type="currency" office:value="12.5"', "<text:p>12,50 €</text:p>"),
        "D1": cell('office:value-type="date" office:date-value="2020-03-01T10:30:00"'),
        "E1": cell('office:value-type="time" office:time-value="PT10H30M00S"'),
        "F1": cell('office:value-type="string"', '<text:p>two<text:s text:c="2"/>gaps</text:p><text:p>lines</text:p>'),
        "G1": cell(
            'office:value-type="string"',
            "<office:annotation><text:p>a remark</text:p></office:annotation><text:p>word</text:p>",
        ),
        "H1": cell('table:formula="of:=[.A1]"'),
        "I1": cell('table:formula="of:=&quot;&quot;" office:value-type="string" office:string-value=""'),
    }
    path = opendocument(tmp_path, [[0] * 10], cells=cells)
    row = read_ods(path, path.name)[0]["S1"].rows[0]
    moment, hour = datetime.datetime(2020, 3, 1, 10, 30), datetime.time(10, 30)
    assert row == [True, 0.25, 12.5, moment, hour, "two  gaps\nlines", "word", NO_RESULT, None, 0.0]


def test_rows_and_sheets_that_are_hidden_in_an_opendocument_file_are_said(tmp_path):
    path = opendocument(tmp_path, ROWS, row_attributes={3: 'table:visibility="filter"'})
    assert read(path)[1] == {("flag", "hidden_rows", (3,), "")}
    table, found = read(opendocument(tmp_path, [[*ROWS[0]], ["B1", "Birds", 1990, "EX", 1]], ROWS, hidden=[1]))
    assert found == {("flag", "several_sheets", (), "")}
    assert table["year"].tolist() == [2010, 2010]


@pytest.mark.parametrize("left", [4, 100, 400, -30, -1])
def test_an_opendocument_file_cut_off_is_refused(tmp_path, left):
    path = opendocument(tmp_path, ROWS)
    path.write_bytes(path.read_bytes()[:left])
    table, found = read(path)
    assert table is None
    assert [level for level, *_ in found] == ["error"]


def test_an_opendocument_file_with_a_password_or_unsafe_xml_is_refused(tmp_path):
    path = opendocument(tmp_path, ROWS)
    content = {}
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name).decode() for name in archive.namelist()}
    for part, old, new, key in (
        (
            "META-INF/manifest.xml",
            "<manifest:file-entry",
            "<manifest:encryption-data/><manifest:file-entry",
            "encrypted",
        ),
        (
            "content.xml",
            "<office:document-content",
            '<!DOCTYPE x [<!ENTITY a "b">]><office:document-content',
            "unsafe_xml",
        ),
    ):
        with zipfile.ZipFile(path, "w") as archive:
            for name, words in content.items():
                archive.writestr(name, words.replace(old, new, 1) if name == part else words)
        assert read(path)[1] == {("error", f"workbook.file.{key}", (), "")}


# -- Parquet -----------------------------------------------------------------------------------------------------


def stored(folder: Path, **columns: pa.Array) -> Path:
    pa.parquet.write_table(pa.table(columns), folder / "species.parquet")
    return folder / "species.parquet"


def test_the_types_of_a_parquet_file_are_kept(tmp_path):
    path = stored(
        tmp_path,
        species_id=pa.array(["B1", "B2", None]).dictionary_encode(),
        taxonomic_group=pa.array(["Birds", " ", "Birds"], pa.large_string()),
        year=pa.array([2010, None, 2012], pa.int16()),
        category=pa.array([True, False, None]),
        range_share=pa.array([0.5, float("nan"), 1.0]),
        day=pa.array([datetime.date(2020, 3, 1), None, None]),
        amount=pa.array([1, None, 2], pa.decimal128(9, 2)),
    )
    data = raw(path).data
    assert list(data.index) == [2, 3, 4]
    assert str(data["species_id"].dtype) == "str"
    assert data["species_id"].iloc[:2].tolist() == ["B1", "B2"]
    assert data["taxonomic_group"].isna().tolist() == [False, True, False]
    assert data["year"].tolist() == [2010, None, 2012]
    assert data["category"].tolist() == [True, False, None]
    assert data["range_share"].tolist() == [0.5, None, 1.0]
    assert data["day"].tolist() == [datetime.date(2020, 3, 1), None, None]
    assert data["amount"].tolist() == [1, None, 2]


@pytest.mark.parametrize("cells", [[[1], [2]], [{"a": 1}, {"a": 2}], [b"x", b"y"]], ids=["lists", "parts", "bytes"])
def test_a_parquet_column_of_more_than_one_value_each_is_refused_by_name(tmp_path, cells):
    path = stored(tmp_path, species_id=pa.array(["B1", "B2"]), parts=pa.array(cells))
    assert read(path) == (None, {("error", "nested_column", (), "parts")})


def test_row_numbers_that_pandas_keeps_are_no_column(tmp_path):
    table = read(parquet(tmp_path, ROWS))[0]
    table.set_index(table.index + 5).to_parquet(tmp_path / "species.parquet")
    names = columns_in(tmp_path / "species.parquet")
    assert "species_id" in names
    assert not [name for name in names if name.startswith("__")]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(50) + b"PAR1", GOOD.encode()])
def test_what_is_no_parquet_file_is_refused(tmp_path, content):
    table, found = read(text_file(tmp_path, content, "species.parquet"))
    assert table is None
    assert [level for level, *_ in found] == ["error"]


# -- all of them -------------------------------------------------------------------------------------------------


WAYS = {
    "csv": (lambda folder: text_file(folder, GOOD), "CSV · letters in UTF-8 · columns separated by “,”"),
    "tsv": (lambda folder: text_file(folder, GOOD.replace(",", "\t"), "species.tsv"), "TSV · letters in UTF-8 · columns separated by “TAB”"),  # noqa: E501
    "xlsx": (lambda folder: workbook(folder, ROWS), "XLSX · sheet “S1”"),
    "ods": (lambda folder: opendocument(folder, ROWS), "ODS · sheet “S1”"),
    "parquet": (lambda folder: parquet(folder, ROWS), "PARQUET"),
}  # fmt: skip


@pytest.mark.parametrize("ending", WAYS)
def test_how_a_file_was_read_is_told_in_one_line_and_nothing_else(tmp_path, ending):
    make, line = WAYS[ending]
    path = make(tmp_path)
    assert raw(path).reading.line("en") == f"{line} · column names in row 1 · rows: 2 · columns: 5"
    assert read(path)[1] == set()


def test_the_line_tells_what_was_found_out(tmp_path):
    path = text_file(tmp_path, ("Red List\n" + GOOD.replace(",", ";")).encode("utf-16"))
    said = "CSV · letters in UTF-16 · columns separated by “;” · column names in row 2 · rows: 2 · columns: 5"
    assert raw(path).reading.line("en") == said


@covers("EN-01")
@pytest.mark.parametrize("first", ["species_id", '"species_id"'])
def test_a_byte_order_mark_is_taken_off_and_shown_where_the_reading_is_shown(tmp_path, first):
    path = text_file(tmp_path, ("\ufeff" + GOOD.replace("species_id", first)).encode())
    table, found = read(path)
    assert found == set()
    assert table["species_id"].tolist() == ["B1", "B2"]
    assert raw(path).reading.encoding == "UTF-8 (BOM)"


@pytest.mark.parametrize(
    ("ending", "words", "said"),
    [
        ("csv", {"sheet": "Data"}, "sheet: Data"),
        ("xlsx", {"delimiter": ";", "encoding": "cp1252"}, "encoding: cp1252, delimiter: ;"),
        ("parquet", {"sheet": "Data"}, "sheet: Data"),
    ],
)
def test_words_of_the_mapping_that_mean_nothing_for_the_file_are_said(tmp_path, ending, words, said):
    path = WAYS[ending][0](tmp_path)
    (issue,) = raw(path, **words).issues
    assert (issue.level, issue.key) == ("flag", "check.idle_words")
    assert said in issue.sentence("en")


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "workbook.file.old_xls"),
        (b"<html><table></table></html>", "workbook.file.html"),
        (GOOD.encode(), "workbook.file.csv"),
        (b"PK\x03\x04" + bytes(99), "disguised"),
        (b"", "workbook.file.empty"),
    ],
)
def test_a_workbook_of_the_old_kind_is_refused_with_what_to_do(tmp_path, content, key):
    """Its cells with errors cannot be told from empty ones by any well-kept reader."""
    with pytest.raises(WorkbenchError) as refused:
        raw(text_file(tmp_path, content, "species.xls"))
    (issue,) = refused.value.issues
    assert issue.key.removeprefix("check.") == key
    assert issue.remedy("en")


def test_the_columns_of_every_format_are_known_without_a_schema(tmp_path):
    for make, _ in WAYS.values():
        assert columns_in(make(tmp_path)) == HEADER
    assert columns_in(text_file(tmp_path, "Title\n" + GOOD)) == HEADER_LINE.split(",")
