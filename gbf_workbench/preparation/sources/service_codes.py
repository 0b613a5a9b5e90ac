"""Codes of countries as services want them: from ISO 3166-1 alpha-3 to two letters, numbers and English names."""

from __future__ import annotations

from gbf_workbench.errors import problem

#: Numbers in force where the repository also knows the numbers of states that were divided or united.
_IN_FORCE = {"DE": "276", "ET": "231", "FR": "250", "SD": "729", "YE": "887"}


def iso2_of(code: str) -> str:
    """Two letters of a country (ISO 3166-1 alpha-2).

    >>> iso2_of("FJI")
    'FJ'
    """
    from babel.core import get_global

    # Kosovo's codes are in use although the standard leaves them to their users.
    found = ["XK"] if code == "XKX" else get_global("territory_aliases").get(code, [])
    if len(found) != 1:
        raise problem("sources.no_service_code", value=code)
    return found[0]


def number_of(code: str) -> str:
    """Number of a country (ISO 3166-1 numeric, UN M49), three digits.

    >>> number_of("FJI"), number_of("AFG"), number_of("SDN")
    ('242', '004', '729')
    """
    from babel.core import get_global

    here = iso2_of(code)
    found = [one for one, means in get_global("territory_aliases").items() if one.isdigit() and means == [here]]
    if here in _IN_FORCE:
        return _IN_FORCE[here]
    if len(found) != 1:
        raise problem("sources.no_service_code", value=code)
    return found[0]


def english_name(code: str) -> str:
    """Name of a country in English."""
    from babel import Locale

    return Locale("en").territories[iso2_of(code)]
