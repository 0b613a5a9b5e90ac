"""Find indicators by code, by goal or target, by words in any language, by the data at hand."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from html import escape
from pathlib import Path
from typing import overload

from gbf_workbench.catalogue.edition import Edition, load_edition
from gbf_workbench.catalogue.framework import Goal, Indicator
from gbf_workbench.catalogue.specs import IndicatorSpec, specs_of
from gbf_workbench.errors import problem
from gbf_workbench.locales import direction, languages, text

_COLUMNS = ("code", "kind", "name", "unit", "serves", "maturity", "computed_from")


@dataclass(frozen=True)
class Finding:
    """An indicator that was found, and the calculations the workbench has for it."""

    indicator: Indicator
    specs: tuple[IndicatorSpec, ...] = ()

    @property
    def computable(self) -> bool:
        """Whether the workbench can compute it."""
        return bool(self.specs)

    def cells(self, language: str | None = None) -> tuple[str, ...]:
        """What the table of findings shows of it."""
        one = self.indicator
        ways = "; ".join(f"{spec.slug} ({tables_in_words(spec, language)})" for spec in self.specs)
        kind = text(f"catalogue.kinds.{one.kind}", language)
        maturity = "; ".join(maturity_in_a_word(spec, language) for spec in self.specs)
        serves = ", ".join(one.serves)
        return (one.code, kind, one.said("name", language), one.unit or "–", serves, maturity or "–", ways or "–")

    def evidence(self, language: str | None = None) -> list[str]:
        """How well each of its calculations is checked, against what, and why not better: a sentence or two each."""
        return [f"{maturity_in_a_word(spec, language)}. {spec.evidence_said(language)}" for spec in self.specs]


@dataclass(frozen=True)
class Findings(Sequence[Finding]):
    """What was found, in the order of the Framework; shows itself as a table."""

    items: tuple[Finding, ...]
    asked: str = ""
    near: tuple[str, ...] = ()
    language: str | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes alone."""
        return tuple(one.indicator.code for one in self.items)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def _headings(self) -> list[str]:
        return [text(f"catalogue.{column}", self.language) for column in _COLUMNS]

    def _summary(self) -> str:
        if self.items:
            key = "catalogue.found_one" if len(self.items) == 1 else "catalogue.found"
            return text(key, self.language, count=len(self.items))
        said = text("catalogue.nothing_found", self.language, words=self.asked)
        if not self.near:
            return said
        return f"{said} {text('catalogue.near', self.language, choices=', '.join(self.near))}"

    def _cells_of(self, one: Finding) -> tuple[str, ...]:
        """For a page: the maturity with its evidence, for there is room."""
        *cells, maturity, ways = one.cells(self.language)
        return (*cells, " ".join(one.evidence(self.language)) or maturity, ways)

    def __str__(self) -> str:
        if not self.items:
            return self._summary()
        shown = [_shortened(one.cells(self.language)) for one in self.items]
        lines = [self._headings(), *shown]
        widths = [max(len(line[column]) for line in lines) for column in range(len(_COLUMNS))]
        rows = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        rows.insert(1, "  ".join("-" * width for width in widths))
        known = [(one.indicator.code, said) for one in self.items for said in one.evidence(self.language)]
        grounds = [textwrap.fill(f"{code} {said}", 120, subsequent_indent="     ") for code, said in known]
        return "\n".join([*(row.rstrip() for row in [*rows, self._summary()]), *([""] if grounds else []), *grounds])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if not self.items:
            return f"<p>{escape(self._summary())}</p>"
        head = "".join(f'<th scope="col">{escape(one)}</th>' for one in self._headings())
        body = "".join(f"<tr>{''.join(map(_cell, self._cells_of(one)))}</tr>" for one in self.items)
        return (
            f'<table dir="{direction(self.language)}"><caption>{escape(self._summary())}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _cell(said: str) -> str:
    return f"<td>{escape(said)}</td>"


def maturity_in_a_word(spec: IndicatorSpec, language: str | None = None) -> str:
    """How well a method is checked: reproduced, hand-checked or provisional."""
    return text(f"catalogue.maturities.{spec.maturity.replace('-', '_')}", language)


def _shortened(cells: tuple[str, ...]) -> tuple[str, ...]:
    code, kind, name, unit, serves, maturity, ways = cells
    return (
        code, kind, textwrap.shorten(name, 60, placeholder=" …"), textwrap.shorten(unit, 24, placeholder=" …"),
        serves, maturity, ways,
    )  # fmt: skip


def tables_in_words(spec: IndicatorSpec, language: str | None = None) -> str:
    """The tables a calculation needs; any one set of them will do.

    The country's frame is not named: it is there for all indicators.
    """
    sets = [" + ".join(one) for one in needed_tables(spec)]
    return f" {text('catalogue.or', language)} ".join(filter(None, sets)) or text("catalogue.frame_only", language)


def needed_tables(spec: IndicatorSpec) -> tuple[tuple[str, ...], ...]:
    """Sets of tables, each of which suffices for a calculation, apart from the country's frame."""
    sets = spec.alternatives or (tuple(spec.inputs),)
    chosen = ([spec.inputs[role] for role in roles] for roles in sets)
    return tuple(tuple(dict.fromkeys(one.table for one in roles if not one.of_frame)) for roles in chosen)


def find(
    words: str = "", *, kind: str | None = None, target: str | int | None = None,
    tables: Iterable[str] | str | Path | None = None, language: str | None = None,
    edition: Edition | str | Path | None = None,
) -> Findings:  # fmt: skip
    """Find indicators; everything that is asked for must hold.

    Parameters
    ----------
    words : str
        A code (``3.1``), the beginning of one (``3.CT``), a goal or target (``3``, ``T3``, ``target 3``, ``cible 3``,
        ``goal A``), an identifier of the reporting tool, or words. All words must occur, at the beginning of a word of
        a name in any language; capitals and accents do not matter.
    kind : str, optional
        headline, binary, component, complementary or national: the home kind, or with a target the role played there.
    target : str or int, optional
        A goal or target.
    tables : iterable of str, or path, optional
        Data at hand: names of tables, or a folder whose files or ``mapping.yml`` name them. Keeps what can be
        computed from them.
    language : str, optional
        For showing; the search looks at all languages.
    edition : Edition, str or Path, optional
        Where to look, if not in the edition in force; one with national indicators finds those too.

    Returns
    -------
    Findings

    Raises
    ------
    WorkbenchError
        If kind, target, folder or edition are unknown.

    Examples
    --------
    >>> find("3.1").codes, find("couverture zones protegees").codes
    (('3.1',), ('3.1',))
    >>> find("target 19", kind="headline").codes
    ('D.1', 'D.2', 'D.3')
    """
    known = load_edition(edition)
    aim = None if target is None else aim_of(str(target), known)
    if target is not None and aim is None:
        raise problem("catalogue.unknown_target", value=str(target), choices=", ".join(known.aims))
    asked = words.strip()
    exact = _by_code(asked, known)
    if exact is None and aim is None:
        aim, asked = _aim_in(asked, known)
    found = known.indicators(kind, aim=aim.code if aim else None)
    if exact is not None:
        found = tuple(one for one in found if one.code in exact)
    else:
        looked_for = tuple(_stem(word) for word in _words(asked))
        found = tuple(one for one in found if _holds(looked_for, _vocabulary(one)))
    at_hand = None if tables is None else _tables_at_hand(tables)
    items = [Finding(one, _usable(one.code, at_hand)) for one in found]
    kept = tuple(one for one in items if at_hand is None or one.specs)
    return Findings(kept, words.strip(), () if kept else _near(asked, known), language)


def aim_of(words: str, edition: Edition) -> Goal | None:
    """The goal or target meant by ``3``, ``T3``, ``target 3``, ``Goal A`` or its identifier; None if there is none.

    >>> aim_of("cible 03", load_edition()).code, aim_of("GBF-TARGET-012", load_edition()).code
    ('T3', 'T12')
    """
    said = words.strip()
    for code in edition.by_identifier(said):
        if code in edition.aims:
            return edition.aims[code]
    aim, rest = _aim_in(said, edition)
    return None if rest else aim


def _aim_in(words: str, edition: Edition) -> tuple[Goal | None, str]:
    """The goal or target named among the words, and the words that are left."""
    code = f"T{int(words)}" if words.isdecimal() else words.upper()
    if code in edition.aims:
        return edition.aims[code], ""
    for pattern, letter in _patterns(edition, alone=" " not in words.partition(" ")[2]):
        if match := re.search(pattern, words):
            code = f"{letter}{match[1].upper()}"
            if code not in edition.aims:
                raise problem("catalogue.unknown_target", value=match[0], choices=", ".join(edition.aims))
            return edition.aims[code], (words[: match.start()] + " " + words[match.end() :]).strip()
    return None, words


def _patterns(edition: Edition, *, alone: bool) -> Iterator[tuple[str, str]]:
    """How a goal or target is named among words, and the letter before its number."""
    named = edition.part("framework").get("words", {})
    for word in named.get("target", ["target", "t"]):
        yield rf"(?<!\w)(?i:{re.escape(word)})\s*0*(\d{{1,3}})(?!\w)", "T"
    # Among other words only a capital is a goal: "objectif d'une politique" does not mean Goal D.
    letter = "A-Za-z" if alone else "A-Z"
    for word in named.get("goal", ["goal"]):
        yield rf"(?<!\w)(?i:{re.escape(word)})\s+([{letter}])(?![\w'’])", ""


def _by_code(asked: str, edition: Edition) -> set[str] | None:
    if asked in edition:
        return {edition.indicator(asked).code}
    if found := {code for code in edition.by_identifier(asked) if code in edition}:
        return found
    beginning = asked.casefold().rstrip(".") + "."
    if "." not in asked or not asked:
        return None
    return {one.code for one in edition.indicators() if one.code.casefold().startswith(beginning)} or None


def _words(said: str) -> list[str]:
    plain = "".join(one for one in unicodedata.normalize("NFKD", said) if not unicodedata.combining(one))
    return re.findall(r"[^\W_]+", plain.casefold())


def _stem(word: str) -> str:
    # One rule for the plurals of English, French and Spanish, so that "areas" finds "area" and the reverse.
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


@cache
def _texts_words(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for one in texts for word in _words(one))


def _vocabulary(indicator: Indicator) -> frozenset[str]:
    slugs = (spec.slug for spec in specs_of(indicator.code))
    # Names that the edition does not hold itself, such as Arabic ones, come with the language.
    names = dict.fromkeys([*indicator.name.values(), *(indicator.said("name", one) for one in languages())])
    return _texts_words((*names, indicator.short_name, indicator.definition, *slugs))


def _holds(looked_for: tuple[str, ...], vocabulary: frozenset[str]) -> bool:
    return all(any(word.startswith(one) for word in vocabulary) for one in looked_for)


def _usable(code: str, at_hand: frozenset[str] | None) -> tuple[IndicatorSpec, ...]:
    found = specs_of(code)
    if at_hand is None:
        return found
    return tuple(spec for spec in found if any(at_hand.issuperset(one) for one in needed_tables(spec)))


def _tables_at_hand(tables: Iterable[str] | str | Path) -> frozenset[str]:
    if not isinstance(tables, str | Path):
        return frozenset(tables)
    folder = Path(tables)
    if not folder.is_dir():
        raise problem("check.folder_missing", value=str(tables))
    files = [path for pattern in ("*", "*/*") for path in folder.glob(pattern) if path.is_file()]
    named = (name for path in files if path.name == "mapping.yml" for name in _mapped_tables(path))
    return frozenset([*(path.stem for path in files), *named])


def _mapped_tables(path: Path) -> list[str]:
    """Tables for which ``mapping.yml`` names a file; a broken one names none here, and is refused when it is used."""
    import yaml

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return []
    tables = raw.get("tables") if isinstance(raw, dict) else None
    return [str(name) for name in tables] if isinstance(tables, dict) else []


def _near(asked: str, edition: Edition) -> tuple[str, ...]:
    known = frozenset().union(*(_vocabulary(one) for one in edition.indicators()))
    near = (get_close_matches(word, known, n=2, cutoff=0.75) for word in _words(asked) if len(word) > 3)
    return tuple(dict.fromkeys(one for found in near for one in found))
