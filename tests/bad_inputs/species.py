"""The table that the cases of text files, encodings and workbooks spoil: assessments of a few species, made up."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.bad_inputs.case import Case, Finding, Rows, Variant, csv_bytes, own_folder
from tests.preparation import table_files

CODE, NAME = "A.3", "red_list_assessments"
HEADER = ["species_id", "taxonomic_group", "year", "category", "range_share", "reason_for_change", "scope"]
ROWS: Rows = [
    HEADER,
    ["B-01", "Birds", 2010, "LC", 0.5, None, "national"],
    ["B-01", "Birds", 2020, "NT", 0.5, "genuine", "national"],
    ["B-02", "Birds", 2010, "VU", 0.25, None, "national"],
    ["B-02", "Birds", 2020, "EN", 0.25, "genuine", "national"],
    ["M-01", "Mammals", 2010, "CR", 0.75, None, "national"],
    ["M-01", "Mammals", 2020, "CR", 0.75, None, "national"],
]

Write = Callable[[Path], None]


def changed(at: int, column: str, value: Any) -> Rows:
    """The good rows with one other cell; row 0 is the header."""
    rows = [list(row) for row in ROWS]
    rows[at][HEADER.index(column)] = value
    return rows


def turned(rows: Rows) -> Rows:
    """The same table with its columns in the opposite order."""
    return [list(reversed(row)) for row in rows]


def text(rows: Rows = ROWS, delimiter: str = ",") -> str:
    return csv_bytes(rows, delimiter).decode()


def file(ending: str, content: bytes | str | Callable[[], bytes], **mapping: Any) -> Write:
    """Puts a file of this content, and ``mapping.yml`` where there are words for it, into the folder it is given."""

    def write(folder: Path) -> None:
        own = own_folder(folder, CODE)
        made = content() if callable(content) else content
        (own / f"{NAME}.{ending}").write_bytes(made.encode() if isinstance(made, str) else made)
        if mapping:
            said = {"tables": {NAME: {"file": f"{NAME}.{ending}", **mapping}}}
            (own / "mapping.yml").write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")

    return write


def table(ending: str, rows: Rows = ROWS, **how: Any) -> Write:
    """Puts the rows in the format of this ending; ``how`` goes to the writer of the format."""
    return file(ending, lambda: table_bytes(ending, rows, **how))


def table_bytes(ending: str, rows: Rows, **how: Any) -> bytes:
    """The rows in the format of this ending."""
    if ending in ("csv", "tsv"):
        return csv_bytes(rows, "\t" if ending == "tsv" else ",")
    writers = {"ods": table_files.opendocument, "xlsx": table_files.workbook, "xlsm": table_files.workbook}
    with tempfile.TemporaryDirectory() as folder:
        if ending == "parquet":
            return table_files.parquet(Path(folder), rows, name="t.parquet").read_bytes()
        return writers[ending](Path(folder), rows, name=f"t.{ending}", **how).read_bytes()


def case(entry: str, name: str, variants: dict[str, tuple[Write, list[Finding]]], twin: Write) -> Case:
    """A case from what is written and what is found, by label."""
    shapes = tuple(Variant(label, write, tuple(finds)) for label, (write, finds) in variants.items())
    return Case(entry, name, CODE, shapes, twin)
