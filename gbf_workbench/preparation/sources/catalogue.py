"""What is known of each source: what it gives, on which terms, and how to get it by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from gbf_workbench.errors import problem
from gbf_workbench.locales import has_text, read_yaml, text

FOLDER = Path(__file__).parent
#: Whether what was downloaded may be given to others as it is.
REDISTRIBUTION = ("allowed", "forbidden", "ask")


@dataclass(frozen=True)
class Source:
    """One source of data, as its YAML file tells it.

    Attributes
    ----------
    address : str
        Where the service answers; the option ``address`` takes a mirror instead.
    module : str
        The module that downloads; several sources of one kind share one.
    indicators, tables : tuple of str
        Codes of the indicators it serves, and names of the tables it fills.
    tokens : tuple of str
        Environment variables that must hold the user's own credentials.
    release : str
        The release that is downloaded unless another is asked for; empty where the service has only its newest.
    options : mapping
        Name to ``default`` and ``help``.
    settings : mapping
        What only its own module understands.
    """

    name: str
    title: str
    gives: str
    address: str
    module: str
    indicators: tuple[str, ...]
    tables: tuple[str, ...]
    licence: str
    citation: str
    terms: str
    redistribution: str
    size: str
    rate_limit: str
    last_checked: str
    tried_against_service: str
    by_hand: tuple[str, ...]
    tokens: tuple[str, ...] = ()
    release: str = ""
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def said(self, part: str, language: str | None = None) -> str:
        """One of its texts in the language, as far as it is translated."""
        key = f"sources.of.{self.name}.{part}"
        return text(key, language) if has_text(key) else str(getattr(self, part))

    def steps(self, language: str | None = None) -> str:
        """How to get it by hand, as numbered steps in one sentence."""
        keys = [f"sources.of.{self.name}.by_hand.{n}" for n in range(1, len(self.by_hand) + 1)]
        said = [text(key, language) if has_text(key) else step for key, step in zip(keys, self.by_hand, strict=True)]
        return " ".join(f"({n}) {step}" for n, step in enumerate(said, start=1))


@cache
def sources() -> dict[str, Source]:
    """All sources by name, in the order of their names."""
    found = {}
    for path in sorted(FOLDER.glob("*.yml")):
        raw = dict(read_yaml(path))
        for part in ("indicators", "tables", "by_hand", "tokens"):
            raw[part] = tuple(str(one) for one in raw.get(part, ()))
        for part in ("release", "last_checked"):
            raw[part] = str(raw.get(part, ""))
        found[path.stem] = Source(name=path.stem, **{"module": path.stem, **raw})
    return found


def source_of(name: str) -> Source:
    """The source with this name.

    Raises
    ------
    WorkbenchError
        That names the sources there are.
    """
    if name in sources():
        return sources()[name]
    raise problem("sources.unknown", value=name, choices=", ".join(sources()))


def listing(cached: Mapping[str, list[str]]) -> list[str]:
    """One paragraph for each source: what it gives, on which terms, and whether it is there without internet.

    Parameters
    ----------
    cached : mapping of str to list of str
        Source to the releases the cache holds.
    """
    lines = []
    for one in sources().values():
        releases, tokens = ", ".join(cached.get(one.name, ())), ", ".join(one.tokens)
        passing_on = text(f"sources.list.{one.redistribution}")
        lines += [
            f"{one.name}: {one.said('title')}",
            "  " + text("sources.list.for", codes=", ".join(one.indicators) or "–"),
            "  " + text("sources.list.licence", licence=one.licence, passing_on=passing_on),
            "  " + text("sources.list.size", size=one.said("size")),
            "  " + (text("sources.list.token", names=tokens) if tokens else text("sources.list.free")),
            "  " + (text("sources.list.offline", releases=releases) if releases else text("sources.list.online")),
            "  " + text("sources.list.tried", tried=one.tried_against_service, checked=one.last_checked),
        ]  # fmt: skip
        lines += [f"  --option {name}=…  {option_help(one, name)}" for name in one.options]
    return lines


def option_help(source: Source, option: str) -> str:
    """What an option of a source does, with its default."""
    key = f"sources.of.{source.name}.options.{option}"
    said = text(key) if has_text(key) else source.options[option]["help"]
    default = source.options[option].get("default", "")
    return f"{said} [{default}]" if default else said
