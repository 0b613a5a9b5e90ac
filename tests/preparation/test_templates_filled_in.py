"""Every spreadsheet that `gbf start` writes passes its check once filled in, and LibreOffice keeps what is in it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from gbf_workbench.catalogue import load_edition
from gbf_workbench.catalogue.specs import specs
from gbf_workbench.pipeline import check
from gbf_workbench.preparation.schema import schema_names, schema_of
from gbf_workbench.preparation.templates import start, template

CODES = [
    *(spec.code for spec in specs().values()),
    *(one.code for one in load_edition().indicators() if one.kind == "binary"),
]
TABLES = [name for name in schema_names() if schema_of(name).kind == "table"]


def _fill_in(path: Path) -> None:
    """Write the example once more below itself, as somebody would who follows it."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for cell in sheet[2]:
        sheet.cell(3, cell.column).value = cell.value
    book.save(path)


@pytest.mark.parametrize("code", CODES)
def test_a_template_filled_in_like_its_example_passes_the_check(code: str, tmp_path: Path):
    written = start(code, tmp_path / "country")
    for path in written:
        if path.suffix == ".xlsx" and "questionnaire" not in path.stem:
            _fill_in(path)
    found = [issue for issue in check(code, tmp_path / "country") if issue.stops]
    # A layer or map cannot be filled in, and a questionnaire nobody has begun is no data.
    said = [issue.line("en") for issue in found if issue.key not in ("check.no_data", "check.file_missing")]
    assert said == []


def _lists(path: Path) -> dict[str, tuple[str, list[str]]]:
    """For each column with a drop-down list the cells it holds for, and what it offers."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    found = {}
    for one in sheet.data_validations.dataValidation:
        if one.type != "list":
            continue
        first = str(one.sqref).split()[0].split(":")[0]
        column = sheet.cell(1, sheet[first].column).value
        formula = one.formula1.lstrip("=")
        if formula.startswith('"'):
            offered = formula.strip('"').split(",")
        else:
            place, cells = formula.rsplit("!", 1)
            area = book[place.strip("'").lstrip("$").strip("'")][cells.replace("$", "")]
            offered = [str(row[0].value) for row in (area if isinstance(area, tuple) else ((area,),))]
        found[column] = (first, offered)
    return found


@pytest.fixture(scope="session")
def saved_by_libreoffice(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Each template as we write it, and as LibreOffice writes it after opening it."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("there is no LibreOffice on this machine")
    folder = tmp_path_factory.mktemp("templates")
    (folder / "ours").mkdir()
    for name in TABLES:
        template(schema_of(name), "en").save(folder / "ours" / f"{name}.xlsx")
    files = [str(path) for path in sorted((folder / "ours").glob("*.xlsx"))]
    command = [office, "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "xlsx",
               "--outdir", str(folder / "theirs"), *files]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return {name: (folder / "ours" / f"{name}.xlsx", folder / "theirs" / f"{name}.xlsx") for name in TABLES}


@pytest.mark.slow
def test_the_drop_down_lists_survive_libreoffice(saved_by_libreoffice: dict[str, tuple[Path, Path]]):
    with_lists = 0
    for name, (ours, theirs) in saved_by_libreoffice.items():
        before, after = _lists(ours), _lists(theirs)
        assert {column: offered for column, (_, offered) in after.items()} == {
            column: offered for column, (_, offered) in before.items()
        }, name
        with_lists += bool(before)
    assert with_lists > 30


@pytest.mark.slow
def test_names_notes_and_locks_survive_libreoffice(saved_by_libreoffice: dict[str, tuple[Path, Path]]):
    for name, (ours, theirs) in saved_by_libreoffice.items():
        before, after = (openpyxl.load_workbook(path).worksheets[0] for path in (ours, theirs))
        assert [cell.value for cell in after[1]][: before.max_column] == [cell.value for cell in before[1]], name
        assert after.protection.sheet, name
        assert after["A1"].protection.locked, name
        assert not after["A2"].protection.locked, name
        assert after["A1"].comment is not None, name
