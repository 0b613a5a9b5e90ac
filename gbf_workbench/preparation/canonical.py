"""The content of an input as one digest that does not depend on file format, order of rows or names of files."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd

#: Coordinates closer than this [m] are the same place, whatever file they came in.
_GRID = 0.001


def digest_of(content: Any) -> str:
    """SHA-256 of the canonical content of a table, a layer or a series of maps.

    Parameters
    ----------
    content : DataFrame, GeoDataFrame or sequence of RasterSource
    """
    if isinstance(content, pd.DataFrame):
        return _digest_of_table(content)
    return _digest_of_maps(content)


def _digest_of_table(table: pd.DataFrame) -> str:
    names = sorted(table.columns)
    facts = [
        _shapes_as_text(table[name]) if str(table[name].dtype) == "geometry" else _cells_as_text(table[name])
        for name in names
    ]
    lines = sorted("\x1f".join(row) for row in zip(*facts, strict=True))
    head = "\x1f".join(names)
    return hashlib.sha256("\n".join([head, *lines]).encode()).hexdigest()


def _cells_as_text(column: pd.Series) -> list[str]:
    # repr keeps every bit of a float; str() of a missing value differs between versions of pandas.
    floats = pd.api.types.is_float_dtype(column.dtype)
    return [
        "" if missing else repr(float(v)) if floats else str(v)
        for v, missing in zip(column.tolist(), column.isna().tolist(), strict=True)
    ]


def _shapes_as_text(column: pd.Series) -> list[str]:
    import shapely

    rounded = shapely.transform(np.asarray(column.array), lambda xy: np.round(xy / _GRID) * _GRID + 0.0)
    return [shape.hex() for shape in shapely.to_wkb(shapely.normalize(rounded))]


def _digest_of_maps(maps: Any) -> str:
    return hashlib.sha256("|".join(sorted(one.content for one in maps)).encode()).hexdigest()
