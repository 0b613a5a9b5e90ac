"""Tables too long to look at as a whole: what is found in them depends on no place where they are cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.preparation import row_codes, text_bytes
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.columns import Source, convert
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.row_codes import RowCodes, repeats_few
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.preparation.side_by_side import side_by_side
from gbf_workbench.preparation.tables import RawTable, read_table

ROWS = 120_000
CELLS = st.lists(st.sampled_from(["a", "b", "ab", "é", "2020", "a long text of many letters", None]), max_size=40)


@pytest.fixture
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_bytes, "_ROWS_AT_ONCE", 3)


def long_table(**changed: dict[int, str]) -> pd.DataFrame:
    """Species at two dates; ``changed`` holds other cells by column and row as a spreadsheet counts."""
    half = ROWS // 2
    cells = {
        "species_id": [f"SP-{at:06d}" for at in range(half)] * 2,
        "taxonomic_group": ["Birds", "Frogs"] * half,
        "year": ["2010"] * half + ["2020"] * half,
        "category": ["LC", "NT", "VU"] * (ROWS // 3),
        "range_share": [f"{at % 1000 / 1000:.4f}" for at in range(ROWS)],
        "scope": ["national"] * ROWS,
    }
    for name, by_row in changed.items():
        for row, cell in by_row.items():
            cells[name][row - 2] = cell
    return pd.DataFrame(cells)


def checked(table: pd.DataFrame, folder: Path) -> tuple[RawTable, pd.DataFrame, list[tuple]]:
    path = folder / "red_list_assessments.csv"
    table.to_csv(path, index=False)
    schema, mapping = schema_of("red_list_assessments"), TableMapping(unknown=("reason_for_change",))
    raw = read_table(path, schema, mapping)
    made, issues = check_table(raw, schema, mapping)
    return raw, made, [(one.level, one.key, one.column, one.rows) for one in issues]


def test_a_long_table_without_a_fault_is_read_whole_and_nothing_is_said(tmp_path: Path) -> None:
    sent = long_table()
    _, table, said = checked(sent, tmp_path)
    assert said == []
    assert table.index.tolist() == list(range(2, ROWS + 2))
    assert table["species_id"].tolist() == sent["species_id"].tolist()
    assert table["year"].tolist() == [int(one) for one in sent["year"]]
    assert table["range_share"].tolist() == [float(one) for one in sent["range_share"]]
    assert table["scientific_name"].isna().all()


def test_faults_far_down_a_long_table_are_found_in_their_rows_and_in_the_order_of_the_fields(tmp_path: Path) -> None:
    _, table, said = checked(
        long_table(
            species_id={90_000: " SP-X1", 110_000: "SP-\ufffd2"},
            year={100_001: "20x0"},
            category={70_001: "XX"},
            range_share={119_999: "-0.5", 33_000: "n/a"},
            scope={120_001: ""},
        ),
        tmp_path,
    )
    assert said == [
        ("repair", "check.trimmed", "species_id", (90_000,)),
        ("error", "check.lost_letters", "species_id", (110_000,)),
        ("error", "check.not_a_year", "year", (100_001,)),
        ("error", "check.not_in_list", "category", (70_001,)),
        ("question", "check.stand_in", "range_share", (33_000,)),
        ("error", "check.below_minimum", "range_share", (119_999,)),
        ("error", "check.required", "scope", (120_001,)),
    ]
    assert table["species_id"].loc[90_000] == "SP-X1"


def test_the_header_once_more_is_found_in_the_middle_of_a_long_table(tmp_path: Path) -> None:
    names = {name: {77_777: name} for name in long_table()}
    raw, _, _ = checked(long_table(**names), tmp_path)
    assert [(one.key, one.rows) for one in raw.issues] == [("check.header_again", (77_777,))]


def test_a_row_that_stands_twice_is_left_out_wherever_it_stands(tmp_path: Path) -> None:
    table = long_table()
    table.iloc[99_999] = table.iloc[10]
    _, made, said = checked(table, tmp_path)
    assert said == [("repair", "check.identical_rows", "", (100_001,))]
    assert len(made) == ROWS - 1


@pytest.mark.usefixtures("short_stretches")
@given(CELLS, CELLS)
@settings(max_examples=60, deadline=None)
def test_different_texts_are_told_apart_across_all_pieces(first: list[str | None], second: list[str | None]) -> None:
    arrow = pa.chunked_array([pa.array(part, pa.large_string()) for part in (first, second)])
    codes, different = text_bytes.coded(arrow)
    values = different.to_pylist()
    assert len(set(values)) == len(values)
    assert [values[code] for code in codes] == first + second


@pytest.mark.usefixtures("short_stretches")
@given(CELLS.filter(bool))
@settings(max_examples=60, deadline=None)
def test_cells_have_the_same_number_if_they_are_equal_and_no_other(cells: list[str | None]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        # Also texts that repeat are told apart by their bytes here.
        patched.setattr(row_codes, "repeats_few", lambda column: False)
        numbers = RowCodes(pd.DataFrame({"a": pd.array(cells, dtype="str")})).of("a").tolist()
    assert [[one == other for other in numbers] for one in numbers] == [
        [one == other for other in cells] for one in cells
    ]


def test_whether_a_column_repeats_few_texts_does_not_depend_on_its_pieces() -> None:
    def column(texts: list[str], size: int) -> pd.Series:
        parts = [pa.array(texts[at : at + size], pa.large_string()) for at in range(0, len(texts), size)]
        return pd.Series(pd.StringDtype(na_value=np.nan).__from_arrow__(pa.chunked_array(parts)))

    few, many = ["a", "b"] * 5000, [f"{at}" for at in range(10_000)]
    assert [repeats_few(column(few, size)) for size in (7, 999, 20_000)] == [True] * 3
    assert [repeats_few(column(many, size)) for size in (7, 999, 20_000)] == [False] * 3


@pytest.mark.parametrize("blank", ["\u00a0", "\u00a0\u2003", " \u3000"])
def test_a_cell_of_spaces_from_a_web_page_is_empty_also_beside_foreign_letters(tmp_path: Path, blank: str) -> None:
    path = tmp_path / "red_list_assessments.csv"
    path.write_text(f"species_id,taxonomic_group\nS1,Çiçekler\nS2,{blank}\nS3,Birds\n", encoding="utf-8")
    schema = schema_of("red_list_assessments")
    cells = read_table(path, schema, TableMapping()).data["taxonomic_group"]
    issues: list = []
    made = convert(cells, schema.field("taxonomic_group"), Source("taxonomic_group"), issues)["taxonomic_group"]
    assert made.fillna("nothing").tolist() == ["Çiçekler", "nothing", "Birds"]
    assert [(one.key, one.rows) for one in issues] == [("check.required", (3,))]


@pytest.mark.parametrize("rows", [3, 1_000_000])
def test_columns_come_back_in_their_order_and_a_fault_in_one_is_heard(rows: int) -> None:
    assert side_by_side(lambda one: one * 2, ["a", "b", "c"], rows) == ["aa", "bb", "cc"]
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda one: 1 // one, [1, 0], rows)
