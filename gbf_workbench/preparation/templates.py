"""Empty spreadsheets to fill in, made from the schemas: locked names, drop-down lists, and one example row."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gbf_workbench.catalogue.specs import IndicatorSpec, Role, spec_of
from gbf_workbench.errors import problem
from gbf_workbench.locales import direction, text
from gbf_workbench.preparation.code_lists import code_list
from gbf_workbench.preparation.country import FILE as COUNTRY
from gbf_workbench.preparation.country import NO_COUNTRY, Country, open_country
from gbf_workbench.preparation.entries import YES_NO, allowed_words, choices_for, entry_check
from gbf_workbench.preparation.frame import DEFAULT_CRS, LAYERS
from gbf_workbench.preparation.inputs import suffixes_of
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.questionnaire_sheets import questionnaire_template
from gbf_workbench.preparation.questionnaires import TABLE as ANSWERS
from gbf_workbench.preparation.schema import Field, TableSchema, schema_of
from gbf_workbench.preparation.sheets import GUIDE_MARK
from gbf_workbench.preparation.spreadsheets import column_letters

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.worksheet.worksheet import Worksheet

_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
#: Widths of the columns that explain a table.
_WIDTHS = (22, 28, 56, 18, 44)
_HEAD_COLOUR, _EXAMPLE_COLOUR = "DCE6EA", "808080"


def start(code: str, folder: str | Path, *, language: str | None = None) -> list[Path]:
    """Write what a team fills in to compute an indicator; nothing that exists is touched.

    Parameters
    ----------
    code : str
        Code or slug of the indicator.
    folder : path
        The country folder; made where it is not there, with a ``country.yml`` to complete.
    language : str, optional
        Language of titles, notes and messages; names of columns and values of lists stay as the workbench reads them.

    Returns
    -------
    list of Path
        The files written: one workbook for each table, a ``README_<slug>.md`` where layers or maps are needed.

    Raises
    ------
    WorkbenchError
        If the indicator is unknown, if a file is there already, or if the folder cannot be written to.
    """
    country = open_country(folder) if Path(folder).is_dir() else Country(Path(folder))
    has_country = (country.folder / COUNTRY).exists()
    spec = country.spec(code) if has_country else spec_of(code)
    home = country.folder / (spec.folder or spec.slug)
    schemas = [schema_of(role.table) for role in spec.inputs.values()]
    files = {} if has_country else {country.folder / COUNTRY: _country_file(language).encode()}
    for schema in schemas:
        if schema.name == ANSWERS:
            _refuse_second_questionnaire(home, spec.code)
            files[home / f"{schema.name}.xlsx"] = _as_bytes(questionnaire_template(spec.code, language))
        elif schema.kind == "table":
            files[home / f"{schema.name}.xlsx"] = _as_bytes(template(schema, language))
    if any(schema.kind != "table" for schema in schemas):
        files[home / f"README_{spec.slug}.md"] = _readme(spec, home.name, language).encode()
    _refuse_existing(files)
    _write(files)
    return list(files)


def _refuse_second_questionnaire(home: Path, code: str) -> None:
    """All questionnaires share one table, so a second start has nothing to add."""
    there = [path for end in suffixes_of("table") if (path := home / f"{ANSWERS}{end}").exists()]
    if there:
        raise problem("questionnaire.started", file=there[0].name, value=code)


def _refuse_existing(files: dict[Path, bytes]) -> None:
    """Refuse all at once; a table in another format is there too."""
    rivals = [path.with_suffix(end) for path in files if path.suffix == ".xlsx" for end in suffixes_of("table")]
    there = [path for path in dict.fromkeys([*files, *rivals]) if path.exists() or path.is_symlink()]
    if there:
        raise problem("use.file_exists", value=", ".join(path.name for path in there))


def _write(files: dict[Path, bytes]) -> None:
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # "x" leaves a file alone that somebody made in the meantime.
            with path.open("xb") as file:
                file.write(content)
        except OSError as fault:
            raise problem("templates.cannot_write", file=path.name, reason=fault.strerror or str(fault)) from None


def _as_bytes(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def template(schema: TableSchema, language: str | None = None) -> Workbook:
    """The workbook to fill in for one table.

    Parameters
    ----------
    schema : TableSchema
    language : str, optional
    """
    from openpyxl import Workbook
    from openpyxl.workbook.properties import CalcProperties
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook()
    # Without this some programs ask whether to save a file in which nothing was changed.
    book.calculation = CalcProperties(fullCalcOnLoad=False)
    sheet = book.active
    sheet.title = schema.name
    about = book.create_sheet(text("templates.about", language))
    lists = _write_about(about, schema, language)
    for at, one in enumerate(schema.fields, 1):
        _write_column(sheet, at, one, schema, language)
        if check := entry_check(one, lists.get(one.name, ""), language):
            letter = column_letters(at)
            check.add(f"{letter}2:{letter}{_LAST_ROW}")
            sheet.add_data_validation(check)
    _grey_example(sheet, schema)
    _protect(sheet, len(schema.fields))
    about.protection.sheet = True
    for one in (sheet, about):
        one.sheet_view.rightToLeft = direction(language) == "rtl"
        one.page_setup.orientation = "landscape"
        one.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        one.page_setup.fitToHeight = 0
    return book


def _example(one: Field) -> Any:
    if isinstance(one.example, bool):
        return YES_NO[0] if one.example else YES_NO[1]
    return one.example


def _write_column(sheet: Worksheet, at: int, one: Field, schema: TableSchema, language: str | None) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, PatternFill

    head = sheet.cell(1, at, one.name)
    head.font = _font(bold=True)
    head.fill = PatternFill("solid", start_color=_HEAD_COLOUR)
    head.alignment = Alignment(vertical="top")
    needed = text("templates.needed" if one.required else "templates.not_needed", language)
    note = [
        schema.column_title(one.name, language), schema.column_description(one.name, language),
        f"{text('templates.head.needed', language)}: {needed}",
        f"{text('templates.head.allowed', language)}: {allowed_words(one, language)}",
    ]  # fmt: skip
    head.comment = Comment("\n".join(filter(None, note)), GUIDE_MARK, height=170, width=320)
    example = sheet.cell(2, at, _example(one))
    column = sheet.column_dimensions[column_letters(at)]
    longest = max(map(len, (one.name, as_text(_example(one)), *choices_for(one))))
    column.width = min(max(longest + 3, 12), 44)
    if one.type == "string":
        # As text, a spreadsheet program leaves codes such as 1-2 or 007 as they are typed.
        column.number_format = example.number_format = "@"


def _grey_example(sheet: Worksheet, schema: TableSchema) -> None:
    """Grey italics as long as row 2 is the example, plain as soon as it is written over."""
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import Font

    same = [
        f"${column_letters(at)}$2={_literal(_example(one))}"
        for at, one in enumerate(schema.fields, 1)
        if one.example is not None
    ]
    if same:
        looks = Font(italic=True, color=_EXAMPLE_COLOUR)
        last = column_letters(len(schema.fields))
        sheet.conditional_formatting.add(f"A2:{last}2", FormulaRule(formula=[f"AND({','.join(same)})"], font=looks))


def _literal(value: Any) -> str:
    return as_text(value) if isinstance(value, int | float) else '"' + str(value).replace('"', '""') + '"'


def _protect(sheet: Worksheet, width: int) -> None:
    """Lock the names only: a guard against slips, without a password."""
    from openpyxl.styles import Protection
    from openpyxl.worksheet.dimensions import ColumnDimension

    free = Protection(locked=False)
    for at in range(1, width + 1):
        sheet.column_dimensions[column_letters(at)].protection = free
        sheet.cell(2, at).protection = free
    # Rows can be deleted only where every cell of them is free, those beyond the table too.
    rest = column_letters(width + 1)
    sheet.column_dimensions[rest] = ColumnDimension(sheet, index=rest, min=width + 1, max=_LAST_COLUMN, width=12)
    sheet.column_dimensions[rest].protection = free
    sheet.freeze_panes = "A2"
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"):
        setattr(sheet.protection, allowed, False)


def _write_about(sheet: Worksheet, schema: TableSchema, language: str | None) -> dict[str, str]:
    """Explain the table; returns where the values of each list stand, as spreadsheet programs name ranges."""
    from openpyxl.styles import Alignment, PatternFill

    bold, shade = _font(bold=True), PatternFill("solid", start_color=_HEAD_COLOUR)
    wrap = Alignment(wrap_text=True, vertical="top")
    intro = [
        (GUIDE_MARK, _font(color=_EXAMPLE_COLOUR)), (schema.title(language), _font(bold=True, size=14)),
        (text(f"tables.{schema.name}.description", language), None),
        (text("templates.lead", language, sheet=schema.name), None),
    ]  # fmt: skip
    if schema.primary_key:
        intro.append((text("templates.key", language, names=" + ".join(schema.primary_key)), None))
    for row, (words, font) in enumerate(intro, 1):
        cell = sheet.cell(row, 1, words)
        if font:
            cell.font = font
        if row > 2:
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=5)
            cell.alignment, sheet.row_dimensions[row].height = wrap, _height([words], [sum(_WIDTHS)])
    top = len(intro) + 2
    for at, name in enumerate(("column", "title", "description", "needed", "allowed"), 1):
        cell = sheet.cell(top, at, text(f"templates.head.{name}", language))
        cell.font, cell.fill = bold, shade
    for row, one in enumerate(schema.fields, top + 1):
        said = _explained(one, schema, language)
        sheet.row_dimensions[row].height = _height(said, _WIDTHS)
        for at, words in enumerate(said, 1):
            cell = sheet.cell(row, at, words)
            cell.alignment = wrap
            if at == 1:
                cell.font = bold
    for letter, width in zip("ABCDE", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    return _write_lists(sheet, top + len(schema.fields) + 2, schema, language)


def _font(**looks: Any) -> Font:
    from openpyxl.styles import Font

    return Font(**{"name": "Calibri", "size": 11, **looks})


def _height(texts: Sequence[str], widths: Sequence[int]) -> int:
    """Points that texts need in columns of these widths; programs do not work it out for a file they did not write."""
    lines = max(-(-len(words) * 11 // (width * 10)) for words, width in zip(texts, widths, strict=True))
    return 15 * max(lines, 1)


def _explained(one: Field, schema: TableSchema, language: str | None) -> tuple[str, ...]:
    return (
        one.name, schema.column_title(one.name, language), schema.column_description(one.name, language),
        text("templates.needed" if one.required else "templates.not_needed", language),
        allowed_words(one, language),
    )  # fmt: skip


def _write_lists(sheet: Worksheet, top: int, schema: TableSchema, language: str | None) -> dict[str, str]:
    from openpyxl.utils import quote_sheetname

    listed = [one for one in schema.fields if choices_for(one)]
    places = {}
    if listed:
        sheet.cell(top, 1, text("templates.lists", language)).font = _font(bold=True, size=12)
    at = 0
    for one in listed:
        at += 1
        letter = column_letters(at)
        sheet.cell(top + 1, at, one.name).font = _font(bold=True)
        titles = code_list(one.codes).titles if one.codes else {}
        for row, choice in enumerate(choices_for(one), top + 2):
            sheet.cell(row, at, choice).number_format = "@"
            if titles:
                sheet.cell(row, at + 1, titles.get(choice, ""))
        at += bool(titles)
        last = top + 1 + len(choices_for(one))
        places[one.name] = f"{quote_sheetname(sheet.title)}!${letter}${top + 2}:${letter}${last}"
    return places


def _country_file(language: str | None) -> str:
    """A ``country.yml`` that can be read as it is and says what to change."""

    def said(name: str) -> str:
        return text(f"templates.country.{name}", language)

    lines = [
        f"# {said('head')}", "format: 1", "", f"# {said('code')}", f"code: {NO_COUNTRY}", "", f"# {said('name')}",
        f'name: {{en: "{said("example_name")}"}}', "", f"# {said('year')}", "# reporting_year: 2026", "",
        f"# {said('frame')}", "# frame:", f"#   crs: {DEFAULT_CRS}",
    ]  # fmt: skip
    lines += [f'#   {name}: {{file: frame/{name}.gpkg, source: "{said("example_source")}"}}' for name in LAYERS]
    return "\n".join(lines) + "\n"


def _readme(spec: IndicatorSpec, folder: str, language: str | None) -> str:
    """Which layers and maps the indicator needs, how they are named, and what their attributes are."""
    from gbf_workbench.catalogue import indicator

    def said(key: str, **values: Any) -> str:
        return text(f"templates.readme.{key}", language, **values)

    name = indicator(spec.code).said("name", language) if spec.slug != "reported_values" else ""
    lines = [f"# {said('title', code=spec.code, name=name)}", "", said("lead", folder=folder)]
    if len(spec.alternatives) > 1:
        sets = [" + ".join(spec.inputs[role].table for role in roles) for roles in spec.alternatives]
        lines += ["", f"{said('optional')}: {'; '.join(sets)}."]
    for role in spec.inputs.values():
        if schema_of(role.table).kind != "table":
            lines += _layer_lines(role, said, language)
    return "\n".join(lines) + "\n"


def _layer_lines(role: Role, said: Callable[..., str], language: str | None) -> Iterator[str]:
    schema = schema_of(role.table)
    stem = f"frame/{role.name}" if role.of_frame else schema.name + ("_<year>" if schema.kind == "raster" else "")
    first, *others = suffixes_of(schema.kind)
    files = f"`{stem}{first}` ({' '.join(others)})"
    yield from ("", f"## {schema.title(language)}", "", text(f"tables.{schema.name}.description", language), "")
    yield said("frame" if role.of_frame else schema.kind, files=files)
    if not schema.fields:
        yield said("no_attributes")
        return
    heads = [text(f"templates.head.{name}", language) for name in ("column", "description", "needed", "allowed")]
    yield from ("", f"| {' | '.join(heads)} |", "|---|---|---|---|")
    for one in schema.fields:
        column, _, description, needed, allowed = _explained(one, schema, language)
        also = f" ({said('also', names=', '.join(one.aliases))})" if one.aliases else ""
        yield f"| `{column}` | {description}{also} | {needed} | {allowed} |"
