"""Boundaries from geoBoundaries: open ones, or those that the country itself gave to the United Nations."""

from __future__ import annotations

import json
from pathlib import Path

from gbf_workbench.locales import text
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import download
from gbf_workbench.preparation.sources.preparing import Job

_LEVELS = {"land": "ADM0", "provinces": "ADM1"}


def official_boundaries(job: Job) -> list[Path]:
    """Write ``frame/land.gpkg`` or ``frame/provinces.gpkg``."""
    import geopandas

    layer = job.choice("layer", tuple(_LEVELS))
    kind = job.choice("kind", ("gbOpen", "gbAuthoritative", "gbHumanitarian"))
    raw = job.raw(
        lambda service, folder: _fetch(job, service, folder, kind, _LEVELS[layer]),
        asked={"layer": layer, "kind": kind},
    )
    about = json.loads((raw / "about.json").read_text(encoding="utf-8"))
    job.about = {
        "licence": str(about["boundaryLicense"]),
        "citation": f"{job.source.citation} {about['boundarySource']} ({about['boundaryYearRepresented']}).",
    }
    drawn = json.loads((raw / "boundaries.geojson").read_text(encoding="utf-8"))
    if not drawn.get("features"):
        return job.nothing()
    shapes = geopandas.GeoDataFrame.from_features(drawn["features"], crs="EPSG:4326")
    own = shapes[["geometry"]].assign(name=shapes.get("shapeName", ""))
    return say_how_to_use(job, layer, job.write_layer(f"frame_{layer}", own, f"{layer}.gpkg"))


def _fetch(job: Job, service: Connection, folder: Path, kind: str, level: str) -> str:
    about, _ = service.json(f"api/current/{kind}/{job.code}/{level}/")
    service.require(
        about, "boundaryID", "gjDownloadURL", "boundaryLicense", "boundarySource", "boundaryYearRepresented"
    )
    (folder / "about.json").write_text(json.dumps(about, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    download(service, about["gjDownloadURL"], folder / "boundaries.geojson", say=job.say)
    return str(about["boundaryID"])


def say_how_to_use(job: Job, layer: str, paths: list[Path]) -> list[Path]:
    """Tell what to write into ``country.yml``: a boundary is the country's choice and never taken in silence."""
    if paths and layer not in job.country.frame.layers:
        source = f"{job.source.title}, {job.entries[0].release}"
        job.say(text("sources.use_frame", layer=layer, file=f"frame/{layer}.gpkg", source=source))
    return paths
