"""What a scientific name says: genus, epithet and rank in one spelling, with author and marks set aside.

Parsers with a wider reach exist as services on the internet, or have not been kept up; a country folder has to be read
without either, and needs only the name that two lists can be compared by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from gbf_workbench.preparation.look_alikes import LOOK_ALIKES


@dataclass(frozen=True)
class ScientificName:
    """A scientific name, taken apart.

    Attributes
    ----------
    name : str
        The name in one spelling, without author; of what is no such name the text as it was.
    genus, epithet : str
        Empty where there is none.
    rank : str
        ``species`` (hybrids with a name of their own too), ``infraspecific``, ``genus`` (or any single word above the
        species), ``group`` (several species together), ``formula`` (a cross of two names) or empty.
    authorship : str
        What was set aside behind the name.
    doubt : str
        Empty, or why nobody can tell the species: ``unnamed`` (sp.), ``uncertain`` (cf., aff., ?), ``abbreviated`` (a
        genus of one letter), ``look_alike`` (letters of another script) or ``no_name``.
    """

    name: str
    genus: str = ""
    epithet: str = ""
    rank: str = ""
    authorship: str = ""
    doubt: str = ""

    @property
    def key(self) -> str:
        """The name to compare by: without marks of rank and hybrid, so that “subsp. leo” and “leo” are one."""
        words = [word for word in self.name.replace("×", " ").split() if word not in _CANONICAL.values()]
        return " ".join(words).casefold()


_CANONICAL = {
    **dict.fromkeys(("subsp.", "ssp.", "subsp", "ssp", "subspecies", "nothosubsp."), "subsp."),
    **dict.fromkeys(("var.", "var", "variety", "varietas"), "var."),
    **dict.fromkeys(("f.", "fo.", "forma", "form"), "f."),
    **dict.fromkeys(("subvar.", "subvar"), "subvar."), **dict.fromkeys(("subf.", "subforma"), "subf."),
    **dict.fromkeys(("cv.", "cv"), "cv."),
}  # fmt: skip
_UNNAMED = {"sp", "spp", "species", "spec", "indet", "nov", "n", "g", "gen"}
_UNCERTAIN = {"cf", "aff", "nr", "near", "prope", "affin", "confer"}
_GROUP = {"gr", "group", "grp", "agg", "aggr", "complex", "cplx", "coll", "sect", "section", "ser"}
#: Lower-case words that belong to authors and their dates, or to the sense in which a name is used.
_OF_AUTHORS = {
    "and", "apud", "auct", "auctt", "bis", "d", "da", "dal", "das", "de", "del", "della", "den", "der", "des", "di",
    "do", "dos", "du", "e", "ed", "el", "em", "emend", "et", "ex", "fil", "filius", "hort", "i", "in", "la", "las",
    "lat", "le", "los", "nec", "nom", "non", "not", "och", "s", "sens", "sensu", "str", "ten", "ter", "und", "van",
    "vanden", "vander", "vom", "von", "y", "zu", "zum", "zur",
}  # fmt: skip
_EPITHET = re.compile(r"(?:[a-z]{2,}|[a-z](?=-))(?:-[a-z]+)*")
_GENUS = re.compile(r"[A-Z][a-z]+(?:-[A-Za-z]?[a-z]+)?")
_SPELT_OUT = str.maketrans({"æ": "ae", "œ": "oe", "Æ": "Ae", "Œ": "Oe", "’": "", "'": ""})
_MARKUP = re.compile(r"</?(?:i|em|b|strong|span)\b[^<>]*>", re.IGNORECASE)
_CROSS = re.compile(r"(?:(?<=\s)|^)[xX](?=\s)|×|✕|✖")
_CULTIVAR = re.compile(r"(?:^|\s)(?:'[^']+'|cv\.? [A-Z]\S*)(?=\s|$)")
_SPACE = re.compile(r"[\s_ ]+")
#: A genus and an epithet once more behind a name, as no author has them.
_SECOND = re.compile(r"[,;&+/]\s*(?:[A-Z][a-z]+|[A-Z]\.)\s+([a-z]{3,})(?![\w.])")
#: The number of a footnote, or of one of several that nobody has told apart.
_NUMBERED = re.compile(r"\(?\d{1,3}\)?")
#: Ends of words that scientific names have and everyday words of these languages seldom.
_LATIN_END = re.compile(r"(?:us|is|um|a|ae|i|ense|ns|or|[aeiy]x|es|on|ops|ys|os)$")


@lru_cache(maxsize=50_000)
def scientific_name(text: str) -> ScientificName:
    """Take one name apart.

    >>> scientific_name("Panthera leo (Linnaeus, 1758)").name, scientific_name("QUERCUS ROBUR L.").authorship
    ('Panthera leo', 'L.')
    >>> scientific_name("Testudo graeca ssp. soussensis").name
    'Testudo graeca subsp. soussensis'
    >>> scientific_name("Testudo sp.").doubt
    'unnamed'
    >>> scientific_name("Mentha x piperita L.").name
    'Mentha × piperita'
    """
    said = _tidy(text)
    if "?" in said:
        found = scientific_name(said.replace("?", " "))
        return replace(found, name=said, doubt="uncertain") if found.rank else ScientificName(said, doubt="no_name")
    if looks := _in_latin(said):
        if looks == said:
            return ScientificName(said, doubt="no_name")
        return replace(scientific_name(looks), doubt="look_alike")
    words = said.split()
    if words and said.isupper() and len(words[0].strip("×")) > 1:
        words = _from_capitals(words)
    crossed, words = _without_first_cross(words)
    if not words:
        return ScientificName(said, doubt="no_name")
    first = _plain_letters(words[0])
    if re.fullmatch(r"[A-Z]\.?", first) and len(words) > 1 and _EPITHET.fullmatch(_plain_letters(words[1])):
        return ScientificName(said, doubt="abbreviated")
    genus = first[:1].upper() + first[1:]
    if not _GENUS.fullmatch(genus) or (first != genus and len(words) == 1):
        return ScientificName(said, doubt="no_name")
    if "/" in "".join(words[1:2]):
        return ScientificName(said, genus, rank="group")
    found = _after_genus(genus, words[1:])
    if found.rank not in ("species", "infraspecific") or found.doubt:
        # Of what is no species for sure nothing is set aside: “Testudo sp. 1” is not “Testudo sp. 2”.
        return replace(found, name=said, authorship="")
    return replace(found, name=f"×{found.name}") if crossed else found


def _tidy(text: str) -> str:
    """One line without markup, marks of italics, daggers and doubled spaces; accents are looked at word for word."""
    said = unicodedata.normalize("NFC", _MARKUP.sub("", str(text)))
    said = re.sub(r"[*†‡\"“”„«»]+", " ", said)
    said = _CROSS.sub(" × ", _SPACE.sub(" ", said).strip(" .,;:"))
    kept = _SPACE.sub(" ", said).strip()
    # Behind a name the point belongs to an abbreviation: “L.”, “sp.”
    return kept + "." if re.search(r"\.[\s,;:_*]*$", str(text)) else kept


def _in_latin(said: str) -> str:
    """The name with Latin letters for others that look like them; itself if some do not; empty if all is Latin."""
    head = " ".join(said.split()[:2])
    if not any(unicodedata.name(letter, "").startswith(("CYRILLIC", "GREEK")) for letter in head):
        return ""
    latin = " ".join([head.translate(LOOK_ALIKES), *said.split()[2:]])
    return latin if all(_is_latin(letter) for letter in " ".join(latin.split()[:2])) else said


def _is_latin(letter: str) -> bool:
    return not letter.isalpha() or unicodedata.name(letter, "").startswith("LATIN")


def _from_capitals(words: list[str]) -> list[str]:
    """A name written in capitals: epithets in small letters, up to what is an author by its point, comma or year."""
    found = [words[0].capitalize()]
    for at, word in enumerate(words[1:], 1):
        is_mark = word.lower() in _CANONICAL or word.lower().strip(".") in _UNNAMED | _UNCERTAIN | _GROUP
        if is_mark or (word.isalpha() and not _is_author(words, at)):
            found.append(word.lower())
        elif word == "×":
            found.append(word)
        else:
            return [*found, *words[at:]]
    return found


def _is_author(words: list[str], at: int) -> bool:
    """Whether a word is followed by what only stands behind an author."""
    after = words[at + 1] if at + 1 < len(words) else ""
    return bool(re.fullmatch(r"\(?\d{4}\)?|&|ET|EX", after)) or len(words[at]) == 1


def _without_first_cross(words: list[str]) -> tuple[bool, list[str]]:
    return (True, words[1:]) if words and words[0] == "×" else (False, words)


def _plain_letters(word: str) -> str:
    """A word without diacritics, which scientific names do not have."""
    letters = unicodedata.normalize("NFD", word.translate(_SPELT_OUT))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).rstrip(",;")


def _after_genus(genus: str, words: list[str]) -> ScientificName:
    """What follows the genus: subgenus, marks of doubt, epithet, lower ranks and authors."""
    if len(words) > 1 and re.fullmatch(r"\([A-Z][a-z-]+\.?\)", words[0]) and _is_epithet(words, 1):
        words = words[1:]
    doubt, words = _doubt(words)
    if doubt in ("unnamed", "group"):
        return ScientificName(genus, genus, rank="genus" if doubt == "unnamed" else "group", doubt="unnamed")
    crossed, words = _without_first_cross(words)
    if not words or not _is_epithet(words, 0):
        if crossed:
            return ScientificName("", genus, rank="formula")
        return ScientificName(genus, genus, rank="genus", authorship=" ".join(words), doubt=doubt)
    epithet = _plain_letters(words[0]).rstrip(".")
    stem = f"{genus} × {epithet}" if crossed else f"{genus} {epithet}"
    found = _below_species(ScientificName(stem, genus, epithet, "species", doubt=doubt), words[1:])
    second = _SECOND.search(" ".join(words))
    of_authors = second is None or second.group(1) in _OF_AUTHORS or second.group(1) in _CANONICAL
    return found if of_authors else replace(found, rank="group")


def _doubt(words: list[str]) -> tuple[str, list[str]]:
    """Marks of doubt before the epithet, and the words without them."""
    kept, doubt = list(words), ""
    while kept:
        mark = kept[0].strip(".()").lower()
        if mark in _UNCERTAIN and kept[0].islower():
            doubt = "uncertain"
        elif mark in _GROUP and kept[0].islower():
            return "group", kept[1:]
        elif mark in _UNNAMED and kept[0].islower():
            return "unnamed", kept[1:]
        else:
            break
        kept = kept[1:]
    return doubt, kept


def _is_epithet(words: list[str], at: int) -> bool:
    word = _plain_letters(words[at]) if at < len(words) else ""
    if at == len(words) - 1:
        word = word.rstrip(".")
    return bool(_EPITHET.fullmatch(word)) and word not in _OF_AUTHORS and word not in _CANONICAL


def _below_species(found: ScientificName, words: list[str]) -> ScientificName:
    """The lower ranks and authors behind a species."""
    authors: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        mark = word.strip(".()").lower()
        if word == "×":
            return ScientificName("", found.genus, rank="formula")
        if mark in _UNCERTAIN and word.islower():
            found = replace(found, doubt="uncertain")
        elif (mark in _GROUP and word.islower()) or word == "/" or _NUMBERED.fullmatch(word):
            found = replace(found, rank="group")
        elif word.lower() in _CANONICAL and _is_epithet(words, at + 1) and (word != "f." or not _is_son(words, at)):
            lower = _plain_letters(words[at + 1]).rstrip(".")
            found = replace(found, name=f"{found.name} {_CANONICAL[word.lower()]} {lower}", rank="infraspecific")
            authors, at = [], at + 1
        elif not authors and found.rank == "species" and _is_epithet(words, at) and not _before_date(words, at):
            found = replace(found, name=f"{found.name} {_plain_letters(word).rstrip('.?')}", rank="infraspecific")
        else:
            authors.append(word)
        at += 1
    behind = " ".join(authors)
    cultivar = _CULTIVAR.search(behind)
    if cultivar and found.rank == "species":
        found = replace(found, name=f"{found.name} {cultivar[0].strip()}", rank="infraspecific")
    return replace(found, authorship=behind)


def _is_son(words: list[str], at: int) -> bool:
    """Whether “f.” behind an author says that he is the son: “L. f. ex Aiton” has no epithet behind it."""
    return not _is_epithet(words, at + 1)


def _before_date(words: list[str], at: int) -> bool:
    """Whether a word in small letters is an author: a comma and a year follow."""
    behind = words[at + 1] if at + 1 < len(words) else ""
    return words[at].endswith(",") or bool(re.fullmatch(r"\(?\d{4}\)?", behind))


def are_scientific_names(values: Iterable[str]) -> bool:
    """Whether texts that may be any identifiers are scientific names: most have two words or more, as Latin has them.

    >>> are_scientific_names(["Testudo graeca", "Quercus ilex", "Testudo sp."])
    True
    >>> are_scientific_names(["Red fox", "Wolf"])
    False
    """
    said = [str(one) for one in values]
    found = [scientific_name(one) for one in said]
    pairs = [one for one in found if one.epithet and one.genus]
    latin = [one for one in pairs if _LATIN_END.search(one.epithet)]
    return len(pairs) >= 2 and 2 * len(pairs) > len(said) and 3 * len(latin) >= 2 * len(pairs)
