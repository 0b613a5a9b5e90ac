"""What the columns of all tables are called in every language; gathered once, when this module is loaded.

The process that forks the readers loads it beforehand, so that no single reading pays for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from gbf_workbench.locales import languages, read_yaml, translated_texts
from gbf_workbench.preparation.schema import FOLDER, schema_names


def _gathered() -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for table in schema_names():
        for one in read_yaml(FOLDER / f"{table}.yml").get("fields", ()):
            found[table, one["name"]].append(one.get("title", ""))
    for language in languages():
        for key, words in translated_texts(language).items() if language != "en" else ():
            if key.startswith("tables.") and key.endswith(".title") and ".fields." in key:
                table, field = key.removeprefix("tables.").removesuffix(".title").split(".fields.", 1)
                found[table, field].append(words)
    return {place: tuple(dict.fromkeys(filter(None, titles))) for place, titles in found.items()}


#: Table and field to titles.
TITLES: Mapping[tuple[str, str], tuple[str, ...]] = _gathered()
