"""Days and years that can be read in two ways, that a spreadsheet has changed, or that stand in the wrong order."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from tests.bad_inputs.case import Case, Finding, Rows, Table, set_cell, table_case
from tests.bad_inputs.numbers_units import SITES

BASINS = Table(
    "river_basins",
    [
        ["basin_id", "basin_area_km2"],
        ["RB-1", 120.5],
        ["RB-2", 64.25],
        ["RB-3", 77],
        ["RB-4", 310],
    ],
)
SAMPLES = Table(
    "nutrient_samples",
    [
        ["basin_id", "date", "nutrient", "concentration_mg_per_l", "expressed_as", "discharge_m3_per_s"],
        ["RB-1", "2022-05-14", "nitrogen", 1.8, "element", 42.5],
        ["RB-2", "2022-06-03", "nitrogen", 1.2, "element", 11.5],
        ["RB-3", "2022-07-11", "nitrogen", 0.7, "element", 9.25],
        ["RB-4", "2022-08-09", "nitrogen", 2.6, "element", 3.5],
        ["RB-1", "2022-12-30", "nitrogen", 2.1, "element", 61.5],
    ],
)
BENEFITS = Table(
    "non_monetary_benefits",
    [
        ["benefit_id", "instrument", "year", "last_year", "benefit_type"],
        ["B-1", "Nagoya Protocol", 2015, "", "Joint research"],
        ["B-2", "Nagoya Protocol", 2016, 2019, "Joint research"],
        ["B-3", "Plant Treaty", 2018, "", "Joint publication"],
        ["B-4", "Plant Treaty", 2019, 2019, "Sharing of results"],
        ["B-5", "Nagoya Protocol", 2020, "", "Joint research"],
    ],
)
SPECIES = Table(
    "red_list_assessments",
    [
        ["species_id", "taxonomic_group", "year", "category", "reason_for_change", "scope"],
        ["S1", "Birds", 2010, "LC", "", "national"],
        ["S1", "Birds", 2020, "LC", "", "national"],
        ["S2", "Birds", 2010, "VU", "", "national"],
        ["S2", "Birds", 2020, "EN", "genuine", "national"],
    ],
)


def _dates(values: Sequence[Any]) -> Table:
    """The samples with other dates."""
    rows = [list(row) for row in SAMPLES.rows]
    for row, value in zip(rows[1:], values, strict=True):
        row[1] = value
    return Table(SAMPLES.name, rows)


def _turned(values: Sequence[Any]) -> Callable[[Rows, int], Rows]:
    """The column of dates with the first of these values in the row to spoil."""

    def bad(rows: Rows, at: int) -> Rows:
        place = rows[0].index("date")
        for number, row in enumerate(rows[1:], 1):
            row[place] = values[(number - at) % len(values)]
        return rows

    return bad


def _day(
    entry: str, name: str, bad: Callable[[Rows, int], Rows], finds: Callable[[int], Sequence[Finding]], **more: Any
) -> Case:
    return table_case(entry, name, "7.1", SAMPLES, bad, finds, others=(BASINS,), **more)


def _one(level: str, key: str, column: str, value: str = "", *says: str) -> Callable[[int], Sequence[Finding]]:
    return lambda row: [Finding(level, f"check.{key}", (row,), column, value, says)]


def _year(name: str, words: str, level: str, key: str, *says: str) -> Case:
    return table_case(
        "DT-04",
        name,
        "C.2",
        BENEFITS,
        _period(words),
        _one(level, key, "year", words, *says),
    )


def _period(words: str) -> Callable[[Rows, int], Rows]:
    def bad(rows: Rows, at: int) -> Rows:
        rows[at][rows[0].index("year")] = words
        rows[at][rows[0].index("last_year")] = ""
        return rows

    return bad


def _again(rows: Rows, at: int) -> Rows:
    """One species assessed twice in one year, with two categories."""
    group, category = rows[0].index("taxonomic_group"), rows[0].index("category")
    other = list(rows[at])
    other[category] = "CR" if rows[at][category] != "CR" else "LC"
    assert rows[at][group] == "Birds"
    return [*rows, other]


CASES: list[Case] = [
    _day(
        "DT-01",
        "nothing shows which is the day",
        _turned(["03/04/2022", "05/06/2022", "01/02/2022", "11/12/2022", "08/09/2022"]),
        _one("question", "date_ambiguous", "date", "03/04/2022", "2022-03-04", "2022-04-03", "date_order"),
        twin=_dates(["05/05/2022", "2022-06-03", "07/07/2022", "2022-08-09", "12/12/2022"]),
    ),
    _day(
        "DT-01",
        "one date shows that the day comes first",
        _turned(["13/04/2022", "03/05/2022", "04/06/2022", "05/07/2022", "06/08/2022"]),
        lambda _: [Finding("repair", "check.date_order_found", (2, 3, 4, 5, 6), "date")],
    ),
    _day(
        "DT-01",
        "two orders in one column",
        _turned(["13/04/2022", "04/15/2022", "04/06/2022", "05/07/2022", "06/08/2022"]),
        _one("error", "date_orders_mixed", "date", "13/04/2022", "13/04/2022", "04/15/2022"),
    ),
    _day(
        "DT-02",
        "the number of a day",
        set_cell("date", 44695),
        lambda row: [Finding("repair", "check.date_serial", (row,), "date", "44695", ("2022-05-14",))],
    ),
    _day(
        "DT-02",
        "the day that never was",
        set_cell("date", 60),
        lambda row: [Finding("error", "check.not_a_date", (row,), "date", "60")],
    ),
    *(
        _day(
            "DT-03",
            f"a year of two digits: {words}",
            set_cell("date", words),
            _one("error", "two_digit_year", "date", words),
        )
        for words in ("01/02/68", "14.05.69")
    ),
    table_case(
        "DT-03",
        "68 for a year",
        "2.1",
        SITES,
        set_cell("start_year", 68),
        _one("error", "two_digit_year", "start_year", "68"),
    ),
    _year("a span of years", "2018-2020", "repair", "period_read", "2018", "2020"),
    _year("a decade", "1990s", "repair", "period_read", "1990", "1999"),
    _year("a year that is not quite sure", "c. 2015", "repair", "about_year", "2015"),
    _year("words", "recently", "error", "not_a_year"),
    table_case(
        "DT-04",
        "a span where one year is needed",
        "2.1",
        SITES,
        set_cell("start_year", "2018-2020"),
        _one("error", "year_span", "start_year", "2018-2020"),
    ),
    table_case(
        "DT-07",
        "a code that became a day",
        "2.1",
        SITES,
        set_cell("site_id", datetime.date(2024, 3, 1)),
        _one("error", "date_in_text", "site_id", "", "2024-03-01"),
        endings=("xlsx",),
        twin=Table(
            SITES.name, [SITES.rows[0], ["MAR-1", *SITES.rows[1][1:]], ["1-2", *SITES.rows[2][1:]], *SITES.rows[3:]]
        ),
    ),
    table_case(
        "DT-08",
        "an end before its beginning",
        "2.1",
        SITES,
        set_cell("end_year", 1999),
        lambda row: [Finding("error", "tables.restoration_areas.rules.years_in_order", (row,))],
        twin=Table(SITES.name, [SITES.rows[0], ["RS-1", "completed", 2010, 2010, 340], *SITES.rows[2:]]),
    ),
    table_case(
        "DT-08",
        "one species twice in one year",
        "A.3",
        SPECIES,
        _again,
        lambda row: [Finding("error", "check.duplicate_key", (row, 6), says=("category", " / "))],
    ),
]
