"""A country's values of an indicator of the World Bank."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gbf_workbench.errors import problem
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import pages
from gbf_workbench.preparation.sources.preparing import Job
from gbf_workbench.preparation.sources.raw_files import records_in

PER_PAGE = 1000


def world_bank(job: Job) -> list[Path]:
    """Write the values of the indicator in the columns of ``indicator_values``."""
    series = job.option("series")
    raw = job.raw(lambda service, folder: _fetch(job, service, folder, series), asked={"series": series})
    rows = [
        {"year": one["date"], "value": one["value"]} for one in records_in(raw / "values.json")
        if one["value"] is not None
    ]  # fmt: skip
    return job.write_table("", sorted(rows, key=lambda row: row["year"]), f"indicator_values_{series}.csv")


def _fetch(job: Job, service: Connection, folder: Path, series: str) -> str:
    updated = []
    country = job.options.get("service_code") or job.code

    def ask(page: int) -> tuple[list[Any], bool]:
        params = {"format": "json", "per_page": PER_PAGE, "page": page}
        answer, _ = service.json(f"v2/country/{country}/indicator/{series}", params)
        about = answer[0] if isinstance(answer, list) and answer and isinstance(answer[0], dict) else {}
        if "message" in about:
            # An unknown indicator is told with the status of success.
            said = "; ".join(str(one.get("value", one)) for one in about["message"])
            raise problem("sources.series_refused", value=series, source=job.source.said("title"), reason=said)
        service.require(about, "page", "pages", "lastupdated")
        records = (answer[1] if len(answer) > 1 else None) or []
        for one in records:
            service.require(one, "date", "value")
        updated.append(str(about["lastupdated"]))
        return records, page >= int(about["pages"])

    pages(service, "values.json", folder, ask, job.say)
    return updated[0]
