"""3.1 beside the R package wdpar: union, regions, categories, protected areas and OECMs, and the area of every site."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.methods.protected_sites import countable_sites
from gbf_workbench.pipeline import load
from gbf_workbench.results import Result
from tests.peers import coverage_folder
from tests.verification import Compared, computed, value_of

PEER = "the R package wdpar 1.3.9, on real outlines with invented attributes"
REGIONS = ("61", "143", "772")
SNAPPED = "the peer snaps to a grid of 1 m and draws points as circles with corners"
CLOSE = 5e-4
MOVED = "a strip along the outline as wide as the peer moves corners, 12.5 m"
_STRIP = 12.5


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every quantity of the peer's file, and its area of each site that counts."""
    peer = {row["quantity"]: float(row["value"]) for row in _rows(verify / "3.1" / "expected_wdpar_mexico.csv")}
    country = coverage_folder(verify, folder / "all")
    result = computed("3.1", country)
    found = [
        *_whole(peer, country, result),
        *_regions(peer, result),
        *_types(peer, verify, folder, result),
        *_sites(_rows(verify / "3.1" / "expected_wdpar_mexico_clean_rows.csv"), country),
    ]
    assert not peer, f"not compared: {sorted(peer)}"
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _last(result: Result) -> int:
    return int(result.data["year"].max())


def _whole(peer: dict[str, float], country: Path, result: Result) -> Iterator[Compared]:
    year, data = _last(result), result.data
    union = value_of(result, year, unit="km2")
    yield Compared("sites in the layer", len(load("3.1", country)["protected_areas"]), peer.pop("n_input"), 0)
    total = data[(data["year"] == year) & (data["disaggregation_type"] == "")].iloc[0]
    yield Compared("sites that count", total["n"], peer.pop("n_clean_no_erase"), 0)
    [said] = [one.values for one in result.issues if one.key.endswith(".overlaps_counted_once")]
    added = said["added_km2"]
    theirs = peer.pop("sum_area_km2_clean_with_overlap")
    yield Compared("sum of the sites with overlaps [km²]", added, theirs, CLOSE, SNAPPED)
    for quantity in ("dissolved_km2", "erased_total_km2"):
        yield Compared(f"{quantity} [km²]", union, peer.pop(quantity), CLOSE, SNAPPED)
    for quantity in [one for one in peer if one.startswith("erased_IUCN_")]:
        name = quantity.removeprefix("erased_IUCN_")
        ours = value_of(result, year, "IUCN category", name, "km2")
        yield Compared(f"category {name} [km²]", ours, peer.pop(quantity), CLOSE, SNAPPED)


def _regions(peer: dict[str, float], result: Result) -> Iterator[Compared]:
    year = _last(result)
    for region in REGIONS:
        km2, percent = (value_of(result, year, "Province", region, unit) for unit in ("km2", "%"))
        said = f"region {region}"
        yield Compared(f"{said} [km²]", 100 * km2 / percent, peer.pop(f"region{region}_area_km2"), 1e-7)
        yield Compared(f"{said}, protected [km²]", km2, peer.pop(f"region{region}_protected_km2"), CLOSE, SNAPPED)
        yield Compared(f"{said}, protected [%]", percent, peer.pop(f"region{region}_protected_pct"), CLOSE, SNAPPED)


def _types(peer: dict[str, float], verify: Path, folder: Path, result: Result) -> Iterator[Compared]:
    """What each kind covers: in all, OECMs where no protected area is; in the regions, from layers of one kind."""
    for kind in ("PA", "OECM"):
        ours = value_of(result, _last(result), "Type", kind, "km2")
        yield Compared(f"{kind} [km²]", ours, peer.pop(f"erased_{kind}"), CLOSE, SNAPPED)
        alone = computed("3.1", _only(kind, coverage_folder(verify, folder / kind)))
        for region in REGIONS:
            ours = value_of(alone, _last(alone), "Province", region, "km2")
            theirs = peer.pop(f"region{region}_{kind}_only_km2")
            yield Compared(f"region {region}, {kind} alone [km²]", ours, theirs, 2 * CLOSE, SNAPPED)


def _only(kind: str, country: Path) -> Path:
    """The folder with the sites of one kind only, as a tool for maps would save them."""
    layer = country / "protected_area_coverage" / "input_wdpa_like_mexico.gpkg"
    sites = gpd.read_file(layer)
    layer.unlink()
    sites[sites["SITE_TYPE"] == kind].to_file(layer)
    return country


def _sites(rows: list[dict[str, str]], country: Path) -> Iterator[Compared]:
    usual = {name: spec_of("3.1").parameters[name].default for name in ("statuses", "excluded_designations")}
    sites, _ = countable_sites(load("3.1", country)["protected_areas"], **usual)
    assert len(sites) == len(rows)
    for row, site, shape in zip(rows, sites["site_id"], sites.geometry, strict=True):
        assert site == row["SITE_ID"]
        theirs = float(row["AREA_KM2"])
        strip = _STRIP * shape.length / 1e6 / theirs
        yield Compared(f"site {site} [km²]", shape.area / 1e6, theirs, strip, MOVED)
