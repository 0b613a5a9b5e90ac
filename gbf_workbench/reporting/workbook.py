"""The workbook that goes into the Convention's reporting tool: nine columns, and every number arrives as it left."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.locales import direction, number, text
from gbf_workbench.locales import note as note_in_words
from gbf_workbench.reporting.files import whole_file
from gbf_workbench.reporting.importer_rules import COLUMNS, SPACES, read_as_importer
from gbf_workbench.reporting.wording import digits_of
from gbf_workbench.results import WITH_NUMBER, Result

#: The forms of the tool begin with this year.
FIRST_YEAR = 2020
LEFT_OUT_COLUMNS = (
    "year", "disaggregation_type", "disaggregation", "unit", "value", "reason", "footnote",
)  # fmt: skip

_LONGEST_TEXT = 32_767
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDTHS = (12, 36, 16, 22, 28, 8, 12, 16, 72)
_LEFT_OUT_WIDTHS = (8, 22, 28, 12, 16, 44, 72)


def workbook_rows(
    data: pd.DataFrame,
    *,
    code: str,
    name: str,
    unit: str,
    first_year: int | None = None,
    last_year: int | None = None,
    whole: str = "All",
    label: Callable[[str], str] = str,
    note: Callable[[Mapping[str, Any]], str] = lambda row: "",
) -> pd.DataFrame:
    """The rows of a result as the reporting tool takes them.

    Rows without a number, of other years, and of a second unit of the same series are not among them;
    ``left_out_rows`` has those.

    Parameters
    ----------
    data : DataFrame
        ``gbf_workbench.results.COLUMNS``.
    code, name : str
        Code of the indicator in the tool (the identifier of a national one) and its name.
    unit : str
        The unit of the indicator; a series that has it is reported in no other.
    first_year, last_year : int, optional
    whole : str
        Class of a row that has a kind of breakdown but no class of it; the tool wants both or none.
    label : callable
        Kinds and classes of a breakdown, as they are to be read.
    note : callable
        The footnote of a row.

    Returns
    -------
    DataFrame
        The nine ``COLUMNS`` of the tool; year as int, value as float, everything else as text.

    Raises
    ------
    WorkbenchError
        If two classes have the same name, so that their numbers could not be told apart.
    """
    sent = data[reasons_to_leave_out(data, unit, first_year, last_year) == ""]
    rows = [
        (
            as_it_arrives(code), as_it_arrives(name), "Yes" if row["disaggregation_type"] else "No",
            as_it_arrives(label(row["disaggregation_type"])), as_it_arrives(label(_class_of(row, whole))),
            int(row["year"]), as_it_arrives(row["unit"]),
            # The tool turns a number into text and back, and the text of minus zero is 0.
            float(row["value"]) + 0.0,
            as_it_arrives(note(row)),
        )
        for row in sent.to_dict("records")
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"Year": "int64", "Value": "float64"})
    again = table[table.duplicated(["Disaggregation type", "Disaggregation", "Year"])]
    if len(again):
        twice = again.iloc[0]
        raise problem("workbook.same_label", value=twice["Disaggregation"], column=twice["Disaggregation type"])
    return table


def _class_of(row: Mapping[str, Any], whole: str) -> str:
    return row["disaggregation"] or (whole if row["disaggregation_type"] else "")


def reasons_to_leave_out(
    data: pd.DataFrame, unit: str, first_year: int | None = None, last_year: int | None = None
) -> pd.Series:
    """Why each row is not uploaded: its status, ``before``, ``after``, ``other_unit``, or "" where it is."""
    reasons = pd.Series("", index=data.index, dtype=object)
    series = data.groupby(["disaggregation_type", "disaggregation"], sort=False)["unit"]
    chosen = series.transform(lambda units: unit if unit in set(units) else units.iloc[0])
    reasons[data["unit"] != chosen] = "other_unit"
    if last_year is not None:
        reasons[data["year"] > last_year] = "after"
    if first_year is not None:
        reasons[data["year"] < first_year] = "before"
    has_no_number = ~data["value_status"].isin(WITH_NUMBER)
    reasons[has_no_number] = data.loc[has_no_number, "value_status"]
    return reasons


def as_it_arrives(words: str) -> str:
    r"""A text in the form in which it comes out at the other end: no outer spaces, nothing that a workbook cannot hold.

    >>> as_it_arrives(" km2\u00a0"), as_it_arrives("a\r\nb\x00")
    ('km2', 'a\nb\ufffd')
    """
    said = str(words).replace("\r\n", "\n").replace("\r", "\n").strip(SPACES)
    said = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", said)
    return said if len(said) <= _LONGEST_TEXT else said[: _LONGEST_TEXT - 1].rstrip(SPACES) + "…"


def footnote(result: Result, row: Mapping[str, Any], language: str | None = None) -> str:
    """What the nine columns have no place for: interval, status, maturity of the method, note and recipe."""
    parts = []
    if row["value_status"] in WITH_NUMBER and row["lower"] == row["lower"]:
        parts.append(_interval(result, row, language))
    if row["value_status"] == "estimated":
        parts.append(text("workbook.footnote.estimated", language))
    if result.spec.maturity == "provisional":
        parts.append(text("workbook.footnote.provisional", language))
    parts.append(note_in_words(row["note"], result.spec.slug, language))
    parts.append(text("workbook.footnote.recipe", language, recipe=result.recipe))
    return " ".join(part for part in parts if part)


def _interval(result: Result, row: Mapping[str, Any], language: str | None) -> str:
    low, high = (number(row[end], language, digits=digits_of(row)) for end in ("lower", "upper"))
    confidence = result.provenance.parameters.get("confidence")
    if confidence is None:
        return text("workbook.footnote.interval", language, low=low, high=high)
    percent = number(100 * confidence, language)
    return text("workbook.footnote.confidence_interval", language, percent=percent, low=low, high=high)


def write_workbook(
    result: Result,
    path: str | Path,
    *,
    indicator_name: str,
    language: str | None = None,
    first_year: int | None = FIRST_YEAR,
    last_year: int | None = None,
) -> Path:
    """Write the workbook of a result, and read it back by the rules of the reporting tool before it gets its name.

    The first sheet holds what the tool reads. What it cannot take (no number, other years, a second unit) stands on a
    second sheet with the reason, so that nothing is lost in silence.

    Parameters
    ----------
    result : Result
    path : str or Path
        File to write; it appears whole or not at all.
    indicator_name : str
    language : str, optional
        Of labels, footnotes and the second sheet; the column names of the first are English in any case.
    first_year, last_year : int, optional
        Years to report; a Red List Index begins decades before the forms of the tool do.

    Returns
    -------
    Path

    Raises
    ------
    WorkbenchError
        If two classes have the same name in this language.
    RuntimeError
        If a number would not arrive unchanged, which is a fault of ours.
    """
    spec, data = result.spec, result.data
    rows = workbook_rows(
        data, code=spec.code, name=indicator_name, unit=spec.unit, first_year=first_year, last_year=last_year,
        whole=text("workbook.whole", language), label=lambda words: spec.label(words, language),
        note=lambda row: footnote(result, row, language),
    )  # fmt: skip
    left_out = left_out_rows(result, language, first_year, last_year)
    content = _workbook_bytes(rows, left_out, result, indicator_name, language)
    with whole_file(Path(path)) as file:
        file.write_bytes(content)
        prove_arrival(file, rows, as_it_arrives(spec.code))
    return Path(path)


def left_out_rows(
    result: Result, language: str | None = None, first_year: int | None = FIRST_YEAR, last_year: int | None = None
) -> pd.DataFrame:
    """The rows that are not uploaded, each with its reason in words; columns as in ``LEFT_OUT_COLUMNS``."""
    data, spec = result.data, result.spec
    reasons = reasons_to_leave_out(data, spec.unit, first_year, last_year)
    limits = {"first_year": str(first_year), "last_year": str(last_year)}
    whole = text("workbook.whole", language)
    rows = [
        (
            int(row["year"]), as_it_arrives(spec.label(row["disaggregation_type"], language)),
            as_it_arrives(spec.label(_class_of(row, whole), language)),
            as_it_arrives(row["unit"]), float(row["value"]) if row["value_status"] in WITH_NUMBER else None,
            text(f"workbook.left_out.{reason}", language, **limits), as_it_arrives(footnote(result, row, language)),
        )
        for row, reason in zip(data.to_dict("records"), reasons, strict=True) if reason
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(LEFT_OUT_COLUMNS))


def prove_arrival(path: Path, rows: pd.DataFrame, code: str) -> None:
    """Read a workbook by the rules of the reporting tool and hold every cell against the rows that were meant.

    Raises
    ------
    RuntimeError
        If a row is missing or any cell differs; numbers must agree in every bit.
    """
    arrived = read_as_importer(path, code)
    if arrived.refused or arrived.failed or arrived.unused or len(arrived.accepted) != len(rows):
        raise RuntimeError(f"the reporting tool would not take the workbook: {arrived}")
    got = arrived.accepted
    same = {
        "Value": got["value"].to_numpy(float).tobytes() == rows["Value"].to_numpy(float).tobytes(),
        "Year": got["year"].tolist() == rows["Year"].tolist(),
        COLUMNS[2]: got["has_disaggregation"].tolist() == (rows[COLUMNS[2]] == "Yes").tolist(),
    }
    texts = {"Disaggregation type": "disaggregation_type", "Disaggregation": "disaggregation", "Unit": "unit",
             "Footnote": "footnote"}  # fmt: skip
    same |= {ours: got[theirs].tolist() == rows[ours].tolist() for ours, theirs in texts.items()}
    if wrong := [column for column, is_same in same.items() if not is_same]:
        raise RuntimeError(f"not everything would arrive unchanged: {', '.join(wrong)}")


def _workbook_bytes(
    rows: pd.DataFrame, left_out: pd.DataFrame, result: Result, name: str, language: str | None
) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    _fill(book.active, text("workbook.sheet.data", language), COLUMNS, rows, _WIDTHS)
    if len(left_out):
        sheet = book.create_sheet()
        header = [text(f"workbook.column.{column}", language) for column in LEFT_OUT_COLUMNS]
        _fill(sheet, text("workbook.sheet.left_out", language), header, left_out, _LEFT_OUT_WIDTHS)
        sheet.sheet_view.rightToLeft = direction(language) == "rtl"
    when = datetime.fromisoformat(result.provenance.computed_at)
    when = (when.astimezone(UTC) if when.tzinfo else when).replace(tzinfo=None, microsecond=0)
    book.properties.creator, book.properties.title = "GBF Workbench", as_it_arrives(name)
    book.properties.created, book.properties.keywords = when, result.recipe
    made = io.BytesIO()
    book.save(made)
    return _at_hour(made.getvalue(), when)


def _fill(sheet: Any, title: str, header: Sequence[str], rows: pd.DataFrame, widths: Sequence[int]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.title = re.sub(r"[\[\]:*?/\\]", " ", title)[:31]
    bold, shade = Font(name="Calibri", size=11, bold=True), PatternFill("solid", start_color="E8EEF2")
    for place, (column, words, width) in enumerate(zip(rows.columns, header, widths, strict=True), start=1):
        is_number = column.lower() in ("year", "value")
        to_the_side = {"horizontal": "right"} if is_number else {"horizontal": "left", "indent": 1}
        shown = Alignment(wrap_text=not is_number, vertical="top", **to_the_side)
        sheet.column_dimensions[get_column_letter(place)].width = width
        for line, value in enumerate([words, *rows[column]], start=1):
            cell = sheet.cell(line, place)
            _put(cell, value)
            cell.alignment = shown
            # A code is text even after somebody has typed over it; a year has no thousands mark.
            cell.number_format = {"Indicator code": "@", "Year": "0", "year": "0"}.get(column, "General")
        sheet.cell(1, place).font, sheet.cell(1, place).fill = bold, shade
    for line, texts in enumerate([header, *rows.itertuples(index=False)], start=1):
        # Not every program makes a row as high as its wrapped text.
        sized = [(words, width) for words, width in zip(texts, widths, strict=True) if isinstance(words, str)]
        lines = max(len(words) // (width - 3) + 1 for words, width in sized)
        sheet.row_dimensions[line].height = min(15 * lines, 400)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _put(cell: Any, value: Any) -> None:
    """Text as text whatever it begins with, numbers with all their digits, and for a blank no cell content at all."""
    if value is None or value == "" or value != value:
        # An empty text in a cell makes the tool's reader stop without a word.
        return
    is_text = isinstance(value, str)
    # openpyxl writes a float with 16 digits, which is one too few, but leaves a text as it is.
    cell.value = value if is_text else repr(float(value)) if isinstance(value, float | np.floating) else str(value)
    cell.data_type = "s" if is_text else "n"
    if is_text and value[0] in "=+-@":
        cell.quotePrefix = True


def _at_hour(content: bytes, when: datetime) -> bytes:
    """The same archive with one hour on all its parts, so that equal results are equal files."""
    written = io.BytesIO()
    hour = max(when, datetime(1980, 1, 1))
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(written, "w") as after:
        for part in before.infolist():
            inside = before.read(part)
            if part.filename == "docProps/core.xml":
                inside = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>%sZ" % when.isoformat().encode(), inside)
            entry = zipfile.ZipInfo(part.filename, hour.timetuple()[:6])
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            after.writestr(entry, inside)
    return written.getvalue()
