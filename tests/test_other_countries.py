"""Data as other countries keep them: each expected value is worked out by hand in the comment or the line beside it."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.pipeline import compute
from tests.verification import COUNTRY, value_of

FRAME = COUNTRY + (
    "frame:\n  crs: EPSG:6933\n  land: {file: frame/land.gpkg, source: by hand}\n"
    "  sea: {file: frame/sea.gpkg, source: by hand}\n"
)


def _folder(folder: Path, slug: str, files: dict[str, str], mapping: str = "", country: str = COUNTRY) -> Path:
    own = folder / slug
    own.mkdir(parents=True)
    (folder / "country.yml").write_text(country, encoding="utf-8")
    for name, content in {**files, **({"mapping.yml": mapping} if mapping else {})}.items():
        (own / name).write_text(content, encoding="utf-8")
    return folder


# -- 10.2 ----------------------------------------------------------------------------------------------------------

FORESTS = """\
year,forest_area_1000ha,biomass_t_per_ha,protected_forest_1000ha,managed_forest_1000ha
2010,500,80,50,
2015,480,,60,100
2020,470,84,,
"""


def test_a_year_without_biomass_takes_that_of_the_nearest_one_from_files_too(tmp_path: Path):
    nearer = FORESTS.replace("2015,480", "2016,480")
    folder = _folder(tmp_path, "sustainable_forest_management", {"forest_resources.csv": nearer})
    result = compute("10.2", folder, biomass_gaps="nearest_year")
    # 2016 lies nearer to 2020 than to 2010.
    assert value_of(result, 2016, "Part", "Above-ground biomass", "t/ha") == 84.0
    assert value_of(result, 2016, "Progress", "Above-ground biomass", "ratio") == pytest.approx(84 / 80)
    left = compute("10.2", folder).data
    assert list(left.loc[left["disaggregation"] == "Above-ground biomass", "year"].unique()) == [2010, 2020]


def test_a_share_of_no_forest_is_no_missing_number(tmp_path: Path):
    bare = "year,forest_area_1000ha,protected_forest_1000ha\n2010,0,\n2015,0,0\n2020,0,0\n"
    folder = _folder(tmp_path, "sustainable_forest_management", {"forest_resources.csv": bare})
    data = compute("10.2", folder).data.set_index("disaggregation")
    assert data.loc["Forest in protected areas", "value_status"] == "not_applicable"
    # Nobody said anything about plans either, but there is no forest to have one.
    assert data.loc["Forest under management plans", "value_status"] == "not_applicable"
    assert data.loc["Above-ground biomass", "value_status"] == "missing"


# -- D.2 -----------------------------------------------------------------------------------------------------------

BUDGET = """\
Institution;Programme;2021;2022
Parcs;Gardiens;1 200,5;1 300
Parcs;Gardiens;1 200,5;1 300
Parcs;Remboursement;-100;
Agriculture;Bio;10;n.d.
"""
BUDGET_MAPPING = """\
tables:
  public_expenditure:
    file: budget.csv
    columns: {ministry: Institution, programme: Programme}
    unpivot: {names: year, values: amount, columns: {'2021': 2021, '2022': 2022}}
    constants: {currency: XOF, price_basis: current, stage: spent, attribution: 1}
    missing: {amount: [n.d.]}
"""


def _budget(folder: Path, more: str = "") -> Path:
    return _folder(folder, "domestic_public_funding", {"budget.csv": BUDGET}, BUDGET_MAPPING + more)


def test_an_empty_cell_of_a_wide_budget_is_no_line_and_is_said(tmp_path: Path):
    result = compute("D.2", _budget(tmp_path))
    # Lines that are the same are genuine; a refund stays negative: 1200.5 + 1200.5 - 100 + 10.
    assert value_of(result, 2021, unit="XOF") == pytest.approx(2311.0)
    assert value_of(result, 2022, unit="XOF") == pytest.approx(2600.0)
    [said] = [issue for issue in result.issues if issue.key == "check.cells_without_row"]
    assert said.values["count"] == 2


@pytest.mark.parametrize(("unit", "times"), [("1000", 1e3), ("thousand", 1e3), ("milliers", 1e3), ("million", 1e6)])
def test_a_budget_in_thousands_is_brought_to_full_units_where_its_owner_says_so(
    tmp_path: Path, unit: str, times: float
):
    result = compute("D.2", _budget(tmp_path, f"    units: {{amount: {unit}}}\n"))
    assert value_of(result, 2021, unit="XOF") == pytest.approx(2311.0 * times)


@pytest.mark.parametrize("unit", ["thousand XOF", "dozens", "ha"])
def test_a_unit_of_money_that_is_none_is_refused_and_not_passed_over(tmp_path: Path, unit: str):
    with pytest.raises(WorkbenchError) as refused:
        compute("D.2", _budget(tmp_path, f"    units: {{amount: {unit}}}\n"))
    assert {issue.key for issue in refused.value.issues if issue.stops} == {"check.unit_unknown"}


def test_forest_in_hectares_is_brought_to_thousands(tmp_path: Path):
    hectares = "year,forest,land_area_1000ha\n2000,800000,1000\n2010,500000,1000\n2020,400000,1000\n"
    mapping = (
        "tables:\n  forest_resources:\n    columns: {forest_area_1000ha: forest}\n    units: {forest_area_1000ha: ha}\n"
    )
    result = compute("A.CY.1", _folder(tmp_path, "forest_area", {"forest_resources.csv": hectares}, mapping))
    # 400,000 ha of a million.
    assert value_of(result, 2020) == pytest.approx(40.0)


# -- 7.1 and 7.2 ---------------------------------------------------------------------------------------------------


def test_a_limit_in_place_of_a_concentration_counts_as_below_it(tmp_path: Path):
    samples = "basin_id,date,nutrient,concentration_mg_per_l,expressed_as,discharge_m3_per_s\n"
    for month in range(1, 13):
        nitrogen = "<0.5" if month % 2 else "2"
        day = f"A,2021-{month:02d}-15"
        for nutrient, found in (("nitrogen", nitrogen), ("phosphorus", "0.1"), ("silica", "<1")):
            samples += f"{day},{nutrient},{found},element,10\n"
    files = {"river_basins.csv": "basin_id,basin_area_km2\nA,1000\n", "nutrient_samples.csv": samples}
    result = compute("7.1", _folder(tmp_path, "coastal_eutrophication", files))
    # Half the limit: N = (6 · 0.25 + 6 · 2) / 12 mg/L, P = 0.1, Si = 0.5; 10 m³/s through the 365 days of 2021.
    per_mg = 10 * 1e-3 * 86400 * 365 / 1000 / 365.25
    nitrogen, phosphorus, silica = 1.125 * per_mg, 0.1 * per_mg, 0.5 * per_mg
    expected = (min(nitrogen / 224, phosphorus / 31) - silica / 560) * 1272
    assert value_of(result, 2021) == pytest.approx(expected, rel=1e-9)


def test_limits_of_the_laboratory_are_held_against_the_threshold(tmp_path: Path):
    lines = [
        "S1,2020-05-01,1912-24-9,surface water,2500",
        "S2,2020-05-01,1912-24-9,surface water,<5000",
        "S3,2020-05-01,1912-24-9,surface water,≤0.1",
        "S3,2020-06-01,1912-24-9,surface water,1999.99",
        "S4,2020-06-01,1912-24-9,surface water,< 10",
    ]
    files = {
        "pesticide_concentrations.csv": "site_id,date,cas_number,matrix,concentration_ug_per_l\n"
        + "\n".join([*lines, ""]),
        "pesticide_thresholds.csv": "cas_number,species_group,threshold,threshold_unit\n1912-24-9,fish,2000,µg/L\n",
    }
    data = compute("7.2", _folder(tmp_path, "pesticides_in_the_environment", files)).data
    [row] = data[data["disaggregation_type"] == "Sites above a threshold"].to_dict("records")
    # S1 is above; S2 cannot be judged, as its limit lies above the threshold; S3 and S4 are below.
    assert (row["value"], row["lower"], row["upper"]) == pytest.approx((25.0, 25.0, 50.0))


def test_a_limit_and_another_one_in_its_own_column_contradict_each_other(tmp_path: Path):
    head = "site_id,date,cas_number,matrix,concentration_ug_per_l,below_loq,loq_ug_per_l\n"
    files = {
        "pesticide_concentrations.csv": head + "S1,2020-05-01,1912-24-9,surface water,<0.1,yes,0.5\n",
        "pesticide_thresholds.csv": "cas_number,species_group,threshold,threshold_unit\n1912-24-9,fish,2000,µg/L\n",
    }
    with pytest.raises(WorkbenchError) as refused:
        compute("7.2", _folder(tmp_path, "pesticides_in_the_environment", files))
    assert [issue.key for issue in refused.value.issues if issue.stops] == ["check.given_twice"]


# -- 9.1 -----------------------------------------------------------------------------------------------------------


def test_units_and_currencies_may_stand_in_rows_without_numbers_and_secret_rows_need_none(tmp_path: Path):
    rows = (
        "year,use_type,species,user_group,quantity,quantity_unit,price_per_unit,people_engaged,sustainable,value_status\n"
        "2020,fishing,Thunnus albacares,others,100,t,2000,50,yes,measured\n"
        "2020,gathering,Adansonia digitata,others,,t,,500,yes,measured\n"
        "2021,hunting,Sus scrofa,others,,individuals,,,yes,suppressed\n"
    )
    mapping = "tables:\n  wild_species_uses:\n    constants: {currency: EUR}\n"
    files = {"wild_species_uses.csv": rows}
    result = compute("9.1", _folder(tmp_path, "wild_species_benefits", files, mapping))
    assert value_of(result, 2020, "Gross value", "All uses", "EUR") == 200_000.0
    assert value_of(result, 2020, "People engaged", "All uses", "persons") == 550.0
    data = result.data
    assert set(data.loc[data["year"] == 2021, "value_status"]) == {"suppressed"}


def test_a_price_without_a_currency_is_still_refused(tmp_path: Path):
    row = "year,use_type,species,quantity,quantity_unit,price_per_unit,sustainable\n2020,fishing,cod,1,t,5,yes\n"
    with pytest.raises(WorkbenchError) as refused:
        compute("9.1", _folder(tmp_path, "wild_species_benefits", {"wild_species_uses.csv": row}))
    assert any(issue.key.endswith("money_has_currency") for issue in refused.value.issues)


# -- B.1 -----------------------------------------------------------------------------------------------------------

FLOWS = """\
year,service,service_class,side,ecosystem_type,user,quantity,unit,value,currency,price_basis
2020,Wood,Provisioning,supply,Forest,,100,m3,,EUR,current
2020,Wood,Provisioning,use,,households,100,m3,,EUR,current
2022,Wood,Provisioning,supply,Forest,,90,m3,,EUR,current
2022,Wood,Provisioning,use,,households,90,m3,,EUR,current
"""


def test_a_currency_may_stand_beside_services_without_a_value_but_no_value_without_a_currency(tmp_path: Path):
    files = {"ecosystem_service_flows.csv": FLOWS}
    result = compute("B.1", _folder(tmp_path / "plain", "ecosystem_services", files))
    assert value_of(result, 2022) == pytest.approx(90.0)
    files = {"ecosystem_service_flows.csv": FLOWS.replace("m3,,EUR,current", "m3,5,,")}
    with pytest.raises(WorkbenchError) as refused:
        compute("B.1", _folder(tmp_path / "wrong", "ecosystem_services", files))
    assert "check.rule_together" in {issue.key for issue in refused.value.issues if issue.stops}


# -- 5.1 -----------------------------------------------------------------------------------------------------------


def test_words_for_stocks_in_french_and_spanish_and_with_hyphens_are_known(tmp_path: Path):
    words = ["Over-exploited", "Surexploité", "sobreexplotado", "Pleinement exploité", "Sous-exploité", "Desconocido"]
    rows = "".join(f"S{at},2019,{word}\n" for at, word in enumerate(words))
    files = {"fish_stock_assessments.csv": "stock_id,year,status\n" + rows}
    result = compute("5.1", _folder(tmp_path, "sustainable_fish_stocks", files))
    assert value_of(result, 2019) == pytest.approx(100 * 2 / 5)
    assert value_of(result, 2019, unit="% of all stocks") == pytest.approx(100 * 2 / 6)


# -- maps ----------------------------------------------------------------------------------------------------------


def _square(x: float, y: float, width: float, height: float):
    """Kilometres of the plane of the frame."""
    return box(1000 * x, 1000 * y, 1000 * (x + width), 1000 * (y + height))


def _layer(rows: list[dict], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:6933").to_file(path)


def _framed(folder: Path, slug: str, files: dict[str, str]) -> Path:
    """A land of 100 km by 100 km, and a sea of 50 km by 100 km east of it."""
    _folder(folder, slug, files, country=FRAME)
    _layer([{"geometry": _square(0, 0, 100, 100)}], folder / "frame" / "land.gpkg")
    _layer([{"geometry": _square(100, 0, 50, 100)}], folder / "frame" / "sea.gpkg")
    return folder


def _site(number: int, shape: object, year: int, iso3: str) -> dict:
    return {
        "SITE_ID": number, "SITE_TYPE": "PA", "STATUS": "Designated", "IUCN_CAT": "II", "STATUS_YR": year,
        "ISO3": iso3, "geometry": shape,
    }  # fmt: skip


def test_the_part_abroad_of_a_site_of_two_countries_is_cut_off_and_not_held_against_the_layer(tmp_path: Path):
    folder = _framed(tmp_path, "protected_area_coverage", {})
    own = folder / "protected_area_coverage" / "protected_areas.gpkg"
    inside, across = _square(10, 10, 20, 20), _square(-20, 60, 30, 30)
    _layer([_site(1, inside, 2000, "XAR"), _site(2, across, 2005, "FRA;XAR")], own)
    result = compute("3.1", folder)
    # 400 km² inside, and 10 km by 30 km of the other: of 10,000 km² of land and 5,000 km² of sea.
    assert value_of(result, 2005) == pytest.approx(100 * 700 / 15_000, rel=1e-6)
    _layer([_site(1, inside, 2000, "XAR"), _site(2, across, 2005, "XAR")], own)
    with pytest.raises(WorkbenchError) as refused:
        compute("3.1", folder)
    assert [issue.key for issue in refused.value.issues if issue.stops] == ["layer.outside_country"]


def test_evaluations_after_the_last_year_of_the_series_are_said(tmp_path: Path):
    evaluated = "site_id,year,method\n1,2019,METT\n2,2004,METT\n"
    folder = _framed(tmp_path, "protected_area_coverage", {"management_evaluations.csv": evaluated})
    own = folder / "protected_area_coverage" / "protected_areas.gpkg"
    _layer([_site(1, _square(10, 10, 20, 20), 2000, "XAR"), _site(2, _square(50, 50, 10, 10), 2005, "XAR")], own)
    result = compute("3.1", folder)
    # Only the site of 100 km² was evaluated by 2005, the last year in which a site began.
    kind, unit = "Management effectiveness", "% of protected area"
    assert value_of(result, 2005, kind, "Evaluated", unit) == pytest.approx(20.0, rel=1e-6)
    [said] = [issue for issue in result.issues if issue.key.endswith(".evaluations_later")]
    assert (said.values["count"], said.values["last"]) == (1, "2005")
    longer = compute("3.1", folder, last_year=2020)
    assert value_of(longer, 2020, kind, "Evaluated", unit) == pytest.approx(100.0, rel=1e-6)
    assert not [issue for issue in longer.issues if issue.key.endswith(".evaluations_later")]


@pytest.mark.parametrize(("west", "shared"), [(8, 0.0), (6, 4.0)])
def test_built_up_areas_that_overlap_are_said(tmp_path: Path, west: float, shared: float):
    folder = _framed(tmp_path, "urban_green_and_blue_space", {})
    own = folder / "urban_green_and_blue_space"
    cities = [("Aix", _square(4, 4, 4, 4)), ("Bex", _square(west, 4, 4, 2))]
    rows = [{"city_id": name, "year": 2022, "geometry": shape} for name, shape in cities]
    _layer(rows, own / "built_up_areas.gpkg")
    park = {"space_id": "P", "space_type": "green", "access": "public", "geometry": _square(5, 4, 2, 2)}
    _layer([park], own / "green_and_blue_spaces.gpkg")
    result = compute("12.1", folder)
    # The park of 4 km² lies in Aix (16 km²), and where Bex (8 km²) begins farther west, 2 km² of it in Bex too.
    assert value_of(result, 2022, "City", "Aix") == pytest.approx(25.0, rel=1e-6)
    assert value_of(result, 2022, "City", "Bex") == pytest.approx(25.0 if shared else 0.0, rel=1e-6)
    said = [issue.values["km2"] for issue in result.issues if issue.key.endswith(".cities_overlap")]
    assert said == pytest.approx([shared] if shared else [], rel=1e-6)
