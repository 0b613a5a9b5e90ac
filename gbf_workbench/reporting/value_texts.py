"""What a text in a column of numbers was meant to be, so that the person who wrote it can be told how to mend it."""

from __future__ import annotations

import math
import re

from gbf_workbench.reporting.importer_rules import SPACES, parse_float

NO_NUMBER = frozenset({
    "n/a", "na", "n.a.", "n.a", "#n/a", "nan", "null", "none", "nil", "nd", "n.d.", "s/d", "s.d.", "s.o.", "-", "–",
    "—", "--", ".", "..", "...", "…", "?", "x", "no data", "not available", "not applicable", "missing", "unknown",
    "tbd", "pas de données", "sans objet", "sin datos", "no aplica", "لا يوجد", "无", "нет данных",
})  # fmt: skip

_SPACE = "[ \u00a0\u2007\u2009\u202f'’]"
# The first form that a text has, is what it was meant to be.
_FORMS = (
    ("less_than", r"[<>≤≥~≈±].*|(?:less|more|fewer|up) (?:than|to)\b.*"),
    ("percent", r".*\d\s*[%％‰]"),
    ("minus_sign", r"[\u2212–—]\s*[\d.].*|\(\s*[\d.,]+\s*\)"),
    ("thousands_space", rf"[+-]?\d{{1,3}}(?:{_SPACE}\d{{3}})+(?:[.,]\d*)?"),
    ("comma_unclear", r"[+-]?[1-9]\d{0,2},\d{3}"),
    ("thousands_comma", r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?"),
    ("thousands_point", r"[+-]?[1-9]\d{0,2}(?:(?:\.\d{3}){2,}|(?:\.\d{3})+,\d*)"),
    ("decimal_comma", r"[+-]?\d*,\d+"),
    ("placeholder", r"\[.*"),
    ("unit_in_cell", r"[+-]?[\d.,]+\s*(?:[kcdm]?m[23²³]?|ha|t|kt|kg|usd|eur|us\$|[€$£¥]|million|billion|species)\b.*"),
)
_PATTERNS = tuple((kind, re.compile(form, re.IGNORECASE | re.DOTALL)) for kind, form in _FORMS)
_WESTERN = re.compile(r"[0-9]")


def kind_of_value_text(words: str) -> str:
    """What a text in the value column is.

    >>> [kind_of_value_text(words) for words in ("12,5", "1 234", "<5", "n/a", "12 %", "1,234", "7.5")]
    ['decimal_comma', 'thousands_space', 'less_than', 'no_number', 'percent', 'comma_unclear', 'as_text']
    """
    said = words.strip(SPACES)
    if said.lower() in NO_NUMBER:
        return "no_number"
    if any(letter.isdecimal() and not _WESTERN.match(letter) for letter in said):
        return "other_digits"
    if re.fullmatch(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", said) and math.isfinite(float(said)):
        return "as_text"
    for kind, pattern in _PATTERNS:
        if pattern.fullmatch(said):
            return kind
    return "cut" if math.isfinite(parse_float(said)) else "not_a_number"
