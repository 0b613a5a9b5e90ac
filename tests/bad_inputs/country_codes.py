"""Countries as tables name them: old codes, names of several, numbers without noughts, groups, one country twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely.geometry import box

from tests.bad_inputs import red_list
from tests.bad_inputs.case import Case, Finding, Rows, Table, Variant, own_folder, put_tables, set_cell, table_case

CODE, NAME, COLUMN = "D.1", "multilateral_contributions", "provider"
_TOTALS = Table(
    "international_funding_totals",
    [
        ["year", "direction", "biodiversity_marker", "amount", "currency", "price_basis"],
        [2020, "given", 2, 1200.5, "USD", "current"],
        [2021, "given", 2, 1300.25, "USD", "current"],
    ],
)
_HEADER = [COLUMN, "agency", "year", "amount", "currency", "price_basis", "biodiversity_share"]


def contributions(*providers: Any, amounts: Sequence[float] = (1210.5, 377.25, 905.75, 642.5, 1188.25)) -> Table:
    """What these countries paid to one agency in one year."""
    rows = [[one, "Agency", 2020, paid, "USD", "current", 0.3] for one, paid in zip(providers, amounts, strict=False)]
    return Table(NAME, [_HEADER, *rows])


GOOD = contributions("FRA", "DEU", "KEN", "NAM", "XAR")
Finds = Callable[[int], Sequence[Finding]]


def cell_case(
    entry: str, name: str, value: Any, level: str, key: str, *says: str, twin: Table | None = None, shown: str = ""
) -> Case:
    """One cell that is not the code of a country; the other rows are."""
    wanted = shown or str(value)
    return table_case(
        entry, name, CODE, GOOD, set_cell(COLUMN, value),
        lambda row: [Finding(level, f"check.{key}", (row,), COLUMN, wanted, says)], others=(_TOTALS,), twin=twin,
    )  # fmt: skip


def _twice(one: str, other: str) -> Callable[[Rows, int], Rows]:
    """The same country in the first row and in the row to spoil (in the second where that is the first)."""

    def bad(rows: Rows, at: int) -> Rows:
        rows[1][0], rows[max(at, 2)][0] = one, other
        return rows

    return bad


def twice_case(name: str, one: str, other: str, finds: Finds) -> Case:
    """One country under two names."""
    return table_case("CC-13", name, CODE, GOOD, _twice(one, other), finds, others=(_TOTALS,))


def _both(row: int) -> tuple[int, ...]:
    return (2, max(row, 3))


# -- parts of the boundary --------------------------------------------------------------------------------------------

_FRAME = {"frame": {"land": {"file": "frame/land.gpkg", "source": "Invented"}}}


def _write(parts: Sequence[str], reserves: str = "gpkg") -> Callable[[Path], None]:
    """A boundary of as many squares as there are parts, and one reserve in the first."""

    def write(country: Path) -> None:
        (country / "frame").mkdir()
        squares = [box(37 + 2 * at, -1, 38 + 2 * at, 0) for at in range(len(parts))]
        land = gpd.GeoDataFrame({"part": list(parts)}, geometry=squares, crs=4326)
        land.to_file(country / "frame" / "land.gpkg", engine="pyogrio")
        about = {"site_id": ["S1"], "name": ["Reserve"], "site_type": ["PA"], "status": ["Designated"],
                 "designation": ["National Park"], "status_year": [2001]}  # fmt: skip
        sites = gpd.GeoDataFrame(about, geometry=[box(37.1, -0.9, 37.6, -0.4)], crs=4326)
        sites.to_file(own_folder(country, "3.1") / f"protected_areas.{reserves}", engine="pyogrio")

    return write


def _open(rows: tuple[int, ...], *says: str) -> tuple[Finding, ...]:
    return (Finding("question", "frame.parts_open", rows, "part", says=(*says, "country.yml", "%")),)


_PARTS = Case(
    "CC-11", "parts of the boundary that may or may not count", "3.1",
    (
        Variant("overseas, gpkg", _write(["", "GUF"]), _open((2,), "French Guiana", "GUF: in")),
        Variant("by its name, first", _write(["French Guiana", "XAR"], "geojson"), _open((1,), "GUF: in")),
        Variant("disputed, among three", _write(["XAR", "North Shore", ""]), _open((2,), "North Shore: in")),
    ),
    _write(["XAR", ""]), country=_FRAME,
)  # fmt: skip


def _groups(words: Sequence[str]) -> Case:
    def bad(word: str) -> Callable[[Rows, int], Rows]:
        return set_cell(COLUMN, word)

    variants = []
    for number, word in enumerate(words):
        at, ending = 1 + number % (len(GOOD.rows) - 1), ("csv", "xlsx", "tsv")[number % 3]
        rows = bad(word)([list(row) for row in GOOD.rows], at)
        rows = [list(reversed(row)) for row in rows] if number % 2 else rows

        def write(folder: Path, rows: Rows = rows, ending: str = ending) -> None:
            put_tables(folder, CODE, [Table(NAME, rows), _TOTALS], ending)

        found = Finding("error", "check.country_group", (at + 1,), COLUMN, word, (f"leave_out_rows: [{at + 1}]",))
        variants.append(Variant(f"{word}, {ending}", write, (found,)))
    good = contributions("DOM", "DMA", "WSM", "GNQ", "FSM")
    return Case(
        "CC-12", "groups and totals among countries", CODE, tuple(variants),
        lambda folder: put_tables(folder, CODE, [good, _TOTALS]),
    )  # fmt: skip


def _sum_of_others(rows: Rows, at: int) -> Rows:
    """A country's row that holds the sum of all others."""
    amount = rows[0].index("amount")
    rows[at][amount] = sum(row[amount] for number, row in enumerate(rows[1:], 1) if number != at)
    return [*rows[:at], *rows[at + 1 :], rows[at]]


_CONVERTED = ("repair", "country_converted")
_FORMER = ("error", "country_former")
_SPLIT = ("error", "country_split")
_SHARED = ("error", "country_shared")

CASES = [
    red_list.category_case(
        "CC-02", "Not Applicable in full", "Not Applicable", "repair", "check.synonym", "NA", twin=red_list.GOOD
    ),
    *(
        cell_case("CC-03", f"the old code {old}", old, *_FORMER, heir, f"{COLUMN}: {{{old}: {heir}}}")
        for old, heir in {"ROM": "ROU", "ZAR": "COD", "TMP": "TLS", "BUR": "MMR"}.items()
    ),
    *(
        cell_case("CC-03", f"the state {old} that others came out of", old, *_SPLIT, *heirs, f"{{{old}: …}}")
        for old, heirs in {
            "YUG": ("SRB", "MNE"), "SCG": ("SRB", "MNE"), "ANT": ("CUW", "SXM", "BES"), "SUN": ("RUS", "UZB"),
        }.items()
    ),
    cell_case("CC-05", "a name misspelt", "Guinée-Bisau", "error", "country_unknown", "GNB", "Guinea-Bissau"),
    cell_case("CC-05", "the name of two", "Congo", *_SHARED, "COD", "COG"),
    cell_case("CC-05", "the name of two states", "Korea", *_SHARED, "KOR", "PRK"),
    cell_case("CC-05", "the name of two groups of islands", "Virgin Islands", *_SHARED, "VGB", "VIR"),
    cell_case("CC-05", "no country at all", "Atlantis", "error", "country_not_known", "classes"),
    cell_case("CC-05", "Namibia or nothing", "NA", "question", "country_na", "NAM", "missing"),
    cell_case("CC-05", "a Cyrillic letter in a code", "\u041aEN", "error", "look_alike", "KEN"),
    *(
        cell_case("CC-06", f"the name {name}", name, *_CONVERTED, f"{name} → {code}")
        for name, code in {
            "Ivory Coast": "CIV", "Türkiye": "TUR", "Cape Verde": "CPV", "Tchad": "TCD", "中国": "CHN", "مصر": "EGY",
            "Niger": "NER", "NE": "NER",
        }.items()
    ),
    *(
        cell_case("CC-08", f"a number written {number!r}", number, *_CONVERTED, "AFG", shown=shown)
        for number, shown in (("004", "004"), (4, "4"), ("4", "4"), ("4.0", "4.0"))
    ),
    _PARTS,
    _groups(["World", "Afrique", "EU27", "Total", "Всего", "总计", "الإجمالي", "Mundo"]),
    table_case(
        "CC-12", "a sum without the name of one", CODE, GOOD, _sum_of_others,
        lambda row: [Finding("error", "check.total_found", (6,), COLUMN, says=("leave_out_rows: [6]",))],
        others=(_TOTALS,),
    ),
    twice_case("under its old and its new code", "ROU", "ROM", lambda row: [
        Finding("error", "check.country_former_twice", (max(row, 3),), COLUMN, "ROM", ("ROU", "(2)")),
    ]),
    twice_case("under its code and its name", "ROU", "Romania", lambda row: [
        Finding("error", "check.duplicate_key", _both(row), COLUMN, "ROU, Agency, 2020", ("amount",)),
    ]),
]  # fmt: skip
