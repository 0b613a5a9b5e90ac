"""Red List categories of the species of a country, from the interface of the IUCN Red List."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gbf_workbench.errors import Issue
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import pages
from gbf_workbench.preparation.sources.preparing import Job
from gbf_workbench.preparation.sources.raw_files import records_in

TABLE = "red_list_assessments"
_NEEDED = ("sis_taxon_id", "red_list_category_code", "taxon_scientific_name")
#: Not recognised as a species by now: no category that an index could count.
_NO_SPECIES = "NR"


def iucn_red_list(job: Job) -> list[Path]:
    """Write one row for each species: its category in the release, under the group it was assessed with."""
    groups = [one.strip() for one in job.option("groups").split(",") if one.strip()]
    raw = job.raw(lambda service, folder: _fetch(job, service, folder, "country", f"countries/{job.iso2()}"), asked={})
    species = records_in(raw / "country.json")
    year = int(job.entries[0].release[:4])
    group_of: dict[int, str] = {}
    for group in groups if species else ():
        folder = _group(job, group)
        group_of |= {one["sis_taxon_id"]: group for one in records_in(folder / f"{group}.json")}
    left_out = [one for one in species if one["sis_taxon_id"] not in group_of]
    rows = [_row(one, group_of[one["sis_taxon_id"]], year) for one in species if one not in left_out]
    rows = [row for row in rows if row["category"] != _NO_SPECIES]
    if rows and left_out:
        values = {"number": len(left_out), "groups": ", ".join(groups)}
        job.issues.append(Issue("flag", "sources.other_groups", values, table=TABLE))
    return job.write_table(TABLE, sorted(rows, key=lambda row: (row["taxonomic_group"], row["scientific_name"])))


def _group(job: Job, group: str) -> Path:
    """The world's species of a group: the list of a country does not say which group a species belongs to."""
    at = f"comprehensive_groups/{group}"
    return job.raw(
        lambda service, folder: _fetch(job, service, folder, group, at), per_country=False, asked={"group": group},
        release=job.entries[0].release,
    )  # fmt: skip


def _fetch(job: Job, service: Connection, folder: Path, name: str, path: str) -> str:
    service.headers["Authorization"] = f"Bearer {service.secrets['IUCN_REDLIST_TOKEN']}"
    # The service asks for pauses between calls.
    service.pace = 0.5
    version, _ = service.json("api/v4/information/red_list_version")
    service.require(version, "red_list_version")

    def ask(page: int) -> tuple[list[Any], bool]:
        answer, headers = service.json(f"api/v4/{path}", {"latest": "true", "scope_code": 1, "page": page})
        service.require(answer, "assessments")
        for one in answer["assessments"]:
            service.require(one, *_NEEDED)
        last = headers.get("total-pages", "")
        return answer["assessments"], page >= int(last) if last.isdigit() else not answer["assessments"]

    pages(service, f"{name}.json", folder, ask, job.say)
    return str(version["red_list_version"])


def _row(one: dict[str, Any], group: str, year: int) -> dict[str, Any]:
    category = one["red_list_category_code"]
    if category == "CR" and one.get("possibly_extinct_in_the_wild"):
        category = "CR(PEW)"
    elif category == "CR" and one.get("possibly_extinct"):
        category = "CR(PE)"
    return {
        "species_id": str(one["sis_taxon_id"]), "scientific_name": one["taxon_scientific_name"],
        "taxonomic_group": group.replace("_", " ").capitalize(), "year": year, "category": category,
        "scope": "global",
    }  # fmt: skip
