"""Which layer of a NetCDF variable shows a year, by the time it gives for each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gbf_workbench.errors import Issue

_SINCE = re.compile(r"\s*(\w+)\s+since\s+(\d{1,4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2}))?", re.IGNORECASE)
_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600, "d": 86400,
    "day": 86400,
}  # fmt: skip
#: Days of a year in calendars that are not those of the sky.
_EVEN_YEARS = {"noleap": 365, "365_day": 365, "all_leap": 366, "366_day": 366, "360_day": 360}
_FIRST_YEAR, _LAST_YEAR = 1800, 2100
_MOST_NAMED = 20


@dataclass(frozen=True)
class Step:
    """The layer to take, from 1, or the issues that stand before it."""

    band: int = 0
    issues: tuple[Issue, ...] = ()


def step_of(layers: Sequence[Mapping[str, str]], tags: Mapping[str, str], year: int, asked: int) -> Step:
    """The layer that shows a year.

    Parameters
    ----------
    layers : sequence of mapping
        What GDAL's netCDF driver says of each layer: ``NETCDF_DIM_<name>`` is where it lies along another dimension.
    tags : mapping
        What it says of the file, among it ``<name>#units``.
    year : int
    asked : int
        The layer somebody named, 0 if nobody did.
    """
    if asked:
        missing = Issue("error", "rasters.no_such_band", {"count": len(layers)}, value=str(asked))
        return Step(asked) if asked <= len(layers) else Step(issues=(missing,))
    years = [_year_of_layer(one, tags) for one in layers]
    showing = [number for number, one in enumerate(years, 1) if one == year]
    if len(showing) == 1:
        return Step(showing[0])
    if len(layers) == 1 and years[0] is None:
        return Step(1)
    known = sorted({one for one in years if one is not None})
    if None in years:
        return Step(issues=(Issue("question", "rasters.which_layer", {"count": len(layers)}),))
    if showing:
        values = {"count": len(showing), "year": year, "names": ", ".join(map(str, showing[:_MOST_NAMED]))}
        return Step(issues=(Issue("question", "rasters.several_layers_of_year", values),))
    values = {"year": year, "names": ", ".join(map(str, known[:_MOST_NAMED]))}
    return Step(issues=(Issue("question", "rasters.other_year", values, value=str(year)),))


def _year_of_layer(layer: Mapping[str, str], tags: Mapping[str, str]) -> int | None:
    """The year a layer shows, None where the file does not tell."""
    places = {
        name.removeprefix("NETCDF_DIM_"): value for name, value in layer.items() if name.startswith("NETCDF_DIM_")
    }
    if len(places) != 1:
        return None
    ((name, value),) = places.items()
    return year_of(value, tags.get(f"{name}#units", ""), tags.get(f"{name}#calendar", "standard"))


def year_of(value: str, units: str, calendar: str = "standard") -> int | None:
    """The year of a time as NetCDF files give it; None where it cannot be told.

    >>> year_of("16436", "days since 1970-01-01"), year_of("2015", "year"), year_of("3", "")
    (2015, 2015, None)
    """
    try:
        number = float(value)
        since = _SINCE.match(units)
        if not since:
            plain = number.is_integer() and _FIRST_YEAR <= number <= _LAST_YEAR
            return int(number) if plain and units.strip().lower() in ("", "1", "year", "years", "yr", "a") else None
        unit = since[1].lower()
        return _year_after(number, unit, [int(part or 0) for part in since.groups()[1:]], calendar.lower())
    except (ValueError, OverflowError):
        return None


def _year_after(number: float, unit: str, start: list[int], calendar: str) -> int | None:
    if unit in ("year", "years", "yr", "common_year", "common_years"):
        return start[0] + int(number // 1) if start[1:3] == [1, 1] else None
    if unit in ("month", "months"):
        return start[0] + int((start[1] - 1 + number) // 12)
    seconds = _SECONDS.get(unit) or _SECONDS.get(unit.removesuffix("s"))
    if seconds is None:
        return None
    days = number * seconds / 86400 + start[3] / 24 + start[4] / 1440
    if calendar in _EVEN_YEARS:
        of_year = _EVEN_YEARS[calendar]
        before = (start[1] - 1) * of_year / 12 + start[2] - 1
        return start[0] + int((before + days) // of_year)
    return (datetime(*start[:3]) + timedelta(days=days)).year
