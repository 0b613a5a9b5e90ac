"""A country's catches and aquaculture by species and year, from FAO's FishStat."""

from __future__ import annotations

from pathlib import Path

from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import download
from gbf_workbench.preparation.sources.preparing import LATEST, Job
from gbf_workbench.preparation.sources.zipped_tables import rows_of


def fishstat(job: Job) -> list[Path]:
    """Write the country's quantities as they were published; the codes are explained in ``CL_FI_*`` of the archive."""
    collection = job.choice("collection", ("Capture", "Aquaculture", "GlobalProduction"))
    release = job.source.release if job.release in ("", LATEST) else job.release

    def fetch(service: Connection, folder: Path) -> str:
        name = f"{collection}_{release}.zip"
        download(service, f"fishery/static/Data/{name}", folder / name, say=job.say)
        return release

    raw = job.raw(fetch, per_country=False, asked={"collection": collection})
    archive = next(raw.glob("*.zip"))
    rows = rows_of(archive, "quantity", "COUNTRY.UN_CODE", job.number())
    return job.write_table("", rows, f"{collection.lower()}_quantity.csv")
