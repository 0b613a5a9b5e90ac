"""A country's own indicators: read from its settings, checked, and given to the catalogue beside the official ones."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from gbf_workbench.catalogue.edition import Edition, load_edition
from gbf_workbench.catalogue.framework import DIRECTIONS, Indicator
from gbf_workbench.errors import Issue, WorkbenchError

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEADINGS = ("code", "name", "unit", "desired_direction", "targets", "definition", "custodian")
#: Names a code that was made from the name, as long as the country has not written one down.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://www.cbd.int/gbf/national-indicator")


def new_national_code() -> str:
    """A new code for a national indicator, to be written into ``country.yml`` and kept for life."""
    return str(uuid.uuid4())


def national_indicators(
    settings: Mapping[str, Any] | Iterable[Mapping[str, Any]], edition: Edition | str | None = None
) -> tuple[Indicator, ...]:
    """The country's own indicators.

    Parameters
    ----------
    settings : mapping or iterable of mappings
        What ``country.yml`` says, or its ``national_indicators`` alone: ``name`` (a text, or one for each language)
        and ``unit`` are needed; ``code`` (a UUID), ``desired_direction``, ``targets`` (goals and targets they serve),
        ``definition`` and ``custodian`` may be given. Without a code one is made from the name, which changes with it.
    edition : Edition or str, optional
        The edition whose goals and targets are meant.

    Raises
    ------
    WorkbenchError
        With everything that is wrong with any of them.

    Examples
    --------
    >>> [one] = national_indicators([{"name": {"en": "Hedgerows"}, "unit": "km", "targets": ["T10"]}])
    >>> one.kind, one.serves, one.confidence["code"]
    ('national', ('T10',), 'provisional')
    """
    entries = settings.get("national_indicators", ()) if isinstance(settings, Mapping) else settings
    known = load_edition(edition)
    found: dict[int, Indicator] = {}
    wrong: list[Issue] = []
    for number, entry in enumerate(entries or (), start=1):
        problems = _problems(number, entry, known)
        wrong += problems
        if not problems:
            found[number] = _indicator(entry, known)
    wrong += _twice(found)
    if wrong:
        raise WorkbenchError(*wrong)
    return tuple(found.values())


def _names(entry: Mapping[str, Any]) -> dict[str, str]:
    name = entry.get("name") or {}
    names = {"en": name} if isinstance(name, str) else name
    return {str(code): str(said).strip() for code, said in names.items() if said} if isinstance(names, Mapping) else {}


def _problems(number: int, entry: Any, edition: Edition) -> list[Issue]:
    if not isinstance(entry, Mapping):
        return [_issue("form", number, value=str(entry), choices=", ".join(_HEADINGS))]
    wrong = [
        _issue("heading", number, value=str(one), choices=", ".join(_HEADINGS)) for one in entry if one not in _HEADINGS
    ]
    code = entry.get("code")
    if code is not None and not _UUID.fullmatch(str(code)):
        wrong.append(_issue("code", number, column="code", value=str(code), example=new_national_code()))
    if not any(_names(entry).values()):
        wrong.append(_issue("name", number, column="name"))
    if not str(entry.get("unit") or "").strip():
        wrong.append(_issue("unit", number, column="unit"))
    direction = entry.get("desired_direction")
    if direction is not None and direction not in DIRECTIONS:
        choices = ", ".join(DIRECTIONS)
        wrong.append(_issue("direction", number, column="desired_direction", value=str(direction), choices=choices))
    for aim in _listed(entry.get("targets")):
        if aim not in edition.aims:
            choices = ", ".join(edition.aims)
            wrong.append(_issue("target", number, column="targets", value=aim, choices=choices))
    return wrong


def _issue(what: str, number: int, *, column: str = "", value: str = "", **values: Any) -> Issue:
    key = f"catalogue.national_{what}"
    return Issue("error", key, {"number": number, **values}, file="country.yml", column=column, value=value)


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else (str(value),)


def _indicator(entry: Mapping[str, Any], edition: Edition) -> Indicator:
    names = _names(entry)
    first = names.get("en") or next(iter(names.values()))
    given = entry.get("code")
    code = str(given) if given else str(uuid.uuid5(_NAMESPACE, first.casefold()))
    return Indicator(
        code, "national", names, edition.name,
        roles={"national": _listed(entry.get("targets"))},
        ort_identifier=code,
        custodian=_listed(entry.get("custodian")),
        unit=str(entry["unit"]).strip(),
        desired_direction=str(entry.get("desired_direction") or ""),
        definition=str(entry.get("definition") or ""),
        confidence={} if given else {"code": "provisional"},
    )  # fmt: skip


def _twice(indicators: Mapping[int, Indicator]) -> list[Issue]:
    seen: dict[str, int] = {}
    wrong = []
    for number, one in indicators.items():
        first = seen.setdefault(one.code.casefold(), number)
        if first != number:
            wrong.append(_issue("twice", number, column="code", value=one.code, first=first))
    return wrong
