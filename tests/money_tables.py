"""Small tables for tests of money: rows as dictionaries, the columns and kinds that a schema promises."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gbf_workbench.preparation.schema import schema_of

_DTYPES = {"string": "str", "integer": "Int64", "year": "Int64", "number": "Float64", "boolean": "boolean"}
#: The settings of money that leave everything as it was brought.
PLAIN: dict[str, Any] = {"currency": "", "prices": "as_given", "base_year": 0}


def table(name: str, *rows: dict[str, Any], **same: Any) -> pd.DataFrame:
    """A checked table of the schema; ``same`` goes into every row, money is in dollars of the year unless said."""
    schema = schema_of(name)
    money = {"currency": "USD", "price_basis": "current"} if "price_basis" in schema.names else {}
    full = pd.DataFrame([{**money, **same, **row} for row in rows])
    return pd.DataFrame(
        {
            one.name: full.get(one.name, pd.Series(pd.NA, index=full.index, dtype=object)).astype(_DTYPES[one.type])
            for one in schema.fields
        }
    )


def values(rows: pd.DataFrame, kind: str = "", unit: str | None = None) -> dict[tuple[int, str], float]:
    """Numbers of one kind of breakdown by year and part, in the unit of the headline unless another is given."""
    chosen = rows[(rows["disaggregation_type"] == kind) & (rows["unit"] == (unit or rows.attrs["unit"]))]
    return {(int(r.year), r.disaggregation): r.value for r in chosen.itertuples()}


def said(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """What was said beside the numbers, by its key."""
    return {one["key"]: one["values"] for one in rows.attrs["doubts"]}
