"""Each service as its documentation describes it: addresses, parameters, pages, names of fields, forms of answers.

The shapes are those of the services' own documentation and of answers they published; nothing here imports the
workbench. Countries and species are invented; the invented country answers to the codes XAR, XA and 999.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.preparation.sources import shapefile_bytes
from tests.preparation.sources.local_service import Asked, Reply, as_file, as_json, not_found

PLANET_TOKEN, IUCN_TOKEN = "0123456789abcdefPLANET", "iucnTOKENiucnTOKEN42"
GBIF_USER, GBIF_PWD = "a.reader", "pa$$word/with+signs"
TOKENS = {
    "PROTECTED_PLANET_TOKEN": PLANET_TOKEN, "IUCN_REDLIST_TOKEN": IUCN_TOKEN,
    "GBIF_USER": GBIF_USER, "GBIF_PWD": GBIF_PWD,
}  # fmt: skip
BASIC = "Basic YS5yZWFkZXI6cGEkJHdvcmQvd2l0aCtzaWducw=="


@dataclass
class World:
    """What the service holds; a test changes it between two downloads."""

    release: str = "1"
    #: Added to a number, so that the content changes.
    shift: int = 0
    empty: bool = False
    polls: int = 0
    orders: list[dict] = field(default_factory=list)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", "."), (2025, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def square(west: float, south: float, side: float = 1.0) -> dict:
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


# --- Protected Planet: GET /v4/protected_areas/search?country=&with_geometry=&page=&per_page= (at most 50) -----------


def site(number: int, iso3: str) -> dict:
    return {
        "name_english": f"Site {number}", "name": f"Sitio {number}", "site_id": 1000 + number,
        "site_pid": str(1000 + number), "parent_iso3": iso3, "site_type": "oecm" if number % 5 == 0 else "pa",
        "reported_area": "12.5", "is_oecm": number % 5 == 0,
        "countries": [{"name": "Somewhere", "iso_3": iso3, "id": iso3}],
        "iucn_category": {"id": 3, "name": "II"},
        "designation": {"id": 4, "name": "National Park", "jurisdiction": {"id": 1, "name": "National"}},
        "legal_status": {"id": 1, "name": "Designated"},
        "governance": {"id": 4, "governance_type": "Governance by Government"},
        "realm": {"id": 1, "name": "Terrestrial"}, "protected_area_parcels": [],
        "legal_status_updated_at": "01/01/1998",
        "geojson": {"type": "Feature", "properties": {}, "geometry": square(10 + number / 10, 5, 0.05)},
    }  # fmt: skip


def protected_planet(world: World, asked: Asked, _: str) -> Reply:
    # The header is recommended; a parameter is the older way and still taken.
    if asked.headers.get("Authorization") != f"Bearer {PLANET_TOKEN}" and asked.query.get("token") != PLANET_TOKEN:
        return Reply(b'{"error":"Unauthorized. Invalid or expired token."}', 401, {"Content-Type": "application/json"})
    if asked.path != "/v4/protected_areas/search" or "country" not in asked.query:
        return not_found()
    count = {"XAR": 53 + world.shift, "XBR": 2}.get(asked.query["country"], 0)
    sites = [] if world.empty else [site(number, asked.query["country"]) for number in range(count)]
    size, page = min(50, int(asked.query.get("per_page", 25))), int(asked.query.get("page", 1))
    return as_json({"protected_areas": sites[(page - 1) * size : page * size]})


# --- IUCN Red List: GET /api/v4/countries/{code}, /api/v4/comprehensive_groups/{name}; pages of 100 told in headers ---


def assessment(number: int, category: str, **more: object) -> dict:
    return {
        "year_published": "2019", "latest": True, "possibly_extinct": False, "possibly_extinct_in_the_wild": False,
        "sis_taxon_id": number, "url": f"https://www.iucnredlist.org/species/{number}/{number}0",
        "taxon_scientific_name": "Exempla species" + "".join("abcdefghij"[int(digit)] for digit in str(number)),
        "red_list_category_code": category,
        "assessment_id": number * 10, "scopes": [{"description": {"en": "Global"}, "code": "1"}], **more,
    }  # fmt: skip


def iucn_red_list(world: World, asked: Asked, address: str) -> Reply:
    if asked.headers.get("Authorization") != f"Bearer {IUCN_TOKEN}":
        return Reply(b'{"error":"Token not valid"}', 401, {"Content-Type": "application/json"})
    if asked.path == "/api/v4/information/red_list_version":
        return as_json({"red_list_version": f"2025-{world.release}"})
    categories = ["LC", "VU", "CR", "DD", "EN"]
    listed = [assessment(number, categories[(number + world.shift) % 5]) for number in range(1, 131 + world.shift)]
    listed[1] |= {"red_list_category_code": "CR", "possibly_extinct": True}
    listed[3] |= {"red_list_category_code": "NR"}
    found = {
        "/api/v4/countries/XA": ("country", listed), "/api/v4/countries/XB": ("country", listed[:3]),
        "/api/v4/comprehensive_groups/mammals": ("comprehensive_group", [*listed[:100], assessment(999, "LC")]),
        "/api/v4/comprehensive_groups/birds": ("comprehensive_group", listed[100:120]),
    }.get(asked.path)  # fmt: skip
    if found is None:
        return not_found('{"error":"Not found"}')
    records = [] if world.empty else found[1]
    page, pages = int(asked.query.get("page", 1)), max(1, -(-len(records) // 100))
    part = records[(page - 1) * 100 : page * 100]
    return as_json(
        {found[0]: {"description": {"en": "…"}}, "assessments": part},
        **{"current-page": str(page), "page-items": "100", "total-count": str(len(records)), "total-pages": str(pages)},
    )


# --- GBIF: dataset search, endpoints of a data set, Darwin Core archive; orders, polled until SUCCEEDED --------------

META = """<archive xmlns="http://rs.tdwg.org/dwc/text/" metadata="eml.xml">
<core encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy="" ignoreHeaderLines="1"
 rowType="http://rs.tdwg.org/dwc/terms/Taxon"><files><location>taxon.txt</location></files><id index="0" />
 <field index="1" term="http://rs.tdwg.org/dwc/terms/scientificName"/>
 <field index="2" term="http://rs.tdwg.org/dwc/terms/kingdom"/>
 <field index="3" term="http://rs.tdwg.org/dwc/terms/taxonRank"/></core>
<extension encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy="" ignoreHeaderLines="1"
 rowType="http://rs.gbif.org/terms/1.0/Distribution"><files><location>distribution.txt</location></files>
 <coreid index="0" /><field index="1" term="http://rs.tdwg.org/dwc/terms/occurrenceStatus"/>
 <field index="2" term="http://rs.tdwg.org/dwc/terms/establishmentMeans"/>
 <field index="3" term="http://rs.tdwg.org/dwc/terms/eventDate"/></extension>
<extension encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy="" ignoreHeaderLines="1"
 rowType="http://rs.gbif.org/terms/1.0/SpeciesProfile"><files><location>speciesprofile.txt</location></files>
 <coreid index="0" /><field index="1" term="http://rs.gbif.org/terms/1.0/isInvasive"/>
 <field index="2" term="http://rs.tdwg.org/dwc/terms/habitat"/></extension></archive>"""


def checklist(world: World, more: int) -> bytes:
    taxa = "id\tscientificName\tkingdom\ttaxonRank\n"
    if not world.empty:
        taxa += "1\tExempla aliena L.\tPlantae\tSPECIES\n2\tExempla bestia Mill.\tAnimalia\tSPECIES\n"
        taxa += "".join(f"{n}\tExempla nova{n}\tPlantae\tSPECIES\n" for n in range(3, 3 + more))
    places = "id\toccurrenceStatus\testablishmentMeans\teventDate\n1\tPresent\tAlien\t1987\n2\tPresent\tAlien\t\n"
    profiles = "id\tisInvasive\thabitat\n1\tInvasive\tterrestrial\n2\tNull\tfreshwater\n"
    return zipped(
        meta__xml=META.encode(), taxon__txt=taxa.encode(), distribution__txt=places.encode(),
        speciesprofile__txt=profiles.encode(),
    )  # fmt: skip


def gbif(world: World, asked: Asked, address: str) -> Reply:
    order = f"00{world.release}-240425142415019"
    if asked.path == "/v1/dataset/search":
        known = [("k-one", "Global Register of Introduced and Invasive Species - Aruvia"), ("k-two", "GRIIS - Bruvia")]
        fitting = [{"key": key, "title": title} for key, title in known if asked.query["q"].lower() in title.lower()]
        return as_json({"offset": 0, "limit": 100, "endOfRecords": True, "results": fitting})
    if asked.path.startswith("/v1/dataset/k-"):
        return as_json({
            "key": asked.path[-5:], "title": "GRIIS - Aruvia", "version": f"1.{world.release}",
            "license": "http://creativecommons.org/licenses/by/4.0/legalcode",
            "citation": {"text": "A. Author (2025). GRIIS - Aruvia."}, "pubDate": "2025-01-01T00:00:00.000+00:00",
            "endpoints": [
                {"type": "EML", "url": f"{address}/eml"},
                {"type": "DWC_ARCHIVE", "url": f"{address}/{asked.path[-5:]}/a.zip"},
            ],
        })  # fmt: skip
    if asked.path.endswith("/a.zip"):
        return as_file(checklist(world, 1 if "k-two" in asked.path else world.shift))
    if asked.path == "/v1/occurrence/download/request":
        if asked.headers.get("Authorization") != BASIC:
            return Reply(b"", 401)
        world.orders.append(json.loads(asked.body))
        return Reply(order.encode(), 201, {"Content-Type": "text/plain"})
    if asked.path == f"/v1/occurrence/download/{order}":
        world.polls += 1
        status = ("PREPARING", "RUNNING", "SUCCEEDED")[min(world.polls, 3) - 1]
        return as_json({
            "key": order, "doi": "10.15468/dl.abc123", "license": "http://creativecommons.org/licenses/by-nc/4.0/",
            "request": {"creator": GBIF_USER, "format": "SQL_TSV_ZIP"}, "status": status, "size": 1, "totalRecords": 2,
            "downloadLink": f"{address}/occurrence/download/request/{order}.zip", "created": "2025-01-01T00:00:00",
        })  # fmt: skip
    if asked.path == f"/occurrence/download/request/{order}.zip":
        rows = "year\teqdgccellcode\tspecieskey\tspecies\toccurrences\tmincoordinateuncertaintyinmeters\n"
        rows += "2019\tE010N05AAA\t11\tExempla aliena\t3\t10.0\n2020\tE010N05AAB\t11\tExempla aliena\t4\t250.0\n"
        return as_file(zipped(**{f"{order}__csv": rows.encode()}))
    return not_found()


# --- OBIS: GET /v3/occurrence?areaid=&size=&after=<id of the last record> -------------------------------------------


def obis(world: World, asked: Asked, _: str) -> Reply:
    if asked.path != "/v3/occurrence":
        return not_found()
    count = 0 if world.empty else {"31": 103 + world.shift, "32": 4}[asked.query["areaid"]]
    records = [
        {"id": f"{asked.query['areaid']}-{n:06d}", "scientificName": "Exempla marina", "aphiaID": 5,
         "decimalLongitude": 1.5, "decimalLatitude": -3.25, "date_year": 2001, "license": "CC0"}
        for n in range(count)
    ]  # fmt: skip
    start = next((at + 1 for at, one in enumerate(records) if one["id"] == asked.query.get("after")), 0)
    return as_json({"total": count, "results": records[start : start + int(asked.query["size"])]})


# --- UN SDG database: Series/List with releases; Series/Data with page and totalPages -------------------------------


def un_sdg(world: World, asked: Asked, _: str) -> Reply:
    if asked.path.endswith("/v1/sdg/Series/List"):
        return as_json(
            [{"code": "ER_RSK_LST", "release": f"2025.Q2.G.0{world.release}", "description": "Red List Index"}]
        )
    if not asked.path.endswith("/v1/sdg/Series/Data"):
        return not_found()
    years = {"999": range(1000 - 3, 2000 + world.shift), "998": range(2000, 2003)}.get(asked.query["areaCode"], ())
    years = [year for year in years if year >= 1993] if not world.empty else []
    records = [observation(year, "G", "_T" if year % 2 else "MTN") for year in years]
    records += [observation(year, "N", "_T") for year in years[:1]]
    size, page = 3, int(asked.query["page"])
    return as_json({
        "size": size, "totalElements": len(records), "totalPages": -(-len(records) // size), "pageNumber": page,
        "attributes": [], "dimensions": [], "data": records[(page - 1) * size : page * size],
    })  # fmt: skip


def observation(year: int, kind: str, place: str) -> dict:
    return {
        "goal": ["15"], "target": ["15.5"], "indicator": ["15.5.1"], "series": "ER_RSK_LST",
        "seriesDescription": "Red List Index", "geoAreaCode": "999", "geoAreaName": "Aruvia",
        "timePeriodStart": float(year), "value": "NaN" if year == 1994 else f"0.{year}", "valueType": "Float",
        "upperBound": "0.95", "lowerBound": "NaN", "source": "…", "footnotes": [""],
        "attributes": {"Nature": "C", "Units": "INDEX"},
        "dimensions": {"Reporting Type": kind, "Location": place},
    }  # fmt: skip


# --- World Bank: [about, rows]; an unknown indicator is a message with status 200 -----------------------------------


def world_bank(world: World, asked: Asked, _: str) -> Reply:
    parts = asked.path.split("/")
    if parts[-1] != "NY.GDP.DEFL.ZS":
        said = [{"id": "120", "key": "Invalid value", "value": "The provided parameter value is not valid"}]
        return as_json([{"message": said}])
    rows = {"XAR": 103 + world.shift, "XBR": 2}.get(parts[3], 0) if not world.empty else 0
    records = [
        {"indicator": {"id": "NY.GDP.DEFL.ZS", "value": "GDP deflator"}, "country": {"id": "XA", "value": "Aruvia"},
         "countryiso3code": "XAR", "date": str(2099 - n), "value": 100 + n if n else None, "unit": "", "decimal": 1}
        for n in range(rows)
    ]  # fmt: skip
    size, page = int(asked.query["per_page"]), int(asked.query["page"])
    about = {
        "page": page, "pages": -(-rows // size), "per_page": size, "total": rows, "sourceid": "2",
        "lastupdated": f"2026-01-0{world.release}",
    }  # fmt: skip
    return as_json([about, records[(page - 1) * size : page * size] or None])


# --- FAO: zipped tables of the world --------------------------------------------------------------------------------


def fao_fra(world: World, asked: Asked, _: str) -> Reply:
    if asked.path != "/api/file/bulk-download" or asked.query.get("countryIso") != "WO":
        return not_found()
    rows = 'regions,iso3,name,year,1a_forestArea\n"Oceania",XBR,"Bruvia",2020,7\n'
    rows += "" if world.empty else f'"Oceania",XAR,"Aruvia",2020,{100 + world.shift}\n'
    return as_file(zipped(FRA_Years_All_Data__csv=("﻿" + rows).encode(), README__txt=b"x"))


def faostat(world: World, asked: Asked, address: str) -> Reply:
    file = "/production/Inputs_Pesticides_Use_E_All_Data_(Normalized).zip"
    if asked.path == "/production/datasets_E.json":
        return as_json({"Datasets": {"Dataset": [
            {"DatasetCode": "RP", "DatasetName": "Pesticides Use", "DateUpdate": f"2025-06-1{world.release}T00:00:00",
             "FileLocation": address + file, "FileRows": 2},
        ]}})  # fmt: skip
    if asked.path.replace("%28", "(").replace("%29", ")") != file:
        return not_found()
    rows = "Area Code,Area Code (M49),Area,Item Code,Item,Element Code,Element,Year Code,Year,Unit,Value,Flag\n"
    rows += "2,'998,Brúvia,1357,Pesticides (total),5157,Agricultural Use,2020,2020,t,5.0,A\n"
    rows += (
        ""
        if world.empty
        else f"1,'999,Árüvia,1357,Pesticides (total),5157,Agricultural Use,2020,2020,t,{9 + world.shift}.0,A\n"
    )
    for item, mass in ("Herbicides", 6), ("Herbicides – Amides", 2), ("Other Pesticides nes", 3):
        rows += "" if world.empty else f"1,'999,Árüvia,1,{item},5157,Agricultural Use,2020,2020,t,{mass}.0,A\n"
    member = "Inputs_Pesticides_Use_E_All_Data_(Normalized)__csv"
    # Some of the bulk tables are still in Latin-1.
    return as_file(zipped(**{member: rows.replace("–", "-").encode("latin-1"), "Flags__csv": b"Flag,Description\n"}))


def fishstat(world: World, asked: Asked, _: str) -> Reply:
    if asked.path not in ("/fishery/static/Data/Capture_2025.1.0.zip", "/fishery/static/Data/Capture_2026.1.0.zip"):
        return not_found()
    rows = "COUNTRY.UN_CODE,SPECIES.ALPHA_3_CODE,AREA.CODE,MEASURE,PERIOD,VALUE,STATUS\n998,OYG,71,Q_tlw,2020,3,A\n"
    rows += "" if world.empty else f"999,SKJ,71,Q_tlw,2020,{40 + world.shift},A\n"
    return as_file(zipped(Capture_Quantity__csv=rows.encode(), CL_FI_COUNTRY_GROUPS__csv=b"UN_Code,Name_En\n"))


# --- OECD: SDMX 2.1 data query, CSV with labels; nothing found is told with 404 -------------------------------------


def oecd(world: World, asked: Asked, _: str) -> Reply:
    flow = "/dcd-public/rest/data/OECD.DCD.FSD,DSD_RIOMRKR@DF_RIOMARKERS,1.6/"
    if not asked.path.startswith(flow) or asked.query.get("format") != "csvfilewithlabels":
        return not_found("Dataflow not found")
    recipient = asked.path.removeprefix(flow).split(".")[1]
    if world.empty or recipient not in ("XAR", "XBR"):
        return not_found("NoRecordsFound")
    rows = "STRUCTURE,STRUCTURE_ID,DONOR,Donor,RECIPIENT,Recipient,MARKER,SCORE,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n"
    rows += "DATAFLOW,OECD.DCD.FSD:DSD_RIOMRKR@DF_RIOMARKERS(1.6),DAC,DAC,"
    rows += f"{recipient},Aruvia,10,1,2020,{5 + world.shift}.5,USD\n"
    return Reply(rows.encode(), headers={"Content-Type": "application/vnd.sdmx.data+csv; charset=utf-8"})


# --- Land cover: a STAC API (landing page with links, search by POST, pages by links), signed assets ----------------


def tile(west: float, value: int) -> bytes:
    import numpy as np
    from affine import Affine
    from rasterio.io import MemoryFile

    with MemoryFile() as memory:
        profile = {"driver": "GTiff", "width": 30, "height": 30, "count": 1, "dtype": "uint8", "nodata": 0}
        with memory.open(**profile, crs="EPSG:4326", transform=Affine(0.1, 0, west, 0, -0.1, 3)) as out:
            out.write(np.full((1, 30, 30), value, dtype="uint8"))
        return memory.read()


SAS = "sv=2024&sig=SIGNATUREsignature99"


def esa_worldcover(world: World, asked: Asked, address: str) -> Reply:
    search = f"{address}/search"
    conforms = ["https://api.stacspec.org/v1.0.0/core", "https://api.stacspec.org/v1.0.0/item-search"]
    if asked.path == "/":
        links = [{"rel": "self", "href": address}, {"rel": "root", "href": address},
                 {"rel": "search", "method": "POST", "type": "application/geo+json", "href": search},
                 {"rel": "search", "method": "GET", "type": "application/geo+json", "href": search}]  # fmt: skip
        return as_json({"type": "Catalog", "stac_version": "1.0.0", "id": "c", "description": "c",
                        "conformsTo": conforms, "links": links})  # fmt: skip
    if asked.path.startswith("/api/sas/v1/token/"):
        return as_json({"msft:expiry": "2026-01-01T00:00:00Z", "token": SAS})
    if asked.path == "/search":
        wanted = json.loads(asked.body) if asked.body else dict(asked.query)
        box = wanted["bbox"] if isinstance(wanted["bbox"], list) else [float(x) for x in wanted["bbox"].split(",")]
        known = {"N00E000": 0, "N00E003": 3, "N00E006": 6}
        fitting = [(n, w) for n, w in known.items() if w < box[2] and w + 3 > box[0]] if not world.empty else []
        page = int(wanted.get("token", 0))
        items = [
            {"type": "Feature", "stac_version": "1.0.0", "id": f"ESA_WorldCover_10m_2021_v200_{name}",
             "collection": "esa-worldcover", "bbox": [west, 0, west + 3, 3], "links": [],
             "geometry": square(west, 0, 3),
             "properties": {"datetime": "2021-07-01T00:00:00Z"},
             "assets": {"map": {"href": f"{address}/tiles/{name}.tif", "type": "image/tiff"}}}
            for name, west in fitting[page : page + 1]
        ]  # fmt: skip
        links = [{"rel": "next", "method": "POST", "href": search, "body": {**wanted, "token": page + 1}}]
        return as_json(
            {"type": "FeatureCollection", "features": items, "links": links if page + 1 < len(fitting) else []}
        )
    if asked.path.startswith("/tiles/"):
        if asked.query.get("sig") != "SIGNATUREsignature99":
            denied = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"
            return Reply(denied, 403, {"Content-Type": "application/xml"})
        west = int(asked.path[-7:-4])
        return as_file(tile(west, 10 * (west // 3 + 1) + world.shift))
    return not_found()


# --- Boundaries, maps, records --------------------------------------------------------------------------------------


def natural_earth(world: World, asked: Asked, _: str) -> Reply:
    if not asked.path.endswith("/10m/cultural/ne_10m_admin_0_countries.zip"):
        return not_found()
    codes = ["XBR"] if world.empty else ["XAR", "XBR", "-99"]
    shapes = [(code, f"Land {code}", square(10.0 * at + 20 + world.shift, 0, 2)) for at, code in enumerate(codes)]
    return as_file(zipped(**shapefile_bytes.members("ne_10m_admin_0_countries", ("ISO_A3_EH", "NAME"), shapes)))


def official_boundaries(world: World, asked: Asked, address: str) -> Reply:
    if asked.path in ("/api/current/gbOpen/XAR/ADM0/", "/api/current/gbOpen/XBR/ADM0/"):
        code = asked.path.split("/")[4]
        return as_json({
            "boundaryID": f"{code}-ADM0-{world.release}", "boundaryName": "Aruvia", "boundaryISO": code,
            "boundaryYearRepresented": "2021", "boundaryType": "ADM0", "boundarySource": "Survey of Aruvia",
            "boundaryLicense": "Creative Commons Attribution 3.0", "buildDate": "Jan 05, 2023",
            "gjDownloadURL": f"{address}/raw/{code}.geojson",
        })  # fmt: skip
    if asked.path.startswith("/raw/"):
        features = [
            {"type": "Feature", "geometry": square(20.0 + world.shift, 0, 2),
             "properties": {"shapeName": asked.path[5:8], "shapeISO": asked.path[5:8]}}
        ]  # fmt: skip
        return as_file(json.dumps({"type": "FeatureCollection", "features": [] if world.empty else features}).encode())
    return not_found()


def openstreetmap(world: World, asked: Asked, address: str) -> Reply:
    content = zipped(**{"gis_osm_landuse_a_free_1__shp": bytes(50_000) + bytes([world.shift])})
    names = ("/oceania/aruvia-latest-free.shp.zip", "/oceania/aruvia-250101-free.shp.zip")
    if asked.path == "/index-v1.json":
        one = {"id": "aruvia", "parent": "oceania", "name": "Aruvia", "iso3166-1:alpha2": ["XA"],
               "urls": {"pbf": f"{address}/oceania/aruvia-latest.osm.pbf", "shp": address + names[0]}}  # fmt: skip
        more = {"id": "both", "name": "Aruvia and Bruvia", "iso3166-1:alpha2": ["XA", "XB"], "urls": dict(one["urls"])}
        more["urls"]["shp"] = f"{address}/oceania/both-latest-free.shp.zip"
        parts = [] if world.empty else [more, one]
        features = [{"type": "Feature", "properties": part, "geometry": None} for part in parts]
        return as_json({"type": "FeatureCollection", "features": features})
    if asked.path.removesuffix(".md5") in (*names, "/oceania/both-latest-free.shp.zip"):
        name = asked.path.rpartition("/")[2].removesuffix(".md5")
        sums = f"{hashlib.md5(content).hexdigest()}  {name}\n".encode()
        return Reply(sums, headers={"Content-Type": "text/plain"}) if asked.path.endswith(".md5") else as_file(content)
    return not_found()


def cbd_reporting(world: World, asked: Asked, _: str) -> Reply:
    if asked.path != "/api/v2013/index/select" or "wt" not in asked.query:
        return not_found()
    count = 0 if world.empty or "government_s:x" not in asked.query["q"] else 102 + world.shift
    count = min(count, 4) if "government_s:xb" in asked.query["q"] else count
    records = [
        {"identifier_s": f"ID-{n // 2:05d}", "schema_s": "nationalTarget7", "title_EN_t": f"Target {n}",
         "government_s": "xa", "url_ss": ["https://ort.cbd.int/x"], "_revision_i": n % 2 + 1}
        for n in range(count)
    ]  # fmt: skip
    start, size = int(asked.query["start"]), int(asked.query["rows"])
    return as_json({"responseHeader": {"status": 0}, "response": {
        "numFound": count, "start": start, "docs": records[start : start + size]}})  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One source with the questions that the tests put to it.

    ``data`` accepts the paths that bring data (the faults strike there), ``renamed`` is a field under its old and new
    name, ``wrote`` the file in the country folder, ``other`` what asks for another country.
    """

    name: str
    answer: Callable[[World, Asked, str], Reply]
    data: str
    wrote: str
    renamed: tuple[str, str] = ("", "")
    options: tuple[tuple[str, str], ...] = ()
    other: tuple[tuple[str, str], ...] = (("country", "XBR"),)
    #: Whether a file is downloaded as it is, rather than records page by page.
    downloads: bool = False
    secrets: tuple[str, ...] = ()

    def asked(self, address: str, other: bool = False) -> dict[str, str]:
        return {"address": address, **dict(self.options), **(dict(self.other) if other else {})}

    def path(self, folder: Path) -> Path:
        return folder / self.wrote


BY_LETTERS = (("service_code", "XA"),)
BY_NUMBER = (("service_code", "999"),)
CASES = (
    Case("protected_planet", protected_planet, "/v4/", "protected_area_coverage/protected_areas.gpkg",
         ("legal_status", "status_in_law"), secrets=(PLANET_TOKEN,)),
    Case("iucn_red_list", iucn_red_list, "/countries/", "red_list_index/red_list_assessments.csv",
         ("red_list_category_code", "category_code"), (*BY_LETTERS, ("groups", "mammals,birds")),
         (("country", "XBR"), ("service_code", "XB")), secrets=(IUCN_TOKEN,)),
    Case("gbif", gbif, "/a.zip", "**/alien_species_checklist.csv", ("endpoints", "services"),
         (("dataset", "k-one"),), (("country", "XBR"), ("dataset", "k-two")), downloads=True),
    Case("obis", obis, "/v3/", "downloads/obis/occurrences.csv", ("results", "records"),
         (("areaid", "31"),), (("country", "XBR"), ("areaid", "32"))),
    Case("un_sdg", un_sdg, "/Series/Data", "downloads/un_sdg/indicator_values_ER_RSK_LST.csv",
         ("timePeriodStart", "period"), BY_NUMBER, (("country", "XBR"), ("service_code", "998"))),
    Case("world_bank", world_bank, "/indicator/", "downloads/world_bank/indicator_values_NY.GDP.DEFL.ZS.csv",
         ("lastupdated", "last_updated")),
    Case("fao_fra", fao_fra, "/bulk", "downloads/fao_fra/fra_years.csv", downloads=True),
    Case("faostat", faostat, "Pesticides", "downloads/faostat/RP.csv", ("FileLocation", "Location"), BY_NUMBER,
         (("country", "XBR"), ("service_code", "998")), downloads=True),
    Case("fishstat", fishstat, "/Capture", "downloads/fishstat/capture_quantity.csv", ("", ""), BY_NUMBER,
         (("country", "XBR"), ("service_code", "998")), downloads=True),
    Case("oecd", oecd, "/rest/data/", "downloads/oecd/rio_markers.csv", ("OBS_VALUE", "VALUE"), downloads=True),
    Case("esa_worldcover", esa_worldcover, "/tiles/", "natural_ecosystem_extent/ecosystem_maps_2021.tif",
         ("assets", "files"), (("bbox", "1,0.5,5,2.5"),), (("country", "XBR"), ("bbox", "6.5,0.5,8,2.5")),
         downloads=True, secrets=("SIGNATUREsignature99",)),
    Case("natural_earth", natural_earth, "/ne_10m", "frame/land.gpkg", downloads=True),
    Case("official_boundaries", official_boundaries, "/raw/", "frame/land.gpkg", ("boundaryID", "id"), downloads=True),
    Case("openstreetmap", openstreetmap, ".shp.zip", "downloads/openstreetmap/aruvia-latest-free.shp.zip",
         ("urls", "links"), BY_LETTERS, (("country", "XBR"), ("service_code", "XB")), downloads=True),
    Case("cbd_reporting", cbd_reporting, "/select", "downloads/cbd_reporting/records.csv", ("numFound", "total"),
         BY_LETTERS, (("country", "XBR"), ("service_code", "XB"))),
)  # fmt: skip
