"""Rows that add up the others: found by their name in many languages, and by their numbers where they have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, rows_in_words
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.numerals import as_text
from gbf_workbench.preparation.quantities import is_share
from gbf_workbench.preparation.row_codes import RowCodes, repeats_few
from gbf_workbench.preparation.schema import Field, TableSchema
from gbf_workbench.preparation.side_by_side import side_by_side
from gbf_workbench.preparation.units import kind_of

#: What rows that add up the others are called, and places that hold other places.
TOTALS = {
    "total", "totals", "subtotal", "sub-total", "sub total", "grand total", "total general", "overall total", "all",
    "all groups", "sum", "world", "global total", "national total", "country total", "eu", "eu27", "eu-27", "eu28",
    "european union", "africa", "europe", "asia", "oceania", "americas",
    "totaux", "sous-total", "sous total", "total général", "somme", "ensemble", "monde", "total national", "afrique",
    "totales", "subtotales", "total nacional", "suma", "todos", "mundo", "áfrica",
    "المجموع", "الإجمالي", "إجمالي", "المجموع الكلي", "المجموع الفرعي", "المجموع العام", "العالم", "أفريقيا",
    "итого", "всего", "итог", "промежуточный итог", "подытог", "общий итог", "мир", "африка",
    "总计", "合计", "小计", "总和", "共计", "总数", "世界", "全国", "全球", "非洲",
    "soma", "total geral", "totais", "subtotais", "totale", "totale generale", "subtotale", "somma", "totaal",
    "subtotaal", "eindtotaal", "summe", "gesamt", "insgesamt", "gesamtsumme", "zwischensumme", "totalt", "delsumma",
    "delsum", "summa", "i alt", "yhteensä", "razem", "ogółem", "łącznie", "celkem", "spolu", "mezisoučet", "összesen",
    "ukupno", "укупно", "всього", "усього", "разом", "общо", "σύνολο", "γενικό σύνολο", "toplam", "genel toplam",
    "ara toplam", "jumla", "jumla kuu", "jumla ndogo", "jumlah", "jumlah keseluruhan", "tổng", "tổng cộng", "कुल",
    "कुल योग", "योग", "जम्मा", "মোট", "รวม", "รวมทั้งสิ้น", "合計", "小計", "総計", "합계", "총계", "소계", "جمع", "جمع کل",
    "مجموع", "کل", "სულ", "ընդամենը", "សរុប", "ລວມ", "ድምር", "ጠቅላላ", "fitambarany", 'סה"כ', "нийт", "σ", "∑",
    "carried forward", "balance carried forward", "brought forward", "report à nouveau",
}  # fmt: skip
#: How rows begin that say what part of another row is for: “of which: rangers”.
_PARTS = (
    r"(?i)^\W*(?:(?:including|y compris|incluidos?)\s*:|of which|thereof|dont|de los cuales|de las cuales"
    r"|del cual|de la cual|davon|darunter|dos quais|das quais|di cui|waarvan|w tym|в том числе|из них|منها"
    r"|من بينها|其中)(?:\W|$)"
)
#: “Total Environment”, “Sous-total 3”, “Parks, total”.
_WITH_TOTAL = (
    r"(?i)^\W*(?:sub[- ]?|sous[- ]|gran |grand )?(?:total|totals|totaux|итого|всего)(?:\W.*)?$"
    r"|\W(?:sub[- ]?|sous[- ])?(?:total|totals|итого|всего)\W*$|(?:小计|合计|总计)$|^(?:المجموع|إجمالي|الإجمالي)\s"
)
_MOST_APART = 20
_MANY = 20
_ADDED_UNITS = ("currency", "individuals")


#: Rows beyond which sums are looked for within groups of a few classes and years only.
_LONG = 100_000


@dataclass(frozen=True)
class _Table:
    data: pd.DataFrame
    codes: RowCodes
    names: Mapping[str, str]
    labels: tuple[str, ...]
    keys: tuple[str, ...]


def total_issues(
    codes: RowCodes, schema: TableSchema, mapping: TableMapping, names: Mapping[str, str]
) -> Iterator[Issue]:
    """Errors for rows that add up others, until ``mapping.yml`` says that they are to be left out or kept.

    Parameters
    ----------
    codes : RowCodes
        Of the converted table, whose index is the row a spreadsheet shows.
    names : mapping
        What the user calls each field.
    """
    table = codes.table
    labels = [one.name for one in schema.fields if one.name in table and _names_rows(one, schema)]
    if not labels or len(table) < 2:
        return
    keys = [one.name for one in schema.fields if one.name in table and _tells_apart(one, schema)]
    about = _Table(table, codes, names, tuple(labels), tuple(keys))
    counted = np.ones(len(table), dtype=bool)
    if mapping.keep_rows:
        counted = ~table.index.isin(mapping.keep_rows)
    called = side_by_side(lambda label: _called_total(table[label]), labels, len(table))
    for label, named in zip(labels, called, strict=True):
        is_total = named & counted
        if is_total.any() and (table[label].notna().to_numpy() & ~is_total).any():
            yield from _by_name(about, label, is_total)
            counted &= ~is_total
        if len(table) > _LONG:
            continue
        if (perhaps := _named_like_total(table[label]) & counted).any():
            rows = tuple(map(int, table.index[perhaps]))
            said = as_text(table[label][perhaps].iloc[0])
            yield Issue("flag", "check.perhaps_total", column=names[label], value=said, rows=rows)
        if (parts := table[label].str.contains(_PARTS, regex=True, na=False).to_numpy(dtype=bool) & counted).any():
            yield _issue("check.part_row", about, label, as_text(table[label][parts].iloc[0]), table.index[parts])
            counted &= ~parts
    added = [one.name for one in schema.fields if one.name in table and _adds_up(one, schema)]
    if added:
        yield from _by_numbers(about, added, counted)


def _names_rows(one: Field, schema: TableSchema) -> bool:
    """Whether a field holds what rows are called: its key, or any free words where a table has none."""
    if one.type != "string" or one.enum or one.codes not in ("", "countries"):
        return False
    return one.name in schema.primary_key or one.required or not schema.primary_key


def _called_total(column: pd.Series) -> np.ndarray:
    import pyarrow as pa
    import pyarrow.compute as pc

    arrow = pa.array(column.array)
    if len(column) <= _LONG:
        found = pc.is_in(pc.utf8_trim(pc.utf8_lower(arrow), " :.*"), value_set=pa.array(sorted(TOTALS), arrow.type))
    else:
        written = {form for words in TOTALS for form in (words, words.capitalize(), words.title(), words.upper())}
        found = pc.is_in(arrow, value_set=pa.array(sorted(written), arrow.type))
    return found.to_numpy(zero_copy_only=False)


def _named_like_total(column: pd.Series) -> np.ndarray:
    """Which names begin or end with the word for a total and say of what."""
    return column.str.contains(_WITH_TOTAL, regex=True, na=False).to_numpy(dtype=bool)


def _tells_apart(one: Field, schema: TableSchema) -> bool:
    """Whether rows of different values of a field are never added up by a total."""
    closed = one.type in ("year", "date", "boolean") or one.enum or one.codes
    return one.name in schema.primary_key or bool(closed and one.type != "boolean" and one.required)


def _adds_up(one: Field, schema: TableSchema) -> bool:
    """Whether the numbers of a field can be added over rows."""
    if one.type not in ("integer", "number") or one.name in schema.primary_key or is_share(one):
        return False
    counted = one.type == "integer" and one.minimum is not None and one.minimum >= 0 and one.maximum is None
    measured = one.unit in _ADDED_UNITS or kind_of(one.unit) in ("area", "mass", "volume")
    return counted or measured or one.format == "count"


def _by_name(about: _Table, label: str, is_total: np.ndarray) -> Iterator[Issue]:
    rows = about.data.index[is_total]
    values = about.data[label][is_total]
    for number, (value, found) in enumerate(values.groupby(values, sort=False)):
        if number == _MOST_APART:
            rest = rows[~np.isin(values, values.unique()[:_MOST_APART])]
            yield _issue("check.total_row", about, label, "", rest)
            return
        yield _issue("check.total_row", about, label, str(value), found.index)


def _issue(key: str, about: _Table, label: str, value: str, rows: pd.Index, **more: str) -> Issue:
    at = tuple(sorted({int(row) for row in rows}))
    listed = ", ".join(map(str, at[:30])) + (", …" if len(at) > 30 else "")
    return Issue("error", key, {"listed": listed, **more}, column=about.names.get(label, label), value=value, rows=at)


def _by_numbers(about: _Table, added: list[str], counted: np.ndarray) -> Iterator[Issue]:
    """Labels whose every row is the sum of the rows beside it."""
    found: set[int] = set()
    known: dict[tuple[str, ...], tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    numbers = {name: about.data[name].to_numpy(dtype=float, na_value=np.nan) for name in added}
    numbers = {name: np.where(counted, values, np.nan) for name, values in numbers.items()}
    for label, beside in _ways(about):
        if tuple(beside) not in known:
            groups = about.codes.groups(beside)
            known[tuple(beside)] = groups, *_is_sum_of_others(numbers, groups)
        groups, sums, others = known[tuple(beside)]
        for value in about.data[label][sums].unique():
            own = about.data[label].isna() if pd.isna(value) else about.data[label] == value
            places = np.flatnonzero(own.to_numpy(dtype=bool, na_value=False) & counted)
            if not sums[places].all() or found & set(places.tolist()):
                continue
            if _is_evidence(places, groups, others, numbers):
                found |= set(places.tolist())
                beside_it = (groups == groups[places[0]]) & counted
                beside_it[places] = False
                said = rows_in_words(int(row) for row in about.data.index[beside_it])
                shown = "" if pd.isna(value) else as_text(value)
                yield _issue("check.total_found", about, label, shown, about.data.index[places], others=said)


def _ways(about: _Table) -> Iterator[tuple[str, list[str]]]:
    """Each field that names rows, with the fields that tell apart what its sums go over."""
    long = len(about.data) > _LONG
    for at, label in enumerate(about.labels):
        beside = [key for key in about.keys if key != label]
        within = [other for other in about.labels[:at] if other not in beside]
        for ways in (beside, [*beside, *within]) if within else (beside,):
            yield label, [name for name in ways if not long or repeats_few(about.data[name])]


def _is_sum_of_others(numbers: Mapping[str, np.ndarray], groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows each of whose numbers is the sum of its group without it, and how many others the sum has at least."""
    size = int(groups.max()) + 1 if len(groups) else 0
    if not size or np.bincount(groups).max() < 3:
        return np.zeros(len(groups), dtype=bool), np.zeros(len(groups), dtype=np.int64)
    fits = np.ones(len(groups), dtype=bool)
    any_number = np.zeros(len(groups), dtype=bool)
    fewest = np.zeros(len(groups), dtype=np.int64)
    for values in numbers.values():
        known = ~np.isnan(values)
        amount = np.where(known, values, 0.0)
        whole = np.bincount(groups, weights=amount, minlength=size)[groups]
        others = np.bincount(groups, weights=amount != 0, minlength=size)[groups].astype(np.int64) - 1
        same = np.abs(2 * amount - whole) <= 1e-9 * np.abs(whole)
        positive = known & (amount > 0)
        fits &= ~known | (same & (others >= 2)) | (amount == 0)
        any_number |= positive
        fewest = np.where(positive, np.maximum(fewest, others), fewest)
    return fits & any_number & (fewest >= 2), fewest


def _is_evidence(places: np.ndarray, groups: np.ndarray, others: np.ndarray, numbers: Mapping[str, np.ndarray]) -> bool:
    """Whether it is no chance that these rows are sums: small numbers can be that by accident."""
    digits = sum(_digits(values[place]) for place in places for values in numbers.values())
    last = all(place == np.flatnonzero(groups == groups[place])[-1] for place in places[:3])
    fewest = int(others[places].min())
    if groups.max() >= _MANY:
        # Among many groups round numbers add up by chance somewhere.
        return fewest >= 2 and last and digits >= 4
    return (last and fewest >= 3) or (last and digits >= 4) or (fewest >= 3 and digits >= 3)


def _digits(number: float) -> int:
    """How many digits of a number say something.

    >>> _digits(600.0), _digits(1234.5), _digits(0.0)
    (1, 5, 0)
    """
    if number != number or number == 0:
        return 0
    return len(f"{abs(number):.9g}".split("e")[0].replace(".", "").strip("0"))
