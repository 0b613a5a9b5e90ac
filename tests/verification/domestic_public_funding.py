"""D.2: the series that a statistics office publishes from the lines of its budgets and accounts."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.verification import Compared, computed, country_folder

PEER = "Vanuatu National Statistics Office, government finance statistics 2004–2024 (vnso-nsdp-platform, a88178f)"
STAGES = {"Original Budget": "original budget", "Actual Spent": "spent"}
#: The office publishes all spending, so each line counts whole.
MAPPING = """\
tables:
  public_expenditure:
    file: vnso_full_government-financial-statistics.csv
    complete: true
    columns: {amount: Value, stage: Budget Type, ministry: Ministry, department: Department, economic_type: Budget}
    constants: {currency: VUV, price_basis: current, attribution: 1}
"""


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every published cell: by department, by ministry and of the whole, in millions."""
    own = verify / "D.2"
    made = country_folder(
        folder, "domestic_public_funding", [own / "vnso_full_government-financial-statistics.csv"], MAPPING
    )
    ours = {}
    for word, stage in STAGES.items():
        for row in computed("D.2", made, stage=stage).data.to_dict("records"):
            ours[word, row["disaggregation_type"], row["disaggregation"], row["year"]] = row["value"] / 1e6
    with (own / "published_government-financial-statistics.csv").open(encoding="utf-8-sig") as file:
        published = list(csv.DictReader(file))
    return [one for row in published if (one := _compared(row, ours)) is not None]


def _compared(row: dict[str, str], ours: dict[tuple[str, str, str, int], float]) -> Compared | None:
    kind = "Department" if row["Department"] else "Ministry" if row["Ministry"] else ""
    name = " ".join((row["Department"] or row["Ministry"]).split())
    if name not in {known for _, of_kind, known, _ in ours if of_kind == kind}:
        # The office gives seven bodies another name in what it publishes than in the lines.
        return None
    value = ours[row["Series"].strip(), kind, name, int(row["Year"])]
    theirs = float(row["Value"])
    said = " ".join(filter(None, (row["Series"].strip(), row["Year"], kind, name)))
    # What is published in whole millions must be the same to the last one.
    return Compared(f"{said} [million, rounded]", float(round(value)), theirs, 0.0)
