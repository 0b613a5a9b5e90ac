"""Sizes of populations as they arrive: ranges, words, marks in counts, lost populations left out, repeated records."""

from __future__ import annotations

from tests.bad_inputs.case import Case, Finding, Rows, Table, set_cell, table_case

_POPULATIONS, _SPECIES = "population_sizes", "genetic_assessments"
_HEADER = ["species", "population", "year", "ne", "ne_lower", "ne_upper", "nc", "populations_lost"]
GOOD = Table(
    _POPULATIONS,
    [
        _HEADER,
        ["Exempla alpina", "North", 2010, 420, "", "", "", 1],
        ["Exempla alpina", "South", 2010, 610, "", "", "", 1],
        ["Exempla alpina", "West", 2010, "", "", "", 7300, 1],
        ["Exempla alpina", "North", 2020, 400, "", "", "", 1],
        ["Exempla alpina", "South", 2020, 640, "", "", "", 1],
        ["Exempla alpina", "West", 2020, "", "", "", 7100, 1],
    ],
)
#: As near to what is wrong as can be: ranges on one side of the threshold, in the columns made for them.
_IN_RANGES = Table(
    _POPULATIONS,
    [
        _HEADER,
        ["Exempla alpina", "North", 2020, "", 50, 100, "", 0],
        ["Exempla alpina", "South", 2020, "", "", 500, "", 0],
        ["Exempla alpina", "West", 2020, 640, 450, 800, "", 0],
        ["Exempla alpina", "East", 2020, 500, "", "", 1200, 0],
    ],
)
_OF_SPECIES = Table(
    _SPECIES,
    [
        ["species", "year", "n_extant_populations", "n_extinct_populations", "genetic_monitoring"],
        ["Exempla alpina", 2020, 5, 3, "yes"],
        ["Exempla borealis", 2020, 2, 0, "no"],
        ["Exempla minor", 2020, 1, 0, "no"],
        ["Exempla rara", 2020, 4, 1, "no"],
    ],
)
_NONE_LOST = Table(_SPECIES, [_OF_SPECIES.rows[0], *([*row[:3], 0, row[4]] for row in _OF_SPECIES.rows[1:])])


def _size(column: str, value: str):
    """A size written otherwise, and no other size beside it."""

    def bad(rows: Rows, at: int) -> Rows:
        for name in ("ne", "ne_lower", "ne_upper", "nc"):
            rows[at][rows[0].index(name)] = value if name == column else ""
        return rows

    return bad


def size_case(name: str, column: str, value: str, level: str, key: str, *says: str) -> Case:
    """Something other than a number where the size should stand."""
    return table_case(
        "PS-01", name, "A.4", GOOD, _size(column, value),
        lambda row: [Finding(level, key, (row,), column, says=says)], twin=_IN_RANGES,
    )  # fmt: skip


def _nothing_in(column: str):
    def bad(rows: Rows, _: int) -> Rows:
        at = rows[0].index(column)
        return [rows[0]] + [[*row[:at], "", *row[at + 1 :]] for row in rows[1:]]

    return bad


def _no_column(column: str):
    def bad(rows: Rows, _: int) -> Rows:
        at = rows[0].index(column)
        return [row[:at] + row[at + 1 :] for row in rows]

    return bad


def _again(rows: Rows, at: int) -> Rows:
    """The record of one population from a second person, with another size."""
    copied = list(rows[at])
    copied[rows[0].index("ne")], copied[rows[0].index("nc")] = 333, ""
    return [*rows, copied]


def _asked(table: str, field: str) -> list[Finding]:
    return [Finding("question", f"tables.{table}.fields.{field}.question", says=("0", "unknown"))]


_RULES = "tables.population_sizes.rules"
_NE_OPEN, _NC_OPEN = f"{_RULES}.effective_size_decided", f"{_RULES}.adults_decided"
#: Row of the same population at the other date.
_PARTNER = {2: 5, 4: 7, 7: 4}


def _both(row: int) -> tuple[int, ...]:
    return tuple(sorted((row, _PARTNER[row])))


CASES = [
    size_case("a range over the threshold", "ne", "400-600", "question", _NE_OPEN, "unknown", "ne"),
    size_case("a limit above the threshold", "ne", "<900", "question", _NE_OPEN, "unknown"),
    size_case("a range of adults over the threshold", "nc", "4000-6000", "question", _NC_OPEN, "unknown"),
    size_case("a word for a size", "nc", "hundreds", "question", "check.range_unclear"),
    size_case("a class in words", "nc", "less than 5,000 by much", "question", "check.range_unclear"),
    size_case("a range below the threshold is kept", "ne", "50-100", "repair", "check.range_read", "50", "100"),
    table_case(
        "PS-03", "no column of lost populations", "A.4", GOOD, _no_column("populations_lost"),
        lambda row: _asked(_POPULATIONS, "populations_lost"),
    ),
    table_case(
        "PS-03", "lost populations left blank", "A.4", _OF_SPECIES, _nothing_in("n_extinct_populations"),
        lambda row: _asked(_SPECIES, "n_extinct_populations"), twin=_NONE_LOST,
    ),
    *(
        table_case(
            "PS-05", f"{value} individuals", "A.4", GOOD, _size("nc", value),
            lambda row, value=value: [Finding("error", "check.count_with_mark", (row,), "nc", value, ("1200",))],
        )
        for value in ("1.200", "1,200")
    ),
    table_case(
        "PS-06", "a population split between two dates", "A.4", GOOD, set_cell("population", "North-1"),
        lambda row: [
            Finding("flag", f"{_RULES}.same_populations", _both(row), "population", says=("North-1",))
        ],
    ),
    table_case(
        "PS-07", "two records of one population", "A.4", GOOD, _again,
        lambda row: [Finding("error", "check.duplicate_key", (row, len(GOOD.rows) + 1), says=("population",))],
    ),
]  # fmt: skip
