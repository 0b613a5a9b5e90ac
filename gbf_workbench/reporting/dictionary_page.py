"""The data dictionary as a page: each table's columns, what may stand in them, and what must hold between them."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from gbf_workbench.locales import text
from gbf_workbench.preparation.dictionary import COLUMNS, dictionary_rows, dictionary_rules
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.reporting.pages import plain_table, whole_page


def dictionary_html(schemas: Iterable[TableSchema], language: str | None = None) -> str:
    """The dictionary of several tables as a piece of a page."""
    return "\n".join(_table(schema, language) for schema in schemas)


def _table(schema: TableSchema, language: str | None) -> str:
    shown = [name for name in COLUMNS if name != "table"]
    rows = [[row[name] for name in shown] for row in dictionary_rows(schema, language)]
    filled = [at for at, _ in enumerate(shown) if any(row[at] for row in rows)]
    heads = [text(f"dictionary.column.{shown[at]}", language) for at in filled]
    rules = "".join(f"<li>{escape(words)}</li>" for words in dictionary_rules(schema, language))
    return (
        f"<h2>{escape(schema.title(language))} <code>{escape(schema.name)}</code></h2>"
        f"<p>{escape(text(f'tables.{schema.name}.description', language))}</p>"
        f"{plain_table(heads, [[row[at] for at in filled] for row in rows])}"
        f"{f'<ul>{rules}</ul>' if rules else ''}"
    )


def dictionary_page(schemas: Iterable[TableSchema], language: str | None = None) -> str:
    """The whole page, which needs no other file."""
    title = text("dictionary.title", language)
    return whole_page(title, f"<h1>{escape(title)}</h1>\n{dictionary_html(schemas, language)}", language)
