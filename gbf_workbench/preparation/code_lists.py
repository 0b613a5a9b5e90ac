"""Lists of codes that many tables share: their values, the other ways to write them, and what each means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from gbf_workbench.locales import PACKAGE, read_yaml

FOLDER = PACKAGE / "preparation" / "code_lists"


@dataclass(frozen=True)
class CodeList:
    """One list of codes.

    Attributes
    ----------
    name : str
    values : tuple of str
    synonyms, written : mapping
        Another way to write a code to the code, in its plain form (see ``tables.plain``) and as it is written but for
        capitals; what could mean two codes is none.
    titles : mapping
        Code to what it is called in English.
    until : mapping
        Code to the last year in which it was in use, where that is over.
    title, source : str
        What the list is called and who publishes it.
    """

    name: str
    values: tuple[str, ...]
    synonyms: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    source: str = ""
    until: Mapping[str, int] = field(default_factory=dict)


def code_list_names() -> list[str]:
    """Names of all lists."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


@cache
def code_list(name: str) -> CodeList:
    """The list with this name; one that does not exist is a fault of the package (``FileNotFoundError``)."""
    from gbf_workbench.preparation.tables import plain

    if name == "countries":
        return _countries()
    raw = read_yaml(FOLDER / f"{name}.yml")
    codes: dict[str, Mapping[str, Any]] = {str(code): one or {} for code, one in raw["codes"].items()}
    titles = {code: str(one.get("title", code)) for code, one in codes.items()}
    return CodeList(
        raw["name"],
        tuple(codes),
        _synonyms(codes, titles, plain),
        _synonyms(codes, titles, str.casefold),
        titles,
        str(raw.get("title", name)),
        str(raw.get("source", "")),
        {code: int(one["until"]) for code, one in codes.items() if "until" in one},
    )


def _countries() -> CodeList:
    """Present codes of ISO 3166-1; what else a cell may say is read by ``countries.country_reading``."""
    from gbf_workbench.preparation.countries import LANGUAGES, country_codes, country_name, country_reading

    titles = {code: country_name(code) for code in country_codes()}
    names = {country_name(code, language) for code in titles for language in LANGUAGES}
    written = {name.casefold(): code for name in names if (code := country_reading(name).code)}
    title, source = "Countries and areas", "ISO 3166-1 alpha-3; names from Unicode CLDR"
    return CodeList("countries", tuple(titles), written=written, titles=titles, title=title, source=source)


def _synonyms(
    codes: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str], form: Callable[[str], str]
) -> dict[str, str]:
    meant: dict[str, set[str]] = {}
    for code, one in codes.items():
        for words in (code, titles[code], *one.get("synonyms", ())):
            meant.setdefault(form(words), set()).add(code)
    return {words: found.pop() for words, found in meant.items() if words and len(found) == 1}
