"""Money: currencies, prices, fiscal years, refunds, rates of exchange, subtotals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.bad_inputs.case import Case, Finding, Rows, Table, Variant, put_tables, set_cell, table_case

_HEAD = ["year", "ministry", "department", "stage", "amount", "currency", "price_basis", "base_year"]
_SPENT = Table("public_expenditure", [
    _HEAD,
    [2020, "Environment", "Parks", "spent", 1250000, "XAF", "current", ""],
    [2020, "Environment", "Licences", "spent", 310400, "XAF", "current", ""],
    [2020, "Fisheries", "Reserves", "spent", 97350, "XAF", "current", ""],
    [2021, "Environment", "Parks", "spent", 1341000, "XAF", "current", ""],
    [2021, "Environment", "Licences", "spent", 295700, "XAF", "current", ""],
    [2021, "Fisheries", "Reserves", "spent", 120050, "XAF", "current", ""],
])  # fmt: skip
_RATES = Table("exchange_rates", [
    ["currency", "reference_currency", "year", "rate", "direction"],
    ["XAF", "USD", 2019, 585.9, "currency per reference"],
    ["XAF", "USD", 2020, 575.6, "currency per reference"],
    ["XAF", "USD", 2021, 554.5, "currency per reference"],
    ["XAF", "USD", 2022, 623.8, "currency per reference"],
])  # fmt: skip
_IN_TWO_CURRENCIES = Table(
    _SPENT.name, [[*row[:5], "USD" if row[1] == "Fisheries" else row[5], *row[6:]] for row in _SPENT.rows]
)
_CONSTANT = Table(_SPENT.name, [_HEAD, *([*row[:6], "constant", 2020] for row in _SPENT.rows[1:])])
_OF_ONE_YEAR = Table(_SPENT.name, [
    _HEAD,
    [2022, "Environment", "Parks", "spent", 412505, "XAF", "current", ""],
    [2022, "Environment", "Licences", "spent", 318402, "XAF", "current", ""],
    [2022, "Fisheries", "Reserves", "spent", 72310, "XAF", "current", ""],
    [2022, "Water", "Wetlands", "spent", 91257, "XAF", "current", ""],
    [2022, "Forests", "Nurseries", "spent", 1200310, "XAF", "current", ""],
])  # fmt: skip


Bad = Callable[[Rows, int], Rows]
Finds = Callable[[int], Sequence[Finding]]


def _one(level: str, key: str, column: str = "", value: str = "", says: tuple[str, ...] = ()) -> Finds:
    return lambda row: [Finding(level, key, (row,), column, value, says)]


def _no_column(column: str) -> Finds:
    return lambda _: [Finding("error", "check.missing_column", column=column, says=(column, "mapping.yml"))]


def _spent(entry: str, name: str, bad: Bad, finds: Finds, good: Table = _SPENT, others: Sequence[Table] = ()) -> Case:
    return table_case(entry, name, "D.2", good, bad, finds, others=others)


def _rate(name: str, bad: Bad, finds: Finds) -> Case:
    return table_case("FI-08", name, "D.2", _RATES, bad, finds, others=(_SPENT,))


def _each(
    entry: str, name: str, words: Sequence[Any], bad: Callable[[Any], Bad], finds: Callable[[Any], Finds]
) -> Case:
    """One fault in several wordings, each in another row and format."""
    variants = []
    for number, said in enumerate(words):
        at, ending = 1 + number % (len(_SPENT.rows) - 1), ("csv", "xlsx", "tsv")[number % 3]
        rows = bad(said)([list(row) for row in _SPENT.rows], at)
        if number % 2:
            rows = [list(reversed(row)) for row in rows]

        def write(folder: Any, rows: Rows = rows, ending: str = ending) -> None:
            put_tables(folder, "D.2", [Table(_SPENT.name, rows)], ending)

        variants.append(Variant(f"{said}, {ending}", write, tuple(finds(said)(at + 1))))
    return Case(entry, name, "D.2", tuple(variants), lambda folder: put_tables(folder, "D.2", [_SPENT]))


def _without(column: str) -> Bad:
    def bad(rows: Rows, _: int) -> Rows:
        at = rows[0].index(column)
        return [row[:at] + row[at + 1 :] for row in rows]

    return bad


def _constant_since_2015(rows: Rows, at: int) -> Rows:
    rows[at][-2:] = ["constant", 2015]
    return rows


def _sum_of_the_others(rows: Rows, at: int) -> Rows:
    amount = rows[0].index("amount")
    rows[at][1:3] = ["Treasury", "Accounts"]
    rows[at][amount] = sum(row[amount] for number, row in enumerate(rows[1:], 1) if number != at)
    return rows


def _subtotal(words: str) -> Bad:
    def bad(rows: Rows, at: int) -> Rows:
        rows[at] = [2020, "Environment", words, "spent", 1560400, "XAF", "current", ""]
        return rows

    return bad


_RULES = "tables.public_expenditure.rules"

CASES: list[Case] = [
    _spent(
        "FI-01", "two currencies and no rates", set_cell("currency", "USD"),
        _one("error", "money.currencies_mixed", "currency", says=("XAF (5)", "USD (1)", "exchange_rates")),
    ),
    _spent("FI-01", "no column of the currency", _without("currency"), _no_column("currency")),
    _spent("FI-01", "no currency in one row", set_cell("currency", ""), _one("error", "check.required", "currency")),
    _each(
        "FI-01", "a sign that several currencies share", ("$", "FCFA", "R"), lambda sign: set_cell("currency", sign),
        lambda sign: _one("error", "check.not_in_list", "currency", sign),
    ),
    _each(
        "FI-01", "the sign in the cell of the amount", ("$ 1250", "97350 FCFA", "R1250"),
        lambda words: set_cell("amount", words), lambda words: _one("error", "check.not_a_number", "amount", words),
    ),
    _spent(
        "FI-01", "a currency without rates beside others with them", set_cell("currency", "GBP"),
        _one("error", "money.rate_missing", "currency", "GBP", ("exchange_rates",)), _IN_TWO_CURRENCIES, (_RATES,),
    ),
    _spent("FI-03", "nothing said of the prices", _without("price_basis"), _no_column("price_basis")),
    _spent(
        "FI-03", "constant prices among current ones", _constant_since_2015,
        _one("error", f"{_RULES}.price_bases", "price_basis", "constant", ("current (5)", "constant (1)")),
    ),
    _spent(
        "FI-03", "constant prices without their year", set_cell("base_year", ""),
        _one("error", f"{_RULES}.base_year", "base_year", says=("base_year",)), _CONSTANT,
    ),
    _spent(
        "FI-03", "constant prices of two years", set_cell("base_year", 2015),
        _one("error", f"{_RULES}.base_years", "base_year", "2015", ("2020 (5)", "2015 (1)")), _CONSTANT,
    ),
    _each(
        "FI-04", "a fiscal year", ("2020/21", "FY21", "2020-2021", "2020/2021"), lambda words: set_cell("year", words),
        lambda words: _one("error", "check.fiscal_year", "year", words, ("2020", "2021", "fiscal_year")),
    ),
    _each(
        "FI-06", "money paid back", (-12400, "(12 400)", "12400-"), lambda words: set_cell("amount", words),
        lambda _: _one("flag", "check.negative_amounts", "amount", says=("-12,400",)),
    ),
    _rate(
        "upside down", set_cell("rate", 0.0016),
        _one("error", "money.rate_inverted", "rate", "0.0016", ("XAF", "USD", "upside down", "615")),
    ),
    _rate(
        "in the other direction", set_cell("direction", "reference per currency"),
        _one("error", "money.rate_inverted", "rate", says=("USD", "XAF")),
    ),
    _rate("of another currency", set_cell("rate", 15000), _one("error", "money.rate_out_of_scale", "rate", "15000")),
    _rate("without a year", set_cell("year", ""), _one("error", "check.required", "year")),
    _each(
        "FI-09", "a row called total",
        ("Sub-total", "Grand total", "Total", "Sous-total", "المجموع", "小计", "Итого", "Total general"), _subtotal,
        lambda words: _one("error", "check.total_row", "department", words, ("leave_out_rows", "keep_rows")),
    ),
    _spent(
        "FI-09", "a sum without a name for it", _sum_of_the_others,
        lambda row: [Finding("error", "check.total_found", (row,), says=("leave_out_rows", "keep_rows"))], _OF_ONE_YEAR,
    ),
]  # fmt: skip
