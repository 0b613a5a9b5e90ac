"""7.2: groups side by side, missing thresholds said, secrets no zeros, and limits that decide nothing."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gbf_workbench as gbf
from gbf_workbench.indicators.pesticides_in_the_environment import pesticides_in_the_environment

A, B = "50-00-0", "64-17-5"


def use(*rows: tuple[int, str, float], **more: object) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["year", "cas_number", "mass_kg"])
    return table.assign(**{"substance": table["cas_number"], "pesticide_type": "herbicide", "sector": None,
                           "value_status": "sold"} | more)  # fmt: skip


def limits(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["cas_number", "species_group", "threshold", "threshold_unit"])


def samples(*rows: tuple[str, str, str, float | None, float | None], matrix: str = "surface water") -> pd.DataFrame:
    names = ["site_id", "date", "cas_number", "concentration_ug_per_l", "loq_ug_per_l"]
    table = pd.DataFrame(rows, columns=names).assign(matrix=matrix, region=None)
    return table.assign(below_loq=table["concentration_ug_per_l"].isna())


def computed(*tables: pd.DataFrame | None, **more: object) -> pd.DataFrame:
    settings = {"base_first": 2010, "base_last": 2020, "aggregate": "none", "missing_threshold": "leave_out",
                "mixture": "each"}  # fmt: skip
    return pesticides_in_the_environment(*tables, *[None] * (4 - len(tables)), **(settings | more))


def value(rows: pd.DataFrame, year: int, kind: str, name: str = "Fish") -> float:
    chosen = (rows["year"] == year) & (rows["disaggregation_type"] == kind) & (rows["disaggregation"] == name)
    [found] = rows.loc[chosen, "value"]
    return float(found)


def doubts(rows: pd.DataFrame) -> dict[str, dict[str, object]]:
    return {one["key"]: one["values"] for one in rows.attrs["doubts"]}


FISH = limits((A, "fish", 10.0, "µg/L"), (B, "fish", 0.1, "µg/L"))


def test_a_little_of_what_is_very_toxic_outweighs_much_of_what_is_not():
    rows = computed(use((2015, A, 1000), (2022, A, 100), (2022, B, 20)), FISH)
    assert value(rows, 2022, "Group of species") == pytest.approx(100 * (10 + 200) / 100)


@given(st.floats(1e-3, 1e3))
def test_the_unit_of_mass_does_not_move_the_index_and_parts_add_up(factor: float):
    table = use((2015, A, 30), (2016, B, 2), (2022, A, 10), (2022, B, 5)).assign(sector=["x", "y", "x", "y"])
    one, two = computed(table, FISH), computed(table.assign(mass_kg=table["mass_kg"] * factor), FISH)
    index = value(one, 2022, "Group of species")
    assert value(two, 2022, "Group of species") == pytest.approx(index)
    for kind in ("Sector, Fish", "Pesticide type, Fish"):
        parts = one[(one["disaggregation_type"] == kind) & (one["year"] == 2022)]
        assert parts["value"].sum() == pytest.approx(index)


def test_milligrams_and_micrograms_are_one_unit_and_others_are_refused():
    table = use((2015, A, 10), (2022, A, 20))
    mixed = limits((A, "fish", 0.01, "mg/L"), (B, "fish", 10, "µg/L"))
    assert value(computed(table, mixed), 2022, "Total applied toxicity") == pytest.approx(2)
    with pytest.raises(gbf.WorkbenchError) as refused:
        computed(table, limits((A, "fish", 1, "g/ha"), (B, "fish", 1, "µg/L")))
    assert refused.value.issues[0].values["units"] == "g/ha, µg/L"


def test_groups_are_never_added_and_a_national_figure_is_made_only_if_asked_for():
    two = limits((A, "fish", 10.0, "µg/L"), (A, "pollinators", 0.001, "µg/bee"), (B, "pollinators", 1, "µg/bee"))
    table = use((2015, A, 10), (2015, B, 1), (2022, A, 5), (2022, B, 10001))
    assert not (computed(table, two)["disaggregation_type"] == "").any()
    rows = computed(table, two, aggregate="mean_of_groups")
    fish, bees = value(rows, 2022, "Group of species"), value(rows, 2022, "Group of species", "Pollinators")
    assert value(rows, 2022, "", "") == pytest.approx((fish + bees) / 2)
    assert "mean_is_experimental" in doubts(rows)


def test_a_substance_without_a_threshold_adds_nothing_is_named_and_can_be_given_that_of_its_type():
    table = use((2015, A, 10), (2022, A, 10), (2022, "67-56-1", 30), (2022, B, 0.0))
    rows = computed(table, FISH)
    assert value(rows, 2022, "Group of species") == 100
    assert value(rows, 2022, "Mass with a threshold") == 25
    assert doubts(rows)["no_threshold"] == {"count": 1, "names": "67-56-1"}
    filled = computed(table, FISH, missing_threshold="median_of_type")
    # The median of 10 and 0.1 is 5.05.
    assert value(filled, 2022, "Total applied toxicity") == pytest.approx(1 + 30 / 5.05)


def test_a_mass_that_is_kept_secret_is_said_and_is_no_zero():
    table = use((2015, A, 10), (2022, A, 10)).assign(value_status=["sold", "suppressed"])
    rows = computed(table, FISH)
    assert 2022 not in set(rows["year"])
    assert doubts(rows)["secret"] == {"count": 1}


def test_without_base_years_there_are_sums_but_no_index():
    rows = computed(use((2022, A, 10)), FISH)
    assert value(rows, 2022, "Total applied toxicity") == 1
    assert "Group of species" not in set(rows["disaggregation_type"])
    assert doubts(rows)["no_base"]["names"] == "Fish"


def test_the_substances_named_make_up_nine_tenths_and_no_more_are_named():
    masses = {"50-00-0": 70.0, "64-17-5": 19.0, "67-56-1": 6.0, "71-43-2": 5.0}
    table = use(*((2015, cas, kg) for cas, kg in masses.items()))
    rows = computed(table, limits(*((cas, "fish", 1.0, "µg/L") for cas in masses)))
    named = rows[rows["disaggregation_type"] == "Substance, Fish"]
    assert dict(zip(named["disaggregation"], named["value"], strict=True)) == pytest.approx(
        {"50-00-0": 70, "64-17-5": 19, "67-56-1": 6}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("level", "limit", "low", "high"),
    [(0.11, 0.01, 100, 100), (0.1, 0.01, 0, 0), (None, 0.1, 0, 0), (None, 0.11, 0, 100), (0.0, 0.5, 0, 0)],
)
def test_a_limit_above_the_threshold_decides_nothing(level: float | None, limit: float, low: float, high: float):
    rows = computed(None, FISH, samples(("S", "2022-05-01", B, level, limit)))
    [row] = rows.to_dict("records")
    assert (row["value"], row["lower"], row["upper"]) == (low, low, high)
    assert ("limit_too_high" in doubts(rows)) == (low != high)


def test_small_amounts_of_several_substances_count_together_only_if_asked_for():
    table = samples(("S", "2022-05-01", A, 6.0, 1), ("S", "2022-05-01", B, 0.06, 0.01), ("S", "2022-06-01", A, 1.0, 1))
    assert value(computed(None, FISH, table), 2022, "Sites above a threshold", "All waters") == 0
    assert value(computed(None, FISH, table, mixture="sum"), 2022, "Sites above a threshold", "All waters") == 100


def test_soil_is_not_compared_with_thresholds_per_litre():
    table = pd.concat(
        [samples(("S", "2022-05-01", B, 0.5, 0.01)), samples(("T", "2022-05-01", B, 9, 0.01), matrix="soil")]
    )
    rows = computed(None, FISH, table)
    assert rows["n"].tolist() == [1]
    assert doubts(rows)["no_water"] == {"count": 1}


def test_mass_by_type_gives_mass_per_cropland_and_says_that_it_is_no_toxicity():
    table = pd.DataFrame(
        {"year": 2022, "pesticide_type": ["herbicide", "fungicide"], "mass_t": [30.0, 20.0], "cropland_ha": 100_000}
    )
    rows = computed(None, None, None, table)
    found = {(row["disaggregation"], row["unit"]): row["value"] for row in rows.to_dict("records")}
    assert found == {
        ("herbicide", "t"): 30,
        ("fungicide", "t"): 20,
        ("All types", "t"): 50,
        ("All types", "kg/ha"): 0.5,
    }
    assert "mass_only" in doubts(rows)


@pytest.mark.parametrize(("first", "names"), [(89.5, [A, B]), (90.0, [A]), (100.0, [A])])
def test_the_substance_that_completes_nine_tenths_is_the_last_that_is_named(first: float, names: list[str]):
    rows = computed(
        use((2015, A, first), (2015, B, 100 - first)), limits((A, "fish", 1, "µg/L"), (B, "fish", 1, "µg/L"))
    )
    assert rows.loc[rows["disaggregation_type"] == "Substance, Fish", "disaggregation"].tolist() == names


def test_numbers_of_one_name_are_one_substance_and_equal_ones_come_by_name():
    same = limits((A, "fish", 1, "µg/L"), (B, "fish", 1, "µg/L"), ("67-56-1", "fish", 1, "µg/L"))
    table = use((2015, A, 20), (2015, B, 30), (2015, "67-56-1", 50)).assign(substance=["X", "X", "M"])
    rows = computed(table, same)
    named = rows[rows["disaggregation_type"] == "Substance, Fish"]
    assert named[["disaggregation", "value"]].values.tolist() == [["M", 50], ["X", 50]]


def test_substances_are_named_for_the_newest_year_alone():
    rows = computed(use((2015, A, 10), (2022, B, 1)), FISH)
    named = rows[rows["disaggregation_type"] == "Substance, Fish"]
    assert named[["year", "disaggregation", "value"]].values.tolist() == [[2022, B, 1000.0]]


def test_a_year_without_use_has_no_share_of_its_mass():
    rows = computed(use((2015, A, 10), (2022, A, 0)), FISH)
    covered = rows[rows["disaggregation_type"] == "Mass with a threshold"].set_index("year")
    assert covered.loc[2015, "value"] == 100
    assert (covered.loc[2022, "value_status"], covered.loc[2022, "note"]) == ("not_applicable", "no_use")


def test_waters_are_compared_with_the_lowest_threshold_per_litre_of_what_lives_in_them():
    several = limits((B, "fish", 5, "µg/L"), (B, "aquatic plants", 2, "µg/L"), (B, "pollinators", 0.001, "µg/bee"),
                     (A, "aquatic invertebrates", 0.001, "g/ha"))  # fmt: skip
    sites = samples(
        ("S", "2021-05-01", B, 1.9, 0.1), ("S", "2022-05-01", B, 2.1, 0.1), ("T", "2022-05-01", B, 2.0, 0.1)
    )
    with_bare = pd.concat([sites, samples(("S", "2022-05-01", A, 9.0, 0.1))], ignore_index=True)
    # What is told per hectare cannot be compared with water.
    rows = computed(None, several, with_bare.assign(region=["N", "N", None, "N"]))
    assert doubts(rows) == {"not_compared": {"count": 1, "names": A}}
    found = {(row["year"], row["disaggregation"]): (row["value"], row["n"]) for row in rows.to_dict("records")}
    assert found == {
        (2021, "All waters"): (0, 1),
        (2021, "N"): (0, 1),
        (2022, "All waters"): (50, 2),
        (2022, "N"): (100, 1),
    }


@pytest.mark.parametrize(
    ("cropland", "rate"),
    [([1.0, 1.0], 50_000.0), ([None, 0.5], 100_000.0), ([0.0, 0.0], None), ([1.0, 2.0], None), ([None, None], None)],
)
def test_mass_per_cropland_needs_one_area_above_zero(cropland: list[float | None], rate: float | None):
    table = pd.DataFrame({"year": 2022, "pesticide_type": ["herbicide", "fungicide"], "mass_t": [30.0, 20.0]})
    rows = computed(None, None, None, table.assign(cropland_ha=pd.array(cropland, "Float64")))
    assert rows.loc[rows["unit"] == "kg/ha", "value"].tolist() == ([] if rate is None else [rate])
    both = computed(use((2015, A, 1)), FISH, None, table.assign(cropland_ha=pd.array(cropland, "Float64")))
    assert "mass_only" not in doubts(both)
