"""The data dictionary: what belongs into each column of each table, read from the schemas and from nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gbf_workbench.locales import direction, number, text
from gbf_workbench.preparation.code_lists import code_list
from gbf_workbench.preparation.column_names import names_of
from gbf_workbench.preparation.entries import YES_NO, allowed_words
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.quantities import unit_of
from gbf_workbench.preparation.schema import Field, TableSchema

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

#: What is said of each column, in this order.
COLUMNS = (
    "table", "column", "title", "description", "type", "unit", "needed", "allowed", "usual", "other_names",
    "other_words", "example",
)  # fmt: skip
_WIDTHS = (24, 24, 28, 60, 22, 12, 12, 44, 22, 34, 40, 20)
#: Beyond this, other ways to write values are a list of their own and not an explanation.
_MOST_WORDS = 12


def dictionary_rows(schema: TableSchema, language: str | None = None) -> list[dict[str, str]]:
    """One row for each column of a table, with the keys of ``COLUMNS``.

    Parameters
    ----------
    schema : TableSchema
    language : str, optional
        Language of titles and explanations; names of columns and values stay as the workbench reads them.
    """
    return [_row(schema, one, language) for one in schema.fields]


def _row(schema: TableSchema, one: Field, language: str | None) -> dict[str, str]:
    said = {
        "table": schema.name, "column": one.name, "title": schema.column_title(one.name, language),
        "description": schema.column_description(one.name, language),
        "type": text(f"templates.kind.{one.type}", language),
        "unit": unit_of(one), "needed": _needed(one, language), "allowed": allowed_words(one, language),
        "usual": _usual(one, language),
        "other_names": ", ".join(name for name in names_of(schema, one.name) if name != one.name),
        "other_words": _other_words(one), "example": _example(one),
    }  # fmt: skip
    return {name: said[name] for name in COLUMNS}


def _needed(one: Field, language: str | None) -> str:
    if one.required:
        return text("templates.needed", language)
    return text("dictionary.asked" if one.ask else "templates.not_needed", language)


def _usual(one: Field, language: str | None) -> str:
    """Where a value is possible but worth a second look."""
    low, high = one.soft_minimum, one.soft_maximum
    if low is None and high is None:
        return ""
    if low is None or high is None:
        key, limit = ("from", low) if high is None else ("to", high)
        return text(f"templates.{key}", language, **{"low" if high is None else "high": number(limit, language)})
    return text("templates.from_to", language, low=number(low, language), high=number(high, language))


def _other_words(one: Field) -> str:
    pairs = [f"{written} = {value}" for written, value in one.synonyms.items()]
    if one.codes and not pairs:
        return code_list(one.codes).source
    return "; ".join(pairs[:_MOST_WORDS]) + (" …" if len(pairs) > _MOST_WORDS else "")


def _example(one: Field) -> str:
    if isinstance(one.example, bool):
        return YES_NO[0] if one.example else YES_NO[1]
    return as_text(one.example) if one.example is not None else ""


def dictionary_rules(schema: TableSchema, language: str | None = None) -> list[str]:
    """What has to hold between the columns and rows of a table, one sentence each."""
    said = []
    if schema.primary_key:
        said.append(text("templates.key", language, names=" + ".join(schema.primary_key)))
    for key in schema.foreign_keys:
        values = {"names": " + ".join(key.fields), "other": key.table, "there": " + ".join(key.reference)}
        said.append(text("dictionary.partner", language, **values))
    return said + [_rule(rule, language) for rule in schema.rules]


def _rule(rule: Mapping[str, Any], language: str | None) -> str:
    named = rule.get("fields") or rule.get("parts") or rule.get("from") or ()
    of = rule.get("of", rule.get("to", ""))
    values = {
        "names": " + ".join(map(str, named)), "field": rule.get("field", ""),
        "of": " + ".join(of) if isinstance(of, list) else str(of), "by": rule.get("by", ""),
        "when": "; ".join(f"{name}: {', '.join(map(str, one))}" for name, one in rule.get("when", {}).items()),
        "change": rule.get("change", ""), "threshold": rule.get("threshold", ""),
    }  # fmt: skip
    return text(f"dictionary.rule.{rule['rule']}", language, **values)


def dictionary_csv(schemas: Iterable[TableSchema], language: str | None = None) -> bytes:
    """The dictionary of several tables as CSV; the mark at its start lets spreadsheet programs see that it is UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([text(f"dictionary.column.{name}", language) for name in COLUMNS])
    for schema in schemas:
        writer.writerows(list(row.values()) for row in dictionary_rows(schema, language))
    return ("\ufeff" + out.getvalue()).encode("utf-8")


def dictionary_workbook(schemas: Iterable[TableSchema], language: str | None = None) -> bytes:
    """The dictionary as a workbook: one sheet for each table, its rules below its columns."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for schema in schemas:
        _write(book.create_sheet(schema.name[:31]), schema, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Worksheet, schema: TableSchema, language: str | None) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet.sheet_view.rightToLeft = direction(language) == "rtl"
    sheet.append([schema.title(language)])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([text(f"tables.{schema.name}.description", language)])
    sheet.append([text(f"dictionary.column.{name}", language) for name in COLUMNS])
    for cell, width in zip(sheet[3], _WIDTHS, strict=True):
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", start_color="DCE6EA")
        sheet.column_dimensions[cell.column_letter].width = width
    for row in dictionary_rows(schema, language):
        sheet.append(list(row.values()))
        for cell in sheet[sheet.max_row]:
            # Text that begins like a formula stays text.
            cell.alignment, cell.data_type = Alignment(wrap_text=True, vertical="top"), "s"
    for words in dictionary_rules(schema, language):
        sheet.append([words])
    sheet.freeze_panes = "C4"
