"""The quick road for long columns: cells that can be read in one way only and need no word are converted together.

Texts are looked at as the bytes in which Arrow keeps a whole column: what is odd shows in single bytes, so that a
million cells cost a few passes over an array. Whatever is not plain beyond doubt goes the careful road, cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.preparation.numerals import Percent
from gbf_workbench.preparation.quantities import MOST_WHOLE, PERHAPS, STAND_INS, is_share
from gbf_workbench.preparation.row_codes import repeats_few
from gbf_workbench.preparation.schema import Field
from gbf_workbench.preparation.text_bytes import TextBytes, stretches

if TYPE_CHECKING:
    import pyarrow as pa

#: Signs that letters become when they are read in a wrong encoding.
_BROKEN = (
    r"\x{00a1}-\x{00bf}\x{0152}\x{0153}\x{0160}\x{0161}\x{0178}\x{017d}\x{017e}\x{0192}\x{02c6}\x{02dc}"
    r"\x{2010}-\x{203a}\x{20ac}\x{2116}\x{2122}\x{fffd}"
)
#: With them unseen letters, spaces other than the usual one, and marks for nothing, in texts beyond plain ASCII.
_ODD = (
    rf"[{_BROKEN}"
    r"\p{Cc}\p{Cf}\p{Zl}\p{Zp}\x{00a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]|^[-–—.?]+$"
)
_DOUBTFUL = np.array(sorted(float(one) for one in STAND_INS | PERHAPS))
#: Signs by which a letter is written that was escaped or lost: per cent, ampersand, equals, question mark, backslash.
_ESCAPES = np.isin(np.arange(256), [37, 38, 61, 63, 92])
#: First letters of short words that may stand for nothing (n/a, null, dashes, dots), and of spreadsheet errors.
_SUSPECT = np.zeros(256, dtype=bool)
_SUSPECT[[ord(letter) for letter in "-.?nN#"]] = True
_SHORT = 5
_LONG = 5000
#: So many digits of a whole number a computer keeps for sure.
_MOST_DIGITS = 15


@dataclass
class PlainCells:
    """Cells that need no second look.

    Attributes
    ----------
    plain : ndarray of bool, shape (rows,)
    numbers : ndarray of float, shape (rows,)
        Of columns of numbers: their values as the file has them; anything where the cell is not plain.
    ambiguous : ndarray of bool, shape (rows,)
        Numbers whose point could be a mark between thousands.
    pointed : ndarray of bool, shape (rows,)
        Numbers with a point.
    proves_point : bool
        Whether a plain number shows that the point is the decimal mark.
    """

    plain: np.ndarray
    numbers: np.ndarray | None = None
    ambiguous: np.ndarray | None = None
    pointed: np.ndarray | None = None
    proves_point: bool = False


def plain_cells(
    cells: pd.Series, arrow: pa.ChunkedArray | None, one: Field, missing: frozenset[str], factor: Fraction,
    mark: str = "",
) -> PlainCells:  # fmt: skip
    """The cells of a column that are plain for its type; ``mark`` is the decimal mark that was named."""
    none = PlainCells(np.zeros(len(cells), dtype=bool))
    # A few texts over and over again cost less when each is looked at once.
    if arrow is not None and len(cells) > _LONG and repeats_few(cells):
        return none
    if one.type in ("number", "integer", "year"):
        found = _numbers_in_texts(arrow, one, mark) if arrow is not None else _numbers(cells, one)
        return none if found is None else _without_doubts(found, one, missing, factor)
    closed = one.enum or one.codes or one.pattern or one.synonyms or one.format == "scientific_name"
    if one.type == "string" and arrow is not None and not closed and len(cells):
        return PlainCells(np.concatenate([_plain_texts(part, one, missing) for part in stretches(arrow)]))
    return none


def _plain_texts(arrow: pa.Array, one: Field, missing: frozenset[str]) -> np.ndarray:
    import pyarrow as pa
    import pyarrow.compute as pc

    text = TextBytes(arrow)
    if not len(text.bytes):
        return np.zeros(len(arrow), dtype=bool)
    first, last, spaces = text.at_start(), text.at_end(), text.bytes == 32
    odd = ~text.filled | (first == 32) | (last == 32) | (first == 35)
    if text.null is not None:
        odd |= text.null
    odd |= (text.lengths <= _SHORT) & _SUSPECT[first]
    control = (text.bytes < 32) | (text.bytes == 127) | _ESCAPES[text.bytes]
    # A space at the end of one row beside one at the start of the next is odd in both rows anyway.
    control[1:] |= spaces[1:] & spaces[:-1]
    if control.any():
        odd |= text.count_of(control)[0] > 0
    high = text.bytes > 127
    if high.any():
        beyond = np.flatnonzero((text.count_of(high)[0] > 0) & ~odd)
        odd[beyond[_odd_letters(arrow.take(pa.array(beyond)))]] = True
    if missing:
        named = pc.is_in(arrow, value_set=pa.array(sorted(missing), arrow.type))
        odd |= named.to_numpy(zero_copy_only=False)
    if one.ranks:
        # Identifiers often begin or end with a digit and have no space, as scientific names never do.
        odd |= ~(_is_digit(first) | _is_digit(last))
        odd |= text.count_of(spaces)[0] > 0
    return ~odd


def _odd_letters(arrow: pa.Array) -> np.ndarray:
    """Which texts with letters beyond ASCII hold unseen ones, or accents in another form."""
    import pyarrow.compute as pc

    odd = pc.or_(pc.match_substring_regex(arrow, _ODD), pc.not_equal(pc.utf8_normalize(arrow, "NFC"), arrow))
    return odd.to_numpy(zero_copy_only=False)


def _numbers_in_texts(arrow: pa.ChunkedArray, one: Field, mark: str) -> PlainCells | None:
    """Digits, perhaps with a minus before and a point among them."""
    if len(arrow) > _LONG and mark != "," and (numbers := _decimals(arrow, one)) is not None:
        return PlainCells(np.ones(len(arrow), dtype=bool), numbers, proves_point=True)
    found = [_numbers_in_stretch(part, one) for part in stretches(arrow)]
    if not any(part.plain.any() for part in found):
        return None
    parts = zip(*((part.plain, part.numbers, part.ambiguous, part.pointed) for part in found), strict=True)
    return PlainCells(*map(np.concatenate, parts), any(part.proves_point for part in found))


def _decimals(arrow: pa.ChunkedArray, one: Field) -> np.ndarray | None:
    """A column of nothing but numbers, the first of which show what the point means; None for any other."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if one.type != "number" or one.format == "count" or arrow.null_count:
        return None
    if not _numbers_in_stretch(next(stretches(arrow)), one).proves_point:
        return None
    if not all(_is_of_digits(TextBytes(part)) for part in stretches(arrow)):
        return None
    try:
        return np.concatenate([pc.cast(part, pa.float64()).to_numpy() for part in stretches(arrow)])
    except pa.ArrowInvalid:
        return None


def _is_of_digits(text: TextBytes) -> bool:
    """Whether all texts are short, hold nothing but digits and points, and begin and end with a digit."""
    if not text.filled.all() or text.lengths.max() > _MOST_DIGITS:
        return False
    if ((text.bytes - np.uint8(46)) > 11).any() or (text.bytes == 47).any():
        return False
    return bool(_is_digit(text.at_start()).all() and _is_digit(text.at_end()).all())


def _numbers_in_stretch(arrow: pa.Array, one: Field) -> PlainCells:
    import pyarrow as pa
    import pyarrow.compute as pc

    text = TextBytes(arrow)
    if not len(text.bytes):
        nothing = np.zeros(len(arrow), dtype=bool)
        return PlainCells(nothing, np.full(len(arrow), np.nan), nothing, nothing)
    # Minus, point and the digits lie side by side, with one other sign among them.
    strange = ((text.bytes - np.uint8(45)) > 12) | (text.bytes == 47)
    begin = text.start
    plain = text.filled & _is_digit(text.at_end())
    if strange.any():
        plain &= text.count_of(strange)[0] == 0
    minus = text.bytes == 45
    if minus.any():
        negative = text.at_start() == 45
        begin = begin + negative
        plain &= text.count_of(minus)[0] == negative
    leading = text.bytes[np.minimum(begin, len(text.bytes) - 1)]
    plain &= _is_digit(leading)
    if text.null is not None:
        plain &= ~text.null
    points, point = text.count_of(text.bytes == 46)
    pointed = points == 1
    whole = np.where(pointed, point, text.end) - begin
    plain &= (points <= 1) & (whole <= _MOST_DIGITS)
    if one.type == "year":
        plain &= ~pointed & (whole == 4)
    pointed &= plain
    ambiguous = pointed & (text.end - point == 4) & (whole <= 3) & (leading != 48)
    texts = arrow if plain.all() else pc.if_else(pa.array(plain), arrow, pa.scalar(None, arrow.type))
    numbers = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    return PlainCells(plain, numbers, ambiguous, pointed, bool((pointed & ~ambiguous).any()))


def _is_digit(letters: np.ndarray) -> np.ndarray:
    return (letters - np.uint8(48)) < 10


def _numbers(cells: pd.Series, one: Field) -> PlainCells | None:
    """Numbers that a spreadsheet or layer keeps as numbers."""
    if cells.dtype == object:
        if pd.api.types.infer_dtype(cells, skipna=True) not in ("floating", "integer", "mixed-integer-float"):
            return None
        if is_share(one) and any(isinstance(value, Percent) for value in cells):
            return None
    elif not pd.api.types.is_numeric_dtype(cells.dtype) or pd.api.types.is_bool_dtype(cells.dtype):
        return None
    try:
        numbers = pd.to_numeric(cells).to_numpy(dtype=np.float64, na_value=np.nan)
    except (OverflowError, TypeError, ValueError):
        return None
    plain = np.isfinite(numbers) & (np.abs(numbers) < MOST_WHOLE)
    nothing = np.zeros(len(plain), dtype=bool)
    return PlainCells(plain, numbers, nothing, nothing)


def _without_doubts(found: PlainCells, one: Field, missing: frozenset[str], factor: Fraction) -> PlainCells:
    """Take out what has to be looked at: stand-ins, numbers beyond limits, parts of what is counted."""
    plain, numbers = found.plain, found.numbers
    if plain.all():
        least, most = float(numbers.min()), float(numbers.max())
    else:
        least, most = float(numbers[plain].min(initial=0.0)), float(numbers[plain].max(initial=0.0))
    scaled = scale(numbers, factor)
    with np.errstate(invalid="ignore"):
        if one.minimum is not None and scale(least, factor) < one.minimum:
            plain = plain & ~(scaled < float(one.minimum))
        if one.maximum is not None and scale(most, factor) > one.maximum:
            plain = plain & ~(scaled > float(one.maximum))
        if one.type == "year":
            plain = plain & (numbers >= 1000) & (numbers < 9999)
        if one.type in ("integer", "year"):
            plain = plain & (scaled == np.floor(scaled))
    doubtful = [number for words in missing if (number := _float(words)) is not None]
    doubtful += [] if one.type == "year" else _DOUBTFUL.tolist()
    for number in doubtful:
        if least <= number <= most:
            plain = plain & (numbers != number)
    found.plain = plain
    return found


def _float(words: Any) -> float | None:
    try:
        return float(words)
    except ValueError:
        return None


def scale(numbers: Any, factor: Fraction) -> Any:
    """Numbers times an exact factor; whole numbers stay exact as far as a computer keeps them."""
    if factor == 1:
        return numbers
    return numbers * float(factor.numerator) / float(factor.denominator)
