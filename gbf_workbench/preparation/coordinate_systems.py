"""Which coordinate system the numbers of a layer are in: as it says, as somebody answered, or as they could be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.layer_files import as_crs
from gbf_workbench.preparation.mapping import TableMapping

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from gbf_workbench.preparation.territory import Territory

_DEGREES = "EPSG:4326"
#: How far [degrees] a layer may lie beyond the area a coordinate system was made for: national layers of wide
#: countries are often kept in the zone of the capital.
_BEYOND = 15
#: Share of the features that must lie in the country for a reading to fit, and that may at most where it does not.
_FITS, _MISSES = 0.95, 0.05


def settled_crs(
    said: CRS | None,
    bounds: NDArray[np.float64],
    middles: NDArray[np.float64],
    mapping: TableMapping,
    territory: Territory | None,
) -> tuple[CRS | None, list[Issue]]:
    """The coordinate system to use, or the reason why there is none.

    Parameters
    ----------
    said : CRS or None
        What the file says.
    bounds : array of float, shape (4,)
        Of the whole layer, as drawn.
    middles : array of float, shape (n, 2)
        Middles of the features that have a place, as drawn.
    mapping : TableMapping
        Its word ``crs`` answers where the file says nothing; where the file says something else, that is asked.
    territory : Territory or None
        The country, where its land is known.
    """
    if mapping.crs:
        answered = as_crs(mapping.crs)
        if answered is None:
            return None, [Issue("error", "layer.unknown_crs", value=mapping.crs, column="crs")]
        if said is not None and not answered.equals(said, ignore_axis_order=True) and not _same_code(answered, said):
            # A word left over from another file may not turn one system into another in silence.
            values = {"said": name_of(said)}
            return answered, [Issue("flag", "layer.crs_overruled", values, value=mapping.crs, column="crs")]
        return answered, []
    if said is not None:
        return said, []
    values = {"extent": extent_in_words(bounds)}
    likely = [name_of(one) for one in _candidates(middles, territory)]
    if not likely:
        return None, [Issue("error", "layer.no_crs", values)]
    example = likely[0].rpartition("(")[2].rstrip(")")
    return None, [Issue("error", "layer.no_crs_likely", {**values, "likely": ", ".join(likely), "example": example})]


def _same_code(one: CRS, other: CRS) -> bool:
    codes = {one.to_epsg(), other.to_epsg()}
    return len(codes) == 1 and None not in codes


def bounds_of(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least x and y, greatest x and y."""
    return np.concatenate([places.min(axis=0), places.max(axis=0)]) if len(places) else np.full(4, np.nan)


def extent_in_words(bounds: NDArray[np.float64]) -> str:
    """Bounds as people write them.

    >>> extent_in_words(np.array([250000.0, 9800000.0, 260000.0, 9860000.25]))
    'x 250,000 – 260,000, y 9,800,000 – 9,860,000.25'
    """
    west, south, east, north = (f"{one:,.3f}".rstrip("0").rstrip(".") for one in bounds)
    return f"x {west} – {east}, y {south} – {north}"


def name_of(crs: CRS) -> str:
    """A coordinate system by its name and, where it has one, its code.

    >>> from pyproj import CRS
    >>> name_of(CRS("EPSG:32737"))
    'WGS 84 / UTM zone 37S (EPSG:32737)'
    """
    code = crs.to_string()
    return f"{crs.name} ({code})" if len(code) < 20 and code != crs.name else crs.name


def _candidates(middles: NDArray[np.float64], territory: Territory | None) -> list[CRS]:
    """Systems in which the numbers lie in the country; without one only degrees can be told from other numbers."""
    from pyproj import CRS

    if not len(middles):
        return []
    west, south, east, north = bounds_of(middles)
    like_degrees = abs(west) <= 360 and abs(east) <= 360 and abs(south) <= 90 and abs(north) <= 90
    if territory is None:
        return [CRS(_DEGREES)] if like_degrees else []
    names = [_DEGREES] if like_degrees else [*_utm_zones(territory), "EPSG:3857", territory.crs.to_string()]
    systems = [CRS(name) for name in dict.fromkeys(names)]
    return [one for one in systems if territory.share_within(middles, one) >= _FITS]


def _utm_zones(territory: Territory) -> Iterator[str]:
    """Names of the zones of UTM that the country reaches into."""
    for west, south, east, north in territory.boxes:
        first, last = (int(np.floor((degrees + 180) / 6)) for degrees in (west, east))
        for zone in range(first, last + 1):
            for hemisphere, there in ((326, north > 0), (327, south < 0)):
                if there:
                    yield f"EPSG:{hemisphere}{zone % 60 + 1:02d}"


def contradictions(
    bounds: NDArray[np.float64], middles: NDArray[np.float64], crs: CRS, territory: Territory | None
) -> list[Issue]:
    """Numbers that cannot be what the layer says they are.

    Parameters
    ----------
    bounds : array of float, shape (4,)
        Of the whole layer, as drawn.
    middles : array of float, shape (n, 2)
    """
    if territory is not None and _is_swapped(middles, crs, territory):
        return [Issue("error", "layer.swapped_axes", {"extent": extent_in_words(bounds)})]
    largest_x, largest_y = np.abs(bounds[[0, 2]]).max(), np.abs(bounds[[1, 3]]).max()
    values = {"crs": name_of(crs), "extent": extent_in_words(bounds)}
    if crs.is_geographic:
        wrong = largest_x > 361 or largest_y > 90.001
    elif max(largest_x, largest_y) <= 360:
        wrong = territory is None or territory.share_within(middles, crs) < _FITS
    else:
        wrong = not _near_area_of_use(bounds, crs)
    return [Issue("error", "layer.crs_contradicted", values)] if wrong else []


def _is_swapped(middles: NDArray[np.float64], crs: CRS, territory: Territory) -> bool:
    """Whether the features lie in the country with x and y exchanged, and only so."""
    if territory.share_within(middles, crs) > _MISSES:
        return False
    return territory.share_within(middles[:, ::-1], crs) >= _FITS


def _near_area_of_use(bounds: NDArray[np.float64], crs: CRS) -> bool:
    from pyproj import Transformer

    area = crs.area_of_use
    if area is None:
        return True
    to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    corners = bounds[[0, 0, 2, 2]], bounds[[1, 3, 1, 3]]
    middle = (bounds[[0]] + bounds[[2]]) / 2, (bounds[[1]] + bounds[[3]]) / 2
    x, y = (np.concatenate([one, two]) for one, two in zip(corners, middle, strict=True))
    longitude, latitude = to_degrees.transform(x, y)
    known = np.isfinite(longitude) & np.isfinite(latitude)
    width = (area.east - area.west) % 360 or 360
    east_of = (longitude - area.west + _BEYOND) % 360
    within = (width + 2 * _BEYOND >= 360) | (east_of <= width + 2 * _BEYOND)
    within &= (latitude >= area.south - _BEYOND) & (latitude <= area.north + _BEYOND)
    return bool((within & known).any())
