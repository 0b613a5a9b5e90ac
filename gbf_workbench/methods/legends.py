"""Legends of maps of classes: what each code means at each date, refused where it is not said or said twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.accounts import CrossTable
from gbf_workbench.methods.cells import texts

#: Where the sentences about legends stand: they were written for the account of ecosystem extent.
_NOTES = "indicators.natural_ecosystem_extent.notes"
NATURAL = ("Natural", "Seminatural")


@dataclass(frozen=True)
class Legend:
    """Names of the classes at each date, and what is known of each name.

    Attributes
    ----------
    names : tuple of dict
        For each date class code to name.
    types : DataFrame
        Indexed by name, sorted: ``natural``, ``get_code``, ``realm``.
    """

    names: tuple[dict[str, str], ...]
    types: pd.DataFrame

    @property
    def is_natural(self) -> np.ndarray:
        """Whether each type is natural or semi-natural, in the order of ``types``."""
        return self.types["natural"].isin(NATURAL).to_numpy()


def class_code(code: Any) -> str:
    """A class code as text; 1, 1.0 and "01" are the same class, however the file stored it.

    >>> class_code(1.0), class_code("01"), class_code("a1")
    ('1', '1', 'a1')
    """
    said = str(code).strip()
    # Only plain numbers: Python would read "3_1" as 31 and "1E3" as 1000, which are other classes.
    whole = re.fullmatch(r"([+-]?\d+)(\.0*)?", said)
    return str(int(whole[1])) if whole else said


def read_legend(types: pd.DataFrame, years: Sequence[int], table: str = "ecosystem_types") -> Legend:
    """The legend at each date.

    Parameters
    ----------
    types : DataFrame
        ``class_code, name, natural``; optionally ``get_code``, ``realm``, and ``year`` where codes differ between
        dates.
    years : sequence of int
    table : str
        What the table is called, for the message.

    Raises
    ------
    WorkbenchError
        If a code stands twice for one date, or a name is natural in one row and not in another.
    """
    rows = pd.DataFrame(
        {
            "code": [class_code(code) for code in types["class_code"]],
            "name": texts(types, "name").to_numpy(),
            "natural": texts(types, "natural").to_numpy(),
            "get_code": texts(types, "get_code").to_numpy(),
            "realm": texts(types, "realm").to_numpy(),
            "year": pd.to_numeric(types["year"]).to_numpy(float, na_value=np.nan) if "year" in types else np.nan,
        }
    )
    known = rows[["name", "natural", "get_code", "realm"]].drop_duplicates()
    if (again := known["name"].duplicated()).any():
        names = ", ".join(sorted(set(known.loc[again, "name"])))
        raise problem(f"{_NOTES}.name_contradicted", table=table, column="name", value=names)
    valid = {year: rows[rows["year"].isna() | (rows["year"] == year)] for year in years}
    for year, own in valid.items():
        if twice := sorted(set(own.loc[own["code"].duplicated(), "code"])):
            raise problem(f"{_NOTES}.class_twice", table=table, column="class_code", value=", ".join(twice), year=year)
    names = tuple(dict(zip(valid[year]["code"], valid[year]["name"], strict=True)) for year in years)
    return Legend(names, known.set_index("name").sort_index())


def named(table: CrossTable, legend: Legend) -> CrossTable:
    """A cross table by the names of the legend, types of one name added up.

    Raises
    ------
    WorkbenchError
        If a code of the maps is not in the legend of its date.
    """
    codes = np.array([[class_code(code) for code in row] for row in table.codes], dtype=object)
    codes = codes.reshape(len(table.codes), len(table.years))
    for year, column, names in zip(table.years, codes.T, legend.names, strict=True):
        if unknown := sorted(set(column) - set(names)):
            raise problem(f"{_NOTES}.not_in_legend", table="ecosystem_types", value=", ".join(unknown), year=year)
    if not len(codes):
        return table
    coded = CrossTable(table.years, codes, table.counts, table.areas_km2, table.dropped_km2)
    return coded.renamed(legend.names)
