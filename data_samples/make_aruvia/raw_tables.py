"""The Red List as it arrives by e-mail: a workbook made to be printed, and a file saved on somebody's French Excel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from make_aruvia.writing import forget_the_hour, write_table

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_GROUPS = {
    "Amphibians": "Amphibiens",
    "Birds": "Oiseaux",
    "Cycads": "Cycadales",
    "Freshwater fishes": "Poissons d'eau douce",
}
_WORDS = {
    "LC": "Préoccupation mineure", "NT": "Quasi menacée", "VU": "Vulnérable", "EN": "En danger",
    "CR": "En danger critique", "CR(PE)": "En danger critique (peut-être éteinte)", "RE": "Éteinte au niveau régional",
    "EX": "Éteinte", "DD": "Données insuffisantes", "NA": "Non applicable",
}  # fmt: skip
_SPANISH = {"EN": "En peligro", "VU": "Vulnerable", "CR": "En peligro crítico"}
_OLD = {"LC": "LR/lc", "NT": "LR/nt", "VU": "V", "EN": "E"}
_REASONS = {"genuine": "véritable", "non-genuine": "non véritable", "": None}
_YEARS = (2004, 2014, 2024)
_FIRST_ROW = 7
_NOTES = (
    "Source : Comité national de la Liste rouge d'Aruvie (organisme inventé).",
    "Les cycadales n'ont pas été évaluées en 2004.",
    "LR/lc, LR/nt, V, E : anciens codes (1994).",
)


def write_red_list(raw: Path, assessments: pd.DataFrame, rng: np.random.Generator) -> dict[str, list[str]]:
    """Both files; what is wrong in each."""
    folder = raw / "red_list"
    folder.mkdir(parents=True, exist_ok=True)
    wide = _widen(assessments)
    return _write_workbook(folder / "Liste_especes_2004-2014-2024.xlsx", wide, rng) | _write_csv(
        folder / "especes_2024.csv", assessments
    )


def _widen(assessments: pd.DataFrame) -> pd.DataFrame:
    """One row for each species, by group: id, name, group, share, three categories, two reasons."""
    by_species = assessments.pivot(index="species_id", columns="year", values=["category", "reason_for_change"])
    fixed = assessments.drop_duplicates("species_id").set_index("species_id")
    wide = fixed[["scientific_name", "taxonomic_group", "range_share"]].copy()
    for year in _YEARS:
        wide[f"category_{year}"] = by_species["category", year]
    for year in _YEARS[1:]:
        wide[f"reason_{year}"] = by_species["reason_for_change", year]
    return wide.reset_index().sort_values(["taxonomic_group", "species_id"], ignore_index=True)


def _write_workbook(path: Path, wide: pd.DataFrame, rng: np.random.Generator) -> dict[str, list[str]]:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = "Liste rouge"
    _write_heading(sheet)
    lines = _lines(wide, rng)
    repeated, empty = int(rng.integers(60, 120)), int(rng.integers(200, 300))
    lines.insert(repeated, lines[repeated - 1])
    lines.insert(empty, [None] * len(lines[0]))
    for row, line in enumerate(lines, start=_FIRST_ROW):
        for column, value in enumerate(line[1:], start=2):
            if value is not None:
                sheet.cell(row, column, value)
    _merge_groups(sheet, [line[0] for line in lines])
    for row, note in enumerate(_NOTES, start=_FIRST_ROW + len(lines) + 1):
        sheet.cell(row, 1, note).font = Font(italic=True)
    book.save(path)
    forget_the_hour(path)
    return {
        f"red_list/{path.name}": [
            "The table starts in row 7, below a title, a date and an empty row.",
            "The header has two rows: years under the merged headings “Catégorie” and “Motif du changement”.",
            "One column for each year instead of one row for each assessment.",
            "The group is written once and merged over all its species.",
            f"Row {_FIRST_ROW + empty} is empty; row {_FIRST_ROW + repeated} repeats the row before it; "
            f"{len(_NOTES)} rows of notes follow the table.",
            "Some categories of 2004 are codes of 1994 (LR/lc, LR/nt, V, E); some are French or Spanish words.",
            "Some categories have spaces or no-break spaces around them; one “СR” begins with a Cyrillic letter.",
            "NA means Not Applicable; an empty cell means that the group was not assessed in that year.",
            "Some names have two spaces between genus and species.",
        ]
    }


def _lines(wide: pd.DataFrame, rng: np.random.Generator) -> list[list[object]]:
    """Group, number, name, three categories, two reasons and share, as somebody typed them."""
    categories = _messy_categories(wide, rng)
    lines = []
    for at, species in enumerate(wide.itertuples()):
        name = species.scientific_name.replace(" ", "  ") if at % 37 == 5 else species.scientific_name
        reasons = [_REASONS.get(reason) for reason in (species.reason_2014, species.reason_2024)]
        lines.append(
            [species.taxonomic_group, species.species_id, name, *categories.loc[at], *reasons, species.range_share]
        )
    return lines


def _merge_groups(sheet: Worksheet, groups: list[str | None]) -> None:
    from openpyxl.styles import Alignment

    for group, name in _GROUPS.items():
        rows = [row for row, one in enumerate(groups, start=_FIRST_ROW) if one == group]
        sheet.cell(rows[0], 1, name).alignment = Alignment(vertical="top")
        sheet.merge_cells(start_row=rows[0], end_row=rows[-1], start_column=1, end_column=1)


def _write_heading(sheet: Worksheet) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.cell(1, 1, "RÉPUBLIQUE D'ARUVIE — Ministère de l'environnement").font = Font(bold=True, size=14)
    sheet.cell(2, 1, "Liste rouge nationale, évaluations 2004, 2014 et 2024")
    sheet.cell(3, 1, "Version provisoire du 14/03/2025")
    for column, heading in ((1, "Groupe"), (2, "N°"), (3, "Espèce"), (9, "Part de l'aire")):
        sheet.cell(5, column, heading)
        sheet.merge_cells(start_row=5, end_row=6, start_column=column, end_column=column)
    for column, heading, years in ((4, "Catégorie", _YEARS), (7, "Motif du changement", _YEARS[1:])):
        sheet.cell(5, column, heading).alignment = Alignment(horizontal="center")
        sheet.merge_cells(start_row=5, end_row=5, start_column=column, end_column=column + len(years) - 1)
        for place, year in enumerate(years):
            sheet.cell(6, column + place, year)


def _messy_categories(wide: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The categories as several hands have typed them."""
    cells = wide[[f"category_{year}" for year in _YEARS]].astype(object).copy()
    for column in cells:
        for at, category in cells[column].items():
            chance = rng.random()
            if pd.isna(category):
                cells.loc[at, column] = None
            elif column.endswith("2004") and chance < 0.25:
                cells.loc[at, column] = _OLD.get(category, category)
            elif chance < 0.29:
                cells.loc[at, column] = _WORDS[category]
            elif chance < 0.31:
                cells.loc[at, column] = _SPANISH.get(category, category)
            elif chance < 0.36:
                cells.loc[at, column] = f"{category}\u00a0" if chance < 0.33 else f" {category} "
    critical = np.flatnonzero(cells["category_2024"] == "CR")[2]
    cells.loc[critical, "category_2024"] = "\u0421R"
    return cells


def _write_csv(path: Path, assessments: pd.DataFrame) -> dict[str, list[str]]:
    latest = assessments[assessments["year"] == 2024]
    table = pd.DataFrame(
        {
            "N°": latest["species_id"],
            "Espèce": latest["scientific_name"],
            "Groupe": latest["taxonomic_group"].map(_GROUPS),
            "Année": latest["year"],
            "Catégorie": latest["category"].map(_WORDS),
            "Motif du changement": latest["reason_for_change"].map(_REASONS),
            "Part de l'aire": latest["range_share"],
        }
    )
    write_table(path, table, "cp1252", sep=";", decimal=",")
    return {
        f"red_list/{path.name}": [
            "Semicolons between the columns, decimal commas in “Part de l'aire”.",
            "Saved as Windows-1252, not UTF-8.",
            "French headings, group names and categories in words.",
            "One year only: no index can be computed from it alone.",
        ]
    }
