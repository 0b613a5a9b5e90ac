"""10.1 Sustainable agriculture: every rule at its limits, the national minimum, and what is not known."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import gbf_workbench as gbf
from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.sustainable_agriculture import NAMES, sustainable_agriculture
from gbf_workbench.methods.farm_ratings import GREEN, RED, UNKNOWN, YELLOW, farm_ratings, reference_output

DEFAULTS = {name: one.default for name, one in spec_of("10.1").parameters.items()}
WORKED = Path(__file__).resolve().parent.parent / "data_samples" / "worked" / "sustainable_agriculture"
#: A farm of 10 ha that is green everywhere.
GOOD = {
    "year": 2023, "holding_id": "A", "weight": 1.0, "stratum": None, "cluster": None, "sector": "household",
    "production_system": "crops", "region": "North", "agricultural_area_ha": 10.0, "output_value": 1000.0,
    "currency": "USD", "profitable_years": 3, "has_credit": True, "has_insurance": True, "largest_product_share": 0.5,
    "degraded_soil_ha": 0.0, "irrigated_area_ha": 0.0, "water_availability": "not applicable",
    "water_body_effective": None, "uses_fertiliser": False, "fertiliser_measures": None, "uses_pesticides": False,
    "uses_hazardous_pesticides": False, "pesticide_health_measures": None, "pesticide_environment_measures": None,
    "biodiversity_criteria": 6, "unskilled_pay": "no hired labour", "food_insecurity": "mild or none",
    "tenure": "document with name or right to sell or bequeath",
}  # fmt: skip


def farms(*changes: dict) -> pd.DataFrame:
    return pd.DataFrame([GOOD | {"holding_id": f"F{at}"} | change for at, change in enumerate(changes)], dtype=object)


def rated(part: int, organic_schemes: bool = True, **answers: object) -> int:
    return int(farm_ratings(farms(answers), organic_schemes=organic_schemes)[0, part - 1])


def computed(table: pd.DataFrame, scores: pd.DataFrame | None = None, **settings: object) -> pd.DataFrame:
    return sustainable_agriculture(table, scores, None, **{**DEFAULTS, **settings})


def value(rows: pd.DataFrame, kind: str = "", name: str = "") -> float:
    [found] = rows.loc[(rows["disaggregation_type"] == kind) & (rows["disaggregation"] == name), "value"]
    return found


def doubts(rows: pd.DataFrame) -> dict[str, int]:
    return {one["key"]: one["values"].get("count", 1) for one in rows.attrs["doubts"]}


@pytest.mark.parametrize(
    ("part", "answers", "rating"),
    [
        (2, {"profitable_years": 2}, YELLOW), (2, {"profitable_years": 1}, YELLOW), (2, {"profitable_years": 0}, RED),
        (3, {"has_credit": False}, GREEN), (3, {"has_credit": False, "largest_product_share": 0.67}, YELLOW),
        (3, {"has_credit": False, "has_insurance": False, "largest_product_share": 0.66}, YELLOW),
        (3, {"has_credit": False, "has_insurance": False, "largest_product_share": 0.661}, RED),
        (4, {"degraded_soil_ha": 0.999}, GREEN), (4, {"degraded_soil_ha": 1.0}, YELLOW),
        (4, {"degraded_soil_ha": 5.0}, YELLOW), (4, {"degraded_soil_ha": 5.001}, RED),
        (4, {"degraded_soil_ha": 0.3, "agricultural_area_ha": 3.0}, YELLOW),
        (5, {"irrigated_area_ha": 0.99, "water_availability": "declining", "water_body_effective": False}, GREEN),
        (5, {"irrigated_area_ha": 1.0, "water_availability": "stable", "water_body_effective": False}, GREEN),
        (5, {"irrigated_area_ha": 1.0, "water_availability": "declining", "water_body_effective": True}, YELLOW),
        (5, {"irrigated_area_ha": 1.0, "water_availability": "not known", "water_body_effective": True}, YELLOW),
        (5, {"irrigated_area_ha": 1.0, "water_availability": "not known", "water_body_effective": False}, RED),
        (5, {"irrigated_area_ha": 5.0, "water_availability": "not applicable"}, UNKNOWN),
        (6, {"uses_fertiliser": True, "fertiliser_measures": 4}, GREEN),
        (6, {"uses_fertiliser": True, "fertiliser_measures": 3}, YELLOW),
        (6, {"uses_fertiliser": True, "fertiliser_measures": 2}, YELLOW),
        (6, {"uses_fertiliser": True, "fertiliser_measures": 1}, RED),
        (9, {"unskilled_pay": "above"}, GREEN), (9, {"unskilled_pay": "equal"}, YELLOW),
        (9, {"unskilled_pay": "below"}, RED),
        (10, {"food_insecurity": "moderate"}, YELLOW), (10, {"food_insecurity": "severe"}, RED),
        (10, {"food_insecurity": "not applicable"}, UNKNOWN),
        (10, {"food_insecurity": "not applicable", "sector": "non-household"}, GREEN),
        (10, {"food_insecurity": "severe", "sector": "non-household"}, GREEN),
        (11, {"tenure": "document without name"}, YELLOW), (11, {"tenure": "none"}, RED),
    ],
)  # fmt: skip
def test_a_rule_at_its_limits(part: int, answers: dict, rating: int):
    assert rated(part) == GREEN
    assert rated(part, **answers) == rating


@pytest.mark.parametrize(
    ("hazardous", "health", "nature", "rating"),
    [(False, 3, 4, GREEN), (False, 3, 3, YELLOW), (False, 2, 7, YELLOW), (False, 2, 1, RED), (False, 1, 7, RED),
     (True, 3, 7, RED)],
)  # fmt: skip
def test_pesticides_need_both_kinds_of_measures_and_no_hazardous_ones(
    hazardous: bool, health: int, nature: int, rating: int
):
    answers = {"uses_hazardous_pesticides": hazardous, "pesticide_health_measures": health}
    assert rated(7, uses_pesticides=True, pesticide_environment_measures=nature, **answers) == rating


@pytest.mark.parametrize(
    ("met", "six", "five"), [(3, GREEN, GREEN), (2, YELLOW, GREEN), (1, YELLOW, YELLOW), (0, RED, RED)]
)
def test_fewer_criteria_of_biodiversity_are_asked_without_organic_schemes(met: int, six: int, five: int):
    assert rated(8, biodiversity_criteria=met) == six
    assert rated(8, organic_schemes=False, biodiversity_criteria=met) == five


def test_six_criteria_met_where_there_are_five_is_refused():
    with pytest.raises(WorkbenchError) as refused:
        computed(farms({}, {"biodiversity_criteria": 6}), organic_schemes=False)
    assert refused.value.issues[0].column == "biodiversity_criteria"
    assert "organic_schemes" in refused.value.issues[0].remedy()


def test_output_is_compared_within_a_production_system_by_weight():
    table = farms(
        {"output_value": 9000.0}, {"output_value": 6000.0}, {"output_value": 3000.0}, {"output_value": 2990.0},
        {"production_system": "livestock", "output_value": 100.0},
    )  # fmt: skip
    # 90 % of four equal weights lie at or below 900 a hectare: 600 is two thirds of it, 300 one third.
    assert farm_ratings(table, organic_schemes=True)[:, 0].tolist() == [GREEN, GREEN, YELLOW, RED, GREEN]
    # With nine times the weight the third farm is itself the reference.
    table.loc[2, "weight"] = 90.0
    assert farm_ratings(table, organic_schemes=True)[:4, 0].tolist() == [GREEN, GREEN, GREEN, GREEN]


def test_the_reference_is_a_value_of_a_holding():
    assert reference_output(pd.Series(range(1, 11)).to_numpy(dtype=float), pd.Series([0.1] * 10).to_numpy()) == 9


@pytest.mark.parametrize(
    ("part", "answers", "rating"),
    [
        (3, {"largest_product_share": None}, GREEN), (3, {"has_credit": None, "has_insurance": None}, UNKNOWN),
        (6, {"uses_fertiliser": None, "fertiliser_measures": 5}, GREEN), (6, {"uses_fertiliser": None}, UNKNOWN),
        (7, {"uses_pesticides": True, "uses_hazardous_pesticides": True}, RED), (11, {"tenure": None}, UNKNOWN),
        (8, {"biodiversity_criteria": None}, UNKNOWN), (2, {"profitable_years": None}, UNKNOWN),
    ],
)  # fmt: skip
def test_a_missing_answer_is_never_green_unless_no_answer_could_change_it(part: int, answers: dict, rating: int):
    assert rated(part, **answers) == rating


def test_the_national_minimum_is_neither_farms_green_everywhere_nor_farms_red_nowhere():
    table = farms({"tenure": "none"}, {"food_insecurity": "severe"}, {"profitable_years": 0}, {})
    # Each part is red on one farm of four: 75 %. Only one farm (25 %) is free of red.
    assert value(computed(table)) == pytest.approx(75)
    table = farms({"tenure": "none"}, {"tenure": "none"}, {"food_insecurity": "moderate"}, {})
    rows = computed(table)
    assert value(rows, "Level", "Desirable") == pytest.approx(50)
    assert value(rows, "Level", "Unsustainable") == pytest.approx(50)
    assert value(computed(table, level="desirable")) == pytest.approx(50)


def test_area_and_weight_count_not_the_number_of_farms():
    table = farms({"agricultural_area_ha": 90.0, "weight": 2.0, "tenure": "none"}, {"agricultural_area_ha": 60.0})
    table["output_value"] = table["agricultural_area_ha"] * 100
    assert value(computed(table)) == pytest.approx(100 * 60 / 240)


def test_a_missing_rating_is_taken_from_a_similar_holding_and_said():
    likes = [{"region": "North", "tenure": "none"}] * 4 + [{"region": "South"}] * 4
    rows = computed(farms(*likes, {"region": "North", "tenure": None}, {"region": "South", "tenure": None}), donors=1)
    assert value(rows, "Part: desirable", NAMES[11]) == pytest.approx(50)
    assert value(rows, "Part: filled in", NAMES[11]) == pytest.approx(20)
    assert doubts(rows)["imputed"] == 2
    assert rows.loc[rows["disaggregation_type"] == "", "value_status"].tolist() == ["estimated"]


def test_what_had_to_be_filled_in_widens_the_interval():
    chance = random.Random(1)
    known = [{"tenure": chance.choice(["none", GOOD["tenure"]])} for _ in range(60)]
    silent = [{**one, "tenure": None} if at % 3 == 0 else one for at, one in enumerate(known)]
    whole, less = (computed(farms(*one)).set_index("disaggregation_type") for one in (known, silent))
    one, other = whole.loc[""], less.loc[""]
    assert other["upper"] - other["lower"] > one["upper"] - one["lower"]


def test_a_part_nobody_answered_leaves_no_national_value():
    rows = computed(farms({"tenure": None}, {"tenure": None}))
    total = rows[rows["disaggregation_type"] == ""].iloc[0]
    assert (total["value_status"], total["note"]) == ("missing", "parts_missing")
    assert value(rows, "Part: desirable", NAMES[2]) == pytest.approx(100)
    assert value(computed(farms({"tenure": None}, {}), not_applicable_parts=["11"])) == pytest.approx(100)


def test_ratings_made_elsewhere_take_the_place_of_answers():
    scores = pd.DataFrame(
        [(2023, "F0", 11, "red"), (2023, "F1", 11, "not applicable"), (2023, "F1", 2, "missing")],
        columns=["year", "holding_id", "sub_indicator", "rating"],
    )
    rows = computed(farms({}, {}), scores)
    assert value(rows, "Part: unsustainable", NAMES[11]) == pytest.approx(50)
    assert doubts(rows)["imputed"] == 1


def test_a_holding_without_area_counts_for_nothing():
    table = farms({}, {"tenure": "none", "agricultural_area_ha": 0.0})
    rows = computed(table)
    assert value(rows) == pytest.approx(100)
    assert doubts(rows)["no_area"] == 1


@settings(max_examples=8)
@given(st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_unit_of_weights_changes_a_number(chance: random.Random):
    table = gbf.load("10.1", WORKED)["holdings"].copy()
    table.loc[table.index[0], "tenure"] = None
    turned = table.sample(frac=1, random_state=chance.randrange(2**31)).assign(weight=table["weight"] * 3.5)
    one, other = computed(table), computed(turned)
    columns = ["value", "lower", "upper"]
    pd.testing.assert_frame_equal(one[columns], other[columns], rtol=1e-9)


def test_shares_worked_out_before_give_the_same_levels_as_the_holdings():
    rows = gbf.compute("10.1", WORKED).data.set_index(["disaggregation_type", "disaggregation"])["value"]
    table = pd.DataFrame([
        (2023, part, None, rows["Part: desirable", name], rows["Part: acceptable", name],
         rows["Part: unsustainable", name]) for part, name in NAMES.items()
    ], columns=["year", "sub_indicator", "sector", "green_percent", "yellow_percent", "red_percent"])  # fmt: skip
    again = sustainable_agriculture(None, None, table, **DEFAULTS)
    assert value(again) == pytest.approx(50)
    assert value(again, "Level", "Desirable") == pytest.approx(rows["Level", "Desirable"])
    fewer = sustainable_agriculture(None, None, table[table["sub_indicator"] != 8], **DEFAULTS)
    assert fewer.loc[fewer["disaggregation_type"] == "", "note"].tolist() == ["parts_missing"]
    by_sector = sustainable_agriculture(None, None, table.assign(sector="household"), **DEFAULTS)
    assert by_sector.loc[by_sector["disaggregation_type"] == "", "note"].tolist() == ["sectors_only"]
    assert value(by_sector, "Sector", "household") == pytest.approx(50)


def test_parts_are_named_by_their_numbers():
    for wrong in ("0", "12", "x", ""):
        with pytest.raises(WorkbenchError) as refused:
            computed(farms({}), not_applicable_parts=[wrong])
        assert refused.value.issues[0].value == wrong
    assert value(computed(farms({"output_value": None, "tenure": "none"}), not_applicable_parts=["1", "11"])) == 100


def test_one_holding_alone_has_a_value_without_limits():
    total = computed(farms({"tenure": "none"})).iloc[0]
    assert (total["value"], total["note"], total["n"]) == (0, "weakest_11", 1)
    assert total[["lower", "upper"]].isna().all()


def test_five_criteria_of_five_are_accepted():
    assert value(computed(farms({"biodiversity_criteria": 5}), organic_schemes=False)) == 100


def test_what_is_known_of_the_design_is_said():
    assert doubts(computed(farms({}, {}))) == {"full_count": 1}
    assert doubts(computed(farms({"weight": 2.0}, {}))) == {"no_design": 1}
    assert doubts(computed(farms({"stratum": "a"}, {"stratum": "b"}, {"stratum": "b"}))) == {"lonely_strata": 1}
    table = farms({"stratum": "a"}, {"stratum": "a"})
    assert doubts(computed(table)) == {}
    assert doubts(sustainable_agriculture(table, None, pd.DataFrame(), **DEFAULTS)) == {"both_tables": 1}


def test_holdings_that_count_for_nothing_need_no_answer_filled_in():
    rows = computed(farms({}, {"tenure": None, "agricultural_area_ha": 0.0}, {"tenure": None, "weight": 0.0}))
    assert doubts(rows) == {"no_area": 1, "no_design": 1}
    total = rows[rows["disaggregation_type"] == ""].iloc[0]
    assert (total["n"], total["value_status"], total["note"]) == (1, "measured", "weakest_1")
    assert value(rows, "Part: filled in", NAMES[11]) == 0


def test_green_yellow_and_red_areas_of_a_part_add_up_and_each_has_limits():
    answers = [GOOD["tenure"]] * 10 + ["document without name"] * 20 + ["none"] * 30
    rows = computed(farms(*({"tenure": one} for one in answers)))
    own = {kind: rows[(rows["disaggregation_type"] == f"Part: {kind}") & (rows["disaggregation"] == NAMES[11])].iloc[0]
           for kind in ("desirable", "acceptable", "unsustainable")}  # fmt: skip
    assert [one["value"] for one in own.values()] == pytest.approx([100 / 6, 100 / 3, 50])
    for one in own.values():
        share = one["value"] / 100
        # A simple random sample of sixty: limits on the logit scale, t with 59 degrees of freedom.
        half = stats.t.ppf(0.975, 59) * (share * (1 - share) / 59) ** 0.5 / (share * (1 - share))
        low, high = (100 / (1 + np.exp(-np.log(share / (1 - share)) - side)) for side in (-half, half))
        assert (one["lower"], one["upper"]) == pytest.approx((low, high))
        assert (one["n"], one["value_status"]) == (60, "measured")
    levels = rows[rows["disaggregation_type"] == "Level"].set_index("disaggregation")
    good, bad = levels.loc["At least acceptable"], levels.loc["Unsustainable"]
    assert [bad["lower"], bad["value"], bad["upper"]] == pytest.approx(
        [100 - good["upper"], 100 - good["value"], 100 - good["lower"]]
    )
    assert good["note"] == "weakest_11"


def test_sectors_systems_and_regions_have_a_weakest_part_of_their_own():
    rows = computed(farms({"region": "North", "tenure": "none"}, {"region": "South", "agricultural_area_ha": 0.0},
                          {"region": "East", "profitable_years": 0}, {"region": "East"}))  # fmt: skip
    own = rows[rows["disaggregation_type"] == "Region"].set_index("disaggregation")
    assert own["value"].fillna(-1).to_dict() == {"East": pytest.approx(50), "North": 0, "South": -1}
    assert own["note"].to_dict() == {"East": "weakest_2", "North": "weakest_11", "South": "no_farms"}
    assert own["n"].to_dict() == {"East": 2, "North": 1, "South": 0}
    assert value(rows, "Sector", "household") == value(rows, "Production system", "crops") == pytest.approx(200 / 3)
