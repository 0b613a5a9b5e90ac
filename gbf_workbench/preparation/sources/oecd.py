"""Aid for biodiversity, support to agriculture and environmental policy instruments, from the OECD's SDMX service."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from gbf_workbench.errors import WorkbenchError, problem
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import download
from gbf_workbench.preparation.sources.preparing import Job

_NEEDED = ("TIME_PERIOD", "OBS_VALUE")
_EMPTY = "answer.empty"


def oecd(job: Job) -> list[Path]:
    """Write the observations of a data set for the country, with the labels of all codes."""
    name = job.choice("dataset", tuple(job.source.settings["datasets"]))
    path = _path(job, name)
    raw = job.raw(lambda service, folder: _fetch(job, service, folder, path))
    if (raw / _EMPTY).exists():
        return job.nothing()
    with (raw / "observations.csv").open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = reader.fieldnames or ()
        for column in _NEEDED:
            if column not in names:
                raise problem("sources.column_renamed", file=path, column=column, found=", ".join(names)[:200])
        rows = list(reader)
    return job.write_table("", rows, f"{name}.csv")


def _path(job: Job, name: str) -> str:
    """Address of the data: flow and key as the data set has them, or as the user copied them from the Data Explorer."""
    known = job.source.settings["datasets"][name]
    flow = job.option("flow") or known.get("flow", "")
    key = job.option("key") or known.get("key", "")
    if not flow or not key:
        raise problem("sources.flow_needed", value=name, steps=job.source.steps())
    if not re.fullmatch(r"[A-Za-z0-9_.@-]+,[A-Za-z0-9_.@-]+(,[0-9.]*)?", flow):
        raise problem("sources.option_choice", column="flow", value=flow, choices="AGENCY,DATASET,VERSION")
    code = job.options.get("service_code") or job.code
    role = job.choice("role", ("recipient", "donor"))
    for word in ("donor", "recipient"):
        key = key.replace(f"{{{word}}}", code if role == word else "")
    key = key.replace("{country}", code)
    return f"{known['node']}/rest/data/{flow}/{key}"


def _fetch(job: Job, service: Connection, folder: Path, path: str) -> str:
    asked = {
        "startPeriod": job.option("first_year"), "dimensionAtObservation": "AllDimensions",
        "format": "csvfilewithlabels",
    }  # fmt: skip
    try:
        download(service, path, folder / "observations.csv", asked, say=job.say)
    except WorkbenchError as refused:
        # “Nothing found” comes with the status of a page that is not there.
        said = str(refused.issues[0].values.get("reason", ""))
        if not re.search(r"no\s*(records|results)\s*found", said, re.IGNORECASE):
            raise
        (folder / _EMPTY).write_text(said, encoding="utf-8")
    return ""
