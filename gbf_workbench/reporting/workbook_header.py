"""Finding the table of the reporting tool in a workbook somebody made, however its columns are named and placed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.spreadsheets import column_letters
from gbf_workbench.preparation.stored_cells import Book, Cell, Sheet
from gbf_workbench.preparation.tables import plain
from gbf_workbench.reporting.importer_rules import COLUMNS, SPACES

_SEARCHED_ROWS = 30
_ENOUGH_NAMES = 4

#: What the columns are called by people who translated them; the tool knows the English names only.
IN_OTHER_LANGUAGES = {
    "Indicator code": (
        "Code de l'indicateur", "Code indicateur", "Código del indicador", "Código de indicador", "Código do indicador",
        "Код показателя", "Код индикатора", "رمز المؤشر", "指标代码", "指标编码",
    ),
    "Indicator": ("Indicateur", "Indicador", "Показатель", "Индикатор", "المؤشر", "指标"),
    COLUMNS[2]: (
        "Cette ligne de données représente-t-elle une désagrégation", "Cette ligne représente-t-elle une ventilation",
        "¿Esta fila de datos representa una desagregación?", "¿Esta fila de datos representa un desglose?",
    ),
    "Disaggregation type": (
        "Type de désagrégation", "Type de ventilation", "Tipo de desagregación", "Tipo de desglose",
        "Tipo de desagregação", "Тип разбивки", "Тип дезагрегации", "نوع التصنيف", "分类类型",
    ),
    "Disaggregation": (
        "Désagrégation", "Ventilation", "Desagregación", "Desglose", "Desagregação", "Разбивка", "Дезагрегация",
        "التصنيف", "分类",
    ),
    "Year": ("Année", "Año", "Ano", "Год", "السنة", "العام", "年份", "年"),
    "Unit": (
        "Unité", "Unité de mesure", "Unidad", "Unidad de medida", "Unidade", "Единица", "Единица измерения", "الوحدة",
        "وحدة القياس", "单位",
    ),
    "Value": ("Valeur", "Valor", "Значение", "القيمة", "值", "数值"),
    "Footnote": (
        "Note de bas de page", "Note", "Nota al pie", "Nota a pie de página", "Nota de rodapé", "Nota", "Сноска",
        "Примечание", "الحاشية", "حاشية", "脚注",
    ),
}  # fmt: skip
_TRANSLATED = {plain(words): name for name, known in IN_OTHER_LANGUAGES.items() for words in known}
_LOOSE = {plain(name): name for name in COLUMNS}


@dataclass(frozen=True)
class Table:
    """Where the nine columns were found: sheet, row of the header, and the place of each column by its name."""

    sheet: Sheet
    header_row: int
    places: Mapping[str, int]
    header: Mapping[int, str]


def find_table(book: Book) -> Table | None:
    """The table on the first sheet, else on the first other sheet that has one."""
    found = [table for sheet in book.sheets if (table := _table_on(sheet))]
    return found[0] if found else None


def _table_on(sheet: Sheet) -> Table | None:
    rows: dict[int, dict[int, str]] = {}
    for cell in sheet.cells:
        if cell.row <= _SEARCHED_ROWS and (words := header_text(cell)):
            rows.setdefault(cell.row, {})[cell.column] = words
    scored = [(len(_known_places(header)), -row) for row, header in rows.items()]
    score, row = max(scored, default=(0, 0))
    if score < _ENOUGH_NAMES:
        return None
    header = rows[-row]
    return Table(sheet, -row, _places(header), header)


def header_text(cell: Cell) -> str:
    """The text of a header cell, without outer spaces."""
    return cell.text.strip(SPACES) if cell.text and cell.kind in ("s", "str", "inlineStr", "richStr") else ""


def _column_meant(words: str) -> str | None:
    key = plain(words)
    return _LOOSE.get(key) or _TRANSLATED.get(key)


def _known_places(header: Mapping[int, str]) -> dict[str, int]:
    # The exact names first, so that a second column with a like name does not take their place.
    exactly = {name.lower(): name for name in COLUMNS}
    places: dict[str, int] = {}
    for meant in (lambda words: exactly.get(words.lower()), _column_meant):
        for place, words in sorted(header.items()):
            name = meant(words)
            if name and name not in places and place not in places.values():
                places[name] = place
    return places


def _places(header: Mapping[int, str]) -> dict[str, int]:
    places = _known_places(header)
    for place, name in enumerate(COLUMNS, start=1):
        # A name nobody can know, standing where the column belongs: take it for that column and say so.
        if name not in places and place in header and place not in places.values():
            places[name] = place
    return places


def header_issues(book: Book, table: Table) -> Iterator[Issue]:
    """Everything about the header that makes the tool refuse the file or read another sheet."""
    first = book.sheets[0]
    if table.sheet is not first:
        hidden = "hidden_first_sheet" if first.hidden else "not_first_sheet"
        yield Issue("error", f"workbook.{hidden}", {"first": first.name}, sheet=table.sheet.name)
    if table.header_row != 1:
        yield Issue("error", "workbook.header_not_first_row", rows=(table.header_row,))
    at = (table.header_row,)
    for name in COLUMNS:
        words = table.header.get(table.places.get(name, 0))
        if words is None:
            yield Issue("error", "workbook.header_missing", column=name, rows=at)
        elif words.lower() != name.lower():
            kind = "language" if plain(words) in _TRANSLATED else "wrong"
            yield Issue("error", f"workbook.header_{kind}", column=name, value=words, rows=at)
    found = [table.places[name] for name in COLUMNS if name in table.places]
    is_moved = found != list(range(1, len(COLUMNS) + 1))
    # Columns that only close up because another one is missing are in order.
    if is_moved and (len(found) == len(COLUMNS) or found != sorted(found)):
        places = ", ".join(column_letters(place) for place in found)
        yield Issue("error", "workbook.header_order", {"places": places}, rows=at)
    yield from _beside(table)


def _beside(table: Table) -> Iterator[Issue]:
    known = set(table.places.values())
    others = {cell.column for cell in table.sheet.cells if cell.column not in known and cell.text not in (None, "")}
    for place in sorted(others):
        yield Issue("error", "workbook.extra_column", column=table.header.get(place) or column_letters(place))
