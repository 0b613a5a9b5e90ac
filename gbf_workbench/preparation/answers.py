"""Questions about a file that one word of mapping.yml answers: the word, the answers to choose from, and writing it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gbf_workbench.errors import Issue
from gbf_workbench.locales import has_text, text
from gbf_workbench.preparation.code_lists import code_list
from gbf_workbench.preparation.mapping import FILE, read_mapping, read_user_yaml
from gbf_workbench.preparation.schema import Field, schema_names, schema_of

_ENCODINGS = ("cp1252", "utf-8", "cp1250", "cp1251", "cp1253", "cp1254", "cp1256", "mac_roman", "gb18030")
#: Answers that are the same for every file; True says no more than yes.
CHOICES: dict[str, tuple[Any, ...]] = {
    "complete": (True,),
    "swap_axes": (True,),
    "decimal_mark": (".", ","),
    "date_order": ("dmy", "mdy", "ymd"),
    "fiscal_year": ("first", "second"),
    "encoding": _ENCODINGS,
}
#: Words that hold something for each field, and words that hold rows.
_OF_FIELDS = ("columns", "constants", "classes", "units", "missing", "unmatched")
_OF_ROWS = ("leave_out_rows", "keep_rows")
#: Words for which an answer may also be typed; those in the second group are whole numbers.
TYPED, NUMBERS = ("crs", "sheet", "layer", "variable", "constants", "units", "band"), ("band", "nodata")

#: Finding to the words of ``mapping.yml`` that settle it: the one table every control is built from.
WORDS: dict[str, tuple[str, ...]] = {
    "check.cut_off": ("complete",),
    "check.swallowed_rows": ("complete",),
    "check.row_limit": ("complete",),
    "check.column_limit": ("complete",),
    "check.ambiguous_number": ("decimal_mark",),
    "check.count_with_mark": ("decimal_mark",),
    "check.which_encoding": ("encoding",),
    "check.which_sheet": ("sheet",),
    "check.date_ambiguous": ("date_order",),
    "check.fiscal_year": ("fiscal_year",),
    "check.stand_in": ("missing",),
    "check.range_unclear": ("missing",),
    "check.total_row": _OF_ROWS,
    "check.part_row": _OF_ROWS,
    "check.total_found": _OF_ROWS,
    "check.country_group": _OF_ROWS,
    "check.country_na": ("classes", "missing"),
    "check.missing_column": ("columns", "constants"),
    "check.asked_for": ("constants", "unknown"),
    "check.rule_decided": ("unknown",),
    "check.reference_missing": ("unmatched",),
    "check.unit_unknown": ("units",),
    "check.unit_contradiction": ("units",),
    "check.unit_mixed_up": ("units",),
    "check.areas_too_small": ("units",),
    "check.share_mixed": ("units",),
    "check.share_in_percent": ("units",),
    "check.share_in_fractions": ("units",),
    "layer.no_crs": ("crs",),
    "layer.no_crs_likely": ("crs",),
    "layer.crs_contradicted": ("crs",),
    "layer.crs_not_heeded": ("crs",),
    "layer.unknown_crs": ("crs",),
    "layer.swapped_axes": ("swap_axes", "crs"),
    "layer.cut_name": ("columns",),
    "layer.which_encoding": ("encoding",),
    "layer.which_layer": ("layer",),
    "rasters.no_crs": ("crs",),
    "rasters.which_band": ("band",),
    "rasters.which_layer": ("band",),
    "rasters.several_layers_of_year": ("band",),
    "rasters.other_year": ("band",),
    "rasters.which_variable": ("variable",),
    "rasters.no_such_variable": ("variable",),
    "rasters.is_it_nodata": ("nodata",),
    "rasters.beyond_classes": ("nodata",),
}


@dataclass(frozen=True)
class Question:
    """One finding that can be settled by a word.

    Attributes
    ----------
    issue : Issue
    answers : tuple of (str, mapping)
        What people can choose, and what each answer adds to the table in ``mapping.yml``.
    word, field : str
        The word that something may be typed for, empty where nothing may; the field it is about, if it is about one.
    """

    issue: Issue
    answers: tuple[tuple[str, Mapping[str, Any]], ...]
    word: str = ""
    field: str = ""

    def typed(self, said: str) -> dict[str, Any]:
        """What a typed answer adds to the table in ``mapping.yml``."""
        words = said.strip()
        value = int(words) if self.word in NUMBERS and words.isdigit() else words
        return {self.word: {self.field: value} if self.word in _OF_FIELDS else value}


def question_of(issue: Issue, columns: Iterable[str] = (), language: str | None = None) -> Question | None:
    """The ways to settle a finding by a word of ``mapping.yml``; None where no word does.

    Parameters
    ----------
    issue : Issue
    columns : iterable of str
        Columns of the file, to choose from where one is sought.
    language : str, optional
    """
    words = _words_for(issue)
    name = _field_of(issue)
    if not words or (name is None and set(words) & {*_OF_FIELDS, "unknown"}):
        return None
    answers = [
        (_said(word, value, language), _addition(word, name or "", value))
        for word in words for value in _offered(word, issue, name or "", columns)
    ]  # fmt: skip
    typed = next((word for word in words if word in TYPED), "")
    if typed == "constants" and _values_of(_schema_field(issue, name or "")):
        typed = ""
    return Question(issue, tuple(answers), typed, name or "") if answers or typed else None


def _words_for(issue: Issue) -> tuple[str, ...]:
    if issue.key in WORDS:
        return WORDS[issue.key]
    parts = issue.key.split(".")
    if parts[0] == "tables" and parts[-1] == "question":
        one = _schema_field(issue, str(issue.values.get("field", "")))
        return ("columns", "constants") if one is not None and one.required else ("columns", *WORDS["check.asked_for"])
    # A rule of a schema names the word in its remedy; no other can be answered by a word alone.
    of_rule = parts[0] == "tables" and "rules" in parts and has_text(f"{issue.key}.remedy")
    return ("unknown",) if of_rule and "`unknown:" in text(f"{issue.key}.remedy", "en") else ()


def _field_of(issue: Issue) -> str | None:
    """The field of the schema a finding is about."""
    if issue.table not in schema_names():
        return None
    schema = schema_of(issue.table)
    candidates = [issue.values.get("field"), issue.column]
    candidates += [rule.get("field") for rule in schema.rules if issue.key.endswith(f".rules.{rule.get('key')}")]
    return next((str(name) for name in candidates if name in schema.names), None)


def _schema_field(issue: Issue, name: str) -> Field | None:
    if issue.table not in schema_names() or name not in schema_of(issue.table).names:
        return None
    return schema_of(issue.table).field(name)


def _values_of(one: Field | None) -> tuple[str, ...]:
    if one is None:
        return ()
    return (*one.enum, *(code_list(one.codes).values if one.codes else ()))


def _offered(word: str, issue: Issue, name: str, columns: Iterable[str]) -> list[Any]:
    """The values to choose from for one word."""
    if word in CHOICES:
        return list(CHOICES[word])
    if word in _OF_ROWS:
        return [list(issue.rows)] if issue.rows else []
    if word == "columns":
        return [issue.column] if issue.key == "layer.cut_name" else list(columns)
    if word == "constants":
        return list(_values_of(_schema_field(issue, name)))
    if word == "units":
        shares = issue.key.startswith("check.share_")
        known = ("%", "fraction") if shares else (issue.values.get("unit"), issue.values.get("wanted"))
        return list(dict.fromkeys(str(one) for one in known if one))
    if word == "missing":
        # An empty list says that no value stands for “no value”.
        return [[issue.value], []] if issue.key == "check.stand_in" else [[issue.value]]
    if word == "classes":
        # The one code that is also how half of the world writes “not available”.
        return [{issue.value: "NAM"}]
    if word == "unmatched":
        return [[issue.value]]
    if word == "unknown":
        return [True]
    if word == "nodata":
        if issue.key == "rasters.beyond_classes":
            return [[float(one) for one in issue.value.split(", ")]]
        return [int(issue.value)] if issue.value.lstrip("-").isdigit() else []
    return _named(word, issue)


def _named(word: str, issue: Issue) -> list[Any]:
    """Names that the finding itself gives: sheets, layers, variables, bands, coordinate systems."""
    if word == "band":
        count = issue.values.get("count", 0)
        named = [part for part in str(issue.values.get("names", "")).split(", ") if part.isdigit()]
        of_year = issue.key == "rasters.several_layers_of_year"
        return [int(one) for one in named] if of_year else list(range(1, min(int(count or 1), 60) + 1))
    if word == "crs":
        likely = issue.values.get("likely") or issue.values.get("example") or ""
        return list(dict.fromkeys(re.findall(r"\b[A-Z]+:\d+", str(likely))))
    said = str(issue.values.get("names") or issue.values.get("choices") or "")
    return [part for part in said.split(", ") if part]


def _addition(word: str, name: str, value: Any) -> dict[str, Any]:
    if word == "unknown":
        return {word: [name]}
    return {word: {name: value}} if word in _OF_FIELDS else {word: value}


def _said(word: str, value: Any, language: str | None) -> str:
    """An answer in words."""
    if word == "missing":
        return text(f"prepare.answer.missing.{'yes' if value else 'no'}", language, value=", ".join(value))
    if isinstance(value, Mapping):
        value = [f"{written} → {meant}" for written, meant in value.items()]
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    for key in (f"prepare.answer.{word}.{shown}", f"prepare.answer.{word}"):
        if has_text(key):
            return text(key, language, value=shown)
    return shown


def merged(own: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in a mapping with more added: headings and lists grow, a single value gives way.

    >>> merged({"missing": {"a": ["-9"]}, "crs": "x"}, {"missing": {"a": ["n.d."], "b": []}, "crs": "y"})
    {'missing': {'a': ['-9', 'n.d.'], 'b': []}, 'crs': 'y'}
    """
    out = dict(own)
    for word, value in more.items():
        there = out.get(word)
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            out[word] = merged(there, value)
        elif isinstance(value, list) and there is not None:
            before = there if isinstance(there, list) else [there]
            out[word] = [*before, *(one for one in value if one not in before)]
        else:
            out[word] = value
    return out


def settle(folder: Path, table: str, more: Mapping[str, Any]) -> Path:
    """Add to what ``mapping.yml`` says of a table; what stands there otherwise stays.

    Parameters
    ----------
    folder : Path
        Folder of the indicator.
    table : str
        Name of the schema.
    more : mapping
        Words with their values, as they stand in the file.

    Raises
    ------
    WorkbenchError
        If the file there is broken, or would be afterwards.
    """
    before, tables = _written(folder)
    return _rewritten(folder, {**before, "tables": {**tables, table: merged(tables.get(table) or {}, more)}})


def take_back(folder: Path, table: str, word: str) -> Path:
    """Take one word back that ``mapping.yml`` says of a table.

    Raises
    ------
    WorkbenchError
        If the file there is broken, or would be afterwards.
    """
    before, tables = _written(folder)
    kept = {name: value for name, value in (tables.get(table) or {}).items() if name != word}
    return _rewritten(folder, {**before, "tables": {**tables, table: kept}})


def _written(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands in ``mapping.yml``, and what it says of the tables."""
    raw = read_user_yaml(folder / FILE, "check.mapping_broken") if (folder / FILE).exists() else {}
    return raw, dict(raw.get("tables") or {})


def _rewritten(folder: Path, content: Mapping[str, Any]) -> Path:
    return write_mapping(folder, yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False, width=110))


def write_mapping(folder: Path, said: str) -> Path:
    """Write ``mapping.yml`` as a whole; a broken text leaves the old file as it was.

    Raises
    ------
    WorkbenchError
        If the text is no mapping.
    """
    path = folder / FILE
    old = path.read_bytes() if path.exists() else None
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(said, encoding="utf-8")
    try:
        read_mapping(folder)
    except Exception:
        path.unlink() if old is None else path.write_bytes(old)
        raise
    return path


def mapping_text(folder: Path) -> str:
    """``mapping.yml`` as it stands, or an empty text."""
    path = folder / FILE
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
