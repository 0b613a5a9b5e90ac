"""Texts whose letters were spoilt before they came here: read in a wrong encoding, lost, or escaped for a web page."""

from __future__ import annotations

import html
import re
from functools import cache

#: Encodings that UTF-8 is taken for by mistake, and how many broken letters prove it.
_TAKEN_FOR = (("cp1252", 1), ("cp1251", 2), ("cp1256", 2))
_ESCAPED = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]+);")
_CODED = re.compile(r"\\u([0-9a-fA-F]{4})")
#: Letters beyond ASCII as the bytes of UTF-8 in an address or in a mail: at least two of them in a row.
_AS_BYTES = (re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f]){2,}"), re.compile(r"(?:=[89A-F][0-9A-F]){2,}"))
_LOST = "\ufffd"
_QUESTION_INSIDE = re.compile(r"[^\W\d_]\?[^\W\d_]")
_ADDRESS = re.compile(r"[/=@]")


def as_it_was(words: str) -> str | None:
    """What a spoilt text probably was, or None where nothing is wrong with it.

    >>> as_it_was("CÃ´te"), as_it_was("C&ocirc;te"), as_it_was("Côte"), as_it_was("CITÉ’S")
    ('Côte', 'Côte', None, None)
    >>> as_it_was("C%C3%B4te"), as_it_was("C=C3=B4te"), as_it_was("x.org/C%C3%B4te"), as_it_was("100%ABC")
    ('Côte', 'Côte', None, None)
    """
    if _ESCAPED.search(words) and (plain := html.unescape(words)) != words:
        return plain
    if _CODED.search(words):
        return _CODED.sub(lambda found: chr(int(found.group(1), 16)), words)
    if words.isascii():
        return _from_written_bytes(words)
    found = next((meant for codec, least in _TAKEN_FOR if (meant := _decoded_again(words, codec, least))), None)
    # Who saves a broken text again breaks it twice.
    return found and (as_it_was(found) or found)


def _from_written_bytes(words: str) -> str | None:
    """The text with letters in place of bytes that are written out: “C%C3%B4te”; an address is meant as it is."""
    if "/" in words or words.startswith("www."):
        return None
    for form in _AS_BYTES:
        if found := form.findall(words):
            try:
                meant = [bytes.fromhex(one.replace(one[0], "")).decode() for one in found]
            except ValueError:
                continue
            for one, letters in zip(found, meant, strict=True):
                words = words.replace(one, letters, 1)
            return words
    return None


def _decoded_again(words: str, codec: str, least: int) -> str | None:
    """The text as UTF-8, if its letters are the bytes of UTF-8 read in another encoding."""
    bytes_of = _bytes_of(codec)
    try:
        meant = bytes(bytes_of[letter] for letter in words).decode()
    except (KeyError, UnicodeDecodeError):
        return None
    broken = [letter for letter in meant if not letter.isascii()]
    # A capital with an accent before a quotation mark looks like one broken letter; these two capitals hardly do.
    sure = least == 1 and any("\u0080" <= letter <= "\u00ff" or letter > "\u07ff" for letter in broken)
    return meant if sure or len(broken) > 1 else None


@cache
def _bytes_of(codec: str) -> dict[str, int]:
    # Some programs leave the bytes from 128 to 159 as the control characters of that number.
    unseen = {chr(one): one for one in range(128, 160)}
    return {**unseen, **{bytes([one]).decode(codec, "ignore") or chr(one): one for one in range(256)}}


def has_lost_letters(words: str) -> bool:
    """Whether a sign stands in the text where a letter could not be read."""
    return _LOST in words


def may_have_lost_letters(words: str) -> bool:
    """Whether a question mark stands inside a word, as programs write it for a letter that they do not know.

    >>> may_have_lost_letters("R?serve"), may_have_lost_letters("Is it?"), may_have_lost_letters("x.org/a?b=c")
    (True, False, False)
    """
    return bool(_QUESTION_INSIDE.search(words)) and not _ADDRESS.search(words)
