"""Protected areas and OECMs on land and at sea, overlapping and nested as in the world's database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from make_aruvia.frame import Outline
from make_aruvia.names import place_names
from make_aruvia.noise import DECIMALS, rough_ring
from make_aruvia.people import Settled
from make_aruvia.terrain import LONLAT, Grid, Relief
from make_aruvia.writing import write_layer

MINISTRY, PROVINCE = "Federal or national ministry or agency", "Sub-national ministry or agency"
SHARED, PEOPLES, LOCAL = "Collaborative governance", "Indigenous peoples", "Local communities"
OWNERS, NGO = "Individual landowners", "Non-profit organisations"
FIRST_ID = 990000001


@dataclass(frozen=True)
class Kind:
    """A kind of site: what it is called and where, how large [km²] and when such sites are made.

    ``place`` is one of those of ``_places``; ``reach`` says which part of the drawn outline is kept: land, sea, both.
    """

    title: str
    designation: str
    place: str
    count: int
    areas: tuple[float, float]
    years: tuple[int, int]
    categories: tuple[str, ...]
    governance: tuple[str, ...]
    reach: str = "land"
    site_type: str = "PA"
    status: str = "Designated"


KINDS = (
    Kind("Mont {}", "National Park", "mountain", 4, (142, 280), (1972, 2006), ("II",), (MINISTRY,)),
    Kind("{} Plains", "National Park", "savanna", 2, (150, 250), (1978, 2011), ("II",), (MINISTRY,)),
    Kind("Baie de {}", "National Park", "shore", 3, (110, 210), (1991, 2019), ("II",), (MINISTRY, SHARED), "both"),
    Kind("Forêt de {}", "Forest Reserve", "forest", 9, (16, 85), (1974, 2016), ("IV", "VI"), (MINISTRY, PROVINCE)),
    Kind("{}", "Nature Reserve", "anywhere", 8, (6, 55), (1976, 2021), ("Ia", "IV", "III"), (MINISTRY, PROVINCE, NGO)),
    Kind("{}", "Wildlife Sanctuary", "forest", 5, (30, 90), (1983, 2014), ("IV",), (MINISTRY,)),
    Kind("Vallée de {}", "Protected Landscape", "farms", 4, (25, 90), (1998, 2018), ("V",), (PROVINCE, SHARED)),
    Kind("Mangrove de {}", "Ramsar Site, Wetland of International Importance", "shore", 3, (15, 60), (1995, 2012),
         ("Not Applicable",), (MINISTRY,), "both"),
    Kind("Marais de {}", "Ramsar Site, Wetland of International Importance", "plain", 2, (20, 50), (1997, 2015),
         ("Not Applicable",), (MINISTRY,)),
    Kind("Récif de {}", "Marine Park", "reef", 7, (45, 260), (1988, 2022), ("II", "VI"), (MINISTRY, SHARED), "sea"),
    Kind("Lagon de {}", "Marine Reserve", "reef", 5, (8, 50), (1993, 2020), ("Ia", "IV"), (MINISTRY, LOCAL), "sea"),
    Kind("{}", "Locally Managed Marine Area", "reef", 8, (12, 90), (2016, 2024), ("Not Applicable",), (LOCAL, PEOPLES),
         "sea", "OECM", "Established"),
    Kind("{}", "Community Conserved Area", "farms", 6, (15, 70), (2017, 2024), ("Not Applicable",), (LOCAL, PEOPLES),
         "land", "OECM", "Established"),
    Kind("Sources de {}", "Watershed Protection Area", "mountain", 4, (142, 280), (2016, 2023), ("Not Applicable",),
         (PROVINCE, SHARED), "land", "OECM", "Established"),
    Kind("{}", "Private Conserved Area", "savanna", 3, (10, 45), (2018, 2024), ("Not Applicable",), (OWNERS, NGO),
         "land", "OECM", "Established"),
)  # fmt: skip
#: Sites that do not count, or not by every rule.
UNCOUNTED = (
    Kind("{}", "National Park", "forest", 2, (120, 200), (2023, 2024), ("Not Assigned",), (MINISTRY,),
         status="Proposed"),
    Kind("Récif de {}", "Marine Park", "reef", 2, (150, 300), (2022, 2024), ("Not Assigned",), (MINISTRY,), "sea",
         status="Proposed"),
    Kind("{}", "Nature Reserve", "anywhere", 1, (30, 40), (2023, 2023), ("IV",), (PROVINCE,), status="Adopted"),
    Kind("{}", "Protected Landscape", "farms", 1, (30, 40), (2009, 2009), ("Not Reported",), ("Not Reported",),
         status="Not Reported"),
)  # fmt: skip
#: Far from the coast: title, centre [km], area [km²], length over width, year, category.
_OFFSHORE = (
    ("Monts sous-marins de {}", (152, -88), 9100, 1.7, 2015, "VI"),
    ("Fosse de {}", (-162, 64), 4300, 1.4, 2021, "Ia"),
)
#: A reserve on two islands, one parcel on each: place [km] and area [km²].
_ISLETS = (((98, -45), 45), ((86, -58), 14))
#: Title and designation of the sites that follow others.
_STRICT = ("Réserve intégrale de {}", "Strict Nature Reserve")
_HERITAGE = ("Mont {}", "World Heritage Site (natural or mixed)")
_BIOSPHERE = ("{}", "UNESCO-MAB Biosphere Reserve")
_TERRITORY = ("Terres de {}", "Indigenous Conserved Territory")
_ISLET_RESERVE = ("Îlots de {}", "Nature Reserve")
#: How far apart sites of one kind are at least, in sums of the sides of squares of their size.
_ROOM = 0.9


def make_sites(
    outline: Outline, grid: Grid, relief: Relief, settled: Settled, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """All sites, as rows of the world's database, in degrees, oldest kinds first."""
    sites = [site for kind in KINDS for site in _of_kind(kind, outline, grid, relief, settled, rng)]
    for title, centre, area, stretch, year, category in _OFFSHORE:
        # Lines far out at sea are drawn on a chart, from one corner to the next.
        shape = shapely.simplify(shapely.Polygon(rough_ring(rng, centre, area, stretch, 0.6, 0.14)), 5)
        sites.append(_site(title, "Marine Park", shape, year, category, MINISTRY))
    parks = sorted((one for one in sites if one["title"].startswith("Mont ")), key=lambda one: -one["geometry"].area)
    sites += _related(parks, outline, rng)
    sites += [site for kind in UNCOUNTED for site in _of_kind(kind, outline, grid, relief, settled, rng)]
    sites += _points(grid, relief, settled, rng)
    return _as_table(sites, grid, rng)


def _site(
    title: str, designation: str, shape: shapely.Geometry, year: int, category: str, governance: str,
    site_type: str = "PA", status: str = "Designated",
) -> dict[str, object]:  # fmt: skip
    return {
        "title": title, "site_type": site_type, "status": status, "designation": designation,
        "iucn_category": category, "status_year": year, "governance_type": governance, "geometry": shape,
    }  # fmt: skip


def _of_kind(
    kind: Kind, outline: Outline, grid: Grid, relief: Relief, settled: Settled, rng: np.random.Generator
) -> list[dict[str, object]]:
    """Sites of one kind, kept apart from each other; other kinds may overlap them."""
    rows, columns = np.nonzero(_places(grid, relief, settled)[kind.place])
    first, last = kind.years
    # Most kinds start slowly and grow fast; the first site always opens the period.
    years = np.sort(np.round(first + (last - first) * rng.random(kind.count) ** 0.8).astype(int))
    years[0] = first
    made, taken = [], []
    for year in rng.permutation(years):
        area = float(np.exp(rng.uniform(*np.log(kind.areas))))
        for _ in range(200):
            pick = rng.integers(len(rows))
            centre = (float(grid.east[columns[pick]]), float(grid.north[rows[pick]]))
            if all(np.hypot(centre[0] - u, centre[1] - v) > _ROOM * (area**0.5 + other**0.5) for u, v, other in taken):
                break
        taken.append((*centre, area))
        ring = rough_ring(rng, centre, area, rng.uniform(1, 2.2), rng.uniform(0, np.pi), rng.uniform(0.18, 0.34))
        shape = _kept(shapely.Polygon(ring), kind.reach, outline)
        category, governance = str(rng.choice(kind.categories)), str(rng.choice(kind.governance))
        made.append(
            _site(kind.title, kind.designation, shape, int(year), category, governance, kind.site_type, kind.status)
        )
    return made


def _places(grid: Grid, relief: Relief, settled: Settled) -> dict[str, np.ndarray]:
    """Where the centre of a site may lie."""
    land, quiet = relief.land, settled.wanted < 0.35
    offshore = ~land & (relief.shelter > 0)
    return {
        "mountain": land & (relief.height > 850) & quiet,
        "savanna": land & (relief.rain < 1600) & (relief.height < 700) & quiet & (relief.coast > 4),
        "forest": land & (relief.rain > 1800) & (relief.height < 900) & (settled.wanted < 0.55) & (relief.coast > 3),
        "farms": land & (settled.wanted > 0.3) & (settled.wanted < 0.8) & (relief.coast > 3),
        "plain": land & (relief.height < 120) & (relief.flow > 300),
        "shore": land & (relief.coast < 1.2) & (settled.town_distance > 7),
        "anywhere": land & (settled.town_distance > 6),
        "reef": offshore & (relief.shelter < 0.3),
    }


def _kept(shape: shapely.Geometry, reach: str, outline: Outline) -> shapely.Geometry:
    """The part on land or at sea, without crumbs; a site on both sides of the coast stays as drawn."""
    if reach == "both":
        return shape
    part = shapely.intersection(shape, outline.land) if reach == "land" else shapely.difference(shape, outline.land)
    parts = shapely.get_parts(part)
    return shapely.multipolygons(parts[shapely.area(parts) > 0.02 * shapely.area(parts).max()])


def _related(parks: list[dict[str, object]], outline: Outline, rng: np.random.Generator) -> list[dict[str, object]]:
    """Sites inside, around and across the great parks, and a reserve on two islands."""
    first, second, third = (park["geometry"] for park in parks[:3])
    made: list[dict[str, object]] = []
    for park in parks[:3]:
        heart = max(shapely.get_parts(shapely.buffer(park["geometry"], -2.2)), key=shapely.area)
        year = park["status_year"] + int(rng.integers(4, 15))
        made.append(_site(*_STRICT, shapely.simplify(heart, 0.4), year, "Ia", MINISTRY))
    around = _kept(shapely.simplify(shapely.buffer(first, 7), 0.5), "land", outline)
    made.append(_site(*_HERITAGE, first, 2001, "Not Applicable", MINISTRY, status="Inscribed"))
    made.append(_site(*_BIOSPHERE, around, 1996, "Not Applicable", MINISTRY, status="Inscribed"))
    for park, year in ((second, 2019), (third, 2022)):
        edge = tuple(shapely.get_coordinates(park)[5])
        across = _kept(shapely.Polygon(rough_ring(rng, edge, 85, 1.6, 0.4, 0.2)), "land", outline)
        made.append(_site(*_TERRITORY, across, year, "Not Applicable", PEOPLES, "OECM", "Established"))
    pair = [shapely.Polygon(rough_ring(rng, place, area, 1.3, 1.0, 0.2)) for place, area in _ISLETS]
    islets = shapely.intersection(shapely.multipolygons(pair), outline.land)
    return [*made, _site(*_ISLET_RESERVE, islets, 1987, "Ia", MINISTRY)]


def _points(grid: Grid, relief: Relief, settled: Settled, rng: np.random.Generator) -> list[dict[str, object]]:
    """Sites of which only the position is known; of the last not even the size."""
    rows, columns = np.nonzero(_places(grid, relief, settled)["anywhere"])
    points = []
    for year, area in ((1981, 2.4), (1989, 0.8), (1999, 5.5), (2007, 1.6), (0, np.nan)):
        pick = rng.integers(len(rows))
        place = shapely.Point(grid.east[columns[pick]], grid.north[rows[pick]])
        site = _site("Bois sacré de {}", "Sacred Grove", place, year, "III", LOCAL)
        points.append(site | {"reported_area_km2": area})
    return points


def _as_table(sites: list[dict[str, object]], grid: Grid, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Numbers, names, published areas; geometry in degrees with the last digit worth 0.1 m."""
    names = place_names(rng, len(sites))
    published = np.round(rng.normal(1, 0.02, len(sites)), 3)
    rows = []
    for number, (site, name) in enumerate(zip(sites, names, strict=True), start=FIRST_ID):
        area = shapely.area(site["geometry"]) * published[number - FIRST_ID]
        row = {"site_id": str(number), "site_pid": str(number), "name": _called(site["title"], name)}
        row |= {"reported_area_km2": round(float(area), 1 if area > 20 else 2)} | site
        row["geometry"] = shapely.set_precision(grid.to_lonlat(site["geometry"]), 10.0**-DECIMALS)
        rows.append(row | {"iso3": "XAR"})
    rows = _with_parcels(_with_oddities(rows))
    order = ["site_id", "site_pid", "name", "site_type", "status", "designation", "iucn_category", "status_year",
             "reported_area_km2", "governance_type", "iso3", "geometry"]  # fmt: skip
    return gpd.GeoDataFrame(rows, columns=order, crs=LONLAT)


def _called(title: str, name: str) -> str:
    if name[0] in "AEIOUY":
        title = title.replace(" de {}", " d'{}")
    return title.format(name)


def _with_oddities(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """What every such table has: years not known, an area from an old gazette, the heritage named as its park."""
    reserves = [row for row in rows if row["designation"] in ("Forest Reserve", "Nature Reserve")]
    for row in reserves[3], reserves[13]:
        row["status_year"] = 0
    reserves[6]["reported_area_km2"] = round(reserves[6]["reported_area_km2"] * 1.4, 1)
    heritage = next(row for row in rows if row["designation"].startswith("World Heritage"))
    park = next(row for row in rows if row["geometry"].equals(heritage["geometry"]))
    biosphere = next(row for row in rows if "MAB" in row["designation"])
    heritage["name"], biosphere["name"] = park["name"], f"Réserve de biosphère du {park['name']}"
    heritage["reported_area_km2"] = park["reported_area_km2"]
    return rows


def _with_parcels(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The reserve on two islands becomes two parcels of one site."""
    at, whole = next((at, row) for at, row in enumerate(rows) if row["name"].startswith("Îlots"))
    parts = sorted(shapely.get_parts(whole["geometry"]), key=shapely.area, reverse=True)
    total = sum(part.area for part in parts)
    parcels = [
        whole | {"site_pid": f"{whole['site_id']}_{letter}", "geometry": part,
                 "reported_area_km2": round(whole["reported_area_km2"] * part.area / total, 2)}
        for letter, part in zip("AB", parts, strict=True)
    ]  # fmt: skip
    return [*rows[:at], *parcels, *rows[at + 1 :]]


def write(folder: Path, sites: gpd.GeoDataFrame) -> None:
    """One layer of polygons and points."""
    write_layer(folder / "protected_areas.gpkg", sites, geometry_type="Unknown")
