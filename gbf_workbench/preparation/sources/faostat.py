"""A country's figures in a domain of FAOSTAT, such as the use of pesticides or of land."""

from __future__ import annotations

from pathlib import Path

from gbf_workbench.errors import problem
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import download
from gbf_workbench.preparation.sources.preparing import Job
from gbf_workbench.preparation.sources.zipped_tables import rows_of

#: Main types of pesticides as FAOSTAT calls them, and as the table does.
_TYPES = {
    "herbicides": "herbicide", "insecticides": "insecticide", "fungicides and bactericides": "fungicide",
    "rodenticides": "rodenticide", "plant growth regulators": "plant growth regulator",
    "other pesticides nes": "other",
}  # fmt: skip


def faostat(job: Job) -> list[Path]:
    """Write the country's rows of a domain as they were published."""
    domain = job.option("domain").upper()

    def fetch(service: Connection, folder: Path) -> str:
        listed, _ = service.json("production/datasets_E.json")
        service.require(listed, "Datasets")
        known = {one["DatasetCode"]: one for one in listed["Datasets"]["Dataset"]}
        if domain not in known:
            raise problem("sources.series_unknown", value=domain, source=job.source.said("title"))
        service.require(known[domain], "FileLocation", "DateUpdate")
        download(service, known[domain]["FileLocation"], folder / f"{domain}.zip", say=job.say)
        return str(known[domain]["DateUpdate"])[:10]

    raw = job.raw(fetch, per_country=False, asked={"domain": domain})
    # The numbers of the UN are written with an apostrophe, so that spreadsheets keep their zeros.
    rows = rows_of(raw / f"{domain}.zip", "(normalized)", "Area Code (M49)", job.number())
    paths = job.write_table("", rows, f"{domain}.csv")
    types = _pesticides(rows) if domain == "RP" else []
    return paths + job.write_table("pesticide_use_by_type", types) if types else paths


def _pesticides(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Masses by main type; the total, and the parts that a type is divided into, would be counted twice."""
    return [
        {"year": row["Year"], "pesticide_type": _TYPES[row["Item"].strip().lower()], "mass_t": row["Value"]}
        for row in rows
        if row["Item"].strip().lower() in _TYPES and row["Element"] == "Agricultural Use" and row["Unit"] == "t"
    ]
