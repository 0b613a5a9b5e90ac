"""The sample country is whole, plausible and made again by its script; read here with plain tools only."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio
import shapely
import yaml

SAMPLES = Path(__file__).resolve().parent.parent / "data_samples"
ARUVIA = SAMPLES / "aruvia"
RAW = ARUVIA / "raw"
EQUAL_AREA = "EPSG:6933"
COUNTED = ("Designated", "Inscribed", "Established")


def files_of(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def frame() -> dict[str, gpd.GeoDataFrame]:
    return {name: gpd.read_file(ARUVIA / "frame" / f"{name}.gpkg") for name in ("land", "sea", "provinces")}


@pytest.fixture(scope="module")
def sites() -> gpd.GeoDataFrame:
    return gpd.read_file(ARUVIA / "protected_area_coverage" / "protected_areas.gpkg")


@pytest.fixture(scope="module")
def species() -> pd.DataFrame:
    table = ARUVIA / "red_list_index" / "red_list_assessments.csv"
    return pd.read_csv(table, keep_default_na=False).astype({"range_share": float})


@pytest.fixture(scope="module")
def maps() -> dict[int, np.ndarray]:
    return {year: read_map(year)[0] for year in (2000, 2010, 2020)}


def read_map(year: int) -> tuple[np.ndarray, dict[str, object]]:
    with rasterio.open(ARUVIA / "natural_ecosystem_extent" / f"ecosystem_maps_{year}.tif") as file:
        return file.read(1), {key: file.profile[key] for key in ("crs", "transform", "nodata", "width", "height")}


@pytest.mark.slow
def test_the_script_makes_the_shipped_files_again(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SAMPLES / "make_aruvia.py", "--out", tmp_path], check=True)
    assert files_of(tmp_path) == files_of(ARUVIA)
    differing = [str(path) for path in files_of(ARUVIA) if content(tmp_path / path) != content(ARUVIA / path)]
    assert differing == []


def content(path: Path) -> object:
    """What a file says, whatever the version of the library that wrote it."""
    if path.suffix == ".gpkg":
        layer = gpd.read_file(path)
        return layer.crs.to_epsg(), layer.drop(columns="geometry").to_csv(), layer.geometry.to_wkb().tolist()
    if path.suffix == ".tif":
        with rasterio.open(path) as file:
            return file.crs.to_epsg(), file.transform, file.nodata, file.read().tobytes()
    if path.suffix in (".zip", ".xlsx"):
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return path.read_bytes()


def test_the_country_is_small_enough_to_clone() -> None:
    assert sum((ARUVIA / path).stat().st_size for path in files_of(ARUVIA)) < 5_000_000


def test_the_country_file_names_layers_that_exist() -> None:
    country = yaml.safe_load((ARUVIA / "country.yml").read_text(encoding="utf-8"))
    layers = [country["frame"][name]["file"] for name in ("land", "sea", "provinces")]
    assert country["code"] == "XAR"
    assert all((ARUVIA / layer).is_file() for layer in layers)


@pytest.mark.parametrize("crs", ["EPSG:4326", EQUAL_AREA])
def test_provinces_tile_the_land_exactly(frame: dict[str, gpd.GeoDataFrame], crs: str) -> None:
    land = frame["land"].to_crs(crs).geometry.union_all()
    provinces = frame["provinces"].to_crs(crs)
    assert shapely.area(provinces.geometry.to_numpy()).sum() == pytest.approx(land.area, rel=1e-9)
    assert provinces.geometry.union_all().symmetric_difference(land).area < 1e-9 * land.area
    assert shapely.coverage_is_valid(provinces.geometry.to_numpy())
    assert provinces["name"].is_unique


def test_land_and_sea_meet_at_the_coast_and_do_not_overlap(frame: dict[str, gpd.GeoDataFrame]) -> None:
    land, sea = (frame[name].geometry.union_all() for name in ("land", "sea"))
    assert land.is_valid
    assert sea.is_valid
    assert land.intersection(sea).area == 0
    assert land.boundary.difference(sea.boundary).length == 0


def test_land_and_sea_have_the_size_that_the_readme_says(frame: dict[str, gpd.GeoDataFrame]) -> None:
    land, sea = (frame[name].to_crs(EQUAL_AREA).area.sum() / 1e6 for name in ("land", "sea"))
    assert land == pytest.approx(18_000, rel=0.005)
    assert sea == pytest.approx(150_000, rel=0.005)


def test_sites_are_valid_inside_the_country_and_have_keys_of_their_own(
    sites: gpd.GeoDataFrame, frame: dict[str, gpd.GeoDataFrame]
) -> None:
    country = pd.concat([frame["land"], frame["sea"]]).geometry.union_all()
    assert sites.geometry.is_valid.all()
    assert not sites.geometry.is_empty.any()
    assert sites.geometry.union_all().difference(country.buffer(1e-6)).is_empty
    assert not sites.duplicated(["site_id", "site_pid"]).any()


def test_sites_exercise_the_rules_that_a_calculation_must_keep(sites: gpd.GeoDataFrame) -> None:
    points = sites[sites.geom_type == "Point"]
    assert set(sites["site_type"]) == {"PA", "OECM"}
    assert {"Proposed", "Not Reported", "Adopted", *COUNTED} <= set(sites["status"])
    assert (sites["designation"] == "UNESCO-MAB Biosphere Reserve").sum() == 1
    assert points["reported_area_km2"].isna().sum() == 1
    assert len(points) > 1
    assert 2 <= (sites["status_year"] == 0).sum() <= 3
    assert sites["status_year"][sites["status_year"] > 0].min() == 1972
    assert sites["site_id"].duplicated().any(), "a site of two parcels"
    assert sites.geometry.duplicated().any(), "a site designated twice"


def test_about_a_sixth_of_the_land_and_a_tenth_of_the_sea_is_protected(
    sites: gpd.GeoDataFrame, frame: dict[str, gpd.GeoDataFrame]
) -> None:
    counted = sites[sites["status"].isin(COUNTED) & ~sites["designation"].str.contains("MAB")].to_crs(EQUAL_AREA)
    # Points are too small to matter at this precision.
    union = counted[counted.geom_type != "Point"].geometry.union_all()
    shares = [
        union.intersection(base := frame[name].to_crs(EQUAL_AREA).geometry.union_all()).area / base.area
        for name in ("land", "sea")
    ]
    assert shares == pytest.approx([0.17, 0.09], abs=0.005)


def test_maps_share_one_grid_and_use_only_classes_of_the_legend(maps: dict[int, np.ndarray]) -> None:
    legend = pd.read_csv(ARUVIA / "natural_ecosystem_extent" / "ecosystem_types.csv")
    grids = [read_map(year)[1] for year in maps]
    assert grids[0] == grids[1] == grids[2]
    assert grids[0]["crs"].to_epsg() == 6933
    for cells in maps.values():
        assert set(np.unique(cells)) == {*legend["class_code"], 255}
    assert set(legend["natural"]) == {"Natural", "Seminatural", "Not natural"}


def test_maps_cover_the_land_but_for_small_clouds(
    maps: dict[int, np.ndarray], frame: dict[str, gpd.GeoDataFrame]
) -> None:
    land_km2 = frame["land"].to_crs(EQUAL_AREA).area.sum() / 1e6
    seen = {year: (cells != 255) for year, cells in maps.items()}
    for cells in seen.values():
        assert 0.99 < cells.sum() * 0.09 / land_km2 < 1
    assert not np.array_equal(seen[2000], seen[2010])
    assert not np.array_equal(seen[2010], seen[2020])


def test_natural_land_shrinks_and_some_comes_back(maps: dict[int, np.ndarray]) -> None:
    everywhere = np.all([cells != 255 for cells in maps.values()], axis=0)
    natural = {year: (cells <= 5)[everywhere] for year, cells in maps.items()}
    extent = [natural[year].mean() for year in (2000, 2010, 2020)]
    assert extent[0] > extent[1] > extent[2] > 0.6
    assert (~natural[2000] & natural[2020]).any()


def test_every_species_has_a_row_for_each_date_of_its_group(species: pd.DataFrame) -> None:
    dates_of_group = species.groupby("taxonomic_group")["year"].agg(lambda years: tuple(sorted(set(years))))
    dates = species.groupby("species_id")["year"].agg(lambda years: tuple(sorted(years)))
    group = species.groupby("species_id")["taxonomic_group"].first()
    assert (dates == group.map(dates_of_group)).all()
    assert sorted(dates_of_group.map(len)) == [2, 3, 3, 3]


def test_a_reason_is_given_just_where_the_category_changes(species: pd.DataFrame) -> None:
    ordered = species.sort_values(["species_id", "year"])
    before = ordered.groupby("species_id")["category"].shift()
    changed = before.notna() & (before != ordered["category"])
    assert ((ordered["reason_for_change"] != "") == changed).all()
    assert set(ordered["reason_for_change"]) == {"", "genuine", "non-genuine"}


def test_names_and_range_shares_do_not_change_from_date_to_date(species: pd.DataFrame) -> None:
    by_species = species.groupby("species_id")
    assert (by_species[["scientific_name", "taxonomic_group", "range_share"]].nunique() == 1).all(axis=None)
    assert species["range_share"].between(0, 1).all()
    assert by_species["scientific_name"].first().is_unique


def test_more_species_fare_worse_than_better(species: pd.DataFrame) -> None:
    ladder = {name: step for step, name in enumerate(("LC", "NT", "VU", "EN", "CR", "CR(PE)"))}
    ordered = species.sort_values(["species_id", "year"])
    step = ordered["category"].map(ladder)
    change = step.groupby(ordered["species_id"]).diff()[ordered["reason_for_change"] == "genuine"]
    assert (change > 0).sum() > (change < 0).sum() > 2


def test_every_raw_file_has_its_faults_listed() -> None:
    listed = [line[3:] for line in (RAW / "README.md").read_text(encoding="utf-8").splitlines() if line[:3] == "## "]
    assert sorted(listed) == [path.as_posix() for path in files_of(RAW) if path.name != "README.md"]


def test_raw_areas_hold_the_crossed_polygons_that_are_listed() -> None:
    raw = gpd.read_file(f"zip://{RAW}/protected_areas/areas.zip!areas/AP_Aruvie.shp")
    crossed = raw[~raw.geometry.is_valid]
    listed = ", ".join(str(number) for number in crossed["WDPAID"])
    assert len(crossed) == 5
    assert f"Polygons that cross themselves: WDPAID {listed}." in (RAW / "README.md").read_text(encoding="utf-8")
    assert raw.crs is None


def test_raw_sites_are_the_clean_sites(sites: gpd.GeoDataFrame) -> None:
    areas = gpd.read_file(f"zip://{RAW}/protected_areas/areas.zip!areas/AP_Aruvie.shp")
    oecms = gpd.read_file(f"zip://{RAW}/protected_areas/amce_oecm.zip")
    points = pd.read_csv(RAW / "protected_areas" / "sitios_puntos.csv", sep=";", decimal=",", encoding="cp1252")
    parcels = [*areas["WDPA_PID"].drop_duplicates(), *oecms["WDPA_PID"], *points["código"].astype(str)]
    assert sorted(parcels) == sorted(sites["site_pid"])
    # What the label calls degrees are metres: read as such, the sites lie where they should.
    mended = oecms.set_crs("EPSG:32745", allow_override=True).to_crs("EPSG:4326").set_index("WDPA_PID")
    clean = sites.set_index("site_pid").loc[mended.index]
    assert np.abs(mended.bounds - clean.bounds).max(axis=None) < 1e-5


def test_the_raw_workbook_holds_the_clean_list(species: pd.DataFrame) -> None:
    sheet = openpyxl.load_workbook(RAW / "red_list" / "Liste_especes_2004-2014-2024.xlsx").active
    rows = [row for row in sheet.iter_rows(min_row=7, values_only=True) if row[1]]
    assert len(rows) == species["species_id"].nunique() + 1, "one species is there twice"
    names = {row[1]: " ".join(row[2].split()) for row in rows}
    assert names == species.groupby("species_id")["scientific_name"].first().to_dict()
    # Cells typed as plain codes agree with the clean table.
    clean = species.set_index(["species_id", "year"])["category"]
    codes = {"NT", "VU", "EN", "CR", "LC", "DD", "RE", "EX", "CR(PE)", "NA"}
    plain = [(row[1], year, cell) for row in rows for year, cell in zip((2004, 2014, 2024), row[3:6], strict=True)]
    assert all(clean[one, year] == cell for one, year, cell in plain if cell in codes)


def test_the_raw_list_of_2024_is_read_as_windows_1252_with_commas(species: pd.DataFrame) -> None:
    path = RAW / "red_list" / "especes_2024.csv"
    with pytest.raises(UnicodeDecodeError):
        path.read_text(encoding="utf-8")
    raw = pd.read_csv(path, sep=";", decimal=",", encoding="cp1252")
    clean = species[species["year"] == 2024].reset_index(drop=True)
    assert raw["Espèce"].tolist() == clean["scientific_name"].tolist()
    assert raw["Part de l'aire"].tolist() == clean["range_share"].tolist()


def test_raw_maps_lie_on_other_grids_than_the_clean_ones() -> None:
    grids = []
    for name in ("landcover_2020_utm", "landcover_2010_float", "carte_2000"):
        with rasterio.open(RAW / "land_cover" / f"{name}.tif") as file:
            grids.append((file.crs.to_epsg(), file.dtypes[0], file.nodata, file.count))
    assert grids == [(32745, "uint8", None, 1), (4326, "float32", -9999, 1), (6933, "uint8", None, 3)]


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the notebook makes of the raw files, run as nobody watches it."""
    import papermill

    out = tmp_path_factory.mktemp("mended")
    before = {path: (RAW / path).read_bytes() for path in files_of(RAW)}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GBF_DOOR", "batch")
        papermill.execute_notebook(
            SAMPLES.parent / "notebooks" / "01_prepare_data.ipynb", out / "ran.ipynb",
            {"folder": str(ARUVIA), "raw": str(RAW), "out": str(out)}, kernel_name="python3", progress_bar=False,
            cwd=str(out),
        )  # fmt: skip
    assert before == {path: (RAW / path).read_bytes() for path in files_of(RAW)}, "what was sent stays as it is"
    return out / "clean"


@pytest.mark.slow
def test_the_steps_of_the_notebook_make_the_clean_red_list_of_the_raw_one(mended: Path, species: pd.DataFrame) -> None:
    made = pd.read_csv(mended / "red_list_index" / "red_list_assessments.csv", keep_default_na=False)
    made = made.astype({"range_share": float})[species.columns]
    order = ["species_id", "year"]
    pd.testing.assert_frame_equal(
        made.sort_values(order, ignore_index=True), species.sort_values(order, ignore_index=True)
    )


def test_the_steps_of_the_notebook_make_one_clean_layer_of_three_files(mended: Path, sites: gpd.GeoDataFrame) -> None:
    made = gpd.read_file(mended / "protected_area_coverage" / "protected_areas.gpkg").set_index("site_pid")
    clean = sites.to_crs(EQUAL_AREA).set_index("site_pid").loc[made.index]
    assert len(made) == len(sites)
    for name in ("site_id", "name", "site_type", "status", "designation", "iso3"):
        assert made[name].fillna("").tolist() == clean[name].fillna("").tolist(), name
    assert made["status_year"].tolist() == clean["status_year"].tolist()
    np.testing.assert_allclose(made["reported_area_km2"].astype(float), clean["reported_area_km2"], rtol=1e-9)
    points = clean.geom_type == "Point"
    assert (made[points].distance(clean[points]) < 2).all(), "five decimals of a degree are a metre"
    apart = made[~points].symmetric_difference(clean[~points], align=True).area / clean[~points].area
    assert (apart > 1e-4).sum() <= 5, "only the outlines that were mended"
    assert apart.max() < 0.005


def test_the_steps_of_the_notebook_make_clean_maps_and_leave_the_picture_out(
    mended: Path, maps: dict[int, np.ndarray]
) -> None:
    own = mended / "natural_ecosystem_extent"
    legend = pd.read_csv(own / "ecosystem_types.csv")
    assert sorted(path.name for path in own.glob("*.tif")) == ["ecosystem_maps_2010.tif", "ecosystem_maps_2020.tif"]
    assert "Bosque húmedo de montaña" in set(legend["name"]), "the country's own names are kept"
    for year in (2010, 2020):
        natural = set(legend.query("year == @year and natural == 'Natural'")["class_code"])
        with rasterio.open(own / f"ecosystem_maps_{year}.tif") as file:
            cells, empty = file.read(1), file.nodata
        shown = cells[cells != empty]
        assert set(np.unique(shown)) <= set(legend.query("year == @year")["class_code"])
        shipped = maps[year][maps[year] != 255]
        # Cells moved to another grid and back change hands along the edges only.
        assert np.isin(shown, list(natural)).mean() == pytest.approx((shipped <= 5).mean(), abs=0.005)


def test_the_app_shows_the_page_without_the_lesson() -> None:
    import nbformat

    from gbf_workbench.doors.apps import prepared

    notebook = nbformat.read(SAMPLES.parent / "notebooks" / "01_prepare_data.ipynb", as_version=4)
    shown = prepared(None, notebook, "", language="en")
    assert any("lesson" in cell.metadata.get("tags", ()) for cell in notebook.cells)
    assert not any(cell.id.startswith(("walk", "code-walk")) for cell in shown.cells)
    assert [cell.source for cell in shown.cells][-1] == "page.ready()"
