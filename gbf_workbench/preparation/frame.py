"""The frame: one boundary, sea, division and projection that every indicator of a country is measured in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.locales import PACKAGE, read_yaml
from gbf_workbench.methods.projections import require_equal_area
from gbf_workbench.preparation.countries import country_name, country_reading
from gbf_workbench.preparation.mapping import TableMapping, table_mapping

if TYPE_CHECKING:
    import geopandas as gpd

FILE = "country.yml"
DEFAULT_CRS = "EPSG:6933"
#: Layers that all indicators share. Reference areas are those a country reports on beside its provinces: ecoregions,
#: river basins, key biodiversity areas.
LAYERS = ("land", "sea", "provinces", "reference_areas")
#: Beyond this share of the official area the boundary and the official figure are two different things.
_TOLERANCE = 0.01


@dataclass(frozen=True)
class Frame:
    """What ``country.yml`` says under ``frame``.

    Attributes
    ----------
    crs : str
        An ellipsoidal equal-area system.
    layers : mapping of str to TableMapping
    sources : mapping of str to str
        Who made each layer and when.
    parts : mapping of str to bool
        Parts of the boundary, by the name or code in its column ``part``, and whether they count.
    territories : str
        ``in`` or ``out``, where the boundary is not divided into parts and the country has overseas territories.
    landlocked : bool
        Whether somebody said that there is no sea.
    official_km2 : mapping of str to float
        Official areas of land and sea, to hold the boundary against.
    """

    crs: str = DEFAULT_CRS
    layers: Mapping[str, TableMapping] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, bool] = field(default_factory=dict)
    territories: str = ""
    landlocked: bool = False
    official_km2: Mapping[str, float] = field(default_factory=dict)


def read_frame(raw: Mapping[str, Any], wrong: list[Issue]) -> Frame:
    """Read the frame; what is wrong with it is added to ``wrong``."""
    own = dict(raw)
    crs = _read_crs(own.pop("crs", DEFAULT_CRS), wrong)
    parts = _read_parts(own.pop("parts", {}), wrong)
    territories = str(own.pop("territories", ""))
    if territories not in ("", "in", "out"):
        wrong.append(_broken("frame: territories must be “in” or “out”"))
    landlocked = own.get("sea") == "none"
    if landlocked:
        own.pop("sea")
    layers, sources, official = _read_layers(own, wrong)
    return Frame(crs, layers, sources, parts, territories, landlocked, official)


def _read_crs(given: Any, wrong: list[Issue]) -> str:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    name = str(given)[:200]
    if name == DEFAULT_CRS:
        return name
    try:
        crs = CRS.from_user_input(name)
    except CRSError:
        crs = None
    if crs is None or not crs.is_projected:
        wrong.append(_broken(f"frame: “{name[:40]}” is not a projected coordinate system such as {DEFAULT_CRS}"))
        return name
    try:
        require_equal_area(crs)
    except ValueError as fault:
        wrong.append(_broken(f"frame: {fault}"))
    return name


def _read_parts(raw: Any, wrong: list[Issue]) -> dict[str, bool]:
    words = {"in": True, "out": False}
    if not isinstance(raw, dict) or not all(choice in words for choice in raw.values()):
        wrong.append(_broken("frame: parts needs names of parts of the boundary, each with “in” or “out”"))
        return {}
    return {str(name): words[choice] for name, choice in raw.items()}


def _read_layers(
    raw: Mapping[str, Any], wrong: list[Issue]
) -> tuple[dict[str, TableMapping], dict[str, str], dict[str, float]]:
    layers, sources, official = {}, {}, {}
    for name, one in raw.items():
        if name not in LAYERS or not isinstance(one, dict) or not one.get("file"):
            wrong.append(_broken(f"frame: “{name}” needs a file, and must be one of {', '.join(LAYERS)}"))
            continue
        given = {word: value for word, value in one.items() if word not in ("source", "name_column", "km2")}
        if "name_column" in one:
            given["columns"] = {"name": one["name_column"]}
        try:
            layers[name] = table_mapping(f"frame_{name}", given, file=FILE, key="check.country_broken")
        except WorkbenchError as refused:
            wrong += refused.issues
        sources[name] = str(one.get("source") or "")
        if "km2" in one:
            if isinstance(one["km2"], bool) or not isinstance(one["km2"], int | float) or one["km2"] <= 0:
                wrong.append(_broken(f"frame: km2 of “{name}” must be an area in square kilometres"))
            else:
                official[name] = float(one["km2"])
    return layers, sources, official


def _broken(reason: str) -> Issue:
    return Issue("error", "check.country_broken", {"reason": reason}, file=FILE)


# -- the layers, once they are read ------------------------------------------------------------------------------


def is_landlocked(code: str, frame: Frame) -> bool:
    """Whether the country has no sea: it says so, or it is known and it brought none."""
    return frame.landlocked or ("sea" not in frame.layers and code in _facts()["landlocked"])


def no_sea(frame: Frame) -> gpd.GeoDataFrame:
    """The sea of a country that has none: a layer without a feature."""
    import geopandas as gpd

    return gpd.GeoDataFrame({"part": []}, geometry=[], crs=frame.crs)


def counted_parts(layer: gpd.GeoDataFrame, name: str, code: str, frame: Frame) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """A frame layer with only the parts that count, and what is to be said or asked about the others.

    Parameters
    ----------
    layer : GeoDataFrame
        Land, sea, provinces or reference areas in the frame's projection [m].
    name : str
        Which of them.
    code : str
        The country, ISO 3166-1 alpha-3.
    frame : Frame
    """
    issues: list[Issue] = []
    if not frame.sources.get(name):
        issues.append(Issue("flag", "frame.no_source", {"layer": name}))
    part = _parts_of(layer, code)
    other = sorted(set(part) - {""})
    if not other:
        return layer, [*issues, *_territory_issues(name, code, frame), *_official_issues(layer, name, frame)]
    km2 = layer.geometry.area.groupby(part).sum() / 1e6
    chosen = {_part(one): choice for one, choice in frame.parts.items()}
    if asked := [one for one in other if one not in chosen]:
        base = float(sum(km2[one] for one in km2.index if chosen.get(one, one == "")))
        issues.append(_open_parts(asked, km2, base, tuple(int(row) for row in layer.index[part.isin(asked)])))
    out = [one for one in other if not chosen.get(one, True)]
    if other and not asked:
        values = {
            "counted": ", ".join(_named(one) for one in other if one not in out) or "–",
            "left_out": ", ".join(_named(one) for one in out) or "–",
            "km2": float(km2[out].sum()), "percent": 100 * float(km2[out].sum() / km2.sum()),
        }  # fmt: skip
        issues.append(Issue("flag", "frame.parts_chosen", values))
    counted = layer[~part.isin(out)]
    return counted, [*issues, *_official_issues(counted, name, frame)]


def _parts_of(layer: gpd.GeoDataFrame, code: str) -> pd.Series:
    """The part of each feature; an empty text for the country itself."""
    if "part" not in layer:
        return pd.Series("", index=layer.index)
    part = layer["part"].fillna("").astype(str).map(_part)
    return part.where(part != code, "")


def _part(written: str) -> str:
    """A part by its code, whether code or name was written; short words and numbers are names of somebody's own."""
    said = str(written).strip()
    found = country_reading(said) if len(said) > 2 and not said.isdigit() else None
    return found.code if found and found.code else said


def _open_parts(asked: list[str], km2: pd.Series, base: float, rows: tuple[int, ...]) -> Issue:
    """The question which parts count, with how much each would change the area that percentages are taken of."""
    whole = base or float(km2.sum())
    said = ", ".join(f"{_named(one)} ({km2[one]:,.0f} km², {100 * km2[one] / whole:+.1f} %)" for one in asked)
    answer = ", ".join(f"{one}: in" for one in asked)
    return Issue("question", "frame.parts_open", {"names": said, "answer": answer}, column="part", rows=rows)


def _territory_issues(name: str, code: str, frame: Frame) -> list[Issue]:
    """Whether a boundary in one piece includes the overseas territories cannot be seen from it by everybody."""
    there = _facts()["territories"].get(code, ())
    if not there or name not in ("land", "sea"):
        return []
    names = ", ".join(_named(one) for one in there)
    if not frame.territories:
        return [Issue("question", "frame.territories_open", {"names": names}, column="territories")]
    return [Issue("flag", f"frame.territories_{frame.territories}", {"names": names})]


def _official_issues(layer: gpd.GeoDataFrame, name: str, frame: Frame) -> list[Issue]:
    official = frame.official_km2.get(name)
    if official is None:
        return []
    drawn = float(layer.geometry.area.sum()) / 1e6
    if abs(drawn - official) <= _TOLERANCE * official:
        return []
    values = {"drawn": drawn, "official": official, "difference": drawn - official}
    return [Issue("flag", "frame.official_area", {**values, "percent": 100 * (drawn - official) / official})]


def _named(code: str) -> str:
    name = country_name(code)
    return code if name == code else f"{name} ({code})"


@cache
def _facts() -> Mapping[str, Any]:
    return read_yaml(PACKAGE / "preparation" / "code_lists" / "country_facts.yml")
