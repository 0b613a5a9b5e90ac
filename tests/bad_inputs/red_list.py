"""Red Lists as they arrive: old and misspelt categories, blanks, changes without reason, ranks that are no species."""

from __future__ import annotations

from tests.bad_inputs.case import Case, Finding, Rows, Table, set_cell, table_case

_TABLE = "red_list_assessments"
_HEADER = ["species_id", "scientific_name", "taxonomic_group", "year", "category", "reason_for_change", "scope"]
GOOD = Table(
    _TABLE,
    [
        _HEADER,
        ["F1", "Exempla alpina", "Frogs", 2010, "LC", "", "national"],
        ["F2", "Exempla borealis", "Frogs", 2010, "VU", "", "national"],
        ["F3", "Exempla minor", "Frogs", 2010, "EN", "", "national"],
        ["F1", "Exempla alpina", "Frogs", 2020, "NT", "genuine", "national"],
        ["F2", "Exempla borealis", "Frogs", 2020, "VU", "", "national"],
        ["F3", "Exempla minor", "Frogs", 2020, "LC", "non-genuine", "national"],
    ],
)
#: All that is no category of threat, each in its own right.
_APART = Table(
    _TABLE,
    [
        *GOOD.rows,
        ["F4", "Exempla major", "Frogs", 2010, "DD", "", "national"],
        ["F4", "Exempla major", "Frogs", 2020, "DD", "", "national"],
        ["F5", "Exempla rara", "Frogs", 2010, "NE", "", "national"],
        ["F5", "Exempla rara", "Frogs", 2020, "NE", "", "national"],
        ["F6", "Exempla vaga", "Frogs", 2010, "NA", "", "national"],
        ["F6", "Exempla vaga", "Frogs", 2020, "NA", "", "national"],
        ["F7", "Exempla perdita", "Frogs", 2010, "CR(PE)", "", "national"],
        ["F7", "Exempla perdita", "Frogs", 2020, "RE", "genuine", "national"],
    ],
)


def without(*columns: str) -> Table:
    """The good table without some of its columns."""
    kept = [at for at, name in enumerate(_HEADER) if name not in columns]
    return Table(_TABLE, [[row[at] for at in kept] for row in GOOD.rows])


def _one_date() -> Table:
    """A list of one date without reasons: nothing has changed that would need one."""
    good = without("reason_for_change")
    return Table(_TABLE, [*good.rows[:4], ["F4", "Exempla major", "Frogs", 2010, "LC", "national"]])


def _no_column(column: str):
    def bad(rows: Rows, _: int) -> Rows:
        at = rows[0].index(column)
        return [row[:at] + row[at + 1 :] for row in rows]

    return bad


def _nothing_in(column: str):
    def bad(rows: Rows, _: int) -> Rows:
        at = rows[0].index(column)
        return [rows[0]] + [[*row[:at], "", *row[at + 1 :]] for row in rows[1:]]

    return bad


def category_case(
    entry: str, name: str, value: str, level: str, key: str, *says: str, twin: Table | None = None
) -> Case:
    """A category that is not one of the list."""
    return table_case(
        entry, name, "A.3", GOOD, set_cell("category", value),
        lambda row: [Finding(level, key, (row,), "category", value.strip(), says)], twin=twin,
    )  # fmt: skip


#: F1 and F3 change between the two dates.
_RULES = "tables.red_list_assessments.rules"
_NO_REASON = Finding("question", f"{_RULES}.changes_explained", (5, 7), "reason_for_change", says=("unknown", "2"))
_RANKS = {
    "genus with sp.": "Testudo sp.", "genus": "Testudo", "family": "Orchidaceae",
    "subspecies": "Testudo graeca soussensis",
}  # fmt: skip

CASES = [
    category_case("RL-01", "an unknown category", "Threatened", "error", "check.not_in_list", "CR(PE)", twin=_APART),
    category_case("RL-01", "a letter of before 1994 without an heir", "R", "error", "check.not_in_list", "LC"),
    category_case("RL-01", "an old category with an heir", "LR/cd", "repair", "check.synonym", "NT"),
    category_case("RL-01", "a name in another language", "En peligro", "repair", "check.synonym", "EN"),
    category_case("RL-02", "no category", "", "error", "check.required", twin=_APART),
    table_case(
        "RL-02", "words for nothing in place of a category", "A.3", GOOD, set_cell("category", "n/a"),
        lambda row: [Finding("question", "check.stand_in", (row,), "category", "n/a", ("missing",))], twin=_APART,
    ),
    category_case("RL-03", "a Cyrillic letter", "\u0421R", "error", "check.look_alike", "CR", "\u0421"),
    category_case("RL-03", "a mark for a footnote", "CR*", "error", "check.not_in_list", "CR"),
    table_case(
        "RL-06", "no reasons for changes", "A.3", GOOD, _no_column("reason_for_change"), lambda row: [_NO_REASON],
    ),
    table_case(
        "RL-06", "an empty column of reasons", "A.3", GOOD, _nothing_in("reason_for_change"),
        lambda row: [_NO_REASON], twin=_one_date(),
    ),
    *(
        table_case(
            "RL-08", f"a {rank} among species", "A.3", GOOD, set_cell("scientific_name", name),
            lambda row, name=name: [Finding("error", "check.not_a_species", (row,), "scientific_name", name)],
        )
        for rank, name in _RANKS.items()
    ),
    table_case(
        "RL-09", "national or global is not said", "A.3", GOOD, _no_column("scope"),
        lambda row: [Finding("error", "tables.red_list_assessments.fields.scope.question", says=("scope",))],
    ),
    table_case(
        "RL-09", "national and global mixed", "A.3", GOOD, set_cell("scope", "global"),
        lambda row: [Finding("error", f"{_RULES}.one_scope", (row,), "scope", says=("global",))],
    ),
    table_case(
        "RL-11", "not one species with a category that counts", "A.3", GOOD,
        lambda rows, at: [rows[0], *([*row[:4], "DD", "", row[6]] for row in rows[1:])],
        lambda row: [Finding("error", "indicators.red_list_index.notes.no_species", says=("Frogs",))], computed=True,
    ),
]  # fmt: skip
