"""Protected areas and OECMs of a country, from the interface of Protected Planet or its monthly download."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gbf_workbench.errors import Issue, problem
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import download, pages
from gbf_workbench.preparation.sources.preparing import LATEST, Job
from gbf_workbench.preparation.sources.raw_files import records_in

PER_PAGE = 50
TABLE = "protected_areas"


def protected_planet(job: Job) -> list[Path]:
    """Write the sites of the country as the layer ``protected_areas``."""
    if job.choice("way", ("api", "download")) == "download":
        return _monthly(job)
    raw = job.raw(lambda service, folder: _fetch(job, service, folder), asked={})
    sites = list(records_in(raw / "sites.json"))
    features = [feature for site in sites for feature in _features(site)]
    drawn = [one for one in features if one["geometry"]]
    if len(drawn) < len(features):
        count = len(features) - len(drawn)
        job.issues.append(Issue("flag", "sources.without_geometry", {"number": count}, table=TABLE))
    return job.write_layer(TABLE, _layer(drawn)) if drawn else job.nothing()


def _fetch(job: Job, service: Connection, folder: Path) -> str:
    token = service.secrets["PROTECTED_PLANET_TOKEN"]
    where = job.choice("token_in", ("header", "parameter"))
    if where == "header":
        service.headers["Authorization"] = f"Bearer {token}"

    def ask(page: int) -> tuple[list[Any], bool]:
        params = {"country": job.code, "with_geometry": "true", "page": page, "per_page": PER_PAGE}
        params |= {"token": token} if where == "parameter" else {}
        answer, _ = service.json("v4/protected_areas/search", params)
        service.require(answer, "protected_areas")
        for site in answer["protected_areas"]:
            # The identifier was called otherwise until November 2025.
            service.require(site, "wdpa_id" if "wdpa_id" in site else "site_id", "legal_status", "reported_area")
        return answer["protected_areas"], len(answer["protected_areas"]) < PER_PAGE

    pages(service, "sites.json", folder, ask, job.say)
    return ""


def _features(site: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One feature for each parcel, or for the whole site where it has none that is drawn."""
    parcels = [one for one in site.get("protected_area_parcels") or () if one.get("geojson")]
    for part in parcels or [site]:
        yield _feature({**site, **part})


def _feature(site: Mapping[str, Any]) -> dict[str, Any]:
    oecm = site.get("site_type", "").lower() == "oecm" if site.get("site_type") else bool(site.get("is_oecm"))
    governance = site.get("governance") or {}
    geojson = site.get("geojson") or {}
    return {
        "site_id": str(site.get("site_id", site.get("wdpa_id", ""))),
        "site_pid": str(site.get("site_pid", site.get("wdpa_pid")) or ""),
        "name": site.get("name_english") or site.get("name"),
        "site_type": "OECM" if oecm else "PA",
        "status": _name(site.get("legal_status")),
        "designation": _name(site.get("designation")),
        "iucn_category": _name(site.get("iucn_category")),
        "status_year": _year(site.get("legal_status_updated_at")),
        "reported_area_km2": float(site["reported_area"]) if site.get("reported_area") else None,
        "governance_type": governance.get("name") or governance.get("governance_type"),
        "iso3": ";".join(one["iso_3"] for one in site.get("countries") or ()),
        "geometry": geojson.get("geometry", geojson if "coordinates" in geojson else None),
    }


def _name(value: Any) -> str | None:
    return value.get("name") if isinstance(value, Mapping) else value


def _year(day: str | None) -> int:
    """Year of 01/01/1998; 0 where it is not known."""
    year = str(day or "").replace("-", "/").split("/")
    found = [part for part in year if len(part) == 4 and part.isdigit()]
    return int(found[0]) if found else 0


def _layer(features: list[dict[str, Any]]) -> Any:
    import geopandas
    from shapely.geometry import shape

    shapes = [shape(one.pop("geometry")) for one in features]
    return geopandas.GeoDataFrame(features, geometry=shapes, crs="EPSG:4326")


def _monthly(job: Job) -> list[Path]:
    """The country's archive of one month, as it is: both old and new names of columns are understood."""
    settings = job.source.settings
    wanted = job.release if job.release not in ("", LATEST) else job.option("month")
    if not re.fullmatch(r"[A-Z][a-z]{2}20\d{2}", wanted):
        raise problem("sources.option_choice", column="month", value=wanted, choices="Nov2025, Dec2025, …")

    def fetch(service: Connection, folder: Path) -> str:
        name = f"WDPA_WDOECM_{wanted}_Public_{job.code}_shp.zip"
        download(service, f"current/{name}", folder / name, say=job.say)
        return wanted

    raw = job.raw(fetch, asked={"month": wanted}, tokens=(), address=settings["download_address"])
    archives = sorted(raw.glob("*.zip"))
    return job.write_layer(TABLE, _merged(archives[0]))


def _merged(archive: Path) -> Any:
    """All layers of the archive as one: points and polygons, which come in parts of at most some size."""
    import geopandas
    import pandas as pd

    from gbf_workbench.preparation.sources.raw_files import layers_in

    return geopandas.GeoDataFrame(pd.concat(layers_in(archive), ignore_index=True), crs="EPSG:4326")
