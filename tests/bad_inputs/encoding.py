"""Letters in another encoding, in another form, or that nobody sees."""

from __future__ import annotations

import unicodedata

from tests.bad_inputs.case import Finding
from tests.bad_inputs.species import ROWS, case, changed, file, table, text, turned

#: Groups of species as people of six scripts write them, in the encoding of their old programs.
WORDS = {
    "cp1252": "Área de Conservação",
    "cp1250": "Želva bahenní žije",
    "cp1251": "Птицы Дальнего Востока",
    "cp1256": "الطيور المائية",
    "gb18030": "鸟类和哺乳动物名录",
    "shift_jis": "日本のほ乳類リスト",
    "mac_roman": "Côte d’Azur été",
}


def in_words(words: str) -> str:
    return text().replace("Birds", words)


ENCODINGS = [
    case(
        "EN-02",
        "letters that can be read in more than one way",
        {
            encoding: (
                file(
                    "tsv" if turn else "csv",
                    (text(turned(ROWS), "\t").replace("Birds", words) if turn else in_words(words)).encode(encoding),
                ),
                [Finding("question", "check.which_encoding", says=(words.split()[0], "encoding:"))],
            )
            for turn, (encoding, words) in zip(
                [False, True, False, True, False, True, False], WORDS.items(), strict=True
            )
        },
        file("csv", in_words(" ".join(words for words in WORDS.values() if "’" not in words)).encode()),
    ),
    case(
        "EN-06",
        "UTF-16 as spreadsheet programs export it",
        {
            "little end first": (
                file("csv", text().encode("utf-16")),
                [Finding("repair", "check.encoding", says=("UTF-16",))],
            ),
            "big end first, columns turned": (
                file("csv", b"\xfe\xff" + text(turned(ROWS)).encode("utf-16-be")),
                [Finding("repair", "check.encoding", says=("UTF-16",))],
            ),
            "with tabs": (
                file("tsv", b"\xff\xfe" + text(delimiter="\t").encode("utf-16-le")),
                [Finding("repair", "check.encoding", says=("UTF-16",))],
            ),
        },
        file("csv", b"\xef\xbb\xbf" + text().encode()),
    ),
]

APART = unicodedata.normalize("NFD", "Côte-01")
assert unicodedata.normalize("NFC", APART) != APART
UNSEEN = {
    "right-to-left mark": "\u200f",
    "left-to-right mark": "\u200e",
    "zero-width space": "\u200b",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "word joiner": "\u2060",
    "zero-width joiner": "\u200d",
}

FORMS = [
    case(
        "EN-04",
        "an accent as a letter of its own",
        {
            f"{ending}, row {at + 1}": (
                table(
                    ending,
                    [
                        [
                            cell.replace("B-01", APART)
                            if cell == "B-01" and row == at
                            else cell.replace("B-01", "Côte-01")
                            if isinstance(cell, str)
                            else cell
                            for cell in cells
                        ]
                        for row, cells in enumerate(ROWS)
                    ],
                ),
                [Finding("repair", "check.unseen", (at + 1,), "species_id")],
            )
            for ending, at in (("csv", 1), ("xlsx", 2), ("ods", 1), ("tsv", 2))
        },
        table(
            "csv",
            [[cell.replace("B-01", "Côte-01") if isinstance(cell, str) else cell for cell in row] for row in ROWS],
        ),
    ),
    case(
        "EN-05",
        "characters that nobody sees",
        {
            f"{name}, {ending}": (
                table(
                    ending,
                    turned(changed(at, "species_id", "B-01" + letter + ""))
                    if at == 2
                    else changed(at, "species_id", "B-" + letter + "01"),
                ),
                [Finding("repair", "check.unseen", (at + 1,), "species_id")],
            )
            for (name, letter), ending, at in zip(
                UNSEEN.items(),
                ["csv", "xlsx", "tsv", "ods", "csv", "parquet", "xlsx"],
                [1, 2, 1, 2, 2, 1, 1],
                strict=True,
            )
        }
        | {
            "no-break space, csv": (
                table("csv", changed(1, "species_id", "B-01\u00a0")),
                [Finding("repair", "check.trimmed", (2,), "species_id")],
            )
        },
        table(
            "csv",
            [[cell.replace("Birds", "می‌خواهم") if isinstance(cell, str) else cell for cell in row] for row in ROWS],
        ),
    ),
]

CASES = [*ENCODINGS, *FORMS]
