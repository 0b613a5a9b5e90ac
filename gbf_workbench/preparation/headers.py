"""From a rectangle of cells to named columns: where the names stand, and what is odd about the rows below them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.preparation.grid import Cells, Grid
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.spreadsheets import column_letters
from gbf_workbench.preparation.tables import (
    HEADER_SEARCH,
    RawTable,
    as_name,
    column_of,
    header_score,
    known_names,
    plain,
)
from gbf_workbench.preparation.text_bytes import TextBytes, of_texts, stretches

#: Rows and columns that the old and the new kind of workbook can hold; a table of just so many was probably cut off.
_ROW_LIMITS = (65_536, 1_048_576)
_COLUMN_LIMITS = (256, 16_384)
_NUMBERS = ("integer", "number", "year", "date")


def with_header(grid: Grid, schema: TableSchema, mapping: TableMapping, raw: RawTable) -> RawTable:
    """Find the header row and put the rows below it under its names.

    Raises
    ------
    WorkbenchError
        If there are no names, names that cannot be told apart, or no rows below them.
    """
    at = _header_position(grid, schema, mapping)
    header = _header(grid, at)
    found = [*raw.issues, *_names_in_two_rows(grid, at, header, schema, mapping)]
    grid, merged = _fill_merged(grid, at, header, schema, mapping)
    body = grid.cells.iloc[at + 1 :]
    body = _without_blank_rows(body)
    if body.empty:
        raise problem("check.empty")
    found += _place_issues(at, header, body, mapping)
    found += [*merged, *_row_issues(grid, header, body, schema, mapping), *_unnamed_issues(body, header)]
    places = [place for place, name in enumerate(header) if name]
    data = body.iloc[:, places]
    data.columns = [header[place] for place in places]
    reading = replace(raw.reading, header_row=at + 1, rows=len(data), columns=len(places)) if raw.reading else None
    placed = [issue.placed(file=raw.file, sheet=raw.sheet) for issue in found]
    return RawTable(data, raw.file, raw.sheet, placed, reading)


def _without_blank_rows(body: pd.DataFrame) -> pd.DataFrame:
    # One column without a gap, often the first, shows that there is none; else all of them have to be looked at.
    if any(body[name].notna().all() for name in body):
        return body
    return body[body.notna().any(axis=1)]


def _header_position(grid: Grid, schema: TableSchema, mapping: TableMapping) -> int:
    top = grid.top(HEADER_SEARCH)
    score, at = header_score(top, known_names(schema, mapping))
    if mapping.header_row:
        at = mapping.header_row - 1
    elif not score:
        filled = grid.cells.notna().any(axis=None)
        raise problem("check.header_not_found" if filled else "check.empty", expected=", ".join(schema.names))
    if at >= len(grid.cells):
        raise problem("check.empty")
    return at


def _header(grid: Grid, at: int) -> list[str]:
    """The names in the header row; a name merged over several rows counts, one merged over columns cannot be told."""
    header = [as_name(cell) for cell in grid.row(at)]
    for top, left, bottom, right in grid.merged:
        if top <= at <= bottom and left < len(header):
            name = as_name(grid.row(top)[left])
            if right > left:
                below = [as_name(cell) for cell in grid.row(bottom + 1)[left : right + 1]]
                area = f"{column_letters(left + 1)}{top + 1}:{column_letters(right + 1)}{bottom + 1}"
                names = _joined_names([name] * (right - left + 1), below)
                raise problem("check.merged_header", column=name, value=area, rows=(at + 1,), names=names)
            header[left] = name
    while header and not header[-1]:
        header.pop()
    again = Counter(plain(name) or name for name in header if name)
    twice: dict[str, list[str]] = {}
    for place, name in enumerate(header, 1):
        if name and again[plain(name) or name] > 1:
            twice.setdefault(name, []).append(column_letters(place))
    if twice:
        letters = {name: [] for name in (plain(one) or one for one in twice)}
        for name, places in twice.items():
            letters[plain(name) or name] += places
        raise WorkbenchError(*(
            Issue("error", "check.header_repeated", {"letters": ", ".join(letters[plain(name) or name])}, column=name,
                  rows=(at + 1,))
            for name in sorted(twice)
        ))  # fmt: skip
    return header


def _joined_names(above: list[str], below: list[str]) -> str:
    """Names of one row for two rows of names."""
    return ", ".join("_".join(part for part in parts if part) for parts in zip(above, below, strict=False))


def _names_in_two_rows(
    grid: Grid, at: int, header: list[str], schema: TableSchema, mapping: TableMapping
) -> list[Issue]:
    """Names spread over two rows: half of them in the row above, or the years of a wide name in the row below."""
    names = known_names(schema, mapping)
    here = {plain(name) for name in header}
    above = [as_name(cell) for cell in grid.row(at - 1)] if not mapping.header_row else []
    over_gaps = [name for place, name in enumerate(above) if name and not (header + [""] * len(above))[place]]
    if {plain(name) for name in over_gaps} & (names - here):
        named = {"names": _joined_names(above, header)}
        return [Issue("error", "check.two_header_rows", named, rows=(at, at + 1))]
    below = [as_name(cell) for cell in grid.row(at + 1)]
    width = max(len(header), len(below))
    header, below = header + [""] * (width - len(header)), below + [""] * (width - len(below))
    # A name over a filled cell, and beside it another filled cell without a name: “Area”, with 2020 and 2021 below it.
    wide = any(
        header[at] and not header[at + 1] and below[at] and below[at + 1] and below[at] != below[at + 1]
        for at in range(width - 1)
    )
    under_gaps = {plain(name) for place, name in enumerate(below) if name and not header[place]}
    required = {column_of(one.name, header, schema, mapping) for one in schema.fields if one.required} - {None, ""}
    gaps = [name for place, name in enumerate(header) if name in required and not below[place]]
    if not gaps or not (wide or under_gaps & (names - here)):
        return []
    named = {"names": _joined_names(_carried(header, below), below)}
    return [Issue("error", "check.two_header_rows", named, rows=(at + 1, at + 2))]


def _carried(header: list[str], below: list[str]) -> list[str]:
    """Each wide name over all the columns it stands for."""
    found, last = [], ""
    for name, under in zip(header, below, strict=True):
        last = name or (last if under else "")
        found.append(last)
    return found


def _fill_merged(
    grid: Grid, at: int, header: list[str], schema: TableSchema, mapping: TableMapping
) -> tuple[Grid, list[Issue]]:
    """Write a label merged over rows into each of them; anything else that is merged is refused."""
    labels = [
        one for one in schema.fields
        if one.name in schema.primary_key or (one.type == "string" and one.required and not (one.enum or one.codes))
    ]  # fmt: skip
    fillable = {column_of(one.name, header, schema, mapping) for one in labels} - {None}
    issues = []
    for top, left, bottom, right in grid.merged:
        row = grid.row(top)
        if top <= at or left >= len(header) or left >= len(row) or row[left] is None:
            continue
        place = {"column": header[left] or column_letters(left + 1), "rows": tuple(range(top + 1, bottom + 2))}
        area = f"{column_letters(left + 1)}{top + 1}:{column_letters(right + 1)}{bottom + 1}"
        is_label = right == left and header[left] in fillable
        level, key = ("repair", "check.merged_filled") if is_label else ("error", "check.merged_cells")
        issues.append(Issue(level, key, {"range": area}, value=as_text(row[left]), **place))
        if is_label:
            grid = grid.filled(slice(top + 1, bottom + 1), left, row[left])
    return grid, issues


def _place_issues(at: int, header: list[str], body: pd.DataFrame, mapping: TableMapping) -> list[Issue]:
    """A table that does not begin in the first cell of its sheet."""
    left = next(place for place, name in enumerate(header) if name)
    area = f"{column_letters(left + 1)}{at + 1}:{column_letters(len(header))}{body.index[-1]}"
    if at and not mapping.header_row:
        return [Issue("repair", "check.header_found", {"row": at + 1, "above": at, "range": area}, value=area)]
    empty = body.iloc[:, :left].isna().all(axis=None)
    return [Issue("repair", "check.table_found", {"range": area}, value=area)] if left and empty else []


def _row_issues(
    grid: Grid, header: list[str], body: pd.DataFrame, schema: TableSchema, mapping: TableMapping
) -> list[Issue]:
    """What is odd about whole rows: too long, the header once more, blank, hidden, or as many as a program can hold."""
    issues = []
    numbers = body.index
    if body.shape[1] > len(header):
        long = body.iloc[:, len(header) :].notna().any(axis=1).to_numpy()
        if long.any():
            issues.append(Issue("error", "check.extra_cells", rows=tuple(map(int, numbers[long]))))
    # Rows of a sheet are all of one length; in a text file a short one may be what is left of a longer one.
    if grid.lengths is not None:
        short = numbers[grid.lengths[numbers - 1] < len(header)]
        issues += [Issue("flag", "check.short_rows", rows=tuple(map(int, short)))] if len(short) else []
    blank = _blank_rows(numbers)
    issues += _further_headers(header, body, blank, schema, mapping)
    if blank:
        issues.append(Issue("repair", "check.blank_rows", rows=blank))
    if hidden := tuple(row for row in grid.hidden_rows if row in numbers):
        issues.append(Issue("flag", "check.hidden_rows", rows=hidden))
    if unseen := [header[at - 1] for at in grid.hidden_columns if at <= len(header) and header[at - 1]]:
        issues.append(Issue("flag", "check.hidden_columns", {"names": ", ".join(unseen)}, column=unseen[0]))
    last = int(numbers[-1])
    if last in _ROW_LIMITS and not mapping.complete:
        issues.append(Issue("error", "check.row_limit", {"limit": last}, rows=(last,)))
    if len(header) in _COLUMN_LIMITS and not mapping.complete:
        issues.append(Issue("error", "check.column_limit", {"limit": len(header)}, column=header[-1]))
    return issues


def _blank_rows(numbers: pd.Index) -> tuple[int, ...]:
    first, last = int(numbers[0]), int(numbers[-1])
    if last - first + 1 == len(numbers):
        return ()
    return tuple(map(int, np.setdiff1d(np.arange(first, last), numbers.to_numpy())))


def _further_headers(
    header: list[str], body: pd.DataFrame, blank: tuple[int, ...], schema: TableSchema, mapping: TableMapping
) -> list[Issue]:
    """Rows in which the column names stand once more, or in which other names stand after a gap."""
    issues = []
    again = _rows_like_the_header(header, body)
    if again:
        issues.append(Issue("error", "check.header_again", rows=again))
    kinds = {column_of(one.name, header, schema, mapping): one.type for one in schema.fields}
    counted = [place for place, name in enumerate(header) if kinds.get(name) in _NUMBERS]
    after = [row + 1 for row in blank if row + 1 in body.index and row + 1 not in again]
    other = []
    for number in after:
        cells = body.loc[[number]].iloc[0, : len(header)]
        names = [as_name(cell) for cell in cells if isinstance(cell, str)]
        is_names = len(names) > 1 and len(set(names)) == len(names) == cells.notna().sum()
        if is_names and any(isinstance(cells.iloc[at], str) for at in counted) and not any(map(_has_digit, names)):
            other.append(number)
    if other:
        issues.append(Issue("error", "check.second_table", rows=tuple(other)))
    return issues


def _has_digit(words: str) -> bool:
    return any(letter.isdigit() for letter in words)


def _rows_like_the_header(header: list[str], body: pd.DataFrame) -> tuple[int, ...]:
    named = [place for place, name in enumerate(header) if name and place < body.shape[1]]
    for place in named:
        # The longest word of a name is enough to find the few rows that are worth a closer look.
        near = _rows_with(max(header[place].split(), key=len), body.iloc[:, place])
        if not near.any():
            return ()
        body = body.iloc[np.flatnonzero(near)]
    rows: Cells = [list(cells) for cells in body.itertuples(index=False)]
    found = [_names(cells[: len(header)]) == header for cells in rows]
    return tuple(int(number) for number, same in zip(body.index, found, strict=True) if same)


def _rows_with(word: str, column: pd.Series) -> np.ndarray:
    """Which cells hold a word."""
    if column.dtype != "str":
        return np.fromiter((isinstance(cell, str) and word in cell for cell in column), dtype=bool, count=len(column))
    # To look through the bytes of many cells at once takes far less time than to look into each.
    if not any(word.encode() in TextBytes(part).bytes.tobytes() for part in stretches(of_texts(column))):
        return np.zeros(len(column), dtype=bool)
    return column.str.contains(word, regex=False, na=False).to_numpy()


def _names(cells: list[Any]) -> list[str]:
    return ["" if isinstance(cell, float) and cell != cell else as_name(cell) for cell in cells]


def _unnamed_issues(body: pd.DataFrame, header: list[str]) -> list[Issue]:
    """Columns that hold something but have no name."""
    unnamed = [at for at, name in enumerate(header) if not name and body.iloc[:, at].notna().any()]
    names = ", ".join(column_letters(at + 1) for at in unnamed)
    return [Issue("flag", "check.unnamed_columns", {"names": names})] if names else []
