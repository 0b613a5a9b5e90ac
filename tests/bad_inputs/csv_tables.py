"""Delimited text that is cut off, of another kind, or not what its header says."""

from __future__ import annotations

from tests.bad_inputs.case import Finding
from tests.bad_inputs.species import HEADER, ROWS, case, changed, file, table, text, turned

LAST = len(ROWS)
WITH_REMARK = [[*row, remark] for row, remark in zip(ROWS, ["remark", *["seen"] * 6], strict=True)]


def cut_off(value: str) -> list[Finding]:
    return [Finding("error", "check.cut_off", (LAST,), value=value, says=("complete: true",))]


CUT = [
    case(
        "TB-04",
        "cut off in its last row",
        {
            "in a word": (file("csv", text()[:-5]), cut_off("M-01, Mammals, 2020, CR, 0.75, , nati")),
            "in a number, columns turned": (
                file("csv", text(turned(changed(6, "species_id", "M-01x")))[: -len("75,CR,2020,Mammals,M-01x\n")]),
                cut_off("national, , 0."),
            ),
            "tabs": (
                file("tsv", text(delimiter="\t")[:-1]),
                cut_off("M-01\t Mammals\t 2020\t CR\t 0.75\t \t national"),
            ),
        },
        file("csv", text()[:-1], complete=True),
    ),
]

DELIMITERS = [
    case(
        "TB-05",
        "another mark between columns",
        {
            "semicolons": (file("csv", text(delimiter=";")), [Finding("repair", "check.delimiter", value=";")]),
            "tabs, columns turned": (
                file("csv", text(turned(ROWS), "\t")),
                [Finding("repair", "check.delimiter", value="TAB")],
            ),
            "bars": (file("csv", text(delimiter="|")), [Finding("repair", "check.delimiter", value="|")]),
            "commas where tabs are expected": (file("tsv", text()), [Finding("repair", "check.delimiter", value=",")]),
        },
        file("tsv", text(delimiter="\t")),
    ),
    case(
        "TB-06",
        "decimal commas between semicolons",
        {
            "semicolons": (
                file("csv", text(delimiter=";").replace(".", ",")),
                [
                    Finding("repair", "check.delimiter", value=";"),
                    Finding("repair", "check.decimal_comma", (2, 3, 4, 5, 6, 7), "range_share"),
                ],
            ),
            "tabs, columns turned": (
                file("csv", text(turned(ROWS), "\t").replace(".", ",")),
                [
                    Finding("repair", "check.delimiter", value="TAB"),
                    Finding("repair", "check.decimal_comma", (2, 3, 4, 5, 6, 7), "range_share"),
                ],
            ),
            "tabs, in a TSV file": (
                file("tsv", text(delimiter="\t").replace(".", ",")),
                [
                    Finding("repair", "check.decimal_comma", (2, 3, 4, 5, 6, 7), "range_share"),
                ],
            ),
        },
        file("tsv", text(delimiter="\t")),
    ),
]

TWICE = [*HEADER[:-1], "range_share", "scope"]
NAMES = [
    case(
        "TB-09",
        "one name twice",
        {
            "the same": (
                file("csv", text([TWICE, *[[*row[:-1], 1, row[-1]] for row in ROWS[1:]]])),
                [Finding("error", "check.header_repeated", (1,), "range_share", says=("E, G",))],
            ),
            "but for case and spaces, columns turned": (
                file("tsv", text(turned([[*HEADER, " Year "], *[[*row, 1] for row in ROWS[1:]]]), "\t")),
                [
                    Finding("error", "check.header_repeated", (1,), "Year", says=("A, F",)),
                    Finding("error", "check.header_repeated", (1,), "year", says=("A, F",)),
                ],
            ),
            "in a workbook": (
                table("xlsx", [[*HEADER, "category"], *[[*row, "EX"] for row in ROWS[1:]]]),
                [Finding("error", "check.header_repeated", (1,), "category", says=("D, H",))],
            ),
            "in an OpenDocument spreadsheet": (
                table("ods", [[*HEADER, "category"], *[[*row, "EX"] for row in ROWS[1:]]]),
                [Finding("error", "check.header_repeated", (1,), "category", says=("D, H",))],
            ),
        },
        table("ods"),
    ),
    case(
        "TB-10",
        "names in another spelling",
        {
            "capitals and spaces": (
                file("csv", text([[" Species ID ", "TAXONOMIC GROUP", "Year", *HEADER[3:]], *ROWS[1:]])),
                [Finding("repair", "check.columns_renamed", says=("Species ID → species_id", "Year → year"))],
            ),
            "another word, columns turned": (
                table("xlsx", turned([["taxon_id", *HEADER[1:]], *ROWS[1:]])),
                [Finding("repair", "check.columns_renamed", says=("taxon_id → species_id",))],
            ),
            "in a tab-separated file": (
                file("tsv", text([[*HEADER[:3], "Red List Category", *HEADER[4:]], *ROWS[1:]], "\t")),
                [Finding("repair", "check.columns_renamed", says=("Red List Category → category",))],
            ),
        },
        table("xlsx"),
    ),
    case(
        "TB-10",
        "names in another language",
        {
            f"{language}, {ending}": (
                table(ending, [["species_id", group, year, category, *HEADER[4:]], *ROWS[1:]]),
                [Finding("repair", "check.columns_renamed", says=(f"{category} → category", f"{year} → year"))],
            )
            for language, ending, group, year, category in (
                ("French", "csv", "Groupe taxonomique", "Année", "Catégorie"),
                ("Spanish", "xlsx", "Grupo taxonómico", "Año", "Categoría"),
                ("Arabic", "ods", "المجموعة التصنيفية", "سنة", "فئة"),
                ("Chinese", "parquet", "分类群", "年份", "类别"),
                ("Russian", "tsv", "Таксономическая группа", "Год", "Категория"),
            )
        },
        table("ods"),
    ),
    case(
        "TB-10",
        "a name nobody knows",
        {
            ending: (
                table(ending, [["nobody_knows" if name == column else name for name in HEADER], *ROWS[1:]]),
                [
                    Finding("error", "check.missing_column", column=column, says=("nobody_knows",)),
                    Finding("flag", "check.unused_columns", says=("nobody_knows",)),
                ],
            )
            for ending, column in (("csv", "species_id"), ("xlsx", "year"), ("ods", "category"), ("parquet", "year"))
        },
        table("parquet"),
    ),
    case(
        "TB-11",
        "columns nobody asked for",
        {
            "at the end": (file("csv", text(WITH_REMARK)), [Finding("flag", "check.unused_columns", says=("remark",))]),
            "in front": (
                table("xlsx", turned(WITH_REMARK)),
                [Finding("flag", "check.unused_columns", says=("remark",))],
            ),
            "three of them": (
                file(
                    "tsv",
                    text(
                        [[*row, *more] for row, more in zip(ROWS, [["x", "y", "z"], *[[1, 2, 3]] * 6], strict=True)],
                        "\t",
                    ),
                ),
                [Finding("flag", "check.unused_columns", says=("x, y, z",))],
            ),
        },
        table("xlsx", turned(ROWS)),
    ),
]


def repeated(*more: list) -> list[list]:
    return [*ROWS, *more]


KEYS = [
    case(
        "TB-12",
        "one key with two values",
        {
            "csv": (
                file("csv", text(repeated(["B-01", "Birds", 2010, "EN", 0.5, None, "national"]))),
                [Finding("error", "check.duplicate_key", (2, 8), says=())],
            ),
            "xlsx, columns turned": (
                table("xlsx", turned(repeated(["B-02", "Birds", 2020, "LC", 0.25, None, "national"]))),
                [Finding("error", "check.duplicate_key", (5, 8))],
            ),
            "ods": (
                table("ods", repeated(["M-01", "Mammals", 2020, "CR", 0.5, None, "national"])),
                [Finding("error", "check.duplicate_key", (7, 8))],
            ),
        },
        file(
            "csv",
            text(
                repeated(
                    ["B-03", "Birds", 2010, "EN", 0.5, None, "national"],
                    ["B-03", "Birds", 2020, "EN", 0.5, None, "national"],
                )
            ),
        ),
    ),
    case(
        "TB-12",
        "the same row twice",
        {
            ending: (table(ending, repeated(list(ROWS[at]))), [Finding("repair", "check.identical_rows", (8,))])
            for ending, at in (("csv", 1), ("xlsx", 3), ("parquet", 6))
        },
        table("csv"),
    ),
]

EMPTY = [
    case(
        "TB-14",
        "nothing in it",
        {
            "no byte": (file("csv", b""), [Finding("error", "check.empty")]),
            "header only": (file("csv", ",".join(HEADER) + "\n"), [Finding("error", "check.empty")]),
            "header and blank rows": (
                file("tsv", "\t".join(HEADER) + "\n\n \t\t\n"),
                [Finding("error", "check.empty")],
            ),
            "a workbook with a header": (table("xlsx", [HEADER]), [Finding("error", "check.empty")]),
            "a spreadsheet with a header and blank cells": (
                table("ods", [HEADER, [None] * 7, [None] * 7]),
                [Finding("error", "check.empty")],
            ),
            "a Parquet file without rows": (table("parquet", [HEADER]), [Finding("error", "check.empty")]),
        },
        file("csv", text() + "\n\n,,,,,,\n"),
    ),
]

QUOTES = [
    case(
        "TB-15",
        "a quotation mark that is never closed",
        {
            "first row": (
                file("csv", text().replace("B-01,Birds,2010", '"B-01,Birds,2010')),
                [Finding("error", "check.unclosed_quote", (2,))],
            ),
            "middle row, columns turned": (
                file(
                    "tsv",
                    text(turned(ROWS), "\t").replace("national\tgenuine\t0.25\tEN", '"national\tgenuine\t0.25\tEN'),
                ),
                [Finding("error", "check.unclosed_quote", (5,))],
            ),
            "last row": (
                file("csv", text().replace("M-01,Mammals,2020", 'M-01,"Mammals,2020')),
                [Finding("error", "check.unclosed_quote", (7,))],
            ),
        },
        file("csv", text().replace("Mammals", '"Mammals and ""their"" kin, too"')),
    ),
]

NOT_TEXT = [
    case(
        "TB-16",
        "characters that no text has",
        {
            "NUL": (
                file("csv", text().replace("B-02,Birds,2010", "B-02,Bi\0rds,2010")),
                [Finding("error", "check.nul", (4,), "taxonomic_group")],
            ),
            "NUL, columns turned": (
                file("tsv", text(turned(ROWS), "\t").replace("CR\t2020", "C\0R\t2020")),
                [Finding("error", "check.nul", (7,), "category")],
            ),
            "UTF-16 without its mark": (file("csv", text().encode("utf-16-le")), [Finding("error", "check.nul", (1,))]),
            "a control character": (
                file("csv", text().replace("Mammals,2010", "Mamm\x07als,2010")),
                [Finding("error", "check.control_character", (6,), "taxonomic_group", "U+0007")],
            ),
        },
        file("csv", text().replace("Mammals", '"Mammals and kin"').replace("\n", "\r\n")),
    ),
    case(
        "TB-17",
        "an answer of a server in place of a table",
        {
            "a web page": (
                file("csv", "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n"),
                [Finding("error", "check.web_page", says=("web page",))],
            ),
            "access denied": (
                file("tsv", '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>\n'),
                [Finding("error", "check.web_page", says=("XML",))],
            ),
            "JSON": (file("csv", '{"error": "not found"}\n'), [Finding("error", "check.json_text", says=("JSON",))]),
        },
        file("csv", text().replace("Birds", "<Birds>")),
    ),
    case(
        "TB-18",
        "a pointer in place of data",
        {
            ending: (
                file(ending, f"version https://git-lfs.github.com/spec/v1\noid sha256:{digit * 64}\nsize 12345\n"),
                [Finding("error", "check.lfs_pointer", says=("Git LFS",))],
            )
            for ending, digit in (("csv", "a"), ("tsv", "4"), ("xlsx", "7"))
        },
        file("csv", text().replace("Birds", "version 1 of Birds")),
    ),
]

CASES = [*CUT, *DELIMITERS, *NAMES, *KEYS, *EMPTY, *QUOTES, *NOT_TEXT]
