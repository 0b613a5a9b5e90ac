"""What is said of the shapes of a layer: what is missing, left out, repaired, and what cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.geometries import Changes
from gbf_workbench.preparation.mapping import TableMapping, overruled, overruled_flag
from gbf_workbench.preparation.schema import TableSchema

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Names of the kinds of shapes by their number in shapely.
_KINDS = (
    "Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip
_COLLECTION = 7
#: What a repair may change: a feature by this share of what its lines enclose, all of the layer by that one.
_MOST_OF_ONE, _MOST_OF_ALL = 0.01, 0.001
_MOST_APART = 50


def keep_kinds(
    shapes: NDArray[np.object_], rows: NDArray[np.int64], schema: TableSchema, mapping: TableMapping
) -> tuple[NDArray[np.bool_], list[Issue]]:
    """Leave only shapes of the kinds a table takes, in place; parts of other kinds are taken out of collections.

    Parameters
    ----------
    shapes : array of geometries, shape (n,)
    rows : array of int, shape (n,)

    Returns
    -------
    array of bool, shape (n,)
        Which features are left out because nothing of them is of use.
    list of Issue
        A repair that lists what was left out; an error where that would be all, or where an expert overruled it.
    """
    import shapely

    taken = [number for number, name in enumerate(_KINDS) if name in schema.geometry]
    kind = shapely.get_type_id(shapes)
    mixed = np.flatnonzero((kind == _COLLECTION) & ~shapely.is_empty(shapes))
    issues = []
    if len(mixed) and not np.isin(_COLLECTION, taken):
        for at in mixed:
            shapes[at] = _of_kinds(shapes[at], taken)
        kind = np.where(shapely.is_empty(shapes) & (kind == _COLLECTION), _COLLECTION, shapely.get_type_id(shapes))
        if len(kept := mixed[np.isin(kind[mixed], taken)]):
            issues.append(Issue("repair", "layer.collection", rows=_named(rows[kept])))
    wrong = (kind >= 0) & ~np.isin(kind, taken)
    if not wrong.any():
        return wrong, issues
    known = kind >= 0
    for number in np.unique(kind[wrong]):
        found = _named(rows[wrong & (kind == number)])
        word = overruled(mapping, "layer.left_out", rows=found)
        level, key = ("error", "wrong_geometry") if (wrong == known).all() or word else ("repair", "left_out")
        values = {"choices": ", ".join(schema.geometry), "number": len(found)}
        issues.append(Issue(level, f"layer.{key}", values, value=_KINDS[number], rows=found))
    return wrong, issues


def _of_kinds(collection: object, taken: list[int]) -> object:
    """The parts of a collection that are of use, as one shape; an empty collection where there are none."""
    import shapely

    parts = shapely.get_parts(collection)
    while (shapely.get_type_id(parts) == _COLLECTION).any():
        parts = shapely.get_parts(parts)
    kinds = shapely.get_type_id(parts)
    for single, many, build in ((3, 6, shapely.multipolygons), (0, 4, shapely.multipoints)):
        if {single, many} & set(taken) and np.isin(kinds, (single, many)).any():
            own = shapely.get_parts(parts[np.isin(kinds, (single, many))])
            return own[0] if len(own) == 1 else build(own)
    return shapely.geometrycollections([])


def _named(rows: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(rows.tolist())


def change_issues(changes: Changes, shapes: NDArray[np.object_], rows: NDArray[np.int64]) -> list[Issue]:
    """Everything that happened to the shapes of a layer on their way into the frame."""
    import shapely

    issues = []
    for key, found in (("no_number", changes.no_number), ("outside_the_map", changes.lost)):
        if len(found):
            issues.append(Issue("error", f"layer.{key}", rows=_named(rows[found])))
    if len(changes.unclear):
        issues.append(Issue("question", "layer.round_the_globe", rows=_named(rows[changes.unclear])))
    if len(changes.beyond):
        issues.append(Issue("repair", "layer.split_at_180", rows=_named(rows[changes.beyond])))
    crossing = zip(rows[changes.crossing], changes.crossing_km2, strict=True)
    issues += _apart([_changed("layer.crosses_180", row, *km2) for row, km2 in crossing])
    if len(changes.repaired):
        issues += _repair_issues(changes, rows, float(shapely.area(shapes).sum() / 1e6))
    return issues


def _changed(key: str, row: int, before: float, after: float) -> Issue:
    from gbf_workbench.locales import number

    return Issue("repair", key, rows=(int(row),), before=number(before, "en"), after=number(after, "en"))


def _apart(issues: list[Issue]) -> list[Issue]:
    """One line for each of the first; what happened to the others is added up in a last one."""
    if len(issues) <= _MOST_APART:
        return issues
    rest = issues[_MOST_APART - 1 :]
    rows = tuple(sorted(row for one in rest for row in one.rows))
    return [*issues[: _MOST_APART - 1], Issue("repair", f"{rest[0].key}_more", rows=rows)]


def _repair_issues(changes: Changes, rows: NDArray[np.int64], whole_km2: float) -> Iterator[Issue]:
    own = rows[changes.repaired]
    gone = changes.after <= 0
    if gone.any():
        yield Issue("error", "layer.collapsed_geometry", rows=_named(own[gone]))
    difference = np.abs(changes.after - changes.enclosed)
    largest = np.maximum(np.maximum(changes.after, changes.enclosed), 1e-12)
    unlike = ~gone & (difference > _MOST_OF_ONE * largest)
    for at in np.flatnonzero(unlike)[:_MOST_APART]:
        said = _changed("layer.two_readings", own[at], changes.enclosed[at], changes.after[at])
        yield Issue("error", said.key, rows=said.rows, before=said.before, after=said.after)
    if (more := np.flatnonzero(unlike)[_MOST_APART:]).size:
        yield Issue("error", "layer.two_readings_more", rows=_named(own[more]))
    fine = ~gone & ~unlike
    made = zip(own[fine], changes.drawn[fine], changes.after[fine], strict=True)
    yield from _apart([_changed("layer.repaired_geometry", row, *km2) for row, *km2 in made])
    if not unlike.any() and difference[fine].sum() > _MOST_OF_ALL * max(whole_km2, 1e-12):
        percent = 100 * difference[fine].sum() / whole_km2
        yield Issue("error", "layer.repairs_add_up", {"percent": f"{percent:.3g}"}, rows=_named(own[fine]))


def as_drawn_issues(words: Iterable[tuple[str, int]], mapping: TableMapping) -> list[Issue]:
    """What the record says of shapes that an expert wanted left as they are."""
    issues = []
    for key, row in sorted(set(words)):
        issue = Issue("repair", key, rows=(row,))
        if word := overruled(mapping, key, rows=(row,)):
            issues.append(overruled_flag(word, issue))
    return issues
