"""Money in several currencies is added only by rates of exchange, and these are held against known ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pandas as pd

from gbf_workbench.errors import Issue
from gbf_workbench.locales import PACKAGE, read_yaml
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import TableSchema, schema_of

MAGNITUDES = PACKAGE / "preparation" / "exchange_rates.yml"
RATES = "exchange_rates"
#: A rate so many times its order of magnitude, or a part of it so small, is not believed.
_TOLERANCE = 5.0
_INVERSE = "reference per currency"


def check_rates(rates: pd.DataFrame, columns: Mapping[str, str]) -> list[Issue]:
    """Rates of exchange that are upside down, or far from what the currency has cost.

    Parameters
    ----------
    rates : DataFrame
        The table ``exchange_rates``; the index is the spreadsheet row.
    columns : mapping
        Column of the schema to column of the user's file, for the findings.
    """
    issues = []
    for row, one in rates.dropna(subset=["currency", "reference_currency", "rate", "direction"]).iterrows():
        expected = expected_rate(one["currency"], one["reference_currency"])
        if expected is None:
            continue
        low, high = (1 / expected[1], 1 / expected[0]) if one["direction"] == _INVERSE else expected
        if not _near(one["rate"], low, high):
            key = "rate_inverted" if _near(1 / one["rate"], low, high) else "rate_out_of_scale"
            place = {"column": columns.get("rate") or "rate", "value": f"{one['rate']:g}", "rows": (int(row),)}
            issues.append(Issue("error", f"money.{key}", _said(one, low, high), **place))
    return issues


def check_currencies(tables: Mapping[str, pd.DataFrame], mappings: Mapping[str, TableMapping]) -> list[Issue]:
    """Amounts in several currencies that the tables of an indicator cannot bring to one.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Checked tables by the names of their schemas.
    mappings : mapping of str to TableMapping
        What ``mapping.yml`` says of each.
    """
    issues: list[Issue] = []
    for name, table in tables.items():
        if name != RATES and _holds_amounts(schema_of(name)):
            own = mappings.get(name, TableMapping()).columns.get("currency", "currency")
            issues += [issue.placed(table=name, column=own) for issue in _currencies(table, tables.get(RATES))]
    return issues


def _holds_amounts(schema: TableSchema) -> bool:
    return any(one.unit == "currency" for one in schema.fields)


def _counted(table: pd.DataFrame, name: str) -> dict[str, list[int]]:
    """Rows of each value of a column, the most frequent first."""
    groups = {str(value): [int(row) for row in rows.index] for value, rows in table.groupby(name, sort=False)}
    return dict(sorted(groups.items(), key=lambda one: -len(one[1])))


def _in_words(groups: Mapping[str, list[int]]) -> str:
    return ", ".join(f"{value} ({len(rows)})" for value, rows in groups.items())


def _rest(groups: Mapping[str, list[int]]) -> tuple[int, ...]:
    """Rows that differ from the most frequent value."""
    return tuple(sorted(row for rows in list(groups.values())[1:] for row in rows))


def _currencies(table: pd.DataFrame, rates: pd.DataFrame | None) -> list[Issue]:
    if "currency" not in table:
        return []
    groups = _counted(table, "currency")
    if len(groups) < 2:
        return []
    if rates is None:
        return [Issue("error", "money.currencies_mixed", {"names": _in_words(groups)}, rows=_rest(groups))]
    return _rates_missing(table, rates, groups)


def _rates_missing(table: pd.DataFrame, rates: pd.DataFrame, groups: Mapping[str, list[int]]) -> list[Issue]:
    """Years of a currency that cannot be brought to the reference currency of the rates."""
    known = set(zip(rates["currency"], rates["year"], strict=True))
    known |= {(reference, year) for reference, year in zip(rates["reference_currency"], rates["year"], strict=True)}
    common = list(rates["reference_currency"].dropna().unique())
    issues = []
    if len(common) > 1:
        issues.append(
            Issue(
                "error",
                "money.references_mixed",
                {"names": ", ".join(sorted(common))},
                table=RATES,
                column="reference_currency",
            )
        )
    years = table["year"] if "year" in table else pd.Series(pd.NA, index=table.index)
    for currency in groups:
        if currency in common:
            continue
        mine = table.index[(table["currency"] == currency) & years.notna()]
        lacking = [row for row in mine if (currency, years[row]) not in known]
        if lacking:
            said = ", ".join(str(year) for year in sorted({int(years[row]) for row in lacking}))
            rows = tuple(int(row) for row in lacking)
            issues.append(Issue("error", "money.rate_missing", {"years": said}, value=currency, rows=rows))
    return issues


@cache
def _per_dollar() -> dict[str, tuple[float, float]]:
    """Units of each currency for one US dollar, from the least to the most."""
    known = read_yaml(MAGNITUDES)["per_usd"]
    return {code: (one[0], one[1]) if isinstance(one, list) else (one, one) for code, one in known.items()}


def expected_rate(currency: str, reference: str) -> tuple[float, float] | None:
    """Between what limits one unit of the reference currency has cost, in units of the currency; None if not known.

    >>> expected_rate("XAF", "USD"), expected_rate("USD", "XAF") == (1 / 615, 1 / 615)
    ((615.0, 615.0), True)
    """
    there, other = _per_dollar().get(currency), _per_dollar().get(reference)
    if there is None or other is None:
        return None
    return there[0] / other[1], there[1] / other[0]


def _near(rate: float, low: float, high: float) -> bool:
    return low / _TOLERANCE <= rate <= high * _TOLERANCE


def _said(one: pd.Series, low: float, high: float) -> dict[str, str]:
    units = (one["currency"], one["reference_currency"])
    counted, one_of = reversed(units) if one["direction"] == _INVERSE else units
    usual = f"{low:.3g}" if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} – {high:.3g}"
    return {"counted": counted, "one_of": one_of, "usual": usual}
