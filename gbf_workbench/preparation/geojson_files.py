"""What is particular to GeoJSON: a coordinate system named in an old way, and files that end in the middle."""

from __future__ import annotations

import json
import re
from pathlib import Path

from gbf_workbench.errors import Issue

_HEAD = 65_536
_NAMED = re.compile(rb'"crs"\s*:\s*\{[^{}]*\{[^{}]*"(?:name|code|href)"\s*:\s*"?([^",}\s]{1,200})')
#: Longitude and latitude of WGS 84, which is what GeoJSON means anyway.
_USUAL = ("CRS84", "EPSG:4326", "EPSG::4326", "CRS84H")


def crs_member_issue(path: Path) -> Issue | None:
    """A note where the file names a coordinate system of its own, which newer programs pass over (RFC 7946, 4)."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, path.stat().st_size - _HEAD))
        tail = file.read()
    named = _NAMED.search(head) or _NAMED.search(tail)
    if not named:
        return None
    name = named[1].decode("utf-8", "replace")
    return None if name.upper().endswith(_USUAL) else Issue("flag", "layer.crs_member", value=name)


def cut_off_issue(path: Path) -> Issue | None:
    """Where a GeoJSON file that cannot be read ends, counted in features; None where something else is wrong."""
    try:
        words = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        if fault.end < path.stat().st_size - 4:
            return None
        words = path.read_bytes()[: fault.start].decode("utf-8-sig", "replace")
    begin = re.search(r'"features"\s*:\s*\[', words)
    if not begin:
        return None
    whole, at = _whole_features(words, begin.end())
    rest = words[at:].strip()
    if not rest or _ends_early(words, at):
        number = whole + 1 if rest.startswith("{") else whole
        return Issue("error", "layer.cut_off", {"number": number}, rows=(max(number, 1),))
    return None


def _whole_features(words: str, at: int) -> tuple[int, int]:
    """How many features can be read one after the other, and where the first that cannot begins."""
    reader, count = json.JSONDecoder(), 0
    while True:
        begin = re.compile(r"[\s,]*").match(words, at).end()
        try:
            _, at = reader.raw_decode(words, begin)
        except (json.JSONDecodeError, RecursionError):
            return count, begin
        count += 1


def _ends_early(words: str, at: int) -> bool:
    """Whether brackets are left open at the end, and nothing before it was wrong."""
    rest = words[at:]
    if rest.startswith("{"):
        try:
            json.JSONDecoder().raw_decode(rest)
        except json.JSONDecodeError as fault:
            # A word or a number broken off is noticed where it began.
            return fault.pos >= len(rest.rstrip()) - 6 or "Unterminated string" in fault.msg
    return not rest.rstrip().endswith("}")
