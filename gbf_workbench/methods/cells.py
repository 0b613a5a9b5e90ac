"""Columns that a table may lack or leave empty, read so that a missing cell stays missing."""

from __future__ import annotations

import numpy as np
import pandas as pd


def texts(table: pd.DataFrame, column: str) -> pd.Series:
    """A column as stripped text, empty where there is nothing or no such column.

    >>> texts(pd.DataFrame({"name": [" a ", None]}), "name").tolist()
    ['a', '']
    """
    if column not in table:
        return pd.Series("", index=table.index, dtype="str")
    return table[column].astype("str").where(table[column].notna(), "").str.strip()


def numbers(table: pd.DataFrame, column: str) -> pd.Series:
    """A column as numbers, not a number where there is nothing or no such column.

    >>> numbers(pd.DataFrame({"area": ["2", None]}), "area").tolist()
    [2.0, nan]
    """
    if column not in table:
        return pd.Series(np.nan, index=table.index)
    return pd.to_numeric(table[column]).astype("float64")


def answers(table: pd.DataFrame, column: str) -> pd.Series:
    """A column of yes and no as 1 and 0, not a number where nobody knows or there is no such column.

    >>> answers(pd.DataFrame({"binding": [True, None, False]}), "binding").tolist()
    [1.0, nan, 0.0]
    """
    if column not in table:
        return pd.Series(np.nan, index=table.index)
    return table[column].astype("boolean").astype("Float64").astype("float64")
