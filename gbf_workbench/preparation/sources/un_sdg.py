"""A country's values of a series of the United Nations' global SDG database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gbf_workbench.errors import problem
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import pages
from gbf_workbench.preparation.sources.preparing import Job
from gbf_workbench.preparation.sources.raw_files import records_in

PER_PAGE = 1000
_NEEDED = ("series", "timePeriodStart", "value", "attributes", "dimensions")
#: Classes that stand for all of them together.
_TOTALS = {"_T", "T", "ALLAGE", "BOTHSEX", "ALLAREA", "_Z", "NaN", ""}
#: What the nature of a value means: country data as they are, or made by somebody from something else.
_STATUS = {"C": "measured", "CA": "estimated", "E": "estimated", "G": "estimated", "M": "estimated"}


def un_sdg(job: Job) -> list[Path]:
    """Write the values of the series in the columns of ``indicator_values``."""
    series = job.option("series")
    raw = job.raw(lambda service, folder: _fetch(job, service, folder, series), asked={"series": series})
    kind = job.option("reporting_type")
    values = [one for one in records_in(raw / "values.json") if one["dimensions"].get("Reporting Type", kind) == kind]
    units = sorted({str(one["attributes"].get("Units", "")) for one in values})
    unit = job.option("unit")
    if len(units) > 1 and unit not in units:
        raise problem("sources.several_units", value=series, choices=", ".join(units))
    rows = [_row(one) for one in values if len(units) < 2 or one["attributes"].get("Units") == unit]
    rows.sort(key=lambda row: (row["disaggregation_type"], row["disaggregation"], row["year"]))
    return job.write_table("", rows, f"indicator_values_{series}.csv")


def _fetch(job: Job, service: Connection, folder: Path, series: str) -> str:
    known, _ = service.json("v1/sdg/Series/List", {"allreleases": "false"})
    release = next((one.get("release", "") for one in known if one.get("code") == series), None)
    if release is None:
        raise problem("sources.series_unknown", value=series, source=job.source.said("title"))

    def ask(page: int) -> tuple[list[Any], bool]:
        params = {"seriesCode": series, "areaCode": int(job.number()), "page": page, "pageSize": PER_PAGE}
        answer, _ = service.json("v1/sdg/Series/Data", params)
        service.require(answer, "data", "totalPages")
        for one in answer["data"]:
            service.require(one, *_NEEDED)
        return answer["data"], page >= int(answer["totalPages"])

    pages(service, "values.json", folder, ask, job.say)
    return str(release)


def _row(one: dict[str, Any]) -> dict[str, Any]:
    classes = {
        name: str(value) for name, value in sorted(one["dimensions"].items())
        if name != "Reporting Type" and str(value) not in _TOTALS
    }  # fmt: skip
    value = "" if one["value"] in (None, "NaN", "N", "NV") else str(one["value"])
    nature = str(one["attributes"].get("Nature", ""))
    status = _STATUS.get(nature, "") if value else ("not_applicable" if nature == "N" else "missing")
    return {
        "year": int(float(one["timePeriodStart"])), "value": value,
        "disaggregation_type": "; ".join(classes), "disaggregation": "; ".join(classes.values()),
        "lower": _number(one.get("lowerBound")), "upper": _number(one.get("upperBound")), "value_status": status,
    }  # fmt: skip


def _number(value: Any) -> str:
    return "" if value in (None, "NaN") else str(value)
