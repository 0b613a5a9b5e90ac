"""A simple map: the country's frame and the layer the indicator is about, with the source of the boundary under it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from gbf_workbench.locales import current_language, text
from gbf_workbench.pipeline import Tables
from gbf_workbench.reporting.charts import COLOURS, available_fonts, legend_above, showing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gbf_workbench.methods.rasters import RasterSource

_LAND, _SEA, _EDGE = "#F1EDE4", "#E3EEF5", "#8C8C8C"
#: Pixels a map is thinned to along its longer side: more than a printed page can show.
_MOST_PIXELS = 1200


def draw_map(tables: Tables, language: str | None = None) -> Figure | None:
    """The map of an indicator's data, or None where it has no place in space.

    Parameters
    ----------
    tables : Tables
        Its spec names the layer (``map.layer``) or the maps (``map.raster``) to show.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    wish = tables.spec.map
    shown = [name for name in (wish.get("layer"), wish.get("raster")) if name in tables.inputs.contents]
    if not shown:
        return None
    code = current_language(language)
    with mpl.rc_context({"font.family": available_fonts(), "font.size": 9}):
        figure = Figure(figsize=(7, 5.2), layout="constrained")
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_aspect("equal")
        drawing = _raster if shown[0] == wish.get("raster") else _layer
        drawing(axes, tables, shown[0], wish, code)
        legend_above(figure, axes)
        figure.supxlabel(boundary_note(tables, code), fontsize=7, color="#555555", x=0.01, ha="left")
    return showing(figure)


def boundary_note(tables: Tables, language: str | None = None) -> str:
    """Where the boundary comes from, and that it implies no opinion on status."""
    sources = [source for source in dict.fromkeys(tables.country.frame.sources.values()) if source]
    said = " ".join(sources) or text("map.no_source", language)
    lines = textwrap.wrap(text("map.boundary", language, source=said), 120)
    return "\n".join([*lines, text("map.disclaimer", language)])


def _layer(axes: Axes, tables: Tables, role: str, wish: dict[str, Any], language: str) -> None:
    _frame(axes, tables)
    layer = tables[role]
    by = wish.get("by", "")
    kinds = sorted(layer[by].dropna().unique()) if by in layer else [""]
    for at, kind in enumerate(kinds):
        part = layer[layer[by] == kind] if kind else layer
        name = tables.spec.label(str(kind), language) if kind else ""
        colour = COLOURS[(2, 7, 0, 3)[at % 4]]
        polygons = part[part.geom_type.isin(("Polygon", "MultiPolygon"))]
        if len(polygons):
            polygons.plot(ax=axes, color=colour, alpha=0.55, edgecolor=colour, linewidth=0.4)
        points = part[part.geom_type.isin(("Point", "MultiPoint"))]
        if len(points):
            points.plot(ax=axes, color=colour, markersize=8)
        axes.plot([], [], "s", color=colour, alpha=0.7, markersize=8, label=name)


def _frame(axes: Axes, tables: Tables) -> None:
    for role, face in (("sea", _SEA), ("land", _LAND), ("provinces", "none")):
        if role in tables:
            tables[role].plot(ax=axes, facecolor=face, edgecolor=_EDGE, linewidth=0.5)


def _raster(axes: Axes, tables: Tables, role: str, wish: dict[str, Any], language: str) -> None:
    """The newest map of a series, thinned, each class in its colour."""
    from matplotlib.colors import ListedColormap

    newest = max(tables[role], key=lambda one: one.year)
    legend = tables[wish["legend"]]
    legend = legend[legend["year"].isna() | (legend["year"] == newest.year)]
    codes = np.array([int(float(code)) for code in legend["class_code"]])
    thinned = _thinned(newest, _MOST_PIXELS)
    order = np.argsort(codes)
    found = np.clip(np.searchsorted(codes[order], thinned), 0, len(codes) - 1)
    known = codes[order][found] == thinned
    picture = np.ma.array(order[found], mask=~known)
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(codes))]
    axes.imshow(picture, cmap=ListedColormap(colours), vmin=-0.5, vmax=len(codes) - 0.5, interpolation="nearest")
    for colour, name in zip(colours, legend["name"], strict=True):
        axes.plot([], [], "s", color=colour, markersize=8, label=tables.spec.label(str(name), language))
    axes.set_title(text("map.year", language, year=str(newest.year)), fontsize=10)


def _thinned(source: RasterSource, most: int) -> np.ndarray:
    """Every so-manieth pixel of a map, so that its longer side has at most ``most``."""
    from gbf_workbench.methods.rasters import open_geotiff

    step = max(1, -(-max(source.shape) // most))
    rows, columns = (-(-side // step) for side in source.shape)
    with open_geotiff(source.path) as dataset:
        return dataset.read(source.band, out_shape=(rows, columns))
