"""What doors and reports ask of a user's file beside its data; each answer comes out of the reading process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gbf_workbench.preparation.reader.files import Watched
from gbf_workbench.preparation.reader.process import run

if TYPE_CHECKING:
    from gbf_workbench.preparation.stored_cells import Book


def columns_in(path: Path) -> list[str]:
    """Names in the header of a table or the attributes of a layer; none for a file of another kind.

    Raises
    ------
    WorkbenchError
        If the file cannot be read.
    """
    names, _ = run("columns", path, beside=Watched(path).beside)
    return names


def read_book(path: str | Path) -> Book:
    """All sheets of a workbook as stored, as ``stored_cells.read_book`` gives them.

    Raises
    ------
    WorkbenchError
        If the file is not a workbook that can be opened safely.
    """
    book, _ = run("book", Path(path))
    return book
