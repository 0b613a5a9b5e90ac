"""Extracts of OpenStreetMap for a country, as Geofabrik cuts them each day."""

from __future__ import annotations

import re
from pathlib import Path

from gbf_workbench.errors import problem
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import download
from gbf_workbench.preparation.sources.preparing import LATEST, Job


def openstreetmap(job: Job) -> list[Path]:
    """Put the extract into the folder as it is: ``shp`` (zipped shapefiles) or ``pbf``."""
    form = job.choice("form", ("shp", "pbf"))
    raw = job.raw(lambda service, folder: _fetch(job, service, folder, form), asked={"form": form})
    return [path for one in sorted(raw.glob("*.zip")) + sorted(raw.glob("*.pbf")) for path in job.copy_file("", one)]


def _fetch(job: Job, service: Connection, folder: Path, form: str) -> str:
    url = _extract(job, service, form)
    day = job.release if job.release not in ("", LATEST) else ""
    if day and not re.fullmatch(r"\d{6}", day):
        raise problem("sources.option_choice", column="release", value=day, choices="YYMMDD")
    # Only the newest extract has its day in no name; older ones are had by their day.
    url = re.sub(r"-latest(?=[-.])", f"-{day}", url) if day else url
    name = url.rpartition("/")[2]
    sums, _ = service.text(f"{url}.md5")
    download(service, url, folder / name, digest=sums.split()[0] if sums.strip() else "", say=job.say)
    return day


def _extract(job: Job, service: Connection, form: str) -> str:
    """The smallest extract that holds the country."""
    index, _ = service.json("index-v1.json")
    service.require(index, "features")
    code = job.iso2()
    fitting = []
    for one in index["features"]:
        about = one.get("properties", {})
        service.require(about, "id", "urls")
        codes = about.get("iso3166-1:alpha2") or []
        if code in codes and form in about["urls"]:
            fitting.append((len(codes), about["id"], about["urls"][form], about.get("name", "")))
    if not fitting:
        raise service.problem("sources.no_extract", value=code)
    chosen = min(fitting)
    job.say(chosen[3])
    return chosen[2]
