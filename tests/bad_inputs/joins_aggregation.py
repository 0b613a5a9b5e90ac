"""Tables that do not fit together: values without a partner in the other table, rows without a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.bad_inputs.case import Case, Finding, Table, set_cell, table_case
from tests.bad_inputs.dates import BASINS, SAMPLES


def _basin(
    name: str, entry: str, value: str, finds: Callable[[int], Sequence[Finding]], basins: Table = BASINS
) -> Case:
    return table_case(entry, name, "7.1", SAMPLES, set_cell("basin_id", value), finds, others=(basins,))


def _missing(value: str, *says: str) -> Callable[[int], Sequence[Finding]]:
    return lambda row: [Finding("error", "check.reference_missing", (row,), "basin_id", value, says)]


CASES: list[Case] = [
    _basin("no such basin", "JA-01", "RB-77", _missing("RB-77", "river_basins", "1 of", "RB-77", "unmatched")),
    _basin("in small letters", "JA-01", "rb-1", _missing("rb-1", "RB-1")),
    _basin(
        "a space at its end is put right first",
        "JA-01",
        "RB-1 ",
        lambda row: [Finding("repair", "check.trimmed", (row,), "basin_id", "RB-1 ")],
    ),
    table_case(
        "JA-01",
        "an accent in another form is put right first",
        "7.1",
        Table(
            SAMPLES.name,
            [SAMPLES.rows[0], *(["Côte", *row[1:]] if row[0] == "RB-1" else row for row in SAMPLES.rows[1:])],
        ),
        set_cell("basin_id", "Co\u0302te"),
        lambda row: [Finding("repair", "check.unseen", (row,), "basin_id")],
        others=(Table(BASINS.name, [BASINS.rows[0], ["Côte", 120.5], *BASINS.rows[2:]]),),
    ),
    table_case(
        "JA-01",
        "a basin that no sample comes from",
        "7.1",
        BASINS,
        lambda rows, at: [*rows[:at], ["RB-90", 12.5], *rows[at:]],
        lambda row: [Finding("flag", "check.reference_unused", (row,), "basin_id", says=("1 of 5", "RB-90"))],
        others=(SAMPLES,),
    ),
    _basin(
        "nothing in the key",
        "JA-03",
        "",
        lambda row: [
            Finding("error", "check.required", (row,), "basin_id"),
            Finding("error", "check.reference_blank", (row,), "basin_id", says=("river_basins",)),
        ],
    ),
]
