"""Places from one coordinate system in another, by PROJ; on the commonest way by its formula for many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

#: From arrays of x and y to those elsewhere.
Project = Callable[[Any, Any], tuple[Any, Any]]

_METHOD = "Lambert Cylindrical Equal Area"
#: Least difference [m] from PROJ at which the formula is not used.
_DIFFERENCE = 1e-6
#: Steps [degrees] at which the formula is held against PROJ.
_STEP = 5


def projection(source: CRS, target: CRS) -> Project:
    """How places get from one coordinate system into another, x or longitude first.

    PROJ goes from place to place. For degrees into a cylindrical equal-area projection of the same datum, as national
    layers come and as the usual frame is, the same formula for whole arrays takes a quarter of the time. It is used
    only where it gives what PROJ gives, and places beyond the map are left to PROJ, which knows what to do with them.

    Parameters
    ----------
    source, target : CRS

    Returns
    -------
    callable
        From arrays of x and y to those in ``target``.

    Examples
    --------
    >>> from pyproj import CRS
    >>> east, north = projection(CRS("EPSG:4326"), CRS("EPSG:6933"))(np.array([180.0]), np.array([90.0]))
    >>> round(east.item()), round(north.item())
    (17367530, 7342230)
    """
    from pyproj import Transformer

    by_proj = Transformer.from_crs(source, target, always_xy=True).transform
    is_usual = target.is_projected and target.coordinate_operation.method_name == _METHOD
    if not is_usual or not source.equals(target.geodetic_crs, ignore_axis_order=True):
        return by_proj
    formula = _cylindrical(target)
    middle = _parameter(target, "Longitude of")
    if not _agree(formula, by_proj, middle):
        return by_proj

    def project(longitude: Any, latitude: Any) -> tuple[Any, Any]:
        fits = _within(longitude, middle, 180) and _within(latitude, 0, 90)
        return (formula if fits else by_proj)(longitude, latitude)

    return project


def _within(values: NDArray[np.float64], middle: float, most: float) -> bool:
    """Whether all values are numbers no farther than so much from the middle."""
    return len(values) > 0 and bool(values.min() >= middle - most) and bool(values.max() <= middle + most)


def _parameter(crs: CRS, begins: str) -> float:
    values = [one.value for one in crs.coordinate_operation.params if one.name.startswith(begins)]
    return float(values[0]) if values else 0.0


def _cylindrical(crs: CRS) -> Project:
    """The cylindrical equal-area projection on the ellipsoid (Snyder 1987, Map Projections, section 10)."""
    radius, flattening = crs.ellipsoid.semi_major_metre, 1 / (crs.ellipsoid.inverse_flattening or np.inf)
    square = flattening * (2 - flattening)
    eccentricity = np.sqrt(square)
    parallel = np.radians(_parameter(crs, "Latitude of"))
    narrower = np.cos(parallel) / np.sqrt(1 - square * np.sin(parallel) ** 2)
    middle, *false = (_parameter(crs, name) for name in ("Longitude of", "False easting", "False northing"))

    def project(longitude: Any, latitude: Any) -> tuple[Any, Any]:
        east = np.radians(longitude - middle) * (radius * narrower) + false[0]
        sine = np.sin(np.radians(latitude))
        flat = eccentricity * sine
        part = (1 - square) * (sine / (1 - flat * flat) + np.arctanh(flat) / eccentricity)
        return east, part * (radius / (2 * narrower)) + false[1]

    return project


def _agree(formula: Project, by_proj: Project, middle: float) -> bool:
    """Whether the formula gives what PROJ gives, all over the map."""
    longitude, latitude = np.meshgrid(np.arange(-180 + _STEP, 180, _STEP) + middle, np.arange(-90, 90 + _STEP, _STEP))
    with np.errstate(all="ignore"):
        ours = np.array(formula(longitude.ravel(), latitude.ravel()))
    theirs = np.array(by_proj(longitude.ravel(), latitude.ravel()))
    return bool((np.abs(ours - theirs) < _DIFFERENCE).all())
