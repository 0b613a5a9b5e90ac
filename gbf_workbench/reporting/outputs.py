"""All files of one result: rows, record, upload workbook, chart, map."""

from __future__ import annotations

from pathlib import Path

from gbf_workbench.pipeline import Tables
from gbf_workbench.reporting.charts import as_bytes, draw
from gbf_workbench.reporting.files import save, whole_file
from gbf_workbench.reporting.maps import draw_map
from gbf_workbench.reporting.workbook import write_workbook
from gbf_workbench.results import Result

FIRST_YEAR = 2020


def indicator_name(result: Result, tables: Tables, language: str | None = None) -> str:
    """Name of the indicator in the catalogue, in the language."""
    return tables.country.edition.indicator(result.spec.code).said("name", language)


def workbook_name(result: Result) -> str:
    """File name of the upload workbook."""
    return f"{result.spec.file_stem}_upload.xlsx"


def save_all(result: Result, tables: Tables, folder: str | Path, language: str | None = None) -> list[Path]:
    """Write every file of a result into a folder, and return what was written."""
    into = Path(folder)
    written = save(result, into, language)
    written.append(save_workbook(result, tables, into / workbook_name(result), language))
    figures = {"chart": draw(result, language), "map": draw_map(tables, language)}
    for name, figure in figures.items():
        if figure is not None:
            with whole_file(into / f"{name}.png") as path:
                path.write_bytes(as_bytes(figure))
            written.append(into / f"{name}.png")
    return written


def save_workbook(result: Result, tables: Tables, path: Path, language: str | None = None) -> Path:
    """Write the upload workbook with the years that the country's settings ask for."""
    years = tables.country.workbook
    return write_workbook(
        result, path, indicator_name=indicator_name(result, tables, language), language=language,
        first_year=years.get("first_year", FIRST_YEAR), last_year=years.get("last_year"),
    )  # fmt: skip
