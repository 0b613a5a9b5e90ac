"""Our values beside those of others: one module for each indicator, found by its name.

A module holds ``PEER``, who computed the values it compares with, and ``compared(verify, folder)``, which makes a
country folder of the peer's unaltered files and a mapping in ``folder``, walks the path of ``gbf compute`` and gives
one ``Compared`` for each value. ``python -m tests.verification`` writes ``tests/verification/TABLE.md`` from all.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gbf_workbench.pipeline import compute
from gbf_workbench.results import Result

HERE = Path(__file__).resolve().parent
#: Country of the folders around the files of others.
COUNTRY = "format: 1\ncode: XAR\nname: {en: Peer}\n"


@dataclass(frozen=True)
class Compared:
    """One value of ours beside one of a peer.

    ``tolerance`` is the largest difference allowed, as a share of the peer's value, or absolute where that is 0;
    ``why`` says what a difference comes from, where the tolerance is wider than rounding.
    """

    quantity: str
    ours: float
    theirs: float
    tolerance: float
    why: str = ""

    @property
    def difference(self) -> float:
        """How far ours is from theirs, as a share of theirs, or absolute where theirs is 0."""
        return abs(self.ours - self.theirs) / (abs(self.theirs) or 1.0)

    @property
    def holds(self) -> bool:
        """Whether the difference is within the tolerance; a value that is missing on one side only never is."""
        if self.ours != self.ours or self.theirs != self.theirs:
            return self.ours != self.ours and self.theirs != self.theirs
        return self.difference <= self.tolerance


def names() -> list[str]:
    """Modules of this folder, one for each comparison."""
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("__"))


def module_of(name: str) -> Any:
    """A comparison by its name."""
    return importlib.import_module(f"{__name__}.{name}")


def country_folder(folder: Path, slug: str, files: list[Path], mapping: str = "", country: str = COUNTRY) -> Path:
    """A country folder with the peer's files, byte for byte, and a mapping; gives ``folder``."""
    own = folder / slug
    own.mkdir(parents=True, exist_ok=True)
    (folder / "country.yml").write_text(country, encoding="utf-8")
    for file in files:
        (own / file.name).write_bytes(file.read_bytes())
    if mapping:
        (own / "mapping.yml").write_text(mapping, encoding="utf-8")
    return folder


def computed(code: str, folder: Path, **settings: Any) -> Result:
    """The result of the path that every door walks."""
    return compute(code, folder, **settings)


def value_of(result: Result, year: int, kind: str = "", name: str = "", unit: str | None = None) -> float:
    """One value of a result; not a number where it has none."""
    data = result.data
    rows = data[(data["year"] == year) & (data["disaggregation_type"] == kind) & (data["disaggregation"] == name)]
    rows = rows[rows["unit"] == (result.spec.unit if unit is None else unit)]
    return float(rows["value"].iloc[0]) if len(rows) == 1 else float("nan")
