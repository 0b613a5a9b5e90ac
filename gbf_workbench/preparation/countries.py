"""Which country a cell means: its code, or a name in one of six languages; what could be two is never guessed."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

from gbf_workbench.locales import PACKAGE, read_yaml
from gbf_workbench.preparation.look_alikes import LOOK_ALIKES

LANGUAGES = ("en", "fr", "es", "ar", "zh", "ru")
#: A code that users may give to an area without one, by ISO 3166-1 (XAA to XZZ).
_USER_ASSIGNED = re.compile(r"X[A-Z]{2}")


@dataclass(frozen=True)
class CountryReading:
    """What a cell means.

    Attributes
    ----------
    kind : str
        ``code`` (a present alpha-3 code as it should be), ``converted`` (name, alpha-2 or numeric code of one country),
        ``former`` (a code no longer in use), ``shared`` (a name of several), ``group`` (a region, a total),
        ``look_alike`` (letters of another script) or ``unknown``.
    code : str
        ISO 3166-1 alpha-3, where ``kind`` is ``code`` or ``converted``.
    candidates : tuple of str
        Codes that may be meant, the likeliest first; never taken without somebody's word.
    """

    kind: str
    code: str = ""
    candidates: tuple[str, ...] = ()


def country_reading(words: Any) -> CountryReading:
    """Read one cell.

    >>> country_reading("KEN").code, country_reading("Ivory Coast").code, country_reading("4.0").code
    ('KEN', 'CIV', 'AFG')
    >>> country_reading("ROM")
    CountryReading(kind='former', code='', candidates=('ROU',))
    >>> country_reading("Congo").candidates
    ('COD', 'COG')
    """
    said = str(words).strip()
    known = _known()
    code = unicodedata.normalize("NFKC", said).upper()
    if code in known.present and len(code) == 3:
        return CountryReading("code" if said == code else "converted", code)
    if _USER_ASSIGNED.fullmatch(code):
        return CountryReading("code" if said == code else "converted", code)
    if re.fullmatch(r"\d{1,3}(\.0)?", said):
        code = said.split(".")[0].zfill(3)
    if found := known.former.get(code):
        return CountryReading("former", candidates=found)
    if one := known.alpha_2.get(code) or known.numeric.get(code):
        return CountryReading("converted", one)
    return _by_name(said)


def _by_name(said: str) -> CountryReading:
    known, plain = _known(), _plain(said)
    if not plain:
        return CountryReading("unknown")
    if plain in known.shared:
        return CountryReading("shared", candidates=known.shared[plain])
    if plain in known.names:
        return CountryReading("converted", known.names[plain])
    if plain in known.groups:
        return CountryReading("group")
    latin = said.upper().translate(LOOK_ALIKES)
    if latin != said.upper():
        meant = latin if latin in known.present else known.alpha_2.get(latin) or known.names.get(_plain(latin))
        if meant:
            return CountryReading("look_alike", candidates=(meant,))
    # “FRA*” and “FRA¹” are codes with the mark of a footnote.
    if (code := re.sub(r"[^A-Za-z]+", "", said).upper()) in known.present and code != said:
        return CountryReading("unknown", candidates=(code,))
    near = difflib.get_close_matches(plain, known.names, n=6, cutoff=0.72)
    return CountryReading("unknown", candidates=tuple(dict.fromkeys(known.names[name] for name in near))[:3])


def country_name(code: str, language: str = "en") -> str:
    """The short name of a country or area; of a code without one the code itself."""
    return _known().titles.get(code, {}).get(language, code)


def country_codes() -> tuple[str, ...]:
    """All present alpha-3 codes in order, Kosovo's user-assigned one among them."""
    return tuple(sorted(_known().present))


def _plain(words: str) -> str:
    """A name without case, accents, punctuation, articles and "the", to compare names by."""
    letters = unicodedata.normalize("NFKD", words).casefold().replace("&", " and ")
    kept = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    skipped = {"the", "la", "le", "les", "el", "los", "l"}
    words_left = kept.split()
    # “EL”, the European Union's code of Greece, is itself an article.
    return " ".join([word for word in words_left if word not in skipped] or words_left)


@dataclass(frozen=True)
class _Known:
    present: frozenset[str]
    alpha_2: dict[str, str]
    numeric: dict[str, str]
    former: dict[str, tuple[str, ...]]
    names: dict[str, str]
    shared: dict[str, tuple[str, ...]]
    groups: frozenset[str]
    titles: dict[str, dict[str, str]]


@cache
def _known() -> _Known:
    """Codes and names of the Unicode locale data (CLDR), and the project's own list of further names."""
    from babel.core import Locale, get_global

    from gbf_workbench.preparation.totals import TOTALS

    own = read_yaml(PACKAGE / "preparation" / "code_lists" / "country_names.yml")
    names_of = {language: Locale(language).territories for language in LANGUAGES}
    aliases = get_global("territory_aliases")
    by_two = _present_codes(aliases, names_of["en"])
    titles = {three: {lang: names_of[lang].get(two, three) for lang in LANGUAGES} for two, three in by_two.items()}
    former = {
        old: tuple(by_two[two] for two in heirs if two in by_two)
        for old, heirs in aliases.items()
        if re.fullmatch("[A-Z]{2,3}|[0-9]{3}", old) and _is_former(old, heirs, by_two)
    }
    former |= {str(old): tuple(heirs) for old, heirs in own["former"].items()}
    numeric = {old: by_two[heirs[0]] for old, heirs in aliases.items() if old.isdigit() and heirs[0] in by_two}
    meant = _names(titles, own)
    shared = {_plain(name): tuple(codes) for name, codes in own["shared"].items()}
    shared |= {name: tuple(sorted(codes)) for name, codes in meant.items() if len(codes) > 1}
    single = {name: next(iter(codes)) for name, codes in meant.items() if len(codes) == 1 and name not in shared}
    groups = {_plain(name) for name in (*own["groups"], *TOTALS)}
    groups |= {_plain(name) for table in names_of.values() for code, name in table.items() if code.isdigit()}
    present = frozenset(by_two.values())
    return _Known(
        present, by_two, numeric, {old: heirs for old, heirs in former.items() if heirs and old not in present},
        single, shared, frozenset(groups - set(single)), titles,
    )  # fmt: skip


def _is_former(old: str, heirs: list[str], by_two: dict[str, str]) -> bool:
    """Whether a code is no longer in use: of a state that several came out of, or that goes by another code today."""
    if len(heirs) > 1:
        return True
    if old.isdigit() or old == "UK":
        # Two numbers of one state are told apart by our own list; UK is what the United Kingdom is called.
        return False
    return by_two.get(heirs[0]) not in (None, old)


def _present_codes(aliases: Any, english: Any) -> dict[str, str]:
    """Alpha-2 to alpha-3 of what is in use today; of two alpha-3 codes of one area the older is no longer."""
    former = {"BUR", "ZAR", "DDR", "FXX", "TMP", "YMD"}
    found = {
        heirs[0]: three
        for three, heirs in aliases.items()
        if re.fullmatch("[A-Z]{3}", three) and len(heirs) == 1 and three not in former and len(heirs[0]) == 2
    }
    there = {
        two: three for two, three in found.items() if two in english and not re.fullmatch("Q[M-Z]{2}|AAA|ZZZ", three)
    }
    # Areas that only have a reservation in the standard, and unions of countries, are none.
    for none in ("AC", "CP", "DG", "EU", "TA", "XA", "XB", "ZZ", "QO", "UN", "EZ"):
        there.pop(none, None)
    return there | {"XK": "XKX"}


def _names(titles: dict[str, dict[str, str]], own: Any) -> dict[str, set[str]]:
    meant: dict[str, set[str]] = defaultdict(set)
    for code, said in titles.items():
        for name in said.values():
            meant[_plain(name)].add(code)
    for code, names in own["names"].items():
        for name in names:
            meant[_plain(name)].add(code)
    return meant
