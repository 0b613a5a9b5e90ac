"""Bad inputs as cases: what is wrong, in which shapes it arrives, what must be said, and a near-twin that is right.

A catalogue entry (``TB-12``) has one or more ``Case`` objects in the module of its group, each listed in the module's
``CASES``; or, where it is no file, plain tests marked ``@covers("JA-05")``. ``test_bad_inputs.py`` takes every case
through the library, the batch and the upload handler of the app.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

#: Marks a plain test of a catalogue entry that is no file: ``@covers("JA-05")``.
covers = pytest.mark.covers

Rows = list[list[Any]]


@dataclass(frozen=True)
class Finding:
    """One finding that must be there.

    ``level`` is error, question, repair or flag; ``key`` the key of its sentence. ``rows``, ``column`` and ``value``
    are compared where they are given; ``says`` are pieces that the sentence with its remedy must hold.
    """

    level: str
    key: str
    rows: tuple[int, ...] = ()
    column: str = ""
    value: str = ""
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Variant:
    """One shape the fault arrives in: ``write`` fills the country folder it is given (beyond country.yml)."""

    label: str
    write: Callable[[Path], None]
    finds: tuple[Finding, ...]


@dataclass(frozen=True)
class Case:
    """One fault.

    Attributes
    ----------
    entry : str
        Its place in the catalogue.
    name : str
        What is special about it, as a short phrase.
    code : str
        The indicator whose data are checked.
    variants : tuple of Variant
        At least three: other formats, orders of columns, positions.
    twin : callable
        Fills a country folder with data that come as near as can be and are right: not one word may be said about them.
    computed : bool
        Whether it shows only when the number is computed (a doubt of the science) and not at checking.
    country : mapping
        More headings for country.yml (``frame``, ``settings``).
    """

    entry: str
    name: str
    code: str
    variants: tuple[Variant, ...]
    twin: Callable[[Path], None]
    computed: bool = False
    country: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert len(self.variants) >= 3, f"{self.entry} {self.name}: three variants at least"
        assert all(variant.finds for variant in self.variants), f"{self.entry} {self.name}: nothing to find"


def make_country(folder: Path, more: Mapping[str, Any] | None = None) -> Path:
    """An empty country folder."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {"format": 1, "code": "XAR", "name": {"en": "Aruvia"}, **(more or {})}
    (folder / "country.yml").write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
    return folder


def own_folder(country: Path, code: str) -> Path:
    """Where the data of an indicator lie in a country folder."""
    from gbf_workbench.catalogue.specs import spec_of

    spec = spec_of(code)
    own = country / (spec.folder or spec.slug)
    own.mkdir(parents=True, exist_ok=True)
    return own


# -- tables ------------------------------------------------------------------------------------------------------


def csv_bytes(rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Rows as delimited text that ends with a line break."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_bytes(rows: Rows, sheet: str = "Data") -> bytes:
    """Rows as a workbook of one sheet; Python values become cells of their type."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


#: How a table is written, by the ending of its file.
WRITERS: dict[str, Callable[[Rows], bytes]] = {
    "csv": csv_bytes,
    "tsv": lambda rows: csv_bytes(rows, "\t"),
    "xlsx": xlsx_bytes,
}


@dataclass(frozen=True)
class Table:
    """A table with its header, and the other words of ``mapping.yml`` that belong to it."""

    name: str
    rows: Rows
    mapping: Mapping[str, Any] = field(default_factory=dict)


def put_tables(country: Path, code: str, tables: Sequence[Table], ending: str = "csv") -> None:
    """Write tables, and ``mapping.yml`` where there is something to say."""
    own = own_folder(country, code)
    for one in tables:
        (own / f"{one.name}.{ending}").write_bytes(WRITERS[ending](one.rows))
    said = {one.name: {"file": f"{one.name}.{ending}", **one.mapping} for one in tables if one.mapping}
    if said:
        (own / "mapping.yml").write_text(yaml.safe_dump({"tables": said}, sort_keys=False), encoding="utf-8")


def table_case(
    entry: str, name: str, code: str, good: Table, bad: Callable[[Rows, int], Rows],
    finds: Callable[[int], Sequence[Finding]], *, twin: Table | None = None, others: Sequence[Table] = (),
    endings: Sequence[str] = ("csv", "xlsx", "tsv"), computed: bool = False, country: Mapping[str, Any] | None = None,
) -> Case:  # fmt: skip
    """A case of one table: the same fault in its first row, in its middle with columns turned round, and in its last.

    Parameters
    ----------
    good : Table
        A table without fault, of four rows or more below its header.
    bad : callable
        Gets a copy of the good rows (header first) and the index of the row (1 is the first below the header) to spoil;
        returns the rows to write.
    finds : callable
        Gets the row as a spreadsheet shows it; returns what must be found.
    twin : Table, optional
        A near-twin that is right; the good table itself where it is near enough.
    others : sequence of Table
        Further tables the indicator needs, all right.
    endings : sequence of str
        Formats, used in turn.
    """
    assert len(good.rows) >= 5, "a header and four rows at least"
    last = len(good.rows) - 1
    variants = []
    for at, place, turned in (
        (1, "first row", False),
        ((last + 1) // 2, "middle, columns turned", True),
        (last, "last row", False),
    ):
        ending = endings[len(variants) % len(endings)]
        rows = bad([list(row) for row in good.rows], at)
        if turned:
            rows = [list(reversed(row)) for row in rows]
        tables = [Table(good.name, rows, good.mapping), *others]

        def write(folder: Path, tables: Sequence[Table] = tables, ending: str = ending) -> None:
            put_tables(folder, code, tables, ending)

        variants.append(Variant(f"{ending}, {place}", write, tuple(finds(at + 1))))

    def write_twin(folder: Path) -> None:
        put_tables(folder, code, [twin or good, *others], endings[0])

    return Case(entry, name, code, tuple(variants), write_twin, computed, country or {})


def set_cell(column: str, value: Any) -> Callable[[Rows, int], Rows]:
    """A fault that is one cell: this value in this column of the row to spoil."""

    def bad(rows: Rows, at: int) -> Rows:
        rows[at][rows[0].index(column)] = value
        return rows

    return bad
