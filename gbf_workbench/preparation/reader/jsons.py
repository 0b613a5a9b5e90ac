"""Which of its many uses a JSON file is one of; only GeoJSON goes on, and only without links for others to follow."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from gbf_workbench.errors import problem

_SHAPES = {
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
}  # fmt: skip
_BEGINNING = 65_536
_FEATURES = re.compile(rb'"type"\s*:\s*"Feature(Collection)?"')
_LINK = re.compile(rb'"type"\s*:\s*"(link|url|ogc)"', re.IGNORECASE)
#: Names of coordinate systems that are looked up here, never fetched.
_KNOWN_SYSTEM = re.compile(r"^(urn:|[A-Za-z]+:[\w.]+$|https?://www\.opengis\.net/(def/crs|gml)/)")


def kind_of_json(path: Path) -> str:
    """``geojson``, ``commands`` (a list of steps for GDAL), ``json_text`` or, where it is cut off, ``json_broken``.

    Raises
    ------
    WorkbenchError
        If it is GeoJSON whose coordinate system is to be fetched from elsewhere, or with other things than features.
    """
    content = path.read_bytes()
    # GDAL looks for this word and not at the structure, so the structure does not matter here either.
    if b"gdal_streamed_alg" in content:
        return "commands"
    try:
        whole = json.loads(content.decode("utf-8-sig"))
    except RecursionError:
        return "json_text"
    except json.JSONDecodeError:
        if not _FEATURES.search(content[:_BEGINNING]):
            return "json_text"
        if _LINK.search(content):
            raise problem("reader.link", file=path.name, value="") from None
        return "json_broken"
    except ValueError:
        # Not UTF-8: perhaps a text that only begins like JSON.
        return "json_text"
    return _kind_of(whole, path)


def _kind_of(whole: Any, path: Path) -> str:
    if not isinstance(whole, dict) or whole.get("type") not in {"FeatureCollection", "Feature", *_SHAPES}:
        return "json_text"
    system = whole.get("crs")
    if isinstance(system, dict):
        facts = system.get("properties")
        named = facts.get("name") if isinstance(facts, dict) else None
        reaches_out = str(system.get("type", "")).lower() in ("link", "url", "ogc")
        if reaches_out or (isinstance(named, str) and "/" in named and not _KNOWN_SYSTEM.match(named)):
            raise problem("reader.link", file=path.name, value=str(facts)[:80])
    features = whole.get("features") if whole["type"] == "FeatureCollection" else None
    if isinstance(features, list):
        _refuse_strangers(features, path)
    return "geojson"


def _refuse_strangers(features: list[Any], path: Path) -> None:
    """What stands among the features and is none, such as a collection of its own, would be passed over."""
    found = {at: one for at, one in enumerate(features, 1) if not isinstance(one, dict) or one.get("type") != "Feature"}
    if found:
        first = next(iter(found.values()))
        said = first.get("type", "") if isinstance(first, dict) else first
        raise problem("reader.no_feature", file=path.name, rows=tuple(found), value=str(said)[:80])
