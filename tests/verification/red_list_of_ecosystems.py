"""A.1 beside the authors' code of the index for forests of the Americas, and beside redlistr for maps and polygons."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gbf_workbench.results import Result
from tests.verification import COUNTRY, Compared, computed, country_folder, value_of

PEER = "rle_indices 2020 (R code of Rowland et al.), redlistr 2.0.0"
SLUG = "red_list_of_ecosystems"
ORDER = ("NE", "DD", "LC", "NT", "VU", "EN", "CR", "CO")
SUBCRITERIA = ("A1", "A2b", "A3", "B1", "B2", "B3", "C2a", "C2b", "D1", "D2b", "D3")
AMERICAS = f"""\
tables:
  ecosystem_criteria:
    file: Github_example_AmericanForests_RLIE.csv
    columns: {{ecosystem_group: ecosystem, region: country}}
    complete: true
    numbered: [ecosystem_id]
    constants: {{year: 2018}}
    unpivot:
      names: criterion
      values: category
      columns: {{{", ".join(f"criterion_{one}: {one}" for one in SUBCRITERIA)}}}
"""
MANGROVES = """\
tables:
  ecosystem_maps:
    files: {2000: example_distribution_2000.tif, 2017: example_distribution_2017.tif}
"""
# The coordinates of these invented outlines, 0 to 100 m, lie beyond the pole in the system that the file names.
POLYGONS = """\
tables:
  ecosystem_polygons:
    file: {file}
    crs: EPSG:6933
    columns: {{class_code: {column}}}
    constants: {{year: 2001}}
"""
FRAME = COUNTRY + "frame:\n  land: {file: land.gpkg, source: A box around outlines that lie in no country.}\n"
LEGEND = "class_code,name,natural\n"
HULL = "circles in the cells, which the peer draws with corners; ours are within one in 100,000 of true circles"


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every value of the peers' files, each from a country folder around their unaltered data."""
    own = verify / "A.1"
    return [
        *_americas(own, folder / "americas"),
        *_mangroves(own, folder / "mangroves"),
        *_polygons(own, folder / "polygons"),
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _americas(own: Path, folder: Path) -> Iterator[Compared]:
    file = own / "input" / "Github_example_AmericanForests_RLIE.csv"
    result = computed("A.1", country_folder(folder, SLUG, [file], AMERICAS), replicates=200)
    units = _units(result)
    yield from _categories(own, units)
    files = {"overall": ("", ""), "by_country": ("Region", "country")}
    files["by_ecosystem"] = ("Group of ecosystem types", "ecosystem")
    for name, (kind, by) in files.items():
        for row in _rows_with_commas(own / f"expected_RLIE_americas_{name}.csv"):
            criterion = row["criteria"].removeprefix("criterion_")
            part, whole = row.get("group1", ""), criterion == "overall"
            where = ("", "") if not kind and whole else ("Criterion", criterion) if not kind else (kind, part)
            where = where if not kind or whole else (f"{kind}, {criterion}", part)
            index = value_of(result, 2018, *where)
            here = units if not kind else units[units[by] == part]
            weights = here[criterion].dropna().to_numpy()
            said = f"{part or 'Americas'}, {row['criteria']}"
            yield Compared(f"Index, {said}", index, float(row["RLIE"]), 1e-12)
            yield Compared(f"Types, {said}", _n_of(result, *where), float(row["total_count"]), 0)
            yield Compared(f"Sum of weights, {said}", weights.sum(), float(row["total_weight"]), 0)
            # What the peer calls lower and upper is the spread of the types; ours are limits of the index.
            for limit, share in (("lower", 0.975), ("upper", 0.025)):
                spread = 1 - np.quantile(weights, share) / 5
                yield Compared(f"Spread of types, {limit}, {said}", spread, float(row[limit]), 1e-9)


def _rows_with_commas(path: Path) -> list[dict[str, str]]:
    """Rows of a file in which a name may hold a comma without quotation marks."""
    lines = [row for row in csv.reader(path.read_text(encoding="utf-8").splitlines()) if row]
    names = lines[0]
    more = len(names) - 1
    return [dict(zip(names, [",".join(row[:-more]), *row[-more:]], strict=True)) for row in lines[1:]]


def _units(result: Result) -> pd.DataFrame:
    """Weight of each of our rows by criterion; the identifier is the row of the peer's table."""
    data = result.data[result.data["unit"] == "risk (0–5)"]
    kinds = {"Ecosystem type": "overall", **{f"Ecosystem type, {one}": one for one in "ABCD"}}
    wide = data.assign(criterion=data["disaggregation_type"].map(kinds)).pivot(
        index="disaggregation", columns="criterion", values="value"
    )
    notes = data[data["disaggregation_type"] == "Ecosystem type"].set_index("disaggregation")["note"]
    for criterion in "ABCD":
        own = data[data["disaggregation_type"] == f"Ecosystem type, {criterion}"].set_index("disaggregation")["note"]
        wide[f"category {criterion}"] = own
    wide["category overall"] = notes
    wide.index = wide.index.astype(int)
    return wide.sort_index()


def _categories(own: Path, units: pd.DataFrame) -> Iterator[Compared]:
    """All categories by criterion and the overall one, row by row of the peer's table, as places in their order."""
    expected = _rows(own / "expected_RLIE_americas_categories_max.csv")
    assert len(expected) == len(units)
    for name in ("country", "ecosystem"):
        units[name] = [row[name] for row in expected]
    for (number, unit), row in zip(units.iterrows(), expected, strict=True):
        for criterion in ("A", "B", "C", "D", "overall"):
            theirs = row[criterion if criterion == "overall" else f"criterion_{criterion}"]
            ours = str(unit[f"category {criterion}"]).removeprefix("category_").upper()
            yield Compared(f"Category {criterion}, row {number}", ORDER.index(ours), ORDER.index(theirs), 0)


def _n_of(result: Result, kind: str, part: str) -> float:
    data = result.data
    rows = data[(data["disaggregation_type"] == kind) & (data["disaggregation"] == part) & (data["unit"] == "index")]
    return float(rows["n"].iloc[0]) if len(rows) == 1 else float("nan")


def _mangroves(own: Path, folder: Path) -> Iterator[Compared]:
    files = [own / "input" / f"example_distribution_{year}.tif" for year in (2000, 2017)]
    country_folder(folder, SLUG, files, MANGROVES)
    (folder / SLUG / "ecosystem_types.csv").write_text(f"{LEGEND}1,Mangrove,Natural\n", encoding="utf-8")
    as_peer = {"measured_in": "EPSG:32755", "placements": 1, "round_cells": True, "replicates": 100}
    result = computed("A.1", folder, **as_peer)
    period, name = "2000–2017", "Mangrove"
    ours = {
        "area_km2_2000": (2000, "Ecosystem type", "km2"), "area_km2_2017": (2017, "Ecosystem type", "km2"),
        "absolute_loss_km2": (2017, f"Loss of area, {period}", "km2"),
        "ARD_km2_per_yr": (2017, f"Absolute rate of decline, {period}", "km2 per year"),
        "PRD_pct_per_yr": (2017, f"Proportional rate of decline, {period}", "% per year"),
        "ARC_pct_per_yr": (2017, f"Annual rate of change, {period}", "% per year"),
        "A_2050_ARD": (2017, "Area at a constant absolute rate, 2050", "km2"),
        "A_2050_PRD": (2017, "Area at a constant proportional rate, 2050", "km2"),
        "A_2050_ARC": (2017, "Area at a constant proportional rate, 2050", "km2"),
        "EOO_km2_2000": (2000, "Extent of occurrence", "km2"), "EOO_km2_2017": (2017, "Extent of occurrence", "km2"),
    }  # fmt: skip
    for row in _rows(own / "expected_redlistr_raster.csv"):
        year, kind, unit = ours.pop(row["quantity"])
        hull = row["quantity"].startswith("EOO")
        value = value_of(result, year, kind, name, unit)
        yield Compared(row["quantity"], value, float(row["value"]), 1e-5 if hull else 1e-12, HULL if hull else "")
    assert not ours
    for row in _rows(own / "expected_redlistr_AOO_raster_nojitter.csv"):
        year, side = int(row["year"]), float(row["cell_size_m"]) / 1000
        rule = "bottom" if row["one_percent_rule"] == "TRUE" else "none"
        result = computed("A.1", folder, **as_peer, square_km=side, squares=rule)
        value = value_of(result, year, "Area of occupancy", name, "squares")
        yield Compared(f"AOO {year}, {side:g} km, {rule}", value, float(row["AOO_cells"]), 0)


def _polygons(own: Path, folder: Path) -> Iterator[Compared]:
    expected = _rows(own / "expected_redlistr_polygons.csv")
    legend = LEGEND + "".join(f"{row['eco']},{row['eco']},Natural\n" for row in expected)
    for stem, column, date in (("example_polygons", "time1", "t1"), ("example_polygons_t5", "time5", "t5")):
        here = folder / date
        files = sorted((own / "input").glob(f"{stem}.*"))
        country_folder(here, SLUG, files, POLYGONS.format(file=f"{stem}.shp", column=column), FRAME)
        box = gpd.GeoDataFrame(geometry=[shapely.box(-1e4, -1e4, 1e4, 1e4)], crs="EPSG:6933")
        box.to_file(here / "land.gpkg")
        (here / SLUG / "ecosystem_types.csv").write_text(legend, encoding="utf-8")
        as_peer = {"measured_in": "EPSG:6933", "placements": 1, "square_km": 0.01, "replicates": 100}
        # The peer counts squares that an outline only touches when it has no rule for small parts.
        rules = {"rule": "bottom", "norule": "touched"}
        results = {name: computed("A.1", here, **as_peer, squares=rule) for name, rule in rules.items()}
        for row in expected:
            eco, first = row["eco"], results["rule"]
            area = 1e6 * value_of(first, 2001, "Ecosystem type", eco, "km2")
            eoo = 1e6 * value_of(first, 2001, "Extent of occurrence", eco, "km2")
            yield Compared(f"Area [m²] {eco}, {date}", area, float(row[f"area_m2_{date}"]), 1e-8)
            yield Compared(f"EOO [m²] {eco}, {date}", eoo, float(row[f"EOO_m2_{date}"]), 1e-8)
            for name, result in results.items():
                squares = value_of(result, 2001, "Area of occupancy", eco, "squares")
                yield Compared(f"AOO 10 m, {name}, {eco}, {date}", squares, float(row[f"AOO10_{name}_{date}"]), 0)
