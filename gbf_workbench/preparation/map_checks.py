"""Maps of one role held against each other and against their legend, and brought onto one grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.methods.rasters import RasterSource, cross_tabulate, same_year_issues
from gbf_workbench.preparation.alignment import align
from gbf_workbench.preparation.mapping import TableMapping, overruled

_MOST_NAMED = 20
#: Values that programs write where there is nothing: ends of the types, and numbers no legend counts to.
_FILLERS = {
    0, -1, -9, -99, -999, -9999, -99999, 127, -128, 255, 32767, -32768, 65535, 2**31 - 1, -(2**31) + 1,
}  # fmt: skip


def check_maps(
    sources: Sequence[RasterSource], legend: pd.DataFrame | None, mapping: TableMapping | None = None
) -> tuple[tuple[RasterSource, ...], list[Issue]]:
    """Check the maps of one role against each other and against their legend, and align them.

    Parameters
    ----------
    sources : sequence of RasterSource
    legend : DataFrame or None
        With a column ``class_code`` and, where maps differ in their classes, ``year``.
    mapping : TableMapping, optional
        Its word ``overrules``.

    Returns
    -------
    tuple of RasterSource
        By year, on the grid of the oldest; as they came where an issue stops the calculation.
    list of Issue
        Placed in the files of the maps.
    """
    issues = same_year_issues(sources)
    if legend is not None:
        issues += _legend_issues(sources, legend)
    else:
        issues += [issue for source in sources for issue in _negative_issues(source, source.codes)]
    if any(issue.stops for issue in issues):
        return tuple(sources), issues
    aligned, found = align(sources, lambda key: overruled(mapping or TableMapping(), key) is not None)
    return tuple(aligned), [*issues, *found]


def _legend_issues(sources: Sequence[RasterSource], legend: pd.DataFrame) -> list[Issue]:
    issues = []
    for source in sources:
        found = _map_issues(source, legend)
        issues += [issue.placed(file=source.name) for issue in found]
    issues += _renamed(sources, legend)
    met = {code for source in sources for code in source.codes}
    listed = {code for source in sources for code in legend_codes(legend, source.year)}
    if unused := sorted(listed - met):
        issues.append(Issue("flag", "rasters.legend_unused", {"names": _named(unused)}, file=sources[-1].name))
    return issues


def legend_codes(legend: pd.DataFrame, year: int) -> set[int]:
    """Codes that the legend lists for the map of a year; codes that are no whole numbers cannot be in a map.

    >>> sorted(legend_codes(pd.DataFrame({"class_code": ["1", "2.0", "F"]}), 2020))
    [1, 2]
    """
    rows = legend
    if "year" in legend:
        rows = legend[legend["year"].isna() | (legend["year"] == year)]
    read = pd.to_numeric(rows["class_code"].astype("str"), errors="coerce").astype("float64").dropna()
    return {int(code) for code in read if code.is_integer()}


def _map_issues(source: RasterSource, legend: pd.DataFrame) -> Iterable[Issue]:
    listed = legend_codes(legend, source.year)
    if wrong := sorted(listed.intersection(source.empties)):
        yield Issue("error", "rasters.nodata_in_legend", value=_named(wrong))
    if not listed and "year" in legend and legend["year"].notna().any():
        years = sorted({int(year) for year in legend["year"].dropna()})
        yield Issue("error", "rasters.no_legend_of_year", {"year": source.year, "names": _named(years)})
        return
    unknown = {code: pixels for code, pixels in source.codes.items() if code not in listed}
    if not unknown:
        return
    areas, edges = _areas(source), _at_all_edges(source)
    fillers = {code for code in unknown if code in _FILLERS or code == edges}
    for code in sorted(fillers):
        percent = 100 * source.codes[code] / (source.shape[0] * source.shape[1])
        values = {"percent": percent, "km2": areas.get(code, 0.0), "answer": _answer(source, fillers)}
        yield Issue("question", "rasters.is_it_nodata", values, value=str(code))
    rest = {code: pixels for code, pixels in unknown.items() if code not in fillers}
    negative = list(_negative_issues(source, rest))
    yield from negative
    others = [code for code in rest if code >= 0]
    if others:
        said = _named(_with_area(code, source, areas) for code in others)
        yield Issue("error", "rasters.not_in_legend", {"names": said, "year": source.year}, value=_named(others))


def _negative_issues(source: RasterSource, codes: Mapping[int, int]) -> Iterable[Issue]:
    """Classes below zero: mostly numbers from 32,768 on that were written with a sign."""
    if below := [code for code in codes if code < 0]:
        unsigned = _named(f"{code} = {code + (2**8 if code >= -(2**7) else 2**16)}" for code in below[:3])
        yield Issue("error", "rasters.negative", {"unsigned": unsigned}, value=_named(below), file=source.name)


def _answer(source: RasterSource, fillers: set[int]) -> str:
    """What to write in mapping.yml if these values mean no data, beside those that the file names itself."""
    wanted = sorted(fillers | set(source.empties))
    return str(wanted[0]) if len(wanted) == 1 else str(wanted)


def _areas(source: RasterSource) -> dict[int, float]:
    """Area [km2] of each class; empty where the map reaches beyond its projection, which is said elsewhere."""
    try:
        table = cross_tabulate([source])
    except WorkbenchError:
        return {}
    return {int(code): float(area) for (code,), area in zip(table.codes, table.areas_km2, strict=True)}


def _with_area(code: int, source: RasterSource, areas: Mapping[int, float]) -> str:
    if code not in areas:
        return f"{code} ({source.codes[code]:,} cells)"
    return f"{code} ({areas[code]:,.1f} km²)" if areas[code] < 100 else f"{code} ({areas[code]:,.0f} km²)"


def _at_all_edges(source: RasterSource) -> int | None:
    """The one value that surrounds the map: most cells of each of its four edges hold it."""
    north, south, west, east = pd.Series(dtype="int64"), pd.Series(dtype="int64"), [], []
    for window, classes in source.blocks():
        north = pd.Series(classes[0]) if window.row_off == 0 else north
        south = pd.Series(classes[-1])
        west.append(pd.Series(classes[:, 0]))
        east.append(pd.Series(classes[:, -1]))
    most = [edge.value_counts(normalize=True).iloc[[0]] for edge in (north, south, pd.concat(west), pd.concat(east))]
    values = {int(one.index[0]) for one in most}
    return values.pop() if len(values) == 1 and all(one.iloc[0] > 0.5 for one in most) else None


def _renamed(sources: Sequence[RasterSource], legend: pd.DataFrame) -> Iterable[Issue]:
    """Classes that the files themselves name otherwise at another date, while the legend takes them for the same."""
    if "year" in legend and legend["year"].notna().any():
        return
    for first, other in pairwise(sources):
        both = sorted(set(first.meanings) & set(other.meanings) & (set(first.codes) | set(other.codes)))
        changed = [code for code in both if first.meanings[code].casefold() != other.meanings[code].casefold()]
        if changed:
            said = _named(f"{code}: {first.meanings[code]} → {other.meanings[code]}" for code in changed)
            yield Issue(
                "error", "rasters.legend_changed", {"other": first.name, "names": said},
                value=_named(changed), file=other.name,
            )  # fmt: skip


def _named(names: Iterable[Any]) -> str:
    said = [str(name) for name in names]
    return ", ".join(said[:_MOST_NAMED]) + (" …" if len(said) > _MOST_NAMED else "")
