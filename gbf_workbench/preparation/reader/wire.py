"""How what was read comes back from the separate process: tables as Arrow files, everything else as plain JSON."""

from __future__ import annotations

import base64
import importlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

#: Rows that are written at once, so that the copy on its way needs little memory beside the table itself.
_ROWS_AT_ONCE = 50_000
_INDEX = "\x00row"
_TABLE = "table.arrow"


def plain_of(value: Any) -> Any:
    """A value as JSON can keep it, to be made whole again by ``whole_of``.

    >>> whole_of(plain_of({"rows": (1, np.int64(2)), "from": date(2020, 1, 31), "left": None}))
    {'rows': (1, 2), 'from': datetime.date(2020, 1, 31), 'left': None}
    """
    if isinstance(value, np.generic):
        return plain_of(value.item())
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if _is_record(type(value)):
        facts = {name: plain_of(getattr(value, name)) for name in _fields_of(type(value))}
        return {"record": [type(value).__module__, type(value).__qualname__, facts]}
    if isinstance(value, list):
        return [plain_of(one) for one in value]
    if isinstance(value, tuple):
        return {"tuple": [plain_of(one) for one in value]}
    if isinstance(value, Mapping):
        return {"pairs": [[plain_of(name), plain_of(one)] for name, one in value.items()]}
    for name, (kind, as_words, _) in _WORDED.items():
        if isinstance(value, kind):
            return {name: as_words(value)}
    raise TypeError(f"cannot be sent: {type(value).__name__}")


def whole_of(value: Any) -> Any:
    """The value that ``plain_of`` was given."""
    if isinstance(value, list):
        return [whole_of(one) for one in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "tuple":
        return tuple(whole_of(one) for one in content)
    if kind == "pairs":
        return {whole_of(name): whole_of(one) for name, one in content}
    if kind == "record":
        module, name, facts = content
        made = getattr(importlib.import_module(module), name) if module.startswith("gbf_workbench.") else None
        if not (isinstance(made, type) and _is_record(made)):
            raise ValueError(f"no record of ours: {module}.{name}")
        return made(**{field: whole_of(one) for field, one in facts.items()})
    return _WORDED[kind][2](content)


#: Kinds of values that are sent as words: name, type, to words, from words. A moment is a date too, so it comes first.
_WORDED: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "moment": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "path": (Path, str, Path),
    "bytes": (bytes, lambda value: base64.b64encode(value).decode(), base64.b64decode),
}


def _is_record(kind: type) -> bool:
    """Whether it is a plain record of the workbench: making one from values runs nothing else."""
    return kind.__module__.startswith("gbf_workbench.") and (is_dataclass(kind) or hasattr(kind, "_fields"))


def _fields_of(kind: type) -> list[str]:
    return [one.name for one in fields(kind)] if is_dataclass(kind) else list(kind._fields)


def send(content: Any, into: Path) -> dict[str, Any]:
    """Write what a reading gave below a folder of ours, and describe it so that ``receive`` finds it.

    Parameters
    ----------
    content : DataFrame, GeoDataFrame, or plain data and records of the workbench
    """
    if isinstance(content, pd.DataFrame):
        return {"table": _send_table(content, into / _TABLE)}
    return {"value": plain_of(content)}


def receive(described: Mapping[str, Any], folder: Path) -> Any:
    """What ``send`` was given, built anew."""
    ((kind, content),) = described.items()
    return _receive_table(content, folder / _TABLE) if kind == "table" else whole_of(content)


def _send_table(table: pd.DataFrame, path: Path) -> dict[str, Any]:
    import pyarrow as pa

    kinds = [str(dtype) for dtype in table.dtypes]
    named = [f"{at}" for at in range(len(kinds))]
    schema = None
    with pa.OSFile(str(path), "wb") as file:
        writer = None
        # An empty table has columns too.
        for start in range(0, max(len(table), 1), _ROWS_AT_ONCE):
            part = table.iloc[start : start + _ROWS_AT_ONCE]
            columns = [_as_arrow(part.iloc[:, at], schema and schema.field(at).type) for at in range(len(kinds))]
            columns.append(pa.array(part.index.to_numpy()))
            batch = pa.record_batch(columns, names=[*named, _INDEX])
            if writer is None:
                schema = _whole_schema(table, batch.schema)
                writer = pa.ipc.new_file(file, schema)
            writer.write_batch(batch.cast(schema) if batch.schema != schema else batch)
        writer.close()
    told = {"names": plain_of(list(table.columns)), "kinds": kinds, "attrs": plain_of(table.attrs)}
    if "geometry" in kinds:
        crs = table.crs
        told |= {"geometry": table.geometry.name, "crs": None if crs is None else crs.srs}
    return told


def _whole_schema(table: pd.DataFrame, first: Any) -> Any:
    """The types of all rows: a column of objects may begin with rows that hold nothing."""
    import pyarrow as pa

    found = first
    for at, dtype in enumerate(table.dtypes):
        if dtype.kind == "O" and isinstance(dtype, np.dtype):
            found = found.set(at, first.field(at).with_type(pa.array(table.iloc[:, at], from_pandas=True).type))
    return found


def _as_arrow(column: pd.Series, kind: Any) -> Any:
    import pyarrow as pa

    if str(column.dtype) == "geometry":
        import shapely

        return pa.array(shapely.to_wkb(column.to_numpy()), pa.large_binary())
    if column.dtype == object:
        return pa.array(column, type=kind, from_pandas=True)
    # A number that is no number is not the same as none: only what is marked missing is sent as missing.
    made = pa.array(column.array if hasattr(column.array, "__arrow_array__") else column.to_numpy())
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made


def _receive_table(told: Mapping[str, Any], path: Path) -> pd.DataFrame:
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        read = pa.ipc.open_file(file).read_all()
    read.validate(full=True)
    index = pd.Index(read.column(read.num_columns - 1).to_numpy())
    kinds = told["kinds"]
    columns = [_as_column(read.column(at), kind, index) for at, kind in enumerate(kinds)]
    table = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=index)
    table.columns = whole_of(told["names"])
    table.attrs.update(whole_of(told["attrs"]))
    if "geometry" not in kinds:
        return table
    import geopandas

    return geopandas.GeoDataFrame(table, geometry=told["geometry"], crs=told["crs"])


def _as_column(cells: Any, kind: str, index: pd.Index) -> pd.Series:
    if kind == "geometry":
        import geopandas
        import shapely

        shapes = [shapely.from_wkb(part.to_numpy(zero_copy_only=False)) for part in cells.chunks]
        return pd.Series(geopandas.array.GeometryArray(np.concatenate(shapes)), index=index)
    dtype = pd.api.types.pandas_dtype(kind)
    if hasattr(dtype, "__from_arrow__"):
        return pd.Series(dtype.__from_arrow__(cells), index=index)
    values = cells.to_pandas(timestamp_as_object=False)
    return pd.Series(values.to_numpy(), index=index, dtype=dtype)
