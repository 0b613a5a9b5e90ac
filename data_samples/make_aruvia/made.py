"""What the island is made of, for the themes that come after it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from make_aruvia.frame import Outline
from make_aruvia.people import Settled
from make_aruvia.terrain import Grid, Relief


@dataclass(frozen=True)
class Made:
    """The island so far: its grid, outline, relief and towns, protected sites, maps of ecosystems by year, species."""

    grid: Grid
    outline: Outline
    relief: Relief
    settled: Settled
    sites: gpd.GeoDataFrame
    maps: dict[int, np.ndarray]
    assessments: pd.DataFrame
