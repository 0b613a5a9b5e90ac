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


class _Bytes:
    """The texts of an Arrow column as one array of bytes, with the place where each begins and ends."""

    def __init__(self, arrow: pa.Array) -> None:
        _, offsets, data = arrow.buffers()
        places = np.frombuffer(offsets, dtype=np.int64)[arrow.offset : arrow.offset + len(arrow) + 1]
        whole = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
        self.first = int(places[0])
        self.bytes = whole[self.first : int(places[-1])]
        self.start, self.end = places[:-1] - self.first, places[1:] - self.first
        self.filled = self.end > self.start
        self.null = arrow.is_null().to_numpy(zero_copy_only=False) if arrow.null_count else None

    def count_of(self, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How many of the chosen bytes each row holds, and where its first one is (anywhere where it holds none)."""
        places = np.flatnonzero(which)
        if not len(places):
            return np.zeros(len(self.start), dtype=np.int32), self.start
        if len(places) == len(self.start) and (places >= self.start).all() and (places < self.end).all():
            return np.ones(len(places), dtype=np.int32), places
        first = np.searchsorted(places, self.start)
        return np.searchsorted(places, self.end) - first, places[np.minimum(first, len(places) - 1)]

    def at_start(self) -> np.ndarray:
        """The first byte of each row; of an empty one whatever follows."""
        return self.bytes[np.minimum(self.start, len(self.bytes) - 1)]

    def at_end(self) -> np.ndarray:
        """The last byte of each row."""
        return self.bytes[np.maximum(self.end - 1, 0)]


def as_arrow(cells: pd.Series) -> pa.Array | None:
    """Cells that are all text as one Arrow array; None for a column that holds anything else."""
    import pyarrow as pa

    if cells.dtype == object:
        if pd.api.types.infer_dtype(cells, skipna=True) not in ("string", "empty"):
            return None
        try:
            return pa.array(cells, type=pa.large_string(), from_pandas=True)
        except (pa.ArrowInvalid, UnicodeError):
            # Half a character, as a damaged file may hold, is no text to Arrow.
            return None
    if not pd.api.types.is_string_dtype(cells.dtype):
        return None
    return whole_array(pa.array(cells.array))


def whole_array(found: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Texts in one piece with long offsets, copied only where they are not so already."""
    import pyarrow as pa

    if isinstance(found, pa.ChunkedArray):
        found = found.chunk(0) if found.num_chunks == 1 else found.combine_chunks()
    return found if pa.types.is_large_string(found.type) else found.cast(pa.large_string())


def plain_cells(
    cells: pd.Series, arrow: pa.Array | None, one: Field, missing: frozenset[str], factor: Fraction, mark: str = ""
) -> PlainCells:
    """The cells of a column that are plain for its type; ``mark`` is the decimal mark that was named."""
    none = PlainCells(np.zeros(len(cells), dtype=bool))
    # A few texts over and over again cost less when each is looked at once.
    if arrow is not None and len(cells) > _LONG and repeats_few(cells):
        return none
    if one.type in ("number", "integer", "year"):
        found = _numbers_in_text(arrow, one, mark) if arrow is not None else _numbers(cells, one)
        return none if found is None else _without_doubts(found, one, missing, factor)
    closed = one.enum or one.codes or one.pattern or one.synonyms or one.format == "scientific_name"
    if one.type == "string" and arrow is not None and not closed:
        plain = _plain_texts(arrow, missing)
        return PlainCells(plain & _are_numbered(arrow) if one.ranks else plain)
    return none


def _plain_texts(arrow: pa.Array, missing: frozenset[str]) -> np.ndarray:
    import pyarrow as pa
    import pyarrow.compute as pc

    text = _Bytes(arrow)
    if not len(text.bytes):
        return np.zeros(len(arrow), dtype=bool)
    first = text.at_start()
    odd = ~text.filled | (first == 32) | (text.at_end() == 32) | (first == 35)
    odd |= (text.end - text.start <= _SHORT) & _SUSPECT[first]
    # Ampersand, question mark and backslash are left where a letter was escaped or lost.
    control = (text.bytes < 32) | (text.bytes == 127) | (text.bytes == 38) | (text.bytes == 63) | (text.bytes == 92)
    spaces = text.bytes == 32
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
    return ~odd if text.null is None else ~odd & ~text.null


def _are_numbered(arrow: pa.Array) -> np.ndarray:
    """Which texts begin or end with a digit and have no space, as identifiers often and scientific names never do."""
    text = _Bytes(arrow)
    if not len(text.bytes):
        return np.zeros(len(arrow), dtype=bool)
    digit = (text.at_end() - np.uint8(48) < 10) | (text.at_start() - np.uint8(48) < 10)
    spaces = text.bytes == 32
    return digit & (text.count_of(spaces)[0] == 0) if spaces.any() else digit


def _odd_letters(arrow: pa.Array) -> np.ndarray:
    """Which texts with letters beyond ASCII hold unseen ones, or accents in another form."""
    import pyarrow.compute as pc

    coded = arrow.dictionary_encode()
    odd = pc.or_(
        pc.match_substring_regex(coded.dictionary, _ODD),
        pc.not_equal(pc.utf8_normalize(coded.dictionary, "NFC"), coded.dictionary),
    )
    return odd.to_numpy(zero_copy_only=False)[coded.indices.to_numpy(zero_copy_only=False)]


def _numbers_in_text(arrow: pa.Array, one: Field, mark: str = "") -> PlainCells | None:
    """Digits, perhaps with a minus before and a point among them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = _Bytes(arrow)
    if not len(text.bytes):
        return None
    if len(arrow) > _LONG and mark != "," and (found := _decimals(arrow, text, one)) is not None:
        return found
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
    if not plain.any():
        return None
    pointed &= plain
    ambiguous = pointed & (text.end - point == 4) & (whole <= 3) & (leading != 48)
    texts = arrow if plain.all() else pc.if_else(pa.array(plain), arrow, pa.scalar(None, arrow.type))
    numbers = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    return PlainCells(plain, numbers, ambiguous, pointed, bool((pointed & ~ambiguous).any()))


def _decimals(arrow: pa.Array, text: _Bytes, one: Field) -> PlainCells | None:
    """A long column of nothing but numbers, the first of which show what the point means; None for any other."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if one.type != "number" or one.format == "count" or text.null is not None or not text.filled.all():
        return None
    head = _numbers_in_text(arrow.slice(0, _LONG), one)
    if head is None or not head.proves_point or (text.end - text.start).max() > _MOST_DIGITS:
        return None
    ends_plainly = _is_digit(text.at_start()).all() and _is_digit(text.at_end()).all()
    if not ends_plainly or ((text.bytes - np.uint8(46)) > 11).any() or (text.bytes == 47).any():
        return None
    try:
        numbers = pc.cast(arrow, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return PlainCells(np.ones(len(arrow), dtype=bool), numbers, proves_point=True)


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
