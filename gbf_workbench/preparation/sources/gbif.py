"""What GBIF holds of a country: its checklist of introduced species, its records, or a cube of them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from gbf_workbench.errors import problem
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.darwin_core import read_archive
from gbf_workbench.preparation.sources.downloads import download
from gbf_workbench.preparation.sources.preparing import Job
from gbf_workbench.preparation.sources.service_codes import english_name

#: How often we ask whether a download is ready [s], and how many times before the user is told to come back.
_EVERY, _TIMES = 60.0, 60
_FAILED = ("FAILED", "KILLED", "CANCELLED", "FILE_ERASED")
_TABLE = "alien_species_checklist"
_RANKS = ("species", "subspecies", "variety", "form", "genus", "family")
_PATHWAYS = ("release", "escape", "contaminant", "stowaway", "corridor", "unaided")


def gbif(job: Job) -> list[Path]:
    """Write what was asked for: ``checklist``, ``occurrences`` or ``cube``."""
    what = job.choice("what", ("checklist", "occurrences", "cube"))
    return _checklist(job) if what == "checklist" else _occurrences(job, what)


def _checklist(job: Job) -> list[Path]:
    raw = job.raw(lambda service, folder: _fetch_checklist(job, service, folder), tokens=())
    about = json.loads((raw / "dataset.json").read_text(encoding="utf-8"))
    job.about = {"licence": about.get("license", ""), "citation": about.get("citation", {}).get("text", "")}
    tables = read_archive(raw / "checklist.zip")
    places = {row["id"]: row for row in tables.get("Distribution", ())}
    profiles = {row["id"]: row for row in tables.get("SpeciesProfile", ())}
    taxa = tables.get("Taxon", ())
    rows = [_species(one, places.get(one["id"], {}), profiles.get(one["id"], {})) for one in taxa]
    return job.write_table(_TABLE, rows) + _first_records(job, taxa, places)


def _species(taxon: dict[str, str], place: dict[str, str], profile: dict[str, str]) -> dict[str, str]:
    rank = taxon.get("taxonRank", "").strip().lower()
    way = place.get("pathway", "").strip()
    named = [one for one in _PATHWAYS if one in way.lower()]
    return {
        "scientific_name": taxon.get("scientificName", ""), "accepted_name": taxon.get("acceptedNameUsage", ""),
        "taxon_rank": rank if rank in _RANKS or not rank else "higher",
        # The registers write “Invasive” or nothing: nothing means that no evidence of harm was found.
        "invasive": "yes" if profile.get("isInvasive", "").strip().lower() in ("invasive", "true", "yes") else "",
        "establishment": _establishment(place), "taxonomic_group": taxon.get("kingdom", ""),
        "pathway": named[0] if len(named) == 1 else "", "pathway_as_published": way,
        "habitat": profile.get("habitat", ""), "taxon_id": taxon["id"],
    }  # fmt: skip


def _establishment(place: dict[str, str]) -> str:
    """The state of establishment where the list says one; that a species is there does not say that it stays."""
    said = [place.get(name, "").strip().lower() for name in ("degreeOfEstablishment", "occurrenceStatus")]
    if "absent" in said:
        return "absent"
    known = {"established": "established", "naturalised": "established", "naturalized": "established",
             "casual": "casual", "eradicated": "eradicated", "extinct": "extinct"}  # fmt: skip
    return next((known[one] for one in said if one in known), "unknown")


def _first_records(job: Job, taxa: Any, places: dict[str, dict[str, str]]) -> list[Path]:
    """The years of first records, for those lists that hold any."""
    rows = []
    for one in taxa:
        place = places.get(one["id"], {})
        if place.get("eventDate", "").strip():
            first, _, last = place["eventDate"].strip().partition("/")
            rows.append({
                "scientific_name": one.get("scientificName", ""), "first_year": first[:4],
                "last_possible_year": last[:4], "establishment": _establishment(place),
            })  # fmt: skip
    return job.write_table("alien_species_first_records", rows) if rows else []


def _fetch_checklist(job: Job, service: Connection, folder: Path) -> str:
    key = job.option("dataset") or _found(job, service)
    about, _ = service.json(f"v1/dataset/{key}")
    service.require(about, "endpoints", "title")
    archive = next((one["url"] for one in about["endpoints"] if one.get("type") == "DWC_ARCHIVE"), "")
    if not archive:
        raise service.problem("sources.no_archive", value=about["title"])
    job.say(about["title"])
    (folder / "dataset.json").write_text(json.dumps(about, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    download(service, archive, folder / "checklist.zip", say=job.say)
    return str(about.get("version") or about.get("pubDate") or about.get("modified", ""))[:10]


def _found(job: Job, service: Connection) -> str:
    """The one checklist whose title names the country; where there are more the user has to say which."""
    name = job.options.get("service_code") or english_name(job.code)
    asked = {"type": "CHECKLIST", "publishingOrg": job.source.settings["griis_publisher"], "q": name, "limit": 100}
    answer, _ = service.json("v1/dataset/search", asked)
    service.require(answer, "results")
    fitting = [one for one in answer["results"] if name.lower() in one.get("title", "").lower()]
    if len(fitting) == 1:
        return fitting[0]["key"]
    choices = "; ".join(f"{one['title']} ({one['key']})" for one in (fitting or answer["results"])[:10]) or "–"
    raise problem("sources.which_dataset", value=name, choices=choices)


def _occurrences(job: Job, what: str) -> list[Path]:
    raw = job.raw(lambda service, folder: _fetch_occurrences(job, service, folder, what))
    about = json.loads((raw / "download.json").read_text(encoding="utf-8"))
    job.about = {
        "licence": str(about.get("license", "")),
        "citation": f"GBIF.org, GBIF Occurrence Download https://doi.org/{about.get('doi', '')}",
    }
    if not about.get("totalRecords", 1):
        return job.nothing()
    with zipfile.ZipFile(raw / "download.zip") as packed:
        member = next(iter(name for name in packed.namelist() if name.endswith((".csv", ".tsv"))), "")
        if not member:
            raise problem("sources.member_missing", file="download.zip", value=".csv")
        unpacked = raw.parent / f"new-{raw.name}.tsv"
        try:
            with packed.open(member) as inside, unpacked.open("wb") as out:
                while block := inside.read(1 << 20):
                    out.write(block)
            if what == "cube":
                return job.copy_file("occurrence_cube", unpacked, "occurrence_cube.tsv")
            return job.copy_file("", unpacked, "occurrences.tsv")
        finally:
            unpacked.unlink(missing_ok=True)


def _fetch_occurrences(job: Job, service: Connection, folder: Path, what: str) -> str:
    import os

    service.auth = (os.environ["GBIF_USER"].strip(), service.secrets["GBIF_PWD"])
    # An order is kept in the unfinished folder: asked again after a cut, GBIF would prepare it once more.
    order = folder / "order.txt"
    if not order.exists():
        key, _ = service.text("v1/occurrence/download/request", method="POST", json=_request(job, what))
        order.write_text(key.strip().strip('"'), encoding="utf-8")
    key = order.read_text(encoding="utf-8")
    about = _ready(job, service, key)
    kept = {name: about.get(name) for name in ("key", "doi", "license", "size", "totalRecords", "created", "request")}
    kept["request"] = {name: (kept["request"] or {}).get(name) for name in ("sql", "predicate", "format")}
    (folder / "download.json").write_text(json.dumps(kept, sort_keys=True), encoding="utf-8")
    download(service, about["downloadLink"], folder / "download.zip", say=job.say)
    order.unlink()
    return key


def _request(job: Job, what: str) -> dict[str, Any]:
    country = job.iso2()
    if not (len(country) == 2 and country.isalpha() and country.isupper()):
        raise problem("sources.no_service_code", value=country)
    if what == "cube":
        return {"sendNotification": False, "format": "SQL_TSV_ZIP", "sql": job.source.settings["sql"] % country}
    asked = {"COUNTRY": country, "HAS_COORDINATE": "true", "HAS_GEOSPATIAL_ISSUE": "false"}
    parts = [{"type": "equals", "key": name, "value": value} for name, value in asked.items()]
    if taxon := job.option("taxon"):
        parts.append({"type": "equals", "key": "TAXON_KEY", "value": taxon})
    predicate = {"type": "and", "predicates": parts}
    return {"sendNotification": False, "format": "SIMPLE_CSV", "predicate": predicate}


def _ready(job: Job, service: Connection, key: str) -> dict[str, Any]:
    """What GBIF says of a download once it is ready."""
    for _ in range(_TIMES):
        about, _ = service.json(f"v1/occurrence/download/{key}")
        service.require(about, "status")
        if about["status"] == "SUCCEEDED":
            service.require(about, "downloadLink")
            return about
        if about["status"] in _FAILED:
            raise service.problem("sources.order_failed", value=key, reason=about["status"])
        job.say(f"GBIF: {key} {about['status']}")
        service.sleep(_EVERY)
    raise service.problem("sources.order_waiting", value=key)
