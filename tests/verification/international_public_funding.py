"""D.1: development assistance for biodiversity as a national statistics office publishes it."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.verification import Compared, computed, country_folder

PEER = "Office for National Statistics (United Kingdom), SDG indicator 15.a.1 (sdg-data, b68b9d9)"
FILE = "ons_indicator_15-a-1.csv"
SERIES = "Total official development assistance for biodiversity, by recipient countries"
#: The office counts by purpose code and not by marker; its rows by income group are the activities.
MAPPING = """\
tables:
  development_finance:
    file: {file}
    complete: true
    columns: {{recipient: Country income classification, disbursement: Value, currency: Units}}
    constants: {{provider: United Kingdom, purpose_code: "41030", price_basis: current, flow_code: "11"}}
    classes: {{currency: {{"GBP (£ Millions)": GBP, "USD ($ Millions)": USD}}}}
    unknown: [biodiversity_marker]
    leave_out_rows: {rows}
"""


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every published total and every part by income group, in millions of pounds."""
    source = verify / "D.1" / FILE
    with source.open(encoding="utf-8-sig") as file:
        published = [(number, row) for number, row in enumerate(csv.DictReader(file), start=2)]
    group = "Country income classification"
    # Totals are what is computed, and taxes are another indicator.
    others = [number for number, row in published if row["Series"] != SERIES or not row[group]]
    made = country_folder(folder, "international_public_funding", [source], MAPPING.format(file=FILE, rows=others))
    data = computed("D.1", made).data
    ours = {(r["year"], r["disaggregation"]): r["value"] for r in data.to_dict("records")
            if r["unit"] == "GBP" and r["disaggregation_type"] in ("", "Recipient")}  # fmt: skip
    # The total of a year and its groups are each published to three decimal places.
    return [
        Compared(f"{row['Year']} {row[group] or 'total'} [million GBP]", ours[int(row["Year"]), row[group]],
                 float(row["Value"]), 1.5e-3 / float(row["Value"]) if not row[group] else 1e-12,
                 "" if row[group] else "the published total is rounded to thousands, as each of its parts is")
        for _, row in published if row["Series"] == SERIES
    ]  # fmt: skip
