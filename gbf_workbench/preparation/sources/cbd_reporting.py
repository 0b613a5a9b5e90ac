"""Public records of a country in the Convention's online reporting tool."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import pages
from gbf_workbench.preparation.sources.preparing import Job
from gbf_workbench.preparation.sources.raw_files import records_in

PER_PAGE = 500
_FIELDS = (
    "identifier_s", "schema_s", "title_EN_t", "summary_EN_t", "government_s", "url_ss", "_revision_i",
    "createdDate_dt", "updatedDate_dt",
)  # fmt: skip


def cbd_reporting(job: Job) -> list[Path]:
    """Write a list of the records, each in its last revision."""
    raw = job.raw(lambda service, folder: _fetch(job, service, folder))
    last: dict[str, dict[str, Any]] = {}
    for one in records_in(raw / "records.json"):
        # An export repeats a record for each of its revisions.
        held = last.get(one["identifier_s"])
        if held is None or int(one.get("_revision_i", 0)) >= int(held.get("_revision_i", 0)):
            last[one["identifier_s"]] = one
    rows = [{name: _flat(one.get(name, "")) for name in _FIELDS} for one in last.values()]
    rows.sort(key=lambda row: (row["schema_s"], row["identifier_s"]))
    return job.write_table("", rows, "records.csv")


def _fetch(job: Job, service: Connection, folder: Path) -> str:
    schemas = " ".join(job.option("schemas").replace(",", " ").split())
    query = f"schema_s:({schemas}) AND government_s:{job.iso2().lower()}"

    def ask(page: int) -> tuple[list[Any], bool]:
        start = (page - 1) * PER_PAGE
        asked = {
            "q": query, "fq": ["_state_s:public", "realm_ss:ort"], "fl": ",".join(_FIELDS), "wt": "json",
            "sort": "identifier_s asc", "start": start, "rows": PER_PAGE,
        }  # fmt: skip
        answer, _ = service.json("api/v2013/index/select", asked)
        service.require(answer, "response")
        service.require(answer["response"], "numFound", "docs")
        for one in answer["response"]["docs"]:
            service.require(one, "identifier_s", "schema_s")
        return answer["response"]["docs"], start + PER_PAGE >= int(answer["response"]["numFound"])

    pages(service, "records.json", folder, ask, job.say)
    return ""


def _flat(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list) else value
