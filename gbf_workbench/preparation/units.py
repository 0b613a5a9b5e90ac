"""Units of measurement by the names people give them, and the exact factors between them."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What is measured → unit → size in the first unit of its kind, as exact fractions.
_KINDS: dict[str, dict[str, Fraction]] = {
    "area": {
        "km2": Fraction(1), "ha": Fraction(1, 100), "m2": Fraction(1, 10**6),
        # The international acre: 4840 square yards of 0.9144 m; 640 of them are a square mile.
        "acre": Fraction(40468564224, 10**13), "mi2": Fraction(40468564224 * 640, 10**13),
        "1000 ha": Fraction(10),
    },
    # Of money only the zeros: currencies have rates of exchange, which change.
    "money": {
        "currency": Fraction(1), "thousand": Fraction(1000), "million": Fraction(10**6), "billion": Fraction(10**9),
    },
    "length": {
        "km": Fraction(1), "m": Fraction(1, 1000), "mi": Fraction(1609344, 10**6), "nmi": Fraction(1852, 1000),
    },
    "mass": {
        "t": Fraction(1), "kg": Fraction(1, 1000), "g": Fraction(1, 10**6), "kt": Fraction(1000), "Mt": Fraction(10**6),
    },
    "volume": {"m3": Fraction(1), "l": Fraction(1, 1000), "km3": Fraction(10**9)},
    "share": {"%": Fraction(1, 100), "fraction": Fraction(1), "permille": Fraction(1, 1000)},
}  # fmt: skip

#: The unit of amounts of money in schemas, whatever the currency.
MONEY = "currency"
#: Unit → other ways to write it, in the six languages, without case (but for Mt and mt) and punctuation.
_NAMES = {
    "km2": "km² sqkm sqkms squarekm squarekilometre squarekilometres squarekilometers kilometrescarres "
    "kilometroscuadrados كم² كم2 كيلومترمربع 平方公里 平方千米 км² км2 квкм",
    "ha": "hectare hectares hectarea hectareas hect هكتار 公顷 га гектар гектаров",
    "m2": "m² sqm squaremetre squaremetres squaremeters metrescarres metroscuadrados م² م2 مترمربع 平方米 м² м2 квм",
    "acre": "acres ac",
    "1000 ha": "1000ha kha thousandhectares milliershectares",
    "thousand": "1000 thousands milliers miles ألف тысяч 千",
    "million": "1000000 millions millones مليون миллион",
    "billion": "1000000000 billions milliards مليار миллиард",
    "mi2": "mi² sqmi squaremile squaremiles",
    "km": "kilometre kilometres kilometer kilometers kilometro kilometros كم 公里 千米 км",
    "m": "metre metres meter meters metro metros م 米 м",
    "mi": "mile miles",
    "nmi": "nauticalmile nauticalmiles",
    "t": "tonne tonnes ton tons tonelada toneladas طن 吨 т тонн тонна",
    "kg": "kilogram kilograms kilogramme kilogrammes kilogramo kilogramos كغ 公斤 千克 кг",
    "g": "gram grams gramme grammes",
    "kt": "kilotonne kilotonnes",
    "Mt": "megatonne megatonnes",
    "m3": "m³ cubicmetre cubicmetres metrescubes metroscubicos 立方米 м³ م³",
    "l": "litre litres liter liters litro litros",
    "km3": "km³",
    "%": "percent percentage pct pourcent pourcentage porciento porcentaje بالمئة 百分比 процент процентов ٪ ％",
    "fraction": "share proportion proporcion part ratio",
    "permille": "‰ permil",
}
_UNIT_OF = {name: unit for unit, names in _NAMES.items() for name in (unit.lower(), *names.split())}
_UNIT_OF |= {"Mt": "Mt"}
_KIND_OF = {unit: kind for kind, units in _KINDS.items() for unit in units}
#: Units that stand for many things when they are one letter at the end of a name.
_TOO_SHORT = {
    "m",
    "t",
    "g",
    "l",
    "mi",
    "ac",
    "part",
    "share",
    "ratio",
    "proportion",
    "proporcion",
    "ton",
    "م",
    "м",
    "т",
    "米",
}


def unit_named(words: str) -> str:
    """The unit that a text names, or an empty text.

    >>> unit_named("km²"), unit_named("Hectares"), unit_named("sq. km"), unit_named("years"), unit_named("Mt")
    ('km2', 'ha', 'km2', '', 'Mt')
    """
    tight = re.sub(r"[\s.()\[\]_-]+", "", words)
    return _UNIT_OF.get(tight) or _UNIT_OF.get(_plain(tight), "")


def _plain(words: str) -> str:
    import unicodedata

    letters = unicodedata.normalize("NFD", words.lower())
    return unicodedata.normalize("NFC", "".join(one for one in letters if unicodedata.category(one) != "Mn"))


def unit_in_heading(heading: str) -> str:
    """The unit that the name of a column carries, in brackets or as its last word.

    >>> unit_in_heading("area_ha"), unit_in_heading("Superficie (km²)"), unit_in_heading("Area in hectares")
    ('ha', 'km2', 'ha')
    >>> unit_in_heading("REP_AREA"), unit_in_heading("item_t"), unit_in_heading("cover %")
    ('', '', '%')
    """
    if bracketed := re.findall(r"[(\[（]\s*([^()\[\]（）]+?)\s*[)\]）]", heading):
        return unit_named(bracketed[-1])
    if heading.rstrip().endswith(("%", "٪", "％", "‰")):
        return "permille" if heading.rstrip().endswith("‰") else "%"
    words = re.split(r"[\s_,;:/.-]+", heading.strip())
    for size in (2, 1):
        if len(words) > size:
            last = " ".join(words[-size:])
            found = unit_named(last)
            if found and _plain(re.sub(r"\s", "", last)) not in _TOO_SHORT:
                return found
    return ""


def kind_of(unit: str) -> str:
    """What a unit measures: area, length, mass, volume, share, money; empty for a unit without others of its kind."""
    return _KIND_OF.get(unit, "")


def factor(there: str, wanted: str) -> Fraction | None:
    """What a number in one unit is multiplied with to be in another; None where they measure different things.

    >>> factor("ha", "km2"), factor("km2", "ha"), factor("t", "km2"), factor("%", "fraction")
    (Fraction(1, 100), Fraction(100, 1), None, Fraction(1, 100))
    """
    if there == wanted:
        return Fraction(1)
    kind = kind_of(there)
    if not kind or kind != kind_of(wanted):
        return None
    return _KINDS[kind][there] / _KINDS[kind][wanted]


def taken_for(ratios: NDArray[np.float64], wanted: str) -> NDArray[np.str_]:
    """The unit that each number is probably in, if it is ``ratio`` times what it should be in ``wanted``.

    >>> taken_for(np.array([99.2, 1.02, 247.3, 30]), "km2").tolist()
    ['ha', '', 'acre', '']
    """
    found = np.full(len(ratios), "", dtype="U16")
    for unit, size in _KINDS.get(kind_of(wanted), {}).items():
        if unit == "1000 ha":
            continue
        expected = float(_KINDS[kind_of(wanted)][wanted] / size)
        # Within a factor of ten, areas can differ for many other reasons.
        if not 0.1 < expected < 10:
            found[(found == "") & (ratios > 0.75 * expected) & (ratios < 1.33 * expected)] = unit
    return found
