"""What a country could compute today, read from its data and not from a questionnaire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gbf_workbench.catalogue.specs import IndicatorSpec, Way
from gbf_workbench.errors import Issue, WorkbenchError, sorted_issues
from gbf_workbench.preparation.country import Country
from gbf_workbench.preparation.inputs import has_data, read_inputs

#: From the best to the least: a number today; something to mend first; a part of the tables; nothing of its own.
STATES = ("computable", "to_mend", "partial", "absent")


@dataclass(frozen=True)
class Readiness:
    """How far one indicator is.

    Attributes
    ----------
    spec : IndicatorSpec
    state : str
        One of ``STATES``.
    way : Way or None
        The way that is open, or else the one that lacks least.
    present, missing : tuple of str
        Roles of that way there is data for, and those there is none for.
    issues : tuple of Issue
        What was found in the data, worst first.
    """

    spec: IndicatorSpec
    state: str
    way: Way | None
    present: tuple[str, ...]
    missing: tuple[str, ...]
    issues: tuple[Issue, ...] = ()


def readiness(country: Country, only: Iterable[str] = ()) -> list[Readiness]:
    """The readiness of every headline and binary indicator, in the order of the Framework.

    Parameters
    ----------
    country : Country
    only : iterable of str
        Codes or slugs; empty takes all.
    """
    wanted = {name.lower() for name in only}
    order = {one.code: at for at, one in enumerate(country.edition.indicators()) if one.kind in ("headline", "binary")}
    known = [spec for spec in country.every_spec() if spec.code in order]
    chosen = [spec for spec in known if not wanted or {spec.code.lower(), spec.slug} & wanted]
    return [_ready(spec, country) for spec in sorted(chosen, key=lambda spec: order[spec.code])]


def _ready(spec: IndicatorSpec, country: Country) -> Readiness:
    try:
        if not has_data(spec, country):
            # The frame alone says nothing of an indicator, and reading it for each would take long.
            way = _nearest(spec, set(country.frame.layers))
            there = tuple(role for role in way.needs if role in country.frame.layers)
            return Readiness(spec, "absent", way, there, tuple(role for role in way.needs if role not in there))
        inputs = read_inputs(spec, country)
    except WorkbenchError as refused:
        return Readiness(spec, "to_mend", _nearest(spec, set()), (), (), refused.issues)
    there = set(inputs.files)
    way = _nearest(spec, there)
    present = tuple(role for role in way.needs if role in there)
    missing = tuple(role for role in way.needs if role not in there)
    if all(spec.inputs[role].of_frame for role in there):
        # A template nobody has filled in.
        return Readiness(spec, "absent", way, present, missing)
    found = sorted_issues(inputs.issues)
    lacking = [issue for issue in found if issue.key != "check.no_data"]
    if any(issue.stops for issue in lacking):
        state = "to_mend"
    elif missing:
        state = "partial"
    else:
        state = "computable"
    return Readiness(spec, state, way, present, missing, found)


def _nearest(spec: IndicatorSpec, there: set[str]) -> Way:
    """The first way that is open, else the one that lacks the fewest tables; earlier ones are the better ones."""
    return min(spec.ways, key=lambda way: (len(set(way.needs) - there), spec.ways.index(way)))
