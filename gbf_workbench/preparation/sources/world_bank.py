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
    rows.sort(key=lambda row: row["year"])
    paths = job.write_table("", rows, f"indicator_values_{series}.csv")
    return paths + _prices(job, series, rows) if rows else paths


def _prices(job: Job, series: str, rows: list[dict[str, Any]]) -> list[Path]:
    """Deflators and exchange rates in tables of their own; the service does not say in which currency they are."""
    currency = job.option("currency")
    fixed: dict[str, Any] = {"currency": currency, "source": f"{job.source.title}, {series}"}
    if currency and series == "NY.GDP.DEFL.ZS":
        prices = [{**fixed, "year": row["year"], "price_index": row["value"]} for row in rows]
        return job.write_table("deflators", prices)
    if currency and series == "PA.NUS.FCRF":
        fixed |= {"reference_currency": "USD", "direction": "currency per reference"}
        return job.write_table("exchange_rates", [{**fixed, "year": row["year"], "rate": row["value"]} for row in rows])
    return []


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
