"""Country folders around the unaltered files of others: what a team would write to use them."""

from __future__ import annotations

from pathlib import Path

CATEGORIES = ("LC", "NT", "VU", "EN", "CR", "CR(PE)", "CR(PEW)", "EW", "EX", "RE")


def _country(folder: Path, more: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "country.yml").write_text(f"format: 1\ncode: XAR\nname: {{en: Peer}}\n{more}", encoding="utf-8")
    return folder


def _copied(source: Path, into: Path) -> Path:
    into.mkdir(parents=True, exist_ok=True)
    (into / source.name).write_bytes(source.read_bytes())
    return into / source.name


def red_list_folder(verify: Path, folder: Path) -> Path:
    """Category counts of the global lists."""
    own = _country(folder) / "red_list_index"
    _copied(verify / "A.3" / "expected_rli_by_group_year.csv", own)
    columns = ", ".join(f"{one}: {one}" for one in CATEGORIES) + ", n_dd: DD"
    (own / "mapping.yml").write_text(
        "tables:\n  red_list_counts:\n    file: expected_rli_by_group_year.csv\n"
        "    columns: {taxonomic_group: group}\n    constants: {scope: global}\n"
        f"    unpivot: {{names: category, values: species_count, columns: {{{columns}}}}}\n",
        encoding="utf-8",
    )
    return folder


def coverage_folder(verify: Path, folder: Path) -> Path:
    """Sites with the fields of the world database, three regions, and no boundary of a country."""
    _country(
        folder,
        "frame:\n  provinces: {file: frame/input_regions_mexico.gpkg, columns: {name: OBJECTID}, source: peer}\n",
    )
    own = folder / "protected_area_coverage"
    _copied(verify / "3.1" / "input_wdpa_like_mexico.gpkg", own)
    _copied(verify / "3.1" / "input_regions_mexico.gpkg", folder / "frame")
    (own / "mapping.yml").write_text(
        "tables:\n  protected_areas: {file: input_wdpa_like_mexico.gpkg}\n", encoding="utf-8"
    )
    return folder


def extent_folder(verify: Path, folder: Path, *, pixel_area: str = "ellipsoid") -> Path:
    """Three maps of land use and a legend."""
    _country(folder, f"settings:\n  natural_ecosystem_extent: {{pixel_area: {pixel_area}}}\n")
    own = folder / "natural_ecosystem_extent"
    for year in (1985, 1991, 1999):
        _copied(verify / "A.2" / f"lu_pie_{year}.tif", own)
    files = ", ".join(f"{year}: lu_pie_{year}.tif" for year in (1985, 1991, 1999))
    (own / "mapping.yml").write_text(f"tables:\n  ecosystem_maps: {{files: {{{files}}}}}\n", encoding="utf-8")
    (own / "ecosystem_types.csv").write_text(
        "class_code,name,natural\n1,Forest,Natural\n2,Built,Not natural\n3,Other,Seminatural\n", encoding="utf-8"
    )
    return folder
