"""What Aruvia knows of each indicator, and who watches its nature year after year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from gbf_workbench.catalogue.edition import load_edition
from make_aruvia.made import Made
from make_aruvia.writing import write_table

_STATES = ("none", "global only", "national partial", "national current")
_CHANCES = (0.14, 0.2, 0.42, 0.24)
#: Information that the sample country has for certain.
_SURE = {"A.2": "national current", "A.3": "national current", "3.1": "national current", "C.1": "national partial"}
_HOLDERS = ("Ministry of Environment", "Museum of Aruvia", "Land agency", "Fisheries office", "Statistics office")
_SCHEMES = (
    ("MS-01", "Common bird counts", 2004, None, "Terrestrial", 0.62, True, False),
    ("MS-02", "Reef watch", 2009, None, "Marine", 0.31, True, True),
    ("MS-03", "River fish surveys", 2011, 2019, "Freshwater", 0.4, False, False),
    ("MS-04", "Forest plots", 1998, None, "Terrestrial", 0.45, True, False),
    ("MS-05", "Community sightings", 2018, None, "Several", 0.8, False, True),
)


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """Information by indicator, monitoring schemes, targets with traditional knowledge."""
    rows = []
    for one in load_edition().indicators():
        if one.kind not in ("headline", "binary"):
            continue
        state = _SURE.get(one.code) or str(rng.choice(_STATES, p=_CHANCES))
        year = {"none": None, "national current": 2024 - int(rng.integers(0, 5))}.get(
            state, 2024 - int(rng.integers(3, 14))
        )
        national = state.startswith("national")
        said = [bool(rng.random() < chance) if national else None for chance in (0.7, 0.45, 0.2)]
        holder = str(rng.choice(_HOLDERS)) if national else None
        rows.append((one.code, state, year, *said, holder))
    columns = ["indicator", "availability", "latest_year", "method_compliant", "findable_open", "traditional_knowledge"]
    table = pd.DataFrame(rows, columns=[*columns, "source"]).astype({"latest_year": "Int64"})
    write_table(folder / "monitoring_information.csv", table)
    names = ["scheme_id", "name", "started", "ended", "realm", "coverage", "fair", "care"]
    schemes = pd.DataFrame(_SCHEMES, columns=names).astype({"ended": "Int64"})
    write_table(folder / "monitoring_schemes.csv", schemes)
    targets = [(f"NT-{at}", bool(rng.random() < 0.4), f"Strategy, chapter {at}") for at in range(1, 15)]
    known = pd.DataFrame(targets, columns=["national_target", "traditional_knowledge", "evidence"])
    write_table(folder / "traditional_knowledge_targets.csv", known)
