"""The spreadsheet of the questionnaires: each question has its row, and each row offers its own answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from gbf_workbench.catalogue.edition import load_edition
from gbf_workbench.catalogue.questionnaires import Question
from gbf_workbench.locales import text
from gbf_workbench.preparation.entries import LONGEST_MESSAGE, LONGEST_TITLE
from gbf_workbench.preparation.questionnaires import (
    TABLE,
    UNANSWERED,
    UNKNOWN,
    answer_label,
    answers_to,
    questions_of,
    takes_one,
)
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.preparation.spreadsheets import column_letters

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_WIDTHS = {"question": 14, "indicator": 11, "version": 11, "wording": 70, "answer": 44, "evidence": 44, "comment": 44}


def questionnaire_template(first: str, language: str | None = None) -> Workbook:
    """The workbook with all questions of an edition, those of one indicator first.

    Parameters
    ----------
    first : str
        Code of the binary indicator whose questions come first.
    language : str, optional
        Language of questions, answers and notes.
    """
    from gbf_workbench.preparation.templates import template

    edition, schema = load_edition(), schema_of(TABLE)
    # The questions themselves take the place of an example.
    plain = replace(schema, fields=tuple(replace(one, example=None) for one in schema.fields))
    book = template(plain, language)
    sheet, about = book.worksheets
    asked = sorted(questions_of(edition).values(), key=lambda one: one[0] != first)
    lists = _write_lists(about, [question for _, question in asked], language)
    at = {name: number for number, name in enumerate(schema.names, 1)}
    for row, (code, question) in enumerate(asked, 2):
        said = {"question": question.number, "indicator": code, "version": edition.name}
        said["wording"] = question.said("text", language)
        for name, words in said.items():
            sheet.cell(row, at[name], words)
        _style(sheet, row, len(at))
        if question.type != "text":
            _offer(sheet, f"{column_letters(at['answer'])}{row}", lists[answers_to(question)], question, language)
    for name, width in _WIDTHS.items():
        sheet.column_dimensions[column_letters(at[name])].width = width
    sheet.auto_filter.ref = f"A1:{column_letters(len(at))}{len(asked) + 1}"
    return book


def _style(sheet: Worksheet, row: int, width: int) -> None:
    from openpyxl.styles import Alignment, Protection

    for number in range(1, width + 1):
        cell = sheet.cell(row, number)
        cell.number_format = "@"
        cell.protection = Protection(locked=False)
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _write_lists(about: Worksheet, asked: Iterable[Question], language: str | None) -> dict[tuple[str, ...], str]:
    """Write each set of answers once, below the description; returns where it stands."""
    from openpyxl.utils import quote_sheetname

    top = about.max_row + 3
    places: dict[tuple[str, ...], str] = {}
    for question in asked:
        answers = answers_to(question)
        if question.type == "text" or answers in places:
            continue
        letter = column_letters(len(places) + 1)
        for number, answer in enumerate(answers):
            about[f"{letter}{top + number}"] = answer_label(question, answer, language)
        places[answers] = f"{quote_sheetname(about.title)}!${letter}${top}:${letter}${top + len(answers) - 1}"
    return places


def _offer(sheet: Worksheet, cell: str, choices_at: str, question: Question, language: str | None) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    check = DataValidation(type="list", formula1=choices_at, allow_blank=True)
    check.errorTitle = text("templates.error.title", language)[:LONGEST_TITLE]
    check.error = text("templates.error.list", language)[:LONGEST_MESSAGE]
    # A list offers one answer at a time; several are typed, which the list must not forbid.
    check.showErrorMessage = takes_one(question)
    if not takes_one(question):
        words = {
            "unknown": answer_label(question, UNKNOWN, language),
            "unanswered": answer_label(question, UNANSWERED, language),
        }
        check.prompt = text("questionnaire.several_hint", language, **words)[:LONGEST_MESSAGE]
        check.showInputMessage = True
    check.add(cell)
    sheet.add_data_validation(check)
