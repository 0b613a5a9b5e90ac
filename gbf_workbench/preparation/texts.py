"""Reading cells of words: names, identifiers, codes and yes or no."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from gbf_workbench.preparation import country_cells, numerals, species_cells, spoilt_letters
from gbf_workbench.preparation.code_lists import code_list
from gbf_workbench.preparation.look_alikes import LOOK_ALIKES
from gbf_workbench.preparation.schema import Field

if TYPE_CHECKING:
    from gbf_workbench.preparation.columns import Column

YES_NO = {
    "yes": True, "true": True, "oui": True, "vrai": True, "sí": True, "si": True, "verdadero": True, "نعم": True,
    "да": True, "是": True,
    "no": False, "false": False, "non": False, "faux": False, "falso": False, "لا": False, "нет": False, "否": False,
}  # fmt: skip
#: Marks and words that people write where there is no value.
MARKS = {
    "-", "--", "–", "—", ".", "..", "...", "…", "?", "n/a", "#n/a", "null", '"', "''", "”", "″", "〃", "ditto", "idem",
}  # fmt: skip
WORDS = MARKS | {
    "na", "<na>", "n.d.", "n.a.", "nd", "n/d", "s/d", "s.d.", "nil", "none", "nan", "unknown", "no data", "missing",
    "inconnu", "desconocido", "غير معروف", "неизвестно", "н/д", "未知", "无数据",
}  # fmt: skip
#: Whole numbers of so many digits lose their last ones in a spreadsheet.
_MOST_DIGITS = 10**15
_CHOICES_SHOWN = 30
#: Codes of so few letters are only known as they are written.
_SHORT = 3
#: Marks of doubt or of a footnote, which say that a value is not simply that value.
_MARKED = re.compile(r"[?¿؟？*†‡§~≈¹²³⁰⁴-⁹]")


@dataclass(frozen=True)
class Choices:
    """The values a column may have, and the other ways to write them (without case, or in plain form)."""

    values: tuple[str, ...] = ()
    known: Mapping[str, str] | None = None
    plainly: Mapping[str, str] | None = None

    def meant(self, said: str) -> str | None:
        """The value that a text stands for although it is written otherwise."""
        from gbf_workbench.preparation.tables import plain

        found = (self.known or {}).get(said.casefold())
        if found is not None or not self.plainly:
            return found
        # Of “n/a” or “CR*” nothing would be left but a code that was not meant; “Vulnerable?” is a doubt.
        if is_marked(said):
            return None
        words = plain(said)
        return self.plainly.get(words) if len(words) > _SHORT else None

    def near(self, said: str) -> str:
        """The values to choose from, as a text: all of a short list, else those that look alike."""
        if len(self.values) <= _CHOICES_SHOWN:
            return ", ".join(self.values)
        names = {**{value.casefold(): value for value in self.values}, **(self.known or {}), **(self.plainly or {})}
        alike = difflib.get_close_matches(said.casefold(), names, n=5, cutoff=0.7)
        found = list(dict.fromkeys(names[one] for one in alike))
        return ", ".join([*found, "…"] if found else [*self.values[:12], "…"])


def choices_of(one: Field) -> Choices:
    """What a column may hold, from its schema or from the list of codes it names."""
    known = {value.casefold(): value for value in one.enum}
    known.update({str(words).casefold(): value for words, value in one.synonyms.items()})
    if not one.codes:
        return Choices(one.enum, known)
    listed = code_list(one.codes)
    known = {**listed.written, **{value.casefold(): value for value in listed.values}, **known}
    return Choices((*one.enum, *listed.values), known, listed.synonyms)


def is_marked(said: str) -> bool:
    """Whether a mark of doubt or of a footnote stands with a value.

    >>> is_marked("Yes*"), is_marked("Vulnerable?"), is_marked("CR(PE)")
    (True, True, False)
    """
    return _MARKED.search(said) is not None


@cache
def _listed(name: str) -> tuple[tuple[str, ...], Mapping[str, str]]:
    codes = code_list(name)
    return codes.values, codes.synonyms


def read_text(column: Column, tidy: Any) -> str | None:
    """A name, an identifier or one of the values of a list."""
    if isinstance(tidy, date | time | timedelta):
        return column.refuse("date_in_text")
    said = str(tidy).lower() if isinstance(tidy, bool) else numerals.as_text(tidy)
    if isinstance(tidy, str) and said not in column.classes and _is_spoilt(column, said):
        return None
    if column.field.codes == country_cells.LIST and said not in column.field.enum:
        return country_cells.read_country(column, said, WORDS)
    if column.holds_names:
        return species_cells.read_name(column, said, WORDS)
    if column.classes:
        # Whoever names a few classes of their own has not thereby forbidden the values of the list.
        if said not in column.classes and said not in column.choices.values and column.choices.meant(said) is None:
            return column.refuse("class_unknown")
        said = column.classes.get(said, said)
    if said in column.choices.values:
        return said
    meant = column.choices.meant(said)
    if meant is not None and column.findings.repair("check.synonym", column.at, meant, meant=meant):
        return meant
    if column.choices.values:
        return _not_in_list(column, said)
    if column.names_rows and column.stands_in(said, MARKS):
        return column.ask_what_is_meant()
    if column.pattern and not column.pattern.fullmatch(said):
        return column.refuse("pattern", pattern=column.field.pattern)
    return said


def _is_spoilt(column: Column, said: str) -> bool:
    """Whether the letters of a name, identifier or code are broken; in other texts that is only noted."""
    written = str(column.findings.different.values[column.at])
    # In a scientific name it is the author, who is set aside.
    matters = (column.names_rows or bool(column.choices.values)) and not column.holds_names
    if spoilt_letters.has_lost_letters(written):
        column.findings.say("error" if matters else "flag", "check.lost_letters", column.at)
        return matters
    if (meant := spoilt_letters.as_it_was(written)) is not None:
        column.findings.say("error" if matters else "flag", "check.spoilt_letters", column.at, meant=meant)
        return matters
    if column.names_rows and spoilt_letters.may_have_lost_letters(said):
        column.findings.say("flag", "check.perhaps_lost_letters", column.at)
    return False


def _not_in_list(column: Column, said: str) -> None:
    if column.stands_in(said, WORDS):
        return column.ask_what_is_meant()
    known = {value.casefold(): value for value in column.choices.values}
    looks = (column.choices.known or known).get(said.translate(LOOK_ALIKES).casefold())
    if looks is not None:
        letters = " ".join(sorted({letter for letter in said if letter.translate(LOOK_ALIKES) != letter}))
        return column.refuse("look_alike", meant=looks, letters=letters)
    return column.refuse("not_in_list", choices=column.choices.near(said))


def read_boolean(column: Column, tidy: Any) -> bool | None:
    """Yes or no in six languages."""
    if isinstance(tidy, bool):
        return tidy
    said = numerals.as_text(tidy).casefold()
    if said in YES_NO:
        return YES_NO[said]
    meant = {str(words).casefold(): value for words, value in column.field.synonyms.items()}.get(said)
    if meant is not None:
        return column.field.type == "boolean" and str(meant).casefold() in ("true", "yes")
    return column.ask_what_is_meant() if column.stands_in(said, WORDS) else column.refuse("not_a_boolean")


def say_of_identifiers(column: Column) -> None:
    """Identifiers kept partly as numbers may have lost leading zeros; very long ones have lost digits."""
    values = column.findings.different.values
    numbers = [at for at, one in enumerate(values) if isinstance(one, int | float) and not isinstance(one, bool)]
    texts = [one.strip() for one in values if isinstance(one, str)]
    zeros = any(re.fullmatch(r"0\d+", words) for words in texts)
    for at in numbers:
        if abs(values[at]) >= _MOST_DIGITS:
            column.findings.say("error", "check.digits_lost", at)
        elif zeros:
            column.findings.say("error", "check.zeros_lost", at)
        elif texts:
            column.findings.say("flag", "check.number_in_text", at)
