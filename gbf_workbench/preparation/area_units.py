"""Reported areas held against the outlines of a layer: a factor that runs through the rows is a unit mixed up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.schema import TableSchema
from gbf_workbench.preparation.units import factor, kind_of, taken_for

if TYPE_CHECKING:
    import geopandas

#: Part of the rows that must show the same factor.
_MOST = 0.8
#: Outlines below this [km²] are too coarse to be held against a number.
_SMALLEST = 1e-4
_SMALL = "smaller"


def area_unit_issues(layer: geopandas.GeoDataFrame, schema: TableSchema, names: Mapping[str, str]) -> Iterator[Issue]:
    """Errors for columns of areas that are, nearly everywhere, one and the same factor off the outlines.

    Parameters
    ----------
    layer : GeoDataFrame
        Converted, in the equal-area system of the frame [m].
    schema : TableSchema
    names : mapping
        What the user calls each field.
    """
    outlines = layer.geometry.area.to_numpy() / 1e6
    for one in schema.fields:
        if kind_of(one.unit) != "area" or one.name not in layer:
            continue
        size = float(factor("km2", one.unit))
        said = layer[one.name].to_numpy(dtype=float, na_value=np.nan)
        there = (outlines > _SMALLEST) & (said > 0)
        if not there.any():
            continue
        ratios = said[there] / (outlines[there] * size)
        # Numbers that are too small by such a factor were converted twice, or stand under the wrong unit.
        likely = taken_for(ratios, one.unit)
        likely[(likely == "") & (taken_for(1 / ratios, one.unit) != "")] = _SMALL
        for unit in np.unique(likely[likely != ""]):
            same = likely == unit
            if same.mean() >= _MOST:
                values = {
                    "share": f"{same.mean():.0%}", "ratio": f"{np.median(ratios[same]):.3g}", "unit": str(unit),
                    "field": one.name,
                }  # fmt: skip
                rows = tuple(int(row) for row in layer.index[there][same])
                column = names.get(one.name, one.name)
                key = "check.areas_too_small" if unit == _SMALL else "check.unit_mixed_up"
                yield Issue("error", key, values, column=column, value=f"{said[there][same][0]:g}", rows=rows)
