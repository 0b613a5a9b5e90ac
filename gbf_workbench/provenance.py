"""The recipe of a result: what went in, how it was computed, with which software."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gbf_workbench.catalogue.specs import IndicatorSpec

SOFTWARE = ("gbf-workbench", "numpy", "pandas", "geopandas", "shapely", "pyproj", "rasterio")
RECIPE_LENGTH = 12


@dataclass(frozen=True)
class InputFile:
    """One file that went in: its role, its name in the country folder, its SHA-256 as it lay there, its size [bytes].

    ``origin`` says of a file that was brought from a data source which one, in which release, and under which licence
    and citation.
    """

    role: str
    name: str
    sha256: str
    size: int
    origin: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Provenance:
    """Everything needed to compute the same numbers again.

    ``recipe`` stands for indicator, method version, parameters and the content of the inputs; not for the hour, the
    machine or the file format, so the same facts sent as CSV or XLSX have the same recipe.
    """

    indicator: str
    slug: str
    method: Mapping[str, str]
    maturity: str
    parameters: Mapping[str, Any]
    area: str
    inputs: tuple[InputFile, ...]
    recipe: str
    computed_at: str
    software: Mapping[str, str]

    def record(self) -> dict[str, Any]:
        """As plain data for ``result.json``."""
        return asdict(self)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def recipe_of(spec: IndicatorSpec, area: str, parameters: Mapping[str, Any], contents: Mapping[str, str]) -> str:
    """Twelve characters for indicator, method version, country, parameters and canonical contents by role.

    Parameters
    ----------
    contents : mapping of str
        Digest of each input's canonical content (see ``preparation.canonical``).
    """
    facts = {
        "indicator": spec.code, "method": spec.method["name"], "version": spec.method["version"], "area": area,
        "parameters": dict(sorted(parameters.items())), "contents": dict(sorted(contents.items())),
    }  # fmt: skip
    said = json.dumps(facts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()[:RECIPE_LENGTH]


def software_versions(names: Iterable[str] = SOFTWARE) -> dict[str, str]:
    """Versions of the software that can change a number."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def write_down(
    spec: IndicatorSpec,
    area: str,
    parameters: Mapping[str, Any],
    inputs: Iterable[InputFile],
    contents: Mapping[str, str],
) -> Provenance:
    """The provenance of a calculation made now."""
    return Provenance(
        indicator=spec.code, slug=spec.slug, method=dict(spec.method), maturity=spec.maturity,
        parameters=dict(parameters), area=area, inputs=tuple(inputs),
        recipe=recipe_of(spec, area, parameters, contents),
        computed_at=datetime.now(UTC).isoformat(timespec="seconds"), software=software_versions(),
    )  # fmt: skip
