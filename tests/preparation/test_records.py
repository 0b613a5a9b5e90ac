"""Delimited text is cut into the same records by the quick reader and by the careful one."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.preparation import records
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.tables import read_table
from tests.preparation.table_files import GOOD, HEADER_LINE, SPECIES, text_file

letters = st.sampled_from(
    [
        "a",
        "B1",
        "7",
        "0,5",
        " ",
        "  ",
        "",
        "\t",
        ";",
        ",",
        '"',
        '""',
        "\n",
        "\r\n",
        "\r",
        "é",
        "鸟",
        "\u00a0",
        "\u2003x",
        "\ufeff",
        "|",
    ]
)
texts = st.lists(letters, max_size=5).map("".join)
marks = st.sampled_from([",", ";", "\t", "|"])
ends = st.sampled_from(["\n", "\r\n"])


def as_text(rows: list[list[str]], mark: str, end: str, always: bool) -> str:
    """Rows as RFC 4180 writes them."""

    def cell(words: str) -> str:
        needs = always or any(letter in words for letter in f'"\r\n{mark}')
        return '"' + words.replace('"', '""') + '"' if needs else words

    return end.join(mark.join(map(cell, row)) for row in rows) + end


def cells_of(grid: records.Grid) -> list[list[str | None]]:
    return grid.top(len(grid.cells))


def without_blank_ends(cells: list[list[str | None]]) -> list[list[str | None]]:
    while cells and not any(cells[-1]):
        cells = cells[:-1]
    return cells


@settings(max_examples=200)
@given(content=st.lists(letters, max_size=30).map("".join), mark=marks)
@example(content='a,"b\nc",d\n1,2,3\n', mark=",")
@example(content='a,b\n"",""\n', mark=",")
@example(content='a,b\n1,"x"y\n', mark=",")
@example(content="a,b\n\n1,2\n", mark=",")
@example(content="a\n\nb\n", mark=",")
@example(content='""""', mark=",")
def test_whatever_the_quick_reader_takes_the_careful_one_reads_alike(content, mark):
    quick = records.cut_quickly(content.encode(), mark)
    if quick is None:
        return
    careful = records.cut_carefully(content, mark, "f.csv")
    one, other = without_blank_ends(cells_of(quick)), without_blank_ends(cells_of(careful))
    width = max(map(len, [*one, *other]), default=0)
    assert [row + [None] * (width - len(row)) for row in one] == [row + [None] * (width - len(row)) for row in other]
    assert [str(kind) for kind in quick.cells.dtypes] == ["str"] * quick.cells.shape[1]


@settings(max_examples=100)
@given(data=st.data(), mark=marks, end=ends, always=st.booleans(), width=st.integers(2, 4), piece=st.integers(1, 9))
def test_a_well_formed_table_is_read_as_it_was_written_and_quickly(data, mark, end, always, width, piece):
    written = st.lists(st.text("aB7é鸟 ,;\n\"'\t|", max_size=6), min_size=width, max_size=width)
    rows = data.draw(st.lists(written, min_size=1, max_size=6).filter(lambda rows: any(rows[0]) and rows[0][0].strip()))
    rows[0] = [f"name{at}" for at in range(width)]
    with pytest.MonkeyPatch.context() as patch:
        # Texts in quotation marks that go over the edge of a piece.
        patch.setattr(records, "_BYTES_AT_ONCE", piece)
        quick = records.cut_quickly(as_text(rows, mark, end, always).encode(), mark)
    assert quick is not None
    assert cells_of(quick) == [[cell if cell.strip() else None for cell in row] for row in rows]


def without_the_quick_reader(content: bytes, mark: str, shown: str) -> records.Grid:
    return records.cut_carefully(content.decode(), mark, shown)


cells = st.sampled_from(
    [
        "B1",
        "B2",
        "Birds",
        "2010",
        "LC",
        "0.5",
        "0,5",
        "",
        " ",
        " x ",
        '"q"',
        '"two\nlines"',
        '"a,b"',
        "é",
        '"a\n1,2,3,4,5\n"',
        HEADER_LINE,
    ]
)
lines = st.lists(cells, min_size=5, max_size=5).map(",".join) | st.sampled_from(["", " ", "B1", ",,,,", HEADER_LINE])


@settings(max_examples=150, deadline=None)
@given(body=st.lists(lines, max_size=8), end=ends, last=st.sampled_from(["", "\n", "\n\n"]))
def test_both_readers_give_one_table_and_say_the_same(tmp_path_factory, body, end, last):
    folder = tmp_path_factory.mktemp("roads")
    path = text_file(folder, end.join([HEADER_LINE, *body]) + last)

    def outcome() -> tuple:
        try:
            raw = read_table(path, SPECIES, TableMapping())
        except WorkbenchError as refused:
            return tuple(refused.issues)
        return raw.data.to_dict("tight"), list(map(str, raw.data.dtypes)), raw.issues, raw.reading

    with pytest.MonkeyPatch.context() as patch:
        as_it_is = outcome()
        patch.setattr("gbf_workbench.preparation.delimited.cut", without_the_quick_reader)
        careful = outcome()
    assert repr(as_it_is) == repr(careful)


def test_a_plain_file_takes_the_quick_way():
    assert records.cut_quickly(GOOD.encode(), ",") is not None


@pytest.mark.parametrize(
    "content",
    ["a,b\n1,2,3\n", "a,b\n1\n", 'a,b\n1,"x"y\n', 'a,b\n1,x"y\n', 'a,b\n1,"x\n', "a,b\r1,2\r", "\na,b\n1,2\n"],
)
def test_what_is_not_plain_is_left_to_the_careful_reader(content):
    assert records.cut_quickly(content.encode(), ",") is None


def test_a_table_longer_than_one_piece_keeps_its_rows(tmp_path: Path):
    """The careful reader works piece by piece; a row of another length at the end shows that it did the work."""
    rows = [["n", "m"], *[[str(at), f'x"{at}' if at % 7 == 0 else ""] for at in range(45_000)], ["last", "one", "more"]]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    assert records.cut_quickly(out.getvalue().encode(), ",") is None
    grid = records.cut(out.getvalue().encode(), ",", "f.csv")
    assert cells_of(grid) == [[cell or None for cell in row] + [None] * (3 - len(row)) for row in rows]
    assert list(grid.lengths) == [len(row) for row in rows]
