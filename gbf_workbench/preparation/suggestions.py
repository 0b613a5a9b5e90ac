"""What the columns and classes of a file may mean: suggestions with their reason, taken only when somebody confirms."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.locales import languages, text
from gbf_workbench.preparation.answers import merged, settle
from gbf_workbench.preparation.code_lists import code_list
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.schema import Field, TableSchema
from gbf_workbench.preparation.tables import column_of, plain, read_table, widest_row
from gbf_workbench.preparation.texts import WORDS, choices_of

#: Below this likeness (0 to 1) a suggestion would be noise.
_LIKELY, _PERHAPS = 0.75, 0.5
#: Cells and classes that are looked at; a column of names has no classes.
_SAMPLE, _MOST_CLASSES = 2000, 200
_NUMBER = re.compile(r"[-+]?\d[\d\s.,']*%?")


@dataclass(frozen=True)
class Suggestion:
    """One thing that may be meant.

    Attributes
    ----------
    kind : str
        ``column`` (the file's column ``written`` is the field) or ``class`` (the class ``written`` of that field is the
        value ``meant``).
    field, written, meant : str
    likeness : float
        From 0 to 1.
    why : str
        ``name``, ``content`` or ``both``.
    count : int
        Rows in which a class stands.
    """

    kind: str
    field: str
    written: str
    meant: str
    likeness: float
    why: str
    count: int = 0

    @property
    def likely(self) -> bool:
        """Whether it is sure enough to be marked beforehand for confirmation."""
        return self.likeness >= _LIKELY

    def line(self, language: str | None = None) -> str:
        """The suggestion and its reason in one sentence."""
        values = {"field": self.field, "written": self.written, "meant": self.meant, "count": self.count}
        why = text(f"suggest.why.{self.why}", language)
        kind = self.kind if self.meant else "open"
        return text(f"suggest.{kind}", language, **values, percent=round(100 * self.likeness), why=why)


def suggestions(path: Path, schema: TableSchema, mapping: TableMapping) -> list[Suggestion]:
    """Suggest columns for fields that none was found for, and values for classes that no list has.

    Parameters
    ----------
    path : Path
        A table or layer file.
    schema : TableSchema
    mapping : TableMapping
        What is settled already; nothing is suggested about that.

    Returns
    -------
    list of Suggestion
        The likeliest of each kind first; empty where everything is known.

    Raises
    ------
    WorkbenchError
        If no columns can be got from the file.
    """
    data = _cells(path, schema, replace(mapping, complete=True))
    found = _columns(data, schema, mapping)
    for one in schema.fields:
        written = column_of(one.name, list(data.columns), schema, mapping)
        if written in data.columns and (one.enum or one.codes):
            found += _classes(data[written], one, mapping)
    return found


def _cells(path: Path, schema: TableSchema, whole: TableMapping) -> pd.DataFrame:
    """The cells of a table or the attributes of a layer, by their columns."""
    if schema.kind == "vector":
        from gbf_workbench.preparation.vectors import cells_of_layer

        return cells_of_layer(path, schema, whole)
    try:
        return read_table(path, schema, whole).data
    except WorkbenchError as refused:
        if {issue.key for issue in refused.issues if issue.stops} != {"check.header_not_found"}:
            raise
        return read_table(path, schema, replace(whole, header_row=widest_row(path, whole)[0])).data


def _columns(data: pd.DataFrame, schema: TableSchema, mapping: TableMapping) -> list[Suggestion]:
    """Each column for one field at most, the likeliest pairs first."""
    names = list(data.columns)
    settled = {one.name: column_of(one.name, names, schema, mapping) for one in schema.fields}
    filled = {*mapping.constants, *mapping.numbered}
    open_fields = [one for one in schema.fields if settled[one.name] not in names and one.name not in filled]
    free = [name for name in names if name not in settled.values()]
    pairs = [_pair(one, name, data[name], schema) for one in open_fields for name in free]
    taken: list[Suggestion] = []
    for pair in sorted(pairs, key=lambda one: -one.likeness):
        known = {one.field for one in taken} | {one.written for one in taken}
        if pair.likeness >= _PERHAPS and pair.field not in known and pair.written not in known:
            taken.append(pair)
    return taken


def _pair(one: Field, name: str, cells: pd.Series, schema: TableSchema) -> Suggestion:
    alike, fitting = _name_likeness(one, name, schema), _content_likeness(one, cells)
    listed = bool(one.enum or one.codes)
    # Values of a closed list say more than a name; that cells are numbers says little.
    likeness = max(alike * (0.4 + 0.6 * fitting), 0.9 * fitting if listed and fitting > 0.8 else 0.0)
    why = "both" if alike > _PERHAPS and fitting > _PERHAPS else "name" if alike > fitting else "content"
    return Suggestion("column", one.name, name, one.name, round(likeness, 3), why)


def _name_likeness(one: Field, name: str, schema: TableSchema) -> float:
    said = [one.name, *one.aliases, *(schema.column_title(one.name, language) for language in languages())]
    return max(_likeness(name, other) for other in said)


def _likeness(written: str, known: str) -> float:
    """How alike two names are; one that holds all words of the known one is nearly it, one that lacks some is not.

    “Menacée” lacks the first word of “quasi menacée”, which means something else.
    """
    one, other = plain(written), plain(known)
    if not one or not other:
        return 0.0
    words, others = _words(written), _words(known)
    lacks = bool(others - words)
    if lacks and words < others:
        return 0.6 * len(words) / len(others)
    held = 0.9 if not lacks and max(map(len, others), default=0) > 2 else 0.0
    return max(difflib.SequenceMatcher(None, one, other, autojunk=False).ratio(), held)


def _words(name: str) -> set[str]:
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", name).casefold().split()
    return {plain(part) for part in parts} - {""}


def _content_likeness(one: Field, cells: pd.Series) -> float:
    """Share of the filled cells that the field could hold."""
    said = [as_text(cell).strip() for cell in cells.dropna().head(_SAMPLE)]
    filled = [words for words in said if words and words.casefold() not in WORDS]
    if not filled:
        return 0.0
    if one.enum or one.codes:
        different = list(dict.fromkeys(filled))[:_MOST_CLASSES]
        titles = _titles(one)
        return sum(_is_listed(one, words) or _class(words, one, titles, 1).likeness for words in different) / len(
            different
        )
    return sum(_fits(one, words) for words in filled) / len(filled)


def _is_listed(one: Field, words: str) -> bool:
    choices = choices_of(one)
    return words in choices.values or choices.meant(words) is not None


def _fits(one: Field, words: str) -> bool:
    if one.type == "year":
        return bool(re.fullmatch(r"(1[89]|20|21)\d\d(\.0)?", words))
    if one.type in ("number", "integer"):
        return bool(_NUMBER.fullmatch(words))
    if one.type == "date":
        return bool(re.fullmatch(r"[\dTZ:./ -]{6,}", words))
    return not _NUMBER.fullmatch(words)


def _classes(cells: pd.Series, one: Field, mapping: TableMapping) -> list[Suggestion]:
    """For each class that no list has, the value that is most like it; classes without a likeness come without one."""
    counts = cells.dropna().map(lambda cell: as_text(cell).strip()).value_counts()
    settled = {plain(words) for words in mapping.classes.get(one.name, {})}
    settled |= {plain(words) for words in mapping.missing.get(one.name, ())}
    open_ones = [
        words for words in counts.index
        if words and not _is_listed(one, words)
        and words.casefold() not in WORDS and plain(words) not in settled
    ]  # fmt: skip
    if len(open_ones) > _MOST_CLASSES:
        return []
    titles = _titles(one)
    found = [_class(words, one, titles, int(counts[words])) for words in open_ones]
    return sorted(found, key=lambda each: -each.likeness)


def _titles(one: Field) -> list[tuple[str, str]]:
    """Every way to say each value, with the value."""
    said = [(value, value) for value in one.enum] + [(words, value) for words, value in one.synonyms.items()]
    if one.codes:
        listed = code_list(one.codes)
        said += [(words, value) for words, value in listed.written.items()]
        said += [(title, value) for value, title in listed.titles.items()]
    return said


def _class(words: str, one: Field, titles: Iterable[tuple[str, str]], count: int) -> Suggestion:
    likeness, meant = max(((_likeness(words, said), value) for said, value in titles), default=(0.0, ""))
    if likeness < _PERHAPS:
        likeness, meant = 0.0, ""
    return Suggestion("class", one.name, words, meant, round(likeness, 3), "name", count)


def confirm(folder: Path, table: str, confirmed: Iterable[Suggestion], file: str = "") -> Path:
    """Write what somebody confirmed into ``mapping.yml``; what stands there already stays.

    Parameters
    ----------
    folder : Path
        Folder of the indicator.
    table : str
        Name of the schema.
    confirmed : iterable of Suggestion
        Those without a value are left out.
    file : str
        The file that the table is read from, where it does not have the table's name.

    Returns
    -------
    Path

    Raises
    ------
    WorkbenchError
        If the file there is broken, or would be afterwards.
    """
    more: dict[str, Any] = {"file": file} if file else {}
    for one in confirmed:
        if one.kind == "column":
            more = merged(more, {"columns": {one.field: one.written}})
        elif one.meant:
            more = merged(more, {"classes": {one.field: {one.written: one.meant}}})
    return settle(folder, table, more)
