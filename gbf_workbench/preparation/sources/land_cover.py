"""Maps of land cover from a SpatioTemporal Asset Catalogue: the tiles over the country, joined to one map."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urljoin

from gbf_workbench.errors import Issue, problem
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import download
from gbf_workbench.preparation.sources.preparing import Job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pystac_client.stac_api_io import StacApiIO

Box = tuple[float, float, float, float]


def land_cover(job: Job) -> list[Path]:
    """Write ``ecosystem_maps_<year>.tif`` over the country, and the classes of the legend to be judged by people."""
    year, boxes = job.option("year"), _boxes(job)
    if not re.fullmatch(r"\d{4}", year):
        raise problem("sources.option_choice", column="year", value=year, choices="YYYY")
    said = ";".join(",".join(f"{side:g}" for side in box) for box in boxes)
    raw = job.raw(
        lambda service, folder: _fetch(job, service, folder, year, boxes), asked={"year": year, "bbox": said},
    )  # fmt: skip
    tiles = sorted(raw.glob("*.tif"))
    if not tiles:
        return job.nothing()
    written = []
    for number, box in enumerate(boxes):
        name = f"ecosystem_maps_{year}.tif" if len(boxes) == 1 else f"ecosystem_maps_{year}_part{number + 1}.tif"
        if within := _over(tiles, box):
            written += _joined(job, within, box, name)
    if len(written) > 1:
        # Joined in degrees they would go round the Earth.
        job.issues.append(Issue("flag", "sources.two_maps", {"names": ", ".join(path.name for path in written)}))
    if not written:
        return job.nothing()
    classes = [{"class_code": code, "name": name} for code, name in job.source.settings["classes"].items()]
    return written + job.write_table("", classes, f"{job.source.name}_classes.csv")


def _boxes(job: Job) -> list[Box]:
    """Where to look: what was asked for, else the extent of the country's land, on both sides of 180° if need be."""
    if asked := job.option("bbox"):
        sides = re.findall(r"-?\d+(?:\.\d+)?", asked)
        west, south, east, north = (float(one) for one in sides) if len(sides) == 4 else (0, 0, 0, 0)
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90):
            raise problem("sources.option_choice", column="bbox", value=asked, choices="west,south,east,north")
        return [(west, south, east, north)] if west < east else [(west, south, 180, north), (-180, south, east, north)]
    from gbf_workbench.preparation.schema import schema_of
    from gbf_workbench.preparation.vectors import read_layer

    layer = job.country.frame.layers.get("land")
    if layer is None:
        raise problem("sources.which_box")
    land, _ = read_layer(job.country.folder / layer.file, schema_of("frame_land"), layer, job.country.frame.crs)
    parts = land.geometry.explode().to_crs(4326).bounds
    turns = parts.maxx.max() - parts.minx.min() > 180
    sides = [parts[parts.minx >= 0], parts[parts.minx < 0]] if turns else [parts]
    corners = [(one.minx.min(), one.miny.min(), one.maxx.max(), one.maxy.max()) for one in sides if len(one)]
    return [tuple(round(side, 3) for side in one) for one in corners]


def _fetch(job: Job, service: Connection, folder: Path, year: str, boxes: Sequence[Box]) -> str:
    settings = job.source.settings
    found = {item["id"]: item for box in boxes for item in _items(service, settings["collection"], year, box)}
    signed = _signature(service, settings)
    listed = []
    for name, item in sorted(found.items()):
        service.require(item, "assets")
        service.require(item["assets"], settings["asset"])
        href = item["assets"][settings["asset"]]["href"]
        if not href.startswith(("https://", "http://")):
            raise service.problem("sources.asset_address", value=href[:80])
        download(service, f"{href}?{signed}" if signed else href, folder / f"{_plain(name)}.tif", say=job.say)
        listed.append({"id": name, "href": href})
    (folder / "items.json").write_text(json.dumps(listed, indent=0), encoding="utf-8")
    return settings.get("version", "")


def _items(service: Connection, collection: str, year: str, box: Box) -> list[dict[str, Any]]:
    """Items of the collection over the box in the year; the client follows the pages."""
    from pystac_client import Client
    from pystac_client.exceptions import APIError

    try:
        catalogue = Client.open(service.address, stac_io=_talk(service))
        search = catalogue.search(collections=[collection], bbox=box, datetime=f"{year}-01-01/{year}-12-31", limit=100)
        return list(search.items_as_dicts())
    except (APIError, KeyError, ValueError, TypeError, NotImplementedError) as fault:
        # What the catalogue answered is no catalogue as the client knows it.
        raise service.problem("sources.not_json", reason=service.hide(str(fault))[:120]) from None


def _talk(service: Connection) -> StacApiIO:
    """The client's way to the catalogue, through our connection: our identity, our patience, our refusals."""
    from pystac_client.stac_api_io import StacApiIO

    class Polite(StacApiIO):
        """Asks through the connection of the source."""

        def request(self, href: str, method: str | None = None, headers: Any = None, parameters: Any = None) -> str:
            as_body = (method or "GET").upper() == "POST"
            more = {"json": parameters} if as_body else {"params": parameters}
            return service.text(href, method=(method or "GET").upper(), **more)[0]

    return Polite()


def _signature(service: Connection, settings: dict[str, Any]) -> str:
    """What some stores want behind each address; it is a credential, kept nowhere."""
    if not settings.get("sign"):
        return ""
    at = urljoin(service.address, settings["sign"].format(collection=settings["collection"]))
    answer, _ = service.json(at)
    service.require(answer, "token")
    service.secrets["signed address"] = str(answer["token"])
    service.secrets |= {name: value for name, value in parse_qsl(str(answer["token"])) if name == "sig"}
    return str(answer["token"])


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[:100]


def _over(tiles: Sequence[Path], box: Box) -> list[Path]:
    """The tiles that lie over some part of the box."""
    import rasterio

    found = []
    for tile in tiles:
        with rasterio.open(tile, driver="GTiff") as one:
            west, south, east, north = one.bounds
        if west < box[2] and east > box[0] and south < box[3] and north > box[1]:
            found.append(tile)
    return found


def _joined(job: Job, tiles: Sequence[Path], box: Box, name: str) -> list[Path]:
    """One map out of the tiles, cut to the box; classes are never averaged."""
    import rasterio
    from rasterio.merge import merge

    with rasterio.open(tiles[0], driver="GTiff") as first:
        nodata = first.nodata if first.nodata is not None else 0
    tiff = {"driver": "GTiff", "compress": "deflate", "tiled": True, "blockxsize": 512, "blockysize": 512}

    def write(path: Path) -> None:
        with warnings.catch_warnings():
            # How the library multiplies its matrices is no concern of the user.
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            merge(tiles, bounds=box, nodata=nodata, dst_path=path, dst_kwds=tiff)

    return job.write_file("ecosystem_maps", name, write)
