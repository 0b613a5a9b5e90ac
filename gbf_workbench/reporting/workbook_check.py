"""Checking a workbook that somebody made for the Convention's reporting tool, before the tool cuts its numbers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gbf_workbench.errors import Issue, WorkbenchError, sorted_issues
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.reader.asking import read_book
from gbf_workbench.preparation.spreadsheets import places_of
from gbf_workbench.preparation.stored_cells import Book, Cell
from gbf_workbench.reporting.importer_rules import (
    COLUMNS,
    DATE,
    SPACES,
    CannotReadError,
    parse_float,
    seen_value,
)
from gbf_workbench.reporting.value_texts import kind_of_value_text
from gbf_workbench.reporting.workbook_header import Table, find_table, header_issues

CODE, NAME, ANSWER, TYPE, CLASS, YEAR, UNIT, VALUE, FOOTNOTE = COLUMNS
#: Years outside these are slips of the hand.
FIRST_CREDIBLE_YEAR, LAST_CREDIBLE_YEAR = 1500, 2100

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LOOKALIKES = str.maketrans({"А": "A", "В": "B", "С": "C", "а": "a", "с": "c", **dict.fromkeys(",·_-–", ".")})
_PERCENT_IDS = frozenset({9, 10})
#: Findings of one kind in one column are one finding, whatever the cells say.
_BY_KIND = re.compile(r"workbook\.(?:value_|year_|formula|total_with_class).*")
#: A cell of which the reason why it cannot be used is already said.
_SAID = object()


@dataclass(frozen=True)
class _Row:
    number: int
    cells: Mapping[str, Cell]
    seen: Mapping[str, Any]

    def text(self, column: str) -> str:
        value = self.seen.get(column)
        return as_text(value) if isinstance(value, str | float) else ""

    def is_blank(self, *columns: str) -> bool:
        return all(self.seen.get(column) is None for column in columns)


def check_workbook(
    path: str | Path,
    *,
    known_codes: Callable[[str], bool] | Collection[str],
    value_range: tuple[float | None, float | None] | None = None,
) -> list[Issue]:
    """Say everything that is wrong with a workbook for the reporting tool, all at once.

    Parameters
    ----------
    path : str or Path
    known_codes : callable or collection
        The codes of indicators, or what tells whether a text is one.
    value_range : tuple of (float or None, float or None), optional
        Least and greatest value that the indicator can have.

    Returns
    -------
    list of Issue
        Worst first, with the rows that the spreadsheet shows; equal findings are one finding with all its rows.
        A workbook without errors and questions arrives in the tool as it stands.
    """
    path = Path(path)
    try:
        book = read_book(path)
    except WorkbenchError as refused:
        return list(refused.issues)
    table = find_table(book)
    found = list(_book_issues(book, table))
    sheet = book.sheets[0].name if book.sheets else ""
    if table:
        sheet = table.sheet.name
        is_known = known_codes if callable(known_codes) else set(known_codes).__contains__
        found += [*header_issues(book, table), *_sheet_issues(table), *_table_issues(table, is_known, value_range)]
    return list(sorted_issues(issue.placed(file=path.name, sheet=sheet) for issue in _grouped(found)))


def _grouped(issues: Iterable[Issue]) -> list[Issue]:
    groups: dict[tuple, list[Issue]] = defaultdict(list)
    for issue in issues:
        said = () if _BY_KIND.fullmatch(issue.key) else (issue.value, *sorted(issue.values.items()))
        groups[issue.level, issue.key, issue.sheet, issue.column, said].append(issue)
    rows = [tuple(sorted({row for issue in group for row in issue.rows})) for group in groups.values()]
    return [replace(group[0], rows=at) for group, at in zip(groups.values(), rows, strict=True)]


def _book_issues(book: Book, table: Table | None) -> Iterator[Issue]:
    if book.is_strict:
        yield Issue("error", "workbook.strict")
    if book.has_macros:
        yield Issue("flag", "workbook.macros")
    if table is None:
        yield Issue("error", "workbook.no_table", {"expected": " | ".join(COLUMNS)})
        return
    others = [sheet for sheet in book.sheets if sheet is not table.sheet]
    for sheet in others:
        second = find_table(Book((sheet,)))
        if second and CODE in second.places:
            yield Issue("error", "workbook.another_table", sheet=sheet.name)
        elif sheet.hidden and sheet is not book.sheets[0]:
            yield Issue("flag", "workbook.hidden_sheet", sheet=sheet.name)
    if table.sheet.hidden:
        yield Issue("flag", "workbook.hidden_table", sheet=table.sheet.name)


def _sheet_issues(table: Table) -> Iterator[Issue]:
    """Merged and hidden parts of the table, which a person does not see as the tool does."""
    rows = {cell.row for cell in table.sheet.cells if cell.text not in (None, "")}
    if table.sheet.dimension:
        _, _, last_row, last_column = places_of(table.sheet.dimension)
        if last_row < max(rows) or last_column < max(table.places.values()):
            yield Issue("error", "workbook.dimension", value=table.sheet.dimension)
    for merged in table.sheet.merged:
        first_row, first_column, last_row, last_column = places_of(merged)
        in_columns = any(first_column <= place <= last_column for place in table.places.values())
        touched = tuple(row for row in range(first_row, last_row + 1) if row in rows)
        if in_columns and touched and last_row >= table.header_row:
            yield Issue("error", "workbook.merged", value=merged, rows=touched)
    for row in table.sheet.hidden_rows:
        if row in rows and row > table.header_row:
            yield Issue("flag", "workbook.hidden_rows", rows=(row,))
    for name, place in table.places.items():
        if place in table.sheet.hidden_columns:
            yield Issue("flag", "workbook.hidden_column", column=name)


def _table_issues(
    table: Table, is_known: Callable[[str], bool], value_range: tuple[float | None, float | None] | None
) -> Iterator[Issue]:
    names = {place: name for name, place in table.places.items()}
    by_row: dict[int, dict[str, Cell]] = defaultdict(dict)
    for cell in table.sheet.cells:
        if cell.row > table.header_row and cell.column in names:
            by_row[cell.row][names[cell.column]] = cell
    rows = []
    for number in sorted(by_row):
        seen = {}
        for column, cell in by_row[number].items():
            seen[column], issue = _look(cell)
            if issue:
                yield issue.placed(column=column, value=cell.text or "", rows=(number,))
        rows.append(_Row(number, by_row[number], seen))
    filled = [row for row in rows if not row.is_blank(*COLUMNS)]
    yield from _blank_row_issues(table, filled)
    useful = []
    for row in filled:
        if row.is_blank(ANSWER, TYPE, CLASS, UNIT, VALUE, FOOTNOTE) and {UNIT, VALUE} <= set(table.places):
            yield Issue("flag", "workbook.row_unfilled", rows=(row.number,))
        else:
            useful.append(row)
            yield from _row_issues(row, set(table.places), is_known, value_range)
    yield from _between_rows(useful, is_known)


def _look(cell: Cell) -> tuple[Any, Issue | None]:
    """What the tool sees in a cell, and what is wrong with the cell itself."""
    if cell.kind == "e":
        return _SAID, Issue("error", "workbook.error_value")
    if cell.formula and cell.text in (None, ""):
        return _SAID, Issue("error", "workbook.formula_without_value")
    try:
        seen = seen_value(cell)
    except CannotReadError:
        words = (cell.text or "").strip(SPACES)
        return words or None, Issue("error", "workbook.unreadable_cell")
    return seen, Issue("flag", "workbook.formula") if cell.formula else None


def _blank_row_issues(table: Table, filled: list[_Row]) -> Iterator[Issue]:
    if not filled:
        yield Issue("error", "workbook.no_rows")
        return
    present = {row.number for row in filled}
    for number in range(table.header_row + 1, filled[-1].number):
        if number not in present:
            yield Issue("flag", "workbook.blank_row", rows=(number,))


def _row_issues(row: _Row, present: set[str], is_known: Callable, value_range: Any) -> Iterator[Issue]:
    checks = {CODE: _code_issues(row, is_known), ANSWER: _breakdown_issues(row, present), YEAR: _year_issues(row),
              UNIT: _unit_issues(row), VALUE: _value_issues(row, value_range)}  # fmt: skip
    for column, issues in checks.items():
        if column in present and row.seen.get(column) is not _SAID:
            yield from (issue.placed(column=column, value=row.text(column), rows=(row.number,)) for issue in issues)
    for column in (TYPE, CLASS, UNIT, FOOTNOTE):
        if row.text(column).startswith("["):
            words = row.text(column)
            yield Issue("error", "workbook.placeholder", column=column, value=words, rows=(row.number,))


def _code_issues(row: _Row, is_known: Callable[[str], bool]) -> Iterator[Issue]:
    seen, words = row.seen.get(CODE), row.text(CODE)
    stored = row.cells[CODE].text if CODE in row.cells else ""
    if seen is None:
        yield Issue("error", "workbook.code_blank")
    elif seen is DATE:
        yield Issue("error", "workbook.code_date", value=stored)
    elif isinstance(seen, float) and is_known(words):
        yield Issue("flag", "workbook.code_number")
    elif is_known(words):
        if stored != words:
            yield Issue("flag", "workbook.code_spaces")
    elif meant := _code_meant(words, is_known):
        yield Issue("error", "workbook.code_spelling", {"expected": meant})
    elif _UUID.fullmatch(words):
        yield Issue("flag", "workbook.code_national")
    else:
        yield Issue("error", "workbook.code_unknown")


def _code_meant(words: str, is_known: Callable[[str], bool]) -> str | None:
    said = unicodedata.normalize("NFKC", words).translate(_LOOKALIKES)
    said = "".join(letter for letter in said if letter.isalnum() or letter == ".").strip(".")
    number = re.sub(r"(?<=\.)0*([1-9]\d*?)0*$", r"\1", said)
    tries = (said, said.upper(), said.lower(), said[:-1] + said[-1:].lower(), number, number.lstrip("0"))
    return next((one for one in tries if one and is_known(one)), None)


def _breakdown_issues(row: _Row, present: set[str]) -> Iterator[Issue]:
    seen, answer = row.seen.get(ANSWER), row.text(ANSWER).lower()
    kept = {column: row.text(column) for column in (TYPE, CLASS) if column in present}
    named = [column for column, words in kept.items() if words]
    if seen is None:
        yield Issue("error" if named else "flag", f"workbook.answer_blank{'_with_class' if named else ''}")
    elif not isinstance(seen, str):
        yield Issue("error", "workbook.answer_not_text", value=row.cells[ANSWER].text or "")
    elif answer not in ("yes", "no"):
        yield Issue("error", "workbook.answer_wrong")
    elif answer == "no":
        for column in named:
            yield Issue("error", "workbook.total_with_class", column=column, value=kept[column])
    for column in kept:
        if row.seen.get(column) is DATE:
            yield Issue("error", "workbook.class_date", column=column, value=row.cells[column].text or "")
        elif answer == "yes" and row.seen.get(column) is None:
            yield Issue("error", "workbook.class_missing", column=column)


def _year_issues(row: _Row) -> Iterator[Issue]:
    seen = row.seen.get(YEAR)
    if seen is None:
        yield Issue("error", "workbook.year_blank")
    elif seen is DATE:
        yield Issue("error", "workbook.year_date", value=row.cells[YEAR].text or "")
    elif not isinstance(seen, float):
        yield Issue("error", "workbook.year_text")
    elif not seen.is_integer():
        yield Issue("error", "workbook.year_decimal")
    elif not FIRST_CREDIBLE_YEAR <= seen <= LAST_CREDIBLE_YEAR:
        yield Issue("error", "workbook.year_absurd")


def _unit_issues(row: _Row) -> Iterator[Issue]:
    if row.seen.get(UNIT) is None:
        yield Issue("error", "workbook.unit_blank")
    elif row.seen[UNIT] is DATE:
        yield Issue("error", "workbook.unit_date", value=row.cells[UNIT].text or "")


def _value_issues(row: _Row, value_range: tuple[float | None, float | None] | None) -> Iterator[Issue]:
    seen = row.seen.get(VALUE)
    if seen is None:
        yield Issue("question", "workbook.value_blank")
    elif isinstance(seen, str):
        kind = kind_of_value_text(seen)
        level = {"as_text": "flag", "comma_unclear": "question"}.get(kind, "error")
        yield Issue(level, f"workbook.value_{kind}", {"read": f"{parse_float(seen):g}"})
    elif not isinstance(seen, float):
        kind = "date" if seen is DATE else "boolean"
        yield Issue("error", f"workbook.value_{kind}", value=row.cells[VALUE].text or "")
    else:
        shown = row.cells[VALUE].format
        if shown.id in _PERCENT_IDS or "%" in re.sub(r'"[^"]*"|\\.', "", shown.code):
            yield Issue("question", "workbook.value_percent_format", {"shown": f"{100 * seen:g} %"})
        low, high = value_range or (None, None)
        if (low is not None and seen < low) or (high is not None and seen > high):
            limits = {"low": "–" if low is None else as_text(low), "high": "–" if high is None else as_text(high)}
            yield Issue("error", "workbook.value_out_of_range", limits)


def _between_rows(rows: list[_Row], is_known: Callable[[str], bool]) -> Iterator[Issue]:
    """What only shows when rows are compared: several codes, several units in a series, the same number twice."""
    codes = Counter(row.text(CODE) for row in rows if is_known(row.text(CODE)) or _UUID.fullmatch(row.text(CODE)))
    most = codes.most_common(1)[0][0] if codes else ""
    series: dict[tuple, list[_Row]] = defaultdict(list)
    for row in rows:
        if row.text(CODE) in codes and row.text(CODE) != most:
            at = {"column": CODE, "value": row.text(CODE), "rows": (row.number,)}
            yield Issue("error", "workbook.codes_mixed", {"expected": most}, **at)
        series[tuple(" ".join(row.text(column).casefold().split()) for column in (CODE, TYPE, CLASS))].append(row)
    for same in series.values():
        yield from _series_issues(same)


def _series_issues(rows: list[_Row]) -> Iterator[Issue]:
    name = rows[0].text(CLASS) or rows[0].text(CODE)
    units = {row.text(UNIT): row.number for row in rows if row.text(UNIT)}
    if len(units) > 1:
        numbers = tuple(row.number for row in rows)
        yield Issue("error", "workbook.units_mixed", {"units": ", ".join(units)}, column=UNIT, value=name, rows=numbers)
    by_year: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.text(YEAR):
            by_year[row.text(YEAR)].append(row.number)
    again = tuple(number for numbers in by_year.values() if len(numbers) > 1 for number in numbers)
    if again:
        years = ", ".join(year for year, numbers in by_year.items() if len(numbers) > 1)
        yield Issue("error", "workbook.duplicate_row", {"years": years}, value=name, rows=again)
