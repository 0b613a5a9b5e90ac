"""9.2: two tables of one census file, by status and by industry, for every place and sex they have."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.verification import Compared, computed, country_folder, value_of

PEER = (
    "Vanuatu National Statistics Office, censuses of 2009 and 2020: own-use producers and agriculture as a part of the "
    "working population (41,877 of 94,460 and 16,317 of 78,729)."
)
#: Series of the file, column of the classes, the class that is called traditional, its share in the country by year.
_TABLES = (
    ("Workingpopulation15+employmentstatus", "Employment Status", "Producinggoodsforownconsumption",
     {2009: 100 * 41_877 / 94_460, 2020: 100 * 16_317 / 78_729}),
    ("Workingpopulation15+industryofemployment", "Industry", "Agricultureforestryandfishing",
     {2009: 100 * 57_191 / 94_460, 2020: 100 * 31_315 / 78_729}),
)  # fmt: skip
_BREAKS = {"jump", "definition_break"}


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every share that the file allows, and whether a break is said."""
    source = verify / "vanuatu" / "vnso_labor.csv"
    with source.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for at, (series, column, listed, published) in enumerate(_TABLES):
        own = folder / f"part{at}"
        kept = [row for row in rows if row["Series"] == series]
        left = [number for number, row in enumerate(rows, 2) if row["Series"] != series]
        classes = sorted({row[column] for row in kept if row[column]} - {listed})
        country_folder(own, "traditional_occupations", [source], _mapping(source.name, column, listed, classes, left))
        (own / "traditional_occupations" / "traditional_occupation_list.csv").write_text(
            "isco_code,national_occupation,title,agreed_with\n63,,Listed,nobody\n", encoding="utf-8"
        )
        result = computed("9.2", own)
        for year, share in published.items():
            found.append(Compared(f"{listed} {year} %", value_of(result, year), share, 1e-12))
        said = sum(issue.key.rsplit(".", 1)[-1] in _BREAKS for issue in result.issues)
        found.append(Compared(f"{listed}: break said", float(said), 1.0, 0))
        found += _every_place(kept, column, listed, result)
    return found


def _mapping(file: str, column: str, listed: str, classes: list[str], left: list[int]) -> str:
    """The listed class is given the code 63, the others codes that are not below it."""
    codes = {listed: "63"} | {name: str(700 + at) for at, name in enumerate(classes)}
    said = "".join(f'        "{name}": "{code}"\n' for name, code in codes.items())
    return f"""\
tables:
  occupation_counts:
    file: {file}
    leave_out_rows: {left}
    complete: true
    columns: {{year: Year, region: Region, sex: Sex, isco_code: {column}, persons: Value}}
    constants: {{own_use_included: "yes", value_status: measured}}
    classes:
      isco_code:
{said}"""


def _every_place(rows: list[dict[str, str]], column: str, listed: str, result: object) -> list[Compared]:
    """Number of the listed class over the number of all, for each year, place and sex."""
    numbers = {}
    for row in rows:
        if row[column] in ("", listed) and row["Value"]:
            persons = float(row["Value"].replace(",", ""))
            numbers[int(row["Year"]), row["Region"], row["Sex"].lower(), bool(row[column])] = persons
    found = []
    for (year, region, sex, part), persons in numbers.items():
        if not part or (year, region, sex, False) not in numbers:
            continue
        kind = " and ".join(word for word, there in (("Sex", sex), ("Region", region)) if there)
        kind = kind.replace("and Region", "and region")
        ours = value_of(result, year, kind, ", ".join(word for word in (sex, region) if word))
        theirs = 100 * persons / numbers[year, region, sex, False]
        found.append(Compared(f"{listed} {year} {region or 'country'} {sex} %", ours, theirs, 1e-12))
    return found
