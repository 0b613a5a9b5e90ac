"""Places from one coordinate system in another: what the quick way gives is what PROJ gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from gbf_workbench.preparation.planes import projection

#: A thousandth of a millimetre [m].
MICROMETRE = 1e-6
ELSEWHERE = "+proj=cea +lon_0=150 +lat_ts=-23.5 +x_0=500000 +y_0=-1000 +ellps=GRS80 +type=crs"
PLANES = ["EPSG:6933", "ESRI:54034", ELSEWHERE]


def by_proj(source: CRS, target: CRS, longitude, latitude) -> np.ndarray:
    return np.array(Transformer.from_crs(source, target, always_xy=True).transform(longitude, latitude))


@pytest.mark.parametrize("plane", PLANES)
@settings(max_examples=50, deadline=None)
@given(places=st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=50))
def test_every_place_on_earth_is_where_proj_puts_it(plane, places):
    target = CRS(plane)
    source = target.geodetic_crs
    relative, latitude = np.array(places).T
    middle = 150.0 if plane == ELSEWHERE else 0.0
    # The two edges of the map are one line on the globe; a rounded sum must not fall beyond it.
    longitude = np.clip(relative, -179.999999, 179.999999) + middle
    found = np.array(projection(source, target)(longitude, latitude))
    assert found == pytest.approx(by_proj(source, target, longitude, latitude), rel=0, abs=MICROMETRE)


@pytest.mark.parametrize("source", ["EPSG:4326", "OGC:CRS84", "EPSG:4267", "EPSG:32637", "EPSG:4326+5773"])
@pytest.mark.parametrize("plane", ["EPSG:6933", "EPSG:3035", "EPSG:3410"])
def test_coordinate_systems_of_all_kinds_come_out_as_by_proj(source, plane):
    source, target = CRS(source), CRS(plane)
    x, y = np.array([20.0, 21.5]), np.array([50.0, 51.25])
    found = np.array(projection(source, target)(x.copy(), y.copy()))
    assert found == pytest.approx(by_proj(source, target, x, y), rel=0, abs=MICROMETRE)


@pytest.mark.parametrize(
    ("longitude", "latitude"), [(190.0, 0.0), (-540.0, 10.0), (10.0, 95.0), (np.inf, 0.0), (np.nan, 1.0)]
)
def test_places_beyond_the_map_are_what_proj_makes_of_them(longitude, latitude):
    source, target = CRS("EPSG:4326"), CRS("EPSG:6933")
    x, y = np.array([10.0, longitude]), np.array([10.0, latitude])
    found = np.array(projection(source, target)(x.copy(), y.copy()))
    np.testing.assert_array_equal(found, by_proj(source, target, x, y))


def test_the_numbers_that_are_given_stay_as_they_are():
    x, y = np.array([10.0]), np.array([20.0])
    for plane in ("EPSG:6933", "EPSG:3035"):
        projection(CRS("EPSG:4326"), CRS(plane))(x, y)
    assert (x.item(), y.item()) == (10.0, 20.0)
