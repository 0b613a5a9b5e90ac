"""Features that stand in a layer twice: the same outline however it is written, or nearly the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.mapping import TableMapping, overruled, overruled_flag
from gbf_workbench.preparation.schema import TableSchema

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Shared part of two outlines from which on they are probably meant to be one.
NEARLY = 0.99
#: Places closer than this many digits after the point [m] are one; files keep no more.
_DIGITS = 4
_MOST_APART = 50
_POLYGONS = (3, 6)


def repeated(
    table: pd.DataFrame, shapes: NDArray[np.object_], schema: TableSchema, mapping: TableMapping
) -> tuple[NDArray[np.bool_], list[Issue]]:
    """Which features repeat an earlier one, so that they are counted once; those that nearly do are only told.

    Parameters
    ----------
    table : DataFrame
        The checked attributes; the index is the row.
    shapes : array of geometries, shape (n,)
        In the plane of the frame, None where there is none.
    schema, mapping
        An overrule of ``layer.same_feature`` keeps the feature.

    Returns
    -------
    array of bool, shape (n,)
    list of Issue
    """
    import shapely

    bounds = shapely.bounds(shapes)
    outline = _same_outlines(shapes, bounds)
    rows = table.index.to_numpy()
    again = np.zeros(len(table), dtype=bool)
    issues: list[Issue] = []
    candidates = np.flatnonzero(outline >= 0)
    values = table.iloc[candidates].astype(object)
    cells = values.where(values.notna(), None).itertuples(index=False, name=None)
    first: dict[tuple[object, ...], int] = {}
    # A table without columns has no cells to go through, but its outlines may repeat all the same.
    cells = cells if len(table.columns) else [()] * len(candidates)
    for at, own in zip(candidates.tolist(), cells, strict=True):
        kept = first.setdefault((int(outline[at]), *own), at)
        if kept == at:
            continue
        issue = Issue("repair", "layer.same_feature", {"kept": int(rows[kept])}, rows=(int(rows[at]),))
        word = overruled(mapping, issue.key, rows=issue.rows)
        again[at] = word is None
        issues.append(issue if word is None else overruled_flag(word, issue))
    near = _near_issues(table, shapes, bounds, np.where(again, -2, outline), schema)
    return again, [*_folded(issues, "kept"), *near]


def _folded(issues: list[Issue], name: str) -> list[Issue]:
    """At most so many lines as anybody reads; the rest in one."""
    if len(issues) <= _MOST_APART:
        return issues
    kept, rest = issues[: _MOST_APART - 1], issues[_MOST_APART - 1 :]
    rows = tuple(sorted(row for issue in rest for row in issue.rows))
    partners = ", ".join(str(issue.values.get(name, "")) for issue in rest[:5]) + " …"
    return [*kept, Issue(rest[0].level, rest[0].key, {**rest[0].values, name: partners}, rows=rows)]


def _same_outlines(shapes: NDArray[np.object_], bounds: NDArray[np.float64]) -> NDArray[np.int64]:
    """A number for each set of shapes that are equal however they are written; -1 for shapes without an equal.

    Only shapes with the same extent can be equal, so the others are never looked at.
    """
    import shapely

    number = np.full(len(shapes), -1, dtype=np.int64)
    # Shapes without a place have no extent either.
    known = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    likely = known[_several(_mixed(bounds[known]))]
    if len(likely):
        rounded = shapely.transform(shapes[likely], lambda xy: np.round(xy, _DIGITS) + 0.0)
        same = pd.factorize(pd.Series(shapely.to_wkb(shapely.normalize(rounded))))[0]
        twice = np.bincount(same)[same] > 1
        number[likely[twice]] = same[twice]
    return number


def _mixed(places: NDArray[np.float64]) -> NDArray[np.uint64]:
    """One number for each row of coordinates, the same for rows that are the same after rounding."""
    # Adding zero turns -0 into 0, which has other bits.
    whole = (np.round(places, _DIGITS) + 0.0).view(np.uint64)
    mixed = np.zeros(len(places), dtype=np.uint64)
    for column in whole.T:
        mixed = (mixed ^ column) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _several(numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which numbers stand there more than once; nearly always few, and nothing has to be sorted to find them."""
    return pd.Series(numbers).duplicated(keep=False).to_numpy()


def _near_issues(
    table: pd.DataFrame,
    shapes: NDArray[np.object_],
    bounds: NDArray[np.float64],
    outline: NDArray[np.int64],
    schema: TableSchema,
) -> list[Issue]:
    """Outlines that share nearly all of their area, unless they are the same place at two dates."""
    import shapely

    polygons = np.flatnonzero(np.isin(shapely.get_type_id(shapes), _POLYGONS) & (outline > -2))
    one, other = _neighbours(bounds[polygons])
    one, other = polygons[one], polygons[other]
    for name in table.columns:
        if name in schema.names and schema.field(name).type in ("year", "date"):
            when = pd.factorize(table[name].astype(object), use_na_sentinel=False)[0]
            same_time = when[one] == when[other]
            one, other = one[same_time], other[same_time]
    share = _shared(shapes, outline, one, other)
    rows = table.index.to_numpy()
    issues = []
    for at in np.flatnonzero(share > NEARLY):
        first, second = sorted((int(rows[one[at]]), int(rows[other[at]])))
        values = {"other": first, "percent": f"{100 * share[at]:.4g}"}
        issues.append(Issue("flag", "layer.nearly_same", values, rows=(second,)))
    return _folded(sorted(issues, key=lambda issue: issue.rows), "other")


def _shared(
    shapes: NDArray[np.object_], outline: NDArray[np.int64], one: NDArray[np.int64], other: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Area that two shapes share as a part of what they cover together."""
    import shapely

    share = np.zeros(len(one))
    share[(outline[one] >= 0) & (outline[one] == outline[other])] = 1.0
    areas = shapely.area(shapes[one]), shapely.area(shapes[other])
    alike = (share == 0) & (np.minimum(*areas) > NEARLY * np.maximum(*areas))
    alike[alike] = _balanced(shapes[one[alike]], shapes[other[alike]])
    # An outline that an expert wanted left as it is may be one that cannot be cut.
    alike[alike] = shapely.is_valid(shapes[one[alike]]) & shapely.is_valid(shapes[other[alike]])
    common = shapely.area(shapely.intersection(shapes[one[alike]], shapes[other[alike]]))
    share[alike] = common / (areas[0][alike] + areas[1][alike] - common)
    return share


def _balanced(one: NDArray[np.object_], other: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which pairs can be nearly the same by area and centre of mass, which is far sooner known than what they share.

    What lies in only one of two nearly equal outlines is a small area, and no part of it is farther from the middle of
    the extent of both than half of that extent. So it cannot make much of a difference between their first moments.
    """
    import shapely

    bounds = shapely.bounds(one), shapely.bounds(other)
    least, most = np.minimum(*bounds)[:, :2], np.maximum(*bounds)[:, 2:]
    areas = [shapely.area(shapes)[:, None] for shapes in (one, other)]
    moments = [
        area * (shapely.get_coordinates(shapely.centroid(shapes)) - (least + most) / 2)
        for area, shapes in zip(areas, (one, other), strict=True)
    ]
    unlike = (1 - NEARLY) / (1 + NEARLY) * (areas[0] + areas[1])
    return (np.abs(moments[0] - moments[1]) <= unlike * (most - least) / 2).all(axis=1)


def _neighbours(bounds: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of shapes of about the same size in about the same place.

    Shapes are sorted into cells that grow with their size. Two that are nearly equal fall into one cell of at least one
    of the overlapping grids, wherever the borders of the cells lie.
    """
    size = np.maximum(bounds[:, 2:] - bounds[:, :2], 1e-3).max(axis=1, initial=0)
    level, middle = np.log2(size), (bounds[:, :2] + bounds[:, 2:]) / 2
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for up in (0.0, 0.5):
        step = np.floor(level + up)
        cell = np.exp2(step) * 0.1
        for shift in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
            at = np.floor(middle / cell[:, None] + shift)
            pairs += _pairs_in(_mixed(np.column_stack([step, at])))
    one, other = np.concatenate(pairs).T
    # As one number each: numpy is slow to sort rows.
    found = np.unique(one * len(bounds) + other)
    return found // max(len(bounds), 1), found % max(len(bounds), 1)


def _pairs_in(cell: NDArray[np.uint64]) -> Iterator[NDArray[np.int64]]:
    """Positions with the same number, two and two; where many share one, each with those that follow it."""
    shared = np.flatnonzero(_several(cell))
    order = shared[np.argsort(cell[shared], kind="stable")]
    ordered = cell[order]
    same = np.flatnonzero(ordered[:-1] == ordered[1:])
    for ahead in range(1, _MOST_APART + 1):
        if not len(same):
            return
        yield np.sort(np.column_stack([order[same], order[same + ahead]]), axis=1)
        same = same[same + ahead + 1 < len(ordered)]
        same = same[ordered[same] == ordered[same + ahead + 1]]
