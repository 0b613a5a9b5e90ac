"""18.1, its money: revenue from biodiversity-relevant taxes as a national statistics office publishes it."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.verification import Compared, computed, country_folder, value_of

PEER = "Office for National Statistics (United Kingdom), SDG indicator 15.a.1 (sdg-data, b68b9d9)"
FILE = "ons_indicator_15-a-1.csv"
SERIES = "Tax revenue from biodiversity-relevant taxes"
UNITS = {"GBP": "GBP (£ Millions)", "USD": "USD ($ Millions)"}
#: The office names no single taxes: they stand as one instrument, in force in all years of the series.
MAPPING = """\
tables:
  incentive_revenues:
    file: {file}
    complete: true
    columns: {{amount: Value}}
    constants: {{instrument_id: T-1, currency: {currency}, price_basis: current}}
    leave_out_rows: {rows}
"""
INSTRUMENT = "instrument_id,name,instrument_type,introduced\nT-1,Biodiversity-relevant taxes,Tax,1994\n"


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every published year in each of its two currencies, in millions."""
    source = verify / "D.1" / FILE
    with source.open(encoding="utf-8-sig") as file:
        published = list(enumerate(csv.DictReader(file), start=2))
    found = []
    for currency, unit in UNITS.items():
        own = [(number, row) for number, row in published if (row["Series"], row["Units"]) == (SERIES, unit)]
        others = sorted({number for number, _ in published} - {number for number, _ in own})
        mapping = MAPPING.format(file=FILE, currency=currency, rows=others)
        made = country_folder(folder / currency, "positive_incentives", [source], mapping)
        (made / "positive_incentives" / "incentive_instruments.csv").write_text(INSTRUMENT, encoding="utf-8")
        result = computed("18.1", made)
        for _, row in own:
            ours = value_of(result, int(row["Year"]), "Money", "All instruments with figures", currency)
            found.append(Compared(f"{row['Year']} [million {currency}]", ours, float(row["Value"]), 1e-12))
    return found
