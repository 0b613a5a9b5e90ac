"""Green and blue space of one city from volunteers' maps, and published shares of the United Kingdom."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.verification import COUNTRY, Compared, computed, country_folder, value_of

PEER = (
    "Las Palmas de Gran Canaria, 4,956 spaces of OpenStreetMap of 21 February 2023 in the part of its urban centre "
    "(GHS-UCDB R2019A) that lies in the municipality: the share of public green and blue space as a script with osmium "
    "and GEOS measured it. Shares of urban green space open to all in the United Kingdom in 2019 (Office for National "
    "Statistics): results only, taken through the table of city shares."
)
SLUG = "urban_green_and_blue_space"
#: Share [%] and areas [km²] as published with the extract.
SHARE, CITY, GREEN, BLUE, BOTH = 4.2234, 62.9879, 2.23846, 0.43008, 2.66024
_MAPPING = """\
tables:
  built_up_areas:
    file: las_palmas_ghs_ucdb.gpkg
    columns: {city_id: ID_HDC_G0, name: UC_NM_MN}
    constants: {year: 2023}
  green_and_blue_spaces:
    file: las_palmas_green_blue_osm.gpkg
    columns: {space_id: osm_id, space_type: green}
    classes: {space_type: {true: green, false: blue}}
"""
_RESULTS = """\
tables:
  city_space_shares:
    file: ons_indicator_11-7-1.csv
    columns: {city_id: Country, year: Year, public_space_km2: Value}
    constants: {built_up_km2: 100}
    leave_out_rows: [2]
"""


def compared(verify: Path, folder: Path) -> list[Compared]:
    """The share in two planes, its parts, and the results that were published."""
    source = verify / "12.1"
    rows = [row for crs in ("EPSG:5635", "EPSG:6933") for row in _city(source, folder / crs[5:], crs)]
    return rows + _results(source, folder / "results")


def _city(source: Path, folder: Path, crs: str) -> list[Compared]:
    frame = f"frame:\n  crs: {crs}\n  land: {{file: frame/las_palmas_municipality_ign.geojson, source: peer}}\n"
    files = [source / "las_palmas_ghs_ucdb.gpkg", source / "las_palmas_green_blue_osm.gpkg"]
    country_folder(folder, SLUG, files, _MAPPING, COUNTRY + frame)
    (folder / "frame").mkdir()
    municipality = source / "las_palmas_municipality_ign.geojson"
    (folder / "frame" / municipality.name).write_bytes(municipality.read_bytes())
    result = computed("12.1", folder, unknown_access="public")
    green, blue = (value_of(result, 2023, "Green or blue", name) for name in ("Green", "Blue"))
    whole = value_of(result, 2023)
    # The published numbers have five digits.
    return [
        Compared(f"Las Palmas, green or blue, {crs} [%]", whole, SHARE, 1.2e-5, "five digits published"),
        Compared(f"Las Palmas, green of city, {crs} [%]", green, 100 * GREEN / CITY, 1.2e-5, "five digits published"),
        Compared(f"Las Palmas, blue of city, {crs} [%]", blue, 100 * BLUE / CITY, 2.5e-5, "five digits, other plane"),
        Compared(f"Las Palmas, areas divided, {crs} [%]", whole, 100 * BOTH / CITY, 1.2e-5, "five digits published"),
    ]


def _results(source: Path, folder: Path) -> list[Compared]:
    path = source / "ons_indicator_11-7-1.csv"
    country_folder(folder, SLUG, [path], _RESULTS)
    result = computed("12.1", folder)
    with path.open(encoding="utf-8-sig", newline="") as file:
        published = list(csv.DictReader(file))
    return [
        Compared(f"{row['Country']} {row['Year']}, published share [%]",
                 value_of(result, int(row["Year"]), "City", row["Country"]), float(row["Value"]), 1e-12)
        for row in published if row["Country"]
    ]  # fmt: skip
