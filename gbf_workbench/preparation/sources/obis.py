"""Records of marine species in an area, from the Ocean Biodiversity Information System."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gbf_workbench.errors import problem
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import pages
from gbf_workbench.preparation.sources.preparing import Job
from gbf_workbench.preparation.sources.raw_files import records_in

PER_PAGE = 5000
_FIELDS = (
    "id", "scientificName", "aphiaID", "decimalLongitude", "decimalLatitude", "coordinateUncertaintyInMeters",
    "date_year", "eventDate", "minimumDepthInMeters", "maximumDepthInMeters", "basisOfRecord", "dataset_id", "license",
)  # fmt: skip


def obis(job: Job) -> list[Path]:
    """Write the records of an area (``areaid``, a number of OBIS) or outline (``geometry``, in WKT)."""
    asked = {name: job.option(name) for name in ("areaid", "geometry", "startdate", "enddate") if job.option(name)}
    if not {"areaid", "geometry"} & set(asked):
        raise problem("sources.which_area", steps=job.source.steps())
    raw = job.raw(lambda service, folder: _fetch(job, service, folder, asked))
    rows = [{name: one.get(name, "") for name in _FIELDS} for one in records_in(raw / "occurrences.json")]
    return job.write_table("", rows, "occurrences.csv")


def _fetch(job: Job, service: Connection, folder: Path, asked: dict[str, str]) -> str:
    def ask(page: int) -> tuple[list[Any], bool]:
        params = {**asked, "size": PER_PAGE, "fields": ",".join(_FIELDS)}
        if page > 1:
            params["after"] = _last_of(folder, page - 1)
        answer, _ = service.json("v3/occurrence", params)
        service.require(answer, "total", "results")
        for one in answer["results"]:
            service.require(one, "id", "scientificName")
        return answer["results"], len(answer["results"]) < PER_PAGE

    pages(service, "occurrences.json", folder, ask, job.say)
    return ""


def _last_of(folder: Path, page: int) -> str:
    """Identifier of the last record of a page that is there already: OBIS goes on behind it."""
    return records_in(folder / "occurrences.json.pages" / f"{page:06d}.json")[0][-1]["id"]
