"""Result files: the same columns, the same number format, whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from gbf_workbench.errors import Issue, problem
from gbf_workbench.locales import note
from gbf_workbench.results import COLUMNS, Result, tidy

FORMAT = 1
ISSUES = "issues.json"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place to write to that takes the name ``path`` only when all of it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        # mkstemp makes private files; results are for colleagues to read.
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _harmless(words: str) -> str:
    # A carriage return alone ends a row for many readers, and is not put between quotation marks by the writer.
    kept = f"'{words}" if words.startswith(_FORMULA_STARTS) else words
    return kept.replace("\r\n", "\n").replace("\r", "\n")


def csv_text(data: pd.DataFrame, slug: str = "") -> str:
    """Rows of a result as CSV: decimal points, notes as English sentences, every bit of the numbers.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    shown = data.copy()
    if slug:
        shown["note"] = [note(one, slug, "en") for one in shown["note"]]
    for column in shown.columns[[dtype.kind in "OU" or str(dtype) == "str" for dtype in shown.dtypes]]:
        shown[column] = [_harmless(value) if isinstance(value, str) else value for value in shown[column]]
    return shown.to_csv(index=False, lineterminator="\n", float_format=lambda value: repr(float(value)))


def result_record(result: Result, language: str | None = None) -> dict[str, Any]:
    """A result as plain data: rows, provenance, findings. Missing numbers are null, never NaN."""
    rows = [
        {key: None if value is pd.NA or value != value else _plain(value) for key, value in row.items()}
        for row in result.data.to_dict("records")
    ]
    for row in rows:
        row["note"] = note(row["note"], result.spec.slug, "en")
    return {
        "format": FORMAT, "indicator": result.spec.code, "slug": result.spec.slug, "unit": result.spec.unit,
        "maturity": result.spec.maturity, "evidence": result.spec.evidence, "recipe": result.recipe,
        "provenance": result.provenance.record(), "issues": [issue.record(language) for issue in result.issues],
        "repairs": [effect.record() for effect in result.repairs], "columns": list(COLUMNS), "data": rows,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


@contextmanager
def unwritable_in_words() -> Iterator[None]:
    """Turn a folder or file that cannot be written into one sentence."""
    try:
        yield
    except OSError as fault:
        name = Path(str(fault.filename or "")).name
        raise problem("templates.cannot_write", file=name[:80], reason=fault.strerror or str(fault)) from None


@unwritable_in_words()
def save(result: Result, folder: str | Path, language: str | None = None) -> list[Path]:
    """Write ``result.csv`` and ``result.json`` into a folder.

    Returns
    -------
    list of Path

    Raises
    ------
    WorkbenchError
        If they cannot be written there.
    """
    into = Path(folder)
    with whole_file(into / "result.csv") as path:
        path.write_text(csv_text(result.data, result.spec.slug), encoding="utf-8", newline="")
    with whole_file(into / "result.json") as path:
        said = json.dumps(result_record(result, language), ensure_ascii=False, indent=1, allow_nan=False)
        path.write_text(said, encoding="utf-8")
    return [into / "result.csv", into / "result.json"]


def save_issues(issues: Iterable[Issue], folder: Path, language: str | None = None) -> Path:
    """Write ``issues.json``: what was found in data that gave no number."""
    with whole_file(folder / ISSUES) as path:
        records = [issue.record(language) for issue in issues]
        path.write_text(json.dumps(records, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder / ISSUES


def read_issues(folder: Path) -> list[dict[str, Any]]:
    """What ``issues.json`` says; nothing where there is none."""
    path = folder / ISSUES
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def read_record(path: Path) -> dict[str, Any]:
    """A ``result.json`` that keeps its contract.

    Raises
    ------
    ValueError
        If it is not whole, of another format, or its rows break the rules of a tidy result.
    """
    record = json.loads(path.read_text(encoding="utf-8"))
    if record.get("format") != FORMAT or record.get("columns") != list(COLUMNS):
        raise ValueError(f"{path.name} has another format")
    data = pd.DataFrame(record["data"], columns=list(COLUMNS))
    area = record["provenance"]["area"]
    record["data"] = tidy(data, indicator=record["indicator"], area=area, unit=record["unit"])
    return record
