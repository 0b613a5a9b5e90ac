"""Charts of a result: the line with its interval, the parts with their sum; the recipe is always under them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd

from gbf_workbench.locales import current_language, number, text
from gbf_workbench.reporting.wording import maturity_line, unit_shown
from gbf_workbench.results import WITH_NUMBER, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Colours that people who do not tell red from green can tell apart (Okabe and Ito 2008), dark enough for lines.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8A6D00", "#56B4E9", "#4D4D4D", "#E69F00", "#6A3D9A", "#999999")
_DASHES = ("-", "--", "-.", ":")
#: Families tried in order; the later ones hold Arabic and Chinese letters.
FONTS = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Naskh Arabic",
    "Noto Sans CJK JP",
    "Arial",
    "Segoe UI",
    "Tahoma",
)
_MOST_PARTS = 9


def draw(result: Result, language: str | None = None) -> Figure:
    """The chart of a result.

    Parameters
    ----------
    result : Result
        Its spec names the kind of chart and the breakdown to show.
    language : str, optional

    Returns
    -------
    matplotlib.figure.Figure
        7 × 4.2 inches; not known to pyplot, so nothing has to be closed.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    code = current_language(language)
    wish = result.spec.chart
    with mpl.rc_context(
        {"font.family": available_fonts(), "font.size": 10, "axes.spines.top": False, "axes.spines.right": False}
    ):
        figure = Figure(figsize=(7, 4.2), layout="constrained")
        axes = figure.add_subplot()
        unit = _unit_to_show(result, wish.get("by", ""), wish.get("unit", result.spec.unit))
        parts = _parts(result, wish.get("by", ""), unit)
        if wish.get("kind") == "stacked" and not parts.empty:
            _stack(axes, parts, result, code)
        else:
            _lines(axes, result, unit, parts, code)
        _finish(figure, axes, result, unit, code)
    return showing(figure)


def available_fonts() -> list[str]:
    """The families of ``FONTS`` that this machine has, so that no letter becomes a box without need."""
    from matplotlib import font_manager

    here = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in FONTS if name in here] or ["sans-serif"]


def _unit_to_show(result: Result, by: str, wanted: str) -> str:
    """The unit wished for, or another the breakdown has numbers in where it has none in that one."""
    there = result.data[(result.data["disaggregation_type"] == by) & result.data["value_status"].isin(WITH_NUMBER)]
    units = list(dict.fromkeys(there["unit"]))
    return wanted if wanted in units or not units else units[0]


def _parts(result: Result, by: str, unit: str) -> pd.DataFrame:
    data = result.data
    chosen = data[(data["disaggregation_type"] == by) & (data["unit"] == unit) & data["value_status"].isin(WITH_NUMBER)]
    return chosen if by else chosen.iloc[:0]


def _lines(axes: Axes, result: Result, unit: str, parts: pd.DataFrame, language: str) -> None:
    """Groups as thin lines, the national total as a thick one with its interval."""
    names = list(dict.fromkeys(parts["disaggregation"]))
    for at, name in enumerate(names[:_MOST_PARTS]):
        line = parts[parts["disaggregation"] == name].sort_values("year")
        _one_line(axes, line, COLOURS[at % len(COLOURS)], 1.4, _DASHES[at % 4], result.spec.label(name, language))
    if len(names) > _MOST_PARTS:
        axes.plot([], [], " ", label=text("chart.more_parts", language, count=str(len(names) - _MOST_PARTS)))
    data = result.data
    total = data[(data["disaggregation_type"] == "") & (data["unit"] == unit) & data["value_status"].isin(WITH_NUMBER)]
    total = total.sort_values("year")
    # One part that is the whole needs no second line on top of it.
    is_whole = len(names) == 1 and dict(zip(parts["year"], parts["value"], strict=True)) == dict(
        zip(total["year"], total["value"], strict=True)
    )
    if not total.empty and not is_whole:
        _one_line(axes, total, "#1A1A1A", 2.4, "-", text("chart.total", language))


def _one_line(axes: Axes, line: pd.DataFrame, colour: str, width: float, dash: str, name: str) -> None:
    marker = "o" if len(line) <= 12 else ""
    axes.plot(
        line["year"],
        line["value"],
        dash,
        color=colour,
        linewidth=width,
        marker=marker,
        markersize=4,
        label=name,
    )
    if line["lower"].notna().any():
        axes.fill_between(line["year"], line["lower"], line["upper"], color=colour, alpha=0.15, linewidth=0)
        if len(line) == 1:
            gaps = [line["value"] - line["lower"], line["upper"] - line["value"]]
            axes.errorbar(line["year"], line["value"], yerr=gaps, color=colour, capsize=3)


def _stack(axes: Axes, parts: pd.DataFrame, result: Result, language: str) -> None:
    """Parts that add up: areas where there is a year for each, bars where there are a few dates."""
    wide = parts.pivot_table(index="year", columns="disaggregation", values="value", sort=False).fillna(0).sort_index()
    # What is nothing at every date would only take a colour from the others.
    there = wide.columns[(wide != 0).any()]
    order = wide.iloc[-1][there if len(there) else wide.columns].sort_values(ascending=False).index
    if len(order) > _MOST_PARTS:
        rest = wide[order[_MOST_PARTS - 1 :]].sum(axis=1)
        wide = wide[order[: _MOST_PARTS - 1]].assign(**{text("chart.others", language): rest})
    else:
        wide = wide[order]
    names = [result.spec.label(str(name), language) for name in wide.columns]
    colours = [COLOURS[at % len(COLOURS)] for at in range(len(names))]
    if len(wide) > 8:
        axes.stackplot(wide.index, wide.to_numpy().T, labels=names, colors=colours, alpha=0.85)
    else:
        base = 0.0
        for name, colour, column in zip(names, colours, wide.columns, strict=True):
            axes.bar([str(year) for year in wide.index], wide[column], bottom=base, color=colour, label=name, width=0.6)
            base = base + wide[column].to_numpy()
        # A single date is a bar beside which there is room, not a wall.
        axes.set_xlim(-1.5 if len(wide) == 1 else -0.6, len(wide) + (0.5 if len(wide) == 1 else -0.4))


def _finish(figure: Figure, axes: Axes, result: Result, unit: str, language: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(round(value, 10), language)))
    axes.set_ylabel(unit_shown(unit, language))
    data = result.data
    there = data[(data["unit"] == unit) & data["value_status"].isin(WITH_NUMBER)]
    shown = there["year"]
    if (there["value"] % 1 == 0).all():
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    if axes.get_lines() or axes.collections:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: str(int(value))))
    if shown.nunique() == 1 and axes.get_lines():
        axes.set_xlim(shown.iloc[0] - 5, shown.iloc[0] + 5)
    legend_above(figure, axes)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    figure.supxlabel(maturity_line(result, language), fontsize=8, color="#555555", x=0.01, ha="left")


def legend_above(figure: Figure, axes: Axes) -> None:
    """The legend over the drawing, in as many columns as its words allow, so that nothing is cut off."""
    handles, labels = axes.get_legend_handles_labels()
    if not labels:
        return
    columns = max(1, min(4, len(labels), 76 // (max(map(len, labels)) + 6)))
    figure.legend(handles, labels, loc="outside upper left", ncols=columns, frameon=False, fontsize=8.5)


def showing(figure: Figure) -> Figure:
    """The figure, able to show itself in a notebook although pyplot does not know it."""
    figure._repr_png_ = lambda: as_bytes(figure)
    return figure


def as_bytes(figure: Figure, kind: str = "png") -> bytes:
    """A figure as PNG (160 dots per inch) or SVG, without the hour of its making."""
    import matplotlib as mpl

    out = io.BytesIO()
    metadata = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
    with mpl.rc_context({"svg.hashsalt": "gbf", "font.family": available_fonts()}):
        figure.savefig(out, format=kind, dpi=160, metadata=metadata)
    return out.getvalue()


def described(result: Result, language: str | None = None) -> str:
    """What the chart shows, in words, for readers who do not see it."""
    totals = result.totals[result.totals["value_status"].isin(WITH_NUMBER)].sort_values("year")
    name = result.spec.said("summary", language)
    if totals.empty:
        return text("chart.described_without_total", language, name=name)
    first, last = totals.iloc[0], totals.iloc[-1]
    values = {"first": number(first["value"], language), "last": number(last["value"], language)}
    years = {"first_year": str(first["year"]), "last_year": str(last["year"])}
    return text("chart.described", language, name=name, unit=unit_shown(result.spec.unit, language), **values, **years)
