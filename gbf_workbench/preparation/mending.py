"""What helps to mend the data of an indicator: findings marked in copies of its tables, suggestions for its columns."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from gbf_workbench.catalogue.specs import IndicatorSpec
from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.locales import current_language
from gbf_workbench.preparation.country import Country
from gbf_workbench.preparation.inputs import find_files
from gbf_workbench.preparation.mapping import TableMapping, read_mapping
from gbf_workbench.preparation.marking import findings_workbook
from gbf_workbench.preparation.reader.process import run
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.preparation.suggestions import Suggestion

LIST = "findings.xlsx"


def marked_files(
    spec: IndicatorSpec, country: Country, issues: Iterable[Issue], language: str | None = None
) -> dict[str, bytes]:
    """The list of findings, and a marked copy of each table that something was found in, by file name.

    A file that cannot be read at all has no copy; the list says why.
    """
    found, code = list(issues), current_language(language)
    made = {LIST: findings_workbook(found, code)}
    for path, mapping in _files(spec, country, ("table",)).values():
        if not any(issue.file == path.name and issue.rows for issue in found):
            continue
        with tempfile.TemporaryDirectory(prefix="gbf-") as into:
            try:
                run("marked", path, into=Path(into), issues=found, mapping=mapping, name=path.name, language=code)
            except WorkbenchError:
                continue
            made[f"{path.stem}_marked.xlsx"] = Path(into, "marked.xlsx").read_bytes()
    return made


def suggested(spec: IndicatorSpec, country: Country) -> dict[str, list[Suggestion]]:
    """Suggestions for each table there is a file for and something to suggest, by table.

    Raises
    ------
    WorkbenchError
        If the mapping is broken or a file cannot be read.
    """
    found = {}
    for table, (path, mapping) in _files(spec, country, ("table", "vector")).items():
        plain, _ = run("suggest", path, schema=schema_of(table), mapping=mapping)
        if plain:
            found[table] = [Suggestion(**one) for one in plain]
    return found


def _files(spec: IndicatorSpec, country: Country, kinds: tuple[str, ...]) -> dict[str, tuple[Path, TableMapping]]:
    """The indicator's own files of these kinds with their mappings, by table."""
    try:
        files = find_files(spec, country)
    except WorkbenchError:
        return {}
    mappings = read_mapping(country.folder_of(spec))
    tables = {spec.inputs[role].table: paths[0] for role, paths in files.items() if not spec.inputs[role].of_frame}
    return {
        table: (path, mappings.get(table, TableMapping()))
        for table, path in tables.items()
        if schema_of(table).kind in kinds
    }
