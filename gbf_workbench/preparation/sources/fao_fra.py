"""A country's figures in the Global Forest Resources Assessment of FAO."""

from __future__ import annotations

from pathlib import Path

from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import download
from gbf_workbench.preparation.sources.preparing import Job
from gbf_workbench.preparation.sources.zipped_tables import rows_of


def fao_fra(job: Job) -> list[Path]:
    """Write the country's rows of the yearly figures as they were published [1000 ha where the name says nothing]."""
    cycle = job.option("cycle")

    def fetch(service: Connection, folder: Path) -> str:
        asked = {"assessmentName": "fra", "cycleName": cycle, "countryIso": "WO"}
        download(service, "api/file/bulk-download", folder / "fra.zip", asked, say=job.say)
        return cycle

    raw = job.raw(fetch, per_country=False, asked={"cycle": cycle})
    code = job.options.get("service_code") or job.code
    return job.write_table("", rows_of(raw / "fra.zip", "fra_years", "iso3", code), "fra_years.csv")
