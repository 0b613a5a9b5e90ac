"""The tidy result: one row a number, the same columns in the same order for every indicator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue

if TYPE_CHECKING:
    from gbf_workbench.catalogue.specs import IndicatorSpec
    from gbf_workbench.provenance import Provenance

#: Columns of ``Result.data``, in order. ``lower`` and ``upper`` bound the interval; ``n`` counts the units used.
COLUMNS = (
    "indicator", "area", "year", "disaggregation_type", "disaggregation", "value", "unit",
    "lower", "upper", "n", "value_status", "note",
)  # fmt: skip

#: A zero is a measured 0; the other three ways of having no number are told apart.
VALUE_STATUS = ("measured", "estimated", "missing", "not_applicable", "suppressed")
WITH_NUMBER = frozenset({"measured", "estimated"})

_TEXTS = ("indicator", "area", "disaggregation_type", "disaggregation", "unit", "value_status", "note")
_NUMBERS = ("value", "lower", "upper")


def tidy(data: pd.DataFrame, *, indicator: str, area: str, unit: str) -> pd.DataFrame:
    """Bring what a science function returned to the one shape, and refuse what breaks its contract.

    Parameters
    ----------
    data : DataFrame
        At least ``year`` and ``value``; missing columns are filled with the given defaults.
    indicator, area, unit : str
        Code of the indicator, ISO 3166-1 alpha-3 code of the country, unit where the rows name none.

    Returns
    -------
    DataFrame
        ``COLUMNS`` in order, sorted by breakdown and year, index 0…n-1.

    Raises
    ------
    ValueError
        If a row has a number where its status says there is none, the reverse, an interval that does not
        hold its value, an unknown status, or the same breakdown and year twice.
    """
    filled = {"indicator": indicator, "area": area, "unit": unit, "value_status": "measured"}
    out = pd.DataFrame(index=pd.RangeIndex(len(data)))
    for column in COLUMNS:
        if column in data:
            values = data[column].reset_index(drop=True)
        else:
            values = pd.Series(filled.get(column, "" if column in _TEXTS else np.nan), index=out.index)
        out[column] = values.fillna(filled.get(column, "")).astype("str") if column in _TEXTS else values
    out["year"] = out["year"].astype("int64")
    out["n"] = pd.to_numeric(out["n"]).astype("Int64")
    for column in _NUMBERS:
        out[column] = pd.to_numeric(out[column]).astype("float64")
    _refuse_broken_rows(out)
    by = ["disaggregation_type", "disaggregation", "unit", "year"]
    return out.sort_values(by, kind="stable", ignore_index=True)


def _refuse_broken_rows(data: pd.DataFrame) -> None:
    if unknown := set(data["value_status"]) - set(VALUE_STATUS):
        raise ValueError(f"unknown value_status {sorted(unknown)}")
    has_number = data["value_status"].isin(WITH_NUMBER)
    if not (np.isfinite(data["value"]) == has_number).all():
        raise ValueError("a value must be a finite number exactly where its status is measured or estimated")
    bounded = data[["lower", "upper"]].notna()
    if (bounded["lower"] != bounded["upper"]).any():
        raise ValueError("an interval needs both limits")
    limits = data[bounded["lower"]]
    slack = 1e-9 * limits["value"].abs()
    if ((limits["lower"] > limits["value"] + slack) | (limits["upper"] < limits["value"] - slack)).any():
        raise ValueError("an interval must hold its value")
    key = ["area", "year", "disaggregation_type", "disaggregation", "unit"]
    if data.duplicated(key).any():
        raise ValueError(f"the same number twice: {data.loc[data.duplicated(key), key].head().to_dict('records')}")


#: A repair that moves the newest national value by more than this share is shown beside it.
WORTH_SAYING = 0.001


@dataclass(frozen=True)
class RepairEffect:
    """What one kind of repair did to the newest national value; None where there would be no value."""

    repair: Issue
    value: float | None
    without: float | None

    @property
    def change(self) -> float:
        """How far the value would move without the repair, as a share of it."""
        there, without = self.value, self.without
        if there is None or without is None or there != there or without != without:
            return 0.0 if there is without or (there != there and without != without) else float("inf")
        return 0.0 if there == without else abs(without - there) / abs(there) if there else float("inf")

    def issue(self) -> Issue | None:
        """What is shown beside the number, where the repair is worth it."""
        if self.change <= WORTH_SAYING:
            return None
        said = {"about": self.repair.quoted(), "value": self.value, "other": self.without}
        place = {"table": self.repair.table, "file": self.repair.file, "rows": self.repair.rows}
        if self.without is None or self.without != self.without:
            return Issue("flag", "findings.effect_none", said, **place)
        return Issue("flag", "findings.effect", {**said, "change": 100 * self.change}, **place)

    def record(self) -> dict[str, Any]:
        """As plain data for ``result.json``."""
        finite = self.change if self.change != float("inf") else None
        return {
            "table": self.repair.table, "key": self.repair.key, "rows": list(self.repair.rows), "value": self.value,
            "without": None if self.without != self.without else self.without, "change": finite,
        }  # fmt: skip


@dataclass(frozen=True)
class Result:
    """Numbers of one indicator for one country, with their recipe and every doubt that came with them.

    Attributes
    ----------
    spec : IndicatorSpec
    data : DataFrame
        Rows with ``COLUMNS``.
    provenance : Provenance
    issues : tuple of Issue
        Repairs and flags; errors and questions never get this far.
    repairs : tuple of RepairEffect
        What each kind of repair did to the newest national value.
    """

    spec: IndicatorSpec
    data: pd.DataFrame
    provenance: Provenance
    issues: tuple[Issue, ...] = ()
    repairs: tuple[RepairEffect, ...] = ()

    @property
    def totals(self) -> pd.DataFrame:
        """The undivided national rows in the indicator's own unit."""
        data = self.data
        return data[(data["disaggregation_type"] == "") & (data["unit"] == self.spec.unit)]

    @property
    def latest(self) -> dict[str, Any] | None:
        """The newest national row, or None where the result has none."""
        totals = self.totals
        return None if totals.empty else totals.sort_values("year").iloc[-1].to_dict()

    @property
    def recipe(self) -> str:
        """Twelve characters that stand for method, parameters and inputs."""
        return self.provenance.recipe

    def _repr_html_(self) -> str:
        from gbf_workbench.reporting.pages import result_html

        return result_html(self)

    def __repr__(self) -> str:
        newest = self.latest
        number = f"{newest['value']:.6g} {newest['unit']} ({newest['year']})" if newest else "no national total"
        return f"<Result {self.spec.code} {self.spec.slug}: {number}, {len(self.data)} rows, recipe {self.recipe}>"
