"""Numbers that can be read in two ways or in none: decimal marks, thousands, per cent, units, stand-ins, limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.bad_inputs import protected_areas_vector as layers
from tests.bad_inputs.case import Case, Finding, Rows, Table, set_cell, table_case

SITES = Table(
    "restoration_areas",
    [
        ["site_id", "status", "start_year", "end_year", "area_ha"],
        ["RS-1", "completed", 2010, 2014, 340],
        ["RS-2", "under way", 2016, 2025, 75],
        ["RS-3", "under way", 2018, 2026, 1210],
        ["RS-4", "planned", 2025, 2030, 58],
        ["RS-5", "failed", 2012, 2013, 19],
    ],
)
SHARES = Table(
    "sustainable_agriculture_shares",
    [
        ["year", "sub_indicator", "sector", "green_percent", "yellow_percent", "red_percent"],
        [2022, 1, "household", 45, 35, 20],
        [2022, 2, "household", 30, 40, 30],
        [2022, 3, "household", 60, 25, 15],
        [2022, 4, "household", 52, 28, 20],
        [2022, 5, "household", 12, 48, 40],
    ],
)
HOLDINGS = Table(
    "farm_holdings",
    [
        [
            "year",
            "holding_id",
            "weight",
            "sector",
            "production_system",
            "agricultural_area_ha",
            "largest_product_share",
        ],
        [2022, "H-1", 10.5, "household", "crops", 12.5, 0.45],
        [2022, "H-2", 11.5, "household", "mixed", 7.25, 0.9],
        [2022, "H-3", 9.5, "household", "crops", 31, 0.66],
        [2022, "H-4", 30, "non-household", "crops", 210, 1],
    ],
)


def _with(table: Table, column: str, values: Sequence[Any]) -> Table:
    """The table with other values in a column, from its first row on."""
    rows = [list(row) for row in table.rows]
    for row, value in zip(rows[1:], values, strict=False):
        row[rows[0].index(column)] = value
    return Table(table.name, rows, table.mapping)


def _one(level: str, key: str, column: str, value: str = "", *says: str) -> Callable[[int], Sequence[Finding]]:
    return lambda row: [Finding(level, f"check.{key}", (row,), column, value, says)]


def _area(entry: str, name: str, value: Any, level: str, key: str, *says: str, **more: Any) -> Case:
    shown = "" if value is None else str(value)
    finds = _one(level, key, "area_ha", shown, *says)
    return table_case(entry, name, "2.1", SITES, set_cell("area_ha", value), finds, **more)


def _whole_column(column: str, values: Sequence[Any]) -> Callable[[Rows, int], Rows]:
    """A fault of a whole column; the rows are turned so that each place is the first once."""

    def bad(rows: Rows, at: int) -> Rows:
        place = rows[0].index(column)
        for number, row in enumerate(rows[1:], 1):
            row[place] = values[(number - at) % len(values)]
        return rows

    return bad


def _in_hectares(layer: layers.Layer, factor: float, at: int) -> layers.Layer:
    """Areas of the outlines in another unit than the column says; one row is right by chance."""
    areas = layer.geometry.to_crs(6933).area / 1e6 * factor
    areas.iloc[at] /= factor
    return layer.assign(reported_area_km2=areas.round(4))


def _mixed_up(name: str, factor: float, ratio: str, unit: str) -> Case:
    good = layers.good()
    return layers.case(
        "NU-09",
        name,
        lambda layer, at: _in_hectares(layer, factor, at),
        layers.anywhere("error", "check.unit_mixed_up", says=(ratio, "units", unit)),
        twin=_in_hectares(good, 1.0, 0),
    )


_MARKED = ("1 234", "1\u00a0234", "1\u202f234", "1\u2009234", "1'234")

CASES: list[Case] = [
    _area(
        "NU-01",
        "a comma that can be either mark",
        "1,234",
        "question",
        "ambiguous_number",
        "1.234",
        "1234",
        "decimal_mark",
        twin=_with(SITES, "area_ha", ["1234.5", "75.25"]),
    ),
    _area("NU-01", "a decimal comma", "12,75", "repair", "decimal_comma", "12.75"),
    table_case(
        "NU-01",
        "a comma between thousands, as its neighbour shows",
        "2.1",
        SITES,
        _whole_column("area_ha", ["1,234", "2,234.5", "12", "13"]),
        lambda _: [Finding("repair", "check.thousands", column="area_ha", says=("1,234", "1234"))],
    ),
    _area(
        "NU-02",
        "a point that can be either mark",
        "1.234",
        "question",
        "ambiguous_number",
        "1.234",
        "1234",
        "decimal_mark",
        twin=_with(SITES, "area_ha", ["1.2345", "12.234", "0.5"]),
    ),
    table_case(
        "NU-02",
        "points between the thousands of all amounts",
        "2.1",
        SITES,
        _whole_column("area_ha", ["12.500", "3.120", "7.001", "110.250", "1.000"]),
        lambda row: [Finding("question", "check.ambiguous_number", (row,), "area_ha", "12.500", ("12500", "12.5"))],
        twin=_with(SITES, "area_ha", ["12.5", "3.12", "7.001", "110.25", "1.05"]),
    ),
    *(
        _area("NU-03", f"thousands marked with {ord(words[1]):#x}", words, "repair", "thousands", "1234")
        for words in _MARKED
    ),
    table_case(
        "NU-08",
        "a part of one among per cent",
        "10.1",
        SHARES,
        set_cell("green_percent", 0.45),
        lambda row: [
            Finding("error", "check.share_mixed", column="green_percent", value="0.45", says=(str(row), "units"))
        ],
        twin=_with(SHARES, "green_percent", [45, 30, 60, 52, 12]),
    ),
    table_case(
        "NU-08",
        "a part of one among numbers with a per cent sign",
        "10.1",
        SHARES,
        _whole_column("green_percent", [0.45, "45%", "30%", 60, 52]),
        lambda row: [Finding("error", "check.share_mixed", column="green_percent", value="0.45", says=(str(row),))],
    ),
    table_case(
        "NU-08",
        "per cent among parts of one",
        "10.1",
        HOLDINGS,
        set_cell("largest_product_share", 45),
        lambda row: [
            Finding("error", "check.share_mixed", column="largest_product_share", says=(f"rows {row}, such as 45",))
        ],
    ),
    _mixed_up("hectares in a column of square kilometres", 100, "100", "ha"),
    _mixed_up("acres in a column of square kilometres", 247.105, "247", "acre"),
    layers.case(
        "NU-09",
        "areas that were divided by a hundred once too often",
        lambda layer, at: _in_hectares(layer, 0.01, at),
        layers.anywhere("error", "check.areas_too_small", column="", says=("0.01", "units")),
        twin=_in_hectares(layers.good(), 1.0, 0),
    ),
    *(
        table_case(
            "NU-09",
            f"{words} in a column of hectares",
            "2.1",
            SITES,
            set_cell("area_ha", words),
            _one("error", "unit_contradiction", "area_ha", words, unit, "ha", "units"),
        )
        for words, unit in (("12 km2", "km2"), ("3400 m²", "m2"), ("840 acres", "acre"))
    ),
    *(_area("NU-10", words, words, "error", "not_finite") for words in ("inf", "-inf", "1e999", "Infinity")),
    _area("NU-12", "an area below nothing", -5, "error", "below_minimum", "0", twin=_with(SITES, "area_ha", [0, 0.01])),
    table_case(
        "NU-12",
        "more than all of it",
        "10.1",
        SHARES,
        set_cell("red_percent", 140),
        _one("error", "above_maximum", "red_percent", "140", "100"),
        twin=Table(SHARES.name, [SHARES.rows[0], [2022, 1, "household", 100, 0, 0], *SHARES.rows[2:]]),
    ),
    table_case(
        "NU-12",
        "more than is usual",
        "10.1",
        HOLDINGS,
        set_cell("agricultural_area_ha", 250000),
        _one("flag", "above_usual", "agricultural_area_ha", "250000"),
        twin=_with(HOLDINGS, "agricultural_area_ha", [100000]),
    ),
    *(
        _area(
            "NU-13",
            f"{value} for no value",
            value,
            "question",
            "stand_in",
            "missing",
            twin=_with(SITES, "area_ha", [998, 999, 1001, 9999, 10000]),
        )
        for value in (-9999, -1, 9999, 99999, "n.d.", "..", "-", "NULL", "None", "NA")
    ),
    *(
        _area("NU-15", f"{words} for a number", words, "error", "not_a_number")
        for words in ("yes", "no", "True", "oui", "sí", "нет", "是", "لا")
    ),
]
