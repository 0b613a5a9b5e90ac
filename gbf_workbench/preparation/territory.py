"""Where the country lies, to hold layers against: its pieces in the frame's plane and their extent in degrees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

#: How far [km] the sea of a country can reach from its land, where no sea layer says so: 200 nautical miles.
_REACH_KM = 371
#: Slack [degrees] around the country where its sea is known.
_SLACK = 0.25
_KM_PER_DEGREE = 111.0


@dataclass(frozen=True)
class Territory:
    """The country as far as its frame is known.

    Attributes
    ----------
    parts : array of Polygon
        Pieces of land, and of sea where it is known, in the plane of the frame; they may overlap.
    crs : CRS
    has_sea : bool
        Whether the sea is known; without it a layer can only be held against the land and its surroundings.
    """

    parts: NDArray[np.object_]
    crs: CRS
    has_sea: bool

    @cached_property
    def whole(self) -> Any:
        """Land and sea as one shape."""
        import shapely

        return shapely.union_all(self.parts)

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """Extent of each piece with its surroundings [degrees], shape (pieces, 4): west, south, east, north."""
        import geopandas as gpd

        boxes = gpd.GeoSeries(self.parts, crs=self.crs).envelope.segmentize(50_000).to_crs(4326).bounds.to_numpy()
        slack = _SLACK if self.has_sea else _REACH_KM / _KM_PER_DEGREE
        shrink = np.cos(np.radians(np.clip(np.abs(boxes[:, [1, 3]]).max(axis=1), 0, 85)))
        aside = slack / shrink
        return np.column_stack([boxes[:, 0] - aside, boxes[:, 1] - slack, boxes[:, 2] + aside, boxes[:, 3] + slack])

    def share_within(self, places: NDArray[np.float64], crs: CRS) -> float:
        """Share of the places, given in some coordinate system, that lie within the extent of the country."""
        return float(self.holds(places, crs).mean()) if len(places) else 0.0

    def holds(self, places: NDArray[np.float64], crs: CRS) -> NDArray[np.bool_]:
        """Which places lie within the extent of the country."""
        import shapely
        from pyproj import Transformer

        to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        longitude, latitude = to_degrees.transform(*np.ascontiguousarray(places.T))
        found = np.isfinite(longitude) & np.isfinite(latitude)
        turned = (longitude[found] + 180) % 360 - 180
        boxes = np.concatenate([self.boxes + np.array([turn, 0, turn, 0]) for turn in (-360, 0, 360)])
        tree = shapely.STRtree(shapely.box(*boxes.T))
        hit = np.zeros(len(turned), dtype=bool)
        hit[tree.query(shapely.points(turned, latitude[found]))[0]] = True
        found[found] = hit
        return found


def territory_of(land: gpd.GeoDataFrame | None, sea: gpd.GeoDataFrame | None) -> Territory | None:
    """The country by its land and, where there is one, its sea; None where its land is not known.

    Parameters
    ----------
    land, sea : GeoDataFrame or None
        Valid polygons in the projection of the frame.
    """
    import shapely

    if land is None or land.empty:
        return None
    shapes = [layer.geometry.to_numpy() for layer in (land, sea) if layer is not None]
    parts = shapely.get_parts(np.concatenate(shapes))
    return Territory(parts[shapely.area(parts) > 0], land.crs, sea is not None)
