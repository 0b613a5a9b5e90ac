"""Reading a Parquet file as cells: numbers stay numbers and dates dates, and what is no table is refused in words."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.preparation.grid import Grid
from gbf_workbench.preparation.records import MOST_PLACES

if TYPE_CHECKING:
    import pyarrow as pa

#: What pandas calls the numbers of rows it keeps beside the data.
_ROW_NUMBERS = re.compile(r"__index_level_\d+__")


def read_parquet(path: Path, shown: str) -> Grid:
    """All cells of a file; its column names are row 1, as in a spreadsheet made of it.

    Raises
    ------
    WorkbenchError
        If it is no Parquet file, or a column holds something else than one value in each row.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        facts = file.metadata
        if facts.num_rows * max(len(file.schema_arrow), 1) > MOST_PLACES:
            raise problem("check.too_large", file=shown, limit=MOST_PLACES // 10**6)
        names = [name for name in file.schema_arrow.names if not _ROW_NUMBERS.fullmatch(name)]
        nested = [name for name in names if not _is_plain(file.schema_arrow.field(name).type)]
        if nested:
            raise WorkbenchError(*(_nested(file.schema_arrow.field(name), shown) for name in nested))
        columns = [file.read(columns=[name]).column(0) for name in names]
    except (pa.ArrowException, OSError, KeyError) as fault:
        raise problem("check.unreadable", file=shown, reason=" ".join(str(fault).split())[:120]) from None
    cells = pd.DataFrame({at: _with_name(name, one) for at, (name, one) in enumerate(zip(names, columns, strict=True))})
    cells.index = pd.RangeIndex(1, facts.num_rows + 2)
    return Grid(cells)


def _nested(field: pa.Field, shown: str) -> Issue:
    return Issue("error", "check.nested_column", {"kind": str(field.type)[:60]}, file=shown, column=field.name)


def _is_plain(kind: pa.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    plain = (
        pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean, pa.types.is_string,
        pa.types.is_large_string, pa.types.is_string_view, pa.types.is_date, pa.types.is_timestamp, pa.types.is_time,
        pa.types.is_null,
    )  # fmt: skip
    return any(is_one(kind) for is_one in plain)


def _with_name(name: str, column: pa.ChunkedArray) -> Any:
    """A column below its name: text as ``str``, any other values as Python keeps them."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        # Python keeps no billionths of a second; no table of ours asks for them.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    values = [_cell(value) for value in column.to_pylist()]
    if all(value is None or type(value) is str for value in values):
        return pd.array([name or None, *values], dtype="str")
    return np.fromiter((name or None, *values), dtype=object, count=len(values) + 1)


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    return None if isinstance(value, str) and not value.strip() else value
